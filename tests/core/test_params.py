from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from povsim.core.errors import Fault, ParamsError
from povsim.core.params import (
    Condition,
    Scenario,
    check_params,
    data_root,
    default_values,
    describe,
    group_names,
    group_records,
    kind_names,
    kind_records,
    load_scenario,
    part_title,
    register_kind_records,
)
from povsim.core.params.record import Record, Setting
from povsim.core.params.records import settle, shipped_kinds
from povsim.core.params.scenario import Uncertainty
from povsim.core.params.schema import json_schema, schema_text
from povsim.core.params.tree import Mark, fault, flow, grow, is_year, merge, parse, read
from povsim.core.params.units import UNITS

BAD = Path(__file__).parents[1] / "bad" / "params"


def record(value: Any, unit: str = "yuan", **more: Any) -> dict[str, Any]:
    words = {"zh": more.pop("zh", "某数"), "en": "some number"}
    return {"name": words, "unit": unit, "value": value, "role": "lever", "grade": "C", "source": "estimate: a test"} | more


TESTING = {
    "share": record(0.5, "share", range=[0.1, 0.9], role="uncertainty"),
    "ramp": record([0, 0.5, 1], "share", factor=[0.5, 1.5]),
    "wages": record({"local": 100, "away": 200}, "yuan/month", factor=[0.5, 1.5]),
    "crop": record("tea", "text", one_of=["tea", "grain", "walnut"]),
    "crops": record({"grain": {"margin": 400, "labour": 8}}, "-", factor=[0.5, 1.5], open=True),
    "stations": record([], "text", open=True),
    "bands": record({2014: {"a": 0.1, "b": 0.2}, 2018: {"a": 0.3, "b": 0.4}}, "share", factor=[0.5, 1.5]),
    "steps": record({2014: 1.0, 2018: 3.0}, "ratio", factor=[0.5, 1.5], role="uncertainty"),
    "slope": record({2014: 1.0, 2018: 3.0}, "ratio", between="linear", growth=0.5, factor=[0.5, 1.5]),
    "tied": record({2014: 1.0}, "ratio", growth="rate", factor=[0.5, 1.5]),
    "rate": record(0.1, "share/year", range=[0, 0.2], role="uncertainty"),
    "take_up": record(0.9, "share", range=[0, 1]),
    "month": record(1, "month", range=[1, 60]),
    "on": record(False, "true/false"),
}
BASE = """\
schema: povsim/1
title: {zh: 基准, en: baseline}
place: nowhere
run: {opening: 2016, years: 3, replicates: 4}
plan: {targets: {2017: 10}, finish_year: 2019}
lines: {exit_line: {2018: 3600}}
measures:
  first:
    kind: testing
    eligible: {status: [poor, returned], able: ">= 1"}
    month: 5
  second: {kind: testing, eligible: {village: 梅岭村}}
"""


@pytest.fixture(scope="module", autouse=True)
def kinds() -> None:
    register_kind_records("testing", TESTING)
    register_kind_records("demanding", {"village": record(None, "text", zh="所在村")})


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("params") / "base.yaml"
    path.write_text(BASE, encoding="utf-8")
    return path


def beside(base: Path, name: str, text: str) -> Path:
    path = base.parent / f"{name}.yaml"
    path.write_text("schema: povsim/1\n" + text, encoding="utf-8")
    return path


def faults_of(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(ParamsError) as raised:
        load_scenario(path, overrides)
    return [str(fault) for fault in raised.value.faults]


# --- faults ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_has_its_one_fault_in_its_place_with_its_message(path: Path) -> None:
    place, expected, mend = re.match(r"# expect: (.*) \| (.*) \| (.*)\n", path.read_text(encoding="utf-8")).groups()  # type: ignore[union-attr]
    where, _, key = place.partition(" ")
    faults = check_params(path)
    assert [(f"{fault.line}:{fault.column}", fault.key) for fault in faults] == [(where, key)]
    assert expected in faults[0].expected
    assert mend in faults[0].mend
    assert faults[0].file.endswith(f"{path.stem}.yaml")
    assert not Path("/tmp/povsim-was-here").exists()


def test_a_key_in_full_width_is_told_its_half(base: Path) -> None:
    path = beside(base, "wide", "place：x\nrun: {opening: 2016}\n")
    assert faults_of(path)[0].endswith("请用半角写成 place: x")
    path = beside(base, "wide", "place: x\nrun: {opening: 2016}\nmeasures: {a： {kind: testing}}\n")
    assert "请用半角写成 measures: {a: {" in faults_of(path)[0]


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("measures: {a: {kind: testing, eligible: {status: [poor，returned]}}}", "写成 [poor, returned]"),
        ("measures: {a: {kind: testing, eligible: {status: poor、returned；general}}}", "写成 [poor, returned, general]"),
        ("run: {years: 3，replicates: 5}", "写成 run: {years: 3, replicates: 5}"),
        ("plan: {targets: {2017: 10，2018: 20}}", "写成 plan: {targets: {2017: 10, 2018: 20}}"),
    ],
)
def test_full_width_commas_are_named_and_no_word_is_guessed(base: Path, text: str, half: str) -> None:
    (said,) = faults_of(beside(base, "commas", f"extends: base\n{text}\n"))
    assert half in said and "全角" in said and "是否想写" not in said


