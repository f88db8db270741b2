"""Matrices of draws: compiled, NumPy and the definition agree to the bit, whoever else is there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core import randomness as r
from povsim.engine.draws import CHUNK, Draws, plan

NAMES = ("test_f", "test_a", "test_c_z", "test_e", "test_h_z")
NUMBERS = {"test_a": 496, "test_b": 497, "test_c_z": 498, "test_d": 499, "test_e": 500, "test_f": 505, "test_h_z": 511}
SEED, YEAR = 2**63 + 11, 2018
DRAWS = Draws(SEED, 6)


@pytest.fixture(autouse=True, scope="module")
def _decisions() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, number in NUMBERS.items():
            patch.setitem(r.DECISIONS, name, number)
        yield


@pytest.fixture(params=["compiled", "numpy"])
def _engine(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_ENGINE", request.param)


def town(households: int) -> dict[str, Any]:
    """Households of 1 to 5 places, a third of them empty."""
    house = np.repeat(np.arange(households, dtype=np.int32), np.arange(households) % 5 + 1)
    rank = np.arange(len(house))
    return {
        "draw_id": np.arange(1, households + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15),
        "house": house,
        "slot": (rank % 7).astype(np.int32),
        "alive": (rank % 3 > 0).astype(np.int32),
    }


def definition(t: dict[str, Any], name: str, tag: str = "") -> Any:
    draw = r.normal if name.endswith("_z") else r.uniform
    value = draw(SEED, tag, t["draw_id"][t["house"]], 6, YEAR, t["slot"], name)
    return np.where(t["alive"] == 1, value, 0.0 if name.endswith("_z") else 0.5)


def persons(t: dict[str, Any], names: tuple[str, ...] = NAMES, tag: str = "", draws: Draws = DRAWS) -> Any:
    return draws.persons(t["draw_id"], t["house"], t["slot"], YEAR, names, tag=tag, alive=t["alive"])


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("households", [0, 1, 85, 86, 300])  # 256 and 257 places among them: a full chunk and one more
def test_matrices_are_the_definition_to_the_bit(households: int) -> None:
    t = town(households)
    for tag in ("", "posts"):
        matrix = persons(t, tag=tag)
        assert matrix.shape == (len(NAMES), len(t["house"]))
        for row, name in zip(matrix, NAMES, strict=True):
            assert np.array_equal(row, definition(t, name, tag)), name


def test_sizes_of_the_test_meet_the_edges_of_a_chunk() -> None:
    sizes = [len(town(n)["house"]) for n in (85, 86)]
    assert sizes[0] <= CHUNK <= sizes[1]


@pytest.mark.usefixtures("_engine")
def test_households_and_named_things_use_the_slot_of_what_is_no_person() -> None:
    t = town(40)
    for row, name in zip(DRAWS.households(t["draw_id"], YEAR, NAMES, "pv"), NAMES, strict=True):
        draw = r.normal if name.endswith("_z") else r.uniform
        assert np.array_equal(row, draw(SEED, "pv", t["draw_id"], 6, YEAR, 255, name))
    villages = ("茶谷村", "云上村")
    both = DRAWS.named(villages, YEAR, ("test_a", "test_c_z"))
    assert (
        both[0, 1] == DRAWS.shared("云上村", YEAR, "test_a") == r.uniform(SEED, "", r.identity("云上村"), 6, YEAR, 255, "test_a")
    )
    assert both[1, 0] == DRAWS.shared("茶谷村", YEAR, "test_c_z")


@settings(max_examples=25)
@given(st.integers(0, 59), st.integers(1, 60), st.randoms(use_true_random=False))
def test_a_block_a_shuffle_and_a_neighbour_change_nothing(first: int, length: int, shuffle: Any) -> None:
    t = town(60)
    whole = persons(t)
    a, b = np.searchsorted(t["house"], [first, min(first + length, 60)])
    block = t | {k: t[k][a:b] for k in ("house", "slot", "alive")}
    assert np.array_equal(persons(block), whole[:, a:b])
    order = list(range(len(t["house"])))
    shuffle.shuffle(order)
    assert np.array_equal(persons(t | {k: t[k][order] for k in ("house", "slot", "alive")}), whole[:, order])
    more = t | {"draw_id": np.append(t["draw_id"], np.uint64(77))}
    more |= {"house": np.append(t["house"], np.int32(60)), "slot": np.append(t["slot"], np.int32(0))}
    more |= {"alive": np.append(t["alive"], np.int32(1))}
    assert np.array_equal(persons(more)[:, :-1], whole)


@pytest.mark.usefixtures("_engine")
def test_a_decision_draws_the_same_whatever_else_is_drawn() -> None:
    t = town(30)
    together = dict(zip(NAMES, persons(t), strict=True))
    for name in NAMES:
        assert np.array_equal(persons(t, (name,))[0], together[name])
    assert persons(t, ()).shape == (0, len(t["house"]))


def test_replicate_year_seed_and_tag_change_the_luck() -> None:
    t = town(30) | {"alive": np.ones(len(town(30)["house"]), np.int32)}
    base = persons(t)
    changed = (
        persons(t, draws=Draws(SEED, 7)),
        persons(t, draws=Draws(SEED - 1, 6)),
        persons(t, tag="posts"),
        DRAWS.persons(t["draw_id"], t["house"], t["slot"], YEAR + 1, NAMES),
    )
    for other in changed:
        assert not np.any(other == base)


def test_threads_share_nothing() -> None:
    t = town(200)
    with ThreadPoolExecutor(2) as pool:
        parallel = list(pool.map(lambda k: persons(t, draws=Draws(SEED, k)), range(8)))
    for replicate, matrix in enumerate(parallel):
        assert np.array_equal(matrix, persons(t, draws=Draws(SEED, replicate)))


def test_only_the_groups_asked_for_are_computed() -> None:
    assert plan(("test_a", "test_c_z")).groups.tolist() == [124]
    assert plan(NAMES).groups.tolist() == [124, 125, 126, 127]


def test_a_wrong_draw_list_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        plan(("test_a", "test_b", "test_a"))
    with pytest.raises(KeyError, match="test_a"):
        plan(("tset_a",))
