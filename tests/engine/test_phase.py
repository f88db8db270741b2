"""Block phases: loops and columns agree to the bit whatever the codes of a state; blocks fit a desk; counts are packed."""

from dataclasses import replace

import numpy as np
import pytest

from povsim.core.errors import RuleError
from povsim.core.schema import Capacity, Health, Relation, Schooling, Stage, Status, Work
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine import income, labour, people, phase, shocks
from tests.engine import lives

CODES = {
    c.SEX: 2, c.AGE: 100, c.RELATION: len(Relation), c.SCHOOLING: len(Schooling), c.STAGE: len(Stage), c.STAGE_YEAR: 10,
    c.HEALTH: len(Health), c.SICK_YEARS: 5, c.CAPACITY: len(Capacity), c.WORK: len(Work), c.EVER_WORKED: 2, c.MONTHS: 121,
    c.RESIDENT: 2, c.DIBAO: 4, c.TEKUN: 2, c.PENSION: 2, c.POST: 3, c.HOME: 2, c.AIDED: 2, c.FOUND_MONTH: 13,
}  # fmt: skip
PHASES = (labour.OPENING, income.OPENING, people.PHASE, shocks.PHASE, labour.PHASE, income.PHASE)


def mixed(world, rng):
    """A state in which all codes are met with all others, whether they go together or not."""
    s, draws = lives.open_lives(world)
    places, homes = s.pi.shape[1], s.hi.shape[1]
    for row, many in CODES.items():
        s.pi[row] = rng.integers(0, many, places)
    s.pf[c.POST_WAGE], s.pf[c.POST_MONTHS] = 3000 * rng.random(places), 14 * rng.random(places)
    s.pf[c.WAGE_MONTH] = rng.choice([0.0, 2500.0], places)
    s.pf[c.USUAL] = 12 * rng.random(places)
    for row in (c.FIND_HELP, c.WAGE_HELP, c.ONSET_HELP):
        s.pf[row] = rng.choice([0.5, 1.0, 1.3], places)
    s.hi[c.STATUS], s.hi[c.MONITORING] = rng.integers(0, len(Status), homes), rng.integers(0, 4, homes)
    s.hi[c.NETTED] = rng.choice([0, 2016], homes)
    s.hf[c.PREMIUM_HELP] = rng.choice([-1.0, 0.0, 0.6], homes)
    s.hf[c.HANDS_USED], s.hf[c.LAND_USED], s.hf[c.HOUSE_HELP] = 4 * rng.random((3, homes))
    s.hi[c.TRANSFERS_WITHIN], s.items[:] = rng.integers(0, 90_000, homes), rng.integers(0, 900_000, s.items.shape)
    s.vf[c.JOB_MARKET], s.vf[c.FARM_PRICE] = 1.4, 0.1
    s.vi[c.STRUCK], s.vi[c.DRY] = rng.integers(0, 2, (2, s.vi.shape[1]))
    return s, draws


@pytest.mark.parametrize("one", PHASES, ids=lambda one: one.name)
@pytest.mark.parametrize("year", [2017, 2020])
def test_loops_and_columns_agree_whatever_the_codes(one, year):
    world = lives.town(500, health__onset=0.2, people__bride_comes=0.5, people__fertility=6.0, shocks__accident=0.2)
    s, draws = mixed(world, np.random.default_rng(year))
    t = s.copy()
    one.run(s, world, draws, year)
    replace(one, loop=None).run(t, world, draws, year)
    assert compiler.enabled() and lives.same(s, t)


def test_a_block_of_more_places_than_a_desk_has_is_cut():
    off = np.arange(0, 10_001, 10)
    cut = phase.rooms(off, np.array([0, 3, 1000]))
    assert cut[0] == 0 and cut[1] == 3 and cut[-1] == 1000
    assert np.all(np.diff(cut) > 0) and np.diff(off[cut]).max() <= phase.ROOM
    assert phase.rooms(np.array([0, phase.ROOM, phase.ROOM + 1]), np.array([0, 2])).tolist() == [0, 1, 2]
    assert phase.rooms(np.array([0]), np.array([0, 0])).tolist() == [0, 0]


def test_a_household_that_no_desk_holds_is_refused():
    with pytest.raises(RuleError, match="more than"):
        phase.rooms(np.array([0, 4, phase.ROOM + 5]), np.array([0, 2]))


def test_small_counts_are_summed_in_one_number():
    ones, most = phase.packed(1, 2, 3, 4, 5, 6, 7, 8), phase.packed(*8 * (247,))
    assert [int(phase.unpacked(ones + most, n)) for n in range(8)] == [248, 249, 250, 251, 252, 253, 254, 255]
    total = phase.quarter(65_000, 3) + phase.quarter(535, 3) + phase.quarter(7, 1)
    assert [int(phase.quartered(total, n)) for n in range(4)] == [0, 7, 0, 65_535]
