"""Owns: the list before the year, the closed account, and the assessment: who leaves, returns, enters, is removed, is watched.
Never: holds the rules themselves (policy.status) or writes the ledger (engine.ledger)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import EXPENSES, ITEMS, Category, Cause, Era, Monitoring, Route, Status
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import judging
from povsim.engine.program import run
from povsim.engine.state import FEN, LASTING, in_stock
from povsim.policy import status as rule
from povsim.policy.lines import Lines, lines_in_force

if TYPE_CHECKING:
    from povsim.core.params import Plan
    from povsim.engine.draws import Draws
    from povsim.engine.state import State
    from povsim.engine.world import World

Mask = NDArray[np.bool_]
Luck = dict[str, NDArray[np.float64]]  # uniforms of the households, by decision

_REGISTRY = np.array([item.registry for item in ITEMS])
_REFERENCE = np.array([item.reference for item in ITEMS])
_OWN = np.array(
    [item.registry and item.name not in ("dibao", "tekun") for item in ITEMS]
)  # registry income without the safety net
_OWN_PAID_ACUTE = [judging.ACUTE, judging.REPAIR]  # bills by which one enters monitoring
_ALL_BUT_DEBT = [row for row in range(len(EXPENSES)) if row != judging.DEBT]


@dataclass(frozen=True)
class Judged:
    """What the assessment of one year decided, one mask over the households each, and what monitoring missed."""

    opening: Mask  # in the stock of registered poor when the year opened
    exited_before: Mask  # had left before this year's assessment
    monitored_before: Mask
    cleared_before: Mask
    gone: Mask  # nobody is left
    removed: Mask
    identified: Mask
    late: Mask  # of these, missed before: below the line last year already (补录)
    returned: Mask
    qualified: Mask  # before any cap
    qualified_plain: Mask  # qualified without top-up
    exited: Mask
    route: NDArray[np.int64]  # schema.Route of those who left
    by_status: Mask
    by_obligation: Mask
    smaller: Mask  # left mainly because fewer share the income
    below_before_net: Mask  # of the exited, in the three readings of return
    below_line: Mask
    below_survey: Mask
    causes: NDArray[np.int64]  # schema.Cause of the fall, income reading, 0 where none
    returned_by: NDArray[np.int64]  # schema.Cause of a registered return, 0 where none
    entered: Mask  # came under watch
    again: Mask  # of these, cleared before (再次纳入)
    passed: Mask  # of these, still poor when the campaign ended
    cleared: Mask  # by support (帮扶消除); who is gone is cleared by nature
    missed: Mask  # at risk, alerted, never found
    delay: NDArray[np.int64]  # months from event to identification, of those found and entered


def lines_of(world: World, year: int) -> Lines:
    """Lines in force in a year."""
    v = world.at("lines", year)
    return lines_in_force(v.exit_line, v.poverty_line, v.monitoring_line)


def era_in(world: World, year: int) -> int:
    """schema.Era of a year."""
    p = world.at("assessment", year)
    return int(rule.era_of(year, p.transition_from, p.regular_from))


def finishing(plan: Plan, year: int) -> bool:
    """Whether nobody is to be left behind in this year: the plan's finish year, or any after it."""
    return plan.finish_year is not None and year >= plan.finish_year


def open_campaign(world: World, year: int) -> bool:
    """Whether households are still named, found and registered: in the campaign, up to the finish year where there is one."""
    finish = world.scenario.plan.finish_year
    return era_in(world, year) == Era.CAMPAIGN and (finish is None or year <= finish)


