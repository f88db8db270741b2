"""What a draw is: the published generator, keyed so that nobody's luck depends on anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from povsim.core import randomness as r

SEED, ID = 2016, 0x0123456789ABCDEF


@pytest.fixture(autouse=True, scope="module")
def _decisions() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for number, name in enumerate(("test_a", "test_b", "test_c", "test_d", "test_e")):
            patch.setitem(r.DECISIONS, name, 500 + number)
        yield


def u(decision: str = "test_a", **changed: Any) -> Any:
    key = {"seed": SEED, "tag": "", "who": ID, "replicate": 3, "year": 2018, "slot": 2} | changed
    return r.uniform(**key, decision=decision)


@pytest.mark.parametrize(  # Random123's kat_vectors for philox4x32 with 10 rounds
    ("counter", "key", "answer"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_known_answers_of_philox(counter: str, key: str, answer: str) -> None:
    arguments = [np.uint64(int(word, 16)) for word in (counter + " " + key).split()]
    assert " ".join(f"{int(word):08x}" for word in r.philox(*arguments)) == answer


def test_the_counter_and_key_are_laid_out_as_documented() -> None:
    key = SEED ^ r.tag_key("posts")
    counter = [ID & 0xFFFFFFFF, ID >> 32, 3, (2018 - 1900) << 20 | 2 << 12 | 125]
    words = r.philox(*[np.uint64(c) for c in counter], np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32))
    assert [int(w) for w in words] == r.words(SEED, "posts", ID, 3, 2018, 2, 125).tolist()
    for lane, name in enumerate(("test_a", "test_b", "test_c", "test_d")):
        assert u(name, tag="posts") == (int(words[lane]) + 0.5) / 2**32


def test_identities_and_tags_are_the_same_on_every_machine() -> None:
    assert r.identity("茶谷村") == 0xE985B2632C5A7BF3
    assert r.tag_key("") == 0
    assert r.tag_key("posts") == 0x135970E58746E0D3 != r.identity("posts")


@pytest.mark.parametrize(
    "changed",
    [{"seed": 2017}, {"tag": "pv"}, {"who": ID + 1}, {"who": ID + 2**32}, {"replicate": 4}, {"year": 2019}, {"slot": 3}],
)
def test_every_part_of_the_key_counts(changed: dict[str, Any]) -> None:
    assert u() != u(**changed)
    assert u("test_a") != u("test_b") != u("test_e")


IDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=12, unique=True)


@given(IDS, st.randoms(use_true_random=False))
def test_nobodys_luck_depends_on_who_else_is_there(ids: list[int], shuffle: Any) -> None:
    who = np.array(ids, np.uint64)
    slot = np.arange(len(ids)) % 5
    whole = r.uniform(7, "", who, 1, 2018, slot, "test_a")
    order = list(range(len(ids)))
    shuffle.shuffle(order)
    part = order[: 1 + len(order) // 2]
    assert np.array_equal(r.uniform(7, "", who[part], 1, 2018, slot[part], "test_a"), whole[part])
    more = np.append(who, np.uint64(99))
    assert np.array_equal(r.uniform(7, "", more, 1, 2018, np.append(slot, 0), "test_a")[:-1], whole)


def test_replicates_broadcast_against_people() -> None:
    matrix = u(who=np.arange(4, dtype=np.uint64), replicate=np.arange(3)[:, None])
    assert matrix.shape == (3, 4)
    assert matrix[2, 1] == u(who=1, replicate=2)


def test_uniforms_are_spread_evenly_and_neighbours_know_nothing_of_each_other() -> None:
    n = 40_000
    who = np.arange(n, dtype=np.uint64)
    here = u(who=who)
    counts = np.bincount((here * 256).astype(int), minlength=256)
    assert abs(((counts - n / 256) ** 2 / (n / 256)).sum() - 255) < 4.5 * np.sqrt(2 * 255)
    others = {
        "next person": u(who=who, slot=3),
        "next household": u(who=who + np.uint64(1)),
        "next replicate": u(who=who, replicate=4),
        "next year": u(who=who, year=2019),
        "next decision": u("test_b", who=who),
        "next group": u("test_e", who=who),
        "next seed": u(who=who, seed=SEED + 1),
        "a tag": u(who=who, tag="posts"),
    }
    for name, other in others.items():
        assert abs(np.corrcoef(here, other)[0, 1]) * np.sqrt(n) < 4.5, name
        assert abs(np.corrcoef(np.abs(here - 0.5), np.abs(other - 0.5))[0, 1]) * np.sqrt(n) < 4.5, name


def test_normals_are_normal_and_rise_with_their_uniform() -> None:
    n = 40_000
    who = np.arange(n, dtype=np.uint64)
    z = r.normal(SEED, "", who, 0, 2018, r.HOUSEHOLD_SLOT, "test_a")
    assert abs(z.mean()) * np.sqrt(n) < 4.5
    assert abs((z**2).mean() - 1) * np.sqrt(n / 2) < 4.5
    assert abs((z**3).mean()) * np.sqrt(n / 15) < 4.5
    assert np.array_equal(np.argsort(z), np.argsort(r.uniform(SEED, "", who, 0, 2018, r.HOUSEHOLD_SLOT, "test_a")))


def test_a_uniform_is_never_nought_or_one() -> None:
    assert r.unit(np.uint64(0)) == 2.0**-33
    assert r.unit(np.uint64(2**32 - 1)) == 1 - 2.0**-33


def test_the_table_of_decisions_is_consistent() -> None:
    assert r.check_blocks(r.BLOCKS).items() <= r.DECISIONS.items()
    starts = [block.start for block in r.BLOCKS]
    stops = [block.stop for block in r.BLOCKS]
    assert starts[1:] == stops[:-1], "blocks are contiguous"
    assert all(start % 4 == 0 for start in starts), "no two rooms share a group of four words"


def test_a_wrong_table_names_every_fault() -> None:
    with pytest.raises(ValueError, match="b: 9 is outside 0-7; c: 3 is taken by a; a: named twice"):
        r.check_blocks({range(0, 8): {"a": 3, "b": 9, "c": 3}, range(8, 16): {"a": 8}})


def test_an_unknown_decision_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="test_a"):
        r.decision_number("tset_a")


@pytest.mark.parametrize("changed", [{"slot": 256}, {"slot": -1}, {"year": 1899}, {"seed": -1}, {"seed": 2**64}])
def test_what_has_no_place_in_the_key_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no place in the counter|a seed is"):
        u(**changed)
