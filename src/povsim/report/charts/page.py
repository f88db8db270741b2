"""Owns: the frame of a slide: title, what the numbers rest on, what the bands mean, the corner of source and date.
Never: draws a number (the charts), or knows settings and files (ink)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from povsim.core.labels import label
from povsim.indicators import indicators
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import CHANCE, INK, LIGHT, QUIET, SIZE, SMALL, TEXT, Chart
from povsim.report.charts.placing import line, shortened, width, wrap
from povsim.report.fonts import register

MARGIN: Final = 0.33  # inches, left and right
TOP: Final = 6.22  # inches from below, where plots end
BOTTOM: Final = 0.86  # and where they and what is written under them begin
NUMBER: Final = 0.9  # inches in the corner, kept for the number of the page


def frame(
    answer: Answer,
    title: str,
    lang: str,
    cautions: Sequence[str] = (),
    bands: int = 2,
    rests: str = "rests_on",
    pairs: int = 0,
) -> Chart:
    """A slide with everything but its plots.

    Parameters
    ----------
    answer : Answer
        Says place, source, scenario and run.
    title : str
        What the slide shows.
    lang : str
        ``"zh"`` or ``"en"``.
    cautions : sequence of str
        What a reader must know beside the numbers.
    bands : int
        How many bands are drawn: 2 (chance, and chance with ignorance), 1 (the outer one), 0 (none).
    rests : str
        Which words say what is printed of which runs.
    pairs : int
        How many pairs of replicates a comparison rests on; 0: it is none.
    """
    register()
    about = answer.about
    figure = Chart()
    figure.title = title
    right = 1 - MARGIN / SIZE[0]
    end = _stamp(figure, lang) if about["place"]["synthetic"] else right
    size = next((size for size in (28, 25, 22, 20) if MARGIN + width(title, size) <= end * SIZE[0]), 20)
    line(figure, MARGIN / SIZE[0], 7.06 / SIZE[1], title, end, fontsize=size)
    begins = _key(figure, bands, held(answer), lang) if bands else right
    line(figure, MARGIN / SIZE[0], 6.6 / SIZE[1], _rests_on(answer, lang, rests, pairs), begins, fontsize=TEXT, color=QUIET)
    few = [label("charts.few", lang)] if about["replicates"] < indicators.FEW else []
    said = [*few, *([label("charts.chance_only", lang)] if held(answer) else []), *cautions]
    corner(figure, answer, lang, said)
    return figure


def corner(figure: Chart, answer: Answer, lang: str, cautions: Sequence[str] = ()) -> None:
    """Write the cautions, in two lines if need be, the source of what was reported, and by which run on which day it was made."""
    about = answer.about
    left, right = MARGIN / SIZE[0], 1 - MARGIN / SIZE[0]
    made = label("charts.made", lang, run=about["run_id"][:8], date=about["created"])
    source = label("charts.source", lang, source=about["place"][f"source_{lang}"])
    below: dict[str, Any] = {"fontsize": SMALL, "color": QUIET}
    room = SIZE[0] - 2 * MARGIN - NUMBER
    said = label("charts.dot", lang).join(cautions)
    first = wrap(said, SMALL, room)[:1]
    rest = shortened(said[len("".join(first)) :].strip(), SMALL, room)
    for text, y in zip([*first, rest], (0.7, 0.47) if rest else (0.54, 0.0), strict=False):
        figure.text(left, y / SIZE[1], text, va="center", **below)
    figure.text(right, 0.22 / SIZE[1], made, va="center", ha="right", **below)
    line(figure, left, 0.22 / SIZE[1], source, right - (width(made, SMALL) + 0.3) / SIZE[0], **below)


def number(figure: Chart, page: int, pages: int) -> Chart:
    """Write the number of a page into the room that the corner keeps for it."""
    figure.text(1 - MARGIN / SIZE[0], 0.54 / SIZE[1], f"{page} / {pages}", va="center", ha="right", fontsize=SMALL, color=QUIET)
    return figure


def held(answer: Answer) -> bool:
    """Whether the parameters were held, so that intervals are chance alone."""
    return int(answer.about["draws"]) <= 1


def bands_of(answer: Answer, table: Any, *names: str) -> int:
    """How many bands there are to draw of numbers of a table: the inner one is left out where it says nothing of its own."""
    outer = any(np.isfinite(table[f"{name}_low"]).any() for name in names)
    inner = any(np.isfinite(table[f"{name}_chance_low"]).any() for name in names)
    return int(outer) + int(outer and inner and not held(answer))


def plot(figure: Chart, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes by their edges, in inches from the lower left corner."""
    return figure.add_axes((left / SIZE[0], bottom / SIZE[1], (right - left) / SIZE[0], (top - bottom) / SIZE[1]))


def heading(figure: Chart, x: float, y: float, text: str, **style: Any) -> None:
    """Words over a part of the slide, at inches from the lower left corner."""
    figure.text(x / SIZE[0], y / SIZE[1], text, **({"va": "bottom", "fontsize": TEXT} | style))


def _rests_on(answer: Answer, lang: str, rests: str, pairs: int) -> str:
    """Scenario, number of replicates (of a comparison, of pairs) and of draws, and what is printed of them."""
    about = answer.about
    scope = label("charts.scope_registered", lang) if about["scope"] == "registered" else ""
    runs = label("charts.pairs" if pairs else "charts.runs", lang, number=pairs or about["replicates"])
    runs += "" if held(answer) else label("charts.of_draws", lang, draws=about["draws"])
    return label(f"charts.{rests}", lang, scenario=about["scenario"][lang] + scope, runs=runs, level=f"{about['level']:.0%}")


def _stamp(figure: Chart, lang: str) -> float:
    """Mark the corner of a page of invented households; returns where the title has to end."""
    edge: dict[str, Any] = {"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": INK, "linewidth": 1.5}
    text = figure.text(
        1 - (MARGIN + 0.1) / SIZE[0],
        7.06 / SIZE[1],
        label("results.synthetic", lang),
        va="center",
        ha="right",
        fontsize=TEXT,
        bbox=edge,
    )
    return float(text.get_window_extent().x0 / figure.bbox.width - 0.3 / SIZE[0])


def _key(figure: Chart, bands: int, chance_alone: bool, lang: str) -> float:
    """Say beside specimens what the bands mean, from the right margin; returns where what stands before has to end."""
    outer = label("charts.band_chance" if chance_alone else "charts.band_both", lang)
    parts = [(LIGHT, outer), (CHANCE, label("charts.band_chance", lang))][:bands]
    x = SIZE[0] - MARGIN
    for colour, words in reversed(parts):
        x -= width(words, TEXT)
        figure.text(x / SIZE[0], 6.6 / SIZE[1], words, va="center", fontsize=TEXT, color=QUIET)
        x -= 0.52
        tall = 0.17 if colour == LIGHT else 0.08
        where = (x / SIZE[0], (6.6 - tall / 2) / SIZE[1])
        figure.add_artist(Rectangle(where, 0.42 / SIZE[0], tall / SIZE[1], transform=figure.transFigure, facecolor=colour))
        x -= 0.25
    return x / SIZE[0]
