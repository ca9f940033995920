"""Hours of the week of a selection against the rest: scipy, analytic cases, false alarms."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from analytics.temporal.deviation import (
    deviation,
    homogeneity,
    hour_bins,
    per_day,
    remainder,
    weekday_bins,
    weekdays_in,
)
from analytics.temporal.weekly_hours import WeeklyHours, dispersion

MONDAY = date(2016, 1, 4)


def weekly(counts: np.ndarray) -> WeeklyHours:
    return WeeklyHours(
        counts, MONDAY, (MONDAY, date.fromordinal(MONDAY.toordinal() + 7 * len(counts) - 1))
    )


def test_ratios_and_intervals_are_those_of_scipy_where_weeks_are_alike() -> None:
    # Weeks that are exactly alike have no dispersion above 1.
    one, other = np.full((4, 168), 5), np.full((4, 168), 20)
    one[:, 30], other[:, 30] = 30, 25
    found = deviation(weekly(one), weekly(other))
    assert found is not None
    assert found.dispersions == (1.0, 1.0)
    sides = [table.sum(axis=0) + 0.5 for table in (one, other)]
    expected = stats.contingency.relative_risk(120, 4 * 5 * 167 + 120, 100, 4 * 20 * 167 + 100)
    interval = expected.confidence_interval(0.95)
    # scipy adds no half incident: the difference is small at 100 and more.
    assert found.ratio[1, 6] == pytest.approx(expected.relative_risk, rel=0.02)
    assert found.low[1, 6] == pytest.approx(interval.low, rel=0.03)
    assert found.high[1, 6] == pytest.approx(interval.high, rel=0.03)
    assert found.ratio[1, 6] == pytest.approx(
        sides[0][30] / sides[0].sum() / (sides[1][30] / sides[1].sum())
    )
    assert np.argwhere(found.significant).tolist() == [[1, 6]]


def test_hours_alike_are_hardly_ever_called_different() -> None:
    # Both sides have the same profile; weeks vary more than Poisson. FDR: a family with any
    # false call in at most 5% of tries (all are null).
    random = np.random.default_rng(2)
    profile = random.dirichlet(np.full(168, 30))
    alarms = 0
    for _ in range(200):
        sides = []
        for size in (60, 400):
            shaken = random.dirichlet(profile * 2_000, size=52)
            sides.append(weekly(np.stack([random.multinomial(size, week) for week in shaken])))
        found = deviation(*sides)
        assert found is not None
        alarms += bool(found.significant.any())
    assert alarms / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_dispersion_is_one_for_independent_incidents_and_grows_with_the_variation() -> None:
    random = np.random.default_rng(5)
    plain = random.poisson(20, (100, 24))
    assert dispersion(plain) == pytest.approx(1, abs=0.05)
    # Dirichlet-multinomial of n incidents and concentration a: 1 + (n − 1) / (a + 1).
    shares = random.dirichlet(np.full(24, 10), size=400)
    shaken = np.stack([random.multinomial(200, week) for week in shares])
    assert dispersion(shaken) == pytest.approx(1 + 199 / 241, rel=0.06)
    assert dispersion([[1, 2, 3]]) == 1.0


def test_homogeneity_is_pearsons_test_where_weeks_do_not_vary() -> None:
    one, other = np.tile([30, 20, 10], (6, 1)), np.tile([25, 25, 10], (6, 1))
    found = homogeneity(one, other)
    assert found is not None
    chi2, _, freedom, _ = stats.chi2_contingency([one.sum(axis=0), other.sum(axis=0)])
    assert found.dispersion == 1.0
    assert found.chi2 == pytest.approx(chi2)
    assert found.freedom == freedom
    assert found.p == pytest.approx(stats.f.sf(chi2 / freedom, freedom, 20))


def test_homogeneity_keeps_its_level_in_overdispersed_weeks() -> None:
    random = np.random.default_rng(9)
    alarms, naive = 0, 0
    for _ in range(400):
        sides = [
            np.stack(
                [random.multinomial(80, week) for week in random.dirichlet(np.full(24, 3), 40)]
            )
            for _ in range(2)
        ]
        found = homogeneity(*sides)
        assert found is not None
        alarms += found.p <= 0.05
        naive += stats.chi2_contingency([side.sum(axis=0) for side in sides])[1] <= 0.05
    assert alarms / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert naive / 400 > 0.3  # what the correction is for


def test_too_few_incidents_are_not_tested() -> None:
    few, many = weekly(np.eye(2, 168, dtype=int)), weekly(np.full((2, 168), 9))
    assert deviation(few, many) is None
    assert homogeneity(few.counts, many.counts) is None
    assert homogeneity(many.counts[:1], many.counts) is None


def test_the_remainder_has_what_was_not_chosen() -> None:
    city, chosen = weekly(np.full((2, 168), 9)), weekly(np.full((2, 168), 2))
    assert remainder(city, chosen).counts.tolist() == np.full((2, 168), 7).tolist()


def test_a_rate_per_day_divides_by_how_often_the_weekday_came() -> None:
    # 1 to 9 January 2017: Sunday 1st to Monday 9th has two Sundays and two Mondays.
    period = (date(2017, 1, 1), date(2017, 1, 9))
    assert weekdays_in(period).tolist() == [2, 1, 1, 1, 1, 1, 2]
    rates = per_day(np.full((7, 24), 6), period)
    assert rates[:, 0].tolist() == [3, 6, 6, 6, 6, 6, 3]
    short = per_day(np.full((7, 24), 6), (date(2017, 1, 2), date(2017, 1, 2)))
    assert np.isnan(short[1:]).all()
    assert short[0, 0] == 6


def test_bins_of_hours_and_weekdays_sum_the_week() -> None:
    counts = np.arange(2 * 168).reshape(2, 168)
    hours = weekly(counts)
    assert hour_bins(hours)[0, 0] == sum(range(0, 168, 24))
    assert weekday_bins(hours)[1, 6] == counts[1, 144:].sum()
