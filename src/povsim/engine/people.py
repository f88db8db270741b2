"""Owns: phase 1: people age, die, are born, marry, study, leave, come home, fall ill, recover, gain and lose labour capacity.
Never: bills and lost months (shocks), finding or losing work (labour).

The rules come first: each is one expression, the same for a number, a column and the compiled loop. The two bodies below them
only gather, call and put back. ``p`` are the parameters of the year by name.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core import schema
from povsim.core.elementary import clip, exp, floor, maximum, minimum, ppf, where
from povsim.core.randomness import PEOPLE
from povsim.engine import columns as c
from povsim.engine.draws import of_household
from povsim.engine.phase import Phase

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

# Codes as plain integers, which compiled code takes as they are.
GENERAL, POOR, EXITED, RETURNED = (int(schema.Status[s]) for s in ("GENERAL", "POOR", "EXITED", "RETURNED"))
MALE, FEMALE = map(int, schema.Sex)
HEAD, SPOUSE, CHILD, CHILD_IN_LAW, GRANDCHILD, PARENT, OTHER = map(int, schema.Relation)
ILLITERATE, PRIMARY, JUNIOR, SENIOR_DONE, COLLEGE_DONE = map(int, schema.Schooling)
NO_STAGE, KINDERGARTEN, COMPULSORY, SENIOR, COLLEGE = map(int, schema.Stage)
HEALTHY, CHRONIC, SERIOUS, DISABLED = map(int, schema.Health)
UNABLE, LOST, WEAK, ORDINARY, SKILLED = map(int, schema.Capacity)
AWAY = int(schema.Work.AWAY)
HERE, DIED, MARRIED_OUT, MOVED_OUT, EMPTY = map(int, schema.Departure)

Value = Any  # a number or a column

_PARAMS: Final = (
    *(("people", name) for name in (
        "deaths_male", "deaths_female", "deaths_poor_under_65", "deaths_poor_65_over", "fertility", "fertility_by_age",
        "birth_gap", "boys", "daughter_marries_out", "son_moves_out", "bride_comes", "bride_younger", "bride_schooling",
        "bride_weak", "kindergarten_starts", "goes_on_senior", "goes_on_college", "college_years", "drop_out_compulsory",
        "drop_out_compulsory_aided", "drop_out_senior", "drop_out_senior_aided", "back_to_school", "leaves_after_college",
        "comes_home", "comes_home_55", "weak_from_60", "none_from_60", "none_from_70", "pension_cover",
    )),
    *(("health", name) for name in (
        "onset", "onset_by_age", "onset_mean", "outcome_recovers", "outcome_chronic", "outcome_disabled", "deaths_serious",
        "new_disability", "new_chronic", "later_years",
    )),
    ("work", "find_spread"),
    ("work", "wage_spread"),
)  # fmt: skip
PeopleParams = namedtuple("PeopleParams", [name for _, name in _PARAMS])  # type: ignore[misc]


# --- life and death --------------------------------------------------------------------------------------


def table_rate(table: Any, age: Value) -> Value:
    """Rate at an age out of a table for the ages 0, 1-4, 5-9, ... 95+: linear between the middles of the groups."""
    k = clip((2 * age - 5) // 10, 0, 18)
    weight = clip((2 * age - 5 - 10 * k) / 10.0, 0.0, 1.0)
    between = table[k + 1] + weight * (table[k + 2] - table[k + 1])
    return where(age <= 1, table[0], between)


def death_chance(age: Value, sex: Value, registered: Value, health: Value, p: Any) -> Value:
    """Chance to die in the year that ends at this age: the table, more for the registered poor and the seriously ill."""
    table = where(sex == FEMALE, table_rate(p.deaths_female, age), table_rate(p.deaths_male, age))
    poor = where(registered, where(age < 65, p.deaths_poor_under_65, p.deaths_poor_65_over), 1.0)
    return 1.0 - exp(-table * poor * where(health == SERIOUS, p.deaths_serious, 1.0))


def birth_rate(age: Value, p: Any) -> Value:
    """Births per woman and year at an age, 0 outside 15 to 49."""
    share = p.fertility_by_age[clip((age - 15) // 5, 0, 6)]
    return where((age >= 15) & (age <= 49), p.fertility * share / 5.0, 0.0)


def birth_chance(age: Value, p: Any) -> Value:
    """Chance of a birth for a woman in whose household no infant was born within the gap.

    Raised by the share of women of her age who had one within the gap, so that total fertility is met.
    """
    return minimum(1.0, birth_rate(age, p) / (1.0 - (p.birth_gap - 1.0) * birth_rate(age - 1, p)))


def baby_relation(mother: Value) -> Value:
    """Relation to the head of a newborn, from its mother's."""
    younger = where((mother == CHILD) | (mother == CHILD_IN_LAW), GRANDCHILD, OTHER)
    return where((mother == HEAD) | (mother == SPOUSE), CHILD, younger)


