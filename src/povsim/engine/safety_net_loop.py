"""Owns: phase 5 in compiled code, and the texts that it shares with the reference (engine.safety_net), whose bits it gives.
Never: the rules themselves (policy.measures.safety_net), or which measure covers what.

A call that is handed arrays counts references, which would take longer than a household does: so calls are by the chunk, and
loops call only what works on numbers.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Final

import numpy as np

from povsim.core.elementary import maximum, ppf, where
from povsim.core.randomness import decision_number
from povsim.core.schema import EXPENSES, ITEMS, Capacity, Stage
from povsim.engine import columns as c
from povsim.engine.draws import of_household
from povsim.engine.income import wage_income
from povsim.engine.measures import ITEM
from povsim.engine.people import is_registered
from povsim.engine.shelf import CASH, HOLDERS, KIND_VALUE, NEW, UNMET
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


# --- the compiled body, household by household ------------------------------------------------------------

CHUNK: Final = 256  # households worked on at a time: what is kept of them stays in the first-level cache
LISTED, OBLIGED, RECHECKED, GRANTED, LISTED_TEKUN, INSTITUTION = (
    rule.KIND.draws[name] for name in ("listed", "obliged", "rechecked", "granted", "tekun", "institution")
)
CHILDREN_AWAY: Final = rule.KIND.lasting["children_away"]
REPORT_ERROR: Final = decision_number("assess_report_error_z")
LOWEST_Z: Final = -6.4  # no draw is a lower normal: a uniform is at least 2**-33
WAGES: Final = np.array([row for row, item in enumerate(ITEMS) if item.source == "wage"])  # counted by test and register
BY_BOTH, BY_TEST, BY_REGISTER = (
    np.array([row for row, item in enumerate(ITEMS) if (item.means, item.registry) == counts and item.source != "wage"], np.int64)
    for counts in ((True, True), (True, False), (False, True))
)  # the other items, by what counts them
BILL: Final = np.array([name not in ("schooling", "debt") for name in EXPENSES])  # the expenses that relief looks at

Year = namedtuple("Year", "year opening standard raised line report_error living_cost_away")
Town = namedtuple(
    "Town",
    "off house pi pf hi items last spent"  # the layout and the state
    " listed"  # of a chunk: places of some members
    " u yuan counts"  # of its households: draws of 低保; yuan of the accounts; counts of members, and whether they receive
    " tests"  # of each part's test: income per head, what came early, what is imputed, yuan
    " noted marks",  # of the town: households re-checked; what is kept of each
)
LIVING, ABLE, TURNED = range(3)  # rows of ``Town.listed``
LAST, NOW, WAGES_LAST, WAGES_NOW, REGISTRY_LAST, REGISTRY_NOW, BILLS = range(7)  # rows of ``Town.yuan``
COVERED, ON_TEKUN, GRAVE, WITHOUT, RECEIVES = range(5)  # rows of ``Town.counts``
HEAD, EARLY, IMPUTED = range(3)  # rows of a part's ``Town.tests``
MEANS, ENTITLED, SPANS, BAND = range(4)  # rows of ``Town.marks``: income per head, support and for how many persons' years, band


def decide_loop(town: Any, y: Any, tests: Any, records: Any, luck: Any, parts: Any) -> Any:
    """Decide and pay for every household.

    Parameters
    ----------
    town, y : Town, Year
        What is worked on; what holds for all this year.
    tests, records
        As in `Cover`.
    luck : (Luck, Luck)
        Of draws that last a whole life, and of last year's errors of report.
    parts : tuple of (covered, Luck, held, books, amount, grace)
        Of each of ``PARTS``: whether a measure covers it, and that measure.

    Returns
    -------
    int
        How many were noted.
    """
    tekun, dibao, relief = parts
    noted = 0
    for h0 in range(0, town.hi.shape[1], CHUNK):
        h1 = min(h0 + CHUNK, town.hi.shape[1])
        add_up(h0, h1, town.last, town.yuan[LAST], town.yuan[WAGES_LAST], town.yuan[REGISTRY_LAST])
        add_up(h0, h1, town.items, town.yuan[NOW], town.yuan[WAGES_NOW], town.yuan[REGISTRY_NOW])
        add_up_bills(h0, h1, town.spent, town.yuan[BILLS])
        able, moved = count_members(h0, h1, town)
        for row in range(3):
            if tests[row] == row:
                means_test(h0, h1, able, moved, town, y, luck[0], records[row], town.tests[row])
        if tekun[0]:
            tekun_loop(h0, h1, town, y, luck[0], records[0], town.tests[tests[0]], tekun)
        if dibao[0]:
            noted = dibao_loop(h0, h1, noted, town, y, luck[1], records[1], town.tests[tests[1]], dibao)
        if relief[0]:
            relief_loop(h0, h1, town, y, records[2], town.tests[tests[2]], relief)
        close(h0, h1, town, y)
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


def count_members(h0: Any, h1: Any, town: Any) -> tuple[Any, Any]:
    """Take the dead of a chunk off, count the living by household, list those whom a means test looks at; how many are listed."""
    off, house, pi, counts = town.off, town.house, town.pi, town.counts
    living, able, moved = town.listed[LIVING], town.listed[ABLE], town.listed[TURNED]
    a, b = off[h0], off[h1]
    here, on_tekun, on_dibao = pi[c.ALIVE, a:b], pi[c.TEKUN, a:b], pi[c.DIBAO, a:b]
    for j in range(b - a):
        on_tekun[j] *= here[j]
        on_dibao[j] *= here[j]
    n, m, t = 0, 0, 0
    for j in range(b - a):
        living[n] = a + j
        n += here[j]
    counts[:] = 0
    for j in range(n):
        i = living[j]
        k, age, health, capacity = house[i] - h0, pi[c.AGE, i], pi[c.HEALTH, i], pi[c.CAPACITY, i]
        counts[COVERED, k] += (pi[c.DIBAO, i] > 0) & (pi[c.TEKUN, i] == 0)
        counts[ON_TEKUN, k] += pi[c.TEKUN, i] > 0
        counts[GRAVE, k] += rule.grave(health, capacity)
        counts[WITHOUT, k] += rule.without_capacity(age, health, capacity)
        able[m] = i
        m += is_able(capacity, pi[c.STAGE, i], age)
        moved[t] = i
        t += turned(pi[c.MONTHS, i], pi[c.FOUND_MONTH, i], pi[c.LOST_MONTH, i])
    return m, t


def means_test(h0: Any, h1: Any, able: Any, moved: Any, town: Any, y: Any, lasting: Any, p: Any, test: Any) -> None:
    """Income per head of a chunk by a part's means test over the months behind the decision."""
    pi, pf, hi, house, yuan, listed = town.pi, town.pf, town.hi, town.house, town.yuan, town.listed
    heads, early, imputed, received = test[HEAD], test[EARLY], test[IMPUTED], town.items[SUPPORT_ITEM]
    of_able, of_old = p.imputed_able * y.standard, p.imputed_support * y.standard
    early[:], imputed[:] = 0.0, 0.0
    for j in range(moved):
        i = listed[TURNED, j]
        wage = wage_income(pi[c.MONTHS, i], pf[c.WAGE_MONTH, i], pi[c.PAID, i], y)
        early[house[i] - h0] += early_fen(wage, pi[c.FOUND_MONTH, i], pi[c.LOST_MONTH, i], p.month)
    for j in range(able):
        i = listed[ABLE, j]
        work = pi[c.MONTHS, i], pf[c.WAGE_MONTH, i], pi[c.FOUND_MONTH, i], pi[c.LOST_MONTH, i]
        imputed[house[i] - h0] += imputed_fen(work[0], work[1], work[2], work[3], p.month, of_able)
    for h in range(h0, h1):
        k = h - h0
        support = rule.imputed_support(hi[c.ELDERS, h], True, hi[c.LABOURERS, h], received[h] / FEN, of_old)
        if support > 0.0 and of_household(lasting, h, CHILDREN_AWAY) >= p.children_away:
            support = 0.0
        early[k] /= FEN
        imputed[k] = imputed[k] / FEN + support
    for k in range(h1 - h0):
        heads[k] = head_behind(
            yuan[LAST, k], yuan[NOW, k], yuan[WAGES_LAST, k], yuan[WAGES_NOW, k], early[k], imputed[k], hi[c.SIZE, h0 + k], p
        )


