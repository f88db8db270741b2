"""Ecological compensation and transfers by law: paths by hand, land, and nothing paid a second time."""

import numpy as np
import pytest

from povsim.core.schema import Capacity, Health, Status
from povsim.engine import allocation, income, measures
from povsim.engine import columns as c
from povsim.engine.measures import ITEM
from povsim.engine.shelf import CASH, HOLDERS, KIND_VALUE, NEW, UNMET
from tests.engine import plan

FOREST = dict(kind="ecology", take_up=1.0, form="second_round", mu={"second_round": 2.0}, overhead=0.0)
GARLIC = {
    **plan.PLAIN_ORCHARD, "product": "garlic", "scale": {"garlic": 10.0}, "scale_factor": 1.0, "days": {"garlic": 1.0},
    "price_sd": {"garlic": 0.0},
}  # fmt: skip
OLD = {"birth_year": 1930, "capacity": Capacity.NONE}
DISABLED = {"health": Health.DISABLED, "capacity": Capacity.LOST}


def years_of(folder, plans, rows, years, change=lambda s, year: None, whole=False, **more):
    """The states after each year in which nothing but the measures happens, or ``whole``: the income phase as well."""
    world = plan.town(folder, plans, made=plan.homes(rows), years=max(years) - 2016, **more)
    s, draws = plan.begin(world)
    out = []
    for year in years:
        s.begin_year()
        change(s, year)
        allocation.allocate(s, world, draws, year)
        s.pi[c.MONTHS] = 0
        (income if whole else measures).earn(s, world, draws, year)
        out.append(s.copy())
    return out


def yuan(s, item):
    return (s.items[ITEM[item]] / 100).tolist()


# --- ecology ---------------------------------------------------------------------------------------------


def test_the_second_round_pays_by_its_calendar_and_then_its_extension(tmp_path):
    """Two mu: 500, 300 and 400 in years 1, 3 and 5, then five years of 100 from 2023 on. Seedlings once, in kind.

    Mutations: paid every year; the extension at once, or for ever; seedlings entered as income, or every year.
    """
    states = years_of(tmp_path, {"forest": FOREST}, [{}], range(2017, 2030))
    paid = [yuan(s, "ecology")[0] for s in states]
    assert paid == [1000, 0, 600, 0, 800, 0, 200, 200, 200, 200, 200, 0, 0]
    books = np.array([s.held["forest"]["books"] for s in states])
    assert books[:, CASH].tolist() == [100 * yuan_ for yuan_ in paid]
    assert books[:, KIND_VALUE].tolist() == [80_000] + [0] * 12
    assert books[:, NEW].tolist() == [1] + [0] * 12
    assert all(s.hi[c.DELIVERED, 0] == 1 for s in states)
    later = years_of(tmp_path, {"forest": {**FOREST, "start": {"year": 2020}}}, [{}], range(2017, 2032))
    assert [yuan(s, "ecology")[0] for s in later] == [0, 0, 0, 1000, 0, 600, 0, 800, 200, 200, 200, 200, 200, 0, 0]


def test_the_first_round_goes_on_to_its_end_and_takes_no_farmland(tmp_path):
    """Twelve years are paid when it begins: four more of 125. Mutations: 230 again; farmland converted anew."""
    first = {**FOREST, "form": "first_round", "mu": {"first_round": 1.8}}
    states = years_of(tmp_path, {"forest": first}, [{}], range(2017, 2023))
    assert [yuan(s, "ecology")[0] for s in states] == [225, 225, 225, 225, 0, 0]
    assert all((s.hf[c.LAND, 0], s.hf[c.FOREST, 0]) == (10.0, 10.0) for s in states)
    assert states[0].held["forest"]["books"][KIND_VALUE] == 0


