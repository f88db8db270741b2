"""Owns: place files: what a report publishes of a town, checked; its openings; its account with the gaps named.
Never: makes households (synthesis) or forces a report to add up."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from povsim.core.errors import Fault, PlaceError
from povsim.core.labels import label, language
from povsim.core.params.record import Record
from povsim.core.params.records import as_known, data_root, file_records, settle
from povsim.core.params.scenario import Values
from povsim.core.params.tree import EMPTY, Node, fault, grow, nearest, read
from povsim.core.schema import LEDGER_SIGN, Status

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Final = "povsim-place/1"
UNITS: Final = ("households", "persons")
FLOWS: Final = ("identified", "returned", "exited", "removed")

# --- what a place file holds -------------------------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(_Part):
    """Words in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if language() == "zh" else self.en


class Figure(_Part):
    """A published number with the sentence it stands in.

    Attributes
    ----------
    value : int or float
        In ``unit``.
    quote : str
        The fragment of the source that holds the number.
    source : str
        A key of the place's ``sources``.
    grade : str
        A published, B partly, C inferred (then ``note`` says how).
    """

    value: Annotated[int | float, Field(ge=0)]
    unit: Literal["households", "persons", "villages", "groups", "mu", "km2", "km", "yuan", "%", "count"] = "count"
    name: Words | None = None
    quote: str = ""
    source: str = "report"
    grade: Literal["A", "B", "C"] = "A"
    note: str = ""


