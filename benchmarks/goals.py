"""Rows 8 to 18 and 20 of the table of goals: the full model against itself, each row by runs in turn, A B A B.

    python benchmarks/goals.py [--rows 8,12,18] [--rounds 5] [--markdown] [--quick]

Ratios are medians of the rounds. Rows of one thread are timed in processor time, which other work on the machine disturbs less;
rows of two threads and of whole processes in wall time. What a row asks of the engine as it is stands in its note.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pt1
from measuring import (
    Row,
    as_markdown,
    as_text,
    by_phase,
    enlarged,
    interleaved,
    machine,
    phase_rows,
    ratios,
    renumbered,
    report,
    shown,
    tiled,
    timed,
    town,
    wall,
)

from povsim.engine import compile as compiler
from povsim.engine import ledger
from povsim.engine.hooks import loop_of
from povsim.engine.run import run, run_replicate
from povsim.engine.world import build_world

HERE = Path(__file__).resolve().parent


@dataclass
class Sizes:
    """How much a run measures."""

    quick: bool
    rounds: int
    largest: int = 1_100_000

    @cached_property
    def villages(self) -> int | None:
        """Of the town; all but in a quick run."""
        return 2 if self.quick else None

    @cached_property
    def town(self) -> Any:
        """Place, scenario, population: the registered households."""
        return town(villages=self.villages)

    @cached_property
    def world(self) -> Any:
        """Its world."""
        return build_world(self.town[2], self.town[1])


@contextmanager
def engine(name: str) -> Any:
    """While it lasts, this engine."""
    before = os.environ.get("POVSIM_ENGINE")
    os.environ["POVSIM_ENGINE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["POVSIM_ENGINE"]
        else:
            os.environ["POVSIM_ENGINE"] = before


class Lives:
    """Replicates of one world, one thread; lived once when it is made, so that all is compiled."""

    def __init__(self, world: Any, replicates: int = 4) -> None:
        self.world, self.replicates = world, replicates
        self.tally, self.room = ledger.open_tally(world), world.start.copy()
        self.books = [run_replicate(world, 0, self.tally, None, self.room)]
        self.live()

    @property
    def unit(self) -> int:
        """Household-years of a run."""
        return self.world.layout.households * len(self.world.years) * self.replicates

    def live(self) -> float:
        """Seconds of processor time."""
        return timed(lambda: [run_replicate(self.world, r, self.tally, None, self.room) for r in range(self.replicates)])


# --- rows ------------------------------------------------------------------------------------------------


class FlagsWorker:
    """A process whose engine is compiled with some flags: the full model, asked by lines."""

    def __init__(self, fast: bool, sizes: Sizes) -> None:
        environ = dict(os.environ)
        if fast:
            kept = compiler.cache_folder()
            if kept is not None:
                environ["POVSIM_CACHE"] = str(kept.parent.with_name(f"{kept.parent.name}-fastmath"))
            environ["PYTHONHASHSEED"] = "0"  # a set of flags prints the same each time, and so finds its folder
        words = [
            sys.executable,
            str(HERE / "goals.py"),
            "--flags",
            "fast" if fast else "exact",
            *(["--quick"] if sizes.quick else []),
        ]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)
        self.exits = float(self._said())

    def _said(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the process with other flags ended")
        return line

    def live(self) -> float:
        """Seconds of processor time."""
        assert self._process.stdin is not None
        print("go", file=self._process.stdin, flush=True)
        return float(self._said())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def flags_worker(fast: bool, sizes: Sizes) -> None:
    """The other side of it.

    exp and log of core.elementary lean on the order of their sums and keep it; all else may be reordered and fused. NaN and
    infinity keep their meaning, since quotas are infinite where there are none.
    """
    if fast:
        free, held = {"reassoc", "contract", "nsz", "arcp", "afn"}, {"contract", "nsz", "arcp"}
        plainly = compiler._compiled

        def compiled(plain: Any, *others: Any) -> Any:
            for flags in (compiler.FLAGS, compiler.CLOSED, compiler.INNER):
                flags["fastmath"] = held if plain.__module__ == "povsim.core.elementary" else free
            return plainly(plain, *others)

        compiler._compiled = compiled
    lives = Lives(sizes.world, 2)
    print(int(lives.books[0].exits.sum()), flush=True)
    for _ in sys.stdin:
        print(lives.live(), flush=True)


def row8(sizes: Sizes) -> Row:
    """Deterministic flags against fast ones."""
    workers = {"exact": FlagsWorker(False, sizes), "fast": FlagsWorker(True, sizes)}
    spent = interleaved({name: one.live for name, one in workers.items()}, sizes.rounds)
    for one in workers.values():
        one.close()
    note = (
        "full model, one thread, each set of flags in a process and cache of its own; fast: reassociation, contraction to fma, "
        f"reciprocals; sums over exits of the first replicate {workers['exact'].exits:.0f} and {workers['fast'].exits:.0f}"
    )
    return Row("8", "deterministic / fast flags, time", ratios(spent["exact"], spent["fast"]), 1.15, 1.05, most=True, note=note)


def row9(sizes: Sizes) -> Row:
    """Kinds apart, called by address, against one text."""
    h, replicates = pt1.homes(2000 if sizes.quick else 20_000), 2 if sizes.quick else 10
    one, apart = (pt1.live(h, 1, way) for way in (False, True))
    if not (np.array_equal(one.acc, apart.acc) and np.array_equal(one.hist, apart.hist)):
        raise SystemExit("row 9: the two ways differ")
    ways = {name: lambda way=way: timed(lambda: pt1.live(h, replicates, way)) for name, way in (("one", False), ("apart", True))}
    spent = interleaved(ways, sizes.rounds)  # type: ignore[arg-type]
    note = (
        "PT1 (peers.py) with illness, operating, wage and PV compiled apart and called by address as hooks are; equal to the bit"
    )
    return Row("9", "pipeline of separate kinds / fused, time", ratios(spent["apart"], spent["one"]), 1.10, 1.04, True, note=note)


def posts_of(scenario: Any, population: Any, share: float) -> Any:
    """The measure of public posts alone, with so many posts in each village, counted as a share of its households."""
    post = scenario.measure("public_posts")
    number = max(1, round(share * len(population.households["village"]) / len(np.unique(population.households["village"]))))
    return replace(post, quota=replace(renumbered(post.quota, lambda _: number), per="village")), number


def row10(sizes: Sizes) -> Row:
    """Quota posts against none."""
    _, scenario, population = sizes.town
    others = tuple(m for m in scenario.measures if m.id not in ("public_posts", "village_posts"))
    post, number = posts_of(scenario, population, 0.02)
    none, some = (
        Lives(build_world(population, replace(scenario, measures=m)), 2 if sizes.quick else 4) for m in (others, (*others, post))
    )
    spent = interleaved({"none": none.live, "some": some.live}, sizes.rounds)
    note = f"full model without public posts, and with {number} a village (2% of its households), the poorest first"
    return Row("10", "quota posts at 2% / none, time", ratios(spent["some"], spent["none"]), 1.25, 1.10, most=True, note=note)


def row11(sizes: Sizes) -> Row:
    """Allocation under a quota, compiled against columns."""
    _, scenario, population = sizes.town
    post, number = posts_of(scenario, population, 0.02)
    world = build_world(population, replace(scenario, measures=(post,)))
    lives = Lives(world, 2)
    with engine("numpy"):
        same = run_replicate(world, 0, ledger.open_tally(world))
    if not np.array_equal(same.spending, lives.books[0].spending) or not np.array_equal(same.ledger, lives.books[0].ledger):
        raise SystemExit("row 11: the two engines differ")

    def allocation(name: str) -> Callable[[], float]:
        def spent() -> float:
            with engine(name), by_phase() as sums:
                lives.live()
            return sums["allocation"]

        return spent

    spent = interleaved({name: allocation(name) for name in ("compiled", "numpy")}, sizes.rounds)
    note = (
        f"the phase of allocation alone, posts for the poorest the only measure, {number} a village; both give the same results"
    )
    return Row("11", "allocation at 2%, compiled / NumPy, rate", ratios(spent["numpy"], spent["compiled"]), 5, 9, note=note)


def row12(sizes: Sizes) -> Row:
    """Threads."""
    replicates = range(4 if sizes.quick else 16)
    Lives(sizes.world, 1)
    ways = {n: lambda n=n: timed(lambda: run([sizes.world], replicates, n), wall) for n in (1, 2)}
    spent = interleaved({str(n): way for n, way in ways.items()}, sizes.rounds)  # type: ignore[misc]
    note = f"engine.run.run, {len(replicates)} replicates, wall time; {os.cpu_count()} cores"
    return Row("12", "two threads / one, speed-up of wall time", ratios(spent["1"], spent["2"]), 1.6, 1.9, note=note)


def row13(sizes: Sizes) -> Row:
    """Cost by size."""
    _, scenario, population = sizes.town
    homes = population.households["village"]
    each = len(homes)
    few = population.subset(homes < int(np.searchsorted(np.bincount(homes).cumsum(), 1000)) + 1)
    copies = (1, 2) if sizes.quick else tuple(k for k in (1, 4, 37, 369) if each * k <= sizes.largest)
    made_of = [(few, 1), *((population, k) for k in copies)]

    def cost(population: Any, k: int) -> tuple[str, Callable[[], float]]:
        count = k * len(population.households["village"])
        lives = Lives(build_world(tiled(population, k), enlarged(scenario, count / each)), 1)
        return str(count), lambda: lives.live() / lives.unit * 1e9

    spent = {int(count): found for count, found in interleaved(dict(cost(*one) for one in made_of), sizes.rounds).items()}
    middle = {count: statistics.median(found) for count, found in spent.items()}
    found = [max(costs) / min(costs) for costs in zip(*spent.values(), strict=True)]
    shown_costs = ", ".join(f"{count:,}: {shown(ns)}" for count, ns in middle.items())
    note = f"one replicate each, the town tiled, quotas and plan with it; median ns a household-year by N: {shown_costs}"
    return Row("13", "dearest / cheapest cost per household-year", found, 1.25, 1.10, True, note=note)


def row14(sizes: Sizes) -> Row:
    """Pairs."""
    sys.path.insert(0, str(HERE.parent))
    from tests.simulation.test_luck import spreads

    place, _, population = town(villages=1 if sizes.quick else None, registered=False)
    found = spreads(population, place, "PV a year late", 6 if sizes.quick else 40)
    by_number = found["ratio"].to_dict()
    note = "PV a year late, by what is asked (the greatest is judged): " + ", ".join(f"{k} {v:.2f}" for k, v in by_number.items())
    values = sorted(by_number.values())
    what = "standard deviation of a paired difference / independent seeds"
    return Row("14", what, values, 0.5, 0.25, most=True, note=note, judged=values[-1])


NEW_KIND = """
from povsim.policy.kind import Kind, minimum, register, where

