"""Owns: what a run leaves, in memory and on disk.
Never: summarises it (indicators) or draws it (report)."""