def test_land_converted_is_land_not_farmed(tmp_path):
    """Mutations: the mu not taken off the farm; taken again every year; planted by a project as well."""
    farm = []
    for plans in ({}, {"forest": FOREST}):
        (_, s) = years_of(tmp_path, plans, [{}], (2017, 2018), lambda s, year: s.hf.__setitem__(c.FARM_SCALE, 1.0), whole=True)
        farm.append(s.items[ITEM["farm"], 0])
    assert (s.hf[c.LAND, 0], s.hf[c.FOREST, 0], s.hf[c.LAND_USED, 0]) == (8.0, 12.0, 0.0)
    world = plan.town(tmp_path, {}, made=plan.homes([{}]))
    p = income.PHASE.arguments(world, 2018)
    whole, less = (income.usual_farm(land, 1.0, p) for land in (10.0, 8.0))
    assert farm[1] / farm[0] == pytest.approx(less / whole, abs=1e-4)

    for order in (("forest", "garlic"), ("garlic", "forest")):
        plans = {"forest": FOREST, "garlic": GARLIC}
        _, s = years_of(tmp_path, {id: plans[id] for id in order}, [{}], (2017, 2018))
        planted, given = s.held["garlic"]["units"][0], s.held["forest"]["mu"][0]
        assert planted + given == pytest.approx(10.0)
        assert s.hf[c.LAND, 0] - s.hf[c.LAND_USED, 0] == pytest.approx(0.0)
        assert given == (2.0 if order[0] == "forest" else 0.0)


def test_only_the_steep_part_may_be_converted(tmp_path):
    (s,) = years_of(tmp_path, {"forest": FOREST}, [{"land_mu": 3.0}, {"land_mu": 0.4}], (2017,))
    assert s.held["forest"]["mu"].tolist() == pytest.approx([1.2, 0.0])


def test_public_forest_is_paid_by_the_mu_and_bears_no_tea(tmp_path):
    """Ten mu of forest at 14.75, from 2019 at 15.75. Mutations: paid for the usual mu; a garden on the same hill."""
    public = {**FOREST, "form": "public_forest"}
    tea = {**plan.PLAIN_ORCHARD, "on_hill": {"tea": 1.0}}
    rows = [{"forest_mu": 10.0}, {"forest_mu": 100.0}]
    states = years_of(tmp_path, {"forest": public, "tea": tea}, rows, (2017, 2018, 2019))
    for s, rate in zip(states, (14.75, 14.75, 15.75), strict=True):
        assert yuan(s, "ecology") == pytest.approx([10.0 * rate, 37.7 * rate], abs=0.01)
    assert states[-1].held["tea"]["units"].tolist() == [0.0, 2.0]
    assert states[-1].hf[c.LAND].tolist() == [10.0, 10.0]


def test_the_removed_keep_the_contract_and_lose_a_post(tmp_path):
    """Mutation: what is due by law taken from the removed."""

    def change(s, year):
        s.hi[c.STATUS] = (Status.REMOVED, Status.POOR) if year == 2019 else Status.POOR

    post = dict(kind="employment", form="public", take_up=1.0, cancelled={"public": 0.0})
    states = years_of(tmp_path, {"forest": FOREST, "post": post}, [{}, {}], (2017, 2018, 2019), change)
    assert yuan(states[-1], "ecology") == [600, 600]
    assert (states[-1].pi[c.POST] > 0)[states[-1].pi[c.ALIVE] == 1].tolist() == [False, True]


def test_a_budget_is_not_exceeded_and_says_who_is_left_without(tmp_path):
    """The first year costs 900 yuan a mu. Mutations: seedlings left out of what is set aside; small plots taken for large."""
    cut = {**FOREST, "budget": {2017: 3700, 2018: 0, 2019: 600}, "until": 2017}
    states = years_of(tmp_path, {"forest": cut}, [{}, {}, {"land_mu": 1.0}, {}], (2017, 2018, 2019))
    books = [s.held["forest"]["books"][[NEW, UNMET, HOLDERS]].tolist() for s in states]
    assert books[0] == [2, 2, 2]
    (small,) = years_of(tmp_path, {"forest": cut}, [{}, {"land_mu": 1.0}, {"land_mu": 1.0}], (2017,))
    assert small.held["forest"]["books"][NEW] == 3  # 2, 0.4 and 0.4 mu
    little = {**FOREST, "budget": {2017: 3700, 2018: 0, 2019: 240}}
    *_, later = years_of(tmp_path, {"forest": little}, [{"land_mu": 1.0}] * 2, (2017, 2018, 2019))
    assert yuan(later, "ecology") == [120, 120]
    assert sum(yuan(states[-1], "ecology")) == 600  # the trees stay, who comes first is paid
    assert states[-1].held["forest"]["held"].sum() == 2


# --- transfers -------------------------------------------------------------------------------------------


def by_law(policy, **more):
    return dict(kind="transfer", policy=policy, take_up=1.0, **more)


