"""Owns: the resolved scenario: values by year, measures, sources, uncertain parameters.
Never: reads a file (loading), knows what a parameter does (engine, policy)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import LANGUAGES
from povsim.core.params import shell
from povsim.core.params.conditions import Condition
from povsim.core.params.record import Record, Setting, Text, clipped, each, scaled
from povsim.core.params.stress import Stress
from povsim.core.params.tree import ABOVE, EMPTY, Mark, Node, Plain, find, merge, nearest, nested

COMMAND_LINE: Final = "-p"


class Values:
    """Values of one group or measure in one year, read as attributes.

    Numbers are floats, lists of numbers read-only float64 arrays, lists of words tuples, mappings dicts of these.
    """

    __slots__ = ("_name", "_values")

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_values", dict(values))

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            near = nearest(name, list(self._values))
            raise AttributeError(f"{self._name}.{name}: no such parameter; nearest: {near or '-'}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self._name}.{name}: values of a scenario are read-only")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __reduce__(self) -> tuple[type[Values], tuple[str, dict[str, Any]]]:
        return Values, (self._name, self._values)

    def __repr__(self) -> str:
        return f"Values({self._name}: {', '.join(f'{key}={value!r}' for key, value in self._values.items())})"


def values_of(name: str, settings: Mapping[str, Setting], year: int) -> Values:
    """The values that settings have in a year."""
    return Values(name, {key: _ready(setting.at(year), setting.record.unit) for key, setting in settings.items()})


def _ready(value: Plain, unit: str) -> Any:
    """A plain value as the engine takes it."""
    if isinstance(value, Mapping):
        return {key: _ready(item, unit) for key, item in value.items()}
    if isinstance(value, tuple):
        if unit != "text" and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value):
            array: NDArray[np.float64] = np.array(value, dtype=np.float64)
            array.flags.writeable = False
            return array
        return tuple(_ready(item, unit) for item in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Until:
    """A precision that is wanted instead of a number of replicates: the 90% confidence interval of the mean over replicates of a
    number (``shell.STATISTICS``) in a year is at most ``within`` wide, or ``most`` replicates were run."""

    number: str
    year: int
    within: float
    most: int

    @property
    def plain(self) -> dict[str, Plain]:
        """As a params file has it."""
        return {"until": self.number, "year": self.year, "within": self.within, "most": self.most}


@dataclass(frozen=True)
class Run:
    """How a scenario is run: opening (income year), simulated years, replicates (the most, where a precision is wanted), draws of
    parameters (0: held) and the fit they come from (empty: the stated distributions), seed, scope, threads (0: one per core)."""

    opening: int
    years: tuple[int, ...]
    replicates: int
    draws: int
    fit: str
    seed: int
    scope: str
    threads: int
    until: Until | None = None


@dataclass(frozen=True)
class Plan:
    """What is planned.

    Attributes
    ----------
    targets : dict of int to int
        Persons to leave, by year.
    finish_year : int or None
        The year by whose end nobody is left behind; None: no such year.
    reported : dict of int to int
        Persons reported to have left in years of which no plan was published: in a back-test as many may leave.
    """

    targets: dict[int, int]
    finish_year: int | None
    reported: dict[int, int] = field(default_factory=dict)

    def cap(self, year: int) -> int | None:
        """How many persons may leave in a year: the plan's number, else what was reported; None: all who qualify."""
        return self.targets.get(year, self.reported.get(year))


