"""Made-up towns under real scenarios, for tests of allocation, measures and the safety net."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from ruamel.yaml import YAML

from povsim.core.params import load_scenario
from povsim.core.schema import HOUSEHOLDS, PERSONS, VILLAGES, Capacity, Status
from povsim.engine import allocation, safety_net, yields
from povsim.engine.draws import Draws
from povsim.engine.run import open_replicate
from povsim.engine.world import build_world
from tests.engine import lives

# An orchard whose path can be worked out by hand: no luck, no link, no insurance, no support.
PLAIN_ORCHARD = dict(
    kind="industry", take_up=1.0, product="tea", linked=0.0, insured=0.0, failure_own=0.0, spread=0.0, price_sd={"tea": 0.0},
    award=0, awarded=0.0, grant=0, own_share=0.0, disaster_loss=0.0, scale_factor=0.5, upkeep=0.1,
)  # fmt: skip


def written(value):
    """A parameter that may lie beyond its range."""
    return value if isinstance(value, (str, bool, tuple)) else {"value": value, "beyond_range": "test"}


FRAME = ("kind", "title", "eligible", "order", "quota", "budget", "start", "until", "kept_until", "ends")


def scenario(folder, plans, years=5, plan=None, **groups):
    """A scenario over these measures (id to its entries); ``groups`` sets process parameters as ``group={name: value}``."""
    tree = {
        "schema": "povsim/1",
        "place": "chagu",
        "run": {"opening": 2016, "years": years, "replicates": 1, "seed": 7},
        "plan": plan or {"finish_year": 2020},
        "measures": {
            id: {name: value if name in FRAME else written(value) for name, value in entries.items()}
            for id, entries in plans.items()
        },
        **{group: {name: written(value) for name, value in values.items()} for group, values in groups.items()},
    }
    file = folder / "test.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(tree, out)
    return load_scenario(file)


def tables(count):
    """The made-up town of `lives`, with hill land."""
    made = lives.tables(count)
    made.households["forest_mu"] = np.full(count, 3.0)
    return made


def town(folder, plans, count=300, made=None, **more):
    """A world over a made-up town."""
    return build_world(made or tables(count), scenario(folder, plans, **more))


def homes(rows, villages=1):
    """Tables of households written out: each a dict of columns, with ``people`` a list of dicts."""
    count = len(rows)
    households = {k.name: np.zeros(count, "U16" if k.dtype == "str" else k.dtype) for k in HOUSEHOLDS}
    households["household_id"] = np.array([f"h{i}" for i in range(count)])
    households["draw_id"] = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(2654435761)
    households["village"] = np.arange(count) * villages // count
    households["status"][:], households["year_identified"][:] = Status.POOR, 2013
    households["house_safe"][:] = households["water_safe"][:] = True
    households["land_mu"][:] = households["forest_mu"][:] = 10.0
    persons = []
    for i, row in enumerate(rows):
        for name, value in row.items():
            if name != "people":
                households[name][i] = value
        for slot, person in enumerate(row.get("people", [{}])):
            usual = dict(birth_year=1976, capacity=Capacity.ORDINARY, resident=True, insured=True, household=i, slot=slot)
            persons.append({**usual, **person})
    people_ = {k.name: np.array([one.get(k.name, 0) for one in persons], "U8" if k.dtype == "str" else k.dtype) for k in PERSONS}
    places = {k.name: np.zeros(villages, "U8" if k.dtype == "str" else k.dtype) for k in VILLAGES}
    places["name"] = np.array([f"v{i}" for i in range(villages)])
    return SimpleNamespace(villages=places, households=households, persons=people_)


def begin(world, replicate=0):
    """The opening state of a replicate and its luck."""
    draws = Draws(world.scenario.run.seed, replicate)
    return open_replicate(world, draws), draws


def measures_only(s, world, draws, year):
    """Allocation, the measures' yields and the safety net, in a year in which nothing else happens."""
    s.begin_year()
    allocation.allocate(s, world, draws, year)
    yields.earn(s, world, draws, year)
    safety_net.decide(s, world, draws, year)
