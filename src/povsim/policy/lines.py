"""Owns: which line judges what, in which year.
Never: holds a line's value (params/lines.yaml, a place or a scenario may state its own)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lines:
    """Lines of one income year, yuan per head and year."""

    exit: float  # judges exit: the administrative line to 2020, then the national line carried on with prices
    poverty: float  # the national line, that indicators count by
    monitoring: float  # the range of monitoring; infinite downwards (0) where there is none yet


def lines_in_force(exit_line: float, poverty_line: float, monitoring_line: float) -> Lines:
    """Lines of a year; an exit line of 0 means that none is in force and the national line stands in."""
    return Lines(exit=exit_line if exit_line > 0 else poverty_line, poverty=poverty_line, monitoring=monitoring_line)