def test_a_number_with_full_width_thousands_is_no_list(base: Path) -> None:
    (said,) = faults_of(beside(base, "thousands", "extends: base\nplan: {targets: {2017: '1，950，000'}}\n"))
    assert "[1" not in said and "千分位" in said


def test_a_sentence_is_no_list() -> None:
    for text, prose in (("茶，果", True), ("一个并没有分成几项的句子，因为它比任何一个名称都要长得多、多得多", False)):
        assert fault(grow(text), "x", "expected", "mend", prose=prose).mend == "mend"
    assert "[茶, 果]" in fault(grow("茶，果"), "x", "expected", "mend").mend


def test_who_extends_another_and_states_no_title_is_not_taken_for_it(base: Path) -> None:
    path = beside(base, "mine", "extends: base\n")
    title = load_scenario(path).title
    assert title.zh == "基准（派生：mine）" and title.en == "baseline (derived: mine)"
    assert load_scenario(beside(base, "hers", "extends: mine\ntitle: 她的\n")).title.zh == "她的"
    assert load_scenario(path).fingerprint() == load_scenario(base).fingerprint()


def test_all_faults_come_at_once_and_in_the_order_of_the_file(base: Path) -> None:
    text = "place: x\nrun: {opening: 2016, sed: 3}\nlines: {exit_lin: 3}\neconomy: {wage_growth: 9}\n"
    faults = check_params(beside(base, "many", text + "measures: {a: {kind: testing, order: x}}\n"))
    assert [(fault.line, fault.key) for fault in faults] == [
        (3, "run.sed"),
        (4, "lines.exit_lin"),
        (5, "economy.wage_growth"),
        (6, "measures.a.order"),
    ]


@pytest.mark.parametrize("kind", ["kind: testin, ", ""])
def test_a_wrong_kind_hides_nothing_that_every_measure_has(base: Path, kind: str) -> None:
    """Mutation: a measure without a known kind is looked at no further. Of its parameters nothing can be said."""
    text = f"""measures:
  a:
    {{{kind}months: 5, order: x, quota: {{households: 1.5, per: town}}, budget: -1, until: soon, take_up: 2,
     start: {{year: 2017, mnoth: 2}}, title: '', eligible: {{stats: [poor], size: between 3 and 1}}}}
"""
    faults = check_params(beside(base, "kindless", f"place: x\nrun: {{opening: 2016}}\n{text}"))
    said = "kind order quota.households quota.per budget until take_up start.mnoth title eligible.stats eligible.size"
    assert sorted(fault.key for fault in faults) == sorted(f"measures.a.{name}" for name in said.split())


@pytest.mark.parametrize("below", ["no_such_file", "mine", "broken"])
def test_what_a_file_states_is_looked_at_though_what_it_extends_cannot_be_read(tmp_path: Path, below: str) -> None:
    """Mutations: nothing but `extends` is told; what may stand in the other file is missed."""
    (tmp_path / "broken.yaml").write_text("schema: [", encoding="utf-8")
    text = "run: {years: 2, sed: 3, replicates: {most: 90}}\nlines: {exit_lin: 3}\nstress: {pandemic: 2018}\n"
    text += "measures:\n  a: {quota: {per: village}, month: 5, title: {zh: 甲}, order: x}\n  b: {kind: testin}\n"
    (tmp_path / "mine.yaml").write_text(f"extends: {below}\n{text}", encoding="utf-8")
    told = [(Path(found.file).stem, found.key) for found in check_params(tmp_path / "mine.yaml")]
    own = [("mine", key) for key in ("run.sed", "lines.exit_lin", "measures.a.order", "measures.b.kind")]
    assert told == sorted([("broken", "") if below == "broken" else ("mine", "extends")]) + own


def test_a_quota_of_two_units_hides_nothing_of_either(base: Path) -> None:
    faults = check_params(beside(base, "quota", "extends: base\nmeasures: {first: {quota: {posts: 1.5, kw: -1, per: town}}}\n"))
    assert sorted(fault.key for fault in faults) == [
        f"measures.first.quota{name}" for name in ("", ".kw", ".per", ".posts")
    ]  # fmt: skip


FRAME = "schema: povsim/1\nplace: nowhere\nrun: {opening: 2016}\nmeasures:\n  a: {kind: testing, %s}\n"


