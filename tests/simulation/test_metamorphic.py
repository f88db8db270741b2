"""Laws of one run against another, without caps, quotas and bands: more of a benefit, a higher line, two of each household."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from povsim.core.schema import Status
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.simulation.simulate import simulate
from tests.engine import plan
from tests.simulation.every_kind import every_kind
from tests.simulation.test_bits import SHARES, unshared

SMALL = ("run.replicates=2", "run.years=4", "run.threads=1", "run.draws=0")
OPEN = {"finish_year": 2030}  # no plan, and nobody is carried over a line by duty
# The list's help with work ends with the exit: who leaves a year earlier may earn less after it, and that is meant.
ALONE = {"identified_quota": 0.0, "list_finding": 1.0}


@pytest.fixture(scope="module")
def part(villages):
    return villages(2)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return every_kind(tmp_path_factory.mktemp("scenario"), *SMALL)


def lived(population, scenario):
    """One replicate: the book, and a copy of the state after each year."""
    world = build_world(population, scenario)
    draws = Draws(scenario.run.seed, 0)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    states = []
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        states.append(s.copy())
    ledger.close_life(s, world, book, tally)
    return book, states, tally


# --- two towns in one ------------------------------------------------------------------------------------


def doubled(population):
    """Every household twice, with its persons, its village and its luck; the villages are twice as large."""
    count = len(population.households["draw_id"])
    households = {name: np.repeat(column, 2) for name, column in population.households.items()}
    starts, sizes = population.offsets[:-1], np.diff(population.offsets)
    rows = np.concatenate([np.arange(starts[h], starts[h] + sizes[h]) for h in np.repeat(np.arange(count), 2)])
    persons = {name: column[rows] for name, column in population.persons.items()}
    persons["household"] = np.repeat(np.arange(2 * count, dtype=np.int32), np.repeat(sizes, 2))
    twice = {name: column * 2 for name, column in population.villages.items() if name in ("farm_households", "farm_persons")}
    return SimpleNamespace(villages={**population.villages, **twice}, households=households, persons=persons)


def test_doubling_the_town_doubles_every_count_and_every_sum(part, scenario):
    """With a measure of every kind but those whose holders share one thing; what is a share or a mean stays."""
    measures = [
        dataclasses.replace(one, quota=None, budget=None)
        for one in scenario.measures
        if one.kind not in SHARES and one.id != "village_posts"
    ]
    chosen = unshared(scenario, *measures)
    (one, _, _), (two, states, _) = lived(part, chosen), lived(doubled(part), chosen)
    for name in ("ledger", "accounts", "exits", "routes", "returns", "causes", "layers", "monitoring", "spells", "lacking"):
        assert np.array_equal(2 * getattr(one, name), getattr(two, name)), name
    money = [ledger.SPENDING.index(name) for name in ledger.MONEY]
    assert np.abs(2 * one.spending[..., money] - two.spending[..., money]).max() <= 1, "overhead is rounded once"
    counts = [i for i, name in enumerate(ledger.SPENDING) if name not in ledger.MONEY]
    assert np.array_equal(2 * one.spending[..., counts], two.spending[..., counts])
    whole = [ledger.INDICATORS.index(name) for name in ("households", "persons", "above_households")]
    rest = [i for i in range(len(ledger.INDICATORS)) if i not in whole]
    assert np.array_equal(2 * one.indicators[..., whole], two.indicators[..., whole])
    assert np.allclose(one.indicators[..., rest], two.indicators[..., rest], rtol=1e-12, atol=1e-15, equal_nan=True)
    last = states[-1]
    assert np.array_equal(last.items[:, ::2], last.items[:, 1::2]) and np.array_equal(last.hi[:, ::2], last.hi[:, 1::2])


# --- more of a pure benefit ------------------------------------------------------------------------------

POOR = {"status": ["poor"]}
EVERYBODY = ("tekun", "dibao", "poor", "monitored", "exited", "other")
BENEFITS = {
    "transfer": dict(kind="transfer", policy="old_age", usual={"old_age": False}, amount={"old_age": 1200}),
    "ecology": dict(kind="ecology", form="public_forest", forest_rate=15),
    "pv": dict(kind="pv", eligible={"pv_linked": True}, capacity_kw=600, connected_year=2017, tariff=0.7, dividend_most=1e6),
    "industry": dict(kind="industry", eligible={"labourers": ">= 1"}, product="tea", award=200),
    "insurance": dict(kind="insurance", threshold=5000, share=0.4),
    "health": dict(kind="health", top_up=dict.fromkeys(EVERYBODY, 0.1)),
}
MORE = {
    "transfer": dict(amount={"old_age": 2400}), "ecology": dict(forest_rate=30), "pv": dict(tariff=0.9),
    "industry": dict(award=2000), "insurance": dict(share=0.8), "health": dict(top_up=dict.fromkeys(EVERYBODY, 0.5)),
}  # fmt: skip
BILLS = ("insurance", "health")  # they take off what is paid, and are no income


def beside(folder, part, benefit, changed):
    measure = {"it": {**BENEFITS[benefit], **changed}}
    return lived(part, plan.scenario(folder, measure, years=4, plan=OPEN, assessment=ALONE))


@pytest.mark.parametrize("benefit", BENEFITS)
def test_more_of_a_benefit_leaves_nobody_worse_off(tmp_path, part, benefit):
    """It alone, so that nobody who leaves poverty by it loses another: no income is lower in any year, nobody leaves later."""
    (_, less, _), (_, more, _) = (beside(tmp_path, part, benefit, changed) for changed in ({}, MORE[benefit]))
    start, gained = np.isin(part.households["status"], (Status.POOR, Status.RETURNED)), 0
    for s, t in zip(less, more, strict=True):
        assert np.array_equal(s.hi[c.SIZE], t.hi[c.SIZE])
        paid, income = t.spent.sum(axis=0) - s.spent.sum(axis=0), t.hf[c.TRUE_HEAD] - s.hf[c.TRUE_HEAD]
        if benefit in BILLS:
            assert (paid <= 0).all() and (income == 0.0).all() and (t.hf[c.REFERENCE] >= s.hf[c.REFERENCE] - 1e-9).all()
        else:
            assert (income >= -1e-9).all() and not paid.any()
        before, now = s.hi[c.FIRST_EXIT, start], t.hi[c.FIRST_EXIT, start]
        assert ((before == 0) | ((now > 0) & (now <= before))).all()
        gained += (paid < 0).sum() + (income > 1.0).sum()
    assert gained > 20, "somebody has more"


# --- a higher line ---------------------------------------------------------------------------------------


def test_under_a_higher_line_nobody_leaves_earlier(tmp_path, part):
    lines = [
        lived(
            part,
            plan.scenario(tmp_path, {}, years=4, plan=OPEN, assessment={**ALONE, "helped_before": 1.0}, lines={"exit_line": x}),
        )
        for x in (3500, 4500)
    ]
    start = np.isin(part.households["status"], (Status.POOR, Status.RETURNED))
    for s, t in zip(*(states for _, states, _ in lines), strict=True):
        low, high = s.hi[c.FIRST_EXIT, start], t.hi[c.FIRST_EXIT, start]
        assert ((high == 0) | ((low > 0) & (low <= high))).all()
    assert (low > 0).sum() > (high > 0).sum() > 10


# --- what changes nothing --------------------------------------------------------------------------------


def tables_equal(a, b, names=None):
    for name in names or a.tables:
        pd.testing.assert_frame_equal(a[name], b[name], check_exact=True, obj=name)


def test_a_longer_horizon_changes_no_year_before(part, scenario, place):
    """The state has room for as many newcomers as the horizon may bring, and nobody must notice."""
    short, long = (simulate(part, scenario.replaced({"run.years": n}), place) for n in (2, 4))
    for name, table in short.tables.items():
        if "year" in table and name != "spells":
            part_of = long[name][long[name]["year"] <= 2018].reset_index(drop=True)
            pd.testing.assert_frame_equal(table, part_of, check_exact=True, obj=name)


@pytest.mark.parametrize(
    "measure",
    [
        "{kind: industry, title: t, product: tea, start: {year: 2030}}",
        "{kind: asset_share, title: t, quota: {households: 0}}",
        "{kind: transfer, title: t, policy: old_age, ends: 2016}",
        "{kind: health, title: t, eligible: {age: '>= 150'}}",
    ],
)
def test_a_measure_that_nobody_has_changes_nothing(part, scenario, place, tmp_path, measure):
    """Not begun, without a place, ended before, for nobody: every table but its own row is the same to the bit."""
    base = simulate(part, scenario, place)
    file = tmp_path / "more.yaml"
    file.write_text(f"schema: povsim/1\nextends: {scenario.name}\nmeasures: {{nobodys: {measure}}}\n", encoding="utf-8")
    from povsim.core.params import load_scenario

    found = simulate(part, load_scenario(file, SMALL), place)
    tables_equal(base, found, [name for name in base.tables if name not in ("spending", "households")])
    mine = found["spending"][found["spending"]["measure"] != "nobodys"].reset_index(drop=True)
    pd.testing.assert_frame_equal(base["spending"], mine, check_exact=True)
    pd.testing.assert_frame_equal(base["households"], found["households"].drop(columns="held_nobodys"), check_exact=True)


def test_the_order_in_which_measures_without_a_pool_stand_is_of_no_account(part, scenario):
    """Their luck hangs on their names. Land, hands, posts, bills and money are pools: such measures keep their places."""
    ids = ("old", "resettled", "training", "transport", "vocational_grants", "water")
    chosen = [one for one in scenario.measures if one.id in ids]
    assert len(chosen) == len(ids)
    (one, states, _), (two, turned, _) = (lived(part, unshared(scenario, *order)) for order in (chosen, chosen[::-1]))
    assert np.array_equal(one.ledger, two.ledger) and np.array_equal(one.spending, two.spending[:, ::-1])
    for s, t in zip(states, turned, strict=True):
        assert all(np.array_equal(getattr(s, name), getattr(t, name)) for name in ("pi", "pf", "hi", "hf", "items", "spent"))


def test_a_larger_quota_takes_from_nobody_in_its_first_year(tmp_path, part):
    """One place more in a fixed order goes to the next in it."""
    held = []
    for quota in (20, 21, 60):
        measure = {
            "tea": dict(kind="industry", product="tea", order="poorest", quota={"households": quota}, start={"year": 2017})
        }
        _, states, _ = lived(part, plan.scenario(tmp_path, measure, years=1, plan=OPEN))
        held.append(states[0].held["tea"]["held"])
        assert held[-1].sum() == quota
    assert (held[0] <= held[1]).all() and (held[1] <= held[2]).all()
