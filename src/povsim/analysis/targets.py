"""Owns: what was reported or published that a run can be laid beside, and the same numbers of a run.
Never: runs anything (simulation) or fits (calibrate)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from povsim.core.errors import ParamsError
from povsim.core.labels import LANGUAGES, label
from povsim.core.params.record import Text
from povsim.core.params.records import data_root
from povsim.core.params.tree import read
from povsim.core.schema import LEDGER
from povsim.engine.ledger import GROUPS, INDICATORS, MONITORING, RETURNS, Book

if TYPE_CHECKING:
    from povsim.population.places import Place

FITTED, HELD_OUT, CHECKED = "fitted", "held_out", "checked"
OWN_TOLERANCE: Final = 0.05  # how far a town as modelled may lie from its own report, as a share: one standard deviation
DECILES: Final = 2.563  # log distance of the ninth from the first decile of a lognormal, in standard deviations

Numbers = Sequence[int]


@dataclass(frozen=True)
class Target:
    """One number that was reported or published.

    Attributes
    ----------
    id : str
        ``exited_households_2014``.
    name : Text
        For people.
    moment : str
        One of ``MOMENTS``: what it is of a run.
    years : tuple of int
        Income years it is of.
    value : float
        What was reported.
    unit : str
        Its unit.
    tolerance : float
        How far the truth as modelled may lie from it, in the same unit: one standard deviation; chance comes on top.
    role : str
        ``fitted``; ``held_out``: reported by the place, predicted and not fitted; ``checked``: shown beside.
    grade, source : str
        Of the figure.
    own : bool
        Of the place's own report; else of the nation, or of other places.
    """

    id: str
    name: Text
    moment: str
    years: tuple[int, ...]
    value: float
    unit: str
    tolerance: float
    role: str
    grade: str
    source: str
    own: bool = False


# --- of a run --------------------------------------------------------------------------------------------


def _of_ledger(unit: int, flow: str) -> Callable[[Book, Numbers], float]:
    return lambda book, rows: float(book.ledger[rows, unit, LEDGER.index(flow)].sum())


def _closing(unit: int) -> Callable[[Book, Numbers], float]:
    return lambda book, rows: float(book.ledger[rows[-1], unit, LEDGER.index("closing")])


def _of_registered(name: str) -> Callable[[Book, Numbers], float]:
    return lambda book, rows: float(book.indicators[rows, GROUPS.index("registered"), INDICATORS.index(name)].mean())


def _of_exited(column: Callable[[Book, Numbers], float]) -> Callable[[Book, Numbers], float]:
    def share(book: Book, rows: Numbers) -> float:
        stock = float(book.returns[rows, RETURNS.index("exited_stock_households")].sum())
        return column(book, rows) / stock if stock else float("nan")

    return share


def _spread(book: Book, rows: Numbers) -> float:
    low, high = (book.indicators[rows[-1], GROUPS.index("registered"), INDICATORS.index(p)] for p in ("p10", "p90"))
    return float(np.log(high / low) / DECILES) if low > 0 else float("nan")


def _size_left(book: Book, rows: Numbers) -> float:
    households, persons = book.ledger[rows[-1], :, LEDGER.index("closing")]
    return persons / households if households else float("nan")


def _hazard(book: Book, rows: Numbers) -> float:
    households = book.ledger[rows, 0]
    opening = float(households[:, LEDGER.index("opening")].sum())
    return float(households[:, LEDGER.index("exited")].sum()) / opening if opening else float("nan")


MOMENTS: Final[dict[str, Callable[[Book, Numbers], float]]] = {
    **{
        f"{flow}_{unit}": _of_ledger(row, flow)
        for flow in ("exited", "identified", "removed", "returned")
        for row, unit in enumerate(("households", "persons"))
    },
    "left_households": _closing(0),
    "left_persons": _closing(1),
    "left_size": _size_left,
    "left": lambda book, rows: _closing(0)(book, rows) / float(book.ledger[0, 0, LEDGER.index("opening")]),
    "hazard": _hazard,
    "mean": _of_registered("mean"),
    "in_wage_work": _of_registered("in_wage_work"),
    "on_safety_net": _of_registered("on_safety_net"),
    "spread": _spread,
    "below_line": _of_exited(lambda book, rows: float(book.returns[rows, RETURNS.index("below_line")].sum())),
    "registered_return": _of_exited(lambda book, rows: float(book.returns[rows, RETURNS.index("registered")].sum())),
    "monitored": _of_exited(lambda book, rows: float(book.monitoring[rows, MONITORING.index("unstable")].sum())),
}


def moments(targets: Sequence[Target], book: Book, years: Sequence[int]) -> np.ndarray:
    """The targets' numbers of one replicate, float64 (targets,); NaN where it does not live the years."""
    found = []
    for one in targets:
        rows = [years.index(year) for year in one.years if year in years]
        found.append(MOMENTS[one.moment](book, rows) if len(rows) == len(one.years) else float("nan"))
    return np.array(found)


