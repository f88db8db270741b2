"""Owns: a response surface: what a run's numbers come to by its parameters, as a polynomial; and sampling parameters by it.
Never: runs anything, or knows what a number means (calibrate, targets).

Parameters are scores between -1 and 1: 2u - 1 of the probability u of their stated distributions, so that all are uniform before
anything is known. A surface is linear in all of them, with squares and products of those that move the numbers most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from povsim.core.elementary import ppf
from povsim.core.randomness import HOUSEHOLD_SLOT, identity, words

Floats = NDArray[np.float64]

RIDGES: Final = tuple(10.0**k for k in range(-3, 4))
MOST_CURVED: Final = 18
YEAR: Final = 1900  # the walk's chance belongs to no year
TAG: Final = "surface"


@dataclass(frozen=True)
class Surface:
    """A fitted response surface.

    Attributes
    ----------
    curved : tuple of int
        Parameters with squares and products.
    coefficients : float64 (terms, numbers)
        Of the standardised numbers; the first term is one.
    middle, scale : float64 (numbers,)
        What the numbers were standardised by.
    residual : float64 (numbers, numbers)
        Covariance of what the surface leaves, in the numbers' own units: chance of one replicate and lack of fit, larger for the
        lucks that it was estimated from being few.
    """

    curved: tuple[int, ...]
    coefficients: Floats
    middle: Floats
    scale: Floats
    residual: Floats

    def predict(self, scores: Floats) -> Floats:
        """Expected numbers, float64 (points, numbers), of parameters' scores (points, parameters)."""
        predicted: Floats = terms(scores, self.curved) @ self.coefficients * self.scale + self.middle
        return predicted


def terms(scores: Floats, curved: Sequence[int]) -> Floats:
    """One, all scores, and squares and products of the curved ones; float64 (points, terms)."""
    some = scores[:, list(curved)]
    first, second = np.triu_indices(len(curved))
    squares = some[:, first] * some[:, second] - np.where(first == second, 1.0 / 3.0, 0.0)
    return np.concatenate([np.ones((len(scores), 1)), scores, squares], axis=1)


def fit_surface(scores: Floats, numbers: Floats, luck: NDArray[np.int64], weights: Floats | None = None) -> Surface:
    """Fit a surface to simulated points.

    Parameters
    ----------
    scores : float64 (points, parameters)
        Where the points lie.
    numbers : float64 (points, numbers)
        What came out; NaN, where there was nothing to measure, counts as the mean of the number's other points.
    luck : int64 (points,)
        Replicate of each point: points of one replicate share their luck, and are compared with each other only.
    weights : float64 (points,) or None
        How much each point counts.

    Returns
    -------
    Surface
    """
    weights = np.ones(len(scores)) if weights is None else weights
    numbers = _filled(numbers)
    middle = np.average(numbers, axis=0, weights=weights)
    scale = np.maximum(np.sqrt(np.average((numbers - middle) ** 2, axis=0, weights=weights)), 1e-12)
    y = (numbers - middle) / scale
    plain = _solve(_within(np.concatenate([scores], axis=1), luck, weights), _within(y, luck, weights), weights)
    strength = np.abs(plain).max(axis=1)
    curved = tuple(sorted(int(i) for i in np.argsort(-strength, kind="stable")[:MOST_CURVED]))
    x = terms(scores, curved)[:, 1:]
    slopes = _solve(_within(x, luck, weights), _within(y, luck, weights), weights)
    left = y - x @ slopes
    start = np.average(left, axis=0, weights=weights)
    off = (left - start) * np.sqrt(weights / weights.mean())[:, None]
    freedom = max(len(scores) - len(slopes) - len(np.unique(luck)), 10)
    residual = off.T @ off / freedom * np.outer(scale, scale) * _inflated(len(np.unique(luck)), y.shape[1])
    return Surface(curved, np.concatenate([start[None], slopes]), middle, scale, residual)


