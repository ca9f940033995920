"""Periods of CompStat's columns, by the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.compstat.columns import ColumnPeriods, ColumnSpan, columns_on


def year_to_date(as_of: date) -> ColumnPeriods:
    return next(one for one in columns_on(as_of) if one.span is ColumnSpan.YEAR)


@pytest.mark.parametrize(
    ("as_of", "last_year", "earlier"),
    [
        (date(2018, 9, 11), date(2017, 9, 11), [date(2016, 9, 11), date(2015, 9, 11)]),
        (date(2016, 2, 29), date(2015, 2, 28), [date(2014, 2, 28), date(2013, 2, 28)]),
        (date(2017, 2, 28), date(2016, 2, 28), [date(2015, 2, 28), date(2014, 2, 28)]),
        (date(2017, 3, 1), date(2016, 3, 1), [date(2015, 3, 1), date(2014, 3, 1)]),
        (date(2018, 1, 1), date(2017, 1, 1), [date(2016, 1, 1), date(2015, 1, 1)]),
    ],
)
def test_the_year_to_date_is_that_of_the_same_dates(
    as_of: date, last_year: date, earlier: list[date]
) -> None:
    found = year_to_date(as_of)
    assert found.now == (date(as_of.year, 1, 1), as_of)
    assert found.last_year == (date(as_of.year - 1, 1, 1), last_year)
    assert [one[1] for one in found.earlier] == earlier
    assert all(one[0] == date(one[1].year, 1, 1) for one in found.earlier)


def test_the_year_to_date_across_a_leap_day_has_a_day_more_than_a_year_earlier() -> None:
    found = year_to_date(date(2016, 12, 31))
    assert found.days == 366
    assert (found.last_year[1] - found.last_year[0]).days + 1 == 365


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_periods_touch_and_weeks_keep_their_weekdays(as_of: date) -> None:
    for found in columns_on(as_of):
        assert found.now[1] == as_of
        assert found.before[1] == found.now[0] - timedelta(days=1)
        assert found.before[1] - found.before[0] == found.now[1] - found.now[0]
        if found.span is not ColumnSpan.YEAR:
            assert found.last_year == tuple(day - timedelta(days=364) for day in found.now)


def test_months_are_counted_whole_where_dates_give_only_months() -> None:
    month, year = columns_on(date(2016, 2, 29), months_only=True)
    assert month.span is ColumnSpan.LAST_MONTH
    assert month.now == (date(2016, 2, 1), date(2016, 2, 29))
    assert month.before == (date(2016, 1, 1), date(2016, 1, 31))
    assert month.last_year == (date(2015, 2, 1), date(2015, 2, 28))
    assert year.now == (date(2016, 1, 1), date(2016, 2, 29))
    later, _ = columns_on(date(2017, 2, 28), months_only=True)
    assert later.last_year == (date(2016, 2, 1), date(2016, 2, 29))
