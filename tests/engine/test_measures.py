"""What measures yield: paths by hand, what is shared, and money to the fen."""

import numpy as np
import pytest

from povsim.core.errors import RuleError
from povsim.core.params import FIELDS, load_scenario
from povsim.core.schema import Capacity, Health, Route, Schooling, Stage, Status, Work
from povsim.engine import allocation, income, labour, measures, people
from povsim.engine import columns as c
from povsim.engine.measures import EXPENSE, ITEM, kept
from povsim.engine.shelf import CASH, CROWDED_OUT, FROM_VILLAGE, HOLDERS, JOBS, KIND_VALUE, NEW, OVERHEAD, VILLAGE_MONEY
from povsim.engine.world import build_world
from povsim.engine.year import live_year
from povsim.policy import kind as kinds
from povsim.policy.kind import Kind
from tests.engine import plan

YEARS = (2017, 2018, 2019, 2020, 2021)
ORCHARD = {"tea": plan.PLAIN_ORCHARD}
# 2 mu, revenue 4,000 and cost 2,200 a mu in full bearing, a tenth of the cost before: by hand
PATH = [-440.0, -440.0, 2 * 0.3 * 1800, 2 * 0.6 * 1800, 2 * 1800.0]


def path(folder, plans, item="industry", rows=({}, {}), years=YEARS):
    """Yuan a year of an item, by household, in a town where nothing but the measures happens."""
    world = plan.town(folder, plans, made=plan.homes([dict(row) for row in rows]))
    s, draws = plan.begin(world)
    out = []
    for year in years:
        plan.measures_only(s, world, draws, year)
        out.append(s.items[ITEM[item]] / 100)
    return np.array(out), s, world


def test_orchard_by_hand(tmp_path):
    found, _, _ = path(tmp_path, ORCHARD)
    assert found.T.tolist() == [pytest.approx(PATH)] * 2


@pytest.mark.parametrize(
    "mutation",
    [
        dict(ramp={"tea": [0, 0.3, 0.6, 1, 1]}),
        dict(upkeep=0.2),
        dict(margin={"tea": 1900}),
        dict(price_floor=1.0, linked=1.0),
        dict(start={"year": 2017, "month": 8}),
    ],
)
def test_orchard_notices_a_mutation(tmp_path, mutation):
    found, _, _ = path(tmp_path, {"tea": {**plan.PLAIN_ORCHARD, **mutation}})
    assert found[:, 0] != pytest.approx(PATH)


def test_hands_taken_by_paid_work_tend_no_orchard(tmp_path):
    """Nothing is counted twice: who works away the whole year leaves the garden to itself, and it does not grow."""
    world = plan.town(tmp_path, ORCHARD, made=plan.homes([{}, {}]))
    s, draws = plan.begin(world)
    for year in YEARS:
        s.pi[c.MONTHS] = np.where((s.pi[c.ALIVE] == 1) & (world.layout.house == 0), 120, 0)
        plan.measures_only(s, world, draws, year)
    grown = s.held["tea"]["grown"]
    assert grown[:2] == pytest.approx([0.0, 5.0])
    assert s.items[ITEM["industry"], 1] == 360_000
    assert s.items[ITEM["industry"], 0] == -44_000


def test_hands_of_one_project_are_not_in_another(tmp_path):
    """Paid work leaves a tenth of a month, two gardens need more. Mutation: hands not taken off between two projects."""
    world = plan.town(tmp_path, {"tea": plan.PLAIN_ORCHARD, "more": plan.PLAIN_ORCHARD}, made=plan.homes([{}]))
    s, draws = plan.begin(world)
    s.pi[c.MONTHS, 0] = 119
    plan.measures_only(s, world, draws, 2017)
    assert s.hf[c.HANDS_USED, 0] == pytest.approx(0.1)
    assert [s.held[id]["grown"][0] > 0 for id in ("tea", "more")] == [True, False]


@pytest.mark.parametrize(("on_hill", "pool"), [(0.0, "land_mu"), (1.0, "forest_mu")], ids=["fields", "hill"])
def test_a_mu_is_planted_once(tmp_path, on_hill, pool):
    """Three mu and two gardens of two: the second gets what is left. Mutation: what the first took is free again."""
    orchard = {**plan.PLAIN_ORCHARD, "on_hill": {"tea": on_hill}}
    world = plan.town(tmp_path, {"tea": orchard, "more": orchard}, made=plan.homes([{pool: 3.0}]))
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    assert [s.held[id]["units"][0] for id in ("tea", "more")] == [2.0, 1.0]
    plan.measures_only(s, world, draws, 2018)
    assert [s.held[id]["units"][0] for id in ("tea", "more")] == [2.0, 1.0]


def test_hands_in_the_orchard_are_not_on_the_fields_as_well(tmp_path):
    """Mutation: what the orchard takes not taken off the farm's hands."""
    farm, used = [], []
    for plans in ({}, {"tea": {**plan.PLAIN_ORCHARD, "on_hill": {"tea": 1.0}}}):
        world = plan.town(tmp_path, plans, made=plan.homes([{}]))
        s, draws = plan.begin(world)
        s.hf[c.FARM_SCALE] = 1.0
        s.begin_year()
        allocation.allocate(s, world, draws, 2017)
        s.pi[c.MONTHS] = 0
        income.earn(s, world, draws, 2017)
        farm.append(s.items[ITEM["farm"], 0])
        used.append(s.hf[c.HANDS_USED, 0])
    p = income.PHASE.arguments(world, 2017)
    alone, beside = (income.usual_farm(10.0, 1.0 - months / 12.0, p) for months in used)
    assert used[1] > used[0] == 0.0
    assert farm[1] / farm[0] == pytest.approx(beside / alone, abs=1e-4)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_condition_can_be_evaluated(tmp_path, name):
    """What a scenario may ask for, the engine knows, for every household or person."""
    world = plan.town(tmp_path, {}, count=60)
    s, _ = plan.begin(world)
    column = measures.Columns(s, world, 2017).get(FIELDS[name].of, name)
    assert column.shape == (world.layout.households if FIELDS[name].of == "household" else world.layout.places,)


def test_a_measure_for_poor_villages_is_for_these_only(tmp_path):
    made = plan.homes([{}] * 6, villages=3)
    made.villages["poor_village"] = np.array([True, False, True])
    world = plan.town(tmp_path, {"tea": {**plan.PLAIN_ORCHARD, "eligible": {"poor_village": True}}}, made=made)
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    assert s.held["tea"]["held"].tolist() == [True, True, False, False, True, True]


def test_the_first_year_counts_its_months(tmp_path):
    shop = {**plan.PLAIN_ORCHARD, "product": "tourism", "price_sd": {"tourism": 0.0}, "upkeep": 0.0, "scale_factor": 1.0}
    found, _, _ = path(tmp_path, {"shop": {**shop, "start": {"year": 2017, "month": 8}}})
    assert found[:2, 0] == pytest.approx([0.5 * 5000 * 5 / 12, 5000.0], abs=0.01)


def test_own_share_is_charged_evenly_and_the_grant_is_no_income(tmp_path):
    tea = {**plan.PLAIN_ORCHARD, "grant": 4200, "own_share": 0.3}
    found, s, world = path(tmp_path, {"tea": tea}, years=(2017,))
    assert found[0, 0] == pytest.approx(-440 - 1800 / 5)
    books = measures.spending(s, world, 2017)[0]
    assert (books[CASH], books[HOLDERS], books[NEW]) == (2 * 420_000, 2, 2)
    assert books[OVERHEAD] == pytest.approx(0.05 * books[CASH])


def test_a_product_has_one_price_for_all_who_grow_it(tmp_path):
    noisy = {**plan.PLAIN_ORCHARD, "price_sd": {"tea": 0.3, "pepper": 0.3}}
    plans = {"a": noisy, "b": {**noisy, "start": {"year": 2019}}, "c": {**noisy, "product": "pepper"}}
    _, s, _ = path(tmp_path, plans)
    price = {id: s.held[id]["log_price"][0] for id in plans}
    assert price["a"] == price["b"] != 0.0
    assert price["a"] != price["c"]


def test_price_has_memory(tmp_path):
    noisy = {**plan.PLAIN_ORCHARD, "price_sd": {"tea": 0.3}, "persistence": 1.0}
    _, s, _ = path(tmp_path, {"a": noisy})
    assert s.held["a"]["log_price"][0] == 0.0  # with full persistence there is no innovation


