"""Owns: phase 3: who still holds each measure and who is given it, within quota, budget, land, hands and posts.
Never: what a holder gets (policy.measures) or the safety net (engine.safety_net).

Villages are served first, since their resolutions say what is set apart for posts. Then all measures are asked who holds on, and only
then, in scenario order, who is new: so that a post or a mu that is held is never given twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import Monitoring, Status
from povsim.engine import columns as c
from povsim.engine.measures import (
    HOLDERS,
    NEW,
    UNMET,
    Columns,
    View,
    exit_line,
    first_months,
    holding,
    kept,
    luck,
    serving,
    view_of,
    write_back,
)
from povsim.engine.state import FEN, LASTING
from povsim.policy.eligibility import meets, service
from povsim.policy.kind import Kind

if TYPE_CHECKING:
    from povsim.core.params import Measure, Values
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Array = NDArray[Any]
Rows = NDArray[np.intp]


@dataclass
class Pools:
    """What measures share within a year and have not taken yet."""

    land: NDArray[np.float64]  # mu of farmland, by household
    hill: NDArray[np.float64]  # mu of hill land
    hands: NDArray[np.float64]  # months of hands at home
    posts: NDArray[np.int64]  # fen of the villages' proceeds set apart for posts, by village
    budget: dict[int, int]  # fen left of the yearly budget, by measure; none where there is no budget


@dataclass(frozen=True)
class Served:
    """One measure as it is being allocated in a year."""

    index: int
    measure: Measure
    kind: Kind
    p: Values
    h: dict[str, Array]

    def house(self, world: World, who: Rows) -> Array:
        """The households of some units."""
        return world.layout.house[who] if self.kind.holder == "person" else who


def allocate(s: State, world: World, draws: Draws, year: int) -> None:
    """Say who holds each measure this year, and what follows for work, land, posts and guarantees.

    Parameters
    ----------
    s : State
        ``held`` is brought up to date; factors on finding work and wages, posts, land used and measures delivered are set.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    _turn_page(s, world, year)
    k = Columns(s, world, year)
    pools = Pools(
        land=s.hf[c.LAND].copy(),
        hill=s.hf[c.FOREST].copy(),
        hands=k.get("able_months", "household").copy(),
        posts=np.zeros(world.layout.villages, np.int64),
        budget={i: int(m.budget.at(year) * FEN) for i, m in enumerate(world.scenario.measures) if m.budget is not None},
    )
    all_served = [Served(i, m, kind, world.measure(i, year), kept(s, world, i, kind)) for i, m, kind in serving(world)]
    villages = [one for one in all_served if one.kind.holder == "village"]
    others = [one for one in all_served if one.kind.holder != "village"]
    for one in villages:
        _resolve(s, world, draws, year, k, pools, one)
    for one in others:
        one.h["books"][:] = 0
        _hold_on(s, world, draws, year, k, pools, one)
    for one in others:
        _admit(s, world, draws, year, k, pools, one)
    delivered = np.zeros(world.layout.households, np.int64)
    for one in others:
        who = np.flatnonzero(one.h["held"])
        house = np.unique(one.house(world, who)) if one.kind.holder == "person" else who
        delivered[house] += 1
        one.h["books"][HOLDERS] = len(house)
    s.hi[c.DELIVERED] = delivered


def _turn_page(s: State, world: World, year: int) -> None:
    """Last year's proceeds come into the village's hands; help, posts and land of the year begin empty."""
    if year > world.years[0]:
        s.vi[c.PROCEEDS_LAST] = s.vi[c.PROCEEDS]
    s.vi[c.PROCEEDS] = 0
    s.vi[c.RESERVE] += s.vi[c.PROCEEDS_LAST]
    s.pf[c.FIND_HELP] = s.pf[c.WAGE_HELP] = 1.0
    s.pi[c.POST] = 0
    s.pf[c.POST_WAGE] = s.pf[c.POST_MONTHS] = 0.0
    s.hf[c.LAND_USED] = 0.0


def _running(measure: Measure, year: int) -> bool:
    return measure.start_year <= year and (measure.until is None or year <= measure.until)


def _resolve(s: State, world: World, draws: Draws, year: int, k: Columns, pools: Pools, one: Served) -> None:
    """Villages: all of them share out while the measure runs."""
    one.h["books"][:] = 0
    running = _running(one.measure, year)
    one.h["held"][:] = running
    who = np.flatnonzero(one.h["held"])
    one.h["books"][HOLDERS] = len(who)
    if running and one.kind.helps is not None:
        view = View(k, "village", who, year=year)
        answer = one.kind.helps(view, holding(one.kind, one.h, who), one.p, _luck(s, world, draws, one, year, who))
        one.kind.check(answer, "helps")
        if "post_fund" in answer:
            pools.posts[who] += np.floor(answer["post_fund"] * FEN).astype(np.int64)


