"""Owns: run.py: the environment's stamp, its lock, what it hands over, and (slow) that it really makes one.
Never: what povsim does once it is called."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import ModuleType

import pytest

FILES = ("run.py", "pyproject.toml", "constraints.txt")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_py", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A copy of what run.py needs, under a path with Chinese characters and a blank."""
    there = tmp_path / "扶贫 模拟"
    there.mkdir()
    for name in FILES:
        shutil.copy(root / name, there)
    return there


@pytest.fixture
def made(checkout: Path) -> Path:
    """The same with a finished environment whose Python only tells how it was called."""
    script = load(checkout / "run.py")
    script.PYTHON.parent.mkdir(parents=True)
    tell = checkout / "tell.py"
    tell.write_text(
        textwrap.dedent("""\
            import json, os, sys
            names = ("PYTHONUTF8", "JUPYTER_PREFER_ENV_PATH", "VIRTUAL_ENV", "PATH")
            print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), **{n: os.environ[n] for n in names}}))
            sys.exit(7)
            """),
        encoding="utf-8",
    )
    script.PYTHON.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tell}" "$@"\n', encoding="utf-8")
    script.PYTHON.chmod(0o755)
    script.STAMP.write_text(script.stamp(), encoding="ascii")
    return checkout


def call(checkout: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | more
    return subprocess.run(
        [sys.executable, "run.py", *words],
        cwd=checkout,
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "argv"),
    [
        ([], ["-m", "povsim", "run"]),
        (["-p", "run.seed=3"], ["-m", "povsim", "run", "-p", "run.seed=3"]),
        (["check", "a b.yaml"], ["-m", "povsim", "check", "a b.yaml"]),
        (["povsim", "--version"], ["-m", "povsim", "--version"]),
        (["test", "-k", "账"], ["-m", "pytest", "-k", "账"]),
    ],
)
def test_words_go_through_to_the_verb_and_its_exit_code_comes_back(made: Path, words: list[str], argv: list[str]) -> None:
    done = call(made, *words)
    assert done.returncode == 7, done.stderr
    told = json.loads(done.stdout)
    assert told["argv"] == argv
    assert (told["PYTHONUTF8"], told["JUPYTER_PREFER_ENV_PATH"]) == ("1", "1")
    assert told["PATH"].startswith(told["VIRTUAL_ENV"])


def test_the_second_start_is_quick(made: Path) -> None:
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        call(made)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 1.0  # 0.1 s when nothing else runs; two thirds of it are two starts of Python


def test_a_gbk_terminal_reads_the_help_and_the_refusal(checkout: Path) -> None:
    environ = os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "run.py", "--help"], cwd=checkout, env=environ, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert "主任务" in done.stdout.decode("gbk")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("what", ["pyproject.toml", "constraints.txt", "python", "path"])
def test_the_stamp_follows_what_the_environment_depends_on(checkout: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    script = load(checkout / "run.py")
    before = script.stamp()
    assert before == load(checkout / "run.py").stamp()
    if what == "python":
        monkeypatch.setattr(sys, "version_info", (3, 12, 99, "final", 0))
    elif what == "path":
        script.ROOT = checkout.rename(checkout.with_name("elsewhere"))
    else:
        with open(checkout / what, "a", encoding="utf-8") as file:
            file.write("\n# changed\n")
    assert script.stamp() != before


def without_network(script: ModuleType, monkeypatch: pytest.MonkeyPatch, *, fail: bool = False) -> list[list[str]]:
    """Let make() run without a real environment; return the commands that it gives."""
    import venv

    class Builder:
        def __init__(self, **options: object) -> None:
            assert options["clear"], "what an interrupted set-up left must go"

        def create(self, folder: Path) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            script.PYTHON.parent.mkdir(parents=True)
            script.PYTHON.touch()

    calls: list[list[str]] = []

    def install(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        calls.append([str(word) for word in command])
        if "--editable" in command:
            if fail:
                raise KeyboardInterrupt
            site = script.ENV / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
            site.mkdir(parents=True)
            (site / "_editable_povsim.pth").write_text(str(script.ROOT / "src"), encoding="utf-8")
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.setattr(venv, "EnvBuilder", Builder)
    monkeypatch.setattr(subprocess, "run", install)
    return calls


def test_an_interrupted_set_up_is_done_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = load(checkout / "run.py")
    with monkeypatch.context() as patch:
        without_network(script, patch, fail=True)
        assert script.prepare() == 130
    assert script.PYTHON.exists() and not script.is_ready()
    (script.ENV / "half-installed").touch()
    with monkeypatch.context() as patch:
        calls = without_network(script, patch)
        assert script.prepare() == 0
        assert script.is_ready() and not (script.ENV / "half-installed").exists()
        made = len(calls)
        assert script.prepare() == 0 and len(calls) == made, "a finished environment is left alone"


@pytest.mark.skipif(os.name == "nt", reason="the layout of a POSIX environment")
def test_the_path_file_is_relative_so_that_any_locale_can_read_it(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = load(checkout / "run.py")
    without_network(script, monkeypatch)
    script.make()
    (link,) = script.ENV.rglob("*.pth")
    text = link.read_text(encoding="ascii").strip()
    assert (link.parent / text).resolve() == checkout / "src"


def test_uv_is_used_unless_pip_was_told_where_packages_come_from(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = load(checkout / "run.py")
    for name in ("uv", "uv.exe"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = "global.timeout='9'"
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, stdout=said))
    assert Path(script.installer()[0]).stem == "uv"
    said = "global.timeout='9'\nglobal.index-url='a mirror of the office'"
    assert "pip" in script.installer() and Path(script.installer()[0]).stem != "uv"


def test_two_set_ups_wait_for_each_other(checkout: Path) -> None:
    code = textwrap.dedent("""\
        import importlib.util, sys, time
        spec = importlib.util.spec_from_file_location("run_py", "run.py")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        def make():
            with open("made.txt", "a") as file:
                file.write("made ")
            time.sleep(1)
            script.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            script.PYTHON.touch()
            script.STAMP.write_text(script.stamp())
        script.make = make
        sys.exit(script.prepare())
        """)
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=checkout, stderr=subprocess.PIPE) for _ in range(2)]
    said = [one.communicate(timeout=60)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert (checkout / "made.txt").read_text() == "made "
    assert sum(b"waiting" in text for text in said) == 1


def test_an_older_python_is_refused_in_words_it_can_read(root: Path) -> None:
    import ast

    text = (root / "run.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))
    old = [f"import sys; sys.version_info = (3, {minor}, 0); sys.argv = ['run.py']; exec({text!r})" for minor in (8, 14)]
    for code in old:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=60)
        assert done.returncode == 1
        assert "需要 Python 3.11" in done.stderr and "needs Python 3.11" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_clean_checkout_makes_its_environment_and_starts(root: Path, tmp_path: Path) -> None:
    there = tmp_path / "乡镇 一"
    subprocess.run(["git", "clone", "--quiet", str(root), str(there)], check=True)
    first = call_slow(there, "povsim", "--version")
    assert first.returncode == 0, first.stderr[-3000:]
    start = time.perf_counter()
    second = call_slow(there, "povsim", "--version")
    assert second.stdout.strip() == first.stdout.strip().splitlines()[-1]
    assert "准备运行环境" not in second.stderr
    assert time.perf_counter() - start < 5


def call_slow(there: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", *words], cwd=there, capture_output=True, text=True, encoding="utf-8", timeout=900
    )
