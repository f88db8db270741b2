"""Money lent to households and put in firms: paths by hand, who bears a failure, and money to the fen."""

import numpy as np
import pytest
from ruamel.yaml import YAML

from povsim.core.schema import EXPENSES, ITEMS, Capacity, Status
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from povsim.engine.measures import ITEM
from povsim.engine.shelf import CASH, FROM_VILLAGE, HOLDERS, KIND_VALUE, NEW, OVERHEAD, REPAID, UNMET, VILLAGE_MONEY
from povsim.engine.year import live_year
from povsim.policy.measures import asset_share
from tests.engine import plan, small

YEARS = (2017, 2018, 2019, 2020, 2021)
DEBT = EXPENSES.index("debt")

# A Sichuan town reports 264 contracts over 11.66 m yuan with three firms, dividends of at most 10%, in all 1.083 m yuan a year.
TO_FIRMS = """
  loans_to_firms:
    kind: asset_share
    title: 户贷企用
    eligible: {status: [poor]}
    quota: {households: {2017: 264, 2018: 0}}
    start: {year: 2017}
    financing: loan
    take_up: 1.0
    principal: {loan: 44167}
    rate: {loan: 0.0929}
    term: {loan: 3}
    firms: 3
    firm_failure: 0.0
"""
# An Anhui district put 7.32 m yuan in firms for 396 households, 534 yuan a head expected of 814 persons.
SHARES = """
  shares:
    kind: asset_share
    title: 资产收益
    eligible: {status: [poor]}
    financing: shares
    take_up: 1.0
    rate_spread: {shares: 0.0}
    firm_failure: 0.0
"""
OWN_USE = """
  own_use:
    kind: microcredit
    title: 户贷户用
    eligible: {status: [poor]}
    take_up: 1.0
    loan: 40000
    rate_spread: 0.0
    hands: 0
"""


def fragment(text, **changed):
    """The measures of a scenario fragment; ``changed`` sets parameters of all of them, the entries of a mapping singly."""
    plans = {}
    for id, read in YAML(typ="safe").load(text).items():
        plans[id] = dict(read)
        for name, value in changed.items():
            mapping = isinstance(value, dict) and isinstance(read.get(name), dict) and name not in plan.FRAME
            plans[id][name] = {**read[name], **value} if mapping else value
    return plans


def returns(**rates):
    """Parameters under which the activity returns so much in these years (``y2018=-0.2``): a loss is luck, and is found by name.

    A product is looked for whose price falls in the years of a loss; the spread of the year makes the fall as large as wanted.
    """
    wanted = {int(year[1:]): rate for year, rate in rates.items()}
    for product in (f"product {i}" for i in range(1000)):
        luck = {year: float(Draws(7, 0).named([f"product:{product}"], year, ("kind_468_z",))[0][0]) for year in wanted}
        spread = {year: rate / luck[year] if rate < 0 else 0.0 for year, rate in wanted.items()}
        if all(0.0 <= one <= 1.0 for one in spread.values()):
            break
    mean = {year: max(rate, 0.0) for year, rate in wanted.items()}
    return dict(product=product, common=1.0, rate=mean, rate_spread=spread)


def homes(count, size=1):
    """Poor households of able adults at home."""
    made = small.tables([size] * count, [Status.POOR] * count)
    made.persons["resident"][:] = True
    return made


class Years:
    """What came of a town's only measure, year by year; nothing but the measure happens, and incomes last year are stated."""

    def __init__(self, folder, plans, count=1, income=10_000.0, years=YEARS, item="asset_share", made=None, replicate=0):
        self.world = plan.town(folder, plans, made=made or homes(count), years=len(years))
        self.s, draws = plan.begin(self.world, replicate)
        (self.id,) = plans
        self.income, self.spent, self.books, self.kept = [], [], [], []
        for year in years:
            self.s.hf[c.TRUE_HEAD] = income
            plan.measures_only(self.s, self.world, draws, year)
            h = self.s.held[self.id]
            self.income.append(self.s.items[ITEM[item]] / 100)
            self.spent.append(self.s.spent[DEBT] / 100)
            self.books.append(h["books"].copy())
            self.kept.append({name: column.copy() for name, column in h.items()})
        self.income, self.spent, self.books = np.array(self.income), np.array(self.spent), np.array(self.books)

    def column(self, name):
        """An own column by year and household."""
        return np.array([kept[name] for kept in self.kept])

    def yuan(self, number):
        """A sum of money of the books, by year."""
        return (self.books[:, number] / 100).tolist()


