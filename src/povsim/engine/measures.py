"""Owns: calling the kinds: their view of the holders, their luck, where their answers go; what each measure spends.
Never: what a kind does (policy.measures), or who holds a measure (engine.allocation)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import maximum, where
from povsim.core.errors import RuleError
from povsim.core.params.tree import nearest
from povsim.core.schema import EXPENSES, ITEMS, Capacity, Health, Stage, Work
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import shocks
from povsim.engine.income import wage_income
from povsim.engine.places import AT_ONCE, LANE, sum_places, unpack
from povsim.engine.recorder import entering
from povsim.engine.shelf import (
    CASH,
    FROM_VILLAGE,
    JOBS,
    KIND_VALUE,
    OVERHEAD,
    REPAID,
    SPENDING,
    VILLAGE_MONEY,
    Shelf,
    plan_of,
)
from povsim.engine.state import FEN, LASTING
from povsim.policy.eligibility import meets
from povsim.policy.kind import CHOICES, LATE, MOST_SHARED, ONCE_WORKED, TAKES, Kind, Shared, decision, find
from povsim.policy.mistakes import in_words

if TYPE_CHECKING:
    from povsim.core.params import Condition, Measure, Values
    from povsim.engine.draws import Draws
    from povsim.engine.state import Layout, State
    from povsim.engine.world import World

Array = NDArray[Any]

MOST_FEN: Final = 2.0**62  # more money than there is
ITEM: Final = {item.name: row for row, item in enumerate(ITEMS)}
EXPENSE: Final = {name: row for row, name in enumerate(EXPENSES)}
_MEANS: Final = np.array([item.means for item in ITEMS])
_MARKET: Final = [ITEM["wage_local"], ITEM["wage_away"]]
ENDS: Final = {"enterprise_failed": c.ENTERPRISE_FAILED, "term_ended": c.TERM_ENDED}
GUARANTEES: Final = {
    "house_safe": c.HOUSE_SAFE, "water_safe": c.WATER_SAFE, "school_safe": c.SCHOOL_SAFE, "insured_all": c.INSURED_ALL,
}  # fmt: skip
COMING: Final = {"house_coming": c.HOUSE_COMING, "water_coming": c.WATER_COMING}


# --- columns and views -----------------------------------------------------------------------------------


Room = tuple[Array, Array, Array, Array]


def column_room(layout: Layout) -> Room:
    """Memory for `Columns`: those of households, of persons, and which of either are filled."""
    cols, people = np.empty((len(DERIVED_HOUSE), layout.households)), np.empty((len(DERIVED_PERSON), layout.places))
    return cols, people, np.zeros(len(cols), np.bool_), np.zeros(len(people), np.bool_)


class Columns:
    """Named columns of one replicate in one year, made when first asked for.

    The names are the fields of ``eligible:``, those below, and the rows of the state in lower case.
    """

    def __init__(self, s: State, world: World, year: int, room: Room | None = None) -> None:
        self.s, self.world, self.year = s, world, year
        self._made: dict[tuple[str, str], Array] = {}
        # the columns made of the state: a row each, filled when first asked for, here or by compiled loops
        self.cols, self.people, filled_cols, filled_people = room or column_room(world.layout)
        self.filled = {"household": filled_cols, "person": filled_people}
        for filled in self.filled.values():
            filled[:] = False

    def set(self, of: str, name: str, column: Array) -> None:
        """Put a column in place, as what is left of a shared pool."""
        row, at = self._row(of, name)
        row[:], self.filled[of][at] = column, True

    def _row(self, of: str, name: str) -> tuple[Array, int]:
        """Where a column made of the state stands."""
        at = _DERIVED_ROW[of][name]
        return (self.people if of == "person" else self.cols)[at], at

    def find(self, of: str, name: str) -> Array | None:
        """A column over all households, persons or villages, None if they have none of that name."""
        if name in _DERIVED_ROW[of]:
            row, at = self._row(of, name)
            if not self.filled[of][at]:
                self._fill(of, name)
            return row
        column = self._made.get((of, name))
        if column is None:
            if name in _DERIVED[of]:
                column = self._made[of, name] = _DERIVED[of][name](self)
            elif name in _ROWS[of]:
                matrix, row_of = _ROWS[of][name]
                column = getattr(self.s, matrix)[row_of]
        return column

    def _fill(self, of: str, name: str) -> None:
        """Fill in a column made of the state; what households count of their members all at once, as it is now."""
        if name in POOLS:
            raise RuleError(
                f"{name} is left of a pool while measures are given, and known to fits, costs, begins and helps alone"
            )
        if name not in MEMBERS:
            self.set(of, name, _DERIVED[of][name](self))
            return
        for other, column in zip(MEMBERS, self.members(), strict=True):
            if not self.filled[of][self._row(of, other)[1]]:
                self.set(of, other, column)

    def get(self, of: str, name: str) -> Array:
        """The same of a column that must be there.

        Raises
        ------
        RuleError
            Nothing has that name.
        """
        column = self.find(of, name)
        if column is None:
            near = nearest(name, [*_DERIVED_ROW[of], *_DERIVED[of], *_ROWS[of]])
            raise RuleError(f"no column {name!r} of a {of}; nearest: {near or '-'}")
        return column

    def households(self, conditions: tuple[Condition, ...]) -> Array:
        """Households in which somebody lives and that meet the conditions on households, bool."""
        met: Array = meets(conditions, "household", lambda name: self.get("household", name)) & (self.s.hi[c.SIZE] > 0)
        return met

    def persons(self, conditions: tuple[Condition, ...]) -> Array:
        """Places of the living in these households."""
        return living(self.s, self.world.layout, np.flatnonzero(self.households(conditions)))[0]

    def counted(self, measure: Measure, kind: Kind, p: Values) -> Array:
        """Per household its members who meet a measure's conditions on persons and whom the kind counts."""
        name = f"members of {measure.id}"
        if ("household", name) not in self._made:
            place = np.flatnonzero(self.s.pi[c.ALIVE] == 1)
            met = np.broadcast_to(meets(measure.eligible, "person", lambda field: self.get("person", field)[place]), len(place))
            if kind.members is not None:
                met = met & kind.members(View(self, "person", place), p)
            layout = self.world.layout
            self._made["household", name] = np.bincount(layout.house[place], met, layout.households)
        return self._made["household", name]

    def eligible(self, measure: Measure, kind: Kind, p: Values) -> Array:
        """Households that meet the conditions of a measure that they hold; those on persons ask for a member who meets them."""
        met = self.households(measure.eligible)
        if any(one.of == "person" for one in measure.eligible):
            met = met & (self.counted(measure, kind, p) > 0)
        return met

    def members(self) -> Array:
        """What households count of their members, one row each; see `members_numpy`."""
        layout, out = self.world.layout, np.empty((len(MEMBERS), self.world.layout.households))
        body = compiler.lift(members_loop) if compiler.enabled() else members_numpy
        body(layout.off, layout.house, self.s.pi, out)
        return out


