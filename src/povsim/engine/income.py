"""Owns: the account of the year (phase 4): wages, farming, rent, pension, other transfers, resettlement support; its opening.
Never: paid months and wages (labour), what a measure pays (policy.measures, through engine.measures), the safety net.

Measures are entered before it. Of support by children and resettlement support a household has what measures pay or what goes on
by itself, whichever is more, never both; of other transfers the usual level less what measures say they pay out of it.

An item is rounded to the fen once, where it enters the account; sums are of whole fen.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from povsim.core import schema
from povsim.core.elementary import exp, floor, log, maximum, minimum, sqrt, where
from povsim.core.normals import normal_of
from povsim.core.randomness import decision_number
from povsim.engine import columns as c
from povsim.engine.compile import Part
from povsim.engine.draws import Draws, Luck, identities, normals, of_household, word_rows
from povsim.engine.phase import Phase, add_up, quarter, quartered, take
from povsim.engine.program import Step, step
from povsim.engine.state import FEN, LASTING

if TYPE_CHECKING:
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
FARM, RENT, PENSION, SUPPORT, OTHER, RESETTLEMENT, WAGE_LOCAL, WAGE_AWAY, TEKUN, DIBAO = (
    ROW[name] for name in (
        "farm", "rent", "pension", "support_children", "other_transfer", "resettlement", "wage_local", "wage_away", "tekun",
        "dibao",
    )
)  # fmt: skip

_PARAMS: Final = (
    *(("farming", name) for name in (
        "margin_mu", "margin_labourer", "hands_weak", "hands_old", "lasting_spread", "lasting_lasts", "passing_spread",
        "price_spread", "price_lasts", "scale_most",
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


def beyond(usual: Value, within: Value) -> Value:
    """What of a usual amount is left to enter, where measures that it holds already have paid a part of it."""
    return maximum(0.0, usual - within)


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


def next_price(log_price: Value, z: Value, p: Any) -> Value:
    """Log price of ordinary farm produce, which all farms of a town share: AR(1) whose lasting spread is ``price_spread``."""
    return p.price_lasts * log_price + p.price_spread * sqrt(1.0 - p.price_lasts * p.price_lasts) * z


def farm_price(log_price: Value, p: Any) -> Value:
    """Factor of that price on farm income, mean 1."""
    return exp(log_price - 0.5 * p.price_spread * p.price_spread)


def farm_year(
    scale: Value, land: Value, labour: Value, lasting: Value, passing_z: Value, hit: Value, price: Value, p: Any
) -> Value:  # fmt: skip
    """Farm income of a year, yuan: the household's scale on the usual margins, its luck, prices, and the loss to a disaster."""
    kept = where(hit == 1, 1.0 - p.disaster_farm_loss, 1.0)
    return scale * usual_farm(land, labour, p) * farm_luck(lasting, passing_z, p) * kept * price


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
    price = farm_price(vf[c.FARM_PRICE, 0], p)
    farm = farm_year(hf[c.FARM_SCALE, mine], land, labour, hf[c.FARM_SHOCK, mine], uh[1], hi[c.HIT, mine], price, p)
    items[FARM, mine] = to_fen(lived * farm)
    items[RENT, mine] = to_fen(lived * carried(last[RENT, mine], p.rent_growth))
    hi[c.SUPPORT_USUAL, mine] = to_fen(lived * carried(hi[c.SUPPORT_USUAL, mine], p.transfer_growth))
    items[SUPPORT, mine] = maximum(items[SUPPORT, mine], hi[c.SUPPORT_USUAL, mine])
    items[PENSION, mine] = to_fen(pension_year(drawing, p))
    other = to_fen(hf[c.TRANSFER_SCALE, mine] * p.other_transfers * size)
    items[OTHER, mine] += beyond(other, hi[c.TRANSFERS_WITHIN, mine]).astype(np.int64)
    resettlement = to_fen(p.resettlement * size * hi[c.RESETTLED, mine]).astype(np.int64)
    items[RESETTLEMENT, mine] = maximum(items[RESETTLEMENT, mine], resettlement)


