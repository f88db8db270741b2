from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from povsim.core.errors import PopulationError
from povsim.core.schema import TABLES, Status
from povsim.population import Population, data_dictionary

Town = Callable[..., Population]


def remade(pop: Population, table: str, change: Callable[[dict[str, Any]], None]) -> Population:
    """The population with one table changed."""
    tables = {name: {c: v.copy() for c, v in getattr(pop, name).items()} for name in TABLES}
    change(tables[table])
    return Population(pop.place, pop.opening, **tables, seed=pop.seed)


def put(column: str, row: int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        table[column][row] = value

    return change


@pytest.mark.parametrize(
    ("table", "change", "key"),
    [
        ("households", lambda t: t.pop("land_mu"), "land_mu"),
        ("households", lambda t: t.update(land_mv=t["land_mu"]), "land_mv"),
        ("households", lambda t: t.update(land_mu=t["land_mu"][:-1]), "land_mu"),
        ("households", lambda t: t.update(land_mu=np.full(len(t["land_mu"]), "1")), "land_mu"),
        ("households", put("land_mu", 3, -1.0), "land_mu"),
        ("households", put("income_wage", 3, np.nan), "income_wage"),
        ("households", put("status", 3, 9), "status"),
        ("households", put("draw_id", 3, 0), None),
        ("households", lambda t: t["draw_id"].__setitem__(3, t["draw_id"][4]), "draw_id"),
        ("households", put("village", 0, 18), "village"),
        ("persons", put("sex", 7, 2), "sex"),
        ("persons", put("birth_year", 7, 2017), "birth_year"),
        ("persons", put("slot", 0, 5), "slot"),
        ("persons", put("household", -1, 99_999), "household"),
        ("persons", lambda t: t.update(age=t["slot"]), "age"),
        ("persons", put("months", 0, 13.0), "months"),
        ("villages", lambda t: t["village_id"].__setitem__(1, t["village_id"][0]), "village_id"),
    ],
)
def test_a_planted_fault_is_found(town: Town, table: str, change: Callable[[dict[str, Any]], None], key: str | None) -> None:
    if key is None:
        remade(town(), table, change)  # an unusual value is no fault
        return
    with pytest.raises(PopulationError) as caught:
        remade(town(), table, change)
    assert {f.key for f in caught.value.faults if f.file == table} >= {key}


def test_all_faults_are_listed_with_their_rows(town: Town) -> None:
    def spoil(table: dict[str, Any]) -> None:
        table["land_mu"][3] = -1
        table["status"][5] = 9
        table.pop("forest_mu")

    with pytest.raises(PopulationError) as caught:
        remade(town(), "households", spoil)
    assert {(f.key, f.line) for f in caught.value.faults} == {("land_mu", 4), ("status", 6), ("forest_mu", 0)}


def test_years_of_exit_and_return_must_fit_the_status(town: Town) -> None:
    pop = town()
    exited = int(np.flatnonzero(pop.households["status"] == Status.EXITED)[0])
    back = int(np.flatnonzero(pop.households["status"] == Status.RETURNED)[0])
    with pytest.raises(PopulationError, match="year_exited"):
        remade(pop, "households", put("year_exited", exited, 0))
    with pytest.raises(PopulationError, match="year_returned"):
        remade(pop, "households", put("year_returned", back, 2013))


def test_a_household_needs_a_person(town: Town) -> None:
    def empty(table: dict[str, Any]) -> None:
        keep = table["household"] != 0
        for name in table:
            table[name] = table[name][keep]

    with pytest.raises(PopulationError, match="household_id"):
        remade(town(), "persons", empty)


def test_arrays_cannot_be_written(town: Town) -> None:
    with pytest.raises(ValueError):
        town().households["status"][0] = 1


def test_files_give_back_the_same(town: Town, tmp_path: Path) -> None:
    pop = town()
    folder = pop.to_parquet(tmp_path / "茶谷 镇")
    assert sorted(f.name for f in folder.iterdir()) == ["households.parquet", "persons.parquet", "villages.parquet"]
    again = Population.from_parquet(folder)
    assert again.content_hash() == pop.content_hash()
    assert (again.place, again.opening, again.seed) == ("chagu", 2016, 1)
    import pyarrow.parquet as pq

    schema = pq.read_schema(folder / "households.parquet")
    assert schema.field("land_mu").metadata[b"unit"] == b"mu"
    assert json.loads(schema.metadata[b"povsim"])["opening"] == 2016


def test_a_folder_that_is_none_says_what_is_missing(town: Town, tmp_path: Path) -> None:
    town().to_parquet(tmp_path)
    (tmp_path / "persons.parquet").unlink()
    with pytest.raises(PopulationError, match=r"persons\.parquet"):
        Population.from_parquet(tmp_path)


def test_the_hash_sees_every_value(town: Town) -> None:
    pop = town()
    assert remade(pop, "persons", put("insured", 5, not pop.persons["insured"][5])).content_hash() != pop.content_hash()
    assert remade(pop, "villages", put("name", 5, "闸囗")).content_hash() != pop.content_hash()
    assert remade(pop, "persons", lambda t: None).content_hash() == pop.content_hash()


def test_the_registered_keep_their_identity(town: Town) -> None:
    pop = town()
    part = pop.registered()
    assert len(part.households["village"]) == 1571 + 1139
    assert part.sizes.sum() == 3724 + 4092
    assert set(part.households["draw_id"]) < set(pop.households["draw_id"])
    row = int(np.flatnonzero(pop.households["draw_id"] == part.households["draw_id"][100])[0])
    mine = pop.persons["birth_year"][pop.offsets[row] : pop.offsets[row + 1]]
    assert (part.persons["birth_year"][part.offsets[100] : part.offsets[101]] == mine).all()


def test_it_travels_to_another_process(town: Town) -> None:
    assert pickle.loads(pickle.dumps(town())).content_hash() == town().content_hash()


def test_it_shows_itself_as_synthetic(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    html = town()._repr_html_()
    assert "合成数据" in html and "3,694" in html
    monkeypatch.setenv("POVSIM_LANG", "en")
    assert "synthetic data" in repr(town()) and "1,561 households / 3,694 persons" in repr(town())


def test_tables_for_pandas(town: Town) -> None:
    pop = town()
    assert len(pop.villages_table()) == 19
    assert pop.households_table()["size"].sum() == len(pop.persons_table()) == 35947
    assert pop.persons_table()["age"].min() == 0


def test_the_page_of_columns_is_the_schema(root: Path) -> None:
    page = (root / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == data_dictionary(), "docs/data-dictionary.md: write povsim.population.data_dictionary() into it"
