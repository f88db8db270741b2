"""A town lived through three eras: what its tables say of registers, monitoring and villages holds together."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from povsim.results.contract import TABLES
from povsim.simulation.simulate import simulate


@pytest.fixture(scope="module")
def lived():
    """Two villages from 2016 to 2023, the eras shifted so that all three are in it: transition from 2020, regular from 2022."""
    place = load_place("chagu")
    town = synthesise(place, 2016, 1)
    town = town.subset(town.households["village"] < 2)
    given = ("run.replicates=3", "run.years=7", "run.seed=7", "run.draws=0", "plan.finish_year=2019")
    eras = ("assessment.transition_from=2020", "assessment.regular_from={value: 2022, beyond_range: test}")
    chosen = load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", (*given, *eras))
    return town, simulate(town, chosen, place)


def test_after_the_campaign_the_ledger_moves_by_nature_alone(lived):
    ledger = lived[1]["ledger"].query("year >= 2020")
    assert (ledger[["identified", "returned", "exited", "removed"]] == 0).all(axis=None)
    assert (lived[1]["exits"].query("year >= 2020")[["qualified_households", "exited_households"]] == 0).all(axis=None)
    closing = lived[1]["ledger"].query("year == 2019 and unit == 'households'")["closing"].to_numpy()
    missed = lived[1]["evaluation"].set_index("year")["missed_target"]
    assert missed[2019].tolist() == closing.tolist() and (missed[2018] == 0).all()
    assert lived[1]["monitoring"].query("year == 2020")["passed_over"].sum() <= closing.sum() and closing.sum() > 0


def test_the_stock_of_the_monitored_is_what_came_and_went(lived):
    for _, one in lived[1]["monitoring"].groupby("replicate"):
        gone = one["cleared"] + one["cleared_naturally"]
        assert (one["monitored"].diff().fillna(one["monitored"]) == one["entered"] - gone).all()
        assert (one["monitored"] == one[["unstable", "marginal", "sudden"]].sum(axis=1)).all()
        assert (one["entered"] - one["passed_over"] == one[["by_department", "by_village", "by_application"]].sum(axis=1)).all()
        assert (one["at_risk"] == np.where(one["year"] >= 2022, one["monitored"], 0)).all()
        found = one["entered"] > one["passed_over"]
        assert one.loc[found, "delay_months"].between(1, 12).all() and (one.loc[~found, "delay_months"] == 0).all()
    assert lived[1]["monitoring"]["entered"].sum() > 10


def test_every_account_opens_as_it_closed(lived):
    accounts = lived[1]["registry_accounts"]
    balance = accounts["opening"] + accounts["inflow"] - accounts["outflow"] + accounts["natural"] - accounts["closing"]
    assert (balance == 0).all()
    for (_, unit, stock), one in accounts.groupby(["replicate", "unit", "stock"]):
        assert one["opening"].iloc[1:].tolist() == one["closing"].iloc[:-1].tolist(), (unit, stock)


def test_villages_say_what_their_exit_rests_on(lived):
    town, results = lived
    table = results["villages"].query("village < 2")
    farm = np.tile(town.villages["farm_persons"][:2], 7)
    assert table["incidence"].to_numpy() == pytest.approx(table["poor_persons"].to_numpy() / farm)
    first = table.query("year == 2017")["collective_income"].to_numpy() / town.villages["collective_income"][:2]
    assert ((first >= 1.0) & (first < 10.0)).all(), "yuan"
    assert (table["collective_income_low"] <= table["collective_income_high"]).all()
    for _, one in table.groupby("village"):
        assert one["p_exited"].is_monotonic_increasing
    assert table["p_exited"].max() > 0.0
    others = ~town.villages["poor_village"]
    assert results["villages"].query("year == 2017")["p_exited"].isna().tolist() == others.tolist()


def test_every_registered_return_has_a_cause(lived):
    by_cause = lived[1]["return_causes"].groupby(["year", "replicate"])["registered"].sum()
    registered = lived[1]["returns"].set_index(["year", "replicate"])["registered"]
    assert (by_cause.reindex(registered.index, fill_value=0) == registered).all() and registered.sum() > 0


def test_everybody_stands_in_a_layer(lived):
    layers = lived[1]["layers"]
    households = lived[1]["indicators"].query("group == 'farm'").set_index(["year", "replicate"])["households"]
    assert (layers.groupby(["year", "replicate"])["households"].sum() == households).all()
    monitored = lived[1]["monitoring"].set_index(["year", "replicate"])["monitored"]
    assert (layers.groupby(["year", "replicate"])["monitored"].sum() == monitored).all()


@pytest.mark.parametrize("table", ["layers", "monitoring", "villages", "evaluation"])
def test_the_tables_keep_the_contract(lived, table):
    assert list(lived[1][table].columns) == [column.name for column in TABLES[table].columns]
