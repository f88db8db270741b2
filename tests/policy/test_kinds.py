"""Rules of the kinds, case by case, on numbers and on columns; every phrase of a kind's specification has one."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from povsim.policy import loans, measures
from povsim.policy.kind import shipped

KINDS = {name: importlib.import_module(f"{measures.__name__}.{name}") for name in shipped()}
ROOMS = {**KINDS, "loans": loans}  # and the rules that kinds share
FOLDER = Path(__file__).parent.parent / "cases"
CASES = [
    (kind, case) for kind in ROOMS for file in sorted((FOLDER / kind).glob("*.yaml")) for case in YAML(typ="safe").load(file)
]
HOOKS = {"fits", "members", "adopts", "begins", "keeps", "costs", "helps", "yields", "shares", "refills", "one_village"}
TABLES = ("ramp", "shares", "calendar")

# What a kind must have, in the words of its specification; phrases that only show over years or between measures are tested in
# tests/engine (test_measures, test_protection, test_allocation, test_safety_net) under these words.
PHRASES = {
    "industry": {
        "units per household", "own share", "gestation years", "the labour they need", "ramp to full bearing", "margin", "price",
        "own failure hazard", "disaster exposure", "farm insurance", "link to a leading firm", "price floor", "sale guarantee",
        "spread of what holders get",  # and in test_measures: start-up grant, price with persistence, working life, awards
    },
    "employment": {
        "posts", "monthly wage", "takes weak labour", "not tekun", "ages 16 to 69", "not with work outside the county",
        "renewed at its term", "a factory takes able ones", "training", "effect on finding", "job-loss hazard", "posts cut",
    },
    "pv": {
        "month connected", "yearly yield per kW", "degradation", "subsidy arrears", "working life", "dividend",
    },
    "relocation": {
        "cost per head", "own debt", "year of moving in", "housing guarantee", "lost access to land", "follow-up support",
        "higher chance of paid work", "return to the old place", "wages it brought",
    },
    "education": {
        "grant per student by stage", "ends on leaving school", "first year after finishing", "skill on finishing",
    },
    "asset_share": {
        "principal", "yield", "fixed dividend", "term", "default hazard of the firm", "the household remains the borrower",
        "return of principal", "no new ones after the last year", "assets turned into shares",
    },
    "microcredit": {
        "invested in an activity", "risky return", "hands for the activity", "warning before it is due",
        "a repeated loan or extension", "a failed activity",
    },
    "loans": {
        "term", "due at the term", "interest", "interest subsidy", "repayment burden", "owes what is left",
        "guarantee fund's loss",
    },
    "health": {
        "by status and category", "only the insured are covered", "bills from before it began", "premium subsidy",
        "reimbursement of what basic leaves", "yearly own-pay cap", "cap within the county", "chronic cover", "contract doctor",
        "fewer severe courses",
    },
    "insurance": {
        "own-paid medical schooling disaster", "share above a threshold", "claims are checked", "bills from before it began",
        "bills in turn", "premium per head",
    },
    "guarantee": {"grade C and D", "grant", "own share", "the time it takes", "a village's scheme"},
    "ecology": {
        "converted land", "land converted is land not farmed", "two rounds", "payment calendar", "extension", "seedlings",
    },
    "transfer": {"per what", "who", "from when", "until when", "amount", "not counted twice"},
    "collective": {"resolution", "at least 80% with small works", "small works", "awards", "relief", "differentiated"},
    "safety_net": {
        "listing", "least of all households with able workers", "means test", "A/B/C bands", "differential top-up",
        "single-person cover", "imputed labour income", "support from children", "share of the gap paid by year",
        "the obligation to cover all", "withdrawal ceiling", "wages, dividends and posts reduce it", "tekun by status",
        "centralised or dispersed tekun standard", "relief with threshold and share on large bills", "gradual withdrawal",
    },
}  # fmt: skip


def named(case):
    return f"{case[0]}-{case[1]['rule']}-{case[1]['info']}"


def column(name, value):
    return (
        np.asarray(value)
        if name in TABLES and isinstance(value, list)
        else value
        if isinstance(value, (dict, str))
        else np.array([value] * 2)
    )


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[named(one) for one in CASES])
def test_rule(kind, case):
    rule, expected = getattr(ROOMS[kind], case["rule"]), case["output"]
    number = rule(**{name: np.asarray(value) if isinstance(value, list) else value for name, value in case["inputs"].items()})
    columns = rule(**{name: column(name, value) for name, value in case["inputs"].items()})
    if isinstance(expected, dict):
        assert number == pytest.approx(expected)
        return
    assert np.asarray(number, float) == pytest.approx(np.asarray(expected, float), rel=1e-6)
    parts = columns if isinstance(expected, list) else [columns]
    for part, want in zip(parts, expected if isinstance(expected, list) else [expected], strict=True):
        assert np.broadcast_to(np.asarray(part, float), 2) == pytest.approx([want] * 2, rel=1e-6)


@pytest.mark.parametrize("kind", ROOMS)
def test_every_rule_and_every_phrase_has_a_case(kind):
    module = ROOMS[kind]
    rules = {
        name for name, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    cases = [case for name, case in CASES if name == kind]
    assert rules - HOOKS == {case["rule"] for case in cases}
    assert {case["phrase"] for case in cases} == PHRASES[kind]


def test_the_kinds_are_these():
    assert set(PHRASES) == set(ROOMS), "what a kind must have is written down for each"
    assert all(shipped()[name] is module.KIND for name, module in KINDS.items())
