"""Owns: a page for each kind of measure, docs/kinds/<kind>.md, made of its module, its parameters and its cases.
Never: says what these do not say; a page is never edited by hand.

    python tools/kind_pages.py        # after a kind, its parameters or its cases have changed
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ruamel.yaml import YAML

from povsim.core.params import kind_records
from povsim.core.params.record import Record
from povsim.core.params.records import bound
from povsim.core.params.tree import flow, read
from povsim.policy.kind import CHANNELS, Kind, shipped

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "docs" / "kinds"
HOOKS: Final = ("fits", "adopts", "begins", "keeps", "costs", "helps", "yields", "shares")
ROUTES: Final = ("industry and jobs", "relocation", "education", "safety net")
MOST: Final = 90  # characters of a default that a cell shows


def page(name: str) -> str:
    """The page of a shipped kind."""
    kind = shipped()[name]
    module = sys.modules[f"povsim.policy.measures.{name}"]
    return "\n".join([*_head(name, kind, module), *_hooks(kind), *_rules(module), *_parameters(name), *_cases(name)]) + "\n"


def index() -> str:
    """The page that lists the kinds."""
    rows = [f"| [`{name}`]({name}.md) | {title_of(name)[0]} | {title_of(name)[1]} |" for name in sorted(shipped())]
    return "\n".join([
        "# Kinds of measures", "", "Made by `python tools/kind_pages.py`; `docs/extending.md` says how to add one.", "",
        "| kind | 中文 | |", "|---|---|---|", *rows,
    ]) + "\n"  # fmt: skip


def pages() -> dict[Path, str]:
    """Every page, by the file that it belongs in."""
    return {PAGES / f"{name}.md": page(name) for name in shipped()} | {PAGES / "README.md": index()}


def main() -> None:
    """Write the pages, and take away those of kinds that are no more."""
    PAGES.mkdir(exist_ok=True)
    made = pages()
    for old in PAGES.glob("*.md"):
        if old not in made:
            old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    print(*sorted(path.relative_to(ROOT).as_posix() for path in made), sep="\n")


# --- parts of a page -------------------------------------------------------------------------------------


def title_of(name: str) -> tuple[str, str]:
    """Name of a kind in both languages, as its parameter file has it."""
    tree, _ = read(ROOT / "params" / "kinds" / f"{name}.yaml", name, "default")
    words = tree.items["_file"].items
    return str(words["zh"].value), str(words["en"].value)


def _head(name: str, kind: Kind, module: ModuleType) -> list[str]:
    zh, en = title_of(name)
    facts = [f"held by a {kind.holder}", f"route out of poverty: {ROUTES[kind.route]}"]
    facts += ["a household holds at most one"] if kind.single else []
    facts += ["what was built stays until it ends by itself"] if kind.stays else []
    facts += ["has a phase of its own: nothing is allocated"] if kind.apart else []
    facts += [f"pays in cash under: {', '.join(kind.pays)}"] if kind.pays else []
    said = inspect.cleandoc(module.__doc__ or "").splitlines()
    return [
        f"# `{name}`: {en} ({zh})", "", "Made by `python tools/kind_pages.py`; not edited by hand.", "", *said, "",
        *(f"- {fact}" for fact in facts), "",
    ]  # fmt: skip


def _hooks(kind: Kind) -> list[str]:
    found = [(name, getattr(kind, name)) for name in HOOKS if getattr(kind, name) is not None]
    rows = [f"| `{name}` | {_first(hook)} | {', '.join(f'`{one}`' for one in _channels(hook)) or '-'} |" for name, hook in found]
    if not rows:
        return []
    return ["## What it does in a year", "", "| hook | | answers with |", "|---|---|---|", *rows, ""]


def _rules(module: ModuleType) -> list[str]:
    hooks = {getattr(module.KIND, name) for name in HOOKS}
    rules = [f for f in _functions(module) if f not in hooks and not f.__name__.startswith("_")]
    rows = [f"| `{rule.__name__}` | {_first(rule)} |" for rule in rules]
    return ["## Rules", "", "| rule | |", "|---|---|", *rows, ""] if rows else []


def _parameters(name: str) -> list[str]:
    records, _ = kind_records(name)
    lines = [
        "## Parameters", "", "A sourced, B partly, C estimate. ×: a range of factors on the whole value.", "",
        "| parameter | | unit | default | range | role | | source |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for key, record in records.items():
        words = f"{record.name.zh} / {record.name.en}"
        cells = (f"`{key}`", words, record.unit, default_of(record), range_of(record), record.role, record.grade, record.source)
        lines.append("| " + " | ".join(cell(one) for one in cells) + " |")
    return [*lines, ""]


def _cases(name: str) -> list[str]:
    """What its cases hold, by rule, a line for each phrase of the specification."""
    by_rule: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests" / "cases" / name).glob("*.yaml")):
        for case in YAML(typ="safe").load(file):
            by_rule.setdefault(case["rule"], []).append(case["info"])
    if not by_rule:
        return []
    rows = [f"- `{rule}`: {'; '.join(infos)}" for rule, infos in by_rule.items()]
    return ["## Cases", "", f"Run by `tests/policy/test_kinds.py` from `tests/cases/{name}`.", "", *rows, ""]


# --- cells -----------------------------------------------------------------------------------------------


def _functions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    return (f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__)


def _first(function: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, in one line."""
    return cell(" ".join(inspect.cleandoc(function.__doc__ or "").split("\n\n")[0].split()))


def _channels(hook: Callable[..., Any]) -> list[str]:
    """The channels that a hook names, in order."""
    constants = [node.value for node in ast.walk(ast.parse(inspect.getsource(hook))) if isinstance(node, ast.Constant)]
    return list(dict.fromkeys(one for one in constants if isinstance(one, str) and one in CHANNELS))


def default_of(record: Record, most: int = MOST) -> str:
    """The default of a record, cut where it is longer than ``most`` characters."""
    if record.required:
        return "none: a measure states it"
    said = flow(record.default.plain)
    return said if len(said) <= most else said[: most - 1] + "…"


def range_of(record: Record) -> str:
    """The plausible range of a record: values, words, or factors on the whole."""
    if record.one_of:
        return ", ".join(record.one_of)
    if record.factor is not None:
        return f"×{bound(record.factor[0], '')}–{bound(record.factor[1], '')}"
    return f"{bound(record.low, '-∞')}–{bound(record.high, '∞')}" if record.low is not None else "-"


def cell(text: str) -> str:
    """A text as a cell of a table: one line, no bars."""
    return " ".join(str(text).split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
