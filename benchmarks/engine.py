"""Speed of the engine on the shipped town: household-years per second, time by phase, compiled bodies against NumPy ones.

    python benchmarks/engine.py [--replicates 10] [--rounds 3]

The two engines are run in turn, A B A B, in one process; ratios are medians of the rounds. Rates are of this machine, ratios are
what to quote.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from povsim.core.params import data_root, load_scenario
from povsim.engine import allocation, assessment, income, labour, ledger, people, safety_net, shocks
from povsim.engine import compile as compiler
from povsim.engine.run import run, run_replicate
from povsim.engine.world import build_world
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from povsim.simulation.workers import begin, run_chunk

PHASES: list[tuple[Any, str]] = [
    (people, "people"),
    (shocks, "shocks"),
    (assessment, "draw_list"),
    (allocation, "allocate"),
    (labour, "work"),
    (income, "earn"),
    (safety_net, "decide"),
    (assessment, "close_account"),
    (assessment, "assess"),
    (ledger, "write"),
]


def timed(spent: dict[str, float], name: str, phase: Callable[..., Any]) -> Callable[..., Any]:
    def run_timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        out = phase(*arguments)
        spent[name] += time.perf_counter() - began
        return out

    return run_timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--params", default="chagu/baseline.yaml")
    options = parser.parse_args()

    scenario = load_scenario(data_root() / "params" / options.params)
    place = load_place(scenario.place)
    population = synthesise(place, scenario.run.opening, scenario.run.seed)
    world = build_world(population, scenario)
    tally = ledger.open_tally(world)
    unit = world.layout.households * len(world.years)
    print(f"{world.layout.households} households, {world.layout.places} places, {len(world.years)} years")

    began = time.perf_counter()
    compiling = compiler.warm(lambda: run_replicate(world, 0, tally))
    print(f"first replicate: {time.perf_counter() - began:.1f} s, of it {compiling:.1f} s compiling")

    spent: dict[str, dict[str, float]] = {"compiled": defaultdict(float), "numpy": defaultdict(float)}
    plain = [(module, name, getattr(module, name)) for module, name in PHASES]
    walls: dict[str, list[float]] = {"compiled": [], "numpy": []}
    for _ in range(options.rounds):
        for engine in ("compiled", "numpy"):
            os.environ["POVSIM_ENGINE"] = engine
            for module, name, phase in plain:
                setattr(module, name, timed(spent[engine], f"{module.__name__.rsplit('.', 1)[1]}.{name}", phase))
            count = options.replicates if engine == "compiled" else max(1, options.replicates // 4)
            began = time.perf_counter()
            for replicate in range(count):
                run_replicate(world, replicate, tally)
            walls[engine].append((time.perf_counter() - began) / count)
    for module, name, phase in plain:
        setattr(module, name, phase)
    for engine, wall in walls.items():
        middle = statistics.median(wall)
        rate = unit / middle / 1e6
        print(f"{engine:9s} {rate:6.3f} million household-years per second and core ({1000 * middle:.0f} ms a replicate)")
    ratios = [b / a for a, b in zip(walls["compiled"], walls["numpy"], strict=True)]
    print(f"compiled over NumPy: {statistics.median(ratios):.2f} times (rounds: {', '.join(f'{r:.2f}' for r in ratios)})")
    print("time by phase, compiled engine:")
    total = sum(spent["compiled"].values())
    for name, seconds in sorted(spent["compiled"].items(), key=lambda kv: -kv[1]):
        each = 1e9 * seconds / options.rounds / options.replicates / unit
        print(f"  {name:26s} {100 * seconds / total:5.1f}%  {each:7.0f} ns a household-year")

    os.environ["POVSIM_ENGINE"] = "compiled"
    for threads in (1, 2):
        began = time.perf_counter()
        run([world], range(options.replicates), threads)
        rate = unit * options.replicates / (time.perf_counter() - began) / 1e6
        print(f"threads {threads}: {rate:.3f} million household-years per second of wall")
    context = multiprocessing.get_context("spawn")
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, context, begin, (population, scenario, 1024)) as pool:
            list(pool.map(run_chunk, [range(k, k + 1) for k in range(workers)]))  # everybody is ready
            began = time.perf_counter()
            list(pool.map(run_chunk, [range(k, k + 1) for k in range(options.replicates)]))
            rate = unit * options.replicates / (time.perf_counter() - began) / 1e6
        print(f"processes {workers}: {rate:.3f} million household-years per second of wall")


if __name__ == "__main__":
    main()
