"""Owns: paid work (phase 4): who finds it, keeps it, loses it, for how many months, at what wage; the opening of working lives.
Never: farming and the account (income), or who gets a post (allocation, measures).

The chain of a person is: never in paid work, in work, lost it. Work is lost with a hazard, a first job is found with a chance
that differs lastingly between people and with the calendar, another one with a higher chance. Months follow from the month in
which it happens; a year has twelve, less those lost to illness and care.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core import schema
from povsim.core.elementary import exp, floor, log, maximum, minimum, sqrt, where
from povsim.core.normals import normal_of
from povsim.core.randomness import decision_number, unit
from povsim.engine import columns as c
from povsim.engine.compile import Part
from povsim.engine.draws import Luck, identities, normals, of_household, word_rows
from povsim.engine.people import lasting_mixing
from povsim.engine.phase import Phase, put, take, wipe
from povsim.engine.program import Step, step
from povsim.engine.state import LASTING

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

FEMALE = int(schema.Sex.FEMALE)
NO_STAGE = int(schema.Stage.NONE)
WEAK, ORDINARY, SKILLED = (int(schema.Capacity[name]) for name in ("WEAK", "ORDINARY", "SKILLED"))
NO_WORK, LOCAL, AWAY, WORKSHOP, POST = map(int, schema.Work)
YEAR = 120  # tenths of a month in a year: months of persons are kept in tenths
SURE = 0.95  # nobody is sure to find work

Value = Any  # a number or a column

_PARAMS: Final = (
    *(("economy", name) for name in (
        "mean_wage", "wage_ratio_away", "wage_ratio_local", "pandemic_year", "pandemic_months_away", "pandemic_job_loss",
        "job_market_spread",
    )),
    *(("work", name) for name in (
        "registered_wage", "usual_months_away", "usual_months_local", "months_catch_up", "wage_shock_spread", "wage_shock_lasts",
        "wage_per_school_year", "school_years", "wage_skilled", "wage_weak", "finds_able", "finds_skilled", "finds_weak",
        "finds_early", "finds_campaign", "finds_late", "campaign_first", "campaign_last", "refinds", "find_per_person",
        "find_by_age", "goes_away_men", "goes_away_women", "loses_able", "loses_skilled", "loses_weak", "loses_by_age",
        "loses_away", "find_spread", "wage_spread",
    )),
    ("year", ""),
)  # fmt: skip
LabourParams = namedtuple("LabourParams", [name or group for group, name in _PARAMS])  # type: ignore[misc]


# --- who -------------------------------------------------------------------------------------------------


def concerned(age: Value, capacity: Value, stage: Value, work: Value) -> Value:
    """Whether the labour market looks at a person at all: one who could work, or did."""
    return (age >= 16) & (((capacity >= WEAK) & (stage == NO_STAGE)) | (work != NO_WORK))


# --- losing and finding ----------------------------------------------------------------------------------


def by_capacity(capacity: Value, weak: Value, able: Value, skilled: Value) -> Value:
    """One of three values by labour capacity."""
    return where(capacity == WEAK, weak, where(capacity == SKILLED, skilled, able))


def by_age(age: Value, values: Any) -> Value:
    """One of four values by age: 16-29, 30-44, 45-59, 60 and over."""
    return where(age >= 60, values[3], where(age >= 45, values[2], where(age >= 30, values[1], values[0])))


def by_schooling(schooling: Value, values: Any) -> Value:
    """One of five values by schooling."""
    low = where(schooling >= 1, values[1], values[0])
    return where(schooling >= 4, values[4], where(schooling >= 3, values[3], where(schooling >= 2, values[2], low)))


def job_market(z: Value, p: Any) -> Value:
    """Factor of the town's labour market on losing work in a year; mean 1."""
    return exp(p.job_market_spread * z - 0.5 * p.job_market_spread * p.job_market_spread)