def test_what_is_left_of_a_price_next_year_is_its_persistence(tmp_path):
    """The same luck without memory says what is new in each year. Mutations: last year's price forgotten, or kept whole."""
    of = {}
    for persistence in (0.0, 0.6):
        noisy = {**plan.PLAIN_ORCHARD, "price_sd": {"tea": 0.3}, "persistence": persistence}
        world = plan.town(tmp_path, {"a": noisy}, made=plan.homes([{}]))
        s, draws = plan.begin(world)
        of[persistence] = []
        for year in YEARS:
            plan.measures_only(s, world, draws, year)
            of[persistence].append(s.held["a"]["log_price"][0])
    by_hand, price = [], 0.0
    for new in of[0.0]:
        price = 0.6 * price + 0.8 * new
        by_hand.append(price)
    assert of[0.6] == pytest.approx(by_hand)
    assert len(set(of[0.0])) == 5


def test_holders_differ_lastingly_in_what_they_make_of_it(tmp_path):
    """1 on the average, and the same every year. Mutations: no spread; its mean above 1; drawn anew."""
    found, s, _ = path(tmp_path, {"a": {**plan.PLAIN_ORCHARD, "spread": 0.4}}, rows=[{}] * 2000)
    skill = s.held["a"]["skill"]
    assert (skill.mean(), np.log(skill).std()) == (pytest.approx(1.0, abs=0.03), pytest.approx(0.4, abs=0.02))
    assert found[4] == pytest.approx(PATH[4] * skill, abs=0.01)
    assert found[2] == pytest.approx(PATH[2] * skill, abs=0.01)


def test_a_sale_guarantee_keeps_its_share_at_the_usual_price(tmp_path):
    """Half is sold at the usual price at least, half at the market's. Mutations: no guarantee; one for those not linked."""
    fallen = {
        **plan.PLAIN_ORCHARD,
        "ramp": {"tea": [1] * 5},
        "price_sd": {"tea": 0.8},
        "failure_linked": 0.0,
        "firm_failure": 0.0,
    }
    fallen |= {"price_floor": 0.0, "price_premium": 0.0}
    market, _, _ = path(tmp_path, {"a": fallen})
    half, _, _ = path(tmp_path, {"a": {**fallen, "linked": 1.0, "guaranteed": 0.5}})
    alone, _, _ = path(tmp_path, {"a": {**fallen, "guaranteed": 0.5}})
    price = (market[:, 0] + 2 * 2200) / 8000
    assert price.min() < 0.9 and price.max() > 1.0
    assert half[:, 0] == pytest.approx(8000 * (0.5 * np.maximum(price, 1.0) + 0.5 * price) - 4400, abs=0.02)
    assert alone.tolist() == market.tolist()


def test_a_firm_that_fails_leaves_a_part_of_the_year_unpaid(tmp_path):
    """Half of the revenue; from then on its holders sell on their own. Mutations: paid in full; owed again next year."""
    firms = {**plan.PLAIN_ORCHARD, "ramp": {"tea": [1] * 5}, "linked": 1.0, "failure_linked": 0.0, "firm_failure": 1.0}
    found, s, _ = path(tmp_path, {"a": {**firms, "price_premium": 0.0, "firm_unpaid": 0.5}}, years=(2017, 2018))
    assert found[:, 0] == pytest.approx([3600 - 4000, 3600])
    assert not s.held["a"]["linked"].any()


def test_an_award_goes_to_a_share_of_holders_each_year(tmp_path):
    """Mutations: to all; to the same every year; to whom the project failed."""
    tea = {**plan.PLAIN_ORCHARD, "award": 1660, "awarded": 0.29}
    found, s, _ = path(tmp_path, {"a": tea}, "award", rows=[{}] * 2000, years=(2017, 2018))
    assert set(found.ravel().tolist()) == {0.0, 1660.0}
    assert (found > 0).mean(axis=1) == pytest.approx([0.29, 0.29], abs=0.03)
    assert ((found > 0).all(axis=0)).mean() == pytest.approx(0.29**2, abs=0.02)
    assert s.held["a"]["books"][CASH] == found[1].sum() * 100
    lost, _, _ = path(tmp_path, {"a": {**tea, "awarded": 1.0, "failure_own": 1.0}}, "award", years=(2017,))
    assert not lost.any()


def test_a_firm_fails_with_all_its_holders(tmp_path):
    firms = {**plan.PLAIN_ORCHARD, "linked": 1.0, "firms": 4, "firm_failure": 0.3, "failure_linked": 0.0}
    world = plan.town(tmp_path, {"tea": firms}, made=plan.homes([{}] * 80))
    s, draws = plan.begin(world)
    failed = 0
    for year in YEARS:
        before = s.held["tea"]["linked"].copy() if "tea" in s.held else np.ones(80)
        plan.measures_only(s, world, draws, year)
        h = s.held["tea"]
        for firm in range(4):
            members = (h["firm"] == firm) & (before > 0)
            assert len(set(h["linked"][members])) <= 1
            failed += members.any() and not h["linked"][members].any()
    assert failed


def test_a_linked_holder_keeps_the_floor_when_the_price_falls(tmp_path):
    fallen = {
        **plan.PLAIN_ORCHARD,
        "ramp": {"tea": [1, 1, 1, 1, 1]},
        "price_sd": {"tea": 2.0},
        "failure_linked": 0.0,
        "firm_failure": 0.0,
    }
    linked = {**fallen, "linked": 1.0, "price_floor": 1.0, "price_premium": 0.0}
    alone, _, _ = path(tmp_path, {"a": fallen}, years=YEARS)
    safe, _, _ = path(tmp_path, {"a": linked}, years=YEARS)
    low = alone[:, 0] < 3600
    assert low.any()
    assert safe[low, 0] == pytest.approx(3600)


def test_a_failed_project_ends_and_is_not_begun_again(tmp_path):
    doomed = {**plan.PLAIN_ORCHARD, "failure_own": 1.0, "grant": 4200, "own_share": 0.3}
    found, s, _ = path(tmp_path, {"tea": doomed}, years=(2017, 2018))
    assert found[:, 0] == pytest.approx([-1800.0, 0.0])  # what it had put in is lost at once
    assert not s.held["tea"]["held"].any()


def test_a_link_makes_failure_rarer(tmp_path):
    """Mutation: one hazard for all."""
    risky = {**plan.PLAIN_ORCHARD, "failure_linked": 0.12, "failure_own": 0.22, "linked": 0.5, "firm_failure": 0.0}
    _, s, _ = path(tmp_path, {"tea": risky}, rows=[{}] * 4000, years=(2017,))
    h = s.held["tea"]
    failed = [h["failed"][h["linked"] == linked].mean() for linked in (1.0, 0.0)]
    assert failed == pytest.approx([0.12, 0.22], abs=0.02)


def test_a_budget_holds_the_premium_that_is_subsidised(tmp_path):
    """320 yuan and overhead a holder. Mutation: the premium left out of what is set aside."""
    tea = {**plan.PLAIN_ORCHARD, "insured": 1.0, "budget": 500}
    _, s, world = path(tmp_path, {"tea": tea}, years=(2017,))
    assert measures.spending(s, world, 2017)[0][[HOLDERS, NEW]].tolist() == [1, 1]


def test_an_orchard_ends_with_its_working_life_and_not_with_support(tmp_path):
    short = {**plan.PLAIN_ORCHARD, "life": {"tea": 4}, "until": 2017, "kept_until": 2017}
    world = plan.town(tmp_path, {"tea": short}, made=plan.homes([{"status": 1}]))
    s, draws = plan.begin(world)
    held = []
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        s.hi[c.STATUS] = 2
        held.append(bool(s.held["tea"]["held"][0]))
    assert held == [True, True, True, True, False]


def test_insurance_pays_a_share_of_a_disaster_over_the_deductible(tmp_path):
    struck = {**plan.PLAIN_ORCHARD, "ramp": {"tea": [1, 1, 1, 1, 1]}, "disaster_loss": 0.5, "insured": 1.0}
    world = plan.town(tmp_path, {"tea": struck}, made=plan.homes([{}, {}]))
    s, draws = plan.begin(world)
    s.hi[c.HIT, 0] = 1
    plan.measures_only(s, world, draws, 2017)
    struck_yuan, spared = s.items[ITEM["industry"], :2] / 100
    assert spared == pytest.approx(3600 - 0.2 * 0.05 * 8000)
    assert struck_yuan == pytest.approx(spared - 4000 + 0.6 * (0.5 - 0.3) * 8000)
    assert s.held["tea"]["books"][KIND_VALUE] == 2 * 100 * 0.8 * 0.05 * 8000  # the subsidised premium


