"""Owns: the names of this room that others use, in one place.
Never: computes anything itself."""

from __future__ import annotations

from povsim.indicators.differences import difference
from povsim.indicators.headline import Headline, Value, headline, headlines_of
from povsim.indicators.intervals import ENDS, FEW, LEVEL, SPREAD, Interval, interval
from povsim.indicators.money import budgets, income_sources, pv, pv_income, spending
from povsim.indicators.pairing import pair
from povsim.indicators.reach import WATCH, service, village_exits, watch
from povsim.indicators.returns import causes, return_by_years, return_causes, return_rate
from povsim.indicators.timeline import account, exit_timeline, is_open, lacking, remaining, routes, target_met, villages
from povsim.indicators.words import (
    caution,
    say,
    sentences,
    show_chance,
    show_met,
    show_number,
    show_pairs,
    show_parameter,
    show_signed,
)

__all__ = [
    "ENDS",
    "FEW",
    "LEVEL",
    "SPREAD",
    "WATCH",
    "Headline",
    "Interval",
    "Value",
    "account",
    "budgets",
    "causes",
    "caution",
    "difference",
    "exit_timeline",
    "headline",
    "headlines_of",
    "income_sources",
    "interval",
    "is_open",
    "lacking",
    "pair",
    "pv",
    "pv_income",
    "remaining",
    "return_by_years",
    "return_causes",
    "return_rate",
    "routes",
    "say",
    "sentences",
    "service",
    "show_chance",
    "show_met",
    "show_number",
    "show_pairs",
    "show_parameter",
    "show_signed",
    "spending",
    "target_met",
    "village_exits",
    "villages",
    "watch",
]
