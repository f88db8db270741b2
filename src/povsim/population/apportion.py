"""Owns: whole numbers that add up: apportionment, household sizes with a given sum, picking an exact number.
Never: draws (it is handed uniforms) or knows what is counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from povsim.core.elementary import exp, log
from povsim.core.errors import Fault, PopulationError
from povsim.core.labels import label

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def apportion(total: int, weights: ArrayLike) -> Ints:
    """Whole numbers in proportion to weights with a given sum (Webster, Sainte-Laguë).

    One unit more never takes a unit from anybody, so that an added household leaves the others where they are.

    Parameters
    ----------
    total : int
        The sum.
    weights : float (n,)
        Not negative; all zero counts as all equal.
    """
    w = np.asarray(weights, dtype=np.float64)
    w = np.ones_like(w) if w.sum() <= 0 else w
    seats: Ints = np.floor(total * w / w.sum() + 0.5).astype(np.int64)
    while (excess := int(seats.sum()) - total) != 0:
        if excess < 0:
            seats[np.argmax(w / (2 * seats + 1))] += 1
        else:
            last = np.where(seats > 0, w / np.maximum(2 * seats - 1, 1), np.inf)
            seats[len(w) - 1 - np.argmin(last[::-1])] -= 1
    return seats


def apportion_within(total: int, weights: ArrayLike, most: ArrayLike) -> Ints:
    """The same, nobody with more than so many (``most``, whose sum is no less than the total)."""
    w, cap = np.asarray(weights, dtype=np.float64), np.asarray(most, dtype=np.int64)
    seats, free = np.zeros(len(w), dtype=np.int64), np.ones(len(w), dtype=bool)
    while free.any():
        seats[free] = apportion(total - int(seats[~free].sum()), w[free])
        over = free & (seats > cap)
        if not over.any():
            break
        seats[over], free = cap[over], free & ~over
    return seats


def size_counts(shares: ArrayLike, households: int, persons: int, what: str = "") -> Ints:
    """Households of each size with both sums exact.

    The shares are tilted (times ``exp(a * size)``) to the mean wanted; then the persons beyond the first of each
    household are apportioned over the tail (households of at least 2, of at least 3 ...), whose sum they are.

    Parameters
    ----------
    shares : float (m,)
        Of sizes 1 to m, before the tilt.
    households, persons : int
        Sums to be met.
    what : str
        Named in the error.

    Returns
    -------
    int64 (m,)
        Households of size 1 to m.

    Raises
    ------
    PopulationError
        No sizes from 1 to m give these sums.
    """
    p = np.asarray(shares, dtype=np.float64)
    size = np.arange(1, len(p) + 1)
    if not households <= persons <= len(p) * households:
        expected = label("synth_sizes", households=households, persons=persons, largest=len(p), most=len(p) * households)
        raise PopulationError(faults=[Fault(key=what, value=f"{households} / {persons}", expected=expected)])
    if households == 0:
        return np.zeros(len(p), dtype=np.int64)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        tilted = p * exp(middle * (size - len(p) * 0.5))
        if float((tilted * size).sum() / tilted.sum()) < persons / households:
            low = middle
        else:
            high = middle
    tail = np.cumsum((tilted / tilted.sum())[::-1])[::-1][1:]  # share of size 2 and more, 3 and more ...
    at_least = np.concatenate(([households], apportion(persons - households, tail) if persons > households else 0 * tail, [0]))
    return -np.diff(at_least).astype(np.int64)


def pick(weights: ArrayLike, u: ArrayLike, count: int, what: str = "") -> Mask:
    """An exact number of members, without replacement, the likelier the heavier (Efraimidis and Spirakis 2006).

    Parameters
    ----------
    weights : float (n,)
        0 can not be picked.
    u : float (n,)
        A uniform draw each.
    count : int
        How many.

    Raises
    ------
    PopulationError
        Fewer have a positive weight.
    """
    w = np.asarray(weights, dtype=np.float64)
    there = int((w > 0).sum())
    if count > there:
        raise PopulationError(faults=[Fault(key=what, value=str(count), expected=label("synth_pool", count=count, there=there))])
    key = np.where(w > 0, -log(np.asarray(u)) / np.maximum(w, 1e-300), np.inf)
    chosen = np.zeros(len(w), dtype=bool)
    chosen[np.argsort(key, kind="stable")[:count]] = True
    return chosen


def pick_persons(
    weights: ArrayLike, u: ArrayLike, sizes: ArrayLike, persons: int, households: int | None, what: str = ""
) -> Mask:
    """Households picked as by ``pick``, whose persons have an exact sum.

    Picks first, then swaps a picked household for one left out, the pair nearest in size to what is missing, until
    the sum is met.

    Parameters
    ----------
    weights, u, sizes : (n,)
        Of the households.
    persons : int
        The sum of sizes wanted.
    households : int or None
        How many to pick; None for as many as hold the persons at the mean size.

    Raises
    ------
    PopulationError
        The sum can not be met by whole households.
    """
    w, n = np.asarray(weights, dtype=np.float64), np.asarray(sizes, dtype=np.int64)
    if households is None:
        mean = float((w * n).sum() / max(w.sum(), 1e-300))
        households = max(round(persons / max(mean, 1.0)), 0)
    chosen = pick(w, u, households, what)
    while (missing := persons - int(n[chosen].sum())) != 0:
        best: tuple[int, int, int] | None = None
        for give in np.unique(n[chosen]):
            for take in np.unique(n[~chosen & (w > 0)]):
                left = abs(missing - int(take - give))
                if left < abs(missing) and (best is None or left < best[0]):
                    best = (left, int(give), int(take))
        if best is None:
            expected = label("synth_whole", households=households, persons=persons)
            raise PopulationError(faults=[Fault(key=what, value=str(persons), expected=expected)])
        _, give, take = best
        chosen[np.flatnonzero(chosen & (n == give))[0]] = False
        chosen[np.flatnonzero(~chosen & (n == take) & (w > 0))[-1]] = True
    return chosen