def test_once_support_has_ended_nobody_is_insured(tmp_path):
    """The premium was subsidised: no premium, no subsidy and no claim. Mutation: insured whatever the budget pays."""
    struck = {**plan.PLAIN_ORCHARD, "ramp": {"tea": [1, 1, 1, 1, 1]}, "disaster_loss": 0.5, "insured": 1.0, "ends": 2018}
    world = plan.town(tmp_path, {"tea": struck}, made=plan.homes([{}, {}]))
    s, draws = plan.begin(world)
    for year, booked in ((2017, 64_000), (2018, 0)):
        s.hi[c.HIT, 0] = year == 2018
        plan.measures_only(s, world, draws, year)
        assert s.held["tea"]["books"][KIND_VALUE] == booked
    assert (s.items[ITEM["industry"], :2] / 100).tolist() == pytest.approx([3600 - 4000, 3600])


def test_a_price_level_moves_revenue_and_not_cost(tmp_path):
    """Half the usual price in full bearing: 2 x (4,000 / 2 - 2,200). Mutation: the level unheard."""
    found, _, _ = path(tmp_path, {"tea": {**plan.PLAIN_ORCHARD, "price_level": 0.5}})
    assert found[-1] == pytest.approx([-400.0, -400.0])


def test_a_failed_project_takes_no_hands(tmp_path):
    """In the year of its failure they are free for the fields. Mutation: needed all the same."""
    for failure, used in ((1.0, False), (0.0, True)):
        _, s, _ = path(tmp_path, {"tea": {**plan.PLAIN_ORCHARD, "failure_own": failure}}, years=(2017,))
        assert (s.hf[c.HANDS_USED, :2] > 0.0).tolist() == [used, used]


def test_what_households_count_of_their_members_is_the_same_in_loops(tmp_path):
    """Mutation: any row counted otherwise in one of the two bodies."""
    world = plan.town(tmp_path, {})
    s, draws = plan.begin(world)
    people.people(s, world, draws, 2017)
    s.pi[c.DIBAO], s.pi[c.TEKUN] = s.pi[c.AGE] % 5 == 1, s.pi[c.AGE] % 7 == 2
    s.pi[c.SICK_MONTHS], s.pi[c.CARE_MONTHS] = 7 * (s.pi[c.AGE] % 3), 9 * (s.pi[c.AGE] % 2)
    found = np.empty((2, len(measures.MEMBERS), world.layout.households))
    for out, body in zip(found, (measures.members_numpy, measures.members_loop), strict=True):
        body(world.layout.off, world.layout.house, s.pi, out)
    assert np.array_equal(*found)
    assert found[0].any(axis=1).all()


# --- employment ------------------------------------------------------------------------------------------


def test_training_costs_once_helps_to_find_once_and_lifts_wages_for_good(tmp_path):
    made = plan.homes([{"people": [{"capacity": 3}, {"capacity": 2}]}])
    world = plan.town(tmp_path, {"school": dict(kind="employment", form="training", take_up=1.0)}, made=made)
    s, draws = plan.begin(world)
    seen = []
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        seen.append((s.pf[c.FIND_HELP, 0], s.pf[c.WAGE_HELP, 0], s.held["school"]["books"][KIND_VALUE] / 100))
    assert seen == [(1.3, 1.05, 2330), (1.0, 1.05, 0)]
    assert s.pf[c.FIND_HELP, 1] == 1.0  # weak labour is not trained


def test_help_of_the_first_year_counts_its_months(tmp_path):
    """Training in the last month of a year: a twelfth of its effect, then all of it. Mutation: the whole factor at once."""
    school = dict(kind="employment", form="training", take_up=1.0, start={"year": 2017, "month": 12})
    world = plan.town(tmp_path, {"school": school}, made=plan.homes([{"people": [{"capacity": 3}]}]))
    s, draws = plan.begin(world)
    seen = []
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        seen.append((s.pf[c.FIND_HELP, 0], s.pf[c.WAGE_HELP, 0]))
    assert seen == [pytest.approx((1 + 0.3 / 12, 1 + 0.05 / 12)), pytest.approx((1.0, 1.05))]


def test_transport_subsidy_is_for_those_who_work_away(tmp_path):
    made = plan.homes([{"people": [{"work": Work.AWAY, "months": 8}, {"work": Work.LOCAL, "months": 8}]}])
    world = plan.town(tmp_path, {"bus": dict(kind="employment", form="transport", take_up=1.0)}, made=made)
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    assert s.items[ITEM["other_transfer"], 0] == 28_900
    assert s.held["bus"]["books"][CASH] == 28_900


ABLE = {"able": {}, "of 16": {"birth_year": 2000}, "of 65": {"birth_year": 1951}, "of 69": {"birth_year": 1947}}
WEAK = {"weak": {"capacity": Capacity.WEAK}}
NOBODY = {
    "on tekun": {"tekun": 1}, "away": {"work": Work.AWAY, "months": 8}, "living elsewhere": {"resident": False},
    "at a local job": {"work": Work.LOCAL, "months": 8}, "a student": {"birth_year": 1999, "stage": Stage.SENIOR},
    "of 15": {"birth_year": 2001}, "of 70": {"birth_year": 1946}, "without capacity": {"capacity": Capacity.LOST},
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "takes"),
    [
        ("public", {"able", "of 16", "of 65", "of 69", "weak"}),
        ("ranger", {"able", "of 65", "weak"}),
        ("workshop", {"able", "of 16"}),
    ],
)
def test_who_may_have_a_post(tmp_path, form, takes):
    """Mutation: any of the conditions dropped where the rule is asked."""
    people_ = ABLE | WEAK | NOBODY
    world = plan.town(
        tmp_path,
        {"post": dict(kind="employment", form=form, take_up=1.0)},
        made=plan.homes([{"people": [p]} for p in people_.values()]),
    )
    s, draws = plan.begin(world)
    allocation.allocate(s, world, draws, 2017)
    held = s.held["post"]["held"][world.layout.off[:-1]]
    assert {name for name, one in zip(people_, held, strict=True) if one} == takes


@pytest.mark.parametrize(
    ("form", "month", "months", "public"), [("public", 700, 11, True), ("ranger", 833, 12, True), ("workshop", None, 11, False)]
)
def test_a_post_pays_its_wage_for_its_months(tmp_path, form, month, months, public):
    """A workshop 0.6 of the local wage, paid by its owner. Mutations: ratio, factor or months left out; its wage public money."""
    post = dict(kind="employment", form=form, take_up=1.0, wage_factor=1.5, start={"year": 2017, "month": 7})
    world = plan.town(tmp_path, {"post": post}, made=plan.homes([{}]))
    s, draws = plan.begin(world)
    local = [measures.Columns(s, world, year).get("person", "local_wage")[0] for year in (2017, 2018)]
    by_month = [month, month] if public else [0.6 * wage for wage in local]
    paid = []
    for year in (2017, 2018):
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        labour.work(s, world, draws, year)
        income.earn(s, world, draws, year)
        item = s.items[ITEM["wage_post" if public else "wage_workshop"], 0] / 100
        assert s.held["post"]["given"][0] == pytest.approx(item * 100)
        assert s.held["post"]["books"][CASH] == (item * 100 if public else 0)
        paid.append(item / 1.5)
    assert paid == pytest.approx([by_month[0] * months / 2, by_month[1] * months], rel=0.01)


def test_a_term_of_two_years_runs_to_its_end(tmp_path):
    """One who grows unfit keeps the post until it ends. Mutation: renewed every year whatever the term."""
    post = dict(kind="employment", form="public", take_up=1.0, cancelled={"public": 0.0}, term={"public": 2}, until=2017)
    world = plan.town(tmp_path, {"post": post}, made=plan.homes([{}]))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018, 2019):
        s.pi[c.RESIDENT, 0] = year == 2017
        plan.measures_only(s, world, draws, year)
        held.append(bool(s.held["post"]["held"][0]))
    assert held == [True, True, False]


@pytest.mark.parametrize("form", ["public", "workshop"])
def test_posts_that_are_cut_go_to_nobody_else(tmp_path, form):
    """Mutation: posts that end are filled again, so that their number does not fall."""
    post = dict(kind="employment", form=form, take_up=1.0, cancelled={form: 0.05}, longest={form: 40}, quota={"posts": 200})
    world = plan.town(tmp_path, {"post": {**post, "cut": {2016: 0.0, 2018: 0.33}}}, made=plan.homes([{}] * 400))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018, 2019):
        plan.measures_only(s, world, draws, year)
        held.append(s.held["post"]["held"].astype(bool))
    before, then, last = held
    assert before.sum() == 200 and not (then & ~before).any() and not (last & ~then).any()
    assert [then.sum() / before.sum(), last.sum() / then.sum()] == pytest.approx([0.67, 0.67], abs=0.1)