def _bare(value: Any) -> Any:
    return {"value": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _years(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


AnyFigure: TypeAlias = Annotated[Figure, BeforeValidator(_bare)]  # a bare number will do


class Source(_Part):
    """A document that figures are taken from."""

    title: Words
    kind: str = "work report"
    address: str = ""


class Village(_Part):
    """A village; what is not given is spread by the synthesis."""

    name: str
    poor: bool = False
    farm_households: int | None = Field(None, ge=1)
    registered_households: int | None = Field(None, ge=0)
    pv_station: bool = False
    tourism: bool = False
    note: str = ""


class Students(_Part):
    """Students of registered households, by stage attended."""

    kindergarten: AnyFigure
    compulsory: AnyFigure
    senior: AnyFigure
    college: AnyFigure


class Margins(_Part):
    """Totals that the synthesis meets."""

    farm_households: AnyFigure
    farm_persons: AnyFigure
    farmland: AnyFigure | None = None
    hill_land: AnyFigure | None = None
    students: Students | None = None
    pv_households: AnyFigure | None = None
    relocation_households: AnyFigure | None = None
    relocation_persons: AnyFigure | None = None
    resettled_persons: AnyFigure | None = None


class Entry(_Part):
    """One line of the published registry account.

    Attributes
    ----------
    year : int
        The income year whose account it belongs to; ``year_inferred`` where the report does not say.
    flow : str
        ``stock`` at the end of the year, or a flow of that year.
    redacted : str
        What the report shows in place of a number that was blotted out.
    rate : float
        Published incidence, % (stocks only).
    """

    year: int = Field(ge=2000, le=2100)
    flow: Literal["stock", "identified", "returned", "exited", "removed"]
    households: int | None = Field(None, ge=0)
    persons: int | None = Field(None, ge=0)
    redacted: str = ""
    rate: float | None = Field(None, ge=0, le=100)
    year_inferred: bool = False
    quote: str = ""
    source: str = "report"
    grade: Literal["A", "B", "C"] = "A"
    note: str = ""


class Plan(_Part):
    """What the place planned: persons to leave by year, and by route."""

    targets: Annotated[dict[int, AnyFigure], BeforeValidator(_years)]
    routes: dict[str, AnyFigure] = {}
    finish_year: int = 2020


class Check(_Part):
    """A sum that the report should keep: a figure and the figures it is made of, by dotted path."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Cohort:
    """Registered households of one history at an opening, with exact counts."""

    name: str
    status: Status
    households: int
    persons: int
    year_identified: int
    year_exited: int = 0
    year_returned: int = 0

    @property
    def in_stock(self) -> bool:
        """Whether they belong to the registered poor."""
        return self.status in (Status.POOR, Status.RETURNED)


@dataclass(frozen=True)
class Opening:
    """What is known at the end of a year.

    Attributes
    ----------
    households, persons : int
        Registered poor. ``implied`` says whether one of them was worked out backwards.
    cohorts : tuple of Cohort
        The registered, by history; those of the stock sum to it, those who left to the reported exits.
    """

    year: int
    households: int
    persons: int
    implied: bool
    cohorts: tuple[Cohort, ...]


class Place(_Part):
    """A town as its report shows it; see docs/places."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    schema_: Literal["povsim-place/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Words
    township: str
    note: str = ""
    sources: dict[str, Source] = {}
    villages: tuple[Village, ...] = Field(min_length=1)
    margins: Margins
    registry: tuple[Entry, ...]
    plan: Plan | None = None
    figures: dict[str, AnyFigure] = {}
    checks: tuple[Check, ...] = ()
    assumptions: dict[str, Any] = {}
    _node: Node = PrivateAttr(EMPTY)

    def fault(self, path: str, expected: str, mend: str = "") -> Fault:
        """A fault at a dotted path of the place's file."""
        return fault(_at(self._node, path.split(".")), path, expected, mend)

    @property
    def openings(self) -> tuple[int, ...]:
        """Years at whose end the stock is known, in order."""
        return tuple(sorted(e.year for e in self.registry if e.flow == "stock"))

    @property
    def peopled(self) -> tuple[int, ...]:
        """The openings at which somebody is registered poor: a run can start from these."""
        return tuple(year for year in self.openings if all(self._stock(year, unit) for unit in UNITS))

    @property
    def as_of(self) -> int:
        """The last opening: up to it figures are shown, after it they are projected."""
        return self.openings[-1]

    def opening(self, year: int | None = None) -> Opening:
        """What is known at the end of a year (by default the as-of year).

        Those still poor carry the first opening as year of identification, or this year where the report shows them
        entering in it. Those who left keep the persons they had at exit, since no natural change is published for
        them; those who came back are taken out of the earlier exit cohorts in proportion.

        Raises
        ------
        PlaceError
            The year is not an opening.
        """
        year = self.as_of if year is None else year
        if year not in self.openings:
            known = ", ".join(str(y) for y in self.openings)
            raise PlaceError(
                faults=[
                    Fault(self.id, key="opening", value=str(year), expected=label("place_no_opening", year=year, years=known))
                ]
            )
        households, persons = (self._stock(year, unit) for unit in UNITS)
        if not households or not persons:
            raise PlaceError(faults=[Fault(self.id, key="opening", value=str(year), expected=label("place_nobody"))])
        first = self.openings[0]
        returned, new = self._sum("returned", year), self._sum("identified", year)
        exits = {y: self._sum("exited", y) for y in range(first + 1, year + 1)}
        back = _spread(returned, {y: c for y, c in exits.items() if y < year and c[0]})
        if first == year:
            new, back = (0, 0), {}
        cohorts = [Cohort("poor", Status.POOR, households, persons, first)]
        if new[0]:
            cohorts.append(Cohort(f"new_{year}", Status.POOR, *new, year))
        for y, counts in back.items():
            cohorts.append(Cohort(f"returned_{y}", Status.RETURNED, *counts, first, y, year))
        base = cohorts[0]
        rest = (base.households - sum(c.households for c in cohorts[1:]), base.persons - sum(c.persons for c in cohorts[1:]))
        cohorts[0] = Cohort("poor", Status.POOR, *rest, first)
        for y, counts in exits.items():
            gone = back.get(y, (0, 0))
            if counts[0]:
                cohorts.append(Cohort(f"exited_{y}", Status.EXITED, counts[0] - gone[0], counts[1] - gone[1], first, y))
        return Opening(year, households, persons, self._entry(year).redacted != "", tuple(c for c in cohorts if c.households))

    def reported(self, flow: str, years: Collection[int], unit: str) -> int | None:
        """What the registry account reports of a flow, its lines of the years together.

        Parameters
        ----------
        flow : str
            One of ``Entry.flow``.
        years : collection of int
            Income years whose lines are added up.
        unit : str
            ``households`` or ``persons``.

        Returns
        -------
        int or None
            None where no line has a number: none was reported, or it is blotted out.
        """
        counts = [getattr(e, unit) for e in self.registry if e.flow == flow and e.year in years]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def _entry(self, year: int) -> Entry:
        return next(e for e in self.registry if e.flow == "stock" and e.year == year)

    def _sum(self, flow: str, year: int) -> tuple[int, int]:
        return self.reported(flow, (year,), "households") or 0, self.reported(flow, (year,), "persons") or 0

    def _stock(self, year: int, unit: str) -> int:
        """A stock as published, or worked out backwards from the next one."""
        value: int | None = getattr(self._entry(year), unit)
        if value is not None:
            return value
        following = next(y for y in self.openings if y > year)
        return self._stock(following, unit) - sum(_signed(e, unit) for e in self.registry if year < e.year <= following)

    def figure(self, path: str) -> Figure:
        """The figure at a dotted path, as ``margins.students.college`` or ``plan.targets.2016``.

        Raises
        ------
        KeyError
            There is none.
        """
        here: Any = self
        for part in path.split("."):
            if isinstance(here, Mapping):
                here = here[int(part) if part.isdigit() else part]
            elif part.isidentifier() and part in type(here).model_fields:
                here = getattr(here, part)
            else:
                raise KeyError(path)
        if not isinstance(here, Figure):
            raise KeyError(path)
        return here

    def assumed(self, year: int) -> Values:
        """Assumptions of the synthesis in a year: data/synthesis.yaml under those of the place."""
        over = grow(self.assumptions)
        records, _ = assumption_records()
        return Values("assumptions", {n: _ready(settle(r, over.items.get(n), n, []).at(year)) for n, r in records.items()})


def _ready(value: Any) -> Any:
    return np.array(value, dtype=np.float64) if isinstance(value, tuple) else value


def _spread(total: tuple[int, int], over: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Households and persons who came back, by year of exit, in proportion to the cohorts; the last year takes the rest."""
    if not total[0] or not over:
        return {}
    base = sum(c[0] for c in over.values())
    parts: dict[int, tuple[int, int]] = {}
    left = total
    for i, (year, counts) in enumerate(over.items()):
        last = i == len(over) - 1
        households = left[0] if last else round(total[0] * counts[0] / base)
        persons = left[1] if last else round(total[1] * households / total[0])
        left = (left[0] - households, left[1] - persons)
        if households:
            parts[year] = (households, persons)
    return parts


def _signed(entry: Entry, unit: str) -> int:
    return LEDGER_SIGN[entry.flow] * (getattr(entry, unit) or 0) if entry.flow in FLOWS else 0


# --- accounts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountRow:
    """The account between two stocks in one unit; ``gap`` is left unexplained; ``reported`` is None where it is blotted out."""

    start: int
    end: int
    unit: str
    opening: int
    identified: int
    returned: int
    exited: int
    removed: int
    expected: int
    reported: int | None
    closing: int
    gap: int
    name: str


@dataclass(frozen=True)
class SumRow:
    """A published total or rate beside what its parts give."""

    name: str
    reported: float
    computed: float
    unit: str

    @property
    def gap(self) -> float:
        """Reported less computed."""
        return self.reported - self.computed


@dataclass(frozen=True)
class Reconciliation:
    """The published figures as an account: every gap has a name, none is closed by force."""

    place: str
    account: tuple[AccountRow, ...]
    sums: tuple[SumRow, ...]

    def account_table(self) -> pd.DataFrame:
        """The account as a DataFrame."""
        import pandas as pd

        return pd.DataFrame([vars(row) for row in self.account])

    def sums_table(self) -> pd.DataFrame:
        """Sums and rates as a DataFrame."""
        import pandas as pd

        return pd.DataFrame([{**vars(row), "gap": row.gap} for row in self.sums])

    def cumulative(self, unit: str) -> int:
        """What all gaps of a unit come to."""
        return sum(row.gap for row in self.account if row.unit == unit)


def reconcile(place: Place) -> Reconciliation:
    """Lay the published stocks and flows beside each other.

    A stock that the report blots out is worked out backwards from the next one, so that its whole gap falls into the
    earlier interval. Rates are compared with persons over the farm population.
    """
    rows = []
    for start, end in zip(place.openings[:-1], place.openings[1:], strict=True):
        for unit in UNITS:
            flows = {flow: place.reported(flow, range(start + 1, end + 1), unit) or 0 for flow in FLOWS}
            opening, closing = place._stock(start, unit), place._stock(end, unit)
            expected = opening + sum(LEDGER_SIGN[flow] * count for flow, count in flows.items())
            reported: int | None = getattr(place._entry(end), unit)
            name = label("place_gap", start=start, end=end)
            if reported is None:
                name = f"{name}（{label('place_implied')}）"
            rows.append(
                AccountRow(
                    start,
                    end,
                    unit,
                    opening,
                    **flows,
                    expected=expected,
                    reported=reported,
                    closing=closing,
                    gap=closing - expected,
                    name=name,
                )
            )
    sums = []
    for check in place.checks:
        total = place.figure(check.total)
        sums.append(SumRow(check.total, total.value, sum(place.figure(part).value for part in check.parts), total.unit))
    farm = place.margins.farm_persons.value
    for entry in place.registry:
        if entry.rate is not None and entry.persons is not None:
            sums.append(SumRow(f"rate.{entry.year}", entry.rate, 100 * entry.persons / farm, "%"))
    return Reconciliation(place.id, tuple(rows), tuple(sums))


# --- reading -----------------------------------------------------------------------------------------------


def place_names() -> tuple[str, ...]:
    """Ids of the places that ship with the package, sorted."""
    return tuple(sorted(p.stem for p in _folder().glob("*.yaml") if p.stem != "template"))


def load_place(place: str | Path) -> Place:
    """Read a place file.

    Parameters
    ----------
    place : str or path
        Id of a shipped place, or a path to a file.

    Raises
    ------
    PlaceError
        With every fault of the file: line, column, what was expected, how to mend it.
    """
    path = Path(place)
    if isinstance(place, str) and path.suffix not in (".yaml", ".yml"):
        path = _folder() / f"{place}.yaml"
        if not path.is_file():
            names = place_names()
            near = nearest(str(place), names)
            expected = label("place_unknown", name=place, names=", ".join(names))
            raise PlaceError(
                faults=[Fault(key=str(place), expected=expected, mend=label("pop_nearest", near=near) if near else "")]
            )
    node, faults = read(path.resolve(), as_known(path.resolve()), "place")
    if not node.items:  # nothing could be read: what is missing from it would be noise
        top = Fault(as_known(path.resolve()), expected=label("place_top"), mend=label("place_top_mend"))
        raise PlaceError(label("place_faults", count=1), faults or [top])
    found = list(faults)
    model: Place | None = None
    try:
        model = Place.model_validate(node.plain)
    except ValidationError as error:
        # What follows from a value that could not be read is not told again.
        unread = {(f.line, f.column) for f in faults}
        told = [_told(node, detail) for detail in error.errors()]
        found += [f for f in told if (f.line, f.column) not in unread]
    if model is not None:
        model._node = node
        found += _meaning(model, node)
    if found or model is None:
        raise PlaceError(label("place_faults", count=len(found)), found)
    return model


def is_place(path: Path) -> bool:
    """Whether a file is one of a place: it stands among the places, or has what only a place file has."""
    if path.resolve().parent == _folder().resolve():
        return True
    keys = read(path.resolve(), str(path), "place")[0].items
    stated = keys["schema"].value if "schema" in keys else ""
    return str(stated).startswith("povsim-place") or {"margins", "registry"} <= keys.keys()


def assumption_records() -> tuple[dict[str, Record], tuple[Fault, ...]]:
    """The records of data/synthesis.yaml, which a place file may override under ``assumptions``; and their faults."""
    return file_records(data_root() / "data" / "synthesis.yaml")


def _folder() -> Path:
    return data_root() / "data" / "places"


def _at(node: Node, path: Iterable[str | int]) -> Node:
    """The deepest node on a path that is there."""
    for part in path:
        below: Mapping[Any, Node] = dict(enumerate(node.value)) if isinstance(node.value, tuple) else node.items
        node = below.get(part, node)
    return node


_WHAT: Final = {
    "int": "place_whole", "float": "place_number", "string": "place_text", "bool": "place_truth", "dict": "place_mapping",
    "model": "place_mapping", "tuple": "place_list",
}  # fmt: skip


_BOUND: Final = {
    "greater_than_equal": "place_least", "less_than_equal": "place_most", "too_short": "place_one_at_least",
    "string_pattern_mismatch": "place_id",
}  # fmt: skip


def _told(node: Node, detail: Any) -> Fault:
    """A fault in our words from one of pydantic's."""
    # Unions and validators put words of their own into the path; what is not in the file is left out.
    loc = [part for part in detail["loc"] if part not in ("[key]", "int", "float")]
    path = ".".join(str(part) for part in loc)
    kind, context = str(detail["type"]), detail.get("ctx", {})
    if kind == "extra_forbidden":
        names = _names(loc[:-1])
        near = nearest(loc[-1], names)
        mend = label("pop_nearest", near=near) if near else label("place_one_of", names=", ".join(names))
        return fault(_at(node, loc), path, label("place_unknown_key"), mend, value="", key=True)
    if kind == "missing":
        return fault(_at(node, loc[:-1]), path, label("place_missing"), value="")
    if kind == "literal_error":
        allowed = ", ".join(re.findall("'([^']*)'", context.get("expected", "")))
        return fault(_at(node, loc), path, label("place_one_of", names=allowed))
    if context.get("class_name") == "Figure":
        return fault(_at(node, loc), path, label("place_type", what=label("place_figure")))
    head = kind.split("_")[0]
    if head in _WHAT and kind.endswith(("_type", "_from_float", "_parsing")):
        known = ", ".join(_names(loc)) if _WHAT[head] == "place_mapping" else ""
        mend = label("place_one_of_names", names=known) if known else ""
        return fault(_at(node, loc), path, label("place_type", what=label(_WHAT[head])), mend)
    if kind in _BOUND:
        return fault(_at(node, loc), path, label(_BOUND[kind], **{k: v for k, v in context.items() if k in ("ge", "le")}))
    return fault(_at(node, loc), path, label("place_bound"))


def _names(loc: Iterable[str | int]) -> list[str]:
    """The keys allowed at a path of the file."""
    here: Any = Place
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {f.alias or n: f.annotation for n, f in here.model_fields.items()}
            here = fields.get(str(part))
            continue
        here = _inner(here)
    here = here if isinstance(here, type) and issubclass(here, BaseModel) else _inner(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [f.alias or n for n, f in here.model_fields.items()]
    return []


def _inner(annotation: Any) -> Any:
    """The part class inside an annotation like ``tuple[Village, ...]`` or ``dict[str, Figure]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner(part) for part in getattr(annotation, "__args__", ()))
    return next((part for part in found if part is not None), None)


_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)多?(亿|万)?")
_SCALE: Final = {"": 1, "万": 10**4, "亿": 10**8}


def _quoted(value: float, quote: str) -> bool:
    """Whether a quoted sentence holds a number (with 万 and 亿); a figure without a quote cannot be checked."""
    text = quote.replace(",", "").replace("，", " ")
    return not quote or any(abs(float(n) * _SCALE[s] - value) < 1e-6 * max(value, 1) for n, s in _NUMBER.findall(text))


def _meaning(place: Place, node: Node) -> list[Fault]:
    """Faults between values."""
    faults: list[Fault] = []

    def add(path: tuple[str | int, ...], key: str, mend: str = "", **fmt: Any) -> None:
        faults.append(fault(_at(node, path), ".".join(map(str, path)), label(key, **fmt), label(mend) if mend else ""))

    for path, figure in _figures(place):
        if figure.grade == "A" and not _quoted(figure.value, figure.quote):
            add((*path, "value"), "place_unquoted", "place_unquoted_mend")
    for i, entry in enumerate(place.registry):
        for unit in UNITS:
            count = getattr(entry, unit)
            if count is None and not entry.redacted:
                add(("registry", i), "place_redacted")
            elif count is not None and entry.grade == "A" and not _quoted(count, entry.quote):
                add(("registry", i, unit), "place_unquoted", "place_unquoted_mend")
        if entry.households is not None and entry.persons is not None and entry.persons < entry.households:
            add(("registry", i, "persons"), "place_persons_fewer")
    _units(place, add)
    _totals(place, add)
    if not faults:
        _within(place, add)
    for i, check in enumerate(place.checks):
        for name in (check.total, *check.parts):
            try:
                place.figure(name)
            except (KeyError, ValueError):
                faults.append(fault(_at(node, ("checks", i)), name, label("place_path"), value=""))
    records, _ = assumption_records()
    given = node.items.get("assumptions", EMPTY).items
    for key, item in given.items():
        if key in records:
            settle(records[str(key)], item, f"assumptions.{key}", faults)
        else:
            near = nearest(key, list(records))
            mend = label("pop_nearest", near=near) if near else ""
            faults.append(fault(item, f"assumptions.{key}", label("place_unknown_key"), mend, value="", key=True))
    return faults


def _totals(place: Place, add: Callable[..., None]) -> None:
    """Faults of totals: names used twice, more registered than there are, villages that do not sum."""
    names = [village.name for village in place.villages]
    for i, name in enumerate(names):
        if name in names[:i]:
            add(("villages", i, "name"), "place_villages")
    farm = {"households": place.margins.farm_households.value, "persons": place.margins.farm_persons.value}
    if farm["persons"] < farm["households"]:
        add(("margins", "farm_persons"), "place_persons_fewer")
    stocks = [i for i, entry in enumerate(place.registry) if entry.flow == "stock"]
    if not stocks:
        add(("registry",), "place_no_stock", "place_no_stock_mend")
    for i in stocks:
        for unit in UNITS:
            count = getattr(place.registry[i], unit)
            if count is not None and count > farm[unit]:
                add(("registry", i, unit), "place_over")
    last = max((place.registry[i].year for i in stocks), default=0)
    for i in stocks:
        if place.registry[i].redacted and place.registry[i].year == last:
            add(("registry", i), "place_redacted")
    given = [village.farm_households for village in place.villages]
    known = sum(count or 0 for count in given)
    if (None not in given and known != farm["households"]) or known > farm["households"]:
        add(("villages",), "place_village_sum", total=known, wanted=farm["households"])
    for i, village in enumerate(place.villages):
        most = village.farm_households
        if most is not None and (village.registered_households or 0) > most:
            add(("villages", i, "registered_households"), "place_more_than", name="farm_households", most=most)


# Figures that are measured in one unit alone, by the end of their path; "count" is one that says none.
_UNIT_OF: Final = {
    "farm_households": "households", "farm_persons": "persons", "farmland": "mu", "hill_land": "mu", "kindergarten": "persons",
    "compulsory": "persons", "senior": "persons", "college": "persons", "pv_households": "households",
    "relocation_households": "households", "relocation_persons": "persons", "resettled_persons": "persons", "targets": "persons",
}  # fmt: skip


def _units(place: Place, add: Callable[..., None]) -> None:
    """Faults of units: a figure in another unit than its own; parts of households or persons."""
    for path, figure in _figures(place):
        unit = next((_UNIT_OF[part] for part in map(str, path) if part in _UNIT_OF), None) if path[0] != "figures" else None
        if unit is not None and figure.unit not in (unit, "count"):
            add((*path, "unit"), "place_unit", unit=unit)
        if (unit or figure.unit) in UNITS and figure.value != int(figure.value):
            add((*path, "value"), "place_type", what=label("place_whole"))


def _within(place: Place, add: Callable[..., None]) -> None:
    """Faults of parts that are more than their whole: flows out of the registry, and what is said of the registered."""
    for start, end in zip(place.openings[:-1], place.openings[1:], strict=True):
        for unit in UNITS:
            flows = [(i, e) for i, e in enumerate(place.registry) if e.flow in FLOWS and start < e.year <= end]
            most = place._stock(start, unit) + sum(getattr(e, unit) or 0 for _, e in flows if LEDGER_SIGN[e.flow] > 0)
            left = 0
            for i, entry in flows:
                left += (getattr(entry, unit) or 0) if LEDGER_SIGN[entry.flow] < 0 else 0
                if left > most:
                    add(("registry", i, unit), "place_left_more", left=left, most=most)
                    break
    if not place.peopled:
        add(("registry",), "place_nobody", "place_no_stock_mend")
        return
    cohorts = place.opening(place.peopled[-1]).cohorts
    stock = {unit: sum(getattr(c, unit) for c in cohorts if c.in_stock) for unit in UNITS}
    registered = {unit: sum(getattr(c, unit) for c in cohorts) for unit in UNITS}
    margins = place.margins
    for name, most in (
        ("pv_households", registered["households"]),
        ("relocation_households", stock["households"]),
        ("relocation_persons", stock["persons"]),
        ("resettled_persons", registered["persons"]),
    ):
        figure = getattr(margins, name)
        if figure is not None and figure.value > most:
            add(("margins", name), "place_of_registered", most=most)
    if margins.students is not None:
        students = sum(int(getattr(margins.students, stage).value) for stage in Students.model_fields)
        if students > registered["persons"] - registered["households"]:  # somebody in each household is no student
            add(("margins", "students"), "place_students", students=students, **registered)


def _figures(place: Place) -> list[tuple[tuple[str | int, ...], Figure]]:
    """Every figure of the file with its path."""
    found: list[tuple[tuple[str | int, ...], Figure]] = []

    def walk(path: tuple[str | int, ...], part: Any) -> None:
        if isinstance(part, Figure):
            found.append((path, part))
        elif isinstance(part, BaseModel):
            for name in type(part).model_fields:
                walk((*path, name), getattr(part, name))
        elif isinstance(part, Mapping):
            for key, item in part.items():
                walk((*path, key), item)

    for name in ("margins", "plan", "figures"):
        walk((name,), getattr(place, name))
    return found