def in_force(world: World, year: int) -> judging.Force:
    """What the compiled bodies ask of a year, gathered once."""

    def gather() -> judging.Force:
        p, line, exits = world.at("assessment", year), lines_of(world, year), _exits_up_to(world, year)
        of_year = {
            "year": year,
            "era": era_in(world, year),
            "open": open_campaign(world, year),
            "finishing": finishing(world.scenario.plan, year),
            "watching": _watching(p, line, year),
            "list_up_to": _list_up_to(world, year),
            "exits_up_to": np.inf if exits is None else exits,
            "exit": line.exit,
            "exit_before": lines_of(world, year - 1).exit,
            "monitoring": line.monitoring,
            "dibao_standard": world.at("lines", year).dibao_standard,
        }
        force = np.zeros(1, judging.FORCE)
        for name in judging.FORCE.names or ():
            force[name] = of_year[name] if name in of_year else getattr(p, name)
        return force

    force: judging.Force = world.keep(("judging", year), gather)
    return force


def _list_up_to(world: World, year: int) -> float:
    """Persons that the list names: infinite for all the poor; `draw_list` says when there is one."""
    p, target = world.at("assessment", year), world.scenario.plan.cap(year)
    if year < p.list_from or era_in(world, year) != Era.CAMPAIGN:
        return 0.0
    if target is not None:
        return float(target * p.list_oversize)
    return np.inf if open_campaign(world, year) else 0.0


def _watching(p: Any, line: Lines, year: int) -> bool:
    """Whether there is monitoring in a year."""
    return bool(year >= min(p.monitoring_from, p.transition_from) and line.monitoring > 0)


def take_until(order: NDArray[np.int64], weight: NDArray[np.int64], total: float) -> NDArray[np.int64]:
    """The first of ``order`` whose weights reach ``total``; the one that crosses it is admitted."""
    before = np.cumsum(weight[order]) - weight[order]
    return order[before < total]


def draw_list(s: State, world: World, draws: Draws, year: int) -> None:
    """Name in spring who is to leave (预脱贫名单); being listed helps its members to find work.

    The list is larger than the target. Before lists were kept nobody is on one, nor after the campaign. In a year without a
    target, up to the finish year, everybody still poor is on it.
    """
    if compiler.enabled():
        run(judging.list_step(s, world, in_force(world, year), draws.luck(world.layout.draw_id, year).shared))
        return
    p, plan = world.at("assessment", year), world.scenario.plan
    stock = in_stock(s.hi[c.STATUS]) & (s.hi[c.SIZE] > 0)
    listed = np.zeros(world.layout.households, bool)
    target = plan.cap(year)
    if year < p.list_from or era_in(world, year) != Era.CAMPAIGN:
        pass  # who left was settled afterwards; or nobody leaves any more
    elif target is not None:
        (noise,) = draws.households(world.layout.draw_id, year, ("assess_list_z",))
        line = lines_of(world, year).exit
        score = rule.list_score(
            s.hf[c.REPORTED] / line,
            s.hi[c.LABOURERS],
            s.hi[c.SIZE],
            (s.hi[c.NETTED] > 0) * 1.0,
            noise,
            p.list_weight_labour,
            p.list_weight_size,
            p.list_weight_dibao,
            p.list_noise,
        )
        who = np.flatnonzero(stock)
        order = who[np.lexsort((world.layout.draw_id[who], -score[who]))]
        listed[take_until(order, s.hi[c.SIZE], target * p.list_oversize)] = True
    elif open_campaign(world, year):
        listed = stock
    s.hi[c.LISTED] = listed
    s.hf[c.HOUSE_HELP] = np.where(listed, p.list_finding, 1.0)


def own_income(s: State) -> NDArray[np.float64]:
    """Registry income per head before the safety net, yuan."""
    own: NDArray[np.float64] = (s.items[_OWN].sum(axis=0)) / FEN / np.maximum(s.hi[c.SIZE], 1)
    return own


