"""Who gets what: order, limits, retention; nobody's luck or place in the tables matters to another."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from povsim.core.schema import Capacity, Monitoring, Status, Work
from povsim.engine import allocation, measures, yields
from povsim.engine import columns as c
from povsim.engine.allocation import running_total
from povsim.engine.shelf import CASH, HOLDERS, KIND_VALUE, NEW, NEWLY_SERVED, OVERHEAD, QUOTA_USED, UNMET
from povsim.engine.world import build_world
from tests.engine import plan

TEA = dict(kind="industry", take_up=1.0, product="tea", linked=0.0, failure_own=0.0)
POST = dict(kind="employment", form="public", take_up=1.0, cancelled={"public": 0.0})


def allocated(world, years=(2017,), replicate=0, change=lambda s, year: None):
    """State after allocations in a town in which nothing else happens."""
    s, draws = plan.begin(world, replicate)
    for year in years:
        s.begin_year()
        change(s, year)
        allocation.allocate(s, world, draws, year)
    return s


def holders(s, id):
    return np.flatnonzero(s.held[id]["held"])


@given(
    st.sampled_from(["poorest", "largest_gap", "list", "lottery", "registered"]),
    st.sampled_from(["households", "persons"]),
    st.sampled_from(["all", "village"]),
    st.integers(0, 40),
    st.one_of(st.none(), st.integers(0, 150_000)),
    st.floats(0.0, 1.0),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quota_and_budget_are_never_exceeded(tmp_path, order, unit, per, number, budget, take_up):
    tea = {
        **TEA,
        "order": order,
        "quota": {unit: number, "per": per},
        "take_up": round(take_up, 3),
        "award": 2000,
        "awarded": 1.0,
    }
    if budget is not None:
        tea["budget"] = budget
    world = plan.town(tmp_path, {"tea": tea}, count=120, years=2)
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        s.begin_year()
        before = s.held["tea"]["held"].copy() if "tea" in s.held else np.zeros(120, bool)
        allocation.allocate(s, world, draws, year)
        yields.earn(s, world, draws, year)
        new = s.held["tea"]["held"] & ~before
        weight = s.hi[c.SIZE] if unit == "persons" else np.ones(120, int)
        taken = np.bincount(s.hi[c.VILLAGE], weights=weight * new, minlength=3)
        assert (taken.max() if per == "village" else taken.sum()) <= number
        books = measures.spending(s, world, year)[0]
        assert books[NEW] == books[NEWLY_SERVED] == new.sum()
        assert books[QUOTA_USED] == 1000 * taken.sum()
        if unit == "households" and per == "all" and budget is None and books[UNMET]:
            assert new.sum() == number  # nobody is turned away before the quota is full
        if budget is not None:
            assert books[[CASH, KIND_VALUE, OVERHEAD]].sum() <= budget * 100


def test_those_not_served_are_counted(tmp_path):
    world = plan.town(tmp_path, {"tea": {**TEA, "quota": {"households": 3}}}, made=plan.homes([{}] * 10))
    s = allocated(world)
    assert s.held["tea"]["books"][[NEW, UNMET]].tolist() == [3, 7]


def test_a_measure_of_persons_counts_the_households_it_reaches_and_the_persons_it_turns_away(tmp_path):
    world = plan.town(tmp_path, {"post": {**POST, "quota": {"posts": 2}}}, made=plan.homes([{"people": [{}] * 4}]))
    s = allocated(world)
    assert s.held["post"]["books"][[HOLDERS, NEW, NEWLY_SERVED, UNMET]].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("order", "first"),
    [("poorest", [2, 0]), ("largest_gap", [3, 2]), ("list", [1, 2]), ("registered", [1, 3])],
)
def test_order_of_service_uses_last_years_reported_income(tmp_path, order, first):
    rows = [{}, {"year_identified": 2011}, {}, {"year_identified": 2012, "people": [{}] * 4}]
    world = plan.town(tmp_path, {"tea": {**TEA, "order": order, "quota": {"households": 2}}}, made=plan.homes(rows))

    def change(s, year):
        s.hf[c.REPORTED] = [2000, 3000, 1500, 2500]
        s.hf[c.TRUE_HEAD] = [1, 2, 3, 4]
        s.hi[c.LISTED] = [0, 1, 0, 0]

    s = allocated(world, change=change)
    assert holders(s, "tea").tolist() == sorted(first)


def test_conditions_take_up_and_units_decide_who_comes_into_question(tmp_path):
    rows = [{"status": 0}, {"status": 2}, {"land_mu": 0.0, "forest_mu": 0.0}, {"people": [{"capacity": 0}]}, {}]
    tea = {**TEA, "eligible": {"status": ["poor"]}}
    s = allocated(plan.town(tmp_path, {"tea": tea}, made=plan.homes(rows)))
    assert holders(s, "tea").tolist() == [4]
    world = plan.town(tmp_path, {"tea": {**TEA, "take_up": 0.4}}, made=plan.homes([{}] * 500))
    s = allocated(world, (2017, 2018))
    assert len(holders(s, "tea")) == pytest.approx(200, abs=35)  # take-up lasts: asking again next year wins nobody


def test_a_mu_is_planted_once(tmp_path):
    rows = [{"land_mu": 1.0, "forest_mu": 6.0}, {"land_mu": 6.0, "forest_mu": 6.0}]
    plans = {"tea": TEA, "pepper": {**TEA, "product": "pepper"}, "garlic": {**TEA, "product": "garlic"}}
    s = allocated(plan.town(tmp_path, plans, made=plan.homes(rows)), (2017, 2018))
    assert (s.hf[c.LAND_USED] <= s.hf[c.LAND]).all()
    assert s.hf[c.LAND_USED, 0] == pytest.approx(1.0)
    used = [s.held[id]["units"] * s.held[id]["held"] for id in plans]
    assert s.hf[c.LAND_USED] == pytest.approx(0.4 * used[0] + 0.5 * used[1] + used[2])


def test_a_person_has_one_post_and_a_village_its_fund(tmp_path):
    plans = {
        "county": {**POST, "quota": {"posts": 20}},
        "shop": dict(kind="employment", form="workshop", take_up=1.0, quota={"posts": 15}),
        "village": dict(kind="collective"),
        "paid": {**POST, "from_proceeds": 1.0},
    }
    world = plan.town(tmp_path, plans)

    def change(s, year):
        s.vi[c.PROCEEDS] = [3_000_000, 5_000_000, 100]  # fen

    s = allocated(world, (2017, 2018), change=change)
    held = np.stack([s.held[id]["held"] for id in ("county", "shop", "paid")])
    assert held.sum(axis=0).max() == 1
    assert held.sum(axis=1)[:2].tolist() == [20, 15]
    assert np.array_equal(s.pi[c.POST] > 0, held.any(axis=0))
    per_village = np.bincount(s.hi[c.VILLAGE, world.layout.house[holders(s, "paid")]], minlength=3)
    fund = 0.6 * np.array([30_000, 50_000, 1])
    assert (per_village * 7700 <= fund).all()
    assert per_village.tolist() == [2, 3, 0]


def test_a_post_is_held_three_years_and_then_goes_to_another(tmp_path):
    world = plan.town(tmp_path, {"post": {**POST, "quota": {"posts": 2}}}, made=plan.homes([{}] * 6))
    s, draws = plan.begin(world)
    held = []
    for year in range(2017, 2022):
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        held.append(set(holders(s, "post").tolist()))
    assert held[0] == held[1] == held[2]
    assert not held[2] & held[3]


def test_a_post_is_cancelled_now_and_then(tmp_path):
    made = plan.homes([{}] * 400)
    world = plan.town(tmp_path, {"post": {**POST, "cancelled": {"public": 0.05}, "until": 2017}}, made=made)
    s = allocated(world, (2017, 2018))
    assert len(holders(s, "post")) == pytest.approx(380, abs=14)


def test_posts_on_the_register_are_kept(tmp_path):
    rows = [{"people": [{"work": Work.POST, "months": 11, "wage_month": 600}]}, {}]
    world = plan.town(tmp_path, {"post": {**POST, "quota": {"posts": 1}}}, made=plan.homes(rows))
    s = allocated(world)
    assert holders(s, "post").tolist() == [0]
    assert s.held["post"]["since"][0] == 2016
    assert s.pf[c.POST_MONTHS, 0] == 11


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_a_measure_is_open_from_its_start_to_its_end_and_adopts_nobody_before(engine, tmp_path, monkeypatch):
    """Mutations: it is given before its start; who holds it by the register has it before that; it has no last year."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    rows = [{"people": [{"work": Work.POST, "months": 11, "wage_month": 600}]}, {}, {}]
    plans = {
        "tea": {**TEA, "start": {"year": 2018}, "until": 2018, "quota": {"households": 1}},
        "post": {**POST, "quota": {"posts": 1}, "start": {"year": 2018}},
    }
    world = plan.town(tmp_path, plans, made=plan.homes(rows))
    s, draws = plan.begin(world)
    new = []
    for year in (2017, 2018, 2019):
        plan.measures_only(s, world, draws, year)
        new.append([int(books[NEW]) for books in measures.spending(s, world, year)])
        if year == 2017:
            assert not holders(s, "tea").size and not holders(s, "post").size
    assert new == [[0, 0], [1, 1], [0, 0]]


