"""People: the rules case by case; deaths, births and schooling against closed forms; nobody is lost; the two bodies agree."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core.elementary import exp
from povsim.core.schema import ITEMS, Capacity, Departure, Relation, Sex, Stage, Status, Work
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import labour, people
from povsim.engine import world as world_of
from povsim.engine.draws import Draws
from povsim.engine.phase import Phase
from tests.engine import cases, lives

CASES = cases.read("people") + cases.read("illness", module="people")
WAGES = [row for row, item in enumerate(ITEMS) if item.source == "wage"]
STILL = {  # nobody is born, marries or leaves
    "people__fertility": 0.0, "people__bride_comes": 0.0, "people__daughter_marries_out": 0.0, "people__son_moves_out": 0.0,
    "people__leaves_after_college": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["info"])
def test_rule(case):
    cases.hold(people, case)


def test_every_rule_has_cases():
    assert not cases.without_cases(people, CASES)


def alone(count, age, sex, status=Status.GENERAL):
    """So many who live alone, well, of one age and sex."""
    made = lives.tables(count)
    one = made.persons["slot"] == 0
    made.persons = {name: column[one].copy() for name, column in made.persons.items()}
    for name, value in {
        "birth_year": 2016 - age, "sex": sex, "stage": 0, "health": 0, "work": 0, "capacity": Capacity.ORDINARY, "months": 0,
        "wage_month": 0, "ever_worked": False, "schooling": 2,
    }.items():  # fmt: skip
        made.persons[name][:] = value
    made.households["status"][:] = status
    return made


# --- closed forms, each with a mutation that must break it -------------------------------------------------


def check_deaths():
    """6,000 men of 60, ten years by the table of 2015-2020: exp(-5 x .01487 - 5 x .02299) survive, sd 0.0049."""
    world = lives.town(
        made=alone(6000, 60, Sex.MALE), years=range(2017, 2027), block=6000, health__onset=0.0,
        people__deaths_male=lives.defaults("people", 2017)["deaths_male"], **STILL,
    )  # fmt: skip
    s, draws = lives.open_lives(world)
    for year in world.years:
        lives.one_year(s, world, draws, year, work=False)
    assert s.hi[c.SIZE].mean() == pytest.approx(np.exp(-5 * 0.01487 - 5 * 0.02299), abs=0.02)


def check_births():
    """4,000 women from 14 to 50 without deaths: 1.75 births each, sd 0.018."""
    world = lives.town(
        made=alone(4000, 14, Sex.FEMALE), years=range(2017, 2053), block=4000, people__deaths_male=np.zeros(21),
        people__deaths_female=np.zeros(21), **(STILL | {"people__fertility": 1.75}),
    )  # fmt: skip
    s, draws = lives.open_lives(world)
    births, boys = np.zeros(4000), 0
    for year in world.years:
        lives.one_year(s, world, draws, year, work=False)
        births += s.hi[c.BIRTHS]
        boys += ((s.pi[c.NEW] == 1) & (s.pi[c.SEX] == Sex.MALE)).sum()
        s.pi[c.ALIVE, s.pi[c.AGE] == 2] = 0  # the next generation is taken out before it has children of its own
    assert births.mean() == pytest.approx(1.75, abs=0.07)
    assert boys / births.sum() == pytest.approx(111 / 211, abs=0.025)


def check_school():
    """6,000 pupils of 14: 85% go on, of them (1 - 0.04)^2 finish, 55% of these go to college; sd 0.0065."""
    made = alone(6000, 14, Sex.FEMALE)
    made.persons["stage"][:], made.persons["capacity"][:] = Stage.COMPULSORY, Capacity.NONE
    world = lives.town(made=made, years=range(2017, 2021), block=6000, health__onset=0.0, health__new_disability=0.0, **STILL)
    s, draws = lives.open_lives(world)
    for year in world.years:
        lives.one_year(s, world, draws, year, work=False)
    here = s.pi[c.ALIVE] == 1
    assert (s.pi[c.STAGE, here] == Stage.COLLEGE).mean() == pytest.approx(0.85 * 0.96**2 * 0.55, abs=0.026)
    assert set(np.unique(s.pi[c.CAPACITY, here & (s.pi[c.STAGE] == Stage.NONE)])) == {Capacity.ORDINARY}


def check_health():
    """The share who fall seriously ill at 50 in a year: 2.5% x 1.2 / 1.19, sd 0.0016 of 10,000."""
    world = lives.town(made=alone(10000, 49, Sex.MALE), years=(2017,), block=10000, people__deaths_male=np.zeros(21), **STILL)
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017, work=False)
    onset = s.pi[c.SICK_YEARS, s.pi[c.ALIVE] == 1] == 1
    assert onset.mean() == pytest.approx(0.025 * 1.2 / 1.19 + 0.004, abs=0.0065)


@pytest.mark.parametrize("changed", ["onset_women", "disability_women", "disability_by_age"])
def test_illness_and_disability_come_by_age_and_sex(changed):
    """Here women, or those under 60, never. Mutations: sex or age not heeded; the loop looks men's risk up for women."""
    made = alone(6000, 49, Sex.MALE)
    spared = np.arange(6000) % 2 == 0
    if changed == "disability_by_age":
        made.persons["birth_year"][~spared] = 2016 - 65
        more = {"health__disability_by_age": np.array([0.0, 0.0, 1.0, 1.0]), "health__onset": 0.0}
    else:
        made.persons["sex"][spared] = Sex.FEMALE
        more = {f"health__{changed}": 0.0, "health__new_disability" if changed == "onset_women" else "health__onset": 0.0}
    usual = {"health__onset": 0.1, "health__new_disability": 0.1, "health__new_chronic": 0.0, "health__onset_by_age": np.ones(5)}
    none = {"people__deaths_male": np.zeros(21), "people__deaths_female": np.zeros(21)}
    world = lives.town(made=made, years=(2017,), **(STILL | usual | none | more))
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017, work=False)
    struck = s.pi[c.SICK_YEARS, s.pi[c.ALIVE] == 1] == 1
    assert not struck[spared].any() and struck[~spared].mean() == pytest.approx(0.1, abs=0.03)


