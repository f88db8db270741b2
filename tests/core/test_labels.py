from __future__ import annotations

from string import Formatter

import pytest

from povsim.core.errors import Fault, NotebookError, ParamsError
from povsim.core.labels import catalogue, label, language

# Units differ between the languages: the Chinese word beside the unit, 万 against millions.
ONE_SIDED = {"params_unit", "indicators.money"}
EMPTY = {"indicators.gap"}  # Chinese sets no blank between sentences


def test_every_label_speaks_both_languages_and_takes_the_same_words() -> None:
    for key, (zh, en) in catalogue().items():
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (zh, en)]
        assert (zh.strip() and en.strip()) or key in EMPTY, key
        if key not in ONE_SIDED:
            assert fields[0] == fields[1], key


def test_the_language_is_the_one_asked_for_else_the_environments_else_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POVSIM_LANG", raising=False)
    assert label("params_twice_mend") == "请只留一个"
    assert label("params_twice_mend", "en") == "keep one of them"
    monkeypatch.setenv("POVSIM_LANG", "en")
    assert label("params_nearest", near="work") == "did you mean work?"
    assert label("params_nearest", "zh", near="work") == "是否想写 work？"
    monkeypatch.setenv("POVSIM_LANG", "fr")
    with pytest.raises(ValueError, match=r"fr.*zh \| en"):
        language()


def test_a_misspelt_label_is_told_the_nearest() -> None:
    with pytest.raises(KeyError, match="params_nearest"):
        label("params_neares")


def test_a_fault_reads_as_place_value_and_mending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_LANG", "en")
    fault = Fault("a.yaml", 12, 3, "work.finds_able", "2", "must be from 0 to 1", "write a share")
    assert str(fault) == "a.yaml:12:3: work.finds_able = 2\n    must be from 0 to 1; write a share"
    assert str(Fault("-p", key="x", expected="no such thing")) == "-p: x\n    no such thing"


def test_an_error_lists_each_fault_once_in_the_order_of_the_file() -> None:
    faults = [Fault("b", 1, key="z"), Fault("a", 10, key="y"), Fault("a", 9, key="x"), Fault("b", 1, key="z")]
    error = ParamsError("2 files", faults)
    assert [fault.key for fault in error.faults] == ["x", "y", "z"]
    assert str(error).splitlines() == ["2 files", "a:9: x", "a:10: y", "b:1: z"]
    assert (ParamsError.exit_code, NotebookError.exit_code) == (2, 1)
