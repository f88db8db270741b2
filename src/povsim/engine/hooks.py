"""Owns: a kind's hook as a compiled loop over its holders, where it is an expression: its text, its numbers, its address.
Never: what a hook says (policy.measures), whom it is asked about or where the answer goes (serving, yields)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core import elementary
from povsim.engine import compile as compiler
from povsim.engine.measures import DERIVED_HOUSE, DERIVED_PERSON, POOLS, rows_of
from povsim.engine.trace import Path, Trace, UntraceableError, bounded, known_at, pick_from, trace, whole, within
from povsim.policy.kind import LATE, MOST, WHOLE, Kind, shipped

if TYPE_CHECKING:
    from povsim.engine.world import World

# What every loop takes: whom to ask; the state; what the measure keeps; draws; columns made of the state; the row of numbers; the
# year, months that count in a first year, whether it is the cost of new holders that is asked; where the answers go.
ARGUMENTS: Final = (
    "who, house, pi, pf, hi, hf, own, since, paid, over, draws, cols, people, p, year, first_months, new, out, single"
)
# Columns that are made of what the measure keeps; in `costs` as they would be this year, paid in full.
KEPT: Final = {
    "year_held": "year - since[i] + 1.0",
    "first": "since[i] == year",
    "months": "where(since[i] == year, first_months, 12.0)",
    "paid": "paid[i]",
    "over": "over[i]",
}
COSTED: Final = KEPT | {
    "first": "new > 0.0",
    "months": "where((new > 0.0) | (since[i] >= year), first_months, 12.0)",
    "year_held": "where(new > 0.0, 1.0, year - since[i] + 1.0)",
    "paid": "1.0",
}
POTS: Final = ("pot", "posts_paid")  # of a village: what it shares out this year, what of it posts have taken; yuan
_UNSEEN: Final = {"person": ("village", "members"), "household": ("village",)}  # a name, which is no number; what it has not
_SORTS: Final = {"year_held": "f", "first": "b", "months": "f", "paid": "f", "over": "b", "eligible": "b"}


# --- text ------------------------------------------------------------------------------------------------


def _sort_of(kind: Kind) -> Callable[[str, str], str]:
    def sort(_: str, name: str) -> str:
        if name in _SORTS:
            if kind.holder == "village" or kind in _SEEN.values():
                raise KeyError(name)  # what it does not see
            return _SORTS[name]
        source, _row = _source(kind, name)
        return "i" if source in ("pi", "hi") else "f"

    return sort


def _source(kind: Kind, name: str) -> tuple[str, int]:
    """Matrix and row of a column of the view; a person sees the columns of the household too.

    A village's rows of the state and the columns made of it take the places of a household's.
    """
    if kind.holder == "village":
        matrix, row = ("cols", POTS.index(name)) if name in POTS else rows_of("village")[name]
        return {"vi": "hi", "vf": "hf"}.get(matrix, matrix), row
    if name in _UNSEEN.get(kind.holder, ()):
        raise KeyError(name)
    for of in ("person", "household") if kind.holder == "person" else ("household",):
        derived = DERIVED_PERSON if of == "person" else DERIVED_HOUSE
        if name in derived:
            return "people" if of == "person" else "cols", derived.index(name)
        if name in rows_of(of):
            return rows_of(of)[name]
    raise KeyError(name)


def _load(kind: Kind, hook: str, of: str, name: str, drawn: list[str]) -> str:
    """How the loop reads a column of the holder."""
    if of == "held":
        return f"own[{list(kind.own).index(name)}, i]"
    if of == "u":
        return f"draws[{drawn.index(name)}, k]"
    if name in KEPT:
        return (COSTED if hook == "costs" else KEPT)[name]
    source, row = _source(kind, name)
    text = f"{source}[{row}, {'i' if source in ('pi', 'pf', 'people') else 'h'}]"
    return f"{text} > 0.0" if name == "eligible" else text


@cache
def _function(text: str) -> Callable[..., None]:
    """The plain function of a text, the same for the same text."""
    scope: dict[str, Any] = {"__name__": __name__, **{one.__name__: one for one in (pick_from, within, known_at, bounded, whole)}}
    scope |= {name: getattr(elementary, name) for name in ("where", "minimum", "maximum", "clip", "exp", "log", "sqrt", "floor")}
    exec(compile(text, "<a kind's hook>", "exec"), scope)
    loop: Callable[..., None] = scope["hook_loop"]
    return loop


def _written(kind: Kind, hook: str, found: Trace, drawn: list[str]) -> str:
    """The loop of a trace."""
    lines = [f"def hook_loop({ARGUMENTS}):", *(f"    {line}" for line in found.before)]
    said = []
    for name, text, _ in found.outputs:
        low, high = kind.bounds(name, hook)
        text = f"whole({text})" if name in WHOLE else text
        said.append(f"bounded({text}, {low!r}, {high!r})" if (low, high) != (-MOST, MOST) else text)
    for j, (_, _, varies) in enumerate(found.outputs):  # what holds for all is there without holders too
        lines.append(f"    single[{j}] = {0.0 if varies else said[j]}")
    each = [f"{of}_{name} = {_load(kind, hook, of, name, drawn)}" for of, name in found.inputs]
    each += [*found.body, *(f"out[{j}, k] = {text}" for j, text in enumerate(said))]
    some = ["for k in range(len(who)):", "    i = who[k]", "    h = house[i]", *(f"    {line}" for line in each)]
    if is_dense(hook, found):  # of all units straight through the columns: many at a time
        straight = ["for k in range(len(who)):", "    i = k", f"    h = {'house[k]' if kind.holder == 'person' else 'k'}"]
        straight += [f"    {line}" for line in each]
        some = ["if len(who) == len(house):", *(f"    {line}" for line in straight), "else:", *(f"    {line}" for line in some)]
    return "\n".join([*lines, *(f"    {line}" for line in some)]) + "\n"


def is_dense(hook: str, found: Trace) -> bool:
    """Whether a hook is asked about all units at once: who could use a measure, unless that depends on how many ask."""
    return hook == "fits" and ("now", "holders") not in found.row


# --- binding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loop:
    """A hook of a measure in a year, ready to be asked.

    Attributes
    ----------
    names : tuple of str
        What it answers, in order.
    address : int
        Where its compiled loop lies (`compile.call_at`), 0 where the hook is no expression.
    row : float64
        Its numbers; those of ``moving`` are filled in when it is asked.
    moving : tuple of (int, Path)
        Place in the row and path of the numbers that are no parameters.
    drawn : tuple of str
        The kind's draws that it reads, in order.
    derived : tuple of (int, int)
        Columns made of the state that it reads: 1 of a person, 0 of a household; row.
    dense : bool
        Whether it is asked about all units at once (`is_dense`).
    """

    names: tuple[str, ...] = ()
    address: int = 0
    row: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    moving: tuple[tuple[int, Path], ...] = ()
    drawn: tuple[str, ...] = ()
    derived: tuple[tuple[int, int], ...] = ()
    dense: bool = False


_traces: dict[tuple[Any, str], list[Trace | None]] = {}  # of shipped kinds
_lock = threading.RLock()
_NONE: Final = Loop()


def loop_of(world: World, index: int, kind: Kind, hook: str, year: int) -> Loop:
    """The loop of a measure's hook in a year; made once for a world."""
    loop: Loop = world.keep(("hook", index, hook, year), partial(_bind, world, index, kind, hook, year))
    return loop