def test_a_transport_subsidy_ends_with_work_away(tmp_path):
    bus = dict(kind="employment", form="transport", take_up=1.0)
    world = plan.town(tmp_path, {"bus": bus}, made=plan.homes([{"people": [{"work": Work.AWAY, "months": 8}]}]))
    s, draws = plan.begin(world)
    paid = []
    for year in (2017, 2018):
        s.pi[c.WORK, 0] = Work.AWAY if year == 2017 else Work.LOCAL
        plan.measures_only(s, world, draws, year)
        paid.append(int(s.items[ITEM["other_transfer"], 0]))
    assert paid == [28_900, 0]


def test_a_post_is_paid_through_the_account_and_counted_once(tmp_path):
    posts = dict(kind="employment", form="public", take_up=1.0, start={"year": 2017, "month": 8})
    shop = dict(kind="employment", form="workshop", take_up=1.0)
    world = plan.town(tmp_path, {"posts": {**posts, "quota": {"posts": 40}}, "shop": {**shop, "quota": {"posts": 30}}})
    s, draws = plan.begin(world)
    live_year(s, world, draws, 2017)
    paid = ((s.pi[c.PAID] == Work.POST) | (s.pi[c.PAID] == Work.WORKSHOP)) & (s.pi[c.MONTHS] > 0)
    assert paid.sum() == sum(s.held[id]["books"][JOBS] for id in ("posts", "shop"))
    assert s.held["posts"]["books"][CASH] == s.items[ITEM["wage_post"]].sum() > 0
    assert s.held["shop"]["books"][CASH] == 0  # its owner pays
    assert s.items[ITEM["wage_workshop"]].sum() == s.held["shop"]["given"].sum() > 0
    first = s.pi[c.POST] == 1
    assert (s.pi[c.MONTHS, first] <= 10 * 11 * 5 / 12 + 1).all()
    assert (s.pi[c.MONTHS] <= 120).all()


# --- PV and the village ----------------------------------------------------------------------------------

STATION = dict(kind="pv", capacity_kw=300.0, connected_year=2017, connected_month=4, first_payment=0.0)


def stations(folder, plans, made=None, years=YEARS):
    """Dividends, proceeds and reserve of the villages (yuan) by year."""
    world = plan.town(folder, plans, made=made or plan.homes([{"pv_linked": True}] * 20, villages=4))
    s, draws = plan.begin(world)
    out = []
    for year in years:
        plan.measures_only(s, world, draws, year)
        out.append((s.items[ITEM["pv_dividend"]].sum() / 100, s.vi[c.PROCEEDS].sum() / 100, s.vi[c.RESERVE].sum() / 100))
    return np.array(out), s, world


def test_pv_pays_households_before_2018_and_villages_after(tmp_path):
    found, _, _ = stations(tmp_path, {"pv": {**STATION, "capacity_kw": 100.0}})
    dividends, proceeds, _ = found.T
    assert dividends[0] > 0
    assert dividends[1:].tolist() == [0, 0, 0, 0]
    assert dividends[0] == pytest.approx(4 * proceeds[0], rel=1e-4)  # 80 : 20
    assert (proceeds[1:] > proceeds[0]).all()


def test_a_dividend_is_capped_and_what_is_over_goes_to_the_village(tmp_path):
    large, _, _ = stations(tmp_path, {"pv": {**STATION, "capacity_kw": 3000.0}}, years=(2017,))
    assert large[0, 0] == 20 * 3000
    assert large[0, 1] > 60_000 / 4


def test_a_roof_belongs_to_its_household(tmp_path):
    """Whatever it brings: five kW are above what a station pays at most. Mutations: that limit; the station's capacity."""
    roof = {**STATION, "site": "roof", "arrears": 0.0, "weather_sd": 0.0, "connected_month": 1, "household_kw": 5.0}
    found, _, _ = stations(tmp_path, {"pv": roof})
    each = 5 * 1025 * 0.85 * 0.96 * 0.975 * 0.97
    assert each > 3000
    assert found[:, 0] / 20 == pytest.approx([each * 0.993**k for k in range(5)], rel=1e-5)
    assert found[:, 1] == pytest.approx(0.0, abs=0.2)


def test_a_roof_is_paid_for_when_its_household_joins(tmp_path):
    """Not in the year of connection alone, after which roofs would cost nothing. Mutation: that year."""
    roof = {**STATION, "site": "roof", "household_kw": 5.0, "cost": 6.0, "public_share": 0.5, "quota": {"households": 6}}
    world = plan.town(tmp_path, {"pv": {**roof, "take_up": 1.0}}, made=plan.homes([{"pv_linked": True}] * 20))
    s, draws = plan.begin(world)
    built = []
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        built.append(s.held["pv"]["books"][KIND_VALUE] / 100 / (5 * 6.0 * 1000 * 0.5))
    assert built[:4] == [6.0, 6.0, 6.0, 2.0] and not any(built[4:])


def test_what_a_station_earns_is_paid_or_still_owed(tmp_path):
    """Dividends, proceeds and upkeep over the years, what waits and what is owed, are what was generated times the tariff."""
    found, s, _ = stations(tmp_path, {"pv": {**STATION, "first_payment": 12.0, "weather_sd": 0.0}})
    h = s.held["pv"]
    assert found[0].tolist() == [0, 0, 0]  # nothing is paid in the first twelve months
    life = [9 / 12 * 0.975] + [0.975 * 0.993 ** (k - 1) * 0.25 + 0.975 * 0.993**k * 0.75 for k in range(1, 5)]
    revenue = 300 * 1025 * 0.96 * 0.85 * np.array(life)
    owed = sum(h[name][0] for name in ("due_1", "due_2", "due_3", "waiting"))
    assert found[:, :2].sum() + 0.03 * revenue.sum() + owed == pytest.approx(revenue.sum(), rel=1e-6)
    assert owed == pytest.approx(0.55 * (revenue[4] + 0.5 * revenue[3]), rel=1e-9)  # a year and a half late


SHORT = {**STATION, "eligible": {"pv_linked": True}, "connected_month": 1, "life": 3, "weather_sd": 0.0}
EARNED = 300 * 1025 * 0.96 * 0.85 * 0.975 * np.array([0.993**k for k in range(3)])  # yuan in the three years of its life


@pytest.mark.parametrize(("arrears", "until"), [(0.0, 2019), (1.5, 2021), (2.5, 2022)])
def test_a_station_at_its_end_pays_what_is_due_and_admits_nobody(tmp_path, arrears, until):
    """Mutations: no holders once it is dead; one admitted, or admitted again, to a dead one; arrears of the third year lost."""
    made = plan.homes([{"pv_linked": i < 20} for i in range(24)], villages=4)
    world = plan.town(tmp_path, {"pv": {**SHORT, "arrears": arrears}}, made=made, years=8)
    s, draws = plan.begin(world)
    paid, held = 0, []
    for year in range(2017, 2025):
        s.hi[c.PV_LINKED, 20:] = year >= 2020
        plan.measures_only(s, world, draws, year)
        paid += s.items[ITEM["pv_dividend"]].sum() + s.vi[c.PROCEEDS].sum()
        held.append(int(s.held["pv"]["held"].sum()))
    assert held == [20 * (year <= until) for year in range(2017, 2025)]
    assert paid / 100 == pytest.approx(0.97 * EARNED.sum(), rel=1e-6)


def test_a_station_to_which_nobody_is_linked_loses_nothing(tmp_path):
    """It keeps what it earns until somebody is; its building and running are paid all the same. Mutation: counted by holder."""
    world = plan.town(tmp_path, {"pv": {**SHORT, "arrears": 0.0}}, made=plan.homes([{}] * 4))
    s, draws = plan.begin(world)
    books = []
    for year in (2017, 2018, 2019):
        s.hi[c.PV_LINKED] = year == 2019
        plan.measures_only(s, world, draws, year)
        books.append(measures.spending(s, world, year)[0])
        if year == 2018:
            assert s.held["pv"]["waiting"][0] == pytest.approx(0.97 * EARNED[:2].sum())
    assert [b[KIND_VALUE] for b in books] == [300 * 7000 * 100, 0, 0]
    assert [b[OVERHEAD] / 100 for b in books] == pytest.approx(0.03 * EARNED, abs=0.01)
    assert s.vi[c.PROCEEDS].sum() / 100 == pytest.approx(0.97 * EARNED.sum(), abs=0.1)
    assert s.held["pv"]["waiting"][0] == 0.0


