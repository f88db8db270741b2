"""Owns: phase 3: who still holds each measure and who is given it, within quota, budget, land, hands and posts.
Never: what a holder gets (policy.measures) or the safety net (engine.safety_net).

Villages are served first, since their resolutions say what is set apart for posts. Then all measures are asked who holds on,
and only then, in scenario order, who is new: so that a post or a mu that is held is never given twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import maximum
from povsim.core.errors import RuleError
from povsim.core.schema import Capacity, Stage, Status
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import serving
from povsim.engine.measures import (
    COMING,
    GUARANTEES,
    Columns,
    Luck,
    View,
    cost_view,
    ended,
    exit_line,
    holding,
    kept,
    living,
    running,
    view_of,
    write_back,
)
from povsim.engine.measures import (
    serving as measures_of,
)
from povsim.engine.people import is_registered
from povsim.engine.roster import roster_of
from povsim.engine.serving import LEAST_LAND
from povsim.engine.shelf import HOLDERS, NEW, NEWLY_SERVED, QUOTA_USED, THOUSANDTHS, UNMET, Shelf, plan_of
from povsim.engine.shocks import out_of_school
from povsim.engine.state import FEN, LASTING
from povsim.engine.town import bench_of, budgets_of, refuse_faults, town_of
from povsim.policy.eligibility import meets, service
from povsim.policy.kind import Kind
from povsim.policy.status import is_watched

if TYPE_CHECKING:
    from povsim.core.params import Measure, Quota, Values
    from povsim.engine.compile import Bundle
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Array = NDArray[Any]
Rows = NDArray[np.intp]
Money = dict[str, NDArray[np.int64]]  # fen by purse: budget, post_fund


@dataclass
class Year:
    """One replicate's allocation in one year: what is shared and not yet taken.

    The pools of households are columns of ``k``: ``free_land`` and ``free_hill`` (mu), ``able_months`` (of hands at home).
    """

    s: State
    world: World
    draws: Draws
    year: int
    k: Columns
    posts: NDArray[np.int64]  # fen of the villages' proceeds set apart for posts, by village
    budget: NDArray[np.int64]  # fen left of the yearly budget, by measure; -1 where there is none


@dataclass  # compared and kept by nobody: one year's work
class Served:
    """One measure as it is being allocated."""

    index: int
    measure: Measure
    kind: Kind
    p: Values
    h: dict[str, Array]
    y: Year

    @property
    def persons(self) -> bool:
        """Whether persons hold it."""
        return self.kind.holder == "person"

    def house(self, who: Rows) -> Array:
        """The households of some units."""
        return self.y.world.layout.house[who] if self.persons else who

    def slot(self, who: Rows) -> Array:
        """Their slots; 0 for a household."""
        return self.y.s.pi[c.SLOT, who] if self.persons else np.zeros(len(who), np.int32)

    def view(self, who: Rows) -> View:
        """What the kind sees of them."""
        return view_of(self.y.k, self.kind, self.measure, self.h, who, self.p)

    def holding(self, who: Rows) -> Any:
        """Their own columns."""
        return holding(self.kind, self.h, who)

    def luck(self, who: Rows, lasting: bool = False) -> Any:
        """Their draws by the kind."""
        y = self.y
        return Luck(y.s, y.world, y.draws, self.index, self.kind, y.year, self.p, who, lasting)

    @property
    def quota(self) -> Quota | None:
        """Its quota, where one limits it this year."""
        quota = self.measure.quota
        return None if quota is None or np.isinf(quota.at(self.y.year)) else quota

    def households(self, who: Rows) -> int:
        """Number of households among some units."""
        return int(_first_of_each(self.house(who)).sum()) if self.persons else len(who)


def allocate(s: State, world: World, draws: Draws, year: int) -> None:
    """Say who holds each measure this year, and what follows for work, land, posts and guarantees.

    Parameters
    ----------
    s : State
        ``held`` is brought up to date; factors on finding work and wages, posts, land used and measures delivered are set.
    world, draws, year
        The run, the luck of the replicate, the income year.
    """
    compiled = compiler.enabled()
    budgets = budgets_of(world, year)
    if s.shelf is None:
        s.shelf = Shelf(plan_of(world))
    s.shelf.books[:] = 0
    if compiled:
        t, bench, roster = town_of(s, world, draws, year), bench_of(s, world, year), roster_of(world, year).measures
        bench.posts[:], bench.budgets[:] = 0, budgets
        y = Year(s, world, draws, year, Columns(s, world, year, bench.columns), bench.posts, bench.budgets)
        served = roster["served"] | roster["shared_out"]
        compiler.lift(serving.turn_page)(t)
    else:
        posts = np.zeros(world.layout.villages, np.int64)
        y = Year(s, world, draws, year, Columns(s, world, year), posts, budgets.copy())
        served = np.zeros(len(world.scenario.measures), np.bool_)
        _turn_page(s, world, year)
    y.k.set("household", "free_land", s.hf[c.LAND])
    y.k.set("household", "free_hill", s.hf[c.FOREST])
    apart = [
        Served(i, m, kind, world.measure(i, year), kept(s, world, i), y) for i, m, kind in measures_of(world) if not served[i]
    ]
    for one in apart:
        if one.kind.holder == "village":
            _resolve(one)
    apart = [one for one in apart if one.kind.holder != "village"]
    if compiled:
        _serve_compiled(y, t, apart)
    else:
        _serve(y, apart)


def _serve(y: Year, measures: list[Served]) -> None:
    """Serve households and persons; the reference, in columns."""
    for one in measures:
        _hold_on(one)
    refused = [_admit(one) for one in measures]
    for one, who in zip(measures, refused, strict=True):
        _wait(one, who)
    y.s.hi[c.DELIVERED] = 0
    for one in measures:
        _deliver(one)


def _serve_compiled(y: Year, t: Bundle, apart: list[Served]) -> None:
    """The same; measures ``apart``, with a hook that is no expression, are served in columns, at their turn."""
    s, world = y.s, y.world
    if not apart:
        compiler.lift(serving.allocate_loop)(t)
        refuse_faults(t, world, y.year)
        return
    last = len(world.scenario.measures)
    refused: list[Rows] = []
    changed = compiler.lift(serving.new_faces)(t)
    compiler.lift(serving.resolve_loop)(t)
    for hold, serve in ((True, _hold_on), (False, lambda one: refused.append(_admit(one)))):
        first = 0
        for one in apart:
            compiler.lift(serving.serve_loop)(t, first, one.index, hold, changed)
            refuse_faults(t, world, y.year)  # before another kind is asked about what came of it
            serve(one)
            first = one.index + 1
        compiler.lift(serving.serve_loop)(t, first, last, hold, changed)
    for one, who in zip(apart, refused, strict=True):
        _wait(one, who)
    s.hi[c.DELIVERED] = 0
    compiler.lift(serving.finish_loop)(t)
    refuse_faults(t, world, y.year)
    for one in apart:
        _deliver(one)


def _wait(one: Served, who: Rows) -> None:
    """Count the refused whom no other measure of the kind has served."""
    if one.kind.single and len(who):
        who = who[~_holds_kind(one)[one.house(who)]]
    one.h["books"][UNMET] += len(who)


def _deliver(one: Served) -> None:
    """Count the measure for the households that have it, and them for the measure."""
    who, books = np.flatnonzero(one.h["held"]), one.h["books"]
    if one.quota is not None and one.quota.unit == "posts":  # they are counted with those held
        books[QUOTA_USED] = THOUSANDTHS * len(who)
    house = one.house(who)
    house = house[_first_of_each(house)] if one.persons else house
    one.y.s.hi[c.DELIVERED, house] += one.kind.delivers
    books[HOLDERS] = len(house)


def _turn_page(s: State, world: World, year: int) -> None:
    """Last year's proceeds come into the village's hands; help, posts and land of the year begin empty.

    What a village earns by itself grows with consumer prices.
    """
    s.vi[c.PROCEEDS_LAST] = s.vi[c.PROCEEDS]
    s.vf[c.BASE_INCOME] *= 1.0 + world.at("economy", year).price_growth
    s.vi[c.PROCEEDS] = np.rint(s.vf[c.BASE_INCOME] * FEN)
    s.vi[c.RESERVE] += s.vi[c.PROCEEDS_LAST]
    s.pf[c.FIND_HELP] = s.pf[c.WAGE_HELP] = s.pf[c.ONSET_HELP] = 1.0
    s.hf[c.PREMIUM_HELP] = np.minimum(s.hf[c.PREMIUM_HELP], 0.0)  # whose help has ended pays from now on
    s.pi[c.POST] = s.pi[c.FOUND_MONTH] = s.pi[c.AIDED] = 0
    s.pf[c.POST_WAGE] = s.pf[c.POST_MONTHS] = 0.0
    s.hf[c.LAND_USED] = s.hf[c.HANDS_USED] = 0.0
    s.hi[c.TRANSFERS_WITHIN] = s.hi[c.HOUSE_COMING] = s.hi[c.WATER_COMING] = 0


def _resolve(one: Served) -> None:
    """Villages: all of them share out while the measure runs."""
    runs = running(one.measure, one.y.year)
    one.h["held"][:] = runs
    who = np.flatnonzero(one.h["held"])
    one.h["books"][HOLDERS] = len(who)
    if runs and one.kind.helps is not None:
        answer = one.kind.helps(one.view(who), one.holding(who), one.p, one.luck(who))
        one.kind.check(answer, "helps", len(who))
        if "post_fund" in answer:
            one.y.posts[who] += np.floor(answer["post_fund"] * FEN).astype(np.int64)


# --- who holds on ----------------------------------------------------------------------------------------


def _hold_on(one: Served) -> None:
    """Those who held it last year and still do; in the first year those whom the register shows as holders."""
    y, h, kind, s = one.y, one.h, one.kind, one.y.s
    if one.persons:
        _forget(one, np.flatnonzero((h["slot"] >= 0) & (h["slot"] != s.pi[c.SLOT])))
    if y.year == y.world.years[0] and kind.adopts is not None and one.measure.start_year <= y.year:
        everybody = np.flatnonzero(_present(one))
        found = kind.adopts(one.view(everybody), one.p)
        _hand_over(one, everybody[found], y.world.scenario.run.opening)
    who = np.flatnonzero(h["held"])
    if not len(who):
        return
    h["held"][who] = False
    who = who[_present(one)[who]]
    if kind.keeps is not None:
        goes_on = np.broadcast_to(kind.keeps(one.view(who), one.holding(who), one.p, one.luck(who)), len(who))
        h["over"][who[~goes_on]] = True  # it ended by itself; the kind says whether one may have it again
        who = who[goes_on]
    paid = who[_may_have(one, who)]  # the removed lose what supports them, not what they built
    if not kind.stays:
        who = paid = paid[_supported(one, paid)]
    if ended(one.measure, y.year):
        paid = paid[:0]
    elif kind.costs is not None:
        order = paid[np.lexsort((one.slot(paid), y.world.layout.draw_id[one.house(paid)], h["since"][paid]))]
        paid = np.sort(_afforded(one, order, held=True))
        if not (kind.stays or running(one.measure, y.year)):  # else they ask again, and are counted then
            h["books"][UNMET] += len(who) - len(paid)
    h["paid"][who], h["paid"][paid] = 0.0, 1.0
    who = who if kind.stays else paid
    h["held"][who] = True
    _claim(one, who)


def _forget(one: Served, who: Rows) -> None:
    """Somebody else has taken these places, and inherits nothing of what was held in them, nor that it ended."""
    h = one.h
    h["held"][who], h["over"][who], h["slot"][who] = False, False, -1
    for name, value in one.kind.own.items():
        h[name][who] = value


def _may_have(one: Served, who: Rows) -> Array:
    """Whether they may be paid at all: the removed only what is due by law."""
    may: Array = one.kind.by_right | (one.y.s.hi[c.STATUS, one.house(who)] != Status.REMOVED)
    return may


def _present(one: Served) -> Array:
    """Units that are there: persons alive, households with somebody in them."""
    present: Array = one.y.s.pi[c.ALIVE] == 1 if one.persons else one.y.s.hi[c.SIZE] > 0
    return present


def _supported(one: Served, who: Rows) -> Array:
    """Whether the calendar allows support: after exit until ``kept_until``, then by need (those monitored)."""
    until, hi = one.measure.kept_until, one.y.s.hi
    if until is None or one.y.year <= until:
        return np.ones(len(who), bool)
    house = one.house(who)
    supported: Array = (hi[c.STATUS, house] != Status.EXITED) | is_watched(hi[c.MONITORING, house])
    return supported


# --- who is new ------------------------------------------------------------------------------------------


def _admit(one: Served) -> Rows:
    """Those who are eligible, could use it and take it, in order, as far as quota, budget and pools go; returns whom not."""
    y, h, kind = one.y, one.h, one.kind
    quota = np.inf if one.quota is None else one.quota.at(y.year)
    who = _candidates(one) if running(one.measure, y.year) else np.zeros(0, np.intp)
    if not len(who):
        return who
    take_up, lottery = _generic_luck(one, who)
    willing = take_up < one.measure.take_up
    who, lottery = who[willing], lottery[willing]
    given = np.sort(_afforded(one, _in_service(one, who, lottery), held=False, quota=quota)) if quota > 0.0 else who[:0]
    refused: Rows = np.setdiff1d(who, given, assume_unique=True)
    h["books"][[NEW, NEWLY_SERVED, QUOTA_USED]] = one.households(given), len(given), _of_quota(one, given)
    if not len(given):
        return refused
    _hand_over(one, given, y.year)
    if kind.begins is not None:
        answer = kind.begins(one.view(given), one.holding(given), one.p, one.luck(given, lasting=True))
        kind.check(answer, "begins", len(given))
        write_back(kind, h, given, answer)
    _claim(one, given)
    return refused


def _candidates(one: Served) -> Rows:
    """Units that are there, may have it, do not hold it, meet the conditions, and could use it."""
    k, kind, h, asked = one.y.k, one.kind, one.h, one.measure.eligible
    if one.persons:
        who: Rows = k.persons(asked)
        who = who[~h["held"][who]]
        met = meets(asked, "person", lambda name: k.get("person", name)[who])
        who = who if met is True else who[met]
    else:
        who = np.flatnonzero(k.eligible(one.measure, kind, one.p) & ~h["held"])
    who = who[_may_have(one, who)]
    who = who[_supported(one, who)]  # else whom the calendar lets go would come back as new
    if kind.single:
        who = who[~_holds_kind(one)[one.house(who)]]
    if kind.fits is not None and len(who):
        who = who[np.broadcast_to(kind.fits(one.view(who), one.p), len(who))]
    return who


def _holds_kind(one: Served) -> Array:
    """Households that hold some measure of the kind."""
    holds = np.zeros(one.y.world.layout.households, bool)
    for index, _, kind in measures_of(one.y.world):
        if kind.name == one.kind.name:
            h = kept(one.y.s, one.y.world, index)
            holds[one.house(np.flatnonzero(h["held"]))] = True
    return holds


def _in_service(one: Served, who: Rows, lottery: Array) -> Rows:
    """The candidates in the measure's order of service, by last year's reported income."""
    y, house = one.y, one.house(who)
    hi = y.s.hi
    order = service(
        one.measure.order,
        y.s.hf[c.REPORTED, house],
        hi[c.SIZE, house],
        hi[c.LISTED, house],
        hi[c.YEAR_IDENTIFIED, house],
        lottery,
        exit_line(y.world, y.year),
        y.world.layout.draw_id[house],
        one.slot(who),
    )
    return who[order]


def _within_quota(one: Served, served: Rows, number: float) -> Array:
    """Whom of those in order the quota lets in; posts are counted with those held, the rest by who is new this year."""
    quota, hi, villages = one.measure.quota, one.y.s.hi, one.y.world.layout.villages
    if quota is None or np.isinf(number):
        return np.ones(len(served), bool)
    house, weight = one.house(served), _each_takes(one, quota, served)
    of_village = quota.per == "village"
    group = hi[c.VILLAGE, house] if of_village else np.zeros(len(served), np.int64)
    taken = np.zeros(villages)
    if quota.unit == "posts":
        holders = hi[c.VILLAGE, one.house(np.flatnonzero(one.h["held"]))] * of_village
        taken = np.bincount(holders, minlength=villages).astype(np.float64)
    within: Array = running_total(weight, group) + taken[group] <= number + 1e-9
    return within


def _of_quota(one: Served, given: Rows) -> int:
    """What the new take of the quota, in thousandths of its unit; posts are counted when all is served (`_deliver`)."""
    if one.quota is None or not len(given):
        return 0
    return int(np.rint(THOUSANDTHS * _each_takes(one, one.quota, given).cumsum()[-1]))


def _each_takes(one: Served, quota: Quota, served: Rows) -> Array:
    """What each of those in order takes of the quota, in its unit."""
    house, each = one.house(served), np.ones(len(served))
    if quota.unit == "persons" and not one.persons:
        each = one.y.s.hi[c.SIZE, house].astype(np.float64)
    elif quota.unit in one.kind.sizes:
        each = np.full(len(served), float(one.p[one.kind.sizes[quota.unit]]))
    elif quota.unit == "households" and one.persons:
        each = _first_of_each(house).astype(np.float64)
    return each


def _first_of_each(house: Array) -> Array:
    """Whether each is the first of its household in the order given."""
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
    before = np.concatenate(([0], total))[starts]
    out = np.empty_like(total)
    out[order] = total - np.repeat(before, np.diff(np.append(starts, len(weight))))
    return out


# --- money -----------------------------------------------------------------------------------------------


def _most(one: Served, served: Rows, held: bool) -> Money:
    """Fen that each can cost at most this year: from the ``budget`` (overhead included), from the village's ``post_fund``."""
    if one.kind.costs is None or not len(served):
        return {}
    count = len(served)
    view = cost_view(one.y.k, one.kind, one.measure, one.h, served, one.p, new=not held)
    overhead = {"budget": 1.0 + (one.p.overhead if "overhead" in one.p else 0.0)}
    answer = one.kind.costs(view, one.p)
    one.kind.check(answer, "costs", count)
    return {
        name: np.ceil(np.broadcast_to(yuan, count) * overhead.get(name, 1.0) * FEN).astype(np.int64)
        for name, yuan in answer.items()
    }


