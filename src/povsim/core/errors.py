"""Owns: the exception tree, and a fault of the user's input with the place where it stands.
Never: decides what a fault is (the rooms do), prints, or exits (cli)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from povsim.core.labels import label


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in what the user gave, said so that it can be mended.

    Attributes
    ----------
    file : str
        File (as the user knows it), or ``"-p"`` for the command line; empty where there is none.
    line, column : int
        Counted from 1; 0 where there is none. For a sheet: the row and the column.
    key : str
        Dotted path or column name.
    value : str
        What stands there.
    expected : str
        What was expected, in the user's language.
    mend : str
        How to mend it, in the user's language.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    key: str = ""
    value: str = ""
    expected: str = ""
    mend: str = ""

    @property
    def where(self) -> str:
        """``file:line:column``, as editors and terminals understand it."""
        numbers = [str(n) for n in (self.line, self.column) if n]
        return ":".join([self.file, *numbers] if self.file else numbers)

    def __str__(self) -> str:
        what = self.key if not self.value else f"{self.key} = {self.value}" if self.key else self.value
        head = " ".join(part for part in (f"{self.where}:" if self.where else "", what) if part)
        tail = label("fault_tail", expected=self.expected, mend=self.mend) if self.mend else self.expected
        return f"{head}\n    {tail}" if tail else head


class PovsimError(Exception):
    """Base of all errors that povsim raises on purpose.

    Attributes
    ----------
    faults : tuple of Fault
        Every fault found, in the order of the file.
    exit_code : int
        What the command line exits with.
    """

    exit_code = 2

    def __init__(self, message: str = "", faults: Iterable[Fault] = ()) -> None:
        self.message = message
        self.faults = tuple(sorted(set(faults)))
        super().__init__(message, self.faults)

    def __reduce__(self) -> tuple[type[PovsimError], tuple[str, tuple[Fault, ...]]]:
        return type(self), (self.message, self.faults)

    def __str__(self) -> str:
        return "\n".join([line for line in (self.message,) if line] + [str(fault) for fault in self.faults])


class ParamsError(PovsimError):
    """A params file or an override is wrong."""


class PlaceError(PovsimError):
    """A place file is wrong."""


class PopulationError(PovsimError):
    """The three tables, or what they were made from, are wrong."""


class RuleError(PovsimError):
    """A kind or a rule breaks its contract."""


class NotebookError(PovsimError):
    """A notebook did not run to its end."""

    exit_code = 1


class ResultsError(PovsimError):
    """A folder of results cannot be read or written."""