def tekun_loop(h0: Any, h1: Any, town: Any, y: Any, lasting: Any, p: Any, test: Any, part: Any) -> None:
    """特困 of a chunk."""
    off, pi, hi, counts, heads = town.off, town.pi, town.hi, town.counts, test[HEAD]
    received, paid = town.items[SUPPORT_ITEM], town.items[TEKUN_ITEM]
    _, luck, held, books, _, _ = part
    for h in range(h0, h1):
        k = h - h0
        helpless = (hi[c.LABOURERS, h] + hi[c.WEAKS, h] == 0) & (counts[WITHOUT, k] == hi[c.SIZE, h]) & (hi[c.SIZE, h] > 0)
        if counts[ON_TEKUN, k] == 0 and not helpless:
            continue
        already, fits, new, place = False, False, False, 0
        for i in range(off[h], off[h + 1]):
            already |= (pi[c.TEKUN, i] > 0) & (pi[c.CAPACITY, i] < Capacity.ORDINARY)
        if helpless and not already:
            supported = of_household(lasting, h, CHILDREN_AWAY) < p.children_away
            fits = rule.becomes_tekun(True, heads[k], y.standard, supported, received[h])
            new = fits & (of_household(luck, h, LISTED_TEKUN) < p.tekun_listing)
            place = where(of_household(luck, h, INSTITUTION) < p.tekun_institution, 2, 1)
        fen, cared, months = 0.0, 0, where(new, 12.0 - p.month, 12.0)
        counts[COVERED, k], counts[ON_TEKUN, k] = 0, 0
        for i in range(off[h], off[h + 1]):
            if pi[c.ALIVE, i] == 0:
                continue
            capacity = pi[c.CAPACITY, i]
            form = where(new, place, where(capacity >= Capacity.ORDINARY, 0, pi[c.TEKUN, i]))
            amount = rule.tekun_amount(form, y.standard, p.tekun__dispersed, p.tekun__institution)
            fen += np.rint(amount * months / 12.0 * FEN)
            cared += (form > 0) & rule.needs_care(pi[c.HEALTH, i], capacity)
            pi[c.TEKUN, i] = form
            pi[c.DIBAO, i] = where(form > 0, 0, pi[c.DIBAO, i])
            counts[COVERED, k] += pi[c.DIBAO, i] > 0
            counts[ON_TEKUN, k] += form > 0
        receives = already | new
        paid[h] += int(np.rint(fen))
        held[h] |= receives
        counts[RECEIVES, k] |= receives
        books[CASH] += int(np.rint(fen))
        books[HOLDERS] += receives
        books[NEW] += new
        books[UNMET] += fits & (new == 0)
        books[KIND_VALUE] += int(np.rint(p.tekun_care * FEN)) * cared