def test_stations_share_their_weather_and_a_delay_does_not_change_it(tmp_path):
    soon = {"a": STATION, "b": {**STATION, "capacity_kw": 300.0}}
    made = plan.homes([{"pv_linked": True}] * 40, villages=4)
    plans = {id: {**one, "quota": {"households": 20}} for id, one in soon.items()}
    _, s, _ = stations(tmp_path, plans, made)
    assert s.held["a"]["due_1"] == s.held["b"]["due_1"]
    assert s.held["a"]["held"].sum() == s.held["b"]["held"].sum() == 20
    assert not (s.held["a"]["held"] & s.held["b"]["held"]).any()  # one link a household
    late, _, _ = stations(tmp_path, {"pv": {**STATION, "connected_year": 2018}})
    assert late[0].tolist() == [0, 0, 0]
    assert late[1, 1] > 0


def test_the_weather_of_a_year_moves_what_a_station_yields(tmp_path):
    """All in one area alike, by the spread. Mutations: none; one draw for all years; a draw by station, or for all areas."""
    made = plan.homes([{"pv_linked": True}] * 4)
    whole = {**STATION, "connected_month": 1, "arrears": 0.0, "first_year_loss": 0.0, "later_loss": 0.0}
    of = {}
    for name, more in (
        ("none", {"weather_sd": 0.0}), ("some", {"weather_sd": 0.1}), ("more", {"weather_sd": 0.2}),
        ("here", {"weather_sd": 0.1, "site": "village"}), ("there", {"weather_sd": 0.1, "county": "another"}),
    ):  # fmt: skip
        found, _, _ = stations(tmp_path, {"pv": {**whole, **more}}, made)
        of[name] = found[:, :2].sum(axis=1)
    luck = {name: yuan / of["none"] - 1.0 for name, yuan in of.items()}
    assert len({round(each, 6) for each in luck["some"]}) == 5
    assert luck["more"] == pytest.approx(2.0 * luck["some"], abs=1e-5)
    assert luck["here"] == pytest.approx(luck["some"])
    assert (np.abs(luck["there"] - luck["some"]) > 1e-3).all()


def test_a_village_station_earns_for_its_village_linked_or_not(tmp_path):
    """Its proceeds are the village's, also with nobody linked, and those of households elsewhere get a dividend until 2017.

    Mutations: waiting for a holder; to the villages of the holders; a dividend not taken off.
    """
    found = {}
    for linked in (False, True):
        made = plan.homes([{"pv_linked": linked and i < 10} for i in range(20)], villages=4)
        mine = {**STATION, "capacity_kw": 60.0, "site": "village", "village": "v2", "eligible": {"pv_linked": True}}
        world = plan.town(tmp_path, {"pv": mine}, made=made)
        s, draws = plan.begin(world)
        out = []
        for year in (2017, 2018):
            plan.measures_only(s, world, draws, year)
            out.append((s.vi[c.PROCEEDS].tolist(), int(s.items[ITEM["pv_dividend"]].sum())))
            assert s.held["pv"]["books"][VILLAGE_MONEY] == sum(out[-1][0])
            assert s.held["pv"]["waiting"][0] == pytest.approx(0.0)
        found[linked] = out
    for (alone, nothing), (rest, paid) in zip(found[False], found[True], strict=True):
        assert [alone[v] for v in (0, 1, 3)] == [rest[v] for v in (0, 1, 3)] == [0, 0, 0]
        assert nothing == 0
        assert rest[2] + paid == pytest.approx(alone[2], abs=10)
    assert [paid > 0 for _, paid in found[True]] == [True, False]
    with pytest.raises(RuleError, match=r"v9.*v0, v1, v2, v3"):
        stations(tmp_path, {"pv": {**STATION, "village": "v9"}})


def test_building_is_paid_once_as_far_as_it_is_public(tmp_path):
    """Mutations: every year; what is not public."""
    world = plan.town(tmp_path, {"pv": {**STATION, "public_share": 0.6}}, made=plan.homes([{"pv_linked": True}]))
    s, draws = plan.begin(world)
    spent = []
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        spent.append(s.held["pv"]["books"][KIND_VALUE] / 100)
    assert spent == [300 * 7000 * 0.6, 0]


def test_what_a_village_earns_by_itself_comes_every_year(tmp_path):
    """Mutation: rent of the village's assets only in the first year."""
    made = plan.homes([{"people": [{"capacity": 0}]}] * 4, villages=2)
    made.villages["collective_income"] = np.array([50_000.0, 0.0])
    plans = {"village": dict(kind="collective"), "posts": dict(kind="employment", form="public", from_proceeds=1.0)}
    world = plan.town(tmp_path, plans, made=made, economy={"price_growth": 0.02})
    s, draws = plan.begin(world)
    pots, out = [], 0
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        pots.append((s.vi[c.PROCEEDS_LAST] / 100).tolist())
        out += s.held["village"]["books"][CASH]
    assert pots == [[pytest.approx(50_000 * 1.02**k, abs=0.01), 0.0] for k in range(5)]
    assert s.vi[c.RESERVE].sum() + out == pytest.approx(100 * sum(pot for pot, _ in pots), abs=1)


def test_a_resolution_by_hand(tmp_path):
    """100,000 yuan: without posts 80% go to works by hands at home, 5% to those who work, 10% by need, 5% stay.

    Mutations: a use left out; works by the head, or to those away; awards to all; relief to all, or alike; general households.
    """
    old, away = {"birth_year": 1940, "capacity": Capacity.NONE}, {"work": Work.AWAY, "months": 8}
    rows = [
        {"people": [{}, {}]},
        {"people": [{"work": Work.LOCAL, "months": 8}]},
        {"people": [{**old, "health": Health.DISABLED}, old]},
        {"people": [old]},
        {"people": [away]},
        {"people": [{}, old], "status": Status.GENERAL},
    ]
    made = plan.homes(rows)
    made.villages["collective_income"][:] = 100_000.0
    world = plan.town(tmp_path, {"village": dict(kind="collective")}, made=made, economy={"price_growth": 0.0})
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
    yuan = {name: (s.items[ITEM[name]] / 100).tolist() for name in ("wage_other", "award", "collective_share")}
    assert yuan == {
        "wage_other": pytest.approx([80_000 * 2 / 3, 80_000 / 3, 0, 0, 0, 0], abs=0.01),
        "award": [0, 2500, 0, 0, 2500, 0],
        "collective_share": pytest.approx([0, 0, 10_000 * 4 / 6, 10_000 * 2 / 6, 0, 0], abs=0.01),
    }
    assert s.held["village"]["books"][VILLAGE_MONEY] == pytest.approx(500_000, abs=3)


def test_nothing_is_paid_to_a_household_in_which_nobody_is_left(tmp_path):
    """Mutation: relief by need to the empty, who have no labour."""
    made = plan.homes([{"people": [{"capacity": 0}]}] * 2)
    made.villages["collective_income"][:] = 50_000.0
    world = plan.town(tmp_path, {"village": dict(kind="collective")}, made=made)
    s, draws = plan.begin(world)
    s.pi[c.ALIVE, world.layout.off[0]], s.hi[c.SIZE, 0], s.hi[c.LABOURERS, 0] = 0, 0, 0
    plan.measures_only(s, world, draws, 2017)
    assert s.items[:, 0].sum() == 0 < s.items[ITEM["collective_share"], 1]


def test_a_village_holds_a_measure_from_its_month_on(tmp_path):
    """What hooks of villages are told of time. Mutation: twelve months in the first year."""
    plans = {"share": dict(kind="collective", start={"year": 2018, "month": 7})}
    world = plan.town(tmp_path, plans, made=plan.homes([{}]))
    s, _ = plan.begin(world)
    (measure,), told = world.scenario.measures, []
    for year in (2018, 2019):
        p, kind, h = world.measure(0, year), kinds.find("collective"), kept(s, world, 0)
        view = measures.view_of(measures.Columns(s, world, year), kind, measure, h, np.arange(1), p)
        told.append((float(view.months), float(view.year_held), bool(view.first)))
    assert told == [(6.0, 1.0, True), (12.0, 2.0, False)]


def test_a_village_without_income_pays_no_posts(tmp_path):
    """Mutation: the fund not asked for where no village has any."""
    made = plan.homes([{}] * 4)
    made.villages["collective_income"][:] = 50_000.0
    plans = {"village": dict(kind="collective"), "posts": dict(kind="employment", form="public", take_up=1.0, from_proceeds=1.0)}
    world = plan.town(tmp_path, plans, made=made)
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        held.append(s.held["posts"]["held"].sum())
        s.vf[c.BASE_INCOME] = s.vi[c.PROCEEDS] = 0
    assert held == [2, 0]


