"""The days that the Overview counts, and the days it compares them with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from analytics.crossfilter.clauses import Period as DateClause
from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest, month_end
from analytics.statistics.two_periods import Period, last_year, previous_period

DAYS = 28
"""Length of the default period: four whole weeks."""
WEEK = timedelta(days=6)


class AnomalyWeek(Enum):
    """How the seven days that are tested for anomalies relate to the period."""

    LAST = auto()  # the last complete days of the data; no date is selected
    OF_PERIOD = auto()  # the last days of the period
    COMPLETE_OF_PERIOD = auto()  # the last complete days of the period
    TO_PERIOD_END = auto()  # they end with the last complete day of the period and begin before it
    BEFORE_PERIOD = auto()  # the period has no complete day


@dataclass(frozen=True)
class Reporting:
    """The period that is counted, and what is known of its days.

    Attributes
    ----------
    period : first and last day, both included
    chosen : whether the selection has a date; else these are the last 28 complete days
    covered : first and last day of the data
    provisional : whether days of the period are incomplete
    provisional_from : first incomplete day, None without any
    months_only : whether dates give the month only; the default period is then the last complete
        month, and there are no rates a day
    """

    period: Period
    chosen: bool
    covered: Period
    provisional: bool
    provisional_from: date | None
    months_only: bool = False

    @property
    def days(self) -> int:
        return (self.period[1] - self.period[0]).days + 1

    @property
    def has_data(self) -> bool:
        """Whether the period has a day of the data."""
        return self.period[0] <= self.covered[1] and self.period[1] >= self.covered[0]

    @property
    def before(self) -> Period:
        if self.months_only and self.period[0].day == 1:
            return _months_before(self.period)
        return previous_period(self.period)

    @property
    def last_year(self) -> Period:
        return last_year(self.period)

    @property
    def last_complete(self) -> date:
        """Last complete day of the period, or its last day if no day of the data is complete."""
        if self.provisional_from is None or self.provisional_from <= self.covered[0]:
            return self.period[1]
        return min(self.period[1], self.provisional_from - timedelta(days=1))

    @property
    def complete(self) -> Period:
        """The days of the period that are complete; it ends before it starts where none is."""
        return self.period[0], self.last_complete

    @property
    def anomaly_week(self) -> AnomalyWeek:
        """How the seven days up to `last_complete` relate to the period."""
        end = self.last_complete
        if not self.chosen:
            return AnomalyWeek.LAST
        if end < self.period[0]:
            return AnomalyWeek.BEFORE_PERIOD
        if end - WEEK < self.period[0]:
            return AnomalyWeek.TO_PERIOD_END
        whole = end == self.period[1]
        return AnomalyWeek.OF_PERIOD if whole else AnomalyWeek.COMPLETE_OF_PERIOD

    def of(self, selection: Selection) -> Selection:
        """The selection in this period."""
        return selection.replace("date", DateClause(*self.period))


def reporting(selection: Selection, manifest: Manifest) -> Reporting | None:
    """The period of the selection, or the last 28 complete days; None without data."""
    complete = manifest.last_complete_day
    if manifest.covered is None or complete is None:
        return None
    first, last = manifest.covered
    since = manifest.provisional_day
    chosen = selection.get("date") is not None
    if chosen:
        period = selection.period(manifest)
        if period is None:
            return None
        if period[0] <= last and period[1] >= first:  # without days before or after the data
            period = max(period[0], first), min(period[1], last)
    else:
        period = max(complete - timedelta(days=DAYS - 1), first), complete
        if manifest.months_only:
            period = _last_month(complete)
    provisional = since is not None and period[1] >= since and period[0] <= last
    return Reporting(period, chosen, (first, last), provisional, since, manifest.months_only)


def _last_month(end: date) -> Period:
    """The last month that is complete on `end`."""
    last = end if end == month_end(end) else end.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _months_before(period: Period) -> Period:
    """The same number of whole months before a period that starts with a month."""
    start, end = period
    months = 12 * (end.year - start.year) + end.month - start.month + 1
    number = 12 * start.year + start.month - 1 - months
    return date(number // 12, number % 12 + 1, 1), start - timedelta(days=1)
