"""Owns: how the model stands to what was reported: each target with its miss, those fitted and those held out told apart.
Never: fits (analysis)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import CHANCE, DARK, GRID, INK, LIGHT, QUIET, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, bands_of, frame, heading, plot
from povsim.report.charts.placing import shortened, width
from povsim.report.charts.words import Scale, scale_of

KINDS: Final = ("fitted", "held_out")  # the others were not fitted and are shown beside
OTHERS: Final = "others"  # those held out, and those shown beside
LEAST: Final = 2.6  # inches of the plot
TIGHT: Final = 1.05  # height of a row over its type, at the least
LIMITS: Final = (0.1, 0.2, 0.5, 1.0)  # how far off the scale goes, as a share of what was reported
NAMES, REPORTED, MODEL, MISS = 3.0, 0.85, 2.4, 1.4  # inches of the columns; the plot has the rest
HEAD: Final = 0.42  # inches over the rows
FOOT: Final = 0.3  # and under them, for the scale


def fit(answer: Answer, lang: str | None = None, kind: str = "") -> Chart:
    """Draw each target in a row: what was reported, the model's miss in per cent of it with both bands, and the numbers.

    Those that were fitted stand over those that were held out; before the fit the model stood at the grey line. ``kind`` is
    ``fitted`` or ``others`` for one half of them; where there are more than a page holds, those shown beside are cut first, from
    the end, then the fitted; what was held out is the test and always stands.
    """
    tongue = language(lang)
    parts = _halves(answer.table("fit"), kind)
    most = int((TOP - HEAD - FOOT - BOTTOM) * 72 / (TEXT * TIGHT)) - len(parts)
    parts, over = _as_fit(parts, most)
    shown = pd.concat([part for _, part in parts])
    lines = len(shown) + len(parts)
    bands = bands_of(answer, shown, "model")
    with style():
        title = label("charts.fit_title", tongue, place=answer.about["place"][tongue])
        cautions = [label("charts.fit_caution", tongue), *([label("charts.more_targets", tongue, number=over)] if over else [])]
        figure = frame(answer, title, tongue, cautions, bands, "rests_on_fit")
        row = min((TOP - HEAD - FOOT - BOTTOM) / lines, 0.42)
        scales = {one["item"]: _scale_of(one, answer, tongue) for one in shown.to_dict("records")}
        units = max((width("" if scale.percent else scale.word, SMALL) for scale in scales.values()), default=0.0) + 0.35
        names = [answer.about["targets"][item][tongue] for item in shown["item"]]
        free = SIZE[0] - 2 * MARGIN - REPORTED - units - MODEL - MISS - LEAST
        named = min(max(max(width(name, TEXT) for name in names) + 0.2, NAMES), free)
        reported = MARGIN + named + REPORTED
        axes = plot(figure, reported + units, TOP - HEAD - lines * row, SIZE[0] - MARGIN - MISS - MODEL, TOP - HEAD)
        axes.set_ylim(lines, 0)
        limit = _limit(shown)
        _across(axes, limit, tongue)
        _heads(figure, axes, reported, tongue)
        y = 0.0
        for name, part in parts:
            heading(figure, MARGIN, TOP - HEAD - (y + 0.5) * row, label(f"charts.fit_{name}", tongue), va="center", color=DARK)
            _rule(figure, TOP - HEAD - y * row)
            for place, one in enumerate(part.to_dict("records")):
                at = y + place + 1.5
                _mark(axes, one, at, limit, bands, hollow=name != "fitted", thick=min(row * 72 * 0.5, 12.0))
                words = answer.about["targets"][one["item"]][tongue]
                _numbers(figure, one, TOP - HEAD - at * row, _named(words, named - 0.2), reported, scales[one["item"]], tongue)
            y += len(part) + 1
        return settled(figure)


Part = tuple[str, pd.DataFrame]  # a heading and the targets under it


def _halves(table: pd.DataFrame, half: str) -> list[Part]:
    """The targets under their headings; of one half of them, or of both where that half is empty."""
    fitted, held_out = ((kind, table[table["kind"] == kind]) for kind in KINDS)
    checked = ("checked", table[~table["kind"].isin(KINDS)])
    halves = {"fitted": [fitted], OTHERS: [held_out, checked]}
    filled = {name: [part for part in parts if len(part[1])] for name, parts in halves.items()}
    return filled.get(half) or [*filled["fitted"], *filled[OTHERS]]


def _as_fit(parts: list[Part], lines: int) -> tuple[list[Part], int]:
    """As many targets as so many lines hold, and how many are left out."""
    over = max(sum(len(part) for _, part in parts) - lines, 0)
    kept, left = dict(parts), over
    for name in ("checked", "fitted"):
        if name in kept and left:
            cut = min(left, len(kept[name]) - 1)
            kept[name] = kept[name].iloc[: len(kept[name]) - cut]
            left -= cut
    return list(kept.items()), over - left


def _limit(table: pd.DataFrame) -> float:
    """The narrowest scale that holds nine tenths of the model's medians and bounds."""
    reported = table["reported"].where(table["reported"] > 0)
    off = np.abs(np.concatenate([(table[f"model{end}"] / reported - 1).to_numpy() for end in ("", "_low", "_high")]))
    off = off[np.isfinite(off)]
    wide = float(np.quantile(off, 0.9)) if len(off) else 0.0
    return next((limit for limit in LIMITS if wide <= limit), LIMITS[-1])


