"""The marks of kinds of one's own: they change with any text that makes a kind, and with nothing else."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
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


@dataclass(frozen=True)
class Crop:
    """What a hook reads."""

    price: float


def pay(rate: float, size: float) -> float:
    return rate * size


def of_second(x: float) -> dict[str, str]:
    """Marks of kinds of which something that a hook reads second holds ``x``."""
    crops, rates = [Crop(1.0), Crop(x)], [partial(pay, 1.0), partial(pay, x)]
    same, other = Crop(1.0), Crop(x)

    def first(size: float, rate: Sequence[float] = (1.0,)) -> float:
        return size * rate[0]

    def second(size: float, rate: Sequence[float] = (x,)) -> float:
        return size * rate[0]

    hooks = {
        "of a list": lambda view, p: crops[0].price + crops[1].price,
        "closed over": lambda view, p: same.price + other.price,
        "partials": lambda view, p: rates[0](view.size) + rates[1](view.size),
        "defaults": lambda view, p: first(view.size) + second(view.size),
        "told twice": lambda view, p, by=(same, other, same if x < 100.0 else other): by[2].price,
    }
    return {name: mark_of(Kind("bees", fits=hook)) for name, hook in hooks.items()}


def test_what_is_read_second_marks_a_kind_too() -> None:
    """Mutations: an object let go while a kind is marked, whose identity the next takes; what was met before left out."""
    one, other = of_second(2.0), of_second(500.0)
    assert one == of_second(2.0)
    assert not [name for name in one if one[name] == other[name]]


def test_tables_of_pandas_mark_a_kind_by_what_they_say() -> None:
    """Mutation: pandas itself is walked through, and every mark is another."""

    def mark(*prices: float, name: str = "tea") -> str:
        table = pd.DataFrame({"price": prices}, index=[name, "rice"][: len(prices)])
        column = table["price"]
        return mark_of(Kind("bees", fits=lambda view, p: view.size > column["tea"] + pd.Series([1.0])[0] + table.iloc[0, 0]))

    assert mark(2.0, 3.0) == mark(2.0, 3.0)
    assert len({mark(2.0, 3.0), mark(2.0, 4.0), mark(2.0), mark(2.0, 3.0, name="nut")}) == 4


def test_what_an_object_or_a_class_holds_marks_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def mark(value: object) -> str:
        return mark_of(Kind("bees", yields=lambda view, held, p, u: {"business": value.value}))  # type: ignore[attr-defined]

    one = mark_of(Kind("bees", yields=Rate(1.0)))
    assert one == mark_of(Kind("bees", yields=Rate(1.0))) != mark_of(Kind("bees", yields=Rate(2.0)))
    assert mark_of(Kind("bees", yields=Rate(1.0).__call__)) != mark_of(Kind("bees", yields=Rate(2.0).__call__))
    assert mark(SimpleNamespace(value=1.0)) == mark(SimpleNamespace(value=1.0)) != mark(SimpleNamespace(value=2.0))
    monkeypatch.setattr(Rate, "base", 2.0)
    assert mark_of(Kind("bees", yields=Rate(1.0))) != one
