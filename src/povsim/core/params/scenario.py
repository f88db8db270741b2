"""Owns: the resolved scenario: layers, sources, values by year, measures; loading one from its file.
Never: knows what a parameter does (engine, policy)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params import shell
from povsim.core.params.conditions import Condition, read_conditions
from povsim.core.params.records import (
    Record,
    Setting,
    Text,
    as_known,
    check,
    choice,
    data_root,
    group_names,
    group_records,
    kind_names,
    kind_records,
    scaled,
    settle,
)
from povsim.core.params.tree import (
    EMPTY,
    Mark,
    Node,
    Plain,
    fault,
    find,
    grow,
    merge,
    nearest,
    parse,
    read,
    unknown,
    without_nulls,
)

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


def _values(name: str, settings: Mapping[str, Setting], year: int) -> Values:
    return Values(name, {key: _ready(setting.at(year)) for key, setting in settings.items()})


def _ready(value: Plain) -> Any:
    """A plain value as the engine takes it."""
    if isinstance(value, Mapping):
        return {key: _ready(item) for key, item in value.items()}
    if isinstance(value, tuple):
        if all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value):
            array: NDArray[np.float64] = np.array(value, dtype=np.float64)
            array.flags.writeable = False
            return array
        return tuple(_ready(item) for item in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Run:
    """How a scenario is run: opening (income year), simulated years, replicates, seed, scope, threads (0: one per core)."""

    opening: int
    years: tuple[int, ...]
    replicates: int
    seed: int
    scope: str
    threads: int


@dataclass(frozen=True)
class Plan:
    """What is planned: persons to leave by year, and the year by whose end nobody is left behind (None: no such year)."""

    targets: dict[int, int]
    finish_year: int | None


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
    settings: dict[str, Setting] = field(repr=False)

    def values(self, year: int) -> Values:
        """The kind's parameters as they are in a year."""
        return _values(f"measures.{self.id}", self.settings, year)


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
    groups: dict[str, dict[str, Setting]] = field(repr=False)
    kinds: dict[str, dict[str, Setting]] = field(repr=False)
    tree: Node = field(repr=False, compare=False)

    def values(self, group: str, year: int) -> Values:
        """Values of a group of parameters in a year, dated ones resolved.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        return _values(group, self.groups[group], year)

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
        settings = self.settings()
        values: dict[str, Plain] = {}
        for path, u in chances.items():
            drawn = known[path].at(u)
            values[path] = _clipped(scaled(settings[path].value, drawn), known[path].record) if known[path].factor else drawn
        return self.replaced(values, layer="draw")

    def replaced(self, values: Mapping[str, Plain], layer: str = "command line") -> Scenario:
        """The scenario with other values at some dotted paths, checked like any other.

        Raises
        ------
        ParamsError
            With every fault.
        """
        over = EMPTY
        for path, value in values.items():
            over = merge(over, _nested(path, _reasoned(value, layer), Mark(layer, COMMAND_LINE)))
        return _raise_or(*_build(self.name, merge(self.tree, over)))

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
    if isinstance(value, Mapping):
        return {key: _clipped(item, record) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_clipped(item, record) for item in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return min(max(value, -math.inf if low is None else low), math.inf if high is None else high)
    return value


# --- paths -----------------------------------------------------------------------------------------------


def _nested(path: str, value: Plain, mark: Mark) -> Node:
    node = grow(value, mark)
    for part in reversed(path.split(".")):
        node = Node({int(part) if part.isdigit() else part: node}, mark, mark)
    return node


def _known_paths(scenario: Scenario) -> dict[str, None]:
    """Every dotted path that a value may be set at, in order."""
    paths = [f"run.{name}" for name in shell.RUN] + [f"plan.{name}" for name in shell.PLAN]
    paths += [f"{group}.{name}" for group, settings in scenario.groups.items() for name in settings]
    paths += [f"kinds.{kind}.{name}" for kind, settings in scenario.kinds.items() for name in settings]
    for measure in scenario.measures:
        names = [*shell.MEASURE_KEYS, "start.year", "start.month", *(f"quota.{unit}" for unit in (*shell.QUOTA_UNITS, "per"))]
        paths += [f"measures.{measure.id}.{name}" for name in [*names, *measure.settings]]
    return dict.fromkeys(paths)


# --- loading ---------------------------------------------------------------------------------------------


def load_scenario(path: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """A scenario from its file: default < place < scenario and those it extends < command line.

    Parameters
    ----------
    path : str or Path
        A file, or ``<place>/<name>`` of a shipped scenario.
    overrides : iterable of str
        ``key=value`` by dotted path, as after ``-p``.

    Returns
    -------
    Scenario
        Frozen; every value knows its source.

    Raises
    ------
    ParamsError
        With every fault of every file, with line and column.
    """
    return _raise_or(*resolve(path, overrides))


def _raise_or(scenario: Scenario | None, faults: Sequence[Fault]) -> Scenario:
    if faults or scenario is None:
        raise ParamsError(faults=faults)
    return scenario


def resolve(path: str | Path, overrides: Iterable[str] = ()) -> tuple[Scenario | None, list[Fault]]:
    """A scenario and every fault found on the way; None where nothing could be built."""
    faults: list[Fault] = []
    file = _find(str(path), Path.cwd())
    if file is None:
        near = _nearest_scenario(str(path))
        mend = label("params_nearest", near=near) if near else ""
        return None, [Fault(str(path), expected=label("params_no_file"), mend=mend)]
    tree = _chain(file, (), faults)
    place = tree.items.get("place")
    if place is not None and isinstance(place.value, str):
        tree = merge(place_layer(place.value, faults), tree)
    for text in overrides:
        over = _override(text, faults)
        _check_removals(tree, over, faults)
        tree = merge(tree, over)
    scenario, more = _build(_short(file), tree)
    return scenario, faults + more


def _find(name: str, base: Path) -> Path | None:
    """The file a scenario's name means: a file beside ``base``, else ``<place>/<name>`` among those shipped."""
    for candidate in (base / name, base / f"{name}.yaml", data_root() / "params" / name, data_root() / "params" / f"{name}.yaml"):
        if candidate.is_file():
            return candidate.resolve()
    return None


