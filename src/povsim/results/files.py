"""Owns: how a file comes to be whole or not at all.
Never: knows what is in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path | str) -> Iterator[Path]:
    """A path beside ``path`` to write to; it takes its place when the block ends well, and is removed when it does not.

    The name beside keeps the suffix, since writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.chmod(0o666 & ~_umask())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    fsync_folder(path.parent)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def clear_leftovers(folder: Path | str) -> None:
    """Remove what writes that were killed left beside their files."""
    for left in Path(folder).glob(".writing-*"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def fsync_folder(folder: Path | str) -> None:
    """Make the names in a folder last through a power cut, where the system can (Windows cannot)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    # The umask can only be read by setting it; mkstemp made the file private, a result is for the office.
    mask = os.umask(0)
    os.umask(mask)
    return mask