class View:
    """Columns over some of the units, gathered when asked for; a person sees the columns of the household too.

    Attributes are the names of `Columns`, those given as ``extra``, and those of ``later``, made when asked for. Numbers are
    float64, counts and codes too, so that a hook's arithmetic neither wraps nor depends on how the state is kept. Nothing that a
    hook sees can be changed in place.
    """

    def __init__(
        self, columns: Columns, of: str, index: Array, later: Mapping[str, Callable[[], Any]] | None = None, **extra: Any
    ) -> None:
        vars(self).update({name: fixed(value) for name, value in extra.items()}, year=np.float64(columns.year))
        vars(self).update(_columns=columns, _of=of, _index=index, _later=later or {}, _late=False)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what a hook sees is read-only")

    def __len__(self) -> int:
        return len(self._index)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        columns, of, index = self._columns, self._of, self._index
        if name in ONCE_WORKED and not self._late:
            raise RuleError(f"{name} is known once work is done, to {' and '.join(LATE)} alone")
        if name in self._later:
            value = self._later[name]()
        elif name == "local_wage" and of != "village":  # one number for all, as the year
            value = np.float64(local_wage(columns.world, columns.year))
        elif of == "person" and columns.find(of, name) is None:
            value = columns.get("household", name)[columns.world.layout.house[index]]
        else:
            value = columns.get(of, name)[index]
        value = fixed(value.astype(np.float64) if value.dtype.kind in "iu" else value)
        vars(self)[name] = value
        return value


def fixed(value: Any) -> Any:
    """A column that cannot be changed in place; what is no column as it is."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def _rows(**matrices: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    return {name.lower(): (matrix, row) for matrix, names in matrices.items() for row, name in enumerate(names)}


_ROWS: Final = {
    "person": _rows(pi=c.PERSON_INTS, pf=c.PERSON_FLOATS),
    "household": _rows(hi=c.HOUSE_INTS, hf=c.HOUSE_FLOATS),
    "village": _rows(vi=c.VILLAGE_INTS, vf=c.VILLAGE_FLOATS),
}
_ROWS["household"] |= {  # what conditions call them
    "able": ("hi", c.LABOURERS), "weak": ("hi", c.WEAKS), "land_mu": ("hf", c.LAND), "forest_mu": ("hf", c.FOREST),
    "income_head": ("hf", c.REPORTED),
}  # fmt: skip


def living(s: State, layout: Layout, households: Array) -> tuple[Array, Array]:
    """Places of the living in some households, in order, and the position of each one's household among these."""
    first, last = layout.off[households], layout.off[households + 1]
    count = last - first
    house = np.repeat(np.arange(len(households)), count)
    place = np.arange(len(house)) + (last - np.cumsum(count))[house]
    alive = s.pi[c.ALIVE, place] == 1
    return place[alive], house[alive]


MEMBERS: Final = (
    "sick", "disabled", "on_dibao", "on_tekun", "hands_at_home", "in_work",
    "able_months",  # months a year of the hands at home; the weak count half
    "hands",  # months of hands that paid work, illness and care leave this year; the weak count half
)  # fmt: skip


