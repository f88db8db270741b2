"""What is an event of the register in each era; monitoring from alert to clearing; villages that leave; accounts."""

import numpy as np
import pytest

from povsim.core.schema import LEDGER, Capacity, Cause, Channel, Departure, Health, Layer, Monitoring, Status
from povsim.engine import allocation, assessment, ledger
from povsim.engine import columns as c
from povsim.engine.draws import Draws
from povsim.engine.state import lay_out, open_state
from tests.engine import lives, plan
from tests.engine.small import set_income, town

POOR, EXITED, GENERAL, RETURNED = Status.POOR, Status.EXITED, Status.GENERAL, Status.RETURNED
DRAWS = Draws(7, 0)


def live(world, heads, prepare=None):
    """Years in a row on given incomes per head: what each year decided and what it left in the book."""
    prepare = prepare or {}
    s, book, tally = world.start.copy(), ledger.open_book(world), ledger.open_tally(world)
    judged = []
    for year in world.years:
        s.begin_year()
        s.hi[c.SIZE_OPEN], s.hi[c.DELIVERED] = s.hi[c.SIZE], 1
        for row in (c.HIT, c.WORKER_LOST, c.DEATHS, c.BIRTHS, c.ARRIVALS, c.DEPARTURES):
            s.hi[row] = 0
        assessment.draw_list(s, world, DRAWS, year)
        set_income(s, heads[year] if isinstance(heads, dict) else heads)
        prepare.get(year, lambda s: None)(s)
        assessment.close_account(s, world, DRAWS, year)
        judged.append(assessment.assess(s, world, DRAWS, year))
        ledger.write(s, world, year, judged[-1], book, tally)
    return s, judged, book


def monitoring(book, year_index, name):
    return int(book.monitoring[year_index, ledger.MONITORING.index(name)])


def struck(*who):
    return lambda s: s.hi[c.HIT].__setitem__(list(who), 1)


# --- eras ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planned", [{"finish_year": None}, {"finish_year": 2020}, {"finish_year": None, "targets": {2021: 4}}])
def test_in_the_transition_nobody_is_identified_removed_returns_or_leaves(planned):
    def wrong_papers(s):
        s.hi[c.INELIGIBLE, 3] = 1

    given = dict(opening=2019, identified_quota=9.0, **planned)
    heads = [1000.0, 1000.0, 9000.0, 9000.0]
    status = [GENERAL, EXITED, POOR, EXITED]
    _, (then,), _ = live(town([2] * 4, status, years=(2020,), **given), heads, {2020: wrong_papers})
    assert then.identified[0] and then.exited[2] and then.removed[3]
    s, (now,), book = live(town([2] * 4, status, years=(2021,), **given), heads, {2021: wrong_papers})
    for flow in ("identified", "removed", "returned", "exited", "qualified"):
        assert not getattr(now, flow).any(), flow
    assert now.below_line[1] and not s.hi[c.LISTED].any()
    assert s.hi[c.STATUS].tolist() == status and book.exits[0].sum() == 0


def test_the_years_of_the_eras_are_data():
    world = town([2, 2], [EXITED, POOR], years=(2021,), opening=2020, transition_from=2022, regular_from=2030, finish_year=None)
    _, (judged,), _ = live(world, [1000.0, 9000.0])
    assert judged.returned[0] and judged.exited[1]
    world = town([2, 2], [EXITED, POOR], years=(2019,), opening=2018, transition_from=2019, monitoring_from=2030)
    s, (judged,), _ = live(world, [1000.0, 9000.0])
    assert not judged.returned.any() and not judged.exited.any() and s.hi[c.MONITORING, 1] == Monitoring.UNSTABLE


