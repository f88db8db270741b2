"""Owns: making the answer of a report out of a run, the runs beside it, and what moves it.
Never: computes a number (the tables of this room)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.core.labels import LANGUAGES, label
from povsim.core.schema import LEDGER, WITHOUT
from povsim.indicators import differences, money, reach, returns, timeline
from povsim.indicators.answer import COLUMNS, Answer, long
from povsim.indicators.headline import Value, as_table, headline
from povsim.indicators.intervals import LEVEL, interval, ratio
from povsim.indicators.pairing import less, pair
from povsim.indicators.resolved import closed_from, finish_year, measures
from povsim.policy.kind import find
from povsim.results.contract import REPORTED
from povsim.results.results import Results

_COUNTED: Final = {"household": "households", "person": "households", "village": "villages"}  # as the ledger counts holders
LATE: Final = "pv_late"  # the scenario in which PV stations are connected later
OUTCOMES: Final = {"out": "persons", "left": "households", "falls": "share", "cost": "yuan/year"}

_YUAN_HEAD: Final = "yuan/person/year"
_YUAN_HOUSEHOLD: Final = "yuan/household/year"
UNITS: Final[dict[str, dict[str, str]]] = {
    "exit_timeline": {
        "persons": "persons", "households": "households", "cumulative_persons": "persons", "qualified_persons": "persons",
        "plain_persons": "persons", "target_persons": "persons", "p_met": "share", "p_met_without_topup": "share",
    },
    "remaining": {"households": "households", "persons": "persons"},
    "lacking": {"households": "households"},
    "return_by_years": {"share": "share"},
    "return_causes": {"households": "households"},
    "income_sources": dict.fromkeys((*money.SOURCES, *money.LINES), _YUAN_HEAD),
    "villages": {"poor_households": "households", "poor_persons": "persons", "incidence": "share"},
    "spending": {
        "holders": "kind", "public": "yuan/year", "investment": "yuan", "by_village": "yuan/year", "sales": "yuan/year",
        "unspent": "yuan/year",
    },
    "budgets": {"budget": "yuan/year", "unspent": "yuan/year"},
    "service": {
        "wanted": "holder", "new": "holder", "unmet": "holder", "holders": "kind", "quota": "quota", "quota_used": "quota",
        "budget": "yuan/year", "budget_used": "yuan/year",
    },
    "watch": {**dict.fromkeys(reach.WATCH, "households"), "delay_months": "months"},
    "village_exits": {"p_exited": "share", "exit_year": "year", "collective_income": "yuan/year"},
    "difference": differences.UNITS,
    "routes": {"planned_persons": "persons", "persons": "persons", "planned_share": "share", "share": "share"},
    "pv": {"households": "households", **dict.fromkeys(("dividend", "by_village", "income", "delay_loss"), _YUAN_HOUSEHOLD)},
}  # fmt: skip


def make_answer(
    results: Results,
    others: Mapping[str, Results] | None = None,
    influence: pd.DataFrame | None = None,
    fit: pd.DataFrame | None = None,
    level: float = LEVEL,
) -> Answer:
    """Gather all numbers of a report.

    Parameters
    ----------
    results : Results
        The run that the report is of.
    others : mapping of str to Results, optional
        Runs with the same luck by the id of their scenario: ``without`` measures, ``pv_late``, ...
    influence : DataFrame, optional
        What ``analysis.influence.influence`` returned.
    fit : DataFrame, optional
        How well the model meets reported figures: ``item, kind, zh, en, unit``, then ``reported, model, miss, prior`` and bounds.
    level : float
        Share of replicates inside an interval.

    Returns
    -------
    Answer
        Tables whose source is missing are left out.

    Raises
    ------
    ResultsError
        Another run shares no luck with the run.
    """
    others = others or {}
    late, without = others.get(LATE), others.get(WITHOUT)
    wide = {
        "exit_timeline": timeline.exit_timeline(results, level),
        "remaining": timeline.remaining(results, level),
        "return_by_years": returns.return_by_years(results, level),
        "return_causes": returns.return_causes(results, level),
        "villages": timeline.villages(results),
        "spending": money.spending(results, level).rename(columns={"measure": "item"}),
        "budgets": money.budgets(results, level).rename(columns={"measure": "item"}),
        "pv": money.pv(results, late, level),
        "service": reach.service(results, level).rename(columns={"measure": "item"}),
        "village_exits": reach.village_exits(results),
        "difference": differences.difference(results, others, level),
    }
    for name, needed, make in (
        ("lacking", "lacking", timeline.lacking),
        ("routes", "routes", timeline.routes),
        ("watch", "monitoring", reach.watch),
        ("income_sources", "indicators", money.income_sources),
    ):
        if needed in results.tables:
            wide[name] = make(results, level)
    quotas = results.manifest.get("quotas") or {}
    parts = [long(name, table, _present(UNITS[name], table, quotas)) for name, table in wide.items() if len(table)]
    parts.append(_ledger(results, level))
    parts.append(long("reported", results.reported, {column.name: column.unit for column in REPORTED.columns[1:]}))
    heads = headline(results, without, level)
    parts.append(_valued("headline", [(head.key, value) for head in heads for value in head.values]))
    parts.append(_valued("pv_total", [("pv", value) for value in _pv_total(results, late, level)]))
    if influence is not None and len(influence):
        parts.append(_influence(influence))
    if fit is not None and len(fit):
        parts.append(
            long("fit", fit, {name: list(fit["unit"]) for name in ("reported", "model", "miss", "prior") if name in fit})
        )
    numbers = pd.concat([part for part in parts if len(part)], ignore_index=True)[list(COLUMNS)]
    return Answer(numbers, about(results, others, influence, fit, level))


def _present(units: Mapping[str, str], table: pd.DataFrame, quotas: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Units of the numbers that a table has; who holds a measure is told by its kind, what a quota counts by its quota."""
    of_row: dict[str, list[str]] = {}
    if "kind" in units.values():
        of_row["kind"] = [_COUNTED[find(kind).holder] for kind in table["kind"]]
    if "holder" in units.values():  # who wanted it is counted one by one
        of_row["holder"] = [f"{find(kind).holder}s" for kind in table["kind"]]
        of_row["quota"] = [quotas[id]["unit"] if id in quotas else "households" for id in table["item"]]
    return {name: of_row.get(unit, unit) for name, unit in units.items() if name in table}


