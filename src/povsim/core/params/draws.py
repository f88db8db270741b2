"""Owns: the draws of a run's uncertain parameters: those of a fit, or of their stated distributions.
Never: finds plausible draws (analysis.calibrate) or simulates them (simulation).

A draw is a number per uncertain parameter: its value, or a factor on the whole where its record says so. What a scenario's file
or the command line states is held in every draw: who sets a number wants to see what that number does.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.records import as_known, data_root, group_names, group_records, kind_names, kind_records
from povsim.core.params.scenario import Scenario, Uncertainty
from povsim.core.params.tree import fault, find, inherited, nearest, uppermost
from povsim.core.provenance import hash_of
from povsim.core.randomness import HOUSEHOLD_SLOT, identity, uniform

Draw = Mapping[str, float]  # path of an uncertain parameter to its value, or factor

FOLDER: Final = "fits"
FILE: Final = "draws.csv"
NUMBER: Final = "draw"  # heading of the first column
YEAR: Final = 1900  # draws of parameters belong to no year


def draws_of(scenario: Scenario) -> tuple[Draw, ...]:
    """The draws of a scenario's run, in order; none where it holds its parameters (``run.draws: 0``).

    They are the first of the fit that ``run.fit`` names, else a Latin hypercube of the stated distributions, keyed by the seed.

    Raises
    ------
    ParamsError
        The fit is not there, is damaged, names what is no uncertain parameter, or holds too few draws.
    """
    if not scenario.run.draws:
        return ()
    open_ = open_to_draws(scenario)
    if not scenario.run.fit:
        return hypercube(open_, scenario.run.draws, scenario.run.seed)
    rows = _fitted(scenario)
    paths = {one.path for one in open_}
    return tuple({path: number for path, number in row.items() if path in paths} for row in rows)


def open_to_draws(scenario: Scenario) -> tuple[Uncertainty, ...]:
    """The uncertain parameters that the scenario itself does not state."""
    return tuple(one for one in scenario.uncertainties() if scenario.source(one.path) in ("default", "place", "draw"))


def hypercube(uncertain: Sequence[Uncertainty], number: int, seed: int) -> tuple[Draw, ...]:
    """A Latin hypercube of so many draws: each parameter has one draw in each of ``number`` equally likely parts of its range.

    Keyed by seed and path: another parameter more changes nobody else's draws.
    """
    columns = {one.path: [one.at(float(u)) for u in strata(one.path, number, seed)] for one in uncertain}
    return tuple({path: values[i] for path, values in columns.items()} for i in range(number))


def strata(path: str, number: int, seed: int) -> NDArray[np.float64]:
    """Probabilities of a parameter in a Latin hypercube, one in each of ``number`` equal parts, in an order of their own."""
    place, order = (
        np.asarray(uniform(seed, "", identity(path), np.arange(number), YEAR, HOUSEHOLD_SLOT, f"params_{what}"))
        for what in ("place", "order")
    )
    found: NDArray[np.float64] = (np.argsort(np.argsort(order, kind="stable"), kind="stable") + place) / number
    return found


def write_draws(path: Path, draws: Sequence[Draw]) -> None:
    """Write draws as a table, a row each, the parameters' paths over them; six digits, the same bytes for the same draws."""
    names = sorted({name for draw in draws for name in draw})
    lines = [",".join([NUMBER, *names])]
    lines += [",".join([str(i), *(f"{draw[name]:.6g}" for name in names)]) for i, draw in enumerate(draws)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def fit_file(fit: str) -> Path:
    """The file of a fit: a file or folder of that name, or a shipped one."""
    for candidate in (Path(fit), Path(fit) / FILE, data_root() / "data" / FOLDER / fit / FILE):
        if candidate.is_file():
            return candidate
    return Path(fit) / FILE


def fit_hash(scenario: Scenario) -> str:
    """Hash of all draws of the fit that a scenario's draws come from; empty where they come from none."""
    if not scenario.run.fit or not scenario.run.draws:
        return ""
    return hash_of([fit_file(scenario.run.fit).read_text(encoding="utf-8-sig")])


def _fitted(scenario: Scenario) -> list[dict[str, float]]:
    """The first draws of the scenario's fit."""
    path, wanted = fit_file(scenario.run.fit), scenario.run.draws
    node = find(scenario.tree, "run.fit") or scenario.tree
    if not path.is_file():
        known = sorted(file.parent.name for file in (data_root() / "data" / FOLDER).glob(f"*/{FILE}"))
        near = nearest(scenario.run.fit, known)
        mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(known) or "-")
        raise ParamsError(faults=[fault(node, "run.fit", label("params_no_file"), mend)])
    rows, faults = read_draws(path)
    if not faults and len(rows) < wanted:
        draws = find(scenario.tree, "run.draws")
        here, few = uppermost(draws, node), label("params_few_draws", number=len(rows), file=as_known(path))
        said = few + inherited(here, draws, node)
        faults = [fault(here, "run.draws", said, label("params_few_mend"), value=str(wanted))]
    if faults:
        raise ParamsError(faults=faults)
    return rows[:wanted]


def read_draws(path: Path) -> tuple[list[dict[str, float]], list[Fault]]:
    """Draws of a file, and every fault in it."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    made = label("params_draws_mend")
    if not table or table[0][:1] != [NUMBER] or len(table[0]) < 2 or len(set(table[0])) < len(table[0]):
        return [], [Fault(as_known(path), 1, 1, "", ",".join(table[0][:2]) if table else "", label("params_draws_head"), made)]
    names, known, faults = table[0][1:], uncertain_paths(), []
    for column, name in enumerate(names, start=2):
        if name not in known and not name.startswith("measures."):
            near = nearest(name, known)
            mend = label("params_nearest", near=near) if near else made
            faults.append(Fault(as_known(path), 1, column, name, "", label("params_uncertain"), mend))
    rows = []
    for line, cells in enumerate(table[1:], start=2):
        if len(cells) != len(names) + 1:
            faults.append(Fault(as_known(path), line, 1, "", str(len(cells)), label("params_cells", n=len(names) + 1), made))
            continue
        row = {}
        for column, (name, cell) in enumerate(zip(names, cells[1:], strict=True), start=2):
            try:
                row[name] = float(cell)
                if not np.isfinite(row[name]):
                    raise ValueError
            except ValueError:
                faults.append(Fault(as_known(path), line, column, name, cell, label("params_a_number"), made))
        rows.append(row)
    return rows, faults


def uncertain_paths() -> list[str]:
    """Path of every uncertain parameter of the groups and of all kinds known."""

    def of(prefix: str, records: Mapping[str, object]) -> Iterable[str]:
        return (f"{prefix}.{name}" for name, record in records.items() if getattr(record, "role", "") == "uncertainty")

    paths = [path for group in group_names() for path in of(group, group_records(group)[0])]
    return paths + [path for kind in kind_names() for path in of(f"kinds.{kind}", kind_records(kind)[0])]
