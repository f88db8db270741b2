"""Owns: a scenario from its tree: every entry checked against its record, every fault gathered.
Never: reads a scenario's file (loading)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from povsim.core.errors import Fault
from povsim.core.labels import label
from povsim.core.params import shell
from povsim.core.params.conditions import read_conditions
from povsim.core.params.record import Record, Setting, Text
from povsim.core.params.records import check, choice, group_names, group_records, kind_names, kind_records, settle
from povsim.core.params.scenario import Budget, Measure, Plan, Quota, Run, Scenario, Until
from povsim.core.params.stress import Stress, blocks_of, ended, struck
from povsim.core.params.syntax import spaced
from povsim.core.params.tree import (
    EMPTY,
    Node,
    Plain,
    fault,
    grow,
    inherited,
    nearest,
    shown,
    unknown,
    uppermost,
    without_nulls,
)


def build(name: str, tree: Node) -> tuple[Scenario, list[Fault]]:
    """The scenario of a whole tree and every fault in it; what is faulty stands at its default, for what else may be looked at.

    Parameters
    ----------
    name : str
        Name of the scenario.
    tree : Node
        All layers but the defaults, laid over each other.
    """
    faults: list[Fault] = []
    entries = tree.items
    groups, kinds = group_names(), kind_names()
    known = [*shell.SCENARIO_KEYS, *groups]
    for key, node in entries.items():
        if key not in known:
            faults.append(_unknown_top(node, str(key), known))
    stated = entries.get("schema")
    if stated is None or stated.value != shell.SCHEMA:
        faults.append(
            fault(stated or tree, "schema", label("params_schema"), label("params_schema_mend", schema=shell.SCHEMA), "")
        )
    title = _title(entries.get("title"), "title", name, faults)
    place = entries.get("place")
    if place is None or not isinstance(place.value, str) or not place.value.strip():
        faults.append(fault(place or tree, "place", label("params_place"), label("params_place_mend"), ""))
    run = _run(entries.get("run", Node({}, tree.at, tree.at)), faults)
    plan = _plan(entries.get("plan", EMPTY), faults)
    compare = entries.get("compare", EMPTY).plain or ()
    if not isinstance(compare, tuple) or not all(isinstance(one, str) for one in compare):
        faults.append(fault(entries["compare"], "compare", label("params_list_any"), label("params_list_mend")))
        compare = ()
    measure_nodes = _mapping(entries.get("measures", EMPTY), "measures", faults, [label("params_names_own")])
    used = {
        str(node.items["kind"].value) for node in measure_nodes.values() if node.value is not None and "kind" in node.items
    } & set(kinds)
    stresses = blocks_of(entries["stress"], run.years, entries.get("run", EMPTY), used, faults) if "stress" in entries else ()
    settled_groups = {}
    for group in groups:
        records, found = group_records(group)
        faults.extend(found)
        settled = settle_all(records, entries.get(group, EMPTY), group, "what_parameter", faults)
        settled_groups[group] = struck(settled, group, stresses)
    kind_nodes = _mapping(entries.get("kinds", EMPTY), "kinds", faults, kinds)
    for kind, node in kind_nodes.items():
        if kind not in kinds:
            faults.append(unknown(node, f"kinds.{kind}", kind, kinds, "what_kind"))
    settled_kinds: dict[str, dict[str, Setting]] = {}
    for kind in sorted(used | (kind_nodes.keys() & set(kinds))):
        records, found = kind_records(kind)
        faults.extend(found)
        settled = settle_all(records, kind_nodes.get(kind, EMPTY), f"kinds.{kind}", "what_parameter", faults)
        settled_kinds[kind] = struck(settled, f"kinds.{kind}", stresses)
    first = run.years[0] if run.years else run.opening
    measures = [
        _measure(id, node, settled_kinds, kind_nodes, list(measure_nodes), first, stresses, faults)
        for id, node in measure_nodes.items()
        if node.value is not None
    ]
    return (
        Scenario(
            name=name,
            title=title,
            place=str(place.value) if place else "",
            run=run,
            plan=plan,
            compare=tuple(str(one) for one in compare),
            measures=tuple(one for one in measures if one is not None),
            stress=stresses,
            groups=settled_groups,
            kinds=settled_kinds,
            tree=tree,
        ),
        faults,
    )


def _unknown_top(node: Node, key: str, known: list[str]) -> Fault:
    """An unknown key at the top; a parameter's name is told its group."""
    paths = {name: f"{group}.{name}" for group in group_names() for name in group_records(group)[0]}
    near = nearest(key, [*known, *paths])
    if near in paths:
        mend = label("params_nearest", near=paths[near])
        return fault(node, key, label("params_unknown", what=label("what_group")), mend, value="", key=True)
    return unknown(node, key, key, known, "what_group")


