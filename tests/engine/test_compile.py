"""Compiled text gives the bits of plain text, and an old rule never answers for a new one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import povsim
from povsim.core import elementary
from povsim.core.elementary import clip, exp, floor, log, maximum, minimum, ppf, sqrt, where
from povsim.core.errors import RuleError
from povsim.engine import compile as compiler

PACKAGE = Path(povsim.__file__).parent


# --- equal bits ------------------------------------------------------------------------------------------


def exp_loop(x: Any, out: Any) -> None:
    for i in range(len(x)):
        out[i] = exp(x[i])


def log_loop(x: Any, out: Any) -> None:
    for i in range(len(x)):
        out[i] = log(x[i])


def ppf_loop(x: Any, out: Any) -> None:
    for i in range(len(x)):
        out[i] = ppf(x[i])


def order_loop(x: Any, out: Any) -> None:
    for i in range(len(x)):
        out[i] = clip(x[i], -2.0, 1e6) + minimum(x[i], 0.5) * maximum(3.0, x[i]) - where(x[i] > 7.0, 1, floor(x[i]))


def contraction_loop(x: Any, out: Any) -> None:
    for i in range(len(x)):
        out[i] = x[i] * x[i] - 1.0 / x[i] + sqrt(where(x[i] > 0.0, x[i], 0.0)) * x[i]


EDGES = np.array(
    [0.0, -0.0, 5e-324, 2.2e-308, 1e-17, 0.075, 0.5, 0.925, 1.0, 1.5, 708.0, 709.78, 709.79, 1e308, np.inf, np.nan, 1 - 2**-53]
)
MILLION = (np.arange(1_000_000) * 0x9E3779B9 % 2**32 + 0.5) / 2**32  # a walk over (0, 1) in an order that is not its own


@pytest.mark.parametrize(
    ("loop", "plain", "values"),
    [
        (exp_loop, exp, (MILLION - 0.5) * 1440),
        (log_loop, log, np.ldexp(0.5 + MILLION, (np.arange(1_000_000) % 2040 - 1020))),
        (ppf_loop, ppf, MILLION),
        (ppf_loop, ppf, MILLION**12),
        (
            order_loop,
            lambda x: clip(x, -2.0, 1e6) + minimum(x, 0.5) * maximum(3.0, x) - where(x > 7.0, 1, floor(x)),
            MILLION * 20 - 5,
        ),
        (contraction_loop, lambda x: x * x - 1.0 / x + sqrt(where(x > 0.0, x, 0.0)) * x, MILLION * 20 - 5),
    ],
)
def test_a_million_values_and_all_edges_agree_to_the_bit(loop: Any, plain: Callable[[Any], Any], values: Any) -> None:
    x = np.concatenate([values, EDGES, -EDGES])
    out = np.empty_like(x)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        expected = plain(x)
        compiler.lift(loop)(x, out)
    number = ~np.isnan(expected)
    assert np.array_equal(np.isnan(out), ~number)
    assert np.array_equal(out[number].view(np.int64), expected[number].view(np.int64))


# --- what can be lifted ----------------------------------------------------------------------------------


class Crop(IntEnum):
    TEA = 1
    PEACH = 2


SHARES = (0.25, 0.5)
PRICES = np.array([3.0, 5.0])


def half(x: float) -> float:
    return x * SHARES[1]


def reaches(x: float, crop: int, factor: float = 2.0) -> float:
    return elementary.exp(half(x)) * factor + PRICES[crop - 1] * (crop == Crop.PEACH)


def test_a_lifted_function_sees_modules_constants_arrays_enums_tuples_and_defaults() -> None:
    for crop in (1, 2):
        assert compiler.lift(reaches)(0.3, crop) == reaches(0.3, crop)


def test_a_closure_is_lifted_with_what_it_holds() -> None:
    def scaled(factor: float, rule: Callable[[float], float]) -> Callable[[float], float]:
        return lambda x: rule(x) * factor

    assert compiler.lift(scaled(3.0, half))(4.0) == 6.0
    assert compiler.lift(scaled(5.0, half))(4.0) == 10.0


def test_a_function_without_a_file_is_lifted_and_its_redefinition_counts() -> None:
    """As in a notebook, where a cell that defines a helper is run again."""
    cell = {"__name__": "__main__", "exp": exp}
    exec("def helper(x):\n    return exp(x) + 1.0\ndef rule(x):\n    return helper(x) * 2.0", cell)
    rule: Any = cell["rule"]
    assert compiler.lift(rule)(0.0) == 4.0
    exec("def helper(x):\n    return exp(x) + 2.0", cell)
    assert compiler.lift(rule)(0.0) == 6.0


def test_asking_twice_gives_the_same_twin() -> None:
    assert compiler.lift(reaches) is compiler.lift(reaches)


def test_what_cannot_be_lifted_says_so() -> None:
    def factorial(n: int) -> int:
        return n * factorial(n - 1)

    table = {"a": 1.0}

    def reads() -> float:
        return table["a"]

    with pytest.raises(RuleError, match="calls itself"):
        compiler.lift(factorial)
    with pytest.raises(RuleError, match="reads a dict"):
        compiler.lift(reads)
    with pytest.raises(RuleError, match="no plain function"):
        compiler.lift(max)


def test_threads_may_lift_and_run_at_once() -> None:
    def rule(x: float) -> float:
        return exp(x) + log(x + 2.0)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: compiler.lift(rule)(0.5), range(16)))
    assert set(answers) == {rule(0.5)}


def test_the_orchard_of_decision_01_agrees_in_all_its_forms(root: Path) -> None:
    options = ["--growers", "130", "--years", "22", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, root / "benchmarks" / "orchard.py", *options], capture_output=True, text=True, check=False
    )
    assert "all ways agree to the bit" in done.stdout, done.stderr


# --- which engine ----------------------------------------------------------------------------------------


def run_python(text: str, **variables: str) -> str:
    """Answer of a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", text], env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_engine_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, compiles in (("numpy", False), ("compiled", True), ("auto", True)):
        monkeypatch.setenv("POVSIM_ENGINE", word)
        assert compiler.enabled() is compiles
    monkeypatch.setenv("POVSIM_ENGINE", "fortran")
    with pytest.raises(RuleError, match="fortran"):
        compiler.enabled()


