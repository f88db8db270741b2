"""Owns: the workbook's sheets by year and the page's tables of the same numbers, read back.
Never: whether the numbers are right (tests/indicators)."""

from __future__ import annotations

import warnings
from itertools import pairwise

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.utils import get_column_letter

from povsim.indicators import indicators as ind
from povsim.indicators.answer import Answer
from povsim.indicators.gather import make_answer
from povsim.report import tables
from povsim.report.lists import poor_at_opening, write_list
from povsim.report.workbook import ACROSS, SCALE, Book
from povsim.report.yearly import held_back, write_years
from tests.report.homes import with_households

QUOTAS = {"tea": {"unit": "households", "per": "all", "number": {"2017": 10.0, "2018": 40.0, "2019": 0.0}}}
BUDGETS = {"tea": {str(year): 1e6 for year in range(2017, 2022)}}


@pytest.fixture(scope="module")
def made(make_results):
    bare = with_households(make_results)
    spending = bare["spending"].copy()
    refuses = (spending["measure"] == "tea") & spending["year"].isin((2017, 2019))
    spending["unmet"] = 7 * refuses + 900 * (spending["measure"] == "posts") + spending["replicate"] % 2
    watch = pd.DataFrame(
        [
            {"year": year, "replicate": one, **dict.fromkeys(ind.WATCH, 0)}
            | (
                {"entered": 12 + one % 3, "by_village": 8, "cleared": 3, "monitored": 40, "delay_months": 2.5}
                if year > 2019
                else {}
            )
            for year in bare.years
            for one in range(bare.replicates)
        ]
    )
    villages = bare["villages"].copy()
    villages.loc[villages["name"] == "沃孜", "p_exited"] = float("nan")
    manifest = {**bare.manifest, "quotas": QUOTAS, "budgets": BUDGETS}
    found = {**bare.tables, "spending": spending, "monitoring": watch, "villages": villages}
    return with_households(make_results, manifest=manifest, tables=found)


@pytest.fixture(scope="module")
def answer(made):
    return make_answer(made)


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request, made, answer, tmp_path_factory):
    return request.param, openpyxl.load_workbook(write_list(made, answer, tmp_path_factory.mktemp("清单"), request.param))


def rows_of(sheet):
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    return heads, rows


def test_each_has_a_sheet_with_source_run_and_date(book) -> None:
    lang, file = book
    names = {"zh": ["措施供需", "防返贫监测", "村出列和集体收入"], "en": ["Who got what", "Monitoring", "Villages out"]}[lang]
    assert file.sheetnames[2:5] == names
    for name in names:
        sheet = file[name]
        assert "2026-11-23" in sheet.oddHeader.right.text and "0123abcd" in sheet.oddFooter.center.text
        assert "样本镇工作报告" in sheet.oddFooter.left.text or "report of the sample town" in sheet.oddFooter.left.text
        assert "40" in sheet["A2"].value and sheet.print_title_rows == "$1:$3"
    assert {row[0].value for row in file.worksheets[-1].iter_rows(min_row=4)} >= (
        {"措施供需"} if lang == "zh" else {"monitoring"}
    )


def test_who_wanted_got_and_was_refused_stands_by_measure_and_year(book, answer) -> None:
    lang, file = book
    heads, rows = rows_of(file.worksheets[2])
    tea = {row[1]: row for row in rows if row[0] == {"zh": "茶园产业", "en": "tea gardens"}[lang]}
    assert list(tea) == ["2017", "2018", "2019", "2020", "2021"]
    table = answer.table("service").set_index(["item", "year"])
    assert tea["2017"][2] == pytest.approx(table.loc[("tea", 2017), "wanted"]) == pytest.approx(17.5)
    assert tea["2017"][3:6:2] == pytest.approx([10.0, 7.5]) and tea["2017"][6] == "7–8"
    at = {head: place for place, head in enumerate(heads)}
    quota, used = (at[word] for word in (("名额", "用去名额") if lang == "zh" else ("quota", "quota used")))
    assert [tea[year][quota] for year in tea] == [10, 40, 0, None, None] and tea["2018"][used] == 10
    assert [tea[year][-1] for year in ("2017", "2018", "2019")] == (
        ["名额用完", None, "当年无名额"] if lang == "zh" else ["quota used up", None, "no quota in the year"]
    )
    posts = next(row for row in rows if row[0] in ("公益性岗位", "public posts"))
    assert posts[2] == pytest.approx(912.5) and posts[3] == pytest.approx(12.0), "persons, as the refused"
    assert posts[5] == pytest.approx(900.5) and posts[7] in ("人", "persons") and tea["2018"][7] in ("户", "households")
    shared = next(row for row in rows if row[0] in ("村集体收益分配", "villages' income shared out"))
    assert shared[2:8] == [None] * 6, "villages do not ask"


