"""Owns: the standard normal of a draw: its quantile, by cubics of a table; one text on numbers, on columns and in compiled loops.
Never: draws (core.randomness), or knows other probabilities than those of a draw (core.elementary.ppf).

`elementary.ppf` gives the quantile to the last bits, at the price of a logarithm in the tails. Here it is read off: a processor
works out eight at a time that way, without asking where each lies. A draw u is an odd multiple of 2**-33; it or 1 - u, whichever
is smaller, lies between two powers of two, and each such stretch is cut into 64 pieces of equal length, of each of which a
cubic is kept. The normal differs from the quantile by 5e-11 at most, a fifteenth of what those of neighbouring draws differ by,
so that a greater draw still has a greater normal.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np

from povsim.core.elementary import bits, from_bits, minimum, ppf, where

PIECE_BITS: Final = 6  # 64 pieces
LOWEST: Final = -33  # the least draw is 2**-33
POWERS: Final = 32  # the greatest of the lower half lies below 2**-1
DROPPED: Final = 52 - PIECE_BITS  # bits of a float64 below those that name its piece
FIRST_PIECE: Final = (1023 + LOWEST) << PIECE_BITS
INSIDE: Final = (1 << DROPPED) - 1
ONE: Final = 0x3FF0000000000000  # bit pattern of 1.0
MIDDLE: Final = 1.0 + 0.5 / (1 << PIECE_BITS)


def normal_of(u: Any) -> Any:
    """The standard normal of a draw, a number of `randomness.unit`: its quantile within 5e-11."""
    near = minimum(u, 1.0 - u)
    pattern = bits(near)
    piece = np.uint64((pattern >> DROPPED) - FIRST_PIECE)
    x = from_bits((pattern & INSIDE) | ONE) - MIDDLE
    z = ((CUBIC_3[piece] * x + CUBIC_2[piece]) * x + CUBIC_1[piece]) * x + CUBIC_0[piece]
    return where(u > 0.5, -z, z)


def _cubics() -> tuple[Any, ...]:
    """For each piece the cubic through four of its points, those of Chebyshev, in ``u / power - MIDDLE``: by powers of it."""
    pieces = 1 << PIECE_BITS
    power = np.repeat([2.0**k for k in range(LOWEST, LOWEST + POWERS)], pieces)
    start = np.tile(1.0 + np.arange(pieces) / pieces, POWERS)
    a, b = 0.92387953251128674 / (2 * pieces), 0.38268343236508977 / (2 * pieces)  # cos(pi/8), cos(3 pi/8)
    at = (-a, -b, b, a)
    y = [ppf((start + 0.5 / pieces + x) * power) for x in at]
    for order in (1, 2, 3):  # Newton's differences, from the highest down
        for k in range(3, order - 1, -1):
            y[k] = (y[k] - y[k - 1]) / (at[k] - at[k - order])
    c = [y[3]]
    for k in (2, 1, 0):  # times (x - at[k]), plus the difference
        c = [y[k] - at[k] * c[0], *(low - at[k] * high for low, high in pairwise(c)), c[-1]]
    return tuple(np.ascontiguousarray(column) for column in c)


CUBIC_0, CUBIC_1, CUBIC_2, CUBIC_3 = _cubics()
