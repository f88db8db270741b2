import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from povsim.core.errors import ResultsError
from povsim.core.schema import LACKS
from povsim.results import contract
from povsim.results.contract import TABLES
from povsim.results.results import Results
from povsim.results.status import Status, read_status

HERE = Path(__file__).parent


def test_what_is_written_is_read_back(results, tmp_path):
    folder = results.write(tmp_path / "某县 运行" / "一")
    back = Results.read(folder)
    for name, table in results.tables.items():
        pd.testing.assert_frame_equal(back[name], table)
        assert back[name].attrs == table.attrs
    pd.testing.assert_frame_equal(back.reported, results.reported)
    same = ("manifest", "params", "place", "plan", "years", "replicates", "opening")
    assert all(getattr(back, name) == getattr(results, name) for name in same)
    assert read_status(folder)["state"] == "done"
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "params.yaml", "status.json", "tables"]


def test_columns_carry_unit_and_words_into_the_file(results, tmp_path):
    results.write(tmp_path)
    field = parquet.read_schema(tmp_path / "tables" / "spending.parquet").field("cash")
    assert field.metadata[b"unit"] == b"yuan"
    assert field.metadata[b"zh"].decode() == "发放现金"
    assert results["ledger"].attrs["labels"]["closing"]["zh"] == "年末数"


def _without(column):
    return lambda table: table.drop(columns=column)


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("exits", _without("wrong_exits"), "exits.wrong_exits"),
        ("exits", lambda t: t.assign(qualified_person=1), "qualified_persons"),
        ("exits", lambda t: t.assign(wrong_exits=0.5), "float64"),
        ("exits", lambda t: pd.concat([t, t.head(1)]), "exits = "),
        ("ledger", lambda t: t.assign(closing=t["closing"] + 1), "年末"),
        ("returns", lambda t: t.assign(registered=-1), "returns.registered = -1"),
    ],
)
def test_tables_that_break_the_contract_are_refused(make_results, results, table, change, said):
    tables = {**results.tables, table: change(results[table])}
    with pytest.raises(ResultsError, match=said):
        make_results(tables=tables)


@pytest.mark.parametrize(
    ("name", "general"),
    [
        ("income_2018", "income_<year>"),
        ("held_tea_2018", "held_<measure>"),
        ("held_茶园", "held_<measure>"),
        ("income_20188", None),
        ("income_", None),
        ("p_never", "p_never"),
        ("p_neverr", None),
    ],
)
def test_a_column_may_stand_for_many(name, general):
    column = TABLES["households"].column(name)
    assert (column and column.name) == general
    assert "held_<measure>" not in TABLES["households"].fixed


def test_no_table_is_told_twice():
    assert [table.name for table in contract._TABLES] == list(TABLES)


def test_a_household_has_a_column_for_each_thing_it_may_lack():
    assert [name for name in TABLES["households"].fixed if name.startswith("lacks_")] == [f"lacks_{lack}" for lack in LACKS]


def test_all_faults_are_said_at_once(make_results, results):
    tables = {**results.tables, "exit": results["exits"], "returns": results["returns"].drop(columns="registered")}
    manifest = {key: value for key, value in results.manifest.items() if key != "seed"}
    with pytest.raises(ResultsError) as caught:
        make_results(tables=tables, manifest=manifest)
    keys = {fault.key: fault.mend for fault in caught.value.faults}
    assert keys.keys() == {"exit", "returns.registered", "manifest.seed"}
    assert "exits" in keys["exit"]


def test_a_table_that_is_not_there_is_named(results):
    with pytest.raises(ResultsError, match="households"):
        results["households"]


# A write renames in this order: status, status, params, manifest (all four beside), the old tables away, the new ones in, status.
@pytest.mark.parametrize(
    ("renames", "read"), [(1, "old"), (3, "old"), (4, None), (5, None), (6, None), (7, None), (8, "new")], ids=str
)
def test_a_killed_write_leaves_the_old_or_nothing(make_results, results, tmp_path, renames, read):
    old = {**results.manifest, "run_id": "old"}
    make_results(2, manifest=old).write(tmp_path)
    script = f"""
import os, runpy, signal
done, replace = 0, os.replace
def counted(*names, **more):
    global done
    if done == {renames}:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    replace(*names, **more)
make = runpy.run_path({str(HERE / "fake.py")!r})["make_results"]
results = make(3, manifest={{**{old!r}, "run_id": "new"}})
os.replace = counted
results.write({str(tmp_path)!r})
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert read_status(tmp_path)["state"] == "running"
    if read is None:
        with pytest.raises(ResultsError):
            Results.read(tmp_path)
    else:
        back = Results.read(tmp_path)
        assert (back.manifest["run_id"], back.replicates) == ((read, 2) if read == "old" else (read, 3))
    make_results(2).write(tmp_path)
    assert Results.read(tmp_path).replicates == 2
    assert not list(tmp_path.glob(".writing-*"))


def test_a_table_that_was_touched_is_refused(results, tmp_path):
    results.write(tmp_path)
    (tmp_path / "tables" / "exits.parquet").write_bytes((tmp_path / "tables" / "returns.parquet").read_bytes())
    with pytest.raises(ResultsError, match=r"exits\.parquet"):
        Results.read(tmp_path)


def test_status_says_where_a_job_failed(tmp_path):
    with pytest.raises(KeyError), Status(tmp_path) as status:
        status.at("simulate")
        assert read_status(tmp_path)["state"] == "running"
        raise KeyError("wage")
    record = read_status(tmp_path)
    assert (record["state"], record["where"], record["error"]) == ("failed", "simulate", "KeyError: 'wage'")


def test_results_print_well(results):
    page = results._repr_html_()
    assert all(word in page for word in ("样本镇", "基准方案", "2017", "合成数据", "台账", "全部农户"))
    assert "Sample town" in results._repr_html_("en")


def test_a_number_of_a_village_has_its_interval_or_says_why_it_has_none():
    """A share of replicates is itself what is uncertain: it has no interval, here as elsewhere."""
    columns = {column.name: column for column in TABLES["villages"].columns if column.dtype == "float64"}
    bare = [one for name, one in columns.items() if not name.endswith(("_low", "_high")) and f"{name}_low" not in columns]
    assert [one.name for one in bare] == ["p_exited"]
    assert "无区间" in bare[0].zh and "no interval" in bare[0].en
