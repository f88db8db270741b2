"""Owns: that pages name things that exist.
Never: judges what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from povsim.core import schema
from povsim.results.contract import TABLES as RESULTS

PAGES = ("README.md", "README.zh.md", "CHANGELOG.md", *(f"docs/{name}.md" for name in ("architecture", "choices", "glossary")))


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