def members_numpy(off: Any, house: Any, pi: Any, out: Any) -> None:
    """Fill what households count of their members; the reference, in columns."""
    place = np.flatnonzero(pi[c.ALIVE])
    of, health, capacity = house[place], pi[c.HEALTH, place], pi[c.CAPACITY, place]
    hand = _is_hand(pi[c.STAGE, place], pi[c.AGE, place], capacity)
    months = where(capacity >= Capacity.ORDINARY, 12, 6)
    home = hand & (pi[c.WORK, place] != Work.AWAY) & (pi[c.RESIDENT, place] == 1)
    left = _months_left(pi[c.MONTHS, place], pi[c.SICK_MONTHS, place], pi[c.CARE_MONTHS, place])
    for row, each in enumerate((
        (health == Health.CHRONIC) | (health == Health.SERIOUS), health == Health.DISABLED, pi[c.DIBAO, place] > 0,
        pi[c.TEKUN, place] > 0, home, pi[c.MONTHS, place] > 0, home * months, hand * left * months,
    )):  # fmt: skip
        out[row] = np.bincount(of, each, out.shape[1])
    out[2], out[3] = out[2] > 0.0, out[3] > 0.0  # marks
    out[7] /= 120.0  # tenths of a month by twelfths become months


def members_loop(off: Any, house: Any, pi: Any, out: Any) -> None:
    """The same, to be lifted: what each place adds, packed into numbers, then sums of the places of each household."""
    homes = out.shape[1]
    for h0 in range(0, homes, AT_ONCE):
        h1 = min(h0 + AT_ONCE, homes)
        a, b = off[h0], off[h1]
        states, works, months = np.empty(b - a, np.int32), np.empty(b - a, np.int32), np.empty(b - a, np.int32)
        here, capacity, tenths = pi[c.ALIVE, a:b], pi[c.CAPACITY, a:b], pi[c.MONTHS, a:b]
        _pack_states(here, pi[c.HEALTH, a:b], pi[c.DIBAO, a:b], pi[c.TEKUN, a:b], states)
        hands = np.empty(b - a, np.bool_)
        _mark_hands(here, pi[c.STAGE, a:b], pi[c.AGE, a:b], capacity, hands)
        _pack_works(here, hands, capacity, pi[c.WORK, a:b], pi[c.RESIDENT, a:b], tenths, works)
        _weigh_months(hands, capacity, tenths, pi[c.SICK_MONTHS, a:b], pi[c.CARE_MONTHS, a:b], months)
        number = np.empty(b - a, np.int64)
        for j in range(b - a):
            number[j] = states[j] + (np.int64(works[j]) << 4 * LANE)
        ends, numbers = off[h0 : h1 + 1], np.empty(h1 - h0, np.int64)
        sum_places(number, ends, numbers)
        for row in range(6):
            unpack(numbers, row, out[row, h0:h1])
        dibao, tekun, home, able, left = out[2, h0:h1], out[3, h0:h1], out[4, h0:h1], out[6, h0:h1], out[7, h0:h1]
        unpack(numbers, 6, able)
        sum_places(months, ends, numbers)
        for k in range(h1 - h0):
            dibao[k], tekun[k] = dibao[k] > 0.0, tekun[k] > 0.0
            able[k], left[k] = 6.0 * (home[k] + able[k]), numbers[k] / 120.0


def _pack_states(here: Any, health: Any, dibao: Any, tekun: Any, out: Any) -> None:
    """Of each place, a lane each: sick, disabled, on 低保, on 特困."""
    for j in range(len(out)):
        ill = (health[j] == Health.CHRONIC) | (health[j] == Health.SERIOUS)
        marks = ill | (health[j] == Health.DISABLED) << LANE | (dibao[j] > 0) << 2 * LANE | (tekun[j] > 0) << 3 * LANE
        out[j] = (here[j] != 0) * marks


def _mark_hands(here: Any, stage: Any, age: Any, capacity: Any, out: Any) -> None:
    """Which places are those of hands."""
    for j in range(len(out)):
        out[j] = (here[j] != 0) & _is_hand(stage[j], age[j], capacity[j])


def _pack_works(here: Any, hands: Any, capacity: Any, work: Any, resident: Any, tenths: Any, out: Any) -> None:
    """Of each place, a lane each: a hand at home, of these one who counts whole, in work."""
    for j in range(len(out)):
        home = hands[j] & (work[j] != Work.AWAY) & (resident[j] == 1)
        whole = home & (capacity[j] >= Capacity.ORDINARY)
        out[j] = home | ((here[j] != 0) & (tenths[j] > 0)) << LANE | whole << 2 * LANE


def _weigh_months(hands: Any, capacity: Any, tenths: Any, sick: Any, care: Any, out: Any) -> None:
    """Of each hand the tenths of months left, by twelfths."""
    for j in range(len(out)):
        out[j] = hands[j] * _months_left(tenths[j], sick[j], care[j]) * where(capacity[j] >= Capacity.ORDINARY, 12, 6)


def _is_hand(stage: Any, age: Any, capacity: Any) -> Any:
    """Whether one is grown up, out of school, and has some capacity to work."""
    return (capacity >= Capacity.WEAK) & (stage == Stage.NONE) & (age >= 16)


def _months_left(paid: Any, sick: Any, care: Any) -> Any:
    return maximum(120 - paid - sick - care, 0)


Living = namedtuple("Living", ["living_cost_away"])


