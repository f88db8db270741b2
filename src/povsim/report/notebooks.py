"""Owns: running a notebook through papermill, with checked parameters and an honest end.
Never: trusts what the notebook file says of the run, or knows what is in the notebook."""

from __future__ import annotations

import ast
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Any, Final

import nbformat
from nbformat import NotebookNode

from povsim.core.errors import Fault, NotebookError, ParamsError
from povsim.core.labels import label
from povsim.results.files import whole

Progress = Callable[[int, int], None]

KINDS: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
SILENT: Final = "--IPKernelApp.log_level=CRITICAL"  # being asked to end is no error
PAPERMILL_MARK: Final = "papermill-error-cell-tag"


def run_notebook(
    notebook: Path | str,
    out: Path | str,
    parameters: Mapping[str, Any],
    on_progress: Progress | None = None,
    timeout: float | None = None,
) -> Path:
    """Execute a notebook with parameters, and leave the executed copy.

    Parameters
    ----------
    notebook : Path or str
        Source; it is read only.
    out : Path or str
        Where the executed copy goes, whole or not at all. One that failed says so in its first cell and in ``metadata.povsim``.
    parameters : mapping of str to str, int, float or bool
        Values for names of the cell tagged ``parameters``.
    on_progress : callable or None
        Called with (code cells done, all).
    timeout : float or None
        Seconds that a cell may take.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    ParamsError
        Before a kernel starts: a name that the notebook does not have, or a value of another type; all at once.
    NotebookError
        A cell raised an error, took too long or ended early, or the kernel was killed; names the cell.
    """
    source = nbformat.read(notebook, as_version=4)
    given = check_parameters(source, parameters, str(notebook))
    with _this_environment_first():
        return _run(Path(notebook), Path(out), given, on_progress, timeout)


def run_notebooks(
    notebooks: Sequence[Path | str],
    folder: Path | str,
    parameters: Mapping[str, Any],
    on_progress: Progress | None = None,
    timeout: float | None = None,
    workers: int = 2,
) -> list[Path]:
    """Execute several notebooks with the same parameters, some at a time; one that fails does not stop the others.

    Parameters
    ----------
    notebooks : sequence of Path or str
        Sources.
    folder : Path or str
        Where the executed copies go, under the same names.
    parameters : mapping of str to str, int, float or bool
        Values for their parameters cells.
    on_progress : callable or None
        Called with (code cells done, all), of all of them together, from the thread that did it.
    timeout : float or None
        Seconds that a cell may take.
    workers : int
        How many run at a time; each has a kernel, a process of its own.

    Returns
    -------
    list of Path
        The executed copies, in order.

    Raises
    ------
    ParamsError
        As from ``run_notebook``, before any kernel starts.
    NotebookError
        Of the first that failed, when all are done.
    """
    paths = [Path(notebook) for notebook in notebooks]
    sources = [nbformat.read(path, as_version=4) for path in paths]
    given = [check_parameters(source, parameters, str(path)) for source, path in zip(sources, paths, strict=True)]
    counts = [0] * len(paths)
    total = sum(_cells(source, parameters) for source in sources)
    lock, stop = Lock(), Event()

    def further(number: int) -> Progress:
        def done(cells: int, _: int) -> None:
            with lock:
                counts[number] = cells
                if on_progress:
                    on_progress(sum(counts), total)

        return done

    with _this_environment_first(), ThreadPoolExecutor(max(1, workers)) as pool:
        outs = [Path(folder) / path.name for path in paths]
        jobs = {
            pool.submit(_run, path, out, values, further(number), timeout, stop): number
            for number, (path, out, values) in enumerate(zip(paths, outs, given, strict=True))
        }
        try:
            failed = {jobs[job]: error for job in as_completed(jobs) if (error := job.exception())}
        except BaseException:  # interrupted: what runs ends with its cell
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failed:
        raise failed[min(failed)]
    return outs


def _run(
    notebook: Path,
    out: Path,
    given: dict[str, Any],
    on_progress: Progress | None,
    timeout: float | None,
    stop: Event | None = None,
) -> Path:
    with whole(out) as beside:
        failure = _execute(notebook, beside, given, on_progress, timeout, stop)
        executed = nbformat.read(beside if beside.stat().st_size else notebook, as_version=4)
        nbformat.write(_mark(executed, notebook, out, failure), beside)
    if failure["state"] == "failed":
        raise NotebookError(label("report.notebook_failed", notebook=notebook.name, out=out, **failure))
    return out