def close_account(s: State, world: World, draws: Draws, year: int) -> None:
    """Add the items up: registry income per head, true and reported, before and after the safety net, and reference income."""
    if compiler.enabled():
        run(judging.account_step(s, world, in_force(world, year), draws.luck(world.layout.draw_id, year).shared))
        return
    p = world.at("assessment", year)
    size = np.maximum(s.hi[c.SIZE], 1)
    registry = s.items[_REGISTRY].sum(axis=0)
    s.hf[c.TRUE_HEAD] = registry / FEN / size
    s.hf[c.BEFORE_NET] = own_income(s)
    own_paid = _own_paid(s, _ALL_BUT_DEBT, p.debt_counts)
    s.hf[c.REFERENCE] = rule.reference_income(s.items[_REFERENCE].sum(axis=0) / FEN, own_paid / FEN, size)
    net = on_net(s, world)
    note_category(s, *net)
    note_layer(s, world, year, *net)
    (error,) = draws.households(world.layout.draw_id, year, ("assess_report_error_z",))
    s.hf[c.REPORTED] = rule.reported_income(s.hf[c.TRUE_HEAD], error, p.report_error)


def _own_paid(s: State, rows: list[int], debt_counts: bool) -> NDArray[np.int64]:
    """Rigid expenditure of some rows, fen; with debt service where that counts for monitoring."""
    paid: NDArray[np.int64] = s.spent[[*rows, judging.DEBT] if debt_counts else rows].sum(axis=0)
    return paid


def on_net(s: State, world: World) -> tuple[Mask, Mask]:
    """Households in which somebody draws 特困 support, and 低保."""
    here = s.pi[c.ALIVE] == 1
    tekun, dibao = (world.layout.per_household((here & (s.pi[row] > 0)).astype(np.int64)) > 0 for row in (c.TEKUN, c.DIBAO))
    return tekun, dibao


def note_category(s: State, tekun: Mask, dibao: Mask) -> None:
    """Bring the category of registered households in line with what their members receive (户类型)."""
    now = np.where(tekun, Category.TEKUN, np.where(dibao, Category.DIBAO, Category.POOR))
    s.hi[c.CATEGORY] = np.where(s.hi[c.CATEGORY] == Category.ORDINARY, Category.ORDINARY, now)


def note_layer(s: State, world: World, year: int, tekun: Mask, dibao: Mask) -> None:
    """Put every household into its layer of low income, by what its members receive, its income and its rigid expenditure."""
    p, head = world.at("assessment", year), s.hf[c.TRUE_HEAD]
    own_paid = _own_paid(s, _ALL_BUT_DEBT, p.debt_counts) / FEN / np.maximum(head * s.hi[c.SIZE], 1.0)
    standard = world.at("lines", year).dibao_standard
    limits = p.layer_margin, p.layer_rigid_income, p.layer_rigid_share
    s.hi[c.LAYER] = rule.layer(tekun, dibao, head, standard, own_paid, *limits) * (s.hi[c.SIZE] > 0)


def guaranteed(s: State) -> Mask:
    """Compulsory schooling, medical insurance, housing and water all secured (三保障和饮水安全)."""
    safe: Mask = (s.hi[c.HOUSE_SAFE] & s.hi[c.WATER_SAFE] & s.hi[c.SCHOOL_SAFE] & s.hi[c.INSURED_ALL]) == 1
    return safe


