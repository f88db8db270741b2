"""Owns: reading the records of groups and kinds, wherever they are; checking a value against its record.
Never: knows scenarios or layers (scenario)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.record import Record, Setting, Text, clipped
from povsim.core.params.shell import MEASURE_KEYS
from povsim.core.params.tree import (
    FIRST_YEAR,
    LAST_YEAR,
    Key,
    Mark,
    Node,
    Plain,
    fault,
    flow,
    grow,
    is_year,
    nearest,
    read,
    unknown,
    without_nulls,
)
from povsim.core.params.units import UNITS

ROLES: Final = ("constant", "lever", "uncertainty")
GRADES: Final = ("A", "B", "C")
BETWEEN: Final = ("step", "linear")
SLIP: Final = 10.0  # a unit mistaken for another (万元, months for years) moves a number by more
ROUNDED: Final = 0.005  # parts of a whole may be rounded
DISTRIBUTIONS: Final = ("triangular", "uniform")
RECORD_KEYS: Final = (
    "name", "unit", "value", "between", "growth", "range", "factor", "one_of", "open", "parts", "role", "distribution", "grade",
    "source", "remark",
)  # fmt: skip


# --- reading records -------------------------------------------------------------------------------------


def data_root() -> Path:
    """The folder that holds ``params/`` and ``data/``.

    ``POVSIM_DATA`` if set, else what the installed package carries, else the checkout.

    Raises
    ------
    ParamsError
        If there is none.
    """
    package = Path(__file__).resolve().parents[2]
    asked = os.environ.get("POVSIM_DATA")
    candidates = [Path(asked)] if asked else [package / "_data", package.parents[1]]
    for folder in candidates:
        if (folder / "params" / "lines.yaml").is_file():
            return folder
    raise ParamsError(faults=[Fault(str(candidates[-1]), expected=label("params_no_data"), mend=label("params_no_data_mend"))])


def as_known(path: Path) -> str:
    """A path as the user knows it: from the data root, else from the working folder, else whole."""
    for base in (data_root(), Path.cwd()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)


_registered: dict[str, Node] = {}


def register_kind_records(
    name: str, records: Mapping[str, Plain] | Path | str, named: Mapping[str, tuple[str, bool]] | None = None
) -> None:
    """Make a user's own kind known: its parameter records, written as in ``params/kinds/*.yaml``.

    Parameters
    ----------
    name : str
        Name of the kind. A name registered before is replaced; a shipped one is refused.
    records : mapping or path
        Parameter name to record, or a YAML file of them.
    named : mapping, optional
        Parameters that the kind itself names: where it does so, to the name and whether that must be a word (else a number).

    Raises
    ------
    ParamsError
        With every fault of the records, and of what names them.
    """
    if name in shipped_kinds():
        raise ParamsError(faults=[Fault(key=name, expected=label("params_kind_taken"), mend=label("params_kind_taken_mend"))])
    mark = Mark(file=f"register_kind_records({name})")
    if isinstance(records, (Path, str)):
        node, faults = read(Path(records), str(records), "default")
    elif isinstance(records, Mapping):
        node, faults = grow(dict(records), mark), ()
    else:
        refused = fault(Node(repr(records), mark), name, label("params_record"), label("params_record_mend"))
        node, faults = Node({}, mark, mark), (refused,)
    known, more = _records(node)
    found = [*faults, *more]
    for parameter in node.items.keys() & set(MEASURE_KEYS) - {"take_up"}:
        found.append(
            fault(node.items[parameter], str(parameter), label("params_reserved"), label("params_identifier_mend"), "", key=True)
        )
    for path, (parameter, word) in (named or {}).items():
        if parameter not in node.items:
            nearest_one = unknown(Node(parameter, mark, mark), path, parameter, list(known), "what_parameter")
            found.append(replace(nearest_one, value=parameter))
        elif parameter in known and _is_word(known[parameter]) != word:
            expected = label("params_text" if word else "params_number", name="", unit=known[parameter].unit)
            found.append(fault(Node(parameter, mark), path, expected))
    if found:
        raise ParamsError(faults=found)
    _registered[name] = node


def _is_word(record: Record) -> bool:
    """Whether a parameter is a word, in all years; else it is a number, or several."""
    leaves = [leaf.value for leaf in record.default.leaves()]
    return bool(record.one_of) or record.unit == "text" or any(isinstance(leaf, str) for leaf in leaves)


def kind_names() -> tuple[str, ...]:
    """All kinds known: shipped and registered, sorted."""
    return tuple(sorted({*shipped_kinds(), *_registered}))


def shipped_kinds() -> tuple[str, ...]:
    """The kinds that come along, sorted."""
    return tuple(sorted(path.stem for path in (data_root() / "params" / "kinds").glob("*.yaml")))


def group_names() -> tuple[str, ...]:
    """The groups of process parameters, sorted."""
    return tuple(sorted(path.stem for path in (data_root() / "params").glob("*.yaml")))


def kind_records(name: str) -> tuple[dict[str, Record], tuple[Fault, ...]]:
    """Parameter records of a kind, and their faults."""
    if name in _registered:
        return _records(_registered[name])
    return file_records(data_root() / "params" / "kinds" / f"{name}.yaml")


def group_records(name: str) -> tuple[dict[str, Record], tuple[Fault, ...]]:
    """Parameter records of a group, and their faults."""
    return file_records(data_root() / "params" / f"{name}.yaml")


def part_title(part: str) -> Text:
    """What a group of parameters, or those of ``kinds.<kind>``, are called: as their file says under ``_file``, else by name."""
    head, _, kind = part.rpartition(".")
    folder = data_root() / "params"
    path = folder / "kinds" / f"{kind}.yaml" if head else folder / f"{part}.yaml"
    node = _registered[kind] if head and kind in _registered else read(path, as_known(path), "default")[0]
    return words_of(node.items["_file"], "_file", []) or Text(kind, kind) if "_file" in node.items else Text(kind, kind)


def file_records(path: Path) -> tuple[dict[str, Record], tuple[Fault, ...]]:
    """Parameter records of a file, and their faults."""
    node, faults = read(path, as_known(path), "default")
    records, more = _cached_records(_Identity(node))
    return dict(records), (*faults, *more)


@dataclass(frozen=True, eq=False)
class _Identity:
    """A tree as a key of the cache: by identity, since trees of unchanged files are the same object."""

    node: Node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.node is self.node


@lru_cache(maxsize=256)
def _cached_records(tree: _Identity) -> tuple[dict[str, Record], tuple[Fault, ...]]:
    return _records(tree.node)


def _records(tree: Node) -> tuple[dict[str, Record], tuple[Fault, ...]]:
    faults: list[Fault] = []
    records: dict[str, Record] = {}
    for key, node in tree.items.items():
        if key == "_file":
            words_of(node, "_file", faults)
            continue
        name = str(key)
        before = len(faults)
        if not name.isidentifier():
            faults.append(fault(node, name, label("params_identifier"), label("params_identifier_mend"), value="", key=True))
        record = record_at(node, name, faults)
        if record is not None and len(faults) == before:
            records[name] = record
    for name, record in records.items():
        if isinstance(record.growth, str) and record.growth not in records:
            named = tree.items[name].items["growth"]
            faults.append(unknown(named, f"{name}.growth", record.growth, list(records), "what_parameter"))
    return records, tuple(faults)


def record_at(node: Node, name: str, faults: list[Fault]) -> Record | None:
    """The record of a parameter as it stands in a file; None, and its faults, where it is none."""
    if not isinstance(node.value, dict):
        faults.append(fault(node, name, label("params_record"), label("params_record_mend")))
        return None
    entries = node.items
    for key in entries:
        if key not in RECORD_KEYS:
            faults.append(unknown(entries[key], f"{name}.{key}", key, RECORD_KEYS, "what_record_key"))
    missing = [key for key in ("name", "unit", "value", "role", "grade", "source") if key not in entries]
    for key in missing:
        faults.append(fault(node, f"{name}.{key}", label("params_missing"), label("params_missing_mend"), value="", key=True))
    if missing:
        return None
    text = words_of(entries["name"], f"{name}.name", faults)
    unit = choice(entries["unit"], f"{name}.unit", tuple(UNITS), faults)
    role = choice(entries["role"], f"{name}.role", ROLES, faults)
    grade = choice(entries["grade"], f"{name}.grade", GRADES, faults)
    between = choice(entries["between"], f"{name}.between", BETWEEN, faults) if "between" in entries else "step"
    distribution = "triangular"
    if "distribution" in entries:
        distribution = choice(entries["distribution"], f"{name}.distribution", DISTRIBUTIONS, faults) or "triangular"
    source = str(entries["source"].plain or "").strip()
    if not source or (grade == "A" and source.startswith("estimate")):
        faults.append(fault(entries["source"], f"{name}.source", label("params_source"), label("params_source_mend"), prose=True))
    span = _pair(entries.get("range"), f"{name}.range", faults)
    factor = _pair(entries.get("factor"), f"{name}.factor", faults)
    one_of = entries["one_of"].plain if "one_of" in entries else ()
    growth = entries["growth"].plain if "growth" in entries else None
    if text is None or unit is None or role is None or grade is None or between is None:
        return None
    record = Record(
        name=text,
        unit=unit,
        default=entries["value"],
        role=role,
        grade=grade,
        source=source,
        between=between,
        growth=growth if isinstance(growth, str) else float(growth) if isinstance(growth, (int, float)) else None,
        low=span[0] if span else None,
        high=span[1] if span else None,
        factor=factor,
        one_of=tuple(str(word) for word in one_of) if isinstance(one_of, tuple) else (),
        open=entries["open"].plain is True if "open" in entries else False,
        required=entries["value"].value is None,
        parts=entries["parts"].plain is True if "parts" in entries else False,
        distribution=distribution,
        remark=str(entries["remark"].plain) if "remark" in entries else "",
    )
    numeric = any(isinstance(leaf.value, (int, float)) and not isinstance(leaf.value, bool) for leaf in record.default.leaves())
    if numeric and role != "constant" and span is None and factor is None:
        faults.append(fault(node, name, label("params_no_range"), label("params_no_range_mend"), value="", key=True))
    if not record.required:
        check(record, record.default, f"{name}.value", faults)
    return record


def words_of(node: Node, path: str, faults: list[Fault]) -> Text | None:
    """Words in both languages; None, and a fault, where they are not."""
    words = {key: node.items[key].value for key in ("zh", "en") if key in node.items}
    if set(node.items) == {"zh", "en"} and all(isinstance(word, str) and word.strip() for word in words.values()):
        return Text(str(words["zh"]), str(words["en"]))
    faults.append(fault(node, path, label("params_words"), label("params_words_mend"), prose=True))
    return None


def _pair(node: Node | None, path: str, faults: list[Fault]) -> tuple[float, float] | None:
    if node is None:
        return None
    pair = node.plain
    if isinstance(pair, tuple) and len(pair) == 2:
        low, high = pair
        if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low <= high:
            return float(low), float(high)
    faults.append(fault(node, path, label("params_pair"), label("params_pair_mend")))
    return None


def choice(node: Node, path: str, words: tuple[str, ...], faults: list[Fault]) -> str | None:
    """The word of a node if it is one of those allowed, else None and a fault."""
    if node.value in words:
        return str(node.value)
    near = nearest(node.value, words)
    mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(words))
    faults.append(fault(node, path, label("params_choice"), mend))
    return None


# --- checking a value against its record -----------------------------------------------------------------


def settle(record: Record, over: Node | None, path: str, faults: list[Fault], under: Node | None = None) -> Setting:
    """The value of a parameter: its default (``under``, else the record's) under what a scenario says, checked.

    ``{value: x, beyond_range: "reason"}`` lets a number pass the record's range, not the limits of its unit.
    """
    under = under or record.default
    beyond, reasoned = "", over is not None and "beyond_range" in over.items
    if over is not None and reasoned:
        reason = over.items["beyond_range"].value
        beyond = reason.strip() if isinstance(reason, str) else ""
        if not beyond or set(over.items) != {"value", "beyond_range"}:
            faults.append(fault(over, path, label("params_beyond"), label("params_beyond_mend")))
        over = over.items.get("value")
    if over is None or over.value is None:
        return Setting(record, under, value=under.plain)
    if any(map(is_year, over.items)):  # a number with commas in braces falls into keys: {2017: 1,950,000} is 1 and two more
        faults += [
            fault(item, f"{path}.{key}", label("params_year_key"), label("params_number_mend"), key=True, value=str(key))
            for key, item in over.items.items()
            if not is_year(key)
        ]
    node = without_nulls(laid(under, over, record.open))
    before = len(faults)
    check(record, node, path, faults, beyond=reasoned)
    if len(faults) > before:
        node = under
    return Setting(record, node, beyond, value=node.plain)


def laid(under: Node, over: Node, removable: bool = False) -> Node:
    """What is said of a parameter laid over its default; what is not said stays as it is by default.

    That is names of a table, in every year that is said, and years before the first that is said: from that year on only what is
    said holds. ``null`` takes a year out, and a name where these are ``removable``; else it is as if not said.
    """
    if over.dated:
        return _laid_by_year(under, over)
    named = _by_name(under)
    if not isinstance(over.value, dict) or not isinstance(named.value, dict) or named.dated:
        return over
    entries = dict(named.items)
    for key, node in over.items.items():
        if node.value is not None or removable or key not in entries:
            entries[key] = laid(entries[key], node) if key in entries else node
    return replace(over, value=entries)


def _laid_by_year(under: Node, over: Node) -> Node:
    named = _by_name(under)
    said: dict[Key, Node] = {year: laid(named, node) for year, node in over.items.items() if node.value is not None}
    first = min(map(int, said), default=LAST_YEAR + 1)
    before = under.items if under.dated else {FIRST_YEAR: under} if said and under.value is not None else {}
    years = {year: node for year, node in before.items() if int(year) < first} | said
    if isinstance(named.value, dict) and not named.dated:  # a name that the default has not is there in every year, as a value is
        every = _by_name(Node(years)).items
        years = {year: _completed(table, every) for year, table in years.items()}
    return replace(over, value={**years, **{year: node for year, node in over.items.items() if node.value is None}})


def _completed(table: Node, every: Mapping[Key, Node]) -> Node:
    """A table with those of all entries that it lacks; what is no table stays, for the check to find."""
    return replace(table, value={**every, **table.items}) if isinstance(table.value, dict) and not table.dated else table


def _by_name(node: Node) -> Node:
    """A table by year as one of names, each of them by year where it is not the same in all; any other value as it is."""
    if not node.dated or not all(isinstance(table.value, dict) and not table.dated for table in node.items.values()):
        return node
    entries: dict[Key, Node] = {}
    for name in dict.fromkeys(name for table in node.items.values() for name in table.items):
        years = {year: table.items[name] for year, table in node.items.items() if name in table.items}
        first = next(iter(years.values()))
        same = all(one.plain == first.plain for one in years.values())
        entries[name] = first if same else Node({**years}, node.at, node.key_at)
    return Node(entries, node.at, node.key_at)


def check(record: Record, node: Node, path: str, faults: list[Fault], *, beyond: bool = False) -> None:
    """Every fault of a value: its shape (that of the default), type, and limits."""
    _check(record, _by_name(record.default), node, _Spot(path, beyond), faults)


@dataclass(frozen=True)
class _Spot:
    """Where in a value is looked: its path, whether a reason lets it pass the range, and the keys that lead there."""

    path: str
    beyond: bool
    keys: tuple[Key, ...] = ()

    def below(self, key: Key) -> _Spot:
        return _Spot(f"{self.path}.{key}", self.beyond, (*self.keys, key))

    def around(self, value: Plain) -> str:
        """The whole value of which this is a part, as a file has it."""
        for key in reversed(self.keys):
            value = {key: value}
        return flow(value)


def _check(record: Record, like: Node, node: Node, spot: _Spot, faults: list[Fault]) -> None:
    if spot.keys and "beyond_range" in node.items:
        mend = label("params_beyond_inside_mend", value=spot.around(node.items["value"].plain if "value" in node.items else "…"))
        faults.append(fault(node.items["beyond_range"], spot.path, label("params_beyond_inside"), mend, key=True))
    elif node.dated:
        sample = next(iter(like.items.values())) if like.dated else like
        for year, item in node.items.items():
            _check(record, sample, item, spot.below(year), faults)
    elif like.dated:
        _check(record, next(iter(like.items.values())), node, spot, faults)
    elif isinstance(like.value, dict):
        _check_mapping(record, like, node, spot, faults)
    elif isinstance(like.value, tuple):
        _check_list(record, like, node, spot, faults)
    else:
        _check_scalar(record, like, node, spot, faults)


def _of_entry(record: Record, like: Node) -> Record:
    """The record of an entry of a table: a number ten times its default, or a tenth of it, is taken for a slip of the unit.

    The factors on the whole say how uncertain it is, and bound what an office chooses only where they are wider. Shares have no
    other bound than that of their unit, since what one entry gains another loses; nothing has none around it.
    """
    numbers = [one.value for one in (like.items.values() if like.dated else (like,)) if isinstance(one.value, (int, float))]
    limits = UNITS[record.unit]
    if record.factor is None or record.low is not None or record.high is not None or (limits.low, limits.high) == (0, 1):
        return record
    if not any(numbers):
        return record
    ends = [number * times for number in numbers for times in (SLIP, 1.0 / SLIP, *record.factor)]
    return replace(record, low=clipped(min(ends), limits.low, limits.high), high=clipped(max(ends), limits.low, limits.high))


def _check_mapping(record: Record, like: Node, node: Node, spot: _Spot, faults: list[Fault]) -> None:
    if not isinstance(node.value, dict):
        names = ", ".join(str(key) for key in like.items) or "…"
        faults.append(fault(node, spot.path, label("params_mapping", names=names), label("params_mapping_mend")))
        return
    sample = next(iter(like.items.values()), Node(None))
    for key, item in node.items.items():
        below = spot.below(key)
        if key in like.items:
            _check(_of_entry(record, like.items[key]), like.items[key], item, below, faults)
        elif record.open:
            _check(replace(record, factor=None), sample, item, below, faults)  # the sample is a shape, its numbers are another's
            for name in () if item.dated or sample.dated else sample.items.keys() - item.items.keys():
                missing = f"{below.path}.{name}"
                faults.append(fault(item, missing, label("params_missing"), label("params_missing_mend"), "", key=True))
        else:
            faults.append(unknown(item, below.path, key, [str(k) for k in like.items], "what_entry"))


def _check_list(record: Record, like: Node, node: Node, spot: _Spot, faults: list[Fault]) -> None:
    items, sample = node.value, like.value
    assert isinstance(sample, tuple)
    if not isinstance(items, tuple) or (len(items) != len(sample) and not record.open):
        expected = label("params_list_any") if record.open else label("params_list", n=len(sample))
        faults.append(fault(node, spot.path, expected, label("params_list_mend")))
        return
    before = len(faults)
    for i, item in enumerate(items):
        _check(
            record,
            sample[min(i, len(sample) - 1)] if sample else Node(None),
            item,
            replace(spot, path=f"{spot.path}[{i}]"),
            faults,
        )
    if record.parts and len(faults) == before:
        total = sum(item.value for item in items if isinstance(item.value, (int, float)))
        if abs(total - 1.0) > ROUNDED:
            faults.append(fault(node, spot.path, label("params_parts", total=f"{total:g}"), label("params_parts_mend")))


def _check_scalar(record: Record, like: Node, node: Node, spot: _Spot, faults: list[Fault]) -> None:
    value = node.value
    if record.unit == "true/false" or isinstance(like.value, bool):
        if not isinstance(value, bool):
            faults.append(fault(node, spot.path, label("params_truth"), label("params_truth_mend")))
    elif record.one_of:
        choice(node, spot.path, record.one_of, faults)
    elif record.unit == "text" or isinstance(like.value, str):
        if not isinstance(value, str):
            faults.append(fault(node, spot.path, label("params_text"), label("params_text_mend")))
    else:
        _check_number(record, node, spot, faults)


def _check_number(record: Record, node: Node, spot: _Spot, faults: list[Fault]) -> None:
    value = node.value
    unit = UNITS[record.unit]
    unit_words = label("params_unit", unit=record.unit, zh=unit.zh)
    whole = unit.whole or record.whole
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and value != int(value)):
        expected = label("params_whole" if whole else "params_number", name=str(record.name), unit=unit_words)
        percent = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)[%％]", value) if isinstance(value, str) else None
        mend = label("params_percent", value=f"{float(percent[1]) / 100:g}") if percent else label("params_number_mend")
        faults.append(fault(node, spot.path, expected, mend))
        return
    low, high = record.limits(hard=spot.beyond)
    if (low is not None and value < low) or (high is not None and value > high):
        hard_low, hard_high = record.limits(hard=True)
        passable = (hard_low is None or value >= hard_low) and (hard_high is None or value <= hard_high)
        which = "params_least" if high is None else "params_most" if low is None else "params_bounds"
        bounds = label(which, name=str(record.name), unit=unit_words, **_ends(low, high))
        mend = label("params_beyond_hint", value=spot.around(value)) if passable else label("params_hard_hint")
        if (unit.low, unit.high) == (0, 1) and 2 < value <= 100:
            mend = label("params_as_percent", percent=flow(value), value=f"{value / 100:g}")
        faults.append(fault(node, spot.path, bounds, mend))


def _ends(low: float | None, high: float | None) -> dict[str, str]:
    """The limits that there are, as words."""
    return {name: bound(end, "") for name, end in (("low", low), ("high", high)) if end is not None}


def bound(value: float | None, none: str) -> str:
    """A limit as words, without a needless ``.0``."""
    return none if value is None else str(int(value)) if value == int(value) else f"{value:.15g}"
