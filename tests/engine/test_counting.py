"""The compiled bodies of the ledger beside their columns, from the same state, to the bit."""

from copy import deepcopy
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core.schema import Cause, Layer, Monitoring, Route, Status
from povsim.engine import assessment, compile, ledger, sorting
from povsim.engine import columns as c
from povsim.engine.year import live_year
from tests.engine import plan
from tests.engine.test_serving import TEA, TOWNS

pytestmark = pytest.mark.skipif(not compile.available(), reason="nothing to compare without a compiler")

ENGINES = ("compiled", "numpy")
FALL = {"assessment": {"report_error": 0.3, "written_up": 0.5}, "work": {"job_loss": 0.3}}


def same(a, b):
    """Names of what two books or tallies tell differently; no number is equal to no number."""
    kept = [(f.name, getattr(a, f.name), getattr(b, f.name)) for f in fields(a)]
    return [name for name, x, y in kept if x.dtype != y.dtype or not np.array_equal(x, y, equal_nan=x.dtype == float)]


def both(world):
    """An empty book and tally for each engine."""
    return [(ledger.open_book(world), ledger.open_tally(world)) for _ in ENGINES]


def write_both(monkeypatch, s, world, year, judged, kept):
    for engine, (book, tally) in zip(ENGINES, kept, strict=True):
        monkeypatch.setenv("POVSIM_ENGINE", engine)
        ledger.write(s, world, year, judged, book, tally)


def close_both(monkeypatch, s, world, kept):
    for engine, (book, tally) in zip(ENGINES, kept, strict=True):
        monkeypatch.setenv("POVSIM_ENGINE", engine)
        ledger.close_life(s, world, book, tally)


def differences(kept):
    (book, tally), (book2, tally2) = kept
    return same(book, book2) + same(tally, tally2)


def empty_village(count, villages=4):
    """A made-up town of which one village has no households."""
    made = plan.tables(count)
    made.villages.update({name: np.concatenate([column, column[:1]]) for name, column in made.villages.items()})
    made.villages["name"] = np.array([f"v{i}" for i in range(villages)])
    made.households["village"] = np.where(made.households["village"] > 0, made.households["village"] + 1, 0)
    return made


LONG = {"years": 11}  # into the regular era
STORIES = {
    **{name: (plans, {}) for name, plans in TOWNS.items()},
    "many eras, an empty village": ({"a": {**TEA, "quota": {"households": 30}}}, {"made": empty_village(300), **LONG}),
    "no measure": ({}, {"count": 150}),
}


@pytest.mark.parametrize("name", STORIES)
def test_loops_and_columns_write_the_same_book(name, tmp_path, monkeypatch):
    plans, more = STORIES[name]
    world = plan.town(tmp_path, plans, **{"count": 300, **more})
    kept = both(world)
    for replicate in range(2):  # tallies add up, books do not
        kept = [(ledger.open_book(world), tally) for _, tally in kept]
        s, draws = plan.begin(world, replicate)
        s.hi[c.PV_LINKED] = np.arange(world.layout.households) % 3 == 0
        for year in world.years:
            live_year(s, world, draws, year)
            s.hf[c.TRUE_HEAD, ::7] = np.rint(s.hf[c.TRUE_HEAD, ::7] / 500.0) * 500.0  # ties, and losses
            write_both(monkeypatch, s, world, year, assessment.assess(s, world, draws, year), kept)
            assert not differences(kept), year
        held = [book.held.sum() for book, _ in kept]
        assert held[0] == held[1] and (held[0] > 0) == bool(plans)
        close_both(monkeypatch, s, world, kept)
        assert not differences(kept)
    book, tally = kept[0]
    for told in (book.ledger, book.accounts, book.exits, book.routes, book.villages, book.layers, book.evaluation, book.spells):
        assert told.any(), "something is counted"
    assert tally.income.any() and tally.exit_year.any()
    assert np.isfinite(book.indicators[:, 1]).all()


def flags(rng, count):
    """Masks of a judgement by chance; it need not make sense, but routes must be those of the exits."""
    masks = {f.name: rng.integers(0, 3, count) == 0 for f in fields(assessment.Judged)}
    masks["route"] = rng.integers(0, len(Route), count)
    masks["causes"], masks["returned_by"] = (rng.integers(0, len(Cause), count) * rng.integers(0, 2, count) for _ in range(2))
    masks["delay"] = rng.integers(0, 30, count)
    return assessment.Judged(**masks)


@pytest.fixture(scope="module")
def small_town(tmp_path_factory):
    return plan.town(tmp_path_factory.mktemp("town"), {"a": TEA}, made=empty_village(70))


