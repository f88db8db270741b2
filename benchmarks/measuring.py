"""What the benchmarks share: ways timed in turn, rows of the table of goals, the town and its multiples, time by phase."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from povsim.core.params import data_root, load_scenario
from povsim.engine import allocation, assessment, income, labour, ledger, people, safety_net, shocks
from povsim.engine import compile as compiler
from povsim.engine.program import NO_FAULT, Program, run_loop
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise

TOWN = "chagu/baseline.yaml"

# --- times and ratios ------------------------------------------------------------------------------------

Clock = Callable[[], float]
processor, wall = time.process_time, time.perf_counter


def timed(work: Callable[[], object], clock: Clock = processor) -> float:
    """Seconds of one run."""
    began = clock()
    work()
    return clock() - began


def interleaved(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each way in turn, A B A B ..., every second round the other way about; what each says it took."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for k in range(rounds):
        for name in list(ways) if k % 2 == 0 else reversed(list(ways)):
            spent[name].append(ways[name]())
    return spent


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """A ratio for each round."""
    return [a / b for a, b in zip(over, under, strict=True)]


# --- rows of the table of goals --------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    number : str
        As in the table of goals.
    what : str
        What is compared.
    found : sequence of float
        A number for each round (empty: not measured, ``note`` says why).
    attainable, ambitious : float
        The goals.
    most : bool
        Whether a goal is the most that it may be, else the least.
    unit : str
        `` s``, or nothing for a ratio.
    note : str
        What was measured, or why not.
    judged : float, optional
        The number that is held against the goals, if it is not the median.
    """

    number: str
    what: str
    found: Sequence[float]
    attainable: float
    ambitious: float
    most: bool = False
    unit: str = ""
    note: str = ""
    judged: float | None = None

    def cells(self) -> tuple[str, ...]:
        """What is printed: number, what, value, spread, the two goals, whether they are met."""
        sign = "≤" if self.most else "≥"
        goals = tuple(f"{sign} {goal:g}{self.unit}" for goal in (self.attainable, self.ambitious))
        if not self.found:
            return self.number, self.what, "–", "–", *goals, "not measured"
        value = statistics.median(self.found) if self.judged is None else self.judged
        met = [value <= goal if self.most else value >= goal for goal in (self.attainable, self.ambitious)]
        word = "ambitious" if met[1] else "attainable" if met[0] else "falls short"
        spread = f"{shown(min(self.found))}–{shown(max(self.found))}" if len(self.found) > 1 else "–"
        return self.number, self.what, shown(value) + self.unit, spread, *goals, word


HEADS = ("#", "what", "measured", "rounds", "attainable", "ambitious", "meets")


def shown(x: float) -> str:
    """Three figures."""
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}" if abs(x) >= 0.1 else f"{x:.3f}"


