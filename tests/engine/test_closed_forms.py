"""The engine against closed forms: samples of stated size, four standard errors, and a wrong rule that each must notice.

The small size is tried each time, a million lives where asked for (``-m slow``). Paths that need no sample are met to the fen.
Beside these stand deaths, births and schooling (test_people), farming (test_income), the hunt for work (test_labour), firms that
fail and loans (test_credit), and the rules of PV and prices (tests/policy).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from povsim.core.elementary import exp, ppf
from povsim.core.randomness import uniform
from povsim.core.schema import EXPENSES, Sex, Status, Work
from povsim.engine import allocation, counting, judging, labour, ledger, measures, program, shocks
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from povsim.engine.measures import ITEM
from povsim.engine.run import open_replicate
from povsim.engine.shelf import KIND_VALUE, VILLAGE_MONEY
from povsim.engine.year import run_year
from povsim.policy.measures import health, insurance, microcredit, pv
from tests.engine import lives, plan
from tests.engine.test_credit import OWN_USE, Years, fragment
from tests.engine.test_people import alone
from tests.engine.test_protection import CARE, POLICY
from tests.engine.test_safety_net import SURE
from tests.engine.test_safety_net import live as earning

MILLION = 1_000_000
QUIET = {  # nobody is born, dies, moves, falls ill or is struck, and the office makes no mistake
    "people": {
        **dict.fromkeys(("fertility", "bride_comes", "daughter_marries_out", "son_moves_out", "leaves_after_college"), 0.0),
        **dict.fromkeys(("deaths_male", "deaths_female"), [0.0] * 21),
    },
    "health": dict.fromkeys(("onset", "new_disability", "new_chronic"), 0.0),
    "shocks": dict.fromkeys(("disaster", "accident"), 0.0),
    "guarantees": dict.fromkeys(
        ("house_ages", "house_damaged", "spring_dries", "premium_unpaid", "premium_unpaid_subsidised"), 0.0
    ),
    "assessment": {
        **dict.fromkeys(("report_error", "written_up", "general_found", "ineligible_share", "return_found"), 0.0),
        "list_finding": 1.0,
    },
    "economy": {"pandemic_months_away": 0.0, "pandemic_job_loss": 1.0},
    "transfers": {"other_transfers": 0.0},
}


def quiet(*more):
    """Groups of parameters in which nothing happens but what is stated."""
    names = {group for groups in (QUIET, *more) for group in groups}
    return {group: {name: value for groups in (QUIET, *more) for name, value in groups.get(group, {}).items()} for group in names}


def live(world, replicate=0, seed=7):
    """All years of a world in which everybody has been helped before, so that only income decides who leaves."""
    draws = Draws(seed, replicate)
    s, book, tally = open_replicate(world, draws), ledger.open_book(world), ledger.open_tally(world)
    s.hi[c.HELPED] = 1
    heads = []
    for year in world.years:
        run_year(s, world, draws, year, book, tally)
        heads.append(s.hf[c.TRUE_HEAD].copy())
    ledger.close_life(s, world, book, tally)
    return s, tally, heads


def errors(share, count):
    """Four standard errors of a share."""
    return 4.0 * np.sqrt(np.asarray(share) * (1.0 - np.asarray(share)) / count)


def sample(count, sigma=1.0, median=1.0):
    """A lognormal sample, by keyed draws."""
    return median * exp(sigma * ppf(uniform(11, "closed forms", np.arange(count, dtype=np.uint64), 0, 2018, 255, "people_death")))


def moment(k, over, median, sigma):
    """The mean of X ** k where X lies over a bound, of a lognormal X."""
    return median**k * np.exp((k * sigma) ** 2 / 2) * norm.cdf((np.log(median / over) + k * sigma**2) / sigma)


# --- constant growth, no noise ---------------------------------------------------------------------------

GROWTH = 0.05
NO_NOISE = {
    "economy": {
        "mean_wage": {2016 + k: 3000.0 * 1.05**k for k in range(5)}, "farm_margin_growth": GROWTH, "wage_ratio_away": 1.12,
    },
    "work": {
        "loses_able": 0.0, "wage_spread": 0.0, "wage_shock_spread": 0.0, "registered_wage": 0.8, "usual_months_away": 8.5,
    },
    "farming": {"lasting_spread": 0.0, "passing_spread": 0.0, "price_spread": 0.0},
    "lines": {"exit_line": 20_000.0},
}  # fmt: skip


def check_growth(folder, wrong=None):
    """17,000 yuan from wages and fields in 2016, 5% more each year; 20,000 are passed in year ln(20/17) / ln 1.05, the fourth."""
    worker = dict(work=Work.AWAY, months=8.5, wage_month=2000.0, ever_worked=True, birth_year=1985, resident=False)
    row = dict(people=[worker], income_wage=8.5 * 2000 * 0.75, income_operating=4250.0)
    groups = quiet(NO_NOISE, wrong or {})
    world = plan.town(folder, {}, made=plan.homes([row]), years=4, plan={"finish_year": 2030}, **groups)
    s, _, heads = live(world)
    assert [head[0] for head in heads] == pytest.approx([17_000 * 1.05**k for k in range(1, 5)], abs=0.02)
    assert s.hi[c.FIRST_EXIT, 0] == 2016 + np.ceil(np.log(20_000 / 17_000) / np.log(1.05))


def test_constant_growth_gives_the_path_by_hand(tmp_path):
    check_growth(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"economy": {"farm_margin_growth": 0.049}},
        {"farming": {"passing_spread": 0.001}},
        {"work": {"wage_shock_spread": 0.001}},
        {"lines": {"exit_line": 20_700.0}},
    ],
    ids=str,
)
def test_growth_notices(tmp_path, wrong):
    with pytest.raises(AssertionError):
        check_growth(tmp_path, wrong)


# --- a constant hazard -----------------------------------------------------------------------------------

FINDS = 0.3


HUNT = {
    "work": {
        "loses_able": 0.0, "finds_able": FINDS, "finds_early": 1.0, "finds_campaign": 1.0, "finds_late": 1.0, "find_spread": 0.0,
        "find_per_person": 0.0, "find_by_age": [1.0] * 4,
    },
    "economy": {"mean_wage": 200_000.0},
    "farming": {"margin_labourer": 0.0},
}  # fmt: skip


def check_exits(folder, count, **wrong):
    """Poor men without income, each of whom finds work well paid with 0.3 a year: first exits are geometric, 0.3 x 0.7^(k-1)."""
    made = alone(count, 25, Sex.MALE, Status.POOR)
    for name in ("income_wage", "income_operating", "income_transfer"):
        made.households[name][:] = 0.0
    made.households["house_safe"][:] = made.households["water_safe"][:] = True
    made.households["year_exited"][:], made.households["year_identified"][:] = 0, 2013
    world = plan.town(folder, {}, made=made, years=4, plan={"finish_year": 2030}, **quiet(HUNT, {"work": wrong}))
    _, tally, _ = live(world)
    shares = tally.exit_year[:5].sum(axis=1) / count
    expected = np.array([*(FINDS * (1 - FINDS) ** k for k in range(4)), (1 - FINDS) ** 4])
    assert (np.abs(shares - expected) <= errors(expected, count)).all(), (shares, expected)


@pytest.mark.parametrize("count", [3000, pytest.param(MILLION, marks=pytest.mark.slow)])
def test_a_constant_hazard_gives_geometric_exit_times(tmp_path, count):
    check_exits(tmp_path, count)


@pytest.mark.parametrize("rule", ["more likely", "not constant", "lastingly different"])
def test_exit_times_notice(tmp_path, rule, monkeypatch):
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    changed = {"find_spread": 0.8} if rule == "lastingly different" else {}
    chances = {"more likely": lambda age: 0.36, "not constant": lambda age: 0.3 - 0.03 * (age - 27)}
    if rule in chances:
        monkeypatch.setattr(labour, "find_chance", lambda age, *_: chances[rule](age) + 0.0 * age)
    with pytest.raises(AssertionError):
        check_exits(tmp_path, 3000, **changed)


# --- a lognormal population ------------------------------------------------------------------------------

MEDIAN, SIGMA = 8_000.0, 0.6


def below(k, line):
    """The mean of (X / line) ** k where X lies below the line."""
    return (MEDIAN * np.exp(k * SIGMA**2 / 2) / line) ** k * norm.cdf((np.log(line / MEDIAN) - k * SIGMA**2) / SIGMA)


def fgt(a, line):
    """FGT of a lognormal population."""
    return sum((-1) ** k * len_ * below(k, line) for k, len_ in enumerate(np.poly1d([1, 1]) ** a))


def gini_influence():
    """Standard deviation of one person's influence on the Gini of this population, by its influence function."""
    q = (np.arange(200_000) + 0.5) / 200_000
    x = MEDIAN * np.exp(SIGMA * norm.ppf(q))
    mean = x.mean()
    above = mean - np.cumsum(x) / len(x)
    half = (x * q).mean()
    return (2 / mean * (x * q + above - 2 * half) - 2 * half / mean**2 * (x - mean)).std()