def test_support_is_kept_after_exit_by_the_calendar_and_then_by_need(tmp_path):
    rows = [{"status": s} for s in (1, 1, 1)]
    post = {**POST, "until": 2017, "kept_until": 2018, "longest": {"public": 6}}
    world = plan.town(tmp_path, {"post": post}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018, 2019):
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        held.append(world.layout.house[holders(s, "post")].tolist())
        s.hi[c.STATUS, :2], s.hi[c.MONITORING, 1] = Status.EXITED, Monitoring.UNSTABLE
    assert held == [[0, 1, 2], [0, 1, 2], [1, 2]]


def test_whom_the_calendar_lets_go_is_not_admitted_anew(tmp_path):
    """Open to those who have left, kept until 2018; later by need. Mutation: the calendar asked of old holders alone."""
    rows = [{"status": Status.EXITED}, {"status": Status.EXITED}, {"status": Status.POOR}]
    post = {**POST, "eligible": {"status": ["poor", "exited"]}, "kept_until": 2018, "longest": {"public": 6}}
    world = plan.town(tmp_path, {"post": post}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018, 2019):
        s.begin_year()
        s.hi[c.MONITORING, 1] = Monitoring.UNSTABLE
        allocation.allocate(s, world, draws, year)
        held.append(world.layout.house[holders(s, "post")].tolist())
    assert held == [[0, 1, 2], [0, 1, 2], [1, 2]]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_the_calendar_holds_for_what_is_due_by_law_too(tmp_path, engine, monkeypatch):
    """A transfer kept after exit until 2018. Mutation: let go, and back as new holders in the same year, every year."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    paid = dict(kind="transfer", policy="land_fertility", take_up=1.0, kept_until=2018, start={"year": 2017, "month": 7})
    rows = [{"status": Status.EXITED}, {"status": Status.EXITED}, {"status": Status.POOR}, {"status": Status.REMOVED}]
    world = plan.town(tmp_path, {"subsidy": paid}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    held, new = [], []
    for year in (2017, 2018, 2019, 2020):
        s.begin_year()
        s.hi[c.MONITORING, 1] = Monitoring.UNSTABLE
        allocation.allocate(s, world, draws, year)
        held.append(holders(s, "subsidy").tolist())
        new.append(int(s.held["subsidy"]["books"][NEW]))
    assert held == [[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [1, 2, 3]] and new == [4, 0, 0, 0]


def test_a_quota_of_kw_is_filled_by_roofs(tmp_path):
    """Seven kW are two roofs of three. Mutation: a holder counted as one."""
    roof = dict(kind="pv", site="roof", household_kw=3.0, connected_year=2017, quota={"kw": 7})
    s = allocated(plan.town(tmp_path, {"roof": roof}, made=plan.homes([{}] * 5)))
    assert s.held["roof"]["books"][[NEW, UNMET]].tolist() == [2, 3]


def test_a_quota_of_households_takes_all_their_persons(tmp_path):
    """Of three households with two each, two are served. Mutation: persons counted."""
    school = dict(kind="employment", form="training", take_up=1.0, quota={"households": 2})
    world = plan.town(tmp_path, {"school": school}, made=plan.homes([{"people": [{}, {}]}] * 3))
    s = allocated(world)
    assert np.bincount(world.layout.house[holders(s, "school")], minlength=3).tolist() == [2, 2, 0]


SCHOOL = dict(kind="employment", form="training", take_up=0.8)
ROOF = dict(kind="pv", site="roof", household_kw=3.5, connected_year=2017, take_up=0.8)
TAKEN = {  # of homes of one, two and three: NEW, NEWLY_SERVED, what is used of the quota
    "households": ({**TEA, "take_up": 0.8}, {"households": 9}, lambda size, took: (9, 9, 9)),
    "members": ({**TEA, "take_up": 0.8}, {"persons": 21}, lambda size, took: (took.sum(), took.sum(), (size * took).sum())),
    "trainees": (SCHOOL, {"persons": 11}, lambda size, took: ((took > 0).sum(), 11, 11)),
    "their households": (SCHOOL, {"households": 7}, lambda size, took: (7, took.sum(), 7)),
    "roofs": (ROOF, {"kw": 20.0}, lambda size, took: (5, 5, 17.5)),
    "posts": ({**POST, "take_up": 0.8}, {"posts": 12}, lambda size, took: ((took > 0).sum(), 12, 12)),
    "in each village": (SCHOOL, {"persons": 3, "per": "village"}, lambda size, took: ((took > 0).sum(), 9, 9)),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("case", TAKEN)
def test_who_is_new_and_who_is_refused_are_those_who_want_it_and_a_quota_counts_in_its_unit(tmp_path, monkeypatch, case, engine):
    """Those who want it are all that it would serve without a quota. Mutations: households of persons; a holder counted as one of
    a quota of kW or persons; persons of a quota of households.
    """
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    measure, quota, expected = TAKEN[case]
    made = plan.homes([{"people": [{}] * (1 + h % 3)} for h in range(30)], villages=3)
    free = allocated(plan.town(tmp_path, {"x": measure}, made=made)).held["x"]
    world = plan.town(tmp_path, {"x": {**measure, "quota": quota}}, made=made)
    s = allocated(world)
    h, size = s.held["x"], s.hi[c.SIZE]
    persons = len(h["held"]) > len(size)
    took = np.bincount(world.layout.house[holders(s, "x")], minlength=30) if persons else h["held"].astype(int)
    new, served, used = expected(size, took)
    assert h["books"][[NEW, NEWLY_SERVED]].tolist() == [new, served] and h["books"][QUOTA_USED] == 1000 * used
    assert h["books"][UNMET] > 0 and served + h["books"][UNMET] == free["held"].sum() == free["books"][NEWLY_SERVED]
    assert used <= next(iter(quota.values())) * (3 if "per" in quota else 1)
    assert free["books"][[UNMET, QUOTA_USED]].tolist() == [0, 0]


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_of_a_quota_of_posts_those_held_are_used_too(tmp_path, monkeypatch, engine):
    """Two on the register, over two years: under a quota of one both are kept, and used. Mutations: the new alone; nothing in a
    year in which nobody is new.
    """
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    rows = [{"people": [{"work": Work.POST, "months": 11, "wage_month": 600}]}] * 2 + [{}] * 3
    seen = []
    for number in (1, 4):
        world = plan.town(tmp_path, {"post": {**POST, "quota": {"posts": number}}}, made=plan.homes(rows))
        for years in ((2017,), (2017, 2018)):
            seen.append(allocated(world, years).held["post"]["books"][[NEWLY_SERVED, UNMET, QUOTA_USED]].tolist())
    assert seen == [[0, 3, 2000], [0, 3, 2000], [2, 1, 4000], [0, 1, 4000]]


@pytest.mark.parametrize("unit", ["households", "persons", "posts"])
def test_a_quota_holds_for_each_village_where_it_says_so(tmp_path, unit):
    plans = {"households": TEA, "persons": dict(kind="employment", form="training", take_up=1.0), "posts": POST}
    made = plan.homes([{}] * 12, villages=3)
    for per, expected in (("village", [2, 2, 2]), ("all", [2, 0, 0])):
        world = plan.town(tmp_path, {"x": {**plans[unit], "quota": {unit: 2, "per": per}}}, made=made)
        s = allocated(world)
        house = holders(s, "x") if unit == "households" else world.layout.house[holders(s, "x")]
        assert np.bincount(s.hi[c.VILLAGE, house], minlength=3).tolist() == expected


def test_who_takes_the_place_of_one_who_left_does_not_inherit(tmp_path):
    world = plan.town(tmp_path, {"post": {**POST, "until": 2017}}, made=plan.homes([{}, {}]))
    s, draws = plan.begin(world)
    s.begin_year()
    allocation.allocate(s, world, draws, 2017)
    s.pi[c.SLOT, 0] = 7
    s.begin_year()
    allocation.allocate(s, world, draws, 2018)
    assert world.layout.house[holders(s, "post")].tolist() == [1]


def test_who_takes_the_place_of_one_whose_post_ended_may_have_one(tmp_path):
    """Mutation: what the one before had in the place (its end, its columns) passed on."""
    world = plan.town(tmp_path, {"post": {**POST, "longest": {"public": 1}}}, made=plan.homes([{}, {}]))
    s, draws = plan.begin(world)
    first = world.layout.off[:-1]
    held = []
    for year in (2017, 2018, 2019):
        s.pi[c.SLOT, first[0]] += year == 2019
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        held.append(s.held["post"]["held"][first].tolist())
    assert held == [[True, True], [False, False], [True, False]]


def test_the_removed_lose_what_supports_them(tmp_path):
    """A post, an award and a PV link end; the trees go on bearing."""
    station = dict(kind="pv", connected_year=2017)
    tea = {**TEA, "award": 500, "awarded": 1.0}
    made = plan.homes([{"pv_linked": True}, {"pv_linked": True}])
    world = plan.town(tmp_path, {"post": POST, "tea": tea, "pv": station}, made=made)
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        s.hi[c.STATUS, 0] = Status.REMOVED if year == 2018 else Status.POOR
        plan.measures_only(s, world, draws, year)
    assert world.layout.house[holders(s, "post")].tolist() == [1]
    assert s.held["pv"]["held"].tolist() == [False, True]
    assert s.held["tea"]["held"].tolist() == [True, True]
    assert s.items[measures.ITEM["award"]].tolist() == [0, 50_000]


def test_a_household_linked_to_another_station_is_not_unmet(tmp_path):
    """Six willing, two stations for two each: two are left without one. Mutation: each station counts those of the other."""
    station = dict(kind="pv", connected_year=2017, quota={"households": 2})
    world = plan.town(tmp_path, {"a": station, "b": station}, made=plan.homes([{"pv_linked": True}] * 6))
    s = allocated(world)
    assert [s.held[id]["books"][[NEWLY_SERVED, UNMET, QUOTA_USED]].tolist() for id in "ab"] == [[2, 2, 2000], [2, 2, 2000]]


def test_a_budget_cut_ends_posts_and_stops_awards(tmp_path):
    cut = {**POST, "budget": {2017: 1e6, 2018: 8500.0}}
    world = plan.town(tmp_path, {"post": cut, "tea": {**TEA, "budget": {2017: 1e6, 2018: 0.0}}}, made=plan.homes([{}, {}, {}]))
    s = allocated(world, (2017, 2018))
    assert len(holders(s, "post")) == 1  # 7,700 yuan and overhead
    assert s.held["post"]["books"][UNMET] == 2
    assert s.held["tea"]["held"].all()  # what is planted stays
    assert not s.held["tea"]["paid"].any()


def test_where_a_budget_is_cut_those_who_held_it_longest_keep_it(tmp_path):
    """The last row comes first, then the others; a cut to one leaves the first. Mutation: by their rows."""
    plans = {"post": {**POST, "order": "poorest", "longest": {"public": 6}, "budget": {2017: 8500.0, 2018: 1e6, 2019: 8500.0}}}
    world = plan.town(tmp_path, plans, made=plan.homes([{}, {}, {}]))
    s, draws = plan.begin(world)
    held = []
    for year in (2017, 2018, 2019):
        s.begin_year()
        s.hf[c.REPORTED] = [3000.0, 2000.0, 1000.0]
        allocation.allocate(s, world, draws, year)
        held.append(world.layout.house[holders(s, "post")].tolist())
    assert held == [[2], [0, 1, 2], [2]]


def test_who_loses_a_post_that_is_no_longer_given_is_unmet(tmp_path):
    """Mutations: those who lose it not counted, or twice."""
    cut = {**POST, "budget": {2017: 1e6, 2018: 8500.0}, "until": 2017}
    s = allocated(plan.town(tmp_path, {"post": cut}, made=plan.homes([{}, {}, {}])), (2017, 2018))
    assert s.held["post"]["books"][[NEW, UNMET]].tolist() == [0, 2]


def test_the_order_of_rows_does_not_matter(tmp_path):
    plans = {
        "tea": {**TEA, "quota": {"households": 9}, "order": "poorest", "linked": 0.5},
        "post": {**POST, "quota": {"posts": 4, "per": "village"}, "order": "lottery"},
        "bus": dict(kind="employment", form="transport"),
    }
    made = plan.tables(90)
    order = np.concatenate(
        [np.random.RandomState(v).permutation(np.flatnonzero(made.households["village"] == v)) for v in range(3)]
    )
    there = np.concatenate([np.flatnonzero(made.persons["household"] == h) for h in order])
    shuffled = plan.tables(90)
    shuffled.households.update({name: column[order] for name, column in made.households.items()})
    shuffled.persons.update({name: column[there] for name, column in made.persons.items()})
    shuffled.persons["household"] = np.repeat(np.arange(90), np.bincount(made.persons["household"], minlength=90)[order])
    found = []
    for tables in (made, shuffled):
        world = build_world(tables, plan.scenario(tmp_path, plans))
        s = allocated(world, (2017, 2018))
        who = {id: world.layout.draw_id[world.layout.house[holders(s, id)] if id != "tea" else holders(s, id)] for id in plans}
        linked = dict(zip(world.layout.draw_id.tolist(), s.held["tea"]["linked"].tolist(), strict=True))
        found.append(({id: sorted(ids.tolist()) for id, ids in who.items()}, linked))
    assert found[0] == found[1]
    assert all(found[0][0].values())


def test_another_measure_changes_nobodys_luck(tmp_path):
    """Allocations of the others are the same, to the bit, where nothing is shared."""
    plans = {"tea": {**TEA, "take_up": 0.6, "linked": 0.5}, "post": {**POST, "take_up": 0.6, "cancelled": {"public": 0.3}}}
    states = []
    for more in ({}, {"bus": dict(kind="employment", form="transport", take_up=0.5)}):
        world = plan.town(tmp_path, {**more, **plans})
        states.append(allocated(world, (2017, 2018)))
    for id in plans:
        a, b = (s.held[id] for s in states)
        assert all(np.array_equal(a[name], b[name]) for name in a), id


def test_delivered_counts_measures_and_help_multiplies(tmp_path):
    plans = {
        "service": dict(kind="employment", form="service", take_up=1.0),
        "training": dict(kind="employment", form="training", take_up=1.0),
        "tea": TEA,
    }
    rows = [{"people": [{}, {"capacity": Capacity.WEAK}]}, {"status": 0}]
    world = plan.town(
        tmp_path, {id: {**one, "eligible": {"status": ["poor"]}} for id, one in plans.items()}, made=plan.homes(rows)
    )
    s = allocated(world)
    assert s.hi[c.DELIVERED].tolist() == [3, 0]
    assert s.pf[c.FIND_HELP, 0] == pytest.approx(1.2 * 1.3)
    assert s.pf[c.FIND_HELP, 1] == 1.0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=30))
def test_running_total_adds_up_within_each_group(pairs):
    group, weight = (np.array(x) for x in zip(*pairs, strict=True))
    seen: dict[int, int] = {}
    by_hand = []
    for g, w in pairs:
        seen[g] = seen.get(g, 0) + w
        by_hand.append(seen[g])
    assert running_total(weight, group).tolist() == by_hand