# --- marriage and leaving --------------------------------------------------------------------------------


def moves_away(u: Value, age: Value, sex: Value, relation: Value, stage: Value, done: Value, p: Any) -> Value:
    """Whether a grown child marries out or moves away (MARRIED_OUT, MOVED_OUT), else HERE; ``done`` ends a school stage."""
    child = (relation == CHILD) | (relation == GRANDCHILD) | (relation == OTHER)
    grown = child & (age >= 20) & (age <= 34) & (stage == NO_STAGE)
    chance = where(sex == FEMALE, p.daughter_marries_out, p.son_moves_out)
    graduates = done & (stage == COLLEGE) & (u < p.leaves_after_college)
    marries = grown & (u < chance)
    return where(graduates, MOVED_OUT, where(marries, where(sex == FEMALE, MARRIED_OUT, MOVED_OUT), HERE))


def may_marry(age: Value, sex: Value, relation: Value, stage: Value, spouses: Value, wives_of_sons: Value, sons: Value) -> Value:
    """Whether a man may bring a wife home: a head without spouse, or a son while not all sons have wives here."""
    single = ((relation == HEAD) & (spouses == 0)) | ((relation == CHILD) & (wives_of_sons < sons))
    return (sex == MALE) & (age >= 22) & (age <= 40) & (stage == NO_STAGE) & single


def bride_chance(grooms: Value, p: Any) -> Value:
    """Chance that someone marries into a household with so many men who may marry."""
    return minimum(1.0, grooms * p.bride_comes)


def bride_age(u: Value, groom: Value, p: Any) -> Value:
    """Age of a bride: her husband's or up to some years less, at least 20."""
    return maximum(20.0, groom - floor(u * (p.bride_younger + 1.0)))


def pick(u: Value, shares: Any) -> Value:
    """Which of five a uniform falls to, by their shares."""
    first = shares[0]
    second = first + shares[1]
    third = second + shares[2]
    fourth = third + shares[3]
    return 0 + (u >= first) + (u >= second) + (u >= third) + (u >= fourth)


# --- school ----------------------------------------------------------------------------------------------


def finishes(stage: Value, stage_year: Value, age: Value, p: Any) -> Value:
    """Whether a stage ends: kindergarten at 6, compulsory school after 9 years, senior after 3, college after its years."""
    return (
        ((stage == KINDERGARTEN) & (age >= 6))
        | ((stage == COMPULSORY) & (stage_year >= 9))
        | ((stage == SENIOR) & (stage_year >= 3))
        | ((stage == COLLEGE) & (stage_year >= p.college_years))
    )


def next_stage(u: Value, age: Value, stage: Value, done: Value, aided: Value, p: Any) -> Value:
    """Stage attended this year: starts, goes on, stays, drops out, or is brought back to compulsory school."""
    late = (age > 6) & (age < 15) & (u < p.back_to_school)
    starts = where((age == 6) | late, COMPULSORY, where((age == 3) & (u < p.kindergarten_starts), KINDERGARTEN, NO_STAGE))
    after_junior = where(u < p.goes_on_senior, SENIOR, NO_STAGE)
    after_senior = where(u < p.goes_on_college, COLLEGE, NO_STAGE)
    later = where(stage == COMPULSORY, after_junior, where(stage == SENIOR, after_senior, NO_STAGE))
    onward = where(stage == KINDERGARTEN, COMPULSORY, later)
    compulsory = where(aided, p.drop_out_compulsory_aided, p.drop_out_compulsory)
    senior = where(aided, p.drop_out_senior_aided, p.drop_out_senior)
    drops = u < where(stage == COMPULSORY, compulsory, where(stage == SENIOR, senior, 0.0))
    return where(stage == NO_STAGE, starts, where(done, onward, where(drops, NO_STAGE, stage)))


