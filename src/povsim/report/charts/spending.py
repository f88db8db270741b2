"""Owns: what each measure costs, dearest first, with who pays in columns of their own.
Never: computes it (indicators)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import DARK, GRID, INK, PALE, QUIET, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import bars_of_bands, largest
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, heading, plot
from povsim.report.charts.placing import LEADING, shortened, width
from povsim.report.charts.words import WAN, Scale, count, scale_of

YEARLY: Final = ("public", "by_village", "sales")  # who pays, year by year, on one scale
ONCE: Final = "investment"  # paid once, on a scale of its own
NAMES: Final = 3.0  # inches for the names of the measures, at most
HEAD: Final = 0.62  # inches over the rows, for the names of the columns
GAP: Final = 0.25  # inches between columns
REST: Final = 0.12  # inches under the rows, for what is left out
TIGHT: Final = 1.17  # height of a row over its type, at the least


def spending(answer: Answer, lang: str | None = None) -> Chart:
    """Draw the money of each measure in 10,000 yuan (万元), dearest first.

    A column for each who pays: public money, villages out of their proceeds, power sold, each a year on one scale; and what was
    built once on its own. Where not all have room, those stay that cost most a year, what was built once spread over the years.
    """
    tongue = language(lang)
    table = answer.table("spending")
    paid = [name for name in (*YEARLY, ONCE) if largest(table, name) > 0]
    table = table.assign(all=table[list(YEARLY)].sum(axis=1)).sort_values(["all", ONCE], ascending=False, kind="stable")
    table = table[table[paid].abs().sum(axis=1) > 0].reset_index(drop=True)
    most = int((TOP - HEAD - BOTTOM - REST) * 72 / (SMALL * TIGHT))
    spread = np.maximum(table["all"], table[ONCE] / len(answer.about["years"]))
    stays = spread.rank(method="first", ascending=False) <= most
    kept, rest = table[stays].reset_index(drop=True), table[~stays]
    columns = [name for name in paid if largest(kept, name) > 0]
    with style():
        title = label("charts.spending_title", tongue, place=answer.about["place"][tongue])
        figure = frame(answer, title, tongue, [label("charts.yearly_and_once", tongue)], bands_of(answer, kept, *columns))
        money = scale_of("yuan", max(largest(table, *paid), WAN), tongue)
        heading(figure, MARGIN, TOP, money.word, va="top")
        if len(kept):
            _table(figure, kept, columns, money, answer, tongue)
        if len(rest):
            _rest(figure, rest, money, tongue)
        return settled(figure)


def _table(figure: Chart, kept: pd.DataFrame, columns: list[str], money: Scale, answer: Answer, lang: str) -> None:
    row = (TOP - HEAD - BOTTOM - REST) * 72 / max(len(kept), 8)
    size = min(17.0, max(SMALL, row / 1.35))
    names = [shortened(answer.about["measures"][item][lang], size, NAMES - 0.15) for item in kept["item"]]
    named = max(width(name, size) for name in names) + 0.2
    right = SIZE[0] - MARGIN
    axes = plot(figure, MARGIN + named, TOP - HEAD - len(kept) * row / 72, right, TOP - HEAD)
    inches = right - MARGIN - named
    axes.set_xlim(0, inches)
    axes.set_ylim(len(kept) - 0.5, -0.5)
    axes.set_xticks([])
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.hlines(np.arange(len(kept) + 1) - 0.5, -named, inches, color=GRID, linewidth=1, zorder=0, clip_on=False)
    axes.set_yticks(np.arange(len(kept)), names)
    axes.tick_params(axis="y", length=0, labelsize=size, labelcolor=INK)
    texts = {name: [_text(one, name, money) for one in kept.to_dict("records")] for name in columns}
    heads = {name: label(f"charts.pays_{name}", lang) for name in columns}
    rooms = {name: max(width(text, size) for text in texts[name]) + 0.15 for name in columns}
    per_yuan = _per_yuan(kept, columns, inches - sum(rooms.values()) - GAP * (len(columns) - 1))
    x = 0.0
    for name in columns:
        _column(axes, kept, name, x, per_yuan[name], texts[name], size, bands_of(answer, kept, name))
        axes.text(x, -0.5 - 6 / row, heads[name], ha="left", va="bottom", fontsize=TEXT, linespacing=LEADING)
        least = max(width(one, TEXT) for one in heads[name].splitlines())
        x += max(rooms[name] + per_yuan[name] * largest(kept, name), least) + GAP


def _per_yuan(kept: pd.DataFrame, columns: list[str], free: float) -> dict[str, float]:
    """Inches a yuan in each column: one scale for what is paid yearly, a tenth of the room for what was built once."""
    once = 0.9 if ONCE in columns else 0.0
    yearly = [name for name in columns if name != ONCE]
    total = sum(largest(kept, name) for name in yearly)
    found = dict.fromkeys(yearly, max(free - once, 0.5) / total if total else 0.0)
    return found | ({ONCE: once / largest(kept, ONCE)} if once else {})


def _column(
    axes: Axes, kept: pd.DataFrame, name: str, x: float, per_yuan: float, texts: list[str], size: float, bands: int
) -> None:
    """Bars of one who pays, numbers at their ends."""
    ends = [name, *(f"{name}_{end}" for end in ("low", "high", "chance_low", "chance_high"))]
    drawn = kept.assign(**{end: x + per_yuan * kept[end].clip(lower=0) for end in ends})
    at = np.array([place for place, text in enumerate(texts) if text])
    if not len(at):
        return
    drawn = drawn.iloc[at]
    thick = 0.62
    axes.barh(at, drawn[name] - x, thick, left=x, color=PALE, edgecolor=DARK, linewidth=1.2, zorder=2)
    bars_of_bands(axes, at, drawn, name, bands, min(size * 0.62, 10.0), sideways=True)
    for place, end in zip(at, drawn[[name, f"{name}_high"]].max(axis=1), strict=True):
        axes.annotate(texts[place], (end, place), (5, 0), textcoords="offset points", va="center", fontsize=size, zorder=6)


def _text(row: dict[str, Any], name: str, money: Scale) -> str:
    """A number with its interval, a small one with decimals; nothing where nothing is paid."""
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if not np.nanmax([value, high]) > 0:
        return ""
    said = value / money.divisor
    scale = money._replace(decimals=0 if said >= 9.95 else 1 if said >= 0.95 else 2)
    interval = scale.interval(low, high) if low != high else ""
    return f"{scale.text(value)} {interval}".strip()


def _rest(figure: Chart, rest: pd.DataFrame, money: Scale, lang: str) -> None:
    """Say how many are left out, and what none of them costs more than: a year, and once."""
    most, once = (count(float(rest[names].max(axis=None)) / money.divisor, 1) for names in (list(YEARLY), [ONCE]))
    key = "charts.more_measures_once" if rest[ONCE].max() > 0 else "charts.more_measures"
    text = label(key, lang, number=len(rest), most=most, once=once, unit=money.word)
    heading(figure, MARGIN, BOTTOM - 0.12, text, fontsize=SMALL, color=QUIET)
