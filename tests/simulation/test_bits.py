"""The same lives to the bit with a measure of every kind, however it is run, and for all whom no measure touches."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.policy.kind import find, shipped
from povsim.simulation.simulate import simulate
from tests.simulation.every_kind import every_kind

SMALL = ("run.replicates=3", "run.years=4", "run.threads=1", "run.draws=0")
SHARES = ("pv", "collective")  # kinds whose holders share one thing: a station, a village's purse


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    chosen = every_kind(tmp_path_factory.mktemp("scenario"), *SMALL)
    assert {one.kind for one in chosen.measures} == set(shipped())
    return chosen


@pytest.fixture(scope="module")
def part(villages):
    """Two villages, some 800 households."""
    return villages(2)


@pytest.fixture(scope="module")
def base(part, scenario, place):
    return simulate(part, scenario, place, block=256)


def equal(a, b):
    for name in a.tables:
        pd.testing.assert_frame_equal(a[name], b[name], check_exact=name != "indicators", rtol=1e-12, obj=name)


# --- however it is run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [{"threads": 2}, {"block": 1}, {"block": 97}, {"block": 10_000, "threads": 2}], ids=str)
def test_threads_and_blocks_split_and_merged_change_nothing(part, scenario, place, base, way):
    equal(base, simulate(part, scenario, place, **way))


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_shuffled_within_their_villages_change_nothing(part, scenario, place, base, seed):
    luck = np.argsort((part.households["draw_id"] * np.uint64(2 * seed + 1)) >> np.uint64(7), kind="stable")
    order = luck[np.argsort(part.households["village"][luck], kind="stable")]
    assert (order == np.arange(len(order))).mean() < 0.1
    equal(base, simulate(reordered(part, order), scenario, place))


def test_villages_in_another_order_change_nothing(part, scenario, place, base):
    """Their rows are the only thing that knows of it."""
    turned = {name: values[::-1].copy() for name, values in part.villages.items()}
    last = len(turned["name"]) - 1
    order = np.argsort(last - part.households["village"], kind="stable")
    moved = reordered(part, order, villages=turned, village=last - part.households["village"][order])
    found = simulate(moved, scenario, place)
    for name in base.tables:
        a, b = base[name].copy(), found[name].copy()
        if name == "households":
            b["village"] = last - b["village"]
        elif name == "villages":
            b["village"] = last - b["village"]
            a, b = (one.sort_values(["year", "village"], ignore_index=True) for one in (a, b))
        pd.testing.assert_frame_equal(a, b, check_exact=name != "indicators", rtol=1e-12, obj=name)


def reordered(population, order, villages=None, village=None):
    """The same households in another order, with their persons; ``villages`` and where each household then is, if these move."""
    households = {name: values[order] for name, values in population.households.items()}
    if village is not None:
        households["village"] = village
    starts, sizes = population.offsets[:-1], np.diff(population.offsets)
    rows = np.concatenate([np.arange(starts[h], starts[h] + sizes[h]) for h in order])
    persons = {name: values[rows].copy() for name, values in population.persons.items()}
    persons["household"] = np.repeat(np.arange(len(order), dtype=np.int32), sizes[order])
    return dataclasses.replace(population, villages=villages or population.villages, households=households, persons=persons)


def test_frozen_tables_and_tables_by_hand_ask_for_the_same_machine_code(part, scenario):
    """An array that may not be written is another type to the compiler: all would be compiled once more."""
    by_hand = {name: np.array(column) for name, column in part.households.items()}
    free = SimpleNamespace(villages=part.villages, households=by_hand, persons=part.persons)
    frozen, loose = (build_world(one, scenario) for one in (part, free))
    for of in ("layout", "start"):
        for name in vars(getattr(frozen, of)):
            a, b = (getattr(getattr(world, of), name) for world in (frozen, loose))
            if isinstance(a, np.ndarray):
                assert (a.dtype, a.flags.writeable, a.flags.c_contiguous) == (b.dtype, b.flags.writeable, b.flags.c_contiguous), (
                    name
                )


# --- whoever is beside -----------------------------------------------------------------------------------


def unshared(scenario, *measures):
    """The scenario with these measures, and without what households share: plan and quotas."""
    plan = dataclasses.replace(scenario.plan, targets={})
    chosen = scenario.replaced({"assessment.identified_quota": 0})
    return dataclasses.replace(chosen, measures=measures, plan=plan)


def lives(population, scenario, replicate=0):
    """The world, and of each year the state and who was touched by some measure up to then."""
    world = build_world(population, scenario)
    draws = Draws(scenario.run.seed, replicate)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    touched = np.zeros(world.layout.households, bool)
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        for one in scenario.measures:
            h, holder = s.held[one.id], find(one.kind).holder
            if holder == "household":
                touched |= h["held"]
            elif holder == "person":
                touched |= world.layout.per_household(h["held"].astype(np.int64)) > 0
            else:  # of a village, those who get a share
                touched |= h["given"] != 0
        yield world, s, touched


def rows(world, s, homes):
    """All that the state says of some households, and of the places of their persons in order."""
    mine = homes[world.layout.house]
    return [s.pi[:, mine], s.pf[:, mine], s.hi[:, homes], s.hf[:, homes], s.items[:, homes], s.spent[:, homes], s.last[:, homes]]


def alike(a, b):
    return all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in zip(a, b, strict=True))


def test_some_households_alone_live_the_lives_that_they_live_among_all(part, scenario):
    """Without quota and budget nothing is shared but a station and a village's purse, which are left out."""
    chosen = unshared(
        scenario,
        *(
            dataclasses.replace(one, quota=None, budget=None)
            for one in scenario.measures
            if one.kind not in SHARES and one.id != "village_posts"
        ),
    )
    keep = np.arange(len(part.households["draw_id"])) % 5 == 0
    every = np.ones(keep.sum(), bool)
    for (world, s, _), (few, t, touched) in zip(lives(part, chosen), lives(part.subset(keep), chosen), strict=True):
        assert alike(rows(world, s, keep), rows(few, t, every))
        holding = touched.mean()
    assert holding > 0.3, "they hold measures"


@pytest.mark.parametrize("kind", sorted(shipped()))
def test_an_untouched_household_lives_the_same_life(part, scenario, kind):
    """With a measure for some, and without: nobody but those who hold it is changed in anything, and they are."""
    measures = [
        dataclasses.replace(one, quota=None, budget=None) if kind not in SHARES else one
        for one in scenario.measures
        if one.kind == kind and one.id != "village_posts"
    ]
    if kind == "collective":  # a station fills its purse
        measures = [one for one in scenario.measures if one.id == "pv_meiling"] + measures
    with_, without = unshared(scenario, *measures), unshared(scenario)
    for (world, s, held), (same, t, _) in zip(lives(part, with_), lives(part, without), strict=True):
        assert alike(rows(world, s, ~held), rows(same, t, ~held))
        mine = rows(world, s, held), rows(same, t, held)
    assert held.any() and not held.all() and not alike(*mine)
