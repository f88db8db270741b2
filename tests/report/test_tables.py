"""Owns: tables as people read them, from answers made by hand.
Never: whether the numbers are right (tests/indicators)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown

from povsim.core.params import load_scenario
from povsim.core.schema import LACKS, LEDGER, Cause
from povsim.indicators.answer import Answer, long
from povsim.report import tables
from povsim.report.fonts import width

ABOUT = {
    "place": {
        "id": "t", "zh": "样本镇", "en": "Sample town", "villages": 3, "poor_villages": 1, "farm_households": 9843,
        "farm_persons": 35947, "source_zh": "**镇工作报告", "source_en": "report", "synthetic": True,
    },
    "as_of": 2016, "opening": 2016, "years": [2017, 2018], "replicates": 40, "draws": 0, "level": 0.9, "seed": 7,
    "scope": "all", "scenario": {"zh": "基准方案", "en": "baseline"}, "run_id": "0123abcd4567", "created": "2026-11-23",
    "scenarios": {"without": {"zh": "不帮扶", "en": "without"}, "pv_late": {"zh": "晚一年", "en": "late"}},
    "measures": {
        "tea": {"kind": "industry", "zh": "茶园", "en": "tea"}, "posts": {"kind": "employment", "zh": "岗位", "en": "posts"},
        "pv": {"kind": "pv", "zh": "电站", "en": "station"}, "shared": {"kind": "collective", "zh": "分配", "en": "shared"},
        "nothing": {"kind": "industry", "zh": "无", "en": "nothing"},
    },
    "targets": {"exits_2014": {"zh": "2014 年脱贫户数", "en": "out in 2014", "unit": "households"}},
}  # fmt: skip


def answer(**wide):
    """An answer of tables given as (frame, units)."""
    parts = [long(name, pd.DataFrame(frame), units) for name, (frame, units) in wide.items()]
    return Answer(pd.concat(parts, ignore_index=True), ABOUT)


def bounds(name, values, low, high):
    return {name: values, f"{name}_low": low, f"{name}_high": high}


def test_the_reported_account_is_blank_where_nothing_was_reported():
    made = answer(
        reported=(
            {"year": [2015, 2016], "exited_persons": [1019.0, 1595.0], "closing_households": [np.nan, 1571.0]},
            {"exited_persons": "persons", "closing_households": "households"},
        )
    )
    table = tables.reported(made, "zh")
    assert list(table["脱贫人数"]) == ["1,019", "1,595"] and list(table["年末户数"]) == ["—", "1,571"]
    assert table.columns.name == "年度" and list(table.index) == [2015, 2016]


def test_spending_counts_holders_as_the_ledger_does_and_says_who_pays():
    ids, kinds = list(ABOUT["measures"]), [one["kind"] for one in ABOUT["measures"].values()]
    money = {
        "public": ([5.251e6, 2e5, 0.0, 0.0, 0.0], [4.04e6, 1e5, 0.0, 0.0, 0.0], [7.31e6, 3e5, 0.0, 0.0, 0.0]),
        "investment": ([0.0, 0.0, 1e7, 0.0, 0.0], [0.0, 0.0, 1e7, 0.0, 0.0], [0.0, 0.0, 1e7, 0.0, 0.0]),
        "by_village": ([0.0, 0.0, 0.0, 1.5e6, 0.0], [0.0, 0.0, 0.0, 1e6, 0.0], [0.0, 0.0, 0.0, 2e6, 0.0]),
        "sales": ([0.0, 0.0, 3e5, 0.0, 0.0],) * 3,
        "holders": ([402.0, 60.0, 337.0, 3.0, 0.0], [390.0, 50.0, 337.0, 3.0, 0.0], [410.0, 70.0, 337.0, 3.0, 0.0]),
    }
    columns = {name: value for number, ends in money.items() for name, value in bounds(number, *ends).items()}
    units = {
        "holders": "households",
        "public": "yuan/year",
        "investment": "yuan",
        "by_village": "yuan/year",
        "sales": "yuan/year",
    }
    made = answer(spending=({"item": ids, "kind": kinds, **columns}, units))
    table = tables.spending(made, "zh")
    assert list(table.index) == ["茶园", "岗位", "电站", "分配", "无"]
    holders = dict(zip(table.index, table["享受对象（年均）"], strict=True))
    assert (holders["茶园"], holders["岗位"].split()[1], holders["分配"].split()[1]) == ("402 户 (390–410)", "户", "村"), (
        "a post is counted by households"
    )
    public = dict(zip(table.index, table["财政资金（年均）"], strict=True))
    assert public["茶园"] == "525 万元 (404–731 万元)", "the unit stands at the number, and once in its interval"
    assert (public["电站"], public["分配"], public["无"]) == ("运行靠售电收入", "由村集体收益支付", "无财政支出")
    assert table.loc["电站", "一次性建设投资"] == "1,000 万元" and table.loc["茶园", "一次性建设投资"] == "—"
    assert "million yuan" in tables.spending(made, "en").loc["tea", "public money a year"]
    assert "预算结余（年均）" not in table
    none = [np.nan] * 3
    columns |= bounds("unspent", [4.49e5, *none, 0.0], [4e5, *none, 0.0], [5e5, *none, 0.0])
    made = answer(spending=({"item": ids, "kind": kinds, **columns}, {**units, "unspent": "yuan/year"}))
    assert list(tables.spending(made, "zh")["预算结余（年均）"]) == ["44.9 万元 (40–50 万元)", "—", "—", "—", "0 万元"]


@pytest.mark.parametrize(("lang", "mean"), [("zh", "（平均数）"), ("en", " (mean)")])
def test_the_ledger_and_villages_say_that_they_are_means(lang, mean):
    """The headline and the chart of who is left have medians, on the same page."""
    flows = {"year": [2018], "kind": ["households"], **{flow: [1.0] for flow in LEDGER}, **bounds("closing", [44.0], [30], [60])}
    table = tables.ledger(answer(ledger=(flows, {flow: "households" for flow in LEDGER})), lang)
    assert [column for column in table.columns if column.endswith(mean)] == [table.columns[-1]]
    frame = {"item": ["a"], "year": [2018], **bounds("poor_households", [4.0], [3.0], [6.0])}
    table = tables.villages(answer(villages=(frame, {"poor_households": "households"})), lang)
    assert all(column.endswith(mean) for column in table.columns)


def test_what_is_lacking_keeps_the_order_of_the_rules_and_leaves_out_what_nobody_lacks():
    items = ["waiting", "income", "bees", "school"]
    frame = {
        "item": np.repeat(items, 2), "year": [2017, 2018] * 4,
        **bounds("households", [5.0, 1, 500, 180, 2, 1, 0, 0], [2.0, 0, 353, 150, 1, 0, 0, 0], [9.0, 3, 670, 261, 4, 2, 0.4, 0]),
    }  # fmt: skip
    table = tables.lacking(answer(lacking=(frame, {"households": "households"})), "zh")
    assert list(table.index) == ["收入不到标准", "只待退出（当年返贫、名额或特困程序）", "bees"]
    assert table.loc["收入不到标准", "2017 年末"] == "500 (353–670)" and list(table.columns) == ["2017 年末", "2018 年末"]
    assert all(f"pages.lack_{lack}" in tables.catalogue() for lack in LACKS)


@pytest.mark.parametrize("count", [5, 8, 30])
def test_many_years_stand_one_under_the_other_so_that_no_page_cuts_them(count):
    years = range(2017, 2017 + count)
    frame = {"item": ["income"] * count, "year": years, **bounds("households", [5.0] * count, [2.0] * count, [9.0] * count)}
    lacking = tables.lacking(answer(lacking=(frame, {"households": "households"})), "zh")
    ends = [[0.1] * count, [0.1] * count, [0.2] * count]
    frame = {"item": ["line"] * count, "year": range(1, count + 1), **bounds("share", *ends)}
    returns = tables.returns(answer(return_by_years=(frame, {"share": "share"})), "zh")
    for table in (lacking, returns):
        assert table.shape == ((count, 1) if count > 8 else (1, count)), "every year stands"
    assert ("2017 年末" in lacking.index) == ("收入不到标准" in lacking.columns) == (count > 8)


def test_nobody_waits_to_leave_where_exits_are_closed():
    frame = {
        "item": np.repeat(["income", "waiting"], 2), "year": [2017, 2018] * 2,
        **bounds("households", [500.0, 180, 2, 12], [353.0, 150, 1, 9], [670.0, 261, 4, 20]),
    }  # fmt: skip
    made = answer(lacking=(frame, {"households": "households"}))
    waits = "只待退出（当年返贫、名额或特困程序）"
    for closed, said in ((None, ["2 (1–4)", "12 (9–20)"]), (2018, ["2 (1–4)", "退出已停办"])):
        table = tables.lacking(Answer(made.numbers, {**ABOUT, "closed_from": closed}), "zh")
        assert table.loc[waits].tolist() == said
        assert table.loc["收入不到标准"].tolist() == ["500 (353–670)", "180 (150–261)"]
    table = tables.lacking(Answer(made.numbers, {**ABOUT, "closed_from": 2017}), "en")
    assert list(table.index) == ["income over the line"], "a row of nothing but closed years is none"


def test_differences_carry_their_sign_and_leave_out_what_a_scenario_has_not():
    frame = {
        "item": ["without"] * 2 + ["pv_late"] * 2, "year": [2017, 2018] * 2,
        **bounds("exited_persons", [-1.0, -1376, 0, -20], [-2.0, -1645, -1, -36], [0.0, -1172, 1, 3]),
        **bounds("public", [0.0, -1.17e7, 0, 2.41e5], [0.0, -1.57e7, 0, 1.1e5], [0.0, -9.7e6, 0, 3.2e5]),
        **bounds("pv_income", [np.nan, np.nan, -1, -112], [np.nan, np.nan, -1, -516], [np.nan, np.nan, -1, 39]),
    }  # fmt: skip
    units = {"exited_persons": "persons", "public": "yuan/year", "pv_income": "yuan/household/year"}
    made = answer(difference=(frame, units))
    table = tables.differences(Answer(made.numbers, {**made.about, "pairs": {"without": 12}}), "zh")
    assert list(table.columns) == ["不帮扶（按 12 对模拟）", "晚一年"] and "基准方案" in table.columns.name
    assert table.loc["至 2018 年累计脱贫（人）", "不帮扶（按 12 对模拟）"] == "−1,376 (−1,645 至 −1,172)"
    assert table.loc["2018 年财政资金", "晚一年"] == "+24.1 万元 (+11 至 +32 万元)"
    assert table.loc["2018 年光伏户所得（元/户）", "不帮扶（按 12 对模拟）"] == "—"


def test_the_fit_shows_the_miss_of_each_target_in_its_unit():
    frame = {"item": ["exits_2014"], "kind": ["held_out"], "reported": [454.0]}
    for name, ends in {"model": (461.0, 430, 490), "miss": (7.0, -24, 36), "prior": (552.0, 300, 700)}.items():
        frame |= bounds(name, *([end] for end in ends))
    units = {name: ["households"] for name in ("reported", "model", "miss", "prior")}
    table = tables.fit(answer(fit=(frame, units)), "zh")
    assert table.loc["2014 年脱贫户数"].tolist() == ["留作检验", "454", "552 (300–700)", "461 (430–490)", "+7 (−24 至 +36)"]


def test_what_is_missing_says_so_once():
    made = answer(remaining=({"year": [2017], "households": [1.0]}, {"households": "households"}))
    assert "povsim run" in tables.needs("influence")(lambda *_: None)(made, "zh").data
    assert isinstance(tables.lacking(made, "zh"), Markdown) and tables.lacking(made, "zh").data
    for charted in (
        tables.fit,
        tables.routes,
        tables.spending,
        tables.differences,
        tables.villages,
        tables.returns,
        tables.incomes,
    ):
        assert charted(made, "zh").data == "", "the chart above has said it"
    assert "bees" in tables.note("bees", "en").data


def test_a_table_is_shown_whole():
    wide = tables.Table({"a": ["x" * 200] * 100})
    html = wide._repr_html_()
    assert html.count("x" * 200) == 100 and "..." not in html
    assert isinstance(wide.head(2), tables.Table)


def test_source_size_and_run_say_what_the_numbers_are_of():
    made = answer(remaining=({"year": [2017], "households": [1.0]}, {"households": "households"}))
    assert r"\*\*镇工作报告" in tables.source(made, "zh") and "0123abcd" in tables.source(made, "zh")
    assert "3 个" in tables.size(made, "zh") and "35,947" in tables.size(made, "en")
    facts = tables.run(made, "zh").iloc[:, 0]
    assert facts["方案"] == "基准方案" and facts["参数组数"] == "参数固定" and "合成数据" in facts["数据"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_parameters_are_counted_and_each_estimate_is_listed(tmp_path, lang):
    scenario = load_scenario("chagu/baseline")
    (tmp_path / "params.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
    known = {path: one.record for path, one in scenario.settings().items() if not path.startswith("measures.")}
    counts = tables.grades(tmp_path, lang)
    for grade, row in zip("ABC", counts.to_numpy().tolist(), strict=True):
        mine = [record.role for record in known.values() if record.grade == grade]
        assert [int(cell) for cell in row] == [*(mine.count(role) for role in tables.ROLES), len(mine)]
    listed = tables.estimates(tmp_path, lang).data
    names = [getattr(record.name, lang) for record in known.values() if record.grade == "C" and record.unit != "text"]
    assert listed.count("<li>") == len(names) and len(names) > 100
    assert all(tables.escape(name) in listed for name in names)
    paths = ["work.finds_able", "lines.poverty_line", "measures.tea.gone"]
    made = Answer(
        answer(remaining=({"year": [2017], "n": [1.0]}, {"n": "-"})).numbers, {**ABOUT, "parameters": dict.fromkeys(paths)}
    )
    said = tables.assumptions(made, tmp_path, lang)
    assert len(said) == 5 and str(counts.iloc[2, -1]) in said[2]
    shown = {known[path].grade: getattr(known[path].name, lang) for path in paths[:2]}
    assert all(
        any(name in line and tables.label(f"pages.grade_{grade}", lang) in line for line in said) for grade, name in shown.items()
    )
    parts = {path.rpartition(".")[0] for path in known}
    assert "finds_able" not in listed and "kinds." not in listed, "names, not paths"
    headings = re.findall("<h4>(.*?)</h4>", listed)
    assert len(headings) == len(set(headings)) == len(parts), "a group and a kind may have one name"


def test_every_cause_has_words():
    assert all(f"report.cause_{cause.name}" in tables.catalogue() for cause in Cause if cause)


def test_what_no_page_is_wide_enough_for_stands_in_pieces_and_nothing_is_cut():
    """Mutation: what is too wide runs over the edge of the page (or all of the print is shrunk until it does not)."""
    years = [str(year) for year in range(2017, 2031)]
    cells = {f"措施{i}（户）": ["1,340 (1,240–1,463)"] * len(years) for i in range(20)}
    wide = tables.Table(cells, index=years)
    for pieces in (wide.pieces(), wide.pieces(tables.INTERVAL)):
        assert [column for piece in pieces for column in piece] == list(range(20))
    html = wide._repr_html_()
    pieces = html.split("<table")[1:]
    assert len(pieces) > 1 and html.count("<td>1,340<br>(1,240–1,463)</td>") == 20 * len(years)
    for piece in pieces:
        assert all(f"<th>{year}</th>" in piece for year in years)
        assert piece.count("<thead>") * len(re.findall("<th>措施", piece)) * (width("(1,240–1,463)") + tables.GAP) <= tables.LINE
    narrow = tables.Table({"a": ["1,340 (1,240–1,463)"] * 3})
    assert "<br>" not in narrow._repr_html_()
