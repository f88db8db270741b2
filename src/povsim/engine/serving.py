"""Owns: the compiled body of allocation: who holds on, who is new, in which order, within which limits, and what holders get.
Never: when a measure is served (engine.allocation, whose columns are the reference) or what a hook says (policy.measures)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.elementary import maximum
from povsim.core.normals import normal_of
from povsim.core.schema import Capacity, Stage, Status
from povsim.engine import columns as c
from povsim.engine.asking import (
    ADMIT,
    AFFORD,
    CLAIM,
    HOLD,
    RESOLVE,
    alive,
    asked,
    count_members,
    homes_that_meet,
    note_faults,
    persons_who_meet,
    supply,
    village_answers,
    willing,
)
from povsim.engine.compile import call_at
from povsim.engine.draws import Luck, of_household
from povsim.engine.measures import DERIVED_HOUSE
from povsim.engine.people import is_registered
from povsim.engine.places import chosen, marked
from povsim.engine.roster import (
    AIDED,
    COMMON,
    CONVERTED,
    FINDING,
    FIRST,
    FIXED,
    FUND,
    HELD_LONGEST,
    HILL,
    LABOUR,
    LAND,
    LARGEST_GAP,
    LIST,
    LOTTERY,
    MEMBERS,
    ONSET,
    OWN,
    POOREST,
    POST_AT,
    POST_MONTHS,
    POST_WAGE,
    PREMIUM,
    REGISTERED,
    SAFE,
    SCHOOL,
    SKILLED_NOW,
    SOON,
    UNFIT,
    WAGES,
)
from povsim.engine.shelf import HOLDERS, NEW, NEWLY_SERVED, QUOTA_USED, THOUSANDTHS, UNMET
from povsim.engine.shocks import out_of_school
from povsim.engine.sorting import by_income, radix
from povsim.engine.state import FEN
from povsim.policy.status import is_watched

EXITED, REMOVED = int(Status.EXITED), int(Status.REMOVED)
ORDINARY, SKILLED, COMPULSORY = int(Capacity.ORDINARY), int(Capacity.SKILLED), int(Stage.COMPULSORY)
DENSE: Final = 3  # a third of all units are many
FEW: Final = 2  # room for half of those who ask, and more, is no reason to look for the first
ONLY_FIRST, IN_ORDER = 1, 2  # attempts to let in whom limits allow, after that without an order
PARTS: Final = 1024  # of an order, of which only the first are sorted
FINE: Final = 64.0  # parts to an exit line of income, or of a household's gap
MANY: Final = 8  # an eighth as many units as households are many to sort
LEAST_LAND: Final = -1e-6  # mu that rounding leaves of land that is converted, all of it
FREE_LAND, FREE_HILL = DERIVED_HOUSE.index("free_land"), DERIVED_HOUSE.index("free_hill")


def turn_page(t: Any) -> None:
    """Last year's proceeds come into the village's hands; help, posts and land of the year begin empty."""
    for v in range(len(t.posts)):
        t.vi[c.PROCEEDS_LAST, v] = t.vi[c.PROCEEDS, v]
        t.vf[c.BASE_INCOME, v] *= 1.0 + t.price_growth
        t.vi[c.PROCEEDS, v] = np.int64(np.rint(t.vf[c.BASE_INCOME, v] * FEN))
        t.vi[c.RESERVE, v] += t.vi[c.PROCEEDS_LAST, v]
    t.pf[c.FIND_HELP], t.pf[c.WAGE_HELP], t.pf[c.ONSET_HELP] = 1.0, 1.0, 1.0
    t.pi[c.POST], t.pi[c.FOUND_MONTH], t.pi[c.AIDED] = 0, 0, 0
    t.pf[c.POST_WAGE], t.pf[c.POST_MONTHS] = 0.0, 0.0
    t.hf[c.LAND_USED], t.hf[c.HANDS_USED] = 0.0, 0.0
    t.hi[c.TRANSFERS_WITHIN], t.hi[c.HOUSE_COMING], t.hi[c.WATER_COMING], t.hi[c.DELIVERED] = 0, 0, 0, 0
    aid = t.hf[c.PREMIUM_HELP]
    for h in range(len(aid)):
        aid[h] = min(aid[h], 0.0)  # whose help has ended pays from now on


def whole_allocation(t: Any) -> None:
    """All of a year's allocation of one more replicate, where every measure is served here."""
    unasked(t)
    t.filled_cols[:], t.filled_people[:] = False, False
    t.books[:], t.posts[:], t.budgets[:] = 0, 0, t.year_budgets
    for row, pool in ((FREE_LAND, c.LAND), (FREE_HILL, c.FOREST)):
        t.cols[row], t.filled_cols[row] = t.hf[pool], True
    turn_page(t)
    allocate_loop(t)


