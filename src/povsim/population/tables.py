"""Owns: the three tables of a population: their validation, their files, how they show themselves.
Never: knows where people come from (places, synthesis, a registry) or what becomes of them (engine)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from povsim.core.errors import Fault, PopulationError
from povsim.core.labels import label
from povsim.core.schema import TABLES, Column, Status, Work

if TYPE_CHECKING:
    import pandas as pd

Array: TypeAlias = NDArray[Any]
Table: TypeAlias = dict[str, Array]

SCHEMA: Final = "povsim-population/1"
ROWS_SHOWN = 10  # rows listed for one fault of one column; the rest are counted
_KINDS: Final = {"int": "iu", "uint": "iu", "float": "iuf", "bool": "b", "str": "UTO"}


@dataclass(frozen=True, eq=False, repr=False)
class Population:
    """Every farm household of a place at an opening.

    Arrays are read-only. Households are sorted by village, persons by household, then slot.

    Attributes
    ----------
    place : str
        Id of the place.
    opening : int
        The income year at whose end the people are as they stand here.
    villages, households, persons : dict of str to array
        Columns as ``core.schema.TABLES`` lists them.
    seed : int or None
        Seed of a synthetic population; None for a register.

    Raises
    ------
    PopulationError
        If a table breaks the schema; every fault is listed.
    """

    place: str
    opening: int
    villages: Table
    households: Table
    persons: Table
    seed: int | None = None

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        for name in TABLES:
            object.__setattr__(self, name, _typed(name, getattr(self, name), faults))
        if not faults:
            faults += _structure(self)
        if faults:
            raise PopulationError(label("pop_faults", count=len(faults)), faults)

    # --- who belongs to whom

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Household h owns the persons ``offsets[h]`` to ``offsets[h + 1]``; int64 (households + 1,)."""
        ends = np.cumsum(np.bincount(self.persons["household"], minlength=len(self.households["village"])))
        return np.concatenate(([0], ends)).astype(np.int64)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Persons of each household; int64 (households,)."""
        return np.diff(self.offsets)

    @property
    def income_head(self) -> NDArray[np.float64]:
        """Income per head of each household last year, yuan; float64 (households,)."""
        h = self.households
        total = h["income_wage"] + h["income_operating"] + h["income_property"] + h["income_transfer"]
        return np.asarray(total / self.sizes, dtype=np.float64)

    def per_household(self, values: ArrayLike) -> Array:
        """Sum of a person column over each household."""
        return np.add.reduceat(np.asarray(values), self.offsets[:-1])

    # --- parts

    def subset(self, keep: ArrayLike) -> Population:
        """The households of a mask with their persons, in all villages; identities stay as they are.

        Parameters
        ----------
        keep : bool (households,)
            Which households to keep.
        """
        mask = np.asarray(keep, dtype=bool)
        row = np.cumsum(mask) - 1
        member = mask[self.persons["household"]]
        persons = {name: column[member] for name, column in self.persons.items()}
        persons["household"] = row[persons["household"]].astype(np.int32)
        households = {name: column[mask] for name, column in self.households.items()}
        return Population(self.place, self.opening, self.villages, households, persons, self.seed)

    def registered(self) -> Population:
        """The households that are poor, exited or returned."""
        return self.subset(np.isin(self.households["status"], (Status.POOR, Status.EXITED, Status.RETURNED)))

    # --- identity and files

    def content_hash(self) -> str:
        """Hash of everything in the tables; equal exactly where they are equal."""
        digest = hashlib.blake2b(f"{SCHEMA} {self.place} {self.opening}".encode(), digest_size=16)
        for name in TABLES:
            for column, values in getattr(self, name).items():
                text = values.dtype.kind == "U"
                digest.update(f"\0{name}.{column} {'str' if text else values.dtype.name} {len(values)}\0".encode())
                digest.update("\0".join(values.tolist()).encode() if text else np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()

    def to_parquet(self, folder: str | Path) -> Path:
        """Write the three tables as Parquet; a file is there whole or not at all.

        Parameters
        ----------
        folder : path
            Made where it does not exist; files of the same name are replaced.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        meta = {"schema": SCHEMA, "place": self.place, "opening": self.opening, "seed": self.seed}
        beside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        try:
            for name, columns in TABLES.items():
                table: Table = getattr(self, name)
                fields = [pa.field(c.name, _arrow(pa, c), metadata={"unit": c.unit, "zh": c.zh, "en": c.en}) for c in columns]
                schema = pa.schema(fields, metadata={"povsim": json.dumps(meta, ensure_ascii=False)})
                arrays = [pa.array(table[c.name], type=field.type) for c, field in zip(columns, fields, strict=True)]
                pq.write_table(pa.Table.from_arrays(arrays, schema=schema), beside / f"{name}.parquet")
            for name in TABLES:
                os.replace(beside / f"{name}.parquet", folder / f"{name}.parquet")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return folder

    @classmethod
    def from_parquet(cls, folder: str | Path) -> Population:
        """Read what ``to_parquet`` wrote, and validate it.

        Raises
        ------
        PopulationError
            A file is missing, of another version, or breaks the schema.
        """
        import pyarrow.parquet as pq

        folder = Path(folder)
        absent = [
            Fault(str(folder), expected=label("pop_folder", name=f"{n}.parquet"))
            for n in TABLES
            if not (folder / f"{n}.parquet").is_file()
        ]
        if absent:
            raise PopulationError(label("pop_faults", count=len(absent)), absent)
        tables: dict[str, Table] = {}
        meta: dict[str, Any] = {}
        for name in TABLES:
            table = pq.read_table(folder / f"{name}.parquet")
            meta = json.loads((table.schema.metadata or {}).get(b"povsim", b"{}"))
            if meta.get("schema") != SCHEMA:
                expected = label("pop_schema", found=meta.get("schema"), wanted=SCHEMA)
                raise PopulationError(label("pop_faults", count=1), [Fault(str(folder / f"{name}.parquet"), expected=expected)])
            tables[name] = {c: table[c].to_numpy() for c in table.column_names}
        return cls(place=meta["place"], opening=meta["opening"], seed=meta["seed"], **tables)

    # --- for people

    def villages_table(self) -> pd.DataFrame:
        """The villages as a DataFrame."""
        return _frame(self.villages)

    def households_table(self) -> pd.DataFrame:
        """The households as a DataFrame, with ``size`` and ``income_head`` (yuan) beside their columns."""
        return _frame({**self.households, "size": self.sizes, "income_head": self.income_head})

    def persons_table(self) -> pd.DataFrame:
        """The persons as a DataFrame, with ``age`` at the end of the opening year beside their columns."""
        return _frame({**self.persons, "age": self.opening - self.persons["birth_year"]})

    def summary(self) -> list[tuple[str, int, int, float, float]]:
        """Group, households, persons, persons per household, income per head: one row per status, then all."""
        status, sizes, total = self.households["status"], self.sizes, self.income_head * self.sizes
        groups = [(f"pop_status_{int(s)}", status == s) for s in Status if (status == s).any()]
        rows = []
        for key, mask in [*groups, ("pop_all", np.ones(len(status), dtype=bool))]:
            households, persons = int(mask.sum()), int(sizes[mask].sum())
            rows.append(
                (label(key), households, persons, persons / max(households, 1), float(total[mask].sum()) / max(persons, 1))
            )
        return rows

    def __repr__(self) -> str:
        lines = [f"{name}  {h:,} {label('pop_households')} / {p:,} {label('pop_persons')}" for name, h, p, _, _ in self.summary()]
        return "\n  ".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(label(f'pop_{k}'))}</th>" for k in ("row", "households", "persons", "size", "income"))
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{h:,}</td><td>{p:,}</td><td>{size:.2f}</td><td>{income:,.0f}</td></tr>"
            for name, h, p, size, income in self.summary()
        )
        return f"<table><caption>{escape(self._title())}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _title(self) -> str:
        title = label("pop_title", place=self.place, year=self.opening)
        return f"{title} · {label('pop_synthetic')}" if self.households["synthetic"].any() else title


