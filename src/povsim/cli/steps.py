"""Owns: the steps that verbs are made of, each written into the status of its folder and shown as it goes.
Never: puts them in order (cli.verbs) or says what was written."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from povsim.cli.progress import Progress
from povsim.core.errors import Fault, ParamsError, PovsimError, ResultsError
from povsim.core.labels import label, language
from povsim.core.schema import WITHOUT

if TYPE_CHECKING:
    from povsim.analysis.compare import Comparison
    from povsim.analysis.fit import Fit
    from povsim.core.params import Scenario
    from povsim.indicators.answer import Answer
    from povsim.population.places import Place
    from povsim.population.tables import Population
    from povsim.results.results import Results
    from povsim.results.status import Status
    from povsim.simulation.workers import Crew

    Side: TypeAlias = Results | tuple[Scenario, Place]  # of a comparison: a finished run, or what is to be run

log = logging.getLogger(__name__)

NOTEBOOKS: Final = ("00_show_town", "10_show_exit_timeline", "20_show_return_risk", "30_show_measures")
BESIDE: Final = "scenarios"  # folder of the runs that the base is compared with
PAPERS: Final = ("report.html", "brief.pdf", "charts", "lists", "answer.json", *(f"notebooks/{name}.ipynb" for name in NOTEBOOKS))
FIT: Final = "tables/fit.parquet"  # targets of the fit, with their misses
MAY_LACK: Final = ("difference", "influence", "fit")  # tables of the answer that results alone do not give
ELSEWHERE: Final = ("run.opening", "run.years", "run.seed", "run.scope", "run.threads")  # settings that no fit depends on
SIDES: Final = ("base", "other")  # of a comparison
STRONGEST: Final = 16  # parameters that a fit names
MOVED: Final = 3  # replicates of each end of the parameters that are shown
SCREEN: Final = 1  # replicates of each end of each parameter, when the strongest are looked for


def read(
    file: str | Path, overrides: Sequence[str] = (), *, drawn: bool = True, said: set[str] | None = None
) -> tuple[Scenario, Place]:
    """Read scenario and place; all that can be wrong with the input is found here, before anything is written.

    Where parameters will not be ``drawn``, the fit that the scenario names may be missing: it may be what is being made.
    """
    scenario, place, _ = read_all(file, overrides, drawn=drawn, beside=False, said=said)
    return scenario, place


def read_all(
    file: str | Path,
    overrides: Sequence[str] = (),
    *,
    drawn: bool = True,
    beside: bool = True,
    said: set[str] | None = None,
) -> tuple[Scenario, Place, dict[str, Scenario]]:
    """Read scenario and place and, under the same overrides, what it is compared with (``beside``); what was ``said`` of another
    side of a comparison is not said again.

    Raises
    ------
    ParamsError
        With every fault of every file, in themselves and in the place.
    """
    from povsim.policy.kind import discover
    from povsim.simulation.alternatives import alternatives, unlike
    from povsim.simulation.idle import idle
    from povsim.simulation.matching import remarks, settle

    discover()
    scenario, place, faults = _looked_at(file, overrides, drawn)
    others = {}
    for name in scenario.compare if beside and scenario is not None else ():
        others[name], _, more = _looked_at(name, overrides, drawn)
        faults += more
    if not any(fault.key.startswith("run.") for fault in faults):
        faults += [fault for other in others.values() if scenario and other for fault in unlike(scenario, other)]
    if faults or scenario is None or place is None:
        raise ParamsError(faults=faults)
    scenario = settle(scenario, place)
    found = alternatives(scenario, [settle(one, place) for one in others.values() if one is not None]) if beside else {}
    said = set() if said is None else said
    found_out = [*remarks(scenario.plan.targets, place.opening(scenario.run.opening)), *idle(scenario)]
    for remark in (*found_out, *(one.remark() for one in scenario.stress)):
        if remark and remark not in said:
            said.add(remark)
            print(remark, file=sys.stderr)
    return scenario, place, found


def _looked_at(file: str | Path, overrides: Sequence[str], drawn: bool) -> tuple[Scenario | None, Place | None, list[Fault]]:
    """A scenario and its place as far as they can be read, and every fault: of the file, of the place, and of both together."""
    from povsim.core.params import resolve
    from povsim.simulation.matching import misfits

    scenario, faults = resolve(file, overrides)
    if scenario is None:
        return None, None, faults
    told = {fault.key for fault in faults}
    if drawn:
        faults += _faults_of_draws(scenario, told)
    if not scenario.place:
        return scenario, None, faults
    try:
        place = place_of(scenario)
    except PovsimError as error:
        if not faults:
            raise
        return scenario, None, [*faults, *error.faults]
    return scenario, place, [*faults, *misfits(scenario, place, told)]


def _faults_of_draws(scenario: Scenario, told: Collection[str]) -> tuple[Fault, ...]:
    """What is wrong with the fit of a scenario; nothing where a fault already ``told`` may concern it."""
    from povsim.core.params import draws_of

    if any(path == "run" or (path.startswith("run.") and path not in ELSEWHERE) for path in told):
        return ()
    try:
        draws_of(scenario)
    except ParamsError as error:
        return error.faults
    return ()


def place_of(scenario: Scenario) -> Place:
    """The place of a scenario.

    Raises
    ------
    ParamsError
        There is none of that name; the fault stands where the scenario names it.
    """
    from povsim.core.errors import PlaceError
    from povsim.core.params.tree import EMPTY, fault, find
    from povsim.population.places import load_place, place_names

    try:
        return load_place(scenario.place)
    except PlaceError as error:
        if any(one.file for one in error.faults):
            raise
        node, known = find(scenario.tree, "place") or EMPTY, label("params_one_of", names=", ".join(place_names()))
        faults = [fault(node, "place", one.expected, one.mend or known) for one in error.faults]
        raise ParamsError(faults=faults) from error


def folder_of(arguments: Namespace, scenario: Scenario) -> Path:
    """Where a run is written."""
    return Path(arguments.out or Path("runs") / f"{scenario.place}-{Path(scenario.name).stem}")


def people(scenario: Scenario, place: Place, status: Status | None) -> Population:
    """Make the households and persons."""
    from povsim.population.synthesis import synthesise

    begin(status, "population")
    return synthesise(place, scenario.run.opening, scenario.run.seed)


def about_of(scenario: Scenario, place: Place, population: Population) -> dict[str, Any]:
    """What a paper says of a run that is no number and needs no result of it: place, scenario, day, and the run's id."""
    import datetime
    from dataclasses import asdict

    from povsim.core.params import draws_of
    from povsim.simulation.simulate import id_of, summary_of

    simulated = population.registered() if scenario.run.scope == "registered" else population
    return {
        "place": asdict(summary_of(place, population)),
        "scenario": dict(scenario.titled),
        "created": datetime.date.today().isoformat(),
        "run_id": id_of(scenario, simulated, draws_of(scenario)),
    }


