"""The safety net over the years: who is listed, what is paid from when, what takes it away; its two bodies agree to the bit."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from povsim.core.normals import normal_of
from povsim.core.params import data_root, load_scenario
from povsim.core.schema import EXPENSES, Capacity, Health, Monitoring, Stage, Status, Work
from povsim.engine import allocation, labour, measures, safety_net, safety_net_loop
from povsim.engine import columns as c
from povsim.engine import compile as compiler
from povsim.engine.measures import ITEM
from povsim.engine.recorder import Recorder
from povsim.engine.shelf import CASH, CROWDED_OUT, HOLDERS, KIND_VALUE, NEW, NEWLY_SERVED, OVERHEAD, UNMET
from povsim.engine.state import MATRICES
from povsim.engine.world import build_world
from povsim.engine.year import live_year
from povsim.population.places import load_place
from povsim.population.synthesis import synthesise
from tests.engine import plan

NET = dict(
    kind="safety_net", listing=1.0, listing_labour=1.0, obligation=0.0, imputed_able=0.0, imputed_support=0.0, working_cost=0.0
)
SURE = {**NET, "gap_share": 1.0, "recheck": {"labour": 1.0, "none": 1.0}}
STANDARD = dict.fromkeys(range(2013, 2026), 4000)
LINES = {"dibao_standard": STANDARD}
OLD_ALONE = {"birth_year": 1940, "capacity": Capacity.LOST, "tekun": 1}


def net(folder, rows, entries=SURE, more=None, **groups):
    """A world with the safety net over households written out; the standard is 4,000 every year."""
    plans = {**(more or {}), "net": entries}
    return plan.town(folder, plans, made=plan.homes(rows), lines=LINES, **groups)


def live(world, heads, years, change=lambda s, year: None):
    """Years in which each household earns ``heads`` (yuan a head, a row a year) by farming; the states after each year."""
    s, draws = plan.begin(world)
    s.items[:] = 0
    s.items[ITEM["farm"]] = np.rint(np.asarray(heads[0]) * s.hi[c.SIZE] * 100)
    out = []
    for year, head in zip(years, heads, strict=True):
        s.begin_year()
        s.hi[c.DELIVERED] = 0
        s.items[ITEM["farm"]] = np.rint(np.asarray(head) * s.hi[c.SIZE] * 100)
        change(s, year)
        safety_net.decide(s, world, draws, year)
        out.append(s.copy())
    return out


def paid(s, item="dibao"):
    return (s.items[ITEM[item]] / 100).tolist()


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize(
    ("item", "home"), [("dibao", {}), ("tekun", {"people": [OLD_ALONE], "category": 3})], ids=["dibao", "tekun"]
)
def test_it_pays_from_its_start_to_its_last_year(engine, item, home, tmp_path, monkeypatch):
    """Mutations: it is open before it begins; it is open after its last year."""
    monkeypatch.setenv("POVSIM_ENGINE", engine)
    world = net(tmp_path, [home], {**SURE, "tekun_listing": 1.0, "children_away": 0.0, "start": {"year": 2018}, "until": 2018})
    states = live(world, [[500.0]] * 3, (2017, 2018, 2019))
    assert [paid(s, item)[0] > 0.0 for s in states] == [False, True, False]


def test_who_is_on_it_and_paid_in_full_is_not_under_the_standard(tmp_path):
    heads = [500.0, 2000.0, 3999.0, 4000.0, 9000.0]
    rows = [{"people": [{}] * (1 + i % 3)} for i in range(5)]
    world = net(tmp_path, rows)
    first, second = live(world, [heads, heads], (2017, 2018))
    reached = (second.items[[ITEM["farm"], ITEM["dibao"]]].sum(axis=0) / 100) / second.hi[c.SIZE]
    assert (reached >= 4000).all()
    assert (second.hi[c.NETTED] > 0).tolist() == [True, True, True, False, False]
    assert paid(second)[:3] == pytest.approx([3500, 4000, 3 * 800])  # the last gap is small: a fifth of the standard is the least
    # listed in month 6: half of it, for it is no year-end correction
    assert paid(first) == pytest.approx([x / 2 for x in paid(second)])


def test_whom_it_can_not_reach_is_passed_over_without_loss(tmp_path, monkeypatch):
    """Mutation: a condition left out of those by which it sees who can be reached; all households looked at give the same."""
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")  # the compiled body passes over nobody
    likely = {name: 0.7 for name in ("listing", "listing_labour", "obligation", "tekun_listing", "relief_granted")}
    plans = {"net": dict(kind="safety_net", single_ceiling=1.5, relief_threshold=3000, relief_ceiling=3.0, **likely)}
    states = []
    for everybody in (False, True):
        world = plan.town(tmp_path, plans)
        if everybody:
            monkeypatch.setattr(safety_net, "_reached", lambda s, *_: np.ones(s.hi.shape[1], bool))
        s, draws = plan.begin(world)
        for year in (2017, 2018, 2019):
            live_year(s, world, draws, year)
        states.append(s)
    some, all_ = states
    assert np.array_equal(some.items, all_.items)
    assert np.array_equal(some.hi, all_.hi)
    assert np.array_equal(some.pi, all_.pi)
    assert np.array_equal(some.held["net"]["books"], all_.held["net"]["books"])
    assert (some.items[[ITEM["dibao"], ITEM["relief"]]].sum(axis=1) > 0).all()


def test_the_listed_are_covered_counted_and_booked(tmp_path):
    world = net(tmp_path, [{"people": [{}, {"capacity": 0}]}, {}])
    (s,) = live(world, [[1000.0, 9000.0]], (2017,))
    assert (s.pi[c.DIBAO] > 0).tolist().count(True) == 2
    assert s.hi[c.NETTED].tolist() == [2017, 0]
    assert s.hi[c.DELIVERED].tolist() == [1, 0]
    assert s.hi[c.CATEGORY].tolist() == [0, 0]  # the register's category stays
    books = measures.spending(s, world, 2017)[0]
    assert books[[HOLDERS, NEW, NEWLY_SERVED, UNMET]].tolist() == [1, 1, 1, 0]
    assert books[CASH] == s.items[ITEM["dibao"]].sum() == 300_000
    assert books[OVERHEAD] == 15_000


def test_not_everyone_who_is_eligible_is_listed_least_of_all_with_able_workers(tmp_path):
    weak = {"people": [{"capacity": Capacity.WEAK, "birth_year": 1960}]}
    world = net(tmp_path, [{}] * 1000 + [weak] * 1000, {**SURE, "listing": 0.25, "listing_labour": 0.25})
    (s,) = live(world, [[1000.0] * 2000], (2017,))
    on = s.hi[c.NETTED] > 0
    assert on[:1000].mean() == pytest.approx(0.0625, abs=0.02)
    assert on[1000:].mean() == pytest.approx(0.25, abs=0.035)
    assert s.held["net"]["books"][UNMET] == (~on).sum()


def test_share_of_the_gap_and_standard_go_by_year(tmp_path):
    world = plan.town(
        tmp_path,
        {"net": {**NET, "gap_share": {2017: 0.5, 2018: 1.0}}},
        made=plan.homes([{}]),
        lines={"dibao_standard": {year: 4000 if year < 2018 else 5000 for year in STANDARD}},
    )
    first, second, third = live(world, [[2000.0]] * 3, (2017, 2018, 2019))
    assert paid(first) == [500.0]  # half of 2,000, half a year
    assert paid(second) == [1000 / 2 * 1.25 + 3000 / 2]  # last year's, raised with the standard; then the new gap
    assert paid(third) == [3000.0]


def test_bands_pay_by_labour(tmp_path):
    rows = [
        {"people": [{"capacity": Capacity.NONE, "health": Health.SERIOUS}]},
        {"people": [{"capacity": Capacity.WEAK}]},
        {},
    ]
    world = net(tmp_path, rows, {**SURE, "differential": False})
    _, s = live(world, [[1000.0] * 3] * 2, (2017, 2018))
    assert paid(s) == pytest.approx([3600, 2400, 1600])
    assert s.pi[c.DIBAO][s.pi[c.ALIVE] == 1].tolist() == [1, 2, 3]


def test_a_recheck_takes_off_what_a_household_earns_and_says_which_measure(tmp_path):
    """A post and a dividend reduce it; what each cost its holder is reported."""
    quiet = dict(price_sd={"tourism": 0.0}, spread=0.0, failure_own=0.0, linked=0.0, insured=0.0, awarded=0.0, own_share=0.0)
    shop = dict(kind="industry", take_up=1.0, product="tourism", scale_factor=1.0, ramp={"tourism": [0.2]}, upkeep=0.0, **quiet)
    shop["start"] = {"year": 2018}
    world = net(tmp_path, [{}, {}], more={"shop": {**shop, "quota": {"households": {2018: 1, 2019: 0}}}})
    s, draws = plan.begin(world)
    for year in (2017, 2018, 2019):
        plan.measures_only(s, world, draws, year)
    holder = np.flatnonzero(s.held["shop"]["held"])[0]
    assert s.items[ITEM["industry"], holder] == 100_000
    assert s.items[ITEM["dibao"], 1 - holder] == 400_000
    # until month 6 on the income known in 2018 (half a year of it), then on the whole of it
    assert s.items[ITEM["dibao"], holder] == pytest.approx(100 * (3500 / 2 + 3000 / 2), abs=200)
    assert measures.spending(s, world, 2019)[0, CROWDED_OUT] == pytest.approx(100 * 500 / 2, abs=200)


@pytest.mark.parametrize("measure", ["post", "dividend"])
def test_posts_and_dividends_too_reduce_it_and_are_told_apart(tmp_path, measure):
    """Half of what the post or the roof brought this year lies behind the decision; the other half year is paid by it.

    Mutations: wages of a post, or dividends, left out of the means test or of what the measure gave.
    """
    roof = dict(kind="pv", site="roof", household_kw=3.0, connected_year=2018, first_payment=0.0, arrears=0.0, weather_sd=0.0)
    post = dict(kind="employment", form="public", take_up=1.0, cancelled={"public": 0.0}, wage={"public": 100})
    more = {"post": {**post, "start": {"year": 2018}}, "dividend": {**roof, "start": {"year": 2018}}}
    world = net(tmp_path, [{"land_mu": 0.0}], more={"other": dict(kind="collective"), measure: more[measure]})
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        s.pi[c.MONTHS] = 0
        if year == 2018:
            labour.work(s, world, draws, year)
        measures.earn(s, world, draws, year)
        s.items[ITEM["wage_post"]] = s.held[measure]["given"] * (measure == "post")
        safety_net.decide(s, world, draws, year)
    brought = s.held[measure]["given"][0] / 100
    assert brought == (1100 if measure == "post" else pytest.approx(3 * 1025 * 0.96 * 0.975 * 0.85 * 0.97, abs=0.01))
    assert paid(s)[0] == pytest.approx(2000 + (4000 - brought / 2) / 2, abs=0.01)
    assert s.held[measure]["books"][CROWDED_OUT] / 100 == pytest.approx(brought / 4, abs=0.01)
    assert s.held["other"]["books"][CROWDED_OUT] == 0


@pytest.mark.parametrize(("policy", "seen"), [("old_age", False), ("land_fertility", True)])
def test_what_the_means_test_leaves_out_crowds_nothing_out(tmp_path, policy, seen):
    """An old-age allowance is left out of it, a land subsidy is not. Mutation: all that a measure gave counts."""
    given = dict(
        kind="transfer", policy=policy, amount={policy: 1000}, youngest={policy: 0}, per={policy: "person"}, usual={policy: False}
    )
    world = net(tmp_path, [{}], more={"given": {**given, "take_up": 1.0, "start": {"year": 2018}}})
    s, draws = plan.begin(world)
    for year in (2017, 2018, 2019):
        s.begin_year()
        allocation.allocate(s, world, draws, year)
        measures.earn(s, world, draws, year)
        s.items[ITEM["farm"], 0] = 100_000
        safety_net.decide(s, world, draws, year)
    assert s.held["given"]["books"][CASH] == 100_000
    assert s.held["given"]["books"][CROWDED_OUT] == (25_000 if seen else 0)
    assert paid(s) == [2250.0 if seen else 3000.0]


def test_an_amount_by_band_is_crowded_out_above_the_ceiling_only(tmp_path):
    """Two shops, that bring 3,000 and 9,000 yuan, half of it by the decision of their first year; the ceiling is 4,000.

    Mutation: nothing told of amounts by band; the gap taken for them.
    """
    quiet = dict(price_sd={"tourism": 0.0}, spread=0.0, failure_own=0.0, linked=0.0, insured=0.0, awarded=0.0, own_share=0.0)
    shop = dict(kind="industry", take_up=1.0, product="tourism", scale_factor=1.0, upkeep=0.0, start={"year": 2018}, **quiet)
    more = {
        "small": {**shop, "ramp": {"tourism": [0.6]}, "eligible": {"size": ">= 2"}},
        "large": {
            **shop,
            "ramp": {"tourism": [1.0]},
            "margin": {"tourism": 9000},
            "gross": {"tourism": 17_000},
            "eligible": {"size": "<= 1"},
        },
    }
    world = net(tmp_path, [{}, {"people": [{}, {}]}], {**SURE, "differential": False, "ceiling": 1.0}, more=more)
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        plan.measures_only(s, world, draws, year)
    assert s.items[ITEM["industry"]].tolist() == [900_000, 300_000]
    assert s.held["small"]["books"][CROWDED_OUT] == 0  # 750 a head: the band is paid as before
    assert s.held["large"]["books"][CROWDED_OUT] == 100 * 1600 / 2  # 4,500 a head, above the standard: half a year's band


def test_above_the_ceiling_it_is_withdrawn_by_steps(tmp_path):
    rows = [{}, {}]
    world = net(tmp_path, rows)
    heads = [[2000.0, 2000.0], [20_000.0, 7000.0], [20_000.0, 7000.0], [20_000.0, 7000.0]]
    states = live(world, heads, (2017, 2018, 2019, 2020))
    assert [paid(s)[0] for s in states] == [1000.0, 2000.0, 1000.0, 0.0]  # twelve months after month 6 of 2018
    assert [s.held["net"]["grace"][0] for s in states] == [0, 6, 0, 0]  # months left for the next year
    assert [int(s.hi[c.NETTED, 0]) for s in states] == [2017, 2017, 0, 0]
    # under twice the standard one stays on it, at the least amount
    assert [paid(s)[1] for s in states] == [1000.0, 1000.0 + 400.0, 800.0, 800.0]


def test_the_finish_year_leaves_no_registered_household_under_the_line_uncovered(tmp_path):
    rows = [{"status": s} for s in (Status.POOR, Status.EXITED, Status.GENERAL, Status.REMOVED)] * 100
    world = net(
        tmp_path, rows, {**NET, "listing": 0.0, "obligation": {2017: 0.0, 2018: 0.4, 2020: 1.0}}, assessment={"report_error": 0.0}
    )
    heads = [[3000.0] * 400] * 3
    states = live(world, heads, (2017, 2018, 2020))
    kind = np.arange(400) % 4
    covered = [[(s.hi[c.NETTED] > 0)[kind == k].mean() for k in range(4)] for s in states]
    assert covered[0] == [0, 0, 0, 0]
    assert covered[1][0] == pytest.approx(0.4, abs=0.12)
    assert covered[2] == [1, 1, 0, 0]
    last = np.array(paid(states[2]))[kind == 0]
    assert set(np.round(last).tolist()) == {500.0, 942.0}  # the new from the next month; who was on it, all year


def wages(world, months, found=0, lost=0, wage=1000):
    """A change for `live`: the first person of each household has worked so many months this year at so much a month."""

    def change(s, year):
        if year == world.years[-1]:
            first = world.layout.off[:-1]
            s.pi[c.MONTHS, first], s.pf[c.WAGE_MONTH, first], s.pi[c.PAID, first] = 10 * np.asarray(months), wage, Work.LOCAL
            s.pi[c.FOUND_MONTH, first], s.pi[c.LOST_MONTH, first] = found, lost
            s.items[ITEM["wage_local"]] = 100 * wage * np.asarray(months)

    return change


def test_what_happens_after_the_decision_is_not_known_to_it(tmp_path):
    """Four who earn 600 a month, 7,200 a year: a job lost in month 11 or found in month 9 is decided on as if it were not.

    Mutation: the year's wages spread evenly over its months; the able taken by the wages of the whole year.
    """
    world = net(tmp_path, [{}] * 4, {**SURE, "imputed_able": 0.3}, years=1)
    months, found, lost = [12, 10, 4, 2], [0, 0, 9, 0], [0, 11, 0, 3]
    (s,) = live(world, [[2000.0] * 4], (2017,), wages(world, months, found, lost, 600))
    # behind it: 2,000 by farming, and of wages 6 months, 6 months, none, 2 months; who earns little is taken to earn 1,200
    means = [5600, 5600, 3200, 3200]
    assert paid(s) == pytest.approx([max(4000 - m, 0) / 2 for m in means])


def test_a_post_of_the_autumn_is_not_seen_in_spring(tmp_path):
    """Mutation: months of a post spread over the year in which it was first held."""
    post = dict(kind="employment", form="public", take_up=1.0, start={"year": 2017, "month": 8})
    world = net(tmp_path, [{}], {**SURE, "imputed_able": 0.0}, more={"post": post})
    s, draws = plan.begin(world)
    seen = []
    for year in (2017, 2018):
        live_year(s, world, draws, year)
        seen.append(s.pi[c.FOUND_MONTH, 0])
    assert s.pi[c.POST, 0] == 1
    assert seen == [8, 0]


def test_the_obligation_too_knows_only_the_months_behind(tmp_path, monkeypatch):
    """The line is 4,000. Behind month 6 lie: 6,000 and 2,500 in halves; 2,500 and two wages; 2,500; 1,800 and six wages of 400.

    Mutation: the less of the year as it turns out and the months behind; wages in even parts; this year's error of reporting.
    """
    lines = {**LINES, "exit_line": STANDARD}
    entries = {**NET, "listing": 0.0, "obligation": {2017: 0.0, 2018: 1.0}}
    world = plan.town(
        tmp_path, {"net": entries}, made=plan.homes([{}] * 4), lines=lines, years=2, assessment={"report_error": 0.0}
    )
    found = wages(world, [0, 2, 4, 10], [0, 0, 9, 0], [0, 3, 0, 11], np.array([500, 500, 500, 400]))
    _, s = live(world, [[6000.0, 2500.0, 2500.0, 1800.0], [2500.0, 2500.0, 2500.0, 1800.0]], (2017, 2018), found)
    assert s.hi[c.NETTED].tolist() == [0, 2018, 2018, 0]
    asked = []

    def households(ids, year, names, tag=""):
        asked.extend([(year, name) for name in names])
        return np.full((len(names), len(ids)), 0.5)

    s, _ = plan.begin(world)
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")  # which asks for draws by name
    safety_net.decide(s, world, SimpleNamespace(households=households), 2017)
    assert (2016, "assess_report_error_z") in asked


def test_a_grace_that_has_been_paid_counts(tmp_path):
    """One whose gradual withdrawal ends this year had 742 yuan in the months behind: it is above the line, and not obliged.

    Mutation: what is paid already left out of the income that the obligation looks at.
    """
    line = {"exit_line": dict.fromkeys(range(2013, 2026), 3000)}
    world = plan.town(
        tmp_path, {"net": {**SURE, "listing": 0.0, "listing_labour": 0.0, "obligation": 1.0}},
        made=plan.homes([{"people": [{"dibao": 3}], "income_transfer": 2000.0}]), lines={**LINES, **line},
        assessment={"report_error": 0.0},
    )  # fmt: skip
    s, draws = plan.begin(world)
    for year, head in ((2017, 20_000.0), (2018, 2500.0)):
        s.begin_year()
        s.items[ITEM["farm"]] = head * 100
        if year == 2018:
            s.last[:] = 0
            s.last[ITEM["farm"]] = 250_000
        safety_net.decide(s, world, draws, year)
    assert paid(s) == [pytest.approx(741.66)]
    assert s.hi[c.NETTED].tolist() == [0]


def test_single_cover_is_for_the_gravely_ill_alone(tmp_path):
    rows = [{"people": [{}, {"capacity": 1, "health": Health.DISABLED}]}]
    world = net(tmp_path, rows)
    before, after, later = live(world, [[5000.0]] * 3, (2017, 2018, 2019))
    assert paid(before) == [0.0]  # from 2018
    assert (after.pi[c.DIBAO] > 0)[:2].tolist() == [False, True]
    assert paid(after) == [0.5 * 4000 / 2]
    assert paid(later) == [0.5 * 4000]


def test_able_people_out_of_work_are_taken_to_earn_something(tmp_path):
    world = net(tmp_path, [{}, {"people": [{"capacity": Capacity.WEAK}]}], {**SURE, "imputed_able": 0.3})
    _, s = live(world, [[2000.0, 2000.0]] * 2, (2017, 2018))
    assert paid(s) == [4000 - 2000 - 1200, 2000.0]


def test_students_and_the_old_are_not_taken_to_earn(tmp_path):
    """Able people of 16 to 59 out of school. Mutations: students of 17, those of 60, children of 15."""
    people = ({"birth_year": 1957}, {"birth_year": 1956}, {"birth_year": 1999, "stage": Stage.SENIOR}, {"birth_year": 2001})
    world = net(tmp_path, [{"people": [one]} for one in people], {**SURE, "imputed_able": 0.3})
    _, s = live(world, [[2000.0] * 4] * 2, (2017, 2018))
    assert paid(s) == [800.0, 2000.0, 2000.0, 2000.0]


def test_the_cost_of_working_is_that_of_the_months_behind(tmp_path):
    """A tenth of the wages known by the decision: six months, six of a job lost later, none, two. Mutation: of an even share."""
    world = net(tmp_path, [{}] * 4, {**SURE, "working_cost": 0.1}, years=1)
    change = wages(world, [12, 10, 4, 2], [0, 0, 9, 0], [0, 11, 0, 3], 500)
    (s,) = live(world, [[0.0] * 4], (2017,), change)
    assert paid(s) == pytest.approx([(4000 - 0.9 * w) / 2 for w in (3000, 3000, 0, 1000)])


def test_the_cost_of_working_is_left_out(tmp_path):
    """2,000 yuan of wages count 1,800; as much by farming counts in full. Mutation: all income, or none, net of it."""
    world = net(tmp_path, [{}, {}], {**SURE, "working_cost": 0.1})

    def wage(s, year):
        s.items[ITEM["wage_local"], 0] = 200_000

    *_, s = live(world, [[0.0, 2000.0]] * 3, (2017, 2018, 2019), wage)
    assert paid(s) == [2200.0, 2000.0]


def test_children_who_can_support_their_parents_are_taken_to_do_so(tmp_path):
    """200 yuan for each of two, so far as they do not send it; not to those with an able labourer at home or without children.

    Mutations: support imputed to all, or to nobody; on top of what is received; what is received left out of the means.
    """
    old = {"birth_year": 1940, "capacity": 0}
    rows = [{"people": [old, old]}, {"people": [old, old]}, {"people": [old, {}]}]
    for share, expected in ((1.0, [2 * 1800, 2 * 1800, 2 * 2000]), (0.0, [2 * 2000, 2 * 1850, 2 * 2000])):
        world = net(tmp_path, rows, {**SURE, "imputed_support": 0.05, "children_away": share, "part": "dibao"})

        def sends(s, year):
            s.items[ITEM["support_children"], 1] = 30_000

        *_, s = live(world, [[2000.0] * 3] * 3, (2017, 2018, 2019), sends)
        assert paid(s) == expected
    alone = net(tmp_path, rows[:1] * 400, {**SURE, "imputed_support": 0.05, "children_away": 0.85, "part": "dibao"})
    _, s = live(alone, [[2000.0] * 400] * 2, (2017, 2018))
    assert (np.array(paid(s)) == 3600).mean() == pytest.approx(0.85, abs=0.05)


def test_tekun_is_by_status_dispersed_or_in_an_institution(tmp_path):
    old = {"birth_year": 1940, "capacity": 0}
    rows = [
        {"people": [{**old, "tekun": 1}], "category": 3},
        {"people": [{**old, "tekun": 2, "capacity": 1, "health": Health.DISABLED}], "category": 3},
        {"people": [old, old]},
        {"people": [old, {}]},
        {"people": [{"tekun": 1}]},
    ]
    entries = {**SURE, "tekun_listing": 1.0, "children_away": 0.0, "tekun_institution": 0.0, "part": "tekun"}
    first, second = live(net(tmp_path, rows, entries), [[0.0] * 5] * 2, (2017, 2018))
    assert paid(first, "tekun") == [6000, 7200, 2 * 6000 / 2, 0, 0]
    assert paid(second, "tekun") == [6000, 7200, 2 * 6000, 0, 0]
    assert second.held["net"]["books"][KIND_VALUE] == 300_000  # one needs care
    assert paid(second) == [0] * 5
    assert (second.hi[c.NETTED] > 0).tolist() == [True, True, True, False, False]


def test_some_of_the_new_on_tekun_go_into_an_institution(tmp_path):
    """Mutation: all dispersed, or all in an institution."""
    rows = [{"people": [{"birth_year": 1940, "capacity": 0}]}] * 400
    entries = {**SURE, "tekun_listing": 1.0, "children_away": 0.0, "tekun_institution": 0.2, "part": "tekun"}
    *_, s = live(net(tmp_path, rows, entries), [[0.0] * 400] * 2, (2017, 2018))
    amounts = np.array(paid(s, "tekun"))
    assert set(amounts.tolist()) == {6000.0, 7200.0}
    assert (amounts == 7200).mean() == pytest.approx(0.2, abs=0.06)


def test_households_without_labour_are_rechecked_less_often(tmp_path):
    """Income rises in the second year: all with labour are seen at once, half of those without. Mutation: all alike."""
    weak = {"people": [{"capacity": Capacity.NONE, "birth_year": 1960}]}
    world = net(tmp_path, [{}] * 400 + [weak] * 400, {**SURE, "recheck": {"labour": 1.0, "none": 0.5}, "part": "dibao"})
    *_, s = live(world, [[1000.0] * 800, [1000.0] * 800, [3000.0] * 800], (2017, 2018, 2019))
    seen = np.array(paid(s)) < 3000
    assert seen[:400].all()
    assert seen[400:].mean() == pytest.approx(0.5, abs=0.08)


def test_children_who_can_support_keep_one_from_tekun(tmp_path):
    rows = [{"people": [{"birth_year": 1940, "capacity": 0}]}] * 400
    entries = {**SURE, "tekun_listing": 1.0, "children_away": 0.85, "part": "tekun"}
    (s,) = live(net(tmp_path, rows, entries), [[0.0] * 400], (2017,))
    assert (s.hi[c.NETTED] > 0).mean() == pytest.approx(0.15, abs=0.05)


def test_relief_pays_a_share_of_large_own_paid_bills(tmp_path):
    rows = [{}, {}, {"status": 0}, {"status": 0}]
    entries = {**SURE, "part": "relief", "relief_granted": 1.0}

    def bills(s, year):
        s.spent[0] = [1_300_000, 290_000, 1_300_000, 1_300_000]
        s.spent[2] = s.spent[4] = 9_000_000  # schooling and debts are not relieved

    (s,) = live(net(tmp_path, rows, entries), [[2000.0, 2000.0, 2000.0, 9000.0]], (2017,), bills)
    assert paid(s, "relief") == [3500, 0, 3500, 0]


def test_relief_has_a_limit_and_is_granted_case_by_case(tmp_path):
    """Mutations: no limit; granted to all; those on the safety net but not on the register left out."""
    rows = [{"status": Status.GENERAL, "people": [{"dibao": 3}]}, {"status": Status.GENERAL}, *[{}] * 400]

    def bills(s, year):
        s.spent[0] = 9_000_000

    (s,) = live(net(tmp_path, rows, {**SURE, "relief_granted": 1.0}), [[9000.0] * 402], (2017,), bills)
    assert paid(s, "relief") == [10_000, 0, *[10_000] * 400]
    (s,) = live(net(tmp_path, rows, {**SURE, "relief_granted": 0.7, "part": "relief"}), [[9000.0] * 402], (2017,), bills)
    assert (np.array(paid(s, "relief"))[2:] > 0).mean() == pytest.approx(0.7, abs=0.07)
    assert s.held["net"]["books"][UNMET] == 402 - 1 - s.held["net"]["books"][NEW]


def test_not_all_who_could_are_taken_up_on_tekun_at_once(tmp_path):
    """Mutation: taken up as soon as the conditions are met."""
    rows = [{"people": [{"birth_year": 1940, "capacity": 0}]}] * 400
    entries = {**SURE, "tekun_listing": 0.5, "children_away": 0.0, "part": "tekun"}
    first, second = live(net(tmp_path, rows, entries), [[0.0] * 400] * 2, (2017, 2018))
    assert [(s.hi[c.NETTED] > 0).mean() for s in (first, second)] == pytest.approx([0.5, 0.75], abs=0.07)


def test_nobody_has_both_and_each_part_has_its_account(tmp_path):
    old = {"birth_year": 1940, "capacity": 0}
    rows = [{"people": [{**old, "dibao": 2}]}, {"people": [{}]}]
    base = {**SURE, "tekun_listing": 1.0, "children_away": 0.0}
    world = net(tmp_path, rows, {**base, "part": "dibao"}, more={"tekun": {**base, "part": "tekun"}})
    (s,) = live(world, [[0.0, 0.0]], (2017,))
    assert not ((s.pi[c.DIBAO] > 0) & (s.pi[c.TEKUN] > 0)).any()
    books = measures.spending(s, world, 2017)
    assert books[:, CASH].tolist() == [s.items[ITEM["tekun"]].sum(), s.items[ITEM["dibao"]].sum()]


def test_without_a_safety_net_nobody_draws_it(tmp_path):
    rows = [{"people": [{"dibao": 1}]}]
    s, draws = plan.begin(plan.town(tmp_path, {}, made=plan.homes(rows), lines=LINES))
    world = plan.town(tmp_path, {}, made=plan.homes(rows), lines=LINES)
    plan.measures_only(s, world, draws, 2017)
    assert not s.pi[c.DIBAO].any()
    assert s.hi[c.NETTED].tolist() == [0]


def test_a_child_is_covered_with_its_parents(tmp_path):
    world = net(tmp_path, [{"people": [{}, {"birth_year": 1990}]}])

    def born(s, year):
        if year == 2018:
            s.pi[c.ALIVE, 2], s.pi[c.CAPACITY, 2], s.hi[c.SIZE], s.hi[c.BIRTHS] = 1, 0, 3, 1

    _, second, third = live(world, [[2000.0]] * 3, (2017, 2018, 2019), born)
    assert (second.pi[c.DIBAO, :3] > 0).all()
    # shared among three from the decision of 2018 on: 4,000 yuan in both years behind it, then 4,000 and 6,000
    assert paid(third)[0] == pytest.approx(3 * ((4000 - 4000 / 3) / 2 + (4000 - 5000 / 3) / 2))


@pytest.mark.parametrize("row", [c.BIRTHS, c.ARRIVALS])
def test_who_comes_into_a_covered_household_is_covered_without_a_recheck(tmp_path, row):
    """Mutation: the newly born, or those who moved in, left out of those for whom a whole household is short of its size."""
    world = net(tmp_path, [{"people": [{}, {"birth_year": 1990}]}], {**SURE, "recheck": {"labour": 0.0, "none": 0.0}})

    def comes(s, year):
        if year == 2018:
            s.pi[c.ALIVE, 2], s.pi[c.CAPACITY, 2], s.hi[c.SIZE], s.hi[row] = 1, 0, 3, 1

    _, second = live(world, [[2000.0]] * 2, (2017, 2018), comes)
    assert (second.pi[c.DIBAO, :3] > 0).all()


def test_relief_is_for_the_monitored_too(tmp_path):
    """Off the register and of good income, with a large bill: only the one who is watched gets it."""
    world = net(tmp_path, [{"status": Status.GENERAL}] * 2, {**SURE, "part": "relief", "relief_granted": 1.0})

    def bills(s, year):
        s.spent[0] = 1_300_000
        s.hi[c.MONITORING, 0] = Monitoring.SUDDEN

    (s,) = live(world, [[9000.0] * 2], (2017,), bills)
    assert paid(s, "relief") == [3500, 0]


# --- the two bodies ---------------------------------------------------------------------------------------

compiled = pytest.mark.skipif(not compiler.available(), reason="numba is not there")


@cache
def shipped_town():
    return synthesise(load_place("chagu"), 2016, 1)


def shipped(changes=(), villages=None):
    """The shipped scenario with some values changed, over the town or its first villages."""
    town = shipped_town()
    pop = town.subset(town.households["village"] < villages) if villages else town.registered()
    return build_world(pop, load_scenario(data_root() / "params" / "chagu" / "baseline.yaml", changes))


def different(a, b):
    """What differs to the bit between two states, everything kept included."""
    found = [name for name in MATRICES if getattr(a, name).tobytes() != getattr(b, name).tobytes()]
    kept = {(id, name) for s in (a, b) for id, h in s.held.items() for name in h}
    return found + sorted(key for key in kept if a.held[key[0]][key[1]].tobytes() != b.held[key[0]][key[1]].tobytes())


def both_bodies(world, replicates, monkeypatch):
    """Live on, and decide each year twice from the same state; what the bodies differ in, and the states after each year."""
    faults, seen, decide = [], [], safety_net.decide

    def twice(s, world, draws, year):
        states = []
        for engine in ("numpy", "compiled"):
            with monkeypatch.context() as here:
                here.setenv("POVSIM_ENGINE", engine)
                states.append(s.copy())
                decide(states[-1], world, draws, year)
        faults.extend((draws.replicate, year, what) for what in different(*states))
        seen.append(states[0])
        decide(s, world, draws, year)

    monkeypatch.setattr(safety_net, "decide", twice)
    for replicate in range(replicates):
        s, draws = plan.begin(world, replicate)
        for year in world.years:
            live_year(s, world, draws, year)
    return faults, seen


BANDED = ("measures.dibao.differential=false", "measures.dibao.grace_months=9", "measures.dibao.ceiling=1.3")
APART = (  # each part has a test of its own; months in which nothing is left of the year, and nothing lies behind
    "measures.tekun.month=3", "measures.relief.month=12", "measures.dibao.month=9", "measures.dibao.imputed_support=0.2",
    "measures.relief.working_cost=0.0", "measures.tekun.children_away=0.7", "measures.tekun.tekun_listing=0.9",
)  # fmt: skip
ENDING = ("measures.dibao.ends=2020", "measures.tekun.ends=2019", "measures.industry_tea.ends=2019")


@compiled
@pytest.mark.parametrize(
    ("changes", "villages", "replicates"),
    [((), None, 2), (BANDED, None, 1), (APART, 4, 2), (("run.years=8", "measures.dibao.part=all"), 4, 1), (ENDING, 4, 1)],
    ids=["shipped", "banded", "apart", "one measure for all", "ending"],
)
def test_the_compiled_body_gives_the_bits_of_the_reference(changes, villages, replicates, monkeypatch):
    world = shipped(changes, villages)
    faults, seen = both_bodies(world, replicates, monkeypatch)
    assert not faults
    for item in ("dibao", "tekun", "relief"):
        assert sum(s.items[ITEM[item]].sum() for s in seen) > 0
    crowded = [h["books"][CROWDED_OUT] for s in seen for h in s.held.values()]
    assert max(crowded) > 0
    assert any((h["grace"] > 0).any() for s in seen for id, h in s.held.items() if id == "dibao")


@compiled
@pytest.mark.parametrize("part", ["tekun", "dibao", "relief"])
def test_one_part_alone_too(tmp_path, part, monkeypatch):
    """What is not covered is nobody's, and its stand-in keeps nothing."""
    likely = {name: 0.7 for name in ("listing", "listing_labour", "obligation", "tekun_listing", "relief_granted")}
    entries = dict(kind="safety_net", part=part, relief_threshold=3000, children_away=0.0, **likely)
    faults, seen = both_bodies(plan.town(tmp_path, {"net": entries}, count=2000, years=3), 1, monkeypatch)
    assert not faults
    for item in ("tekun", "dibao", "relief"):
        assert any(s.items[ITEM[item]].any() for s in seen) == (item == part)


