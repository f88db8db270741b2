"""Owns: the numbers of an answer as tables that people read: words for columns, intervals, blanks for what nobody knows.
Never: computes a number (indicators) or draws one (report.charts)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pandas as pd

from povsim.core.labels import catalogue, label, language
from povsim.core.schema import LACKS, LEDGER
from povsim.indicators.answer import Answer
from povsim.indicators.indicators import show_number, show_pairs, show_signed
from povsim.policy.kind import find
from povsim.report.fonts import width
from povsim.results.contract import REPORTED, TABLES

if TYPE_CHECKING:
    from IPython.display import HTML, Markdown

    from povsim.core.params import Record, Setting

Shown: TypeAlias = "Table | Markdown"
Maker: TypeAlias = Callable[..., Shown]

COUNTED: Final = {"household": "households", "person": "households", "village": "villages"}  # as the ledger counts holders
GRADES: Final = ("A", "B", "C")
ROLES: Final = ("uncertainty", "lever", "constant")
CLOSED: Final = ("identified", "returned", "exited", "removed")  # flows that end with the campaign
ONE: Final = 0.5  # a mean under it is nobody
SIDE_BY_SIDE: Final = 8  # years; more stand one under the other
LINE: Final = 62.5  # full-width letters of a table that a printed page holds side by side (pages.STYLE)
GAP: Final = 0.91  # likewise, between columns
INTERVAL: Final = " ("  # between a number and its interval
HEAD: Final = 12.0  # likewise, of a row's name, that is broken where it is longer
LEAST: Final = 4.0  # likewise, of a column's name
FLOWS: Final = ("opening", "identified", "returned", "removed", "exited", "closing")


class Table(pd.DataFrame):  # type: ignore[misc,unused-ignore]
    """A table that a notebook shows whole: no row, no column and no cell is cut.

    Where a printed page is too narrow for it, intervals stand under their numbers; where it still is, columns stand in pieces,
    one under the other, each with the names of the rows.
    """

    @property
    def _constructor(self) -> type[Table]:
        return Table

    def _repr_html_(self) -> str:
        whole = ("display.max_colwidth", None, "display.max_rows", None, "display.max_columns", None)
        with pd.option_context(*whole):
            if len(self.pieces()) == 1:
                return str(self.to_html(notebook=True))
            html = "\n".join(str(self.iloc[:, piece].to_html(notebook=True)) for piece in self.pieces(INTERVAL))
            return re.sub(rf"(<td>[^<]*){re.escape(INTERVAL)}", r"\1<br>(", html)

    def pieces(self, broken: str = "\n") -> list[list[int]]:
        """Columns that stand side by side on a printed page, in order, where cells are broken at some text."""
        heads = [max(map(width, map(str, level)), default=0.0) for level in zip(*map(_levels, self.index), strict=True)]
        free = LINE - sum(min(head, HEAD) + GAP for head in heads)
        found: list[list[int]] = [[]]
        room = free
        for i, name in enumerate(self.columns):
            words = re.findall(r"[!-~]+", str(name))  # that no line breaks
            lines = [line for cell in self.iloc[:, i] for line in str(cell).split(broken)]
            wide = GAP + max(min(width(str(name)), LEAST), *map(width, [*lines, *words]), 0.0)
            if wide > room and found[-1]:
                found.append([])
                room = free
            found[-1].append(i)
            room -= wide
        return found


def needs(name: str, charted: bool = False) -> Callable[[Maker], Maker]:
    """Say in a line that there are no such numbers, where the answer lacks the table that a function asks for.

    Where a chart of the same numbers stands above (``charted``), it has said so already.
    """

    def guarded(make: Maker) -> Maker:
        @wraps(make)
        def made(answer: Answer, lang: str | None = None, **more: Any) -> Shown:
            return make(answer, lang, **more) if answer.has(name) else note("" if charted else name, lang)

        return made

    return guarded


def note(name: str, lang: str | None = None) -> Markdown:
    """A line that says what is missing, and how to get it; an empty one for nothing."""
    from IPython.display import Markdown

    if not name:
        return Markdown("")
    key = f"pages.missing_{name}"
    return Markdown(f"*{label(key if key in catalogue() else 'pages.missing', lang, name=name)}*")


# --- the town ---------------------------------------------------------------------------------------------


@needs("reported")
def reported(answer: Answer, lang: str | None = None) -> Shown:
    """The account of the town as it was reported, a row per year."""
    tongue = language(lang)
    table = answer.table("reported").set_index("year")
    names = {column.name: getattr(column, tongue) for column in REPORTED.columns if column.name in table}
    shown = table[list(names)].rename(columns=names).map(lambda number: _count(number, tongue))
    return _headed(shown, label("pages.year", tongue))


def size(answer: Answer, lang: str | None = None) -> str:
    """How many villages, farm households and persons the town has."""
    place = answer.about["place"]
    villages = label("report.villages", lang, villages=place["villages"], poor=place["poor_villages"])
    farm = label("report.farm", lang, households=f"{place['farm_households']:,}", persons=f"{place['farm_persons']:,}")
    return villages + label("indicators.comma", lang) + farm


def source(answer: Answer, lang: str | None = None) -> str:
    """Where the reported figures come from, to which year, and which run of which date the rest is of, in Markdown."""
    about, tongue = answer.about, language(lang)
    blotted = about["place"][f"source_{tongue}"].replace("*", r"\*")  # a star is a star
    made = {"run": about["run_id"][:8], "date": about["created"]}
    return label("report.page_source", tongue, source=blotted, year=about["as_of"], **made)


@needs("ledger")
def ledger(answer: Answer, lang: str | None = None) -> Shown:
    """The simulated account of the register, a row per year and unit: means, which add up, the closing with its interval."""
    tongue = language(lang)
    words = {column.name: getattr(column, tongue) for column in TABLES["ledger"].columns}
    words["closing"] = label("report.mean_of", tongue, what=words["closing"])  # the headline and the charts have medians
    rows = {}
    for row in answer.table("ledger").to_dict("records"):
        title = label("report.of_unit", tongue, year=row["year"], unit=label(f"report.word_{row['kind']}", tongue))
        shut = CLOSED if row["year"] >= (answer.about.get("closed_from") or np.inf) else ()
        cells = {
            words[flow]: label("report.closed", tongue) if flow in shut else f"{row[flow]:,.0f}"
            for flow in LEDGER
            if flow != "closing"
        }
        rows[title] = cells | {words["closing"]: _interval(row, "closing", row["kind"], tongue)}
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), words["year"])


@needs("villages", charted=True)
def villages(answer: Answer, lang: str | None = None) -> Shown:
    """Poor households, persons and incidence of each village at the end of the last year, each mean with its interval."""
    tongue, year = language(lang), answer.about["years"][-1]
    table, units = answer.table("villages"), answer.units("villages")
    said = {name: label("report.at_end", tongue, year=year, what=label(f"report.{name}", tongue)) for name in units}
    rows = {}
    for row in table[table["year"] == year].to_dict("records"):
        rows[row["item"]] = {
            label("report.mean_of", tongue, what=said[name]): _interval(row, name, unit, tongue) for name, unit in units.items()
        }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("report.village", tongue))


def run(answer: Answer, lang: str | None = None) -> Table:
    """Which run this is: scenario, years, replicates and draws, seed, who was simulated, on what data."""
    about, tongue = answer.about, language(lang)
    first, last = about["years"][0], about["years"][-1]
    synthetic = "synthetic" if about["place"]["synthetic"] else "registry"
    facts = {
        label("pages.run_scenario", tongue): about["scenario"][tongue],
        label("results.years", tongue): label("results.years_value", tongue, first=first, last=last, opening=about["opening"]),
        label("results.replicates", tongue): f"{about['replicates']:,}",
        label("pages.run_draws", tongue): f"{about['draws']:,}" if about["draws"] else label("pages.run_held", tongue),
        label("results.seed", tongue): str(about["seed"]),
        label("results.scope", tongue): label(f"results.scope_{about['scope']}", tongue),
        label("results.data", tongue): label(f"results.{synthetic}", tongue),
        label("results.run", tongue): f"{about['run_id']} ({about['created']})",
    }
    return _headed(pd.DataFrame({label("pages.run_value", tongue): facts}), label("pages.run_fact", tongue))


# --- exits ------------------------------------------------------------------------------------------------


@needs("lacking")
def lacking(answer: Answer, lang: str | None = None) -> Shown:
    """What those who are still poor at the end of each year lack, in households; what nobody lacks is left out.

    Nobody waits for leave in a year in which exits are closed: it says so there.
    """
    tongue = language(lang)
    table = answer.table("lacking")
    ends = [label("pages.at_end", tongue, year=year) for year in table["year"].unique()]
    table = table[(table["item"] != "waiting") | (table["year"] < (answer.about.get("closed_from") or np.inf))]
    last = table.groupby("item")["households_high"].max()
    order = [lack for lack in (*LACKS, *sorted(set(table["item"]) - set(LACKS))) if lack in last and last[lack] >= 0.5]
    rows = {}
    for lack in order:
        of = table[table["item"] == lack].to_dict("records")
        rows[_word("pages.lack", lack, tongue)] = {
            label("pages.at_end", tongue, year=row["year"]): _interval(row, "households", "households", tongue) for row in of
        }
    shown = pd.DataFrame.from_dict(rows, orient="index", columns=ends).fillna(label("pages.exits_closed", tongue))
    return _headed(_upright(shown), label("pages.lacks", tongue))


@needs("routes", charted=True)
def routes(answer: Answer, lang: str | None = None) -> Shown:
    """By which route persons leave, the published ones beside the model's."""
    tongue = language(lang)
    rows = {}
    for row in answer.table("routes").to_dict("records"):
        rows[_word("pages.route", row["item"], tongue)] = {
            label("pages.route_planned", tongue): _count(row["planned_persons"], tongue),
            label("pages.route_planned_share", tongue): _share(row["planned_share"], tongue),
            label("pages.route_model", tongue): _interval(row, "persons", "persons", tongue),
            label("pages.route_model_share", tongue): _interval(row, "share", "share", tongue),
        }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("pages.route", tongue))


