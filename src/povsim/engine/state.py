"""Owns: who stands where (Layout, fixed for a run) and all that changes (State), made from a Population.
Never: moves time (the phases) or draws (engine.draws)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from povsim.core.errors import RuleError
from povsim.core.randomness import HOUSEHOLD_SLOT, identity
from povsim.core.schema import EXPENSES, ITEMS, SOURCES, Capacity, Departure, Health, Route, Stage, Status
from povsim.engine import columns as c
from povsim.engine.compile import Part
from povsim.policy.status import origin_stated

if TYPE_CHECKING:
    from povsim.engine.recorder import Recorder
    from povsim.engine.shelf import Shelf
    from povsim.engine.town import Bench

Ints = NDArray[np.int32]
Rows = NDArray[np.uint32]  # positions: without a sign, so that compiled loops need not ask whether one counts from the end
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
FEN = 100.0  # fen in a yuan
LASTING = 1900  # the year under which draws that last a whole life are keyed


class Tables(Protocol):
    """What the engine asks of a population: three tables of columns and the persons' offsets (see core.schema)."""

    @property
    def villages(self) -> dict[str, NDArray]: ...  # type: ignore[type-arg]
    @property
    def households(self) -> dict[str, NDArray]: ...  # type: ignore[type-arg]
    @property
    def persons(self) -> dict[str, NDArray]: ...  # type: ignore[type-arg]


@dataclass(frozen=True)
class Layout:
    """Who stands where, the same in every replicate.

    Attributes
    ----------
    off : int64 (households + 1,)
        Household h owns the person places ``off[h]`` to ``off[h + 1]``; the last ``spare`` of them are free at the start.
    house : uint32 (places,)
        The household of a place.
    village_off : int64 (villages + 1,)
        Village v owns the households ``village_off[v]`` to ``village_off[v + 1]``.
    draw_id : uint64 (households,)
        Identity for draws.
    edges : int64 (blocks + 1,)
        A block phase works on the households ``edges[b]`` to ``edges[b + 1]`` at a time, in order.
    village_names : tuple of str
        Names, the identity of what a village shares.
    """

    off: Longs
    house: Rows
    village_off: Longs
    draw_id: NDArray[np.uint64]
    edges: Longs
    village_names: tuple[str, ...]

    @property
    def households(self) -> int:
        return len(self.off) - 1

    @property
    def places(self) -> int:
        return len(self.house)

    @property
    def villages(self) -> int:
        return len(self.village_off) - 1

    @cached_property
    def itself(self) -> Rows:
        """Each household's own number: what ``house`` is to persons."""
        return np.arange(self.households, dtype=np.uint32)

    @cached_property
    def village(self) -> Longs:
        """The village of each household."""
        return np.repeat(np.arange(self.villages), np.diff(self.village_off))

    @cached_property
    def by_identity(self) -> Longs:
        """Households in the order of their identity, in which ties are broken."""
        return np.argsort(self.draw_id, kind="stable")

    @cached_property
    def part(self) -> Part:
        """As compiled loops take it (engine.program)."""
        return Part(
            **{name: getattr(self, name) for name in ("off", "house", "itself", "village", "village_off", "by_identity")},
            ids=self.draw_id,
            at_home=np.full(self.households, HOUSEHOLD_SLOT, np.int32),
            everybody=np.arange(self.places, dtype=np.uint32),
            village_ids=np.array([identity(name) for name in self.village_names], np.uint64),
            each_village=np.arange(self.villages, dtype=np.uint32),
            village_slots=np.full(self.villages, HOUSEHOLD_SLOT, np.int32),
        )

    def per_household(self, values: NDArray) -> NDArray:  # type: ignore[type-arg]
        """Sum over the places of each household; ``values`` has places last. A household owns at least one place."""
        return np.add.reduceat(values, self.off[:-1], axis=-1)

    def per_village(self, values: NDArray) -> NDArray:  # type: ignore[type-arg]
        """Sum over the households of each village; a village without households gets 0."""
        total = np.zeros((*values.shape[:-1], len(self.off)), dtype=values.dtype)
        np.cumsum(values, axis=-1, out=total[..., 1:])
        sums: NDArray = total[..., self.village_off[1:]] - total[..., self.village_off[:-1]]  # type: ignore[type-arg]
        return sums


