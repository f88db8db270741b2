import re
from dataclasses import replace
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from povsim.report import charts
from povsim.report.fonts import GlyphError

BOTH = (charts.exit_timeline, charts.remaining_households)


def texts(figure):
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def words(figure):
    return "\n".join(text.get_text() for text in texts(figure))


def lightness(colour):
    return np.dot(to_rgb(colour), (0.299, 0.587, 0.114))


def test_the_timeline_says_what_was_reported_planned_and_projected(results):
    said = words(charts.exit_timeline(results, "zh"))
    for part in ("样本镇", "基准方案", "1,508 人", "454 户", "已上报（截至 2016 年末）", "预计", "2016年", "计划", "2,196"):
        assert part in said
    for part in (
        "完成计划的可能性",
        "其中不靠低保达标（人）",
        "达标人数（限额前，人）",
        "预计脱贫户数（户）",
        "90% 区间",
        "只含偶然性",
        "样本镇工作报告",
        "2026-11-23",
        "合成数据，非真实农户",
        "0123abcd",
    ):
        assert part in said
    assert "\n人\n" in f"\n{said}\n"  # the unit of the axis
    assert "persons (p)" in words(charts.exit_timeline(results, "en"))


def test_reported_bars_are_dark_and_have_no_interval(results):
    figure = charts.exit_timeline(results)
    axes = figure.axes[0]
    bars = {round(bar.get_x() + bar.get_width() / 2): bar for bar in axes.patches}
    assert {year: bar.get_height() for year, bar in bars.items() if year <= 2016} == {2014: 1508, 2015: 1019, 2016: 1595}
    dark, light = ({lightness(bars[year].get_facecolor()[:3]) for year in years} for years in ((2014, 2016), results.years))
    assert max(dark) + 0.4 < min(light)  # on a grey printer too
    lines = [segment for lines in axes.collections for segment in lines.get_segments()]
    spans = {round(line[0][0]): sorted(line[:, 1]) for line in lines if line[0][0] == line[1][0]}
    assert spans.keys() == set(results.years)
    out = results["exits"].query("year == 2018")["exited_persons"].sort_values().to_numpy()
    assert spans[2018] == [out[1], out[37]]  # 5% and 95% of 40
    plans = {round(line.mean(axis=0)[0]): line[0][1] for line in lines if line[0][1] == line[1][1] and line[0][0] != line[1][0]}
    assert plans == {2016: 1604, 2017: 2196, 2018: 1592}


def test_remaining_starts_from_what_was_reported(results):
    figure = charts.remaining_households(results, "zh")
    said = words(figure)
    assert all(part in said for part in ("2,751 户", "1,571 户", "3,724", "5,392", "已上报（截至 2016 年末）", "合成数据"))
    assert "\n户\n" in f"\n{said}\n"
    projected = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    assert tuple(projected.get_xydata()[0]) == (2016, 1571)


def back_test(make_results, results, opening):
    years = tuple(range(opening + 1, opening + 6))
    return make_results(years=years, manifest={**results.manifest, "opening": opening})


def test_a_back_test_shows_what_was_reported_beside_the_projection(make_results, results):
    figure = charts.exit_timeline(back_test(make_results, results, 2013), "zh")
    bars = sorted(
        (round(bar.get_x() + bar.get_width() / 2), lightness(bar.get_facecolor()[:3])) for bar in figure.axes[0].patches
    )
    assert [year for year, _ in bars] == [2014, 2014, 2015, 2015, 2016, 2016, 2017, 2018]
    assert all(dark + 0.4 < light for (_, dark), (_, light) in zip(bars[:6:2], bars[1:6:2], strict=True))
    assert "深色为上报" in words(figure)


