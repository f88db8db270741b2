"""Owns: the JSON Schema of a params file, from the same records that check it, for editors to complete and explain.
Never: judges a file (building does, with line and column)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from povsim.core.params import shell
from povsim.core.params.conditions import BETWEEN, COMPARISON, FIELDS, Field
from povsim.core.params.record import Record
from povsim.core.params.records import bound, data_root, group_names, group_records, kind_records, shipped_kinds
from povsim.core.params.stress import read_block, stress_names
from povsim.core.params.tree import Node, Plain
from povsim.core.params.units import UNITS

Json: TypeAlias = dict[str, Any]
YEARS: Final = r"^(19(49|[5-9]\d)|2[01]\d\d|2200)$"  # as tree.is_year
_SAID: Final[Json] = {"type": "string", "pattern": r"\S"}  # words, not nothing
# An identifier, written so that the patterns of all editors read it: no blank, no sign but the underscore, no figure first.
_SIGNS: Final = r"\s!-/:-@\[-^`{-~，、；：。（）"
IDS: Final[Json] = {"pattern": rf"^[^\d{_SIGNS}][^{_SIGNS}]*$", "not": {"enum": list(shell.RESERVED_IDS)}}
_WORDS: Final[Json] = {
    "type": "object",
    "properties": {"zh": _SAID, "en": _SAID},
    "required": ["zh", "en"],
    "additionalProperties": False,
}
_BEYOND: Final[Json] = {
    "type": "object",
    "properties": {"value": {}, "beyond_range": {**_SAID, "description": "理由 / reason"}},
    "required": ["value", "beyond_range"],
    "additionalProperties": False,
}
_TITLE: Final[Json] = {"anyOf": [_SAID, {"$ref": "#/definitions/words"}, {"type": "null"}]}
_COMPARISON: Final = f"^({COMPARISON}|{BETWEEN})$"


def json_schema(kinds_known: Iterable[str] | None = None) -> Json:
    """JSON Schema (draft 7, which editors read) of ``params/<place>/<name>.yaml``: every name with unit, range and meaning.

    Parameters
    ----------
    kinds_known : iterable of str or None
        Kinds a measure may be of; by default those that come along.
    """
    groups = {name: group_records(name)[0] for name in group_names()}
    kinds = {name: kind_records(name)[0] for name in (shipped_kinds() if kinds_known is None else kinds_known)}
    properties: Json = {
        "schema": {"const": shell.SCHEMA},
        "extends": {
            **_SAID,
            "description": "另一方案: 相对路径或 <地区>/<名称> / another scenario: a relative path or <place>/<name>",
        },
        "title": _TITLE,
        "place": {**_SAID, "description": "地区 / place"},
        "run": _object(_run()),
        "plan": _object(_frame(shell.PLAN) | {"targets": _targets()}),
        "compare": {"type": "array", "items": _SAID, "description": "对比方案 / scenarios to compare with"},
        "stress": _stress(),
        "kinds": _object({kind: _object(_parameters(records)) for kind, records in kinds.items()}),
        "measures": {
            "type": "object",
            "propertyNames": IDS,
            "additionalProperties": {"anyOf": [_measure(kinds), {"type": "null"}]},
        },
    }
    properties |= {group: _object(_parameters(records)) for group, records in groups.items()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "povsim params",
        "definitions": {
            "words": _WORDS,
            "beyond": _BEYOND,
            "eligible": _object({name: _condition(one) for name, one in FIELDS.items()}),
        },
        **_object(properties),
        "required": ["schema"],
        "if": {"not": {"required": ["extends"]}},  # what extends nothing has it all
        "then": {
            "required": ["place", "run"],
            "properties": {
                "run": {"required": ["opening"]},
                "measures": {"additionalProperties": {"anyOf": [{"required": ["kind"]}, {"type": "null"}]}},
            },
        },
    }


def schema_text() -> str:
    """The schema as it stands in ``params/schema.json``."""
    return _laid_out(json_schema(), 4) + "\n"


def _laid_out(value: Any, depth: int) -> str:
    """JSON with one entry to a line down to a depth, so that a changed parameter is one changed line."""
    if depth == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(", ", ":"))
    entries = ",\n".join(f"{json.dumps(key, ensure_ascii=False)}: {_laid_out(item, depth - 1)}" for key, item in value.items())
    return f"{{\n{entries}\n}}"


def write_schema() -> str:
    """Write ``params/schema.json``; its path."""
    path = data_root() / "params" / "schema.json"
    path.write_text(schema_text(), encoding="utf-8")
    return str(path)


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _frame(records: Mapping[str, Record]) -> Json:
    """Settings that have one value each."""
    return {
        name: {"anyOf": [_shape(record, record.default), {"type": "null"}], **_said(record)} for name, record in records.items()
    }


def _stress() -> Json:
    """Stress blocks: their names, or each with the year in which it begins."""
    titles = {name: block.title for name in stress_names() if (block := read_block(name)[0]) is not None}
    one: Json = {"anyOf": [{"type": "integer"}, {"type": "boolean"}, {"type": "null"}]}
    named = {name: one | {"description": f"{title.zh} / {title.en}"} for name, title in titles.items()}
    return {
        "anyOf": [{"type": "array", "items": {"enum": list(titles)}}, _object(named)],
        "description": "压力情景: 名称, 或 名称: 起始年份 / stress blocks: names, or each with its first year",
    }


def _run() -> Json:
    """Settings of the run; replicates are a number, or a precision that is wanted."""
    found = _frame(shell.RUN)
    until = _object(_frame(shell.UNTIL)) | {"required": ["until", "year", "within"]}
    return found | {"replicates": {**found["replicates"], "anyOf": [*found["replicates"]["anyOf"], until]}}


def _parameters(records: Mapping[str, Record]) -> Json:
    return {name: _parameter(record) for name, record in records.items()}


def _parameter(record: Record) -> Json:
    """A value, a value by year, a value beyond its range with the reason, or null for the default."""
    plain = record.default
    if plain.dated:
        plain = next(iter(plain.items.values()))
    shape = _shape(record, plain)
    one = {} if isinstance(plain.value, (dict, tuple)) else shape  # a table by year is long: leave it to the checker
    return {"anyOf": [shape, _by_year(one), {"$ref": "#/definitions/beyond"}, {"type": "null"}], **_said(record)}


def _by_year(shape: Json) -> Json:
    years = {YEARS: {"anyOf": [shape, {"type": "null"}]} if shape else {}}
    return {"type": "object", "patternProperties": years, "additionalProperties": False}


def _shape(record: Record, like: Node) -> Json:
    """The shape of a value that is like a default."""
    if like.dated:
        return _by_year(_shape(record, next(iter(like.items.values()))))
    if isinstance(like.value, dict):
        inner = {str(key): {"anyOf": [_shape(record, node), {"type": "null"}]} for key, node in like.value.items()}
        return {"type": "object", "properties": inner, "additionalProperties": record.open}
    if isinstance(like.value, tuple):
        items = _shape(record, like.value[0]) if like.value else {}
        size = {} if record.open else {"minItems": len(like.value), "maxItems": len(like.value)}
        return {"type": "array", "items": items, **size}
    if record.unit == "true/false" or isinstance(like.value, bool):
        return {"type": "boolean"}
    if record.one_of:
        return {"enum": list(record.one_of)}
    if record.unit == "text" or isinstance(like.value, str):
        return {"type": "string"}
    low, high = record.limits()
    limits = {name: limit for name, limit in (("minimum", low), ("maximum", high)) if limit is not None}
    return {"type": "integer" if UNITS[record.unit].whole or record.whole else "number", **limits}


def _said(record: Record) -> Json:
    """What an editor shows beside a name."""
    unit = UNITS[record.unit]
    span = f" [{bound(record.low, '-∞')}, {bound(record.high, '∞')}]" if record.low is not None or record.high is not None else ""
    words = f"{record.name.zh}（{unit.zh}）/ {record.name.en} ({record.unit}){span}"
    evidence = "" if record.source == "scenario" else f" {record.grade}: {record.source}"
    default = record.default.plain
    return {"description": f"{words}{evidence}"} | ({} if default is None else {"default": _jsonable(default)})


def _jsonable(value: Plain) -> Any:
    return json.loads(json.dumps(value))


def _targets() -> Json:
    return _by_year({"type": "integer", "minimum": 0}) | {
        "description": f"{shell.PLAN['targets'].name.zh} / {shell.PLAN['targets'].name.en}"
    }


def _condition(about: Field) -> Json:
    words = {"description": f"{about.label.zh} / {about.label.en} ({about.unit})"}
    if about.codes is not None:
        one: Json = {"enum": [code.name.lower() for code in about.codes]}
    else:
        one = {"type": {"true/false": "boolean", "text": "string"}.get(about.unit, "number")}
    ordered = [{"type": "string", "pattern": _COMPARISON}] if one.get("type") == "number" else []
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, *ordered, {"type": "null"}], **words}


def _measure(kinds: Mapping[str, Mapping[str, Record]]) -> Json:
    """A measure: its frame and the parameters of its kind; of any kind where the kind stands in the scenario extended."""
    frame = _frame({name: record for name, record in shell.FRAME.items() if name != "budget"}) | {
        "kind": {"enum": list(kinds), "description": "类型 / kind"},
        "title": _TITLE,
        "eligible": {"$ref": "#/definitions/eligible"},
        "budget": _parameter(shell.FRAME["budget"]),
        "quota": {"anyOf": [_object(_parameters(shell.QUOTA) | _frame({"per": shell.PER_RECORD})), {"type": "null"}]},
        "start": {"anyOf": [_object(_frame(shell.START)), {"type": "null"}]},
    }
    names = sorted({*frame, *(name for records in kinds.values() for name in records)})
    return {
        "type": "object",
        "properties": frame,
        "propertyNames": {"enum": names},
        "allOf": [_only(kind, frame, records) for kind, records in kinds.items()],
    }


def _only(kind: str, frame: Iterable[str], records: Iterable[str]) -> Json:
    """Where the kind is this one: its parameters, and none of another kind."""
    parameters = {name: {"$ref": f"#/properties/kinds/properties/{kind}/properties/{name}"} for name in records}
    allowed = {name: True for name in frame if name not in parameters} | parameters
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {"properties": allowed, "additionalProperties": False},
    }
