"""Owns: columns made of the state when compiled bodies of measures first ask for them, conditions, and asking a hook.
Never: who is asked or what follows from the answer (serving, entering), or what a hook says (policy.measures)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.elementary import where
from povsim.core.schema import Health
from povsim.engine import columns as c
from povsim.engine.compile import call_at
from povsim.engine.draws import KEY_0, KEY_1, MOMENT, REPLICATE, Luck, fill_loop
from povsim.engine.measures import DERIVED_HOUSE, DERIVED_PERSON, EXPENSE, ITEM, MEMBERS, members_loop, wages_loop
from povsim.engine.places import marked
from povsim.engine.roster import AT_LEAST, AT_MOST, COLS, HF, HI, HOLDERS, IN, OVER, UNDER
from povsim.engine.state import FEN
from povsim.policy.kind import MOST

# --- entries ---------------------------------------------------------------------------------------------

# Long bodies are compiled by themselves and called by address; where each lies is in ``entries`` of the town.
SUPPLY, COUNT, CALL, ASK, AFFORD, CLAIM, HOLD, ADMIT, YIELD, RESOLVE, SHARE = range(11)


def asked(t: Any, m: Any, number: Any, who: Any, new: Any) -> Any:
    """The answers of a hook of measure m: float64 (answers, len(who)); numbers that hold for all in ``single``.

    ``new``: of ``costs``, 1 of those who do not hold it yet; else 0, of those who do.
    """
    out = np.empty((t.hooks[number].answers, len(who)))
    call_at(t.entries[ASK], t, np.int64(m), np.int64(number), who, np.int64(new), out)
    return out


def supply(t: Any, row: Any) -> None:
    """Fill in a column of households, if nobody has asked for it yet."""
    if not t.filled_cols[row]:
        call_at(t.entries[SUPPLY], t, np.int64(row))


def count_members(t: Any, m: Any) -> None:
    """Count, per household, the members who meet the measure's conditions on persons and whom the kind counts; once."""
    if not t.has_counted[t.measures[m].counts]:
        call_at(t.entries[COUNT], t, np.int64(m))


# --- columns made of the state ---------------------------------------------------------------------------

_HOUSE_ROW: Final = {name: row for row, name in enumerate(DERIVED_HOUSE)}
LABOURERS, POOR_VILLAGE, TO_LINE, LOCAL, MARKET, MARKET_LAST, FIRST_MEMBER, FIRST_OWN_PAID, ELIGIBLE, COUNTED = (
    _HOUSE_ROW[name] for name in (
        "labourers", "poor_village", "income_to_line", "local_wage", "market_wages", "market_wages_last", MEMBERS[0],
        f"own_paid_{next(iter(EXPENSE))}", "eligible", "members",
    )
)  # fmt: skip
LAST_MEMBER, LAST_OWN_PAID = FIRST_MEMBER + len(MEMBERS) - 1, FIRST_OWN_PAID + len(EXPENSE) - 1
MARKET_WAGE, POST_PAY, CHRONIC_LEFT, PERSON_ELIGIBLE = (
    DERIVED_PERSON.index(name) for name in ("market_wage", "post_pay", "chronic_bill", "eligible")
)
WAGE_LOCAL, WAGE_AWAY = ITEM["wage_local"], ITEM["wage_away"]
CHRONIC: Final = int(Health.CHRONIC)


def supply_person(t: Any, row: Any) -> None:
    """Fill in a column of persons, if nobody has asked for it yet."""
    if t.filled_people[row]:
        return
    if row == CHRONIC_LEFT:
        column, health = t.people[row], t.pi[c.HEALTH]
        for i in range(len(column)):
            column[i] = where(health[i] == CHRONIC, t.chronic_bill, 0.0)
        t.filled_people[row] = True
    elif (row == MARKET_WAGE) | (row == POST_PAY):
        fill_wages(t)


