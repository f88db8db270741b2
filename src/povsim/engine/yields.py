"""Owns: what the measures yield in the year, entered into accounts and books: the compiled bodies of `measures.earn`.
Never: what a kind yields (policy.measures), or who holds a measure (allocation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import measures
from povsim.engine.hooks import Asked
from povsim.engine.measures import (
    CASH,
    DERIVED_HOUSE,
    DERIVED_PERSON,
    ENDS,
    EXPENSE,
    FROM_VILLAGE,
    ITEM,
    JOBS,
    KIND_VALUE,
    OVERHEAD,
    REPAID,
    VILLAGE_MONEY,
    Columns,
    kept,
    serving,
)
from povsim.engine.recorder import entering
from povsim.engine.state import FEN
from povsim.policy.kind import Kind

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Longs = NDArray[np.int64]

# What an answer does, a code each; then the row that it touches.
(
    OWN, INCOME, CASH_OUT, VALUE, ONCE, SEEN, PROCEEDS, BACK, POSTS, HANDS, CREDIT, RELIEF, MANAGED, BORNE, ENDED, OWED, WITHIN,
    NOTHING,
) = range(18)  # fmt: skip
_DOES: Final = {
    "wages_paid": CASH_OUT, "grant": CASH_OUT, "in_kind": VALUE, "building": ONCE, "running": ONCE, "post_income": SEEN,
    "proceeds": PROCEEDS, "repaid": BACK, "jobs": POSTS, "labour": HANDS, "credited": CREDIT, "overhead": MANAGED,
    "from_village": BORNE, "debt_service": OWED, "within": WITHIN,
}  # fmt: skip
HANDS_LEFT, CHRONIC_LEFT = DERIVED_HOUSE.index("hands"), DERIVED_PERSON.index("chronic_bill")
ACUTE, CHRONIC, DEBT = (EXPENSE[name] for name in ("medical_acute", "medical_chronic", "debt"))


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Let every measure yield, as `measures.earn` does: compiled where the engine may compile."""
    if not compiler.enabled():
        measures.earn(s, world, draws, year)
        return
    k = Columns(s, world, year)
    from_village = np.zeros(world.layout.villages, np.int64)
    own = [one for one in serving(world) if one[2].holder != "village"]
    for index, measure, kind in own:
        with entering(s, index):
            _yield(Asked(s, world, draws, year, k, index, measure, kind, kept(s, world, index, kind)), from_village)
    for index, measure, kind in serving(world):
        if kind.holder == "village":
            with entering(s, index):
                _share_out(Asked(s, world, draws, year, k, index, measure, kind, kept(s, world, index, kind)), from_village)
    s.vi[c.RESERVE] -= from_village


def _yield(one: Asked, from_village: Longs) -> None:
    """One measure of households or persons; what the villages' proceeds bear of it is added up, in fen."""
    s, h, kind, books, layout = one.s, one.h, one.kind, one.h["books"], one.world.layout
    h["given"][:] = 0
    who = np.flatnonzero(h["held"])
    if kind.yields is None or not (len(who) or kind.common):
        return
    names, out = one.ask("yields", who)
    if s.watch is not None:
        s.watch.answered(one.index, who if kind.holder == "household" else layout.house[who], dict(zip(names, out, strict=True)))
    does = _does(kind, names)
    for j, name in enumerate(names):
        if name in kind.common:
            h[name][0] = one.single[j]
        elif name == "owned_proceeds" and one.p.village:
            earned = int(np.rint(one.single[j] * FEN))
            s.vi[c.PROCEEDS, measures.village_named(layout, one.p.village)] += earned
            books[VILLAGE_MONEY] += earned
        elif name in ("building", "running"):
            books[KIND_VALUE if name == "building" else OVERHEAD] += int(np.rint(one.single[j] * FEN))
    for name in names:  # what the next measure sees of it
        for of, column in _touched(kind, name):
            one.k.filled(of, column)
    house = layout.house if kind.holder == "person" else layout.itself
    compiler.lift(enter_loop)(
        does, out, who, house, layout.village, s.items, s.spent, s.hi, s.hf, s.pf, s.credit[kind.route], h["columns"], h["given"],
        s.vi, one.k.cols, one.k.people, kind.holder == "person", from_village, books,
    )  # fmt: skip
    if "overhead" not in names:
        books[OVERHEAD] += measures.overhead(one.p, books)


_known: dict[tuple[int, tuple[str, ...]], tuple[Kind, Longs]] = {}


def _does(kind: Kind, names: tuple[str, ...]) -> Longs:
    """What each answer does, (answers, 3): its code, its row, and of an income bit 1 if the means test sees it, 2 if it is paid;
    of a relief the column that the next measure sees.
    """
    known = _known.get((id(kind), names))
    if known is None or known[0] is not kind:
        kind.check(dict.fromkeys(names), "yields")
        rows = []
        for name in names:
            if name in kind.own:
                rows.append((OWN, list(kind.own).index(name), 0))
            elif name in ITEM:
                rows.append((INCOME, ITEM[name], int(measures.seen_by_means(name)) + 2 * (name in kind.pays)))
            elif name.startswith("relief_"):
                expense = name.removeprefix("relief_")
                rows.append((RELIEF, EXPENSE[expense], DERIVED_HOUSE.index(f"own_paid_{expense}")))
            elif name in ENDS:
                rows.append((ENDED, ENDS[name], 0))
            else:
                rows.append((_DOES.get(name, NOTHING), 0, 0))
        known = _known[id(kind), names] = kind, np.array(rows, np.int64).reshape(-1, 3)
    return known[1]


