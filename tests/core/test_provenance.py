from __future__ import annotations

from pathlib import Path

import pytest

from povsim.core.params import Scenario, load_scenario
from povsim.core.provenance import code_version, hash_of, run_id, versions


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("provenance") / "base.yaml"
    path.write_text("schema: povsim/1\nplace: nowhere\nrun: {opening: 2016}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "override",
    ["economy.wage_growth=0.02", "run.seed=1", "run.replicates=7", "plan.finish_year=2020", "lines.exit_line.2018=3501"],
)
def test_the_id_of_a_run_changes_with_all_that_decides_it(file: Path, override: str) -> None:
    assert run_id(load_scenario(file), "town") != run_id(load_scenario(file, [override]), "town")


@pytest.mark.parametrize("override", ["run.threads=2", "title=另名", "run.years=5.0", "economy.wage_growth=0.03"])
def test_the_id_of_a_run_ignores_what_changes_nothing(file: Path, override: str) -> None:
    assert run_id(load_scenario(file), "town") == run_id(load_scenario(file, [override]), "town")


def test_the_id_of_a_run_changes_with_the_population_and_the_code(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario: Scenario = load_scenario(file)
    here = run_id(scenario, "town")
    assert run_id(scenario, "town2") != here
    monkeypatch.setattr("povsim.core.provenance.code_version", lambda: "other")
    assert run_id(scenario, "town") != here


def test_the_id_of_a_run_changes_with_the_text_of_a_kind_of_ones_own(file: Path) -> None:
    scenario = load_scenario(file)
    ids = [run_id(scenario, "town", (), kinds) for kinds in ({}, {"bees": "1"}, {"bees": "2"}, {"wasps": "1"})]
    assert len(set(ids)) == 4 and ids[0] == run_id(scenario, "town"), "and nothing changes where all kinds ship"


def test_a_hash_knows_where_a_text_ends() -> None:
    assert hash_of(["ab", "c"]) != hash_of(["a", "bc"])
    assert hash_of(["ab"]) == hash_of(["ab"])


def test_versions_name_the_code_and_the_libraries() -> None:
    found = versions()
    assert found["code"] == code_version() and len(found["code"]) == 16
    assert found["numpy"] and found["ruamel.yaml"] and found["python"].count(".") == 2
