import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.core.labels import label
from povsim.core.schema import LEDGER_SIGN, Cause
from povsim.indicators import headline, timeline
from povsim.indicators import indicators as ind
from povsim.indicators.resolved import measures
from tests.indicators import town


def bounds(values):
    """Median and 90% interval by counting: the smallest value that at least that share does not exceed."""
    ordered = sorted(values)
    return tuple(ordered[math.ceil(share * len(ordered) - 1e-9) - 1] for share in (0.5, 0.05, 0.95))


def column(table, name, **where):
    for key, value in where.items():
        table = table[table[key] == value]
    return table.sort_values("replicate")[name].to_numpy()


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
    assert tuple(table.loc[("projected", 2021), ["households_chance_low", "households_chance_high"]]) == closing[1:]


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


def valued(heads, key):
    """Values of one headline by name and year."""
    return {(value.name, value.year): value for value in next(head for head in heads if head.key == key).values}


def test_there_are_four_headlines_and_each_traces_to_its_table(results):
    heads = ind.headline(results)
    assert [head.key for head in heads] == ["exits", "left", "falls", "cost"]
    exits = valued(heads, "exits")
    names = ("exited", "target", "qualified", "plain", "p_met", "p_met_without_topup")
    assert list(exits) == [(name, year) for year in (2017, 2018) for name in names]
    assert exits["exited", 2017].interval[:3] == bounds(column(results["exits"], "exited_persons", year=2017))
    assert exits["target", 2017].interval.median == 2196
    qualified = column(results["exits"], "qualified_persons", year=2017)
    assert exits["qualified", 2017].interval[:3] == bounds(qualified)
    assert exits["p_met", 2017].interval.median == (qualified >= 2196).mean()
    plain = column(results["exits"], "qualified_without_topup_persons", year=2017)
    assert exits["plain", 2017].interval[:3] == bounds(plain)
    assert exits["p_met_without_topup", 2017].interval.median == (plain >= 2196).mean()
    spells = results["spells"]
    three = spells[spells["years_since"] == 3].groupby("replicate").sum()
    falls = valued(heads, "falls")
    assert list(falls) == [("fell_before_net", 3), ("fell_line", 3), ("fell_registered", 3)]
    for (name, _), value in falls.items():
        of = "followed_own" if name == "fell_before_net" else "followed"
        assert value.interval[:3] == pytest.approx(bounds(three[name] / three[of]))
    yearly = public(results) / len(results.years)
    assert valued(heads, "cost")["public", None].interval[:3] == pytest.approx(bounds(yearly))
    assert ind.spending(results)["public"].sum() == pytest.approx(bounds(yearly)[0], rel=0.01)


def test_known_years_have_no_probability(make_results, results):
    known = make_results(place=replace(results.place, as_of=2018))
    assert ind.exit_timeline(known)["p_met"].isna().all()
    assert not any(value.unit == "share" for value in ind.headline(known)[0].values)


def test_without_a_plan_every_year_is_said_and_the_total(make_results, results, monkeypatch):
    free = make_results(plan={})
    values = ind.headline(free)[0].values
    assert [(value.name, value.year) for value in values] == [*(("exited", y) for y in results.years), ("exited_in_all", 2021)]
    total = results["exits"].groupby("replicate")["exited_persons"].sum()
    assert values[-1].interval[:3] == bounds(total)
    assert all(f"{year} 年" in ind.sentences(ind.headline(free), "zh")[0] for year in results.years)
    monkeypatch.setattr(headline, "WORDY", 4)  # a long run says its total alone
    assert [value.name for value in ind.headline(free)[0].values] == ["exited_in_all"]


CLOSING = "plan: {finish_year: %s}\nassessment: {transition_from: %s}\n"


def test_what_is_left_is_said_of_the_finish_year_and_when_exits_are_closed(make_results, results):
    """Mutations: the last simulated year; the year of closing counted as one with exits."""
    cases = ((2020, "2021", 2020, (2021,)), ("null", "{value: 2020, beyond_range: a}", 2019, (2020, 2021)))
    for finish, transition, year, closed in cases:
        run = make_results(params=results.params + CLOSING % (finish, transition))
        left = valued(ind.headline(run), "left")
        assert {of for name, of in left if name != "closed"} == {year}
        whole = column(run["ledger"].query("unit == 'households'"), "closing", year=year)
        assert left["left_households", year].interval[:3] == bounds(whole)
        assert left["closed", closed[0]].interval.median == closed[0] and timeline.closed_years(run) == closed
        zh, en = (ind.sentences(ind.headline(run), lang)[1] for lang in ("zh", "en"))
        assert f"{year} 年末预计还有" in zh and f"{closed[0]} 年起不再办理脱贫退出" in zh
        assert "户未脱贫（中位数，" in zh and "still poor (median, " in en
        assert f"at the end of {year}" in en and f"from {closed[0]} on exits are closed" in en
    assert valued(ind.headline(results), "left").keys() >= {("left_households", 2021)}, (
        "of a run that does not tell, the last year"
    )


