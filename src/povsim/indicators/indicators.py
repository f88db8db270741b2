"""Owns: what the tables of a run come to, each number with its interval: timeline, remaining, return, spending, headlines.
Never: starts a simulation (simulation), draws (report), or counts households (engine.ledger)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label, language
from povsim.results.results import Results

Reals = NDArray[np.float64]

LEVEL: Final = 0.9
SPENT: Final = ("cash", "kind_value", "village", "overhead")  # what a measure spends; repayments are apart
READINGS: Final = ("fell_before_net", "fell_line", "fell_survey", "fell_registered")
WITHIN: Final = 3  # years of follow-up in the headline of return


class Interval(NamedTuple):
    """Median, low and high of a number over replicates: chance alone, parameters held."""

    median: float
    low: float
    high: float


def interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Median and central interval of replicates.

    Each bound is a value that occurred (the inverse of the empirical distribution), so that households stay whole.

    Parameters
    ----------
    values : array_like
        One number per replicate; NaN (nothing to measure) is left out.
    level : float
        Share of replicates inside.
    """
    found = np.asarray(values, dtype=np.float64)
    found = found[~np.isnan(found)]
    if not len(found):
        return Interval(np.nan, np.nan, np.nan)
    tail = (1.0 - level) / 2.0
    low, median, high = np.quantile(found, (tail, 0.5, 1.0 - tail), method="inverted_cdf")
    return Interval(float(median), float(low), float(high))


# --- tables by year ---------------------------------------------------------------------------------------


