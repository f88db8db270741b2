"""What compiled loops over places have in common: lists of the marked, sums by household, counts in lanes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.engine import compile, places

pytestmark = pytest.mark.skipif(not compile.available(), reason="numba is not there")


@given(st.lists(st.booleans(), max_size=70))
@settings(max_examples=100, deadline=None)
def test_the_marked_are_listed_in_order(marks):
    """Mutations: the last places, fewer than eight, left out; a mark read twice."""
    mask, out = np.array(marks, np.bool_), np.full(len(marks) + 1, -1, np.int32)
    count = compile.lift(places.positions)(mask, out[:-1])
    assert out[:count].tolist() == np.flatnonzero(mask).tolist()
    assert out[-1] == -1


@pytest.mark.parametrize("count", [0, 7, 8, 2039, 2040, 2048, 4099])
@pytest.mark.parametrize("every", [1, 3, 500])
def test_there_is_room_for_all_that_are_marked(count, every):
    """Mutation: more than 255 words added up before their bytes are."""
    mask = np.arange(count) % every == 0
    assert compile.lift(places.marked)(mask).tolist() == np.flatnonzero(mask).tolist()


def test_counts_in_lanes_hold_a_household_of_255_places():
    """Mutation: a lane that runs over into the next one."""
    sizes, lanes = np.array([3, 255, 1, 40]), 8
    off = np.concatenate(([0], np.cumsum(sizes)))
    number = np.full(sizes.sum(), sum(1 << lane * places.LANE for lane in range(lanes)), np.int64)
    numbers, count = np.empty(len(sizes), np.int64), np.empty(len(sizes))
    compile.lift(places.sum_places)(number, off, numbers)
    for lane in range(lanes):
        compile.lift(places.unpack)(numbers, lane, count)
        assert count.tolist() == sizes.tolist()
