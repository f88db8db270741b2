"""A user's own kind: by hand from a notebook, from a package by its entry point, in processes too; and the kinds' pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.core.params import data_root, load_scenario
from povsim.policy.kind import known_elsewhere, shipped
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from povsim.simulation.simulate import simulate
from tools.kind_pages import PAGES, pages


def bees(root: Path) -> str:
    """The notebook cell of docs/extending.md."""
    return (root / "docs/extending.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


def as_module(cell: str) -> str:
    """The same as a module of a package: what was registered stands as KIND and RECORDS."""
    head, _, rest = cell.partition("register(\n")
    kind, _, records = rest.partition("),\n")
    return f"{head}KIND = {kind.strip()})\nRECORDS = {records.strip().removesuffix(')').rstrip().removesuffix(',')}\n"


@pytest.fixture
def package(tmp_path: Path, root: Path) -> Path:
    """An installed package on a path of its own: a module, and the metadata that pip would leave."""
    site = tmp_path / "site"
    (site / "my_kinds").mkdir(parents=True)
    (site / "my_kinds" / "__init__.py").touch()
    (site / "my_kinds" / "bees.py").write_text(as_module(bees(root)), encoding="utf-8")
    info = site / "my_kinds-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-kinds\nVersion: 0.1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[povsim.kinds]\nbees = my_kinds.bees\n", encoding="utf-8")
    return site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "with_bees.yaml"
    base = data_root() / "params" / "chagu" / "baseline.yaml"
    measures = "measures:\n  bees: {kind: bees, title: 养蜂, eligible: {status: [poor]}, quota: {households: 9}, hives: 6}\n"
    path.write_text(f"schema: povsim/1\nextends: {base}\nrun: {{years: 1, replicates: 6}}\n{measures}", encoding="utf-8")
    return path


def test_a_package_brings_a_kind_that_works_in_processes(tmp_path: Path, package: Path, file: Path) -> None:
    where = os.pathsep.join([str(package), *sys.path])
    environ = {**os.environ, "PYTHONPATH": where, "PYTHONUTF8": "1", "POVSIM_LANG": "en"}
    words = [sys.executable, "-m", "povsim", "simulate", str(file), "--threads", "2", "--out", str(tmp_path / "out")]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    spending = pd.read_parquet(tmp_path / "out" / "tables" / "spending.parquet").query("measure == 'bees'")
    assert len(spending) == 6 and spending["replicate"].nunique() == 6, "those lived by either process"
    assert (spending["holders"] == 9).all() and (spending["kind_value"] == 9 * 2000.0).all()
    without = {**environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    refused = subprocess.run([*words[:4], str(file)], env=without, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path)
    assert refused.returncode == 2 and "with_bees.yaml:5" in refused.stderr and "Traceback" not in refused.stderr


def test_a_kind_registered_by_hand_works_though_processes_are_asked_for(root: Path, file: Path) -> None:
    exec(compile(bees(root), "extending.md", "exec"), {})
    assert not known_elsewhere("bees") and all(known_elsewhere(name) for name in shipped())
    place = load_place("chagu")
    town = synthesise(place, 2016, 1)
    part = town.subset(town.households["village"] < 1)
    scenario = load_scenario(file, ("run.replicates=2", "run.draws=0"))
    alone, asked = (simulate(part, scenario, place, threads=1, workers=workers) for workers in (1, 2))
    for name, table in alone.tables.items():
        pd.testing.assert_frame_equal(table, asked[name], check_exact=True)
    assert alone["spending"].query("measure == 'bees'")["kind_value"].tolist() == [18_000.0] * 2
    assert alone.why(0, replicates=1).measures["bees"]["zh"] == "养蜂"
    exec(compile(bees(root).replace("0.5", "0.25"), "extending.md", "exec"), {})  # a swarm that leaves takes more
    other = simulate(part, scenario, place, threads=1)
    assert alone.manifest["kinds"].keys() == {"bees"} == other.manifest["kinds"].keys()
    assert alone.manifest["run_id"] == asked.manifest["run_id"] != other.manifest["run_id"], "its code is part of the run's id"
    with pytest.raises(ResultsError, match="kind = bees"):  # mutation: the household lives again under the kind of now
        alone.why(0, replicates=1)
    exec(compile(bees(root), "extending.md", "exec"), {})
    assert alone.why(0, replicates=1).measures["bees"]["zh"] == "养蜂"


def test_the_pages_of_the_kinds_are_current() -> None:
    made = pages()
    assert {path.name for path in made} == {path.name for path in PAGES.glob("*.md")}, "run: python tools/kind_pages.py"
    stale = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python tools/kind_pages.py"


@pytest.mark.parametrize("name", shipped())
def test_a_page_has_every_parameter_with_unit_and_grade(name: str) -> None:
    from povsim.core.params import kind_records

    text = (PAGES / f"{name}.md").read_text(encoding="utf-8").partition("## Parameters")[2]
    for key, record in kind_records(name)[0].items():
        (row,) = re.findall(rf"^\| `{key}` \| .*", text, re.MULTILINE)
        assert f" | {record.unit} | " in row and f" | {record.role} | {record.grade} | " in row and record.name.zh in row
