"""Owns: pyproject.toml, constraints.txt and environment.yml say the same and name no address.
Never: installs anything (test_run_py)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

CONDA = {"matplotlib-base": "matplotlib"}  # conda's name: the name on the Python package index
PYTHONS = ("3.11", "3.12", "3.13")


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def pins(root: Path) -> list[Requirement]:
    return [Requirement(line) for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines() if line.strip()]


def wanted(lines: list[str]) -> dict[str, str]:
    needs = [Requirement(line) for line in lines]
    return {canonicalize_name(CONDA.get(need.name, need.name)): str(need.specifier) for need in needs}


def test_environment_yml_says_what_pyproject_says(root: Path, project: dict) -> None:
    entries = YAML(typ="safe").load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert entries[-2:] == ["pip", {"pip": ["--no-deps -e ."]}]
    conda = wanted(entries[:-2])
    assert conda.pop("python") == str(Requirement("python" + project["requires-python"]).specifier)
    assert conda == wanted(project["dependencies"])


@pytest.mark.parametrize("python", PYTHONS)
def test_every_need_is_pinned_once_and_the_pin_fits(project: dict, pins: list[Requirement], python: str) -> None:
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux", "platform_system": "Linux"}
    pinned = [(canonicalize_name(pin.name), pin) for pin in pins if pin.marker is None or pin.marker.evaluate(where)]
    versions = {name: Version(str(pin.specifier).removeprefix("==")) for name, pin in pinned}
    assert len(pinned) == len(versions), "a package is pinned twice for one Python"
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        need = Requirement(line)
        assert versions[canonicalize_name(need.name)] in need.specifier, line


def test_pins_are_exact(pins: list[Requirement]) -> None:
    assert [str(pin) for pin in pins if not (str(pin.specifier).startswith("==") and pin.url is None and not pin.extras)] == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "constraints.txt", "environment.yml", "run.py", "Makefile", ".ci/run", "src/povsim/__init__.py"]
)
def test_no_address_is_written_down(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url =" not in text and "--index" not in text


def test_version_is_said_once(root: Path, project: dict) -> None:
    import povsim

    assert povsim.__version__ == project["version"]
    assert f"version: {project['version']}" in (root / "CITATION.cff").read_text(encoding="utf-8")
