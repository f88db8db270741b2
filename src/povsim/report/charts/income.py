"""Owns: income per head by source, year by year, with the lines that it is held against.
Never: computes it (indicators)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import CHANCE, DARK, INK, LARGE, LIGHT, PALE, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import Row, bars_of_bands, headroom, largest, points, room_for_stress, rows, shade, upright, years
from povsim.report.charts.page import BOTTOM, MARGIN, bands_of, frame, plot
from povsim.report.charts.placing import LEADING, Label, annotate, fitting, spread, write
from povsim.report.charts.words import between, count, scale_of

SOURCES: Final = ("wage", "transfer", "operating", "property")  # from the foot up
COLOURS: Final = {"wage": DARK, "transfer": LIGHT, "operating": CHANCE, "property": PALE}
LINES: Final = {"dibao_standard": (0, (1.6, 0.9)), "exit_line": "solid"}
LEFT: Final = 2.3
RIGHT: Final = 1.75  # inches kept for the names of the sources
NAMED: Final = 0.95  # and within the plot at the left, for the names of the lines
TOP: Final = 5.86
ROW: Final = 0.3


def income_sources(answer: Answer, lang: str | None = None, kind: str = "registered") -> Chart:
    """Draw income per head by source as one column a year, with the exit line and the dibao standard across.

    Parameters
    ----------
    answer : Answer
        What is drawn.
    lang : str or None
        Language of the chart.
    kind : str
        Whose income: ``registered``, ``farm`` or ``pv``.
    """
    return fitting([partial(_draw, answer, language(lang), kind, sparse) for sparse in (False, True)])


def _draw(answer: Answer, lang: str, kind: str, sparse: bool) -> Chart:
    table = answer.table("income_sources")
    table = table[table["kind"] == kind].reset_index(drop=True)
    bands = bands_of(answer, table, "mean")
    with style():
        title = label("charts.income_title", lang, place=answer.about["place"][lang], whom=label(f"charts.whom_{kind}", lang))
        figure = frame(answer, title, lang, [label("charts.sources_are_medians", lang)], bands)
        written = [] if sparse else _line_rows(answer, table, lang)
        axes = plot(figure, LEFT, BOTTOM + 0.42 + ROW * len(written), SIZE[0] - MARGIN - RIGHT, TOP)
        middles = _stack(axes, table, sparse)
        bars_of_bands(axes, table["year"], table, "mean", bands, 5.0 if sparse else 14.0)
        axes.plot(table["year"], table["mean"], "o", color="white", markersize=4 if sparse else 8, markeredgecolor=INK, zorder=5)
        years(axes, table["year"], answer.about["as_of"], lang, sparse)
        span = table["year"].max() - table["year"].min() + 1.2
        axes.set_xlim(left=table["year"].min() - 0.6 - span * NAMED / (SIZE[0] - MARGIN - RIGHT - LEFT - NAMED))
        top = max(largest(table, "mean"), largest(table, *LINES))
        scale = scale_of("yuan/person/year", 0.0, lang)
        low = float(table[list(SOURCES)].clip(upper=0.0).sum(axis=1).min())
        upright(axes, low, headroom(axes, top - low, LARGE * LEADING + 10 + room_for_stress(answer)) + low, scale)
        shade(axes, answer, lang)
        rows(axes, written, ROW)
        _lines(axes, table, sparse, lang)
        if not sparse:
            _inside(axes, table, middles)
        _names(axes, table, middles, sparse, lang)
        tops = table[["mean", "mean_high"]].max(axis=1)
        said = [
            Label(count(row.mean), row.year, high, (0, 5), "center", "bottom")
            for row, high in zip(table.itertuples(), tops, strict=True)
        ]
        write(axes, [*said[-1:], *said[:-1]], [], sparse, SMALL if sparse else LARGE)
        return settled(figure)


def _stack(axes: Axes, table: pd.DataFrame, sparse: bool) -> dict[str, pd.Series[float]]:
    """Columns of the sources, losses under zero; returns the middle of each source by year."""
    up, down = (pd.Series(0.0, table.index) for _ in range(2))
    middles = {}
    for source in SOURCES:
        value = table[source].fillna(0.0)
        foot = up.where(value >= 0, down)
        axes.bar(
            table["year"],
            value,
            0.98 if sparse else 0.6,
            bottom=foot,
            color=COLOURS[source],
            edgecolor=DARK,
            linewidth=0.3 if sparse else 1.0,
            zorder=2,
        )
        middles[source] = foot + value / 2
        up, down = up + value.clip(lower=0), down + value.clip(upper=0)
    return middles


def _lines(axes: Axes, table: pd.DataFrame, sparse: bool, lang: str) -> None:
    """The lines of each year across its column, named before the first."""
    casing = [withStroke(linewidth=5.5, foreground="white")]
    for name, dashes in LINES.items():
        drawn: dict[str, Any] = {"color": INK, "linewidth": 3, "linestyle": dashes, "zorder": 6, "path_effects": casing}
        axes.hlines(table[name], table["year"] - 0.46, table["year"] + 0.46, **drawn)
    first = table.iloc[0]
    shown = [name for name in LINES if np.isfinite(first[name])]
    places = spread([first[name] for name in shown], TEXT * 1.2 / points(axes), 0.0)
    for name, y in zip(shown, places, strict=True):
        size = SMALL if sparse else TEXT
        annotate(axes, Label(label(f"charts.{name}", lang), first["year"] - 0.5, y, (-3, 0), "right", "center"), size)


def _inside(axes: Axes, table: pd.DataFrame, middles: dict[str, pd.Series[float]]) -> None:
    """Write the number of a source into its part of a column, where that is tall enough, over any line that runs there."""
    for source in SOURCES:
        colour = INK if source in ("transfer", "property") else "white"
        ground = {"facecolor": COLOURS[source], "edgecolor": "none", "pad": 1.0}
        for year, number, y in zip(table["year"], table[source], middles[source], strict=True):
            if _fits(axes, number):
                where: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT, "color": colour, "bbox": ground}
                axes.text(year, y, count(number), zorder=7, **where)


def _fits(axes: Axes, number: float) -> bool:
    """Whether a part of a column is tall enough for its number."""
    return bool(abs(number) * points(axes) >= TEXT + 4)


def _names(axes: Axes, table: pd.DataFrame, middles: dict[str, pd.Series[float]], sparse: bool, lang: str) -> None:
    """Name the sources beside the last column."""
    last = table.index[-1]
    found = [source for source in SOURCES if table[source].abs().max() > 0]
    places = spread([middles[source][last] for source in found], TEXT * LEADING / points(axes), 0.0)
    edge = table["year"].max() + (0.5 if sparse else 0.3)
    for source, y in zip(found, places, strict=True):
        text = label(f"charts.source_{source}", lang)
        if sparse or not _fits(axes, table[source][last]):
            text += f" {count(table[source][last])}"
        line = {"arrowstyle": "-", "color": INK, "linewidth": 1, "shrinkA": 2, "shrinkB": 0}
        where: dict[str, Any] = {"textcoords": "data", "va": "center", "fontsize": TEXT, "annotation_clip": False}
        axes.annotate(text, (edge, middles[source][last]), (axes.get_xlim()[1], y), arrowprops=line, **where)


def _line_rows(answer: Answer, table: pd.DataFrame, lang: str) -> list[Row]:
    """Rows under the columns: the interval of the mean, and the lines of the year."""
    level = f"{answer.about['level']:.0%}"
    bounds = zip(table["mean_low"], table["mean_high"], strict=True)
    found: list[Row] = [
        (
            label("charts.row_mean_interval", lang, level=level),
            _by_year(table, (between(count(low), count(high)) for low, high in bounds)),
            SMALL,
        )
    ]
    return found + [
        (label(f"charts.row_{name}", lang), _by_year(table, table[name].map(count)), TEXT) for name in reversed(LINES)
    ]


def _by_year(table: pd.DataFrame, texts: Any) -> dict[int, str]:
    return dict(zip(table["year"], texts, strict=True))
