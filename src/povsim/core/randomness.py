"""Owns: what a draw is: the keyed generator in NumPy (the definition), the names of the decisions and their numbers.
Never: fills the engine's matrices (engine.draws) or turns luck into events (the phases).

A draw is a pure function of seed, tag, who, replicate, year, slot and decision, so it depends on no order, thread or block.
The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11).

    key       seed (64 bits) xor 64-bit hash of the tag (a measure's id; the empty tag is 0)
    counter   low and high half of the identity | replicate | (year - 1900) << 20 | slot << 12 | group

A person is (household's draw_id, slot 0..254); a household, village, firm, product or town uses slot 255. A decision has the
number 4 * group + lane, and takes the word of that lane: one decision, one word, one draw a year, taken whether used or not.
"""

from __future__ import annotations

import difflib
import hashlib
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from povsim.core.normals import normal_of

# --- decisions -------------------------------------------------------------------------------------------
# One dict per room, one line per decision, numbers within the room's block. A number is never reused and never moved: it
# says which luck the decision sees. Names that end in _z are meant as standard normals.

PEOPLE: Final[dict[str, int]] = {  # 0-31
    "people_death": 0,
    "people_leaves": 1,
    "people_school": 2,
    "people_health": 3,
    "people_decline": 4,
    "people_home": 5,
    "people_pension": 6,
    "people_birth": 7,
    "people_boy": 8,  # from here on drawn by the household
    "people_bride": 9,
    "people_bride_age": 10,
    "people_bride_schooling": 11,
    "people_bride_weak": 12,
    "people_baby_mixing_z": 16,
    "people_baby_wage_z": 17,
    "people_bride_mixing_z": 18,
    "people_bride_wage_z": 19,
}
SHOCKS: Final[dict[str, int]] = {  # 32-63
    "shock_bill_z": 32,
    "shock_accident": 33,
    "shock_hit": 36,  # from here on drawn by the household
    "shock_house": 37,
    "shock_house_mended": 38,
    "shock_water": 39,
    "shock_premium": 40,
    "shock_house_grade": 41,  # once, for a whole life
}
LABOUR: Final[dict[str, int]] = {  # 64-95
    "work_loses": 64,
    "work_loss_month": 65,
    "work_finds": 66,
    "work_find_month": 67,
    "work_place": 68,
    "work_wage_z": 69,
    "work_mixing_z": 72,  # these three once, for a whole life
    "work_effect_z": 73,
    "work_first_wage_z": 74,
}
INCOME: Final[dict[str, int]] = {  # 96-127
    "farm_lasting_z": 96,
    "farm_passing_z": 97,
    "farm_first_z": 98,  # once, at the opening
}
ASSESSMENT: Final[dict[str, int]] = {  # 128-191
    "assess_removed": 128,
    "assess_found": 129,
    "assess_return_found": 130,
    "assess_written_up": 131,
    "assess_tekun": 132,
    "assess_never_found": 133,
    "assess_verified": 134,
    "assess_cleared": 135,
    "assess_event_month": 136,
    "assess_helped": 137,
    "assess_channel": 138,
    "assess_report_error_z": 140,
    "assess_list_z": 144,
    "assess_ineligible": 148,  # once, for a whole life
    "assess_helped_before": 149,  # likewise
}
SYNTHESIS: Final[dict[str, int]] = {  # 192-319
    "synth_village_size_z": 192,
    "synth_village_rate_z": 193,
    "synth_village_state": 194,
    "synth_size": 196,
    "synth_category": 197,
    "synth_kind": 198,
    "synth_cause": 199,
    "synth_land_z": 200,
    "synth_forest_z": 201,
    "synth_house": 202,
    "synth_water": 203,
    "synth_pv": 204,
    "synth_resettled": 205,
    "synth_relocation": 206,
    "synth_cause_2": 207,
    "synth_income_z": 208,
    "synth_cohort": 209,
    "synth_family_z": 210,
    "synth_frailty_z": 211,
    "synth_age": 216,
    "synth_age_z": 217,
    "synth_sex": 218,
    "synth_stage": 219,
    "synth_disabled": 220,
    "synth_serious": 221,
    "synth_chronic": 222,
    "synth_grade": 223,
    "synth_able": 224,
    "synth_weak": 225,
    "synth_skilled": 226,
    "synth_schooling": 227,
    "synth_worker": 228,
    "synth_away": 229,
    "synth_wage_z": 230,
    "synth_ever": 231,
    "synth_insured": 232,
    "synth_pension": 233,
    "synth_tekun": 234,
    "synth_dibao": 235,
}
SHARED: Final[dict[str, int]] = {  # 320-383: village, product, firm, town, year
    "village_disaster": 320,
    "village_spring": 321,
    "village_trade": 324,  # whether its leading trade is certified this year, whether what it lacks is supplied
    "village_supplied": 325,
    "town_jobs_z": 328,  # the labour market and the price of what its farms grow
    "town_farm_price_z": 329,
    "params_place": 322,  # a parameter's draws in a Latin hypercube: where in its part, and which part
    "params_order": 323,
}
MEASURE: Final[dict[str, int]] = {  # 384-399: what every measure draws, under its tag
    "measure_take_up": 384,
    "measure_lottery": 385,
}
# 400-511: what single kinds draw, under the measure's tag. Each kind's file names its own numbers, so that a user's kind needs
# none here.
KINDS: Final[dict[str, int]] = {f"kind_{n}" if n < 464 else f"kind_{n}_z": n for n in range(400, 512)}

