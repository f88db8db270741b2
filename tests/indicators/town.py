"""Owns: results by hand with the tables that only some runs have, for tests of numbers and sentences.
Never: resembles a simulation; a number here means nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from povsim.results.contract import TABLES, Table, _int, _text
from povsim.results.results import Results
from tests.results.fake import MANIFEST, make_results, noise

DRAWS = 8
ROUTES = {"industry_and_jobs": 2771, "relocation": 210, "education": 951, "safety_net": 1460}
_RUN = (_int("year", "year", "年度", "year"), _int("replicate", "-", "重复", "replicate"))
LATER = {  # tables that other parts of the program leave
    "lacking": Table(
        "lacking", "缺什么", "lacking", "row", ("year", "replicate", "lack"),
        (*_RUN, _text("lack", "所缺", "lack"), _int("households", "households", "户", "households")),
    ),
    "routes": Table(
        "routes", "路径", "routes", "row", ("year", "replicate", "route"),
        (
            *_RUN, _text("route", "路径", "route"), _int("households", "households", "户", "households"),
            _int("persons", "persons", "人", "persons"),
        ),
    ),
}  # fmt: skip


def know_later_tables(monkeypatch) -> None:
    for name, table in LATER.items():
        if name not in TABLES:
            monkeypatch.setitem(TABLES, name, table)


def indicators(results: Results, groups: dict[str, dict[str, float]]) -> pd.DataFrame:
    """A table of indicators: of each group the same numbers in all years and replicates, those not given 0.5."""
    rows = pd.MultiIndex.from_product([results.years, range(results.replicates)], names=["year", "replicate"])
    rest = {column.name: 0.5 for column in TABLES["indicators"].columns if column.dtype == "float64"}
    whole = {"households": 1000, "persons": 3000, "above_households": 900}
    parts = [rows.to_frame(index=False).assign(group=name, **{**rest, **whole, **given}) for name, given in groups.items()]
    return pd.concat(parts, ignore_index=True)


def lacking(results: Results) -> pd.DataFrame:
    rows = [
        (year, replicate, lack, count)
        for step, year in enumerate(results.years)
        for replicate in range(results.replicates)
        for lack, count in (("income", 20 - 2 * step + replicate % 3), ("house", 4), ("waiting", replicate % 2))
        if count
    ]
    return pd.DataFrame(rows, columns=["year", "replicate", "lack", "households"])


def routes(results: Results) -> pd.DataFrame:
    rows = [
        (year, replicate, route, 10, 30 * (number + 1) + replicate % 5)
        for year in results.years
        for replicate in range(results.replicates)
        for number, route in enumerate(("industry_and_jobs", "safety_net", "other"))
    ]
    return pd.DataFrame(rows, columns=["year", "replicate", "route", "households", "persons"])


def whole(monkeypatch, replicates: int = 40, draws: int = DRAWS, **changes: object) -> Results:
    """Results with every table that a report has numbers of."""
    know_later_tables(monkeypatch)
    results = make_results(replicates=replicates)
    wobble = noise(np.tile(np.arange(replicates), len(results.years)), 3)
    groups = {"registered": {"headcount": 0.1}, "farm": {}, "pv": {"households": 400, "persons": 1000, "mean": 5000.0}}
    table = indicators(results, groups)
    registered = table["group"] == "registered"
    table.loc[registered, "above_households"] += (5 * wobble).astype(int)
    lines = {"exit_line": {str(y): 3300.0 for y in results.years}, "dibao_standard": {str(y): 4000.0 for y in results.years}}
    manifest = {
        "reported_pv_households": 410,
        **MANIFEST,
        "draws": draws,
        "reported_routes": {route: {"persons": persons} for route, persons in ROUTES.items()},
        "lines": lines,
    }
    tables = {**results.tables, "indicators": table, "lacking": lacking(results), "routes": routes(results)}
    return make_results(**{"replicates": replicates, "tables": tables, "manifest": manifest, **changes})


def without(run: Results, above: int = 40) -> Results:
    """The same run without measures: so many registered households fewer above the line, and no money spent."""
    table = run["indicators"].copy()
    registered = table["group"] == "registered"
    table.loc[registered, "above_households"] -= above
    table.loc[registered, "headcount"] += 0.2
    manifest = {**run.manifest, "scenario": {"zh": "不帮扶", "en": "without measures"}}
    tables = {**run.tables, "indicators": table, "spending": run["spending"].iloc[:0]}
    return Results(tables, manifest, "schema: povsim/1\n", run.place, run.reported, run.plan)


def late(run: Results) -> Results:
    """The same run with stations a year late: no dividend in their first year, and households a little poorer."""
    spending, table = run["spending"].copy(), run["indicators"].copy()
    first = (spending["measure"] == "pv_meiling") & (spending["year"] == run.years[0])
    spending.loc[first, "cash"] = 0.0
    table.loc[table["group"] == "pv", "mean"] -= 100.0
    manifest = {**run.manifest, "scenario": {"zh": "光伏晚一年并网", "en": "PV a year late"}}
    return Results(
        {**run.tables, "spending": spending, "indicators": table}, manifest, run.params, run.place, run.reported, run.plan
    )


def first(run: Results, replicates: int) -> Results:
    """The beginning of a run."""
    tables = {n: t[t["replicate"] < replicates] if "replicate" in t else t for n, t in run.tables.items()}
    return Results(tables, run.manifest, run.params, run.place, run.reported, run.plan)


def influence() -> pd.DataFrame:
    """What `analysis.influence` leaves, by hand."""
    words = {"unit_zh": "倍", "grade": "C", "source": "estimate: by hand, 2016"}
    rows = []
    for kind, scale in (("out_2018", 10.0), ("left", 1.0), ("falls", 0.01), ("cost", 1e5)):
        for number, (path, zh, en) in enumerate(
            (("work.finds_able", "找工作", "finds work"), ("shocks.flood", "洪水", "floods"))
        ):
            numbers = {"at_low": -4.0 * scale / (number + 1), "at_high": 3.0 * scale / (number + 1)}
            bounds = {f"{end}_{side}": at for end, at in numbers.items() for side in ("low", "high")}
            param = {"param_low": 0.75, "param_mid": 1.0, "param_high": 1.25}
            rows.append({"item": path, "kind": kind, **numbers, **bounds, **param, "zh": zh, "en": en, "unit": "ratio", **words})
    return pd.DataFrame(rows)


def fit() -> pd.DataFrame:
    """How the model meets reported figures, by hand."""
    return pd.DataFrame(
        {
            "item": ["exits_2014", "size_2015"],
            "kind": ["fitted", "held_out"],
            "reported": [454.0, 2.37],
            "model": [460.0, 2.5],
            "model_low": [440.0, 2.3],
            "model_high": [480.0, 2.7],
            "miss": [6.0, 0.13],
            "prior": [500.0, 2.8],
            "prior_low": [300.0, 2.0],
            "prior_high": [700.0, 3.5],
            "zh": ["2014 年脱贫户", "户均人口"],
            "en": ["exits in 2014", "persons a household"],
            "unit": ["households", "persons/household"],
        }
    )
