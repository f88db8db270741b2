"""Owns: who falls back after leaving: by years since, by year, by reading and by cause.
Never: judges anybody (engine.assessment)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from povsim.core.schema import Cause
from povsim.indicators.intervals import LEVEL, Reals, by_year, interval, ratio, spread, summary
from povsim.results.results import Results

READINGS: Final = ("fell_before_net", "fell_line", "fell_survey", "fell_registered")
OF: Final = {reading: "followed_own" if reading == "fell_before_net" else "followed" for reading in READINGS}
WITHIN: Final = 3  # years of follow-up in the headline of return


def within(results: Results) -> int:
    """Years of follow-up in the headline: three, or as many as the run has."""
    return min(WITHIN, int(results["spells"]["years_since"].max()))


def fallen_within(results: Results, years: int, reading: str) -> Reals:
    """Share that fell back within so many years of leaving, of all who were followed so long, by replicate.

    ``fell_before_net`` (own income under the line) is of those who left on their own income, the others of all who left.
    """
    spells = results["spells"]
    totals = spells[spells["years_since"] == years].groupby("replicate")[[OF[reading], reading]].sum()
    return ratio(totals[reading].to_numpy(dtype=np.float64), totals[OF[reading]].to_numpy(dtype=np.float64))


def return_by_years(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Share that has fallen back, by years since leaving.

    Returns
    -------
    DataFrame
        A row per reading (``item``: ``before_net``, ``line``, ``survey``, ``registered``) and years since (``year``): ``share``
        with both intervals, of all cohorts that were followed so long.
    """
    since = range(1, int(results["spells"]["years_since"].max()) + 1)
    parts = []
    for reading in READINGS:
        shares = np.stack([fallen_within(results, years, reading) for years in since])
        table = summary(tuple(since), level, results.draws, share=shares)
        table.insert(0, "item", reading.removeprefix("fell_"))
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def return_rate(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Share of the exited households that are poor again, by year and reading.

    Returns
    -------
    DataFrame
        ``year, reading`` and ``share`` with both intervals; readings are ``below_before_net`` (income before the safety net under
        the line), ``below_line`` (income under it), ``below_or_guarantee`` (or a guarantee lost: what a survey would find) and
        ``registered`` (what the office records). They are kept apart.
    """
    stock = by_year(results["returns"], "exited_stock_households")
    parts = []
    for reading in ("below_before_net", "below_line", "below_or_guarantee", "registered"):
        share = ratio(by_year(results["returns"], reading), stock)
        parts.append(summary(results.years, level, results.draws, share=share).assign(reading=reading))
    return pd.concat(parts, ignore_index=True)


def causes(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Why households that had stood on their own income fell under the line again.

    Returns
    -------
    DataFrame
        ``cause`` (``schema.Cause``), ``households`` a year (average over the simulated years) with both intervals, most frequent
        first.
    """
    fell = results["return_causes"].query("households > 0")
    counts = fell.pivot_table(index="cause", columns="replicate", values="households", aggfunc="sum")
    counts = counts.reindex(columns=range(results.replicates)).fillna(0.0) / len(results.years)
    rows = spread("households", [interval(row, level, results.draws) for row in counts.to_numpy()])
    table = pd.DataFrame({"cause": counts.index, **rows})
    return table.sort_values("households", ascending=False, kind="stable", ignore_index=True)


def return_causes(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """The same, each cause (``item``) by its name in lower case."""
    table = causes(results, level)
    table.insert(0, "item", [Cause(cause).name.lower() for cause in table["cause"]])
    return table.drop(columns="cause")
