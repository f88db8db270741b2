import pypdf
import pytest

from povsim.report.brief import brief, drawn
from povsim.report.fonts import GlyphError
from tests.report.fake_answer import make_answer

SENTENCES = {
    "zh": [
        "脱贫：2017 年预计脱贫 2,143 人。",
        "剩余：2021 年末还有 36 户未脱贫。",
        "返贫：三年内 15%。",
        "支出：每年 1,074 万元。",
    ],
    "en": [
        "Exits: 2,143 persons leave.",
        "Left: 36 households.",
        "Falling back: 15% in three years.",
        "Spending: 10.7 million yuan.",
    ],
}
ASSUMPTIONS = [
    f"C 级（估计）：第 {number} 项，取值 0.12，范围 0.08–0.18；依据：两份外地工作报告，本地没有可查的数。" for number in range(60)
]
MARKS = {"zh": "合成数据，非真实农户", "en": "Synthetic data, no real households"}
SOURCES = {"zh": "上报数：**镇脱贫攻坚工作总结", "en": "Reported: the town's yearly work report"}


def pages_of(path):
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


@pytest.fixture(scope="module")
def answer():
    return make_answer()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_come_first_then_the_charts_then_the_assumptions(answer, tmp_path, lang):
    path = brief(answer, lang, tmp_path / "简报" / "brief.pdf", SENTENCES[lang], ASSUMPTIONS)
    pages = pages_of(path)
    titles = [draw().title for draw in drawn(answer, lang)]
    assert len(titles) == 12
    for sentence in SENTENCES[lang]:
        assert sentence in pages[0].replace("\n", "")
    for title, page in zip(titles, pages[1:13], strict=True):
        assert title in page
    rest = "".join(pages[13:])
    assert len(pages[13:]) > 2  # as many as they need
    assert all(f"第 {number} 项" in rest for number in range(60))
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page
        assert MARKS[lang] in page and SOURCES[lang] in page and "2026-11-23" in page


def test_a_real_town_has_no_mark_and_charts_without_numbers_are_left_out(answer, tmp_path):
    tables = ("villages", "difference", "influence", "fit", "routes", "spending", "income_sources", "return_by_years")
    real = make_answer(without=tables, place={**answer.about["place"], "synthetic": False})
    pages = pages_of(brief(real, "zh", tmp_path / "brief.pdf", SENTENCES["zh"]))
    assert len(pages) == 3
    assert "年末还有多少贫困户" in pages[2]
    assert not any(MARKS["zh"] in page for page in pages)


def test_the_same_answer_gives_the_same_bytes_and_long_sentences_more_pages(answer, tmp_path):
    small = make_answer(without=("villages", "difference", "influence", "fit", "spending", "income_sources", "return_by_years"))
    first, second = (brief(small, "zh", tmp_path / f"{name}.pdf", SENTENCES["zh"] * 30).read_bytes() for name in "ab")
    assert first == second
    assert b"/CIDFontType2" in first and b"/Type3" not in first
    pages = pages_of(tmp_path / "a.pdf")
    assert len(pages) > 5
    assert sum(page.count("剩余：2021 年末还有 36 户未脱贫。") for page in pages) == 30


def test_a_missing_glyph_leaves_no_file(answer, tmp_path):
    with pytest.raises(GlyphError, match="𠀀"):
        brief(answer, "zh", tmp_path / "brief.pdf", ["𠀀"])
    assert list(tmp_path.iterdir()) == []
