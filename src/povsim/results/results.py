"""Owns: the results of a run as one frozen object, and its way to disk and back.
Never: summarises a table (indicators), draws it (report), or says what a job is doing (results.status)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label, language
from povsim.core.schema import LEDGER_SIGN, Column
from povsim.results.contract import REPORTED, TABLES, Table
from povsim.results.files import clear_leftovers, fsync_folder, write_text
from povsim.results.status import Status

FORMAT: Final = "povsim-results/1"
MANIFEST_KEYS: Final = ("run_id", "scenario", "seed", "opening", "scope", "created")


@dataclass(frozen=True)
class PlaceSummary:
    """What charts say of the place.

    Attributes
    ----------
    id : str
        Place id, ``chagu``.
    zh, en : str
        Name for people.
    villages, poor_villages : int
        Villages, and those that were poor at the as-of date.
    farm_households, farm_persons : int
        Households and persons by registration: the denominator of incidence.
    as_of : int
        Last reported income year; what lies after it is projected.
    source_zh, source_en : str
        Where the reported figures come from.
    synthetic : bool
        The households were made from published totals; nobody in them is real.
    """

    id: str
    zh: str
    en: str
    villages: int
    poor_villages: int
    farm_households: int
    farm_persons: int
    as_of: int
    source_zh: str
    source_en: str
    synthetic: bool


class Origin(Protocol):
    """What a run was made of, while it is in memory: enough to open one household of it (simulation.why)."""

    def why(
        self,
        household: str | int,
        replicates: int | None = None,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Any: ...


@dataclass(frozen=True)
class Results:
    """What a run leaves.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Tables of ``results.contract.TABLES``, by name, checked against it. ``attrs`` of each carry ``title``, ``units`` and
        ``labels`` by column. Rows are sorted by the table's keys. Counts are int64, money is yuan in float64.
    manifest : mapping
        ``run_id``, ``scenario`` (title as ``{"zh": ..., "en": ...}``), ``seed``, ``opening`` (last known year), ``scope``
        (``all`` or ``registered``), ``created`` (ISO date), and whatever else provenance has to say; plain JSON.
    params : str
        The resolved parameters as YAML text, each value with its source.
    place : PlaceSummary
        What charts say of the place.
    reported : DataFrame
        Reported history, a row per year (``results.contract.REPORTED``); NaN where nothing was reported.
    plan : mapping of int to int
        Persons planned to leave, by year.
    origin : Origin or None
        What the run was made of; none of results read from files.

    Raises
    ------
    ResultsError
        Where a table, a column, a key or the identity of the ledger breaks the contract; all faults at once.
    """

    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any]
    params: str
    place: PlaceSummary
    reported: pd.DataFrame
    plan: Mapping[int, int]
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = [*_faults(self.tables), *_table_faults(REPORTED, self.reported)]
        absent = [key for key in MANIFEST_KEYS if key not in self.manifest]
        faults += [Fault(key=f"manifest.{key}", expected=label("results.present")) for key in absent]
        if faults:
            raise ResultsError(label("results.refused"), faults)
        tables = {name: _tidy(table, self.tables[name]) for name, table in TABLES.items() if name in self.tables}
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "reported", _tidy(REPORTED, self.reported))
        object.__setattr__(self, "plan", {int(year): int(persons) for year, persons in sorted(self.plan.items())})

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name; a run that did not make it is a ResultsError that says which there are."""
        if name not in self.tables:
            fault = Fault(key=name, expected=", ".join(self.tables), mend=_nearest(name, self.tables))
            raise ResultsError(label("results.no_table"), [fault])
        return self.tables[name]

    @property
    def years(self) -> tuple[int, ...]:
        """Simulated income years."""
        return tuple(int(year) for year in np.unique(self["ledger"]["year"]))

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return int(self["ledger"]["replicate"].nunique())

    @property
    def draws(self) -> int:
        """How many draws of the uncertain parameters replicates take turns with: r lives with draw r % draws; 0, none drawn."""
        return int(self.manifest.get("draws", 0))

    @property
    def opening(self) -> int:
        """Year at whose end the run starts."""
        return int(self.manifest["opening"])

    def why(
        self,
        household: str | int,
        replicates: int | None = None,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Any:
        """Open one household (the draft of 一户一策): the first replicates are lived again, and its account is noted.

        Parameters
        ----------
        household : str or int
            Pseudonym (``household_id``), or row of the population that was simulated.
        replicates : int or None
            How many; by default 20, or all where there are fewer.
        threads : int or None
            Threads over them; by default the scenario's. The numbers do not depend on it.
        progress : callable or None
            Called with (replicates done, all).

        Returns
        -------
        simulation.why.Why
            Prints as text, and as tables in a notebook; ``income``, ``by_measure``, ``held``, ``line``, ``tips``, ``lacks`` and
            ``account`` are DataFrames. The parts of a year add up to its income to the fen.

        Raises
        ------
        ResultsError
            There is no such household, or the results were read from files, which hold no households.
        """
        if self.origin is None:
            raise ResultsError(label("why.no_origin"))
        return self.origin.why(household, replicates, threads, progress)

    def measure_titles(self, lang: str | None = None) -> dict[str, str]:
        """Titles of the measures, by id, from the resolved parameters."""
        from ruamel.yaml import YAML

        measures = YAML(typ="safe").load(self.params).get("measures") or {}
        return {name: measure["title"][language(lang)] for name, measure in measures.items()}

    def write(self, folder: Path | str, status: Status | None = None) -> Path:
        """Write ``tables/*.parquet``, ``params.yaml`` and ``manifest.json`` into ``folder``; the manifest comes last.

        Everything is written beside and moved in at the end. A write that is killed leaves what was there before, or, in the
        instant of the move, no manifest, which ``read`` refuses. Without a ``status`` of a job it keeps its own.

        Returns
        -------
        Path
            The folder.
        """
        if status is None:
            with Status(folder) as status:
                return self.write(folder, status)
        status.at("tables")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder)
        beside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        (beside / "tables").mkdir()
        digests = {name: _write_table(beside / "tables", table, data) for name, table, data in self._stored()}
        manifest = {
            "format": FORMAT,
            **self.manifest,
            "place": asdict(self.place),
            "plan": {str(year): persons for year, persons in self.plan.items()},
            "tables": digests,
        }
        write_text(beside / "params.yaml", self.params)
        write_text(beside / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
        fsync_folder(beside / "tables")
        (folder / "manifest.json").unlink(missing_ok=True)
        if (folder / "tables").exists():
            os.replace(folder / "tables", beside / "old")
        for name in ("tables", "params.yaml", "manifest.json"):
            os.replace(beside / name, folder / name)
        fsync_folder(folder)
        shutil.rmtree(beside)
        return folder

    @classmethod
    def read(cls, folder: Path | str) -> Results:
        """Read what ``write`` left.

        Raises
        ------
        ResultsError
            Where the folder holds no finished write, or a table is not the one that the manifest names.
        """
        folder = Path(folder)
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            params = (folder / "params.yaml").read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            fault = Fault(file=str(folder), expected=label("results.complete"))
            raise ResultsError(label("results.unreadable"), [fault]) from error
        if manifest.get("format") != FORMAT:
            fault = Fault(file=str(folder / "manifest.json"), key="format", value=str(manifest.get("format")), expected=FORMAT)
            raise ResultsError(label("results.unreadable"), [fault])
        digests: dict[str, str] = manifest.pop("tables")
        place = PlaceSummary(**manifest.pop("place"))
        plan = {int(year): persons for year, persons in manifest.pop("plan").items()}
        del manifest["format"]
        files = {name: folder / "tables" / f"{name}.parquet" for name in digests}
        damaged = [file for name, file in files.items() if _digest(file) != digests[name]]
        if damaged:
            faults = [Fault(file=str(file), expected=label("results.intact")) for file in damaged]
            raise ResultsError(label("results.unreadable"), faults)
        tables = {name: _read_table(file) for name, file in files.items()}
        reported = tables.pop("reported")
        return cls(tables, manifest, params, place, reported, plan)

    def _stored(self) -> Iterator[tuple[str, Table, pd.DataFrame]]:
        for name, data in self.tables.items():
            yield name, TABLES[name], data
        yield "reported", REPORTED, self.reported

    def __repr__(self) -> str:
        return (
            f"Results({self.place.id}, run {self.manifest['run_id']}, {self.years[0]}-{self.years[-1]}, "
            f"{self.replicates} replicates, {len(self.tables)} tables)"
        )

    def _repr_html_(self, lang: str | None = None) -> str:
        from povsim.results.show import show

        return show(self, lang)


# --- the contract, checked --------------------------------------------------------------------------------


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), n=1)
    return label("results.nearest", name=near[0]) if near else ""