def _valued(name: str, values: Sequence[tuple[str, Value]]) -> pd.DataFrame:
    table = as_table(values)
    return long(name, table, {"value": list(table["unit"])})


def _ledger(results: Results, level: float) -> pd.DataFrame:
    table = timeline.ledger(results, level)
    return long("ledger", table, {flow: list(table["kind"]) for flow in LEDGER})


def _influence(table: pd.DataFrame) -> pd.DataFrame:
    of_outcome = [OUTCOMES[kind.split("_")[0]] for kind in table["kind"]]
    units = {"at_low": of_outcome, "at_high": of_outcome}
    held = {f"{name}_chance_{end}": table[f"{name}_{end}"] for name in units for end in ("low", "high")}
    return long(
        "influence", table.assign(**held), units | {f"param_{end}": list(table["unit"]) for end in ("low", "mid", "high")}
    )


def _pv_total(results: Results, late: Results | None, level: float) -> list[Value]:
    """What a household linked to a station gets in an average year, and what late connection costs it over all years."""
    stations = money.stations(results)
    if stations is None or not stations.households.any():
        return []
    years = stations.households.sum(axis=0)  # household-years
    most = stations.households.max(axis=0)
    parts = {"pv_dividend": stations.dividends, "pv_by_village": stations.paid, "pv_income": stations.dividends + stations.paid}
    reported = results.manifest.get("reported_pv_households")
    measured = {"pv_reported": ("households", np.full_like(most, reported))} if reported else {}
    measured["pv_households"] = ("households", most)
    measured |= {name: (_YUAN_HOUSEHOLD, ratio(yuan.sum(axis=0), years)) for name, yuan in parts.items()}
    if late is not None:
        pair(results, late)
        gaps = {"pv_delay": money.station_gap(results, late)}
        if all("indicators" in run.tables for run in (late, results)):
            linked = [money.group(run, "pv") for run in (late, results)]
            if all(len(rows) and rows["households"].all() for rows in linked):
                gaps["pv_delay_income"] = less(*map(money.household_income, linked))
        measured |= {name: ("yuan/household", np.nansum(gap, axis=0)) for name, gap in gaps.items()}
    last = results.years[-1]
    return [Value(name, unit, interval(row, level, results.draws), last) for name, (unit, row) in measured.items()]


