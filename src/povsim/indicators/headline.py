"""Owns: the four numbers that a meeting asks for, with what stands beside each.
Never: puts them into words (indicators.words)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import pandas as pd
from numpy.typing import ArrayLike

from povsim.core.schema import WITHOUT
from povsim.indicators import money, returns, timeline
from povsim.indicators.answer import Answer
from povsim.indicators.intervals import LEVEL, SPREAD, Interval, by_year, interval, known, spread
from povsim.results.results import Results

KEYS: Final = ("exits", "left", "falls", "cost")
WORDY: Final = 8  # up to so many years are said one by one
SAID_READINGS: Final = ("fell_before_net", "fell_line", "fell_registered")


@dataclass(frozen=True)
class Value:
    """A number with its intervals.

    Attributes
    ----------
    name : str
        What it is; ``indicators.<name>`` in the catalogue.
    unit : str
        ``persons``, ``households``, ``share``, ``yuan``, ``yuan/year``, ``yuan/household``, ``yuan/household/year`` or
        ``yuan/person/year``.
    interval : Interval
        Over replicates; a plan's number and a probability have a median alone.
    year : int or None
        The year it belongs to; of a share that falls back, the years since leaving.
    """

    name: str
    unit: str
    interval: Interval
    year: int | None = None


@dataclass(frozen=True)
class Headline:
    """One of the four numbers that a meeting asks for.

    Attributes
    ----------
    key : str
        One of ``KEYS``.
    values : tuple of Value
        The number first, then what stands beside it.
    replicates : int
        How many replicates the intervals rest on.
    draws : int
        How many draws of the parameters replicates lived with; 0: held.
    first : int
        The first simulated year.
    pairs : int
        How many replicates what is laid beside the run without measures rests on.
    """

    key: str
    values: tuple[Value, ...]
    replicates: int
    draws: int = 0
    first: int = 0
    pairs: int = 0


Valued: TypeAlias = Callable[..., Value]  # name, unit, numbers by replicate and maybe a year: the value


def headline(results: Results, without: Results | None = None, level: float = LEVEL) -> tuple[Headline, ...]:
    """Sum a run up in four numbers, each with its intervals.

    1. ``exits``: persons out in each open year of the plan, the plan's number, who qualify before any cap, and who of them
       without top-up, with the probability that each of these meets the plan; where no year is open, persons out in every
       simulated year that is not closed, or in all of them together where they are many
    2. ``left``: households, and persons, still poor at the end of the finish year (without one, of the last year in which exits
       are open), and what the households lack, where the run tells; from which year on exits are ``closed``
    3. ``falls``: of the households that left, the share that falls back within three years (fewer where the run is shorter):
       own income under the line first, of those who left on their own income; then income with the safety net, then as registered
    4. ``cost``: with a run ``without`` measures what a household kept out costs a year, how many are, and what a person-year
       above the line costs, all paired; then public money in yuan per year, all measures; what was built once, and what villages
       pay out of their proceeds, stand beside it and are not in it

    Raises
    ------
    ResultsError
        The run without measures shares no luck with the run.
    """
    valued = partial(_valued, level, results.draws)
    parts = (_exits(results, valued), _left(results, valued), _falls(results, valued), _costs(results, without, valued))
    pairs = min(results.replicates, without.replicates) if without is not None else 0
    runs = results.replicates, min(results.draws, results.replicates), results.years[0], pairs
    return tuple(Headline(key, tuple(values), *runs) for key, values in zip(KEYS, parts, strict=True))


def _valued(level: float, draws: int, name: str, unit: str, numbers: ArrayLike, year: int | None = None) -> Value:
    return Value(name, unit, interval(numbers, level, draws), year)


def _exits(results: Results, valued: Valued) -> Iterable[Value]:
    exits, years = results["exits"], results.years
    out = by_year(exits, "exited_persons")
    opened = timeline.open_years(results)
    if not opened:
        closed = timeline.closed_years(results)
        each = [valued("exited", "persons", row, year) for row, year in zip(out, years, strict=True) if year not in closed]
        total = [valued("exited_in_all", "persons", out.sum(axis=0), years[-1])] if len(years) > 1 else []
        return [*(each if len(years) <= WORDY else []), *total]
    values = []
    ready = {"qualified": "qualified_persons", "plain": "qualified_without_topup_persons"}
    met = {"p_met": "qualified_persons", "p_met_without_topup": "qualified_without_topup_persons"}
    for year in opened:
        row = years.index(year)
        values += [valued("exited", "persons", out[row], year), Value("target", "persons", known(results.plan[year]), year)]
        values += [valued(name, "persons", by_year(exits, column)[row], year) for name, column in ready.items()]
        chances = {name: timeline.target_met(results, year, column).mean() for name, column in met.items()}
        values += [Value(name, "share", known(chance), year) for name, chance in chances.items()]
    return values


def _left(results: Results, valued: Valued) -> Iterable[Value]:
    year = timeline.plan_ends(results)
    row, closed = results.years.index(year), timeline.closed_years(results)
    values = [valued(f"left_{unit}", unit, timeline.closing(results, unit)[row], year) for unit in ("households", "persons")]
    lacks = timeline.lacking_by_run(results) if "lacking" in results.tables else {}
    if year in closed:
        lacks.pop("waiting", None)  # nobody waits for what is over
    values += [valued(f"lack_{lack}", "households", counts[row], year) for lack, counts in lacks.items()]
    return [*values, *([Value("closed", "year", known(closed[0]), closed[0])] if closed else [])]


def _falls(results: Results, valued: Valued) -> Iterable[Value]:
    years = returns.within(results)
    return [valued(reading, "share", returns.fallen_within(results, years, reading), years) for reading in SAID_READINGS]


def _costs(results: Results, without: Results | None, valued: Valued) -> Iterable[Value]:
    values = []
    if without is not None:
        values += [
            valued("cost_household", "yuan/household/year", money.household_cost(results, without)),
            valued("kept_households", "households", money.kept_out(results, without)),
            valued("cost_person", "yuan/person/year", money.person_cost(results, without)),
        ]
    built, village = money.total(results, "investment").sum(axis=0), money.total(results, "by_village").mean(axis=0)
    values.append(valued("public", "yuan/year", money.total(results, "public").mean(axis=0)))
    values += [valued("investment", "yuan", built)] if built.any() else []
    return [*values, *([valued("by_village", "yuan/year", village)] if village.any() else [])]


# --- as a table -------------------------------------------------------------------------------------------


def as_table(values: Iterable[tuple[str, Value]]) -> pd.DataFrame:
    """Values as rows: ``item`` is the key that each stands under, ``kind`` its name, ``year`` (0: none), ``unit``, ``value``."""
    rows = list(values)
    table = pd.DataFrame(
        {
            "item": [key for key, _ in rows],
            "kind": [value.name for _, value in rows],
            "year": [value.year or 0 for _, value in rows],
            "unit": [value.unit for _, value in rows],
        }
    )
    return table.assign(**spread("value", [value.interval for _, value in rows]))


def values_of(answer: Answer, name: str) -> dict[str, list[Value]]:
    """Values of a table that ``as_table`` made, by the key that they stand under."""
    found: dict[str, list[Value]] = {}
    if answer.has(name):
        for row in answer.table(name).to_dict("records"):
            bounds = Interval(*(float(row[f"value{end}"]) for end in SPREAD))
            value = Value(str(row["kind"]), str(row["unit"]), bounds, int(row["year"]) or None)
            found.setdefault(str(row["item"]), []).append(value)
    return found


def headlines_of(answer: Answer) -> tuple[Headline, ...]:
    """The four numbers, out of the answer that holds them."""
    about = answer.about
    pairs = int(about.get("pairs", {}).get(WITHOUT, 0))  # an older answer does not say
    runs = int(about["replicates"]), int(about["draws"]), int(about["years"][0]), pairs
    found = values_of(answer, "headline")
    return tuple(Headline(key, tuple(found[key]), *runs) for key in KEYS if key in found)
