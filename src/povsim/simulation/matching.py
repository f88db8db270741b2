"""Owns: a scenario in its place: the place's plan where the scenario states none, and whether the two fit.
Never: whether either is sound by itself (core.params, population.places)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.conditions import read_conditions
from povsim.core.params.records import kind_records
from povsim.core.params.tree import EMPTY, Node, Plain, fault, find, inherited, nearest, uppermost
from povsim.core.schema import Era
from povsim.engine.measures import running
from povsim.policy.kind import MOST_SHARED
from povsim.policy.kind import find as find_kind
from povsim.policy.status import era_of

if TYPE_CHECKING:
    from povsim.core.params import Measure, Scenario
    from povsim.population.places import Opening, Place


def settle(scenario: Scenario, place: Place) -> Scenario:
    """The scenario as it runs in a place; settling twice changes nothing.

    Where it states no targets, the plan is the place's. In a back-test, simulated years of which no plan was published but whose
    exits were reported let as many persons leave as were reported: a cap was in force, and it was met, as in the year known.

    Raises
    ------
    ParamsError
        With every fault: an opening that the place does not have; villages that it does not have, with the nearest one;
        more PV households than the place has linked; what a measure sets and its kind does not heed; a word of which its kind
        knows nothing; works for one village whose measure does not name it; more firms or other things that holders share than
        there could be; two measures that share out the same income, or are the same part of the safety net; persons to leave in
        a year in which nobody may.
    """
    if faults := misfits(scenario, place):
        raise ParamsError(faults=faults)
    plan = _plan_of(scenario, place)
    return scenario.replaced(plan, layer="place") if plan else scenario


def misfits(scenario: Scenario, place: Place, told: Collection[str] = ()) -> list[Fault]:
    """What in a scenario does not fit its place or the kinds of its measures; also of one that has faults of its own (``told``:
    their paths), so that all that must be mended is said at once.
    """
    found = [*_opening(scenario, place), *_villages(scenario, place), *_unheeded(scenario)]
    if scenario.run.years:  # none where they are what is wrong
        found += [*_linked(scenario, place), *_words(scenario), *_shared(scenario), *_twice(scenario), *_nets(scenario)]
        found += _one_village(scenario)
    if not any(path.startswith(("assessment", "stress")) for path in told):  # else nobody knows when exits are closed
        found += _closed(scenario, place)
    return [one for one in found if one.key not in told]  # what stands at its default for a fault of its own is not told twice


def _plan_of(scenario: Scenario, place: Place) -> dict[str, Plain]:
    """The place's plan by path, where the scenario states no targets."""
    if place.plan is None or find(scenario.tree, "plan.targets") is not None:
        return {}
    targets = targets_of(place)
    plan: dict[str, Plain] = {"plan.targets": targets}
    if find(scenario.tree, "plan.finish_year") is None:
        plan["plan.finish_year"] = place.plan.finish_year
    if find(scenario.tree, "plan.reported") is None:
        known = reported_exits(place).items()
        if unplanned := {year: persons for year, persons in known if year in scenario.run.years and year not in targets}:
            plan["plan.reported"] = unplanned
    return plan


def targets_of(place: Place) -> dict[int, int]:
    """Persons that a place plans to leave, by year."""
    return {year: int(figure.value) for year, figure in place.plan.targets.items()} if place.plan else {}


def reported_exits(place: Place) -> dict[int, int]:
    """Persons that a place reported to have left, by year."""
    years = sorted({e.year for e in place.registry if e.flow == "exited"})
    return {year: persons for year in years if (persons := place.reported("exited", (year,), "persons"))}


def remarks(targets: Mapping[int, int], opening: Opening) -> list[str]:
    """What a plan may say and yet is worth a second look, a line each: persons to leave after an opening above its stock."""
    planned = sum(persons for year, persons in targets.items() if year > opening.year)
    if planned <= opening.persons:
        return []
    more = planned - opening.persons
    return [label("simulation_plan_above", year=opening.year, planned=planned, stock=opening.persons, more=more)]


def _opening(scenario: Scenario, place: Place) -> Iterator[Fault]:
    year = scenario.run.opening
    if year not in place.openings:
        known = ", ".join(map(str, place.openings))
        stated, of = find(scenario.tree, "run.opening"), find(scenario.tree, "place")
        node, expected = uppermost(stated, of), label("simulation_opening", place=place.title, years=known)
        mend = label("simulation_opening_mend")
        yield fault(node, "run.opening", expected + inherited(node, stated), mend, value=str(year))


