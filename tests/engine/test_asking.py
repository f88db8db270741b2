"""Hooks of all sorts, asked by compiled bodies and in columns: the same answers, and what is no answer refused by both."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from povsim.core.errors import RuleError
from povsim.core.schema import Monitoring, Status
from povsim.engine import compile as compiler
from povsim.engine import serving
from povsim.policy.kind import Kind, maximum, minimum, register
from povsim.policy.status import is_watched
from tests.engine import plan

WORDS = dict(name={"zh": "甲", "en": "x"}, role="lever", grade="C", source="estimate: a test")
RECORDS = {"overhead": dict(unit="share", value=0.0, range=[0, 1], **WORDS)}
START = {"start": {"year": 2017}}


def lived(folder, plans, engine, monkeypatch, count=160):
    """The state after two years in which nothing but measures happens."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = plan.town(folder, {id: {**START, **measure} for id, measure in plans.items()}, count=count)
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
    return s


def hands_of_all(view, p):
    return {"labour": np.minimum(np.full(len(view.size), 6.0), view.able_months)}


MANY = {f"c{i}": 0.0 for i in range(90)}
KINDS = {
    "of its members": Kind("mine", yields=lambda view, held, p, u: {"grant": 100.0 * view.members}),
    "a job each": Kind("mine", yields=lambda view, held, p, u: {"jobs": 1.0}),
    "persons who plant": Kind("mine", holder="person", helps=lambda view, held, p, u: {"land": 0.25}),
    "ninety answers": Kind("mine", own=MANY, yields=lambda view, held, p, u: {name: 1.0 + view.size for name in MANY}),
    "hands taken in columns": Kind("mine", helps=lambda view, held, p, u: hands_of_all(view, p)),
    "hands taken": Kind("mine", helps=lambda view, held, p, u: {"labour": minimum(6.0, maximum(view.able_months, 0.0))}),
}
BESIDE = {"old": {"kind": "transfer", "policy": "old_age", "eligible": {"age": ">= 60"}}, "tea": {"kind": "industry"}}


@pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")
@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_ones_own_between_others_is_served_alike_by_both(name, tmp_path, monkeypatch):
    """Mutations: members that no condition asks for; room for 64 answers; members counted anew over what is left of hands."""
    register(KINDS[name], RECORDS)
    plans = {"mine": {"kind": "mine"}, **BESIDE}
    one, two = (lived(tmp_path, plans, engine, monkeypatch) for engine in ("compiled", "numpy"))
    assert all(np.array_equal(getattr(one, part), getattr(two, part)) for part in ("pi", "pf", "hi", "hf", "items", "spent"))
    for id, kept in one.held.items():
        assert all(np.array_equal(column, two.held[id][name]) for name, column in kept.items()), id
    assert one.held["mine"]["held"].any()


WRONG = {
    "not a number": (Kind("mine", yields=lambda view, held, p, u: {"business": view.size * float("inf")}), "number"),
    "too much": (Kind("mine", yields=lambda view, held, p, u: {"business": view.size * 1e18}), "number"),
    "too few": (Kind("mine", yields=lambda view, held, p, u: {"business": np.ones(3)}), "one for each"),
    "of another hook": (Kind("mine", helps=lambda view, held, p, u: {"business": 1.0}), "no answer of this hook"),
    "of persons": (Kind("mine", helps=lambda view, held, p, u: {"skilled": 1.0}), "for persons"),
    "no mapping": (Kind("mine", yields=lambda view, held, p, u: 1.0), "a mapping"),
    "mistyped": (Kind("mine", costs=lambda view, p: {"bugdet": 1.0}, yields=lambda view, held, p, u: {}), "nearest: budget"),
    "persons have no members": (
        Kind("mine", holder="person", yields=lambda view, held, p, u: {"grant": 1.0 * view.members}), "no column"
    ),
    "a pool too late": (Kind("mine", yields=lambda view, held, p, u: {"grant": view.free_land}), "pool"),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_answer_is_refused_by_both(name, engine, tmp_path, monkeypatch):
    kind, said = WRONG[name]
    register(kind, RECORDS)
    with pytest.raises(RuleError, match=said) as caught:
        lived(tmp_path, {"mine": {"kind": "mine", "budget": 1000} if kind.costs else {"kind": "mine"}}, engine, monkeypatch, 40)
    assert "mine" in str(caught.value) or "column" in said or "pool" in said


@pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")
def test_whoever_is_watched_in_any_class_keeps_support_after_the_calendar():
    """The regular era has one class of its own. Mutation: the three of the transition alone."""
    may = compiler.lift(serving.may_have)
    for status, watch, right, calendar in itertools.product(Status, Monitoring, (False, True), (False, True)):
        due = (right or status != Status.REMOVED) and (calendar or status != Status.EXITED or bool(is_watched(watch)))
        assert bool(may(int(status), int(watch), right, calendar)) == due, (status, watch, right, calendar)