# --- asset_share: a loan lent on to a firm ----------------------------------------------------------------


def test_a_firm_that_never_fails_pays_to_the_term_and_gives_the_principal_back(tmp_path):
    """Mutations: a year more or less; the principal as income; the loan left with the household; interest borne by it."""
    found = Years(tmp_path, fragment(TO_FIRMS, principal={"loan": 40000}, rate={"loan": 0.1}), 2)
    assert found.income.T.tolist() == [[4000, 4000, 4000, 0, 0]] * 2
    assert found.yuan(REPAID) == [0, 0, 80_000, 0, 0]
    assert found.column("debt")[:, 0].tolist() == [40_000, 40_000, 0, 0, 0]
    assert not found.spent.any() and not found.s.items.any()
    assert found.books[:, HOLDERS].tolist() == [2, 2, 2, 0, 0] and found.books[:, NEW].tolist() == [2, 0, 0, 0, 0]


def test_a_contract_of_spring_runs_into_a_fourth_year(tmp_path):
    """Five months, two years, seven months. Mutation: whole years only."""
    changed = dict(principal={"loan": 36000}, rate={"loan": 0.1}, start={"year": 2017, "month": 8})
    found = Years(tmp_path, fragment(TO_FIRMS, **changed))
    assert found.income[:, 0].tolist() == [1500, 3600, 3600, 2100, 0]
    assert found.yuan(REPAID) == [0, 0, 0, 36_000, 0]


def test_with_hazard_one_all_fall_together_and_owe(tmp_path):
    """40% comes back at once, the rest falls due at the term. Mutations: the debt gone too; due at once; each by itself."""
    changed = dict(firm_failure=1.0, principal={"loan": 40000}, collected_for=9, fund_share=0.5, overhead=0.0)
    found = Years(tmp_path, fragment(TO_FIRMS, **changed), 30)
    assert not found.income.any()
    assert (found.column("principal") == 0.0).all()
    assert (found.column("debt")[:2] == 24_000).all()
    assert (found.spent[:2] == 0).all() and (found.spent[2] == 3000).all()  # 30% of 10,000 yuan
    assert found.column("owed")[2:].T.tolist() == [[21_000, 20_000, 19_000]] * 30  # then a tenth of its income a year
    assert found.yuan(REPAID) == [30 * 16_000, 0, 30 * 3000, 30 * 1000, 30 * 1000]
    subsidised = [0.0435 * debt for debt in (40_000, 24_000, 24_000)]
    assert found.yuan(KIND_VALUE) == pytest.approx([30 * subsidised[0], 30 * subsidised[1], 30 * (subsidised[2] + 10_500), 0, 0])
    assert (found.s.hi[c.ENTERPRISE_FAILED] == 1).all()


def test_the_household_may_be_let_off_by_the_fund(tmp_path):
    """As in the published case of a county that repaid the bank itself."""
    changed = dict(firm_failure=1.0, principal={"loan": 40000}, recovered=0.0, raised=0.0, collected_for=0)
    found = Years(tmp_path, fragment(TO_FIRMS, **changed))
    assert not found.spent.any() and not found.column("owed").any()
    assert found.books[2, KIND_VALUE] / 100 == pytest.approx(40_000 * 1.0435)
    assert found.books[:, HOLDERS].tolist() == [1, 1, 1, 0, 0]


