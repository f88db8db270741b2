"""Owns: what is written down each year (Book, one per replicate) and over a life (Tally, summed over replicates), in integers.
Never: judges anybody (engine.assessment) or says what a sum means (indicators)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import (
    ITEMS,
    LACKS,
    LEDGER,
    LEDGER_SIGN,
    SOURCES,
    UNITS,
    Category,
    Cause,
    Channel,
    Era,
    Layer,
    Monitoring,
    Route,
    Status,
    Work,
)
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import counting, measures, shelf
from povsim.engine.assessment import Judged, era_in, lines_of
from povsim.engine.counting import Page
from povsim.engine.judging import Verdicts
from povsim.engine.program import Step, run
from povsim.engine.state import FEN, in_stock
from povsim.policy.kind import find
from povsim.policy.status import is_watched

if TYPE_CHECKING:
    from povsim.engine.state import State
    from povsim.engine.world import World

Longs = NDArray[np.int64]
Mask = NDArray[np.bool_]

STOCKS: Final = ("exited", "monitored", "cleared", "registered")
STOCK_FLOWS: Final = ("opening", "inflow", "outflow", "natural", "closing")
EXITS: Final = (
    "qualified_households",
    "qualified_persons",
    "qualified_without_topup_households",
    "qualified_without_topup_persons",
    "exited_households",
    "exited_persons",
    "by_status_households",
    "by_obligation_households",
    "smaller_n_households",
    "wrong_exits",
)
RETURNS: Final = (
    "exited_stock_households",
    "exited_stock_persons",
    "below_before_net",
    "below_line",
    "below_or_guarantee",
    "registered",
)
# by type is by origin, which the one class of the regular era keeps; delay_months is summed over those found and entered
MONITORING: Final = (
    "entered", "entered_again", "passed_over", "by_department", "by_village", "by_application", "cleared", "cleared_naturally",
    "monitored", "unstable", "marginal", "sudden", "at_risk", "missed", "delay_months",
)  # fmt: skip
EVALUATION: Final = (
    "wrong_exits", "missed_households", "wrong_inclusions", "late_registered", "missed_target", "covered", "registered",
)  # fmt: skip
VILLAGES: Final = ("households", "persons", "income", "out")  # the poor; fen of the year; 1 where it has left
LAYERS: Final = ("households", "persons", "monitored")
SPENDING, MONEY = shelf.SPENDING, shelf.MONEY
GROUPS: Final = ("registered", "farm", "pv")
QUANTILES: Final = (10, 20, 30, 40, 50, 60, 70, 80, 90)
INDICATORS: Final = (
    "households",
    "persons",
    "above_households",
    "headcount",
    "gap",
    "severity",
    "gini",
    "mean",
    *(f"p{q}" for q in QUANTILES),
    *SOURCES,
    "in_wage_work",
    "on_safety_net",
)
READINGS: Final = ("before_net", "line", "survey", "registered")
FALLS: Final = (c.FELL_BEFORE_NET, c.FELL_LINE, c.FELL_SURVEY, c.FELL_REGISTERED)
_SOURCE_ROWS = [np.array([i for i, item in enumerate(ITEMS) if item.source == s and item.registry]) for s in SOURCES]


@dataclass
class Book:
    """The yearly accounts of one replicate; the first axis of each array is the year."""

    ledger: Longs  # (years, 2, len(LEDGER)), households then persons
    accounts: Longs  # (years, len(STOCKS), 2, len(STOCK_FLOWS))
    exits: Longs  # (years, len(EXITS))
    routes: Longs  # (years, len(Route), 2): households and persons who left by each
    returns: Longs  # (years, len(RETURNS))
    causes: Longs  # (years, len(Cause), 2): households that fell by the income reading, that are registered as returned
    indicators: NDArray[np.float64]  # (years, len(GROUPS), len(INDICATORS))
    spending: Longs  # (years, measures, len(SPENDING)), money in fen
    villages: Longs  # (years, villages, len(VILLAGES))
    layers: Longs  # (years, len(Layer), len(LAYERS))
    monitoring: Longs  # (years, len(MONITORING))
    evaluation: Longs  # (years, len(EVALUATION))
    spells: Longs  # (cohorts, years since exit, 2 + len(READINGS)): followed, of these on their own income, fallen so far
    lacking: Longs  # (years, len(LACKS)): of those still poor at the end of the year, households that lack it
    held: Mask  # (measures, households): who ever had each measure; emptied into the tally when the life is closed


def open_book(world: World) -> Book:
    """An empty book for a run."""
    years, kinds, villages = len(world.years), len(world.scenario.measures), world.layout.villages

    def empty(*shape: int) -> Longs:
        return np.zeros((years, *shape), np.int64)

    return Book(
        ledger=empty(2, len(LEDGER)),
        accounts=empty(len(STOCKS), 2, len(STOCK_FLOWS)),
        exits=empty(len(EXITS)),
        routes=empty(len(Route), 2),
        returns=empty(len(RETURNS)),
        causes=empty(len(Cause), 2),
        indicators=np.full((years, len(GROUPS), len(INDICATORS)), np.nan),
        spending=empty(kinds, len(SPENDING)),
        villages=empty(villages, len(VILLAGES)),
        layers=empty(len(Layer), len(LAYERS)),
        monitoring=empty(len(MONITORING)),
        evaluation=empty(len(EVALUATION)),
        spells=np.zeros((years + 1, years, 2 + len(READINGS)), np.int64),
        lacking=empty(len(LACKS)),
        held=np.zeros((kinds, world.layout.households), bool),
    )


@dataclass
class Tally:
    """Lives counted over replicates, per household; integers, so that the order of adding does not matter."""

    exit_year: Longs  # (years + 3, households): first exit in each year, then never, removed, gone; of those poor at the start
    followed: Longs  # (3, households): replicates that left on their own income, with k = 1, 2, 3 years of follow-up
    fallen: Longs  # (3, households): of these, those that fell within k years, income reading
    cause: Longs  # (len(Cause), households)
    income: Longs  # (years, len(SOURCES), households): fen per head
    living: Longs  # (years, households): replicates in which somebody is left
    entered: Longs  # (households,): replicates in which it was ever registered
    stayed: Longs  # (households,): replicates in which it is still poor at the end of the first year
    lacks: Longs  # (len(LACKS), households): of these, replicates in which it then lacks each
    gap: Longs  # (households,): fen per head that it then lacks to the line, summed over those in which it lacks income
    held: Longs  # (measures, households): replicates in which it has a measure in some year


def open_tally(world: World) -> Tally:
    """An empty tally for a run."""
    years, kinds, count = len(world.years), len(world.scenario.measures), world.layout.households

    def empty(*shape: int) -> Longs:
        return np.zeros((*shape, count), np.int64)

    return Tally(
        exit_year=empty(years + 3),
        followed=empty(3),
        fallen=empty(3),
        cause=empty(len(Cause)),
        income=empty(years, len(SOURCES)),
        living=empty(years),
        entered=empty(),
        stayed=empty(),
        lacks=empty(len(LACKS)),
        gap=empty(),
        held=empty(kinds),
    )


def write(s: State, world: World, year: int, judged: Judged, book: Book, tally: Tally) -> None:
    """Write one year of one replicate.

    Raises
    ------
    ArithmeticError
        The ledger, an account or the routes do not close: a fault of the program, never of the data.
    """
    y = world.years.index(year)
    if compiler.enabled():
        page, verdicts = counting.Page(book), Verdicts(world.layout.households)
        verdicts.take(judged)
        run(*steps(s, world, year, verdicts, page, tally))
        enter(s, world, year, page, book)
        return
    _write_columns(s, world, year, y, judged, book, tally)
    book.spending[y] = measures.spending(s, world, year)
    book.villages[y, :, VILLAGES.index("income")] = s.vi[c.PROCEEDS]
    book.villages[y, :, VILLAGES.index("out")] = s.vi[c.OUT] > 0


def steps(s: State, world: World, year: int, verdicts: Verdicts, page: Page, tally: Tally) -> list[Step]:
    """The compiled counts of a year, onto a page and into a tally."""
    return counting.steps(s, world, year, verdicts, page, tally, _SHARES)


def enter(s: State, world: World, year: int, page: Page, book: Book) -> None:
    """Enter a page in a book; it must close."""
    y = world.years.index(year)
    page.enter(book, y)
    if page.open[0]:
        _closes(book.ledger[y], year)
        _accounts_close(book.accounts[y])
        _routes_add_up(book.routes[y], book.ledger[y, :, LEDGER.index("exited")])
    book.spending[y] = measures.spending(s, world, year)


def _write_columns(s: State, world: World, year: int, y: int, judged: Judged, book: Book, tally: Tally) -> None:
    """The reference of `counting`."""
    size, status = s.hi[c.SIZE], s.hi[c.STATUS]
    _ledger(s, judged, book.ledger[y], year)
    _accounts(s, judged, book.accounts[y])
    book.exits[y] = _exits(s, world, year, judged)
    book.routes[y] = _routes(judged, size, book.ledger[y, :, LEDGER.index("exited")])
    before = judged.exited_before
    book.returns[y] = [
        before.sum(),
        s.hi[c.SIZE_OPEN, before].sum(),
        *(m.sum() for m in (judged.below_before_net, judged.below_line, judged.below_survey, judged.returned)),
    ]
    for reading, causes in enumerate((judged.causes, judged.returned_by)):
        book.causes[y, :, reading] = np.bincount(causes[causes > 0], minlength=len(Cause))
    registered = in_stock(status) | (status == Status.EXITED)
    line = lines_of(world, year).poverty
    sources = np.stack([s.items[rows].sum(axis=0) for rows in _SOURCE_ROWS])
    by_income = np.lexsort((size, s.hf[c.TRUE_HEAD]))  # ties are ordered by size, so that row order never shows
    at_work = world.layout.per_household(_at_work(s))
    linked = s.hi[c.PV_LINKED] == 1
    for g, members in enumerate((registered & (size > 0), size > 0, linked & (size > 0))):
        book.indicators[y, g] = indicators(s, by_income[members[by_income]], line, sources, at_work)
    poor = in_stock(status)
    book.villages[y, :, :2] = np.stack([*map(world.layout.per_village, (poor.astype(np.int64), poor * size))], axis=1)
    watched = is_watched(s.hi[c.MONITORING])
    book.layers[y] = [[(w * (s.hi[c.LAYER] == k) * (size > 0)).sum() for w in (1, size, watched)] for k in Layer]
    book.monitoring[y] = _monitoring(s, judged, watched)
    book.evaluation[y] = _evaluation(s, world, year, judged)
    lacks = lacking(s, world, year, poor)
    book.lacking[y] = lacks.sum(axis=1)
    book.held |= holding(s, world)
    _tally_year(s, y, registered, sources, tally)
    if y == 0:
        _tally_lacking(s, world, year, poor, lacks, tally)


def _ledger(s: State, judged: Judged, out: Longs, year: int) -> None:
    """One row for households and one for persons; it must close, and is checked here in every year and replicate."""
    size, poor = s.hi[c.SIZE], in_stock(s.hi[c.STATUS])
    opening, gone = judged.opening, judged.gone & judged.opening
    died_out = gone & (s.hi[c.DEATHS] > 0)
    removed = judged.removed & opening
    flows = {
        "opening": (opening.sum(), s.hi[c.SIZE_OPEN, opening].sum()),
        "identified": (judged.identified.sum(), size[judged.identified].sum()),
        "returned": (judged.returned.sum(), size[judged.returned].sum()),
        "births": (0, s.hi[c.BIRTHS, opening].sum()),
        "arrivals": (0, s.hi[c.ARRIVALS, opening].sum()),
        "exited": (judged.exited.sum(), size[judged.exited].sum()),
        "removed": (removed.sum(), size[removed].sum()),
        "deaths": (died_out.sum(), s.hi[c.DEATHS, opening].sum()),
        "departures": ((gone & ~died_out).sum(), s.hi[c.DEPARTURES, opening].sum()),
        "closing": (poor.sum(), size[poor].sum()),
    }
    out[:] = np.array([flows[name] for name in LEDGER]).T
    _closes(out, year)


def _closes(ledger: Longs, year: int) -> None:
    residual = ledger @ _SIGNS
    if residual.any():
        flows = dict(zip(LEDGER, ledger.T.tolist(), strict=True))
        raise ArithmeticError(f"{year}: the ledger does not close by {residual[0]} households and {residual[1]} persons: {flows}")


def _accounts(s: State, judged: Judged, out: Longs) -> None:
    """The other stocks: exited, monitored, cleared and all on the register; each must close, and is checked here every time.

    Natural change of households is those of whom nobody is left; in persons it is the births, deaths and moves of the year.
    """
    size, then, status = s.hi[c.SIZE], s.hi[c.SIZE_OPEN], s.hi[c.STATUS]
    exited, poor = status == Status.EXITED, in_stock(status)
    m = s.hi[c.MONITORING]
    watched = is_watched(m)
    registered_before = judged.opening | judged.exited_before
    left = (judged.removed | judged.gone) & registered_before
    rows = (
        (judged.exited_before, judged.exited, judged.returned | (judged.removed & judged.exited_before), exited),
        (judged.monitored_before, judged.entered, judged.cleared | (judged.monitored_before & judged.removed), watched),
        (judged.cleared_before, judged.cleared, judged.cleared_before & (watched | judged.removed), m == Monitoring.CLEARED),
        (registered_before, judged.identified, left & ~judged.gone, exited | poor),
    )
    one, moved = np.ones_like(size), s.hi[c.BIRTHS] + s.hi[c.ARRIVALS] - s.hi[c.DEATHS] - s.hi[c.DEPARTURES]
    for stock, (before, into, out_of, now) in enumerate(rows):
        for unit, (w_open, w, natural) in enumerate(((one, one, -judged.gone.astype(np.int64)), (then, size, moved))):
            out[stock, unit] = w_open[before].sum(), w[into].sum(), w[out_of].sum(), natural[before].sum(), w[now].sum()
    _accounts_close(out)


def _accounts_close(accounts: Longs) -> None:
    unexplained = accounts @ _STOCK_SIGNS
    if unexplained.any():
        stock, unit = np.argwhere(unexplained)[0]
        row = dict(zip(STOCK_FLOWS, accounts[stock, unit].tolist(), strict=True))
        raise ArithmeticError(
            f"the account of the {STOCKS[stock]} does not close by {unexplained[stock, unit]} {UNITS[unit]}: {row}"
        )


def _monitoring(s: State, j: Judged, watched: Mask) -> list[int]:
    """In the order of ``MONITORING``."""
    found, origin = j.entered & ~j.passed, s.hi[c.ORIGIN]
    return [
        int(v)
        for v in (
            j.entered.sum(),
            j.again.sum(),
            j.passed.sum(),
            *((found & (s.hi[c.CHANNEL] == 1 + channel)).sum() for channel in Channel),
            j.cleared.sum(),
            (j.monitored_before & j.gone).sum(),
            watched.sum(),
            *((watched & (origin == k)).sum() for k in (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN)),
            (s.hi[c.MONITORING] == Monitoring.AT_RISK).sum(),
            j.missed.sum(),
            j.delay.sum(),
        )
    ]


def _exits(s: State, world: World, year: int, j: Judged) -> list[int]:
    size = s.hi[c.SIZE]
    wrong = j.exited & (s.hf[c.TRUE_HEAD] < lines_of(world, year).exit) & ~j.by_status & ~j.by_obligation
    return [
        int(v)
        for v in (
            j.qualified.sum(),
            size[j.qualified].sum(),
            j.qualified_plain.sum(),
            size[j.qualified_plain].sum(),
            j.exited.sum(),
            size[j.exited].sum(),
            j.by_status.sum(),
            j.by_obligation.sum(),
            j.smaller.sum(),
            wrong.sum(),
        )
    ]


def _routes(j: Judged, size: Longs, exited: Longs) -> Longs:
    """Households and persons who left by each route; every exit has exactly one, so they must add up to the ledger's."""
    of = [j.exited & (j.route == route) for route in Route]
    out = np.array([(one.sum(), size[one].sum()) for one in of], dtype=np.int64)
    _routes_add_up(out, exited)
    return out