# --- falling back -----------------------------------------------------------------------------------------


@needs("return_by_years", charted=True)
def returns(answer: Answer, lang: str | None = None) -> Shown:
    """Share that has fallen back, by years since leaving, each reading under its name."""
    tongue = language(lang)
    table = answer.table("return_by_years")
    rows: dict[str, dict[str, str]] = {}
    for row in table.to_dict("records"):
        title = _word("pages.reading", row["item"], tongue)
        rows.setdefault(title, {})[label("pages.within", tongue, years=row["year"])] = _interval(row, "share", "share", tongue)
    return _headed(_upright(pd.DataFrame.from_dict(rows, orient="index")), label("pages.reading", tongue))


@needs("return_causes")
def causes(answer: Answer, lang: str | None = None) -> Shown:
    """Why households that had stood on their own income fell under the line again, a year on average."""
    tongue = language(lang)
    rows = {
        _word("report.cause", row["item"].upper(), tongue): {
            label("report.fallen", tongue): _interval(row, "households", "households", tongue)
        }
        for row in answer.table("return_causes").to_dict("records")
    }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("report.cause", tongue))


@needs("income_sources", charted=True)
def incomes(answer: Answer, lang: str | None = None, group: str = "registered") -> Shown:
    """Income per head of a group by source and year, with the lines of the year."""
    tongue = language(lang)
    table = answer.table("income_sources")
    rows = {}
    for row in table[table["kind"] == group].to_dict("records"):
        cells = {_word("pages.income", name, tongue): _interval(row, name, "yuan/person/year", tongue) for name in INCOMES}
        cells |= {_word("pages.income", name, tongue): _count(row[name], tongue) for name in ("exit_line", "dibao_standard")}
        rows[label("report.year", tongue, year=row["year"])] = cells
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("pages.year", tongue))


