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
from povsim.core.elementary import exp, log, maximum, minimum, where
from povsim.engine import columns as c
from povsim.engine.people import is_registered
from povsim.engine.phase import Phase
from povsim.engine.state import FEN

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Value = Any  # a number or a column

NO_STAGE, COMPULSORY = int(schema.Stage.NONE), int(schema.Stage.COMPULSORY)
CHRONIC, SERIOUS, DISABLED = (int(schema.Health[name]) for name in ("CHRONIC", "SERIOUS", "DISABLED"))
WEAK = int(schema.Capacity.WEAK)
NO_WORK, AWAY = int(schema.Work.NONE), int(schema.Work.AWAY)
POOR, EXITED, RETURNED = (int(schema.Status[name]) for name in ("POOR", "EXITED", "RETURNED"))
UNSTABLE, MARGINAL, SUDDEN = (int(schema.Monitoring[name]) for name in ("UNSTABLE", "MARGINAL", "SUDDEN"))
ACUTE, CHRONIC_COST, SCHOOLING, REPAIR = (
    schema.EXPENSES.index(name) for name in ("medical_acute", "medical_chronic", "schooling", "repair")
)
YEAR = 120  # tenths of a month in a year

_PARAMS: Final = (
    *(("health", name) for name in (
        "bill", "bill_spread", "reimbursed_dibao", "reimbursed_poor", "reimbursed_monitored", "reimbursed_exited", "reimbursed_other",
        "months_lost", "carer_share", "later_share", "later_years", "chronic_cost",
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
    watched = (monitoring == UNSTABLE) | (monitoring == MARGINAL) | (monitoring == SUDDEN)
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


# --- labour lost -----------------------------------------------------------------------------------------


def sick_tenths(health: Value, sick_years: Value, hurt: Value, p: Any) -> Value:
    """Months of labour lost to one's own illness or accident, in tenths: most in the year of onset, a share of the years after."""
    onset = where((sick_years == 1) & (health == SERIOUS), 10.0 * p.months_lost, 0.0)
    after = where((sick_years > 1) & (sick_years <= 1 + p.later_years), p.later_share * YEAR, 0.0)
    return minimum(YEAR, onset + after + where(hurt, 10.0 * p.accident_months, 0.0))


def needs_care(health: Value, sick_years: Value) -> Value:
    """Whether a member takes a carer's time this year: newly and seriously ill, or newly disabled."""
    return (sick_years == 1) & ((health == SERIOUS) | (health == DISABLED))


def may_care(age: Value, capacity: Value, stage: Value, sick_years: Value) -> Value:
    """Whether a member can look after another."""
    return (age >= 16) & (capacity >= WEAK) & (stage == NO_STAGE) & (sick_years != 1)


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


def premium_paid(u: Value, registered: Value, p: Any) -> Value:
    """1 if the household pays this year's premium; fewer do where it is not subsidised."""
    return where(u < where(registered, p.premium_unpaid_subsidised, p.premium_unpaid), 0, 1)


def out_of_school(age: Value, stage: Value) -> Value:
    """Whether a child of compulsory age is out of school."""
    return (age >= 6) & (age < 15) & (stage != COMPULSORY)


# --- the body --------------------------------------------------------------------------------------------

_PERSON_DRAWS: Final = ("shock_bill_z", "shock_accident")
_HOUSEHOLD_DRAWS: Final = ("shock_hit", "shock_house", "shock_house_mended", "shock_water", "shock_premium")


def shocks_numpy(
    h0: int, h1: int, off: Any, house: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any, vi: Any, vf: Any,
    up: Any, uh: Any, p: Any,
) -> None:  # fmt: skip
    """Strike the households of a block, in columns; the villages' luck stands in ``vi``."""
    a, b = off[h0], off[h1]
    count = h1 - h0
    status, village = hi[c.STATUS, h0:h1], hi[c.VILLAGE, h0:h1]
    registered = is_registered(status)
    hit = (vi[c.STRUCK, village] == 1) & (uh[0] < p.disaster_hits)
    hi[c.HIT, h0:h1] = hit
    hi[c.HOUSE_SAFE, h0:h1] = house_safe(uh[1], uh[2], hi[c.HOUSE_SAFE, h0:h1], hit, registered, p)
    hi[c.WATER_SAFE, h0:h1] = water_safe(uh[3], hi[c.WATER_SAFE, h0:h1], vi[c.DRY, village], p)
    paid = premium_paid(uh[4], registered, p)
    hi[c.INSURED_ALL, h0:h1] = paid

    i = a + np.flatnonzero(pi[c.ALIVE, a:b])
    of, u = house[i] - h0, up[:, i - a]
    age, stage, health, sick_years, capacity = (pi[row, i] for row in (c.AGE, c.STAGE, c.HEALTH, c.SICK_YEARS, c.CAPACITY))

    def total(yuan: Any) -> Any:
        """Sum over the persons of each household, each rounded to the fen once."""
        fen = np.zeros(count, np.int64)
        np.add.at(fen, of, np.rint(yuan * FEN).astype(np.int64))
        return fen

    pi[c.INSURED, i] = paid[of]
    hurt = (u[1] < p.accident) & (capacity >= WEAK) & (age >= 16)
    onset = (sick_years == 1) & (health == SERIOUS)
    assisted = (pi[c.DIBAO, i] > 0) | (pi[c.TEKUN, i] > 0)
    share = reimbursed(paid[of], assisted, status[of], hi[c.MONITORING, h0 + of], p)
    bill = where(onset, illness_bill(u[0], p), 0.0) + where(hurt, p.accident_bill * prices(p), 0.0)
    spent[ACUTE, h0:h1] = total(bill * (1.0 - share))
    spent[CHRONIC_COST, h0:h1] = total(where(health == CHRONIC, p.chronic_cost * prices(p), 0.0))
    spent[SCHOOLING, h0:h1] = total(school_bill(stage, p))
    spent[REPAIR, h0:h1] = np.rint(where(hit, p.repair_cost * prices(p), 0.0) * FEN)
    hi[c.SCHOOL_SAFE, h0:h1] = np.bincount(of[out_of_school(age, stage)], minlength=count) == 0

    pi[c.SICK_MONTHS, a:b] = 0
    pi[c.CARE_MONTHS, a:b] = 0
    pi[c.SICK_MONTHS, i] = np.rint(sick_tenths(health, sick_years, hurt, p))
    needy = np.bincount(of[needs_care(health, sick_years)], minlength=count)
    work = pi[c.WORK, i]
    rank = where(work == NO_WORK, 0, where(work == AWAY, 2, 1))  # those at home care first, those away last
    carers = np.flatnonzero(may_care(age, capacity, stage, sick_years) & (needy[of] > 0))
    carers = carers[np.lexsort((i[carers], rank[carers], of[carers]))]
    _, first = np.unique(of[carers], return_index=True)
    carer = carers[first]
    care = np.minimum(needy[of[carer]] * p.carer_share * YEAR, YEAR - pi[c.SICK_MONTHS, i[carer]])
    pi[c.CARE_MONTHS, i[carer]] = np.rint(care)


PHASE: Final = Phase("shocks", _PERSON_DRAWS, _HOUSEHOLD_DRAWS, _PARAMS, shocks_numpy, pack=ShockParams._make)


def shocks(s: State, world: World, draws: Draws, year: int) -> None:
    """Strike villages, then households and persons (phase 2).

    Parameters
    ----------
    s : State
        Changed: rigid expenditure, labour lost, guarantees, villages struck.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    p = PHASE.arguments(world, year)
    u_disaster, u_spring = draws.named(world.layout.village_names, year, ("village_disaster", "village_spring"))
    s.vi[c.STRUCK] = u_disaster < p.disaster * p.disaster_factor
    s.vi[c.DRY] = u_spring < p.spring_dries
    PHASE.run(s, world, draws, year)
