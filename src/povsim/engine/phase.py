"""Owns: the slot of a block phase: whom it looks at, its draws, its parameters, its NumPy body and its compiled body.
Never: what a phase does (people, shocks, labour, income) or how it is compiled (engine.compile)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import draws as luck_of

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

SHORT: Final = 8

Body = Callable[..., None]
Rule = Callable[..., Any]


def alive(pi: Any, i: Any) -> Any:
    """Whether a place is lived in: whom a phase looks at unless it says otherwise."""
    return pi[c.ALIVE, i] == 1


def no_tables(p: Any) -> tuple[Any, ...]:
    """The tables of a phase that has none."""
    return ()


@dataclass(frozen=True)
class Phase:
    """A phase that looks at one household at a time.

    Both bodies take ``(h0, h1, off, house, here, begin, pi, pf, hi, hf, items, last, spent, vi, vf, up, uh, luck, tables, p)``:
    the range of households, the layout, the places ``here`` of those whom the phase looks at, in order, where
    ``here[begin[k]:begin[k + 1]]`` are of household ``h0 + k``, the state matrices whole, the draws of these persons ``up``
    (person_draws x here) and of the households ``uh`` (household_draws x households of the block), the luck from which seldom
    draws are taken (draws.of_household, draws.of_person), what ``tabulate`` made, and the parameters ``p`` in the order of
    ``params``.

    Attributes
    ----------
    name : str
        As in the benchmark's table.
    person_draws, household_draws : tuple of str
        Decisions of core.randomness; names that end in ``_z`` are standard normals, the others uniforms.
    params : tuple of (group, name)
        Parameters read, floats or arrays; ``("year", "")`` gives the year itself.
    numpy : Body
        The reference.
    loop : Body or None
        The same in plain loops, to be lifted; None where the phase is not hot.
    pack : callable
        Makes ``p`` of the values: a plain tuple, or the ``_make`` of a namedtuple, so that rules say ``p.name``.
    looks_at : callable
        Of ``(pi, i)``: whether the phase looks at the person of a place, or of each of some places.
    tabulate : callable
        Of ``p``: answers of dear rules for all their arguments, which the compiled body looks up; made once a world and year.
    """

    name: str
    person_draws: tuple[str, ...]
    household_draws: tuple[str, ...]
    params: tuple[tuple[str, str], ...]
    numpy: Body
    loop: Body | None = None
    pack: Callable[[Iterable[Any]], Any] = tuple
    looks_at: Rule = alive
    tabulate: Callable[[Any], tuple[Any, ...]] = no_tables

    def body(self) -> Body:
        """The body in force: the loop where there is one and the engine may compile."""
        return self.loop if self.loop is not None and compiler.enabled() else self.numpy

    def arguments(self, world: World, year: int) -> Any:
        """The parameters of a year, in the order of ``params``."""
        return world.keep(("arguments", self.name, year), lambda: self._arguments(world, year))

    def _arguments(self, world: World, year: int) -> Any:
        return self.pack(float(year) if group == "year" else getattr(world.at(group, year), name) for group, name in self.params)

    def run(self, s: State, world: World, draws: Draws, year: int, moment: int | None = None) -> None:
        """Run the phase over every block of the town; ``moment`` is the year under which its draws are keyed, if another."""
        layout, p, body = world.layout, self.arguments(world, year), self.body()
        if body is self.numpy:
            through, tables = through_blocks(choose_numpy, luck_of.fill_numpy, body, self.looks_at), ()
        else:
            through = compiler.lift(through_blocks(choose_loop, luck_of.fill_loop, body, self.looks_at))
            p, tables = world.keep(("loop", self.name, year), lambda: (lean(p), self.tabulate(p)))
        each, slots = luck_of.alone(layout.households)
        lanes = luck_of.plan(self.person_draws).lanes, luck_of.plan(self.household_draws).lanes
        through(
            layout.edges, layout.off, layout.house, each, slots, s.pi, s.pf, s.hi, s.hf, s.items, s.last, s.spent, s.vi, s.vf,
            draws.luck(layout.draw_id, moment or year), *lanes, tables, p,
        )  # fmt: skip


def lean(p: Any) -> Any:
    """Parameters as a loop takes them: short lists as tuples, since an array is counted as in use each time a rule is handed it.

    Longer ones, which are for `Phase.tabulate`, are left out.
    """
    short = [(tuple(v.tolist()) if len(v) <= SHORT else ()) if isinstance(v, np.ndarray) else v for v in p]
    return p._make(short) if hasattr(p, "_make") else tuple(short)


@cache
def through_blocks(choose: Rule, fill: Rule, body: Body, looks_at: Rule) -> Body:
    """The way through all blocks: choose the persons, draw, run the body; plain text that is lifted as a whole."""

    def through(
        edges: Any, off: Any, house: Any, each: Any, slots: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
        spent: Any, vi: Any, vf: Any, luck: Any, person_lanes: Any, household_lanes: Any, tables: Any, p: Any,
    ) -> None:  # fmt: skip
        for block in range(len(edges) - 1):
            h0, h1 = edges[block], edges[block + 1]
            here, begin = choose(looks_at, h0, h1, off, house, pi)
            up = fill(luck, house, pi[c.SLOT], here, person_lanes)
            uh = fill(luck, each, slots, each[h0:h1], household_lanes)
            body(h0, h1, off, house, here, begin, pi, pf, hi, hf, items, last, spent, vi, vf, up, uh, luck, tables, p)

    return through


def choose_numpy(looks_at: Rule, h0: int, h1: int, off: Any, house: Any, pi: Any) -> Any:
    """The places of those whom a phase looks at, and where each household's begin."""
    a, b = off[h0], off[h1]
    here = a + np.flatnonzero(looks_at(pi, slice(a, b)))
    return here, np.searchsorted(here, off[h0 : h1 + 1])


def choose_loop(looks_at: Rule, h0: int, h1: int, off: Any, house: Any, pi: Any) -> Any:
    """The same without a branch, to be lifted."""
    here, begin = np.empty(off[h1] - off[h0], np.int64), np.zeros(h1 - h0 + 1, np.int64)
    count = 0
    for i in range(off[h0], off[h1]):
        here[count] = i
        count += looks_at(pi, i)
    for j in range(count):
        begin[house[here[j]] - h0 + 1] = j + 1
    for k in range(h1 - h0):  # a household of nobody ends where it begins
        begin[k + 1] = max(begin[k + 1], begin[k])
    return here[:count], begin
