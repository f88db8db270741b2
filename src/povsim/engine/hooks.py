"""Owns: asking a kind's hook about some units: as a compiled loop where it is an expression, else in columns of NumPy.
Never: what a hook says (policy.measures), who is asked (allocation) or where the answer goes (allocation, measures)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core import elementary
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.measures import (
    DERIVED_HOUSE,
    DERIVED_PERSON,
    OF_MEASURE,
    Columns,
    Luck,
    cost_view,
    first_months,
    holding,
    rows_of,
    shared_draw,
    view_of,
)
from povsim.engine.state import LASTING
from povsim.engine.trace import Path, Trace, UntraceableError, pick_from, trace, within
from povsim.policy.kind import Kind, decision, shipped

if TYPE_CHECKING:
    from povsim.core.params import Measure
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Array = NDArray[Any]

TAKES: Final = {
    "fits": "vp", "adopts": "vp", "costs": "vp", "shares": "vp", "begins": "vhpu", "keeps": "vhpu", "helps": "vhpu",
    "yields": "vhpu",
}  # fmt: skip
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
_SORTS: Final = {"year_held": "f", "first": "b", "months": "f", "paid": "f", "over": "b", "eligible": "b"}


# --- text ------------------------------------------------------------------------------------------------


def _sort_of(kind: Kind) -> Callable[[str, str], str]:
    def sort(_: str, name: str) -> str:
        if name in _SORTS:
            return _SORTS[name]
        source, _row = _source(kind, name)
        return "i" if source in ("pi", "hi") else "f"

    return sort


def _source(kind: Kind, name: str) -> tuple[str, int]:
    """Matrix and row of a column of the view; a person sees the columns of the household too."""
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
    scope: dict[str, Any] = {"__name__": __name__, "pick_from": pick_from, "within": within}
    scope |= {name: getattr(elementary, name) for name in ("where", "minimum", "maximum", "clip", "exp", "log", "sqrt", "floor")}
    exec(compile(text, "<a kind's hook>", "exec"), scope)
    loop: Callable[..., None] = scope["hook_loop"]
    return loop


def _written(kind: Kind, hook: str, found: Trace, drawn: list[str]) -> str:
    """The loop of a trace."""
    lines = [f"def hook_loop({ARGUMENTS}):", *(f"    {line}" for line in found.before)]
    lines += [f"    single[{j}] = {text}" for j, (_, text, varies) in enumerate(found.outputs) if not varies]
    lines += ["    for k in range(len(who)):", "        i = who[k]", "        h = house[i]"]
    lines += [f"        {of}_{name} = {_load(kind, hook, of, name, drawn)}" for of, name in found.inputs]
    lines += [f"        {line}" for line in found.body]
    lines += [f"        out[{j}, k] = {text}" for j, (_, text, _varies) in enumerate(found.outputs)]
    return "\n".join(lines) + "\n"


# --- binding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loop:
    """A hook of a measure in a year, ready to be asked.

    Attributes
    ----------
    names : tuple of str
        What it answers, in order.
    varies : tuple of bool
        Whether an answer differs between holders.
    call : callable or None
        The compiled loop; None where the hook is no expression.
    row : float64
        Its numbers; those of ``moving`` are filled in when it is asked.
    """

    names: tuple[str, ...]
    varies: tuple[bool, ...]
    call: Callable[..., None] | None
    row: NDArray[np.float64]
    moving: tuple[tuple[int, Path], ...] = ()
    drawn: tuple[str, ...] = ()
    derived: tuple[tuple[str, str], ...] = ()


_traces: dict[tuple[Any, str], list[Trace | None]] = {}  # of shipped kinds
_lock = threading.RLock()
_NONE: Final = Loop((), (), None, np.zeros(0))


def loop_of(world: World, index: int, kind: Kind, hook: str, year: int) -> Loop:
    """The loop of a measure's hook in a year; made once for a world."""
    loop: Loop = world.keep(("hook", index, hook, year), lambda: _bind(kind, hook, world.measure(index, year)))
    return loop


def _bind(kind: Kind, hook: str, p: Any) -> Loop:
    if not compiler.enabled() or (kind.holder == "village" and hook != "shares"):
        return _NONE
    found = _trace(kind, hook, p)
    if found is None:
        return _NONE
    drawn = [name for of, name in found.inputs if of == "u"]
    made = [_source(_seen(kind, hook), name) for of, name in found.inputs if of == "view" and name not in KEPT]
    derived = tuple(
        ("household", DERIVED_HOUSE[row]) if source == "cols" else ("person", DERIVED_PERSON[row])
        for source, row in made
        if source in ("cols", "people")
    )
    moving = tuple((slot, path) for slot, path in enumerate(found.row) if path[0] != "p")
    row = found.numbers(p, dict.fromkeys((path for _, path in moving), 0.0))
    names, varies = tuple(name for name, _, _ in found.outputs), tuple(varies for _, _, varies in found.outputs)
    call = compiler.lift(_function(_written(_seen(kind, hook), hook, found, drawn)))
    return Loop(names, varies, call, row, moving, tuple(drawn), derived)