BLOCKS: Final[dict[range, dict[str, int]]] = {
    range(0, 32): PEOPLE,
    range(32, 64): SHOCKS,
    range(64, 96): LABOUR,
    range(96, 128): INCOME,
    range(128, 192): ASSESSMENT,
    range(192, 320): SYNTHESIS,
    range(320, 384): SHARED,
    range(384, 400): MEASURE,
    range(400, 512): KINDS,
}


def check_blocks(blocks: dict[range, dict[str, int]]) -> dict[str, int]:
    """All decisions in one table.

    Raises
    ------
    ValueError
        A number outside its block, or a name or number used twice; all of them are listed.
    """
    table: dict[str, int] = {}
    owner: dict[int, str] = {}
    wrong: list[str] = []
    for block, names in blocks.items():
        for name, number in names.items():
            if number not in block:
                wrong.append(f"{name}: {number} is outside {block.start}-{block.stop - 1}")
            if name in table:
                wrong.append(f"{name}: named twice ({table[name]} and {number})")
            if number in owner:
                wrong.append(f"{name}: {number} is taken by {owner[number]}")
            table[name] = number
            owner[number] = name
    if wrong:
        raise ValueError("core.randomness: " + "; ".join(wrong))
    return table


DECISIONS: Final[dict[str, int]] = check_blocks(BLOCKS)


def decision_number(name: str) -> int:
    """Number of a decision.

    Raises
    ------
    KeyError
        No such decision; the message names the nearest.
    """
    if name not in DECISIONS:
        near = ", ".join(difflib.get_close_matches(name, DECISIONS, 3)) or "none is near"
        raise KeyError(f"no decision {name!r} in core.randomness (nearest: {near})")
    return DECISIONS[name]


# --- identities ------------------------------------------------------------------------------------------

HOUSEHOLD_SLOT: Final = 255  # slot of whatever is not a person


