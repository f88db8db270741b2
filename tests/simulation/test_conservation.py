"""Nobody and no fen is lost, in any shipped scenario, under any stress block, in any year and replicate."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.core.params.stress import stress_names
from povsim.core.schema import ITEMS, LEDGER, LEDGER_SIGN, UNITS, Departure, Status
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.ledger import STOCK_FLOWS, STOCKS
from povsim.engine.measures import ITEM
from povsim.engine.run import open_replicate
from povsim.engine.shelf import CASH, FROM_VILLAGE, VILLAGE_MONEY
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.simulation.matching import settle
from tests.simulation.every_kind import every_kind

FOLDER = data_root() / "params"
SHIPPED = sorted(file for file in FOLDER.glob("*/*.yaml") if file.parent.name not in ("kinds", "stress"))
NAMES = [file.relative_to(FOLDER).as_posix() for file in SHIPPED]
SHORT = ("run.replicates=2", "run.draws=0", "run.fit=''")
POOR = (Status.POOR, Status.RETURNED)
SIGNS = np.array([LEDGER_SIGN[flow] for flow in LEDGER])


def conserved(population, scenario):
    """Live two replicates and look at every year."""
    world = build_world(population, scenario)
    for replicate in range(2):
        draws = Draws(scenario.run.seed, replicate)
        s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
        purse = s.vi[c.PROCEEDS].copy()
        for y, year in enumerate(world.years):
            reserve, before = s.vi[c.RESERVE].copy(), (s.pi[c.ALIVE].copy(), s.pi[c.SLOT].copy())
            run_year(s, world, draws, year, book, tally)
            people(s, world, *before)
            accounts(s, book, y)
            money(s, world, year, reserve, purse)
            purse = s.vi[c.PROCEEDS].copy()


def people(s, world, alive, slot):
    """Whoever was there is there, or has died or left; whoever is there was there, or is born or has come in."""
    now, stays = s.pi[c.ALIVE] == 1, (alive == 1) & (s.pi[c.ALIVE] == 1) & (s.pi[c.SLOT] == slot)
    new = now & ~stays
    assert (s.pi[c.NEW, new] > 0).all() and not s.pi[c.NEW, stays].any()
    per = world.layout.per_household
    came = s.hi[c.BIRTHS] + s.hi[c.ARRIVALS]
    went = s.hi[c.DEATHS] + s.hi[c.DEPARTURES]
    assert np.array_equal(per(new.astype(np.int64)), came)
    assert np.array_equal(per((alive == 1).astype(np.int64)) + came - went, per(now.astype(np.int64)))
    assert np.array_equal(s.hi[c.SIZE], per(now.astype(np.int64)))
    gone = (alive == 1) & ~now  # whose places nobody has taken again
    assert (s.pi[c.GONE, gone] != Departure.EMPTY).all()


def accounts(s, book, y):
    """Ledger and stocks close, open as they closed, and are the households that are there."""
    rows = book.ledger[y]
    assert (rows @ SIGNS == 0).all() and (rows >= 0).all()
    size, status = s.hi[c.SIZE], s.hi[c.STATUS]
    poor, exited = np.isin(status, POOR), status == Status.EXITED
    count = {"exited": exited, "registered": poor | exited}
    for unit, weight in enumerate((np.ones_like(size), size)):
        assert rows[unit, LEDGER.index("closing")] == weight[poor].sum()
        for stock, (opening, inflow, outflow, natural, closing) in zip(STOCKS, book.accounts[y, :, unit].tolist(), strict=True):
            assert opening + inflow - outflow + natural == closing, (stock, UNITS[unit])
            if stock in count:
                assert closing == weight[count[stock]].sum(), (stock, UNITS[unit])
        if y:
            assert rows[unit, 0] == book.ledger[y - 1, unit, -1]
            first, last = STOCK_FLOWS.index("opening"), STOCK_FLOWS.index("closing")
            assert np.array_equal(book.accounts[y, :, unit, first], book.accounts[y - 1, :, unit, last])
    assert (s.hi[c.SIZE_OPEN] >= 0).all() and not size[status == Status.GONE].any()


def money(s, world, year, reserve, purse):
    """What measures pay is in the households' accounts; what villages got is spent by them once, in the year after."""
    registry = np.array([item.registry for item in ITEMS])
    heads = s.hf[c.TRUE_HEAD] * s.hi[c.SIZE] * 100
    assert np.allclose(heads, s.items[registry].sum(axis=0) * (s.hi[c.SIZE] > 0), atol=0.01)
    books = {one.id: s.held[one.id]["books"] for one in world.scenario.measures if one.id in s.held}
    of = {
        kind: [one for one in world.scenario.measures if one.kind == kind] for kind in {m.kind for m in world.scenario.measures}
    }

    def cash(kind, **holds):
        mine = [one for one in of.get(kind, []) if all(world.measure(index(one), year)[k] in v for k, v in holds.items())]
        return sum(int(books[one.id][CASH]) for one in mine if one.id in books)

    def index(one):
        return world.scenario.measures.index(one)

    def entered(*items):
        return int(s.items[[ITEM[name] for name in items]].sum())

    grants = sum(
        round(100 * world.measure(index(one), year).grant)
        * int((s.held[one.id]["held"] & (s.held[one.id]["since"] == year)).sum())
        for one in of.get("industry", [])
    )
    assert cash("safety_net") == entered("dibao", "tekun", "relief")
    assert cash("pv") == entered("pv_dividend")
    assert cash("ecology") == entered("ecology")
    assert cash("collective") + cash("industry") - grants == entered("award", "collective_share", "wage_other")
    assert cash("employment", form=("public", "ecological")) == entered("wage_post")
    stations = sum(int(books[one.id][VILLAGE_MONEY]) for one in of.get("pv", []) if one.id in books)
    base = (
        np.rint(s.vf[c.BASE_INCOME] * 100).astype(np.int64).sum() if of.get("collective") else s.vi[c.PROCEEDS].sum() - stations
    )
    assert s.vi[c.PROCEEDS].sum() == stations + base
    sharing = [one for one in of.get("collective", []) if s.held[one.id]["held"].any()]
    borne = sum(int(one[FROM_VILLAGE]) for one in books.values())
    if sharing:
        assert borne == purse.sum(), "all that the villages got last year, once"
    paid = cash("collective") + borne - sum(int(books[one.id][FROM_VILLAGE]) for one in sharing)
    assert s.vi[c.RESERVE].sum() - reserve.sum() == purse.sum() - paid, "what is not paid out stays with the villages"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_lose_nobody_and_nothing(villages, place, name):
    scenario = load_scenario(FOLDER / name, SHORT[:2])
    if scenario.place == place.id:
        scenario = settle(scenario, place)
    conserved(villages(3, scenario.run.opening), scenario)


@pytest.mark.parametrize("stress", [*stress_names(), "all at once"])
def test_nor_do_they_under_stress(villages, tmp_path, stress):
    """A measure of every kind, so that each block finds something to strike; a year before it and three in or after it."""
    chosen = stress_names() if stress == "all at once" else [stress]
    scenario = every_kind(tmp_path, *SHORT, "run.years=4", *(f"stress.{name}=2018" for name in chosen))
    assert len(scenario.stress) == len(chosen)
    conserved(villages(3), scenario)
