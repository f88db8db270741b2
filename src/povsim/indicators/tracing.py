"""Owns: whether every numeral of a text comes from an answer.
Never: writes a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.indicators.answer import BOUNDS, Answer
from povsim.indicators.words import CHANCES, chance_bound

_NUMERAL: Final = re.compile(
    r"(?P<sign>[+−<]|(?<![\w.–—-])-)?(?<![A-Za-z_.])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
)
# What follows a numeral says what it counts: the scale it is written in, and the first word of the units it may have.
_WORDS: Final[tuple[tuple[str, float, str], ...]] = (
    (r"%|％|个百分点|percent", 0.01, "share"),
    (r"亿元", 1e8, "yuan"),
    (r"万元|万\s*元|×\s*10,000 yuan", 1e4, "yuan"),
    (r"billion yuan", 1e9, "yuan"),
    (r"million yuan", 1e6, "yuan"),
    (r"元|yuan", 1.0, "yuan"),
    (r"户|households?", 1.0, "households"),
    (r"人|persons?|people|exits of persons", 1.0, "persons"),
    (r"个?村|villages?", 1.0, "villages"),
    (r"年|years?\b", 1.0, "year"),
)
_UNIT: Final = [(re.compile(rf"\s*(?:{words})"), scale, unit) for words, scale, unit in _WORDS]
_RANGE: Final = re.compile(r"\s*(?:–|—|~|～|至|到|to)\s*[+−-]?\d")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class _Numeral:
    text: str
    sign: str
    value: float
    places: int
    scale: float
    unit: str  # first word of the unit, empty where the text does not say


def untraced(
    text: str, answer: Answer, tables: Iterable[str] | None = None, allowed: Iterable[str] = (), scales: Iterable[float] = ()
) -> list[str]:
    """The numerals of a text that do not come from an answer.

    A numeral comes from it when, to the places it is written with, it is a number or a bound of the answer, in the unit that the
    text says (``户``, ``人``, ``元``, ``万元``, ``%``, ``年`` and their English; any, where it says none), a year of the answer,
    or stands in ``about``; names of items, such as villages, may hold figures. A sign must be right where there is one; a numeral
    without counts for either, since words may say more or fewer. In a range the last unit counts for both ends where it is one
    that scales (``%``, ``万元``). After ``<`` it is enough that a number above nothing lies under the numeral.

    Parameters
    ----------
    text : str
        Plain text, as people read it.
    answer : Answer
        What the numbers must come from.
    tables : iterable of str, optional
        Tables that they may come from; all by default.
    allowed : iterable of str
        Words with numerals that are no results, such as a heading's number; they are taken out first.
    scales : iterable of float
        Scales that numerals without a unit may be written in, where the unit stands elsewhere, as in a chart: 1e4 for ``万元``,
        0.01 for points of a share.

    Returns
    -------
    list of str
        Each numeral with what stands around it, in order; empty where all can be traced.
    """
    known = _Known.of(answer, tables)
    written_in = [(1.0, ""), *((scale, "yuan" if scale > 1.0 else "share") for scale in scales)]
    items = {name for name in answer.numbers["item"].unique() if re.search(r"\d", name)}
    for words in sorted({*allowed, *items, *_texts(answer.about)}, key=len, reverse=True):
        text = text.replace(words, " ")
    return [
        found.text
        for found in _numerals(text)
        if not any(known.holds(replace(found, scale=scale, unit=unit)) for scale, unit in _scaled(found, written_in))
    ]


def _scaled(found: _Numeral, written_in: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Scales and units that a numeral may have: its own, or where the text says none those that the caller names."""
    return [(found.scale, found.unit)] if found.unit else written_in


def _texts(about: Any) -> Iterator[str]:
    """Words of ``about`` that hold a figure: titles, sources, dates, ids; of an id also its first eight letters."""
    if isinstance(about, Mapping):
        for key, value in about.items():
            yield from _texts(str(key) if not str(key).isdigit() else "")
            yield from _texts(value)
    elif isinstance(about, list | tuple):
        for value in about:
            yield from _texts(value)
    elif isinstance(about, str) and re.search(r"\d", about) and not about.isdigit():
        yield about
        if re.fullmatch(r"[0-9a-f]{9,}", about):
            yield about[:8]