def _across(axes: Axes, limit: float, lang: str) -> None:
    axes.set_xlim(-1.06 * limit, 1.06 * limit)
    ticks = np.linspace(-limit, limit, 5 if axes.get_position().width * SIZE[0] > 3.4 else 3)
    texts = [
        f"{100 * tick:+.0f}%".replace("-", "\N{MINUS SIGN}") if tick else label("charts.as_reported", lang) for tick in ticks
    ]
    axes.set_xticks(ticks, texts)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, labelsize=SMALL)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.vlines(ticks, *axes.get_ylim(), color=GRID, linewidth=1, zorder=0)
    axes.axvline(0, color=DARK, linewidth=3, zorder=1)


def _mark(axes: Axes, one: dict[str, Any], y: float, limit: float, bands: int, hollow: bool, thick: float) -> None:
    """Bands and median of one target, cut at the ends of the scale with an arrow beyond; the range before the fit under them."""
    if not one["reported"] > 0:
        return

    def x(name: str) -> float:
        return float(np.clip(one.get(name, np.nan) / one["reported"] - 1, -1.06 * limit, 1.06 * limit))

    if x("prior_low") < x("prior_high"):
        axes.hlines(y, x("prior_low"), x("prior_high"), color=QUIET, linewidth=1.2, zorder=2)
    if abs(x("prior")) < 1.06 * limit:
        axes.plot(x("prior"), y, "|", color=QUIET, markersize=thick + 2, zorder=2)
    if not np.isfinite(one["model"]):
        return
    if bands:
        axes.hlines(y, x("model_low"), x("model_high"), color=LIGHT, linewidth=thick, capstyle="butt", zorder=3)
    if bands > 1:
        axes.hlines(
            y, x("model_chance_low"), x("model_chance_high"), color=CHANCE, linewidth=thick / 2.6, capstyle="butt", zorder=3
        )
    off = one["model"] / one["reported"] - 1
    beyond = abs(off) > 1.06 * limit
    mark = ("<" if off < 0 else ">") if beyond else "o"
    face = "white" if hollow else INK
    axes.plot(x("model"), y, mark, markersize=8, color=face, markeredgecolor=INK, markeredgewidth=2, zorder=5, clip_on=False)


def _heads(figure: Chart, axes: Axes, reported: float, lang: str) -> None:
    y = TOP - HEAD + 0.06
    box = axes.get_position()
    heading(figure, reported, y, label("charts.fit_head_reported", lang), ha="right")
    heading(figure, (box.x0 + box.x1) / 2 * SIZE[0], y, label("charts.fit_head_off", lang), ha="center")
    heading(figure, SIZE[0] - MARGIN - MISS, y, label("charts.fit_head_model", lang), ha="right")
    heading(figure, SIZE[0] - MARGIN, y, label("charts.fit_head_miss", lang), ha="right")


def _rule(figure: Chart, y: float) -> None:
    ends = [MARGIN / SIZE[0], 1 - MARGIN / SIZE[0]]
    figure.add_artist(Line2D(ends, [y / SIZE[1]] * 2, transform=figure.transFigure, color=QUIET, linewidth=1))


def _scale_of(one: dict[str, Any], answer: Answer, lang: str) -> Scale:
    """How the numbers of a target are written: by its own unit."""
    found = [abs(one[name]) for name in ("reported", "model") if np.isfinite(one[name])]
    return scale_of(answer.about["targets"][one["item"]]["unit"], max(found, default=0.0), lang)


def _named(name: str, inches: float) -> tuple[str, float]:
    """A name in a type in which it fits, or cut."""
    size = TEXT if width(name, TEXT) <= inches else SMALL
    return shortened(name, size, inches), size


def _numbers(
    figure: Chart, one: dict[str, Any], y: float, name: tuple[str, float], reported: float, scale: Scale, lang: str
) -> None:
    """The row's name and its numbers."""
    heading(figure, MARGIN + 0.15, y, name[0], va="center", fontsize=name[1])
    heading(figure, reported, y, scale.text(one["reported"]), va="center", ha="right")
    word = "" if scale.percent else scale.word
    heading(figure, reported + 0.1, y, word, va="center", fontsize=SMALL, color=QUIET)
    model = f"{scale.text(one['model'])} {scale.interval(one['model_low'], one['model_high'])}".strip()
    heading(figure, SIZE[0] - MARGIN - MISS, y, model, va="center", ha="right")
    heading(figure, SIZE[0] - MARGIN, y, _miss(one["miss"], scale, lang), va="center", ha="right")


def _miss(miss: float, scale: Scale, lang: str) -> str:
    """The model minus what was reported; of shares in points, which are no per cent."""
    if not scale.percent or np.isnan(miss):
        return scale.text(miss, signed=True)
    points = scale_of("share", 0.0, lang, change=True)
    return label("charts.with_unit", lang, number=points.text(miss, signed=True), unit=label("charts.points_short", lang))
