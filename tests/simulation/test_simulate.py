"""A whole run on part of the town: the ledger, and the same lives whatever threads, blocks, order, neighbours or measures."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import data_root, load_scenario
from povsim.core.schema import ITEMS, LACKS, LEDGER_SIGN
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.simulation.simulate import _year_reached, simulate
from povsim.simulation.workers import Crew

SMALL = ("run.replicates=3", "run.years=3", "run.threads=1")


@pytest.fixture(scope="module")
def part(villages):
    """Three villages of the town, some 1,500 households."""
    return villages(3)


def scenario(*overrides):
    return load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", (*SMALL, *overrides))


@pytest.fixture(scope="module")
def base(part, place):
    return simulate(part, scenario(), place)


def equal(a, b, names=None):
    for name in names or a.tables:
        pd.testing.assert_frame_equal(a[name], b[name], check_exact=name != "indicators", rtol=1e-12)


def test_the_ledger_closes_in_households_and_persons(base):
    frame = base["ledger"]
    total = sum(sign * frame[flow] for flow, sign in LEDGER_SIGN.items())
    assert (total == 0).all() and len(frame) == 3 * 3 * 2
    later = frame[frame["year"] > frame["year"].min()].sort_values(["replicate", "unit", "year"])
    before = frame[frame["year"] < frame["year"].max()].sort_values(["replicate", "unit", "year"])
    assert later["opening"].tolist() == before["closing"].tolist()


def test_each_of_those_left_lacks_something_and_no_more_lack_it_than_are_left(base):
    lacking = base["lacking"].pivot(index=["year", "replicate"], columns="lack", values="households")
    left = base["ledger"].query("unit == 'households'").set_index(["year", "replicate"])["closing"]
    assert set(lacking.columns) == set(LACKS) and (lacking.le(left, axis=0)).all(axis=None)
    assert (lacking.sum(axis=1) >= left).all() and lacking["income"].sum() > 0


def test_lives_are_summed_over_replicates(base):
    homes = base["households"]
    fates = homes[[name for name in homes if name.startswith("p_exit_") or name in ("p_never", "p_removed", "p_gone")]]
    poor = homes["status"].isin((1, 3))
    assert np.allclose(fates[poor].sum(axis=1), 1.0) and fates[~poor].isna().all(axis=None)
    held = homes[[f"held_{one.id}" for one in scenario().measures]]
    assert ((held * 3) % 1).max(axis=None) < 1e-9 and held["held_dibao"].max() == 1.0, "shares of three replicates"
    known = homes.dropna(subset="median_exit_year")
    assert (known["low_exit_year"] <= known["median_exit_year"]).all()
    assert (known["median_exit_year"] <= known["high_exit_year"].fillna(9999)).all()
    assert homes["lacks_income"].isna().all(), "three replicates are too few to say a share"


def test_exit_years_leave_those_apart_who_are_removed_or_gone():
    years = (2017, 2018)
    share = np.array([[0.0, 0.4, 0.0], [0.2, 0.05, 0.0], [0.0, 0.55, 1.0], [0.3, 0.0, 0.0], [0.5, 0.0, 0.0]])
    assert _year_reached(share, years, 0.5).tolist()[0] == 2018, "of those that stay on the register, all leave"
    assert np.isnan(_year_reached(share, years, 0.5)[1:]).tolist() == [True, True]
    assert _year_reached(share, years, 0.05).tolist()[1] == 2017


def test_every_exit_has_one_route(base):
    routes = base["routes"].groupby(["replicate", "year"])[["households", "persons"]].sum()
    exits = base["exits"].set_index(["replicate", "year"])[["exited_households", "exited_persons"]]
    assert routes.to_numpy().tolist() == exits.sort_index().to_numpy().tolist()
    assert (base["routes"].groupby("route")["persons"].sum() > 0).sum() >= 2
    assert base.manifest["reported_routes"]["education"] == {"persons": 951, "zh": "发展教育", "en": "education"}
    assert sum(route["persons"] for route in base.manifest["reported_routes"].values()) == 5392


def test_something_happens(base):
    frame = base["ledger"].groupby("unit").sum()
    for flow in ("exited", "births", "deaths", "departures", "arrivals"):
        assert frame.loc["persons", flow] > 0, flow
    assert base["spending"]["cash"].sum() > 0 and base["indicators"]["in_wage_work"].max() > 0.1


@pytest.mark.parametrize("way", [{"threads": 2}, {"workers": 2}, {"block": 64}, {"block": 5000}])
def test_threads_processes_and_blocks_change_nothing(part, place, base, way):
    equal(base, simulate(part, scenario(), place, **way))


@pytest.mark.parametrize("workers", [0, -1, 1.5, None])
def test_less_than_one_worker_is_a_fault(part, place, workers):
    """Mutation: the words of the library of processes."""
    with pytest.raises(ParamsError, match="workers"):
        simulate(part, scenario(), place, workers=workers)
    with pytest.raises(ParamsError, match="workers"):
        Crew(workers)


def test_a_crew_that_was_interrupted_works_on(part, place, base):
    """Mutation: it is dead, and says so in the words of the library of processes."""

    def interrupt(done, total):
        if done > 1:
            raise KeyboardInterrupt

    with Crew(2) as crew:
        with pytest.raises(KeyboardInterrupt):
            simulate(part, scenario(), place, workers=crew, progress=interrupt)
        equal(base, simulate(part, scenario(), place, workers=crew))


def test_a_crew_of_which_one_died_since_begins_new_ones(part, place, base):
    """Mutation: the next run is told that the pool is broken."""
    with Crew(2) as crew:
        equal(base, simulate(part, scenario(), place, workers=crew))
        one = next(iter(crew._pool._processes.values()))
        one.kill()
        one.join()
        time.sleep(0.5)  # until it is noticed
        equal(base, simulate(part, scenario(), place, workers=crew))


def test_the_numpy_bodies_give_the_same_bits(part, place, base, monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    equal(base, simulate(part, scenario(), place))


def test_rows_in_another_order_give_the_same_lives(part, place, base):
    keys = part.households["draw_id"]
    order = np.lexsort((keys, part.households["village"]))
    assert not (order == np.arange(len(order))).all()
    equal(base, simulate(reordered(part, order), scenario(), place))


def test_income_items_add_up_and_no_one_works_more_than_a_year(part):
    world = build_world(part, scenario())
    draws = Draws(1, 0)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        lived = s.hi[c.SIZE] > 0
        registry = np.array([item.registry for item in ITEMS])
        assert np.allclose(
            s.hf[c.TRUE_HEAD, lived] * s.hi[c.SIZE, lived] * 100, s.items[registry][:, lived].sum(axis=0), atol=0.01
        )
        here = s.pi[c.ALIVE] == 1
        assert (s.pi[c.MONTHS, here] + s.pi[c.SICK_MONTHS, here] + s.pi[c.CARE_MONTHS, here] <= 120).all()
        assert (s.pi[c.MONTHS, ~here] == 0).all() or not s.pi[c.MONTHS, ~here].any()


def lives(population, chosen, *overrides):
    """Incomes of each household by year and draw_id, for one replicate."""
    world = build_world(population, chosen)
    draws = Draws(chosen.run.seed, 0)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    seen = {}
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        seen[year] = pd.DataFrame(s.items.T.copy(), index=world.layout.draw_id)
    return seen


def alone(chosen):
    """The same scenario without anything that one household has to share with another: no measures, no plan."""
    return dataclasses.replace(chosen, measures=(), plan=dataclasses.replace(chosen.plan, targets={}))


def test_a_household_added_or_taken_away_changes_nobody_else(part):
    chosen = alone(scenario("assessment.identified_quota=0"))
    keep = np.ones(len(part.households["draw_id"]), bool)
    keep[::7] = False
    whole, fewer = lives(part, chosen), lives(part.subset(keep), chosen)
    for year, frame in fewer.items():
        pd.testing.assert_frame_equal(whole[year].loc[frame.index], frame)


def test_another_measure_does_not_touch_the_luck_of_those_who_do_not_hold_it(part):
    chosen = scenario()
    with_it = lives(part, alone(chosen))
    one = dataclasses.replace(alone(chosen), measures=tuple(m for m in chosen.measures if m.kind == "industry")[:1])
    world = build_world(part, one)
    held = lives(part, one)
    last = world.years[-1]
    same = (with_it[last] == held[last]).all(axis=1)
    assert same.mean() > 0.5 and not same.all(), "holders' accounts change, most others live the same lives to the fen"


def reordered(population, order):
    """The same households in another order within their villages, with their persons."""
    households = {name: values[order] for name, values in population.households.items()}
    starts, sizes = population.offsets[:-1], np.diff(population.offsets)
    rows = np.concatenate([np.arange(starts[h], starts[h] + sizes[h]) for h in order])
    persons = {name: values[rows].copy() for name, values in population.persons.items()}
    persons["household"] = np.repeat(np.arange(len(order), dtype=np.int32), sizes[order])
    return dataclasses.replace(population, households=households, persons=persons)
