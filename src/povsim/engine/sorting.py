"""Owns: sorting in compiled loops.
Never: by what something is sorted (the phases)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.elementary import bits

SIGN: Final = np.int64(-(2**63))
DIGITS: Final = 3  # of 11 bits each, from the top: sign, exponent and 21 bits of the fraction
FEW: Final = 32  # so few are sorted faster by insertion alone


def radix(key: Any, order: Any, other: Any) -> None:
    """Sort positions by their keys, those of equal keys as they stood: the leading digits first, the rest by insertion."""
    if len(order) > FEW:
        leading(key, order, other)
    for at in range(1, len(order)):
        k, to = order[at], at
        while to > 0 and key[order[to - 1]] > key[k]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = k


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