# --- who holds on ----------------------------------------------------------------------------------------


def _hold_on(s: State, world: World, draws: Draws, year: int, k: Columns, pools: Pools, one: Served) -> None:
    """Those who held it last year and still do; in the first year those whom the register shows as holders."""
    if year == world.years[0] and one.kind.adopts is not None and one.measure.start_year <= year:
        found = one.kind.adopts(View(k, one.kind.holder, None, year=year), one.p)
        _hand_over(s, one, np.flatnonzero(found & _present(s, one)), world.scenario.run.opening)
    who = np.flatnonzero(one.h["held"])
    if not len(who):
        return
    here = _present(s, one)[who] & ((s.pi[c.SLOT, who] == one.h["slot"][who]) if one.kind.holder == "person" else True)
    stays = here if one.kind.stays else here & _supported(s, world, year, one, who)
    goes_on = np.ones(len(who), bool)
    if one.kind.keeps is not None:
        view = _view(k, pools, world, one, who, year)
        u = _luck(s, world, draws, one, year, who)
        goes_on = np.broadcast_to(one.kind.keeps(view, holding(one.kind, one.h, who), one.p, u), len(who))
    one.h["over"][who[here & ~goes_on]] = 1  # it ended by itself; the kind says whether one may have it again
    one.h["held"][who[~(stays & goes_on)]] = 0
    who = who[stays & goes_on]
    order = who[np.lexsort((s.pi[c.SLOT, who] if one.kind.holder == "person" else who * 0, _ids(world, one, who), one.h["since"][who]))]
    funded = order[_fund_reaches(s, world, k, pools, one, order, year)]
    afforded = funded[_budget_reaches(k, pools, one, funded, year)]
    _set_aside(s, world, k, pools, one, afforded, year)
    one.h["paid"][order], one.h["paid"][afforded] = 0.0, 1.0
    if not one.kind.stays:
        one.h["held"][order] = 0
        one.h["held"][afforded] = 1
        one.h["books"][UNMET] += len(order) - len(afforded)
        order = afforded
    _claim(s, world, draws, year, k, pools, one, np.sort(order))


def _present(s: State, one: Served) -> Array:
    """Units that are there: persons alive, households with somebody in them."""
    return s.pi[c.ALIVE] == 1 if one.kind.holder == "person" else s.hi[c.SIZE] > 0


def _supported(s: State, world: World, year: int, one: Served, who: Rows) -> Array:
    """Whether support goes on by the calendar: after exit until ``kept_until``, then by need (those monitored)."""
    house = one.house(world, who)
    if one.measure.kept_until is None or year <= one.measure.kept_until:
        return np.ones(len(who), bool)
    watched = np.isin(s.hi[c.MONITORING, house], (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN))
    supported: Array = (s.hi[c.STATUS, house] != Status.EXITED) | watched
    return supported


# --- who is new ------------------------------------------------------------------------------------------


def _admit(s: State, world: World, draws: Draws, year: int, k: Columns, pools: Pools, one: Served) -> None:
    """Those who are eligible, could use it and take it, in order, as far as quota, budget and pools go."""
    if not _running(one.measure, year):
        return
    who = _candidates(s, world, k, pools, one, year)
    if not len(who):
        return
    take_up, lottery = _generic_luck(s, world, draws, one, who)
    willing = take_up < one.measure.take_up
    who, lottery = who[willing], lottery[willing]
    house = one.house(world, who)
    hi, hf = s.hi, s.hf
    order = service(
        one.measure.order,
        hf[c.REPORTED, house],
        hi[c.SIZE, house],
        hi[c.LISTED, house],
        hi[c.YEAR_IDENTIFIED, house],
        lottery,
        exit_line(world, year),
        world.layout.draw_id[house],
        s.pi[c.SLOT, who] if one.kind.holder == "person" else np.zeros(len(who), np.int64),
    )
    served = who[order]
    wanted = len(served)
    served = served[_fund_reaches(s, world, k, pools, one, served, year)]
    served = served[_within_quota(s, world, one, served, year)]
    given = served[_budget_reaches(k, pools, one, served, year)]
    _set_aside(s, world, k, pools, one, given, year)
    one.h["books"][UNMET] += wanted - len(given)
    one.h["books"][NEW] = len(np.unique(one.house(world, given)))
    given = np.sort(given)
    _hand_over(s, one, given, year)
    if one.kind.begins is not None and len(given):
        u = _luck(s, world, draws, one, year, given, lasting=True)
        answer = one.kind.begins(_view(k, pools, world, one, given, year), holding(one.kind, one.h, given), one.p, u)
        one.kind.check(answer, "begins")
        write_back(one.kind, one.h, given, answer)
    _claim(s, world, draws, year, k, pools, one, given)


