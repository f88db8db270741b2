"""Owns: the town as compiled bodies of measures see it: all that they read or write, in one bundle; where those bodies lie.
Never: what they do with it (asking, serving, entering)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.errors import RuleError
from povsim.core.randomness import decision_number
from povsim.core.schema import Health
from povsim.engine import asking, entering, serving, shocks
from povsim.engine import compile as compiler
from povsim.engine import draws as luck_of
from povsim.engine.compile import Bundle, Part
from povsim.engine.draws import Draws
from povsim.engine.hooks import POTS, loop_of
from povsim.engine.judging import Verdicts
from povsim.engine.measures import Living, column_room, exit_line, fen_of_budget, local_wage
from povsim.engine.program import entry_of
from povsim.engine.roster import ASKED, BY_HOME, GENERIC, roster_of
from povsim.engine.safety_net_loop import most_places, room_of
from povsim.engine.shelf import Shelf, plan_of
from povsim.engine.state import FEN, LASTING
from povsim.policy.kind import find

if TYPE_CHECKING:
    from povsim.engine.roster import Roster
    from povsim.engine.state import Layout, State
    from povsim.engine.world import World


class Bench:
    """The memory in which the measures of a replicate are worked on; a state keeps it from year to year.

    ``columns`` is that of `Columns`, ``counted`` the members that measures count, a row each. ``posts`` is what is left of the
    villages' fund for posts, ``budgets`` of the measures' yearly budgets (-1: none), ``from_village`` what the villages'
    proceeds bear, all fen. ``waiting`` are the refused of the kinds of which a household holds only one, a row for each measure
    where there are such. ``ranks`` are the households' in orders of service, a row each. ``single`` are answers that hold for
    all; ``numbers`` what hooks read.
    """

    def __init__(self, layout: Layout, r: Roster) -> None:
        self.layout, self.sizes = layout, r.sizes
        self.towns: dict[int, Bundle] = {}  # by year, of the world that lives now
        self.programs: dict[int, Any] = {}  # by year: `year.Called`
        single = r.measures[r.measures["single"] >= 0]
        units = layout.places if single["persons"].any() else layout.households
        waiting = (len(r.measures), units) if len(single) else (0, 0)
        self.columns = column_room(layout)
        self.posts, self.budgets = np.zeros(layout.villages, np.int64), np.zeros(len(r.measures), np.int64)
        self.numbers, self.luck = np.zeros(len(r.numbers)), np.zeros(4, np.uint64)
        self.has_ranks = np.zeros(BY_HOME, np.bool_)
        self.has_counted, self.waiting = np.zeros(r.counting, np.bool_), np.zeros(waiting, np.bool_)
        self.from_village, self.fault = np.zeros(layout.villages, np.int64), np.zeros(3, np.int64)
        self.verdicts = Verdicts(layout.households)
        self.net_room = room_of(most_places(layout.off), layout.households)
        self.part = Part(
            **dict(zip(("cols", "people", "filled_cols", "filled_people"), self.columns, strict=True)),
            **{name: getattr(self, name) for name in ("posts", "budgets", "numbers", "luck", "has_counted", "waiting")},
            **{name: getattr(self, name) for name in ("from_village", "fault")},
            counted=np.empty((r.counting, layout.households)),
            ranks=np.empty((BY_HOME, layout.households), np.uint32),
            has_ranks=self.has_ranks,
            single=np.zeros(r.answers),
            pots=np.zeros((len(POTS), layout.villages)),
        )


def bench_of(s: State, world: World, year: int) -> Bench:
    """The bench of a state, if the year's measures fit on it; a new one else."""
    r, bench = roster_of(world, year), s.bench
    if bench is None or bench.layout is not world.layout or bench.sizes != r.sizes:
        bench = s.bench = Bench(world.layout, r)
    return bench


def town_of(s: State, world: World, draws: Draws, year: int) -> Bundle:
    """Everything that a compiled body of measures reads or writes, of one replicate in one year, before the first has asked.

    ``generic`` are the lanes of the draws that every measure takes.
    """
    if s.shelf is None:
        s.shelf = Shelf(plan_of(world))
    bench = bench_of(s, world, year)
    bench.luck[:] = draws.luck(world.layout.draw_id, year).shared
    t = bound_town(s, s.shelf, bench, world, year)
    compiler.lift(serving.unasked)(t)
    return t


