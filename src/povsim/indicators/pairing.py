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
    both = all(run.manifest.get("fit_hash") for run in (base, other))
    mine, theirs = _shared(base, both), _shared(other, both)
    faults = [
        Fault(key=key, value=f"{mine[key]} | {theirs[key]}", expected=label("indicators.same", what=label(f"indicators.{key}")))
        for key in SHARED
        if mine[key] != theirs[key]
    ]
    if faults:
        raise ResultsError(label("indicators.unpaired"), faults)
    return min(base.replicates, other.replicates)


def _shared(run: Results, with_hash: bool) -> dict[str, Any]:
    """What pairs share; a fit made anew under its old name gives other draws: its hash counts where both runs know it."""
    mine = {key: run.manifest.get(key) for key in SHARED}
    fit = [str(run.manifest.get("fit") or ""), *([str(run.manifest["fit_hash"])] if with_hash else [])]
    return mine | {"years": run.years, "draws": run.draws, "fit": " ".join(fit)}


def less(other: Reals, base: Reals) -> Reals:
    """What the other has more than the base, over the replicates that both have."""
    n = min(other.shape[1], base.shape[1])
    return other[:, :n] - base[:, :n]