def next_stage_year(age: Value, stage: Value, before: Value, stage_year: Value) -> Value:
    """Year within the stage, 0 out of school; a late starter joins the class of his age."""
    first = where(stage == COMPULSORY, maximum(1, age - 5), 1)
    return where(stage == NO_STAGE, 0, where(stage == before, stage_year + 1, first))


def next_schooling(schooling: Value, before: Value, stage_year: Value, done: Value) -> Value:
    """Education finished, after a year in stage ``before``; primary school after six of the nine years."""
    primary = where((before == COMPULSORY) & (stage_year >= 6), PRIMARY, ILLITERATE)
    higher = where(before == SENIOR, SENIOR_DONE, where(before == COLLEGE, COLLEGE_DONE, ILLITERATE))
    whole = where(before == COMPULSORY, JUNIOR, higher)
    return maximum(schooling, where(done, whole, primary))


# --- health and capacity ---------------------------------------------------------------------------------


def frailty(age: Value, p: Any) -> Value:
    """How much likelier illness is at an age; mean 1 over the registered poor."""
    return p.onset_by_age[0 + (age >= 15) + (age >= 45) + (age >= 60) + (age >= 75)] / maximum(p.onset_mean, 1e-9)


def next_health(u: Value, age: Value, health: Value, guard: Value, p: Any) -> Value:
    """Health this year: a serious illness ends in recovery, chronic illness or disability; others may fall ill or be disabled.

    One draw decides between what excludes each other. ``guard`` is the factor by which measures lower the chance of a serious
    illness: whom they spare stays as well or ill as before.
    """
    v = u * (p.outcome_recovers + p.outcome_chronic + p.outcome_disabled)
    outcome = where(v < p.outcome_recovers, HEALTHY, where(v < p.outcome_recovers + p.outcome_chronic, CHRONIC, DISABLED))
    onset = p.onset * frailty(age, p)
    disability = onset + where(age >= 18, p.new_disability, 0.0)
    chronic = (health == HEALTHY) & (u < disability + p.new_chronic * frailty(age, p))
    struck = where(u < onset, SERIOUS, where(u < disability, DISABLED, where(chronic, CHRONIC, health)))
    spared = (u >= onset * guard) & (u < onset)
    return where(health == SERIOUS, outcome, where(spared | (health == DISABLED), health, struck))


def illness_risk(age: Value, p: Any) -> Value:
    """A uniform at or above it leaves whoever is not seriously ill as he was."""
    return p.onset * frailty(age, p) + where(age >= 18, p.new_disability, 0.0) + p.new_chronic * frailty(age, p)


def next_sick_years(health: Value, before: Value, sick_years: Value, p: Any) -> Value:
    """1 in the year of a serious illness or disability, then counting while it still costs labour, then 0."""
    fresh = ((health == SERIOUS) | (health == DISABLED)) & (health != before) & (before != SERIOUS)
    return where(fresh, 1, where((sick_years > 0) & (sick_years <= p.later_years), sick_years + 1, 0))


def next_capacity(
    u: Value, age: Value, capacity: Value, health: Value, health_before: Value, stage: Value, stage_before: Value,
    schooling: Value, p: Any,
) -> Value:  # fmt: skip
    """Labour capacity: begins on leaving school (from 16), declines from 60, falls one step with a new disability."""
    leaves_school = (stage == NO_STAGE) & ((stage_before != NO_STAGE) | (age == 16))
    starts = (capacity == UNABLE) & (age >= 16) & leaves_school
    begun = where(health_before == DISABLED, WEAK, where(schooling == COLLEGE_DONE, SKILLED, ORDINARY))
    now = where(starts, begun, capacity)
    able = now >= ORDINARY
    from_70 = where(able, WEAK, where((now == WEAK) & (u < p.none_from_70), UNABLE, now))
    from_60 = where(able & (u < p.weak_from_60), WEAK, where((now == WEAK) & (u < p.none_from_60), UNABLE, now))
    from_75 = where(now >= WEAK, UNABLE, now)
    aged = where(age >= 75, from_75, where(age >= 70, from_70, where(age >= 60, from_60, now)))
    worse = where(aged >= ORDINARY, WEAK, where(aged == WEAK, LOST, aged))
    return where((health == DISABLED) & (health_before != DISABLED), worse, aged)