DRAW = """
import sys
{before}
import numpy as np
from povsim.core.randomness import DECISIONS
from povsim.engine import compile as compiler
from povsim.engine.draws import Draws
assert "numba" not in sys.modules or sys.modules["numba"] is None
DECISIONS["test_u"], DECISIONS["test_z"] = 508, 509
print(compiler.enabled(), Draws(5, 1).households(np.arange(3, dtype=np.uint64), 2018, ("test_u", "test_z")).tobytes().hex())
"""


def test_without_numba_the_numpy_bodies_run_with_the_same_bits() -> None:
    blocked = run_python(DRAW.format(before="sys.modules['numba'] = None"), POVSIM_ENGINE="auto").split()
    plain = run_python(DRAW.format(before=""), POVSIM_ENGINE="numpy").split()
    compiled = run_python(DRAW.format(before=""), POVSIM_ENGINE="compiled").split()
    assert [blocked[0], plain[0], compiled[0]] == ["False", "False", "True"]
    assert blocked[1] == plain[1] == compiled[1]


ENABLE = """
import sys
sys.modules["numba"] = None
from povsim.engine import compile as compiler
try:
    compiler.enabled()
except Exception as error:
    print(type(error).__name__, error)
"""


def test_compiled_without_numba_is_refused() -> None:
    assert run_python(ENABLE, POVSIM_ENGINE="compiled").startswith("RuleError POVSIM_ENGINE=compiled")


# --- the cache -------------------------------------------------------------------------------------------


