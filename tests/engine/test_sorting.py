"""Sorting in compiled loops, beside NumPy's stable sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.engine import compile, sorting

pytestmark = pytest.mark.skipif(not compile.available(), reason="numba is not there")

KEYS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, np.inf, 2017.0]),
    st.floats(-1e308, 1e308),
    st.floats(0.0, 1.0),
)


def in_order(keys):
    """The positions that our sort finds."""
    order = np.arange(len(keys), dtype=np.uint32)
    compile.lift(sorting.radix)(keys, order, np.empty_like(order))
    return order.tolist()


@given(st.lists(KEYS, max_size=120))
@settings(max_examples=200, deadline=None)
def test_equal_keys_stay_as_they_stood(keys):
    """Mutations: the places of parts begun one too far; parts filled from their end; minus nought before nought."""
    keys = np.array(keys, np.float64)
    assert in_order(keys) == np.argsort(keys, kind="stable").tolist()


@pytest.mark.parametrize("count", [sorting.FEW, sorting.FEW + 1, sorting.SOME, sorting.SOME + 1])
@pytest.mark.parametrize("shape", ["even", "crowded", "one far off", "all alike", "two years"])
def test_any_shape_of_keys_is_put_in_order(count, shape):
    """Also those that fall into few parts of their range. Mutation: a crowded part taken for sorted."""
    luck = np.random.default_rng(count)
    keys = {
        "even": luck.uniform(size=count),
        "crowded": np.exp(4.0 * luck.normal(size=count)),
        "one far off": np.where(np.arange(count) == 3, 1e300, luck.uniform(size=count)),
        "all alike": np.full(count, 3.0),
        "two years": np.where(luck.uniform(size=count) < 0.1, np.inf, 2014.0 + luck.integers(0, 2, count)),
    }[shape]
    assert in_order(keys) == np.argsort(keys, kind="stable").tolist()
