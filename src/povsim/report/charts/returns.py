"""Owns: the risk of falling back: by years since exit in four readings, and by cause.
Never: computes it (indicators)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import DARK, GRID, INK, PALE, QUIET, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import areas_of_bands, bars_of_bands, largest
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, heading, plot
from povsim.report.charts.placing import LEADING, two_lines, width, wrap
from povsim.report.charts.words import between, few, share

READINGS: Final = ("before_net", "line", "survey", "registered")
WITHIN: Final = 3  # years since exit of the number over each line
CAUSES: Final = 9  # rows; what is rarer is said to be left out
NAMED: Final = 1.8  # inches for the names of the causes
SPLIT: Final = 8.0  # inches from the left, where the years end and the causes begin


def return_risk(answer: Answer, lang: str | None = None) -> Chart:
    """Draw the share of those who left that fell back, by years since exit, and why.

    Each of the four readings has a small plot of its own, all on one scale, the share within three years over it. Beside them
    stand the causes, households a year, the most frequent first.
    """
    tongue = language(lang)
    table = answer.table("return_by_years").dropna(subset="share")
    bands = bands_of(answer, table, "share")
    with style():
        title = label("charts.return_title", tongue, place=answer.about["place"][tongue])
        cautions = [label("charts.own_only", tongue)] if (table["item"] == "before_net").any() else []
        figure = frame(answer, title, tongue, cautions, bands)
        found = [reading for reading in READINGS if (table["item"] == reading).any()]
        if found:
            _readings(figure, table, found, bands, tongue)
        if answer.has("return_causes"):
            _causes(figure, answer.table("return_causes"), bands, tongue)
        return settled(figure)


def _readings(figure: Chart, table: pd.DataFrame, found: list[str], bands: int, lang: str) -> None:
    left, gap = 1.12, 0.2
    each = (SPLIT - 0.25 - left + gap) / len(found)
    top = 1.06 * max(largest(table, "share"), 0.001)
    for place, reading in enumerate(found):
        part = table[table["item"] == reading]
        axes = plot(figure, left + place * each, BOTTOM + 0.72, left + (place + 1) * each - gap, 4.42)
        areas_of_bands(axes, part, "share", bands)
        few_points = len(part) <= 10
        axes.plot(part["year"], part["share"], "o-" if few_points else "-", color=INK, linewidth=2.5, markersize=7, zorder=4)
        _since(axes, part["year"])
        axes.set_ylim(0, top)
        ticks = [tick for tick in MaxNLocator(5).tick_values(0, top) if tick <= top]
        axes.set_yticks(ticks, [f"{100 * tick:g}%" for tick in ticks] if place == 0 else [])
        axes.grid(axis="y", color=GRID, linewidth=1)
        axes.set_axisbelow(True)
        _number(figure, part, label(f"charts.reading_{reading}", lang), left + place * each, each - gap, lang)
    heading(figure, (left + SPLIT - 0.25) / 2, BOTTOM + 0.02, label("charts.since", lang), ha="center")
    heading(figure, MARGIN, 4.48, label("charts.of_exited", lang), fontsize=SMALL)


def _number(figure: Chart, part: pd.DataFrame, name: str, x: float, wide: float, lang: str) -> None:
    """Name a reading over its plot, with the share within three years or as many as there are."""
    lines = wrap(name, TEXT, wide)
    heading(figure, x, TOP, "\n".join(lines), va="top", linespacing=LEADING)
    row = part[part["year"] <= WITHIN].iloc[-1]
    within = label("charts.within", lang, years=int(row["year"]))
    heading(figure, x, 5.06, share(row["share"]), fontsize=24)
    interval = between(share(row["share_low"]), share(row["share_high"]))
    heading(figure, x, 4.8, f"{within} {interval}", fontsize=SMALL, color=QUIET)


def _since(axes: Axes, years: pd.Series[int]) -> None:
    last = int(years.max())
    step = next(step for step in (1, 2, 5, 10, 20, 50) if last / step <= (6 if last < 10 else 3))
    axes.set_xlim(0.5, last + 0.5)
    ticks = [year for year in range(1, last + 1) if year % step == 0]
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.tick_params(axis="x", length=0)


def _causes(figure: Chart, table: pd.DataFrame, bands: int, lang: str) -> None:
    """Bars of the causes, the most frequent first."""
    table = table[table["households"] > 0].sort_values("households", ascending=False, kind="stable").reset_index(drop=True)
    kept = table.head(CAUSES)
    left = SPLIT + 0.45
    lines = wrap(label("charts.causes", lang), TEXT, SIZE[0] - MARGIN - left)
    heading(figure, left, TOP, "\n".join(lines), va="top", linespacing=LEADING)
    if not len(kept):
        return
    axes = plot(figure, left + NAMED + 0.1, BOTTOM + 0.3, SIZE[0] - MARGIN, TOP - 0.1 - len(lines) * TEXT * LEADING / 72)
    at = np.arange(len(kept))
    axes.barh(at, kept["households"], 0.62, color=PALE, edgecolor=DARK, linewidth=1.4, zorder=2)
    bars_of_bands(axes, at, kept, "households", bands, 12.0, sideways=True)
    top = largest(kept, "households")
    texts = [_with_interval(row) for row in kept.itertuples()]
    room = (max(width(text, TEXT) for text in texts) + 0.1) / (SIZE[0] - MARGIN - left - NAMED - 0.1)
    axes.set_xlim(0, top / max(1 - room, 0.1))
    axes.set_ylim(max(len(kept), 5) - 0.5, -0.5)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    names = [label("charts.no_cause" if cause == "none" else f"report.cause_{cause.upper()}", lang) for cause in kept["item"]]
    axes.set_yticks(at, [name if width(name, TEXT) <= NAMED else two_lines(name, SMALL, NAMED) for name in names])
    axes.tick_params(axis="y", length=0, labelsize=TEXT, labelcolor=INK)
    for tick in axes.get_yticklabels():
        tick.set(fontsize=SMALL if "\n" in tick.get_text() else TEXT, linespacing=1.1)
    for place, text, end in zip(at, texts, kept[["households", "households_high"]].max(axis=1), strict=True):
        axes.annotate(text, (end, place), (6, 0), textcoords="offset points", va="center", fontsize=TEXT)
    if len(table) > len(kept):
        rest = label("charts.more_causes", lang, number=len(table) - len(kept), most=few(float(table["households"][CAUSES])))
        heading(figure, SIZE[0] - MARGIN, BOTTOM + 0.02, rest, fontsize=SMALL, color=QUIET, ha="right")


def _with_interval(row: Any) -> str:
    interval = between(few(row.households_low), few(row.households_high))
    return f"{few(row.households)} ({interval})" if interval else few(row.households)
