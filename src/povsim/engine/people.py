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
from povsim.core.elementary import clip, exp, floor, maximum, minimum, where
from povsim.core.normals import normal_of
from povsim.core.randomness import PEOPLE, unit
from povsim.engine import columns as c
from povsim.engine.draws import of_household, word_rows
from povsim.engine.phase import Phase, add_up, enter, packed, put, take, unpacked

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
        "onset", "onset_by_age", "onset_mean", "onset_women", "outcome_recovers", "outcome_chronic", "outcome_disabled",
        "deaths_serious", "new_disability", "disability_by_age", "disability_women", "new_chronic", "later_years",
    )),
    ("work", "find_spread"),
    ("work", "wage_spread"),
)  # fmt: skip
BEARS_FROM, BEARS_TO = 15, 49  # years of age
WEDS_FROM, WEDS_TO = 22, 40
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
    return where((age >= BEARS_FROM) & (age <= BEARS_TO), p.fertility * share / 5.0, 0.0)


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


def may_add(sex: Value, age: Value, years: int) -> Value:
    """Whether somebody may bear a child, or bring a wife home who bears one, within so many years."""
    bears = (sex == FEMALE) & (age + years >= BEARS_FROM) & (age < BEARS_TO)
    return bears | ((sex == MALE) & (age + years >= WEDS_FROM) & (age < WEDS_TO))


def may_marry(age: Value, sex: Value, relation: Value, stage: Value, spouses: Value, wives_of_sons: Value, sons: Value) -> Value:
    """Whether a man may bring a wife home: a head without spouse, or a son while not all sons have wives here."""
    single = ((relation == HEAD) & (spouses == 0)) | ((relation == CHILD) & (wives_of_sons < sons))
    return (sex == MALE) & (age >= WEDS_FROM) & (age <= WEDS_TO) & (stage == NO_STAGE) & single


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


def onset_chance(age: Value, sex: Value, p: Any) -> Value:
    """Chance to fall seriously ill in a year, by age and sex."""
    return p.onset * frailty(age, p) * where(sex == FEMALE, p.onset_women, 1.0)


def disability_chance(age: Value, sex: Value, p: Any) -> Value:
    """Chance of a new disability in a year, by age and sex; none before 18."""
    by_age = p.disability_by_age[0 + (age >= 45) + (age >= 60) + (age >= 75)]
    return where(age >= 18, p.new_disability * by_age * where(sex == FEMALE, p.disability_women, 1.0), 0.0)


def next_health(u: Value, age: Value, sex: Value, health: Value, guard: Value, p: Any) -> Value:
    """Health this year: a serious illness ends in recovery, chronic illness or disability; others may fall ill or be disabled.

    One draw decides between what excludes each other. ``guard`` is the factor by which measures lower the chance of a serious
    illness: whom they spare stays as well or ill as before.
    """
    v = u * (p.outcome_recovers + p.outcome_chronic + p.outcome_disabled)
    outcome = where(v < p.outcome_recovers, HEALTHY, where(v < p.outcome_recovers + p.outcome_chronic, CHRONIC, DISABLED))
    onset = onset_chance(age, sex, p)
    disability = onset + disability_chance(age, sex, p)
    chronic = (health == HEALTHY) & (u < disability + p.new_chronic * frailty(age, p))
    struck = where(u < onset, SERIOUS, where(u < disability, DISABLED, where(chronic, CHRONIC, health)))
    spared = (u >= onset * guard) & (u < onset)
    return where(health == SERIOUS, outcome, where(spared | (health == DISABLED), health, struck))


def illness_risk(age: Value, sex: Value, p: Any) -> Value:
    """A uniform at or above it leaves whoever is not seriously ill as he was."""
    return onset_chance(age, sex, p) + disability_chance(age, sex, p) + p.new_chronic * frailty(age, p)


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
    health_now = next_health(u_health, age, sex, health, guard, p)
    sick_years_now = next_sick_years(health_now, health, sick_years, p)
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
_HOUSEHOLD_DRAWS: Final = ("people_boy", "people_bride", "people_bride_age", "people_bride_schooling")
# what a household draws where a child is born or a man may marry
BRIDE_WEAK, BABY_MIXING, BABY_WAGE, BRIDE_MIXING, BRIDE_WAGE = (
    PEOPLE[f"people_{name}"] for name in ("bride_weak", "baby_mixing_z", "baby_wage_z", "bride_mixing_z", "bride_wage_z")
)
OLDEST = 120  # the tables' last age: at this age and over chances no longer change