def _mapping(node: Node, path: str, faults: list[Fault], names: Iterable[str], like: str = "") -> dict[str, Node]:
    """The entries of a mapping; else a fault that says their ``names``, and under which one (``like``) a bare value goes."""
    if node.value is None:
        return {}
    if not isinstance(node.value, dict):
        half = spaced(str(node.value)) if isinstance(node.value, str) else ""
        bare = like and isinstance(node.value, (int, float))
        mend = label("params_mapping_like", name=like, value=shown(node.plain)) if bare else label("params_mapping_mend")
        expected = label("params_blank") if half else label("params_mapping", names=", ".join(names))
        faults.append(fault(node, path, expected, label("params_blank_mend", half=half) if half else mend))
        return {}
    return {str(key): item for key, item in node.value.items()}


def settle_all(records: Mapping[str, Record], node: Node, path: str, what: str, faults: list[Fault]) -> dict[str, Setting]:
    """A setting for every record; an entry that no record knows is a fault."""
    entries = _mapping(node, path, faults, records)
    for name, item in entries.items():
        if name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, list(records), what))
    settings: dict[str, Setting] = {}
    for name, record in records.items():
        settings[name] = settle(record, entries.get(name), f"{path}.{name}", faults)
    return with_rates(settings)


def with_rates(settings: dict[str, Setting]) -> dict[str, Setting]:
    """The settings, those whose growth is another parameter tied to it."""
    return {
        name: replace(one, rate=settings[one.record.growth])
        if isinstance(one.record.growth, str) and one.record.growth in settings
        else one
        for name, one in settings.items()
    }


def _title(node: Node | None, path: str, otherwise: str, faults: list[Fault]) -> Text:
    if node is None or node.value is None:
        return Text(otherwise, otherwise)
    if any(isinstance(leaf.value, str) and not leaf.value.strip() for leaf in node.leaves()):
        faults.append(fault(node, path, label("params_title_empty"), label("params_title_empty_mend")))
        return Text(otherwise, otherwise)
    if isinstance(node.value, str):
        return Text(node.value, node.value)
    words = node.plain
    if isinstance(words, dict) and set(words) == {"zh", "en"} and all(isinstance(word, str) for word in words.values()):
        return Text(str(words["zh"]), str(words["en"]))
    faults.append(fault(node, path, label("params_words"), label("params_words_mend")))
    return Text(otherwise, otherwise)


def _frame(
    records: Mapping[str, Record], node: Node, path: str, faults: list[Fault], required: Sequence[str] = (), like: str = ""
) -> dict[str, Plain]:
    """Values of a few settings of the shell; None where nothing is said and there is no default."""
    entries = _mapping(node, path, faults, records, like)
    found: dict[str, Plain] = {}
    for name, item in entries.items():
        if name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, list(records), "what_setting"))
    for name, record in records.items():
        said = entries.get(name)
        if name in required and (said is None or said.value is None):
            faults.append(fault(node, f"{path}.{name}", label("params_missing"), label("params_missing_mend"), "", key=True))
        if said is not None and said.dated:
            faults.append(fault(said, f"{path}.{name}", label("params_not_dated"), label("params_not_dated_mend")))
            said = None
        found[name] = settle(record, said, f"{path}.{name}", faults).value
    return found


def _whole(value: Plain) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _run(node: Node, faults: list[Fault]) -> Run:
    said, until = node.items.get("replicates"), None
    if said is not None and said.items and not said.dated and "beyond_range" not in said.items:
        until = _until(said, faults)
        node = Node({**node.items, "replicates": grow(until.most, said.at)}, node.at, node.key_at)
    found = _frame(shell.RUN, node, "run", faults, required=("opening",))
    opening, years = _whole(found["opening"]) or 0, _whole(found["years"]) or 0
    if until is not None and said is not None:
        draws, last = _whole(found["draws"]) or 0, opening + years
        if until.most < 2 * draws:  # two replicates of each draw, or chance cannot be told from ignorance
            expected = label("params_until_most", least=2 * draws, draws=draws)
            _clash(said.items.get("most", said), [node.items.get("draws")], "most", expected, until.most, faults)
        if until.year and not opening < until.year <= last:
            expected = label("params_until_year", first=opening + 1, last=last)
            span = [node.items.get(name) for name in ("years", "opening")]
            _clash(said.items.get("year", said), span, "year", expected, until.year, faults)
    return Run(
        opening=opening,
        years=tuple(range(opening + 1, opening + 1 + years)),
        replicates=_whole(found["replicates"]) or 0,
        draws=_whole(found["draws"]) or 0,
        fit=str(found["fit"] or ""),
        seed=_whole(found["seed"]) or 0,
        scope=str(found["scope"]),
        threads=_whole(found["threads"]) or 0,
        until=until,
    )


