"""Owns: one household opened as a workbook of one sheet (the draft of 一户一策), for an office to print and write on.
Never: computes what it shows (simulation.why) or finds its words (simulation.telling)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from povsim.core.labels import label, language
from povsim.report.workbook import Book
from povsim.results.files import whole
from povsim.simulation.telling import Rows, told
from povsim.simulation.why import LEVEL, Why, whole_yuan

SHARES: Final = ("above", "out")
WIDE: Final = (26.0, 9.0, 15.0)  # characters: of what a row is, of a number, of its interval
EACH: Final = 2  # columns of a year


def write_household(why: Why, about: Mapping[str, Any], path: Path | str, lang: str | None = None) -> Path:
    """Write one household opened as a workbook, whole or not at all.

    Parameters
    ----------
    why : Why
        The household.
    about : mapping
        ``place``, ``scenario``, ``created`` and ``run_id``, as ``Answer.about`` has them.
    path : Path or str
        The workbook.
    lang : str or None
        Language of the words.

    Returns
    -------
    Path
        ``path``.
    """
    import xlsxwriter

    tongue = language(lang)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as beside:
        book = Book(xlsxwriter.Workbook(str(beside)), dict(about), tongue)
        _Sheet(book, why).fill()
        book.close()
    return path


class _Sheet:
    """The sheet in the making, row by row."""

    def __init__(self, book: Book, why: Why) -> None:
        self.book, self.why, self.one = book, why, told(why, book.lang)
        self.last = EACH * len(why.years)
        scenario = label("pages.scenario", book.lang, scenario=book.about["scenario"][book.lang])
        self.sheet = book.sheet(why.household[:31], self.one.title, scenario, self.last)
        self.sheet.set_column(0, 0, WIDE[0])
        for place in range(len(why.years)):
            self.sheet.set_column(1 + EACH * place, 1 + EACH * place, WIDE[1])
            self.sheet.set_column(2 + EACH * place, 2 + EACH * place, WIDE[2])
        self.row = 2

    def fill(self) -> None:
        one = self.one
        self._say([label("why.how_beside", self.book.lang, replicates=len(self.why.records), level=f"{LEVEL[1] - LEVEL[0]:.0%}")])
        self._say(one.notes)
        self._yuan("why.income", one.income)
        self._yuan("why.by_measures", one.measures)
        self._say(one.beside)
        self._line()
        self._say(one.lacks)
        self._tips()
        self._say(one.after)
        self.sheet.repeat_rows(0, 1)

    def _write(self, place: int, cell: Any, look: str) -> None:
        form = self.book.look(look)
        if isinstance(cell, str):
            self.sheet.write_string(self.row, place, cell, form)
        elif cell != cell:
            self.sheet.write_string(self.row, place, "-", form)
        else:
            self.sheet.write_number(self.row, place, float(cell), form)

    def _say(self, said: Sequence[str]) -> None:
        """A line of words each, over the whole width."""
        letters = WIDE[0] + len(self.why.years) * (WIDE[1] + WIDE[2])
        for text in said:
            self.sheet.merge_range(self.row, 0, self.row, self.last, text, self.book.look("wrap"))
            wide = sum(1.75 if ord(letter) > 0x2E7F else 0.9 for letter in text)
            self.sheet.set_row(self.row, 13 * max(1, -(-int(wide) // int(letters))) + 5)
            self.row += 1

    def _head(self, title: str) -> None:
        """A blank line, then what the table is, and its years."""
        self.row += 1
        self._write(0, title, "head")
        for place, year in enumerate(self.why.years):
            first = 1 + EACH * place
            self.sheet.merge_range(self.row, first, self.row, first + 1, str(year), self.book.look("head"))
        self.row += 1

    def _yuan(self, title: str, rows: Rows) -> None:
        """Means of a table that add up, each with its interval, and their sum."""
        if not rows:
            return
        self._head(label(title, self.book.lang))
        years = self.why.years
        cells = {year: [_cell(table, year, key, part) for _, table, key, part in rows] for year in years}
        means = {
            year: whole_yuan([cell["mean"] if cell["mean"] == cell["mean"] else 0.0 for cell in cells[year]]) for year in years
        }
        for number, (name, *_) in enumerate(rows):
            self._write(0, name, "text")
            for place, year in enumerate(years):
                self._number(place, means[year][number], cells[year][number])
            self.row += 1
        self._write(0, label("why.all", self.book.lang), "total_text")
        for place, year in enumerate(years):
            self._number(place, sum(means[year]), _cell(self.why.income, year, "part", "all"), "total", "total_range")
        self.row += 1

    def _number(self, place: int, mean: float, ends: Any, look: str = "count", of: str = "range") -> None:
        low, high = ends["low"], ends["high"]
        self._write(1 + EACH * place, mean if low == low else float("nan"), look)
        self._write(2 + EACH * place, "" if low != low or round(low) == round(high) else f"{low:,.0f}–{high:,.0f}", of)

    def _line(self) -> None:
        """How far it is from the line."""
        self._head(label("why.line", self.book.lang))
        line = {int(row["year"]): row for row in self.why.line.to_dict("records")}
        for name in ("head", "standard", "distance", *SHARES):
            self._write(0, label(f"why.{name}", self.book.lang), "text")
            for place, year in enumerate(self.why.years):
                row = line[year]
                if name in SHARES:
                    self._write(1 + EACH * place, row[name], "share")
                    self._write(2 + EACH * place, "", "range")
                elif name == "standard":
                    self._number(place, row["stated"], {end: row[f"line_{end}"] for end in ("low", "high")})
                else:
                    ends = {end: row[f"{name}_{end}"] for end in ("low", "high")}
                    self._number(place, row[f"{name}_mean"], ends)
            self.row += 1

    def _tips(self) -> None:
        """What would tip it back, the likeliest first."""
        lang = self.book.lang
        self.row += 1
        if not self.one.tips:
            self._say([label("why.no_tips", lang)])
            return
        self._say([label("why.tips", lang, year=self.one.year, runs=self.one.runs)])
        for place, name in enumerate(("item", "loss", "chance")):
            self._write(place, label(f"why.{name}", lang), "head")
        self.sheet.set_row(self.row, 34)
        self.row += 1
        for what, loss, share in self.one.tips:
            for place, (cell, look) in enumerate(((what, "wrap"), (loss, "count"), (share, "share"))):
                self._write(place, cell, look)
            self.row += 1


def _cell(table: pd.DataFrame, year: int, key: str, part: str) -> Any:
    return table[(table["year"] == year) & (table[key] == part)].iloc[0]
