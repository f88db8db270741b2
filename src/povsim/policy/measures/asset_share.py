"""Owns: what money put in a firm for a household (资产收益: 户贷企用、资产量化) pays, and who bears it when the firm fails.
Never: who is offered it (engine.allocation), or what the village does with its own assets (collective)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, Shared, entry, floor, maximum, minimum, pick, where
from povsim.policy.loans import able_to_raise, falls_due, interest, months_running, settle, subsidy

Value = Any


def still_made(year: Value, borrowed: Value, last_year: Value) -> Value:
    """Whether new ones are made: of loans lent on to a firm none after ``last_year``."""
    return where(borrowed, year, last_year) <= last_year


def debt_begun(principal: Value, borrowed: Value) -> Value:
    """What the household owes the bank: all of a loan in its name, nothing for assets turned into shares."""
    return where(borrowed, principal, 0.0)


def public_money(principal: Value, borrowed: Value, public_share: Value) -> Value:
    """Public money put in the firm for a new holder, yuan; a loan is the bank's."""
    return where(borrowed, 0.0, principal * public_share)


def fails(u: Value, hazard: Value) -> Value:
    """1 for a firm that stops paying this year."""
    return where(u < hazard, 1.0, 0.0)


def rate_paid(rate: Value, spread: Value, z: Value, least: Value) -> Value:
    """Dividend over principal: the firm's luck moves it, never under ``least`` of the usual rate (保底); 1: a fixed one."""
    return rate * maximum(1.0 + spread * z, least)


def dividend(principal: Value, rate: Value, months: Value, failed: Value) -> Value:
    """Dividend of a year, yuan; none in the year in which the firm fails."""
    return principal * rate * months / 12.0 * (1.0 - failed)


def principal_back(principal: Value, failed: Value, at_term: Value, recovered: Value, returned: Value) -> Value:
    """Principal that the firm gives back: at its term what was agreed, when it fails what can be recovered, yuan."""
    return principal * where(failed > 0.0, recovered, at_term * returned)


def principal_left(principal: Value, failed: Value, at_term: Value) -> Value:
    """Principal that stays in the firm."""
    return where((failed > 0.0) | (at_term > 0.0), 0.0, principal)


# --- hooks -----------------------------------------------------------------------------------------------


def _borrowed(p: Any) -> bool:
    return bool(p.financing == "loan")


def fits(view: Any, p: Any) -> Any:
    """Once a household, while new ones are made."""
    return (view.over == 0) & still_made(view.year, _borrowed(p), p.last_year)


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The principal, in whose name it is, and in which firm it is put."""
    firms = maximum(floor(p.firms), 1.0)
    principal = entry(p.principal, p.financing)
    return {
        "principal": principal,
        "debt": debt_begun(principal, _borrowed(p)),
        "firm": minimum(floor(u.firm * firms), firms - 1.0),
    }


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """While the money is in the firm or something is owed."""
    return held.principal + held.debt + held.owed > 0.0


def costs(view: Any, p: Any) -> dict[str, Any]:
    """Public money at the start, and the subsidised interest of a year; the fund for losses is a purse of its own."""
    principal, borrowed = entry(p.principal, p.financing), _borrowed(p)
    whole = interest(debt_begun(principal, borrowed), p.interest, view.months)
    begun = where(view.first, public_money(principal, borrowed, p.public_share), 0.0)
    return {"budget": begun + subsidy(whole, p.subsidised, 1.0)}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """One year: dividend, or the firm's failure; at the term principal and loan are paid back, and what is missing falls due."""
    borrowed, term = _borrowed(p), 12.0 * entry(p.term, p.financing)
    months, at_term = months_running(held.run, term, view.months), falls_due(held.run, term, view.months)
    failed = pick(fails(u.firm_fails, p.firm_failure), held.firm) * where(held.principal > 0.0, 1.0, 0.0)
    rate = rate_paid(
        entry(p.rate, p.financing), entry(p.rate_spread, p.financing), pick(u.rate_z, held.firm), entry(p.least_rate, p.financing)
    )
    back = principal_back(held.principal, failed, at_term, p.recovered, p.returned)
    debt = maximum(held.debt - back, 0.0)
    own, fund, owed, late = settle(
        debt * at_term,
        held.owed,
        held.late,
        able_to_raise(view.true_last, view.size, p.raised),
        able_to_raise(view.true_last, view.size, p.collected),
        p.fund_share,
        p.collected_for,
    )
    whole = interest(held.debt, p.interest, months)
    aid = subsidy(whole, p.subsidised, view.paid)
    begun = where(view.first, public_money(held.principal, borrowed, p.public_share), 0.0)
    return {
        "asset_share": dividend(held.principal, rate, months, failed),
        "in_kind": begun + aid + fund,
        "repaid": back + own,
        "debt_service": whole - aid + own,
        "enterprise_failed": failed,
        "principal": principal_left(held.principal, failed, at_term),
        "debt": debt * (1.0 - at_term),
        "owed": owed,
        "late": late,
        "run": held.run + view.months,
    }


KIND = Kind(
    name="asset_share",
    holder="household",
    own={"principal": 0.0, "debt": 0.0, "firm": 0.0, "run": 0.0, "owed": 0.0, "late": 0.0},
    lasting={"firm": 400},
    shared={"firm_fails": Shared(408, "firm", "firms"), "rate_z": Shared(470, "firm", "firms")},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    yields=yields,
    stays=True,
    compensates=True,
)
