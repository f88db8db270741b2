"""Owns: stress blocks (params/stress): named events or policies that change parameters from a year on, over any scenario.
Never: knows what a parameter does; a value outside the years of the block stays the scenario's own, drawn or stated.

A block names parameters by path, each change a record with unit, range, grade and source like any parameter's; and it may end
support. A scenario takes blocks under ``stress``, each with the year in which it begins; the command line adds ``--stress``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from povsim.core.errors import Fault
from povsim.core.labels import label
from povsim.core.params.record import Record, Setting, Strike, Text
from povsim.core.params.records import (
    as_known,
    choice,
    data_root,
    group_names,
    group_records,
    kind_names,
    kind_records,
    record_at,
    words_of,
)
from povsim.core.params.syntax import halved, spaced
from povsim.core.params.tree import EMPTY, Node, fault, inherited, is_year, nearest, read, shown, unknown, uppermost

FOLDER: Final = "stress"
STRESS_OPTION: Final = "--stress"  # of the command line
KEYS: Final = ("title", "about", "extreme", "begins", "lasts", "sets", "ends")
HOW: Final = ("set", "times", "year")  # the value itself; a factor on it; the year in which it is
FOREVER: Final = 9999


@dataclass(frozen=True)
class Change:
    """What a block does to one parameter: ``value`` by year of the block, the last one holding."""

    path: str
    how: str
    record: Record

    @property
    def kind(self) -> str:
        """The kind whose parameter it is; empty for a group's."""
        parts = self.path.split(".")
        return parts[1] if parts[0] == "kinds" else ""

    def between(self, first: int, last: int) -> Strike:
        """The change in some years."""
        value = self.record.default.plain
        return Strike(first, last, self.how, value if isinstance(value, tuple) else (value,))


@dataclass(frozen=True)
class Block:
    """A stress block.

    Attributes
    ----------
    name : str
        Stem of its file.
    title, about : Text
        For people.
    extreme : bool
        Whether it is an extreme case, that no policy in force announces.
    begins : int
        Simulated year in which it begins where none is said, counted from 1.
    lasts : int
        Years; 0: to the end of the run.
    changes : tuple of Change
        Parameters that it changes.
    ends : bool
        Whether support ends in its first year.
    spares : tuple of str
        Kinds whose support goes on.
    """

    name: str
    title: Text
    about: Text
    extreme: bool
    begins: int
    lasts: int
    changes: tuple[Change, ...]
    ends: bool
    spares: tuple[str, ...]


@dataclass(frozen=True)
class Stress:
    """A block as a scenario takes it: in which years, and the kinds that it would hit and the scenario has no measure of."""

    block: Block
    first: int
    last: int
    missing: tuple[str, ...]
    hits: bool

    @property
    def name(self) -> str:
        return self.block.name

    def words(self, lang: str | None = None) -> str:
        """What the title of a scenario adds for it; an extreme case is called one."""
        extreme = label("params_stress_extreme", lang) if self.block.extreme else ""
        return label("params_stress_title", lang, title=self.block.title.show(lang), year=self.first, extreme=extreme)

    def remark(self, lang: str | None = None) -> str:
        """What of it finds nothing to hit, in words; empty where all of it does."""
        if self.hits and not self.missing:
            return ""
        title = self.block.title.show(lang)
        if self.hits:
            return label("params_stress_part", lang, name=self.name, title=title, kinds=", ".join(self.missing))
        return label("params_stress_nothing", lang, name=self.name, title=title, kinds=", ".join(self.missing) or "-")


def stress_names() -> tuple[str, ...]:
    """The blocks that come along, sorted."""
    return tuple(sorted(path.stem for path in (data_root() / "params" / FOLDER).glob("*.yaml")))


def is_block(path: Path) -> bool:
    """Whether a file stands among the stress blocks."""
    return path.resolve().parent == data_root().resolve() / "params" / FOLDER


def read_block(name: str) -> tuple[Block | None, tuple[Fault, ...]]:
    """A block by name, and every fault in its file."""
    path = data_root() / "params" / FOLDER / f"{name}.yaml"
    tree, found = read(path, as_known(path), "default")
    faults = list(found)
    block = _block(name, tree, faults)
    return (None if faults else block), tuple(faults)


def _block(name: str, tree: Node, faults: list[Fault]) -> Block:
    for key, node in tree.items.items():
        if key not in KEYS:
            faults.append(unknown(node, str(key), key, KEYS, "what_setting"))
    nothing = Text("", "")
    title, about = (
        words_of(tree.items[key], key, faults) or nothing if key in tree.items else nothing for key in ("title", "about")
    )
    if "title" not in tree.items:
        faults.append(fault(tree, "title", label("params_missing"), label("params_missing_mend"), ""))
    changes = [_change(str(path), node, faults) for path, node in tree.items.get("sets", EMPTY).items.items()]
    ends = tree.items.get("ends")
    spares = ends.items.get("spares", EMPTY).plain if ends is not None else ()
    for kind in spares if isinstance(spares, tuple) else ():
        if kind not in kind_names():
            faults.append(unknown(ends or tree, "ends.spares", kind, kind_names(), "what_kind"))
    return Block(
        name=name,
        title=title,
        about=about,
        extreme=tree.items.get("extreme", EMPTY).plain is True,
        begins=_number(tree, "begins", 2, faults),
        lasts=_number(tree, "lasts", 1, faults),
        changes=tuple(change for change in changes if change is not None),
        ends=ends is not None,
        spares=tuple(str(kind) for kind in spares) if isinstance(spares, tuple) else (),
    )