def stays_home(u: Value, age: Value, work: Value, home: Value, p: Any) -> Value:
    """1 once one who works away has decided to come home for good."""
    tired = (work == AWAY) & (u < where(age < 55, p.comes_home, p.comes_home_55))
    return where((home == 1) | tired, 1, 0)


def draws_pension(u: Value, age: Value, pension: Value, p: Any) -> Value:
    """1 once a pension is drawn: nearly all do at 60."""
    return where((pension == 1) | ((age == 60) & (u < p.pension_cover)), 1, 0)


def is_aided(stage: Value, registered: Value, aided: Value) -> Value:
    """Whether a student is kept in school: by a measure; in compulsory school every registered pupil is followed up by name."""
    return (aided == 1) | (registered & (stage == COMPULSORY))


def is_registered(status: Value) -> Value:
    """Whether a household is or was registered as poor, and not removed."""
    return (status == POOR) | (status == EXITED) | (status == RETURNED)


# --- one person's year -----------------------------------------------------------------------------------


def live(
    dies: Value, u_leaves: Value, u_school: Value, u_health: Value, u_decline: Value, u_home: Value, u_pension: Value,
    registered: Value, age: Value, sex: Value, relation: Value, schooling: Value, stage: Value, stage_year: Value, health: Value,
    sick_years: Value, capacity: Value, work: Value, home: Value, pension: Value, aided: Value, guard: Value, p: Any,
) -> tuple[Value, ...]:  # fmt: skip
    """One year of one person of this (new) age; whether he ``dies`` is said by `death_chance`.

    Returns
    -------
    tuple
        schema.Departure, schooling, stage, year in it, health, years since onset, capacity, home for good, pension, and whether a
        worker was lost to the household.
    """
    done = finishes(stage, stage_year, age, p)
    gone = where(dies, DIED, moves_away(u_leaves, age, sex, relation, stage, done, p))
    stage_now = next_stage(u_school, age, stage, done, is_aided(stage, registered, aided), p)
    stage_year_now = next_stage_year(age, stage_now, stage, stage_year)
    schooling_now = next_schooling(schooling, stage, stage_year, done)
    health_now = next_health(u_health, age, health, guard, p)
    sick_years_now = next_sick_years(health_now, health, sick_years, p)
    capacity_now = next_capacity(u_decline, age, capacity, health_now, health, stage_now, stage, schooling_now, p)
    disabled = (health_now == DISABLED) & (health != DISABLED)
    lost = (capacity >= ORDINARY) & ((gone != HERE) | disabled)
    home_now = stays_home(u_home, age, work, home, p)
    pension_now = draws_pension(u_pension, age, pension, p)
    return gone, schooling_now, stage_now, stage_year_now, health_now, sick_years_now, capacity_now, home_now, pension_now, lost


def live_loop(
    dies: Value, u_leaves: Value, u_school: Value, u_health: Value, u_decline: Value, u_home: Value, u_pension: Value,
    registered: Value, age: Value, sex: Value, relation: Value, schooling: Value, stage: Value, stage_year: Value, health: Value,
    sick_years: Value, capacity: Value, work: Value, home: Value, pension: Value, aided: Value, guard: Value, risk: Value, p: Any,
) -> tuple[Value, ...]:  # fmt: skip
    """The same of one person, to be lifted: a rule is asked only where it can change something; ``risk`` is of `illness_risk`."""
    gone, done = where(dies, DIED, HERE), False
    schooling_now, stage_now, stage_year_now = schooling, NO_STAGE, 0
    if stage != NO_STAGE or 3 <= age < 15:
        done = finishes(stage, stage_year, age, p)
        stage_now = next_stage(u_school, age, stage, done, is_aided(stage, registered, aided), p)
        stage_year_now = next_stage_year(age, stage_now, stage, stage_year)
        schooling_now = next_schooling(schooling, stage, stage_year, done)
    if 20 <= age <= 34 or stage == COLLEGE:
        gone = where(dies, DIED, moves_away(u_leaves, age, sex, relation, stage, done, p))
    health_now, sick_years_now, capacity_now = health, 0, capacity
    if u_health < risk or health == SERIOUS:
        health_now = next_health(u_health, age, health, guard, p)
    if sick_years > 0 or health_now != health:
        sick_years_now = next_sick_years(health_now, health, sick_years, p)
    if age >= 60 or (age >= 16 and capacity == UNABLE) or health_now != health:
        capacity_now = next_capacity(u_decline, age, capacity, health_now, health, stage_now, stage, schooling_now, p)
    disabled = (health_now == DISABLED) & (health != DISABLED)
    lost = (capacity >= ORDINARY) & ((gone != HERE) | disabled)
    home_now = stays_home(u_home, age, work, home, p)
    pension_now = draws_pension(u_pension, age, pension, p)
    return gone, schooling_now, stage_now, stage_year_now, health_now, sick_years_now, capacity_now, home_now, pension_now, lost