SURE = {"people__deaths_male": np.full(21, 50.0), "health__onset": 0.0, "health__new_disability": 0.0}
DISABLED = {"people__deaths_male": np.zeros(21), "health__onset": 0.0, "health__new_disability": 1.0}


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("how", [SURE, DISABLED], ids=["dies", "becomes disabled"])
def test_a_worker_who_is_lost_is_counted_and_earns_no_more(how, engine, monkeypatch):
    """Deaths and disabilities of ordinary labourers, those of the weak not. Mutations: one of the two is not counted, or the weak
    are; the count is not kept since the last exit, or the disabled not told from the dead; the job outlives who held it.
    """
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    made = alone(40, 49, Sex.MALE)
    weak = np.arange(40) % 2 == 0
    made.persons["capacity"][weak] = Capacity.WEAK
    made.persons["work"][:], made.persons["months"][:], made.persons["wage_month"][:] = Work.LOCAL, 9.0, 2000.0
    certain = {"health__disability_by_age": np.ones(4), "work__loses_able": 0.0, "work__finds_able": 0.0, "work__finds_weak": 0.0}
    world = lives.town(made=made, years=(2017, 2018), **(STILL | certain | how))
    s, draws = lives.open_lives(world)
    s.hi[c.LOST_SINCE], s.hi[c.DISABLED_SINCE] = 2, 1
    lives.one_year(s, world, draws, 2017)
    died = s.hi[c.SIZE] == 0
    assert died.all() if how is SURE else not died.any()
    assert s.hi[c.WORKER_LOST].tolist() == (~weak).tolist()
    assert (s.hi[c.LOST_SINCE] - 2).tolist() == (~weak).tolist()
    assert (s.hi[c.DISABLED_SINCE] - 1).tolist() == (~weak & ~died).tolist()
    if how is SURE:
        assert not s.pi[c.MONTHS].any() and not s.pi[c.PAID].any() and not s.items[WAGES].any()


