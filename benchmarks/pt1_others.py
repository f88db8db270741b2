"""PT1 in NumPy by whole columns, as a typical user writes it in pandas, and as C compiled at run time."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pt1 import FIRST_YEAR, OPERATING, PV, TOP_UP, WAGE, YEARS, Answer, Homes

from povsim.core.randomness import HOUSEHOLD_SLOT, key_of, when

HERE = Path(__file__).resolve().parent


def numpy_columns(h: Homes, replicates: int, seed: int = 0) -> Answer:
    """All households of a replicate in one column, NumPy's own generator."""
    count, rng = len(h.ids), np.random.default_rng(seed)
    acc, hist, again = np.zeros((replicates, YEARS, 13)), np.zeros((count, YEARS + 1), np.int64), np.zeros(count, np.int64)
    operates, works, sunny, topped = ((h.mask & bit) != 0 for bit in (OPERATING, WAGE, PV, TOP_UP))
    row, spent_op, spent_pv = np.arange(count), operates.sum(), 100.0 * sunny.sum()
    for r in range(replicates):
        m, u, n = h.logm.copy(), np.zeros(count), h.size.copy()
        status, emp, first = np.zeros(count, np.int8), np.zeros(count, bool), np.full(count, YEARS)
        for t in range(YEARS):
            z, v = rng.standard_normal((4, count)), rng.random((6, count))
            n = np.where(v[5] < 0.03, np.maximum(1.0, n - 1.0), np.where(v[5] >= 0.97, np.minimum(8.0, n + 1.0), n))
            m += 0.06
            u = 0.9 * u + 0.15 * z[0]
            inc = np.exp(m + u)
            ill = v[0] < 0.06
            inc[ill] *= 1.0 - np.minimum(0.9, np.exp(-1.2 + 0.5 * z[1][ill]))
            total = inc
            if t >= 3:
                total = total + np.where(operates & (v[1] >= 0.1), 5000.0 * np.exp(0.25 * z[2] - 0.03125), 0.0)
            emp = works & np.where(emp, v[2] >= 0.12, v[2] < 0.6)
            total = total + 6000.0 * emp + sunny * (3000.0 * 0.993**t) * (1.0 + 0.08 * z[3])
            top = np.where(topped & (total < 3000.0 * n) & (v[4] < 0.85), 3000.0 * n - total, 0.0)
            head = (total + top) / n
            left = (status != 1) & (head >= 4800.0) & (v[3] < 0.9)
            fell = (status == 1) & (head < 4000.0)
            first[left & (first == YEARS)] = t
            again += fell
            status[left], status[fell] = 1, 2
            poor, g = head < 4000.0, np.maximum(0.0, (4000.0 - head) / 4000.0)
            ng = n * g
            counts = np.bincount(status, minlength=3)
            acc[r, t] = (
                *counts, left.sum(), fell.sum(), n.sum(), n[poor].sum(), ng.sum(), (ng * g).sum(),
                spent_op * (200.0 if t else 2000.0), 1000.0 * emp.sum(), spent_pv, top.sum(),
            )  # fmt: skip
        hist[row, first] += 1
    return Answer(acc, hist, again)


