"""The normal of a draw: the quantile, in order, with the moments of a normal, the same in columns and on numbers."""

import numpy as np

from povsim.core import normals
from povsim.core.elementary import ppf
from povsim.core.normals import normal_of
from povsim.core.randomness import unit

LAST = 2**32 - 1
EDGES = np.unique(np.clip([k + d for k in (0, LAST, 2**31, *(1 << b for b in range(32))) for d in range(-40, 41)], 0, LAST))
PIECES = np.unique((np.arange(64, 128)[:, None] << np.arange(26)) + np.arange(-2, 3)[:, None, None])  # where cubics meet
MANY = np.random.default_rng(4).integers(0, LAST, 200_000, endpoint=True)
WORDS = np.unique(np.concatenate([EDGES, PIECES, LAST - PIECES, MANY]).clip(0, LAST)).astype(np.uint64)


def test_it_is_the_quantile_of_the_draw():
    u = unit(WORDS)
    assert np.abs(normal_of(u) - ppf(u)).max() < 5e-11


def test_a_greater_draw_has_a_greater_normal_from_the_least_to_the_greatest():
    assert (np.diff(normal_of(unit(WORDS))) > 0).all()
    for first in (0, 2**20, 2**31 - 50_000, LAST - 100_000):
        neighbours = np.arange(first, first + 100_001, dtype=np.uint64)
        assert (np.diff(normal_of(unit(neighbours))) > 0).all()


def test_halves_mirror_each_other_and_no_piece_is_missed():
    assert np.array_equal(normal_of(unit(WORDS)), -normal_of(unit(LAST - WORDS)))
    ends = np.array([2.0**-33, 0.5 - 2.0**-33])
    piece = (normals.bits(ends) >> normals.DROPPED) - normals.FIRST_PIECE
    assert piece.tolist() == [0, len(normals.CUBIC_0) - 1]


def test_columns_and_numbers_agree_to_the_bit():
    some = WORDS[::997]
    assert [normal_of(unit(word)) for word in some] == normal_of(unit(some)).tolist()


def test_the_moments_of_evenly_spaced_draws_are_those_of_a_normal():
    z = normal_of((np.arange(1 << 20) * 4096 + 2048 + 0.5) * 2.0**-32)
    assert np.abs([z.mean(), z.var() - 1.0, (z**4).mean() - 3.0]).max() < 3e-4