def loss_chance(age: Value, capacity: Value, work: Value, market: Value, p: Any) -> Value:
    """Chance that one in work loses it in the year: by capacity, age and place, times the labour market of town and year.

    More in the year of the pandemic.
    """
    pandemic = where(p.year == p.pandemic_year, p.pandemic_job_loss, 1.0)
    person = by_age(age, p.loses_by_age) * where(work == AWAY, p.loses_away, 1.0)
    return by_capacity(capacity, p.loses_weak, p.loses_able, p.loses_skilled) * pandemic * person * market


def calendar(p: Any) -> Value:
    """Factor of the year on finding a first job: help with jobs grew as the deadline neared, halfway in the year before."""
    later = where(p.year <= p.campaign_last, p.finds_campaign, p.finds_late)
    halfway = sqrt(p.finds_early * p.finds_campaign)
    return where(p.year < p.campaign_first - 1.0, p.finds_early, where(p.year < p.campaign_first, halfway, later))


def find_chance(
    age: Value, capacity: Value, ever_worked: Value, mixing: Value, size: Value, house_help: Value, find_help: Value, p: Any
) -> Value:
    """Chance that one out of work finds it in the year.

    A first job by the calendar and with the help of the list and of measures; one who has worked before finds another one with a
    higher chance, whichever is more.
    """
    first = by_capacity(capacity, p.finds_weak, p.finds_able, p.finds_skilled) * calendar(p) * house_help * find_help
    base = where(ever_worked == 1, maximum(first, p.refinds), first)
    person = exp(mixing + p.find_per_person * (size - 3.0)) * by_age(age, p.find_by_age)
    return minimum(SURE, base * person)


def goes_away(u: Value, age: Value, sex: Value, capacity: Value, home: Value, p: Any) -> Value:
    """Whether one who finds work goes away for it; the weak, and those who came home for good, never do."""
    share = where(sex == FEMALE, by_age(age, p.goes_away_women), by_age(age, p.goes_away_men))
    return (capacity >= ORDINARY) & (home == 0) & (u < share)


# --- months and wage -------------------------------------------------------------------------------------


def month_of(u: Value) -> Value:
    """Month 1 to 12 of an event."""
    return 1.0 + floor(12.0 * u)


def worked_share(lost: Value, found: Value, month: Value) -> Value:
    """Share of the year in work: what lies before the month of a loss, or from the month of a find on."""
    return where(lost, (month - 1.0) / 12.0, where(found, (13.0 - month) / 12.0, 1.0))


def paid_tenths(usual: Value, share: Value, unfit: Value) -> Value:
    """Paid months in tenths: the usual ones over the share of the year in work, less the share lost to illness and care."""
    fit = maximum(0.0, YEAR - unfit) / YEAR
    return floor(10.0 * usual * share * fit + 0.5)


def post_tenths(months: Value, unfit: Value) -> Value:
    """Paid months of a post in tenths: those agreed, as far as the year has them left."""
    return floor(minimum(10.0 * months, maximum(0.0, YEAR - unfit)) + 0.5)


def wage_level(work: Value, schooling: Value, capacity: Value, lag: Value, p: Any) -> Value:
    """Log monthly wage of one's kind, one's own effects apart: base of the place, schooling, capacity, lag of the registered."""
    base = where(work == AWAY, log(p.mean_wage * p.wage_ratio_away), log(p.mean_wage * p.wage_ratio_local))
    grade = by_capacity(capacity, p.wage_weak, 0.0, p.wage_skilled)
    return base + p.wage_per_school_year * (by_schooling(schooling, p.school_years) - 9.0) + grade + lag * log(p.registered_wage)


def next_shock(shock: Value, z: Value, p: Any) -> Value:
    """AR(1) log wage shock."""
    return p.wage_shock_lasts * shock + p.wage_shock_spread * z


# --- one person's year -----------------------------------------------------------------------------------


