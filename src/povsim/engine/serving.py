"""Owns: the compiled bodies of allocation: who holds on, who is new, in which order, within which limits, and what holders get.
Never: when a measure is served (engine.allocation, whose columns are the reference) or what a hook says (policy.measures)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import Capacity, Monitoring, Status
from povsim.engine import columns as c
from povsim.engine.compile import lift
from povsim.engine.measures import (
    COMING,
    DERIVED_HOUSE,
    GUARANTEES,
    HOLDERS,
    NEW,
    UNMET,
    ended,
    exit_line,
    kept,
    rows_of,
    serving,
)
from povsim.engine.sorting import radix
from povsim.engine.state import FEN

if TYPE_CHECKING:
    from povsim.core.params import Condition, Measure
    from povsim.engine.allocation import Served
    from povsim.engine.world import World

Array = NDArray[Any]
Rows = NDArray[np.int64]

EXITED, REMOVED = int(Status.EXITED), int(Status.REMOVED)
UNSTABLE, MARGINAL, SUDDEN = (int(Monitoring[name]) for name in ("UNSTABLE", "MARGINAL", "SUDDEN"))
ORDINARY, SKILLED = int(Capacity.ORDINARY), int(Capacity.SKILLED)
_NOBODY: Final = np.zeros(0, np.int64)

# --- conditions as data ----------------------------------------------------------------------------------

IN, AT_LEAST, OVER, AT_MOST, UNDER, BETWEEN = range(6)
_OPS: Final = {"in": IN, ">=": AT_LEAST, ">": OVER, "<=": AT_MOST, "<": UNDER, "between": BETWEEN}
_MATRICES: Final = {"hi": 0, "hf": 1, "cols": 2, "pi": 0, "pf": 1}


@dataclass(frozen=True)
class Terms:
    """Conditions on households or persons: a row each of matrix, row, operation, first value, number of values."""

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    derived: tuple[str, ...]


def _conditions(world: World, conditions: tuple[Condition, ...], of: str) -> Terms:
    rows: list[tuple[int, ...]] = []
    values: list[float] = []
    derived: list[str] = []
    for one in conditions:
        if one.of != of:
            continue
        given = list(one.values)
        if one.field == "village":
            matrix, row = "hi", c.VILLAGE
            given = [v for v, name in enumerate(world.layout.village_names) if name in given]
        elif one.field in DERIVED_HOUSE and of == "household":
            matrix, row = "cols", DERIVED_HOUSE.index(one.field)
            derived.append(one.field)
        else:
            matrix, row = rows_of(of)[one.field]
        rows.append((_MATRICES[matrix], row, _OPS[one.op], len(values), len(given)))
        values += [float(value) for value in given]
    return Terms(np.array(rows, np.int64).reshape(-1, 5), np.array(values, np.float64), tuple(derived))


def _terms(world: World, index: int, measure: Measure) -> tuple[Terms, Terms]:
    def make() -> tuple[Terms, Terms]:
        return _conditions(world, measure.eligible, "household"), _conditions(world, measure.eligible, "person")

    terms: tuple[Terms, Terms] = world.keep(("eligible", index), make)
    return terms


def meets(rows: Any, values: Any, a: Any, b: Any, made: Any, who: Any) -> Any:
    """Whether one unit meets all conditions; ``a``, ``b``, ``made`` are the matrices that they name by number."""
    for j in range(len(rows)):
        matrix, row, op, first, count = rows[j, 0], rows[j, 1], rows[j, 2], rows[j, 3], rows[j, 4]
        x = float(a[row, who]) if matrix == 0 else b[row, who] if matrix == 1 else made[row, who]
        met = False
        if op == IN:
            for v in range(first, first + count):
                met = met or x == values[v]
        elif op == AT_LEAST:
            met = x >= values[first]
        elif op == OVER:
            met = x > values[first]
        elif op == AT_MOST:
            met = x <= values[first]
        elif op == UNDER:
            met = x < values[first]
        else:
            met = (x >= values[first]) and (x <= values[first + 1])
        if not met:
            return False
    return True


# --- who holds on ----------------------------------------------------------------------------------------


def hold_on(one: Served) -> None:
    """Those who held it last year and still do; in the first year those whom the register shows as holders."""
    y, h, kind, s, house = one.y, one.h, one.kind, one.y.s, one.homes
    if one.persons:
        lift(forget_loop)(h["slot"], s.pi[c.SLOT], h["held"], h["over"], h["columns"], one.firsts)
    if y.year == y.world.years[0] and kind.adopts is not None and one.measure.start_year <= y.year:
        everybody = np.flatnonzero(s.pi[c.ALIVE] if one.persons else s.hi[c.SIZE])
        found = everybody[one.asked.ask("adopts", everybody)[1][0] > 0.0]
        _hand_over(one, found, y.world.scenario.run.opening)
    who = np.flatnonzero(h["held"])
    if not len(who):
        return
    h["held"][who] = False
    there = (s.pi[c.ALIVE] if one.persons else s.hi[c.SIZE])[who] > 0
    who = who[there]
    if kind.keeps is not None and len(who):
        goes_on = one.asked.ask("keeps", who)[1][0] > 0.0
        h["over"][who[~goes_on]] = True  # it ended by itself; the kind says whether one may have it again
        who = who[goes_on]
    supported = np.empty(len(who), np.bool_)
    lift(support_loop)(who, house, s.hi, kind.by_right, kind.stays or one.by_calendar, supported)
    paid = who[supported]
    if not kind.stays:
        who = paid
    if ended(one.measure, y.year):
        paid = paid[:0]
    elif kind.costs is not None:
        paid = _afforded(one, paid, None, held=True)
        if not (kind.stays or one.running):  # else they ask again, and are counted then
            h["books"][UNMET] += len(who) - len(paid)
    h["paid"][who], h["paid"][paid] = 0.0, 1.0
    who = who if kind.stays else paid
    h["held"][who] = True
    claim(one, who)


def forget_loop(slot: Any, now: Any, held: Any, over: Any, columns: Any, firsts: Any) -> None:
    """Somebody else has taken these places, and inherits nothing of what was held in them, nor that it ended."""
    for i in range(len(slot)):
        if (slot[i] >= 0) & (slot[i] != now[i]):
            held[i], over[i], slot[i] = False, False, -1
            for j in range(len(firsts)):
                columns[j, i] = firsts[j]


def support_loop(who: Any, house: Any, hi: Any, by_right: Any, by_calendar: Any, out: Any) -> None:
    """Whether each may have it this year."""
    for k in range(len(who)):
        out[k] = may_have(hi[c.STATUS, house[who[k]]], hi[c.MONITORING, house[who[k]]], by_right, by_calendar)


def may_have(status: Any, watch: Any, by_right: Any, by_calendar: Any) -> Any:
    """The removed only what is due by law; after exit by the calendar, then by need (those monitored)."""
    watched = (watch == UNSTABLE) | (watch == MARGINAL) | (watch == SUDDEN)
    return (by_right | (status != REMOVED)) & (by_calendar | (status != EXITED) | watched)


# --- who is new ------------------------------------------------------------------------------------------


def admit(one: Served) -> Rows:
    """Those who are eligible, could use it and take it, in order, as far as quota, budget and pools go; returns whom not."""
    y, h, kind = one.y, one.h, one.kind
    who = candidates(one) if one.running else _NOBODY
    if not len(who):
        return who
    take_up, lottery = one.generic_luck(who)
    willing = take_up < one.measure.take_up
    who, lottery = who[willing], lottery[willing]
    quota = np.inf if one.measure.quota is None else one.measure.quota.at(y.year)
    given = _afforded(one, who, lottery, held=False, quota=quota) if quota > 0.0 else who[:0]
    if not len(given):
        return who
    refused: Rows = who[~_among(who, given)]
    h["books"][NEW] = _households(one, given)
    _hand_over(one, given, y.year)
    if kind.begins is not None:
        names, out = one.asked.ask("begins", given)
        kind.check(dict.fromkeys(names), "begins")
        one.keep(names, out, given)
    claim(one, given)
    return refused


def _among(who: Rows, given: Rows) -> Array:
    """Which of some are among the given; both ascend."""
    mask = np.zeros(len(who), np.bool_)
    mask[np.searchsorted(who, given)] = True
    return mask


def candidates(one: Served) -> Rows:
    """Units that are there, may have it, do not hold it, meet the conditions, and could use it."""
    y, s, k, layout = one.y, one.y.s, one.y.k, one.y.world.layout
    asked, of_person = _terms(y.world, one.index, one.measure)
    for name in asked.derived:
        k.filled("household", name)
    barred = _holds_kind(one) if one.kind.single else _NO_MARKS
    if len(of_person.rows) and not one.persons:  # a household needs a member who meets them
        without = k.counted(one.measure, one.kind, one.p) == 0
        barred = barred | without if len(barred) else without
    out = np.empty(layout.places if one.persons else layout.households, np.int64)
    count = lift(candidates_loop)(
        one.persons, layout.off, s.hi, s.hf, k.cols, s.pi, s.pf, one.h["held"], barred, asked.rows, asked.values, of_person.rows,
        of_person.values, one.kind.by_right, one.kind.by_right or one.by_calendar, out,
    )  # fmt: skip
    who = out[:count]
    if one.kind.fits is not None and len(who):
        who = who[one.asked.ask("fits", who)[1][0] > 0.0]
    return who


_NO_MARKS: Final = np.zeros(0, np.bool_)


def candidates_loop(
    persons: Any, off: Any, hi: Any, hf: Any, cols: Any, pi: Any, pf: Any, held: Any, barred: Any, rows: Any, values: Any,
    of_person: Any, person_values: Any, by_right: Any, by_calendar: Any, out: Any,
) -> Any:  # fmt: skip
    """Fill in who they are, ascending; returns how many."""
    count = 0
    for h in range(len(off) - 1):
        if hi[c.SIZE, h] == 0 or not may_have(hi[c.STATUS, h], hi[c.MONITORING, h], by_right, by_calendar):
            continue
        if len(barred) and barred[h]:
            continue
        if not persons and held[h]:
            continue
        if not meets(rows, values, hi, hf, cols, h):
            continue
        if not persons:
            out[count] = h
            count += 1
            continue
        for i in range(off[h], off[h + 1]):
            if pi[c.ALIVE, i] == 1 and not held[i] and meets(of_person, person_values, pi, pf, pf, i):
                out[count] = i
                count += 1
    return count


def _holds_kind(one: Served) -> Array:
    """Households that hold some measure of the kind."""
    y = one.y
    holds = np.zeros(y.world.layout.households, np.bool_)
    for index, _, kind in serving(y.world):
        if kind.name == one.kind.name:
            lift(mark_loop)(kept(y.s, y.world, index, kind)["held"], one.homes, holds)
    return holds


def mark_loop(held: Any, house: Any, holds: Any) -> None:
    """Mark the households of holders."""
    for i in range(len(held)):
        if held[i]:
            holds[house[i]] = True


def _households(one: Served, who: Rows) -> int:
    """Number of households among some units, which ascend."""
    if not one.persons or not len(who):
        return len(who)
    house = one.homes[who]
    return 1 + int(np.count_nonzero(house[1:] != house[:-1]))


# --- limits ----------------------------------------------------------------------------------------------

POOREST, LARGEST_GAP, LIST, LOTTERY, REGISTERED, HELD_LONGEST = range(6)
_ORDERS: Final = {"poorest": POOREST, "largest_gap": LARGEST_GAP, "list": LIST, "lottery": LOTTERY, "registered": REGISTERED}
EACH, MEMBERS, FIXED, FIRST = range(4)  # what one takes of a quota


def _afforded(one: Served, who: Rows, lottery: Array | None, held: bool, quota: float = np.inf) -> Rows:
    """Whom fund, quota and budget let in, ascending; the sums are set aside at their most, so that none is ever exceeded."""
    if not len(who):
        return who
    y, s, layout = one.y, one.y.s, one.y.world.layout
    budget, fund = _most(one, who, held)
    left = y.budget.get(one.index)
    limited = left is not None and budget is not None
    takes, each, by_village, taken = _quota(one, quota)
    let = np.empty(len(who), np.bool_)
    order = _NOBODY
    posts = y.posts
    for attempt in range(2):
        spent = lift(limit_loop)(
            order, who, one.homes, layout.village, s.hi[c.SIZE], _NOBODY if fund is None else fund, posts,
            _NOBODY if budget is None else budget, -1 if not limited else left, takes, each, by_village, taken, quota, let,
        )  # fmt: skip
        if spent >= 0:
            break
        assert attempt == 0
        order = _order(one, who, lottery)
    if limited:
        y.budget[one.index] -= spent
    return who[let]


def _most(one: Served, who: Rows, held: bool) -> tuple[Rows | None, Rows | None]:
    """Fen that each can cost at most this year: from the ``budget`` (overhead included), from the village's ``post_fund``."""
    if one.kind.costs is None:
        return None, None
    names, out = one.asked.ask("costs", who, new=not held)
    found: dict[str, Rows] = {}
    for name, yuan in zip(names, out, strict=True):
        more = 1.0 + (one.p.overhead if "overhead" in one.p else 0.0) if name == "budget" else 1.0
        found[name] = np.ceil(yuan * more * FEN).astype(np.int64)
    return found.get("budget"), found.get("post_fund")