INCOMES: Final = ("wage", "operating", "property", "transfer", "mean")


# --- what the measures buy --------------------------------------------------------------------------------


@needs("spending", charted=True)
def spending(answer: Answer, lang: str | None = None) -> Shown:
    """Each measure's holders and money in an average year, dearest first; what costs no public money says so.

    What is left of budgets stands last, where there are any.
    """
    tongue = language(lang)
    titles = answer.about["measures"]
    rows = {
        titles[row["item"]][tongue]: {
            label("report.holders", tongue): _holders(row, tongue),
            label("pages.public", tongue): _public(row, tongue),
            label("pages.investment", tongue): _money(row, "investment", "yuan", tongue),
            label("pages.by_village", tongue): _money(row, "by_village", "yuan/year", tongue),
            **({label("pages.unspent", tongue): _unspent(row, tongue)} if "unspent" in row else {}),
        }
        for row in answer.table("spending").to_dict("records")
    }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("report.measure", tongue))


@needs("service")
def unmet(answer: Answer, lang: str | None = None) -> Shown:
    """Who wanted a measure and was refused, year by year: of each measure that refused somebody, means with the interval."""
    tongue = language(lang)
    table, titles = answer.table("service"), answer.about["measures"]
    rows: dict[str, dict[str, str]] = {}
    for id, of in table.groupby("item", sort=False):
        if not (of["unmet"] >= ONE).any():
            continue
        holder = find(str(of["kind"].iloc[0])).holder
        title = label(f"pages.refused_{holder}", tongue, title=titles[id][tongue])
        rows[title] = {
            label("report.year", tongue, year=row["year"]): "0"
            if row["unmet_high"] < ONE
            else _interval(row, "unmet", f"{holder}s", tongue)
            for row in of.to_dict("records")
        }
    return _headed(_by_year(rows, table, tongue), label("pages.unmet", tongue)) if rows else note("refused", lang)


