"""What the command line adds to a run: one household opened, stress blocks, a precision in place of a number of replicates."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from povsim.cli.main import main
from povsim.results.results import Results

SMALL = ("-p", "run.years=2", "-p", "run.draws=0", "-p", "run.scope=registered")


def test_a_household_is_opened_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("why", "chagu/baseline", "chagu-01-R0005", "--replicates", "2", "--threads", "1", "--lang", "en", *SMALL)
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out.startswith("chagu-01-R0005: ") and "Means of 2 replicates" in said.out and "synthetic data" in said.out
    assert "simulating 2/2 took" in said.err and not list(tmp_path.iterdir())
    assert main(("why", "chagu/baseline", "nobody", "--lang", "en", *SMALL)) == 2
    assert "there is no such household; give a pseudonym" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_household_opened_is_a_workbook_too(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    path = tmp_path / "一户 {一}" / "why.xlsx"
    words = ("why", "chagu/baseline", "chagu-01-R0005", "--replicates", "2", "--threads", "1", "--lang", lang, *SMALL)
    assert main((*words, "--out", str(path))) == 0
    said = capsys.readouterr().out
    (sheet,) = openpyxl.load_workbook(path).worksheets
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    words_of = [str(row[0]) for row in rows if row]
    assert sheet["A1"].value == said.splitlines()[0] and sheet.title == "chagu-01-R0005"
    mark = {"zh": "合成数据，非真实农户", "en": "Synthetic data, no real households"}[lang]
    assert mark in sheet["A2"].value and mark in sheet.oddHeader.center.text and "povsim" in sheet.oddFooter.center.text
    heads = {
        "zh": ("收入", "其中各项措施带来", "离标准（元/人）"),
        "en": ("income", "of it, by measure", "distance to the line (yuan a head)"),
    }
    starts = [words_of.index(head) for head in heads[lang]]
    assert starts == sorted(starts)
    all_ = [row for row in rows if row and row[0] == {"zh": "合计", "en": "all"}[lang]]
    assert len(all_) == 2 and all_[0] == all_[1], "income by part and by measure add up to the same"
    assert all(f"{int(row[1]):,}" in said for row in all_), "a number, and the one that was said"
    with pytest.raises(SystemExit):
        main((*words, "--out", str(tmp_path / "why.txt")))
    assert ".xlsx" in capsys.readouterr().err


def test_a_run_under_stress_until_it_is_precise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = "run.replicates={until: exits_households, year: 2018, within: 1000, most: 30}"
    words = ("simulate", "chagu/baseline", "--out", str(tmp_path / "out"), "--threads", "1", "--lang", "en", *SMALL, "-p", asked)
    assert (
        main((*words, "--stress", "disaster_year:2017", "-p", "measures.collective=null", "--stress", "support_withdrawn")) == 0
    )
    said = capsys.readouterr().err
    assert "households that leave in 2018: 20 replicates, mean" in said and "as asked (1,000)" in said
    assert "simulating 20/20 took" in said
    results = Results.read(tmp_path / "out")
    assert results.replicates == 20 and results.manifest["precision"]["reached"]["met"]
    assert [(one["name"], one["first"]) for one in results.manifest["stress"]] == [
        ("disaster_year", 2017),
        ("support_withdrawn", 2018),
    ]
    assert "an extreme case, not current policy" in json.dumps(results.manifest["scenario"])


def test_a_block_that_hits_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("schema: povsim/1\nplace: chagu\nrun: {opening: 2016, years: 2, draws: 0}\nmeasures: {}\n", encoding="utf-8")
    assert main(("check", str(file), "--stress", "pv_arrears:2018", "--lang", "en")) == 0
    assert "stress pv_arrears (PV subsidy arrears) finds nothing to hit" in capsys.readouterr().err
    assert main(("check", str(file), "--stress", "pv_arears", "--lang", "en")) == 2
    assert "did you mean pv_arrears?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("disaster_yeer", "是否想写 disaster_year"),
        ("disaster_year：2018", "请用半角写成 disaster_year:2018"),
        ("disaster_year:2048", "请写 --stress disaster_year:2018"),
    ],
)
def test_a_wrong_stress_is_told_as_it_was_asked_for(asked: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("check", "chagu/baseline", "--stress", asked)) == 2
    told = capsys.readouterr().err
    assert told.startswith("--stress: ") and said in told


def test_what_is_no_params_file_is_named_for_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mutation: a workbook is told to be saved as UTF-8, a folder not to be there."""
    (tmp_path / "mine.xlsx").write_bytes(b"PK\x03\x04\x14\x00\x08\xb0")
    (tmp_path / "mine.yaml").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1")
    for name, said in (("mine.xlsx", "Excel"), ("mine.yaml", "Excel"), (".", "文件夹")):
        assert main(("check", str(tmp_path / name))) == 2
        told = capsys.readouterr().err
        assert said in told and "UTF-8" not in told and "找不到" not in told
