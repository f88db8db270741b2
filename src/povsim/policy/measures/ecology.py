"""Owns: what land given to forest pays by the mu and year: farmland converted (退耕还林还草), public-benefit forest (公益林).
Never: the wage of a ranger (employment, form ``ranger``), or what is grown on the converted land (industry)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, entry, maximum, minimum, pick, where

Value = Any  # a number or a column
FOREST = "public_forest"  # the one form that pays for forest that is there; the others convert farmland


def mu_given(most: Value, share: Value, free: Value) -> Value:
    """Mu of a household: the usual ones, within the share of its free land that may be given."""
    return maximum(minimum(most, share * free), 0.0)


def year_of_payment(before: Value, year_held: Value) -> Value:
    """Which year since the conversion this is, 1 the first; ``before`` years were paid when the measure began."""
    return before + year_held


def by_calendar(calendar: Value, number: Value) -> Value:
    """Yuan a mu in a year of payment; nothing past the end of the calendar."""
    return where((number >= 1.0) & (number <= len(calendar)), pick(calendar, number - 1.0), 0.0)


def extended(amount: Value, year: Value, number: Value, paid_years: Value, begins: Value, years: Value) -> Value:
    """Yuan a mu after the calendar: for ``years`` years from its end, or from the year in which the extension ``begins``."""
    passed = year - maximum(year - number + 1.0 + paid_years, begins)
    return where((passed >= 0.0) & (passed < years), amount, 0.0)


def converted(mu: Value, first: Value, number: Value) -> Value:
    """Mu of farmland that turn into forest this year: in the first year of payment; earlier ones are forest on the books."""
    return where(first & (number <= 1.0), mu, 0.0)


def seedlings(amount: Value, first: Value, number: Value) -> Value:
    """Yuan a mu for seedlings, given in kind with the conversion."""
    return where(first & (number <= 1.0), amount, 0.0)


# --- hooks -----------------------------------------------------------------------------------------------


def _number(view: Any, p: Any) -> Any:
    return year_of_payment(entry(p.years_before, p.form), view.year_held)


def _rate(view: Any, p: Any) -> Any:
    """Yuan a mu in cash this year."""
    calendar, number, form = entry(p.calendar, p.form), _number(view, p), p.form
    if form == FOREST:
        return p.forest_rate
    more = extended(entry(p.extension, form), view.year, number, len(calendar), p.extension_from, entry(p.extension_years, form))
    return by_calendar(calendar, number) + more


def _mu(view: Any, p: Any) -> Any:
    """What a household can give: forest that is there (public forest, and what was converted long ago), else farmland."""
    standing = (p.form == FOREST) | (entry(p.years_before, p.form) > 0.0)
    return mu_given(entry(p.mu, p.form), entry(p.share, p.form), where(standing, view.free_hill, view.free_land))


def fits(view: Any, p: Any) -> Any:
    """Land for at least the smallest plot."""
    return _mu(view, p) >= p.least_mu


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The mu of the contract, for good."""
    return {"mu": _mu(view, p)}


def costs(view: Any, p: Any) -> dict[str, Any]:
    """The year's payment and the seedlings, on the mu that are, or would be, given."""
    per_mu = _rate(view, p) + seedlings(entry(p.seedlings, p.form), view.first, _number(view, p))
    return {"budget": where(view.first, _mu(view, p), view.held.mu) * per_mu}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """Converted land is farmed no more, by anybody; public forest is planted with nothing else."""
    if p.form == FOREST:
        return {"hill": held.mu}
    return {"converted": converted(held.mu, view.first, _number(view, p))}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The payment of the year."""
    planted = seedlings(entry(p.seedlings, p.form), view.first, _number(view, p))
    return {"ecology": held.mu * _rate(view, p) * view.paid, "in_kind": held.mu * planted * view.paid}


KIND = Kind(
    name="ecology",
    holder="household",
    own={"mu": 0.0},
    fits=fits,
    begins=begins,
    costs=costs,
    helps=helps,
    yields=yields,
    pays=("ecology",),
    stays=True,
    by_right=True,
    unused=("start.month",),
)