@dataclass
class State:
    """All that changes, for one replicate; docs/architecture.md and engine.columns say what each row is."""

    pi: Ints
    pf: Floats
    hi: Longs
    hf: Floats
    items: Longs
    last: Longs
    spent: Longs
    credit: Longs  # by schema.Route: fen of this year's wages that measures of the route brought
    at_exit: Longs  # the income account of the year of the last exit, to tell why a household fell back
    vi: Longs
    vf: Floats
    shelf: Shelf | None = None  # what the measures keep; none until they are first asked
    watch: Recorder | None = None  # notes one household's account as it is lived; none in a run
    bench: Bench | None = None  # memory that compiled bodies work in, and what they are bound to

    @cached_property
    def part(self) -> Part:
        """The matrices as compiled loops take them (engine.program)."""
        return Part(**{name: getattr(self, name) for name in MATRICES})

    def begin_year(self) -> None:
        """Turn the page: this year's account and incomes become last year's, and an empty account is opened."""
        self.last[:] = self.items
        self.items[:] = 0
        self.spent[:] = 0
        self.credit[:] = 0
        self.hf[c.REPORTED_LAST] = self.hf[c.REPORTED]
        self.hf[c.TRUE_LAST] = self.hf[c.TRUE_HEAD]

    def copy(self, into: State | None = None) -> State:
        """An independent copy, from which another replicate starts and which nobody watches; in the memory of ``into``, a state
        that is done with.
        """
        if into is None:
            shelf = self.shelf.copy() if self.shelf is not None else None
            return State(**{name: getattr(self, name).copy() for name in MATRICES}, shelf=shelf)
        for name in MATRICES:
            np.copyto(getattr(into, name), getattr(self, name))
        if self.shelf is not None:
            into.shelf, into.bench = self.shelf.copy(), None
        elif into.shelf is not None:
            into.shelf.empty()
        into.watch = None
        return into

    @property
    def held(self) -> dict[str, dict[str, NDArray]]:  # type: ignore[type-arg]
        """What each measure keeps, by its id (shelf.Shelf)."""
        return self.shelf.by_id if self.shelf is not None else {}


MATRICES = tuple(f.name for f in fields(State) if f.name not in ("shelf", "watch", "bench"))


def begin_loop(hf: Any, items: Any, last: Any, spent: Any, credit: Any) -> None:
    """`State.begin_year` in loops."""
    for row in range(len(items)):
        last[row], items[row] = items[row], 0
    spent[:], credit[:] = 0, 0
    hf[c.REPORTED_LAST] = hf[c.REPORTED]
    hf[c.TRUE_LAST] = hf[c.TRUE_HEAD]


