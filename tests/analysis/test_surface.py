"""Owns: response surfaces and sampling by them, against closed forms.
Never: runs a town (test_calibrate)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, qmc

from povsim.analysis.surface import fit_surface, sample, terms

NAMES = ("a", "b", "c", "d")


def points(number: int = 400) -> np.ndarray:
    return 2.0 * qmc.Halton(len(NAMES), scramble=False).random(number + 1)[1:] - 1.0


def quadratic(x: np.ndarray) -> np.ndarray:
    return np.stack(
        [3.0 + 2.0 * x[:, 0] - x[:, 1] + 0.5 * x[:, 0] * x[:, 1], 100.0 + 40.0 * x[:, 2] ** 2 + 5.0 * x[:, 3]], axis=1
    )


def test_a_polynomial_is_found_again() -> None:
    x = points()
    surface = fit_surface(x, quadratic(x), np.zeros(len(x), int))
    fresh = points(50)[::-1] * 0.7
    assert surface.predict(fresh) == pytest.approx(quadratic(fresh), rel=2e-3)
    assert np.diag(surface.residual) == pytest.approx(0.0, abs=0.1)


def test_luck_shared_by_points_does_not_tilt_the_surface() -> None:
    """Luck that happens to go with a parameter is told from it, since points of one luck are compared with each other."""
    x, luck = points(), np.arange(400) % 8
    effect = np.linspace(-20.0, 20.0, 8)[luck]
    x[:, 0] = np.clip(x[:, 0] * 0.5 + effect / 60.0, -1.0, 1.0)
    surface = fit_surface(x, quadratic(x) + effect[:, None], luck)
    rise = surface.predict(np.array([[0.5, 0, 0, 0], [-0.5, 0, 0, 0]]))
    assert (rise[0] - rise[1])[0] == pytest.approx(2.0, abs=0.1)
    assert np.diag(surface.residual) == pytest.approx(7 / 4 * np.var(effect) * np.ones(2), rel=0.1), (
        "luck is part of what is left, of which eight say little"
    )


def test_terms_are_one_the_scores_squares_and_products() -> None:
    x = np.array([[0.5, -1.0, 0.0, 1.0]])
    assert terms(x, (0, 1)) == pytest.approx(np.array([[1, 0.5, -1, 0, 1, 0.25 - 1 / 3, -0.5, 1 - 1 / 3]]))


def test_samples_of_one_number_have_the_distribution_that_bayes_rule_gives() -> None:
    """A linear number with normal error: what is plausible is the flat range weighed by the normal density."""
    x = points()
    surface = fit_surface(x, (10.0 * x[:, :1]), np.zeros(len(x), int))
    drawn = sample(surface, np.array([6.0]), np.array([[4.0]]), NAMES, 2000, 60, 5)
    assert drawn.shape == (2000, 4)
    low, high = norm.cdf((-10.0 - 6.0) / 2.0), norm.cdf((10.0 - 6.0) / 2.0)
    expected = [(6.0 + 2.0 * norm.ppf(low + q * (high - low))) / 10.0 for q in (0.05, 0.5, 0.95)]
    assert np.quantile(drawn[:, 0], (0.05, 0.5, 0.95)) == pytest.approx(expected, abs=0.03)
    assert np.quantile(drawn[:, 1], (0.05, 0.5, 0.95)) == pytest.approx([-0.9, 0.0, 0.9], abs=0.06), "not told: as stated"


def test_what_was_not_observed_tells_nothing() -> None:
    x = points()
    surface = fit_surface(x, quadratic(x), np.zeros(len(x), int))
    drawn = sample(surface, np.array([np.nan, 100.0]), np.eye(2), NAMES, 800, 40, 5)
    assert abs(np.median(drawn[:, 0])) < 0.1


def test_a_sample_is_the_same_again_and_other_with_another_seed() -> None:
    x = points(100)
    surface = fit_surface(x, quadratic(x), np.zeros(len(x), int))
    drawn = [sample(surface, np.array([4.0, 110.0]), np.eye(2), NAMES, 20, 20, seed) for seed in (1, 1, 2)]
    assert (drawn[0] == drawn[1]).all() and not (drawn[0] == drawn[2]).any()


def test_a_number_that_a_point_could_not_measure_does_not_silence_the_others() -> None:
    x = points()
    y = np.stack([quadratic(x).reshape(len(x), -1)[:, 0], x[:, 1], np.full(len(x), np.nan)], axis=1)
    y[7, 1] = np.nan
    surface = fit_surface(x, y, np.zeros(len(x), np.int64))
    assert np.isfinite(surface.residual).all()
    off = surface.predict(x)[:, :2] - np.where(np.isnan(y), 0.0, y)[:, :2]
    assert np.abs(np.delete(off, 7, axis=0)).max() < 0.1
