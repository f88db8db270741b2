"""Owns: the eras; the rules by which households leave, return, are identified, removed, monitored, cleared, and villages leave.
Never: applies them to a town, with its plan caps and quotas (engine.assessment), or holds a number (params/assessment.yaml)."""

from __future__ import annotations

from typing import Any

from povsim.core.elementary import exp, floor, log, maximum, minimum, where
from povsim.core.schema import Channel, Era, Layer, Monitoring, Route, Status

# Rules are written in expressions, so that one text serves a number, a column and a compiled loop (docs/decisions/01).
Value = Any  # a float, an int, or a NumPy column of them

# Codes as numbers, for the compiler.
CAMPAIGN, TRANSITION, REGULAR = (int(code) for code in Era)
DEPARTMENT, VILLAGE, APPLICATION = (int(code) for code in Channel)
UNWATCHED, UNSTABLE, MARGINAL, SUDDEN, CLEARED, AT_RISK = (int(code) for code in Monitoring)
NO_LAYER, TEKUN_LAYER, DIBAO_LAYER, MARGIN_LAYER, RIGID_LAYER = (int(code) for code in Layer)
INDUSTRY_AND_JOBS, RELOCATION, EDUCATION, SAFETY_NET = (
    int(Route[name]) for name in ("INDUSTRY_AND_JOBS", "RELOCATION", "EDUCATION", "SAFETY_NET")
)
POOR, EXITED, RETURNED = (int(Status[name]) for name in ("POOR", "EXITED", "RETURNED"))


def era_of(year: Value, transition_from: Value, regular_from: Value) -> Value:
    """schema.Era of a year: the campaign until the transition begins, then that until regular support does."""
    return where(year >= regular_from, REGULAR, where(year >= transition_from, TRANSITION, CAMPAIGN))


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
    route, most = INDUSTRY_AND_JOBS, maximum(industry_and_jobs, 0.0)
    for code, part in ((RELOCATION, relocation), (EDUCATION, education), (SAFETY_NET, safety_net)):
        route, most = where(part > most, code, route), maximum(part, most)
    return where(by_net, SAFETY_NET, where(secured > 0, secured, route))


def reference_income(registry_yuan: Value, own_paid_yuan: Value, size: Value) -> Value:
    """Reference income per head of monitoring (yuan/year): net income less own-paid rigid expenditure."""
    return (registry_yuan - own_paid_yuan) / maximum(size, 1)


def is_watched(monitoring: Value) -> Value:
    """Whether a household is monitored now, whatever its type."""
    return (monitoring != UNWATCHED) & (monitoring != CLEARED)


def has_event(own_paid_yuan: Value, alert_bill: float, fall: Value, alert_fall: float, struck: Value) -> Value:
    """Whether something befell a household this year that alerts by itself: a large own-paid bill, a fall of income, a loss.

    ``fall`` is the share by which income per head fell since last year; ``struck`` a disaster, a lost earner or guarantee.
    """
    return (own_paid_yuan >= alert_bill) | (fall >= alert_fall) | struck


def is_frail(able: Value, weak: Value, size: Value, sick: Value, students: Value, weak_ability: float) -> Value:
    """Whether a household has a standing risk (sick, students, no able labour) and is weak to cope with it: few hands for many.

    A weak or half labourer is half a hand; ``weak_ability`` is hands over persons.
    """
    return ((sick > 0) | (students > 0) | (able == 0)) & (able + 0.5 * weak < weak_ability * size)


def alerted(reference: Value, line: float, frail: Value, event: Value) -> Value:
    """Whether a household shows a risk of falling into poverty: by an event, or frail with a reference income under the range."""
    return event | ((reference < line) & frail)


def found_by(u: Value, shares: Value) -> Value:
    """schema.Channel by which an alert is found."""
    return where(u < shares[0], DEPARTMENT, where(u < shares[0] + shares[1], VILLAGE, APPLICATION))


def months_to_find(channel: Value, delay: float, factors: Value) -> Value:
    """Whole months from an event to its detection, by channel; a month begun counts."""
    factor = where(channel == DEPARTMENT, factors[0], where(channel == VILLAGE, factors[1], factors[2]))
    return -floor(-delay * factor)


