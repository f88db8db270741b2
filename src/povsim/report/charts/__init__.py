"""Owns: the list of charts: figures from an answer for a meeting, readable from the back row and on a grey printer.
Never: computes a number (indicators), or starts a simulation (simulation)."""

from povsim.report.charts.difference import difference
from povsim.report.charts.fit import fit
from povsim.report.charts.income import income_sources
from povsim.report.charts.ink import Chart, save, show
from povsim.report.charts.returns import return_risk
from povsim.report.charts.routes import routes
from povsim.report.charts.spending import spending
from povsim.report.charts.timeline import exit_timeline, remaining_households
from povsim.report.charts.tornado import tornado
from povsim.report.charts.villages import villages

__all__ = [
    "Chart",
    "difference",
    "exit_timeline",
    "fit",
    "income_sources",
    "remaining_households",
    "return_risk",
    "routes",
    "save",
    "show",
    "spending",
    "tornado",
    "villages",
]
