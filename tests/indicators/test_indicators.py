import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.indicators import indicators as ind
from povsim.results.contract import TABLES

SPENT = ["cash", "kind_value", "village", "overhead"]


def bounds(values):
    """Median and 90% interval by counting: the smallest value that at least that share does not exceed."""
    ordered = sorted(values)
    return tuple(ordered[math.ceil(share * len(ordered) - 1e-9) - 1] for share in (0.5, 0.05, 0.95))


def column(table, name, **where):
    for key, value in where.items():
        table = table[table[key] == value]
    return table.sort_values("replicate")[name].to_numpy()


def test_bounds_of_an_interval_occurred():
    assert ind.interval(range(1, 101)) == (50, 5, 95)
    assert ind.interval([3, math.nan, 7, 7]) == (7, 3, 7)
    assert all(map(math.isnan, ind.interval([math.nan])))


def test_timeline_shows_what_was_reported_and_projects_the_rest(results):
    table = ind.exit_timeline(results)
    past, ahead = (table[table["kind"] == kind] for kind in ("reported", "projected"))
    assert list(past["year"]) == [2014, 2015, 2016]
    assert list(past["persons"]) == [1508, 1019, 1595]
    assert past[["persons_low", "p_met"]].isna().all(axis=None)  # a known year has neither band nor probability
    assert list(ahead["year"]) == list(results.years)
    row = ahead[ahead["year"] == 2018].iloc[0]
    left = column(results["exits"], "exited_persons", year=2018)
    assert (row["persons"], row["persons_low"], row["persons_high"]) == bounds(left)
    cumulative = 1508 + 1019 + 1595 + column(results["exits"], "exited_persons", year=2017) + left
    assert row["cumulative_persons"] == bounds(cumulative)[0]
    assert list(ahead["target_persons"].dropna()) == [2196, 1592]
    assert ahead.loc[ahead["year"] > 2018, "p_met"].isna().all()


def test_remaining_is_the_closing_stock(results):
    table = ind.remaining(results).set_index(["kind", "year"])
    assert table.loc[("reported", 2013), "households"] == 2751  # the opening of the first reported year
    assert table.loc[("reported", 2016), "persons"] == 3724
    closing = bounds(column(results["ledger"], "closing", year=2021, unit="households"))
    assert tuple(table.loc[("projected", 2021), ["households", "households_low", "households_high"]]) == closing


@pytest.mark.parametrize(
    ("change", "met"),
    [(0, True), (-1, False)],
    ids=["as many as planned qualify", "one person short"],
)
def test_a_target_is_met_by_those_who_qualify_before_any_cap(make_results, results, change, met):
    exits = results["exits"].copy()
    exits.loc[exits["year"] == 2017, ["qualified_persons", "exited_persons"]] = [2196 + change, 0]
    changed = make_results(tables={**results.tables, "exits": exits})
    assert (ind.target_met(changed, 2017) == met).all()


def test_a_plan_beyond_those_who_are_left_is_met_when_all_of_them_qualify(make_results, results):
    ledger = results["ledger"]
    rows = ledger[(ledger["year"] == 2018) & (ledger["unit"] == "persons")]
    may_leave = (rows["opening"] - rows["removed"]).to_numpy()
    assert (may_leave < results.plan[2018]).any()
    exits = results["exits"].copy()
    for short in (0, 1):
        exits.loc[exits["year"] == 2018, "qualified_persons"] = may_leave - short
        changed = make_results(tables={**results.tables, "exits": exits})
        assert (ind.target_met(changed, 2018) == (short == 0)).all()