def _routes_add_up(routes: Longs, exited: Longs) -> None:
    total = routes.sum(axis=0)
    if (total != exited).any():
        raise ArithmeticError(f"the routes add up to {total} households and persons, not to the {exited} that left")


def _evaluation(s: State, world: World, year: int, j: Judged) -> list[int]:
    line, status = lines_of(world, year).exit, s.hi[c.STATUS]
    registered = in_stock(status) | (status == Status.EXITED)
    wrong = j.exited & (s.hf[c.TRUE_HEAD] < line) & ~j.by_status & ~j.by_obligation
    missed = (status == Status.GENERAL) & (s.hf[c.TRUE_HEAD] < line) & (s.hi[c.INELIGIBLE] == 0) & (s.hi[c.SIZE] > 0)
    wrongly_in = in_stock(status) & (s.hi[c.INELIGIBLE] == 1)
    over = era_in(world, year + 1) != Era.CAMPAIGN  # the campaign ends with this year, or has ended
    covered = registered & (s.hi[c.DELIVERED] > 0)
    return [int(m.sum()) for m in (wrong, missed, wrongly_in, j.late, in_stock(status) & over, covered, registered)]


def lacking(s: State, world: World, year: int, poor: Mask) -> Mask:
    """What each of the poor lacks at the end of a year, after the assessment: (len(LACKS), households).

    Each lacks something. Who is on 特困 support leaves by status, so that income is not what it lacks.
    """
    h = s.hi
    short = (h[c.YEARS_ABOVE] < world.at("assessment", year).sustain_years) & (h[c.CATEGORY] != Category.TEKUN)
    unsafe = [h[row] == 0 for row in (c.HOUSE_SAFE, c.WATER_SAFE, c.SCHOOL_SAFE, c.INSURED_ALL)]
    found = np.stack([short, *unsafe, h[c.HELPED] == 0, np.zeros_like(poor)]) & poor
    new = (h[c.YEAR_IDENTIFIED] == year) | (h[c.YEAR_RETURNED] == year)
    found[-1] = poor & (new | ~found.any(axis=0))
    return found