def wages_loop(off: Any, pi: Any, pf: Any, p: Any, market: Any, post: Any, house: Any) -> None:
    """Fill the columns of wages, to be lifted; `_market_wage` and `_post_pay` are the reference."""
    for h in range(len(house)):
        total = 0.0
        for i in range(off[h], off[h + 1]):
            paid = pi[c.PAID, i]
            market[i], post[i] = 0.0, 0.0
            if (pi[c.ALIVE, i] == 1) & ((paid == Work.LOCAL) | (paid == Work.AWAY)):
                fen = np.rint(wage_income(pi[c.MONTHS, i], pf[c.WAGE_MONTH, i], paid, p) * FEN)
                market[i] = fen / FEN
                total += np.rint(market[i] * FEN)
            if (pi[c.POST, i] > 0) & ((paid == Work.POST) | (paid == Work.WORKSHOP)):
                post[i] = np.rint(pi[c.MONTHS, i] / 10.0 * pf[c.WAGE_MONTH, i] * FEN) / FEN
        house[h] = total / FEN


def _local_wage(k: Columns, of: str) -> Array:
    layout = k.world.layout
    return np.broadcast_to(local_wage(k.world, k.year), layout.places if of == "person" else layout.households)


def local_wage(world: World, year: int) -> float:
    """Usual monthly wage near home of one on the register, yuan."""
    e, w = world.at("economy", year), world.at("work", year)
    return float(e.mean_wage * e.wage_ratio_local * w.registered_wage)


def _market_wage(k: Columns) -> Array:
    """Yuan of the year from work found on the market, near home or away, no post or workshop; known once work is done."""
    pi, out = k.s.pi, np.zeros(k.world.layout.places)
    place = np.flatnonzero((pi[c.ALIVE] == 1) & ((pi[c.PAID] == Work.LOCAL) | (pi[c.PAID] == Work.AWAY)))
    wage = wage_income(pi[c.MONTHS, place], k.s.pf[c.WAGE_MONTH, place], pi[c.PAID, place], k.world.at("work", k.year))
    out[place] = np.rint(wage * FEN) / FEN
    return out


def _post_pay(k: Columns) -> Array:
    """Yuan paid this year in the post held, as the account has it."""
    pi, out = k.s.pi, np.zeros(k.world.layout.places)
    place = np.flatnonzero(pi[c.POST])
    place = place[(pi[c.PAID, place] == Work.POST) | (pi[c.PAID, place] == Work.WORKSHOP)]
    out[place] = np.rint(pi[c.MONTHS, place] / 10.0 * k.s.pf[c.WAGE_MONTH, place] * FEN) / FEN
    return out


def _chronic_bill(k: Columns) -> Array:
    """Yuan that a chronic illness costs its person this year, as the account has it."""
    p = shocks.PHASE.arguments(k.world, k.year)
    bill: Array = shocks.to_fen(shocks.chronic_bill(k.s.pi[c.HEALTH], p)) / FEN
    return bill


def _own_paid(row: int, k: Columns) -> Array:
    """Yuan of an expense that the household pays itself this year, as far as measures have not relieved it yet."""
    bill: Array = k.s.spent[row] / FEN
    return bill


def _income_to_line(k: Columns) -> Array:
    ratio: Array = k.s.hf[c.REPORTED] / exit_line(k.world, k.year)
    return ratio


def exit_line(world: World, year: int) -> float:
    """The line that judges exit in a year, yuan per head."""
    lines = world.at("lines", year)
    return float(lines.exit_line if lines.exit_line > 0 else lines.poverty_line)


_DERIVED: Final[dict[str, dict[str, Callable[[Columns], Array]]]] = {
    "household": {
        "labourers": lambda k: k.s.hi[c.LABOURERS] + k.s.hi[c.WEAKS],
        "village": lambda k: np.asarray(k.world.layout.village_names)[k.s.hi[c.VILLAGE]],
        "poor_village": lambda k: k.s.vi[c.POOR][k.s.hi[c.VILLAGE]],
        "income_to_line": _income_to_line,
        "local_wage": partial(_local_wage, of="household"),
        "market_wages": lambda k: k.world.layout.per_household(np.rint(k.get("person", "market_wage") * FEN)) / FEN,
        "market_wages_last": lambda k: k.s.last[_MARKET].sum(axis=0) / FEN,
        **dict.fromkeys(MEMBERS, lambda k: np.empty(0)),  # filled together (`Columns._fill`)
        **{f"own_paid_{name}": partial(_own_paid, row) for row, name in enumerate(EXPENSES)},
    },
    "person": {
        "local_wage": partial(_local_wage, of="person"),
        "market_wage": _market_wage,
        "post_pay": _post_pay,
        "chronic_bill": _chronic_bill,
    },
    "village": {"pot": lambda k: k.s.vi[c.PROCEEDS_LAST] / FEN},
}
POOLS: Final = ("free_land", "free_hill")  # what is left for others while measures are given
OF_MEASURE: Final = ("eligible", "members")  # what differs between measures
# the rows of Columns.cols and Columns.people
DERIVED_HOUSE: Final = (*(name for name in _DERIVED["household"] if name != "village"), *POOLS, *OF_MEASURE)
DERIVED_PERSON: Final = (*_DERIVED["person"], "eligible")
_DERIVED_ROW: Final[dict[str, dict[str, int]]] = {
    "household": {name: row for row, name in enumerate(DERIVED_HOUSE) if name not in OF_MEASURE},
    "person": {name: row for row, name in enumerate(DERIVED_PERSON) if name not in OF_MEASURE},
    "village": {},
}


