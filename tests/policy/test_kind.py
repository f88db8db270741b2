"""What a kind may be, and how it is found."""

import ast
import inspect
from types import SimpleNamespace

import pytest

from povsim.core.errors import ParamsError, RuleError
from povsim.core.params import kind_records
from povsim.core.randomness import DECISIONS
from povsim.policy import kind
from povsim.policy.kind import Kind, Shared, decision, entry, find, pick, register, shipped


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (dict(holder="county"), "holder 'county'"),
        (dict(own={"industry": 0.0}), "'industry' is taken"),
        (dict(common={"held": 0.0}), "'held' is taken"),
        (dict(own={"x": 0.0}, common={"x": 0.0}), "both own and common"),
        (dict(pays=("wage_pots",)), "'wage_pots' in pays"),
        (dict(draws={"u": 464}), "uniforms 400-463"),
        (dict(lasting={"u_z": 400}), "normals (_z) 464-511"),
        (dict(shared={"u": Shared(12, "product")}), "uniforms 400-463"),
        (dict(draws={"u": 400, "v": 400}), "two draws of a holder have one number"),
        (dict(draws={"u": 400}, lasting={"v": 400}), "two draws of a holder have one number"),
    ],
)
def test_a_kind_that_could_not_run_is_refused(wrong, said):
    with pytest.raises(RuleError) as caught:
        Kind(name="k", **wrong)
    assert said in str(caught.value)


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(RuleError, match="nearest: industry"):
        find("industri")


def test_a_shipped_kind_is_not_replaced():
    with pytest.raises(ParamsError):
        register(Kind(name="pv"), {})


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_kind_brings_its_records_and_knows_nothing_but_kind(name):
    """A file, a YAML file of its stem without a fault, and no other room: so a kind can be read, added and removed alone.

    Rules that several kinds share (a loan's) stand under ``policy`` beside them.
    """
    records, faults = kind_records(name)
    assert records
    assert not faults
    module = inspect.getmodule(shipped()[name].yields or shipped()[name].fits) or __import__(
        f"povsim.policy.measures.{name}", fromlist=["KIND"]
    )
    imported = {node.module for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "collections.abc", "typing", "povsim.policy.kind", "povsim.policy.loans"}


def test_numbers_stand_for_decisions():
    for one in shipped().values():
        for name, number in {**one.draws, **one.lasting}.items():
            assert DECISIONS[decision(name, number)] == number


def test_entry_and_pick():
    assert entry({"tea": 1, "pears": 2}, "tea") == 1
    with pytest.raises(RuleError, match="nearest: tea"):
        entry({"tea": 1}, "tee")
    assert pick([0.0, 0.5, 1.0], [-1, 0, 1.9, 7]).tolist() == [0.0, 0.0, 0.5, 1.0]


def test_a_package_of_ones_own_brings_kinds(monkeypatch):
    mine = Kind(name="terraces")
    words = dict(
        name={"zh": "甲", "en": "x"}, unit="yuan", value=1, range=[0, 2], role="lever", grade="C", source="estimate: a test"
    )
    entry_point = SimpleNamespace(load=lambda: SimpleNamespace(KIND=mine, RECORDS={"x": words}))
    monkeypatch.setattr(kind, "entry_points", lambda group: [entry_point] if group == "povsim.kinds" else [])
    kind.discover.cache_clear()
    assert find("terraces") is mine
    kind.discover.cache_clear()
