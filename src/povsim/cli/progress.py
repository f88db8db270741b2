"""Owns: how far a job is and how long it still takes, on standard error.
Never: prints results (cli.verbs) or knows what is being done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from povsim.core.labels import label

WIDTH = 30


def clock_words(seconds: float) -> str:
    """Return a duration in words, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return label("cli.minutes", m=minutes, s=rest) if minutes else label("cli.seconds", s=rest)


class Progress:
    """A bar on a terminal, a line at each tenth elsewhere; called with what is done and what there is to do.

    Parameters
    ----------
    title : str
        What is being done.
    stream : TextIO
        Where to print.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, title: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self.stream = stream or sys.stderr
        self.clock = clock
        self.start = clock()
        self.tenth = -1
        self.drawn = -1.0

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` is done."""
        now = self.clock()
        spent = now - self.start
        if done >= total:
            tail = label("cli.took", time=clock_words(spent))
        else:
            tail = label("cli.left", time=clock_words(spent / done * (total - done))) if done else ""
        if self.stream.isatty():
            if done >= total or now - self.drawn >= 0.1:
                filled = WIDTH * done // total
                bar = "█" * filled + "░" * (WIDTH - filled)
                print(f"\r{self.title} {bar} {done}/{total} {tail}\033[K", end="\n" if done >= total else "", file=self.stream)
                self.stream.flush()
                self.drawn = now
        elif 10 * done // total > self.tenth:
            self.tenth = 10 * done // total
            print(f"{self.title} {done}/{total} {tail}".rstrip(), file=self.stream, flush=True)
