"""Owns: every fault of a params file as a list, and a good one in a few lines.
Never: raises on a fault, or prints (cli)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from povsim.core.errors import Fault
from povsim.core.labels import label
from povsim.core.params.loading import load_scenario, place_layer, resolve
from povsim.core.params.records import data_root, file_records
from povsim.core.params.scenario import Scenario
from povsim.core.params.stress import is_block, read_block
from povsim.core.params.tree import read


def check_params(path: str | Path, overrides: Iterable[str] = ()) -> list[Fault]:
    """Every fault of a scenario and of all files it rests on; of a file of records or of a place's layer, its own.

    Parameters
    ----------
    path : str or Path
        A scenario, ``params/<group>.yaml``, ``params/kinds/<kind>.yaml`` or ``params/<place>/place.yaml``.
    overrides : iterable of str
        ``key=value`` by dotted path, for a scenario.

    Returns
    -------
    list of Fault
        In the order of the files; empty when all is well.
    """
    file, root = Path(path).resolve(), data_root().resolve() / "params"
    if is_block(file):
        return list(read_block(file.stem)[1])
    if is_records(file):
        records, found = file_records(file)
        return list(found) if records or found else [Fault(str(path), expected=label("params_record"))]
    if file.name == "place.yaml" and file.parent.parent == root:
        faults: list[Fault] = []
        place_layer(file.parent.name, faults)
        return faults
    return sorted(set(resolve(path, overrides)[1]))


def is_records(path: Path) -> bool:
    """Whether a file is one of parameter records: it stands among them, or all that it has are records."""
    file, root = path.resolve(), data_root().resolve() / "params"
    if file.parent in (root, root / "kinds"):
        return file.is_file()
    entries = [node for key, node in read(file, str(path), "default")[0].items.items() if key != "_file"]
    return bool(entries) and all({"unit", "value"} <= node.items.keys() for node in entries)


def describe(path: str | Path, lang: str | None = None) -> str:
    """A good scenario in a few lines: what it runs, what it changes, its measures, how sure its numbers are.

    Raises
    ------
    ParamsError
        If the scenario has faults.
    """
    return "\n".join(summary(load_scenario(path), lang))


def summary(scenario: Scenario, lang: str | None = None) -> list[str]:
    """The lines of ``describe``."""
    run, plan, settings = scenario.run, scenario.plan, scenario.settings()
    set_here = {path: setting for path, setting in settings.items() if scenario.source(path) != "default"}
    grades = Counter(setting.record.grade for setting in settings.values())
    targets = ", ".join(f"{year}: {persons}" for year, persons in plan.targets.items()) or "-"
    number = run.replicates if run.until is None else label("params_sum_until", lang, most=run.until.most)
    lines = [
        label("params_sum_title", lang, title=scenario.title.show(lang), place=scenario.place),
        label("params_sum_run", lang, opening=run.opening, first=run.years[0], last=run.years[-1], n=number, seed=run.seed),
        label("params_sum_plan", lang, targets=targets, finish=plan.finish_year or "-"),
        label("params_sum_measures", lang, n=len(scenario.measures)),
    ]
    for measure in scenario.measures:
        title = measure.title.show(lang)
        lines.append(label("params_sum_measure", lang, id=measure.id, kind=measure.kind, title=title, year=measure.start_year))
    lines.append(label("params_sum_set", lang, n=len(set_here)))
    for path, setting in set_here.items():
        name = setting.record.name.show(lang)
        lines.append(label("params_sum_value", lang, path=path, name=name, source=scenario.source(path)))
    counts = {grade: grades.get(grade, 0) for grade in "ABC"}
    lines.append(label("params_sum_grades", lang, n=len(settings), u=len(scenario.uncertainties()), **counts))
    for one in scenario.stress:
        lines.append(label("params_sum_stress", lang, title=one.block.title.show(lang), year=one.first))
    if scenario.compare:
        lines.append(label("params_sum_compare", lang, names=", ".join(scenario.compare)))
    return lines