def assess(s: State, world: World, draws: Draws, year: int) -> Judged:
    """Judge the year, in the order of the rules: natural change, removal, identification and return, exit; then monitoring.

    After the campaign removal, identification, return and exit are closed: nobody moves but by natural change and by monitoring.
    """
    if compiler.enabled():
        verdicts, counter = judging.Verdicts(world.layout.households), judging.counter_of(draws.seed, draws.replicate, year)
        run(judging.assess_step(s, world, in_force(world, year), counter, verdicts))
        return Judged(**verdicts.by_name)
    p, plan, line = world.at("assessment", year), world.scenario.plan, lines_of(world, year)
    ids = world.layout.draw_id
    u = dict(zip(_DRAWS, draws.households(ids, year, _DRAWS), strict=True))
    status, size = s.hi[c.STATUS], s.hi[c.SIZE]
    opening, exited_before = in_stock(status), status == Status.EXITED
    monitored_before, cleared_before = _monitored(s), s.hi[c.MONITORING] == Monitoring.CLEARED
    safe, reported = guaranteed(s), s.hf[c.REPORTED]
    campaign = era_in(world, year) == Era.CAMPAIGN
    _note_costs(s, (s.hi[c.CHRONIC_AT_EXIT] < 0) & exited_before)
    registered = in_stock(status) | (status == Status.EXITED)
    s.hi[c.HELPED] |= (s.hi[c.DELIVERED] > 0) | (registered & (u["assess_helped"] < p.helped_otherwise))
    s.hi[c.HELPED] |= finishing(plan, year)  # in the finish year nobody is left without a measure

    gone = (size == 0) & (status != Status.GONE)
    status[gone] = Status.GONE
    s.hi[c.MONITORING, gone] = Monitoring.NONE

    registered = in_stock(status) | (status == Status.EXITED)
    removed = registered & (s.hi[c.INELIGIBLE] == 1) & (u["assess_removed"] < p.ineligible_found) & campaign
    status[removed] = Status.REMOVED
    s.hi[c.MONITORING, removed] = Monitoring.NONE

    entitled = (status == Status.GENERAL) & (reported < line.exit) & (s.hi[c.INELIGIBLE] == 0)
    found = entitled & (u["assess_found"] < p.general_found)
    who = np.flatnonzero(found) if open_campaign(world, year) else np.empty(0, np.int64)
    order = who[np.lexsort((ids[who], reported[who]))]
    quota = p.identified_quota * (1.0 + p.quota_tolerance) * size[opening].sum() + p.look_back * size[removed].sum()
    identified = np.zeros_like(found)
    identified[order[np.cumsum(size[order]) <= quota]] = True
    late = identified & (s.hf[c.REPORTED_LAST] < lines_of(world, year - 1).exit)
    status[identified], s.hi[c.YEAR_IDENTIFIED, identified] = Status.POOR, year
    s.hi[c.HELPED, identified], s.hi[c.CATEGORY, identified] = 0, Category.POOR

    still_exited = status == Status.EXITED
    below_net = still_exited & (s.hf[c.BEFORE_NET] < line.exit)
    below_line = still_exited & (s.hf[c.TRUE_HEAD] < line.exit)
    below_survey = still_exited & ((s.hf[c.TRUE_HEAD] < line.exit) | ~safe)
    returned = still_exited & ((reported < line.exit) | ~safe) & (u["assess_return_found"] < p.return_found)
    returned &= open_campaign(world, year) and not finishing(plan, year)
    status[returned], s.hi[c.YEAR_RETURNED, returned] = Status.RETURNED, year
    fallen = below_net & (s.hi[c.STOOD] == 1)
    why, who = np.full(len(ids), Cause.NONE, np.int64), np.flatnonzero(fallen | returned)
    why[who] = _cause_of_fall(s, safe, who)
    causes = np.where(fallen, why, Cause.NONE)
    returned_by = np.where(returned, np.where(reported < line.exit, why, Cause.GUARANTEE), Cause.NONE)
    _note_falls(
        s,
        year,
        {c.FELL_BEFORE_NET: below_net, c.FELL_LINE: below_line, c.FELL_SURVEY: below_survey, c.FELL_REGISTERED: returned},
        causes,
    )

    judged = _judge_exits(s, world, year, opening, safe, u)
    _judge_villages(s, world, draws, year)
    watch = _monitor(s, world, year, safe, u)
    return Judged(
        opening=opening,
        exited_before=exited_before,
        monitored_before=monitored_before,
        cleared_before=cleared_before,
        gone=gone,
        removed=removed,
        identified=identified,
        late=late,
        returned=returned,
        below_before_net=below_net,
        below_line=below_line,
        below_survey=below_survey,
        causes=causes,
        returned_by=returned_by,
        again=watch["entered"] & cleared_before,
        **judged,
        **watch,
    )