def unasked(t: Any) -> None:
    """As if nobody had asked anything this year; the numbers that hooks read, with the luck that their holders share."""
    t.has_ranks[:], t.has_counted[:], t.waiting[:], t.from_village[:], t.fault[:] = False, False, False, 0, 0
    t.numbers[:] = t.first_numbers
    for k in range(len(t.drawn)):
        decision, thing = t.drawn[k, 1], t.drawn[k, 2]
        u = of_household(Luck(t.things, t.luck), thing, t.decisions[decision])
        t.numbers[t.drawn[k, 0]] = normal_of(u) if t.normals[decision] else u


def allocate_loop(t: Any) -> None:
    """All of a year's allocation, where every measure is served here."""
    changed = new_faces(t)
    resolve_loop(t)
    serve_loop(t, 0, len(t.measures), True, changed)
    serve_loop(t, 0, len(t.measures), False, changed)
    finish_loop(t)


def serve_loop(t: Any, first: Any, last: Any, hold: Any, changed: Any) -> None:
    """Serve a stretch of the measures, in their order: say who holds on (``changed``: `new_faces`), or else who is new."""
    for m in range(first, last):
        if t.measures[m].served:
            if hold:
                call_at(t.entries[HOLD], t, np.int64(m), changed)
            else:
                call_at(t.entries[ADMIT], t, np.int64(m))


def finish_loop(t: Any) -> None:
    """Count who waits in vain, each measure for the households that have it, and them for the measure."""
    for m in range(len(t.measures)):
        o = t.measures[m]
        if o.served & (o.single >= 0):
            still_waiting(t, m, o)
    for m in range(len(t.measures)):
        o = t.measures[m]
        if o.served:
            held = t.persons.held[o.row] if o.persons else t.homes.held[o.row]
            house = t.house if o.persons else t.itself
            t.books[m, HOLDERS], units = deliver(held, house, t.hi[c.DELIVERED], int(o.delivers))
            if o.of_posts:  # they are counted with those held
                t.books[m, QUOTA_USED] = THOUSANDTHS * units


def deliver(held: Any, house: Any, delivered: Any, delivers: Any) -> Any:
    """Each household once; units ascend by household. Returns how many households and how many units."""
    count, last, who = 0, -1, marked(held)
    for k in range(len(who)):
        h = house[who[k]]
        if h != last:
            last = h
            delivered[h] += delivers
            count += 1
    return count, len(who)


# --- villages --------------------------------------------------------------------------------------------


def resolve_loop(t: Any) -> None:
    """Let the villages resolve, before anybody is served."""
    for m in range(len(t.measures)):
        if t.measures[m].shared_out:
            call_at(t.entries[RESOLVE], t, np.int64(m))


def resolve_body(t: Any, m: Any) -> None:
    """All villages share out while the measure runs; what they set apart for posts."""
    o, villages = t.measures[m], len(t.posts)
    held = t.villages.held[o.row]
    for v in range(villages):
        held[v] = o.running
        t.pots[0, v], t.pots[1, v] = t.vi[c.PROCEEDS_LAST, v] / FEN, 0.0
    t.books[m, HOLDERS] = villages if o.running else 0
    if not (o.running and o.helps >= 0):
        return
    who = marked(held)
    out, hook = village_answers(t, m, o.helps, who), t.hooks[o.helps]
    for d in range(hook.does0, hook.does1):
        if t.does[d, 0] == FUND:
            for k in range(len(who)):
                t.posts[who[k]] += np.int64(np.floor(out[t.does[d, 3], k] * FEN))


# --- who holds on ----------------------------------------------------------------------------------------


def new_faces(t: Any) -> Any:
    """Places where somebody else stands than when measures were last given."""
    now, changed = t.pi[c.SLOT], np.empty(len(t.house), np.bool_)
    for i in range(len(now)):
        changed[i] = now[i] != t.slots[i]
    for i in range(len(now)):
        t.slots[i] = now[i]
    return marked(changed)


