"""Owns: what the registered poor truly earn when a run opens, where that is not what the register states.
Never: tells incomes apart by item (income.open_accounts) or backs working lives out (labour.open_work).

What an office writes down at the opening is an assessment. Two parameters say how far the truth may lie from it: one for the
level, one for the spread around the middle. What is paid by rule is known; only wages and farming are restated, wages first by
months. The office goes on seeing what it wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core.elementary import exp, floor, log, maximum, minimum
from povsim.core.schema import ITEMS
from povsim.engine import columns as c
from povsim.engine.assessment import lines_of
from povsim.engine.state import FEN, in_stock

if TYPE_CHECKING:
    from povsim.engine.state import State
    from povsim.engine.world import World

Value = Any  # a number or a column

ROW: Final = {item.name: row for row, item in enumerate(ITEMS)}
EARNED: Final = [ROW["wage_local"], ROW["farm"]]  # as stated: where wages were earned is told apart later
YEAR = 120  # tenths of a month
MOST = 4.0  # nobody earns more than so many times what is stated


def restated(head: Value, middle: Value, level: Value, spread: Value) -> Value:
    """True over stated income per head: the level, and the distance from the middle drawn out or in."""
    return level * exp((spread - 1.0) * log(maximum(head, 1.0) / middle))


def earned_factor(total: Value, earned: Value, ratio: Value) -> Value:
    """Factor on what is earned that brings the whole to ``ratio`` times itself, the rest standing."""
    wanted = maximum(0.0, earned + (ratio - 1.0) * total)
    return minimum(MOST, wanted / maximum(earned, 1.0))


def restate(s: State, world: World) -> None:
    """Bring wages and farming of the registered poor to what they truly are at the opening.

    Parameters
    ----------
    s : State
        As opened; the items as stated, months and wages of persons change. ``REPORTED`` stays.
    world : World
        The run.
    """
    opening = world.scenario.run.opening
    p, line = world.at("opening", opening), lines_of(world, opening).exit
    if p.income_level == 1.0 and p.income_spread == 1.0:
        return
    total, earned = s.items.sum(axis=0) / FEN, s.items[EARNED].sum(axis=0) / FEN
    ratio = restated(s.hf[c.TRUE_HEAD], p.income_middle * line, p.income_level, p.income_spread)
    who = in_stock(s.hi[c.STATUS]) & (earned > 0.0)
    factor = np.where(who, earned_factor(total, earned, ratio), 1.0)

    of = factor[world.layout.house]
    months = minimum(YEAR, floor(s.pi[c.MONTHS] * of + 0.5))
    paid = s.pi[c.MONTHS] > 0
    rest = np.where(paid, s.pi[c.MONTHS] * of / maximum(months, 1.0), 1.0)
    s.pf[c.WAGE_MONTH] *= np.where(paid & (of != 1.0), rest, 1.0)
    s.pf[c.USUAL] = np.where(paid & (of != 1.0), months / 10.0, s.pf[c.USUAL])
    s.pi[c.MONTHS] = np.where(paid, months, s.pi[c.MONTHS])
    s.items[EARNED] = np.where(who, np.rint(s.items[EARNED] * factor), s.items[EARNED])
    s.last[:] = s.items
    head = s.items.sum(axis=0) / FEN / np.maximum(s.hi[c.SIZE], 1)
    for row in (c.TRUE_HEAD, c.TRUE_LAST):
        s.hf[row] = np.where(who, head, s.hf[row])
