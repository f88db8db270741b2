"""Owns: what the answer rests on, found on a part of the town.
Never: what a parameter does (tests/engine, tests/policy)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from povsim.analysis import influence as module
from povsim.analysis.influence import COLUMNS, influence, measured, read_influence, write_influence
from povsim.analysis.points import Points
from povsim.core.errors import ParamsError
from povsim.core.params import data_root, load_scenario, shell
from povsim.indicators import indicators as ind
from povsim.indicators import money, returns
from povsim.indicators.gather import OUTCOMES, make_answer
from povsim.simulation.matching import settle
from povsim.simulation.simulate import simulate
from tests.results.fake import make_results

STRONG = "lines.dibao_standard"
WEAK = ("guarantees.spring_dries", "shocks.accident_bill", "people.comes_home_55", "kinds.pv.cost")
HELD = ("run.draws=0",) if "draws" in shell.RUN else ()  # a point is laid beside a run at the middle
OUT = ["out_2017", "out_2018", "left", "falls", "cost"]


@pytest.fixture(scope="module")
def part(villages):
    """One village of the town."""
    return villages(1)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", ("run.seed=7", *HELD))


@pytest.fixture(scope="module")
def table(part, scenario, place):
    said = []
    found = influence(part, scenario, place, [*WEAK, STRONG], replicates=3, progress=lambda *done: said.append(done))
    assert said[0] == (0, 33) and said[-1] == (33, 33)  # three replicates of the middle and of two ends of each of five
    return found


def test_a_planted_strong_parameter_comes_first(table):
    assert list(table.columns) == list(COLUMNS) and list(dict.fromkeys(table["kind"])) == OUT
    for kind in ("out_2017", "cost"):
        assert table[table["kind"] == kind]["item"].iloc[0] == STRONG, kind
    cost = table[(table["kind"] == "cost") & (table["item"] == STRONG)].iloc[0]
    assert cost["at_low"] < 0 < cost["at_high"]  # a higher standard costs more
    assert cost["at_low_low"] <= cost["at_low"] <= cost["at_low_high"]
    assert cost["param_low"] < cost["param_mid"] == 1.0 < cost["param_high"] and cost["unit"] == "ratio"


def test_what_nobody_is_touched_by_moves_nothing(table):
    built = table[table["item"] == "kinds.pv.cost"].set_index("kind")  # what a station costs is no income, nor running money
    assert (built[["at_low", "at_high"]] == 0.0).all(axis=None)


def test_two_processes_give_the_same(part, scenario, place, table):
    two = influence(part, scenario, place, [*WEAK, STRONG], replicates=3, workers=2)
    pd.testing.assert_frame_equal(two, table)


def test_a_screen_lets_the_strongest_through(part, scenario, place, monkeypatch):
    uncertain = settle(scenario, place).uncertainties()
    few = tuple(one for one in uncertain if one.path in (*WEAK, STRONG, "work.finds_able"))
    monkeypatch.setattr(type(scenario), "uncertainties", lambda self: few)
    said = []
    found = influence(part, scenario, place, replicates=2, screen=1, strongest=2, progress=lambda *done: said.append(done))
    assert set(found["item"]) == {STRONG, "work.finds_able"} and len(found) == 2 * len(OUT)
    assert said[-1] == (13 + 10, 13 + 10) and [done for done, _ in said] == sorted(done for done, _ in said)


def test_the_middle_can_be_moved(part, scenario, place):
    fitted = {"work.finds_able": (0.1, 0.2, 0.3), "of.another": (1.0, 2.0, 3.0)}
    centred = influence(part, scenario, place, ["work.finds_able"], replicates=1, ranges=fitted)
    ends = centred[["param_low", "param_mid", "param_high"]].drop_duplicates().to_numpy().tolist()
    assert ends == [[0.1, 0.2, 0.3]]
    assert centred["at_low_low"].isna().all()  # one replicate says nothing of chance


def test_an_unknown_candidate_is_refused_with_the_nearest(part, scenario, place):
    with pytest.raises(ParamsError, match=r"work\.finds_able"):
        influence(part, scenario, place, ["work.finds_abel"])


def test_ten_of_each_outcome_are_kept_each_by_its_name(scenario):
    change = np.zeros((12, 2, 1, 1))
    change[:, 1, 0, 0] = np.arange(12)
    strength = module._strength(change, np.zeros((1, 1)))
    twelve = scenario.uncertainties()[-12:]
    table = module._table(
        [(one, module._name(one, scenario), (one.low, one.mode, one.high)) for one in twelve], ["left"], change, strength
    )
    assert list(table["item"]) == [one.path for one in twelve[:1:-1]]
    names = table.set_index("item")
    assert names.loc["measures.pv_wozi.first_payment", "zh"] == "沃孜光伏电站：并网到首次发放"
    assert names.loc["measures.pv_wozi.first_payment", "en"].startswith("PV station Wozi: ")
    assert names.loc["kinds.safety_net.listing", "zh"] == "兜底保障：符合条件者当年新纳入概率", (
        "kinds have parameters of one name"
    )


def test_strength_is_against_all_together_and_against_chance():
    change = np.zeros((2, 2, 4, 3))
    change[0, 0, :, 0] = -3.0  # both move the first outcome far beyond chance
    change[1, 1, :, 0] = 4.0
    change[0, 1, :, 1] = 1.0  # the second moves less than by chance
    change[1, :, :, 2] = np.nan  # the third cannot be measured under one
    middle = np.zeros((4, 3))
    middle[:, 1] = [0.0, 20.0, 0.0, 20.0]
    np.testing.assert_allclose(module._strength(change, middle), [[0.6, 0.1, 0.0], [0.8, 0.0, 0.0]])


def test_a_replicate_is_measured_as_results_are(part, scenario, place):
    middle = settle(scenario, place).replaced({"run.scope": "registered", "run.replicates": 2})
    results = simulate(part, middle, place)
    with Points(part.registered(), middle, measured) as points:
        lived = points.live([{}], 2)[0]
    exits = results["exits"].sort_values(["replicate", "year"])["qualified_persons"].to_numpy().reshape(2, -1)
    assert lived[:, :5].tolist() == exits.tolist()
    ledger = results["ledger"].query("year == 2021 and unit == 'households'").sort_values("replicate")
    assert lived[:, 5].tolist() == ledger["closing"].tolist()
    assert lived[:, 6] == pytest.approx(returns.fallen_within(results, 3, "fell_before_net"))
    assert lived[:, 7] == pytest.approx(money.total(results, "public").mean(axis=0))


def test_a_point_is_the_scenario_drawn_there(part, scenario, place):
    middle = settle(scenario, place).replaced({"run.scope": "registered", "run.replicates": 1})
    with Points(part.registered(), middle, measured) as points:
        lived = points.live([{STRONG: 0.85}, {}], 1)[:, 0]
    drawn = simulate(part, middle.with_draw({STRONG: 0.85}), place)
    assert lived[0, 7] == pytest.approx(money.total(drawn, "public").mean())
    assert lived[0, 7] < lived[1, 7]


def test_it_goes_to_disk_and_into_the_answer(table, tmp_path):
    assert read_influence(tmp_path) is None
    (tmp_path / "tables").mkdir()
    assert write_influence(table, tmp_path).name == "influence.parquet"
    back = read_influence(tmp_path)
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    answer = make_answer(make_results(), influence=back)
    assert set(answer.about["outcomes"]) == set(OUT) and {kind.split("_")[0] for kind in OUT} == set(OUTCOMES)
    assert answer.about["parameters"][STRONG]["zh"] == "农村低保标准 (全国平均)"
    assert answer.table("influence")["at_low"].tolist() == table["at_low"].tolist()
    assert "农村低保标准" in ind.say(answer, "zh")["rests"]


def test_years_already_reported_are_no_outcome(scenario, place):
    middle = settle(scenario, place)
    assert module._outcomes(middle, 2016)[0] == OUT
    assert module._outcomes(middle, 2017)[0] == OUT[1:]
    free = dataclasses.replace(middle, plan=dataclasses.replace(middle.plan, targets={}))
    assert module._outcomes(free, 2016) == (["left", "falls", "cost"], [5, 6, 7])