def _shipped() -> list[str]:
    folder = data_root() / "params"
    files = sorted(folder.glob("*/*.yaml"))
    return [f"{f.parent.name}/{f.stem}" for f in files if f.parent.name != "kinds" and f.stem != "place"]


def _nearest_scenario(name: str) -> str:
    return nearest(name.removesuffix(".yaml"), _shipped())


def _short(file: Path) -> str:
    """``<place>/<name>`` for a shipped scenario, the whole path for any other."""
    shipped = data_root().resolve() / "params"
    return file.relative_to(shipped).with_suffix("").as_posix() if file.is_relative_to(shipped) else str(file)


def _chain(file: Path, below: tuple[Path, ...], faults: list[Fault]) -> Node:
    """The tree of a scenario laid over those it extends."""
    tree, found = read(file, as_known(file), "scenario")
    faults.extend(found)
    if not isinstance(tree.value, dict):
        faults.append(fault(tree, "", label("params_top"), label("params_top_mend")))
        return EMPTY
    parent = tree.items.get("extends")
    tree = Node({key: node for key, node in tree.items.items() if key != "extends"}, tree.at)
    _name_scenarios(tree, file.parent, faults)
    if parent is None:
        _check_removals(EMPTY, tree, faults)
        return tree
    base = _find(str(parent.value), file.parent) if isinstance(parent.value, str) else None
    if base is None:
        near = _nearest_scenario(str(parent.value))
        mend = label("params_nearest", near=near) if near else label("params_extends_mend")
        faults.append(fault(parent, "extends", label("params_no_file"), mend))
        return tree
    if base in (*below, file):
        circle = " → ".join(as_known(step) for step in (*below, file, base))
        faults.append(fault(parent, "extends", label("params_circle", circle=circle), label("params_circle_mend")))
        return tree
    lower = _chain(base, (*below, file), faults)
    _check_removals(lower, tree, faults)
    return merge(lower, tree)


def _name_scenarios(tree: Node, folder: Path, faults: list[Fault]) -> None:
    """Resolve the names under ``compare`` in place of the file that wrote them."""
    compare = tree.items.get("compare")
    if compare is None or not isinstance(compare.value, tuple):
        return
    named = []
    for i, item in enumerate(compare.value):
        found = _find(item.value, folder) if isinstance(item.value, str) else None
        if found is None:
            near = _nearest_scenario(str(item.value))
            mend = label("params_nearest", near=near) if near else label("params_extends_mend")
            faults.append(fault(item, f"compare[{i}]", label("params_no_file"), mend))
        else:
            named.append(Node(_short(found), item.at, item.key_at))
    tree.items["compare"] = Node(tuple(named), compare.at, compare.key_at)