def honey(hives, yield_hive, swarmed):
    return hives * yield_hive * where(swarmed, 0.5, 1.0)

def fits(view, p):
    return view.size > 0

def begins(view, held, p, u):
    return {{"hives_{salt}": p.hives}}

def costs(view, p):
    return {{"budget": where(view.first, p.gift, 0.0) + 0.0 * view.held.hives_{salt}}}

def yields(view, held, p, u):
    return {{
        "business": honey(held.hives_{salt}, p.yield_hive, u.swarm < p.swarms),
        "in_kind": where(view.first, p.gift, 0.0),
        "hives_{salt}": held.hives_{salt} + 1.0,
    }}

def record(unit, value, low, high):
    words = {{"name": {{"zh": "蜂", "en": "bees"}}, "unit": unit, "value": value, "range": [low, high]}}
    return {{**words, "role": "uncertainty", "grade": "C", "source": "estimate: a benchmark"}}

register(
    Kind(
        "bees_{salt}", own={{"hives_{salt}": 0.0}}, draws={{"swarm": 400}},
        fits=fits, begins=begins, costs=costs, yields=yields,
    ),
    {{
        "hives": record("units/household", 5, 1, 50),
        "yield_hive": record("yuan/unit/year", 300, 100, 800),
        "swarms": record("share/year", 0.1, 0.0, 0.3),
        "gift": record("yuan/household", 2000, 0, 5000),
    }},
)
"""
HOOKS = ("fits", "begins", "costs", "yields")


def row15(sizes: Sizes) -> Row:
    """A new kind."""
    from povsim.core.params import data_root, load_scenario
    from povsim.policy.kind import find

    _, _, population = town(villages=1)
    scenario_of = "schema: povsim/1\nextends: {base}\nrun: {{years: 1}}\nmeasures: {{bees: {{kind: bees_{salt}, title: 养蜂}}}}\n"
    base = data_root() / "params" / "chagu" / "baseline.yaml"
    Lives(build_world(population, town(villages=1)[1]), 1)  # what is always there is there
    found, each = [], []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(sizes.rounds):
            salt = f"{os.getpid()}_{time.time_ns()}_{k}"
            exec(compile(NEW_KIND.format(salt=salt), f"bees_{salt}", "exec"), {"__name__": f"bees_{salt}"})
            file = Path(folder) / f"bees_{k}.yaml"
            file.write_text(scenario_of.format(base=base, salt=salt), encoding="utf-8")
            world = build_world(population, load_scenario(file))
            kind, index = find(f"bees_{salt}"), [m.id for m in world.scenario.measures].index("bees")
            began = wall()
            loops = [loop_of(world, index, kind, hook, world.years[0]) for hook in HOOKS]
            found.append(wall() - began)
            each.append(found[-1] / len(HOOKS))
            assert all(loop.address for loop in loops)
            run_replicate(world, 0, ledger.open_tally(world))
    note = f"a kind of four hooks, none seen before: traced, compiled, addressed; {shown(statistics.median(each))} s a hook"
    return Row("15", "a new kind: compile to first use", found, 0.5, 0.2, most=True, unit=" s", note=note)


FIRST = """
import pickle, sys
from pathlib import Path
from povsim.engine import ledger
from povsim.engine.run import run_replicate
from povsim.engine.world import build_world
world = build_world(*pickle.loads(Path(sys.argv[1]).read_bytes()))
print(int(run_replicate(world, 0, ledger.open_tally(world)).ledger.sum()), flush=True)
"""
FIRST_OF_ALL = """
import sys
sys.path.insert(0, sys.argv[2])
from measuring import town
from povsim.engine import ledger
from povsim.engine.run import run_replicate
from povsim.engine.world import build_world
_, scenario, population = town(villages=1)
world = build_world(population, scenario)
print(int(run_replicate(world, 0, ledger.open_tally(world)).ledger.sum()), flush=True)
"""


def to_first_line(words: list[str]) -> float:
    """Seconds until a process says something; its end, when all that was compiled is taken down, is not waited for by anybody."""
    began = wall()
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        took = wall() - began
    assert first and process.returncode == 0
    return took


def row16(sizes: Sizes) -> Row:
    """Start to first result."""
    import pickle

    _, scenario, population = town(villages=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "village.pickle"
        file.write_bytes(pickle.dumps((population, scenario)))

        def process(text: str) -> Callable[[], float]:
            return lambda: to_first_line([sys.executable, "-c", text, str(file), str(HERE)])

        ways = {"given": process(FIRST), "made": process(FIRST_OF_ALL)}
        for way in ways.values():
            way()  # the cache is warm, files are in memory
        spent = interleaved(ways, sizes.rounds)
        before = os.times()
        ways["given"]()
        after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    note = (
        "a process that is given people and scenario of one village and lives one replicate of five years; of processor time "
        f"{shown(busy)} s; with parameters read and the town synthesised first {shown(statistics.median(spent['made']))} s"
    )
    return Row("16", "process start to first result, warm cache", spent["given"], 1.0, 0.3, most=True, unit=" s", note=note)


IMPORT = "import time; began = time.perf_counter(); import povsim; print(time.perf_counter() - began)"


def row17(sizes: Sizes) -> Row:
    """Import."""

    def once() -> float:
        return float(subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True, text=True).stdout)

    found = [once() for _ in range(sizes.rounds + 1)]
    note = "the statement in a fresh process; the best of them is judged"
    return Row("17", "import povsim", found, 0.5, 0.2, most=True, unit=" s", note=note, judged=min(found))


def row18(sizes: Sizes) -> Row:
    """A lever moved."""
    from povsim.simulation.simulate import simulate
    from povsim.simulation.workers import Crew

    replicates, years = (4, 2) if sizes.quick else (100, 6)
    overrides = (f"run.replicates={replicates}", f"run.years={years}", "run.draws=0", "run.scope=registered")
    place, scenario, population = town(villages=sizes.villages, registered=False, overrides=overrides)
    numbers = iter(range(400, 10_000))
    with Crew(2) as crew:

        def moved(**how: Any) -> Callable[[], float]:
            def once() -> float:
                began = wall()
                simulate(
                    population, scenario.replaced({"measures.employment_service.quota": {"persons": next(numbers)}}), place, **how
                )
                return wall() - began

            return once

        ways = {"threads": moved(threads=2), "processes": moved(workers=crew)}
        for way in ways.values():
            way()
        spent = interleaved(ways, 1 if sizes.quick else min(sizes.rounds, 3))
    middle = {name: statistics.median(found) for name, found in spent.items()}
    better = min(middle, key=lambda name: middle[name])
    homes = len(sizes.town[2].households["village"])
    note = (
        f"a quota changed, simulate() again, tables made: {homes:,} households x {years} x {replicates}; two threads "
        f"{shown(middle['threads'])} s, two processes kept ready {shown(middle['processes'])} s; the better is judged"
    )
    return Row("18", "a lever moved, two cores, warm", spent[better], 0.5, 0.25, most=True, unit=" s", note=note)


def row20(sizes: Sizes) -> tuple[Row, list[tuple[str, ...]]]:
    """Compiled against columns, and the time by phase."""
    lives, slow = Lives(sizes.world, 2 if sizes.quick else 4), Lives(sizes.world, 1)
    sums: dict[str, float] = {}
    runs = 0

    def compiled() -> float:
        nonlocal runs
        runs += 1
        with engine("compiled"), by_phase() as found:
            seconds = lives.live()
        for name, spent in found.items():
            sums[name] = sums.get(name, 0.0) + spent
        return seconds / lives.unit

    def columns() -> float:
        with engine("numpy"):
            return slow.live() / slow.unit

    spent = interleaved({"compiled": compiled, "numpy": columns}, sizes.rounds)
    middle = {name: 1e-6 / statistics.median(found) for name, found in spent.items()}
    note = (
        f"full model, {lives.world.layout.households:,} households, one thread: {shown(middle['compiled'])} million "
        f"household-years per second and core compiled, {shown(middle['numpy'])} in columns"
    )
    row = Row(
        "20", "compiled / NumPy reference of the full model, rate", ratios(spent["numpy"], spent["compiled"]), 4, 10, note=note
    )
    return row, phase_rows(sums, lives.unit * runs)


ROWS: dict[str, Callable[[Sizes], Any]] = {
    "8": row8, "9": row9, "10": row10, "11": row11, "12": row12, "13": row13, "14": row14, "15": row15, "16": row16, "17": row17,
    "18": row18, "20": row20,
}  # fmt: skip


def main() -> None:
    """Run the rows asked for, one after the other, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(ROWS), help="numbers of rows")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--largest", type=int, default=1_100_000, help="households at most, for row 13")
    parser.add_argument("--quick", action="store_true", help="tiny: only whether it runs")
    parser.add_argument("--flags", choices=("exact", "fast"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = Sizes(options.quick, 2 if options.quick else options.rounds, options.largest)
    if options.flags:
        flags_worker(options.flags == "fast", sizes)
        return
    print(machine())
    rows: list[Row] = []
    phases: list[tuple[str, ...]] = []
    for number in options.rows.split(","):
        began = wall()
        answer = ROWS[number](sizes)
        if number == "20":
            answer, phases = answer
        rows.append(answer)
        print(f"row {number}: {' '.join(answer.cells()[2:])} (took {wall() - began:.0f} s)", file=sys.stderr, flush=True)
    report(rows, options.markdown)
    if phases:
        print()
        print((as_markdown if options.markdown else as_text)(("phase", "share", "ns a household-year"), phases))


if __name__ == "__main__":
    main()