@pytest.mark.parametrize(
    ("below", "above", "key", "said"),
    [
        ("start: {year: 2018}", "until: 2017", "until", "早于开始年份 2018（沿用自 {below}:5）"),
        ("until: 2019", "start: {year: 2020}", "start.year", "晚于新增受益的最后年份 2019（沿用自 {below}:5）"),
        ("start: {year: 2018}", "kept_until: 2017", "kept_until", "早于开始年份 2018（沿用自 {below}:5）"),
        ("kept_until: 2019", "start: {year: 2020}", "start.year", "晚于脱贫后保留到的年份 2019（沿用自 {below}:5）"),
        ("start: {year: 2018}", "ends: 2018", "ends", "不晚于开始年份 2018（沿用自 {below}:5）"),
        ("ends: 2020", "start: {year: 2020}", "start.year", "不早于停止支持的年份 2020（沿用自 {below}:5）"),
    ],
)
def test_a_year_that_clashes_with_an_inherited_one_is_told_where_it_was_stated(
    tmp_path: Path, below: str, above: str, key: str, said: str
) -> None:
    """Mutation: the fault stands in the file that is extended, where nothing is wrong."""
    for name, text in (
        ("below", FRAME % below),
        ("mine", f"schema: povsim/1\nextends: below\nmeasures:\n  a:\n    {above}\n"),
        ("over", "schema: povsim/1\nextends: mine\nmeasures: {a: {title: 甲}}\n"),
    ):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name in ("mine", "over"):
        (found,) = check_params(tmp_path / f"{name}.yaml")
        assert (found.file, found.line, found.key) == (str(tmp_path / "mine.yaml"), 5, f"measures.a.{key}")
        assert said.format(below=tmp_path / "below.yaml") in found.expected
    name, _, value = above.partition(": ")
    path = f"measures.a.{key}={value.strip('{}').removeprefix('year: ')}"
    (found,) = check_params(tmp_path / "below.yaml", [path])
    assert found.file == "-p" and str(tmp_path / "below.yaml:5") in found.expected


def test_other_settings_that_do_not_go_together_stand_where_they_were_set_last(tmp_path: Path) -> None:
    text = "schema: povsim/1\nplace: nowhere\nstress: {pandemic: 2020}\n"
    text += "run: {opening: 2016, years: 4, draws: 10, replicates: {until: exits_households, year: 2020, within: 9, most: 30}}\n"
    (tmp_path / "below.yaml").write_text(text, encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text("schema: povsim/1\nextends: below\nrun:\n  years: 3\n  draws: 20\n", encoding="utf-8")
    found = {fault.key: fault for fault in check_params(mine)}
    assert {key: (fault.file, fault.line) for key, fault in found.items()} == {
        "run.replicates.year": (str(mine), 4), "run.replicates.most": (str(mine), 5), "stress.pandemic": (str(mine), 4),
    }  # fmt: skip
    below = tmp_path / "below.yaml"
    assert f"（沿用自 {below}:4）" in found["run.replicates.year"].expected and found["run.replicates.year"].value == "2020"
    assert f"（沿用自 {below}:4）" in found["run.replicates.most"].expected and found["run.replicates.most"].value == "30"
    assert f"（沿用自 {below}:3）" in found["stress.pandemic"].expected and found["stress.pandemic"].value == "2020"


def test_faults_speak_english_when_asked(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = beside(base, "twice", "place: x\nplace: y\nrun: {opening: 2016}\nlines: {exit_lin: 3}\n")
    assert "没有这个参数" in faults_of(path)[1]
    monkeypatch.setenv("POVSIM_LANG", "en")
    assert "set twice on one layer (first on line 2); keep one of them" in faults_of(path)[0]
    assert "no such parameter; did you mean exit_line?" in faults_of(path)[1]


def test_a_file_that_is_not_utf8_is_one_clear_fault(base: Path) -> None:
    path = base.parent / "gbk.yaml"
    path.write_bytes("schema: povsim/1\ntitle: 茶谷\n".encode("gbk"))
    (fault,) = check_params(path)
    assert (fault.line, fault.value) == (2, "") and "UTF-8" in fault.expected and "GBK" in fault.mend


def test_a_scenario_that_is_not_there_names_the_file(base: Path) -> None:
    assert check_params(base.parent / "nothing.yaml")[0].file.endswith("nothing.yaml")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("lines.exit_lin=3", "lines.exit_line"),
        ("exit_lin=3", "lines.exit_line"),
        ("measures.frist.month=3", "first"),
        ("measures.first.mnoth=3", "measures.first.month"),
        ("kinds.testing.shar=0.3", "kinds.testing.share"),
        ("run.replicate=3", "run.replicates"),
        ("run.seed=x", "整数"),
        ("run.seed", "键=值"),
        ("run.seed=", "键=值"),
        ("run.seed=[", "YAML"),
    ],
)
def test_a_wrong_override_is_told_the_right_path(base: Path, override: str, said: str) -> None:
    faults = faults_of(base, override)
    assert len(faults) == 1
    assert faults[0].startswith("-p")
    assert said in faults[0]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"unit": "yuans"}, "x.unit"),
        ({"role": "knob"}, "x.role"),
        ({"grade": "D"}, "x.grade"),
        ({"grade": "A"}, "x.source"),
        ({"source": " "}, "x.source"),
        ({"name": {"zh": "名"}}, "x.name"),
        ({"range": [5, 1]}, "x.range"),
        ({"range": [11, 12]}, "x.value"),
        ({"range": None}, "x"),
        ({"growth": "speed"}, "x.growth"),
        ({"colour": 1}, "x.colour"),
    ],
)
def test_a_record_that_lacks_something_is_refused(change: dict[str, Any], key: str) -> None:
    bad = {name: item for name, item in (record(10, range=[0, 20]) | change).items() if item is not None}
    with pytest.raises(ParamsError) as raised:
        register_kind_records("wrong", {"x": bad})
    assert key in [fault.key for fault in raised.value.faults]
    assert "wrong" not in kind_names()


