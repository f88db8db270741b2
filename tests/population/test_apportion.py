from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from povsim.core.errors import PopulationError
from povsim.population.apportion import apportion, pick, pick_persons, size_counts

SHARES = np.array([0.18, 0.27, 0.21, 0.19, 0.09, 0.042, 0.013, 0.005])
weights = st.lists(st.floats(0.01, 100), min_size=1, max_size=12)


@given(st.integers(0, 500), weights)
def test_one_more_takes_from_nobody(total: int, w: list[float]) -> None:
    before, after = apportion(total, w), apportion(total + 1, w)
    assert before.sum() == total
    assert ((after - before) >= 0).all()


@given(st.integers(1, 400), weights)
def test_nobody_is_far_from_his_share(total: int, w: list[float]) -> None:
    # Webster may leave the quota by a unit or two with many small weights, never by more than half their number.
    quota = total * np.array(w) / sum(w)
    assert np.abs(apportion(total, w) - quota).max() <= 1 + 0.5 * len(w)


@given(st.integers(1, 3000), st.floats(1.0, 8.0))
def test_households_and_persons_are_both_exact(households: int, mean: float) -> None:
    persons = round(households * mean)
    counts = size_counts(SHARES, households, persons)
    assert counts.min() >= 0
    assert counts.sum() == households
    assert (counts * np.arange(1, 9)).sum() == persons


def test_sizes_keep_their_shape() -> None:
    counts = size_counts(SHARES, 2751, 8072)
    assert np.abs(counts / 2751 - SHARES).max() < 0.01  # the shares have this mean already
    assert size_counts(SHARES, 1571, 3724)[0] > size_counts(SHARES, 1571, 5000)[0]


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(PopulationError, match="stayers"):
        size_counts(SHARES, 10, 9, "stayers")
    with pytest.raises(PopulationError):
        size_counts(SHARES, 10, 81)


def test_picking_is_exact_and_leans_to_the_heavy() -> None:
    n = 4000
    u = (np.arange(n) * 0.6180339887 + 0.1) % 1.0
    w = np.where(np.arange(n) % 2 == 0, 3.0, 1.0)
    chosen = pick(w, u, 400)
    assert chosen.sum() == 400
    assert 0.66 < chosen[::2].sum() / 400 < 0.84  # 3 of 4
    assert not pick(np.where(w > 1, 0.0, 1.0), u, 400)[::2].any()
    with pytest.raises(PopulationError):
        pick(np.zeros(3), u[:3], 1)


def test_persons_picked_by_whole_households() -> None:
    sizes = np.arange(600) % 5 + 1
    u = (np.arange(600) * 0.6180339887 + 0.1) % 1.0
    chosen = pick_persons(np.ones(600), u, sizes, 210, 68)
    assert (chosen.sum(), sizes[chosen].sum()) == (68, 210)
    assert sizes[pick_persons(np.ones(600), u, sizes, 1075, None)].sum() == 1075
    with pytest.raises(PopulationError):
        pick_persons(np.ones(600), u, np.full(600, 2), 211, 100)
