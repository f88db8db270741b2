"""Owns: running replicates over threads, and summing their tallies.
Never: what happens in a year (engine.year)."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import fields

from povsim.core.schema import Status
from povsim.engine import assessment, income, labour, ledger, opening, shocks
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from povsim.engine.ledger import Book, Tally
from povsim.engine.recorder import Recorder
from povsim.engine.shelf import plan_of
from povsim.engine.state import State
from povsim.engine.world import World
from povsim.engine.year import run_year
from povsim.policy.marking import unchanged

Progress = Callable[[int, int], None]
_own = threading.local()  # of each thread: the world last opened, and its opening state


def open_replicate(world: World, draws: Draws, into: State | None = None) -> State:
    """The opening state of one replicate: that of its world, and what lasts a whole life is drawn.

    ``into`` is a state of the same layout that is done with, whose memory is taken; what its measures kept, only if they are the
    same.
    """
    if into is not None and into.shelf is not None and not into.shelf.plan.serves(plan_of(world)):
        into.shelf = None
    s = opened(world).copy(into)
    assessment.open_register(s, world, draws)
    shocks.open_houses(s, world, draws)
    labour.open_work(s, world, draws)
    income.open_farms(s, world, draws)
    return s


def opened(world: World) -> State:
    """The opening state but for luck: incomes as they truly are, the opening accounts backed out; not to be changed.

    A thread keeps that of the last world it asked for: replicates of a world are run one after another, and a run of many worlds
    would fill the memory.
    """
    if getattr(_own, "world", None) is not world:
        alike = getattr(_own, "world", world).layout is world.layout
        s = world.start.copy(getattr(_own, "opened", None) if alike else None)
        _own.world, _own.opened = world, s
        opening.restate(s, world)
        income.back_out(s, world)
        year = world.scenario.run.opening
        left = s.hi[c.STATUS] == Status.EXITED
        s.hi[c.FIRST_EXIT] = (left & (s.hi[c.YEAR_EXITED] == year)) * year
        s.hi[c.STOOD] = left & (assessment.own_income(s) >= assessment.lines_of(world, year).exit)
        s.at_exit[:, left] = s.items[:, left]
        s.hi[c.SIZE_AT_EXIT, left] = s.hi[c.SIZE, left]
        s.hi[c.CHRONIC_AT_EXIT, left] = s.hi[c.SCHOOLING_AT_EXIT, left] = -1  # the first year will show them
        assessment.note_layer(s, world, year, *assessment.on_net(s, world))
    state: State = _own.opened
    return state


def run_replicate(world: World, replicate: int, tally: Tally, watch: Recorder | None = None, room: State | None = None) -> Book:
    """One replicate from the opening to the last year; adds its lives to ``tally`` and returns its book.

    With a recorder to ``watch``, the same replicate, one household of which is noted as it is lived. ``room`` is memory to live
    in (`open_replicate`): a state made anew costs more than a year of anything.
    """
    draws = Draws(world.scenario.run.seed, replicate)
    s, book = open_replicate(world, draws, room), ledger.open_book(world)
    s.watch = watch
    if watch is not None:
        watch.begin(s, world)
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        if watch is not None:
            watch.close(s, world, year)
    ledger.close_life(s, world, book, tally)
    return book


def record(
    worlds: Sequence[World], household: int, replicates: Sequence[int], threads: int = 1, progress: Progress | None = None
) -> list[Recorder]:
    """The accounts of one household in some replicates of a run, in their order; the whole pool is lived each time.

    Parameters
    ----------
    worlds, replicates, threads, progress
        As of `run`.
    household : int
        Row of the household.
    """
    watches = {replicate: Recorder(worlds[replicate % len(worlds)], household) for replicate in replicates}
    _live(worlds, replicates, threads, progress, watches)
    return [watches[replicate] for replicate in replicates]


def run(
    worlds: Sequence[World], replicates: Sequence[int], threads: int = 1, progress: Progress | None = None
) -> tuple[list[Book], Tally]:
    """Some replicates of a run.

    Parameters
    ----------
    worlds : sequence of World
        What they share, a world for each draw of the parameters: replicate r lives in world r modulo their number.
    replicates : sequence of int
        Their numbers; a replicate is the same whichever others are run.
    threads : int
        Threads over replicates; results do not depend on it.
    progress : callable or None
        Called with (done, total) after each replicate, from the calling thread.

    Returns
    -------
    list of Book, Tally
        A book per replicate in order, and the lives summed over them.
    """
    return _live(worlds, replicates, threads, progress, {})


def _live(
    worlds: Sequence[World], replicates: Sequence[int], threads: int, progress: Progress | None, watches: Mapping[int, Recorder]
) -> tuple[list[Book], Tally]:
    books: dict[int, Book] = {}
    mine = threading.local()
    tallies: list[Tally] = []
    lock = threading.Lock()

    def job(replicate: int) -> int:
        if not hasattr(mine, "tally"):
            mine.tally, mine.room = ledger.open_tally(worlds[0]), worlds[0].start.copy()
            with lock:
                tallies.append(mine.tally)
        books[replicate] = run_replicate(
            worlds[replicate % len(worlds)], replicate, mine.tally, watches.get(replicate), mine.room
        )
        return replicate

    if progress:
        progress(0, len(replicates))
    kinds = [measure.kind for measure in worlds[0].scenario.measures]
    with unchanged(kinds), _settled(), ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        in_turn = sorted(replicates, key=lambda replicate: replicate % len(worlds))  # those of a world one after another
        waiting = [pool.submit(job, replicate) for replicate in in_turn]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                if progress:
                    progress(done, len(replicates))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [books[replicate] for replicate in replicates], add_up(tallies)


@contextmanager
def _settled() -> Iterator[None]:
    """While replicates live, what was there before is not looked through for waste again and again: a twentieth of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def add_up(tallies: list[Tally]) -> Tally:
    """Sum of some tallies, in the place of the first."""
    total = tallies[0]
    for other in tallies[1:]:
        for f in fields(Tally):
            mine = getattr(total, f.name)
            mine += getattr(other, f.name)
    return total
