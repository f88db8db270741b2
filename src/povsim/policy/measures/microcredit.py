"""Owns: what a small loan for a household's own use (小额信贷, 户贷户用) earns, and how it is repaid, prolonged or left unpaid.
Never: loans lent on to a firm (asset_share), or who is granted one (engine.allocation)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, Shared, clip, maximum, minimum, sqrt, where
from povsim.policy.loans import able_to_raise, falls_due, interest, months_running, settle, subsidy

Value = Any


def has_hands(able_months: Value, needed: Value) -> Value:
    """Whether there are hands at home for the activity."""
    return (able_months > 0.0) & (able_months >= needed)


def share_worked(hands: Value, needed: Value) -> Value:
    """Share of the activity that gets done with the hands that are left (months)."""
    return where(needed > 0.0, minimum(maximum(hands, 0.0) / maximum(needed, 1e-9), 1.0), 1.0)


def return_rate(mean: Value, spread: Value, common_z: Value, own_z: Value, common: Value) -> Value:
    """Return of a year over what is invested: ``common`` of its variance is that of prices and weather, which all share."""
    return mean + spread * (sqrt(common) * common_z + sqrt(1.0 - common) * own_z)


def earned(capital: Value, rate: Value, months: Value, worked: Value, working: Value) -> Value:
    """Return of a year, yuan: a loss takes no more than the capital."""
    return maximum(capital * rate * months / 12.0 * worked * working, -capital)


def capital_left(loan: Value, capital: Value, result: Value) -> Value:
    """What is left of the money lent: a loss comes off it, a gain first makes good what was lost, the rest is lived on."""
    return clip(capital + result, 0.0, loan)


def gives_up(loan: Value, capital: Value, least: Value) -> Value:
    """1 once so little is left that the activity is given up: it has failed, the loan has not ended."""
    return where(capital < least * loan, 1.0, 0.0)


def set_aside(loan: Value, capital: Value, saved: Value, warned: Value, able: Value) -> Value:
    """Yuan that a household warned in time (到期预警) sets aside this year towards what the capital will not pay."""
    return warned * minimum(maximum(loan - capital - saved, 0.0), able)


def renewed(u: Value, warned: Value, short: Value, raised: Value, before: Value, chance: Value, most: Value) -> Value:
    """1 for a loan that is lent again or prolonged (续贷、展期).

    The office helps a household that it has warned, and that cannot raise what it is short of, to a renewal with some chance, and
    at most so many times.
    """
    return where((warned > 0.0) & (u < chance) & (short > raised) & (before < most), 1.0, 0.0)


# --- hooks -----------------------------------------------------------------------------------------------


def fits(view: Any, p: Any) -> Any:
    """Once a household, with hands for the activity."""
    return (view.over == 0) & has_hands(view.able_months, p.hands)


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The money lent, all of it invested; and whether the office keeps an eye on the loan."""
    warned = where(u.warned < p.warned, 1.0, 0.0)
    return {"loan": p.loan, "capital": p.loan, "term": 12.0 * p.term, "working": 1.0, "warned": warned}


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """While the loan runs or something is owed."""
    return held.loan + held.owed > 0.0


def costs(view: Any, p: Any) -> dict[str, Any]:
    """The subsidised interest of a year; the fund for losses is a purse of its own."""
    return {"budget": subsidy(interest(p.loan, p.interest, view.months), p.subsidised, 1.0)}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """One year of the activity; when the loan is due its capital pays it, the household the rest, or it is prolonged."""
    due = falls_due(held.run, held.term, view.months)
    until = months_running(held.run, held.term, view.months)
    needed = p.hands * view.months / 12.0 * held.working
    worked = share_worked(view.hands, needed)
    rate = return_rate(p.rate, p.rate_spread, u.common_z, u.own_z, p.common)
    raised = able_to_raise(view.true_last, view.size, p.raised)
    able = able_to_raise(view.true_last, view.size, p.set_aside)

    at_due = capital_left(held.loan, held.capital, earned(held.capital, rate, until, worked, held.working))
    short = held.loan - at_due - held.saved - set_aside(held.loan, at_due, held.saved, held.warned, able)
    again = due * renewed(u.renewed, held.warned, short, raised, held.renewals, p.renewed, p.renewals_most)
    months = where(again > 0.0, view.months, until)
    result = earned(held.capital, rate, months, worked, held.working)
    capital = capital_left(held.loan, held.capital, result)
    aside = set_aside(held.loan, capital, held.saved, held.warned, able)
    ends = due * (1.0 - again)
    gave_up = held.working * gives_up(held.loan, capital, p.least_capital)

    missing = maximum(held.loan - capital - held.saved - aside, 0.0)
    own, fund, owed, late = settle(
        ends * missing,
        held.owed,
        held.late,
        raised,
        able_to_raise(view.true_last, view.size, p.collected),
        p.fund_share,
        p.collected_for,
    )
    whole = interest(held.loan, p.interest, months)
    aid = subsidy(whole, p.subsidised, view.paid)
    return {
        "business": result,
        "in_kind": aid + fund,
        "repaid": ends * (held.loan - missing) + own,
        "debt_service": whole - aid + aside + own,
        "labour": needed * worked,
        "enterprise_failed": gave_up,
        "term_ended": ends * (held.working - gave_up),
        "loan": held.loan * (1.0 - ends),
        "capital": capital * (1.0 - ends),
        "saved": (held.saved + aside) * (1.0 - ends),
        "working": (held.working - gave_up) * (1.0 - ends),
        "term": held.term + 12.0 * p.renewal * again,
        "renewals": held.renewals + again,
        "run": held.run + view.months,
        "owed": owed,
        "late": late,
    }


KIND = Kind(
    name="microcredit",
    holder="household",
    own={
        "loan": 0.0, "capital": 0.0, "saved": 0.0, "working": 0.0, "term": 0.0, "run": 0.0, "warned": 0.0, "renewals": 0.0,
        "owed": 0.0, "late": 0.0,
    },
    draws={"renewed": 400, "own_z": 464},
    lasting={"warned": 401},
    shared={"common_z": Shared(468, "product")},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    yields=yields,
    stays=True,
    compensates=True,
    single=True,
)  # fmt: skip
