"""Owns: single steps of the main job: what a fit brings into a run.
Never: the job from end to end (test_verbs)."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from povsim.analysis.fit import Fit
from povsim.analysis.influence import FILE
from povsim.cli import steps
from povsim.core.errors import ParamsError, ResultsError
from povsim.core.params import load_scenario
from povsim.core.params.draws import open_to_draws, write_draws
from povsim.results.status import Status

TARGETS = pd.DataFrame(
    {
        "item": ["exits_2014"], "kind": ["fitted"], "zh": ["2014 年脱贫户数"], "en": ["out in 2014"], "unit": ["households"],
        "grade": ["A"], "source": ["report"], "reported": [454.0], "tolerance": [20.0], "prior": [552.0], "prior_low": [300.0],
        "prior_high": [700.0], "model": [461.0], "model_low": [430.0], "model_high": [490.0], "miss": [7.0],
    }
)  # fmt: skip
PARAMETERS = pd.DataFrame(
    {"path": ["work.finds_able", "shocks.accident"], "low": [0.1, 0.004], "middle": [0.12, 0.005], "high": [0.2, 0.006]}
)
TOGETHER = pd.DataFrame({"first": [], "second": [], "correlation": []})


def told(path: Path) -> list[tuple[str, int, str]]:
    """Where the faults of a scenario and of what it is compared with stand, and of what."""
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path, drawn=False)
    return [(Path(fault.file).name, fault.line, fault.key) for fault in raised.value.faults]


def test_all_faults_of_a_scenario_its_place_and_what_it_is_compared_with_come_at_once(tmp_path: Path) -> None:
    """Mutations: villages looked for only where all else is sound; the others read only then."""
    station = "{kind: pv, eligible: {pv_linked: true}, quota: {households: 5000}, capacity_kw: 10}"
    mine, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    measures = f"measures:\n  inns: {{kind: industry, eligible: {{village: [梅玲]}}, take_upp: 0.5}}\n  pv: {station}\n"
    mine.write_text(f"schema: povsim/1\nplace: chagu\nrun: {{opening: 2016}}\ncompare: [other]\n{measures}", encoding="utf-8")
    other.write_text("extends: mine\ncompare: []\nmeasures:\n  inns: {quota: {households: 2.5}}\n", encoding="utf-8")
    own = [("mine.yaml", 6, "measures.inns.eligible.village"), ("mine.yaml", 6, "measures.inns.take_upp")]
    own += [("mine.yaml", 7, "measures.pv.quota.households")]
    assert told(mine) == [*own, ("other.yaml", 4, "measures.inns.quota.households")]


def test_what_needs_a_sound_file_is_looked_at_with_the_rest(tmp_path: Path) -> None:
    """The plan of closed years, the fit, villages: nobody mends a file three times."""
    path = tmp_path / "mine.yaml"
    head = "schema: povsim/1\nplace: chagu\nrun: {opening: 2016, fit: none_such}\nplan: {targets: {2024: 5}}\n"
    path.write_text(head + "measures:\n  inns: {kind: industry, eligible: {village: [梅玲]}}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path)
    assert [fault.key for fault in raised.value.faults] == ["run.fit", "plan.targets.2024", "measures.inns.eligible.village"]


def test_what_a_sound_file_would_be_told_is_told_beside_a_fault(tmp_path: Path) -> None:
    """Mutations: the plan, the fit looked at only in a sound file; the villages only of a measure whose kind is known."""
    path = tmp_path / "mine.yaml"
    head = "schema: povsim/1\nplace: chagu\nrun: {opening: 2016, fit: none_such, sed: 3}\nplan: {targets: {2024: 5}}\n"
    inns = "measures:\n  inns: {kind: industy, eligible: {village: [梅玲]}}\n"
    path.write_text(head.replace(", sed: 3", ", seed: x") + inns, encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path)
    own = ["run.fit", "run.seed", "plan.targets.2024", "measures.inns.eligible.village", "measures.inns.kind"]
    assert sorted(fault.key for fault in raised.value.faults) == sorted(own)
    path.write_text(head.replace("opening: 2016, ", "") + inns + "assessment: {transition_form: 2026}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path)
    said = {fault.key for fault in raised.value.faults}
    assert "plan.targets.2024" not in said, "when exits close is not known: its setting is misspelt"
    assert "run.fit" not in said, "which fit is meant is not known"
    path.write_text(head.replace("chagu", "chaku").replace(", sed: 3", "") + inns, encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path)
    assert {"place", "run.fit", "measures.inns.kind"} == {fault.key for fault in raised.value.faults}


def test_a_measure_that_cannot_act_is_said_and_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("schema: povsim/1\nplace: chagu\nrun: {opening: 2016}\nmeasures: {inns: {kind: industry, ends: 2016}}\n")
    steps.read_all(path)
    assert "inns" in (said := capsys.readouterr()).err and not said.out


def test_who_only_inherits_what_it_is_compared_with_is_told_its_own_line(tmp_path: Path, root: Path) -> None:
    """Mutation: the line of the file that it extends, where nothing is wrong."""
    path = tmp_path / "mine.yaml"
    path.write_text("extends: chagu/baseline\nrun:\n  opening: 2015\n", encoding="utf-8")
    assert told(path) == [("mine.yaml", 3, "run.opening"), ("mine.yaml", 3, "run.years")]
    path.write_text("extends: chagu/baseline\nrun:\n  draws: 20\n", encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        steps.read_all(path)
    (found,) = raised.value.faults
    assert (found.line, found.key, found.value) == (3, "run.draws", "20") and "本方案 20，chagu/pv_late 40" in found.expected
    scenario, _, others = steps.read_all(root / "params/chagu/history.yaml")
    assert scenario.run.opening == 2013 and list(others) == ["without"]


def test_a_scenario_is_not_compared_with_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mutations: differences of 0 for an answer; a stress that holds for both sides, and nobody is told."""
    (tmp_path / "mine.yaml").write_text("extends: chagu/baseline\n", encoding="utf-8")
    sides, stress = ("chagu/baseline", str(tmp_path / "mine.yaml")), ["stress.disaster_year=2018"]
    for overrides, said in (([], False), (stress, True)):
        with pytest.raises(ParamsError) as raised:
            steps.read_sides(sides, overrides)
        (found,) = raised.value.faults
        assert "同一个方案" in found.expected and ("对两边都起作用" in found.expected) == said
        assert "extends: chagu/baseline" in found.mend
    (tmp_path / "mine.yaml").write_text("extends: chagu/baseline\nstress: [disaster_year]\n", encoding="utf-8")
    capsys.readouterr()
    assert len(steps.read_sides(sides, [])) == 2 and "两边" not in capsys.readouterr().err
    assert len(steps.read_sides(sides, ["stress.support_tapered=2018"])) == 2
    told = capsys.readouterr().err
    assert "stress.support_tapered=2018 对两边的方案都起作用" in told
    notes = [line for line in told.splitlines() if "裁减" in line]
    assert notes and len(notes) == len(set(notes)), "what holds for both is said once"


