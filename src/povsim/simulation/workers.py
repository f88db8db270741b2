"""Owns: a crew of processes over which the replicates of runs are spread.
Never: what a replicate is (engine.run); a replicate is the same in any process.

Much of a year is short NumPy calls that hold the interpreter's lock: threads gain little, processes nearly double the speed. A
crew is kept from run to run, since a process takes seconds to begin; what a run is made of reaches it as a file, read once by
each.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.engine.ledger import Book, Tally
from povsim.engine.run import Progress, add_up, run
from povsim.engine.world import World, build_world, worlds_of

if TYPE_CHECKING:
    from types import TracebackType

    from povsim.core.params import Scenario
    from povsim.core.params.draws import Draw
    from povsim.population.tables import Population

CHUNK = 4  # replicates a process is given at a time: a second or two, so that an interruption is answered soon

_made: dict[str, list[World]] = {}  # worlds of a worker process, by the file they were made from: those of the last run


class Crew:
    """Processes that live replicates; a context, that ends them.

    Parameters
    ----------
    workers : int
        Number of processes. They begin to load at once; a script that asks for them guards its main part by
        ``if __name__ == "__main__":``. After an interruption, or where one died, the next run begins new ones.

    Raises
    ------
    ParamsError
        There is not one.
    """

    def __init__(self, workers: int) -> None:
        refuse_none(workers)
        self.workers = workers
        self._begin()

    def _begin(self) -> None:
        self._pool = ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"), begin)
        for _ in range(self.workers):
            self._pool.submit(os.getpid)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    @contextmanager
    def given(
        self, population: Population, scenario: Scenario, draws: Sequence[Draw], worlds: Sequence[World], block: int
    ) -> Iterator[Callable[[range, Progress | None], tuple[list[Book], Tally]]]:
        """While the processes know a scenario: what lives a range of its replicates, called with them and progress.

        Parameters
        ----------
        population, scenario, draws, block
            What each process builds its worlds from.
        worlds : sequence of World
            The same, built here.

        Yields
        ------
        callable
            Its books and tally are those of ``engine.run.run``, to the bit.
        """
        try:
            self._pool.submit(os.getpid)  # says no where a process has died since
        except RuntimeError:  # also one that is broken or shut down
            self._begin()
        with tempfile.TemporaryDirectory(prefix="povsim-") as folder:
            made_of = Path(folder) / "run.pickle"
            made_of.write_bytes(pickle.dumps((population, scenario, tuple(draws), block)))
            yield partial(self._live, made_of, worlds)

    def _live(
        self, made_of: Path, worlds: Sequence[World], replicates: range, progress: Progress | None
    ) -> tuple[list[Book], Tally]:
        """Some replicates; the first of all runs here, so that everything is compiled once before the others start."""
        parts: dict[int, list[Book]] = {}
        tallies: list[Tally] = []
        done, total = 0, len(replicates)
        if progress:
            progress(0, total)
        if replicates.start == 0:
            parts[0], tally = run(worlds, [0])
            tallies, done = [tally], 1
        chunks = [
            range(first, min(first + CHUNK, replicates.stop)) for first in range(replicates.start + done, replicates.stop, CHUNK)
        ]
        try:
            waiting = {self._pool.submit(run_chunk, str(made_of), chunk): chunk for chunk in chunks}
            for future in as_completed(waiting):
                books, tally = future.result()
                parts[waiting[future].start] = books
                tallies = [add_up([*tallies, tally])]
                done += len(waiting[future])
                if progress:
                    progress(done, total)
        except BaseException:
            self._pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [book for first in sorted(parts) for book in parts[first]], tallies[0]


def refuse_none(workers: int) -> None:
    """Refuse a number of processes that is none.

    Raises
    ------
    ParamsError
        It is no whole number, or less than 1.
    """
    if isinstance(workers, bool) or not isinstance(workers, (int, np.integer)) or workers < 1:
        raise ParamsError(faults=[Fault(key="workers", value=str(workers), expected=label("simulation_workers"))])


def begin() -> None:
    """Make a worker ready: it leaves interruptions to its parent, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_chunk(made_of: str, replicates: range) -> tuple[list[Book], Tally]:
    """Some replicates, in a worker; the worlds of another run are let go."""
    if made_of not in _made:
        from povsim.policy.kind import discover

        discover()  # the kinds, since a draw builds its scenario anew
        population, scenario, draws, block = pickle.loads(Path(made_of).read_bytes())
        _made.clear()
        _made[made_of] = worlds_of(build_world(population, scenario, block), draws)
    return run(_made[made_of], replicates)
