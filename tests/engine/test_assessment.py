"""Who leaves, returns, enters, is removed and is watched; and the ledger that must close over all of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.core.schema import EXPENSES, ITEMS, LEDGER, Category, Cause, Monitoring, Route, Status
from povsim.engine import assessment, ledger
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from tests.engine.small import set_income, town

POOR, EXITED, GENERAL, RETURNED = Status.POOR, Status.EXITED, Status.GENERAL, Status.RETURNED


def judge(world, head, year=2017, prepare=lambda s: None):
    """One assessment on given incomes per head, with the book it leaves."""
    s, draws = world.start.copy(), Draws(7, 0)
    s.begin_year()
    s.hi[c.SIZE_OPEN] = s.hi[c.SIZE]
    s.hi[c.DELIVERED] = 1
    assessment.draw_list(s, world, draws, year)
    set_income(s, head)
    prepare(s)
    assessment.close_account(s, world, draws, year)
    judged = assessment.assess(s, world, draws, year)
    return s, judged


def test_leaves_at_the_line_and_not_below():
    s, judged = judge(town([3, 3, 3], [POOR] * 3), [3300.0, 3299.0, 9000.0])
    assert judged.exited.tolist() == [True, False, True]
    assert s.hi[c.YEAR_EXITED].tolist() == [2017, 0, 2017]


@pytest.mark.parametrize("row", [c.HOUSE_SAFE, c.WATER_SAFE, c.SCHOOL_SAFE, c.INSURED_ALL])
def test_each_guarantee_holds_a_household_back(row):
    def lose(s):
        s.hi[row, 0] = 0

    _, judged = judge(town([3, 3], [POOR] * 2), [5000.0, 5000.0], prepare=lose)
    assert judged.exited.tolist() == [False, True]


def test_without_a_measure_nobody_leaves():
    def none(s):
        s.hi[c.DELIVERED, 0] = 0

    _, judged = judge(town([3, 3], [POOR] * 2), [5000.0, 5000.0], prepare=none)
    assert judged.exited.tolist() == [False, True]


def test_a_measure_delivered_in_an_earlier_year_is_enough():
    def helped(s):
        s.hi[c.DELIVERED, 0], s.hi[c.HELPED, 0] = 0, 1

    _, judged = judge(town([3, 3], [POOR] * 2), [5000.0, 5000.0], prepare=helped)
    assert judged.exited.tolist() == [True, True]


def test_a_measure_that_the_scenario_does_not_hold_is_enough_where_it_came():
    def none(s):
        s.hi[c.DELIVERED] = 0

    for share, leave in ((1.0, True), (0.0, False)):
        s, judged = judge(town([3], [POOR], helped_otherwise=share), [5000.0], prepare=none)
        assert judged.exited[0] == leave and s.hi[c.HELPED, 0] == leave
    s, _ = judge(town([3], [GENERAL], helped_otherwise=1.0), [5000.0], prepare=none)
    assert s.hi[c.HELPED, 0] == 0, "the registered alone"


def test_in_the_finish_year_nobody_is_left_without_a_measure():
    def none(s):
        s.hi[c.DELIVERED] = 0

    _, judged = judge(town([3], [POOR], years=(2020,), opening=2019), [5000.0], year=2020, prepare=none)
    assert judged.exited[0]


def test_before_lists_were_kept_nobody_is_on_one():
    listed = []
    for year in (2014, 2015):
        world = town([3, 3], [POOR] * 2, years=(year,), opening=year - 1, targets={year: 3}, list_from=2015)
        listed.append(int(judge(world, [5000.0, 5000.0], year=year)[0].hi[c.LISTED].sum()))
    assert listed == [0, 2]


def test_under_a_cap_who_passes_without_top_up_goes_before_a_greater_surplus():
    def on_dibao(s):
        s.hi[c.NETTED, 0] = 2016
        s.items[5, 0], s.items[13, 0] = 2000 * 3 * 100, 7000 * 3 * 100  # 9,000 a head, 7,000 of it dibao

    world = town([3, 3], [POOR] * 2, targets={2017: 3}, list_oversize=1.4)
    _, judged = judge(world, [9000.0, 4000.0], prepare=on_dibao)
    assert judged.qualified.tolist() == [True, True] and judged.qualified_plain.tolist() == [False, True]
    assert judged.exited.tolist() == [False, True]


def test_size_counts_in_the_order_as_far_as_it_is_weighed():
    for weight, out in ((0.0, [True, False]), (1.0, [False, True])):
        world = town([1, 6], [POOR] * 2, targets={2017: 1}, list_oversize=7.0, surplus_by_size=weight)
        _, judged = judge(world, [4000.0, 3800.0])
        assert judged.exited.tolist() == out


def test_two_years_in_a_row():
    world = town([3], [POOR], years=(2017, 2018), sustain_years=2)
    s, judged = judge(world, [5000.0])
    assert not judged.exited[0] and s.hi[c.YEARS_ABOVE, 0] == 1


def test_tekun_leaves_by_status_not_by_income():
    world = town([1, 1], [POOR, POOR], tekun_leaves=0.0)

    def on_tekun(s):
        s.hi[c.CATEGORY] = Category.POOR
        s.pi[c.TEKUN, 0] = 1

    _, judged = judge(world, [9000.0, 9000.0], prepare=on_tekun)
    assert judged.exited.tolist() == [False, True]
    _, judged = judge(town([1, 1], [POOR, POOR], tekun_leaves=1.0), [100.0, 100.0], prepare=on_tekun)
    assert judged.exited.tolist() == [True, False] and judged.by_status.tolist() == [True, False]


def test_the_finish_year_leaves_nobody_on_the_safety_net_behind():
    def netted(s):
        s.hi[c.NETTED, 0] = 2019

    world = town([2, 2], [POOR, POOR], years=(2020,), opening=2019, finish_year=2020)
    _, judged = judge(world, [2000.0, 2000.0], year=2020, prepare=netted)
    assert judged.by_obligation.tolist() == [True, False] and judged.exited.tolist() == [True, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.floats(1000, 9000)), min_size=3, max_size=40), st.integers(1, 60))
def test_a_cap_admits_the_household_that_crosses_it(households, target):
    sizes, head = [h[0] for h in households], np.round([h[1] for h in households], 2)
    world = town(sizes, [POOR] * len(sizes), targets={2017: target})
    s, judged = judge(world, head)
    persons, able = int(s.hi[c.SIZE, judged.exited].sum()), int(s.hi[c.SIZE, judged.qualified].sum())
    assert persons >= min(target, able)
    assert persons < target + max(sizes)
    assert not (judged.exited & ~judged.qualified).any()
    # the listed go first: nobody unlisted leaves while somebody listed who qualifies stays
    stays = judged.qualified & ~judged.exited & (s.hi[c.LISTED] == 1)
    assert not (stays.any() and (judged.exited & (s.hi[c.LISTED] == 0)).any())


def test_the_list_is_longer_than_the_target():
    world = town([2] * 50, [POOR] * 50, targets={2017: 40}, list_oversize=1.2)
    s, _ = judge(world, [3000.0] * 50)
    assert s.hi[c.SIZE, s.hi[c.LISTED] == 1].sum() == 48


def test_those_without_top_up_are_counted_apart():
    def on_dibao(s):
        s.items[5, 0] = 2 * 2000 * 100
        s.items[13, 0] = 2 * 2000 * 100  # dibao lifts it to 4,000 a head

    _, judged = judge(town([2, 2], [POOR] * 2), [4000.0, 4000.0], prepare=on_dibao)
    assert judged.qualified.tolist() == [True, True] and judged.qualified_plain.tolist() == [False, True]


def test_a_household_that_shrank_is_counted_apart():
    def shrink(s):
        s.hi[c.SIZE_OPEN, 0] = 4  # was four, is three

    _, judged = judge(town([3, 3], [POOR] * 2), [3400.0, 3400.0], prepare=shrink)
    assert judged.smaller.tolist() == [True, False]


def test_return_in_its_readings():
    def topped_up(s):
        s.items[5, 1], s.items[13, 1] = 2 * 3000 * 100, 2 * 1000 * 100
        s.hi[c.HOUSE_SAFE, 2] = 0

    s, judged = judge(town([2, 2, 2, 2], [EXITED] * 4), [2000.0, 4000.0, 5000.0, 5000.0], prepare=topped_up)
    assert judged.below_before_net.tolist() == [True, True, False, False]
    assert judged.below_line.tolist() == [True, False, False, False]
    assert judged.below_survey.tolist() == [True, False, True, False]
    assert judged.returned.tolist() == [True, False, True, False]
    assert s.hi[c.STATUS].tolist() == [RETURNED, EXITED, RETURNED, EXITED]


def test_only_who_stood_on_its_own_income_falls_by_that_reading():
    def rested(s):
        s.hi[c.FIRST_EXIT] = 2016
        s.hi[c.STOOD] = [1, 0]

    s, judged = judge(town([2, 2], [EXITED] * 2), [2000.0, 2000.0], prepare=rested)
    assert judged.below_before_net.tolist() == [True, True]
    assert s.hi[c.FELL_BEFORE_NET].tolist() == [2017, 0] and s.hi[c.FELL_LINE].tolist() == [2017, 2017]


def test_who_returned_this_year_cannot_leave_this_year():
    _s, judged = judge(town([2], [EXITED]), [5000.0], prepare=lambda s: s.hi[c.HOUSE_SAFE].__setitem__(0, 0))
    assert judged.returned[0] and not judged.exited[0]


def test_the_poorest_are_identified_first_and_the_quota_is_kept():
    sizes, status = [2, 2, 2, 4], [GENERAL, GENERAL, GENERAL, POOR]
    _, judged = judge(town(sizes, status, identified_quota=1.0), [2000.0, 1000.0, 9000.0, 1000.0])
    assert judged.identified.tolist() == [True, True, False, False]
    s, judged = judge(town(sizes, status, identified_quota=0.5), [2000.0, 1000.0, 9000.0, 1000.0])
    assert judged.identified.tolist() == [False, True, False, False]
    assert s.hi[c.STATUS, 1] == POOR and not judged.exited[1]


def test_the_ineligible_are_removed_from_stock_and_from_the_exited():
    def wrong_papers(s):
        s.hi[c.INELIGIBLE, :3] = 1

    s, judged = judge(town([2, 2, 2, 2], [POOR, EXITED, GENERAL, POOR]), [5000.0] * 4, prepare=wrong_papers)
    assert judged.removed.tolist() == [True, True, False, False]
    assert s.hi[c.STATUS].tolist() == [Status.REMOVED, Status.REMOVED, GENERAL, EXITED]


def test_monitoring_enters_and_clears():
    world = town([2, 2, 2], [EXITED, GENERAL, EXITED], years=(2021, 2022), opening=2020)

    def bills(s):
        s.spent[0, :2] = 15000 * 100

    s, judged = judge(world, [6000.0, 6000.0, 9000.0], year=2021, prepare=bills)
    assert judged.entered.tolist() == [True, True, False]
    assert s.hi[c.MONITORING].tolist() == [Monitoring.SUDDEN, Monitoring.SUDDEN, Monitoring.NONE]
    s.begin_year()
    set_income(s, [9000.0, 4000.0, 9000.0])
    assessment.close_account(s, world, Draws(7, 0), 2022)
    judged = assessment.assess(s, world, Draws(7, 0), 2022)
    assert judged.cleared.tolist() == [True, False, False]


def test_cause_of_a_fall_is_the_largest_loss_since_exit():
    world = town([2, 2, 3], [EXITED] * 3)

    def history(s):
        s.hi[c.STOOD] = 1
        s.hi[c.SIZE_AT_EXIT] = [2, 2, 1]
        s.hf[c.AT_EXIT] = [6000.0, 6000.0, 6000.0]
        s.at_exit[1, :2] = 2 * 6000 * 100  # wages away then
        s.at_exit[5, 2] = 6000 * 100
        s.items[5] = [2 * 1000 * 100, 2 * 1000 * 100, 6000 * 100]
        s.spent[0, 0] = 5000 * 100
        s.hi[c.SICKS, 0] = 1

    _, judged = judge(world, [0.0, 0.0, 0.0], prepare=history)
    assert judged.causes.tolist() == [Cause.ILLNESS, Cause.JOB_LOSS, Cause.MORE_MOUTHS]


def test_a_failed_firm_and_an_agreed_end_are_told_apart():
    """Dividends and the yield of a loan that stop: by a failure, or because their term is over. Mutation: either flag unheard."""
    world = town([2] * 4, [EXITED] * 4)
    share, business = (next(i for i, item in enumerate(ITEMS) if item.name == name) for name in ("asset_share", "business"))

    def history(s):
        s.hi[c.STOOD], s.hi[c.SIZE_AT_EXIT] = 1, 2
        s.hf[c.AT_EXIT] = 6000.0
        s.at_exit[share, :2] = s.at_exit[business, 2:] = 2 * 4000 * 100
        s.hi[c.ENTERPRISE_FAILED] = [1, 0, 0, 1]
        s.hi[c.TERM_ENDED] = [0, 0, 1, 1]

    _, judged = judge(world, [2000.0] * 4, prepare=history)
    assert judged.causes.tolist() == [Cause.ENTERPRISE, Cause.MEASURE_ENDED, Cause.MEASURE_ENDED, Cause.ENTERPRISE]


def test_what_failed_before_an_exit_is_no_cause_of_a_later_fall():
    def failed(s):
        s.hi[c.ENTERPRISE_FAILED] = s.hi[c.TERM_ENDED] = 1
        s.hi[c.HELPED] = 1

    s, judged = judge(town([2, 2], [POOR, POOR]), [9000.0, 1000.0], prepare=failed)
    assert judged.exited.tolist() == [True, False]
    assert (s.hi[c.ENTERPRISE_FAILED].tolist(), s.hi[c.TERM_ENDED].tolist()) == ([0, 1], [0, 1])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_ledger_closes_whatever_happens(data):
    count = data.draw(st.integers(2, 30))
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=count, max_size=count))
    statuses = data.draw(st.lists(st.sampled_from([GENERAL, POOR, EXITED, RETURNED]), min_size=count, max_size=count))
    head = data.draw(st.lists(st.floats(0, 12000), min_size=count, max_size=count))
    deaths = data.draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    births = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    world = town(sizes, statuses, targets={2017: 20}, ineligible_share=0.3)

    def change(s):
        s.hi[c.DEATHS] = np.minimum(deaths, sizes)
        s.hi[c.BIRTHS] = np.where(s.hi[c.DEATHS] < sizes, births, 0)
        s.hi[c.SIZE] += s.hi[c.BIRTHS] - s.hi[c.DEATHS]
        assessment.open_register(s, world, Draws(7, 0))

    s, judged = judge(world, head, prepare=change)
    out = np.zeros((2, len(LEDGER)), np.int64)
    ledger._ledger(s, judged, out, 2017)  # raises where it does not close
    accounts = np.zeros((len(ledger.STOCKS), 2, len(ledger.STOCK_FLOWS)), np.int64)
    ledger._accounts(s, judged, accounts)
    natural = accounts[:, 0, ledger.STOCK_FLOWS.index("natural")]
    gone_exited = int((judged.gone & judged.exited_before).sum())
    assert natural[0] == -gone_exited, "natural change of exited households is those of whom nobody is left"


def test_a_ledger_that_does_not_close_is_refused():
    s, judged = judge(town([3, 2], [POOR] * 2), [5000.0, 100.0])
    s.hi[c.SIZE, 1] -= 1  # somebody vanishes without a death or departure
    with pytest.raises(ArithmeticError, match="1 persons"):
        ledger._ledger(s, judged, np.zeros((2, len(LEDGER)), np.int64), 2017)


def test_order_of_households_does_not_matter():
    sizes, head = [1, 2, 3, 4, 5, 6, 2, 3], [3400.0, 3500, 3600, 3300, 9000, 3301, 3302, 4000]
    world = town(sizes, [POOR] * 8, targets={2017: 9}, list_noise=0.3, report_error=0.1)
    s, judged = judge(world, head)
    back = town(sizes[::-1], [POOR] * 8, targets={2017: 9}, list_noise=0.3, report_error=0.1)
    back.layout.draw_id[:] = world.layout.draw_id[::-1]
    s2, judged2 = judge(back, head[::-1])
    assert judged.exited.tolist() == judged2.exited[::-1].tolist()
    assert s.hi[c.LISTED].tolist() == s2.hi[c.LISTED][::-1].tolist()


def test_category_follows_what_the_members_receive():
    def changed(s):
        s.hi[c.CATEGORY] = [Category.TEKUN, Category.POOR, Category.POOR, Category.ORDINARY]
        s.pi[c.DIBAO, s_places[1]] = s.pi[c.TEKUN, s_places[2]] = s.pi[c.DIBAO, s_places[3]] = 1

    world = town([1, 1, 1, 1], [POOR, POOR, POOR, GENERAL])
    s_places = world.layout.off[:-1]
    s, judged = judge(world, [9000.0] * 4, prepare=changed)
    assert s.hi[c.CATEGORY].tolist() == [Category.POOR, Category.DIBAO, Category.TEKUN, Category.ORDINARY]
    assert judged.by_status.tolist() == [False, False, True, False]


def test_a_bad_year_breaks_the_row():
    world = town([3], [POOR], years=(2017, 2018, 2019), sustain_years=2)
    s, draws = world.start.copy(), Draws(7, 0)
    out = []
    for year, head in ((2017, 5000.0), (2018, 1000.0), (2019, 5000.0)):
        s.begin_year()
        s.hi[c.SIZE_OPEN], s.hi[c.DELIVERED] = s.hi[c.SIZE], 1
        set_income(s, [head])
        assessment.close_account(s, world, draws, year)
        out.append(bool(assessment.assess(s, world, draws, year).exited[0]))
    assert out == [False, False, False]


def test_the_listed_go_before_a_greater_surplus():
    def listed(s):
        s.hi[c.LISTED] = [0, 1]

    _, judged = judge(town([4, 2], [POOR] * 2, targets={2017: 2}), [9000.0, 3400.0], prepare=listed)
    assert judged.exited.tolist() == [False, True] and judged.qualified.all()


def test_from_the_finish_year_on_no_return_is_registered_and_after_it_nobody_is_identified():
    world = town([2, 2, 4], [GENERAL, EXITED, POOR], years=(2019, 2020, 2021), opening=2018, identified_quota=1.0)
    _, judged = judge(world, [1000.0, 1000.0, 1000.0], year=2019)
    assert judged.identified[0] and judged.returned[1]
    _, judged = judge(world, [1000.0, 1000.0, 1000.0], year=2020)
    assert judged.identified[0] and not judged.returned.any() and judged.below_line[1]
    _, judged = judge(world, [1000.0, 1000.0, 1000.0], year=2021)
    assert not judged.identified.any() and not judged.returned.any() and judged.below_line[1]


def test_in_a_look_back_year_the_removed_make_room():
    def wrong_papers(s):
        s.hi[c.INELIGIBLE, 2] = 1

    given = dict(identified_quota=0.0, quota_tolerance=0.0)
    sizes, status, head = [2, 2, 3], [GENERAL, GENERAL, POOR], [2000.0, 1000.0, 5000.0]
    _, judged = judge(town(sizes, status, look_back=0.0, **given), head, prepare=wrong_papers)
    assert not judged.identified.any()
    _s, judged = judge(town(sizes, status, look_back=1.0, **given), head, prepare=wrong_papers)
    assert judged.identified.tolist() == [False, True, False] and judged.late.tolist() == [False, True, False]
    given["identified_quota"] = 1.2
    _, judged = judge(town([2, 2, 3], [GENERAL, GENERAL, POOR], **given), head)
    assert judged.identified.tolist() == [False, True, False], "3.6 persons: one household"
    given["quota_tolerance"] = 0.2
    _, judged = judge(town([2, 2, 3], [GENERAL, GENERAL, POOR], **given), head)
    assert judged.identified.tolist() == [True, True, False], "4.3 persons: both"


@pytest.mark.parametrize("row", [c.HIT, c.WORKER_LOST])
def test_a_disaster_or_a_lost_earner_alerts(row):
    world = town([2, 2], [EXITED] * 2, years=(2020,), opening=2019)
    _, judged = judge(world, [4500.0] * 2, year=2020, prepare=lambda s: s.hi[row].__setitem__(0, 1))
    assert judged.entered.tolist() == [True, False]


def test_which_bills_alert():
    def bills(s):
        s.spent[:, :] = 0
        for h in range(4):
            s.spent[h, h] = 12000 * 100

    world = town([2] * 4, [EXITED] * 4, years=(2020,), opening=2019)
    _s, judged = judge(world, [6000.0] * 4, year=2020, prepare=bills)
    assert judged.entered.tolist() == [True, False, False, True], "acute bills and repair, not chronic or school costs"


@pytest.mark.parametrize("counts", [False, True])
def test_debt_service_counts_in_monitoring_where_the_office_says_so(counts):
    """Never in the income that judges exit. Mutations: always or never deducted; no bill by which one enters."""
    world = town([2, 2], [EXITED] * 2, years=(2020,), opening=2019, debt_counts=counts)
    s, judged = judge(world, [6000.0] * 2, year=2020, prepare=lambda s: s.spent[EXPENSES.index("debt")].__setitem__(0, 1_200_000))
    assert judged.entered.tolist() == [counts, False]
    assert s.hf[c.REFERENCE].tolist() == [0.0 if counts else 6000.0, 6000.0]
    assert s.hf[c.TRUE_HEAD].tolist() == [6000.0, 6000.0]


def test_never_found_is_missed():
    world = town([2], [EXITED], years=(2020,), opening=2019, never_found=1.0)
    _, judged = judge(world, [4500.0], year=2020, prepare=lambda s: s.hi[c.HIT].__setitem__(0, 1))
    assert judged.missed[0] and not judged.entered[0]


def test_what_is_removed_is_watched_no_longer():
    def watched(s):
        s.hi[c.MONITORING, 0], s.hi[c.INELIGIBLE, 0] = Monitoring.UNSTABLE, 1

    s, _ = judge(town([2], [EXITED], years=(2020,), opening=2019), [9000.0], year=2020, prepare=watched)
    assert s.hi[c.MONITORING, 0] == Monitoring.NONE


def test_the_longer_the_delay_the_later_the_entry_and_none_is_lost():
    count, entered = 400, {}
    for delay in (0.0, 6.0, 11.0, 12.0, 18.0):
        world = town([2] * count, [EXITED] * count, years=(2020, 2021), opening=2019, detection_delay=delay, return_found=0.0)
        s, draws, seen = world.start.copy(), Draws(7, 0), []
        for year in (2020, 2021):
            s.begin_year()
            s.hi[c.SIZE_OPEN] = s.hi[c.SIZE]
            set_income(s, [4000.0] * count)
            s.hi[c.HIT] = year == 2020
            assessment.close_account(s, world, draws, year)
            seen.append(int(assessment.assess(s, world, draws, year).entered.sum()))
        entered[delay] = seen
    first = [seen[0] for seen in entered.values()]
    assert first[0] == count and first == sorted(first, reverse=True) and first[3] == first[4] == 0
    assert [sum(seen) for seen in entered.values()][:4] == [count] * 4
    assert 0 < entered[18.0][1] < count


def test_what_is_below_the_poverty_line_is_poor_whatever_the_exit_line():
    s, _ = judge(town([2, 2, 2], [POOR] * 3), [2900.0, 3000.0, 4000.0])
    by_income = np.argsort(s.hf[c.TRUE_HEAD])
    sources = np.stack([s.items[rows].sum(axis=0) for rows in ledger._SOURCE_ROWS])
    got = dict(zip(ledger.INDICATORS, ledger.indicators(s, by_income, 2952.0, sources, np.zeros(3, np.int64)), strict=True))
    assert got["headcount"] == pytest.approx(1 / 3) and got["gap"] == pytest.approx((1 - 2900 / 2952) / 3)
    assert got["mean"] == pytest.approx(3300.0) and got["operating"] == pytest.approx(3300.0) and got["p50"] == 3000.0


def test_an_exit_by_obligation_is_not_a_wrong_one():
    world = town([2, 2], [POOR, POOR], years=(2020,), opening=2019, report_error=0.0)

    def netted(s):
        s.hi[c.NETTED, 0] = 2019

    s, judged = judge(world, [2000.0, 5000.0], year=2020, prepare=netted)
    assert judged.exited.all()
    assert ledger._exits(s, world, 2020, judged)[ledger.EXITS.index("wrong_exits")] == 0
    s.hf[c.TRUE_HEAD, 1] = 3000.0  # reported 5,000, earned 3,000
    assert ledger._exits(s, world, 2020, judged)[ledger.EXITS.index("wrong_exits")] == 1


ITEM = {item.name: row for row, item in enumerate(ITEMS)}


def test_each_exit_carries_its_route():
    """By what brought most, by status, by the obligation, by a house. Mutations: an item or a credit of another route."""
    incomes = [
        {"farm": 2000, "wage_away": 6000},
        {"farm": 2000, "wage_local": 6000},
        {"farm": 2000, "wage_local": 6000},
        {"farm": 5000, "wage_local": 3000, "dibao": 1600, "tekun": 1600},
        {"farm": 5000, "pv_dividend": 1500, "industry": 1500, "dibao": 2000},
        {"farm": 5000, "wage_post": 1000, "collective_share": 1000, "award": 1000, "dibao": 2500},
        {"pension": 5000, "tekun": 3000},
        {"farm": 4000, "dibao": 1000},
        {"farm": 9000},
        {"farm": 9000, "wage_away": 9000},
    ]
    count = len(incomes)

    def earn(s):
        s.items[:] = 0
        for h, of in enumerate(incomes):
            for name, yuan in of.items():
                s.items[ITEM[name], h] = 100 * yuan
        s.credit[Route.EDUCATION, 1], s.credit[Route.RELOCATION, 2] = 500_000, 500_000
        s.pi[c.TEKUN, world.layout.off[6]] = 1
        s.hi[c.CATEGORY] = Category.POOR
        s.hi[c.NETTED, 7] = 2019
        s.hi[c.SECURED, 9] = Route.RELOCATION

    world = town([2] * count, [POOR] * count, years=(2020,), opening=2019)
    s, judged = judge(world, [0.0] * count, year=2020, prepare=earn)
    assert judged.exited.all()
    jobs, moved, schooled, net = Route
    wanted = [jobs, schooled, moved, net, jobs, jobs, net, net, jobs, moved]
    assert judged.route.tolist() == wanted
    assert s.hi[c.ROUTE].tolist() == [1 + route for route in wanted]
    out = ledger._routes(judged, s.hi[c.SIZE], np.array([count, 2 * count]))
    assert out.tolist() == [[4, 8], [2, 4], [1, 2], [3, 6]]


def test_routes_that_do_not_add_up_are_refused():
    s, judged = judge(town([3, 2], [POOR] * 2), [5000.0, 5000.0])
    judged.route[1] = 9
    with pytest.raises(ArithmeticError, match="routes"):
        ledger._routes(judged, s.hi[c.SIZE], np.array([2, 5]))


def test_within_k_years_means_up_to_and_with_the_kth():
    world = town([2, 2, 2], [EXITED] * 3, years=(2017, 2018, 2019))
    s, book, tally = world.start.copy(), ledger.open_book(world), ledger.open_tally(world)
    s.hi[c.FIRST_EXIT], s.hi[c.STOOD] = 2017, 1
    s.hi[c.FELL_BEFORE_NET] = [2018, 2019, 0]
    ledger.close_life(s, world, book, tally)
    assert tally.followed.tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert tally.fallen.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert book.spells[1, :2].tolist() == [[3, 3, 1, 0, 0, 0], [3, 3, 2, 0, 0, 0]]


# --- a phrase each --------------------------------------------------------------------------------------


def test_general_households_that_a_check_would_refuse_are_not_identified():
    """Mutation: anybody under the line is named."""

    def wrong_papers(s):
        s.hi[c.INELIGIBLE, 0] = 1

    _, judged = judge(town([2, 2, 4], [GENERAL, GENERAL, POOR], identified_quota=1.0), [1000.0] * 3, prepare=wrong_papers)
    assert judged.identified.tolist() == [False, True, False]


def test_the_quota_of_identification_is_a_share_of_the_stock_that_opens_the_year():
    """Five poor, one of them removed: a quota of 0.4 is two persons still. Mutation: of the stock that is left."""

    def wrong_papers(s):
        s.hi[c.INELIGIBLE, 2] = 1

    world = town([2, 1, 1, 4], [GENERAL, GENERAL, POOR, POOR], identified_quota=0.4)
    _, judged = judge(world, [1000.0, 2000.0, 5000.0, 1000.0], prepare=wrong_papers)
    assert judged.removed.tolist() == [False, False, True, False]
    assert judged.identified.tolist() == [True, False, False, False]


def test_late_is_who_was_under_last_years_line():
    """Between the lines of two years: identified, but not late. Mutation: judged by this year's line."""
    world = town([2, 2, 8], [GENERAL, GENERAL, POOR], identified_quota=1.0)
    now = world.scenario.values

    def lines(group, year):
        values = now(group, year)
        if group == "lines" and year < 2017:
            values.exit_line = 3000.0
        return values

    def last_year(s):
        s.hf[c.REPORTED_LAST] = [2900.0, 3100.0, 0.0]

    world.scenario.values = lines
    _, judged = judge(world, [1000.0, 1000.0, 1000.0], prepare=last_year)
    assert judged.identified.tolist() == [True, True, False]
    assert judged.late.tolist() == [True, False, False]


