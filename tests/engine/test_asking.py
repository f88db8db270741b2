"""Hooks of all sorts, asked by compiled bodies and in columns: the same answers, and what is no answer refused by both."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from povsim.core.errors import RuleError
from povsim.core.schema import Monitoring, Status, Work
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import serving
from povsim.policy.kind import Kind, Shared, floor, maximum, minimum, pick, register, sqrt, where
from povsim.policy.status import is_watched
from tests.engine import plan

WORDS = dict(name={"zh": "甲", "en": "x"}, role="lever", grade="C", source="estimate: a test")
RECORDS = {
    "overhead": dict(unit="share", value=0.0, range=[0, 1], **WORDS),
    "nought": dict(unit="-", value=0, range=[0, 1], **WORDS),
    "yes": dict(unit="true/false", value=True, **WORDS),
    "half": dict(unit="-", value=0.5, range=[0, 1], **WORDS),
    "ramp": dict(unit="-", value=[0.25, 0.5, 1.0], range=[0, 1], **WORDS),
    "firm": dict(unit="text", value="acme", **WORDS),
    "firms": dict(unit="count", value=3, range=[1, 9], **WORDS),
}
FIRMS = {"fails": Shared(408, "firm", "firms")}


def says(answer):
    """A kind whose households keep what is said of them by a function of (view, held, p, u)."""
    return Kind("mine", own={"x": 0.0}, shared=FIRMS, yields=lambda view, held, p, u: {"x": answer(view, held, p, u)})


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


def in_place(column, number):
    """Its own column may be changed in place; a number may be, wherever it comes from."""
    number += 1.0
    other = column
    column += number
    return column + other


def keeps_itself(view, held, p, u):
    held.x = held.x + 1.0
    return {}


def catches(view, held, p, u):
    try:
        return view.size * view.size.mean()
    except AttributeError:
        return 4.0 * view.size


def matches(view, held, p, u):
    match view.size:
        case np.ndarray():
            return 2.0 * view.size
    return 3.0 * view.size


TICKS = itertools.count()
MANY = {f"c{i}": 0.0 for i in range(90)}
KINDS = {
    "of its members": Kind("mine", yields=lambda view, held, p, u: {"grant": 100.0 * view.members}),
    "a job each": Kind("mine", yields=lambda view, held, p, u: {"jobs": 1.0}),
    "persons who plant": Kind("mine", holder="person", helps=lambda view, held, p, u: {"land": 0.25}),
    "ninety answers": Kind("mine", own=MANY, yields=lambda view, held, p, u: {name: 1.0 + view.size for name in MANY}),
    "hands taken in columns": Kind("mine", helps=lambda view, held, p, u: hands_of_all(view, p)),
    "hands taken": Kind("mine", helps=lambda view, held, p, u: {"labour": minimum(6.0, maximum(view.able_months, 0.0))}),
}
KINDS |= {
    # whole numbers of a hook are numbers: neither engine wraps them, at 32 bits (persons) or at 64 (households)
    "ages in great units": Kind(
        "mine", holder="person", own={"x": 0.0}, yields=lambda view, held, p, u: {"x": view.age * 1_000_000_000 / 1e9}
    ),
    "sizes in great units": says(lambda view, held, p, u: view.size * 2**62 * 2**10 / 2.0**72),
    "beyond 64 bits": says(lambda view, held, p, u: where(view.size * 10**20 > 2 * 10**20, 1.0, 2.0)),
    "whole numbers of conditions": says(lambda view, held, p, u: ((view.size > 2) + 2**62) * 4.0 / 2.0**62),
    "no truth": says(lambda view, held, p, u: where((view.size > 1) & ~p.yes, 1.0, 2.0)),
    "no truth of a number": says(lambda view, held, p, u: where((view.size > 1) & ~(p.half > 0.2), 1.0, 2.0)),
    "over nought": says(lambda view, held, p, u: where(1.0 / p.nought > 1e300, view.size, 2.0)),
    "nought over nought": says(lambda view, held, p, u: where(p.nought / p.nought < 1.0, view.size, 2.0)),
    "a parameter squared": says(lambda view, held, p, u: view.size * (p.half + 0.1 * 3) ** 2),
    "a condition's sign": says(lambda view, held, p, u: where(view.first, -1.0, abs(-view.size))),
    "counts floored": says(lambda view, held, p, u: floor(view.size) * 2**62 // 3 / 2.0**60),
    "past the end": says(lambda view, held, p, u: pick(p.ramp, view.size - 3)),
    "at no number": says(lambda view, held, p, u: where(pick(p.ramp, sqrt(2.0 - view.size)) > 0.0, 1.0, 2.0)),
    "no firm": says(lambda view, held, p, u: where(pick(u.fails < 0.9, sqrt(2.0 - view.size)), 1.0, 2.0)),
    "the last firm": says(lambda view, held, p, u: where(pick(u.fails < 0.5, view.size * 100.0), 1.0, 2.0)),
    "a tenth of a job": Kind("mine", yields=lambda view, held, p, u: {"jobs": 0.1}),
    "told from a column": says(lambda view, held, p, u: view.size * (1.0 if isinstance(p.half, float) else 2.0)),
    "told by an attribute": says(lambda view, held, p, u: view.size * getattr(view.size, "ndim", 5)),
    "told by its class": says(lambda view, held, p, u: view.size * len(view.size.__class__.__name__)),
    "told by identity": says(lambda view, held, p, u: view.size * (2.0 if view.size is view.size else 1.0)),
    "told by what fails": says(catches),
    "told by a pattern": says(matches),
    "in place": says(lambda view, held, p, u: in_place(view.size * 2.0, p.half)),
    "a village's years": Kind(
        "mine",
        holder="village",
        yields=lambda view, held, p, u: {
            "award": minimum(view.pot, 100.0 * view.year_held + view.months + where(view.first, 7.0, 0.0))
        },
        shares=lambda view, p: {"award": 0.1 + view.size / 7.0},
    ),
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
    "wages before work": (Kind("mine", helps=lambda view, held, p, u: {"labour": 0.0 * view.market_wages}), "once work is done"),
    "a pool too late": (Kind("mine", yields=lambda view, held, p, u: {"grant": view.free_land}), "pool"),
    "a count that fits": (Kind("mine", fits=lambda view, p: view.size), "a condition is expected"),
    "a share that fits": (Kind("mine", fits=lambda view, p: p.half), "a condition is expected"),
    "a number that keeps": (Kind("mine", keeps=lambda view, held, p, u: where(view.size > 2, 1, 0)), "a condition is expected"),
    "nothing that keeps": (Kind("mine", keeps=lambda view, held, p, u: None), "a condition is expected"),
    "luck of the year at the start": (
        Kind("mine", own={"x": 0.0}, draws={"u": 400}, begins=lambda view, held, p, u: {"x": u.u}), "no draw 'u' here"
    ),
    "shared luck at the start": (
        Kind("mine", own={"x": 0.0}, shared={"u": Shared(408, "firm")}, begins=lambda view, held, p, u: {"x": u.u}), "no draw 'u'"
    ),
    "luck of a life in a year": (
        Kind("mine", own={"x": 0.0}, lasting={"u": 400}, yields=lambda view, held, p, u: {"x": u.u}), "no draw 'u' here"
    ),
    "another each time": (Kind("mine", yields=lambda view, held, p, u: {"grant": float(next(TICKS))}), "answers differently"),
    "another each time in columns": (
        Kind("mine", yields=lambda view, held, p, u: {"grant": np.full(len(view.size), float(next(TICKS)))}), "differently"
    ),
    "weights below nought": (
        Kind("mine", holder="village", yields=lambda *_: {"award": 1}, shares=lambda view, p: {"award": -view.size}),
        "between 0 and ",
    ),
    "a wage below nought": (
        Kind(
            "mine", holder="person", helps=lambda view, held, p, u: {"post_wage": -9, "post_at": int(Work.POST), "post_months": 3}
        ),
        "between 0 and ",
    ),
    "a grant taken": (Kind("mine", yields=lambda view, held, p, u: {"grant": -1.0 * view.size}), "between 0 and "),
    "each where one for all": (
        Kind("mine", common={"pot": 0.0}, yields=lambda view, held, p, u: {"pot": 1.0 * view.size}), "one number for all"
    ),
    "a building each": (Kind("mine", yields=lambda view, held, p, u: {"building": 1.0 * view.size}), "one number for all"),
    "a post without pay": (
        Kind("mine", holder="person", helps=lambda view, held, p, u: {"post_at": int(Work.POST)}), "together or not at all"
    ),
    "no such work": (
        Kind("mine", holder="person", helps=lambda view, held, p, u: {"post_wage": 9.0, "post_at": 99, "post_months": 3}),
        "between 0 and ",
    ),
    "a cost below nought": (
        Kind("mine", costs=lambda view, p: {"budget": -1.0 * view.size}, yields=lambda view, held, p, u: {}), "between 0 and "
    ),
    "at no number": (Kind("mine", yields=lambda view, held, p, u: {"grant": pick(p.ramp, sqrt(-view.size))}), "number"),
    "for no village": (Kind("mine", yields=lambda view, held, p, u: {"owned_proceeds": 1.0}), "a parameter 'village'"),
    "a column changed in place": (
        Kind("mine", own={"x": 0.0}, yields=lambda view, held, p, u: {"x": in_place(view.size, p.half)}), "read-only"
    ),
    "what is seen is set": (Kind("mine", own={"x": 0.0}, yields=keeps_itself), "x: what a hook sees is read-only"),
    "its own error": (Kind("mine", yields=lambda view, held, p, u: {"grant": 1 / 0}), "ZeroDivisionError"),
    "no such own column": (
        Kind("mine", own={"hives": 0.0}, yields=lambda view, held, p, u: {"grant": held.hive}), "nearest: hives"
    ),
    "no such column": (Kind("mine", yields=lambda view, held, p, u: {"grant": view.sizes}), "nearest: size"),
    "not what it costs": (
        Kind("mine", own={"x": 0.0}, costs=lambda view, p: {"x": 1.0}, yields=lambda view, held, p, u: {}), "no answer of this"
    ),
    "what villages have not": (
        Kind("mine", holder="village", yields=lambda view, held, p, u: {"award": view.paid}, shares=lambda view, p: {"award": 1}),
        "no column 'paid'",
    ),
    "posts before they are paid": (
        Kind("mine", holder="village", helps=lambda view, held, p, u: {"post_fund": view.posts_paid}), "no column 'posts_paid'"
    ),
    "paid to nobody": (
        Kind("mine", holder="village", yields=lambda view, held, p, u: {"award": 1.0}, shares=lambda view, p: {"dibao": 1.0}),
        "yields and shares",
    ),
    "half a code": (
        Kind("mine", holder="person", helps=lambda view, held, p, u: {"post_wage": 9.0, "post_at": 2.5, "post_months": 3}),
        "'post_at' must be a whole number between 0 and 4",
    ),
    "land taken back": (Kind("mine", helps=lambda view, held, p, u: {"land": -1.0 * view.size}), "between 0 and "),
    "more land than there is": (
        Kind("mine", helps=lambda view, held, p, u: {"converted": view.land + 1.0}), "no more than the farmland there is"
    ),
    "wages without end": (Kind("mine", helps=lambda view, held, p, u: {"wages": 1e6}), "between 0 and 1000"),
    "a village that is paid": (
        Kind("mine", holder="village", yields=lambda *_: {"award": -5.0}, shares=lambda view, p: {"award": 1.0}), "between 0 and "
    ),
    "more than the village has": (
        Kind("mine", holder="village", yields=lambda view, *_: {"award": view.pot + 7.0}, shares=lambda view, p: {"award": 1.0}),
        r"2017: village v\d pays out .* yuan more than it has, by mine \(kind mine\)",
    ),
    "borne by a village that has nothing": (
        Kind("mine", yields=lambda view, held, p, u: {"grant": 9.0, "from_village": 9.0}),
        r"2017: village v\d pays out .* yuan more than it has, by mine \(kind mine\)",
    ),
    "borne and not paid": (
        Kind("mine", yields=lambda view, held, p, u: {"grant": 4.0, "from_village": 9.0}), "2017: measure mine.* here it is more"
    ),
    "a village's grant": (
        Kind("mine", holder="village", yields=lambda view, held, p, u: {"grant": 1.0}, shares=lambda view, p: {}),
        "no answer of this hook",
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_what_a_village_bears_may_differ_by_the_fen_to_which_each_part_is_cut(engine, tmp_path, monkeypatch):
    """Mutation: 100.00 and 50.00 are less than 150.01. The village is told of, since it has nothing."""
    said = {"grant": 100.003, "in_kind": 50.003, "from_village": 150.006}
    register(Kind("mine", yields=lambda view, held, p, u: {name: yuan + 0.0 * view.size for name, yuan in said.items()}), RECORDS)
    with pytest.raises(RuleError, match="more than it has"):
        lived(tmp_path, {"mine": {"kind": "mine"}}, engine, monkeypatch, 40)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_answer_is_refused_by_both(name, engine, tmp_path, monkeypatch):
    kind, said = WRONG[name]
    register(kind, RECORDS)
    with pytest.raises(RuleError, match=said) as caught:
        lived(tmp_path, {"mine": {"kind": "mine", "budget": 1000} if kind.costs else {"kind": "mine"}}, engine, monkeypatch, 40)
    assert "mine" in str(caught.value) or "column" in said or "pool" in said


BEYOND = {
    "grant": ({"grant": -1.0}, 0.0, 1e10),
    "business": ({"business": 1e12}, -1e10, 1e10),
    "relief_schooling": ({"grant": 5.0, "relief_schooling": -9.0, "business": 1e18}, 0.0, 1e10),
    "building": ({"grant": 5.0, "building": -9.0}, 0.0, 1e13),
    "from_village": ({"grant": 5.0, "from_village": -5.0}, 0.0, 1e10),
    "labour": ({"labour": -1.0}, 0.0, 1e6),
    "term_ended": ({"term_ended": 2.0}, 0.0, 1.0),
    "x": ({"x": 1e15}, -1e15, 1e15),
}


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", BEYOND)
def test_an_answer_out_of_bounds_is_named_with_what_is_allowed(name, engine, tmp_path, monkeypatch):
    """Mutation: compiled bodies note that something is wrong with a hook, and not with which of its answers."""
    says, low, high = BEYOND[name]
    answers = {said: number + 0.0 * int(said == "building") for said, number in says.items()}
    each = {said for said in says if said != "building"}
    register(
        Kind(
            "mine",
            own={"x": 0.0},
            yields=lambda view, held, p, u: {
                said: number + (0.0 * view.size if said in each else 0.0) for said, number in answers.items()
            },
        ),
        RECORDS,
    )
    with pytest.raises(RuleError) as caught:
        lived(tmp_path, {"one": {"kind": "mine"}}, engine, monkeypatch, 40)
    assert str(caught.value) == f"2017: measure one, kind mine, yields: {name!r} must be a number between {low:g} and {high:g}"


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("hook", ["helps", "yields"])
def test_the_kind_that_answered_wrong_is_named_and_none_that_saw_what_came_of_it(hook, engine, tmp_path, monkeypatch):
    """One kind is compiled, another is asked in columns after it. Mutation: faults are looked at when all have been asked."""
    register(Kind("wrong", **{hook: lambda view, held, p, u: {"labour": view.size * 1e12}}), RECORDS)
    seen = {"helps": lambda view: view.able_months, "yields": lambda view: view.hands}[hook]

    def in_columns(view, held, p, u):
        return {"labour": np.maximum(seen(view), 0.0)}

    register(Kind("mine", **{hook: in_columns}), RECORDS)
    with pytest.raises(RuleError, match=rf"^2017: measure one, kind wrong, {hook}: 'labour' must be"):
        lived(tmp_path, {"one": {"kind": "wrong"}, "two": {"kind": "mine"}}, engine, monkeypatch, 40)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_a_village_pays_what_it_has_and_what_it_kept(engine, tmp_path, monkeypatch):
    """From 2018 on, all of two years' income. Mutation: it may pay this year's pot alone."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    all_it_has = Kind(
        "mine", holder="village", yields=lambda view, *_: {"award": view.reserve / 100.0}, shares=lambda view, p: {"award": 1.0}
    )
    register(all_it_has, RECORDS)
    made = plan.homes([{}, {}])
    made.villages["collective_income"][:] = 30_000.0
    world = plan.town(tmp_path, {"mine": {"kind": "mine", "start": {"year": 2018}}}, made=made, economy={"price_growth": 0.0})
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
    assert s.vi[c.RESERVE].tolist() == [0] and s.items.sum() == 2 * 3_000_000


