"""Owns: the account of the year (phase 4): wages, farming, rent, pension, other transfers, resettlement support; its opening.
Never: paid months and wages (labour), what a measure pays (policy.measures, through engine.measures), the safety net.

An item is rounded to the fen once, where it enters the account; sums are of whole fen.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core import schema
from povsim.core.elementary import exp, floor, log, maximum, minimum, sqrt, where
from povsim.engine import columns as c
from povsim.engine.phase import Phase
from povsim.engine.state import FEN, LASTING

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Value = Any  # a number or a column

ROW: Final = {item.name: row for row, item in enumerate(schema.ITEMS)}
UNABLE, WEAK, ORDINARY = (int(schema.Capacity[name]) for name in ("NONE", "WEAK", "ORDINARY"))
DISABLED = int(schema.Health.DISABLED)
NO_STAGE = int(schema.Stage.NONE)
AWAY = int(schema.Work.AWAY)
YEAR = 120  # tenths of a month in a year
WAGES: Final = np.array([ROW[f"wage_{kind}"] for kind in ("other", "local", "away", "workshop", "post")])  # by schema.Work
FARM, RENT, PENSION, SUPPORT, OTHER, RESETTLEMENT = (
    ROW[name] for name in ("farm", "rent", "pension", "support_children", "other_transfer", "resettlement")
)

_PARAMS: Final = (
    *(("farming", name) for name in (
        "margin_mu", "margin_labourer", "hands_weak", "hands_old", "lasting_spread", "lasting_lasts", "passing_spread",
        "scale_most",
    )),
    *(("transfers", name) for name in ("pension_paid", "other_transfers", "transfer_growth", "resettlement", "rent_growth")),
    ("work", "living_cost_away"),
    ("shocks", "disaster_farm_loss"),
    ("economy", "farm_margin_growth"),
    ("economy", "price_year"),
    ("lines", "pension_minimum"),
    ("year", ""),
)  # fmt: skip
IncomeParams = namedtuple("IncomeParams", [name or group for group, name in _PARAMS])  # type: ignore[misc]


# --- rules -----------------------------------------------------------------------------------------------


def wage_income(tenths: Value, wage_month: Value, kind: Value, p: Any) -> Value:
    """Wage of a year, yuan; away from home living cost is taken off."""
    return tenths / 10.0 * wage_month * where(kind == AWAY, 1.0 - p.living_cost_away, 1.0)


def to_fen(yuan: Value) -> Value:
    """Whole fen, as a float: how an income enters the account, once."""
    return floor(yuan * FEN + 0.5)


def left_tenths(paid: Value, unfit: Value) -> Value:
    """Months of the year, in tenths, that paid work, illness and care leave for the farm."""
    return maximum(0, YEAR - paid - unfit)


def hands(able: Value, weak: Value, old: Value, used: Value, p: Any) -> Value:
    """Labourers on the farm over the year, from the tenths of months that the able, the weak and the old have left.

    ``used`` months of the able and weak go to what measures brought (an orchard): they are not counted a second time.
    """
    return (maximum(0.0, able + p.hands_weak * weak - 10.0 * used) + p.hands_old * old) / YEAR


def usual_farm(land: Value, labour: Value, p: Any) -> Value:
    """Farm income on the usual margins in a usual year, yuan."""
    growth = exp(log(1.0 + p.farm_margin_growth) * (p.year - p.price_year))
    return (p.margin_mu * maximum(0.0, land) + p.margin_labourer * labour) * growth


def farm_luck(lasting: Value, passing_z: Value, p: Any) -> Value:
    """Factor of the year on farm income, mean 1: a lasting and a passing log deviation."""
    lasting_mean = 0.5 * p.lasting_spread * p.lasting_spread
    passing_mean = 0.5 * p.passing_spread * p.passing_spread
    return exp(lasting - lasting_mean + p.passing_spread * passing_z - passing_mean)


def next_lasting(lasting: Value, z: Value, p: Any) -> Value:
    """AR(1) log deviation whose spread stays ``lasting_spread``."""
    return p.lasting_lasts * lasting + p.lasting_spread * sqrt(1.0 - p.lasting_lasts * p.lasting_lasts) * z


def pension_year(drawing: Value, p: Any) -> Value:
    """Basic pension of a year for so many who draw it, yuan."""
    return drawing * 12.0 * p.pension_minimum * p.pension_paid


def carried(last_fen: Value, growth: Value) -> Value:
    """An income that goes on as last year, with growth, yuan."""
    return last_fen / FEN * (1.0 + growth)


def scale_to(stated: Value, usual: Value, most: Value) -> Value:
    """Factor that brings a usual amount to the stated one, between 0 and ``most``."""
    return minimum(most, maximum(0.0, stated) / maximum(1.0, usual))


def farm_class(age: Value, capacity: Value, stage: Value, health: Value) -> Value:
    """Who lends a hand on the farm: 1 the able, 2 the weak, 3 the old who are not disabled, 0 nobody."""
    old = (capacity == UNABLE) & (age >= 60) & (health != DISABLED)
    grown = where(capacity >= ORDINARY, 1, where(capacity == WEAK, 2, where(old, 3, 0)))
    return where((stage != NO_STAGE) | (age < 16), 0, grown)


def farm_year(scale: Value, land: Value, labour: Value, lasting: Value, passing_z: Value, hit: Value, p: Any) -> Value:
    """Farm income of a year, yuan: the household's scale on the usual margins, its luck, and the loss if a disaster hit it."""
    kept = where(hit == 1, 1.0 - p.disaster_farm_loss, 1.0)
    return scale * usual_farm(land, labour, p) * farm_luck(lasting, passing_z, p) * kept


