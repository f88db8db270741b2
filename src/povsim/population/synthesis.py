"""Owns: the second door: a place's published totals to households and persons.
Never: reconstructs real people; every row is marked synthetic.

The counts of the report are met exactly, by apportionment and by picking exact numbers, not by iterating towards them; what
is not published is drawn from data/synthesis.yaml. docs/decisions/04-synthesis.md says why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import exp, ppf
from povsim.core.errors import Fault, PopulationError
from povsim.core.labels import catalogue, label
from povsim.core.params.scenario import Values
from povsim.core.randomness import HOUSEHOLD_SLOT, identity, uniform
from povsim.core.schema import Category, Cause, Health, Monitoring, Stage, Status, Work
from povsim.population import families as f
from povsim.population.apportion import Floats, Ints, Mask, apportion, apportion_within, pick, pick_persons, size_counts
from povsim.population.families import EXITED, GENERAL, STAGES, STOCK, Kinds, Luck, People
from povsim.population.fitting import describe, fit, write
from povsim.population.livelihoods import Members, Terms, income_per_head, livelihoods
from povsim.population.places import Opening, Place
from povsim.population.tables import Population

_CATEGORIES: Final = {"dibao": Category.DIBAO, "tekun": Category.TEKUN}
_CAUSES: Final = {
    name: Cause[name.upper()] for name in ("disability", "schooling", "labour", "illness", "disaster", "skill", "funds")
}

# Where a place file says what could not be met; the cohorts of the registry have names of their own.
_PATHS: Final = {
    "villages": "villages", "general": "margins.farm_persons", "pv_households": "margins.pv_households",
    "relocation": "margins.relocation_persons", "resettled": "margins.resettled_persons",
    **{stage: "margins.students" for stage in STAGES},
    **{share: "assumptions" for share in ("house_unsafe", "water_unsafe", "able", "weak", "skilled", "disabled", "serious",
                                          "chronic", "low_schooling", *_CATEGORIES, *_CAUSES)},
}  # fmt: skip


def synthesise(place: Place, opening: int | None = None, seed: int = 1) -> Population:
    """Households and persons of a place at one of its openings.

    Parameters
    ----------
    place : Place
        From ``load_place``.
    opening : int or None
        A year at whose end the stock is known; by default the as-of year.
    seed : int
        Another seed gives other lives to the same identities.

    Returns
    -------
    Population
        All farm households, marked synthetic; published counts exact.

    Raises
    ------
    PlaceError
        There is no such opening.
    PopulationError
        The published counts cannot be met by whole households.
    """
    if not 0 <= seed < 2**64:
        raise PopulationError(faults=[Fault(key="seed", value=str(seed), expected=label("synth_seed"))])
    try:
        return _made(place, place.opening(opening), seed)
    except PopulationError as error:
        raise PopulationError(error.message, [_told(place, f) for f in error.faults]) from error


def _told(place: Place, found: Fault) -> Fault:
    """A fault of the counts where the place file states them, in the words of a report."""
    name, _, year = found.key.partition("_") if found.key not in _PATHS else (found.key, "", "")
    key = f"synth_of_{name}"
    expected = label("synth_of", what=label(key, year=year), said=found.expected) if key in catalogue() else found.expected
    return place.fault(_PATHS.get(found.key, "registry"), expected, found.mend or label("synth_mend"))


def _made(place: Place, known: Opening, seed: int) -> Population:
    a, terms = place.assumed(known.year), Terms.of(known.year)
    frame = _frame(place, known, a, seed)
    luck, group, size = frame.luck, frame.group, frame.size
    category = _categories(luck, group, size, a)
    people = _people(place, luck, group, size, category, a)
    luck = Luck(seed, known.year, frame.luck.draw_id, people.house, people.slot)

    pension = (people.age >= 60) & (luck.persons("pension") < terms.pension_cover)
    supported = (category == Category.TEKUN)[people.house]
    tekun = np.where(supported, np.where(luck.persons("tekun") < terms.tekun_institution, 2, 1), 0)
    members = Members.of(people, pension, tekun, len(size))
    land = _spread_land(luck.households("land_z"), size, place.margins.farmland, a.land_per_household)
    forest = _spread_land(1.5 * luck.households("forest_z"), size, place.margins.hill_land, a.forest_per_household)
    head = income_per_head(luck, members, group, terms, a)
    programmes = _programmes(place, luck, frame, members)
    money, jobs = livelihoods(luck, people, members, group, category, land, programmes["resettled"], head, terms, a)

    cohorts = known.cohorts
    of = frame.cohort
    registered = group != GENERAL
    history = {
        name: np.array([*(getattr(c, name) for c in cohorts), 0])[of]
        for name in ("year_identified", "year_exited", "year_returned")
    }
    households: dict[str, NDArray[Any]] = {
        "household_id": frame.ids,
        "draw_id": luck.draw_id,
        "village": frame.village,
        "status": np.array([*(int(c.status) for c in cohorts), int(Status.GENERAL)])[of],
        "monitoring": np.full(len(size), int(Monitoring.NONE)),
        "category": category,
        **_causes(luck, people, members, registered, a),
        **history,
        "land_mu": land,
        "forest_mu": forest,
        **_guarantees(luck, frame, a),
        **programmes,
        **money,
        "synthetic": np.ones(len(size), dtype=bool),
    }
    persons = {
        **people.table(),
        "birth_year": known.year - people.age,
        **jobs,
        "resident": (jobs["work"] != Work.AWAY) & (people.stage != Stage.COLLEGE),
        "dibao": _dibao_class(people, members, category),
        "tekun": tekun,
        "insured": luck.persons("insured") < a.insured,
        "pension": pension,
    }
    villages = _villages(place, frame, a)
    return Population(place.id, known.year, villages, households, persons, seed)


# --- who is where ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """Households before anybody lives in them: village, history, size, identity."""

    luck: Luck
    ids: NDArray[Any]
    village: Ints
    cohort: Ints  # index into the opening's cohorts; their number for all others
    group: Ints
    size: Ints
    water_ok: Mask  # by village
    poor: Mask  # by village


def _frame(place: Place, known: Opening, a: Values, seed: int) -> _Frame:
    count = len(place.villages)
    poor = np.array([v.poor for v in place.villages])
    registered = sum(c.households for c in known.cohorts)
    total = int(place.margins.farm_households.value)
    by_village, others = _by_village(place, registered, total - registered, poor, a)
    village = np.concatenate([np.repeat(v, by_village[v] + others[v]) for v in range(count)])
    number = np.concatenate([np.concatenate((np.arange(by_village[v]), np.arange(others[v]))) for v in range(count)])
    listed = np.concatenate([np.repeat([True, False], (by_village[v], others[v])) for v in range(count)])
    # An identity depends on place, village, list and number alone: not on the seed, nor on how many others there are.
    start = {
        k: np.array([identity(f"{place.id}|{v.name}|{k}") for v in place.villages], dtype=np.uint64)
        for k in ("registered", "other")
    }
    draw_id = _mixed(np.where(listed, start["registered"][village], start["other"][village]) + number.astype(np.uint64))
    luck = Luck(seed, known.year, draw_id)
    cohort = np.full(len(village), len(known.cohorts))
    order = np.flatnonzero(listed)[np.argsort(luck.households("cohort")[listed], kind="stable")]
    cohort[order] = np.repeat(np.arange(len(known.cohorts)), [c.households for c in known.cohorts])

    size = np.zeros(len(village), dtype=np.int64)
    persons = int(place.margins.farm_persons.value) - sum(c.persons for c in known.cohorts)
    wanted = [(c.name, c.households, c.persons, a.size_registered) for c in known.cohorts]
    for i, (name, households, heads, shares) in enumerate([*wanted, ("general", total - registered, persons, a.size_general)]):
        mine = np.flatnonzero(cohort == i)
        counts = size_counts(shares, households, heads, name)
        size[mine[np.argsort(luck.households("size")[mine], kind="stable")]] = np.repeat(np.arange(1, len(counts) + 1), counts)
    in_stock = np.array([*(c.in_stock for c in known.cohorts), False])
    group = np.where(cohort == len(known.cohorts), GENERAL, np.where(in_stock[cohort], STOCK, EXITED))
    ids = np.array(
        [f"{place.id}-{v + 1:02d}-{'R' if r else 'G'}{n + 1:04d}" for v, r, n in zip(village, listed, number, strict=True)]
    )
    state = _village_draw(place, "village_state")
    return _Frame(luck, ids, village, cohort, group, size, state >= np.where(poor, 0.6, 0.15), poor)


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijection of 64-bit numbers that spreads neighbours apart (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _village_draw(place: Place, decision: str) -> Floats:
    """A draw for each village, of seed 0 and no year: the villages of a place are the same whatever the seed."""
    who = [identity(f"{place.id}|{v.name}") for v in place.villages]
    return np.asarray(
        uniform(0, f.TAG, np.array(who, dtype=np.uint64), 0, 1900, HOUSEHOLD_SLOT, f"synth_{decision}"), dtype=np.float64
    )


def _by_village(place: Place, registered: int, others: int, poor: Mask, a: Values) -> tuple[Ints, Ints]:
    """Registered and other households of each village; what the place file says of a village holds.

    Each sum is apportioned on its own by weights that no household enters, so that one more moves nobody else.
    """
    weight = exp(a.village_spread * ppf(_village_draw(place, "village_size_z")))
    rate = exp(a.village_spread * ppf(_village_draw(place, "village_rate_z"))) * np.where(poor, a.poor_village_factor, 1.0)
    rate = 0.2 * rate / float((weight * rate).sum() / weight.sum())
    listed = _listed(place, registered, others, weight * rate)
    farm = np.array([v.farm_households or 0 for v in place.villages])
    rest, open_ = np.where(farm > 0, farm - listed, 0), farm == 0
    if open_.any():
        rest[open_] = apportion(others - int(rest.sum()), (weight * (1 - np.minimum(rate, 0.9)))[open_])
    return listed, rest


def _listed(place: Place, registered: int, others: int, weights: Floats) -> Ints:
    """Registered households of each village: as stated, else no more than live there, and so many in villages whose households
    are stated that the rest of these are no more than there are others in the town.
    """
    villages, town = place.villages, registered + others
    most = np.array([v.farm_households or town for v in villages])
    sized = np.array([v.farm_households is not None for v in villages])
    counts = np.array([v.registered_households or 0 for v in villages])
    open_ = np.array([v.registered_households is None for v in villages])
    stated, room = int(counts.sum()), int(most[open_].sum())
    left = registered - stated
    if left < 0 or (left > 0 and not open_.any()):
        raise _unmet(label("synth_registered", stated=stated, registered=registered), "synth_registered_mend")
    if left > room:
        full = label("report.comma").join(f"{v.name} {m}" for v, m, o in zip(villages, most, open_, strict=True) if o)
        raise _unmet(label("synth_room", left=left, room=room, villages=full), "synth_room_mend")
    if open_.any():
        counts[open_] = apportion_within(left, weights[open_], most[open_])
    mine, free = open_ & sized, open_ & ~sized
    least = int(most[sized].sum()) - others - int(counts[sized & ~open_].sum())
    if least > int(counts[mine].sum()):
        if least > min(int(most[mine].sum()), left) or (least < left and not free.any()):
            rest = int((most - counts)[sized].sum())
            raise _unmet(label("synth_rest", rest=rest, others=others, registered=registered, town=town), "synth_rest_mend")
        counts[mine] = apportion_within(least, weights[mine], most[mine])
        if free.any():
            counts[free] = apportion_within(left - least, weights[free], most[free])
    return counts.astype(np.int64)


def _unmet(expected: str, mend: str) -> PopulationError:
    """What is said of the villages cannot be, with how to mend it."""
    return PopulationError(faults=[Fault(key="villages", expected=expected, mend=label(mend))])


def _categories(luck: Luck, group: Ints, size: Ints, a: Values) -> Ints:
    """Household categories: exact shares among the exited; the stock takes the rest of all registered."""
    u = luck.households("category")
    category = np.where(group == GENERAL, Category.ORDINARY, Category.POOR).astype(np.int64)
    registered, exited = int((group != GENERAL).sum()), int((group == EXITED).sum())
    small = np.where(size == 1, 1.0, np.where(size == 2, 0.06, 0.0))
    lean = np.asarray(a.dibao_by_size)[np.minimum(size, len(a.dibao_by_size)) - 1]
    for name, weight in (("tekun", small), ("dibao", lean)):
        left = round(a.category_exited[name] * exited)
        stayed = max(round(a.category_registered[name] * registered) - left, 0)
        for g, wanted in ((EXITED, left), (STOCK, stayed)):
            free = weight * ((group == g) & (category == Category.POOR))
            category[pick(free, u, min(wanted, int((free > 0).sum())), name)] = _CATEGORIES[name]
    return category


def _people(place: Place, luck: Luck, group: Ints, size: Ints, category: Ints, a: Values) -> People:
    """Everybody, with the students of the registered exact."""
    heads = np.array([int(size[group == g].sum()) for g in (STOCK, EXITED, GENERAL)])
    registered = int(heads[:2].sum())
    published = place.margins.students
    students = tuple(
        round(a.students_registered[stage] * registered) if published is None else int(getattr(published, stage).value)
        for stage in STAGES
    )
    upper = {STOCK: f.school_bands(students, a.enrolment)}
    upper[GENERAL] = np.array([round(a.young_general[name] * heads[GENERAL]) for name in STAGES[1:]])
    young = a.infants_registered * registered + upper[STOCK].sum()
    left = a.young_exited * heads[EXITED] if heads[STOCK] else young
    youths = (young - left, left, a.young_general["infants"] * heads[GENERAL] + upper[GENERAL].sum())
    elders = (*_residual(a.elders_registered, a.elders_exited, heads), a.elders_general * heads[GENERAL])

    kinds = Kinds.of({int(k): v for k, v in a.household_kinds.items()})
    kind, u = np.zeros(len(size), dtype=np.int64), luck.households("kind")
    for g in (STOCK, EXITED, GENERAL):
        mine = group == g
        if mine.any():
            tekun, dibao = category[mine] == Category.TEKUN, category[mine] == Category.DIBAO
            kind[mine] = f.structures(kinds, size[mine], tekun, dibao, float(youths[g]), float(elders[g]), u[mine])
    house = np.repeat(np.arange(len(size)), size)
    slot = np.arange(len(house)) - np.repeat(np.cumsum(size) - size, size)
    letter = kinds.letters[kind[house], slot]
    luck = Luck(luck.seed, luck.year, luck.draw_id, house, slot)

    age = f.ages(luck, letter, upper, group, a.older_elders)
    sex = f.sexes(luck, letter, category == Category.TEKUN)
    listed = (group != GENERAL)[house]
    general = tuple(
        round(a.enrolment[stage] * int(((age >= low) & (age <= high) & ~listed).sum()))
        for stage, (low, high) in zip(STAGES, ((3, 5), *f.BANDS[1:]), strict=True)
    )
    stage = f.school(luck, age, listed, students) + f.school(luck, age, ~listed, general)
    done = f.schooling(luck, (age, sex, stage), listed, a.low_schooling)
    health, grade = f.health(luck, age, group, category, a)
    # A 特困 person of working age has that support for a disability.
    helpless = (category[house] == Category.TEKUN) & (age < 60)
    health, grade = np.where(helpless, Health.DISABLED, health), np.where(helpless, np.minimum(np.maximum(grade, 1), 2), grade)
    people = People(house, slot, letter, age, sex, stage, done, health, grade, np.zeros(len(age), dtype=np.int64))
    able = (*(round(x) for x in _residual(a.able_registered, a.able_exited, heads)), round(a.able_general * heads[GENERAL]))
    return replace(people, capacity=f.capacity(luck, people, group, category, able, a))


def _residual(all_registered: float, exited: float, heads: Ints) -> tuple[float, float]:
    """Persons of the stock and of the exited, when a share of all registered and of the exited is given."""
    left = exited * heads[EXITED]
    return max(float(all_registered * heads[:2].sum() - left), 0.0), float(left)


# --- what a household has ----------------------------------------------------------------------------------


def _spread_land(u: Floats, size: Ints, published: Any, per_household: float) -> Floats:
    """Land by size and chance, to 0.1 mu; the published sum is exact."""
    weight = np.sqrt(size.astype(np.float64)) * exp(0.35 * ppf(np.clip(u, 1e-9, 1 - 1e-9)))
    total = per_household * len(size) if published is None else float(published.value)
    return apportion(round(10 * total), weight) / 10.0


def _causes(luck: Luck, people: People, m: Members, registered: Mask, a: Values) -> dict[str, NDArray[Any]]:
    """Main causes with exact shares, each in households it fits; a second cause where another one fits as well."""
    house, count = people.house, len(registered)

    def has(mask: NDArray[Any]) -> Mask:
        return np.bincount(house, mask, count) > 0

    sick, disabled = (
        has((people.health == Health.CHRONIC) | (people.health == Health.SERIOUS)),
        has(people.health == Health.DISABLED),
    )
    student = has(people.stage >= Stage.SENIOR)
    fits = {
        "disability": disabled, "schooling": student, "labour": m.able == 0, "illness": sick | disabled, "disaster": m.able > 0,
        "skill": m.able > 0, "funds": registered,
    }  # fmt: skip
    u, cause = luck.households("cause"), np.zeros(count, dtype=np.int64)
    shares = np.array([a.causes[name] for name in _CAUSES])
    for (name, code), number in zip(_CAUSES.items(), apportion(int(registered.sum()), shares), strict=True):
        free = registered & (cause == Cause.NONE)
        cause[pick(np.where(fits[name], 1e6, 1.0) * free, u, int(number), name)] = code
    second = np.select(
        [(m.able == 0) & (cause != Cause.LABOUR), student & (cause != Cause.SCHOOLING), cause != Cause.FUNDS],
        [int(Cause.LABOUR), int(Cause.SCHOOLING), int(Cause.FUNDS)],
        int(Cause.SKILL),
    )
    return {"cause": cause, "cause_2": np.where(registered & (luck.households("cause_2") < 0.4), second, Cause.NONE)}


def _guarantees(luck: Luck, frame: _Frame, a: Values) -> dict[str, NDArray[Any]]:
    """Unsafe houses and water among the registered poor; water by village. Who left had both."""
    stock = frame.group == STOCK
    house = pick(stock.astype(np.float64), luck.households("house"), round(a.house_unsafe * int(stock.sum())), "house_unsafe")
    dry = stock & ~frame.water_ok[frame.village]
    water = pick(
        dry.astype(np.float64),
        luck.households("water"),
        min(round(a.water_unsafe * int(stock.sum())), int(dry.sum())),
        "water_unsafe",
    )
    return {"house_safe": ~house, "water_safe": ~water}


def _programmes(place: Place, luck: Luck, frame: _Frame, m: Members) -> dict[str, NDArray[Any]]:
    """Households that the report lists for PV stations and relocation, and those resettled from a reservoir."""
    given, group, size = place.margins, frame.group, frame.size
    none = np.zeros(len(size), dtype=bool)
    stock, registered = group == STOCK, group != GENERAL
    pv, moved, resettled = none, none, none
    if given.pv_households is not None:
        weight = registered * np.where(stock, 4.0, 1.0) * np.where(m.able == 0, 2.0, 1.0)
        pv = pick(weight, luck.households("pv"), int(given.pv_households.value), "pv_households")
    if given.relocation_persons is not None:
        households = None if given.relocation_households is None else int(given.relocation_households.value)
        persons = int(given.relocation_persons.value)
        moved = pick_persons(stock * 1.0, luck.households("relocation"), size, persons, households, "relocation")
    if given.resettled_persons is not None:
        # Those resettled from a reservoir live near each other: a third of the villages holds most of them.
        near = np.where(
            _village_draw(place, "village_state") < np.sort(_village_draw(place, "village_state"))[len(place.villages) // 3],
            8.0,
            1.0,
        )
        weight = registered * near[frame.village]
        resettled = pick_persons(
            weight, luck.households("resettled"), size, int(given.resettled_persons.value), None, "resettled"
        )
    return {"relocated": moved, "resettled": resettled, "pv_linked": pv}


def _dibao_class(people: People, m: Members, category: Ints) -> Ints:
    """A where nobody can work, B with one able person, C with more."""
    kind = np.where((m.able == 0) & (m.weak == 0), 1, np.where(m.able <= 1, 2, 3))
    return np.where(category == Category.DIBAO, kind, 0)[people.house].astype(np.int64)


def _villages(place: Place, frame: _Frame, a: Values) -> dict[str, NDArray[Any]]:
    count = len(place.villages)
    income = np.where(frame.poor, a.village_income["poor"], a.village_income["other"])
    return {
        "village_id": np.array([f"{place.id}-{v + 1:02d}" for v in range(count)]),
        "name": np.array([v.name for v in place.villages]),
        "township": np.full(count, place.township),
        "farm_households": np.bincount(frame.village, minlength=count),
        "farm_persons": np.bincount(frame.village, frame.size, count),
        "poor_village": frame.poor,
        "collective_income": np.rint(income * exp(0.3 * ppf(_village_draw(place, "village_size_z"))) / 100) * 100,
        "leading_trade": ~frame.poor,
        "water_ok": frame.water_ok,
        "road_ok": ~frame.poor | (_village_draw(place, "village_rate_z") < 0.5),
        "clinic_ok": np.ones(count, dtype=bool),
        "year_out": np.zeros(count, dtype=np.int64),
    }


__all__ = ["describe", "fit", "synthesise", "write"]
