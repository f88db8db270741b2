"""Stress blocks: each says what it changes, strikes in its years alone, and shares the luck of the run without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from povsim.core.errors import ParamsError
from povsim.core.labels import label
from povsim.core.params import check_params, data_root, draws_of, load_scenario
from povsim.core.params.stress import FOREVER, _block, read_block, stress_names
from povsim.core.params.tree import Mark, parse
from povsim.engine.run import record
from povsim.simulation.alternatives import without_measures
from povsim.simulation.simulate import simulate
from tests.engine import plan

BASE = data_root() / "params" / "chagu" / "baseline.yaml"
SHORT = ("run.replicates=4", "run.years=3", "run.threads=1", "run.draws=2", "run.seed=5")
BLOCKS = {
    "pandemic", "price_collapse", "disaster_year", "pv_arrears", "dividend_firm_stops", "medical_cutback", "support_tapered",
    "support_withdrawn",
}  # fmt: skip


def scenario(*overrides):
    return load_scenario(BASE, (*SHORT, *overrides))


@pytest.fixture(scope="module")
def part(villages):
    return villages(3)


@pytest.fixture(scope="module")
def base(part, place):
    return simulate(part, scenario(), place)


def test_the_named_blocks_are_there_and_sound():
    assert set(stress_names()) == BLOCKS
    for name in stress_names():
        block, faults = read_block(name)
        assert not faults and not check_params(data_root() / "params" / "stress" / f"{name}.yaml")
        assert block.title.zh and block.title.en and block.about.zh and block.about.en
        assert block.changes or block.ends
        for change in block.changes:
            assert (
                change.record.source
                and change.record.grade in "ABC"
                and (change.record.low is not None or change.how == "year" or change.record.unit == "true/false")
            )
    assert [name for name in stress_names() if read_block(name)[0].extreme] == ["support_withdrawn"]


def number(results, name):
    """A number of 2018 that a block must move, mean over replicates."""
    indicators = results["indicators"].query("year == 2018 and group == 'registered'")
    spending = results["spending"].query("year == 2018")
    kinds = {one.id: one.kind for one in scenario().measures}
    if name in indicators:
        return float(indicators[name].mean())
    if name == "public":
        return float(spending[["cash", "kind_value", "village", "overhead"]].sum().sum() - spending["from_village"].sum())
    of_kind = spending[spending["measure"].map(kinds).eq(name) | spending["measure"].eq(name)]
    return float(of_kind[["cash", "village"]].sum().sum())


@pytest.mark.parametrize(
    ("name", "moved", "sign"),
    [
        ("pandemic", "wage", -1),
        ("price_collapse", "operating", -1),
        ("disaster_year", "operating", -1),
        ("pv_arrears", "pv", -1),
        ("dividend_firm_stops", "operating", -1),
        ("medical_cutback", "relief", 1),
        ("support_tapered", "public", -1),
        ("support_tapered", "wage", -1),
        ("support_withdrawn", "public", -1),
    ],
)
def test_each_block_strikes_in_its_year_and_not_before(part, place, base, name, moved, sign):
    hit = simulate(part, scenario(f"stress.{name}=2018"), place)
    for table in ("ledger", "exits", "returns", "spending", "indicators", "lacking"):
        before, then = (one[table].query("year == 2017").reset_index(drop=True) for one in (base, hit))
        pd.testing.assert_frame_equal(before, then, check_exact=True)
    assert sign * (number(hit, moved) - number(base, moved)) > 0.0
    assert hit.manifest["stress"][0]["name"] == name and hit.manifest["stress"][0]["hits"]
    assert hit.manifest["draws"] == base.manifest["draws"] and hit.manifest["run_id"] != base.manifest["run_id"]


def test_posts_fall_where_support_tapers_and_those_paid_from_pv_stay(part, place, base):
    """Mutation: a third of the posts ends and is filled again, so that as many are paid, and more have worked."""
    hit = simulate(part, scenario("stress.support_tapered=2018"), place)
    holders = [one["spending"].groupby(["measure", "year"])["holders"].sum() for one in (base, hit)]
    for measure, most in (("public_posts", 0.8), ("workshop", 0.8)):
        before, then = (one[measure] for one in holders)
        assert then[2018] < most * then[2017] and then[2019] < most * then[2018] and then[2019] < 0.6 * before[2019]
    paid = [one["spending"].query("measure == 'village_posts' and year == 2019")["cash"].sum() for one in (base, hit)]
    assert paid[1] == pytest.approx(paid[0], rel=0.02) and paid[0] > 0, "as far as the villages' money goes"
    mean = [one["indicators"].query("group == 'registered'").groupby("year")["mean"].mean() for one in (base, hit)]
    assert mean[1][2017] == mean[0][2017] and mean[1][2018] < mean[0][2018] and mean[1][2019] < mean[0][2019]


def test_blocks_add_up_in_one_run(part, place):
    both = scenario("stress.disaster_year=2018", "stress.price_collapse=2019")
    assert [(one.name, one.first, one.last) for one in both.stress] == [
        ("disaster_year", 2018, 2018), ("price_collapse", 2019, 2020),
    ]  # fmt: skip
    assert [both.values("shocks", year).disaster_factor for year in (2017, 2018, 2019)] == [1.0, 3.0, 1.0]
    tea = both.measure("industry_tea")
    assert [tea.values(year).price_level for year in (2018, 2019, 2020, 2021)] == [1.0, 0.5, 0.75, 1.0]
    assert both.titled.zh == "基准方案＋大灾年（2018 年起）＋农产品价格大跌（2019 年起）"


def test_a_parameter_that_is_struck_is_drawn_as_before_outside_the_block():
    plain, hit = scenario("run.fit=''"), scenario("run.fit=''", "stress.price_collapse=2018", "stress.pv_arrears=2018")
    assert draws_of(plain) == draws_of(hit)
    draw = draws_of(hit)[0]
    drawn, struck = plain.with_draw(draw).values("farming", 2018).margin_mu, hit.with_draw(draw).values
    assert drawn != 400.0
    assert struck("farming", 2017).margin_mu == drawn and struck("farming", 2018).margin_mu == pytest.approx(0.8 * drawn)
    assert hit.with_draw(draw).measure("pv_wozi").values(2018).arrears == 3.0


def test_a_value_that_a_measure_states_itself_is_struck_too_and_dated_ones_keep_their_years():
    hit = scenario("stress.dividend_firm_stops=2018", "measures.industry_tea.firm_failure=0.03", "kinds.industry.firm_unpaid=0.4")
    tea = [hit.measure("industry_tea").values(year) for year in (2017, 2018, 2019)]
    assert [one.firm_failure for one in tea] == [0.03, 1.0, 0.03] and [one.firm_unpaid for one in tea] == [0.4, 1.0, 0.4]
    health = scenario("run.years=9", "stress.medical_cutback=2020")
    shares = [health.values("health", year).reimbursed_exited for year in (2019, 2020, 2021, 2022, 2025)]
    assert shares == [0.858, 0.58, 0.58, 0.58, 0.58] and health.stress[0].last == FOREVER
    grants = scenario("stress.support_tapered=2018").measure("college_relief")
    assert [grants.values(year).grant["college"] for year in (2017, 2018, 2019, 2021)] == [1510.0, 1132.5, 755.0, 377.5]
    caps = scenario("stress.medical_cutback=2018", "measures.cover={kind: health}").measure("cover")
    assert [caps.values(year).capped for year in (2017, 2018, 2019)] == [True, False, False], "what is true or false too"


def test_the_pandemic_of_2020_stays_where_it_was():
    hit = scenario("run.years=6", "stress.pandemic=2018")
    economy = {year: hit.values("economy", year) for year in (2017, 2018, 2019, 2020)}
    struck = [year for year, of in economy.items() if of.pandemic_year == year]
    assert struck == [2018, 2020] and economy[2018].pandemic_months_away == 2.0 and economy[2020].pandemic_months_away == 1.0


def test_without_a_year_a_block_begins_in_its_own():
    assert scenario("stress.disaster_year=true").stress[0].first == 2018
    assert scenario("run.years=1", "stress.disaster_year=true").stress[0].first == 2017, "a run of one year"


def test_files_state_blocks_by_list_or_mapping_and_add_to_what_they_extend(tmp_path):
    def written(name, text):
        file = tmp_path / f"{name}.yaml"
        file.write_text(f"schema: povsim/1\n{text}\n", encoding="utf-8")
        return load_scenario(file)

    one = written("one", f"extends: {BASE}\nstress: [disaster_year, pandemic]")
    assert [(s.name, s.first) for s in one.stress] == [("disaster_year", 2018), ("pandemic", 2018)]
    two = written("two", "extends: one\nstress: {pandemic: 2019, price_collapse: 2020, disaster_year: null}")
    assert [(s.name, s.first) for s in two.stress] == [("pandemic", 2019), ("price_collapse", 2020)]
    (tmp_path / "resolved.yaml").write_text(two.to_yaml(), encoding="utf-8")
    again = load_scenario(tmp_path / "resolved.yaml")
    assert again == two and again.fingerprint() == two.fingerprint() != load_scenario(BASE).fingerprint()
    assert str(without_measures(two).titled) == str(label("simulation_without")) + "".join(s.words() for s in two.stress)


def test_a_block_with_nothing_to_hit_says_so(tmp_path, part, place, monkeypatch):
    monkeypatch.setenv("POVSIM_LANG", "en")
    bare = without_measures(scenario("stress.pv_arrears=2018", "stress.price_collapse=2018", "stress.support_withdrawn=2018"))
    arrears, prices, withdrawn = bare.stress
    assert not arrears.hits and arrears.missing == ("pv",) and "nothing to hit" in arrears.remark() and "pv" in arrears.remark()
    assert prices.hits and "industry" in prices.remark() and "the rest of it holds" in prices.remark()
    assert not withdrawn.hits and "nothing to hit" in withdrawn.remark()
    assert scenario("stress.pv_arrears=2018").stress[0].remark() == ""
    told = simulate(part, bare.replaced({"run.replicates": 1}), place).manifest["stress"]
    assert [(one["hits"], one["missing"]) for one in told] == [(False, ["pv"]), (True, ["industry"]), (False, [])]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("stress.panemic=true", "stress.panemic"),
        ("stress.pandemic=2030", "stress.pandemic"),
        ("stress.pandemic=soon", "stress.pandemic"),
        ("stress=7", "stress"),
        ("stress=[7]", "stress"),
    ],
)
def test_a_wrong_block_or_year_is_a_fault(said, key):
    with pytest.raises(ParamsError) as refused:
        scenario(said)
    assert [fault.key for fault in refused.value.faults] == [key] and refused.value.faults[0].mend


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("title: {zh: 甲, en: a}\nsets: {shocks.disaster_factr: RECORD}", "shocks.disaster_factr"),
        ("title: {zh: 甲, en: a}\nsets: {kinds.nothing.x: RECORD}", "kinds.nothing.x"),
        ("title: {zh: 甲, en: a}\nsets: {economy.pandemic_year: RECORD}", "economy.pandemic_year.unit"),
        ("title: {zh: 甲, en: a}\nsets: {shocks.disaster_factor: {unit: ratio, value: 3}}", "shocks.disaster_factor.source"),
        ("title: {zh: 甲, en: a}\nlasts: -1", "lasts"),
        ("titel: {zh: 甲, en: a}", "titel"),
        ("title: {zh: 甲, en: a}\nends: {spares: [nobody]}", "ends.spares"),
    ],
)
def test_a_faulty_block_is_refused_with_its_place(text, key):
    record_ = "{name: {zh: 甲, en: a}, unit: ratio, value: 3, range: [1, 5], role: lever, grade: C, source: 'estimate: x'}"
    tree, found = parse(text.replace("RECORD", record_), Mark("default", "block.yaml"))
    faults = list(found)
    _block("block", tree, faults)
    assert key in {fault.key for fault in faults} and all(fault.file == "block.yaml" and fault.line for fault in faults)


# --- support that ends -----------------------------------------------------------------------------------


def test_where_support_ends_holders_get_nothing_more_and_what_was_built_stays(tmp_path):
    tea = {**plan.PLAIN_ORCHARD, "product": "hens", "award": 1000, "awarded": 1.0, "ends": 2019, "start": {"year": 2017}}
    tea |= {"price_sd": {"hens": 0.0}, "scale_factor": 0.2}
    posts = {"kind": "employment", "form": "public", "quota": {"posts": 3}, "ends": 2019, "take_up": 1.0}
    plan.FRAME += ("ends",) if "ends" not in plan.FRAME else ()
    world = plan.town(tmp_path, {"hens": tea, "posts": posts}, made=plan.homes([{}] * 6), years=4)
    watched = [record([world], h, [0])[0] for h in range(6)]
    given = np.stack([watch.given.sum(axis=-1) for watch in watched])  # household, year, measure
    assert (given[:, 1:3] > 0).any(axis=0).all(), "both pay while they run"
    assert not given[:, 3:, 1].any() and not any(watch.held[3:, 1].any() for watch in watched), "posts are gone"
    award = [watch.given[:, 0, plan_item("award")] for watch in watched]
    assert all((a[1:3].sum() > 0) and not a[3:].any() for a in award), "no award any more"
    assert all(watch.held[4, 0] and watch.given[4, 0, plan_item("industry")] != 0 for watch in watched), "the hens are there"


def plan_item(name):
    from povsim.core.schema import ITEMS

    return [item.name for item in ITEMS].index(name)


def test_all_support_withdrawn_spares_the_safety_net_and_is_called_an_extreme_case(part, place, base):
    hit = scenario("stress.support_withdrawn=2018")
    kinds = {one.id: one.kind for one in hit.measures}
    assert {one.kind for one in hit.measures if one.ends is None} == {"safety_net"}
    assert {one.ends for one in hit.measures if one.kind != "safety_net"} == {2018}
    assert "极端情形，非现行政策" in hit.titled.zh and "not current policy" in hit.titled.en
    results = simulate(part, hit, place)
    later = results["spending"].query("year >= 2018").assign(kind=lambda t: t["measure"].map(kinds))
    holders = later.groupby("kind")["holders"].sum()
    assert holders["employment"] == holders["education"] == holders["collective"] == 0 < holders["safety_net"]
    assert holders["industry"] > 0, "gardens stay"
    assert later.query("kind == 'industry'")[["cash", "kind_value", "new_holders"]].sum().sum() == 0
    assert "极端情形" in results.manifest["scenario"]["zh"] and "极端情形" in results._repr_html_("zh")


def test_support_that_ends_by_its_own_year_is_not_made_longer_by_a_block():
    hit = scenario("stress.support_withdrawn=2019", "measures.training.ends=2018")
    assert (hit.measure("training").ends, hit.measure("transport").ends) == (2018, 2019)