def _number(tree: Node, key: str, otherwise: int, faults: list[Fault]) -> int:
    node = tree.items.get(key)
    if node is None:
        return otherwise
    if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= 0:
        return node.value
    faults.append(fault(node, key, label("params_whole", name="", unit="-"), label("params_number_mend")))
    return otherwise


def _change(path: str, node: Node, faults: list[Fault]) -> Change | None:
    target = _target(path, node, faults)
    how = choice(node.items["how"], f"{path}.how", HOW, faults) if "how" in node.items else "set"
    rest = Node({key: item for key, item in node.items.items() if key != "how"}, node.at, node.key_at)
    record = record_at(rest, path, faults)
    if target is None or record is None or how is None:
        return None
    unit = {"set": target.unit, "times": "ratio", "year": "year"}[how]
    if record.unit != unit:
        faults.append(fault(node.items["unit"], f"{path}.unit", label("params_stress_unit", unit=unit)))
    return Change(path, how, record)


def _target(path: str, node: Node, faults: list[Fault]) -> Record | None:
    """The record of the parameter at a path, ``<group>.<name>`` or ``kinds.<kind>.<name>``."""
    parts = path.split(".")
    known: Mapping[str, Record] = {}
    if len(parts) == 2 and parts[0] in group_names():
        known = group_records(parts[0])[0]
    elif len(parts) == 3 and parts[0] == "kinds" and parts[1] in kind_names():
        known = kind_records(parts[1])[0]
    if parts[-1] in known:
        return known[parts[-1]]
    faults.append(unknown(node, path, parts[-1], list(known), "what_parameter"))
    return None


# --- a scenario's blocks ---------------------------------------------------------------------------------


def blocks_of(node: Node, years: tuple[int, ...], run: Node, kinds: set[str], faults: list[Fault]) -> tuple[Stress, ...]:
    """The blocks that a scenario takes, in its order.

    Parameters
    ----------
    node : Node
        What stands under ``stress``: names, or a mapping from names to the year in which each begins (``true``: the block's own).
    years : tuple of int
        Simulated years.
    run : Node
        What says so.
    kinds : set of str
        Kinds that the scenario has a measure of.
    faults : list of Fault
        Is added to.
    """
    if not isinstance(node.value, dict):
        faults.append(fault(node, "stress", label("params_stress"), label("params_stress_mend")))
        return ()
    found = []
    for key, item in node.items.items():
        name, path = str(key), f"stress.{key}"
        if item.value is None or item.value is False:
            continue
        if name not in stress_names():
            near = nearest(name, stress_names())
            if (half := halved(name)) and item.at.file == STRESS_OPTION:
                mend = label("params_wide", half=half.replace(" ", ""))
                faults.append(fault(item, path, label("params_key"), mend, value="", key=True))
                continue
            if half := spaced(half or name):  # [disaster_year:2018], as on the command line
                faults.append(fault(item, "stress", label("params_blank"), label("params_blank_mend", half=f"{{{half}}}"), name))
                continue
            mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(stress_names()))
            faults.append(fault(item, path, label("params_unknown", what=label("what_stress")), mend, value="", key=True))
            continue
        block, more = read_block(name)
        faults.extend(more)
        if block is None or not years:
            continue
        first = item.value if item.value is not True else years[min(block.begins, len(years)) - 1]
        if not isinstance(first, int) or isinstance(first, bool) or first not in years:
            expected, span = label("params_until_year", first=years[0], last=years[-1]), map(run.items.get, ("years", "opening"))
            at = uppermost(item, *span) if is_year(first) else item
            mend = label("params_stress_line" if item.at.file == STRESS_OPTION else "params_stress_mend")
            faults.append(fault(at, path, expected + inherited(at, item), mend, value=shown(item.plain)))
            continue
        found.append(_taken(block, first, kinds))
    return tuple(found)


def _taken(block: Block, first: int, kinds: set[str]) -> Stress:
    wanted = dict.fromkeys(change.kind for change in block.changes if change.kind)
    ended = block.ends and bool(kinds - set(block.spares))
    hits = ended or any(not change.kind or change.kind in kinds for change in block.changes)
    last = first + block.lasts - 1 if block.lasts else FOREVER
    return Stress(block, first, last, tuple(kind for kind in wanted if kind not in kinds), hits)


def struck(settings: Mapping[str, Setting], prefix: str, stresses: tuple[Stress, ...]) -> dict[str, Setting]:
    """Settings of a group or kind, with what the blocks do to them."""
    found = dict(settings)
    for stress in stresses:
        for change in stress.block.changes:
            head, _, name = change.path.rpartition(".")
            if head == prefix and name in found:
                strikes = (*found[name].strikes, change.between(stress.first, stress.last))
                found[name] = replace(found[name], strikes=strikes)
    return found


def ended(kind: str, stresses: tuple[Stress, ...]) -> int | None:
    """The first year in which no support is given any more by measures of a kind; None: as the scenario says."""
    years = [stress.first for stress in stresses if stress.block.ends and kind not in stress.block.spares]
    return min(years, default=None)