def test_a_year_without_exits_is_no_year_of_zero_exits(make_results, results):
    free = make_results(plan={}, params=results.params + CLOSING % (2020, 2021))
    values = ind.headline(free)[0].values
    assert [(value.name, value.year) for value in values] == [
        *(("exited", y) for y in results.years if y < 2021),
        ("exited_in_all", 2021),
    ]


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
    assert heads["investment"].interval == (1e7,) * 5  # once, not a year
    village = paid_by_villages(results["spending"]) / len(results.years)
    assert heads["by_village"].interval[:3] == pytest.approx(bounds(village))
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
    assert list(ind.return_causes(results)["item"]) == ["job_loss", "illness"]


def test_a_share_that_fell_counts_those_who_were_followed_so_long(results):
    table = ind.return_by_years(results).set_index(["item", "year"])
    assert list(table.index.get_level_values("item").unique()) == ["before_net", "line", "survey", "registered"]
    assert list(table.loc["line"].index) == [1, 2, 3, 4]
    spells = results["spells"].query("years_since == 2").groupby("replicate").sum()
    for item, of in (("before_net", "followed_own"), ("survey", "followed")):
        share = bounds(spells[f"fell_{item}"] / spells[of])
        assert tuple(table.loc[(item, 2), ["share", "share_low", "share_high"]]) == pytest.approx(share)


# --- tables that only some runs have ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    with pytest.MonkeyPatch.context() as patch:
        yield town.whole(patch)


def test_a_lack_that_is_not_listed_is_nobody(run):
    table = ind.lacking(run).set_index(["item", "year"])
    assert list(table.index.get_level_values("item").unique()) == list(timeline.LACKS)
    counted = column(run["lacking"], "households", year=2019, lack="income")
    assert tuple(table.loc[("income", 2019), ["households", "households_low", "households_high"]]) == bounds(counted)
    assert (table.loc["house", "households"] == 4).all() and (table.loc["water", "households_high"] == 0).all()
    assert tuple(table.loc[("waiting", 2019), ["households_low", "households_high"]]) == (0, 1)


def test_routes_stand_beside_those_published(run):
    table = ind.routes(run).set_index("item")
    assert list(table.index) == [*town.ROUTES, "other"]
    assert table.loc["relocation", "planned_share"] == pytest.approx(210 / 5392)
    assert math.isnan(table.loc["other", "planned_persons"]) and table.loc["relocation", "persons"] == 0
    wobble = np.arange(40) % 5
    persons = 2 * (30 + wobble)  # of the two open years of the plan, not of all five
    assert tuple(table.loc["industry_and_jobs", ["persons", "persons_low", "persons_high"]]) == bounds(persons)
    assert table.loc["other", "share"] == pytest.approx(bounds((90 + wobble) / (180 + 3 * wobble))[0])


def test_income_by_source_stands_beside_its_lines(run):
    table = ind.income_sources(run)
    assert list(table["kind"].unique()) == ["registered", "farm", "pv"]
    row = table[(table["kind"] == "pv") & (table["year"] == 2018)].iloc[0]
    assert (row["mean"], row["wage"], row["exit_line"], row["dibao_standard"]) == (5000.0, 0.5, 3300.0, 4000.0)
    nobody = run["indicators"].assign(households=lambda t: t["households"].where(t["group"] != "pv", 0))
    assert list(ind.income_sources(replace(run, tables={**run.tables, "indicators": nobody}))["kind"].unique()) == [
        "registered",
        "farm",
    ]


def test_a_late_connection_is_a_paired_loss(run):
    table = ind.pv(run, town.late(run)).set_index("year")
    cash = column(run["spending"], "cash", year=2017, measure="pv_meiling")
    assert table.loc[2017, "delay_loss"] == pytest.approx(bounds(-cash / 400)[0])
    assert (table.loc[2018:, "delay_loss"] == 0.0).all()
    assert table.loc[2018, "income"] == pytest.approx(table.loc[2018, "by_village"])
    assert ind.pv(run)["delay_loss"].isna().all()
    assert len(ind.pv(replace(run, params="schema: povsim/1\n"))) == 0


