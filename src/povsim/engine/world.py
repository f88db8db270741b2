"""Owns: what one run holds fixed: scenario, layout, opening state, parameter values by year.
Never: changes, or belongs to one replicate (State, Draws)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from povsim.core.params import Scenario, Values
from povsim.engine.people import may_add
from povsim.engine.state import Layout, State, Tables, lay_out, open_state


@dataclass(frozen=True)
class World:
    """What all replicates share; read-only.

    Attributes
    ----------
    scenario : Scenario
        The resolved scenario.
    layout : Layout
        Who stands where.
    start : State
        The opening state; each replicate copies it.
    years : tuple of int
        Income years to simulate, in order.
    """

    scenario: Scenario
    layout: Layout
    start: State
    years: tuple[int, ...]
    _values: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def town(self) -> str:
        """The name under which what the whole town shares is drawn."""
        return f"town:{self.scenario.place}"

    def at(self, group: str, year: int) -> Values:
        """Values of a group of parameters in a year (``work``, ``health`` ...), resolved once."""
        values: Values = self.keep((group, year), lambda: self.scenario.values(group, year))
        return values

    def keep(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What is made once for all replicates, under a key that begins with a name of its own."""
        if key not in self._values:
            self._values[key] = make()
        return self._values[key]

    def measure(self, index: int, year: int) -> Values:
        """Values of the parameters of the scenario's measure number ``index`` in a year, resolved once."""
        values: Values = self.keep((f"measure:{index}", year), lambda: self.scenario.measures[index].values(year))
        return values


def worlds_of(world: World, draws: Sequence[Mapping[str, float]]) -> list[World]:
    """The world under each draw of the uncertain parameters; the world itself where there is none."""
    return [replace(world, scenario=world.scenario.with_draw(draw), _values={}) for draw in draws] or [world]


def build_world(pop: Tables, scenario: Scenario, block: int = 1024) -> World:
    """The world of a run.

    Parameters
    ----------
    pop : Tables
        Population at the scenario's opening (see core.schema for its columns).
    scenario : Scenario
        Resolved scenario.
    block : int
        Households in a block; results do not depend on it.
    """
    years = tuple(scenario.run.years)
    p, count = pop.persons, len(pop.households["village"])
    adds = may_add(p["sex"], scenario.run.opening - p["birth_year"], len(years))
    layout = lay_out(pop, len(years), block, np.bincount(p["household"], adds, count) > 0)
    return World(scenario=scenario, layout=layout, start=open_state(pop, layout, scenario.run.opening), years=years)
