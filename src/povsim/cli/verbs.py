"""Owns: what each verb does, in order, and what it says it wrote.
Never: parses words or turns an error into an exit code (cli.main)."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from povsim.cli.progress import Progress
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label, language

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.population.places import Place
    from povsim.results.results import Results
    from povsim.results.status import Status

log = logging.getLogger(__name__)

SHIPPED = "chagu/baseline"
NOTEBOOK = "00_show_town.ipynb"
REPORT = ("report.html", "charts", f"notebooks/{NOTEBOOK}")


def run(arguments: Namespace) -> None:
    """The main job: simulate, write the tables, execute the notebook, write the page, say the four numbers."""
    scenario, place = _read(arguments.params or SHIPPED, arguments.overrides)
    folder = _folder(arguments, scenario)

    from povsim.core.params import data_root
    from povsim.indicators.indicators import headline, sentences
    from povsim.report.notebooks import run_notebook
    from povsim.report.pages import to_html
    from povsim.results.status import Status

    with Status(folder) as status:
        results = _simulate(scenario, place, arguments, folder, status)
        progress = Progress(_begin(status, "notebook"))
        notebook = run_notebook(
            data_root() / "notebooks" / NOTEBOOK,
            folder / "notebooks" / NOTEBOOK,
            {"results_dir": str(folder), "charts_dir": str(folder / "charts"), "lang": language()},
            on_progress=progress,
        )
        _begin(status, "page")
        to_html(notebook, folder / "report.html")
    for sentence in sentences(headline(results)):
        print(sentence)
    _wrote(folder, "report.html", "charts", "notebooks", "tables", "params.yaml", "manifest.json", "status.json")


def simulate(arguments: Namespace) -> None:
    """Results only."""
    from povsim.results.status import Status

    scenario, place = _read(arguments.params or SHIPPED, arguments.overrides)
    folder = _folder(arguments, scenario)
    with Status(folder) as status:
        _simulate(scenario, place, arguments, folder, status)
    _wrote(folder, "tables", "params.yaml", "manifest.json", "status.json")


def synth(arguments: Namespace) -> None:
    """Make the households and persons of a place, and say how well they meet its published figures."""
    from povsim.population import describe, load_place, synthesise, write
    from povsim.results.status import Status

    place = load_place(arguments.place)
    opening = place.as_of if arguments.opening is None else arguments.opening
    place.opening(opening)  # refuses a year that is none before the work begins
    with Status(arguments.out) as status:
        _begin(status, "population")
        population = synthesise(place, opening, arguments.seed)
        written = write(population, place, arguments.out)
    print(describe(population, place))
    _wrote(Path(arguments.out), *(path.name for path in written), "status.json")


def check(arguments: Namespace) -> None:
    """Find every fault of a params or place file; of a sound one, say what it holds."""
    from povsim.core.params import check_params
    from povsim.core.params.checks import is_records
    from povsim.core.params.records import file_records
    from povsim.policy.kind import discover
    from povsim.population.places import is_place, load_place, reconcile
    from povsim.simulation.matching import remarks, targets_of

    path = Path(arguments.file)
    if not path.is_file():
        mend = label("cli.no_file_mend", folder=Path.cwd())
        raise ParamsError(faults=[Fault(arguments.file, expected=label("cli.no_file"), mend=mend)])
    discover()
    if is_place(path):
        place = load_place(path)
        said = [label("cli.place_is", name=place.title, openings=", ".join(map(str, place.openings)))]
        said += [
            label("cli.gap", name=row.name, gap=row.gap, unit=label(f"cli.{row.unit}"))
            for row in reconcile(place).account
            if row.gap
        ]
        said += remarks(targets_of(place), place.opening(place.peopled[-1]))
    elif faults := check_params(path, arguments.overrides):
        raise ParamsError(faults=faults)
    elif is_records(path):
        said = [label("cli.records_are", n=len(file_records(path.resolve())[0]))]
    else:
        scenario, _ = _read(path, arguments.overrides)
        first, last = scenario.run.years[0], scenario.run.years[-1]
        measures = ", ".join(measure.id for measure in scenario.measures) or "-"
        said = [label("cli.scenario_is", title=scenario.title, first=first, last=last, measures=measures)]
    print(label("cli.sound", file=arguments.file), *said, sep="\n")


def _read(file: str | Path, overrides: Sequence[str] = ()) -> tuple[Scenario, Place]:
    """Read scenario and place; all that can be wrong with the input is found here, before anything is written."""
    from povsim.core.params import load_scenario
    from povsim.policy.kind import discover
    from povsim.population.places import load_place
    from povsim.simulation.matching import remarks, settle

    discover()
    scenario = load_scenario(file, overrides)
    place = load_place(scenario.place)
    scenario = settle(scenario, place)
    for remark in remarks(scenario.plan.targets, place.opening(scenario.run.opening)):
        print(remark, file=sys.stderr)
    return scenario, place


def _folder(arguments: Namespace, scenario: Scenario) -> Path:
    return Path(arguments.out or Path("runs") / f"{scenario.place}-{Path(scenario.name).stem}")


def _simulate(scenario: Scenario, place: Place, arguments: Namespace, folder: Path, status: Status) -> Results:
    """Make the population, simulate and write the tables; the report of an earlier run must not stand beside them."""
    from povsim.population.synthesis import synthesise
    from povsim.simulation.simulate import simulate

    _begin(status, "population")
    population = synthesise(place, scenario.run.opening, scenario.run.seed)
    progress = Progress(_begin(status, "simulate"))
    cores = arguments.threads or scenario.run.threads or _cores()
    results = simulate(population, scenario, place, threads=1, workers=cores, progress=progress)
    results.write(folder, status)
    for name in REPORT:
        _remove(folder / name)
    return results


def _cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(status: Status, step: str) -> str:
    """Write down which step begins, and return its name for people."""
    status.at(step)
    words = label(f"cli.step_{step}")
    log.info(words)
    return words


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _wrote(folder: Path, *names: str) -> None:
    """Say what now lies in the folder."""
    print(label("cli.wrote", folder=folder))
    for name in names:
        if (folder / name).exists():
            print(f"  {name:<15} {label('cli.' + name.replace('.', '_'))}")
