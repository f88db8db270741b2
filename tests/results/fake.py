"""Owns: a small town's results, made up by formula and the same each time, for tests of results, indicators and report.
Never: resembles a simulation; a number here means nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from povsim.core.schema import LEDGER_SIGN, Cause
from povsim.results.results import PlaceSummary, Results

YEARS = (2017, 2018, 2019, 2020, 2021)
PLACE = PlaceSummary(
    id="sample",
    zh="样本镇",
    en="Sample town",
    villages=3,
    poor_villages=1,
    farm_households=9843,
    farm_persons=35947,
    as_of=2016,
    source_zh="样本镇工作报告",
    source_en="report of the sample town",
    synthetic=True,
)
REPORTED = pd.DataFrame(
    {
        "year": [2014, 2015, 2016],
        "opening_households": [2751.0, np.nan, np.nan],
        "identified_households": [0.0, 383.0, 16.0],
        "returned_households": [0.0, 0.0, 10.0],
        "removed_households": [0.0, 332.0, 46.0],
        "exited_households": [454.0, 255.0, 440.0],
        "exited_persons": [1508.0, 1019.0, 1595.0],
        "closing_households": [np.nan, np.nan, 1571.0],
        "closing_persons": [np.nan, 5392.0, 3724.0],
    }
)
PLAN = {2016: 1604, 2017: 2196, 2018: 1592}
MANIFEST = {
    "run_id": "0123abcd",
    "scenario": {"zh": "基准方案", "en": "baseline"},
    "seed": 7,
    "opening": 2016,
    "scope": "all",
    "created": "2026-11-23",
}


MEASURES = {
    "tea": ("industry", "茶园产业", "tea gardens"),
    "posts": ("employment", "公益性岗位", "public posts"),
    "dibao": ("safety_net", "农村低保", "rural dibao"),
    "pv_meiling": ("pv", "梅岭光伏电站", "PV station Meiling"),
    "collective": ("collective", "村集体收益分配", "villages' income shared out"),
}
PARAMS = "schema: povsim/1\nmeasures:\n" + "".join(
    f"  {name}:\n    kind: {kind}\n    title: {{zh: {zh}, en: {en}}}\n" for name, (kind, zh, en) in MEASURES.items()
)


def noise(row: np.ndarray, column: int) -> np.ndarray:
    """Standard normal deviates in a fixed order: the golden ratio's additive sequence, by row and column."""
    return norm.ppf((row * 0.6180339887498949 + column * 0.7548776662466927 + 0.5) % 1.0 * 0.998 + 0.001)


