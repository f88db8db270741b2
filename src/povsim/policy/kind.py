"""Owns: what a kind of measure is, the channels it may pay into, and how kinds are found.
Never: what one kind does (policy.measures), who holds a measure (engine.allocation) or when a hook is called (engine.measures).

A kind is one module under ``povsim.policy.measures`` that ends in ``KIND = Kind(...)``, and one file of parameter records of the
same stem under ``params/kinds``. It imports nothing but this module and rules that kinds share (policy.loans). It says what
happens in hooks, functions of ``(view, held, p, u)``:

    view   columns over the holders: the fields of ``eligible:``; the rows of the state by their names in lower case; ``year``,
           ``year_held`` (1 in a holder's first year), ``first``, ``months`` (that count this year), ``paid`` (the budget reaches
           it), ``holders`` (their number), ``eligible`` (it meets the measure's conditions now), of a household ``members``
           (who meet its conditions on persons, and whom the kind counts); while it is given also ``over`` (one had it to its
           end), ``free_land``, ``free_hill`` and ``able_months`` of hands left; once work is done ``market_wage`` of a person
           and ``market_wages`` of a household, of work found on the market; ``market_wages_last`` and the usual monthly
           ``local_wage`` at any time;
           yuan of the year's rigid expenditure that nobody has relieved yet: ``own_paid_medical_acute``,
           ``own_paid_medical_chronic``, ``own_paid_schooling`` and ``own_paid_repair`` of a household, ``bill`` (of a serious
           illness or an accident) and ``chronic_bill`` of a person
    held   the kind's own columns over the same holders, and its common numbers
    p      the measure's parameters in this year
    u      the kind's draws

and answer with a mapping of channels and own columns to new values (a number holds for all). Rules are small functions in
expressions (``where``, ``minimum``, ``exp``), so that one text runs on a number in a test and on a column in the engine.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

import numpy as np

from povsim.core.elementary import clip, exp, floor, log, maximum, minimum, sqrt, where
from povsim.core.errors import RuleError
from povsim.core.params import register_kind_records
from povsim.core.schema import EXPENSES, ITEMS, Capacity, Category, Health, Monitoring, Route, Schooling, Stage, Status, Work

HOLDERS: Final = ("household", "person", "village")
FIRST_NORMAL: Final = 464  # a kind's decisions 400-463 are uniforms, 464-511 standard normals
GROUP: Final = "povsim.kinds"  # entry points of packages that bring kinds of their own

# What a hook may answer with, beside own columns. Yuan a year and holder, unless said otherwise.
CHANNELS: Final[dict[str, str]] = {
    **{item.name: "income entered in this item of the household's account" for item in ITEMS},
    **{f"relief_{name}": f"taken off the household's own-paid {name}, paid by the measure" for name in EXPENSES},
    "finding": "factor on the chance of finding work, for the months that count",
    "wages": "factor on wages, for the months that count",
    "post_wage": "yuan a month of a post held",
    "post_at": "schema.Work of the post",
    "post_months": "months of the post this year",
    "land": "mu of farmland planted",
    "hill": "mu of hill land planted",
    "onset": "factor on the chance to fall seriously ill next year, for the months that count",
    "premium": "share of next year's premium of medical insurance that is paid for the holder",
    "converted": "mu of farmland turned into hill land, for good",
    "aided": "1 keeps a student in school: the lower chance to drop out of the stage next year",
    "skilled": "1 makes an ordinary labourer a skilled one, for good",
    "house_unfit": "1 says that the present house does not count as safe",
    "house_safe": "1 supplies a safe house",
    "water_safe": "1 supplies safe water",
    "house_coming": "1 says that it will supply a safe house, and has not yet: ``view.house_coming`` of the measures that follow",
    "water_coming": "the same of safe water",
    "school_safe": "1 brings the children of compulsory age back to school",
    "insured_all": "1 has the premium of the year paid late; bills of the year stay uninsured",
    "post_fund": "money of the village's proceeds set apart for posts",
    "labour": "months of the household's hands used",
    "post_income": "wage of the post, entered by the work phase: for the record of what the measure gave",
    "wages_paid": "the part of that wage that the measure pays in cash",
    "from_village": "the part of what is paid that the village's proceeds bear",
    "within": "the part of what is paid that the usual other transfers (params/transfers) hold already: so much less of them",
    "grant": "cash that is no income",
    "in_kind": "value given in kind",
    "proceeds": "money that goes to the village",
    "owned_proceeds": "money that goes to the village that the parameter ``village`` names, in one sum, holders or not",
    "overhead": "management; left out, it is the parameter ``overhead`` times cash and value in kind",
    "building": "value in kind of what all holders share, in one sum, holders or not",
    "running": "management of what all holders share, in one sum, holders or not",
    "repaid": "money that comes back",
    "debt_service": "interest and repayment that the household bears out of its own: rigid expenditure",
    "enterprise_failed": "1 says that the firm or activity behind an income failed, should the household fall back",
    "term_ended": "1 says that an activity on borrowed money ended as agreed",
    "jobs": "1 for a job given",
    "credited": "part of the household's wages of the year that the measure brought, for the route by which it leaves",
}

MOST: Final = 1e15  # no answer is beyond it
BEFORE: Final = (  # what `helps` says, before work and income
    "finding", "wages", "post_wage", "post_at", "post_months", "land", "hill", "labour", "onset", "premium", "converted", "aided",
    "skilled", "house_unfit", "house_coming", "water_coming", "house_safe", "water_safe", "school_safe", "insured_all",
    "post_fund",
)  # fmt: skip
PERSONAL: Final = ("post_wage", "post_at", "post_months", "aided", "skilled")
_SAYS: Final[dict[str, tuple[str, ...]]] = {
    "begins": (),
    "costs": ("budget", "post_fund"),
    "helps": BEFORE,
    "yields": tuple(name for name in CHANNELS if name not in BEFORE or name == "labour"),
}

# Columns that the engine keeps for every measure.
RESERVED: Final = ("held", "columns", "since", "slot", "over", "paid", "books", "given")

Hook = Callable[[Any, Any, Any, Any], Mapping[str, Any]]
Choice = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Shared:
    """A draw that all who share a thing have in common.

    Attributes
    ----------
    number : int
        Decision, 400 to 511.
    by : str
        Parameter (a word) that names the thing, as ``product``; empty words mean the scenario's place.
    count : str
        Parameter that says how many such things there are (firms); the draw is then an array of so many. Empty: one.
    """

    number: int
    by: str
    count: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of measure.

    Attributes
    ----------
    name : str
        As in ``kind:`` of a scenario; the stem of its files.
    holder : str
        ``household``, ``person`` or ``village``.
    own : mapping of str to float
        Columns kept for each holder, with the value they have before anything is held.
    common : mapping of str to float
        Numbers kept once for all holders of a measure.
    draws : mapping of str to int
        Yearly draws of each holder: name to number, 400 to 463; names in ``_z`` are standard normals, 464 to 511.
    lasting : mapping of str to int
        Draws that hold for a whole life, for ``begins``.
    shared : mapping of str to Shared
        Draws of what holders share.
    fits : (view, p) -> bool column
        Who of the eligible could use it at all.
    members : (view, p) -> bool column over persons
        For a household: whom of those who meet the measure's conditions on persons ``view.members`` counts; left out, all.
    adopts : (view, p) -> bool column
        Who holds it already when the run opens.
    begins : Hook
        Own columns of new holders.
    keeps : (view, held, p, u) -> bool column
        Who holds on from last year; whether one who does not may have it again is for `fits` (``view.over``).
    costs : (view, p) -> {"budget": column, "post_fund": column}
        The most that a holder can cost this year, without overhead; ``view.held`` are the own columns of who is no new one.
    helps : Hook
        What is known when the measure is approved, before work and income.
    yields : Hook
        What comes of it in the year: income, costs, own columns.
    shares : (view, p) -> {item: column over households}
        For a village: the weights by which what it pays under an item is split among its households.
    pays : tuple of str
        Income items that the measure pays in cash (others are earned from the market).
    stays : bool
        What was built stays with its holder until it ends by itself, whatever the calendar of support.
    single : bool
        A household holds at most one measure of the kind.
    sizes : mapping of str to str
        Unit of a quota to the parameter that says how much one holder takes of it.
    apart : bool
        It has a phase of its own, so that nothing is allocated (the safety net).
    delivers : bool
        Holding it counts as a measure delivered to the household, without which it may not leave.
    route : schema.Route
        The route out of poverty to which it belongs.
    by_right : bool
        Due by law, on the register or not: the removed may have it and keep it.
    unused : tuple of str
        What of a measure's frame its hooks have no use for (``start.month``), beside what follows from the rest (`ignores`).
    """

    name: str
    holder: str = "household"
    own: Mapping[str, float] = field(default_factory=dict)
    common: Mapping[str, float] = field(default_factory=dict)
    draws: Mapping[str, int] = field(default_factory=dict)
    lasting: Mapping[str, int] = field(default_factory=dict)
    shared: Mapping[str, Shared] = field(default_factory=dict)
    fits: Choice | None = None
    members: Choice | None = None
    adopts: Choice | None = None
    begins: Hook | None = None
    keeps: Callable[[Any, Any, Any, Any], Any] | None = None
    costs: Choice | None = None
    helps: Hook | None = None
    yields: Hook | None = None
    shares: Choice | None = None
    pays: tuple[str, ...] = ()
    stays: bool = False
    single: bool = False
    sizes: Mapping[str, str] = field(default_factory=dict)
    apart: bool = False
    delivers: bool = True
    route: Route = Route.INDUSTRY_AND_JOBS
    by_right: bool = False
    unused: tuple[str, ...] = ()

    @property
    def ignores(self) -> tuple[str, ...]:
        """What of a measure's frame would say nothing of one of this kind, so that none may set it (simulation.matching)."""
        if self.apart or self.holder == "village":  # nobody is served in an order: a rule decides, or all villages have it
            return "eligible", "order", "quota", "budget", "take_up", "start.month", "kept_until"
        money = ("budget",) if self.costs is None else ()
        sizes = ("quota.kw",) if "kw" not in self.sizes else ()
        calendar = ("kept_until",) if self.stays and self.by_right else ()  # due to whom it was given, for good
        return *money, *sizes, *calendar, *self.unused

    def __post_init__(self) -> None:
        """Refuse what the engine could not run.

        Raises
        ------
        RuleError
            All that is wrong, at once.
        """
        numbers = [*self.draws.items(), *self.lasting.items(), *((name, one.number) for name, one in self.shared.items())]
        wrong = [f"holder {self.holder!r} (one of {', '.join(HOLDERS)})"] if self.holder not in HOLDERS else []
        wrong += [f"own column {name!r} is taken" for name in (*self.own, *self.common) if name in CHANNELS or name in RESERVED]
        wrong += [f"{name!r} is both own and common" for name in self.own if name in self.common]
        wrong += [f"{name!r} in pays is no income item" for name in self.pays if name not in _ITEM_NAMES]
        wrong += [
            f"draw {name!r} has number {number}; {'normals (_z) 464-511' if name.endswith('_z') else 'uniforms 400-463'}"
            for name, number in numbers
            if number not in (range(FIRST_NORMAL, 512) if name.endswith("_z") else range(400, FIRST_NORMAL))
        ]
        per_holder = [number for name, number in numbers if name not in self.shared]
        if len(set(per_holder)) < len(per_holder):
            wrong.append("two draws of a holder have one number")
        if wrong:
            raise RuleError(f"kind {self.name}: " + "; ".join(wrong))

    def check(self, answer: Mapping[str, Any], hook: str, count: int | None = None) -> None:
        """Refuse an answer of a hook that names neither a channel of that hook nor an own column, or is no number.

        Parameters
        ----------
        count : int, optional
            Holders that were asked; left out, the answers are only names.

        Raises
        ------
        RuleError
            Naming the nearest known word.
        """
        if not isinstance(answer, Mapping) or "" in answer:
            raise RuleError(f"kind {self.name}, {hook}: a mapping of names to columns or numbers is expected")
        for name in answer:
            if name not in CHANNELS and name not in self.own and name not in self.common and (hook, name) != ("costs", "budget"):
                near = difflib.get_close_matches(name, [*CHANNELS, *self.own, *self.common, "budget"], 1)
                raise RuleError(
                    f"kind {self.name}, {hook}: {name!r} is no channel and no own column; nearest: {near[0] if near else '-'}"
                )
            if name in CHANNELS and name not in _SAYS[hook]:
                raise RuleError(f"kind {self.name}, {hook}: {name!r} is no answer of this hook; one of {', '.join(_SAYS[hook])}")
            if name in PERSONAL and self.holder != "person":
                raise RuleError(f"kind {self.name}, {hook}: {name!r} is for persons, and {self.holder}s hold this kind")
            if count is not None and not _is_number(answer[name], count):
                raise RuleError(f"kind {self.name}, {hook}: {name!r} must be a number, or one for each of {count} holders")


