"""Owns: phase 2: shocks strike: bills and lost months of illness and accident, disaster, schooling cost; guarantees can be lost.
Never: who falls ill (people), the shock of the labour market (labour), the loss on the field (income).

The rules come first, each one expression for numbers and columns; the body gathers, calls and puts back. Money is in yuan in the
rules, in fen in the account.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core import schema
from povsim.core.elementary import exp, floor, log, maximum, minimum, where
from povsim.core.normals import normal_of
from povsim.core.randomness import unit
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.compile import Part
from povsim.engine.draws import Luck, fill_loop, plan, word_rows
from povsim.engine.people import is_registered
from povsim.engine.phase import Phase, add_up, packed, take, unpacked, wipe
from povsim.engine.program import Step, run, step
from povsim.engine.state import FEN, LASTING
from povsim.policy.status import is_watched

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Value = Any  # a number or a column

NO_STAGE, KINDERGARTEN, COMPULSORY, SENIOR, COLLEGE = map(int, schema.Stage)
CHRONIC, SERIOUS, DISABLED = (int(schema.Health[name]) for name in ("CHRONIC", "SERIOUS", "DISABLED"))
WEAK = int(schema.Capacity.WEAK)
NO_WORK, AWAY = int(schema.Work.NONE), int(schema.Work.AWAY)
POOR, EXITED, RETURNED = (int(schema.Status[name]) for name in ("POOR", "EXITED", "RETURNED"))
ACUTE, CHRONIC_COST, SCHOOLING, REPAIR = (
    schema.EXPENSES.index(name) for name in ("medical_acute", "medical_chronic", "schooling", "repair")
)
YEAR = 120  # tenths of a month in a year

_PARAMS: Final = (
    *(("health", name) for name in (
        "bill", "bill_spread", "reimbursed_dibao", "reimbursed_poor", "reimbursed_monitored", "reimbursed_exited",
        "reimbursed_other", "months_lost", "carer_share", "later_share", "later_years", "chronic_cost",
    )),
    *(("shocks", name) for name in (
        "disaster", "disaster_hits", "disaster_factor", "repair_cost", "accident", "accident_months", "accident_bill",
    )),
    *(("guarantees", name) for name in (
        "house_ages", "house_damaged", "house_mended_registered", "house_mended_other", "spring_dries", "spring_households",
        "water_mended", "premium_unpaid_subsidised", "premium_unpaid",
    )),
    ("people", "school_cost"),
    ("economy", "cost_growth"),
    ("economy", "price_year"),
    ("year", ""),
)  # fmt: skip
ShockParams = namedtuple("ShockParams", [name or group for group, name in _PARAMS])  # type: ignore[misc]


# --- bills -----------------------------------------------------------------------------------------------


def prices(p: Any) -> Value:
    """Factor on costs: from the year at whose prices they are stated to this one."""
    return exp(log(1.0 + p.cost_growth) * (p.year - p.price_year))


def reimbursed(insured: Value, assisted: Value, status: Value, monitoring: Value, p: Any) -> Value:
    """Share of a bill paid by insurance and relief: by category and era; nothing without insurance.

    ``assisted`` says whether the person is on 低保 or 特困.
    """
    watched = is_watched(monitoring)
    poor = (status == POOR) | (status == RETURNED)
    left = where(status == EXITED, p.reimbursed_exited, p.reimbursed_other)
    share = where(assisted, p.reimbursed_dibao, where(poor, p.reimbursed_poor, where(watched, p.reimbursed_monitored, left)))
    return where(insured == 1, share, 0.0)


def illness_bill(z: Value, p: Any) -> Value:
    """Total bill of a serious illness in its year, lognormal, yuan."""
    return p.bill * prices(p) * exp(p.bill_spread * z)


def school_bill(stage: Value, p: Any) -> Value:
    """Own cost of a year at school before aid, yuan."""
    return where(stage == NO_STAGE, 0.0, p.school_cost[maximum(0, stage - 1)] * prices(p))


def acute_bill(
    z: Value, u_accident: Value, age: Value, health: Value, sick_years: Value, capacity: Value, share: Value, p: Any
) -> Value:
    """Own-paid part of the bills of a serious illness in its year and of an accident, yuan; ``share`` is reimbursed."""
    onset = (sick_years == 1) & (health == SERIOUS)
    bill = where(onset, illness_bill(z, p), 0.0) + where(is_hurt(u_accident, age, capacity, p), p.accident_bill * prices(p), 0.0)
    return bill * (1.0 - share)


def chronic_bill(health: Value, p: Any) -> Value:
    """Own-paid cost of a chronic illness, yuan."""
    return where(health == CHRONIC, p.chronic_cost * prices(p), 0.0)


def is_hit(struck: Value, u: Value, size: Value, p: Any) -> Value:
    """1 if a disaster in the village hits the household; nobody is hit in an empty house."""
    return where((struck == 1) & (u < p.disaster_hits) & (size > 0), 1, 0)


def repair_bill(hit: Value, p: Any) -> Value:
    """What a household hit by a disaster pays for repair, yuan."""
    return where(hit == 1, p.repair_cost * prices(p), 0.0)


def to_fen(yuan: Value) -> Value:
    """Whole fen, as a float: how an expenditure enters the account, once."""
    return floor(yuan * FEN + 0.5)


# --- labour lost -----------------------------------------------------------------------------------------


def is_hurt(u: Value, age: Value, capacity: Value, p: Any) -> Value:
    """Whether one who works, paid or not, has an accident."""
    return (u < p.accident) & (capacity >= WEAK) & (age >= 16)


def sick_tenths(health: Value, sick_years: Value, hurt: Value, p: Any) -> Value:
    """Months of labour lost to own illness or accident, in tenths: most in the year of onset, a share of the years after."""
    onset = where((sick_years == 1) & (health == SERIOUS), 10.0 * p.months_lost, 0.0)
    after = where((sick_years > 1) & (sick_years <= 1 + p.later_years), p.later_share * YEAR, 0.0)
    return floor(minimum(YEAR, onset + after + where(hurt, 10.0 * p.accident_months, 0.0)) + 0.5)


def needs_care(health: Value, sick_years: Value) -> Value:
    """Whether a member takes a carer's time this year: newly and seriously ill, or newly disabled."""
    return (sick_years == 1) & ((health == SERIOUS) | (health == DISABLED))