def settle(
    pi: Any, pf: Any, place: Any, slot: Value, sex: Value, age: Value, relation: Value, schooling: Value, capacity: Value,
    new: int, mixing_z: Value, effect_z: Value, p: Any,
) -> None:  # fmt: skip
    """Give a newcomer a place, or newcomers their places; what lasts a life is drawn with the arrival."""
    pi[:, place] = 0
    pi[c.ALIVE, place] = 1
    pi[c.SLOT, place] = slot
    pi[c.SEX, place] = sex
    pi[c.AGE, place] = age
    pi[c.RELATION, place] = relation
    pi[c.SCHOOLING, place] = schooling
    pi[c.CAPACITY, place] = capacity
    pi[c.RESIDENT, place] = 1
    pi[c.INSURED, place] = 1
    pi[c.NEW, place] = new
    pf[:, place] = 0.0
    pf[c.MIXING, place] = lasting_mixing(mixing_z, p.find_spread)
    pf[c.WAGE_EFFECT, place] = p.wage_spread * effect_z
    pf[c.FIND_HELP, place] = 1.0
    pf[c.WAGE_HELP, place] = 1.0
    pf[c.ONSET_HELP, place] = 1.0


def lasting_mixing(z: Value, spread: Value) -> Value:
    """Lasting log effect of a person on finding work; the factor has mean 1."""
    return spread * z - 0.5 * spread * spread


# --- the bodies ------------------------------------------------------------------------------------------

_PERSON_DRAWS: Final = (
    "people_death", "people_leaves", "people_school", "people_health", "people_decline", "people_home", "people_pension",
    "people_birth",
)  # fmt: skip
BIRTH = len(_PERSON_DRAWS) - 1  # the draw of a mother
# what a household draws where a child is born or a man may marry
BOY, BRIDE, BRIDE_AGE, BRIDE_SCHOOLING, BRIDE_WEAK, BABY_MIXING, BABY_WAGE, BRIDE_MIXING, BRIDE_WAGE = (
    PEOPLE[f"people_{name}"] for name in (
        "boy", "bride", "bride_age", "bride_schooling", "bride_weak", "baby_mixing_z", "baby_wage_z", "bride_mixing_z",
        "bride_wage_z",
    )
)  # fmt: skip
OLDEST = 120  # the tables' last age: at this age and over chances no longer change


def tabulate(p: Any) -> tuple[Any, ...]:
    """Chance to die by registered or not, sex, seriously ill or not, and age; chance of a birth and risk of illness by age."""
    age = np.arange(OLDEST + 1)
    chances = [
        [[death_chance(age, sex, registered, health, p) for health in (HEALTHY, SERIOUS)] for sex in (MALE, FEMALE)]
        for registered in (False, True)
    ]
    return np.array(chances), birth_chance(age, p), illness_risk(age, p)


