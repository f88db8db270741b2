"""Owns: phase 5 in compiled code, and the texts that it shares with the reference (engine.safety_net), whose bits it gives.
Never: the rules themselves (policy.measures.safety_net), or which measure covers what.

A call that is handed arrays counts references, which would take longer than a household does: so calls are by the chunk, and
loops call only what works on numbers.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Final

import numpy as np

from povsim.core.elementary import maximum, where
from povsim.core.normals import normal_of
from povsim.core.randomness import HALF, MASK, decision_number, philox, unit
from povsim.core.schema import EXPENSES, ITEMS, Capacity, Stage
from povsim.engine import columns as c
from povsim.engine.income import wage_income
from povsim.engine.measures import ITEM
from povsim.engine.people import is_registered
from povsim.engine.places import LANE, positions, sum_places, unpack
from povsim.engine.shelf import CASH, CROWDED_OUT, HOLDERS, KIND_VALUE, NEW, NEWLY_SERVED, OVERHEAD, UNMET
from povsim.engine.state import FEN
from povsim.policy.measures import safety_net as rule
from povsim.policy.status import is_watched, reported_income

Value = Any  # a number or a column

TEKUN_ITEM, DIBAO_ITEM, RELIEF_ITEM, SUPPORT_ITEM = (ITEM[name] for name in ("tekun", "dibao", "relief", "support_children"))

# --- one household or all: the same text in both bodies ---------------------------------------------------


def is_able(capacity: Value, stage: Value, age: Value) -> Value:
    """Whether the means test takes a person to be able to work."""
    return (capacity >= Capacity.ORDINARY) & (stage == Stage.NONE) & (age >= 16) & (age < 60)


def imputed_fen(tenths: Value, wage_month: Value, found: Value, lost: Value, month: Value, least: Value) -> Value:
    """Whole fen imputed to one able to work, on the wage at the pace of the months behind."""
    wage = tenths / 10.0 * wage_month * rule.share_earned(month, found, lost) * 12.0 / month
    return np.rint(FEN * rule.imputed_labour(wage, True, least))


def turned(tenths: Value, found: Value, lost: Value) -> Value:
    """Whether a paid job was found or lost within the year."""
    return (tenths > 0) & ((found > 0) | (lost > 0))


def early_fen(wage: Value, found: Value, lost: Value, month: Value) -> Value:
    """Whole fen that such a job brought by a month beyond the even share of the year's wage."""
    return np.rint(wage * (rule.share_earned(month, found, lost) - month / 12.0) * FEN)


def head_behind(
    last: Value, now: Value, wages_last: Value, wages_now: Value, early: Value, imputed: Value, size: Value, p: Any
) -> Value:
    """Income per head by the means test over the months behind the decision, yuan a year."""
    behind, of_it = rule.income_behind(now, last, p.month, early), rule.income_behind(wages_now, wages_last, p.month, early)
    return rule.means_head(behind, of_it, p.working_cost, imputed, size)


def fen_of(amount: Value, months: Value) -> Value:
    """Whole fen of so many months of an amount in yuan a year."""
    return np.rint(amount / 12.0 * months * FEN)


def full_amount(means: Value, standard: Value, in_band: Value, p: Any) -> Value:
    """Yuan a covered person and year: by the gap, or by band."""
    by_band = rule.band_amount(in_band, p.bands__a, p.bands__b, p.bands__c, standard)
    return where(p.differential, rule.top_up(means, standard, p.gap_share, p.least), by_band)


def carry_on(
    covered: Value, amount: Value, grace: Value, u: Value, labourers: Value, means: Value, entitled: Value, standard: Value,
    p: Any,
) -> tuple[Value, ...]:  # fmt: skip
    """Those on it: the old amount up to the decision, then as the re-check says; those in gradual withdrawal (渐退期) to its end.

    Returns
    -------
    tuple
        Fen paid this year; amount in force after the decision; months of withdrawal left for the next year; on it then; at the
        end of the spell; re-checked.
    """
    leaving = (covered > 0) & (grace > 0.0)
    stays = (covered > 0) & (leaving == 0)
    checked = stays & (u < where(labourers > 0, p.recheck__labour, p.recheck__none))
    off = checked & rule.withdrawn(means, standard, p.ceiling)
    goes_on = stays & (off == 0)
    now, later = rule.grace_months(p.grace_months, p.month)
    months = where(leaving, grace, where(off, p.month + now, where(goes_on, p.month, 0.0)))
    in_force = where(checked & goes_on, entitled, amount)
    fen = covered * (fen_of(amount, months) + where(goes_on, fen_of(in_force, 12.0 - p.month), 0.0))
    return fen, in_force, where(off, later, 0.0), goes_on, leaving | (off & (later <= 0.0)), checked


def stated_amount(fen: Value, covered: Value) -> Value:
    """Amount in force at the opening, yuan a covered person and year, of the support stated by a household."""
    return where(covered > 0, fen / FEN / maximum(covered, 1), 0.0)


def seen_income(last: Value, now: Value, early: Value, fen: Value, month: Value) -> Value:
    """Registry income as far as the office can see it: the months behind it, with what of this year's support is paid already."""
    return rule.income_behind(now, last, month, early) + fen / FEN


