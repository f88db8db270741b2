"""Owns: leaving the process as it was where a test calls the command line within it.
Never: what a verb does."""

import os
import signal

import pytest


@pytest.fixture(autouse=True)
def as_before():
    """The command line sets the language for its children, and how it ends: a test after it finds what was there."""
    spoken, ends = os.environ.get("POVSIM_LANG"), signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, ends)
    os.environ.pop("POVSIM_LANG", None)
    if spoken is not None:
        os.environ["POVSIM_LANG"] = spoken