def test_there_are_four_headlines_and_each_traces_to_its_table(results):
    heads = {head.key: head for head in ind.headline(results)}
    assert list(heads) == ["exits", "left", "falls", "spending"]
    out, ready, *_ = heads["exits"].values
    assert (out.year, out.target, out.interval) == (2017, 2196, bounds(column(results["exits"], "exited_persons", year=2017)))
    assert ready.interval == bounds(column(results["exits"], "qualified_persons", year=2017))
    assert ready.times_met == (column(results["exits"], "qualified_persons", year=2017) >= 2196).sum()
    plain = column(results["exits"], "qualified_without_topup_persons", year=2017)
    assert ready.times_met_without_topup == (plain >= 2196).sum()
    assert [value.year for value in heads["exits"].values] == [2017, 2017, 2018, 2018]
    spells = results["spells"]
    three = spells[spells["years_since"] == 3].groupby("replicate").sum()
    own, income, registered = heads["falls"].values
    assert own.interval == pytest.approx(bounds(three["fell_before_net"] / three["followed_own"]))
    assert income.interval == pytest.approx(bounds(three["fell_line"] / three["followed"]))
    assert registered.interval == pytest.approx(bounds(three["fell_registered"] / three["followed"]))
    yearly = public(results) / len(results.years)
    assert heads["spending"].values[0].interval == pytest.approx(bounds(yearly))
    assert ind.spending(results)["spent"].sum() == pytest.approx(heads["spending"].values[0].interval.median, rel=0.01)


def test_known_years_have_no_probability(make_results, results):
    known = make_results(place=replace(results.place, as_of=2018))
    assert ind.exit_timeline(known)["p_met"].isna().all()
    assert [value.year for value in ind.headline(known)[0].values] == [2021, 2021]
    assert all(value.times_met is None for value in ind.headline(known)[0].values)


def test_return_readings_are_kept_apart(results):
    table = ind.return_rate(results)
    table = table[table["year"] == 2019].set_index("reading")["share"]
    assert table["registered"] < table["below_line"] < table["below_before_net"]
    shares = column(results["returns"], "below_line", year=2019) / column(
        results["returns"], "exited_stock_households", year=2019
    )
    assert table["below_line"] == pytest.approx(bounds(shares)[0])


def public(results):
    """Yuan by replicate: what villages pay out of their proceeds was spent when they received them."""
    by_replicate = results["spending"].groupby("replicate")[[*SPENT, "from_village"]].sum()
    assert (by_replicate["from_village"] > 0).all()
    return by_replicate[SPENT].sum(axis=1) - by_replicate["from_village"]


def with_income(make_results, results, headcount, seed=7, spent=1.0):
    rows = pd.MultiIndex.from_product([results.years, range(results.replicates)], names=["year", "replicate"]).to_frame(
        index=False
    )
    rest = {column.name: 0.5 for column in TABLES["indicators"].columns if column.dtype == "float64"}
    table = rows.assign(**rest, group="registered", households=1000, persons=3000).assign(headcount=headcount)
    spending = results["spending"].copy()
    spending[[*SPENT, "from_village"]] *= spent
    manifest = {**results.manifest, "seed": seed}
    return make_results(tables={**results.tables, "indicators": table, "spending": spending}, manifest=manifest)


def test_paired_cost_by_hand(make_results, results):
    plan, none = with_income(make_results, results, 0.1), with_income(make_results, results, 0.3, spent=0.0)
    total = public(results)
    person_years = (0.3 - 0.1) * 3000 * len(results.years)
    assert ind.paired_cost(plan, none).interval == pytest.approx(bounds(total / person_years))
    assert ind.paired_cost(none, none).interval.median == np.inf  # who lifts nobody has no price
    assert ind.headline(plan, none)[3].values[1].name == "cost"


def test_runs_with_other_luck_are_not_paired(make_results, results):
    plan, other = with_income(make_results, results, 0.1), with_income(make_results, results, 0.3, seed=8)
    with pytest.raises(ResultsError, match="随机种子"):
        ind.paired_cost(plan, other)


def test_sentences_say_the_numbers_in_both_languages(results):
    heads = ind.headline(results)
    zh, en = (ind.sentences(heads, lang) for lang in ("zh", "en"))
    assert len(zh) == len(en) == 5  # four numbers, and what their intervals hold
    out = heads[0].values[0]
    assert all(f"{number:,.0f}" in zh[0] for number in (*out.interval, out.target))
    assert "万元" in zh[3]
    assert "million yuan" in en[3]
    assert "偶然性" in zh[4]


@pytest.mark.parametrize(("times", "said"), [(200, "98% 以上"), (0, "2% 以下"), (150, "75%")])
def test_chance_is_not_said_surer_than_the_replicates_allow(times, said):
    assert ind.show_chance(times, 200, "zh") == said
