"""Owns: an answer by formula with numbers as large as a town's, the same each time, for tests of charts and pages.
Never: resembles a simulation; a number here means nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from povsim.indicators.answer import Answer, long

YEARS = (2017, 2018, 2019, 2020, 2021)
PLAN = {2016: 1604.0, 2017: 2196.0, 2018: 1592.0}
REPORTED = {2014: (454.0, 1508.0), 2015: (255.0, 1019.0), 2016: (440.0, 1595.0)}
ROUTES = {
    "industry_and_jobs": ("发展生产和促进就业", "industry and jobs", 2771.0),
    "relocation": ("易地搬迁", "relocation", 210.0),
    "education": ("发展教育", "education", 951.0),
    "safety_net": ("社会保障兜底", "safety net", 1460.0),
}
VILLAGES = ("汪湾", "梅岭", "白畈", "沃孜", "独山", "闸口", *(f"第{number:02}村" for number in range(7, 20)))

# id: kind, title zh, en, holders, public, investment, by_village, sales (yuan; a year but for investment)
MEASURES: dict[str, tuple[str, str, str, float, float, float, float, float]] = {
    "industry_tea": ("industry", "茶叶种植", "tea", 402, 9.8e5, 0, 0, 0),
    "industry_hens": ("industry", "土鸡养殖", "free-range hens", 104, 1.9e5, 0, 0, 0),
    "industry_tourism": ("industry", "乡村旅游", "rural tourism", 66, 1.3e5, 0, 0, 0),
    "employment_service": ("employment", "就业服务", "job service", 388, 2.3e5, 0, 0, 0),
    "training": ("employment", "技能培训", "training", 57, 8.6e4, 0, 0, 0),
    "transport": ("employment", "外出务工交通补贴", "transport subsidy", 910, 2.7e5, 0, 0, 0),
    "workshop": ("employment", "扶贫车间", "workshop", 61, 3.6e5, 0, 0, 0),
    "relocation": ("relocation", "易地扶贫搬迁", "relocation", 68, 0, 1.26e7, 0, 0),
    "education_aid": ("education", "教育资助", "education aid", 512, 7.2e5, 0, 0, 0),
    "college_loans": ("education", "大学生助学贷款贴息", "interest on student loans", 140, 4.1e4, 0, 0, 0),
    "pv_meiling": ("pv", "梅岭光伏电站", "PV station Meiling", 337, 0, 9.6e6, 0, 1.01e6),
    "pv_zhakou": ("pv", "闸口光伏电站", "PV station Zhakou", 337, 0, 9.6e6, 0, 1.01e6),
    "pv_wozi": ("pv", "沃孜光伏电站", "PV station Wozi", 336, 0, 9.6e6, 0, 1.00e6),
    "collective": ("collective", "村集体收益分配", "villages' income shared out", 840, 0, 0, 1.54e6, 0),
    "public_posts": ("employment", "公益性岗位", "public posts", 108, 7.9e5, 0, 0, 0),
    "village_posts": ("employment", "光伏公益性岗位", "posts paid from PV", 156, 0, 0, 9.3e5, 0),
    "tekun": ("safety_net", "特困供养", "tekun support", 121, 1.12e6, 0, 0, 0),
    "dibao": ("safety_net", "农村低保", "rural dibao", 1190, 5.87e6, 0, 0, 0),
    "relief": ("safety_net", "临时救助", "temporary relief", 93, 2.4e5, 0, 0, 0),
    "prevention": ("safety_net", "防贫保险", "insurance against falling back", 2751, 6.5e4, 0, 0, 0),
}

# path: name zh, en, unit, grade
PARAMETERS: dict[str, tuple[str, str, str, str]] = {
    "work.finds_calendar": ("各年找工作的难易", "factor of the year on finding a first job", "ratio", "C"),
    "lines.exit_margin": ("脱贫收入与标准之比", "reported income over the line needed to leave", "ratio", "C"),
    "guarantees.dibao_fill": ("低保补差比例", "share of the gap that dibao pays", "share", "B"),
    "work.finds_able": (
        "普通劳动力年内首次找到工作的概率",
        "yearly chance that an ordinary labourer finds a first job",
        "share/year",
        "C",
    ),
    "work.registered_wage": (
        "建档立卡务工者工资与同类之比",
        "wage of registered workers over others of their kind",
        "ratio",
        "C",
    ),
    "transfers.other_level": ("其他转移收入水平", "level of other transfers", "yuan/person/year", "C"),
    "economy.mean_wage": ("农民工月均工资 (全国)", "mean monthly wage of migrant workers (national)", "yuan/month", "B"),
    "work.usual_months_away": ("外出务工通常月数", "months worked in a year by those away", "months/year", "C"),
    "health.serious_bill": ("大病自付费用", "own-paid bill of a serious illness", "yuan/household", "C"),
    "shocks.disaster": ("年内受灾的村", "villages struck by a disaster in a year", "share/year", "C"),
    "work.wage_spread": ("工资固定差异", "log spread of the lasting wage effect", "log", "C"),
}
# path: low, mid, high, then the share of the outcome moved by the low and by the high end
RANGES: dict[str, tuple[float, float, float, float, float]] = {
    "work.finds_calendar": (0.35, 0.6, 0.9, -0.094, 0.081),
    "lines.exit_margin": (1.0, 1.02, 1.2, 0.012, -0.072),
    "guarantees.dibao_fill": (0.5, 0.65, 0.95, -0.055, 0.043),
    "work.finds_able": (0.08, 0.12, 0.18, -0.041, 0.046),
    "work.registered_wage": (0.70, 0.76, 0.82, -0.033, 0.029),
    "transfers.other_level": (100, 250, 400, -0.021, 0.025),
    "economy.mean_wage": (3380, 3485, 3590, -0.016, 0.018),
    "work.usual_months_away": (7.5, 8.5, 9.5, -0.014, 0.012),
    "health.serious_bill": (6000, 9000, 15000, -0.009, -0.011),
    "shocks.disaster": (0.05, 0.10, 0.20, 0.004, -0.006),
    "work.wage_spread": (0.2, 0.3, 0.4, 0.002, -0.002),
}
OUTCOMES = {
    "out_2018": ("2017 至 2018 年累计脱贫人数", "persons out by the end of 2018", "persons", 3410.0),
    "left": ("2021 年末未脱贫户数", "households still poor at the end of 2021", "households", 34.0),
    "falls": ("脱贫三年内返贫比例（自身收入）", "share that falls back within three years, own income", "share", 0.146),
    "cost": ("每多一人一年高于贫困线的花费", "cost of a person-year above the line", "yuan/person/year", 4100.0),
}
CAUSES = {
    "illness": 31.0,
    "job_loss": 22.4,
    "schooling": 9.8,
    "measure_ended": 8.3,
    "more_mouths": 6.1,
    "disability": 4.2,
    "enterprise": 3.7,
    "death": 2.9,
    "disaster": 1.6,
    "guarantee": 0.4,
}
READINGS = {"before_net": 0.146, "line": 0.031, "survey": 0.052, "registered": 0.014}

# id: kind, title zh, en, unit
TARGETS: dict[str, tuple[str, str, str, str]] = {
    "exits_2014_households": ("fitted", "2014 年脱贫户数", "households out in 2014", "households"),
    "exits_2015_households": ("fitted", "2015 年脱贫户数", "households out in 2015", "households"),
    "exits_2014_size": ("fitted", "2014 年脱贫户均人口", "persons a household out in 2014", "persons/household"),
    "exits_2015_size": ("fitted", "2015 年脱贫户均人口", "persons a household out in 2015", "persons/household"),
    "mean_2015": ("fitted", "2015 年人均收入（全国）", "income a head in 2015 (national)", "yuan/person/year"),
    "mean_2016": ("fitted", "2016 年人均收入（全国）", "income a head in 2016 (national)", "yuan/person/year"),
    "mean_2019": ("fitted", "2019 年人均收入（全国）", "income a head in 2019 (national)", "yuan/person/year"),
    "wage_work": ("fitted", "务工人口比例", "share of persons in wage work", "share"),
    "exits_2016_households": ("held_out", "2016 年脱贫户数", "households out in 2016", "households"),
    "exits_2016_persons": ("held_out", "2016 年脱贫人数", "persons out in 2016", "persons"),
    "left_2016_households": ("held_out", "2016 年末未脱贫户数", "households poor, end of 2016", "households"),
    "left_2016_persons": ("held_out", "2016 年末未脱贫人数", "persons poor, end of 2016", "persons"),
    "left_2016_size": ("held_out", "2016 年末未脱贫户均人口", "persons a household, end of 2016", "persons/household"),
    "returns_2016": ("held_out", "2016 年返贫户数", "households returned in 2016", "households"),
    "below_line": ("checked", "年返贫率（调查）", "yearly return by surveys", "share"),
}
REPORTED_TARGETS = (454, 255, 3.32, 4.0, 3416, 4124, 9808, 0.325, 440, 1595, 1571, 3724, 2.37, 10, 0.042)
PRIOR = (552, 322, 2.95, 3.1, 4210, 5330, 9530, 0.33, 514, 1604, 1340, 3760, 2.81, 5, 0.005)
MODEL = (461, 262, 3.27, 3.82, 3507, 4391, 9920, 0.331, 471, 1604, 1502, 3801, 2.53, 7, 0.023)
ENDS = ("low", "high", "chance_low", "chance_high")


class Fake:
    """Numbers with their bounds: ``chance`` and ``both`` are half widths relative to the number."""

    def __init__(self, draws: int):
        self.draws = draws

    def __call__(
        self, name: str, values: Any, chance: float = 0.02, both: float = 0.07, least: float = -np.inf
    ) -> dict[str, Any]:
        """Columns of one number: the value, its band of chance and its band of both; without draws chance is all there is."""
        found = np.asarray(values, dtype=np.float64)
        wide = chance if self.draws <= 1 else both
        half = {"low": -1.1 * wide, "high": wide, "chance_low": -chance, "chance_high": chance}
        columns = {f"{name}_{end}": np.maximum(found + share * np.abs(found), least) for end, share in half.items()}
        if self.draws <= 1:
            columns |= {f"{name}_{end}": np.full(found.shape, np.nan) for end in ENDS[2:]}
        return {name: found, **columns}


def make_answer(
    years: Sequence[int] = YEARS,
    plan: Mapping[int, float] = PLAN,
    draws: int = 40,
    replicates: int = 200,
    scale: float = 1.0,
    opening: int = 2016,
    without: Sequence[str] = (),
    **about: Any,
) -> Answer:
    """An answer with every table.

    Parameters
    ----------
    years : sequence of int
        Simulated years.
    plan : mapping
        Persons planned by year.
    draws : int
        Draws of the parameters; with one or none the bands of chance are not told apart.
    scale : float
        Factor on everything that is counted or paid.
    without : sequence of str
        Tables left out.
    **about : object
        What differs in ``Answer.about``.
    """
    of = Fake(draws)
    plan = {year: persons * scale for year, persons in plan.items()}
    step = np.arange(len(years), dtype=np.float64)
    ahead = pd.DataFrame({"year": list(years), "kind": "projected"})
    tables = {
        "exit_timeline": _timeline(of, ahead, step, plan, scale),
        "remaining": _remaining(of, ahead, step, scale, opening),
        "lacking": _lacking(of, years, step, scale),
        "return_by_years": _return_by_years(of, len(years)),
        "return_causes": (
            pd.DataFrame({"item": list(CAUSES), **of("households", np.array([*CAUSES.values()]) * scale, 0.2, 0.45)}),
            {"households": "households/year"},
        ),
        "income_sources": _income(of, years, step),
        "villages": _villages(of, years, step, scale),
        "spending": _spending(of, scale),
        "difference": _difference(of, years, step, scale),
        "influence": _influence(of, scale),
        "routes": _routes(of, scale),
        "fit": _fit(of),
    }
    numbers = [long(name, *table) for name, table in tables.items() if name not in without]
    return Answer(pd.concat(numbers, ignore_index=True), {**_about(years, plan, draws, replicates, opening), **about})


def _about(years: Sequence[int], plan: Mapping[int, float], draws: int, replicates: int, opening: int) -> dict[str, Any]:
    return {
        "place": {
            "id": "chagu",
            "zh": "茶谷镇",
            "en": "Chagu town",
            "villages": 19,
            "poor_villages": 5,
            "farm_households": 9843,
            "farm_persons": 35947,
            "source_zh": "**镇脱贫攻坚工作总结",
            "source_en": "the town's yearly work report on poverty alleviation",
            "synthetic": True,
        },
        "as_of": 2016,
        "opening": opening,
        "years": list(years),
        "replicates": replicates,
        "draws": draws,
        "level": 0.9,
        "scenario": {"zh": "基准方案", "en": "baseline"},
        "scenarios": {
            "pv_late": {"zh": "光伏晚一年并网", "en": "PV connected a year late"},
            "without": {"zh": "不实施帮扶措施", "en": "no measures"},
        },
        "run_id": "0123abcd4567",
        "created": "2026-11-23",
        "seed": 2016,
        "scope": "all",
        "measures": {key: {"zh": row[1], "en": row[2], "kind": row[0]} for key, row in MEASURES.items()},
        "outcomes": {key: {"zh": row[0], "en": row[1], "unit": row[2]} for key, row in OUTCOMES.items()},
        "parameters": {
            key: {"zh": row[0], "en": row[1], "unit": row[2], "grade": row[3], "source": "estimate"}
            for key, row in PARAMETERS.items()
        },
        "targets": {key: {"zh": row[1], "en": row[2], "unit": row[3]} for key, row in TARGETS.items()},
        "plan": {str(year): persons for year, persons in plan.items()},
        "finish_year": 2020,
    }


def _timeline(
    of: Fake, ahead: pd.DataFrame, step: np.ndarray, plan: Mapping[int, float], scale: float
) -> tuple[pd.DataFrame, dict[str, str]]:
    past = pd.DataFrame({"year": list(REPORTED), "kind": "reported"})
    past["households"], past["persons"] = np.array([*REPORTED.values()]).T * scale
    past["cumulative_persons"] = past["persons"].cumsum()
    persons = np.round(np.maximum(2143 * 0.49**step, 30) * scale)
    ready = np.round(persons * np.where(step == 0, 1.04, 1.0))
    projected = ahead.assign(
        **of("persons", persons, 0.025, 0.11, 0),
        **of("households", np.round(persons / 2.62), 0.03, 0.12, 0),
        **of("cumulative_persons", past["persons"].sum() + persons.cumsum(), 0.01, 0.04),
        **of("qualified_persons", ready, 0.03, 0.13, 0),
        **of("plain_persons", np.round(ready * 0.66), 0.05, 0.2, 0),
    )
    for end in ("", "_high", "_chance_high"):  # a plan caps what leaves
        cap = projected["year"].map(plan).fillna(np.inf)
        projected[f"persons{end}"] = np.minimum(projected[f"persons{end}"], cap)
    open_ = projected["year"].isin(list(plan))
    projected["p_met"] = np.where(open_, 0.385 / (1 + step) ** 3, np.nan)
    projected["p_met_without_topup"] = np.where(open_, 0.0, np.nan)
    table = pd.concat([past, projected], ignore_index=True)
    table["target_persons"] = table["year"].map(plan).astype("float64")
    counts = {"persons": "persons", "households": "households"}
    counts |= dict.fromkeys(("cumulative_persons", "qualified_persons", "plain_persons", "target_persons"), "persons")
    return table, counts | dict.fromkeys(("p_met", "p_met_without_topup"), "share")


def _remaining(
    of: Fake, ahead: pd.DataFrame, step: np.ndarray, scale: float, opening: int
) -> tuple[pd.DataFrame, dict[str, str]]:
    past = pd.DataFrame({"year": [2013, 2014, 2015, 2016], "kind": "reported"})
    past["households"] = np.array([2751, np.nan, np.nan, 1571]) * scale
    past["persons"] = np.array([8072, np.nan, 5392, 3724]) * scale
    parts = [past]
    if opening not in (2013, 2016):
        parts.append(pd.DataFrame({"year": [opening], "kind": "opening", "households": 2031 * scale, "persons": 5392 * scale}))
    left = np.round(1571 * scale * np.maximum(0.47 ** (step + 1), 0.01))
    parts.append(ahead.assign(**of("households", left, 0.04, 0.19, 0), **of("persons", np.round(left * 2.1), 0.04, 0.2, 0)))
    return pd.concat(parts, ignore_index=True), {"households": "households", "persons": "persons"}


def _lacking(of: Fake, years: Sequence[int], step: np.ndarray, scale: float) -> tuple[pd.DataFrame, dict[str, str]]:
    shares = {"income": 0.7, "house": 0.2, "water": 0.05, "school": 0.02, "insurance": 0.03, "measure": 0.1, "waiting": 0.3}
    parts = [
        pd.DataFrame(
            {"item": item, "year": list(years), **of("households", np.round(740 * scale * share * 0.47**step), 0.1, 0.3)}
        )
        for item, share in shares.items()
    ]
    return pd.concat(parts, ignore_index=True), {"households": "households"}


def _return_by_years(of: Fake, count: int) -> tuple[pd.DataFrame, dict[str, str]]:
    since = np.arange(1, max(count, 2))
    parts = [
        pd.DataFrame({"item": reading, "year": since, **of("share", share * (1 - 0.55**since) / (1 - 0.55**3), 0.1, 0.32, 0)})
        for reading, share in READINGS.items()
    ]
    return pd.concat(parts, ignore_index=True), {"share": "share"}


def _income(of: Fake, years: Sequence[int], step: np.ndarray) -> tuple[pd.DataFrame, dict[str, str]]:
    parts = []
    for kind, factor in (("registered", 1.0), ("farm", 1.35), ("pv", 1.04)):
        sources = {
            "wage": 2450 * 1.17**step,
            "operating": 1240 * 1.06**step,
            "property": 150 * 1.12**step,
            "transfer": 1390 * 1.13**step,
        }
        sources = {name: np.round(np.minimum(values, 90000) * factor) for name, values in sources.items()}
        columns = {name: of(name, values, 0.015, 0.09) for name, values in sources.items()}
        mean = of("mean", np.sum([*sources.values()], axis=0) + 12, 0.01, 0.08)
        parts.append(
            pd.DataFrame({"year": list(years), "kind": kind} | mean | {k: v for one in columns.values() for k, v in one.items()})
        )
    table = pd.concat(parts, ignore_index=True)
    lines = {2017: (3300, 4301), 2018: (3500, 4833), 2019: (3750, 5336), 2020: (4000, 5962), 2021: (4080, 6362)}
    found = [lines.get(year, (4080 * 1.02 ** (year - 2021), 6362 * 1.04 ** (year - 2021))) for year in table["year"]]
    table["exit_line"], table["dibao_standard"] = np.round(np.array(found, dtype="float64")).T
    return table, dict.fromkeys(
        ("wage", "operating", "property", "transfer", "mean", "exit_line", "dibao_standard"), "yuan/person/year"
    )


def _villages(of: Fake, years: Sequence[int], step: np.ndarray, scale: float) -> tuple[pd.DataFrame, dict[str, str]]:
    parts = []
    for place, name in enumerate(VILLAGES):
        start = (95 if place < 5 else 24) + (place * 37) % 23
        left = np.round(start * scale * 0.47**step * (1 + 0.1 * ((place + step) % 3)))
        parts.append(
            pd.DataFrame(
                {
                    "item": name,
                    "year": list(years),
                    **of("poor_households", left, 0.1, 0.3, 0),
                    **of("poor_persons", np.round(left * 2.1), 0.1, 0.3, 0),
                    **of("incidence", left * 2.1 / 1890 / scale, 0.1, 0.3, 0),
                }
            )
        )
    for part in parts:
        ends = [name for name in part.columns if name.startswith("poor_")]
        part[ends] = part[ends].round()
    return pd.concat(parts, ignore_index=True), {"poor_households": "households", "poor_persons": "persons", "incidence": "share"}


def _spending(of: Fake, scale: float) -> tuple[pd.DataFrame, dict[str, str]]:
    names = ("holders", "public", "investment", "by_village", "sales")
    rows = {key: dict(zip(names, row[3:], strict=True)) for key, row in MEASURES.items()}
    table = pd.DataFrame({"item": list(rows), "kind": [MEASURES[key][0] for key in rows]})
    for name in names:
        chance, both = (0.0, 0.0) if name == "investment" else (0.03, 0.14)
        columns = of(name, [row[name] * scale for row in rows.values()], chance, both)
        table = table.assign(**columns)
    units = ("count", "yuan/year", "yuan", "yuan/year", "yuan/year")
    return table, dict(zip(names, units, strict=True))


def _difference(of: Fake, years: Sequence[int], step: np.ndarray, scale: float) -> tuple[pd.DataFrame, dict[str, str]]:
    shape = {"pv_late": 1.0, "without": 12.0}
    first = np.maximum(0.1, 0.55**step)
    parts = [
        pd.DataFrame(
            {
                "item": item,
                "year": list(years),
                **_moved(of, "exited_persons", -58 * times * first * scale, 9 * scale, 34 * scale),
                **_moved(of, "left_households", 24 * times * first * scale, 4 * scale, 13 * scale),
                **_moved(of, "above_households", -31 * times * first * scale, 5 * scale, 18 * scale),
                **_moved(of, "income_head", -49 * times**0.5 * first, 3, 17),
                **_moved(of, "public", 4.4e4 * times * first * scale, 1e4 * scale, 3e4 * scale),
                **_moved(of, "pv_income", -1810 * first if item == "pv_late" else np.full(len(step), np.nan), 60, 420),
            }
        )
        for item, times in shape.items()
    ]
    units = {
        "exited_persons": "persons",
        "left_households": "households",
        "above_households": "households",
        "income_head": "yuan/person/year",
        "public": "yuan/year",
        "pv_income": "yuan/household/year",
    }
    return pd.concat(parts, ignore_index=True), units


def _influence(of: Fake, scale: float) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    rows = []
    for number, (outcome, (*_, unit, size)) in enumerate(OUTCOMES.items()):
        size = size * (scale if unit in ("persons", "households") else 1.0)
        for place, path in enumerate(PARAMETERS):
            low, mid, high, down, up = RANGES[path]
            turned = -1.0 if outcome in ("left", "falls", "cost") else 1.0
            weight = 1.0 + 0.5 * ((place * 7 + number * 3) % 5) * (number > 0)
            ends = {"at_low": down * turned * weight * size, "at_high": up * turned * weight * size}
            one = {"item": path, "kind": outcome, "param_low": low, "param_mid": mid, "param_high": high}
            for name, value in ends.items():
                one |= {key: float(one_) for key, one_ in _moved(of, name, np.array(value), 0.004 * size, 0.004 * size).items()}
            rows.append(one)
    table = pd.DataFrame(rows)
    changes = [OUTCOMES[outcome][2] for outcome in table["kind"]]
    values = [PARAMETERS[path][2] for path in table["item"]]
    return table, dict.fromkeys(("at_low", "at_high"), changes) | dict.fromkeys(("param_low", "param_mid", "param_high"), values)


def _moved(of: Fake, name: str, value: np.ndarray, chance: float, both: float) -> dict[str, Any]:
    """Columns of a difference, whose bands are absolute."""
    wide = chance if of.draws <= 1 else both
    inner = np.nan if of.draws <= 1 else chance
    ends = (value - 1.1 * wide, value + wide, value - inner, value + inner)
    return {name: value} | {f"{name}_{end}": one for end, one in zip(ENDS, ends, strict=True)}


def _routes(of: Fake, scale: float) -> tuple[pd.DataFrame, dict[str, str]]:
    planned = np.array([row[2] for row in ROUTES.values()])
    found = np.array([1913.0, 121.0, 264.0, 1098.0])
    table = pd.DataFrame(
        {
            "item": list(ROUTES),
            "planned_persons": planned * scale,
            "planned_share": planned / planned.sum(),
            **of("persons", np.round(found * scale), 0.03, 0.15),
            **of("share", found / found.sum(), 0.02, 0.11),
        }
    )
    return table, {"planned_persons": "persons", "persons": "persons", "planned_share": "share", "share": "share"}


def _fit(of: Fake) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    kinds = [row[0] for row in TARGETS.values()]
    table = pd.DataFrame({"item": list(TARGETS), "kind": kinds, "reported": np.array(REPORTED_TARGETS, dtype="float64")})
    table = table.assign(**of("prior", PRIOR, 0.05, 0.28), **of("model", MODEL, 0.02, 0.06))
    for end in ("", *(f"_{end}" for end in ENDS)):
        table[f"miss{end}"] = table[f"model{end}"] - table["reported"]
    units = [row[3] for row in TARGETS.values()]
    return table, {name: units for name in ("reported", "model", "miss", "prior")}
