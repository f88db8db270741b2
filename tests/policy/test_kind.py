"""What a kind may be, and how it is found."""

import ast
import datetime
import inspect
import os
import random
import time
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from povsim.core.errors import ParamsError, RuleError
from povsim.core.params import kind_records
from povsim.core.randomness import DECISIONS
from povsim.engine.labour import post_tenths
from povsim.policy import kind
from povsim.policy.kind import Kind, Shared, decision, entry, find, pick, register, shipped
from povsim.policy.measures import employment


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
        (dict(route="industry_and_jobs"), "'industry_and_jobs' is no Route; nearest: INDUSTRY_AND_JOBS"),
        (dict(route=3), "route 3 is no Route"),
        (dict(own=["hives"]), "own ['hives'] is no mapping"),
        (dict(own={"hives": "none"}), "'hives' begins at 'none'"),
        (dict(own={"hives": float("nan")}), "'hives' begins at nan"),
        (dict(common={"my pot": 0.0}), "'my pot' is no name"),
        (dict(own={"_x": 0.0}), "'_x' is no name"),
        (dict(draws=["u"]), "draws ['u'] is no mapping"),
        (dict(draws={"u": "400"}), "has number '400'"),
        (dict(shared={"u": (408, "firm")}), "no Shared(number, by)"),
        (dict(shared={"u": Shared(408, "")}), "by and count are names"),
        (dict(draws={"u": 400}, shared={"u": Shared(408, "firm")}), "both shared and of a holder"),
        (dict(pays="business"), "pays 'business' is no tuple"),
        (dict(pays=("busines",)), "nearest: business"),
        (dict(sizes={"household": "each"}), "nearest: households"),
        (dict(sizes={"kw": 3}), "3 in sizes is no name"),
        (dict(unused=("start.mont",)), "nearest: start.month"),
        (dict(stays="yes"), "stays 'yes' is neither True nor False"),
        (dict(yields={"business": 1.0}), "yields {'business': 1.0} is no function of (view, held, p, u)"),
        (dict(yields=lambda view, p: {}), "yields is no function of (view, held, p, u)"),
        (dict(fits=lambda view, held, p, u: True), "fits is no function of (view, p)"),
        (dict(shares=lambda view, p: {}), "shares is never asked of households"),
        (dict(holder="village", keeps=lambda view, held, p, u: True), "keeps is never asked of villages"),
        (dict(holder="village", yields=lambda view, held, p, u: {}), "one does nothing without the other"),
    ],
)
def test_a_kind_that_could_not_run_is_refused(wrong, said):
    with pytest.raises(RuleError) as caught:
        Kind(name="k", **wrong)
    assert said in str(caught.value)


def test_all_that_is_wrong_with_a_kind_is_said_at_once():
    with pytest.raises(RuleError) as caught:
        Kind("k", holder="county", own={"held": "x"}, route=None, pays=3, sizes=4, draws=5, shared=6, unused=7, stays=8, fits=9)
    said = str(caught.value)
    assert all(word in said for word in ("county", "'held'", "'x'", "None", "3", "4", "5", "6", "7", "8", "9"))


WORDS = dict(name={"zh": "甲", "en": "x"}, role="lever", grade="C", source="estimate: a test")
RECORDS = {
    "firm": dict(unit="text", value="acme", **WORDS),
    "firms": dict(unit="count", value=1, range=[1, 9], **WORDS),
    "hive_kw": dict(unit="kW", value=1, range=[0, 9], **WORDS),
}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (dict(sizes={"kw": "hives_kw"}), ("sizes.kw", "hives_kw", "hive_kw")),
        (dict(sizes={"kw": "firm"}), ("sizes.kw", "a number")),
        (dict(shared={"u": Shared(408, "frim")}), ("shared.u.by", "frim", "firm")),
        (dict(shared={"u": Shared(408, "firms")}), ("shared.u.by", "text")),
        (dict(shared={"u": Shared(408, "firm", "firmz")}), ("shared.u.count", "firmz", "firm")),
    ],
)
def test_a_kind_names_no_parameter_that_is_not_there(named, said, monkeypatch):
    """Mutation: refused when a run first asks for it, by a KeyError."""
    monkeypatch.setenv("POVSIM_LANG", "en")
    with pytest.raises(ParamsError) as caught:
        register(Kind("bees_of_mine", **named), RECORDS)
    assert all(word in str(caught.value) for word in said)
    with pytest.raises(RuleError):
        find("bees_of_mine")


def test_faults_of_records_and_of_what_names_them_are_said_at_once(monkeypatch):
    monkeypatch.setenv("POVSIM_LANG", "en")
    wrong = {**RECORDS, "firms": {**RECORDS["firms"], "unit": "firm"}, "quota": RECORDS["hive_kw"], "x": None}
    with pytest.raises(ParamsError) as caught:
        register(Kind("bees_of_mine", sizes={"kw": "hives_kw"}), wrong)
    assert all(word in str(caught.value) for word in ("firms.unit = firm", "quota", "x", "sizes.kw = hives_kw"))