def _candidates(s: State, world: World, k: Columns, pools: Pools, one: Served, year: int) -> Rows:
    """Units that are there, do not hold it, meet the conditions, and could use it."""
    kind, h = one.kind, one.h
    free = _present(s, one) & (h["held"] == 0)
    of_house = meets(one.measure.eligible, "household", lambda name: k.get(name, "household"))
    if kind.single:
        of_house = of_house & ~_holds_kind(s, world, kind)
    if kind.holder == "person":
        if of_house is not True:
            free &= of_house[world.layout.house]
        who = np.flatnonzero(free)
        met = meets(one.measure.eligible, "person", lambda name: k.get(name, "person")[who])
        who = who if met is True else who[met]
    else:
        who = np.flatnonzero(free & of_house)
    if kind.fits is not None and len(who):
        who = who[np.broadcast_to(kind.fits(_view(k, pools, world, one, who, year), one.p), len(who))]
    return who


def _holds_kind(s: State, world: World, kind: Kind) -> Array:
    """Households that hold some measure of the kind."""
    holds = np.zeros(world.layout.households, bool)
    for index, _, other in serving(world):
        if other.name == kind.name:
            holds |= kept(s, world, index, other)["held"] == 1
    return holds


def _within_quota(s: State, world: World, one: Served, served: Rows, year: int) -> Array:
    """Whom of those in order the quota lets in; posts are counted with those held, the rest by who is new this year."""
    quota = one.measure.quota
    if quota is None:
        return np.ones(len(served), bool)
    house = one.house(world, served)
    weight = np.ones(len(served))
    if quota.unit == "persons" and one.kind.holder != "person":
        weight = s.hi[c.SIZE, house].astype(np.float64)
    elif quota.unit in one.kind.sizes:
        weight = np.full(len(served), float(one.p[one.kind.sizes[quota.unit]]))
    elif quota.unit == "households" and one.kind.holder == "person":
        weight = _first_of_each(house).astype(np.float64)
    group = s.hi[c.VILLAGE, house] if quota.per == "village" else np.zeros(len(served), np.int64)
    taken = np.zeros(world.layout.villages)
    if quota.unit == "posts":
        holders = s.hi[c.VILLAGE, one.house(world, np.flatnonzero(one.h["held"]))] * (quota.per == "village")
        taken = np.bincount(holders, minlength=world.layout.villages).astype(np.float64)
    return running_total(weight, group) + taken[group] <= quota.at(year) + 1e-9


def _first_of_each(house: Array) -> Array:
    first = np.zeros(len(house), bool)
    first[np.unique(house, return_index=True)[1]] = True
    return first


def running_total(weight: Array, group: Array) -> Array:
    """Sum of the weights so far within each one's group, its own included, in the order given."""
    if not group.any():
        return np.cumsum(weight)
    order = np.argsort(group, kind="stable")
    total = np.cumsum(weight[order])
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    before = np.concatenate(([0.0], total))[starts]
    out = np.empty(len(weight))
    out[order] = total - np.repeat(before, np.diff(np.append(starts, len(weight))))
    return out


def _most(k: Columns, one: Served, served: Rows, year: int, what: str) -> NDArray[np.int64]:
    """Fen that each of those served can cost at most this year, from the budget (overhead included) or the village's fund for posts."""
    if one.kind.costs is None or not len(served):
        return np.zeros(len(served), np.int64)
    holds = one.h["held"][served] == 1
    months = np.where(holds & (one.h["since"][served] < year), 12.0, first_months(one.measure))
    view = View(k, one.kind.holder, served, year=year, first=~holds, months=months, paid=np.ones(len(served)))
    cost = np.broadcast_to(one.kind.costs(view, one.p).get(what, 0.0), len(served))
    overhead = one.p.overhead if what == "budget" and "overhead" in one.p else 0.0
    return np.ceil(cost * (1.0 + overhead) * FEN).astype(np.int64)


def _fund_reaches(s: State, world: World, k: Columns, pools: Pools, one: Served, served: Rows, year: int) -> Array:
    """Whom of those in order the village's fund for posts reaches."""
    fen = _most(k, one, served, year, "post_fund")
    village = s.hi[c.VILLAGE, one.house(world, served)]
    reached: Array = (running_total(fen, village) <= pools.posts[village]) | (fen == 0)
    return reached


