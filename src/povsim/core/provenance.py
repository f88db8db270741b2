"""Owns: what a run was made of: version of the code, of the libraries, and the run's id.
Never: writes the manifest (results), or asks git (a wheel has none)."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from povsim.core.params import Scenario

LIBRARIES: Final = ("numpy", "pandas", "numba", "scipy", "pyarrow", "ruamel.yaml", "matplotlib", "papermill")


@cache
def code_version() -> str:
    """Hash of all sources of the package, 16 hexadecimal digits: the same code has the same version wherever it is installed."""
    package = Path(__file__).resolve().parents[1]
    return hash_of(part for file in sorted(package.rglob("*.py")) for part in (file.relative_to(package).as_posix(), _text(file)))


def versions() -> dict[str, str]:
    """Versions of povsim, Python, the machine's system, and the libraries that numbers and pictures pass through."""
    found = {
        "povsim": _version("povsim"),
        "code": code_version(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    return found | {name: _version(name) for name in LIBRARIES}


def run_id(
    scenario: Scenario,
    population_hash: str,
    draws: Sequence[Mapping[str, float]] = (),
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Id of a run: a hash of the code, the resolved scenario with its seed, and the population; 16 hexadecimal digits.

    Where values came from, how many threads ran and what a scenario is compared with change no result, so they stay out.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    population_hash : str
        Hash of the three tables.
    draws : sequence of mapping
        Draws of the uncertain parameters.
    kinds : mapping of str to str
        Marks of the kinds that it uses and that do not ship (`policy.marking`), by name.
    """
    drawn = (f"{path}={number!r}" for draw in draws for path, number in sorted(draw.items()))
    own = (f"kind {name}: {mark}" for name, mark in sorted(kinds.items()))
    return hash_of((code_version(), scenario.fingerprint(), population_hash, str(scenario.run.seed), *drawn, *own))


def hash_of(parts: Iterable[str]) -> str:
    """A hash of several texts, 16 hexadecimal digits; where one text ends matters."""
    digest = sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()[:16]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
