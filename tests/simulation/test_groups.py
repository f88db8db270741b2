"""Owns: who is counted in which group of the table of indicators, and above the line.
Never: what an index means (tests/indicators)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.core.schema import Status
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.simulation.matching import settle
from povsim.simulation.simulate import simulate


@pytest.fixture(scope="module")
def part(villages):
    return villages(2)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", ("run.years=1", "run.replicates=1"))


def test_who_is_above_the_line_and_who_is_linked_to_a_station_is_counted(part, scenario):
    world = build_world(part, scenario)
    draws = Draws(1, 0)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    (year,) = world.years
    run_year(s, world, draws, year, book, tally)
    living, above = s.hi[c.SIZE] > 0, s.hf[c.TRUE_HEAD] >= world.at("lines", year).poverty_line
    registered = np.isin(s.hi[c.STATUS], (Status.POOR, Status.RETURNED, Status.EXITED))
    found = dict(zip(ledger.GROUPS, book.indicators[0], strict=True))
    for name, members in (("registered", registered), ("farm", living), ("pv", part.households["pv_linked"])):
        counted = dict(zip(ledger.INDICATORS, found[name], strict=True))
        assert counted["households"] == (members & living).sum() > 0, name
        assert 0 < counted["above_households"] == (members & living & above).sum() < counted["households"], name


def test_a_place_without_stations_has_nobody_linked(part, scenario, place):
    unlinked = dataclasses.replace(part, households={**part.households, "pv_linked": np.zeros_like(part.households["pv_linked"])})
    rows = simulate(unlinked, dataclasses.replace(settle(scenario, place), measures=()), place)["indicators"].query(
        "group == 'pv'"
    )
    assert (rows[["households", "persons", "above_households"]] == 0).all(axis=None) and rows["mean"].isna().all()


def test_lines_that_incomes_are_laid_beside_are_told(part, scenario, place):
    results = simulate(part, scenario, place)
    assert results.manifest["lines"] == {
        "exit_line": {"2017": float(scenario.values("lines", 2017).exit_line)},
        "dibao_standard": {"2017": float(scenario.values("lines", 2017).dibao_standard)},
    }
    assert results.draws == results.manifest.get("draws", 0)
