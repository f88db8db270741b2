"""Owns: phase 5: who is on the safety net and what it pays, carried from year to year.
Never: the rules themselves (policy.measures.safety_net) or their numbers (params/kinds/safety_net.yaml).

A decision falls in a month, looks at the twelve months behind it, and is paid from the next month; until then the old amount
goes on. It is no year-end correction that makes everybody whole: a job found or lost later in the year is not known to it, nor
is this year's report. What does not come by the month (a harvest, a dividend) counts in even parts of its year.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from povsim.core.randomness import HOUSEHOLD_SLOT, when
from povsim.core.schema import ITEMS, Capacity
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.compile import Part
from povsim.engine.draws import KEY_0, KEY_1, MOMENT, REPLICATE
from povsim.engine.income import wage_income
from povsim.engine.measures import (
    ITEM,
    ended,
    exit_line,
    kept,
    living,
)
from povsim.engine.people import is_registered
from povsim.engine.program import Step, run, step
from povsim.engine.recorder import entering
from povsim.engine.safety_net_loop import (
    BILL,
    YEAR,
    carry_on,
    crowded_fen,
    early_fen,
    entitled_to,
    fen_of,
    full_amount,
    head_behind,
    imputed_fen,
    is_able,
    most_places,
    net_loop,
    no_net_loop,
    room_of,
    seen_income,
    stated_amount,
    turned,
)
from povsim.engine.shelf import CASH, CROWDED_OUT, HOLDERS, KIND_VALUE, NEW, NEWLY_SERVED, OVERHEAD, UNMET, Shelf, plan_of
from povsim.engine.state import FEN, LASTING
from povsim.policy.kind import decision, find
from povsim.policy.measures import safety_net as rule
from povsim.policy.status import is_watched, reported_income

if TYPE_CHECKING:
    from povsim.core.params import Values
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Array = NDArray[Any]
Mask = NDArray[np.bool_]

PARTS: Final[tuple[str, ...]] = ("tekun", "dibao", "relief")
_NO_MEANS: Final = [row for row, item in enumerate(ITEMS) if not item.means]
_NO_REGISTRY: Final = [row for row, item in enumerate(ITEMS) if not item.registry]
_WAGES: Final = [row for row, item in enumerate(ITEMS) if item.source == "wage"]
_BILLS: Final[list[int]] = np.flatnonzero(BILL).tolist()
SLOT: Final = np.uint64(when(LASTING, HOUSEHOLD_SLOT, 0) - when(LASTING, 0, 0))  # of a household, in the moment of a draw

_PARAMS: Final = (
    "month", "working_cost", "imputed_able", "imputed_support", "children_away", "listing", "listing_labour", "obligation",
    "single_ceiling", "single_share", "differential", "gap_share", "least", "bands.a", "bands.b", "bands.c", "recheck.labour",
    "recheck.none", "ceiling", "grace_months", "tekun.dispersed", "tekun.institution", "tekun_listing", "tekun_institution",
    "tekun_care", "relief_threshold", "relief_share", "relief_most", "relief_ceiling", "relief_granted", "overhead",
)  # fmt: skip
_FLAT: Final = [name.replace(".", "__") for name in _PARAMS]
NetParams = namedtuple("NetParams", _FLAT)  # type: ignore[misc]
RECORD: Final = np.dtype([(name, "?" if name == "differential" else "f8") for name in _FLAT])


def parameters(values: Values) -> Any:
    """The parameters of a measure in a year, flat: an entry of a mapping as ``mapping__entry``."""
    found = []
    for name in _PARAMS:
        group, _, entry = name.partition(".")
        found.append(values[group][entry] if entry else values[group])
    return NetParams._make(found)


def tested_by(p: Any) -> tuple[float, ...]:
    """What the means test depends on: parts with the same key have the same test."""
    return p.month, p.working_cost, p.imputed_able, p.imputed_support, p.children_away


# --- the reference, in columns -----------------------------------------------------------------------------


@dataclass
class Case:
    """What the office looks at: the year and the one before it, of some households, in yuan; made once for all parts."""

    s: State
    world: World
    year: int
    standard: float
    rows: NDArray[np.intp]  # the households; all columns are over them
    income: NDArray[np.float64]  # (2, households): last year, this year; so are those below
    wages: NDArray[np.float64]
    registry: NDArray[np.float64]
    early: dict[float, NDArray[np.float64]]  # by month of decision: of this year's wages what came by then beyond an even share
    bill: NDArray[np.float64]  # own-paid, of this year
    netted: Mask  # on it when the year opens
    children_away: NDArray[np.float64]  # draw of a household of the old: has it children away who can support it
    error: NDArray[np.float64]  # factor by which the office misjudges a household's income: that of its last report
    people: NDArray[np.intp] = field(init=False)  # places of the living
    house: NDArray[np.intp] = field(init=False)  # their households, as positions in ``rows``
    grave: Mask = field(init=False)  # which of them are gravely ill or disabled
    _tests: dict[tuple[float, ...], NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people, self.house = living(self.s, self.world.layout, self.rows)
        self.grave = rule.grave(self.of(c.HEALTH), self.of(c.CAPACITY))

    def of(self, row: int) -> NDArray[np.int32]:
        """A row of persons, of the living."""
        values: NDArray[np.int32] = self.s.pi[row, self.people]
        return values

    def hi(self, row: int) -> NDArray[np.int64]:
        """A row of households."""
        values: NDArray[np.int64] = self.s.hi[row, self.rows]
        return values

    def count(self, who: Mask) -> NDArray[np.int64]:
        """Per household those of the living for whom a condition holds."""
        return np.bincount(self.house[who], minlength=len(self.rows))

    def test(self, p: Any) -> NDArray[np.float64]:
        """Income per head by the means test over the months behind the decision, yuan a year."""
        key = tested_by(p)
        if key not in self._tests:
            pi = self.s.pi
            able = is_able(self.of(c.CAPACITY), self.of(c.STAGE), self.of(c.AGE))
            place = self.people[able]
            work = pi[c.MONTHS, place], self.s.pf[c.WAGE_MONTH, place], pi[c.FOUND_MONTH, place], pi[c.LOST_MONTH, place]
            fen = imputed_fen(*work, p.month, p.imputed_able * self.standard)  # whole: any order, same sum
            imputed = np.bincount(self.house[able], fen, len(self.rows)) / FEN + rule.imputed_support(
                self.hi(c.ELDERS),
                self.children_away < p.children_away,
                self.hi(c.LABOURERS),
                self.s.items[ITEM["support_children"], self.rows] / FEN,
                p.imputed_support * self.standard,
            )
            early = self.early[p.month]
            (last, now), (wages_last, wages_now) = self.income, self.wages
            self._tests[key] = head_behind(last, now, wages_last, wages_now, early, imputed, self.hi(c.SIZE), p)
        return self._tests[key]

    def registered(self) -> Mask:
        """Households on the register: poor, exited or returned."""
        registered: Mask = is_registered(self.hi(c.STATUS))
        return registered


def _early(s: State, world: World, year: int, month: float) -> NDArray[np.float64]:
    """Per household the yuan of wages that jobs found or lost within the year brought by a month beyond its even share."""
    found, lost = s.pi[c.FOUND_MONTH], s.pi[c.LOST_MONTH]
    place = np.flatnonzero((s.pi[c.ALIVE] == 1) & turned(s.pi[c.MONTHS], found, lost))
    wage = wage_income(s.pi[c.MONTHS, place], s.pf[c.WAGE_MONTH, place], s.pi[c.PAID, place], world.at("work", year))
    fen = early_fen(wage, found[place], lost[place], month)  # whole: any order, same sum
    return np.bincount(world.layout.house[place], fen, world.layout.households) / FEN


@dataclass(frozen=True)
class Deciding:
    """A measure in a year: its parameters, what it keeps, its luck (uniforms by name, over the rows of the case)."""

    p: Any
    h: dict[str, Array]
    u: dict[str, NDArray[np.float64]]

    def book(self, case: Case, item: str, fen: Array, receives: Mask, new: Mask, unmet: Mask) -> None:
        """Enter what is paid in the households' accounts and in the measure's."""
        paid = np.rint(fen).astype(np.int64)
        case.s.items[ITEM[item], case.rows] += paid
        for row, value in ((CASH, paid), (HOLDERS, receives), (NEW, new), (UNMET, unmet)):
            self.h["books"][row] += int(value.sum())
        self.h["held"][case.rows] |= receives


def decide(s: State, world: World, draws: Draws, year: int) -> None:
    """Decide the safety net of a year on the months behind it, and pay it.

    Parameters
    ----------
    s : State
        The items ``dibao``, ``tekun`` and ``relief`` are entered; classes of persons, spells and gradual withdrawal of households
        are brought up to date; a household on it counts as reached by a measure.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    cover = cover_of(world, year)
    if compiler.enabled() and s.watch is None:  # what is watched is noted part by part
        if s.shelf is None:
            s.shelf = Shelf(plan_of(world))
        layout = world.layout
        run(net_step(s, world, year, keys_of(draws, world, year), room_of(most_places(layout.off), layout.households)))
        return
    for index in cover.nets:
        h = kept(s, world, index)
        h["books"][:], h["held"][:] = 0, False
    for name, row in (("tekun", c.TEKUN), ("dibao", c.DIBAO)):
        if name not in cover.parts:
            s.pi[row] = 0
    if not cover.parts:
        s.hi[c.NETTED] = 0
        return
    _decide_numpy(s, world, draws, year, cover)
    for index, p in cover.p.items():
        books = kept(s, world, index)["books"]
        books[OVERHEAD] = round(p.overhead * int(books[CASH] + books[KIND_VALUE]))
        books[NEWLY_SERVED] = books[NEW]  # households hold it