def test_help_from_before_a_household_was_identified_lets_nobody_leave():
    """What it had as a general household was for no poor one. Mutation: HELPED not begun anew."""

    def before(s):
        s.hi[c.DELIVERED], s.hi[c.HELPED] = 0, 1

    world = town([2, 4], [GENERAL, POOR], years=(2017, 2018), identified_quota=1.0)
    s, judged = judge(world, [1000.0, 1000.0], prepare=before)
    assert judged.identified[0] and s.hi[c.HELPED, 0] == 0
    s.begin_year()
    set_income(s, [9000.0, 9000.0])
    s.hi[c.DELIVERED] = 0
    assessment.close_account(s, world, Draws(7, 0), 2018)
    assert assessment.assess(s, world, Draws(7, 0), 2018).exited.tolist() == [False, True]


@pytest.mark.parametrize(("year", "leaves"), [(2019, False), (2020, True)])
def test_only_in_the_finish_year_does_the_safety_net_alone_let_one_leave(year, leaves):
    """Under the line, on the net: covered, and counted so, in the finish year. Mutation: in every year."""

    def covered(s):
        s.hi[c.NETTED] = [year, 0]

    _, judged = judge(town([2, 2], [POOR, POOR], years=(year,), opening=year - 1), [2000.0] * 2, year=year, prepare=covered)
    assert judged.exited.tolist() == judged.by_obligation.tolist() == [leaves, False]


