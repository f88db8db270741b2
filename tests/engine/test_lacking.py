"""What those who are still poor lack, and who had each measure."""

import numpy as np
import pytest

from povsim.core.schema import LACKS, Category, Status
from povsim.engine import assessment, ledger
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from povsim.engine.run import add_up, open_replicate
from povsim.engine.state import in_stock
from povsim.engine.year import run_year
from tests.engine import plan
from tests.engine.small import set_income, town

POOR, EXITED = Status.POOR, Status.EXITED
RICH, BELOW = 5000.0, 2000.0  # yuan a head; the line is 3,300


def judged(world, head, prepare=lambda s: None, year=2017):
    """The state after one assessment, and what the poor then lack by name."""
    s, draws = world.start.copy(), Draws(7, 0)
    s.begin_year()
    s.hi[c.DELIVERED], s.hi[c.SIZE_OPEN] = 1, s.hi[c.SIZE]
    set_income(s, head)
    prepare(s)
    assessment.close_account(s, world, draws, year)
    assessment.assess(s, world, draws, year)
    found = ledger.lacking(s, world, year, in_stock(s.hi[c.STATUS]))
    return s, [{name for name, row in zip(LACKS, found[:, h], strict=True) if row} for h in range(world.layout.households)]


def test_who_left_lacks_nothing_and_who_stayed_lacks_income():
    _, lacks = judged(town([3, 3], [POOR] * 2), [RICH, BELOW])
    assert lacks == [set(), {"income"}]


@pytest.mark.parametrize(
    ("row", "name"),
    [(c.HOUSE_SAFE, "house"), (c.WATER_SAFE, "water"), (c.SCHOOL_SAFE, "school"), (c.INSURED_ALL, "insurance")],
)
def test_each_guarantee_is_told_apart_and_one_may_lack_several(row, name):
    def lose(s):
        s.hi[row] = 0

    _, lacks = judged(town([3, 3], [POOR] * 2), [RICH, BELOW], lose)
    assert lacks == [{name}, {name, "income"}]


def test_without_a_measure_delivered():
    def none(s):
        s.hi[c.DELIVERED, 0] = 0

    assert judged(town([3, 3], [POOR] * 2), [RICH, RICH], none)[1] == [{"measure"}, set()]


def test_who_returned_this_year_waits_and_lacks_what_it_lost():
    def lose(s):
        s.hi[c.HOUSE_SAFE, 0] = 0

    assert judged(town([2, 2], [EXITED] * 2), [RICH, BELOW], lose)[1] == [{"house", "waiting"}, {"income", "waiting"}]


def test_who_finds_no_room_in_the_plan_waits():
    _, lacks = judged(town([3, 3, 3], [POOR] * 3, targets={2017: 3}), [4000.0, 9000.0, BELOW])
    assert lacks == [{"waiting"}, set(), {"income"}]


def test_income_is_not_what_a_household_on_tekun_support_lacks():
    def tekun(s):
        s.hi[c.CATEGORY, 0], s.pi[c.TEKUN, 0] = Category.TEKUN, 1

    _, lacks = judged(town([1, 1], [POOR] * 2, tekun_leaves=0.0), [BELOW, BELOW], tekun)
    assert lacks == [{"waiting"}, {"income"}]


def test_the_gap_is_what_is_missing_to_the_line():
    world = town([2, 2, 2], [POOR] * 3)
    s, _ = judged(world, [RICH, 3000.0, BELOW])
    tally = ledger.open_tally(world)
    poor = in_stock(s.hi[c.STATUS])
    ledger._tally_lacking(s, world, 2017, poor, ledger.lacking(s, world, 2017, poor), tally)
    assert tally.gap.tolist() == [0, 300_00, 1300_00]
    assert tally.stayed.tolist() == [0, 1, 1]


PLANS = {
    "tea": dict(plan.PLAIN_ORCHARD, eligible={"labourers": ">= 1"}, quota={"households": 40}),
    "service": dict(kind="employment", form="service", quota={"persons": 30}, take_up=1.0),
    "dibao": dict(kind="safety_net", part="dibao"),
    "shared": dict(kind="collective"),
}


def test_who_had_each_measure_is_counted_once_a_life(tmp_path):
    """By hand from the state of each year; mutation: counting years, or the last year alone."""
    world = plan.town(tmp_path, PLANS, count=200, years=3)
    tallies, seen = [], np.zeros((len(PLANS), 200), np.int64)
    for replicate in range(2):
        draws, tally = Draws(7, replicate), ledger.open_tally(world)
        s, book = open_replicate(world, draws), ledger.open_book(world)
        ever = np.zeros((len(PLANS), 200), bool)
        for year in world.years:
            run_year(s, world, draws, year, book, tally)
            ever[0] |= s.held["tea"]["held"]
            ever[1, world.layout.house[s.held["service"]["held"]]] = True
            ever[2] |= s.items[13] > 0
        ledger.close_life(s, world, book, tally)
        seen += ever
        tallies.append(tally)
        assert book.held.size == 0, "a book that travels between processes stays small"
    total = add_up(tallies)
    assert total.held.tolist() == seen.tolist()
    assert (total.held[:3].sum(axis=1) > 0).all() and not total.held[3].any()
