"""Owns: the timeline of exits and the stock that remains: what was reported, then what is projected, year by year.
Never: computes either (indicators)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from povsim.core.labels import label, language
from povsim.indicators import indicators
from povsim.indicators.answer import Answer
from povsim.report.charts.ink import DARK, INK, LARGE, PALE, SIZE, SMALL, TEXT, Chart, settled, style
from povsim.report.charts.marks import (
    Row,
    areas_of_bands,
    bars_of_bands,
    headroom,
    points,
    regions,
    room_for_stress,
    rows,
    shade,
    upright,
    years,
)
from povsim.report.charts.page import BOTTOM, MARGIN, bands_of, frame, plot
from povsim.report.charts.placing import LEADING, Label, annotate, fitting, write
from povsim.report.charts.words import between, count, scale_of

LEFT: Final = 2.68  # inches from the edge to the plot: room for the names of the rows
ROW: Final = 0.3  # inches of a row
TOP: Final = 5.86  # inches from below; over the plot stand unit and regions
SAID: Final = 17.0  # points, of what stands at bars and marks


def exit_timeline(answer: Answer, lang: str | None = None) -> Chart:
    """Draw who left and who will leave, year by year: the timeline of exits.

    Reported years are dark bars. Projected years are pale bars at the median, both bands on them; in a back-test the two stand
    side by side. The plan is a black bar across with its number on it. Rows under the years hold the probability that an open
    year meets its plan, households, and those who qualify before any cap. Where years are too many for all that, less is written.
    """
    return fitting([partial(_draw_exits, answer, language(lang), sparse=sparse) for sparse in (False, True)])


def remaining_households(answer: Answer, lang: str | None = None) -> Chart:
    """Draw the stock of poor households at the end of each year: reported, then the median with both bands.

    Persons stand in rows under the years. Where years are too many, less is written.
    """
    return fitting([partial(_draw_remaining, answer, language(lang), sparse=sparse) for sparse in (False, True)])


# --- the timeline -----------------------------------------------------------------------------------------


def _draw_exits(answer: Answer, lang: str, sparse: bool = False) -> Chart:
    table = answer.table("exit_timeline").dropna(subset="persons")
    closed = (table["kind"] == "projected") & (table["year"] >= (answer.about.get("closed_from") or np.inf))
    closed &= not closed.all()
    shut, span, table = table[closed], table["year"], table[~closed]
    guess = table[table["kind"] == "projected"]
    plan = table.drop_duplicates("year", keep="last").dropna(subset="target_persons")
    written = _exit_rows(table, answer, lang, sparse)
    bands = bands_of(answer, guess, "persons")
    cautions = [label("charts.plan_by_qualified", lang)] if guess["p_met"].notna().any() else []
    with style():
        title = label("charts.exits_title", lang, place=answer.about["place"][lang])
        figure = frame(answer, title, lang, cautions, bands)
        axes = plot(figure, LEFT, BOTTOM + 0.42 + ROW * len(written), SIZE[0] - MARGIN, TOP)
        both = table["year"].duplicated(keep=False)
        known = (table["kind"] == "reported").to_numpy()
        x = table["year"] + np.where(both, np.where(known, -0.145, 0.145), 0.0)
        colours = np.where(known, DARK, PALE)
        axes.bar(x, table["persons"], np.where(both, 0.27, 0.6), color=colours, edgecolor=DARK, linewidth=1.4, zorder=2)
        bars_of_bands(axes, x[~known], guess, "persons", bands, 5.0 if sparse else 14.0)
        axes.hlines(plan["target_persons"], plan["year"] - 0.36, plan["year"] + 0.36, color=INK, linewidth=4, zorder=4)
        years(axes, span, answer.about["as_of"], lang, sparse)
        tops = table[["persons", "persons_high"]].max(axis=1)
        scale = scale_of("persons", tops.max(), lang)._replace(word=label("charts.persons", lang))
        highest = max(tops.max(), plan["target_persons"].max() if len(plan) else 0.0)
        over = SMALL * LEADING + 8 if sparse else (LARGE + (TEXT if len(plan) else 0)) * LEADING + 14
        upright(axes, 0.0, headroom(axes, highest, over + room_for_stress(answer)), scale)
        regions(axes, table, answer.about["as_of"], lang)
        shade(axes, answer, lang)
        rows(axes, written, ROW, apart=sparse)
        taken = {} if sparse else _plan_numbers(axes, plan, lang)
        said = []
        for row, top, place, pair in zip(table.itertuples(), tops, x, both, strict=True):
            text = count(row.persons) if sparse or pair else label("charts.count_persons", lang, number=count(row.persons))
            ha = ("right" if row.kind == "reported" else "left") if pair else "center"
            at = _clear_of(axes, top, row.target_persons, taken.get(row.year, 3.0))
            said.append((row, Label(text, row.year + (place - row.year) * 0.05 if pair else place, at, (0, 5), ha, "bottom")))
        first = [one for row, one in said if not np.isnan(row.p_met)]
        size = SMALL if sparse else LARGE
        for year in shut["year"][: 1 if sparse else None]:
            text, place = label("charts.exits_closed", lang), (year - 0.4, "left") if sparse else (year, "center")
            annotate(axes, Label(text, place[0], 0.0, (0, 5), place[1], "bottom"), SMALL)
        write(axes, first + [one for row, one in said if one not in first], axes.patches, sparse, size)
        return settled(figure)


def _exit_rows(table: pd.DataFrame, answer: Answer, lang: str, sparse: bool) -> list[Row]:
    """Rows under the bars: how likely the plan is met, the interval, households, and who qualifies.

    Those on the plan stand for its open years, and for all projected years where none is open; ``sparse``, only open years have
    a column.
    """
    guess = table[table["kind"] == "projected"]
    opened = guess[guess["p_met"].notna()]
    asked = opened if len(opened) else guess
    if sparse and not len(opened):
        return []

    def row(key: str, by_year: dict[int, str], size: float = TEXT) -> Row:
        return label(f"charts.row_{key}", lang, level=f"{answer.about['level']:.0%}"), by_year, size

    found: list[Row] = []
    if sparse:
        found.append(row("of_year", {year: label("charts.year", lang, year=year) for year in opened["year"]}))
        found.append(row("plan", _by_year(opened, opened["target_persons"].map(count))))
        found.append(row("persons", _by_year(opened, opened["persons"].map(count))))
    for name in ("p_met", "p_met_without_topup") if len(opened) else ():
        found.append(row(name, _by_year(opened, (indicators.show_met(share, answer, lang) for share in opened[name])), SAID))
    found.append(row("persons_interval", _intervals(opened if sparse else guess, "persons"), SMALL))
    if not sparse:
        kinds = [kind for _, kind in table.groupby("kind")] if table["year"].duplicated().any() else [table]
        for one in reversed(kinds):
            name = "households" if one is table else f"households_{one['kind'].iloc[0]}"
            found.append(row(name, _by_year(one, one["households"].map(count))))
    found.append(row("qualified_persons", _by_year(asked, asked["qualified_persons"].map(count))))
    found.append(row("interval", _intervals(asked, "qualified_persons"), SMALL))
    return found


def _plan_numbers(axes: Axes, plan: pd.DataFrame, lang: str) -> dict[int, float]:
    """Each plan's number on its own line; returns how many points over the line are taken by it."""
    for row in plan.itertuples():
        text = label("charts.plan_number", lang, number=count(row.target_persons))
        annotate(axes, Label(text, row.year, row.target_persons, (0, 4), "center", "bottom"), TEXT, pad=0.2)
    return dict.fromkeys(plan["year"], TEXT * LEADING + 6)