def open_register(s: State, world: World, draws: Draws) -> None:
    """Draw once, for a whole life, whose papers a check would find wrong, and which registered households had help before.

    A household on 特困 support is never found ineligible.
    """
    p, ids = world.at("assessment", world.scenario.run.opening), world.layout.draw_id
    ineligible, helped = draws.households(ids, LASTING, ("assess_ineligible", "assess_helped_before"))
    chance = world.keep(  # all replicates open with the same households
        ("ineligible",),
        lambda: (
            (s.hi[c.CATEGORY] != Category.TEKUN) * rule.ineligible_chance(s.hi[c.SIZE], p.ineligible_share, p.ineligible_by_size)
        ),
    )
    s.hi[c.INELIGIBLE] = ineligible < chance
    s.hi[c.HELPED] = (s.hi[c.YEAR_IDENTIFIED] > 0) & (helped < p.helped_before)


def _exits_up_to(world: World, year: int) -> float | None:
    """Persons who are let go in a year, where a plan caps them: not where all must go."""
    plan = world.scenario.plan
    return plan.cap(year) if world.at("assessment", year).exits_capped and not finishing(plan, year) else None


def _judge_exits(s: State, world: World, year: int, opening: Mask, safe: Mask, u: Luck) -> dict[str, NDArray[Any]]:
    """Who qualifies, and who is let go: all of them, or until a plan's number is reached.

    The listed go first, among them those who pass without top-up (the safety net is left to the last year), then by surplus.
    """
    p, plan, line = world.at("assessment", year), world.scenario.plan, lines_of(world, year).exit
    reported, size, status = s.hf[c.REPORTED], s.hi[c.SIZE], s.hi[c.STATUS]
    stock = in_stock(status)
    on_tekun = stock & (s.hi[c.CATEGORY] == Category.TEKUN)
    passes = rule.above_line(reported, line, p.exit_margin)
    s.hi[c.YEARS_ABOVE] = np.where(passes, s.hi[c.YEARS_ABOVE] + 1, 0)
    by_income = (s.hi[c.YEARS_ABOVE] >= p.sustain_years) | rule.written_up(
        reported, line, p.exit_margin, s.hi[c.LISTED], p.written_up_band, u["assess_written_up"], p.written_up
    )
    by_status = on_tekun & (u["assess_tekun"] < p.tekun_leaves)
    obliged = stock & (s.hi[c.NETTED] > 0) & ~by_income if finishing(plan, year) else np.zeros_like(stock)

    def qualify(passing: Mask) -> Mask:
        allowed: Mask = rule.may_leave(passing, safe, s.hi[c.HELPED], s.hi[c.YEAR_IDENTIFIED], s.hi[c.YEAR_RETURNED], year)
        return stock & opening & allowed & (era_in(world, year) == Era.CAMPAIGN)

    income_or_status = np.where(on_tekun, by_status, by_income)
    qualified = qualify(income_or_status | obliged)
    share_before_net = np.where(s.hf[c.TRUE_HEAD] > 0, s.hf[c.BEFORE_NET] / np.maximum(s.hf[c.TRUE_HEAD], 1e-9), 1.0)
    qualified_plain = qualify(rule.above_line(reported * share_before_net, line, p.exit_margin) & ~on_tekun)

    exited = qualified.copy()
    if (target := _exits_up_to(world, year)) is not None:
        who = np.flatnonzero(qualified)
        surplus = rule.surplus(reported, line, size, p.surplus_by_size)
        order = who[np.lexsort((world.layout.draw_id[who], -surplus[who], ~qualified_plain[who], -s.hi[c.LISTED, who]))]
        exited[:] = False
        exited[take_until(order, size, target)] = True
    smaller = exited & (reported * size / np.maximum(s.hi[c.SIZE_OPEN], 1) < line) & (size < s.hi[c.SIZE_OPEN]) & ~on_tekun

    by_status, by_obligation = exited & on_tekun, exited & obliged & ~on_tekun
    route, who = np.zeros(len(status), np.int64), np.flatnonzero(exited)
    route[who] = _routes(s, who, (by_status | by_obligation)[who])
    s.hi[c.ROUTE, exited] = 1 + route[exited]
    status[exited] = Status.EXITED
    s.hi[c.YEAR_EXITED, exited] = year
    s.hf[c.AT_EXIT, exited] = s.hf[c.TRUE_HEAD, exited]
    s.hi[c.SIZE_AT_EXIT, exited], s.hi[c.LOST_SINCE, exited], s.hi[c.DISABLED_SINCE, exited] = size[exited], 0, 0
    s.hi[c.ENTERPRISE_FAILED, exited] = s.hi[c.TERM_ENDED, exited] = 0
    _note_costs(s, exited)
    s.at_exit[:, exited] = s.items[:, exited]
    first = exited & (s.hi[c.FIRST_EXIT] == 0)
    s.hi[c.FIRST_EXIT, first] = year
    s.hi[c.STOOD, first] = s.hf[c.BEFORE_NET, first] >= line
    return {
        "qualified": qualified,
        "qualified_plain": qualified_plain,
        "exited": exited,
        "route": route,
        "by_status": by_status,
        "by_obligation": by_obligation,
        "smaller": smaller,
    }


