"""Owns: what compiled bodies know of the measures of a year: records, conditions, the numbers and addresses of hooks.
Never: changes in a run (numbers that are drawn: serving.unasked), or says what a hook does (policy.measures, engine.hooks)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.randomness import identity, key_of
from povsim.engine import columns as c
from povsim.engine import draws as luck_of
from povsim.engine import hooks
from povsim.engine.measures import (
    COMING,
    DERIVED_HOUSE,
    ENDS,
    EXPENSE,
    GUARANTEES,
    ITEM,
    ended,
    fen_of_budget,
    first_months,
    local_wage,
    rows_of,
    running,
    seen_by_means,
    things_shared,
    village_named,
)
from povsim.engine.shelf import plan_of
from povsim.policy.kind import Kind, decision

if TYPE_CHECKING:
    from povsim.core.params import Condition, Measure, Values
    from povsim.engine.world import World

Rows = NDArray[np.int64]

# --- records ---------------------------------------------------------------------------------------------

ASKED: Final = ("adopts", "keeps", "fits", "costs", "begins", "helps", "yields", "shares", "members")
MEASURE: Final = np.dtype(
    [
        ("served", "?"),  # by compiled bodies: households or persons hold it, and all its hooks are expressions
        ("shared_out", "?"),  # by compiled bodies: villages hold it
        ("persons", "?"),
        ("row", "i8"), ("own0", "i8"), ("own1", "i8"), ("common0", "i8"),  # where it keeps its things (shelf)
        ("adopting", "?"), ("running", "?"), ("ended", "?"), ("stays", "?"), ("by_right", "?"), ("by_calendar", "?"),
        ("delivers", "?"), ("shares_purse", "?"),  # it has common numbers, so that it yields without holders too
        ("single", "i8"),  # number of the kind of which a household holds one, -1
        ("route", "i8"), ("start_month", "i8"), ("first_months", "f8"), ("take_up", "f8"), ("order", "i8"),
        ("quota", "f8"), ("takes", "i8"), ("each", "f8"), ("by_village", "?"), ("of_posts", "?"),
        ("budget", "i8"),  # fen, -1 for none
        ("more", "f8"),  # cost with overhead, times
        ("overhead", "f8"),  # 0 where the parameters have none
        ("budget_at", "i8"), ("fund_at", "i8"),  # where `costs` says them, -1
        ("counts", "i8"),  # row of the members that it counts, -1
        ("condition0", "i8"), ("condition1", "i8"), ("person0", "i8"), ("person1", "i8"),
        ("k0", "u8"), ("k1", "u8"),  # the key of its draws
        *((hook, "i8") for hook in ASKED),  # rows of HOOK, -1 for none
    ],
    align=True,
)  # fmt: skip
HOOK: Final = np.dtype(
    [
        ("address", "i8"), ("answers", "i8"), ("lasting", "?"), ("draws", "i8"), ("dense", "?"),
        *((name, "i8") for part in ("numbers", "moving", "groups", "derived", "does") for name in (f"{part}0", f"{part}1")),
    ],
    align=True,
)  # fmt: skip

POOREST, LARGEST_GAP, LIST, REGISTERED, LOTTERY, HELD_LONGEST = range(6)
BY_HOME: Final = LOTTERY  # the orders before it look at the household alone
ORDERS: Final = {"poorest": POOREST, "largest_gap": LARGEST_GAP, "list": LIST, "lottery": LOTTERY, "registered": REGISTERED}
EACH, MEMBERS, FIXED, FIRST = range(4)  # what one takes of a quota
GENERIC: Final = ("measure_take_up", "measure_lottery")

# --- conditions as data ----------------------------------------------------------------------------------

IN, AT_LEAST, OVER, AT_MOST, UNDER, BETWEEN = range(6)
_OPS: Final = {"in": IN, ">=": AT_LEAST, ">": OVER, "<=": AT_MOST, "<": UNDER, "between": BETWEEN}
HI, HF, COLS = 0, 1, 2
_MATRICES: Final = {"hi": HI, "hf": HF, "cols": COLS, "pi": HI, "pf": HF}


def _conditions(world: World, measure: Measure, of: str, values: list[float]) -> list[tuple[int, ...]]:
    """A row for each condition: matrix, row, operation, first and last of its ``values``."""
    return [_condition(world, one, of, values) for one in measure.eligible if one.of == of]


def _condition(world: World, one: Condition, of: str, values: list[float]) -> tuple[int, ...]:
    given = list(one.values)
    if one.field == "village":
        matrix, row = "hi", c.VILLAGE
        given = [v for v, name in enumerate(world.layout.village_names) if name in given]
    elif one.field in DERIVED_HOUSE and of == "household":
        matrix, row = "cols", DERIVED_HOUSE.index(one.field)
    else:
        matrix, row = rows_of(of)[one.field]
    first = len(values)
    values += [float(value) for value in given]
    return _MATRICES[matrix], row, _OPS[one.op], first, len(values)


# --- what an answer does ---------------------------------------------------------------------------------

(
    FINDING, WAGES, ONSET, POST_WAGE, POST_AT, POST_MONTHS, AIDED, SKILLED_NOW, CONVERTED, LAND, HILL, LABOUR,
    UNFIT, SAFE, SOON, FUND, PREMIUM, SCHOOL, OWN, COMMON, OTHER,
) = range(21)  # fmt: skip
_HELPS: Final = {
    "finding": (FINDING, c.FIND_HELP), "wages": (WAGES, c.WAGE_HELP), "onset": (ONSET, c.ONSET_HELP),
    "post_wage": (POST_WAGE, 0), "post_at": (POST_AT, 0), "post_months": (POST_MONTHS, 0), "aided": (AIDED, 0),
    "skilled": (SKILLED_NOW, 0), "converted": (CONVERTED, 0), "land": (LAND, DERIVED_HOUSE.index("free_land")),
    "hill": (HILL, DERIVED_HOUSE.index("free_hill")), "labour": (LABOUR, DERIVED_HOUSE.index("able_months")),
    "house_unfit": (UNFIT, 0), "premium": (PREMIUM, 0), **{name: (SAFE, row) for name, row in GUARANTEES.items()},
    "school_safe": (SCHOOL, 0), "post_fund": (FUND, 0), **{name: (SOON, row) for name, row in COMING.items()},
}  # fmt: skip
(
    INCOME, CASH_OUT, VALUE, ONCE, SEEN, PROCEEDS, BACK, POSTS, HANDS, CREDIT, RELIEF, MANAGED, BORNE, ENDED, OWED, WITHIN,
    OWNED, RUN,
) = range(30, 48)  # fmt: skip
_YIELDS: Final = {
    "wages_paid": CASH_OUT, "grant": CASH_OUT, "in_kind": VALUE, "building": ONCE, "running": RUN, "post_income": SEEN,
    "proceeds": PROCEEDS, "repaid": BACK, "jobs": POSTS, "labour": HANDS, "credited": CREDIT, "overhead": MANAGED,
    "from_village": BORNE, "debt_service": OWED, "within": WITHIN,
}  # fmt: skip


def _kept_by(kind: Kind, name: str) -> tuple[int, int] | None:
    """Code and row of what an answer changes of the measure's own."""
    if name in kind.own:
        return OWN, list(kind.own).index(name)
    return (COMMON, list(kind.common).index(name)) if name in kind.common else None