def test_an_opening_whose_households_were_not_reported_still_has_its_point(make_results, results):
    run = back_test(make_results, results, 2015)
    figure = charts.remaining_households(run, "zh")
    begun = run["ledger"].query("year == 2016 and unit == 'households'")["opening"].median()
    assert f"约 {begun:,.0f} 户" in words(figure)
    projected = next(line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    assert tuple(projected.get_xydata()[0]) == (2015, begun)


def test_too_few_replicates_are_said_to_be_too_few(make_results):
    said = words(charts.exit_timeline(make_results(replicates=3), "zh"))
    assert "模拟次数太少，区间仅供参考" in said
    assert "100% 以下" not in said


def test_the_plan_has_its_number_at_its_own_line_and_no_text_on_it(make_results, results):
    figure = charts._draw_exits(results, "zh", numbered=True)
    axes = figure.axes[0]
    lines = next(lines for lines in axes.collections if all(line[0][1] == line[1][1] for line in lines.get_segments()))
    plans = {f"计划\n{line[0][1]:,.0f}": axes.transData.transform(line) for line in lines.get_segments()}
    for text in axes.texts:
        box = text.get_window_extent()
        if text.get_text() in plans:
            left, right = plans[text.get_text()]
            assert right[0] <= box.x0 < right[0] + 20 and box.y1 >= right[1] - 20
            continue
        for left, right in plans.values():
            assert not (box.y0 <= left[1] <= box.y1 and box.x0 < right[0] and box.x1 > left[0]), text


def test_years_that_are_blank_in_the_report_are_left_out(make_results, results):
    reported = results.reported.copy()
    reported.loc[0, ["exited_households", "exited_persons"]] = np.nan
    assert "2014年" not in words(charts.exit_timeline(make_results(reported=reported), "zh"))


def test_a_part_of_the_town_is_marked(make_results, results):
    part = make_results(manifest={**results.manifest, "scope": "registered"}, place=replace(results.place, synthetic=False))
    said = words(charts.exit_timeline(part, "zh"))
    assert "仅建档立卡户" in said
    assert "合成数据" not in said


LONG = "某省某市某县某镇脱贫攻坚领导小组办公室脱贫攻坚年度工作总结及下一年度计划安排（征求意见稿）和各行政村附表"


@pytest.mark.parametrize("draw", BOTH)
@pytest.mark.parametrize(("lang", "changes"), [("zh", {}), ("en", {}), ("zh", {"zh": LONG, "source_zh": LONG})])
def test_all_text_is_large_inside_the_page_and_apart(make_results, results, draw, lang, changes):
    assert_readable(draw(make_results(place=replace(results.place, **changes)), lang), lang)


@pytest.mark.parametrize("draw", BOTH)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("opening", "count"), [(2013, 5), (2015, 5), (2016, 10), (2016, 30), (2013, 30)], ids=str)
def test_many_years_and_back_tests_are_as_readable(make_results, results, draw, lang, opening, count):
    manifest = {**results.manifest, "opening": opening}
    run = make_results(replicates=20, years=tuple(range(opening + 1, opening + 1 + count)), manifest=manifest)
    assert_readable(draw(run, lang), lang)


def assert_readable(figure, lang):
    assert "合成数据，非真实农户" in words(figure) or lang == "en"
    assert min(text.get_fontsize() for text in texts(figure)) >= 14
    boxes = {text: text.get_window_extent() for text in texts(figure)}
    page = figure.bbox
    for text, box in boxes.items():
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text
    overlaps = [
        (a.get_text(), b.get_text()) for a, b in combinations(boxes, 2) if boxes[a].padded(-2).overlaps(boxes[b].padded(-2))
    ]
    assert overlaps == []


def test_a_missing_glyph_stops_the_chart_and_names_the_character(make_results, results, tmp_path):
    with pytest.raises(GlyphError, match="𠀀"):
        charts.exit_timeline(make_results(place=replace(results.place, zh="𠀀村镇")), "zh")
    figure = charts.exit_timeline(results, "zh")
    figure.axes[0].set_xlabel("𠀀村")
    with pytest.raises(GlyphError, match="𠀀"):
        charts.save(figure, tmp_path / "exits")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(GlyphError):
        figure._repr_png_()


def test_a_glyph_that_our_check_overlooks_is_an_error_of_matplotlib(results, tmp_path, monkeypatch):
    monkeypatch.setattr(charts, "check_glyphs", lambda figure: None)
    figure = charts.exit_timeline(results, "zh")
    figure.axes[0].set_xlabel("𠀀村")
    with pytest.raises(UserWarning, match="Glyph"):
        charts.save(figure, tmp_path / "exits")
    assert list(tmp_path.iterdir()) == []


def test_a_dollar_sign_is_a_dollar_sign(make_results, results):
    scenario = {"zh": "$人$ 方案", "en": "$5 plan"}
    figure = charts.exit_timeline(make_results(manifest={**results.manifest, "scenario": scenario}), "zh")
    title = next(text for text in texts(figure) if "$人$" in text.get_text())
    assert not title.get_parse_math()


def test_files_are_the_same_each_time_and_pdf_text_is_text(results, tmp_path):
    first, second = (
        charts.save(charts.exit_timeline(results), tmp_path / name / "图 一", ("png", "pdf", "svg")) for name in ("a", "b")
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert Image.open(first[0]).size == (2666, 1500)
    page = first[1].read_bytes()
    assert b"/CIDFontType2" in page
    assert b"PovsimSansSC" in page
    assert b"/Type3" not in page
    assert len(page) < 200_000


def test_settings_of_matplotlib_are_left_alone(results, tmp_path):
    before = dict(matplotlib.rcParams)
    charts.save(charts.remaining_households(results), tmp_path / "left", ("png",))
    assert dict(matplotlib.rcParams) == before
    assert not re.search(r"import.*pyplot", (charts.Path(charts.__file__)).read_text(encoding="utf-8"))
