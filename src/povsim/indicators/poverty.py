"""Owns: poverty and inequality of weighted incomes.
Never: reads a table of results (indicators.indicators)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def fgt(income: ArrayLike, line: float, alpha: float, weight: ArrayLike = 1.0) -> float:
    """Foster-Greer-Thorbecke index: headcount (``alpha`` 0), gap (1), severity (2).

    Parameters
    ----------
    income : array_like
        Income per head, yuan per year; who has exactly the line is not poor. Below zero counts as zero.
    line : float
        Poverty line, yuan per head and year, above zero.
    alpha : float
        Aversion to poverty, from 0.
    weight : array_like
        Persons whom each income stands for.

    Returns
    -------
    float
        The index, from 0 to 1.

    References
    ----------
    Foster, Greer and Thorbecke (1984), A class of decomposable poverty measures, Econometrica 52(3).
    """
    x = np.asarray(income, dtype=np.float64)
    w = np.broadcast_to(np.asarray(weight, dtype=np.float64), x.shape)
    shortfall = 1.0 - np.maximum(x, 0.0) / line
    return float((w * np.where(x < line, shortfall**alpha, 0.0)).sum() / w.sum())


def gini(income: ArrayLike, weight: ArrayLike = 1.0) -> float:
    """Gini coefficient of incomes from zero up.

    Parameters
    ----------
    income : array_like
        Income per head; below zero counts as zero.
    weight : array_like
        Persons whom each income stands for.

    Returns
    -------
    float
        From 0 (all alike) towards 1: twice the area between the Lorenz curve, drawn straight between incomes, and the diagonal.
    """
    x = np.maximum(np.asarray(income, dtype=np.float64), 0.0)
    w = np.broadcast_to(np.asarray(weight, dtype=np.float64), x.shape)
    order = np.argsort(x, kind="stable")
    people = np.concatenate(([0.0], np.cumsum(w[order]))) / w.sum()
    money = np.concatenate(([0.0], np.cumsum((w * x)[order]))) / (w * x).sum()
    return float(1.0 - ((money[1:] + money[:-1]) * np.diff(people)).sum())