def crew_for(arguments: Namespace, scenario: Scenario) -> Crew:
    """Processes for all runs of a verb; they load while the households are made."""
    from povsim.simulation.workers import Crew

    return Crew(cores(arguments, scenario))


def live(population: Population, scenario: Scenario, place: Place, crew: Crew, status: Status | None, id: str = "") -> Results:
    """Simulate; where there are several scenarios, ``id`` says which this is. Measures that nobody had are said of the first."""
    from povsim.simulation.idle import unserved
    from povsim.simulation.simulate import simulate

    words = {"title": str(scenario.title)} if id else {}
    progress = Progress(begin(status, "beside" if id else "simulate", id, **words))
    results = simulate(population, scenario, place, threads=1, workers=crew, progress=progress)
    for remark in unserved(scenario, results) if not id else ():
        print(remark, file=sys.stderr)
    if precision := results.manifest.get("precision"):
        asked, reached = precision["asked"], precision["reached"]
        name, unit = label(f"cli.until_{asked['until']}", year=asked["year"]), asked["within"]
        words = {"name": name, "n": reached["replicates"], "mean": reached["mean"], "width": reached["width"], "within": unit}
        print(label("cli.precise" if reached["met"] else "cli.not_precise", **words), file=sys.stderr)
    return results


def clear(folder: Path) -> None:
    """Take away the report of an earlier run: it must not stand beside new results."""
    for name in (*PAPERS, BESIDE):
        remove(folder / name)


def live_beside(
    population: Population, others: Mapping[str, Scenario], place: Place, crew: Crew, folder: Path, status: Status
) -> dict[str, Results]:
    """Simulate and write the scenarios that the run is compared with, each whole before the next begins."""
    found = {}
    for id, other in others.items():
        found[id] = live(population, other, place, crew, status, id)
        found[id].write(folder / BESIDE / id)
    return found


def ran_beside(folder: Path) -> dict[str, Results]:
    """The finished runs that lie beside one, that without measures first."""
    from povsim.results.results import Results

    paths = [path for path in (folder / BESIDE).glob("*") if (path / "manifest.json").is_file()]
    return {path.name: Results.read(path) for path in sorted(paths, key=lambda path: (path.name != WITHOUT, path.name))}


def fit_of(scenario: Scenario) -> Fit | None:
    """The fit that the run's draws come from; None where they come from no fit, or from draws that stand alone."""
    from povsim.analysis.fit import Fit
    from povsim.core.params.draws import fit_file

    home = fit_file(scenario.run.fit).parent
    if not scenario.run.fit or not scenario.run.draws or not (home / "fit.json").is_file():
        return None
    return Fit.read(home)