@needs("service")
def used(answer: Answer, lang: str | None = None) -> Shown:
    """What of each quota and budget was used, year by year: the mean used, of so many."""
    tongue = language(lang)
    table, about = answer.table("service"), answer.about
    rows: dict[str, dict[str, str]] = {}
    for row in table.to_dict("records"):
        title, year = about["measures"][row["item"]][tongue], label("report.year", tongue, year=row["year"])
        if not np.isnan(row["quota"]):
            unit = about["quotas"][row["item"]]["unit"]
            finer = int(row["quota"] % 1.0 > 0.0)  # of kW, a part may be said
            words = (_count(row["quota_used"], tongue, finer), _count(row["quota"], tongue, finer))
            name = label("pages.quota_of", tongue, title=title, unit=label(f"lists.quota_{unit}", tongue))
            more = label("pages.held_before", tongue) if unit == "posts" and row["quota_used"] > row["quota"] else ""
            rows.setdefault(name, {})[year] = label("pages.used_of", tongue, used=words[0], whole=words[1]) + more
        if not np.isnan(row["budget"]):
            words = (show_number(row["budget_used"], "yuan/year", tongue), show_number(row["budget"], "yuan/year", tongue))
            name = label("pages.budget_of", tongue, title=title) + _with_fund(row, tongue)
            rows.setdefault(name, {})[year] = label("pages.used_of", tongue, used=words[0], whole=words[1])
    return _headed(_by_year(rows, table, tongue), label("pages.used", tongue)) if rows else note("limits", lang)


