"""What the books say of a year: a phrase each, on towns by hand, beside the closure that every run checks."""

import numpy as np
import pytest

from povsim.core.schema import LEDGER, Monitoring, Status, Work
from povsim.engine import assessment, ledger
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from tests.engine.small import set_income, town
from tests.engine.test_assessment import judge

POOR, EXITED, GENERAL, REMOVED, GONE = Status.POOR, Status.EXITED, Status.GENERAL, Status.REMOVED, Status.GONE


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_household_without_anybody_died_out_or_moved_away(engine, monkeypatch):
    """Households: deaths are those of whom nobody is left, departures those that left whole. Mutation: all died."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2, 2, 3], [POOR] * 3)

    def empty(s):
        s.hi[c.SIZE], s.hi[c.DEATHS], s.hi[c.DEPARTURES] = [0, 0, 2], [2, 0, 1], [0, 2, 0]

    s, judged = judge(world, [1000.0] * 3, prepare=empty)
    book = written(s, world, judged)
    row = {name: book.ledger[0, :, LEDGER.index(name)].tolist() for name in ("opening", "deaths", "departures", "closing")}
    assert row == {"opening": [3, 7], "deaths": [1, 3], "departures": [1, 2], "closing": [1, 2]}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_who_leaves_by_obligation_is_no_wrong_exit(engine, monkeypatch):
    """In both tables. Mutation: all truly under the line."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2], [POOR], years=(2020,), opening=2019)
    s, judged = judge(world, [2000.0], year=2020, prepare=lambda s: s.hi[c.NETTED].__setitem__(0, 2020))
    book = written(s, world, judged, 2020)
    assert judged.exited[0]
    assert book.evaluation[0, ledger.EVALUATION.index("wrong_exits")] == 0 == book.exits[0, ledger.EXITS.index("wrong_exits")]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_coverage_is_of_the_registered(engine, monkeypatch):
    """Those with a measure among all on the register; of others it says nothing. Mutation: general households counted."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2] * 4, [POOR, POOR, EXITED, GENERAL])
    s, judged = judge(world, [1000.0, 1000.0, 9000.0, 9000.0], prepare=lambda s: s.hi[c.DELIVERED].__setitem__(0, 0))
    found = dict(zip(ledger.EVALUATION, written(s, world, judged).evaluation[0].tolist(), strict=True))
    assert (found["covered"], found["registered"]) == (2, 3)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(("year", "missed"), [(2019, 0), (2020, 1)])
def test_a_target_is_missed_when_the_campaign_is_over_and_not_before(engine, year, missed, monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2], [POOR], years=(year,), opening=year - 1, finish_year=2030)
    s, judged = judge(world, [1000.0], year=year)
    book = written(s, world, judged, year)
    assert book.evaluation[0, ledger.EVALUATION.index("missed_target")] == missed


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_who_is_at_work_has_paid_months_and_a_job(engine, monkeypatch):
    """A job that brought no month this year is no wage work. Mutation: by the job alone."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([1, 1, 1, 1], [POOR] * 4)

    def jobs(s):
        s.pi[c.WORK], s.pi[c.MONTHS] = [Work.LOCAL, Work.LOCAL, 0, 0], [80, 0, 0, 0]

    s, judged = judge(world, [1000.0] * 4, prepare=jobs)
    found = written(s, world, judged).indicators[0, 0, ledger.INDICATORS.index("in_wage_work")]
    assert found == pytest.approx(0.25)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_the_group_of_stations_is_who_is_linked(engine, monkeypatch):
    """Mutation: everybody."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2, 2, 2], [POOR] * 3)
    s, judged = judge(world, [1000.0] * 3, prepare=lambda s: s.hi[c.PV_LINKED].__setitem__(0, 1))
    assert written(s, world, judged).indicators[0, :, 0].tolist() == [3.0, 3.0, 1.0]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_who_left_and_was_removed_later_has_its_year_of_exit(engine, monkeypatch):
    """Exit years, never, removed and gone are of the first exit. Mutation: removed, whatever went before."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = town([2, 2, 2, 2], [POOR] * 4)
    s, judged = judge(world, [1000.0] * 4)
    book, tally = ledger.open_book(world), ledger.open_tally(world)
    ledger.write(s, world, 2017, judged, book, tally)
    s.hi[c.FIRST_EXIT], s.hi[c.STATUS] = [2017, 2017, 0, 0], [REMOVED, GONE, REMOVED, GONE]
    ledger.close_life(s, world, book, tally)
    assert tally.exit_year.T.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def written(s, world, judged, year=2017):
    """The book of one year."""
    book, tally = ledger.open_book(world), ledger.open_tally(world)
    ledger.write(s, world, year, judged, book, tally)
    return book