class Cover(NamedTuple):
    """What covers what in a year, the same in all replicates."""

    nets: tuple[int, ...]  # all measures of the kind
    others: Array  # the other measures
    parts: dict[str, int]  # the measure of each part that is covered, in the order in which parts are decided
    p: dict[int, Any]  # the parameters of these measures
    of: tuple[int, ...]  # the measure of each part, any where none covers it
    tests: tuple[int, ...]  # of each part, the first that tests incomes in the same way
    records: Array  # of each part, its parameters as compiled code takes them
    year: Any  # `YEAR` (1,)


def _cover(world: World, year: int) -> Cover:
    """Which of the scenario's measures covers each part this year; a later one wins."""
    nets = tuple(i for i, measure in enumerate(world.scenario.measures) if find(measure.kind) is rule.KIND)
    others = np.array([index for index in range(len(world.scenario.measures)) if index not in nets], np.int64)
    found: dict[str, int] = {}
    for index in nets:
        measure = world.scenario.measures[index]
        if measure.start_year <= year <= (measure.until or year) and not ended(measure, year):
            part = world.measure(index, year).part
            found.update(dict.fromkeys(PARTS if part == "all" else (part,), index))
    parts = {name: found[name] for name in PARTS if name in found}
    p = {index: parameters(world.measure(index, year)) for index in dict.fromkeys(parts.values())}
    if not parts:
        return Cover(nets, others, parts, p, (), (), np.empty(0, RECORD), None)
    of = tuple(parts.get(name, next(iter(p))) for name in PARTS)
    keys = [tested_by(p[index]) for index in of]
    lines, opening = world.at("lines", year), year == world.years[0]
    raised = 1.0 if opening else lines.dibao_standard / world.at("lines", year - 1).dibao_standard
    error, away = world.at("assessment", year).report_error, world.at("work", year).living_cost_away
    y = np.array([(year, opening, lines.dibao_standard, raised, exit_line(world, year), error, away)], YEAR)
    return Cover(nets, others, parts, p, of, tuple(map(keys.index, keys)), np.array([p[index] for index in of], RECORD), y)