# --- reported --------------------------------------------------------------------------------------------


def targets_of(place: Place, opening: int, tolerance: float = OWN_TOLERANCE) -> tuple[Target, ...]:
    """What can be laid beside a run of a place from an opening: its own reported years, then what is published elsewhere.

    The place's last reported year is held out where there is an earlier one. A stock that was worked out from later years is
    shown, not fitted, and so is a size, which says nothing that two stocks do not. Of years in which a cap let just so many
    persons leave, the persons say nothing of income; the households, so their sizes, do.
    """
    return (*_own(place, opening, tolerance), *published())


def published() -> tuple[Target, ...]:
    """National and other places' figures, ``data/reference/targets.yaml``.

    Raises
    ------
    ParamsError
        The file cannot be read; with every fault.
    """
    file = data_root() / "data" / "reference" / "targets.yaml"
    tree, faults = read(file, str(file), "default")
    if faults:
        raise ParamsError(faults=faults)
    found = []
    for id, node in tree.items.items():
        one = node.plain
        if id == "_file" or not isinstance(one, dict):
            continue
        value = float(one["value"])  # type: ignore[arg-type]
        found.append(
            Target(
                id=str(id),
                name=Text(one["name"]["zh"], one["name"]["en"]),  # type: ignore[call-overload,index]
                moment=str(one["moment"]),
                years=tuple(int(year) for year in one["years"]),  # type: ignore[union-attr,arg-type]
                value=value,
                unit=str(one["unit"]),
                tolerance=float(one["tolerance"]) * (value or 1.0),  # type: ignore[arg-type]
                role=str(one["role"]),
                grade=str(one["grade"]),
                source=str(one["source"]),
            )
        )
    return tuple(found)


def _own(place: Place, opening: int, tolerance: float) -> Iterator[Target]:
    """What the place reported of the years after an opening, those with exits; the last of them is held out."""
    years = sorted({e.year for e in place.registry if e.flow == "exited" and e.year > opening})
    if not years:
        return
    source = next(iter(place.sources.values())).title if place.sources else place.title
    last = years[-1] if len(years) > 1 else None

    def target(
        moment: str, flow: str, of: Numbers, unit: str, role: str, value: float | None = None, implied: bool = False
    ) -> Iterator[Target]:
        reported = place.reported(flow, of, unit) if value is None else value
        if reported is None:
            return
        value = float(reported)
        words = [label(f"analysis.{moment}", lang, year=of[-1]) for lang in LANGUAGES]
        if implied:
            words = [label("analysis.implied", lang, name=word) for lang, word in zip(LANGUAGES, words, strict=True)]
        own = max(tolerance * value, 1.0)
        yield Target(
            f"{moment}_{of[-1]}",
            Text(*words),
            moment,
            tuple(of),
            value,
            unit,
            own,
            role,
            "B" if implied else "A",
            source.zh,
            own=True,
        )

    since = opening
    for year in years:
        role = HELD_OUT if year == last else FITTED
        capped = CHECKED if role == FITTED else role  # persons are what the cap lets out
        yield from target("exited_households", "exited", [year], "households", role)
        yield from target("exited_persons", "exited", [year], "persons", capped)
        households, persons = (_stock(place, year, unit) for unit in ("households", "persons"))
        if persons is None and households is None:
            continue
        between = list(range(since + 1, year + 1))
        for flow in ("identified", "removed"):
            yield from target(f"{flow}_households", flow, between, "households", role)
        for unit in ("households", "persons"):
            yield from target(f"returned_{unit}", "returned", between, unit, role)
        said = place.reported("stock", [year], "households") is not None
        for unit, value, known in (("households", households, said), ("persons", persons, True)):
            yield from target(f"left_{unit}", "stock", [year], unit, role if known else CHECKED, value, implied=not known)
        if households and persons:
            ratio = persons / households
            role = role if role == HELD_OUT else CHECKED
            (size,) = target("left_size", "stock", [year], "persons", role, ratio, implied=not said)
            yield replace(size, unit="persons/household", tolerance=tolerance * ratio)
        since = year


def _stock(place: Place, year: int, unit: str) -> float | None:
    """The stock at the end of a year: as published, else as the place's opening of that year implies it."""
    said = [getattr(e, unit) for e in place.registry if (e.flow, e.year) == ("stock", year) and getattr(e, unit) is not None]
    if said:
        return float(said[0])
    return float(getattr(place.opening(year), unit)) if year in place.openings else None