@dataclass(frozen=True)
class Quota:
    """How many a measure takes in a year: ``unit`` is households, persons, posts or kw; ``per`` is all or village."""

    unit: str
    per: str
    number: Setting

    def at(self, year: int) -> float:
        """The number in a year."""
        return float(self.number.at(year))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Budget:
    """What a measure may spend in a year."""

    number: Setting

    def at(self, year: int) -> float:
        """Yuan in a year."""
        return float(self.number.at(year))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Measure:
    """One measure of a scenario.

    Attributes
    ----------
    id, kind : str
        Its id in the scenario, and the kind whose mechanism it has.
    title : Text
        For people.
    eligible : tuple of Condition
        All must hold.
    order : str
        One of ``shell.ORDERS``.
    quota, budget : Quota, Budget or None
        None is no limit; ``.at(year)`` is the number of a year.
    take_up : float
        Probability that one who is offered it takes it.
    start_year, start_month : int
        Income year and its month (1 to 12, 1 is October) from which it counts.
    until : int or None
        Last year of new holders.
    kept_until : int or None
        Year until which it is kept after exit; None is without end.
    ends : int or None
        First year in which it gives nothing any more, to whomever; what was built stays. None is without end.
    settings : dict of str to Setting
        The kind's parameters.
    """

    id: str
    kind: str
    title: Text
    eligible: tuple[Condition, ...]
    order: str
    quota: Quota | None
    budget: Budget | None
    take_up: float
    start_year: int
    start_month: int
    until: int | None
    kept_until: int | None
    ends: int | None
    settings: dict[str, Setting] = field(repr=False)
    _known: dict[int, Values] = field(default_factory=dict, init=False, repr=False, compare=False)

    def values(self, year: int) -> Values:
        """The kind's parameters as they are in a year."""
        if year not in self._known:
            self._known[year] = values_of(f"measures.{self.id}", self.settings, year)
        return self._known[year]


@dataclass(frozen=True)
class Uncertainty:
    """An uncertain parameter of a scenario: where it may lie.

    ``low`` to ``high`` are values, or factors on the whole value where ``factor`` says so; ``mode`` is the value (or 1).
    """

    path: str
    record: Record
    low: float
    mode: float
    high: float
    factor: bool

    def at(self, u: float) -> float:
        """Inverse distribution function: the value, or factor, at a probability between 0 and 1."""
        width = self.high - self.low
        if width == 0.0 or self.record.distribution == "uniform":
            return self.low + u * width
        rising = (self.mode - self.low) / width
        if u < rising:
            return self.low + math.sqrt(u * width * (self.mode - self.low))
        return self.high - math.sqrt((1.0 - u) * width * (self.high - self.mode))


