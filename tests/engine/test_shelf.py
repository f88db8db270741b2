"""What measures keep: a shelf that is emptied is as new, and a copy stands for itself."""

import numpy as np

from povsim.engine import run
from povsim.engine.ledger import open_tally
from povsim.engine.shelf import Kept, Shelf, plan_of
from tests.engine import plan
from tests.engine.test_serving import TOWNS

ALL = {**{f"{town[:2]}_{id}": measure for town, of in TOWNS.items() for id, measure in of.items()}, "net": {"kind": "safety_net"}}


def everything(shelf):
    """All arrays of a shelf, by name."""
    found = {f"{of}.{name}": array for of, kept in shelf.of.items() for name, array in zip(Kept._fields, kept, strict=True)}
    return found | {name: getattr(shelf, name) for name in ("common", "given", "books", "slots")}


def apart(one, other):
    return [name for name, array in everything(one).items() if not np.array_equal(array, everything(other)[name])]


def test_a_shelf_that_is_emptied_is_as_new(tmp_path):
    """Of all kinds, the safety net too, whose phase keeps no year since which one has it. Mutation: by that year alone."""
    world = plan.town(tmp_path, ALL, count=200, years=3)
    room = world.start.copy()
    run.run_replicate(world, 0, open_tally(world), None, room)
    new = Shelf(plan_of(world))
    assert len(apart(room.shelf, new)) > 12, "they keep something"
    copy = room.shelf.copy()
    room.shelf.empty()
    assert not apart(room.shelf, new)
    assert len(apart(copy, new)) > 12, "a copy is its own"