@pytest.fixture
def fit(tmp_path: Path) -> Path:
    """A fit on disk; the path of its draws."""
    folder = tmp_path / "fit"
    folder.mkdir()
    write_draws(folder / "draws.csv", [{"work.finds_able": 0.1 + i / 100, "shocks.accident": 0.005} for i in range(4)])
    for name, table in {"targets": TARGETS, "parameters": PARAMETERS, "together": TOGETHER}.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "fit.json").write_text(json.dumps({"strongest": ["work.finds_able", "measures.gone.kw"]}))
    return folder / "draws.csv"


def scenario(*overrides: str) -> Any:
    return load_scenario("chagu/baseline", ("run.draws=4", *overrides))


def test_the_targets_of_the_fit_lie_beside_the_tables_with_the_bounds_of_their_misses(
    fit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("povsim.core.params.draws.fit_file", lambda name: Path(name))
    found = steps.fit_of(scenario(f"run.fit={fit}"))
    assert found is not None and len(found.draws) == 4
    steps.write_targets(found, tmp_path)
    (row,) = pd.read_parquet(tmp_path / "tables" / "fit.parquet").to_dict("records")
    assert (row["miss_low"], row["miss"], row["miss_high"]) == (-24.0, 7.0, 36.0)


@pytest.mark.parametrize("overrides", [('run.fit=""',), ("run.draws=0",)])
def test_a_run_whose_draws_come_from_no_fit_has_none(fit: Path, overrides: tuple[str, ...]) -> None:
    assert steps.fit_of(scenario(f"run.fit={fit}", *overrides)) is None


@pytest.mark.parametrize("text", ["{", "[1]", "3"])
def test_a_damaged_fit_is_a_fault_that_names_its_folder(fit: Path, text: str) -> None:
    (fit.parent / "fit.json").write_text(text)
    with pytest.raises(ParamsError) as raised:
        steps.fit_of(scenario(f"run.fit={fit}"))
    assert [fault.file for fault in raised.value.faults] == [str(fit.parent)]


def test_draws_are_read_before_anything_is_written_but_by_what_makes_them() -> None:
    with pytest.raises(ParamsError, match="101"):
        steps.read("chagu/baseline", ["run.draws=101"])
    steps.read("chagu/baseline", ["run.fit=nowhere"], drawn=False)


def test_a_damaged_table_beside_the_results_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for name in (steps.FIT, f"tables/{FILE}"):
        (tmp_path / name).write_bytes(b"PAR1 half")
        with pytest.raises(ResultsError) as raised, Status(tmp_path / "run") as status:
            steps.gather(None, {}, tmp_path, status)  # type: ignore[arg-type]
        assert [fault.file for fault in raised.value.faults] == [str(tmp_path / name)]
        (tmp_path / name).unlink()


def test_the_tornado_turns_about_the_fit_and_looks_at_its_strongest(
    fit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def influence(population: Any, scenario: Any, place: Any, candidates: Any, **more: Any) -> pd.DataFrame:
        asked.update(more, candidates=candidates)
        return pd.DataFrame({"item": []})

    monkeypatch.setattr("povsim.analysis.influence.influence", influence)
    monkeypatch.setattr("povsim.analysis.influence.write_influence", lambda table, folder: None)
    with Status(tmp_path / "run") as status:
        part = Fit.read(fit.parent)
        steps.rank_parameters(None, scenario(), None, part, Namespace(threads=3), tmp_path, status)
        assert asked["candidates"] is None, "the scenario has parameters at which this fit never looked"
        row = part.parameters.iloc[[0]]
        every = pd.concat([row.assign(path=one.path) for one in open_to_draws(scenario())], ignore_index=True)
        whole = replace(part, parameters=every)
        steps.rank_parameters(None, scenario(), None, whole, Namespace(threads=3), tmp_path, status)
        assert asked["candidates"] == ["work.finds_able"], "not what this scenario has not"
        assert asked["ranges"]["work.finds_able"] == (0.1, 0.12, 0.2) and asked["workers"] == 3
        steps.rank_parameters(None, scenario(), None, None, Namespace(threads=0), tmp_path, status)
        assert asked["candidates"] is None and asked["ranges"] is None
        asked.clear()
        steps.rank_parameters(None, scenario("run.replicates=19"), None, None, Namespace(threads=0), tmp_path, status)
        assert not asked, "too few replicates to say anything"
