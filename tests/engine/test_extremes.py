"""Extreme numbers and odd towns run clean: no warning, nothing that is no number, every account and ledger closes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from povsim.core.params import group_names, group_records, load_scenario
from povsim.core.schema import ITEMS, LEDGER_SIGN, Capacity, Health, Stage, Status, Work
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.shelf import SPENDING
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.policy.kind import shipped
from tests.engine import plan

ALL = {
    "tea": dict(kind="industry", product="tea", quota={"households": 3}, budget=20_000, start={"year": 2017, "month": 8}),
    "service": dict(kind="employment", form="service"),
    "posts": dict(kind="employment", form="public", quota={"posts": 2}),
    "village_posts": dict(kind="employment", form="public", from_proceeds=1.0),
    "pv": dict(kind="pv", eligible={"pv_linked": True}, capacity_kw=60, connected_year=2017),
    "collective": dict(kind="collective"),
    "move": dict(kind="relocation", eligible={"relocated": True}),
    "school": dict(kind="education"),
    "net": dict(kind="safety_net", part="all"),
}
WORKER = dict(work=Work.AWAY, months=9.0, wage_month=2500.0, ever_worked=True)
OLD = dict(birth_year=1940, capacity=Capacity.LOST, health=Health.CHRONIC, pension=True)
CHILD = dict(birth_year=2006, capacity=Capacity.NONE, stage=Stage.COMPULSORY)
STUDENT = dict(birth_year=2000, capacity=Capacity.NONE, stage=Stage.SENIOR)
HOMES = [
    dict(people=[WORKER, {}, CHILD, OLD], income_wage=22_500.0, income_operating=3000.0, pv_linked=True),
    dict(people=[OLD], income_transfer=2000.0, category=3),
    dict(people=[{}, STUDENT], income_operating=-2000.0, relocated=True, house_safe=False, water_safe=False),
    dict(
        people=[{**OLD, "health": Health.DISABLED, "dibao": 1}, CHILD],
        status=Status.RETURNED,
        year_exited=2015,
        year_returned=2016,
    ),
    dict(people=[WORKER], status=Status.EXITED, year_exited=2016, income_wage=22_500.0, land_mu=0.0, forest_mu=0.0),
    dict(people=[{}, {}], status=Status.GENERAL, year_identified=0, income_operating=9000.0),
]
TWELVE = [WORKER, WORKER, {}, {}, OLD, OLD, CHILD, CHILD, CHILD, STUDENT, {}, {}]


def live(world, replicates=2):
    """Live some replicates; every year is looked at, and a warning is a failure."""
    books = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for replicate in range(replicates):
            draws = Draws(world.scenario.run.seed, replicate)
            s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
            for y, year in enumerate(world.years):
                run_year(s, world, draws, year, book, tally)
                sound(s, world, book, y)
            ledger.close_life(s, world, book, tally)
            books.append(book)
    return books


def sound(s, world, book, y):
    """What must hold of any year: no number is none, months fit into a year, account and ledger close, money is conserved."""
    assert all(np.isfinite(values).all() for values in (s.pf, s.hf, s.vf))
    here = s.pi[c.ALIVE] == 1
    assert (s.pi[c.MONTHS] + s.pi[c.SICK_MONTHS] + s.pi[c.CARE_MONTHS])[here].max(initial=0) <= 120
    assert (s.hi[c.SIZE] == world.layout.per_household(here.astype(np.int64))).all() and (s.hi[c.SIZE] >= 0).all()
    registry = np.array([item.registry for item in ITEMS])
    assert np.allclose(s.hf[c.TRUE_HEAD] * np.maximum(s.hi[c.SIZE], 1) * 100, s.items[registry].sum(axis=0), atol=0.01)
    assert (s.spent >= 0).all()
    closes = sum(sign * book.ledger[y][:, i] for i, sign in enumerate(LEDGER_SIGN.values()))
    assert (closes == 0).all() and (book.ledger[y] >= 0).all()
    assert (book.spending[y][:, : SPENDING.index("crowded_out")] >= 0).all()
    of_measures = [
        i for i, item in enumerate(ITEMS) if item.name in ("award", "pv_dividend", "collective_share", "dibao", "tekun", "relief")
    ]
    assert book.spending[y][:, SPENDING.index("cash")].sum() >= s.items[of_measures].sum(), "what measures pay is in their books"


def world(folder, homes, plans=ALL, villages=1, years=3, **groups):
    return build_world(plan.homes(homes, villages), plan.scenario(folder, plans, years=years, **groups))


def test_the_odd_town_itself_runs(tmp_path):
    books = live(world(tmp_path, HOMES, years=6), replicates=4)
    assert sum(book.spending.sum() for book in books) > 0


@pytest.mark.parametrize("years", [1, 30])
def test_a_horizon_of_one_year_and_of_thirty(tmp_path, years):
    live(world(tmp_path, HOMES, years=years), replicates=3)


def test_households_of_one_and_of_twelve(tmp_path):
    live(
        world(tmp_path, [dict(people=[OLD]), dict(people=[WORKER]), dict(people=TWELVE), dict(people=TWELVE[::-1])], years=12), 3
    )


@pytest.mark.parametrize("villages", [3, 9])
def test_villages_in_which_nobody_lives(tmp_path, villages):
    made = plan.homes(HOMES, villages)
    made.households["village"][:] = np.where(made.households["village"] > 1, villages - 1, 0)  # those between are empty
    made.villages["collective_income"][:] = 30_000.0
    live(build_world(made, plan.scenario(tmp_path, ALL, years=4)))


def test_a_town_of_one_old_man_and_one_without_any_poor(tmp_path):
    live(world(tmp_path, [dict(people=[OLD])], years=20), replicates=4)
    live(world(tmp_path, [dict(people=[WORKER], status=Status.GENERAL, year_identified=0)] * 3, years=4))


def test_zero_coverage(tmp_path):
    nobody = {
        id: {**one, **({"quota": {"households": 0}} if one["kind"] not in ("safety_net", "collective") else {})}
        for id, one in ALL.items()
    }
    nobody["posts"]["quota"] = {"posts": 0}
    nobody["net"] |= dict(listing=0.0, obligation=0.0, tekun_listing=0.0, relief_granted=0.0)
    for book in live(world(tmp_path, HOMES[2:3] + HOMES[4:], nobody)):
        assert not book.spending[..., SPENDING.index("holders")][:, [0, 1, 2, 3, 4, 6, 7, 8]].any()
        assert not book.spending[..., SPENDING.index("cash")][:, :5].any()
    live(world(tmp_path, HOMES, {id: {**one, "take_up": 0.0} for id, one in ALL.items() if one["kind"] != "safety_net"}))
    live(world(tmp_path, HOMES, {id: {**one, "budget": 0} for id, one in ALL.items()}))
    live(world(tmp_path, HOMES, {}))


def chances():
    """Every chance and share of the groups: group, name, record."""
    records = {group: group_records(group)[0] for group in group_names()}
    return [
        (group, name, record)
        for group, found in records.items()
        for name, record in found.items()
        if record.unit in ("share", "share/year") and isinstance(record.default.plain, (int, float))
    ]


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("group", sorted({group for group, _, _ in chances()}))
def test_every_chance_of_a_group_at_either_end(tmp_path, group, value):
    values = {name: value for of, name, _ in chances() if of == group}
    live(world(tmp_path, HOMES, **{group: values}), replicates=1)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("kind", sorted(shipped()))
def test_every_chance_of_a_kind_at_either_end(tmp_path, kind, value):
    from povsim.core.params import kind_records

    settled = {
        name: value
        for name, record in kind_records(kind)[0].items()
        if record.unit in ("share", "share/year") and isinstance(record.default.plain, (int, float))
    }
    plans = {id: {**one, **settled} if one["kind"] == kind else one for id, one in ALL.items()}
    live(world(tmp_path, HOMES, plans), replicates=1)


@pytest.mark.parametrize("end", ["low", "high"])
def test_every_parameter_at_the_end_of_its_range(tmp_path, end):
    base = plan.scenario(tmp_path, ALL, years=3)
    ends = {one.path: getattr(one, end) for one in base.uncertainties()}
    live(build_world(plan.homes(HOMES), base.with_draw(ends)), replicates=2)


def test_all_shocks_at_once_every_year(tmp_path):
    shocks = dict(disaster=1.0, disaster_hits=1.0, disaster_farm_loss=1.0, accident=1.0, disaster_factor=5.0)
    health = dict(onset=1.0, new_disability=1.0, new_chronic=1.0, months_lost=12.0)
    work = dict(finds_able=0.0)
    live(world(tmp_path, HOMES, years=8, shocks=shocks, health=health, work=work, economy=dict(pandemic_months_away=12.0)))


@pytest.mark.parametrize("value", ["low", "high"])
def test_every_number_of_a_unit_with_limits_at_its_limit(tmp_path, value):
    """All parameters whose unit is bounded on that side, each alone: no reason lets a scenario go beyond."""
    from povsim.core.params import UNITS, kind_records

    def limits(records):
        for name, record in records.items():
            unit, default = UNITS[record.unit], record.default.plain
            if isinstance(default, (int, float)) and not isinstance(default, bool) and record.unit != "year":
                end = unit.low if value == "low" else unit.high
                if end is not None:
                    yield name, int(end) if unit.whole else end

    for group in group_names():
        for name, end in limits(group_records(group)[0]):
            live(world(tmp_path, HOMES, years=2, **{group: {name: end}}), replicates=1)
    for kind in shipped():
        for name, end in limits(kind_records(kind)[0]):
            plans = {id: {**one, name: end} if one["kind"] == kind else one for id, one in ALL.items()}
            live(world(tmp_path, HOMES, plans, years=2), replicates=1)


def test_every_stress_block_at_once(tmp_path):
    from povsim.core.params.stress import stress_names

    base = plan.scenario(tmp_path, ALL, years=6)
    hit = base.replaced({"stress": dict.fromkeys(stress_names(), 2018)})
    assert len(hit.stress) == len(stress_names())
    live(build_world(plan.homes(HOMES), hit))
    assert load_scenario(tmp_path / "test.yaml") == base