def _bind(world: World, index: int, kind: Kind, hook: str, year: int) -> Loop:
    p = world.measure(index, year)
    if not compiler.enabled():
        return _NONE
    found = _trace(kind, hook, p)
    if found is None or (hook in LATE and any(name in POOLS for _, name in found.inputs)):
        return _NONE
    drawn = [name for of, name in found.inputs if of == "u"]
    made = [_source(_seen(kind, hook), name) for of, name in found.inputs if of == "view" and name not in KEPT]
    of_village = _seen(kind, hook).holder == "village"  # whose columns are all there when it is asked
    derived = tuple((int(source == "people"), row) for source, row in made if source in ("cols", "people") and not of_village)
    moving = tuple((slot, path) for slot, path in enumerate(found.row) if path[0] != "p")
    row = found.numbers(p, dict.fromkeys((path for _, path in moving), 0.0))
    address = _address(_function(_written(_seen(kind, hook), hook, found, drawn)))
    names = tuple(name for name, _, _ in found.outputs)
    return Loop(names, address, row, moving, tuple(drawn), derived, is_dense(hook, found))


@cache
def _address(loop: Callable[..., None]) -> int:
    """Where a loop lies, compiled for the arguments that all of them take."""
    people, homes, marks = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1, np.bool_)
    return compiler.address_of(
        loop, np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros((1, 1), np.int32), people, np.zeros((1, 1), np.int64),
        homes, homes, np.zeros(1, np.int32), homes[0], marks, homes, homes, people, homes[0], 0.0, 0.0, 0.0, homes, homes[0],
    )  # fmt: skip


def _seen(kind: Kind, hook: str) -> Kind:
    """As whose holder the view is: the shares of a village are asked of its households, its members of a household's persons."""
    return _SEEN.get(hook, kind)


_SEEN: Final = {"shares": Kind("households"), "members": Kind("persons", holder="person")}


def _trace(kind: Kind, hook: str, p: Any) -> Trace | None:
    """A trace that holds for these parameters, None where the hook is no expression."""
    func = getattr(kind, hook)
    with _lock:  # the rules that a hook of a notebook asks may have been defined anew while the hook is the same
        known = _traces.setdefault((func, hook), []) if shipped().get(kind.name) is kind else []
        for one in known:
            if one is None or one.holds_for(p):
                return one
        try:
            found = trace(func, kind, p, hook, _sort_of(_seen(kind, hook)))
            if shipped().get(kind.name) is not kind and trace(func, kind, p, hook, _sort_of(_seen(kind, hook))) != found:
                raise UntraceableError("it says one thing, then another; columns refuse that")
        except UntraceableError:
            known.append(None)
            return None
        known.append(found)
        return found
