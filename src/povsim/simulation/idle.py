"""Owns: measures of a scenario that can never act in its run, from some year on serve nobody, or are easily misread, in words.
Never: refuses one (simulation.matching), or knows who is served (engine.allocation)."""

from __future__ import annotations

from collections.abc import Iterator
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

OF_TYPES: Final = (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN)  # those of the transition, by origin


def idle(scenario: Scenario) -> list[str]:
    """What each measure that cannot act or is easily misread is told, a line each, with the place where the reason stands."""
    said = []
    for measure in scenario.measures:
        never = next(_never(scenario, measure), None)
        reasons = [never] if never else [*_nobody(scenario, measure), *_counted_anew(scenario, measure)]
        for path, reason in [*reasons, *_namesake(scenario, measure)]:
            paths = (f"measures.{measure.id}.{path}", f"kinds.{measure.kind}.{path}")
            node = next((node for one in paths if (node := find(scenario.tree, one)) is not None), None)
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
    if kind.adopts is not None and measure.start_year <= first:
        return  # who holds it when the run opens has it without being new
    if measure.until is not None and measure.until < first:
        yield "until", label("simulation_idle_until", year=measure.until, first=first)
    years = [year for year in scenario.run.years if running(measure, year)]
    if measure.quota is not None and years and not any(measure.quota.at(year) > 0.0 for year in years):
        yield f"quota.{measure.quota.unit}", label("simulation_idle_quota")
    if measure.budget is not None and years and not any(measure.budget.at(year) > 0.0 for year in years):
        yield "budget", label("simulation_idle_budget")


def _nobody(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """What ends for households in the run: support after exit that is over before it; conditions that no household can meet any
    more, each with the first year of which that is so to the end of the measure."""
    first = scenario.run.years[0]
    if measure.kept_until is not None and measure.kept_until < first:
        yield "kept_until", label("simulation_idle_kept", year=measure.kept_until, first=first)
    years = [year for year in scenario.run.years if running(measure, year)]
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
    if same := next((one for one in earlier if one.title.zh == measure.title.zh or one.title.en == measure.title.en), None):
        yield "title", label("simulation_idle_namesake", other=same.id)


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