def entitled_to(means: Value, in_band: Value, standard: Value, p: Any) -> Value:
    """Yuan a covered person and year after a re-check."""
    return rule.supported(full_amount(means, standard, in_band, p), means, standard, p.ceiling)


def crowded_fen(
    given: Value, means: Value, in_band: Value, entitled: Value, covered: Value, size: Value, standard: Value, p: Any
) -> Value:
    """Whole fen by which ``given`` fen of a measure's income lessened the support at the re-check: without it, less with it."""
    without = entitled_to(maximum(means - given / FEN * p.month / 12.0 / size, 0.0), in_band, standard, p)
    return np.rint((without - entitled) * covered * FEN)


# --- the compiled body, a chunk of households at a time ----------------------------------------------------

CHUNK: Final = 256  # households worked on at a time: what is kept of them stays in the first-level cache
LISTED, OBLIGED, RECHECKED, GRANTED, LISTED_TEKUN, INSTITUTION = (
    rule.KIND.draws[name] for name in ("listed", "obliged", "rechecked", "granted", "tekun", "institution")
)
CHILDREN_AWAY: Final = rule.KIND.lasting["children_away"]
REPORT_ERROR: Final = decision_number("assess_report_error_z")
CLEARLY: Final = 0.0999  # of a month in a tenth of one, with a margin for rounding
LOW_U: Final = 0.01  # few errors are drawn lower
LOW_Z: Final = -2.4  # and no other is lower than this
LOWEST_Z: Final = -6.4  # no draw is a lower normal: a uniform is at least 2**-33
WAGES: Final = np.array([row for row, item in enumerate(ITEMS) if item.source == "wage"])  # counted by test and register
BY_BOTH, BY_TEST, BY_REGISTER = (
    np.array([row for row, item in enumerate(ITEMS) if (item.means, item.registry) == counts and item.source != "wage"], np.int64)
    for counts in ((True, True), (True, False), (False, True))
)  # the other items, by what counts them
BILL: Final = np.array([name not in ("schooling", "debt") for name in EXPENSES])  # the expenses that relief looks at

YEAR: Final = np.dtype(
    [("year", "i8"), ("opening", "?")]
    + [(name, "f8") for name in ("standard", "raised", "line", "report_error", "living_cost_away")]
)
Town = namedtuple(
    "Town",
    "off house pi pf hi items last spent ids"  # the layout and the state
    " marks places"  # of the places of a chunk: marks, and lists of some
    " yuan counts flags some"  # of its households: yuan, whole numbers, marks, a list of some
    " tests"  # of each part's test: income per head, what came early, what is imputed, yuan
    " noted shown",  # of the town: households re-checked; what is kept of each
)
TEKUN, DIBAO, RELIEF, LASTING_KEY, REPORTS_KEY = range(5)  # rows of the keys, the first of them parts
LOW, HIGH, NUMBER = range(3)  # rows of ``Town.places``: counts in lanes, as they are packed
LANES: Final = 8  # CLASS_1 to KEPT
CLASS_1, CLASS_2, CLASS_3, ON_TEKUN, GRAVE, WITHOUT, IDLE, KEPT = range(LANES)  # of ``Town.counts``, packed and unpacked
COVERED, RECEIVES, PACKED, IN_BAND = range(LANES, LANES + 4)
(
    LAST, NOW, WAGES_LAST, WAGES_NOW, REGISTRY_LAST, REGISTRY_NOW, BILLS, FULL, AMOUNT, IN_FORCE, FEN_PAID, DRAWN, U_LISTED,
    U_OBLIGED, U_RECHECKED,
) = range(15)  # fmt: skip  # rows of ``Town.yuan``
SINGLE, GOES_ON, ENDED, CHECKED, COULD, FITS, TAKEN, ASKS, NEW_ON_IT, WHOLE = range(10)  # rows of ``Town.flags``
HEAD, EARLY, IMPUTED = range(3)  # rows of a part's ``Town.tests``
MEANS, ENTITLED, SPANS, BAND = range(4)  # rows of ``Town.shown``: income per head, support and for how many persons' years, band


def most_places(off: Any) -> int:
    """Places of the chunk that has most."""
    homes = len(off) - 1
    return int(np.diff(off[np.append(np.arange(0, homes, CHUNK), homes)]).max(initial=0))


def room_of(places: int, homes: int) -> tuple[Any, ...]:
    """Memory as ``Town`` has it from ``marks`` on, for chunks of so many places in a town of so many households."""
    return (
        np.empty(places, np.bool_), np.empty((3, places), np.int64), np.empty((15, CHUNK)), np.empty((12, CHUNK), np.int64),
        np.empty((10, CHUNK), np.bool_), np.empty(CHUNK, np.int64), np.empty((3, 3, CHUNK)), np.empty(homes, np.int64),
        np.empty((4, homes)),
    )  # fmt: skip


