"""Owns: the rules of the safety net (兜底): 低保, 特困, 临时救助.
Never: adds up a household's income or carries a spell from year to year (engine.safety_net, which has a phase of its own)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Capacity, Health, Kind, Route, clip, maximum, minimum, where

Value = Any


# --- the means test --------------------------------------------------------------------------------------


def share_earned(month: Value, found: Value, lost: Value) -> Value:
    """Share of a year's wage that is earned by the end of ``month``, by the months in which work was found and lost (0: not)."""
    first, last = maximum(found, 1.0), where(lost > 0, lost - 1.0, 12.0)
    return maximum(minimum(month, last) - first + 1.0, 0.0) / maximum(last - first + 1.0, 1.0)


def income_behind(this_year: Value, last_year: Value, month: Value, early: Value) -> Value:
    """Income of the twelve months before the end of ``month``, yuan a year: part of last year, part of this one.

    ``early`` is what came of this year by then beyond an even share of it.
    """
    return (last_year * (12.0 - month) + this_year * month) / 12.0 + early


def imputed_labour(wage: Value, able: Value, least: Value) -> Value:
    """What is imputed to one able to work who earns less than ``least`` yuan a year."""
    return where(able, maximum(least - wage, 0.0), 0.0)


def imputed_support(elders: Value, has_children_away: Value, labourers: Value, received: Value, least: Value) -> Value:
    """Support by children away that is imputed to a household of the old: ``least`` yuan a head, so far as it is not received."""
    return where(has_children_away & (labourers == 0), maximum(elders * least - received, 0.0), 0.0)


def means_head(income: Value, wages: Value, working_cost: Value, imputed: Value, size: Value) -> Value:
    """Income per head by the means test: wages net of working cost, what is imputed added, losses not counted."""
    return maximum(income - wages * working_cost + imputed, 0.0) / maximum(size, 1)


# --- 低保 ------------------------------------------------------------------------------------------------


def eligible(means: Value, standard: Value) -> Value:
    """Whether the household is under the standard."""
    return means < standard


def single_cover(means: Value, standard: Value, ceiling: Value, grave: Value) -> Value:
    """Whether only its gravely ill or disabled are covered (单人保): the household is somewhat above the standard."""
    return (means >= standard) & (means < ceiling * standard) & (grave > 0)


def grave(health: Value, capacity: Value) -> Value:
    """Whether a person counts as gravely ill or disabled: seriously ill, or disabled with little or no capacity to work."""
    return (health == Health.SERIOUS) | ((health == Health.DISABLED) & (capacity <= Capacity.WEAK))


def chance_listed(labourers: Value, listing: Value, with_labour: Value) -> Value:
    """Chance that an eligible household not yet on it is listed this year, far less with an able worker."""
    return where(labourers > 0, listing * with_labour, listing)


def band(labourers: Value, weak: Value, grave_persons: Value) -> Value:
    """Band of a household: 1 (A) without any labour and with a grave case, 2 (B) without an able worker, 3 (C) the rest."""
    return where((labourers == 0) & (weak == 0) & (grave_persons > 0), 1, where(labourers == 0, 2, 3))


def top_up(means: Value, standard: Value, gap_share: Value, least: Value) -> Value:
    """Differential top-up, yuan a covered person and year: a share of the gap, within ``least`` and all of the standard."""
    return clip(gap_share * (standard - means), least * standard, standard)


def band_amount(in_band: Value, band_a: Value, band_b: Value, band_c: Value, standard: Value) -> Value:
    """Amount by band, yuan a covered person and year."""
    return standard * where(in_band == 1, band_a, where(in_band == 2, band_b, band_c))


def withdrawn(means: Value, standard: Value, ceiling: Value) -> Value:
    """Whether the yearly re-check ends it: income is above the ceiling."""
    return means > ceiling * standard


def supported(amount: Value, means: Value, standard: Value, ceiling: Value) -> Value:
    """Yuan a covered person and year after a re-check: the amount by gap or band, nothing above the ceiling."""
    return where(withdrawn(means, standard, ceiling), 0.0, amount)


def grace_months(grace: Value, month: Value) -> tuple[Value, Value]:
    """Months of gradual withdrawal (渐退期) paid this year after ``month``, and next year."""
    now = minimum(grace, 12.0 - month)
    return now, minimum(grace - now, 12.0)


def obliged(income_head: Value, line: Value, on_register: Value, u: Value, obligation: Value) -> Value:
    """Whether the obligation to cover all (应保尽保) reaches a registered household under the line."""
    return on_register & (income_head < line) & (u < obligation)


# --- 特困 ------------------------------------------------------------------------------------------------


def without_capacity(age: Value, health: Value, capacity: Value) -> Value:
    """Whether a person is old, disabled or a minor, and has no capacity to work."""
    return (capacity <= Capacity.LOST) & ((age >= 60) | (age < 16) | (health == Health.DISABLED))


def becomes_tekun(all_without_capacity: Value, means: Value, standard: Value, has_children_away: Value, received: Value) -> Value:
    """Whether a household may be supported by status: nobody has capacity, income is under the standard, nobody supports it."""
    return all_without_capacity & (means < standard) & (has_children_away == 0) & (received <= 0.0)


def tekun_amount(form: Value, standard: Value, dispersed: Value, institution: Value) -> Value:
    """Support of one person, yuan a year: 1 dispersed (分散), 2 in an institution (集中), as multiples of the 低保 standard."""
    return standard * where(form == 2, institution, where(form == 1, dispersed, 0.0))


def needs_care(health: Value, capacity: Value) -> Value:
    """Whether the care allowance is due: no capacity left, and seriously ill or disabled."""
    return (capacity == Capacity.LOST) & ((health == Health.SERIOUS) | (health == Health.DISABLED))


# --- 临时救助 --------------------------------------------------------------------------------------------


def relief(bill: Value, threshold: Value, share: Value, most: Value) -> Value:
    """Temporary relief, yuan: a share of the own-paid bill above the threshold, up to a limit."""
    return clip(share * (bill - threshold), 0.0, most)


KIND = Kind(
    name="safety_net",
    holder="household",
    own={"amount": 0.0, "grace": 0.0},
    draws={"listed": 400, "obliged": 401, "rechecked": 402, "granted": 403, "tekun": 408, "institution": 409},
    lasting={"children_away": 404},
    pays=("dibao", "tekun", "relief"),
    apart=True,
    route=Route.SAFETY_NET,
)
