"""Owns: YAML text as a tree of values that know where they stand, and laying one tree over another.
Never: knows what a value means (records, scenario)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from povsim.core.errors import Fault
from povsim.core.labels import label, language
from povsim.core.params.syntax import broken, halved, parted, spaced

Key: TypeAlias = str | int
Scalar: TypeAlias = str | int | float | bool | None
# A value without its place: scalars, lists, mappings.
Plain: TypeAlias = "Scalar | Sequence[Plain] | Mapping[Any, Plain]"  # keys are Key

FIRST_YEAR, LAST_YEAR = 1949, 2200
ABOVE = 1_000_000  # what no file states lies on every file
_MOST_NODES = 200_000  # aliases of aliases could otherwise grow without end
_TAG = "tag:yaml.org,2002:"
_TYPES: Final = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge"))


@dataclass(frozen=True)
class Mark:
    """Where a value stands.

    Attributes
    ----------
    layer : str
        ``default``, ``place``, ``scenario``, ``command line`` or ``draw``.
    file : str
        File as the user knows it; ``-p`` on the command line.
    line, column : int
        Counted from 1, 0 where there is none.
    height : int
        How many files lie under its own in a chain of scenarios that extend each other; above all of them what no file states.
    """

    layer: str = "default"
    file: str = ""
    line: int = 0
    column: int = 0
    height: int = 0

    @property
    def where(self) -> str:
        """File and line, as they are shown beside a value."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def source(self) -> str:
        """What ``Scenario.source`` answers: the layer, or file and line of a scenario."""
        return f"{self.file}:{self.line}" if self.layer == "scenario" else self.layer


@dataclass(frozen=True)
class Node:
    """A value with its place; ``key_at`` is the place of the key it stands under."""

    value: Scalar | tuple[Node, ...] | dict[Key, Node]
    at: Mark = Mark()
    key_at: Mark = Mark()

    @property
    def items(self) -> dict[Key, Node]:
        """The entries of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def plain(self) -> Plain:
        """The value without its places; lists become tuples."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return tuple(node.plain for node in self.value)
        return self.value

    @property
    def dated(self) -> bool:
        """Whether this is a mapping from years to values."""
        return bool(self.items) and all(is_year(key) for key in self.items)

    def leaves(self) -> Iterator[Node]:
        """The scalars below, in order."""
        children = self.value.values() if isinstance(self.value, dict) else self.value if isinstance(self.value, tuple) else None
        if children is None:
            yield self
        else:
            for child in children:
                yield from child.leaves()


EMPTY: Final = Node({})
BLANK: Final = ("params_blank", "params_blank_mend")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how files of table and word programs begin, new and old
_THOUSANDS: Final = re.compile(r"[0-9]{3}")  # what follows a comma in a number


def is_year(key: object) -> bool:
    """Whether a key is a calendar year."""
    return isinstance(key, int) and not isinstance(key, bool) and FIRST_YEAR <= key <= LAST_YEAR


def fault(
    node: Node, path: str, expected: str, mend: str = "", value: str | None = None, *, key: bool = False, prose: bool = False
) -> Fault:
    """A fault at a node (with ``key``, at the key it stands under); in ``prose`` full-width characters are in their place."""
    at = node.key_at if key else node.at
    said = "" if key or prose else node.value if isinstance(node.value, str) else value or ""
    if items := parted(said):
        mend = label("params_wide_comma", half=f"[{', '.join(items)}]")
    elif isinstance(node.value, str) and (half := halved(said)):
        mend = label("params_wide", half=half)
    return Fault(at.file, at.line, at.column, path, shown(node.plain) if value is None else value, expected, mend)


