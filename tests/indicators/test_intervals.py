"""Owns: a number over replicates: what occurred, what is chance, what is ignorance.
Never: what it counts (the other tests of this room)."""

import math

import numpy as np
import pytest

from povsim.core.elementary import ppf
from povsim.core.randomness import philox, unit
from povsim.indicators.intervals import interval

Z = 1.6449  # of a 90% interval


def test_bounds_of_an_interval_occurred():
    assert interval(range(1, 101))[:3] == (50, 5, 95)
    assert interval([3, math.nan, 7, 7])[:3] == (7, 3, 7)
    assert all(map(math.isnan, interval([math.nan])))


def test_with_parameters_held_all_is_chance():
    found = interval(range(1, 101))
    assert (found.chance_low, found.chance_high) == (found.low, found.high)


def normal(who, what):
    zero = np.uint64(0)
    return ppf(unit(philox(np.asarray(who, np.uint64), zero, zero, np.uint64(what), np.uint64(7), zero)[0]))


def values(draws, each, between, within):
    """Replicate r lives with draw r % draws; normal between draws and within them."""
    replicate = np.arange(draws * each)
    return 100.0 + between * normal(replicate % draws, 0) + within * normal(replicate, 1)


@pytest.mark.parametrize(("between", "within"), [(3.0, 1.0), (1.0, 2.0), (0.0, 1.0)])
@pytest.mark.parametrize("each", [2, 5])
def test_chance_and_ignorance_are_told_apart(between, within, each):
    found = interval(values(2000 // each, each, between, within), draws=2000 // each)
    assert found.high - found.low == pytest.approx(2 * Z * math.hypot(between, within), rel=0.06)
    # unscaled deviations of two would give 0.71 of it, of five 0.89
    assert found.chance_high - found.chance_low == pytest.approx(2 * Z * within, rel=0.06)
    assert found.chance_low < found.median < found.chance_high


def test_where_only_parameters_differ_chance_has_no_width():
    found = interval(values(40, 5, between=3.0, within=0.0), draws=40)
    assert found.chance_low == pytest.approx(found.median) and found.chance_high == pytest.approx(found.median)
    assert found.high - found.low > 5.0


def test_one_replicate_a_draw_says_nothing_of_chance():
    found = interval(range(40), draws=40)
    assert math.isnan(found.chance_low) and math.isnan(found.chance_high)
    assert (found.low, found.high) == (1, 37)  # the second and the 38th of 40, counted from nothing


def test_a_draw_that_has_one_replicate_less_counts_as_it_is():
    # draws 0 and 1 have two replicates each, draw 2 has one: deviations 1 and -1 (times root two) and 0
    found = interval([10, 50, 90, 12, 50], draws=3)
    assert found.median == 50
    assert (found.chance_low, found.chance_high) == (49, 51)  # 1.41 is whole where all values are


def test_households_stay_whole_and_chance_alone_is_never_beyond_both():
    found = interval([0, 0, 0, 0, 0, 0, 0, 9], draws=4)
    assert found.chance_low == 0.0 and found.chance_high == round(4.5 * math.sqrt(2))
    odd = interval(values(20, 5, between=0.0, within=1.0), draws=20)  # deviations widened may well be wider than all values are
    assert odd.low <= odd.chance_low < odd.chance_high <= odd.high


def test_what_is_blank_is_left_out_of_its_own_draw():
    clear = [1.0, 5.0, 3.0, 9.0]
    blank = [1.0, 5.0, 3.0, 9.0, math.nan, math.nan]
    assert interval(clear, draws=2) == interval(blank, draws=2)
    shifted = [math.nan, 5.0, 3.0, 9.0]  # draw 0 has one left: only draw 1 tells of chance
    found = interval(shifted, draws=2)
    assert found.chance_high - found.median == pytest.approx(2 * math.sqrt(2), abs=0.5)


def test_a_price_without_bound_has_no_chance_of_its_own():
    found = interval([1.0, math.inf, 3.0, 4.0], draws=2)
    assert found.high == math.inf and math.isnan(found.chance_low)