def _is_number(value: Any, count: int) -> bool:
    """Whether an answer is a number, or one for each of so many holders."""
    column = np.asarray(value)
    whole = column.dtype.kind in "biuf" and column.shape in ((), (count,))
    return whole and bool(np.all(np.abs(column.astype(np.float64)) < MOST))


def decision(name: str, number: int) -> str:
    """Name in ``core.randomness.DECISIONS`` of a kind's draw."""
    return f"kind_{number}_z" if name.endswith("_z") else f"kind_{number}"


def pick(table: Any, position: Any) -> Any:
    """Entry of a list at a position counted from 0; past its end the last one, before it the first."""
    row = np.asarray(table)
    return row[np.minimum(np.maximum(np.asarray(position), 0.0), len(row) - 1.0).astype(np.int64)]


def entry(table: Mapping[str, Any], name: str) -> Any:
    """Entry of a mapping parameter, as that of a product.

    Raises
    ------
    RuleError
        There is none of that name; the nearest is named.
    """
    if name not in table:
        near = difflib.get_close_matches(name, table, 1)
        raise RuleError(f"no entry {name!r}; nearest: {near[0] if near else ', '.join(table)}")
    return table[name]


# --- finding kinds ---------------------------------------------------------------------------------------

_registered: dict[str, Kind] = {}
_packaged: set[str] = set()  # of these, the kinds that an installed package brought