def shown(value: Plain, most: int = 60) -> str:
    """A value as the user would write it, cut when it is long."""
    text = flow(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def flow(value: Plain) -> str:
    """A value as one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _word(value)
    return repr(value)


def _word(text: str) -> str:
    """A string, in quotes unless YAML would read the bare word back as the same string."""
    plain = text.isidentifier() and text.lower() not in ("true", "false", "null")
    if plain:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def nearest(word: object, known: Sequence[str]) -> str:
    """The known word nearest to one misspelt, or nothing."""
    return next(iter(get_close_matches(str(word), list(known), n=1, cutoff=0.5)), "")


def unknown(node: Node, path: str, name: object, known: Sequence[str], what: str) -> Fault:
    """An unknown key, with the nearest right one, or all of them when they are few."""
    half = halved(str(name))
    near = nearest(half or name, known)
    expected = label("params_unknown", what=label(what))
    if half and near == half:
        mend = label("params_wide", half=half)
    elif near:
        if node.key_at.layer == "command line":  # one line has no siblings to look at: say the whole path
            near = path.removesuffix(str(name)) + near
        mend = label("params_nearest", near=near)
    else:
        mend = label("params_one_of", names=", ".join(known)) if known else label("params_leave_out")
    return fault(node, path, expected, mend, value="", key=True)


def find(tree: Node, path: str) -> Node | None:
    """The node at a dotted path, or None."""
    node = tree
    for part in path.split("."):
        key: Key | None = part if part in node.items else int(part) if part.isdigit() and int(part) in node.items else None
        if key is None:
            return None
        node = node.items[key]
    return node


def grow(data: Plain, at: Mark = Mark()) -> Node:
    """A tree from plain values, all at one place."""
    if isinstance(data, Mapping):
        return Node({key: grow(item, at) for key, item in data.items()}, at, at)
    if isinstance(data, Sequence) and not isinstance(data, str):
        return Node(tuple(grow(item, at) for item in data), at, at)
    return Node(data, at, at)


def nested(path: str, value: Plain, mark: Mark) -> Node:
    """The tree that holds one value at a dotted path."""
    node = grow(value, mark)
    for part in reversed(path.split(".")):
        node = Node({int(part) if part.isdigit() else part: node}, mark, mark)
    return node


def merge(base: Node, over: Node) -> Node:
    """One tree laid over another: mappings entry by entry, all else replaced.

    A mapping from years never mixes with one from names: the upper one replaces the lower.
    """
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    if base.items and over.items and base.dated != over.dated:
        return over
    entries = dict(base.items)
    for key, node in over.items.items():
        entries[key] = merge(entries[key], node) if key in entries else node
    return replace(over, value=entries)


def raised(node: Node, height: int) -> Node:
    """The tree of a file that lies on so many others."""
    value = node.value
    if isinstance(value, dict):
        value = {key: raised(item, height) for key, item in value.items()}
    elif isinstance(value, tuple):
        value = tuple(raised(item, height) for item in value)
    return Node(value, replace(node.at, height=height), replace(node.key_at, height=height))


def uppermost(*nodes: Node | None) -> Node:
    """Of values that do not go together the one stated last: in the uppermost file, the first of several there."""
    return max((node for node in nodes if node is not None), key=lambda node: node.at.height, default=EMPTY)


def inherited(node: Node, *others: Node | None) -> str:
    """Where a value with which this one does not go together comes from, in words; nothing where it stands in the same file."""
    stated = (other.at for other in others if other is not None and other is not node and other.at.file)
    at = next((at for at in stated if at.file != node.at.file), None)
    return label("params_inherited", where=at.where) if at is not None else ""


def without_nulls(node: Node) -> Node:
    """The tree without the entries of mappings that were taken out with ``null``."""
    if isinstance(node.value, dict):
        return Node({k: without_nulls(n) for k, n in node.value.items() if n.value is not None}, node.at, node.key_at)
    return node


def read(path: Path, shown_as: str, layer: str) -> tuple[Node, tuple[Fault, ...]]:
    """The tree of a YAML file and its faults; an unreadable file is an empty tree with one fault."""
    try:
        status = path.stat()
        return _read(path, shown_as, layer, status.st_mtime_ns, status.st_size, language())
    except OSError as error:
        return EMPTY, (Fault(shown_as, expected=label("params_no_file"), mend=str(error.strerror or error)),)


@lru_cache(maxsize=256)
def _read(path: Path, shown_as: str, layer: str, _changed: int, _size: int, _lang: str) -> tuple[Node, tuple[Fault, ...]]:
    try:
        raw = path.read_bytes()
        if raw.startswith(_WORKBOOKS):
            return EMPTY, (Fault(shown_as, expected=label("params_workbook"), mend=label("params_workbook_mend")),)
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return EMPTY, (Fault(shown_as, line, expected=label("params_utf8"), mend=label("params_save_utf8")),)
    return parse(text, Mark(layer, shown_as))


def parse(text: str, mark: Mark) -> tuple[Node, tuple[Fault, ...]]:
    """The tree of a YAML text and its faults.

    YAML 1.2. Refused: tags other than the plain types (none runs code), a key twice in one mapping, keys that are
    neither names nor whole numbers, NaN and infinity.

    Parameters
    ----------
    text : str
        The text.
    mark : Mark
        Its layer and file; a line of 0 leaves all places at this mark (command line).
    """
    from ruamel.yaml import YAML  # late: half of the import time of this room
    from ruamel.yaml.error import YAMLError

    try:
        composed = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        return EMPTY, (broken(text, error, mark.file),)
    if composed is None:
        return Node({}, mark, mark), ()
    reader = _Reader(mark)
    node = reader.node(composed, reader.place(composed), "", ())
    return node, tuple(reader.faults)


class _Reader:
    """Turns the composer's nodes into ours, gathering faults."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.faults: list[Fault] = []
        self.count = 0

    def place(self, composed: object) -> Mark:
        start = composed.start_mark  # type: ignore[attr-defined]
        return replace(self.mark, line=start.line + 1, column=start.column + 1)

    def refuse(self, at: Mark, path: str, value: str, expected: str, mend: str, line: int = 0, **said: str) -> None:
        self.faults.append(Fault(at.file, at.line, at.column, path, value, label(expected, line=line), label(mend, **said)))

    def node(self, composed: object, key_at: Mark, path: str, above: tuple[int, ...]) -> Node:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        at = self.place(composed)
        self.count += 1
        if id(composed) in above or self.count > _MOST_NODES:
            self.refuse(key_at, path, "", "params_endless", "params_write_out")
            return Node(None, at, key_at)
        tag = str(composed.tag)  # type: ignore[attr-defined]
        if tag not in _TYPES:
            self.refuse(at, path, tag.replace(_TAG, "!!"), "params_tag", "params_tag_mend")
            return Node(None, at, key_at)
        inside = (*above, id(composed))
        if isinstance(composed, MappingNode):
            return Node(self.mapping(composed.value, path, inside), at, key_at)
        if isinstance(composed, SequenceNode):
            parts = (self.node(item, self.place(item), f"{path}[{i}]", inside) for i, item in enumerate(composed.value))
            return Node(tuple(parts), at, key_at)
        assert isinstance(composed, ScalarNode)
        return Node(self.scalar(composed, at, path), at, key_at)

    def mapping(self, pairs: list[tuple[object, object]], path: str, inside: tuple[int, ...]) -> dict[Key, Node]:
        entries: dict[Key, Node] = {}
        for key_node, value_node in pairs:
            key_at = self.place(key_node)
            key = self.key(key_node, key_at, path)
            if key is None:
                continue
            text, last = str(getattr(key_node, "value", "")), next(reversed(entries), None)
            if last is not None and _THOUSANDS.fullmatch(text) and getattr(value_node, "value", None) == "":
                before = entries[last]
                if isinstance(before.value, (int, float)):
                    self.thousands(before.at, f"{path}.{last}" if path else str(last), str(before.value), text)
                    continue
            held: Node | None = None
            if isinstance(key, str) and getattr(key_node, "style", None) is None:
                half, last_part = halved(key), getattr(value_node, "value", None)
                if (
                    half and ":" in half and last_part and isinstance(last_part, str)
                ):  # quota：{posts: 10}, cut at its second colon
                    half, last_part = f"{half}: {last_part}", ""
                name, colon, rest = (half or key).partition(":")
                holds = colon and rest and last_part == ""  # a key with its value in it: {2017:10}
                if half.isdecimal() or holds:
                    self.refuse(key_at, path, key, *(("params_key", "params_wide") if half else BLANK), half=half or spaced(key))
                    key = int(name) if name.isdecimal() else name
                    held = grow(parse(rest, key_at)[0].plain, key_at) if holds else None
            below = f"{path}.{key}" if path else str(key)
            if key in entries:
                self.refuse(key_at, below, "", "params_twice", "params_twice_mend", line=entries[key].key_at.line)
                continue
            entries[key] = held or self.node(value_node, key_at, below, inside)
        return entries

    def thousands(self, at: Mark, path: str, before: str, text: str) -> None:
        """Refuse what a comma has cut off a number: ``{households: 1,000}`` is a household and a key without a value."""
        told = self.faults[-1] if self.faults else None
        if told is not None and (told.line, told.column, told.key) == (at.line, at.column, path):
            before = self.faults.pop().value
        self.refuse(at, path, f"{before},{text}", "params_thousands", "params_number_mend")

    def key(self, key_node: object, at: Mark, path: str) -> Key | None:
        text = getattr(key_node, "value", None)
        kind = str(key_node.tag)  # type: ignore[attr-defined]
        if isinstance(text, str) and kind == _TAG + "int":
            return _whole(text)
        if isinstance(text, str) and kind in (_TAG + "str", _TAG + "timestamp", _TAG + "merge"):
            return text
        self.refuse(at, path, shown(str(text)), "params_key", "params_key_mend")
        return None

    def scalar(self, composed: object, at: Mark, path: str) -> Scalar:
        text: str = composed.value  # type: ignore[attr-defined]
        kind = str(composed.tag)[len(_TAG) :]  # type: ignore[attr-defined]
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return _whole(text)
        if kind == "float":
            number = float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
            if not math.isfinite(number):
                self.refuse(at, path, text, "params_finite", "params_finite_mend")
            return number
        return text


def _whole(text: str) -> int:
    digits = text.replace("_", "")
    return int(digits, 0) if digits.lstrip("+-")[:2] in ("0x", "0o", "0X", "0O", "0b") else int(digits)
