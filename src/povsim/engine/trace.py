"""Owns: writing a hook of a kind down as the text of a plain loop over its holders: it is called once with symbols for columns.
Never: compiles (engine.compile), says what a kind does (policy.measures) or where a column lies (engine.hooks).

A hook is an expression of columns of the holders (``view``, ``held``, ``u``) and of parameters (``p``). Called with symbols
instead of columns it leaves a tape of the operations in their order, so that the loop has the bits of the columns. What does not
depend on the holder is done once, before the loop. A word (``p.form == "public"``) and a number made concrete (``int(p.firms)``)
choose the text: they are ``guards``, and the trace serves all parameters that agree in them. A parameter that is only calculated
with is a place in a row of numbers, so that one text serves every year, every draw and every measure of the kind.

A hook that asks a symbol whether it is true, loops over it or hands it to NumPy is no such expression (`UntraceableError`), and
columns of NumPy do it. So too whatever the loop could answer otherwise than columns, to the bit: what is doubtful is not written
down, and what is wrong is refused in columns, by both engines at the same moment.

Sorts are those of NumPy: a condition (``b``), a number (``f``: float64), a whole number (``i``: int64) that comes of conditions
and of whole numbers written in the hook. Counts and codes of the state are numbers; a loop reads and compares them as they are.
"""

from __future__ import annotations

import dis
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CellType, CodeType, FunctionType
from typing import Any, Final

import numpy as np

from povsim.core import elementary
from povsim.policy import kind as kinds

NOW: Final = ("year", "holders", "local_wage")  # what is one number for all holders
SINCE_START: Final = ("year_held", "first", "months")  # the same of villages: all hold it from the measure's start on
EXACT: Final = 2**53  # whole numbers that float64 holds
_WORDS: Final = frozenset(
    {"isinstance", "issubclass", "type", "id", "repr", "hasattr", "callable", "vars", "dir", "__class__", "__dict__"}
)  # tell symbols
Path = tuple[
    str, ...
]  # where a number comes from: ("p", "margin", "tea"), ("u", "price_z"), ("common", "due_1"), ("now", "year")


class UntraceableError(BaseException):
    """The hook is no expression of its columns; a hook that heeds errors of its own is not to catch it."""


# --- symbols ---------------------------------------------------------------------------------------------


class Symbol:
    """A number that is not known yet: a name on the tape, its sort (``b``, ``i``, ``f``), whether it differs between holders."""

    __array_ufunc__ = None  # so that NumPy's numbers leave the operation to us
    whole = False  # a count or code of the state, as it is kept

    def __init__(self, tape: Tape, text: str, sort: str, varies: bool, value: Any = None, paths: frozenset[Path] = frozenset()):
        self.tape, self.text, self.sort, self.varies, self.value, self.paths = tape, text, sort, varies, value, paths

    def concrete(self) -> Any:
        """Its value, if it comes from parameters alone; the trace then holds for these values only."""
        if self.value is None:
            raise UntraceableError(f"a column is asked for its value: {self.text}")
        for path in self.paths:
            self.tape.guards[path] = self.tape.numbers[path]
        return self.value

    def __bool__(self) -> bool:
        return bool(self.concrete())

    def __int__(self) -> int:
        return int(self.concrete())

    def __float__(self) -> float:
        return float(self.concrete())

    def __index__(self) -> int:
        return self.concrete().__index__()  # type: ignore[no-any-return]

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UntraceableError("a column is handed to NumPy")

    def __iter__(self) -> Any:
        raise UntraceableError("a loop over a column")

    def __invert__(self) -> Any:
        if self.sort != "b":
            raise UntraceableError("~ of a number")
        return self.tape.operation("not {}", "b", self, bare=lambda a: not a)

    def __getattr__(self, name: str) -> Any:
        """A symbol has no attribute that a column has; it must not seem that a column has none either (getattr's default)."""
        raise (AttributeError if name.startswith("__") else UntraceableError)(f"{name} of a column")

    def __str__(self) -> str:
        return str(self.concrete())

    def __format__(self, spec: str) -> str:
        return format(self.concrete(), spec)

    def __neg__(self) -> Any:
        return self._signed("-{}", operator.neg)

    def __abs__(self) -> Any:
        return self._signed("abs({})", abs)

    def _signed(self, text: str, bare: Callable[[Any], Any]) -> Any:
        if self.sort == "b":
            raise UntraceableError("the sign of a condition")
        return self.tape.operation(text, self.sort, self, bare=bare)

    def __pow__(self, power: Any) -> Any:
        if type(power) in (int, float) and power == 2 and self.sort == "f" and self.varies:  # a column squared, as NumPy does it
            return self.tape.operation("{} * {}", "f", self, self, bare=lambda a, b: a * b)
        raise UntraceableError("a power")

    __hash__ = None  # type: ignore[assignment]

    def _in_place(self, other: Any) -> Any:
        """Of a number another is made; a column is changed for all who hold it, which a tape does not say."""
        if self.varies:
            raise UntraceableError("a column changed in place")
        return NotImplemented

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __iand__ = __ior__ = __ipow__ = _in_place


