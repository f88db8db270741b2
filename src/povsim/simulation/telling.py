"""Owns: one household opened, in words and as a page of tables, in Chinese and English.
Never: computes what it says (simulation.why)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from povsim.core.labels import label, language
from povsim.core.schema import LACKS, Cause
from povsim.engine.recorder import ASIDE
from povsim.simulation.why import LEVEL, OWN, PARTS, whole_yuan

if TYPE_CHECKING:
    from povsim.simulation.why import Why

SHOWN: Final = 6  # things that would tip it back
HALF_YUAN: Final = 0.5  # what rounding hides
LEAST: Final = 0.05  # share from which a cause, or a thing that is lacking, is named


Rows = list[tuple[str, pd.DataFrame, str, str]]  # a title, and where its numbers stand: a table, the key, its value


@dataclass(frozen=True)
class Told:
    """What a page or a sheet shows of one household: words, and for its tables where the numbers stand.

    Attributes
    ----------
    title : str
        Who it is.
    notes : list of str
        From when on nobody may be left.
    income, measures : list
        Rows of the two tables of income, by part and by measure.
    beside : list of str
        What measures give beside income.
    lacks : list of str
        What it lacks while it is poor, a year each.
    year, runs : int
        The year of which it is said what would tip it back, and the replicates in which it is above the line in it.
    tips : list of (what, yuan a head, chance)
        The likeliest first.
    after : list of str
        Guarantees that are lacking, and falls that were lived.
    """

    title: str
    notes: list[str]
    income: Rows
    measures: Rows
    beside: list[str]
    lacks: list[str]
    year: int
    runs: int
    tips: list[tuple[str, float, float]]
    after: list[str]


def told(why: Why, lang: str) -> Told:
    """What there is to show of a household."""
    title, *_ = _head(why, lang)
    year, runs, tips = _tips(why, lang)
    return Told(
        title,
        [*how_lines(why, lang), *_gone(why, lang)],
        [(label(f"why.{part}", lang), why.income, "part", part) for part in PARTS if _some(why.income, "part", part)],
        [
            (_title(why, id, lang), why.by_measure, "measure", id)
            for id in (OWN, *why.measures)
            if _some(why.by_measure, "measure", id)
        ],
        _beside(why, lang),
        [label("why.colon", lang, head=label("why.lacks", lang), text=one) for one in _lack_lines(why, lang)],
        year,
        runs,
        tips,
        _after(why, year, lang),
    )


def text(why: Why, lang: str | None = None) -> str:
    """What a planner reads, in a few lines."""
    tongue = language(lang)
    lines = [*_head(why, tongue), "", label("why.income", tongue)]
    for year, cells in _years(why.income, "part"):
        whole = dict(zip(PARTS, whole_yuan([cells[part]["mean"] for part in PARTS]), strict=True))
        more = label("why.uncounted_more", tongue, yuan=_number(whole[PARTS[-1]])) if whole[PARTS[-1]] else ""
        said: dict[str, Any] = {part: _number(yuan) for part, yuan in whole.items()} | {PARTS[-1]: more}
        lines.append(label("why.year_line", tongue, year=year, all=_with_ends(sum(whole.values()), cells["all"], tongue), **said))
    lines += ["", label("why.line", tongue)]
    lines += [label("why.line_line", tongue, **words) for words in _line_words(why, tongue)]
    lines += ["", label("why.measures", tongue)]
    lines += _measure_lines(why, tongue) or [label("why.no_measures", tongue)]
    lines += ["", label("why.lacks", tongue)]
    lines += _lack_lines(why, tongue) or [label("why.lacks_nothing", tongue)]
    year, runs, tips = _tips(why, tongue)
    lines += ["", label("why.tips", tongue, year=year, runs=runs)]
    lines += [
        label("why.tip_line", tongue, what=what, loss=_number(loss), share=_share(share)) for what, loss, share in tips
    ] or [label("why.no_tips", tongue)]
    return "\n".join([*lines, *_after(why, year, tongue)])


def html(why: Why, lang: str | None = None) -> str:
    """The same as a page of small tables."""
    tongue = language(lang)
    one, years = told(why, tongue), [str(year) for year in why.years]
    _, *notes = _head(why, tongue)
    line = [
        [label(f"why.{name}", tongue), *(words[key] for words in _line_words(why, tongue))]
        for name, key in (("head", "head"), ("standard", "line"), ("distance", "distance"), ("above", "above"), ("out", "out"))
    ]
    head = [label("why.item", tongue), *years]
    parts = [
        f"<h4>{escape(one.title)}</h4>",
        _paragraphs(notes),
        _table(label("why.income", tongue), head, _summed(one.income, why, tongue)),
        _table(label("why.by_measures", tongue), head, _summed(one.measures, why, tongue)),
        _paragraphs(one.beside),
        _table(label("why.line", tongue), head, line),
        _paragraphs(one.lacks),
    ]
    columns = [label(f"why.{name}", tongue) for name in ("item", "loss", "chance")]
    tips = [[what, _number(loss), _share(share)] for what, loss, share in one.tips]
    parts.append(_table(label("why.tips", tongue, year=one.year, runs=one.runs), columns, tips))
    parts.append(_paragraphs(one.after))
    return f"<div>{''.join(parts)}</div>"


# --- what both say ---------------------------------------------------------------------------------------


def _head(why: Why, lang: str) -> list[str]:
    about = why.about
    status, category = label(f"pop_status_{about['status']}", lang), label(f"why.category_{about['category']}", lang)
    said = [
        label("why.title", lang, id=why.household, village=about["village"], size=about["size"], status=status, category=category)
    ]
    if about["synthetic"]:
        said.append(label("pop_synthetic", lang))
    said.append(label("why.how", lang, replicates=len(why.records), level=f"{LEVEL[1] - LEVEL[0]:.0%}"))
    return [*said, *how_lines(why, lang), *_gone(why, lang)]


def how_lines(why: Why, lang: str) -> list[str]:
    """What the line is, where the replicates were not all judged by the one that is stated; that a mean may lie outside its
    interval, where one does."""
    line, tables = why.line, [why.income, why.by_measure]
    outside = any(((of["mean"] < of["low"] - HALF_YUAN) | (of["mean"] > of["high"] + HALF_YUAN)).any() for of in tables)
    drawn = ((line["line_low"] != line["stated"]) | (line["line_high"] != line["stated"])).any()
    return [label(f"why.{key}", lang) for key, there in (("how_line", drawn), ("how_mean", outside)) if there]


def _gone(why: Why, lang: str) -> list[str]:
    gone = why.line[why.line["living"] < 1.0]
    if not len(gone):
        return []
    return [label("why.gone", lang, year=int(gone["year"].iloc[0]), share=_share(1.0 - gone["living"].iloc[-1]))]


def _line_words(why: Why, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "year": int(row["year"]),
            "head": _with_ends(row["head_mean"], _cells(row, "head_"), lang),
            "line": _with_ends(row["stated"], _cells(row, "line_"), lang),
            "distance": _with_ends(row["distance_mean"], _cells(row, "distance_"), lang, "+"),
            "above": _share(row["above"]),
            "out": _share(row["out"]),
        }
        for row in why.line.to_dict("records")
    ]


def _measure_lines(why: Why, lang: str) -> list[str]:
    """A line for each measure that adds to the income: what in which year, and what it gives beside."""
    held, lines = why.held, []
    for id in why.measures:
        cells = why.by_measure[why.by_measure["measure"] == id]
        mine = held[held["measure"] == id]
        if not (cells["mean"] != 0.0).any() and not mine["held"].any():
            continue
        rows = [row for row in cells.to_dict("records") if row["mean"] and row["mean"] == row["mean"]]
        some = [f"{int(row['year'])} {_with_ends(row['mean'], row, lang)}" for row in rows]
        parts = label("why.semicolon", lang).join([*some, *_beside_one(why, mine, lang)])
        lines.append(label("why.measure_line", lang, title=why.measures[id][lang], since=_since(mine, lang), parts=parts or "0"))
    return [*lines, *_own_line(why, lang), _note(why, lang)] if lines else []


def _note(why: Why, lang: str) -> str:
    return label("why.measures_note", lang, year=why.years[0])


def _own_line(why: Why, lang: str) -> list[str]:
    """What comes without measures, which the note speaks of."""
    cells = why.by_measure[why.by_measure["measure"] == OWN].to_dict("records")
    known = [row for row in cells if row["mean"] and row["mean"] == row["mean"]]
    some = [f"{int(row['year'])} {_with_ends(row['mean'], row, lang)}" for row in known]
    return [label("why.colon", lang, head=label("why.own", lang), text=label("why.semicolon", lang).join(some) or "0")]


def _since(mine: pd.DataFrame, lang: str) -> str:
    """From when most replicates have it; where they never do, in how many at most."""
    most = mine[mine["held"] >= 0.5]
    if len(most):
        return label("why.since", lang, year=int(most["year"].iloc[0]))
    return label("why.sometimes", lang, share=_share(mine["held"].max()))


def _beside(why: Why, lang: str) -> list[str]:
    held = why.held
    found = [(id, text) for id in why.measures for text in _beside_one(why, held[held["measure"] == id], lang)]
    said = [label("why.colon", lang, head=why.measures[id][lang], text=text) for id, text in found]
    return [*said, _note(why, lang)]


def _beside_one(why: Why, mine: pd.DataFrame, lang: str) -> list[str]:
    """What a measure gives beside income, over all years, in a line; none where it gives nothing."""
    sums = {name: mine[name].sum() for name in ASIDE}
    parts = [label(f"why.{name}", lang, yuan=_number(yuan)) for name, yuan in sums.items() if yuan >= 0.5]
    words = {"first": why.years[1], "last": why.years[-1], "parts": label("report.comma", lang).join(parts)}
    return [label("why.beside", lang, **words)] if parts else []


def _lack_lines(why: Why, lang: str) -> list[str]:
    lines = []
    for row in why.lacks.to_dict("records"):
        if row["poor"] > 0.0:
            closed = why.closed_from is not None and row["year"] >= why.closed_from  # nobody waits for leave that is not given
            words = {lack: "closed" if closed and lack == "waiting" else lack for lack in LACKS}
            named = [label(f"why.lack_{words[lack]}", lang, share=_share(row[lack])) for lack in LACKS if row[lack] >= LEAST]
            parts = label("report.comma", lang).join(named)
            lines.append(label("why.lacks_line", lang, year=int(row["year"]), share=_share(row["poor"]), parts=parts))
    return lines


def _tips(why: Why, lang: str) -> tuple[int, int, list[tuple[str, float, float]]]:
    """The year looked at, the first in which it is mostly no longer poor; the replicates above the line in it; and what would tip
    these, the likeliest first."""
    line = why.line[why.line["year"] > why.years[0]]
    out = line[line["out"] >= 0.5]
    year = int((out if len(out) else line.iloc[-1:])["year"].iloc[0])
    found = why.tips[why.tips["year"] == year].sort_values(["tipped", "cost", "loss"], ascending=[False, False, True])
    rows = found.head(SHOWN).to_dict("records")
    return (
        year,
        int(found["above"].max()) if len(found) else 0,
        [(_loss(why, row, lang), float(row["cost"]), float(row["tipped"])) for row in rows],
    )


def _loss(why: Why, row: Mapping[Any, Any], lang: str) -> str:
    if row["measure"]:
        return label("why.tip_measure", lang, title=why.measures[row["loss"]][lang])
    return label(f"why.tip_{row['loss']}", lang)


def _after(why: Why, year: int, lang: str) -> list[str]:
    """A guarantee that is lacking, and the falls that were lived."""
    said, fate = [], why.fate
    unsafe = float(why.line.loc[why.line["year"] == year, "unsafe"].iloc[0])
    if unsafe >= LEAST:
        said.append(label("why.guarantee", lang, year=year, share=_share(unsafe)))
    fell = fate[fate["fell"] > 0]
    if len(fell):
        count = Counter(int(cause) for cause in fell["cause"])
        causes = [
            label("why.of", lang, text=label(f"report.cause_{Cause(cause).name}", lang), share=_share(n / len(fell)))
            for cause, n in count.most_common()
            if n >= LEAST * len(fell) and cause
        ]
        share = _share(len(fell) / len(fate))
        said.append(label("why.fell", lang, share=share, causes=label("report.comma", lang).join(causes) or "-"))
    return said


# --- cells -----------------------------------------------------------------------------------------------


def _years(table: pd.DataFrame, key: str) -> list[tuple[int, dict[str, dict[str, Any]]]]:
    """Cells of a table by year, then by its key."""
    years: dict[int, dict[str, dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        years.setdefault(int(row["year"]), {})[str(row[key])] = {str(name): cell for name, cell in row.items()}
    return list(years.items())


def _some(table: pd.DataFrame, key: str, value: str) -> bool:
    return bool((table.loc[table[key] == value, "mean"].fillna(0.0) != 0.0).any())


def _summed(rows: Sequence[tuple[str, pd.DataFrame, str, str]], why: Why, lang: str) -> list[list[str]]:
    """A line for each part, a column for each year, whole yuan that add up, and the line of their sums."""
    out = [[title] for title, *_ in rows] + [[label("why.all", lang)]]
    for year in why.years:
        cells = [table[(table["year"] == year) & (table[key] == part)].iloc[0] for _, table, key, part in rows]
        whole = whole_yuan([float(cell["mean"]) if cell["mean"] == cell["mean"] else 0.0 for cell in cells])
        all_ = why.income[(why.income["year"] == year) & (why.income["part"] == "all")].iloc[0]
        for line, yuan, cell in zip(out, [*whole, sum(whole)], [*cells, all_], strict=True):
            line.append(_with_ends(yuan, dict(cell), lang))
    return out


def _title(why: Why, id: str, lang: str) -> str:
    return label("why.own", lang) if id == OWN else why.measures[id][lang]


def _cells(row: Any, prefix: str) -> dict[str, float]:
    return {end: float(row[prefix + end]) for end in ("low", "high")}


def _with_ends(number: float, cell: Any, lang: str, sign: str = "") -> str:
    low, high = cell["low"], cell["high"]
    if low != low:
        return "-"
    brackets = "（{}–{}）" if lang == "zh" else " ({} to {})"
    ends = "" if round(low) == round(high) == round(number) else brackets.format(_number(low, sign), _number(high, sign))
    return f"{_number(number, sign)}{ends}"


def _number(yuan: float, sign: str = "") -> str:
    return f"{round(float(yuan)):{sign},}" if yuan == yuan else "-"


def _share(share: float) -> str:
    return f"{share:.0%}" if share == share else "-"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    cells = "".join(f"<th>{escape(word)}</th>" for word in head)
    body = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(word)}</td>' for word in rest)}</tr>" for first, *rest in rows
    )
    return f"<table><caption>{escape(title)}</caption><tr>{cells}</tr>{body}</table>"


def _paragraphs(said: Sequence[str]) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in said)
