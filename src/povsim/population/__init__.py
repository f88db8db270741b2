"""Owns: who lives in a place: the three tables, place files, and households made from published totals.
Never: knows policy or results, or moves time."""

from povsim.population.places import Opening, Place, Reconciliation, load_place, place_names, reconcile
from povsim.population.synthesis import describe, fit, synthesise, write
from povsim.population.tables import Population, data_dictionary

__all__ = [
    "Opening", "Place", "Population", "Reconciliation", "data_dictionary", "describe", "fit", "load_place", "place_names",
    "reconcile", "synthesise", "write",
]  # fmt: skip
