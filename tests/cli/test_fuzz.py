"""Whatever a params file says, `povsim check` answers with exit code 0 or 2, and each fault can be mended where it stands."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from povsim.cli.main import main
from povsim.core.errors import PovsimError

SOUND: dict[str, Any] = {
    "schema": "povsim/1",
    "title": {"zh": "甲", "en": "a"},
    "place": "chagu",
    "run": {"opening": 2016, "years": 4, "replicates": 20, "draws": 0, "seed": 7},
    "plan": {"targets": {2017: 900, 2018: 800}, "finish_year": 2020},
    "stress": {"disaster_year": 2018},
    "work": {"finds_able": 0.15},
    "lines": {"exit_line": {2017: 3300, 2018: 3500}},
    "kinds": {"pv": {"cost": {2015: 10, 2017: 7}}},
    "measures": {
        "tea": {
            "kind": "industry",
            "product": "tea",
            "eligible": {"status": ["poor"], "labourers": ">= 1", "village": ["梅岭"]},
            "order": "poorest",
            "quota": {"households": {2017: 60, 2018: 0}},
            "budget": 100_000,
            "start": {"year": 2017, "month": 8},
            "kept_until": 2020,
        },
        "dibao": {"kind": "safety_net", "part": "dibao"},
    },
}
ODD = [
    None,
    True,
    0,
    -1,
    2.5,
    1e308,
    -1e308,
    10**30,
    "",
    "x",
    "~",
    "100%",
    "3 元",
    "１２",
    "<<",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"a": 1},
    {2017: None},
    {2017: "x"},
    {2020: 1, 2017: 2},
    {9999: 1},
    {-3: 1},
    {2017: {2018: 1}},
    {1.5: 2},
    {True: 1},
    {"甲": 1},
    {"value": 1, "beyond_range": "so"},
    {"value": None, "beyond_range": ""},
    {"beyond_range": []},
    {"until": "exits_households"},
    {"until": 3, "year": [], "within": "x", "most": 1e9},
    ">= x",
    "between 3 and 1",
    60,
    61,
    5000,
    2200,
    "a" * 300,
    "\ufeff",
]
KEYS = [
    "kind",
    "until",
    "ends",
    "quota",
    "replicates",
    "2017",
    2017,
    "take_up",
    "extends",
    "compare",
    "stress",
    "years",
    "甲",
    "ki nd",
]
CUTS = [
    "",
    "\t",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "&a ",
    "*a",
    "!!str ",
    "%",
    "@",
    "`",
    "'",
    '"',
    "\n",
    "\n  ",
    "<<: ",
    "? ",
    "| ",
    "\x07",
    "\ufffe",
]


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a tree."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [here, *(path for key, value in inner for path in places(value, (*here, key)))]


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A sound scenario in which one to three things are changed, taken away, added or renamed."""
    tree = copy.deepcopy(SOUND)
    for _ in range(draw(st.integers(1, 3))):
        *above, key = draw(st.sampled_from([path for path in places(tree) if path]))
        parent = tree
        for step in above:
            parent = parent[step]
        how = draw(st.sampled_from(["odd", "odd", "odd", "number", "gone", "more", "renamed"]))
        if how == "odd":
            parent[key] = draw(st.sampled_from(ODD))
        elif how == "number":
            parent[key] = draw(st.one_of(st.integers(), st.floats(allow_nan=True), st.text(max_size=5)))
        elif how == "gone":
            del parent[key]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(KEYS)) if how == "more" else f"{key}x"] = draw(st.sampled_from(ODD))
    return tree


def check(file: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What is said of a file: it ends with 0 or 2, and a refusal says what stands where, and how to mend it."""
    capsys.readouterr()
    code = main(["check", str(file), "--lang", "en", *more])
    said = capsys.readouterr()
    assert code in (0, 2), said.err
    assert "Traceback" not in said.err
    if code == 0:
        return ""
    assert said.err.endswith("No results were written; mend this and run again.\n") and not said.out
    heads = [line for line in said.err.splitlines() if line and not line.startswith((" ", "No results", "Note"))]
    assert heads
    for head in heads:
        assert re.match(r"\S.*:\d+(:\d+)?:|-p: .", head), said.err
    return said.err


QUIET = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every fault that is raised, as it is raised."""
    seen: list[Any] = []
    told = PovsimError.__str__

    def note(self: PovsimError) -> str:
        seen.extend(self.faults)
        return told(self)

    monkeypatch.setattr(PovsimError, "__str__", note)
    return seen


def test_the_sound_one_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(SOUND, out)
    assert check(file, capsys) == ""


@QUIET
@given(tree=spoilt())
def test_a_spoilt_tree_is_refused_politely(
    tree: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], faults: list[Any]
) -> None:
    file = tmp_path / "a.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(tree, out)
    faults.clear()
    if check(file, capsys):
        assert faults and all(one.file and one.line and one.expected and one.mend for one in faults), faults


@QUIET
@given(data=st.data())
def test_a_spoilt_text_is_refused_politely(data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(SOUND, out)
    text = file.read_text(encoding="utf-8")
    at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 30))
    file.write_text(text[:at] + data.draw(st.sampled_from(CUTS)) + text[at + length :], encoding="utf-8")
    check(file, capsys)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"---",
        b"- a",
        b"a",
        b"null",
        b"{}",
        b"[]",
        b"\x00",
        b"\xff\xfe",
        b"schema: \xb2\xe9",
        b"a: &a [*a]",
        b"schema: povsim/1",
        b"schema: povsim/1\nplace: 7\nrun: {opening: 2016}",
        b"schema: povsim/1\nplace: nowhere\nrun: {opening: 2016}",
        b"schema: povsim/1\nplace: ../../etc\nrun: {opening: 2016}",
        b"schema: povsim/1\nextends: a",
        b"schema: povsim/1\nextends: [a]",
        b"extends: /tmp",
        b"schema: povsim/1\nextends: chagu/baseline\ncompare: [chagu/history]",
        b"schema: povsim/1\nextends: chagu/baseline\nrun: {draws: 5000}",
        b"schema: povsim/1\nextends: chagu/baseline\nrun: {fit: no}",
        b"schema: povsim/1\nextends: chagu/baseline\nrun: {opening: 2019, years: -2}",
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(
    text: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], faults: list[Any]
) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(text)
    assert check(file, capsys)
    assert all(one.file and one.line and one.expected and one.mend for one in faults)


@pytest.mark.parametrize(
    "override",
    [
        "a",
        "a=",
        "=1",
        ".=1",
        "a..b=1",
        "run=1",
        "run.years=[",
        "run.years=10000",
        "measures=1",
        "measures.x=1",
        "measures.tea=1",
        "measures.tea.eligible=1",
        "stress=a",
        "place=x",
        "place=[1]",
        "schema=2",
        "title={zh: 1}",
        "run.fit=/etc/passwd",
        "run.fit=7",
        "compare=[x]",
        "compare=x",
        "kinds=1",
        "kinds.pv=7",
        "plan.targets.2017=x",
        "lines.exit_line.2017=x",
        "work.finds_able=3",
        "work.finds_able=0.2 元",
        "measures.tea.quota.kw=3",
        "run.replicates={until: exits_households}",
    ],
)
def test_a_wrong_override_is_refused(
    override: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], faults: list[Any]
) -> None:
    file = tmp_path / "a.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(SOUND, out)
    more = ("-p", "run.draws=2") if override.startswith("run.fit") else ()
    assert check(file, capsys, *more, "-p", override)
    assert all(one.expected and one.mend for one in faults), faults
