"""Owns: phase 5: who is on the safety net and what it pays, carried from year to year.
Never: the rules themselves (policy.measures.safety_net) or their numbers (params/kinds/safety_net.yaml).

A decision falls in a month, looks at the twelve months behind it, and is paid from the next month; until then the old amount goes on.
It is no year-end correction that makes everybody whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import EXPENSES, ITEMS, Capacity, Monitoring, Status
from povsim.engine import columns as c
from povsim.engine.measures import CASH, HOLDERS, KIND_VALUE, NEW, OVERHEAD, UNMET, exit_line, kept, luck
from povsim.engine.state import FEN
from povsim.policy.kind import find
from povsim.policy.measures import safety_net as rule

if TYPE_CHECKING:
    from types import SimpleNamespace

    from povsim.core.params import Values
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Array = NDArray[Any]
Mask = NDArray[np.bool_]

ITEM: Final = {item.name: row for row, item in enumerate(ITEMS)}
_MEANS: Final = np.array([item.means for item in ITEMS])
_WAGES: Final = np.array([item.source == "wage" for item in ITEMS])
_REGISTRY: Final = np.array([item.registry for item in ITEMS])
_BILLS: Final = np.array([i for i, name in enumerate(EXPENSES) if name != "schooling"])
PARTS: Final = ("tekun", "dibao", "relief")


@dataclass(frozen=True)
class Part:
    """One part of the safety net in a year: what it keeps, its parameters, its luck."""

    name: str
    h: dict[str, Array]
    p: Values
    u: SimpleNamespace
    children_away: Mask

    def pay(self, s: State, fen: NDArray[np.int64]) -> None:
        """Enter what is paid in the account of each household and in the measure's."""
        s.items[ITEM[self.name]] += fen
        self.h["books"][CASH] += int(fen.sum())


def decide(s: State, world: World, draws: Draws, year: int) -> None:
    """Decide the safety net of a year on the months behind it, and pay it.

    Parameters
    ----------
    s : State
        The items ``dibao``, ``tekun`` and ``relief`` are entered; classes of persons, spells and gradual withdrawal of households are
        brought up to date; a household on it counts as reached by a measure.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    for part in _parts(s, world, draws, year):
        _DECIDE[part.name](s, world, year, part)
        budget = part.h["books"]
        budget[OVERHEAD] = int(np.rint(part.p.overhead * (budget[CASH] + budget[KIND_VALUE])))
    s.hi[c.DELIVERED] += s.hi[c.NETTED] > 0


def _parts(s: State, world: World, draws: Draws, year: int) -> list[Part]:
    """The parts that the scenario's measures cover this year, in their order."""
    found: dict[str, Part] = {}
    for index, measure in enumerate(world.scenario.measures):
        kind = find(measure.kind)
        if kind.name != rule.KIND.name or not measure.start_year <= year <= (measure.until or year):
            continue
        p, h = world.measure(index, year), kept(s, world, index, kind)
        h["books"][:] = 0
        everybody = np.arange(world.layout.households)
        u = luck(s, world, draws, index, kind, year, p, everybody, lasting=False)
        away = luck(s, world, draws, index, kind, year, p, everybody, lasting=True).children_away < p.children_away
        for name in PARTS if p.part == "all" else (p.part,):
            found[name] = Part(name, h, p, u, away)
    return [found[name] for name in PARTS if name in found]


# --- the means test --------------------------------------------------------------------------------------


