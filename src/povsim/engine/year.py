"""Owns: the order of the year.
Never: what happens in a phase (the module that bears its name)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from povsim.engine import allocation, assessment, income, labour, ledger, people, safety_net, shocks

if TYPE_CHECKING:
    from povsim.engine.draws import Draws
    from povsim.engine.ledger import Book, Tally
    from povsim.engine.state import State
    from povsim.engine.world import World


def run_year(s: State, world: World, draws: Draws, year: int, book: Book, tally: Tally) -> None:
    """Carry one replicate through one income year.

    1. to 6. it is lived, up to the closed account (`live_year`)
    7. assessment: removal, identification and return, exit; monitoring
    8. the ledger is written
    """
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
