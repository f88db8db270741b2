"""Owns: the print of the page: a browser is found or not, each page is marked, and what fails leaves nothing half-done.
Never: what is on the page (test_pages)."""

from __future__ import annotations

import os
import stat
import sys
from base64 import b64encode

import pypdf
import pytest

from povsim.report import printing
from povsim.report.fonts import FAMILY, woff2
from povsim.report.pages import STYLE, WHOLE, write_page
from povsim.report.printing import PrintError, find_browser, print_page
from povsim.report.tables import Table

BROWSER = find_browser()
MARK = {"zh": "合成数据，非真实农户", "en": "Synthetic data, no real households"}
PAGE = "<!DOCTYPE html><title>x</title><p>a page</p>"


def program(path, text):
    """A browser made for a test."""
    path.write_text(
        f"#!{sys.executable}\nimport sys\nout = [w[15:] for w in sys.argv if w.startswith('--print-to-pdf=')]\n{text}\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


@pytest.mark.skipif(BROWSER is None, reason="no browser that prints")
def test_each_page_carries_the_mark_source_run_date_and_its_number(executed, notebooks, tiny, tmp_path):
    paths = [executed.folder / "notebooks" / path.name for path in notebooks]
    page = write_page(paths, tmp_path / "网页 {一}" / "report.html", tiny.answer, executed.lang)
    out = print_page(page, tmp_path / "简报 {一}" / "brief.pdf", BROWSER)
    pages = [one.extract_text() for one in pypdf.PdfReader(out).pages]
    about = tiny.answer.about
    assert len(pages) >= 5
    for number, text in enumerate(pages, start=1):
        flat = "".join(text.split())
        assert "".join(MARK[executed.lang].split()) in flat, number
        assert about["run_id"][:8] in flat and about["created"] in flat
        assert {"zh": f"第{number}页，共{len(pages)}页", "en": f"page{number}of{len(pages)}"}[executed.lang] in flat
    assert [path.name for path in out.parent.iterdir()] == ["brief.pdf"]


@pytest.mark.skipif(BROWSER is None, reason="no browser that prints")
@pytest.mark.parametrize("cell", ["1.00 million yuan (0.95 to 1.10 million LAST)", "1,340 万元 / 1,950 万 LAST"])
def test_a_table_wider_than_the_page_is_printed_whole_and_in_full_size(tmp_path, cell):
    """Mutations: columns run over the edge; all of the print is shrunk until they do not."""
    table = Table({f"措施{number}（户）": [cell] * 14 for number in range(12)}, index=[str(year) for year in range(2017, 2031)])
    font = b64encode(woff2()).decode("ascii")
    style = STYLE % {"name": FAMILY[0], "font": font, "margins": "", "whole": WHOLE}
    text = f"<!DOCTYPE html><html lang='zh'><meta charset='utf-8'><style>{style}</style><p>START</p>{table._repr_html_()}"
    (tmp_path / "x.html").write_text(text, encoding="utf-8")
    found, size = [], []

    def seen(text, cm, tm, _font, points):
        found.extend([tm[4] * cm[0] + cm[4]] * text.count("LAST"))
        size.extend([points * tm[0] * cm[0]] * text.count("START"))

    pages = pypdf.PdfReader(print_page(tmp_path / "x.html", tmp_path / "x.pdf", BROWSER)).pages
    for page in pages:
        page.extract_text(visitor_text=seen)
    assert len(found) == 12 * 14 and all(0 < left < float(page.mediabox.width) - 42 for left in found)
    assert size == [pytest.approx(9.2, abs=0.1)], "points, as the style has it"


@pytest.mark.skipif(BROWSER is None, reason="no browser that prints")
def test_a_short_table_stays_on_one_page_and_a_long_one_is_broken(tmp_path):
    """At whatever height it begins. Mutation: rules on the first and last rows alone, which let a table of eight break in two."""

    def table(name, rows):
        body = "".join(f"<tr><th>{name}{row}.</th><td>{row}</td></tr>" for row in range(rows))
        return f"<table><thead><tr><th></th><th>x</th></tr></thead><tbody>{body}</tbody></table>"

    style = STYLE % {"name": "sans", "font": "", "margins": "", "whole": WHOLE}
    filled = {lines: "".join(f"<p>filler {line}</p>" for line in range(lines)) for lines in range(18, 34)}
    body = "".join(
        f"<section class='chapter'>{text}<h2>run</h2>{table(f's{lines}.', 8)}</section>" for lines, text in filled.items()
    )
    text = f"<!DOCTYPE html><meta charset='utf-8'><style>{style}</style>{body}{table('long.', 90)}"
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    out = print_page(tmp_path / "a.html", tmp_path / "a.pdf", BROWSER)
    pages = [one.extract_text() for one in pypdf.PdfReader(out).pages]

    def stands_on(name, rows):
        return {page for page, text in enumerate(pages) for row in range(rows) if f"{name}{row}." in text}

    assert {lines: len(stands_on(f"s{lines}.", 8)) for lines in filled} == dict.fromkeys(filled, 1)
    assert len(stands_on("long.", 90)) > 1


@pytest.mark.skipif(os.name == "nt", reason="scripts of POSIX")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sys.exit('no display')", "no display"),
        ("sys.exit(3)", "exit 3"),
        ("pass", "exit 0"),
        ("open(out[0], 'w').write('<html>')", "exit 0"),
        ("import time; time.sleep(30)", "1 s"),
    ],
    ids=["fails", "fails silently", "writes nothing", "writes no pdf", "hangs"],
)
def test_a_browser_that_does_not_print_is_an_error_and_the_old_print_stays(tmp_path, text, said):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "a.pdf").write_bytes(b"%PDF old")
    with pytest.raises(PrintError, match=said):
        print_page(tmp_path / "a.html", tmp_path / "a.pdf", program(tmp_path / "browser", text), timeout=1.0)
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.pdf", "browser"]


def test_a_browser_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    with pytest.raises(PrintError):
        print_page(tmp_path / "a.html", tmp_path / "a.pdf", str(tmp_path / "none"))


@pytest.mark.skipif(os.name == "nt", reason="scripts of POSIX")
def test_the_first_browser_that_is_new_enough_is_taken(tmp_path, monkeypatch):
    monkeypatch.delenv("POVSIM_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    program(tmp_path / "chromium", "print('Chromium 120.0.6099.109')")
    program(tmp_path / "google-chrome", "print('Google Chrome 131.0.6778.85')")
    program(tmp_path / "msedge", "print('Microsoft Edge 140.0.0.0')")
    assert find_browser() == str(tmp_path / "google-chrome")


@pytest.mark.skipif(os.name == "nt", reason="scripts of POSIX")
def test_the_setting_names_the_browser_or_none(tmp_path, monkeypatch):
    mine = program(tmp_path / "my browser", "pass")
    monkeypatch.setenv("POVSIM_BROWSER", mine)
    assert find_browser() == mine
    for nothing in ("", "no-such-browser"):
        monkeypatch.setenv("POVSIM_BROWSER", nothing)
        assert find_browser() is None


def test_a_browser_of_windows_tells_its_version_by_a_folder(tmp_path):
    for name in ("131.0.6778.86", "99.0.1.2", "Locales"):
        (tmp_path / name).mkdir()
    assert printing._folder_version(tmp_path) == 131
    assert printing._folder_version(tmp_path / "none") == 0