def hold_body(t: Any, m: Any, changed: Any) -> None:
    """Those who held it last year and still do; in the first year those whom the register shows as holders."""
    o = t.measures[m]
    kept = t.persons if o.persons else t.homes
    held, over, paid, house = kept.held[o.row], kept.over[o.row], kept.paid[o.row], t.house if o.persons else t.itself
    if o.persons:
        forget(changed, kept.slot[o.row], t.pi[c.SLOT], held, over, kept.own[o.own0 : o.own1], kept.firsts[o.own0 : o.own1])
    if o.adopting:
        everybody = marked(there(t, o))
        hand_over(t, o, chosen(everybody, asked(t, m, o.adopts, everybody, 0)[0] > 0.0), t.opening)
    who = marked(held)
    if len(who) == 0:
        return
    count = 0
    for k in range(len(who)):
        i = who[k]
        held[i] = False
        present = t.pi[c.ALIVE, i] == 1 if o.persons else t.hi[c.SIZE, i] > 0
        who[count] = i
        count += present
    who = who[:count]
    if (o.keeps >= 0) and count > 0:
        goes_on = asked(t, m, o.keeps, who, 0)[0]
        count = 0
        for k in range(len(who)):
            i = who[k]
            over[i] |= not goes_on[k] > 0.0  # it ended by itself; the kind says whether one may have it again
            who[count] = i
            count += goes_on[k] > 0.0
        who = who[:count]
    supported = np.empty(len(who), np.bool_)
    for k in range(len(who)):
        h = house[who[k]]
        supported[k] = may_have(t.hi[c.STATUS, h], t.hi[c.MONITORING, h], o.by_right, o.stays | o.by_calendar)
    payable = chosen(who, supported)
    if not o.stays:
        who = payable
    if o.ended:
        payable = payable[:0]
    elif o.costs >= 0:
        payable = chosen(payable, afforded(t, m, payable, np.empty(0), 0))
        if not (o.stays | o.running):  # else they ask again, and are counted then
            t.books[m, UNMET] += len(who) - len(payable)
    for k in range(len(who)):
        paid[who[k]] = 0.0
    for k in range(len(payable)):
        paid[payable[k]] = 1.0
    who = who if o.stays else payable
    for k in range(len(who)):
        held[who[k]] = True
    claim(t, m, who)


def forget(changed: Any, slot: Any, now: Any, held: Any, over: Any, own: Any, firsts: Any) -> None:
    """Somebody else has taken these places, and inherits nothing of what was held in them, nor that it ended."""
    for k in range(len(changed)):
        i = changed[k]
        if (slot[i] >= 0) & (slot[i] != now[i]):
            held[i], over[i], slot[i] = False, False, -1
            for j in range(len(firsts)):
                own[j, i] = firsts[j]


def there(t: Any, o: Any) -> Any:
    """Units that are there: persons alive, households with somebody in them."""
    if o.persons:
        return alive(t)
    out, size = np.empty(len(t.itself), np.bool_), t.hi[c.SIZE]
    for h in range(len(out)):
        out[h] = size[h] > 0
    return out


def may_have(status: Any, watch: Any, by_right: Any, by_calendar: Any) -> Any:
    """The removed only what is due by law; after exit by the calendar, then by need (those monitored)."""
    return (by_right | (status != REMOVED)) & (by_calendar | (status != EXITED) | is_watched(watch))


# --- who is new ------------------------------------------------------------------------------------------


def admit_body(t: Any, m: Any) -> None:
    """Those who are eligible, could use it and take it, in order, as far as quota, budget and pools go; marks whom not."""
    o = t.measures[m]
    if not o.running:
        return
    who = candidates(t, m, o)
    if len(who) == 0:
        return
    lottery = np.empty(0)
    if (o.take_up < 1.0) | (o.order == LOTTERY):
        luck = willing(t, o, who)
        takes = luck[0] < o.take_up
        who, lottery = chosen(who, takes), chosen(luck[1], takes)
    let = np.zeros(len(who), np.bool_)
    if o.quota > 0.0:
        let = afforded(t, m, who, lottery, 1)
    given = chosen(who, let)
    if o.single < 0:
        t.books[m, UNMET] += len(who) - len(given)
    else:
        for k in range(len(who)):
            t.waiting[m, who[k]] = not let[k]
    t.books[m, NEW], t.books[m, NEWLY_SERVED] = households(t, o, given), len(given)
    t.books[m, QUOTA_USED] = of_quota(t, o, given)
    if len(given) == 0:
        return
    hand_over(t, o, given, t.year)
    if o.begins >= 0:
        keep(t, o, o.begins, asked(t, m, o.begins, given, 1), given)
    claim(t, m, given)


def candidates(t: Any, m: Any, o: Any) -> Any:
    """Units that are there, may have it, do not hold it, meet the conditions, and could use it."""
    size, status, watch, homes = t.hi[c.SIZE], t.hi[c.STATUS], t.hi[c.MONITORING], len(t.itself)
    met, by_right, by_calendar = np.empty(homes, np.bool_), o.by_right, o.by_calendar
    for h in range(homes):
        met[h] = (size[h] > 0) & may_have(status[h], watch[h], by_right, by_calendar)
    homes_that_meet(t, o, met)
    if o.single >= 0:
        for n in range(len(t.measures)):
            if t.measures[n].single == o.single:
                bar_holders(t, t.measures[n], met)
    if not o.persons and o.person1 > o.person0:  # a household needs a member who meets them
        count_members(t, m)
        also(met, t.counted[o.counts])
    who = marked(unheld(t, o, met))
    if o.persons:
        who = of_homes(t, met, who)
    if (o.fits >= 0) and len(who) > 0:
        who = chosen(who, who_could(t, m, o, who))
    return who