def _clash(mine: Node, others: Sequence[Node | None], name: str, expected: str, value: int, faults: list[Fault]) -> None:
    """A part of a wanted precision that does not go together with the rest of the run: it stands where that was set last."""
    at = uppermost(mine, *others)
    faults.append(fault(at, f"run.replicates.{name}", expected + inherited(at, mine, *others), value=str(value)))


def _until(node: Node, faults: list[Fault]) -> Until:
    found = _frame(shell.UNTIL, node, "run.replicates", faults, required=("until", "year", "within"))
    within = found["within"]
    most = _whole(found["most"]) or shell.LEAST_REPLICATES
    return Until(
        str(found["until"]), _whole(found["year"]) or 0, float(within) if isinstance(within, (int, float)) else 0.0, most
    )


def _plan(node: Node, faults: list[Fault]) -> Plan:
    by_year = ("targets", "reported")
    targets, reported = (_persons_by_year(node.items.get(name, EMPTY), name, faults) for name in by_year)
    rest = {key: item for key, item in node.items.items() if key not in by_year}
    found = _frame(shell.PLAN, Node(rest, node.at, node.key_at) if node.items else node, "plan", faults)
    return Plan(targets, _whole(found["finish_year"]), reported)


def _persons_by_year(node: Node, name: str, faults: list[Fault]) -> dict[int, int]:
    node = without_nulls(node)
    if node.value not in ({}, None) and not node.dated:
        faults.append(fault(node, f"plan.{name}", label("params_by_year"), label("params_by_year_mend")))
        return {}
    for year, item in node.items.items():
        check(shell.PLAN[name], item, f"plan.{name}.{year}", faults)
    return {int(year): _whole(item.plain) or 0 for year, item in sorted(node.items.items())}


def _measure(
    id: str,
    node: Node,
    kinds: Mapping[str, Mapping[str, Setting]],
    kind_nodes: Mapping[str, Node],
    ids: list[str],
    first_year: int,
    stresses: tuple[Stress, ...],
    faults: list[Fault],
) -> Measure | None:
    path = f"measures.{id}"
    entries = _mapping(node, path, faults, shell.MEASURE_KEYS)
    if not isinstance(node.value, dict):
        return None
    if not id.isidentifier():
        faults.append(fault(node, path, label("params_identifier"), label("params_identifier_mend"), "", key=True))
    if id in shell.RESERVED_IDS:
        faults.append(fault(node, path, label("params_reserved"), label("params_identifier_mend"), "", key=True))
    kind = _kind_of(id, node, entries, ids, faults)
    # what every measure has, whatever its kind: looked at first, so that a wrong kind hides nothing of it
    of_kind = kinds[kind] if kind is not None else {}
    frame = _measure_frame({name: item for name, item in entries.items() if name not in of_kind}, path, faults)
    start = _frame(shell.START, entries.get("start", EMPTY), f"{path}.start", faults, like="year")
    _ordered_years(entries, start["year"], frame, path, faults)
    quota = _quota(entries.get("quota"), f"{path}.quota", faults)
    budget_node = entries.get("budget")
    budget = None
    if budget_node is not None and budget_node.value is not None:
        budget = Budget(settle(shell.FRAME["budget"], budget_node, f"{path}.budget", faults))
    title = _title(entries.get("title"), f"{path}.title", id, faults)
    eligible = read_conditions(entries.get("eligible", EMPTY), f"{path}.eligible", faults)
    if kind is None:
        return None
    inherited = kinds[kind]
    records = {name: setting.record for name, setting in inherited.items()}
    for name, item in entries.items():
        if name not in shell.MEASURE_KEYS and name not in records:
            faults.append(unknown(item, f"{path}.{name}", name, [*records, *shell.MEASURE_KEYS], "what_measure_key"))
    settings: dict[str, Setting] = {}
    for name, record in records.items():
        own = entries.get(name)
        if own is None or own.value is None:
            settings[name] = inherited[name]
            if record.required and inherited[name].value is None:
                faults.append(fault(node, f"{path}.{name}", label("params_missing"), str(record.name), "", key=True))
        else:
            lower = kind_nodes.get(kind, EMPTY).items.get(name)
            whole = lower is None or "beyond_range" in own.items or "beyond_range" in lower.items
            under = None if whole else inherited[name].node
            settings[name] = replace(settle(record, own, f"{path}.{name}", faults, under), strikes=inherited[name].strikes)
    settings = with_rates(settings)
    take_up = settings.pop("take_up").value if "take_up" in settings else frame["take_up"]
    return Measure(
        id=id,
        kind=kind,
        title=title,
        eligible=eligible,
        order=str(frame["order"]),
        quota=quota,
        budget=budget,
        take_up=float(take_up) if isinstance(take_up, (int, float)) else 1.0,
        start_year=_whole(start["year"]) or first_year,
        start_month=_whole(start["month"]) or 1,
        until=_whole(frame["until"]),
        kept_until=_whole(frame["kept_until"]),
        ends=min((year for year in (_whole(frame["ends"]), ended(kind, stresses)) if year is not None), default=None),
        settings=settings,
    )


