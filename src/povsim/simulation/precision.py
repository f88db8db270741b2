"""Owns: replicates until a number is known as precisely as asked; what that means.
Never: lives a replicate (engine.run, simulation.workers).

The interval is the confidence interval of the mean over replicates, at 90%, given the run's draws of the parameters: what more
replicates make narrower. The spread between replicates, which charts show, stays what it is. Where replicates take turns with
draws, only their deviations from the mean of their own draw count, so that what parameters move is no imprecision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from povsim.core.params.scenario import Run, Until
from povsim.core.params.shell import LEAST_REPLICATES
from povsim.core.schema import LEDGER
from povsim.engine.ledger import EXITS, RETURNS, SPENDING, Book, Tally
from povsim.engine.run import Progress, add_up
from povsim.engine.state import FEN

LEVEL: Final = 0.9
Live = Callable[[range, Progress | None], tuple[list[Book], Tally]]

_PUBLIC: Final = {"cash": 1, "kind_value": 1, "village": 1, "overhead": 1, "from_village": -1}
_SIGNS: Final = np.array([_PUBLIC.get(name, 0) for name in SPENDING])

# How each number of core.params.shell.STATISTICS is read from the book of a replicate in a year.
READ: Final[dict[str, Callable[[Book, int], float]]] = {
    "exits_households": lambda book, y: book.exits[y, EXITS.index("exited_households")],
    "exits_persons": lambda book, y: book.exits[y, EXITS.index("exited_persons")],
    "poor_households": lambda book, y: book.ledger[y, 0, LEDGER.index("closing")],
    "poor_persons": lambda book, y: book.ledger[y, 1, LEDGER.index("closing")],
    "falls_households": lambda book, y: book.returns[y, RETURNS.index("below_before_net")],
    "public_yuan": lambda book, y: float((book.spending[y] @ _SIGNS).sum()) / FEN,
}


@dataclass(frozen=True)
class Reached:
    """What was reached: the mean of the number and its interval, after so many replicates; whether that is as asked."""

    replicates: int
    mean: float
    low: float
    high: float
    width: float
    met: bool


def interval_of_mean(values: ArrayLike, draws: int = 0) -> tuple[float, float]:
    """Mean of replicates and half the width of its confidence interval, by Student's t.

    Parameters
    ----------
    values : array_like
        One number per replicate, in their order.
    draws : int
        Draws of the parameters: replicate r lives with draw r % draws; 0 where parameters are held.
    """
    from scipy.special import stdtrit

    x = np.asarray(values, dtype=np.float64)
    turns = max(draws, 1)
    free = len(x) - min(turns, len(x))
    if free < 1:
        return float(x.mean()), float("inf")
    draw = np.arange(len(x)) % turns
    own = np.bincount(draw, weights=x) / np.bincount(draw)
    variance = ((x - own[draw]) ** 2).sum() / free
    return float(x.mean()), float(stdtrit(free, 0.5 + LEVEL / 2.0) * np.sqrt(variance / len(x)))


def batch(done: int, draws: int) -> int:
    """Replicates to add: whole rounds of the draws, 20 or a little more; two rounds at first."""
    turns = max(draws, 1)
    rounds = -(-LEAST_REPLICATES // turns)
    return turns * (rounds if done else max(rounds, 2))


def live_until(
    live: Live, asked: Run, years: Sequence[int], progress: Progress | None = None
) -> tuple[list[Book], Tally, Reached | None]:
    """Live as many replicates as a run asks for: a number of them, or batches until a precision is reached.

    The replicates are those of a run of so many from the start: each is keyed by its number.

    Parameters
    ----------
    live : callable
        Lives a range of replicates.
    asked : Run
        Number or precision, and draws.
    years : sequence of int
        Simulated years.
    progress : callable or None
        Called with (done, expected): by the width so far, how many it will take.
    """
    if asked.until is None:
        return *live(range(asked.replicates), progress), None
    until, y = asked.until, list(years).index(asked.until.year)
    read = READ[until.number]
    books: list[Book] = []
    tallies: list[Tally] = []
    expected = until.most
    while True:
        first = len(books)
        last = min(first + batch(first, asked.draws), until.most)
        total = min(max(expected, last + (last < until.most)), until.most)
        more, tally = live(range(first, last), _from(first, total, progress))
        books, tallies = books + more, [add_up([*tallies, tally])]
        mean, half = interval_of_mean([read(book, y) for book in books], asked.draws)
        met = 2.0 * half <= until.within
        if met or len(books) >= until.most:
            break
        wanted = len(books) * (2.0 * half / until.within) ** 2
        expected = int(min(wanted, until.most)) + 1
    if progress and len(books) < until.most:
        progress(len(books), len(books))
    return books, tallies[0], Reached(len(books), mean, mean - half, mean + half, 2.0 * half, met)


def _from(first: int, total: int, progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _: progress(first + done, total)


def said(until: Until, reached: Reached) -> dict[str, Any]:
    """What was asked and reached, for the manifest."""
    return {"asked": {**until.plain, "level": LEVEL}, "reached": asdict(reached)}
