"""Owns: one household's account, item by item and year by year, and what each measure put into it, in one replicate.
Never: changes a life (what is recorded is lived as it would have been), or says what it means (simulation.why).

A recorder hangs on the state as ``watch``. Without one, as runs go, the engine only asks once a measure whether there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import EXPENSES, ITEMS, LACKS, Work
from povsim.engine import columns as c
from povsim.engine.income import FARM, SUPPORT, WAGES, to_fen, wage_income
from povsim.engine.state import FEN, in_stock

if TYPE_CHECKING:
    from povsim.engine.state import State
    from povsim.engine.world import World

Longs = NDArray[np.int64]

ASIDE: Final = ("grant", "in_kind", "credited", "relieved")  # of a measure, beside what it enters as income; see `policy.kind`
LOSSES: Final = ("job", "illness", "disaster", "support")  # of a year's income, each as if it came alone, the year as it was
NOTED: Final = (
    c.SIZE, c.STATUS, c.MONITORING, c.CATEGORY, c.HOUSE_SAFE, c.WATER_SAFE, c.SCHOOL_SAFE, c.INSURED_ALL,
)  # fmt: skip
AT_LAST: Final = (c.FIRST_EXIT, c.FELL_BEFORE_NET, c.FALL_CAUSE)
_NO_CONTEXT: Final = nullcontext()


def entering(s: State, index: int) -> AbstractContextManager[None]:
    """While a measure enters its year into the accounts: what changes in the watched household's is its doing."""
    return _NO_CONTEXT if s.watch is None else s.watch.entering(s, index)


class Recorder:
    """The account of one household in one replicate; the first row of each array is the opening year.

    Parameters
    ----------
    world : World
        The run.
    household : int
        Row of the household.

    Attributes
    ----------
    items : int64 (years + 1, len(ITEMS))
        The income account, fen.
    given : int64 (years + 1, measures, len(ITEMS))
        What of it each measure entered, fen; wages of a post belong to the measure whose post it is.
    aside : int64 (years + 1, measures, len(ASIDE))
        What it gave that is no income, what wages it is credited with, what it took off own-paid expenditure, fen.
    spent : int64 (years + 1, len(EXPENSES))
        Own-paid expenditure, fen.
    held : bool (years + 1, measures)
        Whether somebody in the household has it.
    losses : int64 (years + 1, len(LOSSES))
        Fen of registry income that each would have cost.
    noted : int64 (years + 1, len(NOTED))
        Rows of the household at the end of the year.
    heads : float64 (years + 1, 3)
        Registry income per head: true, before the safety net, reported; yuan.
    lines : float64 (years + 1,)
        Line that judges exit.
    lacks : bool (years + 1, len(LACKS))
        What it lacks, where it is still poor.
    last : int64 (len(AT_LAST),)
        At the end of the life.
    """

    def __init__(self, world: World, household: int) -> None:
        years, measures = len(world.years) + 1, len(world.scenario.measures)
        self.household = household
        self.items = np.zeros((years, len(ITEMS)), np.int64)
        self.given = np.zeros((years, measures, len(ITEMS)), np.int64)
        self.aside = np.zeros((years, measures, len(ASIDE)), np.int64)
        self.spent = np.zeros((years, len(EXPENSES)), np.int64)
        self.held = np.zeros((years, measures), bool)
        self.losses = np.zeros((years, len(LOSSES)), np.int64)
        self.noted = np.zeros((years, len(NOTED)), np.int64)
        self.heads = np.zeros((years, 3))
        self.lines = np.zeros(years)
        self.lacks = np.zeros((years, len(LACKS)), bool)
        self.last = np.zeros(len(AT_LAST), np.int64)
        self._row = 0

    @contextmanager
    def entering(self, s: State, index: int) -> Iterator[None]:
        """See `entering`."""
        items, spent = s.items[:, self.household].copy(), s.spent[:, self.household].sum()
        yield
        self.given[self._row, index] += s.items[:, self.household] - items
        self.aside[self._row, index, ASIDE.index("relieved")] += spent - s.spent[:, self.household].sum()

    def answered(self, index: int, house: NDArray[Any], answer: Mapping[str, Any]) -> None:
        """Note what a kind answered for the household's holders that enters no account."""
        mine = house == self.household
        for column, name in enumerate(ASIDE):
            if name in answer:
                yuan = np.broadcast_to(answer[name], len(house))[mine]
                self.aside[self._row, index, column] += int(np.rint(yuan * FEN).sum())

    def begin(self, s: State, world: World) -> None:
        """Note the opening year, when its account has been backed out."""
        self._close(s, world, world.scenario.run.opening)

    def close(self, s: State, world: World, year: int) -> None:
        """Note a year that has been assessed."""
        from povsim.engine.ledger import holding, lacking

        h = self.household
        self._posts(s, world, year)
        self.held[self._row] = holding(s, world)[:, h]
        poor = in_stock(s.hi[c.STATUS])
        self.lacks[self._row] = lacking(s, world, year, poor)[:, h]
        self._close(s, world, year)

    def _close(self, s: State, world: World, year: int) -> None:
        from povsim.engine.assessment import lines_of

        row, h = self._row, self.household
        self.items[row], self.spent[row] = s.items[:, h], s.spent[:, h]
        self.losses[row] = self._lost(s, world, year)
        self.noted[row] = s.hi[list(NOTED), h]
        self.heads[row] = s.hf[[c.TRUE_HEAD, c.BEFORE_NET, c.REPORTED], h]
        self.lines[row] = lines_of(world, year).exit
        self.last[:] = s.hi[list(AT_LAST), h]
        self._row += 1

    def _wages(self, s: State, world: World, year: int) -> tuple[NDArray[np.intp], Longs]:
        """Places of the household's members, and the fen that each earned in wages, as the account has them."""
        off, pi = world.layout.off, s.pi
        place = np.arange(off[self.household], off[self.household + 1])
        place = place[pi[c.ALIVE, place] == 1]
        yuan = wage_income(pi[c.MONTHS, place], s.pf[c.WAGE_MONTH, place], pi[c.PAID, place], world.at("work", year))
        return place, to_fen(yuan).astype(np.int64)

    def _posts(self, s: State, world: World, year: int) -> None:
        """Wages of posts are entered by the work phase; here they go to the measures whose posts they are."""
        place, fen = self._wages(s, world, year)
        for i, amount in zip(place, fen, strict=True):
            post, paid = s.pi[c.POST, i] - 1, s.pi[c.PAID, i]
            if post >= 0 and paid in (Work.WORKSHOP, Work.POST):
                self.given[self._row, post, WAGES[paid]] += amount

    def _lost(self, s: State, world: World, year: int) -> list[int]:
        """Fen that each of ``LOSSES`` would have cost: best wage, months of it, part of the harvest, support by children."""
        _, fen = self._wages(s, world, year)
        best, h = int(fen.max(initial=0)), self.household
        health, shocks = world.at("health", year), world.at("shocks", year)
        farm = max(int(s.items[FARM, h]), 0)
        ill, lost = min(health.months_lost / 12.0, 1.0), shocks.disaster_farm_loss
        return [best, round(best * ill), round(farm * lost), int(s.items[SUPPORT, h])]