def test_a_household_on_support_by_status_never_counts_as_leaving_without_it():
    """特困, though its income is above the line. Mutation: counted among those who qualify without the safety net."""

    def supported(s):
        s.pi[c.TEKUN, :2], s.hi[c.CATEGORY, 0] = 1, Category.TEKUN

    _, judged = judge(town([2, 2], [POOR, POOR]), [9000.0, 9000.0], prepare=supported)
    assert judged.qualified.tolist() == [True, True] and judged.by_status.tolist() == [True, False]
    assert judged.qualified_plain.tolist() == [False, True]


def test_who_leaves_for_a_smaller_n_is_counted_apart():
    """Over the line by the head alone, since one is gone; not who left by obligation with the same n."""

    def gone(s):
        s.hi[c.SIZE, 0], s.hi[c.DEATHS, 0] = 2, 1

    _, judged = judge(town([3, 3], [POOR, POOR]), [4000.0, 4000.0], prepare=gone)
    assert judged.exited.tolist() == [True, True]
    assert judged.smaller.tolist() == [False, False], "4,000 a head of then three"

    def fewer(s):
        gone(s)
        s.items[5, 0] = 2 * 3500 * 100

    _, judged = judge(town([3, 3], [POOR, POOR]), [4000.0, 4000.0], prepare=fewer)
    assert judged.exited.tolist() == [True, True] and judged.smaller.tolist() == [True, False], "7,000 of three are 2,333"

    def covered(s):
        s.hi[c.NETTED] = 2020

    _, judged = judge(town([3], [POOR], years=(2020,), opening=2019), [2000.0], year=2020, prepare=covered)
    assert judged.by_obligation.tolist() == [True] and judged.smaller.tolist() == [False]


def test_only_who_left_on_its_own_income_can_fall_by_the_income_reading():
    """低保 lifts one over the line: it has not stood without it. Mutation: everybody has."""
    dibao = next(i for i, item in enumerate(ITEMS) if item.name == "dibao")

    def lifted(s):
        s.items[5, 0], s.items[dibao, 0] = 2 * 3000 * 100, 2 * 1000 * 100

    s, judged = judge(town([2, 2], [POOR, POOR]), [4000.0, 4000.0], prepare=lifted)
    assert judged.exited.tolist() == [True, True] and s.hi[c.STOOD].tolist() == [0, 1]


def test_who_was_removed_is_watched_over_like_everybody():
    """Mutation: only who left or was never poor."""
    world = town([2, 2], [Status.REMOVED, EXITED], years=(2020,), opening=2019)
    _, judged = judge(world, [4500.0] * 2, year=2020, prepare=lambda s: s.hi[c.HIT].__setitem__(slice(None), 1))
    assert judged.entered.tolist() == [True, True]