def check_poverty(count, line=5_000.0, order=lambda x: np.argsort(x, kind="stable"), columns=False):
    """Headcount, gap, severity, Gini and three deciles, by closed form; the sd of each from its own second moment."""
    world = lives.town(made=alone(count, 30, Sex.MALE), lines__poverty_line=line, lines__exit_line=0.0)
    s = world.start.copy()
    s.hf[c.TRUE_HEAD] = sample(count, SIGMA, MEDIAN)
    if columns:
        homes, nobody = s.hi.shape[1], np.zeros((4, s.hi.shape[1]), np.int64)
        row = ledger.indicators(s, order(s.hf[c.TRUE_HEAD]), line, nobody, nobody[0])
        assert homes == count
    else:
        page, verdicts = counting.Page(ledger.open_book(world)), judging.Verdicts(count)
        program.run(*ledger.steps(s, world, 2017, verdicts, page, ledger.open_tally(world)))
        row = page.fields["indicators"][ledger.GROUPS.index("farm")]
    found = dict(zip(ledger.INDICATORS, row, strict=True))
    f = [fgt(a, 5_000.0) for a in range(5)]
    expected = {
        "headcount": (f[0], f[0] - f[0] ** 2),
        "gap": (f[1], f[2] - f[1] ** 2),
        "severity": (f[2], f[4] - f[2] ** 2),
        "gini": (2 * norm.cdf(SIGMA / np.sqrt(2)) - 1, gini_influence() ** 2),
    }
    for q in (10, 50, 90):
        x = MEDIAN * np.exp(SIGMA * norm.ppf(q / 100))
        expected[f"p{q}"] = x, q / 100 * (1 - q / 100) * (x * SIGMA / norm.pdf(norm.ppf(q / 100))) ** 2
    for name, (value, variance) in expected.items():
        assert abs(found[name] - value) <= 4.0 * np.sqrt(variance / count), (name, found[name], value)


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("count", [20_000, pytest.param(MILLION, marks=pytest.mark.slow)])
def test_a_lognormal_population_has_its_poverty_and_its_gini(count, columns):
    check_poverty(count, columns=columns)


