"""Owns: that pages name things that exist.
Never: judges what they say."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from povsim.core import schema
from povsim.core.params import group_names, group_records, kind_records
from povsim.core.params.records import RECORD_KEYS
from povsim.core.params.shell import MEASURE_KEYS, ORDERS, RUN, SCENARIO_KEYS, START
from povsim.core.params.stress import HOW, KEYS, read_block, stress_names
from povsim.policy.kind import CHANNELS, shipped
from povsim.results.contract import TABLES as RESULTS
from tools import model_tables

DOCS = ("architecture", "choices", "glossary", "model")
CHINESE = ("docs/model.zh.md", "docs/stress.zh.md", "docs/kinds/README.zh.md")
PAGES = ("README.md", "README.zh.md", "CHANGELOG.md", *(f"docs/{name}.md" for name in DOCS), *CHINESE)


def test_the_glossary_names_columns_and_codes_that_exist(root: Path) -> None:
    columns = {f"{table}.{column.name}" for table, all_ in schema.TABLES.items() for column in all_}
    columns |= {f"{table.name}.{column.name}" for table in RESULTS.values() for column in table.columns}
    text = (root / "docs/glossary.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    named = re.findall(r"`([a-z_]+\.[a-z_0-9]+)`", rows)
    assert len(named) > 30
    assert [name for name in named if name not in columns] == []
    for code, member in re.findall(r"`([A-Z][a-z]+)\.([A-Z]+)`", rows):
        assert member in getattr(schema, code).__members__, f"{code}.{member}"
    kinds = set(re.findall(r"kind `([a-z_]+)`", rows))
    assert {kind for kind in kinds if not (root / f"src/povsim/policy/measures/{kind}.py").is_file()} == set()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(root: Path, page: str) -> None:
    path = root / page
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text) + re.findall(r'(?:src|href)="([^":]+)"', text)
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_tables_of_the_model_page_are_current(root: Path) -> None:
    text = (root / "docs/model.md").read_text(encoding="utf-8")
    assert text == model_tables.current(text), "run: python -m tools.model_tables"


def test_the_model_page_has_every_parameter_of_the_groups_once(root: Path) -> None:
    asked = Counter(model_tables.asked((root / "docs/model.md").read_text(encoding="utf-8")))
    known = {(group, name) for group in group_names() for name in group_records(group)[0]}
    assert {one for one, times in asked.items() if times > 1} == set()
    assert known - set(asked) == set()


def test_a_pattern_that_fits_no_parameter_is_refused() -> None:
    with pytest.raises(LookupError, match="health: no parameter is called onsets"):
        model_tables.chosen("health", ["onset", "onsets*"])


def test_the_model_page_names_functions_parameters_and_columns_that_exist(root: Path) -> None:
    text = model_tables.TABLE.sub("", (root / "docs/model.md").read_text(encoding="utf-8"))
    columns = {f"{table.name}.{column.name}" for table in RESULTS.values() for column in table.columns}
    parameters = {f"{group}.{name}" for group in group_names() for name in group_records(group)[0]}
    modules = _modules(root)
    named = re.findall(r"[`(]([a-z_]+)\.([A-Za-z_]+)[`)]", text)
    assert len(named) > 100
    unknown = [f"{room}.{name}" for room, name in named if not any(hasattr(one, name) for one in modules.get(room, []))]
    assert set(unknown) - columns - parameters - {"run.draws", "core.randomness", "architecture.md", "glossary.md"} == set()

    words = {one.partition(".")[2] for one in parameters} | {*shipped(), *RESULTS, *ORDERS, *MEASURE_KEYS}
    words |= {name for kind in shipped() for name in kind_records(kind)[0]} | {"able_months", "finish_year", *CHANNELS}
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) - words == set()


def test_the_chinese_page_of_stress_has_every_block_under_its_title(root: Path) -> None:
    text = (root / "docs/stress.zh.md").read_text(encoding="utf-8")
    for name in stress_names():
        block = read_block(name)[0]
        assert block is not None and f"| `{name}` | {block.title.zh} |" in text, name
        assert ("极端情形" in text.partition(f"| `{name}` |")[2].partition("\n")[0]) == block.extreme


def test_chinese_pages_name_settings_and_codes_that_exist(root: Path) -> None:
    """Words in backquotes: keys of a scenario, parameters, codes, verbs and files; nothing that was renamed."""
    known = {*MEASURE_KEYS, *SCENARIO_KEYS, *RUN, *START, *RECORD_KEYS, *KEYS, *HOW, *shipped(), *stress_names()}
    known |= {f"run.{name}" for name in RUN} | {code.name.lower() for code in schema.Monitoring}
    known |= {name for group in group_names() for record in group_records(group)[0] for name in (record, f"{group}.{record}")}
    for page in CHINESE[:2]:
        named = re.findall(r"`([a-z_.]+)`", (root / page).read_text(encoding="utf-8"))
        assert len(named) > 10 and set(named) - known == set(), page


def _modules(root: Path) -> dict[str, list[ModuleType]]:
    """The modules by their last name, as the page names them; two may share one."""
    found: dict[str, list[ModuleType]] = {"schema": [schema]}
    for room in ("engine", "policy", "policy/measures", "indicators", "analysis"):
        for file in sorted((root / "src/povsim" / room).glob("[a-z]*.py")):
            found.setdefault(file.stem, []).append(import_module(f"povsim.{room.replace('/', '.')}.{file.stem}"))
    return found
