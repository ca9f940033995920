"""Incidents by week and hour of the week, for tests and intervals with weeks as units."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.formats import days_into_week
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up

Ints = npt.NDArray[np.int64]

HOURS_OF_WEEK = 168
ORIGIN = date.min  # January 1 of year 1, a Monday
NO_DAYS = (date(2000, 1, 1), date(2000, 1, 1))
OWNED = ("hour", "weekday", "hour_weekday")
"""Filters that views of the hour of the week do not apply to themselves."""


@dataclass(frozen=True, eq=False)
class WeeklyHours:
    """Counts by week and hour of the week.

    Attributes
    ----------
    counts : int64 array of shape (weeks, 168)
        Column 24 · (weekday − 1) + hour; Monday first wherever weeks start, hours of the clock.
    first : date
        First day of the first week.
    period : first and last day, both included
    """

    counts: Ints = field(repr=False)
    first: date
    period: tuple[date, date]

    @property
    def weeks(self) -> int:
        return len(self.counts)

    @property
    def incidents(self) -> int:
        return int(self.counts.sum())

    @property
    def hours(self) -> Ints:
        """Counts of the hours of the week, shape (168,)."""
        return self.counts.sum(axis=0)

    @property
    def days(self) -> Ints:
        """Counts of the hours of every day from `first` on, shape (7 · weeks, 24)."""
        return np.roll(self.counts, -24 * self.first.weekday(), axis=1).reshape(-1, 24)

    def complete(self, before: date | None = None) -> WeeklyHours:
        """Weeks whose days are all in the period, and before a day if one is given."""
        begin, end = self.period
        if before is not None:
            end = min(end, before - timedelta(days=1))
        start = -(-max((begin - self.first).days, 0) // 7)
        stop = max(((end - self.first).days + 1) // 7, start)
        first = self.first + timedelta(weeks=start)
        last = first + timedelta(days=7 * (stop - start) - 1)
        return WeeklyHours(self.counts[start:stop], first, (first, last))


def weekly_hours(
    reader: SnapshotReader, scope: Scope, selection: Selection, widest_h: int | None = None
) -> WeeklyHours:
    """Count the selected incidents with a known day and hour.

    Filters on hour and weekday are not applied, as in the views of these names. With `widest_h`,
    rounded times and those that may span over more hours are not known ones.
    """
    chosen = selection.without(OWNED)
    where = conditions_of(reader).where(scope, chosen)
    params = {"widest_h": widest_h, **where.params}
    found = added_up(reader, "temporal/weekly_hours", where.sql, params, ("incidents",))
    period = chosen.period(reader.snapshot.manifest)
    return of_frame(found, period or NO_DAYS)


def of_frame(frame: pl.DataFrame, period: tuple[date, date]) -> WeeklyHours:
    """From columns `at` (hours since Monday, January 1 of year 1, 00:00) and `incidents`."""
    first, last = (day - timedelta(days=days_into_week(day)) for day in period)
    counts = np.zeros(((last - first).days // 7 + 1, HOURS_OF_WEEK), dtype=np.int64)
    at = frame["at"].to_numpy() - (first - ORIGIN).days * 24
    inside = (at >= 0) & (at < counts.size)
    np.add.at(counts.reshape(-1), at[inside], frame["incidents"].to_numpy()[inside])
    return WeeklyHours(np.roll(counts, 24 * first.weekday(), axis=1), first, period)


def dispersion(counts: npt.ArrayLike) -> float:
    """Variance of the shares of bins between weeks, relative to independent incidents.

    Pearson's X² of weeks × bins over its degrees of freedom, at least 1; 1 for a single week or
    bin.

    Parameters
    ----------
    counts : array of shape (weeks, bins)

    References
    ----------
    McCullagh & Nelder (1989), Generalized Linear Models, section 4.5; as a correction of tests on
    clustered counts: Rao & Scott (1992), A simple method for the analysis of clustered binary
    data, Biometrics 48.
    """
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    free = (table.shape[0] - 1) * (table.shape[1] - 1)
    if free <= 0:
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return max(1.0, float(((table - expected) ** 2 / expected).sum() / free))