def _helps(kind: Kind, names: tuple[str, ...]) -> list[tuple[int, int, int, int]]:
    """What each answer does, in the order in which it is done: code, row, nothing, its place among the answers."""
    rows = [(*(_kept_by(kind, name) or _HELPS.get(name, (OTHER, 0))), 0, at) for at, name in enumerate(names)]
    return sorted(rows, key=lambda one: one[0])


def _yields(world: World, kind: Kind, names: tuple[str, ...], p: Values) -> list[tuple[int, int, int, int]]:
    """The same of what comes of it; third, of an income: bit 1 if the means test sees it, 2 if it is paid; of a relief: the
    column that the next measure sees.
    """
    rows = []
    for at, name in enumerate(names):
        what = _kept_by(kind, name)
        if what is not None:
            rows.append((*what, 0, at))
        elif name in ITEM:
            rows.append((INCOME, ITEM[name], int(seen_by_means(name)) + 2 * (name in kind.pays), at))
        elif name.startswith("relief_"):
            expense = name.removeprefix("relief_")
            rows.append((RELIEF, EXPENSE[expense], DERIVED_HOUSE.index(f"own_paid_{expense}"), at))
        elif name in ENDS:
            rows.append((ENDED, ENDS[name], 0, at))
        elif name == "owned_proceeds":
            if p.village:
                rows.append((OWNED, village_named(world.layout, p.village), 0, at))
        else:
            rows.append((_YIELDS.get(name, OTHER), 0, 0, at))
    return rows