def write_targets(fit: Fit, folder: Path) -> None:
    """Write the targets of a fit, with their misses, beside the tables."""
    from povsim.results.files import whole

    low, high = (fit.targets[f"model_{end}"] - fit.targets["reported"] for end in ("low", "high"))
    with whole(folder / FIT) as beside:
        fit.targets.assign(miss_low=low, miss_high=high).to_parquet(beside, index=False)


def rank_parameters(
    population: Population, scenario: Scenario, place: Place, fit: Fit | None, arguments: Namespace, folder: Path, status: Status
) -> None:
    """Find what moves the answer most, where there are replicates enough to say anything; written beside the tables.

    Where the fit says which parameters are the strongest (``strongest`` in its ``fit.json``), the others need no screen.
    """
    from povsim.analysis.influence import influence, write_influence
    from povsim.core.params.draws import open_to_draws
    from povsim.indicators.indicators import FEW

    if scenario.run.replicates < FEW:
        return
    ranges, candidates = None, None
    if fit is not None:
        known, strong = {one.path for one in open_to_draws(scenario)}, fit.about.get("strongest", ())
        if known <= {*fit.ranges, *strong}:  # else it has parameters that nobody looked at yet
            candidates = [path for path in strong if path in known] or None
        ranges = fit.ranges
    progress = Progress(begin(status, "influence"))
    workers = cores(arguments, scenario)
    how = {"screen": SCREEN, "ranges": ranges, "workers": workers, "progress": progress}
    table = influence(population, scenario, place, candidates, replicates=MOVED, **how)
    write_influence(table, folder)


def gather(results: Results, others: Mapping[str, Results], folder: Path, status: Status) -> Answer:
    """Make the one table of numbers out of the runs, what moves them, and the fit they rest on; and write it."""
    import pandas as pd

    from povsim.analysis.influence import read_influence
    from povsim.indicators.gather import make_answer

    begin(status, "answer")
    try:
        fit = pd.read_parquet(folder / FIT) if (folder / FIT).is_file() else None
    except (OSError, ValueError) as error:
        raise ResultsError(label("results.unreadable"), [Fault(str(folder / FIT), expected=label("results.intact"))]) from error
    answer = make_answer(results, others, read_influence(folder), fit)
    answer.write(folder)
    return answer


def papers(results: Results, answer: Answer, folder: Path, formats: str, status: Status) -> None:
    """Make the papers out of the answer: notebooks with their charts, the list, the page, its print."""
    from povsim.core.params import data_root
    from povsim.report.lists import write_list
    from povsim.report.notebooks import run_notebooks
    from povsim.report.pages import write_page

    begin(status, "list")
    write_list(results, answer, folder / "lists")
    progress = Progress(begin(status, "notebook"))
    sources = [data_root() / "notebooks" / f"{name}.ipynb" for name in NOTEBOOKS]
    parameters = {"results_dir": str(folder), "charts_dir": str(folder / "charts"), "lang": language(), "formats": formats}
    notebooks = run_notebooks(sources, folder / "notebooks", parameters, on_progress=progress)
    begin(status, "page")
    page = write_page(notebooks, folder / "report.html", answer)
    begin(status, "print")
    print_out(page, answer, folder)


def print_out(page: Path, answer: Answer, folder: Path) -> None:
    """Print the page by a browser; where none is found, or it fails, draw the brief."""
    from povsim.indicators.indicators import say
    from povsim.report.brief import brief
    from povsim.report.printing import PrintError, find_browser, print_page
    from povsim.report.tables import assumptions

    out, browser = folder / "brief.pdf", find_browser()
    if browser is None:
        print(label("pages.no_browser"), file=sys.stderr)
    else:
        try:
            print_page(page, out, browser)
            return
        except PrintError as error:
            print(label("pages.browser_failed", error=error), file=sys.stderr)
    brief(answer, None, out, list(say(answer).values()), assumptions(answer, folder))


def strongest(fit: Fit, file: str, arguments: Namespace, status: Status) -> list[str]:
    """Parameters that move the answer of a scenario most, over the ranges of a fit: so that its runs need not look for them."""
    from povsim.analysis.influence import influence

    scenario, place = read(file, drawn=False)
    population = people(scenario, place, status)
    progress = Progress(begin(status, "influence"))
    how = {"screen": 2 * SCREEN, "ranges": fit.ranges, "workers": cores(arguments, scenario), "progress": progress}
    table = influence(population, scenario, place, replicates=1, strongest=STRONGEST, **how)
    return list(dict.fromkeys(table["item"]))


