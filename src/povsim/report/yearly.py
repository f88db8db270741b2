"""Owns: the workbook's sheets by year: who wanted each measure and got it, monitoring, villages' exit and what villages earn.
Never: computes a number (indicators.reach)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.indicators.answer import Answer
from povsim.policy.kind import find
from povsim.report.workbook import BLANK, Book, Column, lay_table, part_pages

FULL: Final = 0.95  # share of a quota or budget from which on it is used up
TEN_THOUSAND: Final = 1e4  # yuan, in which villages' accounts are told
ONE: Final = 0.5  # a mean under it is nobody


def write_years(book: Book, answer: Answer) -> list[str]:
    """Add a sheet for each table that the answer has; which ones, as notes of the explanation name them."""
    sheets = {"service": _service, "watch": _watch, "village_exits": _villages}
    made = [name for name in sheets if answer.has(name)]
    for name in made:
        sheets[name](book, answer.table(name))
    return made


def held_back(row: Mapping[str, Any], unit: str = "") -> str:
    """Why some of those who wanted a measure did not get it: the limit that is used up, or the only one that there is.

    Of posts lowered below those that are held it is said even where nobody wanted one: used is then more than there are.

    Nothing limits a measure but quota, budget and, where persons hold it, the villages' fund for posts; the safety net has none,
    but does not list all. A quota may stop some before it is full: of one village, or by what is left of it, less than one takes.
    """
    over = unit == "posts" and row["quota_used"] > row["quota"]
    if over:
        return "over"
    if not row["unmet"] >= ONE:
        return ""
    if find(row["kind"]).apart:
        return "net"
    if row["quota"] == 0.0:
        return "no_quota"
    no_quota, no_budget = np.isnan(row["quota"]), np.isnan(row["budget"])
    no_fund = find(row["kind"]).holder == "household"
    if row["quota_used"] >= FULL * row["quota"] or (not no_quota and no_budget and no_fund):
        return "quota"
    if row["budget_used"] >= FULL * row["budget"] or (not no_budget and no_quota and no_fund):
        return "budget"
    return "fund" if no_quota and no_budget else ""


def _service(book: Book, table: pd.DataFrame) -> None:
    about, rows = book.about, table.to_dict("records")
    titles = [about["measures"][row["item"]][book.lang] for row in rows]
    holders = [find(row["kind"]).holder for row in rows]
    stated = about.get("quotas")
    quotas = [(stated or {}).get(row["item"], {}).get("unit", "") for row in rows]
    cut = about.get("unfilled", {})
    said = [
        "cut" if row["year"] in cut.get(row["item"], ()) else held_back(row, unit) for row, unit in zip(rows, quotas, strict=True)
    ]
    said = said if stated is not None else [""] * len(rows)  # an older run does not say what there was
    wanted = [BLANK if of == "village" else book.words(f"lists.unit_{of}") for of in holders]
    counted = [
        book.words(f"lists.quota_{unit}") if unit and row["quota"] >= 0.0 else BLANK
        for row, unit in zip(rows, quotas, strict=True)
    ]
    used = table["quota_used"].where(table["quota"] % 1.0 > 0.0, table["quota_used"].round())  # a mean of whole ones, or of kW
    made = [
        Column(book.words("lists.measure"), 17 if book.lang == "zh" else 26, "wrap", titles),
        Column(book.words("lists.year"), 7, "centre", [str(row["year"]) for row in rows]),
        Column(book.words("lists.wanted"), 9.5, "count", table["wanted"]),
        *_with_range(book, table, "new", 9.5),
        *_with_range(book, table, "unmet", 9.5),
        Column(book.words("lists.unit"), 6 if book.lang == "zh" else 11, "centre", wanted),
        *_with_range(book, table, "holders", 9.5),
        Column(book.words("lists.quota"), 8, "number", table["quota"]),
        Column(book.words("lists.unit"), 6 if book.lang == "zh" else 11, "centre", counted),
        Column(book.words("lists.quota_used"), 8, "number", used),
        Column(book.words("lists.budget"), 11, "count", table["budget"]),
        *_with_range(book, table, "budget_used", 11, 18),
        Column(
            book.words("lists.why"),
            16 if book.lang == "zh" else 28,
            "wrap",
            [book.words(f"lists.why_{why}") if why else BLANK for why in said],
        ),
    ]
    under = book.words("lists.service_under", **_run(book))
    sheet = book.sheet(book.words("lists.service"), book.words("lists.service_title", place=book.place), under, len(made) - 1)
    lay_table(book, sheet, 2, made, firsts=(table["item"] != table["item"].shift()).tolist(), warned=[bool(why) for why in said])
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(rows), len(made) - 1)
    sheet.repeat_rows(0, 2)


def _watch(book: Book, table: pd.DataFrame) -> None:
    made = [Column(book.words("lists.year"), 8, "centre", [str(year) for year in table["year"]])]
    made += _with_range(book, table, "entered", 9)
    for name in ("by_department", "by_village", "by_application", "passed_over", "entered_again"):
        made.append(Column(book.words(f"lists.{name}"), 10, "count", table[name]))
    made += _with_range(book, table, "cleared", 9)
    made.append(Column(book.words("lists.cleared_naturally"), 9, "count", table["cleared_naturally"]))
    made += _with_range(book, table, "monitored", 9)
    one_class = table["at_risk"] > 0.0 if "at_risk" in table else table["year"] < 0  # an older answer does not tell it
    for name in ("unstable", "marginal", "sudden"):
        made.append(Column(book.words(f"lists.{name}"), 9.5, "count", table[name].where(~one_class)))
    if one_class.any():
        made.append(Column(book.words("lists.at_risk"), 11, "count", table["at_risk"].where(one_class)))
    made += _with_range(book, table, "missed", 9.5)
    made.append(Column(book.words("lists.delay_months"), 9, "tenth", table["delay_months"]))
    under = book.words("lists.watch_under", **_run(book))
    if one_class.any():
        under += book.words("lists.one_class", year=int(table["year"][one_class].min()))
    sheet = book.sheet(book.words("lists.watch"), book.words("lists.watch_title", place=book.place), under, len(made) - 1)
    lay_table(book, sheet, 2, made)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(0, 2)


def _villages(book: Book, table: pd.DataFrame) -> None:
    years = sorted(table["year"].unique())
    by = {year: table[table["year"] == year].reset_index(drop=True) for year in years}
    one = by[years[0]]
    poor = one["p_exited"].notna()
    made = [
        Column(book.words("lists.village"), 10, "text", one["item"]),
        Column(
            book.words("lists.poor_village"), 9, "centre", [book.words("lists.yes") if is_poor else BLANK for is_poor in poor]
        ),
        Column(book.words("lists.exit_year"), 10, "year", by[years[-1]]["exit_year"]),
    ]
    moved = [year for year, of in by.items() if year == years[0] or not of["p_exited"].equals(by[year - 1]["p_exited"])]
    if poor.any():  # later years are as the last in which one leaves
        shown = [year for year in years if year <= moved[-1]]
        made += [Column(book.words("lists.out_by", year=year), 8, "share", by[year]["p_exited"]) for year in shown]
    ends = [f"collective_income{end}" for end in ("", "_low", "_high")]
    starts = list(range(3, len(made)))
    for year, of in by.items():
        starts.append(len(made))  # a mean and its interval stay on one page
        made += _with_range(book, of[ends] / TEN_THOUSAND, "collective_income", 9, 11, "tenth", year=year)
    under = book.words("lists.village_exits_under", **_run(book))
    title = book.words("lists.village_exits_title", place=book.place)
    sheet = book.sheet(book.words("lists.village_exits"), title, under, len(made) - 1)
    lay_table(book, sheet, 2, made)
    part_pages(sheet, [column.width for column in made], 1, starts)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(0, 2)


def _run(book: Book) -> dict[str, Any]:
    about = book.about
    return {
        "scenario": about["scenario"][book.lang], "replicates": about["replicates"], "date": book.date,
        "level": f"{about['level']:.0%}",
    }  # fmt: skip


def _with_range(
    book: Book, table: pd.DataFrame, name: str, width: float, range_width: float = 11, look: str = "count", **said: object
) -> list[Column]:
    """A mean, and beside it the interval."""
    level = f"{book.about['level']:.0%}"
    return [
        Column(book.words(f"lists.{name}", **said), width, look, table[name]),
        Column(book.words("lists.interval", level=level), range_width, "range", _ranges(table, name, look)),
    ]


def _ranges(table: pd.DataFrame, name: str, look: str) -> Sequence[str]:
    """The intervals as words; blank where nothing is uncertain or nothing is known."""
    form = ",.1f" if look == "tenth" else ",.0f"
    ends = zip(table[name], table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [BLANK if np.isnan(low) or low == high == mean else f"{low:{form}}–{high:{form}}" for mean, low, high in ends]
