"""Owns: which charts a report has and where they are saved.
Never: how they look (test_charts)."""

from __future__ import annotations

import pytest
from IPython.display import Markdown

from povsim.indicators.answer import Answer
from povsim.report import charts, figures


def less(answer, *names):
    return Answer(answer.numbers[~answer.numbers["table"].isin(names)], answer.about)


def test_each_chart_of_the_report_is_one_that_can_be_drawn():
    assert set(figures.NEEDS) <= set(charts.__all__)


def test_a_chart_is_saved_in_the_formats_asked_for_under_its_name(tiny, tmp_path):
    chart = figures.show("exit_timeline", tiny.answer, "zh", str(tmp_path), "png, svg")
    assert isinstance(chart, charts.Chart)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exit_timeline.png", "exit_timeline.svg"]
    figures.show("difference", tiny.answer, "zh", str(tmp_path), "png", scenario_id="without")
    assert (tmp_path / "difference_without.png").is_file()


@pytest.mark.parametrize(("name", "table"), figures.NEEDS.items())
def test_a_chart_without_numbers_is_a_line_that_says_so(tiny, tmp_path, name, table):
    shown = figures.show(name, less(tiny.answer, table), "zh", str(tmp_path))
    assert isinstance(shown, Markdown) and shown.data and not list(tmp_path.iterdir())


def test_the_differences_are_shown_that_without_measures_first(tiny, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    figures.show_differences(tiny.answer, "zh")
    assert ["不帮扶" in chart.title for chart in shown] == [True, False]
    figures.show_differences(less(tiny.answer, "difference"), "zh")
    assert isinstance(shown[-1], Markdown)


def test_the_tornado_is_of_the_last_open_year_of_the_plan(tiny):
    assert figures.main_outcome(tiny.answer) == "out_2018"
    numbers = tiny.answer.numbers
    closed = numbers[~((numbers["table"] == "influence") & numbers["kind"].str.startswith("out_"))]
    assert figures.main_outcome(Answer(closed, tiny.answer.about)) == "left"
