"""Owns: the layers of a scenario: finding its files, what they extend, the place's layer, the command line.
Never: knows what a value means (building)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import LANGUAGES, label
from povsim.core.params.building import build, settle_all
from povsim.core.params.records import as_known, data_root, group_names, group_records, kind_records
from povsim.core.params.scenario import COMMAND_LINE, Scenario, Values, values_of, whole
from povsim.core.params.stress import FOLDER, STRESS_OPTION
from povsim.core.params.tree import (
    ABOVE,
    EMPTY,
    Key,
    Mark,
    Node,
    fault,
    find,
    grow,
    merge,
    nearest,
    nested,
    parse,
    raised,
    read,
    unknown,
)

LAYER: Final = "place.yaml"  # of a place's folder: what it sets for all its scenarios


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
    return whole(*resolve(path, overrides))


def default_values(name: str, year: int, place: str = "") -> Values:
    """Values of a group, or of ``kinds.<kind>``, without any scenario: the defaults under the layer of a place.

    Parameters
    ----------
    name : str
        ``lines``, ``work`` … or ``kinds.pv`` …
    year : int
        Income year.
    place : str
        A place whose ``params/<place>/place.yaml`` comes over the defaults; empty for none.

    Raises
    ------
    ParamsError
        With every fault of the records and of the place's layer.
    """
    group, _, kind = name.partition(".")
    faults: list[Fault] = []
    layer = find(place_layer(place, faults), name) if place else None
    records, found = kind_records(kind) if kind else group_records(group)
    settings = settle_all(records, layer or EMPTY, name, "what_parameter", faults)
    if faults or found:
        raise ParamsError(faults=(*faults, *found))
    return values_of(name, settings, year)


def resolve(path: str | Path, overrides: Iterable[str] = ()) -> tuple[Scenario | None, list[Fault]]:
    """A scenario and every fault found on the way, with what is faulty at its default; None where nothing could be read."""
    faults: list[Fault] = []
    file = find_scenario(str(path))
    if file is None:
        near = _nearest_scenario(str(path))
        mend = label("params_nearest", near=near) if near else ""
        return None, [Fault(str(path), expected=label("params_no_file"), mend=mend)]
    tree = _chain(file, (), faults)
    if not tree.items:  # nothing could be read, or not what it rests on: what is missing from it would be noise
        return None, faults
    place = tree.items.get("place")
    if place is not None and isinstance(place.value, str):
        tree = merge(raised(place_layer(place.value, faults), -1), tree)
    for text in overrides:
        over = _override(text, faults)
        _name_scenarios(over, Path.cwd(), faults)
        _name_stress(over)
        _check_removals(tree, over, faults)
        tree = merge(tree, over)
    scenario, more = build(_short(file), tree)
    return scenario, faults + more


def find_scenario(name: str, base: Path | None = None) -> Path | None:
    """The file a scenario's name means: one beside ``base`` (the working folder), else ``<place>/<name>`` of the shipped."""
    base = base or Path.cwd()
    for candidate in (base / name, base / f"{name}.yaml", data_root() / "params" / name, data_root() / "params" / f"{name}.yaml"):
        if candidate.is_file():
            return candidate.resolve()
    return None


def _shipped() -> list[str]:
    folder = data_root() / "params"
    files = sorted(folder.glob("*/*.yaml"))
    return [f"{f.parent.name}/{f.stem}" for f in files if f.parent.name not in ("kinds", FOLDER) and f.stem != "place"]


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
    if not tree.items and not found:
        top = replace(tree.at, line=tree.at.line or 1, column=tree.at.column or 1)
        faults.append(fault(replace(tree, at=top), "", label("params_top"), label("params_top_mend")))
    if not tree.items:
        return EMPTY
    parent = tree.items.get("extends")
    tree = Node({key: node for key, node in tree.items.items() if key != "extends"}, tree.at)
    _name_scenarios(tree, file.parent, faults)
    _name_stress(tree)
    if parent is None:
        _check_removals(EMPTY, tree, faults)
        return tree
    base = find_scenario(str(parent.value), file.parent) if isinstance(parent.value, str) else None
    if base is None:
        near = _nearest_scenario(str(parent.value))
        mend = label("params_nearest", near=near) if near else label("params_extends_mend")
        faults += [fault(parent, "extends", label("params_no_file"), mend), *_alone(tree, file)]
        return EMPTY
    if base in (*below, file):
        circle = " → ".join(as_known(step) for step in (*below, file, base))
        told = fault(parent, "extends", label("params_circle", circle=circle), label("params_circle_mend"))
        faults += [told, *_alone(tree, file)]
        return EMPTY
    lower = _chain(base, (*below, file), faults)
    if not lower.items:
        faults += _alone(tree, file)
        return EMPTY
    tree = raised(tree, lower.at.height + 1)
    _check_removals(lower, tree, faults)
    return merge(lower, tree if "title" in tree.items else _derived(lower, tree, file))


