"""Days that calls cover whole: what happens per day is computed over these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from analytics.crossfilter.clauses import HourWeekdays, Weekdays
from analytics.crossfilter.selection import Selection

SPARSE = 0.1
"""Share of a typical day's calls below which a day is sparse."""
LONGEST_GAP = 7
"""Sparse days in a row that interrupt the data."""


@dataclass(frozen=True)
class CallDays:
    """The newest stretch of days with calls.

    Attributes
    ----------
    first, last
        Of the stretch; the data may begin or end within these two, so they are not whole.
    outside
        Calls before or after the stretch.
    """

    first: date
    last: date
    outside: int

    @property
    def whole(self) -> tuple[date, ...]:
        """The days that are covered whole."""
        count = (self.last - self.first).days - 1
        return tuple(self.first + timedelta(days=step + 1) for step in range(max(0, count)))


def covered(daily: pl.DataFrame) -> CallDays | None:
    """The stretch of days that calls cover; None without calls.

    The typical day is that of the median call, days ordered by size. Seven days in a row with less
    than a tenth of it end a stretch, so that single old calls do not spoil what happens per day.

    Parameters
    ----------
    daily : frame of day and calls, one row for each day with calls, in order
    """
    if daily.is_empty():
        return None
    sizes = daily["calls"].sort()
    typical = sizes.filter(sizes.cum_sum() * 2 >= sizes.sum())[0]
    dense = daily.filter(pl.col("calls") >= SPARSE * typical)["day"].to_list()
    first = last = dense[-1]
    for day in reversed(dense[:-1]):
        if (first - day).days > LONGEST_GAP:
            break
        first = day
    outside = daily.filter(~pl.col("day").is_between(first, last))
    return CallDays(first, last, sum(outside["calls"].to_list()))


def chosen_days(
    days: CallDays, selection: Selection, period: tuple[date, date]
) -> tuple[date, ...]:
    """The whole days that a selection's dates and weekdays include.

    Parameters
    ----------
    period : first and last day of the selection
    """
    weekdays = set(range(1, 8))
    for name in ("weekday", "hour_weekday"):
        clause = selection.get(name)
        if isinstance(clause, Weekdays):
            weekdays &= set(clause.known)
        elif isinstance(clause, HourWeekdays):
            weekdays &= {weekday for weekday, _ in clause.keys}
    return tuple(
        day for day in days.whole if period[0] <= day <= period[1] and day.isoweekday() in weekdays
    )
