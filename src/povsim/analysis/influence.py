"""Owns: what the answer rests on: how far each uncertain parameter moves it, one at a time and with the same luck.
Never: draws it (report.charts) or spreads work (analysis.points)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from povsim.analysis.points import Points, Progress, Reals
from povsim.core.errors import Fault, ParamsError, ResultsError
from povsim.core.labels import label
from povsim.core.params import part_title
from povsim.core.params.draws import open_to_draws
from povsim.core.params.record import Text
from povsim.core.params.tree import nearest
from povsim.core.params.units import UNITS
from povsim.core.schema import LEDGER
from povsim.engine.ledger import EXITS, READINGS, Book
from povsim.engine.shelf import MONEY, SPENDING
from povsim.engine.state import FEN
from povsim.indicators.intervals import LEVEL
from povsim.indicators.money import told_apart
from povsim.indicators.returns import WITHIN
from povsim.results.files import whole
from povsim.simulation.matching import settle

if TYPE_CHECKING:
    from povsim.core.params import Scenario
    from povsim.core.params.scenario import Uncertainty
    from povsim.engine.world import World
    from povsim.population.places import Place
    from povsim.population.tables import Population

ENDS: Final = ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0)  # probabilities at which a parameter is taken
SHOWN: Final = 10  # parameters kept of each outcome
STRONGEST: Final = 14  # parameters that the screen lets through
SCREEN: Final = 2  # replicates of the screen
FILE: Final = "influence.parquet"
COLUMNS: Final = (
    "item", "kind", "at_low", "at_high", "at_low_low", "at_low_high", "at_high_low", "at_high_high",
    "param_low", "param_mid", "param_high", "zh", "en", "unit", "unit_zh", "grade", "source",
)  # fmt: skip


def influence(
    population: Population,
    scenario: Scenario,
    place: Place,
    candidates: Sequence[str] | None = None,
    *,
    replicates: int = 4,
    screen: int = SCREEN,
    strongest: int = STRONGEST,
    ranges: Mapping[str, tuple[float, float, float]] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Move each uncertain parameter to the ends of its 90% range, the others held, and see how far the outcomes move.

    Registered households are simulated alone. All runs share their luck, so that a change is paired. Where no ``candidates`` are
    given, every uncertain parameter is screened with few replicates, and the strongest are looked at again with more. Strong is
    who moves some outcome far, against what all parameters together move it and against chance.

    Parameters
    ----------
    population : Population
        At the scenario's opening.
    scenario : Scenario
        Its middle is where parameters are held.
    place : Place
        Where it is simulated.
    candidates : sequence of str, optional
        Paths of the parameters to look at; the screen is left out.
    replicates : int
        Replicates under each end.
    screen, strongest : int
        Replicates of the screen, and how many parameters it lets through.
    ranges : mapping, optional
        Low end, middle and high end of parameters (values, or factors), as a fit found them, in place of their stated ranges.
    workers : int
        Processes; the result does not depend on it.
    progress : callable or None
        Called with (replicates lived, all).

    Returns
    -------
    DataFrame
        For each outcome (``kind``) the ten parameters (``item``) that move it most, strongest first. Outcomes are ``out_<year>``,
        persons who qualify in an open year of the plan before any cap; ``left``, households at the end; ``falls``, share of those
        who left on their own income whose own income falls under the line within three years; ``cost``, public yuan a year.
        ``at_low`` and ``at_high`` are the mean change with the parameter at its low and high end, each with the 90% interval of
        that mean (``_low``, ``_high``: chance alone); ``param_low, param_mid, param_high`` its values (factors on the whole, in
        ``ratio``, where the record has a factor); then name, unit, grade and source of the parameter.

    Raises
    ------
    ParamsError
        A candidate is no uncertain parameter of the scenario; the nearest is named. Also what ``settle`` raises.
    """
    middle = settle(scenario, place).replaced({"run.scope": "registered"}, layer="draw")
    known = {one.path: one for one in open_to_draws(middle)}
    span = {path: (one.at(ENDS[0]), one.mode, one.at(ENDS[1])) for path, one in known.items()} | {
        path: three for path, three in (ranges or {}).items() if path in known
    }
    middle = middle.with_draw({path: span[path][1] for path in (ranges or {}) if path in known})
    paths = list(known) if candidates is None else _known_only(candidates, known)
    outcomes, columns = _outcomes(middle, place.as_of)
    stages = (
        [(len(paths), screen), (min(strongest, len(paths)), replicates)] if candidates is None else [(len(paths), replicates)]
    )
    total = sum((2 * count + 1) * each for count, each in stages)
    done = 0

    def further(lived: int, _: int) -> None:
        if progress:
            progress(done + lived, total)

    with Points(population.registered(), middle, measured, workers) as points:
        for count, each in stages:
            lived = points.live([{}, *({path: span[path][end]} for path in paths for end in (0, 2))], each, further)[..., columns]
            done += (2 * count + 1) * each
            change = (lived[1:] - lived[0]).reshape(count, 2, each, len(outcomes))
            strength = _strength(change, lived[0])
            if (count, each) != stages[-1]:
                order = np.argsort(-strength.max(axis=1), kind="stable")[: stages[-1][0]]
                paths = [paths[i] for i in order]
    return _table([(known[path], _name(known[path], middle), span[path]) for path in paths], outcomes, change, strength)


