"""Owns: the rules by which a household leaves, returns, is identified, removed, monitored and cleared.
Never: applies them to a town, with its plan caps and quotas (engine.assessment), or holds a number (params/assessment.yaml)."""

from __future__ import annotations

from typing import Any

from povsim.core.elementary import exp, log, maximum, minimum, where
from povsim.core.schema import Route

# Rules are written in expressions, so that one text serves a number, a column and a compiled loop (docs/decisions/01).
Value = Any  # a float, an int, or a NumPy column of them


def reported_income(true_head: Value, error_z: Value, report_error: float) -> Value:
    """Reported registry income per head (yuan/year): the true one with a lognormal error of median 1."""
    return true_head * exp(report_error * error_z)


def above_line(reported: Value, line: float, exit_margin: float) -> Value:
    """Whether reported income per head reaches the line with the margin asked for."""
    return reported >= line * exit_margin


def written_up(
    reported: Value, line: float, exit_margin: float, listed: Value, written_up_band: float, u: Value, chance: float
) -> Value:
    """Whether a listed household just short of the line is reported as above it; a known distortion."""
    goal = line * exit_margin
    return (listed == 1) & (reported < goal) & (reported >= goal * (1.0 - written_up_band)) & (u < chance)


def may_leave(
    passes: Value, guaranteed: Value, delivered: Value, year_identified: Value, year_returned: Value, year: int
) -> Value:
    """Whether a household qualifies: income (or status), guarantees, a measure delivered, not new or returned this year."""
    return passes & guaranteed & (delivered >= 1) & (year_identified < year) & (year_returned < year)


def surplus(reported: Value, line: float, size: Value, weight: float) -> Value:
    """Surplus over the line by which those who qualify leave when a plan caps exits, yuan/year.

    ``weight`` is that of the household's size: 0 ranks by income per head, 1 by the household's whole surplus.
    """
    return (reported - line) * exp(weight * log(maximum(size, 1.0)))


def list_score(
    income_to_line: Value,
    labourers: Value,
    size: Value,
    on_dibao: Value,
    noise_z: Value,
    weight_labour: float,
    weight_size: float,
    weight_dibao: float,
    noise: float,
) -> Value:
    """Score of the list before the year (预脱贫): last income to the line, labour, size, not on 低保, what officers know."""
    return income_to_line + weight_labour * labourers + weight_size * size + weight_dibao * on_dibao + noise * noise_z


def work_by_route(wages: Value, other: Value, relocation: Value, education: Value) -> tuple[Value, Value, Value]:
    """Income from work and measures by route: industry and jobs, relocation, education; they add up to it.

    Parameters
    ----------
    wages, other
        Wages; what else work and measures brought (projects, awards, dividends, shares). Other income may be a loss.
    relocation, education
        The wages that measures of these routes claim. A wage counts once: first for education, whose person is known.
    """
    by_education = minimum(education, wages)
    by_relocation = minimum(relocation, wages - by_education)
    return wages - by_education - by_relocation + other, by_relocation, by_education


def exit_route(
    industry_and_jobs: Value, relocation: Value, education: Value, safety_net: Value, secured: Value, by_net: Value
) -> Value:
    """Route (schema.Route) by which a household leaves: the one without which it would not have left.

    A household would be under the line without a contribution that is larger than its surplus over it. So if there are such
    contributions, the largest of all is one of them: it decides, and where none is missed alone it decides too.

    Parameters
    ----------
    industry_and_jobs, relocation, education, safety_net
        What each route contributed to this year's income, in one unit.
    secured
        Route of the measure to which it owes a guarantee that it lacked; 0 if none.
    by_net
        Whether it leaves by the safety net whatever its income: by status, or by the obligation to cover all.

    Returns
    -------
    schema.Route
        The safety net if ``by_net``; else the route that secured a guarantee, since no income makes up for one; else that of
        the largest contribution, the first of equals. With no contribution at all it left by its own work.
    """
    route, most = int(Route.INDUSTRY_AND_JOBS), maximum(industry_and_jobs, 0.0)
    for code, part in ((Route.RELOCATION, relocation), (Route.EDUCATION, education), (Route.SAFETY_NET, safety_net)):
        route, most = where(part > most, int(code), route), maximum(part, most)
    return where(by_net, int(Route.SAFETY_NET), where(secured > 0, secured, route))


def reference_income(registry_yuan: Value, own_paid_yuan: Value, size: Value) -> Value:
    """Reference income per head of monitoring (yuan/year): net income less own-paid rigid expenditure."""
    return (registry_yuan - own_paid_yuan) / maximum(size, 1)


def alerted(
    reference: Value, line: float, own_paid_yuan: Value, alert_bill: float, fall: Value, alert_fall: float, struck: Value
) -> Value:
    """Whether a household below the monitoring range shows a risk: a large own-paid bill, a fall of income, a disaster or a loss.

    ``fall`` is the share by which income per head fell since last year; ``struck`` a disaster, a lost earner or guarantee.
    """
    return (reference < line) & ((own_paid_yuan >= alert_bill) | (fall >= alert_fall) | struck)


def may_enter(acute_reference: Value, line: float, on_net: Value) -> Value:
    """Whether an alert that was found may become an entry: still below the range when it is decided, and not on 低保 or 特困.

    Chronic and school costs alert but do not enter, since aid for both goes on: only acute bills and repair come off the income.
    The net carries those on it already; published shares of the monitored, 0.7 to 2% of the exited, leave no room for them.
    """
    return where(on_net, False, acute_reference < line)


def fit_to_clear(acute_reference: Value, line: float, guaranteed: Value, labour: Value, since: Value, year: int) -> Value:
    """Whether a monitored household may be cleared: above the range, bills settled, guarantees firm, able, since last year."""
    return (acute_reference >= line) & guaranteed & (labour >= 1) & (since < year)


def ineligible_chance(size: Value, share: float, by_size: float) -> Value:
    """Chance that a check would find a household ineligible: larger ones have more kin with a post, a car or a firm."""
    return minimum(1.0, share * exp(by_size * log(maximum(size, 1.0) / 3.0)))


def share_fallen(now: Value, before: Value) -> Value:
    """Share by which income fell; 0 where it rose or was nothing."""
    return where(before > 0.0, maximum(0.0, 1.0 - now / maximum(before, 1.0)), 0.0)