def work_a_year(
    u_loses: Value, u_loss_month: Value, u_finds: Value, u_find_month: Value, u_place: Value, wage_z: Value, age: Value,
    sex: Value, schooling: Value, stage: Value, capacity: Value, work: Value, ever_worked: Value, home: Value, resident: Value,
    unfit: Value, post: Value, effect: Value, shock: Value, mixing: Value, usual: Value, find_help: Value, wage_help: Value,
    post_wage: Value, post_months: Value, size: Value, house_help: Value, lag: Value, market: Value, p: Any,
) -> tuple[Value, ...]:  # fmt: skip
    """One year of work of one person; ``unfit`` are the tenths of months lost to illness and care.

    Returns
    -------
    tuple
        schema.Work at the end of the year, the kind of the year's wage, ever worked, paid months (tenths), month of a loss or 0,
        resident, monthly wage (yuan), usual months, wage shock, month of a find or 0.
    """
    able = (capacity >= WEAK) & (stage == NO_STAGE)
    posted = able & (post > 0)
    in_job = able & (post == 0) & ((work == LOCAL) | (work == AWAY))
    must_stop = (work == AWAY) & ((home == 1) | (capacity == WEAK))
    lost = in_job & (must_stop | (u_loses < loss_chance(age, capacity, work, market, p)))
    seeks = able & (post == 0) & (work != LOCAL) & (work != AWAY)
    found = seeks & (u_finds < find_chance(age, capacity, ever_worked, mixing, size, house_help, find_help, p))
    new_place = where(goes_away(u_place, age, sex, capacity, home, p), AWAY, LOCAL)
    of_post = where(work == WORKSHOP, WORKSHOP, POST)
    kind = where(posted, of_post, where(found, new_place, where(in_job, work, NO_WORK)))

    norm = where(kind == AWAY, p.usual_months_away, p.usual_months_local)
    usual_now = where(found, norm, usual + p.months_catch_up * (norm - usual))
    stopped = where((kind == AWAY) & (p.year == p.pandemic_year), p.pandemic_months_away, 0.0)
    month = where(lost, month_of(u_loss_month), month_of(u_find_month))
    paid = paid_tenths(maximum(0.0, usual_now - stopped), worked_share(lost, found, month), unfit)
    months = where(posted, post_tenths(post_months, unfit), where(found | in_job, paid, 0.0))
    shock_now = next_shock(shock, wage_z, p)
    wage = exp(wage_level(kind, schooling, capacity, lag, p) + effect + shock_now) * wage_help
    wage_month = where(posted, post_wage, where(found | in_job, wage, 0.0))

    after = where(lost, NO_WORK, kind)
    ever = where(posted | found | in_job | (ever_worked == 1), 1, 0)
    lives_here = where(after == AWAY, 0, where(work == AWAY, 1, resident))
    lost_month, found_month = where(lost, month, 0.0), where(found, month, 0.0)
    usual_after = where(found | in_job, usual_now, usual)
    return after, kind, ever, months, lost_month, lives_here, wage_month, usual_after, shock_now, found_month


# --- the bodies ------------------------------------------------------------------------------------------

_PERSON_DRAWS: Final = ("work_loses", "work_loss_month", "work_finds", "work_find_month", "work_place", "work_wage_z")


def in_the_market(pi: Any, i: Any) -> Any:
    """Whether the labour market looks at the person of a place, or of each of some places."""
    return (pi[c.ALIVE, i] == 1) & concerned(pi[c.AGE, i], pi[c.CAPACITY, i], pi[c.STAGE, i], pi[c.WORK, i])


