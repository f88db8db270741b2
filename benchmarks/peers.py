"""Rows 1 to 7 of the goals: the small reference model PT1 in the engine's own parts, beside pandas, NumPy, C and a peer.

    python benchmarks/peers.py [--homes 2700,100000] [--rounds 5] [--markdown] [--quick]

All run in turn, A B A B, one thread, processor time; ratios are of rates within a round. What is not a dependency of povsim is
installed into a temporary environment (policyengine-core, and a clang where none is there), and its row says so where that fails.
Before a ratio is printed, C must give our histograms of first exits, household by household, and the others our means within
sampling error.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pt1
from measuring import Row, as_text, interleaved, machine, processor, ratios, report
from pt1_others import HERE, InC, numpy_columns, pandas_frame

PEER = "policyengine-core==3.33.12"  # of the survey's nine the fastest at both sizes
CLANG = "ziglang"  # a clang as a package
REPLICATES = {"ours": (200, 20), "pandas": (10, 2), "NumPy": (50, 10), "C": (100, 20), "peer": (10, 2)}  # N up to 10,000; above

OURS, PANDAS, NUMPY, SCALAR, BLOCK, FRAMEWORK = (
    "PT1",
    "pandas",
    "NumPy, whole columns",
    "C, scalar",
    "C, block loops",
    "policyengine-core",
)


class Peer:
    """The peer framework in a process of its own."""

    def __init__(self, python: Path) -> None:
        words = [str(python), str(HERE / "pt1_policyengine.py")]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line("ready")

    def _line(self, expected: str = "") -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line or (expected and line != expected):
            raise RuntimeError("the peer's process ended or said something else")
        return line

    def live(self, file: Path, replicates: int, seed: int) -> Any:
        """Seconds and means."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{file} {replicates} {seed}\n")
        self._process.stdin.flush()
        return json.loads(self._line())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def installed(folder: Path, package: str) -> Path:
    """The interpreter of an environment with a package, from whatever registry this machine's pip is set to.

    Raises
    ------
    RuntimeError
        It could not be had.
    """
    home = folder / package.partition("=")[0]
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if (home / "ready").exists():
        return python
    print(f"installing {package} ...", file=sys.stderr, flush=True)
    try:
        venv.EnvBuilder(with_pip=True).create(home)
        words = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", package]
        done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeError(f"{package} cannot be installed ({type(error).__name__})") from error
    if done.returncode:
        raise RuntimeError(f"{package} cannot be installed")
    (home / "ready").touch()
    return python


def clang(folder: Path) -> list[str]:
    """A clang: the machine's, or a package's."""
    found = shutil.which("clang")
    return [found] if found else [str(installed(folder, CLANG)), "-m", "ziglang", "cc"]


def in_c(folder: Path, kept: Path, absent: dict[str, str]) -> dict[str, InC]:
    """Scalar C by gcc and block C by clang, where they can be made; why not is noted."""
    made: dict[str, InC] = {}
    flags = ["-O3", "-march=native"]
    gcc = shutil.which("gcc")
    if gcc is None:
        absent[SCALAR] = "there is no gcc"
    ways: list[tuple[str, str, Callable[[], list[str]], list[str]]] = [
        (SCALAR, "SCALAR", lambda: [str(gcc)], flags),
        (BLOCK, "BLOCK", lambda: clang(kept), [*flags, "-ffast-math"]),
    ]
    for name, form, compiler, given in ways:
        if name in absent:
            continue
        try:
            made[name] = InC(compiler(), form, given, folder)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            absent[name] = str(error) if isinstance(error, RuntimeError) else "pt1.c cannot be compiled or loaded"
    return made


def same(ours: pt1.Answer, theirs: pt1.Answer, name: str) -> None:
    """The same lives: every household's first exits and returns, and the sums."""
    if not (np.array_equal(ours.hist, theirs.hist) and np.array_equal(ours.again, theirs.again)):
        raise SystemExit(f"{name}: some household's lives differ from ours")
    room = np.where(pt1.UNITS == 100.0, 0.02, 1e-6) * math.sqrt(ours.hist.shape[0])  # ours are of whole fen, and of shares
    if not (np.abs(ours.acc - theirs.acc) <= room + 1e-9 * np.abs(ours.acc)).all():
        raise SystemExit(f"{name}: sums differ from ours")


def alike(ours: pt1.Answer, means: Any, lives: int, name: str, rounding: Any = 0.0) -> float:
    """The greatest difference of means of the last year, in standard errors (luck of other generators; households as given)."""
    count, replicates = ours.hist.shape[0], ours.acc.shape[0]
    per_home = ours.acc[:, -1] / count
    spread = per_home.std(axis=0, ddof=1) * math.sqrt(count)  # of one life
    error = spread * np.sqrt(1.0 / lives + 1.0 / (count * replicates)) + 1e-4 * np.abs(ours.means()) + 1e-9 + rounding
    off = float((np.abs(ours.means() - np.asarray(means)) / error).max())
    if off > 5.0:
        raise SystemExit(f"{name}: means are {off:.1f} standard errors from ours: {np.round(means, 4)}")
    return off


