"""Owns: a resolved scenario as YAML: every value, with its source as a comment.
Never: writes a file (results)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from povsim.core.params import shell
from povsim.core.params.record import Setting, Text
from povsim.core.params.scenario import Measure, Scenario
from povsim.core.params.tree import EMPTY, Node, Plain, find, flow
from povsim.core.params.tree import without_nulls as kept


def write(scenario: Scenario) -> str:
    """The scenario as a params file that loads to an equal scenario."""
    return "\n".join(_lines(scenario)) + "\n"


def fingerprint(scenario: Scenario) -> str:
    """All that decides results, as JSON: no sources, no titles, neither threads nor what the scenario is compared with."""
    run = scenario.run
    measures = [
        {
            "id": one.id,
            "kind": one.kind,
            "eligible": [(condition.field, condition.op, condition.values) for condition in one.eligible],
            "order": one.order,
            "quota": one.quota and (one.quota.unit, one.quota.per, _weighed(one.quota.number)),
            "budget": one.budget and _weighed(one.budget.number),
            "take_up": one.take_up,
            "time": (one.start_year, one.start_month, one.until, one.kept_until, one.ends),
            "values": {name: _weighed(setting) for name, setting in one.settings.items()},
        }
        for one in scenario.measures
    ]
    said = {
        "place": scenario.place,
        "run": (
            run.opening,
            len(run.years),
            run.replicates,
            run.draws,
            str(run.seed),
            run.scope,
            *(run.until.plain.items() if run.until else ()),
        ),
        "plan": (scenario.plan.targets, scenario.plan.reported, scenario.plan.finish_year),
        "groups": {group: {name: _weighed(one) for name, one in settings.items()} for group, settings in scenario.groups.items()},
        "measures": measures,
    }
    return json.dumps(_floats(said), sort_keys=True, ensure_ascii=True)


def _weighed(setting: Setting) -> tuple[Any, ...]:
    """A value with what else decides it in a year."""
    strikes = [(one.first, one.last, one.how, one.values) for one in setting.strikes]
    return (setting.value, setting.record.between, setting.record.growth, *strikes)


def _floats(value: Any) -> Any:
    """Numbers as floats, so that 3 and 3.0 are one."""
    if isinstance(value, Mapping):
        return {str(key): _floats(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _lines(scenario: Scenario) -> Iterator[str]:
    tree = scenario.tree
    yield _line(0, "schema", shell.SCHEMA)
    yield _line(0, "title", _words(scenario.title))
    yield _line(0, "place", scenario.place)
    yield "run:"
    run: dict[str, Plain] = {name: getattr(scenario.run, name) for name in shell.RUN}
    run["years"] = len(scenario.run.years)
    if scenario.run.until is not None:
        run["replicates"] = scenario.run.until.plain
    for name, value in run.items():
        node = find(tree, f"run.{name}")
        yield _line(1, name, value, _sources(node) if node is not None and node.items else scenario.source(f"run.{name}"))
    yield "plan:"
    targets = find(tree, "plan.targets") or EMPTY
    yield _line(1, "targets", dict(scenario.plan.targets), _sources(targets))
    if scenario.plan.reported:
        yield _line(1, "reported", dict(scenario.plan.reported), _sources(find(tree, "plan.reported") or EMPTY))
    yield _line(1, "finish_year", scenario.plan.finish_year, scenario.source("plan.finish_year"))
    yield _line(0, "compare", scenario.compare)
    if scenario.stress:
        yield _line(0, "stress", {one.name: one.first for one in scenario.stress}, _sources(find(tree, "stress") or EMPTY))
    for group, settings in scenario.groups.items():
        yield from _settings(0, group, settings, find(tree, group) or EMPTY)
    yield "kinds:" if scenario.kinds else "kinds: {}"
    for kind, settings in scenario.kinds.items():
        yield from _settings(1, kind, settings, find(tree, f"kinds.{kind}") or EMPTY)
    yield "measures:" if scenario.measures else "measures: {}"
    for measure in scenario.measures:
        yield from _measure(scenario, measure)


def _measure(scenario: Scenario, measure: Measure) -> Iterator[str]:
    said = scenario.tree.items["measures"].items[measure.id].items
    path = f"measures.{measure.id}"
    yield f"  {flow(measure.id)}:"
    yield _line(2, "kind", measure.kind, _sources(said["kind"]))
    yield _line(2, "title", _words(measure.title))
    eligible = kept(said.get("eligible", EMPTY))
    yield _line(2, "eligible", eligible.plain, _sources(eligible))
    yield _line(2, "order", measure.order, scenario.source(f"{path}.order"))
    start: Plain = {"year": measure.start_year, "month": measure.start_month}
    yield _line(2, "start", start, _sources(said["start"]) if "start" in said else "default")
    for name in ("quota", "budget"):
        node = kept(said.get(name, EMPTY))
        if node.value not in ({}, None):
            yield _line(2, name, node.plain, _sources(node))
    for name in ("until", "kept_until", "ends"):
        if name in said and said[name].value is not None:
            yield _line(2, name, said[name].plain, scenario.source(f"{path}.{name}"))
    if "take_up" in said:
        yield _line(2, "take_up", said["take_up"].plain, _sources(said["take_up"]))
    for name, setting in measure.settings.items():
        if name in said:
            yield _line(2, name, _said(setting, said[name]), _sources(setting.node))


def _settings(depth: int, title: str, settings: Mapping[str, Setting], said: Node) -> Iterator[str]:
    yield f"{'  ' * depth}{title}:" if settings else f"{'  ' * depth}{title}: {{}}"
    for name, setting in settings.items():
        yield _line(depth + 1, name, _said(setting, said.items.get(name)), _sources(setting.node))


def _said(setting: Setting, over: Node | None) -> Plain:
    """The value as a file must say it: with the reason it passes its range, and with the entries taken out."""
    value = _with_removed(setting.value, over)
    return {"value": value, "beyond_range": setting.beyond} if setting.beyond else value


def _with_removed(value: Plain, over: Node | None) -> Plain:
    if over is not None and "beyond_range" in over.items:
        over = over.items["value"]
    if over is None or not isinstance(value, Mapping):
        return value
    entries = {key: _with_removed(item, over.items.get(key)) for key, item in value.items()}
    return entries | {key: None for key, node in over.items.items() if node.value is None}


def _words(text: Text) -> Plain:
    return {"zh": text.zh, "en": text.en}


def _sources(node: Node) -> str:
    return ", ".join(dict.fromkeys(leaf.at.source for leaf in node.leaves())) or node.at.source


def _line(depth: int, name: str, value: Plain, source: str = "") -> str:
    text = f"{'  ' * depth}{flow(name)}: {flow(value)}"
    return f"{text}  # {source}" if source else text
