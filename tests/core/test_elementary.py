"""Own exp, log and quantile: right to the last digits, whole at the edges, and one text for numbers and columns."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from povsim.core import elementary as e

getcontext().prec = 60


def worst(mine: Callable[[float], float], exact: Callable[[Decimal], Decimal], xs: Any) -> float:
    truth = [exact(Decimal(float(x))) for x in xs]
    return max(abs(float((Decimal(float(mine(float(x)))) - t) / t)) for x, t in zip(xs, truth, strict=True) if t != 0)


def test_exp_and_log_are_right_to_a_few_units_of_the_last_digit() -> None:
    xs = np.concatenate([np.linspace(-700, 709, 331), np.linspace(-0.4, 0.4, 301), [-708.0, 709.78, 1e-12, -1e-12]])
    assert worst(e.exp, Decimal.exp, xs) < 5e-16
    ys = np.concatenate([np.geomspace(1e-300, 1e300, 331), np.linspace(0.69, 1.43, 301), [1 + 2**-52, 1 - 2**-53, 5e-324]])
    assert worst(e.log, Decimal.ln, ys) < 5e-16


@pytest.mark.parametrize(
    ("p", "z"),  # the three check values of AS 241, and the quantiles everybody knows
    [(0.25, -0.6744897501960817), (0.001, -3.090232306167814), (1e-20, -9.262340089798408), (0.975, 1.959963984540054)],
)
def test_ppf_meets_published_values(p: float, z: float) -> None:
    assert float(e.ppf(p)) == pytest.approx(z, rel=4e-16, abs=0)


def test_ppf_is_the_inverse_of_the_normal_distribution() -> None:
    for z in np.linspace(-8, 8, 97):
        below = 0.5 * math.erfc(-z / math.sqrt(2))
        slope = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        assert abs(float(e.ppf(below)) - z) < 1e-14 + 3e-16 * max(below, 1e-300) / slope


SEAMS = [int(0.075 * 2**32), int(0.925 * 2**32), 2**31, 0, 2**32 - 2]


@given(st.one_of(st.integers(0, 2**32 - 2), st.sampled_from(SEAMS).map(lambda w: max(0, min(w, 2**32 - 2)))))
def test_ppf_rises_from_word_to_word_and_is_odd(w: int) -> None:
    this, following = (w + 0.5) / 2**32, (w + 1.5) / 2**32
    assert e.ppf(this) < e.ppf(following)
    assert e.ppf(this) == -e.ppf(1.0 - this)


def test_ppf_rises_through_both_seams_of_its_three_pieces() -> None:
    for seam in (0.075, 0.925, math.exp(-25.0)):
        p = seam * (1 + np.arange(-3000, 3000) * 1e-13)
        assert np.all(np.diff(e.ppf(p)) > 0)


def test_edges() -> None:
    inf, nan = math.inf, math.nan
    assert (e.exp(-inf), e.exp(-709.0), e.exp(0.0), e.exp(709.79), e.exp(inf)) == (0.0, 0.0, 1.0, inf, inf)
    assert (e.log(0.0), e.log(-0.0), e.log(1.0), e.log(inf)) == (-inf, -inf, 0.0, inf)
    assert (e.ppf(0.0), e.ppf(0.5), e.ppf(1.0)) == (-inf, 0.0, inf)
    for bad in (e.exp(nan), e.log(nan), e.log(-1.0), e.log(-inf), e.ppf(nan), e.ppf(-0.1), e.ppf(1.1), e.ppf(inf)):
        assert math.isnan(bad)


def test_a_missing_number_stays_missing() -> None:
    for f in (e.minimum, e.maximum):
        assert math.isnan(f(math.nan, 1.0))
        assert math.isnan(f(1.0, math.nan))
    assert math.isnan(e.clip(math.nan, 0.0, 1.0))


ANY = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(ANY, min_size=1, max_size=20))
def test_a_number_and_a_column_give_the_same_bits(xs: list[float]) -> None:
    for f in (e.exp, e.log, e.ppf, e.floor, lambda x: e.clip(x, -1.0, 2.0), lambda x: e.where(x > 1.0, x, 0.0)):
        column = f(np.array(xs))
        alone = np.array([f(x) for x in xs])
        assert np.array_equal(column.view(np.int64)[~np.isnan(column)], alone.view(np.int64)[~np.isnan(alone)])
        assert np.array_equal(np.isnan(column), np.isnan(alone))


def test_numbers_in_number_out() -> None:
    for value in (e.exp(1.0), e.log(2.0), e.ppf(0.3), e.where(True, 1.0, 2.0), e.minimum(1.0, 2.0), e.floor(1.5), e.sqrt(2.0)):
        assert isinstance(value, float)


def test_nothing_is_borrowed_from_a_library_that_rounds_in_its_own_way() -> None:
    tree = ast.parse(inspect.getsource(e))
    borrowed = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "np"}
    assert borrowed <= {"where", "asarray", "float64", "int64", "floor", "sqrt"}
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import) and n.names[0].name != "numpy"]