@pytest.mark.parametrize(("share", "capacity"), [(0.0, Capacity.ORDINARY), (1.0, Capacity.WEAK)])
def test_some_of_those_who_marry_in_are_weak_labourers(share, capacity):
    """And count as hands so. Mutation: all are able."""
    men = alone(200, 29, Sex.MALE)
    men.persons["relation"][:] = Relation.HEAD
    world = lives.town(made=men, years=(2017,), **(STILL | {"people__bride_comes": 1.0, "people__bride_weak": share}))
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017, work=False)
    new = (s.pi[c.ALIVE] == 1) & (s.pi[c.NEW] == 2)
    assert new.sum() > 150 and (s.pi[c.CAPACITY, new] == capacity).all()
    weak = (s.pi[c.ALIVE] == 1) & (s.pi[c.CAPACITY] == Capacity.WEAK)
    assert np.array_equal(s.hi[c.WEAKS], world.layout.per_household(weak.astype(np.int64)))


MUTATIONS = {
    check_deaths: ("death_chance", lambda age, sex, registered, health, p: 0.5 * people.table_rate(p.deaths_male, age)),
    check_births: ("birth_chance", people.birth_rate),  # the gap not made up for
    check_school: ("finishes", lambda stage, stage_year, age, p: (stage == Stage.COMPULSORY) & (stage_year >= 10)),
    check_health: ("frailty", lambda age, p: 1.5),
}


@pytest.mark.parametrize("check", MUTATIONS, ids=lambda check: check.__name__)
def test_closed_form(check, monkeypatch):
    lives.in_columns(monkeypatch)
    check()


@pytest.mark.parametrize("check", MUTATIONS, ids=lambda check: check.__name__)
def test_a_mutated_rule_breaks_it(check, monkeypatch):
    lives.in_columns(monkeypatch)
    monkeypatch.setattr(people, *MUTATIONS[check])
    with pytest.raises(AssertionError):
        check()


# --- nobody is lost, nobody twice ------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), fertility=st.sampled_from([0.0, 1.75, 8.0]))
def test_every_household_closes_its_ledger(seed, fertility):
    world = lives.town(60, block=16, people__fertility=fertility, people__bride_comes=0.3)
    s, _ = lives.open_lives(world)
    draws, house = Draws(seed, 0), world.layout.house
    seen = {(house[i], s.pi[c.SLOT, i]) for i in np.flatnonzero(s.pi[c.ALIVE])}
    for year in world.years:
        before = s.pi[c.ALIVE].copy()
        lives.one_year(s, world, draws, year)
        h = s.hi
        opened = h[c.SIZE_OPEN] + h[c.BIRTHS] + h[c.ARRIVALS] - h[c.DEATHS] - h[c.DEPARTURES]
        assert np.array_equal(opened, h[c.SIZE])
        assert np.array_equal(h[c.SIZE], world.layout.per_household(s.pi[c.ALIVE]))
        gone = s.pi[c.GONE]
        assert h[c.DEATHS].sum() == ((before == 1) & (s.pi[c.ALIVE] == 0) & (gone == Departure.DIED)).sum()
        new = np.flatnonzero(s.pi[c.NEW] > 0)
        names = {(house[i], s.pi[c.SLOT, i]) for i in new}
        assert len(names) == len(new) == h[c.BIRTHS].sum() + h[c.ARRIVALS].sum()
        assert not names & seen  # a slot is never used twice
        seen |= names
        assert (s.pi[c.SLOT] < h[c.NEXT_SLOT, house]).all()


def test_counts_of_members_agree_with_the_state_room(monkeypatch):
    from povsim.engine.state import count_members

    world = lives.town(200)
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017)
    counted = s.hi.copy()
    count_members(s, world.layout)
    assert np.array_equal(counted, s.hi)


def test_a_place_is_taken_again_only_in_the_next_year():
    world = lives.town(300, people__fertility=8.0)
    s, draws = lives.open_lives(world)
    for year in world.years:
        lives.one_year(s, world, draws, year)
        died = (s.pi[c.ALIVE] == 0) & (s.pi[c.GONE] == Departure.DIED)
        assert world.layout.per_household(died.astype(np.int64))[s.hi[c.DEATHS] > 0].min() >= 1


