"""Work: the rules case by case; the chain against its stationary share and months; the opening; twelve months a year."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core.elementary import exp
from povsim.core.schema import Capacity, Sex, Status, Work
from povsim.engine import columns as c
from povsim.engine import labour
from tests.engine import cases, lives
from tests.engine.test_people import alone

CASES = cases.read("work")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["info"])
def test_rule(case):
    cases.hold(labour, case)


def test_every_rule_has_cases():
    assert not cases.without_cases(labour, CASES)


# --- the chain -------------------------------------------------------------------------------------------

LOSES, FINDS = 0.10, 0.30
PLAIN = {
    "work__loses_able": LOSES, "work__finds_able": FINDS, "work__refinds": FINDS, "work__finds_early": 1.0,
    "work__finds_campaign": 1.0, "work__finds_late": 1.0,
    "work__find_spread": 0.0, "work__find_per_person": 0.0, "work__find_by_age": np.ones(4), "work__goes_away_men": np.zeros(4),
    "economy__pandemic_year": 1900.0, "economy__job_market_spread": 0.0,
}  # fmt: skip


def work_on(world, years, before=lambda s: None):
    s, draws = lives.open_lives(world)
    before(s)
    found = []
    for year in years:
        labour.work(s, world, draws, year)
        here = s.pi[c.ALIVE] == 1
        found.append((s.pi[c.WORK, here] > 0, s.pi[c.MONTHS, here] / 10))
    return s, found


def check_chain(count=3000):
    """Men over 20 years, the last 8 counted: r / (s + r) at work at the end of a year, and the months that follow.

    Months: those who stay have 7.5, who lose it (m - 1) / 12 of them with m even over 1 to 12, who find it (13 - m) / 12, in
    tenths. Four standard errors: of 3,000 men 0.02 of a share and 0.15 months (years hang together by 1 - s - r).
    """
    world = lives.town(made=alone(count, 30, Sex.MALE), years=range(2017, 2037), block=3000, **PLAIN)
    _, found = work_on(world, world.years)
    share, memory = FINDS / (FINDS + LOSES), 1.0 - FINDS - LOSES
    together = (1 + 2 * sum((1 - k / 8) * memory**k for k in range(1, 8))) / 8
    error = np.sqrt(share * (1 - share) * together / count)
    assert np.mean([at_work.mean() for at_work, _ in found[-8:]]) == pytest.approx(share, abs=4 * error)
    parts = np.floor(75.0 * np.arange(12) / 12 + 0.5) / 10, np.floor(75.0 * np.arange(1, 13) / 12 + 0.5) / 10
    months = 7.5 * share * (1 - LOSES) + share * LOSES * parts[0].mean() + (1 - share) * FINDS * parts[1].mean()
    assert np.mean([m.mean() for _, m in found[-8:]]) == pytest.approx(months, abs=4 * 7.5 * error)


def check_mixing():
    """Some find work lastingly harder: after 12 years without losses more are left out than if all were alike.

    The closed form: the mean over z of (1 - 0.12 exp(0.5 z - 0.125))^12, 0.259, against 0.216 alike; 3,000 men, sd 0.008.
    """
    changed = PLAIN | {"work__loses_able": 0.0, "work__finds_able": 0.12, "work__refinds": 0.12, "work__find_spread": 0.5}
    world = lives.town(made=alone(3000, 20, Sex.MALE), years=range(2017, 2029), block=3000, **changed)
    _, found = work_on(world, world.years)
    z = np.linspace(-6, 6, 4001)
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    left = (weight * (1 - np.minimum(0.12 * np.exp(0.5 * z - 0.125), 0.95)) ** 12).sum()
    assert 1 - found[-1][0].mean() == pytest.approx(left, abs=0.032)


MUTATIONS = {
    check_chain: [
        ("loss_chance", lambda age, capacity, work, market, p: 2 * LOSES),
        ("worked_share", lambda lost, found, month: 1.0),
    ],
    check_mixing: [("find_chance", lambda age, capacity, ever, mixing, size, house, help_, p: 0.12 + 0.0 * mixing)],
}


@pytest.mark.parametrize("check", MUTATIONS, ids=lambda check: check.__name__)
def test_closed_form(check, monkeypatch):
    lives.in_columns(monkeypatch)
    check()


@pytest.mark.slow
def test_the_chain_of_a_million():
    check_chain(1_000_000)


@pytest.mark.parametrize(("check", "mutation"), [pytest.param(k, m, id=m[0]) for k, v in MUTATIONS.items() for m in v])
def test_a_mutated_rule_breaks_it(check, mutation, monkeypatch):
    lives.in_columns(monkeypatch)
    monkeypatch.setattr(labour, *mutation)
    with pytest.raises(AssertionError):
        check()


# --- one year --------------------------------------------------------------------------------------------

UNIT = st.floats(0.001, 0.999)


@given(
    u=st.tuples(UNIT, UNIT, UNIT, UNIT, UNIT), z=st.floats(-4, 4), age=st.integers(16, 80), sex=st.integers(0, 1),
    stage=st.integers(0, 4), capacity=st.integers(0, 4), work=st.integers(0, 4), home=st.integers(0, 1),
    sick=st.integers(0, 120), care=st.integers(0, 120), post=st.integers(0, 2), usual=st.floats(0, 12),
    post_months=st.floats(0, 14), help_=st.floats(1, 4), year=st.sampled_from([2017, 2020]),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_year_has_twelve_months(u, z, age, sex, stage, capacity, work, home, sick, care, post, usual, post_months, help_, year):
    p = lives.parameters(labour.PHASE, year)
    unfit = min(sick + care, 120)
    after, kind, ever, months, lost, resident, wage, usual_now, _, found = labour.work_a_year(
        *u, z, age, sex, 2, stage, capacity, work, 0, home, 1, unfit, post, 0.1, 0.0, 0.0, usual, help_, 1.05, 900.0, post_months,
        3, 1.0, 1.0, 1.0, p,
    )  # fmt: skip
    assert 0 <= months <= 120 - unfit + 0.5 and 0 <= usual_now <= 12 and 0 <= lost <= 12
    assert 0 <= found <= 12 and not (lost and found)
    assert (months == 0) or (kind > 0 and wage > 0 and ever == 1)
    assert not (after == Work.AWAY and (capacity == Capacity.WEAK or home == 1))
    assert not (stage > 0 and kind > 0) and (resident == 0) == (after == Work.AWAY)
    assert (after == Work.NONE) if lost else (after == kind)
    assert kind in ((Work.POST, Work.WORKSHOP) if post and capacity >= 2 and stage == 0 else (Work.NONE, Work.LOCAL, Work.AWAY))


USUAL = dict(
    u_loses=0.999, u_loss_month=0.5, u_finds=0.999, u_find_month=0.5, u_place=0.999, wage_z=0.0, age=40, sex=0, schooling=2,
    stage=0, capacity=Capacity.ORDINARY, work=Work.NONE, ever_worked=0, home=0, resident=1, unfit=0, post=0, effect=0.1,
    shock=0.0, mixing=0.0, usual=6.0, find_help=1.0, wage_help=1.0, post_wage=900.0, post_months=11.0, size=3, house_help=1.0,
    lag=0.0, market=1.0,
)  # fmt: skip
YEAR = ("after", "kind", "ever", "months", "lost", "resident", "wage", "usual", "shock", "found")


def year_of_one(**changed):
    """The year, by name, of one who could work, is out of it, and has no luck with it either way."""
    p = lives.parameters(labour.PHASE, 2017)
    return SimpleNamespace(**dict(zip(YEAR, labour.work_a_year(**{**USUAL, **changed}, p=p), strict=True)))


@pytest.mark.parametrize("market", [dict(work=Work.LOCAL), dict(work=Work.AWAY, resident=0), dict(u_finds=0.0)])
def test_help_with_wages_raises_what_the_market_pays_and_no_post(market):
    """Mutation: the wage is what it is without."""
    assert year_of_one(**market, wage_help=1.2).wage == pytest.approx(1.2 * year_of_one(**market).wage)
    assert year_of_one(post=1, work=Work.POST, wage_help=1.2).wage == 900.0


@pytest.mark.parametrize(
    ("before", "kind"),
    [(Work.WORKSHOP, Work.WORKSHOP), (Work.POST, Work.POST), (Work.NONE, Work.POST), (Work.AWAY, Work.POST)],
)
def test_a_post_in_a_workshop_is_work_in_a_workshop(before, kind):
    """Mutation: every post is a public one."""
    year = year_of_one(post=1, work=before)
    assert year.after == year.kind == kind


@pytest.mark.parametrize("work", [Work.NONE, Work.LOCAL, Work.AWAY, Work.POST])
def test_who_holds_a_post_neither_looks_for_work_nor_loses_any(work):
    """Mutations: he looks for work besides, and finds it; the market takes what he gave up."""
    year = year_of_one(post=1, work=work, u_finds=0.0, u_loses=0.0)
    assert year.after == year.kind == Work.POST and year.months == 110
    assert year.found == year.lost == 0 and year.usual == USUAL["usual"]


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_a_post_begins_in_the_month_in_which_it_was_given(engine, monkeypatch):
    """Mutation: in none, as if it had been held all year."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = lives.town(made=alone(5, 40, Sex.MALE), **PLAIN)
    s, draws = lives.open_lives(world)
    s.pi[c.POST], s.pi[c.FOUND_MONTH], s.pf[c.POST_WAGE], s.pf[c.POST_MONTHS] = 1, 8, 700.0, 5.0
    labour.work(s, world, draws, 2017)
    assert (s.pi[c.FOUND_MONTH, s.pi[c.ALIVE] == 1] == 8).all()


