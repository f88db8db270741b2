"""Owns: the page that a meeting reads: four numbers, then executed notebooks as chapters; no code, one file, no network.
Never: runs a notebook (report.notebooks), computes a number (indicators) or prints (report.printing)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat import NotebookNode

from povsim.core.labels import LANGUAGES, catalogue, label, language
from povsim.indicators.answer import Answer
from povsim.indicators.indicators import Headline, headlines_of, say, show_chance, show_number
from povsim.report.fonts import FAMILY, woff2
from povsim.results.files import write_text

TAGS: Final = {"zh": "zh-CN", "en": "en"}
APART: Final = "notebook-only"  # tag of cells that say what the head of the page says already
BIG: Final = 3  # numbers written large in a card
WHOLE: Final = 16  # a table of fewer rows is printed on one page
STYLE: Final = """
@font-face { font-family: "%(name)s"; src: url("data:font/woff2;base64,%(font)s") format("woff2"); }
html { font-family: "%(name)s", sans-serif; font-synthesis: none; color: #1a1a1a; }
body { line-height: 1.6; max-width: 64rem; margin: 0 auto; padding: 0 1.5rem 4rem; }
h1, h2, h3, h4, th { font-weight: normal; }
h1 { font-size: 2rem; line-height: 1.3; margin: 1.5rem 0 0.5rem; }
section h1 { font-size: 1.7rem; color: #1f3b57; border-bottom: 2px solid #1f3b57; padding-bottom: 0.3rem; margin-top: 4rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 0.5rem; color: #1f3b57; } h3, h4 { font-size: 1.1rem; }
p { margin: 0.6rem 0; }
.mark { position: sticky; top: 0; z-index: 9; background: #fff3e0; color: #b00000; text-align: center; padding: 0.25rem;
        margin: 0 -1.5rem; border-bottom: 1px solid #e0b070; }
.about { color: #4d4d4d; }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 0.8rem; margin: 1rem 0; }
.card { border: 1px solid #b9c6d3; border-top: 5px solid #1f3b57; padding: 0.8rem 1.2rem; }
.card h2 { margin: 0; font-size: 1.15rem; color: #4d4d4d; }
.figures { display: flex; flex-wrap: wrap; gap: 0 2.2rem; }
.big { font-size: 2.3rem; line-height: 1.25; margin: 0.2rem 0 0; color: #1f3b57; white-space: nowrap; }
.big small { font-size: 1.1rem; } .range { margin: 0; color: #4d4d4d; }
.said { margin: 0.6rem 0 0; font-size: 0.95rem; }
nav ol { padding-left: 1.4rem; } nav ol ol { display: inline; padding-left: 1.2rem; font-size: 0.93rem; }
nav ol ol li { display: inline-block; margin-left: 1.2rem; }
nav a { color: #1f3b57; text-decoration: none; } nav a:hover { text-decoration: underline; }
img { max-width: 100%%; display: block; margin: 0.5rem 0; }
table { border-collapse: collapse; margin: 0.8rem 0; border: 0; font-size: 0.93rem; }
th, td { padding: 0.28rem 0.6rem; text-align: right; border: 0; border-bottom: 1px solid #d9d9d9; vertical-align: top; }
td { white-space: nowrap; } tbody th { min-width: 5.5em; max-width: 24em; }
th { background: #eef3f8; } th:first-child, td:first-child { text-align: left !important; }
.estimates { columns: 2; column-gap: 2rem; font-size: 0.85rem; line-height: 1.45; }
.estimates h4 { margin: 0.8rem 0 0.1rem; color: #1f3b57; break-after: avoid; } .estimates ul { margin: 0; padding-left: 1.1rem; }
.estimates small { color: #4d4d4d; }
pre { white-space: pre-wrap; font-family: inherit; }
.anchor-link { display: none; }
@page { size: A4; margin: 19mm 15mm 17mm; %(margins)s }
@media print {
  html { font-size: 9.2pt; } body { margin: 0; max-width: none; padding: 0; } .mark { display: none; }
  section.chapter { break-before: page; } section h1 { margin-top: 0; } h1, h2, h3, h4 { break-after: avoid; }
  img, tr, .card { break-inside: avoid; } thead { display: table-header-group; } img { max-width: 92%%; }
  tbody tr:nth-child(-n+4) { break-after: avoid; } tbody tr:nth-last-child(-n+2) { break-before: avoid; }
  table:not(:has(tbody tr:nth-child(%(whole)d))) { break-inside: avoid; }
  .text_cell { break-after: avoid; break-inside: avoid; }
  table { font-size: 88%%; margin: 0.4rem 0; } th, td { padding: 0.15rem 0.4rem; } h2 { margin-top: 1.6rem; }
  .big { font-size: 1.9rem; } nav { break-inside: avoid; } nav h2 { margin: 0.8rem 0 0; } nav ol { margin: 0.3rem 0; }
}
"""
PAGE: Final = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


@dataclass(frozen=True)
class Chapter:
    """An executed notebook as a part of the page.

    Attributes
    ----------
    id : str
        Where links lead.
    title : str
        Its first heading.
    parts : tuple of (id, heading)
        What stands in the contents under it.
    body : str
        HTML.
    """

    id: str
    title: str
    parts: tuple[tuple[str, str], ...]
    body: str


def write_page(notebooks: Sequence[Path | str], out: Path | str, answer: Answer, lang: str | None = None) -> Path:
    """Write executed notebooks as one HTML file that needs nothing else.

    Parameters
    ----------
    notebooks : sequence of Path or str
        Executed notebooks, a chapter each under its first heading. A line of Markdown written ``中文 · English`` is shown in the
        language of the page.
    out : Path or str
        The page, whole or not at all.
    answer : Answer
        Whose four numbers come first.
    lang : str or None
        Language of the page.

    Returns
    -------
    Path
        ``out``.
    """
    tongue = language(lang)
    about = answer.about
    chapters = [chapter(notebook, number, tongue) for number, notebook in enumerate(notebooks, start=1)]
    title = label("pages.title", tongue, place=about["place"][tongue])
    body = "\n".join([_head(title, answer, tongue), _contents(chapters, tongue), *map(_section, chapters)])
    font = b64encode(woff2()).decode("ascii")
    style = STYLE % {"name": FAMILY[0], "font": font, "margins": margins(about, tongue), "whole": WHOLE}
    write_text(out, PAGE.format(lang=TAGS[tongue], title=escape(title), style=style, body=body))
    return Path(out)


def chapter(notebook: Path | str, number: int, lang: str) -> Chapter:
    """Read an executed notebook as a chapter: outputs and words, each heading with an id of its own."""
    from nbconvert.exporters import HTMLExporter

    executed = nbformat.read(notebook, as_version=4)
    cells = [_for_reading(cell, lang) for cell in executed.cells if APART not in cell.metadata.get("tags", [])]
    shown = NotebookNode({**executed, "cells": cells})
    # The basic template is the body alone; the others load scripts from the network.
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_output_prompt=True, embed_images=True)
    body, _ = exporter.from_notebook_node(shown)
    found: list[tuple[int, str, str]] = []

    def named(match: re.Match[str]) -> str:
        text = re.sub(r'<a class="anchor-link".*?</a>', "", match[2], flags=re.S)
        found.append((int(match[1]), f"c{number}-{len(found)}", unescape(re.sub(r"<[^>]*>", "", text)).strip()))
        return f'<h{match[1]} id="{found[-1][1]}">{text}</h{match[1]}>'

    body = re.sub(r' id="cell-id=[^"]*"', "", body)  # the same in every notebook
    body = re.sub(r"<h([12])\b[^>]*>(.*?)</h\1>", named, body, flags=re.S)
    title = next((text for level, _, text in found if level == 1), Path(notebook).stem)
    return Chapter(f"c{number}", title, tuple((id, text) for level, id, text in found if level == 2), body)


def margins(about: Mapping[str, Any], lang: str) -> str:
    """What stands at the edges of each printed page: town, mark and scenario over it; source, run, date and number under it."""
    page = label("pages.page", lang, page="\0", pages="\1")
    number = _quoted(page).replace("\0", '" counter(page) "').replace("\1", '" counter(pages) "')
    run = label("pages.made", lang, run=about["run_id"][:8], date=about["created"])
    source = label("lists.footer_source", lang, source=about["place"][f"source_{lang}"])
    boxes = {
        "top-left": (_quoted(about["place"][lang]), ""),
        "top-right": (_quoted(about["scenario"][lang]), ""),
        "bottom-left": (_quoted(source), ""),
        "bottom-center": (_quoted(run), ""),
        "bottom-right": (number, ""),
    }
    if about["place"]["synthetic"]:
        boxes["top-center"] = (_quoted(label("results.synthetic", lang)), " color: #b00000; font-size: 10pt;")
    look = f'font: 8pt "{FAMILY[0]}", sans-serif; color: #4d4d4d;'
    return " ".join(f"@{box} {{ {look}{more} content: {text}; }}" for box, (text, more) in boxes.items())


def _quoted(text: str) -> str:
    """A text as CSS writes it; no text can end the string or the style."""
    return '"' + "".join(char if char not in '"\\<>\n' else f"\\{ord(char):x} " for char in text) + '"'


def _head(title: str, answer: Answer, lang: str) -> str:
    about = answer.about
    runs = label(
        "pages.runs_draws" if about["draws"] > 1 else "pages.runs", lang, replicates=about["replicates"], draws=about["draws"]
    )
    made = label("pages.made", lang, run=about["run_id"][:8], date=about["created"])
    scenario = label("pages.scenario", lang, scenario=about["scenario"][lang])
    said = say(answer, lang)
    cards = "\n".join(_card(head, said, about["level"], lang) for head in headlines_of(answer))
    mark = f'<div class="mark">{escape(label("results.synthetic", lang))}</div>\n' if about["place"]["synthetic"] else ""
    line = label("report.dot", lang).join([scenario, runs, made])
    before = "".join(f"<p>{escape(said[name])}</p>\n" for name in ("history", "short") if name in said)
    return (
        f'{mark}<header>\n<h1>{escape(title)}</h1>\n<p class="about">{escape(line)}</p>\n{before}'
        f'<div class="cards">\n{cards}\n</div>\n<p class="about">{escape(said["caution"])}</p>\n</header>'
    )


def _card(head: Headline, said: Mapping[str, str], level: float, lang: str) -> str:
    """One of the four numbers: written large with its interval, and the sentence that says it all."""
    first = next((value for value in head.values if value.name == "exited_in_all"), head.values[0])
    large = [value for value in head.values if value.name == first.name][:BIG]
    figures = []
    for value in large:
        number, low, high = (show_number(bound, value.unit, lang) for bound in value.interval[:3])
        of = label(f"pages.of_{head.key}", lang, year=value.year) + _planned(head, value.year, lang)
        bounds = label("pages.range", lang, of=of, level=f"{level:.0%}", low=low, high=high)
        key = f"pages.unit_{value.unit.replace('/', '_')}"
        unit = label(key, lang) if key in catalogue() else ""  # a share and money say theirs themselves
        figures.append(
            f'<div><p class="big">{escape(number)} <small>{escape(unit)}</small></p><p class="range">{escape(bounds)}</p></div>'
        )
    title = label(f"pages.card_{head.key}", lang)
    return (
        f'<div class="card"><h2>{escape(title)}</h2><div class="figures">{"".join(figures)}</div>'
        f'<p class="said">{escape(said.get(head.key, ""))}</p></div>'
    )


def _planned(head: Headline, year: int | None, lang: str) -> str:
    """The plan's number and how likely it is met, for a year that has one."""
    of = {value.name: value for value in head.values if value.year == year}
    if "target" not in of or "p_met" not in of:
        return ""
    times = round(of["p_met"].interval.median * head.replicates)
    return label(
        "pages.planned",
        lang,
        target=show_number(of["target"].interval.median, "persons", lang),
        chance=show_chance(times, head.replicates, lang, head.draws),
    )


def _contents(chapters: Sequence[Chapter], lang: str) -> str:
    rows = []
    for one in chapters:
        parts = "".join(f'<li><a href="#{id}">{escape(text)}</a></li>' for id, text in one.parts)
        rows.append(f'<li><a href="#{one.id}">{escape(one.title)}</a><ol>{parts}</ol></li>')
    return f"<nav>\n<h2>{escape(label('pages.contents', lang))}</h2>\n<ol>\n{''.join(rows)}\n</ol>\n</nav>"


def _section(one: Chapter) -> str:
    return f'<section class="chapter" id="{one.id}">\n{one.body}\n</section>'


def _for_reading(cell: NotebookNode, lang: str) -> NotebookNode:
    """Keep one language of a line that has both, and leave out stderr: it is for whoever runs the job, not for a meeting."""
    if cell.cell_type == "markdown":
        return NotebookNode({**cell, "source": "\n".join(_in_language(line, lang) for line in cell.source.splitlines())})
    return NotebookNode({**cell, "outputs": [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]})


def _in_language(line: str, lang: str) -> str:
    mark, text = re.fullmatch(r"(#* *)(.*)", line).groups()  # type: ignore[union-attr]
    parts = text.split(" · ")
    return mark + parts[LANGUAGES.index(lang)] if len(parts) == len(LANGUAGES) else line
