"""Owns: a scenario in its place: whose plan holds, and what does not fit.
Never: what comes of it (test_simulate)."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import load_scenario
from povsim.policy.kind import Kind, shipped
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


def told(place: Place, scenario, text: str) -> dict[str, object]:
    """Faults of a scenario in its place, by path."""
    with pytest.raises(ParamsError) as raised:
        settle(scenario(text), place)
    return {fault.key: fault for fault in raised.value.faults}


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        ("kind: pv, capacity_kw: 100, budget: 5, start: {year: 2017, month: 3}", ["budget", "start.month"]),
        (
            "kind: collective, eligible: {status: [poor]}, order: list, quota: {households: 3}, budget: 5, take_up: 0.5, "
            "start: {month: 2}, kept_until: 2020",
            ["budget", "eligible", "kept_until", "order", "quota", "start.month", "take_up"],
        ),
        ("kind: safety_net, part: dibao, budget: {2018: 5}, quota: {persons: 3}", ["budget", "quota"]),
        ("kind: industry, quota: {kw: 3}", ["quota.kw"]),
        ("kind: ecology, kept_until: 2020, start: {month: 4}", ["kept_until", "start.month"]),
        ("kind: education, start: {month: 4}", ["start.month"]),
    ],
)
def test_what_a_kind_does_not_heed_is_refused(place: Place, scenario, measure: str, names: list[str]) -> None:
    faults = told(place, scenario, f"measures:\n  one: {{{measure}}}\n")
    assert sorted(faults) == [f"measures.one.{name}" for name in names]
    assert all(fault.line == 5 and fault.mend and fault.file for fault in faults.values())


def test_what_a_kind_heeds_is_taken(place: Place, scenario) -> None:
    frame = "eligible: {status: [poor]}, order: list, budget: 9000, start: {year: 2018}, until: 2019, ends: 2020"
    measures = "measures:\n"
    measures += f"  tea: {{kind: industry, quota: {{households: 3}}, take_up: 0.8, kept_until: 2020, {frame}}}\n"
    measures += f"  woods: {{kind: ecology, quota: {{households: 3}}, {frame}}}\n"
    measures += "  roofs: {kind: pv, site: roof, quota: {kw: 30}, budget: null}\n"
    measures += "  dibao: {kind: safety_net, part: dibao, start: {year: 2017}, until: 2019, ends: 2020}\n"
    assert len(settle(scenario(measures), place).measures) == 4


@pytest.mark.parametrize("kind", shipped().values(), ids=shipped())
def test_a_kind_that_never_asks_for_months_says_so(kind: Kind) -> None:
    module = inspect.getmodule(kind.yields or kind.fits)
    asks = module is not None and "view.months" in inspect.getsource(module)
    assert ("start.month" in kind.ignores) == (kind.apart or not asks)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("plan: {targets: {2018: 50, 2021: 40, 2022: 0}}", [2021]),
        ("plan: {targets: {2018: 50, 2020: 40}, finish_year: 2019}", [2020]),
        ("plan: {finish_year: 2017}", [2018]),
        ("assessment: {transition_from: {value: 2018, beyond_range: test}}", [2018]),
    ],
)
def test_nobody_is_planned_to_leave_when_exits_are_closed(place: Place, scenario, text: str, years: list[int]) -> None:
    faults = told(place, scenario, text)
    assert list(faults) == [f"plan.targets.{year}" for year in years]
    (fault,) = faults.values()
    assert str(years[0] - 1) in fault.expected and fault.line == 4 and fault.file


@pytest.mark.parametrize(
    ("measure", "value", "near"),
    [
        ("{kind: industry, product: 茶叶}", "茶叶", "tea"),
        ("{kind: industry, product: {2017: tea, 2018: pears}}", "pears", "peppe"),
        ("{kind: transfer, policy: land}", "land", "land_fertility"),
    ],
)
def test_a_word_that_no_table_knows_is_refused_where_it_stands(
    place: Place, scenario, measure: str, value: str, near: str
) -> None:
    with pytest.raises(ParamsError) as caught:
        settle(scenario(f"measures:\n  m: {measure}\n"), place)
    (found,) = caught.value.faults
    assert found.value == value and found.line == 5 and near in found.mend


@pytest.mark.parametrize(
    ("eligible", "key"),
    [
        ("", ""),
        (", eligible: {status: [poor]}", ""),
        (", eligible: {village: [梅岭, 白畈]}", "written"),
        (", eligible: {village: 梅岭}", None),
    ],
)
def test_works_are_built_and_paid_for_one_village(place: Place, scenario, eligible: str, key: str | None) -> None:
    """Mutation: all villages get their works at the price of one."""
    text = f"measures:\n  works: {{kind: guarantee, form: scheme{eligible}}}\n  wells: {{kind: guarantee, form: water}}\n"
    if key is None:
        settle(scenario(text), place)
        return
    (found,) = told(place, scenario, text).values()
    assert found.key == "measures.works.eligible.village" and found.line == 5 and "一村一项" in found.expected
    assert "village: 村名" in found.mend and bool(found.value) == (key == "written")


def test_the_income_of_the_villages_is_shared_out_once(place: Place, scenario) -> None:
    text = "measures:\n  a: {kind: collective, start: {year: 2017}%s}\n  b: {kind: collective, start: {year: 2019}}\n"
    with pytest.raises(ParamsError) as caught:
        settle(scenario(text % ""), place)
    assert [found.line for found in caught.value.faults] == [6]
    settle(scenario(text % ", until: 2018"), place)


@pytest.mark.parametrize(
    "where", ["measures: {tea: {kind: industry, firms: %s}}", "kinds: {industry: {firms: %s}}\nmeasures: {tea: {kind: industry}}"]
)
def test_more_firms_than_a_town_could_have_are_refused_where_they_stand(place: Place, scenario, where: str) -> None:
    """Mutation: a draw for each of two thousand million, and no memory left."""
    with pytest.raises(ParamsError) as caught:
        settle(scenario(where % "{value: 2000000000, beyond_range: many}"), place)
    (fault,) = caught.value.faults
    assert fault.line in (4, 5) and fault.key == "measures.tea.firms" and fault.value == "2e+09" and "10,000" in fault.expected
    settle(scenario(where % "{value: 10000, beyond_range: many}"), place)


def test_villages_parted_by_a_full_width_comma_are_no_misspelt_village(place: Place, scenario) -> None:
    with pytest.raises(ParamsError) as caught:
        settle(scenario("measures:\n  one: {kind: industry, eligible: {village: [梅岭、白畈]}}\n"), place)
    (found,) = caught.value.faults
    assert "[梅岭, 白畈]" in found.mend and "是否想写" not in found.mend


def test_the_village_that_owns_a_station_is_one_of_the_place(place: Place, scenario) -> None:
    """Mutation: it is looked for when the first year is lived, after the check has passed."""
    text = "measures:\n  sun: {kind: pv, village: %s, quota: {households: 5}}\n"
    settle(scenario(text % "梅岭"), place)
    with pytest.raises(ParamsError) as caught:
        settle(scenario(text % "梅领"), place)
    (found,) = caught.value.faults
    assert (found.key, found.value) == ("measures.sun.village", "梅领") and "梅岭" in found.mend


@pytest.mark.parametrize(("parts", "fits"), [("dibao dibao", False), ("all relief", False), ("dibao relief", True)])
def test_a_part_of_the_safety_net_has_one_measure_a_year(place: Place, scenario, parts: str, fits: bool) -> None:
    """Mutation: the later one takes the place of the other, and nobody is told."""
    first, second = parts.split()
    text = f"measures:\n  a: {{kind: safety_net, part: {first}%s}}\n  b: {{kind: safety_net, part: {second}%s}}\n"
    settle(scenario(text % (", until: 2018", ", start: {year: 2019}")), place)
    if fits:
        settle(scenario(text % ("", "")), place)
        return
    with pytest.raises(ParamsError) as caught:
        settle(scenario(text % ("", "")), place)
    (found,) = caught.value.faults
    assert found.line == 6 and second in found.expected + first and "兜底" in found.expected


BELOW = """schema: povsim/1
place: chagu
run: {opening: 2016}
plan: {targets: {2018: 50}}
measures:
  a: {kind: pv, eligible: {pv_linked: true}, quota: {households: 500}, capacity_kw: 100}
  b: {kind: pv, eligible: {pv_linked: true}, quota: {households: 500}, capacity_kw: 100}
  c: {kind: safety_net, part: dibao, until: 2018}
  d: {kind: safety_net, part: dibao, start: {year: 2019}}
  e: {kind: collective, until: 2018}
  f: {kind: collective, start: {year: 2019}}
"""


@pytest.mark.parametrize(
    ("over", "key", "inherited"),
    [
        ("plan: {finish_year: 2017}", "plan.targets.2018", 4),
        ("measures: {a: {quota: {households: 900}}}", "measures.a.quota.households", 7),
        ("measures: {c: {until: 2019}}", "measures.c", 9),
        ("measures: {e: {until: 2019}}", "measures.e", 11),
    ],
)
def test_what_clashes_with_something_inherited_stands_in_the_file_of_the_user(
    tmp_path: Path, place: Place, over: str, key: str, inherited: int
) -> None:
    """Mutation: the fault stands in the file that is extended, where nothing is wrong."""
    (tmp_path / "below.yaml").write_text(BELOW, encoding="utf-8")
    settle(load_scenario(tmp_path / "below.yaml"), place)
    (tmp_path / "mine.yaml").write_text(f"schema: povsim/1\nextends: below\n{over}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        settle(load_scenario(tmp_path / "mine.yaml"), place)
    (found,) = caught.value.faults
    assert (found.key, Path(found.file).name, found.line) == (key, "mine.yaml", 3)
    assert f"（沿用自 {tmp_path / 'below.yaml'}:{inherited}）" in found.expected
