"""Owns: finding plausible draws of a scenario's uncertain parameters, given what was reported.
Never: says what was reported (targets), how parameters are sampled (surface), or what a fit looks like (fit).

By simulated moments: points all over the stated distributions are run from an opening that reported years follow; a response
surface says what each moment comes to by parameters; parameters are sampled by how far it lies from what was reported, in units
of tolerance, chance and lack of fit; points are run where the sample lies, and the surface fitted again. Points share their
luck in groups, so that what differs between them is their parameters. All uncertain parameters are drawn together: those of
which the reports say nothing keep their stated distributions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from povsim.analysis.fit import Fit, laid_beside, pairs, told
from povsim.analysis.points import Points, Progress
from povsim.analysis.surface import Floats, Surface, fit_surface, sample
from povsim.analysis.targets import FITTED, Target, moments, targets_of
from povsim.core import provenance
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.draws import Draw, open_to_draws, strata
from povsim.core.params.scenario import Uncertainty
from povsim.simulation.matching import settle

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.engine.ledger import Book
    from povsim.engine.world import World
    from povsim.population.places import Place
    from povsim.population.tables import Population

POINTS: Final = 1000  # over the stated distributions
NEAR: Final = 500  # where the first sample lies
KEPT: Final = 100  # draws that a fit keeps
STEPS: Final = 400  # of each walk
SHARING: Final = 4  # points that share the luck of one replicate
NEAR_WEIGHT: Final = 3.0
ALIKE: Final = 0.7  # correlation of the tolerances of one published moment in different years


def calibrate(
    population: Population,
    scenario: Scenario,
    place: Place,
    *,
    targets: Sequence[Target] | None = None,
    parameters: Sequence[str] | None = None,
    points: int = POINTS,
    near: int = NEAR,
    kept: int = KEPT,
    workers: int = 1,
    progress: Progress | None = None,
) -> Fit:
    """Find plausible draws of a scenario's uncertain parameters.

    Parameters
    ----------
    population : Population
        At the scenario's opening, which reported years follow.
    scenario : Scenario
        What it states itself is held.
    place : Place
        What it reported after the opening is fitted, but its last year, which is predicted.
    targets : sequence of Target or None
        What to fit and to show; by default ``targets_of(place, opening)``.
    parameters : sequence of str or None
        Paths of the uncertain parameters to draw; by default all that the scenario does not state, so that a parameter of which
        the reports say nothing keeps its stated distribution.
    points, near, kept : int
        Runs over the stated distributions, runs near the first sample, draws kept.
    workers : int
        Processes; the result does not depend on it.
    progress : callable or None
        Called with (runs done, all).

    Raises
    ------
    ParamsError
        There is nothing to fit: no year is reported after the opening, or no parameter is uncertain.
    """
    scenario = settle(scenario.replaced({"run.draws": 0}), place)
    opening = scenario.run.opening
    wanted = tuple(targets_of(place, opening) if targets is None else targets)
    wanted = tuple(one for one in wanted if set(one.years) <= set(scenario.run.years))
    uncertain = tuple(one for one in open_to_draws(scenario) if parameters is None or one.path in parameters)
    if not uncertain or not any(one.role == FITTED for one in wanted):
        raise ParamsError(faults=[Fault(key="run.opening", value=str(opening), expected=label("analysis.nothing_to_fit"))])
    total = points + near + kept
    seed, names, done = scenario.run.seed, [one.path for one in uncertain], 0
    with Points(population, scenario, partial(measured, wanted), workers) as here:

        def lived(scores: Floats, luck: NDArray[np.int64]) -> Floats:
            nonlocal done
            before = done
            seen = here.live_one(
                [values_at(uncertain, row) for row in scores],
                luck.tolist(),
                None if progress is None else lambda now, _: progress(before + now, total),
            )
            done += len(scores)
            return seen

        first = np.stack([2.0 * strata(name, points, seed) - 1.0 for name in names], axis=1)
        seen = lived(first, np.arange(points) // SHARING)
        observed, tolerance = observe(wanted)
        surface = fit_surface(first, seen, np.arange(points) // SHARING)
        second = plausible(surface, observed, tolerance, names, near, seed)
        again = lived(second, np.arange(near) // SHARING)
        both, luck = np.concatenate([first, second]), np.concatenate([np.arange(points) // SHARING, np.arange(near) // SHARING])
        weights = np.concatenate([np.ones(points), np.full(near, NEAR_WEIGHT)])
        surface = fit_surface(both, np.concatenate([seen, again]), luck, weights)
        final = plausible(surface, observed, tolerance, names, kept, seed + 1)
        last = lived(final, points + np.arange(kept))
    many = plausible(surface, observed, tolerance, names, 10 * kept, seed + 2)
    return Fit(
        draws=tuple(values_at(uncertain, row) for row in final),
        targets=laid_beside(wanted, seen, last),
        parameters=told(uncertain, many),
        together=pairs(uncertain, many),
        about={
            "place": place.id,
            "scenario": scenario.name,
            "opening": opening,
            "years": list(scenario.run.years),
            "seed": seed,
            "points": points,
            "near": near,
            "draws": kept,
            "population": population.content_hash(),
            "code": provenance.code_version(),
            "params": provenance.hash_of([scenario.fingerprint()]),
        },
    )


def observe(targets: Sequence[Target]) -> tuple[Floats, Floats]:
    """What was reported (NaN where it is not to be fitted), and the covariance of how far the truth as modelled may lie from it.

    A town that is better off than the nation is so for years: tolerances of one published moment in several years go together.
    """
    observed = np.array([one.value if one.role == FITTED else np.nan for one in targets])
    size = np.array([one.tolerance for one in targets])
    alike = np.array([[one.moment == other.moment and not (one.own or other.own) for other in targets] for one in targets])
    shared = np.where(alike, ALIKE, 0.0)
    np.fill_diagonal(shared, 1.0)
    return observed, np.outer(size, size) * shared


def plausible(surface: Surface, observed: Floats, tolerance: Floats, names: Sequence[str], number: int, seed: int) -> Floats:
    """Scores of so many plausible draws."""
    covariance = surface.residual + tolerance
    return sample(surface, observed, covariance, names, number, STEPS, seed)


def values_at(uncertain: Sequence[Uncertainty], scores: Floats) -> Draw:
    """The draw at some scores."""
    return {one.path: one.at(float(0.5 * (score + 1.0))) for one, score in zip(uncertain, scores, strict=True)}


def measured(targets: Sequence[Target], world: World, book: Book) -> Sequence[float]:
    """The targets' moments of a replicate."""
    found: list[float] = moments(targets, book, world.years).tolist()
    return found