def _quota(one: Served, number: float) -> tuple[int, float, bool, Array]:
    """What one takes of the quota, how much where it is fixed, whether villages have one each, and what is taken by village."""
    quota, y = one.measure.quota, one.y
    taken = np.zeros(y.world.layout.villages)
    if quota is None or np.isinf(number):
        return EACH, 1.0, False, taken
    by_village = quota.per == "village"
    if quota.unit == "posts":
        holders = y.world.layout.village[one.homes[np.flatnonzero(one.h["held"])]] * by_village
        taken = np.bincount(holders, minlength=len(taken)).astype(np.float64)
    if quota.unit == "persons" and not one.persons:
        return MEMBERS, 1.0, by_village, taken
    if quota.unit in one.kind.sizes:
        return FIXED, float(one.p[one.kind.sizes[quota.unit]]), by_village, taken
    if quota.unit == "households" and one.persons:
        return FIRST, 1.0, by_village, taken
    return EACH, 1.0, by_village, taken


def limit_loop(
    order: Any, who: Any, house: Any, village: Any, size: Any, fund: Any, posts: Any, budget: Any, left: Any, takes: Any,
    each: Any, by_village: Any, taken: Any, number: Any, let: Any,
) -> Any:  # fmt: skip
    """Say in ``let`` whom the limits let in, and take from ``posts``; returns the fen of the budget taken.

    Without an order: -1 and nothing taken, unless all may be let in, when no order matters. Limits in turn: the village's fund,
    the quota, the yearly budget; who fails one does not count in the next, but does in the running total of his own.
    """
    count, unordered = len(who), len(order) == 0
    running, used = np.zeros(len(posts), np.int64), taken.copy()
    last = -1
    first = np.zeros(count, np.bool_)
    if takes == FIRST and unordered:  # of units that ascend
        for k in range(count):
            first[k] = house[who[k]] != last
            last = house[who[k]]
    has_fund = False
    for k in range(len(fund)):
        has_fund = has_fund or fund[k] != 0
    total = 0
    seen = np.zeros(len(size), np.bool_) if takes == FIRST and not unordered else np.zeros(0, np.bool_)
    for turn in range(count):
        k = turn if unordered else order[turn]
        h = house[who[k]]
        v = village[h]
        let[k] = True
        if has_fund:
            running[v] += fund[k]
            let[k] = (running[v] <= posts[v]) | (fund[k] == 0)
        if let[k] and number < np.inf:
            weight = 1.0
            if takes == MEMBERS:
                weight = float(size[h])
            elif takes == FIXED:
                weight = each
            elif takes == FIRST:
                new = first[k] if unordered else not seen[h]
                weight = 1.0 if new else 0.0
                if not unordered:
                    seen[h] = True
            g = v if by_village else 0
            used[g] += weight
            let[k] = used[g] <= number + 1e-9
        if let[k] and left >= 0 and len(budget):
            total += budget[k]
            let[k] = total <= left
        if unordered and not let[k]:
            return -1
    spent = 0
    for k in range(count):
        if let[k]:
            if len(budget):
                spent += budget[k]
            if len(fund):
                posts[village[house[who[k]]]] -= fund[k]
    return spent


