import ast
import json

import nbformat
import pytest

from povsim.core.errors import NotebookError, ParamsError
from povsim.report.notebooks import check_parameters, read_parameters, run_notebook

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


def test_the_town_ran_to_its_end(executed, town):
    folder, said = executed
    notebook = nbformat.read(folder / "notebooks" / town.name, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert said == [(done, len(code)) for done in range(1, len(code) + 1)]
    assert not [output for cell in code for output in cell.outputs if output.output_type in ("error", "stream")]
    assert sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs) == 2
    names = ("exit_timeline.pdf", "exit_timeline.png", "remaining_households.pdf", "remaining_households.png")
    assert tuple(sorted(path.name for path in (folder / "charts").iterdir())) == names


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
