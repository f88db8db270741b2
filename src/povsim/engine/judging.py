"""Owns: the compiled bodies of the list, the closed account and the assessment, in loops over households.
Never: holds the rules themselves (policy.status) or says in which order they apply (engine.assessment, the reference)."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import maximum
from povsim.core.randomness import HALF, HOUSEHOLD_SLOT, MASK, decision_number, key_of, philox, unit, when
from povsim.core.schema import EXPENSES, ITEMS, Category, Cause, Era, Monitoring, Route, Status
from povsim.engine import columns as c
from povsim.engine.compile import Part
from povsim.engine.draws import Luck, fill_loop, plan
from povsim.engine.program import Step, step
from povsim.engine.sorting import radix
from povsim.engine.state import FEN
from povsim.policy import status as rule

if TYPE_CHECKING:
    from povsim.engine.state import State
    from povsim.engine.world import World

# Codes as numbers, for the compiler.
GENERAL, POOR, EXITED, RETURNED, REMOVED, GONE = (int(status) for status in Status)
UNWATCHED, CLEARED = int(Monitoring.NONE), int(Monitoring.CLEARED)
ORDINARY, REGISTERED, ON_DIBAO, ON_TEKUN = (int(category) for category in Category)
CAMPAIGN = int(Era.CAMPAIGN)
RELOCATION, EDUCATION = int(Route.RELOCATION), int(Route.EDUCATION)

_ROW: Final = {item.name: i for i, item in enumerate(ITEMS)}
REGISTRY: Final = np.array([i for i, item in enumerate(ITEMS) if item.registry])
MORE: Final = np.array([i for i, item in enumerate(ITEMS) if item.reference and not item.registry])  # in reference income
LESS: Final = np.array([i for i, item in enumerate(ITEMS) if item.registry and not item.reference], np.int64)
NET: Final = np.array([_ROW["dibao"], _ROW["tekun"]])
FARM, BUSINESS, SHARES = (_ROW[name] for name in ("farm", "business", "asset_share"))
WAGES: Final = np.array([i for i, item in enumerate(ITEMS) if item.source == "wage"])
# Beside wages: what work and measures bring; ordinary farming, rent, pension and support were there before.
BROUGHT: Final = np.array(
    [_ROW[name] for name in ("industry", "business", "award", "ecology", "pv_dividend", "asset_share", "collective_share")]
)
ENTERPRISE: Final = np.array([_ROW["industry"], BUSINESS])
SUPPORT: Final = np.array([i for i, item in enumerate(ITEMS) if item.source == "property" or item.name in ("award", "ecology")])
ACUTE, CHRONIC, SCHOOLING, REPAIR, DEBT = (
    EXPENSES.index(name) for name in ("medical_acute", "medical_chronic", "schooling", "repair", "debt")
)
ALL_BUT_DEBT: Final = np.array([row for row in range(len(EXPENSES)) if row != DEBT])
OTHER, BY_GUARANTEE = int(Cause.OTHER), int(Cause.GUARANTEE)
CAUSES: Final = tuple(  # in the order of the losses
    int(Cause[name])
    for name in (
        "ILLNESS", "DISABILITY", "DEATH", "SCHOOLING", "JOB_LOSS", "DISASTER", "ENTERPRISE", "MEASURE_ENDED", "MORE_MOUTHS",
        "GUARANTEE",
    )
)  # fmt: skip

# Decisions that concern few are drawn where they arise: their numbers.
(
    U_REMOVED, U_FOUND, U_RETURN, U_WRITTEN, U_TEKUN, U_NEVER, U_VERIFIED, U_CLEARED, U_MONTH, U_CHANNEL, U_HELPED, U_TRADE,
    U_SUPPLIED,
) = (
    decision_number(name)
    for name in (
        "assess_removed", "assess_found", "assess_return_found", "assess_written_up", "assess_tekun", "assess_never_found",
        "assess_verified", "assess_cleared", "assess_event_month", "assess_channel", "assess_helped", "village_trade",
        "village_supplied",
    )
)  # fmt: skip

# What is decided, fields of assessment.Judged: masks, and whole numbers.
MASKS: Final = (
    "opening", "exited_before", "monitored_before", "cleared_before", "gone", "removed", "identified", "late", "returned",
    "qualified", "qualified_plain", "exited", "by_status", "by_obligation", "smaller", "below_before_net", "below_line",
    "below_survey", "entered", "again", "passed", "cleared", "missed",
)  # fmt: skip
(
    M_OPENING, M_EXITED_BEFORE, M_MONITORED_BEFORE, M_CLEARED_BEFORE, M_GONE, M_REMOVED, M_IDENTIFIED, M_LATE, M_RETURNED,
    M_QUALIFIED, M_PLAIN, M_EXITED, M_BY_STATUS, M_BY_OBLIGATION, M_SMALLER, M_BELOW_NET, M_BELOW_LINE, M_BELOW_SURVEY,
    M_ENTERED, M_AGAIN, M_PASSED, M_CLEARED, M_MISSED,
) = range(len(MASKS))  # fmt: skip
NUMBERS: Final = ("route", "causes", "returned_by", "delay")
N_ROUTE, N_CAUSE, N_RETURNED_BY, N_DELAY = range(len(NUMBERS))


# What is in force in a year, as one record, which a compiled body takes at once: lines, and parameters of the assessment.
LINES: Final = ("exit", "exit_before", "monitoring", "dibao_standard")  # exit_before: last year's
PARAMETERS: Final = (
    "report_error", "layer_margin", "layer_rigid_income", "layer_rigid_share", "list_finding",
    "list_weight_labour", "list_weight_size", "list_weight_dibao", "list_noise", "helped_otherwise", "ineligible_found",
    "general_found", "identified_quota", "quota_tolerance", "look_back", "return_found", "exit_margin", "sustain_years",
    "written_up", "written_up_band", "tekun_leaves", "surplus_by_size", "never_found", "verified", "risk_cleared",
    "clear_months", "alert_bill", "alert_fall", "weak_ability", "detection_delay", "decision_days", "village_incidence",
    "village_income", "village_trade", "village_supplied",
)  # fmt: skip
FORCE: Final = np.dtype(
    [
        ("year", np.int64),
        ("era", np.int64),
        ("open", np.bool_),  # households are named, found and registered
        ("finishing", np.bool_),  # nobody is left behind
        ("watching", np.bool_),  # there is monitoring
        ("debt_counts", np.bool_),
        ("list_up_to", np.float64),  # persons; infinite: all the poor
        ("exits_up_to", np.float64),  # persons; infinite: all who qualify
        *((name, np.float64) for name in (*LINES, *PARAMETERS)),
        ("channel_shares", np.float64, (3,)),
        ("channel_delays", np.float64, (3,)),
    ],
    align=True,
)
Force = NDArray[np.void]  # one record
Rows = NDArray[np.uint64]


# --- the list --------------------------------------------------------------------------------------------


def list_step(s: State, world: World, force: Force, shared: Rows) -> Step:
    """Name who is to leave: the poor, or the first of them by score up to a number."""
    lanes = plan(("assess_list_z",)).lanes
    return step(draw_list_loop, world.layout.part, s.part, Part(shared=shared, force=force, lanes=lanes))


def draw_list_loop(
    by_identity: Any, ids: Any, itself: Any, at_home: Any, hi: Any, hf: Any, shared: Any, force: Any, lanes: Any
) -> None:
    """Enter who is listed; luck is drawn for the poor alone."""
    number, listed = force[0].list_up_to, np.zeros(hi.shape[1], np.bool_)
    if number > 0.0:
        poor_loop(hi, listed)
    if (number > 0.0) & (number < np.inf):
        who = chosen(by_identity, listed)
        noise = fill_loop(Luck(ids, shared), itself, at_home, who, lanes)
        list_loop(who, hi, hf, noise[0], listed, force)
    help_loop(listed, hi, hf, force)


def poor_loop(hi: Any, poor: Any) -> None:
    """Mark the registered poor."""
    for h in range(len(poor)):
        poor[h] = in_stock(hi[c.STATUS, h]) & (hi[c.SIZE, h] > 0)


def help_loop(listed: Any, hi: Any, hf: Any, force: Any) -> None:
    """Enter who is listed, and that it helps to find work."""
    f = force[0]
    for h in range(len(listed)):
        hi[c.LISTED, h] = listed[h]
        hf[c.HOUSE_HELP, h] = f.list_finding if listed[h] else 1.0


def list_loop(who: Any, hi: Any, hf: Any, noise: Any, listed: Any, force: Any) -> None:
    """Of the poor leave in ``listed`` the first by score until their persons reach the number."""
    f = force[0]
    score = np.empty(len(who))
    for k in range(len(who)):
        h = who[k]
        score[k] = -rule.list_score(
            hf[c.REPORTED, h] / f.exit,
            hi[c.LABOURERS, h],
            hi[c.SIZE, h],
            1.0 if hi[c.NETTED, h] > 0 else 0.0,
            noise[k],
            f.list_weight_labour,
            f.list_weight_size,
            f.list_weight_dibao,
            f.list_noise,
        )
    order = np.arange(len(who))
    radix(score, order, np.empty_like(order))
    take_until(who, order, hi, f.list_up_to, listed)


def in_stock(status: Any) -> Any:
    """The registered poor."""
    return (status == POOR) | (status == RETURNED)


def chosen(by_identity: Any, mask: Any) -> Any:
    """Households of a mask in the order of identity, so that a sort that keeps the order of equals breaks ties by it."""
    who, count = np.empty(len(by_identity), np.int64), 0
    for k in range(len(by_identity)):
        who[count] = by_identity[k]
        count += mask[by_identity[k]]
    return who[:count]


def take_until(who: Any, order: Any, hi: Any, total: Any, taken: Any) -> None:
    """Leave in ``taken`` the first whose persons reach ``total``; the one that crosses it is admitted."""
    before = 0
    for at in range(len(order)):
        h = who[order[at]]
        taken[h] = before < total
        before += hi[c.SIZE, h]


# --- the closed account ----------------------------------------------------------------------------------


def account_step(s: State, world: World, force: Force, shared: Rows) -> Step:
    """Add the items up, and put every household into its category and layer."""
    lanes = plan(("assess_report_error_z",)).lanes
    return step(close_account_loop, world.layout.part, s.part, Part(shared=shared, force=force, lanes=lanes))


def close_account_loop(
    ids: Any, house: Any, itself: Any, at_home: Any, pi: Any, hi: Any, hf: Any, items: Any, spent: Any, shared: Any, force: Any,
    lanes: Any,
) -> None:  # fmt: skip
    """Draw by how much each report errs, then close the account."""
    error = fill_loop(Luck(ids, shared), itself, at_home, itself, lanes)
    account_loop(house, pi, hi, hf, items, spent, error[0], force)


def account_loop(house: Any, pi: Any, hi: Any, hf: Any, items: Any, spent: Any, error: Any, force: Any) -> None:
    """Incomes per head of each household, what it reports, who receives what in it, its category and layer."""
    f = force[0]
    households = hi.shape[1]
    tekun, dibao = np.zeros(households, np.bool_), np.zeros(households, np.bool_)
    for i in range(len(house)):
        if (pi[c.TEKUN, i] > 0) | (pi[c.DIBAO, i] > 0) and pi[c.ALIVE, i] == 1:
            tekun[house[i]] |= pi[c.TEKUN, i] > 0
            dibao[house[i]] |= pi[c.DIBAO, i] > 0
    for h in range(households):
        size = max(hi[c.SIZE, h], 1)
        registry = total(REGISTRY, items, h)
        paid = total(ALL_BUT_DEBT, spent, h) + (spent[DEBT, h] if f.debt_counts else 0)
        head = registry / FEN / size
        hf[c.TRUE_HEAD, h] = head
        hf[c.BEFORE_NET, h] = (registry - total(NET, items, h)) / FEN / size
        hf[c.REFERENCE, h] = rule.reference_income(reference(registry, items, h) / FEN, paid / FEN, size)
        if hi[c.CATEGORY, h] != ORDINARY:
            hi[c.CATEGORY, h] = ON_TEKUN if tekun[h] else ON_DIBAO if dibao[h] else REGISTERED
        share = paid / FEN / maximum(head * hi[c.SIZE, h], 1.0)
        limits = f.layer_margin, f.layer_rigid_income, f.layer_rigid_share
        layer = rule.layer(tekun[h], dibao[h], head, f.dibao_standard, share, *limits)
        hi[c.LAYER, h] = layer if hi[c.SIZE, h] > 0 else 0
    report(hf[c.TRUE_HEAD], error, f.report_error, hf[c.REPORTED])


def total(rows: Any, matrix: Any, h: Any) -> Any:
    """Fen of some rows of one household."""
    fen = 0
    for row in rows:
        fen += matrix[row, h]
    return fen


def reference(registry: Any, items: Any, h: Any) -> Any:
    """Fen of the reference income, from those of the registry income."""
    return registry + total(MORE, items, h) - total(LESS, items, h)


def report(head: Any, error: Any, spread: Any, reported: Any) -> None:
    """Reported incomes; by itself, so that it becomes code for several households at once."""
    for h in range(len(head)):
        reported[h] = rule.reported_income(head[h], error[h], spread)


# --- the assessment --------------------------------------------------------------------------------------


Verdict = namedtuple("Verdict", MASKS + NUMBERS)  # type: ignore[misc]


def _by_name() -> Any:
    """The rows of `Verdicts` by name, for compiled code."""
    rows = [*(f"marks[{k}]" for k in range(len(MASKS))), *(f"numbers[{k}]" for k in range(len(NUMBERS)))]
    scope: dict[str, Any] = {"__name__": __name__, "Verdict": Verdict}
    exec(f"def verdict(marks, numbers):\n    return Verdict({', '.join(rows)})\n", scope)
    return scope["verdict"]


verdict: Final = _by_name()


class Verdicts:
    """Memory for what the assessment of a year decides: a row for each of ``MASKS`` and ``NUMBERS``, over the households."""

    def __init__(self, households: int) -> None:
        self.marks, self.numbers = np.zeros((len(MASKS), households), np.bool_), np.zeros((len(NUMBERS), households), np.int64)
        self.part = Part(marks=self.marks, numbers=self.numbers)

    def take(self, judged: Any) -> None:
        """Take over what was judged elsewhere."""
        for name, row in self.by_name.items():
            row[:] = getattr(judged, name)

    @property
    def by_name(self) -> dict[str, NDArray[Any]]:
        """The fields of assessment.Judged."""
        return {**dict(zip(MASKS, self.marks, strict=True)), **dict(zip(NUMBERS, self.numbers, strict=True))}


def assess_step(s: State, world: World, force: Force, counter: Rows, verdicts: Verdicts) -> Step:
    """Judge the year."""
    return step(assess_loop, world.layout.part, s.part, verdicts.part, Part(counter=counter, force=force))


def assess_loop(
    ids: Any, by_identity: Any, village_ids: Any, village_off: Any, hi: Any, hf: Any, items: Any, spent: Any, at_exit: Any,
    credit: Any, vi: Any, vf: Any, marks: Any, numbers: Any, counter: Any, force: Any,
) -> None:  # fmt: skip
    """Households each by itself, where numbers are limited, who leaves, villages, monitoring."""
    marks[:], numbers[:] = False, 0
    judge_loop(ids, counter, hi, hf, items, spent, at_exit, marks, numbers, force)
    admit_loop(by_identity, hi, hf, marks, force)
    leave_loop(hi, hf, items, spent, at_exit, credit, marks, numbers, force)
    village_loop(village_ids, counter, village_off, hi, vi, vf, force)
    if force[0].watching:
        watch_loop(ids, counter, hi, hf, items, spent, marks, numbers, force)


REPLICATE: Final = 2  # of what `counter_of` gives


def counter_of(seed: int, replicate: int, year: int) -> Rows:
    """What the draws of a year have in common: the key, and the replicate and the moment of the counter."""
    return np.array([*_key(seed), replicate, _moment(year)], np.uint64)


@cache
def _key(seed: int) -> tuple[np.uint64, np.uint64]:
    return key_of(seed, "")


@cache
def _moment(year: int) -> np.uint64:
    return np.uint64(when(year, HOUSEHOLD_SLOT, 0))


def luck(who: Any, counter: Any, decision: Any) -> Any:
    """The draw of one household or village for one decision: core.randomness.uniform."""
    time = counter[3] | np.uint64(decision // 4)
    return unit(philox(who & MASK, who >> HALF, counter[2], time, counter[0], counter[1])[decision % 4])


def judge_loop(
    ids: Any, counter: Any, hi: Any, hf: Any, items: Any, spent: Any, at_exit: Any, marks: Any, numbers: Any, force: Any
) -> None:
    """All that needs a look at one household alone: natural change, removal, who is found, return, who qualifies to leave."""
    f = force[0]
    campaign = f.era == CAMPAIGN
    for h in range(hi.shape[1]):
        status, size, reported, watch = hi[c.STATUS, h], hi[c.SIZE, h], hf[c.REPORTED, h], hi[c.MONITORING, h]
        opening, exited = in_stock(status), status == EXITED
        marks[M_OPENING, h], marks[M_EXITED_BEFORE, h] = opening, exited
        marks[M_MONITORED_BEFORE, h], marks[M_CLEARED_BEFORE, h] = rule.is_watched(watch), watch == CLEARED
        if exited and hi[c.CHRONIC_AT_EXIT, h] < 0:
            note_costs(hi, spent, h)
        if hi[c.HELPED, h] == 0:
            helped = f.finishing or hi[c.DELIVERED, h] > 0
            if not helped and (opening or exited):
                helped = luck(ids[h], counter, U_HELPED) < f.helped_otherwise
            hi[c.HELPED, h] = helped

        if size == 0 and status != GONE:
            marks[M_GONE, h] = True
            status, watch = GONE, UNWATCHED
        suspect = campaign and (in_stock(status) or status == EXITED) and hi[c.INELIGIBLE, h] == 1
        if suspect and luck(ids[h], counter, U_REMOVED) < f.ineligible_found:
            marks[M_REMOVED, h] = True
            status, watch = REMOVED, UNWATCHED
        if f.open and status == GENERAL and reported < f.exit and hi[c.INELIGIBLE, h] == 0:
            marks[M_IDENTIFIED, h] = luck(ids[h], counter, U_FOUND) < f.general_found  # as far as the quota goes

        safe = guaranteed(hi, h)
        if status == EXITED:
            low = reported < f.exit
            below_net, below_line = hf[c.BEFORE_NET, h] < f.exit, hf[c.TRUE_HEAD, h] < f.exit
            returned = False
            if f.open and not f.finishing and (low or not safe):
                returned = luck(ids[h], counter, U_RETURN) < f.return_found
            marks[M_BELOW_NET, h], marks[M_BELOW_LINE, h] = below_net, below_line
            marks[M_BELOW_SURVEY, h], marks[M_RETURNED, h] = below_line or not safe, returned
            fallen = below_net and hi[c.STOOD, h] == 1
            if fallen or returned:
                why = cause_of_fall(hi, hf, items, spent, at_exit, safe, h)
                if fallen:
                    numbers[N_CAUSE, h] = why
                if returned:
                    numbers[N_RETURNED_BY, h] = why if low else BY_GUARANTEE
                    status = RETURNED
                    hi[c.YEAR_RETURNED, h] = f.year
            if hi[c.FIRST_EXIT, h] > 0 and hi[c.FIRST_EXIT, h] < f.year:
                if fallen and hi[c.FELL_BEFORE_NET, h] == 0:
                    hi[c.FALL_CAUSE, h] = numbers[N_CAUSE, h]
                note_fall(hi, c.FELL_BEFORE_NET, fallen, h, f.year)
                note_fall(hi, c.FELL_LINE, below_line, h, f.year)
                note_fall(hi, c.FELL_SURVEY, below_line or not safe, h, f.year)
                note_fall(hi, c.FELL_REGISTERED, returned, h, f.year)
        hi[c.STATUS, h], hi[c.MONITORING, h] = status, watch

        passes = rule.above_line(reported, f.exit, f.exit_margin)
        hi[c.YEARS_ABOVE, h] = hi[c.YEARS_ABOVE, h] + 1 if passes else 0
        if campaign and opening and in_stock(status):
            on_tekun = hi[c.CATEGORY, h] == ON_TEKUN
            by_income = hi[c.YEARS_ABOVE, h] >= f.sustain_years
            if not by_income and hi[c.LISTED, h] == 1:
                u = luck(ids[h], counter, U_WRITTEN)
                by_income = rule.written_up(reported, f.exit, f.exit_margin, 1, f.written_up_band, u, f.written_up)
            obliged = f.finishing and hi[c.NETTED, h] > 0 and not by_income
            allowed = rule.may_leave(True, safe, hi[c.HELPED, h], hi[c.YEAR_IDENTIFIED, h], hi[c.YEAR_RETURNED, h], f.year)
            income_or_status = by_income
            if on_tekun:
                income_or_status = luck(ids[h], counter, U_TEKUN) < f.tekun_leaves
            head = hf[c.TRUE_HEAD, h]
            before_net = hf[c.BEFORE_NET, h] / maximum(head, 1e-9) if head > 0.0 else 1.0
            plain = rule.above_line(reported * before_net, f.exit, f.exit_margin) and not on_tekun
            qualified = allowed and (income_or_status or obliged)
            marks[M_QUALIFIED, h], marks[M_EXITED, h] = qualified, qualified  # as far as the plan goes
            marks[M_PLAIN, h] = allowed and plain
            marks[M_BY_STATUS, h], marks[M_BY_OBLIGATION, h] = on_tekun, obliged and not on_tekun  # if it leaves


def guaranteed(hi: Any, h: Any) -> Any:
    """Compulsory schooling, medical insurance, housing and water all secured."""
    return (hi[c.HOUSE_SAFE, h] & hi[c.WATER_SAFE, h] & hi[c.SCHOOL_SAFE, h] & hi[c.INSURED_ALL, h]) == 1


def note_costs(hi: Any, spent: Any, h: Any) -> None:
    """Keep the running costs of this year as those of the exit, or of the first year seen after it."""
    hi[c.CHRONIC_AT_EXIT, h], hi[c.SCHOOLING_AT_EXIT, h] = spent[CHRONIC, h], spent[SCHOOLING, h]


def note_fall(hi: Any, row: Any, fell: Any, h: Any, year: Any) -> None:
    """Keep the year of the first fall by one reading."""
    if fell and hi[row, h] == 0:
        hi[row, h] = year


def lost_of(rows: Any, items: Any, at_exit: Any, h: Any) -> Any:
    """Fen of some items lost since the exit, each item by itself."""
    total = 0
    for row in rows:
        total += max(at_exit[row, h] - items[row, h], 0)
    return total


def cause_of_fall(hi: Any, hf: Any, items: Any, spent: Any, at_exit: Any, safe: Any, h: Any) -> Any:
    """The largest loss since exit, yuan per head: the cause of the fall."""
    size, then = max(hi[c.SIZE, h], 1), max(hi[c.SIZE_AT_EXIT, h], 1)
    wage = lost_of(WAGES, items, at_exit, h) / FEN / size
    farm = lost_of((FARM,), items, at_exit, h) / FEN / size
    enterprise = lost_of(ENTERPRISE, items, at_exit, h) / FEN / size
    support = lost_of(SUPPORT, items, at_exit, h) / FEN / size
    failed = hi[c.ENTERPRISE_FAILED, h] == 1
    shares = lost_of((SHARES,), items, at_exit, h) / FEN / size if failed else 0.0
    ended = not failed and hi[c.TERM_ENDED, h] == 1
    business = lost_of((BUSINESS,), items, at_exit, h) / FEN / size if ended else 0.0
    sick = hi[c.SICKS, h] > 0 and spent[ACUTE, h] > 0
    left = hi[c.LOST_SINCE, h] > 0 and not sick
    disabled = left and hi[c.DISABLED_SINCE, h] > 0
    hit = hi[c.HIT, h] == 1
    chronic = maximum(spent[CHRONIC, h] / FEN / size - hi[c.CHRONIC_AT_EXIT, h] / FEN / size, 0.0)
    schooling = maximum(spent[SCHOOLING, h] / FEN / size - hi[c.SCHOOLING_AT_EXIT, h] / FEN / size, 0.0)
    losses = (
        (wage if sick else 0.0) + spent[ACUTE, h] / FEN / size + chronic,
        wage if disabled else 0.0,
        wage if left and not disabled else 0.0,
        schooling,
        0.0 if left or sick else wage,
        (farm if hit else 0.0) + spent[REPAIR, h] / FEN / size,
        (0.0 if hit else farm) + enterprise - business + shares,
        support - shares + business,
        hf[c.AT_EXIT, h] * maximum(0.0, 1.0 - then / size),
        0.0 if safe else 1e-9,
    )
    cause, most = OTHER, 0.0
    for k in range(len(losses)):
        if losses[k] > most:
            cause, most = CAUSES[k], losses[k]
    return cause


def admit_loop(by_identity: Any, hi: Any, hf: Any, marks: Any, force: Any) -> None:
    """Where numbers are limited, whom they admit: of those found the poorest, of those who qualify the listed, those who pass
    without top-up, those with the largest surplus.
    """
    f = force[0]
    if f.open:
        opened, removed = 0, 0
        for h in range(hi.shape[1]):
            opened += hi[c.SIZE, h] * marks[M_OPENING, h]
            removed += hi[c.SIZE, h] * marks[M_REMOVED, h]
        quota = f.identified_quota * (1.0 + f.quota_tolerance) * opened + f.look_back * removed
        who = chosen(by_identity, marks[M_IDENTIFIED])
        income = np.empty(len(who))
        for k in range(len(who)):
            income[k] = hf[c.REPORTED, who[k]]
        order = np.arange(len(who))
        radix(income, order, np.empty_like(order))
        running = 0
        for at in range(len(order)):
            h = who[order[at]]
            running += hi[c.SIZE, h]
            marks[M_IDENTIFIED, h] = running <= quota
            if running <= quota:
                marks[M_LATE, h] = hf[c.REPORTED_LAST, h] < f.exit_before
                hi[c.STATUS, h], hi[c.YEAR_IDENTIFIED, h] = POOR, f.year
                hi[c.HELPED, h], hi[c.CATEGORY, h] = 0, REGISTERED
    if f.exits_up_to < np.inf:
        who = chosen(by_identity, marks[M_QUALIFIED])
        surplus, rank = np.empty(len(who)), np.empty(len(who))
        for k in range(len(who)):
            h = who[k]
            surplus[k] = -rule.surplus(hf[c.REPORTED, h], f.exit, hi[c.SIZE, h], f.surplus_by_size)
            rank[k] = float((not marks[M_PLAIN, h]) - 2 * hi[c.LISTED, h])
        order = np.arange(len(who))
        other = np.empty_like(order)
        radix(surplus, order, other)
        radix(rank, order, other)
        take_until(who, order, hi, f.exits_up_to, marks[M_EXITED])


def leave_loop(hi: Any, hf: Any, items: Any, spent: Any, at_exit: Any, credit: Any, marks: Any, numbers: Any, force: Any) -> None:
    """Let those go who may: by which route, and what is kept of the year they left."""
    f = force[0]
    for h in range(hi.shape[1]):
        if not marks[M_EXITED, h]:
            marks[M_BY_STATUS, h], marks[M_BY_OBLIGATION, h] = False, False
            continue
        size, then, reported = hi[c.SIZE, h], hi[c.SIZE_OPEN, h], hf[c.REPORTED, h]
        by_net = marks[M_BY_STATUS, h] or marks[M_BY_OBLIGATION, h]
        marks[M_SMALLER, h] = reported * size / max(then, 1) < f.exit and size < then and not marks[M_BY_STATUS, h]
        parts = rule.work_by_route(total(WAGES, items, h), total(BROUGHT, items, h), credit[RELOCATION, h], credit[EDUCATION, h])
        route = rule.exit_route(parts[0], parts[1], parts[2], total(NET, items, h), hi[c.SECURED, h], by_net)
        numbers[N_ROUTE, h] = route
        hi[c.ROUTE, h] = 1 + route
        hi[c.STATUS, h], hi[c.YEAR_EXITED, h] = EXITED, f.year
        hf[c.AT_EXIT, h] = hf[c.TRUE_HEAD, h]
        hi[c.SIZE_AT_EXIT, h], hi[c.LOST_SINCE, h], hi[c.DISABLED_SINCE, h] = size, 0, 0
        hi[c.ENTERPRISE_FAILED, h], hi[c.TERM_ENDED, h] = 0, 0
        note_costs(hi, spent, h)
        for row in range(len(items)):
            at_exit[row, h] = items[row, h]
        if hi[c.FIRST_EXIT, h] == 0:
            hi[c.FIRST_EXIT, h] = f.year
            hi[c.STOOD, h] = hf[c.BEFORE_NET, h] >= f.exit


def village_loop(ids: Any, counter: Any, village_off: Any, hi: Any, vi: Any, vf: Any, force: Any) -> None:
    """Certify or supply what villages lack, and let poor ones leave, once and in the campaign."""
    f = force[0]
    for v in range(len(village_off) - 1):
        vi[c.TRADE, v] |= luck(ids[v], counter, U_TRADE) < f.village_trade
        vi[c.SUPPLIED, v] |= luck(ids[v], counter, U_SUPPLIED) < f.village_supplied
        if f.era != CAMPAIGN or vi[c.POOR, v] != 1 or vi[c.OUT, v] != 0:
            continue
        poor = 0
        for h in range(village_off[v], village_off[v + 1]):
            poor += hi[c.SIZE, h] * in_stock(hi[c.STATUS, h])
        incidence = poor / maximum(vf[c.FARM_PERSONS, v], 1.0)
        income = vi[c.PROCEEDS, v] / FEN
        if rule.village_may_leave(incidence, f.village_incidence, income, f.village_income, vi[c.TRADE, v], vi[c.SUPPLIED, v]):
            vi[c.OUT, v] = f.year


def watch_loop(ids: Any, counter: Any, hi: Any, hf: Any, items: Any, spent: Any, marks: Any, numbers: Any, force: Any) -> None:
    """Watch each household: alert, find, verify, decide, clear."""
    f = force[0]
    end, decided = 12 * f.year + 12, rule.months_to_decide(f.decision_days)
    for h in range(hi.shape[1]):
        status, size, now, due = hi[c.STATUS, h], hi[c.SIZE, h], hi[c.MONITORING, h], hi[c.ALERT_DUE, h]
        watched = rule.is_watched(now)
        poor = in_stock(status) and f.era != CAMPAIGN
        passed = poor and now == UNWATCHED and size > 0
        left = status == EXITED
        open_to = (left or status in (GENERAL, REMOVED) or poor) and size > 0 and not (watched or passed)

        event, acute, bill = False, 0.0, 0.0
        if open_to or watched:
            safe = guaranteed(hi, h)
            bill = (spent[ACUTE, h] + spent[REPAIR, h] + (spent[DEBT, h] if f.debt_counts else 0)) / FEN
            fall = rule.share_fallen(hf[c.TRUE_HEAD, h], hf[c.TRUE_LAST, h])
            struck = hi[c.HIT, h] == 1 or hi[c.WORKER_LOST, h] > 0 or not safe
            event = rule.has_event(bill, f.alert_bill, fall, f.alert_fall, struck)
        if open_to and due == 0:
            frail = rule.is_frail(hi[c.LABOURERS, h], hi[c.WEAKS, h], size, hi[c.SICKS, h], hi[c.STUDENTS, h], f.weak_ability)
            if rule.alerted(hf[c.REFERENCE, h], f.monitoring, frail, event):
                if luck(ids[h], counter, U_NEVER) < f.never_found:
                    marks[M_MISSED, h] = hf[c.REFERENCE, h] < f.monitoring
                else:
                    channel = rule.found_by(luck(ids[h], counter, U_CHANNEL), f.channel_shares)
                    month = 12 * f.year + np.int64(np.ceil(12.0 * luck(ids[h], counter, U_MONTH)))
                    delay = rule.months_to_find(channel, f.detection_delay, f.channel_delays) + decided
                    due = np.int64(month + delay)
                    hi[c.ALERTED, h], hi[c.CHANNEL, h] = month, 1 + channel
        ripe = due > 0 and due <= end
        found, cleared = False, False
        if watched or (open_to and ripe):
            fen = reference(total(REGISTRY, items, h), items, h)
            acute = rule.reference_income(fen / FEN, bill, max(size, 1))
            if watched:
                months = end - hi[c.WATCHED_FROM, h]
                fit = rule.fit_to_clear(acute, f.monitoring, guaranteed(hi, h), hi[c.LABOURERS, h], months, f.clear_months, event)
                cleared = fit and luck(ids[h], counter, U_CLEARED) < f.risk_cleared
            else:
                found = (
                    rule.may_enter(acute, f.monitoring, hi[c.NETTED, h] > 0) and luck(ids[h], counter, U_VERIFIED) < f.verified
                )
        if found or passed:
            sudden = found and rule.is_sudden(bill, f.alert_bill, hf[c.TRUE_HEAD, h], f.monitoring, f.era)
            hi[c.ORIGIN, h] = rule.origin(left or poor, sudden)
            hi[c.WATCHED_FROM, h] = 12 * f.year if passed else due
            marks[M_ENTERED, h], marks[M_PASSED, h] = True, passed
            marks[M_AGAIN, h] = marks[M_CLEARED_BEFORE, h]
        if found:
            numbers[N_DELAY, h] = due - hi[c.ALERTED, h]
        if cleared:
            marks[M_CLEARED, h] = True
            hi[c.MONITORING, h] = CLEARED
        elif watched or found or passed:
            hi[c.MONITORING, h] = rule.watched_as(hi[c.ORIGIN, h], f.era)
        hi[c.ALERT_DUE, h] = 0 if ripe else due
