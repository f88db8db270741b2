"""Asking hooks: what a kind of one's own says now is what answers, never what it said before."""

from __future__ import annotations

import importlib
import sys
from collections import deque

import pytest

from povsim.core.errors import RuleError
from povsim.engine.measures import ITEM
from povsim.engine.run import run
from povsim.policy.kind import Kind, register, where
from tests.engine import plan

WORDS = dict(name={"zh": "甲", "en": "x"}, role="lever", grade="C", source="estimate: a test")
RECORDS = {
    "hives": dict(unit="count", value=2, range=[0, 9], **WORDS),
    "overhead": dict(unit="share", value=0.0, range=[0, 1], **WORDS),
}
CELL = """
{start}

def yields(view, held, p, u):
    return {{"business": honey(p.hives) + 0.0 * view.year_held}}
"""
RULE = "RATE = 100.0\ndef honey(hives):\n    return hives * RATE"
LATER = {
    "the rule": "def honey(hives):\n    return hives * 500.0",
    "a number it reads": "RATE = 500.0",
    "both": "RATE = 250.0\ndef honey(hives):\n    return 2.0 * hives * RATE",
}


@pytest.fixture(params=["compiled", "numpy"], autouse=True)
def engine(request, monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", request.param)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A file of rules that can be imported, and forgets itself."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = tmp_path / "rules_of_bees.py"
    file.write_text(RULE)
    yield file
    sys.modules.pop(file.stem, None)


SEEN = deque[float]()


class Memory:
    """What a hook may wrongly keep on a class."""

    last = 0.0


def remembers_in_a_list(view, held, p, u):
    SEEN.append(1.0)
    return {"business": where(view.year_held > 1.0, 100.0, 50.0) if len(SEEN) < 1000 else 7.0}


def remembers_on_a_class(view, held, p, u):
    Memory.last += 1.0
    return {"business": 100.0 if Memory.last < 1000.0 else 7.0}


@pytest.mark.parametrize("hook", [remembers_in_a_list, remembers_on_a_class])
def test_a_hook_that_remembers_is_refused_though_its_answers_agree_so_far(tmp_path, hook):
    """What it answers would hang on how often it was asked: by which engine, for which replicate, in which process."""
    register(Kind("bees", yields=hook), RECORDS)
    world = plan.town(tmp_path, {"bees": dict(kind="bees")}, made=plan.homes([{}]), years=2)
    with pytest.raises(RuleError, match="kind bees: what its hooks read was changed while they were asked"):
        run([world], [0])


def answer(folder, **changed):
    """What one household earns by it in a year in which nothing else happens, yuan."""
    world = plan.town(folder, {"bees": dict(kind="bees", **changed)}, made=plan.homes([{}]))
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    return s.items[ITEM["business"], 0] / 100


@pytest.mark.parametrize("later", LATER)
def test_a_cell_run_again_is_heard_by_the_hook_of_another_cell(tmp_path, later):
    """Of a notebook, only the cell with the rule is run again: the hook is the same function."""
    notebook = {"__name__": "__main__"}
    exec(CELL.format(start=RULE), notebook)
    register(Kind("bees", yields=notebook["yields"]), RECORDS)
    assert answer(tmp_path) == 200.0
    exec(LATER[later], notebook)
    assert answer(tmp_path) == 1000.0


def test_a_rule_of_another_module_is_heard_when_that_is_loaded_anew(tmp_path, module):
    """Of a package, a module whose rule a hook asks is edited and loaded anew."""
    hook = {"__name__": "kind_of_bees"}
    exec(CELL.format(start=f"import {module.stem}\ndef honey(hives):\n    return {module.stem}.honey(hives)"), hook)
    register(Kind("bees", yields=hook["yields"]), RECORDS)
    assert answer(tmp_path) == 200.0
    module.write_text(RULE.replace("100.0", "5000.0"))
    importlib.reload(sys.modules[module.stem])
    assert answer(tmp_path) == 10_000.0


def test_a_parameter_changed_and_a_hook_replaced_are_heard(tmp_path):
    notebook = {"__name__": "__main__"}
    exec(CELL.format(start=RULE), notebook)
    register(Kind("bees", yields=notebook["yields"]), RECORDS)
    assert [answer(tmp_path, hives=n) for n in (2, 3, 0)] == [200.0, 300.0, 0.0]
    exec(CELL.format(start=RULE.replace("100.0", "70.0")), notebook)
    register(Kind("bees", yields=notebook["yields"]), RECORDS)
    assert answer(tmp_path) == 140.0
    register(Kind("bees", yields=notebook["yields"]), {**RECORDS, "hives": {**RECORDS["hives"], "value": 5}})
    assert answer(tmp_path) == 350.0