def _budget_reaches(k: Columns, pools: Pools, one: Served, served: Rows, year: int) -> Array:
    """Whom of those in order the yearly budget reaches; a sum is promised at its most, so that the budget is never exceeded."""
    left = pools.budget.get(one.index)
    if left is None:
        return np.ones(len(served), bool)
    reached: Array = np.cumsum(_most(k, one, served, year, "budget")) <= left
    return reached


def _set_aside(s: State, world: World, k: Columns, pools: Pools, one: Served, served: Rows, year: int) -> None:
    """Take what is promised to those served out of the fund and the budget."""
    np.subtract.at(pools.posts, s.hi[c.VILLAGE, one.house(world, served)], _most(k, one, served, year, "post_fund"))
    if one.index in pools.budget:
        pools.budget[one.index] -= int(_most(k, one, served, year, "budget").sum())


# --- handing over ----------------------------------------------------------------------------------------


def _hand_over(s: State, one: Served, who: Rows, year: int) -> None:
    """From now on these hold it; own columns begin at their first values."""
    h = one.h
    h["held"][who], h["since"][who], h["paid"][who] = 1, year, 1.0
    if one.kind.holder == "person":
        h["slot"][who] = s.pi[c.SLOT, who]
    for name, value in one.kind.own.items():
        h[name][who] = value


def _claim(s: State, world: World, draws: Draws, year: int, k: Columns, pools: Pools, one: Served, who: Rows) -> None:
    """What holders get before work and income: help, posts, guarantees; and the land they plant."""
    if one.kind.helps is None or not len(who):
        return
    held = holding(one.kind, one.h, who)
    answer = one.kind.helps(_view(k, pools, world, one, who, year), held, one.p, _luck(s, world, draws, one, year, who))
    one.kind.check(answer, "helps")
    write_back(one.kind, one.h, who, answer)
    house = one.house(world, who)
    if one.kind.holder == "person":
        for name, row in (("finding", c.FIND_HELP), ("wages", c.WAGE_HELP)):
            if name in answer:
                s.pf[row, who] *= answer[name]
    else:
        if "finding" in answer:
            s.hf[c.HOUSE_HELP, who] *= answer["finding"]
        if "wages" in answer:
            factor = np.ones(world.layout.households)
            factor[who] = answer["wages"]
            s.pf[c.WAGE_HELP] *= factor[world.layout.house]
    if "post_wage" in answer:
        s.pi[c.POST, who] = 1 + one.index
        s.pi[c.POST_SINCE, who] = one.h["since"][who]
        s.pi[c.WORK, who] = answer["post_at"]
        s.pf[c.POST_WAGE, who], s.pf[c.POST_MONTHS, who] = answer["post_wage"], answer["post_months"]
    if "land" in answer:
        pools.land[house] -= answer["land"]
        s.hf[c.LAND_USED, house] += answer["land"]
    if "hill" in answer:
        pools.hill[house] -= answer["hill"]
    for name, row in (("house_safe", c.HOUSE_SAFE), ("water_safe", c.WATER_SAFE)):
        if name in answer:
            s.hi[row, house] = np.maximum(s.hi[row, house], answer[name])


def _view(k: Columns, pools: Pools, world: World, one: Served, who: Rows, year: int) -> View:
    """The view of holders or candidates, with what is left of the pools."""
    view = view_of(k, one.kind, one.measure, one.h, who, year)
    house = one.house(world, who)
    view.__dict__.update(over=one.h["over"][who], free_land=pools.land[house], free_hill=pools.hill[house], able_months=pools.hands[house])
    return view


def _ids(world: World, one: Served, who: Rows) -> Array:
    return world.layout.draw_id[one.house(world, who)]


def _luck(s: State, world: World, draws: Draws, one: Served, year: int, who: Rows, lasting: bool = False) -> Any:
    return luck(s, world, draws, one.index, one.kind, year, one.p, who, lasting)


def _generic_luck(s: State, world: World, draws: Draws, one: Served, who: Rows) -> tuple[Array, Array]:
    """Whether one takes what is offered, and the place in a lottery: lasting, under the measure's id."""
    layout, names = world.layout, ("measure_take_up", "measure_lottery")
    if one.kind.holder == "person":
        drawn = draws.persons(layout.draw_id, layout.house[who], s.pi[c.SLOT, who], LASTING, names, one.measure.id)
    else:
        drawn = draws.households(layout.draw_id[who], LASTING, names, one.measure.id)
    return drawn[0], drawn[1]
