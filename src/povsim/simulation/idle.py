"""Owns: measures of a scenario that can never act in its run, from some year on serve nobody, or are easily misread, in words;
those that served nobody in a run.
Never: refuses one (simulation.matching), or knows who is served (engine.allocation)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from povsim.core.labels import label
from povsim.core.params import FIELDS
from povsim.core.params.tree import find
from povsim.core.schema import Era, Monitoring, Status
from povsim.engine.measures import running
from povsim.policy.kind import find as find_kind
from povsim.policy.status import era_of

if TYPE_CHECKING:
    from povsim.core.params import Condition, Measure, Scenario
    from povsim.results.results import Results

WHOLE: Final = ("persons", "years", "year")  # units of fields that count
OLDEST: Final = 130.0  # years of age
MEMBERS: Final = ("labourers", "students", "elders", "sick", "disabled")  # fields that count some of the members
LABOURERS: Final = ("able", "weak")  # which together are the labourers
LENT_ON: Final = "loan"  # financing of which none are made after ``last_year``
OF_TYPES: Final = (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN)  # those of the transition, by origin


def idle(scenario: Scenario) -> list[str]:
    """What each measure that cannot act or is easily misread is told, a line each, with the place where the reason stands."""
    said = []
    for measure in scenario.measures:
        never = next(chain(_never(scenario, measure), _contradicted(measure)), None)
        reasons = [never] if never else [*_nobody(scenario, measure), *_counted_anew(scenario, measure)]
        for path, reason in [*reasons, *_namesake(scenario, measure)]:
            paths = (f"measures.{measure.id}.{path}", f"kinds.{measure.kind}.{path}", f"measures.{measure.id}")
            node = next((node for one in paths if (node := find(scenario.tree, one)) is not None), None)
            where = node.at.source if node is not None else "-"
            said.append(label("simulation_idle", where=where, title=measure.title, id=measure.id, reason=reason))
    return said


def unserved(scenario: Scenario, results: Results) -> list[str]:
    """What each measure that nobody had in any year and replicate of a run is told, a line each; not those that `idle` names."""
    table, said = results["spending"], []
    for measure in scenario.measures:
        if next(chain(_never(scenario, measure), _contradicted(measure), _nobody(scenario, measure)), None):
            continue
        rows = table[table["measure"] == measure.id]
        if len(rows) and not rows["holders"].any():
            reason = label("simulation_idle_short" if rows["unmet"].any() else "simulation_idle_unserved")
            node = find(scenario.tree, f"measures.{measure.id}")
            where = node.at.source if node is not None else "-"
            said.append(label("simulation_idle", where=where, title=measure.title, id=measure.id, reason=reason))
    return said


def _never(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """Why a measure does nothing in any year, and the setting that says so."""
    first, last, kind = scenario.run.years[0], scenario.run.years[-1], find_kind(measure.kind)
    if measure.start_year > last:
        yield "start.year", label("simulation_idle_late", year=measure.start_year, last=last)
    if measure.ends is not None and measure.ends <= first:
        yield "ends", label("simulation_idle_ends", year=measure.ends, first=first)
    if "connected_year" in measure.settings:
        connected = min(int(measure.values(year).connected_year) for year in scenario.run.years)
        if connected > last:
            yield "connected_year", label("simulation_idle_connected", year=connected, last=last)
    if "last_year" in measure.settings:
        lent = [year for year in scenario.run.years if running(measure, year)]
        closed = [year for year in lent if (p := measure.values(year)).financing == LENT_ON and year > p.last_year]
        if lent and closed == lent:
            yield "last_year", label("simulation_idle_lent", year=lent[0], last=int(measure.values(lent[0]).last_year))
    if kind.adopts is not None and measure.start_year <= first:
        return  # who holds it when the run opens has it without being new
    if measure.until is not None and measure.until < first:
        yield "until", label("simulation_idle_until", year=measure.until, first=first)
    years = [year for year in scenario.run.years if running(measure, year)]
    if measure.quota is not None and years and not any(measure.quota.at(year) > 0.0 for year in years):
        yield f"quota.{measure.quota.unit}", label("simulation_idle_quota")
    if measure.budget is not None and years and not any(measure.budget.at(year) > 0.0 for year in years):
        yield "budget", label("simulation_idle_budget")


def _contradicted(measure: Measure) -> Iterator[tuple[str, str]]:
    """Conditions that nobody can meet in any year, alone or all together."""
    stated = {one.field: one for one in measure.eligible}
    spans = {name: _span(one) for name, one in stated.items() if FIELDS[name].unit not in ("code", "text", "true/false")}
    for name, (low, high) in spans.items():
        if low > high:
            reason = label("simulation_idle_impossible", field=str(FIELDS[name].label), text=stated[name].text)
            yield f"eligible.{name}", reason
    able, weak, labourers, size = (spans.get(name, (0.0, math.inf)) for name in (*LABOURERS, "labourers", "size"))
    least, most = max(labourers[0], able[0] + weak[0]), min(labourers[1], able[1] + weak[1])
    groups = [(least > most, (*LABOURERS, "labourers")), (least > size[1], (*LABOURERS, "labourers", "size"))]
    groups += [(spans.get(name, size)[0] > size[1], (name, "size")) for name in MEMBERS[1:]]
    if "listed" in stated and "status" in stated:
        on_list, status = set(stated["listed"].values), set(stated["status"].values)
        groups.append((on_list == {1.0} and not status & {float(Status.POOR), float(Status.RETURNED)}, ("listed", "status")))
    for clash, names in groups:
        if clash:
            those = [stated[name] for name in names if name in stated]
            said = label("simulation_idle_comma").join(f"{FIELDS[one.field].label} {one.text}" for one in those)
            yield f"eligible.{those[0].field}", label("simulation_idle_together", conditions=said)


def _span(condition: Condition) -> tuple[float, float]:
    """Between which numbers a field lies that meets a condition, as far as it can; the first above the second where it cannot."""
    field = FIELDS[condition.field]
    whole = field.unit in WHOLE
    lowest = 1.0 if field.name == "size" else -math.inf if field.name.startswith("income") else 0.0
    highest = OLDEST if field.name == "age" else math.inf
    values = [float(value) for value in condition.values]
    if condition.op == "in":
        values = [value for value in values if lowest <= value <= highest and (not whole or value == int(value))]
        return (min(values), max(values)) if values else (math.inf, -math.inf)
    low, high = (values[0], values[-1]) if condition.op == "between" else (-math.inf, math.inf)
    if condition.op in (">", ">="):
        low = values[0]
    if condition.op in ("<", "<="):
        high = values[0]
    if whole and math.isfinite(low):
        low = math.floor(low) + 1.0 if condition.op == ">" else float(math.ceil(low))
    if whole and math.isfinite(high):
        high = math.ceil(high) - 1.0 if condition.op == "<" else float(math.floor(high))
    return max(low, lowest), min(high, highest)


def _nobody(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """What ends for households in the run: support after exit that is over before it; conditions that no household can meet any
    more, each with the first year of which that is so to the end of the measure."""
    first = scenario.run.years[0]
    if measure.kept_until is not None and measure.kept_until < first:
        yield "kept_until", label("simulation_idle_kept", year=measure.kept_until, first=first)
    yield from _over_anew(measure)
    yield from _lowered(scenario, measure)
    years = [year for year in scenario.run.years if running(measure, year)]
    if closing := [year for year in years if not refilled(measure, year)]:
        yield "cut", label("simulation_idle_cut", year=closing[0])
    for condition in measure.eligible:
        wanted = set(condition.values)
        empty = [year for year in years if not wanted & _possible(scenario, measure, condition, year)]
        closing = [year for year in empty if all(later in empty for later in years if later >= year)]
        if closing:
            when = "always" if closing == years else "from"
            field = str(FIELDS[condition.field].label)
            reason = label(f"simulation_idle_{when}", year=closing[0], field=field, text=condition.text)
            regular = int(scenario.values("assessment", closing[0]).regular_from)
            one_class = condition.field == "monitoring" and closing[0] > regular
            more = label("simulation_idle_one_class", year=regular, word=Monitoring.AT_RISK.name.lower()) if one_class else ""
            yield f"eligible.{condition.field}", reason + more + _off(measure, condition)


def _over_anew(measure: Measure) -> Iterator[tuple[str, str]]:
    """Support after exit for longer than anybody has it: what is asked for anew each year ends with its last new holders."""
    until, kept = measure.until, measure.kept_until
    if find_kind(measure.kind).anew and until is not None and kept is not None and kept > until:
        yield "kept_until", label("simulation_idle_anew", until=until, kept=kept)


def _lowered(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """Years in which there are fewer posts than the year before, though nobody loses one by that."""
    quota = measure.quota
    if quota is None or quota.unit != "posts":
        return
    years = [year for year in scenario.run.years if running(measure, year)]
    lowered = [str(year) for year in years if year - 1 in years and quota.at(year) < quota.at(year - 1)]
    if lowered:
        yield "quota.posts", label("simulation_idle_lowered", years=label("simulation_idle_pause").join(lowered))


def refilled(measure: Measure, year: int) -> bool:
    """Whether places of a measure that fall free go to others in a year."""
    asked = find_kind(measure.kind).refills
    return asked is None or bool(asked(measure.values(year)))


def _counted_anew(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """Numbers of a quota that another file wrote, while the upper one says anew whether they hold for all or for each village."""
    quota = find(scenario.tree, f"measures.{measure.id}.quota")
    if quota is None or measure.quota is None or (per := quota.items.get("per")) is None or per.value is None:
        return
    number = quota.items[measure.quota.unit]
    written = {str(year): one.at.file for year, one in number.items.items() if number.dated and year in scenario.run.years}
    inherited = [year for year, file in (written or {"": number.at.file}).items() if file != per.at.file]
    if inherited and per.at.file == quota.at.file:
        below = next((one for year, one in number.items.items() if str(year) == inherited[0]), number)
        stands = ": ".join(filter(None, (below.at.source, ", ".join(inherited))))
        yield "quota.per", label("simulation_idle_per", per=measure.quota.per, where=stands)


def _namesake(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """An earlier measure of the same title."""
    earlier = scenario.measures[: scenario.measures.index(measure)]
    for key, lang in (("", "zh"), ("_en", "en")):
        if same := next((one for one in earlier if one.title[lang] == measure.title[lang]), None):
            yield "title", label(f"simulation_idle_namesake{key}", other=same.id)
            return


def _off(measure: Measure, condition: Condition) -> str:
    """Why nobody is served who is off the registry, where the condition asks for them."""
    asks = condition.field == "status" and float(Status.REMOVED) in condition.values
    return label("simulation_idle_removed") if asks and not _serves_removed(measure) else ""


def _serves_removed(measure: Measure) -> bool:
    """Whether a household that was struck off the registry may have it: what is due by law, and the safety net."""
    kind = find_kind(measure.kind)
    return kind.by_right or kind.apart


def _possible(scenario: Scenario, measure: Measure, condition: Condition, year: int) -> set[float | str]:
    """The values of a condition's field that one may have who is served in a year; all where nobody knows."""
    every = set(condition.values)
    if condition.op != "in":
        return every
    if condition.field == "status":
        registered = scenario.run.scope == "registered"
        never = {Status.GONE, *([Status.GENERAL] if registered else []), *([] if _serves_removed(measure) else [Status.REMOVED])}
        return every - {float(one) for one in never}
    if condition.field == "monitoring":
        return every & _watched(scenario, year)
    if condition.field == "listed":
        return every if _era(scenario, year) == Era.CAMPAIGN else every - {1.0}
    return every


def _watched(scenario: Scenario, year: int) -> set[float | str]:
    """What households may be under monitoring when measures are given: what the year before left them."""
    era, opening = _era(scenario, year - 1), scenario.run.opening
    p = scenario.values("assessment", year - 1)
    begun = year - 1 >= min(p.monitoring_from, p.transition_from)
    if not begun:
        return {float(Monitoring.NONE)} | ({float(one) for one in OF_TYPES} if year - 1 == opening else set())
    classes = (Monitoring.AT_RISK,) if era == Era.REGULAR else OF_TYPES
    return {float(one) for one in (Monitoring.NONE, Monitoring.CLEARED, *classes)}


def _era(scenario: Scenario, year: int) -> int:
    p = scenario.values("assessment", year)
    return int(era_of(year, p.transition_from, p.regular_from))