def holding(s: State, world: World) -> Mask:
    """Households that have each measure this year, or a member who has: (measures, households); a village's reach nobody."""
    out = np.zeros((len(world.scenario.measures), world.layout.households), bool)
    for index, measure in enumerate(world.scenario.measures):
        kind, kept = find(measure.kind), s.held.get(measure.id)
        if kept is None or kind.holder == "village":
            continue
        if kind.holder == "person":
            out[index, world.layout.house[kept["held"]]] = True
        else:
            out[index] = kept["held"]
    return out


def _at_work(s: State) -> Longs:
    """1 for each person with paid months this year."""
    paid: Longs = ((s.pi[c.ALIVE] == 1) & (s.pi[c.WORK] != Work.NONE) & (s.pi[c.MONTHS] > 0)).astype(np.int64)
    return paid


def indicators(s: State, who: Longs, line: float, sources: Longs, at_work: Longs) -> list[float]:
    """Poverty and inequality of persons by registry income per head, of some households.

    Parameters
    ----------
    s : State
        After the account is closed.
    who : int64 (members,)
        The households, by income per head ascending.
    line : float
        Yuan per head and year.
    sources : int64 (len(SOURCES), households)
        Registry income by source, fen.
    at_work : int64 (households,)
        Persons with paid months.

    Returns
    -------
    list of float
        In the order of ``INDICATORS``: counts, the last of them of households at or above ``line``; FGT 0, 1, 2 against ``line``;
        Gini; mean and deciles, and income by source (yuan per head); share of persons in wage work; share of persons in
        households on the safety net. NaN where nobody is a member.
    """
    if not len(who):
        return [0.0, 0.0, 0.0] + [float("nan")] * (len(INDICATORS) - 3)
    x, n = s.hf[c.TRUE_HEAD, who], s.hi[c.SIZE, who].astype(np.float64)
    persons, positive = n.sum(), np.maximum(x, 0.0)
    gaps = np.maximum(0.0, 1.0 - positive / line) * (x < line)
    below = np.cumsum(n)
    rank = (below - 0.5 * n) / persons
    gini = 2.0 * (positive * n * rank).sum() / (positive * n).sum() - 1.0 if positive.any() else float("nan")
    quantiles = x[np.minimum(np.searchsorted(below, _SHARES * persons), len(x) - 1)]
    by_source = sources[:, who].sum(axis=1) / FEN / persons
    return [
        float(len(who)),
        float(persons),
        float((x >= line).sum()),
        float(((x < line) * n).sum() / persons),
        float((gaps * n).sum() / persons),
        float((gaps**2 * n).sum() / persons),
        float(gini),
        float(by_source.sum()),
        *map(float, quantiles),
        *map(float, by_source),
        float(at_work[who].sum() / persons),
        float(((s.hi[c.NETTED, who] > 0) * n).sum() / persons),
    ]


