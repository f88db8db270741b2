"""Owns: what compiled loops over places have in common: lists of the marked, sums and packed counts by household.
Never: says what is marked or counted (the phases).

A processor works on eight places at once where a loop has no branch and reads rows from their beginning. So counts are made place
by place in packed lanes, and a household's is the difference of the running sum between its first place and the next one's.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

AT_ONCE: Final = 256  # households worked on at a time: what is kept of their places stays in the first-level cache
LANE: Final = 8  # bits of a packed count: a household has fewer than 256 places (core.randomness: slots)
MOST: Final = (1 << LANE) - 1
RARE: Final = 16  # a sixteenth and more are listed one by one
PLACE: Final = 0x0001020304050607  # times a mark alone in its word (little-endian): its place among the eight, in the top byte


def positions(mask: Any, out: Any) -> Any:
    """List the marked, and say how many; where few are marked, so that eight marks are looked at together."""
    count, whole = 0, len(mask) // 8 * 8
    eights = mask[:whole].view(np.int64)
    for k in range(len(eights)):
        left = eights[k]
        while left != 0:
            lowest = left & -left
            out[count] = 8 * k + ((lowest * PLACE) >> 56)
            count += 1
            left ^= lowest
    for i in range(whole, len(mask)):
        out[count] = i
        count += mask[i]
    return count


def marked(mask: Any) -> Any:
    """Positions of the marked, ascending (state.Rows)."""
    whole = len(mask) // 8 * 8
    most = _count(mask[:whole].view(np.int64)) + len(mask) - whole
    out = np.empty(most + 1, np.uint32)
    if most * RARE < len(mask):
        return out[: positions(mask, out)]
    count = 0
    for i in range(len(mask)):  # without a branch, which would go astray as often as not
        out[count] = i
        count += mask[i]
    return out[:count]


def chosen(values: Any, mask: Any) -> Any:
    """The marked of some values, likewise."""
    out, count = np.empty_like(values), 0
    for k in range(len(values)):
        out[count] = values[k]
        count += mask[k]
    return out[:count]


def _count(eights: Any) -> Any:
    """Number of marks: each byte of a word sums for itself, up to 255 words at a time, then the bytes are added up."""
    count = 0
    for first in range(0, len(eights), 255):
        total = 0
        for k in range(first, min(first + 255, len(eights))):
            total += eights[k]
        for byte in range(8):
            count += (total >> (8 * byte)) & 255
    return count


def sum_places(number: Any, off: Any, out: Any) -> None:
    """The sum of the places of each household of a range; ``off`` says where they begin and where the last one ends."""
    before, total = np.empty(len(number) + 1, np.int64), 0
    for i in range(len(number)):
        before[i] = total
        total += number[i]
    before[len(number)] = total
    for k in range(len(out)):
        out[k] = before[off[k + 1] - off[0]] - before[off[k] - off[0]]


def unpack(numbers: Any, lane: Any, out: Any) -> None:
    """The counts of one lane."""
    for k in range(len(out)):
        out[k] = (numbers[k] >> lane * LANE) & MOST