def _order(one: Served, who: Rows, lottery: Array | None) -> Rows:
    """The order of service, by last year's reported income; of those who hold it, since when they do."""
    y, s = one.y, one.y.s
    code = HELD_LONGEST if lottery is None else _ORDERS[one.measure.order]
    slots = s.pi[c.SLOT] if one.persons else _NO_SLOTS
    order, other = np.empty(len(who), np.int64), np.empty(len(who), np.int64)
    lift(order_loop)(
        code, who, one.homes, slots, y.world.layout.draw_id, s.hf[c.REPORTED], s.hi, one.h["since"],
        who.astype(np.float64) if lottery is None else lottery, exit_line(y.world, y.year), order, other,
    )  # fmt: skip
    return order


_NO_SLOTS: Final = np.zeros(0, np.int32)


def order_loop(
    code: Any, who: Any, house: Any, slots: Any, ids: Any, income: Any, hi: Any, since: Any, lottery: Any, line: Any, order: Any,
    other: Any,
) -> None:  # fmt: skip
    """Fill ``order`` with positions, first served first; identity and slot decide ties."""
    count = len(who)
    first, second = np.empty(count), np.empty(count)
    two = (code == LARGEST_GAP) | (code == LIST) | (code == REGISTERED)
    for k in range(count):
        h = house[who[k]]
        first[k], second[k] = income[h], income[h]
        if code == LARGEST_GAP:
            first[k] = -max(line - income[h], 0.0) * hi[c.SIZE, h]
        elif code == LIST:
            first[k] = float(-hi[c.LISTED, h])
        elif code == LOTTERY:
            first[k] = lottery[k]
        elif code == REGISTERED:
            year = hi[c.YEAR_IDENTIFIED, h]
            first[k] = float(year) if year > 0 else np.inf
        elif code == HELD_LONGEST:
            first[k] = float(since[who[k]])
        order[k] = k
    if two:
        radix(second, order, other)
    radix(first, order, other)
    for at in range(1, count):  # ties are rare
        k, to = order[at], at
        while to > 0 and _tied_before(k, order[to - 1], first, second, two, who, house, slots, ids):
            order[to] = order[to - 1]
            to -= 1
        order[to] = k


