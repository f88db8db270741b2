"""Replicates until a number is precise: which interval is meant, and the same bits as a run of so many from the start."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import data_root, load_scenario
from povsim.core.params.shell import STATISTICS
from povsim.simulation.precision import READ, batch, interval_of_mean
from povsim.simulation.simulate import simulate

BASE = data_root() / "params" / "chagu" / "baseline.yaml"
SHORT = ("run.years=2", "run.threads=1")


def scenario(*overrides):
    return load_scenario(BASE, (*SHORT, *overrides))


def until(number, within, most=60, year=2018):
    return f"run.replicates={{until: {number}, year: {year}, within: {within}, most: {most}}}"


@pytest.fixture(scope="module")
def part(villages):
    return villages(1)


def test_the_interval_is_that_of_the_mean_by_students_t():
    from scipy.stats import t

    x = np.array([3.0, 5.0, 4.0, 8.0])
    mean, half = interval_of_mean(x)
    assert mean == 5.0 and half == pytest.approx(t.ppf(0.95, 3) * x.std(ddof=1) / 2.0)
    assert interval_of_mean([7.0]) == (7.0, float("inf")), "one replicate knows nothing of chance"
    assert interval_of_mean(np.full(9, 2.0)) == (2.0, 0.0)


def test_what_the_draws_move_is_no_imprecision_of_their_mean():
    apart = np.tile([0.0, 1000.0], 30)  # two draws that lie far apart, and no chance at all
    assert interval_of_mean(apart, draws=2)[1] == 0.0 < interval_of_mean(apart)[1]
    noise = np.where(np.arange(60) // 2 % 2, 1.0, -1.0)
    assert interval_of_mean(apart + noise, draws=2)[1] == pytest.approx(interval_of_mean(noise)[1], rel=0.02)
    assert interval_of_mean(apart[:2], draws=2)[1] == float("inf"), "a replicate of each cannot tell chance from ignorance"


def test_batches_are_whole_rounds_of_the_draws():
    assert [batch(done, 0) for done in (0, 20)] == [20, 20]
    assert [batch(done, 40) for done in (0, 80)] == [80, 40]
    assert [batch(done, 3) for done in (0, 21)] == [21, 21] and batch(0, 15) == 30


def test_it_stops_as_soon_as_it_is_precise_and_is_the_run_of_so_many_from_the_start(part, place):
    loose = simulate(part, scenario("run.draws=2", until("exits_households", 2.5, most=100)), place)
    n = loose.replicates
    reached, asked = loose.manifest["precision"]["reached"], loose.manifest["precision"]["asked"]
    exits = loose["exits"].query("year == 2018").sort_values("replicate")["exited_households"].to_numpy()
    assert reached["met"] and reached["width"] <= 2.5 and 20 < n < 100 and n % 2 == 0
    mean, half = interval_of_mean(exits, 2)
    assert (reached["mean"], reached["width"], reached["replicates"]) == (mean, 2 * half, n)
    assert 2 * interval_of_mean(exits[:-20], 2)[1] > 2.5, "a batch fewer was not precise"
    assert asked == {"until": "exits_households", "year": 2018, "within": 2.5, "most": 100, "level": 0.9}
    plain = simulate(part, scenario("run.draws=2", f"run.replicates={n}"), place)
    for name, table in plain.tables.items():
        pd.testing.assert_frame_equal(loose[name], table, check_exact=True)
    assert loose.manifest["run_id"] == plain.manifest["run_id"] and "precision" not in plain.manifest
    assert loose.why(0, replicates=1).household == plain.why(0, replicates=1).household
    json.dumps(loose.manifest)


def test_processes_stop_at_the_same_number_with_the_same_bits(part, place):
    asked = scenario("run.draws=0", until("poor_persons", 20.0, most=44))
    alone, crew = simulate(part, asked, place), simulate(part, asked, place, workers=2)
    assert alone.manifest["precision"] == crew.manifest["precision"]
    for name, table in alone.tables.items():
        pd.testing.assert_frame_equal(crew[name], table, check_exact=True)


def test_it_ends_at_the_most_and_says_that_it_is_not_reached(part, place):
    seen = []
    results = simulate(
        part,
        scenario("run.draws=0", until("exits_households", 0.001, most=30)),
        place,
        progress=lambda done, total: seen.append((done, total)),
    )
    reached = results.manifest["precision"]["reached"]
    assert results.replicates == reached["replicates"] == 30 and not reached["met"] and reached["width"] > 0.001
    assert seen[0] == (0, 30) and seen[-1] == (30, 30) and seen == sorted(seen)


def test_progress_ends_when_it_is_done_and_not_before(part, place):
    seen = []
    asked = scenario("run.draws=0", until("poor_households", 1e6, most=1000))
    simulate(part, asked, place, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (20, 20) and all(done < total for done, total in seen[:-1])


@pytest.mark.parametrize("number", STATISTICS)
def test_every_number_is_that_of_the_tables(part, place, number):
    results = simulate(part, scenario("run.draws=0", until(number, 1e12, most=20)), place)
    year = "year == 2018"
    table = {
        "exits_households": lambda: results["exits"].query(year)["exited_households"],
        "exits_persons": lambda: results["exits"].query(year)["exited_persons"],
        "poor_households": lambda: results["ledger"].query(f"{year} and unit == 'households'")["closing"],
        "poor_persons": lambda: results["ledger"].query(f"{year} and unit == 'persons'")["closing"],
        "falls_households": lambda: results["returns"].query(year)["below_before_net"],
        "public_yuan": lambda: (
            results["spending"]
            .query(year)
            .assign(public=lambda s: s["cash"] + s["kind_value"] + s["village"] + s["overhead"] - s["from_village"])
            .groupby("replicate")["public"]
            .sum()
        ),
    }[number]()
    assert set(READ) == set(STATISTICS)
    assert results.manifest["precision"]["reached"]["mean"] == pytest.approx(table.mean(), rel=1e-12)
    assert results.manifest["precision"]["reached"]["mean"] > 0


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("{year: 2018, within: 10}", "run.replicates.until"),
        ("{until: exits_households, within: 10}", "run.replicates.year"),
        ("{until: exits_households, year: 2018}", "run.replicates.within"),
        ("{until: exit_households, year: 2018, within: 10}", "run.replicates.until"),
        ("{until: exits_households, year: 2018, within: 0}", "run.replicates.within"),
        ("{until: exits_households, year: 2019, within: 10}", "run.replicates.year"),
        ("{until: exits_households, year: 2018, within: 10, most: 79}", "run.replicates.most"),
        ("{until: exits_households, year: 2018, within: 10, least: 79}", "run.replicates.least"),
        ("{2018: 10}", "run.replicates"),
        ("[10]", "run.replicates"),
    ],
)
def test_what_is_asked_wrongly_is_said(said, key):
    with pytest.raises(ParamsError) as refused:
        scenario(f"run.replicates={said}")
    assert key in {fault.key for fault in refused.value.faults}


def test_the_precision_survives_the_resolved_file_and_a_number_overrides_it(tmp_path):
    asked = scenario(until("exits_households", 4.0, most=100))
    file = tmp_path / "params.yaml"
    file.write_text(asked.to_yaml(), encoding="utf-8")
    assert load_scenario(file) == asked and load_scenario(file).run.until == asked.run.until
    assert load_scenario(file, ("run.replicates=7",)).run.until is None
    assert load_scenario(file, ("run.replicates.within=9",)).run.until.within == 9.0
    assert asked.fingerprint() != scenario("run.replicates=100").fingerprint()
