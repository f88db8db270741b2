"""Owns: finding plausible draws of a scenario's uncertain parameters, given what was reported.
Never: says what was reported (targets), how parameters are sampled (surface), or what a fit looks like (fit).

By simulated moments: points all over the stated distributions are run from an opening that reported years follow; a response
surface says what each moment comes to by parameters; parameters are sampled by how far it lies from what was reported, in units
of tolerance, chance and lack of fit; points are run where the sample lies, and the surface fitted again. Points share their
luck in groups, so that what differs between them is their parameters. All uncertain parameters are drawn together: those of
which the reports say nothing keep their stated distributions.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from povsim.analysis.fit import Fit, laid_beside, pairs, told
from povsim.analysis.surface import Floats, Surface, fit_surface, sample
from povsim.analysis.targets import FITTED, Target, moments, targets_of
from povsim.core import provenance
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.draws import Draw, open_to_draws, strata
from povsim.core.params.scenario import Uncertainty
from povsim.engine import ledger
from povsim.engine.run import run_replicate
from povsim.engine.world import World, build_world, worlds_of
from povsim.simulation.matching import settle

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.population.places import Place
    from povsim.population.tables import Population

Progress = Callable[[int, int], None]

POINTS: Final = 1200  # over the stated distributions
NEAR: Final = 600  # where the first sample lies
KEPT: Final = 100  # draws that a fit keeps
STEPS: Final = 400  # of each walk
LUCKS: Final = 24  # replicates that points take turns with
NEAR_WEIGHT: Final = 3.0


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
    runs = Runs(population, scenario, wanted, workers, total, progress)
    seed, names = scenario.run.seed, [one.path for one in uncertain]
    with runs:
        first = np.stack([2.0 * strata(name, points, seed) - 1.0 for name in names], axis=1)
        seen = runs.at(uncertain, first, np.arange(points) % LUCKS)
        observed, tolerance = observe(wanted)
        surface = fit_surface(first, seen, np.arange(points) % LUCKS)
        second = plausible(surface, observed, tolerance, names, near, seed)
        again = runs.at(uncertain, second, np.arange(near) % LUCKS)
        both, luck = np.concatenate([first, second]), np.concatenate([np.arange(points) % LUCKS, np.arange(near) % LUCKS])
        weights = np.concatenate([np.ones(points), np.full(near, NEAR_WEIGHT)])
        surface = fit_surface(both, np.concatenate([seen, again]), luck, weights)
        final = plausible(surface, observed, tolerance, names, kept, seed + 1)
        last = runs.at(uncertain, final, LUCKS + np.arange(kept))
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
    """What was reported (NaN where it is not to be fitted) and its tolerance."""
    observed = np.array([one.value if one.role == FITTED else np.nan for one in targets])
    return observed, np.array([one.tolerance for one in targets])


def plausible(surface: Surface, observed: Floats, tolerance: Floats, names: Sequence[str], number: int, seed: int) -> Floats:
    """Scores of so many plausible draws."""
    covariance = surface.residual + np.diag(tolerance**2)
    return sample(surface, observed, covariance, names, number, STEPS, seed)


def values_at(uncertain: Sequence[Uncertainty], scores: Floats) -> Draw:
    """The draw at some scores."""
    return {one.path: one.at(float(0.5 * (score + 1.0))) for one, score in zip(uncertain, scores, strict=True)}


# --- running points ----------------------------------------------------------------------------------------


class Runs:
    """Runs of single replicates at points of the parameters, over processes; what comes back are the targets' moments."""

    def __init__(
        self,
        population: Population,
        scenario: Scenario,
        targets: Sequence[Target],
        workers: int,
        total: int,
        progress: Progress | None,
    ) -> None:
        self._of = (population, scenario, tuple(targets))
        self._workers, self._total, self._progress, self._done = workers, total, progress, 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Runs:
        _begin(*self._of)
        if self._workers > 1:
            _moments_of(({}, 0))  # everything is compiled once before the others start
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, self._of)
        if self._progress:
            self._progress(0, self._total)
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error[0] is None, cancel_futures=True)

    def at(self, uncertain: Sequence[Uncertainty], scores: Floats, luck: NDArray[np.int64]) -> Floats:
        """Moments, float64 (points, targets), at some scores with some replicates' luck."""
        jobs = [(dict(values_at(uncertain, row)), int(one)) for row, one in zip(scores, luck, strict=True)]
        rows = []
        for row in self._pool.map(_moments_of, jobs, chunksize=4) if self._pool else map(_moments_of, jobs):
            rows.append(row)
            self._done += 1
            if self._progress:
                self._progress(self._done, self._total)
        return np.array(rows)


_world: World | None = None
_targets: tuple[Target, ...] = ()


def _begin(population: Population, scenario: Scenario, targets: tuple[Target, ...]) -> None:
    """Build a process's world."""
    global _world, _targets
    _world, _targets = build_world(population, scenario), targets


def _moments_of(job: tuple[Draw, int]) -> Floats:
    assert _world is not None
    draw, luck = job
    (world,) = worlds_of(_world, [draw]) if draw else [_world]
    return moments(_targets, run_replicate(world, luck, ledger.open_tally(world)), world.years)
