"""Owns: what a scenario is laid beside: itself without its measures, and those that its file compares it with.
Never: reads them (core.params) or takes a difference (analysis.compare)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import LANGUAGES, label
from povsim.core.params import Scenario, data_root
from povsim.core.params.records import as_known
from povsim.core.params.tree import EMPTY, fault, find
from povsim.core.schema import WITHOUT

BY_DRAW: Final = 2  # replicates of an alternative in each draw of the parameters, at the least
PAIRS: Final = 80  # replicates of an alternative, at the least: fewer say too little of chance
SHARED: Final = ("opening", "years", "seed", "draws", "fit", "scope")  # of the run; else replicates are no pairs


def without_measures(scenario: Scenario) -> Scenario:
    """The scenario without any of its measures, all else equal."""
    none: dict[str, object] = {f"measures.{measure.id}": None for measure in scenario.measures}
    title = {lang: label("simulation_without", lang) for lang in LANGUAGES}
    return scenario.replaced({**none, "title": title, "compare": ()}, layer="without")  # type: ignore[arg-type]


def alternatives(base: Scenario, others: Iterable[Scenario]) -> dict[str, Scenario]:
    """What a scenario is compared with, by id, each ready to run with as many replicates as a comparison needs.

    Parameters
    ----------
    base : Scenario
        As it runs in its place (`matching.settle`).
    others : iterable of Scenario
        Those named under ``compare``, settled too.

    Returns
    -------
    dict of str to Scenario
        ``without`` first, then each other one under the stem of its file; none that equals the base.

    Raises
    ------
    ParamsError
        Where one is of another place, or of another opening, years, seed, draws or scope: no two replicates would be a pair.
    """
    found = {WITHOUT: without_measures(base)}
    faults = []
    for other in others:
        faults += unlike(base, other)
        id = Path(other.name).stem
        while id in found:
            id += "_"
        found[id] = other
    if faults:
        raise ParamsError(faults=faults)
    few = min(base.run.replicates, max(PAIRS, BY_DRAW * base.run.draws))
    ready = {id: one.replaced({"run.replicates": few}, layer="compare") for id, one in found.items()}
    own = base.replaced({"run.replicates": few}, layer="compare").fingerprint()
    return {id: one for id, one in ready.items() if one.fingerprint() != own}


def unlike(base: Scenario, other: Scenario) -> list[Fault]:
    """What keeps the replicates of two scenarios from being pairs, each where the base states it.

    Where the base only inherits what it is compared with, the fault stands at its own line, not at the other file's.
    """
    compare = find(base.tree, "compare") or EMPTY
    shipped = data_root() / "params" / f"{base.name}.yaml"
    inherited = compare.at.layer == "scenario" and compare.at.file not in (as_known(Path(base.name)), as_known(shipped))
    pairs = {"place": (base.place, other.place)}
    pairs |= {f"run.{name}": (getattr(base.run, name), getattr(other.run, name)) for name in SHARED}
    faults = []
    for path, (mine, theirs) in pairs.items():
        if mine != theirs:
            stated = [find(base.tree, one) for one in (path, "run.opening")]  # years count from the opening
            own = (node for node in stated if inherited and node is not None and node.at.file != compare.at.file)
            expected = label("simulation_unlike", name=other.name, mine=_said(mine), theirs=_said(theirs))
            faults.append(fault(next(own, compare), path, expected, label("simulation_unlike_mend"), value=_said(mine)))
    return faults


def _said(value: object) -> str:
    return f"{value[0]}–{value[-1]}" if isinstance(value, tuple) and value else str(value)