def test_who_is_still_poor_when_the_campaign_ends_is_a_missed_target_and_passes_to_monitoring():
    world = town([2, 3, 2], [POOR, RETURNED, EXITED], years=(2020, 2021, 2022), opening=2019, detection_delay=1.0)
    s, judged, book = live(world, [1000.0, 1000.0, 9000.0], {2021: lambda s: s.spent.__setitem__((0, 0), 15000 * 100)})
    missed = book.evaluation[:, ledger.EVALUATION.index("missed_target")]
    assert missed.tolist() == [2, 2, 2]
    assert judged[0].entered.tolist() == [False] * 3, "in the last year of the campaign it is still poor"
    assert judged[1].entered.tolist() == [True, True, False] and not judged[2].entered.any()
    assert [monitoring(book, y, "passed_over") for y in range(3)] == [0, 2, 0]
    assert [monitoring(book, y, "unstable") for y in range(3)] == [0, 2, 2]
    closing = book.ledger[:, :, LEDGER.index("closing")]
    assert closing.tolist() == [[2, 5]] * 3, "no flow of the ledger takes it out: it stays what was missed"
    assert s.hi[c.STATUS].tolist() == [POOR, RETURNED, EXITED]
    assert s.hi[c.WATCHED_FROM].tolist() == [12 * 2021, 12 * 2021, 0] and monitoring(book, 1, "delay_months") == 0


def test_one_that_passed_over_is_cleared_by_the_rules_of_monitoring():
    world = town([2], [POOR], years=(2020, 2021, 2022), opening=2019)
    s, judged, book = live(world, {2020: [1000.0], 2021: [9000.0], 2022: [9000.0]})
    assert [one.cleared.tolist() for one in judged] == [[False], [False], [True]]
    assert s.hi[c.MONITORING, 0] == Monitoring.CLEARED and monitoring(book, 2, "passed_over") == 0


def test_sudden_hardship_is_a_type_from_the_transition_on():
    def bill(s):
        s.spent[0, :2] = 15000 * 100

    for year, types in ((2020, (Monitoring.UNSTABLE, Monitoring.MARGINAL)), (2021, (Monitoring.SUDDEN,) * 2)):
        world = town([2, 2, 2], [EXITED, GENERAL, EXITED], years=(year,), opening=year - 1)
        s, _, _ = live(world, [6000.0, 6000.0, 9000.0], {year: bill})
        assert s.hi[c.MONITORING].tolist() == [*types, Monitoring.NONE]


def test_in_the_regular_era_there_is_one_class_and_its_origin_is_kept():
    world = town([2] * 4, [EXITED, GENERAL, EXITED, EXITED], years=(2024, 2025, 2026), opening=2023)

    def first(s):
        s.hi[c.HIT, :2] = 1
        s.spent[0, 2] = 15000 * 100

    heads = {2024: [4000.0, 4000.0, 6000.0, 9000.0], 2025: [4000.0, 4000.0, 4000.0, 9000.0], 2026: [4000.0] * 4}
    s, judged, book = live(world, heads, {2024: first, 2026: struck(3)})
    types = (Monitoring.UNSTABLE, Monitoring.MARGINAL, Monitoring.SUDDEN)
    assert judged[2].entered.tolist() == [False, False, False, True], "the turn of the era is no entry"
    assert s.hi[c.MONITORING].tolist() == [Monitoring.AT_RISK] * 4
    assert s.hi[c.ORIGIN].tolist() == [*types, Monitoring.UNSTABLE]
    names = ("monitored", "at_risk", "unstable", "marginal", "sudden")
    assert [monitoring(book, 1, name) for name in names] == [3, 0, 1, 1, 1]
    assert [monitoring(book, 2, name) for name in names] == [4, 4, 2, 1, 1]


def test_in_the_regular_era_one_is_cleared_and_entered_again():
    world = town([2], [GENERAL], years=(2026, 2027, 2028), opening=2025)
    s, judged, book = live(world, {2026: [4000.0], 2027: [9000.0], 2028: [4000.0]}, {2026: struck(0), 2028: struck(0)})
    assert [bool(one.entered[0]) for one in judged] == [True, False, True] and judged[1].cleared[0]
    assert [monitoring(book, y, "entered_again") for y in range(3)] == [0, 0, 1]
    assert s.hi[c.MONITORING, 0] == Monitoring.AT_RISK and s.hi[c.ORIGIN, 0] == Monitoring.MARGINAL


# --- monitoring ------------------------------------------------------------------------------------------


