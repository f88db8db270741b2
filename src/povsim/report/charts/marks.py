"""Owns: what several charts draw alike: years along the foot, counts up the side, bands as bars and areas, rows under the years.
Never: knows a table of the answer (one module per chart)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import CHANCE, DARK, GRID, INK, LIGHT, QUIET, SHADE, SIZE, SMALL, TEXT
from povsim.report.charts.page import MARGIN
from povsim.report.charts.placing import LEADING, width
from povsim.report.charts.words import Scale

Row = tuple[str, dict[int, str], float]  # a row under the years: its name, its text by year, its size

BETWEEN: Final = 0.95  # of the way between neighbours that their texts may take
COLUMN: Final = 1.3  # inches, for a column of the rows where these do not stand under their years


def years(axes: Axes, values: Sequence[int] | pd.Series[int], as_of: int, lang: str, sparse: bool = False) -> None:
    """Name the years under the plot, where less is written only every second, fifth or tenth."""
    first, last = int(min(values)), int(max(values))
    axes.set_xlim(first - 0.6, last + 0.6)
    step = 1
    if sparse:
        inches = SIZE[0] * axes.get_position().width / (last - first + 1.2)
        step = next(step for step in (1, 2, 5, 10, 20) if step * inches >= COLUMN or step == 20)
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    axes.set_xticks(ticks, [label("charts.year", lang, year=year) for year in ticks])
    axes.tick_params(axis="x", length=0 if step == 1 else 5, pad=8 if step == 1 else 5)
    if first <= as_of < last:
        axes.axvline(as_of + 0.5, color=QUIET, linewidth=1.5, linestyle=(0, (4, 3)), zorder=0)


def upright(axes: Axes, low: float, top: float, scale: Scale) -> None:
    """Numbers up the side, from ``low`` to ``top``, their unit over them."""
    top = max(top, low + (0.001 if scale.percent else 1.0) * scale.divisor)
    axes.set_ylim(low, top)
    whole = scale.decimals == 0 and not scale.percent
    ticks = [tick * scale.divisor for tick in MaxNLocator(5, integer=whole).tick_values(low / scale.divisor, top / scale.divisor)]
    ticks = [tick for tick in ticks if low <= tick <= top]
    axes.set_yticks(ticks, [scale.text(tick) for tick in ticks])
    axes.grid(axis="y", color=GRID, linewidth=1, zorder=0)
    axes.set_axisbelow(True)
    box = axes.get_position()
    axes.text((MARGIN / SIZE[0] - box.x0) / box.width, 1.03, scale.word, transform=axes.transAxes, va="bottom", fontsize=TEXT)


def regions(axes: Axes, table: pd.DataFrame, as_of: int, lang: str) -> None:
    """Say over the plot which side of the as-of line was reported and which is projected, as far as there is room."""
    over = axes.get_xaxis_transform()
    found, unit = table["year"], axes.texts[-1].get_window_extent()
    if found.min() <= as_of:
        both = set(found[table["kind"] == "reported"]) & set(found[table["kind"] == "projected"])
        text = axes.text(
            min(as_of, found.max()) + 0.42, 1.03, "", transform=over, ha="right", va="bottom", color=DARK, fontsize=TEXT
        )
        words = [label(f"charts.{key}", lang, year=as_of) for key in ("compared" if both else "reported", "reported_short")]
        for said in (*words, ""):
            text.set_text(said)
            if not said or text.get_window_extent().x0 > unit.x1 + 10:
                break
    if found.max() > as_of:
        left = max(as_of + 0.58, found.min() - 0.5)
        axes.text(left, 1.03, label("charts.projected", lang), transform=over, ha="left", va="bottom", fontsize=TEXT)


def rows(axes: Axes, written: Sequence[Row], height: float, apart: bool = False) -> None:
    """Write rows under their years; ``apart``, where years are too narrow, in columns of their own.

    Parameters
    ----------
    axes : Axes
        Plot over the rows.
    written : sequence of Row
        Name, text by year, size of the type.
    height : float
        Inches of a row.
    apart : bool
        Whether columns stand side by side at the left instead of under their years.
    """
    box = axes.get_position()
    inches = box.height * SIZE[1]
    under = axes.get_xaxis_transform()
    if apart and written:
        under = axes.transAxes
        longest = max(len(text) * size for _, row, size in written for text in row.values())
        column = max(COLUMN, 0.6 * longest / 72)
        at = {year: (place + 0.5) * column / (SIZE[0] * box.width) for place, year in enumerate(written[0][1])}
    year_inches = SIZE[0] * box.width / abs(float(np.subtract(*axes.get_xlim())))
    for number, (title, row, size) in enumerate(written):
        tall = size if apart else size / max(1.0, *_crowding(row, size, year_inches))
        y = -(0.5 + (number + 0.5) * height) / inches
        colour = QUIET if size == SMALL else INK
        axes.text(-0.012, y, title, transform=axes.transAxes, ha="right", va="center", fontsize=min(size, TEXT), color=colour)
        for year, text in row.items():
            axes.text(
                at[year] if apart else year, y, text, transform=under, ha="center", va="center", fontsize=tall, color=colour
            )


def _crowding(row: dict[int, str], size: float, year_inches: float) -> list[float]:
    """How wide neighbouring texts of a row are over the room between their middles; over 1 they lie on each other."""
    at = sorted(row)
    wide = [width(row[year], size) / 2 for year in at]
    gaps = [BETWEEN * year_inches * (after - year) for year, after in pairwise(at)]
    return [0.0, *((mine + next_one) / gap for mine, next_one, gap in zip(wide, wide[1:], gaps, strict=False))]


def bars_of_bands(
    axes: Axes, places: Any, table: pd.DataFrame, name: str, bands: int, wide: float = 13.0, sideways: bool = False
) -> None:
    """Bands as bars of ``wide`` points at their places: the outer one light, chance alone dark on it."""
    draw = axes.hlines if sideways else axes.vlines
    kept: dict[str, Any] = {"capstyle": "butt", "zorder": 3}
    if bands:
        draw(places, table[f"{name}_low"], table[f"{name}_high"], color=LIGHT, linewidth=wide, **kept)
    if bands > 1:
        draw(places, table[f"{name}_chance_low"], table[f"{name}_chance_high"], color=CHANCE, linewidth=wide / 2.6, **kept)


def areas_of_bands(axes: Axes, table: pd.DataFrame, name: str, bands: int) -> None:
    """Bands as areas along the years: the outer one light, chance alone darker in it; of a single year as bars."""
    if len(table) == 1:
        bars_of_bands(axes, table["year"], table, name, bands, 24.0)
    elif bands:
        axes.fill_between(table["year"], table[f"{name}_low"], table[f"{name}_high"], color=LIGHT, linewidth=0, zorder=1)
    if bands > 1 and len(table) > 1:
        low, high = table[f"{name}_chance_low"], table[f"{name}_chance_high"]
        axes.fill_between(table["year"], low, high, color=CHANCE, linewidth=0, zorder=2)


def shade(axes: Axes, answer: Answer, lang: str, named: bool = True) -> None:
    """Shade the years of each stress over the height of the plot; ``named``, with its title at the top, a line each."""
    low, high = axes.get_xlim()
    tall, wide = axes.get_position().height * SIZE[1] * 72, axes.get_position().width * SIZE[0]
    for place, one in enumerate(stresses(answer)):
        first, last = max(one["first"] - 0.5, low), min((one["last"] or answer.about["years"][-1]) + 0.5, high)
        axes.axvspan(first, last, color=SHADE, linewidth=0, zorder=-1, gid="stress")
        if named:
            y = 1 - (place * SMALL * LEADING + 2) / tall
            room = (high - first) / (high - low) * wide
            x, ha = (first, "left") if width(one[lang], SMALL) + 0.1 <= room else (last, "right")
            shown: dict[str, Any] = {"ha": ha, "va": "top", "fontsize": SMALL, "color": QUIET}
            axes.text(x, y, f" {one[lang]} ", transform=axes.get_xaxis_transform(), **shown)


def stresses(answer: Answer) -> list[dict[str, Any]]:
    """The stress blocks that the run stands under, as far as they hit anything: title, first and last year (none: to the end)."""
    return list(answer.about.get("stress") or ())


def room_for_stress(answer: Answer) -> float:
    """Points over the highest mark that the names of the stress blocks need."""
    return len(stresses(answer)) * SMALL * LEADING + (4 if stresses(answer) else 0)


def headroom(axes: Axes, highest: float, over: float) -> float:
    """Where the vertical axis has to end so that ``over`` points are free above the highest mark."""
    return highest / max(1 - over / (axes.get_position().height * SIZE[1] * 72), 0.4)


def points(axes: Axes) -> float:
    """Points of the page per unit of the vertical axis."""
    low, high = axes.get_ylim()
    return float(axes.get_position().height * SIZE[1] * 72 / (high - low))


def largest(table: pd.DataFrame, *names: str) -> float:
    """The largest in size of numbers and their bounds, 0 where there is none."""
    columns = [column for name in names for column in (name, f"{name}_low", f"{name}_high") if column in table]
    found = np.abs(table[columns].to_numpy(dtype=np.float64))
    return float(np.nanmax(found)) if np.isfinite(found).any() else 0.0
