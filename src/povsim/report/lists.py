"""Owns: the workbook that an office opens: the list of households by year of exit, sheets by village and year, one that explains.
Never: computes a share of a household (simulation) or a number of the town (indicators)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.core.labels import label, language
from povsim.core.schema import LACKS, Category, Cause, Status
from povsim.indicators.answer import Answer
from povsim.indicators.resolved import supports
from povsim.indicators.timeline import closed_years
from povsim.report.workbook import BLANK, Book, Column, lay_row, lay_table, part_pages
from povsim.report.yearly import FULL, write_years
from povsim.results.files import whole
from povsim.results.results import Results

NAME: Final = "exit_list.xlsx"
STATIONS: Final = "pv"  # the kind of which a household holds one measure and no more
FEW: Final = 20  # replicates followed under which a share is blank (as the tables have it)
ENOUGH: Final = 2 * FEW  # replicates followed, of which fewer than that are less than half
LEAST: Final = 0.2  # share from which a thing that is lacking is named
HALF: Final = 0.5  # chance from which a measure is named
SURE: Final = 0.95
HIGH: Final = 0.3  # share that falls back within three years
SOME: Final = 0.15


def write_list(results: Results, answer: Answer, folder: Path | str, lang: str | None = None) -> Path:
    """Write the list of exits (脱贫时限清单) as a workbook, whole or not at all; the same run gives the same bytes.

    Parameters
    ----------
    results : Results
        Its households.
    answer : Answer
        The same run's numbers of the town and its villages.
    folder : Path or str
        Where ``exit_list.xlsx`` goes.
    lang : str or None
        Language of the words.

    Returns
    -------
    Path
        The workbook.
    """
    import xlsxwriter

    tongue = language(lang)
    homes = poor_at_opening(results)
    path = Path(folder) / NAME
    with whole(path) as beside:
        book = Book(xlsxwriter.Workbook(str(beside)), answer.about, tongue)
        _exits_sheet(book, results, homes)
        _villages_sheet(book, answer, homes)
        _about_sheet(book, results, homes, write_years(book, answer))
        book.close()
    return path


def poor_at_opening(results: Results) -> pd.DataFrame:
    """The households that are poor when the run opens, by village and expected year, each with the name of its village."""
    homes = results["households"]
    homes = homes[homes["status"].isin((int(Status.POOR), int(Status.RETURNED)))].copy()  # its many columns laid together
    names = results["villages"].drop_duplicates("village").set_index("village")["name"]
    by = ["village", "median_exit_year", "household_id"]
    return homes.assign(name=homes["village"].map(names)).sort_values(by, kind="stable", ignore_index=True)


def columns(results: Results, homes: pd.DataFrame, about: dict[str, Any], lang: str) -> list[Column]:
    """The columns of the list, a cell per household; NaN and empty words stay blank."""
    years = results.years
    chances = homes[[f"p_exit_{year}" for year in years]].cumsum(axis=1)
    off = homes["p_removed"] + homes["p_gone"]
    short, closed = np.maximum(-homes["to_line"], 0.0), closed_years(results)
    out_by = [
        Column(label("lists.by_year", lang, year=year), 6, "share", chances[f"p_exit_{year}"].clip(upper=1.0))
        for year in years
        if year not in closed
    ]
    lacks = [_lacks(row, lang, years[0] in closed) for row in homes.to_dict("records")]
    return [
        Column(label("lists.village", lang), 7, "text", homes["name"]),
        Column(label("lists.household", lang), 13.5, "text", homes["household_id"]),
        Column(label("lists.size", lang), 5 if lang == "zh" else 7.5, "centre", homes["size"]),
        Column(label("lists.category", lang), 10.5, "wrap", [_category(row, lang) for row in homes.itertuples()]),
        Column(label("lists.expected", lang), 8.5, "year", homes["median_exit_year"]),
        Column(label("lists.interval", lang, level=f"{about['level']:.0%}"), 9.5, "centre", _intervals(homes, lang)),
        *out_by,
        Column(label("lists.never", lang), 6.5, "share", homes["p_never"]),
        Column(label("lists.off", lang), 7, "share", off),
        Column(label("lists.short", lang), 9, "count", short.where(short >= 0.5)),
        Column(label("lists.lacks", lang, year=years[0]), 23, "wrap", lacks),
        Column(label("lists.measures", lang), 29, "wrap", _measures(homes, about, lang)),
        Column(label("lists.returns", lang), 7, "share", homes["p_return_3"]),
        Column(label("lists.cause", lang), 10, "wrap", [_cause(row, lang) for row in homes.itertuples()]),
        Column(label("lists.warning", lang), 12.5, "wrap", warnings_of(results, homes, about, lang)),
    ]


def warnings_of(results: Results, homes: pd.DataFrame, about: dict[str, Any], lang: str) -> list[str]:
    """What an office should look at, household by household: late or hardly out, likely to fall back, out by dibao alone."""
    planned, finish = last_planned(results), about.get("finish_year")
    late = homes["median_exit_year"]
    risk = homes["p_return_3"]
    never = homes["p_never"] >= HALF
    marks: list[tuple[pd.Series[bool], str]] = [
        (never, label("lists.warning_never", lang)),
        (late > (finish or np.inf), label("lists.warning_after_finish", lang, finish=finish)),
        ((late > (planned or np.inf)) & ~(late > (finish or np.inf)), label("lists.warning_after_plan", lang, plan=planned)),
        (risk >= HIGH, label("lists.warning_return", lang)),
        ((risk >= SOME) & (risk < HIGH), label("lists.warning_return_some", lang)),
        (_rests_on_support(results, homes) & ~never, label("lists.warning_rests", lang)),
    ]
    comma = label("report.comma", lang)
    return [comma.join(words for mask, words in marks if mask.loc[row]) for row in homes.index]


def _rests_on_support(results: Results, homes: pd.DataFrame) -> pd.Series[bool]:
    """Who mostly leaves on 低保 or 特困: has it, and in less than half of the replicates followed a year left on its own income.

    Where fewer than ``FEW`` left on their own income the share that falls back is blank; that says something only where many
    more left and were followed.
    """
    nets = [f"held_{id}" for id in supports(results.params) if f"held_{id}" in homes]
    followed = results.replicates * homes[[f"p_exit_{year}" for year in results.years[:-1]]].sum(axis=1)
    on_own_income = ~homes["p_return_1"].isna()
    return (homes[nets].max(axis=1) >= HALF) & (followed > ENOUGH - 0.5) & ~on_own_income


def last_planned(results: Results) -> int | None:
    """The last simulated year of which the plan says how many leave."""
    return max((year for year in results.plan if year in results.years), default=None)


# --- the cells --------------------------------------------------------------------------------------------


def _category(row: Any, lang: str) -> str:
    words = label(f"lists.category_{Category(row.category).name}", lang)
    return label("lists.returned", lang, category=words) if row.status == Status.RETURNED else words


def _intervals(homes: pd.DataFrame, lang: str) -> list[str]:
    """From the early to the late year; a year alone where they are one; open where the late one is not reached."""
    said = []
    for low, high in zip(homes["low_exit_year"], homes["high_exit_year"], strict=True):
        if np.isnan(low):
            said.append(BLANK)
        elif np.isnan(high):
            said.append(label("lists.from_year", lang, year=int(low)))
        else:
            said.append(f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}")
    return said


def _lacks(row: dict[str, Any], lang: str, closed: bool) -> str:
    """What is lacking, most often first, each with its share where it is not all but certain.

    Where exits are ``closed`` nobody waits for leave.
    """
    found = [(row[f"lacks_{lack}"], -place, lack) for place, lack in enumerate(LACKS) if row[f"lacks_{lack}"] >= LEAST]
    words = []
    for share, _, lack in sorted(found, reverse=True):
        gap = {"gap": f"{row['gap']:,.0f}"} if lack == "income" else {}
        name = "closed" if closed and lack == "waiting" else lack
        words.append(_with_share(label(f"lists.lack_{name}", lang, **gap), share, lang))
    return label("report.comma", lang).join(words)


def _measures(homes: pd.DataFrame, about: dict[str, Any], lang: str) -> list[str]:
    """Titles of the measures that a household is more likely than not to have, most likely first."""
    there = {id: one for id, one in about["measures"].items() if f"held_{id}" in homes}
    titles = {id: one[lang] for id, one in there.items()}
    stations = [id for id, one in there.items() if one["kind"] == STATIONS]
    comma, said = label("report.comma", lang), []
    for row in homes.to_dict("records"):
        held = {id: row[f"held_{id}"] for id in titles}
        words = [(share, titles[id]) for id, share in held.items() if share >= HALF]
        at_stations = {id: held[id] for id in stations if held[id] > 0.0}
        if at_stations and max(at_stations.values()) < HALF <= sum(at_stations.values()):
            likeliest = max(at_stations, key=lambda id: at_stations[id])
            words.append((sum(at_stations.values()), label("lists.one_of", lang, what=titles[likeliest])))
        words.sort(key=lambda one: -one[0])
        said.append(comma.join(_with_share(what, share, lang) for share, what in words))
    return said


def _with_share(what: str, share: float, lang: str) -> str:
    return what if share >= SURE else label("lists.with_share", lang, what=what, share=f"{share:.0%}")


def _cause(row: Any, lang: str) -> str:
    return label(f"report.cause_{Cause(row.cause).name}", lang) if row.cause else BLANK


# --- the sheets -------------------------------------------------------------------------------------------


def _exits_sheet(book: Book, results: Results, homes: pd.DataFrame) -> None:
    """A row per household."""
    made = columns(results, homes, book.about, book.lang)
    under = book.words(
        "lists.under_title",
        opening=results.opening,
        households=f"{len(homes):,}",
        persons=f"{homes['size'].sum():,}",
        scenario=book.about["scenario"][book.lang],
        replicates=results.replicates,
        date=book.date,
    )
    sheet = book.sheet(book.words("lists.exits"), book.words("lists.title", place=book.place), under, len(made) - 1)
    lay_table(
        book, sheet, 2, made, firsts=(homes["village"].diff() != 0).to_numpy(), warned=[bool(cell) for cell in made[-1].cells]
    )
    part_pages(sheet, [column.width for column in made], 2)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(homes), len(made) - 1)
    sheet.repeat_rows(0, 2)


def _villages_sheet(book: Book, answer: Answer, homes: pd.DataFrame) -> None:
    """Households and persons still poor by village and year, and the town under them."""
    about, lang = book.about, book.lang
    table, town = answer.table("villages"), answer.table("remaining")
    years = [int(year) for year in about["years"]]
    names = list(dict.fromkeys(table["item"]))
    town = town[town["kind"] == "projected"].set_index("year")
    start = homes.groupby("name")["size"].agg(["count", "sum"]).reindex(names).fillna(0)
    by = {name: part.set_index("year") for name, part in table.groupby("item")}
    at_start = book.words("lists.at_start", year=about["opening"])
    heads = [(at_start, ("households", "persons"))]
    heads += [(book.words("lists.at_end", year=year), ("households", "range", "persons")) for year in years]
    heads += [(book.words("lists.at_end", year=years[-1]), ("incidence",))]
    last = sum(len(kinds) for _, kinds in heads)
    title = book.words("lists.villages_title", place=book.place)
    under = book.words("lists.note_village_sheet_text", level=f"{about['level']:.0%}")
    sheet = book.sheet(book.words("lists.villages"), title, under, last)
    sheet.set_column(0, 0, 10)
    sheet.merge_range(2, 0, 3, 0, book.words("lists.village"), book.look("head"))
    place, widths, starts = 1, [10.0], []
    for head, kinds in heads:
        starts.append(place)
        if len(kinds) > 1:
            sheet.merge_range(2, place, 2, place + len(kinds) - 1, head, book.look("head"))
        else:
            sheet.write_string(2, place, head, book.look("head"))
        for kind in kinds:
            words = f"{about['level']:.0%}" if kind == "range" else book.words(f"lists.{kind}")
            sheet.write_string(3, place, words, book.look("head"))
            widths.append(8.5 if kind == "range" else 11 if kind == "incidence" else 8)
            sheet.set_column(place, place, widths[-1])
            place += 1
    part_pages(sheet, widths, 1, starts)
    sheet.set_row(2, 20 if lang == "zh" else 34)
    for row, name in enumerate(names, start=4):
        of = by[name]
        cells: list[tuple[Any, str]] = [(name, "text"), (start.loc[name, "count"], "count"), (start.loc[name, "sum"], "count")]
        for year in years:
            cells += _of_year(of.loc[year], "poor_households", "poor_persons")
        cells.append((of.loc[years[-1], "incidence"], "share1"))
        lay_row(book, sheet, row, cells)
    total: list[tuple[Any, str]] = [
        (book.words("lists.town"), "total_text"),
        (len(homes), "total"),
        (homes["size"].sum(), "total"),
    ]
    for year in years:
        total += _of_year(town.loc[year], "households", "persons", "total", "total_range")
    lay_row(book, sheet, 4 + len(names), [*total, (BLANK, "total_text")])
    sheet.freeze_panes(4, 1)
    sheet.repeat_rows(0, 3)


def _of_year(
    row: pd.Series[Any], households: str, persons: str, count: str = "count", ends: str = "range"
) -> list[tuple[Any, str]]:
    low, high = row[f"{households}_low"], row[f"{households}_high"]
    return [(row[households], count), (f"{low:,.0f}–{high:,.0f}", ends), (row[persons], count)]


def _about_sheet(book: Book, results: Results, homes: pd.DataFrame, years: Sequence[str]) -> None:
    """What the columns mean, where the figures come from, which run of which date."""
    about = book.about
    said = {
        "opening": results.opening, "year": results.years[0], "households": f"{len(homes):,}", "replicates": results.replicates,
        "level": f"{about['level']:.0%}", "least": f"{LEAST:.0%}", "half": f"{HALF:.0%}", "few": FEW, "enough": ENOUGH,
        "high": f"{HIGH:.0%}", "some": f"{SOME:.0%}", "plan": last_planned(results) or "—",
        "finish": about.get("finish_year") or "—", "as_of": about["as_of"], "source": about["place"][f"source_{book.lang}"],
        "run": about["run_id"], "date": book.date, "scenario": about["scenario"][book.lang], "seed": about["seed"],
        "draws": about["draws"], "full": f"{FULL:.0%}",
    }  # fmt: skip
    notes = ["synthetic"] if book.mark else []
    closed = closed_years(results)
    said["closed"] = closed[0] if closed else "—"
    notes += [
        "who",
        "expected",
        "chances",
        *(["closed"] if closed else []),
        "short",
        "lacks",
        "measures",
        "returns",
        "warning",
        "village_sheet",
        *years,
        "source",
        "run",
    ]
    made = [
        Column(book.words("lists.item"), 34, "wrap", [book.words(f"lists.note_{note}") for note in notes]),
        Column(
            book.words("lists.meaning"), 110, "wrap",
            [book.words(f"lists.note_{note}_text", **said) for note in notes],
        ),
    ]  # fmt: skip
    sheet = book.sheet(book.words("lists.about"), book.words("lists.about_title"), book.place, 1)
    lay_table(book, sheet, 2, made)
    sheet.repeat_rows(0, 2)
