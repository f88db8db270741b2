"""Owns: conditions on named columns, and the orders of service.
Never: reads a condition from a file (core.params) or grants anything (engine.allocation)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from povsim.core.params import Condition

Mask = NDArray[np.bool_]


def holds(op: str, column: NDArray[Any], values: Sequence[float | str]) -> Mask:
    """Whether one condition holds.

    Parameters
    ----------
    op : str
        ``in``, ``>=``, ``>``, ``<=``, ``<`` or ``between`` (both ends included).
    column : (n,)
        The field; strings for a village's name, else numbers (0 and 1 for no and yes).
    values : sequence
        What is compared with.

    Returns
    -------
    bool (n,)
    """
    if op == "in":
        return np.isin(column, np.asarray(values))
    if op == "between":
        return (column >= values[0]) & (column <= values[1])
    return np.asarray(_COMPARE[op](column, values[0]))


def meets(conditions: Sequence[Condition], of: str, column: Callable[[str], NDArray[Any]]) -> Mask | bool:
    """Whether all conditions on fields of households (or persons) hold.

    Parameters
    ----------
    conditions : sequence of Condition
        Those of a measure; conditions on the other unit are passed over.
    of : str
        ``household`` or ``person``.
    column : callable
        Field name to its column.

    Returns
    -------
    bool (n,), or True where nothing is asked
    """
    met: Mask | bool = True
    for condition in conditions:
        if condition.of == of:
            met = holds(condition.op, column(condition.field), condition.values) & met
    return met


def service(
    order: str, income_head: NDArray[Any], size: NDArray[Any], listed: NDArray[Any], since: NDArray[Any], lottery: NDArray[Any],
    line: float, identity: NDArray[Any], slot: NDArray[Any],
) -> NDArray[np.int64]:  # fmt: skip
    """The order in which candidates are served.

    Parameters
    ----------
    order : str
        ``poorest`` (income per head), ``largest_gap`` (what the household lacks to the line), ``list`` (those who are to leave
        this year, then the poorest), ``lottery`` (a keyed draw) or ``registered`` (longest on the register, then the poorest).
    income_head : (n,)
        Income per head reported last year, yuan.
    size, listed, since, lottery : (n,)
        Persons of the household; 1 on the list; year of registration (0: never, served last); draw.
    line : float
        Exit line, yuan per head.
    identity, slot : (n,)
        Identity of household and person: decide ties, so that the order of rows never shows.

    Returns
    -------
    int64 (n,)
        Positions of the candidates, first served first.
    """
    keys = {
        "poorest": (income_head,),
        "largest_gap": (-np.maximum(line - income_head, 0.0) * size, income_head),
        "list": (-listed, income_head),
        "lottery": (lottery,),
        "registered": (np.where(since > 0, since, np.iinfo(np.int64).max), income_head),
    }[order]
    return np.lexsort((slot, identity, *reversed(keys)))


_COMPARE: dict[str, Callable[[NDArray[Any], Any], Any]] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}
