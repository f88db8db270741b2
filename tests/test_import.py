"""`import povsim` is instant: under half a second, nothing heavy is imported, nothing is compiled, no file of ours is read."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SECONDS = 0.5  # the goal; measured at some 0.01 s
LIGHT = """
import json, sys, time
before, opened = set(sys.modules), []
def watch(event, arguments):
    if event == "open":
        opened.append(str(arguments[0]))
sys.addaudithook(watch)
began = time.perf_counter()
{statement}
seconds = time.perf_counter() - began
new = sorted({{name.partition(".")[0] for name in set(sys.modules) - before}} - set(sys.stdlib_module_names))
json.dump([seconds, new, [path for path in opened if not path.endswith((".py", ".pyc"))]], sys.stdout)
"""


def imported(statement: str = "import povsim") -> tuple[float, list[str], list[str]]:
    """Seconds, packages beside Python's own, and files opened that are no modules, of a statement in a fresh process."""
    text = LIGHT.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    seconds, packages, files = json.loads(done.stdout)
    return seconds, packages, files


def test_it_takes_less_than_half_a_second() -> None:
    """The best of five: a busy machine slows some of them, never all."""
    best = min(imported()[0] for _ in range(5))
    assert best < SECONDS, f"{best:.2f} s"


def test_it_imports_nothing_but_itself_and_reads_nothing() -> None:
    _, packages, files = imported()
    assert packages == ["povsim"], "a package that is imported at the door"
    assert files == [], "a file that is read at the door"


@pytest.mark.parametrize(
    ("statement", "package", "file"),
    [
        ("import povsim.engine.compile as c; c.available()", "numba", ""),
        ("import povsim; povsim.Results", "pandas", ""),
        ("import povsim; povsim.load_place('chagu')", "ruamel", "chagu.yaml"),
    ],
)
def test_what_would_be_heavy_is_seen(statement: str, package: str, file: str) -> None:
    _, packages, files = imported(statement)
    assert package in packages and any(path.endswith(file) for path in files or [""])
