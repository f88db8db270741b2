"""Owns: everything that says numba: whether to compile, lifting plain functions, the cache of machine code and its key.
Never: a rule or a phase; nothing elsewhere knows that a compiler exists, but for asking `enabled` and `lift`.

A lifted function is the plain text compiled as it stands: no fast-math, no fused multiply-add, NumPy's division. Every plain
function it reaches through its globals is lifted first and inlined, so a rule is written once. Three primitives of
core.elementary have no compiled text of their own and are replaced by machine instructions (`_primitives`).

The cache lies in the user's cache folder (``POVSIM_CACHE`` overrides; empty turns it off). numba's own cache looks only at the
file of the outer function, so that an edited rule next door answers with its old text (numba issue 3588), and several writers
share an index. Ours has no index: one file per function and signature, in a folder whose name is a hash of every source of
povsim that could be compiled, of the versions, the flags and the processor; the file's name holds a hash of the byte code and
constants of all that was reached, so that a notebook's own function is kept just as safely.
"""

from __future__ import annotations

import contextlib
import dis
import hashlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from enum import EnumMeta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any, Final

import numpy as np

from povsim.core import elementary
from povsim.core.errors import RuleError

FLAGS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "fastmath": False, "boundscheck": False}
# what is called by compiled code only: without doors to Python all compiles in less than half the time
CLOSED: Final[dict[str, Any]] = {**FLAGS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
INNER: Final[dict[str, Any]] = {**CLOSED, "forceinline": True}
CORE: Final = ("elementary", "normals", "randomness", "schema")
SOURCES: Final = ("engine", "policy", *(f"core/{name}.py" for name in CORE))  # what can be compiled
WIDE: Final = ("sapphirerapids", "emeraldrapids", "graniterapids", "graniterapids-d")
NATIVE: Final = ("numpy", "math", "builtins", "operator", "numba")  # packages that the compiler knows by itself
ENVIRONMENT: Final = "_ZN08NumbaEnv"  # how the compiler names what a compiled function needs of Python
KEEP_DAYS: Final = 60  # a folder of other sources or versions that nobody wrote to for so long is removed

_lock = threading.RLock()
_by_function: dict[Any, Any] = {}
_by_mark: dict[tuple[bytes, str], Any] = {}
_reports: list[Callable[[str, float], None]] = []


# --- whether ---------------------------------------------------------------------------------------------


@cache
def available() -> bool:
    """Whether numba can be imported."""
    if find_spec("numba") is None:
        return False
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def enabled() -> bool:
    """Whether compiled bodies run: ``POVSIM_ENGINE`` is ``compiled``, ``numpy`` or ``auto`` (the default: if numba is there).

    Raises
    ------
    RuleError
        Another word, or ``compiled`` without numba.
    """
    return _enabled(os.environ.get("POVSIM_ENGINE", "auto"))


@cache
def _enabled(choice: str) -> bool:
    if choice not in ("auto", "compiled", "numpy"):
        raise RuleError(f"POVSIM_ENGINE={choice}: auto | compiled | numpy")
    if choice == "compiled" and not available():
        raise RuleError("POVSIM_ENGINE=compiled: numba cannot be imported")
    return choice != "numpy" and available()


@cache
def _numba() -> Any:
    """The compiler; on processors that work on eight numbers at once without slowing down it is told so, before its first use.

    It takes them to be like their forebears, which slowed down, and would work on four. Who has set features keeps them.
    """
    import numba
    from llvmlite import binding

    config: Any = numba.config

    if config.CPU_FEATURES is None and config.CPU_NAME is None and binding.get_host_cpu_name() in WIDE:
        config.CPU_FEATURES = binding.get_host_cpu_features().flatten() + ",-prefer-256-bit"
    return numba


# --- lifting ---------------------------------------------------------------------------------------------


def lift(func: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled twin of a plain function.

    Compiled at the first call with a signature, or read from the cache. Asking again for the same function gives the same
    twin; a function of a notebook is looked at anew each time, since what it calls may have been defined anew.

    Parameters
    ----------
    func : function
        Plain Python in numba's subset. What it calls is found through its module's globals and its closure.

    Raises
    ------
    RuleError
        It is not a plain function, or it calls itself.
    """
    twin = _by_function.get(func)
    if twin is None:
        with _lock:
            twin = _twin(func, "outer", path=())[0]
            if func.__module__ != "__main__":
                _by_function[func] = twin
    return twin  # type: ignore[no-any-return]


def address_of(func: Callable[..., None], *examples: Any) -> int:
    """Where the machine code of a plain function that returns nothing lies, compiled for arguments like the examples.

    Compiled code calls it there (`call_at`) without knowing it. A long function with several callers is called so: each caller
    would else take in its text, and the text of all that it calls, and compile it once more.
    """
    numba = _numba()
    with _lock:
        twin = _twin(func, "closed", path=())[0]
        signature = tuple(map(numba.typeof, examples))
        twin.compile(signature)
        compiled = twin.overloads[signature]
        return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def call_at(address: int, *arguments: Any) -> None:
    """Call what lies at an address, with arguments of just the types that it was compiled for; in compiled code only."""
    raise RuleError("only compiled code calls by address")


def _twin(func: Any, form: str, path: tuple[Any, ...]) -> tuple[Any, bytes]:
    """Compiled twin of a function and the mark (hash) of all that it was made from.

    Its form: ``outer`` (Python calls it), ``closed`` (compiled code calls it by address) or ``inner`` (its text is taken in).
    """
    if not isinstance(func, FunctionType):
        raise RuleError(f"{func!r} is no plain function and cannot be compiled")
    if func in path:
        raise RuleError(f"{func.__qualname__} calls itself and cannot be compiled")
    primitive = _primitives().get(func)
    if primitive is not None:
        return primitive, func.__qualname__.encode()
    path = (*path, func)
    marks = [_code_mark(func.__code__), repr((func.__defaults__, func.__kwdefaults__)).encode()]
    names = _names(func.__code__)
    scope: dict[str, Any] = {"__name__": func.__module__, "__builtins__": func.__globals__.get("__builtins__")}
    for name in sorted(names & func.__globals__.keys()):
        try:
            scope[name], mark = _value(func.__globals__[name], names, path)
        except RuleError:
            if name in _looked_up(func.__code__):
                raise
            continue  # an attribute of that name
        marks += [name.encode(), mark]
    cells = []
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        value, mark = _value(cell.cell_contents, names, path)
        cells.append(CellType(value))
        marks += [name.encode(), mark]
    mark = hashlib.blake2b(b"\0".join(marks), digest_size=16).digest()
    if (mark, form) not in _by_mark:
        plain = FunctionType(func.__code__, scope, func.__name__, func.__defaults__, tuple(cells) or None)
        plain.__kwdefaults__ = func.__kwdefaults__
        plain.__qualname__ = f"{func.__qualname__}_{mark.hex()[:12]}"  # unique: two texts of one name may meet in one process
        _by_mark[mark, form] = _compiled(plain, form, mark, func.__qualname__)
    return _by_mark[mark, form], mark


def _compiled(plain: FunctionType, form: str, mark: bytes, title: str) -> Any:
    if form == "inner":
        return _Inner(plain)
    twin = _numba().njit(plain, **(FLAGS if form == "outer" else CLOSED))
    twin._cache = _Drawer(plain, f"{plain.__module__}.{title}", mark, form)
    return twin


class _Inner:
    """A function whose text others take in; the compiler is told of it when one of them is compiled, not when it is read."""

    def __init__(self, plain: FunctionType) -> None:
        self.plain, self._told = plain, None

    def told(self) -> Any:
        """As the compiler takes it."""
        if self._told is None:
            _tell(self.plain)
            self._told = _numba().njit(self.plain, **INNER)
        return self._told


def _tell(plain: FunctionType) -> None:
    """Put all that a function takes in where it names it."""
    stand_ins = [vars(one) for one in plain.__globals__.values() if isinstance(one, ModuleType) and not _native(one)]
    for scope in (plain.__globals__, *stand_ins):
        for name, value in scope.items():
            if isinstance(value, _Inner):
                scope[name] = value.told()
    for cell in plain.__closure__ or ():
        if isinstance(cell.cell_contents, _Inner):
            cell.cell_contents = cell.cell_contents.told()


def _value(value: Any, names: set[str], path: tuple[Any, ...]) -> tuple[Any, bytes]:
    """What a name stands for in compiled code, and its mark."""
    if _native(value):
        return value, _title(value)
    if isinstance(value, FunctionType):
        return _twin(value, "inner", path)
    if isinstance(value, ModuleType):  # a stand-in that holds the twins of what is asked of it
        module, marks = ModuleType(value.__name__), [value.__name__.encode()]
        for name in sorted(names & value.__dict__.keys()):
            twin, mark = _value(value.__dict__[name], names, path)
            setattr(module, name, twin)
            marks += [name.encode(), mark]
        return module, b"\0".join(marks)
    if isinstance(value, np.ndarray):
        return value, repr((value.dtype, value.shape)).encode() + value.tobytes()
    if isinstance(value, EnumMeta):
        members: list[Any] = list(value)
        return value, repr([(member.name, member.value) for member in members]).encode()
    if isinstance(value, (bool, int, float, complex, str, np.generic, tuple)) or value is None:
        return value, f"{type(value).__name__} {value!r}".encode()
    if isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields"):  # a named tuple, made anew
        return value, repr((value.__name__, value._fields)).encode()
    if hasattr(value, "py_func"):  # somebody's own njit function
        return _twin(value.py_func, "inner", path)
    kind = type(value).__name__
    raise RuleError(f"{path[-1].__qualname__} reads a {kind}; compiled code takes numbers, tuples, arrays, enums and functions")


def _native(value: Any) -> bool:
    """Whether the compiler knows this function, type or module by itself."""
    if isinstance(value, (np.ufunc, BuiltinFunctionType)):
        return True
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) if callable(value) else None
    return home is not None and home.partition(".")[0] in NATIVE


def _title(value: Any) -> bytes:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', getattr(value, '__name__', value))}".encode()


@cache
def _names(code: CodeType) -> set[str]:
    """Names that a function looks up, as globals or as attributes, nested functions included."""
    names = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            names |= _names(inner)
    return names


@cache
def _looked_up(code: CodeType) -> set[str]:
    """Of these the globals: dearer to tell, and asked only of a name that compiled code could not take."""
    names = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_looked_up(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


def _code_mark(code: CodeType) -> bytes:
    """What a code object does, without where it stands."""
    constants = [_code_mark(c) if isinstance(c, CodeType) else repr((type(c).__name__, c)).encode() for c in code.co_consts]
    shape = repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount)).encode()
    return b"\1".join([code.co_code, shape, *constants])


@cache
def _primitives() -> dict[Any, Any]:
    """Machine instructions for what NumPy and compiled code must say differently; a test holds them equal to the bit."""
    from numba.core import cgutils, types
    from numba.core.typing.templates import signature
    from numba.extending import intrinsic

    @intrinsic
    def where(typing: Any, condition: Any, then: Any, otherwise: Any) -> Any:
        common = typing.unify_types(types.unliteral(then), types.unliteral(otherwise))
        if common is None or not isinstance(common, (types.Number, types.Boolean)):
            return None

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            test = context.cast(builder, args[0], sig.args[0], types.boolean)
            a = context.cast(builder, args[1], sig.args[1], common)
            b = context.cast(builder, args[2], sig.args[2], common)
            return builder.select(test, a, b)

        return signature(common, condition, then, otherwise), build

    @intrinsic
    def bits(typing: Any, x: Any) -> Any:
        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(types.int64))

        return signature(types.int64, types.float64), build

    @intrinsic
    def from_bits(typing: Any, i: Any) -> Any:
        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(types.float64))

        return signature(types.float64, types.int64), build

    @intrinsic
    def call(typing: Any, address: Any, *arguments: Any) -> Any:
        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            kinds, given = list(sig.args[1]), cgutils.unpack_tuple(builder, args[1])
            text = context.call_conv.get_function_type(types.none, kinds)
            there = builder.inttoptr(args[0], text.as_pointer())
            context.call_conv.call_function(builder, there, types.none, kinds, given)
            return context.get_dummy_value()

        return signature(types.none, address, types.Tuple(arguments)), build

    return {elementary.where: where, elementary.bits: bits, elementary.from_bits: from_bits, call_at: call}


# --- bundles ---------------------------------------------------------------------------------------------


class Part:
    """Some fields of a bundle. What does not change from bundle to bundle is packed once.

    Parameters
    ----------
    **fields
        Arrays of one or two dimensions or of records, ints (int64 or uint64), floats, and tuples of these.
    """

    def __init__(self, **fields: Any) -> None:
        from povsim.engine.bundles import kinds_of

        self.fields = fields
        self.kinds = kinds_of(fields)
        words: list[int] = []
        for value in fields.values():
            _pack(value, words)
        self.words = np.array(words, np.uint64)


class Bundle:
    """Arrays, numbers and tuples of them under one name: compiled code takes the whole as one address.

    A named tuple of so many arrays would be taken apart and put together at each call. Compiled code reads a field as an
    attribute; it cannot set one. What is in an array may change, what array it is may not.
    """

    def __init__(self, *parts: Part) -> None:
        from povsim.engine.bundles import kind_of

        self.parts = parts  # the arrays live as long as the bundle
        self.kind = kind_of(tuple(part.kinds for part in parts))
        self._words = np.concatenate([part.words for part in parts])
        self.address = int(self._words.__array_interface__["data"][0])

    def __getattr__(self, name: str) -> Any:
        for part in self.__dict__.get("parts", ()):
            if name in part.fields:
                return part.fields[name]
        raise AttributeError(name)


def _pack(value: Any, words: list[int]) -> None:
    """Append the words of a value as compiled code lays it out."""
    if isinstance(value, np.ndarray):
        words += (0, 0, value.size, value.itemsize, value.__array_interface__["data"][0], *value.shape, *value.strides)
    elif isinstance(value, tuple):
        for one in value:
            _pack(one, words)
    elif isinstance(value, (float, np.floating)):
        words.append(int(np.float64(value).view(np.uint64)))
    else:
        words.append(int(value) & 0xFFFFFFFFFFFFFFFF)


# --- the cache -------------------------------------------------------------------------------------------


class _Drawer:
    """The kept machine code of one function: a file per signature. It stands where numba expects a cache."""

    def __init__(self, plain: FunctionType, title: str, mark: bytes, form: str) -> None:
        self.plain, self.title = plain, title
        self.stem = f"{title.replace('<locals>.', '').replace('<lambda>', 'lambda')}-{form}-{mark.hex()}"
        self.started = 0.0

    @property
    def cache_path(self) -> str:
        return str(cache_folder())

    def load_overload(self, sig: Any, target: Any) -> Any:
        from numba.core.compiler import CompileResult
        from numba.core.runtime.nrt import rtsys
        from numba.core.serialize import loads

        rtsys.initialize(target)  # all that kept code needs; the rest of the compiler is made ready when something is compiled
        path = self._path(sig)
        with contextlib.suppress(Exception):  # a missing, torn or foreign file means: compile
            blob = path.read_bytes() if path else b""
            if blob[:32] == hashlib.sha256(blob[32:]).digest():
                return CompileResult._rebuild(target, *loads(blob[32:]))
        self.started = time.perf_counter()
        _tell(self.plain)
        return None

    def save_overload(self, sig: Any, result: Any) -> None:
        from numba.core.serialize import dumps

        for report in _reports:
            report(self.title, time.perf_counter() - self.started)
        path = self._path(sig)
        if path is None or result.library.has_dynamic_globals or any(not loop.can_cache for loop in result.lifted):
            return
        body = dumps(_without_text(result))
        with contextlib.suppress(OSError):  # a full or read-only disk costs time, not the run
            _write(path, hashlib.sha256(body).digest() + body)

    def flush(self) -> None:
        pass

    def _path(self, sig: Any) -> Path | None:
        folder = cache_folder()
        # the text of a named tuple's type does not say its fields
        fields = [getattr(kind, "fields", ()) for kind in getattr(sig, "args", sig)]
        digest = hashlib.blake2b(f"{sig} {fields}".encode(), digest_size=8).hexdigest()
        return folder and folder / f"{self.stem}-{digest}.bin"


def _without_text(result: Any) -> tuple[Any, ...]:
    """What is kept of compiled code, without the text that others would take in: nobody does, and to read it takes longer than
    to read the code. The names of its functions, and of what they need of Python, are looked up and stay.
    """
    from llvmlite import binding

    (name, form, (code, _)), *rest = result._reduce()
    module = result.library._final_module
    needs = [f'@"{one.name}" = global ptr null\n' for one in module.global_variables if one.name.startswith(ENVIRONMENT)]
    functions = [f'define void @"{one.name}"() {{ ret void }}\n' for one in module.functions if not one.is_declaration]
    text = binding.parse_assembly("".join(needs + functions))
    return (name, form, (code, text.as_bitcode())), *rest


def _write(path: Path, blob: bytes) -> None:
    """Whole or not at all, also when several processes write the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem[:20], suffix=".part")
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(blob)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


@cache
def cache_folder() -> Path | None:
    """The folder of machine code that fits these sources, versions, flags and this processor; None if there is no cache."""
    root = _cache_root()
    if root is None:
        return None
    folder = root / f"cpython-{sys.version_info.major}{sys.version_info.minor}-{_environment_hash()}"
    _sweep(root, folder)
    return folder


def _cache_root() -> Path | None:
    given = os.environ.get("POVSIM_CACHE")
    if given is not None:
        return Path(given) if given else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "povsim" / "compiled"


def _environment_hash() -> str:
    import llvmlite

    numba = _numba()
    from numba.core import config
    from numba.core.registry import cpu_target

    import povsim

    digest = hashlib.blake2b(digest_size=12)
    switches = [getattr(config, name, None) for name in ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK")]
    versions = (povsim.__version__, numba.__version__, llvmlite.__version__, np.__version__, sys.version_info[:3])
    digest.update(repr((FLAGS, switches, versions, cpu_target.target_context.codegen().magic_tuple())).encode())
    package = Path(povsim.__file__).parent
    for room in SOURCES:
        for source in sorted((package / room).rglob("*.py")) or [package / room]:
            digest.update(source.relative_to(package).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _sweep(root: Path, keep: Path) -> None:
    """Remove our folders that nobody has written to for a long time, and nothing else that lies there."""
    import shutil

    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            old = time.time() - folder.stat().st_mtime > KEEP_DAYS * 86400
            if old and folder != keep and re.fullmatch(r"cpython-\d+-[0-9a-f]{24}", folder.name):
                shutil.rmtree(folder, ignore_errors=True)


# --- progress --------------------------------------------------------------------------------------------


def warm(work: Callable[[], object], report: Callable[[str, float], None] | None = None) -> float:
    """Run something small once so that all it needs is compiled, and say how long compiling took.

    Parameters
    ----------
    work : callable
        For example one replicate of one year.
    report : callable, optional
        Called with the function's name and its seconds after each function that had to be compiled (none from the cache).

    Returns
    -------
    float
        Seconds spent compiling; 0.0 when everything came from the cache or nothing is compiled.
    """
    spent: list[float] = []

    def note(title: str, seconds: float) -> None:
        spent.append(seconds)
        if report is not None:
            report(title, seconds)

    _reports.append(note)
    try:
        work()
    finally:
        _reports.remove(note)
    return sum(spent)
