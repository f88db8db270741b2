"""Owns: posts and placements (就业): public posts, ecological ones (生态护林员) among them, workshops, job service, training,
transport subsidy.
Never: whether a person finds work on the market (engine.labour); it only says by what factor a measure helps."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Capacity, Kind, Stage, Work, entry, floor, maximum, where

Value = Any
POSTS = {"public": Work.POST, "ranger": Work.POST, "workshop": Work.WORKSHOP}
PUBLIC = ("public", "ranger")  # posts whose wage is public money, the second tagged ecological; a workshop's is its owner's


def may_take(
    age: Value, capacity: Value, student: Value, tekun: Value, resident: Value, away: Value,
    youngest: Value, oldest: Value, least_capacity: Value,
) -> Value:  # fmt: skip
    """Whether a person may hold a post near home.

    Ages from ``youngest`` to ``oldest``, labour capacity from ``least_capacity`` up, no student, nobody on tekun support, a
    resident who does not work outside the county.
    """
    fit = (age >= youngest) & (age <= oldest) & (capacity >= least_capacity) & (student == 0) & (tekun == 0)
    return fit & (resident == 1) & (away == 0)


def may_be_helped(age: Value, capacity: Value, student: Value, youngest: Value, oldest: Value) -> Value:
    """Whether an able person of working age, no student, may be trained, placed or subsidised."""
    return (age >= youngest) & (age <= oldest) & (capacity >= Capacity.ORDINARY) & (student == 0)


def term_goes_on(years_held: Value, term: Value, longest: Value, cancelled: Value, still_fit: Value) -> Value:
    """Whether a post goes on into its next year.

    ``years_held`` whole years so far. Within a term a holder only leaves when the post is cancelled; at the end of a term it is
    renewed for one who is still fit, up to ``longest`` years in all.
    """
    at_end = (years_held - term * (years_held // maximum(term, 1.0))) == 0.0
    return (cancelled == 0) & (years_held < longest) & (still_fit | (at_end == 0))


def cut_share(cut: Value, from_proceeds: Value) -> Value:
    """Share of posts that are cut in a year and not filled again; what the village's proceeds bear is no support to be cut."""
    return cut * (1.0 - from_proceeds)


def wage_month(fixed: Value, ratio: Value, local_wage: Value) -> Value:
    """Monthly wage of a post: a fixed one, or a ratio to the local wage, whichever is more."""
    return maximum(fixed, ratio * local_wage)


def help_factor(factor: Value, years_held: Value, works_for: Value) -> Value:
    """Factor on finding work or on wages: in force for ``works_for`` years."""
    return where(years_held <= works_for, factor, 1.0)


# --- hooks -----------------------------------------------------------------------------------------------


def _may_hold(view: Any, p: Any) -> Any:
    """The rule of a post for these persons: a public post takes weak labour too, a workshop only the able."""
    least = Capacity.WEAK if p.form in PUBLIC else Capacity.ORDINARY
    return may_take(
        view.age, view.capacity, view.stage != Stage.NONE, view.tekun, view.resident, view.work == Work.AWAY,
        entry(p.youngest, p.form), entry(p.oldest, p.form), least,
    )  # fmt: skip


def fits(view: Any, p: Any) -> Any:
    """Posts for those without paid work, one a person and once, unless posts are being cut; a subsidy for those away; the rest
    for those out of work."""
    if p.form in POSTS:
        free = (view.post == 0) & (view.over == 0) & (view.work != Work.LOCAL)
        return _may_hold(view, p) & free & refills(p)
    may = may_be_helped(view.age, view.capacity, view.stage != Stage.NONE, entry(p.youngest, p.form), entry(p.oldest, p.form))
    return may & (view.work == (Work.AWAY if p.form == "transport" else Work.NONE))


def refills(p: Any) -> Any:
    """Posts are not filled again while posts are being cut."""
    return p.form not in POSTS or cut_share(p.cut, p.from_proceeds) == 0.0


def adopts(view: Any, p: Any) -> Any:
    """Posts and workshop places that the register shows at the opening."""
    return (view.work == POSTS.get(p.form, -1)) & (view.post == 0)


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """Posts by their term; a subsidy as long as one works away; service for its year; what was learnt is kept."""
    years = view.year_held - 1.0
    longest = entry(p.longest, p.form)
    if p.form in POSTS:
        cancelled = where(u.cancelled < maximum(entry(p.cancelled, p.form), cut_share(p.cut, p.from_proceeds)), 1, 0)
        return term_goes_on(years, entry(p.term, p.form), longest, cancelled, _may_hold(view, p))
    return (years < longest) & (view.work == Work.AWAY if p.form == "transport" else True)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """Wages of a public post, the share that the village's proceeds bear apart; training once; the subsidy each year."""
    wages = where(p.form in PUBLIC, entry(p.wage, p.form) * p.wage_factor * _months(view, p), 0.0)
    once = where(view.first, entry(p.cost_once, p.form), 0.0)
    return {"budget": wages * (1.0 - p.from_proceeds) + once + entry(p.subsidy, p.form), "post_fund": wages * p.from_proceeds}


def _months(view: Any, p: Any) -> Any:
    """Months of a post in a year, to the tenth: as they are paid, so that no budget is exceeded."""
    return floor(entry(p.months, p.form) * view.months / 1.2 + 0.5) / 10.0


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The post with its wage and months, or the help with finding work and earning more."""
    form = p.form
    answer = {
        "finding": help_factor(entry(p.finding, form), view.year_held, entry(p.helps_for, form)),
        "wages": entry(p.wages, form),
    }
    if form in POSTS:
        answer["post_wage"] = wage_month(entry(p.wage, form), entry(p.wage_ratio, form), view.local_wage) * p.wage_factor
        answer["post_months"] = _months(view, p)
        answer["post_at"] = POSTS[form]
    return answer


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """What was paid: a public post is paid by the measure and the village, a workshop's wage by its owner."""
    form = p.form
    paid = view.post_pay if form in POSTS else 0.0
    public = 1.0 if form in PUBLIC else 0.0
    return {
        "post_income": paid,
        "wages_paid": paid * public,
        "from_village": paid * public * p.from_proceeds,
        "in_kind": where(view.first, entry(p.cost_once, form), 0.0),
        "other_transfer": entry(p.subsidy, form),
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
    refills=refills,
)