@compiled
def test_with_bands_an_end_and_debts_too(tmp_path, monkeypatch):
    """Amounts by band are crowded out above a low ceiling; 低保 ends; loans are borne by the household.

    Mutations, in one body: the band left out of what is taken off; a measure that covers still in the year of its end; debts
    among the bills.
    """
    net = dict(kind="safety_net", listing=0.7, listing_labour=0.7, obligation=0.5, relief_threshold=3000, relief_granted=0.8)
    loan = dict(kind="microcredit", take_up=0.8, loan=40_000, subsidised=0.0, hands=0, start={"year": 2017})
    post = dict(kind="employment", form="public", take_up=0.6, wage={"public": 900}, start={"year": 2018})
    plans = {
        "loan": loan, "post": post, "relief": {**net, "part": "relief"},
        "dibao": {**net, "part": "dibao", "differential": False, "ceiling": 1.0, "ends": 2020},
    }  # fmt: skip
    faults, seen = both_bodies(plan.town(tmp_path, plans, count=1500, years=5), 1, monkeypatch)
    assert not faults
    assert [bool(s.items[ITEM["dibao"]].any()) for s in seen] == [True, True, True, False, False]
    assert [bool(s.pi[c.DIBAO].any()) for s in seen] == [True, True, True, False, False]
    assert seen[2].held["post"]["books"][CROWDED_OUT] > 0
    owed, bills = seen[-1].spent[EXPENSES.index("debt")], seen[-1].spent.sum(axis=0)
    assert (bills - owed < 300_000)[owed > 300_000].any()
    assert seen[-1].items[ITEM["relief"]].any()


def test_what_is_watched_is_lived_alike(tmp_path):
    """Mutation: the compiled body where a household is watched, which would note nothing."""
    world = net(tmp_path, [{"people": [{"dibao": 3}]}, {}])
    (s, draws), (watched, _) = plan.begin(world), plan.begin(world)
    watched.watch = Recorder(world, 0)
    for state in (s, watched):
        state.begin_year()
        safety_net.decide(state, world, draws, 2017)
    assert not different(s, watched)
    assert watched.watch.given[0, 0, ITEM["dibao"]] == s.items[ITEM["dibao"], 0] > 0


def test_no_draw_lies_below_what_the_obligation_reckons_with():
    assert normal_of(2.0**-33) > safety_net_loop.LOWEST_Z
    assert normal_of(safety_net_loop.LOW_U) > safety_net_loop.LOW_Z
