"""Owns: finding the few that are marked among many, in compiled loops.
Never: what a mark means (the phases)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

PLACE: Final = 0x0001020304050607  # times a mark alone in its word (little-endian): its place among the eight, in the top byte


def marked(marks: Any) -> Any:
    """Positions of the marks, ascending; eight are looked at in one go, since most are none."""
    count = 0
    for i in range(len(marks)):
        count += marks[i]
    out, at, whole = np.empty(count, np.int64), 0, len(marks) // 8 * 8
    eights = marks[:whole].view(np.int64)
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
    return out