def _routes(s: State, who: NDArray[np.int64], by_net: Mask) -> NDArray[np.int64]:
    """The routes of some households that leave: by what the routes contributed to their income."""
    wages, other, net = (s.items[rows][:, who].sum(axis=0) for rows in (judging.WAGES, judging.BROUGHT, judging.NET))
    parts = rule.work_by_route(wages, other, s.credit[Route.RELOCATION, who], s.credit[Route.EDUCATION, who])
    route: NDArray[np.int64] = rule.exit_route(*parts, net, s.hi[c.SECURED, who], by_net)
    return route


def _note_falls(s: State, year: int, falls: dict[int, Mask], causes: NDArray[np.int64]) -> None:
    """Keep the year of the first fall after the first exit, by reading, and the cause of the first by income.

    Only who stood above the line without the safety net can fall under it without the safety net.
    """
    falls = {**falls, c.FELL_BEFORE_NET: falls[c.FELL_BEFORE_NET] & (s.hi[c.STOOD] == 1)}
    followed = (s.hi[c.FIRST_EXIT] > 0) & (s.hi[c.FIRST_EXIT] < year)
    first = followed & falls[c.FELL_BEFORE_NET] & (s.hi[c.FELL_BEFORE_NET] == 0)
    s.hi[c.FALL_CAUSE, first] = causes[first]
    for row, fell in falls.items():
        s.hi[row, followed & fell & (s.hi[row] == 0)] = year


def _note_costs(s: State, who: Mask) -> None:
    """Keep the running costs of this year as those of the exit, or of the first year seen after it."""
    s.hi[c.CHRONIC_AT_EXIT, who], s.hi[c.SCHOOLING_AT_EXIT, who] = s.spent[judging.CHRONIC, who], s.spent[judging.SCHOOLING, who]