def make_results(replicates: int = 40, years: tuple[int, ...] = YEARS, **changes: object) -> Results:
    """Results with the tables that charts, headlines and the notebook read."""
    replicate = np.arange(replicates)
    households, persons = np.full(replicates, 1571), np.full(replicates, 3724)
    rows: dict[str, list[pd.DataFrame]] = {
        "ledger": [],
        "exits": [],
        "returns": [],
        "spells": [],
        "spending": [],
        "return_causes": [],
    }
    for step, year in enumerate(years):
        head = {"year": year, "replicate": replicate}
        target = PLAN.get(year, 0)
        ready = (0.62 + 0.08 * step) * np.exp(0.03 * noise(replicate, step))
        qualified = np.clip(households * ready, 0, households).astype(int)
        size = persons / np.maximum(households, 1) * 1.04
        qualified_persons = np.minimum(qualified * size, persons).astype(int)
        cap = np.minimum(1.0, (target + 3) / np.maximum(qualified_persons, 1)) if target else np.ones(replicates)
        flows = {
            "households": {"opening": households, "exited": (qualified * cap).astype(int), "identified": 9, "returned": 6 + step},
            "persons": {
                "opening": persons,
                "exited": (qualified_persons * cap).astype(int),
                "identified": 24,
                "returned": 17 + step,
            },
        }
        for unit, flow in flows.items():
            flow = {name: np.broadcast_to(flow.get(name, 0), replicates) for name in LEDGER_SIGN if name != "closing"}
            flow["removed"] = np.broadcast_to(4, replicates)
            flow["closing"] = sum(LEDGER_SIGN[name] * value for name, value in flow.items())
            rows["ledger"].append(pd.DataFrame({**head, "unit": unit, **flow}))
            if unit == "households":
                households = flow["closing"]
            else:
                persons = flow["closing"]
        exits = {
            "qualified_households": qualified,
            "qualified_persons": qualified_persons,
            "qualified_without_topup_households": (qualified * 0.8).astype(int),
            "qualified_without_topup_persons": (qualified_persons * 0.8).astype(int),
            "exited_households": flows["households"]["exited"],
            "exited_persons": flows["persons"]["exited"],
        }
        rest = dict.fromkeys(("by_status_households", "by_obligation_households", "smaller_n_households", "wrong_exits"), 3)
        rows["exits"].append(pd.DataFrame({**head, **exits, **rest, "target_persons": target}))
        stock = 2000 + 100 * step
        fallen = np.maximum(stock * 0.02 * np.exp(0.2 * noise(replicate, 10 + step)), 1).astype(int)
        readings = {
            "below_before_net": 2 * fallen,
            "below_line": fallen,
            "below_or_guarantee": fallen + 5,
            "registered": fallen // 3,
        }
        stocks = {"exited_stock_households": stock, "exited_stock_persons": 3 * stock}
        rows["returns"].append(pd.DataFrame({**head, **stocks, **readings}))
        for since in range(1, years[-1] - year + 1):
            fell = {"before_net": 2 * fallen, "line": fallen, "survey": fallen + 5, "registered": fallen // 3}
            spell = {
                "followed": 300,
                "followed_own": 250,
                **{f"fell_{reading}": count * since // 4 for reading, count in fell.items()},
            }
            rows["spells"].append(pd.DataFrame({"exit_year": year, "replicate": replicate, "years_since": since, **spell}))
        for cause, households in ((Cause.ILLNESS, fallen // 2), (Cause.JOB_LOSS, fallen)):
            rows["return_causes"].append(
                pd.DataFrame({**head, "cause": int(cause), "households": households, "registered": households // 3})
            )
        for number, (measure, (kind, *_)) in enumerate(MEASURES.items()):
            cash = 4e5 * (number + 1) * np.exp(0.05 * noise(replicate, 20 + 5 * step + number)).round(4)
            money = {"cash": cash, "kind_value": 5e4, "village": 0.0, "overhead": 1e4, "repaid": 0.0}
            money |= {"from_village": 2e4 * (kind == "employment"), "crowded_out": 0.0}
            if kind == "pv":
                money |= {"village": 3e5, "cash": cash * (step == 0), "kind_value": 1e7 * (step == 0)}
            if kind == "collective":
                money |= {"kind_value": 0.0, "overhead": 0.0, "from_village": cash + 1e5, "village": 1e5}
            counts = {"holders": 100 * (number + 1), "new_holders": 10, "unmet": 5, "jobs": 30 * (number == 1)}
            counts |= {"newly_served": 12 if kind == "employment" else 10}
            counts["quota_used"] = {"tea": 10.0, "posts": 30.0, "dibao": 8.5}.get(measure, 0.0)
            rows["spending"].append(pd.DataFrame({**head, "measure": measure, **counts, **money}))
    tables = {name: pd.concat(parts, ignore_index=True) for name, parts in rows.items()}
    means = (("poor_households", 40.0), ("poor_persons", 90.0), ("incidence", 0.03), ("collective_income", 2e4))
    tables["villages"] = pd.DataFrame(
        [
            {
                "year": year,
                "village": village,
                "name": name,
                **{
                    f"{column}{end}": scale * (village + 1) / (1 + step) * factor
                    for column, scale in means
                    for end, factor in (("", 1.0), ("_low", 0.8), ("_high", 1.2))
                },
                "p_exited": step / len(years),
            }
            for step, year in enumerate(years)
            for village, name in enumerate(("梅岭", "白畈", "沃孜"))
        ]
    )
    whole = {
        "tables": tables,
        "manifest": MANIFEST,
        "params": PARAMS,
        "place": PLACE,
        "reported": REPORTED,
        "plan": PLAN,
    }
    return Results(**{**whole, **changes})
