"""Owns: one household opened (the draft of 一户一策): its accounts in the first replicates, and the tables made of them.
Never: lives a year (engine), or puts a table into words (simulation.telling).

Chance is keyed, so that a replicate lives again as it was lived; what the household shares with others (allocation, caps, posts)
needs the whole pool, so that the pool is lived again too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label
from povsim.core.params import draws_of
from povsim.core.params.tree import nearest
from povsim.core.schema import ITEMS, LACKS, SOURCES, Era, Status
from povsim.engine import columns as c
from povsim.engine.assessment import era_in, lines_of
from povsim.engine.recorder import ASIDE, AT_LAST, LOSSES, NOTED, Recorder
from povsim.engine.run import record
from povsim.engine.state import FEN
from povsim.engine.world import build_world, worlds_of
from povsim.policy.marking import marks

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.population.tables import Population

REPLICATES: Final = 20
LEVEL: Final = (0.05, 0.95)  # what low and high hold
OWN: Final = "own"  # in the place of a measure: what no measure entered
ALL: Final = "all"  # likewise, or of a source: the sum
UNCOUNTED: Final = "uncounted"  # in the place of a source: relief and donations, no registry income
PARTS: Final = (*SOURCES, UNCOUNTED)
MOUTH: Final = "mouth"  # a loss: one more shares the income
_REGISTRY: Final = np.array([item.registry for item in ITEMS])
_PART: Final = [item.source if item.registry else UNCOUNTED for item in ITEMS]
_GUARANTEES: Final = [NOTED.index(row) for row in (c.HOUSE_SAFE, c.WATER_SAFE, c.SCHOOL_SAFE, c.INSURED_ALL)]


@dataclass(frozen=True)
class Origin:
    """What a run was made of, kept in memory so that a household of it can be opened."""

    population: Population
    scenario: Scenario
    block: int = 1024
    kinds: Mapping[str, str] = field(default_factory=dict)  # the marks of the kinds that do not ship

    def why(
        self,
        household: str | int,
        replicates: int | None = None,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Why:
        """Open one household; see ``Results.why``.

        Raises
        ------
        ResultsError
            There is no such household, or a kind is another by now than that of the run.
        """
        if others := [name for name, mark in marks(self.kinds).items() if mark != self.kinds[name]]:
            expected, mend = label("why.other_kind"), label("why.other_kind_mend")
            raise ResultsError(faults=[Fault(key="kind", value=name, expected=expected, mend=mend) for name in others])
        name = name_of(self.population, household)
        scenario = self.scenario
        population = self.population.registered() if scenario.run.scope == "registered" else self.population
        row = row_of(population, name)
        world = build_world(population, scenario, self.block)
        number = min(REPLICATES, scenario.run.replicates) if replicates is None else replicates
        cores = threads or scenario.run.threads or os.cpu_count() or 1
        watched = record(worlds_of(world, draws_of(scenario)), row, range(number), cores, progress)
        h = population.households
        return Why(
            household=name,
            about={
                "village": str(population.villages["name"][h["village"][row]]),
                "size": int(population.sizes[row]),
                "status": int(h["status"][row]),
                "category": int(h["category"][row]),
                "synthetic": bool(h["synthetic"][row]),
            },
            years=(scenario.run.opening, *world.years),
            measures={one.id: {"zh": one.title.zh, "en": one.title.en} for one in scenario.measures},
            records=tuple(watched),
            stated=tuple(float(lines_of(world, year).exit) for year in (scenario.run.opening, *world.years)),
            closed_from=next((year for year in world.years if era_in(world, year) != Era.CAMPAIGN), None),
        )


def name_of(population: Population, household: str | int) -> str:
    """The pseudonym of a household, given by pseudonym or row.

    Raises
    ------
    ResultsError
        There is no such household.
    """
    names: NDArray[Any] = population.households["household_id"]
    if isinstance(household, (int, np.integer)) and not isinstance(household, bool):
        if 0 <= household < len(names):
            return str(names[household])
    elif (names == str(household)).any():
        return str(household)
    near = nearest(household, [str(name) for name in names]) or (str(names[0]) if len(names) else "-")
    mend = label("why.not_there_mend", near=near, last=len(names) - 1)
    raise ResultsError(faults=[Fault(key=str(household), expected=label("why.not_there"), mend=mend)])


def row_of(population: Population, name: str) -> int:
    """Row of a pseudonym among those simulated.

    Raises
    ------
    ResultsError
        It is not simulated.
    """
    found = np.flatnonzero(population.households["household_id"] == name)
    if not len(found):
        faults = [Fault(key=name, expected=label("why.not_simulated"), mend=label("why.not_simulated_mend"))]
        raise ResultsError(faults=faults)
    return int(found[0])


@dataclass(frozen=True)
class Why:
    """One household opened: what it lives on, what each measure adds, how far it is from the line, what would tip it back.

    Attributes
    ----------
    household : str
        Pseudonym.
    about : dict
        Village, size, status and category at the opening; whether it is synthetic.
    years : tuple of int
        The opening year, then those simulated.
    measures : dict
        Titles of the scenario's measures in both languages, by id.
    records : tuple of Recorder
        Its accounts, a replicate each, in fen.
    stated : tuple of float
        The line of each year as the scenario states it, before any draw; empty where nobody said.
    closed_from : int or None
        First simulated year in which nobody may leave.
    """

    household: str
    about: dict[str, Any]
    years: tuple[int, ...]
    measures: dict[str, dict[str, str]]
    records: tuple[Recorder, ...] = field(repr=False)
    stated: tuple[float, ...] = ()
    closed_from: int | None = None

    # --- the records, stacked; replicate first, then year

    def _stack(self, name: str) -> NDArray[Any]:
        return np.stack([getattr(one, name) for one in self.records])

    def _noted(self, row: int) -> NDArray[np.int64]:
        noted: NDArray[np.int64] = self._stack("noted")[..., NOTED.index(row)]
        return noted

    @property
    def living(self) -> NDArray[np.bool_]:
        """Replicates x years in which somebody is left; all means are over these."""
        return self._noted(c.SIZE) > 0

    @property
    def account(self) -> pd.DataFrame:
        """Every entry of the account in fen: year, replicate, item, source, ``by`` (a measure's id, or ``own``)."""
        items, given = self._stack("items"), self._stack("given")
        by = np.concatenate([(items - given.sum(axis=2))[:, :, None], given], axis=2)
        replicate, year, measure, item = np.nonzero(by)
        ids = np.array([OWN, *self.measures], dtype=object)
        return pd.DataFrame(
            {
                "year": np.array(self.years)[year],
                "replicate": replicate,
                "item": np.array([one.name for one in ITEMS], dtype=object)[item],
                "source": np.array([one.source for one in ITEMS], dtype=object)[item],
                "registry": _REGISTRY[item],
                "by": ids[measure],
                "fen": by[replicate, year, measure, item],
            }
        )

    @property
    def income(self) -> pd.DataFrame:
        """By year and part (the sources of registry income, what is not counted, all): mean, low, high in yuan."""
        items = self._stack("items")
        fen = {part: items[..., [i for i, own in enumerate(_PART) if own == part]].sum(axis=-1) for part in PARTS}
        fen[ALL] = items.sum(axis=-1)
        return self._spread("part", fen)

    @property
    def by_measure(self) -> pd.DataFrame:
        """By year and measure, ``own`` first: the income it entered, mean, low, high in yuan; they add up to ``all``."""
        items, given = self._stack("items").sum(axis=-1), self._stack("given").sum(axis=-1)
        fen = {OWN: items - given.sum(axis=-1)}
        fen |= {id: given[..., m] for m, id in enumerate(self.measures)}
        return self._spread("measure", fen | {ALL: items})

    @property
    def held(self) -> pd.DataFrame:
        """By year and measure: share of replicates that have it, and in yuan what else it gave (``engine.recorder.ASIDE``)."""
        held = self._stack("held") | (self._stack("given") != 0).any(axis=-1)
        aside, rows = self._stack("aside") / FEN, []
        for y, year in enumerate(self.years):
            there = self.living[:, y]
            for m, id in enumerate(self.measures):
                means = aside[there, y, m].mean(axis=0) if there.any() else np.zeros(len(ASIDE))
                rows.append((year, id, float(held[there, y, m].mean()) if there.any() else 0.0, *map(float, means)))
        return pd.DataFrame(rows, columns=["year", "measure", "held", *ASIDE])

    @property
    def line(self) -> pd.DataFrame:
        """By year: registry income per head and its distance to the line (mean, low, high), chances of being above, and out.

        ``stated`` is the line as the scenario has it, ``line`` the mean of those that the replicates were judged by, with their
        interval: the line is uncertain, and each draw of the parameters has its own. Distance and chances are by these.
        """
        head, lines, status = self._stack("heads")[..., 0], self._stack("lines"), self._noted(c.STATUS)
        poor = np.isin(status, (Status.POOR, Status.RETURNED))
        unsafe = (self._stack("noted")[..., _GUARANTEES] == 0).any(axis=-1)
        rows = []
        for y, year in enumerate(self.years):
            there = self.living[:, y]
            share = {"above": head >= lines, "out": ~poor, "unsafe": unsafe}
            rows.append(
                {
                    "year": year,
                    "living": float(there.mean()),
                    **_ends("head", head[there, y]),
                    "stated": self.stated[y] if self.stated else float(lines[:, y].mean()),
                    "line": float(lines[:, y].mean()),
                    **{f"line_{end}": value for end, value in _ends("", lines[:, y]).items() if end != "mean"},
                    **_ends("distance", (head - lines)[there, y]),
                    **{name: float(of[there, y].mean()) if there.any() else np.nan for name, of in share.items()},
                }
            )
        return pd.DataFrame(rows)

    @property
    def lacks(self) -> pd.DataFrame:
        """By simulated year: share of replicates still registered poor, and of these the shares that lack each thing."""
        lacks = self._stack("lacks")
        rows = []
        for y, year in enumerate(self.years[1:], start=1):
            poor = lacks[:, y].any(axis=-1)
            shares = lacks[poor, y].mean(axis=0) if poor.any() else np.full(len(LACKS), np.nan)
            rows.append((year, float(poor.mean()), *map(float, shares)))
        return pd.DataFrame(rows, columns=["year", "poor", *LACKS])

    @property
    def tips(self) -> pd.DataFrame:
        """By simulated year and loss: yuan per head that it costs, and the share of replicates above the line that it tips.

        Each loss comes alone, the year as it was lived: the best wage, months of illness of who earns it, the farm in a disaster,
        support by children, one more mouth, and each measure that pays (``measure``: a measure may have the name of a loss).
        """
        size, lines = np.maximum(self._noted(c.SIZE), 1), self._stack("lines")
        net = self._stack("items")[..., _REGISTRY].sum(axis=-1)
        head = net / FEN / size
        lost = [(name, False, self._stack("losses")[..., i] / FEN / size) for i, name in enumerate(LOSSES)]
        lost.append((MOUTH, False, head - net / FEN / (size + 1)))
        given = self._stack("given")[..., _REGISTRY].sum(axis=-1)
        lost += [(id, True, given[..., m] / FEN / size) for m, id in enumerate(self.measures)]
        rows = []
        for y, year in enumerate(self.years[1:], start=1):
            above = self.living[:, y] & (head[:, y] >= lines[:, y])
            for name, of_measure, loss in lost:
                cost = np.maximum(loss[above, y], 0.0)
                if cost.any():
                    tipped = head[above, y] - cost < lines[above, y]
                    rows.append((year, name, of_measure, float(cost.mean()), float(tipped.mean()), int(above.sum())))
        return pd.DataFrame(rows, columns=["year", "loss", "measure", "cost", "tipped", "above"])

    @property
    def fate(self) -> pd.DataFrame:
        """A row per replicate: year of the first exit, year in which own income fell again, its cause; 0 where none."""
        return pd.DataFrame(self._stack("last"), columns=["first_exit", "fell", "cause"][: len(AT_LAST)])

    def _spread(self, name: str, fen: dict[str, NDArray[np.int64]]) -> pd.DataFrame:
        rows = [
            {"year": year, name: key, **_ends("", values[self.living[:, y], y] / FEN)}
            for y, year in enumerate(self.years)
            for key, values in fen.items()
        ]
        return pd.DataFrame(rows)

    # --- in words

    def text(self, lang: str | None = None) -> str:
        """What a planner reads, in a few lines."""
        from povsim.simulation.telling import text

        return text(self, lang)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self, lang: str | None = None) -> str:
        from povsim.simulation.telling import html

        return html(self, lang)


def _ends(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    """Mean and interval of some replicates; NaN where there is none."""
    keys = [f"{name}_{end}" if name else end for end in ("mean", "low", "high")]
    if not len(values):
        return dict.fromkeys(keys, np.nan)
    low, high = np.quantile(values, LEVEL, method="inverted_cdf")
    return dict(zip(keys, (float(values.mean()), float(low), float(high)), strict=True))


def whole_yuan(parts: Sequence[float]) -> list[int]:
    """Parts in whole yuan that add up to their rounded sum: what is rounded is the running sum."""
    ends = np.rint(np.cumsum([0.0, *parts])).astype(np.int64)
    return [int(part) for part in np.diff(ends)]