def _decide_numpy(s: State, world: World, draws: Draws, year: int, cover: Cover) -> None:
    """The reference, in columns: part by part over the households that some part can reach."""
    before, s.hi[c.NETTED] = s.hi[c.NETTED].copy(), 0
    case = _open(s, world, draws, year, list(cover.p.values()), before)
    names, ids = tuple(decision(name, number) for name, number in rule.KIND.draws.items()), world.layout.draw_id[case.rows]
    parts = {}
    for index, p in cover.p.items():
        u = draws.households(ids, year, names, world.scenario.measures[index].id)
        parts[index] = Deciding(p, kept(s, world, index), dict(zip(rule.KIND.draws, u, strict=True)))
    for name, index in cover.parts.items():
        with entering(s, index):
            _DECIDE[name](case, parts[index])
    receives = case.count((case.of(c.DIBAO) > 0) | (case.of(c.TEKUN) > 0)) > 0
    s.hi[c.NETTED, case.rows] = np.where(receives, np.where(case.netted, before[case.rows], year), 0)
    s.hi[c.DELIVERED, case.rows] += receives


def _open(s: State, world: World, draws: Draws, year: int, parameters: list[Any], before: Array) -> Case:
    """The case of the households that some part can reach."""
    accounts, standard = (s.last, s.items), world.at("lines", year).dibao_standard
    total = [account.sum(axis=0) for account in accounts]
    income, registry = (
        np.stack([whole - _fen(account, items) for whole, account in zip(total, accounts, strict=True)]) / FEN
        for items in (_NO_MEANS, _NO_REGISTRY)
    )
    wages = np.stack([_fen(account, _WAGES) for account in accounts]) / FEN
    bill = _fen(s.spent, _BILLS) / FEN
    early = {month: _early(s, world, year, month) for month in {p.month for p in parameters}}
    reached = _reached(s, parameters, income, wages, early, bill, standard)
    reached[world.layout.house[(s.pi[c.DIBAO] > 0) | (s.pi[c.TEKUN] > 0)]] = True
    rows = np.flatnonzero(reached & (s.hi[c.SIZE] > 0))
    ids, name = world.layout.draw_id[rows], decision("children_away", rule.KIND.lasting["children_away"])
    (children_away,) = draws.households(ids, LASTING, (name,), rule.KIND.name)
    (error,) = draws.households(ids, year - 1, ("assess_report_error_z",))
    error = reported_income(1.0, error, world.at("assessment", year).report_error)
    early = {month: yuan[rows] for month, yuan in early.items()}
    of_these = (income[:, rows], wages[:, rows], registry[:, rows], early, bill[rows], before[rows] > 0)
    return Case(s, world, year, standard, rows, *of_these, children_away, error)


