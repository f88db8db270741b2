"""Health support, insurance and missing guarantees: bills, premiums and houses over the years, and money to the fen."""

import numpy as np
import pytest

from povsim.core.schema import EXPENSES, Capacity, Health, Route, Stage, Status
from povsim.engine import allocation, assessment, income, labour, measures, people, shocks
from povsim.engine import columns as c
from povsim.engine.shelf import CASH, HOLDERS, KIND_VALUE, NEW, OVERHEAD, UNMET
from povsim.engine.year import live_year
from povsim.policy.measures import guarantee
from tests.engine import lives as town_of_lives
from tests.engine import plan, small

ACUTE, CHRONIC, SCHOOLING, REPAIR = (EXPENSES.index(name) for name in ("medical_acute", "medical_chronic", "schooling", "repair"))
YEARS = (2017, 2018, 2019, 2020, 2021)
ALL = ("tekun", "dibao", "poor", "monitored", "exited", "other")
CARE = dict(
    kind="health", take_up=1.0, overhead=0.0, contracted=1.0, spared=0.0, fee=0, treated={"county": 1.0, "city": 0.0},
    top_up=dict.fromkeys(ALL, 0.0), chronic=dict.fromkeys(ALL, 0.0), premium_share=dict.fromkeys(ALL, 1.0), capped=False,
)  # fmt: skip
POLICY = dict(
    kind="insurance",
    threshold=20_000,
    share=0.5,
    accepted=1.0,
    premium=10,
    counted=dict.fromkeys(("medical", "schooling", "repair"), 1.0),
)
HOUSE = dict(
    kind="guarantee",
    form="house",
    take_up=1.0,
    overhead=0.0,
    own_share={"house": 0.25},
    own_years=100,
    start={"year": 2017, "month": 3},
)
QUIET = {"house_ages": 0.0, "house_damaged": 0.0, "house_mended_registered": 0.0, "house_mended_other": 0.0}


def ill(s, world, yuan):
    """Give the first member of each household an own-paid bill."""
    s.pf[c.BILL] = 0.0
    s.pf[c.BILL, world.layout.off[:-1]] = yuan
    s.spent[ACUTE] = np.rint(np.asarray(yuan) * 100)


def a_year(s, world, draws, year, bills=None):
    """Allocation and the measures' yields in a year with these bills and nothing else."""
    s.begin_year()
    if bills is not None:
        ill(s, world, bills)
    allocation.allocate(s, world, draws, year)
    measures.earn(s, world, draws, year)


def small_town(folder, plans, **more):
    """Forty households of one to four, half of them registered, who live all their years."""
    status = [Status.POOR, Status.EXITED, Status.GENERAL, Status.GENERAL] * 10
    return plan.town(folder, plans, made=small.tables([1, 2, 3, 4] * 10, status), **more)


def lives(world, years, replicate=0):
    """The state after each year, lived without assessment so that households stay apart."""
    s, draws = plan.begin(world, replicate)
    for year in years:
        live_year(s, world, draws, year)
        yield year, s


def bits(s, places=slice(None), homes=slice(None)):
    """What a life is made of, of some places and households."""
    return [s.pi[:, places], s.pf[:, places], s.hi[:, homes], s.hf[:, homes], s.items[:, homes], s.spent[:, homes]]


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


# --- health ----------------------------------------------------------------------------------------------


def test_the_cap_is_never_exceeded_by_anyone_covered_until_it_is_given_up(tmp_path):
    """Mutations: the cap on a household; of the county for all; for the uninsured; kept after 2021."""
    care = {**CARE, "capped": {2017: True, 2022: False}, "treated": {"county": 0.6, "city": 0.3}}
    often = {"onset": 0.3, "bill": 60_000}
    most, later, uncovered = [], 0.0, 0.0
    world = small_town(tmp_path, {"care": care}, years=6, health=often, guarantees={"premium_unpaid": 0.5})
    for year, s in lives(world, (*YEARS, 2022)):
        bill, covered = s.pf[c.BILL], (s.pi[c.ALIVE] == 1) & (s.pi[c.INSURED] == 1)
        assert np.array_equal(world.layout.per_household(np.rint(bill * 100).astype(np.int64)), s.spent[ACUTE])
        if year < 2022:
            most += bill[covered].tolist()
            uncovered = max(uncovered, bill[~covered].max(initial=0.0))
        else:
            later = bill[covered].max()
    assert {3000.0, 5000.0, 10_000.0} <= set(most) and max(most) == 10_000.0
    assert uncovered > 10_000.0 and later > 10_000.0


