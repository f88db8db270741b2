import re
from html.parser import HTMLParser

import nbformat
import pytest

from povsim.report.pages import to_html


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(executed, town):
    folder, _ = executed
    return to_html(folder / "notebooks" / town.name, folder / "report.html", "zh").read_text(encoding="utf-8")


def test_the_page_needs_no_network_and_shows_no_code(page):
    seen = Seen()
    seen.feed(page)
    links = [value for _, attrs in seen.tags for name, value in attrs.items() if name in ("src", "href", "data", "action")]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert all(url.startswith("data:font/woff2") for url in re.findall(r'url\("?([^")]*)', page))
    assert "http:" not in page
    assert "https:" not in page
    tags = [tag for tag, _ in seen.tags]
    assert "script" not in tags
    assert "link" not in tags
    assert [attrs["alt"] for tag, attrs in seen.tags if tag == "img"] == ["样本镇：每年脱贫多少人", "样本镇：年末还有多少贫困户"]
    for code in ("Results.read", "results_dir", "import ", "In [", "Out["):
        assert code not in page


def test_the_page_reads_in_its_language(page, results):
    assert '<html lang="zh-CN">' in page
    assert "<title>全镇概览</title>" in page
    assert "The town at a glance" not in page
    for text in ("2,199 人", "脱贫时序", "梅岭光伏电站", "合成数据", "35,947", "返贫原因", "上报数来源：样本镇工作报告"):
        assert text in page


def test_what_went_to_stderr_is_left_out_and_the_other_language_too(tmp_path):
    v4 = nbformat.v4
    noisy = v4.new_code_cell(
        "x", outputs=[v4.new_output("stream", name=name, text=f"to {name}") for name in ("stdout", "stderr")]
    )
    cells = [v4.new_markdown_cell("# 某镇 · A town\n\n收入 · 支出 · 其他"), noisy]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    page = to_html(tmp_path / "a.ipynb", tmp_path / "a.html", "en").read_text(encoding="utf-8")
    assert "<title>A town</title>" in page
    assert '<html lang="en">' in page
    assert "某镇" not in page
    assert "收入 · 支出 · 其他" in page
    assert "to stdout" in page
    assert "to stderr" not in page
