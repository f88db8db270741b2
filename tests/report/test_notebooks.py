import ast
import json
import os
import signal
import time

import nbformat
import pytest

from povsim.core.errors import NotebookError, ParamsError
from povsim.report.notebooks import check_parameters, read_parameters, run_notebook, run_notebooks

SOURCE = 'place: str = "chagu"  # 地方\nyears: int = 5\nshare: float = 0.5\nfast: bool = False'


def write(path, *cells, parameters=SOURCE):
    code = nbformat.v4.new_code_cell
    first = code(parameters, metadata={"tags": ["parameters"]})
    spec = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[first, *map(code, cells)], metadata=spec), path)
    return path


@pytest.fixture
def no_kernel(monkeypatch):
    def start(*_, **__):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("papermill.execute_notebook", start)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"yaers": 3}, "years"),
        ({"years": "3"}, "int"),
        ({"years": True}, "int"),
        ({"years": 2.0}, "int"),
        ({"place": 7}, "str"),
        ({"share": float("nan")}, "float"),
        ({"fast": 1}, "bool"),
    ],
)
def test_wrong_parameters_stop_before_a_kernel_starts(tmp_path, no_kernel, given, said):
    with pytest.raises(ParamsError, match=said):
        run_notebook(write(tmp_path / "a.ipynb"), tmp_path / "out.ipynb", given)
    assert not (tmp_path / "out.ipynb").exists()


def test_all_wrong_parameters_are_said_at_once(tmp_path):
    notebook = nbformat.read(write(tmp_path / "a.ipynb"), as_version=4)
    with pytest.raises(ParamsError) as caught:
        check_parameters(notebook, {"yaers": 3, "place": 1, "share": 1})
    assert [fault.key for fault in caught.value.faults] == ["place", "yaers"]
    assert check_parameters(notebook, {"share": 1}) == {"share": 1.0}


@pytest.mark.parametrize("parameters", ["years = 5", "years: int", "years: list = []", "print(1)", "years: int = 2 + x"])
def test_a_parameters_cell_holds_typed_literals_only(tmp_path, parameters):
    with pytest.raises((ParamsError, ValueError)):
        read_parameters(nbformat.read(write(tmp_path / "a.ipynb", parameters=parameters), as_version=4))


def test_values_arrive_and_stay_readable(tmp_path):
    notebook = write(tmp_path / "a.ipynb", "import os\nassert place == '某县 \"一\"\\n{x}=\\\\', place\nprint(years, share)")
    before = notebook.read_bytes()
    out = run_notebook(notebook, tmp_path / "新 {年}" / "b.ipynb", {"place": '某县 "一"\n{x}=\\', "share": 2})
    executed = nbformat.read(out, as_version=4)
    assert "某县" in out.read_text(encoding="utf-8")
    assert executed.cells[-1].outputs[0].text == "5 2.0\n"
    assert executed.metadata["povsim"]["state"] == "done"
    assert executed.metadata["papermill"]["output_path"] == "b.ipynb"  # no path of this machine goes into the file
    assert notebook.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["b.ipynb"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "DeadKernelError"),
        ("income = {}\nincome['wage']", "KeyError"),
        ("import sys\nsys.exit(0)", "最后一个单元"),
        ("import time\ntime.sleep(60)", "Timeout"),
    ],
    ids=["killed", "error", "ended early", "too long"],
)
def test_a_run_that_fails_is_an_error_that_names_the_cell_whatever_the_file_says(tmp_path, cell, said):
    notebook = write(tmp_path / "a.ipynb", "x = 1", cell, "print('never')")
    with pytest.raises(NotebookError, match=said) as caught:
        run_notebook(notebook, tmp_path / "out.ipynb", {}, timeout=5)
    assert cell.splitlines()[0] in str(caught.value)
    assert "第 3 个代码单元（共 4 个）" in str(caught.value)
    left = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert left.metadata["povsim"]["state"] == "failed"
    assert "运行失败" in left.cells[0].source
    assert caught.value.exit_code == 1