def _villages(scenario: Scenario, place: Place) -> Iterator[Fault]:
    """Names that would match nobody."""
    villages = [village.name for village in place.villages]

    def unknown(path: str, stated: Node | None, name: str) -> Fault:
        at = uppermost(stated, find(scenario.tree, "place"))
        near = nearest(name, villages)
        mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(villages))
        return fault(at, path, label("simulation_village", place=place.title) + inherited(at, stated), mend, value=name)

    for id, node in (find(scenario.tree, "measures") or EMPTY).items.items():  # of a measure whose kind is wrong too
        for condition in read_conditions(node.items.get("eligible", EMPTY), "", []):
            for i, name in enumerate(condition.values):
                if condition.field == "village" and name not in villages:
                    path = f"measures.{id}.eligible.village"
                    yield unknown(path, find(scenario.tree, f"{path}.{i}") or find(scenario.tree, path), str(name))
        owner = node.items.get("village")  # that owns a station
        if owner is not None and isinstance(owner.value, str) and owner.value not in ("", *villages):
            yield unknown(f"measures.{id}.village", owner, owner.value)


def _linked(scenario: Scenario, place: Place) -> Iterator[Fault]:
    """Quotas of PV stations that go beyond the households linked to one; each household belongs to one station."""
    linked = int(place.margins.pv_households.value) if place.margins.pv_households else 0
    taken, stations = 0.0, list[tuple[str, Node | None]]()
    for measure in scenario.measures:
        if any(condition.field == "pv_linked" and 1.0 in condition.values for condition in measure.eligible):
            path = f"measures.{measure.id}.quota.households"
            quota = _stations_quota(measure, scenario.run.years)
            taken += quota
            stations.insert(0, (path, find(scenario.tree, path)))
            if quota and taken > linked:
                at = uppermost(*(node for _, node in stations))
                path = next(path for path, node in stations if node is at)
                expected = label("simulation_linked", place=place.title, linked=linked, taken=int(taken))
                yield fault(at, path, expected + inherited(at, *dict(stations).values()), label("simulation_linked_mend"))


def _unheeded(scenario: Scenario) -> Iterator[Fault]:
    """What a measure sets of its frame and its kind does not heed: nothing that is set may be ignored in silence."""
    for measure in scenario.measures:
        ignores = find_kind(measure.kind).ignores
        for name in ignores:
            path = f"measures.{measure.id}.{name}"
            node = find(scenario.tree, path)
            if node is None or node.value is None or (name == "take_up" and "take_up" in kind_records(measure.kind)[0]):
                continue
            mend = label("simulation_unheeded_quota" if name == "budget" and "quota" not in ignores else "params_leave_out")
            yield fault(node, path, label("simulation_unheeded", kind=measure.kind), mend, key=True)


def _words(scenario: Scenario) -> Iterator[Fault]:
    """Words that choose among a measure's numbers (a product, a policy) and stand in none of its tables, with the nearest one."""
    for measure in scenario.measures:
        values = measure.values(scenario.run.years[0])
        for name, record in kind_records(measure.kind)[0].items():
            usual = record.default.plain
            if not isinstance(usual, str) or record.one_of:
                continue
            tables = [values[other] for other in values if isinstance(values[other], dict) and usual in values[other]]
            known = [word for word in tables[0] if all(word in table for table in tables)] if tables else []
            said = {year: measure.values(year)[name] for year in scenario.run.years}
            wrong = next((word for word in said.values() if word not in known), None) if known else None
            if wrong is not None:
                path = f"measures.{measure.id}.{name}"
                near = nearest(wrong, known)
                mend = label("params_nearest", near=near) if near else label("params_one_of", names=", ".join(known))
                expected = label("simulation_word", kind=measure.kind)
                yield fault(find(scenario.tree, path) or EMPTY, path, expected, mend, value=str(wrong))


def _shared(scenario: Scenario) -> Iterator[Fault]:
    """Counts of what holders share (firms) that are beyond any town: each takes a draw a year."""
    for measure in scenario.measures:
        counts = {one.count for one in find_kind(measure.kind).shared.values() if one.count}
        for name in sorted(counts):
            most = max(measure.values(year)[name] or 0.0 for year in scenario.run.years)
            if most > MOST_SHARED:
                paths = (f"measures.{measure.id}.{name}", f"kinds.{measure.kind}.{name}")
                node = next((node for path in paths if (node := find(scenario.tree, path)) is not None), EMPTY)
                yield fault(node, paths[0], label("simulation_shared", most=MOST_SHARED), value=f"{most:g}")