def _tied_before(a: Any, b: Any, first: Any, second: Any, two: Any, who: Any, house: Any, slots: Any, ids: Any) -> Any:
    """Whether two have equal keys, and the one comes before the other by identity and slot."""
    if first[a] != first[b] or (two and second[a] != second[b]):
        return False
    ours, theirs = ids[house[who[a]]], ids[house[who[b]]]
    if ours != theirs:
        return ours < theirs
    return len(slots) > 0 and slots[who[a]] < slots[who[b]]


# --- handing over ----------------------------------------------------------------------------------------


def _hand_over(one: Served, who: Rows, year: int) -> None:
    """From now on these hold it; own columns begin at their first values."""
    h = one.h
    slots = one.y.s.pi[c.SLOT] if one.persons else _NO_SLOTS
    lift(hand_over_loop)(who, year, slots, h["held"], h["since"], h["paid"], h["slot"], h["columns"], one.firsts)


def hand_over_loop(
    who: Any, year: Any, slots: Any, held: Any, since: Any, paid: Any, slot: Any, columns: Any, firsts: Any
) -> None:
    """Enter new holders."""
    for k in range(len(who)):
        i = who[k]
        held[i], since[i], paid[i] = True, year, 1.0
        if len(slots):
            slot[i] = slots[i]
        for j in range(len(firsts)):
            columns[j, i] = firsts[j]