def test_a_post_takes_the_place_of_other_work_and_is_given_up_with_it():
    world = lives.town(made=alone(50, 40, Sex.MALE), **(PLAIN | {"work__finds_able": 0.0, "work__refinds": 0.0}))
    s, draws = lives.open_lives(world)
    here = s.pi[c.ALIVE] == 1
    s.pi[c.WORK, here], s.pf[c.USUAL, here] = Work.LOCAL, 7.5
    s.pi[c.POST], s.pf[c.POST_WAGE], s.pf[c.POST_MONTHS] = 1, 700.0, 11.0
    labour.work(s, world, draws, 2017)
    assert (s.pi[c.PAID, here] == Work.POST).all()
    assert (s.pi[c.MONTHS, here] == 110).all() and (s.pf[c.WAGE_MONTH, here] == 700).all()
    s.pi[c.POST] = 0
    labour.work(s, world, draws, 2018)
    assert (s.pi[c.WORK, here] == Work.NONE).all()
    assert (s.pi[c.MONTHS, here] == 0).all() and (s.pi[c.EVER_WORKED, here] == 1).all()


def test_the_pandemic_year_costs_jobs_and_months():
    def year_of(year):
        changed = PLAIN | {"economy__pandemic_year": 2020.0}
        world = lives.town(made=alone(3000, 30, Sex.MALE), years=(year,), opening=year - 1, **changed)
        s, draws = lives.open_lives(world)
        here = s.pi[c.ALIVE] == 1
        s.pi[c.WORK, here], s.pf[c.USUAL, here] = Work.AWAY, 8.5
        labour.work(s, world, draws, year)
        kept = here & (s.pi[c.LOST_MONTH] == 0)
        return (s.pi[c.LOST_MONTH, here] > 0).mean(), s.pi[c.MONTHS, kept].mean() / 10

    lost, months = year_of(2019)
    assert lost == pytest.approx(0.10, abs=0.022) and months == pytest.approx(8.5)
    lost, months = year_of(2020)
    assert lost == pytest.approx(0.20, abs=0.03) and months == pytest.approx(7.5)


