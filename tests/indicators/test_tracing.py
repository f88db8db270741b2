"""Owns: that a numeral which is not in the answer is found, whatever its form.
Never: which sentences there are (test_words)."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from povsim.indicators import indicators as ind
from povsim.indicators.answer import Answer, long
from povsim.indicators.gather import make_answer
from povsim.indicators.tracing import untraced
from tests.indicators import town

PLACE = {
    "farm_households": 9843,
    "farm_persons": 35947,
    "villages": 19,
    "poor_villages": 5,
    "source_zh": "2016 年工作报告（第 7 稿）",
}
ABOUT = {
    "place": PLACE, "plan": {"2017": 2196}, "years": [2017, 2018], "replicates": 200, "draws": 40, "level": 0.9, "seed": 2016,
    "run_id": "b43ba0e8a464670c", "created": "2026-11-28",
}  # fmt: skip


@pytest.fixture(scope="module")
def answer():
    households = {"item": ["left"], "year": [2018], "h": [1571.0], "h_low": [1203.0], "h_high": [1650.0]}
    rows = pd.DataFrame(
        {**households, "gap": [-35.0], "share": [0.0725], "yuan": [8_931_240.0], "head": [2999.6], "persons": [3724.0]}
    )
    units = {
        "h": "households",
        "gap": "households",
        "share": "share",
        "yuan": "yuan/year",
        "head": "yuan/person/year",
        "persons": "persons",
    }
    odd = pd.DataFrame({"item": ["p"], "year": [3], "param": [1.25]})
    return Answer(pd.concat([long("one", rows, units), long("two", odd, {"param": "ratio"})], ignore_index=True), ABOUT)


@pytest.mark.parametrize(
    "text",
    [
        "2018 年末还有 1,571 户（1,203–1,650），3,724 人", "at the end of 2018, 1,571 households (1,203 to 1,650)",
        "893 万元", "893.1 万元",
        "8.93 million yuan", "8.9 million yuan", "0.09 亿元", "8,931,240 元", "人均 3,000 元", "2,999.6 元",
        "7.2%", "7.25%", "7%", "0.0725", "90% 区间，200 次模拟，40 组参数", "1.25 倍，3 年内", "少 35 户", "−35 户", "-35 户",
        "1,203–1,650 户", "1203", "9,843 户、35,947 人、19 个行政村", "计划 2,196 人", "来源：2016 年工作报告（第 7 稿）",
        "运行 b43ba0e8，2026-11-28", "种子 2016", "光伏（v2、p95）", "没有数字",
    ],
)  # fmt: skip
def test_what_is_in_the_answer_is_traced(answer, text):
    assert untraced(text, answer) == []


@pytest.mark.parametrize(
    "text",
    [
        "1,572 户", "1,571 人", "3,724 户", "3,724 元", "892 万元", "893 元", "8.94 million yuan",
        "7.4%", "7.2 户", "72%", "2019 年",
        "2,195 人", "3,001 元", "+35 户", "(1,203–1,651)", "4 年内", "95% 区间", "40 户", "200 人", "19 户", "第 7 稿", "1.4 倍",
    ],
)  # fmt: skip
def test_what_is_not_is_found(answer, text):
    assert len(untraced(text, answer)) == 1


def test_a_range_has_the_unit_of_its_end(answer):
    rows = pd.DataFrame({"item": ["x"], "a": [0.12], "b": [0.15], "c": [4e6], "d": [5e6]})
    other = Answer(long("x", rows, {"a": "share", "b": "share", "c": "yuan", "d": "yuan"}), ABOUT)
    assert untraced("12–15%，400–500 万元，400 至 500 万元", other) == []
    assert len(untraced("11–15%", other)) == len(untraced("401–500 万元", other)) == 1


def test_a_unit_that_stands_elsewhere_is_named_by_the_caller(answer):
    assert untraced("893.1", answer, scales=[1e4]) == untraced("7.2", answer, scales=[0.01]) == []
    assert len(untraced("893.1", answer)) == len(untraced("892.9", answer, scales=[1e4])) == 1
    assert len(untraced("893 元", answer, scales=[1e4])) == 1  # where it says its unit, that counts
    assert untraced("1,571", answer, scales=[1e4]) == []


def test_the_name_of_a_village_may_hold_figures():
    rows = pd.DataFrame({"item": ["第18村"], "h": [41.0]})
    named = Answer(long("villages", rows, {"h": "households"}), ABOUT)
    assert untraced("第18村 41 户", named) == [] and len(untraced("第17村 41 户", named)) == 1


def test_less_than_needs_a_number_that_is_less():
    rows = pd.DataFrame({"item": ["x"], "share": [0.0002], "h": [0.0]})
    small = Answer(long("x", rows, {"share": "share", "h": "households"}), ABOUT)
    assert untraced("<0.1%", small) == []
    assert len(untraced("<0.01%", small)) == len(untraced("<0.1 户", small)) == 1


def test_what_stands_around_a_numeral_is_told(answer):
    (found,) = untraced("村里还有 1,572 户没有脱贫", answer)
    assert found.startswith("1,572") and "村里还有" in found and "没有脱贫" in found


def test_one_may_ask_of_some_tables_alone_and_allow_words(answer):
    assert untraced("1,571 户", answer, tables=["one"]) == []
    assert len(untraced("1,571 户", answer, tables=["two"])) == 1
    assert untraced("第 8 节", answer, allowed=["第 8 节"]) == []


def test_a_bound_of_a_probability_is_no_number_of_its_own(answer):
    assert len(untraced("92% 以上", answer)) == 1
    met = pd.DataFrame({"item": ["x"], "p_met": [1.0], "p_met_without_topup": [0.0]})
    sure = Answer(long("x", met, dict.fromkeys(("p_met", "p_met_without_topup"), "share")), ABOUT)
    assert untraced("92% 以上，8% 以下", sure) == []
    assert ind.show_chance(200, 200, "zh", 40) == "92% 以上" and ind.show_chance(0, 200, "zh", 40) == "8% 以下"
    assert len(untraced("94% 以上", sure)) == 1


def test_a_numeral_changed_in_any_sentence_is_found(monkeypatch):
    run = town.whole(monkeypatch)
    whole = make_answer(run, {"without": town.without(run), "pv_late": town.late(run)}, town.influence())
    for lang in ("zh", "en"):
        for name, sentence in ind.say(whole, lang).items():
            large = [match for match in re.finditer(r"\d,\d{3}(?![\d,])", sentence)]
            for match in large:
                last = match.end() - 1
                changed = sentence[:last] + str((int(sentence[last]) + 5) % 10) + sentence[match.end() :]
                assert untraced(changed, whole), (name, match[0])
