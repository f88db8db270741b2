"""Owns: why a text is no YAML, in the words of whoever wrote it, with how to mend it; characters of a Chinese keyboard.
Never: reads a text that is sound (tree)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from povsim.core.errors import Fault
from povsim.core.labels import label

# What a Chinese keyboard writes where YAML wants its own; what NFKC leaves as it is has its half-width form here.
_MARKS: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]", "≥": ">= ", "≤": "<= "})
_WIDE: Final = re.compile("[０-９：＞＜＝．－％｛｝［］“”‘’【】≥≤]")
_WIDE_MARK: Final = re.compile("[｛｝［］“”‘’【】]")
_PARTED: Final = re.compile(r"\s*[，、；]\s*")  # what a Chinese keyboard writes between the items of a list
_LONGEST: Final = 14  # letters of an item of a list; a longer one is part of a sentence
_WIDE_COMMA: Final = re.compile(r"""(?<=[^\s"'])\s*[，、；]\s*(?=[\w"']+\s*:)""")  # between entries of a mapping on one line
_WIDE_KEY: Final = re.compile(r"""^(?:\s|-\s)*[^\s"'#：{]+(?=：)|(?<=[\s{,])\w+(?=：)""", re.ASCII)
_UNSPACED: Final = re.compile(r"""(?<![^\s{,])([^\s:"'{}\[\],]+):(?=[^\s:/])""")  # a name, and no blank after its colon
_MOST: Final = 60  # characters of a line that are shown


def halved(text: str) -> str:
    """A text as an editor with half-width figures, colons, brackets and quotes has it; empty where it has none that are wide."""
    half = re.sub(r"(>=|<=)\s+", r"\1 ", unicodedata.normalize("NFKC", text.translate(_MARKS)))
    return re.sub(r"[:,](?=\S)", r"\g<0> ", half) if _WIDE.search(text) else ""


def parted(text: str) -> list[str]:
    """The items of a list that were parted by full-width commas; none where it is one, or one number with thousands."""
    items = [item for item in _PARTED.split(text.strip("，、； ").translate(_MARKS).strip("[]")) if item]
    thousands = all(len(item) == 3 and item.isdecimal() for item in items[1:]) and items[:1] != [] and items[0].isdecimal()
    sentence = any(len(item) > _LONGEST for item in items)
    return [] if len(items) < 2 or thousands or sentence else items


def spaced(text: str) -> str:
    """A text with the blanks that its colons lack; empty where they lack none."""
    found, number = _UNSPACED.subn(r"\1: ", text)
    return found if number else ""


@dataclass(frozen=True)
class _Broken:
    """A text that is no YAML: what the parser stumbled over there, and where it had begun what it was reading."""

    lines: list[str]
    problem: str
    context: str
    line: int
    column: int
    begun: tuple[int, int]

    def said(self, line: int) -> str:
        """What stands on a line, without its remark."""
        return self.lines[line - 1].partition(" #")[0].rstrip() if 0 < line <= len(self.lines) else ""

    def before(self) -> int:
        """The last line above the fault on which something stands."""
        return next((number for number in range(self.line - 1, 0, -1) if self.said(number).strip()), self.line)


def broken(text: str, error: Any, file: str) -> Fault:
    """The fault of a text that is no YAML.

    Parameters
    ----------
    text : str
        The text.
    error : YAMLError
        What the parser says of it, in its own words.
    file : str
        As the user knows it.
    """
    lines, at, begun = text.splitlines(), getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line, column = (at.line + 1, at.column + 1) if at else _position(text, getattr(error, "position", 0))
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    where = (begun.line + 1, begun.column + 1) if begun else (line, column)
    one = _Broken(lines, problem, str(getattr(error, "context", None) or ""), min(line, len(lines)), column, where)
    told = next((told for rule in _RULES if (told := rule(one)) is not None), None)
    line, column, value, name, words = told or (one.line, column, one.said(one.line), "yaml", {})
    value = value.strip()
    shown = value if len(value) <= _MOST else value[: _MOST - 1] + "…"
    return Fault(file, line, column, "", shown, label(f"params_{name}", **words), label(f"params_{name}_mend", **words))


def _position(text: str, offset: object) -> tuple[int, int]:
    """Line and column of a character of a text."""
    before = text[: offset if isinstance(offset, int) else 0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


# --- what people do, the surest first: where it stands, what stands there, and its words ------------------

_Told = tuple[int, int, str, str, dict[str, str]]


def _tab(one: _Broken) -> _Told | None:
    """Indents by tabs."""
    indent = re.match(r" *\t", one.said(one.line))
    return (one.line, indent.end(), one.said(one.line), "yaml_tab", {}) if indent else None


def _wide_colon(one: _Broken) -> _Told | None:
    """A full-width colon after a key, at or a little above the line."""
    for number in range(one.line, max(one.line - 3, 0), -1):
        if match := _WIDE_KEY.search(one.said(number)):
            said = one.said(number).strip()
            return number, match.end() + 1, said, "yaml_wide", {"half": halved(said)}
    return None


def _wide_comma(one: _Broken) -> _Told | None:
    """A full-width comma between two entries on the line."""
    said = one.said(one.line)
    if match := _WIDE_COMMA.search(said):
        return one.line, match.start() + 1, said, "yaml_wide_comma", {"half": _WIDE_COMMA.sub(", ", said.strip())}
    return None


def _open_quote(one: _Broken) -> _Told | None:
    """A quote that is never closed."""
    if "quoted scalar" not in one.context:
        return None
    line, column = one.begun
    return line, column, one.said(line), "yaml_quote", {"mark": one.said(line)[column - 1 : column]}


def _wide_mark(one: _Broken) -> _Told | None:
    """Full-width brackets or quotes on the line."""
    said = one.said(one.line)
    if match := _WIDE_MARK.search(said):
        return one.line, match.start() + 1, said, "yaml_wide", {"half": halved(said.strip())}
    return None


def _unspaced(one: _Broken) -> _Told | None:
    """No blank after a colon, on the line or on that before."""
    for number in (one.line, one.before()):
        if match := re.match(rf"\s*(?:- )?{_UNSPACED.pattern}", one.said(number)):
            said = one.said(number).strip()
            return number, match.end(), said, "blank", {"half": spaced(said)}
    return None


def _open_bracket(one: _Broken) -> _Told | None:
    """A bracket that is not closed, or two items that no comma parts."""
    close = re.search(r"expected ',' or '([]}])'", one.problem)
    if close is None:
        return None
    (line, column), opening = one.begun, {"}": "{", "]": "["}[close[1]]
    return line, column, one.said(line), "yaml_bracket", {"mark": opening, "close": close[1]}


def _shut_bracket(one: _Broken) -> _Told | None:
    """A closing bracket that none opens."""
    close = re.search(r"found '([]}])'", one.problem)
    return (one.line, one.column, one.said(one.line), "yaml_shut", {"mark": close[1]}) if close else None


def _sign(one: _Broken) -> _Told | None:
    """A value that begins with a sign of YAML's own."""
    said = one.said(one.line)
    match = re.search(r"(?:(?<=: )|(?<=- )|(?<=\[)|(?<=, ))[>|@`%&*!][^,}\]]*", said)
    named = re.search(r"cannot start any token|chomping or indentation|anchor|alias|alphabetic or numeric|tag", one.problem)
    if match is None or named is None:
        return None
    return one.line, match.start() + 1, said, "yaml_sign", {"sign": match[0][0], "quoted": f"'{match[0].strip()}'"}


def _second_colon(one: _Broken) -> _Told | None:
    """A value with a colon in it."""
    said = one.said(one.line)
    match = re.match(r"(\s*(?:- )?[^\s:]+): +([^\"'{\[].*)", said)
    if "mapping values" not in one.problem or match is None or match.end(1) + 1 >= one.column:
        return None
    return one.line, one.column, said, "yaml_colon", {"quoted": f'{match[1].strip()}: "{match[2]}"'}


def _indent(one: _Broken) -> _Told | None:
    """An indent that fits no line above."""
    if "mapping values" not in one.problem and "<block mapping start>" not in one.problem:
        return None
    said = one.said(one.line)
    return one.line, len(said) - len(said.lstrip()) + 1, said, "yaml_indent", {}


def _no_colon(one: _Broken) -> _Told | None:
    """A line without a colon."""
    if "expected ':'" not in one.problem:
        return None
    line, column = one.begun
    return line, column, one.said(line), "yaml_no_colon", {"name": one.said(line).strip().split(" ")[0]}


def _mixed(one: _Broken) -> _Told | None:
    """Items of a list among entries with names."""
    said = one.said(one.line)
    return (one.line, one.column, said, "yaml_mixed", {}) if "found '-'" in one.problem else None


_RULES: Final[tuple[Callable[[_Broken], _Told | None], ...]] = (
    _tab, _wide_colon, _wide_comma, _open_quote, _wide_mark, _unspaced, _open_bracket, _shut_bracket, _sign, _second_colon,
    _indent, _no_colon, _mixed,
)  # fmt: skip
