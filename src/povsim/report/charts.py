"""Owns: figures from summaries of a run, for a meeting: readable from the back row, on a grey printer, without the author.
Never: computes a summary (indicators), touches pyplot or matplotlib's global settings, or starts a simulation (simulation)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator

from povsim.core.labels import label, language
from povsim.indicators import indicators
from povsim.report.fonts import FAMILY, check_glyphs, register
from povsim.results.files import whole
from povsim.results.results import Results

Row = tuple[str, dict[int, str]]  # a row under the years: its name, and its text by year
Label = tuple[str, float, float, tuple[float, float], str, str]  # text, x, y, offset in points, alignment across and up

SIZE: Final = (13.33, 7.5)  # a 16:9 slide, inches
DPI: Final = 200
MARGIN: Final = 0.025  # of the width
LEFT: Final = 0.195  # of the width, where the plot begins: room for the names of the rows
ROW: Final = 0.0325  # of the height, for a row of text under the years
LABEL: Final = 14.5  # points
LEADING: Final = 1.25
COLUMN: Final = 1.3  # inches, for a column of the rows where these do not stand under their years
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

    Reported years are dark bars. Projected years are light bars at the median, the interval of replicates a line on them; in a
    back-test both stand side by side. The plan is a black bar across with its number at its end. Rows under the years hold the
    rest, with the probability that an open year meets its plan. Where years are too many for all that, less is written.
    """
    ways = ({"numbered": True}, {}, {"sparse": True})
    return _fitting([partial(_draw_exits, results, language(lang), **way) for way in ways])


def remaining_households(results: Results, lang: str | None = None) -> Chart:
    """Draw the stock of poor households at the end of each year: reported, then the median and the interval of replicates.

    Persons stand in rows under the years. Where years are too many, less is written.
    """
    return _fitting([partial(_draw_remaining, results, language(lang), sparse=sparse) for sparse in (False, True)])


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


# --- the charts -------------------------------------------------------------------------------------------


def _fitting(draws: Sequence[Callable[[], Chart]]) -> Chart:
    """The first of several ways to draw a chart, fullest first, in which no text lies upon another; the last at any rate."""
    for draw in draws[:-1]:
        if not _crowded(figure := draw()):
            return figure
    return draws[-1]()


def _draw_exits(results: Results, lang: str, numbered: bool = False, sparse: bool = False) -> Chart:
    """Draw the timeline; the plan's numbers stand at their lines where ``numbered``, else in a row."""
    table = indicators.exit_timeline(results).dropna(subset="persons")
    guess = table[table["kind"] == "projected"]
    plan = table.drop_duplicates("year", keep="last").dropna(subset="target_persons")
    rows = _exit_rows(
        guess, {} if numbered else _by_year(plan, plan["target_persons"].map(_count)), results.replicates, lang, sparse
    )
    with _style():
        title = label("report.exits_title", lang, place=getattr(results.place, lang))
        figure, axes = _page(results, title, lang, len(rows), plan=bool(guess["p_met"].notna().any()))
        both = table["year"].duplicated(keep=False)
        known = (table["kind"] == "reported").to_numpy()
        x = table["year"] + np.where(both, np.where(known, -0.145, 0.145), 0.0)
        colours = np.where(known, KNOWN, PROJECTED)
        axes.bar(x, table["persons"], np.where(both, 0.27, 0.56), color=colours, edgecolor=KNOWN, linewidth=1.2, zorder=2)
        thick = 2 if sparse else 5
        axes.vlines(x[~known], guess["persons_low"], guess["persons_high"], color=INK, linewidth=thick, zorder=3)
        axes.hlines(plan["target_persons"], plan["year"] - 0.31, plan["year"] + 0.31, color=INK, linewidth=3.5, zorder=4)
        _years(axes, table["year"], results.place.as_of, lang, sparse)
        tops = table[["persons", "persons_high"]].max(axis=1)
        _counts(axes, label("report.persons", lang), 1.42 * max(tops.max(), plan["target_persons"].max() if len(plan) else 0.0))
        _regions(axes, table, results.place.as_of, lang)
        _rows(axes, rows, lang, apart=sparse)
        if numbered:
            _plan_numbers(axes, plan, lang)
        said = []
        for row, top, place, pair in zip(table.itertuples(), tops, x, both, strict=True):
            text = _bar_text(row, sparse, lang)
            at = _clear_of(axes, top, row.target_persons, text)
            ha = ("right" if row.kind == "reported" else "left") if pair else "center"
            said.append((row, (text, row.year + (place - row.year) * 0.05 if pair else place, at, (0, 7), ha, "bottom")))
        first = [one for row, one in said if not np.isnan(row.p_met)]
        _write(axes, first + [one for row, one in said if one not in first], list(axes.patches), sparse)
        return _settled(figure)


