"""Owns: what another scenario changes, replicate by replicate against the base, year by year.
Never: pairs the runs (indicators, analysis)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label, language
from povsim.core.schema import WITHOUT
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import GRID, INK, QUIET, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import areas_of_bands, largest, shade, stresses
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, heading, plot
from povsim.report.charts.placing import width
from povsim.report.charts.words import Scale, row_interval, scale_of

ORDER: Final = ("exited_persons", "left_households", "above_households", "income_head", "pv_income", "public")
UNSAID: Final = ("exited_persons", "left_households")  # of that without measures: where no measure was delivered nobody may leave
SIDE: Final = 0.95  # inches at the left of a plot, for the numbers up its side


def difference(answer: Answer, scenario_id: str, lang: str | None = None) -> Chart:
    """Draw a scenario minus the base: a small plot per number with its zero line and both bands, the numbers over the years.

    Parameters
    ----------
    answer : Answer
        What is drawn.
    scenario_id : str
        Which of ``answer.about["scenarios"]``.
    lang : str or None
        Language of the chart.
    """
    tongue = language(lang)
    table = answer.table("difference")
    table = table[table["item"] == scenario_id].reset_index(drop=True)
    found = [name for name in ORDER if name in table and table[name].notna().any()]
    found = [name for name in found if scenario_id != WITHOUT or name not in UNSAID]
    units = answer.units("difference")
    with style():
        names = {"other": answer.about["scenarios"][scenario_id][tongue], "base": answer.about["scenario"][tongue]}
        title = label("charts.difference_title", tongue, place=answer.about["place"][tongue], **names)
        cautions = [*_shaded(answer, tongue), label("charts.paired", tongue)]
        pairs = int(answer.about.get("pairs", {}).get(scenario_id, 0))
        figure = frame(answer, title, tongue, cautions, bands_of(answer, table, *found), pairs=pairs)
        across = 2 if len(found) == 4 else min(len(found), 3)
        down = -(-len(found) // max(across, 1))
        wide, tall = (SIZE[0] - 2 * MARGIN + 0.3) / max(across, 1), (TOP - BOTTOM + 0.1) / max(down, 1)
        for place, name in enumerate(found):
            left, top = MARGIN + place % across * wide, TOP - place // across * tall
            scale = scale_of(units[name], largest(table, name), tongue, change=True)
            _panel(figure, table, name, scale, (left, top - tall, left + wide - 0.3, top), bands_of(answer, table, name), tongue)
            shade(figure.axes[-1], answer, tongue, named=False)
        return settled(figure)


def _shaded(answer: Answer, lang: str) -> list[str]:
    """What the shaded years are, for panels too small to have it written in."""
    titles = [one[lang] for one in stresses(answer)]
    return [label("charts.shaded", lang, titles=label("report.comma", lang).join(titles))] if titles else []


def _panel(
    figure: Chart, table: pd.DataFrame, name: str, scale: Scale, box: tuple[float, float, float, float], bands: int, lang: str
) -> None:
    left, bottom, right, top = box
    said = label("charts.of_unit", lang, what=label(f"charts.moved_{name}", lang), unit=scale.word)
    heading(figure, left, top, said, va="top", fontsize=TEXT if width(said, TEXT) <= right - left else SMALL)
    row = table.loc[table[name].abs().idxmax()]
    words = {"year": int(row["year"]), "number": scale.text(row[name], True), "interval": row_interval(row, name, scale, True)}
    heading(figure, left, top - 0.3, label("charts.largest", lang, **words), va="top", fontsize=SMALL, color=QUIET)
    axes = plot(figure, left + SIDE, bottom + 0.48, right, top - 0.92)
    areas_of_bands(axes, table, name, bands)
    many = len(table) > 12
    axes.plot(table["year"], table[name], "-" if many else "o-", color=INK, linewidth=2.5, markersize=7, zorder=4)
    axes.axhline(0, color=INK, linewidth=2, zorder=3)
    _sides(axes, table, name, scale)
    _over(axes, table, name, scale)


def _sides(axes: Axes, table: pd.DataFrame, name: str, scale: Scale) -> None:
    """Years along the foot, numbers with their sign up the side, zero always among them."""
    ends = table[[name, f"{name}_low", f"{name}_high"]].to_numpy(dtype=np.float64)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    room = 0.08 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)
    ticks = MaxNLocator(4, integer=scale.decimals == 0 and not scale.percent).tick_values(
        low / scale.divisor, high / scale.divisor
    )
    kept = [tick * scale.divisor for tick in ticks if low - room <= tick * scale.divisor <= high + room]
    axes.set_yticks(kept, [scale.text(tick, signed=True) for tick in kept])
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.tick_params(axis="x", labelsize=SMALL, length=0)
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(False)
    years = [int(year) for year in table["year"]]
    edge = max(0.5, 0.4 * (years[-1] - years[0]) / (axes.get_position().width * SIZE[0]))
    axes.set_xlim(years[0] - edge, years[-1] + edge)
    shown = _thinned(axes, years, 0.6)
    axes.set_xticks(shown, [str(year) for year in shown])


def _over(axes: Axes, table: pd.DataFrame, name: str, scale: Scale) -> None:
    """Write the number of each year over it, as far as there is room."""
    texts = {int(year): scale.text(value, signed=True) for year, value in zip(table["year"], table[name], strict=True)}
    wide = max(width(text, SMALL) for text in texts.values()) + 0.06
    for year in _thinned(axes, list(texts), wide):
        axes.text(year, 1.03, texts[year], transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=SMALL)


def _thinned(axes: Axes, years: list[int], wide: float) -> list[int]:
    """Years that have room for a text so ``wide``."""
    each = axes.get_position().width * SIZE[0] / len(years)
    step = next(step for step in (1, 2, 3, 5, 10, 20) if step * each >= wide or step == 20)
    return years[::step]