# --- pairs ------------------------------------------------------------------------------------------------


def test_what_a_household_kept_out_costs_by_hand(run):
    costs = valued(ind.headline(run, town.without(run)), "cost")
    total = public(run) + public(run, investment=True)
    assert costs["kept_households", None].interval == (40.0,) * 5  # the wobble of both runs is the same luck
    assert costs["cost_household", None].interval[:3] == pytest.approx(bounds(total / 5 / 40))
    person_years = 0.2 * 3000 * 5
    assert costs["cost_person", None].interval[:3] == pytest.approx(bounds(total / person_years))
    nothing = valued(ind.headline(run, run), "cost")
    assert nothing["cost_household", None].interval.median == math.inf  # who keeps nobody out has no price
    assert nothing["cost_person", None].interval.median == math.inf
    worse = valued(ind.headline(run, town.without(run, above=-5)), "cost")
    assert worse["kept_households", None].interval.median == -5
    assert worse["cost_household", None].interval.median == math.inf


def test_a_shorter_run_is_paired_with_the_beginning_of_a_longer_one(run):
    short = town.first(town.without(run), 16)
    assert ind.pair(run, short) == 16
    costs = valued(ind.headline(run, short), "cost")
    total = public(run) + public(run, investment=True)
    assert costs["cost_household", None].interval[:3] == pytest.approx(bounds(total[:16] / 200))
    table = ind.difference(run, {"without": short})
    above = table["above_households"]
    assert list(table["item"].unique()) == ["without"] and (above == -40).all() and (table["above_households_high"] == -40).all()
    yearly = bounds(-public(replace(run, tables={**run.tables, "spending": run["spending"].query("year == 2019")}))[:16])
    row = table[table["year"] == 2019].iloc[0]
    assert tuple(row[["public", "public_low", "public_high"]]) == pytest.approx(yearly)
    assert row["exited_persons"] == 0 and row["pv_income"] < 0


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", 8), ("population", "another"), ("opening", 2015), ("draws", 4), ("fit", "chagu"), ("scope", "registered")],
)
def test_runs_with_other_luck_are_not_paired(run, key, value):
    other = replace(run, manifest={**run.manifest, key: value})
    with pytest.raises(ResultsError, match="不能配对比较") as raised:
        ind.pair(run, other)
    (fault,) = raised.value.faults
    assert fault.key == key and str(value) in fault.value and label(f"indicators.{key}") in fault.expected
    with pytest.raises(ResultsError):
        ind.headline(run, other)
    with pytest.raises(ResultsError):
        ind.difference(run, {"other": other})


def test_a_fit_made_anew_under_its_old_name_gives_other_draws(run):
    one, other = (replace(run, manifest={**run.manifest, "fit": "chagu", "fit_hash": hash}) for hash in ("aa", "bb"))
    assert ind.pair(one, one)
    with pytest.raises(ResultsError) as raised:
        ind.pair(one, other)
    assert [fault.value for fault in raised.value.faults] == ["chagu aa | chagu bb"]


def test_all_that_differs_is_named(run, make_results):
    other = make_results(years=(2017, 2018), manifest={**run.manifest, "seed": 9})
    with pytest.raises(ResultsError) as raised:
        ind.pair(run, other)
    assert {fault.key for fault in raised.value.faults} == {"seed", "years"}


def test_what_is_left_of_a_budget_is_shown_by_year(make_results, results):
    """From the measure's start on; of a measure without a budget nothing. Mutations: overhead left out; the mean of all years."""
    budgets = {"tea": {str(year): 1e6 + year for year in results.years[1:]}}
    run = make_results(manifest={**results.manifest, "budgets": budgets})
    table = ind.budgets(run)
    assert table["year"].tolist() == list(results.years[1:])
    assert set(table["measure"]) == {"tea"}
    for row in table.to_dict("records"):
        of = {"year": row["year"], "measure": "tea"}
        spent = sum(column(run["spending"], name, **of) for name in ("cash", "kind_value", "overhead"))
        assert row["budget"] == 1e6 + row["year"]
        assert (row["unspent"], row["unspent_low"], row["unspent_high"]) == pytest.approx(bounds(row["budget"] - spent))
    whole = ind.spending(run).set_index("measure")["unspent"]
    assert whole.drop("tea").isna().all()
    assert whole["tea"] == pytest.approx(table["unspent"].mean(), rel=0.2)
    assert "unspent" not in ind.spending(results)
    assert not len(ind.budgets(results))


