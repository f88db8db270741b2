"""Owns: what every test may use, the shipped town among it, and the plain last line of a test run.
Never: a run of it (each room has its own conftest)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("povsim", deadline=None, derandomize=True)
settings.load_profile("povsim")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def make_results() -> Callable[..., Any]:
    """What makes results by hand, small and the same each time."""
    from tests.results.fake import make_results as make

    return make


@pytest.fixture(scope="session")
def results(make_results: Callable[..., Any]) -> Any:
    """Results by hand."""
    return make_results()


@pytest.fixture(scope="session")
def place() -> Any:
    """The shipped town as its report shows it."""
    from povsim.population.places import load_place

    return load_place("chagu")


@pytest.fixture(scope="session")
def villages(place: Any) -> Callable[..., Any]:
    """The first villages of the shipped town at an opening, so many as a test asks for; each made once."""
    from povsim.population.synthesis import synthesise

    @cache
    def town(opening: int) -> Any:
        return synthesise(place, opening, 1)

    @cache
    def first(number: int, opening: int = 2016) -> Any:
        return town(opening).subset(town(opening).households["village"] < number)

    return first


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Say in one line how it went, in both languages."""
    count = {kind: len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error")}
    bad = count["failed"] + count["error"]
    if exitstatus == 0:
        terminalreporter.write_line(f"全部通过：{count['passed']} 项测试。All {count['passed']} tests passed.", green=True)
    elif bad:
        terminalreporter.write_line(f"未通过：{bad} 项，见上。{bad} tests did not pass; see above.", red=True)
