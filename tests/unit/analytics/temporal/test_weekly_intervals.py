"""Shares and rates over weeks, against scipy, statsmodels and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.regression.linear_model import OLS

from analytics.temporal.weekly_intervals import rates, shares


def test_rates_are_means_with_students_interval() -> None:
    counts = np.random.default_rng(1).poisson(9, (30, 7))
    found = rates(counts)
    low, high = stats.t.interval(0.95, 29, counts.mean(axis=0), stats.sem(counts))
    np.testing.assert_allclose(found.values, counts.mean(axis=0))
    np.testing.assert_allclose(found.low, low)
    np.testing.assert_allclose(found.high, high)


def test_errors_of_shares_are_those_of_a_mean_over_clusters() -> None:
    # statsmodels: each incident is 1 in the bin or 0, weeks are clusters.
    counts = np.random.default_rng(3).poisson([4, 9, 20], (26, 3))
    found = shares(counts)
    inside = np.repeat(np.tile([1.0, 0.0], 26), np.c_[counts[:, 0], counts[:, 1:].sum(1)].ravel())
    weeks = np.repeat(np.arange(26), counts.sum(axis=1))
    fitted = OLS(inside, np.ones(len(inside))).fit(cov_type="cluster", cov_kwds={"groups": weeks})
    share = found.values[0]
    half = (special.logit(found.high[0]) - special.logit(found.low[0])) / 2
    assert share == pytest.approx(fitted.params[0])
    assert half / stats.t.ppf(0.975, 25) * share * (1 - share) == pytest.approx(fitted.bse[0])


def test_intervals_of_shares_cover_in_weeks_that_vary() -> None:
    random = np.random.default_rng(2)
    true = np.array([0.1, 0.3, 0.6])
    inside = np.zeros(3)
    for _ in range(500):
        weeks = [
            random.multinomial(random.integers(20, 80), shape)
            for shape in random.dirichlet(true * 30, 52)
        ]
        found = shares(weeks)
        inside += (found.low <= true) & (true <= found.high)
    assert (np.abs(inside / 500 - 0.95) <= 3 * np.sqrt(0.05 * 0.95 / 500) + 0.005).all()


def test_few_weeks_have_no_interval_and_none_no_value() -> None:
    few = shares([[1, 3], [2, 2]])
    assert few.values.tolist() == [0.375, 0.625]
    assert np.isnan(few.low).all()
    assert np.isnan(rates(np.ones((3, 2))).high).all()
    assert np.isnan(shares(np.zeros((5, 2))).values).all()
    assert np.isnan(rates(np.zeros((0, 2))).values).all()


def test_a_bin_without_incidents_has_the_exact_interval_of_none() -> None:
    # scipy's exact intervals, of incidents that come independently: 50 in all, in 10 weeks
    counts = np.tile([0, 5], (10, 1))
    found = shares(counts)
    exact = stats.binomtest(0, 50).proportion_ci(0.95, method="exact")
    assert found.values.tolist() == [0.0, 1.0]
    np.testing.assert_allclose([found.low[0], found.high[0]], exact)
    np.testing.assert_allclose([found.low[1], found.high[1]], 1 - np.array(exact)[::-1])
    rate = rates(counts)
    assert (rate.low[0], rate.high[0]) == (0.0, pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 10))


def test_a_bin_without_incidents_is_less_certain_where_weeks_vary() -> None:
    steady = np.tile([0, 5, 5], (10, 1))
    bursts = np.where(np.arange(10)[:, None] % 2, [0, 10, 0], [0, 0, 10])
    assert shares(bursts).high[0] > 2 * shares(steady).high[0]
    assert rates(bursts).high[0] > 2 * rates(steady).high[0]
