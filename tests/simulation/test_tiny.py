"""Populations of next to nobody: a run, its answer and a household opened, without a warning."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from povsim.core.errors import ResultsError
from povsim.core.params import data_root, load_scenario
from povsim.core.schema import Status
from povsim.indicators.gather import make_answer
from povsim.indicators.indicators import say
from povsim.population.synthesis import synthesise
from povsim.simulation.simulate import simulate


@pytest.fixture(scope="module")
def town(place):
    return synthesise(place, 2016, 1)


def few(town, status, number):
    """The first households of a status."""
    keep = np.zeros(len(town.households["village"]), bool)
    keep[np.flatnonzero(town.households["status"] == status)[:number]] = True
    return town.subset(keep)


def scenario(*overrides):
    base = data_root() / "params" / "chagu" / "baseline.yaml"
    return load_scenario(base, ("run.replicates=3", "run.draws=0", *overrides))


@pytest.mark.parametrize("years", [1, 30])
@pytest.mark.parametrize(("status", "number"), [(Status.POOR, 1), (Status.GENERAL, 1), (Status.GENERAL, 40), (Status.EXITED, 3)])
def test_a_town_of_next_to_nobody(town, place, status, number, years):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = simulate(few(town, status, number), scenario(f"run.years={years}"), place, threads=1)
        assert say(make_answer(results, {}, None, None))
        opened = results.why(0, replicates=2)
        assert opened.text("zh") and opened._repr_html_("en")


def test_a_household_that_is_not_simulated_is_not_opened(town, place, monkeypatch):
    monkeypatch.setenv("POVSIM_LANG", "en")
    results = simulate(few(town, Status.GENERAL, 2), scenario("run.years=1", "run.scope=registered"), place, threads=1)
    with pytest.raises(ResultsError, match=r"scope: registered; use run\.scope=all"):
        results.why(0)