def _cause_of_fall(s: State, safe: Mask, who: NDArray[np.int64]) -> NDArray[np.int64]:
    """The largest loss since exit, yuan per head, of some households: the cause of the fall.

    A loss is income that is no longer earned, or a cost that was not there then: an acute bill, repair, a rise of running costs.
    Shares lost in a firm that failed are a failed enterprise; a business that ended at its term is a measure that ended.
    """
    h = s.hi[:, who]
    size, then = np.maximum(h[c.SIZE], 1), np.maximum(h[c.SIZE_AT_EXIT], 1)
    fen = np.maximum(s.at_exit[:, who] - s.items[:, who], 0)  # lost, item by item; sums are of whole fen

    def lost(rows: Any) -> NDArray[np.float64]:
        yuan: NDArray[np.float64] = fen[np.atleast_1d(rows)].sum(axis=0) / FEN / size
        return yuan

    wage, farm = lost(judging.WAGES), lost(judging.FARM)
    failed = h[c.ENTERPRISE_FAILED] == 1
    shares = np.where(failed, lost(judging.SHARES), 0.0)
    business = np.where(~failed & (h[c.TERM_ENDED] == 1), lost(judging.BUSINESS), 0.0)
    sick = (h[c.SICKS] > 0) & (s.spent[judging.ACUTE, who] > 0)
    left = (h[c.LOST_SINCE] > 0) & ~sick
    disabled = left & (h[c.DISABLED_SINCE] > 0)
    hit = h[c.HIT] == 1
    paid = s.spent[:, who] / FEN / size
    chronic = np.maximum(paid[judging.CHRONIC] - h[c.CHRONIC_AT_EXIT] / FEN / size, 0.0)
    schooling = np.maximum(paid[judging.SCHOOLING] - h[c.SCHOOLING_AT_EXIT] / FEN / size, 0.0)
    losses = np.stack(
        [
            np.where(sick, wage, 0.0) + paid[judging.ACUTE] + chronic,
            np.where(disabled, wage, 0.0),
            np.where(left & ~disabled, wage, 0.0),
            schooling,
            np.where(left | sick, 0.0, wage),
            np.where(hit, farm, 0.0) + paid[judging.REPAIR],
            np.where(hit, 0.0, farm) + lost(judging.ENTERPRISE) - business + shares,
            lost(judging.SUPPORT) - shares + business,
            s.hf[c.AT_EXIT, who] * np.maximum(0.0, 1.0 - then / size),
            np.where(safe[who], 0.0, 1e-9),
        ]
    )
    cause = np.array(judging.CAUSES)[np.argmax(losses, axis=0)]
    return np.where(losses.max(axis=0) > 0, cause, Cause.OTHER).astype(np.int64)


def _judge_villages(s: State, world: World, draws: Draws, year: int) -> None:
    """Let poor villages leave (村出列), once and in the campaign; before it what they lack may be certified or supplied."""
    p, (u_trade, u_supplied) = world.at("assessment", year), draws.named(world.layout.village_names, year, _VILLAGE_DRAWS)
    s.vi[c.TRADE] |= u_trade < p.village_trade
    s.vi[c.SUPPLIED] |= u_supplied < p.village_supplied
    poor = world.layout.per_village(in_stock(s.hi[c.STATUS]) * s.hi[c.SIZE])
    leaves = rule.village_may_leave(
        poor / np.maximum(s.vf[c.FARM_PERSONS], 1.0),
        p.village_incidence,
        s.vi[c.PROCEEDS] / FEN,
        p.village_income,
        s.vi[c.TRADE],
        s.vi[c.SUPPLIED],
    )
    still = (s.vi[c.POOR] == 1) & (s.vi[c.OUT] == 0) & (era_in(world, year) == Era.CAMPAIGN)
    s.vi[c.OUT] = np.where(still & leaves, year, s.vi[c.OUT])


def _monitored(s: State) -> Mask:
    watched: Mask = rule.is_watched(s.hi[c.MONITORING])
    return watched


