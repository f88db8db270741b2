"""Owns: what measures cost, what reaches people, and what a person or household kept above the line costs.
Never: what a measure pays (policy.measures)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from povsim.indicators.intervals import LEVEL, Reals, by_year, interval, ratio, spread, summary
from povsim.indicators.pairing import less, pair
from povsim.indicators.resolved import measures
from povsim.results.results import Results

FROM_SALES: Final = "pv"  # the kind that pays from what it sells: its cash and upkeep are no public money, only the building is
SOURCES: Final = ("wage", "operating", "property", "transfer", "mean")
LINES: Final = ("exit_line", "dibao_standard")


# --- spending ---------------------------------------------------------------------------------------------


def told_apart(spending: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """The table of spending with each measure's kind and its money told apart: public, by villages, investment, from sales.

    What a village receives is its income, and counts as money spent when the village pays it out.
    """
    table = spending.copy()
    table.attrs = {}  # else pandas copies its words at every step
    table["kind"] = [kinds.get(measure, "") for measure in spending["measure"]]
    sells = table["kind"] == FROM_SALES
    kept = table["village"].where(~sells, 0.0)  # what a sharing-out leaves with the village
    running = table["cash"] + table["kind_value"] + table["overhead"] + kept - table["from_village"]
    return table.assign(
        public=running.where(~sells, 0.0),
        by_village=table["from_village"] - kept,
        investment=table["kind_value"].where(sells, 0.0),
        sales=table["cash"].where(sells, 0.0),
    )


def spending(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Average yearly holders and money of each measure; no yuan stands in two columns.

    Returns
    -------
    DataFrame
        ``measure``, ``kind``, and each with both intervals: ``holders``; ``public``, yuan of public money per year;
        ``investment``, yuan spent once on building, all years together; ``by_village``, yuan per year that villages pay
        out of their proceeds; ``sales``, yuan per year paid to holders out of what was sold; where some measure has a budget
        ``unspent``, yuan per year that it leaves of it. Dearest first.
    """
    parts, left = [], unspent(results)
    for measure, part in _money(results).groupby("measure", sort=True):
        numbers = {name: by_year(part, name).mean(axis=0) for name in ("holders", "public", "by_village", "sales")}
        numbers["investment"] = by_year(part, "investment").sum(axis=0)
        if str(measure) in left:
            numbers["unspent"] = left[str(measure)].mean(axis=0)
        row = {"measure": [measure], "kind": [part["kind"].iloc[0]]}
        for name, values in numbers.items():
            row |= spread(name, [interval(values, level, results.draws)])
        parts.append(pd.DataFrame(row))
    if not parts:
        return pd.DataFrame(columns=["measure", "kind"])
    table = pd.concat(parts, ignore_index=True)
    cost = table["public"] * len(results.years) + table["investment"]
    dearest = table.assign(cost=cost).sort_values(["cost", "by_village"], ascending=False, kind="stable", ignore_index=True)
    return dearest.drop(columns="cost")


def unspent(results: Results) -> dict[str, Reals]:
    """What each measure with a budget leaves of it, yuan by year (from its start on) x replicates."""
    money, left = _money(results), {}
    for measure, budget in (results.manifest.get("budgets") or {}).items():
        part = money[(money["measure"] == measure) & money["year"].isin([int(year) for year in budget])]
        if len(part):
            left[measure] = np.array(list(budget.values()))[:, None] - by_year(part, "public") - by_year(part, "investment")
    return left


