"""The year as one compiled call beside the same phases one by one, compiled and in columns, to the bit."""

from dataclasses import fields

import numpy as np
import pytest

from povsim.core.errors import RuleError
from povsim.engine import compile as compiler
from povsim.engine import ledger, program, year
from povsim.engine.compile import Part
from povsim.engine.run import run_replicate
from povsim.engine.world import build_world
from tests.engine import lives, plan
from tests.engine.test_serving import TOWNS, same_books

pytestmark = pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")

NET = {"start": {"year": 2017, "month": 1}, "kind": "safety_net"}
LUCK = {"economy": {"job_market_spread": 0.3}, "farming": {"price_spread": 0.3, "price_lasts": 0.5}}


def lived(world, replicates=(0, 1)):
    """Two replicates in the same memory: the last state, a book of each, the tally."""
    tally, room = ledger.open_tally(world), world.start.copy()
    books = [run_replicate(world, replicate, tally, room=room) for replicate in replicates]
    return room, books, tally


def alike(a, b):
    """Whether two books or tallies are equal; sums of floats, which the engines add in different orders, nearly so."""
    pairs = [(f.name, getattr(a, f.name), getattr(b, f.name)) for f in fields(a)]
    return all(
        np.allclose(x, y, 1e-12, 0.0, equal_nan=True) if name == "indicators" else np.array_equal(x, y) for name, x, y in pairs
    )


@pytest.mark.parametrize("name", TOWNS)
def test_a_year_in_one_call_is_its_phases_in_turn(name, tmp_path, monkeypatch):
    world = plan.town(tmp_path, {**TOWNS[name], "net": NET}, count=260, **LUCK)
    called = []
    real = year.call_year
    monkeypatch.setattr(year, "call_year", lambda *args: called.append(args[3]) or real(*args))
    found = [lived(world)]
    assert called == [*world.years] * 2, "it was one call"
    monkeypatch.setattr(year, "in_one_call", lambda s, world, year: False)
    found.append(lived(world))
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    found.append(lived(world))
    assert len(called) == 2 * len(world.years)
    (s, books, tally), *others = found
    for t, theirs, other in others:
        assert lives.same(s, t) and same_books(s, t)
        assert all(map(alike, books, theirs)) and alike(tally, other)
    assert books[0].spending[..., ledger.SPENDING.index("cash")].sum() > 0 and not np.array_equal(
        books[0].ledger, books[1].ledger
    )


def test_a_room_of_other_measures_is_made_ready(tmp_path):
    """Mutation: what the measures of another scenario kept there is taken for one's own."""
    first, second = (
        plan.town(tmp_path, {**TOWNS[name], "net": NET}, count=260) for name in ("people's health and debts", "land and law")
    )
    room = first.start.copy()
    tally = ledger.open_tally(second)
    run_replicate(first, 0, ledger.open_tally(first), room=room)
    used, alone = (run_replicate(second, 1, tally, room=one) for one in (room, second.start.copy()))
    assert alike(used, alone)


def test_a_room_serves_both_ways_in_turn(tmp_path, monkeypatch):
    """Mutation: luck and numbers of a replicate are kept for the phases while the one call has set those of another."""
    world = plan.town(tmp_path, {**TOWNS["money and pools"], "net": NET}, count=260, years=1, **LUCK)
    room, books = world.start.copy(), []
    for whole, replicate in ((False, 0), (True, 1), (False, 0)):
        with monkeypatch.context() as patch:
            if not whole:
                patch.setattr(year, "in_one_call", lambda s, world, year: False)
            books.append(run_replicate(world, replicate, ledger.open_tally(world), room=room))
    assert alike(books[0], books[2]) and not alike(books[0], books[1])


def test_a_block_holds_somebody(tmp_path):
    """Mutation: a block of none is passed through, and nobody lives."""
    world = plan.town(tmp_path, {}, count=20)
    with pytest.raises(RuleError, match="block=-1"):
        build_world(lives.tables(20), world.scenario, block=-1)


def test_steps_run_in_turn_up_to_the_first_fault(tmp_path):
    seen, fault = np.zeros(3, np.int64), np.zeros(2, np.int64)
    steps = [program.step(note, Part(seen=seen, fault=fault, k=k, wrong=int(k == 1))) for k in range(3)]
    program.Program({"first": steps[:2], "last": steps[2:]}).run(fault)
    assert seen.tolist() == [1, 1, 0] and fault[0] == 1


def note(seen, fault, k, wrong):
    seen[k] += 1
    fault[0] = wrong
