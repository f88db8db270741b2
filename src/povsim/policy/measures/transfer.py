"""Owns: transfers due by law (其他转移性政策): how much, per what, to whom, from when until when, in which item.
Never: the usual level of transfers and pensions (engine.income), or help that looks at need (safety_net)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Capacity, Health, Kind, entry, maximum, minimum, where

Value = Any  # a number or a column
BY_CHILDREN = "support_children"  # the one item that is no public money: children pay it


def units(per: str, members: Value, land: Value) -> Value:
    """Units of a household: persons, mu of farmland or the household itself; none where the policy is for nobody in it."""
    return {"person": members, "mu": land * minimum(members, 1.0), "household": minimum(members, 1.0)}[per]


def counts(who: str, disabled: Value, capacity: Value, on_dibao: Value, resettled: Value, able: Value) -> Value:
    """Whether a person belongs to those for whom a policy is.

    ``who`` is everyone, resettled (from a reservoir), disabled_poor (and on 低保), disabled_gravely (no capacity to work is left)
    or parents (in a household without an able labourer).
    """
    groups = {
        "everyone": capacity >= Capacity.NONE,
        "resettled": resettled == 1,
        "disabled_poor": disabled & (on_dibao == 1),
        "disabled_gravely": disabled & (capacity <= Capacity.LOST),
        "parents": able == 0,
    }
    return groups[who]


def of_age(age: Value, youngest: Value, oldest: Value) -> Value:
    """Whether a person is of the ages for which a policy is."""
    return (age >= youngest) & (age <= oldest)


def months_due(year: Value, months: Value, from_year: Value, from_month: Value, until_year: Value, until_month: Value) -> Value:
    """Months of an income year that are paid: from a month of one year to a month of another, both included.

    ``months`` at the end of the year count for the holder, who may have come into it within the year.
    """
    first = where(year > from_year, 1.0, where(year == from_year, from_month, 13.0))
    last = where(year < until_year, 12.0, where(year == until_year, until_month, 0.0))
    return maximum(last - maximum(first, 13.0 - months) + 1.0, 0.0)


def due(number: Value, amount: Value, months: Value) -> Value:
    """Yuan of a year for a number of units, by the months that are paid."""
    return number * amount * months / 12.0


def already_usual(amount: Value, usual: Value) -> Value:
    """The part of it that the usual other transfers hold already: all of a policy that is one of them."""
    return where(usual, amount, 0.0)


# --- hooks -----------------------------------------------------------------------------------------------


def _due(view: Any, p: Any) -> Any:
    """Yuan of this year."""
    name = p.policy
    from_year, from_month = entry(p.from_year, name), entry(p.from_month, name)
    until_year, until_month = entry(p.until_year, name), entry(p.until_month, name)
    months = months_due(view.year, view.months, from_year, from_month, until_year, until_month)
    return due(units(entry(p.per, name), view.members, view.land_mu), entry(p.amount, name), months)


def members(view: Any, p: Any) -> Any:
    """Whom the policy is for."""
    disabled = view.health == Health.DISABLED
    whose = counts(entry(p.who, p.policy), disabled, view.capacity, view.on_dibao, view.resettled, view.able)
    return whose & of_age(view.age, entry(p.youngest, p.policy), entry(p.oldest, p.policy))


def fits(view: Any, p: Any) -> Any:
    """Households with something due; it may be had again."""
    return _due(view, p) > 0.0


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """As long as the household meets the conditions and something is due."""
    return view.eligible & (_due(view, p) > 0.0)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """What is due, unless children pay it."""
    return {"budget": 0.0 if entry(p.item, p.policy) == BY_CHILDREN else _due(view, p)}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The payment, in its item."""
    amount = _due(view, p)
    return {entry(p.item, p.policy): amount, "within": already_usual(amount, entry(p.usual, p.policy))}


KIND = Kind(
    name="transfer",
    holder="household",
    fits=fits,
    members=members,
    keeps=keeps,
    costs=costs,
    yields=yields,
    pays=("resettlement", "allowance", "other_transfer"),
    by_right=True,
    delivers=False,
)
