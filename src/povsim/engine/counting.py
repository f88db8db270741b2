"""Owns: the compiled bodies of the ledger: counting one year of one replicate, and one life, household by household.
Never: what is counted and whether it closes (engine.ledger, whose columns are the reference and whose orders are kept here)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.schema import ITEMS, LACKS, LEDGER, LEDGER_SIGN, SOURCES, Category, Channel, Era, Monitoring, Status, Work
from povsim.engine import columns as c
from povsim.engine.assessment import era_in, lines_of
from povsim.engine.compile import Part
from povsim.engine.judging import verdict
from povsim.engine.places import PLACE, sum_places
from povsim.engine.program import Step, run, step
from povsim.engine.shelf import plan_of
from povsim.engine.sorting import by_income
from povsim.engine.state import FEN, in_stock
from povsim.policy.status import is_watched

if TYPE_CHECKING:
    from povsim.engine.judging import Verdicts
    from povsim.engine.ledger import Book, Tally
    from povsim.engine.state import State
    from povsim.engine.world import World

Longs = NDArray[np.int64]

_CHANNELS: Final = len(Channel)
_SIGNS: Final = np.array([LEDGER_SIGN[name] for name in LEDGER])

# --- a year, and what it is written from --------------------------------------------------------------------


class Page:
    """Memory for the counts of one year of one replicate: the fields of a Book, without its first axis."""

    def __init__(self, book: Book) -> None:
        self.fields = {name: np.zeros_like(getattr(book, name)[0]) for name in COUNTED}
        self.held, self.open = np.zeros_like(book.held), np.zeros(1, np.int64)
        self.part = Part(**self.fields, held=self.held, unclosed=self.open)

    def enter(self, book: Book, y: int) -> None:
        """Enter the page in a book."""
        for name, counts in self.fields.items():
            getattr(book, name)[y] = counts
        book.held |= self.held


COUNTED: Final = (
    "ledger", "accounts", "exits", "routes", "returns", "causes", "indicators", "villages", "layers", "monitoring", "evaluation",
    "lacking",
)  # fmt: skip


def steps(
    s: State, world: World, year: int, verdicts: Verdicts, page: Page, tally: Tally, shares: NDArray[np.float64]
) -> list[Step]:
    """Count all of the year: what befell whole households, incomes with quantiles at ``shares``, who had what."""
    y, layout = world.years.index(year), world.layout
    marks = Part(**_yardsticks(world, year), year=year, first_year=int(y == 0), last_year=int(y == len(world.years) - 1))
    lives = Part(
        **{name: getattr(tally, name) for name in ("stayed", "lacks", "gap", "entered")},
        **{name: getattr(tally, name)[y] for name in ("income", "living")},
        shares=shares,
    )
    found = [
        step(events_loop, layout.part, s.part, verdicts.part, page.part, marks, lives),
        step(incomes_loop, layout.part, s.part, page.part, marks, lives),
    ]
    if s.shelf is not None:
        holders = world.keep(("holders",), lambda: Part(holders=_holders(world)))
        found.append(step(hold_loop, layout.part, s.shelf.part, page.part, holders))
    return found


def _yardsticks(world: World, year: int) -> dict[str, float]:
    """The lines of exit and of poverty; whether the campaign has ended by next year; years above the line; income asked for."""

    def make() -> dict[str, float]:
        lines, p = lines_of(world, year), world.at("assessment", year)
        over = int(era_in(world, year + 1) != Era.CAMPAIGN)
        return {
            "line": float(lines.exit), "poverty": float(lines.poverty), "over": over, "sustain": float(p.sustain_years),
            "goal": float(lines.exit * p.exit_margin),
        }  # fmt: skip

    found: dict[str, float] = world.keep(("yardsticks", year), make)
    return found


# --- what befell the households --------------------------------------------------------------------------


def events_loop(
    hi: Any, hf: Any, vi: Any, village: Any, marks: Any, numbers: Any, year: Any, line: Any, over: Any, sustain: Any, ledger: Any,
    accounts: Any, exits: Any, routes: Any, returns: Any, causes: Any, villages: Any, layers: Any, monitoring: Any,
    evaluation: Any, lacking: Any, unclosed: Any, first_year: Any, goal: Any, stayed: Any, lacks: Any, gap: Any,
) -> None:  # fmt: skip
    """Count the households of one year, in the first year also what is lacking to the tally; whether ledger, accounts and routes
    do not close.
    """
    ledger[:], accounts[:], exits[:], routes[:], returns[:], causes[:], villages[:] = 0, 0, 0, 0, 0, 0, 0
    layers[:], monitoring[:], evaluation[:], lacking[:] = 0, 0, 0, 0
    j = verdict(marks, numbers)
    size, status, watch = hi[c.SIZE], hi[c.STATUS], hi[c.MONITORING]
    now = np.empty((6, len(size)), np.bool_)
    poor, registered, exited, watched, cleared, known = now[0], now[1], now[2], now[3], now[4], now[5]
    for h in range(len(size)):
        poor[h], exited[h], watched[h] = in_stock(status[h]), status[h] == Status.EXITED, is_watched(watch[h])
        registered[h], cleared[h] = poor[h] | exited[h], watch[h] == Monitoring.CLEARED
        known[h] = j.opening[h] | j.exited_before[h]
    stock_loop(hi, j, poor, ledger)
    stocks_loop(hi, j, registered, exited, watched, cleared, known, accounts)
    exits_loop(hi, hf, j, line, exits, routes)
    returns_loop(hi, j, returns, causes)
    monitoring_loop(hi, j, watched, monitoring, layers)
    truth_loop(hi, hf, j, poor, registered, line, over, evaluation)
    evaluation[0] = exits[9]
    lacked = np.empty(len(LACKS), np.bool_)
    for h in range(len(size)):
        if not poor[h]:
            continue
        villages[village[h], 0] += 1
        villages[village[h], 1] += size[h]
        lack(hi, h, year, sustain, lacked)
        for k in range(len(lacked)):
            lacking[k] += lacked[k]
        if first_year == 1:
            stayed[h] += 1
            for k in range(len(lacked)):
                lacks[k, h] += lacked[k]
            if lacked[0]:
                gap[h] += np.int64(np.rint(max(goal - hf[c.REPORTED, h], 0.0) * FEN))
    for v in range(len(villages)):
        villages[v, 2], villages[v, 3] = vi[c.PROCEEDS, v], vi[c.OUT, v] > 0
    unclosed[0] = not closed(ledger, accounts, routes)


def closed(ledger: Any, accounts: Any, routes: Any) -> Any:
    """Whether all add up; what does not is told by the ledger."""
    for unit in range(2):
        residual, left = 0, -ledger[unit, 5]
        for flow in range(len(_SIGNS)):
            residual += _SIGNS[flow] * ledger[unit, flow]
        for route in range(len(routes)):
            left += routes[route, unit]
        if (residual != 0) | (left != 0):
            return False
        for stock in range(len(accounts)):
            a = accounts[stock, unit]
            if a[0] + a[1] - a[2] + a[3] != a[4]:
                return False
    return True


def count(mask: Any) -> Any:
    """How many are marked."""
    number = 0
    for h in range(len(mask)):
        number += mask[h]
    return number


def both(mask: Any, weight: Any) -> Any:
    """How many are marked, and the sum of their weights."""
    number, total = 0, 0
    for h in range(len(mask)):
        number += mask[h]
        total += weight[h] * mask[h]
    return number, total


def stock_loop(hi: Any, j: Any, poor: Any, out: Any) -> None:
    """The stock of the poor, in the order of LEDGER."""
    size = hi[c.SIZE]
    out[:, 0] = both(j.opening, hi[c.SIZE_OPEN])
    out[:, 1] = both(j.identified, size)
    out[:, 2] = both(j.returned, size)
    out[:, 5] = both(j.exited, size)
    out[:, 9] = both(poor, size)
    for flow, row in ((3, c.BIRTHS), (4, c.ARRIVALS), (7, c.DEATHS), (8, c.DEPARTURES)):
        out[1, flow] = both(j.opening, hi[row])[1]
    for h in range(len(size)):  # few of the poor are gone or removed
        if (j.gone[h] | j.removed[h]) & j.opening[h]:
            if j.gone[h]:
                out[0, 7 if hi[c.DEATHS, h] > 0 else 8] += 1
            if j.removed[h]:
                out[0, 6] += 1
                out[1, 6] += size[h]


def stocks_loop(hi: Any, j: Any, registered: Any, exited: Any, watched: Any, cleared: Any, known: Any, out: Any) -> None:
    """The other stocks, in the order of STOCKS."""
    size, then = hi[c.SIZE], hi[c.SIZE_OPEN]
    moved, left = np.empty(len(size), np.int64), np.empty((4, len(size)), np.bool_)
    for h in range(len(size)):
        moved[h] = hi[c.BIRTHS, h] + hi[c.ARRIVALS, h] - hi[c.DEATHS, h] - hi[c.DEPARTURES, h]
        removed = j.removed[h]
        left[0, h] = j.returned[h] | (removed & j.exited_before[h])
        left[1, h] = j.cleared[h] | (removed & j.monitored_before[h])
        left[2, h] = j.cleared_before[h] & (watched[h] | removed)
        left[3, h] = removed & known[h] & (not j.gone[h])
    account(out[0], j.exited_before, j.exited, left[0], exited, j.gone, size, then, moved)
    account(out[1], j.monitored_before, j.entered, left[1], watched, j.gone, size, then, moved)
    account(out[2], j.cleared_before, j.cleared, left[2], cleared, j.gone, size, then, moved)
    account(out[3], known, j.identified, left[3], registered, j.gone, size, then, moved)


def account(
    out: Any, before: Any, into: Any, out_of: Any, now: Any, gone: Any, size: Any, then: Any, moved: Any
) -> None:  # fmt: skip
    """One stock, in the order of STOCK_FLOWS."""
    out[:, 0], out[:, 1], out[:, 2], out[:, 4] = both(before, then), both(into, size), both(out_of, size), both(now, size)
    for h in range(len(size)):
        out[0, 3] -= gone[h] & before[h]
    out[1, 3] = both(before, moved)[1]


def exits_loop(hi: Any, hf: Any, j: Any, line: Any, out: Any, routes: Any) -> None:
    """Who qualified and who left, in the order of EXITS, and by which route."""
    size, head = hi[c.SIZE], hf[c.TRUE_HEAD]
    out[0:2], out[2:4], out[4:6] = both(j.qualified, size), both(j.qualified_plain, size), both(j.exited, size)
    out[6], out[7], out[8] = count(j.by_status), count(j.by_obligation), count(j.smaller)
    for h in range(len(size)):
        if j.exited[h]:
            route = j.route[h]
            if (route >= 0) & (route < len(routes)):
                routes[route, 0] += 1
                routes[route, 1] += size[h]
            out[9] += (head[h] < line) & (not j.by_status[h]) & (not j.by_obligation[h])


def returns_loop(hi: Any, j: Any, out: Any, causes: Any) -> None:
    """In the order of RETURNS, and why they fell."""
    out[0:2] = both(j.exited_before, hi[c.SIZE_OPEN])
    out[2], out[3], out[4], out[5] = count(j.below_before_net), count(j.below_line), count(j.below_survey), count(j.returned)
    for h in range(hi.shape[1]):
        if j.causes[h] > 0:
            causes[j.causes[h], 0] += 1
        if j.returned_by[h] > 0:
            causes[j.returned_by[h], 1] += 1


def monitoring_loop(hi: Any, j: Any, watched: Any, out: Any, layers: Any) -> None:
    """In the order of MONITORING, and the layers of those with low income."""
    out[0], out[1], out[2], out[6], out[13] = count(j.entered), count(j.again), count(j.passed), count(j.cleared), count(j.missed)
    for h in range(hi.shape[1]):
        out[14] += j.delay[h]
        layer, size = hi[c.LAYER, h], hi[c.SIZE, h]
        layers[layer, 0] += size > 0
        layers[layer, 1] += size
        layers[layer, 2] += watched[h] & (size > 0)
        if j.entered[h] and not j.passed[h]:
            for channel in range(_CHANNELS):
                out[3 + channel] += hi[c.CHANNEL, h] == 1 + channel
        if j.monitored_before[h] & j.gone[h]:
            out[7] += 1
        if watched[h]:
            origin = hi[c.ORIGIN, h]
            out[8] += 1
            out[9] += origin == Monitoring.UNSTABLE
            out[10] += origin == Monitoring.MARGINAL
            out[11] += origin == Monitoring.SUDDEN
            out[12] += hi[c.MONITORING, h] == Monitoring.AT_RISK


def truth_loop(hi: Any, hf: Any, j: Any, poor: Any, registered: Any, line: Any, over: Any, out: Any) -> None:
    """What only the truth can tell, in the order of EVALUATION after the wrong exits."""
    status, size, head = hi[c.STATUS], hi[c.SIZE], hf[c.TRUE_HEAD]
    ineligible, delivered = hi[c.INELIGIBLE], hi[c.DELIVERED]
    missed, wrong, covered = 0, 0, 0
    for h in range(len(size)):
        missed += (status[h] == Status.GENERAL) & (head[h] < line) & (ineligible[h] == 0) & (size[h] > 0)
        wrong += poor[h] & (ineligible[h] == 1)
        covered += registered[h] & (delivered[h] > 0)
    out[1], out[2], out[5] = missed, wrong, covered
    out[3], out[4], out[6] = count(j.late), count(poor) * over, count(registered)


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


def incomes_loop(
    off: Any, pi: Any, hi: Any, hf: Any, items: Any, poverty: Any, shares: Any, last_year: Any, income: Any, living: Any,
    entered: Any, indicators: Any,
) -> None:  # fmt: skip
    """Indicators of the three groups, in the order of INDICATORS, those of the quantiles at ``shares``."""
    indicators[:] = np.nan
    homes = hi.shape[1]
    sources = np.zeros((len(SOURCES), homes), np.int64)
    for i in range(len(_SOURCE_OF)):
        if _SOURCE_OF[i] >= 0:
            add_row(sources[_SOURCE_OF[i]], items[i])
    for k in range(len(SOURCES)):
        add_heads(income[k], sources[k], hi[c.SIZE])
    size, head, status = hi[c.SIZE], hf[c.TRUE_HEAD], hi[c.STATUS]
    member, working = np.empty((_GROUPS, homes), np.bool_), workers(off, pi)
    below, netted = np.empty(homes, np.bool_), np.empty(homes, np.int64)
    for h in range(homes):
        registered = in_stock(status[h]) | (status[h] == Status.EXITED)
        living[h] += size[h] > 0
        member[0, h], member[1, h] = registered & (size[h] > 0), size[h] > 0
        member[2, h] = (hi[c.PV_LINKED, h] == 1) & (size[h] > 0)
        below[h], netted[h] = head[h] < poverty, size[h] * (hi[c.NETTED, h] > 0)
        if last_year == 1:
            entered[h] += registered | (hi[c.FIRST_EXIT, h] > 0)
    whole = np.zeros((_GROUPS, 6 + len(SOURCES)), np.int64)  # households, persons, above, persons below, at work, on the net
    for g in range(_GROUPS):
        whole[g, 0], whole[g, 1] = both(member[g], size)
        poor, whole[g, 3] = both(member[g] & below, size)
        whole[g, 2] = whole[g, 0] - poor
        whole[g, 4], whole[g, 5] = both(member[g], working)[1], both(member[g], netted)[1]
        for k in range(len(SOURCES)):
            whole[g, 6 + k] = both(member[g], sources[k])[1]
    for g in range(_GROUPS):
        write_whole(whole[g], len(shares), indicators[g])
    by_rank(size, head, member, whole, poverty, shares, indicators)


def add_row(total: Any, row: Any) -> None:
    """Add one row to another."""
    for h in range(len(row)):
        total[h] += row[h]


def add_heads(total: Any, fen: Any, size: Any) -> None:
    """Add fen per head, cut to the fen below: exact, since fen are far below 2 ** 52."""
    for h in range(len(fen)):
        total[h] += np.int64(np.floor(fen[h] / max(size[h], 1)))


def workers(off: Any, pi: Any) -> Any:
    """Persons of each household with paid months."""
    paid, out = np.empty(pi.shape[1], np.bool_), np.empty(len(off) - 1, np.int64)
    mark_paid(pi[c.ALIVE], pi[c.WORK], pi[c.MONTHS], paid)
    sum_places(paid, off, out)
    return out


def mark_paid(alive: Any, work: Any, months: Any, out: Any) -> None:
    """Mark those with paid months."""
    for i in range(len(out)):
        out[i] = (alive[i] == 1) & (work[i] != Work.NONE) & (months[i] > 0)


def by_rank(size: Any, head: Any, member: Any, whole: Any, line: Any, shares: Any, out: Any) -> None:
    """Walk up the incomes: quantiles, and what is summed over persons in the order of their incomes."""
    homes, living = len(size), 0
    found, weight, theirs = np.empty(homes), np.empty(homes, np.int64), np.empty(homes, np.uint8)
    for h in range(homes):
        found[living], weight[living] = head[h], size[h]
        theirs[living] = member[0, h] | (member[1, h] << 1) | (member[2, h] << 2)
        living += size[h] > 0
    income, persons, groups = np.empty(living), np.empty(living), np.empty(living, np.uint8)
    order = np.empty(living, np.uint32)
    by_income(found[:living], weight[:living], order, income)
    for at in range(living):
        persons[at], groups[at] = weight[order[at]], theirs[order[at]]
    x, n, below, part = np.empty(living + 1), np.empty(living + 1), np.empty(living), np.empty(living)
    for g in range(_GROUPS):
        if whole[g, 0] == 0:
            continue
        if g > 0 and whole[g, 0] == whole[g - 1, 0] and alike(member[g - 1], member[g]):
            out[g, 4:7], out[g, 8 : 8 + len(shares)] = out[g - 1, 4:7], out[g - 1, 8 : 8 + len(shares)]
            continue
        count, total = 0, 0.0
        for at in range(living):
            x[count], n[count] = income[at], persons[at]
            count += (groups[at] >> g) & 1
        for k in range(count):
            total += n[k]
            below[k] = total
        measure_group(x[:count], n[:count], below[:count], part[:count], whole[g, 0] - whole[g, 2], line, out[g])
        for q in range(len(shares)):
            out[g, 8 + q] = x[first_at(below[:count], shares[q] * total)]


def first_at(ascending: Any, least: Any) -> Any:
    """Where numbers that ascend reach ``least``."""
    low, high = 0, len(ascending) - 1
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


def alike(a: Any, b: Any) -> Any:
    """Whether the same are marked."""
    differ = 0
    for h in range(len(a)):
        differ += a[h] != b[h]
    return differ == 0


def measure_group(x: Any, n: Any, below: Any, part: Any, poor: Any, line: Any, out: Any) -> None:
    """Poverty gap, its square and the Gini of a group by income: its incomes, its persons, how many are no richer."""
    persons = below[-1]
    for k in range(len(x)):
        part[k] = max(x[k], 0.0) * n[k]
    earned = pairwise(part, len(x))
    for k in range(len(x)):
        part[k] *= (below[k] - 0.5 * n[k]) / persons
    ranked = pairwise(part, len(x))
    part[:] = 0.0
    for k in range(poor):
        part[k] = max(0.0, 1.0 - max(x[k], 0.0) / line) * n[k]
    out[4] = pairwise(part, poor) / persons
    for k in range(poor):
        short = max(0.0, 1.0 - max(x[k], 0.0) / line)
        part[k] = short * short * n[k]
    out[5] = pairwise(part, poor) / persons
    out[6] = 2.0 * ranked / earned - 1.0 if earned > 0.0 else np.nan


def pairwise(x: Any, upto: Any) -> Any:
    """The sum of some numbers, added in the order in which NumPy adds them: halves of halves, down to blocks of 128.

    From ``upto`` on they are noughts, which need not be added.
    """
    first, length, found = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64)
    first[0], length[0], spans, sums = 0, len(x), 1, 0
    while spans > 0:
        spans -= 1
        a, n = first[spans], length[spans]
        if n < 0:  # both halves are found
            sums -= 1
            found[sums - 1] += found[sums]
        elif a >= upto:
            found[sums] = 0.0
            sums += 1
        elif n <= 128:
            found[sums] = block(x[a : a + n])
            sums += 1
        else:
            half = n // 2 - n // 2 % 8
            length[spans] = -1
            first[spans + 1], length[spans + 1] = a + half, n - half
            first[spans + 2], length[spans + 2] = a, half
            spans += 3
    return found[0]


def block(x: Any) -> Any:
    """The sum of at most 128 numbers: eight running sums, then what is left over."""
    total, whole = 0.0, len(x) // 8 * 8
    if whole > 0:
        a, b, c, d, e, f, g, h = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
        for i in range(8, whole, 8):
            a, b, c, d = a + x[i], b + x[i + 1], c + x[i + 2], d + x[i + 3]
            e, f, g, h = e + x[i + 4], f + x[i + 5], g + x[i + 6], h + x[i + 7]
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, len(x)):
        total += x[i]
    return total


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


def _holders(world: World) -> Longs:
    """Of each measure whose holders are households or persons: its number, whether persons hold it, its row among those."""
    plan = plan_of(world)
    every = [(m, kind.holder, at.row) for m, (kind, at) in enumerate(zip(plan.kinds, plan.rows, strict=True))]
    return np.array([(m, int(of == "person"), row) for m, of, row in every if of != "village"], np.int64).reshape(-1, 3)


def hold_loop(homes: Any, persons: Any, house: Any, holders: Any, held: Any) -> None:
    """Mark the households of holders. Persons who hold are few, so that their marks are looked at eight at a time."""
    held[:] = False
    for m in range(len(holders)):
        row = held[holders[m, 0]]
        if holders[m, 1] == 0:
            row[:] = homes.held[holders[m, 2]]
            continue
        there = persons.held[holders[m, 2]]
        whole = len(there) // 8 * 8
        eights = there[:whole].view(np.int64)
        for k in range(len(eights)):
            left = eights[k]
            while left != 0:
                lowest = left & -left
                row[house[8 * k + ((lowest * PLACE) >> 56)]] = True
                left ^= lowest
        for i in range(whole, len(there)):
            if there[i]:
                row[house[i]] = True


def close(s: State, world: World, book: Book, tally: Tally, falls: tuple[int, ...]) -> None:
    """Add one life to the tally, and to the book its spells by the readings of return in ``falls``, rows of the state."""
    of_world = world.keep(("lives",), lambda: _of_lives(world, falls))
    lives = Part(**{name: getattr(tally, name) for name in ("exit_year", "followed", "fallen", "cause")}, ever_held=tally.held)
    run(step(lives_loop, s.part, of_world, lives, Part(held=book.held, spells=book.spells)))


def _of_lives(world: World, falls: tuple[int, ...]) -> Part:
    """What holds for all lives in a world."""
    start, years = np.ascontiguousarray(world.start.hi[c.STATUS]), np.array(world.years)
    return Part(start=start, years=years, opening=world.scenario.run.opening, falls=np.array(falls))


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
        at = first - years[0] if (first >= years[0]) & (first <= last) else len(years)
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