def _funded(one: Served, served: Rows, most: Money) -> Array:
    """Whom of those in order the village's fund for posts reaches."""
    fen = most.get("post_fund")
    if fen is None or not fen.any():
        return np.ones(len(served), bool)
    village = one.y.s.hi[c.VILLAGE, one.house(served)]
    reached: Array = (running_total(fen, village) <= one.y.posts[village]) | (fen == 0)
    return reached


def _budgeted(one: Served, served: Rows, most: Money) -> Array:
    """Whom of those in order the yearly budget reaches."""
    left = one.y.budget[one.index]
    if left < 0 or "budget" not in most:
        return np.ones(len(served), bool)
    reached: Array = np.cumsum(most["budget"]) <= left
    return reached


def _afforded(one: Served, served: Rows, held: bool, quota: float = np.inf) -> Rows:
    """Those in order whom fund, quota and budget let in; the sums are set aside at their most, so that none is ever exceeded."""
    most = _most(one, served, held)
    for limit in ("fund", "quota", "budget"):
        if limit == "fund":
            reached = _funded(one, served, most)
        elif limit == "quota":
            reached = _within_quota(one, served, quota)
        else:
            reached = _budgeted(one, served, most)
        served, most = served[reached], {name: fen[reached] for name, fen in most.items()}
    if one.y.budget[one.index] >= 0 and "budget" in most:
        one.y.budget[one.index] -= int(most["budget"].sum())
    if "post_fund" in most:
        np.subtract.at(one.y.posts, one.y.s.hi[c.VILLAGE, one.house(served)], most["post_fund"])
    return served