def rows_of(of: str) -> Mapping[str, tuple[str, int]]:
    """Matrix and row of each named column of the state."""
    return _ROWS[of]


# --- what a measure keeps --------------------------------------------------------------------------------


def kept(s: State, world: World, index: int) -> dict[str, Array]:
    """What a measure keeps in this replicate, by name (`shelf.Shelf`); made for all of them when the first is asked for."""
    if s.shelf is None:
        s.shelf = Shelf(plan_of(world))
    return s.held[world.scenario.measures[index].id]


class Held(SimpleNamespace):
    """The own columns of some holders, and the common numbers."""

    def __getattr__(self, name: str) -> Any:
        near = nearest(name, list(vars(self))) or ", ".join(vars(self)) or "-"
        raise AttributeError(f"no own column and no common number {name!r}; nearest: {near}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what a hook sees is read-only; what is to be kept is answered")


def holding(kind: Kind, h: Mapping[str, Array], index: Array) -> Held:
    """The own columns of some holders, and the common numbers."""
    own = {name: fixed(h[name][index]) for name in kind.own}
    return Held(**own, **{name: np.float64(h[name][0]) for name in kind.common})


def write_back(kind: Kind, h: Mapping[str, Array], index: Array, answer: Mapping[str, Any]) -> None:
    """Put own columns and common numbers of an answer where they are kept."""
    for name in kind.own:
        if name in answer:
            h[name][index] = answer[name]
    for name in kind.common:
        if name in answer:
            h[name][0] = answer[name]


class Luck:
    """The draws of some holders and those they share, made when the first is asked for; or those that last a whole life."""

    def __init__(
        self,
        s: State,
        world: World,
        draws: Draws,
        index: int,
        kind: Kind,
        year: int,
        p: Values,
        who: Array,
        lasting: bool = False,
    ) -> None:
        vars(self)["_of"] = s, world, draws, world.scenario.measures[index].id, kind, year, p, who, lasting

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what a hook sees is read-only")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        s, world, draws, tag, kind, year, p, who, lasting = self._of
        if name in kind.shared and not lasting:
            vars(self)[name] = fixed(shared_draw(world, draws, kind.shared[name], name, year, p))
        else:
            wanted, moment = (kind.lasting, LASTING) if lasting else (kind.draws, year)
            names, layout = tuple(decision(one, number) for one, number in wanted.items()), world.layout
            if name not in wanted:
                there = ", ".join([*wanted, *(() if lasting else kind.shared)]) or "none"
                raise RuleError(f"no draw {name!r} here ({'those that last' if lasting else 'those of the year'}: {there})")
            if kind.holder == "household":
                rows = draws.households(layout.draw_id[who], moment, names, tag)
            elif kind.holder == "person":
                rows = draws.persons(layout.draw_id, layout.house[who], s.pi[c.SLOT, who], moment, names, tag)
            else:
                rows = draws.named(layout.village_names, moment, names, tag)[:, who]
            vars(self).update(zip(wanted, map(fixed, rows), strict=True))
        return vars(self)[name]


def shared_draw(world: World, draws: Draws, one: Shared, name: str, year: int, p: Values) -> Any:
    """One draw, or an array where there are several such things; keyed by what is shared, so that measures share it too."""
    (row,) = draws.named(things_shared(world, one, p), year, (decision(name, one.number),))
    return row if one.count else row[0]


def things_shared(world: World, one: Shared, p: Values) -> list[str]:
    """The names of what holders share: one, or as many as there are firms.

    Raises
    ------
    RuleError
        There are more than a town could have.
    """
    thing = f"{one.by}:{p[one.by] or world.scenario.place}"
    if not one.count:
        return [thing]
    if not p[one.count] <= MOST_SHARED:
        raise RuleError(f"{one.count} = {p[one.count]:g}: what holders share is at most {MOST_SHARED}")
    return [f"{thing}:{i}" for i in range(max(int(p[one.count]), 1))]


def serving(world: World) -> list[tuple[int, Measure, Kind]]:
    """The measures that are allocated, in scenario order, with their kinds as columns ask them."""
    served: list[tuple[int, Measure, Kind]] = world.keep(("serving",), partial(_serving, world))
    return served


def _serving(world: World) -> list[tuple[int, Measure, Kind]]:
    every = [
        (index, measure, in_columns(find(measure.kind), measure.id)) for index, measure in enumerate(world.scenario.measures)
    ]
    return [one for one in every if not one[2].apart]


# --- asking in columns -----------------------------------------------------------------------------------


def in_columns(kind: Kind, id: str) -> Kind:
    """A kind as a measure asks it: its hooks are given numbers of one sort, what they answer is checked and made columns."""
    twin, proven = copy(kind), set[str]()
    vars(twin).update({hook: partial(_ask, kind, id, hook, proven) for hook in TAKES if getattr(kind, hook) is not None})
    return twin


