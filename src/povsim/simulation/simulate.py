"""Owns: the public verb: a population and a scenario in, results out; the engine's integers become tables here.
Never: moves time (engine) or summarises (indicators)."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.core import provenance
from povsim.core.params import draws_of
from povsim.core.params.draws import fit_hash
from povsim.core.schema import LACKS, LEDGER, UNITS, Cause, Layer, Route, Status
from povsim.engine import columns as c
from povsim.engine import ledger as books
from povsim.engine.assessment import lines_of
from povsim.engine.ledger import Book, Tally
from povsim.engine.measures import running
from povsim.engine.run import run
from povsim.engine.shelf import THOUSANDTHS
from povsim.engine.state import FEN
from povsim.engine.world import World, build_world, worlds_of
from povsim.policy.kind import known_elsewhere
from povsim.policy.marking import marks
from povsim.results.contract import TABLES
from povsim.results.results import PlaceSummary, Results
from povsim.simulation.idle import refilled
from povsim.simulation.matching import settle
from povsim.simulation.precision import Live, live_until, said
from povsim.simulation.why import Origin
from povsim.simulation.workers import Crew, refuse_none

if TYPE_CHECKING:
    from povsim.core.params import Measure, Scenario
    from povsim.core.params.stress import Stress
    from povsim.population.places import Place
    from povsim.population.tables import Population

INTERVAL = (0.05, 0.95)  # what low and high columns hold
FEW = 20  # fewer replicates followed than this leave a blank


def simulate(
    population: Population,
    scenario: Scenario,
    place: Place,
    *,
    threads: int | None = None,
    workers: int | Crew = 1,
    block: int = 1024,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Simulate every household under a scenario.

    Parameters
    ----------
    population : Population
        At the scenario's opening; with ``scope: registered`` only the registered households are simulated.
    scenario : Scenario
        Resolved parameters, measures, plan, seed and number of replicates.
    place : Place
        For the reported history that results carry beside the projection.
    threads : int or None
        Threads over replicates; by default the scenario's. Results do not depend on it.
    workers : int or Crew
        Processes over replicates, or a crew of them that is kept for other runs, in place of threads where more than 1; a
        script that asks for them guards its main part by ``if __name__ == "__main__":``. Where a measure is of a kind that was
        registered by hand, which no other process knows, there are as many threads instead. Results do not depend on it.
    block : int
        Households in a block; results do not depend on it.
    progress : callable or None
        Called with (replicates done, all).

    Returns
    -------
    Results
        Tables by year, replicate, measure, village and household.

    Raises
    ------
    ParamsError
        The scenario does not fit the place, as ``matching.settle`` says, or there is not one worker.
    """
    if not isinstance(workers, Crew):
        refuse_none(workers)
    scenario = settle(scenario, place)
    own = marks(measure.kind for measure in scenario.measures)
    given, draws = population, draws_of(scenario)
    if scenario.run.scope == "registered":
        population = population.registered()
    began = time.perf_counter()
    world = build_world(population, scenario, block)
    worlds = worlds_of(world, draws)
    with ExitStack() as stack:
        here = not all(known_elsewhere(measure.kind) for measure in scenario.measures)
        if here or workers == 1 or scenario.run.replicates == 1:
            asked = workers.workers if isinstance(workers, Crew) else workers
            cores = max(threads or scenario.run.threads or os.cpu_count() or 1, asked)
            live: Live = lambda replicates, shown: run(worlds, replicates, cores, shown)  # noqa: E731
        else:
            crew = workers if isinstance(workers, Crew) else stack.enter_context(Crew(workers))
            live = stack.enter_context(crew.given(population, scenario, draws, worlds, block))
        ran, tally, reached = live_until(live, scenario.run, world.years, progress)
    seconds = time.perf_counter() - began
    precision = {} if scenario.run.until is None or reached is None else {"precision": said(scenario.run.until, reached)}
    if precision:  # from here on it is a run of so many replicates, and has its id
        scenario = scenario.replaced({"run.replicates": len(ran)}, layer="precision")
    tables = _tables(worlds[0], _opening_line(world), ran, tally, population)
    manifest = {
        "run_id": id_of(scenario, population, draws),
        "scenario": dict(scenario.titled),
        **({"stress": [_stress(one) for one in scenario.stress]} if scenario.stress else {}),
        "place": scenario.place,
        "seed": scenario.run.seed,
        "opening": scenario.run.opening,
        "years": list(world.years),
        "replicates": len(ran),
        **precision,
        **({"kinds": own} if own else {}),
        "draws": len(draws),
        "fit": scenario.run.fit,
        "fit_hash": fit_hash(scenario),
        "scope": scenario.run.scope,
        "lines": _lines(world),
        "budgets": _budgets(world),
        "quotas": _quotas(world),
        **({"unfilled": unfilled} if (unfilled := _unfilled(world)) else {}),
        "created": datetime.date.today().isoformat(),
        "population": population.content_hash(),
        "reported_routes": _planned_routes(place),
        "reported_pv_households": int(place.margins.pv_households.value) if place.margins.pv_households else None,
        "versions": provenance.versions(),
        "simulation_seconds": round(seconds, 2),
    }
    return Results(
        tables=tables,
        manifest=manifest,
        params=scenario.to_yaml(),
        place=summary_of(place, population),
        reported=_reported(place),
        plan=scenario.plan.targets,
        origin=Origin(given, scenario, block, own),
    )


