"""Owns: the record of a parameter (name, unit, default, range, role, grade, source), and its value in a year.
Never: reads records or checks a value against one (records)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from povsim.core.labels import LANGUAGES, language
from povsim.core.params.tree import Node, Plain
from povsim.core.params.units import UNITS


@dataclass(frozen=True)
class Text:
    """Words in both languages; ``str`` gives the language spoken, ``dict`` both."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.show()

    def keys(self) -> tuple[str, ...]:
        """The languages."""
        return LANGUAGES

    def __getitem__(self, lang: str) -> str:
        return self.show(lang)

    def show(self, lang: str | None = None) -> str:
        """The words in one language."""
        return self.zh if language(lang) == "zh" else self.en


@dataclass(frozen=True)
class Record:
    """What is known of one parameter; feeds validation, help, sliders, sweeps and the page of assumptions.

    Attributes
    ----------
    name : Text
        Name for people.
    unit : str
        One of ``UNITS``.
    default : Node
        Scalar, list, mapping, or any of them by year; None where a scenario must give it or may leave it out.
    role : str
        ``constant``, ``lever`` (a plan may set it) or ``uncertainty``.
    grade : str
        A sourced, B partly, C estimate.
    source : str
        The document, or ``estimate: <reason>``.
    between : str
        Between dated values: ``step`` (the last one holds) or ``linear``.
    growth : float or str or None
        Yearly growth after the last year of a dated value, or the name of the parameter of the same file that holds it.
    low, high : float or None
        Plausible range of each number.
    factor : (float, float) or None
        Plausible range of a factor on the whole, for dated values, lists and mappings.
    one_of : tuple of str
        The words allowed, for a parameter that is a choice.
    open : bool
        Whether entries of a mapping, or items of a list, may be added.
    required : bool
        Whether a measure must give it, there being no default.
    firm : bool
        Whether no reason lets a value pass the range (counts, months and years of the frame).
    whole : bool
        Whether its numbers count whole things, whatever its unit.
    parts : bool
        Whether the numbers of its list are the parts of one whole, so that they add up to 1.
    distribution : str
        ``triangular`` (mode at the value) or ``uniform`` over the range, for uncertainties.
    remark : str
        Anything more.
    """

    name: Text
    unit: str
    default: Node
    role: str
    grade: str = "C"
    source: str = ""
    between: str = "step"
    growth: float | str | None = None
    low: float | None = None
    high: float | None = None
    factor: tuple[float, float] | None = None
    one_of: tuple[str, ...] = ()
    open: bool = False
    required: bool = False
    firm: bool = False
    whole: bool = False
    parts: bool = False
    distribution: str = "triangular"
    remark: str = ""

    def limits(self, hard: bool = False) -> tuple[float | None, float | None]:
        """Least and greatest number allowed: the range within the unit's limits, or (``hard``) what no reason passes."""
        unit = UNITS[self.unit]
        if hard and not self.firm:
            return unit.low, unit.high
        return (unit.low if self.low is None else self.low), (unit.high if self.high is None else self.high)


@dataclass(frozen=True)
class Strike:
    """A change of a parameter in some years by a stress block (core.params.stress).

    Attributes
    ----------
    first, last : int
        Its years.
    how : str
        ``set`` the value, multiply it (``times``), or put the ``year`` itself in its place.
    values : tuple
        By year from the first; the last one holds.
    """

    first: int
    last: int
    how: str
    values: tuple[Plain, ...]

    def on(self, value: Plain, year: int, record: Record) -> Plain:
        """What becomes of a value in a year, within what its unit allows."""
        if not self.first <= year <= self.last:
            return value
        if self.how == "year":
            return year
        mine = self.values[min(year - self.first, len(self.values) - 1)]
        if isinstance(value, bool):
            return mine
        low, high = record.limits(hard=True)
        return each(value, lambda number: mine if self.how == "set" else clipped(number * _number(mine), low, high))


@dataclass(frozen=True)
class Setting:
    """A parameter with the value it has in a scenario.

    Attributes
    ----------
    record : Record
        What is known of it.
    node : Node
        The value with its sources.
    beyond : str
        The reason given for a value beyond the record's range.
    rate : Setting or None
        The parameter that holds the growth after the last year, where there is one.
    value : Plain
        The value, before any strike.
    strikes : tuple of Strike
        What stress blocks do to it, in their order.
    """

    record: Record = field(repr=False)
    node: Node = field(compare=False, repr=False)
    beyond: str = ""
    rate: Setting | None = field(default=None, repr=False)
    value: Plain = None
    strikes: tuple[Strike, ...] = ()

    def at(self, year: int) -> Plain:
        """The value in a year, dated values resolved at every depth, before the first year the first value; then the strikes."""
        value = _resolve(self.node, year, self)
        for strike in self.strikes:
            value = strike.on(value, year, self.record)
        return value

    def growth(self, year: int) -> float:
        """Yearly growth after the last year given, in a year."""
        if self.rate is not None:
            return _number(self.rate.at(year))
        return self.record.growth if isinstance(self.record.growth, float) else 0.0


def _number(value: Plain) -> float:
    assert isinstance(value, (int, float))
    return float(value)


def _resolve(node: Node, year: int, setting: Setting) -> Plain:
    if node.dated:
        return _of_year(node, year, setting)
    if isinstance(node.value, dict):
        return {key: _resolve(item, year, setting) for key, item in node.value.items()}
    if isinstance(node.value, tuple):
        return tuple(_resolve(item, year, setting) for item in node.value)
    return node.value


def _of_year(node: Node, year: int, setting: Setting) -> Plain:
    years = sorted(int(key) for key in node.items)
    past = [y for y in years if y <= year]
    here = past[-1] if past else years[0]
    value = _resolve(node.items[here], year, setting)
    later = [y for y in years if y > year]
    if past and later and setting.record.between == "linear":
        weight = (year - here) / (later[0] - here)
        return _both(value, _resolve(node.items[later[0]], year, setting), weight)
    if past and not later and year > here:
        grown = 1.0
        for y in range(here + 1, year + 1):
            grown *= 1.0 + setting.growth(y)
        return value if grown == 1.0 else scaled(value, grown)
    return value


def _both(a: Plain, b: Plain, weight: float) -> Plain:
    """Linear interpolation at every depth; words stay those of the earlier year."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return {key: _both(a[key], b[key], weight) if key in b else a[key] for key in a}
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(_both(x, y, weight) for x, y in zip(a, b, strict=True))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        return a + (b - a) * weight
    return a


def scaled(value: Plain, factor: float) -> Plain:
    """Every number at any depth multiplied by a factor."""
    return each(value, lambda number: number * factor)


def each(value: Plain, change: Callable[[float], Plain]) -> Plain:
    """Every number at any depth changed."""
    if isinstance(value, Mapping):
        return {key: each(item, change) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(each(item, change) for item in value)
    return change(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def clipped(number: float, low: float | None, high: float | None) -> float:
    """A number within limits, where there are some."""
    return min(max(number, -math.inf if low is None else low), math.inf if high is None else high)
