"""Owns: how far a synthetic population meets what was published and what is known of its shape; its files.
Never: makes or changes it (synthesis).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from povsim.core.labels import label
from povsim.core.params.scenario import Values
from povsim.core.schema import Capacity, Category, Health, Status
from povsim.population.apportion import Floats, Mask
from povsim.population.families import STAGES
from povsim.population.livelihoods import Terms
from povsim.population.places import Place
from povsim.population.tables import Population

if TYPE_CHECKING:
    import pandas as pd

_Row = tuple[str, str, str, float, float, float, str]  # target, group, unit, wanted, achieved, tolerance, grade


def fit(population: Population, place: Place) -> pd.DataFrame:
    """What was to be met, what came out, and the gap.

    Returns
    -------
    DataFrame
        ``target`` (name), ``group``, ``unit``, ``wanted``, ``achieved``, ``gap``, ``tolerance``, ``within``,
        ``grade`` (A published: tolerance 0; C from data/synthesis.yaml). Blank in ``wanted``: no target, shown as it came out.
    """
    import pandas as pd

    rows = [*_published(population, place), *_shape(population, place)]
    table = pd.DataFrame(rows, columns=["target", "group", "unit", "wanted", "achieved", "tolerance", "grade"])
    table.insert(5, "gap", table["achieved"] - table["wanted"])
    within = (table["gap"].abs() <= table["tolerance"] + 1e-9).astype("boolean")
    table["within"] = within.mask(table["wanted"].isna())
    return table


def _published(pop: Population, place: Place) -> list[_Row]:
    """Counts of the report, tolerance 0."""
    known, given, h, p = place.opening(pop.opening), place.margins, pop.households, pop.persons
    rows: list[_Row] = []

    def exact(target: str, group: str, unit: str, wanted: float, achieved: float) -> None:
        rows.append((target, group, unit, float(wanted), float(achieved), 0.0, "A"))

    def counts(target: str, group: str, mask: Mask, households: int, persons: int) -> None:
        exact(target, group, "households", households, int(mask.sum()))
        exact(target, group, "persons", persons, int(pop.sizes[mask].sum()))

    status = h["status"]
    every = np.ones(len(status), dtype=bool)
    stock = np.isin(status, (Status.POOR, Status.RETURNED))
    counts("farm", "all", every, int(given.farm_households.value), int(given.farm_persons.value))
    counts("stock", "stock", stock, known.households, known.persons)
    for entry in place.registry:
        if entry.flow == "exited" and entry.year <= known.year:
            counts(f"exited_{entry.year}", "exited", h["year_exited"] == entry.year, entry.households or 0, entry.persons or 0)
    for cohort in known.cohorts:
        if cohort.status == Status.RETURNED:
            mine = (status == Status.RETURNED) & (h["year_exited"] == cohort.year_exited)
            counts(cohort.name, "stock", mine, cohort.households, cohort.persons)
        if cohort.name.startswith("new_"):
            counts(
                cohort.name,
                "stock",
                (status == Status.POOR) & (h["year_identified"] == known.year),
                cohort.households,
                cohort.persons,
            )
    registered = status != Status.GENERAL
    if given.students is not None:
        here = registered[p["household"]]
        for i, stage in enumerate(STAGES):
            exact(
                f"students_{stage}",
                "registered",
                "persons",
                getattr(given.students, stage).value,
                ((p["stage"] == i + 1) & here).sum(),
            )
    for name, column, unit in (
        ("pv_households", "pv_linked", "households"), ("relocation_households", "relocated", "households"),
        ("relocation_persons", "relocated", "persons"), ("resettled_persons", "resettled", "persons"),
    ):  # fmt: skip
        figure = getattr(given, name)
        if figure is not None:
            marked = h[column]
            counted = marked if unit == "households" else pop.sizes[marked]
            exact(name, "registered", unit, figure.value, float(counted.sum()))
    for name, column in (("farmland", "land_mu"), ("hill_land", "forest_mu")):
        figure = getattr(given, name)
        if figure is not None:
            exact(name, "all", "mu", figure.value, round(float(h[column].sum()), 6))
    return rows


def _shape(pop: Population, place: Place) -> list[_Row]:
    """Joint shape: each with its target and tolerance; what has no target is shown beside them."""
    a, terms = place.assumed(pop.opening), Terms.of(pop.opening)
    h, p, sizes, head = pop.households, pop.persons, pop.sizes, pop.income_head
    of, age = p["household"], pop.opening - p["birth_year"]
    status, category = h["status"], h["category"]
    registered = status != Status.GENERAL
    groups: dict[str, Mask] = {
        "stock": np.isin(status, (Status.POOR, Status.RETURNED)), "exited": status == Status.EXITED, "registered": registered,
        "general": ~registered,
    }  # fmt: skip
    able = p["capacity"] >= Capacity.ORDINARY
    hands = pop.per_household(able.astype(np.int64))
    blank = float("nan")
    rows: list[_Row] = []

    def share(target: str, group: str, mask: Mask, wanted: float, tolerance: float) -> None:
        here = groups[group][of]
        rows.append((target, group, "share", wanted, float(mask[here].mean()) if here.any() else blank, tolerance, "C"))

    def number(target: str, group: str, unit: str, value: float, wanted: float = blank, tolerance: float = blank) -> None:
        rows.append((target, group, unit, wanted, float(value), tolerance, "C"))

    # ages, labour, health
    share("age_0_5", "registered", age <= 5, a.infants_registered, 0.01)
    for low, high, wanted in ((23, 44, 0.22), (45, 59, 0.24), (60, 74, 0.20), (75, 99, 0.08)):
        share(f"age_{low}_{high}", "registered", (age >= low) & (age <= high), wanted, 0.05)
    share("age_60", "registered", age >= 60, a.elders_registered, 0.02)
    share("age_60", "general", age >= 60, a.elders_general, 0.02)
    share("male", "registered", p["sex"] == 0, 0.53, 0.025)
    share("able", "registered", able, a.able_registered, 0.005)
    share("able", "general", able, a.able_general, 0.005)
    share("weak", "registered", p["capacity"] == Capacity.WEAK, a.weak["registered"], 0.005)
    for name, code in (("chronic", Health.CHRONIC), ("serious", Health.SERIOUS), ("disabled", Health.DISABLED)):
        share(name, "registered", p["health"] == code, a.health_registered[name], 0.005)
    for group in ("stock", "exited"):
        share("able", group, able, blank, blank)
        share("age_60", group, age >= 60, blank, blank)

    # size by category and labour
    for group, mask in groups.items():
        number("size", group, "persons/household", sizes[mask].mean() if mask.any() else blank)
    for name, kind in (("poor", Category.POOR), ("dibao", Category.DIBAO), ("tekun", Category.TEKUN)):
        mine = registered & (category == kind)
        if mine.any():
            number(f"category_{name}", "registered", "share", mine.sum() / registered.sum(), a.category_registered[name], 0.01)
            number(f"size_{name}", "registered", "persons/household", sizes[mine].mean())
            number(f"hands_{name}", "registered", "persons/household", hands[mine].mean())
    for n in range(1, 6):
        mine = registered & (sizes == n if n < 5 else sizes >= n)
        if mine.any():
            number(f"hands_of_size_{n}{'' if n < 5 else '+'}", "registered", "persons/household", hands[mine].mean())
    ordinary, topped = (registered & (category == code) for code in (Category.POOR, Category.DIBAO))
    if ordinary.any() and topped.any():
        number("size_dibao_over_poor", "registered", "ratio", sizes[topped].mean() / sizes[ordinary].mean(), 0.70, 0.12)
    for i, stage in enumerate(STAGES[1:], start=2):
        student = registered[of] & (p["stage"] == i)
        if student.any():
            number(f"{stage}_in_households_of_3_or_more", "registered", "share", (sizes[of[student]] >= 3).mean(), 0.88, 0.10)

    # income goes with labour, health and size
    for group in ("stock", "exited", "general"):
        mine = groups[group]
        if mine.sum() > 2:
            number(
                "rank_correlation_income_able_share", group, "-", _rank_correlation(head[mine], (hands / sizes)[mine]), 0.45, 0.20
            )
            ill = pop.per_household((p["health"] >= Health.SERIOUS).astype(np.int64)) / sizes
            number("rank_correlation_income_ill_share", group, "-", _rank_correlation(head[mine], ill[mine]), -0.20, 0.19)
            number("log_sd_income", group, "log", np.log(head[mine]).std())
            number("mean_income", group, "yuan/person/year", (head * sizes)[mine].sum() / sizes[mine].sum())
            number(
                "working",
                group,
                "share of able",
                int((p["work"] > 0)[mine[of]].sum()) / max(int(able[mine[of]].sum()), 1),
                *_working(a, group),
            )
            number("in_wage_work", group, "share", (p["work"] > 0)[mine[of]].mean())
    for n in range(4):
        mine = registered & (hands == n if n < 3 else hands >= n)
        if mine.any():
            number(
                f"mean_income_hands_{n}{'' if n < 3 else '+'}",
                "registered",
                "yuan/person/year",
                (head * sizes)[mine].sum() / sizes[mine].sum(),
            )
    idle, busy = groups["stock"] & (hands == 0), groups["stock"] & (hands >= 2)
    if idle.any() and busy.any():
        number("income_hands_2+_over_0", "stock", "ratio", head[busy].mean() / head[idle].mean(), 1.35, 0.25)
    mean = (head * sizes)[registered].sum() / sizes[registered].sum()
    wanted = a.registered_mean if groups["exited"].any() else blank
    number(
        "mean_income",
        "registered",
        "yuan/person/year",
        mean,
        wanted,
        0.01 * a.registered_mean if groups["exited"].any() else blank,
    )
    below = (head < terms.line) & ~registered
    number("missed", "general", "share", sizes[below].sum() / sizes[~registered].sum(), a.missed, 0.002)
    for group in ("stock", "exited", "general"):
        mine = groups[group]
        if mine.any():
            every = (head * sizes)[mine].sum()
            for source in ("wage", "operating", "property", "transfer"):
                number(f"part_{source}", group, "share", h[f"income_{source}"][mine].sum() / every)
    return rows


def _working(a: Values, group: str) -> tuple[float, float]:
    return a.working["poor" if group == "stock" else group], 0.02


def _rank_correlation(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Spearman's; ties share their mean rank."""

    def ranks(v: NDArray[Any]) -> Floats:
        _, inverse, counts = np.unique(v, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - 0.5 * (counts - 1))[inverse], dtype=np.float64)

    a, b = ranks(x), ranks(y)
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def describe(population: Population, place: Place) -> str:
    """A few lines for the command line: the population, and how many targets are met."""
    table = fit(population, place)
    exact = table[table["grade"] == "A"]
    shape = table[(table["grade"] == "C") & table["wanted"].notna()]
    met = label("synth_met", exact=int(exact["within"].sum()), of=len(exact), shape=int(shape["within"].sum()), shapes=len(shape))
    missed = table[table["within"].eq(False).fillna(False)]
    lines = [f"  {r.target} ({r.group}): {r.achieved:.3g} / {r.wanted:.3g} ± {r.tolerance:.3g}" for r in missed.itertuples()]
    return "\n".join([repr(population), met, *lines])


def write(population: Population, place: Place, folder: str | Path) -> list[Path]:
    """Write the three tables and the fit (Parquet, and CSV for a spreadsheet) into a folder; the files written."""
    folder = population.to_parquet(folder)
    table = fit(population, place)
    beside = folder / f".writing-fit-{os.getpid()}"
    for name, save in (("fit.parquet", table.to_parquet), ("fit.csv", table.to_csv)):
        options: dict[str, Any] = {"index": False} | ({"encoding": "utf-8-sig"} if name.endswith("csv") else {})
        save(beside, **options)
        os.replace(beside, folder / name)
    return [folder / name for name in ("villages.parquet", "households.parquet", "persons.parquet", "fit.parquet", "fit.csv")]