# --- handing over ----------------------------------------------------------------------------------------


def _hand_over(one: Served, who: Rows, year: int) -> None:
    """From now on these hold it; own columns begin at their first values."""
    h = one.h
    h["held"][who], h["since"][who], h["paid"][who] = True, year, 1.0
    if one.persons:
        h["slot"][who] = one.slot(who)
    for name, value in one.kind.own.items():
        h[name][who] = value


def _claim(one: Served, who: Rows) -> None:
    """What holders get before work and income: help, posts, schooling, premiums, guarantees; and the land they plant."""
    if one.kind.helps is None or not len(who):
        return
    s, k = one.y.s, one.y.k
    answer = one.kind.helps(one.view(who), one.holding(who), one.p, one.luck(who))
    one.kind.check(answer, "helps", len(who))
    write_back(one.kind, one.h, who, answer)
    house = one.house(who)
    for name, row in (("finding", c.FIND_HELP), ("wages", c.WAGE_HELP), ("onset", c.ONSET_HELP)):
        if name not in answer:
            continue
        helped = 1.0 + (answer[name] - 1.0) * one.view(who).months / 12.0
        if one.persons:
            s.pf[row, who] *= helped
        else:
            factor = np.ones(one.y.world.layout.households)
            factor[who] = helped
            s.pf[row] *= factor[one.y.world.layout.house]
    if "post_wage" in answer:
        s.pi[c.POST, who] = 1 + one.index
        s.pi[c.FOUND_MONTH, who] = np.where(one.h["since"][who] == one.y.year, one.measure.start_month, 0)
        s.pi[c.WORK, who] = answer["post_at"]
        s.pf[c.POST_WAGE, who], s.pf[c.POST_MONTHS, who] = answer["post_wage"], answer["post_months"]
    if "aided" in answer:
        s.pi[c.AIDED, who] |= np.asarray(answer["aided"] > 0, np.int32)
    if "skilled" in answer:
        learns = (s.pi[c.CAPACITY, who] == Capacity.ORDINARY) & (answer["skilled"] > 0)
        s.pi[c.CAPACITY, who[learns]] = Capacity.SKILLED
    if "converted" in answer:
        turned = np.broadcast_to(answer["converted"], len(house))
        for row, free, mu in ((c.LAND, "free_land", -turned), (c.FOREST, "free_hill", turned)):
            np.add.at(s.hf[row], house, mu)
            np.add.at(k.get("household", free), house, mu)
        if (s.hf[c.LAND, house] < LEAST_LAND).any():
            told = f"{one.y.year}: measure {one.measure.id}, kind {one.kind.name}, helps"
            raise RuleError(f"{told}: {one.kind.allowed('converted', 'helps')}")
    for name, free in (("land", "free_land"), ("hill", "free_hill"), ("labour", "able_months")):
        if name in answer:
            np.subtract.at(k.get("household", free), house, answer[name])
    if "land" in answer:
        np.add.at(s.hf[c.LAND_USED], house, answer["land"])
    if "house_unfit" in answer:
        s.hi[c.HOUSE_SAFE, house[np.broadcast_to(answer["house_unfit"], len(house)) > 0]] = 0
    for name, row in COMING.items():
        if name in answer:
            s.hi[row, house[np.broadcast_to(answer[name], len(house)) > 0]] = 1
    if "premium" in answer:
        _pay_premiums(one, house, answer["premium"])
    for name, row in GUARANTEES.items():
        if name in answer:
            _supply(one, house, row, answer[name])


