"""PT1, the small reference model of the peers, in the engine's own parts: keyed draws, elementary functions, lifted block loops.

One row is one household; ten draws and thirteen sums a household-year: income with persistence, illness, farming, work, PV, a
top-up, exit and return. The way in: `homes` makes the households, `live` their lives, `EXPECTED` is what must come out. Normals
are quantiles of one word, as the engine draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from povsim.core.elementary import SHIFT, SHIFT_BITS, bits, clip, exp, maximum, minimum, where
from povsim.engine.compile import address_of, call_at, lift
from povsim.engine.draws import MOMENT, REPLICATE, Draws, Luck, Plan, alone, fill_loop

YEARS = 10
SUMS = (
    "status 0", "status 1", "status 2", "exits", "returns", "persons", "poor persons", "n g", "n g2",
    "operating", "wage", "PV", "top-up",
)  # fmt: skip
# Of the last year, a household, by another implementation with another generator (N = 100,000, 20 replicates).
EXPECTED = (0.1153, 0.8355, 0.0493, 0.0385, 0.0179, 3.419, 0.4712, 0.0952, 0.0296, 89.8, 291.5, 50.2, 36.2)
ROUNDING = np.array([5e-5] * 5 + [5e-4] + [5e-5] * 3 + [0.05] * 4)  # of these figures
UNITS = np.array([1.0] * 7 + [2.0**32] * 2 + [100.0] * 4)  # sums are whole numbers: shares of 2**-32, and fen
OPERATING, WAGE, PV, TOP_UP = 1, 2, 4, 8  # bits of the mask
BLOCK = 512
YEAR_SHIFT, FIRST_YEAR = np.uint64(20), 2016

# rows of a block's state; of its draws
M, U, SIZE, STATUS, SINCE, POST, FIRST, RETURNS, INCOME, OP, WAGES, SUN = range(12)
Z_INCOME, Z_OP, U_ILL, U_FARM, U_WORK, U_EXIT, U_TOP, U_SIZE, Z_ILL, Z_SUN = range(10)
LANES = Plan(
    np.arange(3, dtype=np.uint64),
    np.array([[Z_INCOME, Z_OP, U_ILL, U_FARM], [U_WORK, U_EXIT, U_TOP, U_SIZE], [Z_ILL, Z_SUN, -1, -1]]),
    np.array([[True, True, False, False], [False] * 4, [True, True, False, False]]),
    np.zeros(10),
).lanes


@dataclass(frozen=True)
class Homes:
    """The households: log permanent income, persons, what they hold, identity."""

    logm: Any
    size: Any
    mask: Any
    ids: Any


def homes(count: int) -> Homes:
    """The households of the definition."""
    rng = np.random.default_rng(1)
    size = np.clip(1 + rng.poisson(2.4, count), 1, 8).astype(np.float64)
    logm = np.log(3100.0 * size) + 0.35 * rng.standard_normal(count)
    mask = sum(bit * (rng.random(count) < p) for bit, p in ((OPERATING, 0.45), (WAGE, 0.35), (PV, 0.5), (TOP_UP, 0.4)))
    return Homes(logm, size, np.asarray(mask, np.int64), np.arange(count, dtype=np.uint64))


# --- rules -----------------------------------------------------------------------------------------------


def size_of(n: Any, u: Any) -> Any:
    """Persons: one fewer or one more."""
    return where(u < 0.03, maximum(1.0, n - 1.0), where(u >= 0.97, minimum(8.0, n + 1.0), n))


def after_illness(income: Any, u: Any, z: Any, chance: Any, middle: Any, spread: Any) -> Any:
    """Income after a serious illness."""
    return where(u < chance, income * (1.0 - minimum(0.9, exp(middle + spread * z))), income)


def operated(takes_part: Any, t: Any, u: Any, z: Any, margin: Any, spread: Any) -> Any:
    """Operating income: from the fourth year on, unless the year fails."""
    grown = takes_part & (t >= 3) & (u >= 0.1)
    return where(grown, margin * exp(spread * z - 0.5 * spread * spread), 0.0)


def at_work(takes_part: Any, post: Any, u: Any, ends: Any, begins: Any) -> Any:
    """Whether the post is held this year."""
    return where(takes_part & where(post > 0.0, u >= ends, u < begins), 1.0, 0.0)


def dividend(takes_part: Any, z: Any, aged: Any, usual: Any, spread: Any) -> Any:
    """PV income."""
    return where(takes_part, usual * (1.0 + spread * z) * aged, 0.0)


def whole(x: Any, unit: Any) -> Any:
    """The nearest whole number of units, int64."""
    return bits(x * unit + SHIFT) - SHIFT_BITS


# --- loops over a block ----------------------------------------------------------------------------------


def begin(s: Any, n: Any, h0: Any, logm: Any, size: Any) -> None:
    """A household before its first year."""
    for i in range(n):
        s[M, i], s[U, i], s[SIZE, i] = logm[h0 + i], 0.0, size[h0 + i]
        s[STATUS, i], s[SINCE, i], s[POST, i], s[FIRST, i], s[RETURNS, i] = 0.0, 0.0, 0.0, float(YEARS), 0.0


def earn(s: Any, d: Any, n: Any) -> None:
    """Size and basic income."""
    for i in range(n):
        s[SIZE, i] = size_of(s[SIZE, i], d[U_SIZE, i])
        s[M, i] += 0.06
        s[U, i] = 0.9 * s[U, i] + 0.15 * d[Z_INCOME, i]
        s[INCOME, i] = exp(s[M, i] + s[U, i])


def fall_ill(mask: Any, s: Any, d: Any, p: Any, t: Any) -> None:
    """Illness."""
    for i in range(len(mask)):
        s[INCOME, i] = after_illness(s[INCOME, i], d[U_ILL, i], d[Z_ILL, i], p[0], p[1], p[2])


def operate(mask: Any, s: Any, d: Any, p: Any, t: Any) -> None:
    """The operating measure."""
    for i in range(len(mask)):
        s[OP, i] = operated((mask[i] & OPERATING) != 0, t, d[U_FARM, i], d[Z_OP, i], p[0], p[1])


def work(mask: Any, s: Any, d: Any, p: Any, t: Any) -> None:
    """The wage measure."""
    for i in range(len(mask)):
        s[POST, i] = at_work((mask[i] & WAGE) != 0, s[POST, i], d[U_WORK, i], p[0], p[1])
        s[WAGES, i] = p[2] * s[POST, i]


def shine(mask: Any, s: Any, d: Any, p: Any, t: Any) -> None:
    """PV."""
    aged = p[2] ** t
    for i in range(len(mask)):
        s[SUN, i] = dividend((mask[i] & PV) != 0, d[Z_SUN, i], aged, p[0], p[1])


def all_four(mask: Any, s: Any, d: Any, p: Any, t: Any) -> None:
    """The four in one loop: one text."""
    aged = p[3, 2] ** t
    for i in range(len(mask)):
        s[INCOME, i] = after_illness(s[INCOME, i], d[U_ILL, i], d[Z_ILL, i], p[0, 0], p[0, 1], p[0, 2])
        s[OP, i] = operated((mask[i] & OPERATING) != 0, t, d[U_FARM, i], d[Z_OP, i], p[1, 0], p[1, 1])
        s[POST, i] = at_work((mask[i] & WAGE) != 0, s[POST, i], d[U_WORK, i], p[2, 0], p[2, 1])
        s[WAGES, i] = p[2, 2] * s[POST, i]
        s[SUN, i] = dividend((mask[i] & PV) != 0, d[Z_SUN, i], aged, p[3, 0], p[3, 1])


def judge(mask: Any, s: Any, d: Any, t: Any, acc: Any) -> None:
    """Top-up, exit and return, and the sums of the year."""
    poor0 = out = back = exits = returns = persons = poor = gap = gap2 = wages = sun = tops = operating = 0
    setup = 200000 if t == 0 else 20000
    for i in range(len(mask)):
        n, status = s[SIZE, i], s[STATUS, i]
        total = s[INCOME, i] + s[OP, i] + s[WAGES, i] + s[SUN, i]
        short = 3000.0 * n - total
        top = where(((mask[i] & TOP_UP) != 0) & (short > 0.0) & (d[U_TOP, i] < 0.85), short, 0.0)
        head = (total + top) / n
        leaves = (status != 1.0) & (head >= 4800.0) & (d[U_EXIT, i] < 0.9)
        falls = (status == 1.0) & (head < 4000.0)
        s[SINCE, i] = where(leaves, 0.0, where(status == 1.0, s[SINCE, i] + 1.0, s[SINCE, i]))
        s[FIRST, i] = where(leaves & (s[FIRST, i] == YEARS), float(t), s[FIRST, i])
        s[RETURNS, i] += where(falls, 1.0, 0.0)
        status = where(leaves, 1.0, where(falls, 2.0, status))
        s[STATUS, i] = status
        g = clip((4000.0 - head) / 4000.0, 0.0, 1.0e9)
        poor0 += where(status == 0.0, 1, 0)
        out += where(status == 1.0, 1, 0)
        back += where(status == 2.0, 1, 0)
        exits += where(leaves, 1, 0)
        returns += where(falls, 1, 0)
        persons += whole(n, 1.0)
        poor += whole(where(head < 4000.0, n, 0.0), 1.0)
        gap += whole(n * g, 4294967296.0)
        gap2 += whole(n * g * g, 4294967296.0)
        operating += where((mask[i] & OPERATING) != 0, setup, 0)
        wages += whole(s[POST, i], 100000.0)
        sun += where((mask[i] & PV) != 0, 10000, 0)
        tops += whole(top, 100.0)
    sums = (poor0, out, back, exits, returns, persons, poor, gap, gap2, operating, wages, sun, tops)
    for j in range(13):
        acc[j] += sums[j]


def finish(s: Any, n: Any, h0: Any, hist: Any, again: Any) -> None:
    """The household's first exit, and how often it came back."""
    for i in range(n):
        hist[h0 + i, int(s[FIRST, i])] += 1
        again[h0 + i] += int(s[RETURNS, i])