def unheld(t: Any, o: Any, met: Any) -> Any:
    """Of all units those who do not hold it and meet the conditions on them."""
    out = alive(t) if o.persons else met
    held = t.persons.held[o.row] if o.persons else t.homes.held[o.row]
    for i in range(len(out)):
        out[i] &= not held[i]
    if o.persons:
        persons_who_meet(t, o, out)
    return out


def who_could(t: Any, m: Any, o: Any, who: Any) -> Any:
    """Whether those who meet the conditions could use it, bool. Where they are many, all units are asked: it is soon done
    straight through the columns.
    """
    units = len(t.house) if o.persons else len(t.itself)
    if not (t.hooks[o.fits].dense and DENSE * len(who) > units):
        return asked(t, m, o.fits, who, 1)[0] > 0.0
    answer, theirs = asked(t, m, o.fits, t.everybody[:units], 1)[0], np.empty((1, len(who)))
    for k in range(len(who)):
        theirs[0, k] = answer[who[k]]
    note_faults(t, m, o.fits, theirs)
    return theirs[0] > 0.0


def also(met: Any, answer: Any) -> None:
    """Take out those whose answer is nought."""
    for h in range(len(met)):
        met[h] &= answer[h] > 0.0


def of_homes(t: Any, met: Any, who: Any) -> Any:
    """Persons of some households."""
    count = 0
    for k in range(len(who)):
        i = who[k]
        who[count] = i
        count += met[t.house[i]]
    return who[:count]


def bar_holders(t: Any, other: Any, met: Any) -> None:
    """Take out the households that hold a measure."""
    holders = marked(t.persons.held[other.row] if other.persons else t.homes.held[other.row])
    for k in range(len(holders)):
        met[t.house[holders[k]] if other.persons else holders[k]] = False


def still_waiting(t: Any, m: Any, o: Any) -> None:
    """Count those who were not served by any measure of the kind."""
    met = np.ones(len(t.itself), np.bool_)
    for n in range(len(t.measures)):
        if t.measures[n].single == o.single:
            bar_holders(t, t.measures[n], met)
    who = marked(t.waiting[m])
    for k in range(len(who)):
        t.books[m, UNMET] += met[t.house[who[k]] if o.persons else who[k]]


def households(t: Any, o: Any, who: Any) -> Any:
    """Number of households among some units, which ascend."""
    if not o.persons:
        return len(who)
    count, last = 0, -1
    for k in range(len(who)):
        count += t.house[who[k]] != last
        last = t.house[who[k]]
    return count


# --- limits ----------------------------------------------------------------------------------------------


def afforded(t: Any, m: Any, who: Any, lottery: Any, new: Any) -> Any:
    """Whom fund, quota and budget let in, bool; ``new``: 1 of those who do not hold it yet, whom alone the quota limits."""
    let = np.ones(len(who), np.bool_)
    if len(who) > 0:
        call_at(t.entries[AFFORD], t, np.int64(m), who, lottery, np.int64(new), let)
    return let


def afford_body(t: Any, m: Any, who: Any, lottery: Any, new: Any, let: Any) -> None:
    """See `afforded`; the sums are set aside at their most, so that none is ever exceeded."""
    o = t.measures[m]
    quota = o.quota if new == 1 else np.inf
    fund, budget = np.empty(0, np.int64), np.empty(0, np.int64)
    if o.costs >= 0:
        out = asked(t, m, o.costs, who, new)
        if o.fund_at >= 0:
            fund = np.ceil(out[o.fund_at] * FEN).astype(np.int64)
        if (o.budget_at >= 0) & (t.budgets[m] >= 0):
            budget = np.ceil(out[o.budget_at] * o.more * FEN).astype(np.int64)
    taken, code = taken_posts(t, o, quota), o.order if new == 1 else HELD_LONGEST
    for attempt in range(3):
        order = np.empty(0, np.uint32)  # all, if no limit is reached; else a few, where they use the quota up; else all in order
        if attempt == ONLY_FIRST:
            order = forerunners(t, o, who, lottery, code, quota)
            if len(order) == 0:
                continue
        elif attempt == IN_ORDER:
            by_village = len(budget) == 0 and (o.by_village or quota == np.inf)
            order = village_by_village(t, o, who, lottery, code) if by_village else in_service(t, o, who, lottery, code)
        if limited(t, m, o, who, order, fund, budget, taken, quota, attempt == ONLY_FIRST, let):
            return


