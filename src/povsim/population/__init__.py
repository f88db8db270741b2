"""Owns: who lives in a place: the three tables and how published totals become households.
Never: knows a measure (policy) or a year that is simulated (engine)."""
