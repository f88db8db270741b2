"""Owns: the elementary functions of all rules; one text, the same bits on numbers, on columns and in compiled loops.
Never: draws (core.randomness) or compiles (engine.compile, which lifts these texts as they stand and replaces the three
primitives ``where``, ``bits`` and ``from_bits`` by machine instructions).

Why own functions: libm and NumPy's vector loops round exp and log differently from one processor to the next. These use only
+, -, *, /, square root and bit patterns, which IEEE 754 fixes to the last bit as long as nothing is fused or reordered.

How to write a rule with them: an expression, no ``if``; both sides of a ``where`` are computed, so guard a divisor
(``maximum(n, 1.0)``); join conditions with ``&`` and ``|`` in brackets; turn one round by swapping the sides of ``where``, not
by ``~``, which does not negate a Python bool.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

Number = Any  # float, np.float64 or a float64 column; results have the broadcast shape of the arguments

LOG2_E: Final = 1.4426950408889634
LN2_HIGH: Final = 0.693147180369123816490  # the upper 32 bits of ln 2, so that n * LN2_HIGH is exact
LN2_LOW: Final = 1.90821492927058770002e-10
SHIFT: Final = 6755399441055744.0  # 1.5 * 2**52: adding it leaves the nearest integer in the low bits
SHIFT_BITS: Final = 0x4338000000000000  # its bit pattern
SQRT_HALF_BITS: Final = 0x3FE6A09E667F3BCD  # bit pattern of sqrt(1/2)
INFINITY: Final = float("inf")
NAN: Final = float("nan")


# --- primitives ------------------------------------------------------------------------------------------


def where(condition: Number, then: Number, otherwise: Number) -> Number:
    """``then`` where the condition holds, else ``otherwise``; both are computed."""
    chosen: Number = np.where(condition, then, otherwise)
    return chosen[()]  # a number, not an array of no dimensions, where all three are numbers


def bits(x: Number) -> Number:
    """The bit pattern of a float64 as int64."""
    return np.asarray(x, dtype=np.float64).view(np.int64)[()]


def from_bits(i: Number) -> Number:
    """The float64 with the bit pattern of an int64."""
    return np.asarray(i, dtype=np.int64).view(np.float64)[()]


def floor(x: Number) -> Number:
    """Greatest whole number not above x, as a float."""
    return np.floor(x)


def sqrt(x: Number) -> Number:
    """Square root, correctly rounded; x >= 0."""
    return np.sqrt(x)


# --- order -----------------------------------------------------------------------------------------------


def minimum(a: Number, b: Number) -> Number:
    """The smaller; NaN if either is NaN."""
    return where((a < b) | (a != a), a, b)


def maximum(a: Number, b: Number) -> Number:
    """The greater; NaN if either is NaN."""
    return where((a > b) | (a != a), a, b)


def clip(x: Number, low: Number, high: Number) -> Number:
    """x held between low and high; NaN stays NaN."""
    return minimum(maximum(x, low), high)


# --- exp and log -----------------------------------------------------------------------------------------


def poly7(x: Number, a: Number, b: Number, c: Number, d: Number, e: Number, f: Number, g: Number, h: Number) -> Number:
    """a + b x + ... + h x**7 by Estrin's scheme: short chains, so that a processor works on several terms at once."""
    square = x * x
    return ((a + b * x) + (c + d * x) * square) + ((e + f * x) + (g + h * x) * square) * (square * square)


def exp(x: Number) -> Number:
    """e to the power x, relative error below 1e-15.

    x = n ln 2 + r with n whole and |r| <= ln(2)/2; exp(r) by its Taylor series to r**13 (remainder 4e-18), times 2**n by
    writing n into the exponent. Below -708 it is 0, above 709.78 infinite, of NaN NaN.
    """
    y = clip(x, -708.0, 709.78)
    shifted = y * LOG2_E + SHIFT
    n = shifted - SHIFT
    r = (y - n * LN2_HIGH) - n * LN2_LOW
    square = r * r
    low = poly7(r, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880)
    high = (1 / 3628800 + r * (1 / 39916800)) + (1 / 479001600 + r * (1 / 6227020800)) * square
    fourth = square * square
    p = 1.0 + (r + square * (low + high * (fourth * fourth)))
    power = from_bits(((bits(shifted) - SHIFT_BITS) + 1022) << 52)  # 2**(n - 1): n itself would overflow at the top
    return where(x < -708.0, 0.0, where(x > 709.78, INFINITY, p * power * 2.0))


def log(x: Number) -> Number:
    """Natural logarithm, relative error below 1e-15.

    x = 2**k m with m in [sqrt(1/2), sqrt(2)); log(m) = 2 artanh(s), s = (m - 1)/(m + 1), by its series to s**21 (remainder
    2e-17). Of 0 it is minus infinity, of a negative number or NaN it is NaN.
    """
    tiny = x < 2.2250738585072014e-308
    y = where(x > 0.0, x, 1.0) * where(tiny, 18014398509481984.0, 1.0)  # 2**54 lifts the subnormals
    pattern = bits(y)
    k = (pattern - SQRT_HALF_BITS) >> 52
    m = from_bits(pattern - (k << 52))
    n = (from_bits(k + SHIFT_BITS) - SHIFT) - where(tiny, 54.0, 0.0)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    fourth = (z * z) * (z * z)
    p = poly7(z, 2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17) + (2 / 19 + z * (2 / 21)) * (fourth * fourth)
    value = n * LN2_HIGH + (n * LN2_LOW + (2.0 * s + s * z * p))
    return where(x > 0.0, where(x < INFINITY, value, INFINITY), where(x == 0.0, -INFINITY, NAN))


# --- normal quantile -------------------------------------------------------------------------------------


def ppf(p: Number) -> Number:
    """Standard normal quantile: the z with P(Z < z) = p, relative error about 1e-16 times a few.

    Wichura (1988), Algorithm AS 241, PPND16, Applied Statistics 37, 477-484: a rational function in the middle (|p - 1/2| <=
    0.425) and two in the tails, chosen by ``where``. Of 0 and 1 it is minus and plus infinity; outside, NaN.
    """
    inside = (p > 0.0) & (p < 1.0)
    u = where(inside, p, 0.5)
    q = u - 0.5
    central = q * q <= 0.180625
    r = 0.180625 - q * q
    # fmt: off
    c_over = poly7(r, 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
                  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
    c_under = poly7(r, 1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
                   21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610)
    tail = sqrt(-log(where(q < 0.0, u, 1.0 - u)))
    a = tail - 1.6
    a_top = poly7(a, 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
                  1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4)
    a_base = poly7(a, 1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
                   0.148103976427480074590, 0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9)
    b = tail - 5.0
    b_top = poly7(b, 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
                  0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7)
    b_base = poly7(b, 1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
                   7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)
    # fmt: on
    far = tail > 5.0
    top = where(central, q * c_over, where(q < 0.0, -1.0, 1.0) * where(far, b_top, a_top))
    z = top / where(central, c_under, where(far, b_base, a_base))
    return where(inside, z, where(p == 0.0, -INFINITY, where(p == 1.0, INFINITY, NAN)))
