"""Owns: what the answer rests on: the parameters that move it most, one at a time.
Never: moves a parameter (analysis)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import DARK, GRID, INK, MIDDLE, PALE, QUIET, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import largest
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, frame, heading, plot
from povsim.report.charts.placing import LEADING, two_lines, width
from povsim.report.charts.words import Scale, parameter, scale_of

SHOWN: Final = 10
NAMES: Final = 3.5  # inches for the names
GRADES: Final = 2.15  # and for grade and value
HEAD: Final = 0.48  # inches over the bars
FOOT: Final = 0.34  # and under them


def tornado(answer: Answer, lang: str | None = None, outcome: str | None = None) -> Chart:
    """Draw by how much an outcome moves when one parameter goes to its low and to its high end, the ten that move it most.

    Parameters
    ----------
    answer : Answer
        What is drawn.
    lang : str or None
        Language of the chart.
    outcome : str or None
        Which of ``answer.about["outcomes"]``; by default what comes of the last open year of the plan, else the first.
    """
    tongue = language(lang)
    known = list(answer.about["outcomes"])
    chosen = outcome or next((one for one in reversed(known) if one.startswith("out_")), known[0])
    words = answer.about["outcomes"][chosen]
    table = answer.table("influence")
    table = table[table["kind"] == chosen]
    order = table[["at_low", "at_high"]].abs().max(axis=1).sort_values(ascending=False, kind="stable").index
    table = table.loc[order].head(SHOWN).reset_index(drop=True)
    scale = scale_of(words["unit"], largest(table, "at_low", "at_high"), tongue, change=True)
    with style():
        title = label("charts.tornado_title", tongue, place=answer.about["place"][tongue], outcome=words[tongue])
        cautions = [label("charts.one_at_a_time", tongue, level=f"{answer.about['level']:.0%}"), label("charts.grades", tongue)]
        figure = frame(answer, title, tongue, cautions, bands=0)
        left = MARGIN + NAMES + GRADES
        tall = max(len(table), 5)
        bottom = TOP - HEAD - (TOP - HEAD - BOTTOM - FOOT) * len(table) / tall
        axes = plot(figure, left, bottom, SIZE[0] - MARGIN, TOP - HEAD)
        axes.set_ylim(len(table) - 0.5, -0.5)
        said = [_ends(row, answer, scale, tongue) for row in table.to_dict("records")]
        _across(figure, axes, table, scale, [text for pair in said for text in pair])
        for place, (row, texts) in enumerate(zip(table.to_dict("records"), said, strict=True)):
            _bars(axes, place, row, texts)
        _names(figure, axes, table, answer, tongue)
        _key(figure, left, scale, tongue)
        return settled(figure)


def _ends(row: dict[str, Any], answer: Answer, scale: Scale, lang: str) -> tuple[str, str]:
    """What stands at the two ends: the change, and the value that makes it."""
    unit = answer.about["parameters"][row["item"]]["unit"]
    texts = []
    for end in ("low", "high"):
        value = parameter(row[f"param_{end}"], unit, lang, with_unit=False)
        texts.append(label("charts.at_value", lang, change=scale.text(row[f"at_{end}"], signed=True), value=value))
    return texts[0], texts[1]


def _across(figure: Chart, axes: Axes, table: pd.DataFrame, scale: Scale, texts: list[str]) -> None:
    """The scale across, zero in it, with room for the texts at both ends."""
    ends = table[[f"at_{end}{bound}" for end in ("low", "high") for bound in ("", "_low", "_high")]].to_numpy(dtype=np.float64)
    low, high = min(0.0, float(np.nanmin(ends, initial=0))), max(0.0, float(np.nanmax(ends, initial=0)))
    inches = axes.get_position().width * SIZE[0]
    room = max((width(text, TEXT) for text in texts), default=0.0) + 0.15
    per_unit = (inches - 2 * room) / ((high - low) or 1.0)
    axes.set_xlim(low - room / per_unit, high + room / per_unit)
    integer = scale.decimals == 0 and not scale.percent
    for most in (5, 3, 2):
        found = MaxNLocator(most, integer=integer).tick_values(low / scale.divisor, high / scale.divisor) * scale.divisor
        ticks = [tick for tick in found if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
        if sum(width(scale.text(tick, signed=True), SMALL) + 0.2 for tick in ticks) <= (ticks[-1] - ticks[0]) * per_unit:
            break
    axes.set_xticks(ticks, [scale.text(tick, signed=True) for tick in ticks])
    axes.tick_params(axis="x", length=0, labelsize=SMALL, labelcolor=QUIET)
    axes.grid(axis="x", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.axvline(0, color=INK, linewidth=2, zorder=3)


def _bars(axes: Axes, place: int, row: dict[str, Any], texts: tuple[str, str]) -> None:
    """Both ends on one line where they lie on both sides of zero, else one over the other."""
    apart = row["at_low"] * row["at_high"] < 0
    for end, text, up in (("low", texts[0], -1), ("high", texts[1], 1)):
        value = row[f"at_{end}"]
        y = place + (0.0 if apart else 0.23 * up)
        axes.barh(
            y, value, 0.6 if apart else 0.38, color=PALE if end == "low" else MIDDLE, edgecolor=DARK, linewidth=1.2, zorder=2
        )
        bounds = [value, row[f"at_{end}_low"], row[f"at_{end}_high"]]
        axes.hlines(y, bounds[1], bounds[2], color=INK, linewidth=1.6, zorder=4)
        other = row[f"at_{'high' if end == 'low' else 'low'}"]
        left = value < 0 or (value == 0 and (other > 0 or end == "low"))
        tip = np.nanmin([*bounds, 0.0]) if left else np.nanmax([*bounds, 0.0])
        where = {"textcoords": "offset points", "va": "center", "ha": "right" if left else "left"}
        axes.annotate(text, (tip, y), (-5 if left else 5, 0), fontsize=TEXT if apart else SMALL, zorder=6, **where)


def _names(figure: Chart, axes: Axes, table: pd.DataFrame, answer: Answer, lang: str) -> None:
    """Name, grade and middle value of each parameter."""
    axes.set_yticks([])
    box = axes.get_position()
    step = box.height / max(len(table), 1)
    for place, (path, middle) in enumerate(zip(table["item"], table["param_mid"], strict=True)):
        about = answer.about["parameters"][path]
        y = (box.y1 - (place + 0.5) * step) * SIZE[1]
        size = TEXT if width(about[lang], TEXT) <= NAMES - 0.1 else SMALL
        name = two_lines(about[lang], size, NAMES - 0.1)
        heading(figure, MARGIN, y, name, va="center", fontsize=size, linespacing=1.05)
        value = parameter(middle, about["unit"], lang)
        heading(figure, MARGIN + NAMES, y, about["grade"], va="center", fontsize=TEXT)
        size = TEXT if width(value, TEXT) <= GRADES - 0.5 else SMALL
        heading(figure, MARGIN + NAMES + 0.35, y, two_lines(value, size, GRADES - 0.4), va="center", fontsize=size)
    over = box.y1 * SIZE[1] + 0.1
    heading(figure, MARGIN, over, label("charts.parameter", lang), fontsize=SMALL, color=QUIET)
    heading(figure, MARGIN + NAMES, over, label("charts.grade_and_value", lang), fontsize=SMALL, color=QUIET)


def _key(figure: Chart, left: float, scale: Scale, lang: str) -> None:
    """Specimens of the two ends, and the unit of the change."""
    y = TOP - HEAD + 0.1
    x = SIZE[0] - MARGIN
    for colour, key in ((MIDDLE, "charts.high_end"), (PALE, "charts.low_end")):
        words = label(key, lang)
        x -= width(words, SMALL)
        heading(figure, x, y, words, fontsize=SMALL)
        x -= 0.4
        where: dict[str, Any] = {"transform": figure.transFigure, "facecolor": colour, "edgecolor": DARK, "linewidth": 1.2}
        figure.add_artist(Rectangle((x / SIZE[0], (y + 0.03) / SIZE[1]), 0.32 / SIZE[0], 0.15 / SIZE[1], **where))
        x -= 0.25
    heading(figure, left, y, label("charts.change", lang, unit=scale.word), fontsize=TEXT, linespacing=LEADING)
