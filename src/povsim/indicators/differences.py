"""Owns: what other scenarios lead to, less what the base does, by year and paired.
Never: whether two runs may be paired (indicators.pairing), compares whole tables for people (analysis.compare)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from povsim.indicators.intervals import LEVEL, Reals, by_year, summary
from povsim.indicators.money import group, station_gap, stations, total
from povsim.indicators.pairing import less, pair
from povsim.indicators.timeline import closing
from povsim.results.results import Results

UNITS: Final = {
    "exited_persons": "persons",
    "left_households": "households",
    "above_households": "households",
    "income_head": "yuan/person/year",
    "public": "yuan/year",
    "pv_income": "yuan/household/year",
}


def difference(base: Results, others: Mapping[str, Results], level: float = LEVEL) -> pd.DataFrame:
    """What other scenarios lead to, less what the base does, by year.

    Parameters
    ----------
    base : Results
        The run that the others are laid beside.
    others : mapping of str to Results
        Runs with the same luck, by the id of their scenario.
    level : float
        Share of replicates inside.

    Returns
    -------
    DataFrame
        A row per scenario (``item``) and simulated ``year``, each number with both intervals over the replicates in common:
        ``exited_persons`` (since the opening), ``left_households``, ``above_households`` (registered households at or above the
        line), ``income_head`` (of the registered), ``public`` (yuan of the year) and ``pv_income`` (yuan per household linked to
        a station in the base). A number that the base has no table for is left out.

    Raises
    ------
    ResultsError
        A run shares no luck with the base.
    """
    parts = []
    for name, other in others.items():
        pair(base, other)
        mine, theirs = _measured(base), _measured(other)
        gaps = {number: less(theirs[number], mine[number]) for number in mine if number in theirs}
        if stations(base) is not None:
            gaps["pv_income"] = station_gap(base, other)
        table = summary(base.years, level, base.draws, **gaps)
        table.insert(0, "item", name)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["item", "year"])


def _measured(run: Results) -> dict[str, Reals]:
    """What is compared, years x replicates."""
    found = {
        "exited_persons": by_year(run["exits"], "exited_persons").cumsum(axis=0),
        "left_households": closing(run, "households"),
    }
    if "indicators" in run.tables:
        registered = group(run, "registered")
        found |= {"above_households": by_year(registered, "above_households"), "income_head": by_year(registered, "mean")}
    return found | {"public": total(run, "public")}