_HOUSEHOLD_DRAWS: Final = ("farm_lasting_z", "farm_passing_z")
Z_LASTING, Z_PASSING = word_rows(_HOUSEHOLD_DRAWS)
LASTING_Z, PASSING_Z, LABOUR = range(len(c.PERSON_FLOATS), len(c.PERSON_FLOATS) + 3)  # rows of floats, here of households
TAKEN: Final = (c.MONTHS, c.AGE, c.CAPACITY, c.STAGE, c.HEALTH, c.SICK_MONTHS, c.CARE_MONTHS, c.PENSION)
LEFT: Final = 0  # row of cells and of households: who draws a pension, and tenths of months left to the able, the weak, the old


def earn_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, rule by rule over the persons and households of a block, to be lifted."""
    take(pi, TAKEN, desk, count, desk.ints)
    wages_loop(h0, count, desk, pi, pf, items, p)
    hands_loop(count, desk)
    add_up(desk, LEFT, count, h1 - h0)
    normals(desk.home_words, Z_LASTING, h1 - h0, desk.floats, LASTING_Z)
    normals(desk.home_words, Z_PASSING, h1 - h0, desk.floats, PASSING_Z)
    farm_loop(h0, h1, desk, hi, hf, items, farm_price(vf[c.FARM_PRICE, 0], p), p)
    transfers_loop(h0, h1, desk, hi, hf, items, last, p)


def wages_loop(h0: int, count: int, desk: Any, pi: Any, pf: Any, items: Any, p: Any) -> None:
    """Wages of those who were paid."""
    here, of, ints = desk.here, desk.of, desk.ints
    for j in range(count):
        if ints[c.MONTHS, j] > 0:
            kind = pi[c.PAID, here[j]]
            items[WAGES[kind], h0 + of[j]] += to_fen(wage_income(ints[c.MONTHS, j], pf[c.WAGE_MONTH, here[j]], kind, p))


def hands_loop(count: int, desk: Any) -> None:
    """Who draws a pension, and the months that each leaves for the farm."""
    ints, cells = desk.ints, desk.cells
    for j in range(count):
        kind = farm_class(ints[c.AGE, j], ints[c.CAPACITY, j], ints[c.STAGE, j], ints[c.HEALTH, j])
        left = left_tenths(ints[c.MONTHS, j], ints[c.SICK_MONTHS, j] + ints[c.CARE_MONTHS, j])
        cells[LEFT, j + 1] = np.uint64(ints[c.PENSION, j] == 1) + where(kind > 0, quarter(left, kind), np.uint64(0))


def farm_loop(h0: int, h1: int, desk: Any, hi: Any, hf: Any, items: Any, price: Any, p: Any) -> None:
    """Hands, luck and income of the farm."""
    floats, homes = desk.floats, desk.homes
    for k in range(h1 - h0):
        n = homes[LEFT, k]
        able, weak, old = 1.0 * quartered(n, 1), 1.0 * quartered(n, 2), 1.0 * quartered(n, 3)
        floats[LABOUR, k] = hands(able, weak, old, hf[c.HANDS_USED, np.uint64(h0 + k)], p)
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        hf[c.FARM_SHOCK, h] = next_lasting(hf[c.FARM_SHOCK, h], floats[LASTING_Z, k], p)
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        land, luck = hf[c.LAND, h] - hf[c.LAND_USED, h], hf[c.FARM_SHOCK, h]
        farm = farm_year(hf[c.FARM_SCALE, h], land, floats[LABOUR, k], luck, floats[PASSING_Z, k], hi[c.HIT, h], price, p)
        floats[LABOUR, k] = to_fen(where(hi[c.SIZE, h] > 0, 1.0, 0.0) * farm)
    for k in range(h1 - h0):
        items[FARM, np.uint64(h0 + k)] = floats[LABOUR, k]


def transfers_loop(h0: int, h1: int, desk: Any, hi: Any, hf: Any, items: Any, last: Any, p: Any) -> None:
    """Rent, support by children, pensions, other transfers, resettlement support."""
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        items[RENT, h] = to_fen(where(hi[c.SIZE, h] > 0, 1.0, 0.0) * carried(last[RENT, h], p.rent_growth))
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        hi[c.SUPPORT_USUAL, h] = to_fen(where(hi[c.SIZE, h] > 0, 1.0, 0.0) * carried(hi[c.SUPPORT_USUAL, h], p.transfer_growth))
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        items[SUPPORT, h] = maximum(items[SUPPORT, h], hi[c.SUPPORT_USUAL, h])
    for k in range(h1 - h0):
        items[PENSION, np.uint64(h0 + k)] = to_fen(pension_year(quartered(desk.homes[LEFT, k], 0), p))
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        other = to_fen(hf[c.TRANSFER_SCALE, h] * p.other_transfers * hi[c.SIZE, h])
        items[OTHER, h] += beyond(other, hi[c.TRANSFERS_WITHIN, h])
    for k in range(h1 - h0):
        h = np.uint64(h0 + k)
        items[RESETTLEMENT, h] = maximum(items[RESETTLEMENT, h], to_fen(p.resettlement * hi[c.SIZE, h] * hi[c.RESETTLED, h]))


PHASE: Final = Phase("income", (), _HOUSEHOLD_DRAWS, _PARAMS, earn_numpy, earn_loop, pack=IncomeParams._make)


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Enter what the measures pay, then the rest of the year's income: the farm gets the hands that they leave (phase 4).

    Parameters
    ----------
    s : State
        The account is filled; work, shocks and allocation of the year must stand.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    from povsim.engine import yields

    yields.earn(s, world, draws, year)
    z = draws.shared(world.town, year, "town_farm_price_z")
    s.vf[c.FARM_PRICE] = next_price(s.vf[c.FARM_PRICE], z, PHASE.arguments(world, year))
    PHASE.run(s, world, draws, year)


FARM_PRICES: Final = decision_number("town_farm_price_z")
Price = namedtuple("Price", ["price_spread", "price_lasts"])


def price_step(s: State, world: World, year: int, luck: Part) -> Step:
    """The price of what farms grow in a year, compiled."""
    p = PHASE.arguments(world, year)
    given = Part(town=identities((world.town,)), p=Price(float(p.price_spread), float(p.price_lasts)))
    return step(price_loop, s.part, luck, given)


def price_loop(vf: Any, town: Any, shared: Any, p: Any) -> None:
    """Draw it, for all villages."""
    z = normal_of(of_household(Luck(town, shared), 0, FARM_PRICES))
    for v in range(vf.shape[1]):
        vf[c.FARM_PRICE, v] = next_price(vf[c.FARM_PRICE, v], z, p)


# --- the opening -----------------------------------------------------------------------------------------


def told_apart(stated_fen: Value, away: Value, wages: Value) -> Value:
    """What of the wages stated was earned away from home, fen: as large a part as of the wages that persons have."""
    return to_fen(stated_fen / FEN * (away / maximum(1.0, wages)))


def most_of(left_fen: Value, yuan: Value) -> Value:
    """As much of what is left as so many yuan, fen."""
    return minimum(1.0 * left_fen, np.rint(yuan * FEN))


def open_numpy(
    h0: int, h1: int, off: Any, house: Any, here: Any, begin: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any,
    spent: Any, vi: Any, vf: Any, up: Any, uh: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The reference, in columns."""
    i, mine, of, count = here, slice(h0, h1), house[here] - h0, h1 - h0
    wages = wage_income(pi[c.MONTHS, i], pf[c.WAGE_MONTH, i], pi[c.WORK, i], p)
    whole = np.bincount(of, weights=wages, minlength=count)
    away = np.bincount(of, weights=where(pi[c.WORK, i] == AWAY, wages, 0.0), minlength=count)
    items[WAGE_AWAY, mine] = told_apart(items[WAGE_LOCAL, mine], away, whole)
    items[WAGE_LOCAL, mine] -= items[WAGE_AWAY, mine]

    usual = usual_farm(hf[c.LAND, mine], farm_hands(h0, h1, off, house, pi, 0.0, p), p)
    hf[c.FARM_SCALE, mine] = scale_to(items[FARM, mine] / FEN, usual, p.scale_most)

    size = hi[c.SIZE, mine]
    drawing = np.bincount(of[pi[c.PENSION, i] == 1], minlength=count)
    on_tekun = np.bincount(of[pi[c.TEKUN, i] > 0], minlength=count) > 0
    netted = hi[c.NETTED, mine] > 0
    left = items[OTHER, mine].copy()
    for row, yuan in (
        (PENSION, pension_year(drawing, p)), (RESETTLEMENT, p.resettlement * size * hi[c.RESETTLED, mine]),
        (OTHER, p.other_transfers * size),
    ):  # fmt: skip
        items[row, mine] = most_of(left, yuan)
        left -= items[row, mine]
    items[TEKUN, mine] = where(netted & on_tekun, left, 0)
    items[DIBAO, mine] = where(netted & ~on_tekun, left, 0)
    items[SUPPORT, mine] = hi[c.SUPPORT_USUAL, mine] = where(netted, 0, left)
    last[:, mine] = items[:, mine]
    hf[c.TRANSFER_SCALE, mine] = scale_to(items[OTHER, mine] / FEN, p.other_transfers * size, 1.0)


