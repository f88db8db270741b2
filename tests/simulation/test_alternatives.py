"""Owns: what a scenario is laid beside.
Never: differences (tests/analysis)."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim.core.errors import ParamsError
from povsim.core.params import check_params, load_scenario
from povsim.simulation.alternatives import alternatives, without_measures

FEW = ("run.replicates=200", "run.draws=0")


@pytest.fixture(scope="module")
def base():
    return load_scenario("chagu/baseline", FEW)


def test_without_measures_all_else_is_equal_and_it_is_a_sound_file(base, tmp_path: Path) -> None:
    without = without_measures(base)
    assert without.measures == () and base.measures
    assert (without.title.zh, without.title.en) == ("不帮扶", "without measures")
    assert (without.run, without.plan, without.groups, without.place) == (base.run, base.plan, base.groups, base.place)
    (tmp_path / "without.yaml").write_text(without.to_yaml(), encoding="utf-8")
    assert check_params(tmp_path / "without.yaml") == []
    again = load_scenario(tmp_path / "without.yaml")
    assert again.fingerprint() == without.fingerprint() and again.measures == ()
    assert without_measures(without).fingerprint() == without.fingerprint()


def test_each_is_there_under_its_name_with_fewer_replicates(base) -> None:
    found = alternatives(base, [load_scenario("chagu/pv_late", FEW)])
    assert list(found) == ["without", "pv_late"]
    assert {one.run.replicates for one in found.values()} == {80}
    assert found["pv_late"].measure("pv_meiling").values(2017).connected_year == 2018


@pytest.mark.parametrize(
    ("draws", "replicates", "few"), [(40, 200, 80), (60, 200, 120), (10, 200, 80), (1, 200, 80), (0, 200, 80), (40, 6, 6)]
)
def test_an_alternative_has_two_replicates_in_each_draw_and_enough_of_few(draws: int, replicates: int, few: int) -> None:
    """Mutation: two pairs of one draw, whose interval has its median for an end."""
    base = load_scenario("chagu/baseline", (f"run.draws={draws}", f"run.replicates={replicates}"))
    (without,) = alternatives(base, []).values()
    assert (without.run.replicates, without.run.draws) == (few, draws)


def test_what_equals_the_base_is_left_out(base) -> None:
    assert list(alternatives(base, [base])) == ["without"]
    assert alternatives(without_measures(base), []) == {}


def test_two_of_one_name_stand_side_by_side(base, tmp_path: Path) -> None:
    found = []
    for number, folder in enumerate(("a", "b"), start=5):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "late.yaml"
        file.write_text(f"schema: povsim/1\nextends: chagu/baseline\nmeasures: {{pv_wozi: {{connected_month: {number}}}}}\n")
        found.append(load_scenario(file, FEW))
    assert list(alternatives(base, found)) == ["without", "late", "late_"]


def test_what_cannot_be_paired_is_refused_with_every_reason(base) -> None:
    other = load_scenario("chagu/pv_late", (*FEW, "run.seed=7", "run.years=3"))
    with pytest.raises(ParamsError) as raised:
        alternatives(base, [other])
    told = {fault.key: (fault.value, fault.expected) for fault in raised.value.faults}
    assert set(told) == {"run.seed", "run.years"}
    assert told["run.years"][0] == "2017–2021", "the value is the scenario's own, where the fault stands"
    assert "pv_late 2017–2019" in told["run.years"][1] and "pv_late 7" in told["run.seed"][1]
