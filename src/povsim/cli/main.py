"""Owns: from the words on the command line to an exit code: 0 all done, 1 failure, 2 bad input, 130 interrupted.
Never: does what a verb does (cli.verbs)."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from types import FrameType
from typing import NoReturn

from povsim.cli import verbs
from povsim.cli.parser import build
from povsim.core.errors import PovsimError, RuleError
from povsim.core.labels import LANGUAGES, label


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    words = list(sys.argv[1:] if words is None else words)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that cannot show a character must not end a job
    _speak(words)
    arguments = build().parse_args(words)
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("povsim").setLevel(logging.INFO if arguments.verbose else logging.WARNING)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        getattr(verbs, arguments.verb)(arguments)
        sys.stdout.flush()
    except PovsimError as error:
        if isinstance(error, RuleError):
            print(label("cli.rule"), file=sys.stderr)
        print(error, file=sys.stderr)
        if error.exit_code == 2:
            print(label("cli.faults"), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(label("cli.interrupted"), file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our words has seen enough (``| head``): the work itself is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        logging.getLogger(__name__).info("failed", exc_info=True)
        print(label("cli.failed", error=f"{type(error).__name__}: {error}"), file=sys.stderr)
        if not arguments.verbose:
            print(label("cli.details"), file=sys.stderr)
        return 1
    return 0


def _speak(words: list[str]) -> None:
    """Set the language before the help is written; a wrong one is refused with the other arguments."""
    asked = [
        following if word == "--lang" else word.removeprefix("--lang=")
        for word, following in pairwise([*words, ""])
        if word.startswith("--lang")
    ]
    spoken = (asked or [os.environ.get("POVSIM_LANG", "")])[-1]
    os.environ["POVSIM_LANG"] = spoken if spoken in LANGUAGES else LANGUAGES[0]


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    # An ordinary end, so that the status of the run is written.
    raise SystemExit(128 + number)