def _ask(kind: Kind, id: str, hook: str, proven: set[str], view: View, *rest: Any) -> Any:
    """Ask a hook in columns: a condition as bool column, all else as float64 columns and numbers.

    Raises
    ------
    RuleError
        It fails, it says what it may not, or it answers differently when asked twice the same; with year, measure, kind, hook.
    """
    given = [Given(one) if what == "p" else one for what, one in zip(TAKES[hook][1:], rest, strict=True)]
    known, told = given[TAKES[hook].index("p") - 1], f"{int(view.year)}: measure {id}"
    vars(view)["_late"] = hook in LATE

    def answer() -> Any:
        try:
            with np.errstate(all="ignore"):  # what is no number is found below
                said = getattr(kind, hook)(view, *given)
        except RuleError as error:
            raise RuleError(f"{told}, kind {kind.name}, {hook}: {error}", error.faults) from error
        except Exception as error:
            raise RuleError(f"{told}, kind {kind.name}, {hook}: {in_words(error)}") from error
        try:
            if hook in CHOICES:
                return kind.condition(said, hook, len(view))
            kind.check(said, hook, len(view), known)
        except RuleError as error:
            raise RuleError(f"{told}, {error}") from error
        return {name: np.asarray(value, np.float64)[()] for name, value in said.items()}

    first = answer()
    if hook not in proven and len(view):
        again = answer()
        both = [(first, again)] if hook in CHOICES else [(first[name], again.get(name)) for name in first]
        if not all(np.array_equal(one, other) for one, other in both):
            wrong = "it answers differently when asked twice; chance is for the kind's draws"
            raise RuleError(f"{told}, kind {kind.name}, {hook}: {wrong}")
        proven.add(hook)
    return first


class Given:
    """A measure's parameters as a hook in columns is given them: numbers are float64 and truths bool of NumPy, as in columns."""

    def __init__(self, values: Any) -> None:
        vars(self)["_values"] = values

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what a hook sees is read-only")

    def __getattr__(self, name: str) -> Any:
        return _given(getattr(self._values, name))

    def __getitem__(self, name: str) -> Any:
        return _given(self._values[name])

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _given(value: Any) -> Any:
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, (int, float)):
        return np.float64(value)
    return {name: _given(one) for name, one in value.items()} if isinstance(value, Mapping) else value


# --- phase 4 ---------------------------------------------------------------------------------------------


def earn(s: State, world: World, draws: Draws, year: int) -> None:
    """Let every measure yield: income and relief of the households, money of the villages, costs.

    Villages come last, since what they share out is what the posts have left.
    """
    k = Columns(s, world, year)
    from_village = np.zeros(world.layout.villages, np.int64)
    for villages in (False, True):
        for index, measure, kind in serving(world):
            if (kind.holder == "village") == villages:
                p = world.measure(index, year)
                with entering(s, index):
                    if villages:
                        share_out(s, world, draws, year, k, index, kind, p, from_village)
                    else:
                        from_village += yields_of(s, world, draws, year, k, index, measure, kind, p)
    s.vi[c.RESERVE] -= from_village
    refuse_overdrawn(s, world, year)


def refuse_overdrawn(s: State, world: World, year: int) -> None:
    """Refuse what villages pay beyond what they have: last year's income and what they kept of those before.

    Raises
    ------
    RuleError
        Naming the village and the measures that pay out of its money, or the measure that charges it with more than it spends.
    """
    books = s.shelf.books if s.shelf is not None else np.zeros((0, len(SPENDING)), np.int64)
    spent = books[:, CASH] + books[:, KIND_VALUE] + books[:, VILLAGE_MONEY] + books[:, OVERHEAD]
    over = books[:, FROM_VILLAGE] > np.maximum(spent, 0)
    if not (over.any() or (s.vi[c.RESERVE] < 0).any()):
        return
    every = [(measure, find(measure.kind)) for measure in world.scenario.measures]
    for m in np.flatnonzero(over):
        measure, kind = every[m]
        parts = 2 * int(s.held[measure.id]["held"].sum())  # each cut to the fen by itself, cash and value in kind
        if books[m, FROM_VILLAGE] > max(spent[m], 0) + parts:
            said = "from_village is part of what is paid, and here it is more"
            raise RuleError(f"{year}: measure {measure.id}, kind {kind.name}, yields: {said}")
    v = int(np.argmin(s.vi[c.RESERVE]))
    if s.vi[c.RESERVE, v] >= 0:
        return
    those = [
        f"{measure.id} (kind {kind.name})"
        for (measure, kind), line in zip(every, books, strict=True)
        if kind.holder == "village" or line[FROM_VILLAGE]
    ]
    missing = -s.vi[c.RESERVE, v] / FEN
    raise RuleError(
        f"{year}: village {world.layout.village_names[v]} pays out {missing:,.2f} yuan more than it has, by {', '.join(those)};"
        " what its yields pay is at most view.pot less view.posts_paid, from_village what post_fund set apart"
    )


def first_months(measure: Measure) -> float:
    """Months that count in a holder's first year."""
    return 13.0 - measure.start_month


def fen_of_budget(measure: Measure, year: int) -> int:
    """Its yearly budget, fen; -1 where it has none."""
    return -1 if measure.budget is None else int(min(measure.budget.at(year) * FEN, MOST_FEN))


def running(measure: Measure, year: int) -> bool:
    """Whether it takes new holders this year."""
    return measure.start_year <= year and (measure.until is None or year <= measure.until) and not ended(measure, year)


def ended(measure: Measure, year: int) -> bool:
    """Whether its support has ended; what was built stays with its holders, unpaid."""
    return measure.ends is not None and year >= measure.ends