def _means(s: State, world: World, year: int, part: Part) -> Array:
    """Income per head by the means test over the months behind the decision, yuan a year."""
    p, layout, standard = part.p, world.layout, world.at("lines", year).dibao_standard
    last, now = s.last[_MEANS].sum(axis=0) / FEN, s.items[_MEANS].sum(axis=0) / FEN
    wages = rule.income_behind(s.items[_WAGES].sum(axis=0), s.last[_WAGES].sum(axis=0), p.month) / FEN
    here = np.flatnonzero((s.pi[c.ALIVE] == 1) & (s.pi[c.CAPACITY] >= Capacity.ORDINARY) & (s.pi[c.STAGE] == 0))
    here = here[(s.pi[c.AGE, here] >= 16) & (s.pi[c.AGE, here] < 60)]
    wage = s.pi[c.MONTHS, here] / 10.0 * s.pf[c.WAGE_MONTH, here]
    imputed = np.bincount(
        layout.house[here], np.rint(FEN * rule.imputed_labour(wage, True, p.imputed_able * standard)), layout.households
    )
    received = s.items[ITEM["support_children"]] / FEN
    imputed = imputed / FEN + rule.imputed_support(
        s.hi[c.ELDERS], part.children_away, s.hi[c.LABOURERS], received, p.imputed_support * standard
    )
    means: Array = rule.means_head(rule.income_behind(now, last, p.month), wages, p.working_cost, imputed, s.hi[c.SIZE])
    return means


def _persons(s: State, world: World, who: Mask) -> Array:
    """Persons per household for whom a condition holds."""
    return np.bincount(world.layout.house[who & (s.pi[c.ALIVE] == 1)], minlength=world.layout.households)


def _registered(s: State) -> Mask:
    return np.isin(s.hi[c.STATUS], (Status.POOR, Status.EXITED, Status.RETURNED))


# --- 特困 ------------------------------------------------------------------------------------------------


def _tekun(s: State, world: World, year: int, part: Part) -> None:
    """Persons supported by status: those who are, while they have no capacity; and households newly found to have nobody."""
    p, h, layout, standard = part.p, part.h, world.layout, world.at("lines", year).dibao_standard
    health, capacity = s.pi[c.HEALTH], s.pi[c.CAPACITY]
    s.pi[c.TEKUN, (s.pi[c.ALIVE] == 0) | (capacity >= Capacity.ORDINARY)] = 0
    on = np.flatnonzero(s.pi[c.TEKUN])
    paid = np.zeros(layout.households)
    amount = rule.tekun_amount(s.pi[c.TEKUN, on], standard, p.tekun["dispersed"], p.tekun["institution"])
    np.add.at(paid, layout.house[on], np.rint(amount * FEN))

    helpless = _persons(s, world, rule.without_capacity(s.pi[c.AGE], health, capacity)) == s.hi[c.SIZE]
    free = (s.hi[c.SIZE] > 0) & (np.bincount(layout.house[on], minlength=layout.households) == 0)
    received = s.items[ITEM["support_children"]]
    fits = free & rule.becomes_tekun(helpless, _means(s, world, year, part), standard, part.children_away, received)
    new = fits & (part.u.tekun < p.tekun_listing)
    form = np.where(part.u.institution < p.tekun_institution, 2, 1)
    join = np.flatnonzero(new[layout.house] & (s.pi[c.ALIVE] == 1))
    s.pi[c.TEKUN, join], s.pi[c.DIBAO, join] = form[layout.house[join]], 0
    share = (12.0 - p.month) / 12.0
    amount = rule.tekun_amount(s.pi[c.TEKUN, join], standard, p.tekun["dispersed"], p.tekun["institution"]) * share
    np.add.at(paid, layout.house[join], np.rint(amount * FEN))

    receives = np.bincount(layout.house[np.flatnonzero(s.pi[c.TEKUN])], minlength=layout.households) > 0
    s.hi[c.NETTED] = np.where(receives & (s.hi[c.NETTED] == 0), year, s.hi[c.NETTED])
    ended = ~receives & (s.hi[c.NETTED] > 0) & (_persons(s, world, s.pi[c.DIBAO] > 0) == 0)
    s.hi[c.NETTED, ended] = 0
    part.pay(s, paid.astype(np.int64))
    cared = np.flatnonzero((s.pi[c.TEKUN] > 0) & rule.needs_care(health, capacity))
    h["books"][KIND_VALUE] += int(np.rint(p.tekun_care * FEN)) * len(cared)
    h["books"][HOLDERS] += int(receives.sum())
    h["books"][NEW] += int(new.sum())
    h["books"][UNMET] += int((fits & ~new).sum())


# --- 低保 ------------------------------------------------------------------------------------------------


