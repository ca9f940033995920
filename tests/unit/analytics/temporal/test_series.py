"""Weekly and monthly series, their parts, and months of the year."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.tsa.seasonal import STL

from analytics import formats
from analytics.temporal.change_points import change_points
from analytics.temporal.out_of_year import predict_years
from analytics.temporal.seasons import months_of_year
from analytics.temporal.series import CYCLE, decompose, series


def daily(first: date, counts: list[int] | np.ndarray) -> pl.DataFrame:
    days = [first + timedelta(days=number) for number in range(len(counts))]
    return pl.DataFrame({"day": days, "incidents": list(counts)})


def test_weeks_begin_on_monday_and_broken_ones_are_not_complete() -> None:
    # Sunday 1 January to Tuesday 17 January 2017.
    found = series(daily(date(2017, 1, 1), [1] * 17), (date(2017, 1, 1), date(2017, 1, 17)), "week")
    frame = found.frame
    assert frame["start"].to_list() == [
        date(2016, 12, 26),
        date(2017, 1, 2),
        date(2017, 1, 9),
        date(2017, 1, 16),
    ]
    assert frame["incidents"].to_list() == [1, 7, 7, 2]
    assert frame["complete"].to_list() == [False, True, True, False]
    assert frame["value"].to_list() == [None, 7, 7, None]
    assert found.settled.height == 2


@pytest.mark.usefixtures("american")
def test_weeks_begin_on_sunday_by_setting() -> None:
    formats.use("", "", "America/Chicago", "sunday")
    period = (date(2016, 12, 31), date(2017, 1, 16))  # Saturday to Monday
    frame = series(daily(period[0], list(range(1, 18))), period, "week").frame
    starts = [date(2016, 12, 25), date(2017, 1, 1), date(2017, 1, 8), date(2017, 1, 15)]
    assert frame["start"].to_list() == starts
    assert frame["incidents"].to_list() == [1, sum(range(2, 9)), sum(range(9, 16)), 16 + 17]
    assert frame["complete"].to_list() == [False, True, True, False]
    months = series(daily(period[0], [1] * 17), period, "month").frame
    assert months["start"].to_list() == [date(2016, 12, 1), date(2017, 1, 1)]


def test_months_are_counted_per_day_as_they_differ_in_length() -> None:
    found = series(
        daily(date(2017, 1, 1), [2] * 59), (date(2017, 1, 1), date(2017, 2, 28)), "month"
    )
    assert found.frame["incidents"].to_list() == [62, 56]
    assert found.frame["value"].to_list() == [2.0, 2.0]


def test_days_without_incidents_count_as_zero_and_late_ones_are_provisional() -> None:
    days = pl.DataFrame({"day": [date(2017, 1, 2)], "incidents": [5]})
    found = series(days, (date(2017, 1, 2), date(2017, 1, 22)), "week", date(2017, 1, 20))
    assert found.frame["incidents"].to_list() == [5, 0, 0]
    assert found.frame["provisional"].to_list() == [False, False, True]
    assert found.settled["value"].to_list() == [5, 0]


def test_the_average_is_of_the_step_and_those_before() -> None:
    counts = np.repeat([7, 14, 21, 28, 70], 7)
    found = series(daily(date(2017, 1, 2), counts), (date(2017, 1, 2), date(2017, 2, 5)), "week")
    assert found.frame["average"].to_list() == [None, None, None, 122.5, 232.75]


@pytest.fixture(scope="module")
def seasonal() -> pl.DataFrame:
    days = np.arange(6 * 364)
    rate = 20 + 3 * days / 364 + 6 * np.sin(2 * np.pi * days / 364)
    return daily(date(2012, 1, 2), np.random.default_rng(3).poisson(rate))


def test_parts_sum_to_the_series_and_agree_with_stl(seasonal: pl.DataFrame) -> None:
    period = (seasonal["day"][0], seasonal["day"][-1])
    weeks = series(seasonal, period, "week")
    parts = decompose(weeks)
    assert parts is not None
    values = weeks.settled["value"].to_numpy()
    np.testing.assert_allclose(parts.trend + parts.season + parts.rest, values, atol=1e-8)
    # With one season MSTL is STL with a seasonal window of 11 (Bandara et al. 2021).
    stl = STL(values, period=52, seasonal=11).fit()
    np.testing.assert_allclose(parts.trend, stl.trend, rtol=1e-9)
    assert np.corrcoef(parts.season, stl.seasonal)[0, 1] > 0.99
    # What was planted: 3 a day a year more, ± 6 a day over the year.
    slope = stats.linregress(np.arange(len(values)) / 52, parts.trend).slope
    assert slope == pytest.approx(21, rel=0.1)
    planted = np.sin(2 * np.pi * (np.arange(len(values)) * 7 + 3) / 364)
    assert stats.linregress(planted, parts.season).slope == pytest.approx(42, rel=0.1)
    assert parts.out_of_year == predict_years(values, 52, CYCLE["week"])


def test_under_two_years_there_is_no_season() -> None:
    days = daily(date(2015, 1, 5), [5] * 700)
    weeks = series(days, (date(2015, 1, 5), date(2016, 12, 4)), "week")
    assert decompose(weeks) is None


def test_taking_a_season_out_makes_no_changes() -> None:
    # Five years of an unchanging level and a season: false alarms stay near 5%.
    alarms = 0
    rate = 30 + 6 * np.sin(2 * np.pi * np.arange(5 * 364) / 364)
    for seed in range(150):
        days = daily(date(2012, 1, 2), np.random.default_rng(seed).poisson(rate))
        weeks = series(days, (days["day"][0], days["day"][-1]), "week")
        values = weeks.settled["value"].to_numpy()
        found = change_points(values, cycle=CYCLE["week"], draws=199, seed=seed)
        assert found is not None
        alarms += bool(found.changes)
    assert alarms / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_months_of_the_year_are_over_the_mean_of_their_own_year() -> None:
    # Three years whose Julys hold twice the daily rate of other months; each year is busier.
    days = pl.DataFrame({"day": pl.date_range(date(2015, 1, 1), date(2017, 12, 31), eager=True)})
    july = pl.when(pl.col("day").dt.month() == 7).then(2).otherwise(1)
    days = days.with_columns((july * (pl.col("day").dt.year() - 2014) * 10).alias("incidents"))
    months = months_of_year(series(days, (date(2015, 1, 1), date(2017, 12, 31)), "month"))
    assert [month.month for month in months] == list(range(1, 13))
    assert months[6].index == pytest.approx(2 / (13 / 12))
    assert months[0].index == pytest.approx(1 / (13 / 12))
    assert (months[6].years, months[6].low) == (3, pytest.approx(months[6].index))


def test_intervals_of_months_are_students_t_over_years() -> None:
    random = np.random.default_rng(8)
    days = daily(date(2013, 1, 1), random.poisson(20, 365 * 4 + 1))
    found = series(days, (date(2013, 1, 1), date(2016, 12, 31)), "month")
    (may,) = [month for month in months_of_year(found) if month.month == 5]
    table = found.frame["value"].to_numpy().reshape(4, 12)
    indices = table[:, 4] / table.mean(axis=1)
    low, high = stats.t.interval(0.95, 3, indices.mean(), stats.sem(indices))
    assert (may.low, may.high) == (pytest.approx(low), pytest.approx(high))


def test_without_a_complete_year_there_are_no_seasons() -> None:
    days = daily(date(2015, 3, 1), [5] * 400)
    assert months_of_year(series(days, (date(2015, 3, 1), date(2016, 4, 3)), "month")) == []
    two = daily(date(2015, 1, 1), [5] * 731)
    months = months_of_year(series(two, (date(2015, 1, 1), date(2016, 12, 31)), "month"))
    assert months[0].low is None
    assert not months[0].significant