def view_of(k: Columns, kind: Kind, measure: Measure, h: Mapping[str, Array], who: Array, p: Values, **known: Any) -> View:
    """The view of holders or candidates; what is ``known`` of them takes the place of what would be looked up."""
    year = k.year

    def eligible() -> Array:
        if kind.holder != "person":
            whole: Array = k.eligible(measure, kind, p)[who]
            return whole
        here = k.households(measure.eligible)[k.world.layout.house[who]] & (k.s.pi[c.ALIVE, who] == 1)
        met: Array = here & meets(measure.eligible, "person", lambda field: k.get("person", field)[who])
        return met

    if kind.holder == "village":  # all hold it, from the measure's start on
        began = measure.start_year
        held_for = {"year_held": np.float64(year - began + 1), "first": np.bool_(year == began)}
        months = np.float64(first_months(measure) if year == began else 12.0)
        return View(k, kind.holder, who, **{"holders": np.float64(len(who)), "months": months, **held_for, **known})
    return View(
        k,
        kind.holder,
        who,
        {
            "year_held": lambda: year - h["since"][who] + 1.0,
            "first": lambda: h["since"][who] == year,
            "months": lambda: np.where(h["since"][who] == year, first_months(measure), 12.0),
            "paid": lambda: h["paid"][who],
            "over": lambda: h["over"][who],
            "eligible": eligible,
            **({} if kind.holder == "person" else {"members": lambda: k.counted(measure, kind, p)[who]}),
        },
        **{"holders": np.float64(len(who)), **known},
    )


def cost_view(k: Columns, kind: Kind, measure: Measure, h: Mapping[str, Array], who: Array, p: Values, new: bool) -> View:
    """The view of holders, or of who would be new, when asked what they can cost at most: as this year would be, paid in full."""
    count, months = len(who), first_months(measure)
    known: dict[str, Any] = {"first": np.full(count, new), "paid": np.ones(count), "held": holding(kind, h, who)}
    known["months"] = np.full(count, months) if new else np.where(h["since"][who] < k.year, 12.0, months)
    known["year_held"] = np.ones(count) if new else k.year - h["since"][who] + 1.0
    return view_of(k, kind, measure, h, who, p, **known)


def yields_of(
    s: State, world: World, draws: Draws, year: int, k: Columns, index: int, measure: Measure, kind: Kind, p: Values
) -> NDArray[np.int64] | int:
    """One measure of households or persons; what the villages' proceeds bear of it, in fen."""
    layout, h = world.layout, kept(s, world, index)
    given, books = h["given"], h["books"]
    given[:] = 0
    who = np.flatnonzero(h["held"])
    if kind.yields is None or not (len(who) or kind.common):
        return 0
    view, held = view_of(k, kind, measure, h, who, p), holding(kind, h, who)
    answer = kind.yields(view, held, p, Luck(s, world, draws, index, kind, year, p, who))
    write_back(kind, h, who, answer)
    house = layout.house[who] if kind.holder == "person" else who
    if s.watch is not None:
        s.watch.answered(index, house, answer)

    def fen(name: str) -> NDArray[np.int64]:
        amount = np.rint(np.asarray(answer[name]) * FEN).astype(np.int64)
        return amount if amount.ndim else np.full(len(who), amount)

    def by_village(name: str) -> NDArray[np.int64]:
        out = np.zeros(layout.villages, np.int64)
        np.add.at(out, s.hi[c.VILLAGE, house], fen(name))
        return out

    for name in answer:
        if name in ITEM:
            amount = fen(name)
            np.add.at(s.items[ITEM[name]], house, amount)
            if _MEANS[ITEM[name]]:
                np.add.at(given, house, amount)
            if name in kind.pays:
                books[CASH] += amount.sum()
        elif name in ("wages_paid", "grant"):
            books[CASH] += fen(name).sum()
        elif name == "in_kind":
            books[KIND_VALUE] += fen(name).sum()
        elif name in ("building", "running"):
            books[KIND_VALUE if name == "building" else OVERHEAD] += int(np.rint(answer[name] * FEN))
        elif name == "post_income":
            np.add.at(given, house, fen(name))
        elif name == "proceeds":
            proceeds = by_village(name)
            s.vi[c.PROCEEDS] += proceeds
            books[VILLAGE_MONEY] += proceeds.sum()
        elif name == "owned_proceeds" and p.village:
            earned = int(np.rint(answer[name] * FEN))
            s.vi[c.PROCEEDS, village_named(layout, p.village)] += earned
            books[VILLAGE_MONEY] += earned
        elif name == "within":
            np.add.at(s.hi[c.TRANSFERS_WITHIN], house, fen(name))
        elif name == "repaid":
            books[REPAID] += fen(name).sum()
        elif name == "debt_service":
            np.add.at(s.spent[EXPENSE["debt"]], house, fen(name))
        elif name in ENDS:
            s.hi[ENDS[name], house[np.broadcast_to(answer[name], len(house)) > 0]] = 1
        elif name == "jobs":
            jobs = np.broadcast_to(answer[name], len(who))
            books[JOBS] += int(np.bincount(np.zeros_like(who), jobs, 1)[0])  # one by one, as a loop adds
        elif name == "labour":
            left = k.get("household", "hands")
            np.subtract.at(left, house, answer[name])
            np.add.at(s.hf[c.HANDS_USED], house, answer[name])
        elif name == "credited":
            np.add.at(s.credit[kind.route], house, fen(name))
        elif name.startswith("relief_"):
            expense = name.removeprefix("relief_")
            row = s.spent[EXPENSE[expense]]
            taken = np.minimum(np.bincount(house, fen(name), len(row)).astype(np.int64), row)  # whole fen: exact in any order
            row -= taken
            books[KIND_VALUE] += taken.sum()
            k.set("household", f"own_paid_{expense}", row / FEN)  # the next measure sees what is left, of a person's bill too
            if kind.holder == "person" and expense == "medical_acute":
                s.pf[c.BILL, who] -= fen(name) / FEN
            elif kind.holder == "person" and expense == "medical_chronic":
                np.subtract.at(k.get("person", "chronic_bill"), who, fen(name) / FEN)
    books[OVERHEAD] += fen("overhead").sum() if "overhead" in answer else overhead(p, books)
    borne = by_village("from_village") if "from_village" in answer else np.zeros(layout.villages, np.int64)
    books[FROM_VILLAGE] += borne.sum()
    return borne