def test_in_the_pandemic_year_those_near_home_keep_their_months():
    """Mutation: everybody loses them."""
    changed = PLAIN | {"economy__pandemic_year": 2020.0, "work__loses_able": 0.0}
    world = lives.town(made=alone(20, 30, Sex.MALE), years=(2020,), opening=2019, **changed)
    s, draws = lives.open_lives(world)
    here = s.pi[c.ALIVE] == 1
    s.pi[c.WORK, here], s.pf[c.USUAL, here] = Work.LOCAL, 7.5
    labour.work(s, world, draws, 2020)
    assert (s.pi[c.MONTHS, here] == 75).all()


def lost_by_year(years=range(2017, 2047), **changed):
    """Shares of workers of 30 who lose their work, by year and village; and the factor of the labour market."""
    world = lives.town(made=alone(3000, 30, Sex.MALE), years=years, **(PLAIN | changed))
    s, draws = lives.open_lives(world)
    here = np.flatnonzero(s.pi[c.ALIVE] == 1)
    village = s.hi[c.VILLAGE, world.layout.house[here]]
    lost, market = [], []
    for year in years:
        s.pi[c.WORK, here], s.pf[c.USUAL, here] = Work.LOCAL, 7.5
        labour.work(s, world, draws, year)
        lost.append([(s.pi[c.LOST_MONTH, here][village == v] > 0).mean() for v in range(s.vi.shape[1])])
        market.append(s.vf[c.JOB_MARKET].copy())
    return np.array(lost), np.array(market)


