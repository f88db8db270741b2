"""A made-up town with persons of all kinds and the shipped defaults, for tests of people, shocks, work and income."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np

from povsim.core.params.building import with_rates
from povsim.core.params.records import group_records, settle
from povsim.core.params.scenario import Values
from povsim.core.randomness import uniform
from povsim.core.schema import HOUSEHOLDS, PERSONS, VILLAGES, Capacity, Health, Relation, Schooling, Stage, Status, Work
from povsim.engine import income, labour, people, shocks
from povsim.engine.draws import Draws
from povsim.engine.phase import Phase
from povsim.engine.world import World, build_world

GROUPS = ("people", "health", "work", "farming", "transfers", "guarantees", "shocks", "economy", "lines")


@cache
def defaults(group: str, year: int) -> Values:
    """The shipped values of a group in a year."""
    records, faults = group_records(group)
    assert not faults, faults
    settings = with_rates({name: settle(record, None, name, []) for name, record in records.items()})
    found = {name: setting.at(year) for name, setting in settings.items()}
    return Values(group, {name: np.array(v, float) if isinstance(v, tuple) else v for name, v in found.items()})


def parameters(phase, year=2017, **changed):
    """The parameters of a phase by name: the shipped defaults of a year, with some changed."""
    found = {}
    for group, name in phase.params:
        found[name or group] = float(year) if group == "year" else getattr(defaults(group, year), name)
    return phase.pack({**found, **changed}[name] for name in found)


def scenario(years, opening, changed):
    """What the phases ask of a scenario; ``changed`` maps ``group.name`` to a value for all years."""

    def values(group, year):
        mine = {path.split(".")[1]: value for path, value in changed.items() if path.split(".")[0] == group}
        return SimpleNamespace(**{**{name: defaults(group, year)[name] for name in defaults(group, year)}, **mine})

    run = SimpleNamespace(opening=opening, years=tuple(years), seed=7, replicates=1, threads=1, scope="all")
    return SimpleNamespace(place="town", run=run, plan=SimpleNamespace(targets={}, finish_year=2020), measures=(), values=values)


def tables(count: int, opening: int = 2016, villages: int = 3, first: int = 0):
    """Families of one to six, by keyed draws; household ``first + i`` is the same whatever the count."""
    ids = np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)

    def draw(slot, lane):
        name = ("people_death", "people_leaves", "people_school", "people_health", "people_decline", "people_home")[lane]
        return uniform(99, "made-up town", ids, 0, opening, slot, name)

    sizes = 1 + np.searchsorted([0.18, 0.45, 0.66, 0.85, 0.94], draw(255, 0))
    house = np.repeat(np.arange(count), sizes)
    slot = np.concatenate([np.arange(n) for n in sizes])
    u = np.stack([np.stack([draw(k, lane) for lane in range(6)]) for k in range(6)])[slot, :, house].T
    head_age = 28 + np.floor(55 * draw(255, 1))[house]
    usual_age = np.select([slot < 2, slot < 5], [head_age - 3 * slot, head_age - 25 + np.floor(6 * u[0])], head_age - 50)
    age = np.clip(np.where(usual_age < 0, np.floor(20 * u[0]), usual_age), 0, 99).astype(int)
    sex = np.where(slot == 0, u[1] < 0.15, np.where(slot == 1, u[1] < 0.85, u[1] < 0.48)).astype(int)
    stage = np.select(
        [(age >= 3) & (age < 6), (age >= 6) & (age < 15), (age >= 15) & (age < 18), (age >= 18) & (age < 22)],
        [(u[2] < 0.7) * Stage.KINDERGARTEN, Stage.COMPULSORY, (u[2] < 0.85) * Stage.SENIOR, (u[2] < 0.4) * Stage.COLLEGE],
        0,
    )
    health = np.searchsorted([0.75, 0.9, 0.93], u[3])
    able = (age >= 16) & (age < 70) & (stage == 0)
    capacity = np.where(able, np.where(health >= Health.SERIOUS, Capacity.WEAK, Capacity.ORDINARY), Capacity.NONE)
    working = (capacity == Capacity.ORDINARY) & (u[4] < 0.25)
    kin = np.array([Relation.HEAD, Relation.SPOUSE, Relation.CHILD, Relation.CHILD, Relation.GRANDCHILD, Relation.PARENT])
    people_ = {k.name: np.zeros(len(house), "U8" if k.dtype == "str" else k.dtype) for k in PERSONS}
    homes = {k.name: np.zeros(count, "U16" if k.dtype == "str" else k.dtype) for k in HOUSEHOLDS}
    places = {k.name: np.zeros(villages, "U8" if k.dtype == "str" else k.dtype) for k in VILLAGES}
    people_ |= {
        "household": house, "slot": slot, "birth_year": opening - age, "sex": sex, "stage": stage, "health": health,
        "capacity": capacity, "relation": kin[slot],
        "schooling": np.where(age < 12, Schooling.ILLITERATE, np.where(u[5] < 0.6, Schooling.PRIMARY, Schooling.JUNIOR)),
        "work": np.where(working, np.where(u[5] < 0.6, Work.AWAY, Work.LOCAL), Work.NONE), "ever_worked": working,
        "months": np.where(working, 3 + np.floor(60 * u[2]) / 10, 0),
        "wage_month": np.where(working, 1500 + np.floor(2000 * u[3]), 0),
        "resident": ~working, "insured": np.ones(len(house), bool), "pension": age >= 60,
    }  # fmt: skip
    status = np.where(draw(255, 2) < 0.25, Status.POOR, np.where(draw(255, 2) < 0.3, Status.EXITED, Status.GENERAL))
    net = people_["wage_month"] * people_["months"] * np.where(people_["work"] == Work.AWAY, 0.75, 1.0)
    homes |= {
        "household_id": np.array([f"h{i}" for i in ids]), "draw_id": ids, "village": np.arange(count) * villages // count,
        "status": status, "year_identified": np.where(status == Status.GENERAL, 0, 2013),
        "year_exited": np.where(status == Status.EXITED, 2015, 0), "land_mu": np.floor(40 * draw(255, 3)) / 10,
        "house_safe": draw(255, 4) < 0.9, "water_safe": np.ones(count, bool), "resettled": draw(255, 5) < 0.1,
        "income_wage": np.bincount(house, net, count), "income_operating": np.floor(6000 * draw(255, 4)),
        "income_transfer": 600.0 * sizes + 1050.0 * np.bincount(house, age >= 60, count),
    }  # fmt: skip
    places["name"] = np.array([f"v{i}" for i in range(villages)])
    return SimpleNamespace(villages=places, households=homes, persons=people_)


def town(count=400, years=(2017, 2018, 2019, 2020, 2021), opening=2016, block=128, made=None, **changed) -> World:
    """A world over a made-up town; ``changed`` gives parameters as ``group__name``."""
    changed = {path.replace("__", "."): value for path, value in changed.items()}
    return build_world(made or tables(count, opening), scenario(years, opening, changed), block)


def open_lives(world: World, replicate: int = 0):
    """The opening state of a replicate and its luck."""
    s, draws = world.start.copy(), Draws(world.scenario.run.seed, replicate)
    labour.open_work(s, world, draws)
    income.open_accounts(s, world, draws)
    return s, draws


def one_year(s, world, draws, year, work=True):
    """Phases 1, 2 and 4 without measures."""
    s.begin_year()
    people.people(s, world, draws, year)
    shocks.shocks(s, world, draws, year)
    if work:
        labour.work(s, world, draws, year)
        income.PHASE.run(s, world, draws, year)


def in_columns(monkeypatch):
    """Have every phase run its reference body, whose rules a test may exchange."""
    monkeypatch.setattr(Phase, "compiled", lambda self: False)


def same(s, t, places=slice(None), homes=slice(None)):
    """Whether two states are equal to the bit; ``t`` may be the part of ``s`` at some places and households."""
    parts = {"pi": places, "pf": places, "hi": homes, "hf": homes, "items": homes, "last": homes, "spent": homes}
    return all(np.array_equal(getattr(s, name)[:, part], getattr(t, name)) for name, part in parts.items())
