"""Owns: a page printed to PDF by a browser of this machine, where one is found.
Never: what is on the page (report.pages), or a PDF without a browser (report.brief)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from povsim.results.files import whole

SETTING: Final = "POVSIM_BROWSER"  # path or name of the browser; empty words or a name that is none: no browser
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
MAC: Final = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS: Final = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
LEAST: Final = 131  # the first version that prints the margins of a page: mark, run, page number
TIMEOUT: Final = 60.0  # seconds


class PrintError(Exception):
    """The browser did not print."""


def find_browser() -> str | None:
    """The browser that prints: the one that ``POVSIM_BROWSER`` names, else the first of those known; None where none will do."""
    asked = os.environ.get(SETTING)
    if asked is not None:
        return shutil.which(asked)
    return next((path for path in _known() if _version(path) >= LEAST), None)


def print_page(page: Path | str, out: Path | str, browser: str, timeout: float = TIMEOUT) -> Path:
    """Print a page to PDF, whole or not at all.

    Parameters
    ----------
    page : Path or str
        An HTML file that needs nothing else.
    out : Path or str
        The PDF.
    browser : str
        What ``find_browser`` found.
    timeout : float
        Seconds that the browser may take.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    PrintError
        It failed, took too long, or wrote no PDF.
    """
    out = Path(out)
    with tempfile.TemporaryDirectory(prefix="povsim-", ignore_cleanup_errors=True) as profile, whole(out) as beside:
        words = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-dev-shm-usage",
            "--no-first-run", "--no-default-browser-check", "--no-pdf-header-footer", "--run-all-compositor-stages-before-draw",
            f"--user-data-dir={profile}", f"--print-to-pdf={beside.resolve()}", Path(page).resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            raise PrintError(f"{timeout:.0f} s") from error
        except OSError as error:
            raise PrintError(str(error)) from error
        if done.returncode or not beside.read_bytes().startswith(b"%PDF"):
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {done.returncode}"]
            raise PrintError(last[0])
    return out


def _known() -> Iterator[str]:
    """Browsers of this machine, in the order in which they are tried."""
    yield from filter(None, map(shutil.which, NAMES))
    if sys.platform == "darwin":
        paths = [Path("/Applications") / f"{name}.app" / "Contents" / "MacOS" / name for name in MAC]
    elif os.name == "nt":
        roots = filter(None, map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")))
        paths = [Path(root) / name for root in roots for name in WINDOWS]
    else:
        paths = []
    yield from (str(path) for path in paths if path.is_file())


def _version(browser: str) -> int:
    """Main version of a browser; 0 where it does not say. One of Windows opens a window when it is asked."""
    if os.name == "nt":
        return _folder_version(Path(browser).parent)
    try:
        done = subprocess.run([browser, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(rb"(\d+)\.\d+\.\d+", done.stdout)
    return int(found[1]) if found else 0


def _folder_version(folder: Path) -> int:
    """The highest version that a folder beside the browser has for its name."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return max((int(name.partition(".")[0]) for name in names if re.fullmatch(r"\d+(\.\d+){3}", name)), default=0)
