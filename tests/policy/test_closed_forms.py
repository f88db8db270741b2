"""Closed forms of the kinds, each with a mutation that breaks it."""

import numpy as np
import pytest

from povsim.policy.measures import industry, pv

# focalsolar.com 2015: 3 kW x 1,025 h x 1 yuan earn 11,867 yuan in years 1 to 4 and 56,138 in twenty years.
PANEL = dict(capacity_kw=3.0, hours=1025.0, weather=1.0, outage=0.0, first_year_loss=0.025, later_loss=0.007, life=25.0)


def earned(years, **changed):
    values = {**PANEL, **changed}
    return sum(pv.kwh(year=2015 + k, connected_year=2016.0, connected_month=1.0, **values) for k in range(1, years + 1)) * 1.0


def test_pv_earns_what_was_published_to_the_yuan():
    assert round(earned(4)) == 11_867
    assert round(earned(20)) == 56_138
    by_hand = 3075 * 0.975 * sum(0.993**k for k in range(20))
    assert earned(20) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    "mutation", [dict(first_year_loss=0.007), dict(later_loss=0.008), dict(outage=0.001), dict(hours=1026.0)]
)
def test_pv_sum_notices_a_mutation(mutation):
    assert (round(earned(4, **mutation)), round(earned(20, **mutation))) != (11_867, 56_138)


def test_a_station_connected_in_any_month_earns_the_same_over_its_life():
    def life(month):
        values = {**PANEL, "life": 25.0}
        return sum(pv.kwh(year=2016 + k, connected_year=2016.0, connected_month=month, **values) for k in range(30))

    assert [life(m) for m in (1.0, 4.0, 12.0)] == pytest.approx([life(1.0)] * 3, rel=1e-12)


def test_price_keeps_its_spread_and_its_mean():
    """The AR(1) of next_log_price keeps the variance sd^2, and market_price has mean 1: moments, no sampling."""
    variance, sd, persistence = 0.0, 0.3, 0.6
    for _ in range(200):
        step = float(industry.next_log_price(0.0, 1.0, sd, persistence))
        variance = persistence**2 * variance + step**2
    assert variance == pytest.approx(sd**2, rel=1e-12)
    z = np.linspace(-8.0, 8.0, 40_001)
    weight = np.exp(-0.5 * z**2)
    assert (industry.market_price(sd * z, sd) * weight).sum() / weight.sum() == pytest.approx(1.0, rel=1e-9)


def test_own_failure_leaves_the_shares_that_its_hazard_says():
    """Three years of a hazard of 0.12 leave 68%, of 0.22 leave 47% (published ranges 0.60-0.75 and 0.40-0.55)."""
    u = (np.arange(100_000) + 0.5) / 100_000
    linked, own = (1.0 - industry.fails(u, link, 0.12, 0.22).mean() for link in (1.0, 0.0))
    assert linked**3 == pytest.approx(0.681, abs=0.001)
    assert own**3 == pytest.approx(0.475, abs=0.001)
