"""Owns: what a kind of measure is, the channels it may pay into, and how kinds are found.
Never: what one kind does (policy.measures), who holds a measure (engine.allocation) or when a hook is called (engine.measures).

A kind is one module under ``povsim.policy.measures`` that ends in ``KIND = Kind(...)``, and one file of parameter records of the
same stem under ``params/kinds``. It imports nothing but this module and rules that kinds share (policy.loans). It says what
happens in hooks, functions of ``(view, held, p, u)``:

    view   columns over the holders: the fields of ``eligible:``; the rows of the state by their names in lower case; ``year``,
           ``year_held`` (1 in a holder's first year), ``first``, ``months`` (that count this year), ``paid`` (the budget reaches
           it), ``holders`` (the number of those asked), ``eligible`` (it meets the measure's conditions now), of a household
           ``members`` (who meet its conditions on persons, and whom the kind counts); while it is given also ``over`` (one had
           it to its end), ``free_land``, ``free_hill`` and ``able_months`` of hands left; once work is done, in ``yields`` and
           ``shares``, ``market_wage`` of a person and ``market_wages`` of a household, of work found on the market;
           ``market_wages_last`` and the usual monthly ``local_wage`` at any time;
           yuan of the year's rigid expenditure that nobody has relieved yet: ``own_paid_medical_acute``,
           ``own_paid_medical_chronic``, ``own_paid_schooling`` and ``own_paid_repair`` of a household, ``bill`` (of a serious
           illness or an accident) and ``chronic_bill`` of a person; of a village ``pot`` (what it shares out, yuan) and, in
           ``yields``, ``posts_paid`` (what of it posts have taken): all villages hold a measure while it runs, and have from its
           start on, so that ``year_held``, ``first`` and ``months`` count from there
    held   the kind's own columns over the same holders, and its common numbers
    p      the measure's parameters in this year
    u      the kind's draws: those of the year and those shared, in ``begins`` those that last

and answer with a mapping of channels and own columns to new values (a number holds for all). Rules are small functions in
expressions (``where``, ``minimum``, ``exp``), so that one text runs on a number in a test and on a column in the engine.
What a hook sees is numbers (float64, counts and codes too) and conditions; what chooses (``fits``, ``members``, ``adopts``,
``keeps``) answers with a condition. Asked twice the same, it answers the same.
"""

from __future__ import annotations

import difflib
import dis
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from types import CodeType
from typing import Any, Final

import numpy as np

