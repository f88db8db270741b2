import runpy
from pathlib import Path

import pytest

_make = runpy.run_path(str(Path(__file__).parents[1] / "results" / "fake.py"))["make_results"]


@pytest.fixture(scope="session")
def make_results():
    return _make


@pytest.fixture(scope="session")
def results():
    return _make()