def may_care(age: Value, capacity: Value, stage: Value, sick_years: Value) -> Value:
    """Whether a member can look after another."""
    return (age >= 16) & (capacity >= WEAK) & (stage == NO_STAGE) & (sick_years != 1)


def care_rank(work: Value) -> Value:
    """Who looks after the sick: those at home first, those away last."""
    return where(work == NO_WORK, 0, where(work == AWAY, 2, 1))


def care_tenths(needy: Value, sick: Value, p: Any) -> Value:
    """Months in tenths that a carer of so many loses, as far as own illness leaves them."""
    return floor(minimum(needy * p.carer_share * YEAR, YEAR - sick) + 0.5)


# --- guarantees ------------------------------------------------------------------------------------------


def house_safe(u_lost: Value, u_mended: Value, safe: Value, hit: Value, registered: Value, p: Any) -> Value:
    """1 while the house is safe: it ages, a disaster can break it, the usual programme mends it."""
    lost = u_lost < where(hit == 1, p.house_damaged + p.house_ages, p.house_ages)
    mended = u_mended < where(registered, p.house_mended_registered, p.house_mended_other)
    return where(safe == 1, where(lost, 0, 1), where(mended, 1, 0))


def water_safe(u: Value, safe: Value, dry: Value, p: Any) -> Value:
    """1 while drinking water is safe: where the village's springs run dry some lose it, until works bring it back."""
    lost = (dry == 1) & (u < p.spring_households)
    return where(safe == 1, where(lost, 0, 1), where((dry == 0) & (u < p.water_mended), 1, 0))


def premium_subsidised(help_: Value, registered: Value) -> Value:
    """Share of the household's premium paid for it: what measures pay; where none ever did, all of it for the registered."""
    return where(help_ < 0.0, where(registered, 1.0, 0.0), help_)


def premium_paid(u: Value, subsidised: Value, p: Any) -> Value:
    """1 if the household is insured this year; fewer are the less of their premium is paid for them."""
    return where(u < subsidised * p.premium_unpaid_subsidised + (1.0 - subsidised) * p.premium_unpaid, 0, 1)


def out_of_school(age: Value, stage: Value) -> Value:
    """Whether a child of compulsory age is out of school."""
    return (age >= 6) & (age < 15) & (stage != COMPULSORY)


# --- the body --------------------------------------------------------------------------------------------

_PERSON_DRAWS: Final = ("shock_bill_z", "shock_accident")
_HOUSEHOLD_DRAWS: Final = ("shock_hit", "shock_house", "shock_house_mended", "shock_water", "shock_premium")


