"""The benchmarks run, on tiny sizes; what they measure there says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHEAP = "9,10,11,12,13,17,20"
DEAR = "8,14,15,16,18"  # processes, other flags, many lives


def printed(root: Path, script: str, *options: str) -> str:
    """What a benchmark prints."""
    words = [sys.executable, str(root / "benchmarks" / script), "--quick", "--markdown", *options]
    environ = os.environ | {"PYTHONUTF8": "1"}
    done = subprocess.run(words, env=environ, capture_output=True, encoding="utf-8", timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(text: str) -> dict[str, list[str]]:
    """Cells of the table of goals by row."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0]: cells for cells in lines if cells[0].isdigit()}


def measured(cells: list[str]) -> bool:
    """Whether a row has a number and a verdict."""
    return cells[2] != "–" and cells[-1] in ("ambitious", "attainable", "falls short")


def test_peers_agree_and_are_measured(root: Path) -> None:
    found = rows(printed(root, "peers.py"))
    assert list(found) == list("1234567")
    assert all(measured(found[number]) for number in "123")
    assert all(measured(cells) or cells[-1] == "not measured" for cells in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("asked", [CHEAP, DEAR], ids=["cheap", "dear"])
def test_every_goal_has_its_row(root: Path, asked: str) -> None:
    found = rows(printed(root, "goals.py", "--rows", asked))
    assert list(found) == asked.split(",") and all(map(measured, found.values()))