@pytest.mark.parametrize(
    "wrong", [dict(line=5_250.0), dict(columns=True, order=lambda x: np.arange(len(x)))], ids=["line", "order"]
)
def test_poverty_notices(wrong):
    with pytest.raises(AssertionError):
        check_poverty(20_000, **wrong)


# --- one station -----------------------------------------------------------------------------------------

STATION = dict(
    kind="pv", eligible={"pv_linked": True}, capacity_kw=60, hours=1025, weather_sd=0.0, outage=0.0, tariff=0.85, arrears=0.0,
    connected_year=2017, connected_month=1, first_payment=0, first_year_loss=0.025, later_loss=0.007, upkeep=0.03, life=25,
    take_up=1.0, dividend_most=1e6,
)  # fmt: skip


def check_station(folder, **changed):
    """60 kW x 1,025 h x 0.85 yuan x 0.975 x the sum of 0.993^k over 20 years, less 3% upkeep: dividends and the village's."""
    world = plan.town(folder, {"pv": {**STATION, **changed}}, made=plan.homes([dict(pv_linked=True)] * 4), years=20)
    s, draws = plan.begin(world)
    paid = 0.0
    for year in world.years:
        plan.measures_only(s, world, draws, year)
        paid += (s.items[ITEM["pv_dividend"]].sum() + s.held["pv"]["books"][VILLAGE_MONEY]) / 100
    by_hand = 60 * 1025 * 0.85 * 0.975 * (1 - 0.993**20) / (1 - 0.993) * 0.97
    assert paid == pytest.approx(by_hand, abs=20 * 0.05)


def test_a_station_alone_pays_the_sum_of_its_ageing_years(tmp_path):
    check_station(tmp_path)


def test_a_station_notices(tmp_path, monkeypatch):
    with pytest.raises(AssertionError):
        check_station(tmp_path, later_loss=0.0071)
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    monkeypatch.setattr(
        pv, "performance", lambda n, first, later, life: (n >= 1) * (n <= life) * (1 - first) * (1 - (n - 1) * later)
    )
    with pytest.raises(AssertionError):
        check_station(tmp_path)