def strewn(world, seed, pv=3):
    """A state in which every column that the ledger reads takes all its values, in no sensible combination."""
    rng, s = np.random.default_rng(seed), plan.begin(world)[0]
    count = world.layout.households
    values = {
        c.STATUS: len(Status), c.MONITORING: len(Monitoring), c.ORIGIN: 4, c.CHANNEL: 4, c.LAYER: len(Layer), c.CATEGORY: 4,
        c.SIZE: 7, c.SIZE_OPEN: 7, c.BIRTHS: 2, c.DEATHS: 3, c.ARRIVALS: 2, c.DEPARTURES: 3, c.NETTED: 2, c.DELIVERED: 3,
        c.HELPED: 2, c.HOUSE_SAFE: 2, c.WATER_SAFE: 2, c.SCHOOL_SAFE: 2, c.INSURED_ALL: 2, c.YEARS_ABOVE: 3, c.INELIGIBLE: 2,
        c.STOOD: 2, c.FALL_CAUSE: len(Cause),
    }  # fmt: skip
    for row, number in values.items():
        s.hi[row] = rng.integers(0, number, count)
    s.hi[c.PV_LINKED] = rng.integers(0, 3, count) < pv - 2
    for row in (c.FIRST_EXIT, c.YEAR_IDENTIFIED, c.YEAR_RETURNED, *ledger.FALLS):
        s.hi[row] = rng.choice([0, 2015, *range(2016, 2023)], count)
    s.hi[c.FIRST_EXIT, s.hi[c.FIRST_EXIT] == 2015] = 0  # at or after the opening
    s.hf[c.TRUE_HEAD] = np.rint(rng.normal(3000.0, 3000.0, count) / 50.0) * 50.0
    s.hf[c.REPORTED] = rng.normal(3000.0, 2000.0, count)
    s.items[:] = rng.integers(-(10**6), 10**7, s.items.shape)
    s.vi[c.PROCEEDS], s.vi[c.OUT] = rng.integers(0, 10**8, world.layout.villages), rng.choice([0, 2018], world.layout.villages)
    return s, flags(rng, count)


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
@settings(max_examples=25, deadline=None)
def test_every_combination_is_counted_alike(small_town, seed, pv):
    with pytest.MonkeyPatch.context() as patch:
        for closes in ("_closes", "_accounts_close"):  # what is strewn does not close
            patch.setattr(ledger, closes, lambda *_: None)
        s, judged = strewn(small_town, seed, pv)
        kept = both(small_town)
        for year in (small_town.years[0], small_town.years[-1]):
            write_both(patch, s, small_town, year, judged, kept)
        assert not differences(kept)
        if pv == 2:
            assert np.isnan(kept[0][0].indicators[0, ledger.GROUPS.index("pv"), 3:]).all(), "nobody is a member"
        close_both(patch, s, small_town, kept)
        assert not differences(kept)


def test_nobody_in_any_group(small_town, monkeypatch):
    s, judged = strewn(small_town, 1)
    for closes in ("_closes", "_accounts_close"):
        monkeypatch.setattr(ledger, closes, lambda *_: None)
    s.hi[c.SIZE], kept = 0, both(small_town)
    write_both(monkeypatch, s, small_town, small_town.years[0], judged, kept)
    assert not differences(kept)
    assert np.array_equal(kept[0][0].indicators[0, :, :3], np.zeros((3, 3))) and np.isnan(kept[0][0].indicators[0, :, 3:]).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_does_not_close_is_refused_in_either_engine(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = plan.town(tmp_path, {}, count=120)
    s, draws = plan.begin(world)
    year = world.years[0]
    live_year(s, world, draws, year)
    judged = assessment.assess(s, world, draws, year)

    def write(change):
        t, j = s.copy(), deepcopy(judged)
        change(t, j)
        ledger.write(t, world, year, j, ledger.open_book(world), ledger.open_tally(world))

    write(lambda t, j: None)
    poor = np.flatnonzero(judged.opening & (s.hi[c.STATUS] == Status.POOR))[0]
    left, stays = np.flatnonzero(judged.exited)[0], np.flatnonzero(judged.exited_before & ~judged.gone & ~judged.returned)[0]

    def lose(row, h):
        return lambda t, j: t.hi.__setitem__((row, h), t.hi[row, h] - 1)

    with pytest.raises(ArithmeticError, match=r"the ledger does not close by 0 households and -?1 persons"):
        write(lose(c.SIZE, poor))
    with pytest.raises(ArithmeticError, match=r"account of the exited does not close by -?1 persons"):
        write(lose(c.SIZE, stays))
    with pytest.raises(ArithmeticError, match="the routes add up"):
        write(lambda t, j: j.route.__setitem__(left, 9))


KEYS = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2.0**-40, 1.0 - 2.0**-40, -1.0, 2.0**-40 - 1.0, np.inf, -np.inf]),
)


@given(st.lists(KEYS, min_size=1, max_size=3 * sorting.FEW), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_the_sort_is_stable_and_complete(keys, seed):
    key, order = np.array(keys), np.random.default_rng(seed).permutation(len(keys))
    expected = order[np.argsort(key[order], kind="stable")]
    compile.lift(sorting.radix)(key, order, order.copy())
    assert order.tolist() == expected.tolist()


def test_sizes_are_sorted_as_they_stand():
    size = np.array([3, 0, 3, 1, 12, 0, 1])
    order = np.empty(7, np.int64)
    compile.lift(sorting.by_size)(size, order)
    assert order.tolist() == [1, 5, 3, 6, 0, 2, 4]


@given(st.lists(st.tuples(KEYS, st.integers(1, 12)), min_size=1, max_size=3 * sorting.CROWD))
@settings(max_examples=200, deadline=None)
def test_incomes_are_sorted_and_those_of_one_income_by_size(homes):
    """Mutations: a tie left as it stands; the many in one part of the range lost; incomes below nought or without end."""
    income, size = np.array([x for x, _ in homes]), np.array([n for _, n in homes])
    order, found = np.empty(len(homes), np.int64), np.empty(len(homes))
    compile.lift(sorting.by_income)(income, size, order, found)
    expected = np.lexsort((size, income))
    assert sorted(order.tolist()) == list(range(len(homes)))
    assert np.array_equal(found, income[expected]) and np.array_equal(income[order], found)
    assert size[order].tolist() == size[expected].tolist()
