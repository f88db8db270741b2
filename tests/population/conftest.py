"""Owns: the shipped town and its synthetic populations, made once for the room's tests.
Never: checks anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from povsim.population import Place, Population, load_place, synthesise


@pytest.fixture(scope="session")
def chagu() -> Place:
    return load_place("chagu")


@pytest.fixture(scope="session")
def town(chagu: Place) -> Callable[..., Population]:
    """The town at an opening, from a seed; each made once."""

    @cache
    def make(opening: int = 2016, seed: int = 1) -> Population:
        return synthesise(chagu, opening, seed)

    return make