MISTAKES = {
    "~ of a number": (Kind("mine", fits=lambda view, p: ~view.size), "write x == 0"),
    "~ of a parameter": (Kind("mine", fits=lambda view, p: ~p.half & (view.size > 1)), "write x == 0"),
    "& without brackets": (Kind("mine", fits=lambda view, p: view.size > 2 & view.able), r"write \(x > 0\) & \(y > 0\)"),
    "| of numbers": (Kind("mine", fits=lambda view, p: (view.able | view.weak) > 0), r"write \(x > 0\) & \(y > 0\)"),
    "and": (Kind("mine", fits=lambda view, p: (view.size > 2) and (view.able > 1)), r"a & b, a \| b, ~a"),
    "not": (Kind("mine", fits=lambda view, p: not view.first), r"a & b, a \| b, ~a"),
    "a chain": (Kind("mine", fits=lambda view, p: 1 < view.size < 4), r"\(1 < x\) & \(x < 3\)"),
    "if": (says(lambda view, held, p, u: 1.0 if view.size > 3 else 2.0), r"where\(x > 0, a, b\)"),
    "max": (says(lambda view, held, p, u: max(view.size, 3.0)), r"maximum\(a, b\)"),
    "- of a condition": (says(lambda view, held, p, u: 1.0 * -view.first), r"where\(a, 1.0, 0.0\)"),
    "1 less a condition": (says(lambda view, held, p, u: 1.0 * (view.first - view.first)), r"where\(a, 1.0, 0.0\)"),
    "a word and a number": (Kind("mine", fits=lambda view, p: view.size > p.firm), "a word can only be compared"),
    "a village's name": (says(lambda view, held, p, u: view.village * 2.0), "a word can only be compared"),
    "a word by itself": (says(lambda view, held, p, u: view.size * (p.firm + 1)), "a word can only be compared"),
    "another length": (says(lambda view, held, p, u: view.size * p.ramp), r"pick\(p.list, position\)"),
    "a place in a list": (says(lambda view, held, p, u: p.ramp[view.size]), r"pick\(p.list, position\)"),
    "int": (says(lambda view, held, p, u: 1.0 * int(view.size)), "write floor, exp"),
    "math": (says(lambda view, held, p, u: math.exp(view.size)), "write floor, exp"),
    "pick of a number": (says(lambda view, held, p, u: pick(p.half, view.size)), "a single number where a list"),
    "in place": (says(lambda view, held, p, u: in_place(view.size, p.half)), "what a hook sees is read-only"),
}


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_no_expression_of_columns_is_refused_in_our_words(name, engine, tmp_path, monkeypatch):
    """Mutation: NumPy's words, which say nothing of holders and of what to write."""
    kind, told = MISTAKES[name]
    register(kind, RECORDS)
    hook = "fits" if kind.fits else "yields"
    with pytest.raises(RuleError, match=rf"^2017: measure one, kind mine, {hook}: .*{told}") as caught:
        lived(tmp_path, {"one": {"kind": "mine"}}, engine, monkeypatch, 40)
    said = str(caught.value)
    assert "(line " in said and "ufunc" not in said and "Error" not in said, said


@pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")
@pytest.mark.parametrize("name", WRONG)
def test_both_engines_refuse_in_the_same_words(name, tmp_path, monkeypatch):
    kind, _ = WRONG[name]
    register(kind, RECORDS)
    said = []
    for engine in ("compiled", "numpy"):
        with pytest.raises(RuleError) as caught:
            lived(
                tmp_path, {"mine": {"kind": "mine", "budget": 1000} if kind.costs else {"kind": "mine"}}, engine, monkeypatch, 40
            )
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")
def test_whoever_is_watched_in_any_class_keeps_support_after_the_calendar():
    """The regular era has one class of its own. Mutation: the three of the transition alone."""
    may = compiler.lift(serving.may_have)
    for status, watch, right, calendar in itertools.product(Status, Monitoring, (False, True), (False, True)):
        due = (right or status != Status.REMOVED) and (calendar or status != Status.EXITED or bool(is_watched(watch)))
        assert bool(may(int(status), int(watch), right, calendar)) == due, (status, watch, right, calendar)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_villages_hold_a_measure_from_its_start_on(engine, tmp_path, monkeypatch):
    """Of a village `year_held` is 1 in the measure's first year. Mutation: years since the year 0."""
    register(
        Kind(
            "mine",
            holder="village",
            own={"held_for": 0.0, "months_of": 0.0, "new": 0.0},
            yields=lambda view, held, p, u: {
                "award": 0.0, "held_for": view.year_held, "months_of": view.months, "new": where(view.first, 1.0, 0.0)
            },
            shares=lambda view, p: {"award": 1.0},
        ),
        RECORDS,
    )  # fmt: skip
    for begins, expected in ({"year": 2017, "month": 4}, (2.0, 12.0, 0.0)), ({"year": 2018, "month": 4}, (1.0, 9.0, 1.0)):
        kept = lived(tmp_path, {"mine": {"kind": "mine", "start": begins}}, engine, monkeypatch, 40).held["mine"]
        assert {(a, b, n) for a, b, n in zip(kept["held_for"], kept["months_of"], kept["new"], strict=True)} == {expected}


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", ["building", "pot", "relief_schooling"])
def test_what_holds_for_all_is_a_number_without_holders_too(name, engine, tmp_path, monkeypatch):
    """Mutation: only what is answered for holders is looked at."""
    value = -5.0 if name == "relief_schooling" else 1e18
    register(Kind("mine", common={"pot": 0.0}, yields=lambda view, held, p, u: {name: value + 0.0 * view.year}), RECORDS)
    with pytest.raises(RuleError, match="mine"):
        lived(tmp_path, {"mine": {"kind": "mine", "eligible": {"size": ">= 90"}}}, engine, monkeypatch, 40)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_more_firms_than_a_town_could_have_are_refused(engine, tmp_path, monkeypatch):
    """Mutation: two thousand million draws, and no memory left."""
    register(says(lambda view, held, p, u: where(pick(u.fails < 0.5, view.size), 1.0, 2.0)), RECORDS)
    with pytest.raises(RuleError, match="at most 10000"):
        lived(tmp_path, {"mine": {"kind": "mine", "firms": 2_000_000_000}}, engine, monkeypatch, 40)
