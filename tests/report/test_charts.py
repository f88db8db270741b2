import re
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from PIL import Image

from povsim.core.errors import ResultsError
from povsim.indicators.answer import Answer
from povsim.indicators.tracing import untraced
from povsim.report import charts
from povsim.report.charts import ink, marks, placing
from povsim.report.charts.fit import _as_fit
from povsim.report.charts.returns import WITHIN
from povsim.report.fonts import GlyphError
from tests.report.drawn import CHARTS, EACH
from tests.report.fake_answer import MEASURES, PARAMETERS, VILLAGES, make_answer


@pytest.fixture(scope="module")
def answer():
    return made()


@cache
def made(**changes):
    """An answer, made once: it cannot be changed."""
    return make_answer(**changes)


@pytest.fixture(scope="module")
def drawn(answer):
    """Every chart in Chinese, drawn once; tests only look."""
    return {name: draw(answer, lang="zh") for name, draw in EACH.items()}


def texts(figure):
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def said(figure):
    return "\n".join(text.get_text() for text in texts(figure))


def lightness(colour):
    return np.dot(to_rgb(colour), (0.299, 0.587, 0.114))


def spans(axes, colour):
    """Lines of a colour between two points: the fixed place, then where they begin and end."""
    found = []
    for lines in axes.findobj(LineCollection):
        if {to_hex(one) for one in lines.get_colors()} == {colour}:
            for (x0, y0), (x1, y1) in lines.get_segments():
                found.append((x0, y0, y1) if x0 == x1 else (y0, x0, x1))
    return found


def bars(axes):
    return [patch for patch in axes.patches if hasattr(patch, "get_height") and patch.get_transform() != axes.transAxes]


def changed(answer, table, row, **values):
    """The answer with numbers of one row changed; a name alone is its value, ``NAME_low`` a bound."""
    numbers = answer.numbers.copy()
    for name, value in values.items():
        bound = next((end for end in ("chance_low", "chance_high", "low", "high") if name.endswith(f"_{end}")), "value")
        of = name.removesuffix(f"_{bound}")
        one = (numbers["table"] == table) & (numbers["row"] == row) & (numbers["name"] == of)
        assert one.sum() == 1, name
        numbers.loc[one, bound] = value
    return replace(answer, numbers=numbers)


def about(answer, **changes):
    return replace(answer, about={**answer.about, **changes})


def place(answer, **changes):
    return about(answer, place={**answer.about["place"], **changes})


# --- every chart ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EACH)
def test_a_chart_says_where_it_is_of_and_what_it_rests_on(drawn, name):
    text = said(drawn[name])
    rests = ("不是本方案的运行",) if name == "fit" else ("基准方案", "200 次模拟", "40 组参数")
    for part in (*rests, "茶谷镇", "90%", "合成数据，非真实农户", "0123abcd", "2026-11-23"):
        assert part in text, part
    assert "上报数：**镇脱贫攻坚工作总结" in text
    assert drawn[name].title in text


@pytest.mark.parametrize("name", EACH)
def test_both_bands_are_drawn_and_named_where_parameters_were_drawn_and_one_where_they_were_held(answer, drawn, name):
    banded = not name.startswith(("villages", "tornado"))
    colours = {to_hex(one) for artist in drawn[name].findobj(LineCollection) for one in artist.get_colors()}
    colours |= {to_hex(artist.get_facecolor()[0]) for artist in drawn[name].findobj(matplotlib.collections.PolyCollection)}
    assert ({ink.LIGHT, ink.CHANCE} <= colours) == banded
    text = said(drawn[name])
    assert ("偶然性与参数不确定性" in text) == ("\n仅偶然性\n" in f"\n{text}\n") == banded
    held = EACH[name](made(draws=0), lang="zh")
    assert "偶然性与参数不确定性" not in said(held)
    assert "区间只含偶然性" in said(held)
    bands = {artist.get_facecolor()[0].tobytes() for artist in held.findobj(matplotlib.collections.PolyCollection)}
    assert len(bands) <= 1


