"""Owns: two runs laid beside each other: paired differences of whole tables, and how they print.
Never: whether two runs may be paired (tests/indicators)."""

from __future__ import annotations

from dataclasses import replace

import pytest

import povsim
from povsim.core.errors import ResultsError
from povsim.indicators.intervals import interval
from tests.indicators import town


@pytest.fixture(scope="module")
def run():
    with pytest.MonkeyPatch.context() as patch:
        yield town.whole(patch)


@pytest.fixture(scope="module")
def comparison(run):
    return povsim.compare(run, town.first(town.late(run), 16))


def by_replicate(results, table, column, replicates=16, **where):
    data = results[table]
    for key, value in where.items():
        data = data[data[key] == value]
    return data.sort_values("replicate")[column].to_numpy()[:replicates]


def test_a_difference_is_paired_and_has_both_intervals(run, comparison):
    assert comparison.replicates == 16
    table = comparison["spending"].set_index(["year", "measure"])
    cash = -by_replicate(run, "spending", "cash", year=2017, measure="pv_meiling")
    found = table.loc[(2017, "pv_meiling"), ["cash", "cash_low", "cash_high", "cash_chance_low", "cash_chance_high"]]
    assert tuple(found) == pytest.approx(interval(cash, draws=8))
    assert found["cash_low"] < found["cash_chance_low"] < found["cash_chance_high"] < found["cash_high"] or found.is_unique
    rest = table.drop(index=(2017, "pv_meiling"))
    assert (rest["cash"] == 0.0).all() and (rest["cash_high"] == 0.0).all()  # what is the same differs by nothing, not by chance


def test_all_tables_by_replicate_can_be_compared(comparison, run):
    assert set(comparison.tables) == {name for name, table in run.tables.items() if "replicate" in table}
    for name in comparison.tables:
        table = comparison[name]
        assert "replicate" not in table and len(table) and table.attrs["units"]
    ledger = comparison["ledger"]
    assert list(ledger.columns[:3]) == ["year", "unit", "opening"] and len(ledger) == 10
    assert comparison["indicators"].query("group == 'pv'")["mean"].tolist() == [-100.0] * 5


def test_a_row_that_one_run_lacks_is_nothing_there(run):
    without = povsim.compare(run, town.without(run))["spending"].set_index(["year", "measure"])
    holders = by_replicate(run, "spending", "holders", 40, year=2018, measure="tea")
    assert without.loc[(2018, "tea"), "holders"] == -interval(holders).median
    back = povsim.compare(town.without(run), run)["spending"].set_index(["year", "measure"])
    assert back.loc[(2018, "tea"), "holders"] == interval(holders).median
    lacking = run["lacking"].query("lack != 'house'")
    fewer = povsim.compare(run, replace(run, tables={**run.tables, "lacking": lacking}))["lacking"]
    assert fewer.set_index(["year", "lack"]).loc[(2019, "house"), "households"] == -4


def test_tables_without_replicates_are_refused_and_the_rest_named(comparison):
    with pytest.raises(ResultsError, match="ledger"):
        comparison["villages"]


def test_runs_with_other_luck_are_refused(run):
    with pytest.raises(ResultsError, match="随机种子"):
        povsim.compare(run, replace(run, manifest={**run.manifest, "seed": 8}))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_what_a_meeting_asks_for(comparison, lang, monkeypatch):
    monkeypatch.setenv("POVSIM_LANG", lang)
    page, text = comparison._repr_html_(), repr(comparison)
    for said in (page, text):
        assert comparison.other.manifest["scenario"][lang] in said and "2021" in said
        assert "16" in said and "8" in said  # the replicates in common, and the draws
    table = comparison.show()
    assert list(table.index) == ["2017", "2018", "2019", "2020", "2021"]
    column = table[("光伏款折合每户（元）" if lang == "zh" else "PV money per linked household (yuan)")]
    assert column.iloc[0].startswith("−") and column.iloc[1].startswith("0")


def test_the_summary_is_the_table_of_differences(comparison):
    table = comparison.by_year()
    assert list(table["year"]) == [2017, 2018, 2019, 2020, 2021]
    assert table.loc[0, "pv_income"] < 0 and (table.loc[1:, "pv_income"] == 0).all() and (table["exited_persons"] == 0).all()
