"""The compiled bodies of the list, the account and the assessment beside their columns, from the same state, to the bit."""

from dataclasses import fields

import numpy as np
import pytest

from povsim.core.params import data_root, load_scenario
from povsim.core.schema import Category, Monitoring, Status
from povsim.engine import allocation, assessment, income, labour, ledger, people, safety_net, shocks
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.state import MATRICES
from povsim.engine.world import build_world
from tests.engine import small

pytestmark = pytest.mark.skipif(not compiler.available(), reason="nothing to compare without a compiler")

ENGINES = ("compiled", "numpy")
ERAS = range(2014, 2029)


def same(s, t):
    """Whether two states are equal to the bit."""
    apart = [name for name in MATRICES if not np.array_equal(getattr(s, name), getattr(t, name))]
    if "hi" in apart:
        apart += [c.HOUSE_INTS[row] for row in np.flatnonzero((s.hi != t.hi).any(axis=1))]
    if "hf" in apart:
        apart += [c.HOUSE_FLOATS[row] for row in np.flatnonzero((s.hf != t.hf).any(axis=1))]
    return apart


def differ(one, two):
    """Fields in which two judgements differ, in value or in type."""
    pairs = {f.name: (getattr(one, f.name), getattr(two, f.name)) for f in fields(one)}
    return [name for name, (a, b) in pairs.items() if a.dtype != b.dtype or not np.array_equal(a, b)]


def in_both(monkeypatch, phase, s, world, draws, year):
    """One phase in both engines from the same state; the state and the answer, which are the same."""
    states, answers = [s, s.copy()], []
    for engine, state in zip(ENGINES, states, strict=True):
        monkeypatch.setenv("POVSIM_ENGINE", engine)
        answers.append(phase(state, world, draws, year))
    assert not same(*states), (phase, year)
    if answers[0] is not None:
        assert not differ(*answers), year
    monkeypatch.setenv("POVSIM_ENGINE", "compiled")
    return answers[0]


# --- a place, lived through ------------------------------------------------------------------------------


def test_a_place_is_judged_alike_through_the_eras(villages, monkeypatch):
    chosen = load_scenario(data_root() / "params" / "chagu" / "history.yaml", ("run.draws=0", "run.years=15"))
    assert chosen.run.years == tuple(ERAS)
    world = build_world(villages(2, chosen.run.opening), chosen)
    happened = np.zeros(3, np.int64)
    for replicate in range(2):
        draws = Draws(chosen.run.seed, replicate)
        s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
        for year in world.years:
            s.begin_year()
            people.people(s, world, draws, year)
            shocks.shocks(s, world, draws, year)
            in_both(monkeypatch, assessment.draw_list, s, world, draws, year)
            for phase in (allocation.allocate, labour.work, income.earn, safety_net.decide):
                phase(s, world, draws, year)
            in_both(monkeypatch, assessment.close_account, s, world, draws, year)
            judged = in_both(monkeypatch, assessment.assess, s, world, draws, year)
            ledger.write(s, world, year, judged, book, tally)
            happened += [judged.exited.sum(), judged.entered.sum(), judged.removed.sum()]
    assert (happened > 0).all()


# --- towns of everything at once -------------------------------------------------------------------------

BUSY = dict(
    list_noise=0.3, report_error=0.2, written_up=0.5, tekun_leaves=0.5, general_found=0.6, identified_quota=0.05,
    quota_tolerance=0.2, look_back=1.0, ineligible_found=0.5, return_found=0.6, never_found=0.2, verified=0.7, risk_cleared=0.6,
    helped_otherwise=0.3, channel_delays=(0.5, 1.0, 2.0), decision_days=30.0, detection_delay=4.0, monitoring_from=2019,
    village_trade=0.3, village_supplied=0.4, village_incidence=0.5, village_income=300.0,
)  # fmt: skip
KINDS = {
    "a plan of numbers": dict(targets={year: 60 for year in range(2014, 2020)}),
    "numbers without a finish, and debts": dict(
        targets={2014: 0, 2015: 5000, **{year: 41 for year in range(2016, 2027)}}, finish_year=None, debt_counts=True
    ),
    "no numbers": dict(targets={}, finish_year=2018, sustain_years=2, exit_margin=1.1),
    "numbers that nobody caps": dict(targets={year: 30 for year in range(2014, 2021)}, exits_capped=False, list_from=2017),
    "many equals": dict(
        targets={year: 50 for year in range(2014, 2018)},
        list_noise=0.0,
        report_error=0.0,
        helped_otherwise=0.0,
        identified_quota=0.0,
    ),
    "no monitoring": dict(targets={}, monitoring_line=0.0, surplus_by_size=0.3),
}


