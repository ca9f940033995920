"""Change between two periods."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.statistics.two_periods import (
    Comparison,
    Incomparable,
    NotComparable,
    Significance,
    compare,
    last_year,
    previous_period,
    unscaled_z,
)

START = date(2014, 1, 1)


def series(counts: list[int]) -> pl.DataFrame:
    days = [START + timedelta(days=number) for number in range(len(counts))]
    return pl.DataFrame({"day": days, "incidents": counts})


def day(number: int) -> date:
    return START + timedelta(days=number)


def test_z_is_the_difference_of_roots_times_root_two() -> None:
    # √2(√100 − √81) = √2; √2(√49 − √64) = −√2
    assert unscaled_z(100, 81) == pytest.approx(1.41421356)
    assert unscaled_z(49, 64) == pytest.approx(-1.41421356)


def test_z_agrees_with_the_normal_approximation_of_the_conditional_test() -> None:
    # (x1 − x2) / √(x1 + x2), Przyborowski & Wilenski 1940
    assert unscaled_z(1040, 960) == pytest.approx((1040 - 960) / np.sqrt(2000), rel=1e-3)


def test_a_steady_series_has_dispersion_one_and_a_change_of_nothing() -> None:
    found = compare(series([4] * 280), (day(252), day(279)), (day(224), day(251)))
    assert found == Comparison(112, 112, 0.0, 0.0, 1.0, 8, Significance.NOT_SIGNIFICANT)


def test_a_jump_is_scaled_by_the_variation_of_the_past() -> None:
    # Weeks of 49 and 64 in turn: every past pair has z² = 2, so the dispersion is 2;
    # then 64 → 144: z = √2(12 − 8) / √2 = 4.
    weeks = [49, 64] * 5 + [144]
    counts = [count if number == 0 else 0 for count in weeks for number in range(7)]
    found = compare(series(counts), (day(70), day(76)), (day(63), day(69)))
    assert isinstance(found, Comparison)
    assert (found.now, found.before, found.change, found.pairs) == (144, 64, 1.25, 9)
    assert found.dispersion == pytest.approx(2)
    assert found.z == pytest.approx(4)
    assert found.verdict == Significance.SIGNIFICANT


def test_few_incidents_are_too_few_to_tell() -> None:
    counts = [0] * 280
    counts[279] = 5
    counts[230] = 3
    found = compare(series(counts), (day(252), day(279)), (day(224), day(251)))
    assert isinstance(found, Comparison)
    assert (found.now, found.before, found.verdict) == (5, 3, Significance.TOO_FEW)


def test_a_change_from_nothing_has_no_share() -> None:
    found = compare(series([0] * 252 + [4] * 28), (day(252), day(279)), (day(224), day(251)))
    assert isinstance(found, Comparison)
    assert found.change is None


def test_a_short_past_is_too_little_to_tell() -> None:
    found = compare(series([9] * 84), (day(56), day(83)), (day(28), day(55)))
    assert isinstance(found, Comparison)
    assert (found.dispersion, found.pairs, found.verdict) == (None, 1, Significance.TOO_SHORT)


def test_days_without_incidents_may_be_left_out() -> None:
    whole = series([0, 3, 0, 2] * 70)
    sparse = whole.filter(pl.col("incidents") > 0)
    periods = (day(252), day(279)), (day(224), day(251))
    covered = (day(0), day(279))
    assert compare(sparse, *periods, covered) == compare(whole, *periods, covered)


@pytest.mark.parametrize(
    ("now", "before", "why"),
    [
        ((day(20), day(27)), (day(-4), day(3)), Incomparable.BASE_NOT_COVERED),
        ((day(25), day(32)), (day(17), day(24)), Incomparable.PERIOD_NOT_COVERED),
    ],
)
def test_a_period_the_data_does_not_cover_gets_a_reason(
    now: tuple[date, date], before: tuple[date, date], why: Incomparable
) -> None:
    found = compare(series([1] * 30), now, before)
    assert isinstance(found, NotComparable)
    assert not found
    assert found.reason is why
    assert found.covered == (day(0), day(29))


def test_no_incidents_get_a_reason() -> None:
    empty = pl.DataFrame(schema={"day": pl.Date, "incidents": pl.Int64})
    found = compare(empty, (day(0), day(1)), (day(-2), day(-1)))
    assert found == NotComparable(Incomparable.NO_INCIDENTS)


def test_the_previous_period_is_as_long_and_ends_the_day_before() -> None:
    assert previous_period((date(2018, 3, 1), date(2018, 3, 28))) == (
        date(2018, 2, 1),
        date(2018, 2, 28),
    )
    assert previous_period((date(2018, 3, 1), date(2018, 3, 1))) == (
        date(2018, 2, 28),
        date(2018, 2, 28),
    )


def test_last_year_of_up_to_28_days_keeps_the_weekdays() -> None:
    start, end = last_year((date(2018, 10, 16), date(2018, 11, 12)))
    assert (start, end) == (date(2017, 10, 17), date(2017, 11, 13))
    assert start.weekday() == date(2018, 10, 16).weekday()


def test_last_year_of_a_longer_period_is_by_calendar() -> None:
    assert last_year((date(2018, 1, 1), date(2018, 11, 12))) == (
        date(2017, 1, 1),
        date(2017, 11, 12),
    )
    assert last_year((date(2016, 1, 1), date(2016, 2, 29)))[1] == date(2015, 2, 28)


@pytest.mark.parametrize(("mean", "dispersion"), [(3, 1), (3, 2), (10, 4)])
def test_about_one_in_twenty_unchanged_periods_is_called_a_change(
    mean: float, dispersion: float
) -> None:
    random = np.random.default_rng(20140101)
    periods = (day(1092), day(1119)), (day(1064), day(1091))
    alarms, unscaled, runs = 0, 0, 400
    for _ in range(runs):
        if dispersion == 1:
            counts = random.poisson(mean, 1120)
        else:
            counts = random.negative_binomial(mean / (dispersion - 1), 1 / dispersion, 1120)
        found = compare(series(counts.tolist()), *periods)
        assert isinstance(found, Comparison)
        alarms += found.verdict == Significance.SIGNIFICANT
        unscaled += abs(unscaled_z(found.now, found.before)) > 1.96
    assert 0.025 < alarms / runs < 0.08  # 400 runs: three standard errors are 0.033
    if dispersion > 1:
        assert unscaled / runs > 0.1


def test_a_doubling_is_found() -> None:
    random = np.random.default_rng(7)
    counts = [*random.poisson(3, 1092).tolist(), *random.poisson(6, 28).tolist()]
    found = compare(series(counts), (day(1092), day(1119)), (day(1064), day(1091)))
    assert isinstance(found, Comparison)
    assert found.verdict == Significance.SIGNIFICANT
