"""Owns: words of the room `simulation`.
Never: decides when they are said."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "simulation_village": ("{place}没有这个村", "{place} has no such village"),
}