(
    FINDING, WAGES, ONSET, POST_WAGE, POST_AT, POST_MONTHS, AIDED, SKILLED_NOW, CONVERTED, LAND, HILL, LABOUR,
    UNFIT, SAFE, SOON, OWN, OTHER,
) = range(17)  # fmt: skip
_DOES: Final = {
    "finding": FINDING, "wages": WAGES, "onset": ONSET, "post_wage": POST_WAGE, "post_at": POST_AT, "post_months": POST_MONTHS,
    "aided": AIDED, "skilled": SKILLED_NOW, "converted": CONVERTED,
    "land": LAND, "hill": HILL, "labour": LABOUR, "house_unfit": UNFIT,
    **{name: SAFE for name in GUARANTEES},
    **{name: SOON for name in COMING},
}  # fmt: skip
_HELPS: Final = {FINDING: c.FIND_HELP, WAGES: c.WAGE_HELP, ONSET: c.ONSET_HELP}
FREE_LAND, FREE_HILL = DERIVED_HOUSE.index("free_land"), DERIVED_HOUSE.index("free_hill")
_TAKEN: Final = {LAND: FREE_LAND, HILL: FREE_HILL, LABOUR: DERIVED_HOUSE.index("able_months")}
_known: dict[tuple[int, tuple[str, ...]], tuple[Any, NDArray[np.int64]]] = {}


