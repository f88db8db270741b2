"""Owns: phase 5: who is on the safety net and what it pays, carried from year to year.
Never: the rules themselves (policy.measures.safety_net) or their numbers (params/kinds/safety_net.yaml).

A decision falls in a month, looks at the twelve months behind it, and is paid from the next month; until then the old amount
goes on. It is no year-end correction that makes everybody whole: a job found or lost later in the year is not known to it, nor
is this year's report. What does not come by the month (a harvest, a dividend) counts in even parts of its year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import EXPENSES, ITEMS, Capacity, Stage, Status
from povsim.engine import columns as c
from povsim.engine.income import wage_income
from povsim.engine.measures import CASH, CROWDED_OUT, HOLDERS, KIND_VALUE, NEW, OVERHEAD, UNMET, ended, exit_line, kept, living
from povsim.engine.recorder import entering
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

PARTS: Final = ("tekun", "dibao", "relief")
ITEM: Final = {item.name: row for row, item in enumerate(ITEMS)}
_NO_MEANS: Final = [row for row, item in enumerate(ITEMS) if not item.means]
_NO_REGISTRY: Final = [row for row, item in enumerate(ITEMS) if not item.registry]
_WAGES: Final = [row for row, item in enumerate(ITEMS) if item.source == "wage"]
_BILLS: Final = [row for row, name in enumerate(EXPENSES) if name not in ("schooling", "debt")]  # what relief looks at


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

    def test(self, p: Values) -> NDArray[np.float64]:
        """Income per head by the means test over the months behind the decision, yuan a year."""
        key = (p.month, p.working_cost, p.imputed_able, p.imputed_support, p.children_away)
        if key not in self._tests:
            s, age = self.s, self.of(c.AGE)
            able = (self.of(c.CAPACITY) >= Capacity.ORDINARY) & (self.of(c.STAGE) == Stage.NONE) & (age >= 16) & (age < 60)
            place = self.people[able]
            wage = s.pi[c.MONTHS, place] / 10.0 * s.pf[c.WAGE_MONTH, place]
            wage = wage * _share_earned(s, place, p.month) * 12.0 / p.month  # at the pace of the months behind
            fen = np.rint(FEN * rule.imputed_labour(wage, True, p.imputed_able * self.standard))  # whole: any order, same sum
            imputed = np.bincount(self.house[able], fen, len(self.rows)) / FEN + rule.imputed_support(
                self.hi(c.ELDERS),
                self.children_away < p.children_away,
                self.hi(c.LABOURERS),
                s.items[ITEM["support_children"], self.rows] / FEN,
                p.imputed_support * self.standard,
            )
            self._tests[key] = _means_head(self.income, self.wages, self.early[p.month], imputed, self.hi(c.SIZE), p)
        return self._tests[key]

    def registered(self) -> Mask:
        """Households on the register: poor, exited or returned."""
        return _registered(self.hi(c.STATUS))


def _share_earned(s: State, place: Array, month: float) -> NDArray[np.float64]:
    share: NDArray[np.float64] = rule.share_earned(month, s.pi[c.FOUND_MONTH, place], s.pi[c.LOST_MONTH, place])
    return share


def _early(s: State, world: World, year: int, month: float) -> NDArray[np.float64]:
    """Per household the yuan of wages that jobs found or lost within the year brought by a month beyond its even share."""
    place = np.flatnonzero((s.pi[c.ALIVE] == 1) & (s.pi[c.MONTHS] > 0) & ((s.pi[c.FOUND_MONTH] > 0) | (s.pi[c.LOST_MONTH] > 0)))
    wage = wage_income(s.pi[c.MONTHS, place], s.pf[c.WAGE_MONTH, place], s.pi[c.PAID, place], world.at("work", year))
    fen = np.rint(wage * (_share_earned(s, place, month) - month / 12.0) * FEN)  # whole: any order, same sum
    return np.bincount(world.layout.house[place], fen, world.layout.households) / FEN


def _means_head(income: Array, wages: Array, early: Array, imputed: Any, size: Array, p: Values) -> NDArray[np.float64]:
    """Income per head by the means test, yuan a year, of incomes and wages (2, households) of last year and this one."""
    behind, of_it = (rule.income_behind(yuan[1], yuan[0], p.month, early) for yuan in (income, wages))
    head: NDArray[np.float64] = rule.means_head(behind, of_it, p.working_cost, imputed, size)
    return head


def _registered(status: Array) -> Mask:
    known: Mask = (status == Status.POOR) | (status == Status.EXITED) | (status == Status.RETURNED)
    return known


@dataclass(frozen=True)
class Part:
    """A measure in a year: its parameters, what it keeps, its luck (uniforms by name, over the rows of the case)."""

    p: Values
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
    covering = _covering(s, world, year)
    for name, row in (("tekun", c.TEKUN), ("dibao", c.DIBAO)):
        if name not in covering:
            s.pi[row] = 0
    since, s.hi[c.NETTED] = s.hi[c.NETTED].copy(), 0
    if not covering:
        return
    case = _open(s, world, draws, year, [world.measure(index, year) for index in set(covering.values())], since)
    names, ids = tuple(decision(name, number) for name, number in rule.KIND.draws.items()), world.layout.draw_id[case.rows]
    parts = {}
    for index in set(covering.values()):
        u = draws.households(ids, year, names, world.scenario.measures[index].id)
        kept_here = kept(s, world, index, rule.KIND)
        parts[index] = Part(world.measure(index, year), kept_here, dict(zip(rule.KIND.draws, u, strict=True)))
    for name, index in covering.items():
        with entering(s, index):
            _DECIDE[name](case, parts[index])
    for part in parts.values():
        books = part.h["books"]
        books[OVERHEAD] = int(np.rint(part.p.overhead * (books[CASH] + books[KIND_VALUE])))
    receives = case.count((case.of(c.DIBAO) > 0) | (case.of(c.TEKUN) > 0)) > 0
    s.hi[c.NETTED, case.rows] = np.where(receives, np.where(case.netted, since[case.rows], year), 0)
    s.hi[c.DELIVERED, case.rows] += receives


def _covering(s: State, world: World, year: int) -> dict[str, int]:
    """Which of the scenario's measures covers each part this year, in the order in which they are decided; a later one wins."""
    found: dict[str, int] = {}
    for index, measure in enumerate(world.scenario.measures):
        if find(measure.kind) is rule.KIND:
            h = kept(s, world, index, rule.KIND)
            h["books"][:], h["held"][:] = 0, False
            if measure.start_year <= year <= (measure.until or year) and not ended(measure, year):
                part = world.measure(index, year).part
                found.update(dict.fromkeys(PARTS if part == "all" else (part,), index))
    return {name: found[name] for name in PARTS if name in found}