@pytest.mark.parametrize("name", ["exit_timeline", "tornado"])
def test_a_town_that_is_real_has_no_mark_and_a_part_of_one_is_said_to_be_a_part(answer, name):
    real = about(place(answer, synthetic=False), scope="registered")
    text = said(EACH[name](real, lang="zh"))
    assert "合成数据" not in text
    assert "仅建档立卡户" in text


def test_too_few_replicates_are_said_to_be_too_few():
    text = said(charts.exit_timeline(made(replicates=3), "zh"))
    assert "模拟次数太少，区间仅供参考" in text
    assert "100% 以下" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", EACH)
def test_the_cautions_of_a_small_run_stand_in_full(name, lang):
    """Mutation: one line for all of them, cut with an ellipsis before it says why a share of so far may fall."""
    figure = EACH[name](made(replicates=8, draws=0), lang=lang)
    assert not [text for text in texts(figure) if text.get_text().endswith("…") and text.get_position()[1] < 0.11]
    assert name != "return_risk" or {"zh": "故累计也可能下降", "en": "so it may fall"}[lang] in said(figure)
    assert_readable(figure)


LONG = "某省某市某县某镇脱贫攻坚领导小组办公室脱贫攻坚年度工作总结及下一年度计划安排（征求意见稿）和各行政村附表"
SHORT_OF_YEARS = ("exit_timeline", "remaining_households", "return_risk", "income_sources", "villages", "difference_pv_late")


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_text_is_large_inside_the_page_and_apart(answer, drawn, name, lang):
    assert_readable(drawn[name] if lang == "zh" else EACH[name](answer, lang=lang))


@pytest.mark.parametrize("name", EACH)
def test_long_names_are_cut(answer, name):
    named = place(answer, zh=LONG, source_zh=LONG)
    for part in ("measures", "parameters", "targets", "outcomes", "scenarios"):
        named = about(named, **{part: {key: {**one, "zh": LONG} for key, one in named.about[part].items()}})
    assert_readable(EACH[name](named, lang="zh"))


@pytest.mark.parametrize("name", SHORT_OF_YEARS)
@pytest.mark.parametrize(("lang", "count"), [("en", 1), ("zh", 10), ("zh", 30), ("en", 30)], ids=str)
def test_one_year_and_many_are_as_readable(name, lang, count):
    assert_readable(EACH[name](made(years=range(2017, 2017 + count)), lang=lang))


@pytest.mark.parametrize("name", ["exit_timeline", "remaining_households"])
@pytest.mark.parametrize(("opening", "count"), [(2013, 5), (2015, 5), (2013, 30)], ids=str)
def test_so_is_a_back_test(name, opening, count):
    assert_readable(EACH[name](made(years=range(opening + 1, opening + 1 + count), opening=opening), lang="en"))


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("scale", [0.01, 1000.0])
def test_a_hamlet_and_a_province_are_as_readable(name, scale):
    assert_readable(EACH[name](made(scale=scale), lang="zh"))


def assert_readable(figure):
    found = texts(figure)
    assert min(text.get_fontsize() for text in found) >= 14
    boxes = {text: text.get_window_extent() for text in found}
    page = figure.bbox
    for text, box in boxes.items():
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text
    inner = {text: box.padded(-2) for text, box in boxes.items()}
    assert [(a.get_text(), b.get_text()) for a, b in combinations(inner, 2) if inner[a].overlaps(inner[b])] == []


def test_colours_that_touch_are_apart_on_a_grey_printer():
    for one, other in (("PALE", "LIGHT"), ("LIGHT", "CHANCE"), ("CHANCE", "DARK"), ("PALE", "MIDDLE"), ("CHANCE", "PALE")):
        assert abs(lightness(getattr(ink, one)) - lightness(getattr(ink, other))) > 0.14, (one, other)


# --- every number comes from the answer -------------------------------------------------------------------

SCALES = (1e4, 1e8, 0.01)  # the unit of a number may stand at the head of its column


def written(figure):
    """What a figure says, the scales of its axes left aside."""
    scales = [tick for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_ticklabels()]
    return "\n".join(text.get_text() for text in texts(figure) if text not in scales)