def test_a_bad_year_of_the_labour_market_strikes_the_whole_town():
    """A shock of town and year, on all at once. Mutations: drawn by village; the same every year; not heeded; mean not 1."""
    lost, market = lost_by_year(economy__job_market_spread=0.5)
    assert (market == market[:, :1]).all() and len(np.unique(market[:, 0])) == len(market)
    assert np.log(market[:, 0]).std() == pytest.approx(0.5, abs=0.2)  # 30 years: 0.065
    assert lost == pytest.approx(LOSES * market, abs=0.06) and np.corrcoef(lost[:, 0], lost[:, 1])[0, 1] > 0.8
    still, none = lost_by_year(range(2017, 2020), economy__job_market_spread=0.0)
    assert (none == 1.0).all() and still == pytest.approx(LOSES, abs=0.04)


def test_the_labour_market_is_that_of_the_place():
    """Mutation: drawn without the name of the town."""
    world = lives.town(made=alone(10, 30, Sex.MALE), economy__job_market_spread=0.5)
    s, draws = lives.open_lives(world)
    found = []
    for place in ("here", "there", "here"):
        world.scenario.place = place
        labour.work(s, world, draws, 2017)
        found.append(s.vf[c.JOB_MARKET, 0])
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize(
    "changed", [{"work__loses_by_age": np.array([0.0, 1.0, 1.0, 1.0])}, {"work__loses_away": 0.0}], ids=["age", "place"]
)
def test_work_is_lost_by_age_and_place(changed):
    """Those of 30 near home always lose it; the younger, and who works away, never. Mutation: by capacity alone."""
    made = alone(20, 30, Sex.MALE)
    young = np.arange(20) < 10
    if "work__loses_by_age" in changed:
        made.persons["birth_year"][young] = 1996
    world = lives.town(made=made, **(PLAIN | {"work__loses_able": 1.0} | changed))
    s, draws = lives.open_lives(world)
    here = s.pi[c.ALIVE] == 1
    s.pi[c.WORK, here], s.pf[c.USUAL, here] = Work.LOCAL, 7.5
    if "work__loses_away" in changed:
        s.pi[c.WORK, np.flatnonzero(here)[young]] = Work.AWAY
    labour.work(s, world, draws, 2017)
    assert ((s.pi[c.LOST_MONTH, here] > 0) == ~young).all()


