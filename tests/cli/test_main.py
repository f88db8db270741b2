"""Owns: exit codes, help and language of the command line.
Never: the main job from end to end (test_verbs)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from povsim.cli import parser, verbs
from povsim.cli.main import main
from povsim.cli.parser import VERBS
from povsim.core.errors import Fault, NotebookError, ParamsError, RuleError
from povsim.core.labels.cli import WORDS


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_LANG", "zh")  # main() sets it; this puts it back


def answer(*words: str) -> int:
    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("lang", "usage", "example"), [("zh", "用法：", "例："), ("en", "usage: ", "example:")])
def test_every_verb_has_help_with_an_example(
    capsys: pytest.CaptureFixture[str], verb: str, lang: str, usage: str, example: str
) -> None:
    assert answer(verb, "--lang", lang, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{usage}povsim {verb} ") and said.count(usage) == 1
    assert f"{example}\n  povsim {verb} " in said


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["rnu"],
        ["synth", "chagu"],
        ["report"],
        ["compare", "a"],
        ["simulate", "--svg"],
        ["run", "--threads", "0"],
        ["run", "--lang", "fr"],
        ["run", "--thr", "2"],
    ],
)
def test_a_wrong_command_is_2_and_points_at_the_help(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert answer(*words) == 2
    said = capsys.readouterr()
    assert "--help" in said.err and said.out == ""


FAULTS = [
    Fault("a.yaml", 3, 5, "work.finds_abel", "0.2", "没有这个参数", "work.finds_able"),
    Fault("a.yaml", 9, 1, "plan", "", "映射"),
]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ParamsError("参数有误", FAULTS), 2, ["a.yaml:3:5", "work.finds_able", "a.yaml:9:1", "没有写入"]),
        (RuleError("2017: measure bees"), 2, ["供其作者阅读（英文）：\n2017: measure bees", "没有写入"]),
        (NotebookError("第 3 格停下"), 1, ["第 3 格"]),
        (OSError(28, "No space left on device"), 1, ["OSError", "No space", "-v"]),
        (KeyboardInterrupt(), 130, ["已中断"]),
    ],
)
def test_an_error_becomes_an_exit_code_and_words_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: list[str]
) -> None:
    def fail(arguments: object) -> None:
        raise error

    monkeypatch.setattr(verbs, "simulate", fail)
    assert answer("simulate") == code
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert "Traceback" not in said


def test_the_help_of_calibrate_says_its_defaults() -> None:
    from povsim.analysis import calibrate

    assert (parser.POINTS, parser.KEPT) == (calibrate.POINTS, calibrate.KEPT)


def test_every_word_has_both_languages() -> None:
    assert [key for key, pair in WORDS.items() if not all(pair) or (pair[0] == pair[1])] == []
    assert [key for key, (zh, _) in WORDS.items() if not any("一" <= letter <= "鿿" for letter in zh) and "{" not in zh] == []


def test_help_is_quick_and_fits_any_console(tmp_path: Path) -> None:
    spent = []
    for encoding in ("utf-8", "gbk", "ascii"):
        start = time.perf_counter()
        environ = os.environ | {"PYTHONIOENCODING": encoding}
        done = subprocess.run(
            [sys.executable, "-m", "povsim", "--help"], env=environ, cwd=tmp_path, capture_output=True, check=False
        )
        spent.append(time.perf_counter() - start)
        assert done.returncode == 0, done.stderr
    assert min(spent) < 0.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "还缺：FILE"),
        (["run", "--threads", "x"], "应为整数，现在是 'x'"),
        (["run", "--threads"], "后面要写一个值"),
        (["run", "--thr", "2"], "不认识：--thr"),
        (["rnu"], "不能是 'rnu'；可用："),
    ],
)
def test_what_is_wrong_with_a_command_is_said_in_chinese(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert answer(*words) == 2
    told = capsys.readouterr().err
    assert said in told and "argument" not in told, told


def test_the_language_may_stand_before_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer("--lang", "en", "check", "none.yaml") == 2
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_stops_reading_is_no_failure(root: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "povsim", "check", str(root / "params" / "work.yaml")]
    done = subprocess.run(words, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "some words\n", "- a\n- b\n", "a:\n\tb: 1\n"])
@pytest.mark.parametrize("folder", ["data/places", "params/x", "params"])
def test_a_file_that_holds_nothing_of_use_is_not_sound(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str, text: str
) -> None:
    shutil.copytree(root / "params", tmp_path / "params")
    shutil.copytree(root / "data", tmp_path / "data")
    monkeypatch.setenv("POVSIM_DATA", str(tmp_path))
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "x.yaml").write_text(text)
    assert answer("check", str(tmp_path / folder / "x.yaml")) == 2
    assert capsys.readouterr().err.count("x.yaml") == 1, "one fault, and none that follows from it"


def test_check_takes_overrides(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(root / "params" / "chagu" / "baseline.yaml")
    assert answer("check", file, "-p", "run.years=3") == 0
    assert "2017–2019" in capsys.readouterr().out
    assert answer("check", file, "-p", "run.yers=3") == 2


def test_check_finds_what_no_households_can_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mutation: the place is called sound, and its synthesis fails."""
    text = "schema: povsim-place/1\nid: t\ntitle: {zh: 镇, en: Town}\ntownship: 镇\n"
    text += "villages: [{name: 东村, registered_households: 2}]\n"
    text += "margins: {farm_households: 9, farm_persons: 30}\nregistry: [{year: 2016, flow: stock, households: 6, persons: 20}]\n"
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "t.yaml")]) == 2
    assert "合计 2 户，台账里在册和已脱贫的共 6 户" in capsys.readouterr().err
