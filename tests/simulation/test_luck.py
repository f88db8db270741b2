"""Shared luck: what a policy changes is told far surer by pairs of lives than by runs with luck of their own."""

from __future__ import annotations

import pandas as pd
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.simulation.simulate import simulate

CHAGU = data_root() / "params" / "chagu"
POLICIES = {"PV a year late": ("pv_late", ()), "no tea": ("baseline", ("measures.industry_tea.quota.households=0",))}
OTHER_SEED = "run.seed=99"


def scenario(name, replicates, *overrides):
    """Parameters are held, so that chance alone is measured."""
    held = (f"run.replicates={replicates}", "run.years=4", "run.threads=2", "run.draws=0")
    return load_scenario(CHAGU / f"{name}.yaml", (*held, *overrides))


def numbers(results):
    """What a meeting asks of a run, a column each, by replicate."""
    ledger, spending = results["ledger"].query("unit == 'households'"), results["spending"]
    of_2018 = results["indicators"].query("year == 2018 and group == 'registered'").set_index("replicate")
    public = spending[["cash", "kind_value", "village", "overhead"]].sum(axis=1) - spending["from_village"]
    return pd.DataFrame(
        {
            "exits in all": ledger.groupby("replicate")["exited"].sum(),
            "left at the end of 2018": ledger[ledger["year"] == 2018].set_index("replicate")["closing"],
            "qualified persons 2018": results["exits"].query("year == 2018").set_index("replicate")["qualified_persons"],
            "headcount 2018": of_2018["headcount"],
            "gap 2018": of_2018["gap"],
            "mean income 2018": of_2018["mean"],
            "falls": results["returns"].groupby("replicate")["below_line"].sum(),
            "public yuan": public.groupby(spending["replicate"]).sum(),
            "dibao yuan": spending[spending["measure"] == "dibao"].groupby("replicate")["cash"].sum(),
        }
    )


def spreads(town, place, policy, replicates):
    """Standard deviation of the difference that a policy makes, in pairs and with luck of their own, and their ratio."""
    name, changes = POLICIES[policy]
    base, other, apart = (
        numbers(simulate(town, scenario(of, replicates, *overrides), place))
        for of, overrides in (("baseline", ()), (name, changes), (name, (*changes, OTHER_SEED)))
    )
    found = pd.DataFrame({"paired": (other - base).std(), "apart": (apart - base).std()})
    return found.assign(ratio=found["paired"] / found["apart"])


def half_at_most(found):
    """With 40 replicates the ratio of two such deviations is known to some 16%; most lie at 0.1 to 0.3."""
    assert (found["paired"] > 0.0).all(), f"the policy must change every number:\n{found}"
    assert (found["ratio"] <= 0.5).all(), f"\n{found.round(4)}"


def test_a_paired_difference_has_at_most_half_the_deviation(villages, place):
    half_at_most(spreads(villages(3), place, "PV a year late", 40))


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_it_has_on_the_whole_town(villages, place, policy):
    half_at_most(spreads(villages(19), place, policy, 60))
