"""Owns: numbers as words: counts, shares, differences, money, their intervals and units.
Never: rounds what is drawn (the charts), or knows where a word stands on the page (placing)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from povsim.core.labels import catalogue, label
from povsim.core.params.units import UNITS

WAN: Final = 1e4  # 万; its square is 亿
MONEY: Final = ("yuan", "yuan/year", "yuan/village", "yuan/village/year")  # sums, said in 万; the rest is said in yuan


class Scale(NamedTuple):
    """How numbers of a unit are written: what they are divided by, the word of the unit, decimals."""

    divisor: float
    word: str
    decimals: int = 0
    percent: bool = False

    def text(self, number: float, signed: bool = False) -> str:
        """A number, without its unit; a share carries its per cent sign."""
        if self.percent:
            return share(number, signed)
        return count(number / self.divisor, self.decimals, signed)

    def interval(self, low: float, high: float, signed: bool = False) -> str:
        """An interval in brackets; nothing where there is none."""
        said = between(self.text(low, signed), self.text(high, signed))
        return f"({said})" if said else ""


def scale_of(unit: str, largest: float, lang: str, change: bool = False) -> Scale:
    """The scale for numbers of a unit of which ``largest`` is the largest in size; a ``change`` of a share is in points."""
    if unit == "share":
        return Scale(0.01, label("charts.points", lang), 1) if change else Scale(0.01, "%", percent=True)
    if unit in MONEY and largest >= WAN:
        key, divisor = ("charts.yi", WAN**2) if largest >= 10 * WAN**2 else ("charts.wan", WAN)
        return Scale(divisor, label(key, lang, unit=unit_word(unit, lang)), 1 if largest < 1000 * divisor else 0)
    whole = unit in ("persons", "households", "count") or unit.startswith("yuan")
    return Scale(1.0, unit_word(unit, lang), 0 if whole or largest >= 100 else 1 if largest >= 10 else 2)


def unit_word(unit: str, lang: str) -> str:
    """The word of a unit: Chinese from the list of units, English as it stands, a long one shorter."""
    if lang == "zh" and unit in UNITS:
        return UNITS[unit].zh
    return label(f"charts.unit_{unit}", lang) if f"charts.unit_{unit}" in catalogue() else unit


def count(number: float, decimals: int = 0, signed: bool = False) -> str:
    """A number with thousands apart, nothing for none; ``signed`` with its sign, a true minus."""
    if np.isnan(number):
        return ""
    text = f"{number:+,.{decimals}f}" if signed else f"{number:,.{decimals}f}"
    if not text.strip("+-0.,"):
        text = text.lstrip("+-")
    return text.replace("-", "\N{MINUS SIGN}")


def few(number: float) -> str:
    """A mean of few things with a decimal, of many without; below a twentieth ``<0.1``."""
    if 0 < number < 0.05:
        return "<0.1"
    return count(number, 0 if number >= 9.95 or number == 0 else 1)


def share(number: float, signed: bool = False) -> str:
    """A share in per cent, with a decimal where it is under ten."""
    if np.isnan(number):
        return ""
    if not signed and 0 < number < 0.0005:
        return "<0.1%"
    return f"{count(100 * number, 0 if abs(number) >= 0.0995 or number == 0 else 1, signed)}%"


def between(low: str, high: str) -> str:
    """From low to high, nothing where either is missing; signs are kept apart from a dash, a per cent sign is said once."""
    if not low or not high:
        return ""
    if low.endswith("%") and high.endswith("%"):
        low = low[:-1]
    signs = any(sign in low + high for sign in "+\N{MINUS SIGN}")
    return f"{low} ~ {high}" if signs else f"{low}–{high}"


def parameter(number: float, unit: str, lang: str, with_unit: bool = True) -> str:
    """A parameter's value as it is read aloud: shares in per cent, the rest in three figures, with its unit."""
    if unit.startswith("share"):
        return f"{100 * number:.3g}%"
    text = count(number) if abs(number) >= 1000 else f"{number:.3g}".replace("-", "\N{MINUS SIGN}")
    if unit == "ratio":
        return f"×{text}"
    bare = unit in ("-", "log", "odds") or unit.startswith("log") or not with_unit
    return text if bare else label("charts.with_unit", lang, number=text, unit=unit_word(unit, lang))


def row_interval(row: Any, name: str, scale: Scale, signed: bool = False) -> str:
    """The interval of a row's number."""
    return scale.interval(getattr(row, f"{name}_low"), getattr(row, f"{name}_high"), signed)
