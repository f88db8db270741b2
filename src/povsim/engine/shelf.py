"""Owns: what the measures keep from year to year, in matrices over all of them, and by measure and name.
Never: says who holds a measure (allocation), what it brings (yields) or what it spends (measures)."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.engine import compile as compiler
from povsim.engine.compile import Part
from povsim.policy.kind import Kind, find

if TYPE_CHECKING:
    from povsim.core.params import Measure
    from povsim.engine.world import World

Array = NDArray[Any]

# What a measure leaves in the ledger each year: counts, and money in fen. It spends cash + kind_value + village + overhead, of
# which from_village comes out of villages' proceeds, that were spent when the villages received them; crowded_out is no spending.
# Holders and new_holders are households (holders villages, where they hold it); newly_served and unmet are in the unit of the
# holder, so that those who wanted it are their sum; quota_used is in thousandths of the quota's unit, 0 where there is no quota.
SPENDING: Final = (
    "holders", "new_holders", "newly_served", "unmet", "quota_used", "cash", "kind_value", "village", "overhead", "repaid",
    "jobs", "from_village", "crowded_out",
)  # fmt: skip
(
    HOLDERS, NEW, NEWLY_SERVED, UNMET, QUOTA_USED, CASH, KIND_VALUE, VILLAGE_MONEY, OVERHEAD, REPAID, JOBS,
    FROM_VILLAGE, CROWDED_OUT,
) = range(len(SPENDING))  # fmt: skip
THOUSANDTHS: Final = 1000  # of a unit of a quota, so that kW, too, are counted in whole numbers
MONEY: Final = ("cash", "kind_value", "village", "overhead", "repaid", "from_village", "crowded_out")

Kept = namedtuple("Kept", ["held", "over", "since", "slot", "paid", "own", "firsts"])
Kept.__doc__ = """What measures of one sort of holder keep: a row each over all units, of ``own`` a row for each own column.

``held``; ``over`` (it came to its end by itself); ``since`` (year); ``slot`` (of a person: places are taken again); ``paid``
(1 where the budget reaches the holder); the kinds' own columns, and what each begins with (``firsts``).
"""


@dataclass(frozen=True)
class Rows:
    """Where a measure keeps its things: the row among those of its sort of holder, its own columns, its common numbers."""

    row: int
    own: slice
    common: slice


@dataclass(frozen=True)
class Plan:
    """Where every measure of a scenario keeps its things, and how much there is."""

    ids: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[Rows, ...]
    units: dict[str, int]  # by sort of holder
    measures: dict[str, int]
    columns: dict[str, list[float]]  # first values of own columns, in order
    common: list[float]
    first_rows: dict[str, NDArray[np.int64]]  # where own columns begin, by measure of the sort, and where they end

    def serves(self, other: Plan) -> bool:
        """Whether it is the plan of the same measures, of the same kinds, in a town of the same size."""
        return self is other or (self.ids, self.kinds, self.units) == (other.ids, other.kinds, other.units)


def plan_of(world: World) -> Plan:
    """The plan of a world's measures; made once."""
    plan: Plan = world.keep(("shelf",), lambda: _plan(world, world.scenario.measures))
    return plan


def _plan(world: World, measures: tuple[Measure, ...] | list[Measure]) -> Plan:
    layout = world.layout
    units = {"household": layout.households, "person": layout.places, "village": layout.villages}
    number, columns, common, rows = dict.fromkeys(units, 0), {of: [0.0] * 0 for of in units}, [0.0] * 0, []
    kinds = tuple(find(measure.kind) for measure in measures)
    for kind in kinds:
        own, of = columns[kind.holder], kind.holder
        place = slice(len(own), len(own) + len(kind.own)), slice(len(common), len(common) + len(kind.common))
        rows.append(Rows(number[of], *place))
        own.extend(kind.own.values())
        common.extend(kind.common.values())
        number[of] += 1
    first_rows = {
        of: np.array(
            [*(at.own.start for at, kind in zip(rows, kinds, strict=True) if kind.holder == of), len(columns[of])], np.int64
        )
        for of in units
    }
    return Plan(tuple(measure.id for measure in measures), kinds, tuple(rows), units, number, columns, common, first_rows)