def register(kind: Kind, records: Mapping[str, Any] | Any) -> Kind:
    """Make a kind of one's own known, from a notebook or a package.

    Parameters
    ----------
    kind : Kind
        The kind; one of the same name registered before is replaced, a shipped one is refused.
    records : mapping or path
        Its parameter records, written as in ``params/kinds/*.yaml``.

    Returns
    -------
    Kind
        The same, for chaining.

    Raises
    ------
    ParamsError
        The records are wrong, or the name is that of a shipped kind.
    """
    register_kind_records(kind.name, records)
    _registered[kind.name] = kind
    _packaged.discard(kind.name)
    return kind


@cache
def shipped() -> dict[str, Kind]:
    """The kinds under ``povsim.policy.measures``, by name."""
    from povsim.policy import measures

    modules = [importlib.import_module(f"{measures.__name__}.{found.name}") for found in pkgutil.iter_modules(measures.__path__)]
    return {module.KIND.name: module.KIND for module in modules}


@cache
def discover() -> None:
    """Register the kinds of installed packages: each entry point names a module with ``KIND`` and ``RECORDS``."""
    for entry in entry_points(group=GROUP):
        module = entry.load()
        register(module.KIND, module.RECORDS)
        _packaged.add(module.KIND.name)


def known_elsewhere(name: str) -> bool:
    """Whether another process finds the kind by itself: a shipped one, or one of an installed package."""
    return find(name) is shipped().get(name) or name in _packaged


def find(name: str) -> Kind:
    """The kind of a name.

    Raises
    ------
    RuleError
        There is none; the nearest is named.
    """
    discover()
    kind = shipped().get(name) or _registered.get(name)
    if kind is None:
        known = sorted({*shipped(), *_registered})
        near = difflib.get_close_matches(name, known, 1)
        raise RuleError(f"no kind {name!r}; nearest: {near[0] if near else ', '.join(known)}")
    return kind


_ITEM_NAMES: Final = frozenset(item.name for item in ITEMS)

__all__ = [
    "CHANNELS", "Capacity", "Category", "Health", "Kind", "Monitoring", "Route", "Schooling", "Shared", "Stage", "Status", "Work",
    "clip", "decision", "discover", "entry", "exp", "find", "floor", "known_elsewhere", "log", "maximum", "minimum", "pick",
    "register", "shipped", "sqrt", "where",
]  # fmt: skip
