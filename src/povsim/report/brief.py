"""Owns: the brief of a meeting as one PDF, made by matplotlib alone: the numbers as sentences, the charts, what they rest on.
Never: finds the words of a sentence (indicators), or makes the page that a browser prints (report.pages)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from povsim.core.labels import label, language
from povsim.indicators.answer import Answer
from povsim.report import charts
from povsim.report.charts.fit import OTHERS
from povsim.report.charts.ink import DARK, LARGE, SIZE, SMALL, TEXT, Chart, save_pages, settled, style
from povsim.report.charts.page import BOTTOM, MARGIN, TOP, frame, heading, number
from povsim.report.charts.placing import LEADING, wrap

Paragraph = list[str]  # its lines

NUMBERED: Final = 0.5  # inches at the left, for the number of a paragraph
APART: Final = 0.55  # of a line, between paragraphs
SIZES: Final = (24.0, 22.0, 20.0, 18.0, TEXT, SMALL)  # the largest in which a page of sentences fits is taken


def brief(answer: Answer, lang: str | None, path: Path | str, sentences: Sequence[str], assumptions: Sequence[str] = ()) -> Path:
    """Write the brief: a page of sentences, a page per chart that the answer has numbers for, then the assumptions.

    Every page has its number, the source, the day it was made and, for a synthetic town, the mark that it is one.

    Parameters
    ----------
    answer : Answer
        What is said and drawn.
    lang : str or None
        Language of the brief.
    path : Path or str
        The PDF, whole or not at all; the same answer gives the same bytes.
    sentences : sequence of str
        The answer in sentences, the most important first.
    assumptions : sequence of str
        What the answer rests on, a paragraph each; as many pages as they need.

    Returns
    -------
    Path
        ``path``.
    """
    tongue = language(lang)
    place = answer.about["place"][tongue]
    pages = list(_of_text(answer, label("charts.brief_title", tongue, place=place), sentences, SIZES, True, tongue))
    pages += [draw() for draw in drawn(answer, tongue)]
    if assumptions:
        title = label("charts.assumptions_title", tongue, place=place)
        pages += _of_text(answer, title, assumptions, (LARGE, TEXT, SMALL), False, tongue)
    for place_, figure in enumerate(pages, start=1):
        with style():
            number(figure, place_, len(pages))
    return save_pages(pages, path)


def drawn(answer: Answer, lang: str | None = None) -> Iterator[Callable[[], Chart]]:
    """The charts of an answer in the order of a meeting; those that it has no numbers for are left out."""
    of_tables: tuple[tuple[str, Callable[..., Chart]], ...] = (
        ("exit_timeline", charts.exit_timeline),
        ("remaining", charts.remaining_households),
        ("return_by_years", charts.return_risk),
        ("income_sources", charts.income_sources),
        ("villages", charts.villages),
        ("spending", charts.spending),
    )
    yield from (partial(draw, answer, lang=lang) for table, draw in of_tables if answer.has(table))
    if answer.has("difference"):
        for scenario in answer.table("difference")["item"].unique():
            yield partial(charts.difference, answer, scenario, lang=lang)
    last: tuple[tuple[str, Callable[..., Chart]], ...] = (
        ("routes", charts.routes),
        ("fit", partial(charts.fit, kind="fitted")),
        ("fit", partial(charts.fit, kind=OTHERS)),
        ("influence", charts.tornado),
    )
    yield from (partial(draw, answer, lang=lang) for table, draw in last if answer.has(table))


def _of_text(
    answer: Answer, title: str, paragraphs: Sequence[str], sizes: Sequence[float], numbered: bool, lang: str
) -> Iterator[Chart]:
    """Pages of text in the largest type in which it fits one page, else in the smallest on as many as it takes."""
    left = MARGIN + (NUMBERED if numbered else 0.0)
    for size in sizes:
        filled = [wrap(text, size, SIZE[0] - MARGIN - left) for text in paragraphs]
        pages = list(_dealt(filled, (TOP - BOTTOM) * 72 / (size * 1.35)))
        if len(pages) == 1:
            break
    done = 0
    for page, dealt in enumerate(pages, start=1):
        said = title if page == 1 else label("charts.continued", lang, title=title, page=page)
        with style():
            figure = frame(answer, said, lang, bands=0)
            y = TOP
            for lines in dealt:
                done += 1
                if numbered:
                    heading(figure, MARGIN, y, str(done), va="top", fontsize=size, color=DARK)
                heading(figure, left, y, "\n".join(lines), va="top", fontsize=size, linespacing=LEADING)
                y -= (len(lines) + APART) * size * 1.35 / 72
            yield settled(figure)


def _dealt(paragraphs: Sequence[Paragraph], room: float) -> Iterator[list[Paragraph]]:
    """Paragraphs dealt onto pages of so many lines; a paragraph stays whole where a page can hold it."""
    page: list[Paragraph] = []
    free = room
    for lines in paragraphs:
        while lines:
            if page and len(lines) > free:
                yield page
                page, free = [], room
            kept, lines = lines[: int(room)], lines[int(room) :]
            page.append(kept)
            free -= len(kept) + APART
    if page:
        yield page