# --- layers and sources ----------------------------------------------------------------------------------


def test_a_value_is_that_of_the_uppermost_layer_and_knows_it(base: Path) -> None:
    middle = beside(base, "middle", "extends: base\neconomy: {wage_growth: 0.02, price_growth: 0.03}\n")
    top = beside(base, "top", "extends: middle.yaml\neconomy: {price_growth: 0.01}\nmeasures: {second: null}\n")
    scenario = load_scenario(top, ["economy.cost_growth=0.04"])
    economy = scenario.values("economy", 2020)
    assert (economy.wage_growth, economy.price_growth, economy.cost_growth, economy.farm_margin_growth) == (
        0.02,
        0.01,
        0.04,
        0.03,
    )
    assert scenario.source("economy.wage_growth") == f"{middle}:3"
    assert scenario.source("economy.price_growth") == f"{top}:3"
    assert scenario.source("economy.cost_growth") == "command line"
    assert scenario.source("economy.farm_margin_growth") == "default"
    assert [measure.id for measure in scenario.measures] == ["first"]
    with pytest.raises(KeyError):
        scenario.source("economy.wage_grwoth")


def test_a_place_lies_between_defaults_and_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "params" / "hill"
    folder.mkdir(parents=True)
    for group in ("lines", "economy"):
        (tmp_path / "params" / f"{group}.yaml").write_bytes((data_root() / "params" / f"{group}.yaml").read_bytes())
    (folder / "place.yaml").write_text("lines: {dibao_standard: {2017: 3600, 2018: 3900}}\n", encoding="utf-8")
    (folder / "plain.yaml").write_text(
        "schema: povsim/1\nplace: hill\nrun: {opening: 2016}\nlines: {dibao_standard: {2018: 4000}}\n", encoding="utf-8"
    )
    monkeypatch.setenv("POVSIM_DATA", str(tmp_path))
    assert default_values("lines", 2018).dibao_standard == 4833
    assert default_values("lines", 2018, "hill").dibao_standard == 3900
    scenario = load_scenario("hill/plain")
    assert [scenario.values("lines", year).dibao_standard for year in (2016, 2017, 2018)] == [3744, 3600, 4000]
    assert scenario.source("lines.dibao_standard.2016") == "default"
    assert scenario.source("lines.dibao_standard.2017") == "place"
    assert scenario.source("lines.dibao_standard.2018") == "params/hill/plain.yaml:4"
    (folder / "place.yaml").write_text("run: {seed: 1}\n", encoding="utf-8")
    assert [fault.key for fault in check_params(folder / "place.yaml")] == ["run"]


def test_a_number_with_commas_in_braces_is_no_year(base: Path) -> None:
    """``{2017: 1,950,000}`` is a year and two more keys. Mutation: keys without a value pass."""
    said = beside(base, "commas", "place: chagu\nmeasures:\n  tea: {kind: industry, budget: {2017: 1,950,000}}\n")
    with pytest.raises(ParamsError) as caught:
        load_scenario(said)
    (comma,) = [found for found in caught.value.faults if "逗号" in found.mend]
    assert (comma.key, comma.value, comma.line) == ("measures.tea.budget.2017", "1,950,000", 4)


@pytest.mark.parametrize("text", ["quota: {households: 1,000}", "quota: {households: 5, foo: }"])
def test_a_key_without_a_value_is_no_quota(base: Path, text: str) -> None:
    """Mutation: what has no value is left out before it is looked at, and a quota of a thousand is one of one."""
    (said,) = faults_of(beside(base, "cut", f"extends: base\nmeasures: {{first: {{{text}}}}}\n"))
    assert ("1,000" in said and "千分位" in said) if "000" in text else "foo" in said


def test_dated_values_merge_by_year_and_null_takes_one_out(base: Path) -> None:
    path = beside(base, "dated", "extends: base\nlines: {exit_line: {2019: null, 2020: 4100}, dibao_standard: 5000}\n")
    lines = [load_scenario(path).values("lines", year) for year in (2017, 2018, 2019, 2020)]
    assert [one.exit_line for one in lines] == [3300, 3600, 3600, 4100]
    assert {one.dibao_standard for one in lines} == {5000}