class Shelf:
    """What all measures keep in one replicate.

    Attributes
    ----------
    of : mapping of sort of holder to Kept
        Matrices over the measures of households, persons, villages.
    common : float64
        The kinds' common numbers.
    given : int64 (measures, households)
        Fen of this year that the means test sees.
    books : int64 (measures, len(SPENDING))
        This year's spending.
    slots : int32 (places,)
        Who stood in each place when measures were last given.
    """

    def __init__(self, plan: Plan) -> None:
        households, places, count = plan.units["household"], plan.units["person"], len(plan.kinds)
        self.plan = plan
        self.of = {of: _kept(plan, of) for of in plan.units}
        self.of_villages = _kept(plan, "village")  # as they begin
        self.common = np.array(plan.common)
        self.given = np.zeros((count, households), np.int64)
        self.books = np.zeros((count, len(SPENDING)), np.int64)
        self.slots = np.full(places, -1, np.int32)
        self.by_id = {id: self._named(index) for index, id in enumerate(plan.ids)}

    @cached_property
    def part(self) -> Part:
        """As compiled loops take it (engine.program)."""
        kept = {"homes": self.of["household"], "persons": self.of["person"], "villages": self.of["village"]}
        return Part(**kept, **{name: getattr(self, name) for name in ("common", "given", "books", "slots")})

    def _named(self, index: int) -> dict[str, Array]:
        """The rows of a measure by name: own columns and common numbers too."""
        kind, at = self.plan.kinds[index], self.plan.rows[index]
        kept = self.of[kind.holder]
        columns, common = kept.own[at.own], self.common[at.common]
        return {
            **{name: getattr(kept, name)[at.row] for name in ("held", "since", "slot", "over", "paid")},
            "columns": columns,
            **dict(zip(kind.own, columns, strict=True)),
            **{name: common[j : j + 1] for j, name in enumerate(kind.common)},
            "given": self.given[index],
            "books": self.books[index],
        }

    def empty(self) -> None:
        """As if nothing had ever been held."""
        body = compiler.lift(empty_loop) if compiler.enabled() else empty_loop
        for of in ("household", "person"):
            body(self.of[of], self.plan.first_rows[of])
        for kind, at in zip(self.plan.kinds, self.plan.rows, strict=True):
            if kind.apart:  # its phase keeps no year in which one began
                kept = self.of[kind.holder]
                kept.held[at.row] = False
                kept.own[at.own] = kept.firsts[at.own, None]
        for mine, first in zip(self.of["village"], self.of_villages, strict=True):
            mine[...] = first
        self.common[:], self.given[:], self.books[:], self.slots[:] = self.plan.common, 0, 0, -1

    def copy(self) -> Shelf:
        """An independent copy."""
        twin = Shelf(self.plan)
        for of, kept in self.of.items():
            for mine, theirs in zip(twin.of[of], kept, strict=True):
                mine[...] = theirs
        for name in ("common", "given", "books", "slots"):
            getattr(twin, name)[...] = getattr(self, name)
        return twin


def empty_loop(kept: Any, first_rows: Any) -> None:
    """Take back what measures gave; whoever ever held one has the year of it. The rows of a measure's own columns begin at
    ``first_rows``, and end where those of the next begin.
    """
    for m in range(len(kept.held)):
        since = kept.since[m]
        for i in range(len(since)):
            if since[i] == 0:
                continue
            since[i] = 0
            kept.held[m, i], kept.over[m, i], kept.paid[m, i] = False, False, 1.0
            if kept.slot.shape[1] > 0:
                kept.slot[m, i] = -1
            for j in range(first_rows[m], first_rows[m + 1]):
                kept.own[j, i] = kept.firsts[j]


def _kept(plan: Plan, of: str) -> Kept:
    count, units, firsts = plan.measures[of], plan.units[of], np.array(plan.columns[of], np.float64)
    own = np.empty((len(firsts), units))
    own[:] = firsts[:, None]
    return Kept(
        np.zeros((count, units), np.bool_),
        np.zeros((count, units), np.bool_),
        np.zeros((count, units), np.int32),
        np.full((count, units if of == "person" else 0), -1, np.int32),
        np.ones((count, units)),
        own,
        firsts,
    )
