"""Owns: putting positions in order in compiled loops.
Never: says by what, or who comes first (engine.serving, engine.judging)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.elementary import bits

SIGN: Final = np.int64(-(2**63))


def radix(key: Any, order: Any, other: Any) -> None:
    """Sort positions by their keys, those of equal keys as they stood: byte by byte of the bit pattern, lowest first."""
    count = len(order)
    pattern = np.empty(count, np.int64)
    counts = np.zeros((8, 256), np.int64)
    for k in range(count):
        x = bits(key[k] + 0.0)  # minus nought is nought
        pattern[k] = ~x if x < 0 else x ^ SIGN  # so that patterns without sign have the order of the numbers
        for byte in range(8):
            counts[byte, (pattern[k] >> (8 * byte)) & 255] += 1
    for byte in range(8):
        if count == 0 or counts[byte, (pattern[order[0]] >> (8 * byte)) & 255] == count:
            continue  # all have the same
        place = 0
        for value in range(256):
            number = counts[byte, value]
            counts[byte, value] = place
            place += number
        for at in range(count):
            value = (pattern[order[at]] >> (8 * byte)) & 255
            other[counts[byte, value]] = order[at]
            counts[byte, value] += 1
        order[:] = other