def fill_wages(t: Any) -> None:
    """Fill in the columns of wages, all in one go."""
    wages_loop(t.off, t.pi, t.pf, t.living, t.people[MARKET_WAGE], t.people[POST_PAY], t.cols[MARKET])
    t.filled_people[MARKET_WAGE], t.filled_people[POST_PAY], t.filled_cols[MARKET] = True, True, True


def supply_body(t: Any, row: Any) -> None:
    """Fill in a column of households."""
    t.filled_cols[row] = True
    column = t.cols[row]
    if (row >= FIRST_MEMBER) & (row <= LAST_MEMBER):
        members_loop(t.off, t.house, t.pi, t.cols[FIRST_MEMBER : LAST_MEMBER + 1])  # filled together, here as in `Columns`
        t.filled_cols[FIRST_MEMBER : LAST_MEMBER + 1] = True
    elif row == MARKET:
        fill_wages(t)
    elif (row >= FIRST_OWN_PAID) & (row <= LAST_OWN_PAID):
        spent = t.spent[row - FIRST_OWN_PAID]
        for h in range(len(column)):
            column[h] = spent[h] / FEN
    else:
        able, weak, village, head = t.hi[c.LABOURERS], t.hi[c.WEAKS], t.hi[c.VILLAGE], t.hf[c.REPORTED]
        for h in range(len(column)):
            if row == LABOURERS:
                column[h] = able[h] + weak[h]
            elif row == POOR_VILLAGE:
                column[h] = t.vi[c.POOR, village[h]]
            elif row == TO_LINE:
                column[h] = head[h] / t.line
            elif row == LOCAL:
                column[h] = t.local_wage
            elif row == MARKET_LAST:
                column[h] = (t.last[WAGE_LOCAL, h] + t.last[WAGE_AWAY, h]) / FEN


# --- conditions ------------------------------------------------------------------------------------------


def holds(x: Any, op: Any, values: Any, first: Any, last: Any) -> Any:
    """Whether one condition holds of a number."""
    if op == IN:
        met = False
        for v in range(first, last):
            met = met or x == values[v]
        return met
    if op == AT_LEAST:
        return x >= values[first]
    if op == OVER:
        return x > values[first]
    if op == AT_MOST:
        return x <= values[first]
    if op == UNDER:
        return x < values[first]
    return (x >= values[first]) and (x <= values[first + 1])


def condition(t: Any, j: Any) -> Any:
    """Matrix, row, operation, first and last of the values of a condition."""
    return t.conditions[j, 0], t.conditions[j, 1], t.conditions[j, 2], t.conditions[j, 3], t.conditions[j, 4]


def home_meets(t: Any, o: Any, h: Any) -> Any:
    """Whether somebody lives in a household, and it meets the measure's conditions on households."""
    met = t.hi[c.SIZE, h] > 0
    for j in range(o.condition0, o.condition1):
        matrix, row, op, first, last = condition(t, j)
        if matrix == COLS:
            supply(t, row)
        x = float(t.hi[row, h]) if matrix == HI else t.hf[row, h] if matrix == HF else t.cols[row, h]
        met = met and holds(x, op, t.values, first, last)
    return met


def person_meets(t: Any, o: Any, i: Any) -> Any:
    """Whether a person meets the measure's conditions on persons."""
    met = True
    for j in range(o.person0, o.person1):
        matrix, row, op, first, last = condition(t, j)
        x = float(t.pi[row, i]) if matrix == HI else t.pf[row, i]
        met = met and holds(x, op, t.values, first, last)
    return met


def also_meet(x: Any, op: Any, values: Any, first: Any, last: Any, met: Any) -> None:
    """Take out whoever does not meet one condition on a column."""
    a, b = values[first], values[last - 1]
    if op == IN:
        some = np.zeros(len(met), np.bool_)
        for v in range(first, last):
            b = values[v]
            for i in range(len(met)):
                some[i] |= float(x[i]) == b
        for i in range(len(met)):
            met[i] &= some[i]
    elif op == AT_LEAST:
        for i in range(len(met)):
            met[i] &= float(x[i]) >= a
    elif op == OVER:
        for i in range(len(met)):
            met[i] &= float(x[i]) > a
    elif op == AT_MOST:
        for i in range(len(met)):
            met[i] &= float(x[i]) <= a
    elif op == UNDER:
        for i in range(len(met)):
            met[i] &= float(x[i]) < a
    else:
        for i in range(len(met)):
            met[i] &= (float(x[i]) >= a) & (float(x[i]) <= b)