def test_several_run_at_once_and_one_that_fails_stops_none_of_them(tmp_path, monkeypatch):
    monkeypatch.delenv("JUPYTER_PREFER_ENV_PATH", raising=False)  # run.py test sets it for all
    bad = write(tmp_path / "bad.ipynb", "x = 1", "1 / 0", "print('never')")
    slow = write(tmp_path / "slow.ipynb", "import time\ntime.sleep(1.5)", "print(place)")
    said = []
    with pytest.raises(NotebookError, match="ZeroDivisionError"):
        run_notebooks([bad, slow], tmp_path / "out", {"place": "某镇"}, lambda *done: said.append(done))
    assert nbformat.read(tmp_path / "out" / "slow.ipynb", as_version=4).cells[-1].outputs[0].text == "某镇\n"
    assert nbformat.read(tmp_path / "out" / "bad.ipynb", as_version=4).metadata["povsim"]["state"] == "failed"
    assert {total for _, total in said} == {9}, "cells of both, those that hold the given values included"
    assert [done for done, _ in said] == list(range(1, len(said) + 1))
    assert "JUPYTER_PREFER_ENV_PATH" not in os.environ


def test_wrong_parameters_of_one_stop_all_before_a_kernel_starts(tmp_path, no_kernel):
    good, other = write(tmp_path / "a.ipynb"), write(tmp_path / "b.ipynb", parameters='place: str = "x"')
    with pytest.raises(ParamsError, match=r"b\.ipynb.*years"):
        run_notebooks([good, other], tmp_path / "out", {"years": 3})
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interruption_ends_what_runs_with_its_cell(tmp_path):
    long = write(tmp_path / "a.ipynb", *["import time\ntime.sleep(0.5)"] * 40)

    def interrupt(done, total):
        if done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_notebooks([long], tmp_path / "out", {"place": "x"}, interrupt)
    assert time.monotonic() - began < 15
    assert list((tmp_path / "out").iterdir()) == [], "what did not end is not left as if it had"


def test_the_notebooks_of_the_report_run_to_their_end(executed, notebooks, tiny):
    total = 0
    for path in notebooks:
        notebook = nbformat.read(executed.folder / "notebooks" / path.name, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        total += len(code)
        assert notebook.metadata["povsim"]["state"] == "done" and all(cell.execution_count for cell in code)
        outputs = [output for cell in code for output in cell.outputs]
        assert not [output for output in outputs if output.output_type in ("error", "stream")]
        assert all(cell.outputs for cell in code[2:]), "each cell shows something"
    assert executed.said[-1] == (total, total) and len(executed.said) == total


def test_each_chart_is_saved_under_its_name(executed):
    names = {path.name for path in (executed.folder / "charts").iterdir()}
    assert names == {
        *(f"{name}.png" for name in ("villages", "exit_timeline", "remaining_households", "return_risk", "income_sources")),
        *(
            f"{name}.png"
            for name in (
                "spending",
                "difference_without",
                "difference_pv_late",
                "tornado_out_2018",
                "fit_fitted",
                "fit_others",
                "routes",
            )
        ),
    }


def test_headings_speak_both_languages_and_no_notebook_holds_words_of_one_alone(notebooks):
    for path in notebooks:
        for cell in nbformat.read(path, as_version=4).cells:
            lines = [line for line in cell.source.splitlines() if line.strip()] if cell.cell_type == "markdown" else []
            assert all(len(line.split(" · ")) == 2 for line in lines), (path.name, lines)


def test_all_notebooks_of_the_report_take_the_same_parameters(notebooks):
    asked = [read_parameters(nbformat.read(path, as_version=4)) for path in notebooks]
    assert list(asked[0]) == ["results_dir", "lang", "charts_dir", "formats"] and all(one == asked[0] for one in asked)


def test_shipped_notebooks_are_stripped_and_thin(root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert notebook["metadata"].keys() <= {"kernelspec", "language_info"}
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
        assert "parameters" in code[0]["metadata"]["tags"]
        assert len(code) <= 12
        sources = ["".join(cell["source"]) for cell in code]
        assert max(len(source.splitlines()) for source in sources) <= 9
        kinds = {type(node) for source in sources for node in ast.walk(ast.parse(source))}
        calls = {node.id for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If}
        assert not calls & {"open", "Path", "exec", "eval"}
