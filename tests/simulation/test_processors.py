"""Code made for another processor gives the same bits: AVX-512, AVX2 with fused multiply-add, and the SSE2 that all have."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from povsim.engine import compile as compiler

pytestmark = pytest.mark.skipif(not compiler.available(), reason="no compiler, so no code for a processor")

# What makes numba compile for a processor, and NumPy do without what that does not have.
AVX2 = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"}
SSE2 = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
WITHOUT = {"avx2": ("X86_V4", "AVX512"), "sse2": ("X86_V", "AVX", "FMA")}

HEAD = """
import pickle, sys
from pathlib import Path
from numba.core.registry import cpu_target
from povsim.engine import compile as compiler
"""
TAIL = """
processor = cpu_target.target_context.codegen().magic_tuple()[1:]
Path(sys.argv[1]).write_bytes(pickle.dumps((processor, compiler.cache_folder().name, found)))
"""
RULES = (
    HEAD
    + """
import numpy as np
from povsim.core.randomness import DECISIONS
from povsim.engine.draws import Draws
from tests.engine import test_compile as loops
x = loops.MILLION * 20.0 - 5.0
found = {}
asked = {"exp_loop": x * 70.0, "log_loop": x + 5.0, "ppf_loop": loops.MILLION, "order_loop": x, "contraction_loop": x}
for name, values in asked.items():
    found[name] = np.empty(len(x))
    compiler.lift(getattr(loops, name))(values, found[name])
DECISIONS["test_u"], DECISIONS["test_z"] = 508, 509
found["draws"] = Draws(5, 1).households(np.arange(100_000, dtype=np.uint64), 2018, ("test_u", "test_z"))
"""
)
RUN = (
    HEAD
    + """
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from povsim.simulation.simulate import simulate
from tests.simulation.every_kind import every_kind
place = load_place("chagu")
town = synthesise(place, 2016, 1)
scenario = every_kind(Path(sys.argv[1]).parent, "run.replicates=2", "run.years=3", "run.draws=2", "run.fit=''", "run.threads=1")
found = {"population": town.content_hash(), **simulate(town.subset(town.households["village"] < 2), scenario, place).tables}
"""
)


def enabled():
    """What NumPy may use here of what it can do without."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


def told(folder: Path, root: Path, text: str, processor: str) -> tuple[tuple[str, str], str, dict]:
    """What a script found in a process whose code is made for a processor (``host`` for this one's own)."""
    (folder / processor).mkdir()
    variables = {"host": {}, "avx2": AVX2, "sse2": SSE2}[processor]
    if processor != "host":
        variables = variables | {"NPY_DISABLE_CPU_FEATURES": " ".join(n for n in enabled() if n.startswith(WITHOUT[processor]))}
    path = os.pathsep.join([str(Path(compiler.__file__).parents[2]), str(root)])
    environment = os.environ | variables | {"PYTHONPATH": path, "POVSIM_ENGINE": "compiled"}
    file = folder / processor / "found"
    done = subprocess.run(
        [sys.executable, "-c", text + TAIL, str(file)], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return pickle.loads(file.read_bytes())


@pytest.fixture
def host():
    """The processor of this machine must have AVX-512, or there is nothing to do without."""
    from numba.core.registry import cpu_target

    if "+avx512f" not in cpu_target.target_context.codegen().magic_tuple()[2]:
        pytest.skip("the processor has no AVX-512")


def apart(here, there):
    """The two were made for different processors, and neither answered from the other's drawer."""
    assert "+avx512f" in here[0][1] and "avx512" not in there[0][1] and here[0] != there[0]
    assert here[1] != there[1], "the cache is keyed by the processor"


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("processor", ["avx2", "sse2"])
def test_functions_and_draws_have_the_same_bits(tmp_path, root, processor):
    here, there = (told(tmp_path, root, RULES, one) for one in ("host", processor))
    apart(here, there)
    for name, values in here[2].items():
        assert np.array_equal(values.view(np.int64), there[2][name].view(np.int64)), name


@pytest.mark.slow  # all is compiled for the other processor, unless it lies in the cache
@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("processor", ["avx2", "sse2"])
def test_a_run_with_every_kind_has_the_same_bits(tmp_path, root, processor):
    here, there = (told(tmp_path, root, RUN, one) for one in ("host", processor))
    apart(here, there)
    assert here[2].pop("population") == there[2].pop("population"), "the made-up town itself"
    for name, table in here[2].items():
        pd.testing.assert_frame_equal(table, there[2][name], check_exact=True, obj=name)