def _numerals(text: str) -> Iterator[_Numeral]:
    for match in _NUMERAL.finditer(text):
        scale, unit = _unit(text, match.end())
        if not unit and (other := _RANGE.match(text, match.end())):
            end = _NUMERAL.search(text, other.end() - 1)
            far = _unit(text, end.end()) if end else (1.0, "")
            scale, unit = far if far[0] != 1.0 else (scale, unit)
        number = match["number"].replace(",", "")
        around = text[max(match.start() - 12, 0) : match.end() + 12]
        shown = f"{match[0]} (…{around}…)".replace("\n", " ")
        yield _Numeral(shown, match["sign"] or "", float(number), len(number.partition(".")[2]), scale, unit)


def _unit(text: str, at: int) -> tuple[float, str]:
    return next(((scale, unit) for words, scale, unit in _UNIT if words.match(text, at)), (1.0, ""))


@dataclass(frozen=True)
class _Known:
    numbers: Mapping[str, NDArray[np.float64]]  # by the first word of the unit, ascending
    years: frozenset[float]
    about: frozenset[float]

    @classmethod
    def of(cls, answer: Answer, tables: Iterable[str] | None) -> _Known:
        data = answer.numbers if tables is None else answer.numbers[answer.numbers["table"].isin(list(tables))]
        found: dict[str, list[float]] = {}
        for column in ("value", *BOUNDS):
            for unit, rows in data.groupby(data["unit"].str.partition("/")[0])[column]:
                found.setdefault(str(unit), []).extend(rows[np.isfinite(rows)])
        found.setdefault("share", []).extend(_chances(answer))
        for unit, numbers in _of_place(answer.about).items():
            found.setdefault(unit, []).extend(numbers)
        plain = frozenset(_plain(answer.about))
        years = frozenset(map(float, data.loc[data["year"] > 0, "year"]))
        years |= {number for number in plain if _FIRST_YEAR <= number <= _LAST_YEAR}
        return cls({unit: np.sort(np.array(numbers)) for unit, numbers in found.items()}, years, plain)

    def holds(self, numeral: _Numeral) -> bool:
        written = numeral.value * (-1.0 if numeral.sign in ("−", "-") else 1.0)
        if not numeral.sign and numeral.unit in ("", "year") and numeral.value in self.years | self.about:
            return True
        if numeral.unit == "share" and any(np.isclose(numeral.value * numeral.scale, number) for number in self.about):
            return True
        if numeral.sign == "<":
            return any(
                bool(((numbers > 0) & (numbers < numeral.value * numeral.scale)).any())
                for unit, numbers in self.numbers.items()
                if unit.startswith(numeral.unit)
            )
        half = (0.5 * 10.0**-numeral.places + 1e-9) * numeral.scale
        candidates = [written] if numeral.sign else [written, -written]
        for unit, numbers in self.numbers.items():
            if not unit.startswith(numeral.unit):
                continue
            for value in candidates:
                low, high = np.searchsorted(numbers, (value * numeral.scale - half, value * numeral.scale + half))
                if low < high:
                    return True
        return False


def _of_place(about: Mapping[str, Any]) -> dict[str, list[float]]:
    """Numbers of the place and its plan, by what they count."""
    place = about["place"]
    return {
        "households": [float(place["farm_households"])],
        "persons": [float(place["farm_persons"]), *map(float, about["plan"].values())],
        "villages": [float(place["villages"]), float(place["poor_villages"])],
    }


def _plain(about: Any) -> Iterator[float]:
    """Numbers of ``about``, and years that its keys are."""
    if isinstance(about, Mapping):
        for key, value in about.items():
            if str(key).isdigit():
                yield float(key)
            yield from _plain(value)
    elif isinstance(about, list | tuple):
        for value in about:
            yield from _plain(value)
    elif isinstance(about, int | float) and not isinstance(about, bool):
        yield float(about)


def _chances(answer: Answer) -> list[float]:
    """What may be said of probabilities that the replicates cannot tell from nothing or from certainty."""
    runs = int(answer.about["replicates"]), int(answer.about["draws"])
    data = answer.numbers
    met = data[data["name"].isin(CHANCES) | data["kind"].isin(CHANCES)]["value"]
    found = [chance_bound(bool(end), *runs) for end in (0.0, 1.0) if (met == end).any()]
    return found + [bound for bound, near in ((0.01, met < 0.01), (0.99, met > 0.99)) if near.any()]
