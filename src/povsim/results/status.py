"""Owns: status.json, which says of a run folder whether its job is running, done or failed, and where.
Never: decides whether tables are whole (the manifest does) or prints (cli)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from povsim.results.files import write_text
from povsim.results.folder import FORMAT, claim, release


class Status:
    """The state of a job in its folder, written first and last, and at each step between.

    ``with Status(folder) as status: status.at("simulate"); ...`` leaves ``done`` when the block ends well, and ``failed``, the
    step and the error when it does not. A job that is killed leaves ``running`` and the last step that it reached.
    Until the block ends the folder is the job's alone; a folder that it may not have is refused before anything is written.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._start = monotonic()
        self._record: dict[str, Any] = {
            "format": FORMAT,
            "state": "running",
            "where": "start",
            "error": None,
            "seconds": 0.0,
            "times": {},
        }

    def at(self, where: str) -> None:
        """Say which step begins."""
        self._record["where"] = where
        self._record["times"][where] = _now()
        self._write()

    def __enter__(self) -> Status:
        claim(self.folder)
        self.at("start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._record["state"] = "done" if error is None else "failed"
        self._record["error"] = None if error is None else f"{type(error).__name__}: {error}"
        self._record["times"]["end"] = _now()
        try:
            self._write()
        finally:
            release(self.folder)

    def _write(self) -> None:
        self._record["seconds"] = round(monotonic() - self._start, 3)
        write_text(self.folder / "status.json", json.dumps(self._record, ensure_ascii=False, indent=2) + "\n")


def read_status(folder: Path | str) -> dict[str, Any]:
    """The status of a run folder; ``{"state": "none"}`` where there is none."""
    path = Path(folder) / "status.json"
    if not path.is_file():
        return {"state": "none"}
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
