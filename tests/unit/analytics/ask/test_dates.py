"""Dates in phrases, compared with the standard library's calendar and with dateutil."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import MO, TH, relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ask.calendar import HOLIDAYS
from analytics.ask.dates import date_at
from analytics.ask.periods import Today
from analytics.ask.tokens import read_phrase
from analytics.crossfilter.clauses import Period

FIRST = date(2010, 1, 1)
DAYS = st.dates(date(2014, 1, 1), date(2030, 12, 31))


def period(text: str, today: date, *, month_first: bool = True, week_start: int = 1) -> Period:
    phrase = read_phrase(text)
    found = date_at(phrase, 0, Today(FIRST, today, month_first, week_start))
    assert found is not None
    assert found.end == len(phrase.tokens)
    assert found.period is not None
    return found.period


@settings(deadline=None)
@given(DAYS, st.integers(1, 60))
def test_months_back_are_those_of_dateutil(today: date, months: int) -> None:
    first = today - relativedelta(months=months) + timedelta(days=1)
    assert period(f"last {months} months", today) == Period(first, today)


@settings(deadline=None)
@given(DAYS)
def test_last_week_and_month_are_those_before_the_present_ones(today: date) -> None:
    monday = today - timedelta(days=today.weekday() + 7)
    assert period("last week", today) == Period(monday, monday + timedelta(days=6))
    sunday = today - timedelta(days=today.isoweekday() % 7 + 7)
    week = period("last week", today, week_start=7)
    assert week == Period(sunday, sunday + timedelta(days=6))
    before = today.replace(day=1) - timedelta(days=1)
    last = calendar.monthrange(before.year, before.month)[1]
    assert period("last month", today) == Period(before.replace(day=1), before.replace(day=last))


@settings(deadline=None)
@given(DAYS)
def test_last_friday_is_before_the_last_day(today: date) -> None:
    friday = period("last friday", today).first
    assert friday is not None
    assert friday.weekday() == calendar.FRIDAY
    assert 1 <= (today - friday).days <= 7


@settings(deadline=None)
@given(DAYS)
def test_the_last_thanksgiving_is_over(today: date) -> None:
    rule = relativedelta(month=11, day=1, weekday=TH(4))
    days = [date(year, 1, 1) + rule for year in range(today.year - 2, today.year + 1)]
    last = max(day for day in days if day < today)
    assert period("last thanksgiving", today) == Period(last, last)


@settings(deadline=None)
@given(st.integers(2000, 2090))
def test_movable_holidays_are_those_of_dateutil(year: int) -> None:
    rules = {
        ("thanksgiving",): relativedelta(month=11, day=1, weekday=TH(4)),
        ("labor", "day"): relativedelta(month=9, day=1, weekday=MO(1)),
        ("memorial", "day"): relativedelta(month=5, day=31, weekday=MO(-1)),
        ("mlk", "day"): relativedelta(month=1, day=1, weekday=MO(3)),
    }
    for name, rule in rules.items():
        assert HOLIDAYS[name](year)[0] == date(year, 1, 1) + rule


@settings(deadline=None)
@given(DAYS, st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_written_day_is_that_day_in_us_and_british_order(today: date, day: date) -> None:
    one = Period(day, day)
    us, british = f"{day.month}/{day.day}/{day.year}", f"{day.day}/{day.month}/{day.year}"
    assert period(us, today) == one
    assert period(british, today, month_first=False) == one
    assert period(day.isoformat(), today) == one
    assert period(f"{day:%B} {day.day}, {day.year}", today) == one
    assert period(f"{day.day} {day:%b} {day.year}", today) == one


@pytest.mark.parametrize(
    "text",
    [
        "summer 2016",
        "june 2017",
        "june 5 2017",
        "christmas 2017",
        "labor day weekend 2017",
        "first quarter 2017",
    ],
)
def test_a_year_may_stand_first(text: str) -> None:
    *words, year = text.split()
    today = date(2018, 11, 12)
    assert period(" ".join([year, *words]), today) == period(text, today)


@pytest.mark.parametrize("text", ["bank holiday", "august bank holiday", "2017 winter"])
def test_days_that_are_not_known_are_no_period(text: str) -> None:
    phrase = read_phrase(text)
    found = date_at(phrase, 0, Today(FIRST, date(2018, 11, 12)))
    assert found is not None
    assert (found.end, found.period) == (len(phrase.tokens), None)


@pytest.mark.parametrize("text", ["february 30 2017", "31/31/2017", "2017-13-01", "0 may"])
def test_a_day_that_does_not_exist_is_not_a_date(text: str) -> None:
    phrase = read_phrase(text)
    found = date_at(phrase, 0, Today(FIRST, date(2018, 11, 12)))
    assert found is None or found.end < len(phrase.tokens)


@settings(deadline=None)
@given(DAYS, st.dates(date(2014, 1, 1), date(2030, 12, 31)))
def test_the_week_and_weekend_of_a_day_are_those_of_the_iso_calendar(
    today: date, day: date
) -> None:
    year, week, _ = day.isocalendar()
    first = date.fromisocalendar(year, week, 1)
    assert period(f"week of {day.isoformat()}", today) == Period(first, first + timedelta(days=6))
    saturday = date.fromisocalendar(year, week, 6)
    weekend = Period(saturday, saturday + timedelta(days=1))
    assert period(f"weekend of {day.isoformat()}", today) == weekend
