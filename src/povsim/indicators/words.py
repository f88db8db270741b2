"""Owns: the numbers of an answer in sentences, each with its interval and its unit, for a meeting.
Never: computes a number (the tables of this room) or holds a word (core.labels)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.core.labels import catalogue, label, language
from povsim.core.schema import WITHOUT
from povsim.indicators.answer import Answer
from povsim.indicators.headline import Headline, Value, headlines_of, values_of
from povsim.indicators.intervals import FEW, LEVEL, Interval

CHANCES: Final = ("p_met", "p_met_without_topup")
SIGNED: Final = ("pv_delay", "pv_delay_income")
DIFFERENCES: Final = ("exited_persons", "left_households", "above_households", "income_head")
INCOMES: Final = DIFFERENCES[2:]  # against no measures: without one delivered nobody may leave, so that exits say nothing
MOST: Final = 3  # so many parameters are named as those that the answer rests on
MONEY: Final = ("yuan", "yuan/year")
WHOLE: Final = ("persons", "households", "yuan/person/year", "yuan/household", "yuan/household/year")


# --- numbers ----------------------------------------------------------------------------------------------


def show_number(number: float, unit: str, lang: str | None = None) -> str:
    """Write a number the way people read it: whole people, shares in percent, large money in 万元 or million yuan."""
    if np.isnan(number):
        return label("indicators.blank", lang)
    if np.isinf(number):
        return label("indicators.endless", lang)
    if unit.startswith("share"):
        return f"{number:.1%}"
    if unit in MONEY:
        return label("indicators.money", lang, wan=_rounded(number / 1e4), million=f"{number / 1e6:,.2f}")
    return f"{number:,.0f}" if unit in WHOLE else _rounded(number)


def show_signed(number: float, unit: str, lang: str | None = None) -> str:
    """Write a difference: with its sign, which a number that rounds to nothing has not."""
    shown = show_number(abs(number), unit, lang)
    if not any(figure in shown for figure in "123456789"):
        return shown
    return ("−" if number < 0 else "+") + shown


def _rounded(number: float) -> str:
    """Three figures, or the whole number where it has more."""
    size = abs(number)
    places = 0 if size >= 99.5 else 1 if size >= 9.95 else 2 if size >= 0.995 else 3
    shown = f"{number:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if places else shown


def show_chance(times: int, replicates: int, lang: str | None = None, draws: int = 0) -> str:
    """Write a probability that replicates estimate.

    Where all or none of them agree it is the bound by the rule of three (95%), of the draws of the parameters where there are
    any, since replicates of one draw know nothing of the others; of fewer than ``FEW`` replicates none is said.
    """
    if replicates < FEW:
        return label("indicators.few_chance", lang)
    if times in (0, replicates):
        return label(
            f"indicators.{'over' if times else 'under'}", lang, share=f"{chance_bound(bool(times), replicates, draws):.0%}"
        )
    return f"{min(max(times / replicates, 0.01), 0.99):.0%}"


def show_met(share: float, answer: Answer, lang: str | None = None) -> str:
    """Write a ``p_met`` of an answer, as ``show_chance`` does."""
    replicates = int(answer.about["replicates"])
    return show_chance(round(share * replicates), replicates, lang, int(answer.about["draws"]))


def show_pairs(pairs: int, lang: str | None = None) -> str:
    """Say how many pairs of replicates a comparison rests on; nothing where it is not known."""
    return label("indicators.pairs", lang, pairs=f"{pairs:,}") if pairs else ""


def chance_bound(all_of_them: bool, replicates: int, draws: int) -> float:
    """What may be said of a probability when all, or none, of the replicates agree."""
    bound = min(1.0, 3 / (draws if draws > 1 else replicates))
    return 1.0 - bound if all_of_them else bound


# --- sentences --------------------------------------------------------------------------------------------


def sentences(headlines: Sequence[Headline], lang: str | None = None) -> tuple[str, ...]:
    """Say the headlines in one sentence per number, and last what the intervals hold and what they do not."""
    tongue = language(lang)
    said = [label(f"indicators.{head.key}", tongue, text=_text(head, tongue)) for head in headlines]
    left = next((value for head in headlines for value in head.values if value.name == "left_households"), None)
    return (*said, caution(headlines[0].replicates, tongue, headlines[0].draws, left))


def say(answer: Answer, lang: str | None = None) -> dict[str, str]:
    """Every sentence that an answer has numbers for, by name.

    Returns
    -------
    dict of str to str
        ``exits``, ``left``, ``falls``, ``cost``; ``history``, reported years that had a plan; ``short``, years whose plan is more
        than all who are still poor when they begin; ``pv``; ``difference_<scenario>``;
        ``rests``, the parameters that move the answer most; last ``caution``, what the intervals hold.
    """
    tongue = language(lang)
    heads = headlines_of(answer)
    four = sentences(heads, tongue)
    said = dict(zip((head.key for head in heads), four, strict=False))
    said |= {
        "history": _history(answer, tongue),
        "short": _short_of_plan(answer, tongue),
        "pv": _pv(answer, tongue),
        **_differences(answer, tongue),
    }
    said |= {"rests": _rests(answer, tongue), "caution": four[-1]}
    return {name: sentence for name, sentence in said.items() if sentence}


def caution(replicates: int, lang: str | None = None, draws: int = 0, left: Value | None = None) -> str:
    """Say what the intervals in brackets hold and what they do not, and where the replicates are too few for them.

    Parameters
    ----------
    replicates : int
        How many there are.
    lang : str or None
        Language.
    draws : int
        Draws of the parameters; fewer than two: held, and the intervals are chance alone.
    left : Value or None
        Households left at the end, to say how wide chance alone is.
    """
    runs = {"replicates": f"{replicates:,}", "draws": f"{draws:,}", "level": f"{LEVEL:.0%}"}
    last = label("indicators.both" if draws > 1 else "indicators.chance_only", lang, **runs)
    if draws > 1 and left is not None and not np.isnan(left.interval.chance_low):
        low, high = (show_number(bound, left.unit, lang) for bound in (left.interval.chance_low, left.interval.chance_high))
        last += label("indicators.of_chance", lang, year=left.year, low=low, high=high)
    return last if replicates >= FEW else label("indicators.few", lang) + last


def _text(head: Headline, lang: str) -> str:
    """The values of a headline: those of one year, or of one list, in one breath."""
    parts = []
    for group, members in groupby(_worth(head.values), key=_group):
        clauses = [_clause(value, head, lang) for value in members]
        if group == "lack":
            text = label("indicators.list_comma", lang).join(clauses)
            parts.append(label("indicators.lacks", lang, text=text))
        else:
            parts.append(label("indicators.pause", lang).join(clauses))
    return label("indicators.comma", lang).join(parts)


def _worth(values: Iterable[Value]) -> list[Value]:
    """Without what nobody may lack, and without a price where nothing was bought."""
    return [value for value in values if not ((_lack(value) and not value.interval.high > 0) or _nothing_bought(value))]


def _lack(value: Value) -> bool:
    return value.name.startswith("lack_")


def _nothing_bought(value: Value) -> bool:
    return value.name == "cost_person" and bool(np.isinf(value.interval.median))


def _group(value: Value) -> str:
    if _lack(value):
        return "lack"
    return f"of {value.year}" if value.name in ("exited", "target", "qualified", "plain", *CHANCES) else value.name


def _clause(value: Value, head: Headline, lang: str) -> str:
    key = f"indicators.{value.name}"
    if value.name in CHANCES:
        times = round(value.interval.median * head.replicates)
        return label(key, lang, median=show_chance(times, head.replicates, lang, head.draws))
    paired = show_pairs(head.pairs, lang)
    if value.name == "cost_household" and np.isinf(value.interval.median):
        return label("indicators.cost_none", lang, pairs=paired)
    if key not in catalogue():  # a lack of another kind than ours is named by its id
        return f"{value.name} " + _bracketed(value.interval, value.unit, lang)
    show = show_signed if value.name in SIGNED else show_number
    words: dict[str, Any] = {"year": value.year, "since": head.first, "pairs": paired}
    words |= {name: show(getattr(value.interval, name), value.unit, lang) for name in ("median", "low", "high")}
    return label(key, lang, **words)


def _bracketed(bounds: Interval, unit: str, lang: str) -> str:
    median, low, high = (show_number(number, unit, lang) for number in bounds[:3])
    return f"{median} ({low}–{high})"


def _history(answer: Answer, lang: str) -> str:
    """Plan and outcome of the reported years that had a plan."""
    table = answer.table("exit_timeline")
    known = table[(table["kind"] == "reported") & table["persons"].notna() & table["target_persons"].notna()]
    years = [
        label("indicators.history_year", lang, year=row.year, target=f"{row.target_persons:,.0f}", persons=f"{row.persons:,.0f}")
        for row in known.itertuples()
    ]
    return label("indicators.history", lang, text=label("indicators.comma", lang).join(years)) if years else ""


def _short_of_plan(answer: Answer, lang: str) -> str:
    """Open years of the plan that ask for more persons than are still poor at the end of the year before."""
    if not answer.has("remaining"):
        return ""
    table = answer.table("remaining")
    left = {int(row["year"]): row for row in table[table["kind"] == "projected"].to_dict("records")}
    said = []
    for year, target in ((int(year), float(target)) for year, target in answer.about["plan"].items()):
        if year - 1 in left and left[year - 1]["persons"] < target:
            bounds = {"median": "persons", "low": "persons_low", "high": "persons_high"}
            shown = {word: show_number(left[year - 1][column], "persons", lang) for word, column in bounds.items()}
            words = {"year": year, "before": year - 1, "target": show_number(target, "persons", lang)}
            said.append(label("indicators.short_of_plan", lang, **words, **shown))
    return label("indicators.gap", lang).join(said)


def _pv(answer: Answer, lang: str) -> str:
    """What the linked households of PV stations get, and what late connection costs them."""
    values = values_of(answer, "pv_total").get("pv")
    if not values:
        return ""
    head = Headline("pv", tuple(values), answer.about["replicates"], answer.about["draws"], answer.about["years"][0])
    text = label("indicators.comma", lang).join(_clause(value, head, lang) for value in values)
    return label("indicators.pv", lang, text=text)


def _differences(answer: Answer, lang: str) -> dict[str, str]:
    """A sentence for each other scenario: where it stands at the end, less where the base does."""
    if not answer.has("difference"):
        return {}
    table, units = answer.table("difference"), answer.units("difference")
    year = answer.about["years"][-1]
    base = answer.about["scenario"][lang]
    said = {}
    for row in table[table["year"] == year].to_dict("records"):
        name = str(row["item"])
        numbers = [number for number in (INCOMES if name == WITHOUT else DIFFERENCES) if number in units]
        clauses = [_difference(row, number, units[number], lang) for number in numbers]
        title = answer.about["scenarios"][name][lang]
        words = {"title": title, "base": base, "year": year, "text": label("indicators.comma", lang).join(clauses)}
        words["pairs"] = show_pairs(answer.about.get("pairs", {}).get(name, 0), lang)
        said[f"difference_{name}"] = label("indicators.difference", lang, **words)
    return said


def _difference(row: dict[Any, Any], number: str, unit: str, lang: str) -> str:
    ends = {"median": number, "low": f"{number}_low", "high": f"{number}_high"}
    shown = {word: show_signed(row[column], unit, lang) for word, column in ends.items()}
    return label(f"indicators.diff_{number}", lang, **shown)


def _rests(answer: Answer, lang: str) -> str:
    """The parameters that move the last open year's exits most, or what is left where no year is open."""
    if not answer.has("influence"):
        return ""
    table = answer.table("influence")
    asked = [kind for kind in dict.fromkeys(table["kind"]) if kind.startswith("out_")][-1:] or ["left"]
    outcome = answer.about["outcomes"][asked[0]]
    clauses = [_rests_on(answer, row, outcome, lang) for row in _first(table, asked[0]).to_dict("records")]
    text = label("indicators.comma", lang).join(clauses)
    return label("indicators.rests", lang, level=f"{LEVEL:.0%}", text=text) if clauses else ""


def _first(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return table[table["kind"] == outcome].head(MOST)


def _rests_on(answer: Answer, row: dict[Any, Any], outcome: dict[str, str], lang: str) -> str:
    parameter = answer.about["parameters"][row["item"]]
    words = {"name": parameter[lang], "outcome": outcome[lang]}
    words |= {end: show_parameter(row[f"param_{end}"], parameter, lang) for end in ("low", "high")}
    return label(
        "indicators.rests_on",
        lang,
        **words,
        at_low=show_signed(row["at_low"], outcome["unit"], lang),
        at_high=show_signed(row["at_high"], outcome["unit"], lang),
    )


def show_parameter(number: float, parameter: dict[str, str], lang: str | None = None) -> str:
    """Write a value of a parameter (an entry of ``about.parameters``) with its unit; shares in percent, without."""
    unit = parameter["unit"]
    shown = show_number(number, unit, lang)
    if unit.startswith("share") or unit in MONEY:
        return shown
    words = parameter["unit_zh"] if language(lang) == "zh" else unit
    return f"{shown} {words}" if words else shown
