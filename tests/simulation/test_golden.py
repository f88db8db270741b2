"""A small run against its accepted numbers: what changes them is seen, and accepted on purpose.

POVSIM_ACCEPT=1 python3 run.py test tests/simulation/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from povsim.simulation.simulate import simulate

GOLDEN = Path(__file__).parent.parent / "golden" / "three_villages.csv"


def summary(results) -> pd.DataFrame:
    """Counts by replicate and year, one row per number: exact integers, money in yuan."""
    parts = []
    for name in ("ledger", "exits", "routes", "returns", "monitoring", "spending"):
        table = results[name]
        keys = [column for column in ("replicate", "year", "unit", "measure", "route") if column in table]
        long = table.melt(id_vars=keys, var_name="number").assign(table=name)
        long["what"] = long[[key for key in ("unit", "measure", "route") if key in keys]].astype(str).agg(" ".join, axis=1)
        parts.append(long[["table", "replicate", "year", "what", "number", "value"]])
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["value"] != 0].sort_values(list(whole.columns[:-1]), ignore_index=True).round({"value": 2})


def test_a_small_run_gives_the_accepted_numbers():
    place = load_place("chagu")
    town = synthesise(place, 2016, 1)
    chosen = load_scenario(
        data_root() / "params" / "chagu" / "baseline.yaml", ("run.replicates=2", "run.years=4", "run.seed=7", "run.draws=0")
    )
    now = summary(simulate(town.subset(town.households["village"] < 3), chosen, place))
    if os.environ.get("POVSIM_ACCEPT"):
        GOLDEN.parent.mkdir(exist_ok=True)
        now.to_csv(GOLDEN, index=False)
    accepted = pd.read_csv(GOLDEN, keep_default_na=False)
    both = accepted.merge(now, how="outer", on=list(now.columns[:-1]), suffixes=("_accepted", "_now"))
    changed = both[both["value_accepted"] != both["value_now"]]
    if len(changed):
        actual = GOLDEN.with_name(GOLDEN.stem + "_actual.csv")
        now.to_csv(actual, index=False)
        shown = changed.head(12).to_string(index=False)
        pytest.fail(f"{len(changed)} numbers changed, the first:\n{shown}\nnow: {actual}; the first lines here say how to accept")