# --- ways through ----------------------------------------------------------------------------------------


def luck_of(luck: Any, r: Any, t: Any) -> Any:
    """The luck of replicate r in year t from that of replicate 0 in year 0."""
    shared = luck.shared.copy()
    shared[REPLICATE], shared[MOMENT] = np.uint64(r), shared[MOMENT] + (np.uint64(t) << YEAR_SHIFT)
    return Luck(luck.ids, shared)


def live_fused(
    edges: Any, r0: Any, r1: Any, luck: Any, house: Any, slots: Any, lanes: Any, logm: Any, size: Any, mask: Any, p: Any, at: Any,
    acc: Any, hist: Any, again: Any,
) -> None:  # fmt: skip
    """Blocks, replicates, years; the four rules as one text."""
    for block in range(len(edges) - 1):
        h0, h1 = edges[block], edges[block + 1]
        n, here, mine = h1 - h0, house[h0:h1], mask[h0:h1]
        s = np.empty((12, n))
        for r in range(r0, r1):
            begin(s, n, h0, logm, size)
            for t in range(YEARS):
                year = luck_of(luck, r, t)
                d = fill_loop(year, house, slots, here, lanes)
                earn(s, d, n)
                all_four(mine, s, d, p, t)
                judge(mine, s, d, t, acc[r, t])
            finish(s, n, h0, hist, again)


