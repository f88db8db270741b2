"""Owns: the compiled bodies of what measures yield: each answer into accounts and books, villages' pots among households.
Never: what a kind yields (policy.measures), or when (engine.yields)."""

from __future__ import annotations

from typing import Any

import numpy as np

from povsim.engine import columns as c
from povsim.engine.asking import CHRONIC_LEFT, SHARE, YIELD, asked, supply, supply_person, village_answers
from povsim.engine.compile import call_at
from povsim.engine.measures import DERIVED_HOUSE, EXPENSE
from povsim.engine.places import marked
from povsim.engine.roster import (
    BACK,
    BORNE,
    CASH_OUT,
    COMMON,
    CREDIT,
    ENDED,
    HANDS,
    INCOME,
    MANAGED,
    ONCE,
    OWED,
    OWN,
    OWNED,
    POSTS,
    PROCEEDS,
    RELIEF,
    RUN,
    SEEN,
    VALUE,
    WITHIN,
)
from povsim.engine.serving import keep
from povsim.engine.shelf import CASH, FROM_VILLAGE, JOBS, KIND_VALUE, OVERHEAD, REPAID, VILLAGE_MONEY
from povsim.engine.state import FEN

HANDS_LEFT = DERIVED_HOUSE.index("hands")
ACUTE, CHRONIC, DEBT = (EXPENSE[name] for name in ("medical_acute", "medical_chronic", "debt"))


def whole_yields(t: Any) -> None:
    """All that measures yield in a year, and what of it the villages' proceeds bear."""
    t.filled_cols[:], t.filled_people[:] = False, False
    t.has_counted[:], t.from_village[:] = False, 0
    earn_loop(t, 0)
    for v in range(len(t.from_village)):
        t.vi[c.RESERVE, v] -= t.from_village[v]


def earn_loop(t: Any, first: Any) -> None:
    """Let the measures from one on yield, then the villages share out."""
    yield_loop(t, first, len(t.measures))
    share_loop(t)


def yield_loop(t: Any, first: Any, last: Any) -> None:
    """Let a stretch of the measures yield, in their order."""
    for m in range(first, last):
        if t.measures[m].served:
            t.given[m] = 0
            if t.measures[m].yields >= 0:
                call_at(t.entries[YIELD], t, np.int64(m))


def yield_body(t: Any, m: Any) -> None:
    """One measure of households or persons; what the villages' proceeds bear of it is added up, in fen."""
    o = t.measures[m]
    who = marked(t.persons.held[o.row] if o.persons else t.homes.held[o.row])
    if len(who) == 0 and not o.shares_purse:
        return
    out, hook, managed = asked(t, m, o.yields, who, 0), t.hooks[o.yields], False
    keep(t, o, o.yields, out, who)
    for d in range(hook.does0, hook.does1):  # what the next measure sees of it
        what, row, column = t.does[d, 0], t.does[d, 1], t.does[d, 2]
        if what == HANDS:
            supply(t, HANDS_LEFT)
        elif what == RELIEF:
            supply(t, column)
            if o.persons and row == CHRONIC:
                supply_person(t, CHRONIC_LEFT)
    for d in range(hook.does0, hook.does1):
        what = t.does[d, 0]
        managed |= what == MANAGED
        if what >= INCOME:
            enter(t, m, o, who, what, t.does[d, 1], t.does[d, 2], out[t.does[d, 3]], t.single[t.does[d, 3]])
    if not managed:
        t.books[m, OVERHEAD] += np.int64(np.rint(o.overhead * (t.books[m, CASH] + t.books[m, KIND_VALUE])))


