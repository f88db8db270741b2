"""Owns: sorting in compiled loops.
Never: by what something is sorted (the phases)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.elementary import bits

CROWD: Final = 64  # so many of one part of the range are too many to sort by insertion
SIGN: Final = np.int64(-(2**63))
DIGITS: Final = 3  # of 11 bits each, from the top: sign, exponent and 21 bits of the fraction
SOME: Final = 2048  # so few are spread in the first-level cache
FEW: Final = 32  # so few are sorted faster by insertion alone


def by_income(income: Any, size: Any, order: Any, sorted_income: Any) -> None:
    """Positions in the order of incomes, those of equal incomes by size; and the incomes in that order.

    They are spread over as many parts of a range from nought to four means as there are of them, so that nearly all fall into
    place at once; the mean is that of a sample.
    """
    count, mean = len(income), 0.0
    step = 1 + count // 64
    for h in range(0, count, step):
        mean += income[h]
    mean /= max((count + step - 1) // step, 1)
    scale = count / (4.0 * mean) if 0.0 < mean < np.inf else 0.0
    part, places = np.empty(count, np.int64), np.empty(count + 1, np.int64)
    for h in range(count):
        part[h] = max(np.int64(0), min(np.int64(min(income[h] * scale, 1.0 * count)), np.int64(count - 1)))
    most = begin_parts(part, places)
    for h in range(count):
        order[places[part[h]]] = h
        places[part[h]] += 1
    if most > CROWD:
        by_size(size, order)
        radix(income, order, np.empty_like(order))  # which keeps equals as they stand
    for at in range(count):
        sorted_income[at] = income[order[at]]
    for at in range(1, count):
        h, x, to = order[at], sorted_income[at], at
        while to > 0 and (sorted_income[to - 1] > x or (sorted_income[to - 1] == x and size[order[to - 1]] > size[h])):
            order[to], sorted_income[to] = order[to - 1], sorted_income[to - 1]
            to -= 1
        order[to], sorted_income[to] = h, x


def begin_parts(part: Any, places: Any) -> Any:
    """Note where each part begins, int (parts + 1,), the parts being as many as those spread; the most in one part."""
    most = 0
    places[:] = 0
    for k in range(len(part)):
        places[part[k] + 1] += 1
    for at in range(len(part)):
        most = max(most, places[at + 1])
        places[at + 1] += places[at]
    return most


def by_size(size: Any, order: Any) -> None:
    """Put households in the order of their sizes, those of one size as they stand."""
    most = 0
    for h in range(len(size)):
        most = max(most, size[h])  # to ask NumPy for it would load half of it, and SciPy
    places = np.zeros(most + 2, np.int64)
    for h in range(len(size)):
        places[size[h] + 1] += 1
    for n in range(1, len(places)):
        places[n] += places[n - 1]
    for h in range(len(size)):
        order[places[size[h]]] = h
        places[size[h]] += 1


def radix(key: Any, order: Any, other: Any) -> None:
    """Sort positions by their keys, those of equal keys as they stood: nearly all of them first, the rest by insertion."""
    if len(order) > FEW and not (len(order) <= SOME and spread(key, order, other)):
        leading(key, order, other)
    for at in range(1, len(order)):
        k, to = order[at], at
        while to > 0 and key[order[to - 1]] > key[k]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = k


def spread(key: Any, order: Any, other: Any) -> Any:
    """Spread positions over as many parts of the range of their keys as there are of them; whether no part is crowded."""
    count, low, high = len(order), np.inf, -np.inf
    for at in range(count):
        low, high = min(low, key[at]), max(high, key[at])
    scale = (count - 1) / (high - low) if high > low else 0.0
    if not 0.0 < scale < np.inf:
        return False
    part, places = np.empty(count, np.int32), np.empty(count + 1, np.int32)
    for at in range(count):
        part[at] = (key[at] - low) * scale
    if begin_parts(part, places) > CROWD:
        return False
    for at in range(count):
        k = order[at]
        other[places[part[k]]] = k
        places[part[k]] += 1
    order[:] = other
    return True


def leading(key: Any, order: Any, other: Any) -> None:
    """Sort positions by the leading digits of the bit patterns of their keys, lowest digit first."""
    count = len(order)
    now, then = np.empty(count, np.int64), np.empty(count, np.int64)  # the digits in the order reached
    counts = np.zeros((DIGITS, 2048), np.int32)
    for at in range(count):
        x = bits(key[order[at]] + 0.0)  # minus nought is nought
        pattern = ((~x if x < 0 else x ^ SIGN) >> 31) & 0x1FFFFFFFF  # without sign, in the order of the numbers
        now[at] = pattern
        for digit in range(DIGITS):
            counts[digit, (pattern >> (11 * digit)) & 2047] += 1
    ours = order
    for digit in range(DIGITS):
        if counts[digit, (now[0] >> (11 * digit)) & 2047] == count:
            continue  # all have the same
        place = 0
        for value in range(2048):
            number = counts[digit, value]
            counts[digit, value] = place
            place += number
        for at in range(count):
            value = (now[at] >> (11 * digit)) & 2047
            to = counts[digit, value]
            then[to], other[to] = now[at], ours[at]
            counts[digit, value] = to + 1
        now, then, ours, other = then, now, other, ours
    order[:] = ours