def test_holders_of_one_firm_share_its_fate(tmp_path):
    """Mutation: a draw of each household."""
    found = Years(tmp_path, fragment(TO_FIRMS, firms=8, firm_failure=0.3), 200)
    alive, firm = found.column("principal") > 0.0, found.column("firm")[0]
    assert sorted(set(firm)) == list(range(8))
    paid = [set(alive[:, firm == one].sum(axis=0)) for one in range(8)]  # years of each one's holders
    assert all(len(years) == 1 for years in paid) and len(set.union(*paid)) > 1


def check_firms(folder, hazard, firms=3000):
    """The share of the firms with holders that pay after k years is (1 - hazard)^k, within four standard errors."""
    changed = dict(firms=firms, firm_failure=hazard, term={"loan": 20}, quota={"households": 3 * firms})
    found = Years(folder, fragment(TO_FIRMS, **changed), 3 * firms)
    alive, firm = found.column("principal") > 0.0, found.column("firm")[0].astype(int)
    there = np.unique(firm)
    for k, row in enumerate(alive, 1):
        share = (np.bincount(firm[row], minlength=firms)[there] > 0).mean()
        expected = (1.0 - hazard) ** k
        assert share == pytest.approx(expected, abs=4.0 * np.sqrt(expected * (1.0 - expected) / len(there)))


