"""Owns: a chart against its accepted picture: how both are compared, and how a new one is accepted.
Never: draws a chart (povsim.report.charts).

A picture is 50 dots an inch and grey. Both are averaged over 2 x 2 dots and cut into tiles of 16 x 16; the root mean square
difference of the worst tile must stay under ``TOLERANCE``, so that a fault in a corner is not thinned out by a page that is
otherwise the same. The pins of ``constraints.txt`` draw the same dots; a changed letter makes 0.07, one bar 5% off 0.07 to 0.2.

    POVSIM_ACCEPT=1 python3 run.py test tests/report/test_golden.py

accepts what is drawn now: look at every picture that git shows as changed before it is committed.
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from povsim.report.charts.ink import inked

FOLDER = Path(__file__).parent.parent / "golden" / "charts"
DPI = 50
TILE, BOX = 16, 2
TOLERANCE = 0.03  # of the way from black to white


def picture(figure: Figure) -> Image.Image:
    """Draw a figure small and grey, letters without hinting, which is where versions of the font engine differ."""
    stream = BytesIO()
    with inked(figure), rc_context({"text.hinting": "none"}):
        figure.savefig(stream, format="png", dpi=DPI)
    with Image.open(stream) as drawn:
        return drawn.convert("L")


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart: root mean square of the worst tile, 0 to 1; 1 where their sizes differ."""
    if one.size != other.size:
        return 1.0
    gap = (np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)) / 255
    gap = np.pad(gap, [(0, -size % TILE) for size in gap.shape])
    down, across = (size // BOX for size in gap.shape)
    gap = gap.reshape(down, BOX, across, BOX).mean(axis=(1, 3))
    each = TILE // BOX
    tiles = (gap**2).reshape(down // each, each, across // each, each).mean(axis=(1, 3))
    return float(np.sqrt(tiles.max()))


def check(figure: Figure, name: str, folder: Path = FOLDER) -> None:
    """Fail where a figure is not its accepted picture, and leave what was drawn beside it as ``NAME_actual.png``."""
    now, path = picture(figure), folder / f"{name}.png"
    if os.environ.get("POVSIM_ACCEPT"):
        folder.mkdir(parents=True, exist_ok=True)
        now.save(path, optimize=True)
    if path.exists():
        with Image.open(path) as accepted:
            found = apart(now, accepted)
        if found < TOLERANCE:
            return
    actual = path.with_name(f"{name}_actual.png")
    now.save(actual)
    said = f"off by {found:.3f} ({TOLERANCE} allowed)" if path.exists() else "no accepted picture"
    pytest.fail(f"{path.name}: {said}; now: {actual}; the first lines of {__file__} say how to accept")
