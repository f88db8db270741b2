"""Owns: who lives in a synthetic household: its structure, ages, sexes, schooling, health and labour capacity.
Never: money or work (livelihoods), counts of a report (synthesis hands them in)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from povsim.core.elementary import exp, ppf
from povsim.core.params.scenario import Values
from povsim.core.randomness import HOUSEHOLD_SLOT, uniform
from povsim.core.schema import Capacity, Category, Health, Relation, Schooling, Sex, Stage
from povsim.population.apportion import Floats, Ints, Mask, apportion, pick

TAG: Final = "synth"
STOCK, EXITED, GENERAL = range(3)  # groups: registered poor, those who left, all others
STAGES: Final = ("kindergarten", "compulsory", "senior", "college")
# Age bands of the young: infants, then as the stages of school; the first and last age of each.
BANDS: Final = ((0, 5), (6, 15), (16, 18), (19, 22))
LETTERS: Final = "HSAEFBCPYG"  # see household_kinds in data/synthesis.yaml
H, S, A, E, F, B, C, P, Y, G = range(len(LETTERS))
_YOUNG, _ELDER = (Y, G), (E, F, P)
_RELATION: Final = np.array(
    [
        Relation.HEAD, Relation.SPOUSE, Relation.CHILD, Relation.HEAD, Relation.SPOUSE, Relation.CHILD, Relation.CHILD_IN_LAW,
        Relation.PARENT, Relation.CHILD, Relation.GRANDCHILD,
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Luck:
    """The draws of a synthetic population: of households by ``draw_id``, of persons by (``draw_id``, slot)."""

    seed: int
    year: int
    draw_id: NDArray[np.uint64]
    house: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    slot: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def households(self, decision: str) -> Floats:
        """A uniform for each household."""
        return np.asarray(
            uniform(self.seed, TAG, self.draw_id, 0, self.year, HOUSEHOLD_SLOT, f"synth_{decision}"), dtype=np.float64
        )

    def persons(self, decision: str) -> Floats:
        """A uniform for each person."""
        return np.asarray(
            uniform(self.seed, TAG, self.draw_id[self.house], 0, self.year, self.slot, f"synth_{decision}"), dtype=np.float64
        )


@dataclass(frozen=True)
class Kinds:
    """Family structures: the letters of each, its size and how many young, old and others (of working age) it has."""

    letters: Ints  # (kinds, 8), -1 where nobody is
    size: Ints
    young: Ints
    old: Ints
    grown: Ints
    weight: Floats

    @classmethod
    def of(cls, mapping: dict[int, dict[str, float]]) -> Kinds:
        """From ``household_kinds``."""
        words = [(word, weight) for kinds in mapping.values() for word, weight in kinds.items()]
        letters = np.full((len(words), max(len(word) for word, _ in words)), -1, dtype=np.int64)
        for i, (word, _) in enumerate(words):
            letters[i, : len(word)] = [LETTERS.index(letter) for letter in word]
        young, old = np.isin(letters, _YOUNG).sum(1), np.isin(letters, _ELDER).sum(1)
        size = (letters >= 0).sum(1)
        return cls(letters, size, young, old, size - young - old, np.array([weight for _, weight in words]))

    def tilted(self, of_size: Ints, young: float, old: float) -> Floats:
        """Shares of the kinds within each size, raked so that the young and the old come out as wanted in all.

        Raking of weights to totals: shares are ``weight * exp(a * young + b * old)``; a and b by Newton's method.

        Parameters
        ----------
        of_size : int64 (largest size + 1,)
            Households of each size.
        young, old : float
            Persons wanted.

        Returns
        -------
        float64 (kinds,), summing to 1 within each size
        """
        features = np.stack([self.young, self.old]).astype(np.float64)
        tilt, target = np.zeros(2), np.array([young, old])
        households = of_size[self.size].astype(np.float64)
        share = np.zeros(len(self.size))
        for _ in range(60):
            raw = self.weight * exp(np.clip(tilt @ features, -50.0, 50.0))
            share = raw / np.bincount(self.size, raw)[self.size]
            expected = (share * households) @ features.T
            mean = np.stack([np.bincount(self.size, share * f)[self.size] for f in features])
            spread = features - mean
            slope = (spread * (share * households)) @ spread.T + np.eye(2) * 1e-6
            tilt = np.clip(tilt + np.clip(np.linalg.solve(slope, target - expected), -1.0, 1.0), -12.0, 12.0)
        return np.asarray(share, dtype=np.float64)


def structures(kinds: Kinds, size: Ints, tekun: Mask, dibao: Mask, young: float, old: float, u: Floats) -> Ints:
    """The kind of each household of one group.

    Parameters
    ----------
    size : int64 (n,)
        Persons.
    tekun, dibao : bool (n,)
        特困 households are the old alone or in couples, a few single and disabled; 低保 ones lean to few hands.
    young, old : float
        Persons up to 22 and of 60 and over wanted in all.
    u : float (n,)
        A draw each.
    """
    alone = np.flatnonzero((kinds.size == 1) & (kinds.old == 1))[0]
    single = np.flatnonzero((kinds.size == 1) & (kinds.old == 0))[0]
    couple = np.flatnonzero((kinds.size == 2) & (kinds.old == 2))[0]
    kind = np.where(size == 1, np.where(u < 0.85, alone, single), couple)
    rest = ~tekun
    of_size = np.bincount(size[rest], minlength=int(kinds.size.max()) + 1)
    share = kinds.tilted(of_size, young, old - float(kinds.old[kind[tekun]].sum()))
    key = ppf(u) - 0.8 * dibao
    for s in range(1, len(of_size)):
        mine = np.flatnonzero(rest & (size == s))
        here = np.flatnonzero(kinds.size == s)
        here = here[np.argsort(kinds.grown[here], kind="stable")]
        if len(mine):
            kind[mine[np.argsort(key[mine], kind="stable")]] = np.repeat(here, apportion(len(mine), share[here]))
    return np.asarray(kind, dtype=np.int64)


@dataclass(frozen=True)
class People:
    """Persons as they come out: rows sorted by household, then slot."""

    house: Ints
    slot: Ints
    letter: Ints
    age: Ints
    sex: Ints
    stage: Ints
    schooling: Ints
    health: Ints
    grade: Ints
    capacity: Ints

    def table(self) -> dict[str, NDArray[Any]]:
        """The columns that go into the persons table as they are."""
        names = ("sex", "stage", "schooling", "health", "capacity")
        columns: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in names}
        return columns | {
            "household": self.house, "slot": self.slot, "relation": _RELATION[self.letter], "disability_grade": self.grade,
        }  # fmt: skip


def school_bands(students: Sequence[int], enrolment: dict[str, float]) -> Ints:
    """Persons of the three upper age bands that numbers of students ask for (at 15 all are in compulsory or senior school)."""
    return np.array([round(students[i] / enrolment[stage]) for i, stage in enumerate(STAGES) if i], dtype=np.int64)


def ages(luck: Luck, letter: Ints, bands: dict[int, Ints], group: Ints, older: float) -> Ints:
    """Age of every person; those of the young of each group are exact in number, children before parents.

    Parameters
    ----------
    letter : int64 (persons,)
        Code of each person in the family's structure.
    bands : dict of int to int64 (3,)
        Persons of the upper three bands, for registered (key ``STOCK``) and other households (``GENERAL``).
    group : int64 (households,)
        Group of each household.
    older : float
        Share of 75 and over of all elders.
    """
    house, count = luck.house, len(luck.draw_id)
    u, z, family = luck.persons("age"), ppf(luck.persons("age_z")), ppf(luck.households("family_z"))
    age = np.zeros(len(letter), dtype=np.float64)
    has = {x: np.bincount(house, letter == x, count) for x in range(len(LETTERS))}
    young = np.isin(letter, _YOUNG)
    score = family[house] + 0.45 * z + 0.7 * (has[A][house] > 0) - 0.6 * (letter == G)
    for pool, upper in bands.items():
        mine = np.flatnonzero(young & ((group[house] == GENERAL) == (pool == GENERAL)))
        counts = np.concatenate(([max(len(mine) - int(upper.sum()), 0)], upper))
        ladder = np.concatenate(
            [lo + (np.arange(n) * (hi - lo + 1)) // max(n, 1) for (lo, hi), n in zip(BANDS, counts, strict=True)]
        )
        age[mine[np.argsort(score[mine], kind="stable")]] = (
            ladder[: len(mine)] if len(ladder) >= len(mine) else np.resize(ladder, len(mine))
        )

    def oldest(*letters: int) -> Floats:
        top = np.full(count, -1.0)
        mine = np.isin(letter, letters)
        np.maximum.at(top, house[mine], age[mine])
        return top[house]

    def put(x: int, value: Floats, low: float, high: float) -> None:
        mine = letter == x
        age[mine] = np.clip(np.floor(value[mine]), low, high)

    child, alone = oldest(Y, G), has[S][house] + has[A][house] + has[P][house] == 0
    put(A, np.where(has[H][house] > 0, 23 + 12 * u * u, 25 + 22 * u), 23, 50)
    put(B, np.where(child >= 0, child + 22 + 8 * u, 27 + 16 * u), 23, 52)
    grown = oldest(A)
    start = np.where(alone, 42 + 17 * u, np.where(has[P][house] > 0, 38 + 19 * u, 47 + 12 * u))
    start = np.where(child >= 0, child + 23 + 11 * u, start)
    put(H, np.where(grown >= 0, np.maximum(start, grown + 21 + 8 * u), start), 23, 59)
    put(S, oldest(H) - 2 + 2.5 * z, 23, 59)
    put(C, oldest(B) - 2 + 2.5 * z, 23, 52)
    older = min(1.5 * older, 0.9)  # those with children at home are younger
    late = np.maximum(1 - (1 - u) / older, 0.0)
    free = np.where(u < 1 - older, 60 + 15 * u / (1 - older), 75 + 16 * late * late)
    with_child = np.maximum(grown, oldest(B)) + 22 + 9 * u
    start = np.where(np.maximum(grown, oldest(B)) >= 0, with_child, free)
    put(E, np.where((child >= 0) & (has[B][house] == 0) & (grown < 0), child + 48 + 12 * u, start), 60, 94)
    put(F, oldest(E) - 2 + 2.5 * z, 60, 94)
    put(P, oldest(H) + 22 + 12 * u, 60, 95)
    return age.astype(np.int64)


def sexes(luck: Luck, letter: Ints, tekun: Mask) -> Ints:
    """Sex of every person; spouses and pairs of parents differ, sons stay, single old men are many among the 特困."""
    u, house, count = luck.persons("sex"), luck.house, len(luck.draw_id)
    has = {x: np.bincount(house, letter == x, count) for x in (S, F, C, P, H)}
    male = np.full(len(LETTERS), 0.53)
    male[A], male[B], male[P] = 0.75, 0.88, 0.35
    chance = male[letter]
    chance = np.where(letter == H, np.where(has[S][house] > 0, 0.95, 0.70), chance)
    chance = np.where(letter == E, np.where(has[F][house] > 0, 0.96, np.where(tekun[house], 0.85, 0.45)), chance)
    sex = np.where(u < chance, Sex.MALE, Sex.FEMALE)
    for x, mate in ((S, H), (F, E), (C, B)):
        of = np.zeros(count, dtype=np.int64)
        of[house[letter == mate]] = sex[letter == mate]
        sex = np.where(letter == x, 1 - of[house], sex)
    second = (letter == P) & (np.concatenate(([False], (letter[1:] == P) & (letter[:-1] == P) & (house[1:] == house[:-1]))))
    before = np.concatenate(([0], sex[:-1]))
    return np.asarray(np.where(second, 1 - before, sex), dtype=np.int64)


def school(luck: Luck, age: Ints, who: Mask, students: Sequence[int]) -> Ints:
    """Stage attended, with the number of students of each stage exact among ``who`` (all to 14 are in compulsory school)."""
    u = luck.persons("stage")
    stage = np.zeros(len(age), dtype=np.int64)
    free = who.copy()
    windows = ((3, 5, 5.0, 4), (6, 15, 1e6, 14), (15, 18, 1e6, 15), (19, 22, 1.0, 22))
    for i, (low, high, first, to) in enumerate(windows):
        weight = np.where(age <= to, first, 1.0) * (free & (age >= low) & (age <= high))
        chosen = pick(weight, u, students[i], STAGES[i])
        stage[chosen] = i + 1
        free &= ~chosen
    return stage


def schooling(luck: Luck, people: tuple[Ints, Ints, Ints], registered: Mask, low: dict[str, float]) -> Ints:
    """Education finished: by stage for students, by age and sex for adults, the share with primary or less exact.

    Parameters
    ----------
    people : (age, sex, stage)
        Of every person.
    registered : bool (persons,)
    low : dict
        Share of adults with primary school or less, by group.
    """
    age, sex, stage = people
    u = luck.persons("schooling")
    done = np.select(
        [stage == Stage.COLLEGE, stage == Stage.SENIOR, stage == Stage.COMPULSORY],
        [Schooling.SENIOR, Schooling.JUNIOR, np.where(age >= 12, Schooling.PRIMARY, Schooling.ILLITERATE)],
        np.where(
            age >= 19,
            np.where(u < 0.5, Schooling.JUNIOR, Schooling.SENIOR),
            np.where(age >= 15, Schooling.JUNIOR, Schooling.ILLITERATE),
        ),
    )
    adult = age >= 23
    for who, share in ((registered, low["registered"]), (~registered, low["general"])):
        mine = adult & who
        weight = mine * exp(0.07 * (age - 45.0)) * np.where(sex == Sex.FEMALE, 1.6, 1.0)
        poorly = pick(weight, u, round(share * int(mine.sum())), "low_schooling")
        never = u < np.where(age >= 60, 0.35, 0.08)
        better = np.where(u < 0.78, Schooling.JUNIOR, np.where((u < 0.93) | (age >= 50), Schooling.SENIOR, Schooling.COLLEGE))
        done = np.where(mine, np.where(poorly, np.where(never, Schooling.ILLITERATE, Schooling.PRIMARY), better), done)
    return np.asarray(done, dtype=np.int64)


def health(luck: Luck, age: Ints, group: Ints, category: Ints, a: Values) -> tuple[Ints, Ints]:
    """Health and disability grade; shares exact among the registered and among others, by age and family.

    Parameters
    ----------
    age : int64 (persons,)
    group, category : int64 (households,)
    a : Values
        Assumptions.
    """
    house = luck.house
    frail = exp(0.5 * ppf(luck.households("frailty_z")))[house]
    poorer = np.where(category == Category.DIBAO, 1.8, np.where(category == Category.TEKUN, 2.5, 1.0))[house] * frail
    steps = np.digitize(age, (16, 23, 45, 60, 75))
    by_age = {
        "disabled": np.array([0.3, 0.6, 1.2, 1.8, 2.0, 2.5]),
        "serious": np.array([0.1, 0.2, 0.7, 1.5, 2.0, 2.0]),
        "chronic": np.array([0.02, 0.05, 0.6, 2.5, 6.0, 8.0]),
    }
    state = np.full(len(age), Health.HEALTHY, dtype=np.int64)
    codes = {"disabled": Health.DISABLED, "serious": Health.SERIOUS, "chronic": Health.CHRONIC}
    for general, shares in ((False, a.health_registered), (True, a.health_general)):
        who = (group[house] == GENERAL) == general
        for name, code in codes.items():
            weight = by_age[name][steps] * poorer * (who & (state == Health.HEALTHY))
            state[pick(weight, luck.persons(name), round(shares[name] * int(who.sum())), name)] = code
    grade = np.digitize(luck.persons("grade"), (0.15, 0.40, 0.75)) + 1
    return state, np.where(state == Health.DISABLED, grade, 0)


def capacity(luck: Luck, people: People, group: Ints, category: Ints, able: Sequence[int], a: Values) -> Ints:
    """Labour capacity with the number of able persons exact in each group; nobody at school or in a 特困 household is able.

    Parameters
    ----------
    people : People
        With age, stage and health.
    able : (3,)
        Able persons of stock, exited and others.
    """
    house, age = luck.house, people.age
    adult = (age >= 16) & (people.stage == Stage.NONE)
    of = category[house]
    well = np.select(
        [
            people.health == Health.HEALTHY,
            people.health == Health.CHRONIC,
            (people.health == Health.DISABLED) & (people.grade >= 3),
        ],
        [1.0, 0.45, 0.06],
        0.0,
    )
    by_age = np.array([0.0, 10.0, 6.0, 1.8, 0.7, 0.12, 0.0])[np.digitize(age, (16, 55, 60, 65, 70, 75))]
    weight = well * by_age * (adult & (of != Category.TEKUN)) * np.where(of == Category.DIBAO, 0.5, 1.0)
    state = np.full(len(age), Capacity.NONE, dtype=np.int64)
    state[adult & ((people.health == Health.SERIOUS) | ((people.health == Health.DISABLED) & (people.grade <= 2)))] = (
        Capacity.LOST
    )
    registered = group[house] != GENERAL
    for g in (STOCK, EXITED, GENERAL):
        mine = group[house] == g
        there = int(((weight > 0) & mine).sum())
        state[pick(weight * mine, luck.persons("able"), min(able[g], there), "able")] = Capacity.ORDINARY
    for who, key in ((registered, "registered"), (~registered, "general")):
        some = adult & who & (of != Category.TEKUN) & (state == Capacity.NONE) & (age < 75)
        # First those of working age who are not able though they are not too ill for any work.
        lean = some * np.array([20.0, 3.0, 1.0])[np.digitize(age, (60, 70))]
        count = min(round(a.weak[key] * int(who.sum())), int(some.sum()))
        state[pick(lean, luck.persons("weak"), count, "weak")] = Capacity.WEAK
        hands = (state == Capacity.ORDINARY) & who
        lean = hands * np.where(age < 50, 3.0, 1.0) * np.where(people.schooling >= Schooling.JUNIOR, 2.0, 1.0)
        state[pick(lean, luck.persons("skilled"), round(a.skilled[key] * int(hands.sum())), "skilled")] = Capacity.SKILLED
    return state
