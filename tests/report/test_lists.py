"""Owns: the workbook of the list, read back as an office's program reads it.
Never: whether the households are right (tests/simulation)."""

from __future__ import annotations

import openpyxl
import pytest

from povsim.report.lists import FEW, HIGH, columns, poor_at_opening, write_list
from povsim.simulation import simulate
from tests.report.homes import ON_DIBAO, ROWS, answer_of, with_households
from tests.results.fake import PARAMS

MARK = {"zh": "合成数据，非真实农户", "en": "Synthetic data, no real households"}


@pytest.fixture(scope="module")
def made(make_results):
    return with_households(make_results)


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request, made, tmp_path_factory):
    path = write_list(made, answer_of(made), tmp_path_factory.mktemp("清单 {一}"), request.param)
    return request.param, openpyxl.load_workbook(path)


def rows_of(sheet, head=3):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=head + 1)]


def test_a_row_for_each_household_that_is_poor_at_the_opening_by_village_and_year(book) -> None:
    _, file = book
    rows = rows_of(file.worksheets[0])
    assert [row[1] for row in rows] == ["t-01-R0001", "t-01-R0002", "t-01-R0003", "t-02-R0001", "t-03-R0001"]
    assert [row[0] for row in rows] == ["梅岭", "梅岭", "梅岭", "白畈", "沃孜"]
    assert [row[4] for row in rows] == [2017, 2018, 2020, 2017, None], "no year where most lives stay poor"


def test_the_chances_of_a_row_are_all_there_is(book, made) -> None:
    _, file = book
    heads = [cell.value for cell in file.worksheets[0][3]]
    for row in rows_of(file.worksheets[0]):
        by_year, (never, off) = row[6:11], row[11:13]
        assert by_year == sorted(by_year) and by_year[-1] + never + off == pytest.approx(1.0)
    assert [heads[place] for place in (10, 12)] == [heads[10], heads[12]] and "2021" in heads[10]
    homes = made["households"].set_index("household_id")
    first = {row[1]: row[6] for row in rows_of(file.worksheets[0])}
    assert all(first[id] == homes.loc[id, "p_exit_2017"] for id in first)


def test_a_year_without_exits_has_no_column(make_results, tmp_path) -> None:
    made = with_households(make_results, params=PARAMS + "assessment: {transition_from: 2021}\n")
    for lang, said in (("zh", "2021 年起不再办理脱贫退出"), ("en", "From 2021 on exits are closed")):
        file = openpyxl.load_workbook(write_list(made, answer_of(made), tmp_path / lang, lang))
        heads = [cell.value for cell in file.worksheets[0][3]]
        assert any("2020" in head for head in heads) and not any("2021" in head for head in heads)
        assert any(said in str(row[1]) for row in rows_of(file.worksheets[-1]))


def test_where_exits_are_closed_nobody_waits_for_leave(make_results) -> None:
    made = with_households(make_results, params=ON_DIBAO + "assessment: {transition_from: 2017}\n")
    homes = poor_at_opening(made)
    (cells,) = [column.cells for column in columns(made, homes, answer_of(made).about, "zh") if "还缺" in column.title]
    lacks = dict(zip(homes["household_id"], cells, strict=True))
    assert lacks["t-01-R0003"] == "退出已停办" and lacks["t-01-R0002"] == "收入差 812 元/人、住房 25%"


def test_what_is_lacking_and_what_it_will_have_is_said_with_its_chance(made) -> None:
    homes = poor_at_opening(made)
    cells = {
        column.title: dict(zip(homes["household_id"], column.cells, strict=True))
        for column in columns(made, homes, answer_of(made).about, "zh")
    }
    lacks, has = cells["2017 年末若仍未脱贫，还缺"], cells["预计享受的措施"]
    assert lacks["t-01-R0002"] == "收入差 812 元/人、住房 25%", "nothing under a fifth, certain things without a share"
    assert lacks["t-03-R0001"] == "住房 90%、收入差 812 元/人 40%、帮扶措施 20%"
    assert lacks["t-01-R0001"] == "", "it leaves within the year"
    assert has["t-02-R0001"] == "茶园产业 90%" and has["t-01-R0002"] == "农村低保"
    assert has["t-03-R0001"] == "农村低保 60%、梅岭光伏电站 60%"
    assert cells["期初收入差 (元/人)"]["t-01-R0002"] == pytest.approx(512.6)


def test_stations_that_share_a_chance_are_said_as_one(make_results) -> None:
    results = with_households(make_results)
    homes = results["households"].assign(held_pv_meiling=0.33, held_pv_wozi=0.3, held_tea=0.0, held_dibao=0.0)
    params = results.params + "  pv_wozi:\n    kind: pv\n    title: {zh: 沃孜光伏电站, en: PV station Wozi}\n"
    again = make_results(tables={**results.tables, "households": homes}, params=params)
    answer = answer_of(again)
    answer.about["measures"]["pv_wozi"] = {"kind": "pv", "zh": "沃孜光伏电站", "en": "PV station Wozi"}
    shown = poor_at_opening(again)
    (has,) = [column.cells for column in columns(again, shown, answer.about, "zh") if column.title == "预计享受的措施"]
    assert set(has) == {"梅岭光伏电站等电站之一 63%"}


def warned(results):
    homes = poor_at_opening(results)
    cells = columns(results, homes, answer_of(results).about, "zh")[-1].cells
    return dict(zip(homes["household_id"], cells, strict=True))