def forerunners(t: Any, o: Any, who: Any, lottery: Any, code: Any, quota: Any) -> Any:
    """Positions of those who come first, a few more than the quota has room for, in the order of service: where it is small,
    nobody else needs to be put in order. None where that would save little.
    """
    count, house, least = len(who), t.house if o.persons else t.itself, o.each if o.takes == FIXED else 1.0
    if o.by_village | (code == REGISTERED) | (code == HELD_LONGEST) | (FEW * quota > least * count):
        return np.empty(0, np.uint32)
    parts, of, last = np.zeros(PARTS, np.int64), np.empty(count, np.int64), -1
    income, listed, size = t.hf[c.REPORTED], t.hi[c.LISTED], t.hi[c.SIZE]
    for k in range(count):
        h = house[who[k]]
        of[k] = np.int64(lottery[k] * PARTS) if code == LOTTERY else part_of(code, income[h], listed[h], size[h], t.line)
    for k in range(count):
        h = house[who[k]]
        parts[of[k]] += (o.takes != FIRST) | (h != last)
        last = h
    bound, room = 0, parts[0]
    while (least * room <= quota + least) & (bound < PARTS - 1):
        bound += 1
        room += parts[bound]
    first, found = np.empty(count, np.uint32), 0
    for k in range(count):
        first[found] = k
        found += of[k] <= bound
    if FEW * found > count:
        return first[:0]
    first = first[:found]
    order, nobodys = np.empty(found, np.uint32), np.empty(0)
    sort_service(t, o, who[first], lottery[first] if len(lottery) > 0 else nobodys, code, order)
    return first[order]


def part_of(code: Any, income: Any, listed: Any, size: Any, line: Any) -> Any:
    """In which part of an order a household stands: who comes before it is in no later one."""
    half, line = PARTS // 2, max(line, 1.0)
    by_income = np.int64(min(max(income, 0.0) / line * FINE, half - 1.0))  # up to eight lines
    if code == POOREST:
        return by_income
    if code == LIST:
        return by_income + half * (listed == 0)
    gap = max(line - income, 0.0) * size
    return half + by_income if gap <= 0.0 else half - 1 - np.int64(min(gap / line * FINE, half - 1.0))


def taken_posts(t: Any, o: Any, quota: Any) -> Any:
    """What of the quota is taken already, by village: posts are counted with those held, the rest by who is new this year."""
    taken = np.zeros(len(t.posts))
    if o.of_posts & (quota < np.inf):
        holders = marked(t.persons.held[o.row] if o.persons else t.homes.held[o.row])
        for k in range(len(holders)):
            h = t.house[holders[k]] if o.persons else holders[k]
            taken[t.village[h] if o.by_village else 0] += 1.0
    return taken


def limited(
    t: Any, m: Any, o: Any, who: Any, order: Any, fund: Any, budget: Any, taken: Any, quota: Any, only_first: Any, let: Any
) -> Any:
    """Say in ``let`` whom the limits let in, and take what they cost; whether that is done.

    Without an order it is only done if all may be let in, when no order matters; where these are ``only_first`` of more, only if
    the quota is used up, and the rest get nothing. Limits in turn: the village's fund, the quota, the yearly budget; who fails
    one does not count in the next, but does in the running total of his own.
    """
    unordered, house = len(order) == 0, t.house if o.persons else t.itself
    count = len(who) if unordered else len(order)
    if only_first:
        let[:] = False
    running, used = np.zeros(len(t.posts), np.int64), taken.copy()
    has_fund = False
    for k in range(len(fund)):
        has_fund = has_fund or fund[k] != 0
    last, total, used_up = -1, 0, False
    seen = np.zeros(len(t.itself) if (o.takes == FIRST) and not unordered else 0, np.bool_)
    for turn in range(count):
        k = turn if unordered else order[turn]
        h = house[who[k]]
        v = t.village[h]
        let[k] = True
        if has_fund:
            running[v] += fund[k]
            let[k] = (running[v] <= t.posts[v]) | (fund[k] == 0)
        if let[k] and quota < np.inf:
            weight = 1.0
            if o.takes == MEMBERS:
                weight = float(t.hi[c.SIZE, h])
            elif o.takes == FIXED:
                weight = o.each
            elif o.takes == FIRST:
                weight = 1.0 if (h != last if unordered else not seen[h]) else 0.0
                last = h
                if not unordered:
                    seen[h] = True
            g = v if o.by_village else 0
            used[g] += weight
            let[k] = used[g] <= quota + 1e-9
        if let[k] and len(budget) > 0:
            total += budget[k]
            let[k] = total <= t.budgets[m]
        if not let[k]:
            if unordered:
                return False
            if not o.by_village and used[0] > quota + 1e-9:  # so it stays, whoever comes
                used_up = True
                for later in range(turn + 1, count):
                    let[order[later]] = False
                break
    if only_first and not used_up:
        return False
    for k in range(len(who)):
        if let[k]:
            if len(budget) > 0:
                t.budgets[m] -= budget[k]
            if len(fund) > 0:
                t.posts[t.village[house[who[k]]]] -= fund[k]
    return True


