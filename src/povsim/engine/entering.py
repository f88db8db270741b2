"""Owns: the compiled bodies of what measures yield: each answer into accounts and books, villages' pots among households.
Never: what a kind yields (policy.measures), or when (engine.yields)."""

from __future__ import annotations

from typing import Any

import numpy as np

from povsim.engine import columns as c
from povsim.engine.asking import CHRONIC_LEFT, YIELD, asked, supply, supply_person
from povsim.engine.compile import call_at
from povsim.engine.marks import marked
from povsim.engine.measures import DERIVED_HOUSE, EXPENSE
from povsim.engine.roster import (
    BACK,
    BORNE,
    CASH_OUT,
    CREDIT,
    ENDED,
    HANDS,
    INCOME,
    MANAGED,
    ONCE,
    OWED,
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


def share_loop(t: Any, m: Any, pots: Any, rows: Any, seen: Any, paid: Any) -> None:
    """Split the pots of each village by the weights of its households; a share is cut to the fen below."""
    everybody = np.arange(len(t.itself))
    weights, size, given = asked(t, m, t.measures[m].shares, everybody, 0), t.hi[c.SIZE], t.given[m]
    given[:] = 0
    for v in range(len(t.village_off) - 1):
        for j in range(len(rows)):
            total = 0.0
            for h in range(t.village_off[v], t.village_off[v + 1]):
                total += weights[j, h] if size[h] > 0 else 0.0
            whole = total if total > 0.0 else 1.0
            for h in range(t.village_off[v], t.village_off[v + 1]):
                weight = weights[j, h] if size[h] > 0 else 0.0
                fen = np.int64(np.floor(pots[j, v] * (weight / whole)))
                t.items[rows[j], h] += fen
                given[h] += fen * seen[j]
                paid[v] += fen
