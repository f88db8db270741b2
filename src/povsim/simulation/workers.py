"""Owns: spreading the replicates of a run over processes.
Never: what a replicate is (engine.run); a replicate is the same in any process.

Much of a year is short NumPy calls that hold the interpreter's lock: threads gain little, processes nearly double the speed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

from povsim.engine.ledger import Book, Tally
from povsim.engine.run import Progress, add_up, run
from povsim.engine.world import World, build_world, worlds_of

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.core.params.draws import Draw
    from povsim.population.tables import Population

CHUNK = 4  # replicates a process is given at a time: under a second, so that an interruption is answered soon

_worlds: list[World] = []  # of a worker process, built once


def run_over_processes(
    population: Population,
    scenario: Scenario,
    draws: Sequence[Draw],
    worlds: Sequence[World],
    block: int,
    workers: int,
    progress: Progress | None = None,
) -> tuple[list[Book], Tally]:
    """All replicates of a scenario, over processes.

    The first replicate runs here, so that everything is compiled once before the others start.

    Parameters
    ----------
    population, scenario, draws, block
        What each process builds its worlds from.
    worlds : sequence of World
        The same, built here.
    workers : int
        Number of processes.
    progress : callable or None
        Called with (done, total).

    Returns
    -------
    list of Book, Tally
        As from ``engine.run.run``, to the bit.
    """
    total = scenario.run.replicates
    if progress:
        progress(0, total)
    books, tally = run(worlds, [0])
    parts, tallies = {0: books}, [tally]
    chunks = [range(first, min(first + CHUNK, total)) for first in range(1, total, CHUNK)]
    done = 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, max(len(chunks), 1)), context, begin, (population, scenario, draws, block)) as pool:
        waiting = {pool.submit(run_chunk, chunk): chunk for chunk in chunks}
        try:
            for future in as_completed(waiting):
                books, tally = future.result()
                parts[waiting[future].start] = books
                tallies = [add_up([*tallies, tally])]
                done += len(waiting[future])
                if progress:
                    progress(done, total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [book for first in sorted(parts) for book in parts[first]], tallies[0]


def begin(population: Population, scenario: Scenario, draws: Sequence[Draw], block: int) -> None:
    """Make a worker ready: it leaves interruptions to its parent, ends with it, and builds its worlds."""
    global _worlds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worlds = worlds_of(build_world(population, scenario, block), draws)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_chunk(replicates: range) -> tuple[list[Book], Tally]:
    """Some replicates, in a worker that was made ready by `begin`."""
    if not _worlds:
        raise RuntimeError("a worker that was never made ready")
    return run(_worlds, replicates)