def work_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns."""
    a, b = off[h0], off[h1]
    pi[c.PAID, a:b] = pi[c.MONTHS, a:b] = pi[c.LOST_MONTH, a:b] = 0
    i, h, u = here, house[here], up
    work, kind, ever, months, lost_month, resident, wage, usual, shock, found_month = work_a_year(
        u[0], u[1], u[2], u[3], u[4], u[5], pi[c.AGE, i], pi[c.SEX, i], pi[c.SCHOOLING, i], pi[c.STAGE, i], pi[c.CAPACITY, i],
        pi[c.WORK, i], pi[c.EVER_WORKED, i], pi[c.HOME, i], pi[c.RESIDENT, i], pi[c.SICK_MONTHS, i] + pi[c.CARE_MONTHS, i],
        pi[c.POST, i], pf[c.WAGE_EFFECT, i], pf[c.WAGE_SHOCK, i], pf[c.MIXING, i], pf[c.USUAL, i], pf[c.FIND_HELP, i],
        pf[c.WAGE_HELP, i], pf[c.POST_WAGE, i], pf[c.POST_MONTHS, i], hi[c.SIZE, h], hf[c.HOUSE_HELP, h], hf[c.WAGE_LAG, h],
        vf[c.JOB_MARKET, 0], p,
    )  # fmt: skip
    pi[c.WORK, i], pi[c.PAID, i], pi[c.EVER_WORKED, i], pi[c.MONTHS, i] = work, kind, ever, months
    pi[c.LOST_MONTH, i], pi[c.RESIDENT, i] = lost_month, resident
    pi[c.FOUND_MONTH, i] = where(pi[c.POST, i] > 0, pi[c.FOUND_MONTH, i], found_month)  # a post: as allocated
    pf[c.WAGE_MONTH, i], pf[c.USUAL, i], pf[c.WAGE_SHOCK, i] = wage, usual, shock


TAKEN: Final = (
    c.AGE, c.SEX, c.SCHOOLING, c.STAGE, c.CAPACITY, c.WORK, c.EVER_WORKED, c.HOME, c.RESIDENT, c.SICK_MONTHS, c.CARE_MONTHS,
    c.POST,
)  # fmt: skip
FLOATS_TAKEN: Final = (
    c.WAGE_EFFECT, c.WAGE_SHOCK, c.MIXING, c.USUAL, c.FIND_HELP, c.WAGE_HELP,
)  # fmt: skip
CHANGED: Final = (c.WORK, c.PAID, c.EVER_WORKED, c.MONTHS, c.LOST_MONTH, c.RESIDENT, c.FOUND_MONTH)
FLOATS_CHANGED: Final = (c.WAGE_MONTH, c.USUAL, c.WAGE_SHOCK)
# rows of the desk beyond those of a person
SIZE = len(c.PERSON_INTS)
WAGE_Z, HOUSE_HELP, LAG = range(len(c.PERSON_FLOATS), len(c.PERSON_FLOATS) + 3)
U_LOSES, U_LOSS_MONTH, U_FINDS, U_FIND_MONTH, U_PLACE, Z_WAGE = word_rows(_PERSON_DRAWS)


def work_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same over the persons of a block, to be lifted."""
    here, of, ints, floats, u, market = desk.here, desk.of, desk.ints, desk.floats, desk.words, vf[c.JOB_MARKET, 0]
    take(pi, TAKEN, desk, count, ints)
    take(pf, FLOATS_TAKEN, desk, count, floats)
    normals(u, Z_WAGE, count, floats, WAGE_Z)
    for j in range(count):
        ints[c.FOUND_MONTH, j] = 0
        floats[c.POST_WAGE, j] = 0.0
        floats[c.POST_MONTHS, j] = 0.0
    for j in range(count):
        if ints[c.POST, j] > 0:  # few hold one
            ints[c.FOUND_MONTH, j] = pi[c.FOUND_MONTH, here[j]]
            floats[c.POST_WAGE, j] = pf[c.POST_WAGE, here[j]]
            floats[c.POST_MONTHS, j] = pf[c.POST_MONTHS, here[j]]
    for j in range(count):
        h = np.uint64(h0 + of[j])
        ints[SIZE, j] = hi[c.SIZE, h]
        floats[HOUSE_HELP, j] = hf[c.HOUSE_HELP, h]
        floats[LAG, j] = hf[c.WAGE_LAG, h]
    for j in range(count):
        work, kind, ever, months, lost_month, resident, wage, usual, shock, found_month = work_a_year(
            unit(u[U_LOSES, j]), unit(u[U_LOSS_MONTH, j]), unit(u[U_FINDS, j]), unit(u[U_FIND_MONTH, j]), unit(u[U_PLACE, j]),
            floats[WAGE_Z, j], ints[c.AGE, j], ints[c.SEX, j], ints[c.SCHOOLING, j], ints[c.STAGE, j], ints[c.CAPACITY, j],
            ints[c.WORK, j], ints[c.EVER_WORKED, j], ints[c.HOME, j], ints[c.RESIDENT, j],
            ints[c.SICK_MONTHS, j] + ints[c.CARE_MONTHS, j], ints[c.POST, j],
            floats[c.WAGE_EFFECT, j], floats[c.WAGE_SHOCK, j], floats[c.MIXING, j], floats[c.USUAL, j], floats[c.FIND_HELP, j],
            floats[c.WAGE_HELP, j], floats[c.POST_WAGE, j], floats[c.POST_MONTHS, j], ints[SIZE, j], floats[HOUSE_HELP, j],
            floats[LAG, j], market, p,
        )  # fmt: skip
        ints[c.WORK, j] = work
        ints[c.PAID, j] = kind
        ints[c.EVER_WORKED, j] = ever
        ints[c.MONTHS, j] = months
        ints[c.LOST_MONTH, j] = lost_month
        ints[c.FOUND_MONTH, j] = where(ints[c.POST, j] > 0, ints[c.FOUND_MONTH, j], found_month)
        ints[c.RESIDENT, j] = resident
        floats[c.WAGE_MONTH, j] = wage
        floats[c.USUAL, j] = usual
        floats[c.WAGE_SHOCK, j] = shock
    wipe(pi, (c.PAID, c.MONTHS, c.LOST_MONTH), off[h0], off[h1])
    put(ints, CHANGED, desk, count, pi)
    put(floats, FLOATS_CHANGED, desk, count, pf)


