"""Owns: whether a scenario fits its place, once both are known.
Never: whether either is sound by itself (core.params, population.places)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from povsim.core.errors import ParamsError
from povsim.core.labels import label
from povsim.core.params.tree import fault, find, nearest

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.population.places import Place


def match(scenario: Scenario, place: Place) -> None:
    """Refuse a scenario whose measures name villages that the place does not have: they would match nobody.

    Raises
    ------
    ParamsError
        All such names with the nearest village of the place, or all villages.
    """
    villages, faults = [village.name for village in place.villages], []
    for measure in scenario.measures:
        for condition in measure.eligible:
            for i, name in enumerate(condition.values):
                if condition.field == "village" and name not in villages:
                    path = f"measures.{measure.id}.eligible.village"
                    node = find(scenario.tree, f"{path}.{i}") or find(scenario.tree, path)
                    assert node is not None  # there the condition was read
                    near = nearest(name, villages)
                    mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(villages))
                    faults.append(fault(node, path, label("simulation_village", place=place.title), mend, value=str(name)))
    if faults:
        raise ParamsError(faults=faults)
