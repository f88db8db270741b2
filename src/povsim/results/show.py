"""Owns: how results print in a notebook.
Never: computes a number (indicators) or draws (report.charts)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from povsim.core.labels import label, language
from povsim.results.contract import TABLES

if TYPE_CHECKING:
    from povsim.results.results import Results


def show(results: Results, lang: str | None = None, tables: bool = True) -> str:
    """Write a small HTML card: place, scenario, years, replicates, seed and, where asked for, the tables there are."""
    tongue = language(lang)
    place = getattr(results.place, tongue)
    title = label("results.title", tongue, place=place, scenario=results.manifest["scenario"][tongue])
    facts = {
        "results.run": results.manifest["run_id"],
        "results.years": label(
            "results.years_value", tongue, first=results.years[0], last=results.years[-1], opening=results.opening
        ),
        "results.replicates": f"{results.replicates:,}",
        "results.seed": str(results.manifest["seed"]),
        "results.scope": label(f"results.scope_{results.manifest['scope']}", tongue),
        "results.data": label(f"results.{'synthetic' if results.place.synthetic else 'registry'}", tongue),
    }
    head = "".join(f"<tr><th>{escape(label(key, tongue))}</th><td>{escape(value)}</td></tr>" for key, value in facts.items())
    return f"<div><h4>{escape(title)}</h4><table>{head}</table>{_tables(results, tongue) if tables else ''}</div>"


def _tables(results: Results, lang: str) -> str:
    head = "".join(f"<th>{escape(label(f'results.{key}', lang))}</th>" for key in ("table", "row", "columns"))
    rows = "".join(
        f"<tr><td>{getattr(TABLES[name], lang)} <code>{name}</code></td><td>{len(data):,}</td><td>{data.shape[1]}</td></tr>"
        for name, data in results.tables.items()
    )
    return f"<table><tr>{head}</tr>{rows}</table>"
