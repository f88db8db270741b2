"""Shocks: bills, lost months and guarantees rule by rule; frequencies against closed forms; nothing beyond a year."""

import numpy as np
import pytest

from povsim.core.schema import EXPENSES
from povsim.engine import columns as c
from povsim.engine import people, shocks
from tests.engine import cases, lives

CASES = cases.read("illness", module="shocks")
ACUTE, CHRONIC, SCHOOLING, REPAIR = (EXPENSES.index(name) for name in ("medical_acute", "medical_chronic", "schooling", "repair"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["info"])
def test_rule(case):
    cases.hold(shocks, case)


def test_every_rule_has_cases():
    assert not cases.without_cases(shocks, CASES)


def struck(world, year=2017):
    s, draws = lives.open_lives(world)
    s.begin_year()
    people.people(s, world, draws, year)
    shocks.shocks(s, world, draws, year)
    return s


def test_a_disaster_hits_half_of_a_struck_village_and_nobody_elsewhere():
    s = struck(lives.town(made=lives.tables(4000, villages=40), shocks__disaster=0.5, block=1000))
    village = s.vi[c.STRUCK, s.hi[c.VILLAGE]] == 1
    assert s.vi[c.STRUCK].mean() == pytest.approx(0.5, abs=0.32)  # 40 villages, 4 sd
    assert s.hi[c.HIT, village].mean() == pytest.approx(0.5, abs=0.045)  # some 2,000 households, 4 sd
    assert not s.hi[c.HIT, ~village].any()
    assert (s.spent[REPAIR] == np.where(s.hi[c.HIT] == 1, round(300000 / 1.02), 0)).all()


def test_an_empty_house_is_not_repaired():
    world = lives.town(200, shocks__disaster=1.0, shocks__disaster_hits=1.0)
    s, draws = lives.open_lives(world)
    s.begin_year()
    s.pi[c.ALIVE, : world.layout.off[100]], s.hi[c.SIZE, :100] = 0, 0
    shocks.shocks(s, world, draws, 2017)
    assert not s.spent[:, :100].any()
    assert (s.spent[REPAIR, 100:] > 0).all()


def test_a_disaster_year_has_three_times_as_many():
    calm = struck(lives.town(made=lives.tables(400, villages=400), shocks__disaster=0.1))
    storm = struck(lives.town(made=lives.tables(400, villages=400), shocks__disaster=0.1, shocks__disaster_factor=3.0))
    assert calm.vi[c.STRUCK].mean() == pytest.approx(0.1, abs=0.06) and storm.vi[c.STRUCK].mean() == pytest.approx(0.3, abs=0.092)
    assert (storm.vi[c.STRUCK] >= calm.vi[c.STRUCK]).all()  # the same luck: whoever was struck still is


def test_the_median_bill_of_a_serious_illness_and_what_insurance_leaves():
    s = struck(lives.town(3000, health__onset=0.5, shocks__accident=0.0, guarantees__premium_unpaid=0.5, block=1000))
    ill = (s.pi[c.ALIVE] == 1) & (s.pi[c.HEALTH] == 2) & (s.pi[c.SICK_YEARS] == 1)
    house = np.repeat(np.arange(3000), np.diff(lives.town(3000).layout.off))
    only = np.bincount(house[ill], minlength=3000) == 1
    others = s.hi[c.STATUS] == 0
    paid, unpaid = (s.spent[ACUTE, only & others & (s.hi[c.INSURED_ALL] == k)] / 100 for k in (1, 0))
    # medians of some 400 lognormals of log sd 0.9: standard error 5.6%
    assert np.median(unpaid) == pytest.approx(20000 / 1.02, rel=0.23)
    assert np.median(paid) == pytest.approx(0.42 * 20000 / 1.02, rel=0.23)


def test_someone_who_can_cares_for_the_newly_ill():
    world = lives.town(2000, health__onset=0.3)
    s = struck(world)
    here = s.pi[c.ALIVE] == 1
    carers = here & (s.pi[c.CARE_MONTHS] > 0)
    needy = here & (s.pi[c.SICK_YEARS] == 1) & (s.pi[c.HEALTH] >= 2)
    per = world.layout.per_household
    able = here & (s.pi[c.CAPACITY] >= 2) & (s.pi[c.AGE] >= 16) & (s.pi[c.STAGE] == 0) & (s.pi[c.SICK_YEARS] != 1)
    cared = per(carers.astype(np.int64))
    assert carers.sum() > 100 and cared.max() == 1 and not (carers & needy).any() and not (carers & ~able).any()
    assert ((cared == 1) == ((per(needy.astype(np.int64)) > 0) & (per(able.astype(np.int64)) > 0))).all()
    assert (s.pi[c.SICK_MONTHS] + s.pi[c.CARE_MONTHS])[here].max() <= 120


def test_guarantees_can_be_lost_and_won():
    s = struck(
        lives.town(
            2000, guarantees__house_ages=0.2, guarantees__spring_dries=1.0, guarantees__premium_unpaid=0.3,
            people__drop_out_compulsory=0.5, people__back_to_school=0.0,
        )
    )  # fmt: skip
    before = lives.town(2000).start.hi
    general = s.hi[c.STATUS] == 0
    was_safe = before[c.HOUSE_SAFE] == 1
    assert s.hi[c.HOUSE_SAFE, was_safe].mean() == pytest.approx(0.8, abs=0.04)
    assert s.hi[c.HOUSE_SAFE, ~was_safe & ~general].mean() == pytest.approx(0.6, abs=0.2)
    assert s.hi[c.WATER_SAFE].mean() == pytest.approx(0.7, abs=0.045)
    assert s.hi[c.INSURED_ALL, general].mean() == pytest.approx(0.7, abs=0.06)
    assert (s.hi[c.SCHOOL_SAFE, general] == 0).any() and (s.hi[c.SCHOOL_SAFE, ~general] == 1).mean() > 0.99