def data_dictionary() -> str:
    """The page of every column, made from ``core.schema``; docs/data-dictionary.md holds the same text."""
    titles = {"villages": "村", "households": "户", "persons": "人"}
    lines = [
        "# Data dictionary",
        "",
        "Made from `povsim.core.schema` by `povsim.population.data_dictionary()`; do not edit by hand.",
        "",
    ]
    for name, columns in TABLES.items():
        lines += [
            f"## `{name}` ({titles[name]})",
            "",
            "| column | type | unit | 中文 | English | values |",
            "|---|---|---|---|---|---|",
        ]
        lines += [f"| `{c.name}` | {c.dtype} | {c.unit} | {c.zh} | {c.en} | {_values(c)} |" for c in columns]
        lines.append("")
    lines += ["## Code lists", ""]
    codes = {c.codes.__name__: c.codes for columns in TABLES.values() for c in columns if c.codes}
    for code in codes.values():
        lines.append(f"- `{code.__name__}`: " + ", ".join(f"{int(m)} {m.name.lower()}" for m in code))
    return "\n".join(lines) + "\n"


# --- validation ------------------------------------------------------------------------------------------


def _typed(table: str, given: Mapping[str, ArrayLike], faults: list[Fault]) -> Table:
    """The columns of a table in their order and types, read-only; faults are added to the list."""
    columns = TABLES[table]
    names = [c.name for c in columns]
    for name in given:
        if name not in names:
            near = next(iter(get_close_matches(name, names, 1)), "")
            mend = label("pop_nearest", near=near) if near else ""
            faults.append(Fault(table, key=name, expected=label("pop_column_unknown"), mend=mend))
    present = [c for c in columns if c.name in given]
    faults += [Fault(table, key=n, expected=label("pop_column_missing")) for n in names if n not in given]
    rows = len(np.atleast_1d(given[present[0].name])) if present else 0
    typed: Table = {}
    for column in present:
        values = np.asarray(given[column.name])
        if values.shape != (rows,):
            faults.append(Fault(table, key=column.name, value=str(values.shape), expected=label("pop_length", rows=rows)))
            continue
        cast = _cast(column, values)
        if cast is None:
            faults.append(Fault(table, key=column.name, value=values.dtype.name, expected=label("pop_type", dtype=column.dtype)))
            continue
        faults += _limits(table, column, cast)
        cast.flags.writeable = False
        typed[column.name] = cast
    return typed


