"""Owns: a number over replicates as median and two intervals: chance and ignorance together, chance alone.
Never: knows what the number counts (the tables of this room)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]

LEVEL: Final = 0.9
FEW: Final = 20  # with fewer replicates an interval is only a hint, and no probability is said
SPREAD: Final = ("", "_low", "_high", "_chance_low", "_chance_high")  # what an interval adds to a column's name
ENDS: Final = SPREAD[:3]


class Interval(NamedTuple):
    """A number over replicates.

    ``low`` to ``high`` holds chance and, where parameters were drawn, ignorance of them too; ``chance_low`` to ``chance_high``
    chance alone.
    """

    median: float
    low: float
    high: float
    chance_low: float
    chance_high: float


NOTHING: Final = Interval(*[float("nan")] * 5)


def known(number: float) -> Interval:
    """A number that is known, or that has no interval."""
    return NOTHING._replace(median=float(number))


def interval(values: ArrayLike, level: float = LEVEL, draws: int = 0) -> Interval:
    """Median and central intervals of replicates.

    Median, ``low`` and ``high`` are values that occurred (the inverse of the empirical distribution), so that households stay
    whole. Where replicates take turns with draws of the parameters, chance alone is what is left within a draw: the deviations
    from the mean of the draw, widened by what a mean of so few has already taken from them, laid around the median; never
    beyond the bounds of both together, and whole where all values are.

    Parameters
    ----------
    values : array_like
        One number per replicate, in their order; NaN (nothing to measure) is left out.
    level : float
        Share of replicates inside.
    draws : int
        Draws of the parameters: replicate r lives with draw r % draws; 0 where parameters are held, and all is chance.
    """
    every = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(every)
    found = every[there]
    if not len(found):
        return NOTHING
    tail = (1.0 - level) / 2.0
    low, median, high = np.quantile(found, (tail, 0.5, 1.0 - tail), method="inverted_cdf")
    if not draws:
        return Interval(float(median), float(low), float(high), float(low), float(high))
    deviations = _within(found, (np.arange(len(every)) % draws)[there])
    if not len(deviations):
        return Interval(float(median), float(low), float(high), np.nan, np.nan)
    ends = median + np.quantile(deviations, (tail, 1.0 - tail), method="inverted_cdf")
    ends = np.clip(ends, low, high)
    if (found == np.rint(found)).all():
        ends = np.rint(ends)
    return Interval(float(median), float(low), float(high), float(ends[0]), float(ends[1]))


def _within(found: Reals, draw: NDArray[np.int64]) -> Reals:
    """Deviations from the mean of the own draw, times sqrt(n / (n - 1)); of draws with one replicate there is none."""
    if not np.isfinite(found).all():
        return np.empty(0)
    count = np.bincount(draw)
    mean = np.bincount(draw, weights=found) / np.maximum(count, 1)
    n = count[draw]
    more = n > 1
    deviations: Reals = (found - mean[draw])[more] * np.sqrt(n[more] / (n[more] - 1.0))
    return deviations


# --- tables of them ---------------------------------------------------------------------------------------


def spread(name: str, intervals: Sequence[Interval]) -> dict[str, list[float]]:
    """Columns of a number: its median under ``name``, its bounds under what ``SPREAD`` adds."""
    return {f"{name}{end}": [one[place] for one in intervals] for place, end in enumerate(SPREAD)}


def summary(years: Sequence[int], level: float, draws: int, **columns: Reals) -> pd.DataFrame:
    """A row per year of numbers given as years x replicates, each with its bounds."""
    table: dict[str, Sequence[float]] = {"year": list(years)}
    for name, values in columns.items():
        table |= spread(name, [interval(row, level, draws) for row in values])
    return pd.DataFrame(table)


def by_year(table: pd.DataFrame, column: str) -> Reals:
    """A column as years x replicates, both in order; NaN where there is no row."""
    years, y = np.unique(table["year"].to_numpy(), return_inverse=True)
    replicates, r = np.unique(table["replicate"].to_numpy(), return_inverse=True)
    values = np.full((len(years), len(replicates)), np.nan)
    values[y, r] = table[column].to_numpy(dtype=np.float64)
    return values


def ratio(part: Reals, whole: Reals) -> Reals:
    """Part by whole, NaN where the whole is nothing."""
    share: Reals = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return share