def _open(s: State, world: World, draws: Draws, year: int, parameters: list[Values], since: Array) -> Case:
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
    of_these = (income[:, rows], wages[:, rows], registry[:, rows], early, bill[rows], since[rows] > 0)
    return Case(s, world, year, standard, rows, *of_these, children_away, error)


def _reached(
    s: State, parameters: list[Values], income: Array, wages: Array, early: dict[float, Array], bill: Array, standard: float
) -> Mask:
    """Households not on it that any part could reach: on the register, under the ceiling, or with a large bill.

    What is imputed only adds to an income, so that it need not be known of the others.
    """
    reached = _registered(s.hi[c.STATUS])
    for p in parameters:
        ceiling = np.where(s.hi[c.SICKS] > 0, max(1.0, p.single_ceiling), 1.0) * standard
        reached |= (_means_head(income, wages, early[p.month], 0.0, s.hi[c.SIZE], p) < ceiling) | (bill > p.relief_threshold)
    return reached


def _fen(account: Array, items: list[int]) -> NDArray[np.int64]:
    """Sum of some items, row by row: without a copy of them."""
    total: NDArray[np.int64] = sum((account[item] for item in items[1:]), account[items[0]])
    return total


# --- 特困 ------------------------------------------------------------------------------------------------


def _tekun(case: Case, part: Part) -> None:
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

    amount = rule.tekun_amount(form, case.standard, p.tekun["dispersed"], p.tekun["institution"])
    months = np.where(on, 12.0, 12.0 - p.month)
    fen = np.bincount(case.house, np.rint(amount * months / 12.0 * FEN), len(case.rows))  # whole: any order, same sum
    part.book(case, "tekun", fen, already | new, new, fits & ~new)
    cared = (form > 0) & rule.needs_care(health, capacity)
    part.h["books"][KIND_VALUE] += int(np.rint(p.tekun_care * FEN)) * int(cared.sum())


# --- 低保 ------------------------------------------------------------------------------------------------


def _dibao(case: Case, part: Part) -> None:
    """Old amounts until the month of the decision; re-check and withdrawal; listing; new amounts from the next month."""
    p, h, hi, standard, means = part.p, part.h, case.hi, case.standard, case.test(part.p)
    tekun = case.of(c.TEKUN) > 0
    on_tekun, in_class = case.count(tekun) > 0, np.where(tekun, 0, case.of(c.DIBAO))
    covered, grave = case.count(in_class > 0), case.count(case.grave)
    in_band = rule.band(hi(c.LABOURERS), hi(c.WEAKS), grave)
    single = rule.single_cover(means, standard, p.single_ceiling, grave)
    amount, of_single = _amount(p, means, standard, in_band), p.single_share * standard

    _old_amounts(case, part, covered)
    alone = single & (covered < hi(c.SIZE))
    fen, in_force, goes_on, ended, checked = _carry_on(case, part, covered, np.where(alone, of_single, amount))
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
    fen += np.where(new, receiving * np.rint(in_force / 12.0 * (12.0 - p.month) * FEN), 0.0)
    part.book(case, "dibao", fen, receiving > 0, new, fits & ~new)