def people_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns."""
    a, b = off[h0], off[h1]
    starts = off[h0:h1] - a
    registered = is_registered(hi[c.STATUS, h0:h1])
    hi[c.SIZE_OPEN, h0:h1] = hi[c.SIZE, h0:h1]
    pi[c.NEW, a:b] = 0
    free = a + np.flatnonzero(pi[c.ALIVE, a:b] == 0)

    def per_household(values: Any) -> Any:
        return np.add.reduceat(values.astype(np.int64), starts)

    i, u, of = here, up, house[here] - h0
    pi[c.AGE, i] += 1
    age, sex, health, poor = pi[c.AGE, i], pi[c.SEX, i], pi[c.HEALTH, i], registered[of]
    gone, schooling, stage, stage_year, health, sick_years, capacity, home, pension, lost = live(
        u[0] < death_chance(age, sex, poor, health, p), u[1], u[2], u[3], u[4], u[5], u[6], poor, age, sex, pi[c.RELATION, i],
        pi[c.SCHOOLING, i], pi[c.STAGE, i], pi[c.STAGE_YEAR, i], health, pi[c.SICK_YEARS, i], pi[c.CAPACITY, i], pi[c.WORK, i],
        pi[c.HOME, i], pi[c.PENSION, i], pi[c.AIDED, i], pf[c.ONSET_HELP, i], p,
    )  # fmt: skip
    pi[c.GONE, i] = gone
    pi[c.ALIVE, i] = gone == HERE
    pi[c.SCHOOLING, i], pi[c.STAGE, i], pi[c.STAGE_YEAR, i] = schooling, stage, stage_year
    pi[c.HEALTH, i], pi[c.SICK_YEARS, i], pi[c.CAPACITY, i] = health, sick_years, capacity
    pi[c.HOME, i], pi[c.PENSION, i] = home, pension
    hi[c.DEATHS, h0:h1] = np.bincount(of[gone == DIED], minlength=h1 - h0)
    hi[c.DEPARTURES, h0:h1] = np.bincount(of[gone > DIED], minlength=h1 - h0)
    hi[c.WORKER_LOST, h0:h1] = np.bincount(of[lost], minlength=h1 - h0)
    hi[c.LOST_SINCE, h0:h1] += hi[c.WORKER_LOST, h0:h1]
    hi[c.DISABLED_SINCE, h0:h1] += np.bincount(of[lost & (gone == HERE)], minlength=h1 - h0)

    first, second = np.full(h1 - h0, -1, np.int64), np.full(h1 - h0, -1, np.int64)
    homes, at, many = np.unique(house[free] - h0, return_index=True, return_counts=True)
    first[homes] = free[at]
    second[homes[many > 1]] = free[at[many > 1] + 1]

    i, u = i[gone == HERE], up[BIRTH, gone == HERE]
    age, sex, relation, stage = pi[c.AGE, i], pi[c.SEX, i], pi[c.RELATION, i], pi[c.STAGE, i]
    of = house[i] - h0
    infants = np.bincount(of[age < p.birth_gap], minlength=h1 - h0)
    fertile = (sex == FEMALE) & (stage == NO_STAGE) & (age >= 15) & (age <= 49) & (infants[of] == 0) & (first[of] >= 0)
    bears = fertile & (u < birth_chance(age, p))
    births, at = np.unique(of[bears], return_index=True)
    mothers = i[bears][at]
    slot = hi[c.NEXT_SLOT, h0:h1]
    boy = where(of_household(luck, h0 + births, BOY) < p.boys, MALE, FEMALE)
    kin = baby_relation(pi[c.RELATION, mothers])

    head_spouses = np.bincount(of[relation == SPOUSE], minlength=h1 - h0)
    wives = np.bincount(of[relation == CHILD_IN_LAW], minlength=h1 - h0)
    sons = np.bincount(of[(relation == CHILD) & (sex == MALE) & (age >= 22)], minlength=h1 - h0)
    single = may_marry(age, sex, relation, stage, head_spouses[of], wives[of], sons[of])
    grooms = np.bincount(of[single], minlength=h1 - h0)
    settle(
        pi, pf, first[births], slot[births], boy, 0, kin, ILLITERATE, UNABLE, 1,
        ppf(of_household(luck, h0 + births, BABY_MIXING)), ppf(of_household(luck, h0 + births, BABY_WAGE)), p,
    )  # fmt: skip
    slot[births] += 1
    place = first.copy()
    place[births] = second[births]
    weds, at = np.unique(of[single], return_index=True)
    groom = i[single][at]
    comes = (of_household(luck, h0 + weds, BRIDE) < bride_chance(grooms[weds], p)) & (place[weds] >= 0)
    weds, groom = weds[comes], groom[comes]
    h = h0 + weds
    settle(
        pi, pf, place[weds], slot[weds], FEMALE, bride_age(of_household(luck, h, BRIDE_AGE), pi[c.AGE, groom], p),
        where(pi[c.RELATION, groom] == HEAD, SPOUSE, CHILD_IN_LAW),
        pick(of_household(luck, h, BRIDE_SCHOOLING), p.bride_schooling),
        where(of_household(luck, h, BRIDE_WEAK) < p.bride_weak, WEAK, ORDINARY), 2, ppf(of_household(luck, h, BRIDE_MIXING)),
        ppf(of_household(luck, h, BRIDE_WAGE)), p,
    )  # fmt: skip
    slot[weds] += 1
    hi[c.BIRTHS, h0:h1] = 0
    hi[c.BIRTHS, h0 + births] = 1
    hi[c.ARRIVALS, h0:h1] = 0
    hi[c.ARRIVALS, h0 + weds] = 1

    member = pi[c.ALIVE, a:b] == 1
    capacity, age = pi[c.CAPACITY, a:b], pi[c.AGE, a:b]
    hi[c.SIZE, h0:h1] = per_household(member)
    hi[c.LABOURERS, h0:h1] = per_household(member & (capacity >= ORDINARY))
    hi[c.WEAKS, h0:h1] = per_household(member & (capacity == WEAK))
    hi[c.STUDENTS, h0:h1] = per_household(member & (pi[c.STAGE, a:b] != NO_STAGE))
    hi[c.ELDERS, h0:h1] = per_household(member & (age >= 60))
    hi[c.SICKS, h0:h1] = per_household(member & (pi[c.HEALTH, a:b] != HEALTHY))


def people_loop(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, household by household, to be lifted."""
    death, birth, illness = tables
    for i in range(off[h0], off[h1]):
        pi[c.NEW, i] = 0
    for h in range(h0, h1):
        k = h - h0
        registered = is_registered(hi[c.STATUS, h])
        deaths, departures, lost_workers, disabled_workers = 0, 0, 0, 0
        infants, head_spouses, wives, sons, suitors, mother = 0, 0, 0, 0, 0, -1
        size, labourers, weaks, students, elders, sicks = 0, 0, 0, 0, 0, 0
        for j in range(begin[k], begin[k + 1]):
            i = here[j]
            age, sex, relation, health_before = pi[c.AGE, i] + 1, pi[c.SEX, i], pi[c.RELATION, i], pi[c.HEALTH, i]
            at = min(age, OLDEST)
            dies = up[0, j] < death[1 * registered, 1 * (sex == FEMALE), 1 * (health_before == SERIOUS), at]
            gone, schooling, stage, stage_year, health, sick_years, capacity, home, pension, lost = live_loop(
                dies, up[1, j], up[2, j], up[3, j], up[4, j], up[5, j], up[6, j], registered, age, sex, relation,
                pi[c.SCHOOLING, i], pi[c.STAGE, i], pi[c.STAGE_YEAR, i], health_before, pi[c.SICK_YEARS, i], pi[c.CAPACITY, i],
                pi[c.WORK, i], pi[c.HOME, i], pi[c.PENSION, i], pi[c.AIDED, i], pf[c.ONSET_HELP, i], illness[at], p,
            )  # fmt: skip
            pi[c.AGE, i] = age
            pi[c.SCHOOLING, i] = schooling
            pi[c.STAGE, i] = stage
            pi[c.STAGE_YEAR, i] = stage_year
            pi[c.HEALTH, i] = health
            pi[c.SICK_YEARS, i] = sick_years
            pi[c.CAPACITY, i] = capacity
            pi[c.HOME, i] = home
            pi[c.PENSION, i] = pension
            lost_workers += lost
            disabled_workers += lost & (gone == HERE)
            if gone != HERE:
                pi[c.GONE, i] = gone
                pi[c.ALIVE, i] = 0
                deaths += gone == DIED
                departures += gone > DIED
                continue
            infants += age < p.birth_gap
            head_spouses += relation == SPOUSE
            wives += relation == CHILD_IN_LAW
            sons += (relation == CHILD) & (sex == MALE) & (age >= 22)
            suitors += may_marry(age, sex, relation, stage, 0, 0, 1)
            if (mother < 0) & (sex == FEMALE) & (stage == NO_STAGE) & (up[BIRTH, j] < birth[at]):
                mother = i
            size += 1
            labourers += capacity >= ORDINARY
            weaks += capacity == WEAK
            students += stage != NO_STAGE
            elders += age >= 60
            sicks += health != HEALTHY

        births, arrivals = 0, 0
        if mother >= 0 and infants == 0:
            place = free_place(off, h, here, begin, k, 0)
            if place >= 0:
                births = 1
                boy = where(of_household(luck, h, BOY) < p.boys, MALE, FEMALE)
                settle(
                    pi, pf, place, hi[c.NEXT_SLOT, h], boy, 0, baby_relation(pi[c.RELATION, mother]), ILLITERATE, UNABLE, 1,
                    ppf(of_household(luck, h, BABY_MIXING)), ppf(of_household(luck, h, BABY_WAGE)), p,
                )  # fmt: skip
        if suitors > 0:
            groom, grooms = -1, 0
            for j in range(begin[k], begin[k + 1]):
                i = here[j]
                if pi[c.ALIVE, i] == 1 and may_marry(
                    pi[c.AGE, i], pi[c.SEX, i], pi[c.RELATION, i], pi[c.STAGE, i], head_spouses, wives, sons
                ):
                    grooms += 1
                    if groom < 0:
                        groom = i
            if groom >= 0 and of_household(luck, h, BRIDE) < bride_chance(grooms, p):
                place = free_place(off, h, here, begin, k, births)
                if place >= 0:
                    arrivals = 1
                    strength = where(of_household(luck, h, BRIDE_WEAK) < p.bride_weak, WEAK, ORDINARY)
                    labourers += strength >= ORDINARY
                    weaks += strength == WEAK
                    settle(
                        pi, pf, place, hi[c.NEXT_SLOT, h] + births, FEMALE,
                        bride_age(of_household(luck, h, BRIDE_AGE), pi[c.AGE, groom], p),
                        where(pi[c.RELATION, groom] == HEAD, SPOUSE, CHILD_IN_LAW),
                        pick(of_household(luck, h, BRIDE_SCHOOLING), p.bride_schooling), strength, 2,
                        ppf(of_household(luck, h, BRIDE_MIXING)), ppf(of_household(luck, h, BRIDE_WAGE)), p,
                    )  # fmt: skip
        hi[c.NEXT_SLOT, h] += births + arrivals
        hi[c.BIRTHS, h] = births
        hi[c.ARRIVALS, h] = arrivals
        hi[c.DEATHS, h] = deaths
        hi[c.DEPARTURES, h] = departures
        hi[c.WORKER_LOST, h] = lost_workers
        hi[c.LOST_SINCE, h] += lost_workers
        hi[c.DISABLED_SINCE, h] += disabled_workers
        hi[c.SIZE_OPEN, h] = hi[c.SIZE, h]
        hi[c.SIZE, h] = size + births + arrivals
        hi[c.LABOURERS, h] = labourers
        hi[c.WEAKS, h] = weaks
        hi[c.STUDENTS, h] = students
        hi[c.ELDERS, h] = elders
        hi[c.SICKS, h] = sicks


def free_place(off: Any, h: int, here: Any, begin: Any, k: int, skip: int) -> int:
    """The first place of household h that was free when the year began, past some; -1 if there is none."""
    j = begin[k]
    for i in range(off[h], off[h + 1]):
        if j < begin[k + 1] and here[j] == i:
            j += 1
        elif skip > 0:
            skip -= 1
        else:
            return i
    return -1


PHASE: Final = Phase("people", _PERSON_DRAWS, (), _PARAMS, people_numpy, people_loop, pack=PeopleParams._make, tabulate=tabulate)


def people(s: State, world: World, draws: Draws, year: int) -> None:
    """People age, die, are born, marry, study, leave, come home, fall ill and recover (phase 1).

    Parameters
    ----------
    s : State
        Changed: persons, and the counts of households. The account of the year must be open (`State.begin_year`).
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    PHASE.run(s, world, draws, year)
