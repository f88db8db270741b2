"""Owns: tables as people read them: words for columns, numbers with separators, blanks where nothing is known.
Never: computes a summary (indicators)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from povsim.core.labels import label, language
from povsim.indicators import indicators
from povsim.results.contract import REPORTED
from povsim.results.results import Results


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


def spending(results: Results, lang: str | None = None) -> pd.DataFrame:
    """Show each measure's holders and spending in an average year, dearest first."""
    tongue = language(lang)
    data, titles = indicators.spending(results), results.measure_titles(tongue)
    wan = data[["spent", "spent_low", "spent_high"]] / 1e4
    table = pd.DataFrame(
        {
            label("report.measure", tongue): [titles.get(measure, measure) for measure in data["measure"]],
            label("report.holders", tongue): [_count(number, tongue) for number in data["holders"]],
            label("report.spent", tongue): [f"{number:,.1f}" for number in wan["spent"]],
            label("report.spent_interval", tongue): [
                f"{low:,.1f}–{high:,.1f}" for low, high in zip(wan["spent_low"], wan["spent_high"], strict=True)
            ],
        }
    )
    return _headed(table.set_index(label("report.measure", tongue)))


def _headed(table: pd.DataFrame) -> pd.DataFrame:
    """Put the name of the first column into the row of the other names."""
    return table.rename_axis(index=None, columns=table.index.name)


def _count(number: float, lang: str) -> str:
    return label("report.blank", lang) if np.isnan(number) else f"{number:,.0f}"


def _with_interval(number: float, low: float, high: float, unit: str, lang: str) -> str:
    number_, low_, high_ = (indicators.show_number(value, unit, lang) for value in (number, low, high))
    return f"{number_} ({low_}–{high_})"
