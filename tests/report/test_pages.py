"""Owns: the page that a meeting reads: offline, without code, in one language, its numbers all from the answer.
Never: how it prints (test_printing)."""

import re
from html.parser import HTMLParser

import nbformat
import pytest

from povsim.indicators.answer import Answer
from povsim.indicators.tracing import untraced
from povsim.report.pages import chapter, write_page


class Seen(HTMLParser):
    """Tags of a page, and the text that people read; what of it is no result is left out."""

    def __init__(self):
        super().__init__()
        self.tags, self.words, self._open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "nav", *self._open[-1:]) or dict(attrs).get("class") == "estimates":
            self._open.append(tag)
        self.words.append(" | " if tag in ("td", "th") else "\n")

    def handle_endtag(self, tag):
        if self._open and tag == self._open[-1]:
            self._open.pop()

    def handle_data(self, data):
        if not self._open:
            self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


@pytest.fixture(scope="module")
def page(executed, notebooks, tiny):
    paths = [executed.folder / "notebooks" / path.name for path in notebooks]
    return write_page(paths, executed.folder / "report.html", tiny.answer, executed.lang).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seen(page):
    found = Seen()
    found.feed(page)
    return found


def test_the_page_needs_no_network_and_shows_no_code(page, seen):
    links = [value for _, attrs in seen.tags for name, value in attrs.items() if name in ("src", "href", "data", "action")]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert all(url.startswith("data:font/woff2") for url in re.findall(r'url\("?([^")]*)', page))
    assert "http:" not in page
    assert "https:" not in page
    tags = [tag for tag, _ in seen.tags]
    assert not {"script", "link", "iframe", "object"} & set(tags)
    for code in ("Answer.read", "results_dir", "import ", "In [", "Out[", "figures.show"):
        assert code not in page
    images = [attrs for tag, attrs in seen.tags if tag == "img"]
    assert len(images) >= 10 and all(attrs["alt"] for attrs in images), "a chart has words for those who cannot see it"


def test_every_number_comes_from_the_answer(seen, tiny, executed):
    villages = set(tiny.answer.table("villages")["item"])
    head = {"zh": "A 有出处", "en": "A, sourced"}[executed.lang]
    *before, counts = seen.text.rpartition(head)  # how many parameters are known how well is counted in params.yaml
    assert untraced("".join(before), tiny.answer, allowed=villages) == []
    assert len(re.findall(r"\d+", counts)) == 12, "four counts of three grades, and nothing behind them"


def test_a_number_that_is_not_of_the_answer_would_be_found(seen, tiny):
    assert untraced(seen.text.replace("1,604", "1,605"), tiny.answer, allowed=set(tiny.answer.table("villages")["item"]))


def test_the_four_numbers_come_first_then_the_contents_then_the_chapters(page, seen, executed):
    cards = [place.start() for place in re.finditer('<div class="card">', page)]
    assert len(cards) == 4 and cards[-1] < page.index("<nav>") < page.index('<section class="chapter" id="c1">')
    assert page.count('<section class="chapter"') == 4
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    asked = [value[1:] for tag, attrs in seen.tags if tag == "a" for name, value in attrs.items() if name == "href"]
    assert len(ids) == len(set(ids)) and len(asked) > 15 and set(asked) <= set(ids)
    history = {"zh": "2016 年计划脱贫 1,604 人，实际脱贫 1,595 人", "en": "2016: 1,604 persons planned, 1,595 left"}
    assert page.index(history[executed.lang]) < cards[0]


def test_the_page_reads_in_its_language(page, seen, executed, tiny):
    tag, title, other, words = {
        "zh": (
            "zh-CN",
            "茶谷镇：脱贫时限、返贫风险与帮扶成效",
            "Timeline of exits",
            ("脱贫时序", "梅岭光伏电站", "不帮扶", "35,947"),
        ),
        "en": (
            "en",
            "Chagu town: who leaves poverty when",
            "脱贫时序",
            ("Timeline of exits", "PV station Meiling", "without measures"),
        ),
    }[executed.lang]
    assert f'<html lang="{tag}">' in page and f"<title>{title}" in page and other not in page
    assert all(word in seen.text for word in words)
    if executed.lang == "en":
        names = "|".join(sorted(set(tiny.answer.table("villages")["item"]), key=len, reverse=True))
        assert re.findall(r"[一-鿿]+", re.sub(names, "", seen.text)) == [], "names of villages alone"


def test_a_synthetic_town_says_so_on_the_screen_and_on_each_printed_page(page, executed):
    mark = {"zh": "合成数据，非真实农户", "en": "Synthetic data, no real households"}[executed.lang]
    assert f'<div class="mark">{mark}</div>' in page
    assert re.search(rf'@top-center {{[^}}]*content: "{mark}"', page)
    assert re.search(r"@bottom-right {[^}]*counter\(page\)[^}]*counter\(pages\)", page)


def test_a_real_town_carries_no_mark(executed, notebooks, tiny, tmp_path):
    about = {**tiny.answer.about, "place": {**tiny.answer.about["place"], "synthetic": False}}
    paths = [executed.folder / "notebooks" / notebooks[3].name]
    page = write_page(paths, tmp_path / "a.html", Answer(tiny.answer.numbers, about), executed.lang).read_text(encoding="utf-8")
    assert 'class="mark"' not in page and "top-center" not in page


def test_no_name_breaks_out_of_the_style_or_the_page(executed, notebooks, tiny, tmp_path):
    names = {"zh": '</style><script>alert("1")</script>', "en": 'x"; } body { display: none } \\'}
    about = {**tiny.answer.about, "place": {**tiny.answer.about["place"], **names}, "scenario": names}
    page = write_page(
        [executed.folder / "notebooks" / notebooks[0].name], tmp_path / "a.html", Answer(tiny.answer.numbers, about), "zh"
    )
    found = Seen()
    found.feed(page.read_text(encoding="utf-8"))
    assert "script" not in [tag for tag, _ in found.tags]
    english = write_page(
        [executed.folder / "notebooks" / notebooks[0].name], tmp_path / "b.html", Answer(tiny.answer.numbers, about), "en"
    )
    style = re.search(r"<style>(.*?)</style>", english.read_text(encoding="utf-8"), re.S)[1]
    assert r'content: "x\22 ; } body { display: none } \5c "' in style


def test_what_went_to_stderr_is_left_out_and_the_other_language_and_what_is_for_the_notebook_alone(tmp_path):
    v4 = nbformat.v4
    noisy = v4.new_code_cell(
        "x", outputs=[v4.new_output("stream", name=name, text=f"to {name}") for name in ("stdout", "stderr")]
    )
    alone = v4.new_markdown_cell("again", metadata={"tags": ["notebook-only"]})
    cells = [v4.new_markdown_cell("# 某镇 · A & B\n\n收入 · 支出 · 其他\n\n## 一 · One"), noisy, alone]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    found = chapter(tmp_path / "a.ipynb", 3, "en")
    assert (found.id, found.title, found.parts) == ("c3", "A & B", (("c3-1", "One"),))
    assert "某镇" not in found.body
    assert "收入 · 支出 · 其他" in found.body
    assert "to stdout" in found.body
    assert "to stderr" not in found.body
    assert "again" not in found.body
