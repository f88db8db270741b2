"""Owns: what support of students (教育扶贫、雨露计划) pays, and what it does for those who finish school.
Never: who goes on, drops out or finishes (engine.people), or what a year of schooling is worth in wages (engine.labour)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from povsim.policy.kind import Kind, Route, Schooling, Stage, where

Value = Any


def by_stage(table: Mapping[str, float], stage: Value) -> Value:
    """Entry of a school stage, 0 out of school."""
    later = where(stage == Stage.SENIOR, table["senior"], where(stage == Stage.COLLEGE, table["college"], 0.0))
    return where(stage == Stage.KINDERGARTEN, table["kindergarten"], where(stage == Stage.COMPULSORY, table["compulsory"], later))


def may_be_aided(stage: Value, grant: Value) -> Value:
    """Whether one attends a stage for which there is a grant."""
    return (stage != Stage.NONE) & (grant > 0.0)


def has_finished(aided_in: Value, stage: Value, schooling: Value) -> Value:
    """Whether one has left school with the degree of the stage aided, senior or higher; a drop-out has not."""
    senior = (aided_in == Stage.SENIOR) & (schooling >= Schooling.SENIOR)
    return (stage == Stage.NONE) & (senior | ((aided_in == Stage.COLLEGE) & (schooling == Schooling.COLLEGE)))


def years_out(before: Value, stage: Value) -> Value:
    """Years since school was finished, 1 in the first; 0 at school."""
    return where(stage == Stage.NONE, before + 1.0, 0.0)


def help_factor(factor: Value, out: Value, helps_for: Value) -> Value:
    """Factor on finding work: in the first ``helps_for`` years after school."""
    return where((out >= 1.0) & (out <= helps_for), factor, 1.0)


def learns_a_trade(u: Value, out: Value, chance: Value) -> Value:
    """1 if one who has just finished is a skilled labourer."""
    return where((out == 1.0) & (u < chance), 1, 0)


# --- hooks -----------------------------------------------------------------------------------------------


def fits(view: Any, p: Any) -> Any:
    """Students of the stages paid for; a grant is for a school year, and asked for anew."""
    return may_be_aided(view.stage, by_stage(p.grant, view.stage))


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """In which stage."""
    return {"stage": view.stage}


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """The grant ends with the school year; those who finished school with it are followed for some years."""
    return has_finished(held.stage, view.stage, view.schooling) & (years_out(held.out, view.stage) <= p.counts_for)


def costs(view: Any, p: Any) -> dict[str, Any]:
    """The grant."""
    return {"budget": by_stage(p.grant, view.stage)}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """Students are kept in school; those who finished find work sooner, some in a trade they have learnt."""
    out = years_out(held.out, view.stage)
    return {
        "aided": where(view.stage != Stage.NONE, 1, 0),
        "finding": help_factor(p.finding, out, p.helps_for),
        "skilled": learns_a_trade(u.skilled, out, by_stage(p.skilled, held.stage)),
        "out": out,
    }


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The grant takes off what schooling costs the household: it is no income. Wages of those who finished."""
    return {
        "relief_schooling": by_stage(p.grant, view.stage),
        "credited": where(held.out > 0.0, view.market_wage, 0.0),
    }


KIND = Kind(
    name="education",
    holder="person",
    own={"stage": 0.0, "out": 0.0},
    draws={"skilled": 400},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    helps=helps,
    yields=yields,
    route=Route.EDUCATION,
    anew=True,
    unused=("start.month",),
)