def _draw_remaining(results: Results, lang: str, sparse: bool) -> Chart:
    table = indicators.remaining(results)
    past, begun, ahead = (table[table["kind"] == kind] for kind in ("reported", "opening", "projected"))
    rows = _stock_rows(past, ahead)
    with _style():
        title = label("report.left_title", lang, place=getattr(results.place, lang))
        figure, axes = _page(results, title, lang, len(rows))
        past = past.dropna(subset="households")
        start = pd.concat([past[past["year"] == results.opening], begun])
        base = start.assign(households_low=start["households"], households_high=start["households"])
        band = pd.concat([base, ahead], ignore_index=True)
        axes.fill_between(band["year"], band["households_low"], band["households_high"], color=PROJECTED, zorder=1)
        axes.plot(band["year"], band["households"], color=INK, linewidth=2.5, linestyle=(0, (5, 2)), zorder=2)
        hollow = pd.concat([begun, ahead])
        size = 6 if sparse else 10
        axes.vlines(ahead["year"], ahead["households_low"], ahead["households_high"], color=INK, linewidth=size / 2, zorder=3)
        mark: dict[str, Any] = {"color": "white", "markeredgecolor": INK, "markeredgewidth": 2, "clip_on": False}
        axes.plot(hollow["year"], hollow["households"], "o", markersize=size, zorder=4, **mark)
        axes.plot(past["year"], past["households"], "o-", color=KNOWN, linewidth=2.5, markersize=size + 2, zorder=5)
        _years(axes, table["year"], results.place.as_of, lang, sparse)
        axes.set_xlim(right=table["year"].max() + 0.75)
        _counts(axes, label("report.households", lang), 1.2 * np.nanmax(table[["households", "households_high"]]))
        _regions(axes, table, results.place.as_of, lang)
        ticks = set(axes.get_xticks())
        _rows(axes, [(name, {year: text for year, text in row.items() if year in ticks}) for name, row in rows], lang)
        under, room = _under(past, ahead), (2 * LABEL * LEADING + 10) / _points(axes)
        said: list[Label] = []
        for row in pd.concat([past, hollow]).itertuples():
            text = _point_text(row, sparse, lang)
            low = np.nanmin([row.households, row.households_low])
            if (row.kind, row.year) in under and low > room:
                said.append((text, row.year, low, (-9, -7), "right", "top"))
            else:
                high = np.nanmax([row.households, row.households_high])
                said.append((text, row.year, high, (9, 7), "left", "bottom"))
        _write(axes, [*said[:1], *said[-1:], *said[1:-1]], [], sparse)
        return _settled(figure)


# --- what is written into them ----------------------------------------------------------------------------


def _bar_text(row: Any, sparse: bool, lang: str) -> str:
    """Persons, and the households of a reported year; those that are projected stand in the rows."""
    if sparse:
        return _count(row.persons)
    text = label("report.count_persons", lang, number=_count(row.persons))
    if row.kind == "projected" or np.isnan(row.households):
        return text
    return f"{text}\n{label('report.count_households', lang, number=_count(row.households))}"


def _point_text(row: Any, sparse: bool, lang: str) -> str:
    if sparse:
        return _count(row.households)
    key = "report.about_households" if row.kind == "opening" else "report.count_households"
    text = label(key, lang, number=_count(row.households))
    return f"{text}\n{_range(row.households_low, row.households_high)}" if row.kind == "projected" else text


def _under(past: pd.DataFrame, ahead: pd.DataFrame) -> set[tuple[str, int]]:
    """Points of a back-test whose text goes under them: those of the lower of its two lines, reported and projected."""
    both = past.merge(ahead, on="year", suffixes=("", "_projected"))
    if not len(both):
        return set()
    last = both.iloc[-1]
    kind, line = ("projected", ahead) if last["households"] > last["households_projected"] else ("reported", past)
    return {(kind, year) for year in line["year"] if ahead["year"].min() <= year <= last["year"]}


