"""Owns: who leaves and who is left: the timeline of exits, the poor and what they lack, routes, villages, the account.
Never: who falls back (indicators.returns), what it costs (indicators.money)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.core.schema import LACKS, LEDGER, UNITS
from povsim.indicators.intervals import LEVEL, Reals, by_year, interval, ratio, spread, summary
from povsim.indicators.resolved import closed_from, finish_year
from povsim.results.results import Results


def exit_timeline(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Who left and who will leave, by year: the timeline of exits (脱贫时序).

    Returns
    -------
    DataFrame
        A row per reported and per simulated year (``kind``); a year that is both, in a back-test, has two. Each with both
        intervals: ``persons``, ``households``, ``cumulative_persons`` (since the first reported year), ``qualified_persons``
        (before any cap) and of these ``plain_persons``, who qualify without top-up by the safety net. ``target_persons``, NaN
        without a plan; ``p_met`` and ``p_met_without_topup``, the share of replicates in which the plan of an open year is met,
        NaN for years already reported.
    """
    past = results.reported
    before = past.loc[past["year"] <= results.opening, "exited_persons"].sum()
    reported = pd.DataFrame(
        {
            "year": past["year"],
            "kind": "reported",
            "persons": past["exited_persons"],
            "households": past["exited_households"],
            "cumulative_persons": past["exited_persons"].cumsum(),
        }
    )
    persons = by_year(results["exits"], "exited_persons")
    projected = summary(
        results.years,
        level,
        results.draws,
        persons=persons,
        households=by_year(results["exits"], "exited_households"),
        cumulative_persons=before + persons.cumsum(axis=0),
        qualified_persons=by_year(results["exits"], "qualified_persons"),
        plain_persons=by_year(results["exits"], "qualified_without_topup_persons"),
    ).assign(kind="projected")
    for name, column in (("p_met", "qualified_persons"), ("p_met_without_topup", "qualified_without_topup_persons")):
        projected[name] = [
            target_met(results, year, column).mean() if is_open(results, year) else np.nan for year in results.years
        ]
    timeline = pd.concat([reported, projected], ignore_index=True)
    timeline["target_persons"] = timeline["year"].map(results.plan).astype(np.float64)
    return timeline


