"""Owns: the one table of numbers: what it gathers, what it leaves out, its way to disk and back.
Never: whether a number is right (test_indicators)."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.indicators import indicators as ind
from povsim.indicators.answer import BOUNDS, Answer
from povsim.indicators.gather import make_answer
from tests.indicators import town

ALWAYS = {
    "reported", "exit_timeline", "remaining", "return_by_years", "return_causes", "villages", "spending", "pv", "ledger",
    "headline", "pv_total", "service", "village_exits",
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    with pytest.MonkeyPatch.context() as patch:
        yield town.whole(patch)


@pytest.fixture(scope="module")
def answer(run):
    others = {"without": town.first(town.without(run), 16), "pv_late": town.first(town.late(run), 16)}
    return make_answer(run, others, town.influence(), town.fit())


def test_a_bare_run_has_the_tables_that_need_nothing_more(results):
    assert set(make_answer(results).numbers["table"]) == ALWAYS


def test_every_source_adds_its_table(answer):
    more = {"lacking", "routes", "income_sources", "difference", "influence", "fit"}
    assert set(answer.numbers["table"]) == ALWAYS | more


def test_it_comes_back_from_disk_as_it_was(answer, tmp_path):
    assert [path.name for path in answer.write(tmp_path)] == ["numbers.parquet", "answer.json"]
    back = Answer.read(tmp_path)
    pd.testing.assert_frame_equal(back.numbers, answer.numbers, check_dtype=False)
    assert back.about == answer.about == json.loads(json.dumps(answer.about))
    for name in dict.fromkeys(answer.numbers["table"]):
        pd.testing.assert_frame_equal(back.table(name), answer.table(name), check_dtype=False)
    assert repr(ind.headlines_of(back)) == repr(ind.headlines_of(answer))


def test_a_folder_without_an_answer_is_refused(tmp_path):
    with pytest.raises(ResultsError):
        Answer.read(tmp_path)


def test_a_wide_table_is_the_one_that_was_gathered(answer, run):
    table, made = answer.table("exit_timeline"), ind.exit_timeline(run)
    names = ["year", "kind", *(f"persons{end}" for end in ind.SPREAD), "p_met", "target_persons"]
    pd.testing.assert_frame_equal(table[names], made[names], check_dtype=False)
    assert answer.units("exit_timeline")["p_met"] == "share"
    assert answer.table("villages")["poor_households_chance_low"].isna().all()


def test_headlines_go_through_the_table_and_come_back(answer, run):
    with_costs = ind.headline(run, town.first(town.without(run), 16))
    assert [head.key for head in ind.headlines_of(answer)] == ["exits", "left", "falls", "cost"]
    for back, made in zip(ind.headlines_of(answer), with_costs, strict=True):
        assert (back.replicates, back.draws, back.first) == (40, 8, 2017)
        assert [(v.name, v.unit, v.year) for v in back.values] == [(v.name, v.unit, v.year) for v in made.values]
        np.testing.assert_allclose([v.interval for v in back.values], [v.interval for v in made.values])


def test_rows_of_different_things_say_their_unit(answer):
    table = answer.table("headline").set_index("kind")
    assert table.loc["left_households", "unit"] == "households" and table.loc["fell_line", "unit"] == "share"
    assert table.loc["cost_household", "unit"] == "yuan/household/year"
    assert list(answer.table("fit")["unit"]) == ["households", "persons/household"]
    assert answer.table("fit")["model_high"].tolist() == [480.0, 2.7]
    influence = answer.table("influence")
    assert list(influence["unit"].unique()) == ["persons", "households", "share", "yuan/year"]
    assert "unit" not in answer.table("remaining")
    spending = answer.numbers.query("table == 'spending' and name == 'holders'").set_index("item")["unit"]
    assert (spending["tea"], spending["posts"], spending["collective"]) == ("households", "households", "villages")


def test_both_intervals_are_kept(answer):
    numbers = answer.numbers
    left = numbers[(numbers["table"] == "remaining") & (numbers["kind"] == "projected")]
    assert left[["low", "high", *BOUNDS[2:]]].notna().all(axis=None)
    assert (left["chance_high"] - left["chance_low"] != left["high"] - left["low"]).any()
    reported = numbers[(numbers["table"] == "remaining") & (numbers["kind"] == "reported")]
    assert reported[list(BOUNDS)].isna().all(axis=None)


def test_what_is_no_number_is_told(answer):
    about = answer.about
    assert about["place"]["zh"] == "样本镇" and about["place"]["synthetic"] is True and about["as_of"] == 2016
    assert (about["opening"], about["years"], about["replicates"], about["draws"]) == (
        2016,
        [2017, 2018, 2019, 2020, 2021],
        40,
        8,
    )
    assert about["scenarios"]["without"] == {"zh": "不帮扶", "en": "without measures"}
    assert about["measures"]["tea"] == {"kind": "industry", "zh": "茶园产业", "en": "tea gardens"}
    assert about["plan"] == {"2016": 1604, "2017": 2196, "2018": 1592} and about["finish_year"] is None
    assert about["outcomes"]["out_2018"]["unit"] == "persons" and "2018" in about["outcomes"]["out_2018"]["zh"]
    assert about["parameters"]["shocks.flood"]["en"] == "floods" and about["targets"]["exits_2014"]["unit"] == "households"


def test_an_unpaired_run_beside_it_is_refused(run):
    with pytest.raises(ResultsError, match="不能配对"):
        make_answer(run, {"other": town.whole(pytest.MonkeyPatch(), draws=4)})
