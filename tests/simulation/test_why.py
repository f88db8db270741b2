"""One household opened: its account adds up to the fen, every entry has its giver, and nobody's life is changed by looking."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ResultsError
from povsim.core.params import data_root, load_scenario
from povsim.core.schema import EXPENSES, ITEMS, LACKS, Capacity, Cause, Status, Work
from povsim.engine import columns as c
from povsim.engine import ledger
from povsim.engine.draws import Draws
from povsim.engine.recorder import ASIDE, AT_LAST, LOSSES, NOTED, Recorder
from povsim.engine.run import open_replicate, record, run, run_replicate
from povsim.engine.world import build_world
from povsim.engine.year import run_year
from povsim.results.results import Results
from povsim.simulation.simulate import simulate
from povsim.simulation.why import OWN, PARTS, Why, whole_yuan
from tests.engine import plan

ITEM = {item.name: i for i, item in enumerate(ITEMS)}
ONLY_MEASURES = ("industry", "award", "pv_dividend", "collective_share", "dibao", "tekun", "relief")
NO_MEASURE = ("wage_local", "wage_away", "farm", "rent", "pension", "resettlement", "support_children")


@pytest.fixture(scope="module")
def part(villages):
    return villages(2)


@pytest.fixture(scope="module")
def scenario():
    overrides = ("run.replicates=3", "run.years=3", "run.threads=1", "run.draws=2")
    return load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", overrides)


@pytest.fixture(scope="module")
def results(part, scenario, place):
    return simulate(part, scenario, place)


@pytest.fixture(scope="module")
def homes(results, part):
    """A household on dibao, one that is linked to a station, a large one: by pseudonym."""
    h, sizes = part.households, part.sizes
    poor = np.flatnonzero(h["status"] == Status.POOR)
    dibao = poor[part.per_household(part.persons["dibao"] > 0)[poor] > 0][0]
    linked = poor[h["pv_linked"][poor]][0]
    return [str(h["household_id"][i]) for i in (dibao, linked, poor[np.argmax(sizes[poor])])]


@pytest.fixture(scope="module")
def opened(results, homes):
    return [results.why(home) for home in homes]


def test_the_parts_add_up_to_the_income_to_the_fen(opened):
    for why in opened:
        account = why.account
        for replicate, watch in enumerate(why.records):
            mine = account[account["replicate"] == replicate]
            assert (mine.groupby("year")["fen"].sum().reindex(why.years, fill_value=0) == watch.items.sum(axis=1)).all()
        head = np.stack([one.heads[:, 0] * np.maximum(one.noted[:, NOTED.index(c.SIZE)], 1) * 100 for one in why.records])
        registry = account[account["registry"]].pivot_table(index="replicate", columns="year", values="fen", aggfunc="sum")
        assert np.allclose(registry.reindex(columns=why.years, fill_value=0).fillna(0.0), head, atol=0.01)


def test_what_is_recorded_is_what_is_lived(part, homes):
    """Against the accounts of the whole pool, lived without any recorder."""
    row = int(np.flatnonzero(part.households["household_id"] == homes[0])[0])
    held = load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", ("run.replicates=1", "run.years=3", "run.draws=0"))
    world = build_world(part, held)
    (watch,) = record([world], row, [0])
    draws = Draws(held.run.seed, 0)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    assert (watch.items[0] == s.items[:, row]).all()
    for y, year in enumerate(world.years, start=1):
        run_year(s, world, draws, year, book, tally)
        assert (watch.items[y] == s.items[:, row]).all() and (watch.spent[y] == s.spent[:, row]).all()
        assert watch.heads[y, 0] == s.hf[c.TRUE_HEAD, row]


def test_looking_changes_no_life(part, scenario):
    world = build_world(part, scenario)
    ((plain,), tally), watched = run([world], [1]), ledger.open_tally(world)
    book = run_replicate(world, 1, watched, Recorder(world, 5))
    for name, values in vars(plain).items():
        assert np.array_equal(values, getattr(book, name), equal_nan=values.dtype.kind == "f"), name
    assert all(np.array_equal(values, getattr(watched, name)) for name, values in vars(tally).items())


def test_every_entry_has_its_giver(opened, scenario):
    """What only measures bring is theirs to the fen, what the household earns by itself is not; a kind enters its own items."""
    kinds = {measure.id: measure.kind for measure in scenario.measures} | {OWN: OWN}
    whole = pd.concat([why.account for why in opened])
    later = whole[whole["year"] > whole["year"].min()]
    assert set(later[later["item"].isin(ONLY_MEASURES)]["by"]) & {OWN} == set()
    assert set(later[later["item"].isin(NO_MEASURE)]["by"]) == {OWN}
    assert (whole[whole["year"] == whole["year"].min()]["by"] == OWN).all(), "the opening account has no giver"
    by_kind = {item: set(rows["by"].map(kinds)) for item, rows in later.groupby("item")}
    assert by_kind["dibao"] == {"safety_net"}
    assert by_kind["pv_dividend"] == {"pv"} and by_kind["collective_share"] == {"collective"}


def test_the_wage_of_a_post_belongs_to_the_measure_whose_post_it_is(tmp_path):
    made = plan.homes([{"people": [{"work": Work.NONE, "capacity": Capacity.WEAK}]}])
    posts = {"kind": "employment", "form": "public", "quota": {"posts": 1}, "start": {"year": 2017, "month": 1}}
    world = plan.town(tmp_path, {"posts": posts}, made=made, years=1)
    (watch,) = record([world], 0, [0])
    item = ITEM["wage_post"]
    assert watch.held[1, 0] and watch.given[1, 0, item] == watch.items[1, item] > 0
    assert (watch.given[1, 0] == watch.items[1] * (np.arange(len(ITEMS)) == item)).all()


def test_a_grant_that_is_no_income_and_what_is_spared_stand_aside(tmp_path):
    made = plan.homes([{"land_mu": 20.0, "people": [{}, {"birth_year": 1997, "stage": 4, "capacity": Capacity.NONE}]}])
    plans = {
        "tea": {**plan.PLAIN_ORCHARD, "grant": 4000},
        "college": {"kind": "education", "eligible": {"stage": ["college"]}},
    }
    chosen = plan.scenario(tmp_path, plans, years=2).replaced({"measures.college.grant": {"college": 1000}})
    (watch,) = record([build_world(made, chosen)], 0, [0])
    assert watch.aside[1, 0, 0] == 400_000 and watch.aside[2, 0, 0] == 0
    spared = watch.aside[:, 1, 3].sum()
    assert spared > 0 and spared % 100_000 == 0, "what the grant takes off the cost of schooling"


def test_the_tables_add_up_and_say_who_has_what(opened, scenario):
    for why in opened:
        income, by = why.income, why.by_measure
        for year in why.years:
            parts = income[income["year"] == year].set_index("part")["mean"]
            assert parts[list(PARTS)].sum() == pytest.approx(parts["all"], abs=1e-6)
            measures = by[by["year"] == year].set_index("measure")["mean"]
            assert measures.drop("all").sum() == pytest.approx(measures["all"], abs=1e-6) == parts["all"]
        assert set(why.held["measure"]) == {measure.id for measure in scenario.measures}
        assert why.held["held"].between(0, 1).all() and why.line["above"].between(0, 1).all()
        assert (why.line["distance_mean"] - (why.line["head_mean"] - why.line["line"])).abs().max() < 1e-6
    assert opened[0].held.query("measure == 'dibao' and year > 2016")["held"].max() == 1.0


def by_hand(*, head=(4000.0, 2900.0), wage=200_000, size=2):
    """Two replicates of one household and one year, in round numbers."""
    records = []
    for yuan in head:
        watch = object.__new__(Recorder)
        watch.items = np.zeros((2, len(ITEMS)), np.int64)
        watch.items[1, ITEM["wage_local"]] = wage
        watch.items[1, ITEM["dibao"]] = round(yuan * size * 100) - wage
        watch.given = np.zeros((2, 1, len(ITEMS)), np.int64)
        watch.given[1, 0, ITEM["dibao"]] = watch.items[1, ITEM["dibao"]]
        watch.aside, watch.held = np.zeros((2, 1, 4), np.int64), np.ones((2, 1), bool)
        watch.spent, watch.lacks = np.zeros((2, len(EXPENSES)), np.int64), np.zeros((2, len(LACKS)), bool)
        watch.losses = np.zeros((2, len(LOSSES)), np.int64)
        watch.losses[1, LOSSES.index("job")], watch.losses[1, LOSSES.index("illness")] = wage, wage // 2
        watch.noted = np.zeros((2, len(NOTED)), np.int64)
        watch.noted[:, NOTED.index(c.SIZE)], watch.noted[:, NOTED.index(c.STATUS)] = size, Status.EXITED
        watch.heads, watch.lines = np.full((2, 3), yuan), np.full(2, 3000.0)
        watch.last = np.array([2017, 2018, Cause.JOB_LOSS])
        assert len(watch.last) == len(AT_LAST)
        records.append(watch)
    about = {"village": "梅岭", "size": size, "status": 1, "category": 2, "synthetic": True}
    return Why("h1", about, (2016, 2017), {"dibao": {"zh": "低保", "en": "dibao"}}, tuple(records))


def test_what_would_tip_it_back_is_counted_among_those_above_the_line():
    tips = by_hand().tips.set_index("loss")
    assert (tips["above"] == 1).all(), "the second replicate is under the line already"
    # 4,000 a head, line 3,000: half of a wage of 2,000 over two heads is 500, all of it 1,000: at the line is not under it
    assert tips.loc["job", ["cost", "tipped"]].tolist() == [1000.0, 0.0]
    assert tips.loc["illness", ["cost", "tipped"]].tolist() == [500.0, 0.0]
    assert tips.loc["dibao", ["cost", "tipped"]].tolist() == [3000.0, 1.0]
    assert tips.loc["mouth", "cost"] == pytest.approx(8000 / 2 - 8000 / 3) and tips.loc["mouth", "tipped"] == 1.0
    dearer = by_hand(head=(4000.0, 3900.0), wage=300_000).tips.set_index("loss")
    assert dearer.loc["job", ["cost", "tipped", "above"]].tolist() == [1500.0, 1.0, 2]
    assert "disaster" not in tips.index, "what costs nothing tips nobody"


def test_a_measure_may_have_the_name_of_a_loss():
    """Mutation: the loss of that name is forgotten, and the measure told as the loss."""
    one = by_hand()
    one = dataclasses.replace(one, measures={"job": {"zh": "就业帮扶", "en": "job help"}})
    assert one.tips.set_index(["loss", "measure"])["cost"].loc["job"].to_dict() == {False: 1000.0, True: 3000.0}
    assert "job help" in one.text("en") and "就业帮扶" in one.text("zh")


def test_it_speaks_both_languages_and_its_whole_yuan_add_up():
    why = by_hand()
    zh, en = why.text("zh"), why.text("en")
    assert "合成数据，非真实农户" in zh and "低保停止：少 3,000 元/人，跌破 100%" in zh and "失业" in zh
    assert "dibao ends: 3,000 yuan a head less, under it in 100%" in en and "synthetic data" in en
    for said in (zh, en):
        (line,) = [one for one in said.splitlines() if one.startswith("2017") and " = " in one]
        left, right = line.split(" = ")
        numbers = [int(n.replace(",", "")) for n in re.findall(r"-?[\d,]*\d", right)]
        assert int(re.findall(r"[\d,]+", left)[1].replace(",", "")) == sum(numbers)
    page = why._repr_html_("zh")
    assert page.count("<table>") == 4 and "低保" in page and "<script" not in page
    assert whole_yuan([0.4, 0.4, 0.4, -0.6]) == [0, 1, 0, 0] and sum(whole_yuan([1.5, 2.5, 3.49])) == 7


def test_a_chance_says_of_how_many_runs_it_is():
    """Mutation: 跌破 100% of a single run, and no word of it."""
    why = by_hand()
    assert "跌破标准的可能（按当年达到标准的 1 次模拟）" in why.text("zh") and "按当年达到标准的 1 次模拟" in why._repr_html_(
        "zh"
    )
    assert "(replicates above it: 1)" in why.text("en")
    assert "（按当年达到标准的 0 次模拟）" in by_hand(head=(2900.0, 2900.0)).text("zh")


def test_a_mean_outside_its_interval_is_explained_where_there_is_one():
    """Mutation: 1,000 (0 to 0) without a word."""
    assert "平均数可能落在区间以外" not in by_hand(head=(4000.0, 2900.0)).text("zh")
    skewed = by_hand(head=(*([4000.0] * 39), 400_000.0))
    assert "平均数可能落在区间以外" in skewed.text("zh") and "平均数可能落在区间以外" in skewed._repr_html_("zh")
    assert "the mean may lie outside the interval" in skewed.text("en")


def test_what_comes_without_measures_has_a_line_where_the_note_speaks_of_it():
    """Mutation: the note speaks of a row that only the workbook has."""
    for lang, own in (("zh", "方案措施以外："), ("en", "beside the scenario's measures")):
        lines = by_hand().text(lang).splitlines()
        (note,) = [i for i, one in enumerate(lines) if "“方案措施以外”" in one or "under 'beside the scenario's measures'" in one]
        assert lines[note - 1].startswith(own) and "2017 2,000" in lines[note - 1]


def test_what_measures_give_beside_income_is_a_sum_over_years_and_says_so():
    """Mutations: a sum under the head of yuan a year; 达标, which means all conditions, of the income alone."""
    why = by_hand()
    for one in why.records:
        one.aside[1:, 0, ASIDE.index("in_kind")] = 30_000
    total = 300 * (len(why.years) - 1)
    assert f"另，2017–{why.years[-1]} 年合计：实物和服务 {total} 元" in why.text("zh")
    assert f"另，2017–{why.years[-1]} 年合计：实物和服务 {total} 元" in why._repr_html_("zh")
    assert f"beside, 2017 to {why.years[-1]} together: in kind {total} yuan" in why.text("en")
    assert "达标" not in why.text("zh") and "2016 年（期初）尚无措施，已在领的低保" in why.text("zh")


def test_nobody_waits_for_leave_in_a_year_without_exits():
    """Mutations: 只待退出 in years in which nobody may leave; closed years where exits are open."""
    why = by_hand()
    for one in why.records:
        one.lacks[1, LACKS.index("waiting")] = True
    assert "只待退出 100%" in why.text("zh") and "只待退出 100%" in replace(why, closed_from=2018).text("zh")
    closed = replace(why, closed_from=2017)
    assert (
        "只待退出" not in closed.text("zh")
        and "退出已停办 100%" in closed.text("zh")
        and "退出已停办" in closed._repr_html_("zh")
    )
    assert "exits are closed 100%" in closed.text("en")


def test_the_line_is_the_one_that_is_stated_and_what_was_drawn_stands_beside_it(results, homes, scenario, part, place):
    """Mutations: the mean of drawn lines as if it were published; the list laid beside the line of the first draw."""
    why = results.why(homes[0])
    lines = results.manifest["lines"]["exit_line"]
    assert [why.stated[0], *why.stated[1:]] == [3100.0, *(lines[str(year)] for year in results.years)]
    drawn = why.line.iloc[1]
    assert drawn["line"] != 3300.0 and drawn["line_low"] < drawn["line_high"]
    said = why.text("zh")
    ends = f"（{round(drawn['line_low']):,}–{round(drawn['line_high']):,}）"
    assert f"标准 3,300{ends}" in said and "标准是方案所定" in said and "标准是方案所定" not in by_hand().text("zh")
    assert why.closed_from is None, "2017 to 2019"
    held = simulate(
        part, load_scenario(data_root() / "params/chagu/baseline.yaml", ("run.replicates=1", "run.years=1", "run.draws=0")), place
    )
    both = results["households"].merge(held["households"], on="household_id")
    assert len(both) and (both["to_line_x"] == both["to_line_y"]).all()


def test_a_household_is_named_by_pseudonym_or_row_never_otherwise(results, part, tmp_path, monkeypatch):
    monkeypatch.setenv("POVSIM_LANG", "en")
    first = str(part.households["household_id"][0])
    assert results.why(0, replicates=1).household == results.why(first, replicates=1).household == first
    with pytest.raises(ResultsError, match="row from 0 to"):
        results.why(len(part.households["village"]))
    with pytest.raises(ResultsError, match=re.escape(first[:-1])):
        results.why(first + "x")
    results.write(tmp_path)
    with pytest.raises(ResultsError, match="read from files"):
        Results.read(tmp_path).why(first)


def test_all_replicates_and_any_number_of_threads_give_the_same(results, homes):
    one, two = results.why(homes[1], threads=1), results.why(homes[1], threads=3)
    pd.testing.assert_frame_equal(one.account, two.account)
    assert len(one.records) == 3, "no more than the run had"