def as_text(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for the screen."""
    widths = [max(len(row[j]) for row in (heads, *rows)) for j in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)
    )


def as_markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for docs/performance.md."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def report(rows: Sequence[Row], markdown: bool) -> None:
    """Print the table, and below it what each row measured."""
    print()
    print((as_markdown if markdown else as_text)(HEADS, [row.cells() for row in rows]))
    print()
    for row in rows:
        if row.note:
            print(f"{'- ' if markdown else ''}{row.number}: {row.note}")


def machine() -> str:
    """Versions and processor, for the head of a report."""
    from importlib.metadata import version

    parts = (f"{name} {version(name)}" for name in ("numpy", "numba", "pandas"))
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {', '.join(parts)}"


# --- the town --------------------------------------------------------------------------------------------


def town(params: str = TOWN, villages: int | None = None, registered: bool = True, overrides: Sequence[str] = ()) -> Any:
    """Place, scenario and population of the shipped town, or of its first villages."""
    scenario = load_scenario(data_root() / "params" / params, tuple(overrides))
    place = load_place(scenario.place)
    people_of = synthesise(place, scenario.run.opening, scenario.run.seed)
    if villages is not None:
        people_of = people_of.subset(people_of.households["village"] < villages)
    return place, scenario, people_of.registered() if registered else people_of


def tiled(population: Any, times: int) -> Any:
    """So many copies side by side, each with luck of its own: tables that a world can be built of.

    Villages keep their names, so that conditions on them hold in every copy, and the villages' own luck is that of the original.
    """
    homes, villages = len(population.households["village"]), len(population.villages["village_id"])
    tables = {
        name: {column: np.tile(np.asarray(values), times) for column, values in getattr(population, name).items()}
        for name in ("villages", "households", "persons")
    }
    h, p = tables["households"], tables["persons"]
    copy = np.repeat(np.arange(times, dtype=np.uint64), homes)
    h["village"] = h["village"].astype(np.int64) + copy.astype(np.int64) * villages
    h["draw_id"] = h["draw_id"].astype(np.uint64) ^ (copy * np.uint64(0x9E3779B97F4A7C15))
    persons = len(population.persons["household"])
    p["household"] = p["household"].astype(np.int64) + np.repeat(np.arange(times), persons) * homes
    return SimpleNamespace(**tables)


def renumbered(limit: Any, change: Callable[[float], float]) -> Any:
    """A quota or budget with other numbers, in whatever years it has some."""

    def changed(node: Any) -> Any:
        items = {key: changed(item) for key, item in node.items.items()}
        return replace(node, value=items or change(node.value))

    return replace(limit, number=replace(limit.number, node=changed(limit.number.node)))


def enlarged(scenario: Any, factor: float) -> Any:
    """A scenario for so many times the households: quotas, budgets and what the plan lets go grow with them."""

    def times(limit: Any) -> Any:
        return renumbered(limit, lambda number: round(number * factor))

    measures = tuple(
        replace(
            m,
            quota=times(m.quota) if m.quota is not None and m.quota.per == "all" else m.quota,
            budget=times(m.budget) if m.budget is not None else None,
        )
        for m in scenario.measures
    )
    plan = scenario.plan
    caps = {name: {y: round(n * factor) for y, n in getattr(plan, name).items()} for name in ("targets", "reported")}
    return replace(scenario, measures=measures, plan=replace(plan, **caps))


# --- time by phase ---------------------------------------------------------------------------------------

PHASES: list[tuple[str, Any, str]] = [  # as the year's program names them, and the function that is each in columns
    ("people", people, "people"),
    ("shocks", shocks, "shocks"),
    ("list", assessment, "draw_list"),
    ("allocation", allocation, "allocate"),
    ("work", labour, "work"),
    ("income", income, "earn"),
    ("safety net", safety_net, "decide"),
    ("account", assessment, "close_account"),
    ("assessment", assessment, "assess"),
    ("ledger", ledger, "write"),
]


@contextmanager
def by_phase(spent: dict[str, float] | None = None) -> Iterator[dict[str, float]]:
    """While it lasts, processor time of each phase is added up, by its name."""
    sums: dict[str, float] = {} if spent is None else spent

    def charge(name: str, began: float) -> None:
        sums[name] = sums.get(name, 0.0) + processor() - began

    def watched(name: str, phase: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            began = processor()
            out = phase(*arguments)
            charge(name, began)
            return out

        return run

    def stepwise(self: Program, fault: Any = NO_FAULT) -> None:
        for row, name in enumerate(self.phases):
            began = processor()
            compiler.lift(run_loop)(self.rows[row : row + 1], fault)
            if name:
                charge(name, began)

    plain = [(module, name, getattr(module, name)) for _, module, name in PHASES]
    whole = Program.run
    for (said, module, name), (_, _, phase) in zip(PHASES, plain, strict=True):
        setattr(module, name, watched(said, phase))
    Program.run = stepwise  # type: ignore[method-assign]
    try:
        yield sums
    finally:
        Program.run = whole  # type: ignore[method-assign]
        for module, name, phase in plain:
            setattr(module, name, phase)


def phase_rows(spent: Mapping[str, float], unit: float) -> list[tuple[str, ...]]:
    """Phase, share, nanoseconds a household-year; ``unit`` is the number of household-years."""
    total = sum(spent.values())
    rows = [
        (name, f"{100 * seconds / total:.1f}%", f"{1e9 * seconds / unit:.0f}")
        for name, seconds in sorted(spent.items(), key=lambda kv: -kv[1])
    ]
    return [*rows, ("all", "100%", f"{1e9 * total / unit:.0f}")]
