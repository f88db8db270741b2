"""Owns: the rules of a household's loan that kinds share: running, falling due, interest and subsidy, repayment, what is overdue.
Never: what the money is used for (policy.measures) or whose purse pays (engine.measures)."""

from __future__ import annotations

from typing import Any

from povsim.core.elementary import clip, maximum, minimum, where

Value = Any


def months_running(run: Value, term: Value, months: Value) -> Value:
    """Months of this year in which a loan or contract still runs; ``run`` months behind it when the year opens."""
    return clip(term - run, 0.0, months)


def falls_due(run: Value, term: Value, months: Value) -> Value:
    """1 in the year in which its term is over."""
    return where((run < term) & (run + months >= term), 1.0, 0.0)


def interest(debt: Value, rate: Value, months: Value) -> Value:
    """Interest of a year on what is not yet due, yuan."""
    return debt * rate * months / 12.0


def subsidy(interest_yuan: Value, subsidised: Value, paid: Value) -> Value:
    """The part of the interest that is subsidised (贴息), as far as the budget reaches, yuan."""
    return interest_yuan * subsidised * paid


def able_to_raise(income_head: Value, size: Value, share: Value) -> Value:
    """Yuan that a household can raise out of its own: so much of its income of last year."""
    return maximum(income_head * size, 0.0) * share


def settle(
    due: Value, owed: Value, late: Value, raised: Value, collected: Value, fund_share: Value, collected_for: Value
) -> tuple[Value, Value, Value, Value]:
    """Settle what falls due, and what has been overdue for ``late`` years.

    The household pays what it can: up to ``raised`` of what falls due, up to ``collected`` a year of what is overdue. Of what
    falls overdue the fund (风险补偿金) pays the lender its share at once; the household still owes all of it, for
    ``collected_for`` years, after which the rest is written off.

    Returns
    -------
    own, fund, owed, late
        Paid by the household, paid by the fund, still owed when the year ends, and for how many years, yuan and years.
    """
    overdue = maximum(due - raised, 0.0)
    own = due - overdue + minimum(owed, collected)
    years = where(owed > 0.0, late + 1.0, 0.0)
    left = where(years < collected_for, owed - minimum(owed, collected) + overdue, 0.0)
    return own, overdue * fund_share, left, years