def place_layer(place: str, faults: list[Fault]) -> Node:
    """What ``params/<place>/place.yaml`` sets for all scenarios of a place: groups and kinds only."""
    file = data_root() / "params" / place / "place.yaml"
    if not file.is_file():
        return EMPTY
    tree, found = read(file, as_known(file), "place")
    faults.extend(found)
    allowed = [*group_names(), "kinds"]
    for key, node in tree.items.items():
        if key not in allowed:
            faults.append(unknown(node, str(key), key, allowed, "what_group"))
    return Node({key: node for key, node in tree.items.items() if key in allowed}, tree.at)


def _override(text: str, faults: list[Fault]) -> Node:
    """The tree of one ``key=value``; the value is YAML."""
    path, equals, value = text.partition("=")
    path = path.strip()
    mark = Mark("command line", COMMAND_LINE)
    if not equals or not path or not value.strip() or not all(path.split(".")):
        faults.append(Fault(COMMAND_LINE, key=text, expected=label("params_override"), mend=label("params_override_mend")))
        return EMPTY
    node, found = parse(value, mark)
    faults.extend(Fault(COMMAND_LINE, 0, 0, path, one.value or value, one.expected, one.mend) for one in found)
    return _nested(path, node.plain, mark) if not found else EMPTY


def _check_removals(lower: Node, upper: Node, faults: list[Fault]) -> None:
    """``measures: {x: null}`` takes a measure out, so there must be one."""
    there = lower.items.get("measures", EMPTY).items
    for name, node in upper.items.get("measures", EMPTY).items.items():
        if node.value is None and (name not in there or there[name].value is None):
            faults.append(unknown(node, f"measures.{name}", name, [str(key) for key in there], "what_measure"))


# --- building --------------------------------------------------------------------------------------------


def _build(name: str, tree: Node) -> tuple[Scenario | None, list[Fault]]:
    faults: list[Fault] = []
    entries = tree.items
    groups, kinds = group_names(), kind_names()
    known = [*shell.SCENARIO_KEYS, *groups]
    for key, node in entries.items():
        if key not in known:
            faults.append(_unknown_top(node, str(key), known))
    stated = entries.get("schema")
    if stated is None or stated.value != shell.SCHEMA:
        faults.append(fault(stated or tree, "schema", label("params_schema"), label("params_schema_mend", schema=shell.SCHEMA)))
    title = _title(entries.get("title"), "title", name, faults)
    place = entries.get("place")
    if place is None or not isinstance(place.value, str):
        faults.append(fault(place or tree, "place", label("params_place"), label("params_place_mend")))
    run = _run(entries.get("run", Node({}, tree.at, tree.at)), faults)
    plan = _plan(entries.get("plan", EMPTY), faults)
    compare = entries.get("compare", EMPTY).plain or ()
    if not isinstance(compare, tuple) or not all(isinstance(one, str) for one in compare):
        faults.append(fault(entries["compare"], "compare", label("params_list", n="n"), label("params_list_mend")))
        compare = ()
    settled_groups = {}
    for group in groups:
        records, found = group_records(group)
        faults.extend(found)
        settled_groups[group] = _settle_all(records, entries.get(group, EMPTY), group, "what_parameter", faults)
    measure_nodes = _mapping(entries.get("measures", EMPTY), "measures", faults)
    used = {str(node.items["kind"].value) for node in measure_nodes.values() if "kind" in node.items} & set(kinds)
    kind_nodes = _mapping(entries.get("kinds", EMPTY), "kinds", faults)
    for kind, node in kind_nodes.items():
        if kind not in kinds:
            faults.append(unknown(node, f"kinds.{kind}", kind, kinds, "what_kind"))
    settled_kinds: dict[str, dict[str, Setting]] = {}
    for kind in sorted(used | (kind_nodes.keys() & set(kinds))):
        records, found = kind_records(kind)
        faults.extend(found)
        settled_kinds[kind] = _settle_all(records, kind_nodes.get(kind, EMPTY), f"kinds.{kind}", "what_parameter", faults)
    first = run.years[0] if run.years else run.opening
    measures = [
        _measure(id, node, settled_kinds, kind_nodes, list(measure_nodes), first, faults)
        for id, node in measure_nodes.items()
        if node.value is not None
    ]
    if faults:
        return None, faults
    return (
        Scenario(
            name=name,
            title=title,
            place=str(place.value) if place else "",
            run=run,
            plan=plan,
            compare=tuple(str(one) for one in compare),
            measures=tuple(one for one in measures if one is not None),
            groups=settled_groups,
            kinds=settled_kinds,
            tree=tree,
        ),
        [],
    )