def months_to_decide(days: float) -> Value:
    """Whole months that the decision adds: with 15 days it falls into the month of detection, with 30 into the next."""
    return floor(days / 30.0)


def may_enter(acute_reference: Value, line: float, on_net: Value) -> Value:
    """Whether an alert that was found may become an entry: still below the range when it is decided, and not on 低保 or 特困.

    Chronic and school costs alert but do not enter, since aid for both goes on: only acute bills and repair come off the income.
    The net carries those on it already; published shares of the monitored, 0.7 to 2% of the exited, leave no room for them.
    """
    return where(on_net, False, acute_reference < line)


def origin(registered: Value, sudden: Value) -> Value:
    """Type by which a household comes under watch: sudden hardship first, else by whether it was on the register of the poor."""
    return where(sudden, SUDDEN, where(registered, UNSTABLE, MARGINAL))


def origin_stated(monitoring: Value, status: Value) -> Value:
    """The type of one that a table states to be monitored: its own, or of the one class what its status says; else 0."""
    registered = (status == EXITED) | (status == POOR) | (status == RETURNED)
    one_class = where(monitoring == AT_RISK, origin(registered, False), monitoring)
    return where(is_watched(monitoring), one_class, UNWATCHED)


def is_sudden(own_paid_yuan: Value, alert_bill: float, head: Value, line: float, era: int) -> Value:
    """Whether an entry is one of sudden hardship: a large bill on an income above the range; a type from the transition on."""
    return (own_paid_yuan >= alert_bill) & (head >= line) & (era != CAMPAIGN)


def watched_as(type_: Value, era: int) -> Value:
    """Monitoring status in an era: the type, or in the regular era the one class."""
    return where(era == REGULAR, AT_RISK, type_)


def fit_to_clear(
    acute_reference: Value, line: float, guaranteed: Value, labour: Value, months: Value, clear_months: float, event: Value
) -> Value:
    """Whether a monitored household may be cleared: above the range, watched long enough, guarantees firm, able, nothing new.

    Income is that of the whole year, so that it was steady for more than half of it. A large bill is an event: it must be
    settled, even where the income bears it.
    """
    steady = (acute_reference >= line) & (months >= clear_months)
    return where(event, False, steady & guaranteed & (labour >= 1))


def layer(
    on_tekun: Value,
    on_dibao: Value,
    head: Value,
    standard: float,
    own_paid_share: Value,
    margin: float,
    ceiling: float,
    share: float,
) -> Value:
    """schema.Layer of a household.

    Parameters
    ----------
    head, standard
        Income per head and the 低保 standard, yuan/year.
    own_paid_share
        Own-paid rigid expenditure over income.
    margin, ceiling
        Income, in standards, below which it is 低保边缘; below which 刚性支出困难 is possible.
    share
        Least part of the income that then goes into rigid expenditure.
    """
    rigid = (head < ceiling * standard) & (own_paid_share >= share)
    low = where(head < margin * standard, MARGIN_LAYER, where(rigid, RIGID_LAYER, NO_LAYER))
    return where(on_tekun, TEKUN_LAYER, where(on_dibao, DIBAO_LAYER, low))


def village_may_leave(
    incidence: Value, threshold: float, income: Value, least_income: float, trade: Value, supplied: Value
) -> Value:
    """Whether a poor village may leave (村出列): incidence, collective income, a certified leading trade, guarantees supplied."""
    return (incidence < threshold) & (income >= least_income) & (trade == 1) & (supplied == 1)


def ineligible_chance(size: Value, share: float, by_size: float) -> Value:
    """Chance that a check would find a household ineligible: larger ones have more kin with a post, a car or a firm."""
    return minimum(1.0, share * exp(by_size * log(maximum(size, 1.0) / 3.0)))


def share_fallen(now: Value, before: Value) -> Value:
    """Share by which income fell; 0 where it rose or was nothing."""
    return where(before > 0.0, maximum(0.0, 1.0 - now / maximum(before, 1.0)), 0.0)
