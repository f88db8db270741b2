"""Owns: how a missing guarantee is supplied: a house, safe water, a child's schooling, this year's medical insurance.
Never: how one is lost, or mended by what goes on anyway (engine.shocks, ``params/guarantees.yaml``).

Basic is the usual programme: the yearly chances ``guarantees.house_mended_*`` and ``water_mended``, that stand in no measure's
account. The measure reaches those whom basic has left without when it is approved, and supplies them for certain after its
months, out of its own budget. A scenario that carries the whole programme as measures sets these chances to 0; else both go on
side by side.

Forms: ``house`` (危房改造: grade C is repaired, grade D rebuilt, the household bearing its own part), ``water`` (a supply of the
household's own), ``scheme`` (a village's water works in one sum, which no yearly budget cuts: one measure for each village, which
its conditions must name; who lacks water later is connected by its next stage), ``school`` (控辍保学) and ``premium`` (the year's
medical insurance paid late: bills of the year stay uninsured).

What is approved is built, whatever the calendar of support. A household is unmet where budget or quota ends before it; one that
cannot raise its own part does not ask. By which route a household leaves its income decides, as with the usual programme.
"""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, entry, maximum, where

Value = Any
CHANNEL = {  # of the guarantee, which is also the column that says whether a household has it
    "house": "house_safe", "water": "water_safe", "scheme": "water_safe", "school": "school_safe", "premium": "insured_all",
}  # fmt: skip
COMING = {"house": "house_coming", "water": "water_coming", "scheme": "water_coming"}  # what may take longer than the year


def is_rebuilt(luck: Value, grade_d: Value) -> Value:
    """Whether an unsafe house is of grade D, to be rebuilt; else it is of grade C, to be repaired."""
    return luck < grade_d


def house_grant(rebuilt: Value, repair: Value, rebuild: Value) -> Value:
    """Grant for a house by its grade, yuan."""
    return where(rebuilt, rebuild, repair)


def own_part(grant: Value, own_share: Value) -> Value:
    """The household's own part of the cost, of which the grant is the rest, yuan."""
    return grant * own_share / (1.0 - own_share)


def can_raise(own: Value, income: Value, years: Value) -> Value:
    """Whether a household can raise its own part: within so many years of last year's income."""
    return own <= maximum(income, 0.0) * years


def is_supplied(waited: Value, months: Value, gestation: Value) -> Value:
    """Whether it is finished by the end of this year: so many months after the approval, this year's among them."""
    return waited + months >= gestation


def scheme_cost(built: Value, holders: Value, cost: Value) -> Value:
    """Works of a village, in one sum when its first household is approved, yuan."""
    return where((built == 0.0) & (holders > 0.0), cost, 0.0)


# --- hooks -----------------------------------------------------------------------------------------------


def _grant(view: Any, p: Any) -> Any:
    """Public money for one household, yuan."""
    if p.form == "house":
        return house_grant(is_rebuilt(view.house_luck, p.grade_d), p.grant["repair"], p.grant["rebuild"])
    if p.form == "premium":
        return p.premium * view.size
    return 0.0 if p.form == "scheme" else entry(p.grant, p.form)


def _own(view: Any, p: Any) -> Any:
    return own_part(_grant(view, p), entry(p.own_share, p.form))


def fits(view: Any, p: Any) -> Any:
    """Households without it that can raise their own part; not where another measure is already at it."""
    lacks = getattr(view, CHANNEL[p.form]) == 0
    if p.form in COMING:
        lacks = lacks & (getattr(view, COMING[p.form]) == 0)
    return lacks & can_raise(_own(view, p), view.income_head * view.size, p.own_years)


def one_village(p: Any) -> Any:
    """Works are built, and paid, for one village."""
    return p.form == "scheme"


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """With the approval: its own part."""
    return {"own": _own(view, p)}


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """Until it is supplied; a scheme goes on supplying."""
    return True if p.form == "scheme" else held.waited < entry(p.gestation, p.form)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """The grant, handed down with the approval."""
    return {"budget": where(view.first, _grant(view, p), 0.0)}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The guarantee, once it is finished; until then the word that it is coming."""
    done = where(is_supplied(held.waited, view.months, entry(p.gestation, p.form)), 1, 0)
    return {CHANNEL[p.form]: done, **({COMING[p.form]: 1 - done} if p.form in COMING else {})}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The grant in the year of the approval; the works of a scheme in one sum."""
    works = scheme_cost(held.built, view.holders, p.scheme) if p.form == "scheme" else 0.0
    return {
        "in_kind": where(view.first, _grant(view, p), 0.0),
        "building": works,
        "built": where(works > 0.0, 1.0, held.built),
        "waited": held.waited + view.months,
    }


KIND = Kind(
    name="guarantee",
    holder="household",
    own={"waited": 0.0, "own": 0.0},
    common={"built": 0.0},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    helps=helps,
    yields=yields,
    stays=True,
    one_village=one_village,
)