def remaining(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Count the registered poor at the end of each year.

    Returns
    -------
    DataFrame
        A row per reported and per simulated year (``kind``): ``households`` and ``persons``, each with both intervals; NaN where
        nothing was reported. The opening of the first reported year stands as the year before it. Where the households of the
        run's opening were not reported, a row ``opening`` tells with how many the run begins.
    """
    past = results.reported
    first = past.iloc[:1].assign(year=past["year"] - 1, closing_households=past["opening_households"], closing_persons=np.nan)
    both = pd.concat([first.dropna(subset="closing_households"), past], ignore_index=True)
    columns = {"households": both["closing_households"], "persons": both["closing_persons"]}
    parts = [pd.DataFrame({"year": both["year"], "kind": "reported", **columns})]
    if results.opening not in set(both.dropna(subset="closing_households")["year"]):
        begun = {unit: by_year(of_unit(results, unit), "opening")[:1] for unit in UNITS}
        parts.append(summary((results.opening,), level, results.draws, **begun).assign(kind="opening"))
    stocks = {unit: by_year(of_unit(results, unit), "closing") for unit in UNITS}
    parts.append(summary(results.years, level, results.draws, **stocks).assign(kind="projected"))
    return pd.concat(parts, ignore_index=True)


def lacking(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """What households lack that are still poor at the end of a year; one may lack several.

    Returns
    -------
    DataFrame
        A row per ``item`` (one of ``LACKS``) and simulated ``year``: ``households`` with both intervals.
    """
    parts = []
    for lack, counts in lacking_by_run(results).items():
        table = summary(results.years, level, results.draws, households=counts)
        table.insert(0, "item", lack)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def lacking_by_run(results: Results) -> dict[str, Reals]:
    """Households that lack each thing, years x replicates; none counted where a run does not list it."""
    data = results["lacking"]
    found = {}
    for lack in (*LACKS, *sorted(set(data["lack"]) - set(LACKS))):
        counts = data[data["lack"] == lack].pivot(index="year", columns="replicate", values="households")
        whole = counts.reindex(index=list(results.years), columns=range(results.replicates)).fillna(0.0)
        found[lack] = whole.to_numpy(dtype=np.float64)
    return found


def routes(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """By which route persons leave, beside the routes that the place published.

    Returns
    -------
    DataFrame
        A row per route (``item``): ``planned_persons`` and ``planned_share``, NaN where nothing was published; ``persons`` who
        leave by it in the plan's open years (in all simulated years where none is open) and their ``share`` of all who leave
        then, both with both intervals.
    """
    planned = {route: float(one["persons"]) for route, one in (results.manifest.get("reported_routes") or {}).items()}
    data = results["routes"]
    years = open_years(results) or results.years
    totals = data[data["year"].isin(years)].groupby(["route", "replicate"])["persons"].sum().unstack("replicate")
    names = [*planned, *(route for route in totals.index if route not in planned)]
    persons = totals.reindex(index=names, columns=range(results.replicates)).fillna(0.0).to_numpy(dtype=np.float64)
    shares = ratio(persons, np.broadcast_to(persons.sum(axis=0), persons.shape))
    table = pd.DataFrame({"item": names, "planned_persons": [planned.get(name, np.nan) for name in names]})
    table["planned_share"] = table["planned_persons"] / (sum(planned.values()) or np.nan)
    measured = {"persons": persons, "share": shares}
    columns = {name: [interval(row, level, results.draws) for row in values] for name, values in measured.items()}
    return table.assign(**{column: values for name, rows in columns.items() for column, values in spread(name, rows).items()})


def villages(results: Results) -> pd.DataFrame:
    """The poor of each village at the end of each year.

    Returns
    -------
    DataFrame
        A row per village (``item``, its name) and ``year``: ``poor_households``, ``poor_persons``, ``incidence``, means with the
        interval of chance and ignorance together.
    """
    numbers = [f"{name}{end}" for name in ("poor_households", "poor_persons", "incidence") for end in ("", "_low", "_high")]
    return results["villages"].rename(columns={"name": "item"})[["item", "year", *numbers]].reset_index(drop=True)


def account(results: Results, unit: str, level: float = LEVEL) -> pd.DataFrame:
    """Average the ledger over replicates, so that it adds up: opening, flows and closing of each simulated year.

    Parameters
    ----------
    results : Results
        The run.
    unit : str
        ``households`` or ``persons``.
    level : float
        Share of replicates inside.

    Returns
    -------
    DataFrame
        ``year``, a column per flow of the ledger (means, where medians would not add up), and both intervals of the closing.
    """
    ledger = of_unit(results, unit)
    table = ledger.groupby("year")[list(LEDGER)].mean().reset_index()
    bounds = spread("closing", [interval(row, level, results.draws) for row in by_year(ledger, "closing")])
    del bounds["closing"]
    return table.assign(**bounds)


def ledger(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """The account of households and of persons (``kind``), as ``account`` has each."""
    return pd.concat([account(results, unit, level).assign(kind=unit) for unit in UNITS], ignore_index=True)


def of_unit(results: Results, unit: str) -> pd.DataFrame:
    """Rows of the ledger of one unit."""
    book = results["ledger"]
    return book[book["unit"] == unit]


# --- the plan ---------------------------------------------------------------------------------------------


def is_open(results: Results, year: int) -> bool:
    """Whether a simulated year has a plan and was not yet reported."""
    return year in results.plan and year in results.years and year > results.place.as_of


def open_years(results: Results) -> tuple[int, ...]:
    """The simulated years that have a plan and were not yet reported."""
    return tuple(year for year in results.years if is_open(results, year))


def closed_years(results: Results) -> tuple[int, ...]:
    """The simulated years in which the register is closed, so that nobody may leave."""
    first = closed_from(results.params)
    return tuple(year for year in results.years if first is not None and year >= first)


def plan_ends(results: Results) -> int:
    """The year at whose end it shows who is left: the plan's finish year, else the last in which exits are open."""
    finish, closed = finish_year(results.params), closed_years(results)
    if finish in results.years:
        return int(finish)
    return closed[0] - 1 if closed and closed[0] > results.years[0] else results.years[-1]


def target_met(results: Results, year: int, column: str = "qualified_persons") -> NDArray[np.bool_]:
    """Whether the plan of a year is met, by replicate.

    It is met when the households that qualify before any cap hold at least the planned persons, or everybody who may leave that
    year where fewer are left than planned. Who was identified or came back in the year may not leave in it.
    """
    book = of_unit(results, "persons")
    book = book[book["year"] == year]
    may_leave = (book["closing"] + book["exited"] - book["identified"] - book["returned"]).to_numpy()
    exits = results["exits"]
    met: NDArray[np.bool_] = exits.loc[exits["year"] == year, column].to_numpy() >= np.minimum(results.plan[year], may_leave)
    return met


def closing(results: Results, unit: str) -> Reals:
    """The stock at the end of each year, years x replicates."""
    return by_year(of_unit(results, unit), "closing")
