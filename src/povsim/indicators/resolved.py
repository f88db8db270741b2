"""Owns: what the resolved parameters of a run say beside its numbers: its measures in words, its finish year, when it closes.
Never: reads a params file (core.params) or resolves a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any


@lru_cache(maxsize=32)
def _loaded(params: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    return MappingProxyType(YAML(typ="safe").load(params) or {})


def measures(params: str) -> dict[str, dict[str, str]]:
    """Each measure's ``kind`` and title in both languages, by id; where two have the same title, the id stands behind it."""
    found = _loaded(params).get("measures") or {}
    count = {lang: Counter(one["title"][lang] for one in found.values()) for lang in ("zh", "en")}

    def title(id: str, lang: str) -> str:
        words = str(found[id]["title"][lang])
        return words if count[lang][words] == 1 else f"{words}（{id}）" if lang == "zh" else f"{words} ({id})"

    return {id: {"kind": one["kind"], "zh": title(id, "zh"), "en": title(id, "en")} for id, one in found.items()}


def supports(params: str) -> tuple[str, ...]:
    """The measures that carry a household over the line for good, 低保 and 特困; 临时救助 helps once and is none of them."""
    found = _loaded(params).get("measures") or {}
    return tuple(name for name, one in found.items() if one["kind"] == "safety_net" and one.get("part") in ("dibao", "tekun"))


def finish_year(params: str) -> int | None:
    """The year by whose end nobody is to be left behind; None where there is none."""
    year = (_loaded(params).get("plan") or {}).get("finish_year")
    return None if year is None else int(year)


def closed_from(params: str) -> int | None:
    """The year from which on the register is closed: nobody leaves, returns or is identified; None where that is not told."""
    year = (_loaded(params).get("assessment") or {}).get("transition_from")
    year = year.get("value") if isinstance(year, Mapping) else year  # a reason stands beside a value beyond its range
    return None if year is None else int(year)
