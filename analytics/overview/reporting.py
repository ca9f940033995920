"""Which days the overview counts, and which days it compares them with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from analytics.crossfilter.clauses import Period as DateClause
from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest, month_end
from analytics.statistics.change import Period, last_year, previous_period

DAYS = 28
"""Length of the reporting period where none is chosen: whole weeks, as many as a month has."""
WEEK = timedelta(days=6)


class AnomalyWeek(Enum):
    """How the seven days that are tested for anomalies lie to the period."""

    LAST = auto()  # the last complete ones of the data; no date is chosen
    OF_PERIOD = auto()  # the last ones of the period
    COMPLETE_OF_PERIOD = auto()  # the last ones of the period that do not fill up
    TO_PERIOD_END = auto()  # they end with what is complete of the period, and began before it
    BEFORE_PERIOD = auto()  # all days of the period fill up


@dataclass(frozen=True)
class Reporting:
    """Days that are counted and compared.

    Attributes
    ----------
    period : first and last day, both included
    chosen : whether the selection names them; else they are the last 28 complete days
    covered : first and last day of the data
    provisional : whether days of the period still fill up
    provisional_from : first day that still fills up, None where none does
    months_only : whether dates say no more than the month; a period not chosen is then the last
        complete month, and there are no rates a day
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
        """Whether a day of the period is one of the data."""
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
        """Last day of the period that does not fill up any more; of the data, where all do."""
        if self.provisional_from is None or self.provisional_from <= self.covered[0]:
            return self.period[1]
        return min(self.period[1], self.provisional_from - timedelta(days=1))

    @property
    def anomaly_week(self) -> AnomalyWeek:
        """Which seven days end on `last_complete`."""
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
    """The period of the selection, or the last 28 days that are complete; None without data."""
    if manifest.covered is None:
        return None
    first, last = manifest.covered
    since = manifest.provisional_day
    chosen = selection.get("date") is not None
    if chosen:
        period = selection.period(manifest)
        if period is None:
            return None
        if period[0] <= last and period[1] >= first:  # days without data are no days
            period = max(period[0], first), min(period[1], last)
    else:
        end = since - timedelta(days=1) if since is not None and since > first else last
        period = max(end - timedelta(days=DAYS - 1), first), end
        if manifest.months_only:
            period = _last_month(end)
    fills_up = since is not None and period[1] >= since and period[0] <= last
    return Reporting(period, chosen, (first, last), fills_up, since, manifest.months_only)


def _last_month(end: date) -> Period:
    """The last month that is over on `end`."""
    last = end if end == month_end(end) else end.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _months_before(period: Period) -> Period:
    """As many whole months before a period that starts with one."""
    start, end = period
    months = 12 * (end.year - start.year) + end.month - start.month + 1
    number = 12 * start.year + start.month - 1 - months
    return date(number // 12, number % 12 + 1, 1), start - timedelta(days=1)