def _cast(column: Column, values: Array) -> Array | None:
    """The values in the column's type as an array of our own, or None where they do not fit."""
    kind = column.dtype.rstrip("0123456789")
    if values.dtype.kind not in _KINDS[kind] and not (kind in ("int", "uint") and values.dtype.kind == "f"):
        return None
    if kind == "str":
        return np.array([str(v) for v in values.tolist()], dtype=np.str_)
    if kind == "float":
        cast = np.array(values, dtype=np.float64)
        return cast if np.isfinite(cast).all() else None
    if kind == "bool":
        return np.array(values, dtype=bool)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return None
    limits = np.iinfo(column.dtype)
    if len(values) and (values.min() < limits.min or values.max() > limits.max):
        return None
    cast = values.astype(column.dtype)
    return cast if (cast == values).all() else None


def _limits(table: str, column: Column, values: Array) -> list[Fault]:
    """Faults of single values: code lists and ranges."""
    faults: list[Fault] = []
    if column.codes is not None:
        wrong = ~np.isin(values, [int(c) for c in column.codes])
        faults += _rows(table, column.name, values, wrong, label("pop_code", codes=", ".join(str(int(c)) for c in column.codes)))
    if column.low is not None or column.high is not None:
        low, high = -np.inf if column.low is None else column.low, np.inf if column.high is None else column.high
        faults += _rows(table, column.name, values, (values < low) | (values > high), label("pop_range", low=low, high=high))
    return faults


def _structure(pop: Population) -> list[Fault]:
    """Faults between values: keys, order, dates."""
    v, h, p, year = pop.villages, pop.households, pop.persons, pop.opening
    faults: list[Fault] = []

    def check(where: str, column: str, wrong: Array, key: str, **fmt: Any) -> None:
        faults.extend(_rows(where, column, getattr(pop, where)[column], wrong, label(key, **fmt)))

    for table, column in (("villages", "village_id"), ("households", "household_id"), ("households", "draw_id")):
        _, first, inverse = np.unique(getattr(pop, table)[column], return_index=True, return_inverse=True)
        check(table, column, first[inverse] != np.arange(len(inverse)), "pop_unique")
    check("households", "village", h["village"] >= len(v["village_id"]), "pop_key", table="villages")
    check("households", "village", np.diff(h["village"], prepend=0) < 0, "pop_sorted", by="village")
    count = len(h["village"])
    check("persons", "household", p["household"] >= count, "pop_key", table="households")
    place = p["household"].astype(np.int64) * 256 + p["slot"]
    check("persons", "slot", np.diff(place, prepend=-1) <= 0, "pop_sorted", by="household, slot")
    members = np.bincount(p["household"][p["household"] < count], minlength=count)
    check("households", "household_id", members == 0, "pop_empty")
    check("persons", "birth_year", p["birth_year"] > year, "pop_born", year=year)
    left = np.isin(h["status"], (Status.EXITED, Status.RETURNED))
    check("households", "year_exited", left & ((h["year_exited"] == 0) | (h["year_exited"] > year)), "pop_exited", year=year)
    back = h["status"] == Status.RETURNED
    late = (h["year_returned"] <= h["year_exited"]) | (h["year_returned"] > year)
    check("households", "year_returned", back & late, "pop_returned", year=year)
    check("persons", "months", (p["work"] != Work.NONE) != (p["months"] > 0), "pop_working")
    return faults


def _rows(table: str, column: str, values: Array, wrong: Array, expected: str) -> list[Fault]:
    """A fault for each wrong row (counted from 1), the first few of them in full."""
    where = np.flatnonzero(wrong)
    faults = [
        Fault(table, line=int(row) + 1, key=column, value=str(values[row]), expected=expected) for row in where[:ROWS_SHOWN]
    ]
    if len(where) > ROWS_SHOWN:
        faults.append(
            Fault(table, line=int(where[ROWS_SHOWN]) + 1, key=column, expected=label("pop_more", count=len(where) - ROWS_SHOWN))
        )
    return faults


# --- shapes for others -----------------------------------------------------------------------------------


def _frame(columns: Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(columns))


def _arrow(pa: Any, column: Column) -> Any:
    """Arrow type of a column."""
    return {"str": pa.string(), "bool": pa.bool_()}.get(column.dtype) or pa.from_numpy_dtype(np.dtype(column.dtype))


def _values(column: Column) -> str:
    """What a column may hold, in words."""
    if column.codes is not None:
        return f"`{column.codes.__name__}`"
    if column.low is None and column.high is None:
        return ""
    if column.high is None:
        return f"≥ {column.low:g}"
    return f"{column.low:g} to {column.high:g}"