@pytest.mark.parametrize("name", EACH)
def test_every_number_in_a_chart_is_one_of_the_answer(answer, drawn, name):
    allowed = [f"{WITHIN} 年内", "另有 1 种"] if name == "return_risk" else []
    assert untraced(written(drawn[name]), answer, allowed=allowed, scales=SCALES) == []


def test_a_number_from_elsewhere_would_be_found(answer):
    figure = EACH["routes"](answer, lang="zh")
    figure.text(0.5, 0.5, "共 5,391 人")
    (found,) = untraced(written(figure), answer, scales=SCALES)
    assert found.startswith("5,391")


# --- the timeline -----------------------------------------------------------------------------------------


def test_the_timeline_says_what_was_reported_planned_and_projected(answer, drawn):
    text = said(drawn["exit_timeline"])
    for part in ("1,508 人", "454", "已上报（截至 2016 年末）", "预计", "2016年", "计划 2,196", "计划 1,604", "8% 以下"):
        assert part in text
    for part in (
        "完成计划的可能性",
        "38%",
        "不靠低保完成的可能性",
        "8% 以下",
        "达标人数（限额前）",
        "脱贫户数（户）",
        "90% 区间",
    ):
        assert part in text
    assert "\n人\n" in f"\n{text}\n"  # the unit of the axis
    assert "persons (p)" in said(charts.exit_timeline(answer, "en"))


def test_reported_bars_are_dark_without_a_band_and_projected_ones_pale_with_both(answer, drawn):
    axes = drawn["exit_timeline"].axes[0]
    table = answer.table("exit_timeline").set_index("year")
    found = {round(bar.get_x() + bar.get_width() / 2): bar for bar in bars(axes)}
    assert {year: bar.get_height() for year, bar in found.items()} == table["persons"].to_dict()
    dark, light = (
        {lightness(found[year].get_facecolor()[:3]) for year in years} for years in ((2014, 2015, 2016), range(2017, 2022))
    )
    assert max(dark) + 0.4 < min(light)
    for colour, low, high in ((ink.LIGHT, "low", "high"), (ink.CHANCE, "chance_low", "chance_high")):
        drawn_ = {year: (begins, ends) for year, begins, ends in spans(axes, colour)}
        assert drawn_ == {
            year: (table.at[year, f"persons_{low}"], table.at[year, f"persons_{high}"]) for year in range(2017, 2022)
        }
    plans = {round((begins + ends) / 2): y for y, begins, ends in spans(axes, ink.INK)}
    assert plans == {2016: 1604, 2017: 2196, 2018: 1592}


def test_without_a_plan_there_is_no_chance_of_one():
    text = said(charts.exit_timeline(make_answer(plan={}), "zh"))
    assert "计划" not in text
    assert "达标人数（限额前）" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_without_exits_says_so_in_place_of_a_zero(lang):
    figure = charts.exit_timeline(make_answer(closed_from=2020), lang)
    text = said(figure)
    assert text.count({"zh": "不再办理\n脱贫退出", "en": "exits\nclosed"}[lang]) == 2
    assert {round(bar.get_x() + bar.get_width() / 2) for bar in bars(figure.axes[0])} == set(range(2014, 2020))
    assert {"zh": "2021年", "en": "2021"}[lang] in text, "the year itself stands"
    assert_readable(figure)


def test_texts_of_neighbouring_years_stay_apart():
    """Mutation: ``over 70%under 30%``."""
    with ink.style():
        figure, axes = plt.subplots(figsize=ink.SIZE)
        axes.set_xlim(2014.4, 2024.6)
        marks.rows(axes, [("chance", {2017: "over 70%", 2018: "over 70%", 2019: "under 30%", 2021: "8%"}, 24.0)], 0.4)
        boxes = [text.get_window_extent() for text in axes.texts if "%" in text.get_text()]
    assert len(boxes) == 4 and all(mine.x1 < after.x0 for mine, after in pairwise(boxes))
    plt.close(figure)