def shaken(rng, s):
    """A year in which everything may happen to anybody; few values, so that many are equal."""
    count = s.hi.shape[1]

    def some(share):
        return rng.random(count) < share

    s.hi[c.SIZE_OPEN] = s.hi[c.SIZE]
    s.hi[c.SIZE] = np.where(some(0.2), rng.integers(0, 7, count), s.hi[c.SIZE])
    for row, most in ((c.LABOURERS, 3), (c.WEAKS, 3), (c.SICKS, 2), (c.STUDENTS, 2), (c.DELIVERED, 2), (c.NETTED, 2)):
        s.hi[row] = rng.integers(0, most + 1, count)
    for row in (c.HOUSE_SAFE, c.WATER_SAFE, c.SCHOOL_SAFE, c.INSURED_ALL):
        s.hi[row] = some(0.9)
    for row in (c.HIT, c.WORKER_LOST, c.ENTERPRISE_FAILED, c.TERM_ENDED):
        s.hi[row] = some(0.1)
    s.hi[c.LOST_SINCE] += some(0.2)
    s.hi[c.DISABLED_SINCE] += some(0.1)
    s.hi[c.SECURED] = rng.integers(0, 4, count) * some(0.1)
    s.hi[c.INELIGIBLE] |= some(0.03)
    s.hi[c.CHRONIC_AT_EXIT] = np.where(some(0.1), -1, s.hi[c.CHRONIC_AT_EXIT])
    heads = np.where(some(0.5), rng.integers(0, 12, count) * 600, rng.normal(4000, 2500, count))
    split = rng.dirichlet(np.full(len(s.items), 0.3), count).T
    s.items[:] = np.rint(split * heads * s.hi[c.SIZE] * 100)
    s.items[:, some(0.02)] *= -1  # farming at a loss
    s.spent[:] = np.rint(rng.integers(0, 8, s.spent.shape) * 2500 * rng.integers(0, 100, s.spent.shape)) * some(0.4)
    s.credit[:] = rng.integers(0, 40, s.credit.shape) * 10000 * some(0.3)
    s.pi[c.DIBAO] = rng.integers(0, 4, s.pi.shape[1]) * (rng.random(s.pi.shape[1]) < 0.1)
    s.pi[c.TEKUN] = rng.random(s.pi.shape[1]) < 0.03
    s.vi[c.PROCEEDS] = rng.integers(0, 100000, s.vi.shape[1])


@pytest.mark.parametrize("kind", KINDS)
def test_towns_of_everything_are_judged_alike_through_the_eras(kind, monkeypatch):
    rng = np.random.Generator(np.random.Philox(key=11))
    count = 700  # more than two chunks
    statuses = rng.choice([Status.GENERAL, Status.POOR, Status.EXITED, Status.RETURNED, Status.REMOVED], count)
    world = small.town(rng.integers(1, 7, count), statuses, years=tuple(ERAS), opening=2013, **{**BUSY, **KINDS[kind]})
    world.start.vi[c.POOR] = 1
    world.layout.draw_id[:] = rng.permutation(world.layout.draw_id)  # ties go by identity, not by row
    seen: dict[str, int] = {}
    for replicate in range(2):
        s, draws = world.start.copy(), Draws(7, replicate)
        s.hi[c.CATEGORY] = rng.integers(Category.ORDINARY, Category.TEKUN + 1, count)
        for year in ERAS:
            s.begin_year()
            in_both(monkeypatch, assessment.draw_list, s, world, draws, year)
            shaken(rng, s)
            in_both(monkeypatch, assessment.close_account, s, world, draws, year)
            judged = in_both(monkeypatch, assessment.assess, s, world, draws, year)
            for f in fields(judged):
                seen[f.name] = seen.get(f.name, 0) + int((getattr(judged, f.name) > 0).sum())
    quiet = {name for name, number in seen.items() if not number}
    if kind == "no monitoring":
        assert quiet == {"monitored_before", "cleared_before", "entered", "again", "passed", "cleared", "missed", "delay"}
    else:
        assert quiet <= {"by_obligation"}, "everything happens to somebody"
        assert (s.hi[c.MONITORING] == Monitoring.AT_RISK).any() and len(np.unique(s.hi[c.FALL_CAUSE])) > 6


@pytest.mark.parametrize("sizes", [[], [3]])
def test_towns_of_nobody_or_of_one_are_judged_alike(sizes, monkeypatch):
    world = small.town(sizes, [Status.POOR] * len(sizes), years=(2017, 2021), targets={2017: 3})
    s, draws = world.start.copy(), Draws(7, 0)
    for year in world.years:
        s.begin_year()
        small.set_income(s, 4000.0)
        for phase in (assessment.draw_list, assessment.close_account, assessment.assess):
            in_both(monkeypatch, phase, s, world, draws, year)
