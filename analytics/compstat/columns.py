"""The periods of a CompStat table: what is counted, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

from analytics.incidents.manifest import month_end
from analytics.statistics.two_periods import Period, last_year, previous_period

YEARS_BACK = 3
"""Earlier years whose year to date is shown."""


@unique
class ColumnSpan(StrEnum):
    """What a group of columns counts, up to the day of the table."""

    LAST_7 = "last_7_days"
    LAST_28 = "last_28_days"
    LAST_MONTH = "last_month"
    YEAR = "year_to_date"


@dataclass(frozen=True)
class ColumnPeriods:
    """One group of columns; days are both included.

    Attributes
    ----------
    before : the period of the same length that ends the day before
    last_year : the same period a year earlier; that of up to 28 days by the same weekdays
    earlier : the same days of the two years before that, newest first, of the year to date
    """

    span: ColumnSpan
    now: Period
    before: Period
    last_year: Period
    earlier: tuple[Period, ...] = ()

    @property
    def days(self) -> int:
        return (self.now[1] - self.now[0]).days + 1


def columns_on(as_of: date, *, months_only: bool = False) -> tuple[ColumnPeriods, ...]:
    """The columns of a table up to a day; of whole months where dates give only these.

    Parameters
    ----------
    as_of
        Last day; the end of a month where `months_only`.
    """
    year = _year_to_date(as_of)
    if months_only:
        month = as_of.replace(day=1), as_of
        before = month[0] - timedelta(days=1)
        then = as_of.replace(year=as_of.year - 1, day=1)
        periods = month, (before.replace(day=1), before), (then, month_end(then))
        return ColumnPeriods(ColumnSpan.LAST_MONTH, *periods), year
    weeks = []
    for span, days in ((ColumnSpan.LAST_7, 7), (ColumnSpan.LAST_28, 28)):
        now = as_of - timedelta(days=days - 1), as_of
        weeks.append(ColumnPeriods(span, now, previous_period(now), last_year(now)))
    return *weeks, year


def _year_to_date(as_of: date) -> ColumnPeriods:
    """January 1 to the same day of each year; February 29 becomes the 28th in other years."""
    now = date(as_of.year, 1, 1), as_of
    past = [
        (date(as_of.year - back, 1, 1), _same_day(as_of, as_of.year - back))
        for back in range(1, YEARS_BACK + 1)
    ]
    return ColumnPeriods(ColumnSpan.YEAR, now, previous_period(now), past[0], tuple(past[1:]))


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