def _monitor(s: State, world: World, year: int, safe: Mask, u: Luck) -> dict[str, NDArray[Any]]:
    """Watch those who left and those who were never poor: alert, find, verify, decide, clear (from the first year of monitoring).

    An event whose month plus the delay of detection and decision runs past the year is decided in a later one. Who is still poor
    when the campaign is over passes to monitoring as it is.
    """
    p, line, era = world.at("assessment", year), lines_of(world, year), era_in(world, year)
    status, size, now, due = s.hi[c.STATUS], s.hi[c.SIZE], s.hi[c.MONITORING], s.hi[c.ALERT_DUE]
    if not _watching(p, line, year):
        none = np.zeros(world.layout.households, bool)
        return {"entered": none, "passed": none, "cleared": none, "missed": none, "delay": none.astype(np.int64)}
    watched, end = rule.is_watched(now), 12 * year + 12
    poor = in_stock(status) & (era != Era.CAMPAIGN)
    passed = poor & (now == Monitoring.NONE) & (size > 0)
    open_to = ((status == Status.EXITED) | (status == Status.GENERAL) | (status == Status.REMOVED) | poor) & (size > 0)
    open_to &= ~(watched | passed)

    bill = _own_paid(s, _OWN_PAID_ACUTE, p.debt_counts) / FEN
    fall = rule.share_fallen(s.hf[c.TRUE_HEAD], s.hf[c.TRUE_LAST])
    struck = (s.hi[c.HIT] == 1) | (s.hi[c.WORKER_LOST] > 0) | ~safe
    event = rule.has_event(bill, p.alert_bill, fall, p.alert_fall, struck)
    frail = rule.is_frail(s.hi[c.LABOURERS], s.hi[c.WEAKS], size, s.hi[c.SICKS], s.hi[c.STUDENTS], p.weak_ability)
    raised = open_to & rule.alerted(s.hf[c.REFERENCE], line.monitoring, frail, event) & (due == 0)
    unfound = u["assess_never_found"] < p.never_found
    missed = raised & unfound & (s.hf[c.REFERENCE] < line.monitoring)
    waits = raised & ~unfound
    channel = rule.found_by(u["assess_channel"], p.channel_shares)
    month = 12 * year + np.ceil(12.0 * u["assess_event_month"]).astype(np.int64)
    delay = rule.months_to_find(channel, p.detection_delay, p.channel_delays) + rule.months_to_decide(p.decision_days)
    due[waits], s.hi[c.ALERTED, waits], s.hi[c.CHANNEL, waits] = (month + delay)[waits], month[waits], 1 + channel[waits]

    acute = rule.reference_income(s.items[_REFERENCE].sum(axis=0) / FEN, bill, np.maximum(size, 1))
    below = rule.may_enter(acute, line.monitoring, s.hi[c.NETTED] > 0)
    ripe = (due > 0) & (due <= end)
    found = open_to & ripe & below & (u["assess_verified"] < p.verified)
    entered = found | passed
    months = end - s.hi[c.WATCHED_FROM]
    cleared = watched & rule.fit_to_clear(acute, line.monitoring, safe, s.hi[c.LABOURERS], months, p.clear_months, event)
    cleared &= u["assess_cleared"] < p.risk_cleared

    sudden = found & rule.is_sudden(bill, p.alert_bill, s.hf[c.TRUE_HEAD], line.monitoring, era)
    s.hi[c.ORIGIN, entered] = rule.origin((status == Status.EXITED) | poor, sudden)[entered]
    s.hi[c.WATCHED_FROM, entered] = np.where(passed, 12 * year, due)[entered]
    now[:] = np.where(watched | entered, rule.watched_as(s.hi[c.ORIGIN], era), now)
    now[cleared] = Monitoring.CLEARED
    months_found = np.where(found, due - s.hi[c.ALERTED], 0)
    due[ripe] = 0
    return {"entered": entered, "passed": passed, "cleared": cleared, "missed": missed, "delay": months_found}


_VILLAGE_DRAWS = ("village_trade", "village_supplied")
_DRAWS = (
    "assess_removed",
    "assess_found",
    "assess_return_found",
    "assess_written_up",
    "assess_tekun",
    "assess_never_found",
    "assess_verified",
    "assess_cleared",
    "assess_event_month",
    "assess_helped",
    "assess_channel",
)
