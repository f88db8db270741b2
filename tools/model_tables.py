"""Owns: the tables of docs/model.md, between markers: parameters by group, items of income, kinds, how sure the numbers are.
Never: touches a word outside the markers; the records, the schema and the kinds say what stands between them.

    python -m tools.model_tables        # after a parameter, an item or a kind has changed

A table begins with ``<!-- table: NAME PATTERN ... -->`` and ends with ``<!-- end -->``. A name is a group of parameters, of which
the patterns choose some (``list_*``; all where there is none), or one of ``items``, ``kinds``, ``counts``.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from povsim.core.params import group_names, group_records, kind_records
from povsim.core.params.record import Record
from povsim.core.schema import ITEMS
from povsim.policy.kind import shipped
from tools.kind_pages import ROOT, cell, default_of, range_of, title_of

PAGE: Final = ROOT / "docs" / "model.md"
TABLE: Final = re.compile(r"(<!-- table: ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
GRADES: Final = ("A", "B", "C")
ROLES: Final = ("constant", "lever", "uncertainty")
MOST: Final = 110  # characters of a source that a cell shows
WIDE: Final = 240  # characters of a default: the lines by year are shown whole

Rows = list[str]


def current(text: str) -> str:
    """The page with every table made anew."""
    return TABLE.sub(lambda found: found[1] + "\n".join(["", *table(found[2]), "", ""]) + found[3], text)


def table(asked: str) -> Rows:
    """The rows of the table that a marker asks for."""
    name, *patterns = asked.split()
    return OTHERS[name]() if name in OTHERS else parameters(name, patterns)


def asked(text: str) -> Iterator[tuple[str, str]]:
    """Group and name of each parameter in the tables of the page, as often as it stands there."""
    for found in TABLE.finditer(text):
        name, *patterns = found[2].split()
        if name not in OTHERS:
            yield from ((name, key) for key in chosen(name, patterns))


def chosen(group: str, patterns: list[str]) -> dict[str, Record]:
    """The records of a group that some pattern fits, in the order of the file.

    Raises
    ------
    LookupError
        A pattern fits none.
    """
    records, _ = group_records(group)
    for pattern in patterns:
        if not any(fnmatchcase(key, pattern) for key in records):
            raise LookupError(f"{group}: no parameter is called {pattern}")
    return {key: one for key, one in records.items() if not patterns or any(fnmatchcase(key, pattern) for pattern in patterns)}


# --- tables ----------------------------------------------------------------------------------------------


def parameters(group: str, patterns: list[str]) -> Rows:
    """Parameters of a group."""
    rows = ["| parameter | | unit | default | range | role | | source, in short |", "|---|---|---|---|---|---|---|---|"]
    for key, record in chosen(group, patterns).items():
        words, default = f"{record.name.zh} / {record.name.en}", default_of(record, WIDE) + _onward(record)
        evidence = (record.role, record.grade, short(record.source))
        cells = (f"`{group}.{key}`", words, record.unit, default, range_of(record), *evidence)
        rows.append("| " + " | ".join(cell(one) for one in cells) + " |")
    return rows


def items() -> Rows:
    """Items of income, and in which of the three concepts each counts."""
    rows = ["| item | 中文 | source | registry | means test | reference |", "|---|---|---|---|---|---|"]
    for one in ITEMS:
        counts = " | ".join("yes" if counts else "-" for counts in (one.registry, one.means, one.reference))
        rows.append(f"| `{one.name}`: {one.en} | {one.zh} | {one.source} | {counts} |")
    return rows


def kinds() -> Rows:
    """Kinds of measures, a line each."""
    rows = ["| kind | 中文 | held by | its module owns |", "|---|---|---|---|"]
    for name, kind in sorted(shipped().items()):
        said = inspect.cleandoc(sys.modules[f"povsim.policy.measures.{name}"].__doc__ or "")
        owned = said.partition("Never:")[0].removeprefix("Owns:")
        rows.append(f"| [`{name}`](kinds/{name}.md) | {title_of(name)[0]} | {kind.holder} | {cell(owned)} |")
    return rows


def counts() -> Rows:
    """How many parameters there are of each grade and role, in the groups and in the kinds."""
    places = {"groups, `params/*.yaml`": _of_groups(), "kinds, `params/kinds/*.yaml`": _of_kinds()}
    places["all"] = [record for records in places.values() for record in records]
    columns = (*GRADES, *ROLES, "in all")
    rows = [f"| parameters of the | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for where, records in places.items():
        grade, role = Counter(one.grade for one in records), Counter(one.role for one in records)
        numbers = [grade[one] for one in GRADES] + [role[one] for one in ROLES] + [len(records)]
        rows.append(f"| {where} | {' | '.join(map(str, numbers))} |")
    return rows


OTHERS: Final[dict[str, Callable[[], Rows]]] = {"items": items, "kinds": kinds, "counts": counts}


# --- parts -----------------------------------------------------------------------------------------------


def short(source: str) -> str:
    """A source cut at a word; the record has the whole."""
    said = " ".join(source.split())
    return said if len(said) <= MOST else said[:MOST].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _onward(record: Record) -> str:
    """How a dated value goes on between and after its years."""
    linear = " (linear between)" if record.between == "linear" else ""
    return linear + (f", then grows by {record.growth}" if record.growth is not None else "")


def _of_groups() -> list[Record]:
    return [one for group in group_names() for one in group_records(group)[0].values()]


def _of_kinds() -> list[Record]:
    return [one for name in shipped() for one in kind_records(name)[0].values()]


def main() -> None:
    """Write the tables of the page anew."""
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    print(PAGE.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    main()
