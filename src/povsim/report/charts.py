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
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label, language
from povsim.indicators import indicators
from povsim.report.fonts import FAMILY, check_glyphs, register
from povsim.results.files import whole
from povsim.results.results import Results

SIZE: Final = (13.33, 7.5)  # a 16:9 slide, inches
DPI: Final = 200
MARGIN: Final = 0.025  # of the width
ROW: Final = 0.039  # of the height, for a row of text under the years
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
    "text.parse_math": False,  # a dollar sign is one; mathematics would lose the Chinese
    "xtick.color": INK,
    "ytick.color": QUIET,
    "xtick.labelsize": 17,
    "ytick.labelsize": 15,
    "pdf.fonttype": 42,  # text that can be searched and copied
    "svg.fonttype": "path",
}


class Chart(Figure):
    """A figure that a notebook shows as it is saved, with its title for those who cannot see it."""

    title = ""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        stream = BytesIO()
        with _ink(self):
            self.savefig(stream, format="png", dpi=96)
        return stream.getvalue(), {"alt": self.title}


def exit_timeline(results: Results, lang: str | None = None) -> Chart:
    """Draw who left and who will leave, year by year: the timeline of exits.

    Reported years are dark bars. Projected years are light bars at the median, the interval of replicates a line on them.
    The plan is a black bar across, with the probability that an open year meets it.
    """
    tongue = language(lang)
    table = indicators.exit_timeline(results).dropna(subset="persons")
    with _style():
        figure, axes = _page(results, label("report.exits_title", tongue, place=getattr(results.place, tongue)), tongue, rows=5)
        both = table["year"].duplicated(keep=False)
        width = np.where(both, 0.38, 0.66)
        known = (table["kind"] == "reported").to_numpy()
        x = table["year"] + np.where(both, np.where(known, -0.2, 0.2), 0.0)
        colours = np.where(known, KNOWN, PROJECTED)
        axes.bar(x, table["persons"], width, color=colours, edgecolor=KNOWN, linewidth=1.2, zorder=2)
        guess = table[~known]
        axes.vlines(x[~known], guess["persons_low"], guess["persons_high"], color=INK, linewidth=5, zorder=3)
        plan = table.drop_duplicates("year", keep="last").dropna(subset="target_persons")
        axes.hlines(plan["target_persons"], plan["year"] - 0.42, plan["year"] + 0.42, color=INK, linewidth=3.5, zorder=4)
        tops = table[["persons", "persons_high", "target_persons"]].max(axis=1)
        for row, top, place in zip(table.itertuples(), tops, x, strict=True):
            _annotate(axes, _lines(row, ("persons", "households"), tongue), place, top, (0, 8), "center")
        _years(axes, table["year"], results.place.as_of, tongue)
        _counts(axes, label("report.persons", tongue), 1.42 * tops.max())
        _regions(axes, table["year"], results.place.as_of, tongue)
        _plan_rows(axes, plan, results.replicates, tongue)
        return _settled(figure)


def remaining_households(results: Results, lang: str | None = None) -> Chart:
    """Draw the stock of poor households at the end of each year: reported, then the median and the interval of replicates."""
    tongue = language(lang)
    table = indicators.remaining(results)
    with _style():
        figure, axes = _page(results, label("report.left_title", tongue, place=getattr(results.place, tongue)), tongue, rows=0)
        past = table[table["kind"] == "reported"].dropna(subset="households")
        ahead = table[table["kind"] == "projected"]
        start = past[past["year"] == results.opening]
        base = start.assign(households_low=start["households"], households_high=start["households"])
        band = pd.concat([base, ahead], ignore_index=True)
        axes.fill_between(band["year"], band["households_low"], band["households_high"], color=PROJECTED, zorder=1)
        axes.plot(band["year"], band["households"], color=INK, linewidth=2.5, linestyle=(0, (5, 2)), zorder=2)
        axes.vlines(ahead["year"], ahead["households_low"], ahead["households_high"], color=INK, linewidth=5, zorder=3)
        hollow: dict[str, Any] = {"color": "white", "markeredgecolor": INK, "markeredgewidth": 2, "clip_on": False}
        axes.plot(ahead["year"], ahead["households"], "o", markersize=10, zorder=4, **hollow)
        axes.plot(past["year"], past["households"], "o-", color=KNOWN, linewidth=2.5, markersize=12, zorder=5)
        for row in pd.concat([past, ahead]).itertuples():
            top = np.nanmax([row.households, row.households_high])
            _annotate(axes, _lines(row, ("households", "persons"), tongue), row.year, top, (9, 9), "left")
        _years(axes, table["year"], results.place.as_of, tongue)
        axes.set_xlim(right=table["year"].max() + 0.8)
        _counts(axes, label("report.households", tongue), 1.2 * np.nanmax(table[["households", "households_high"]]))
        _regions(axes, table["year"], results.place.as_of, tongue)
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