def measure(
    count: int, rounds: int, made: dict[str, InC], peer: Peer | None, folder: Path, quick: bool
) -> dict[str, list[float]]:
    """Million household-years per second of each way, by round."""
    h = pt1.homes(count)
    file = folder / f"homes-{count}.npz"
    np.savez(file, logm=h.logm, size=h.size, mask=h.mask)
    times = {name: (2 if quick else many[count > 10_000]) for name, many in REPLICATES.items()}
    ours = pt1.live(h, max(times["ours"], 20))
    print(f"N = {count}: means {np.round(ours.means(), 4).tolist()}")
    if count == 100_000 and not quick:
        alike(ours, pt1.EXPECTED, 20 * count, "the prototype's means", pt1.ROUNDING)

    seeds = iter(range(1, 10_000))
    rate: dict[str, Callable[[], float]] = {}

    def way(name: str, group: str, live: Callable[[int], object]) -> None:
        def run() -> float:
            began = processor()
            live(times[group])
            return count * pt1.YEARS * times[group] / (processor() - began) / 1e6

        rate[name] = run

    way(OURS, "ours", lambda r: pt1.live(h, r))
    for name, library in made.items():
        same(pt1.live(h, 2), library.live(h, 2), name)
        way(name, "C", lambda r, library=library: library.live(h, r))  # type: ignore[misc]
    for name, group, live in ((NUMPY, "NumPy", numpy_columns), (PANDAS, "pandas", pandas_frame)):
        found = live(h, times[group], next(seeds))
        print(f"  {name}: greatest difference {alike(ours, found.means(), count * times[group], name):.1f} standard errors")
        way(name, group, lambda r, live=live: live(h, r, next(seeds)))  # type: ignore[misc]
    if peer is not None:
        off = alike(ours, peer.live(file, times["peer"], 1)["means"], count * times["peer"], FRAMEWORK)
        print(f"  {FRAMEWORK}: greatest difference {off:.1f} standard errors")
        many = times["peer"]
        rate[FRAMEWORK] = lambda: count * pt1.YEARS * many / peer.live(file, many, next(seeds))["seconds"] / 1e6
    return interleaved(rate, rounds)


def main() -> None:
    """Check, time and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", default="2700,100000", help="small and large number of households")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder in which what was installed is kept for the next time")
    parser.add_argument("--quick", action="store_true", help="tiny, and nothing is installed: only whether it runs")
    options = parser.parse_args()
    small, large = (300, 3000) if options.quick else map(int, options.homes.split(","))
    rounds = 2 if options.quick else options.rounds
    absent: dict[str, str] = {}
    print(machine())
    with tempfile.TemporaryDirectory(prefix="povsim-peers-") as name:
        folder = Path(name)
        kept = options.keep or folder
        if options.quick:
            absent[FRAMEWORK] = "not installed in a quick run"
            if shutil.which("clang") is None:
                absent[BLOCK] = "there is no clang, and none is installed in a quick run"
        made = in_c(folder, kept, absent)
        peer = None
        if FRAMEWORK not in absent:
            try:
                peer = Peer(installed(kept, PEER))
            except RuntimeError as error:
                absent[FRAMEWORK] = str(error)
        found = {count: measure(count, rounds, made, peer, folder, options.quick) for count in (small, large)}
        if peer is not None:
            peer.close()
    heads = ("million household-years per second of processor time", *(f"N = {count}" for count in found))
    names = list(found[large])
    print()
    print(as_text(heads, [(way, *(f"{np.median(found[n][way]):.2f}" for n in found)) for way in names]))

    def row(number: str, way: str, count: int, attainable: float, ambitious: float) -> Row:
        what = f"PT1 in our parts / {way}, N={count:,}, rate"
        if way not in found[count]:
            return Row(number, what, (), attainable, ambitious, note=absent[way])
        return Row(number, what, ratios(found[count][OURS], found[count][way]), attainable, ambitious)

    rows = [
        row("1", PANDAS, large, 8, 15),
        row("2", PANDAS, small, 60, 150),
        row("3", NUMPY, large, 4, 8),
        row("4", SCALAR, large, 2, 5),
        row("5", BLOCK, large, 0.33, 0.8),
        row("6", FRAMEWORK, large, 5, 10),
        row("7", FRAMEWORK, small, 15, 30),
    ]
    report(rows, options.markdown)


if __name__ == "__main__":
    main()
