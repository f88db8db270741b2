"""Owns: an executed notebook as a plain page: no code, everything inside one file, the same with and without a network.
Never: runs a notebook (report.notebooks)."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Final

import nbformat
from nbformat import NotebookNode

from povsim.core.labels import LANGUAGES, language
from povsim.report.fonts import FAMILY, woff2
from povsim.results.files import write_text

TAGS: Final = {"zh": "zh-CN", "en": "en"}
STYLE: Final = """
@font-face { font-family: "%(name)s"; src: url("data:font/woff2;base64,%(font)s") format("woff2"); }
body { font-family: "%(name)s", sans-serif; font-synthesis: none; color: #1a1a1a; line-height: 1.6;
       max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; }
h1, h2, h3, h4, th { font-weight: normal; }
h1 { font-size: 2rem; } h2 { font-size: 1.5rem; margin-top: 2.5rem; border-bottom: 1px solid #b9b9b9; } h4 { font-size: 1.2rem; }
img { max-width: 100%%; }
table { border-collapse: collapse; margin: 1rem 0; border: 0; }
th, td { padding: 0.3rem 0.6rem; text-align: right; border: 0; border-bottom: 1px solid #d9d9d9; }
td, tbody th { white-space: nowrap; }
th { background: #eef3f8; } th:first-child, td:first-child { text-align: left !important; }
pre { white-space: pre-wrap; font-family: inherit; }
.anchor-link { display: none; }
@media print { body { margin: 0; max-width: none; } table { font-size: 80%%; }
  h2 { break-after: avoid; } img, tr { break-inside: avoid; } }
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


def to_html(notebook: Path | str, out: Path | str, lang: str | None = None) -> Path:
    """Write an executed notebook as one HTML file that needs nothing else.

    Parameters
    ----------
    notebook : Path or str
        Executed notebook; its first heading is the title of the page. A line of Markdown written ``中文 · English`` is shown in
        the language of the page.
    out : Path or str
        The page, whole or not at all.
    lang : str or None
        Language of the page.

    Returns
    -------
    Path
        ``out``.
    """
    from nbconvert.exporters import HTMLExporter

    executed = nbformat.read(notebook, as_version=4)
    tongue = language(lang)
    shown = NotebookNode({**executed, "cells": [_for_reading(cell, tongue) for cell in executed.cells]})
    # The basic template is the body alone; the others load scripts from the network.
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_output_prompt=True, embed_images=True)
    body, _ = exporter.from_notebook_node(shown)
    style = STYLE % {"name": FAMILY[0], "font": b64encode(woff2()).decode("ascii")}
    page = PAGE.format(lang=TAGS[tongue], title=escape(_title(shown, Path(notebook))), style=style, body=body)
    write_text(out, page)
    return Path(out)


def _title(notebook: NotebookNode, path: Path) -> str:
    headings = re.findall(r"^# +(.+)$", "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"), re.M)
    return headings[0].strip() if headings else path.stem


def _for_reading(cell: NotebookNode, lang: str) -> NotebookNode:
    """Keep one language of a line that has both, and leave out stderr: it is for whoever runs the job, not for a meeting."""
    if cell.cell_type == "markdown":
        return NotebookNode({**cell, "source": "\n".join(_in_language(line, lang) for line in cell.source.splitlines())})
    return NotebookNode({**cell, "outputs": [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]})


def _in_language(line: str, lang: str) -> str:
    mark, text = re.fullmatch(r"(#* *)(.*)", line).groups()  # type: ignore[union-attr]
    parts = text.split(" · ")
    return mark + parts[LANGUAGES.index(lang)] if len(parts) == len(LANGUAGES) else line
