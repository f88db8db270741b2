"""Owns: what the measures yield in the year, entered into accounts and books: the compiled body of `measures.earn`.
Never: what a kind yields (policy.measures), or who holds a measure (allocation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import entering, measures
from povsim.engine.hooks import loop_of
from povsim.engine.measures import ITEM, Columns, kept, seen_by_means, serving
from povsim.engine.roster import roster_of
from povsim.engine.state import FEN
from povsim.engine.town import town_of
from povsim.policy.kind import find

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Let every measure yield, as `measures.earn` does: compiled where the engine may compile, and nobody is watched."""
    if not compiler.enabled() or s.watch is not None:  # what is watched is noted measure by measure
        measures.earn(s, world, draws, year)
        return
    k, nothing = Columns(s, world, year), np.zeros(0, np.int64)
    t, served = town_of(s, world, draws, year, k, nothing, nothing), roster_of(world, year).measures["served"]
    first = 0
    for index, measure, kind in serving(world):
        if kind.holder != "village" and not served[index]:  # its hooks are no expressions
            compiler.lift(entering.yield_loop)(t, first, index)
            p, first = world.measure(index, year), index + 1
            t.from_village[:] += measures.yields_of(s, world, draws, year, k, index, measure, kind, p)
    compiler.lift(entering.yield_loop)(t, first, len(served))
    for index, _, kind in serving(world):
        if kind.holder == "village":
            _share_out(t, s, world, draws, year, k, index)
    s.vi[c.RESERVE] -= t.from_village


# --- villages --------------------------------------------------------------------------------------------


def _share_out(t: Any, s: State, world: World, draws: Draws, year: int, k: Columns, index: int) -> None:
    """One measure of villages: what it pays under an item is split among the village's households by its weights."""
    layout, h, p = world.layout, kept(s, world, index), world.measure(index, year)
    kind = find(world.scenario.measures[index].kind)
    names = loop_of(world, index, kind, "shares", year).names
    if not names:
        measures.share_out(s, world, draws, year, k, index, kind, p, t.from_village)
        return
    who = np.flatnonzero(h["held"])
    if not len(who) or kind.yields is None:
        h["given"][:] = 0
        return
    answer = measures.village_answer(s, world, draws, year, k, index, kind, who, t.from_village)
    pots = np.zeros((len(names), layout.villages), np.int64)
    for row, name in zip(pots, names, strict=True):
        row[who] = np.floor(np.broadcast_to(answer[name], len(who)) * FEN)
    items, seen = np.array([ITEM[name] for name in names]), np.array([seen_by_means(name) for name in names])
    paid = np.zeros(layout.villages, np.int64)
    compiler.lift(entering.share_loop)(t, index, pots, items, seen, paid)
    s.vi[c.RESERVE] -= paid
    measures.enter_sharing(s, p, h["books"], who, paid, t.from_village)
