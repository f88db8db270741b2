import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.core.schema import LEDGER_SIGN, Cause
from povsim.indicators import indicators as ind
from povsim.results.contract import TABLES

MONEY = ["cash", "kind_value", "village", "overhead", "from_village"]


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
    assert ind.spending(results)["public"].sum() == pytest.approx(heads["spending"].values[0].interval.median, rel=0.01)


def test_known_years_have_no_probability(make_results, results):
    known = make_results(place=replace(results.place, as_of=2018))
    assert ind.exit_timeline(known)["p_met"].isna().all()
    assert all(value.times_met is None for value in ind.headline(known)[0].values)


def test_without_a_plan_every_year_is_said_and_the_total(make_results, results, monkeypatch):
    free = make_results(plan={})
    values = ind.headline(free)[0].values
    assert [(value.since, value.year) for value in values] == [*((None, year) for year in results.years), (2017, 2021)]
    total = results["exits"].groupby("replicate")["exited_persons"].sum()
    assert values[-1].interval == bounds(total)
    assert all(f"{year} 年" in ind.sentences(ind.headline(free), "zh")[0] for year in results.years)
    monkeypatch.setattr(ind, "WORDY", 4)  # a long run says its total alone
    assert [value.name for value in ind.headline(free)[0].values] == ["exited_in_all"]


def test_return_readings_are_kept_apart(results):
    table = ind.return_rate(results)
    table = table[table["year"] == 2019].set_index("reading")["share"]
    assert table["registered"] < table["below_line"] < table["below_before_net"]
    shares = column(results["returns"], "below_line", year=2019) / column(
        results["returns"], "exited_stock_households", year=2019
    )
    assert table["below_line"] == pytest.approx(bounds(shares)[0])


def public(results, investment=False):
    """Yuan of public money by replicate: neither what villages pay, nor what a station pays from its sales or was built for."""
    money = results["spending"].assign(public=lambda t: t["cash"] + t["kind_value"] + t["overhead"])
    station = money["measure"] == "pv_meiling"
    money["public"] = money["public"].mask(money["measure"] == "collective", 0.0) - 2e4 * (money["measure"] == "posts")
    return (
        money.assign(public=money["kind_value"] if investment else money["public"])[station if investment else ~station]
        .groupby("replicate")["public"]
        .sum()
    )


def paid_by_villages(spending):
    """Yuan by replicate; what a sharing-out leaves with the village is not paid."""
    kept = spending["village"].where(spending["measure"] == "collective", 0.0)
    return (spending["from_village"] - kept).groupby(spending["replicate"]).sum()


def test_no_yuan_is_counted_twice(results):
    heads = {value.name: value for value in ind.headline(results)[3].values}
    assert list(heads) == ["public", "investment", "by_village"]
    assert heads["investment"].interval == (1e7, 1e7, 1e7)  # once, not a year
    village = paid_by_villages(results["spending"]) / len(results.years)
    assert heads["by_village"].interval == pytest.approx(bounds(village))
    table = ind.spending(results).set_index("measure")
    assert next(iter(table.index)) == "pv_meiling"
    assert tuple(table.loc["pv_meiling", ["public", "investment"]]) == (0.0, 1e7)
    assert table.loc["collective", "public"] == 0.0  # what it pays is the villages' own, counted in by_village
    assert table.loc["collective", "by_village"] > 0.0
    assert tuple(table.loc["tea", ["holders", "holders_low", "holders_high"]]) == (100, 100, 100)


def test_pv_households_are_told_what_reaches_them(results):
    table = ind.pv_income(results).set_index("year")
    cash = column(results["spending"], "cash", year=2017, measure="pv_meiling")
    assert table.loc[2017, "dividend"] == pytest.approx(bounds(cash / 400)[0])
    assert (table.loc[2018:, "dividend"] == 0.0).all()
    assert table.loc[2017, "by_village"] == 0.0  # what the villages pay then is not the stations' yet
    paid = paid_by_villages(results["spending"].query("year == 2018"))
    assert table.loc[2018, "by_village"] == pytest.approx(bounds(paid / 400)[0])


def test_the_account_adds_up(results):
    table = ind.account(results, "households")
    flows = sum(LEDGER_SIGN[name] * table[name] for name in LEDGER_SIGN if name != "closing")
    assert table["closing"].to_numpy() == pytest.approx(flows.to_numpy())
    assert (table["closing_low"] <= table["closing"]).all()


def test_causes_are_a_yearly_average(results):
    table = ind.causes(results)
    assert list(table["cause"]) == [Cause.JOB_LOSS, Cause.ILLNESS]
    lost = results["return_causes"].query("cause == 14").groupby("replicate")["households"].sum() / 5
    assert tuple(table.loc[0, ["households", "households_low", "households_high"]]) == bounds(lost)


def with_income(make_results, results, headcount, seed=7, spent=1.0):
    rows = pd.MultiIndex.from_product([results.years, range(results.replicates)], names=["year", "replicate"]).to_frame(
        index=False
    )
    rest = {column.name: 0.5 for column in TABLES["indicators"].columns if column.dtype == "float64"}
    table = rows.assign(**rest, group="registered", households=1000, persons=3000).assign(headcount=headcount)
    spending = results["spending"].copy()
    spending[MONEY] *= spent
    manifest = {**results.manifest, "seed": seed}
    return make_results(tables={**results.tables, "indicators": table, "spending": spending}, manifest=manifest)


def test_paired_cost_by_hand(make_results, results):
    plan, none = with_income(make_results, results, 0.1), with_income(make_results, results, 0.3, spent=0.0)
    total = public(results) + public(results, investment=True)
    person_years = (0.3 - 0.1) * 3000 * len(results.years)
    assert ind.paired_cost(plan, none).interval == pytest.approx(bounds(total / person_years))
    assert ind.paired_cost(none, none).interval.median == np.inf  # who lifts nobody has no price
    assert ind.headline(plan, none)[3].values[-1].name == "cost"


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


def test_too_few_replicates_are_said_to_be_too_few(make_results):
    few = make_results(replicates=3)
    said = ind.sentences(ind.headline(few), "zh")
    assert "100% 以下" not in said[0]
    assert "次数太少" in said[0]
    assert said[-1].startswith("模拟次数太少，区间仅供参考")
    assert not ind.caution(20, "zh").startswith("模拟次数太少")
