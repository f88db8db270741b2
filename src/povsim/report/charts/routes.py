"""Owns: by which route people leave: as the plan published it, and in the model.
Never: says by which measure a household left (engine)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import DARK, INK, LARGE, PALE, SIZE, Chart, settled, style
from povsim.report.charts.marks import bars_of_bands, largest
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, plot
from povsim.report.charts.placing import two_lines, width
from povsim.report.charts.words import between, count, share

NAMES: Final = 2.9  # inches for the names of the routes
SAID: Final = 17.0


def routes(answer: Answer, lang: str | None = None) -> Chart:
    """Draw persons by route: dark what the plan published, pale the model over the plan's open years, with both bands."""
    tongue = language(lang)
    table = answer.table("routes")
    bands = bands_of(answer, table, "share")
    with style():
        title = label("charts.routes_title", tongue, place=answer.about["place"][tongue])
        figure = frame(answer, title, tongue, [label("charts.routes_caution", tongue)], bands)
        axes = plot(figure, MARGIN + NAMES, BOTTOM + 0.1, SIZE[0] - MARGIN, TOP - 0.3)
        at = np.arange(len(table))
        axes.barh(at - 0.2, table["planned_share"], 0.36, color=DARK, edgecolor=DARK, linewidth=1.4, zorder=2)
        axes.barh(at + 0.2, table["share"], 0.36, color=PALE, edgecolor=DARK, linewidth=1.4, zorder=2)
        bars_of_bands(axes, at + 0.2, table, "share", bands, 14.0, sideways=True)
        said = [(_planned(row, tongue), _found(row, tongue)) for row in table.to_dict("records")]
        room = max(width(text, SAID) for pair in said for text in pair) + 0.15
        inches = SIZE[0] - 2 * MARGIN - NAMES
        axes.set_xlim(0, max(largest(table, "share", "planned_share"), 0.01) / max(1 - room / inches, 0.2))
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.set_yticks(at, [two_lines(label(f"charts.route_{item}", tongue), LARGE, NAMES - 0.25) for item in table["item"]])
        axes.tick_params(axis="y", length=0, labelsize=LARGE, labelcolor=INK)
        axes.text(-NAMES / inches, 1.02, label("charts.of_all_exits", tongue), transform=axes.transAxes, va="bottom")
        for place, (row, (planned, found)) in enumerate(zip(table.to_dict("records"), said, strict=True)):
            where: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SAID}
            axes.annotate(planned, (np.nan_to_num(row["planned_share"]), place - 0.2), (7, 0), color=DARK, **where)
            axes.annotate(found, (np.nanmax([row["share"], row["share_high"]]), place + 0.2), (7, 0), **where)
        return settled(figure)


def _planned(row: dict[str, Any], lang: str) -> str:
    if np.isnan(row["planned_share"]):
        return label("charts.route_unplanned", lang)
    return label("charts.route_planned", lang, number=count(row["planned_persons"]), share=share(row["planned_share"]))


def _found(row: dict[str, Any], lang: str) -> str:
    interval = between(share(row["share_low"]), share(row["share_high"]))
    interval = f" ({interval})" if interval else ""
    return label("charts.route_found", lang, number=count(row["persons"]), interval=interval, share=share(row["share"]))
