"""Owns: the draws of a replicate as matrices, one row per decision, compiled or in NumPy with equal bits.
Never: says what a draw is (core.randomness) or what it decides (the phases)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import ppf
from povsim.core.randomness import HALF, HOUSEHOLD_SLOT, MASK, decision_number, identity, key_of, philox, unit, when
from povsim.engine import compile as compiler

Floats = NDArray[np.float64]
Ids = NDArray[np.uint64]
CHUNK: Final = 256  # units worked on at a time: their words stay in the first-level cache
SLOT_BITS: Final = np.uint64(12)
SLOT_OF_HOUSEHOLD: Final = np.uint64(HOUSEHOLD_SLOT) << SLOT_BITS


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


class Stream(NamedTuple):
    """Where the draws of a year begin that units which are not persons take under a tag; see `one`."""

    replicate: np.uint64
    moment: np.uint64  # fourth counter word, group 0
    k0: np.uint64
    k1: np.uint64


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
        return self._fill(draw_id, house, slot, np.ones(len(slot), np.int32) if alive is None else alive, year, names, tag)

    def households(self, draw_id: Ids, year: int, names: tuple[str, ...], tag: str = "") -> Floats:
        """Draws of households: float64 (len(names), len(draw_id)); arguments as for `persons`."""
        count = len(draw_id)
        return self._fill(draw_id, *_alone(count), year, names, tag)

    def named(self, things: Sequence[str], year: int, names: tuple[str, ...], tag: str = "") -> Floats:
        """Draws of what is shared and has a name (villages, products, firms): float64 (len(names), len(things))."""
        return self.households(_identities(tuple(things)), year, names, tag)

    def shared(self, name: str, year: int, decision: str, tag: str = "") -> float:
        """One draw of one named thing."""
        return float(self.named((name,), year, (decision,), tag)[0, 0])

    def stream(self, year: int, tag: str = "") -> Stream:
        """What a loop needs that draws for few households, with `one`; arguments as for `persons`."""
        return Stream(np.uint64(self.replicate), _moment(year) | SLOT_OF_HOUSEHOLD, *_key(self.seed, tag))

    def _fill(self, ids: Ids, house: Any, slot: Any, alive: Any, year: int, names: tuple[str, ...], tag: str) -> Floats:
        p = plan(names)
        out = np.empty((len(names), len(slot)))
        k0, k1 = _key(self.seed, tag)
        body = compiler.lift(fill_loop) if compiler.enabled() else fill_numpy
        moment = _moment(year)
        body(ids, house, slot, alive, np.uint64(self.replicate), moment, k0, k1, p.groups, p.rows, p.normal, p.blank, out)
        return out


_key = cache(key_of)


@cache
def _moment(year: int) -> np.uint64:
    """Fourth counter word of a year, slot 0, group 0."""
    return np.uint64(when(year, 0, 0))


@cache
def _identities(things: tuple[str, ...]) -> Ids:
    return np.array([identity(name) for name in things], np.uint64)


@cache
def _alone(count: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Rows, slots and presence of units that are not persons."""
    return np.arange(count, dtype=np.int32), np.full(count, HOUSEHOLD_SLOT, np.int32), np.ones(count, np.int32)


def one(who: Any, number: int, stream: Stream) -> Any:
    """The uniform of a decision, by its number, of one household: what `Draws.households` puts into its column."""
    time = stream.moment | np.uint64(number // 4)
    return unit(philox(who & MASK, who >> HALF, stream.replicate, time, stream.k0, stream.k1)[number % 4])


# --- the two bodies --------------------------------------------------------------------------------------


def fill_numpy(
    ids: Any, house: Any, slot: Any, alive: Any, replicate: Any, moment: Any, k0: Any, k1: Any,
    groups: Any, rows: Any, normal: Any, blank: Any, out: Any,
) -> None:  # fmt: skip
    """Fill ``out`` in columns; the reference."""
    here = np.flatnonzero(alive)
    if len(here) < len(slot):
        out[:] = blank[:, None]
    who = ids[house[here]]
    low, high, time = who & MASK, who >> HALF, moment | (slot[here].astype(np.uint64) << SLOT_BITS)
    for group, lanes, quantile in zip(groups, rows, normal, strict=True):
        words = philox(low, high, replicate, time | group, k0, k1)
        for word, row, as_normal in zip(words, lanes, quantile, strict=True):
            if row >= 0:
                out[row, here] = ppf(unit(word)) if as_normal else unit(word)


def fill_loop(
    ids: Any, house: Any, slot: Any, alive: Any, replicate: Any, moment: Any, k0: Any, k1: Any,
    groups: Any, rows: Any, normal: Any, blank: Any, out: Any,
) -> None:  # fmt: skip
    """The same in loops over chunks, to be lifted: gather who is there, draw without a branch, put back."""
    here = np.empty(CHUNK, np.int64)
    low, high, time = np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.uint64)
    words = np.empty((4, CHUNK), np.uint64)
    value = np.empty(CHUNK)
    for first in range(0, len(slot), CHUNK):
        last = min(first + CHUNK, len(slot))
        count = 0
        for i in range(first, last):
            if alive[i] != 0:
                who = ids[house[i]]
                here[count] = i
                low[count] = who & MASK
                high[count] = who >> HALF
                time[count] = moment | (np.uint64(slot[i]) << SLOT_BITS)
                count += 1
        if count < last - first:
            for row in range(len(blank)):
                out[row, first:last] = blank[row]
        for g in range(len(groups)):
            for j in range(count):
                words[0, j], words[1, j], words[2, j], words[3, j] = philox(
                    low[j], high[j], replicate, time[j] | groups[g], k0, k1
                )
            for lane in range(4):
                row = rows[g, lane]
                if row < 0:
                    continue
                if normal[g, lane]:
                    for j in range(count):
                        value[j] = ppf(unit(words[lane, j]))
                else:
                    for j in range(count):
                        value[j] = unit(words[lane, j])
                for j in range(count):
                    out[row, here[j]] = value[j]