def test_one_who_came_home_for_good_stays():
    world = lives.town(400, people__comes_home=1.0, people__comes_home_55=1.0)
    s, draws = lives.open_lives(world)
    away = (s.pi[c.ALIVE] == 1) & (s.pi[c.WORK] == 2)
    for year in world.years:
        lives.one_year(s, world, draws, year)
        still = away & (s.pi[c.ALIVE] == 1) & (s.pi[c.NEW] == 0) & (s.pi[c.HOME] == 1)
        assert still.any() and (s.pi[c.WORK, still] != 2).all() and (s.pi[c.RESIDENT, still] == 1).all()


def test_a_bride_has_a_husband():
    world = lives.town(400, people__bride_comes=0.5)
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017)
    brides = np.flatnonzero(s.pi[c.NEW] == 2)
    assert len(brides) > 10 and set(s.pi[c.RELATION, brides]) <= {Relation.SPOUSE, Relation.CHILD_IN_LAW}
    kin = np.where(s.pi[c.RELATION, brides] == Relation.SPOUSE, Relation.HEAD, Relation.CHILD)
    for bride, relation in zip(brides, kin, strict=True):
        home = world.layout.house == world.layout.house[bride]
        men = home & (s.pi[c.ALIVE] == 1) & (s.pi[c.SEX] == Sex.MALE) & (s.pi[c.RELATION] == relation)
        assert (s.pi[c.AGE, men] >= s.pi[c.AGE, bride]).any()


# --- equal to the bit ------------------------------------------------------------------------------------


def live_on(world, replicate=0):
    s, draws = lives.open_lives(world, replicate)
    for year in world.years:
        lives.one_year(s, world, draws, year)
    return s


def test_compiled_and_columns_are_equal_to_the_bit(monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", "compiled")
    assert compiler.enabled()
    compiled = live_on(lives.town(150, block=64))
    lives.in_columns(monkeypatch)
    assert lives.same(compiled, live_on(lives.town(150, block=64)))


def test_block_size_does_not_matter():
    assert lives.same(live_on(lives.town(150, block=7)), live_on(lives.town(150, block=150)))


def test_threads_do_not_matter():
    world = lives.town(150)
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda r: live_on(world, r), (0, 1, 0, 1)))
    assert lives.same(together[0], together[2]) and lives.same(together[1], live_on(world, 1))
    assert not lives.same(together[0], together[1])


def test_some_households_alone_live_the_same_lives():
    whole = live_on(lives.town(made=lives.tables(120, villages=1), block=50))
    world = lives.town(made=lives.tables(120, villages=1))
    part = live_on(lives.town(made=lives.tables(40, villages=1, first=60)))
    places = slice(world.layout.off[60], world.layout.off[100])
    assert lives.same(whole, part, places, slice(60, 100))


def test_what_lasts_a_life_comes_with_a_newcomer():
    world = lives.town(400, people__fertility=8.0)
    s, draws = lives.open_lives(world)
    lives.one_year(s, world, draws, 2017, work=False)
    new = s.pi[c.NEW] > 0
    spread = lives.defaults("work", 2017)["find_spread"]
    assert exp(s.pf[c.MIXING, new]).mean() == pytest.approx(1.0, abs=0.25)
    assert s.pf[c.MIXING, new].std() == pytest.approx(spread, abs=0.12)
    assert labour.PHASE.person_draws and isinstance(people.PHASE, Phase)


def test_a_household_that_nobody_may_join_needs_no_free_places(monkeypatch):
    """The same lives as with room in every household. Mutation: an age of `may_add` one off."""
    found = []
    for room in (None, lambda sex, age, years: np.ones(len(age), bool)):
        if room is not None:
            monkeypatch.setattr(world_of, "may_add", room)
        world = lives.town(400, years=range(2017, 2026))
        s, draws = lives.open_lives(world)
        sizes = []
        for year in world.years:
            lives.one_year(s, world, draws, year)
            sizes.append((s.hi[c.SIZE].tolist(), s.hi[c.NEXT_SLOT].tolist(), s.items.sum(axis=0).tolist()))
        found.append((world.layout.places, sizes))
    (few, ours), (many, theirs) = found
    assert few < many and ours == theirs
