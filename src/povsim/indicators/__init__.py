"""Owns: summaries of results with their intervals.
Never: starts a simulation (simulation) or draws ink (report)."""