def bound_town(s: State, shelf: Shelf, bench: Bench, world: World, year: int) -> Bundle:
    """What `town_of` gives, whatever has been asked of it."""
    fixed = world.keep(("town", year), lambda: _fixed(world, year, roster_of(world, year)))
    t = bench.towns.get(year)
    if t is None or t.parts[1] is not fixed or t.parts[3] is not shelf.part:
        t = bench.towns[year] = Bundle(world.layout.part, fixed, s.part, shelf.part, bench.part)
    if not t.entries[0]:
        t.entries[:] = [entry_of(body, t, *others) for _, (body, others) in sorted(_BODIES.items())]
    return t


def refuse_faults(t: Bench | Bundle, world: World, year: int) -> None:
    """Refuse what a hook answered that is no number, or out of bounds.

    Raises
    ------
    RuleError
        Naming year, measure, kind, hook and answer, and what is allowed; as in columns.
    """
    if t.fault[0]:
        index, number, answer = int(t.fault[0]) - 1, int(t.fault[1]), int(t.fault[2])
        record = roster_of(world, year).measures[index]
        hook = next(hook for hook in ASKED if record[hook] == number)
        measure = world.scenario.measures[index]
        kind = find(measure.kind)
        name = loop_of(world, index, kind, hook, year).names[answer]
        raise RuleError(f"{year}: measure {measure.id}, kind {kind.name}, {hook}: {kind.allowed(name, hook)}")


def budgets_of(world: World, year: int) -> NDArray[np.int64]:
    """The measures' yearly budgets, fen."""
    budgets: NDArray[np.int64] = world.keep(
        ("budgets", year), lambda: np.array([fen_of_budget(m, year) for m in world.scenario.measures], np.int64)
    )
    return budgets


def _fixed(world: World, year: int, r: Roster) -> Part:
    """What is the same in all replicates."""
    layout = world.layout
    bill = shocks.to_fen(shocks.chronic_bill(Health.CHRONIC, shocks.PHASE.arguments(world, year))) / FEN
    return Part(
        **{name: getattr(r, name) for name in ("measures", "hooks", "moving", "groups", "lanes", "normal")},
        **{name: getattr(r, name) for name in ("derived", "does", "conditions", "values")},
        first_numbers=r.numbers,
        drawn=r.drawn,
        decisions=np.array([decision_number(name) for name in r.decisions], np.int64),
        normals=np.array([name.endswith("_z") for name in r.decisions], np.bool_),
        things=r.things,
        year_budgets=budgets_of(world, year),
        generic=luck_of.plan(GENERIC).lanes,
        lasting=Draws(0, 0).luck(layout.draw_id, LASTING).shared[luck_of.MOMENT],
        year=year,
        opening=world.scenario.run.opening,
        line=exit_line(world, year),
        local_wage=local_wage(world, year),
        price_growth=float(world.at("economy", year).price_growth),
        living=Living(world.at("work", year).living_cost_away),
        chronic_bill=float(bill),
        entries=np.zeros(len(_BODIES), np.int64),
    )


_SOME, _ONE, _YUAN = np.zeros(1, np.uint32), np.int64(0), np.zeros((1, 1))
_BODIES: Final[dict[int, tuple[Any, tuple[Any, ...]]]] = {  # each with what it takes beside the town
    asking.SUPPLY: (asking.supply_body, (_ONE,)),
    asking.COUNT: (asking.count_body, (_ONE,)),
    asking.CALL: (asking.call_body, (_ONE, _ONE, _SOME, _ONE, _ONE, _YUAN)),
    asking.ASK: (asking.ask_body, (_ONE, _ONE, _SOME, _ONE, _YUAN)),
    asking.AFFORD: (serving.afford_body, (_ONE, _SOME, _YUAN[0], _ONE, np.zeros(1, np.bool_))),
    asking.CLAIM: (serving.claim_body, (_ONE, _SOME)),
    asking.HOLD: (serving.hold_body, (_ONE, _SOME)),
    asking.ADMIT: (serving.admit_body, (_ONE,)),
    asking.YIELD: (entering.yield_body, (_ONE,)),
    asking.RESOLVE: (serving.resolve_body, (_ONE,)),
    asking.SHARE: (entering.share_body, (_ONE,)),
}
