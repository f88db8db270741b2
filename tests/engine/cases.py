"""Rule cases in YAML: read, said in the words of the module, run on numbers and on columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from tests.engine.lives import parameters

FOLDER = Path(__file__).parent.parent / "cases"


def read(*rooms, module=None):
    """The cases of some folders, those of one module where a case names its module."""
    found = []
    for room in rooms:
        for file in sorted((FOLDER / room).glob("*.yaml")):
            found += YAML(typ="safe").load(file)
    return [case for case in found if case.get("module", module) == module]


def plain(module, value):
    """A code by its name in the module, a list as an array."""
    if isinstance(value, str):
        return getattr(module, value)
    return np.array(value, float) if isinstance(value, list) else value


def answer(module, case, widen=lambda name, value: value):
    """What the rule answers."""
    rule = getattr(module, case["rule"])
    inputs = {name: widen(name, plain(module, value)) for name, value in case["inputs"].items()}
    if "p" in rule.__code__.co_varnames[: rule.__code__.co_argcount]:
        inputs["p"] = parameters(
            module.PHASE, case.get("year", 2017), **{k: plain(module, v) for k, v in case.get("p", {}).items()}
        )
    return rule(**inputs)


def hold(module, case):
    """The rule answers alike on numbers and on columns, and as the case says."""
    expected = pytest.approx(plain(module, case["output"]), rel=2e-5, abs=1e-9)
    assert answer(module, case) == expected
    columns = answer(module, case, lambda name, v: v if name in ("table", "shares", "values") else np.array([v, v]))
    assert all(value == expected for value in np.broadcast_to(columns, 2))


def without_cases(
    module, cases, bodies=("live", "settle", "work_a_year", "farm_hands", "in_the_market", "free_place", "tabulate")
):
    """Rules of a module that no case tries."""
    own = {name for name, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__ and hasattr(f, "__code__")}
    verbs = {name for name in own if name.endswith(("_numpy", "_loop")) or "world" in getattr(module, name).__code__.co_varnames}
    return own - verbs - set(bodies) - {case["rule"] for case in cases}