def known_only(paths: Sequence[str] | None, scenario: Scenario) -> Sequence[str] | None:
    """Paths of uncertain parameters that a scenario leaves open, as asked for; None for all.

    Raises
    ------
    ParamsError
        One is none; the nearest is named.
    """
    from povsim.core.params.draws import open_to_draws
    from povsim.core.params.tree import nearest

    known = [one.path for one in open_to_draws(scenario)]
    wrong = [path for path in paths or () if path not in known]
    if wrong:
        near = {path: nearest(path, known) for path in wrong}
        mends = {path: label("params_nearest", near=one) if one else "" for path, one in near.items()}
        raise ParamsError(
            faults=[Fault("--only", key=path, expected=label("params_uncertain"), mend=mends[path]) for path in wrong]
        )
    return paths


# --- two sides of a comparison ----------------------------------------------------------------------------


def read_sides(words: Sequence[str], overrides: Sequence[str]) -> tuple[Side, ...]:
    """What is compared, each the folder of a finished run or a scenario in its place; nothing is simulated yet.

    Raises
    ------
    ParamsError
        One is neither; overrides are given and one was run already; two scenarios could not be paired.
    """
    from povsim.policy.kind import discover
    from povsim.results.results import Results
    from povsim.simulation.alternatives import unlike

    discover()
    finished = [Path(word).is_dir() for word in words]
    if overrides and any(finished):
        place = words[finished.index(True)]
        raise ParamsError(faults=[Fault("-p", key=", ".join(overrides), expected=label("cli.override_of_run", folder=place))])
    said: set[str] = set()
    sides: list[Side] = [
        Results.read(word) if ran else read(word, overrides, said=said) for word, ran in zip(words, finished, strict=True)
    ]
    scenarios = [side[0] for side in sides if isinstance(side, tuple)]
    if len(scenarios) == len(SIDES) and (faults := [*unlike(*scenarios), *_same(words, scenarios, overrides)]):
        raise ParamsError(faults=faults)
    if overrides:
        print(label("cli.for_both", words=", ".join(overrides)), file=sys.stderr)
    if len(scenarios) == 1:
        ran = next(side for side in sides if isinstance(side, Results))
        will_pair(ran, scenarios[0])
    return tuple(sides)


def _same(words: Sequence[str], scenarios: Sequence[Scenario], overrides: Sequence[str]) -> list[Fault]:
    """Two sides that are one scenario: there is nothing to compare, and whoever asks meant something else."""
    if len({one.fingerprint() for one in scenarios}) > 1:
        return []
    expected = label("cli.same_sides", both=label("cli.same_both") if overrides else "")
    return [Fault(" | ".join(words), expected=expected, mend=label("cli.same_sides_mend", base=words[0]))]


def will_pair(ran: Results, scenario: Scenario) -> None:
    """Refuse a scenario that could not be paired with a finished run, before it is simulated.

    Raises
    ------
    ResultsError
        They share no luck; what differs is named.
    """
    from dataclasses import replace

    from povsim.core.params.draws import fit_hash
    from povsim.indicators.pairing import pair

    own = scenario.run
    words = {"seed": own.seed, "opening": own.opening, "years": list(own.years), "draws": own.draws, "scope": own.scope}
    words |= {"fit": own.fit, "fit_hash": fit_hash(scenario)}
    pair(ran, replace(ran, manifest={**ran.manifest, **words}))


def live_sides(sides: Sequence[Side], crew: Crew | None, status: Status | None) -> list[Results]:
    """The runs of both sides; what was not run yet is simulated."""
    found, population = [], None
    for name, side in zip(SIDES, sides, strict=True):
        if isinstance(side, tuple):
            assert crew is not None
            population = population or people(*side, status)
            found.append(live(population, *side, crew, status, name))
        else:
            found.append(side)
    return found


def write_comparison(comparison: Comparison, sides: Sequence[Side], folder: Path, status: Status) -> None:
    """Write the differences by year for a spreadsheet, those of every table, and the runs that were made for it."""
    from povsim.results.files import whole

    begin(status, "differences")
    for name, side, run in zip(SIDES, sides, (comparison.base, comparison.other), strict=True):
        if isinstance(side, tuple):
            run.write(folder / name)
        else:
            remove(folder / name)
    with whole(folder / "difference.csv") as beside:
        comparison.by_year().to_csv(beside, index=False, encoding="utf-8-sig")
    for name in comparison.tables:
        with whole(folder / "tables" / f"{name}.parquet") as beside:
            comparison[name].to_parquet(beside, index=False)


# --- of all steps -----------------------------------------------------------------------------------------


def cores(arguments: Namespace, scenario: Scenario) -> int:
    """Processes to use: as asked for, else as the scenario says, else as many as this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return arguments.threads or scenario.run.threads or available


def begin(status: Status | None, step: str, of: str = "", **words: object) -> str:
    """Write down which step begins, where there is a folder to write it into, and return its name for people."""
    if status is not None:
        status.at(f"{step} {of}".strip())
    said = label(f"cli.step_{step}", **words)
    log.info(said)
    return said


def remove(path: Path) -> None:
    """Take away a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
