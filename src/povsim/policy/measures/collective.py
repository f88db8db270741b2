"""Owns: how a village shares out its income (村集体收益分配) by its yearly resolution.
Never: where the income comes from (pv, assets) or who is given a post (employment)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from povsim.policy.kind import Kind, Status, clip, maximum, minimum, where

Value = Any


def resolution(shares: Mapping[str, float], least_wages: float) -> dict[str, float]:
    """Shares of the year's income by use: posts, works, awards, relief, and the reserve, which is what is left; they add up to 1.

    Posts and small works together get at least ``least_wages``; awards and then relief give way.
    """
    posts = clip(shares["posts"], 0.0, 1.0)
    works = clip(maximum(shares["works"], least_wages - posts), 0.0, 1.0 - posts)
    awards = clip(shares["awards"], 0.0, 1.0 - posts - works)
    relief = clip(shares["relief"], 0.0, 1.0 - posts - works - awards)
    return {"posts": posts, "works": works, "awards": awards, "relief": relief, "reserve": 1.0 - posts - works - awards - relief}


def left_for_works(pot: Value, wages_share: Value, wages_paid: Value) -> Value:
    """Yuan for small works: their own share and what the posts left of theirs, since both are wages for work in the village."""
    return maximum(pot * wages_share - wages_paid, 0.0)


def registered(status: Value) -> Value:
    """Whether a household is on the register: still poor, exited or returned."""
    return (status == Status.POOR) | (status == Status.EXITED) | (status == Status.RETURNED)


def works_weight(on_register: Value, hands_at_home: Value) -> Value:
    """A household's part in small works: by its hands at home, weak ones included."""
    return where(on_register, hands_at_home, 0.0)


def award_weight(on_register: Value, labourers: Value, worked: Value) -> Value:
    """Awards go to those who can work and do."""
    return where(on_register & (labourers > 0) & (worked > 0), 1.0, 0.0)


def relief_weight(on_register: Value, labourers: Value, sick: Value, disabled: Value, elders: Value) -> Value:
    """Relief goes by need: to households without labour and to the sick, disabled and old (differentiated, 差异化分配)."""
    return where(
        on_register, where(labourers == 0, 1.0, 0.0) + minimum(sick + disabled, 2.0) + where(labourers == 0, elders, 0.0), 0.0
    )


# --- hooks -----------------------------------------------------------------------------------------------


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """Before the year: what the resolution sets apart for posts."""
    return {"post_fund": view.pot * resolution(p.shares, p.least_wages)["posts"]}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """Works, awards and relief; whatever is left stays with the village."""
    uses = resolution(p.shares, p.least_wages)
    return {
        "wage_other": left_for_works(view.pot, uses["posts"] + uses["works"], view.posts_paid),
        "award": view.pot * uses["awards"],
        "collective_share": view.pot * uses["relief"],
    }


def shares(view: Any, p: Any) -> dict[str, Any]:
    """Who gets how much of each."""
    known = registered(view.status)
    return {
        "wage_other": works_weight(known, view.hands_at_home),
        "award": award_weight(known, view.labourers, view.in_work),
        "collective_share": relief_weight(known, view.labourers, view.sick, view.disabled, view.elders),
    }


KIND = Kind(
    name="collective",
    holder="village",
    helps=helps,
    yields=yields,
    shares=shares,
    pays=("wage_other", "award", "collective_share"),
)