def enter(t: Any, m: Any, o: Any, who: Any, what: Any, row: Any, bits: Any, answer: Any, single: Any) -> None:
    """Enter one answer; money in whole fen."""
    house, books, given, total = t.house if o.persons else t.itself, t.books[m], t.given[m], np.int64(0)
    if what == INCOME:
        for k in range(len(who)):
            fen = np.int64(np.rint(answer[k] * FEN))
            h = house[who[k]]
            t.items[row, h] += fen
            given[h] += fen * (bits & 1)
            total += fen
        books[CASH] += total * (bits >> 1)
    elif what == SEEN:
        for k in range(len(who)):
            given[house[who[k]]] += np.int64(np.rint(answer[k] * FEN))
    elif (what == PROCEEDS) | (what == BORNE):
        for k in range(len(who)):
            fen = np.int64(np.rint(answer[k] * FEN))
            v = t.village[house[who[k]]]
            if what == PROCEEDS:
                t.vi[c.PROCEEDS, v] += fen
            else:
                t.from_village[v] += fen
            total += fen
        books[VILLAGE_MONEY if what == PROCEEDS else FROM_VILLAGE] += total
    elif what == POSTS:
        number = 0.0
        for k in range(len(who)):
            number += answer[k]
        books[JOBS] += np.int64(number)
    elif what == HANDS:
        for k in range(len(who)):
            h = house[who[k]]
            t.cols[HANDS_LEFT, h] -= answer[k]
            t.hf[c.HANDS_USED, h] += answer[k]
    elif what == CREDIT:
        for k in range(len(who)):
            t.credit[o.route, house[who[k]]] += np.int64(np.rint(answer[k] * FEN))
    elif what == RELIEF:
        for k in range(len(who)):
            h = house[who[k]]
            fen = np.int64(np.rint(answer[k] * FEN))
            taken = min(fen, t.spent[row, h])
            t.spent[row, h] -= taken
            total += taken
            t.cols[bits, h] = t.spent[row, h] / FEN
            if o.persons and row == ACUTE:
                t.pf[c.BILL, who[k]] -= fen / FEN
            if o.persons and row == CHRONIC:
                t.people[CHRONIC_LEFT, who[k]] -= fen / FEN
        books[KIND_VALUE] += total
    elif what == OWED:
        for k in range(len(who)):
            t.spent[DEBT, house[who[k]]] += np.int64(np.rint(answer[k] * FEN))
    elif what == WITHIN:
        for k in range(len(who)):
            t.hi[c.TRANSFERS_WITHIN, house[who[k]]] += np.int64(np.rint(answer[k] * FEN))
    elif what == ENDED:
        for k in range(len(who)):
            if answer[k] > 0.0:
                t.hi[row, house[who[k]]] = 1
    elif (what == CASH_OUT) | (what == VALUE) | (what == BACK) | (what == MANAGED):
        for k in range(len(who)):
            total += np.int64(np.rint(answer[k] * FEN))
        books[CASH if what == CASH_OUT else KIND_VALUE if what == VALUE else REPAID if what == BACK else OVERHEAD] += total
    elif (what == ONCE) | (what == RUN):
        books[KIND_VALUE if what == ONCE else OVERHEAD] += np.int64(np.rint(single * FEN))
    elif what == OWNED:
        fen = np.int64(np.rint(single * FEN))
        t.vi[c.PROCEEDS, row] += fen
        books[VILLAGE_MONEY] += fen


def share_loop(t: Any) -> None:
    """Let the villages share out, when all else has yielded."""
    for m in range(len(t.measures)):
        if t.measures[m].shared_out:
            call_at(t.entries[SHARE], t, np.int64(m))


def share_body(t: Any, m: Any) -> None:
    """What each village pays under an item is split by the weights of its households; a share is cut to the fen below."""
    o, held = t.measures[m], t.villages.held[t.measures[m].row]
    t.given[m] = 0
    who = marked(held)
    if len(who) == 0 or o.yields < 0 or o.shares < 0:
        return
    for v in range(len(held)):
        t.pots[0, v], t.pots[1, v] = t.vi[c.PROCEEDS_LAST, v] / FEN, t.from_village[v] / FEN
    answer, hook = village_answers(t, m, o.yields, who), t.hooks[o.yields]
    for d in range(hook.does0, hook.does1):
        if t.does[d, 0] == OWN:
            for k in range(len(who)):
                t.villages.own[o.own0 + t.does[d, 1], who[k]] = answer[t.does[d, 3], k]
        elif t.does[d, 0] == COMMON:
            t.common[o.common0 + t.does[d, 1]] = t.single[t.does[d, 3]]
    weights, paid = asked(t, m, o.shares, t.everybody[: len(t.itself)], 0), np.zeros(len(held), np.int64)
    first = t.hooks[o.shares].does0
    for j in range(len(weights)):
        row, seen, at = t.does[first + j, 1], t.does[first + j, 2], t.does[first + j, 3]
        for k in range(len(who)):
            pot = np.int64(np.floor(answer[at, k] * FEN))
            paid[who[k]] += split(t, m, who[k], pot, weights[j], t.items[row], seen)
    books = t.books[m]
    for k in range(len(who)):
        v = who[k]
        pot = t.vi[c.PROCEEDS_LAST, v] - t.from_village[v]
        t.vi[c.RESERVE, v] -= paid[v]
        books[CASH] += paid[v]
        books[VILLAGE_MONEY] += pot - paid[v]
        books[FROM_VILLAGE] += pot
    books[OVERHEAD] += np.int64(np.rint(o.overhead * (books[CASH] + books[KIND_VALUE])))


def split(t: Any, m: Any, v: Any, pot: Any, weight: Any, item: Any, seen: Any) -> Any:
    """Split a pot among the households of a village in which somebody lives; returns what was paid."""
    size, given, total, paid = t.hi[c.SIZE], t.given[m], 0.0, np.int64(0)
    for h in range(t.village_off[v], t.village_off[v + 1]):
        total += weight[h] if size[h] > 0 else 0.0
    whole = total if total > 0.0 else 1.0
    for h in range(t.village_off[v], t.village_off[v + 1]):
        fen = np.int64(np.floor(pot * ((weight[h] if size[h] > 0 else 0.0) / whole)))
        item[h] += fen
        given[h] += fen * seen
        paid += fen
    return paid