STRESS = [
    {"zh": "疫情式用工冲击", "en": "pandemic-like labour shock", "first": 2018, "last": 2018, "extreme": False},
    {"zh": "停止全部支持", "en": "all support withdrawn", "first": 2020, "last": None, "extreme": True},
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["exit_timeline", "remaining_households", "income_sources", "difference_pv_late"])
def test_the_years_of_a_stress_are_shaded_and_named(name, lang):
    """Mutations: the band of one year alone; the last year of the run left out; no name."""
    for years in (range(2017, 2022), range(2017, 2047)):
        figure = EACH[name](make_answer(years=years, stress=STRESS), lang=lang)
        for axes in figure.axes:
            bands = [
                patch.get_extents().transformed(axes.transData.inverted())
                for patch in axes.patches
                if patch.get_gid() == "stress"
            ]
            ends = axes.get_xlim()
            found = [(band.x0, band.x1) for band in bands]
            assert found == [pytest.approx((2017.5, 2018.5)), pytest.approx((2019.5, min(years[-1] + 0.5, ends[1])))]
        text = said(figure)
        assert all(one[lang] in text for one in STRESS)
        assert name not in ("exit_timeline", "remaining_households") or {"zh": "上报", "en": "reported"}[lang] in text
        assert_readable(figure)


def test_without_a_stress_nothing_is_shaded(drawn):
    for name in ("exit_timeline", "remaining_households", "income_sources", "difference_pv_late"):
        assert not any(patch.get_gid() == "stress" for axes in drawn[name].axes for patch in axes.patches)


def test_a_back_test_shows_what_was_reported_beside_the_projection():
    figure = charts.exit_timeline(made(years=range(2014, 2019), opening=2013), "zh")
    found = sorted((round(bar.get_x() + bar.get_width() / 2), lightness(bar.get_facecolor()[:3])) for bar in bars(figure.axes[0]))
    assert [year for year, _ in found] == [2014, 2014, 2015, 2015, 2016, 2016, 2017, 2018]
    assert all(dark + 0.4 < light for (_, dark), (_, light) in zip(found[:6:2], found[1:6:2], strict=True))
    assert "深色为上报" in said(figure)
    assert "上报户数（户）" in said(figure) and "预计户数（户）" in said(figure)


def test_years_that_are_blank_in_the_report_are_left_out(answer):
    assert "2014年" not in said(charts.exit_timeline(changed(answer, "exit_timeline", 0, persons=np.nan), "zh"))


def test_remaining_starts_from_what_was_reported(drawn):
    figure = drawn["remaining_households"]
    text = said(figure)
    assert all(
        part in text for part in ("2,751 户", "1,571 户", "3,724", "5,392", "738 户", "584–878", "已上报（截至 2016 年末）")
    )
    projected = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    assert tuple(projected.get_xydata()[0]) == (2016, 1571)


def test_an_opening_whose_households_were_not_reported_still_has_its_point():
    figure = charts.remaining_households(made(years=range(2016, 2021), opening=2015), "zh")
    assert "约 2,031 户" in said(figure)
    projected = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    assert tuple(projected.get_xydata()[0]) == (2015, 2031)


@pytest.mark.parametrize(("lang", "said_"), [("zh", "预计（中位数）"), ("en", "projected (median)")])
def test_what_is_projected_is_said_to_be_a_median(answer, lang, said_):
    """The ledger beside it has means."""
    for draw in (charts.exit_timeline, charts.remaining_households):
        assert said_ in said(draw(answer, lang))


# --- the others -------------------------------------------------------------------------------------------


def test_the_four_readings_of_return_are_named_and_drawn_on_one_scale(answer, drawn):
    figure = drawn["return_risk"]
    table = answer.table("return_by_years")
    panels = figure.axes[:4]
    assert len({axes.get_ylim() for axes in panels}) == 1
    for axes, reading in zip(panels, ("before_net", "line", "survey", "registered"), strict=True):
        part = table[table["item"] == reading]
        assert axes.lines[0].get_ydata().tolist() == part["share"].tolist()
    text = said(figure)
    for name in ("自身收入\n（不计低保）", "收入\n（计入低保）", "或保障丧失", "登记返贫", "15%", "9.5–19%", "占脱贫户"):
        assert name in text


