"""One hard rule written both ways: an orchard as branches and as an expression, compiled, in columns and in plain Python.

    python benchmarks/orchard.py [--growers 16384] [--years 25] [--rounds 31] [--block 512]

All ways run in turn within one process; times are medians of the rounds, ratios are medians of the ratios of a round. Before
anything is timed, all ways must agree to the bit. docs/decisions/01-rules-one-text.md rests on these figures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from povsim.core.elementary import exp, minimum, ppf, sqrt, where
from povsim.core.randomness import identity, philox, unit
from povsim.engine.compile import lift

Value = Any  # a number or a column


@dataclass(frozen=True)
class Orchard:
    """Terms of an orchard; figures of plausible size, made up for timing."""

    gestation: float = 3.0  # years without a crop
    full_age: float = 7.0  # age of the first full crop
    life: float = 20.0  # working life, years
    gross: float = 4200.0  # yuan a mu at full bearing and the usual price
    picking: float = 1500.0  # cash cost of a full crop, yuan a mu
    upkeep: float = 600.0  # cash cost of a mu that does not bear yet
    failure: float = 0.08  # yearly chance that a grower's own crop fails
    severity: float = 0.7  # share of the crop that is then lost
    cover: float = 0.6  # share of the loss that farm insurance pays
    premium: float = 40.0  # the grower's premium, yuan a mu


# --- the rule, twice -------------------------------------------------------------------------------------


def branches(
    age: float, mu: float, price: float, u: float, insured: bool,
    gestation: float, full_age: float, life: float, gross: float, picking: float, upkeep: float,
    failure: float, severity: float, cover: float, premium: float,
) -> float:  # fmt: skip
    """Net income of an orchard in a year, yuan: one grower, one way through."""
    if age < 0.0 or age >= life:
        return 0.0
    if age < gestation:
        return -mu * upkeep
    bearing = 1.0
    if age < full_age:
        bearing = (age - gestation + 1.0) / (full_age - gestation + 1.0)
    revenue = mu * gross * bearing * price
    cost = mu * picking * bearing
    if u < failure:
        lost = revenue * severity
        revenue = revenue - lost
        if insured:
            revenue = revenue + lost * cover
    if insured:
        cost = cost + mu * premium
    return revenue - cost


def expression(
    age: Value, mu: Value, price: Value, u: Value, insured: Value,
    gestation: Value, full_age: Value, life: Value, gross: Value, picking: Value, upkeep: Value,
    failure: Value, severity: Value, cover: Value, premium: Value,
) -> Value:  # fmt: skip
    """Net income of an orchard in a year, yuan: a number or a column."""
    young = age < gestation
    bearing = minimum((age - gestation + 1.0) / (full_age - gestation + 1.0), 1.0)
    revenue = mu * gross * bearing * price
    lost = where(u < failure, revenue * severity, 0.0)
    paid = where(insured, lost * cover, 0.0)
    cost = mu * picking * bearing + where(insured, mu * premium, 0.0)
    income = where(young, -mu * upkeep, (revenue - lost + paid) - cost)
    return where((age >= 0.0) & (age < life), income, 0.0)


def next_log_price(log_price: Value, z: Value, persistence: Value, sd: Value) -> Value:
    """Log price of the product, shared by all who grow it: AR(1) with the lasting spread ``sd``; one form serves both ways."""
    return persistence * log_price + sd * sqrt(1.0 - persistence * persistence) * z


# --- the four ways of running it -------------------------------------------------------------------------


def loop_branches(age: Any, mu: Any, insured: Any, prices: Any, u: Any, p: Any, out: Any) -> None:
    """(a) when lifted, (d) as it stands."""
    for t in range(len(prices)):
        for i in range(len(mu)):
            out[t, i] = branches(age[i] + t, mu[i], prices[t], u[t, i], insured[i], *p)


def loop_expression(age: Any, mu: Any, insured: Any, prices: Any, u: Any, p: Any, out: Any) -> None:
    """(c) when lifted, (d) as it stands."""
    for t in range(len(prices)):
        for i in range(len(mu)):
            out[t, i] = expression(age[i] + t, mu[i], prices[t], u[t, i], insured[i], *p)


def columns(age: Any, mu: Any, insured: Any, prices: Any, u: Any, p: Any, out: Any) -> None:
    """(b)."""
    for t in range(len(prices)):
        out[t] = expression(age + t, mu, prices[t], u[t], insured, *p)


def setting(growers: int, years: int) -> tuple[Any, ...]:
    """Keyed luck: age, mu, insured (growers,), prices (years,), u (years, growers)."""
    who, year = np.arange(growers, dtype=np.uint64), np.arange(years, dtype=np.uint64)[:, None]
    key = np.uint64(2016), np.uint64(0)
    first = [unit(w) for w in philox(who, np.uint64(0), np.uint64(0), np.uint64(0), *key)]
    u = unit(philox(who, np.uint64(0), year, np.uint64(1), *key)[0])
    tea = np.uint64(identity("product:tea") & 0xFFFFFFFF)
    log_price, prices = 0.0, np.empty(years)
    for t in range(years):
        z = ppf(unit(philox(tea, np.uint64(0), np.uint64(t), np.uint64(2), *key)[0]))
        log_price = next_log_price(log_price, z, 0.6, 0.25)
        prices[t] = exp(log_price - 0.5 * 0.25**2)
    return np.floor(first[0] * 12.0) - 4.0, 0.5 + 4.0 * first[1], first[2] < 0.4, prices, u


def main() -> None:
    """Check, time and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--growers", type=int, default=16384)
    parser.add_argument("--years", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--block", type=int, default=512)
    options = parser.parse_args()
    growers, years, block = options.growers, options.years, options.block
    age, mu, insured, prices, u = setting(growers, years)
    p = astuple(Orchard())
    few = max(growers // 64, 1)

    def whole(body: Callable[..., None], n: int = growers) -> Any:
        out = np.zeros((years, n))
        body(age[:n], mu[:n], insured[:n], prices, np.ascontiguousarray(u[:, :n]), p, out)
        return out

    parts = [slice(i, min(i + block, growers)) for i in range(0, growers, block)]
    luck = [np.ascontiguousarray(u[:, s]) for s in parts]
    outs = [np.zeros_like(x) for x in luck]

    def in_blocks(body: Callable[..., None]) -> Callable[[], None]:
        def run() -> None:
            for s, x, out in zip(parts, luck, outs, strict=True):
                body(age[s], mu[s], insured[s], prices, x, p, out)

        return run

    began = time.perf_counter()
    fast_branches, fast_expression = lift(loop_branches), lift(loop_expression)
    expected = whole(fast_branches)
    if not np.array_equal(whole(fast_expression), expected) or not np.array_equal(whole(columns), expected):
        raise SystemExit("the compiled expression or the columns differ from the compiled branches")
    for plain in (loop_branches, loop_expression):
        if not np.array_equal(whole(plain, few), expected[:, :few]):
            raise SystemExit("plain Python differs from the compiled branches")
    print(f"all ways agree to the bit on {growers} growers x {years} years (ready after {time.perf_counter() - began:.1f} s)")

    out = np.zeros((years, growers))
    small, small_luck = np.zeros((years, few)), np.ascontiguousarray(u[:, :few])
    ways: dict[str, tuple[Callable[[], None], int]] = {
        "(a) branches, compiled": (in_blocks(fast_branches), growers),
        "(c) expression, compiled": (in_blocks(fast_expression), growers),
        "(b) expression, columns of a block": (in_blocks(columns), growers),
        "(b) expression, whole columns": (lambda: columns(age, mu, insured, prices, u, p, out), growers),
        "(d) branches, plain Python": (
            lambda: loop_branches(age[:few], mu[:few], insured[:few], prices, small_luck, p, small),
            few,
        ),
        "(d) expression, plain Python": (
            lambda: loop_expression(age[:few], mu[:few], insured[:few], prices, small_luck, p, small),
            few,
        ),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, (run, n) in ways.items():
            began = time.perf_counter()
            run()
            spent[name].append((time.perf_counter() - began) / (n * years) * 1e9)
    reference = spent["(c) expression, compiled"]
    print(f"{'':36}{'ns per grower-year':>20}{'time over (c)':>16}")
    for name, times in spent.items():
        ratio = statistics.median(t / r for t, r in zip(times, reference, strict=True))
        print(f"{name:36}{statistics.median(times):20.2f}{ratio:16.2f}")


if __name__ == "__main__":
    main()
