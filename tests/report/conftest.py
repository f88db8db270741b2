"""The notebook of the town, executed once."""

import pytest


@pytest.fixture(scope="session")
def town(root):
    return root / "notebooks" / "00_show_town.ipynb"


@pytest.fixture(scope="session")
def executed(results, town, tmp_path_factory):
    """The notebook of the town, executed once in a folder that looks like a user's, and what its progress said."""
    from povsim.report.notebooks import run_notebook

    folder = results.write(tmp_path_factory.mktemp("运行 {一}") / "sample")
    said = []
    parameters = {"results_dir": str(folder), "charts_dir": str(folder / "charts")}
    run_notebook(town, folder / "notebooks" / town.name, parameters, lambda *done: said.append(done))
    return folder, said