def chance(ids: Any, h: Any, keys: Any, row: Any, decision: Any) -> Any:
    """The uniform of a decision of a household, or of some: core.randomness.uniform, under the key in a row of ``keys``."""
    time = keys[row, 3] | np.uint64(decision // 4)
    return unit(philox(ids[h] & MASK, ids[h] >> HALF, keys[row, 2], time, keys[row, 0], keys[row, 1])[decision % 4])


def net_loop(
    off: Any, house: Any, ids: Any, pi: Any, pf: Any, hi: Any, items: Any, last: Any, spent: Any, room: Any, years: Any,
    tests: Any, records: Any, keys: Any, covered: Any, kept: Any, homes: Any, given: Any, books: Any, nets: Any, others: Any,
    overhead: Any,
) -> None:  # fmt: skip
    """The whole phase: nobody holds what is not decided anew; then the measures whose income lessened a top-up.

    ``covered``: of each of ``PARTS``, whether a measure covers it; ``kept``: what that measure keeps, as `decide_loop` takes it.
    ``nets``: all measures of the kind, and the row of each among those of households; ``overhead``: of those that cover
    something, the number and the share of management, a row each.
    """
    let_go_loop(homes, books, nets)
    marks, places, yuan, counts, flags, some, of_tests, noted, shown = room
    town = Town(off, house, pi, pf, hi, items, last, spent, ids, marks, places, yuan, counts, flags, some, of_tests, noted, shown)
    tekun, dibao, relief = kept
    parts = (covered[0] == 1, *tekun), (covered[1] == 1, *dibao), (covered[2] == 1, *relief)
    if covered[TEKUN] == 0:
        pi[c.TEKUN] = 0
    if covered[DIBAO] == 0:
        pi[c.DIBAO] = 0
    count = decide_loop(town, years, tests, records, keys, parts)
    if covered[DIBAO] == 1:
        crowd_loop(others, given, books, noted, shown, count, hi, years[0].standard, records)
    for k in range(len(overhead)):
        m = int(overhead[k, 0])
        books[m, NEWLY_SERVED] = books[m, NEW]  # households hold it
        books[m, OVERHEAD] = np.int64(np.rint(overhead[k, 1] * (books[m, CASH] + books[m, KIND_VALUE])))


def no_net_loop(pi: Any, hi: Any, homes: Any, books: Any, nets: Any) -> None:
    """A year in which no measure covers any part."""
    let_go_loop(homes, books, nets)
    pi[c.TEKUN], pi[c.DIBAO], hi[c.NETTED] = 0, 0, 0


def let_go_loop(homes: Any, books: Any, nets: Any) -> None:
    """What the measures of the kind kept of last year."""
    for k in range(len(nets)):
        books[nets[k, 0]] = 0
        homes.held[nets[k, 1]] = False


def decide_loop(town: Any, years: Any, tests: Any, records: Any, keys: Any, parts: Any) -> Any:
    """Decide and pay for every household, a chunk of them at a time: what holds for most in columns, what befalls few by lists.

    Parameters
    ----------
    town, years : Town, YEAR (1,)
        What is worked on; what holds for all this year.
    tests, records
        As in `Cover`.
    keys : uint64 (5, 4)
        The key of the draws, the replicate and the moment of each part's year; of draws that last a whole life; of last year's
        errors of report.
    parts : tuple of (covered, held, books, amount, grace)
        Of each of ``PARTS``: whether a measure covers it, and that measure.

    Returns
    -------
    int
        How many were noted.
    """
    tekun, dibao, relief = parts
    noted, y = 0, years[0]
    for h0 in range(0, town.hi.shape[1], CHUNK):
        h1 = min(h0 + CHUNK, town.hi.shape[1])
        add_up(h0, h1, town.last, town.yuan[LAST], town.yuan[WAGES_LAST], town.yuan[REGISTRY_LAST])
        add_up(h0, h1, town.items, town.yuan[NOW], town.yuan[WAGES_NOW], town.yuan[REGISTRY_NOW])
        add_up_bills(h0, h1, town.spent, town.yuan[BILLS])
        count_members(h0, h1, town)
        for row in range(3):
            if tests[row] == row:
                means_test(h0, h1, town, y, keys, records[row], town.tests[row])
        if tekun[0]:
            tekun_loop(h0, h1, town, y, keys, records[0], town.tests[tests[0]], tekun)
        if dibao[0]:
            noted = dibao_loop(h0, h1, noted, town, y, keys, records[1], town.tests[tests[1]], dibao)
        if relief[0]:
            relief_loop(h0, h1, town, y, keys, records[2], town.tests[tests[2]], relief)
        close(town.counts[RECEIVES], y.year, town.hi[c.NETTED, h0:h1], town.hi[c.DELIVERED, h0:h1])
    return noted


def add_up(h0: Any, h1: Any, account: Any, means: Any, wages: Any, registry: Any) -> None:
    """Yuan of a chunk's accounts that the test counts, of wages, and that the register counts."""
    for k in range(h1 - h0):
        of_wages, both, of_test, of_register = 0, 0, 0, 0
        for row in WAGES:
            of_wages += account[row, h0 + k]
        for row in BY_BOTH:
            both += account[row, h0 + k]
        for row in BY_TEST:
            of_test += account[row, h0 + k]
        for row in BY_REGISTER:
            of_register += account[row, h0 + k]
        wages[k] = of_wages / FEN
        means[k] = (of_wages + both + of_test) / FEN
        registry[k] = (of_wages + both + of_register) / FEN


def add_up_bills(h0: Any, h1: Any, spent: Any, bills: Any) -> None:
    """Yuan of a chunk's own-paid bills."""
    bills[:] = 0.0
    for row in range(len(BILL)):
        if BILL[row]:
            bill = spent[row, h0:h1]
            for k in range(h1 - h0):
                bills[k] += bill[k]  # whole fen: exact
    for k in range(h1 - h0):
        bills[k] /= FEN


# --- members ---------------------------------------------------------------------------------------------


def count_members(h0: Any, h1: Any, town: Any) -> None:
    """Take the dead of a chunk off, and count the living of each household."""
    pi, off, counts = town.pi, town.off, town.counts
    a, b = off[h0], off[h1]
    here, tekun, dibao, age, capacity = (
        pi[c.ALIVE, a:b], pi[c.TEKUN, a:b], pi[c.DIBAO, a:b], pi[c.AGE, a:b], pi[c.CAPACITY, a:b],
    )  # fmt: skip
    astray, who = town.marks[: b - a], town.places[NUMBER]
    mark_astray(here, tekun, dibao, astray)
    for j in range(positions(astray, who)):
        tekun[who[j]], dibao[who[j]] = 0, 0
    low, high, number = town.places[LOW, : b - a], town.places[HIGH, : b - a], town.places[NUMBER, : b - a]
    pack_support(here, tekun, dibao, low)
    pack_states(here, age, pi[c.HEALTH, a:b], capacity, pi[c.STAGE, a:b], pi[c.MONTHS, a:b], tekun, high)
    for j in range(b - a):
        number[j] = low[j] + (high[j] << 4 * LANE)
    sum_places(number, off[h0 : h1 + 1], counts[PACKED, : h1 - h0])
    for lane in range(LANES):
        unpack(counts[PACKED, : h1 - h0], lane, counts[lane])
    counts[RECEIVES, : h1 - h0] = 0


def mark_astray(here: Any, tekun: Any, dibao: Any, out: Any) -> None:
    """Mark the places of the dead and the gone that still draw support."""
    for j in range(len(out)):
        out[j] = (here[j] == 0) & ((tekun[j] != 0) | (dibao[j] != 0))


def pack_support(here: Any, tekun: Any, dibao: Any, out: Any) -> None:
    """Of each place, a lane each: in each class of 低保 without being on 特困, on 特困."""
    for j in range(len(out)):
        on, off = here[j] * (tekun[j] > 0), here[j] * (tekun[j] == 0)
        out[j] = off * ((dibao[j] == 1) | (dibao[j] == 2) << LANE | (dibao[j] == 3) << 2 * LANE) | on << 3 * LANE


def pack_states(
    here: Any, age: Any, health: Any, capacity: Any, stage: Any, tenths: Any, tekun: Any, out: Any
) -> None:  # fmt: skip
    """Of each place, a lane each: gravely ill or disabled, without capacity, able but without paid work, on 特困 to stay."""
    for j in range(len(out)):
        idle = is_able(capacity[j], stage[j], age[j]) & (tenths[j] == 0)
        marks = rule.grave(health[j], capacity[j]) | rule.without_capacity(age[j], health[j], capacity[j]) << LANE
        stays = (tekun[j] > 0) & (capacity[j] < Capacity.ORDINARY)
        out[j] = here[j] * (marks | idle << 2 * LANE | stays << 3 * LANE)


def mark_working(here: Any, capacity: Any, stage: Any, age: Any, tenths: Any, out: Any) -> None:
    """Mark the able in paid work."""
    for j in range(len(out)):
        out[j] = (here[j] == 1) & is_able(capacity[j], stage[j], age[j]) & (tenths[j] != 0)


def mark_turned(here: Any, tenths: Any, found: Any, lost: Any, out: Any) -> None:
    """Mark those who found or lost a paid job within the year."""
    for j in range(len(out)):
        out[j] = (here[j] == 1) & turned(tenths[j], found[j], lost[j])


# --- the means test --------------------------------------------------------------------------------------


def means_test(h0: Any, h1: Any, town: Any, y: Any, keys: Any, p: Any, test: Any) -> None:
    """Income per head of a chunk by a part's means test over the months behind the decision."""
    pi, pf, hi, house, yuan, who = town.pi, town.pf, town.hi, town.house, town.yuan, town.places[NUMBER]
    heads, early, imputed, support, asks = test[HEAD], test[EARLY], test[IMPUTED], town.yuan[DRAWN], town.flags[ASKS]
    a, b = town.off[h0], town.off[h1]
    here, tenths, found, lost = pi[c.ALIVE, a:b], pi[c.MONTHS, a:b], pi[c.FOUND_MONTH, a:b], pi[c.LOST_MONTH, a:b]
    wages, paid, of = pf[c.WAGE_MONTH, a:b], pi[c.PAID, a:b], house[a:b]
    some, idle, n = town.marks[: b - a], town.counts[IDLE], h1 - h0

    mark_turned(here, tenths, found, lost, some)
    early[:], imputed[:] = 0.0, 0.0
    for j in range(positions(some, who)):
        i = who[j]
        early[of[i] - h0] += early_fen(wage_income(tenths[i], wages[i], paid[i], y), found[i], lost[i], p.month)
    mark_working(here, pi[c.CAPACITY, a:b], pi[c.STAGE, a:b], pi[c.AGE, a:b], tenths, some)
    of_able = p.imputed_able * y.standard
    for j in range(positions(some, who)):
        i = who[j]
        if found[i] + lost[i] > 0 or CLEARLY * tenths[i] * wages[i] < of_able:  # else nothing is imputed
            imputed[of[i] - h0] += imputed_fen(tenths[i], wages[i], found[i], lost[i], p.month, of_able)

    of_idle = imputed_fen(0, 0.0, 0, 0, p.month, of_able)
    suppose(hi[c.ELDERS, h0:h1], hi[c.LABOURERS, h0:h1], town.items[SUPPORT_ITEM, h0:h1], p.imputed_support * y.standard, support)
    for k in range(n):
        asks[k] = support[k] > 0.0
    for j in range(positions(asks[:n], town.some)):
        k = town.some[j]
        if chance(town.ids, h0 + k, keys, LASTING_KEY, CHILDREN_AWAY) >= p.children_away:
            support[k] = 0.0
    for k in range(n):
        early[k] /= FEN
        imputed[k] = (imputed[k] + idle[k] * of_idle) / FEN + support[k]
    test_heads(yuan[LAST], yuan[NOW], yuan[WAGES_LAST], yuan[WAGES_NOW], early, imputed, hi[c.SIZE, h0:h1], p, heads)


def suppose(elders: Any, labourers: Any, received: Any, least: Any, out: Any) -> None:
    """Support that is imputed to households of the old that have children away."""
    for k in range(len(elders)):
        out[k] = rule.imputed_support(elders[k], True, labourers[k], received[k] / FEN, least)


def test_heads(
    last: Any, now: Any, wages_last: Any, wages_now: Any, early: Any, imputed: Any, size: Any, p: Any, out: Any
) -> None:
    """Income per head of each household."""
    for k in range(len(size)):
        out[k] = head_behind(last[k], now[k], wages_last[k], wages_now[k], early[k], imputed[k], size[k], p)


# --- 特困 ------------------------------------------------------------------------------------------------


def tekun_loop(h0: Any, h1: Any, town: Any, y: Any, keys: Any, p: Any, test: Any, part: Any) -> None:
    """特困 of a chunk."""
    off, pi, hi, counts, heads, n = town.off, town.pi, town.hi, town.counts, test[HEAD], h1 - h0
    received, paid, could, looks = town.items[SUPPORT_ITEM], town.items[TEKUN_ITEM], town.flags[COULD], town.flags[ASKS]
    _, held, books, _, _ = part
    mark_helpless(hi[c.LABOURERS, h0:h1], hi[c.WEAKS, h0:h1], counts[WITHOUT], hi[c.SIZE, h0:h1], could)
    mark_alone(heads, y.standard, received[h0:h1], could[:n])
    for k in range(n):
        looks[k] = could[k] | (counts[ON_TEKUN, k] > 0)
    for j in range(positions(looks[:n], town.some)):
        k = town.some[j]
        h = h0 + k
        already, fits, new, place = counts[KEPT, k] > 0, False, False, 0
        if could[k] and not already and chance(town.ids, h, keys, LASTING_KEY, CHILDREN_AWAY) >= p.children_away:
            fits = True
            new = chance(town.ids, h, keys, TEKUN, LISTED_TEKUN) < p.tekun_listing
            if new:
                place = where(chance(town.ids, h, keys, TEKUN, INSTITUTION) < p.tekun_institution, 2, 1)
        if counts[ON_TEKUN, k] == 0 and not new:
            books[UNMET] += fits
            continue
        fen, cared, months = 0.0, 0, where(new, 12.0 - p.month, 12.0)
        for lane in range(ON_TEKUN + 1):
            counts[lane, k] = 0
        for i in range(off[h], off[h + 1]):
            if pi[c.ALIVE, i] == 0:
                continue
            capacity, before = pi[c.CAPACITY, i], pi[c.TEKUN, i]
            form = where(new, place, where(capacity >= Capacity.ORDINARY, 0, before))
            amount = rule.tekun_amount(form, y.standard, p.tekun__dispersed, p.tekun__institution)
            fen += np.rint(amount * months / 12.0 * FEN)
            cared += (form > 0) & rule.needs_care(pi[c.HEALTH, i], capacity)
            if form > 0:
                pi[c.DIBAO, i] = 0
                counts[ON_TEKUN, k] += 1
            elif pi[c.DIBAO, i] > 0:
                counts[pi[c.DIBAO, i] - 1, k] += 1
            if form != before:
                pi[c.TEKUN, i] = form
        receives = already | new
        paid[h] += int(np.rint(fen))
        held[h] |= receives
        counts[RECEIVES, k] |= receives
        books[CASH] += int(np.rint(fen))
        books[HOLDERS] += receives
        books[NEW] += new
        books[KIND_VALUE] += int(np.rint(p.tekun_care * FEN)) * cared


def mark_helpless(labourers: Any, weaks: Any, without: Any, size: Any, out: Any) -> None:
    """Mark households in which nobody has capacity."""
    for k in range(len(size)):
        out[k] = (labourers[k] + weaks[k] == 0) & (without[k] == size[k]) & (size[k] > 0)


def mark_alone(heads: Any, standard: Any, received: Any, helpless: Any) -> None:
    """Leave of the helpless those whom nobody supports, as far as it is known without looking for children away."""
    for k in range(len(helpless)):
        helpless[k] = rule.becomes_tekun(helpless[k], heads[k], standard, False, received[k])


# --- 低保 ------------------------------------------------------------------------------------------------


def dibao_loop(h0: Any, h1: Any, noted: Any, town: Any, y: Any, keys: Any, p: Any, test: Any, part: Any) -> Any:
    """低保 of a chunk; how many are noted by now."""
    hi, yuan, counts, flags, heads, early, n = town.hi, town.yuan, town.counts, town.flags, test[HEAD], test[EARLY], h1 - h0
    _, held, books, amounts, grace = part
    standard, of_single, after = y.standard, p.single_share * y.standard, 12.0 - p.month
    size, labourers, weaks, covered, grave = (
        hi[c.SIZE, h0:h1], hi[c.LABOURERS, h0:h1], hi[c.WEAKS, h0:h1], counts[COVERED], counts[GRAVE],
    )  # fmt: skip
    for k in range(n):
        covered[k] = counts[CLASS_1, k] + counts[CLASS_2, k] + counts[CLASS_3, k]
    draw_year(town.ids[h0:h1], keys, yuan[U_LISTED], yuan[U_OBLIGED], yuan[U_RECHECKED])

    amount, full, in_force, fen = yuan[AMOUNT], yuan[FULL], yuan[IN_FORCE], yuan[FEN_PAID]
    if y.opening:
        state_amounts(amounts[h0:h1], town.last[DIBAO_ITEM, h0:h1], covered, size, amount)
    else:
        for k in range(n):
            amount[k] = amounts[h0 + k] * y.raised
    class_loop(heads, standard, grave, labourers, weaks, p, flags[SINGLE], counts[IN_BAND], full)
    carry_loop(
        covered, amount, grace[h0:h1], yuan[U_RECHECKED], labourers, heads, full, flags[SINGLE], size, standard, of_single, p,
        fen, in_force, flags[GOES_ON], flags[ENDED], flags[CHECKED],
    )  # fmt: skip
    noted = note_checked(h0, noted, town, standard, heads, p)

    could, fits, new, asks = flags[COULD], flags[FITS], flags[NEW_ON_IT], flags[ASKS]
    fits_loop(size, counts[ON_TEKUN], covered, flags[ENDED], heads, flags[SINGLE], standard, could, fits)
    take_loop(fits, labourers, yuan[U_LISTED], p.listing, p.listing_labour, flags[TAKEN])
    ask_loop(
        could, flags[TAKEN], hi[c.STATUS, h0:h1], yuan[U_OBLIGED], yuan[REGISTRY_LAST], yuan[REGISTRY_NOW], early, fen, size,
        y.line, reported_income(1.0, LOWEST_Z, y.report_error), p.month, p.obligation, asks,
    )  # fmt: skip
    new[:n] = flags[TAKEN, :n]
    oblige(h0, positions(asks[:n], town.some), town, y, keys, early, p)

    pay_loop(new, flags[TAKEN], flags[SINGLE], full, in_force, of_single, amounts[h0:h1])
    cover_loop(h0, h1, town, heads, standard, after, amounts)
    enter_loop(fen, covered, town.items[DIBAO_ITEM, h0:h1], held[h0:h1], counts[RECEIVES, :n], books)
    for k in range(n):
        books[NEW] += new[k]
        books[UNMET] += fits[k] & (not new[k])
    return noted


def draw_year(ids: Any, keys: Any, listed: Any, obliged: Any, rechecked: Any) -> None:
    """The draws that most households need."""
    for k in range(len(ids)):
        listed[k] = chance(ids, k, keys, DIBAO, LISTED)
        obliged[k] = chance(ids, k, keys, DIBAO, OBLIGED)
        rechecked[k] = chance(ids, k, keys, DIBAO, RECHECKED)


def state_amounts(amounts: Any, fen: Any, covered: Any, size: Any, out: Any) -> None:
    """Amounts in force at the opening."""
    for k in range(len(size)):
        out[k] = where(size[k] > 0, stated_amount(fen[k], covered[k]), amounts[k])


def class_loop(
    heads: Any, standard: Any, grave: Any, labourers: Any, weaks: Any, p: Any, single: Any, in_band: Any, full: Any
) -> None:  # fmt: skip
    """Whether only some of a household could be covered, its band, and what is due in full."""
    for k in range(len(labourers)):
        single[k] = rule.single_cover(heads[k], standard, p.single_ceiling, grave[k])
        in_band[k] = rule.band(labourers[k], weaks[k], grave[k])
    for k in range(len(labourers)):
        full[k] = full_amount(heads[k], standard, in_band[k], p)


def carry_loop(
    covered: Any, amount: Any, grace: Any, u: Any, labourers: Any, heads: Any, full: Any, single: Any, size: Any, standard: Any,
    of_single: Any, p: Any, fen: Any, in_force: Any, goes_on: Any, ended: Any, checked: Any,
) -> None:  # fmt: skip
    """Those on it, as `carry_on` says; of the others an amount that is nought stays."""
    for k in range(len(size)):
        entitled = where(single[k] & (covered[k] < size[k]), of_single, full[k])
        fen[k], in_force[k], grace[k], goes_on[k], ended[k], checked[k] = carry_on(
            covered[k], amount[k], grace[k], u[k], labourers[k], heads[k], entitled, standard, p
        )


def note_checked(h0: Any, noted: Any, town: Any, standard: Any, heads: Any, p: Any) -> Any:
    """Note those re-checked as a whole, of whom `crowd_loop` will ask; how many are noted by now."""
    counts, single, checked, asks, full, shown = (
        town.counts, town.flags[SINGLE], town.flags[CHECKED], town.flags[ASKS], town.yuan[FULL], town.shown,
    )  # fmt: skip
    n = min(CHUNK, town.hi.shape[1] - h0)
    for k in range(n):
        asks[k] = checked[k] & ((not single[k]) | (counts[COVERED, k] >= town.hi[c.SIZE, h0 + k]))
    count = positions(asks[:n], town.some)
    for j in range(count):
        k = town.some[j]
        town.noted[noted + j], shown[MEANS, noted + j], shown[BAND, noted + j] = h0 + k, heads[k], counts[IN_BAND, k]
        shown[ENTITLED, noted + j] = rule.supported(full[k], heads[k], standard, p.ceiling)
        shown[SPANS, noted + j] = counts[COVERED, k] * (12.0 - p.month) / 12.0
    return noted + count


def fits_loop(
    size: Any, on_tekun: Any, covered: Any, ended: Any, heads: Any, single: Any, standard: Any, could: Any, fits: Any
) -> None:  # fmt: skip
    """Who could be listed at all, and whose income fits."""
    for k in range(len(size)):
        could[k] = (size[k] > 0) & (on_tekun[k] == 0) & ((covered[k] == 0) | ended[k])
        fits[k] = could[k] & (rule.eligible(heads[k], standard) | single[k])


def take_loop(fits: Any, labourers: Any, u: Any, listing: Any, listing_labour: Any, taken: Any) -> None:
    """Who is listed by the luck of the year."""
    for k in range(len(labourers)):
        taken[k] = fits[k] & (u[k] < rule.chance_listed(labourers[k], listing, listing_labour))


def ask_loop(
    could: Any, taken: Any, status: Any, u: Any, last: Any, now: Any, early: Any, fen: Any, size: Any, line: Any,
    least_error: Any, month: Any, obligation: Any, asks: Any,
) -> None:  # fmt: skip
    """Mark those registered whom the obligation reaches if their income is reported too low by so much as it may be."""
    for k in range(len(size)):
        head = seen_income(last[k], now[k], early[k], fen[k], month) * least_error / size[k]
        asks[k] = could[k] & (not taken[k]) & is_registered(status[k]) & (u[k] < obligation) & (head < line)


def oblige(h0: Any, count: Any, town: Any, y: Any, keys: Any, early: Any, p: Any) -> None:
    """List also those of the marked whom the obligation to cover all reaches."""
    some, yuan, size = town.some, town.yuan, town.hi[c.SIZE]
    error, u, last, now, fen = yuan[DRAWN], yuan[U_OBLIGED], yuan[REGISTRY_LAST], yuan[REGISTRY_NOW], yuan[FEN_PAID]
    low_error = reported_income(1.0, LOW_Z, y.report_error)
    for j in range(count):
        error[j] = chance(town.ids, h0 + some[j], keys, REPORTS_KEY, REPORT_ERROR)
    for j in range(count):
        k = some[j]
        head = seen_income(last[k], now[k], early[k], fen[k], p.month) / size[h0 + k]
        if error[j] < LOW_U or head * low_error < y.line:
            factor = reported_income(1.0, normal_of(error[j]), y.report_error)
            head = seen_income(last[k], now[k], early[k], fen[k], p.month) * factor / size[h0 + k]
            town.flags[NEW_ON_IT, k] = rule.obliged(head, y.line, True, u[k], p.obligation)


def pay_loop(new: Any, taken: Any, single: Any, full: Any, in_force: Any, of_single: Any, amounts: Any) -> None:
    """Amounts in force from the next month on."""
    for k in range(len(amounts)):
        amounts[k] = where(new[k], where(taken[k] & single[k], of_single, full[k]), in_force[k])


def cover_loop(h0: Any, h1: Any, town: Any, heads: Any, standard: Any, after: Any, amounts: Any) -> None:
    """Say which members are covered, where that changes, and pay the new; leave in ``COVERED`` how many receive."""
    off, pi, hi, counts, flags, fen = town.off, town.pi, town.hi, town.counts, town.flags, town.yuan[FEN_PAID]
    whole, changes = flags[WHOLE], flags[ASKS]
    whole_loop(
        flags[NEW_ON_IT], flags[TAKEN], flags[SINGLE], flags[GOES_ON], flags[CHECKED], counts[COVERED], hi[c.SIZE, h0:h1],
        hi[c.BIRTHS, h0:h1], hi[c.ARRIVALS, h0:h1], heads, standard, whole,
    )  # fmt: skip
    change_loop(
        flags[NEW_ON_IT], flags[ENDED], whole, counts[IN_BAND], counts[CLASS_1], counts[CLASS_2], counts[CLASS_3],
        counts[ON_TEKUN], hi[c.SIZE, h0:h1], changes[: h1 - h0],
    )  # fmt: skip
    for j in range(positions(changes[: h1 - h0], town.some)):
        k = town.some[j]
        h, only, receiving = h0 + k, flags[TAKEN, k] & flags[SINGLE, k], 0
        for i in range(off[h], off[h + 1]):
            covers = whole[k] or (only and rule.grave(pi[c.HEALTH, i], pi[c.CAPACITY, i]))
            in_class = where(covers, counts[IN_BAND, k], where(flags[ENDED, k], 0, pi[c.DIBAO, i]))
            pi[c.DIBAO, i] = where((pi[c.ALIVE, i] == 1) & (pi[c.TEKUN, i] == 0), in_class, 0)
            receiving += pi[c.DIBAO, i] > 0
        counts[COVERED, k] = receiving
        if flags[NEW_ON_IT, k]:
            fen[k] += receiving * fen_of(amounts[h], after)


def whole_loop(
    new: Any, taken: Any, single: Any, goes_on: Any, checked: Any, covered: Any, size: Any, births: Any, arrivals: Any,
    heads: Any, standard: Any, whole: Any,
) -> None:  # fmt: skip
    """Mark households that are covered as a whole from now on; the newly born are with their parents."""
    for k in range(len(size)):
        born = covered[k] >= size[k] - births[k] - arrivals[k]
        whole[k] = (new[k] & (not (taken[k] & single[k]))) | (
            goes_on[k] & (born | (checked[k] & rule.eligible(heads[k], standard)))
        )


def change_loop(
    new: Any, ended: Any, whole: Any, in_band: Any, first: Any, second: Any, third: Any, on_tekun: Any, size: Any, out: Any
) -> None:  # fmt: skip
    """Mark households in which somebody's class may change: where all are covered, not all are in its band yet."""
    for k in range(len(out)):
        already = where(in_band[k] == 1, first[k], where(in_band[k] == 2, second[k], third[k]))
        out[k] = new[k] | ended[k] | (whole[k] & (already + on_tekun[k] != size[k]))


def enter_loop(fen: Any, receiving: Any, paid: Any, held: Any, receives: Any, books: Any) -> None:
    """Enter what is paid."""
    cash, holders = np.int64(0), 0
    for k in range(len(paid)):
        whole = np.int64(np.rint(fen[k]))
        paid[k] += whole
        cash += whole
    for k in range(len(paid)):
        held[k] |= receiving[k] > 0
        receives[k] |= receiving[k] > 0
        holders += receiving[k] > 0
    books[CASH] += cash
    books[HOLDERS] += holders


# --- 临时救助, and the end ---------------------------------------------------------------------------------


def relief_loop(h0: Any, h1: Any, town: Any, y: Any, keys: Any, p: Any, test: Any, part: Any) -> None:
    """Relief of a chunk."""
    hi, bills, paid, large, n = town.hi, town.yuan[BILLS], town.items[RELIEF_ITEM], town.flags[ASKS], h1 - h0
    _, held, books, _, _ = part
    heads, threshold = test[HEAD], p.relief_threshold
    for k in range(n):
        large[k] = bills[k] > threshold
    for j in range(positions(large[:n], town.some)):
        k = town.some[j]
        h, bill = h0 + k, bills[k]
        known = is_registered(hi[c.STATUS, h]) | (hi[c.NETTED, h] > 0) | is_watched(hi[c.MONITORING, h])
        fits = (hi[c.SIZE, h] > 0) & (known | (heads[k] < p.relief_ceiling * y.standard))
        granted = fits & (chance(town.ids, h, keys, RELIEF, GRANTED) < p.relief_granted)
        if granted:
            fen = int(np.rint(rule.relief(bill, p.relief_threshold, p.relief_share, p.relief_most) * FEN))
            paid[h] += fen
            books[CASH] += fen
        held[h] |= granted
        books[HOLDERS] += granted
        books[NEW] += granted
        books[UNMET] += fits & (granted == 0)


def close(receives: Any, year: Any, since: Any, delivered: Any) -> None:
    """Say who of a chunk is on the safety net, and since when."""
    for k in range(len(since)):
        since[k] = where(receives[k] > 0, where(since[k] > 0, since[k], year), 0)
        delivered[k] += receives[k]


def crowd_loop(
    others: Any, given: Any, books: Any, noted: Any, shown: Any, count: Any, hi: Any, standard: Any, records: Any
) -> None:  # fmt: skip
    """Fen that the income which each of the other measures gave took off the support of those noted."""
    p = records[1]
    for n in range(len(others)):
        m = others[n]
        of_it, total = given[m], 0.0
        for j in range(count if books[m, HOLDERS] > 0 else 0):  # without holders it gave nothing
            h = noted[j]
            if of_it[h] != 0:
                means, entitled, spans, in_band = shown[MEANS, j], shown[ENTITLED, j], shown[SPANS, j], shown[BAND, j]
                total += crowded_fen(of_it[h], means, in_band, entitled, spans, hi[c.SIZE, h], standard, p)
        books[m, CROWDED_OUT] = int(total)  # whole: any order, same sum
