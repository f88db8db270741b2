"""A small town by hand, for tests of single phases: tables as the engine asks for them, and parameters as plain names."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from povsim.core.params import Plan
from povsim.core.schema import HOUSEHOLDS, PERSONS, VILLAGES, Capacity, Status
from povsim.engine import columns as c
from povsim.engine.world import World, build_world

ASSESSMENT = dict(
    exit_margin=1.0,
    exits_capped=True,
    sustain_years=1,
    report_error=0.0,
    list_oversize=1.15,
    list_finding=3.0,
    written_up=0.0,
    written_up_band=0.1,
    list_weight_labour=0.2,
    list_weight_size=0.15,
    list_weight_dibao=-0.4,
    list_noise=0.0,
    tekun_leaves=1.0,
    general_found=1.0,
    identified_quota=0.5,
    quota_tolerance=0.0,
    look_back=0.0,
    ineligible_share=0.0,
    ineligible_by_size=0.8,
    list_from=2015,
    surplus_by_size=1.0,
    helped_before=0.0,
    helped_otherwise=0.0,
    ineligible_found=1.0,
    return_found=1.0,
    monitoring_from=2020,
    alert_bill=10000.0,
    debt_counts=False,
    alert_fall=0.3,
    never_found=0.0,
    detection_delay=0.0,
    verified=1.0,
    risk_cleared=1.0,
    transition_from=2021,
    regular_from=2026,
    weak_ability=0.25,
    channel_shares=(0.35, 0.5, 0.15),
    channel_delays=(1.0, 1.0, 1.0),
    decision_days=0.0,
    clear_months=6.0,
    village_incidence=0.02,
    village_income=50000.0,
    village_trade=0.0,
    village_supplied=0.0,
    layer_margin=1.5,
    layer_rigid_income=2.5,
    layer_rigid_share=0.6,
)
LINES = dict(exit_line=3300.0, poverty_line=2952.0, monitoring_line=5000.0, dibao_standard=4000.0)


def tables(sizes, statuses, villages=2):
    """Households of given sizes and statuses, spread over villages in order; everybody an able adult of 40."""
    count, total = len(sizes), int(np.sum(sizes))
    people = {c.name: np.zeros(total, "U8" if c.dtype == "str" else c.dtype) for c in PERSONS}
    people["household"] = np.repeat(np.arange(count), sizes)
    people["slot"] = np.concatenate([np.arange(n) for n in sizes]) if total else np.zeros(0, np.int64)
    people["birth_year"][:] = 1976
    people["capacity"][:] = Capacity.ORDINARY
    people["insured"][:] = True
    homes = {c.name: np.zeros(count, "U16" if c.dtype == "str" else c.dtype) for c in HOUSEHOLDS}
    homes["household_id"] = np.array([f"h{i}" for i in range(count)])
    homes["draw_id"] = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(2654435761)
    homes["village"] = np.sort(np.arange(count) % villages)
    homes["status"][:] = statuses
    homes["year_identified"][:] = np.where(np.isin(statuses, (Status.POOR, Status.EXITED, Status.RETURNED)), 2013, 0)
    homes["year_exited"][:] = np.where(np.isin(statuses, (Status.EXITED, Status.RETURNED)), 2015, 0)
    homes["house_safe"][:] = homes["water_safe"][:] = True
    places = {c.name: np.zeros(villages, "U8" if c.dtype == "str" else c.dtype) for c in VILLAGES}
    places["name"] = np.array([f"v{i}" for i in range(villages)])
    return SimpleNamespace(villages=places, households=homes, persons=people)


def town(sizes, statuses, *, years=(2017,), opening=2016, targets=None, finish_year=2020, measures=(), **changed) -> World:
    """A world over these tables; ``changed`` sets assessment parameters or lines."""
    groups = {
        "assessment": {k: changed.get(k, v) for k, v in ASSESSMENT.items()},
        "lines": {k: changed.get(k, v) for k, v in LINES.items()},
    }
    scenario = SimpleNamespace(
        run=SimpleNamespace(opening=opening, years=years, seed=7, replicates=1, threads=1, scope="all"),
        plan=Plan(targets or {}, finish_year),
        measures=measures,
        values=lambda group, year: SimpleNamespace(**groups[group]),
    )
    return build_world(tables(sizes, statuses), scenario)


def set_income(s, head_yuan, row=5):
    """Give each household a registry income per head, all of it from one item (farming)."""
    s.items[:] = 0
    s.items[row] = np.rint(np.asarray(head_yuan) * s.hi[c.SIZE] * 100)