def pandas_frame(h: Homes, replicates: int, seed: int = 0) -> Answer:
    """A frame with a column for everything, masks and ``loc``."""
    count, rng = len(h.ids), np.random.default_rng(seed)
    acc, hist, again = np.zeros((replicates, YEARS, 13)), np.zeros((count, YEARS + 1), np.int64), np.zeros(count, np.int64)
    for r in range(replicates):
        df = pd.DataFrame({"logm": h.logm, "n": h.size, "mask": h.mask})
        df["u"], df["status"], df["emp"], df["first"], df["returns"] = 0.0, 0, 0, YEARS, 0
        for name, bit in (("operates", OPERATING), ("works", WAGE), ("sunny", PV), ("topped", TOP_UP)):
            df[name] = (df["mask"] & bit) != 0
        for t in range(YEARS):
            u7 = rng.random(count)
            df.loc[u7 < 0.03, "n"] = (df["n"] - 1.0).clip(lower=1.0)
            df.loc[u7 >= 0.97, "n"] = (df["n"] + 1.0).clip(upper=8.0)
            df["logm"] += 0.06
            df["u"] = 0.9 * df["u"] + 0.15 * rng.standard_normal(count)
            df["inc"] = np.exp(df["logm"] + df["u"])
            ill = rng.random(count) < 0.06
            df.loc[ill, "inc"] *= 1.0 - np.minimum(0.9, np.exp(-1.2 + 0.5 * rng.standard_normal(ill.sum())))
            df["op"] = 0.0
            grown = df["operates"] & (t >= 3) & (rng.random(count) >= 0.1)
            df.loc[grown, "op"] = 5000.0 * np.exp(0.25 * rng.standard_normal(grown.sum()) - 0.03125)
            u4 = rng.random(count)
            had = df["emp"] == 1
            df.loc[df["works"] & had & (u4 < 0.12), "emp"] = 0
            df.loc[df["works"] & ~had & (u4 < 0.6), "emp"] = 1
            df["pv"] = np.where(df["sunny"], 3000.0 * (1.0 + 0.08 * rng.standard_normal(count)) * 0.993**t, 0.0)
            df["total"] = df["inc"] + df["op"] + 6000.0 * df["emp"] + df["pv"]
            df["top"] = 0.0
            gets = df["topped"] & (df["total"] < 3000.0 * df["n"]) & (rng.random(count) < 0.85)
            df.loc[gets, "top"] = 3000.0 * df["n"] - df["total"]
            df["head"] = (df["total"] + df["top"]) / df["n"]
            left = (df["status"] != 1) & (df["head"] >= 4800.0) & (rng.random(count) < 0.9)
            fell = (df["status"] == 1) & (df["head"] < 4000.0)
            df.loc[left & (df["first"] == YEARS), "first"] = t
            df.loc[left, "status"] = 1
            df.loc[fell, "status"] = 2
            df.loc[fell, "returns"] += 1
            df["g"] = ((4000.0 - df["head"]) / 4000.0).clip(lower=0.0)
            kinds = df["status"].value_counts()
            acc[r, t] = (
                *(kinds.get(k, 0) for k in range(3)), left.sum(), fell.sum(), df["n"].sum(),
                df.loc[df["head"] < 4000.0, "n"].sum(),
                (df["n"] * df["g"]).sum(), (df["n"] * df["g"] ** 2).sum(), df["operates"].sum() * (200.0 if t else 2000.0),
                1000.0 * df["emp"].sum(), 100.0 * df["sunny"].sum(), df["top"].sum(),
            )  # fmt: skip
        hist[np.arange(count), df["first"].to_numpy()] += 1
        again += df["returns"].to_numpy()
    return Answer(acc, hist, again)


class _Run(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("homes", "replicates", "block")),
        *((name, ctypes.c_uint32) for name in ("k0", "k1", "moment")),
        *((name, ctypes.c_void_p) for name in ("logm", "size", "mask", "acc", "hist", "again")),
    )


class InC:
    """pt1.c as one compiler with some flags makes it.

    Parameters
    ----------
    compiler : list of str
        The command.
    form : str
        ``SCALAR`` or ``BLOCK``.
    folder : Path
        Where the library goes.
    """

    def __init__(self, compiler: list[str], form: str, flags: list[str], folder: Path) -> None:
        ending = "dll" if sys.platform == "win32" else "so"
        library = folder / f"pt1-{form.lower()}-{abs(hash(tuple(compiler)))}.{ending}"
        words = [*compiler, *flags, f"-D{form}", "-shared", "-fPIC", "-o", str(library), str(HERE / "pt1.c"), "-lm"]
        subprocess.run(words, check=True, capture_output=True, text=True)
        self._live = ctypes.CDLL(str(library)).live

    def live(self, h: Homes, replicates: int, seed: int = 0, block: int = 512) -> Answer:
        """All replicates, one thread; the same draws as ours."""
        count = len(h.ids)
        acc = np.zeros((replicates, YEARS, 13))
        hist, again = np.zeros((count, YEARS + 1), np.int64), np.zeros(count, np.int64)
        k0, k1 = (int(word) for word in key_of(seed, ""))
        columns: list[Any] = [h.logm, h.size, h.mask, acc, hist, again]
        where = (column.ctypes.data for column in columns)
        self._live(ctypes.byref(_Run(count, replicates, block, k0, k1, int(when(FIRST_YEAR, HOUSEHOLD_SLOT, 0)), *where)))
        return Answer(acc, hist, again)
