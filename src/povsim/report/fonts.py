"""Owns: the font that comes along, the fallback behind it, and the check that every character of a chart has a glyph.
Never: draws (report.charts), or cuts the font (tools/build_font.py)."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

from povsim.core.errors import PovsimError
from povsim.core.labels import label

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

# Super- and subscripts and the like that the first lacks come from the second, glyph by glyph. There is no bold face.
FAMILY: Final[tuple[str, ...]] = ("Povsim Sans SC", "DejaVu Sans")
RULER: Final = 100.0  # size of the type that is measured
_DATA: Final = files("povsim.report") / "fonts_data"


class GlyphError(PovsimError):
    """A chart has characters that no font at hand can draw; they would print as empty boxes."""

    exit_code = 1


@cache
def register() -> None:
    """Make the bundled font known to matplotlib, once in a process."""
    from matplotlib.font_manager import fontManager

    with as_file(_DATA / "PovsimSansSC-Regular.ttf") as path:
        fontManager.addfont(str(path))


def woff2() -> bytes:
    """The bundled font for pages that must look the same without a network."""
    return (_DATA / "PovsimSansSC-Regular.woff2").read_bytes()


def width(text: str) -> float:
    """How wide a text is in the bundled font, in full-width letters."""
    return sum(map(_advance, text))


@cache
def _advance(char: str) -> float:
    if ord(char) not in _glyphs():
        return 1.0
    return float(_ruler().load_char(ord(char)).linearHoriAdvance) / 65536 / RULER


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(_ruler().get_charmap())


@cache
def _ruler() -> FT2Font:
    from matplotlib.ft2font import FT2Font

    with as_file(_DATA / "PovsimSansSC-Regular.ttf") as path:
        font = FT2Font(str(path))
        font.set_size(RULER, 72)
        return font


def missing_glyphs(text: str) -> str:
    """Characters of a text that neither the bundled font nor its fallback can draw, each once, in order."""
    return "".join(dict.fromkeys(char for char in text if ord(char) not in _drawable() and char not in "\n\t"))


def check_glyphs(figure: Figure) -> None:
    """Look at every visible text of a figure.

    Raises
    ------
    GlyphError
        Where a character has no glyph; it names the characters and the text.
    """
    from matplotlib.text import Text

    texts = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
    bad = {text: missing for text in texts if (missing := missing_glyphs(text))}
    if bad:
        lines = "\n".join(label("report.glyph", characters=" ".join(missing), text=text) for text, missing in bad.items())
        raise GlyphError(f"{label('report.glyphs')}\n{lines}")


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    register()
    paths = [font.fname for font in fontManager.ttflist if font.name in FAMILY and font.style == "normal" and font.weight == 400]
    return frozenset(code for path in paths for code in FT2Font(path).get_charmap())