def test_a_budget_bears_only_its_part_of_a_wage(tmp_path):
    """Half of 7,700 yuan and overhead: 8,500 yuan are two posts. Mutation: the whole wage set aside."""
    made = plan.homes([{}] * 5)
    made.villages["collective_income"][:] = 100_000.0
    half = dict(kind="employment", form="public", take_up=1.0, from_proceeds=0.5, budget=8500)
    world = plan.town(tmp_path, {"village": dict(kind="collective"), "half": half}, made=made)
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    assert s.held["half"]["held"].sum() == 2


def test_a_village_shares_out_all_that_it_earned(tmp_path):
    plans = {
        "pv": {**STATION, "capacity_kw": 400.0},
        "village": dict(kind="collective"),
        "posts": dict(kind="employment", form="public", take_up=1.0, from_proceeds=1.0),
        "half": dict(kind="employment", form="public", take_up=1.0, from_proceeds=0.5, quota={"posts": 6}),
    }
    made = plan.tables(300)
    made.households["pv_linked"] = np.arange(300) % 3 == 0
    world = build_world(made, plan.scenario(tmp_path, plans))
    s, draws = plan.begin(world)
    reserve = s.vi[c.RESERVE].copy()
    for year in YEARS:
        live_year(s, world, draws, year)
        books = {m.id: row for m, row in zip(world.scenario.measures, measures.spending(s, world, year), strict=True)}
        pot = s.vi[c.PROCEEDS_LAST].sum()
        posts = books["posts"][CASH] + books["half"][CASH] / 2
        assert books["village"][CASH] + books["village"][VILLAGE_MONEY] + posts == pytest.approx(pot, abs=50)
        assert s.vi[c.RESERVE].sum() - reserve.sum() == books["village"][VILLAGE_MONEY]
        assert (s.vi[c.RESERVE] >= reserve).all()
        shared = sum(s.items[ITEM[name]].sum() for name in ("wage_other", "award", "collective_share"))
        assert books["village"][CASH] == shared
        if year >= 2019:
            wages = posts + s.items[ITEM["wage_other"]].sum()
            assert wages >= 0.8 * pot - 100 * 300  # shares are cut to the fen; some villages have no hands on the register
            assert books["posts"][JOBS] > 0
        reserve = s.vi[c.RESERVE].copy()


def test_village_money_is_public_money_once(tmp_path):
    """Over the years what the villages received is, to the fen, what was paid out of it, what they keep and what waits.

    Mutation: from_village left out of the collective's or of the posts' books.
    """
    plans = {
        "pv": {**STATION, "capacity_kw": 400.0},
        "village": dict(kind="collective"),
        "posts": dict(kind="employment", form="public", take_up=1.0, from_proceeds=0.7),
    }
    made = plan.tables(300)
    made.households["pv_linked"] = np.arange(300) % 3 == 0
    world = build_world(made, plan.scenario(tmp_path, plans))
    s, draws = plan.begin(world)
    opening = s.vi[c.PROCEEDS].sum()
    total = np.zeros((3, len(measures.SPENDING)), np.int64)
    for year in (2017, 2018, 2019):
        live_year(s, world, draws, year)
        total += measures.spending(s, world, year)
    pv, village, posts = total
    received = opening + pv[VILLAGE_MONEY]
    households = sum(s.items[ITEM[name]].sum() for name in ("wage_other", "award", "collective_share"))
    assert posts[CASH] > posts[FROM_VILLAGE] > 0 < households
    assert village[CASH] + posts[FROM_VILLAGE] + s.vi[c.RESERVE].sum() + s.vi[c.PROCEEDS].sum() == received
    assert village[FROM_VILLAGE] == village[CASH] + village[VILLAGE_MONEY]
    spent = total[:, [CASH, KIND_VALUE, VILLAGE_MONEY, OVERHEAD]].sum() - total[:, FROM_VILLAGE].sum()
    once = pv[[CASH, KIND_VALUE, VILLAGE_MONEY, OVERHEAD]].sum() + posts[CASH] - posts[FROM_VILLAGE]
    assert spent == once + village[OVERHEAD] + posts[[KIND_VALUE, OVERHEAD]].sum()


# --- relocation ------------------------------------------------------------------------------------------

MOVE = dict(
    kind="relocation", take_up=1.0, gestation=18, follow_up=2, returns=0.0, overhead=0.0, eligible={"relocated": True},
    start={"year": 2017, "month": 3},
)  # fmt: skip
LISTED = {"relocated": True, "house_safe": False, "people": [{}, {}, {}]}


def test_relocation_by_hand(tmp_path):
    """Ten months of 2017 are waited, eight of 2018; four are lived there. Two years of follow-up end in 2020.

    Mutations: help from the approval on; land given up at once; a house before moving in; support for ever; those not listed too.
    """
    world = plan.town(tmp_path, {"move": MOVE}, made=plan.homes([LISTED, {}]))
    s, draws = plan.begin(world)
    s.hi[c.HOUSE_SAFE] = [0, 1]
    seen = []
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        seen.append((s.hi[c.HOUSE_SAFE, 0], s.hi[c.SECURED, 0], s.pf[c.FIND_HELP, 0], s.hf[c.LAND_USED, 0]))
        spent = s.held["move"]["books"][KIND_VALUE] / 100
        assert spent == (3 * 62_500 - 7_500 + 10_000 if year == 2017 else 0)
    assert seen == [
        (0, 0, pytest.approx(1.0), pytest.approx(0.0)),
        (1, Route.RELOCATION, pytest.approx(1 + 0.3 * 4 / 12), pytest.approx(10 * 0.3 * 4 / 12)),
        (1, Route.RELOCATION, pytest.approx(1.3), pytest.approx(3.0)),
        (1, Route.RELOCATION, pytest.approx(1 + 0.3 * 8 / 12), pytest.approx(3.0)),
        (1, Route.RELOCATION, pytest.approx(1.0), pytest.approx(3.0)),
    ]
    assert s.held["move"]["debt"].tolist() == [7_500, 0]
    assert s.held["move"]["held"].tolist() == [True, False]
    assert s.hf[c.LAND_USED, 1] == 0.0 and (s.pf[c.FIND_HELP, world.layout.off[1] :] == 1.0).all()


def test_nobody_leaves_before_moving_in(tmp_path):
    """A safe house to be given up does not count while a poor household waits; one that has left is not made to return by it.

    Mutations: the rule applied to those who left, or after the move, or where it is switched off.
    """
    rows = [{**LISTED, "house_safe": True, "status": status} for status in (Status.POOR, Status.EXITED)]
    safe = []
    for housed_first in (True, False):
        world = plan.town(tmp_path, {"move": {**MOVE, "housed_first": housed_first}}, made=plan.homes(rows))
        s, draws = plan.begin(world)
        for year in (2017, 2018):
            plan.measures_only(s, world, draws, year)
            safe.append((s.hi[c.HOUSE_SAFE].tolist(), s.hi[c.SECURED].tolist()))
    moved = int(Route.RELOCATION)
    assert safe == [([0, 1], [0, 0]), ([1, 1], [moved, 0]), ([1, 1], [0, 0]), ([1, 1], [0, 0])]


def test_a_move_farms_less_land(tmp_path):
    """Mutation: the land given up not taken off the farm."""
    farm = []
    for plans in ({}, {"move": {**MOVE, "gestation": 0, "start": {"year": 2017}}}):
        world = plan.town(tmp_path, plans, made=plan.homes([LISTED]))
        s, draws = plan.begin(world)
        s.hf[c.FARM_SCALE] = 1.0
        s.begin_year()
        allocation.allocate(s, world, draws, 2017)
        s.pi[c.MONTHS] = 0
        income.earn(s, world, draws, 2017)
        farm.append(s.items[ITEM["farm"], 0])
    p = income.PHASE.arguments(world, 2017)
    stayed, moved = (income.usual_farm(land, 3.0, p) for land in (10.0, 7.0))
    assert farm[1] / farm[0] == pytest.approx(moved / stayed, abs=1e-4)


def test_a_move_gives_up_no_more_than_is_left(tmp_path):
    """Nine of ten mu are planted: one is given up, not three. Mutation: the share whatever else stands on the land."""
    garlic = {**plan.PLAIN_ORCHARD, "product": "garlic", "scale": {"garlic": 9.0}, "scale_factor": 1.0, "days": {"garlic": 1.0}}
    plans = {"garlic": garlic, "move": {**MOVE, "gestation": 0, "start": {"year": 2017}}}
    world = plan.town(tmp_path, plans, made=plan.homes([LISTED]))
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        assert s.held["garlic"]["units"][0] == 9.0
        assert s.hf[c.LAND_USED, 0] == pytest.approx(10.0)


