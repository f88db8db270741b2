"""Owns: the slot of a block phase: its draws, its parameters, its NumPy body and its compiled body.
Never: what a phase does (people, shocks, labour, income) or how it is compiled (engine.compile)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from povsim.engine import columns as c
from povsim.engine import compile as compiler

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Body = Callable[..., None]


@dataclass(frozen=True)
class Phase:
    """A phase that looks at one household at a time.

    Both bodies take ``(h0, h1, off, house, pi, pf, hi, hf, items, last, spent, vi, vf, up, uh, p)``: the range of households, the
    layout, the state matrices whole, the draws of the block's places ``up`` (person_draws x places of the block) and
    households ``uh`` (household_draws x households of the block), and the parameters ``p`` in the order of ``params``.

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
    """

    name: str
    person_draws: tuple[str, ...]
    household_draws: tuple[str, ...]
    params: tuple[tuple[str, str], ...]
    numpy: Body
    loop: Body | None = None
    pack: Callable[[Iterable[Any]], Any] = tuple

    def body(self) -> Body:
        """The body in force: compiled where there is one and the engine may compile."""
        return compiler.lift(self.loop) if self.loop is not None and compiler.enabled() else self.numpy

    def arguments(self, world: World, year: int) -> Any:
        """The parameters of a year, in the order of ``params``."""
        return self.pack(float(year) if group == "year" else getattr(world.at(group, year), name) for group, name in self.params)

    def run(self, s: State, world: World, draws: Draws, year: int) -> None:
        """Run the phase over every block of the town."""
        layout, body, p = world.layout, self.body(), self.arguments(world, year)
        for h0, h1 in layout.blocks:
            a, b = layout.off[h0], layout.off[h1]
            up = draws.persons(
                layout.draw_id, layout.house[a:b], s.pi[c.SLOT, a:b], year, self.person_draws, alive=s.pi[c.ALIVE, a:b]
            )
            uh = draws.households(layout.draw_id[h0:h1], year, self.household_draws)
            body(h0, h1, layout.off, layout.house, s.pi, s.pf, s.hi, s.hf, s.items, s.last, s.spent, s.vi, s.vf, up, uh, p)
