"""Owns: the walls between rooms and the manners of the code: layers, lint, form, types, docstrings, notebooks.
Never: what a room does."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "povsim"
MODULES = sorted(SOURCE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCRIPTS = Path(sysconfig.get_path("scripts"))
ROOMS_WITHOUT_FILES = ("policy", "engine")
KEEPS_A_CACHE = SOURCE / "engine" / "compile.py"


def told(*command: str | Path) -> str:
    """Run a tool in the checkout; return what it said if it found fault, else nothing."""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_layers_import_only_downwards() -> None:
    assert not (said := told(SCRIPTS / "lint-imports", "--no-cache")), said


def test_lint() -> None:
    assert not (said := told(sys.executable, "-m", "ruff", "check", ".")), said


def test_form() -> None:
    assert not (said := told(sys.executable, "-m", "ruff", "format", "--check", ".")), said


def test_types_of_the_rooms_that_hold_rules() -> None:
    assert not (said := told(sys.executable, "-m", "mypy")), said


def faults_of(source: str, *, files: bool = False) -> list[str]:
    """Return what one module does that its room must not do.

    Parameters
    ----------
    source : str
        Text of the module.
    files : bool
        Whether its room may touch files.
    """
    tree = ast.parse(source)
    said = ast.get_docstring(tree) or ""
    found = [] if said.startswith("Owns: ") and "\nNever: " in said else ["the docstring does not say 'Owns: ... Never: ...'"]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"):
                found.append(f"line {node.lineno}: numpy.random")
            case ast.Import(names=names) if any(name.name.split(".")[0] == "random" for name in names):
                found.append(f"line {node.lineno}: random")
            case ast.ImportFrom(module="random" | "numpy.random"):
                found.append(f"line {node.lineno}: random")
            case ast.Call(func=ast.Name(id="open") | ast.Attribute(attr="open")) if not files:
                found.append(f"line {node.lineno}: open()")
            case ast.Import(names=names) if not files and any(name.name in ("pathlib", "os", "io") for name in names):
                found.append(f"line {node.lineno}: a door to files")
            case ast.ImportFrom(module="pathlib" | "os" | "io") if not files:
                found.append(f"line {node.lineno}: a door to files")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_module_keeps_to_its_room(path: Path) -> None:
    files = path.relative_to(SOURCE).parts[0] not in ROOMS_WITHOUT_FILES or path == KEEPS_A_CACHE
    assert faults_of(path.read_text(encoding="utf-8"), files=files) == []


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "from random import choice",
        "from numpy.random import default_rng",
        "import numpy as np\nu = np.random.rand()",
        "text = open('a').read()",
        "from pathlib import Path",
        "import os",
    ],
)
def test_the_wall_falls_on_a_breach(line: str) -> None:
    words = '"""Owns: a.\nNever: b."""\n'
    assert faults_of(words + "x = 1\n") == []
    assert faults_of(words + line) != []
    assert faults_of('"""A module."""\nx = 1\n', files=True) != []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_thin_and_stripped(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for cell in code:
        assert cell["outputs"] == [] and cell["execution_count"] is None, "stored output: run nbstripout"
        tree = ast.parse("".join(cell["source"]))
        thick = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        assert not thick, f"belongs in the package: {thick}"
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) == 1, "one cell is tagged 'parameters'"


def test_import_is_light() -> None:
    code = "import sys, povsim; print(*(m for m in ('numba', 'pandas', 'matplotlib', 'scipy', 'numpy') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_public_names_are_there() -> None:
    import povsim

    assert sorted(povsim._ROOM) == sorted(name for name in povsim.__all__ if name != "__version__")
    for name in povsim.__all__:
        assert getattr(povsim, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        povsim.no_such_name  # noqa: B018