@pytest.mark.parametrize(
    ("said", "expected"),  # of tables, wages and bands, and of steps: in 2016, 2017, 2018, 2020
    [
        ("wages: {2017: {local: 60}}", [(100, 200), (60, 200), (60, 200), (60, 200)]),
        ("wages: {2017: {local: 60}, 2018: {away: 150}}", [(100, 200), (60, 200), (100, 150), (100, 150)]),
        ("wages: {local: null, away: 150}", [(100, 150)] * 4),
        ("wages: {local: {2018: 60}}", [(100, 200), (100, 200), (60, 200), (60, 200)]),
        ("bands: {a: 0.5}", [(0.5, 0.2), (0.5, 0.2), (0.5, 0.4), (0.5, 0.4)]),
        ("bands: {2017: {a: 0.5}}", [(0.1, 0.2), (0.5, 0.2), (0.5, 0.4), (0.5, 0.4)]),
        ("bands: {2017: {a: 0.5, b: 0.6}}", [(0.1, 0.2), (0.5, 0.6), (0.5, 0.6), (0.5, 0.6)]),
        ("bands: {2020: {b: 0.6}}", [(0.1, 0.2), (0.1, 0.2), (0.3, 0.4), (0.3, 0.6)]),
        ("steps: {2017: 2}", [1, 2, 2, 2]),
        ("steps: {2014: 2}", [2, 2, 2, 2]),
        ("steps: {2018: null}", [1, 1, 1, 1]),
        ("month: {2018: 7}", [1, 1, 7, 7]),
    ],
)
def test_what_is_not_said_stays_as_by_default_and_the_last_year_said_goes_on(base: Path, said: str, expected: list[Any]) -> None:
    """Mutations: a table by year lacks the names that are not said; years of the default come after those that are."""
    path = beside(base, "said", f"extends: base\nmeasures: {{second: {{{said}}}}}\n")
    scenario, name = load_scenario(path), said.partition(":")[0]
    found = [scenario.measure("second").values(year)[name] for year in (2016, 2017, 2018, 2020)]
    assert [tuple(one.values()) if isinstance(one, dict) else one for one in found] == expected
    again = beside(base, "again", scenario.to_yaml().partition("\n")[2])
    assert load_scenario(again).fingerprint() == scenario.fingerprint()


def test_a_name_that_is_added_in_one_year_is_there_in_all(base: Path) -> None:
    path = beside(base, "added", "extends: base\nmeasures: {second: {crops: {2018: {tea: {margin: 300, labour: 5}}}}}\n")
    for year in (2016, 2018, 2020):
        assert load_scenario(path).measure("second").values(year).crops == {
            "grain": {"margin": 400, "labour": 8}, "tea": {"margin": 300, "labour": 5},
        }  # fmt: skip


def test_years_of_a_kind_give_way_to_those_of_its_measure(base: Path) -> None:
    text = "extends: base\nkinds: {testing: {steps: {2016: 5, 2018: 6}, wages: {away: 150}}}\n"
    path = beside(base, "both", text + "measures: {second: {steps: {2017: 2}, wages: {2018: {local: 60}}}}\n")
    first, second = load_scenario(path).measures
    assert [first.values(year).steps for year in (2016, 2017, 2018)] == [5, 5, 6]
    assert [second.values(year).steps for year in (2015, 2016, 2017, 2018)] == [1, 5, 2, 2]
    assert [second.values(year).wages for year in (2017, 2018)] == [{"local": 100, "away": 150}, {"local": 60, "away": 150}]


def test_no_shipped_table_loses_a_name_by_year() -> None:
    for part, records in _shipped():
        for name, one in records.items():
            default, faults = Setting(one, one.default), list[Fault]()
            whole = default.at(2018)
            if isinstance(whole, dict):
                key = next(iter(whole))
                found = settle(one, grow({2017: {key: whole[key]}}), name, faults)
                assert not faults, f"{part}.{name}"
                assert all(
                    found.at(year) == default.at(year) | ({key: whole[key]} if year >= 2017 else {}) for year in range(2016, 2026)
                )


def test_a_kinds_value_holds_for_its_measures_unless_they_set_their_own(base: Path) -> None:
    scenario = load_scenario(base, ["kinds.testing.month=9", "kinds.testing.take_up=0.4"])
    first, second = scenario.measures
    assert (first.values(2017).month, second.values(2017).month) == (5, 9)
    assert first.take_up == 0.4
    assert scenario.source("measures.second.month") == "command line"
    assert "take_up" not in first.values(2017)


def test_a_number_beyond_its_range_needs_a_reason_and_keeps_it(base: Path) -> None:
    assert len(faults_of(base, "economy.wage_growth=0.07")) == 1
    scenario = load_scenario(base, ["economy.wage_growth={value: 0.07, beyond_range: 沿海}"])
    assert scenario.values("economy", 2020).wage_growth == 0.07
    assert "{value: 0.07, beyond_range: 沿海}" in scenario.to_yaml()


def test_an_entry_ten_times_its_default_needs_a_reason_around_the_whole(base: Path) -> None:
    """Shares have no range but 0 to 1, and around nothing there is none. Mutation: a range of another entry's default."""
    for said in ("wages={value: {local: 400}, beyond_range: 沿海}", "wages={local: 10, away: 2000}", "bands={a: 0.9}"):
        load_scenario(base, [f"measures.second.{said}"])
    load_scenario("chagu/baseline", ["kinds.employment.months={public: 12}"])
    assert len(faults_of(base, "measures.second.wages={local: 9, away: 2001}")) == 2
    assert len(faults_of(base, "measures.second.wages={value: {local: -1}, beyond_range: 沿海}")) == 1


# --- values ----------------------------------------------------------------------------------------------


def test_dated_values_step_slope_and_grow(base: Path) -> None:
    measure = load_scenario(base, ["kinds.testing.rate=0.2"]).measure("first")
    years = (2010, 2014, 2016, 2018, 2020)
    assert [measure.values(year).steps for year in years] == [1, 1, 1, 3, 3]
    assert [measure.values(year).slope for year in years] == [1, 1, 2, 3, 3 * 1.5**2]
    assert measure.values(2016).tied == pytest.approx(1.2**2, rel=1e-15)


