"""Owns: what takes more than one run: comparing, calibrating, what the answer rests on.
Never: moves time (engine) or draws ink (report)."""