RULE = """
from povsim.policy.numbers_of_test import RATE
from povsim.core.elementary import where

def grant(income):
    return where(income < 3000.0, 100.0, 0.0) * RATE
"""
BODY = """
from povsim.policy.rule_of_test import grant

def body(x, out):
    for i in range(len(x)):
        out[i] = grant(x[i])
"""
ASK = """
import numpy as np
from povsim.engine import compile as compiler
from povsim.engine.body_of_test import body
x, out = np.array([2500.0]), np.zeros(1)
spent = compiler.warm(lambda: compiler.lift(body)(x, out))
print(out[0], "compiled" if spent else "kept")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Callable[..., str]:
    """A copy of the package with a rule, a number and a body of three files; asks it in a fresh process."""
    package = tmp_path / "src" / "povsim"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "_data", "report", "cli"))
    (package / "policy" / "numbers_of_test.py").write_text("RATE = 2.0\n")
    (package / "policy" / "rule_of_test.py").write_text(RULE)
    (package / "engine" / "body_of_test.py").write_text(BODY)

    def ask(edit: str = "", old: str = "", new: str = "") -> str:
        if edit:
            file = package / edit
            text = file.read_text()
            assert old in text
            file.write_text(text.replace(old, new))
        return run_python(
            ASK, PYTHONPATH=str(tmp_path / "src"), POVSIM_CACHE=str(tmp_path / "cache"), PYTHONDONTWRITEBYTECODE="1"
        )

    return ask


def test_an_edited_rule_is_never_answered_by_an_old_one(copy: Callable[..., str], tmp_path: Path) -> None:
    assert copy() == "200.0 compiled"
    assert copy() == "200.0 kept"
    assert copy("policy/rule_of_test.py", "100.0", "300.0") == "600.0 compiled"
    assert copy("policy/numbers_of_test.py", "2.0", "0.5") == "150.0 compiled"
    for kept in (tmp_path / "cache").rglob("*.bin"):
        blob = kept.read_bytes()
        kept.write_bytes(blob[:-100] + bytes([blob[-100] ^ 1]) + blob[-99:])
    assert copy() == "150.0 compiled", "a damaged file is compiled anew"
    assert not list((tmp_path / "cache").rglob("*.part"))


LIVE = """
import pathlib, tempfile
from povsim.engine import compile as compiler, income
from tests.engine import plan
loan = dict(kind="microcredit", rate_spread=0.0, hands=0, take_up=1.0, subsidised=0.5)
homes = plan.homes([dict(income_operating=9000.0)] * 3)
world = plan.town(pathlib.Path(tempfile.mkdtemp()), {"loan": loan}, made=homes)
s, draws = plan.begin(world)
def live():
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        income.PHASE.run(s, world, draws, year)
spent = compiler.warm(live)
print(int(s.items.sum()), int(s.spent.sum()), "compiled" if spent else "kept")
"""
EDITS = {  # what is edited, and whether all is compiled anew
    "a rule of a kind": ("src/povsim/policy/measures/microcredit.py", "return mean + ", "return 0.9 * mean + ", "compiled"),
    "a rule that two kinds ask": ("src/povsim/policy/loans.py", "rate * months / 12.0", "rate * months / 11.0", "compiled"),
    "a rule of the engine": ("src/povsim/engine/income.py", "+ p.passing_spread *", "+ 1.1 * p.passing_spread *", "compiled"),
    "a parameter": ("params/kinds/microcredit.yaml", "value: 42670", "value: 30000", "kept"),
}


@pytest.mark.slow
def test_no_edit_of_a_rule_or_parameter_is_answered_by_old_code(tmp_path: Path, root: Path) -> None:
    """One cache through all edits; after each the compiled engine says what NumPy says, and not what it said before."""
    shutil.copytree(PACKAGE, tmp_path / "src" / "povsim", ignore=shutil.ignore_patterns("__pycache__", "_data"))
    for folder in ("params", "data"):
        shutil.copytree(root / folder, tmp_path / folder)

    def ask(engine: str) -> list[str]:
        path = os.pathsep.join([str(tmp_path / "src"), str(root)])
        cache = {"POVSIM_CACHE": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
        return run_python(LIVE, PYTHONPATH=path, POVSIM_ENGINE=engine, **cache).split()

    before = ask("compiled")
    assert before[2] == "compiled" and ask("compiled") == [*before[:2], "kept"]
    for name, (file, old, new, how) in EDITS.items():
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, name
        (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
        now = ask("compiled")
        assert now[:2] == ask("numpy")[:2] and now[:2] != before[:2] and now[2] == how, name
        before = now


def test_marks_alone_tell_texts_apart() -> None:
    """The second lock: even in one folder, another constant or another callee is another file."""

    def stem(rule: Any) -> str:
        return str(compiler.lift(rule)._cache.stem)  # type: ignore[attr-defined]

    def build(constant: float, inner: Callable[[float], float]) -> Any:
        return lambda x: inner(x) + constant

    def other(x: float) -> float:
        return x * SHARES[0]

    assert stem(build(1.0, half)) == stem(build(1.0, half))
    assert len({stem(build(1.0, half)), stem(build(2.0, half)), stem(build(1.0, other))}) == 3
    cells = [{"__name__": "__main__", "RATE": rate} for rate in (1.0, 2.0)]
    for cell in cells:
        exec("def rule(x):\n    return x * RATE", cell)
    assert stem(cells[0]["rule"]) != stem(cells[1]["rule"])


def test_the_name_of_the_folder_knows_sources_versions_and_processor(
    monkeypatch: pytest.MonkeyPatch, copy: Callable[..., str], tmp_path: Path
) -> None:
    import numba
    from numba.core.registry import cpu_target

    before = compiler._environment_hash()
    assert before == compiler._environment_hash()
    codegen = type(cpu_target.target_context.codegen())
    with monkeypatch.context() as patch:
        patch.setattr(numba, "__version__", "0")
        assert compiler._environment_hash() != before
    with monkeypatch.context() as patch:
        patch.setattr(codegen, "magic_tuple", lambda self: ("x86_64", "generic", ""))
        assert compiler._environment_hash() != before
    with monkeypatch.context() as patch:
        patch.setitem(compiler.FLAGS, "fastmath", True)
        assert compiler._environment_hash() != before
    package = tmp_path / "src" / "povsim"
    monkeypatch.setattr(povsim, "__file__", str(package / "__init__.py"))
    for source in ("policy/rule_of_test.py", "engine/body_of_test.py", "core/elementary.py", "core/randomness.py"):
        copied = compiler._environment_hash()
        (package / source).write_text((package / source).read_text() + "# edited\n")
        assert compiler._environment_hash() != copied, source


def test_named_tuples_with_their_fields_in_another_order_are_another_entry() -> None:
    import numba

    def at_rest(kind: Any) -> str:
        return str(compiler._Drawer(lambda: None, "f", b"", "outer")._path((numba.typeof(kind(1.0, 2.0)),)))

    assert at_rest(namedtuple("P", "a b")) != at_rest(namedtuple("P", "b a"))


def test_only_old_folders_of_ours_are_swept(tmp_path: Path) -> None:
    names = ("cpython-311-" + "a" * 24, "cpython-311-" + "b" * 24, "photographs")
    for name in names:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ("cpython-311-" + "c" * 24)).mkdir()
    compiler._sweep(tmp_path, tmp_path / names[1])
    assert sorted(p.name[-1] for p in tmp_path.iterdir()) == ["b", "c", "s"]


def test_several_processes_may_write_the_same(copy: Callable[..., str], tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert {answer.split()[0] for answer in pool.map(lambda _: copy(), range(3))} == {"200.0"}
    assert copy() == "200.0 kept"
    assert len(list((tmp_path / "cache").rglob("*.bin"))) == 1


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    text = ASK.replace("from povsim.engine.body_of_test import body", "def body(x, out):\n    out[0] = 7.0")
    assert run_python(text, POVSIM_CACHE=str(tmp_path / "file" / "cache")) == "7.0 compiled"
    assert run_python(text, POVSIM_CACHE="") == "7.0 compiled"
