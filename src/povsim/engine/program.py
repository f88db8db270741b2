"""Owns: steps, which are compiled loops bound to what they work on, and running a row of them in one call.
Never: what a step does (the phases), or in which order (engine.year).

A call from Python into compiled code looks at each argument anew; some thirty calls a year with twenty arrays each took a fifth
of the time. So what a loop takes is bound once, as a bundle (`compile.Bundle`), and only what is in it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import FunctionType
from typing import Any, Final

import numpy as np

from povsim.engine import compile as compiler
from povsim.engine.compile import Bundle, Part, call_at

Loop = Callable[..., None]

NO_FAULT: Final = np.zeros(2, np.int64)
_lie: dict[tuple[Any, Any], int] = {}  # where the code of a loop for a kind of bundle lies


class Step:
    """A loop and what it works on."""

    def __init__(self, entry: int, given: Bundle) -> None:
        self.entry, self.given = entry, given


def step(loop: Loop, *parts: Part) -> Step:
    """A loop that returns nothing, bound to the fields that bear the names of its parameters."""
    given = Bundle(*parts)
    return Step(entry_of(_bound(loop), given), given)


def whole(body: Loop, given: Bundle) -> Step:
    """A body that takes the bundle itself."""
    return Step(entry_of(body, given), given)


def entry_of(body: Loop, given: Bundle, *others: Any) -> int:
    """Where a body lies, compiled for bundles of this kind (and what it takes beside: one body, always the same)."""
    key = body, given.kind
    if key not in _lie:
        _lie[key] = compiler.address_of(body, given, *others)
    return _lie[key]


@cache
def _bound(loop: Any) -> Loop:
    """A loop's parameters taken out of a bundle."""
    code = loop.__code__
    names = code.co_varnames[: code.co_argcount]
    scope: dict[str, Any] = {"__name__": loop.__module__, "loop": loop}
    exec(f"def bound(t):\n    loop({', '.join(f't.{name}' for name in names)})\n", scope)
    bound: FunctionType = scope["bound"]
    bound.__qualname__ = loop.__qualname__
    return bound


class Program:
    """Steps in a row, by the phase that they belong to, as one call takes them."""

    def __init__(self, phases: Mapping[str, Sequence[Step]]) -> None:
        self.steps = [one for steps in phases.values() for one in steps]  # what they are bound to lives as long as they do
        self.phases = [name for name, steps in phases.items() for _ in steps]
        self.rows = np.array([(one.entry, one.given.address) for one in self.steps], np.int64)

    def run(self, fault: Any = NO_FAULT) -> None:
        """Run all, or up to the first that notes a fault."""
        compiler.lift(run_loop)(self.rows, fault)


def run(*steps: Step) -> None:
    """Run some steps."""
    Program({"": steps}).run()


def run_loop(rows: Any, fault: Any) -> None:
    """One after another."""
    for k in range(len(rows)):
        call_at(rows[k, 0], rows[k, 1])
        if fault[0] != 0:
            return
