"""Owns: what a run is laid beside: a place's reported years, what is held out, published figures, and a run's own numbers.
Never: fits (test_calibrate)."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.analysis.targets import CHECKED, FITTED, HELD_OUT, MOMENTS, moments, published, targets_of
from povsim.core.errors import ParamsError
from povsim.core.schema import LEDGER
from povsim.engine.ledger import GROUPS, INDICATORS
from povsim.population.places import load_place


@pytest.fixture(scope="module")
def chagu():
    return {one.id: one for one in targets_of(load_place("chagu"), 2013)}


def test_a_towns_first_years_are_fitted_and_its_last_is_held_out(chagu):
    own = {id: one for id, one in chagu.items() if one.years[-1] <= 2016 and "mean" not in id and one.grade == "A"}
    assert (own["exited_households_2014"].value, own["exited_households_2015"].value) == (454, 255)
    assert {own[f"exited_households_{y}"].role for y in (2014, 2015)} == {FITTED}
    assert {own[f"exited_persons_{y}"].role for y in (2014, 2015)} == {CHECKED}, "a cap lets so many out whatever they earn"
    held = {id: one.value for id, one in own.items() if one.role == HELD_OUT}
    assert held == {
        "exited_households_2016": 440,
        "exited_persons_2016": 1595,
        "identified_households_2016": 16,
        "removed_households_2016": 46,
        "returned_households_2016": 10,
        "returned_persons_2016": 30,
        "left_households_2016": 1571,
        "left_persons_2016": 3724,
        "left_size_2016": pytest.approx(3724 / 1571),
    }


def test_flows_between_two_stocks_are_one_number(chagu):
    assert chagu["identified_households_2015"].years == (2014, 2015) and chagu["identified_households_2015"].value == 383
    assert chagu["removed_households_2015"].value == 332 and chagu["left_households_2015"].value == 2031
    roles = [chagu[name].role for name in ("left_persons_2015", "left_households_2015", "left_size_2015")]
    assert roles == [FITTED, CHECKED, CHECKED], "the households are worked out from the year that is held out"


def test_nothing_is_reported_after_the_last_opening():
    assert [one.id for one in targets_of(load_place("chagu"), 2016)] == [one.id for one in published()]


def test_every_published_figure_has_a_moment_a_tolerance_and_a_source():
    for one in published():
        assert one.moment in MOMENTS and one.tolerance > 0.0 and one.source and one.name.zh and one.name.en
        assert one.role in (FITTED, CHECKED) and one.grade in "ABC"


def test_published_figures_that_cannot_be_read_are_refused_with_the_place(monkeypatch, tmp_path):
    file = tmp_path / "data" / "reference" / "targets.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("mean_2015: {value: 1\n", encoding="utf-8")
    monkeypatch.setattr("povsim.analysis.targets.data_root", lambda: tmp_path)
    with pytest.raises(ParamsError) as raised:
        published()
    assert raised.value.faults[0].file == str(file)


class Book:
    """Two years of a run by hand."""

    ledger = np.zeros((2, 2, len(LEDGER)), np.int64)
    indicators = np.full((2, len(GROUPS), len(INDICATORS)), np.nan)


def test_moments_of_a_run_are_those_of_its_years(chagu):
    book = Book()
    book.ledger[:, :, LEDGER.index("exited")] = [[450, 1500], [260, 1020]]
    book.ledger[:, :, LEDGER.index("identified")] = [[30, 90], [350, 1070]]
    book.ledger[:, :, LEDGER.index("closing")] = [[2400, 6500], [2000, 5300]]
    book.indicators[:, 0, INDICATORS.index("mean")] = [2600.0, 3400.0]
    names = ("exited_households_2014", "identified_households_2015", "left_size_2015", "mean_2015", "mean_2019")
    found = moments([chagu[name] for name in names], book, (2014, 2015))
    assert found[:4] == pytest.approx([450, 380, 2.65, 3400.0]) and np.isnan(found[4]), "a year that is not lived"