def dibao_loop(h0: Any, h1: Any, noted: Any, town: Any, y: Any, reports: Any, p: Any, test: Any, part: Any) -> Any:
    """低保 of a chunk; how many are noted by now."""
    off, pi, hi, yuan, counts = town.off, town.pi, town.hi, town.yuan, town.counts
    stated, paid, rows, marks = town.last[DIBAO_ITEM], town.items[DIBAO_ITEM], town.noted, town.marks
    _, luck, held, books, amounts, grace = part
    heads, early, standard = test[HEAD], test[EARLY], y.standard
    of_single, after, u = p.single_share * standard, 12.0 - p.month, town.u
    least_error = reported_income(1.0, LOWEST_Z, y.report_error)
    for h in range(h0, h1):
        k = h - h0
        u[0, k], u[1, k], u[2, k] = (
            of_household(luck, h, LISTED), of_household(luck, h, OBLIGED), of_household(luck, h, RECHECKED),
        )  # fmt: skip
    for h in range(h0, h1):
        k = h - h0
        size, labourers, covered, in_force, left, means = (
            hi[c.SIZE, h], hi[c.LABOURERS, h], counts[COVERED, k], amounts[h] * y.raised, grace[h], heads[k],
        )  # fmt: skip
        amounts[h], grace[h] = in_force, 0.0
        if size == 0:
            continue
        if y.opening:
            in_force = stated_amount(stated[h], covered)
        single = rule.single_cover(means, standard, p.single_ceiling, counts[GRAVE, k])
        in_band = rule.band(labourers, hi[c.WEAKS, h], counts[GRAVE, k])
        full = full_amount(means, standard, in_band, p)

        fen, goes_on, ended, checked = 0.0, False, False, False
        if covered > 0:
            alone = single & (covered < size)
            entitled = where(alone, of_single, full)
            fen, in_force, grace[h], goes_on, ended, checked = carry_on(
                covered, in_force, left, u[2, k], labourers, means, entitled, standard, p
            )
            if checked and not alone:
                rows[noted], marks[MEANS, noted], marks[BAND, noted] = h, means, in_band
                marks[ENTITLED, noted] = rule.supported(full, means, standard, p.ceiling)
                marks[SPANS, noted] = covered * after / 12.0
                noted += 1

        fits, listed, new = False, False, False
        if counts[ON_TEKUN, k] == 0 and (covered == 0 or ended):
            fits = rule.eligible(means, standard) | single
            listed = fits & (u[0, k] < rule.chance_listed(labourers, p.listing, p.listing_labour))
            new = listed
            if is_registered(hi[c.STATUS, h]) and not listed:
                seen = seen_income(yuan[REGISTRY_LAST, k], yuan[REGISTRY_NOW, k], early[k], fen, p.month)
                if u[1, k] < p.obligation and seen * least_error / size < y.line:  # else no error brings it under
                    error = reported_income(1.0, ppf(of_household(reports, h, REPORT_ERROR)), y.report_error)
                    new = rule.obliged(seen * error / size, y.line, True, u[1, k], p.obligation)
        only = listed & single
        in_force = where(new, where(only, of_single, full), in_force)
        amounts[h] = in_force
        books[UNMET] += fits & (new == 0)
        if covered == 0 and not new:
            continue

        born = goes_on & (covered >= size - hi[c.BIRTHS, h] - hi[c.ARRIVALS, h])
        whole = (new & (only == 0)) | born | (checked & goes_on & rule.eligible(means, standard))
        receiving = 0
        for i in range(off[h], off[h + 1]):
            covers = whole or (only and rule.grave(pi[c.HEALTH, i], pi[c.CAPACITY, i]))
            in_class = where(covers, in_band, where(ended, 0, pi[c.DIBAO, i]))
            pi[c.DIBAO, i] = where((pi[c.ALIVE, i] == 1) & (pi[c.TEKUN, i] == 0), in_class, 0)
            receiving += pi[c.DIBAO, i] > 0
        if new:
            fen += receiving * fen_of(in_force, after)
        paid[h] += int(np.rint(fen))
        held[h] |= receiving > 0
        counts[RECEIVES, k] |= receiving > 0
        books[CASH] += int(np.rint(fen))
        books[HOLDERS] += receiving > 0
        books[NEW] += new
    return noted


