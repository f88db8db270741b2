"""Owns: the verbs, their arguments and their help, in the user's language.
Never: does what a verb does (cli.verbs)."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Final, NoReturn

import povsim
from povsim.core.labels import LANGUAGES, label

POINTS, KEPT = 1000, 100  # those of analysis.calibrate, which is not asked: help must be quick


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        super().add_usage(usage, actions, groups, label("cli.usage") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An argument parser whose help speaks the user's language."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog, None, description, epilog, formatter_class=_Help, add_help=False, allow_abbrev=False)
        self.arguments = self.add_argument_group(label("cli.arguments"))
        self.options = self.add_argument_group(label("cli.options"))
        self.options.add_argument("-h", "--help", action="help", help=label("cli.help"))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command and where its help is; exit code 2."""
        self.print_usage(sys.stderr)
        self.exit(2, label("cli.bad_usage", message=_said(message), prog=self.prog) + "\n")


def _said(message: str) -> str:
    """A message of argparse in the user's language, with the nearest verb or option."""
    for pattern, key in _MESSAGES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return label(key, **match.groupdict())
    return message


def build() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser("povsim", label("cli.what"))
    parser.options.add_argument("-V", "--version", action="version", version=povsim.__version__, help=label("cli.version"))
    _for_all(parser, None)
    verbs = parser.add_subparsers(title=label("cli.verbs"), metavar="VERB", dest="verb", required=True)
    for verb, (example, arguments) in VERBS.items():
        words = label(f"cli.{verb}")
        command = verbs.add_parser(verb, help=words, description=words, epilog=f"{label('cli.example')}\n  {example}")
        arguments(command)
        _for_all(command, argparse.SUPPRESS)  # what was said before the verb stands
    return parser


def _for_all(parser: Parser, default: object) -> None:
    """The options that may stand before or after the verb."""
    parser.options.add_argument("--lang", choices=LANGUAGES, default=default, help=label("cli.lang"))
    parser.options.add_argument("-v", "--verbose", action="store_true", default=default, help=label("cli.verbose"))


def _run(command: Parser) -> None:
    _simulate(command)
    _papers(command)


def _papers(command: Parser) -> None:
    command.options.add_argument("--svg", action="store_true", help=label("cli.svg"))


def _report(command: Parser) -> None:
    command.arguments.add_argument("folder", metavar="DIR", help=label("cli.run_folder"))
    _papers(command)


def _compare(command: Parser) -> None:
    for name in ("base", "other"):
        command.arguments.add_argument(name, metavar=name.upper(), help=label(f"cli.side_{name}"))
    _overrides(command)
    command.options.add_argument("--out", metavar="DIR", help=label("cli.out_compare"))
    command.options.add_argument("--threads", metavar="N", type=_count, help=label("cli.threads"))


def _simulate(command: Parser) -> None:
    command.arguments.add_argument("params", metavar="PARAMS", nargs="?", help=label("cli.params"))
    add = command.options.add_argument
    _overrides(command)
    add("--out", metavar="DIR", help=label("cli.out"))
    add("--threads", metavar="N", type=_count, help=label("cli.threads"))


def _why(command: Parser) -> None:
    command.arguments.add_argument("params", metavar="PARAMS", help=label("cli.side_base_only"))
    command.arguments.add_argument("household", metavar="HOUSEHOLD", help=label("cli.household"))
    _overrides(command)
    command.options.add_argument("--replicates", metavar="N", type=_count, help=label("cli.why_replicates"))
    command.options.add_argument("--out", metavar="FILE.xlsx", type=_workbook, help=label("cli.why_out"))
    command.options.add_argument("--threads", metavar="N", type=_count, help=label("cli.threads"))


def _synth(command: Parser) -> None:
    command.arguments.add_argument("place", metavar="PLACE", help=label("cli.place"))
    add = command.options.add_argument
    add("--opening", metavar="YEAR", type=int, help=label("cli.opening"))
    add("--seed", metavar="N", type=int, default=1, help=label("cli.seed"))
    add("--out", metavar="DIR", required=True, help=label("cli.out_needed"))


def _calibrate(command: Parser) -> None:
    command.arguments.add_argument("params", metavar="PARAMS", help=label("cli.params_history"))
    add = command.options.add_argument
    _overrides(command)
    add("--out", metavar="DIR", required=True, help=label("cli.out_fit"))
    add("--for", dest="used_by", metavar="PARAMS", help=label("cli.used_by"))
    add("--only", metavar="PATH", nargs="+", help=label("cli.only"))
    add("--points", metavar="N", type=_count, default=POINTS, help=label("cli.points", default=POINTS))
    add("--draws", metavar="N", type=_count, default=KEPT, help=label("cli.kept", default=KEPT))
    add("--threads", metavar="N", type=_count, help=label("cli.threads"))


def _check(command: Parser) -> None:
    command.arguments.add_argument("file", metavar="FILE", help=label("cli.file"))
    _overrides(command)


def _overrides(command: Parser) -> None:
    add = command.options.add_argument
    add("-p", dest="overrides", metavar="KEY=VALUE", action="append", default=[], help=label("cli.override"))
    add("--stress", dest="overrides", metavar="NAME[:YEAR]", action="append", type=_stress, help=label("cli.stress"))


def _workbook(text: str) -> str:
    """A file that a table program opens by its name."""
    if not text.lower().endswith(".xlsx"):
        raise argparse.ArgumentTypeError(label("cli.workbook", value=text))
    return text


def _stress(text: str) -> str:
    """A stress block and its first year as the override that it is."""
    name, _, year = text.partition(":")
    return f"stress.{name}={year or 'true'}"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(label("cli.at_least_one", value=text))
    return number


# what argparse says, and our words for it
_MESSAGES: Final = (
    (r"unrecognized arguments: (?P<words>.*)", "cli.bad_unknown"),
    (r"the following arguments are required: (?P<words>.*)", "cli.bad_missing"),
    (r"argument (?P<name>.*?): expected (?:one|at least one) argument", "cli.bad_bare"),
    (r"argument (?P<name>.*?): invalid choice: (?P<value>.*) \(choose from (?P<words>.*)\)", "cli.bad_choice"),
    (r"argument (?P<name>.*?): invalid \w+ value: (?P<value>.*)", "cli.bad_value"),
    (r"argument (?P<name>.*?): (?P<words>.*)", "cli.bad_other"),
)

# verb: its example, and what declares its arguments
VERBS: Final[dict[str, tuple[str, Callable[[Parser], None]]]] = {
    "run": ("povsim run params/chagu/baseline.yaml -p work.finds_able=0.2 --out runs/more-work", _run),
    "report": ("povsim report runs/chagu-baseline --svg", _report),
    "compare": ("povsim compare params/chagu/baseline.yaml params/chagu/pv_late.yaml --out runs/pv-late", _compare),
    "calibrate": (
        "povsim calibrate params/chagu/history.yaml --for params/chagu/baseline.yaml --out data/fits/chagu",
        _calibrate,
    ),
    "simulate": ("povsim simulate params/chagu/baseline.yaml -p run.replicates=40", _simulate),
    "why": ("povsim why params/chagu/baseline.yaml chagu-01-R0005", _why),
    "synth": ("povsim synth chagu --opening 2016 --out runs/chagu-2016", _synth),
    "check": ("povsim check params/chagu/baseline.yaml", _check),
}