def tabulate(p: Any) -> tuple[Any, ...]:
    """What costs the same for all, in fen: a chronic illness by health, a year at school by stage, repair by hit or not."""
    health, stage, hit = np.arange(len(schema.Health)), np.arange(len(schema.Stage)), np.arange(2)
    return to_fen(chronic_bill(health, p)), to_fen(school_bill(stage, p)), to_fen(repair_bill(hit, p))


def shocks_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns; the villages' luck stands in ``vi``."""
    a, b = off[h0], off[h1]
    count = h1 - h0
    status, village = hi[c.STATUS, h0:h1], hi[c.VILLAGE, h0:h1]
    registered = is_registered(status)
    hit = is_hit(vi[c.STRUCK, village], uh[0], hi[c.SIZE, h0:h1], p)
    hi[c.HIT, h0:h1] = hit
    hi[c.HOUSE_SAFE, h0:h1] = house_safe(uh[1], uh[2], hi[c.HOUSE_SAFE, h0:h1], hit, registered, p)
    hi[c.WATER_SAFE, h0:h1] = water_safe(uh[3], hi[c.WATER_SAFE, h0:h1], vi[c.DRY, village], p)
    paid = premium_paid(uh[4], premium_subsidised(hf[c.PREMIUM_HELP, h0:h1], registered), p)
    hi[c.INSURED_ALL, h0:h1] = paid

    pi[c.SICK_MONTHS, a:b] = pi[c.CARE_MONTHS, a:b] = 0
    pf[c.BILL, a:b] = 0.0
    i, of, (z, u) = here, house[here] - h0, up
    age, stage, health, sick_years, capacity = (pi[row, i] for row in (c.AGE, c.STAGE, c.HEALTH, c.SICK_YEARS, c.CAPACITY))
    pi[c.INSURED, i] = paid[of]
    share = reimbursed(paid[of], (pi[c.DIBAO, i] > 0) | (pi[c.TEKUN, i] > 0), status[of], hi[c.MONITORING, h0 + of], p)

    def total(yuan: Any) -> Any:
        return np.bincount(of, weights=to_fen(yuan), minlength=count)  # whole fen: exact in any order

    acute = acute_bill(z, u, age, health, sick_years, capacity, share, p)
    pf[c.BILL, i] = to_fen(acute) / FEN
    spent[ACUTE, h0:h1] = total(acute)
    spent[CHRONIC_COST, h0:h1] = total(chronic_bill(health, p))
    spent[SCHOOLING, h0:h1] = total(school_bill(stage, p))
    spent[REPAIR, h0:h1] = to_fen(repair_bill(hit, p))
    hi[c.SCHOOL_SAFE, h0:h1] = np.bincount(of[out_of_school(age, stage)], minlength=count) == 0

    pi[c.SICK_MONTHS, i] = sick_tenths(health, sick_years, is_hurt(u, age, capacity, p), p)
    needy = np.bincount(of[needs_care(health, sick_years)], minlength=count)
    carers = np.flatnonzero(may_care(age, capacity, stage, sick_years) & (needy[of] > 0))
    carers = carers[np.lexsort((i[carers], care_rank(pi[c.WORK, i[carers]]), of[carers]))]
    _, first = np.unique(of[carers], return_index=True)
    carer = carers[first]
    pi[c.CARE_MONTHS, i[carer]] = care_tenths(needy[of[carer]], pi[c.SICK_MONTHS, i[carer]], p)


HURT, UNWELL = range(len(c.PERSON_INTS), len(c.PERSON_INTS) + 2)  # rows of the desk beyond those of a person
Z_BILL, U_ACCIDENT = word_rows(_PERSON_DRAWS)
U_HIT, U_HOUSE, U_MENDED, U_WATER, U_PREMIUM = word_rows(_HOUSEHOLD_DRAWS)
COUNTS, HIT, SAFE, WATER, PAID = range(5)  # rows of households, and what the first counts
CHRONICS, KINDERGARTENS, COMPULSORIES, SENIORS, COLLEGES, MISSING, NEEDY = range(7)
TAKEN: Final = (c.AGE, c.STAGE, c.HEALTH, c.SICK_YEARS, c.CAPACITY)


