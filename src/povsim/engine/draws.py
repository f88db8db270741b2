"""Owns: the draws of a replicate as matrices, one row per decision, compiled or in NumPy with equal bits.
Never: says what a draw is (core.randomness) or what it decides (the phases)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.normals import normal_of
from povsim.core.randomness import HALF, HOUSEHOLD_SLOT, MASK, decision_number, identity, key_of, philox, unit, when
from povsim.engine import compile as compiler
from povsim.engine.columns import SLOT

Floats = NDArray[np.float64]
Ids = NDArray[np.uint64]
CHUNK: Final = 256  # units worked on at a time: their words stay in the first-level cache
SLOT_BITS: Final = np.uint64(12)

Luck = namedtuple("Luck", ["ids", "shared"])  # identities, and what all counters and keys share, in one row:
REPLICATE, MOMENT, KEY_0, KEY_1 = range(4)


@dataclass(frozen=True)
class Plan:
    """Which words the rows of a matrix come from.

    Attributes
    ----------
    groups : uint64 (G,)
        Groups of four words that are computed.
    rows : int64 (G, 4)
        Row that a lane of a group fills, -1 for none.
    normal : bool (G, 4)
        Whether that row is a standard normal.
    blank : float64 (names,)
        What a place that is skipped gets: 0.5, or 0.0 for a normal.
    """

    groups: Ids
    rows: NDArray[np.int64]
    normal: NDArray[np.bool_]
    blank: Floats

    @property
    def lanes(self) -> tuple[Any, ...]:
        """As the bodies take it: groups, rows, normal, number of rows."""
        return self.groups, self.rows, self.normal, len(self.blank)


@cache
def plan(names: tuple[str, ...]) -> Plan:
    """The plan of a draw list; names that end in ``_z`` are standard normals, the others uniforms.

    Raises
    ------
    KeyError
        No such decision.
    ValueError
        A decision is asked for twice: two rows would share their luck.
    """
    if len(set(names)) < len(names):
        raise ValueError(f"a decision is drawn twice: {names}")
    numbers = [decision_number(name) for name in names]
    groups = sorted({number // 4 for number in numbers})
    rows = np.full((len(groups), 4), -1, np.int64)
    normal = np.zeros((len(groups), 4), np.bool_)
    for row, (name, number) in enumerate(zip(names, numbers, strict=True)):
        at = groups.index(number // 4), number % 4
        rows[at], normal[at] = row, name.endswith("_z")
    blank = np.array([0.0 if name.endswith("_z") else 0.5 for name in names])
    return Plan(np.array(groups, np.uint64), rows, normal, blank)


@dataclass(frozen=True)
class Draws:
    """The luck of one replicate.

    Parameters
    ----------
    seed : int
        0 to 2**64 - 1.
    replicate : int
        0 to 2**32 - 1.
    """

    seed: int
    replicate: int

    def persons(
        self,
        draw_id: Ids,
        house: NDArray[Any],
        slot: NDArray[Any],
        year: int,
        names: tuple[str, ...],
        tag: str = "",
        alive: NDArray[Any] | None = None,
    ) -> Floats:
        """Draws of persons.

        Parameters
        ----------
        draw_id : uint64 (households,)
            Identity of every household.
        house, slot : integers (places,)
            Household (row of ``draw_id``) and slot of each place; a range of places may be given as slices.
        year : int
            The income year.
        names : tuple of str
            Decisions of core.randomness, one row each.
        tag : str
            A measure's id, where it draws for itself.
        alive : integers (places,), optional
            Places with 0 are skipped: 0.5, or 0.0 for a normal.

        Returns
        -------
        float64 (len(names), places)
        """
        if alive is None:
            return self._fill(draw_id, house, slot, _rows(len(slot)), year, names, tag)
        here = np.flatnonzero(alive)
        drawn = self._fill(draw_id, house, slot, here, year, names, tag)
        out = np.repeat(plan(names).blank[:, None], len(slot), axis=1)
        out[:, here] = drawn
        return out

    def households(self, draw_id: Ids, year: int, names: tuple[str, ...], tag: str = "") -> Floats:
        """Draws of households: float64 (len(names), len(draw_id)); arguments as for `persons`."""
        each, slots = alone(len(draw_id))
        return self._fill(draw_id, each, slots, each, year, names, tag)

    def named(self, things: Sequence[str], year: int, names: tuple[str, ...], tag: str = "") -> Floats:
        """Draws of what is shared and has a name (villages, products, firms): float64 (len(names), len(things))."""
        return self.households(identities(tuple(things)), year, names, tag)

    def shared(self, name: str, year: int, decision: str, tag: str = "") -> float:
        """One draw of one named thing."""
        return float(self.named((name,), year, (decision,), tag)[0, 0])

    def luck(self, draw_id: Ids, year: int, tag: str = "") -> Luck:
        """What the draws of some households and their persons in a year are made of."""
        return Luck(draw_id, _shared(self.seed, self.replicate, year, tag))

    def _fill(self, ids: Ids, house: Any, slot: Any, here: Any, year: int, names: tuple[str, ...], tag: str) -> Floats:
        body = compiler.lift(fill_loop) if compiler.enabled() else fill_numpy
        filled: Floats = body(self.luck(ids, year, tag), house, slot, here, plan(names).lanes)
        return filled


_key = cache(key_of)


@lru_cache(maxsize=4096)
def _shared(seed: int, replicate: int, year: int, tag: str) -> Ids:
    """Replicate, fourth counter word of a year (slot 0, group 0), and key."""
    return np.array([replicate, when(year, 0, 0), *_key(seed, tag)], np.uint64)


@cache
def identities(things: tuple[str, ...]) -> Ids:
    """The identities of what has a name."""
    return np.array([identity(name) for name in things], np.uint64)


def _rows(count: int) -> NDArray[np.int64]:
    """0 .. count - 1."""
    return alone(count)[0]


def alone(count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows and slots of units that are not persons."""
    rows, slots = _all_upto(1 << max(10, (count - 1).bit_length()))  # kept by powers of two, since counts are of all kinds
    return rows[:count], slots[:count]