def _binary(name: str, sign: str, sort: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    bare = getattr(operator, f"__{name}__")

    def forward(self: Symbol, other: Any) -> Any:
        return NotImplemented if isinstance(other, Vector) else _joined(self, other)

    def backward(self: Symbol, other: Any) -> Any:
        return _joined(other, self)

    def _joined(a: Any, b: Any) -> Any:
        tape = (a if isinstance(a, Symbol) else b).tape
        sorts = _sort(a), _sort(b)
        if sort == "same" and (sorts == ("b", "b") or (sign in ("//", "%") and "f" not in sorts)):
            raise UntraceableError(f"{sign} of conditions or of whole numbers")
        if sort == "f" and "f" not in sorts:
            raise UntraceableError("a quotient without a number")
        if sort == "both" and sorts != ("b", "b"):
            raise UntraceableError(f"{sign} of numbers")
        out = {"same": "f" if "f" in sorts else "i", "both": "b"}.get(sort, sort)
        return tape.operation(f"{{}} {sign} {{}}", out, a, b, bare=bare, as_kept=sort == "b" and _comparable(a, b))

    return forward, backward


for _name, _sign, _kind in (
    ("add", "+", "same"), ("sub", "-", "same"), ("mul", "*", "same"), ("truediv", "/", "f"), ("floordiv", "//", "same"),
    ("mod", "%", "same"), ("and", "&", "both"), ("or", "|", "both"),
):  # fmt: skip
    _forward, _backward = _binary(_name, _sign, _kind)
    setattr(Symbol, f"__{_name}__", _forward)
    setattr(Symbol, f"__r{_name}__", _backward)
for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
    setattr(Symbol, f"__{_name}__", _binary(_name, _sign, "b")[0])


class Vector:
    """What holders share and is several (the firms of a place): a rule for its entry at a position, which `pick` asks for."""

    __array_ufunc__ = None

    def __init__(self, at: Callable[[Any], Any], length: Symbol):
        self.at, self.length = at, length

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UntraceableError("a shared column is handed to NumPy")

    def _with(self, call: Callable[[Any, Any], Any], other: Any) -> Vector:
        return Vector(lambda i: call(self.at(i), other.at(i) if isinstance(other, Vector) else other), self.length)

    def __lt__(self, other: Any) -> Vector:
        return self._with(lambda a, b: a < b, other)

    def __gt__(self, other: Any) -> Vector:
        return self._with(lambda a, b: a > b, other)

    def __mul__(self, other: Any) -> Vector:
        return self._with(lambda a, b: a * b, other)

    def __imul__(self, other: Any) -> Vector:
        raise UntraceableError("a shared column changed in place")

    __hash__ = None  # type: ignore[assignment]


def _comparable(a: Any, b: Any) -> bool:
    """Whether counts and codes compare as they are kept: with each other, with numbers, with whole numbers that are written."""
    return all(
        one.whole or one.sort == "f" if isinstance(one, Symbol) else _sort(one) == "f" or abs(one) <= EXACT for one in (a, b)
    )


@dataclass(frozen=True, eq=False)
class Table:
    """A list of numbers among the parameters: where it begins in the row, and how long it is."""

    tape: Tape
    path: Path
    values: Any

    def __getitem__(self, position: Any) -> Any:
        return self.tape.number((*self.path, str(int(position))), float(self.values[int(position)]))

    def __len__(self) -> int:
        self.tape.guards[*self.path, "#"] = len(self.values)
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return (self[position] for position in range(len(self)))

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UntraceableError("a table is handed to NumPy")

    def picked(self, position: Any) -> Any:
        """Entry at a position, held within the table."""
        first, length = self.tape.place((*self.path, "*")), self.tape.number((*self.path, "#"), float(len(self.values)))
        return self.tape.operation(f"pick_from(p, int(p[{first}]), {{}}, {{}})", "f", length, position)


# --- the tape --------------------------------------------------------------------------------------------


@dataclass
class Tape:
    """What a hook did, line by line."""

    before: list[str] = field(default_factory=list)  # once for all holders
    body: list[str] = field(default_factory=list)  # for each holder
    known: dict[str, Symbol] = field(default_factory=dict)  # the same operation is done once
    inputs: list[tuple[str, str]] = field(default_factory=list)  # (of, name): columns asked for, in the order of asking
    places: dict[Path, int] = field(default_factory=dict)  # of numbers in the row
    numbers: dict[Path, Any] = field(default_factory=dict)
    guards: dict[Path, Any] = field(default_factory=dict)

    def place(self, path: Path) -> int:
        return self.places.setdefault(path, len(self.places))

    def number(self, path: Path, value: Any = None) -> Symbol:
        """A number of the row; ``value`` where it is a parameter."""
        if value is not None:
            self.numbers[path] = value
        text = f"p[{self.place(path)}]"
        return self._line(text, "f", (), value, frozenset([path] if value is not None else []))

    def column(self, of: str, name: str, sort: str) -> Symbol:
        """A column of the holders; ``i``: kept as whole numbers."""
        if (of, name) not in self.inputs:
            self.inputs.append((of, name))
        symbol = Symbol(self, f"{of}_{name}", "b" if sort == "b" else "f", True)
        symbol.whole = sort == "i"
        return symbol

    def operation(self, text: str, sort: str, *of: Any, bare: Callable[..., Any] | None = None, as_kept: bool = False) -> Any:
        """An operation on symbols and numbers, written down; ``as_kept``: counts and codes need not become numbers first."""
        value = None
        if not as_kept:
            of = tuple(self.as_number(one) for one in of)
        if bare is not None and all(not isinstance(one, Symbol) or one.value is not None for one in of):
            value = bare(*(one.value if isinstance(one, Symbol) else one for one in of))
        paths: frozenset[Path] = frozenset().union(*(one.paths for one in of if isinstance(one, Symbol)))
        return self._line(text.format(*map(_text, of)), sort, of, value, paths)

    def as_number(self, one: Any) -> Any:
        """A count or code of the state as the number that columns see."""
        return self._line(f"float({one.text})", "f", (one,), None, frozenset()) if isinstance(one, Symbol) and one.whole else one

    def _line(self, text: str, sort: str, of: tuple[Any, ...], value: Any, paths: frozenset[Path]) -> Symbol:
        if text not in self.known:
            varies = any(isinstance(one, Symbol) and one.varies for one in of)
            symbol = Symbol(self, f"{'t' if varies else 's'}{len(self.known)}", sort, varies, value, paths)
            (self.body if varies else self.before).append(f"{symbol.text} = {text}")
            self.known[text] = symbol
        return self.known[text]


def _sort(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.sort
    if isinstance(value, (bool, np.bool_)):
        return "b"
    if isinstance(value, (int, np.int64)):
        return "i"
    if isinstance(value, float):
        return "f"
    raise UntraceableError(f"a {type(value).__name__} in an expression")


def _text(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.text
    sort = _sort(value)
    plain = {"b": bool, "i": int, "f": float}[sort](value)
    if plain != plain or plain in (float("inf"), float("-inf")):
        raise UntraceableError("a number without end in an expression")
    if sort == "i" and abs(plain) > EXACT:
        raise UntraceableError("a whole number that float64 does not hold")
    return f"({plain!r})"


# --- what rules call -------------------------------------------------------------------------------------


def _call(name: str, plain: Callable[..., Any], sort: str) -> Callable[..., Any]:
    """A function of rules, written down as a call where an argument is a symbol."""

    def called(*of: Any) -> Any:
        vectors = [one for one in of if isinstance(one, Vector)]
        if vectors:
            return Vector(lambda i: called(*(one.at(i) if isinstance(one, Vector) else one for one in of)), vectors[0].length)
        symbols = [one for one in of if isinstance(one, Symbol)]
        if not symbols:
            return plain(*of)
        sorts = {_sort(one) for one in (of[1:] if name == "where" else of)}
        if (sort == "f" and "b" in sorts) or ("b" in sorts and len(sorts) > 1) or (name == "floor" and "f" not in sorts):
            raise UntraceableError(f"{name} of conditions, or of conditions and numbers, or of whole numbers that stay so")
        out = sort if sort != "same" else "f" if "f" in sorts else "i" if "i" in sorts else "b"
        return symbols[0].tape.operation(f"{name}({', '.join(['{}'] * len(of))})", out, *of, bare=plain)

    return called


def _pick(table: Any, position: Any) -> Any:
    if isinstance(table, Table):
        return table.picked(position)
    if isinstance(table, Vector):
        if not isinstance(position, Symbol):
            raise UntraceableError("a shared column at a fixed position")
        tape = position.tape
        found = table.at(tape.operation("within({}, {})", "i", position, table.length))
        if _sort(found) == "b":
            return found & (position == position)
        return tape.operation("known_at({}, {})", "f", position, found)
    if isinstance(position, Symbol):
        raise UntraceableError("pick from something that is no parameter")
    return kinds.pick(table, position)


_REPLACED: Final[dict[Any, Callable[..., Any]]] = {
    elementary.where: _call("where", elementary.where, "same"),
    elementary.minimum: _call("minimum", elementary.minimum, "same"),
    elementary.maximum: _call("maximum", elementary.maximum, "same"),
    elementary.clip: _call("clip", elementary.clip, "same"),
    elementary.exp: _call("exp", elementary.exp, "f"),
    elementary.log: _call("log", elementary.log, "f"),
    elementary.sqrt: _call("sqrt", elementary.sqrt, "f"),
    elementary.floor: _call("floor", elementary.floor, "f"),
    kinds.pick: _pick,
}


def _replaced(func: FunctionType, made: dict[Any, Any]) -> FunctionType:
    """The same function, and all that it calls, with the functions of rules replaced by those that write down."""
    if func in made:
        return made[func]  # type: ignore[no-any-return]
    if told := _WORDS.intersection(func.__code__.co_names) - func.__globals__.keys():
        raise UntraceableError(f"{', '.join(sorted(told))}: a symbol is told from a column")
    if _tells(func.__code__):
        raise UntraceableError("it asks what a value is, or catches what fails: a symbol is told from a column")
    scope = dict(func.__globals__)
    cells = tuple(CellType() for _ in func.__closure__ or ())
    twin = made[func] = FunctionType(func.__code__, scope, func.__name__, func.__defaults__, cells or None)
    twin.__kwdefaults__ = func.__kwdefaults__
    for name in func.__code__.co_names:
        if name in scope:
            scope[name] = _stand_in(scope[name], made)
    for mine, theirs in zip(cells, func.__closure__ or (), strict=True):
        mine.cell_contents = _stand_in(theirs.cell_contents, made)
    for code in func.__code__.co_consts:  # what inner functions ask for
        for name in getattr(code, "co_names", ()):
            if name in scope:
                scope[name] = _stand_in(scope[name], made)
    return twin


@cache
def _tells(code: CodeType) -> bool:
    """Whether a function catches exceptions, or asks for the identity or the class of what is not None."""
    if code.co_exceptiontable:
        return True
    before = None
    for step in dis.get_instructions(code):
        nothing = before is not None and before.opname == "LOAD_CONST" and before.argval is None
        if step.opname == "MATCH_CLASS" or (step.opname == "IS_OP" and not nothing):
            return True
        before = step
    return any(_tells(inner) for inner in code.co_consts if isinstance(inner, CodeType))


def _stand_in(value: Any, made: dict[Any, Any]) -> Any:
    if isinstance(value, FunctionType):
        return _REPLACED[value] if value in _REPLACED else _replaced(value, made)
    return value


# --- what a hook sees ------------------------------------------------------------------------------------


class _Asked:
    """A view, own columns or draws: symbols made when asked for."""

    def __init__(self, ask: Callable[[str], Any]):
        vars(self)["_ask"] = ask

    def __setattr__(self, name: str, value: object) -> None:
        raise UntraceableError("what is seen is changed")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask(name)


class _Parameters:
    """A measure's parameters as symbols; words as they are, and guarded."""

    def __init__(self, tape: Tape, values: Any):
        vars(self).update(_tape=tape, _values=values)

    def __setattr__(self, name: str, value: object) -> None:
        raise UntraceableError("what is seen is changed")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        return _parameter(self._tape, ("p", name), self._values[name])

    def __contains__(self, name: object) -> bool:
        self._tape.guards["p", str(name), "?"] = name in self._values
        return name in self._values


def _parameter(tape: Tape, path: Path, value: Any) -> Any:
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        tape.guards[path] = value
        return value if isinstance(value, str) or value is None else np.bool_(value)
    if isinstance(value, (int, float, np.number)):
        return tape.number(path, np.float64(value))
    if isinstance(value, Mapping):
        return _Mapping(tape, path, value)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iuf":
        return Table(tape, path, value)
    tape.guards[path] = repr(value)
    return value


class _Mapping(dict[str, Any]):
    """A mapping among the parameters."""

    def __init__(self, tape: Tape, path: Path, values: Mapping[str, Any]):
        super().__init__(values)
        self._tape, self._path = tape, path

    def __getitem__(self, name: str) -> Any:
        self._tape.guards[*self._path, name, "?"] = True
        return _parameter(self._tape, (*self._path, name), super().__getitem__(name))


# --- tracing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trace:
    """A hook as text.

    Attributes
    ----------
    before, body : tuple of str
        Assignments, done once and for each holder.
    inputs : tuple of (of, name)
        Columns that the body reads as ``of_name``: ``view``, ``held`` or ``u``.
    row : tuple of Path
        The numbers that it reads as ``p[0]``, ``p[1]`` ...
    outputs : tuple of (name, text, varies)
        What the hook answers; a choice has the one name ``""``.
    guards : mapping of Path to value
        What must be as it was for the text to hold.
    """

    before: tuple[str, ...]
    body: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    row: tuple[Path, ...]
    outputs: tuple[tuple[str, str, bool], ...]
    guards: Mapping[Path, Any]

    def holds_for(self, values: Any) -> bool:
        """Whether it serves these parameters too."""
        return all(_same(_found(path, values), value) for path, value in self.guards.items())

    def numbers(self, values: Any, others: Mapping[Path, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The row: parameters of ``values``, the rest of ``others``; tables stand behind it."""
        row: list[float] = []
        tail: list[float] = []
        for path in self.row:
            if path[0] != "p":
                row.append(others[path])
            elif path[-1] == "*":  # where the table begins
                row.append(float(len(self.row) + len(tail)))
                tail.extend(float(one) for one in _found(path[:-1], values))
            else:
                row.append(float(_found(path, values)))
        return np.array([*row, *tail])


def _found(path: Path, values: Any) -> Any:
    """What stands at a path of the parameters; ``#`` is the length of a table, ``?`` whether there is such a name."""
    value = values
    for name in path[1:]:
        if name == "#":
            return len(value)
        if name == "?":
            return value
        if isinstance(value, np.ndarray):
            return value[int(name)]
        if name not in value:
            return False
        value = value[name] if path[-1] != "?" or name != path[-2] else True
    return value


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) if not isinstance(b, str) else a == b or repr(a) == b


Sorts = Callable[[str, str], str]  # of a column: b, i or f; KeyError where there is none


def trace(hook: Callable[..., Any], kind: kinds.Kind, p: Any, name: str, sorts: Sorts) -> Trace:
    """Write a hook down.

    Parameters
    ----------
    hook : function
        Of the kind.
    kind : Kind
        Whose own columns, common numbers and draws it may ask for.
    p : Values
        Parameters of a measure in a year, from which words are taken.
    name : str
        Which hook it is: what it may ask for and answer.
    sorts : callable
        Sort of a column of the view by name.

    Raises
    ------
    UntraceableError
        It is no expression, or asks or says what it may not.
    """
    tape = Tape()
    see = {"v": _Asked(_view_of(tape, kind, name, sorts)), "h": _Asked(_held_of(tape, kind)), "p": _Parameters(tape, p)}
    see["u"] = _Asked(_luck_of(tape, kind, name))
    try:
        if not isinstance(hook, FunctionType):
            raise UntraceableError("no plain function")
        with np.errstate(all="ignore"):
            answer = _replaced(hook, {})(*(see[one] for one in kinds.TAKES[name]))
        if name in kinds.CHOICES:
            if isinstance(answer, Mapping) or _sort(answer) != "b":
                raise UntraceableError("no condition")
            answer = {"": answer}
        else:
            kind.check(answer, name, known=p)
        outputs = tuple((said, _text(value), isinstance(value, Symbol) and value.varies) for said, value in answer.items())
    except UntraceableError:
        raise
    except Exception as error:
        raise UntraceableError(f"{type(error).__name__}: {error}") from error
    if any(varies and kind.one_for_all(said) for said, _, varies in outputs):
        raise UntraceableError("one for each holder where there is one for all")
    row = sorted(tape.places, key=tape.places.__getitem__)
    return Trace(tuple(tape.before), tuple(tape.body), tuple(tape.inputs), tuple(row), outputs, dict(tape.guards))


def _view_of(tape: Tape, kind: kinds.Kind, hook: str, sorts: Sorts) -> Callable[[str], Any]:
    """What a hook sees of whom it is asked about, by name."""
    village, own = kind.holder == "village" and hook != "shares", _Asked(_held_of(tape, kind))

    def viewed(name: str) -> Any:
        if name == "held" and hook == "costs":
            return own
        if name in NOW and not (name == "holders" and hook in ("members", "shares")) and not (name == "local_wage" and village):
            return tape.number(("now", name))
        if village and name in SINCE_START:
            year: Any = tape.number(("now", "year"))
            start = tape.number(("now", "start"))
            if name == "months":
                return tape.operation("where({}, {}, {})", "f", year == start, tape.number(("now", "first_months")), 12.0)
            return year == start if name == "first" else year - start + 1.0
        late = hook in kinds.LATE
        if name in NOW or (name == "posts_paid" and hook != "yields") or (name in kinds.ONCE_WORKED and not late):
            raise KeyError(name)
        return tape.column("view", name, sorts("view", name))

    return viewed


def _held_of(tape: Tape, kind: kinds.Kind) -> Callable[[str], Any]:
    """A kind's own columns and common numbers by name."""

    def held(name: str) -> Any:
        if name in kind.common:
            return tape.number(("common", name))
        if name not in kind.own:
            raise AttributeError(name)
        return tape.column("held", name, "f")

    return held


def _luck_of(tape: Tape, kind: kinds.Kind, hook: str) -> Callable[[str], Any]:
    """The draws that a hook may ask for by name: in `begins` those that last, else those of the year."""

    def drawn(name: str) -> Any:
        if name in (kind.lasting if hook == "begins" else kind.draws):
            return tape.column("u", name, "f")
        if name not in kind.shared or hook == "begins":
            raise AttributeError(name)
        if not kind.shared[name].count:
            return tape.number(("u", name))
        first, length = tape.place(("u", name, "*")), tape.number(("u", name, "#"))
        return Vector(lambda i: tape.operation(f"p[int(p[{first}]) + {{}}]", "f", i), length)

    return drawn


def pick_from(p: Any, first: int, length: float, position: Any) -> Any:
    """Entry of a table that stands in the row of numbers; as `policy.kind.pick`, in compiled code."""
    known = (position == position) & (length > 0.0)
    at = elementary.where(known, elementary.minimum(elementary.maximum(position, 0.0), length - 1.0), 0.0)
    return elementary.where(known, p[min(first + int(at), len(p) - 1)], elementary.NAN)


def within(position: Any, length: float) -> int:
    """A position held within so many; the first where it is no number."""
    return int(elementary.where(position == position, elementary.minimum(elementary.maximum(position, 0.0), length - 1.0), 0.0))


def known_at(position: Any, found: Any) -> Any:
    """What was found at a position; no number where that is none."""
    return elementary.where(position == position, found, elementary.NAN)


def bounded(x: Any, low: float, high: float) -> Any:
    """An answer that must lie within bounds; no number where it does not, which is refused."""
    return elementary.where((x >= low) & (x <= high), x, elementary.NAN)


def whole(x: Any) -> Any:
    """An answer that must be a whole number; no number where it is not, which is refused."""
    return elementary.where(x == elementary.floor(x), x, elementary.NAN)