def test_a_cap_is_a_persons_and_counts_from_the_month_it_began(tmp_path):
    """Two of one household pay 3,000 each. Mutations: one cap for both; the bills of the first months covered."""
    rows = [{"people": [{}, {}]}] * 400
    care = {**CARE, "capped": True, "start": {"year": 2017, "month": 10}}
    world = plan.town(tmp_path, {"care": care}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    covered = []
    for year in (2017, 2018):
        s.begin_year()
        s.pf[c.BILL] = 8000.0 * s.pi[c.ALIVE]
        s.spent[ACUTE] = 1_600_000
        allocation.allocate(s, world, draws, year)
        measures.earn(s, world, draws, year)
        covered.append((s.pf[c.BILL][s.pi[c.ALIVE] == 1] == 3000.0).mean())
    assert covered == [pytest.approx(0.25, abs=0.05), 1.0]
    assert (s.spent[ACUTE] == 600_000).all()


def test_reimbursement_by_category_and_era(tmp_path):
    """What basic leaves is topped up, less after 2021. Mutations: the wrong category; the era overlooked; the uninsured."""
    top_up = {
        "tekun": 1.0,
        "dibao": 0.9,
        "poor": 0.8,
        "monitored": {2017: 0.7, 2022: 0.5},
        "exited": {2017: 0.6, 2022: 0.1},
        "other": 0.0,
    }
    rows = [
        {"people": [{"tekun": 1}]}, {"people": [{"dibao": 2}], "status": Status.EXITED}, {"status": Status.POOR},
        {"status": Status.EXITED, "monitoring": 1}, {"status": Status.EXITED}, {"status": Status.GENERAL},
        {"status": Status.EXITED},
    ]  # fmt: skip
    world = plan.town(tmp_path, {"care": {**CARE, "top_up": top_up}}, made=plan.homes(rows), years=6)
    s, draws = plan.begin(world)
    s.pi[c.INSURED, world.layout.off[6]] = 0
    paid = []
    for year in (2017, 2022):
        a_year(s, world, draws, year, [1000.0] * 7)
        paid.append((100_000 - s.spent[ACUTE]).tolist())
    assert paid[0] == [100_000, 90_000, 80_000, 70_000, 60_000, 0, 0]
    assert paid[1] == [100_000, 90_000, 80_000, 50_000, 10_000, 0, 0]


def test_a_second_measure_pays_on_what_the_first_has_left(tmp_path):
    """Half, then half of the rest, of bills and of chronic cost. Mutation: the second pays half of the whole."""
    half = {**CARE, "top_up": {"poor": 0.5}, "chronic": {"poor": 0.5}}
    world = plan.town(tmp_path, {"city": half, "county": half}, made=plan.homes([{"people": [{"health": Health.CHRONIC}]}]))
    s, draws = plan.begin(world)
    s.begin_year()
    ill(s, world, [1000.0])
    yuan = measures.Columns(s, world, 2017).get("person", "chronic_bill")[0]
    s.spent[CHRONIC] = np.rint(yuan * 100)
    allocation.allocate(s, world, draws, 2017)
    measures.earn(s, world, draws, 2017)
    assert s.spent[ACUTE, 0] == 25_000 and s.pf[c.BILL, 0] == 250.0
    assert s.spent[CHRONIC, 0] == pytest.approx(yuan * 25, abs=1) and yuan > 1000


def test_a_premium_subsidy_that_tapers_raises_the_uninsured(tmp_path):
    """A tenth where it is paid in full, half where nobody pays: 10, 10, 30, 50%, a year after the approval; 特困 stay at 10%.

    Mutations: basic subsidy kept beside it; told on the same year; the category overlooked; basic back again when support ends.
    """
    made = plan.homes([{"status": Status.EXITED}] * 4000 + [{"status": Status.EXITED, "people": [{"tekun": 1}]}] * 4000)
    taper = {**CARE, "premium_share": {"exited": {2017: 1.0, 2018: 0.5, 2019: 0.0}}, "until": 2018, "kept_until": 2020}
    chances = {"premium_unpaid": 0.5, "premium_unpaid_subsidised": 0.1}
    world = plan.town(tmp_path, {"care": taper}, made=made, guarantees=chances, years=6)
    s, draws = plan.begin(world)
    lapsed = []
    for year in (*YEARS, 2022):
        s.begin_year()
        shocks.shocks(s, world, draws, year)
        allocation.allocate(s, world, draws, year)
        lapsed.append([(s.hi[c.INSURED_ALL][half] == 0).mean() for half in (slice(4000), slice(4000, None))])
    assert s.held["care"]["books"][HOLDERS] == 0
    assert np.array(lapsed) == pytest.approx(
        np.array([[0.1, 0.1], [0.1, 0.1], [0.3, 0.1], [0.5, 0.1], [0.5, 0.1], [0.5, 0.5]]), abs=0.03
    )


def test_a_subsidy_for_some_members_counts_by_the_head(tmp_path):
    """One of two holds, at half: the other goes on as the status says. Mutations: one stands for all; shares of two lost."""
    rows = [{"status": status, "people": [{"health": Health.CHRONIC}, {}]} for status in (Status.POOR, Status.GENERAL)] + [{}]
    half = {**CARE, "premium_share": dict.fromkeys(ALL, 0.5), "eligible": {"health": ["chronic"]}}
    for plans, expected in (({"a": half}, [0.75, 0.25, -1.0]), ({"a": half, "b": half}, [1.0, 0.5, -1.0])):
        world = plan.town(tmp_path, plans, made=plan.homes(rows))
        s, draws = plan.begin(world)
        a_year(s, world, draws, 2017)
        assert s.hf[c.PREMIUM_HELP].tolist() == expected


def test_contract_doctors_lower_bills_in_mean_from_the_next_year_on(tmp_path):
    """The same lives, with a third of the serious illnesses prevented. Mutations: at once; without a contract; other ills."""
    made = plan.homes([{"people": [{"birth_year": 1970}]}] * 3000)
    often = {"onset": 0.1, "new_disability": 0.05}
    bills, states = [], []
    for contracted in (0.0, 0.5):
        care = {**CARE, "spared": 1 / 3, "contracted": contracted}
        world = plan.town(tmp_path, {"care": care}, made=made, health=often)
        for year, s in lives(world, (2017, 2018)):
            bills.append(s.spent[ACUTE].copy())
            states.append((year, s.copy()))
    signed = states[-1][1].held["care"]["signed"][world.layout.off[:-1]] == 1
    assert 0.45 < signed.mean() < 0.55
    assert np.array_equal(bills[0], bills[2])
    assert np.array_equal(bills[1][~signed], bills[3][~signed])
    assert (bills[3] <= bills[1]).all()
    assert 1 - bills[3][signed].sum() / bills[1][signed].sum() == pytest.approx(1 / 3, abs=0.08)
    disabled = [(s.pi[c.HEALTH] == Health.DISABLED).sum() for year, s in states if year == 2018]
    assert disabled[0] == disabled[1] > 0
    help_, here = states[-1][1].pf[c.ONSET_HELP, world.layout.off[:-1]], states[-1][1].pi[c.ALIVE, world.layout.off[:-1]] == 1
    assert help_[signed & here] == pytest.approx(2 / 3) and (help_[~signed] == 1.0).all()  # of one year, not of two


def test_health_money_is_what_comes_off_the_bills_and_what_is_paid_to_others(tmp_path):
    """Mutations: relief beyond the bill booked; the premium of others; a fee without a contract; premium of another year."""
    care = {
        **CARE, "top_up": {"poor": 0.4}, "chronic": {"poor": 0.8, "exited": 0.3}, "premium_share": {"poor": 1.0, "exited": 0.5},
        "fee": 60, "overhead": 0.02, "contracted": 0.5, "capped": True, "eligible": {"status": ["poor", "exited"]},
    }  # fmt: skip
    world = small_town(tmp_path, {"care": care}, health={"onset": 0.3, "new_chronic": 0.3})
    s, draws = plan.begin(world)
    for year, premium in zip(YEARS, (180, 220, 250, 280, 320), strict=True):
        s.begin_year()
        people.people(s, world, draws, year)
        shocks.shocks(s, world, draws, year)
        before = s.spent.copy()
        allocation.allocate(s, world, draws, year)
        labour.work(s, world, draws, year)
        income.earn(s, world, draws, year)
        h, books = s.held["care"], s.held["care"]["books"]
        holds = np.flatnonzero(h["held"])
        status = s.hi[c.STATUS, world.layout.house[holds]]
        paid = premium * ((status == Status.POOR) + 0.5 * (status == Status.EXITED)).sum() + 60 * (h["signed"][holds] == 1).sum()
        relieved = before - s.spent
        assert relieved[[SCHOOLING, REPAIR]].sum() == 0 < relieved.sum()
        assert books[KIND_VALUE] == relieved.sum() + 100 * paid
        assert books[OVERHEAD] == round(0.02 * books[KIND_VALUE]) and books[CASH] == 0
        assert (s.spent >= 0).all() and not h["given"].any()


def test_health_support_keeps_within_its_budget(tmp_path):
    """Mutation: what bills cost left out of what is set aside."""
    care = {**CARE, "top_up": {"poor": 0.5}, "budget": 4000, "overhead": 0.02}
    world = plan.town(tmp_path, {"care": care}, made=plan.homes([{}] * 30))
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        a_year(s, world, draws, year, np.where(np.arange(30) % 2, 3000.0, 0.0))
        books = s.held["care"]["books"]
        assert 150_000 < books[KIND_VALUE] + books[OVERHEAD] <= 400_000
        assert books[UNMET] > 0


def test_who_does_not_hold_any_of_them_lives_the_same_life_to_the_bit(tmp_path):
    """Nobody but the holders is changed, whatever the measure does for them. Mutation: any of the channels spread over all."""
    plans = {
        "care": {**CARE, "spared": 0.9, "capped": True, "premium_share": {"poor": 0.0}, "eligible": {"status": ["poor"]}},
        "policy": {**POLICY, "threshold": 100, "eligible": {"status": ["poor"]}},
        **{form: {**HOUSE, "form": form, "eligible": {"status": ["poor"]}} for form in guarantee.CHANNEL},
    }  # fmt: skip
    harsh = dict(health={"onset": 0.2}, guarantees={"premium_unpaid": 0.5, "house_ages": 0.2, "spring_dries": 0.3})
    with_, without = small_town(tmp_path, plans, **harsh), small_town(tmp_path, {}, **harsh)
    poor = with_.start.hi[c.STATUS] == Status.POOR
    for (_, s), (_, t) in zip(lives(with_, YEARS), lives(without, YEARS), strict=True):
        others = ~poor[with_.layout.house], ~poor
        assert same(bits(s, *others), bits(t, *others))
        assert not same(bits(s, ~others[0], poor), bits(t, ~others[0], poor))


def test_a_measure_that_gives_what_basic_gives_changes_nothing(tmp_path):
    """Premium in full for the registered, no more. Mutations: a subsidy counted twice; a factor that is not 1."""
    care = {**CARE, "premium_share": {**dict.fromkeys(ALL, 1.0), "other": 0.0}}
    harsh = dict(guarantees={"premium_unpaid": 0.5, "premium_unpaid_subsidised": 0.3})
    with_, without = small_town(tmp_path, {"care": care}, **harsh), small_town(tmp_path, {}, **harsh)
    for (_, s), (_, t) in zip(lives(with_, YEARS), lives(without, YEARS), strict=True):
        for a, b in (
            (s.pi, t.pi),
            (s.pf, t.pf),
            (s.items, t.items),
            (s.spent, t.spent),
            (s.hi[c.INSURED_ALL], t.hi[c.INSURED_ALL]),
        ):
            assert np.array_equal(a, b)


def test_compiled_and_columns_see_the_same_help(monkeypatch):
    """Whom a doctor guards and whose premium is paid, in both bodies. Mutation: one of them not given the help."""
    states = []
    monkeypatch.setenv("POVSIM_ENGINE", "compiled")
    for _ in range(2):
        world = town_of_lives.town(200, health__onset=0.3, guarantees__premium_unpaid=0.6)
        s, draws = town_of_lives.open_lives(world)
        s.pf[c.ONSET_HELP] = np.arange(world.layout.places) % 4 / 3
        s.hf[c.PREMIUM_HELP] = np.where(np.arange(200) % 3, np.arange(200) % 5 / 4, -1.0)
        for year in world.years:
            town_of_lives.one_year(s, world, draws, year)
        states.append(s)
        town_of_lives.in_columns(monkeypatch)
    assert town_of_lives.same(*states)


# --- insurance -------------------------------------------------------------------------------------------


def spread_bills(s, count):
    """Bills of every kind, some over the threshold, to the fen."""
    i = np.arange(count, dtype=np.int64)
    s.spent[:] = np.stack([i * 123_457, i * 20_011, i * 50_021, (i % 3) * 1_000_003, 0 * i])


def test_the_insurance_pays_its_share_of_what_lies_over_the_threshold(tmp_path):
    """For everyone rural, and exactly. Mutations: only the registered; a threshold for each bill; a share of the whole."""
    statuses = [Status.GENERAL, Status.POOR, Status.EXITED, Status.RETURNED]
    rows = [{"status": statuses[i % 4], "people": [{}] * (1 + i % 3)} for i in range(60)]
    world = plan.town(tmp_path, {"policy": {**POLICY, "share": 0.37}}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.begin_year()
    spread_bills(s, 60)
    before = s.spent.copy()
    allocation.allocate(s, world, draws, 2017)
    measures.earn(s, world, draws, 2017)
    owed = 0.37 * np.maximum(before.sum(axis=0) - 2_000_000, 0)
    claims = (before - s.spent).sum(axis=0)
    assert np.abs(claims - owed).max() <= 0.5 + 1e-6 and (claims > 0).sum() > 30
    assert (s.spent >= 0).all()
    assert (claims[before.sum(axis=0) <= 2_000_000] == 0).all()
    books = s.held["policy"]["books"]
    assert books[HOLDERS] == 60 and books[KIND_VALUE] == claims.sum()
    assert books[KIND_VALUE] + books[OVERHEAD] == 1000 * s.hi[c.SIZE].sum()  # the budget pays the premium, and no more
    assert not s.hi[c.DELIVERED].any()


def test_claims_count_in_the_reference_income_and_in_no_other(tmp_path):
    """Mutations: a claim entered as income; left out of the reference income; counted there twice."""
    rows = [{"people": [{}] * (1 + i % 3)} for i in range(30)]
    found = []
    for plans in ({"policy": POLICY}, {}):
        world = plan.town(tmp_path, plans, made=plan.homes(rows))
        s, draws = plan.begin(world)
        s.begin_year()
        spread_bills(s, 30)
        allocation.allocate(s, world, draws, 2020)
        measures.earn(s, world, draws, 2020)
        assessment.close_account(s, world, draws, 2020)
        found.append(s)
    s, t = found
    claims = (t.spent - s.spent).sum(axis=0) / 100
    assert (claims > 0).any()
    assert s.hf[c.REFERENCE] - t.hf[c.REFERENCE] == pytest.approx(claims / s.hi[c.SIZE])
    assert np.array_equal(s.hf[c.TRUE_HEAD], t.hf[c.TRUE_HEAD]) and np.array_equal(s.items, t.items)
    assert not s.held["policy"]["given"].any()


def test_insurance_pays_on_what_health_support_has_left(tmp_path):
    """A bill of 60,000, capped at 30,000: half of 10,000; by a second policy half of 5,000. Mutation: the bill before."""
    care = {**CARE, "capped": True, "cap": {"county": 30_000}}
    plans = {"care": care, "policy": POLICY, "second": POLICY}
    world = plan.town(tmp_path, plans, made=plan.homes([{}]))
    s, draws = plan.begin(world)
    a_year(s, world, draws, 2017, [60_000.0])
    assert s.spent[ACUTE, 0] == 2_250_000
    assert [s.held[id]["books"][KIND_VALUE] for id in plans] == [3_000_000 + 18_000, 500_000, 250_000]


def test_not_every_claim_stands_and_only_what_is_covered_counts(tmp_path):
    """Mutations: all settled; schooling counted where it is not; bills from before the policy."""
    policy = {**POLICY, "accepted": 0.4, "counted": {"schooling": 0.0}, "start": {"year": 2017, "month": 7}}
    world = plan.town(tmp_path, {"policy": policy}, made=plan.homes([{}] * 2000))
    s, draws = plan.begin(world)
    shares = []
    for year in (2017, 2018):
        s.begin_year()
        s.spent[SCHOOLING], s.spent[REPAIR] = 1_900_000, 2_100_000
        allocation.allocate(s, world, draws, year)
        measures.earn(s, world, draws, year)
        assert set(s.spent[REPAIR]) == {2_050_000, 2_100_000} and (s.spent[SCHOOLING] == 1_900_000).all()
        shares.append((s.spent[REPAIR] == 2_050_000).mean())
    assert shares == [pytest.approx(0.2, abs=0.03), pytest.approx(0.4, abs=0.03)]


def test_the_budget_insures_as_many_heads_as_it_reaches(tmp_path):
    world = plan.town(tmp_path, {"policy": {**POLICY, "budget": 100}}, made=plan.homes([{"people": [{}] * 3}] * 5))
    s, draws = plan.begin(world)
    a_year(s, world, draws, 2017, [50_000.0] * 5)
    books = s.held["policy"]["books"]
    assert (books[HOLDERS], books[UNMET], books[KIND_VALUE] + books[OVERHEAD]) == (3, 2, 9000)
    assert sorted(s.spent[ACUTE].tolist()) == [3_500_000] * 3 + [5_000_000] * 2


def test_monitoring_looks_at_what_is_left_to_pay(tmp_path):
    """A bill of 30,000 raises an alert, what the cap leaves of it does not. Mutation: the bill before health support."""
    entered = []
    certain = {"report_error": 0.0, "never_found": 0.0, "verified": 1.0, "detection_delay": 0.0, "ineligible_share": 0.0}
    for plans in ({"care": {**CARE, "capped": True}}, {}):
        world = plan.town(tmp_path, plans, made=plan.homes([{"status": Status.EXITED}] * 3), assessment=certain)
        s, draws = plan.begin(world)
        a_year(s, world, draws, 2020, [30_000.0] * 3)
        s.items[measures.ITEM["farm"]] += 550_000
        assessment.close_account(s, world, draws, 2020)
        entered.append(assessment.assess(s, world, draws, 2020).entered.tolist())
    assert entered == [[False] * 3, [True] * 3]


# --- missing guarantees ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("month", "supplied"), [(3, [1, 1, 1]), (8, [0, 1, 1]), (7, [1, 1, 1])])
def test_a_house_is_supplied_after_the_months_it_takes_and_paid_with_the_approval(tmp_path, month, supplied):
    """Six months. Mutations: at once; a year late; paid again while it is built; others' houses; a route claimed."""
    rows = [{"house_safe": False}, {"house_safe": False}, {}]
    house = {**HOUSE, "start": {"year": 2017, "month": month}, "kept_until": 2017}
    world = plan.town(tmp_path, {"house": house}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.hf[c.HOUSE_LUCK], s.hf[c.REPORTED] = (0.1, 0.9, 0.1), 5000.0
    s.hi[c.SECURED, 0] = Route.RELOCATION
    seen = []
    for year in (2017, 2018, 2019):
        s.hi[c.STATUS] = Status.EXITED if year == 2018 else Status.POOR  # what is approved is built
        a_year(s, world, draws, year)
        books = s.held["house"]["books"]
        seen.append((s.hi[c.HOUSE_SAFE].tolist(), books[[NEW, KIND_VALUE, CASH]].tolist()))
    assert [safe for safe, _ in seen] == [[now, now, 1] for now in supplied]
    assert [spent for _, spent in seen] == [[2, 4_500_000, 0], [0, 0, 0], [0, 0, 0]]
    assert s.held["house"]["own"].tolist() == [pytest.approx(35_000 / 3), pytest.approx(10_000 / 3), 0.0]
    assert s.hi[c.SECURED].tolist() == [Route.RELOCATION, 0, 0]
    s.hi[c.HOUSE_SAFE, 1] = 0  # lost again, asked for again
    a_year(s, world, draws, 2020)
    assert s.held["house"]["books"][[HOLDERS, NEW, KIND_VALUE]].tolist() == [1, 1, 1_000_000]


def test_where_the_budget_ends_the_unmet_are_reported(tmp_path):
    """Four houses of grade C and one of D, 25,000 yuan a year. Mutations: a grade D set aside for each; unmet not counted."""
    world = plan.town(
        tmp_path, {"house": {**HOUSE, "budget": 25_000}}, made=plan.homes([{"house_safe": False}] * 4), guarantees=QUIET
    )
    s, draws = plan.begin(world)
    s.hf[c.HOUSE_LUCK], s.hf[c.REPORTED] = 0.9, 5000.0
    seen = []
    for year in (2017, 2018, 2019):
        a_year(s, world, draws, year)
        books = s.held["house"]["books"]
        seen.append((books[NEW], books[UNMET], books[KIND_VALUE] + books[OVERHEAD], s.hi[c.HOUSE_SAFE].sum()))
    assert seen == [(2, 2, 2_000_000, 2), (2, 0, 2_000_000, 4), (0, 0, 0, 4)]


def test_who_cannot_raise_the_own_part_stays_without(tmp_path):
    """Mutation: the own part asked of nobody."""
    world = plan.town(tmp_path, {"house": {**HOUSE, "own_years": 2.0}}, made=plan.homes([{"house_safe": False}] * 2))
    s, draws = plan.begin(world)
    s.hf[c.HOUSE_LUCK], s.hf[c.REPORTED] = 0.1, (5000.0, 6000.0)  # 11,667 yuan
    a_year(s, world, draws, 2017)
    assert s.held["house"]["held"].tolist() == [False, True]


def test_houses_over_the_years_beside_what_goes_on_anyway(tmp_path):
    """More safe houses than without, never fewer, for what is booked. Mutation: basic luck changed by the measure."""
    made = small.tables([2] * 200, [Status.POOR] * 200)
    made.households["house_safe"][:120], made.households["income_operating"][:] = False, 9000.0
    slow = {**QUIET, "house_mended_registered": 0.2}
    safe = []
    for plans in ({"house": {**HOUSE, "quota": {"households": 20}}}, {}):
        world = plan.town(tmp_path, plans, made=made, guarantees=slow)
        safe.append(
            [(s.hi[c.HOUSE_SAFE].copy(), sum(h["books"][NEW] for h in s.held.values())) for _, s in lives(world, (2017, 2018))]
        )
    for (with_, new), (without, _) in zip(*safe, strict=True):
        assert (with_ >= without).all() and new == 20
    assert safe[0][0][0].sum() - safe[1][0][0].sum() == 20


def test_water_of_ones_own_and_of_a_village(tmp_path):
    """A scheme costs once, whoever joins, and keeps on supplying. Mutations: a scheme for each; one where nobody lacks it."""
    rows = [{"water_safe": False}] * 3 + [{}] * 3
    scheme = {"kind": "guarantee", "form": "scheme", "take_up": 1.0, "overhead": 0.1, "start": {"year": 2017, "month": 6}}
    plans = {"here": {**scheme, "eligible": {"village": ["v0"]}}, "there": {**scheme, "eligible": {"village": ["v1"]}}}
    world = plan.town(tmp_path, plans, made=plan.homes(rows, villages=2))
    s, draws = plan.begin(world)
    spent, safe = [], []
    for year in (2017, 2018, 2019):
        if year == 2019:  # two whom the scheme serves, and one in a village without
            s.hi[c.WATER_SAFE, [0, 1, 5]] = 0
        a_year(s, world, draws, year)
        spent.append([s.held[id]["books"][[KIND_VALUE, OVERHEAD]].tolist() for id in plans])
        safe.append(s.hi[c.WATER_SAFE].tolist())
    assert spent == [
        [[10_290_000, 1_029_000], [0, 0]], [[0, 0], [0, 0]], [[0, 0], [10_290_000, 1_029_000]],
    ]  # fmt: skip
    assert safe == [[0, 0, 0, 1, 1, 1], [1] * 6, [1, 1, 1, 1, 1, 0]]

    own = {"kind": "guarantee", "form": "water", "take_up": 1.0, "overhead": 0.0, "start": {"year": 2017, "month": 12}}
    world = plan.town(tmp_path, {"well": own}, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.hf[c.REPORTED] = 5000.0
    for year, water in ((2017, [0, 0, 0, 1, 1, 1]), (2018, [1] * 6)):
        a_year(s, world, draws, year)
        assert s.hi[c.WATER_SAFE].tolist() == water
        assert s.held["well"]["books"][KIND_VALUE] == (900_000 if year == 2017 else 0)


def test_a_child_comes_back_to_school_and_stays(tmp_path):
    """Mutations: marked only; an adult or a child under age sent; out again the next year."""
    child = {"birth_year": 2006, "stage": Stage.NONE, "capacity": Capacity.NONE}
    infant = {**child, "birth_year": 2014}
    back = {"kind": "guarantee", "form": "school", "take_up": 1.0}
    world = plan.town(
        tmp_path, {"back": back}, made=plan.homes([{"people": [{}, child, infant]}, {}]), people={"back_to_school": 0.0}
    )
    s, draws = plan.begin(world)
    seen = []
    for year in (2017, 2018):
        s.begin_year()
        people.people(s, world, draws, year)
        shocks.shocks(s, world, draws, year)
        found = s.hi[c.SCHOOL_SAFE, 0]
        allocation.allocate(s, world, draws, year)
        measures.earn(s, world, draws, year)
        seen.append((found, s.hi[c.SCHOOL_SAFE, 0], s.pi[c.STAGE, 1], s.pi[c.STAGE_YEAR, 1], s.held["back"]["books"][KIND_VALUE]))
    assert seen == [(0, 1, Stage.COMPULSORY, 6, 100_000), (1, 1, Stage.COMPULSORY, 7, 0)]
    assert s.pi[c.STAGE, 0] == Stage.NONE


def test_a_premium_paid_late_insures_for_the_test_and_not_the_bills_behind(tmp_path):
    """Mutations: bills of an uninsured year relieved after all; paid for those insured."""
    late = {"kind": "guarantee", "form": "premium", "take_up": 1.0, "overhead": 0.0}
    care = {**CARE, "top_up": {"poor": 1.0}}
    world = plan.town(tmp_path, {"late": late, "care": care}, made=plan.homes([{"people": [{}, {}]}, {}]))
    s, draws = plan.begin(world)
    s.hi[c.INSURED_ALL, 0], s.pi[c.INSURED, :2] = 0, 0
    a_year(s, world, draws, 2017, [1000.0, 1000.0])
    assert s.hi[c.INSURED_ALL].tolist() == [1, 1] and assessment.guaranteed(s).all()
    assert s.spent[ACUTE].tolist() == [100_000, 0]
    assert s.held["late"]["books"][[HOLDERS, KIND_VALUE]].tolist() == [1, 2 * 18_000]