def _unknown_top(node: Node, key: str, known: list[str]) -> Fault:
    """An unknown key at the top; a parameter's name is told its group."""
    paths = {name: f"{group}.{name}" for group in group_names() for name in group_records(group)[0]}
    near = nearest(key, [*known, *paths])
    if near in paths:
        mend = label("params_nearest", near=paths[near])
        return fault(node, key, label("params_unknown", what=label("what_group")), mend, value="", key=True)
    return unknown(node, key, key, known, "what_group")


def _mapping(node: Node, path: str, faults: list[Fault]) -> dict[str, Node]:
    if node.value is None:
        return {}
    if not isinstance(node.value, dict):
        faults.append(fault(node, path, label("params_mapping", names="…"), label("params_mapping_mend")))
        return {}
    return {str(key): item for key, item in node.value.items()}


def _settle_all(records: Mapping[str, Record], node: Node, path: str, what: str, faults: list[Fault]) -> dict[str, Setting]:
    """A setting for every record; an entry that no record knows is a fault."""
    entries = _mapping(node, path, faults)
    for name, item in entries.items():
        if name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, list(records), what))
    settings: dict[str, Setting] = {}
    for name, record in records.items():
        settings[name] = settle(record, entries.get(name), f"{path}.{name}", faults)
    return with_rates(settings)


def with_rates(settings: dict[str, Setting]) -> dict[str, Setting]:
    """The settings, those whose growth is another parameter tied to it."""
    return {
        name: Setting(one.record, one.node, one.beyond, settings[one.record.growth], one.value)
        if isinstance(one.record.growth, str) and one.record.growth in settings
        else one
        for name, one in settings.items()
    }


def _title(node: Node | None, path: str, otherwise: str, faults: list[Fault]) -> Text:
    if node is None or node.value is None:
        return Text(otherwise, otherwise)
    if isinstance(node.value, str):
        return Text(node.value, node.value)
    words = node.plain
    if isinstance(words, dict) and set(words) == {"zh", "en"} and all(isinstance(word, str) for word in words.values()):
        return Text(str(words["zh"]), str(words["en"]))
    faults.append(fault(node, path, label("params_words"), label("params_words_mend")))
    return Text(otherwise, otherwise)


def _frame(
    records: Mapping[str, Record], node: Node, path: str, faults: list[Fault], required: Sequence[str] = ()
) -> dict[str, Plain]:
    """Values of a few settings of the shell; None where nothing is said and there is no default."""
    entries = _mapping(node, path, faults)
    found: dict[str, Plain] = {}
    for name, item in entries.items():
        if name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, list(records), "what_setting"))
    for name, record in records.items():
        said = entries.get(name)
        if name in required and (said is None or said.value is None):
            faults.append(fault(node, f"{path}.{name}", label("params_missing"), label("params_missing_mend"), "", key=True))
        if said is not None and said.dated:
            faults.append(fault(said, f"{path}.{name}", label("params_not_dated"), label("params_not_dated_mend")))
            said = None
        found[name] = settle(record, said, f"{path}.{name}", faults).value
    return found


def _whole(value: Plain) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _run(node: Node, faults: list[Fault]) -> Run:
    found = _frame(shell.RUN, node, "run", faults, required=("opening",))
    opening, years = _whole(found["opening"]) or 0, _whole(found["years"]) or 0
    return Run(
        opening=opening,
        years=tuple(range(opening + 1, opening + 1 + years)),
        replicates=_whole(found["replicates"]) or 0,
        seed=_whole(found["seed"]) or 0,
        scope=str(found["scope"]),
        threads=_whole(found["threads"]) or 0,
    )


def _plan(node: Node, faults: list[Fault]) -> Plan:
    targets_node = without_nulls(node.items.get("targets", EMPTY))
    if targets_node.value not in ({}, None) and not targets_node.dated:
        faults.append(fault(targets_node, "plan.targets", label("params_by_year"), label("params_by_year_mend")))
        targets_node = EMPTY
    for year, item in targets_node.items.items():
        check(shell.PLAN["targets"], item, f"plan.targets.{year}", faults)
    rest = {key: item for key, item in node.items.items() if key != "targets"}
    found = _frame(shell.PLAN, Node(rest, node.at, node.key_at), "plan", faults)
    targets = {int(year): _whole(item.plain) or 0 for year, item in sorted(targets_node.items.items())}
    return Plan(targets=targets, finish_year=_whole(found["finish_year"]))


