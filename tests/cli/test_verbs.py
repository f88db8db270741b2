"""Owns: the main job and its sisters as a user runs them: a process of their own, and what they leave.
Never: whether the numbers are right (the rooms' own tests)."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pypdf
import pytest

from povsim.results.status import Status

SMALL = ("-p", "run.replicates=2", "-p", "run.years=2")


def povsim(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONUTF8": "1", **more}
    environ.pop("POVSIM_LANG", None)
    return subprocess.run(
        [sys.executable, "-m", "povsim", *words],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The main job, small, in a folder with Chinese characters and a blank."""
    where = tmp_path_factory.mktemp("乡镇 一")
    done = povsim("run", *SMALL, cwd=where)
    assert done.returncode == 0, done.stderr
    return where / "runs" / "chagu-baseline", done


def test_the_main_job_prints_four_numbers_with_intervals_and_what_it_wrote(
    job: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = job
    sentences, _, wrote = done.stdout.partition("已写入")
    said = [line for line in sentences.splitlines() if re.match(r"(脱贫|剩余|返贫|支出)：", line)]
    assert len(said) == 4
    assert all(re.search(r"（[^）]*\d[^）]*–[^）]*\d[^）]*）", line) for line in said), "each number has its interval"
    names = re.findall(r"^  (\S+)", wrote, re.MULTILINE)
    assert set(names) == {path.name for path in folder.iterdir()}, "says all that it wrote, and nothing else lies there"
    assert "模拟 2/2 用时" in done.stderr and "\r" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_main_job_leaves_status_manifest_tables_and_params(job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    from povsim import Results, load_scenario

    folder, _ = job
    status = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["error"]) == ("done", None)
    results = Results.read(folder)
    assert results.replicates == 2 and results.years == (2017, 2018)
    ledger = results["ledger"]
    start = ledger[(ledger["year"] == 2017) & (ledger["replicate"] == 0)].set_index("unit")["opening"]
    assert (start["households"], start["persons"]) == (1571, 3724)
    assert load_scenario(folder / "params.yaml").run.replicates == 2


def test_the_main_job_simulates_what_the_scenario_is_compared_with(job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    from povsim import Results

    folder, done = job
    runs = {path.name: Results.read(path) for path in (folder / "scenarios").iterdir()}
    assert set(runs) == {"without", "pv_late"} and {run.replicates for run in runs.values()} == {2}
    assert runs["without"].measure_titles() == {} and runs["without"].manifest["scenario"]["zh"] == "不帮扶"
    assert "模拟“不帮扶” 2/2 用时" in done.stderr and "模拟“光伏晚一年并网” 2/2 用时" in done.stderr


def test_the_main_job_leaves_page_brief_charts_lists_and_executed_notebooks(
    job: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = job
    stems = {path.stem for path in (folder / "charts").iterdir()}
    assert {"exit_timeline", "remaining_households", "spending", "difference_without", "difference_pv_late"} <= stems
    assert {path.suffix for path in (folder / "charts").iterdir()} == {".png", ".pdf"}
    for path in (folder / "charts").iterdir():
        head = path.read_bytes()[:4]
        assert head == (b"\x89PNG" if path.suffix == ".png" else b"%PDF") and path.stat().st_size > 10_000
    notebooks = sorted((folder / "notebooks").glob("*.ipynb"))
    assert [path.name[:2] for path in notebooks] == ["00", "10", "20", "30"]
    for notebook in notebooks:
        code = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in code)
        assert not any(output["output_type"] == "error" for cell in code for output in cell["outputs"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 8
    assert not re.search(r"(src|href)=\"(https?:)?//|@import|<script", page), "nothing is fetched"
    assert "import povsim" not in page and "全镇概览" in page and page.count("合成数据，非真实农户") > 1
    assert (folder / "brief.pdf").read_bytes().startswith(b"%PDF")
    assert [path.name for path in (folder / "lists").iterdir()] == ["exit_list.xlsx"]


def test_the_sentences_are_those_of_the_answer(job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    from povsim.indicators.answer import Answer
    from povsim.indicators.indicators import say

    folder, done = job
    said = say(Answer.read(folder), "zh")
    assert all(said[name] in done.stdout for name in ("history", "exits", "left", "falls", "cost", "caution"))


@pytest.fixture(scope="module")
def again(job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the main job, its papers and the runs beside it taken away, and ``report`` run on it in English."""
    folder = tmp_path_factory.mktemp("again") / "run"
    shutil.copytree(job[0], folder)
    for name in ("charts", "lists", "notebooks", "scenarios"):
        shutil.rmtree(folder / name)
    for name in ("report.html", "brief.pdf", "answer.json", "tables/numbers.parquet"):
        (folder / name).unlink()
    before = {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}
    done = povsim("report", str(folder), "--lang", "en", "--svg", cwd=folder.parent, POVSIM_BROWSER="")
    assert done.returncode == 0, done.stderr
    assert "There is no other run to compare with" in done.stderr and "not moved one by one" in done.stderr
    assert "POVSIM_BROWSER" in done.stderr, "no browser: the brief is drawn, and that is said"
    assert {path.name: path.read_bytes() for path in (folder / "tables").iterdir() if path.name in before} == before
    return folder


def test_the_same_answer_comes_of_what_lies_there(job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    from povsim import Results
    from povsim.cli import steps

    shutil.copytree(job[0], tmp_path / "run")
    with Status(tmp_path / "run") as status:
        steps.gather(Results.read(job[0]), steps.ran_beside(job[0]), tmp_path / "run", status)
    for name in ("answer.json", "tables/numbers.parquet"):
        assert (tmp_path / "run" / name).read_bytes() == (job[0] / name).read_bytes()


def test_report_makes_the_papers_anew_from_what_is_there(again: Path) -> None:
    page = (again / "report.html").read_text(encoding="utf-8")
    assert "Timeline of exits" in page and "脱贫时序" not in page
    assert {path.suffix for path in (again / "charts").iterdir()} == {".png", ".pdf", ".svg"}
    assert not [path for path in (again / "charts").iterdir() if path.name.startswith("difference")]
    assert len(list((again / "notebooks").glob("*.ipynb"))) == 4 and (again / "lists" / "exit_list.xlsx").is_file()
    assert json.loads((again / "status.json").read_text(encoding="utf-8"))["state"] == "done"


def test_without_a_browser_the_brief_is_drawn_and_marked(again: Path) -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(again / "brief.pdf").pages]
    assert pages and all("Synthetic data, no real households" in text for text in pages)


def test_compare_lays_two_finished_runs_beside_each_other(
    job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = job
    late = str(folder / "scenarios" / "pv_late")
    done = povsim("compare", str(folder), late, "--out", "差额", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "光伏晚一年并网" in done.stdout and "2018" in done.stdout and "模拟 " not in done.stderr
    rows = pd.read_csv(tmp_path / "差额" / "difference.csv", encoding="utf-8-sig")
    assert rows["year"].tolist() == [2017, 2018] and (rows["pv_income"] < 0).any()
    ledger = pd.read_parquet(tmp_path / "差额" / "tables" / "ledger.parquet")
    assert {"exited", "exited_low", "exited_high"} <= set(ledger.columns)
    only = povsim("compare", str(folder), late, cwd=tmp_path)
    assert only.stdout and only.stdout in done.stdout and [path.name for path in tmp_path.iterdir()] == ["差额"]


def test_compare_simulates_two_scenarios_in_pairs(job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    words = ("chagu/baseline", "chagu/pv_late", *SMALL)
    done = povsim("compare", *words, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"base", "other", "difference.csv", "tables", "status.json"}
    ran = povsim("compare", str(job[0]), str(job[0] / "scenarios" / "pv_late"), cwd=tmp_path)
    assert ran.stdout in done.stdout, "the same as of runs that were there"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chagu/baseline", "chagu/history"), ["run.opening", "2013", "run.years"]),
        (("chagu/baseline", "nowhere"), ["nowhere", "找不到"]),
        (("{run}", "chagu/baseline", "-p", "run.seed=7"), ["run.seed=7", "已完成的运行"]),
        (("{run}", "{empty}"), ["应是一次完整运行留下的目录"]),
    ],
    ids=["no pair", "no file", "an override of a finished run", "no run"],
)
def test_what_cannot_be_compared_is_2_and_nothing_is_simulated(
    job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path, words: tuple[str, ...], said: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    names = [word.format(run=job[0], empty=tmp_path / "empty") for word in words]
    done = povsim("compare", *names, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and all(word in done.stderr for word in said), done.stderr
    assert "Traceback" not in done.stderr and "模拟 " not in done.stderr and not (tmp_path / "out").exists()


def test_a_scenario_without_the_luck_of_a_finished_run_is_2_before_it_is_simulated(
    job: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "late.yaml").write_text("schema: povsim/1\nextends: chagu/pv_late\nrun: {seed: 5}\n", encoding="utf-8")
    done = povsim("compare", str(job[0]), "late.yaml", "--out", "gaps", cwd=tmp_path)
    assert done.returncode == 2 and "seed" in done.stderr and "0/" not in done.stderr and not (tmp_path / "gaps").exists()


def test_a_scenario_that_is_compared_with_one_it_cannot_be_paired_with_is_2(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("schema: povsim/1\nextends: chagu/baseline\ncompare: [chagu/history]\n", encoding="utf-8")
    for verb in ("run", "check"):
        done = povsim(verb, "s.yaml", *SMALL, cwd=tmp_path)
        assert done.returncode == 2 and "s.yaml:3" in done.stderr and "run.opening" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


def test_calibrate_leaves_draws_and_a_page_and_a_run_takes_them(tmp_path: Path) -> None:
    only = ("work.finds_early", "opening.income_level")
    small = ("-p", "run.years=2", "--points", "20", "--draws", "4", "--only", *only)
    done = povsim("calibrate", "chagu/history", *small, "--out", "fit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "校准 34/34" in done.stderr and "454" in done.stdout and "留出" not in done.stdout, "2016 is not lived"
    names = re.findall(r"^  (\S+)", done.stdout.partition("已写入")[2], re.MULTILINE)
    assert set(names) == {path.name for path in (tmp_path / "fit").iterdir()} - {"status.json"}
    drawn = ("-p", "run.draws=4", "-p", "run.fit=fit")
    ran = povsim("simulate", "chagu/baseline", *SMALL, *drawn, "--out", "run", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))["draws"] == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chagu/history", "--only", "work.finds_erly"), "work.finds_early"),
        (("chagu/history", "--for", "chagu/basline"), "chagu/baseline"),
    ],
)
def test_what_cannot_be_calibrated_is_2_before_the_long_work(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = povsim("calibrate", *words, "--out", "fit", cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and not (tmp_path / "fit").exists()


def test_report_of_a_folder_that_no_run_left_is_2(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = povsim("report", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_bad_params_are_2_with_every_fault_and_nothing_written(tmp_path: Path) -> None:
    done = povsim("run", "-p", "work.finds_abel=0.2", "-p", "run.replicates=many", "-p", "run.opening=2014", cwd=tmp_path)
    assert done.returncode == 2
    assert all(word in done.stderr for word in ("work.finds_abel", "work.finds_able", "run.replicates", "many")), done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_opening_that_the_place_does_not_have_is_2_and_nothing_written(tmp_path: Path) -> None:
    done = povsim("simulate", "-p", "run.opening=2014", cwd=tmp_path)
    assert done.returncode == 2 and "2014" in done.stderr and "2016" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_that_fails_is_1_and_says_where_and_no_old_page_is_left(root: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data_root", tmp_path / "out"
    for tree in ("params", "data", "notebooks"):
        shutil.copytree(root / tree, data / tree)
    notebook = data / "notebooks" / "20_show_return_risk.ipynb"
    broken = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in broken["cells"] if cell["cell_type"] == "code"]
    code[1]["source"] = ["raise RuntimeError('no such village')"]
    notebook.write_text(json.dumps(broken), encoding="utf-8")
    with Status(out):
        (out / "report.html").write_text("of an earlier run", encoding="utf-8")
    done = povsim("run", *SMALL, "-p", "run.scope=registered", "--out", "out", cwd=tmp_path, POVSIM_DATA=str(data))
    assert done.returncode == 1
    assert "no such village" in done.stderr and "Traceback" not in done.stderr and "已写入" not in done.stdout
    status = json.loads((out / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["where"]) == ("failed", "notebook") and "no such village" in status["error"]
    assert (out / "tables").is_dir() and not (out / "report.html").exists()
    assert (out / "lists" / "exit_list.xlsx").is_file() and (out / "notebooks" / "30_show_measures.ipynb").is_file()
    assert re.search(r"^脱贫：", done.stdout, re.MULTILINE), "the numbers are said before the papers are made"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_job_leaves_a_status_that_says_so(tmp_path: Path, number: int, code: int) -> None:
    words = [
        sys.executable,
        "-m",
        "povsim",
        "simulate",
        "-p",
        "run.replicates=10000",
        "-p",
        "run.scope=registered",
        "--out",
        "out",
    ]
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr
    while "模拟" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(number)
    assert process.wait(timeout=60) == code
    status = json.loads((tmp_path / "out" / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["where"]) == ("failed", "simulate")
    assert not (tmp_path / "out" / "tables").exists()


def test_synth_writes_the_tables_and_their_fit(tmp_path: Path) -> None:
    done = povsim("synth", "chagu", "--opening", "2013", "--out", "镇", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    households = pd.read_parquet(tmp_path / "镇" / "households.parquet")
    assert len(households) == 9843 and (households["status"] == 1).sum() == 2751
    assert (tmp_path / "镇" / "fit.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "fit.csv" in done.stdout


def test_check_tells_a_place_a_scenario_and_parameters_apart(root: Path, tmp_path: Path) -> None:
    for name, word in (
        ("data/places/chagu.yaml", "比 2016 年末在册的 3,724 人多 64 人"),
        ("params/chagu/pv_late.yaml", "模拟 2017–2021 年"),
        ("params/work.yaml", "个参数"),
    ):
        done = povsim("check", str(root / name), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "没有发现错误" in done.stdout and word in done.stdout
    bad = tmp_path / "坏.yaml"
    bad.write_text("extends: chagu/baseline\nrun: {replicates: -1, sead: 3}\n", encoding="utf-8")
    done = povsim("check", "坏.yaml", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2
    assert "坏.yaml:2:" in done.stderr and "seed" in done.stderr and "replicates" in done.stderr
    missing = povsim("check", "none.yaml", cwd=tmp_path)
    assert missing.returncode == 2 and "none.yaml" in missing.stderr


def test_a_village_that_the_place_does_not_have_is_a_fault_with_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "schema: povsim/1\nextends: chagu/baseline\nmeasures:\n  industry_tourism:\n    eligible: {village: [梅岭村, 白畈]}\n",
        encoding="utf-8",
    )
    for words in (("check", str(file)), ("simulate", str(file), *SMALL)):
        done = povsim(*words, cwd=tmp_path)
        assert done.returncode == 2, done.stdout
        assert f"{file.name}:5" in done.stderr and "梅岭村" in done.stderr and "梅岭？" in done.stderr
        assert "白畈" not in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_kind_of_an_installed_package_is_known_before_a_scenario_is_read(tmp_path: Path) -> None:
    """An entry point as a package leaves it; mutation: kinds looked for only when the engine asks."""
    (tmp_path / "bees-1.dist-info").mkdir()
    (tmp_path / "bees-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: bees\nVersion: 1\n", encoding="utf-8")
    (tmp_path / "bees-1.dist-info" / "entry_points.txt").write_text("[povsim.kinds]\nbees = bees\n", encoding="utf-8")
    (tmp_path / "bees.py").write_text(
        "from povsim.policy.kind import Kind\n"
        "KIND = Kind(name='bees', yields=lambda view, held, p, u: {'industry': p.honey})\n"
        "RECORDS = {'honey': dict(name={'zh': '蜂蜜', 'en': 'honey'}, unit='yuan', value=100, range=[0, 200], role='lever',"
        " grade='C', source='estimate: a test')}\n",
        encoding="utf-8",
    )
    file = tmp_path / "s.yaml"
    file.write_text(
        "schema: povsim/1\nextends: chagu/baseline\nmeasures:\n  b: {kind: bees, title: 养蜂, honey: 150}\n", encoding="utf-8"
    )
    done = povsim("check", str(file), cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = "import povsim; print([m.kind for m in povsim.load_scenario('s.yaml').measures])"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"}
    asked = subprocess.run([sys.executable, "-c", page], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=100)
    assert "bees" in asked.stdout, asked.stderr
