"""Owns: progress on a terminal and in a log.
Never: what is in progress."""

from __future__ import annotations

import io

import pytest

from povsim.cli.progress import Progress, clock_words


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_LANG", "zh")


def drive(stream: io.StringIO, total: int, seconds: float) -> str:
    clock = Clock()
    progress = Progress("模拟", stream, clock)
    for done in range(total + 1):
        progress(done, total)
        clock.now += seconds
    return stream.getvalue()


def test_a_log_gets_a_line_per_tenth_with_the_time_left() -> None:
    lines = drive(io.StringIO(), total=200, seconds=0.5).splitlines()
    assert len(lines) == 11
    assert lines[0] == "模拟 0/200"
    assert lines[5] == "模拟 100/200 还需 50 秒"
    assert lines[-1] == "模拟 200/200 用时 1 分 40 秒"
    assert not any("\r" in line or "\033" in line for line in lines)


def test_a_terminal_gets_one_line_that_is_drawn_at_most_ten_times_a_second() -> None:
    said = drive(Terminal(), total=1000, seconds=0.01)
    assert said.count("\n") == 1 and said.endswith("\n")
    assert 90 <= said.count("\r") <= 110
    assert "░" not in said.rpartition("\r")[2]


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 秒"), (59.6, "1 分 0 秒"), (125, "2 分 5 秒")])
def test_durations(seconds: float, words: str) -> None:
    assert clock_words(seconds) == words