@dataclass(frozen=True)
class Scenario:
    """A resolved scenario. Two are equal when all their values are, wherever these came from."""

    name: str = field(compare=False)
    title: Text
    place: str
    run: Run
    plan: Plan
    compare: tuple[str, ...]
    measures: tuple[Measure, ...]
    stress: tuple[Stress, ...]
    groups: dict[str, dict[str, Setting]] = field(repr=False)
    kinds: dict[str, dict[str, Setting]] = field(repr=False)
    tree: Node = field(repr=False, compare=False)

    @property
    def titled(self) -> Text:
        """Its title with the stress it stands under, which is what papers print."""
        return Text(*(self.title.show(lang) + "".join(one.words(lang) for one in self.stress) for lang in LANGUAGES))

    def values(self, group: str, year: int) -> Values:
        """Values of a group of parameters in a year, dated ones resolved.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        return values_of(group, self.groups[group], year)

    def measure(self, id: str) -> Measure:
        """The measure of an id."""
        return next(measure for measure in self.measures if measure.id == id)

    def settings(self) -> dict[str, Setting]:
        """Every parameter by its dotted path: groups, kinds used, and what a measure sets itself."""
        found = {f"{group}.{name}": one for group, settings in self.groups.items() for name, one in settings.items()}
        found |= {f"kinds.{kind}.{name}": one for kind, settings in self.kinds.items() for name, one in settings.items()}
        own = self.tree.items.get("measures", EMPTY).items
        for measure in self.measures:
            set_here = own[measure.id].items
            found |= {f"measures.{measure.id}.{name}": one for name, one in measure.settings.items() if name in set_here}
        return found

    def source(self, path: str) -> str:
        """Where the value at a dotted path came from: ``default``, ``place``, ``file:line`` of a scenario, or ``command line``.

        Raises
        ------
        KeyError
            If nothing has the path.
        """
        node = find(self.tree, path)
        if node is not None and node.value is not None:
            return node.at.source
        return self._default_source(path)

    def _default_source(self, path: str) -> str:
        if path in _known_paths(self):
            inherited = path.split(".")
            if inherited[0] == "measures" and len(inherited) > 2:
                kind = self.measure(inherited[1]).kind
                node = find(self.tree, ".".join(["kinds", kind, *inherited[2:]]))
                return node.at.source if node is not None and node.value is not None else "default"
            return "default"
        parent, _, last = path.rpartition(".")
        if parent and (setting := self.settings().get(parent)) and str(last) in map(str, setting.node.items):
            return "default"
        raise KeyError(path)

    def uncertainties(self) -> tuple[Uncertainty, ...]:
        """Every uncertain parameter that this scenario can read, with its range."""
        found = []
        for path, setting in self.settings().items():
            record = setting.record
            if record.role != "uncertainty":
                continue
            if record.factor is not None:
                found.append(Uncertainty(path, record, record.factor[0], 1.0, record.factor[1], factor=True))
            elif isinstance(setting.value, (int, float)) and record.low is not None and record.high is not None:
                value = float(setting.value)
                found.append(Uncertainty(path, record, min(record.low, value), value, max(record.high, value), factor=False))
        return tuple(found)

    def drawn(self, chances: Mapping[str, float]) -> Scenario:
        """The scenario with uncertain parameters at given probabilities of their distributions.

        Parameters
        ----------
        chances : mapping of str to float
            Path of an uncertain parameter to a number in (0, 1).
        """
        known = {one.path: one for one in self.uncertainties()}
        return self.with_draw({path: known[path].at(u) for path, u in chances.items()})

    def with_draw(self, draw: Mapping[str, float]) -> Scenario:
        """The scenario with uncertain parameters as a draw has them: values, or factors on the whole where their records say so.

        Parameters
        ----------
        draw : mapping of str to float
            Path of an uncertain parameter of this scenario to its value or factor.
        """
        known = {one.path: one for one in self.uncertainties()}
        settings = self.settings()
        values: dict[str, Plain] = {
            path: _clipped(scaled(settings[path].value, number), known[path].record) if known[path].factor else number
            for path, number in draw.items()
        }
        return self.replaced(values, layer="draw")

    def replaced(self, values: Mapping[str, Plain], layer: str = "command line") -> Scenario:
        """The scenario with other values at some dotted paths, checked like any other.

        Raises
        ------
        ParamsError
            With every fault.
        """
        from povsim.core.params.building import build

        over = EMPTY
        for path, value in values.items():
            over = merge(over, nested(path, _reasoned(value, layer), Mark(layer, COMMAND_LINE, height=ABOVE)))
        return whole(*build(self.name, merge(self.tree, over)))

    def to_yaml(self) -> str:
        """The resolved scenario as a params file, each value with its source; loading it gives an equal scenario."""
        from povsim.core.params.writing import write

        return write(self)

    def fingerprint(self) -> str:
        """A text that is the same for two scenarios whose results are: all values, without sources, titles and threads."""
        from povsim.core.params.writing import fingerprint

        return fingerprint(self)


def _reasoned(value: Plain, layer: str) -> Plain:
    """A draw lies in the record's own range, or around a value given beyond it: no reason need be asked for."""
    return {"value": value, "beyond_range": "draw"} if layer == "draw" else value


def _clipped(value: Plain, record: Record) -> Plain:
    low, high = record.limits(hard=True)
    return each(value, lambda number: clipped(number, low, high))


def _known_paths(scenario: Scenario) -> dict[str, None]:
    """Every dotted path that a value may be set at, in order."""
    paths = [f"run.{name}" for name in shell.RUN] + [f"plan.{name}" for name in shell.PLAN]
    paths += [f"{group}.{name}" for group, settings in scenario.groups.items() for name in settings]
    paths += [f"kinds.{kind}.{name}" for kind, settings in scenario.kinds.items() for name in settings]
    for measure in scenario.measures:
        names = [*shell.MEASURE_KEYS, "start.year", "start.month", *(f"quota.{unit}" for unit in (*shell.QUOTA_UNITS, "per"))]
        paths += [f"measures.{measure.id}.{name}" for name in [*names, *measure.settings]]
    return dict.fromkeys(paths)


def whole(scenario: Scenario | None, faults: Sequence[Fault]) -> Scenario:
    """The scenario if it has no fault.

    Raises
    ------
    ParamsError
        With every fault.
    """
    if faults or scenario is None:
        raise ParamsError(faults=faults)
    return scenario