def _tally_year(s: State, y: int, registered: Mask, sources: Longs, tally: Tally) -> None:
    tally.income[y] += sources // np.maximum(s.hi[c.SIZE], 1)
    tally.living[y] += s.hi[c.SIZE] > 0
    if y == tally.living.shape[0] - 1:
        tally.entered += registered | (s.hi[c.FIRST_EXIT] > 0)


def _tally_lacking(s: State, world: World, year: int, poor: Mask, lacks: Mask, tally: Tally) -> None:
    goal = lines_of(world, year).exit * world.at("assessment", year).exit_margin
    gap = np.rint(np.maximum(goal - s.hf[c.REPORTED], 0.0) * FEN).astype(np.int64)
    tally.stayed += poor
    tally.lacks += lacks
    tally.gap += np.where(lacks[LACKS.index("income")], gap, 0)


def close_life(s: State, world: World, book: Book, tally: Tally) -> None:
    """At the end of a replicate: when each household first left, whether it fell back, and why."""
    if compiler.enabled():
        counting.close(s, world, book, tally, FALLS)
    else:
        _close_columns(s, world, book, tally)
    book.held = book.held[:, :0]


def _close_columns(s: State, world: World, book: Book, tally: Tally) -> None:
    """The reference of `counting.close`."""
    years, last = world.years, world.years[-1]
    start = in_stock(world.start.hi[c.STATUS])
    first, status = s.hi[c.FIRST_EXIT], s.hi[c.STATUS]
    fate = np.searchsorted(years, first)
    never = len(years)
    fate = np.where(first >= years[0], fate, never)
    fate = np.where((fate == never) & (status == Status.REMOVED), never + 1, fate)
    fate = np.where((fate == never) & (status == Status.GONE), never + 2, fate)
    who = np.flatnonzero(start)
    tally.exit_year[fate[who], who] += 1
    fell = s.hi[c.FELL_BEFORE_NET]
    for k in (1, 2, 3):
        followed = (first > 0) & (first + k <= last) & (s.hi[c.STOOD] == 1)
        tally.followed[k - 1] += followed
        tally.fallen[k - 1] += followed & (fell > 0) & (fell <= first + k)
    tally.held += book.held
    caused = np.flatnonzero(fell > 0)
    tally.cause[s.hi[c.FALL_CAUSE, caused], caused] += 1
    for cohort, exit_year in enumerate((world.scenario.run.opening, *years)):
        members = first == exit_year
        for k in range(1, last - exit_year + 1):
            fallen = [(members & (s.hi[row] > 0) & (s.hi[row] <= exit_year + k)).sum() for row in FALLS]
            book.spells[cohort, k - 1] = [members.sum(), (members & (s.hi[c.STOOD] == 1)).sum(), *fallen]


_SIGNS = np.array([LEDGER_SIGN[name] for name in LEDGER])
_STOCK_SIGNS = np.array([{"opening": -1, "inflow": -1, "outflow": 1, "natural": -1, "closing": 1}[flow] for flow in STOCK_FLOWS])
_SHARES = np.array(QUANTILES) / 100.0
