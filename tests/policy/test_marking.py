"""The marks of kinds of one's own: they change with any text that makes a kind, and with nothing else."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from povsim.policy.kind import Kind, Shared, register, shipped
from povsim.policy.marking import mark_of, marks

CELL = """
RATE = {rate}
WORDS = {{"a", "b", "c", "d"}}

def honey(hives):
    return hives * RATE {more}

def yields(view, held, p, u):
    return {{"business": honey(2.0) if "a" in {{"a", "b", "c"}} and "b" in WORDS else 0.0}}
"""


def of_cell(rate: float = 1.0, more: str = "") -> str:
    """The mark of a kind whose hook was defined in a cell that no file holds."""
    notebook: dict[str, object] = {"__name__": "__main__"}
    exec(CELL.format(rate=rate, more=more), notebook)
    return mark_of(Kind("bees", yields=notebook["yields"]))


def test_a_notebooks_kind_is_marked_by_its_code_and_by_what_that_reads() -> None:
    assert of_cell() == of_cell()
    assert len({of_cell(), of_cell(rate=2.0), of_cell(more="+ 1.0")}) == 3


def test_an_attribute_is_not_the_notebooks_variable_of_that_name() -> None:
    """Nor is a name that an inner function has from its own. Mutation: all names of the byte code are looked up."""
    text = """
def yields(view, held, p, u):
    rate = p.rate
    return {"business": view.size * p.k + (lambda x: x * rate)(1.0)}
"""

    def mark(**variables: object) -> str:
        notebook: dict[str, object] = {"__name__": "__main__", **variables}
        exec(text, notebook)
        return mark_of(Kind("bees", yields=notebook["yields"]))

    assert mark() == mark(size=1, k=5, rate=7) == mark(size=2, k=object())


@pytest.mark.parametrize(
    "changed",
    [
        dict(own={"x": 1.0}), dict(common={"x": 0.0}), dict(draws={"u": 400}), dict(shared={"u": Shared(408, "firm")}),
        dict(stays=True), dict(pays=("business",)), dict(holder="person"), dict(unused=("budget",)),
    ],
)  # fmt: skip
def test_what_a_kind_is_beside_its_hooks_marks_it_too(changed: dict[str, object]) -> None:
    assert mark_of(Kind("bees", **changed)) != mark_of(Kind("bees"))


def test_a_package_is_marked_by_the_text_of_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by that of a module whose rules a hook asks, and by no byte code."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    rules = tmp_path / "rules_of_wasps.py"
    (tmp_path / "kind_of_wasps.py").write_text(
        "import rules_of_wasps\ndef yields(view, held, p, u):\n    return {'business': rules_of_wasps.honey(2.0)}\n"
    )
    found = []
    for text in ("RATE = 1.0\ndef honey(n):\n    return n * RATE\n", "RATE = 2.0\ndef honey(n):\n    return n * RATE\n"):
        rules.write_text(text)
        for name in ("rules_of_wasps", "kind_of_wasps"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        found.append(mark_of(Kind("wasps", yields=importlib.import_module("kind_of_wasps").yields)))
    assert found[0] != found[1]


def test_a_mark_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Mutation: the order of a set, or where an object lies in memory."""
    file = tmp_path / "say.py"
    file.write_text("from tests.policy.test_marking import of_cell\nprint(of_cell())\n")
    root = Path(__file__).parents[2]
    where = os.pathsep.join([str(root), *sys.path])
    said = {
        subprocess.run(
            [sys.executable, str(file)], env={**os.environ, "PYTHONPATH": where, "PYTHONHASHSEED": seed}, capture_output=True,
            text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert said == {of_cell()}


def test_only_kinds_that_do_not_ship_are_marked() -> None:
    register(Kind("wasps_of_mine"), {})
    assert marks([*shipped(), "wasps_of_mine"]).keys() == {"wasps_of_mine"}


class Rate:
    """A rate that is asked like a function."""

    base = 1.0

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, view: object, held: object, p: object, u: object) -> dict[str, float]:
        return {"business": self.value * self.base}


def test_what_an_object_or_a_class_holds_marks_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def mark(value: object) -> str:
        return mark_of(Kind("bees", yields=lambda view, held, p, u: {"business": value.value}))  # type: ignore[attr-defined]

    one = mark_of(Kind("bees", yields=Rate(1.0)))
    assert one == mark_of(Kind("bees", yields=Rate(1.0))) != mark_of(Kind("bees", yields=Rate(2.0)))
    assert mark_of(Kind("bees", yields=Rate(1.0).__call__)) != mark_of(Kind("bees", yields=Rate(2.0).__call__))
    assert mark(SimpleNamespace(value=1.0)) == mark(SimpleNamespace(value=1.0)) != mark(SimpleNamespace(value=2.0))
    monkeypatch.setattr(Rate, "base", 2.0)
    assert mark_of(Kind("bees", yields=Rate(1.0))) != one
