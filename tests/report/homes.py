"""Owns: the households of the made-up results, and as much of an answer as the list asks for.
Never: resembles a simulation."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from povsim.core.schema import LACKS, Category, Cause, Status
from povsim.indicators import indicators
from povsim.indicators.answer import Answer, long
from tests.results.fake import MEASURES, PARAMS

ON_DIBAO = PARAMS.replace("kind: safety_net\n", "kind: safety_net\n    part: dibao\n")

# id: village, size, category, status, chances of first exit by year, removed, gone
ROWS = (
    ("t-02-R0001", 1, 4, Category.POOR, Status.POOR, (0.7, 0.2, 0.05, 0.0, 0.0), 0.02, 0.0),
    ("t-01-R0002", 0, 2, Category.DIBAO, Status.POOR, (0.1, 0.6, 0.2, 0.05, 0.0), 0.0, 0.05),
    ("t-01-R0001", 0, 3, Category.POOR, Status.RETURNED, (0.96, 0.04, 0.0, 0.0, 0.0), 0.0, 0.0),
    ("t-01-R0003", 0, 1, Category.TEKUN, Status.POOR, (0.0, 0.0, 0.1, 0.5, 0.1), 0.0, 0.1),
    ("t-03-R0001", 2, 5, Category.POOR, Status.POOR, (0.0, 0.0, 0.0, 0.2, 0.1), 0.0, 0.0),
    ("t-03-E0001", 2, 5, Category.POOR, Status.EXITED, None, np.nan, np.nan),
)
HELD = {
    "tea": (0.9, 0.0, 1.0, 0.0, 0.0, 0.0),
    "pv_meiling": (0.34, 0.0, 0.0, 0.0, 0.6, 0.0),
    "dibao": (0.1, 1.0, 0.4, 0.2, 0.6, 0.0),
}
LACKING = {
    "t-01-R0002": {"income": 0.97, "house": 0.25, "water": 0.1},
    "t-01-R0003": {"waiting": 1.0},
    "t-03-R0001": {"income": 0.4, "house": 0.9, "measure": 0.2},
}
RETURN = (0.05, np.nan, 0.31, np.nan, 0.2, 0.9)


def households(years):
    """The table, by household id."""
    records = []
    for row, (id, village, size, category, status, chances, removed, gone) in enumerate(ROWS):
        exits = np.full(len(years), np.nan) if chances is None else np.array(chances)
        reached = np.cumsum(exits)
        at = [years[int(np.argmax(reached >= part))] if (reached >= part).any() else np.nan for part in (0.5, 0.05, 0.9)]
        records.append(
            {
                "household_id": id, "village": village, "size": size, "category": int(category), "status": int(status),
                **{f"p_exit_{year}": chance for year, chance in zip(years, exits, strict=True)},
                "p_never": 1.0 - exits.sum() - removed - gone, "p_removed": removed, "p_gone": gone,
                "median_exit_year": at[0], "low_exit_year": at[1], "high_exit_year": at[2],
                **{f"lacks_{lack}": LACKING[id].get(lack, 0.0) if id in LACKING else np.nan for lack in LACKS},
                "gap": 812.4 if "income" in LACKING.get(id, {}) else np.nan,
                **{f"held_{measure}": HELD[measure][row] if measure in HELD else 0.0 for measure in MEASURES},
                **dict.fromkeys(("p_return_1", "p_return_2", "p_return_3"), RETURN[row]),
                "cause": int(Cause.JOB_LOSS if row == 2 else Cause.NONE),
                **{f"income_{year}": 4000.0 + row for year in years},
                "to_line": -512.6 if row % 2 else 340.0,
            }
        )  # fmt: skip
    return pd.DataFrame(records)


def with_households(make_results, **changes):
    """Results that have households."""
    changes = {"params": ON_DIBAO, **changes}
    results = make_results(**changes)
    table = households(results.years)
    return make_results(**{**changes, "tables": {**results.tables, "households": table}})


def answer_of(results, synthetic=True):
    """The numbers that the list shows beside its households."""
    villages = results["villages"].rename(columns={"name": "item"})
    units = {"poor_households": "households", "poor_persons": "persons", "incidence": "share"}
    left = indicators.remaining(results)
    numbers = pd.concat(
        [long("villages", villages, units), long("remaining", left, {"households": "households", "persons": "persons"})]
    )
    about = {
        "place": {**asdict(results.place), "synthetic": synthetic}, "as_of": results.place.as_of, "opening": results.opening,
        "years": list(results.years), "replicates": results.replicates, "draws": 0, "level": 0.9,
        "scenario": results.manifest["scenario"], "run_id": results.manifest["run_id"], "created": results.manifest["created"],
        "seed": 7, "finish_year": 2020,
        "measures": {id: {"kind": kind, "zh": zh, "en": en} for id, (kind, zh, en) in MEASURES.items()},
    }  # fmt: skip
    return Answer(numbers.reset_index(drop=True), about)
