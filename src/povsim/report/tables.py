"""Owns: tables as people read them: words for columns, numbers with separators, blanks where nothing is known.
Never: computes a summary (indicators)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.core.labels import label, language
from povsim.core.schema import LEDGER, UNITS, Cause
from povsim.indicators import indicators
from povsim.policy.kind import find
from povsim.results.contract import REPORTED, TABLES
from povsim.results.results import Results

HOLDERS: Final = {"household": "households", "person": "persons", "village": "villages"}


def town(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show the reported account of the town, a row per year."""
    tongue = language(lang)
    names = {column.name: getattr(column, tongue) for column in REPORTED.columns}
    table = results.reported.rename(columns=names).set_index(names["year"])
    return _headed(table.map(lambda number: _count(number, tongue)))


def size(results: Results, lang: str | None = None) -> str:
    """Say how many villages, farm households and persons the town has."""
    place = results.place
    villages = label("report.villages", lang, villages=place.villages, poor=place.poor_villages)
    farm = label("report.farm", lang, households=f"{place.farm_households:,}", persons=f"{place.farm_persons:,}")
    return villages + label("indicators.comma", lang) + farm


def villages(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show poor households, persons and incidence of each village at the end of the last year, each mean with its interval."""
    tongue, year = language(lang), results.years[-1]
    data = results["villages"]
    data = data[data["year"] == year]
    table = pd.DataFrame({label("report.village", tongue): data["name"]})
    for name in ("poor_households", "poor_persons", "incidence"):
        unit = "share" if name == "incidence" else "persons"
        bounds = zip(data[name], data[f"{name}_low"], data[f"{name}_high"], strict=True)
        title = label("report.at_end", tongue, year=year, what=label(f"report.{name}", tongue))
        table[title] = [_with_interval(number, low, high, unit, tongue) for number, low, high in bounds]
    return _headed(table.set_index(label("report.village", tongue)))


def account(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show the simulated account of the register, a row per year and unit: means, which add up, the closing with its interval."""
    tongue = language(lang)
    words = {column.name: getattr(column, tongue) for column in TABLES["ledger"].columns}
    parts = []
    for unit in UNITS:
        data = indicators.account(results, unit)
        shown = {words[flow]: [f"{number:,.0f}" for number in data[flow]] for flow in LEDGER if flow != "closing"}
        bounds = zip(data["closing"], data["closing_low"], data["closing_high"], strict=True)
        shown[words["closing"]] = [_with_interval(*numbers, unit, tongue) for numbers in bounds]
        index = [label("report.of_unit", tongue, year=year, unit=label(f"report.word_{unit}", tongue)) for year in data["year"]]
        parts.append(pd.DataFrame(shown, index=pd.Index(index, name=words["year"])))
    return _headed(pd.concat(parts))


def source(results: Results, lang: str | None = None) -> str:
    """Say where the reported figures come from, to which year, and which run of which date the rest is of, in Markdown."""
    place, tongue = results.place, language(lang)
    made = {"run": results.manifest["run_id"][:8], "date": results.manifest["created"]}
    blotted = getattr(place, f"source_{tongue}").replace("*", r"\*")  # a star is a star
    return label("report.page_source", tongue, source=blotted, year=place.as_of, **made)


def causes(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show why households that had stood on their own income fell under the line again, a year on average."""
    tongue = language(lang)
    data = indicators.causes(results)
    bounds = zip(data["households"], data["households_low"], data["households_high"], strict=True)
    table = pd.DataFrame(
        {
            label("report.cause", tongue): [label(f"report.cause_{Cause(cause).name}", tongue) for cause in data["cause"]],
            label("report.fallen", tongue): [_with_interval(*numbers, "households", tongue) for numbers in bounds],
        }
    )
    return _headed(table.set_index(label("report.cause", tongue)))


def spending(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show each measure's holders and money in an average year, dearest first; what costs no public money says so."""
    tongue = language(lang)
    titles = results.measure_titles(tongue)
    rows = [
        {
            label("report.measure", tongue): titles.get(row.measure, row.measure),
            label("report.holders", tongue): _holders(row, tongue),
            label("report.public", tongue): _public(row, tongue),
            label("report.investment", tongue): _wan(row, "investment", tongue),
            label("report.by_village", tongue): _wan(row, "by_village", tongue),
        }
        for row in indicators.spending(results).itertuples()
    ]
    return _headed(pd.DataFrame(rows).set_index(label("report.measure", tongue))) if rows else pd.DataFrame()


def pv_income(results: Results, lang: str | None = None) -> str:
    """Say in a line what the linked households of PV stations get, year by year; empty without a station."""
    tongue = language(lang)
    table = indicators.pv_income(results)
    if not len(table):
        return ""
    comma = label("report.comma", tongue)
    said = [label("report.pv_linked", tongue, year=table["year"].iloc[0], households=f"{table['households'].iloc[0]:,.0f}")]
    for name in ("dividend", "by_village"):
        paid = table[table[name] >= 1.0]
        years = [label("report.pv_year", tongue, year=row.year, yuan=f"{getattr(row, name):,.0f}") for row in paid.itertuples()]
        said += [label(f"report.pv_{name}", tongue, years=comma.join(years))] if years else []
    return "".join(said)


def _holders(row: Any, lang: str) -> str:
    """How many hold it, with the counting word of who they are."""
    word = label(f"report.count_{HOLDERS[find(row.kind).holder]}", lang, number=f"{row.holders:,.0f}")
    return word + f" ({row.holders_low:,.0f}–{row.holders_high:,.0f})"


def _public(row: Any, lang: str) -> str:
    """Public money with its interval, or in words who pays instead."""
    if row.public >= 1.0:
        return _wan(row, "public", lang)
    payer = "by_sales" if row.sales >= 1.0 or row.investment >= 1.0 else "by_villages" if row.by_village >= 1.0 else "no_money"
    return label(f"report.{payer}", lang)


def _wan(row: Any, name: str, lang: str) -> str:
    """Money in 10,000 yuan with its interval, blank for none."""
    number, low, high = (getattr(row, f"{name}{end}") for end in indicators.ENDS)
    return label("report.blank", lang) if high < 1.0 else f"{number / 1e4:,.1f} ({low / 1e4:,.1f}–{high / 1e4:,.1f})"


def _headed(table: pd.DataFrame) -> pd.DataFrame:
    """Put the name of the first column into the row of the other names."""
    return table.rename_axis(index=None, columns=table.index.name)


def _count(number: float, lang: str) -> str:
    return label("report.blank", lang) if np.isnan(number) else f"{number:,.0f}"


def _with_interval(number: float, low: float, high: float, unit: str, lang: str) -> str:
    number_, low_, high_ = (indicators.show_number(value, unit, lang) for value in (number, low, high))
    return f"{number_} ({low_}–{high_})"