def _dibao(s: State, world: World, year: int, part: Part) -> None:
    """Old amounts until the month of the decision; re-check, withdrawal, listing; new amounts from the next month."""
    p, h, u, hi = part.p, part.h, part.u, s.hi
    standard, layout = world.at("lines", year).dibao_standard, world.layout
    if year == world.years[0]:
        _open_dibao(s, world, h)
    on_tekun = _persons(s, world, s.pi[c.TEKUN] > 0) > 0
    covered = _persons(s, world, (s.pi[c.DIBAO] > 0) & (s.pi[c.TEKUN] == 0))
    on = (covered > 0) & (hi[c.SIZE] > 0)
    leaving = on & (h["grace"] > 0)
    means, grave = _means(s, world, year, part), _persons(s, world, rule.grave(s.pi[c.HEALTH], s.pi[c.CAPACITY]))
    in_band = rule.band(hi[c.LABOURERS], hi[c.WEAKS], grave)
    single = rule.single_cover(means, standard, p.single_ceiling, grave) & ~on_tekun

    # months up to the decision at the old amount; those in gradual withdrawal have only so many left
    months = np.where(leaving, np.minimum(h["grace"], 12.0), np.where(on, p.month, 0.0))
    paid = covered * h["amount"] / 12.0 * months

    # the yearly re-check of those on it
    checked = on & ~leaving & (u.rechecked < np.where(hi[c.LABOURERS] > 0, p.recheck["labour"], p.recheck["none"]))
    alone = on & (covered < hi[c.SIZE]) & single
    off = checked & rule.withdrawn(means, standard, p.ceiling)
    amount = np.where(alone, p.single_share * standard, _amount(p, means, standard, in_band))
    kept_amount = np.where(checked & ~off, amount, h["amount"])
    rest = 12.0 - p.month
    now, later = rule.grace_months(p.grace_months, p.month)
    paid += np.where(off, covered * h["amount"] / 12.0 * now, np.where(on & ~leaving, covered * kept_amount / 12.0 * rest, 0.0))
    _note_crowding(s, world, p, means, standard, np.where(checked & ~alone, covered * rest / 12.0, 0.0), in_band)
    h["grace"] = np.where(off, later, 0.0)
    h["amount"] = kept_amount
    hi[c.GRACE_TO] = np.where(off, year + (later > 0), np.where(leaving, year, 0))
    ended = (leaving | (off & (later <= 0.0))) & on

    # new listing: not everyone who is eligible, and the obligation to cover all
    s.pi[c.DIBAO, (ended & ~on_tekun)[layout.house] | (s.pi[c.TEKUN] > 0)] = 0
    could = ~on_tekun & (~on | ended) & (hi[c.SIZE] > 0)
    fits = could & (rule.eligible(means, standard) | single)
    listed = fits & (u.listed < rule.chance_listed(hi[c.LABOURERS], p.listing, p.listing_labour))
    registry = s.items[_REGISTRY].sum(axis=0)
    income = (np.minimum(registry, rule.income_behind(registry, s.last[_REGISTRY].sum(axis=0), p.month)) + paid * FEN) / FEN
    must = could & ~listed & rule.obliged(
        income / np.maximum(hi[c.SIZE], 1), exit_line(world, year), _registered(s), u.obliged, p.obligation
    )
    new = listed | must
    only = listed & single
    h["amount"] = np.where(new, np.where(only, p.single_share * standard, _amount(p, means, standard, in_band)), h["amount"])
    h["grace"] = np.where(new, 0.0, h["grace"])
    everybody = new & ~only
    cover = everybody[layout.house] | (only[layout.house] & rule.grave(s.pi[c.HEALTH], s.pi[c.CAPACITY]))
    cover &= (s.pi[c.ALIVE] == 1) & (s.pi[c.TEKUN] == 0)
    s.pi[c.DIBAO] = np.where(cover, in_band[layout.house], s.pi[c.DIBAO])
    # members who came since the last decision are covered with the rest of a wholly covered household
    paid += np.where(new, _persons(s, world, cover) * h["amount"] / 12.0 * rest, 0.0)
    _cover_newcomers(s, world, on & ~ended & (covered >= hi[c.SIZE] - hi[c.BIRTHS] - hi[c.ARRIVALS]))

    receives = _persons(s, world, s.pi[c.DIBAO] > 0) > 0
    hi[c.NETTED] = np.where(receives, np.where(hi[c.NETTED] > 0, hi[c.NETTED], year), np.where(on_tekun, hi[c.NETTED], 0))
    part.pay(s, np.rint(paid * FEN).astype(np.int64))
    h["books"][HOLDERS] += int(receives.sum())
    h["books"][NEW] += int(new.sum())
    h["books"][UNMET] += int((fits & ~listed & ~must).sum())


