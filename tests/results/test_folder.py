"""Owns: into which folder a job may write, and that no two do at once.
Never: what it writes there (test_results)."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from povsim.core.errors import ResultsError
from povsim.results.folder import LOCK
from povsim.results.status import Status


def listed(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["tables/mine.csv", "notebooks/mine.ipynb", "manifest.json", "status.json", ".hidden"])
def test_a_folder_that_povsim_did_not_make_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text('{"format": "mine"}')
    before = listed(tmp_path)
    with pytest.raises(ResultsError), Status(tmp_path):
        pytest.fail("must not begin")
    assert listed(tmp_path) == before


def test_an_empty_folder_and_one_of_an_earlier_or_killed_job_are_taken(tmp_path: Path) -> None:
    for _ in range(2):
        with Status(tmp_path / "a" / "b"):
            assert (tmp_path / "a" / "b" / LOCK).read_text() == str(os.getpid())
        assert not (tmp_path / "a" / "b" / LOCK).exists()


def test_no_two_jobs_at_once_but_the_lock_of_a_dead_one_holds_nobody(tmp_path: Path) -> None:
    hold = "import sys; from povsim.results.status import Status\nwith Status(sys.argv[1]):\n print('in', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout and other.stdout.readline() == "in\n"
    with pytest.raises(ResultsError) as refused, Status(tmp_path):
        pytest.fail("must not begin")
    assert str(other.pid) in str(refused.value)
    other.kill()
    other.communicate()
    assert (tmp_path / LOCK).exists()
    with Status(tmp_path):
        pass
    assert not (tmp_path / LOCK).exists()


@pytest.mark.parametrize("below", ["", "sub"])
def test_a_file_in_place_of_the_folder_is_a_fault(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ResultsError) as refused, Status(tmp_path / "file" / below):
        pytest.fail("must not begin")
    assert refused.value.exit_code == 2 and "文件" in str(refused.value) and "--out" in str(refused.value)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_takes_nothing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(*words: object, **more: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(ResultsError), Status(tmp_path):
        pytest.fail("must not begin")
