"""Harm of a period: its sum, the largest contributor, and its change with an interval.

References
----------
Sherman, Neyroud & Neyroud (2016), The Cambridge Crime Harm Index, Policing 10.
Fieller (1954), Some problems in interval estimation, JRSS B 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.statistics.arrays import Floats
from analytics.statistics.two_periods import (
    MAX_PAIRS,
    MIN_BASE,
    MIN_INCIDENTS,
    MIN_PAIRS,
    Period,
    Significance,
    limit_of,
)


@dataclass(frozen=True)
class Harm:
    """Days of sentence in a period and in the earlier one.

    Attributes
    ----------
    incidents : incidents of the period with a weight
    largest, largest_days : the crime type with most days, and its days
    change, low, high : (now − before) / before with its 95% interval, or None; with fewer than
        `MIN_BASE` incidents before, there may be a verdict but no change
    """

    days: int
    before: int
    incidents: int
    largest: str
    largest_days: int
    without_homicide: int
    change: float | None
    low: float | None
    high: float | None
    verdict: Significance


@dataclass(frozen=True, eq=False)
class DailyHarm:
    """By day: sum of the weights, sum of their squares, incidents with a weight."""

    first: date
    weights: Floats
    squares: Floats
    incidents: Floats

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.weights) - 1)

    def totals(self, period: Period) -> Floats:
        """The three sums over a period."""
        start, end = (max((day - self.first).days, 0) for day in period)
        parts = (self.weights, self.squares, self.incidents)
        return np.array([part[start : end + 1].sum() for part in parts])


def harm(
    daily: DailyHarm, by_type: Mapping[str, int], now: Period, before: Period, homicide: str
) -> Harm:
    """Sum and change of harm.

    The variance of a sum of weights is the sum of their squares, times a dispersion from past
    pairs of periods as in `compare`; the interval of the ratio is Fieller's.

    Parameters
    ----------
    daily
        There is no change for periods that reach beyond its days.
    by_type
        Harm of each crime type in `now`.
    homicide
        The crime type that `without_homicide` leaves out.
    """
    sums = daily.totals(now)
    largest = max(by_type, key=lambda name: (by_type[name], name), default="")
    known = before[0] >= daily.first and now[1] <= daily.last
    then = daily.totals(before) if known else np.zeros(3)
    past = _past(daily, now, before) if known else np.zeros(0)
    change = _change(sums, then, past) if known else (None, None, None, Significance.TOO_SHORT)
    return Harm(
        int(sums[0]),
        int(then[0]),
        int(sums[2]),
        largest,
        int(by_type.get(largest, 0)),
        int(sums[0]) - int(by_type.get(homicide, 0)),
        *change,
    )


def fieller(
    now: float, before: float, variances: tuple[float, float], limit: float
) -> tuple[float, float]:
    """Ends of the interval of now / before for independent normal sums; infinite without an end.

    References
    ----------
    Fieller (1954): all r with (now − r·before)² ≤ limit² (v₁ + r² v₂).
    """
    square = limit**2
    lead = before**2 - square * variances[1]
    rest = now**2 - square * variances[0]
    root = np.sqrt(max((now * before) ** 2 - lead * rest, 0.0))
    low = rest / (now * before + root) if rest > 0 else 0.0
    high = (now * before + root) / lead if lead > 0 else np.inf
    return float(low), float(high)


def _change(
    now: Floats, before: Floats, past: Floats
) -> tuple[float | None, float | None, float | None, Significance]:
    if now[2] + before[2] < MIN_INCIDENTS or now[0] + before[0] <= 0:
        return None, None, None, Significance.TOO_FEW
    if len(past) < MIN_PAIRS:
        return None, None, None, Significance.TOO_SHORT
    dispersion = max(1.0, float((past**2).mean()))
    limit = limit_of(len(past))
    variances = (dispersion * float(now[1]), dispersion * float(before[1]))
    z = (now[0] - before[0]) / np.sqrt(sum(variances))
    verdict = Significance.SIGNIFICANT if abs(z) > limit else Significance.NOT_SIGNIFICANT
    if before[2] < MIN_BASE or before[0] <= 0:
        return None, None, None, verdict
    low, high = fieller(float(now[0]), float(before[0]), variances, limit)
    ends = low - 1, (high - 1 if np.isfinite(high) else None)
    return float((now[0] - before[0]) / before[0]), *ends, verdict


def _past(daily: DailyHarm, now: Period, before: Period) -> Floats:
    """z of earlier pairs of periods, stepping back a period at a time."""
    length, lag = (now[1] - now[0]).days + 1, (now[0] - before[0]).days
    sums = [np.concatenate([[0.0], part.cumsum()]) for part in (daily.weights, daily.squares)]
    starts = np.arange((now[0] - daily.first).days - length, lag - 1, -length)[:MAX_PAIRS]
    later, earlier = (
        [part[at + length] - part[at] for part in sums] for at in (starts, starts - lag)
    )
    spread = np.sqrt(later[1] + earlier[1])
    return np.divide(later[0] - earlier[0], spread, out=np.zeros(len(starts)), where=spread > 0)