def test_nobody_is_moved_by_two_measures(tmp_path):
    world = plan.town(tmp_path, {"move": MOVE, "again": MOVE}, made=plan.homes([LISTED]))
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        assert [bool(s.held[id]["held"][0]) for id in ("move", "again")] == [True, False]


def test_the_own_part_of_a_move_is_paid_back_as_debt_service(tmp_path):
    """7,500 yuan of three persons in three equal parts from the year after the approval: rigid expenditure, no public money.

    Mutations: paid in the year of the approval, for ever, by the public; or off the income.
    """
    world = plan.town(tmp_path, {"move": {**MOVE, "repaid_over": 3}}, made=plan.homes([LISTED, {}]))
    s, draws = plan.begin(world)
    seen = []
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        seen.append((s.spent[EXPENSE["debt"]] / 100).tolist())
        assert s.held["move"]["books"][CASH] == 0 and s.spent.sum() == s.spent[EXPENSE["debt"]].sum()
    assert seen == [[0, 0], [2_500, 0], [2_500, 0], [2_500, 0], [0, 0]]


HOUSE = dict(
    kind="guarantee", form="house", take_up=1.0, own_share={"house": 0.0}, overhead=0.0, start={"year": 2017, "month": 10}
)


@pytest.mark.parametrize("first", ["house", "move", "mend"])
def test_a_house_on_its_way_is_not_given_twice(tmp_path, first):
    """Three months of 2017 are too few for a repair, and a move takes 30: whoever comes second sees it, as long as it waits.

    Mutations: seen in the year of the approval only; or by a measure of the same kind only.
    """
    plans = {"house": HOUSE, "move": {**MOVE, "gestation": 30}, "mend": HOUSE}
    world = plan.town(tmp_path, {first: plans[first], **plans}, made=plan.homes([LISTED]))
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        s.hi[c.HOUSE_SAFE] = 0
        plan.measures_only(s, world, draws, year)
        paid = {id: bool(s.held[id]["books"][KIND_VALUE] > 0) for id in plans}
        assert paid == {id: id == first and year == 2017 for id in plans}, year
        if first != "move":
            break  # a repair is finished early in 2018, and the list may move it then


def test_water_on_its_way_is_not_given_twice(tmp_path):
    water = dict(kind="guarantee", form="water", take_up=1.0, own_share={"water": 0.0}, start={"year": 2017, "month": 12})
    world = plan.town(tmp_path, {"wells": water, "more": water}, made=plan.homes([{"water_safe": False}]))
    s, draws = plan.begin(world)
    s.hi[c.WATER_SAFE] = 0
    plan.measures_only(s, world, draws, 2017)
    assert [bool(s.held[id]["books"][KIND_VALUE] > 0) for id in ("wells", "more")] == [True, False]


def test_who_goes_back_takes_the_land_up_again_and_is_not_moved_twice(tmp_path):
    """Nobody goes back before moving in. Mutations: return from the approval on; admitted again; land or help kept."""
    world = plan.town(tmp_path, {"move": {**MOVE, "returns": 1.0}}, made=plan.homes([LISTED]))
    s, draws = plan.begin(world)
    seen = []
    for year in YEARS:
        plan.measures_only(s, world, draws, year)
        seen.append((bool(s.held["move"]["held"][0]), s.hf[c.LAND_USED, 0] > 0, s.pf[c.FIND_HELP, 0] > 1))
    assert seen == [(True, False, False), (True, True, True), (False, False, False), (False, False, False), (False, False, False)]
    assert s.hi[c.HOUSE_SAFE, 0] == 1  # the new house is still theirs


def test_one_removed_from_the_register_keeps_the_new_house_and_loses_the_support(tmp_path):
    """Mutations: the house taken away; support that goes on."""
    world = plan.town(tmp_path, {"move": {**MOVE, "kept_until": 2017}}, made=plan.homes([LISTED, LISTED]))
    s, draws = plan.begin(world)
    for year in (2017, 2018, 2019):
        s.hi[c.STATUS] = (Status.REMOVED, Status.EXITED) if year == 2019 else Status.POOR
        plan.measures_only(s, world, draws, year)
    assert s.held["move"]["held"].tolist() == [True, True]
    assert s.hf[c.LAND_USED] == pytest.approx([3.0, 3.0])
    assert s.pf[c.FIND_HELP, world.layout.off[:2]] == pytest.approx([1.0, 1.3])


def test_what_is_earned_since_the_move_counts_for_it(tmp_path):
    """1,000 yuan a month near home: six months before the move, eight after, and the whole of what a second one earns.

    Mutations: wages before the move counted; posts counted; a year too early.
    """
    world = plan.town(tmp_path, {"move": MOVE}, made=plan.homes([LISTED]))
    s, draws = plan.begin(world)
    credit = []
    for year, months in ((2017, (60, 0, 0)), (2018, (80, 0, 0)), (2019, (80, 60, 60))):
        s.pi[c.MONTHS, :3], s.pf[c.WAGE_MONTH, :3] = months, 1000.0
        s.pi[c.PAID, :3] = Work.LOCAL, Work.LOCAL, Work.POST
        plan.measures_only(s, world, draws, year)
        credit.append(s.credit[:, 0].copy() / 100)
    local = [measures.Columns(s, world, year).get("household", "local_wage")[0] for year in (2017, 2018, 2019)]
    before = [6000 * wage / local[0] for wage in local]
    assert credit[0].tolist() == [0, 0, 0, 0]
    assert credit[1].tolist() == [0, pytest.approx((8000 - before[1]) * 4 / 12, abs=0.01), 0, 0]
    assert credit[2].tolist() == [0, pytest.approx(14_000 - before[2], abs=0.01), 0, 0]


def test_a_budget_moves_whom_it_reaches(tmp_path):
    """Three persons cost 190,000 yuan. Mutation: the follow-up fund or the own part left out of what is set aside."""
    move = {**MOVE, "budget": {2017: 379_999, 2018: 190_000}}
    world = plan.town(tmp_path, {"move": move}, made=plan.homes([LISTED] * 4))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
        held.append((int(s.held["move"]["held"].sum()), s.held["move"]["books"][KIND_VALUE]))
    assert held == [(1, 19_000_000), (2, 19_000_000)]


# --- education -------------------------------------------------------------------------------------------

GRANT = dict(kind="education", take_up=1.0, skilled={"senior": 1.0}, overhead=0.0)
PUPIL = {"birth_year": 2001, "stage": Stage.SENIOR, "capacity": Capacity.NONE, "schooling": Schooling.JUNIOR}
STUDENT = {**PUPIL, "birth_year": 1997, "stage": Stage.COLLEGE, "schooling": Schooling.SENIOR}