def test_causes_come_most_frequent_first_and_what_is_left_out_is_said(answer, drawn):
    axes = drawn["return_risk"].axes[4]
    found = [bar.get_width() for bar in bars(axes)]
    assert found == sorted(answer.table("return_causes")["households"], reverse=True)[:9]
    assert axes.get_yticklabels()[0].get_text() == "因病"
    assert "另有 1 种原因，各不超过 0.4 户" in said(drawn["return_risk"])


def test_an_answer_without_causes_still_shows_the_readings():
    assert len(charts.return_risk(made(without=("return_causes",)), "zh").axes) == 4


def test_columns_of_income_are_stacked_from_the_sources_with_the_lines_across(answer, drawn):
    axes = drawn["income_sources"].axes[0]
    table = answer.table("income_sources").query("kind == 'registered'").reset_index(drop=True)
    heights = np.array([bar.get_height() for bar in bars(axes)]).reshape(4, -1)
    assert heights.tolist() == table[["wage", "transfer", "operating", "property"]].to_numpy().T.tolist()
    tops = [bar.get_y() + bar.get_height() for bar in bars(axes)[-len(table) :]]
    assert np.allclose(tops, heights.sum(axis=0))
    across = {y for y, _, _ in spans(axes, ink.INK)}
    assert across == set(table["exit_line"]) | set(table["dibao_standard"])
    text = said(drawn["income_sources"])
    assert all(
        part in text
        for part in ("工资性", "经营性", "财产性 236", "转移性", "脱贫标准", "低保标准", "元/人·年", "3,300", "6,362")
    )
    assert drawn["income_pv"].axes[0].patches[0].get_height() != heights[0, 0]
    assert "光伏关联户" in said(drawn["income_pv"])


def test_a_source_that_loses_money_lies_under_zero(answer):
    row = int(answer.table("income_sources").query("kind == 'registered'").index[0])
    axes = charts.income_sources(changed(answer, "income_sources", row, operating=-800.0), "zh").axes[0]
    loss = bars(axes)[10]  # the third source's first year
    assert (loss.get_y(), loss.get_height()) == (0.0, -800.0)
    assert axes.get_ylim()[0] == -800.0


def test_each_village_and_year_has_its_number_and_interval_the_darker_the_more(answer, drawn):
    figure = drawn["villages"]
    table = answer.table("villages")
    cells = [patch for axes in figure.axes for patch in axes.patches]
    assert len(cells) == len(table) == 95
    text = said(figure)
    assert all(name in text for name in VILLAGES)
    numbers = [one.get_text() for axes in figure.axes for one in axes.texts if re.fullmatch(r"\d+", one.get_text())]
    assert sorted(numbers) == sorted(table["poor_households"].map("{:.0f}".format))
    light = [lightness(cell.get_facecolor()[:3]) for cell in figure.axes[0].patches]
    assert light[:5] == sorted(light[:5])  # the first village, year by year, empties
    first = table.pivot_table(index="item", columns="year", values="poor_households", sort=False)[2017]
    shown = [one.get_text() for axes in figure.axes for one in axes.texts if one.get_text() in VILLAGES]
    assert first[shown].is_monotonic_decreasing


def test_many_villages_take_more_blocks_and_fewer_words(answer):
    numbers = answer.numbers
    part = numbers[numbers["table"] == "villages"]
    more = [part.assign(row=part["row"] + 95 * copy, item=part["item"] + f"{copy}") for copy in range(1, 3)]
    figure = charts.villages(replace(answer, numbers=pd.concat([numbers, *more], ignore_index=True)), "zh")
    assert len(figure.axes) == 4
    assert_readable(figure)


def crowded_with(answer, measure, copies):
    """The answer with a measure several times more."""
    numbers, about_ = answer.numbers, answer.about
    part = numbers[(numbers["table"] == "spending") & (numbers["item"] == measure)]
    more = [part.assign(row=100 + copy, item=f"{measure}_{copy}") for copy in range(copies)]
    named = {f"{measure}_{copy}": about_["measures"][measure] for copy in range(copies)}
    whole = replace(answer, numbers=pd.concat([numbers, *more], ignore_index=True))
    return about(whole, measures={**about_["measures"], **named})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_built_once_keeps_its_row_among_many_measures(answer, lang):
    """Mutation: rows kept by their yearly money alone, so that a relocation of 12.6 million is one of the cheapest."""
    many = crowded_with(answer, "training", 12)
    figure = charts.spending(many, lang)
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(names) == 20 and {"zh": "易地扶贫搬迁", "en": "relocation"}[lang] in names
    assert {"zh": "另有 12 项措施未列，每年各不超过 8.6 万元", "en": "12 more measures, none over 8.6"}[lang] in said(figure)
    assert untraced(written(figure), many, allowed=["另有 12 项", "12 more", "10,000"], scales=SCALES) == []
    assert_readable(figure)


