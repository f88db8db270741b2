"""Owns: what each verb does, in order, and what it says it wrote.
Never: parses words or turns an error into an exit code (cli.main)."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from povsim.cli import steps
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label

if TYPE_CHECKING:
    from povsim.indicators.answer import Answer

SHIPPED: Final = "chagu/baseline"
WRITTEN: Final = (
    "report.html", "brief.pdf", "charts", "lists", "notebooks", "tables", steps.BESIDE, "answer.json", "params.yaml",
    "manifest.json", "status.json",
)  # fmt: skip


def run(arguments: Namespace) -> None:
    """The main job: simulate, simulate what it is compared with, see what moves it, say the four numbers, make the papers."""
    from povsim.results.status import Status

    scenario, place, others = steps.read_all(arguments.params or SHIPPED, arguments.overrides)
    fit = steps.fit_of(scenario)
    folder = steps.folder_of(arguments, scenario)
    with Status(folder) as status:
        with steps.crew_for(arguments, scenario) as crew:
            population = steps.people(scenario, place, status)
            results = steps.live(population, scenario, place, crew, status)
            results.write(folder, status)
            steps.clear(folder)
            beside = steps.live_beside(population, others, place, crew, folder, status)
        if fit is not None:
            steps.write_targets(fit, folder)
        steps.rank_parameters(population, scenario, place, fit, arguments, folder, status)
        answer = steps.gather(results, beside, folder, status)
        _say(answer)
        steps.papers(results, answer, folder, _formats(arguments), status)
    _wrote(folder, *WRITTEN)


def report(arguments: Namespace) -> None:
    """The papers anew, from results that are there; what these lack is said and left out."""
    from povsim.policy.kind import discover
    from povsim.results.results import Results
    from povsim.results.status import Status

    discover()
    folder = Path(arguments.folder)
    results = Results.read(folder)
    with Status(folder) as status:
        answer = steps.gather(results, steps.ran_beside(folder), folder, status)
        for name in steps.MAY_LACK:
            if not answer.has(name):
                print(label(f"pages.missing_{name}"), file=sys.stderr)
        _say(answer)
        steps.papers(results, answer, folder, _formats(arguments), status)
    _wrote(folder, *WRITTEN)


def compare(arguments: Namespace) -> None:
    """Two scenarios, or finished runs, replicate by replicate: what the second leads to, less what the first does."""
    from contextlib import ExitStack

    from povsim.analysis.compare import compare as laid_beside
    from povsim.results.status import Status

    sides = steps.read_sides((arguments.base, arguments.other), arguments.overrides)
    with ExitStack() as open_:
        status = open_.enter_context(Status(arguments.out)) if arguments.out else None
        to_run = [side[0] for side in sides if isinstance(side, tuple)]
        crew = open_.enter_context(steps.crew_for(arguments, to_run[0])) if to_run else None
        runs = steps.live_sides(sides, crew, status)
        comparison = laid_beside(*runs)
        if arguments.out:
            steps.write_comparison(comparison, sides, Path(arguments.out), status)
    print(comparison)
    if arguments.out:
        _wrote(Path(arguments.out), "difference.csv", "tables", *steps.SIDES, "status.json")


def calibrate(arguments: Namespace) -> None:
    """Plausible draws of the uncertain parameters, fitted to what was reported after an opening; the fit and its misses."""
    from povsim.analysis.calibrate import calibrate as fit_to
    from povsim.analysis.fit import page
    from povsim.cli.progress import Progress
    from povsim.results.status import Status

    scenario, place = steps.read(arguments.params, arguments.overrides, drawn=False)
    only = steps.known_only(arguments.only, scenario)
    if arguments.used_by:
        steps.read(arguments.used_by, drawn=False)  # refused before the long work
    with Status(arguments.out) as status:
        population = steps.people(scenario, place, status)
        progress = Progress(steps.begin(status, "calibrate"))
        fit = fit_to(
            population,
            scenario,
            place,
            parameters=only,
            points=arguments.points,
            near=max(arguments.points // 2, 1),
            kept=arguments.draws,
            workers=steps.cores(arguments, scenario),
            progress=progress,
        )
        if arguments.used_by:
            fit.about["strongest"] = steps.strongest(fit, arguments.used_by, arguments, status)
        written = fit.write(arguments.out)
    print(page(fit))
    _wrote(Path(arguments.out), *(path.name for path in written))


def simulate(arguments: Namespace) -> None:
    """Results only."""
    from povsim.results.status import Status

    scenario, place = steps.read(arguments.params or SHIPPED, arguments.overrides)
    folder = steps.folder_of(arguments, scenario)
    with Status(folder) as status:
        with steps.crew_for(arguments, scenario) as crew:
            results = steps.live(steps.people(scenario, place, status), scenario, place, crew, status)
        results.write(folder, status)
        steps.clear(folder)
    _wrote(folder, "tables", "params.yaml", "manifest.json", "status.json")


def why(arguments: Namespace) -> None:
    """Open one household of a scenario: the first replicates are lived, and its account is said, and written where asked."""
    from povsim.cli.progress import Progress
    from povsim.simulation.why import Origin

    scenario, place = steps.read(arguments.params, arguments.overrides)
    people = steps.people(scenario, place, None)
    origin = Origin(people, scenario)
    household = int(arguments.household) if arguments.household.isdigit() else arguments.household
    progress = Progress(steps.begin(None, "simulate"))
    opened = origin.why(household, arguments.replicates, steps.cores(arguments, scenario), progress)
    print(opened)
    if arguments.out:
        from povsim.report.opened import write_household

        path = write_household(opened, steps.about_of(scenario, place, people), arguments.out)
        print(label("cli.wrote_file", path=path))


def synth(arguments: Namespace) -> None:
    """Make the households and persons of a place, and say how well they meet its published figures."""
    from povsim.population import describe, load_place, synthesise, write
    from povsim.results.status import Status

    place = load_place(arguments.place)
    opening = place.as_of if arguments.opening is None else arguments.opening
    place.opening(opening)  # refuses a year that is none before the work begins
    with Status(arguments.out) as status:
        steps.begin(status, "population")
        population = synthesise(place, opening, arguments.seed)
        written = write(population, place, arguments.out)
    print(describe(population, place))
    _wrote(Path(arguments.out), *(path.name for path in written), "status.json")


def check(arguments: Namespace) -> None:
    """Find every fault of a params or place file; of a sound one, say what it holds."""
    from povsim.core.params import check_params
    from povsim.core.params.checks import is_records
    from povsim.core.params.loading import LAYER, find_scenario
    from povsim.core.params.records import file_records
    from povsim.core.params.stress import is_block, read_block
    from povsim.policy.kind import discover
    from povsim.population import synthesise
    from povsim.population.places import is_place, load_place, reconcile
    from povsim.simulation.matching import remarks, targets_of

    path = find_scenario(arguments.file) or Path(arguments.file)
    if not path.is_file():
        what = "folder" if path.is_dir() else "no_file"
        mend = label(f"cli.{what}_mend", folder=Path.cwd())
        raise ParamsError(faults=[Fault(arguments.file, expected=label(f"cli.{what}"), mend=mend)])
    discover()
    if is_place(path):
        place = load_place(path)
        synthesise(place, place.peopled[-1])  # finds what no households can meet
        said = [label("cli.place_is", name=place.title, openings=", ".join(map(str, place.openings)))]
        said += [
            label("cli.gap", name=row.name, gap=row.gap, unit=label(f"cli.{row.unit}"))
            for row in reconcile(place).account
            if row.gap
        ]
        said += remarks(targets_of(place), place.opening(place.peopled[-1]))
    elif is_block(path) or is_records(path) or path.name == LAYER:
        if faults := check_params(path, arguments.overrides):
            raise ParamsError(faults=faults)
        block = read_block(path.stem)[0] if is_block(path) else None
        said = [f"{block.title}: {block.about}"] if block is not None else []
        if is_block(path) or is_records(path):
            number = len(block.changes) if block is not None else len(file_records(path.resolve())[0])
            said.append(label("cli.records_are", n=number))
    else:
        scenario, _, beside = steps.read_all(path, arguments.overrides)
        first, last = scenario.run.years[0], scenario.run.years[-1]
        measures = ", ".join(measure.id for measure in scenario.measures) or "-"
        said = [label("cli.scenario_is", title=scenario.titled, first=first, last=last, measures=measures)]
        said += (
            [label("cli.beside_is", titles=label("report.comma").join(str(one.title) for one in beside.values()))]
            if beside
            else []
        )
    print(label("cli.sound", file=arguments.file), *said, sep="\n")


def _say(answer: Answer) -> None:
    """Say what was reported, the four numbers, and what their intervals hold."""
    from povsim.indicators.indicators import say

    said = say(answer)
    for name in ("history", "short", "exits", "left", "falls", "cost", "caution"):
        if name in said:
            print(said[name])
    sys.stdout.flush()


def _formats(arguments: Namespace) -> str:
    return "png,pdf,svg" if arguments.svg else "png,pdf"


def _wrote(folder: Path, *names: str) -> None:
    """Say what now lies in the folder."""
    print(label("cli.wrote", folder=folder))
    for name in names:
        if (folder / name).exists():
            print(f"  {name:<15} {label('cli.' + name.replace('.', '_'))}")