# --- the roster of a year --------------------------------------------------------------------------------

HOLDERS, OF_COMMON = range(2)  # numbers that change while measures are asked


@dataclass
class Roster:
    """The measures of a scenario in a year, as compiled bodies take them; the same in all replicates.

    Attributes
    ----------
    measures : records of MEASURE
    hooks : records of HOOK
    numbers : float64
        The parameters that hooks read, one hook after the other; what is drawn stands open (serving.unasked).
    moving : int64 (n, 3)
        Numbers that change while measures are asked: place, HOLDERS or OF_COMMON, which of the common numbers.
    groups, lanes, normal : as in `draws.Plan`, of all hooks
    derived : int64 (n, 2)
        Columns made of the state that a hook reads: 1 of a person, row.
    does : int64 (n, 4)
        What answers do.
    conditions : int64 (n, 5); values : float64
        See `_condition`.
    """

    measures: Any
    hooks: Any
    numbers: NDArray[np.float64]
    moving: Rows
    groups: NDArray[np.uint64]
    lanes: Rows
    normal: NDArray[np.bool_]
    derived: Rows
    does: Rows
    conditions: Rows
    values: NDArray[np.float64]
    counting: int  # number of measures that count members
    answers: int  # of the hook that answers most
    drawn: Rows  # (n, 3): where a shared draw stands, which of ``decisions`` it is, of which of ``things``
    decisions: tuple[str, ...]
    things: NDArray[np.uint64]  # the identities of what is shared

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How much memory it takes: measures, those that count members, answers, numbers, measures of single kinds."""
        single = int((self.measures["single"] >= 0).sum())
        return len(self.measures), self.counting, self.answers, len(self.numbers), single


def roster_of(world: World, year: int) -> Roster:
    """The roster of a year; made once for a world."""
    roster: Roster = world.keep(("roster", year), lambda: _Maker(world, year).make())
    return roster


def all_served(world: World, year: int) -> bool:
    """Whether compiled bodies serve every measure but those that have a phase of their own."""

    def look() -> bool:
        measures = roster_of(world, year).measures
        return all(
            kind.apart or one["served"] or one["shared_out"] for kind, one in zip(plan_of(world).kinds, measures, strict=True)
        )

    served: bool = world.keep(("served", year), look)
    return served


class _Maker:
    """Gathers the lists of a roster."""

    def __init__(self, world: World, year: int) -> None:
        self.world, self.year, self.plan = world, year, plan_of(world)
        self.hooks: list[tuple[Any, ...]] = []
        self.numbers: list[float] = []
        self.values: list[float] = []
        self.moving: list[tuple[int, int, int]] = []
        self.groups: list[Any] = []
        self.lanes: list[Any] = []
        self.normal: list[Any] = []
        self.derived: list[tuple[int, int]] = []
        self.does: list[tuple[int, int, int, int]] = []
        self.conditions: list[tuple[int, ...]] = []
        self.drawn: list[tuple[int, str, str]] = []  # place, decision, name of the thing
        self.singles: list[str] = []
        self.counting = 0

    def make(self) -> Roster:
        measures = np.zeros(len(self.plan.kinds), MEASURE)
        measures["single"] = -1
        for index, measure in enumerate(self.world.scenario.measures):
            kind = self.plan.kinds[index]
            if not kind.apart:
                self._enter(measures[index], index, measure, kind, self.world.measure(index, self.year))
        decisions, things = sorted({one[1] for one in self.drawn}), sorted({one[2] for one in self.drawn})
        drawn = np.array([(place, decisions.index(d), things.index(thing)) for place, d, thing in self.drawn], np.int64)
        return Roster(
            measures,
            np.array([tuple(one) for one in self.hooks], HOOK),
            np.array(self.numbers, np.float64),
            np.array(self.moving, np.int64).reshape(-1, 3),
            np.array(self.groups, np.uint64),
            np.array(self.lanes, np.int64).reshape(-1, 4),
            np.array(self.normal, np.bool_).reshape(-1, 4),
            np.array(self.derived, np.int64).reshape(-1, 2),
            np.array(self.does, np.int64).reshape(-1, 4),
            np.array(self.conditions, np.int64).reshape(-1, 5),
            np.array(self.values, np.float64),
            self.counting,
            max((one[1] for one in self.hooks), default=0),
            drawn.reshape(-1, 3),
            tuple(decisions),
            np.array([identity(thing) for thing in things], np.uint64),
        )

    def _enter(self, o: Any, index: int, measure: Measure, kind: Kind, p: Values) -> None:
        """Fill in the record of one measure."""
        world, year, at = self.world, self.year, self.plan.rows[index]
        o["persons"], o["row"] = kind.holder == "person", at.row
        o["own0"], o["own1"], o["common0"] = at.own.start, at.own.stop, at.common.start
        o["adopting"] = year == world.years[0] and kind.adopts is not None and measure.start_year <= year
        o["running"], o["ended"], o["stays"] = running(measure, year), ended(measure, year), kind.stays
        o["by_right"], o["delivers"], o["route"] = kind.by_right, kind.delivers, int(kind.route)
        o["shares_purse"] = bool(kind.common)
        o["by_calendar"] = measure.kept_until is None or year <= measure.kept_until
        o["single"] = -1
        if kind.single:
            self.singles += [kind.name] * (kind.name not in self.singles)
            o["single"] = self.singles.index(kind.name)
        o["start_month"], o["first_months"] = measure.start_month, first_months(measure)
        o["take_up"], o["order"] = measure.take_up, ORDERS[measure.order]
        o["quota"], o["takes"], o["each"], o["by_village"], o["of_posts"] = _quota(measure, kind, p, year)
        o["budget"] = fen_of_budget(measure, year)
        o["overhead"] = p.overhead if "overhead" in p else 0.0
        o["more"] = 1.0 + o["overhead"]
        o["k0"], o["k1"] = key_of(world.scenario.run.seed, measure.id)
        for of, first, last in (("household", "condition0", "condition1"), ("person", "person0", "person1")):
            o[first] = len(self.conditions)
            self.conditions += _conditions(world, measure, of, self.values)
            o[last] = len(self.conditions)
        for hook in ASKED:
            o[hook] = -1
        o["budget_at"] = o["fund_at"] = o["counts"] = -1
        loops = {hook: hooks.loop_of(world, index, kind, hook, year) for hook in ASKED if getattr(kind, hook) is not None}
        if not all(loop.address for loop in loops.values()):
            return
        if "shares" in loops and set(loops["shares"].names) != set(loops["yields"].names) & ITEM.keys():
            return  # refused in columns
        o["shared_out" if kind.holder == "village" else "served"] = True
        counts = any((0, DERIVED_HOUSE.index("members")) in loop.derived for loop in loops.values())
        if not o["persons"] and (counts or o["person1"] > o["person0"] or kind.members is not None):
            o["counts"], self.counting = self.counting, self.counting + 1
        for hook, loop in loops.items():
            o[hook] = len(self.hooks)
            self._bind(index, kind, hook, loop, p)
        if kind.costs is not None:
            names = loops["costs"].names
            o["budget_at"], o["fund_at"] = (names.index(one) if one in names else -1 for one in ("budget", "post_fund"))

    def _bind(self, index: int, kind: Kind, hook: str, loop: hooks.Loop, p: Values) -> None:
        """Enter one hook."""
        world, first, moving0 = self.world, len(self.numbers), len(self.moving)
        groups0, derived0, does0 = len(self.groups), len(self.derived), len(self.does)
        self.numbers += loop.row.tolist()
        for slot, path in loop.moving:
            self._move(first + slot, first, path, index, kind, p)
        wanted = kind.lasting if hook == "begins" else kind.draws
        drawn = luck_of.plan(tuple(decision(name, wanted[name]) for name in loop.drawn))
        self.groups += drawn.groups.tolist()
        self.lanes += drawn.rows.tolist()
        self.normal += drawn.normal.tolist()
        self.derived += loop.derived
        if hook in ("helps", "begins"):
            self.does += _helps(kind, loop.names)
        elif hook == "yields":
            self.does += _yields(world, kind, loop.names, p)
        elif hook == "shares":
            answers = hooks.loop_of(world, index, kind, "yields", self.year).names
            self.does += [(INCOME, ITEM[name], int(seen_by_means(name)), answers.index(name)) for name in loop.names]
        ends = first, len(self.numbers), moving0, len(self.moving), groups0, len(self.groups)
        ends += derived0, len(self.derived), does0, len(self.does)  # type: ignore[assignment]
        self.hooks.append((loop.address, len(loop.names), hook == "begins", len(loop.drawn), loop.dense, *ends))

    def _move(self, slot: int, first: int, path: tuple[str, ...], index: int, kind: Kind, p: Values) -> None:
        """A number that is no parameter: known now, drawn in each replicate, or changing while measures are asked."""
        of, name = path[0], path[1]
        if of == "now" and name == "holders":
            self.moving.append((slot, HOLDERS, 0))
        elif of == "now":
            measure = self.world.scenario.measures[index]
            self.numbers[slot] = {
                "year": lambda: float(self.year),
                "local_wage": lambda: local_wage(self.world, self.year),
                "start": lambda: float(measure.start_year),
                "first_months": lambda: first_months(measure),
            }[name]()
        elif of == "common":
            self.moving.append((slot, OF_COMMON, self.plan.rows[index].common.start + list(kind.common).index(name)))
        else:
            one = kind.shared[name]
            things = things_shared(self.world, one, p)
            count = len(things)
            if path[-1] == "#":
                self.numbers[slot] = float(count)
                return
            where = range(slot, slot + 1)
            if path[-1] == "*":  # several: they stand behind the numbers of the hook
                where = range(len(self.numbers), len(self.numbers) + count)
                self.numbers[slot] = float(where.start - first)
                self.numbers += [0.0] * count
            self.drawn += [(place, decision(name, one.number), thing) for place, thing in zip(where, things, strict=True)]


def _quota(measure: Measure, kind: Kind, p: Values, year: int) -> tuple[float, int, float, bool, bool]:
    """The quota, what one takes of it, how much where it is fixed, whether villages have one each, whether it is of posts."""
    quota = measure.quota
    number = np.inf if quota is None else float(quota.at(year))
    if quota is None or np.isinf(number):
        return np.inf, EACH, 1.0, False, False
    by_village, posts = quota.per == "village", quota.unit == "posts"
    if quota.unit == "persons" and kind.holder != "person":
        return number, MEMBERS, 1.0, by_village, posts
    if quota.unit in kind.sizes:
        return number, FIXED, float(p[kind.sizes[quota.unit]]), by_village, posts
    if quota.unit == "households" and kind.holder == "person":
        return number, FIRST, 1.0, by_village, posts
    return number, EACH, 1.0, by_village, posts