def _reached(
    s: State, parameters: list[Any], income: Array, wages: Array, early: dict[float, Array], bill: Array, standard: float
) -> Mask:
    """Households not on it that any part could reach: on the register, under the ceiling, or with a large bill.

    What is imputed only adds to an income, so that it need not be known of the others.
    """
    reached: Mask = is_registered(s.hi[c.STATUS])
    for p in parameters:
        ceiling = np.where(s.hi[c.SICKS] > 0, max(1.0, p.single_ceiling), 1.0) * standard
        least = head_behind(income[0], income[1], wages[0], wages[1], early[p.month], 0.0, s.hi[c.SIZE], p)
        reached |= (least < ceiling) | (bill > p.relief_threshold)
    return reached


def _fen(account: Array, items: list[int]) -> NDArray[np.int64]:
    """Sum of some items, row by row: without a copy of them."""
    total: NDArray[np.int64] = sum((account[item] for item in items[1:]), account[items[0]])
    return total


# --- 特困 ------------------------------------------------------------------------------------------------


def _tekun(case: Case, part: Deciding) -> None:
    """Persons supported by status, while they have no capacity; and households newly found to have nobody."""
    s, p, pi, hi = case.s, part.p, case.s.pi, case.hi
    capacity, health = case.of(c.CAPACITY), case.of(c.HEALTH)
    form = np.where(capacity >= Capacity.ORDINARY, 0, case.of(c.TEKUN))
    on = form > 0
    already = case.count(on) > 0

    without = (capacity <= Capacity.LOST) & ((hi(c.LABOURERS) + hi(c.WEAKS)) == 0)[case.house]
    without[without] = rule.without_capacity(case.of(c.AGE)[without], health[without], capacity[without])
    helpless = case.count(without) == hi(c.SIZE)
    children_away = case.children_away < p.children_away
    received = s.items[ITEM["support_children"], case.rows]
    fits = ~already & rule.becomes_tekun(helpless, case.test(p), case.standard, children_away, received)
    new = fits & (part.u["tekun"] < p.tekun_listing)
    joins = new[case.house]
    form[joins] = np.where(part.u["institution"] < p.tekun_institution, 2, 1)[case.house[joins]]
    pi[c.TEKUN] = 0
    pi[c.TEKUN, case.people] = form
    pi[c.DIBAO, case.people[form > 0]] = 0

    amount = rule.tekun_amount(form, case.standard, p.tekun__dispersed, p.tekun__institution)
    months = np.where(on, 12.0, 12.0 - p.month)
    fen = np.bincount(case.house, np.rint(amount * months / 12.0 * FEN), len(case.rows))  # whole: any order, same sum
    part.book(case, "tekun", fen, already | new, new, fits & ~new)
    cared = (form > 0) & rule.needs_care(health, capacity)
    part.h["books"][KIND_VALUE] += int(np.rint(p.tekun_care * FEN)) * int(cared.sum())