@pytest.mark.parametrize(("lang", "rest"), [("zh", "、一次性建设 1,260.0 万元"), ("en", "1,260.0 built once (10,000 yuan)")])
def test_where_no_row_was_built_once_there_is_no_column_of_it_and_the_note_says_what_is_left_out(answer, lang, rest):
    """Mutation: the scale of a column without a number (a division by zero); the note on yearly money alone."""
    figure = charts.spending(crowded_with(answer, "dibao", 20), lang)
    text = said(figure)
    assert rest in text and {"zh": "建设投资\n", "en": "built\nonce"}[lang] not in text
    assert_readable(figure)


def test_measures_come_dearest_first_with_who_pays_in_columns(answer, drawn):
    figure = drawn["spending"]
    axes = figure.axes[0]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names[:3] == ["农村低保", "村集体收益分配", "特困供养"]
    assert len(names) == len(MEASURES)
    text = said(figure)
    assert all(
        part in text
        for part in (
            "万元",
            "财政资金\n（每年）",
            "村集体收益\n（每年）",
            "售电收入\n（每年）",
            "建设投资\n（一次性）",
            "587 (497–669)",
            "1,260",
        )
    )
    wide = {}
    for bar in bars(axes):
        wide.setdefault(round(bar.get_x(), 3), []).append(bar.get_width())
    public, village, sales, built = wide.values()
    assert np.isclose(public[0] / village[0], 5.87e6 / 1.54e6)  # one scale for all that is paid yearly
    assert np.isclose(sales[0] / village[0], 1.01e6 / 1.54e6)
    assert np.isclose(built[-1] / built[0], 1.26e7 / 9.6e6)


def test_more_measures_than_rows_are_said_to_be_left_out(answer):
    numbers = answer.numbers
    part = numbers[numbers["table"] == "spending"]
    more = part.assign(row=part["row"] + 20, item=part["item"] + "_2")
    more.loc[:, ["value", "low", "high", "chance_low", "chance_high"]] *= 0.01
    titles = answer.about["measures"]
    twice = about(answer, measures={**titles, **{f"{key}_2": one for key, one in titles.items()}})
    figure = charts.spending(replace(twice, numbers=pd.concat([numbers, more], ignore_index=True)), "zh")
    assert_readable(figure)
    assert re.search(r"另有 20 项措施未列，各不超过每年 \d+\.\d 万元、一次性建设 12\.6 万元", said(figure))


def test_a_difference_says_on_how_many_pairs_it_rests(answer):
    """Mutation: the number of replicates of the run, of which fewer are compared."""
    paired = Answer(answer.numbers, {**answer.about, "pairs": {"pv_late": 12}})
    assert "12 对模拟" in said(charts.difference(paired, "pv_late", "zh"))
    assert "12 pairs of runs" in said(charts.difference(paired, "pv_late", "en"))


def test_a_difference_has_its_zero_line_and_leaves_out_what_no_run_knows(answer, drawn):
    table = answer.table("difference").query("item == 'pv_late'")
    panels = drawn["difference_pv_late"].axes
    assert len(panels) == 6
    assert len(drawn["difference_without"].axes) == 3  # no PV income there, and exits say nothing
    names = ("exited_persons", "left_households", "above_households", "income_head", "pv_income", "public")
    for axes, name in zip(panels, names, strict=True):
        line, zero = axes.lines
        assert line.get_ydata().tolist() == table[name].tolist()
        assert list(zero.get_ydata()) == [0, 0]
        low, high = axes.get_ylim()
        assert low < min(0, table[f"{name}_low"].min()) and max(0, table[f"{name}_high"].max()) < high
    text = said(drawn["difference_pv_late"])
    assert all(
        part in text
        for part in ("光伏晚一年并网", "\N{MINUS SIGN}1,810", "(\N{MINUS SIGN}2,272 ~ \N{MINUS SIGN}1,390)", "万元/年", "+4.4")
    )