def _seen(kind: Kind, hook: str) -> Kind:
    """As whose holder the view is: the shares of a village are asked of its households."""
    return _OF_HOUSEHOLDS if hook == "shares" else kind


_OF_HOUSEHOLDS: Final = Kind("households")


def _trace(kind: Kind, hook: str, p: Any) -> Trace | None:
    """A trace that holds for these parameters, None where the hook is no expression."""
    func = getattr(kind, hook)
    with _lock:  # the rules that a hook of a notebook asks may have been defined anew while the hook is the same
        known = _traces.setdefault((func, hook), []) if shipped().get(kind.name) is kind else []
        for one in known:
            if one is None or one.holds_for(p):
                return one
        try:
            found = trace(func, kind, p, TAKES[hook], _sort_of(_seen(kind, hook)))
        except UntraceableError:
            known.append(None)
            return None
        known.append(found)
        return found


# --- asking ----------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """One measure of one replicate in one year, whose hooks can be asked.

    Attributes
    ----------
    h : mapping
        What the measure keeps (`measures.kept`).
    k : Columns
        Columns of the replicate in the year.
    """

    s: State
    world: World
    draws: Draws
    year: int
    k: Columns
    index: int
    measure: Measure
    kind: Kind
    h: Mapping[str, Array]
    single: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def ask(self, hook: str, who: Array, new: bool = False) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """The answers of a hook over some units, a row each in the order of their names; numbers that hold for all in ``single``.

        ``new``: of ``costs``, those who do not hold it yet; else those who do.
        """
        loop = loop_of(self.world, self.index, self.kind, hook, self.year)
        if loop.call is None:
            return self._in_columns(hook, who, new)
        s, k, layout = self.s, self.k, self.world.layout
        for of, name in loop.derived:
            if name in OF_MEASURE:
                k.row(of, name)[who] = getattr(view_of(k, self.kind, self.measure, self.h, who, self.p), name)
            else:
                k.filled(of, name)
        row = loop.row
        if loop.moving:
            row = self._filled(loop, len(who))
        out, self.single = np.empty((len(loop.names), len(who))), np.empty(len(loop.names))
        house = layout.house if self.kind.holder == "person" else layout.itself
        loop.call(
            who, house, s.pi, s.pf, s.hi, s.hf, self.h["columns"], self.h["since"], self.h["paid"], self.h["over"],
            self._luck(loop, hook, who), k.cols, k.people, row, float(self.year), first_months(self.measure), float(new), out,
            self.single,
        )  # fmt: skip
        return loop.names, out

    def _filled(self, loop: Loop, count: int) -> NDArray[np.float64]:
        """The row with the numbers of this replicate and year."""
        row, tail = loop.row.copy(), []
        end = len(row)
        for slot, path in loop.moving:
            of, name = path[0], path[1]
            if of == "now":
                value: Any = {"year": self.year, "holders": count}[name] if name != "local_wage" else self.k.local_wage
            elif of == "common":
                value = self.h[name][0]
            else:
                value = shared_draw(self.world, self.draws, self.kind.shared[name], name, self.year, self.p)
                if path[-1] == "*":
                    tail.append(value)
                    value, end = end, end + len(value)
                elif path[-1] == "#":
                    value = len(value)
            row[slot] = value
        return np.concatenate([row, *tail]) if tail else row

    @property
    def p(self) -> Any:
        return self.world.measure(self.index, self.year)

    def _luck(self, loop: Loop, hook: str, who: Array) -> NDArray[np.float64]:
        if not loop.drawn:
            return _NOTHING
        lasting = hook == "begins"
        wanted = self.kind.lasting if lasting else self.kind.draws
        names = tuple(decision(name, wanted[name]) for name in loop.drawn)
        moment, layout = LASTING if lasting else self.year, self.world.layout
        if self.kind.holder == "person":
            return self.draws.persons(layout.draw_id, layout.house[who], self.s.pi[c.SLOT, who], moment, names, self.measure.id)
        return self.draws.households(layout.draw_id[who], moment, names, self.measure.id)

    def _in_columns(self, hook: str, who: Array, new: bool) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """The same where the hook is no expression."""
        answer = self.answer(hook, who, new)
        pairs = answer if isinstance(answer, Mapping) else {"": answer}
        out = np.empty((len(pairs), len(who)))
        self.single = np.zeros(len(pairs))
        for j, value in enumerate(pairs.values()):
            out[j] = value
            if np.ndim(value) == 0:
                self.single[j] = value
        return tuple(pairs), out

    def answer(self, hook: str, who: Array, new: bool = False) -> Any:
        """What the hook itself says, called with columns."""
        view: Any
        if hook == "costs":
            view = cost_view(self.k, self.kind, self.measure, self.h, who, self.p, new)
        else:
            view = view_of(self.k, self.kind, self.measure, self.h, who, self.p)
        call = getattr(self.kind, hook)
        if TAKES[hook] == "vp":
            return call(view, self.p)
        luck = Luck(self.s, self.world, self.draws, self.index, self.kind, self.year, self.p, who, lasting=hook == "begins")
        return call(view, holding(self.kind, self.h, who), self.p, luck)


_NOTHING: Final = np.zeros((0, 0))
