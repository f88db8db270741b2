"""Owns: whom measures and monitoring reach, year by year, and whom not: demand, quotas and budgets used; villages' exit.
Never: who leaves (indicators.timeline) or what it costs (indicators.money)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.indicators.intervals import LEVEL, Reals, by_year, interval, spread
from povsim.indicators.money import unspent
from povsim.indicators.resolved import measures
from povsim.policy.kind import find
from povsim.results.results import Results

SERVICE: Final = ("wanted", "new", "unmet", "holders", "quota", "quota_used", "budget", "budget_used")
HALF: Final = 0.5  # share of replicates from which on a village is expected to have left
WATCH: Final = (
    "entered", "by_department", "by_village", "by_application", "passed_over", "entered_again", "cleared", "cleared_naturally",
    "monitored", "unstable", "marginal", "sudden", "at_risk", "missed", "delay_months",
)  # fmt: skip


def service(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Who wanted each measure in each year, who got it, who was refused, and what of quota and budget was used.

    Means over replicates, so that who wanted it are those who are new and those refused, with the interval of chance and
    ignorance together.

    Returns
    -------
    DataFrame
        A row per ``measure`` (with its ``kind``) and ``year`` in which anybody has it, wants it, or there is a quota: ``wanted``,
        ``new`` and ``unmet`` (households, or persons where persons hold it; refused by quota, budget or the village's fund for
        posts), all NaN of villages, which do not ask; ``wanted`` and ``unmet`` NaN also in years in which posts are cut, so that
        none is to be had; ``holders`` (households, or villages); ``quota``, as the manifest states it, and ``quota_used``, both
        in the unit of the quota, posts with those held before; ``budget`` and ``budget_used``, yuan.
    """
    known, left = measures(results.params), unspent(results)
    budgets: Mapping[str, Any] = results.manifest.get("budgets") or {}
    quotas: Mapping[str, Any] = results.manifest.get("quotas") or {}
    unfilled: Mapping[str, Any] = results.manifest.get("unfilled") or {}
    data, parts = results["spending"], []
    for measure in known:
        part = data[data["measure"] == measure]
        if not len(part):
            continue
        kind, years = known[measure]["kind"], [str(year) for year in results.years]
        holders, new, unmet, used = (by_year(part, name) for name in ("holders", "newly_served", "unmet", "quota_used"))
        nothing = np.full(holders.shape, np.nan)
        quota, budget = quotas.get(measure), budgets.get(measure, {})
        limit = np.array([float(quota["number"].get(year, np.nan)) if quota else np.nan for year in years])
        money = np.array([float(budget.get(year, np.nan)) for year in years])
        spent = nothing.copy()
        if measure in left:
            at = [years.index(year) for year in budget]
            spent[at] = money[at, None] - left[measure]
        if find(kind).holder == "village":  # all villages have it, and none asks for it
            new = unmet = nothing
        unmet = np.where(np.isin(results.years, unfilled.get(measure, []))[:, None], np.nan, unmet)
        columns = {
            "wanted": new + unmet, "new": new, "unmet": unmet,
            "holders": holders, "quota_used": np.where(np.isnan(limit)[:, None], np.nan, used), "budget_used": spent,
        }  # fmt: skip
        table = averaged(results, level, **columns).assign(quota=limit, budget=money, measure=measure, kind=kind)
        there = np.any([holders > 0.0, new > 0.0, unmet > 0.0], axis=(0, 2)) | (limit > 0.0)
        parts.append(table[there])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["measure", "kind", "year", *SERVICE])


def watch(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Who comes under monitoring against falling back, by which alert, who is cleared, and who is watched at the end of a year.

    Returns
    -------
    DataFrame
        A row per ``year`` from the first in which anybody is watched: the numbers of ``WATCH``, households (the delay in
        months), means over replicates with the interval; no rows where nobody ever is.
    """
    data = results["monitoring"]
    columns = {name: by_year(data, name) for name in WATCH}
    begun = np.maximum.accumulate((columns["entered"] + columns["monitored"]).any(axis=1))
    columns["delay_months"] = np.where(columns["entered"] > columns["passed_over"], columns["delay_months"], np.nan)
    return averaged(results, level, **columns)[begun].reset_index(drop=True)


def village_exits(results: Results) -> pd.DataFrame:
    """Which poor villages have left (村出列) by when, and what the villages earn.

    Returns
    -------
    DataFrame
        A row per village (``item``, its name) and ``year``: ``p_exited``, the share of replicates in which it has left by the
        end of the year, NaN where it never was a poor one; ``exit_year``, the first by which it has left in at least half of
        them; ``collective_income``, yuan a year, a mean with the interval.
    """
    numbers = ["p_exited", *(f"collective_income{end}" for end in ("", "_low", "_high"))]
    table = results["villages"].rename(columns={"name": "item"})[["item", "year", *numbers]].reset_index(drop=True)
    table.attrs = {}
    return table.assign(exit_year=table["item"].map(table[table["p_exited"] >= HALF].groupby("item")["year"].min()))


def averaged(results: Results, level: float, **columns: Reals) -> pd.DataFrame:
    """A row per simulated year of numbers given as years x replicates: means, which add up, each with its bounds."""
    table: dict[str, Any] = {"year": list(results.years)}
    for name, values in columns.items():
        told = [interval(row, level, results.draws) for row in values]
        known = [row[~np.isnan(row)] for row in values]
        table |= spread(name, told) | {name: [float(row.mean()) if len(row) else np.nan for row in known]}
    return pd.DataFrame(table)
