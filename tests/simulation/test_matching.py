"""Owns: a scenario in its place: whose plan holds, and what does not fit.
Never: what comes of it (test_simulate)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import load_scenario
from povsim.population.places import Place, load_place
from povsim.simulation.matching import remarks, settle

HEAD = "schema: povsim/1\nplace: chagu\nrun: {opening: 2016}\n"
STATION = "{kind: pv, eligible: {pv_linked: true}, quota: {households: %d}, capacity_kw: 1600}"


@pytest.fixture
def scenario(tmp_path: Path):
    def made(text: str, *overrides: str):
        (tmp_path / "s.yaml").write_text(HEAD + text, encoding="utf-8")
        return load_scenario(tmp_path / "s.yaml", overrides)

    return made


def test_the_plan_is_the_places_where_the_scenario_states_none(place: Place, scenario) -> None:
    settled = settle(scenario(""), place)
    assert settled.plan.targets == {2016: 1604, 2017: 2196, 2018: 1592} and settled.plan.finish_year == 2020
    assert settled.source("plan.targets") == settled.source("plan.finish_year") == "place"
    assert settle(settled, place) == settled


@pytest.mark.parametrize(
    ("text", "targets", "finish"),
    [
        ("plan: {targets: {2017: 5}}", {2017: 5}, None),
        ("plan: {targets: {}}", {}, None),
        ("plan: {finish_year: 2019}", {2016: 1604, 2017: 2196, 2018: 1592}, 2019),
    ],
)
def test_a_scenarios_own_plan_holds(place: Place, scenario, text: str, targets: dict[int, int], finish: int | None) -> None:
    plan = settle(scenario(text), place).plan
    assert (plan.targets, plan.finish_year) == (targets, finish)


def test_a_plan_above_the_stock_is_remarked_and_no_fault(place: Place, scenario) -> None:
    (line,) = remarks(settle(scenario(""), place).plan.targets, place.opening(2016))
    assert all(number in line for number in ("3,788", "3,724", "64"))
    assert remarks(scenario("plan: {targets: {2016: 90000, 2017: 3724}}").plan.targets, place.opening(2016)) == []


def test_all_that_does_not_fit_the_place_is_said_at_once(place: Place, scenario) -> None:
    text = "run: {opening: 2014}\nmeasures:\n"
    text += "  inns: {kind: industry, product: tourism, eligible: {village: [白畈, 梅玲]}}\n"
    text += f"  a: {STATION % 1000}\n  b: {STATION % 10}\n  c: {STATION % 1}\n"
    with pytest.raises(ParamsError) as raised:
        settle(scenario(text.partition("\n")[2], "run.opening=2014"), place)
    told = {fault.key: fault for fault in raised.value.faults}
    assert list(sorted(told)) == ["measures.c.quota.households", "measures.inns.eligible.village", "run.opening"]
    assert "梅岭" in told["measures.inns.eligible.village"].mend and told["measures.c.quota.households"].line == 8
    assert "1011" in told["measures.c.quota.households"].expected and "2016" in told["run.opening"].expected


def test_the_templates_fit_each_other(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tree in ("params", "data"):
        shutil.copytree(root / tree, tmp_path / tree)
    (tmp_path / "data/places/template.yaml").rename(tmp_path / "data/places/my_town.yaml")
    monkeypatch.setenv("POVSIM_DATA", str(tmp_path))
    place, chosen = load_place("my_town"), load_scenario("template/baseline")
    settled = settle(chosen, place)
    assert settled.plan.targets == {2017: 180, 2018: 170, 2019: 138} and len(settled.measures) >= 4


def test_in_a_back_test_as_many_may_leave_as_were_reported_where_no_plan_is_known(place: Place, scenario) -> None:
    settled = settle(scenario("", "run.opening=2013", "run.years=4"), place)
    assert settled.plan.reported == {2014: 1508, 2015: 1019}, "of 2016 a plan was published"
    assert [settled.plan.cap(year) for year in (2014, 2016, 2017, 2019)] == [1508, 1604, 2196, None]
    assert settled.plan.targets == {2016: 1604, 2017: 2196, 2018: 1592}, "what was reported is no target"
    assert settle(settled, place) == settled and settle(scenario(""), place).plan.reported == {}
    assert settle(scenario("plan: {targets: {2014: 5}}", "run.opening=2013"), place).plan.reported == {}