def _exit_rows(guess: pd.DataFrame, plan: dict[int, str], replicates: int, lang: str, sparse: bool) -> list[Row]:
    """Rows under the bars: households, who qualifies, who of them without the safety net, and how likely the plan is met.

    Those on the plan stand for its open years, and for all projected years where none is open; ``sparse``, only open years have
    a column, and households and those beyond a cap are left out.
    """
    opened = guess[guess["p_met"].notna()]
    asked = opened if len(opened) else guess
    if sparse and not len(opened):
        return []
    rows: list[Row] = []
    if sparse:
        rows.append(("of_year", {year: label("report.year", lang, year=year) for year in opened["year"]}))
    if plan:
        rows.append(("plan", {year: text for year, text in plan.items() if not sparse or year in set(opened["year"])}))
    if sparse:
        rows += _with_interval(opened, "persons")
    else:
        rows += [_with_interval(guess, "persons")[1], *_with_interval(guess, "households")]  # the persons stand at their bars
        rows += _with_interval(asked, "qualified_persons")
    rows += _with_interval(asked, "plain_persons")
    for name in ("p_met", "p_met_without_topup") if len(opened) else ():
        times = (round(share * replicates) for share in opened[name])
        said = (indicators.show_chance(count, replicates, lang) for count in times)
        rows.append((name, _by_year(opened, said)))
    return rows


def _with_interval(table: pd.DataFrame, name: str) -> list[Row]:
    """Two rows: a number and its interval."""
    bounds = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [
        (name, _by_year(table, table[name].map(_count))),
        (f"{name}_interval", _by_year(table, (_range(*both) for both in bounds))),
    ]


def _by_year(table: pd.DataFrame, texts: Iterable[str]) -> dict[int, str]:
    return dict(zip(table["year"], texts, strict=True))


def _stock_rows(past: pd.DataFrame, ahead: pd.DataFrame) -> list[Row]:
    """Rows under the line: persons, reported and projected."""
    known = past.dropna(subset="persons")
    rows: list[Row] = [("persons_reported", _by_year(known, known["persons"].map(_count)))] if len(known) else []
    return rows + _with_interval(ahead.rename(columns=lambda name: name.replace("persons", "left_persons")), "left_persons")


def _rows(axes: Axes, rows: list[Row], lang: str, apart: bool = False) -> None:
    """Write the rows under their years; ``apart``, where years are too narrow, in columns of their own."""
    box = axes.get_position()
    under = axes.get_xaxis_transform()
    if apart and rows:
        years = list(rows[0][1])
        under = axes.transAxes
        at = {year: (place + 0.5) * COLUMN / (SIZE[0] * box.width) for place, year in enumerate(years)}
    for number, (name, row) in enumerate(rows):
        y = -(0.06 + (number + 0.5) * ROW) / box.height
        title = label(f"report.row_{name}", lang, level=f"{indicators.LEVEL:.0%}")
        colour = QUIET if name.endswith("interval") else INK
        axes.text(-0.012, y, title, transform=axes.transAxes, ha="right", va="center", fontsize=14, color=colour)
        for year, text in row.items():
            axes.text(at[year] if apart else year, y, text, transform=under, ha="center", va="center", fontsize=14, color=colour)


def _plan_numbers(axes: Axes, plan: pd.DataFrame, lang: str) -> None:
    """Each plan's number at the end of its own line, under it."""
    for row in plan.itertuples():
        text = label("report.plan_number", lang, number=_count(row.target_persons))
        _annotate(axes, text, row.year + 0.31, row.target_persons, (2, 3), "left", "top", pad=0.2)


def _clear_of(axes: Axes, top: float, target: float, text: str) -> float:
    """Height from which a text over ``top`` does not lie on the line of the plan, nor reads as naming it."""
    points = _points(axes)
    high = (len(text.splitlines()) * LABEL * LEADING + 8) / points
    over = target + 3 / points
    return over if top - 6 / points <= target <= top + high else top


def _points(axes: Axes) -> float:
    """Points of the page per person or household."""
    return float(axes.get_position().height * SIZE[1] * 72 / axes.get_ylim()[1])


def _write(axes: Axes, labels: list[Label], bars: list[Patch], sparse: bool) -> None:
    """Write texts in order; where ``sparse``, leave out zeros and each that would lie on another or on a bar."""
    others = [one.get_window_extent() for one in (*axes.texts, *bars)]
    for one in labels:
        if sparse and one[0] == "0":
            continue
        note = _annotate(axes, *one)
        box = note.get_window_extent()
        if sparse and (box.x0 < axes.bbox.x0 or any(box.overlaps(other) for other in others)):
            note.remove()
        else:
            others.append(box.padded(4))


