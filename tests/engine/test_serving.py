"""The compiled bodies of allocation and yields beside their columns, from the same state, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core.randomness import philox
from povsim.engine import allocation, labour, people, roster, serving, shocks, yields
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.shelf import NEWLY_SERVED
from povsim.policy.eligibility import service
from tests.engine import lives, plan

pytestmark = pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")

START = {"start": {"year": 2017, "month": 5}}
TEA = {**START, "kind": "industry", "product": "tea", "take_up": 0.8}
POST = {**START, "kind": "employment", "form": "public", "take_up": 0.9}
TOWNS = {
    "orders and quotas in turn": {
        "a": {**TEA, "eligible": {"labourers": ">= 1"}, "quota": {"households": 20}, "order": "largest_gap"},
        "b": {**TEA, "product": "hens", "quota": {"households": 3, "per": "village"}, "order": "list"},
        "c": {**TEA, "product": "walnut", "quota": {"persons": 60}, "order": "registered", "budget": 60000, "until": 2018},
        "d": {**POST, "quota": {"posts": 4, "per": "village"}, "eligible": {"age": "between 18 and 65"}, "order": "lottery"},
        "e": {**POST, "form": "workshop", "quota": {"households": 9}, "order": "poorest", "kept_until": 2018},
    },
    "money and pools": {
        "sun": {**START, "kind": "pv", "capacity_kw": 300, "connected_year": 2017, "quota": {"households": 40}},
        "share": {**START, "kind": "collective"},
        "posts": {**POST, "from_proceeds": 0.7, "order": "poorest"},
        "move": {**START, "kind": "relocation", "budget": 900000, "eligible": {"house_safe": False}, "order": "lottery"},
        "school": {**START, "kind": "education"},
        "work": {**START, "kind": "employment", "form": "training", "quota": {"persons": 30}},
        "roof": {**START, "kind": "pv", "site": "roof", "household_kw": 3.3, "connected_year": 2017, "quota": {"kw": 50}},
    },
    "people's health and debts": {
        "cover": {**START, "kind": "health"},
        "plan": {**START, "kind": "insurance"},
        "house": {**START, "kind": "guarantee", "form": "house", "budget": 80000},
        "child": {**START, "kind": "guarantee", "form": "school"},
        "loan": {**START, "kind": "microcredit", "quota": {"households": 30}},
        "firm": {**START, "kind": "asset_share", "quota": {"households": 30}},
    },
    "land and law": {
        "trees": {**START, "kind": "ecology", "quota": {"households": 25}, "order": "poorest"},
        "forest": {**START, "kind": "ecology", "form": "public_forest"},
        "old": {**START, "kind": "transfer", "policy": "old_age", "eligible": {"age": ">= 60"}},
        "children": {**START, "kind": "transfer", "policy": "support"},
        "land": {**START, "kind": "transfer", "policy": "land_fertility", "budget": 30000},
        "a": {**TEA, "kept_until": 2018},
    },
}


def same_books(s, t):
    """Whether what villages, routes and measures keep is equal to the bit."""
    kept = [(s.vi, t.vi), (s.vf, t.vf), (s.credit, t.credit)]
    kept += [(s.held[id][name], t.held[id][name]) for id in s.held for name in s.held[id]]
    return all(np.array_equal(a, b) for a, b in kept)


@pytest.mark.parametrize("name", TOWNS)
def test_loops_and_columns_leave_the_same_state(name, tmp_path, monkeypatch):
    world = plan.town(tmp_path, TOWNS[name], count=260)
    s, draws = plan.begin(world)
    held = 0
    for year in world.years:
        s.begin_year()
        people.people(s, world, draws, year)
        shocks.shocks(s, world, draws, year)
        states = [s, s.copy()]
        for phase in (allocation.allocate, labour.work, yields.earn):
            for engine, state in zip(("compiled", "numpy"), states, strict=True):
                monkeypatch.setenv("POVSIM_ENGINE", engine)
                phase(state, world, draws, year)
            assert lives.same(*states), (year, phase)
            assert same_books(*states), (year, phase)
        held += sum(int(one["held"].sum()) for one in s.held.values())
    assert held > 100, "they are asked of somebody"


ORDERS = ("poorest", "largest_gap", "list", "lottery", "registered")


@given(st.sampled_from(ORDERS), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_order_of_service_is_that_of_its_columns(order, count, seed):
    words = np.arange(8 * count, dtype=np.uint64).reshape(8, count) * np.uint64(2654435761) + np.uint64(seed)
    few = (words >> np.uint64(7)) % np.uint64(4)  # many ties
    income, size, listed = few[0] * 1000.0, 1 + few[1].astype(np.int64), few[2].astype(np.int64) % 2
    since, lottery = few[3].astype(np.int64) * 2014, few[4] / 4.0
    ids, slot = few[5], few[6].astype(np.int32)
    expected = service(order, income, size, listed, since, lottery, 2500.0, ids, slot)
    hi = np.zeros((len(c.HOUSE_INTS), count), np.int64)
    hi[c.SIZE], hi[c.LISTED], hi[c.YEAR_IDENTIFIED] = size, listed, since
    who, found = np.arange(count), np.arange(count)
    body, code, line = compiler.lift(serving.order_loop), roster.ORDERS[order], 2500.0
    body(code, who, who.astype(np.int32), slot, ids, income, hi, since.astype(np.int32), lottery, line, found, found.copy())
    keys = [tuple(column[found].tolist()) for column in (income, size, listed, since, lottery, ids, slot)]
    assert keys == [tuple(column[expected].tolist()) for column in (income, size, listed, since, lottery, ids, slot)]


ROOF = {**START, "kind": "pv", "site": "roof", "household_kw": 3.3, "connected_year": 2017}
SMALL = {  # of some 260 who ask: the first of each order alone are put in order
    "poorest": {**TEA, "quota": {"households": 3}, "order": "poorest"},
    "gap": {**TEA, "product": "hens", "quota": {"households": 4}, "order": "largest_gap"},
    "list": {**TEA, "product": "walnut", "quota": {"households": 5}, "order": "list"},
    "lot": {**TEA, "product": "pepper", "quota": {"households": 6}, "order": "lottery"},
    "members": {**START, "kind": "asset_share", "quota": {"persons": 11}, "order": "largest_gap"},
    "roof": {**ROOF, "quota": {"kw": 11.5}, "order": "list"},
    "people": {**START, "kind": "employment", "form": "training", "quota": {"persons": 5}, "order": "list"},
    "homes": {**START, "kind": "employment", "form": "service", "quota": {"households": 4}, "order": "largest_gap"},
    "posts": {**POST, "quota": {"posts": 6}, "order": "poorest"},
    "paid": {**POST, "form": "ranger", "quota": {"posts": 5}, "order": "largest_gap", "from_proceeds": 0.5},
    "money": {**TEA, "product": "goats", "quota": {"households": 7}, "budget": 12000, "order": "list"},
}  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_first_in_an_order_are_those_of_all_in_order(seed, tmp_path, monkeypatch):
    world = plan.town(tmp_path, {id: {"take_up": 1.0, **one} for id, one in SMALL.items()}, count=260)
    s, draws = plan.begin(world, seed)
    served = 0
    for year in world.years[:3]:
        s.begin_year()
        people.people(s, world, draws, year)
        words = philox(*(np.arange(s.hi.shape[1], dtype=np.uint64), *(np.uint64(n) for n in (seed, year, 0, 0, 7))))
        s.hf[c.REPORTED] = (words[0] % np.uint64(97)).astype(np.float64) * 150.0 - 900.0  # many ties, some below nought
        s.hi[c.LISTED] = words[1] % np.uint64(5) > 0
        states = [s, s.copy()]
        for engine, state in zip(("compiled", "numpy"), states, strict=True):
            monkeypatch.setenv("POVSIM_ENGINE", engine)
            allocation.allocate(state, world, draws, year)
        assert same_books(*states), year
        served += int((s.shelf.books[:, NEWLY_SERVED] > 0).sum())
    assert served > 20, "most serve somebody, and refuse others"
