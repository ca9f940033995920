"""Hours of the day in parts of weekly counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Ints
from analytics.statistics.two_periods import Period
from analytics.temporal.weekly_hours import WeeklyHours


def hours_in(found: WeeklyHours, period: Period) -> npt.NDArray[np.float64]:
    """Incidents a day in each hour, over the days of a period; shape (24,)."""
    inside = _days_in(found, period)
    return np.asarray(inside.sum(axis=0) / ((period[1] - period[0]).days + 1), dtype=np.float64)


def week_hours_in(found: WeeklyHours, period: Period) -> Ints:
    """Incidents of a period by weekday, Monday first, and hour; shape (7, 24)."""
    first = max(period[0], found.first)
    counts = np.zeros((7, 24), dtype=np.int64)
    inside = _days_in(found, period)
    np.add.at(counts, (first.weekday() + np.arange(len(inside))) % 7, inside)
    return counts


def _days_in(found: WeeklyHours, period: Period) -> Ints:
    """The days of a period, as far as they are counted; shape (days, 24)."""
    start, end = ((day - found.first).days for day in period)
    return found.days[max(start, 0) : max(end + 1, 0)]


def weeks_in(found: WeeklyHours, period: Period, before: date | None = None) -> WeeklyHours:
    """The weeks whose days are all in a period, and before a day."""
    first, last = max(period[0], found.period[0]), min(period[1], found.period[1])
    return WeeklyHours(found.counts, found.first, (first, last)).complete(before)
