"""Owns: who lives in a place: the three tables, place files, and households made from published totals.
Never: knows policy or results, or moves time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from povsim.population.places import Opening, Place, Reconciliation, load_place, place_names, reconcile
    from povsim.population.synthesis import describe, fit, synthesise, write
    from povsim.population.tables import Population, data_dictionary

__all__ = [
    "Opening", "Place", "Population", "Reconciliation", "data_dictionary", "describe", "fit", "load_place", "place_names",
    "reconcile", "synthesise", "write",
]  # fmt: skip

_ROOM: Final = {"Population": "tables", "data_dictionary": "tables"} | dict.fromkeys(
    ("describe", "fit", "synthesise", "write"), "synthesis"
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM.get(name, 'places')}"), name)  # tables need no place files
