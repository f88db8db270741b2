"""Owns: what the tables of a run come to, each number with its interval: timeline, remaining, return, spending, headlines.
Never: starts a simulation (simulation), draws (report), or counts households (engine.ledger)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label, language
from povsim.core.schema import LEDGER
from povsim.results.results import Results

Reals = NDArray[np.float64]

LEVEL: Final = 0.9
FEW: Final = 20  # with fewer replicates an interval is only a hint, and no probability is said
WORDY: Final = 8  # up to so many years are said one by one
FROM_SALES: Final = "pv"  # the kind that pays from what it sells: its cash and upkeep are no public money, only the building is
ENDS: Final = ("", "_low", "_high")
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
    """Who left and who will leave, by year: the timeline of exits (脱贫时序).

    Returns
    -------
    DataFrame
        A row per reported and per simulated year (``kind``); a year that is both, in a back-test, has two. Each with ``_low`` and
        ``_high``: ``persons``, ``households``, ``cumulative_persons`` (since the first reported year), ``qualified_persons``
        (before any cap) and of these ``plain_persons``, who qualify without top-up by the safety net. ``target_persons``, NaN
        without a plan; ``p_met`` and ``p_met_without_topup``, the share of replicates in which the plan of an open year is met,
        NaN for years already reported.
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
        plain_persons=_by_year(results["exits"], "qualified_without_topup_persons"),
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
        NaN where nothing was reported. The opening of the first reported year stands as the year before it. Where the households
        of the run's opening were not reported, a row ``opening`` tells with how many the run begins.
    """
    past = results.reported
    first = past.iloc[:1].assign(year=past["year"] - 1, closing_households=past["opening_households"], closing_persons=np.nan)
    both = pd.concat([first.dropna(subset="closing_households"), past], ignore_index=True)
    columns = {"households": both["closing_households"], "persons": both["closing_persons"]}
    parts = [pd.DataFrame({"year": both["year"], "kind": "reported", **columns})]
    if results.opening not in set(both.dropna(subset="closing_households")["year"]):
        begun = {unit: _by_year(_of_unit(results, unit), "opening")[:1] for unit in ("households", "persons")}
        parts.append(_summary((results.opening,), level, **begun).assign(kind="opening"))
    stocks = {unit: _by_year(_of_unit(results, unit), "closing") for unit in ("households", "persons")}
    return pd.concat([*parts, _summary(results.years, level, **stocks).assign(kind="projected")], ignore_index=True)


def account(results: Results, unit: str) -> pd.DataFrame:
    """Average the ledger over replicates, so that it adds up: opening, flows and closing of each simulated year.

    Parameters
    ----------
    unit : str
        ``households`` or ``persons``.

    Returns
    -------
    DataFrame
        ``year``, a column per flow of the ledger (means, where medians would not add up), and the interval of the closing as
        ``closing_low`` and ``closing_high``.
    """
    ledger = _of_unit(results, unit)
    table = ledger.groupby("year")[list(LEDGER)].mean().reset_index()
    bounds = [interval(row, LEVEL) for row in _by_year(ledger, "closing")]
    return table.assign(closing_low=[one.low for one in bounds], closing_high=[one.high for one in bounds])


def causes(results: Results, level: float = LEVEL) -> pd.DataFrame:
    """Why households that had stood on their own income fell under the line again.

    Returns
    -------
    DataFrame
        ``cause`` (``schema.Cause``), ``households, households_low, households_high`` (a year, average over the simulated years),
        most frequent first.
    """
    counts = results["return_causes"].pivot_table(index="cause", columns="replicate", values="households", aggfunc="sum")
    counts = counts.reindex(columns=range(results.replicates)).fillna(0.0) / len(results.years)
    rows = [(cause, *interval(row, level)) for cause, row in zip(counts.index, counts.to_numpy(), strict=True)]
    table = pd.DataFrame(rows, columns=["cause", "households", "households_low", "households_high"])
    return table.sort_values("households", ascending=False, kind="stable", ignore_index=True)


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
    """Average yearly holders and money of each measure; no yuan stands in two columns.

    Returns
    -------
    DataFrame
        ``measure``, ``kind``, and each with ``_low`` and ``_high``: ``holders``; ``public``, yuan of public money per year;
        ``investment``, yuan spent once on building, all years together; ``by_village``, yuan per year that villages pay
        out of their proceeds; ``sales``, yuan per year paid to holders out of what was sold. Dearest first.
    """
    parts = []
    for measure, part in _money(results).groupby("measure", sort=True):
        numbers = {name: _by_year(part, name).mean(axis=0) for name in ("holders", "public", "by_village", "sales")}
        numbers["investment"] = _by_year(part, "investment").sum(axis=0)
        bounds = {name: [interval(values, level)] for name, values in numbers.items()}
        row = {f"{name}{end}": [one[place] for one in both] for name, both in bounds.items() for place, end in enumerate(ENDS)}
        parts.append(pd.DataFrame({"measure": [measure], "kind": part["kind"].iloc[0], **row}))
    if not parts:
        return pd.DataFrame(columns=["measure", "kind"])
    table = pd.concat(parts, ignore_index=True)
    cost = table["public"] * len(results.years) + table["investment"]
    dearest = table.assign(cost=cost).sort_values(["cost", "by_village"], ascending=False, kind="stable", ignore_index=True)
    return dearest.drop(columns="cost")


def pv_income(results: Results) -> pd.DataFrame:
    """What the linked households of PV stations get.

    Returns
    -------
    DataFrame
        A row per simulated year with holders: ``households`` linked; ``dividend``, yuan paid straight to each; ``by_village``,
        what villages paid out of the proceeds that stations gave them the year before, in yuan per linked household, though it
        goes to whoever holds a post, works or is in need. Medians; no rows without a station.
    """
    money = _money(results)
    stations = money[money["kind"] == FROM_SALES]
    if not len(stations):
        return pd.DataFrame(columns=["year", "households", "dividend", "by_village"])
    totals = stations.groupby(["year", "replicate"], as_index=False)[["holders", "cash", "village"]].sum()
    households, dividends, given = (_by_year(totals, name) for name in ("holders", "cash", "village"))
    paid = _by_year(money.groupby(["year", "replicate"], as_index=False)["by_village"].sum(), "by_village")
    lagged = np.vstack([np.zeros((1, given.shape[1]), bool), given[:-1] > 0])
    table = pd.DataFrame({"year": results.years})
    for name, values in (("dividend", dividends), ("by_village", paid * lagged)):
        table[name] = [interval(row).median for row in _ratio(values, households)]
    table.insert(1, "households", [interval(row).median for row in households])
    return table[table["households"] > 0].reset_index(drop=True)


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
        ``persons``, ``households``, ``share``, ``yuan``, ``yuan/year`` or ``yuan/person/year``.
    interval : Interval
        Over replicates: chance alone.
    year : int or None
        The year it belongs to.
    since : int or None
        The first year, where it is a total up to ``year``.
    target : int or None
        What the plan says for it.
    times_met, times_met_without_topup : int or None
        Replicates in which that plan is met, and is met without top-up by the safety net.
    """

    name: str
    unit: str
    interval: Interval
    year: int | None = None
    since: int | None = None
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

    1. ``exits``: persons out in each open year of the plan, and who qualify before any cap; where no year is open, in every
       simulated year, or in all of them together where they are many
    2. ``left``: households, and persons, still poor at the end
    3. ``falls``: of the households that left, the share that falls back within three years (fewer where the run is shorter):
       income under the line first, then income before the safety net (who stands on the net without ever standing alone), then
       as registered
    4. ``spending``: public money in yuan per year, all measures; what was built once, and what villages pay out of their
       proceeds, stand beside it and are not in it; with a run ``without`` measures also what a person-year above the line costs
    """
    parts = {
        "exits": _exits(results, level),
        "left": tuple(
            Value(f"left_{unit}", unit, interval(_by_year(_of_unit(results, unit), "closing")[-1], level), results.years[-1])
            for unit in ("households", "persons")
        ),
        "falls": _falls(results, level),
        "spending": _costs(results, without, level),
    }
    return tuple(Headline(key, values, results.replicates) for key, values in parts.items())


def paired_cost(results: Results, without: Results, level: float = LEVEL) -> Value:
    """Divide what the measures cost by the person-years they keep above the line, paired with a run without measures.

    What was built is a cost in full, though it lasts longer than the run; what villages pay out of their proceeds is none.
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
    cost_of = [_total(run, "public").sum(axis=0) + _total(run, "investment").sum(axis=0) for run in (results, without)]
    extra = cost_of[0] - cost_of[1]
    cost = np.divide(extra, lifted, out=np.full_like(extra, np.inf), where=lifted > 0)
    return Value("cost", "yuan/person/year", interval(cost, level))


