"""Owns: finding the few that are marked among many, in compiled loops.
Never: what a mark means (the phases)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

PLACE: Final = 0x0001020304050607  # times a mark alone in its word (little-endian): its place among the eight, in the top byte


def marked(marks: Any) -> Any:
    """Positions of the marks, ascending; eight are looked at in one go, since most are none."""
    whole = len(marks) // 8 * 8
    eights = marks[:whole].view(np.int64)
    out, at = np.empty(_count(eights) + len(marks) - whole, np.int64), 0
    for k in range(len(eights)):
        left = eights[k]
        while left != 0:
            lowest = left & -left
            out[at] = 8 * k + ((lowest * PLACE) >> 56)
            at += 1
            left ^= lowest
    for i in range(whole, len(marks)):
        if marks[i]:
            out[at] = i
            at += 1
    return out[:at]


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