def test_one_who_is_weak_now_comes_home_from_work_away():
    """Mutation: only those who came home for good stop."""
    world = lives.town(made=alone(50, 40, Sex.MALE), **(PLAIN | {"work__loses_able": 0.0, "work__loses_weak": 0.0}))
    s, draws = lives.open_lives(world)
    here = s.pi[c.ALIVE] == 1
    s.pi[c.WORK, here], s.pf[c.USUAL, here], s.pi[c.RESIDENT, here] = Work.AWAY, 8.5, 0
    s.pi[c.CAPACITY, here] = np.where(np.arange(50) % 2 == 0, Capacity.WEAK, Capacity.ORDINARY)
    labour.work(s, world, draws, 2017)
    assert (s.pi[c.WORK, here] == np.where(np.arange(50) % 2 == 0, Work.NONE, Work.AWAY)).all()
    assert (s.pi[c.RESIDENT, here] == (np.arange(50) % 2 == 0)).all()


def test_few_months_at_first_move_towards_the_usual():
    world = lives.town(made=alone(20, 30, Sex.MALE), **(PLAIN | {"work__loses_able": 0.0}))
    months = []

    def start(s):
        s.pi[c.WORK], s.pf[c.USUAL] = Work.LOCAL, 3.5

    _, found = work_on(world, world.years, start)
    months = [m[0] for _, m in found]
    assert months == pytest.approx([7.5 - 4 * 0.75**k for k in range(1, 6)], abs=0.05)


def test_a_serious_illness_takes_its_share_of_the_months():
    world = lives.town(made=alone(20, 30, Sex.MALE), **(PLAIN | {"work__loses_able": 0.0}))

    def start(s):
        s.pi[c.WORK], s.pf[c.USUAL], s.pi[c.SICK_MONTHS] = Work.LOCAL, 7.5, 80

    _, found = work_on(world, (2017,), start)
    assert found[0][1] == pytest.approx(7.5 / 3, abs=0.05)


# --- the opening -----------------------------------------------------------------------------------------


def test_the_observed_wage_is_met_and_split_between_what_lasts_and_what_does_not():
    world = lives.town(4000)
    s, _ = lives.open_lives(world)
    seen = (s.pi[c.ALIVE] == 1) & (s.pf[c.WAGE_MONTH] > 0)
    p = lives.parameters(labour.PHASE, 2016)
    lag = s.hf[c.WAGE_LAG, world.layout.house[seen]]
    level = labour.wage_level(s.pi[c.WORK, seen], s.pi[c.SCHOOLING, seen], s.pi[c.CAPACITY, seen], lag, p)
    total = s.pf[c.WAGE_EFFECT, seen] + s.pf[c.WAGE_SHOCK, seen]
    assert exp(level + total) == pytest.approx(s.pf[c.WAGE_MONTH, seen], rel=1e-12)
    # share of the lasting part: 0.3^2 / (0.3^2 + 0.15^2 / (1 - 0.5^2)) = 0.75; a regression over some 1,500 workers, sd 0.006
    assert np.polyfit(total, s.pf[c.WAGE_EFFECT, seen], 1)[0] == pytest.approx(0.75, abs=0.03)
    others = (s.pi[c.ALIVE] == 1) & (s.pf[c.WAGE_MONTH] == 0)
    assert s.pf[c.WAGE_EFFECT, others].std() == pytest.approx(0.30, abs=0.012)


def test_wages_lag_where_the_household_was_registered_at_the_opening():
    world = lives.town(200)
    s, _ = lives.open_lives(world)
    assert np.array_equal(s.hf[c.WAGE_LAG] == 1, s.hi[c.STATUS] != Status.GENERAL)
