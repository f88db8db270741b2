"""Owns: what relocation (易地搬迁) gives a household and takes from it, from the approval to a return to the old place.
Never: who is on the list to move (the register), or whether a member finds work (engine.labour).

Its own part of the cost is borrowed among kin and paid back without interest; who goes back leaves house and debt behind."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, Route, Status, clip, maximum, minimum, where

Value = Any


def months_there(waited: Value, months: Value, gestation: Value) -> Value:
    """Months of this year lived at the new place; ``waited`` months since the approval when the year opens."""
    return clip(waited + months - gestation, 0.0, months)


def months_followed_up(waited: Value, there: Value, gestation: Value, follow_up: Value) -> Value:
    """Months of this year there with follow-up support (后续扶持), which lasts ``follow_up`` years from moving in."""
    return clip(12.0 * follow_up - maximum(waited - gestation, 0.0), 0.0, there)


def over_the_year(factor: Value, supported: Value, months: Value) -> Value:
    """Factor on finding work of a year of which ``months`` count, with support in some of them."""
    return 1.0 + (factor - 1.0) * supported / maximum(months, 1.0)


def land_given_up(land: Value, share: Value, there: Value, free: Value) -> Value:
    """Mu that are too far to be worked from the new place, over the months there; never more than is free."""
    return minimum(land * share * there / 12.0, maximum(free, 0.0))


def own_debt(size: Value, own_head: Value, own_most: Value) -> Value:
    """What the household pays itself, mostly borrowed: so much a head, at most ``own_most``."""
    return minimum(size * own_head, own_most)


def debt_due(debt: Value, year_held: Value, years: Value) -> Value:
    """What of it is paid back in a year: equal parts over so many years after that of the approval, without interest, yuan."""
    return where((year_held > 1.0) & (year_held <= 1.0 + years), debt / years, 0.0)


def public_cost(size: Value, cost: Value, debt: Value, fund: Value) -> Value:
    """Public cost of moving a household, yuan: the cost a head less its own part, and the follow-up fund."""
    return maximum(size * cost - debt, 0.0) + fund


def lives_there(waited: Value, gestation: Value) -> Value:
    """Whether it has moved in by the end of the months behind it."""
    return waited > gestation


def must_wait(status: Value, there: Value, housed_first: Value) -> Value:
    """1 while a poor household that is to move has no house that counts: it may not leave before it has moved in."""
    return where(housed_first & ((status == Status.POOR) | (status == Status.RETURNED)) & (there <= 0.0), 1, 0)


def goes_back(moved: Value, u: Value, chance: Value) -> Value:
    """Whether it returns to the old place (回流), for good."""
    return moved & (u < chance)


def usual_before(before: Value, there: Value, wages: Value, local_wage: Value) -> Value:
    """Wages of its members before the move, in months of the usual local wage, so that they rise with wages afterwards."""
    return where(there > 0.0, before, wages / local_wage)


def wages_brought(wages: Value, before: Value, local_wage: Value, there: Value) -> Value:
    """Wages since the move beyond those before it, yuan; of the year of the move the months there."""
    return maximum(wages - before * local_wage, 0.0) * there / 12.0


# --- hooks -----------------------------------------------------------------------------------------------


def fits(view: Any, p: Any) -> Any:
    """Nobody is moved twice, nor while the old house is being mended by another measure."""
    return (view.over == 0) & (view.house_coming == 0)


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """With the approval: its own part, and what its members earned so far."""
    return {
        "debt": own_debt(view.size, p.own_head, p.own_most),
        "before": view.market_wages_last / view.local_wage,
    }


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """Until it goes back."""
    return ~goes_back(lives_there(held.waited, p.gestation), u.returns, p.returns)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """Public money is handed down with the approval."""
    debt = own_debt(view.size, p.own_head, p.own_most)
    return {"budget": where(view.first, public_cost(view.size, p.cost, debt, p.fund), 0.0)}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """From moving in: a safe house with safe water, work nearer, and the old land farther away; until then the old house."""
    there = months_there(held.waited, view.months, p.gestation)
    supported = months_followed_up(held.waited, there, p.gestation, p.follow_up) * view.paid
    safe = where(there > 0.0, 1, 0)
    return {
        "house_unfit": must_wait(view.status, there, p.housed_first),
        "house_safe": safe,
        "water_safe": safe,
        "house_coming": 1 - safe,
        "water_coming": 1 - safe,
        "finding": over_the_year(p.finding, supported, view.months),
        "land": land_given_up(view.land_mu, p.land_lost, there, view.free_land),
    }


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The public cost in the year of the approval, its own part in the years after; and what its members earn since the move."""
    there = months_there(held.waited, view.months, p.gestation)
    return {
        "in_kind": where(view.first, public_cost(view.size, p.cost, held.debt, p.fund), 0.0),
        "debt_service": debt_due(held.debt, view.year_held, p.repaid_over),
        "credited": wages_brought(view.market_wages, held.before, view.local_wage, there),
        "before": usual_before(held.before, there, view.market_wages, view.local_wage),
        "waited": held.waited + view.months,
    }


KIND = Kind(
    name="relocation",
    holder="household",
    own={"waited": 0.0, "debt": 0.0, "before": 0.0},
    draws={"returns": 400},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    helps=helps,
    yields=yields,
    stays=True,
    single=True,
    route=Route.RELOCATION,
)