@pytest.mark.parametrize("firms", [3000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("hazard", [0.04, 0.25])
def test_firms_survive_geometrically(tmp_path, hazard, firms):
    check_firms(tmp_path, hazard, firms)


@pytest.mark.parametrize(
    "wrong",
    [
        dict(fails=lambda u, hazard: np.where(u < 1.2 * hazard, 1.0, 0.0)),
        dict(pick=lambda table, firm: np.resize(table, np.shape(firm))),
        dict(principal_left=lambda principal, failed, at_term: principal),
    ],
    ids=["more often", "a hazard for each contract", "failed and still there"],
)
def test_survival_notices(tmp_path, monkeypatch, wrong):
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    for name, rule in wrong.items():
        monkeypatch.setattr(asset_share, name, rule)
    with pytest.raises(AssertionError):
        check_firms(tmp_path, 0.25)


def test_no_new_ones_after_the_last_year_and_the_old_run_out(tmp_path):
    """Mutations: the ban a year late; those that hold one cut off."""
    changed = dict(quota={"households": 10}, last_year=2018)
    found = Years(tmp_path, fragment(TO_FIRMS, **changed), 50)
    assert found.books[:, NEW].tolist() == [10, 10, 0, 0, 0]
    assert found.books[:, HOLDERS].tolist() == [10, 20, 20, 10, 0]
    assert found.books[2:, UNMET].tolist() == [0, 0, 0]  # nobody asks for what is not made any more


def test_the_interest_subsidy_is_spending_and_the_rest_is_borne(tmp_path):
    """Mutations: the subsidy as cash or income; the household's part forgotten; a removed household subsidised."""
    changed = dict(principal={"loan": 40000}, subsidised=0.6, overhead=0.02)
    found = Years(tmp_path, fragment(TO_FIRMS, **changed), 2, years=YEARS[:1])
    assert found.yuan(KIND_VALUE) == [pytest.approx(2 * 0.6 * 1740)]
    assert found.yuan(OVERHEAD) == [pytest.approx(0.02 * 2 * 0.6 * 1740)]
    assert not found.books[:, [CASH, VILLAGE_MONEY, FROM_VILLAGE]].any()
    assert found.spent[0] == pytest.approx([0.4 * 1740] * 2)

    world = plan.town(tmp_path, fragment(TO_FIRMS, principal={"loan": 40000}), made=homes(2))
    s, draws = plan.begin(world)
    for year in (2017, 2018):
        s.hi[c.STATUS, 1] = Status.REMOVED if year == 2018 else Status.POOR
        plan.measures_only(s, world, draws, year)
    assert s.spent[DEBT].tolist() == [0, 174_000]
    assert s.items[ITEM["asset_share"]].tolist() == [371_600] * 2  # the firm pays who has lent it


def test_a_budget_for_subsidies_reaches_as_far_as_it_goes(tmp_path):
    """1,740 yuan of interest each, with overhead. Mutation: the principal charged to the budget."""
    changed = dict(principal={"loan": 40000}, budget=3 * 1740 * 1.01 + 1)
    found = Years(tmp_path, fragment(TO_FIRMS, **changed), 5, years=YEARS[:1])
    assert found.books[0, [HOLDERS, NEW, UNMET]].tolist() == [3, 3, 2]


def test_a_budget_bears_the_overhead_too(tmp_path):
    """Interest of three, without their overhead, is enough for two. Mutation: overhead beside the budget."""
    found = Years(tmp_path, fragment(TO_FIRMS, principal={"loan": 40000}, budget=3 * 1740 + 1), 5, years=YEARS[:1])
    assert found.books[0, [HOLDERS, UNMET]].tolist() == [2, 3]
    assert (found.books[0, KIND_VALUE] + found.books[0, OVERHEAD]) / 100 <= 3 * 1740 + 1


def test_the_figures_of_the_reported_town(tmp_path):
    """264 contracts, 11.66 m yuan, 1.083 m yuan of dividends a year; and what if all three firms stop in 2019."""
    found = Years(tmp_path, fragment(TO_FIRMS), 354)
    assert found.column("principal")[0].sum() == pytest.approx(11.66e6, rel=1e-4)
    assert found.income.sum(axis=1)[:3] == pytest.approx([1.083e6] * 3, rel=1e-3)
    assert found.books[:, HOLDERS].tolist() == [264, 264, 264, 0, 0]
    stops = Years(tmp_path, fragment(TO_FIRMS, firm_failure={2017: 0.0, 2019: 1.0}), 354)
    assert stops.income[:2].tolist() == found.income[:2].tolist() and not stops.income[2].any()
    assert (stops.spent[2] > 0).sum() == 264


# --- asset_share: assets turned into shares ---------------------------------------------------------------


def test_shares_cost_at_the_start_leave_no_debt_and_the_principal_returns_to_the_village(tmp_path):
    """Mutations: a debt; the principal as a household's income, or as proceeds to be shared out; a ban on them too."""
    found = Years(tmp_path, fragment(SHARES, overhead=0.0, start={"year": 2018}), 3, years=(*YEARS, 2022))
    each = 18_485 * 0.0594
    assert found.income[:, 0] == pytest.approx([0, each, each, each, each, 0], abs=0.01)
    assert found.yuan(KIND_VALUE) == [0, 3 * 18_485, 0, 0, 0, 0]
    assert found.yuan(REPAID) == [0, 0, 0, 0, 3 * 18_485, 0]
    assert not found.spent.any() and not found.column("debt").any() and not found.s.vi[c.PROCEEDS].any()


def test_at_a_failure_shares_are_gone_and_nothing_is_owed(tmp_path):
    found = Years(tmp_path, fragment(SHARES, firm_failure={2017: 0.0, 2019: 1.0}, overhead=0.0), 2)
    assert (found.income[:2] > 0).all() and not found.income[2:].any()
    assert found.yuan(REPAID) == [0, 0, pytest.approx(2 * 0.4 * 18_485), 0, 0]
    assert not found.spent.any() and found.books[:, HOLDERS].tolist() == [2, 2, 2, 0, 0]
    assert (found.s.hi[c.ENTERPRISE_FAILED] == 1).all()


def test_a_budget_turns_into_shares_what_it_can_pay(tmp_path):
    """Public money put in the firm is the budget's, once. Mutation: only subsidised interest counts against it."""
    found = Years(tmp_path, fragment(SHARES, overhead=0.0, budget=2 * 18_485 + 1, quota={"households": 9}), 3, years=YEARS[:2])
    assert found.books[:, [NEW, UNMET]].tolist() == [[2, 1], [1, 0]]
    assert found.yuan(KIND_VALUE) == [2 * 18_485, 18_485]


def test_land_turned_into_shares_is_no_spending(tmp_path):
    found = Years(tmp_path, fragment(SHARES, public_share=0.0), 2)
    assert (found.income[:4] > 0).all()
    assert not found.books[:, [CASH, KIND_VALUE, VILLAGE_MONEY, OVERHEAD]].any()


def test_a_yield_moves_with_the_firm_over_a_floor(tmp_path):
    """All holders of a firm alike. Mutation: luck of each household; a loss taken from the household."""
    found = Years(tmp_path, fragment(SHARES, rate_spread={"shares": 1.0}), 9)
    assert (found.income[:4] == found.income[:4, :1]).all()
    usual = 18_485 * 0.0594
    assert found.income[:4].min() >= 0.7 * usual - 0.01 and len(set(found.income[:4, 0])) > 1


def test_each_firm_has_its_own_yield(tmp_path):
    """Mutation: one luck for all firms."""
    found = Years(tmp_path, fragment(SHARES, rate_spread={"shares": 0.1}, least_rate={"shares": 0.0}, firms=3), 60)
    firm = found.column("firm")[0]
    assert set(firm) == {0.0, 1.0, 2.0}
    each = [[set(year[firm == one]) for one in range(3)] for year in found.income[:3]]
    assert all(len(paid) == 1 for year in each for paid in year)
    assert all(len(set.union(*year)) == 3 for year in each)


# --- microcredit -----------------------------------------------------------------------------------------


def test_a_loan_of_its_own_earns_and_is_repaid_from_what_it_bought(tmp_path):
    """8% of 40,000 yuan for three years. Mutations: the loan as income; repaid twice; the return after it is repaid."""
    found = Years(tmp_path, fragment(OWN_USE, overhead=0.0), item="business")
    assert found.income[:, 0].tolist() == [3200, 3200, 3200, 0, 0]
    assert found.yuan(REPAID) == [0, 0, 40_000, 0, 0]
    assert found.yuan(KIND_VALUE) == pytest.approx([1740, 1740, 1740, 0, 0])
    assert not found.spent.any()
    assert (found.s.hi[c.TERM_ENDED, 0], found.s.hi[c.ENTERPRISE_FAILED, 0]) == (1, 0)


def test_what_was_lost_is_the_burden_at_maturity(tmp_path):
    """A tenth lost a year: 29,160 of 40,000 yuan are left, 10,840 fall on an income of 10,000.

    Mutations: the loss forgiven; due early; the fund's part not owed any more.
    """
    changed = dict(returns(y2017=-0.1, y2018=-0.1, y2019=-0.1), warned=0.0, raised=1.0, fund_share=0.5, overhead=0.0)
    found = Years(tmp_path, fragment(OWN_USE, **changed), item="business")
    assert found.income[:, 0].tolist() == pytest.approx([-4000, -3600, -3240, 0, 0])
    assert found.spent[:, 0] == pytest.approx([0, 0, 10_000, 840, 0])
    assert found.yuan(REPAID) == pytest.approx([0, 0, 39_160, 840, 0])
    assert found.yuan(KIND_VALUE) == pytest.approx([1740, 1740, 1740 + 420, 0, 0])
    assert found.column("held")[:, 0].tolist() == [True, True, True, True, False]


def test_a_warned_household_sets_aside_what_it_will_owe(tmp_path):
    """The same losses, 2,000 yuan a year set aside of an income of 10,000. Mutations: set aside twice; not repaid with."""
    changed = dict(returns(y2017=-0.1, y2018=-0.1, y2019=-0.1), warned=1.0, raised=1.0, set_aside=0.2)
    found = Years(tmp_path, fragment(OWN_USE, **changed), item="business")
    assert found.spent[:, 0] == pytest.approx([2000, 2000, 2000 + 4840, 0, 0])
    assert found.yuan(REPAID) == pytest.approx([0, 0, 40_000, 0, 0])
    assert not found.column("owed").any() and not found.column("renewals").any()


def test_an_extension_leaves_time_to_earn(tmp_path):
    """A quarter lost in each of two years, a fifth won in each of two: 13,000 yuan short in 2019, 7,600 a year later.

    Mutations: extended without need; for ever; no return in the extension.
    """
    luck = returns(y2017=-0.25, y2018=-0.25, y2019=0.2, y2020=0.2)
    changed = dict(luck, warned=1.0, renewed=1.0, raised=0.5, set_aside=0.0, collected_for=0)
    found = Years(tmp_path, fragment(OWN_USE, **changed), item="business")
    assert found.column("capital")[:, 0] == pytest.approx([30_000, 22_500, 27_000, 0, 0])
    assert found.income[:, 0] == pytest.approx([-10_000, -7500, 4500, 5400, 0])
    assert found.column("renewals")[:, 0].tolist() == [0, 0, 1, 1, 1]
    assert found.spent[:, 0] == pytest.approx([0, 0, 0, 5000, 0])  # there is no second extension
    assert found.yuan(REPAID) == pytest.approx([0, 0, 0, 37_400, 0])
    rich = Years(tmp_path, fragment(OWN_USE, **changed), item="business", income=26_000.0)
    assert not rich.column("renewals").any() and rich.spent[2, 0] == pytest.approx(13_000)


def test_the_warning_lowers_what_is_overdue(tmp_path):
    """The same luck with and without it. Mutation: a warning without effect."""
    overdue = {}
    for warned in (0.0, 0.9):
        plans = fragment(OWN_USE, warned=warned, rate_spread=0.25, common=0.0)
        found = Years(tmp_path, plans, 3000, years=YEARS[:4], item="business", income=20_000.0)
        overdue[warned] = found.column("owed").max(axis=0)
        assert bool(found.column("renewals").any()) == (warned > 0.0)
    assert (overdue[0.9] > 0).sum() < 0.6 * (overdue[0.0] > 0).sum()
    assert overdue[0.9].sum() < 0.7 * overdue[0.0].sum()


def test_a_failed_activity_is_given_up_and_still_owed(tmp_path):
    """Mutations: income from an activity that is gone; the failure not noted, or noted as an end."""
    changed = dict(returns(y2017=0.08, y2018=-0.9, y2019=0.5), warned=0.0, raised=1.0)
    found = Years(tmp_path, fragment(OWN_USE, **changed), item="business")
    assert found.income[:, 0] == pytest.approx([3200, -36_000, 0, 0, 0], abs=0.01)
    assert found.spent[2, 0] == 10_000 and found.column("owed")[2, 0] == pytest.approx(26_000)
    assert (found.s.hi[c.ENTERPRISE_FAILED, 0], found.s.hi[c.TERM_ENDED, 0]) == (1, 0)


def test_a_household_has_one_small_loan_at_a_time(tmp_path):
    """Mutation: one from each of two measures."""
    plans = fragment(OWN_USE) | {"another": fragment(OWN_USE)["own_use"] | {"title": "另一项"}}
    world = plan.town(tmp_path, plans, made=homes(3))
    s, draws = plan.begin(world)
    plan.measures_only(s, world, draws, 2017)
    assert [int(s.held[id]["held"].sum()) for id in plans] == [3, 0]
    assert [int(s.held[id]["books"][UNMET]) for id in plans] == [0, 0], "who has one of the kind is not refused another"


def test_without_hands_there_is_no_loan_and_without_time_no_return(tmp_path):
    """Mutations: a household of the old admitted; hands counted twice; capital lost because nobody worked."""
    made = homes(3)
    made.persons["capacity"][1] = Capacity.LOST
    world = plan.town(tmp_path, fragment(OWN_USE, hands=6), made=made)
    s, draws = plan.begin(world)
    s.pi[c.MONTHS, world.layout.off[2]] = 90  # nine of twelve months in paid work
    plan.measures_only(s, world, draws, 2017)
    assert s.held["own_use"]["held"].tolist() == [True, False, True]
    assert s.items[ITEM["business"]].tolist() == [320_000, 0, 160_000]
    assert s.hf[c.HANDS_USED].tolist() == [6.0, 0.0, 3.0]
    assert s.held["own_use"]["capital"].tolist() == [40_000, 0, 40_000]


def test_luck_in_common_and_ones_own(tmp_path):
    """Mutation: either part left out."""
    spread = []
    for common in (0.0, 1.0):
        found = Years(tmp_path, fragment(OWN_USE, rate_spread=0.1, common=common), 400, years=YEARS[:1], item="business")
        spread.append((found.income[0].std() / 40_000, found.income[0].mean() / 40_000))
    assert spread[0][0] == pytest.approx(0.1, rel=0.1) and spread[0][1] == pytest.approx(0.08, abs=0.02)
    assert spread[1][0] == 0.0 and spread[1][1] != pytest.approx(0.08, abs=1e-6)


# --- money -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (TO_FIRMS, dict(firms=20, firm_failure=0.2, subsidised=0.7, fund_share=0.6, start={"year": 2017, "month": 5})),
        (OWN_USE, dict(rate_spread=0.5, subsidised=0.7, start={"year": 2017, "month": 5})),
    ],
)
def test_what_is_lent_comes_back_or_is_owed_and_what_is_spent_is_subsidy_and_the_funds_loss(tmp_path, text, changed):
    """Year by year, repayments apart. Mutations: a payment counted twice; the fund's loss a repayment; interest as principal."""
    firms = text is TO_FIRMS
    plans, item = fragment(text, collected_for=99, **changed), "asset_share" if firms else "business"
    found = Years(tmp_path, plans, 200, item=item, income=6000.0)
    debt, owed = found.column("debt" if firms else "loan"), found.column("owed")
    lent = np.full(200, 44_167.0 if firms else 40_000.0)
    before = np.vstack((lent, (debt + owed)[:-1]))
    assert (before - debt - owed).sum(axis=1) == pytest.approx(found.books[:, REPAID] / 100, abs=1.0)

    months = np.array([8.0, 12.0, 12.0, 12.0, 12.0])[:, None]
    run = np.vstack((np.zeros(200), found.column("run")[:-1]))
    ran = np.clip((36.0 if firms else found.column("term")) - run, 0.0, months)
    interest = (np.vstack((lent, debt[:-1])) * 0.0435 * ran / 12).sum(axis=1)
    overdue = np.maximum(np.diff(np.vstack((np.zeros(200), owed)), axis=0), 0.0).sum(axis=1)
    spent = found.books[:, [CASH, KIND_VALUE, VILLAGE_MONEY]].sum(axis=1) / 100
    assert spent == pytest.approx(0.7 * interest + (0.6 if firms else 0.7) * overdue, abs=1.0)
    assert found.books[:, OVERHEAD] == pytest.approx(0.01 * 100 * spent, abs=1.0)

    assert overdue.sum() > 0
    own = found.spent.sum(axis=1) - 0.3 * interest
    assert (own > -1.0).all() and own.sum() > 1000
    if firms:  # what comes back is the firm's or the household's
        out = -np.diff(np.vstack((lent, found.column("principal"))), axis=0)
        back = (out * np.where(found.income > 0.0, 1.0, 0.4)).sum(axis=1)
        assert own == pytest.approx(found.books[:, REPAID] / 100 - back, abs=2.0)


def test_what_is_paid_stays_out_of_the_registers_income(tmp_path):
    """Whole years: loan and repayment are no income, and come off the reference income only where the office says so."""
    gap = []
    for counts in (False, True):
        plans = fragment(OWN_USE, rate_spread=0.25, term=1, warned=0.0, subsidised=0.0, eligible={"labourers": ">= 1"})
        world = plan.town(tmp_path, plans, assessment={"debt_counts": counts})
        s, draws = plan.begin(world)
        for year in (2017, 2018):
            live_year(s, world, draws, year)
        size, registry = np.maximum(s.hi[c.SIZE], 1), [item.registry for item in ITEMS]
        assert s.hf[c.TRUE_HEAD] == pytest.approx(s.items[registry].sum(axis=0) / 100 / size)
        gap.append(s.hf[c.REFERENCE] * size)
        paid = s.spent[DEBT] / 100
    assert paid.sum() > 0
    assert gap[0] - gap[1] == pytest.approx(paid, abs=1e-6)
