"""Owns: the compiled bodies of the ledger: counting one year of one replicate, and one life, household by household.
Never: what is counted and whether it closes (engine.ledger, whose columns are the reference and whose orders are kept here)."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import ITEMS, LACKS, SOURCES, Category, Channel, Era, Monitoring, Status, Work
from povsim.engine import columns as c
from povsim.engine.assessment import Judged, era_in, lines_of
from povsim.engine.compile import lift
from povsim.engine.sorting import radix
from povsim.engine.state import FEN, in_stock
from povsim.policy.kind import find
from povsim.policy.status import is_watched

if TYPE_CHECKING:
    from povsim.engine.ledger import Book, Tally
    from povsim.engine.state import State
    from povsim.engine.world import World

Longs = NDArray[np.int64]

_MASKS: Final = tuple(Judged.__dataclass_fields__)
Masks = namedtuple("Masks", _MASKS)  # type: ignore[misc]  # what the assessment decided, as compiled code reads it

_CHANNELS: Final = len(Channel)

# --- what befell the households --------------------------------------------------------------------------


def events(s: State, world: World, year: int, y: int, judged: Judged, book: Book, tally: Tally) -> None:
    """Count all of the year that is counted in whole households and persons: incomes, measures and money apart."""
    line, p = lines_of(world, year).exit, world.at("assessment", year)
    over = era_in(world, year + 1) != Era.CAMPAIGN  # the campaign ends with this year, or has ended
    lift(events_loop)(
        s.hi, s.hf, world.layout.village, Masks(*[getattr(judged, name) for name in _MASKS]), year, line, over, p.sustain_years,
        book.ledger[y], book.accounts[y], book.exits[y], book.routes[y], book.returns[y], book.causes[y], book.villages[y],
        book.layers[y], book.monitoring[y], book.evaluation[y], book.lacking[y], y == 0, line * p.exit_margin, tally.stayed,
        tally.lacks, tally.gap,
    )  # fmt: skip


def events_loop(
    hi: Any, hf: Any, village: Any, j: Any, year: Any, line: Any, over: Any, sustain: Any, ledger: Any, accounts: Any, exits: Any,
    routes: Any, returns: Any, causes: Any, villages: Any, layers: Any, monitoring: Any, evaluation: Any, lacking: Any,
    first_year: Any, goal: Any, stayed: Any, lacks: Any, gap: Any,
) -> None:  # fmt: skip
    """Add the households of one year to arrays that hold nought; in the first year also what is lacking to the tally."""
    lacked = np.empty(len(LACKS), np.bool_)
    for h in range(hi.shape[1]):
        size, then, status, watch = hi[c.SIZE, h], hi[c.SIZE_OPEN, h], hi[c.STATUS, h], hi[c.MONITORING, h]
        births, arrivals, deaths, left = hi[c.BIRTHS, h], hi[c.ARRIVALS, h], hi[c.DEATHS, h], hi[c.DEPARTURES, h]
        poor, watched, below = in_stock(status), is_watched(watch), hf[c.TRUE_HEAD, h] < line
        opening, before, gone, removed = j.opening[h], j.exited_before[h], j.gone[h], j.removed[h]
        identified, returned, exited = j.identified[h], j.returned[h], j.exited[h]
        registered = poor | (status == Status.EXITED)

        # the ledger, in the order of LEDGER
        if opening:
            add(ledger, 0, then)
            ledger[1, 3] += births
            ledger[1, 4] += arrivals
            ledger[1, 7] += deaths
            ledger[1, 8] += left
            if gone:
                ledger[0, 7 if deaths > 0 else 8] += 1
            if removed:
                add(ledger, 6, size)
        if identified:
            add(ledger, 1, size)
        if returned:
            add(ledger, 2, size)
        if exited:
            add(ledger, 5, size)
        if poor:
            add(ledger, 9, size)

        # the other stocks, in the order of STOCKS
        moved, known = births + arrivals - deaths - left, opening | before
        account(accounts[0], before, exited, returned | (removed & before), status == Status.EXITED, then, size, gone, moved)
        was, cleared = j.monitored_before[h], j.cleared_before[h]
        account(accounts[1], was, j.entered[h], j.cleared[h] | (was & removed), watched, then, size, gone, moved)
        account(
            accounts[2],
            cleared,
            j.cleared[h],
            cleared & (watched | removed),
            watch == Monitoring.CLEARED,
            then,
            size,
            gone,
            moved,
        )
        account(accounts[3], known, identified, removed & known & ~gone, registered, then, size, gone, moved)

        # exits and the routes by which they left
        if j.qualified[h]:
            exits[0] += 1
            exits[1] += size
        if j.qualified_plain[h]:
            exits[2] += 1
            exits[3] += size
        if exited:
            exits[4] += 1
            exits[5] += size
            route = j.route[h]
            if (route >= 0) & (route < len(routes)):
                routes[route, 0] += 1
                routes[route, 1] += size
            if below & ~j.by_status[h] & ~j.by_obligation[h]:
                exits[9] += 1
                evaluation[0] += 1
        exits[6] += j.by_status[h]
        exits[7] += j.by_obligation[h]
        exits[8] += j.smaller[h]

        # returns and their causes
        if before:
            returns[0] += 1
            returns[1] += then
        returns[2] += j.below_before_net[h]
        returns[3] += j.below_line[h]
        returns[4] += j.below_survey[h]
        returns[5] += returned
        if j.causes[h] > 0:
            causes[j.causes[h], 0] += 1
        if j.returned_by[h] > 0:
            causes[j.returned_by[h], 1] += 1

        # monitoring and the layers of those with low income
        if j.entered[h]:
            monitoring[0] += 1
            if not j.passed[h]:
                for channel in range(_CHANNELS):
                    monitoring[3 + channel] += hi[c.CHANNEL, h] == 1 + channel
        monitoring[1] += j.again[h]
        monitoring[2] += j.passed[h]
        monitoring[6] += j.cleared[h]
        monitoring[7] += was & gone
        if watched:
            origin = hi[c.ORIGIN, h]
            monitoring[8] += 1
            monitoring[9] += origin == Monitoring.UNSTABLE
            monitoring[10] += origin == Monitoring.MARGINAL
            monitoring[11] += origin == Monitoring.SUDDEN
            monitoring[12] += watch == Monitoring.AT_RISK
        monitoring[13] += j.missed[h]
        monitoring[14] += j.delay[h]
        layer = hi[c.LAYER, h]
        if size > 0:
            layers[layer, 0] += 1
            layers[layer, 1] += size
            layers[layer, 2] += watched

        # evaluation, which knows the truth
        evaluation[1] += (status == Status.GENERAL) & below & (hi[c.INELIGIBLE, h] == 0) & (size > 0)
        evaluation[2] += poor & (hi[c.INELIGIBLE, h] == 1)
        evaluation[3] += j.late[h]
        evaluation[4] += poor & over
        evaluation[5] += registered & (hi[c.DELIVERED, h] > 0)
        evaluation[6] += registered

        # the poor: where they live, and what they lack
        if not poor:
            continue
        villages[village[h], 0] += 1
        villages[village[h], 1] += size
        lack(hi, h, year, sustain, lacked)
        for k in range(len(lacked)):
            lacking[k] += lacked[k]
        if first_year:
            stayed[h] += 1
            for k in range(len(lacked)):
                lacks[k, h] += lacked[k]
            if lacked[0]:
                gap[h] += np.int64(np.rint(max(goal - hf[c.REPORTED, h], 0.0) * FEN))


def add(flows: Any, flow: Any, persons: Any) -> None:
    """One household more, and its persons."""
    flows[0, flow] += 1
    flows[1, flow] += persons


def account(
    out: Any, before: Any, into: Any, out_of: Any, now: Any, then: Any, size: Any, gone: Any, moved: Any
) -> None:  # fmt: skip
    """Add a household to the account of one stock, in the order of STOCK_FLOWS."""
    if before:
        add(out, 0, then)
        out[0, 3] -= gone
        out[1, 3] += moved
    if into:
        add(out, 1, size)
    if out_of:
        add(out, 2, size)
    if now:
        add(out, 4, size)


def lack(hi: Any, h: Any, year: Any, sustain: Any, out: Any) -> None:
    """Fill in what one of the poor lacks, in the order of LACKS."""
    out[0] = (hi[c.YEARS_ABOVE, h] < sustain) & (hi[c.CATEGORY, h] != Category.TEKUN)
    out[1], out[2] = hi[c.HOUSE_SAFE, h] == 0, hi[c.WATER_SAFE, h] == 0
    out[3], out[4] = hi[c.SCHOOL_SAFE, h] == 0, hi[c.INSURED_ALL, h] == 0
    out[5] = hi[c.HELPED, h] == 0
    some = out[0] | out[1] | out[2] | out[3] | out[4] | out[5]
    out[6] = (hi[c.YEAR_IDENTIFIED, h] == year) | (hi[c.YEAR_RETURNED, h] == year) | ~some


# --- incomes ---------------------------------------------------------------------------------------------

_SOURCE_OF: Final = np.array([SOURCES.index(item.source) if item.registry else -1 for item in ITEMS])
_GROUPS: Final = 3
_SUMS: Final = 4  # what is summed as a float: poverty gaps, their squares, incomes by rank, incomes; of persons


def incomes(s: State, world: World, year: int, y: int, book: Book, tally: Tally, shares: NDArray[np.float64]) -> None:
    """Fill in the indicators, those of the quantiles at ``shares``, and add incomes by source to the tally.

    What is summed as a float is summed by NumPy over the same columns in the same order as by the reference: equal to the bit.
    """
    layout, out = world.layout, book.indicators[y]
    parts, counts = np.empty((_GROUPS, _SUMS, layout.households)), np.empty(_GROUPS, np.int64)
    lift(incomes_loop)(
        layout.off, s.pi, s.hi, s.hf, s.items, lines_of(world, year).poverty, shares, y == len(world.years) - 1, tally.income[y],
        tally.living[y], tally.entered, parts, counts, out,
    )  # fmt: skip
    for row, part, count in zip(out, parts, counts.tolist(), strict=True):
        if count:
            finish(row, *part[:, :count].sum(axis=1).tolist())


def finish(row: Any, gaps: float, squares: float, ranked: float, earned: float) -> None:
    """Make indicators of the sums over a group."""
    persons = row[1]
    row[4], row[5] = gaps / persons, squares / persons
    row[6] = 2.0 * ranked / earned - 1.0 if earned > 0.0 else np.nan


def incomes_loop(
    off: Any, pi: Any, hi: Any, hf: Any, items: Any, line: Any, shares: Any, last: Any, income: Any, living: Any, entered: Any,
    parts: Any, counts: Any, out: Any,
) -> None:  # fmt: skip
    """Indicators of the three groups in the order of INDICATORS, and in ``parts`` and ``counts`` what is still to be summed."""
    homes = hi.shape[1]
    sources = np.zeros((len(SOURCES), homes), np.int64)
    for i in range(len(_SOURCE_OF)):
        if _SOURCE_OF[i] >= 0:
            add_row(sources[_SOURCE_OF[i]], items[i])
    for k in range(len(SOURCES)):
        add_heads(income[k], sources[k], hi[c.SIZE])
    at_work = workers_before(pi)
    member = np.empty((homes, _GROUPS), np.bool_)
    whole = np.zeros((_GROUPS, 6 + len(SOURCES)), np.int64)  # households, persons, above, persons below, at work, on the net
    for h in range(homes):
        size = hi[c.SIZE, h]
        registered = in_stock(hi[c.STATUS, h]) | (hi[c.STATUS, h] == Status.EXITED)
        living[h] += size > 0
        if last:
            entered[h] += registered | (hi[c.FIRST_EXIT, h] > 0)
        member[h, 0], member[h, 1], member[h, 2] = registered & (size > 0), size > 0, (hi[c.PV_LINKED, h] == 1) & (size > 0)
        if size == 0:
            continue
        working = at_work[off[h + 1]] - at_work[off[h]]
        below = hf[c.TRUE_HEAD, h] < line
        for g in range(_GROUPS):
            if member[h, g]:
                whole[g, 0] += 1
                whole[g, 1] += size
                whole[g, 2] += not below
                whole[g, 3] += size * below
                whole[g, 4] += working
                whole[g, 5] += size * (hi[c.NETTED, h] > 0)
                for k in range(len(SOURCES)):
                    whole[g, 6 + k] += sources[k, h]
    by_rank(hi[c.SIZE], hf[c.TRUE_HEAD], member, whole, line, shares, parts, counts, out)
    for g in range(_GROUPS):
        write_whole(whole[g], len(shares), out[g])


def add_row(total: Any, row: Any) -> None:
    """Add one row to another."""
    for h in range(len(row)):
        total[h] += row[h]


def add_heads(total: Any, fen: Any, size: Any) -> None:
    """Add fen per head, cut to the fen below: exact, since fen are far below 2 ** 52."""
    for h in range(len(fen)):
        total[h] += np.int64(np.floor(fen[h] / max(size[h], 1)))


def workers_before(pi: Any) -> Any:
    """Persons with paid months in the places before each place, and before the end."""
    alive, work, months = pi[c.ALIVE], pi[c.WORK], pi[c.MONTHS]
    out, total = np.empty(len(alive) + 1, np.int32), 0
    for i in range(len(alive)):
        out[i] = total
        total += (alive[i] == 1) & (work[i] != Work.NONE) & (months[i] > 0)
    out[len(alive)] = total
    return out


def by_rank(
    size: Any, head: Any, member: Any, whole: Any, line: Any, shares: Any, parts: Any, counts: Any, out: Any
) -> None:  # fmt: skip
    """Walk up the incomes: quantiles, and what is summed over persons by their rank."""
    homes = len(size)
    order, other = np.empty(homes, np.int64), np.empty(homes, np.int64)
    by_size(size, order)
    radix(head, order, other)  # ties stay ordered by size, so that row order never shows
    counts[:] = 0
    below, at = np.zeros(_GROUPS), np.zeros(_GROUPS, np.int64)
    for turn in range(homes):
        h = order[turn]
        if size[h] == 0:
            continue
        x, n = head[h], float(size[h])
        positive = max(x, 0.0)
        short = max(0.0, 1.0 - positive / line) if x < line else 0.0
        for g in range(_GROUPS):
            if not member[h, g]:
                continue
            persons, k = float(whole[g, 1]), counts[g]
            below[g] += n
            rank = (below[g] - 0.5 * n) / persons
            parts[g, 0, k], parts[g, 1, k] = short * n, short * short * n
            parts[g, 2, k], parts[g, 3, k] = positive * n * rank, positive * n
            counts[g] = k + 1
            while at[g] < len(shares) and below[g] >= shares[at[g]] * persons:
                out[g, 8 + at[g]] = x
                at[g] += 1


def by_size(size: Any, order: Any) -> None:
    """Put households in the order of their sizes, those of one size as they stand."""
    places = np.zeros(size.max() + 2, np.int64)
    for h in range(len(size)):
        places[size[h] + 1] += 1
    for n in range(1, len(places)):
        places[n] += places[n - 1]
    for h in range(len(size)):
        order[places[size[h]]] = h
        places[size[h]] += 1


def write_whole(whole: Any, quantiles: Any, out: Any) -> None:
    """Indicators that need no sum of floats; nothing but noughts, and no number, where nobody is a member."""
    persons = float(whole[1])
    out[0], out[1], out[2] = whole[0], persons, whole[2]
    if whole[0] == 0:
        return
    out[3] = whole[3] / persons
    total = 0.0
    for k in range(len(SOURCES)):
        head = whole[6 + k] / FEN / persons
        out[8 + quantiles + k] = head
        total += head
    out[7] = total
    out[8 + quantiles + len(SOURCES)], out[9 + quantiles + len(SOURCES)] = whole[4] / persons, whole[5] / persons


# --- who had what, and whole lives -----------------------------------------------------------------------


def hold(s: State, world: World, out: Any) -> None:
    """Mark the households that have each measure this year, or a member who has."""
    for index, measure in enumerate(world.scenario.measures):
        kind, kept = find(measure.kind), s.held.get(measure.id)
        if kept is None or kind.holder == "village":
            continue
        if kind.holder == "person":
            held = kept["held"]
            lift(hold_loop)(held[: len(held) // 8 * 8].view(np.int64), held, world.layout.house, out[index])
        else:
            out[index] |= kept["held"]


def hold_loop(eights: Any, held: Any, house: Any, out: Any) -> None:
    """Mark the households of persons, who are few: ``eights`` are their marks, eight at a time."""
    for k in range(len(eights)):
        if eights[k] != 0:
            for i in range(8 * k, 8 * k + 8):
                if held[i]:
                    out[house[i]] = True
    for i in range(8 * len(eights), len(held)):
        if held[i]:
            out[house[i]] = True


def close(s: State, world: World, book: Book, tally: Tally, falls: tuple[int, ...]) -> None:
    """Add one life to the tally, and to the book its spells by the readings of return in ``falls``, rows of the state."""
    lift(lives_loop)(
        s.hi, world.start.hi[c.STATUS], np.array(world.years), world.scenario.run.opening, np.array(falls), book.held,
        book.spells, tally.exit_year, tally.followed, tally.fallen, tally.cause, tally.held,
    )  # fmt: skip


def lives_loop(
    hi: Any, start: Any, years: Any, opening: Any, falls: Any, held: Any, spells: Any, exit_year: Any, followed: Any, fallen: Any,
    cause: Any, ever_held: Any,
) -> None:  # fmt: skip
    """When each household first left, whether it fell back within k years, and why."""
    last = years[-1]
    for m in range(len(held)):
        for h in range(held.shape[1]):
            ever_held[m, h] += held[m, h]
    for h in range(hi.shape[1]):
        first, status, stood, fell = hi[c.FIRST_EXIT, h], hi[c.STATUS, h], hi[c.STOOD, h] == 1, hi[c.FELL_BEFORE_NET, h]
        at = len(years)
        for y in range(len(years)):
            if years[y] == first:
                at = y
        if in_stock(start[h]):
            fate = at
            if at == len(years):
                fate += 1 if status == Status.REMOVED else 2 if status == Status.GONE else 0
            exit_year[fate, h] += 1
        if fell > 0:
            cause[hi[c.FALL_CAUSE, h], h] += 1
        if stood and first > 0:
            for k in range(1, min(3, last - first) + 1):
                followed[k - 1, h] += 1
                fallen[k - 1, h] += (fell > 0) & (fell <= first + k)
        if at == len(years) and first != opening:
            continue
        cohort = 0 if first == opening else 1 + at
        for k in range(1, last - first + 1):
            spells[cohort, k - 1, 0] += 1
            spells[cohort, k - 1, 1] += stood
            for reading in range(len(falls)):
                year = hi[falls[reading], h]
                spells[cohort, k - 1, 2 + reading] += (year > 0) & (year <= first + k)
