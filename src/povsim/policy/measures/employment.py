"""Owns: posts and placements (就业): public posts, workshops, job service, training, transport subsidy.
Never: whether a person finds work on the market (engine.labour); it only says by what factor a measure helps."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Capacity, Kind, Stage, Work, entry, maximum, where

Value = Any


def may_take(
    age: Value, capacity: Value, student: Value, tekun: Value, resident: Value, away: Value,
    youngest: Value, oldest: Value, least_capacity: Value, at_home: Value,
) -> Value:  # fmt: skip
    """Whether a person may take a place of this form.

    Ages from ``youngest`` to ``oldest``, labour capacity from ``least_capacity`` up, no student, nobody on 特困 support; a post at
    home asks for a resident who does not work outside the county.
    """
    fit = (age >= youngest) & (age <= oldest) & (capacity >= least_capacity) & (student == 0) & (tekun == 0)
    return fit & ((at_home == 0) | ((resident == 1) & (away == 0)))


def term_goes_on(years_held: Value, term: Value, longest: Value, cancelled: Value, still_fit: Value) -> Value:
    """Whether a post goes on into its next year.

    ``years_held`` whole years so far. Within a term a holder only leaves when the post is cancelled; at the end of a term it is renewed
    for one who is still fit, up to ``longest`` years in all.
    """
    at_end = (years_held - term * (years_held // maximum(term, 1.0))) == 0.0
    return (cancelled == 0) & (years_held < longest) & (still_fit | (at_end == 0))


def wage_month(fixed: Value, ratio: Value, local_wage: Value) -> Value:
    """Monthly wage of a post: a fixed one, or a ratio to the local wage, whichever is more."""
    return maximum(fixed, ratio * local_wage)


def help_factor(factor: Value, years_held: Value, works_for: Value) -> Value:
    """Factor on finding work or on wages: in force for ``works_for`` years."""
    return where(years_held <= works_for, factor, 1.0)


# --- hooks -----------------------------------------------------------------------------------------------


def fits(view: Any, p: Any) -> Any:
    """Persons who may take a place of this form; nobody holds two posts, and a transport subsidy is for those away."""
    form = p.form
    at_home = 1 if form in ("public", "workshop") else 0
    may = may_take(
        view.age, view.capacity, view.stage != Stage.NONE, view.tekun, view.resident, view.work == Work.AWAY,
        entry(p.youngest, form), entry(p.oldest, form), Capacity.WEAK if form == "public" else Capacity.ORDINARY, at_home,
    )  # fmt: skip
    if at_home:
        return may & (view.post == 0)
    return may & (view.work == Work.AWAY) if form == "transport" else may & (view.work == Work.NONE)


def adopts(view: Any, p: Any) -> Any:
    """Posts and workshop places that the register shows at the opening."""
    wanted = {"public": Work.POST, "workshop": Work.WORKSHOP}.get(p.form)
    return (view.work == wanted) & (view.post == 0) if wanted is not None else view.work < 0


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """Posts by their term; a subsidy as long as one works away; service for its year; what was learnt is kept."""
    form = p.form
    years = view.years_held - 1.0
    if form in ("public", "workshop"):
        still = may_take(
            view.age, view.capacity, view.stage != Stage.NONE, view.tekun, view.resident, view.work == Work.AWAY,
            entry(p.youngest, form), entry(p.oldest, form), Capacity.WEAK if form == "public" else Capacity.ORDINARY, 1,
        )  # fmt: skip
        gone = where(u.cancelled < entry(p.cancelled, form), 1, 0)
        return term_goes_on(years, entry(p.term, form), entry(p.longest, form), gone, still)
    return (years < entry(p.longest, form)) & ((view.work == Work.AWAY) if form == "transport" else True)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """Wages of a public post, the share that the village's proceeds bear apart; training once; the subsidy each year."""
    wages = where(p.form == "public", entry(p.wage, p.form) * p.wage_factor * _months(view, p), 0.0)
    once = where(view.first, entry(p.cost_once, p.form), 0.0)
    return {"budget": wages * (1.0 - p.from_proceeds) + once + entry(p.subsidy, p.form), "post_fund": wages * p.from_proceeds}


def _months(view: Any, p: Any) -> Any:
    return entry(p.months, p.form) * view.months / 12.0


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The post with its wage and months, or the help with finding work and earning more."""
    form = p.form
    answer = {
        "finding": help_factor(entry(p.finding, form), view.years_held, entry(p.helps_for, form)),
        "wages": entry(p.wages, form) + 0.0 * view.years_held,
    }
    if form in ("public", "workshop"):
        answer["post_wage"] = wage_month(entry(p.wage, form), entry(p.wage_ratio, form), view.local_wage) * p.wage_factor
        answer["post_months"] = _months(view, p)
    return answer


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """What was paid: a public post is paid by the measure and the village, a workshop's wage by its owner."""
    form = p.form
    paid = view.post_pay if form in ("public", "workshop") else 0.0 * view.years_held
    public = 1.0 if form == "public" else 0.0
    return {
        "post_income": paid,
        "wages_paid": paid * public,
        "from_village": paid * public * p.from_proceeds,
        "in_kind": where(view.first, entry(p.cost_once, form), 0.0),
        "other_transfer": entry(p.subsidy, form) + 0.0 * view.years_held,
        "jobs": where(paid > 0.0, 1.0, 0.0),
    }


KIND = Kind(
    name="employment",
    holder="person",
    draws={"cancelled": 400},
    fits=fits,
    adopts=adopts,
    keeps=keeps,
    costs=costs,
    helps=helps,
    yields=yields,
    pays=("other_transfer",),
)