# --- 低保 ------------------------------------------------------------------------------------------------


def _dibao(case: Case, part: Deciding) -> None:
    """Old amounts until the month of the decision; re-check and withdrawal; listing; new amounts from the next month."""
    p, h, hi, standard, means = part.p, part.h, case.hi, case.standard, case.test(part.p)
    tekun = case.of(c.TEKUN) > 0
    on_tekun, in_class = case.count(tekun) > 0, np.where(tekun, 0, case.of(c.DIBAO))
    covered, grave = case.count(in_class > 0), case.count(case.grave)
    in_band = rule.band(hi(c.LABOURERS), hi(c.WEAKS), grave)
    single = rule.single_cover(means, standard, p.single_ceiling, grave)
    amount, of_single = full_amount(means, standard, in_band, p), p.single_share * standard

    _old_amounts(case, part, covered)
    alone = single & (covered < hi(c.SIZE))
    spell = covered, h["amount"][case.rows], h["grace"][case.rows], part.u["rechecked"], hi(c.LABOURERS), means
    fen, in_force, grace, goes_on, ended, checked = carry_on(*spell, np.where(alone, of_single, amount), standard, p)
    h["grace"][:] = 0.0
    h["grace"][case.rows] = grace
    _note_crowding(case, part, np.where(checked & ~alone, covered * (12.0 - p.month) / 12.0, 0.0), in_band)

    could = ~on_tekun & ((covered == 0) | ended)
    fits = could & (rule.eligible(means, standard) | single)
    listed = fits & (part.u["listed"] < rule.chance_listed(hi(c.LABOURERS), p.listing, p.listing_labour))
    new = listed | (could & _under_obligation(case, part, fen))
    only = listed & single
    in_force = h["amount"][case.rows] = np.where(new, np.where(only, of_single, amount), in_force)

    # from now on whole households are covered, of some only the gravely ill and disabled; the newly born with their parents
    born = goes_on & (covered >= hi(c.SIZE) - hi(c.BIRTHS) - hi(c.ARRIVALS))
    whole = (new & ~only) | born | (checked & goes_on & rule.eligible(means, standard))
    cover = np.where(whole, 2, np.where(only, 1, 0))[case.house]
    covers = ~tekun & ((cover == 2) | ((cover == 1) & case.grave))
    in_class = np.where(covers, in_band[case.house], np.where(ended[case.house], 0, in_class))
    case.s.pi[c.DIBAO] = 0
    case.s.pi[c.DIBAO, case.people] = in_class
    receiving = case.count(in_class > 0)
    fen += np.where(new, receiving * fen_of(in_force, 12.0 - p.month), 0.0)
    part.book(case, "dibao", fen, receiving > 0, new, fits & ~new)


def _under_obligation(case: Case, part: Deciding, fen: Array) -> Mask:
    """Registered households that the obligation to cover all (应保尽保) reaches: those whom the office sees under the line.

    It sees the months behind it, with what of this year's support is paid already, and errs as in its last report.
    """
    last, now = case.registry
    head = seen_income(last, now, case.early[part.p.month], fen, part.p.month) * case.error / case.hi(c.SIZE)
    reached: Mask = rule.obliged(head, exit_line(case.world, case.year), case.registered(), part.u["obliged"], part.p.obligation)
    return reached


def _old_amounts(case: Case, part: Deciding, covered: Array) -> None:
    """Amounts in force when the year opens: first what the stated income says, then last year's raised with the standard."""
    amount, world = part.h["amount"], case.world
    if case.year == world.years[0]:
        amount[case.rows] = stated_amount(case.s.last[ITEM["dibao"], case.rows], covered)
    else:
        amount *= case.standard / world.at("lines", case.year - 1).dibao_standard


