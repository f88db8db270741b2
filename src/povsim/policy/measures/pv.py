"""Owns: what a PV station (光伏) generates, earns and pays out in a year.
Never: what the village does with its share (policy.measures.collective).

A roof is its household's. What a ground station leaves goes to the villages of the households linked to it, what a village
station leaves to the village that owns it.
"""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, Shared, Status, exp, floor, log, maximum, minimum, where

Value = Any


def performance(year_of_life: Value, first_year_loss: Value, later_loss: Value, life: Value) -> Value:
    """Output against that of new panels; the first year (1) already bears its loss, and after its working life there is none."""
    alive = (year_of_life >= 1.0) & (year_of_life <= life)
    aged = (1.0 - first_year_loss) * exp((maximum(year_of_life, 1.0) - 1.0) * log(maximum(1.0 - later_loss, 1e-300)))
    return where(alive, aged, 0.0)


def kwh(
    capacity_kw: Value, hours: Value, weather: Value, outage: Value, year: Value, connected_year: Value, connected_month: Value,
    first_year_loss: Value, later_loss: Value, life: Value,
) -> Value:  # fmt: skip
    """Generation of an income year, kWh.

    A station connected in month m works 13 - m months of that year; from then on m - 1 months of an income year fall into one
    year of its life and the rest into the next.
    """
    year_of_life = year - connected_year + 1.0
    late = (13.0 - connected_month) / 12.0
    share = late * performance(year_of_life, first_year_loss, later_loss, life) + (1.0 - late) * performance(
        year_of_life - 1.0, first_year_loss, later_loss, life
    )
    return capacity_kw * hours * weather * (1.0 - outage) * share


def arrives(revenue: Value, delay: Value, years_later: Value) -> Value:
    """The part of a year's revenue that arrives so many years later, when it is paid ``delay`` years late."""
    whole = floor(delay)
    part = delay - whole
    return revenue * where(years_later == whole, 1.0 - part, where(years_later == whole + 1.0, part, 0.0))


def months_in_service(year: Value, connected_year: Value, connected_month: Value) -> Value:
    """Months in service at the end of an income year; 0 before."""
    return maximum(12.0 * (year - connected_year) + 13.0 - connected_month, 0.0)


def works(year: Value, connected_year: Value, connected_month: Value, life: Value) -> Value:
    """Whether a station is in service in some month of an income year."""
    before = months_in_service(year - 1.0, connected_year, connected_month)
    return (months_in_service(year, connected_year, connected_month) > 0.0) & (before < 12.0 * life)


def dividend(net: Value, household_share: Value, holders: Value, most: Value) -> Value:
    """Dividend of one household: an equal part of the households' share of the net proceeds, at most ``most`` yuan a year."""
    return minimum(net * household_share / maximum(holders, 1.0), most)


# --- hooks -----------------------------------------------------------------------------------------------


def fits(view: Any, p: Any) -> Any:
    """Nobody is linked to a station before it is connected, at its end, or again."""
    return works(view.year, p.connected_year, p.connected_month, p.life) & (view.over == 0)


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """As long as the station works or is owed something; the removed lose their link."""
    owed = held.due_1 + held.due_2 + held.due_3 + held.waiting > 0.0
    return (works(view.year, p.connected_year, p.connected_month, p.life) | owed) & (view.status != Status.REMOVED)


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """One year of the station: generation, what of it is paid this year, and to whom."""
    roof = p.site == "roof"
    capacity = where(roof, p.household_kw * view.holders, p.capacity_kw)
    weather = maximum(1.0 + p.weather_sd * u.weather_z, 0.0)
    generated = kwh(
        capacity,
        p.hours,
        weather,
        p.outage,
        view.year,
        p.connected_year,
        p.connected_month,
        p.first_year_loss,
        p.later_loss,
        p.life,
    )
    revenue = generated * p.tariff
    late = revenue * p.subsidy_share
    cash = revenue - late + held.due_1 + arrives(late, p.arrears, 0.0) - p.upkeep * revenue + held.waiting
    pays = months_in_service(view.year, p.connected_year, p.connected_month) >= p.first_payment
    owned = p.village != ""  # by a village, so that it need not wait at the station for a holder
    net = where(pays & ((view.holders > 0.0) | owned), maximum(cash, 0.0), 0.0)
    share = where(roof, 1.0, p.household_share)
    each = dividend(net, share, view.holders, where(roof, net, p.dividend_most))
    a_kw = p.cost * 1000.0 * p.public_share
    built = where(roof | (view.year != p.connected_year), 0.0, capacity * a_kw)
    rest = net - each * view.holders
    return {
        "pv_dividend": each,
        "proceeds": where(owned, 0.0, rest / maximum(view.holders, 1.0)),
        "owned_proceeds": where(owned, rest, 0.0),
        "building": built,
        "in_kind": where(roof & view.first, p.household_kw * a_kw, 0.0),  # a roof is built when its household joins
        "running": p.upkeep * revenue,
        "waiting": cash - net,
        "due_1": held.due_2 + arrives(late, p.arrears, 1.0),
        "due_2": held.due_3 + arrives(late, p.arrears, 2.0),
        "due_3": arrives(late, p.arrears, 3.0),
    }


KIND = Kind(
    name="pv",
    holder="household",
    common={"due_1": 0.0, "due_2": 0.0, "due_3": 0.0, "waiting": 0.0},
    shared={"weather_z": Shared(469, "county")},
    fits=fits,
    keeps=keeps,
    yields=yields,
    pays=("pv_dividend",),
    stays=True,
    single=True,
    sizes={"kw": "household_kw"},
    unused=("start.month",),
)