def test_values_come_as_the_engine_takes_them(base: Path) -> None:
    values = load_scenario(base, ["measures.first.crops.tea={margin: 1800, labour: 35}"]).measure("first").values(2017)
    assert isinstance(values.month, float)
    assert values.ramp.dtype == "float64" and not values.ramp.flags.writeable
    assert values.wages == {"local": 100.0, "away": 200.0}
    assert values.crops["tea"] == {"margin": 1800.0, "labour": 35.0} and "grain" in values.crops
    assert (values.crop, values.on, values.stations) == ("tea", False, ())
    with pytest.raises(AttributeError, match="nearest: month"):
        _ = values.monht
    with pytest.raises(AttributeError):
        values.month = 3


def test_conditions_are_data(base: Path) -> None:
    path = beside(
        base,
        "conditions",
        "extends: base\nmeasures: {first: {eligible: {able: null, income_to_line: '< 0.9', size: between 1 and 3, sex: female, "
        "house_safe: false, land_mu: 2}}}\n",
    )
    conditions = load_scenario(path).measure("first").eligible
    assert {one.field: (one.op, one.values, one.of) for one in conditions} == {
        "status": ("in", (1.0, 3.0), "household"),
        "income_to_line": ("<", (0.9,), "household"),
        "size": ("between", (1.0, 3.0), "household"),
        "sex": ("in", (1.0,), "person"),
        "house_safe": ("in", (0.0,), "household"),
        "land_mu": ("in", (2.0,), "household"),
    }
    assert Condition("village", "in", ("梅岭村",), "梅岭村") in load_scenario(path).measure("second").eligible


def test_the_frame_of_a_measure(base: Path) -> None:
    path = beside(
        base,
        "frame",
        "extends: base\nmeasures: {first: {title: 光伏, order: list, quota: {kw: {2017: 60, 2019: 30}, per: village}, "
        "budget: 1.5e+5, start: {year: 2018, month: 5}, until: 2020, kept_until: 2025}}\n",
    )
    one, other = load_scenario(path).measures
    assert (str(one.title), one.order, one.until, one.kept_until) == ("光伏", "list", 2020, 2025)
    assert (one.start_year, one.start_month, other.start_year, other.start_month) == (2018, 5, 2017, 1)
    assert one.quota is not None and one.budget is not None and other.quota is None and other.budget is None
    assert (one.quota.unit, one.quota.per, one.quota.at(2018), one.quota.at(2020)) == ("kw", "village", 60, 30)
    assert one.budget.at(2019) == 150000


def test_the_run_and_the_plan(base: Path) -> None:
    scenario = load_scenario(base, ["plan.targets.2018=7", "run.years=2", "run.seed=18446744073709551615"])
    assert (scenario.run.opening, scenario.run.years, scenario.run.replicates) == (2016, (2017, 2018), 4)
    assert scenario.run.seed == 2**64 - 1
    assert (scenario.plan.targets, scenario.plan.finish_year) == ({2017: 10, 2018: 7}, 2019)


# --- properties ------------------------------------------------------------------------------------------

_NUMBERS = [
    ("economy.wage_growth", 0.01, 0.05),
    ("economy.pandemic_months_away", 0.0, 2.0),
    ("lines.pension_minimum", 0.0, 1e6),
    ("kinds.testing.share", 0.1, 0.9),
    ("measures.first.take_up", 0.0, 1.0),
    ("measures.second.steps", 0.0, 1e9),
    ("measures.second.wages.local", 10.0, 1000.0),
]


def _value(scenario: Scenario, path: str, year: int) -> float:
    head, *rest = path.split(".")
    if rest[-1] == "take_up":
        return scenario.measure(rest[0]).take_up
    if head == "kinds":
        return float(scenario.measures[0].values(year)[rest[1]])
    values: Any = scenario.measure(rest.pop(0)).values(year) if head == "measures" else scenario.values(head, year)
    for part in rest:
        values = values[part]
    return float(values)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_was_set_is_what_is_read(base: Path, data: st.DataObject) -> None:
    path, low, high = data.draw(st.sampled_from(_NUMBERS))
    value = data.draw(st.floats(low, high, allow_subnormal=False))
    year = data.draw(st.integers(2010, 2030))
    scenario = load_scenario(base, [f"{path}={value!r}"])
    assert _value(scenario, path, year) == value
    assert scenario.source(path) == "command line"