def _one_village(scenario: Scenario) -> Iterator[Fault]:
    """What is built for one village and paid once, of a measure that serves several, or does not say which."""
    for measure in scenario.measures:
        asked = find_kind(measure.kind).one_village
        if asked is None or not any(asked(measure.values(year)) for year in scenario.run.years):
            continue
        villages = [set(one.values) for one in measure.eligible if one.field == "village"]
        if not villages or len(set.intersection(*villages)) != 1:
            path = f"measures.{measure.id}.eligible.village"
            stated, whole = find(scenario.tree, path), find(scenario.tree, f"measures.{measure.id}") or EMPTY
            said = {"value": None} if stated is not None else {"value": "", "key": True}
            yield fault(stated or whole, path, label("simulation_one_village"), label("simulation_one_village_mend"), **said)


def _twice(scenario: Scenario) -> Iterator[Fault]:
    """A second measure that shares out the villages' income while another does: each would pay out the whole of it."""
    sharing = [measure for measure in scenario.measures if find_kind(measure.kind).holder == "village"]
    for i, measure in enumerate(sharing):
        for other in sharing[:i]:
            if any(running(measure, year) and running(other, year) for year in scenario.run.years):
                yield _beside(scenario, measure, other, label("simulation_twice"))
                break


def _nets(scenario: Scenario) -> Iterator[Fault]:
    """A second measure for the same part of the safety net while another runs: the later would take the place of the other."""
    nets = [measure for measure in scenario.measures if find_kind(measure.kind).apart and "part" in measure.settings]
    for i, measure in enumerate(nets):
        for other in nets[:i]:
            both = [year for year in scenario.run.years if running(measure, year) and running(other, year)]
            parts = [{str(one.values(year).part) for one in (measure, other)} for year in both]
            same = next((one for one in parts if len(one) == 1 or "all" in one), None)
            if same:
                part = min(same - {"all"}, default="all")
                yield _beside(scenario, measure, other, label("simulation_net_twice", part=part))
                break


def _beside(scenario: Scenario, measure: Measure, other: Measure, expected: str) -> Fault:
    """A measure that may not stand beside another: the fault stands at the one of which something was stated last."""
    nodes = [find(scenario.tree, f"measures.{one.id}") or EMPTY for one in (measure, other)]
    at = uppermost(*nodes)
    mine, theirs = (measure, other) if at is nodes[0] else (other, measure)
    mend = label("simulation_twice_mend", other=theirs.id)
    return fault(at, f"measures.{mine.id}", expected + inherited(at, *nodes), mend, key=True)


def _closed(scenario: Scenario, place: Place) -> Iterator[Fault]:
    """Persons to leave in a year in which exits are closed: after the finish year, or when the campaign is over.

    The fault stands at what was stated last: at the plan of the year, or where the scenario closes it.
    """
    plan = _plan_of(scenario, place)
    targets = targets_of(place) if plan else scenario.plan.targets
    finish = place.plan.finish_year if place.plan and "plan.finish_year" in plan else scenario.plan.finish_year
    for year, persons in targets.items():
        p = scenario.values("assessment", year)
        over, late = era_of(year, p.transition_from, p.regular_from) != Era.CAMPAIGN, finish is not None and year > finish
        if persons and (over or late):
            path = f"plan.targets.{year}"
            stands = (path, *(["plan.finish_year"] if late else []), *(["assessment.transition_from"] if over else []))
            nodes = [find(scenario.tree, one) for one in stands]
            at, last = uppermost(*nodes), int(min(p.transition_from - 1.0, year if finish is None else finish))
            expected = label("simulation_closed", last=last) + inherited(at, *nodes)
            yield fault(at, path, expected, label("simulation_closed_mend"), value=str(persons), key=True)


def _stations_quota(measure: Measure, years: tuple[int, ...]) -> float:
    """Households that a station takes in the year in which it takes most; 0 for what is no station or counts otherwise."""
    if measure.kind != "pv" or measure.quota is None or (measure.quota.unit, measure.quota.per) != ("households", "all"):
        return 0.0
    return max(measure.quota.at(year) for year in years)