def exit_timeline(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Who left and who will leave, by year: the timeline of exits (脱贫时限).

    Returns
    -------
    DataFrame
        A row per reported and per simulated year (``kind``); a year that is both, in a back-test, has two. ``persons``,
        ``households``, ``cumulative_persons`` (since the first reported year) and ``qualified_persons`` (before any cap), each
        with ``_low`` and ``_high``; ``target_persons``, NaN without a plan; ``p_met`` and ``p_met_without_topup``, the share of
        replicates in which the plan of an open year is met, NaN for years already reported.
    """
    past = results.reported
    before = past.loc[past["year"] <= results.opening, "exited_persons"].sum()
    reported = pd.DataFrame(
        {
            "year": past["year"],
            "kind": "reported",
            "persons": past["exited_persons"],
            "households": past["exited_households"],
            "cumulative_persons": past["exited_persons"].cumsum(),
        }
    )
    persons = _by_year(results["exits"], "exited_persons")
    projected = _summary(
        results.years,
        level,
        persons=persons,
        households=_by_year(results["exits"], "exited_households"),
        cumulative_persons=before + persons.cumsum(axis=0),
        qualified_persons=_by_year(results["exits"], "qualified_persons"),
    ).assign(kind="projected")
    for name, column in (("p_met", "qualified_persons"), ("p_met_without_topup", "qualified_without_topup_persons")):
        projected[name] = [
            target_met(results, year, column).mean() if is_open(results, year) else np.nan for year in results.years
        ]
    timeline = pd.concat([reported, projected], ignore_index=True)
    timeline["target_persons"] = timeline["year"].map(results.plan).astype(np.float64)
    return timeline


def remaining(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Count the registered poor at the end of each year.

    Returns
    -------
    DataFrame
        A row per reported and per simulated year (``kind``): ``households`` and ``persons``, each with ``_low`` and ``_high``;
        NaN where nothing was reported. The opening of the first reported year stands as the year before it.
    """
    past = results.reported
    first = past.iloc[:1].assign(year=past["year"] - 1, closing_households=past["opening_households"], closing_persons=np.nan)
    both = pd.concat([first.dropna(subset="closing_households"), past], ignore_index=True)
    columns = {"households": both["closing_households"], "persons": both["closing_persons"]}
    reported = pd.DataFrame({"year": both["year"], "kind": "reported", **columns})
    stocks = {unit: _by_year(_of_unit(results, unit), "closing") for unit in ("households", "persons")}
    return pd.concat([reported, _summary(results.years, level, **stocks).assign(kind="projected")], ignore_index=True)


def return_rate(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Share of the exited households that are poor again, by year and reading.

    Returns
    -------
    DataFrame
        ``year, reading, share, share_low, share_high``; readings are ``below_before_net`` (income before the safety net under the
        line), ``below_line`` (income under it), ``below_or_guarantee`` (or a guarantee lost: what a survey would find) and
        ``registered`` (what the office records). They are kept apart.
    """
    stock = _by_year(results["returns"], "exited_stock_households")
    parts = []
    for reading in ("below_before_net", "below_line", "below_or_guarantee", "registered"):
        share = _ratio(_by_year(results["returns"], reading), stock)
        parts.append(_summary(results.years, level, share=share).assign(reading=reading))
    return pd.concat(parts, ignore_index=True)


def spending(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Average yearly holders and spending of each measure.

    Returns
    -------
    DataFrame
        ``measure, holders, spent, spent_low, spent_high`` (yuan per year, average over the simulated years), dearest first.
    """
    data = results["spending"].assign(spent=_public)
    rows = []
    for measure, part in data.groupby("measure", sort=True):
        spent = interval(_by_year(part, "spent").mean(axis=0), level)
        holders = interval(_by_year(part, "holders").mean(axis=0), level).median
        rows.append((measure, holders, spent.median, spent.low, spent.high))
    table = pd.DataFrame(rows, columns=["measure", "holders", "spent", "spent_low", "spent_high"])
    return table.sort_values("spent", ascending=False, kind="stable", ignore_index=True)


# --- the plan ---------------------------------------------------------------------------------------------


def is_open(results: Results, year: int) -> bool:
    """Whether a simulated year has a plan and was not yet reported."""
    return year in results.plan and year in results.years and year > results.place.as_of


def target_met(results: Results, year: int, column: str = "qualified_persons") -> NDArray[np.bool_]:
    """Whether the plan of a year is met, by replicate.

    It is met when the households that qualify before any cap hold at least the planned persons, or everybody who may leave that
    year where fewer are left than planned. Who was identified or came back in the year may not leave in it.
    """
    ledger = _of_unit(results, "persons")
    ledger = ledger[ledger["year"] == year]
    may_leave = (ledger["closing"] + ledger["exited"] - ledger["identified"] - ledger["returned"]).to_numpy()
    exits = results["exits"]
    met: NDArray[np.bool_] = exits.loc[exits["year"] == year, column].to_numpy() >= np.minimum(results.plan[year], may_leave)
    return met


# --- headlines --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """A number with its interval.

    Attributes
    ----------
    name : str
        What it is; ``indicators.<name>`` in the catalogue.
    unit : str
        ``persons``, ``households``, ``share``, ``yuan/year`` or ``yuan/person/year``.
    interval : Interval
        Over replicates: chance alone.
    year : int or None
        The year it belongs to.
    target : int or None
        What the plan says for it.
    times_met, times_met_without_topup : int or None
        Replicates in which that plan is met, and is met without top-up by the safety net.
    """

    name: str
    unit: str
    interval: Interval
    year: int | None = None
    target: int | None = None
    times_met: int | None = None
    times_met_without_topup: int | None = None


@dataclass(frozen=True)
class Headline:
    """One of the four numbers that a meeting asks for.

    Attributes
    ----------
    key : str
        ``exits``, ``left``, ``falls`` or ``spending``.
    values : tuple of Value
        The number first, then what stands beside it.
    replicates : int
        How many replicates the intervals rest on.
    """

    key: str
    values: tuple[Value, ...]
    replicates: int


def headline(results: Results, without: Results | None = None, level: float = LEVEL) -> tuple[Headline, ...]:
    """Sum a run up in four numbers, each with its interval.

    1. ``exits``: persons out in each open year of the plan, and who qualify before any cap; where no year is open, the last one
    2. ``left``: households, and persons, still poor at the end
    3. ``falls``: of the households that left, the share that falls back within three years (fewer where the run is shorter):
       income under the line first, then income before the safety net (who stands on the net without ever standing alone), then
       as registered
    4. ``spending``: yuan per year, all measures; with a run ``without`` measures also what a person-year above the line costs
    """
    years = [year for year in results.years if is_open(results, year)] or [results.years[-1]]
    money = [Value("spent", "yuan/year", interval(_spent(results).mean(axis=0), level))]
    if without is not None:
        money.append(paired_cost(results, without, level))
    parts = {
        "exits": tuple(value for year in years for value in _exits(results, year, level)),
        "left": tuple(
            Value(f"left_{unit}", unit, interval(_by_year(_of_unit(results, unit), "closing")[-1], level), results.years[-1])
            for unit in ("households", "persons")
        ),
        "falls": _falls(results, level),
        "spending": tuple(money),
    }
    return tuple(Headline(key, values, results.replicates) for key, values in parts.items())


def paired_cost(results: Results, without: Results, level: float = LEVEL) -> Value:
    """Divide what the measures cost by the person-years they keep above the line, paired with a run without measures.

    Income of the registered decides, not the registry: without measures nobody may leave it, since an exit asks for a measure
    delivered. A replicate in which the measures lift nobody costs infinity.

    Raises
    ------
    ResultsError
        Where the runs do not share seed, opening, years and replicates, so that they cannot be paired.
    """
    pair = ((run.manifest["seed"], run.opening, run.years, run.replicates) for run in (results, without))
    if len(set(pair)) > 1:
        fault = Fault(key="seed, opening, years, replicates", expected=label("indicators.same_luck"))
        raise ResultsError(label("indicators.unpaired"), [fault])
    lifted = (_below(without) - _below(results)).sum(axis=0)
    extra = (_spent(results) - _spent(without)).sum(axis=0)
    cost = np.divide(extra, lifted, out=np.full_like(extra, np.inf), where=lifted > 0)
    return Value("cost", "yuan/person/year", interval(cost, level))


def sentences(headlines: tuple[Headline, ...], lang: str | None = None) -> tuple[str, ...]:
    """Say the headlines in one sentence per number, and last what the intervals hold and what they do not."""
    tongue = language(lang)
    said = []
    for head in headlines:
        clauses = [_clause(value, head.replicates, tongue) for value in head.values]
        said.append(label(f"indicators.{head.key}", tongue, text=label("indicators.comma", tongue).join(clauses)))
    return (*said, label("indicators.chance_only", tongue, level=f"{LEVEL:.0%}", replicates=headlines[0].replicates))


def show_number(number: float, unit: str, lang: str | None = None) -> str:
    """Write a number the way people read it: whole people, shares in percent, large money in 万元 or million yuan."""
    if np.isnan(number):
        return label("indicators.blank", lang)
    if np.isinf(number):
        return label("indicators.endless", lang)
    if unit == "share":
        return f"{number:.1%}"
    if unit == "yuan/year":
        return label("indicators.money", lang, wan=f"{number / 1e4:,.0f}", million=f"{number / 1e6:,.2f}")
    return f"{number:,.0f}"


def show_chance(times: int, replicates: int, lang: str | None = None) -> str:
    """Write a probability that replicates estimate: where all or none of them agree, the bound by the rule of three (95%)."""
    if times == replicates:
        return label("indicators.over", lang, share=f"{max(0.0, 1 - 3 / replicates):.0%}")
    if times == 0:
        return label("indicators.under", lang, share=f"{min(1.0, 3 / replicates):.0%}")
    return f"{times / replicates:.0%}"


# --- parts ------------------------------------------------------------------------------------------------


def _exits(results: Results, year: int, level: float) -> tuple[Value, Value]:
    row = results.years.index(year)
    out, ready = (interval(_by_year(results["exits"], column)[row], level) for column in ("exited_persons", "qualified_persons"))
    if not is_open(results, year):
        return Value("exited", "persons", out, year), Value("qualified", "persons", ready, year)
    met = (int(target_met(results, year, f"qualified_{kind}persons").sum()) for kind in ("", "without_topup_"))
    return Value("exited", "persons", out, year, results.plan[year]), Value("qualified", "persons", ready, year, None, *met)


def _falls(results: Results, level: float) -> tuple[Value, ...]:
    spells = results["spells"]
    within = min(WITHIN, int(spells["years_since"].max()))
    totals = spells[spells["years_since"] == within].groupby("replicate")[["followed", "followed_own", *READINGS]].sum()
    shown = {"fell_before_net": "followed_own", "fell_line": "followed", "fell_registered": "followed"}
    shares = (_ratio(totals[reading].to_numpy(), totals[of].to_numpy()) for reading, of in shown.items())
    return tuple(Value(reading, "share", interval(share, level), within) for reading, share in zip(shown, shares, strict=True))


def _clause(value: Value, replicates: int, lang: str) -> str:
    median, low, high = (show_number(number, value.unit, lang) for number in value.interval)
    words: dict[str, Any] = {"median": median, "low": low, "high": high, "year": value.year}
    text = label(f"indicators.{value.name}", lang, **words)
    if value.target is not None:
        text += label("indicators.target", lang, target=f"{value.target:,}")
    if value.times_met is not None and value.times_met_without_topup is not None:
        met, plain = (show_chance(times, replicates, lang) for times in (value.times_met, value.times_met_without_topup))
        text += label("indicators.met", lang, met=met, plain=plain)
    return text


def _by_year(table: pd.DataFrame, column: str) -> Reals:
    """A column as years x replicates, both in order."""
    return table.pivot(index="year", columns="replicate", values=column).to_numpy(dtype=np.float64)


def _of_unit(results: Results, unit: str) -> pd.DataFrame:
    ledger = results["ledger"]
    return ledger[ledger["unit"] == unit]


def _spent(results: Results) -> Reals:
    """Yuan spent on all measures, years x replicates; zero where there are none."""
    table = results["spending"]
    total = table.assign(spent=_public).groupby(["year", "replicate"])["spent"].sum()
    whole = pd.MultiIndex.from_product([results.years, results["ledger"]["replicate"].unique()], names=["year", "replicate"])
    return total.reindex(whole, fill_value=0.0).to_numpy().reshape(len(results.years), results.replicates)


def _public(spending: pd.DataFrame) -> pd.Series[float]:
    """Yuan of public money: what comes out of villages' proceeds was spent when the villages received them."""
    return spending[list(SPENT)].sum(axis=1) - spending["from_village"]


def _below(results: Results) -> Reals:
    """Registered persons under the poverty line, years x replicates."""
    data = results["indicators"]
    data = data[data["group"] == "registered"]
    return _by_year(data.assign(below=data["headcount"] * data["persons"]), "below")


def _ratio(part: Reals, whole: Reals) -> Reals:
    ratio: Reals = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return ratio


def _summary(years: tuple[int, ...], level: float, **columns: Reals) -> pd.DataFrame:
    """A row per year: each column's median under its name, its bounds under ``_low`` and ``_high``."""
    table = pd.DataFrame({"year": years})
    for name, values in columns.items():
        table[[name, f"{name}_low", f"{name}_high"]] = [interval(row, level) for row in values]
    return table