@settings(max_examples=25, deadline=None)
@given(
    changes=st.lists(
        st.one_of(
            *(st.floats(low, high).map(lambda x, p=path: (p, x)) for path, low, high in _NUMBERS),
            st.sampled_from([("lines.exit_line.2019", None), ("measures.first.eligible.able", None), ("measures.second", None)]),
            st.integers(0, 2**64 - 1).map(lambda x: ("run.seed", x)),
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(lambda x: ("title", x)),
            st.dictionaries(st.integers(2012, 2024), st.floats(0, 1e6), min_size=1).map(
                lambda x: ("measures.first.quota", {"kw": x})
            ),
        ),
        max_size=6,
        unique_by=lambda change: change[0],
    )
)
def test_a_resolved_file_loads_to_an_equal_scenario(base: Path, changes: list[tuple[str, Any]]) -> None:
    gone = any(path == "measures.second" and value is None for path, value in changes)
    scenario = load_scenario(
        base, [f"{path}={flow(value)}" for path, value in changes if not (gone and path.startswith("measures.second."))]
    )
    again = base.parent / "again.yaml"
    again.write_text(scenario.to_yaml(), encoding="utf-8")
    loaded = load_scenario(again)
    assert loaded == scenario
    assert loaded.fingerprint() == scenario.fingerprint()
    assert pickle.loads(pickle.dumps(scenario)) == scenario


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(_TEXT | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(value=_PLAIN)
def test_a_value_written_is_the_value_read(value: Any) -> None:
    node, faults = parse(f"x: {flow(value)}", Mark())
    assert not faults
    assert node.plain == {"x": value}
    assert repr(node.plain) == repr({"x": value})


def test_one_tree_over_another() -> None:
    def laid(a: Any, b: Any) -> Any:
        return merge(grow(a), grow(b)).plain

    assert laid({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {"a": {"b": 9, "c": 2}, "d": 3}
    assert laid({"a": {2014: 1}}, {"a": {2015: 2}}) == {"a": {2014: 1, 2015: 2}}
    assert laid({"a": {2014: 1}}, {"a": {"b": 2}}) == {"a": {"b": 2}}
    assert laid({"a": [1, 2]}, {"a": [3]}) == {"a": (3,)}


# --- uncertainty -----------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    corners=st.tuples(*[st.floats(-1e6, 1e6)] * 3).map(sorted),
    u=st.floats(0.001, 0.999),
    kind=st.sampled_from(["triangular", "uniform"]),
)
def test_a_quantile_inverts_its_distribution(corners: list[float], u: float, kind: str) -> None:
    low, mode, high = corners
    about = Record(group_records("economy")[0]["wage_growth"].name, "-", grow(mode), "uncertainty", distribution=kind)
    x = Uncertainty("x", about, low, mode, high, factor=False).at(u)
    assert low - 1e-6 <= x <= high + 1e-6
    if high - low > 1.0:
        below = max(0.0, x - low) ** 2 / ((high - low) * (mode - low)) if x <= mode and mode > low else None
        above = 1 - max(0.0, high - x) ** 2 / ((high - low) * (high - mode)) if x > mode and high > mode else None
        chance = (x - low) / (high - low) if kind == "uniform" else below if below is not None else above
        if chance is not None:
            assert chance == pytest.approx(u, abs=1e-5)


def test_uncertain_parameters_are_drawn_within_their_ranges(base: Path) -> None:
    scenario = load_scenario(base)
    found = {one.path: one for one in scenario.uncertainties()}
    assert (found["kinds.testing.share"].low, found["kinds.testing.share"].high) == (0.1, 0.9)
    assert "kinds.testing.month" not in found  # a lever
    drawn = scenario.drawn({"kinds.testing.share": 0.999999, "kinds.testing.steps": 0.000001})
    first = drawn.measures[0]
    assert first.values(2017).share == pytest.approx(0.9, abs=1e-3)
    assert [first.values(year).steps for year in (2014, 2018)] == pytest.approx([0.5, 1.5], abs=5e-3)
    assert drawn.source("kinds.testing.share") == "draw"
    assert drawn.run == scenario.run and drawn != scenario


# --- what is shipped -------------------------------------------------------------------------------------


def _shipped() -> list[tuple[str, dict[str, Record]]]:
    found = [(group, *group_records(group)) for group in group_names()]
    found += [(kind, *kind_records(kind)) for kind in shipped_kinds()]
    assert [str(fault) for _, _, faults in found for fault in faults] == []
    return [(name, records) for name, records, _ in found]


def test_every_shipped_record_is_complete() -> None:
    for group, records in _shipped():
        assert records, group
        for name, one in records.items():
            at = f"{group}.{name}"
            assert one.unit in UNITS and one.name.zh and one.name.en and one.source, at
            assert re.search("[一-鿿]", one.name.zh), at
            if one.grade == "C" and "http" not in one.source:
                assert len(one.source) > 20, f"{at}: an estimate says why"
            assert not re.search(r"facts\.md|model\.md|priors\.md|/work|shared/", one.source + one.remark), at


def test_numbers_of_the_lines_as_published() -> None:
    lines = {name: Setting(one, one.default, value=one.default.plain) for name, one in group_records("lines")[0].items()}
    assert [lines["poverty_line"].at(year) for year in (2013, 2016, 2020)] == [2736, 2952, 4000]
    assert [lines["exit_line"].at(year) for year in (2014, 2017, 2020)] == [2800, 3300, 4000]
    assert [lines["pension_minimum"].at(year) for year in (2017, 2018, 2024)] == [70, 88, 123]
    wages = group_records("economy")[0]["mean_wage"]
    assert [Setting(wages, wages.default).at(year) for year in (2016, 2020, 2024)] == [3275, 4072, 4961]


def test_the_schema_is_in_step_with_the_records() -> None:
    assert (data_root() / "params" / "schema.json").read_text(encoding="utf-8") == schema_text(), (
        "run: python -m povsim.core.params"
    )


def test_the_schema_accepts_what_loads_and_refuses_the_misspelt(base: Path) -> None:
    schema = json_schema(kind_names())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)

    def judge(path: Path) -> list[str]:
        node, faults = read(path, path.name, "scenario")
        assert not faults
        return [error.message for error in validator.iter_errors(json.loads(json.dumps(node.plain)))]

    full = base.parent / "full.yaml"
    full.write_text(load_scenario(base).to_yaml(), encoding="utf-8")
    assert judge(base) == judge(full) == []
    for path in sorted((data_root() / "params").glob("*/*.yaml")):
        if path.parent.name not in ("kinds", "stress") and path.stem != "place":
            assert judge(path) == [], path
            assert check_params(path) == [], path
    caught = [path.stem for path in sorted(BAD.glob("*.yaml")) if not read(path, path.name, "scenario")[1] and judge(path)]
    assert {
        "unknown_group",
        "unknown_parameter",
        "out_of_range",
        "unknown_kind",
        "unknown_code",
        "unknown_parameter_of_measure",
        "title_empty",
        "measure_named_as_the_rest",
        "measure_without_kind",
        "missing_opening",
        "no_place",
    } <= set(caught)


def test_the_schema_knows_which_keys_are_years() -> None:
    pattern = next(iter(json_schema(kind_names())["properties"]["plan"]["properties"]["targets"]["patternProperties"]))
    assert {year for year in range(1000, 10_000) if re.search(pattern, str(year))} == set(filter(is_year, range(1000, 10_000)))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("title: ' '", False),
        ("title: {zh: 甲, en: ''}", False),
        ("title: null", True),
        ("place: ''", False),
        ("compare: ['']", False),
        ("measures: {first: {title: ' '}}", False),
        ("measures: {first: {start: null, title: null}}", True),
        ("measures: {茶园_2: {kind: testing}}", True),
        ("measures: {tea-garden: {kind: testing}}", False),
        ("measures: {2nd: {kind: testing}}", False),
        ("measures: {all: {kind: testing}}", False),
        ("economy: {wage_growth: {value: 0.07, beyond_range: ' '}}", False),
        ("economy: {wage_growth: {value: 0.07, beyond_range: 沿海}}", True),
        ("plan: {targets: {1948: 5}}", False),
        ("plan: {targets: {2200: 5}}", True),
        ("measures: {first: {eligible: {income_head: '>= 1e3', size: between 1 and 2.0, land_mu: '< .5'}}}", False),
        ("measures: {first: {eligible: {income_head: '>= 1e3', size: between 1 and 2.0}}}", True),
        ("measures: {first: {start: {year: 2017, month: 13}}}", False),
        ("measures: {first: {start: {year: 2017, month: 12}}}", True),
    ],
)
def test_the_schema_takes_what_loads_and_nothing_else(base: Path, text: str, good: bool) -> None:
    """Mutations: what is empty counts as said; years and numbers that only one of both reads."""
    path = beside(base, "either", f"extends: base\n{text}\n")
    node, _ = read(path, path.name, "scenario")
    told = list(jsonschema.Draft7Validator(json_schema(kind_names())).iter_errors(json.loads(json.dumps(node.plain))))
    assert (not told, not check_params(path)) == (good, good)