def _faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    faults = []
    for name, data in tables.items():
        if name in TABLES:
            faults += _table_faults(TABLES[name], data)
        else:
            faults.append(Fault(key=name, expected=label("results.known_table"), mend=_nearest(name, TABLES)))
    if "ledger" not in tables:
        faults.append(Fault(key="ledger", expected=label("results.present")))
    return faults


def _table_faults(table: Table, data: pd.DataFrame) -> list[Fault]:
    absent = [name for name in table.fixed if name not in data.columns]
    faults = [Fault(key=f"{table.name}.{name}", expected=label("results.present")) for name in absent]
    for name in data.columns:
        column = table.column(name)
        if column is None:
            expected = label("results.known_column")
            faults.append(Fault(key=f"{table.name}.{name}", expected=expected, mend=_nearest(name, table.fixed)))
        else:
            faults += _column_faults(f"{table.name}.{name}", column, data[name])
    if faults:
        return faults
    repeated = data.duplicated(list(table.keys))
    if repeated.any():
        row = data.loc[repeated, list(table.keys)].iloc[0].to_dict()
        return [Fault(key=table.name, value=str(row), expected=label("results.one_row_per_key"))]
    if table.name == "ledger":
        left_over = data[list(LEDGER_SIGN)] @ pd.Series(LEDGER_SIGN)
        if left_over.any():
            row = data.loc[left_over != 0].iloc[0].to_dict()
            return [Fault(key="ledger", value=str(row), expected=label("results.ledger_closes"))]
    return []


