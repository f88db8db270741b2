"""Owns: how a figure looks and gets onto paper: size, colours, settings, check of characters, files that are always the same.
Never: knows an answer (the charts), or touches pyplot or matplotlib's global settings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from povsim.report.fonts import FAMILY, check_glyphs
from povsim.results.files import whole

SIZE: Final = (13.33, 7.5)  # a 16:9 slide, inches
DPI: Final = 150
LAID_OUT: Final = 100  # dots an inch at which texts are measured and placed, whatever the settings of a notebook
SMALL: Final = 14.0  # points; nothing is written smaller
TEXT: Final = 16.0
LARGE: Final = 19.0

# From dark to light, so far apart that a grey printer keeps them apart too.
INK: Final = "#1a1a1a"
DARK: Final = "#1f3b57"  # what was reported
QUIET: Final = "#4d4d4d"
CHANCE: Final = "#4f7aa6"  # chance alone
MIDDLE: Final = "#7699bb"
LIGHT: Final = "#9fbedb"  # chance and ignorance together
PALE: Final = "#e1ebf4"  # what is projected
GRID: Final = "#e0e0e0"
SHADE: Final = "#f1ede4"  # behind the years of a stress

STYLE: Final[dict[str, Any]] = {
    "font.family": list(FAMILY),
    "font.size": TEXT,
    "axes.titleweight": "normal",
    "axes.labelweight": "normal",
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "hatch.linewidth": 1.2,
    "lines.solid_capstyle": "butt",
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is one; mathematics would lose the Chinese
    "xtick.color": INK,
    "ytick.color": QUIET,
    "xtick.labelsize": 17,
    "ytick.labelsize": 15,
    "pdf.fonttype": 42,  # text that can be searched and copied
    "svg.fonttype": "path",
}
METADATA: Final[dict[str, dict[str, Any]]] = {
    "png": {"Software": "povsim"},
    "pdf": {"Creator": "povsim", "Producer": "povsim", "CreationDate": None, "ModDate": None},
    "svg": {"Creator": "povsim", "Date": None},
}


class Chart(Figure):
    """A figure that a notebook shows as it is saved, with its title for those who cannot see it."""

    title = ""

    def __init__(self) -> None:
        super().__init__(figsize=SIZE, dpi=LAID_OUT)

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        stream = BytesIO()
        with inked(self):
            self.savefig(stream, format="png", dpi=96)
        return stream.getvalue(), {"alt": self.title}


@contextmanager
def style() -> Iterator[None]:
    """Our settings while a figure is put together; its characters are checked when it is settled, no warning goes before it."""
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph")
        yield


@contextmanager
def inked(figure: Figure) -> Iterator[None]:
    """Our settings while drawing; a character without a glyph stops it, found by us before or by matplotlib while at it."""
    check_glyphs(figure)
    with rc_context({**STYLE, "svg.hashsalt": "povsim"}), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r".*[Gg]lyph.*")
        warnings.filterwarnings("error", message=r".*findfont.*")
        yield


def settled(figure: Chart) -> Chart:
    """Make all ticks and texts while our settings hold, so that later drawing needs none of them."""
    with inked(figure):
        figure.draw_without_rendering()
    return figure


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
    paths = [Path(f"{stem}.{form}") for form in formats]
    for form, path in zip(formats, paths, strict=True):
        with inked(figure), whole(path) as beside:
            figure.savefig(beside, format=form, dpi=DPI, metadata=METADATA[form])
    return paths


def save_pages(figures: Sequence[Figure], path: Path | str) -> Path:
    """Write figures as the pages of one PDF, whole or not at all; the same figures give the same bytes.

    Raises
    ------
    GlyphError
        Where a character has no glyph; nothing is written then.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    for figure in figures:
        check_glyphs(figure)
    with whole(path) as beside, inked(figures[0]), PdfPages(beside, metadata=METADATA["pdf"]) as pages:
        for figure in figures:
            pages.savefig(figure)
    return Path(path)


def show(figure: Chart, folder: str, name: str) -> Chart:
    """Hand a chart on to the notebook that shows it, saved under ``folder`` where that is not empty."""
    if folder:
        save(figure, Path(folder) / name)
    return figure