@pytest.mark.parametrize("records", [None, 3, ["x"], "no/such/file.yaml", {3: RECORDS["firm"]}, {"x": {"unit": {"a"}}}])
def test_records_that_are_none_are_refused_as_faults(records):
    with pytest.raises(ParamsError):
        register(Kind("bees_of_mine"), records)


def test_what_is_no_kind_is_refused():
    with pytest.raises(RuleError, match="no Kind"):
        register("bees", RECORDS)
    with pytest.raises(RuleError, match="apart"):
        register(Kind("bees_of_mine", apart=True), RECORDS)


def test_a_package_that_brings_no_kind_is_named(monkeypatch):
    entry_point = SimpleNamespace(name="bees", load=lambda: SimpleNamespace(KIND=Kind("bees_of_mine")))
    monkeypatch.setattr(kind, "entry_points", lambda group: [entry_point])
    kind.discover.cache_clear()
    with pytest.raises(RuleError, match="package 'bees' brings no kind: AttributeError"):
        find("terraces")
    kind.discover.cache_clear()


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
    nan, inf = float("nan"), float("inf")
    assert np.array_equal(pick([0.0, 0.5, 1.0], [nan, inf, -inf]), [nan, 1.0, 0.0], equal_nan=True)
    assert pick([True, True], [nan, 1.0]).tolist() == [False, True], "at no number a condition is not met"
    assert np.isnan(pick([], [0.0, 1.0])).all()


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


RNG = np.random.default_rng(3)


BOX = SimpleNamespace(toss=np.random.default_rng(4))


def _tossed():
    return random.random()


@pytest.mark.parametrize(
    "hook",
    [
        lambda view, p: view.size > RNG.integers(0, 4), lambda view, p: view.size > 4.0 * _tossed(),
        lambda view, p: view.size > np.random.rand(), lambda view, p: view.size > time.time() % 2.0,
        lambda view, p: view.size > datetime.datetime.now().second, lambda view, p: view.size > os.urandom(1)[0],
        lambda view, p: view.size > BOX.toss.random(),
    ],
    ids=["generator", "helper", "numpy", "clock", "calendar", "system", "within an object"],
)  # fmt: skip
def test_chance_of_its_own_is_refused_when_a_kind_is_made(hook):
    with pytest.raises(RuleError, match="fits takes chance of its own"):
        Kind("tossed", fits=hook)


@pytest.mark.parametrize(
    "hook",
    [
        lambda view, p: view.size > p.time, lambda view, p: view.size > p.random.uuid, lambda view, p: np.exp(p.random) > 1.0,
        lambda view, p: (lambda time: view.size > time)(p.time),
    ],
)  # fmt: skip
def test_a_parameter_may_have_the_name_of_a_module(hook):
    """Mutation: attributes are taken for what the notebook has under that name."""
    assert Kind("tossed", fits=hook).fits is hook


ASKED = 0.0


def _count():
    global ASKED
    ASKED += 1.0
    return ASKED


def _counter():
    asked = 0.0

    def hook(view, p):
        nonlocal asked
        asked += 1.0
        return view.size > asked

    return hook


@pytest.mark.parametrize("hook", [lambda view, p: view.size > _count(), _counter()], ids=["global", "nonlocal"])
def test_a_hook_that_counts_outside_itself_is_refused_when_a_kind_is_made(hook):
    with pytest.raises(RuleError, match=r"fits keeps something outside itself \((ASKED|asked)\)"):
        Kind("counted", fits=hook)


def test_variables_within_a_hook_are_its_own():
    def hook(view, p):
        most = 0.0

        def higher(x):
            nonlocal most
            most = x + most
            return most

        return view.size > higher(p.least)

    assert Kind("within", fits=hook).fits is hook


def test_chance_of_a_module_of_ones_own_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "rules_that_toss.py").write_text("import random\ndef toss():\n    return random.random()\n")
    import rules_that_toss

    with pytest.raises(RuleError, match=r"chance of its own \(random\)"):
        Kind("tossed", fits=lambda view, p: view.size > rules_that_toss.toss())


def test_a_post_costs_the_months_that_are_paid_and_no_tenth_less():
    """Else a budget is exceeded by what rounding adds. Mutation: the months not cut to tenths."""
    for agreed, begun in product(np.arange(0.5, 12.5, 0.5), range(1, 13)):
        view, p = SimpleNamespace(months=float(begun)), SimpleNamespace(months={"public": agreed}, form="public")
        months = employment._months(view, p)
        assert post_tenths(months, 0.0) == pytest.approx(10.0 * months, abs=1e-9), (agreed, begun)


def test_no_shipped_hook_takes_chance_or_keeps_anything():
    """They are not looked at when they are made, which would take a twentieth of a second of every start."""
    hooks = [(name, one.name) for one in shipped().values() for name in kind.TAKES if getattr(one, name) is not None]
    assert len(hooks) > 50
    for name, of in hooks:
        assert not list(kind._not_of_columns(name, getattr(shipped()[of], name))), f"{of}, {name}"
