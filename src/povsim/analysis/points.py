"""Owns: living the same replicates under many points, each a change of uncertain parameters, spread over processes.
Never: chooses the points or says what a measurement means (analysis.influence, analysis.calibrate).

A point costs no world of its own: who stands where and how all begin does not depend on parameters. A replicate is the same in
any process, so that the number of processes changes nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from povsim.engine import ledger
from povsim.engine.ledger import Book
from povsim.engine.run import run_replicate
from povsim.engine.world import World, build_world
from povsim.simulation.workers import begin

if TYPE_CHECKING:
    from types import TracebackType

    from povsim.core.params import Scenario
    from povsim.population.tables import Population

Measure: TypeAlias = Callable[[World, Book], Sequence[float]]  # a replicate in numbers; of a module, so that processes find it
Point: TypeAlias = Mapping[str, float]  # path of an uncertain parameter to its value, or factor; the rest is held
Progress: TypeAlias = Callable[[int, int], None]
Reals: TypeAlias = NDArray[np.float64]
Job: TypeAlias = tuple[int, int, dict[str, float], range]  # number of the point, first of its replicates, the point, replicates

CHUNK = 4  # replicates of a point that a process is given at a time, so that processes end together
BATCH = 4  # points of a single replicate that a process is given at a time


class Points:
    """Processes that live replicates under points of one scenario; a context, that ends them.

    Parameters
    ----------
    population : Population
        Who is simulated.
    scenario : Scenario
        The middle that points change, settled in its place.
    measure : callable
        What is kept of a replicate.
    workers : int
        Processes; with 1 all is done here. A script that asks for more guards its main part by ``if __name__ == "__main__":``.
    """

    def __init__(self, population: Population, scenario: Scenario, measure: Measure, workers: int = 1) -> None:
        self._ready = population, scenario, measure
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Points:
        if self._workers > 1:
            context = multiprocessing.get_context("spawn")
            _make_ready(*self._ready)
            _live({}, range(1))  # everything is compiled once before the others start
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, self._ready)
        else:
            _make_ready(*self._ready)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)
        _here.clear()

    def live(self, points: Sequence[Point], replicates: int, progress: Progress | None = None) -> Reals:
        """Live the first replicates under every point.

        Parameters
        ----------
        points : sequence of mappings
            An empty one is the middle itself.
        replicates : int
            How many, the same luck under every point.
        progress : callable or None
            Called with (replicates lived, all).

        Returns
        -------
        float64 (points, replicates, measured)
        """
        jobs = [
            (number, first, dict(point), range(first, min(first + CHUNK, replicates)))
            for number, point in enumerate(points)
            for first in range(0, replicates, CHUNK)
        ]
        done, total = 0, len(points) * replicates
        found: dict[tuple[int, int], Reals] = {}
        if progress:
            progress(0, total)
        for (number, first), lived in self._answers(jobs):
            found[number, first] = lived
            done += len(lived)
            if progress:
                progress(done, total)
        rows = [np.concatenate([found[n, first] for first in range(0, replicates, CHUNK)]) for n in range(len(points))]
        return np.stack(rows)

    def live_one(self, points: Sequence[Point], luck: Sequence[int], progress: Progress | None = None) -> Reals:
        """Live one replicate under each point, each the one named.

        Parameters
        ----------
        points : sequence of mappings
            As for ``live``.
        luck : sequence of int
            The replicate of each point.
        progress : callable or None
            Called with (points lived, all).

        Returns
        -------
        float64 (points, measured)
        """
        jobs = [dict(point) for point in points], [range(one, one + 1) for one in luck]
        rows = []
        if progress:
            progress(0, len(points))
        for row in self._pool.map(_live, *jobs, chunksize=BATCH) if self._pool else map(_live, *jobs):
            rows.append(row[0])
            if progress:
                progress(len(rows), len(points))
        return np.stack(rows)

    def _answers(self, jobs: Sequence[Job]) -> Iterator[tuple[tuple[int, int], Reals]]:
        if self._pool is None:
            for number, first, point, replicates in jobs:
                yield (number, first), _live(point, replicates)
            return
        waiting = {self._pool.submit(_live, point, chunk): (number, first) for number, first, point, chunk in jobs}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


# --- in a process -----------------------------------------------------------------------------------------

_here: dict[str, tuple[World, Measure]] = {}  # what a process holds from point to point


def _begin(population: Population, scenario: Scenario, measure: Measure) -> None:
    begin()
    _make_ready(population, scenario, measure)


def _make_ready(population: Population, scenario: Scenario, measure: Measure) -> None:
    from povsim.policy.kind import discover

    discover()  # the kinds, since a point builds its scenario anew
    _here["world"] = build_world(population, scenario), measure


def _live(point: dict[str, float], replicates: range) -> Reals:
    """Some replicates under one point: a row of numbers for each."""
    world, measure = _here["world"]
    if point:
        world = replace(world, scenario=world.scenario.with_draw(point), _values={})
    tally, room = ledger.open_tally(world), world.start.copy()
    lived: Reals = np.array([measure(world, run_replicate(world, r, tally, room=room)) for r in replicates], dtype=np.float64)
    return lived
