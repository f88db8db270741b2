"""Owns: figures from summaries of a run, for a meeting: readable from the back row, on a grey printer, without the author.
Never: computes a summary (indicators), touches pyplot or matplotlib's global settings, or starts a simulation (simulation)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from povsim.core.labels import label, language
from povsim.indicators import indicators
from povsim.report.fonts import FAMILY, check_glyphs, register
from povsim.results.files import whole
from povsim.results.results import Results

SIZE: Final = (13.33, 7.5)  # a 16:9 slide, inches
DPI: Final = 200
KNOWN: Final = "#1f3b57"  # dark on a grey printer
PROJECTED: Final = "#b9d0e6"  # light on a grey printer
INK: Final = "#1a1a1a"
QUIET: Final = "#4d4d4d"
STYLE: Final[dict[str, Any]] = {
    "font.family": list(FAMILY),
    "font.size": 16,
    "axes.titleweight": "normal",
    "axes.labelweight": "normal",
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": QUIET,
    "xtick.labelsize": 17,
    "ytick.labelsize": 15,
    "pdf.fonttype": 42,  # text that can be searched and copied
    "svg.fonttype": "path",
}


class Chart(Figure):
    """A figure that a notebook shows as it is saved."""

    def _repr_png_(self) -> bytes:
        stream = BytesIO()
        with _ink(self):
            self.savefig(stream, format="png", dpi=96)
        return stream.getvalue()


def exit_timeline(results: Results, lang: str | None = None) -> Chart:
    """Draw who left and who will leave, year by year: the timeline of exits.

    Reported years are dark bars. Projected years are light bars at the median, the interval of replicates a line on them.
    The plan is a black bar across, with the probability that an open year meets it.
    """
    tongue = language(lang)
    table = indicators.exit_timeline(results)
    with rc_context(STYLE):
        figure, axes = _page(results, label("report.exits_title", tongue, place=getattr(results.place, tongue)), tongue)
        both = table["year"].duplicated(keep=False)
        width = np.where(both, 0.38, 0.66)
        known = (table["kind"] == "reported").to_numpy()
        x = table["year"] + np.where(both, np.where(known, -0.2, 0.2), 0.0)
        colours = np.where(known, KNOWN, PROJECTED)
        axes.bar(x, table["persons"], width, color=colours, edgecolor=KNOWN, linewidth=1.2, zorder=2)
        guess = table[~known]
        axes.vlines(x[~known], guess["persons_low"], guess["persons_high"], color=INK, linewidth=5, zorder=3)
        target = table.drop_duplicates("year", keep="last").dropna(subset="target_persons")
        axes.hlines(target["target_persons"], target["year"] - 0.42, target["year"] + 0.42, color=INK, linewidth=3.5, zorder=4)
        tops = table[["persons", "persons_high", "target_persons"]].max(axis=1)
        last = ~table["year"].duplicated(keep="last")
        for row, top, place, spoken in zip(table.itertuples(), tops, x, last, strict=True):
            text = _exit_text(row, results.replicates, tongue, spoken)
            axes.annotate(
                text, (place, top), (0, 7), textcoords="offset points", ha="center", va="bottom", fontsize=14, linespacing=1.3
            )
        _years(axes, table["year"], results.place.as_of, tongue)
        _counts(axes, label("report.persons", tongue), 1.42 * tops.max())
        _regions(axes, results, table["year"], tongue)
        return _settled(figure)


def remaining_households(results: Results, lang: str | None = None) -> Chart:
    """Draw the stock of poor households at the end of each year: reported, then the median and the interval of replicates."""
    tongue = language(lang)
    table = indicators.remaining(results)
    with rc_context(STYLE):
        figure, axes = _page(results, label("report.left_title", tongue, place=getattr(results.place, tongue)), tongue)
        past = table[table["kind"] == "reported"].dropna(subset="households")
        ahead = table[table["kind"] == "projected"]
        start = past[past["year"] == results.opening]
        base = start.assign(households_low=start["households"], households_high=start["households"])
        band = pd.concat([base, ahead], ignore_index=True)
        axes.fill_between(band["year"], band["households_low"], band["households_high"], color=PROJECTED, zorder=1)
        axes.plot(band["year"], band["households"], color=INK, linewidth=2.5, linestyle=(0, (5, 2)), zorder=2)
        axes.vlines(ahead["year"], ahead["households_low"], ahead["households_high"], color=INK, linewidth=5, zorder=3)
        axes.plot(
            ahead["year"],
            ahead["households"],
            "o",
            color="white",
            markeredgecolor=INK,
            markeredgewidth=2,
            markersize=10,
            zorder=4,
        )
        axes.plot(past["year"], past["households"], "o-", color=KNOWN, linewidth=3, markersize=12, zorder=5)
        for row in pd.concat([past, ahead]).itertuples():
            top = np.nanmax([row.households, row.households_high])
            text = _left_text(row, tongue)
            axes.annotate(
                text, (row.year, top), (0, 12), textcoords="offset points", ha="center", va="bottom", fontsize=14, linespacing=1.3
            )
        _years(axes, table["year"], results.place.as_of, tongue)
        _counts(axes, label("report.households", tongue), 1.35 * np.nanmax(table[["households", "households_high"]]))
        _regions(axes, results, table["year"], tongue)
        return _settled(figure)


def save(figure: Figure, stem: Path | str, formats: Sequence[str] = ("png", "pdf")) -> list[Path]:
    """Write a figure under a name, once per format, each file whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        What to write.
    stem : Path or str
        Path without a suffix.
    formats : sequence of str
        ``png``, ``pdf``, ``svg``.

    Raises
    ------
    GlyphError
        Where a character has no glyph; nothing is written then.
    """
    metadata = {
        "png": {"Software": "povsim"},
        "pdf": {"Creator": "povsim", "Producer": "povsim", "CreationDate": None, "ModDate": None},
        "svg": {"Creator": "povsim", "Date": None},
    }
    paths = [Path(f"{stem}.{form}") for form in formats]
    for form, path in zip(formats, paths, strict=True):
        with _ink(figure), whole(path) as beside:
            figure.savefig(beside, format=form, dpi=DPI, metadata=metadata[form])
    return paths


# --- parts of a page --------------------------------------------------------------------------------------


@contextmanager
def _ink(figure: Figure) -> Iterator[None]:
    """Our settings while drawing; a character without a glyph stops it, found by us before or by matplotlib while at it."""
    check_glyphs(figure)
    with rc_context({**STYLE, "svg.hashsalt": "povsim"}), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r".*[Gg]lyph.*")
        warnings.filterwarnings("error", message=r".*findfont.*")
        yield


def _page(results: Results, title: str, lang: str) -> tuple[Chart, Axes]:
    """A slide with its title, what the numbers rest on, and one plot."""
    register()
    figure = Chart(figsize=SIZE)
    axes = figure.add_axes((0.075, 0.19, 0.90, 0.63))
    scenario = results.manifest["scenario"][lang]
    figure.text(0.025, 0.945, title, fontsize=27, va="center")
    below = label("report.subtitle", lang, scenario=scenario, replicates=results.replicates, level=f"{indicators.LEVEL:.0%}")
    figure.text(0.025, 0.882, below, fontsize=16, va="center", color=QUIET)
    notes = [label("report.source", lang, source=getattr(results.place, f"source_{lang}"), run=results.manifest["run_id"])]
    notes += [label("results.synthetic", lang)] if results.place.synthetic else []
    notes += [label("results.scope_registered", lang)] if results.manifest["scope"] == "registered" else []
    figure.text(0.025, 0.065, label("report.chance_only", lang), fontsize=14, va="center", color=QUIET)
    figure.text(0.025, 0.028, label("report.dot", lang).join(notes), fontsize=14, va="center", color=QUIET)
    figure.text(0.975, 0.028, results.manifest["created"], fontsize=14, va="center", ha="right", color=QUIET)
    return figure, axes


def _years(axes: Axes, years: pd.Series[int], as_of: int, lang: str) -> None:
    ticks = sorted(set(years))
    axes.set_xlim(ticks[0] - 0.6, ticks[-1] + 0.6)
    axes.set_xticks(ticks, [label("report.year", lang, year=year) for year in ticks])
    axes.tick_params(axis="x", length=0, pad=8)
    if ticks[0] <= as_of < ticks[-1]:
        axes.axvline(as_of + 0.5, color=QUIET, linewidth=1.5, linestyle=(0, (4, 3)), zorder=0)


def _counts(axes: Axes, unit: str, top: float) -> None:
    axes.set_ylim(0, max(top, 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(axis="y", color="#e0e0e0", linewidth=1, zorder=0)
    axes.set_axisbelow(True)
    axes.set_ylabel(unit, rotation=0, fontsize=16, ha="right", va="bottom")
    axes.yaxis.set_label_coords(-0.012, 1.01)


def _regions(axes: Axes, results: Results, years: pd.Series[int], lang: str) -> None:
    """Say over the plot which side of the as-of line was reported and which is projected."""
    as_of, top = results.place.as_of, axes.get_ylim()[1]
    place: dict[str, Any] = {"y": 0.985 * top, "fontsize": 16, "va": "top"}
    if years.min() <= as_of:
        axes.text(as_of + 0.42, s=label("report.reported", lang, year=as_of), ha="right", color=KNOWN, **place)
    if years.max() > as_of:
        axes.text(max(as_of, years.min() - 1) + 0.58, s=label("report.projected", lang), ha="left", color=INK, **place)


def _exit_text(row: Any, replicates: int, lang: str, with_plan: bool) -> str:
    lines = []
    if with_plan and row.target_persons > 0:
        lines.append(label("report.plan", lang, persons=f"{row.target_persons:,.0f}"))
        if not np.isnan(row.p_met):
            lines.append(
                label("report.met", lang, chance=indicators.show_chance(round(row.p_met * replicates), replicates, lang))
            )
    lines.append(label("report.count_persons", lang, number=_count(row.persons)))
    if row.kind == "projected":
        lines.append(label("report.range", lang, low=_count(row.persons_low), high=_count(row.persons_high)))
    lines.append(label("report.count_households", lang, number=_count(row.households)))
    return "\n".join(lines)


def _left_text(row: Any, lang: str) -> str:
    lines = [label("report.count_households", lang, number=_count(row.households))]
    if row.kind == "projected":
        lines.append(label("report.range", lang, low=_count(row.households_low), high=_count(row.households_high)))
    if not np.isnan(row.persons):
        lines.append(label("report.count_persons", lang, number=_count(row.persons)))
    return "\n".join(lines)


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _settled(figure: Chart) -> Chart:
    """Make all ticks and texts while our settings hold, so that later drawing needs none of them."""
    figure.draw_without_rendering()
    return figure