# --- the bodies ------------------------------------------------------------------------------------------


def farm_hands(h0: int, h1: int, off: Any, house: Any, pi: Any, used: Any, p: Any) -> Any:
    """Labourers on the farm of each household of a range over the year, float64 (h1 - h0,)."""
    a, b = off[h0], off[h1]
    i = a + np.flatnonzero(pi[c.ALIVE, a:b])
    left = left_tenths(pi[c.MONTHS, i], pi[c.SICK_MONTHS, i] + pi[c.CARE_MONTHS, i])
    kind = farm_class(pi[c.AGE, i], pi[c.CAPACITY, i], pi[c.STAGE, i], pi[c.HEALTH, i])
    cell = np.bincount((house[i] - h0) * 4 + kind, weights=left, minlength=4 * (h1 - h0)).reshape(-1, 4)
    return hands(cell[:, 1], cell[:, 2], cell[:, 3], used, p)


def earn_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns."""
    i, count = here, h1 - h0
    kind, of = pi[c.PAID, i], house[i] - h0
    fen = to_fen(wage_income(pi[c.MONTHS, i], pf[c.WAGE_MONTH, i], kind, p))
    wages = np.bincount(of * len(WAGES) + kind, weights=fen, minlength=count * len(WAGES))  # whole fen: exact in any order
    items[WAGES, h0:h1] += wages.reshape(count, len(WAGES)).T.astype(np.int64)

    mine = slice(h0, h1)
    hf[c.FARM_SHOCK, mine] = next_lasting(hf[c.FARM_SHOCK, mine], uh[0], p)
    labour = farm_hands(h0, h1, off, house, pi, hf[c.HANDS_USED, mine], p)
    land = hf[c.LAND, mine] - hf[c.LAND_USED, mine]
    size = hi[c.SIZE, mine]
    drawing = np.bincount(of[pi[c.PENSION, i] == 1], minlength=count)
    lived = where(size > 0, 1.0, 0.0)
    farm = farm_year(hf[c.FARM_SCALE, mine], land, labour, hf[c.FARM_SHOCK, mine], uh[1], hi[c.HIT, mine], p)
    items[FARM, mine] = to_fen(lived * farm)
    items[RENT, mine] = to_fen(lived * carried(last[RENT, mine], p.rent_growth))
    items[SUPPORT, mine] = to_fen(lived * carried(last[SUPPORT, mine], p.transfer_growth))
    items[PENSION, mine] = to_fen(pension_year(drawing, p))
    items[OTHER, mine] += to_fen(hf[c.TRANSFER_SCALE, mine] * p.other_transfers * size).astype(np.int64)
    items[RESETTLEMENT, mine] = to_fen(p.resettlement * size * hi[c.RESETTLED, mine])


def earn_loop(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, household by household, to be lifted."""
    left = np.zeros(4)
    for h in range(h0, h1):
        k = h - h0
        left[:] = 0.0
        drawing = 0
        for j in range(begin[k], begin[k + 1]):
            i = here[j]
            kind, months = pi[c.PAID, i], pi[c.MONTHS, i]
            items[WAGES[kind], h] += to_fen(wage_income(months, pf[c.WAGE_MONTH, i], kind, p))
            share = farm_class(pi[c.AGE, i], pi[c.CAPACITY, i], pi[c.STAGE, i], pi[c.HEALTH, i])
            left[share] += left_tenths(months, pi[c.SICK_MONTHS, i] + pi[c.CARE_MONTHS, i])
            drawing += pi[c.PENSION, i] == 1
        lasting = next_lasting(hf[c.FARM_SHOCK, h], uh[0, k], p)
        hf[c.FARM_SHOCK, h] = lasting
        labour = hands(left[1], left[2], left[3], hf[c.HANDS_USED, h], p)
        land = hf[c.LAND, h] - hf[c.LAND_USED, h]
        size = hi[c.SIZE, h]
        lived = where(size > 0, 1.0, 0.0)
        farm = farm_year(hf[c.FARM_SCALE, h], land, labour, lasting, uh[1, k], hi[c.HIT, h], p)
        items[FARM, h] = to_fen(lived * farm)
        items[RENT, h] = to_fen(lived * carried(last[RENT, h], p.rent_growth))
        items[SUPPORT, h] = to_fen(lived * carried(last[SUPPORT, h], p.transfer_growth))
        items[PENSION, h] = to_fen(pension_year(drawing, p))
        items[OTHER, h] += to_fen(hf[c.TRANSFER_SCALE, h] * p.other_transfers * size)
        items[RESETTLEMENT, h] = to_fen(p.resettlement * size * hi[c.RESETTLED, h])