def shocks_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, rule by rule over the persons and households of a block, to be lifted."""
    homes_loop(h0, h1, desk, hi, hf, vi, p)
    take(pi, TAKEN, desk, count, desk.ints)
    wipe(pi, (c.SICK_MONTHS, c.CARE_MONTHS), off[h0], off[h1])
    wipe(pf, (c.BILL,), off[h0], off[h1])
    members_loop(count, desk, p)
    add_up(desk, COUNTS, count, h1 - h0)
    spend_loop(h0, h1, desk, hi, spent, tables)
    bills_loop(h0, count, desk, pi, pf, hi, spent, p)
    care_loop(h0, h1, desk, pi, p)


def homes_loop(h0: int, h1: int, desk: Any, hi: Any, hf: Any, vi: Any, p: Any) -> None:
    """Disaster, house, water and premium of the households."""
    homes, words = desk.homes, desk.home_words
    for k in range(h1 - h0):
        village = hi[c.VILLAGE, np.uint64(h0 + k)]
        homes[HIT, k] = vi[c.STRUCK, village]
        homes[WATER, k] = vi[c.DRY, village]
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        homes[HIT, k] = is_hit(homes[HIT, k], unit(words[U_HIT, k]), hi[c.SIZE, h], p)
        homes[WATER, k] = water_safe(unit(words[U_WATER, k]), hi[c.WATER_SAFE, h], homes[WATER, k], p)
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        registered = is_registered(hi[c.STATUS, h])
        u_lost, u_mended = unit(words[U_HOUSE, k]), unit(words[U_MENDED, k])
        homes[SAFE, k] = house_safe(u_lost, u_mended, hi[c.HOUSE_SAFE, h], homes[HIT, k], registered, p)
        homes[PAID, k] = premium_paid(unit(words[U_PREMIUM, k]), premium_subsidised(hf[c.PREMIUM_HELP, h], registered), p)
    for row, column in ((HIT, c.HIT), (SAFE, c.HOUSE_SAFE), (WATER, c.WATER_SAFE), (PAID, c.INSURED_ALL)):
        for k in range(h1 - h0):
            hi[column, np.uint64(h0 + k)] = homes[row, k]


def members_loop(count: int, desk: Any, p: Any) -> None:
    """Who has an accident; small counts of the members of each household."""
    ints, words, cells = desk.ints, desk.words, desk.cells
    for j in range(count):
        hurt = is_hurt(unit(words[U_ACCIDENT, j]), ints[c.AGE, j], ints[c.CAPACITY, j], p)
        ints[HURT, j] = hurt
        ints[UNWELL, j] = hurt | (ints[c.SICK_YEARS, j] > 0)
    for j in range(count):
        stage = ints[c.STAGE, j]
        cells[COUNTS, j + 1] = packed(
            ints[c.HEALTH, j] == CHRONIC, stage == KINDERGARTEN, stage == COMPULSORY, stage == SENIOR, stage == COLLEGE,
            out_of_school(ints[c.AGE, j], stage), needs_care(ints[c.HEALTH, j], ints[c.SICK_YEARS, j]), 0,
        )  # fmt: skip


def spend_loop(h0: int, h1: int, desk: Any, hi: Any, spent: Any, tables: Any) -> None:
    """What costs the same for all, by how many there are; whether every child is in school."""
    homes = desk.homes
    chronic, school, repair = tables
    for k in range(h1 - h0):
        spent[ACUTE, np.uint64(h0 + k)] = 0
    for k in range(h1 - h0):
        spent[CHRONIC_COST, np.uint64(h0 + k)] = unpacked(homes[COUNTS, k], CHRONICS) * chronic[CHRONIC]
    for k in range(h1 - h0):
        n = homes[COUNTS, k]
        spent[SCHOOLING, np.uint64(h0 + k)] = (
            unpacked(n, KINDERGARTENS) * school[KINDERGARTEN] + unpacked(n, COMPULSORIES) * school[COMPULSORY]
            + unpacked(n, SENIORS) * school[SENIOR] + unpacked(n, COLLEGES) * school[COLLEGE]
        )  # fmt: skip
    for k in range(h1 - h0):
        spent[REPAIR, np.uint64(h0 + k)] = where(homes[HIT, k] == 1, repair[1], repair[0])
    for k in range(h1 - h0):
        hi[c.SCHOOL_SAFE, np.uint64(h0 + k)] = unpacked(homes[COUNTS, k], MISSING) == 0


def bills_loop(h0: int, count: int, desk: Any, pi: Any, pf: Any, hi: Any, spent: Any, p: Any) -> None:
    """Bills and lost months of those who are ill or hurt."""
    here, of, ints, words, homes = desk.here, desk.of, desk.ints, desk.words, desk.homes
    for j in range(count):
        pi[c.INSURED, here[j]] = homes[PAID, of[j]]
    for j in range(count):
        if ints[UNWELL, j]:
            i, h, hurt = here[j], h0 + of[j], ints[HURT, j] == 1
            health, sick_years = ints[c.HEALTH, j], ints[c.SICK_YEARS, j]
            pi[c.SICK_MONTHS, i] = sick_tenths(health, sick_years, hurt, p)
            if hurt or sick_years == 1:
                assisted = (pi[c.DIBAO, i] > 0) | (pi[c.TEKUN, i] > 0)
                share = reimbursed(homes[PAID, of[j]], assisted, hi[c.STATUS, h], hi[c.MONITORING, h], p)
                z = 0.0
                if health == SERIOUS:
                    z = normal_of(unit(words[Z_BILL, j]))
                u, age, capacity = unit(words[U_ACCIDENT, j]), ints[c.AGE, j], ints[c.CAPACITY, j]
                bill = to_fen(acute_bill(z, u, age, health, sick_years, capacity, share, p))
                spent[ACUTE, h] += bill
                pf[c.BILL, i] = bill / FEN


def care_loop(h0: int, h1: int, desk: Any, pi: Any, p: Any) -> None:
    """In each household where someone needs care, the first of the least occupied gives it."""
    here, begin, ints, homes = desk.here, desk.begin, desk.ints, desk.homes
    for k in range(h1 - h0):
        needy = unpacked(homes[COUNTS, k], NEEDY)
        if needy > 0:
            carer, rank = -1, 9
            for j in range(begin[k], begin[k + 1]):
                if may_care(ints[c.AGE, j], ints[c.CAPACITY, j], ints[c.STAGE, j], ints[c.SICK_YEARS, j]):
                    mine = care_rank(pi[c.WORK, here[j]])
                    if mine < rank:
                        carer, rank = j, mine
            if carer >= 0:
                i = here[carer]
                pi[c.CARE_MONTHS, i] = care_tenths(needy, pi[c.SICK_MONTHS, i], p)


PHASE: Final = Phase(
    "shocks", _PERSON_DRAWS, _HOUSEHOLD_DRAWS, _PARAMS, shocks_numpy, shocks_loop, pack=ShockParams._make, tabulate=tabulate
)


def shocks(s: State, world: World, draws: Draws, year: int) -> None:
    """Strike villages, then households and persons (phase 2).

    Parameters
    ----------
    s : State
        Changed: rigid expenditure, labour lost, guarantees, villages struck.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    if compiler.enabled():
        run(village_step(s, world, year, Part(shared=draws.luck(world.layout.draw_id, year).shared)))
    else:
        p = PHASE.arguments(world, year)
        u_disaster, u_spring = draws.named(world.layout.village_names, year, _VILLAGE_DRAWS)
        s.vi[c.STRUCK] = u_disaster < p.disaster * p.disaster_factor
        s.vi[c.DRY] = u_spring < p.spring_dries
    PHASE.run(s, world, draws, year)