def test_resettlement_support_is_paid_once(tmp_path):
    """Two resettled persons: 1,200 yuan with the measure, without it, and never 2,400; of a higher one the higher.

    Mutations: the process parameter added to what the measure pays; those off the measure left without.
    """
    rows = [{"people": [{}, {}], "resettled": True}, {"people": [{}, {}]}]
    for plans, expected in (
        ({}, 1200),
        ({"direct": by_law("resettlement")}, 1200),
        ({"direct": by_law("resettlement", amount={"resettlement": 800})}, 1600),
        ({"direct": by_law("resettlement", eligible={"size": ">= 3"})}, 1200),
    ):
        (s,) = years_of(tmp_path, plans, rows, (2017,), whole=True)
        assert yuan(s, "resettlement") == [expected, 0]


def test_it_ends_after_twenty_years(tmp_path):
    """June 2026. Mutation: paid on; the last year whole."""
    rows = [{"resettled": True}]
    states = years_of(tmp_path, {"direct": by_law("resettlement")}, rows, range(2017, 2029))
    assert [yuan(s, "resettlement")[0] for s in states] == [600.0] * 9 + [450.0, 0.0, 0.0]
    assert [s.held["direct"]["books"][HOLDERS] for s in states] == [1] * 10 + [0, 0]


def test_allowances_go_to_the_persons_they_are_for(tmp_path):
    """By age, disability and 低保, counted anew every year. Mutations: by the household; by those there at the start."""
    rows = [
        {"people": [OLD, {**OLD, "birth_year": 1937}, {}]},  # 86 and 79: the second turns 80 in 2018
        {"people": [{**DISABLED, "dibao": 1}, {**DISABLED, "capacity": Capacity.WEAK}]},
        {"people": [DISABLED]},
        {},
    ]
    plans = {name: by_law(name) for name in ("old_age", "disability_living", "disability_care", "family_planning")}
    plans["old_age"]["amount"] = {"old_age": 1000}

    def ages(s, year):
        s.pi[c.AGE] += year == 2018

    first, second = years_of(tmp_path, plans, rows, (2017, 2018), ages)
    paid = {id: (first.held[id]["books"][CASH] / 100, second.held[id]["books"][CASH] / 100) for id in plans}
    assert paid == {
        "old_age": (1000.0, 2000.0),
        "disability_living": (1920.0, 1920.0),  # both are disabled, of a household on 低保
        "disability_care": (2400.0, 2400.0),
        "family_planning": (1920.0, 1920.0),
    }
    assert first.items[ITEM["allowance"], 3] == 0
    assert not any(first.held[id]["given"].any() for id in plans)  # the means test leaves allowances out


def test_a_budget_holds_what_is_due_and_not_what_children_pay(tmp_path):
    """900 yuan each. Mutations: what is due left out of what is set aside; paid beyond the budget; children's money in it."""
    rows = [{"people": [OLD]}] * 3
    plans = {"land": by_law("land_fertility", budget={2017: 1800, 2018: 900}), "support": by_law("support", budget=0)}
    states = years_of(tmp_path, plans, rows, (2017, 2018))
    assert [sum(yuan(s, "other_transfer")) for s in states] == [1800, 900]
    assert [s.held["land"]["books"][[HOLDERS, UNMET]].tolist() for s in states] == [[2, 1], [1, 2]]
    assert [yuan(s, "support_children") for s in states] == [[1200.0] * 3] * 2


def test_who_no_longer_meets_the_conditions_gets_no_more(tmp_path):
    """Mutations: conditions asked only at the start; those on persons passed over."""

    def change(s, year):
        if year == 2018:
            s.pi[c.HEALTH, 0] = Health.HEALTHY
            s.hi[c.HOUSE_SAFE, 1] = 1

    rows = [{"people": [DISABLED]}, {"people": [DISABLED], "house_safe": False}, {"people": [DISABLED]}]
    plans = {
        "care": by_law("disability_care"),
        "rent": by_law("disability_care", eligible={"house_safe": False}),
        "sick": by_law("land_fertility", per={"land_fertility": "person"}, eligible={"health": ["disabled"]}),
    }
    first, second = years_of(tmp_path, plans, rows, (2017, 2018), change)
    held = [[s.held[id]["held"].tolist() for id in plans] for s in (first, second)]
    assert held == [
        [[True] * 3, [False, True, False], [True] * 3],
        [[False, True, True], [False] * 3, [False, True, True]],
    ]