def _note_crowding(case: Case, part: Deciding, covered: Array, in_band: Array) -> None:
    """What each measure's income took off its holders' support at the re-check: that without it, less that with it.

    A differential top-up falls with income; an amount by band only ends, above the ceiling.
    """
    p, standard, on = part.p, case.standard, np.flatnonzero(covered)
    rows, means, covered, in_band = case.rows[on], case.test(p)[on], covered[on], in_band[on]
    entitled, size = entitled_to(means, in_band, standard, p), case.s.hi[c.SIZE, rows]
    for measure in case.world.scenario.measures:
        h = case.s.held.get(measure.id)
        if h is None:
            continue
        given = h["given"][rows]
        who = np.flatnonzero(given)
        fen = crowded_fen(given[who], means[who], in_band[who], entitled[who], covered[who], size[who], standard, p)
        h["books"][CROWDED_OUT] = int(fen.sum())  # whole: any order, same sum


# --- 临时救助 --------------------------------------------------------------------------------------------


def _relief(case: Case, part: Deciding) -> None:
    """Relief on large own-paid bills, for those on the register or the safety net, the monitored, and others of small means."""
    p, bill = part.p, case.bill
    known = case.registered() | case.netted | is_watched(case.hi(c.MONITORING))
    fits = (bill > p.relief_threshold) & (known | (case.test(p) < p.relief_ceiling * case.standard))
    granted = fits & (part.u["granted"] < p.relief_granted)
    yuan = np.where(granted, rule.relief(bill, p.relief_threshold, p.relief_share, p.relief_most), 0.0)
    part.book(case, "relief", yuan * FEN, granted, granted, fits & ~granted)


_DECIDE: Final = {"tekun": _tekun, "dibao": _dibao, "relief": _relief}


# --- the compiled body -------------------------------------------------------------------------------------


def net_step(s: State, world: World, year: int, keys: NDArray[np.uint64], room: tuple[Any, ...]) -> Step:
    """The same, chunk by chunk of households in ``room``; then the measures whose income lessened a top-up.

    ``keys``: as `keys_of` gives them, of the replicate that is lived when the step runs.
    """
    assert s.shelf is not None
    cover, plan, measures = cover_of(world, year), plan_of(world), world.scenario.measures
    nets = np.array([(index, plan.rows[index].row) for index in cover.nets], np.int64).reshape(-1, 2)
    if not cover.parts:
        return step(no_net_loop, s.part, s.shelf.part, Part(nets=nets))
    kept = []
    for index in cover.of:
        h = s.held[measures[index].id]
        kept.append((h["held"], h["books"], h["amount"], h["grace"]))
    of_year = Part(
        years=cover.year,
        tests=cover.tests,
        records=cover.records,
        covered=tuple(int(name in cover.parts) for name in PARTS),
        nets=nets,
        others=cover.others,
        overhead=np.array([(index, p.overhead) for index, p in cover.p.items()], np.float64).reshape(-1, 2),
    )
    return step(net_loop, world.layout.part, s.part, s.shelf.part, of_year, Part(keys=keys, room=room, kept=tuple(kept)))


def cover_of(world: World, year: int) -> Cover:
    """What covers what in a year; made once for a world."""
    cover: Cover = world.keep(("cover", year), partial(_cover, world, year))
    return cover


KEY_REPLICATE: Final = 2  # of a row of what `keys_of` gives


def keys_of(draws: Draws, world: World, year: int) -> NDArray[np.uint64]:
    """What the draws of each part, those that last a whole life and those of last year's errors have in common."""

    def make() -> NDArray[np.uint64]:
        tags = [(world.scenario.measures[index].id, year) for index in cover_of(world, year).of]
        every = (*tags, (rule.KIND.name, LASTING), ("", year - 1))
        shared = np.array([draws.luck(world.layout.draw_id, moment, tag).shared for tag, moment in every])
        shared[:, MOMENT] |= SLOT
        return shared[:, [KEY_0, KEY_1, REPLICATE, MOMENT]]

    keys: NDArray[np.uint64] = world.keep(("keys", "safety net", draws.seed, year), make).copy()
    keys[:, KEY_REPLICATE] = draws.replicate
    return keys