def of_quota(t: Any, o: Any, given: Any) -> Any:
    """What the new take of the quota, in thousandths of its unit; posts are counted when all is served (`finish_loop`)."""
    if o.quota == np.inf:
        return np.int64(0)
    if o.takes == FIRST:
        return np.int64(THOUSANDTHS * households(t, o, given))
    used = 0.0
    for k in range(len(given)):
        used += float(t.hi[c.SIZE, given[k]]) if o.takes == MEMBERS else o.each
    return np.int64(np.rint(THOUSANDTHS * used))


def village_by_village(t: Any, o: Any, who: Any, lottery: Any, code: Any) -> Any:
    """Positions in the order of service, one village after another: where each has limits of its own, no order among villages
    matters. Units ascend by household, and households by village.
    """
    order, house, count, a = np.empty(len(who), np.uint32), t.house if o.persons else t.itself, len(who), 0
    while a < count:
        v, b = t.village[house[who[a]]], a + 1
        while b < count and t.village[house[who[b]]] == v:
            b += 1
        sort_service(t, o, who[a:b], lottery[a:b] if len(lottery) > 0 else lottery, code, order[a:b])
        for k in range(a, b):
            order[k] += a
        a = b
    return order


def in_service(t: Any, o: Any, who: Any, lottery: Any, code: Any) -> Any:
    """Positions in the order of service, by last year's reported income; of those who hold it, since when they do."""
    order = np.empty(len(who), np.uint32)
    if (code < len(t.ranks)) & (MANY * len(who) > len(t.itself)):
        house, slots = t.house if o.persons else t.itself, t.pi[c.SLOT] if o.persons else t.at_home
        by_home(who, house, slots, homes_in_service(t, code), order)
    else:
        sort_service(t, o, who, lottery, code, order)
    return order


def sort_service(t: Any, o: Any, who: Any, lottery: Any, code: Any, order: Any) -> None:
    """The same by sorting those who are asked alone."""
    since = t.persons.since[o.row] if o.persons else t.homes.since[o.row]
    house, slots = t.house if o.persons else t.itself, t.pi[c.SLOT] if o.persons else t.at_home
    other = np.empty(len(who), np.uint32)
    for k in range(len(who)):
        order[k] = k
    order_loop(code, who, house, slots, t.ids, t.hf[c.REPORTED], t.hi, since, lottery, t.line, order, other)


def homes_in_service(t: Any, code: Any) -> Any:
    """The rank of each household in an order that looks at nothing but the household; found once for all measures of a year."""
    ranks, poorest = t.ranks[code], t.ranks[POOREST]
    if t.has_ranks[code]:
        return ranks
    order, income = np.empty(len(ranks), np.uint32), t.hf[c.REPORTED]
    if t.has_ranks[POOREST]:
        for h in range(len(order)):
            order[poorest[h]] = h
    else:
        poorest_first(income, t.hi[c.SIZE], t.ids, order)
        rank_them(order, poorest)
        t.has_ranks[POOREST] = True
    if code != POOREST:  # all orders look at income, some at something else before: there those alike stay as they stand
        key = np.empty(len(order))
        for h in range(len(order)):
            key[h] = before_income(code, income[h], t.hi[c.SIZE, h], t.hi[c.LISTED, h], t.hi[c.YEAR_IDENTIFIED, h], t.line)
        radix(key, order, np.empty_like(order))
        rank_them(order, ranks)
        t.has_ranks[code] = True
    return ranks


def poorest_first(income: Any, size: Any, ids: Any, order: Any) -> None:
    """Households in the order of their incomes, those of equal incomes by identity."""
    found = np.empty(len(order))
    by_income(income, size, order, found)
    for at in range(1, len(order)):
        h, to = order[at], at
        while to > 0 and found[to - 1] == found[at] and ids[order[to - 1]] > ids[h]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = h


def rank_them(order: Any, ranks: Any) -> None:
    """The place of each in an order."""
    for rank in range(len(order)):
        ranks[order[rank]] = rank