def _measure(
    id: str,
    node: Node,
    kinds: Mapping[str, Mapping[str, Setting]],
    kind_nodes: Mapping[str, Node],
    ids: list[str],
    first_year: int,
    faults: list[Fault],
) -> Measure | None:
    path = f"measures.{id}"
    entries = _mapping(node, path, faults)
    if not id.isidentifier():
        faults.append(fault(node, path, label("params_identifier"), label("params_identifier_mend"), "", key=True))
    if "kind" not in entries:
        near = nearest(id, [other for other in ids if other != id])
        mend = label("params_kind_near", near=near) if near else label("params_one_of", names=", ".join(kind_names()))
        faults.append(fault(node, f"{path}.kind", label("params_missing"), mend, "", key=True))
        return None
    kind = choice(entries["kind"], f"{path}.kind", kind_names(), faults)
    if kind is None:
        return None
    inherited = kinds[kind]
    records = {name: setting.record for name, setting in inherited.items()}
    for name, item in entries.items():
        if name not in shell.MEASURE_KEYS and name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, [*records, *shell.MEASURE_KEYS], "what_measure_key"))
    settings: dict[str, Setting] = {}
    for name, record in records.items():
        own = entries.get(name)
        if own is None or own.value is None:
            settings[name] = inherited[name]
            if record.required and inherited[name].value is None:
                faults.append(fault(node, f"{path}.{name}", label("params_missing"), str(record.name), "", key=True))
        else:
            lower = kind_nodes.get(kind, EMPTY).items.get(name)
            whole = lower is None or "beyond_range" in own.items or "beyond_range" in lower.items
            over = own if whole or lower is None else merge(lower, own)
            settings[name] = settle(record, over, f"{path}.{name}", faults)
    settings = with_rates(settings)
    frame = _measure_frame(entries, path, faults)
    take_up = settings.pop("take_up").value if "take_up" in settings else frame["take_up"]
    start = _frame(shell.START, entries.get("start", EMPTY), f"{path}.start", faults)
    quota = _quota(entries.get("quota"), f"{path}.quota", faults)
    budget_node = entries.get("budget")
    budget = None
    if budget_node is not None and budget_node.value is not None:
        budget = Budget(settle(shell.FRAME["budget"], budget_node, f"{path}.budget", faults))
    return Measure(
        id=id,
        kind=kind,
        title=_title(entries.get("title"), f"{path}.title", id, faults),
        eligible=read_conditions(entries.get("eligible", EMPTY), f"{path}.eligible", faults),
        order=str(frame["order"]),
        quota=quota,
        budget=budget,
        take_up=float(take_up) if isinstance(take_up, (int, float)) else 1.0,
        start_year=_whole(start["year"]) or first_year,
        start_month=_whole(start["month"]) or 1,
        until=_whole(frame["until"]),
        kept_until=_whole(frame["kept_until"]),
        settings=settings,
    )


def _measure_frame(entries: Mapping[str, Node], path: str, faults: list[Fault]) -> dict[str, Plain]:
    records = {name: record for name, record in shell.FRAME.items() if name != "budget"}
    return _frame(records, Node({name: item for name, item in entries.items() if name in records}), path, faults)


def _quota(node: Node | None, path: str, faults: list[Fault]) -> Quota | None:
    if node is None or node.value is None:
        return None
    entries = {key: item for key, item in _mapping(node, path, faults).items() if item.value is not None}
    for name, item in entries.items():
        if name not in (*shell.QUOTA_UNITS, "per"):
            faults.append(unknown(item, f"{path}.{name}", name, [*shell.QUOTA_UNITS, "per"], "what_setting"))
    units = [unit for unit in shell.QUOTA_UNITS if unit in entries]
    if len(units) != 1:
        faults.append(fault(node, path, label("params_quota"), label("params_one_of", names=", ".join(shell.QUOTA_UNITS))))
        return None
    per = settle(shell.PER_RECORD, entries.get("per"), f"{path}.per", faults).value
    number = settle(shell.QUOTA[units[0]], entries[units[0]], f"{path}.{units[0]}", faults)
    return Quota(units[0], str(per), number)