# --- a top-up --------------------------------------------------------------------------------------------


def check_top_up(folder, count, **changed):
    """Lognormal incomes around the standard, all listed and paid in full from the second year on: nobody is left under it."""
    heads = sample(count, 0.5, 4_000.0)
    made = plan.homes([{"people": [{}] * (1 + i % 4)} for i in range(count)])
    standard = {"dibao_standard": dict.fromkeys(range(2013, 2026), 4000)}
    world = plan.town(folder, {"net": {**SURE, **changed}}, made=made, lines=standard)
    s = earning(world, [heads, heads], (2017, 2018))[-1]
    reached = s.items[[ITEM["farm"], ITEM["dibao"]]].sum(axis=0) / 100 / s.hi[c.SIZE]
    assert 0.4 < (heads < 4000).mean() < 0.6
    assert (reached >= 4000 - 0.02).all()
    assert not s.items[ITEM["dibao"], heads > 4000.01].any()


@pytest.mark.parametrize("count", [800, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_top_up_leaves_nobody_eligible_under_the_standard(tmp_path, count):
    check_top_up(tmp_path, count)


@pytest.mark.parametrize("wrong", [dict(gap_share=0.99), dict(listing=0.9), dict(imputed_able=0.3)], ids=str)
def test_a_top_up_notices(tmp_path, wrong):
    with pytest.raises(AssertionError):
        check_top_up(tmp_path, 800, **wrong)


# --- protection ------------------------------------------------------------------------------------------

ACUTE = EXPENSES.index("medical_acute")
BILL, BILLS = 12_000.0, 0.9


def a_year_of_bills(folder, count, plans):
    """One-person households with lognormal bills in a year with nothing else; what of them was paid for, yuan."""
    made = alone(count, 40, Sex.MALE)
    made.households["status"][:] = Status.POOR
    world = plan.town(folder, plans, made=made)
    s, draws = plan.begin(world)
    s.begin_year()
    bills = np.rint(100 * sample(count, BILLS, BILL)) / 100
    s.pf[c.BILL, world.layout.off[:-1]] = bills
    s.spent[ACUTE] = np.rint(bills * 100)
    allocation.allocate(s, world, draws, 2017)
    measures.earn(s, world, draws, 2017)
    return bills, s.spent[ACUTE] / 100, s.held[next(iter(plans))]["books"]


def check_insurance(folder, count):
    """A share of 0.6 over 20,000 of a lognormal bill, of which four in five claims stand: the stop-loss of the lognormal."""
    policy = {**POLICY, "threshold": 20_000, "share": 0.6, "accepted": 0.8}
    bills, left, books = a_year_of_bills(folder, count, {"policy": policy})
    m = [moment(k, 20_000.0, BILL, BILLS) for k in range(3)]
    first, second = m[1] - 20_000 * m[0], m[2] - 40_000 * m[1] + 20_000**2 * m[0]
    mean, variance = 0.8 * 0.6 * first, 0.8 * 0.36 * second - (0.8 * 0.6 * first) ** 2
    assert abs((bills - left).mean() - mean) <= 4.0 * np.sqrt(variance / count), ((bills - left).mean(), mean)
    assert books[KIND_VALUE] == np.rint(100 * (bills - left)).sum()


def check_cap(folder, count):
    """Of a lognormal bill a person pays at most 5,000 yuan: the limited mean of the lognormal."""
    everybody = dict.fromkeys(("county", "city", "province"), 5_000)
    _, left, _ = a_year_of_bills(folder, count, {"care": {**CARE, "capped": True, "cap": everybody}})
    m, whole = [moment(k, 5_000.0, BILL, BILLS) for k in range(3)], [BILL**k * np.exp((k * BILLS) ** 2 / 2) for k in range(3)]
    mean, second = (whole[k] - m[k] + 5_000**k * m[0] for k in (1, 2))
    assert abs(left.mean() - mean) <= 4.0 * np.sqrt((second - mean**2) / count), (left.mean(), mean)


@pytest.mark.parametrize("count", [8000, pytest.param(MILLION, marks=pytest.mark.slow)])
@pytest.mark.parametrize("check", [check_insurance, check_cap])
def test_what_a_lognormal_bill_costs(tmp_path, check, count):
    check(tmp_path, count)


@pytest.mark.parametrize(
    ("check", "of", "name", "wrong"),
    [
        (check_insurance, insurance, "claim", lambda spent, over, share: (spent > over) * spent * share),
        (check_insurance, insurance, "is_settled", lambda u, accepted: u < accepted**2),
        (check_cap, health, "left_to_pay", lambda bill, top_up, capped, cap: np.minimum(bill, 1.1 * cap)),
    ],
    ids=["a franchise", "fewer claims stand", "a higher cap"],
)
def test_what_a_bill_costs_notices(tmp_path, monkeypatch, check, of, name, wrong):
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    monkeypatch.setattr(of, name, wrong)
    with pytest.raises(AssertionError):
        check(tmp_path, 8000)


# --- loans -----------------------------------------------------------------------------------------------


def check_loans(folder, count):
    """40,000 yuan return 0.05 give or take 0.3 in a year, each for itself; a loss comes off the capital, and takes no more."""
    changed = dict(rate=0.05, rate_spread=0.3, common=0.0, least_capital=0.0)
    found = Years(folder, fragment(OWN_USE, **changed), count, item="business", years=(2017,))
    worst = 0.3 * (norm.pdf(1.05 / 0.3) - 1.05 / 0.3 * norm.cdf(-1.05 / 0.3))  # of a return below -1, what is not lost
    loss = 0.05 * norm.cdf(-0.05 / 0.3) - 0.3 * norm.pdf(0.05 / 0.3)
    square = (0.05**2 + 0.3**2) * norm.cdf(-0.05 / 0.3) - 0.05 * 0.3 * norm.pdf(0.05 / 0.3)
    for values, mean, sd in (
        (found.income[0], 0.05 + worst, 0.3),
        (found.column("capital")[0] - 40_000, loss + worst, np.sqrt(square - loss**2)),
    ):
        assert abs(values.mean() / 40_000 - mean) <= 4.0 * sd / np.sqrt(count), (values.mean() / 40_000, mean)


@pytest.mark.parametrize("count", [8000, pytest.param(MILLION, marks=pytest.mark.slow)])
def test_what_is_left_of_money_lent(tmp_path, count):
    check_loans(tmp_path, count)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("return_rate", lambda mean, spread, common_z, own_z, common: mean + spread * common_z),
        ("capital_left", lambda loan, capital, result: capital + 0.9 * np.minimum(result, 0.0)),
    ],
    ids=["one luck for all", "a tenth of a loss forgiven"],
)
def test_what_is_left_notices(tmp_path, monkeypatch, name, wrong):
    monkeypatch.setenv("POVSIM_ENGINE", "numpy")
    monkeypatch.setattr(microcredit, name, wrong)
    with pytest.raises(AssertionError):
        check_loans(tmp_path, 8000)