@cache
def _all_upto(count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    return np.arange(count), np.full(count, HOUSEHOLD_SLOT, np.int32)


# --- single draws ----------------------------------------------------------------------------------------


def of_person(luck: Any, h: Any, slot: Any, number: int) -> Any:
    """The uniform of a decision of a person of household h, or of some: for what seldom happens, drawn where it does."""
    who, group, shared = luck.ids[h], np.uint64(number // 4), luck.shared
    time = shared[MOMENT] | (np.uint64(slot) << SLOT_BITS) | group
    return unit(philox(who & MASK, who >> HALF, shared[REPLICATE], time, shared[KEY_0], shared[KEY_1])[number % 4])


def of_household(luck: Any, h: Any, number: int) -> Any:
    """The uniform of a decision of household h, or of some."""
    return of_person(luck, h, HOUSEHOLD_SLOT, number)


# --- the two bodies --------------------------------------------------------------------------------------


def fill_numpy(luck: Any, house: Any, slot: Any, here: Any, lanes: Any) -> Any:
    """The draws of the units at the rows ``here``: float64 (names, len(here)), in columns; the reference."""
    groups, rows, normal, names = lanes
    out = np.empty((names, len(here)))
    who = luck.ids[house[here]]
    replicate, moment, k0, k1 = luck.shared
    low, high, time = who & MASK, who >> HALF, moment | (slot[here].astype(np.uint64) << SLOT_BITS)
    for group, of_lane, quantile in zip(groups, rows, normal, strict=True):
        words = philox(low, high, replicate, time | group, k0, k1)
        for word, row, as_normal in zip(words, of_lane, quantile, strict=True):
            if row >= 0:
                out[row] = normal_of(unit(word)) if as_normal else unit(word)
    return out


def fill_loop(luck: Any, house: Any, slot: Any, here: Any, lanes: Any) -> Any:
    """The same in loops over chunks, to be lifted: gather who is there, then draw without a branch."""
    groups, rows, normal, names = lanes
    out = np.empty((names, len(here)))
    if names == 0:
        return out
    who, drawn = np.empty((3, CHUNK), np.uint32), np.empty((4, CHUNK), np.uint32)
    for first in range(0, len(here), CHUNK):
        count = min(CHUNK, len(here) - first)
        for j in range(count):
            i = here[first + j]
            identity = luck.ids[house[i]]
            who[0, j] = identity & MASK
            who[1, j] = identity >> HALF
            who[2, j] = luck.shared[MOMENT] | (np.uint64(slot[i]) << SLOT_BITS)
        for g in range(len(groups)):
            four_words(luck, count, who, groups[g], drawn, 0)
            for lane in range(4):
                row = rows[g, lane]
                if row < 0:
                    continue
                if not normal[g, lane]:
                    for j in range(count):
                        out[row, first + j] = unit(drawn[lane, j])
                    continue
                for j in range(count):
                    out[row, first + j] = normal_of(unit(drawn[lane, j]))
    return out


# --- words -----------------------------------------------------------------------------------------------
# What loops draw (engine.phase): as words of 32 bits draws take half the room of numbers, and eight are made at a time; `unit` of
# one is the uniform.


def word_rows(names: tuple[str, ...]) -> tuple[int, ...]:
    """The rows of a loop's words that some decisions take: a row per lane of each group that they need."""
    groups = plan(names).groups.tolist()
    numbers = [decision_number(name) for name in names]
    return tuple(4 * groups.index(number // 4) + number % 4 for number in numbers)


def four_words(luck: Any, count: int, who: Any, group: Any, out: Any, row: int) -> None:
    """The words of a group of so many units, in four rows; ``who`` are their counter words."""
    replicate, k0, k1 = luck.shared[REPLICATE] & MASK, luck.shared[KEY_0] & MASK, luck.shared[KEY_1] & MASK
    for j in range(count):
        time = np.uint64(who[2, j]) | group
        a, b, c, d = philox(np.uint64(who[0, j]), np.uint64(who[1, j]), replicate, time, k0, k1)
        out[row, j] = a
        out[row + 1, j] = b
        out[row + 2, j] = c
        out[row + 3, j] = d


def persons_words(luck: Any, h0: int, count: int, desk: Any, pi: Any, groups: Any) -> None:
    """The words of some groups of so many persons on a desk (engine.phase), a row per lane; households count from ``h0``."""
    if len(groups) == 0:
        return
    of, here, who, moment = desk.of, desk.here, desk.who, luck.shared[MOMENT]
    for j in range(count):
        identity = luck.ids[np.uint64(h0 + of[j])]
        who[0, j] = identity & MASK
        who[1, j] = identity >> HALF
    for j in range(count):
        who[2, j] = moment | (np.uint64(pi[SLOT, here[j]]) << SLOT_BITS)
    for g in range(len(groups)):
        four_words(luck, count, who, groups[g], desk.words, 4 * g)


def households_words(luck: Any, h0: int, homes: int, desk: Any, groups: Any) -> None:
    """Likewise of so many households from ``h0`` on."""
    if len(groups) == 0:
        return
    who, moment = desk.who, luck.shared[MOMENT]
    for k in range(homes):
        identity = luck.ids[np.uint64(h0 + k)]
        who[0, k] = identity & MASK
        who[1, k] = identity >> HALF
        who[2, k] = moment | (np.uint64(HOUSEHOLD_SLOT) << SLOT_BITS)
    for g in range(len(groups)):
        four_words(luck, homes, who, groups[g], desk.home_words, 4 * g)


def normals(words: Any, row: int, count: int, floats: Any, out: int) -> None:
    """A row of words as standard normals."""
    for j in range(count):
        floats[out, j] = normal_of(unit(words[row, j]))
