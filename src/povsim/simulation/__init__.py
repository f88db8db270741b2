"""Owns: the public verb that brings a population and a scenario together.
Never: a phase (engine), a summary (indicators) or a file."""