def test_a_grant_takes_off_what_school_costs_and_is_no_income(tmp_path):
    """Two students of one household get both grants, never more than the bill. Mutations: the second lost; entered as income."""
    rows = [{"people": [{}, PUPIL, STUDENT]}, {"people": [{}, PUPIL]}, {}]
    world = plan.town(tmp_path, {"grant": GRANT}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.begin_year()
    allocation.allocate(s, world, draws, 2017)
    s.spent[2] = [2_400_000, 200_000, 100_000]
    measures.earn(s, world, draws, 2017)
    assert s.spent[2].tolist() == [1_650_000, 0, 100_000]
    assert not s.items.any()
    books = s.held["grant"]["books"]
    assert (books[KIND_VALUE], books[CASH], books[HOLDERS]) == (950_000, 0, 2)
    assert not s.held["grant"]["given"].any()  # the means test does not see it


def test_a_budget_aids_whom_its_grants_reach(tmp_path):
    """3,000 yuan a pupil, 4,500 a student. Mutation: the grant left out of what is set aside."""
    rows = [{"people": [STUDENT]}, {"people": [PUPIL]}, {"people": [PUPIL]}]
    world = plan.town(tmp_path, {"grant": {**GRANT, "budget": 7500}}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.hf[c.REPORTED] = [1000, 2000, 3000]
    plan.measures_only(s, world, draws, 2017)
    assert s.held["grant"]["held"][world.layout.off[:-1]].tolist() == [True, True, False]


def test_a_number_of_students_is_aided_every_year(tmp_path):
    """The quota is of a school year, not of newcomers. Mutation: a grant held until school ends, with as many new ones a year."""
    world = plan.town(tmp_path, {"grant": {**GRANT, "quota": {"persons": 3}}}, made=plan.homes([{"people": [{}, PUPIL]}] * 8))
    s, draws = plan.begin(world)
    for year in (2017, 2018, 2019):
        plan.measures_only(s, world, draws, year)
        assert s.held["grant"]["held"].sum() == s.pi[c.AIDED].sum() == s.held["grant"]["books"][NEW] == 3


def test_aid_keeps_in_senior_school(tmp_path):
    """In the second year of three, nobody drops out with aid, all without. Mutations: aid by registration; kept for ever."""
    rows = [{"people": [{}, {**PUPIL, "birth_year": 2000}]}] * 2000
    quiet = {"drop_out_senior": 1.0, "drop_out_senior_aided": 0.0, "goes_on_college": 0.0}
    attending = []
    for plans in ({"grant": {**GRANT, "quota": {"persons": 500}}}, {}):
        world = plan.town(tmp_path, plans, made=plan.homes(rows), people=quiet)
        s, draws = plan.begin(world)
        allocation.allocate(s, world, draws, 2017)
        people.people(s, world, draws, 2018)
        attending.append(int(((s.pi[c.ALIVE] == 1) & (s.pi[c.STAGE] == Stage.SENIOR)).sum()))
    assert 490 <= attending[0] <= 500 and attending[1] == 0


def test_students_of_the_register_are_aided_when_a_run_opens(tmp_path):
    made = plan.homes([{"people": [{}, PUPIL], "status": status} for status in (Status.POOR, Status.EXITED, Status.GENERAL)])
    s, _ = plan.begin(plan.town(tmp_path, {}, made=made))
    assert s.pi[c.AIDED][s.pi[c.STAGE] == Stage.SENIOR].tolist() == [1, 1, 0]
    assert s.pi[c.AIDED].sum() == 2


def test_who_finishes_with_a_grant_finds_work_sooner_and_in_a_trade(tmp_path):
    """Mutations: help for a drop-out, in a second year, while at school; skill without the degree or for the weak; wages never
    counted, or for ever."""
    rows = [{"people": [{}, PUPIL, PUPIL, PUPIL, STUDENT]}]
    world = plan.town(tmp_path, {"grant": {**GRANT, "counts_for": 2}}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    seen = []
    for year in (2017, 2018, 2019, 2020):
        if year == 2018:  # the first finishes, the second drops out, the third finishes and is disabled, the student goes on
            s.pi[c.STAGE, 1:4] = Stage.NONE
            s.pi[c.SCHOOLING, 1:4] = Schooling.SENIOR, Schooling.JUNIOR, Schooling.SENIOR
            s.pi[c.CAPACITY, 1:4] = Capacity.ORDINARY, Capacity.ORDINARY, Capacity.WEAK
        if year > 2017:
            s.pi[c.MONTHS, 1:3], s.pi[c.PAID, 1:3], s.pf[c.WAGE_MONTH, 1:3] = 50, Work.LOCAL, 2000.0
        plan.measures_only(s, world, draws, year)
        holds, help_ = s.held["grant"]["held"][1:5].tolist(), s.pf[c.FIND_HELP, 1:5].tolist()
        seen.append((holds, help_, s.pi[c.CAPACITY, 1:4].tolist(), s.credit[Route.EDUCATION, 0]))
    after = [Capacity.SKILLED, Capacity.ORDINARY, Capacity.WEAK]
    assert seen == [
        ([True, True, True, True], [1, 1, 1, 1], [0, 0, 0], 0),
        ([True, False, True, True], [1.3, 1, 1.3, 1], after, 1_000_000),
        ([True, False, True, True], [1, 1, 1, 1], after, 1_000_000),
        ([False, False, False, True], [1, 1, 1, 1], after, 0),
    ]


def test_a_trade_is_learnt_by_a_share_and_wages_count_once_school_is_over(tmp_path):
    """Mutations: a trade for all; wages of a student credited to the grant."""
    world = plan.town(tmp_path, {"grant": {**GRANT, "skilled": {"senior": 0.45}}}, made=plan.homes([{"people": [PUPIL]}] * 2000))
    s, draws = plan.begin(world)
    first = world.layout.off[:-1]
    s.pi[c.MONTHS, first], s.pi[c.PAID, first], s.pf[c.WAGE_MONTH, first] = 20, Work.LOCAL, 2000.0
    plan.measures_only(s, world, draws, 2017)
    assert not s.credit.any()
    s.pi[c.STAGE, first], s.pi[c.SCHOOLING, first], s.pi[c.CAPACITY, first] = Stage.NONE, Schooling.SENIOR, Capacity.ORDINARY
    plan.measures_only(s, world, draws, 2018)
    assert (s.pi[c.CAPACITY, first] == Capacity.SKILLED).mean() == pytest.approx(0.45, abs=0.035)
    assert (s.credit[Route.EDUCATION] == 400_000).all()


def test_what_was_learnt_is_worth_what_the_source_says(root):
    """Vocational against junior school: three years of schooling and the chance of a trade make 20% together, none on top."""
    base = load_scenario(root / "params/chagu/baseline.yaml")
    work, grant = base.values("work", 2017), next(m for m in base.measures if m.id == "vocational_grants").values(2017)
    years = work.school_years[3] - work.school_years[2]
    gain = years * work.wage_per_school_year + grant.skilled["senior"] * work.wage_skilled
    assert np.expm1(gain) == pytest.approx(0.20, abs=0.01)


# --- money, and kinds of one's own -----------------------------------------------------------------------


def test_what_measures_spend_is_what_households_and_villages_get(tmp_path, root):
    """The town's own scenario: cash recounted from the households' accounts, the villages' money from their purses."""
    base = load_scenario(root / "params/chagu/baseline.yaml")
    made = plan.tables(800)
    made.households["pv_linked"] = np.arange(800) % 3 == 0
    made.villages["name"] = np.array(["梅岭", "白畈", "独山"])
    world = build_world(made, base)
    s, draws = plan.begin(world)
    paid = ("award", "pv_dividend", "wage_other", "collective_share", "wage_post", "dibao", "tekun", "relief")
    for year in YEARS:
        live_year(s, world, draws, year)
        books = measures.spending(s, world, year)
        grants = sum(
            428_000 * int((s.held[m.id]["held"] & (s.held[m.id]["since"] == year)).sum())
            for m in base.measures
            if m.kind == "industry"
        )
        away = 28_900 * int(s.held["transport"]["held"].sum())
        assert books[:, CASH].sum() == sum(s.items[ITEM[name]].sum() for name in paid) + grants + away
        stations = [i for i, m in enumerate(base.measures) if m.kind == "pv"]
        assert books[stations, VILLAGE_MONEY].sum() == s.vi[c.PROCEEDS].sum()
        assert (books[:, :CROWDED_OUT] >= 0).all()  # a loss, too, is seen by the means test


def test_the_kind_of_the_docs_works_end_to_end(tmp_path, root):
    """Bees, as docs/extending.md has them: one cell of a notebook, in under forty lines, and no file of the package touched."""
    text = (root / "docs/extending.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    assert len(code.splitlines()) < 40
    exec(compile(code, "extending.md", "exec"), {})
    bees = dict(kind="bees", eligible={"labourers": ">= 1"}, swarms=0.0, quota={"households": 1}, budget=2000)
    found, s, world = path(tmp_path, {"b": bees}, "business", years=(2017, 2018))
    assert sorted(found[0].tolist()) == [0, 1500]
    assert found[1].max() == 1800
    assert measures.spending(s, world, 2018)[0][[HOLDERS, NEW, KIND_VALUE]].tolist() == [2, 1, 200_000]


def test_an_answer_in_an_unknown_channel_is_refused(tmp_path):
    wrong = Kind(name="bees", yields=lambda view, held, p, u: {"industri": 1.0})
    records = {
        "x": dict(
            name={"zh": "甲", "en": "x"}, unit="yuan", value=1, range=[0, 2], role="lever", grade="C", source="estimate: a test"
        )
    }
    kinds.register(wrong, records)
    with pytest.raises(RuleError, match=r"industri.*nearest: industry"):
        path(tmp_path, {"b": dict(kind="bees")}, years=(2017,))


def test_kept_columns_begin_as_the_kind_says(tmp_path):
    world = plan.town(tmp_path, ORCHARD, made=plan.homes([{}]))
    s, _ = plan.begin(world)
    h = kept(s, world, 0)
    assert h["skill"].tolist() == [1.0]
    assert h["log_price"].tolist() == [0.0]