def with_demand(make_results, results):
    """Tea refuses some of those who want it; posts are filled; a quota of persons takes whole households."""
    spending = results["spending"].copy()
    spending["unmet"] = 20 * (spending["measure"] == "tea") + 3 * (spending["measure"] == "posts") + spending["replicate"] % 2
    quotas = {
        "tea": {"unit": "households", "per": "all", "number": {str(year): 12.0 for year in results.years[:2]}},
        "posts": {"unit": "posts", "per": "village", "number": {str(year): 40.0 for year in results.years}},
        "dibao": {"unit": "persons", "per": "all", "number": {str(year): 9.0 for year in results.years}},
    }
    budgets = {"tea": {str(year): 1e6 for year in results.years[1:]}}
    manifest = {**results.manifest, "quotas": quotas, "budgets": budgets}
    return make_results(manifest=manifest, tables={**results.tables, "spending": spending})


def test_who_wants_a_measure_is_who_got_it_and_who_was_refused(make_results, results):
    """Mutations: medians, which do not add up; refused persons added to households; quotas of years without any; median money;
    posts by the jobs of the year.
    """
    run = with_demand(make_results, results)
    table = ind.service(run)
    tea = table[table["measure"] == "tea"].set_index("year")
    assert list(tea.index) == list(run.years) and (tea["wanted"] == tea["new"] + tea["unmet"]).all()
    assert (tea["unmet"] == 20.5).all() and (tea["unmet_low"] == 20).all() and (tea["unmet_high"] == 21).all()
    assert tea["quota"].notna().tolist() == [True, True, False, False, False]
    assert tea["quota_used"].iloc[:2].tolist() == [10.0, 10.0] and tea["quota_used"].iloc[2:].isna().all()
    posts = table[table["measure"] == "posts"]
    assert (posts["new"] == 12.0).all() and (posts["wanted"] == 15.5).all(), "persons, as the refused are; 10 households"
    assert (posts["quota_used"] == 30.0).all() and (posts["quota"] == 40.0).all()
    assert (table.loc[table["measure"] == "dibao", "quota_used"] == 8.5).all()
    shared = table[table["measure"] == "collective"]
    assert shared[["wanted", "new", "unmet"]].isna().all(axis=None), "villages do not ask"
    of = run["spending"].query("measure == 'tea' and year == 2018")
    assert tea.loc[2018, "budget_used"] == pytest.approx((of["cash"] + of["kind_value"] + of["overhead"]).mean())
    assert np.isnan(tea.loc[2017, "budget"]) and tea.loc[2018, "budget"] == 1e6


def test_monitoring_is_shown_from_the_year_in_which_it_begins_and_adds_up(make_results, results):
    names = list(ind.WATCH)
    rows = [
        {"year": year, "replicate": replicate, **dict.fromkeys(names, 0)}
        | ({"entered": 9 + replicate % 2, "monitored": 30, "cleared": 4, "delay_months": 2.0} if year >= 2020 else {})
        for year in results.years
        for replicate in range(results.replicates)
    ]
    run = make_results(tables={**results.tables, "monitoring": pd.DataFrame(rows)})
    table = ind.watch(run)
    assert table["year"].tolist() == [2020, 2021] and table["entered"].tolist() == [9.5, 9.5]
    assert table["entered_low"].tolist() == [9, 9] and table["entered_high"].tolist() == [10, 10]
    nobody = pd.DataFrame([{**row, **dict.fromkeys(names, 0)} for row in rows])
    assert not len(ind.watch(make_results(tables={**results.tables, "monitoring": nobody})))


def test_villages_exits_are_those_of_the_run(results):
    table = ind.village_exits(results)
    assert table["p_exited"].tolist() == results["villages"]["p_exited"].tolist()
    assert table["collective_income_low"].tolist() == results["villages"]["collective_income_low"].tolist()


def test_measures_of_one_title_are_told_apart_by_their_ids():
    """Mutation: a table by title has one row for both."""
    params = "measures:\n  a: {kind: industry, title: {zh: 茶, en: tea}}\n  b: {kind: industry, title: {zh: 果, en: tea}}\n"
    found = measures(params)
    assert [found[id]["zh"] for id in "ab"] == ["茶", "果"] and [found[id]["en"] for id in "ab"] == ["tea (a)", "tea (b)"]
