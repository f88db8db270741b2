"""Owns: the draws of a run's uncertain parameters: hypercube, what a scenario holds, files and their faults.
Never: what comes of them (tests/simulation)."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import load_scenario
from povsim.core.params.draws import draws_of, hypercube, open_to_draws, strata, write_draws

HEAD = "schema: povsim/1\nplace: chagu\nrun: {opening: 2016, draws: 8}\n"


@pytest.fixture
def scenario(tmp_path: Path):
    def made(text: str = "", *overrides: str):
        (tmp_path / "s.yaml").write_text(HEAD + text, encoding="utf-8")
        return load_scenario(tmp_path / "s.yaml", overrides)

    return made


def test_each_equal_part_of_a_range_holds_one_draw() -> None:
    for number in (1, 7, 40):
        assert sorted((strata("work.finds_able", number, 3) * number).astype(int)) == list(range(number))


def test_a_parameter_more_changes_nobody_elses_draws(scenario) -> None:
    known = open_to_draws(scenario())
    fewer = hypercube(known[:5], 8, 1)
    assert all(row == {path: whole[path] for path in row} for row, whole in zip(fewer, hypercube(known, 8, 1), strict=True))
    assert hypercube(known, 8, 1) != hypercube(known, 8, 2)


def test_draws_stay_in_their_ranges(scenario) -> None:
    known = {one.path: one for one in open_to_draws(scenario())}
    for draw in draws_of(scenario()):
        assert set(draw) == set(known)
        assert all(known[path].low <= number <= known[path].high for path, number in draw.items())


def test_what_is_stated_is_held(scenario) -> None:
    draws = draws_of(scenario("work: {finds_able: 0.2}\n", "work.refinds=0.4"))
    assert len(draws) == 8
    assert all("work.finds_able" not in draw and "work.refinds" not in draw and "work.finds_weak" in draw for draw in draws)


def test_none_where_parameters_are_held(scenario) -> None:
    assert draws_of(scenario("", "run.draws=0")) == ()


def test_a_factor_moves_the_whole_and_a_value_is_the_value(scenario) -> None:
    one = scenario()
    drawn = one.with_draw({"lines.exit_line": 1.02, "work.finds_able": 0.11})
    before, after = one.values("lines", 2018), drawn.values("lines", 2018)
    assert after.exit_line == pytest.approx(1.02 * before.exit_line)
    assert drawn.values("work", 2018).finds_able == 0.11 and drawn.source("work.finds_able") == "draw"


def test_a_fit_comes_back_as_it_was_written(scenario, tmp_path: Path) -> None:
    draws = hypercube(open_to_draws(scenario()), 8, 5)
    write_draws(tmp_path / "draws.csv", draws)
    back = draws_of(scenario("", f"run.fit={tmp_path}"))
    assert len(back) == 8
    for row, read in zip(draws, back, strict=True):
        assert row.keys() == read.keys() and all(read[path] == pytest.approx(row[path], rel=1e-5) for path in row)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "draw"),
        ("number,work.finds_able\n0,0.1\n", "draw"),
        ("draw,work.finds_abel\n0,0.1\n", "work.finds_able"),
        ("draw,work.finds_able,work.finds_able\n0,0.1,0.2\n", "draw"),
        ("draw,work.finds_able\n0,many\n", "many"),
        ("draw,work.finds_able\n0,nan\n", "nan"),
        ("draw,work.finds_able\n0,0.1,0.2\n", "2"),
        ("draw,work.finds_able\n0,0.1\n", "run.draws"),
    ],
)
def test_a_damaged_fit_is_refused_with_its_place(scenario, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "draws.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        draws_of(scenario("", f"run.fit={tmp_path / 'draws.csv'}"))
    assert said in str(raised.value)


def test_a_fit_that_is_not_there_names_the_nearest(scenario) -> None:
    with pytest.raises(ParamsError) as raised:
        draws_of(scenario("", "run.fit=chagoo"))
    assert raised.value.faults[0].key == "run.fit"