def _clear_of(axes: Axes, top: float, target: float, taken: float) -> float:
    """Height from which a text over ``top`` lies neither on the line of the plan nor on its number."""
    each = points(axes)
    high = (LARGE * LEADING + 8) / each
    return target + taken / each if top - (6 + taken) / each <= target <= top + high else top


# --- the stock --------------------------------------------------------------------------------------------


def _draw_remaining(answer: Answer, lang: str, sparse: bool) -> Chart:
    table = answer.table("remaining")
    past, begun, ahead = (table[table["kind"] == kind] for kind in ("reported", "opening", "projected"))
    written = _stock_rows(answer, past, ahead, lang)
    bands = bands_of(answer, ahead, "households")
    with style():
        title = label("charts.left_title", lang, place=answer.about["place"][lang])
        figure = frame(answer, title, lang, bands=bands)
        axes = plot(figure, LEFT, BOTTOM + 0.42 + ROW * len(written), SIZE[0] - MARGIN, TOP)
        past = past.dropna(subset="households")
        start = pd.concat([past[past["year"] == answer.about["opening"]], begun])
        ends = {f"households_{end}": start["households"] for end in ("low", "high", "chance_low", "chance_high")}
        band = pd.concat([start.assign(**ends), ahead], ignore_index=True)
        areas_of_bands(axes, band, "households", bands)
        axes.plot(band["year"], band["households"], color=INK, linewidth=2.5, linestyle=(0, (5, 2)), zorder=3)
        hollow = pd.concat([begun, ahead])
        size = 6 if sparse else 10
        bars_of_bands(axes, ahead["year"], ahead, "households", bands, 5.0 if sparse else 14.0)
        mark: dict[str, Any] = {"color": "white", "markeredgecolor": INK, "markeredgewidth": 2, "clip_on": False}
        axes.plot(hollow["year"], hollow["households"], "o", markersize=size, zorder=4, **mark)
        axes.plot(past["year"], past["households"], "o-", color=DARK, linewidth=3, markersize=size + 2, zorder=5)
        years(axes, table["year"], answer.about["as_of"], lang, sparse)
        axes.set_xlim(right=table["year"].max() + 0.95)
        highest = float(np.nanmax(table[["households", "households_high"]]))
        scale = scale_of("households", highest, lang)._replace(word=label("charts.households", lang))
        upright(axes, 0.0, headroom(axes, highest, SAID * LEADING + 12 + room_for_stress(answer)), scale)
        regions(axes, table, answer.about["as_of"], lang)
        shade(axes, answer, lang)
        ticks = set(axes.get_xticks())
        rows(
            axes, [(name, {year: text for year, text in row.items() if year in ticks}, tall) for name, row, tall in written], ROW
        )
        under, room = _under(past, ahead), (SAID * LEADING + 10) / points(axes)
        said: list[Label] = []
        for row in pd.concat([past, hollow]).itertuples():
            text = _point_text(row, sparse, lang)
            low = np.nanmin([row.households, row.households_low])
            if (row.kind, row.year) in under and low > room:
                said.append(Label(text, row.year, low, (-9, -7), "right", "top"))
            else:
                high = np.nanmax([row.households, row.households_high])
                said.append(Label(text, row.year, high, (9, 6), "left", "bottom"))
        write(axes, [*said[:1], *said[-1:], *said[1:-1]], [], sparse, SMALL if sparse else SAID)
        return settled(figure)