def homes_that_meet(t: Any, o: Any, met: Any) -> None:
    """Take out the households that do not meet the measure's conditions on households."""
    for j in range(o.condition0, o.condition1):
        matrix, row, op, first, last = condition(t, j)
        if matrix == HI:
            also_meet(t.hi[row], op, t.values, first, last, met)
        elif matrix == HF:
            also_meet(t.hf[row], op, t.values, first, last, met)
        else:
            supply(t, row)
            also_meet(t.cols[row], op, t.values, first, last, met)


def persons_who_meet(t: Any, o: Any, met: Any) -> None:
    """Take out the persons who do not meet its conditions on persons."""
    for j in range(o.person0, o.person1):
        matrix, row, op, first, last = condition(t, j)
        if matrix == HI:
            also_meet(t.pi[row], op, t.values, first, last, met)
        else:
            also_meet(t.pf[row], op, t.values, first, last, met)


def alive(t: Any) -> Any:
    """Who is there, bool over the places."""
    out, there = np.empty(len(t.house), np.bool_), t.pi[c.ALIVE]
    for i in range(len(out)):
        out[i] = there[i] == 1
    return out


# --- asking ----------------------------------------------------------------------------------------------


def count_body(t: Any, m: Any) -> None:
    """See `count_members`."""
    o = t.measures[m]
    t.has_counted[o.counts] = True
    met, count = alive(t), t.counted[o.counts]
    persons_who_meet(t, o, met)
    who = marked(met)
    count[:] = 0.0
    if o.members < 0:
        for k in range(len(who)):
            count[t.house[who[k]]] += 1.0
        return
    hook = t.hooks[o.members]
    for j in range(hook.derived0, hook.derived1):
        if t.derived[j, 0] == 1:
            supply_person(t, t.derived[j, 1])
        else:
            supply(t, t.derived[j, 1])
    answer = np.empty((hook.answers, len(who)))
    call_at(t.entries[CALL], t, np.int64(m), o.members, who, np.int64(0), np.int64(1), answer)
    for k in range(len(who)):
        count[t.house[who[k]]] += answer[0, k] > 0.0


def call_body(t: Any, m: Any, number: Any, who: Any, new: Any, persons: Any, out: Any) -> None:
    """Call a hook, its columns being there; of ``persons`` or of households."""
    o, hook = t.measures[m], t.hooks[number]
    for j in range(hook.moving0, hook.moving1):
        t.numbers[t.moving[j, 0]] = float(len(who)) if t.moving[j, 1] == HOLDERS else t.common[t.moving[j, 2]]
    kept = t.persons if o.persons else t.homes
    house = t.house if persons == 1 else t.itself
    slot = t.pi[c.SLOT] if persons == 1 else t.at_home
    first, last = hook.groups0, hook.groups1
    lanes = t.groups[first:last], t.lanes[first:last], t.normal[first:last], hook.draws
    drawn = fill_loop(luck_of(t, o, hook.lasting), house, slot, who, lanes)
    call_at(
        hook.address, who, house, t.pi, t.pf, t.hi, t.hf, kept.own[o.own0 : o.own1], kept.since[o.row], kept.paid[o.row],
        kept.over[o.row], drawn, t.cols, t.people, t.numbers[hook.numbers0 : hook.numbers1], float(t.year), o.first_months,
        float(new), out, t.single,
    )  # fmt: skip
    if not (hook.dense and len(who) == len(house)):  # else of those whom it concerns, by who asks
        note_faults(t, m, number, out)