def read_parameters(notebook: NotebookNode) -> dict[str, tuple[str, Any]]:
    """Names of a notebook's parameters cell, each with the type it asks for and its default.

    Raises
    ------
    ParamsError
        Where the cell is missing or holds anything but typed literals.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1 or cells[0].cell_type != "code":
        raise ParamsError(label("report.parameters_cell"))
    found: dict[str, tuple[str, Any]] = {}
    for statement in ast.parse(cells[0].source).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(name), annotation=ast.Name(kind), value=ast.expr() as value) if kind in KINDS:
                found[name] = (kind, ast.literal_eval(value))
            case _:
                raise ParamsError(label("report.parameters_cell"), [Fault(key=ast.unparse(statement))])
    return found


def check_parameters(notebook: NotebookNode, parameters: Mapping[str, Any], file: str = "") -> dict[str, Any]:
    """Check values against the parameters cell.

    Returns
    -------
    dict
        The values, whole numbers made real where a real is asked for.

    Raises
    ------
    ParamsError
        All unknown names, each with the nearest right one, and all values of another type.
    """
    known = read_parameters(notebook)
    faults, good = [], {}
    for name, value in parameters.items():
        if name not in known:
            near = get_close_matches(name, known, n=1) or sorted(known)
            mend = label("results.nearest", name=" / ".join(near))
            faults.append(Fault(file=file, key=name, expected=label("report.known_parameter"), mend=mend))
            continue
        kind = known[name][0]
        cast = float(value) if kind == "float" and type(value) is int else value
        if type(cast) is not KINDS[kind] or (kind == "float" and not math.isfinite(cast)):
            faults.append(Fault(file=file, key=name, value=repr(value), expected=kind))
        good[name] = cast
    if faults:
        raise ParamsError(label("report.bad_parameters"), faults)
    return good


# --- the run ----------------------------------------------------------------------------------------------


def _execute(
    notebook: Path,
    beside: Path,
    parameters: dict[str, Any],
    on_progress: Progress | None,
    timeout: float | None,
    stop: Event | None = None,
) -> dict[str, Any]:
    """Run papermill; say how it ended and in which code cell. Its own file does not: a killed kernel looks done there."""
    import papermill
    from traitlets.config import Config

    total = _cells(nbformat.read(notebook, as_version=4), parameters)
    state: dict[str, Any] = {"state": "failed", "cell": 0, "total": total, "line": "", "error": ""}
    done = 0
    began = monotonic()

    def started(cell: NotebookNode, **_: Any) -> None:
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        if cell.cell_type == "code":
            state["cell"] += 1
            state["line"] = next(iter(cell.source.splitlines()), "")

    def executed(**_: Any) -> None:
        nonlocal done
        done += 1
        if on_progress:
            on_progress(done, total)

    _register_translator()
    with _private_transport() as transport:
        try:
            papermill.execute_notebook(
                _plain(notebook),
                _plain(beside),
                parameters,
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=timeout,
                config=Config({"KernelManager": transport}),
                extra_arguments=[SILENT],
                on_cell_start=started,
                on_cell_executed=executed,
            )
        except Exception as error:
            state["error"] = _reason(error)
        else:
            state |= {"state": "done"} if done == total else {"error": label("report.ended_early")}
    return {**state, "seconds": round(monotonic() - began, 2)}


def _cells(notebook: NotebookNode, parameters: Mapping[str, Any]) -> int:
    """Code cells that will run; papermill puts the given values into a cell of their own."""
    return sum(cell.cell_type == "code" for cell in notebook.cells) + bool(parameters)


def _reason(error: Exception) -> str:
    """One line on why a notebook failed."""
    name, text = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    return f"{name}: {next(iter(text.strip().splitlines()), '')}"


def _plain(path: Path) -> str:
    """A path in which papermill finds nothing to format."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _private_transport() -> Iterator[dict[str, str]]:
    """Talk to the kernel through files that only we can open, where the system has them."""
    if os.name == "posix":
        with tempfile.TemporaryDirectory(prefix="povsim-") as folder:
            yield {"transport": "ipc", "ip": f"{folder}/k"}
    else:
        yield {}


@contextmanager
def _this_environment_first() -> Iterator[None]:
    """Prefer this environment's kernel to one that the user registered; of the whole process, so outside any thread."""
    before = os.environ.get("JUPYTER_PREFER_ENV_PATH")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["JUPYTER_PREFER_ENV_PATH"]
        else:
            os.environ["JUPYTER_PREFER_ENV_PATH"] = before


def _register_translator() -> None:
    """Make papermill write Chinese values as they are, not as escapes."""
    from papermill.translators import PythonTranslator, papermill_translators

    class ReadableTranslator(PythonTranslator):  # type: ignore[misc]
        @classmethod
        def translate_str(cls, value: str) -> str:
            return json.dumps(value, ensure_ascii=False)

    papermill_translators.register("python", ReadableTranslator)


def _mark(executed: NotebookNode, notebook: Path, out: Path, end: dict[str, Any]) -> NotebookNode:
    """Write the true end into the notebook, names for paths, and our mark for papermill's."""
    executed.metadata["povsim"] = {key: end[key] for key in ("state", "error", "seconds")}
    executed.metadata.get("papermill", {}).update(input_path=notebook.name, output_path=out.name)
    executed.cells = [cell for cell in executed.cells if PAPERMILL_MARK not in cell.metadata.get("tags", [])]
    if end["state"] == "failed":
        text = label("report.notebook_failed", notebook=notebook.name, out=out.name, **end)
        executed.cells.insert(0, nbformat.v4.new_markdown_cell(f"**{text}**", metadata={"tags": ["povsim-failed"]}))
    return executed
