"""Owns: whether two runs share their luck, so that they can be laid beside each other replicate by replicate.
Never: says what differs between them (indicators.differences, analysis.compare)."""

from __future__ import annotations

from typing import Any, Final

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label
from povsim.indicators.intervals import Reals
from povsim.results.results import Results

SHARED: Final = ("seed", "population", "opening", "years", "draws", "fit", "scope")


def pair(base: Results, other: Results) -> int:
    """Number of replicates that two runs have in common, each the same luck and the same draw of the parameters in both.

    A run with fewer replicates is the beginning of a longer one.

    Raises
    ------
    ResultsError
        The runs do not share seed, population, opening, years, draws, fit or scope; each that differs is named with both values.
    """
    mine, theirs = _shared(base), _shared(other)
    faults = [
        Fault(key=key, value=f"{mine[key]} | {theirs[key]}", expected=label("indicators.same", what=label(f"indicators.{key}")))
        for key in SHARED
        if mine[key] != theirs[key]
    ]
    if faults:
        raise ResultsError(label("indicators.unpaired"), faults)
    return min(base.replicates, other.replicates)


def _shared(run: Results) -> dict[str, Any]:
    mine = {key: run.manifest.get(key) for key in SHARED}
    return mine | {"years": run.years, "draws": run.draws, "fit": _fit(run)}


def _fit(run: Results) -> str:
    """The fit that draws came from, with what stood in it: a fit made anew under the old name gives other draws."""
    said = (str(run.manifest.get(key) or "") for key in ("fit", "fit_hash"))
    return " ".join(one for one in said if one)


def less(other: Reals, base: Reals) -> Reals:
    """What the other has more than the base, over the replicates that both have."""
    n = min(other.shape[1], base.shape[1])
    return other[:, :n] - base[:, :n]