PHASE: Final = Phase("work", _PERSON_DRAWS, (), _PARAMS, work_numpy, work_loop, pack=LabourParams._make, looks_at=in_the_market)


def work(s: State, world: World, draws: Draws, year: int) -> None:
    """Find, keep and lose work; months and wage of the year (phase 4).

    Parameters
    ----------
    s : State
        Persons are changed; illness and care of the year, help and posts of the measures must stand.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    s.vf[c.JOB_MARKET] = job_market(draws.shared(world.town, year, "town_jobs_z"), PHASE.arguments(world, year))
    PHASE.run(s, world, draws, year)


JOBS: Final = decision_number("town_jobs_z")
Market = namedtuple("Market", ["job_market_spread"])


def market_step(s: State, world: World, year: int, luck: Part) -> Step:
    """The labour market of a year, compiled."""
    p = Market(float(PHASE.arguments(world, year).job_market_spread))
    return step(market_loop, s.part, luck, Part(town=identities((world.town,)), p=p))


def market_loop(vf: Any, town: Any, shared: Any, p: Any) -> None:
    """Draw it, for all villages."""
    vf[c.JOB_MARKET] = job_market(normal_of(of_household(Luck(town, shared), 0, JOBS)), p)


# --- the opening -----------------------------------------------------------------------------------------


def shock_spread(p: Any) -> Value:
    """Spread of the log wage shock over many years."""
    return p.wage_shock_spread / sqrt(maximum(1.0 - p.wage_shock_lasts * p.wage_shock_lasts, 0.01))


def first_effect(effect_z: Value, seen: Value, total: Value, p: Any) -> Value:
    """Lasting log wage effect; of one whose wage was ``seen``, given by how much in ``total`` it differs from its level.

    The total is split between effect and shock as two normals are, given their sum; where neither varies, all of it lasts.
    """
    lasting, both = p.wage_spread * p.wage_spread, p.wage_spread * p.wage_spread + shock_spread(p) * shock_spread(p)
    share = where(both > 0.0, lasting / maximum(both, 1e-300), 1.0)
    effect = p.wage_spread * effect_z
    return where(seen, share * total + sqrt(1.0 - share) * effect, effect)


def first_shock(shock_z: Value, seen: Value, total: Value, effect: Value, p: Any) -> Value:
    """Log wage shock at the opening: what the lasting effect leaves of the total, where a wage was seen."""
    return where(seen, total - effect, shock_spread(p) * shock_z)


def observed(wage_month: Value, level: Value) -> Value:
    """By how much the log of an observed wage differs from its level; of no use where there is none."""
    return log(where(wage_month > 0.0, wage_month, 1.0)) - level


def lags(identified: Value, opening: Value) -> Value:
    """1.0 if wages lag: of a household registered at the opening."""
    return where((identified > 0) & (identified <= opening), 1.0, 0.0)


def open_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns."""
    i, h = here, house[here]
    hf[c.WAGE_LAG, h0:h1] = lags(hi[c.YEAR_IDENTIFIED, h0:h1], p.year)
    wage, level = pf[c.WAGE_MONTH, i], wage_level(pi[c.WORK, i], pi[c.SCHOOLING, i], pi[c.CAPACITY, i], hf[c.WAGE_LAG, h], p)
    total = observed(wage, level)
    pf[c.MIXING, i] = lasting_mixing(up[0], p.find_spread)
    pf[c.WAGE_EFFECT, i] = first_effect(up[1], wage > 0.0, total, p)
    pf[c.WAGE_SHOCK, i] = first_shock(up[2], wage > 0.0, total, pf[c.WAGE_EFFECT, i], p)
    pi[c.PAID, i] = pi[c.WORK, i]


