"""Owns: what Python and NumPy say of an expression that a hook cannot hold, in words that say what to write instead.
Never: refuses an answer (kind) or asks a hook (engine.measures).

A hook sees columns, one entry for each holder. What Python writes of one number (``and``, ``if``, ``int``, a list's entry) has
another form for columns; whoever does not know NumPy learns little from what it says.
"""

from __future__ import annotations

import re
import traceback
from typing import Final

# What an error says (type and message), and what its author is told.
_SAID: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"'NoneType'",
            "a parameter that has no value (None) is calculated with: give it one, or ask `if p.x is not None` first",
        ),
        (
            r"'str'|StrDType|dtype\('<U|could not convert string|can only concatenate str",
            'a word can only be compared, by == and !=, and is no number: write p.form == "public" to choose by it',
        ),
        (
            r"ufunc 'invert'|unary ~",
            "~ turns a condition round, and this is a number: write x == 0, or turn round a comparison, ~(x > 0)",
        ),
        (
            r"ufunc 'bitwise_|operand type\(s\) for [&|^]",
            "& and | join conditions, and here is a number: write (x > 0) & (y > 0), each comparison in brackets of its own",
        ),
        (
            r"truth value of an",
            "`if`, `and`, `or`, `not`, `in`, max, min and chains (1 < x < 3) ask a whole column for one answer: write"
            " where(x > 0, a, b); a & b, a | b, ~a, each comparison in brackets; maximum(a, b), minimum(a, b); (1 < x) & (x < 3)",
        ),
        (
            r"boolean (negative|subtract)|unary -: 'bool",
            "- of a condition: write ~a to turn it round, where(a, 1.0, 0.0) to calculate with it",
        ),
        (
            r"could not be broadcast|mismatch in its core dimension",
            "columns of different lengths: what a hook sees has an entry for each holder asked, and goes together with single"
            " numbers alone; of a list of the parameters write pick(p.list, position)",
        ),
        (
            r"used as indices|indices must be|unhashable type: 'numpy|only integers, slices",
            "a column is no place in a list and no name of an entry: write pick(p.list, position); entry(p.table, name) takes one"
            " word",
        ),
        (
            r"can be converted to|define __round__|__format__|cannot be interpreted as an integer",
            "int, float, round, range, texts and functions of math take one number, and this is a column: write floor, exp, log,"
            " sqrt, clip, where, minimum, maximum of povsim.policy.kind",
        ),
        (
            r"has no len\(\)|of unsized|is not iterable|is not subscriptable|object is not a mapping",
            "a single number where a list or a table is expected: pick(p.list, position), entry(p.table, name)",
        ),
        (
            r"(destination|array) is read-only",
            "what a hook sees is read-only: write y = x + 1.0, which makes a new column; none is changed in place",
        ),
    )
)
_OURS: Final = ("numpy", "povsim.core", "povsim.engine", "povsim.policy.kind")  # where no line of a hook stands


def in_words(error: Exception) -> str:
    """What went wrong in a hook, what to write instead where that is known, and its line."""
    raw = f"{type(error).__name__}: {error}"
    known = isinstance(error, (TypeError, ValueError, IndexError))  # others say themselves what is wrong, as with a name
    said = next((words for pattern, words in _SAID if known and pattern.search(raw)), raw)
    return f"{said}{_line_of(error)}"


def _line_of(error: Exception) -> str:
    """The line of the hook, or of a rule that it calls, at which it failed."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    theirs = [frame for frame in frames if not str(frame.f_globals.get("__name__", "")).startswith(_OURS)]
    if not theirs:
        return ""
    number = next(line for frame, line in traceback.walk_tb(error.__traceback__) if frame is theirs[-1])
    text = traceback.FrameSummary(theirs[-1].f_code.co_filename, number, "").line
    return f" (line {number}: {text})" if text else f" (line {number})"