def id_of(scenario: Scenario, population: Population, draws: Sequence[Mapping[str, float]]) -> str:
    """The id of a run of a scenario over those whom it simulates, under some draws of the parameters."""
    return provenance.run_id(scenario, population.content_hash(), draws, marks(measure.kind for measure in scenario.measures))


def _tables(world: World, line: float, ran: list[Book], tally: Tally, population: Population) -> dict[str, pd.DataFrame]:
    """Every table; ``line`` is that of the opening as the scenario states it, before any draw."""
    years, ids = world.years, [m.id for m in world.scenario.measures]
    targets = np.array([world.scenario.plan.targets.get(y, 0) for y in years])
    every = {
        "ledger": _long([b.ledger for b in ran], years, {"unit": UNITS}, LEDGER),
        "registry_accounts": _long([b.accounts for b in ran], years, {"stock": books.STOCKS, "unit": UNITS}, books.STOCK_FLOWS),
        "exits": _long([b.exits for b in ran], years, {}, books.EXITS),
        "routes": _long([b.routes for b in ran], years, {"route": [r.name.lower() for r in Route]}, UNITS),
        "returns": _long([b.returns for b in ran], years, {}, books.RETURNS),
        "return_causes": _long([b.causes for b in ran], years, {"cause": [int(k) for k in Cause]}, ("households", "registered")),
        "indicators": _long([b.indicators for b in ran], years, {"group": books.GROUPS}, books.INDICATORS),
        "spending": _long([b.spending for b in ran], years, {"measure": ids}, books.SPENDING),
        "lacking": _long([b.lacking[..., None] for b in ran], years, {"lack": LACKS}, ("households",)),
        "monitoring": _long([b.monitoring for b in ran], years, {}, books.MONITORING),
        "layers": _long([b.layers for b in ran], years, {"layer": [k.name.lower() for k in Layer]}, books.LAYERS),
        "evaluation": _long([b.evaluation for b in ran], years, {}, books.EVALUATION),
    }
    every["exits"]["target_persons"] = np.tile(targets, len(ran))
    causes = every["return_causes"]
    every["return_causes"] = causes[causes["households"] + causes["registered"] > 0].reset_index(drop=True)
    for name in ("households", "persons", "above_households"):
        every["indicators"][name] = every["indicators"][name].astype(np.int64)
    every["indicators"]["median"] = every["indicators"]["p50"]
    for name in books.MONEY:
        every["spending"][name] = every["spending"][name] / FEN
    every["spending"]["quota_used"] = every["spending"]["quota_used"] / THOUSANDTHS
    watch = every["monitoring"]
    watch["delay_months"] = watch["delay_months"] / np.maximum(watch["entered"] - watch["passed_over"], 1)
    evaluation = every["evaluation"]
    evaluation["coverage"] = evaluation["covered"] / np.maximum(evaluation["registered"], 1)
    every["spells"] = _spells(world, ran)
    every["villages"] = _villages(world, ran, population)
    every["households"] = _households(world, line, tally, population, len(ran))
    return {name: _only(frame, name) for name, frame in every.items()}