def test_warnings(make_results) -> None:
    assert warned(with_households(make_results, replicates=60)) == {
        "t-01-R0001": "返贫风险高",
        "t-01-R0002": "多靠低保达标",
        "t-01-R0003": "晚于计划（2018 年）",
        "t-02-R0001": "",
        "t-03-R0001": "期内难以脱贫、返贫风险较高",
    }
    assert HIGH == 0.3 and FEW == simulate.FEW, "the sheet says from how many replicates a share is known"


def test_who_rests_on_dibao_is_told_by_what_is_known_and_never_by_a_blank(make_results) -> None:
    """Mutations: any blank share that falls back; a horizon too short to follow anybody; 临时救助 as if it were 低保."""
    rests = "多靠低保达标"
    few = with_households(make_results, replicates=8)
    assert rests not in "".join(warned(few).values()), "so few replicates leave the share blank for all"
    relief = with_households(make_results, replicates=60, params=ON_DIBAO.replace("part: dibao", "part: relief"))
    assert warned(relief)["t-01-R0002"] == ""
    whole = with_households(make_results, replicates=60)
    homes = whole["households"]
    at = homes["household_id"] == "t-01-R0002"

    def but(**cells):
        table = homes.assign(**{name: homes[name].mask(at, value) for name, value in cells.items()})
        changes = {"replicates": 60, "params": ON_DIBAO, "tables": {**whole.tables, "households": table}}
        return warned(make_results(**changes))["t-01-R0002"]

    assert but() == rests
    assert but(p_return_1=0.1, p_return_2=0.1) == "", "it left often enough on its own income; three years are not yet over"
    assert but(p_exit_2017=0.0, p_exit_2018=0.0, p_exit_2021=0.7) == "", "out in the last year: followed by nobody"
    assert but(held_dibao=0.4) == ""
    assert but(p_never=0.5) == "期内难以脱贫"


def test_the_sheet_looks_as_an_office_prints_it(book) -> None:
    lang, file = book
    assert len(file.worksheets) == 3
    sheet = file.worksheets[0]
    assert sheet.freeze_panes == "C4" and sheet.auto_filter.ref == f"A3:S{3 + 5}"
    assert sheet.print_title_rows == "$1:$3"
    for one in file.worksheets:
        assert (one.page_setup.orientation, int(one.page_setup.paperSize)) == ("landscape", 9)
        assert (
            one.sheet_properties.pageSetUpPr.fitToPage
            and one.page_setup.fitToWidth in (None, 1)
            and one.page_setup.fitToHeight == 0
        )
        assert MARK[lang] in one.oddHeader.center.text, "on each page"
        assert "2026-11-23" in one.oddHeader.right.text and "0123abcd" in one.oddFooter.center.text
        assert "&P" in one.oddFooter.right.text and "&N" in one.oddFooter.right.text
        assert "样本镇工作报告" in one.oddFooter.left.text or "report of the sample town" in one.oddFooter.left.text
        assert MARK[lang] in one["A2"].value
    first = sheet["G4"]
    assert first.number_format == "0%" and first.font.name == {"zh": "微软雅黑", "en": "Arial"}[lang]
    assert sheet["N5"].number_format == "#,##0" and sheet.column_dimensions["P"].width > 25


def test_a_real_town_carries_no_mark(made, tmp_path) -> None:
    file = openpyxl.load_workbook(write_list(made, answer_of(made, synthetic=False), tmp_path, "zh"))
    for sheet in file.worksheets:
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert sheet.oddHeader.center.text is None and not any("合成" in cell for cell in cells)


def test_the_sheet_of_villages_shows_the_numbers_of_the_answer(book, made) -> None:
    _, file = book
    answer = answer_of(made)
    table = answer.table("villages").set_index(["item", "year"])
    *rows, total = rows_of(file.worksheets[1], 4)
    assert [row[0] for row in rows] == ["梅岭", "白畈", "沃孜"]
    assert [row[1:3] for row in rows] == [[3, 6], [1, 4], [1, 5]], "households and persons at the start"
    for row in rows:
        for place, year in enumerate(made.years):
            of = table.loc[(row[0], year)]
            said = f"{of['poor_households_low']:,.0f}–{of['poor_households_high']:,.0f}"
            households, ends, persons = row[3 + 3 * place : 6 + 3 * place]
            assert (households, persons) == pytest.approx((of["poor_households"], of["poor_persons"])) and ends == said
        assert row[-1] == pytest.approx(table.loc[(row[0], 2021), "incidence"])
    left = answer.table("remaining").query("kind == 'projected'").set_index("year")
    assert total[1:3] == [len(ROWS) - 1, 15]
    assert [total[3 + 3 * place] for place in range(5)] == left["households"].tolist()
    assert [total[5 + 3 * place] for place in range(5)] == left["persons"].tolist()


def test_the_same_run_gives_the_same_bytes_and_nothing_is_left_beside(made, tmp_path) -> None:
    first = write_list(made, answer_of(made), tmp_path / "a", "zh").read_bytes()
    assert write_list(made, answer_of(made), tmp_path / "b", "zh").read_bytes() == first
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["exit_list.xlsx"]


def test_a_write_that_fails_leaves_the_old_list(made, tmp_path, monkeypatch) -> None:
    path = write_list(made, answer_of(made), tmp_path, "zh")
    before = path.read_bytes()
    monkeypatch.setattr("povsim.report.lists._about_sheet", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_list(made, answer_of(made), tmp_path, "zh")
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