def by_home(who: Any, house: Any, slots: Any, ranks: Any, order: Any) -> None:
    """Positions in the order of the households, those of one household by slot; units ascend by household."""
    begins, first = np.full(len(ranks), -1, np.int64), np.empty(len(ranks) + 1, np.uint32)
    count, last, homes, at = len(who), -1, 0, 0
    for k in range(count):
        h = house[who[k]]
        if h != last:
            begins[ranks[h]] = k
        last = h
    for rank in range(len(begins)):
        first[homes] = begins[rank]
        homes += begins[rank] >= 0
    for n in range(homes):
        k, start = first[n], at
        h = house[who[k]]
        while k < count and house[who[k]] == h:
            to = at
            while to > start and slots[who[order[to - 1]]] > slots[who[k]]:
                order[to] = order[to - 1]
                to -= 1
            order[to] = k
            at += 1
            k += 1


def before_income(code: Any, income: Any, size: Any, listed: Any, year: Any, line: Any) -> Any:
    """What an order looks at before income."""
    if code == LARGEST_GAP:
        return -max(line - income, 0.0) * size
    if code == LIST:
        return float(-listed)
    return float(year) if year > 0 else np.inf


def order_loop(
    code: Any, who: Any, house: Any, slots: Any, ids: Any, income: Any, hi: Any, since: Any, lottery: Any, line: Any, order: Any,
    other: Any,
) -> None:  # fmt: skip
    """Put the positions in ``order`` so that who is served first stands first; identity and slot decide ties."""
    count = len(who)
    first, second = np.empty(count), np.empty(count)
    two = (code == LARGEST_GAP) | (code == LIST) | (code == REGISTERED)
    for k in range(count):
        h = house[who[k]]
        first[k], second[k] = income[h], income[h]
        if two:
            first[k] = before_income(code, income[h], hi[c.SIZE, h], hi[c.LISTED, h], hi[c.YEAR_IDENTIFIED, h], line)
        elif code == LOTTERY:
            first[k] = lottery[k]
        elif code == HELD_LONGEST:
            first[k] = float(since[who[k]])
    if two:
        radix(second, order, other)
    radix(first, order, other)
    for at in range(1, count):  # those of equal keys by identity and slot; in one loop, since most have no equal
        k, to = order[at], at
        while to > 0:
            b = order[to - 1]
            if first[k] != first[b] or (two and second[k] != second[b]):
                break
            ours, theirs = ids[house[who[k]]], ids[house[who[b]]]
            if ours > theirs or (ours == theirs and slots[who[k]] >= slots[who[b]]):
                break
            order[to] = b
            to -= 1
        order[to] = k


# --- handing over ----------------------------------------------------------------------------------------


def hand_over(t: Any, o: Any, who: Any, year: Any) -> None:
    """From now on these hold it; own columns begin at their first values."""
    kept = t.persons if o.persons else t.homes
    held, since, paid, slots = kept.held[o.row], kept.since[o.row], kept.paid[o.row], t.pi[c.SLOT]
    for k in range(len(who)):
        i = who[k]
        held[i], since[i], paid[i] = True, year, 1.0
        if o.persons:
            kept.slot[o.row, i] = slots[i]
        for j in range(o.own0, o.own1):
            kept.own[j, i] = kept.firsts[j]


def keep(t: Any, o: Any, number: Any, out: Any, who: Any) -> None:
    """Put own columns of an answer where they are kept."""
    own = t.persons.own if o.persons else t.homes.own
    hook = t.hooks[number]
    for d in range(hook.does0, hook.does1):
        if t.does[d, 0] == OWN:
            row, at = o.own0 + t.does[d, 1], t.does[d, 3]
            for k in range(len(who)):
                own[row, who[k]] = out[at, k]
        elif t.does[d, 0] == COMMON:
            t.common[o.common0 + t.does[d, 1]] = t.single[t.does[d, 3]]


def claim(t: Any, m: Any, who: Any) -> None:
    """What holders get before work and income: help, posts, schooling, premiums, guarantees; and the land they plant."""
    if (t.measures[m].helps >= 0) and len(who) > 0:
        call_at(t.entries[CLAIM], t, np.int64(m), who)


