"""Owns: ink: figures, executed notebooks, pages.
Never: computes an index (indicators) or starts a simulation (simulation)."""
