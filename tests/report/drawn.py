"""Owns: every chart by a name of its own, with what it is asked for, for tests that look at them all.
Never: says what is right (the tests)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from povsim.report import charts

# name: the chart, its table
CHARTS: dict[str, tuple[Callable[..., charts.Chart], str]] = {
    "exit_timeline": (charts.exit_timeline, "exit_timeline"),
    "remaining_households": (charts.remaining_households, "remaining"),
    "return_risk": (charts.return_risk, "return_by_years"),
    "income_sources": (charts.income_sources, "income_sources"),
    "villages": (charts.villages, "villages"),
    "spending": (charts.spending, "spending"),
    "difference_pv_late": (partial(charts.difference, scenario_id="pv_late"), "difference"),
    "difference_without": (partial(charts.difference, scenario_id="without"), "difference"),
    "routes": (charts.routes, "routes"),
    "fit": (charts.fit, "fit"),
    "tornado": (charts.tornado, "influence"),
}
# Other numbers in the same charts.
MORE: dict[str, Callable[..., charts.Chart]] = {
    "villages_incidence": partial(charts.villages, name="incidence"),
    "income_pv": partial(charts.income_sources, kind="pv"),
    "tornado_share": partial(charts.tornado, outcome="falls"),
    "tornado_yuan": partial(charts.tornado, outcome="cost"),
}
EACH: dict[str, Callable[..., charts.Chart]] = {name: draw for name, (draw, _) in CHARTS.items()} | MORE
