"""Owns: the command line.
Never: does the work that it calls."""