# --- what is no number ------------------------------------------------------------------------------------


def about(
    results: Results,
    others: Mapping[str, Results],
    influence: pd.DataFrame | None,
    fit: pd.DataFrame | None,
    level: float = LEVEL,
) -> dict[str, Any]:
    """What a report says that is no number: place, run, scenarios, measures, outcomes and parameters in words; plain JSON."""
    place = asdict(results.place)
    as_of = place.pop("as_of")
    return {
        "place": place,
        "as_of": as_of,
        "opening": results.opening,
        "years": list(results.years),
        "replicates": results.replicates,
        "draws": min(results.draws, results.replicates),
        "pairs": {name: min(results.replicates, run.replicates) for name, run in others.items()},
        "level": level,
        "scenario": dict(results.manifest["scenario"]),
        "scenarios": {name: dict(run.manifest["scenario"]) for name, run in others.items()},
        **{key: results.manifest[key] for key in ("run_id", "created", "seed", "scope")},
        "measures": measures(results.params),
        "quotas": _quotas(results),
        "unfilled": results.manifest.get("unfilled") or {},
        "stress": [
            {key: one[key] for key in ("zh", "en", "first", "last", "extreme")}
            for one in results.manifest.get("stress") or ()
            if one["hits"]
        ],
        "plan": {str(year): persons for year, persons in results.plan.items()},
        "finish_year": finish_year(results.params),
        "closed_from": closed_from(results.params),
        "outcomes": _outcomes(influence),
        "parameters": _parameters(influence),
        "targets": _targets(fit),
    }


def _quotas(results: Results) -> dict[str, dict[str, str]] | None:
    """What each measure's quota counts, and for whom; None where a run does not say."""
    stated = results.manifest.get("quotas")
    return None if stated is None else {id: {"unit": one["unit"], "per": one["per"]} for id, one in stated.items()}


def _outcomes(influence: pd.DataFrame | None) -> dict[str, dict[str, str]]:
    """Words and unit of each outcome; ``out_2018`` is ``out`` of a year."""
    found = {}
    for kind in dict.fromkeys(influence["kind"]) if influence is not None else ():
        name, _, year = kind.partition("_")
        words = {lang: label(f"indicators.outcome_{name}", lang, year=year) for lang in LANGUAGES}
        found[kind] = {**words, "unit": OUTCOMES[name]}
    return found


def _parameters(influence: pd.DataFrame | None) -> dict[str, dict[str, str]]:
    if influence is None:
        return {}
    words = ["zh", "en", "unit", "unit_zh", "grade", "source"]
    return {row["item"]: {word: str(row[word]) for word in words} for row in influence.to_dict("records")}


def _targets(fit: pd.DataFrame | None) -> dict[str, dict[str, str]]:
    if fit is None:
        return {}
    return {row["item"]: {word: str(row[word]) for word in ("zh", "en", "unit") if word in row} for row in fit.to_dict("records")}