def sentences(headlines: tuple[Headline, ...], lang: str | None = None) -> tuple[str, ...]:
    """Say the headlines in one sentence per number, and last what the intervals hold and what they do not."""
    tongue = language(lang)
    said = []
    for head in headlines:
        clauses = [_clause(value, head.replicates, tongue) for value in head.values]
        said.append(label(f"indicators.{head.key}", tongue, text=label("indicators.comma", tongue).join(clauses)))
    return (*said, caution(headlines[0].replicates, tongue))


def caution(replicates: int, lang: str | None = None) -> str:
    """Say what the intervals in brackets hold and what they do not, and where the replicates are too few for them."""
    last = label("indicators.chance_only", lang, level=f"{LEVEL:.0%}", replicates=replicates)
    return last if replicates >= FEW else label("indicators.few", lang) + last


def show_number(number: float, unit: str, lang: str | None = None) -> str:
    """Write a number the way people read it: whole people, shares in percent, large money in 万元 or million yuan."""
    if np.isnan(number):
        return label("indicators.blank", lang)
    if np.isinf(number):
        return label("indicators.endless", lang)
    if unit == "share":
        return f"{number:.1%}"
    if unit in ("yuan", "yuan/year"):
        return label("indicators.money", lang, wan=f"{number / 1e4:,.0f}", million=f"{number / 1e6:,.2f}")
    return f"{number:,.0f}"


