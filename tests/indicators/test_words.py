"""Owns: sentences: every one in both languages, with interval and unit, and every numeral from the answer.
Never: whether a number is right (test_indicators)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from povsim.indicators import indicators as ind
from povsim.indicators.gather import make_answer
from povsim.indicators.tracing import untraced
from tests.indicators import town

NAMES = [
    "exits",
    "left",
    "falls",
    "cost",
    "history",
    "short",
    "pv",
    "difference_without",
    "difference_pv_late",
    "rests",
    "caution",
]


@pytest.fixture(scope="module")
def run():
    with pytest.MonkeyPatch.context() as patch:
        yield town.whole(patch)


@pytest.fixture(scope="module")
def answer(run):
    return make_answer(run, {"without": town.without(run), "pv_late": town.late(run)}, town.influence())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_is_said_and_every_numeral_is_traced(answer, lang):
    said = ind.say(answer, lang)
    assert list(said) == NAMES
    assert untraced("\n".join(said.values()), answer) == []
    assert all(sentence.rstrip().endswith("。" if lang == "zh" else ".") for sentence in said.values())
    assert not any("{" in sentence or "nan" in sentence for sentence in said.values())


def test_the_four_say_what_a_meeting_asks(answer):
    said = ind.say(answer, "zh")
    heads = {
        value.name: value for head in ind.headlines_of(answer) for value in head.values if value.year in (None, 2017, 2021, 3)
    }
    out = heads["exited"].interval
    assert f"2017 年预计脱贫 {out.median:,.0f} 人（{out.low:,.0f}–{out.high:,.0f}），计划 2,196 人" in said["exits"]
    assert "完成计划的可能性" in said["exits"] and "不靠低保" in said["exits"]
    assert "收入 13 户（12–14）、安全住房 4 户（4–4）" in said["left"] and "饮水" not in said["left"]  # nobody lacks water
    assert said["falls"].index("自身收入又跌破") < said["falls"].index("登记返贫")
    assert "每多一户收入稳在贫困线以上" in said["cost"] and "平均每年多 40 户在线上（40–40）" in said["cost"]
    assert "万元" in said["cost"] and "million yuan" in ind.say(answer, "en")["cost"]


def test_history_is_printed_as_history(answer):
    assert ind.say(answer, "zh")["history"] == "已上报（不是预测）：2016 年计划脱贫 1,604 人，实际脱贫 1,595 人。"
    assert "1,604 persons planned, 1,595 left" in ind.say(answer, "en")["history"]


def test_pv_households_and_what_a_year_costs_them(answer, run):
    said = ind.say(answer, "zh")["pv"]
    total = answer.table("pv_total").set_index("kind")["value"]
    assert total["pv_households"] == 400 and total["pv_delay"] < 0
    assert total["pv_delay_income"] == -100.0 * 1000 / 400 * len(run.years)
    assert "上报光伏扶贫 410 户" in said and "最多的一年 400 户" in said
    assert f"−{-total['pv_delay']:,.0f} 元" in said and "−1,250 元" in said
    alone = ind.say(make_answer(run), "zh")["pv"]
    assert "晚一年" not in alone


def test_a_difference_carries_its_sign(answer):
    said = ind.say(answer, "zh")
    assert "收入在贫困线以上的在册户 −40 户（−40 至 −40）" in said["difference_without"]
    assert "脱贫" not in said["difference_without"]  # nobody may leave without a measure delivered
    assert "累计脱贫 0 人次（0 至 0）" in said["difference_pv_late"]


def test_what_it_rests_on_is_of_the_last_open_year(answer):
    said = ind.say(answer, "zh")["rests"]
    assert "找工作由 0.75 倍 到 1.25 倍，2018 年不设限额的达标人数（人）变化 −40 至 +30" in said
    assert said.index("找工作") < said.index("洪水")


def test_what_is_missing_is_not_said(results):
    assert list(ind.say(make_answer(results), "zh")) == ["exits", "left", "falls", "cost", "history", "short", "pv", "caution"]


def test_what_the_intervals_hold_is_said(answer, results):
    both, alone = ind.say(answer, "zh")["caution"], ind.say(make_answer(results), "zh")["caution"]
    assert "40 次模拟、8 组参数" in both and "既含偶然性，也含参数的不确定性" in both
    left = ind.headlines_of(answer)[1].values[0].interval
    assert f"只看偶然性，2021 年末未脱贫 {left.chance_low:,.0f}–{left.chance_high:,.0f} 户" in both
    assert "只含偶然性" in alone and "只看偶然性" not in alone


def test_headlines_alone_are_said_too(results):
    heads = ind.headline(results)
    zh, en = (ind.sentences(heads, lang) for lang in ("zh", "en"))
    assert len(zh) == len(en) == 5  # four numbers, and what their intervals hold
    assert [sentence.split("：")[0] for sentence in zh[:4]] == ["脱贫", "剩余", "返贫", "支出"]


def test_a_price_of_nothing_is_no_price(run):
    same = make_answer(run, {"without": run})
    assert "没有多出收入在贫困线以上的户" in ind.say(same, "zh")["cost"]
    assert "无穷大" not in ind.say(same, "zh")["cost"] and "without bound" not in ind.say(same, "en")["cost"]


@pytest.mark.parametrize(
    ("times", "draws", "said"),
    [
        (200, 0, "98% 以上"),
        (0, 0, "2% 以下"),
        (150, 0, "75%"),
        (200, 40, "92% 以上"),
        (0, 40, "8% 以下"),
        (199, 40, "99%"),
        (1, 0, "1%"),
    ],
)
def test_chance_is_not_said_surer_than_the_runs_allow(times, draws, said):
    assert ind.show_chance(times, 200, "zh", draws) == said


def test_a_probability_of_an_answer_knows_its_runs(answer):
    met = answer.table("exit_timeline").set_index(["kind", "year"]).loc[("projected", 2017), "p_met"]
    assert ind.show_met(met, answer, "zh") == ind.show_chance(round(met * 40), 40, "zh", 8)
    assert ind.show_met(1.0, answer, "zh") == "62% 以上"


@pytest.mark.parametrize("draws", [0, 1])
def test_of_one_draw_intervals_are_chance_alone(draws, monkeypatch):
    """Mutation: 40 次模拟、1 组参数, as if one draw told of the uncertainty of parameters."""
    run = town.whole(monkeypatch, replicates=20, draws=draws)
    said = ind.say(make_answer(run), "zh")["caution"]
    assert said.startswith("括号内为 20 次模拟的 90% 区间，只含偶然性") and "只看偶然性" not in said
    assert ind.show_chance(200, 200, "zh", draws) == "98% 以上"


def test_no_more_draws_are_said_than_replicates_lived_with(monkeypatch):
    """Mutation: 20 次模拟、40 组参数."""
    run = town.whole(monkeypatch, replicates=20, draws=40)
    assert make_answer(run).about["draws"] == ind.headline(run)[0].draws == 20
    assert "20 次模拟、20 组参数" in ind.say(make_answer(run), "zh")["caution"]


def test_a_comparison_says_on_how_many_pairs_it_rests(monkeypatch):
    """Mutation: fewer pairs than the run has replicates, under the number of the run."""
    run, few = town.whole(monkeypatch), town.without(town.whole(monkeypatch, replicates=16))
    answer = make_answer(run, {"without": few})
    assert answer.about["pairs"] == {"without": 16} and ind.headline(run, few)[3].pairs == 16
    zh, en = ind.say(answer, "zh"), ind.say(answer, "en")
    assert "（按 16 对模拟）" in zh["difference_without"] and "（按 16 对模拟）" in zh["cost"]
    assert "(16 pairs of replicates)" in en["difference_without"] and "(16 pairs of replicates)" in en["cost"]


def test_too_few_replicates_are_said_to_be_too_few(make_results):
    few = make_results(replicates=3)
    said = ind.sentences(ind.headline(few), "zh")
    assert "100% 以下" not in said[0]
    assert "次数太少" in said[0]
    assert said[-1].startswith("模拟次数太少，区间仅供参考")
    assert not ind.caution(20, "zh").startswith("模拟次数太少")


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (1234.5, "persons", "1,234"), (0.1234, "share", "12.3%"), (8_930_000.0, "yuan/year", "893 万元"),
        (45_600.0, "yuan", "4.56 万元"), (2999.6, "yuan/household/year", "3,000"), (0.125, "ratio", "0.125"),
        (float("inf"), "yuan", "无穷大"), (float("nan"), "yuan", "无"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_read_them(number, unit, said):
    assert ind.show_number(number, unit, "zh") == said


@pytest.mark.parametrize(("number", "said"), [(12.0, "+12"), (-12.0, "−12"), (0.3, "0"), (-0.4, "0")])
def test_a_difference_that_rounds_to_nothing_has_no_sign(number, said):
    assert ind.show_signed(number, "households", "zh") == said


def test_a_lack_of_another_kind_is_named_by_its_id(run):
    odd = run["lacking"].assign(lack=lambda t: t["lack"].replace("house", "road"))
    said = ind.say(make_answer(replace(run, tables={**run.tables, "lacking": odd})), "zh")["left"]
    assert "road 4 (4–4)" in said


@pytest.mark.parametrize(("finish", "waits"), [(2020, True), (2021, False)])
def test_nobody_is_said_to_wait_to_leave_in_a_year_without_exits(run, finish, waits):
    closing = f"plan: {{finish_year: {finish}}}\nassessment: {{transition_from: 2021}}\n"
    said = ind.say(make_answer(replace(run, params=run.params + closing)), "zh")["left"]
    assert f"{finish} 年末" in said and "收入 " in said and ("须等待退出" in said) == waits