# --- houses ----------------------------------------------------------------------------------------------


def check_houses(count):
    """A tenth of safe houses is lost each year and 0.15 of the others mended: a two-state chain, 0.6 + 0.4 x 0.75^k are safe."""
    made = alone(count, 40, Sex.MALE)
    made.households["house_safe"][:] = True
    chances = {"house_ages": 0.1, "house_mended_registered": 0.15, "house_mended_other": 0.15}
    changed = {f"guarantees__{name}": value for name, value in chances.items()}
    world = lives.town(made=made, years=range(2017, 2025), shocks__disaster=0.0, **changed)
    s, draws = lives.open_lives(world)
    for k, year in enumerate(world.years, 1):
        s.begin_year()
        shocks.shocks(s, world, draws, year)
        expected = 0.6 + 0.4 * 0.75**k
        assert abs(s.hi[c.HOUSE_SAFE].mean() - expected) <= errors(expected, count), (year, s.hi[c.HOUSE_SAFE].mean(), expected)


@pytest.mark.parametrize("count", [8000, pytest.param(MILLION, marks=pytest.mark.slow)])
def test_houses_are_a_chain_of_two_states(count):
    check_houses(count)


def test_houses_notice(monkeypatch):
    """Planted: a house lost this year may be mended in the same year."""
    lives.in_columns(monkeypatch)

    def wrong(u_lost, u_mended, safe, hit, registered, p):
        return ((safe == 1) & (u_lost >= p.house_ages) | (u_mended < p.house_mended_other)).astype(np.int64)

    monkeypatch.setattr(shocks, "house_safe", wrong)
    with pytest.raises(AssertionError):
        check_houses(8000)