def village_named(layout: Layout, name: str) -> int:
    """Position of the village of a name.

    Raises
    ------
    RuleError
        There is none; those there are are named.
    """
    if name not in layout.village_names:
        raise RuleError(f"no village {name!r}; one of {', '.join(layout.village_names)}")
    return layout.village_names.index(name)


def overhead(p: Values, books: NDArray[np.int64]) -> int:
    """Management of a measure that does not say it itself, fen: a share of cash and value in kind."""
    return int(np.rint(p.overhead * (books[CASH] + books[KIND_VALUE]))) if "overhead" in p else 0


def share_out(
    s: State, world: World, draws: Draws, year: int, k: Columns, index: int, kind: Kind, p: Values, posts_paid: NDArray[np.int64]
) -> None:
    """One measure of villages: what it pays under an item is split among the village's households by its weights.

    A share is cut to the fen below; the rest of the pot stays with the village.
    """
    layout, h = world.layout, kept(s, world, index)
    who = np.flatnonzero(h["held"])
    books, h["given"][:] = h["books"], 0
    if not len(who) or kind.yields is None or kind.shares is None:
        return
    answer = village_answer(s, world, draws, year, k, index, kind, who, posts_paid)
    weights = kind.shares(View(k, "household", np.arange(layout.households)), p)
    if set(weights) != {name for name in answer if name in ITEM}:
        raise RuleError(f"kind {kind.name}: yields and shares name the same income items, or some would go to nobody")
    pots = np.zeros(layout.villages, np.int64)
    paid = np.zeros(layout.villages, np.int64)
    for name, weight in weights.items():
        pots[:] = 0
        pots[who] = np.floor(np.broadcast_to(answer[name], len(who)) * FEN)
        weight = np.where(s.hi[c.SIZE] > 0, weight, 0.0)  # else the money of those left would go to an empty house
        village = s.hi[c.VILLAGE]
        total = np.bincount(village, weight, layout.villages)
        amount = np.floor(pots[village] * (weight / np.where(total > 0.0, total, 1.0)[village])).astype(np.int64)
        s.items[ITEM[name]] += amount
        if _MEANS[ITEM[name]]:
            h["given"] += amount
        paid += layout.per_village(amount)
    s.vi[c.RESERVE] -= paid
    enter_sharing(s, p, books, who, paid, posts_paid)


def village_answer(
    s: State, world: World, draws: Draws, year: int, k: Columns, index: int, kind: Kind, who: Array, posts_paid: Array
) -> Mapping[str, Any]:
    """What the villages pay under each item, yuan; their own columns are brought up to date."""
    p, h = world.measure(index, year), kept(s, world, index)
    assert kind.yields is not None
    view = view_of(k, kind, world.scenario.measures[index], h, who, p, posts_paid=posts_paid[who] / FEN)
    answer: Mapping[str, Any] = kind.yields(view, holding(kind, h, who), p, Luck(s, world, draws, index, kind, year, p, who))
    write_back(kind, h, who, answer)
    return answer


def enter_sharing(s: State, p: Values, books: Array, who: Array, paid: Array, posts_paid: Array) -> None:
    """The books of a measure of villages: what households were paid, and what stays with the village."""
    books[CASH] += paid.sum()
    pot = s.vi[c.PROCEEDS_LAST, who] - posts_paid[who]
    books[VILLAGE_MONEY] += (pot - paid[who]).sum()
    books[FROM_VILLAGE] += pot.sum()
    books[OVERHEAD] += overhead(p, books)


def seen_by_means(item: str) -> bool:
    """Whether the means test of the safety net sees an item of income."""
    return bool(_MEANS[ITEM[item]])


def spending(s: State, world: World, year: int) -> NDArray[np.int64]:
    """What each measure spent in a year.

    Returns
    -------
    int64 (measures, len(SPENDING))
        Counts, and money in fen. What a measure spends is cash to its holders + value in kind + what stays with the village +
        overhead, less what comes out of villages' proceeds; money that comes back, and top-up saved, stand apart.
    """
    return s.shelf.books.copy() if s.shelf is not None else np.zeros((len(world.scenario.measures), len(SPENDING)), np.int64)
