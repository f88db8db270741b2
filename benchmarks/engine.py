"""Speed of the engine on the shipped town: household-years per second, time by phase, compiled bodies against NumPy ones.

    python benchmarks/engine.py [--replicates 10] [--rounds 3] [--params chagu/baseline.yaml] [--registered]

The two engines are run in turn, A B A B, in one process; ratios are medians of the rounds. Rates are of this machine, ratios are
what to quote. `goals.py` sets them, and more, beside the goals.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pickle
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from measuring import TOWN, as_text, by_phase, interleaved, phase_rows, ratios, timed, town, wall

from povsim.engine import compile as compiler
from povsim.engine import ledger
from povsim.engine.run import run, run_replicate
from povsim.engine.world import build_world
from povsim.simulation.workers import begin, run_chunk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--params", default=TOWN)
    parser.add_argument("--registered", action="store_true", help="the registered households alone")
    options = parser.parse_args()

    _, scenario, population = town(options.params, registered=options.registered)
    world = build_world(population, scenario)
    tally, room = ledger.open_tally(world), world.start.copy()
    unit = world.layout.households * len(world.years)
    print(f"{world.layout.households} households, {world.layout.places} places, {len(world.years)} years")

    began = time.perf_counter()
    compiling = compiler.warm(lambda: run_replicate(world, 0, tally, None, room))
    print(f"first replicate: {time.perf_counter() - began:.1f} s, of it {compiling:.1f} s compiling")

    counts = {"compiled": options.replicates, "numpy": max(1, options.replicates // 4)}
    spent: dict[str, float] = {}

    def one(engine: str) -> float:
        """Seconds of a replicate."""
        os.environ["POVSIM_ENGINE"] = engine
        with by_phase(spent if engine == "compiled" else {}):
            return timed(lambda: [run_replicate(world, r, tally, None, room) for r in range(counts[engine])]) / counts[engine]

    found = interleaved({"compiled": lambda: one("compiled"), "numpy": lambda: one("numpy")}, options.rounds)
    os.environ["POVSIM_ENGINE"] = "compiled"
    for engine, seconds in found.items():
        middle = statistics.median(seconds)
        rate = unit / middle / 1e6
        print(f"{engine:9s} {rate:6.3f} million household-years per second and core ({1000 * middle:.0f} ms a replicate)")
    times = ratios(found["numpy"], found["compiled"])
    print(f"compiled over NumPy: {statistics.median(times):.2f} times (rounds: {', '.join(f'{r:.2f}' for r in times)})")
    print("time by phase, compiled engine:")
    rows = phase_rows(spent, unit * options.replicates * options.rounds)
    print(as_text(("phase", "share", "ns a household-year"), rows))

    for threads in (1, 2):
        rate = unit * options.replicates / timed(lambda n=threads: run([world], range(options.replicates), n), wall) / 1e6  # type: ignore[misc]
        print(f"threads {threads}: {rate:.3f} million household-years per second of wall")
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        made_of = Path(folder) / "run.pickle"
        made_of.write_bytes(pickle.dumps((population, scenario, (), 1024)))
        for workers in (1, 2):
            with ProcessPoolExecutor(workers, context, begin) as pool:
                chunks = [(str(made_of), range(k, k + 1)) for k in range(options.replicates)]
                for _ in range(2):  # everybody is ready the second time
                    began = time.perf_counter()
                    list(pool.map(run_chunk, *zip(*chunks, strict=True)))
                    seconds = time.perf_counter() - began
            print(
                f"processes {workers}: {unit * options.replicates / seconds / 1e6:.3f} million household-years per second of wall"
            )


if __name__ == "__main__":
    main()