_VILLAGE_DRAWS: Final = ("village_disaster", "village_spring")


def village_step(s: State, world: World, year: int, luck: Part) -> Step:
    """What strikes villages, compiled."""

    def make() -> Part:
        p = PHASE.arguments(world, year)
        return Part(lanes=plan(_VILLAGE_DRAWS).lanes, struck=float(p.disaster * p.disaster_factor), dry=float(p.spring_dries))

    of_year = world.keep(("villages", "shocks", year), make)
    return step(villages_loop, world.layout.part, s.part, luck, of_year)


def villages_loop(
    village_ids: Any, each_village: Any, village_slots: Any, vi: Any, shared: Any, lanes: Any, struck: Any, dry: Any
) -> None:
    """Strike villages."""
    drawn = fill_loop(Luck(village_ids, shared), each_village, village_slots, each_village, lanes)
    for v in range(len(each_village)):
        vi[c.STRUCK, v], vi[c.DRY, v] = drawn[0, v] < struck, drawn[1, v] < dry


def open_houses(s: State, world: World, draws: Draws) -> None:
    """Draw once, for a whole life, how bad each house is once it is unsafe: of two grades, by the share that a measure states."""
    (s.hf[c.HOUSE_LUCK],) = draws.households(world.layout.draw_id, LASTING, ("shock_house_grade",))
