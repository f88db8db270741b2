"""Owns: the mark of a kind of one's own: a hash of all text that makes it, so that a run's id tells it from what it was before.
Never: marks a shipped kind (core.provenance hashes the package's sources), or asks a hook anything.

Text is the source of the module where there is one, else (a notebook) that of each function, else its byte code; of what a hook
reaches from there, functions alike and plain values as they are. What numpy, pandas and povsim bring has versions of its own.
"""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from povsim.core.errors import RuleError
from povsim.core.provenance import hash_of
from povsim.policy.kind import Kind, find, looked_up, names_in, shipped

_PLAIN: Final = (type(None), bool, int, float, complex, str, bytes)
_VERSIONED: Final = ("povsim", "numpy", "pandas", "scipy", "numba")

# What was met already, by identity (of a module also by what is asked of it): its number, and itself, so that nothing made on the
# way is let go and its identity given to another.
Seen = dict[Any, tuple[int, Any]]


def marks(names: Iterable[str]) -> dict[str, str]:
    """The marks of those of some kinds that do not ship, by name."""
    return {name: mark_of(find(name)) for name in sorted(set(names) - shipped().keys())}


@contextmanager
def unchanged(names: Iterable[str]) -> Iterator[None]:
    """While some kinds are asked: what their hooks read stays as it is.

    Raises
    ------
    RuleError
        A hook remembers, so that its answers hang on who was asked before; the kind is named.
    """
    before = marks(names)
    yield
    for name, mark in marks(before).items():
        if mark != before[name]:
            said = "what its hooks read was changed while they were asked; what is to be remembered stands in own columns"
            raise RuleError(f"kind {name}: {said}")


def mark_of(kind: Kind) -> str:
    """The mark of a kind, 16 hexadecimal digits: the same for the same text, on any machine."""
    return hash_of(part for field in fields(kind) for part in (field.name, *_texts(getattr(kind, field.name), set(), {})))


def _texts(value: Any, asked: set[str], seen: Seen) -> Iterator[str]:
    """The texts that make a value; ``asked`` are the names that are looked up in it, where it is a module."""
    if isinstance(value, Enum):
        yield f"{type(value).__qualname__}.{value.name} {value.value!r}"
    elif isinstance(value, _PLAIN):
        yield f"{type(value).__name__} {value!r}"
    elif isinstance(value, (np.ndarray, np.generic)):
        column = np.asarray(value)
        yield f"{column.dtype} {column.shape}"
        yield from _texts(column.tolist(), asked, seen) if column.dtype.hasobject else (column.tobytes().hex(),)
    else:
        key = (id(value), frozenset(asked)) if isinstance(value, ModuleType) else id(value)
        if key in seen:
            yield f"again {seen[key][0]}"
        else:
            seen[key] = len(seen), value
            yield from _inside(value, asked, seen)


def _inside(value: Any, asked: set[str], seen: Seen) -> Iterator[str]:
    """The same of what has parts."""
    if isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            yield from (repr(key), *_texts(value[key], asked, seen))
    elif isinstance(value, (set, frozenset)):
        yield from sorted(" ".join(_texts(one, asked, dict(seen))) for one in value)  # in whatever order they come
    elif isinstance(value, (tuple, list)):
        yield from (text for one in value for text in (f"of {len(value)}", *_texts(one, asked, seen)))
    elif hasattr(value, "to_numpy"):  # a column, an index or a frame of pandas, which keeps more than it says
        named = getattr(value, "columns", None), getattr(value, "index", None)
        yield from (f"{type(value).__name__}", *_texts((*named, value.to_numpy()), asked, seen))
    elif isinstance(value, partial):
        yield from _texts((value.func, value.args, value.keywords), asked, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
        if not _versioned(value.__name__):
            yield _source(value, value.__name__) or ""
            for name in sorted(asked & vars(value).keys()):
                yield from _texts(vars(value)[name], asked, seen)
    elif isinstance(value, FunctionType) and not _versioned(value.__module__):
        yield from _function(value, seen)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _texts({one.name: getattr(value, one.name) for one in fields(value)}, asked, seen)
    elif isinstance(value, MethodType) or hasattr(value, "__wrapped__"):
        yield from _texts(getattr(value, "__func__", None) or value.__wrapped__, asked, seen)
        yield from _texts(getattr(value, "__self__", None), asked, seen)
    else:
        made = value if hasattr(value, "__qualname__") else type(value)
        home = str(getattr(made, "__module__", ""))
        yield f"{home}.{made.__qualname__}"
        yield "" if _versioned(home) else _source(made, home) or ""
        yield from _state(value, made, home, seen)


def _state(value: Any, made: Any, home: str, seen: Seen) -> Iterator[str]:
    """What a class or an object holds."""
    if value is not made:
        try:
            yield pickle.dumps(value).hex()
        except Exception:  # who says no, or holds what no file can
            yield from _texts(getattr(value, "__dict__", {}), set(), seen)
    if isinstance(made, type) and not _versioned(home):
        yield from _texts({name: one for name, one in vars(made).items() if not name.startswith("__")}, set(), seen)


def _function(func: FunctionType, seen: Seen) -> Iterator[str]:
    """A function's text and what it reads."""
    yield _source(func, func.__module__) or "".join(_code(func.__code__))
    names = set(names_in(func.__code__))
    for name, value in sorted({path[0]: value for path, value in looked_up(func)}.items(), key=lambda one: one[0]):
        yield from (name, *_texts(value, names, seen))
    yield from _texts((func.__defaults__, func.__kwdefaults__), names, seen)


def _versioned(module: str | None) -> bool:
    """Whether what a module brings is told by a version: of povsim, of Python, of a library that it rests on."""
    first = str(module).partition(".")[0]
    return first in _VERSIONED or (first in sys.stdlib_module_names and first != "__main__")


def _source(value: Any, home: str | None) -> str | None:
    """The text of the module at home, or of the thing itself where that is a notebook or a script; None if there is none."""
    module = sys.modules.get(str(home))
    try:
        return inspect.getsource(module if module is not None and home != "__main__" else value)
    except (OSError, TypeError):
        return None


def _code(code: CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {code.co_freevars} {code.co_argcount}"
    for constant in code.co_consts:
        yield from _code(constant) if isinstance(constant, CodeType) else _texts(constant, set(), {})