def _touched(kind: Kind, name: str) -> tuple[tuple[str, str], ...]:
    """Columns made of the state that an answer changes for the measures after it."""
    if name == "labour":
        return (("household", "hands"),)
    if not name.startswith("relief_"):
        return ()
    own_paid = "household", f"own_paid_{name.removeprefix('relief_')}"
    return (own_paid, ("person", "chronic_bill")) if (kind.holder, name) == ("person", "relief_medical_chronic") else (own_paid,)


def enter_loop(
    does: Any, out: Any, who: Any, house: Any, village: Any, items: Any, spent: Any, hi: Any, hf: Any, pf: Any, credit: Any,
    own: Any, given: Any, vi: Any, cols: Any, people: Any, persons: Any, from_village: Any, books: Any,
) -> None:  # fmt: skip
    """Enter the answers of one measure, one after the other, to be lifted; money in whole fen."""
    for j in range(len(does)):
        what, row, bits = does[j, 0], does[j, 1], does[j, 2]
        total = np.int64(0)
        if what == OWN:
            for k in range(len(who)):
                own[row, who[k]] = out[j, k]
        elif what == INCOME:
            for k in range(len(who)):
                fen = np.int64(np.rint(out[j, k] * FEN))
                h = house[who[k]]
                items[row, h] += fen
                given[h] += fen * (bits & 1)
                total += fen
            books[CASH] += total * (bits >> 1)
        elif what == SEEN:
            for k in range(len(who)):
                given[house[who[k]]] += np.int64(np.rint(out[j, k] * FEN))
        elif what == PROCEEDS:
            for k in range(len(who)):
                fen = np.int64(np.rint(out[j, k] * FEN))
                vi[c.PROCEEDS, village[house[who[k]]]] += fen
                total += fen
            books[VILLAGE_MONEY] += total
        elif what == BORNE:
            for k in range(len(who)):
                fen = np.int64(np.rint(out[j, k] * FEN))
                from_village[village[house[who[k]]]] += fen
                total += fen
            books[FROM_VILLAGE] += total
        elif what == POSTS:
            number = 0.0
            for k in range(len(who)):
                number += out[j, k]
            books[JOBS] += np.int64(number)
        elif what == HANDS:
            for k in range(len(who)):
                h = house[who[k]]
                cols[HANDS_LEFT, h] -= out[j, k]
                hf[c.HANDS_USED, h] += out[j, k]
        elif what == CREDIT:
            for k in range(len(who)):
                credit[house[who[k]]] += np.int64(np.rint(out[j, k] * FEN))
        elif what == RELIEF:
            for k in range(len(who)):
                h = house[who[k]]
                fen = np.int64(np.rint(out[j, k] * FEN))
                taken = min(fen, spent[row, h])
                spent[row, h] -= taken
                total += taken
                cols[bits, h] = spent[row, h] / FEN
                if persons and row == ACUTE:
                    pf[c.BILL, who[k]] -= fen / FEN
                if persons and row == CHRONIC:
                    people[CHRONIC_LEFT, who[k]] -= fen / FEN
            books[KIND_VALUE] += total
        elif what == OWED:
            for k in range(len(who)):
                spent[DEBT, house[who[k]]] += np.int64(np.rint(out[j, k] * FEN))
        elif what == WITHIN:
            for k in range(len(who)):
                hi[c.TRANSFERS_WITHIN, house[who[k]]] += np.int64(np.rint(out[j, k] * FEN))
        elif what == ENDED:
            for k in range(len(who)):
                if out[j, k] > 0.0:
                    hi[row, house[who[k]]] = 1
        elif (what == CASH_OUT) | (what == VALUE) | (what == BACK) | (what == MANAGED):
            for k in range(len(who)):
                total += np.int64(np.rint(out[j, k] * FEN))
            column = CASH if what == CASH_OUT else KIND_VALUE if what == VALUE else REPAID if what == BACK else OVERHEAD
            books[column] += total


def _share_out(one: Asked, posts_paid: Longs) -> None:
    """One measure of villages: what it pays under an item is split among the village's households by its weights."""
    s, h, kind, books, layout = one.s, one.h, one.kind, one.h["books"], one.world.layout
    h["given"][:] = 0
    who = np.flatnonzero(h["held"])
    if not len(who) or kind.yields is None or kind.shares is None:
        return
    answer = measures.village_answer(one.s, one.world, one.draws, one.year, one.k, one.index, kind, who, posts_paid)
    names, weights = one.ask("shares", layout.itself)
    pots = np.zeros((len(names), layout.villages), np.int64)
    for row, name in zip(pots, names, strict=True):
        row[who] = np.floor(np.broadcast_to(answer[name], len(who)) * FEN)
    items = np.array([ITEM[name] for name in names])
    seen = np.array([measures.seen_by_means(name) for name in names])
    paid = np.zeros(layout.villages, np.int64)
    compiler.lift(share_loop)(layout.village_off, s.hi[c.SIZE], weights, pots, items, seen, s.items, h["given"], paid)
    s.vi[c.RESERVE] -= paid
    measures.enter_sharing(s, one.p, books, who, paid, posts_paid)


def share_loop(
    village_off: Any, size: Any, weights: Any, pots: Any, rows: Any, seen: Any, items: Any, given: Any, paid: Any
) -> None:
    """Split the pots of each village by the weights of its households, to be lifted; a share is cut to the fen below."""
    for v in range(len(village_off) - 1):
        for j in range(len(rows)):
            total = 0.0
            for h in range(village_off[v], village_off[v + 1]):
                total += weights[j, h] if size[h] > 0 else 0.0
            whole = total if total > 0.0 else 1.0
            for h in range(village_off[v], village_off[v + 1]):
                weight = weights[j, h] if size[h] > 0 else 0.0
                fen = np.int64(np.floor(pots[j, v] * (weight / whole)))
                items[rows[j], h] += fen
                given[h] += fen * seen[j]
                paid[v] += fen