def _alone(tree: Node, file: Path) -> list[Fault]:
    """Faults of a scenario of which what it extends cannot be read, as far as they are known without it: of what the file itself
    states, and not of what may stand below, or goes together with something there.
    """
    below = {label(f"params_{what}") for what in ("missing", "schema", "place", "quota", "words", "beyond")}
    found = build(_short(file), tree)[1]
    return [one for one in found if one.expected not in below and not one.key.startswith(("run.replicates.", "stress."))]


def _derived(lower: Node, tree: Node, file: Path) -> Node:
    """A scenario that extends another and states no title: that of the other with its own file's name, so that none is taken for
    the other.
    """
    title = lower.items["title"].plain if "title" in lower.items else ""
    words = {lang: title.get(lang) if isinstance(title, dict) else title for lang in LANGUAGES}
    said = {lang: label("params_derived", lang, title=word or "", stem=file.stem) for lang, word in words.items()}
    return Node({**tree.items, "title": grow(said, tree.at)}, tree.at, tree.key_at)


def _name_scenarios(tree: Node, folder: Path, faults: list[Fault]) -> None:
    """Resolve the names under ``compare`` in place of the file that wrote them."""
    compare = tree.items.get("compare")
    if compare is None or not isinstance(compare.value, tuple):
        return
    named = []
    for i, item in enumerate(compare.value):
        found = find_scenario(item.value, folder) if isinstance(item.value, str) else None
        if found is None:
            near = _nearest_scenario(str(item.value))
            mend = label("params_nearest", near=near) if near else label("params_extends_mend")
            faults.append(fault(item, f"compare[{i}]", label("params_no_file"), mend))
        else:
            named.append(Node(_short(found), item.at, item.key_at))
    tree.items["compare"] = Node(tuple(named), compare.at, compare.key_at)


def _name_stress(tree: Node) -> None:
    """A list of stress blocks as a mapping, so that one file adds to another's; each begins in its own year."""
    stress = tree.items.get("stress")
    if stress is not None and isinstance(stress.value, tuple) and all(isinstance(one.value, str) for one in stress.value):
        named: dict[Key, Node] = {str(one.value): Node(True, one.at, one.at) for one in stress.value}
        tree.items["stress"] = Node(named, stress.at, stress.key_at)


def place_layer(place: str, faults: list[Fault]) -> Node:
    """What ``params/<place>/place.yaml`` sets for all scenarios of a place: groups and kinds only."""
    file = data_root() / "params" / place / LAYER
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
    where = STRESS_OPTION if path.startswith("stress.") else COMMAND_LINE
    mark = Mark("command line", where, height=ABOVE)
    if not equals or not path or not value.strip() or not all(path.split(".")):
        faults.append(Fault(COMMAND_LINE, key=text, expected=label("params_override"), mend=label("params_override_mend")))
        return EMPTY
    node, found = parse(value, mark)
    faults.extend(Fault(where, 0, 0, path, one.value or value, one.expected, one.mend) for one in found)
    return nested(path, node.plain, mark) if not found else EMPTY


def _check_removals(lower: Node, upper: Node, faults: list[Fault]) -> None:
    """``measures: {x: null}`` takes a measure out, so there must be one."""
    there = lower.items.get("measures", EMPTY).items
    for name, node in upper.items.get("measures", EMPTY).items.items():
        if node.value is None and (name not in there or there[name].value is None):
            faults.append(unknown(node, f"measures.{name}", name, [str(key) for key in there], "what_measure"))