def test_posts_that_are_held_beyond_a_lowered_quota_look_like_no_fault(made, make_results, tmp_path) -> None:
    """Mutation: 12 of 5 posts used, and no word of it."""
    fewer = {"posts": {"unit": "posts", "per": "all", "number": dict.fromkeys(map(str, made.years), 5.0)}}
    spending = made["spending"].assign(quota_used=12.0, unmet=0)
    one = make_results(
        manifest={**made.manifest, "quotas": fewer}, params=made.params, tables={**made.tables, "spending": spending}
    )
    answer = make_answer(one)
    assert "12 / 5（含此前已在岗，不补新人）" in tables.used(answer, "zh").to_string()
    _, rows = rows_of(openpyxl.load_workbook(write_list(one, answer, tmp_path, "zh")).worksheets[2])
    assert {row[-1] for row in rows if row[0] == "公益性岗位"} == {"在岗的多于名额，不补新人"}


def test_what_a_fund_for_losses_pays_is_said_beside_what_is_used_of_the_budget(made, make_results) -> None:
    """Mutations: a budget that loans overdraw, and no word of it; a word where there is no such fund."""
    for kind, there in (("microcredit", True), ("industry", False)):
        params = made.params.replace("kind: industry", f"kind: {kind}")
        answer = make_answer(make_results(manifest=made.manifest, params=params, tables=made.tables))
        assert ("含风险补偿金代偿，它不占预算" in tables.used(answer, "zh").to_string()) == there
        assert ("含风险补偿金代偿，它不占预算" in tables.spending(answer, "zh").to_string()) == there
        assert ("which is none of the budget" in tables.used(answer, "en").to_string()) == there


def test_a_part_of_a_kw_is_shown_and_of_a_household_never(made, make_results, tmp_path) -> None:
    """Mutation: a quota of 17.5 kW reads 18; a mean of 9.6 households reads 9.6."""
    sun = {"tea": {"unit": "kw", "per": "all", "number": {"2017": 17.5, "2018": 40.0}}}
    spending = made["spending"].copy()
    spending["quota_used"] = 9.6
    one = make_results(
        manifest={**made.manifest, "quotas": sun}, params=made.params, tables={**made.tables, "spending": spending}
    )
    answer = make_answer(one)
    said = tables.used(answer, "zh").to_string()
    assert "17.5" in said and "9.6" in said and "40.0" not in said and "10" in said
    sheet = openpyxl.load_workbook(write_list(one, answer, tmp_path, "zh")).worksheets[2]
    mine = [column for column in sheet.iter_cols() if any(cell.value in ("名额", "用去名额") for cell in column)]
    shown = {cell.value: cell.number_format for column in mine for cell in column if isinstance(cell.value, (int, float))}
    assert len(mine) == 2 and shown == {17.5: "#,##0.0", 9.6: "#,##0.0", 40: "#,##0", 10: "#,##0"}


def test_an_older_run_says_nothing_of_its_quotas_and_no_reason_is_guessed(made, make_results, tmp_path) -> None:
    """Mutation: whoever states no quota has refused by the villages' fund."""
    manifest = {key: value for key, value in made.manifest.items() if key != "quotas"}
    older = make_results(manifest=manifest, params=made.params, tables=made.tables)
    _, rows = rows_of(openpyxl.load_workbook(write_list(older, make_answer(older), tmp_path, "zh")).worksheets[2])
    assert not any(row[-1] for row in rows) and any(row[5] for row in rows)