def _by_year(rows: Mapping[str, Mapping[str, str]], table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Rows of words by year, blank in years that one of them does not have."""
    years = [label("report.year", lang, year=year) for year in sorted(table["year"].unique())]
    return _upright(pd.DataFrame.from_dict(rows, orient="index", columns=years).fillna(label("report.blank", lang)))


@needs("watch")
def watch(answer: Answer, lang: str | None = None) -> Shown:
    """Who comes under watch against falling back, by whom found, who is cleared and who is watched, a row per year; means."""
    tongue = language(lang)
    rows = {
        label("report.year", tongue, year=row["year"]): {
            label(f"lists.{name}", tongue): _interval(row, name, "households", tongue)
            if name in WATCHED
            else _count(row[name], tongue)
            for name in (*FOUND, *CLEARED)
        }
        for row in answer.table("watch").to_dict("records")
    }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("pages.year", tongue))


FOUND: Final = ("entered", "by_department", "by_village", "by_application", "passed_over")
CLEARED: Final = ("cleared", "cleared_naturally", "monitored", "missed")
WATCHED: Final = ("entered", "cleared", "monitored", "missed")  # with their interval


@needs("village_exits")
def village_exits(answer: Answer, lang: str | None = None) -> Shown:
    """When each village is expected to leave, how likely by the end of a year, and what it earns in the first and last year."""
    tongue, about = language(lang), answer.about
    table = answer.table("village_exits")
    first, last = int(table["year"].min()), int(table["year"].max())
    shut = max(first, min(last, (about.get("closed_from") or np.inf) - 1))  # nobody leaves later
    rows = {}
    for name, of in table.groupby("item", sort=False):
        by = of.set_index("year")
        poor = not np.isnan(by.loc[last, "p_exited"])
        never = label("pages.not_in_years" if poor else "report.blank", tongue)
        year = by.loc[last, "exit_year"]
        rows[str(name)] = {
            label("lists.exit_year", tongue): never if np.isnan(year) else f"{year:.0f}",
            label("pages.out_by", tongue, year=shut): _share(by.loc[shut, "p_exited"], tongue),
            **{
                label("pages.village_income", tongue, year=end): _interval(
                    by.loc[end].to_dict(), "collective_income", "yuan/year", tongue
                )
                for end in dict.fromkeys((first, last))
            },
        }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("report.village", tongue))


@needs("difference", charted=True)
def differences(answer: Answer, lang: str | None = None) -> Shown:
    """What the other scenarios lead to by the last year, less what this one does, paired replicate by replicate."""
    tongue, about = language(lang), answer.about
    table, units = answer.table("difference"), answer.units("difference")
    last = table[table["year"] == about["years"][-1]].set_index("item")
    rows: dict[str, dict[str, str]] = {}
    for name, unit in units.items():
        cells = {
            about["scenarios"][id][tongue] + show_pairs(about.get("pairs", {}).get(id, 0), tongue): _interval(
                row, name, unit, tongue, show_signed
            )
            for id, row in last.to_dict("index").items()
            if not np.isnan(row[name])
        }
        if cells:
            rows[label(f"pages.difference_{name}", tongue, year=about["years"][-1])] = cells
    shown = pd.DataFrame.from_dict(rows, orient="index").fillna(label("report.blank", tongue))
    return _headed(shown, label("pages.difference", tongue, base=about["scenario"][tongue]))


@needs("pv")
def pv(answer: Answer, lang: str | None = None) -> Shown:
    """What a household linked to a PV station gets, year by year, and what late connection costs it."""
    tongue = language(lang)
    table, units = answer.table("pv"), answer.units("pv")
    names = [name for name in units if name != "households" and table[name].notna().any()]
    rows = {
        label("report.year", tongue, year=row["year"]): {
            label("pages.pv_households", tongue): _count(row["households"], tongue),
            **{
                label(f"pages.pv_{name}", tongue): _interval(
                    row, name, units[name], tongue, show_signed if name == "delay_loss" else show_number
                )
                for name in names
            },
        }
        for row in table.to_dict("records")
    }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("pages.year", tongue))


# --- what the answer rests on -----------------------------------------------------------------------------


@needs("fit", charted=True)
def fit(answer: Answer, lang: str | None = None) -> Shown:
    """What was reported, what book values alone gave, what the fitted model gives, and its miss, target by target.

    A cross marks what was reported and lies outside the model's interval.
    """
    tongue, targets = language(lang), answer.about["targets"]
    table = answer.table("fit")
    units = answer.numbers[(answer.numbers["table"] == "fit") & (answer.numbers["name"] == "model")].set_index("row")["unit"]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    points = label("pages.points", tongue)
    for place, row in enumerate(table.to_dict("records")):
        unit = str(units.iloc[place])
        title = targets[row["item"]][tongue]
        rows[_word("pages.fit_kind", row["kind"], tongue), title] = {
            label("pages.fit_reported", tongue): show_number(row["reported"], unit, tongue),
            label("pages.fit_prior", tongue): _interval(row, "prior", unit, tongue) if "prior" in row else "",
            label("pages.fit_model", tongue): _interval(row, "model", unit, tongue),
            label("pages.fit_miss", tongue): _interval(row, "miss", unit, tongue, show_signed).replace("%", points)
            + ("" if row["model_low"] <= row["reported"] <= row["model_high"] else " ✗"),
        }
    shown = pd.DataFrame(rows.values(), index=pd.Index([title for _, title in rows]))
    shown.insert(0, label("pages.fit_use", tongue), [use for use, _ in rows])
    return _headed(shown, label("pages.fit_target", tongue))


def grades(results_dir: Path | str, lang: str | None = None) -> Table:
    """How many parameters of a run are sourced, partly so, or estimates; and how many of each are drawn, chosen, or fixed."""
    tongue = language(lang)
    counts = Counter((one.record.grade, one.record.role) for one in _settings(results_dir).values())
    rows = {}
    for grade in GRADES:
        cells = {label(f"pages.role_{role}", tongue): str(counts[grade, role]) for role in ROLES}
        rows[label(f"pages.grade_{grade}", tongue)] = cells | {
            label("pages.together", tongue): str(sum(counts[grade, role] for role in ROLES))
        }
    return _headed(pd.DataFrame.from_dict(rows, orient="index"), label("pages.grade", tongue))


def estimates(results_dir: Path | str, lang: str | None = None, grade: str = "C") -> HTML:
    """The parameters of a grade, each with its value and its range, by the part of the model that reads them."""
    from IPython.display import HTML

    parts = _by_part(results_dir, grade, language(lang))
    lists = [
        f"<h4>{escape(part)}</h4><ul>{''.join(f'<li>{escape(words)}</li>' for words in said)}</ul>"
        for part, said in parts.items()
    ]
    return HTML(f'<div class="estimates">{"".join(lists)}</div>')


def assumptions(answer: Answer, results_dir: Path | str, lang: str | None = None) -> list[str]:
    """What the answer rests on, in paragraphs: how many parameters are known how well, then each that moves the answer most."""
    tongue = language(lang)
    counted = grades(results_dir, tongue)
    said = []
    for title, row in counted.iterrows():
        parts = label("report.comma", tongue).join(f"{name} {row[name]}" for name in counted.columns[:-1])
        said.append(label("pages.counted", tongue, grade=title, number=row.iloc[-1], parts=parts))
    settings, strongest = _settings(results_dir), answer.about["parameters"]
    known = [path for path in strongest if path in settings]
    comma = label("indicators.comma", tongue)
    for grade in GRADES:
        mine = [_named(path, settings[path], tongue) for path in known if settings[path].record.grade == grade]
        if mine:
            title = label(f"pages.grade_{grade}", tongue)
            said.append(label("pages.strongest", tongue, grade=title, text=comma.join(mine)))
    return said


def _by_part(results_dir: Path | str, grade: str, lang: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for path, one in _settings(results_dir).items():
        if one.record.grade == grade and one.record.unit != "text":
            parts.setdefault(_part(path.rpartition(".")[0], lang), []).append(_estimate(one, lang))
    return parts


def _settings(results_dir: Path | str) -> Mapping[str, Setting]:
    """Parameters of a run by their path; of a kind once, whatever measures say."""
    from povsim.core.params import load_scenario

    scenario = load_scenario(Path(results_dir) / "params.yaml")
    return {path: one for path, one in scenario.settings().items() if not path.startswith("measures.")}


def _part(part: str, lang: str) -> str:
    from povsim.core.params import part_title

    title = part_title(part).show(lang)
    return label("pages.part_of_kind", lang, title=title) if "." in part else title


def _named(path: str, one: Setting, lang: str) -> str:
    """An estimate, of a kind's under its title: kinds have parameters of one name."""
    part = path.rpartition(".")[0]
    return f"{_part(part, lang)}: {_estimate(one, lang)}" if "." in part else _estimate(one, lang)


def _estimate(one: Setting, lang: str) -> str:
    from povsim.core.params import UNITS as KNOWN

    record = one.record
    unit = KNOWN[record.unit].zh if lang == "zh" else record.unit
    value = one.node.plain
    if isinstance(value, bool):
        return f"{getattr(record.name, lang)}: {label('pages.yes' if value else 'pages.no', lang)}"
    shown = _plain(value) if isinstance(value, int | float | str) else label("pages.by_parts", lang)
    return f"{getattr(record.name, lang)}: {shown}{_range(record, lang)} {unit}"


def _range(record: Record, lang: str) -> str:
    if record.factor is not None:
        return label("pages.factor_range", lang, low=f"{record.factor[0]:g}", high=f"{record.factor[1]:g}")
    if record.low is None or record.high is None:
        return ""
    return label("pages.value_range", lang, low=_plain(record.low), high=_plain(record.high))


def _plain(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"


# --- cells ------------------------------------------------------------------------------------------------


def _holders(row: Mapping[str, Any], lang: str) -> str:
    """How many have it, in what the ledger counts: households, also of what their members hold; or villages."""
    word = label(f"pages.count_{COUNTED[find(row['kind']).holder]}", lang, number=f"{row['holders']:,.0f}")
    return word + f" ({row['holders_low']:,.0f}–{row['holders_high']:,.0f})"


def _public(row: Mapping[str, Any], lang: str) -> str:
    """Public money with its interval, or in words who pays instead."""
    if row["public"] >= 1.0:
        return _money(row, "public", "yuan/year", lang)
    sold = row["sales"] >= 1.0 or row["investment"] >= 1.0
    return label(f"report.{'by_sales' if sold else 'by_villages' if row['by_village'] >= 1.0 else 'no_money'}", lang)


def _money(row: Mapping[str, Any], name: str, unit: str, lang: str) -> str:
    """Money with its interval, blank for none; one number where nothing is uncertain."""
    if row[f"{name}_high"] < 1.0:
        return label("report.blank", lang)
    sure = row[f"{name}_low"] == row[f"{name}_high"]
    return show_number(row[name], unit, lang) if sure else _interval(row, name, unit, lang)


def _unspent(row: Mapping[str, Any], lang: str) -> str:
    """What is left of a budget, nothing too; blank where there is no budget."""
    if np.isnan(row["unspent"]):
        return label("report.blank", lang)
    sure = row["unspent_low"] == row["unspent_high"]
    left = show_number(row["unspent"], "yuan/year", lang) if sure else _interval(row, "unspent", "yuan/year", lang)
    return left + _with_fund(row, lang)


def _with_fund(row: Mapping[str, Any], lang: str) -> str:
    """What is used of a budget holds what a fund for losses pays, which nobody asked of it: columns do not tell them apart."""
    return label("pages.with_fund", lang) if find(str(row["kind"])).compensates else ""


def _interval(row: Mapping[str, Any], name: str, unit: str, lang: str, show: Callable[..., str] = show_number) -> str:
    """A number with its interval, one number where there is none; blank where nothing is known."""
    if np.isnan(row[name]):
        return label("report.blank", lang)
    number, low, high = (show(row[name + end], unit, lang) for end in ("", "_low", "_high"))
    if np.isnan(row[f"{name}_low"]):
        return number
    (start, _, unit_of_low), unit_of_high = low.partition(" "), high.partition(" ")[2]
    low = start if unit_of_low == unit_of_high else low  # the unit once
    low = low.removesuffix("%") if high.endswith("%") else low
    return f"{number} ({low}{label('pages.to', lang) if show is show_signed else '–'}{high})"


def _share(number: float, lang: str) -> str:
    return label("report.blank", lang) if np.isnan(number) else f"{number:.1%}"


def _count(number: float, lang: str, places: int = 0) -> str:
    return label("report.blank", lang) if np.isnan(number) else f"{number:,.{places}f}"


def _word(prefix: str, item: str, lang: str) -> str:
    """The words of an item, or the item itself where a package brought its own."""
    key = f"{prefix}_{item}"
    return label(key, lang) if key in catalogue() else item


def _levels(name: object) -> tuple[object, ...]:
    """The names of a row, one for each column that names rows."""
    return name if isinstance(name, tuple) else (name,)


def _upright(shown: pd.DataFrame) -> pd.DataFrame:
    """Years side by side, or one under the other where a printed page would cut them off."""
    return shown.T if shown.shape[1] > SIDE_BY_SIDE else shown


def _headed(table: pd.DataFrame, name: str) -> Table:
    """Put the name of the first column into the row of the other names."""
    return Table(table.rename_axis(index=None, columns=name))