def claim(one: Served, who: Rows) -> None:
    """What holders get before work and income: help, posts, schooling, premiums, guarantees; and the land they plant."""
    if one.kind.helps is None or not len(who):
        return
    y, s, h = one.y, one.y.s, one.h
    names, out = one.asked.ask("helps", who)
    if "labour" in names:
        y.k.filled("household", "able_months")  # the other pools are there from the start
    for row, name in enumerate(names):
        if name in one.kind.common:
            h[name][0] = one.asked.single[row]
    lift(claim_loop)(
        _does(one.kind, names), out, who, one.homes, y.world.layout.off, one.persons, s.pi, s.pf, s.hi, s.hf, y.k.cols,
        h["columns"], h["since"], y.year, one.first_months, one.measure.start_month, 1 + one.index, int(one.kind.route),
    )  # fmt: skip
    for name, row_out in zip(names, out, strict=True):
        if name == "premium":
            one.pay_premiums(who, row_out)
        elif name == "school_safe":
            one.back_to_school(who, row_out)


def _does(kind: Any, names: tuple[str, ...]) -> NDArray[np.int64]:
    """What each answer does, in the order in which it is done: its place among the answers, its code, its row."""
    known = _known.get((id(kind), names))
    if known is None or known[0] is not kind:
        kind.check(dict.fromkeys(names), "helps")
        rows = []
        for at, name in enumerate(names):
            if name in kind.own:
                rows.append((at, OWN, list(kind.own).index(name)))
            elif name != "school_safe":  # with the children who go back to school
                code = _DOES.get(name, OTHER)
                row = (GUARANTEES | COMING).get(name, _HELPS.get(code, _TAKEN.get(code, 0)))
                rows.append((at, code, row))
        rows.sort(key=lambda one: one[1])
        known = _known[id(kind), names] = kind, np.array(rows, np.int64).reshape(-1, 3)
    return known[1]


def claim_loop(
    does: Any, out: Any, who: Any, house: Any, off: Any, persons: Any, pi: Any, pf: Any, hi: Any, hf: Any, cols: Any,
    columns: Any, since: Any, year: Any, first_months: Any, start_month: Any, post: Any, route: Any,
) -> None:  # fmt: skip
    """Give the holders what was answered, one answer after the other."""
    for d in range(len(does)):
        j, what, row = does[d, 0], does[d, 1], does[d, 2]
        for k in range(len(who)):
            i, x = who[k], out[j, k]
            h = house[i]
            if (what == FINDING) | (what == WAGES) | (what == ONSET):
                months = first_months if since[i] == year else 12.0
                helped = 1.0 + (x - 1.0) * months / 12.0
                if persons:
                    pf[row, i] *= helped
                else:
                    for place in range(off[h], off[h + 1]):
                        pf[row, place] *= helped
            elif what == POST_WAGE:
                pi[c.POST, i] = post
                pi[c.FOUND_MONTH, i] = start_month if since[i] == year else 0
                pf[c.POST_WAGE, i] = x
            elif what == POST_AT:
                pi[c.WORK, i] = int(x)
            elif what == POST_MONTHS:
                pf[c.POST_MONTHS, i] = x
            elif what == AIDED:
                if x > 0.0:
                    pi[c.AIDED, i] |= 1
            elif what == SKILLED_NOW:
                if (x > 0.0) and pi[c.CAPACITY, i] == ORDINARY:
                    pi[c.CAPACITY, i] = SKILLED
            elif (what == LAND) | (what == HILL) | (what == LABOUR):
                cols[row, h] -= x
                if what == LAND:
                    hf[c.LAND_USED, h] += x
            elif what == CONVERTED:
                hf[c.LAND, h] -= x
                hf[c.FOREST, h] += x
                cols[FREE_LAND, h] -= x
                cols[FREE_HILL, h] += x
            elif what == UNFIT:
                if x > 0.0:
                    hi[c.HOUSE_SAFE, h] = 0
            elif what == SAFE:
                if (x > 0.0) and hi[row, h] == 0:
                    hi[row, h] = 1
                    if route > 0:
                        hi[c.SECURED, h] = route
            elif what == SOON:
                if x > 0.0:
                    hi[row, h] = 1
            elif what == OWN:
                columns[row, i] = x


# --- the year's end of allocation ------------------------------------------------------------------------


def deliver(one: Served) -> None:
    """Count the measure for the households that have it, and them for the measure."""
    delivered = one.y.s.hi[c.DELIVERED]
    one.h["books"][HOLDERS] = lift(deliver_loop)(one.h["held"], one.homes, delivered, int(one.kind.delivers))


def deliver_loop(held: Any, house: Any, delivered: Any, delivers: Any) -> Any:
    """Each household once; units ascend by household."""
    count, last = 0, -1
    for i in range(len(held)):
        if held[i] and house[i] != last:
            last = house[i]
            delivered[last] += delivers
            count += 1
    return count
