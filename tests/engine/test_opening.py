"""What the registered poor truly earn at the opening: level and spread, months before wages, what is paid by rule standing."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.core.schema import Status
from povsim.engine import columns as c
from povsim.engine import opening
from povsim.engine.state import FEN
from tests.engine import plan

LINE = 3100.0  # exit line of the opening year


def restated(tmp_path, rows, **changed):
    world = plan.town(tmp_path, {}, made=plan.homes(rows), opening=changed)
    s = world.start.copy()
    opening.restate(s, world)
    return s, world


def home(operating=0.0, transfer=0.0, wage=0.0, months=0.0, **more):
    person = {"months": months, "wage_month": wage, "work": int(months > 0)}
    return dict(income_wage=wage * months, income_operating=operating, income_transfer=transfer, people=[person, {}], **more)


def head(s):
    return s.items.sum(axis=0) / FEN / s.hi[c.SIZE]


def test_as_stated_nothing_moves(tmp_path):
    s, world = restated(tmp_path, [home(3000.0, 1000.0, 1500.0, 4.0)])
    assert all((getattr(s, name) == getattr(world.start, name)).all() for name in ("items", "pi", "pf", "hf"))


def test_the_level_moves_the_whole_by_what_is_earned(tmp_path):
    s, world = restated(tmp_path, [home(3000.0, 1000.0)], income_level=1.2)
    assert head(s) == pytest.approx(1.2 * head(world.start))
    assert s.items[opening.ROW["other_transfer"], 0] == 1000 * FEN, "what is paid by rule is known"
    assert s.hf[c.REPORTED, 0] == 2000.0 and s.hf[c.TRUE_HEAD, 0] == pytest.approx(2400.0), "the office sees what it wrote"


def test_months_move_before_wages(tmp_path):
    s, _ = restated(tmp_path, [home(wage=1000.0, months=6.0), home(wage=1000.0, months=10.0)], income_level=1.3)
    first = s.pi[c.MONTHS] > 0
    assert s.pi[c.MONTHS, first].tolist() == [78, 120] and s.pf[c.USUAL, first].tolist() == [7.8, 12.0]
    assert s.pf[c.WAGE_MONTH, first] == pytest.approx([1000.0, 1000.0 * 13.0 / 12.0])


def test_the_spread_turns_about_its_middle(tmp_path):
    middle = 0.75 * LINE
    heads = np.array([0.6, 1.0, 1.3]) * middle
    s, world = restated(tmp_path, [home(2.0 * x) for x in heads], income_spread=1.5)
    line = opening.lines_of(world, 2016).exit
    assert line == LINE
    assert np.log(head(s) / middle) == pytest.approx(1.5 * np.log(heads / middle), abs=1e-4)


def test_only_the_registered_poor_are_restated_and_nobody_below_nothing(tmp_path):
    rows = [home(3000.0), home(3000.0, status=Status.EXITED), home(3000.0, status=Status.GENERAL), home(100.0, 6000.0)]
    s, world = restated(tmp_path, rows, income_level=0.8)
    assert head(s)[1:3].tolist() == head(world.start)[1:3].tolist() and head(s)[0] == pytest.approx(0.8 * 1500.0)
    assert s.items[opening.ROW["farm"], 3] == 0 and head(s)[3] == 3000.0