def spare_places(years: int) -> int:
    """Places kept free in a household that may grow for the newborn and those who marry in, over a run of so many years.

    Places of the dead and departed are taken again, so this bounds the growth of one household, not its arrivals.
    """
    return min(3 + years // 3, 12)


def lay_out(pop: Tables, years: int, block: int = 1024, grows: NDArray[np.bool_] | None = None) -> Layout:
    """Give everybody a place.

    Parameters
    ----------
    pop : Tables
        Households sorted by village, persons by household.
    years : int
        Length of the run.
    block : int
        Households in a block; results do not depend on it.
    grows : bool (households,), optional
        Households that somebody may join; all, unless said. The others need no free places.
    """
    if block < 1:
        raise RuleError(f"block={block}: a block has one household or more")
    village = np.asarray(pop.households["village"])
    count = len(village)
    sizes = np.bincount(pop.persons["household"], minlength=count)
    places = np.maximum(sizes + spare_places(years) * (True if grows is None else grows), 1)
    off = np.concatenate(([0], np.cumsum(places))).astype(np.int64)
    village_off = np.searchsorted(village, np.arange(len(pop.villages["village_id"]) + 1)).astype(np.int64)
    return Layout(
        off=off,
        house=np.repeat(np.arange(count, dtype=np.uint32), np.diff(off)),
        village_off=village_off,
        draw_id=np.array(pop.households["draw_id"], dtype=np.uint64),  # a frozen array would be compiled for apart
        edges=np.array([*range(0, count, block), count]),
        village_names=tuple(str(n) for n in pop.villages["name"]),
    )


def open_state(pop: Tables, layout: Layout, opening: int) -> State:
    """The state at the end of the opening year.

    Parameters
    ----------
    pop : Tables
        The population at its opening.
    layout : Layout
        Its places.
    opening : int
        The income year that has just ended; ages are completed years at its end.
    """
    h, p, villages = pop.households, pop.persons, layout.villages
    count, places = layout.households, layout.places
    s = State(
        pi=np.zeros((len(c.PERSON_INTS), places), np.int32),
        pf=np.zeros((len(c.PERSON_FLOATS), places)),
        hi=np.zeros((len(c.HOUSE_INTS), count), np.int64),
        hf=np.zeros((len(c.HOUSE_FLOATS), count)),
        items=np.zeros((len(ITEMS), count), np.int64),
        last=np.zeros((len(ITEMS), count), np.int64),
        spent=np.zeros((len(EXPENSES), count), np.int64),
        credit=np.zeros((len(Route), count), np.int64),
        at_exit=np.zeros((len(ITEMS), count), np.int64),
        vi=np.zeros((len(c.VILLAGE_INTS), villages), np.int64),
        vf=np.zeros((len(c.VILLAGE_FLOATS), villages)),
    )
    first = np.concatenate(([0], np.cumsum(np.bincount(p["household"], minlength=count))))
    place = layout.off[p["household"]] + np.arange(len(p["household"])) - first[p["household"]]
    s.pi[c.GONE] = Departure.EMPTY
    s.pi[c.GONE, place] = Departure.HERE
    s.pi[c.ALIVE, place] = 1
    s.pi[c.AGE, place] = opening - p["birth_year"]
    for row, name in _PERSON_COLUMNS.items():
        s.pi[row, place] = p[name]
    # the register does not say who has a grant: whoever studies in a registered household is taken to be aided until allocation
    registered = in_stock(h["status"]) | (h["status"] == Status.EXITED)
    s.pi[c.AIDED, place] = (p["stage"] != Stage.NONE) & registered[p["household"]]
    s.pi[c.STAGE_YEAR, place] = (p["stage"] != Stage.NONE) * _stage_year(p["stage"], opening - p["birth_year"], p["slot"])
    s.pi[c.SICK_YEARS, place] = p["health"] == Health.SERIOUS
    s.pi[c.MONTHS, place] = np.rint(10 * p["months"])
    s.pf[c.WAGE_MONTH, place] = p["wage_month"]
    s.pf[c.USUAL, place] = p["months"]
    s.pf[c.FIND_HELP] = s.pf[c.WAGE_HELP] = s.pf[c.ONSET_HELP] = 1.0
    s.hf[c.HOUSE_HELP] = 1.0
    s.hf[c.PREMIUM_HELP] = -1.0

    for row, name in _HOUSE_COLUMNS.items():
        s.hi[row] = h[name]
    s.hf[c.LAND], s.hf[c.FOREST] = h["land_mu"], h["forest_mu"]
    s.hf[c.FARM_SCALE] = s.hf[c.TRANSFER_SCALE] = 1.0
    highest = np.full(count, -1, np.int64)
    np.maximum.at(highest, p["household"], p["slot"].astype(np.int64))
    s.hi[c.NEXT_SLOT] = highest + 1
    s.hi[c.SCHOOL_SAFE] = s.hi[c.INSURED_ALL] = 1
    s.hi[c.ORIGIN] = origin_stated(s.hi[c.MONITORING], s.hi[c.STATUS])
    receives = layout.per_household(((s.pi[c.DIBAO] > 0) | (s.pi[c.TEKUN] > 0)).astype(np.int64))
    s.hi[c.NETTED] = np.where(receives > 0, opening, 0)
    count_members(s, layout)
    s.hi[c.SIZE_OPEN] = s.hi[c.SIZE]
    income = h["income_wage"] + h["income_operating"] + h["income_property"] + h["income_transfer"]
    head = income / np.maximum(s.hi[c.SIZE], 1)
    for row in (c.REPORTED, c.REPORTED_LAST, c.TRUE_HEAD, c.TRUE_LAST):
        s.hf[row] = head
    s.hf[c.AT_EXIT] = np.where(s.hi[c.YEAR_EXITED] > 0, head, 0.0)
    s.vi[c.POOR] = pop.villages["poor_village"]
    s.vi[c.TRADE] = pop.villages["leading_trade"]
    s.vi[c.SUPPLIED] = pop.villages["water_ok"] & pop.villages["road_ok"] & pop.villages["clinic_ok"]
    s.vi[c.OUT] = pop.villages["year_out"]
    s.vf[c.FARM_PERSONS] = pop.villages["farm_persons"]
    s.vf[c.BASE_INCOME] = pop.villages["collective_income"]
    s.vf[c.JOB_MARKET] = 1.0
    s.vi[c.PROCEEDS] = np.rint(s.vf[c.BASE_INCOME] * FEN)
    enter_stated(s, h)
    return s


def enter_stated(s: State, h: dict[str, NDArray]) -> None:  # type: ignore[type-arg]
    """Enter the stated incomes of the opening year by source, to the fen.

    Property is a PV dividend where there is a link, else rent. Where wages were earned and what makes up the transfers is told
    apart when a replicate opens (income.open_accounts).
    """
    row = {item.name: i for i, item in enumerate(ITEMS)}
    fen = {source: np.rint(h[f"income_{source}"] * FEN) for source in SOURCES}
    s.items[row["wage_local"]] = fen["wage"]
    s.items[row["farm"]] = fen["operating"]
    s.items[row["pv_dividend"]] = np.where(h["pv_linked"], fen["property"], 0.0)
    s.items[row["rent"]] = np.where(h["pv_linked"], 0.0, fen["property"])
    s.items[row["other_transfer"]] = fen["transfer"]
    s.last[:] = s.items


def count_members(s: State, layout: Layout) -> None:
    """Bring the household counts (size, labourers, students, the old, the sick) in line with the persons."""
    here = s.pi[c.ALIVE] == 1
    capacity, health = s.pi[c.CAPACITY], s.pi[c.HEALTH]
    for row, member in (
        (c.SIZE, here),
        (c.LABOURERS, here & (capacity >= Capacity.ORDINARY)),
        (c.WEAKS, here & (capacity == Capacity.WEAK)),
        (c.STUDENTS, here & (s.pi[c.STAGE] != Stage.NONE)),
        (c.ELDERS, here & (s.pi[c.AGE] >= 60)),
        (c.SICKS, here & (health != Health.HEALTHY)),
    ):
        s.hi[row] = layout.per_household(member.astype(np.int64))


def in_stock(status: Longs) -> NDArray[np.bool_]:
    """The registered poor: those still poor and those who returned."""
    poor: NDArray[np.bool_] = (status == Status.POOR) | (status == Status.RETURNED)
    return poor


_PERSON_COLUMNS = {
    c.SLOT: "slot",
    c.SEX: "sex",
    c.RELATION: "relation",
    c.SCHOOLING: "schooling",
    c.STAGE: "stage",
    c.HEALTH: "health",
    c.CAPACITY: "capacity",
    c.WORK: "work",
    c.EVER_WORKED: "ever_worked",
    c.RESIDENT: "resident",
    c.DIBAO: "dibao",
    c.TEKUN: "tekun",
    c.INSURED: "insured",
    c.PENSION: "pension",
}
_HOUSE_COLUMNS = {
    c.VILLAGE: "village",
    c.STATUS: "status",
    c.MONITORING: "monitoring",
    c.CATEGORY: "category",
    c.CAUSE: "cause",
    c.YEAR_IDENTIFIED: "year_identified",
    c.YEAR_EXITED: "year_exited",
    c.YEAR_RETURNED: "year_returned",
    c.HOUSE_SAFE: "house_safe",
    c.WATER_SAFE: "water_safe",
    c.RELOCATED: "relocated",
    c.RESETTLED: "resettled",
    c.PV_LINKED: "pv_linked",
}
_STAGE_STARTS = np.array([0, 3, 6, 15, 18])  # usual age at which a stage begins: none, kindergarten, compulsory, senior, college


def _stage_year(stage: NDArray[np.int8], age: NDArray[np.int64], slot: NDArray[np.int16]) -> NDArray[np.int64]:
    """Year of the stage a student is in at the opening; senior students, of four ages for three years, begin at 15 or at 16."""
    late = (stage == Stage.SENIOR) & (slot % 2 == 1)
    year: NDArray[np.int64] = np.maximum(1, age - _STAGE_STARTS[stage] + 1 - late)
    return year
