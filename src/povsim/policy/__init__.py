"""Owns: what would stand in a policy document: lines, statuses, eligibility, kinds of measures.
Never: moves time (engine) or reads a file."""
