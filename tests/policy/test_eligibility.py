"""Conditions as data, and orders of service."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from povsim.core.params import Condition
from povsim.policy.eligibility import holds, meets, service

X = np.array([0.0, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("op", "values", "expected"),
    [
        ("in", (1.0, 3.0), [0, 1, 0, 1]),
        (">=", (2.0,), [0, 0, 1, 1]),
        (">", (2.0,), [0, 0, 0, 1]),
        ("<=", (1.0,), [1, 1, 0, 0]),
        ("<", (1.0,), [1, 0, 0, 0]),
        ("between", (1.0, 2.0), [0, 1, 1, 0]),
    ],
)
def test_conditions(op, values, expected):
    assert holds(op, X, values).tolist() == [bool(e) for e in expected]


def test_villages_are_named():
    assert holds("in", np.array(["梅岭", "白畈"]), ("白畈",)).tolist() == [False, True]


def test_all_conditions_must_hold_each_on_its_own_unit():
    asked = (Condition("size", ">=", (1.0,)), Condition("able", "<", (3.0,)), Condition("age", ">=", (99.0,)))
    assert meets(asked, "household", lambda name: X).tolist() == [False, True, True, False]
    assert meets(asked, "person", lambda name: X).tolist() == [False] * 4
    assert meets((), "household", lambda name: X) is True


TOWN = dict(
    income_head=np.array([2000.0, 3000.0, 1500.0, 2500.0]),
    size=np.array([1, 1, 1, 4]),
    listed=np.array([0, 1, 0, 0]),
    since=np.array([2013, 2011, 0, 2012]),
    lottery=np.array([0.9, 0.2, 0.5, 0.1]),
    line=3300.0,
    identity=np.array([5, 6, 7, 8], np.uint64),
    slot=np.zeros(4),
)


@pytest.mark.parametrize(
    ("order", "served"),
    [
        ("poorest", [2, 0, 3, 1]),
        ("largest_gap", [3, 2, 0, 1]),
        ("list", [1, 2, 0, 3]),
        ("lottery", [3, 1, 2, 0]),
        ("registered", [1, 3, 0, 2]),
    ],
)
def test_orders_of_service(order, served):
    assert service(order, **TOWN).tolist() == served


@given(st.permutations(range(6)), st.sampled_from(["poorest", "largest_gap", "list", "lottery", "registered"]))
def test_ties_are_broken_by_identity_and_not_by_rows(order, kind):
    identity = np.array([11, 12, 13, 14, 14, 14], np.uint64)
    slot = np.array([0, 0, 0, 0, 1, 2])
    income = np.array([1.0, 1.0, 2.0, 2.0, 2.0, 2.0])
    same = np.ones(6)
    rows = np.array(order)
    served = service(kind, income[rows], same, same, same, same, 3.0, identity[rows], slot[rows])
    assert list(zip(identity[rows][served], slot[rows][served], strict=True)) == list(zip(identity, slot, strict=True))
