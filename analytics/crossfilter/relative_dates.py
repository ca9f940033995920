"""Periods relative to the last day of the data: their texts, and their days.

A fiscal year and a 28-day period carry their own start, so that a mailed address means the same
days whatever the settings of the app that opens it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.errors import InputError
from analytics.formats import days_into_week
from analytics.incidents.manifest import month_end
from analytics.settings import Settings, month_and_day

YEAR_TO_DATE = "ytd"
MONTH_TO_DATE = "mtd"
LAST_MONTH = "lastmonth"
LAST_YEAR = "lastyear"
FISCAL_YEAR = "fytd:"
LAST_FISCAL_YEAR = "lastfy:"
PERIOD_28 = "p28:"
LAST_PERIOD_28 = "lastp28:"
PERIOD_DAYS = 28
FOUR_WEEKS = date(2018, 1, 1)
"""Without a setting, 28-day periods are counted from the week of this day."""
DAYS = re.compile(r"(last|complete)([0-9]{1,5})d")
"""The last days, or the last complete days."""
MOST_DAYS = 36_600
EXAMPLES = "last28d, complete28d, mtd, lastmonth, ytd, lastyear, fytd:07-01 or p28:2018-01-01"

Days = tuple[date, date]


@dataclass(frozen=True)
class DataDays:
    """First, last and last complete day of the data."""

    first: date
    last: date
    complete: date


def period_start(settings: Settings) -> date:
    """First day of one of the agency's 28-day periods."""
    return settings.period_start or FOUR_WEEKS - timedelta(days=days_into_week(FOUR_WEEKS))


def read_relative(text: str) -> str | None:
    """The canonical text of a relative period; None if the text is of another kind.

    Raises
    ------
    InputError
        A number of days or a start is not valid.
    """
    text = text.strip().lower()
    if text in (YEAR_TO_DATE, MONTH_TO_DATE, LAST_MONTH, LAST_YEAR):
        return text
    if match := DAYS.fullmatch(text):
        if not 1 <= int(match[2]) <= MOST_DAYS:
            raise InputError(f"{text} is not valid; write {match[1]}1d to {match[1]}{MOST_DAYS}d.")
        return f"{match[1]}{int(match[2])}d"
    kind, start = relative_parts(text)
    if kind in (FISCAL_YEAR, LAST_FISCAL_YEAR):
        fiscal_start(start)
        return text
    if kind in (PERIOD_28, LAST_PERIOD_28):
        _day(start)
        return text
    return None


def fiscal_start(text: str) -> tuple[int, int]:
    """Month and day on which a fiscal year starts, from a text such as `07-01`.

    Raises
    ------
    InputError
        It is not a day of every year.
    """
    try:
        return month_and_day(text)
    except ValueError as error:
        raise InputError(
            "a fiscal year starts on a day of every year, as month-day, such as 07-01."
        ) from error


def relative_parts(relative: str) -> tuple[str, str]:
    """Kind and start: `fytd:07-01` → `fytd:`, `07-01`."""
    kind, colon, start = relative.partition(":")
    return kind + colon, start


def days_of(relative: str, data: DataDays) -> Days:
    """First and last day of a period whose text `read_relative` returned.

    Periods to date end with the last day of the data. The last month, year, fiscal year or 28-day
    period is the newest one that the data reaches the end of.
    """
    if match := DAYS.fullmatch(relative):
        end = data.last if match[1] == "last" else data.complete
        return end - timedelta(days=int(match[2]) - 1), end
    kind, start = relative_parts(relative)
    around = _calendar(kind, start)
    if kind.startswith("last"):
        return _newest_finished(around, data.last)
    return around(data.last)[0], data.last


def _calendar(kind: str, start: str) -> Callable[[date], Days]:
    """Returns the month, year or period of a day."""
    if kind in (MONTH_TO_DATE, LAST_MONTH):
        return month_of
    if kind in (PERIOD_28, LAST_PERIOD_28):
        anchor = _day(start)
        return lambda day: _period_28(day, anchor)
    begins = fiscal_start(start) if start else (1, 1)
    return lambda day: _year(day, begins)


def month_of(day: date) -> Days:
    """First and last day of a day's month."""
    return day.replace(day=1), month_end(day)


def _newest_finished(around: Callable[[date], Days], last: date) -> Days:
    period = around(last)
    return period if period[1] <= last else around(period[0] - timedelta(days=1))


def _year(day: date, start: tuple[int, int]) -> Days:
    month, first = start
    begins = date(day.year - ((day.month, day.day) < start), month, first)
    return begins, date(begins.year + 1, month, first) - timedelta(days=1)


def _period_28(day: date, anchor: date) -> Days:
    begins = day - timedelta(days=(day - anchor).days % PERIOD_DAYS)
    return begins, begins + timedelta(days=PERIOD_DAYS - 1)


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InputError("28-day periods are counted from a day, such as 2018-01-01.")
