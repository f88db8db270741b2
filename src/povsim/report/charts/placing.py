"""Owns: where text goes: beside its mark, apart from other text, inside the page, in lines that fit.
Never: knows what the text says (words) or what is drawn (the charts)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

from povsim.report.charts.ink import LAID_OUT, TEXT, Chart
from povsim.report.fonts import FAMILY, register

_RULER: Final = Figure(dpi=LAID_OUT)  # nothing is drawn on it; texts are measured there
LEADING: Final = 1.22  # of the size of the type, from line to line
SLACK: Final = 2.0  # dots by which boxes of text may lie on each other: the ink within them does not
CLOSERS: Final = "，。；：、！？）】》”’%…,.;:!?)"  # they do not begin a line
OPENERS: Final = "（《“‘【"  # nor do these end one
PIECE: Final = re.compile(
    rf"\s+|[{OPENERS}]*(?:[\u2E80-\uFFEF]|[^\s\u2E80-\uFFEF{OPENERS}]+)[{re.escape(CLOSERS)}]*|[{OPENERS}]+"
)


class Label(NamedTuple):
    """A text beside a mark: where the mark is, how far off in points, and which way the text lies from there."""

    text: str
    x: float
    y: float
    offset: tuple[float, float]
    ha: str
    va: str


def fitting(draws: Sequence[Callable[[], Chart]]) -> Chart:
    """The first of several ways to draw a chart, fullest first, in which no text lies upon another; the last at any rate."""
    for draw in draws[:-1]:
        if not crowded(figure := draw()):
            return figure
    return draws[-1]()


def crowded(figure: Figure) -> bool:
    """Whether a text lies on another or leaves the page."""
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    left, bottom, right, top = np.array([text.get_window_extent().extents for text in shown]).T
    if (left < figure.bbox.x0).any() or (right > figure.bbox.x1).any():
        return True
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    up = np.minimum.outer(top, top) - np.maximum.outer(bottom, bottom)
    upon = (across >= SLACK) & (up >= SLACK)
    np.fill_diagonal(upon, False)
    return bool(upon.any())


def annotate(axes: Axes, label: Label, size: float = TEXT, pad: float = 1.5, **more: Any) -> Annotation:
    """Write a label on white ground."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": pad}
    where: dict[str, Any] = {
        "xytext": label.offset,
        "textcoords": "offset points",
        "ha": label.ha,
        "va": label.va,
        "bbox": ground,
    }
    return axes.annotate(label.text, (label.x, label.y), fontsize=size, linespacing=LEADING, zorder=6, **(where | more))


def write(axes: Axes, labels: Iterable[Label], marks: Iterable[Artist] = (), sparse: bool = False, size: float = TEXT) -> None:
    """Write labels in order; where ``sparse``, leave out zeros and each that would lie on another or on a mark."""
    others = [one.get_window_extent() for one in (*axes.texts, *marks)]
    for label in labels:
        if sparse and label.text == "0":
            continue
        note = annotate(axes, label, size)
        box = note.get_window_extent()
        if sparse and (box.x0 < axes.bbox.x0 or any(box.overlaps(other) for other in others)):
            note.remove()
        else:
            others.append(box.padded(4))


def spread(wanted: Iterable[float], gap: float, low: float = -np.inf, high: float = np.inf) -> NDArray[np.float64]:
    """Places near those wanted, in their order, ``gap`` apart, between ``low`` and ``high`` as far as they all fit."""
    from scipy.optimize import isotonic_regression

    places = np.asarray(list(wanted), dtype=np.float64)
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    free = isotonic_regression(places[order] - steps).x
    found = np.empty_like(places)
    found[order] = np.maximum(np.minimum(free, high - steps[-1:]), low) + steps
    return found


@lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """Width of a text in inches."""
    register()
    probe = _RULER.text(0, 0, text, fontsize=size, family=list(FAMILY), parse_math=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph")
        inches = probe.get_window_extent().width / _RULER.dpi
    probe.remove()
    return float(inches)


def line(figure: Figure, x: float, y: float, text: str, end: float, **more: Any) -> Text:
    """One line of text from ``x``, shortened where it would run beyond ``end`` (fractions of the page)."""
    made = figure.text(x, y, text, va="center", **more)
    while text and made.get_window_extent().x1 > end * figure.bbox.width:
        text = text[:-1]
        made.set_text(f"{text.rstrip()}…")
    return made


def wrap(text: str, size: float, inches: float) -> list[str]:
    """Lines of a text that are no wider than ``inches``: Chinese broken anywhere but before what closes, Latin between words."""
    return [one for part in text.split("\n") for one in _filled(*_measured(part, size), inches)]


def balanced(text: str, size: float, inches: float) -> list[str]:
    """As ``wrap``, with lines about equally long."""
    pieces = _measured(text, size)
    count = len(_filled(*pieces, inches))
    low, high = 0.0, inches
    while high - low > 0.02 and count > 1:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_filled(*pieces, middle)) <= count else (middle, high)
    return _filled(*pieces, high)


def _measured(text: str, size: float) -> tuple[list[str], list[float]]:
    """Pieces of a text between which a line may break, with their widths."""
    pieces = PIECE.findall(text)
    return pieces, [width(piece, size) if not piece.isspace() else 0.25 * size / 72 for piece in pieces]


def _filled(pieces: Sequence[str], widths: Sequence[float], inches: float) -> list[str]:
    lines, current, taken = [], "", 0.0
    for piece, wide in zip(pieces, widths, strict=True):
        if current and not piece.isspace() and taken + wide > inches:
            lines.append(current.rstrip())
            current, taken = "", 0.0
        if current or not piece.isspace():
            current, taken = current + piece, taken + wide
    return [*lines, current.rstrip()] if current.strip() else lines


def two_lines(text: str, size: float, inches: float) -> str:
    """A name in two lines at most, the rest cut."""
    lines = balanced(text, size, inches)
    if len(lines) > 2:
        first = wrap(text, size, inches)[0]
        lines = [first, shortened(text[len(first) :].strip(), size, inches)]
    return "\n".join(lines)


def shortened(text: str, size: float, inches: float) -> str:
    """A text, cut where it would be wider."""
    if width(text, size) <= inches:
        return text
    while text and width(f"{text.rstrip()}…", size) > inches:
        text = text[:-1]
    return f"{text.rstrip()}…"