_LASTING_DRAWS: Final = ("work_mixing_z", "work_effect_z", "work_first_wage_z")
MIXING_Z, EFFECT_Z, SHOCK_Z = range(LAG + 1, LAG + 4)
Z_MIXING, Z_EFFECT, Z_SHOCK = word_rows(_LASTING_DRAWS)


def open_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, person by person, to be lifted."""
    here, of, ints, floats, words = desk.here, desk.of, desk.ints, desk.floats, desk.words
    for h in range(h0, h1):
        hf[c.WAGE_LAG, h] = lags(hi[c.YEAR_IDENTIFIED, h], p.year)
    take(pi, (c.WORK, c.SCHOOLING, c.CAPACITY), desk, count, ints)
    normals(words, Z_MIXING, count, floats, MIXING_Z)
    normals(words, Z_EFFECT, count, floats, EFFECT_Z)
    normals(words, Z_SHOCK, count, floats, SHOCK_Z)
    for j in range(count):
        floats[c.WAGE_MONTH, j] = pf[c.WAGE_MONTH, here[j]]
        floats[LAG, j] = hf[c.WAGE_LAG, np.uint64(h0 + of[j])]
    for j in range(count):
        wage = floats[c.WAGE_MONTH, j]
        total = observed(wage, wage_level(ints[c.WORK, j], ints[c.SCHOOLING, j], ints[c.CAPACITY, j], floats[LAG, j], p))
        effect = first_effect(floats[EFFECT_Z, j], wage > 0.0, total, p)
        floats[c.MIXING, j] = lasting_mixing(floats[MIXING_Z, j], p.find_spread)
        floats[c.WAGE_EFFECT, j] = effect
        floats[c.WAGE_SHOCK, j] = first_shock(floats[SHOCK_Z, j], wage > 0.0, total, effect, p)
    put(floats, (c.MIXING, c.WAGE_EFFECT, c.WAGE_SHOCK), desk, count, pf)
    for j in range(count):
        pi[c.PAID, here[j]] = ints[c.WORK, j]


OPENING: Final = Phase("opening of work", _LASTING_DRAWS, (), _PARAMS, open_numpy, open_loop, pack=LabourParams._make)


def open_work(s: State, world: World, draws: Draws) -> None:
    """Begin working lives at the opening, once per replicate: lasting effects are drawn, and backed out of the wages observed."""
    OPENING.run(s, world, draws, world.scenario.run.opening, LASTING)