def show(figure: Chart, folder: str, name: str) -> Chart:
    """Hand a chart on to the notebook that shows it, saved under ``folder`` where that is not empty."""
    if folder:
        save(figure, Path(folder) / name)
    return figure


# --- parts of a page --------------------------------------------------------------------------------------


@contextmanager
def _style() -> Iterator[None]:
    """Our settings while a figure is put together; its characters are checked when it is settled, no warning goes before it."""
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph")
        yield


@contextmanager
def _ink(figure: Figure) -> Iterator[None]:
    """Our settings while drawing; a character without a glyph stops it, found by us before or by matplotlib while at it."""
    check_glyphs(figure)
    with rc_context({**STYLE, "svg.hashsalt": "povsim"}), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r".*[Gg]lyph.*")
        warnings.filterwarnings("error", message=r".*findfont.*")
        yield


def _page(results: Results, title: str, lang: str, rows: int) -> tuple[Chart, Axes]:
    """A slide with its title, what the numbers rest on, and one plot with room for ``rows`` of text under it."""
    register()
    figure = Chart(figsize=SIZE)
    figure.title = title
    bottom = 0.185 + ROW * rows
    axes = figure.add_axes((0.12, bottom, 0.855, 0.79 - bottom))
    scenario = results.manifest["scenario"][lang]
    below = label("report.subtitle", lang, scenario=scenario, replicates=results.replicates, level=f"{indicators.LEVEL:.0%}")
    caution = [label("report.chance_only", lang)] + ([label("report.plan_by_qualified", lang)] if rows else [])
    notes = [label("results.synthetic", lang)] if results.place.synthetic else []
    notes += [label("results.scope_registered", lang)] if results.manifest["scope"] == "registered" else []
    notes += [label("report.source", lang, source=getattr(results.place, f"source_{lang}"))]
    made = label("report.made", lang, run=results.manifest["run_id"][:8], date=results.manifest["created"])
    right = figure.text(1 - MARGIN, 0.028, made, fontsize=14, va="center", ha="right", color=QUIET)
    _line(figure, 0.945, title, fontsize=27)
    _line(figure, 0.882, below, fontsize=16, color=QUIET)
    _line(figure, 0.068, label("report.dot", lang).join(caution), fontsize=14, color=QUIET)
    end = right.get_window_extent().x0 / figure.bbox.width - MARGIN
    _line(figure, 0.028, label("report.dot", lang).join(notes), end, fontsize=14, color=QUIET)
    return figure, axes


def _line(figure: Chart, y: float, text: str, end: float = 1 - MARGIN, **style: Any) -> None:
    """One line of text from the left margin, shortened where it would run beyond ``end``."""
    line = figure.text(MARGIN, y, text, va="center", **style)
    while line.get_window_extent().x1 > end * figure.bbox.width:
        text = text[:-1]
        line.set_text(f"{text.rstrip()}…")


def _years(axes: Axes, years: pd.Series[int], as_of: int, lang: str) -> None:
    ticks = sorted(set(years))
    axes.set_xlim(ticks[0] - 0.6, ticks[-1] + 0.6)
    axes.set_xticks(ticks, [label("report.year", lang, year=year) for year in ticks])
    axes.tick_params(axis="x", length=0, pad=8)
    if ticks[0] <= as_of < ticks[-1]:
        axes.axvline(as_of + 0.5, color=QUIET, linewidth=1.5, linestyle=(0, (4, 3)), zorder=0)