def live_apart(
    edges: Any, r0: Any, r1: Any, luck: Any, house: Any, slots: Any, lanes: Any, logm: Any, size: Any, mask: Any, p: Any, at: Any,
    acc: Any, hist: Any, again: Any,
) -> None:  # fmt: skip
    """The same; the four rules compiled apart, called by address."""
    for block in range(len(edges) - 1):
        h0, h1 = edges[block], edges[block + 1]
        n, here, mine = h1 - h0, house[h0:h1], mask[h0:h1]
        s = np.empty((12, n))
        for r in range(r0, r1):
            begin(s, n, h0, logm, size)
            for t in range(YEARS):
                year = luck_of(luck, r, t)
                d = fill_loop(year, house, slots, here, lanes)
                earn(s, d, n)
                for k in range(len(at)):
                    call_at(at[k], mine, s, d, p[k], np.int64(t))
                judge(mine, s, d, t, acc[r, t])
            finish(s, n, h0, hist, again)


P = np.array([[0.06, -1.2, 0.5], [5000.0, 0.25, 0.0], [0.12, 0.6, 6000.0], [3000.0, 0.08, 0.993]])
KINDS = (fall_ill, operate, work, shine)


@cache
def addresses() -> Any:
    """Where the four rules lie."""
    one = np.zeros((1, 1))
    return np.array([address_of(f, np.zeros(1, np.int64), one, one, P[0], np.int64(0)) for f in KINDS])


@dataclass(frozen=True)
class Answer:
    """Sums (replicate, year, 13), replicates by year of first exit (household, year), returns of each household."""

    acc: Any
    hist: Any
    again: Any

    def means(self) -> Any:
        """Of the last year, a household."""
        return self.acc[:, -1].mean(axis=0) / self.hist.shape[0]


def live(h: Homes, replicates: int, apart: bool = False, seed: int = 0, block: int = BLOCK) -> Answer:
    """All replicates, one thread."""
    count = len(h.ids)
    edges = np.array([*range(0, count, block), count])
    luck = Draws(seed, 0).luck(h.ids, FIRST_YEAR)
    house, slots = alone(count)
    acc = np.zeros((replicates, YEARS, 13), np.int64)
    hist, again = np.zeros((count, YEARS + 1), np.int64), np.zeros(count, np.int64)
    body = lift(live_apart if apart else live_fused)
    at = addresses() if apart else np.zeros(0, np.int64)
    body(edges, 0, replicates, luck, house, slots, LANES, h.logm, h.size, h.mask, P, at, acc, hist, again)
    return Answer(acc / UNITS, hist, again)