def identity(name: str) -> int:
    """64-bit identity of a named thing (village, product, firm, town); the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, person=b"povsim id").digest(), "little")


def tag_key(tag: str) -> int:
    """64-bit key of a tag (a measure's id); 0 for the empty tag."""
    if not tag:
        return 0
    return int.from_bytes(hashlib.blake2b(tag.encode(), digest_size=8, person=b"povsim tag").digest(), "little")


# --- Philox4x32-10 ---------------------------------------------------------------------------------------

MULTIPLIER_0: Final = np.uint64(0xD2511F53)
MULTIPLIER_1: Final = np.uint64(0xCD9E8D57)
WEYL_0: Final = np.uint64(0x9E3779B9)
WEYL_1: Final = np.uint64(0xBB67AE85)
MASK: Final = np.uint64(0xFFFFFFFF)
HALF: Final = np.uint64(32)

Words = Any  # uint64 holding 32-bit words: np.uint64 or a column


def philox(c0: Words, c1: Words, c2: Words, c3: Words, k0: Words, k1: Words) -> tuple[Words, Words, Words, Words]:
    """Four 32-bit words from a counter of four and a key of two; ten rounds. All are uint64 below 2**32, and broadcast."""
    for _ in range(10):
        a = (c0 & MASK) * MULTIPLIER_0
        b = (c2 & MASK) * MULTIPLIER_1
        c0, c1, c2, c3 = (b >> HALF) ^ c1 ^ k0, b, (a >> HALF) ^ c3 ^ k1, a
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0 & MASK, c1 & MASK, c2 & MASK, c3 & MASK


def unit(word: Words) -> Any:
    """Number in (0, 1) of a 32-bit word: (w + 1/2) 2**-32, exact."""
    return (word + 0.5) * 2.3283064365386963e-10


def key_of(seed: int, tag: str) -> tuple[np.uint64, np.uint64]:
    """Low and high word of the key: seed xor tag.

    Raises
    ------
    ValueError
        The seed is not in 0 .. 2**64 - 1.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is a whole number from 0 to 2**64 - 1, not {seed}")
    key = seed ^ tag_key(tag)
    return np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)


def when(year: int, slot: ArrayLike, group: ArrayLike) -> Any:
    """Fourth counter word.

    Raises
    ------
    ValueError
        Year not in 1900 to 5995, slot not in 0 to 255 or group not in 0 to 4095: another's draw would be taken.
    """
    for name, value, last in (("year", year - 1900, 4095), ("slot", slot, 255), ("group", group, 4095)):
        values = np.asarray(value)
        if values.size and not (values.min() >= 0 and values.max() <= last):
            raise ValueError(f"{name} has no place in the counter: {value}")
    moment = np.uint64(year - 1900) << np.uint64(20)
    return moment | (np.asarray(slot, np.uint64) << np.uint64(12)) | np.asarray(group, np.uint64)


def words(
    seed: int, tag: str, who: ArrayLike, replicate: ArrayLike, year: int, slot: ArrayLike, group: int
) -> NDArray[np.uint64]:
    """The four words of a group.

    Parameters
    ----------
    seed, tag
        The key.
    who : uint64 array-like
        Identity: ``draw_id`` of a household, or ``identity(name)``.
    replicate, year, slot
        Broadcast against ``who``; slot 255 for what is not a person.
    group : int
        Decision number // 4.

    Returns
    -------
    uint64 (..., 4), each below 2**32
    """
    k0, k1 = key_of(seed, tag)
    ids = np.asarray(who, dtype=np.uint64)
    c2, c3 = np.asarray(replicate, dtype=np.uint64), when(year, slot, group)
    ids, c2, c3 = np.broadcast_arrays(ids, c2, c3)
    return np.stack(philox(ids & MASK, ids >> HALF, c2, c3, k0, k1), axis=-1)


def uniform(seed: int, tag: str, who: ArrayLike, replicate: ArrayLike, year: int, slot: ArrayLike, decision: str) -> Any:
    """Uniform draw in (0, 1); the definition of a draw.

    Parameters
    ----------
    seed, tag, who, replicate, year, slot
        As for `words`.
    decision : str
        A name in ``DECISIONS``.

    Returns
    -------
    float64, broadcast shape of who, replicate and slot; never 0 or 1, at least 2**-33 away
    """
    group, lane = divmod(decision_number(decision), 4)
    return unit(words(seed, tag, who, replicate, year, slot, group)[..., lane])


def normal(seed: int, tag: str, who: ArrayLike, replicate: ArrayLike, year: int, slot: ArrayLike, decision: str) -> Any:
    """Standard normal draw: the quantile of `uniform` of the same decision."""
    return normal_of(uniform(seed, tag, who, replicate, year, slot, decision))