def test_land_subsidies_are_by_the_mu_that_is_farmland_still(tmp_path):
    """Ten mu, of which two are converted in the first year. Mutations: by the household; converted land paid twice."""
    plans = {"forest": FOREST, "land": by_law("land_fertility")}
    (s,) = years_of(tmp_path, plans, [{}, {"land_mu": 0.0}], (2017,))
    assert yuan(s, "other_transfer") == [8 * 90, 0]
    assert s.held["land"]["given"].tolist() == [72_000, 0]


def test_what_the_usual_transfers_hold_already_is_not_paid_on_top(tmp_path):
    """Mutations: usual transfers in full beside the measure; a new policy taken out of them."""
    rows, level = [{"income_transfer": 5000.0}, {"income_transfer": 5000.0}], {"other_transfers": 1000.0}
    mine = {"usual": {"land_fertility": True}, "eligible": {"land_mu": ">= 1"}}
    rows[1]["land_mu"] = 0.0
    paid = {}
    for id, entries in (
        ("none", None),
        ("usual", {}),
        ("new", {"usual": {"land_fertility": False}}),
        ("large", {"amount": {"land_fertility": 180}}),
    ):
        plans = {} if entries is None else {"land": by_law("land_fertility", **{**mine, **entries})}
        first, s = years_of(tmp_path, plans, rows, (2017, 2018), whole=True, transfers=level)
        paid[id] = yuan(s, "other_transfer")
        assert yuan(first, "other_transfer") == paid[id]
    assert paid == {"none": [1000, 1000], "usual": [1000, 1000], "new": [1900, 1000], "large": [1800, 1000]}


def test_support_by_agreement_is_no_public_money_and_does_not_grow_on_itself(tmp_path):
    """Children send 500 a year by themselves, growing by 5%; by agreement 1,200 for each parent until 2019.

    Mutations: both added up; what was agreed carried on after it ended; booked as spending; given to who lives with a labourer.
    """
    parents = {"people": [OLD, OLD], "income_transfer": 500.0}
    rows = [parents, {**parents, "people": [OLD, {}]}]
    support = by_law("support", until_year={"support": 2019}, amount={"support": 600})
    change = dict(transfers={"other_transfers": 0.0, "pension_paid": 0.0, "transfer_growth": 0.05})
    states = years_of(tmp_path, {"support": support}, rows, (2017, 2018, 2019, 2020), whole=True, **change)
    sent = [500 * 1.05**k for k in range(1, 5)]
    assert [yuan(s, "support_children")[0] for s in states] == pytest.approx([1200, 1200, 1200, sent[3]], abs=0.02)
    assert [yuan(s, "support_children")[1] for s in states] == pytest.approx(sent, abs=0.02)
    assert all(s.held["support"]["books"][CASH] == 0 for s in states)


def test_what_everybody_gets_is_no_measure_delivered_and_the_removed_have_it(tmp_path):
    """Mutations: it counts for an exit; the removed left out; the register asked for."""
    rows = [{"status": status} for status in (Status.POOR, Status.REMOVED, Status.GENERAL)]
    (s,) = years_of(tmp_path, {"land": by_law("land_fertility")}, rows, (2017,))
    assert s.held["land"]["held"].all()
    assert s.hi[c.DELIVERED].tolist() == [0, 0, 0]
    assert s.held["land"]["books"][CASH] == 3 * 90_000


def test_the_first_year_counts_its_months(tmp_path):
    land = by_law("land_fertility", start={"year": 2017, "month": 8})
    first, second = years_of(tmp_path, {"land": land}, [{}], (2017, 2018))
    assert (yuan(first, "other_transfer"), yuan(second, "other_transfer")) == ([375.0], [900.0])


def test_a_condition_on_persons_asks_a_household_for_such_a_member(tmp_path):
    """For any kind that households hold. Mutation: conditions on persons passed over."""
    tea = {**plan.PLAIN_ORCHARD, "eligible": {"sex": ["female"], "age": "<= 59"}}
    rows = [{"people": [{}, {"sex": 1}]}, {}, {"people": [{}, {"sex": 1, "birth_year": 1930}]}]
    (s,) = years_of(tmp_path, {"tea": tea}, rows, (2017,))
    assert s.held["tea"]["held"].tolist() == [True, False, False]