def _amount(p: Values, means: Any, standard: float, in_band: Any) -> Any:
    """Yuan a covered person and year: by the gap, or by band."""
    if p.differential:
        return rule.top_up(means, standard, p.gap_share, p.least)
    return rule.band_amount(in_band, p.bands["a"], p.bands["b"], p.bands["c"], standard)


def _open_dibao(s: State, world: World, h: dict[str, Array]) -> None:
    """At the opening those on it draw what their stated income says they drew."""
    covered = _persons(s, world, (s.pi[c.DIBAO] > 0) & (s.pi[c.TEKUN] == 0))
    h["amount"][:] = np.where(covered > 0, s.last[ITEM["dibao"]] / FEN / np.maximum(covered, 1), 0.0)


def _cover_newcomers(s: State, world: World, whole: Mask) -> None:
    """Those born or married into a wholly covered household are covered with it from now on."""
    layout = world.layout
    who = np.flatnonzero(whole[layout.house] & (s.pi[c.ALIVE] == 1) & (s.pi[c.DIBAO] == 0) & (s.pi[c.TEKUN] == 0))
    if len(who):
        household = layout.per_household(s.pi[c.DIBAO]) > 0
        s.pi[c.DIBAO, who] = np.where(household[layout.house[who]], 3, 0)


def _note_crowding(s: State, world: World, p: Values, means: Array, standard: float, covered: Array, in_band: Array) -> None:
    """What each measure's income took off the top-up of its holders at the re-check: the top-up without it, less that with it."""
    if not p.differential:
        return
    size = np.maximum(s.hi[c.SIZE], 1)
    for measure in world.scenario.measures:
        h = s.held.get(measure.id)
        if h is None:
            continue
        who = np.flatnonzero((h["given"] > 0) & (covered > 0))
        given = h["given"][who] / FEN * p.month / 12.0 / size[who]
        without = rule.supported(np.maximum(means[who] - given, 0.0), standard, p.gap_share, p.least, p.ceiling)
        lost = without - rule.supported(means[who], standard, p.gap_share, p.least, p.ceiling)
        h["crowded"][0] = int(np.rint((lost * covered[who]).sum() * FEN))


# --- 临时救助 --------------------------------------------------------------------------------------------


def _relief(s: State, world: World, year: int, part: Part) -> None:
    """Relief on large own-paid bills, for those on the register, the monitored, and others of small means."""
    p, h, standard = part.p, part.h, world.at("lines", year).dibao_standard
    bill = s.spent[_BILLS].sum(axis=0) / FEN
    large = np.flatnonzero((bill > p.relief_threshold) & (s.hi[c.SIZE] > 0))
    watched = np.isin(s.hi[c.MONITORING, large], (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN))
    small = _means(s, world, year, part)[large] < p.relief_ceiling * standard
    fits = large[_registered(s)[large] | watched | (s.hi[c.NETTED, large] > 0) | small]
    granted = fits[part.u.granted[fits] < p.relief_granted]
    paid = np.zeros(world.layout.households, np.int64)
    paid[granted] = np.rint(rule.relief(bill[granted], p.relief_threshold, p.relief_share, p.relief_most) * FEN)
    part.pay(s, paid)
    h["books"][HOLDERS] += len(granted)
    h["books"][NEW] += len(granted)
    h["books"][UNMET] += len(fits) - len(granted)


_DECIDE: Final = {"tekun": _tekun, "dibao": _dibao, "relief": _relief}