def budgets(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Yearly budgets and what is left of them.

    Returns
    -------
    DataFrame
        A row per ``measure`` with a budget and ``year`` from its start on: ``budget``, yuan; ``unspent``, yuan with both
        intervals. No rows where no measure has one.
    """
    parts = []
    for measure, left in unspent(results).items():
        budget = results.manifest["budgets"][measure]
        table = summary([int(year) for year in budget], level, results.draws, unspent=left)
        parts.append(table.assign(measure=measure, budget=list(budget.values())))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["measure", "year", "budget", "unspent"])


def total(results: Results, column: str) -> Reals:
    """Yuan of all measures (a column of ``told_apart``), years x replicates; zero where there are none."""
    summed = _money(results).groupby(["year", "replicate"])[column].sum()
    whole = pd.MultiIndex.from_product([results.years, range(results.replicates)], names=["year", "replicate"])
    every = summed.reindex(whole, fill_value=0.0).to_numpy(dtype=np.float64)
    return every.reshape(len(results.years), results.replicates)


def _money(results: Results) -> pd.DataFrame:
    return told_apart(results["spending"], {name: one["kind"] for name, one in measures(results.params).items()})


# --- what being above the line costs ----------------------------------------------------------------------


def extra_cost(results: Results, without: Results) -> Reals:
    """Public yuan that a run spends more than one without measures, building in full, all years, by replicate."""
    public = less(total(results, "public"), total(without, "public")).sum(axis=0)
    extra: Reals = public + less(total(results, "investment"), total(without, "investment")).sum(axis=0)
    return extra


def kept_out(results: Results, without: Results) -> Reals:
    """Households that the measures keep out of poverty, by replicate, averaged over the years.

    A household is kept out in a year when it is on the register, left or not, and its true registry income is at or above the
    line, but would not be without the measures; net of those that the measures leave below.

    Raises
    ------
    ResultsError
        The runs share no luck.
    """
    pair(results, without)
    kept: Reals = less(_above(results), _above(without)).mean(axis=0)
    return kept


def household_cost(results: Results, without: Results) -> Reals:
    """Public yuan a year for each household kept out, by replicate; infinite where the measures keep none out."""
    households = kept_out(results, without)
    return _price(extra_cost(results, without) / len(results.years), households)


def person_cost(results: Results, without: Results) -> Reals:
    """Public yuan for each person-year above the line, by replicate; infinite where the measures lift nobody.

    What was built is a cost in full, though it lasts longer than the run; what villages pay out of their proceeds is none.
    Income of the registered decides, not the registry: without measures nobody may leave it, since an exit asks for a measure
    delivered.

    Raises
    ------
    ResultsError
        The runs share no luck.
    """
    pair(results, without)
    lifted = less(_below(without), _below(results)).sum(axis=0)
    return _price(extra_cost(results, without), lifted)


def _price(cost: Reals, bought: Reals) -> Reals:
    price: Reals = np.divide(cost, bought, out=np.full_like(cost, np.inf), where=bought > 0)
    return price


def group(results: Results, name: str) -> pd.DataFrame:
    """Rows of the table of indicators of one group."""
    data = results["indicators"]
    rows = data[data["group"] == name]
    rows.attrs = {}
    return rows


def household_income(rows: pd.DataFrame) -> Reals:
    """Registry income of a household of one group (rows of ``group``), yuan a year, years x replicates."""
    return by_year(rows.assign(income=rows["mean"] * rows["persons"] / rows["households"]), "income")


def _above(results: Results) -> Reals:
    return by_year(group(results, "registered"), "above_households")


def _below(results: Results) -> Reals:
    """Registered persons under the poverty line, years x replicates."""
    data = group(results, "registered")
    return by_year(data.assign(below=data["headcount"] * data["persons"]), "below")


# --- what people get --------------------------------------------------------------------------------------


def income_sources(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Registry income per head by source, of the registered, of all farm households and of those linked to a PV station.

    Returns
    -------
    DataFrame
        A row per group (``kind``: registered, farm, pv) and ``year``: ``wage, operating, property, transfer`` and their sum
        ``mean``, yuan per head with both intervals; ``exit_line`` and ``dibao_standard`` of the year. A group without members
        has no rows.
    """
    lines = results.manifest.get("lines") or {}
    parts = []
    for name in ("registered", "farm", "pv"):
        data = group(results, name)
        if not len(data) or not data["households"].any():
            continue
        table = summary(results.years, level, results.draws, **{source: by_year(data, source) for source in SOURCES})
        for line in LINES:
            table[line] = [float(lines.get(line, {}).get(str(year), np.nan)) for year in results.years]
        parts.append(table.assign(kind=name))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["year", "kind"])


class Stations(NamedTuple):
    """Money of PV stations, years x replicates: households linked, dividends to them, what villages pay out of the proceeds."""

    households: Reals
    dividends: Reals
    paid: Reals


def stations(results: Results) -> Stations | None:
    """What PV stations pay to households and, a year later, villages out of their share; None without a station."""
    money = _money(results)
    part = money[money["kind"] == FROM_SALES]
    if not len(part):
        return None
    totals = part.groupby(["year", "replicate"], as_index=False)[["holders", "cash", "village"]].sum()
    households, dividends, given = (by_year(totals, name) for name in ("holders", "cash", "village"))
    lagged = np.vstack([np.zeros((1, given.shape[1]), bool), given[:-1] > 0])
    return Stations(households, dividends, total(results, "by_village") * lagged)


def pv_income(results: Results) -> pd.DataFrame:
    """What the linked households of PV stations get: the medians of ``pv``, without late connection."""
    table = pv(results)
    return table[["year", "households", "dividend", "by_village"]]


def pv(results: Results, late: Results | None = None, level: float = LEVEL) -> pd.DataFrame:
    """What the linked households of PV stations get.

    Parameters
    ----------
    results : Results
        The run.
    late : Results, optional
        A run with the same luck, in which the stations are connected later.
    level : float
        Share of replicates inside.

    Returns
    -------
    DataFrame
        A row per simulated ``year`` with holders, numbers with both intervals: ``households`` linked; ``dividend``, yuan paid
        straight to each; ``by_village``, what villages paid out of the proceeds that stations gave them the year before, in yuan
        per linked household, though it goes to whoever holds a post, works or is in need; ``income``, both together;
        ``delay_loss``, what ``income`` is more (below zero: less) in the late run, paired. No rows without a station.
    """
    mine = stations(results)
    if mine is None:
        return pd.DataFrame(columns=["year", "households", "dividend", "by_village", "income", "delay_loss"])
    parts = {"dividend": mine.dividends, "by_village": mine.paid, "income": mine.dividends + mine.paid}
    columns = {"households": mine.households} | {name: ratio(yuan, mine.households) for name, yuan in parts.items()}
    columns["delay_loss"] = np.full_like(mine.households, np.nan)
    if late is not None:
        n = pair(results, late)
        columns["delay_loss"] = station_gap(results, late)[:, :n]
    table = summary(results.years, level, results.draws, **columns)
    return table[table["households"] > 0].reset_index(drop=True)


def station_gap(results: Results, other: Results) -> Reals:
    """What another run's stations and villages pay more, yuan per household linked in this one, years x common replicates."""
    mine, theirs = stations(results), stations(other)
    if mine is None:
        return np.full((len(results.years), min(results.replicates, other.replicates)), np.nan)
    paid = mine.dividends + mine.paid
    n = min(results.replicates, other.replicates)
    got = np.zeros_like(paid[:, :n]) if theirs is None else theirs.dividends + theirs.paid
    return ratio(less(got, paid), mine.households[:, :n])