PHASE: Final = Phase("income", (), ("farm_lasting_z", "farm_passing_z"), _PARAMS, earn_numpy, earn_loop, pack=IncomeParams._make)


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Enter what the measures pay, then the rest of the year's income: the farm gets the hands that they leave (phase 4).

    Parameters
    ----------
    s : State
        The account is filled; work, shocks and allocation of the year must stand.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    from povsim.engine import measures

    measures.earn(s, world, draws, year)
    PHASE.run(s, world, draws, year)


def open_accounts(s: State, world: World, draws: Draws) -> None:
    """Back out, once per replicate, what brings each household to the incomes stated at the opening.

    Wages are told apart by where they were earned. Farming is scaled to the stated operating income. Of the stated transfers,
    pensions and resettlement support are known by who draws them; other transfers go up to their usual level; what is left came
    from the safety net where someone is on it, else from children.
    """
    layout, p = world.layout, PHASE.arguments(world, world.scenario.run.opening)
    wages = wage_income(s.pi[c.MONTHS], s.pf[c.WAGE_MONTH], s.pi[c.WORK], p)
    away = layout.per_household(where(s.pi[c.WORK] == AWAY, wages, 0.0)) / maximum(1.0, layout.per_household(wages))
    s.items[ROW["wage_away"]] = to_fen(s.items[ROW["wage_local"]] / FEN * away)
    s.items[ROW["wage_local"]] -= s.items[ROW["wage_away"]]

    (z,) = draws.households(layout.draw_id, LASTING, ("farm_first_z",))
    s.hf[c.FARM_SHOCK] = p.lasting_spread * z
    usual = usual_farm(s.hf[c.LAND], farm_hands(0, layout.households, layout.off, layout.house, s.pi, 0.0, p), p)
    s.hf[c.FARM_SCALE] = scale_to(s.items[FARM] / FEN, usual, p.scale_most)

    size = s.hi[c.SIZE]
    drawing = layout.per_household(((s.pi[c.ALIVE] == 1) & (s.pi[c.PENSION] == 1)).astype(np.int64))
    tekun = layout.per_household((s.pi[c.TEKUN] > 0).astype(np.int64)) > 0
    left = s.items[ROW["other_transfer"]].copy()
    netted = s.hi[c.NETTED] > 0
    for name, yuan, who in (
        ("pension", pension_year(drawing, p), True),
        ("resettlement", p.resettlement * size * s.hi[c.RESETTLED], True),
        ("other_transfer", p.other_transfers * size, True),
        ("tekun", np.inf, netted & tekun),
        ("dibao", np.inf, netted & ~tekun),
        ("support_children", np.inf, ~netted),
    ):
        part = np.where(who, np.minimum(left, np.minimum(np.rint(yuan * FEN), 2.0**53)), 0).astype(np.int64)
        s.items[ROW[name]] = part
        left -= part
    s.last[:] = s.items
    s.hf[c.TRANSFER_SCALE] = scale_to(s.items[ROW["other_transfer"]] / FEN, p.other_transfers * size, 1.0)
