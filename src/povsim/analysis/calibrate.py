"""Owns: plausible draws of a scenario's uncertain parameters, given what was reported; the fit and its misses.
Never: says what was reported (targets), or how parameters are sampled (surface).

By simulated moments: points all over the stated distributions are run from an opening that reported years follow; a response
surface says what each moment comes to by parameters; parameters are sampled by how far it lies from what was reported, in units
of tolerance, chance and lack of fit; points are run where the sample lies, and the surface fitted again. Points share their
luck in groups, so that what differs between them is their parameters. All uncertain parameters are drawn together: those of
which the reports say nothing keep their stated distributions.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.analysis.surface import Floats, Surface, fit_surface, sample
from povsim.analysis.targets import FITTED, Target, moments, targets_of
from povsim.core import provenance
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.draws import Draw, open_to_draws, strata, write_draws
from povsim.core.params.scenario import Uncertainty
from povsim.engine import ledger
from povsim.engine.run import run_replicate
from povsim.engine.world import World, build_world, worlds_of
from povsim.results.files import write_text
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
LEVEL: Final = 0.9
NEAR_WEIGHT: Final = 3.0
TELLS: Final = 0.10  # a parameter whose spread shrinks by less is not told by the data
TOGETHER: Final = 0.5  # parameters correlated more than this are told together only


@dataclass(frozen=True)
class Fit:
    """What a calibration leaves.

    Attributes
    ----------
    draws : tuple of Draw
        Plausible parameters, each draw as likely as another.
    targets : DataFrame
        A row per target: ``item, kind, zh, en, unit, grade, source, reported, tolerance``; ``prior, prior_low, prior_high`` and
        ``model, model_low, model_high`` (median and 90% of runs over the stated distributions, and over the draws), ``miss``.
    parameters : DataFrame
        A row per uncertain parameter: ``path, zh, en, unit, grade, prior_low, prior, prior_high, low, middle, high`` (5, 50 and
        95%), ``told`` (the share of its spread that the data took away) and ``moved`` (shift of its median, in prior spreads).
    together : DataFrame
        Pairs of parameters that the data tells only together: ``first, second, correlation``.
    about : dict
        What it was made of.
    """

    draws: tuple[Draw, ...]
    targets: pd.DataFrame
    parameters: pd.DataFrame
    together: pd.DataFrame
    about: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path | str) -> list[Path]:
        """Write ``draws.csv``, ``fit.json`` and the tables as CSV into a folder, each whole or not at all."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_draws(folder / "draws.csv", self.draws)
        paths = [folder / "draws.csv"]
        for name in ("targets", "parameters", "together"):
            table: pd.DataFrame = getattr(self, name)
            write_text(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.6g", quoting=csv.QUOTE_MINIMAL))
            paths.append(folder / f"{name}.csv")
        write_text(folder / "fit.json", json.dumps(self.about, ensure_ascii=False, indent=2) + "\n")
        return [*paths, folder / "fit.json"]


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
    return Fit(
        draws=tuple(values_at(uncertain, row) for row in final),
        targets=laid_beside(wanted, seen, last),
        parameters=told(uncertain, plausible(surface, observed, tolerance, names, 10 * kept, seed + 2)),
        together=pairs(uncertain, plausible(surface, observed, tolerance, names, 10 * kept, seed + 2)),
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


# --- what came out ----------------------------------------------------------------------------------------


def laid_beside(targets: Sequence[Target], prior: Floats, drawn: Floats) -> pd.DataFrame:
    """The targets with what runs gave, over the stated distributions and over the draws."""
    tail = (1.0 - LEVEL) / 2.0
    rows = []
    for column, one in enumerate(targets):
        low, middle, high = np.nanquantile(prior[:, column], (tail, 0.5, 1.0 - tail))
        model_low, model, model_high = np.nanquantile(drawn[:, column], (tail, 0.5, 1.0 - tail))
        rows.append(
            {
                "item": one.id,
                "kind": one.role,
                "zh": one.name.zh,
                "en": one.name.en,
                "unit": one.unit,
                "grade": one.grade,
                "source": one.source,
                "reported": one.value,
                "tolerance": one.tolerance,
                "prior": middle,
                "prior_low": low,
                "prior_high": high,
                "model": model,
                "model_low": model_low,
                "model_high": model_high,
                "miss": model - one.value,
            }
        )
    return pd.DataFrame(rows)


def told(uncertain: Sequence[Uncertainty], scores: Floats) -> pd.DataFrame:
    """What the data tells of each parameter."""
    tail = (1.0 - LEVEL) / 2.0
    uniform_sd = 1.0 / np.sqrt(3.0)
    rows = []
    for column, one in enumerate(uncertain):
        of = scores[:, column]
        low, middle, high = (one.at(float(0.5 * (q + 1.0))) for q in np.quantile(of, (tail, 0.5, 1.0 - tail)))
        rows.append(
            {
                "path": one.path,
                "zh": one.record.name.zh,
                "en": one.record.name.en,
                "unit": "ratio" if one.factor else one.record.unit,
                "factor": one.factor,
                "grade": one.record.grade,
                "prior_low": one.at(tail),
                "prior": one.at(0.5),
                "prior_high": one.at(1.0 - tail),
                "low": low,
                "middle": middle,
                "high": high,
                "told": 1.0 - float(of.std()) / uniform_sd,
                "moved": float(np.median(of)) / uniform_sd,
            }
        )
    return pd.DataFrame(rows).sort_values("told", ascending=False, kind="stable", ignore_index=True)


def pairs(uncertain: Sequence[Uncertainty], scores: Floats) -> pd.DataFrame:
    """Pairs of parameters whose draws go together so far that the data tells them only together, the closest first."""
    together = np.corrcoef(scores.T)
    first, second = np.triu_indices(len(uncertain), 1)
    close = np.abs(together[first, second]) >= TOGETHER
    rows = [
        (uncertain[i].path, uncertain[j].path, float(together[i, j])) for i, j in zip(first[close], second[close], strict=True)
    ]
    rows.sort(key=lambda row: (-abs(row[2]), row[0], row[1]))
    return pd.DataFrame(rows, columns=["first", "second", "correlation"])


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