def test_a_good_file_in_a_few_lines(base: Path) -> None:
    said = describe(base, "en")
    assert "baseline (nowhere)" in said and "2 measures" in said and "lines.exit_line" in said
    assert "基准" in describe(base, "zh")


def test_no_measure_has_a_name_that_stands_for_something_else_where_a_household_is_opened(base: Path) -> None:
    """What no measure entered is ``own``, the sum ``all`` (simulation.why.by_measure)."""
    from povsim.core.params.shell import RESERVED_IDS
    from povsim.simulation.why import ALL, OWN

    assert set(RESERVED_IDS) == {OWN, ALL}
    for id in RESERVED_IDS:
        (fault,) = check_params(beside(base, "reserved", f"extends: base.yaml\nmeasures: {{{id}: {{kind: testing}}}}\n"))
        assert fault.key == f"measures.{id}", id


def test_every_part_of_the_parameters_has_a_title() -> None:
    """Mutation: a heading ``kinds.guarantee`` among Chinese ones."""
    parts = [*group_names(), *(f"kinds.{name}" for name in shipped_kinds())]
    assert all(re.search("[一-鿿]", part_title(part).zh) and part_title(part).en for part in parts)
    assert len({part_title(part).zh for part in parts}) >= len(parts) - 2, "people and health of both sorts"
    assert part_title("kinds.testing").zh == "testing", "one of one's own may have none"


@pytest.mark.parametrize(
    ("condition", "mend"),
    [("≥ 1", '写成 ">= 1"'), ("≤1", '写成 "<= 1"'), ("18-60", "between 18 and 60"), ("18至60岁", "between 18 and 60")],
)
def test_a_condition_as_people_write_it_is_told_as_it_is_written_here(base: Path, condition: str, mend: str) -> None:
    (said,) = faults_of(beside(base, "people", f"extends: base\nmeasures: {{first: {{eligible: {{size: {condition}}}}}}}\n"))
    assert mend.replace('"', "") in said.replace('"', "")