def claim_body(t: Any, m: Any, who: Any) -> None:
    """See `claim`."""
    o = t.measures[m]
    out, hook = asked(t, m, o.helps, who, 0), t.hooks[o.helps]
    keep(t, o, o.helps, out, who)
    for d in range(hook.does0, hook.does1):
        if t.does[d, 0] == LABOUR:  # the other pools are there from the start
            supply(t, t.does[d, 1])
    for d in range(hook.does0, hook.does1):
        what, row, answer = t.does[d, 0], t.does[d, 1], out[t.does[d, 3]]
        if what == PREMIUM:
            pay_premiums(t, o, who, answer)
        elif what == SCHOOL:
            back_to_school(t, o, who, answer)
        elif what < OWN:
            give(t, m, o, who, what, row, answer)
        if what == CONVERTED:
            for k in range(len(who)):
                if (t.fault[0] == 0) & (t.hf[c.LAND, t.house[who[k]] if o.persons else who[k]] < LEAST_LAND):
                    t.fault[0], t.fault[1], t.fault[2] = 1 + m, o.helps, t.does[d, 3]


def give(t: Any, m: Any, o: Any, who: Any, what: Any, row: Any, answer: Any) -> None:
    """Give the holders what was answered."""
    since = t.persons.since[o.row] if o.persons else t.homes.since[o.row]
    for k in range(len(who)):
        i, x = who[k], answer[k]
        h = t.house[i] if o.persons else i
        if (what == FINDING) | (what == WAGES) | (what == ONSET):
            months = o.first_months if since[i] == t.year else 12.0
            helped = 1.0 + (x - 1.0) * months / 12.0
            if o.persons:
                t.pf[row, i] *= helped
            else:
                for place in range(t.off[h], t.off[h + 1]):
                    t.pf[row, place] *= helped
        elif what == POST_WAGE:
            t.pi[c.POST, i] = 1 + m
            t.pi[c.FOUND_MONTH, i] = o.start_month if since[i] == t.year else 0
            t.pf[c.POST_WAGE, i] = x
        elif what == POST_AT:
            t.pi[c.WORK, i] = int(x)
        elif what == POST_MONTHS:
            t.pf[c.POST_MONTHS, i] = x
        elif what == AIDED:
            if x > 0.0:
                t.pi[c.AIDED, i] |= 1
        elif what == SKILLED_NOW:
            if (x > 0.0) and t.pi[c.CAPACITY, i] == ORDINARY:
                t.pi[c.CAPACITY, i] = SKILLED
        elif (what == LAND) | (what == HILL) | (what == LABOUR):
            t.cols[row, h] -= x
            if what == LAND:
                t.hf[c.LAND_USED, h] += x
        elif what == CONVERTED:
            t.hf[c.LAND, h] -= x
            t.hf[c.FOREST, h] += x
            t.cols[FREE_LAND, h] -= x
            t.cols[FREE_HILL, h] += x
        elif what == UNFIT:
            if x > 0.0:
                t.hi[c.HOUSE_SAFE, h] = 0
        elif what == SAFE and x > 0.0:
            secure(t, o, h, row)
        elif what == SOON and x > 0.0:
            t.hi[row, h] = 1


def secure(t: Any, o: Any, h: Any, row: Any) -> None:
    """A guarantee to a household that lacks it."""
    if t.hi[row, h] == 0:
        t.hi[row, h] = 1
        if o.route > 0:
            t.hi[c.SECURED, h] = o.route


def back_to_school(t: Any, o: Any, who: Any, answer: Any) -> None:
    """The guarantee of schooling: children of compulsory age who are out of school join the class of their age (控辍保学)."""
    for k in range(len(who)):
        h = t.house[who[k]] if o.persons else who[k]
        if (answer[k] > 0.0) and t.hi[c.SCHOOL_SAFE, h] == 0:
            secure(t, o, h, c.SCHOOL_SAFE)
            for i in range(t.off[h], t.off[h + 1]):
                age = t.pi[c.AGE, i]
                if (t.pi[c.ALIVE, i] == 1) and out_of_school(age, t.pi[c.STAGE, i]):
                    t.pi[c.STAGE, i], t.pi[c.STAGE_YEAR, i] = COMPULSORY, maximum(1, age - 5)


def pay_premiums(t: Any, o: Any, who: Any, share: Any) -> None:
    """Set what measures pay of the households' next premiums (`allocation.pay_premiums`)."""
    homes = len(t.itself)
    held, paid = np.zeros(homes), np.zeros(homes)
    for k in range(len(who)):
        h = t.house[who[k]] if o.persons else who[k]
        held[h] += 1.0
        paid[h] += share[k]
    aid, status, size = t.hf[c.PREMIUM_HELP], t.hi[c.STATUS], t.hi[c.SIZE]
    for h in range(homes):
        if held[h] > 0.0:
            whole = max(size[h], 1) if o.persons else 1
            usual = aid[h] if aid[h] >= 0.0 else is_registered(status[h]) * (1.0 - held[h] / whole)
            aid[h] = min(usual + paid[h] / whole, 1.0)