def _crowded(figure: Chart) -> bool:
    """Whether a text lies on another or leaves the page."""
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    boxes = [text.get_window_extent() for text in shown]
    page = figure.bbox
    if any(box.x0 < page.x0 or box.x1 > page.x1 for box in boxes):
        return True
    return any(a.padded(-1).overlaps(b.padded(-1)) for a, b in combinations(boxes, 2))


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


def _page(results: Results, title: str, lang: str, rows: int, plan: bool = False) -> tuple[Chart, Axes]:
    """A slide with its title, what the numbers rest on, and one plot with room for ``rows`` of text under it."""
    register()
    figure = Chart(figsize=SIZE)
    figure.title = title
    bottom = 0.165 + ROW * rows
    axes = figure.add_axes((LEFT, bottom, 1 - MARGIN - LEFT, 0.79 - bottom))
    scenario = results.manifest["scenario"][lang]
    below = label("report.subtitle", lang, scenario=scenario, replicates=results.replicates, level=f"{indicators.LEVEL:.0%}")
    below += label("report.few", lang) if results.replicates < indicators.FEW else ""
    caution = [label("report.chance_only", lang)] + ([label("report.plan_by_qualified", lang)] if plan else [])
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


def _years(axes: Axes, years: pd.Series[int], as_of: int, lang: str, sparse: bool) -> None:
    """Name the years under the plot, where less is written only every second, fifth or tenth."""
    first, last = int(years.min()), int(years.max())
    axes.set_xlim(first - 0.6, last + 0.6)
    step = 1
    if sparse:
        inches = SIZE[0] * axes.get_position().width / (last - first + 1.2)
        step = next(step for step in (1, 2, 5, 10, 20) if step * inches >= COLUMN or step == 20)
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    axes.set_xticks(ticks, [label("report.year", lang, year=year) for year in ticks])
    axes.tick_params(axis="x", length=0 if step == 1 else 5, pad=8 if step == 1 else 5)
    if first <= as_of < last:
        axes.axvline(as_of + 0.5, color=QUIET, linewidth=1.5, linestyle=(0, (4, 3)), zorder=0)


def _counts(axes: Axes, unit: str, top: float) -> None:
    top = max(top, 1.0)
    axes.set_ylim(0, top)
    ticks = [tick for tick in MaxNLocator(5, integer=True).tick_values(0, top) if tick <= top]
    axes.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    axes.grid(axis="y", color="#e0e0e0", linewidth=1, zorder=0)
    axes.set_axisbelow(True)
    box = axes.get_position()
    axes.text((MARGIN - box.x0) / box.width, 1.03, unit, transform=axes.transAxes, va="bottom", fontsize=16)


def _regions(axes: Axes, table: pd.DataFrame, as_of: int, lang: str) -> None:
    """Say over the plot which side of the as-of line was reported and which is projected, as far as there is room."""
    over = axes.get_xaxis_transform()
    years, unit = table["year"], axes.texts[-1].get_window_extent()
    if years.min() <= as_of:
        both = set(years[table["kind"] == "reported"]) & set(years[table["kind"] == "projected"])
        text = axes.text(
            min(as_of, years.max()) + 0.42, 1.03, "", transform=over, ha="right", va="bottom", color=KNOWN, fontsize=16
        )
        words = [label(f"report.{key}", lang, year=as_of) for key in ("compared" if both else "reported", "reported_short")]
        for said in (*words, ""):
            text.set_text(said)
            if not said or text.get_window_extent().x0 > unit.x1 + 10:
                break
    if years.max() > as_of:
        left = max(as_of + 0.58, years.min() - 0.5)
        axes.text(left, 1.03, label("report.projected", lang), transform=over, ha="left", va="bottom", fontsize=16)


def _annotate(
    axes: Axes, text: str, x: float, y: float, offset: tuple[float, float], ha: str, va: str, pad: float = 1.5
) -> Annotation:
    ground = {"facecolor": "white", "edgecolor": "none", "pad": pad}
    where: dict[str, Any] = {"xytext": offset, "textcoords": "offset points", "ha": ha, "va": va, "bbox": ground}
    return axes.annotate(text, (x, y), fontsize=LABEL, linespacing=LEADING, zorder=6, **where)


def _count(number: float) -> str:
    return "" if np.isnan(number) else f"{number:,.0f}"


def _range(low: float, high: float) -> str:
    return f"({_count(low)}–{_count(high)})"


def _settled(figure: Chart) -> Chart:
    """Make all ticks and texts while our settings hold, so that later drawing needs none of them."""
    with _ink(figure):
        figure.draw_without_rendering()
    return figure