def test_a_low_reference_income_with_a_risk_and_weak_hands_alerts_without_any_event():
    """Sick and one able worker for five; sick with five workers; one worker for five and no risk; the like above the range."""

    def standing(s):
        s.hi[c.SICKS] = [1, 1, 0, 1]
        s.hi[c.LABOURERS] = [1, 5, 1, 1]
        s.hi[c.STUDENTS] = 0

    world = town([5] * 4, [EXITED] * 4, years=(2021,), opening=2020)
    _, (judged,), _ = live(
        world, [4500.0, 4500.0, 4500.0, 6000.0], {2021: lambda s: (standing(s), s.hf.__setitem__(c.TRUE_LAST, 0.0))}
    )
    assert judged.entered.tolist() == [True, False, False, False]


def test_an_alert_needs_no_low_income_in_its_own_year_but_the_entry_does():
    """Struck in 2021 on a good income, found in 2022: entered if it is then below the range."""
    count = 40
    world = town([2] * count, [EXITED] * count, years=(2021, 2022), opening=2020, detection_delay=12.0)
    low = [4500.0 if h < count // 2 else 9000.0 for h in range(count)]
    _, judged, _ = live(world, {2021: [6000.0] * count, 2022: low}, {2021: struck(*range(count))})
    assert not judged[0].entered.any()
    assert judged[1].entered.tolist() == [True] * (count // 2) + [False] * (count // 2)


def test_on_dibao_it_alerts_but_does_not_enter():
    def netted(s):
        s.hi[c.NETTED, 0], s.hi[c.HIT, :] = 2019, 1

    world = town([2, 2], [EXITED] * 2, years=(2021,), opening=2020)
    _, (judged,), _ = live(world, [4500.0] * 2, {2021: netted})
    assert judged.entered.tolist() == [False, True]


def test_most_alerts_do_not_become_entries():
    world = town([2] * 400, [EXITED] * 400, years=(2021,), opening=2020, verified=0.1)
    _, (judged,), _ = live(world, [4500.0] * 400, {2021: struck(*range(400))})
    assert 20 <= judged.entered.sum() <= 60


def test_three_channels_find_in_their_shares_each_with_its_own_delay():
    count = 600
    given = dict(years=(2021,), opening=2020, detection_delay=2.0)
    world = town([2] * count, [EXITED] * count, channel_delays=(0.0, 1.0, 3.0), **given)
    s, (judged,), book = live(world, [4500.0] * count, {2021: struck(*range(count))})
    found = [int((judged.entered & (s.hi[c.CHANNEL] == 1 + k)).sum()) for k in Channel]
    assert [monitoring(book, 0, f"by_{k.name.lower()}") for k in Channel] == found
    for k, delay in zip(Channel, (0, 2, 6), strict=True):
        mine = judged.entered & (s.hi[c.CHANNEL] == 1 + k)
        assert (judged.delay[mine] == delay).all()
        assert ((s.hi[c.WATCHED_FROM, mine] - 12 * 2021) > delay).all() and (s.hi[c.WATCHED_FROM, mine] <= 12 * 2021 + 12).all()
    assert monitoring(book, 0, "delay_months") == judged.delay[judged.entered].sum()
    _, (even,), _ = live(town([2] * count, [EXITED] * count, **{**given, "detection_delay": 0.0}), [4500.0] * count,
                         {2021: struck(*range(count))})  # fmt: skip
    assert even.entered.all()


def test_who_is_at_risk_and_never_found_is_missed():
    world = town([2] * 3, [EXITED] * 3, years=(2021,), opening=2020, never_found=1.0)
    _, (judged,), book = live(world, [4500.0, 9000.0, 4500.0], {2021: struck(0, 1)})
    assert judged.missed.tolist() == [True, False, False], "struck and under the range; struck alone; neither struck nor frail"
    assert monitoring(book, 0, "missed") == 1 and not judged.entered.any()


def test_the_days_of_the_decision_come_on_top():
    count, entered = 300, {}
    for days in (15.0, 30.0, 90.0):
        world = town([2] * count, [EXITED] * count, years=(2021, 2022), opening=2020, decision_days=days)
        _, judged, _ = live(world, [4500.0] * count, {2021: struck(*range(count))})
        entered[days] = [int(one.entered.sum()) for one in judged]
        assert sum(entered[days]) == count
    assert entered[15.0] == [count, 0] and entered[15.0][0] > entered[30.0][0] > entered[90.0][0]


@pytest.mark.parametrize(
    ("change", "cleared"),
    [
        (lambda s: None, True),
        (lambda s: s.spent.__setitem__((0, 0), 12000 * 100), False),  # a large bill, though income carries it
        (lambda s: s.hi[c.HIT].__setitem__(0, 1), False),  # a new risk
        (lambda s: s.hf[c.TRUE_LAST].__setitem__(0, 40000.0), False),  # income fell, though still above the range
        (lambda s: s.hi[c.WATER_SAFE].__setitem__(0, 0), False),
        (lambda s: s.hi[c.LABOURERS].__setitem__(0, 0), False),  # without labour it stays under watch
        (lambda s: set_income(s, [4900.0]), False),
    ],
    ids=["fit", "bill", "struck", "fell", "guarantee", "no labour", "below"],
)
def test_what_keeps_a_household_under_watch(change, cleared):
    world = town([2], [EXITED], years=(2021, 2022), opening=2020)
    _, judged, _ = live(world, {2021: [4500.0], 2022: [15000.0]}, {2021: struck(0), 2022: change})
    assert judged[0].entered[0] and judged[1].cleared[0] == cleared


def test_it_takes_the_stated_months_to_be_cleared():
    count = 200
    for months, fit in ((6.0, count), (13.0, None), (30.0, 0)):
        world = town([2] * count, [EXITED] * count, years=(2021, 2022), opening=2020, clear_months=months)
        s, judged, _ = live(world, {2021: [4500.0] * count, 2022: [9000.0] * count}, {2021: struck(*range(count))})
        since = 12 * 2022 + 12 - s.hi[c.WATCHED_FROM]
        assert judged[1].cleared.tolist() == (since >= months).tolist()
        assert fit is None or judged[1].cleared.sum() == fit


def test_clearing_by_nature_stands_apart():
    def die(s):
        s.hi[c.DEATHS, [0, 2]], s.hi[c.SIZE, [0, 2]] = 2, 0

    world = town([2] * 3, [EXITED] * 3, years=(2021, 2022), opening=2020)
    _, judged, book = live(world, {2021: [4500.0] * 2 + [9000.0], 2022: [9000.0] * 3}, {2021: struck(0, 1), 2022: die})
    assert judged[1].cleared.tolist() == [False, True, False]
    assert (monitoring(book, 1, "cleared"), monitoring(book, 1, "cleared_naturally")) == (1, 1)
    row = book.accounts[1, ledger.STOCKS.index("monitored")]
    assert row.tolist() == [[2, 0, 1, -1, 0], [4, 0, 2, -2, 0]]


# --- layers ----------------------------------------------------------------------------------------------


def test_each_household_stands_in_the_layer_of_its_need():
    """On 特困, on 低保, below 1.5 standards, below 2.5 with most of it gone for bills, the same without bills, well off."""

    def needs(s):
        s.pi[c.TEKUN, off[0]] = s.pi[c.DIBAO, off[1]] = 1
        s.spent[0, [3, 5]] = 2 * 7000 * 100
        s.hi[c.SIZE, 6] = 0

    world = town([2] * 7, [GENERAL] * 7, years=(2026,), opening=2025)
    off = world.layout.off
    heads = [5000.0, 5000.0, 5900.0, 9000.0, 9000.0, 11000.0, 0.0]
    s, _, book = live(world, heads, {2026: lambda s: (needs(s), s.hi[c.DEATHS].__setitem__(6, 2))})
    wanted = [Layer.TEKUN, Layer.DIBAO, Layer.MARGIN, Layer.RIGID, Layer.NONE, Layer.NONE, Layer.NONE]
    assert s.hi[c.LAYER].tolist() == wanted
    assert book.layers[0].sum(axis=0).tolist()[:2] == [6, 12] and book.layers[0, Layer.RIGID].tolist() == [1, 2, 1]


def test_support_follows_need_and_ability_as_data(tmp_path):
    """Of the one class, who has labour gets a project; who has none, and no 低保 yet, a share of the station."""
    at_risk = dict(status=GENERAL, monitoring=Monitoring.AT_RISK)
    rows = [
        at_risk,
        {**at_risk, "people": [{"capacity": 0}]},
        {"status": GENERAL},
        {**at_risk, "people": [{"capacity": 0, "dibao": 1}]},
    ]
    given = dict(take_up=1.0, start={"year": 2017})
    without = {"monitoring": ["at_risk"], "labourers": "< 1", "layer": ["none", "margin", "rigid"]}
    plans = {
        "tea": {**given, "kind": "industry", "product": "tea", "eligible": {"monitoring": ["at_risk"], "labourers": ">= 1"}},
        "station": {**given, "kind": "pv", "capacity_kw": 10.0, "eligible": without},
    }
    world = plan.town(tmp_path, plans, made=plan.homes(rows))
    s, draws = plan.begin(world)
    s.begin_year()
    allocation.allocate(s, world, draws, 2017)
    assert {id: np.flatnonzero(s.held[id]["held"]).tolist() for id in plans} == {"tea": [0], "station": [1]}


# --- exit, return, evaluation ----------------------------------------------------------------------------


def test_between_the_exit_line_with_its_margin_and_the_line_nobody_moves():
    world = town([2, 2], [POOR, EXITED], exit_margin=1.2)
    s, (judged,), _ = live(world, [3600.0, 3600.0])
    assert not judged.exited.any() and not judged.returned.any()
    assert s.hi[c.STATUS].tolist() == [POOR, EXITED]


def test_two_good_years_in_a_row_are_enough_where_two_are_asked_for():
    world = town([3], [POOR], years=(2017, 2018), sustain_years=2)
    _, judged, _ = live(world, [5000.0])
    assert [bool(one.exited[0]) for one in judged] == [False, True]


def test_the_error_of_the_report_makes_wrong_exits_and_households_missed():
    count = 400
    world = town([2] * count, [POOR] * (count // 2) + [GENERAL] * (count // 2), report_error=0.1, identified_quota=0.0)
    s, (judged,), book = live(world, [3200.0] * count)
    evaluation = dict(zip(ledger.EVALUATION, book.evaluation[0], strict=True))
    assert 0 < judged.exited.sum() == evaluation["wrong_exits"] < count // 2
    assert evaluation["missed_households"] == (s.hi[c.STATUS] == GENERAL).sum() == count // 2


# --- villages --------------------------------------------------------------------------------------------


def villages(world, *, income=60000.0, trade=1, supplied=1, poor=1, farm=200):
    s = world.start
    s.vi[c.POOR], s.vi[c.TRADE], s.vi[c.SUPPLIED], s.vi[c.OUT] = poor, trade, supplied, 0
    s.vi[c.PROCEEDS] = int(income * 100)
    s.vf[c.FARM_PERSONS] = farm
    return world


def out_in(world, heads=(1000.0, 9000.0)):
    s, _, book = live(world, list(heads))
    return s.vi[c.OUT].tolist(), book


@pytest.mark.parametrize(
    ("changed", "given", "out"),
    [
        ({}, {}, [0, 2017]),
        ({}, {"farm": 201}, [2017, 2017]),  # 4 of 201 are under 2%; 4 of 200 are not
        ({"village_incidence": 0.03}, {}, [2017, 2017]),  # in the west
        ({}, {"income": 49999.0}, [0, 0]),
        ({"village_income": 40000.0}, {"income": 49999.0}, [0, 2017]),
        ({}, {"trade": 0}, [0, 0]),
        ({"village_trade": 1.0}, {"trade": 0}, [0, 2017]),
        ({}, {"supplied": 0}, [0, 0]),
        ({"village_supplied": 1.0}, {"supplied": 0}, [0, 2017]),
        ({}, {"poor": 0}, [0, 0]),  # only a poor village can leave
    ],
)
def test_what_a_village_needs_to_leave(changed, given, out):
    assert out_in(villages(town([4, 4], [POOR] * 2, **changed), **given))[0] == out


def test_after_the_campaign_no_village_leaves():
    for begins, out in ((2018, [2017, 2017]), (2017, [0, 0])):
        assert out_in(villages(town([4, 4], [EXITED] * 2, transition_from=begins)), (9000.0, 9000.0))[0] == out


def test_what_the_tables_say_of_villages_and_of_those_watched_is_taken_over():
    made = plan.homes(
        [{"status": EXITED, "monitoring": m} for m in Monitoring] + [{"status": GENERAL, "monitoring": 5}], villages=4
    )
    given = made.villages
    given["leading_trade"][:], given["year_out"][:], given["farm_persons"][:] = [1, 0, 1, 0], [0, 0, 2015, 0], [10, 20, 30, 40]
    given["water_ok"][:], given["road_ok"][:], given["clinic_ok"][:] = [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]
    s = open_state(made, lay_out(made, 1), 2016)
    assert s.vi[c.TRADE].tolist() == [1, 0, 1, 0] and s.vi[c.OUT].tolist() == [0, 0, 2015, 0]
    assert s.vi[c.SUPPLIED].tolist() == [1, 0, 0, 0] and s.vf[c.FARM_PERSONS].tolist() == [10, 20, 30, 40]
    assert s.hi[c.ORIGIN].tolist() == [0, 1, 2, 3, 0, 1, 2]


def test_a_village_that_left_stays_out_and_the_book_says_when():
    world = villages(town([4, 4], [POOR] * 2, years=(2017, 2018)), farm=201)
    got, book = out_in(world)
    assert got == [2017, 2017]
    assert book.villages[:, :, ledger.VILLAGES.index("out")].tolist() == [[1, 1], [1, 1]]
    assert book.villages[0, :, ledger.VILLAGES.index("income")].tolist() == [6_000_000, 6_000_000]
    world.start.vi[c.OUT, 0] = 2015
    assert out_in(world)[0] == [2015, 2017]


# --- accounts --------------------------------------------------------------------------------------------


def test_accounts_close_in_persons_by_what_happened_to_them():
    def change(s):
        s.hi[c.SIZE_OPEN] = [3, 3]
        s.hi[c.BIRTHS, 0], s.hi[c.DEATHS, 1] = 1, 1
        s.hi[c.SIZE] = [4, 2]

    world = town([3, 3], [EXITED] * 2)
    _, _, book = live(world, [9000.0] * 2, {2017: change})
    assert book.accounts[0, ledger.STOCKS.index("exited")].tolist() == [[2, 0, 0, 0, 2], [6, 0, 0, 0, 6]]

    def vanish(s):
        s.hi[c.SIZE, 0] -= 1

    with pytest.raises(ArithmeticError, match=r"exited.*1 persons"):
        live(world, [9000.0] * 2, {2017: vanish})


# --- causes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "cause"),
    [
        (lambda s: (s.hi.__setitem__((c.LOST_SINCE, 0), 1), s.hi.__setitem__((c.DISABLED_SINCE, 0), 1)), Cause.DISABILITY),
        (lambda s: s.hi.__setitem__((c.LOST_SINCE, 0), 1), Cause.DEATH),
        (lambda s: s.spent.__setitem__((2, 0), 2 * 9000 * 100), Cause.SCHOOLING),
        (lambda s: s.spent.__setitem__((0, 0), 2 * 9000 * 100), Cause.ILLNESS),
        (lambda s: s.spent.__setitem__((3, 0), 2 * 9000 * 100), Cause.DISASTER),
        (lambda s: None, Cause.JOB_LOSS),
    ],
    ids=["disability", "death", "schooling", "bills", "repair", "job"],
)
def test_the_largest_loss_since_exit_is_the_cause(loss, cause):
    def history(s):
        s.hi[c.STOOD], s.hi[c.SIZE_AT_EXIT], s.hf[c.AT_EXIT] = 1, 2, 6000.0
        s.at_exit[1, 0] = 2 * 6000 * 100  # wages away then
        loss(s)

    _, (judged,), _ = live(town([2], [EXITED]), [0.0], {2017: history})
    assert judged.causes[0] == cause


def test_a_registered_return_has_its_cause_whatever_it_stood_on():
    """Who never stood on its own income, and who lost a guarantee alone; one that is not found has none."""

    def history(s):
        s.hi[c.STOOD], s.hi[c.SIZE_AT_EXIT] = 0, 2
        s.at_exit[1, 0] = 2 * 6000 * 100
        s.hi[c.WATER_SAFE, 1] = 0

    _, (judged,), book = live(town([2] * 3, [EXITED] * 3), [0.0, 9000.0, 9000.0], {2017: history})
    assert judged.causes.tolist() == [0, 0, 0] and judged.returned.tolist() == [True, True, False]
    assert judged.returned_by.tolist() == [Cause.JOB_LOSS, Cause.GUARANTEE, Cause.NONE]
    assert book.causes[0].sum(axis=0).tolist() == [0, 2] and book.causes[0, Cause.GUARANTEE].tolist() == [0, 1]


def test_a_cost_that_was_there_at_the_exit_is_no_loss():
    def school(s):
        s.spent[2, 0] = 2 * 9000 * 100

    def fall(s):
        school(s)
        s.items[5, 0] = 0

    world = town([2], [POOR], years=(2017, 2018))
    _, judged, _ = live(world, {2017: [9000.0], 2018: [0.0]}, {2017: school, 2018: fall})
    assert judged[0].exited[0] and judged[1].causes[0] == Cause.ENTERPRISE


def test_costs_that_were_there_before_the_run_are_no_loss():
    """A household that had left before the opening: what it pays in the first year seen is taken for what it paid then."""

    def school(s):
        s.spent[[1, 2], 0] = 2 * 9000 * 100

    def unknown(s):
        s.hi[c.CHRONIC_AT_EXIT] = s.hi[c.SCHOOLING_AT_EXIT] = -1
        s.hi[c.STOOD] = 1
        s.at_exit[5] = 2 * 3000 * 100
        school(s)

    world = town([2], [EXITED], years=(2017, 2018), return_found=0.0)
    _, judged, _ = live(world, [0.0], {2017: unknown, 2018: lambda s: s.spent.__setitem__((2, 0), 2 * 9000 * 100)})
    assert [one.causes[0] for one in judged] == [Cause.ENTERPRISE] * 2


def test_a_run_opens_without_knowing_the_costs_of_earlier_exits(tmp_path):
    s, _ = plan.begin(plan.town(tmp_path, {}, made=plan.homes([{"status": EXITED}, {"status": POOR}])))
    assert s.hi[c.CHRONIC_AT_EXIT].tolist() == s.hi[c.SCHOOLING_AT_EXIT].tolist() == [-1, 0]
    assert s.hi[c.LAYER].tolist() != [0, 0], "their layers are known, since measures of the first year may ask for them"


def test_an_exit_wipes_out_who_was_disabled_before_it():
    world = town([2], [POOR])
    s, (judged,), _ = live(world, [9000.0], {2017: lambda s: s.hi[c.DISABLED_SINCE].__setitem__(0, 2)})
    assert judged.exited[0] and s.hi[c.DISABLED_SINCE, 0] == 0


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_worker_lost_is_disabled_or_gone(engine, monkeypatch):
    if engine == "numpy":
        lives.in_columns(monkeypatch)
    s, draws = lives.open_lives(world := lives.town(count=900, years=(2017,)))
    here = s.pi[c.ALIVE] == 1
    able = here & (s.pi[c.CAPACITY] >= Capacity.ORDINARY)
    lives.one_year(s, world, draws, 2017, work=False)
    gone = world.layout.per_household((able & (s.pi[c.GONE] != Departure.HERE)).astype(int))
    disabled = s.hi[c.DISABLED_SINCE]
    assert disabled.sum() > 0 and gone.sum() > 0
    assert (disabled <= s.hi[c.LOST_SINCE]).all() and (s.hi[c.LOST_SINCE] - disabled <= gone).all()
    newly = here & (s.pi[c.ALIVE] == 1) & (s.pi[c.HEALTH] == Health.DISABLED) & (s.pi[c.SICK_YEARS] == 1)
    assert (disabled <= world.layout.per_household(newly.astype(int))).all()


def test_order_of_households_does_not_matter_to_monitoring():
    count = 60
    heads = np.linspace(3000.0, 9000.0, count)
    world = town([2] * count, [EXITED] * count, years=(2021,), opening=2020, verified=0.5, never_found=0.2)
    back = town([2] * count, [EXITED] * count, years=(2021,), opening=2020, verified=0.5, never_found=0.2)
    back.layout.draw_id[:] = world.layout.draw_id[::-1]
    _, (one,), _ = live(world, heads, {2021: struck(*range(count))})
    _, (two,), _ = live(back, heads[::-1], {2021: struck(*range(count))})
    assert one.entered.tolist() == two.entered[::-1].tolist() and one.missed.tolist() == two.missed[::-1].tolist()
