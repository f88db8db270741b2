"""Owns: the one table of numbers behind every sentence, chart, list and page of a report, and its way to disk and back.
Never: computes a number (indicators) or draws it (report)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pandas as pd

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label
from povsim.results.files import whole, write_text

KEYS: Final = ("table", "row", "item", "kind", "year")
BOUNDS: Final = ("low", "high", "chance_low", "chance_high")
COLUMNS: Final = (*KEYS, "name", "unit", "value", *BOUNDS)
FILE: Final = "numbers.parquet"
ABOUT: Final = "answer.json"


@dataclass(frozen=True)
class Answer:
    """What a report says, in numbers.

    Attributes
    ----------
    numbers : DataFrame
        A row per number: ``table, row, item, kind, year`` say what it is of (``row`` is the place of its row in the table;
        ``item`` and ``kind`` are empty, ``year`` 0 where there is none), ``name`` and ``unit`` what it is, then ``value`` (the
        median where there is an interval), ``low, high`` (chance and ignorance together) and ``chance_low, chance_high`` (chance
        alone). NaN where nothing is known.
    about : mapping
        What is no number: place, source, scenario, run, titles; plain JSON.
    """

    numbers: pd.DataFrame
    about: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """One table, wide: ``item, kind, year``, then a column per number and its bounds under ``_low``, ``_high``,
        ``_chance_low``, ``_chance_high``.

        Where rows are of different things, ``unit`` stands before the numbers: that of the first number whose unit differs.

        Raises
        ------
        ResultsError
            There is none of that name; the nearest is named.
        """
        part = self.numbers[self.numbers["table"] == name]
        if not len(part):
            known = list(dict.fromkeys(self.numbers["table"]))
            near = get_close_matches(name, known, n=1)
            mend = label("results.nearest", name=near[0]) if near else ""
            raise ResultsError(label("results.no_table"), [Fault(key=name, expected=", ".join(known), mend=mend)])
        keys = part.drop_duplicates("row").set_index("row")[["item", "kind", "year"]]
        columns: dict[str, pd.Series[Any]] = {}
        units = part.groupby("name", sort=False)["unit"].nunique()
        if (mixed := units.index[units > 1]).size:
            columns["unit"] = part[part["name"] == mixed[0]].set_index("row")["unit"]
        for column in dict.fromkeys(part["name"]):
            of = part[part["name"] == column].set_index("row")
            columns[column] = of["value"]
            columns |= {f"{column}_{end}": of[end] for end in BOUNDS}
        return pd.concat([keys, pd.DataFrame(columns)], axis=1).reset_index(drop=True)

    def has(self, name: str) -> bool:
        """Whether there is a table of that name."""
        return bool((self.numbers["table"] == name).any())

    def units(self, name: str) -> dict[str, str]:
        """Unit of each number of a table."""
        part = self.numbers[self.numbers["table"] == name]
        return dict(zip(part["name"], part["unit"], strict=True))

    def write(self, folder: Path | str) -> list[Path]:
        """Write ``tables/numbers.parquet`` and ``answer.json`` into the folder of a run, each whole or not at all."""
        folder = Path(folder)
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        paths = [folder / "tables" / FILE, folder / ABOUT]
        with whole(paths[0]) as beside:
            self.numbers.to_parquet(beside, index=False)
        write_text(paths[1], json.dumps(self.about, ensure_ascii=False, indent=2) + "\n")
        return paths

    @classmethod
    def read(cls, folder: Path | str) -> Answer:
        """Read what ``write`` left.

        Raises
        ------
        ResultsError
            The folder holds no answer.
        """
        folder = Path(folder)
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            numbers = pd.read_parquet(folder / "tables" / FILE)
        except (OSError, ValueError) as error:
            fault = Fault(file=str(folder), expected=label("results.complete"))
            raise ResultsError(label("results.unreadable"), [fault]) from error
        return cls(numbers, about)


def long(table: str, wide: pd.DataFrame, units: Mapping[str, str | Sequence[str]]) -> pd.DataFrame:
    """The rows of ``numbers`` of a wide table.

    Numbers are the keys of ``units``, each with its unit, or with one for every row; their bounds are taken where they stand.
    """
    frame = wide.reset_index(drop=True)
    parts = []
    for name, unit in units.items():
        part = pd.DataFrame({"table": table, "row": frame.index}, index=frame.index)
        part["item"] = frame["item"].astype(str) if "item" in frame else ""
        part["kind"] = frame["kind"].astype(str) if "kind" in frame else ""
        part["year"] = frame["year"].astype("int64") if "year" in frame else 0
        part["name"], part["unit"] = name, unit if isinstance(unit, str) else list(unit)
        part["value"] = frame[name].astype("float64")
        for end in BOUNDS:
            part[end] = frame[f"{name}_{end}"].astype("float64") if f"{name}_{end}" in frame else float("nan")
        parts.append(part)
    both = pd.concat(parts, ignore_index=True)
    return both.sort_values(["row"], kind="stable", ignore_index=True)[list(COLUMNS)]
