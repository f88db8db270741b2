import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from povsim.indicators.poverty import fgt, gini

MEDIAN, SIGMA, LINE = 8_000.0, 0.6, 5_000.0
TOWN = MEDIAN * np.exp(SIGMA * norm.ppf((np.arange(200_000) + 0.5) / 200_000))


def closed_form(alpha):
    """FGT of a lognormal: sum over k of (alpha over k) (-1/z)^k E[x^k; x < z]."""
    z = np.log(LINE / MEDIAN) / SIGMA
    moments = [(MEDIAN / LINE) ** k * np.exp((k * SIGMA) ** 2 / 2) * norm.cdf(z - k * SIGMA) for k in range(3)]
    return {0: moments[0], 1: moments[0] - moments[1], 2: moments[0] - 2 * moments[1] + moments[2]}[alpha]


@pytest.mark.parametrize("alpha", [0, 1, 2])
def test_fgt_of_a_lognormal_population(alpha):
    assert fgt(TOWN, LINE, alpha) == pytest.approx(closed_form(alpha), abs=2e-5)


def test_gini_of_a_lognormal_population():
    assert gini(TOWN) == pytest.approx(2 * norm.cdf(SIGMA / np.sqrt(2)) - 1, abs=2e-4)


def test_by_hand():
    assert fgt([1_000, 3_000, 4_000], 4_000, 0) == pytest.approx(2 / 3)  # who has exactly the line is not poor
    assert fgt([1_000, 3_000, 4_000], 4_000, 1) == pytest.approx((0.75 + 0.25) / 3)
    assert fgt([-500, 4_000], 4_000, 2, weight=[1, 3]) == pytest.approx(0.25)
    assert gini([0, 1]) == pytest.approx(0.5)
    assert gini([5, 5, 5]) == pytest.approx(0.0)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.integers(1, 9)), min_size=1, max_size=20).filter(lambda rows: max(rows)[0] > 1))
def test_a_weight_stands_for_that_many_people(rows):
    income, weight = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    people = np.repeat(income, weight.astype(int))
    assert fgt(income, 3_000, 2, weight) == pytest.approx(fgt(people, 3_000, 2))
    assert gini(income, weight) == pytest.approx(gini(people), abs=1e-9)
