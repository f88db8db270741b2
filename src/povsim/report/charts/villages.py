"""Owns: village by village and year by year: who is still poor, as a table to be read, shaded by how many.
Never: computes it (indicators)."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import INK, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, plot
from povsim.report.charts.placing import fitting, two_lines
from povsim.report.charts.words import Scale, between, scale_of

ROWS: Final = 10  # villages in a block, as long as there are blocks
BLOCKS: Final = 4
NAME: Final = 1.05  # inches for the name of a village
GAP: Final = 0.35  # inches between blocks


def villages(answer: Answer, lang: str | None = None, name: str = "poor_households") -> Chart:
    """Draw a table of villages, those with most first: a number and its interval in each cell, the darker the more.

    Parameters
    ----------
    answer : Answer
        What is drawn.
    lang : str or None
        Language of the chart.
    name : str
        What is counted: ``poor_households``, ``poor_persons`` or ``incidence``.
    """
    ways = ((10, True), (10, False), (6, False), (4, False), (3, False), (2, False))
    return fitting([partial(_draw, answer, language(lang), name, *way) for way in ways])


def _draw(answer: Answer, lang: str, name: str, columns: int, intervals: bool) -> Chart:
    """Draw at most so many ``columns`` of years, villages in as many blocks as they need side by side."""
    table = answer.table("villages")
    shown = _thinned(sorted(table["year"].unique()), columns)
    wide = table.pivot_table(index="item", columns="year", values=name, sort=False)
    order = wide.sort_values(shown[0], ascending=False, kind="stable").index
    bounds = bands_of(answer, table, name) > 0 and intervals
    scale = scale_of(answer.units("villages")[name], float(table[name].max()), lang)
    with style():
        title = label(f"charts.villages_{name}", lang, place=answer.about["place"][lang])
        cautions = [label("charts.in_brackets", lang, level=f"{answer.about['level']:.0%}")] if bounds else []
        cautions += [label("charts.most_first", lang, year=shown[0])]
        figure = frame(answer, title, lang, cautions, bands=0, rests="rests_on_means")
        blocks = min(max(-(-len(order) // ROWS), 1), BLOCKS)
        tall = max(-(-len(order) // blocks), ROWS // 2)
        inches = (SIZE[0] - 2 * MARGIN - (blocks - 1) * GAP) / blocks
        for block in range(blocks):
            part = order[block * tall : (block + 1) * tall]
            if len(part):
                left = MARGIN + block * (inches + GAP)
                axes = plot(figure, left, BOTTOM - 0.04, left + inches, TOP - 0.02)
                rows = table[table["item"].isin(part) & table["year"].isin(shown)]
                _block(figure, axes, rows, list(part), shown, name, (scale, float(table[name].max())), bounds, tall, lang)
        return settled(figure)


def _block(
    figure: Chart,
    axes: Axes,
    table: pd.DataFrame,
    order: list[str],
    shown: list[int],
    name: str,
    by: tuple[Scale, float],
    bounds: bool,
    tall: int,
    lang: str,
) -> None:
    """One block of villages: names at the left, years over the columns."""
    scale, top = by
    inches = axes.get_position().width * SIZE[0]
    cell = (inches - NAME) / len(shown)
    axes.set_xlim(0, inches)
    axes.set_ylim(tall, -0.62)
    axes.axis("off")
    axes.text(0, -0.3, scale.word, ha="left", va="center", fontsize=SMALL)
    size = TEXT if bounds or tall <= 12 else SMALL
    for place, year in enumerate(shown):
        axes.text(
            NAME + (place + 0.5) * cell, -0.3, label("charts.year", lang, year=year), ha="center", va="center", fontsize=TEXT
        )
    for row, village in enumerate(order):
        said = two_lines(village, size, NAME - 0.08)
        axes.text(NAME - 0.1, row + 0.5, said, ha="right", va="center", fontsize=size, linespacing=1.1)
    for one in table.to_dict("records"):
        row, x = order.index(one["item"]), NAME + shown.index(one["year"]) * cell
        shade = np.sqrt(max(one[name], 0.0) / top) if top > 0 else 0.0
        colour = tuple(1 - shade * (1 - np.array((0.12, 0.23, 0.34))))
        axes.add_patch(Rectangle((x, row), cell, 1, facecolor=colour, edgecolor="white", linewidth=2))
        dark = shade > 0.65  # where white is the easier to read
        axes.text(
            x + cell / 2,
            row + (0.33 if bounds else 0.5),
            scale.text(one[name]),
            ha="center",
            va="center",
            fontsize=size + bounds,
            color="white" if dark else INK,
        )
        if bounds and np.isfinite(one[f"{name}_low"]):
            said = f"({between(scale.text(one[f'{name}_low']), scale.text(one[f'{name}_high']))})"
            axes.text(x + cell / 2, row + 0.75, said, ha="center", va="center", fontsize=SMALL, color="white" if dark else INK)


def _thinned(years: list[int], most: int) -> list[int]:
    """At most so many years: the first, the last, and between them at even steps."""
    if len(years) <= most:
        return [int(year) for year in years]
    places = np.linspace(0, len(years) - 1, most).round().astype(int)
    return [int(years[place]) for place in places]
