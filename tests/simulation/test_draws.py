"""Owns: replicates that take turns with draws of the uncertain parameters.
Never: what a draw is (tests/core/test_draws)."""

from __future__ import annotations

import pandas as pd
import pytest

from povsim.core.params import data_root, draws_of, load_scenario
from povsim.simulation.simulate import simulate

NAMES = ("ledger", "exits", "indicators", "spending")


@pytest.fixture(scope="module")
def part(villages):
    return villages(2)


def chosen(*overrides: str):
    file = data_root() / "params" / "chagu" / "baseline.yaml"
    return load_scenario(file, ("run.years=2", "run.draws=3", "run.replicates=7", "run.fit=''", *overrides))


@pytest.fixture(scope="module")
def seven(part, place):
    return simulate(part, chosen(), place)


def rows(results, name: str, replicate: int) -> pd.DataFrame:
    table = results[name]
    return table[table["replicate"] == replicate].drop(columns="replicate").reset_index(drop=True)


def test_a_replicate_lives_in_its_draw(part, place, seven) -> None:
    """Replicate 4 of three draws is replicate 4 with the second draw's parameters held."""
    held = chosen("run.draws=0").with_draw(draws_of(chosen())[4 % 3])
    alone = simulate(part, held, place)
    for name in NAMES:
        pd.testing.assert_frame_equal(rows(seven, name, 4), rows(alone, name, 4))
    assert not rows(seven, "indicators", 5).equals(rows(alone, "indicators", 5))
    assert seven.manifest["draws"] == 3 and alone.manifest["draws"] == 0


def test_fewer_replicates_are_the_first_of_more(part, place, seven) -> None:
    few = simulate(part, chosen("run.replicates=4"), place)
    for name in NAMES:
        longer = seven[name]
        pd.testing.assert_frame_equal(few[name], longer[longer["replicate"] < 4].reset_index(drop=True), check_like=False)


def test_draws_over_processes_and_threads_give_the_same_bits(part, place, seven) -> None:
    for how in ({"workers": 2}, {"threads": 2}):
        again = simulate(part, chosen(), place, **how)
        for name in (*NAMES, "households"):
            pd.testing.assert_frame_equal(again[name], seven[name])


def test_other_draws_are_another_run(part, place, seven) -> None:
    assert simulate(part, chosen("run.draws=2"), place).manifest["run_id"] != seven.manifest["run_id"]


def test_a_number_set_on_the_command_line_is_held_in_every_draw(part, place) -> None:
    draws = draws_of(chosen("work.finds_able=0.15"))
    assert len(draws) == 3 and not any("work.finds_able" in draw for draw in draws)