def _point_text(row: Any, sparse: bool, lang: str) -> str:
    if sparse:
        return count(row.households)
    key = "charts.about_households" if row.kind == "opening" else "charts.count_households"
    return label(key, lang, number=count(row.households))


def _under(past: pd.DataFrame, ahead: pd.DataFrame) -> set[tuple[str, int]]:
    """Points of a back-test whose text goes under them: those of the lower of its two lines, reported and projected."""
    both = past.merge(ahead, on="year", suffixes=("", "_projected"))
    if not len(both):
        return set()
    last = both.iloc[-1]
    kind, of_kind = ("projected", ahead) if last["households"] > last["households_projected"] else ("reported", past)
    return {(kind, year) for year in of_kind["year"] if ahead["year"].min() <= year <= last["year"]}


def _stock_rows(answer: Answer, past: pd.DataFrame, ahead: pd.DataFrame, lang: str) -> list[Row]:
    """Rows under the line: the interval of the households, then persons, reported and projected."""
    known = past.dropna(subset="persons")
    level = f"{answer.about['level']:.0%}"
    found: list[Row] = [(label("charts.row_left_interval", lang, level=level), _intervals(ahead, "households"), SMALL)]
    if len(known):
        found.append((label("charts.row_persons_reported", lang), _by_year(known, known["persons"].map(count)), TEXT))
    found.append((label("charts.row_left_persons", lang), _by_year(ahead, ahead["persons"].map(count)), TEXT))
    found.append((label("charts.row_interval", lang, level=level), _intervals(ahead, "persons"), SMALL))
    return found


# --- both -------------------------------------------------------------------------------------------------


def _intervals(table: pd.DataFrame, name: str) -> dict[int, str]:
    bounds = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return _by_year(table, (between(count(low), count(high)) for low, high in bounds))


def _by_year(table: pd.DataFrame, texts: Iterable[str]) -> dict[int, str]:
    return dict(zip(table["year"], texts, strict=True))