def _column_faults(key: str, column: Column, values: pd.Series[Any]) -> list[Fault]:
    if column.dtype == "str":
        ok = pd.api.types.is_string_dtype(values) or isinstance(values.dtype, pd.CategoricalDtype)
        return [] if ok else [Fault(key=key, value=str(values.dtype), expected=label("results.text"))]
    kind = values.dtype.kind
    if kind not in ("iu" if column.dtype == "int64" else "iuf"):
        return [Fault(key=key, value=str(values.dtype), expected=column.dtype)]
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    # A share summed from counts may miss its bound by the last bit.
    plain = values.to_numpy()
    outside = plain[(plain < low - 1e-9) | (plain > high + 1e-9)]
    return [Fault(key=key, value=str(outside[0]), expected=f"{low} - {high}")] if len(outside) else []


def _tidy(table: Table, data: pd.DataFrame) -> pd.DataFrame:
    """Put the same rows into the contract's types and the order of its keys, each column with its unit and words."""
    columns = {name: table.column(str(name)) for name in data.columns}
    types = {name: column.dtype for name, column in columns.items() if column is not None and data[name].dtype != column.dtype}
    own = data.astype(types) if types else data.copy()  # what the caller has is not to change with it, nor it with that
    tidy = own.sort_values(list(table.keys), kind="stable", ignore_index=True)
    tidy.attrs = {
        "name": table.name,
        "title": {"zh": table.zh, "en": table.en},
        "units": {name: column.unit for name, column in columns.items() if column is not None},
        "labels": {name: {"zh": column.zh, "en": column.en} for name, column in columns.items() if column is not None},
    }
    return tidy


# --- disk -------------------------------------------------------------------------------------------------


def _write_table(folder: Path, table: Table, data: pd.DataFrame) -> str:
    """Write one table, each column with its unit and words; return the digest of the file."""
    import pyarrow as pa
    from pyarrow import parquet

    plain = pa.Table.from_pandas(data, preserve_index=False).replace_schema_metadata({"table": table.name, "row": table.row})
    units, labels = data.attrs["units"], data.attrs["labels"]
    fields = [field.with_metadata({"unit": units[field.name], **labels[field.name]}) for field in plain.schema]
    path = folder / f"{table.name}.parquet"
    with path.open("wb") as stream:
        parquet.write_table(plain.cast(pa.schema(fields, plain.schema.metadata)), stream, compression="zstd")
        stream.flush()
        os.fsync(stream.fileno())
    return _digest(path)


def _read_table(path: Path) -> pd.DataFrame:
    from pyarrow import parquet

    data: pd.DataFrame = parquet.read_table(path).to_pandas()
    return data


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