def note_faults(t: Any, m: Any, number: Any, out: Any) -> None:
    """Note the first hook with an answer that is no number or out of bounds, and which: Python says so when all are served."""
    wrong = -1
    for j in range(len(out) - 1, -1, -1):  # so that the first answer is noted
        bad = not abs(t.single[j]) < MOST
        answer = out[j]
        for k in range(len(answer)):
            bad |= not abs(answer[k]) < MOST
        if bad:
            wrong = j
    if (wrong >= 0) and t.fault[0] == 0:
        t.fault[0], t.fault[1], t.fault[2] = 1 + m, number, wrong


def ask_body(t: Any, m: Any, number: Any, who: Any, new: Any, out: Any) -> None:
    """See `asked`: the columns that the hook reads, then the hook."""
    o, hook = t.measures[m], t.hooks[number]
    for j in range(hook.derived0, hook.derived1):
        of_person, row = t.derived[j, 0], t.derived[j, 1]
        if of_person == 1:
            if row == PERSON_ELIGIBLE:
                for k in range(len(who)):
                    i = who[k]
                    here = home_meets(t, o, t.house[i]) and t.pi[c.ALIVE, i] == 1
                    t.people[row, i] = 1.0 if here and person_meets(t, o, i) else 0.0
            else:
                supply_person(t, row)
        elif row == ELIGIBLE:
            if o.person1 > o.person0:
                count_members(t, m)
            for k in range(len(who)):
                h = who[k]
                met = home_meets(t, o, h)
                if o.person1 > o.person0:
                    met = met and t.counted[o.counts, h] > 0.0
                t.cols[row, h] = 1.0 if met else 0.0
        elif row == COUNTED:
            count_members(t, m)
            for k in range(len(who)):
                t.cols[row, who[k]] = t.counted[o.counts, who[k]]
        else:
            supply(t, row)
    call_at(t.entries[CALL], t, m, number, who, new, np.int64(o.persons), out)


def village_answers(t: Any, m: Any, number: Any, who: Any) -> Any:
    """The answers of a hook of villages; the pots stand in ``t.pots``."""
    o, hook, kept = t.measures[m], t.hooks[number], t.villages
    for j in range(hook.moving0, hook.moving1):
        t.numbers[t.moving[j, 0]] = float(len(who)) if t.moving[j, 1] == HOLDERS else t.common[t.moving[j, 2]]
    first, last = hook.groups0, hook.groups1
    lanes = t.groups[first:last], t.lanes[first:last], t.normal[first:last], hook.draws
    luck = Luck(t.village_ids, luck_of(t, o, hook.lasting).shared)
    drawn, out = fill_loop(luck, t.each_village, t.village_slots, who, lanes), np.empty((hook.answers, len(who)))
    call_at(
        hook.address, who, t.each_village, t.pi, t.pf, t.vi, t.vf, kept.own[o.own0 : o.own1], kept.since[o.row], kept.paid[o.row],
        kept.over[o.row], drawn, t.pots, t.people, t.numbers[hook.numbers0 : hook.numbers1], float(t.year), o.first_months, 0.0,
        out, t.single,
    )  # fmt: skip
    note_faults(t, m, number, out)
    return out


def luck_of(t: Any, o: Any, lasting: Any) -> Any:
    """What the draws of a measure have in common: of the year, or those that last a whole life."""
    shared = np.empty(4, np.uint64)
    shared[REPLICATE], shared[MOMENT] = t.luck[REPLICATE], t.lasting if lasting else t.luck[MOMENT]
    shared[KEY_0], shared[KEY_1] = o.k0, o.k1
    return Luck(t.ids, shared)


def willing(t: Any, o: Any, who: Any) -> Any:
    """Whether each takes what is offered, and his place in a lottery: lasting, under the measure's id; float64 (2, len(who))."""
    slot = t.pi[c.SLOT] if o.persons else t.at_home
    house = t.house if o.persons else t.itself
    return fill_loop(luck_of(t, o, True), house, slot, who, t.generic)
