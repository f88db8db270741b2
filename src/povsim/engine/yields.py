"""Owns: what the measures yield in the year, entered into accounts and books: the compiled body of `measures.earn`.
Never: what a kind yields (policy.measures), or who holds a measure (allocation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import entering, measures
from povsim.engine.measures import Columns, serving
from povsim.engine.roster import roster_of
from povsim.engine.town import bench_of, refuse_faults, town_of

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Let every measure yield, as `measures.earn` does: compiled where the engine may compile, and nobody is watched."""
    if not compiler.enabled() or s.watch is not None:  # what is watched is noted measure by measure
        measures.earn(s, world, draws, year)
        return
    k = Columns(s, world, year, bench_of(s, world, year).columns)
    t, roster, first = town_of(s, world, draws, year), roster_of(world, year).measures, 0
    for index, measure, kind in serving(world):
        if kind.holder != "village" and not roster["served"][index]:  # its hooks are no expressions
            compiler.lift(entering.yield_loop)(t, first, index)
            refuse_faults(t, world, year)  # before another kind is asked about what came of it
            p, first = world.measure(index, year), index + 1
            t.from_village[:] += measures.yields_of(s, world, draws, year, k, index, measure, kind, p)
    compiler.lift(entering.earn_loop)(t, first)
    refuse_faults(t, world, year)
    for index, _, kind in serving(world):
        if kind.holder == "village" and not roster["shared_out"][index]:
            measures.share_out(s, world, draws, year, k, index, kind, world.measure(index, year), t.from_village)
    s.vi[c.RESERVE] -= t.from_village
    measures.refuse_overdrawn(s, world, year)