def test_the_tornado_shows_the_ten_that_move_it_most_each_end_with_its_value(answer, drawn):
    figure = drawn["tornado"]
    axes = figure.axes[0]
    table = answer.table("influence").query("kind == 'out_2018'")
    size = table[["at_low", "at_high"]].abs().max(axis=1)
    order = table.loc[size.sort_values(ascending=False).index[:10]]
    wide = [bar.get_width() for bar in bars(axes)]
    assert wide == [value for row in order.itertuples() for value in (row.at_low, row.at_high)]
    text = said(figure)
    for path in order["item"]:
        assert PARAMETERS[path][0].split(" ")[0] in text
    assert "工资固定差异" not in text  # the eleventh
    assert "\N{MINUS SIGN}321（取 ×0.35）" in text and "+276（取 ×0.9）" in text and "12%" in text and "3,485 元/月" in text
    assert {"B", "C"} <= {one.get_text() for one in texts(figure)}
    assert all(text.get_text().count("\n") <= 1 for text in texts(figure))
    below = {round(bar.get_y() + bar.get_height() / 2, 2) for bar in bars(axes)}
    assert {7.77, 8.23} <= below  # both ends on one side lie one over the other


def test_an_outcome_in_shares_moves_in_points(drawn):
    text = said(drawn["tornado_share"])
    assert "变化（百分点）" in text
    assert "+2.6" in text and "2.6%" not in text


def test_routes_stand_beside_the_published_by_their_share(answer, drawn):
    table = answer.table("routes")
    wide = [bar.get_width() for bar in bars(drawn["routes"].axes[0])]
    assert wide == [*table["planned_share"], *table["share"]]
    text = said(drawn["routes"])
    assert "计划公布 51%，2,771 人" in text and "模型 56% (50–63%)，1,913 人" in text


def test_where_no_plan_by_route_was_published_it_says_so(answer):
    """Mutation: 计划公布 ，人."""
    numbers = answer.numbers
    unknown = (numbers["table"] == "routes") & numbers["name"].str.startswith("planned")
    values = numbers.assign(value=numbers["value"].where(~unknown))
    text = said(charts.routes(replace(answer, numbers=values), "zh"))
    assert text.count("计划未公布") == len(answer.table("routes")) and "计划公布" not in text


def test_where_a_page_is_full_what_was_held_out_still_stands():
    parts = [(name, pd.DataFrame({"item": range(count)})) for name, count in (("fitted", 20), ("held_out", 9), ("checked", 12))]
    for lines, kept in ((41, (20, 9, 12)), (35, (20, 9, 6)), (25, (15, 9, 1))):
        cut, over = _as_fit(parts, lines)
        assert tuple(len(part) for _, part in cut) == kept and over == 41 - lines


def test_the_fit_tells_fitted_and_held_out_apart_and_writes_the_miss(answer, drawn):
    figure = drawn["fit"]
    table = answer.table("fit")
    dots = [line for line in figure.axes[0].lines if line.get_marker() in "o<>"]
    hollow = [to_hex(dot.get_markerfacecolor()) == to_hex("white") for dot in dots]
    assert hollow == (table["kind"] != "fitted").tolist()
    off = (table["model"] / table["reported"] - 1).to_numpy()
    assert np.allclose([dot.get_xdata()[0] for dot in dots], off)
    text = said(figure)
    for part in (
        "用于拟合",
        "留出检验（未用于拟合）",
        "2016 年脱贫户数",
        "+31",
        "\N{MINUS SIGN}69",
        "+0.16",
        "\N{MINUS SIGN}1.9 百分点",
        "元/人·年",
    ):
        assert part in text