def _only(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns of the contract, in its order."""
    table = TABLES[name]
    general = [column.name for column in table.columns]
    place = {col: general.index(found.name) for col in map(str, frame.columns) if (found := table.column(col)) is not None}
    return frame[sorted(place, key=lambda col: (place[str(col)], str(col)))]


def _long(arrays: list[Any], years: tuple[int, ...], axes: dict[str, Any], columns: tuple[str, ...]) -> pd.DataFrame:
    """Rows of replicate x year x axes from arrays of (years, *axes, columns)."""
    index = pd.MultiIndex.from_product([range(len(arrays)), years, *axes.values()], names=["replicate", "year", *axes])
    values = np.stack(arrays).reshape(-1, len(columns))
    return pd.DataFrame(values, index=index, columns=list(columns)).reset_index()


def _spells(world: World, ran: list[Book]) -> pd.DataFrame:
    cohorts, since = (world.scenario.run.opening, *world.years), range(1, len(world.years) + 1)
    index = pd.MultiIndex.from_product([range(len(ran)), cohorts, since], names=["replicate", "exit_year", "years_since"])
    columns = ["followed", "followed_own", *(f"fell_{reading}" for reading in books.READINGS)]
    frame = pd.DataFrame(np.stack([b.spells for b in ran]).reshape(-1, len(columns)), index=index, columns=columns).reset_index()
    return frame[frame["exit_year"] + frame["years_since"] <= world.years[-1]].reset_index(drop=True)


def _villages(world: World, ran: list[Book], population: Population) -> pd.DataFrame:
    counts = np.stack([b.villages for b in ran]).astype(np.float64)  # replicate, year, village, books.VILLAGES
    rate = counts[..., 1:2] / np.maximum(population.villages["farm_persons"], 1)[:, None]
    measured = np.concatenate([counts[..., :2], rate, counts[..., 2:3] / FEN], axis=-1)
    low, high = np.quantile(measured, INTERVAL, axis=0)
    index = pd.MultiIndex.from_product([world.years, range(world.layout.villages)], names=["year", "village"])
    frame = pd.DataFrame(index=index)
    for i, name in enumerate(("poor_households", "poor_persons", "incidence", "collective_income")):
        for end, values in (("", measured.mean(axis=0)), ("_low", low), ("_high", high)):
            frame[name + end] = values[..., i].reshape(-1)
    out = np.where(population.villages["poor_village"], counts[..., books.VILLAGES.index("out")].mean(axis=0), np.nan)
    frame["p_exited"] = out.reshape(-1)  # blank where a village was never one of the poor
    frame = frame.reset_index()
    frame["name"] = np.tile(np.array(world.layout.village_names, dtype=object), len(world.years))
    return frame


def _households(world: World, line: float, tally: Tally, population: Population, replicates: int) -> pd.DataFrame:
    """A row per household that was registered at the start or became so in some replicate; blanks where too few were followed."""
    h, years, start = population.households, world.years, world.start
    registered = np.isin(start.hi[c.STATUS], (Status.POOR, Status.RETURNED, Status.EXITED))
    who = np.flatnonzero(registered | (tally.entered > 0))
    poor = np.isin(start.hi[c.STATUS, who], (Status.POOR, Status.RETURNED))
    fate = tally.exit_year[:, who].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(poor, fate / fate.sum(axis=0), np.nan)
        fallen = np.where(tally.followed[:, who] >= FEW, tally.fallen[:, who] / tally.followed[:, who], np.nan)
        income = tally.income[:, :, who].sum(axis=1) / np.where(tally.living[:, who], tally.living[:, who], np.nan) / FEN
        lacks = np.where(tally.stayed[who] >= FEW, tally.lacks[:, who] / tally.stayed[who], np.nan)
        gap = np.where(tally.stayed[who] >= FEW, tally.gap[who] / tally.lacks[LACKS.index("income"), who] / FEN, np.nan)
    low, median, high = (_year_reached(share, years, part) for part in (INTERVAL[0], 0.5, INTERVAL[1]))
    held = tally.held[:, who] / replicates
    frame = pd.DataFrame(
        {
            "household_id": h["household_id"][who],
            "village": h["village"][who].astype(np.int64),
            "size": start.hi[c.SIZE, who],
            "category": start.hi[c.CATEGORY, who],
            "status": start.hi[c.STATUS, who],
            **{f"p_exit_{y}": share[i] for i, y in enumerate(years)},
            "p_never": share[-3],
            "p_removed": share[-2],
            "p_gone": share[-1],
            "median_exit_year": median,
            "low_exit_year": low,
            "high_exit_year": high,
            **{f"lacks_{lack}": row for lack, row in zip(LACKS, lacks, strict=True)},
            "gap": gap,
            **{f"held_{m.id}": row for m, row in zip(world.scenario.measures, held, strict=True)},
            **{f"p_return_{k}": fallen[k - 1] for k in (1, 2, 3)},
            "cause": tally.cause[:, who].argmax(axis=0),
            **{f"income_{y}": income[i] for i, y in enumerate(years)},
            "to_line": start.hf[c.REPORTED, who] - line,
        }
    )
    return frame.sort_values("household_id", ignore_index=True)


def _year_reached(share: Any, years: tuple[int, ...], part: float) -> Any:
    """First year by which a part of the exits has come, of the lives in which the household is not removed and somebody is left.

    NaN where no year reaches it.
    """
    left = np.cumsum(share[: len(years)], axis=0)
    reached = (left >= part * (left[-1] + share[len(years)]) - 1e-9) & (left > 0.0)
    return np.where(reached.any(axis=0), np.array(years, dtype=np.float64)[reached.argmax(axis=0)], np.nan)


def _opening_line(world: World) -> float:
    """The line of the opening as the scenario states it: one household is not laid beside the line of some draw."""
    return lines_of(world, world.scenario.run.opening).exit


def _lines(world: World) -> dict[str, dict[str, float]]:
    """Lines that incomes are laid beside, yuan per head by year, as the scenario states them before any draw."""
    return {
        "exit_line": {str(year): float(lines_of(world, year).exit) for year in world.years},
        "dibao_standard": {str(year): float(world.at("lines", year).dibao_standard) for year in world.years},
    }


def _budgets(world: World) -> dict[str, dict[str, float]]:
    """What each measure that has a budget may spend, yuan by year, from its start on."""
    return {
        m.id: {str(year): m.budget.at(year) for year in world.years if year >= m.start_year}
        for m in world.scenario.measures
        if m.budget is not None
    }


def _quotas(world: World) -> dict[str, dict[str, Any]]:
    """How many each measure that has a quota may take, all villages that it is for together, in the years in which it takes new
    holders.
    """

    def villages(m: Measure) -> int:
        stated = [set(one.values) for one in m.eligible if one.field == "village"]
        return sum(all(name in names for names in stated) for name in world.layout.village_names)

    return {
        m.id: {
            "unit": m.quota.unit,
            "per": m.quota.per,
            "number": {
                str(year): m.quota.at(year) * (villages(m) if m.quota.per == "village" else 1)
                for year in world.years
                if running(m, year)
            },
        }
        for m in world.scenario.measures
        if m.quota is not None
    }


def _unfilled(world: World) -> dict[str, list[int]]:
    """The years in which places of a measure that fall free go to nobody, so that none was refused one (posts that are cut)."""
    years = {m.id: [y for y in world.years if running(m, y) and not refilled(m, y)] for m in world.scenario.measures}
    return {id: found for id, found in years.items() if found}


def _stress(one: Stress) -> dict[str, Any]:
    """What papers say of a stress block: whether it is an extreme case, and what of it found nothing to hit."""
    return {
        "name": one.name,
        "zh": one.block.title.zh,
        "en": one.block.title.en,
        "first": one.first,
        "last": one.last if one.block.lasts else None,
        "extreme": one.block.extreme,
        "hits": one.hits,
        "missing": list(one.missing),
    }


def summary_of(place: Place, population: Population) -> PlaceSummary:
    """What papers say of a place."""
    source = place.sources["report"].title if "report" in place.sources else place.title
    return PlaceSummary(
        id=place.id,
        zh=place.title.zh,
        en=place.title.en,
        villages=len(place.villages),
        poor_villages=sum(v.poor for v in place.villages),
        farm_households=int(place.margins.farm_households.value),
        farm_persons=int(place.margins.farm_persons.value),
        as_of=place.as_of,
        source_zh=source.zh,
        source_en=source.en,
        synthetic=bool(population.households["synthetic"].all()),
    )


def _planned_routes(place: Place) -> dict[str, dict[str, Any]]:
    """The routes that the place published: persons and name of each."""
    routes = place.plan.routes if place.plan is not None else {}
    return {
        route: {
            "persons": int(figure.value),
            "zh": figure.name.zh if figure.name else route,
            "en": figure.name.en if figure.name else route,
        }
        for route, figure in routes.items()
    }


def _reported(place: Place) -> pd.DataFrame:
    """The reported history, also of the years that a back-test simulates; blank where nothing was reported."""

    def total(flow: str, year: int, unit: str) -> float:
        found = place.reported(flow, (year,), unit)
        return float("nan") if found is None else float(found)

    rows = []
    for year in range(place.openings[0], place.as_of + 1):
        rows.append(
            {
                "year": year,
                "opening_households": total("stock", year - 1, "households"),
                "identified_households": total("identified", year, "households"),
                "returned_households": total("returned", year, "households"),
                "removed_households": total("removed", year, "households"),
                "exited_households": total("exited", year, "households"),
                "exited_persons": total("exited", year, "persons"),
                "closing_households": total("stock", year, "households"),
                "closing_persons": total("stock", year, "persons"),
            }
        )
    return pd.DataFrame(rows)