def _carry_on(case: Case, part: Part, covered: Array, entitled: Array) -> tuple[Array, Array, Mask, Mask, Mask]:
    """Those on it: the old amount up to the decision, then as the re-check says; those in gradual withdrawal (渐退期) to its end.

    Returns
    -------
    fen, in_force, goes_on, ended, checked : (households,)
        Paid this year; amount in force after the decision; on it then; at the end of the spell; re-checked.
    """
    p, h, on = part.p, part.h, covered > 0
    amount, grace = h["amount"][case.rows], h["grace"][case.rows]
    leaving = on & (grace > 0.0)
    chance = np.where(case.hi(c.LABOURERS) > 0, p.recheck["labour"], p.recheck["none"])
    checked = on & ~leaving & (part.u["rechecked"] < chance)
    off = checked & rule.withdrawn(case.test(p), case.standard, p.ceiling)
    goes_on = on & ~leaving & ~off
    now, later = rule.grace_months(p.grace_months, p.month)
    months = np.where(leaving, grace, np.where(off, p.month + now, np.where(goes_on, p.month, 0.0)))
    old = np.rint(amount / 12.0 * months * FEN)
    amount = np.where(checked & goes_on, entitled, amount)
    new = np.where(goes_on, np.rint(amount / 12.0 * (12.0 - p.month) * FEN), 0.0)
    h["grace"][:] = 0.0
    h["grace"][case.rows] = np.where(off, later, 0.0)
    return covered * (old + new), amount, goes_on, leaving | (off & (later <= 0.0)), checked


def _under_obligation(case: Case, part: Part, fen: Array) -> Mask:
    """Registered households that the obligation to cover all (应保尽保) reaches: those whom the office sees under the line.

    It sees the months behind it, with what of this year's support is paid already, and errs as in its last report.
    """
    last, now = case.registry
    income = rule.income_behind(now, last, part.p.month, case.early[part.p.month]) + fen / FEN
    head = income * case.error / case.hi(c.SIZE)
    reached: Mask = rule.obliged(head, exit_line(case.world, case.year), case.registered(), part.u["obliged"], part.p.obligation)
    return reached


def _amount(p: Values, means: Any, standard: float, in_band: Any) -> Any:
    """Yuan a covered person and year: by the gap, or by band."""
    if p.differential:
        return rule.top_up(means, standard, p.gap_share, p.least)
    return rule.band_amount(in_band, p.bands["a"], p.bands["b"], p.bands["c"], standard)


def _old_amounts(case: Case, part: Part, covered: Array) -> None:
    """Amounts in force when the year opens: first what the stated income says, then last year's raised with the standard."""
    amount, world = part.h["amount"], case.world
    if case.year == world.years[0]:
        amount[case.rows] = np.where(covered > 0, case.s.last[ITEM["dibao"], case.rows] / FEN / np.maximum(covered, 1), 0.0)
    else:
        amount *= case.standard / world.at("lines", case.year - 1).dibao_standard


def _note_crowding(case: Case, part: Part, covered: Array, in_band: Array) -> None:
    """What each measure's income took off its holders' support at the re-check: that without it, less that with it.

    A differential top-up falls with income; an amount by band only ends, above the ceiling.
    """
    p, standard = part.p, case.standard
    on = np.flatnonzero(covered)
    rows, means, covered, in_band = case.rows[on], case.test(p)[on], covered[on], in_band[on]

    def supported(means: Array, in_band: Array) -> Array:
        amount: Array = rule.supported(_amount(p, means, standard, in_band), means, standard, p.ceiling)
        return amount

    entitled = supported(means, in_band)
    for measure in case.world.scenario.measures:
        h = case.s.held.get(measure.id)
        if h is None:
            continue
        given = h["given"][rows]
        who = np.flatnonzero(given)
        given = given[who] / FEN * p.month / 12.0 / case.s.hi[c.SIZE, rows[who]]
        without = supported(np.maximum(means[who] - given, 0.0), in_band[who])
        h["books"][CROWDED_OUT] = int(np.rint((without - entitled[who]) * covered[who] * FEN).sum())


# --- 临时救助 --------------------------------------------------------------------------------------------


def _relief(case: Case, part: Part) -> None:
    """Relief on large own-paid bills, for those on the register or the safety net, the monitored, and others of small means."""
    p, bill = part.p, case.bill
    known = case.registered() | case.netted | is_watched(case.hi(c.MONITORING))
    fits = (bill > p.relief_threshold) & (known | (case.test(p) < p.relief_ceiling * case.standard))
    granted = fits & (part.u["granted"] < p.relief_granted)
    yuan = np.where(granted, rule.relief(bill, p.relief_threshold, p.relief_share, p.relief_most), 0.0)
    part.book(case, "relief", yuan * FEN, granted, granted, fits & ~granted)


_DECIDE: Final = {"tekun": _tekun, "dibao": _dibao, "relief": _relief}