def test_in_years_in_which_posts_are_cut_it_says_so_and_counts_nobody(made, make_results, tmp_path) -> None:
    """Mutations: nobody wanted one; a quota that is not used up has refused them."""
    cut = make_results(manifest={**made.manifest, "unfilled": {"posts": [2018]}}, params=made.params, tables=made.tables)
    _, rows = rows_of(openpyxl.load_workbook(write_list(cut, make_answer(cut), tmp_path, "zh")).worksheets[2])
    before, after = ({row[1]: row for row in rows if row[0] == "公益性岗位"}[year] for year in ("2017", "2018"))
    assert before[5] > 0.0 and before[-1] != after[-1] == "岗位裁减，空岗不再补人"
    assert after[2] is None and after[5] is None and after[3] is not None
    shown = tables.unmet(make_answer(cut), "zh").filter(like="公益性岗位", axis="index")
    assert shown["2018年"].tolist() == ["—"] and shown["2017年"].tolist() != ["—"]


def test_monitoring_and_villages(book) -> None:
    lang, file = book
    _, rows = rows_of(file.worksheets[3])
    assert [row[0] for row in rows] == ["2020", "2021"] and rows[0][1:3] == [pytest.approx(12.975), "12–14"]
    assert rows[0][-1] == pytest.approx(2.5)
    _, (meiling, _, wozi) = rows_of(file.worksheets[4])
    assert meiling[:3] == ["梅岭", {"zh": "是", "en": "yes"}[lang], 2020] and wozi[1:3] == [None, None]
    assert meiling[3:8] == [0, 0.2, 0.4, 0.6, 0.8], "by year, those in which one leaves"
    assert meiling[8:10] == [pytest.approx(2.0), "1.6–2.4"] and wozi[8] == pytest.approx(6.0), "10,000 yuan"


def test_from_the_regular_era_on_there_is_one_class(made, make_results, tmp_path) -> None:
    """Mutation: the three classes of the transition go on, by origin, in years in which the rule knows one."""
    watch = made["monitoring"].assign(unstable=25, marginal=10, sudden=5)
    watch["at_risk"] = 40 * (watch["year"] > 2020)
    later = make_results(manifest=made.manifest, params=made.params, tables={**made.tables, "monitoring": watch})
    sheet = openpyxl.load_workbook(write_list(later, make_answer(later), tmp_path, "zh")).worksheets[3]
    heads, rows = rows_of(sheet)
    at = [heads.index(word) for word in ("脱贫不稳定", "边缘易致贫", "突发严重困难", "防止返贫致贫对象")]
    assert [[row[place] for place in at] for row in rows if row[0] >= "2020"] == [[25, 10, 5, None], [None, None, None, 40]]
    assert "2021 年起常态化帮扶，监测对象只有一类" in sheet["A2"].value


class Long:
    """As much of an answer as the sheet of villages asks for, over many years."""

    def __init__(self, table: pd.DataFrame, years: int) -> None:
        one = table[table["year"] == table["year"].min()]
        self.rows = pd.concat([one.assign(year=2017 + step) for step in range(years)], ignore_index=True)

    def has(self, name: str) -> bool:
        return name == "village_exits"

    def table(self, name: str) -> pd.DataFrame:
        return self.rows