def measured(world: World, book: Book) -> list[float]:
    """A replicate in numbers: persons who qualify in each year, households left, share that falls back, public yuan a year."""
    qualified = book.exits[:, EXITS.index("qualified_persons")]
    left = book.ledger[-1, 0, LEDGER.index("closing")]
    within = min(WITHIN, len(world.years))
    followed = [
        cohort for cohort, year in enumerate((world.scenario.run.opening, *world.years)) if year + within <= world.years[-1]
    ]
    own, fell = book.spells[followed, within - 1][:, [1, 2 + READINGS.index("before_net")]].sum(axis=0)
    return [*map(float, qualified), float(left), float(fell / own) if own else float("nan"), _public(world, book)]


def _public(world: World, book: Book) -> float:
    kinds = {measure.id: measure.kind for measure in world.scenario.measures}
    spent = pd.DataFrame(book.spending.reshape(-1, len(SPENDING)), columns=list(SPENDING)).astype(np.float64)
    spent[list(MONEY)] /= FEN
    return float(told_apart(spent.assign(measure=[*kinds] * len(world.years)), kinds)["public"].sum() / len(world.years))


def _outcomes(scenario: Scenario, as_of: int) -> tuple[list[str], list[int]]:
    """Ids of the outcomes, and where ``measured`` has them: years of the plan that were not yet reported, and the rest."""
    years = scenario.run.years
    opened = [place for place, year in enumerate(years) if year in scenario.plan.targets and year > as_of]
    names = [*(f"out_{years[place]}" for place in opened), "left", "falls", "cost"]
    return names, [*opened, *range(len(years), len(years) + 3)]


def _known_only(candidates: Sequence[str], known: Mapping[str, Uncertainty]) -> list[str]:
    faults = []
    for path in candidates:
        if path not in known:
            near = nearest(path, list(known))
            faults.append(
                Fault(key=path, expected=label("indicators.uncertain"), mend=label("params_nearest", near=near) if near else "")
            )
    if faults:
        raise ParamsError(faults=faults)
    return list(dict.fromkeys(candidates))


def _strength(change: Reals, middle: Reals) -> Reals:
    """How far each parameter moves each outcome, as a part of what all of them together and chance move it.

    Parameters
    ----------
    change : float64 (parameters, 2, replicates, outcomes)
        Paired changes at the low and the high end.
    middle : float64 (replicates, outcomes)
        The outcomes with all parameters held.
    """
    moved = np.abs(np.nan_to_num(_mean(change))).max(axis=1)
    together = np.sqrt((moved**2).sum(axis=0))
    chance = np.nan_to_num(np.nanstd(middle, axis=0)) if np.isfinite(middle).any(axis=0).all() else np.zeros(middle.shape[1])
    scale = np.maximum(together, chance)
    strength: Reals = np.divide(moved, scale, out=np.zeros_like(moved), where=scale > 0)
    return strength


def _mean(change: Reals) -> Reals:
    """Mean over the replicates that have something to measure; NaN where none has."""
    there = ~np.isnan(change)
    count = there.sum(axis=2)
    total = np.where(there, change, 0.0).sum(axis=2)
    mean: Reals = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def _bounds(values: Reals) -> tuple[float, float]:
    """Interval of a mean of replicates, by Student's t; NaN of fewer than two."""
    found = values[~np.isnan(values)]
    if len(found) < 2:
        return float("nan"), float("nan")
    half = float(student.ppf(ENDS[1], len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found)))
    return float(found.mean() - half), float(found.mean() + half)


def _name(one: Uncertainty, scenario: Scenario) -> Text:
    """Name of a parameter for people; of a kind's, or one that a measure sets itself, with the title of that before it."""
    name, (part, of, *_) = one.record.name, one.path.split(".")
    if part not in ("measures", "kinds"):
        return name
    title = scenario.measure(of).title if part == "measures" else part_title(f"kinds.{of}")
    return Text(f"{title.zh}：{name.zh}", f"{title.en}: {name.en}")


def _table(
    found: Sequence[tuple[Uncertainty, Text, tuple[float, float, float]]],
    outcomes: Sequence[str],
    change: Reals,
    strength: Reals,
) -> pd.DataFrame:
    mean, rows = _mean(change), []
    for k, outcome in enumerate(outcomes):
        for i in np.argsort(-strength[:, k], kind="stable")[:SHOWN]:
            one, name, (at_low, at_mid, at_high) = found[i]
            unit = "ratio" if one.factor else one.record.unit
            low, high = (_bounds(change[i, end, :, k]) for end in (0, 1))
            words = (name.zh, name.en, unit, UNITS[unit].zh, one.record.grade, one.record.source)
            rows.append((one.path, outcome, *mean[i, :, k], *low, *high, at_low, at_mid, at_high, *words))
    return pd.DataFrame(rows, columns=list(COLUMNS))


# --- disk -------------------------------------------------------------------------------------------------


def write_influence(table: pd.DataFrame, folder: Path | str) -> Path:
    """Write it beside the tables of a run, whole or not at all."""
    path = Path(folder) / "tables" / FILE
    with whole(path) as beside:
        table.to_parquet(beside, index=False)
    return path


def read_influence(folder: Path | str) -> pd.DataFrame | None:
    """What ``write_influence`` left beside the tables of a run; None where it left nothing.

    Raises
    ------
    ResultsError
        The file is damaged.
    """
    path = Path(folder) / "tables" / FILE
    try:
        return pd.read_parquet(path) if path.is_file() else None
    except (OSError, ValueError) as error:  # what Arrow raises of a damaged file is a ValueError
        raise ResultsError(label("results.unreadable"), [Fault(str(path), expected=label("results.intact"))]) from error