def _supply(one: Served, house: Array, row: int, answer: Any) -> None:
    """A guarantee to those who lack it; with that of schooling the children go back to school."""
    hi = one.y.s.hi
    supplied = house[np.broadcast_to((hi[row, house] == 0) & (answer > 0), len(house))]
    hi[row, supplied] = 1
    if one.kind.route:
        hi[c.SECURED, supplied] = one.kind.route
    if row == c.SCHOOL_SAFE:
        _back_to_school(one, supplied)


def _pay_premiums(one: Served, house: Array, share: Any) -> None:
    """Set what measures pay of the households' next premiums; shares of several add up, to the whole premium at most.

    Where persons hold, a household's share is the mean over its members; those who hold none go on as its status says, until a
    measure has once paid for the household.
    """
    s = one.y.s
    whole = np.maximum(s.hi[c.SIZE], 1) if one.persons else 1
    held = np.bincount(house, minlength=one.y.world.layout.households) / whole
    paid = np.bincount(house, np.broadcast_to(share, len(house)), one.y.world.layout.households) / whole
    before = s.hf[c.PREMIUM_HELP]
    usual = np.where(before < 0.0, is_registered(s.hi[c.STATUS]) * (1.0 - held), before)
    s.hf[c.PREMIUM_HELP] = np.where(held > 0.0, np.minimum(usual + paid, 1.0), before)


def _back_to_school(one: Served, households: Array) -> None:
    """Children of compulsory age who are out of school join the class of their age (控辍保学)."""
    pi, (place, _) = one.y.s.pi, living(one.y.s, one.y.world.layout, np.unique(households))
    place = place[out_of_school(pi[c.AGE, place], pi[c.STAGE, place])]
    pi[c.STAGE, place], pi[c.STAGE_YEAR, place] = Stage.COMPULSORY, maximum(1, pi[c.AGE, place] - 5)


def _generic_luck(one: Served, who: Rows) -> tuple[Array, Array]:
    """Whether one takes what is offered, and the place in a lottery: lasting, under the measure's id."""
    layout, draws, names = one.y.world.layout, one.y.draws, ("measure_take_up", "measure_lottery")
    if one.persons:
        drawn = draws.persons(layout.draw_id, layout.house[who], one.slot(who), LASTING, names, one.measure.id)
    else:
        drawn = draws.households(layout.draw_id[who], LASTING, names, one.measure.id)
    return drawn[0], drawn[1]