def _counts(axes: Axes, unit: str, top: float) -> None:
    top = max(top, 1.0)
    axes.set_ylim(0, top)
    ticks = [tick for tick in MaxNLocator(5, integer=True).tick_values(0, top) if tick <= top]
    axes.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    axes.grid(axis="y", color="#e0e0e0", linewidth=1, zorder=0)
    axes.set_axisbelow(True)
    left = (MARGIN - axes.get_position().x0) / axes.get_position().width
    axes.set_ylabel(unit, rotation=0, fontsize=16, ha="left", va="bottom")
    axes.yaxis.set_label_coords(left, 1.03)


def _regions(axes: Axes, years: pd.Series[int], as_of: int, lang: str) -> None:
    """Say over the plot which side of the as-of line was reported and which is projected."""
    over = axes.get_xaxis_transform()
    if years.min() <= as_of:
        text = label("report.reported", lang, year=as_of)
        axes.text(as_of + 0.42, 1.03, text, transform=over, ha="right", va="bottom", color=KNOWN, fontsize=16)
    if years.max() > as_of:
        left = max(as_of + 0.58, years.min() - 0.5)
        axes.text(left, 1.03, label("report.projected", lang), transform=over, ha="left", va="bottom", fontsize=16)


def _plan_rows(axes: Axes, plan: pd.DataFrame, replicates: int, lang: str) -> None:
    """Rows under the years: what was planned, who qualifies for it, and how likely that is enough."""
    under = axes.get_xaxis_transform()
    height = ROW / axes.get_position().height
    for number, name in enumerate(("plan", "qualified", "interval", "chance", "chance_without_topup")):
        y = -(number + 2.2) * height
        axes.text(-0.012, y, label(f"report.{name}", lang), transform=axes.transAxes, ha="right", va="center", fontsize=14)
        for row in plan.itertuples():
            axes.text(
                row.year, y, _plan_text(name, row, replicates, lang), transform=under, ha="center", va="center", fontsize=14
            )


def _plan_text(name: str, row: Any, replicates: int, lang: str) -> str:
    if name == "plan":
        return _count(row.target_persons)
    if np.isnan(row.p_met):  # a year already reported
        return ""
    if name == "qualified":
        return _count(row.qualified_persons)
    if name == "interval":
        return _range(row.qualified_persons_low, row.qualified_persons_high)
    share = {"chance": row.p_met, "chance_without_topup": row.p_met_without_topup}[name]
    return indicators.show_chance(round(share * replicates), replicates, lang)


def _lines(row: Any, units: tuple[str, str], lang: str) -> str:
    """Write the first unit with its interval, then the second, each where it is known."""
    first, second = units
    lines = [label(f"report.count_{first}", lang, number=_count(getattr(row, first)))]
    if row.kind == "projected":
        lines.append(_range(getattr(row, f"{first}_low"), getattr(row, f"{first}_high")))
    if not np.isnan(getattr(row, second)):
        lines.append(label(f"report.count_{second}", lang, number=_count(getattr(row, second))))
    return "\n".join(lines)


def _annotate(axes: Axes, text: str, x: float, y: float, offset: tuple[float, float], ha: str) -> None:
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    where: dict[str, Any] = {"xytext": offset, "textcoords": "offset points", "ha": ha, "va": "bottom", "bbox": ground}
    axes.annotate(text, (x, y), fontsize=15, linespacing=1.25, zorder=6, **where)


def _count(number: float) -> str:
    return "" if np.isnan(number) else f"{number:,.0f}"


def _range(low: float, high: float) -> str:
    return f"({_count(low)}–{_count(high)})"


def _settled(figure: Chart) -> Chart:
    """Make all ticks and texts while our settings hold, so that later drawing needs none of them."""
    with _ink(figure):
        figure.draw_without_rendering()
    return figure