def _filled(numbers: Floats) -> Floats:
    """Numbers with NaN taken for their column's mean, so that one of them does not silence the regression of all."""
    there = np.isfinite(numbers)
    mean = np.where(there, numbers, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    filled: Floats = np.where(there, numbers, mean)
    return filled


def _inflated(lucks: int, numbers: int) -> float:
    """What makes the inverse of a covariance of so many numbers, estimated from so many lucks, right on average (Hartlap 2007).

    Points of one luck are no independent sample of it: few lucks would leave directions in which chance seems to be nothing.
    """
    return (lucks - 1) / (lucks - numbers - 2) if lucks > numbers + 2 else 1.0


def _within(values: Floats, luck: NDArray[np.int64], weights: Floats) -> Floats:
    """Values less the mean of their replicate."""
    out = values.copy()
    for one in np.unique(luck):
        mine = luck == one
        out[mine] -= np.average(values[mine], axis=0, weights=weights[mine])
    return out


def _solve(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Ridge regression, the ridge by generalised cross-validation, one for all numbers."""
    root = np.sqrt(weights / weights.mean())[:, None]
    u, s, vt = np.linalg.svd(x * root, full_matrices=False)
    along = u.T @ (y * root)
    best, answer = np.inf, np.zeros((x.shape[1], y.shape[1]))
    for ridge in RIDGES:
        shrink = s / (s * s + ridge)
        slopes = vt.T @ (shrink[:, None] * along)
        freedom = len(x) - (s * shrink).sum()
        score = float((((y - x @ slopes) * root) ** 2).sum()) / max(freedom, 1.0) ** 2
        if score < best:
            best, answer = score, slopes
    return answer


def sample(
    surface: Surface, observed: Floats, covariance: Floats, parameters: Sequence[str], chains: int, steps: int, seed: int
) -> Floats:
    """Draw parameters that the observed numbers leave plausible, by elliptical slice sampling (Murray, Adams and MacKay 2010).

    Parameters
    ----------
    surface : Surface
        Expected numbers by parameters.
    observed : float64 (numbers,)
        What was observed; NaN is not used.
    covariance : float64 (numbers, numbers)
        Of observed less expected at the true parameters: tolerance, chance and lack of fit.
    parameters : sequence of str
        Paths; each has its own chance, keyed by seed and name.
    chains : int
        Independent walks; each gives one draw, its last state.
    steps : int
        Steps of each walk.
    seed : int
        Of the walk.

    Returns
    -------
    float64 (chains, parameters)
        Scores.
    """
    used = ~np.isnan(observed)
    precision = np.linalg.inv(covariance[np.ix_(used, used)])
    target = observed[used]

    def fitness(z: Floats) -> Floats:
        off = surface.predict(2.0 * ndtr(z) - 1.0)[:, used] - target
        return -0.5 * np.einsum("ij,jk,ik->i", off, precision, off)

    ids = np.array([identity(f"{path}|parameter") for path in parameters], dtype=np.uint64)
    walkers = np.array([identity(f"{i}|chain") for i in range(chains)], dtype=np.uint64)
    who = walkers[:, None] ^ ids[None, :]
    z = ppf(_uniforms(seed, who, 0)[..., 0])
    current = fitness(z)
    for step in range(1, steps + 1):
        other = ppf(_uniforms(seed, who, step)[..., 0])
        u = _uniforms(seed, walkers, step)
        floor = current + np.log(u[:, 0])
        angle = 2.0 * np.pi * u[:, 1]
        low, high = angle - 2.0 * np.pi, angle.copy()
        waiting, turn = np.arange(chains), 0
        while len(waiting):
            proposed = z[waiting] * np.cos(angle[waiting])[:, None] + other[waiting] * np.sin(angle[waiting])[:, None]
            fit = fitness(proposed)
            taken = (fit > floor[waiting]) | (high[waiting] - low[waiting] < 1e-9)
            z[waiting[taken]], current[waiting[taken]] = proposed[taken], fit[taken]
            waiting = waiting[~taken]
            below = angle[waiting] < 0.0
            low[waiting] = np.where(below, angle[waiting], low[waiting])
            high[waiting] = np.where(below, high[waiting], angle[waiting])
            turn += 1
            if not len(waiting):
                break
            again = _uniforms(seed, walkers[waiting] + np.uint64(turn), step)[:, 2]
            angle[waiting] = low[waiting] + again * (high[waiting] - low[waiting])
    scores: Floats = 2.0 * ndtr(z) - 1.0
    return scores


def _uniforms(seed: int, who: NDArray[np.uint64], step: int) -> Floats:
    """Four uniforms for each of some walkers at a step; float64 (..., 4)."""
    found: Floats = (words(seed, TAG, who, step, YEAR, HOUSEHOLD_SLOT, 0) + 0.5) * 2.3283064365386963e-10
    return found
