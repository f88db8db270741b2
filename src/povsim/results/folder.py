"""Owns: whether a job may write into a folder: an empty one or one that povsim made, and one job at a time.
Never: writes results (results.results) or says what a job is doing (results.status)."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Final

from povsim.core.errors import Fault, ResultsError
from povsim.core.labels import label

LOCK: Final = ".lock"  # holds the id of the process that writes into the folder
FORMAT: Final = "povsim-status/1"
_SIGNS: Final = ("status.json", "manifest.json", "fit.json")  # with a format of ours, any shows that povsim made the folder
_REASONS: Final = {
    errno.EEXIST: "results.is_file", errno.ENOTDIR: "results.is_file", errno.EACCES: "results.no_right",
    errno.EPERM: "results.no_right", errno.EROFS: "results.no_right", errno.ENOSPC: "results.disk_full",
}  # fmt: skip


def claim(folder: Path | str) -> None:
    """Take a folder for one job, making it where it is missing; ``release`` gives it back.

    Raises
    ------
    ResultsError
        Nothing can be written there; it holds files that povsim did not make; another job is writing into it. The folder is
        then as it was.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _made_here(folder):
            raise _refused(folder, "results.foreign", "results.other_folder")
        _lock(folder)
    except OSError as error:
        raise _refused(folder, _REASONS.get(error.errno or 0, "results.no_folder"), "results.other_folder") from error


def release(folder: Path | str) -> None:
    """Give back a folder that was claimed."""
    (Path(folder) / LOCK).unlink(missing_ok=True)


def _refused(folder: Path, expected: str, mend: str, process: int = 0) -> ResultsError:
    return ResultsError(faults=[Fault(str(folder), expected=label(expected, process=process), mend=label(mend))])


def _made_here(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir() if path.name != LOCK}
    return not names or any(_format(folder / sign).startswith("povsim-") for sign in _SIGNS)


def _format(path: Path) -> str:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(record.get("format", "")) if isinstance(record, dict) else ""


def _lock(folder: Path) -> None:
    """Write the lock, in place of one that a dead process left."""
    path = folder / LOCK
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        if (holder := _holder(path)) is not None:
            raise _refused(folder, "results.busy", "results.busy_mend", process=holder) from None
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    with os.fdopen(handle, "w") as stream:
        stream.write(str(os.getpid()))


def _holder(path: Path) -> int | None:
    """The living process that holds a lock; None where there is none (a number like our own is of an earlier start)."""
    try:
        process = int(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return process if process != os.getpid() and _alive(process) else None


def _alive(process: int) -> bool:
    if os.name == "nt":  # there, os.kill would end it
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)  # type: ignore[attr-defined,unused-ignore]
        return bool(handle and ctypes.windll.kernel32.CloseHandle(handle))  # type: ignore[attr-defined,unused-ignore]
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's, and alive
    return True
