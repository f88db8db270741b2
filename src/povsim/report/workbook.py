"""Owns: how a workbook looks that an office opens and prints: its sheets, headings, cells, and what stands on every page.
Never: knows what it shows (report.lists, report.yearly, report.opened)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from povsim.core.labels import label

FONTS: Final = {"zh": "微软雅黑", "en": "Arial"}
INK: Final = "#1f3b57"
HEAD: Final = "#dfe8f1"
LINE: Final = "#b5bfc9"
SHADE: Final = "#fdf1dc"
BLANK: Final = ""
FITS: Final = 220.0  # characters that one page's width still shows in a size that can be read
SCALE: Final = 70  # percent at which wider sheets are printed
ACROSS: Final = 185.0  # characters of a page's width at that


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its heading, its width in characters, how its cells look, and the cells."""

    title: str
    width: float
    look: str  # text, wrap, centre, year, share, count; number: whole, or to the tenth where it is not
    cells: Sequence[Any]


class Book:
    """A workbook in the making: its looks, and what stands on every page of every sheet."""

    def __init__(self, book: Any, about: dict[str, Any], lang: str) -> None:
        self.book, self.about, self.lang = book, about, lang
        self.place = about["place"][lang]
        self.date = about["created"]
        self.run = about["run_id"][:8]
        self._looks: dict[tuple[str, bool, bool], Any] = {}
        made = datetime.datetime.combine(datetime.date.fromisoformat(self.date), datetime.time())
        book.set_properties({"title": self.words("lists.title", place=self.place), "created": made, "comments": self.mark})

    @property
    def mark(self) -> str:
        """What says on every page that nobody here is real."""
        return self.words("results.synthetic") if self.about["place"]["synthetic"] else ""

    def words(self, key: str, **said: object) -> str:
        return label(key, self.lang, **said)

    def look(self, kind: str, first: bool = False, warned: bool = False) -> Any:
        """How a cell looks: ``first`` of its village, or one that is ``warned`` of."""
        key = (kind, first, warned)
        if key not in self._looks:
            form: dict[str, Any] = {"font_name": FONTS[self.lang], "font_size": 10, "valign": "vcenter", "bottom": 1}
            form |= {"bottom_color": LINE, **LOOKS[kind]}
            form |= {"top": 2, "top_color": INK} if first else {}
            form |= {"bg_color": SHADE} if warned else {}
            self._looks[key] = self.book.add_format(form)
        return self._looks[key]

    def sheet(self, name: str, title: str, under: str, last: int) -> Any:
        """A new sheet: A4 across, fit to its width, with its title and, on every page, mark, source, run, date and page."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.65)
        font = f'&"{FONTS[self.lang]}"'
        head = [f"&L{font}&9 {escape(title)}", f"&R{font}&9 {self.date}"]
        if self.mark:
            head.insert(1, f"&C{font}&11&KC00000 {escape(self.mark)}")
        sheet.set_header("".join(head), {"margin": 0.3})
        source = self.about["place"][f"source_{self.lang}"]
        page = self.words("lists.page", page="&P", pages="&N")
        foot = (
            escape(self.words("lists.footer_source", source=source)),
            escape(self.words("lists.footer", run=self.run, date=self.date)),
        )
        sheet.set_footer(f"&L{font}&8 {foot[0]}&C{font}&8 {foot[1]}&R{font}&8 {page}", {"margin": 0.3})
        sheet.merge_range(0, 0, 0, last, title, self.look("title"))
        sheet.set_row(0, 30)
        text = f"{under}　　{self.mark}" if self.mark else under
        sheet.merge_range(1, 0, 1, last, text, self.look("under"))
        sheet.set_row(1, 20)
        sheet.hide_gridlines(2)
        return sheet

    def close(self) -> None:
        """Write it."""
        self.book.close()


LOOKS: Final[dict[str, dict[str, Any]]] = {
    "title": {"font_size": 16, "font_color": INK, "align": "left", "bottom": 0},
    "under": {"font_size": 10, "font_color": "#4d4d4d", "align": "left", "bottom": 0},
    "head": {"bg_color": HEAD, "font_color": INK, "align": "center", "text_wrap": True, "border": 1, "border_color": LINE},
    "text": {"align": "left"},
    "wrap": {"align": "left", "text_wrap": True, "indent": 1, "font_size": 9},
    "centre": {"align": "center"},
    "year": {"align": "center", "num_format": "0", "bold": True},
    "share": {"align": "center", "num_format": "0%"},
    "share1": {"align": "right", "num_format": "0.0%"},
    "count": {"align": "right", "num_format": "#,##0"},
    "tenth": {"align": "right", "num_format": "#,##0.0"},
    "total": {"align": "right", "num_format": "#,##0", "bold": True, "bg_color": HEAD},
    "total_text": {"align": "left", "bold": True, "bg_color": HEAD},
    "total_share": {"align": "right", "num_format": "0.0%", "bold": True, "bg_color": HEAD},
    "range": {"align": "center", "font_color": "#4d4d4d", "font_size": 9},
    "total_range": {"align": "center", "font_color": "#4d4d4d", "font_size": 9, "bg_color": HEAD},
}


def escape(text: str) -> str:
    """A text in which a header finds no command."""
    return text.replace("&", "&&")


def lay_table(
    book: Book, sheet: Any, top: int, made: Sequence[Column], firsts: Sequence[bool] | None = None, warned: Sequence[bool] = ()
) -> None:
    """Headings at row ``top`` and the cells under them; the last cell of a row that is warned of is shaded."""
    lines = max(lines_of(column.title, column.width) for column in made)
    sheet.set_row(top, 15 * lines + 6)
    for place, column in enumerate(made):
        sheet.set_column(place, place, column.width)
        sheet.write_string(top, place, column.title, book.look("head"))
        for row, cell in enumerate(column.cells):
            first = firsts is not None and row > 0 and bool(firsts[row])
            kind = column.look if column.look != "number" else "tenth" if cell % 1.0 else "count"
            look = book.look(kind, first, bool(warned and warned[row] and place == len(made) - 1))
            lay_cell(sheet, top + 1 + row, place, cell, look)
    wraps = [column for column in made if column.look == "wrap"]
    for row in range(len(made[0].cells)):
        tall = max((lines_of(str(column.cells[row]), column.width) for column in wraps), default=1)
        sheet.set_row(top + 1 + row, 13 * tall + 5)


def part_pages(sheet: Any, widths: Sequence[float], kept: int, starts: Sequence[int] = ()) -> None:
    """Print a sheet that is too wide for one page on several side by side, the first ``kept`` columns on each.

    Parameters
    ----------
    sheet : worksheet
        The sheet, which else is fitted to one page's width.
    widths : sequence of float
        Characters of every column.
    kept : int
        Columns that say what a row is.
    starts : sequence of int
        Columns before which a page may end; all where none is named.
    """
    if sum(widths) <= FITS:
        return
    sheet.set_print_scale(SCALE)  # a sheet that is fitted to pages knows no breaks
    sheet.repeat_columns(0, kept - 1)
    may = sorted({*(starts or range(kept, len(widths))), len(widths)})
    breaks, page = [], kept
    for start, end in pairwise(may):
        if sum(widths[:kept]) + sum(widths[page:end]) > ACROSS and start > page:
            breaks.append(start)
            page = start
    sheet.set_v_pagebreaks(breaks)


def lay_cell(sheet: Any, row: int, place: int, cell: Any, look: Any) -> None:
    """Write a cell; nothing where it is empty or NaN."""
    if isinstance(cell, str):
        sheet.write_string(row, place, cell, look) if cell else sheet.write_blank(row, place, None, look)
    elif np.isnan(cell):
        sheet.write_blank(row, place, None, look)
    else:
        sheet.write_number(row, place, float(cell), look)


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in a column: a Chinese character is as wide as two letters."""
    wide = sum(1.75 if ord(letter) > 0x2E7F else 0.87 for letter in text)
    return max(1, int(np.ceil(wide / (width - 2.0))))


def lay_row(book: Book, sheet: Any, row: int, cells: Sequence[tuple[Any, str]]) -> None:
    """Write a row of cells, each with its look."""
    sheet.set_row(row, 18)
    for place, (cell, look) in enumerate(cells):
        lay_cell(sheet, row, place, cell, book.look(look))