from povsim.core.elementary import clip, exp, floor, log, maximum, minimum, sqrt, where
from povsim.core.errors import RuleError
from povsim.core.params import register_kind_records
from povsim.core.params.shell import MEASURE_KEYS, QUOTA_UNITS
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
    "converted": "mu of farmland turned into hill land, for good; no more than there is",
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
# Yuan a year and holder: the books of a million holders then add up within 64 bits, in fen.
MOST_YUAN: Final = 1e10
MOST_AT_ONCE: Final = 1e13  # yuan of one sum for all holders
MOST_THINGS: Final = 1e6  # mu, months, jobs of a holder
MOST_TIMES: Final = 1e3  # of a factor
MOST_SHARED: Final = 10_000  # of what holders share and is several (firms): a draw each
_CHANCE: Final = ("random", "_random", "secrets", "uuid", "time")  # modules whose answers are others each time
_CLOCKS: Final = ("now", "today", "utcnow", "urandom", "datetime64")  # likewise what others have of that name
_HAVE_CLOCKS: Final = ("datetime", "numpy", "pandas", "os", "posix", "nt")
_ONCE: Final = ("building", "running", "owned_proceeds")  # one sum for all
_FLAGS: Final = (
    "aided", "skilled", "house_unfit", "house_safe", "water_safe", "house_coming", "water_coming", "school_safe", "insured_all",
    "enterprise_failed", "term_ended",
)  # fmt: skip
_MONEY: Final = (  # income items, and `overhead`, can be less than nought: an insurer may pay out more than it was paid
    "post_wage", "post_income", "wages_paid", "from_village", "within", "grant", "in_kind", "proceeds", "repaid", "debt_service",
    "credited",
)  # fmt: skip
BOUNDS: Final[dict[str, tuple[float, float]]] = {
    **dict.fromkeys((*(item.name for item in ITEMS), "overhead"), (-MOST_YUAN, MOST_YUAN)),
    **{name: (-0.004, MOST_YUAN) for name in (*_MONEY, *(f"relief_{name}" for name in EXPENSES))},  # what rounding allows
    **dict.fromkeys(_ONCE, (-0.004, MOST_AT_ONCE)),
    **dict.fromkeys(("budget", "post_fund"), (-0.009, MOST_YUAN)),  # below a fen
    **dict.fromkeys(("land", "hill", "converted", "labour", "jobs"), (-1e-6, MOST_THINGS)),
    **dict.fromkeys(("finding", "wages", "onset"), (0.0, MOST_TIMES)),
    **dict.fromkeys(("premium", *_FLAGS), (0.0, 1.000001)),
    "post_at": (float(min(Work)), float(max(Work))),
    "post_months": (-1e-6, 12.000001),
}
WHOLE: Final = ("post_at",)  # a code
BEFORE: Final = (  # what `helps` says, before work and income
    "finding", "wages", "post_wage", "post_at", "post_months", "land", "hill", "labour", "onset", "premium", "converted", "aided",
    "skilled", "house_unfit", "house_coming", "water_coming", "house_safe", "water_safe", "school_safe", "insured_all",
    "post_fund",
)  # fmt: skip
PERSONAL: Final = ("post_wage", "post_at", "post_months", "aided", "skilled")
_ITEM_NAMES: Final = tuple(item.name for item in ITEMS)
_SAYS: Final[dict[str, tuple[str, ...]]] = {
    "begins": (),
    "costs": ("budget", "post_fund"),
    "helps": BEFORE,
    "yields": tuple(name for name in CHANNELS if name not in BEFORE or name == "labour"),
    "shares": _ITEM_NAMES,
}
_OF_VILLAGES: Final = {"helps": ("post_fund",), "yields": _ITEM_NAMES, "shares": _ITEM_NAMES}  # who holds nothing but money
_KEEPS: Final = ("begins", "helps", "yields")  # whose answers own columns and common numbers may be
_TOGETHER: Final = ("post_wage", "post_at", "post_months")
# What each hook takes, in order: view, held, p, u.
TAKES: Final = {
    "fits": "vp", "adopts": "vp", "costs": "vp", "shares": "vp", "begins": "vhpu", "keeps": "vhpu", "helps": "vhpu",
    "yields": "vhpu", "members": "vp",
}  # fmt: skip
LATE: Final = ("yields", "shares")  # asked once work is done
ONCE_WORKED: Final = ("market_wage", "market_wages", "post_pay")  # what they alone may ask for
CHOICES: Final = ("fits", "members", "adopts", "keeps")  # hooks that answer with a condition
_ASKED: Final = {  # of whom: of others a hook would be asked nothing
    "household": ("fits", "members", "adopts", "begins", "keeps", "costs", "helps", "yields"),
    "person": ("fits", "adopts", "begins", "keeps", "costs", "helps", "yields"),
    "village": ("helps", "yields", "shares"),
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
    refills : (p) -> bool
        Whether places that fall free go to others in a year of these parameters; left out, they always do. Asked of the plan,
        before a run: of a year in which they do not, nobody is said to have been refused.
    compensates : bool
        A fund of its own (风险补偿金) pays lenders for what falls overdue: public money, none of the budget.
    anew : bool
        What is given is for one year and asked for anew, so that nobody has it in a year that takes no new holders.
    one_village : (p) -> bool
        Whether what is built serves one village, so that a measure's conditions must name one and no more.
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
    compensates: bool = False
    anew: bool = False
    refills: Callable[[Any], Any] | None = None
    one_village: Callable[[Any], Any] | None = None

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
        wrong = [*_wrong_columns(self), *_wrong_draws(self), *_wrong_words(self), *_wrong_hooks(self)]
        if wrong:
            raise RuleError(f"kind {self.name}: " + "; ".join(wrong))

    @property
    def parameters(self) -> dict[str, tuple[str, bool]]:
        """The parameters that it names: where it does so, to their names and whether each is a word."""
        named: dict[str, tuple[str, bool]] = {f"sizes.{unit}": (parameter, False) for unit, parameter in self.sizes.items()}
        for name, one in self.shared.items():
            named[f"shared.{name}.by"] = one.by, True
            if one.count:
                named[f"shared.{name}.count"] = one.count, False
        return named

    def one_for_all(self, name: str) -> bool:
        """Whether an answer is one number for all holders."""
        return name in self.common or name in _ONCE

    def check(self, answer: Any, hook: str, count: int | None = None, known: Container[str] | None = None) -> None:
        """Refuse an answer of a hook that names neither a channel of that hook nor an own column, or is no number.

        Parameters
        ----------
        count : int, optional
            Holders that were asked; left out, the answers are only names.
        known : container of str, optional
            Names of the parameters, where some answer asks for one.

        Raises
        ------
        RuleError
            Naming the nearest known word.
        """
        said = f"kind {self.name}, {hook}"
        if not isinstance(answer, Mapping) or not all(isinstance(name, str) and name for name in answer):
            raise RuleError(f"{said}: a mapping of names to columns or numbers is expected")
        says = (_OF_VILLAGES if self.holder == "village" else _SAYS)[hook]
        keeps = (*self.own, *self.common) if hook in _KEEPS and (self.holder, hook) != ("village", "helps") else ()
        for name in answer:
            if name not in says and name not in keeps and (name in CHANNELS or name in self.own or name in self.common):
                words = ", ".join([*says, *keeps])
                raise RuleError(f"{said}: {name!r} is no answer of this hook; one of {words}")
            if name not in says and name not in keeps:
                raise RuleError(f"{said}: {name!r} is no channel and no own column{_near(name, [*says, *keeps, 'budget'])}")
            if name in PERSONAL and self.holder != "person":
                raise RuleError(f"{said}: {name!r} is for persons, and {self.holder}s hold this kind")
            if count is not None and not _is_number(answer[name], count):
                raise RuleError(f"{said}: {name!r} must be a number, or one for each of {count} holders")
            if count is not None and self.one_for_all(name) and np.ndim(answer[name]):
                raise RuleError(f"{said}: {name!r} is one number for all holders, not one for each")
            if count is not None and not _lies(answer[name], *self.bounds(name, hook), name in WHOLE):
                raise RuleError(f"{said}: {self.allowed(name, hook)}")
        if 0 < sum(name in answer for name in _TOGETHER) < len(_TOGETHER):
            raise RuleError(f"{said}: {', '.join(_TOGETHER)} are answered together or not at all")
        if "owned_proceeds" in answer and known is not None and "village" not in known:
            raise RuleError(f"{said}: 'owned_proceeds' goes to the village that a parameter 'village' names; there is none")

    def allowed(self, name: str, hook: str) -> str:
        """What an answer of a hook must be, in words."""
        low, high = self.bounds(name, hook)
        number = "whole number" if name in WHOLE else "number"
        there = ", and no more than the farmland there is" if name == "converted" else ""
        return f"{name!r} must be a {number} between {0.0 if -1.0 < low < 0.0 else low:g} and {high:g}{there}"  # rounding apart

    def bounds(self, name: str, hook: str) -> tuple[float, float]:
        """Between which numbers an answer of a hook lies.

        Villages pay out of what they have, which the engine looks at; their weights are not negative.
        """
        if hook == "shares":
            return 0.0, MOST
        return (-0.009, MOST) if self.holder == "village" and name in CHANNELS else BOUNDS.get(name, (-MOST, MOST))

    def condition(self, answer: Any, hook: str, count: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """The answer of a hook that chooses, as a column.

        Raises
        ------
        RuleError
            It is no condition.
        """
        column = np.asarray(answer)
        if column.dtype != np.bool_ or column.shape not in ((), (count,)):
            raise RuleError(
                f"kind {self.name}, {hook}: a condition is expected (x > 0, say), or one for each of {count} asked;"
                f" it answered {column.dtype} {list(column.shape) or ''}".rstrip()
            )
        return np.broadcast_to(column, count)


# --- what could not run ----------------------------------------------------------------------------------


def _near(word: object, known: Iterable[str]) -> str:
    """The nearest known word, to be put behind what is wrong; where none is near, all of them."""
    words = [*known]
    near = difflib.get_close_matches(word, words, 1) if isinstance(word, str) else []
    return f"; nearest: {near[0]}" if near else f"; one of {', '.join(words)}" if words else ""


def _is_name(word: object) -> bool:
    """Whether a hook could ask for it by name."""
    return isinstance(word, str) and word.isidentifier() and not word.startswith("_")


def _wrong_columns(kind: Kind) -> Iterator[str]:
    if not isinstance(kind.name, str) or not kind.name.isidentifier():
        yield f"name {kind.name!r} (letters, digits, underscores)"
    if kind.holder not in HOLDERS:
        yield f"holder {kind.holder!r} (one of {', '.join(HOLDERS)})"
    for what in ("own", "common"):
        columns = getattr(kind, what)
        if not isinstance(columns, Mapping):
            yield f"{what} {columns!r} is no mapping of names to first values"
            continue
        for name, first in columns.items():
            if not _is_name(name):
                yield f"{what} column {name!r} is no name"
            elif name in CHANNELS or name in RESERVED:
                yield f"{what} column {name!r} is taken"
            if isinstance(first, bool) or not isinstance(first, (int, float)) or not abs(first) < MOST:
                yield f"{what} column {name!r} begins at {first!r}, no number"
    if isinstance(kind.own, Mapping) and isinstance(kind.common, Mapping):
        yield from (f"{name!r} is both own and common" for name in kind.own if name in kind.common)


def _wrong_draws(kind: Kind) -> Iterator[str]:
    numbers: list[tuple[Any, Any]] = []
    per_holder: list[Any] = []
    for what in ("draws", "lasting", "shared"):
        drawn = getattr(kind, what)
        if not isinstance(drawn, Mapping):
            yield f"{what} {drawn!r} is no mapping of names to {'Shared(...)' if what == 'shared' else 'numbers'}"
            continue
        for name, one in drawn.items():
            if what == "shared" and not isinstance(one, Shared):
                yield f"shared draw {name!r} is {one!r}, no Shared(number, by)"
                continue
            number = one.number if what == "shared" else one
            numbers.append((name, number))
            per_holder += [] if what == "shared" else [number]
            if what == "shared" and any(isinstance(of, Mapping) and name in of for of in (kind.draws, kind.lasting)):
                yield f"draw {name!r} is both shared and of a holder"
            if what == "shared" and not (isinstance(one.by, str) and one.by and isinstance(one.count, str)):
                yield f"shared draw {name!r}: by and count are names of parameters"
    for name, number in numbers:
        normal = isinstance(name, str) and name.endswith("_z")
        if not _is_name(name):
            yield f"draw {name!r} is no name"
        elif type(number) is not int or number not in (range(FIRST_NORMAL, 512) if normal else range(400, FIRST_NORMAL)):
            yield f"draw {name!r} has number {number!r}; {'normals (_z) 464-511' if normal else 'uniforms 400-463'}"
    whole = [number for number in per_holder if type(number) is int]
    if len(set(whole)) < len(whole):
        yield "two draws of a holder have one number"


def _wrong_words(kind: Kind) -> Iterator[str]:
    frame = [*MEASURE_KEYS, "start.year", "start.month", *(f"quota.{unit}" for unit in (*QUOTA_UNITS, "per"))]
    for what, words, known in (("pays", "income item", _ITEM_NAMES), ("unused", "word of a measure's frame", frame)):
        given = getattr(kind, what)
        if isinstance(given, str) or not isinstance(given, Iterable):
            yield f"{what} {given!r} is no tuple of words, each a {words}"
        else:
            yield from (f"{word!r} in {what} is no {words}{_near(word, known)}" for word in given if word not in known)
    if not isinstance(kind.sizes, Mapping):
        yield f"sizes {kind.sizes!r} is no mapping of units of a quota to parameters"
    else:
        for unit, parameter in kind.sizes.items():
            if unit not in QUOTA_UNITS:
                yield f"{unit!r} in sizes is no unit of a quota{_near(unit, QUOTA_UNITS)}"
            if not isinstance(parameter, str):
                yield f"{parameter!r} in sizes is no name of a parameter"
    if not isinstance(kind.route, Route):
        yield f"route {kind.route!r} is no Route{_near(str(kind.route).upper(), [one.name for one in Route])}"
    for name in ("stays", "single", "apart", "delivers", "by_right"):
        if not isinstance(getattr(kind, name), (bool, np.bool_)):
            yield f"{name} {getattr(kind, name)!r} is neither True nor False"


def _wrong_hooks(kind: Kind) -> Iterator[str]:
    words = {"v": "view", "h": "held", "p": "p", "u": "u"}
    for hook, takes in TAKES.items():
        func = getattr(kind, hook)
        if func is None:
            continue
        signature = f"({', '.join(words[one] for one in takes)})"
        if not callable(func):
            yield f"{hook} {func!r} is no function of {signature}"
            continue
        if kind.holder in _ASKED and hook not in _ASKED[kind.holder]:
            yield f"{hook} is never asked of {kind.holder}s"
        if not str(getattr(func, "__module__", "")).startswith("povsim."):  # what ships is looked at once, by its test
            yield from _not_of_columns(hook, func)
        try:
            inspect.signature(func).bind(*takes)
        except TypeError:
            yield f"{hook} is no function of {signature}"
        except ValueError:  # a function of C says nothing of itself
            pass
    if kind.holder == "village" and (kind.yields is None) != (kind.shares is None):
        yield "villages pay by yields and shares, one does nothing without the other"


def _not_of_columns(hook: str, func: Any) -> Iterator[str]:
    """What of an answer hangs on something else than what a hook is given."""
    if taken := chance_of_its_own(func):
        yield f"{hook} takes chance of its own ({taken}); chance is for the kind's draws"
    if kept := _kept_outside(func):
        yield f"{hook} keeps something outside itself ({kept}); what is to be remembered stands in own columns"


def chance_of_its_own(func: Any) -> str:
    """What of a function, or of those that it calls, is another each time: by which module it comes; empty if there is none."""
    for one in _functions(func, set()):
        for path, root in looked_up(one):
            if not set(path).isdisjoint(_CLOCKS) and _home(root).partition(".")[0] in _HAVE_CLOCKS:
                return ".".join(path)
            for home in map(_home, _along(path, root)):
                if home.partition(".")[0] in _CHANCE or home.startswith("numpy.random"):
                    return home
    return ""


def _kept_outside(func: Any) -> str:
    """The variable outside itself that a function, or one that it calls, sets anew; empty if there is none."""
    for one in _functions(func, set()):
        for step in _steps(one.__code__):
            mine = step.argval in one.__code__.co_freevars
            if step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") or (step.opname in ("STORE_DEREF", "DELETE_DEREF") and mine):
                return str(step.argval)
    return ""


def _functions(func: Any, seen: set[int]) -> Iterator[Any]:
    """A function and all that it calls by name, each once."""
    if getattr(func, "__code__", None) is None or id(func) in seen:
        return
    seen.add(id(func))
    yield func
    for path in looked_up(func):
        for value in _along(*path):
            if inspect.isfunction(value):
                yield from _functions(value, seen)


def _along(path: tuple[str, ...], value: Any) -> Iterator[Any]:
    """What stands along a path: the value at its root, and what modules and objects have under the names that follow."""
    yield value
    for name in path[1:]:
        of = getattr(value, "__dict__", {})
        if name not in of and not (inspect.ismodule(value) and hasattr(value, name)):
            return
        value = of[name] if name in of else getattr(value, name)
        yield value


def looked_up(func: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What a function looks up that it did not make: globals, and names of the function around it.

    Each as its path with the attributes that are asked of it (``("np", "random")``), and the value at the root of that. What is
    asked of an argument (``p.time``) has nothing to do with a global of that name.
    """
    around = dict(zip(func.__code__.co_freevars, func.__closure__ or (), strict=True))
    for path, of_module in _paths(func.__code__):
        if of_module and path[0] in func.__globals__:
            yield path, func.__globals__[path[0]]
        elif not of_module and path[0] in around:
            yield path, around[path[0]].cell_contents


@cache  # many hooks ask the same rules
def _paths(code: CodeType) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Paths that begin with a global (True) or with a variable of a function around; nested functions included."""
    path: tuple[str, ...] = ()
    of_module, found = False, []
    for step in _steps(code):
        if path and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            path = (*path, step.argval)
            continue
        if path:
            found.append((path, of_module))
        of_module = step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
        path = (step.argval,) if of_module or (step.opname.startswith("LOAD_") and "DEREF" in step.opname) else ()
    return tuple(dict.fromkeys(found))


@cache
def _steps(code: CodeType) -> tuple[dis.Instruction, ...]:
    """The instructions of a function, then those of the functions within it."""
    mine = (step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG")
    inner = (step for one in code.co_consts if isinstance(one, CodeType) for step in _steps(one))
    return (*mine, *inner)


def names_in(code: CodeType) -> Iterator[str]:
    """Names that a function looks up, as globals or as attributes, nested functions included."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner)


def _home(value: Any) -> str:
    """The module that a value is or comes of; of a method, that of its object."""
    if inspect.ismodule(value):
        return value.__name__
    owner = getattr(value, "__self__", None)
    if owner is not None and not inspect.ismodule(owner):
        return type(owner).__module__
    own = inspect.isroutine(value) or inspect.isclass(value)
    return str((value if own else type(value)).__module__)


def _lies(value: Any, low: float, high: float, whole: bool) -> bool:
    """Whether all of an answer lies within bounds, and is whole where it must be."""
    column = np.asarray(value, np.float64)
    return bool(np.all((column >= low) & (column <= high) & (np.abs(column) < MOST) & (not whole or column == np.floor(column))))


def _is_number(value: Any, count: int) -> bool:
    """Whether an answer is a number, or one for each of so many holders; NaN and what is beyond all bounds too."""
    column = np.asarray(value)
    return column.dtype.kind in "biuf" and column.shape in ((), (count,))


def decision(name: str, number: int) -> str:
    """Name in ``core.randomness.DECISIONS`` of a kind's draw."""
    return f"kind_{number}_z" if name.endswith("_z") else f"kind_{number}"


def pick(table: Any, position: Any) -> Any:
    """Entry of a list at a position counted from 0; past its end the last one, before it the first.

    At a position that is no number it is none (NaN), a condition not met; so too of an empty list.
    """
    row, at = np.asarray(table), np.asarray(position, dtype=np.float64)
    known = (at == at) & (len(row) > 0)
    place = np.where(known, np.minimum(np.maximum(at, 0.0), len(row) - 1.0), 0.0).astype(np.int64)
    found = row[place] if len(row) else np.zeros(place.shape)
    return found & known if row.dtype == np.bool_ else where(known, found, math.nan)


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
    RuleError
        It is no kind, or one of which the engine would ask nothing.
    ParamsError
        The records are wrong, the kind names a parameter that is none of them, or its name is that of a shipped kind.
    """
    if not isinstance(kind, Kind):
        raise RuleError(f"{kind!r} is no Kind(...)")
    if kind.apart:
        raise RuleError(f"kind {kind.name}: apart, for what has a phase of the engine to itself, is the safety net's alone")
    register_kind_records(kind.name, records, kind.parameters)
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
        try:
            module = entry.load()
            kind, records = module.KIND, module.RECORDS
        except Exception as error:
            said = f"package {entry.name!r} brings no kind: {type(error).__name__}: {error}"
            raise RuleError(said) from error
        register(kind, records)
        _packaged.add(kind.name)


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


__all__ = [
    "CHANNELS", "Capacity", "Category", "Health", "Kind", "Monitoring", "Route", "Schooling", "Shared", "Stage", "Status", "Work",
    "clip", "decision", "discover", "entry", "exp", "find", "floor", "known_elsewhere", "log", "maximum", "minimum", "pick",
    "register", "shipped", "sqrt", "where",
]  # fmt: skip