def open_loop(
    h0: int, h1: int, count: int, desk: Any, off: Any, pi: Any, pf: Any, hi: Any, hf: Any, items: Any, last: Any, spent: Any,
    vi: Any, vf: Any, luck: Any, tables: Any, p: Any,
) -> None:  # fmt: skip
    """The same, household by household, to be lifted."""
    begin, here, ints, homes = desk.begin, desk.here, desk.ints, desk.homes
    take(pi, (*TAKEN, c.WORK, c.TEKUN), desk, count, ints)
    hands_loop(count, desk)
    add_up(desk, LEFT, count, h1 - h0)
    for k in range(h1 - h0):
        h = h0 + k
        whole, away, on_tekun = 0.0, 0.0, False
        for j in range(begin[k], begin[k + 1]):
            if ints[c.MONTHS, j] > 0:
                wages = wage_income(ints[c.MONTHS, j], pf[c.WAGE_MONTH, here[j]], ints[c.WORK, j], p)
                whole += wages
                away += where(ints[c.WORK, j] == AWAY, wages, 0.0)
            on_tekun |= ints[c.TEKUN, j] > 0
        items[WAGE_AWAY, h] = told_apart(items[WAGE_LOCAL, h], away, whole)
        items[WAGE_LOCAL, h] -= items[WAGE_AWAY, h]

        n = homes[LEFT, k]
        able, weak, old = 1.0 * quartered(n, 1), 1.0 * quartered(n, 2), 1.0 * quartered(n, 3)
        usual = usual_farm(hf[c.LAND, h], hands(able, weak, old, 0.0, p), p)
        hf[c.FARM_SCALE, h] = scale_to(items[FARM, h] / FEN, usual, p.scale_most)

        size, left, netted = hi[c.SIZE, h], items[OTHER, h], hi[c.NETTED, h] > 0
        items[PENSION, h] = most_of(left, pension_year(quartered(homes[LEFT, k], 0), p))
        left -= items[PENSION, h]
        items[RESETTLEMENT, h] = most_of(left, p.resettlement * size * hi[c.RESETTLED, h])
        left -= items[RESETTLEMENT, h]
        items[OTHER, h] = most_of(left, p.other_transfers * size)
        left -= items[OTHER, h]
        items[TEKUN, h] = where(netted & on_tekun, left, 0)
        items[DIBAO, h] = where(netted & (not on_tekun), left, 0)
        items[SUPPORT, h] = where(netted, 0, left)
        hi[c.SUPPORT_USUAL, h] = items[SUPPORT, h]
        hf[c.TRANSFER_SCALE, h] = scale_to(items[OTHER, h] / FEN, p.other_transfers * size, 1.0)
    for row in range(len(items)):
        for h in range(h0, h1):
            last[row, h] = items[row, h]


NOBODYS: Final = Draws(0, 0)  # luck of a phase that draws nothing
OPENING: Final = Phase("opening of accounts", (), (), _PARAMS, open_numpy, open_loop, pack=IncomeParams._make)


def open_accounts(s: State, world: World, draws: Draws) -> None:
    """Open the accounts of a replicate: what the incomes stated are made of (`back_out`), and the luck of farms."""
    back_out(s, world)
    open_farms(s, world, draws)


def back_out(s: State, world: World) -> None:
    """Back out what brings each household to the incomes stated at the opening; the same in all replicates of a world.

    Wages are told apart by where they were earned. Farming is scaled to the stated operating income. Of the stated transfers,
    pensions and resettlement support are known by who draws them; other transfers go up to their usual level; what is left came
    from the safety net where someone is on it, else from children.
    """
    OPENING.run(s, world, NOBODYS, world.scenario.run.opening, LASTING)


def open_farms(s: State, world: World, draws: Draws) -> None:
    """Draw with what lasting luck each household farms at the opening."""
    (z,) = draws.households(world.layout.draw_id, LASTING, ("farm_first_z",))
    s.hf[c.FARM_SHOCK] = world.at("farming", world.scenario.run.opening).lasting_spread * z
