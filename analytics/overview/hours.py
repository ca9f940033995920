"""Hours of the day in parts of weekly counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from analytics.statistics.two_periods import Period
from analytics.temporal.weekly_hours import WeeklyHours


def hours_in(found: WeeklyHours, period: Period) -> npt.NDArray[np.float64]:
    """Incidents a day in each hour, over the days of a period; shape (24,)."""
    start, end = ((day - found.first).days for day in period)
    inside = found.days[max(start, 0) : max(end + 1, 0)]
    return np.asarray(inside.sum(axis=0) / ((period[1] - period[0]).days + 1), dtype=np.float64)


def weeks_in(found: WeeklyHours, period: Period, before: date | None = None) -> WeeklyHours:
    """The weeks whose days are all in a period, and before a day."""
    first, last = max(period[0], found.period[0]), min(period[1], found.period[1])
    return WeeklyHours(found.counts, found.first, (first, last)).complete(before)