def show_chance(times: int, replicates: int, lang: str | None = None) -> str:
    """Write a probability that replicates estimate.

    Where all or none of them agree it is the bound by the rule of three (95%); of fewer than ``FEW`` replicates none is said.
    """
    if replicates < FEW:
        return label("indicators.few_chance", lang)
    if times == replicates:
        return label("indicators.over", lang, share=f"{max(0.0, 1 - 3 / replicates):.0%}")
    if times == 0:
        return label("indicators.under", lang, share=f"{min(1.0, 3 / replicates):.0%}")
    return f"{times / replicates:.0%}"


# --- parts ------------------------------------------------------------------------------------------------


def _exits(results: Results, level: float) -> tuple[Value, ...]:
    out, ready = (_by_year(results["exits"], column) for column in ("exited_persons", "qualified_persons"))
    years = results.years
    opened = [row for row, year in enumerate(years) if is_open(results, year)]
    values = []
    for row in opened:
        met, plain = (int(target_met(results, years[row], f"qualified_{kind}persons").sum()) for kind in ("", "without_topup_"))
        values.append(Value("exited", "persons", interval(out[row], level), years[row], target=results.plan[years[row]]))
        ready_then = interval(ready[row], level)
        values.append(Value("qualified", "persons", ready_then, years[row], times_met=met, times_met_without_topup=plain))
    if not opened:
        total = Value("exited_in_all", "persons", interval(out.sum(axis=0), level), years[-1], since=years[0])
        each = [Value("exited", "persons", interval(row, level), year) for row, year in zip(out, years, strict=True)]
        values = [*(each if len(years) <= WORDY else []), *([total] if len(years) > 1 else [])]
    return tuple(values)


def _costs(results: Results, without: Results | None, level: float) -> tuple[Value, ...]:
    built, village = _total(results, "investment").sum(axis=0), _total(results, "by_village").mean(axis=0)
    values = [Value("public", "yuan/year", interval(_total(results, "public").mean(axis=0), level))]
    if built.any():
        values.append(Value("investment", "yuan", interval(built, level)))
    if village.any():
        values.append(Value("by_village", "yuan/year", interval(village, level)))
    if without is not None:
        values.append(paired_cost(results, without, level))
    return tuple(values)


def _falls(results: Results, level: float) -> tuple[Value, ...]:
    spells = results["spells"]
    within = min(WITHIN, int(spells["years_since"].max()))
    totals = spells[spells["years_since"] == within].groupby("replicate")[["followed", "followed_own", *READINGS]].sum()
    shown = {"fell_before_net": "followed_own", "fell_line": "followed", "fell_registered": "followed"}
    shares = (_ratio(totals[reading].to_numpy(), totals[of].to_numpy()) for reading, of in shown.items())
    return tuple(Value(reading, "share", interval(share, level), within) for reading, share in zip(shown, shares, strict=True))


def _clause(value: Value, replicates: int, lang: str) -> str:
    median, low, high = (show_number(number, value.unit, lang) for number in value.interval)
    words: dict[str, Any] = {"median": median, "low": low, "high": high, "year": value.year, "since": value.since}
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


def _money(results: Results) -> pd.DataFrame:
    """The table of spending with each measure's kind and its money told apart: public, by villages, investment, from sales.

    What a village receives is its income, and counts as money spent when the village pays it out.
    """
    table = results["spending"]
    table = table.assign(kind=table["measure"].map(_kinds(results.params)).fillna(""))
    sells = table["kind"] == FROM_SALES
    kept = table["village"].where(~sells, 0.0)  # what a sharing-out leaves with the village
    running = table["cash"] + table["kind_value"] + table["overhead"] + kept - table["from_village"]
    return table.assign(
        public=running.where(~sells, 0.0),
        by_village=table["from_village"] - kept,
        investment=table["kind_value"].where(sells, 0.0),
        sales=table["cash"].where(sells, 0.0),
    )


@cache
def _kinds(params: str) -> dict[str, str]:
    """Kind of each measure, from the resolved parameters."""
    from ruamel.yaml import YAML

    measures = YAML(typ="safe").load(params).get("measures") or {}
    return {name: measure["kind"] for name, measure in measures.items()}


def _total(results: Results, column: str) -> Reals:
    """Yuan of all measures, years x replicates; zero where there are none."""
    total = _money(results).groupby(["year", "replicate"])[column].sum()
    whole = pd.MultiIndex.from_product([results.years, results["ledger"]["replicate"].unique()], names=["year", "replicate"])
    return total.reindex(whole, fill_value=0.0).to_numpy(dtype=np.float64).reshape(len(results.years), results.replicates)


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
