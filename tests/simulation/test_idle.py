"""Owns: measures that cannot act are named, and none that can.
Never: what is refused (test_matching)."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim.core.params import load_scenario
from povsim.indicators.reach import service
from povsim.simulation.idle import idle, unserved
from povsim.simulation.matching import settle
from povsim.simulation.simulate import simulate

HEAD = "schema: povsim/1\nplace: chagu\nrun: {opening: 2016, years: 12}\nmeasures:\n"


@pytest.fixture
def said(tmp_path: Path, place):
    def told(measure: str, *overrides: str) -> list[str]:
        (tmp_path / "s.yaml").write_text(f"{HEAD}  one: {{title: 某项, {measure}}}\n", encoding="utf-8")
        return idle(settle(load_scenario(tmp_path / "s.yaml", overrides), place))

    return told


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("kind: industry, start: {year: 2029}", "自 2029 年开始，本次只模拟到 2028 年，不起作用"),
        ("kind: industry, ends: 2016", "自 2016 年起停止支持，本次从 2017 年模拟起，不起作用"),
        ("kind: industry, until: 2016", "只到 2016 年有新增受益，本次从 2017 年模拟起，没有人享受"),
        ("kind: industry, quota: {households: 0}", "各年名额都是 0"),
        ("kind: industry, quota: {households: {2016: 10, 2017: 0}}", "各年名额都是 0"),
        ("kind: industry, quota: {households: {2017: 0, 2020: 9}}, until: 2019", "各年名额都是 0"),
        ("kind: industry, budget: 0", "各年预算都是 0"),
        ("kind: insurance, eligible: {monitoring: [at_risk]}, until: 2026", "没有这样的户，没有人享受"),
        ("kind: insurance, eligible: {monitoring: [unstable, marginal]}", "2027 年起没有这样的户"),
        ("kind: industry, eligible: {listed: true}", "2021 年起没有这样的户"),
        ("kind: industry, eligible: {status: [removed]}", "没有这样的户，没有人享受。被清退的户只享受"),
        ("kind: transfer, policy: land_fertility, eligible: {status: [gone]}", "没有这样的户，没有人享受"),
        ("kind: industry, kept_until: 2016", "脱贫后只保留到 2016 年，本次从 2017 年模拟起"),
        ("kind: employment, form: public, start: {year: 2020}, cut: 0.33", "2020 年起岗位逐年裁减、空岗不再补人，没有人新增享受"),
        ("kind: employment, form: workshop, cut: {2017: 0, 2021: 0.2}", "2021 年起岗位逐年裁减"),
        ("kind: insurance, eligible: {size: '< 1'}", '要求家庭人口为 "< 1"，这不可能'),
        ("kind: insurance, eligible: {labourers: between 1.2 and 1.8}", "这不可能"),
        ("kind: insurance, eligible: {able: [0.5, -1]}", "这不可能"),
        ("kind: insurance, eligible: {land_mu: '< -1'}", "这不可能"),
        ("kind: transfer, policy: old_age, eligible: {age: '>= 600'}", '要求年龄为 ">= 600"，这不可能'),
        ("kind: insurance, eligible: {size: '<= 2', students: '>= 3'}", "不能同时成立（在校生人数"),
        ("kind: insurance, eligible: {labourers: 1, able: 1, weak: '> 0'}", "不能同时成立"),
        ("kind: insurance, eligible: {labourers: '>= 3', able: 1, weak: '< 2'}", "不能同时成立"),
        ("kind: insurance, eligible: {size: 2, able: 2, weak: 1}", "不能同时成立（有完全劳动能力人数"),
        ("kind: insurance, eligible: {listed: true, status: [general, exited]}, until: 2020", "不能同时成立（列入本年预脱贫名单"),
        ("kind: asset_share, start: {year: 2019}", "到 2017 年为止不再新增（last_year），本措施 2019 年才有新增，没有人享受"),
        ("kind: asset_share, start: {year: 2019}, last_year: 2018", "到 2018 年为止不再新增"),
        ("kind: education, until: 2017, kept_until: 2020", "2017 年以后（until）不再有人享受；kept_until 写到 2020 年不起作用"),
        (
            "kind: employment, form: public, quota: {posts: {2017: 90, 2019: 30, 2021: 20}}",
            "2019、2021 年的岗位名额少于上年：在岗的人不",
        ),
        ("kind: pv, capacity_kw: 100, connected_year: 2030", "2030 年才并网，本次只模拟到 2028 年，不起作用"),
    ],
)
def test_a_measure_that_cannot_act_is_named_with_its_line(said, measure: str, words: str) -> None:
    (line,) = said(measure)
    assert words in line and "某项（one）" in line and "s.yaml:5" in line


def test_in_a_run_of_the_registered_nobody_is_general(said) -> None:
    general = "kind: industry, eligible: {status: [general]}"
    (line,) = said(general, "run.scope=registered")
    assert "general" in line and "没有这样的户" in line
    assert said(general) == [] and said("kind: industry, eligible: {status: [general, exited]}", "run.scope=registered") == []


def test_the_one_class_is_named(said) -> None:
    (line,) = said("kind: insurance, eligible: {monitoring: [unstable]}")
    assert "2026 年起常态化帮扶" in line and "at_risk" in line


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("{posts: {2017: 1, 2018: 3}, per: village}", "base.yaml:5: 2019）"),
        ("{per: village}", "base.yaml:5: 2017, 2019）"),
        ("{posts: {2017: 1, 2018: 3}}", ""),
        ("{posts: {2017: 1, 2019: 3}, per: village}", ""),
        ("{posts: 2, per: village}", ""),
    ],
)
def test_inherited_numbers_that_count_otherwise_are_named(tmp_path: Path, place, over: str, told: str) -> None:
    """Mutation: ninety posts of the town become ninety a village, and nobody is told."""
    base = f"{HEAD}  one: {{kind: employment, form: public, quota: {{posts: {{2017: 80, 2019: 90}}}}}}\n"
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    upper = f"schema: povsim/1\nextends: base\nmeasures: {{one: {{quota: {over}}}}}\n"
    (tmp_path / "s.yaml").write_text(upper, encoding="utf-8")
    lines = idle(settle(load_scenario(tmp_path / "s.yaml"), place))
    assert len(lines) == bool(told) and all(told in line and "per: village" in line and "s.yaml:3" in line for line in lines)


def test_two_of_one_title_are_named(tmp_path: Path, place) -> None:
    one = "{kind: industry, title: {zh: 茶园, en: %s}}"
    text = f"{HEAD}  one: {one % 'tea'}\n  two: {one % 'gardens'}\n  three: {{kind: industry, title: 果园}}\n"
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    (line,) = idle(settle(load_scenario(tmp_path / "s.yaml"), place))
    assert "（two）与 one 同名" in line and "s.yaml:6" in line
    (tmp_path / "s.yaml").write_text(text.replace("zh: 茶园, en: tea", "zh: 果园, en: gardens"), encoding="utf-8")
    second, third = idle(settle(load_scenario(tmp_path / "s.yaml"), place))
    assert "（two）的英文名（title.en）与 one 相同" in second and "（three）与 one 同名" in third


@pytest.mark.parametrize(
    "measure",
    [
        "kind: insurance, eligible: {monitoring: [unstable, at_risk]}",
        "kind: insurance, eligible: {monitoring: [unstable]}, until: 2026",
        "kind: insurance, eligible: {monitoring: [none]}",
        "kind: insurance, eligible: {size: 3, able: 2, weak: '<= 1', labourers: '> 2', students: '< 4', income_head: '< 0'}",
        "kind: insurance, eligible: {listed: true, status: [general, poor]}, until: 2020",
        "kind: transfer, policy: old_age, eligible: {age: '> 99'}",
        "kind: industry, eligible: {status: [poor, returned]}, quota: {households: {2017: 0, 2018: 5}}",
        "kind: industry, until: 2017",
        "kind: employment, form: public, until: 2016, start: {year: 2016}",
        "kind: employment, form: transport, cut: 0.33",
        "kind: employment, form: public, from_proceeds: 1, cut: 0.33",
        "kind: safety_net, part: dibao",
        "kind: collective",
        "kind: industry, eligible: {status: [poor, removed]}",
        "kind: transfer, policy: land_fertility, eligible: {status: [removed]}",
        "kind: pv, capacity_kw: 100, connected_year: 2028",
        "kind: asset_share, start: {year: 2017}",
        "kind: asset_share, start: {year: 2019}, last_year: 2019",
        "kind: asset_share, start: {year: 2019}, financing: shares",
        "kind: education, until: 2020, kept_until: 2018",
        "kind: education, kept_until: 2020",
        "kind: industry, until: 2017, kept_until: 2020",
        "kind: employment, form: public, quota: {posts: {2017: 30, 2019: 90}}",
        "kind: industry, quota: {households: {2017: 30, 2019: 9}}",
        "kind: employment, form: public, quota: {posts: {2017: 30, 2019: 9}}, until: 2018",
    ],
)
def test_one_that_can_is_not(said, measure: str) -> None:
    assert said(measure) == []


def test_a_measure_that_served_nobody_is_named_after_the_run(tmp_path: Path, place, villages) -> None:
    """Mutations: one that somebody had; one that is named before the run."""
    text = f"{HEAD}  poor: {{kind: industry, title: 甲, eligible: {{status: [poor], category: [ordinary]}}}}\n"
    text += "  dear: {kind: relocation, title: 乙, budget: 1}\n  tea: {kind: industry, title: 丙}\n"
    text += "  none: {kind: industry, title: 丁, quota: {households: 0}}\n"
    (tmp_path / "s.yaml").write_text(text.replace("years: 12", "years: 2, replicates: 2, draws: 0"), encoding="utf-8")
    scenario = settle(load_scenario(tmp_path / "s.yaml"), place)
    first, second = unserved(scenario, simulate(villages(1), scenario, place))
    assert "甲（poor）在本次模拟的各年、各次重复中都没有人享受：没有户" in first and "s.yaml:5" in first
    assert "乙（dear）" in second and "名额、预算" in second and "s.yaml:6" in second


def test_posts_that_are_cut_are_refused_to_nobody(tmp_path: Path, place, villages) -> None:
    """Mutations: nobody is said to have wanted one; it is said that no household met the conditions."""
    text = f"{HEAD}  posts: {{kind: employment, title: 岗, form: public, quota: {{posts: 5}}, start: {{year: 2018}}}}\n"
    text = text.replace("years: 12", "years: 3, replicates: 2, draws: 0") + "kinds: {employment: {cut: {2017: 0, 2019: 0.33}}}\n"
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    results = simulate(villages(1), settle(load_scenario(tmp_path / "s.yaml"), place), place)
    assert results.manifest["unfilled"] == {"posts": [2019]}
    of = service(results).set_index("year")
    assert of.loc[2018, "unmet"] > 0.0 and of.loc[2019, ["wanted", "unmet"]].isna().all() and of.loc[2019, "new"] == 0.0
    late = settle(load_scenario(tmp_path / "s.yaml", ["measures.posts.start.year=2019"]), place)
    (line,) = idle(late)
    assert "2019 年起岗位逐年裁减" in line and unserved(late, simulate(villages(1), late, place)) == []


def test_the_shipped_scenarios_have_none(place) -> None:
    for name in ("chagu/baseline", "chagu/pv_late", "chagu/history"):
        assert idle(settle(load_scenario(name), place)) == []
