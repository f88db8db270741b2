"""Owns: which charts a report has, the file of each, and the line that stands where the numbers of one are missing.
Never: draws (report.charts) or computes (indicators)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from povsim.core.schema import WITHOUT
from povsim.indicators.answer import Answer
from povsim.report import charts
from povsim.report.tables import note

if TYPE_CHECKING:
    from IPython.display import Markdown

Shown: TypeAlias = "charts.Chart | Markdown"

# chart: the table of the answer that it cannot do without
NEEDS: Final[dict[str, str]] = {
    "exit_timeline": "exit_timeline",
    "remaining_households": "remaining",
    "routes": "routes",
    "villages": "villages",
    "return_risk": "return_by_years",
    "income_sources": "income_sources",
    "spending": "spending",
    "difference": "difference",
    "tornado": "influence",
    "fit": "fit",
}


def show(name: str, answer: Answer, lang: str | None = None, folder: str = "", formats: str = "png,pdf", **more: Any) -> Shown:
    """Draw a chart for the notebook that shows it, and save it where a folder is named.

    Parameters
    ----------
    name : str
        One of ``NEEDS``; with what ``more`` says, the stem of its files.
    answer : Answer
        The numbers.
    lang : str or None
        Language of its words.
    folder : str
        Where it is saved; empty for nowhere.
    formats : str
        ``png``, ``pdf``, ``svg``, with commas between.
    **more : object
        What the chart asks for beside the answer: ``scenario_id``, ``outcome``, ``kind``.

    Returns
    -------
    Chart or Markdown
        The chart, or the line that says what is missing.
    """
    if not answer.has(NEEDS[name]):
        return note(NEEDS[name], lang)
    if name == "tornado" and "outcome" not in more:
        more = {"outcome": main_outcome(answer)}
    chart: charts.Chart = getattr(charts, name)(answer, lang=lang, **more)
    if folder:
        stem = "_".join([name, *map(str, more.values())])
        charts.save(chart, Path(folder) / stem, tuple(filter(None, map(str.strip, formats.split(",")))))
    return chart


def main_outcome(answer: Answer) -> str:
    """The outcome whose tornado stands for the answer: who qualifies in the last open year of the plan, else who is left."""
    found = [str(kind) for kind in dict.fromkeys(answer.table("influence")["kind"])]
    return next((kind for kind in reversed(found) if kind.startswith("out_")), "left" if "left" in found else found[0])


def show_differences(answer: Answer, lang: str | None = None, folder: str = "", formats: str = "png,pdf") -> None:
    """Show the difference that each other scenario makes, that without measures first."""
    from IPython.display import display

    if not answer.has(NEEDS["difference"]):
        display(note(NEEDS["difference"], lang))
        return
    there = set(answer.table("difference")["item"])
    for id in sorted(there, key=lambda id: (id != WITHOUT, list(answer.about["scenarios"]).index(id))):
        display(show("difference", answer, lang, folder, formats, scenario_id=id))
