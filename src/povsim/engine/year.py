"""Owns: the order of the year.
Never: what happens in a phase (the module that bears its name)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from povsim.engine import (
    allocation,
    assessment,
    entering,
    income,
    judging,
    labour,
    ledger,
    people,
    safety_net,
    serving,
    shocks,
)
from povsim.engine import draws as luck_of
from povsim.engine.compile import Part
from povsim.engine.counting import Page
from povsim.engine.measures import refuse_overdrawn
from povsim.engine.program import Program, step, whole
from povsim.engine.roster import all_served
from povsim.engine.shelf import Shelf, plan_of
from povsim.engine.state import begin_loop
from povsim.engine.town import bench_of, bound_town, refuse_faults

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.ledger import Book, Tally
    from povsim.engine.state import State
    from povsim.engine.town import Bench
    from povsim.engine.world import World


def run_year(s: State, world: World, draws: Draws, year: int, book: Book, tally: Tally) -> None:
    """Carry one replicate through one income year.

    1. to 6. it is lived, up to the closed account (`live_year`)
    7. assessment: removal, identification and return, exit; monitoring
    8. the ledger is written
    """
    if in_one_call(s, world, year):
        call_year(s, world, draws, year, book, tally)
        return
    live_year(s, world, draws, year)
    judged = assessment.assess(s, world, draws, year)
    ledger.write(s, world, year, judged, book, tally)


def live_year(s: State, world: World, draws: Draws, year: int) -> None:
    """Live one income year, before anybody judges it.

    1. people age, die, are born, marry, study, leave, come back, fall ill, recover
    2. shocks strike: bills, accidents, disaster; guarantees can be lost (jobs and prices: where income is earned)
    3. measures: the list of those who are to leave, then who gets what, from which month
    4. income is earned: work, farming, property, transfers, measures; rigid expenditure is paid
    5. the safety net is decided on the months behind it
    6. the account is closed
    """
    s.begin_year()
    people.people(s, world, draws, year)
    shocks.shocks(s, world, draws, year)
    assessment.draw_list(s, world, draws, year)
    allocation.allocate(s, world, draws, year)
    labour.work(s, world, draws, year)
    income.earn(s, world, draws, year)
    safety_net.decide(s, world, draws, year)
    assessment.close_account(s, world, draws, year)


# --- the same as one call --------------------------------------------------------------------------------


def in_one_call(s: State, world: World, year: int) -> bool:
    """Whether all of a year is compiled: nobody is watched, and every hook of every measure is an expression."""
    phases = people.PHASE, shocks.PHASE, labour.PHASE, income.PHASE
    return all(phase.compiled() for phase in phases) and s.watch is None and all_served(world, year)


def call_year(s: State, world: World, draws: Draws, year: int, book: Book, tally: Tally) -> None:
    """Run the year's program on a state (`bench.programs`), with the luck of this replicate, and write down what it counted."""
    bench = bench_of(s, world, year)
    made = bench.programs.get(year)
    if made is None or not made.fits(s, world, draws, tally):
        made = bench.programs[year] = Called(s, bench, world, draws, year, book, tally)
    made.lucky(draws.replicate)
    bench.fault[:] = 0  # of a replicate that was refused
    made.program.run(bench.fault)
    refuse_faults(bench, world, year)
    refuse_overdrawn(s, world, year)
    ledger.enter(s, world, year, made.page, book)


class Called:
    """A year of a world as a program on one state: its steps, and the memory in which it finds its luck and leaves its counts."""

    def __init__(self, s: State, bench: Bench, world: World, draws: Draws, year: int, book: Book, tally: Tally) -> None:
        shelf = s.shelf = s.shelf or Shelf(plan_of(world))
        self.world, self.tally, self.matrix, self.shelf = world, tally, s.pi, shelf
        self.seed, self.bench, self.luck = draws.seed, bench, draws.luck(world.layout.draw_id, year).shared.copy()
        self.counter = judging.counter_of(draws.seed, draws.replicate, year)
        self.keys = safety_net.keys_of(draws, world, year)
        self.page, luck, force = Page(book), Part(shared=bench.luck), assessment.in_force(world, year)
        t, verdicts = bound_town(s, shelf, bench, world, year), bench.verdicts
        self.program = Program({
            "begin": [step(begin_loop, s.part)],
            "people": [people.PHASE.step(s, world, year, luck)],
            "shocks": [shocks.village_step(s, world, year, luck), shocks.PHASE.step(s, world, year, luck)],
            "list": [judging.list_step(s, world, force, bench.luck)],
            "allocation": [whole(serving.whole_allocation, t)],
            "work": [labour.market_step(s, world, year, luck), labour.PHASE.step(s, world, year, luck)],
            "yields": [whole(entering.whole_yields, t)],
            "income": [income.price_step(s, world, year, luck), income.PHASE.step(s, world, year, luck)],
            "safety net": [safety_net.net_step(s, world, year, self.keys, bench.net_room)],
            "account": [judging.account_step(s, world, force, bench.luck)],
            "assessment": [judging.assess_step(s, world, force, self.counter, verdicts)],
            "ledger": ledger.steps(s, world, year, verdicts, self.page, tally),
        })  # fmt: skip

    def fits(self, s: State, world: World, draws: Draws, tally: Tally) -> bool:
        """Whether it was made of these."""
        same = self.world is world and self.tally is tally and self.matrix is s.pi and self.shelf is s.shelf
        return same and self.seed == draws.seed

    def lucky(self, replicate: int) -> None:
        """Set the luck of a replicate: all else that draws are made of is the year's."""
        self.luck[luck_of.REPLICATE] = self.counter[judging.REPLICATE] = self.keys[:, safety_net.KEY_REPLICATE] = replicate
        self.bench.luck[:] = self.luck