@pytest.mark.parametrize("years", [5, 30])
def test_a_run_of_many_years_prints_on_pages_that_can_be_read(answer, tmp_path, years: int) -> None:
    """Mutations: seventy columns fitted to one page; a mean on one page and its interval on the next."""
    made = Book(xlsxwriter.Workbook(str(tmp_path / "b.xlsx")), answer.about, "zh")
    write_years(made, Long(answer.table("village_exits"), years))  # type: ignore[arg-type]
    made.close()
    (sheet,) = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets
    breaks = [one.id for one in sheet.col_breaks.brk]
    if years == 5:
        assert not breaks and sheet.sheet_properties.pageSetUpPr.fitToPage
        return
    assert sheet.print_title_cols == "$A:$A" and sheet.page_setup.scale == SCALE >= 60
    heads, _ = rows_of(sheet)
    ends = [0, *breaks, len(heads)]
    widths = [sheet.column_dimensions[get_column_letter(1 + place)].width for place in range(len(heads))]
    assert len(breaks) >= 3 and all(10 + sum(widths[a:b]) < ACROSS + 35 for a, b in pairwise(ends))
    assert all("区间" not in heads[one] for one in breaks)


def test_many_columns_give_no_warning(made) -> None:
    """Mutation: a table put together column by column, of which pandas warns whoever lays out a list."""
    scattered = made["households"].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(150):
            scattered[f"more_{number}"] = 0.0
        warnings.simplefilter("error")
        poor_at_opening({"households": scattered, "villages": made["villages"]})  # type: ignore[arg-type]


def test_why_some_were_refused() -> None:
    """Mutations: a limit for the safety net, which has none; no reason where what is left of the kW is less than a roof."""
    nan = float("nan")
    row = {"kind": "industry", "unmet": 5.0, "quota": 10.0, "quota_used": 5.0, "budget": nan, "budget_used": nan}
    assert held_back({**row, "budget": 8.0, "budget_used": 1.0}) == held_back({**row, "kind": "employment"}) == ""
    assert held_back(row) == "quota", "nothing else can have stopped them: a village's, or what is left is too little"
    assert held_back({**row, "quota_used": 9.9}) == "quota" and held_back({**row, "quota": 0.0}) == "no_quota"
    assert held_back({**row, "budget": 8.0, "budget_used": 7.9}) == "budget"
    bare = {**row, "quota": nan, "quota_used": nan}
    assert held_back({**bare, "budget": 8.0, "budget_used": 1.0}) == "budget", "one that is too small for anybody"
    assert held_back({**row, "quota": nan, "quota_used": nan, "kind": "employment"}) == "fund"
    assert held_back({**row, "quota": nan, "quota_used": nan, "kind": "safety_net"}) == "net"
    assert held_back({**row, "quota_used": 10.0, "unmet": nan}) == held_back({**row, "quota_used": 10.0, "unmet": 0.2}) == ""


def test_the_page_shows_the_same_by_year(answer) -> None:
    unmet, used = tables.unmet(answer, "zh"), tables.used(answer, "zh")
    assert list(unmet.index)[:2] == ["茶园产业（户）", "公益性岗位（人）"]
    assert unmet.loc["公益性岗位（人）", "2018年"] == "900 (900–901)" and unmet.loc["茶园产业（户）", "2017年"] == "8 (7–8)"
    assert used.loc["茶园产业：名额（户）"].tolist() == ["10 / 10", "10 / 40", "10 / 0", "—", "—"], "as made up"
    assert "万元" in used.loc["茶园产业：预算", "2017年"]
    watch = tables.watch(answer, "zh")
    assert list(watch.index) == ["2020年", "2021年"] and watch.loc["2020年", "当年纳入"] == "13 (12–14)"
    villages = tables.village_exits(answer, "zh")
    assert villages.loc["梅岭", "预计出列年份"] == "2020" and villages.loc["沃孜", "预计出列年份"] == "—"
    assert villages.loc["梅岭", "2021 年末已出列"] == "80.0%"
    assert villages.loc["沃孜", "2021 年末已出列"] == "—"
    numbers = answer.numbers
    of = numbers["table"] == "service"
    free = numbers.assign(value=numbers["value"].where(~(of & (numbers["name"] != "holders"))))
    assert "想要的都得到了" in tables.unmet(Answer(free, answer.about), "zh").data
    assert "没有名额和预算" in tables.used(Answer(free, answer.about), "zh").data
    none = Answer(answer.numbers[answer.numbers["table"] != "watch"], answer.about)
    assert "没有防返贫监测" in tables.watch(none, "zh").data
