"""Owns: the slot of a block phase: whom it looks at, its draws, its parameters, its NumPy body and its compiled body.
Never: what a phase does (people, shocks, labour, income) or how it is compiled (engine.compile)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core.errors import RuleError
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import draws as luck_of
from povsim.engine.compile import Part
from povsim.engine.program import Step, run, step

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import Layout, State
    from povsim.engine.world import World

SHORT: Final = 8
ROOM: Final = 2048  # places that a loop works on at a time: what it lays out of them stays near the processor

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

    The NumPy body takes ``(h0, h1, off, house, here, begin, pi, pf, hi, hf, items, last, spent, vi, vf, up, uh, luck, tables,
    p)``: the range of households, the layout, the places ``here`` of those whom the phase looks at, in order, where
    ``here[begin[k]:begin[k + 1]]`` are of household ``h0 + k``, the state matrices whole, the draws of these persons ``up``
    (person_draws x here) and of the households ``uh`` (household_draws x households of the block), the luck from which seldom
    draws are taken (draws.of_household, draws.of_person), what ``tabulate`` made, and the parameters ``p`` in the order of
    ``params``. The loop takes ``(h0, h1, count, desk, off, pi, pf, hi, hf, items, last, spent, vi, vf, luck, tables, p)``, where
    the `Desk` holds the same of ``count`` persons, and draws as words.

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

    def compiled(self) -> bool:
        """Whether the loop is in force: there is one, and the engine may compile."""
        return self.loop is not None and compiler.enabled()

    def arguments(self, world: World, year: int) -> Any:
        """The parameters of a year, in the order of ``params``."""
        return world.keep(("arguments", self.name, year), lambda: self._arguments(world, year))

    def _arguments(self, world: World, year: int) -> Any:
        return self.pack(float(year) if group == "year" else getattr(world.at(group, year), name) for group, name in self.params)

    def run(self, s: State, world: World, draws: Draws, year: int, moment: int | None = None) -> None:
        """Run the phase over every block of the town; ``moment`` is the year under which its draws are keyed, if another."""
        layout, luck = world.layout, draws.luck(world.layout.draw_id, moment or year)
        if self.compiled():
            run(self.step(s, world, year, Part(shared=luck.shared)))
            return
        state = s.pi, s.pf, s.hi, s.hf, s.items, s.last, s.spent, s.vi, s.vf
        each, slots = luck_of.alone(layout.households)
        lanes = luck_of.plan(self.person_draws).lanes, luck_of.plan(self.household_draws).lanes
        p = self.arguments(world, year)
        through_blocks(self.numpy, self.looks_at, layout.edges, layout.off, layout.house, each, slots, *state, luck, *lanes, p)

    def step(self, s: State, world: World, year: int, luck: Part) -> Step:
        """The compiled way through all blocks, bound to a state, and to the luck that ``luck`` has under ``shared``."""
        through, given = world.keep(("loop", self.name, year), lambda: self._prepared(world.layout, self.arguments(world, year)))
        return step(through, world.layout.part, s.part, luck, given)

    def _prepared(self, layout: Layout, p: Any) -> tuple[Body, Part]:
        """The way through the blocks and what it takes, made once a world and year."""
        assert self.loop is not None
        numbers, lengths = in_a_row(p)
        kind: Any = type(p)
        given = Part(
            edges=rooms(layout.off, layout.edges),
            person_groups=luck_of.plan(self.person_draws).groups,
            household_groups=luck_of.plan(self.household_draws).groups,
            tables=self.tabulate(p),
            numbers=numbers,
        )
        return through_rooms(self.loop, self.looks_at, by_name(kind, lengths)), given


def in_a_row(p: Any) -> tuple[Any, tuple[int, ...]]:
    """Parameters as one row of numbers, which is handed over at once, and how many belong to each: 0 to a number by itself.

    Lists longer than ``SHORT``, which are for `Phase.tabulate`, are left out (-1).
    """
    lists = [v for v in p if not isinstance(v, np.ndarray) or len(v) <= SHORT]
    lengths = [(len(v) if len(v) <= SHORT else -1) if isinstance(v, np.ndarray) else 0 for v in p]
    return np.concatenate([np.zeros(0), *(np.atleast_1d(np.asarray(v, np.float64)) for v in lists)]), tuple(lengths)


@cache
def by_name(kind: Any, lengths: tuple[int, ...]) -> Rule:
    """The way back, to be lifted: parameters by name out of a row; lists as tuples, since an array is counted as in use each time
    that a rule is handed it.
    """
    parts, at = [], 0
    for length in lengths:
        entries = [f"row[{at + k}]" for k in range(max(length, 1))]
        parts.append(entries[0] if length == 0 else f"({', '.join(entries)},)" if length > 0 else "()")
        at += max(length, 1) if length >= 0 else 0
    scope: dict[str, Any] = {"__name__": __name__, "kind": kind}
    made = f"({', '.join(parts)},)" if kind is tuple else f"kind({', '.join(parts)})"
    exec(f"def named(row):\n    return {made}\n", scope)
    named: Rule = scope["named"]
    return named


# --- the way through the blocks in columns ---------------------------------------------------------------


def through_blocks(
    body: Body, looks_at: Rule, edges: Any, off: Any, house: Any, each: Any, slots: Any, pi: Any, pf: Any, hi: Any, hf: Any,
    items: Any, last: Any, spent: Any, vi: Any, vf: Any, luck: Any, person_lanes: Any, household_lanes: Any, p: Any,
) -> None:  # fmt: skip
    """Choose the persons of each block, draw, run the body; the reference."""
    for h0, h1 in pairwise(edges):
        a, b = off[h0], off[h1]
        here = a + np.flatnonzero(looks_at(pi, slice(a, b)))
        begin = np.searchsorted(here, off[h0 : h1 + 1])
        up = luck_of.fill_numpy(luck, house, pi[c.SLOT], here, person_lanes)
        uh = luck_of.fill_numpy(luck, each, slots, each[h0:h1], household_lanes)
        body(h0, h1, off, house, here, begin, pi, pf, hi, hf, items, last, spent, vi, vf, up, uh, luck, (), p)


# --- the same in loops -----------------------------------------------------------------------------------
# A processor does a rule for eight persons at a time where they lie side by side in memory and nothing is asked of one of them
# alone. So the living are laid out on a desk, column by column; each rule is a loop of its own over it; what has changed is put
# back. Rows of the desk have a constant length, so that the compiler sees that they do not overlap; places are counted by numbers
# without a sign, so that it need not ask whether to count from the end. What happens to few is a loop that asks for it first.

Desk = namedtuple(
    "Desk",
    [
        "here",  # uint32 (ROOM,): places of the persons on the desk
        "of",  # int32 (ROOM,): their households, counted from the first of the block
        "begin",  # int32 (ROOM + 1,): where each household's persons begin
        "looked",  # uint8 (ROOM,): of every place of the block, whether its person is looked at
        "who",  # uint32 (3, ROOM): counter words of the persons or households drawn for
        "words",  # uint32 (rows, ROOM): words drawn of persons (draws.word_rows)
        "home_words",  # likewise of households
        "ints",  # int32 (rows, ROOM): by columns.PERSON_INTS, then what the body wants
        "floats",  # float64 (rows, ROOM): by columns.PERSON_FLOATS, likewise
        "cells",  # uint64 (2, ROOM + 1): small counts of persons, one cell before the first (`packed`, `add_up`)
        "homes",  # int64 (HOME_ROWS, ROOM): what the body wants of households
    ],
)
MORE: Final = 8  # rows of a desk beyond those of persons
HOME_ROWS: Final = 5


def rooms(off: Any, edges: Any) -> Any:
    """Where a loop's blocks begin: as the layout's, but none with more places than a desk has.

    Raises
    ------
    RuleError
        A household alone has more.
    """
    if len(off) > 1 and np.diff(off).max() > ROOM:
        raise RuleError(f"a household has more than {ROOM} places")
    cut = [int(edges[0])]
    for stop in edges[1:]:
        while off[stop] - off[cut[-1]] > ROOM:
            cut.append(int(np.searchsorted(off, off[cut[-1]] + ROOM, side="right")) - 1)
        cut.append(int(stop))
    return np.array(cut)


@cache
def through_rooms(body: Body, looks_at: Rule, named: Rule) -> Body:
    """The way through all blocks: choose the persons, draw, run the body; plain text that is lifted as a whole."""

    def through(
        off: Any, house: Any, ids: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any, vi: Any, vf: Any,
        shared: Any, edges: Any, person_groups: Any, household_groups: Any, tables: Any, numbers: Any,
    ) -> None:  # fmt: skip
        p, luck = named(numbers), luck_of.Luck(ids, shared)
        desk = Desk(
            np.empty(ROOM, np.uint32), np.empty(ROOM, np.int32), np.empty(ROOM + 1, np.int32), np.empty(ROOM, np.uint8),
            np.empty((3, ROOM), np.uint32), np.empty((4 * len(person_groups), ROOM), np.uint32),
            np.empty((4 * len(household_groups), ROOM), np.uint32),
            np.empty((len(c.PERSON_INTS) + MORE, ROOM), np.int32), np.empty((len(c.PERSON_FLOATS) + MORE, ROOM)),
            np.empty((2, ROOM + 1), np.uint64), np.empty((HOME_ROWS, ROOM), np.int64),
        )  # fmt: skip
        for block in range(len(edges) - 1):
            h0, h1 = edges[block], edges[block + 1]
            count = choose(desk, h0, h1, off, house, looks_at, pi)
            luck_of.persons_words(luck, h0, count, desk, pi, person_groups)
            luck_of.households_words(luck, h0, h1 - h0, desk, household_groups)
            body(h0, h1, count, desk, off, pi, pf, hi, hf, items, last, spent, vi, vf, luck, tables, p)

    return through


def choose(desk: Any, h0: int, h1: int, off: Any, house: Any, looks_at: Rule, pi: Any) -> int:
    """Note the places of those whom a phase looks at, without a branch; their number."""
    here, of, begin, looked = desk.here, desk.of, desk.begin, desk.looked
    a, homes = off[h0], h1 - h0
    places = off[h1] - a
    for j in range(places):
        looked[j] = looks_at(pi, np.uint64(a + j))
    count = 0
    for j in range(places):
        here[count] = a + j
        count += looked[j]
    for j in range(count):
        of[j] = house[here[j]] - h0
    for k in range(homes + 1):
        begin[k] = 0
    for j in range(count):
        begin[np.uint32(of[j] + 1)] = j + 1
    for k in range(homes):  # a household of nobody ends where it begins
        begin[k + 1] = max(begin[k + 1], begin[k])
    return count


def take(matrix: Any, columns: Any, desk: Any, count: int, rows: Any) -> None:
    """Lay some columns of the persons out."""
    here = desk.here
    for row in columns:
        for j in range(count):
            rows[row, j] = matrix[row, here[j]]


def put(rows: Any, columns: Any, desk: Any, count: int, matrix: Any) -> None:
    """Put some columns of the persons back."""
    here = desk.here
    for row in columns:
        for j in range(count):
            matrix[row, here[j]] = rows[row, j]


def packed(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """Eight small counts in one number, a byte each: all are summed at once, and no household has more than 255 persons."""
    low = np.uint64(a) | (np.uint64(b) << np.uint64(8)) | (np.uint64(c) << np.uint64(16)) | (np.uint64(d) << np.uint64(24))
    high = np.uint64(e) | (np.uint64(f) << np.uint64(8)) | (np.uint64(g) << np.uint64(16)) | (np.uint64(h) << np.uint64(24))
    return low | (high << np.uint64(32))


def unpacked(cell: Any, number: int) -> Any:
    """One of the eight counts."""
    return np.int64((np.uint64(cell) >> np.uint64(8 * number)) & np.uint64(0xFF))


def quarter(value: Any, number: Any) -> Any:
    """A count of up to 65535 as one of four in one number, likewise."""
    return np.uint64(value) << np.uint64(16 * number)


def quartered(cell: Any, number: int) -> Any:
    """One of the four counts."""
    return np.int64((np.uint64(cell) >> np.uint64(16 * number)) & np.uint64(0xFFFF))


def add_up(desk: Any, row: int, count: int, homes: int) -> None:
    """Sum the cells (``1 + j`` is of person j) over each household into a row of ``homes``: by differences of running sums."""
    begin, cells = desk.begin, desk.cells
    cells[row, 0] = 0
    for j in range(count):
        cells[row, j + 1] += cells[row, j]
    for k in range(homes):
        desk.homes[row, k] = cells[row, np.uint32(begin[k + 1])] - cells[row, np.uint32(begin[k])]


def enter(desk: Any, row: int, number: int, h0: int, homes: int, matrix: Any, column: int) -> None:
    """Write one of the packed counts of the households into a column of the state."""
    for k in range(homes):
        matrix[column, np.uint64(h0 + k)] = unpacked(desk.homes[row, k], number)


def wipe(matrix: Any, columns: Any, a: int, b: int) -> None:
    """Nothing in some columns of all places of a block, lived in or not."""
    for row in columns:
        for i in range(a, b):
            matrix[row, i] = 0
