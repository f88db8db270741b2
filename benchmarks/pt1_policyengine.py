"""PT1 in policyengine-core, the fastest peer of the survey: a worker that runs in an environment of its own, asked by lines.

    stdin:  HOUSES.npz REPLICATES SEED
    stdout: {"seconds": processor time, "means": [...]} of the last year, a household

A variable a column, a formula a rule, whole vectors of households; luck is drawn where a formula needs it; a replicate is a new
simulation.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from policyengine_core.entities import build_entity
from policyengine_core.periods import YEAR
from policyengine_core.simulations import SimulationBuilder
from policyengine_core.taxbenefitsystems import TaxBenefitSystem
from policyengine_core.variables import Variable

FIRST, YEARS = 2016, 10
HOME = build_entity(key="home", plural="homes", label="household", is_person=True)
# A system needs a group; ours has one home each and is never asked.
GROUP = build_entity(
    key="group", plural="groups", label="group", roles=[{"key": "member", "plural": "members", "label": "member"}]
)
luck: dict[str, Any] = {"rng": np.random.default_rng(0)}


def normal(home: Any) -> Any:
    return luck["rng"].standard_normal(home.count)


def uniform(home: Any) -> Any:
    return luck["rng"].random(home.count)


def variable(name: str, formula: Any = None) -> type:
    """A yearly column of households, with the formula that fills it."""
    body = {"value_type": float, "entity": HOME, "definition_period": YEAR, "label": name}
    return type(name, (Variable,), body | ({"formula": formula} if formula else {}))


def size(home: Any, period: Any) -> Any:
    n, u = home("size", period.last_year), uniform(home)
    return np.where(u < 0.03, np.maximum(1.0, n - 1.0), np.where(u >= 0.97, np.minimum(8.0, n + 1.0), n))


def logm(home: Any, period: Any) -> Any:
    return home("logm", period.last_year) + 0.06


def lasting(home: Any, period: Any) -> Any:
    return 0.9 * home("lasting", period.last_year) + 0.15 * normal(home)


def income(home: Any, period: Any) -> Any:
    usual = np.exp(home("logm", period) + home("lasting", period))
    ill = uniform(home) < 0.06
    usual[ill] *= 1.0 - np.minimum(0.9, np.exp(-1.2 + 0.5 * luck["rng"].standard_normal(ill.sum())))
    return usual


def operating(home: Any, period: Any) -> Any:
    if period.start.year < FIRST + 3:
        return np.zeros(home.count)
    grown = (home("operates", period) > 0) & (uniform(home) >= 0.1)
    return np.where(grown, 5000.0 * np.exp(0.25 * normal(home) - 0.03125), 0.0)


def post(home: Any, period: Any) -> Any:
    u, had = uniform(home), home("post", period.last_year) > 0
    return (home("works", period) > 0) & np.where(had, u >= 0.12, u < 0.6)


def sun(home: Any, period: Any) -> Any:
    return home("sunny", period) * (3000.0 * 0.993 ** (period.start.year - FIRST)) * (1.0 + 0.08 * normal(home))


def before(home: Any, period: Any) -> Any:
    return home("income", period) + home("operating", period) + 6000.0 * home("post", period) + home("sun", period)


def topup(home: Any, period: Any) -> Any:
    short = 3000.0 * home("size", period) - home("before", period)
    return np.where((home("topped", period) > 0) & (short > 0.0) & (uniform(home) < 0.85), short, 0.0)


def head(home: Any, period: Any) -> Any:
    return (home("before", period) + home("topup", period)) / home("size", period)


def status(home: Any, period: Any) -> Any:
    was, y = home("status", period.last_year), home("head", period)
    left = (was != 1) & (y >= 4800.0) & (uniform(home) < 0.9)
    return np.where(left, 1.0, np.where((was == 1) & (y < 4000.0), 2.0, was))


def gap(home: Any, period: Any) -> Any:
    return np.maximum(0.0, (4000.0 - home("head", period)) / 4000.0)


FORMULAS = (size, logm, lasting, income, operating, post, sun, before, topup, head, status, gap)
GIVEN = {"operates": 1, "works": 2, "sunny": 4, "topped": 8}


def system() -> TaxBenefitSystem:
    """The model."""
    made = TaxBenefitSystem([HOME, GROUP])
    for formula in FORMULAS:
        made.add_variable(variable(formula.__name__, formula))
    for name in GIVEN:
        made.add_variable(variable(name))
    return made


def live(model: TaxBenefitSystem, h: Any, replicates: int) -> Any:
    """Sums of all replicates and years."""
    count = len(h["logm"])
    acc = np.zeros((replicates, YEARS, 13))
    held = {name: (h["mask"] & bit > 0).astype(float) for name, bit in GIVEN.items()}
    for r in range(replicates):
        simulation = SimulationBuilder().build_default_simulation(model, count)
        start = {
            "logm": h["logm"],
            "size": h["size"],
            "lasting": np.zeros(count),
            "post": np.zeros(count),
            "status": np.zeros(count),
        }
        for name, values in start.items():
            simulation.set_input(name, FIRST - 1, values)
        first, was = np.full(count, YEARS), np.zeros(count)
        for t in range(YEARS):
            year = FIRST + t
            for name, values in held.items():
                simulation.set_input(name, year, values)
            now, n, y, g = (simulation.calculate(name, year) for name in ("status", "size", "head", "gap"))
            left, fell = (was != 1) & (now == 1), (was == 1) & (now == 2)
            first[left & (first == YEARS)] = t
            acc[r, t] = (
                *np.bincount(now.astype(np.int64), minlength=3), left.sum(), fell.sum(), n.sum(), n[y < 4000.0].sum(),
                (n * g).sum(), (n * g * g).sum(), held["operates"].sum() * (200.0 if t else 2000.0),
                1000.0 * simulation.calculate("post", year).sum(), 100.0 * held["sunny"].sum(),
                simulation.calculate("topup", year).sum(),
            )  # fmt: skip
            was = now
    return acc


def main() -> None:
    model, known = system(), {}
    print("ready", flush=True)
    for line in sys.stdin:
        file, replicates, seed = line.split()
        h = known.setdefault(file, dict(np.load(file)))
        luck["rng"] = np.random.default_rng(int(seed))
        began = time.process_time()
        acc = live(model, h, int(replicates))
        seconds = time.process_time() - began
        print(json.dumps({"seconds": seconds, "means": (acc[:, -1].mean(axis=0) / len(h["logm"])).tolist()}), flush=True)


if __name__ == "__main__":
    main()