def tabulate(p: Any) -> tuple[Any, ...]:
    """Chance to die by registered or not, sex, seriously ill or not, and age, in a row; chance of a birth by age, risk of illness
    by sex and age in a row, and the most that each comes to.
    """
    age = np.arange(OLDEST + 1)
    chances = [
        [[death_chance(age, sex, registered, health, p) for health in (HEALTHY, SERIOUS)] for sex in (MALE, FEMALE)]
        for registered in (False, True)
    ]
    birth, illness = birth_chance(age, p), np.concatenate([illness_risk(age, sex, p) for sex in (MALE, FEMALE)])
    return np.array(chances).ravel(), birth, illness, float(birth.max()), float(illness.max())


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
    fertile = (
        (sex == FEMALE) & (stage == NO_STAGE) & (age >= BEARS_FROM) & (age <= BEARS_TO) & (infants[of] == 0) & (first[of] >= 0)
    )
    bears = fertile & (u < birth_chance(age, p))
    births, at = np.unique(of[bears], return_index=True)
    mothers = i[bears][at]
    slot = hi[c.NEXT_SLOT, h0:h1]
    boy = where(uh[0, births] < p.boys, MALE, FEMALE)
    kin = baby_relation(pi[c.RELATION, mothers])

    head_spouses = np.bincount(of[relation == SPOUSE], minlength=h1 - h0)
    wives = np.bincount(of[relation == CHILD_IN_LAW], minlength=h1 - h0)
    sons = np.bincount(of[(relation == CHILD) & (sex == MALE) & (age >= WEDS_FROM)], minlength=h1 - h0)
    single = may_marry(age, sex, relation, stage, head_spouses[of], wives[of], sons[of])
    grooms = np.bincount(of[single], minlength=h1 - h0)
    settle(
        pi, pf, first[births], slot[births], boy, 0, kin, ILLITERATE, UNABLE, 1,
        normal_of(of_household(luck, h0 + births, BABY_MIXING)), normal_of(of_household(luck, h0 + births, BABY_WAGE)), p,
    )  # fmt: skip
    slot[births] += 1
    place = first.copy()
    place[births] = second[births]
    weds, at = np.unique(of[single], return_index=True)
    groom = i[single][at]
    comes = (uh[1, weds] < bride_chance(grooms[weds], p)) & (place[weds] >= 0)
    weds, groom = weds[comes], groom[comes]
    h = h0 + weds
    settle(
        pi, pf, place[weds], slot[weds], FEMALE, bride_age(uh[2, weds], pi[c.AGE, groom], p),
        where(pi[c.RELATION, groom] == HEAD, SPOUSE, CHILD_IN_LAW),
        pick(uh[3, weds], p.bride_schooling),
        where(of_household(luck, h, BRIDE_WEAK) < p.bride_weak, WEAK, ORDINARY), 2,
        normal_of(of_household(luck, h, BRIDE_MIXING)), normal_of(of_household(luck, h, BRIDE_WAGE)), p,
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


# rows of the desk beyond those of a person
FROM_POOR, STAGE_WAS, HEALTH_WAS, DONE, WORKER_LOST, CELL, EVENT = range(len(c.PERSON_INTS), len(c.PERSON_INTS) + 7)
DEATH_CHANCE = len(c.PERSON_FLOATS)
U_DEATH, U_LEAVES, U_SCHOOL, U_HEALTH, U_DECLINE, U_HOME, U_PENSION, U_BIRTH = word_rows(_PERSON_DRAWS)
U_BOY, U_BRIDE, U_BRIDE_AGE, U_BRIDE_SCHOOLING = word_rows(_HOUSEHOLD_DRAWS)
TAKEN: Final = (
    c.AGE, c.SEX, c.RELATION, c.SCHOOLING, c.STAGE, c.STAGE_YEAR, c.HEALTH, c.SICK_YEARS, c.CAPACITY, c.WORK, c.AIDED,
)  # fmt: skip
CHANGED: Final = (c.AGE, c.SCHOOLING, c.STAGE, c.STAGE_YEAR, c.SICK_YEARS, c.CAPACITY)
NOW, EVENTS, WED = range(3)  # rows of households: small counts of members, and of what happened to them; whether a wife comes
SIZE, LABOURERS, WEAKS, STUDENTS, ELDERS, SICKS, INFANTS, SINGLE_HEADS = range(8)
DEATHS, DEPARTURES, WORKERS_LOST, DISABLED_NOW, SPOUSES, WIVES, SONS, SINGLE_SONS = range(8)


def people_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, rule by rule over the persons of a block, to be lifted."""
    settled_loop(h0, h1, off, hi, pi)
    take(pi, TAKEN, desk, count, desk.ints)
    older_loop(h0, count, desk, hi, tables)
    school_loop(count, desk, p)
    illness_loop(count, desk, pi, pf, tables, p)
    leave_loop(count, desk, p)
    decline_loop(count, desk, p)
    put(desk.ints, CHANGED, desk, count, pi)
    members_loop(count, desk, p)
    add_up(desk, NOW, count, h1 - h0)
    add_up(desk, EVENTS, count, h1 - h0)
    enter_loop(h0, h1, desk, hi)
    few_loop(h0, count, desk, off, pi, pf, hi, luck, tables, p)
    wives_loop(h0, h1, desk, off, pi, pf, hi, luck, p)


def settled_loop(h0: int, h1: int, off: Any, hi: Any, pi: Any) -> None:
    """Nobody is new any more; only where someone was born or moved in last year there is somebody to tell."""
    for h in range(h0, h1):
        if hi[c.BIRTHS, h] + hi[c.ARRIVALS, h] > 0:
            for i in range(off[h], off[h + 1]):
                pi[c.NEW, i] = 0


def older_loop(h0: int, count: int, desk: Any, hi: Any, tables: Any) -> None:
    """Everybody is a year older; the chance to die at this age."""
    of, ints, floats, death = desk.of, desk.ints, desk.floats, tables[0]
    for j in range(count):
        ints[c.AGE, j] += 1
        ints[STAGE_WAS, j] = ints[c.STAGE, j]
        ints[HEALTH_WAS, j] = ints[c.HEALTH, j]
    for j in range(count):
        ints[FROM_POOR, j] = is_registered(hi[c.STATUS, np.uint64(h0 + of[j])])
    for j in range(count):
        age, woman, serious = minimum(ints[c.AGE, j], OLDEST), ints[c.SEX, j] == FEMALE, ints[c.HEALTH, j] == SERIOUS
        ints[CELL, j] = ((2 * ints[FROM_POOR, j] + woman) * 2 + serious) * (OLDEST + 1) + age
    for j in range(count):
        floats[DEATH_CHANCE, j] = death[np.uint32(ints[CELL, j])]


def school_loop(count: int, desk: Any, p: Any) -> None:
    """Stage, year in it and schooling."""
    ints, words = desk.ints, desk.words
    for j in range(count):
        age, stage, stage_year = ints[c.AGE, j], ints[STAGE_WAS, j], ints[c.STAGE_YEAR, j]
        done = finishes(stage, stage_year, age, p)
        aided = is_aided(stage, ints[FROM_POOR, j] == 1, ints[c.AIDED, j])
        stage_now = next_stage(unit(words[U_SCHOOL, j]), age, stage, done, aided, p)
        ints[DONE, j] = done
        ints[c.STAGE, j] = stage_now
        ints[c.STAGE_YEAR, j] = next_stage_year(age, stage_now, stage, stage_year)
        ints[c.SCHOOLING, j] = next_schooling(ints[c.SCHOOLING, j], stage, stage_year, done)


def illness_loop(count: int, desk: Any, pi: Any, pf: Any, tables: Any, p: Any) -> None:
    """Health of the few whose luck or illness asks for it."""
    here, ints, words, illness, most = desk.here, desk.ints, desk.words, tables[2], tables[4]
    for j in range(count):
        ints[EVENT, j] = (unit(words[U_HEALTH, j]) < most) | (ints[c.HEALTH, j] == SERIOUS)
    for j in range(count):
        if ints[EVENT, j]:
            u, age, sex, health = unit(words[U_HEALTH, j]), ints[c.AGE, j], ints[c.SEX, j], ints[c.HEALTH, j]
            if u < illness[sex * (OLDEST + 1) + minimum(age, OLDEST)] or health == SERIOUS:
                ints[c.HEALTH, j] = next_health(u, age, sex, health, pf[c.ONSET_HELP, here[j]], p)
                pi[c.HEALTH, here[j]] = ints[c.HEALTH, j]


def leave_loop(count: int, desk: Any, p: Any) -> None:
    """Who dies or leaves."""
    ints, words, floats = desk.ints, desk.words, desk.floats
    for j in range(count):
        dies = unit(words[U_DEATH, j]) < floats[DEATH_CHANCE, j]
        leaves = moves_away(
            unit(words[U_LEAVES, j]),
            ints[c.AGE, j],
            ints[c.SEX, j],
            ints[c.RELATION, j],
            ints[STAGE_WAS, j],
            ints[DONE, j] == 1,
            p,
        )
        ints[c.GONE, j] = where(dies, DIED, leaves)


def decline_loop(count: int, desk: Any, p: Any) -> None:
    """Years since an illness, labour capacity, workers lost."""
    ints, words = desk.ints, desk.words
    for j in range(count):
        disabled = (ints[c.HEALTH, j] == DISABLED) & (ints[HEALTH_WAS, j] != DISABLED)
        ints[WORKER_LOST, j] = (ints[c.CAPACITY, j] >= ORDINARY) & ((ints[c.GONE, j] != HERE) | disabled)
        ints[c.SICK_YEARS, j] = next_sick_years(ints[c.HEALTH, j], ints[HEALTH_WAS, j], ints[c.SICK_YEARS, j], p)
    for j in range(count):
        ints[c.CAPACITY, j] = next_capacity(
            unit(words[U_DECLINE, j]), ints[c.AGE, j], ints[c.CAPACITY, j], ints[c.HEALTH, j], ints[HEALTH_WAS, j],
            ints[c.STAGE, j], ints[STAGE_WAS, j], ints[c.SCHOOLING, j], p,
        )  # fmt: skip


def members_loop(count: int, desk: Any, p: Any) -> None:
    """What each adds to the counts of the household, if he stays, and to the counts of what happened."""
    ints, cells = desk.ints, desk.cells
    for j in range(count):
        age, sex, relation, stage, capacity = (
            ints[c.AGE, j], ints[c.SEX, j], ints[c.RELATION, j], ints[c.STAGE, j], ints[c.CAPACITY, j],
        )  # fmt: skip
        now = packed(
            1, capacity >= ORDINARY, capacity == WEAK, stage != NO_STAGE, age >= 60, ints[c.HEALTH, j] != HEALTHY,
            age < p.birth_gap, may_marry(age, sex, relation, stage, 0, 1, 1),
        )  # fmt: skip
        cells[NOW, j + 1] = where(ints[c.GONE, j] == HERE, now, np.uint64(0))
    for j in range(count):
        gone, lost, age, sex, relation = (
            ints[c.GONE, j], ints[WORKER_LOST, j], ints[c.AGE, j], ints[c.SEX, j], ints[c.RELATION, j],
        )  # fmt: skip
        stays = gone == HERE
        cells[EVENTS, j + 1] = packed(
            gone == DIED, gone > DIED, lost, lost & stays, stays & (relation == SPOUSE), stays & (relation == CHILD_IN_LAW),
            stays & (relation == CHILD) & (sex == MALE) & (age >= WEDS_FROM),
            stays & may_marry(age, sex, relation, ints[c.STAGE, j], 1, 0, 1),
        )  # fmt: skip


def enter_loop(h0: int, h1: int, desk: Any, hi: Any) -> None:
    """The counts of the households; who comes this year is added later."""
    homes = h1 - h0
    for h in range(h0, h1):
        hi[c.SIZE_OPEN, h] = hi[c.SIZE, h]
    for h in range(h0, h1):
        hi[c.BIRTHS, h] = 0
        hi[c.ARRIVALS, h] = 0
    enter(desk, NOW, SIZE, h0, homes, hi, c.SIZE)
    enter(desk, NOW, LABOURERS, h0, homes, hi, c.LABOURERS)
    enter(desk, NOW, WEAKS, h0, homes, hi, c.WEAKS)
    enter(desk, NOW, STUDENTS, h0, homes, hi, c.STUDENTS)
    enter(desk, NOW, ELDERS, h0, homes, hi, c.ELDERS)
    enter(desk, NOW, SICKS, h0, homes, hi, c.SICKS)
    enter(desk, EVENTS, DEATHS, h0, homes, hi, c.DEATHS)
    enter(desk, EVENTS, DEPARTURES, h0, homes, hi, c.DEPARTURES)
    enter(desk, EVENTS, WORKERS_LOST, h0, homes, hi, c.WORKER_LOST)
    for k in range(homes):
        hi[c.LOST_SINCE, np.uint64(h0 + k)] += unpacked(desk.homes[EVENTS, k], WORKERS_LOST)
        hi[c.DISABLED_SINCE, np.uint64(h0 + k)] += unpacked(desk.homes[EVENTS, k], DISABLED_NOW)


def few_loop(h0: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, luck: Any, tables: Any, p: Any) -> None:
    """What happens to few: death and departure, home for good, a pension, a child."""
    here, of, begin, ints, words, homes = desk.here, desk.of, desk.begin, desk.ints, desk.words, desk.homes
    birth, most = tables[1], tables[3]
    for j in range(count):
        age = ints[c.AGE, j]
        fertile = (ints[c.SEX, j] == FEMALE) & (ints[c.STAGE, j] == NO_STAGE) & (age >= BEARS_FROM) & (age <= BEARS_TO)
        tired = (ints[c.WORK, j] == AWAY) & (unit(words[U_HOME, j]) < maximum(p.comes_home, p.comes_home_55))
        bears = fertile & (unit(words[U_BIRTH, j]) < most)
        ints[EVENT, j] = (ints[c.GONE, j] != HERE) | bears | tired | (age == 60)
    for j in range(count):
        if ints[EVENT, j]:
            i, k, age = here[j], of[j], ints[c.AGE, j]
            h = h0 + k
            pi[c.HOME, i] = stays_home(unit(words[U_HOME, j]), age, ints[c.WORK, j], pi[c.HOME, i], p)
            pi[c.PENSION, i] = draws_pension(unit(words[U_PENSION, j]), age, pi[c.PENSION, i], p)
            if ints[c.GONE, j] != HERE:
                pi[c.GONE, i] = ints[c.GONE, j]
                pi[c.ALIVE, i] = 0
            elif (
                ints[c.SEX, j] == FEMALE
                and ints[c.STAGE, j] == NO_STAGE
                and unit(words[U_BIRTH, j]) < birth[minimum(age, OLDEST)]
                and unpacked(homes[NOW, k], INFANTS) == 0
                and hi[c.BIRTHS, h] == 0
            ):
                place = free_place(off, h, here, begin, k, 0)
                if place >= 0:
                    boy = where(unit(desk.home_words[U_BOY, k]) < p.boys, MALE, FEMALE)
                    settle(
                        pi, pf, place, hi[c.NEXT_SLOT, h], boy, 0, baby_relation(ints[c.RELATION, j]), ILLITERATE, UNABLE, 1,
                        normal_of(of_household(luck, h, BABY_MIXING)), normal_of(of_household(luck, h, BABY_WAGE)), p,
                    )  # fmt: skip
                    hi[c.NEXT_SLOT, h] += 1
                    hi[c.BIRTHS, h] = 1
                    hi[c.SIZE, h] += 1


def wives_loop(h0: int, h1: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, luck: Any, p: Any) -> None:
    """A wife comes where there are men who may marry and luck has it."""
    here, begin, ints, words, homes = desk.here, desk.begin, desk.ints, desk.home_words, desk.homes
    for k in range(h1 - h0):
        now, event = homes[NOW, k], homes[EVENTS, k]
        heads = where(unpacked(event, SPOUSES) == 0, unpacked(now, SINGLE_HEADS), 0)
        sons = where(unpacked(event, WIVES) < unpacked(event, SONS), unpacked(event, SINGLE_SONS), 0)
        homes[WED, k] = unit(words[U_BRIDE, k]) < bride_chance(heads + sons, p)
    for k in range(h1 - h0):
        if homes[WED, k]:
            h, event = h0 + k, homes[EVENTS, k]
            groom = begin[k]
            while ints[c.GONE, groom] != HERE or not may_marry(
                ints[c.AGE, groom],
                ints[c.SEX, groom],
                ints[c.RELATION, groom],
                ints[c.STAGE, groom],
                unpacked(event, SPOUSES),
                unpacked(event, WIVES),
                unpacked(event, SONS),
            ):
                groom += 1
            place = free_place(off, h, here, begin, k, hi[c.BIRTHS, h])
            if place >= 0:
                strength = where(of_household(luck, h, BRIDE_WEAK) < p.bride_weak, WEAK, ORDINARY)
                settle(
                    pi, pf, place, hi[c.NEXT_SLOT, h], FEMALE, bride_age(unit(words[U_BRIDE_AGE, k]), ints[c.AGE, groom], p),
                    where(ints[c.RELATION, groom] == HEAD, SPOUSE, CHILD_IN_LAW),
                    pick(unit(words[U_BRIDE_SCHOOLING, k]), p.bride_schooling), strength, 2,
                    normal_of(of_household(luck, h, BRIDE_MIXING)), normal_of(of_household(luck, h, BRIDE_WAGE)), p,
                )  # fmt: skip
                hi[c.NEXT_SLOT, h] += 1
                hi[c.ARRIVALS, h] = 1
                hi[c.SIZE, h] += 1
                hi[c.LABOURERS, h] += strength >= ORDINARY
                hi[c.WEAKS, h] += strength == WEAK


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


PHASE: Final = Phase(
    "people", _PERSON_DRAWS, _HOUSEHOLD_DRAWS, _PARAMS, people_numpy, people_loop, pack=PeopleParams._make, tabulate=tabulate
)


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
