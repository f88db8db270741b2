"""Owns: what a synthetic household lives on: income per head, who works for wages, income by source to the fen.
Never: who lives in it (families) or what it earns next year (engine)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import exp, log, ppf
from povsim.core.errors import Fault, ParamsError
from povsim.core.params.building import with_rates
from povsim.core.params.record import Record
from povsim.core.params.records import group_records, kind_records, settle
from povsim.core.params.scenario import Values
from povsim.core.schema import Capacity, Category, Health, Sex, Work
from povsim.population.apportion import Floats, Ints, Mask, pick
from povsim.population.families import EXITED, GENERAL, STOCK, Luck, People

_FEN: Final = 100.0
_LEAST_MONTHS, _MOST_MONTHS = 1.0, 11.0
_MOST_WAGE = 3.0  # times the usual wage of one's kind


@dataclass(frozen=True)
class Terms:
    """Lines, standards and wages of the opening year, from params/."""

    line: float  # yuan a head: judges who is poor
    dibao: float  # yuan a head: standard
    tekun: dict[str, float]  # yuan a head: dispersed, institution
    tekun_institution: float  # share of those supported who live in one
    pension: float  # yuan a year to one who draws it
    pension_cover: float  # share of those of 60 and over
    other: float  # yuan a head: other transfers
    resettlement: float  # yuan a head of a household resettled from a reservoir
    wage_away: float  # yuan a month of one with nine years of school
    wage_local: float
    living: float  # living cost away, share of the wage
    registered: float  # wage of the registered over that of others
    schooling: Floats  # log effect on the wage, by education finished
    skilled: float  # log effect on the wage
    spread: float  # log sd of lasting wages
    hands: float  # yuan a year that weak hands add to a farm

    @classmethod
    def of(cls, year: int) -> Terms:
        """The defaults in a year."""
        lines, work, economy, transfers, farming, people = (
            _defaults(group_records(g), year) for g in ("lines", "work", "economy", "transfers", "farming", "people")
        )
        net = _defaults(kind_records("safety_net"), year)
        return cls(
            line=lines.exit_line or lines.poverty_line,
            dibao=lines.dibao_standard,
            tekun={place: ratio * lines.dibao_standard for place, ratio in net.tekun.items()},
            tekun_institution=net.tekun_institution,
            pension=12 * lines.pension_minimum * transfers.pension_paid,
            pension_cover=people.pension_cover,
            other=transfers.other_transfers,
            resettlement=transfers.resettlement,
            wage_away=economy.mean_wage * economy.wage_ratio_away,
            wage_local=economy.mean_wage * economy.wage_ratio_local,
            living=work.living_cost_away,
            registered=work.registered_wage,
            schooling=work.wage_per_school_year * (np.array(work.school_years) - 9.0),
            skilled=work.wage_skilled,
            spread=work.wage_spread,
            hands=farming.margin_labourer * farming.hands_weak,
        )


def _defaults(read: tuple[dict[str, Record], tuple[Fault, ...]], year: int) -> Values:
    """The default values of a group or kind in a year."""
    records, faults = read
    if faults:
        raise ParamsError(faults=faults)
    settings = with_rates({name: settle(record, None, name, []) for name, record in records.items()})
    return Values("defaults", {name: setting.at(year) for name, setting in settings.items()})


@dataclass(frozen=True)
class Members:
    """Counts of a household that its income goes with; int64 (households,)."""

    size: Ints
    able: Ints
    weak: Ints
    ill: Ints
    pensioners: Ints
    dispersed: Ints  # 特困 at home
    institution: Ints  # 特困 in an institution

    @classmethod
    def of(cls, people: People, pension: Mask, tekun: Ints, count: int) -> Members:
        """Counted from the persons."""

        def total(mask: NDArray[Any]) -> Ints:
            return np.bincount(people.house, mask, count).astype(np.int64)

        return cls(
            size=total(np.ones(len(people.house))),
            able=total(people.capacity >= Capacity.ORDINARY),
            weak=total(people.capacity == Capacity.WEAK),
            ill=total(people.health >= Health.SERIOUS),
            pensioners=total(pension),
            dispersed=total(tekun == 1),
            institution=total(tekun == 2),
        )


def quantile_of(z: float) -> float:
    """Standard normal distribution function, as the inverse of ``ppf`` (so that all machines agree to the bit)."""
    low, high = 2.0**-33, 1 - 2.0**-33
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ppf(middle) < z else (low, middle)
    return 0.5 * (low + high)


def income_per_head(luck: Luck, m: Members, group: Ints, terms: Terms, a: Values) -> Floats:
    """Income per head by rank: the distribution of each group is exact, its order goes with labour, health, size and chance.

    The poor are lognormal and cut off, when newly registered at the line; the exited stand above it, so far that the mean of
    all registered is the national one; of the others a share was missed, the rest are the part above the line of a lognormal
    town in which the registered and the missed are below it.

    Returns
    -------
    float64 (households,), yuan
    """
    z = ppf(luck.households("income_z"))
    x = np.zeros(len(group))
    rank = np.zeros(len(group))
    for g in (STOCK, EXITED, GENERAL):
        mine = np.flatnonzero(group == g)
        w = a.income_with
        score = (
            w["labour"] * _standard(m.able[mine] / m.size[mine])
            - w["illness"] * _standard(m.ill[mine] / m.size[mine])
            + w["size"] * _standard(log(m.size[mine].astype(np.float64)))
            + w["chance"] * z[mine]
        )
        rank[mine[np.argsort(score, kind="stable")]] = (np.arange(len(mine)) + 0.5) / max(len(mine), 1)
    stock, exited, other = (group == g for g in (STOCK, EXITED, GENERAL))
    cut = quantile_of(float(log(a.poor_most / a.poor_median)) / a.poor_spread)
    x[stock] = terms.line * a.poor_median * exp(a.poor_spread * ppf(rank[stock] * cut))

    if exited.any():
        above = exp(a.exited_spread * ppf(rank[exited]))
        persons = m.size[exited]
        wanted = (a.registered_mean * m.size[~other].sum() - (x * m.size)[stock].sum()) / persons.sum()
        floor = 1.02 * terms.line
        scale = max(wanted - floor, 0.2 * terms.line) * persons.sum() / (above * persons).sum()
        x[exited] = floor + scale * above

    if other.any():
        # By persons: the missed are the lowest of the others up to their share.
        order = np.flatnonzero(other)[np.argsort(rank[other], kind="stable")]
        reached = np.cumsum(m.size[order])
        missed = reached <= a.missed * reached[-1]
        place = (np.arange(len(order)) + 0.5) / len(order)
        part = max(float(missed.mean()), 1e-9)
        x[order[missed]] = terms.line * (0.70 + 0.29 * place[missed] / part)
        below = (m.size[stock].sum() + m.size[order[missed]].sum()) / m.size.sum()
        middle = log(terms.line) - a.rural_spread * ppf(min(max(float(below), 1e-6), 0.95))
        over = (place[~missed] - part) / (1 - part)
        x[order[~missed]] = exp(middle + a.rural_spread * np.minimum(ppf(below + (1 - below) * over), 3.0))
    return x


def _standard(values: NDArray[Any]) -> Floats:
    spread = values.std() if len(values) else 0.0
    return np.asarray((values - values.mean()) / spread if spread > 0 else np.zeros(len(values)), dtype=np.float64)


def livelihoods(
    luck: Luck,
    people: People,
    m: Members,
    group: Ints,
    category: Ints,
    land: Floats,
    resettled: Mask,
    head: Floats,
    terms: Terms,
    a: Values,
) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]]:
    """Income by source, and who works, that sum to the income per head.

    Transfers first (pension, resettlement support, 低保 or 特困, others), as far as they fit into the income; then rent; the
    rest is earned. Who works is picked by what is left to earn; months are backed out from it at the wage of the year, and
    where they would be too few or too many, the wage moves. What then remains is the operating income.

    Parameters
    ----------
    land : float64 (households,)
        Mu.
    resettled : bool (households,)
        From a reservoir.
    head : float64 (households,)
        Income per head, yuan.

    Returns
    -------
    (household columns, person columns)
        Yuan to the fen; ``income_wage`` is the sum of ``wage_month`` x ``months``, less the living cost of those away, each to
        the fen.
    """
    total = np.rint(head * m.size * _FEN)
    transfer = _transfers(m, category, resettled, head, terms, a)
    idle = (m.able == 0) & (m.weak == 0)
    transfer = np.minimum(np.rint(transfer * _FEN), np.floor(total * np.where(idle, 0.95, 0.85)))
    let = (m.able == 0) & (luck.households("cohort") < 0.3)
    rent = np.where(let, np.minimum(np.rint(0.5 * land * a.land_rent * _FEN), np.floor(0.1 * total)), 0.0)
    rent = np.minimum(rent, total - transfer)
    earned = total - transfer - rent

    works = _workers(luck, people, group, earned / _FEN, m, a)
    away = _away(luck, people, works, a)
    wage_month, months = _jobs(luck, people, works, away, group, earned / _FEN, terms, a)
    kept = np.where(away, 1.0 - terms.living, 1.0)
    wage = np.bincount(people.house, np.rint(wage_month * months * kept * _FEN), len(total))

    operating = earned - wage
    # Those without hands do not farm for more than the land gives; beyond it they are supported by children.
    most = np.rint((a.farm_margin * land + terms.hands * m.weak) * _FEN)
    support = np.where(m.able == 0, np.maximum(operating - most, 0.0), 0.0)
    households = {
        "income_wage": wage / _FEN,
        "income_operating": (operating - support) / _FEN,
        "income_property": rent / _FEN,
        "income_transfer": (transfer + support) / _FEN,
    }
    hands = people.capacity >= Capacity.ORDINARY
    before = np.select(
        [group[people.house] == g for g in (STOCK, EXITED)],
        [a.worked_before["poor"], a.worked_before["exited"]],
        a.worked_before["general"],
    )
    persons = {
        "work": np.where(works, np.where(away, Work.AWAY, Work.LOCAL), Work.NONE),
        "months": months,
        "wage_month": wage_month,
        "ever_worked": works | (hands & (luck.persons("ever") < before)),
    }
    return households, persons


def _transfers(m: Members, category: Ints, resettled: Mask, head: Floats, terms: Terms, a: Values) -> Floats:
    """What a household would receive, yuan; 低保 fills about two thirds of the gap to the standard, within its part of income."""
    gap = np.maximum(terms.dibao - head, 0.0)
    topped = np.clip(0.65 / 0.35 * gap, 0.2 * terms.dibao, a.dibao_part * head)
    dibao = np.where(category == Category.DIBAO, topped * m.size, 0.0)
    due = terms.pension * m.pensioners + (terms.other + terms.resettlement * resettled) * m.size
    tekun = terms.tekun["dispersed"] * m.dispersed + terms.tekun["institution"] * m.institution
    return np.asarray(due + dibao + tekun, dtype=np.float64)


def _workers(luck: Luck, people: People, group: Ints, earned: Floats, m: Members, a: Values) -> Mask:
    """Who is in wage work: an exact share of the able of each group, the likelier the more there is to earn."""
    house = people.house
    able = (people.capacity >= Capacity.ORDINARY) & (people.age < 70)
    pay = np.maximum(earned / np.maximum(m.able, 1), 1.0)[house]
    by_age = np.array([1.0, 0.7, 0.25])[np.digitize(people.age, (50, 60))]
    # A household that has little to earn cannot hold a wage.
    weight = able * by_age * (pay / 1000.0) * np.sqrt(pay / 1000.0) * np.where(people.sex == Sex.MALE, 1.3, 1.0) * (pay > 600.0)
    u = luck.persons("worker")
    works = np.zeros(len(house), dtype=bool)
    for g, name in ((STOCK, "poor"), (EXITED, "exited"), (GENERAL, "general")):
        mine = group[house] == g
        hands = int(((people.capacity >= Capacity.ORDINARY) & mine).sum())
        works |= pick(weight * mine, u, min(round(a.working[name] * hands), int(((weight > 0) & mine).sum())), "worker")
    return works


def _away(luck: Luck, people: People, works: Mask, a: Values) -> Mask:
    weight = works * np.array([3.0, 1.5, 0.5])[np.digitize(people.age, (45, 55))] * np.where(people.sex == Sex.MALE, 1.4, 1.0)
    return pick(weight, luck.persons("away"), round(a.working_away * int(works.sum())), "away")


def _jobs(
    luck: Luck, people: People, works: Mask, away: Mask, group: Ints, earned: Floats, terms: Terms, a: Values
) -> tuple[Floats, Floats]:
    """Monthly wage (to 0.1 yuan) and months (to 0.1), so that a household's wages are the given part of what it earns."""
    house, count = people.house, len(group)
    usual = np.where(away, terms.wage_away, terms.wage_local) * np.where(group[house] == GENERAL, 1.0, terms.registered)
    skill = np.where(people.capacity == Capacity.SKILLED, terms.skilled, 0.0)
    usual = usual * exp(terms.schooling[people.schooling] + skill + terms.spread * ppf(luck.persons("wage_z"))) * works
    kept = np.where(away, 1.0 - terms.living, 1.0)
    wages = a.wage_part * np.maximum(earned, 0.0)
    bill = np.bincount(house, usual * kept, count)
    months = np.clip(wages / np.maximum(bill, 1.0), _LEAST_MONTHS, _MOST_MONTHS)[house]
    months = np.where(works, np.rint(months * 10) / 10, 0.0)
    bill = np.bincount(house, usual * kept * months, count)
    # Rounded down, so that wages never pass what is earned; a household that earns far more than wages give has a business.
    factor = np.minimum(wages / np.maximum(bill, 1.0), _MOST_WAGE)[house]
    return np.floor(usual * factor * 10) / 10, months