def test_a_target_far_off_is_an_arrow_at_the_end_of_the_scale(answer):
    figure = charts.fit(changed(answer, "fit", 0, model=2000.0, model_low=1900.0, model_high=2100.0), "zh")
    arrow = next(line for line in figure.axes[0].lines if line.get_marker() == ">")
    assert arrow.get_xdata()[0] == figure.axes[0].get_xlim()[1]


def test_a_chart_without_its_table_names_what_is_there(answer):
    for draw, table in CHARTS.values():
        with pytest.raises(ResultsError, match="routes" if table != "routes" else "fit"):
            draw(replace(answer, numbers=answer.numbers[answer.numbers["table"] != table]), lang="zh")


# --- placing ----------------------------------------------------------------------------------------------


def test_places_are_spread_no_further_than_needed():
    assert placing.spread([5.0, 1.0, 9.0], 2.0).tolist() == [5.0, 1.0, 9.0]
    assert placing.spread([5.0, 5.0], 2.0).tolist() == [4.0, 6.0]
    assert placing.spread([0.0, 0.5, 9.0], 2.0, low=0.0, high=10.0).tolist() == [0.0, 2.0, 9.0]
    assert placing.spread([9.9, 10.0], 2.0, high=10.0).tolist() == [8.0, 10.0]


def test_lines_break_between_words_and_never_before_what_closes():
    lines = placing.wrap("预计脱贫 2,143 人（1,884–2,196），完成计划的可能性：38%。", 20, 3.0)
    assert "".join(lines).replace(" ", "") == "预计脱贫2,143人（1,884–2,196），完成计划的可能性：38%。"
    assert len(lines) > 1
    assert all(placing.width(line, 20) <= 3.0 for line in lines)
    assert not any(line[0] in "，。）：" or line[-1] == "（" for line in lines)
    assert placing.wrap("one two", 20, 0.1) == ["one", "two"]
    assert len({round(placing.width(line, 16), 1) for line in placing.balanced("务工收入减少或失业", 16, 1.9)}) == 2


# --- ink --------------------------------------------------------------------------------------------------


def test_a_missing_glyph_stops_the_chart_and_names_the_character(answer, tmp_path):
    with pytest.raises(GlyphError, match="𠀀"):
        charts.exit_timeline(place(answer, zh="𠀀村镇"), "zh")
    figure = charts.routes(answer, "zh")
    figure.axes[0].set_xlabel("𠀀村")
    with pytest.raises(GlyphError, match="𠀀"):
        charts.save(figure, tmp_path / "routes")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(GlyphError):
        figure._repr_png_()


def test_a_glyph_that_our_check_overlooks_is_an_error_of_matplotlib(answer, tmp_path, monkeypatch):
    monkeypatch.setattr(ink, "check_glyphs", lambda figure: None)
    figure = charts.routes(answer, "zh")
    figure.axes[0].set_xlabel("𠀀村")
    with pytest.raises(UserWarning, match="Glyph"):
        charts.save(figure, tmp_path / "routes")
    assert list(tmp_path.iterdir()) == []


def test_a_dollar_sign_is_a_dollar_sign(answer):
    figure = charts.exit_timeline(about(answer, scenario={"zh": "$人$ 方案", "en": "$5 plan"}), "zh")
    title = next(text for text in texts(figure) if "$人$" in text.get_text())
    assert not title.get_parse_math()


def test_files_are_the_same_each_time_and_pdf_text_is_text(answer, tmp_path):
    first, second = (
        charts.save(charts.exit_timeline(answer), tmp_path / name / "图 一", ("png", "pdf", "svg")) for name in ("a", "b")
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert Image.open(first[0]).size == (1999, 1125)
    page = first[1].read_bytes()
    assert b"/CIDFontType2" in page
    assert b"PovsimSansSC" in page
    assert b"/Type3" not in page
    assert len(page) < 200_000


def test_settings_of_matplotlib_are_left_alone(answer, tmp_path):
    before = dict(matplotlib.rcParams)
    charts.save(charts.remaining_households(answer), tmp_path / "left", ("png",))
    assert dict(matplotlib.rcParams) == before
    for path in Path(charts.__file__).parent.glob("*.py"):
        assert not re.search(r"import.*pyplot", path.read_text(encoding="utf-8"))