# --- what an assessment leaves for the next ---------------------------------------------------------------


def test_an_alert_on_its_way_is_not_put_off_by_another():
    """Due in month 2 of the next year; what happens this year waits in line. Mutation: the clock begins anew."""
    world = town([2], [EXITED], years=(2020,), opening=2019)

    def waiting(s):
        s.hi[c.HIT], s.hi[c.ALERT_DUE], s.hi[c.ALERTED] = 1, 12 * 2020 + 14, 12 * 2020 + 1

    s, judged = judge(world, [4500.0], year=2020, prepare=waiting)
    assert s.hi[c.ALERT_DUE, 0] == 12 * 2020 + 14 and not judged.entered[0]


def test_an_alert_that_was_decided_against_is_done_with():
    """Above the range when it is decided: no entry, and nothing is left waiting. Mutation: only those who entered are done."""
    world = town([2, 2], [EXITED] * 2, years=(2020,), opening=2019)

    def ripe(s):
        s.hi[c.ALERT_DUE], s.hi[c.ALERTED] = 12 * 2020 + 3, 12 * 2020 + 1

    s, judged = judge(world, [9000.0, 4500.0], year=2020, prepare=ripe)
    assert judged.entered.tolist() == [False, True] and s.hi[c.ALERT_DUE].tolist() == [0, 0]


def test_without_a_target_all_the_poor_are_on_the_list():
    """Up to the finish year; being listed helps to find work. Mutation: nobody is."""
    for year, listed in ((2019, [1, 1, 0]), (2020, [1, 1, 0]), (2021, [0, 0, 0])):
        world = town([2, 2, 2], [POOR, Status.RETURNED, EXITED], years=(year,), opening=year - 1, list_finding=3.0)
        s = world.start.copy()
        s.begin_year()
        assessment.draw_list(s, world, Draws(7, 0), year)
        assert s.hi[c.LISTED].tolist() == listed and s.hf[c.HOUSE_HELP].tolist() == [1.0 + 2.0 * one for one in listed]


def test_the_first_fall_is_kept_and_no_later_one():
    world = town([2], [EXITED], years=(2018, 2019), opening=2017, return_found=0.0)
    s = world.start.copy()
    s.hi[c.FIRST_EXIT], s.hi[c.STOOD] = 2017, 1
    for year in (2018, 2019):
        s.begin_year()
        s.hi[c.SIZE_OPEN] = s.hi[c.SIZE]
        set_income(s, [1000.0])
        assessment.close_account(s, world, Draws(7, 0), year)
        assessment.assess(s, world, Draws(7, 0), year)
        assert s.hi[[c.FELL_BEFORE_NET, c.FELL_LINE, c.FELL_SURVEY], 0].tolist() == [2018] * 3


def test_in_the_finish_year_no_cap_holds_anybody_back():
    """A target of two persons, six qualify. Mutation: the cap holds in the finish year as well."""
    for year, left in ((2019, 1), (2020, 3)):
        world = town([2, 2, 2], [POOR] * 3, years=(year,), opening=year - 1, targets={year: 2})
        _, judged = judge(world, [5000.0] * 3, year=year)
        assert judged.exited.sum() == left and judged.qualified.sum() == 3


def test_one_that_is_gone_or_removed_is_watched_by_nobody():
    world = town([2, 2], [EXITED] * 2, years=(2020,), opening=2019)

    def change(s):
        s.hi[c.MONITORING] = Monitoring.UNSTABLE
        s.hi[c.SIZE, 0], s.hi[c.DEATHS, 0], s.hi[c.INELIGIBLE, 1] = 0, 2, 1

    s, judged = judge(world, [0.0, 9000.0], year=2020, prepare=change)
    assert (judged.gone.tolist(), judged.removed.tolist()) == ([True, False], [False, True])
    assert np.all(s.hi[c.MONITORING] == Monitoring.NONE)
