"""Owns: what insurance against falling into poverty (防贫综合保险) pays on rigid expenditure, and what it costs.
Never: a bill before it (engine.shocks; other measures, to be listed before it), or farm insurance (policy.measures.industry).

A policy covers every household that meets its conditions, registered or not: leave ``eligible`` out for all rural ones. Those
removed from the register are out, as households with an official, a car or a firm are under such schemes. The budget pays
the premium for each head. Of the own-paid rigid expenditure E of a household and year the policy pays a share of what lies
over the threshold. Claims come off E: they count in the reference income of monitoring, (net + claims - E) / n, and in no
other income.

What the budget spends is the premium and nothing else: claims are value in kind, and premiums less claims are the insurer's,
booked as overhead, which is below 0 in a year in which the insurer loses. To be insured is not yet to be helped: it does not
count as a measure delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from povsim.policy.kind import Kind, clip, floor, maximum, where

Value = Any


def expenditure(medical: Value, schooling: Value, repair: Value, counted: Mapping[str, float]) -> Value:
    """Own-paid rigid expenditure that the policy looks at, yuan: each kind of it as far as it counts."""
    return medical * counted["medical"] + schooling * counted["schooling"] + repair * counted["repair"]


def claim(spent: Value, threshold: Value, share: Value) -> Value:
    """What it pays: a share of what lies over the threshold, yuan to the fen."""
    return floor(maximum(spent - threshold, 0.0) * share * 100.0 + 0.5) / 100.0


def is_settled(u: Value, accepted: Value) -> Value:
    """Whether a claim stands after the check of the household's means, and is known of at all."""
    return u < accepted


def is_covered(u: Value, months: Value) -> Value:
    """Whether the year's expenditure falls within the policy, which may begin within the year."""
    return u < months / 12.0


def part(paid: Value, before: Value, bill: Value) -> Value:
    """What of a claim goes to one bill, after so much went to those before it; never more than the bill."""
    return clip(paid - before, 0.0, bill)


def premiums(premium: Value, size: Value) -> Value:
    """Premium of a household, yuan: by the head."""
    return premium * size


# --- hooks -----------------------------------------------------------------------------------------------


def costs(view: Any, p: Any) -> dict[str, Any]:
    """The premium."""
    return {"budget": premiums(p.premium, view.size)}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """Claims, taken off the bills in turn: illness first, then repair, chronic illness, schooling; the rest is the insurer's."""
    acute, chronic = view.own_paid_medical_acute, view.own_paid_medical_chronic
    repair, schooling = view.own_paid_repair, view.own_paid_schooling
    counts = is_settled(u.settled, p.accepted) & is_covered(u.falls, view.months)
    due = where(counts, claim(expenditure(acute + chronic, schooling, repair, p.counted), p.threshold, p.share), 0.0)
    return {
        "relief_medical_acute": part(due, 0.0, acute),
        "relief_repair": part(due, acute, repair),
        "relief_medical_chronic": part(due, acute + repair, chronic),
        "relief_schooling": part(due, acute + repair + chronic, schooling),
        "overhead": premiums(p.premium, view.size) - due,
    }


KIND = Kind(
    name="insurance",
    holder="household",
    draws={"settled": 400, "falls": 401},
    costs=costs,
    yields=yields,
    delivers=False,
)
