"""Owns: the fields that ``eligible:`` may name, and conditions on them as data.
Never: evaluates a condition (policy.eligibility)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from povsim.core import schema
from povsim.core.errors import Fault
from povsim.core.labels import label
from povsim.core.params.record import Text
from povsim.core.params.tree import Node, fault, flow, nearest, unknown


@dataclass(frozen=True)
class Field:
    """A named quantity of a household or a person that a condition may test.

    Attributes
    ----------
    name : str
        Name in ``eligible:``.
    of : str
        ``household`` or ``person``.
    unit : str
        Unit; ``code`` for a code list, ``true/false``, ``text``.
    label : Text
        Words for people.
    codes : type[IntEnum] or None
        The code list, whose names (lower case) a condition may use.
    """

    name: str
    of: str
    unit: str
    label: Text
    codes: type[IntEnum] | None = None


def _household(name: str, unit: str, zh: str, en: str, codes: type[IntEnum] | None = None) -> Field:
    return Field(name, "household", unit, Text(zh, en), codes)


def _person(name: str, unit: str, zh: str, en: str, codes: type[IntEnum] | None = None) -> Field:
    return Field(name, "person", unit, Text(zh, en), codes)


FIELDS: Final[dict[str, Field]] = {
    one.name: one
    for one in (
        _household("status", "code", "贫困状态", "registry status", schema.Status),
        _household("monitoring", "code", "监测状态", "monitoring status", schema.Monitoring),
        _household("layer", "code", "低收入分层", "layer of low income", schema.Layer),
        _household("category", "code", "户类型", "category", schema.Category),
        _household("cause", "code", "主要致贫原因", "main cause of poverty", schema.Cause),
        _household("size", "persons", "家庭人口", "persons in the household"),
        _household("labourers", "persons", "劳动力人数 (含弱劳动力)", "labourers of any capacity (able and weak)"),
        _household("able", "persons", "有完全劳动能力人数 (普通与技能)", "able labourers (ordinary or skilled)"),
        _household("weak", "persons", "弱劳动力或半劳动力人数", "weak or half labourers"),
        _household("students", "persons", "在校生人数", "students"),
        _household("elders", "persons", "60岁及以上人数", "persons of 60 and over"),
        _household("sick", "persons", "长期慢性病、大病患者人数", "persons chronically or seriously ill"),
        _household("disabled", "persons", "残疾人数", "disabled persons"),
        _household("land_mu", "mu", "耕地面积", "farmland"),
        _household("forest_mu", "mu", "林地面积", "forest"),
        _household("village", "text", "所在村 (村名)", "village (its name)"),
        _household("poor_village", "true/false", "在贫困村", "lives in a poor village"),
        _household("income_head", "yuan/person/year", "上年人均纯收入 (台账)", "income per head reported last year"),
        _household(
            "income_to_line", "ratio", "上年人均纯收入与脱贫线之比", "income per head reported last year over the exit line"
        ),
        _household("house_safe", "true/false", "住房安全", "house safe"),
        _household("water_safe", "true/false", "饮水安全", "drinking water safe"),
        _household("listed", "true/false", "列入本年预脱贫名单", "on this year's list of those to leave"),
        _household("on_dibao", "true/false", "享受低保", "somebody draws dibao"),
        _household("on_tekun", "true/false", "享受特困供养", "somebody draws tekun support"),
        _household("resettled", "true/false", "库区移民户", "resettled from a reservoir"),
        _household("relocated", "true/false", "易地搬迁户", "relocated"),
        _household("pv_linked", "true/false", "光伏扶贫户", "linked to a PV station"),
        _household("year_exited", "year", "脱贫年份 (0 未脱贫)", "year of the last exit (0: never)"),
        _person("age", "years", "年龄", "age"),
        _person("sex", "code", "性别", "sex", schema.Sex),
        _person("capacity", "code", "劳动能力", "labour capacity", schema.Capacity),
        _person("health", "code", "健康状况", "health", schema.Health),
        _person("stage", "code", "在校阶段", "school stage attended", schema.Stage),
        _person("work", "code", "务工状况", "paid work", schema.Work),
        _person("resident", "true/false", "常住", "lives at home"),
        _person("schooling", "code", "文化程度", "education finished", schema.Schooling),
    )
}
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
COMPARISON: Final = rf"\s*(>=|<=|>|<)\s*({_NUMBER})\s*"
BETWEEN: Final = rf"\s*between\s+({_NUMBER})\s+and\s+({_NUMBER})\s*"

SPAN: Final = rf"\s*({_NUMBER})\s*[-–—~～至到]\s*({_NUMBER})\s*(?:岁|人|亩)?"  # as people write between


@dataclass(frozen=True)
class Condition:
    """One condition; all of a measure's must hold.

    Attributes
    ----------
    field : str
        A name of ``FIELDS``.
    op : str
        ``in``, ``>=``, ``>``, ``<=``, ``<`` or ``between`` (both ends included).
    values : tuple of float, or of str for a village
        Codes for a code list, 0 or 1 for yes and no. One value for a comparison, two for ``between``.
    text : str
        As written in the file.
    """

    field: str
    op: str
    values: tuple[float | str, ...]
    text: str = ""

    @property
    def of(self) -> str:
        """``household`` or ``person``."""
        return FIELDS[self.field].of


def read_conditions(node: Node, path: str, faults: list[Fault]) -> tuple[Condition, ...]:
    """The conditions under ``eligible:``, in the order of the file; a field set to null puts no condition."""
    if not isinstance(node.value, dict):
        faults.append(fault(node, path, label("params_eligible"), label("params_eligible_mend")))
        return ()
    found = []
    for name, item in node.items.items():
        below = f"{path}.{name}"
        if name not in FIELDS:
            faults.append(unknown(item, below, name, list(FIELDS), "what_field"))
        elif item.value is not None:
            condition = _condition(FIELDS[str(name)], item, below, faults)
            if condition is not None:
                found.append(condition)
    return tuple(found)


def _condition(about: Field, node: Node, path: str, faults: list[Fault]) -> Condition | None:
    text = flow(node.plain)
    if isinstance(node.value, str):
        if match := re.fullmatch(COMPARISON, node.value):
            return _ordered(about, match[1], (float(match[2]),), node, path, faults, text)
        if match := re.fullmatch(BETWEEN, node.value):
            return _ordered(about, "between", (float(match[1]), float(match[2])), node, path, faults, text)
    items = node.value if isinstance(node.value, tuple) else (node,)
    values = [_value(about, item, path, faults) for item in items]
    if not values:
        faults.append(fault(node, path, label("params_condition"), label("params_condition_mend")))
    known = tuple(value for value in values if value is not None)
    return Condition(about.name, "in", known, text) if known and len(known) == len(values) else None


def _ordered(
    about: Field, op: str, values: tuple[float, ...], node: Node, path: str, faults: list[Fault], text: str
) -> Condition | None:
    if about.codes is not None or about.unit in ("true/false", "text"):
        faults.append(fault(node, path, label("params_no_order", field=str(about.label)), _how(about)))
        return None
    if values != tuple(sorted(values)):
        faults.append(fault(node, path, label("params_between"), label("params_between_mend", low=values[1], high=values[0])))
        return None
    return Condition(about.name, op, values, text)


def _value(about: Field, node: Node, path: str, faults: list[Fault]) -> float | str | None:
    value = node.value
    if about.codes is not None:
        names = {code.name.lower(): float(code) for code in about.codes}
        if isinstance(value, str) and value in names:
            return names[value]
        near = nearest(value, list(names))
        mend = label("params_nearest", near=near) if near else _how(about)
        faults.append(fault(node, path, label("params_code", field=str(about.label)), mend))
        return None
    if about.unit == "text" and isinstance(value, str):
        return value
    if about.unit == "true/false" and isinstance(value, bool):
        return float(value)
    if about.unit not in ("text", "true/false") and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    span = re.fullmatch(SPAN, value) if isinstance(value, str) else None
    mend = label("params_between_mend", low=float(span[1]), high=float(span[2])) if span else _how(about)
    faults.append(fault(node, path, label("params_condition"), mend))
    return None


def _how(about: Field) -> str:
    if about.codes is not None:
        return label("params_one_of", names=", ".join(code.name.lower() for code in about.codes))
    if about.unit == "true/false":
        return label("params_truth_mend")
    return label("params_text_mend") if about.unit == "text" else label("params_condition_mend")
