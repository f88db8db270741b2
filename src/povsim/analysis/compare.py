"""Owns: two runs with the same luck laid beside each other: paired differences of their tables by year, and how these print.
Never: whether two runs may be paired (indicators.pairing), or simulates (simulation)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Final

import pandas as pd

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label, language
from povsim.indicators.differences import UNITS, difference
from povsim.indicators.intervals import LEVEL, SPREAD, interval, spread
from povsim.indicators.pairing import pair
from povsim.indicators.words import caution, show_signed
from povsim.results.contract import TABLES
from povsim.results.results import Results

REPLICATE: Final = "replicate"


@dataclass(frozen=True)
class Comparison:
    """What another run leads to, less what a base does, replicate by replicate.

    Prints as the differences by year of what a meeting asks for; ``comparison["ledger"]`` has those of a whole table.

    Attributes
    ----------
    base, other : Results
        The runs; ``other`` less ``base`` is what is shown.
    replicates : int
        How many the two have in common.
    level : float
        Share of replicates inside an interval.
    """

    base: Results
    other: Results
    replicates: int
    level: float = LEVEL

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that both runs have by replicate, and that can be compared."""
        return tuple(name for name, data in self.base.tables.items() if REPLICATE in data and name in self.other.tables)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Paired differences of one table.

        Returns
        -------
        DataFrame
            The table's keys but the replicate, then each number with both intervals (``_low``, ``_high``, ``_chance_low``,
            ``_chance_high``). A row that only one run has (a measure, a cause) counts as nothing in the other. ``attrs`` carry
            the units and words of the columns.

        Raises
        ------
        ResultsError
            Both runs have no such table by replicate.
        """
        if name not in self.tables:
            raise ResultsError(label("results.no_table"), [Fault(key=name, expected=", ".join(self.tables))])
        keys = [key for key in TABLES[name].keys if key != REPLICATE]
        mine, theirs = (self._by_row(run[name], keys) for run in (self.base, self.other))
        rows = mine.index.union(theirs.index, sort=False).unique().sort_values()
        assert isinstance(rows, pd.MultiIndex)
        rows_left = rows.droplevel(REPLICATE).unique()
        whole = pd.MultiIndex.from_tuples(
            [(*_tuple(row), replicate) for row in rows_left for replicate in range(self.replicates)], names=[*keys, REPLICATE]
        )
        gap = theirs.reindex(whole, fill_value=0) - mine.reindex(whole, fill_value=0)
        columns: dict[str, list[float]] = {}
        for column in gap.columns:
            values = gap[column].to_numpy(dtype="float64").reshape(len(rows_left), self.replicates)
            columns |= spread(str(column), [interval(row, self.level, self.base.draws) for row in values])
        table = pd.concat([rows_left.to_frame(index=False), pd.DataFrame(columns)], axis=1)
        table.attrs = {**self.base[name].attrs}
        return table

    def _by_row(self, data: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
        """The numbers of a table by its keys and the replicate, of the replicates in common."""
        numbers = [str(column) for column in data.columns if column not in keys and pd.api.types.is_numeric_dtype(data[column])]
        return data[data[REPLICATE] < self.replicates].set_index([*keys, REPLICATE])[[n for n in numbers if n != REPLICATE]]

    def by_year(self) -> pd.DataFrame:
        """What a meeting asks for, by year: as ``indicators.differences.difference`` has it."""
        return difference(self.base, {"other": self.other}, self.level).drop(columns="item")

    def show(self, lang: str | None = None) -> pd.DataFrame:
        """The same in words: a row per year, each number with its sign and its interval."""
        tongue = language(lang)
        table = self.by_year()
        shown = {label("indicators.year", tongue): [str(year) for year in table["year"]]}
        for name, unit in UNITS.items():
            if name in table:
                bounds = zip(*(table[f"{name}{end}"] for end in SPREAD[:3]), strict=True)
                shown[label(f"indicators.of_{name}", tongue)] = [_shown(*numbers, unit=unit, lang=tongue) for numbers in bounds]
        return pd.DataFrame(shown).set_index(label("indicators.year", tongue))

    def title(self, lang: str | None = None) -> str:
        """Which scenario is laid beside which."""
        tongue = language(lang)
        other, base = (run.manifest["scenario"][tongue] for run in (self.other, self.base))
        return label("indicators.compared", tongue, other=other, base=base)

    def _said(self, lang: str | None = None) -> str:
        return caution(self.replicates, lang, min(self.base.draws, self.replicates))

    def __repr__(self) -> str:
        with pd.option_context("display.unicode.east_asian_width", True, "display.width", None):
            return f"{self.title()}\n{self.show().to_string()}\n{self._said()}"

    def _repr_html_(self, lang: str | None = None) -> str:
        table = self.show(lang)
        named = table.rename_axis(index=None, columns=str(table.index.name))
        return f"<div><h4>{escape(self.title(lang))}</h4>{named.to_html()}<p>{escape(self._said(lang))}</p></div>"


def compare(base: Results, other: Results, level: float = LEVEL) -> Comparison:
    """Lay a run beside a base, replicate by replicate: what differs between them is the policy, not the luck.

    Parameters
    ----------
    base, other : Results
        Two runs with the same seed, population, opening, years and draws of the parameters; where one has fewer replicates, those
        that both have are compared.
    level : float
        Share of replicates inside an interval.

    Raises
    ------
    ResultsError
        The runs share no luck; what differs is named.

    Examples
    --------
    >>> compare(base, late)["spending"]  # doctest: +SKIP
    """
    return Comparison(base, other, pair(base, other), level)


def _tuple(row: Any) -> tuple[Any, ...]:
    return row if isinstance(row, tuple) else (row,)


def _shown(number: float, low: float, high: float, *, unit: str, lang: str) -> str:
    number_, low_, high_ = (show_signed(value, unit, lang) for value in (number, low, high))
    return label("indicators.signed_interval", lang, number=number_, low=low_, high=high_)