def relief_loop(h0: Any, h1: Any, town: Any, y: Any, p: Any, test: Any, part: Any) -> None:
    """Relief of a chunk."""
    hi, bills, paid = town.hi, town.yuan[BILLS], town.items[RELIEF_ITEM]
    _, luck, held, books, _, _ = part
    heads = test[HEAD]
    for h in range(h0, h1):
        bill = bills[h - h0]
        if bill > p.relief_threshold and hi[c.SIZE, h] > 0:
            known = is_registered(hi[c.STATUS, h]) | (hi[c.NETTED, h] > 0) | is_watched(hi[c.MONITORING, h])
            fits = known | (heads[h - h0] < p.relief_ceiling * y.standard)
            granted = fits & (of_household(luck, h, GRANTED) < p.relief_granted)
            if granted:
                fen = int(np.rint(rule.relief(bill, p.relief_threshold, p.relief_share, p.relief_most) * FEN))
                paid[h] += fen
                books[CASH] += fen
            held[h] |= granted
            books[HOLDERS] += granted
            books[NEW] += granted
            books[UNMET] += fits & (granted == 0)


def close(h0: Any, h1: Any, town: Any, y: Any) -> None:
    """Say who of a chunk is on the safety net, and since when."""
    hi, receives = town.hi, town.counts[RECEIVES]
    for h in range(h0, h1):
        since = hi[c.NETTED, h]
        hi[c.NETTED, h] = where(receives[h - h0] > 0, where(since > 0, since, y.year), 0)
        hi[c.DELIVERED, h] += receives[h - h0]


def crowd_loop(given: Any, noted: Any, marks: Any, count: Any, hi: Any, standard: Any, records: Any, fen: Any) -> None:
    """Fen that the income which each of some measures gave took off the support of those noted."""
    p = records[1]
    for m in range(len(given)):
        of_it, total = given[m], 0.0
        for j in range(count if len(of_it) else 0):
            h = noted[j]
            if of_it[h] != 0:
                means, entitled, spans, in_band = marks[MEANS, j], marks[ENTITLED, j], marks[SPANS, j], marks[BAND, j]
                total += crowded_fen(of_it[h], means, in_band, entitled, spans, hi[c.SIZE, h], standard, p)
        fen[m] = int(total)  # whole: any order, same sum