def _kind_of(id: str, node: Node, entries: Mapping[str, Node], ids: list[str], faults: list[Fault]) -> str | None:
    """The kind of a measure; None, and a fault, where none or no known one is stated."""
    path = f"measures.{id}.kind"
    if "kind" in entries:
        return choice(entries["kind"], path, kind_names(), faults)
    near = nearest(id, [other for other in ids if other != id])
    mend = label("params_kind_near", near=near) if near else label("params_one_of", names=", ".join(kind_names()))
    faults.append(fault(node, path, label("params_missing"), mend, "", key=True))
    return None


def _ordered_years(entries: Mapping[str, Node], start: Plain, frame: Mapping[str, Plain], path: str, faults: list[Fault]) -> None:
    """A measure that ends before the year in which it is said to start; the fault stands at the year that was stated last."""
    first, began = _whole(start), entries.get("start", EMPTY).items.get("year", EMPTY)
    # the last year of new holders, of support after exit; the first in which it gives nothing
    for name, last in (("until", -1), ("kept_until", -1), ("ends", 0)):
        year = _whole(frame[name])
        if first is not None and year is not None and year - last <= first:
            at = uppermost(entries[name], began)
            if at is began:
                expected = label(f"params_{name}_late", year=year, inherited=inherited(began, entries[name]))
                faults.append(fault(began, f"{path}.start.year", expected, label("params_early_mend")))
            else:
                expected = label(f"params_{name}_early", start=first, inherited=inherited(at, began))
                faults.append(fault(at, f"{path}.{name}", expected, label("params_early_mend")))


def _measure_frame(entries: Mapping[str, Node], path: str, faults: list[Fault]) -> dict[str, Plain]:
    records = {name: record for name, record in shell.FRAME.items() if name != "budget"}
    return _frame(records, Node({name: item for name, item in entries.items() if name in records}), path, faults)


def _quota(node: Node | None, path: str, faults: list[Fault]) -> Quota | None:
    if node is None or node.value is None:
        return None
    stated = _mapping(node, path, faults, [*shell.QUOTA_UNITS, "per"], "households")
    if not isinstance(node.value, dict):
        return None
    entries = {key: item for key, item in stated.items() if item.value is not None}
    for name, item in stated.items():
        if name not in (*shell.QUOTA_UNITS, "per"):
            faults.append(unknown(item, f"{path}.{name}", name, [*shell.QUOTA_UNITS, "per"], "what_setting"))
    per = settle(shell.PER_RECORD, entries.get("per"), f"{path}.per", faults).value
    numbers = {
        unit: settle(record, entries[unit], f"{path}.{unit}", faults) for unit, record in shell.QUOTA.items() if unit in entries
    }
    if len(numbers) != 1:
        faults.append(fault(node, path, label("params_quota"), label("params_one_of", names=", ".join(shell.QUOTA_UNITS))))
        return None
    ((unit, number),) = numbers.items()
    return Quota(unit, str(per), number)
