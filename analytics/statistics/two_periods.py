"""Test whether two equal periods differ significantly: on Temporal and in Explore's headline.

What is expected of one period, as on Overview, is in `expected_counts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique
from itertools import accumulate
from math import sqrt

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL

Period = tuple[date, date]

MIN_INCIDENTS = 10
"""Incidents in both periods together below which the square roots are not normally distributed."""
MIN_BASE = 10
"""Incidents before below which no change in percent is given, since it would say nothing."""
MIN_PAIRS = 5
"""Past pairs of periods needed to estimate the usual variation."""
MAX_PAIRS = 60
FREEDOM = 2 / 3
"""Degrees of freedom per past pair; less than 1, since neighboring pairs may share a window."""
WEEKS_OF_YEAR = timedelta(days=364)
LONGEST_BY_WEEKS = 28


@unique
class Significance(StrEnum):
    """The verdict on a change; the values are stored with zones."""

    SIGNIFICANT = "significant"
    NOT_SIGNIFICANT = "not_significant"
    TOO_FEW = "too_few_incidents"
    TOO_SHORT = "too_little_history"
    BY_MONTHS = "by_months"  # not tested: the source gives months only


@unique
class Incomparable(StrEnum):
    """Why two periods cannot be compared; the values are stored with zones."""

    NO_INCIDENTS = "no_incidents"
    NO_DAYS = "no_days"  # the period has no day of the data
    MONTHS_ONLY = "months_only"
    PERIOD_NOT_COVERED = "period_not_covered"
    BASE_NOT_COVERED = "base_not_covered"  # the data starts after the earlier period
    INCOMPLETE = "incomplete"  # all days of the period still fill up


@dataclass(frozen=True)
class Comparison:
    """Comparison of two equal periods.

    Attributes
    ----------
    change
        (now − before) / before, None where before is under `MIN_BASE`.
    z
        √2(√now − √before) / √dispersion.
    dispersion
        Variance of the unscaled z over past pairs, at least 1; None where there are fewer than
        `MIN_PAIRS`, and z is not scaled then.
    pairs
        Number of past pairs behind the dispersion.
    """

    now: int
    before: int
    change: float | None
    z: float
    dispersion: float | None
    pairs: int
    verdict: Significance


@dataclass(frozen=True)
class NotComparable:
    """Why two periods cannot be compared; false, so that `if comparison:` reads well.

    `covered` has the first and last day of the data, where these are the reason.
    """

    reason: Incomparable
    covered: Period | None = None

    def __bool__(self) -> bool:
        return False


def previous_period(now: Period) -> Period:
    """The period of the same length that ends the day before."""
    start, end = now
    length = end - start + timedelta(days=1)
    return start - length, start - timedelta(days=1)


def last_year(now: Period) -> Period:
    """The same period a year earlier.

    Up to 28 days: 364 days back, so that weekdays agree. Longer: the same dates of the year
    before (29 February becomes the 28th).
    """
    start, end = now
    if (end - start).days < LONGEST_BY_WEEKS:
        return start - WEEKS_OF_YEAR, end - WEEKS_OF_YEAR
    return _year_before(start), _year_before(end)


def compare(
    days: pl.DataFrame, now: Period, before: Period, covered: Period | None = None
) -> Comparison | NotComparable:
    """Compare the incidents of two periods.

    z = √2(√now − √before) has variance 1 for Poisson counts. Crime varies more, so z is divided by
    the square root of a dispersion from the series' own past. Earlier windows as long as `now` are
    paired, as far apart as the two periods, stepping back one window at a time from the day before
    `now`; the dispersion is the mean of z² over the pairs, at least 1. A dispersion from few pairs
    is itself uncertain, so z is tested by Student's t with the pairs' effective degrees of freedom
    (`FREEDOM`).

    Parameters
    ----------
    days
        Columns `day` (Date) and `incidents`; days without incidents may be left out.
    now, before
        First and last day of each, both included.
    covered
        First and last day of the data; by default those of `days`.

    Returns
    -------
    Comparison or NotComparable
        The latter where the data does not cover both periods.

    References
    ----------
    Variance-stabilized comparison of two Poisson counts: Anscombe 1948, Biometrika 35;
    overdispersion as a factor on the variance: McCullagh & Nelder 1989, section 4.5.
    """
    counted = days.drop_nulls("day").select("day", "incidents").sort("day")
    if covered is None:
        if counted.is_empty():
            return NotComparable(Incomparable.NO_INCIDENTS)
        covered = counted["day"][0], counted["day"][-1]
    if reason := uncovered(now, before, covered):
        return NotComparable(reason, covered)
    series = _Series(counted, covered)
    counts = series.total(now), series.total(before)
    past = _past(series, now, before, covered)
    tested = judge(np.array([unscaled_z(*counts)]), np.array([sum(counts)]), np.array([past]))
    dispersion = float(tested.dispersion[0])
    return Comparison(
        now=counts[0],
        before=counts[1],
        change=relative_change(*counts),
        z=float(tested.z[0]),
        dispersion=None if np.isnan(dispersion) else dispersion,
        pairs=len(past),
        verdict=verdict(bool(tested.enough[0]), float(tested.p[0])),
    )


@dataclass(frozen=True, eq=False)
class Tested:
    """The test of each row; arrays of shape (rows,), NaN where nothing was tested.

    Attributes
    ----------
    z : scaled by the dispersion, where there is one
    p : two-sided
    dispersion : variance of z over past pairs, at least 1
    enough : whether there are `MIN_INCIDENTS`
    """

    z: Floats = field(repr=False)
    p: Floats = field(repr=False)
    dispersion: Floats = field(repr=False)
    enough: npt.NDArray[np.bool_] = field(repr=False)


def judge(z: Floats, incidents: Ints, past: Floats) -> Tested:
    """Test changes against the variation of their own past. All changes of counts use this.

    Parameters
    ----------
    z, incidents : arrays of shape (rows,)
        Unscaled z of both periods, and the incidents of both together.
    past : array of shape (rows, pairs)
        Unscaled z of earlier pairs of periods, newest first; `MAX_PAIRS` of them count.
    """
    from scipy.special import stdtr  # noqa: PLC0415 - SciPy takes 0.1 s, before the first answer

    used = past[:, :MAX_PAIRS]
    pairs, enough = used.shape[1], incidents >= MIN_INCIDENTS
    nothing = np.full(len(z), np.nan)
    if pairs < MIN_PAIRS:
        return Tested(z, nothing, nothing, enough)
    dispersion = np.maximum(1.0, (used**2).mean(axis=1))
    scaled = z / np.sqrt(dispersion)
    p = np.where(enough, 2 * stdtr(pairs * FREEDOM, -np.abs(scaled)), np.nan)
    return Tested(scaled, p, dispersion, enough)


def limit_of(pairs: int) -> float:
    """The scaled z from which a single change is significant."""
    from scipy.special import stdtrit  # noqa: PLC0415 - as above

    return float(stdtrit(pairs * FREEDOM, 1 - LEVEL / 2))


def verdict(enough: bool, p: float) -> Significance:
    """The verdict of a test; p (or q, where rows are tested together) is NaN without a history."""
    if not enough:
        return Significance.TOO_FEW
    if np.isnan(p):
        return Significance.TOO_SHORT
    return Significance.SIGNIFICANT if p <= LEVEL else Significance.NOT_SIGNIFICANT


def relative_change(now: int, then: int | None) -> float | None:
    """(now − then) / then; None without `MIN_BASE` incidents then."""
    return None if then is None or then < MIN_BASE else (now - then) / then


def unscaled_z(now: int, before: int) -> float:
    """√2(√now − √before): standard normal where both are Poisson with the same mean."""
    return sqrt(2) * (sqrt(now) - sqrt(before))


class _Series:
    """Counts by day, summed over any period in constant time."""

    def __init__(self, days: pl.DataFrame, covered: Period) -> None:
        self._first = covered[0]
        length = (covered[1] - covered[0]).days + 1
        counts = [0] * length
        for day, incidents in days.iter_rows():
            if covered[0] <= day <= covered[1]:
                counts[(day - self._first).days] += incidents
        self._sums = [0, *accumulate(counts)]

    def total(self, period: Period) -> int:
        start, end = ((day - self._first).days for day in period)
        return self._sums[end + 1] - self._sums[start]


def _past(series: _Series, now: Period, before: Period, covered: Period) -> Sequence[float]:
    length, lag = now[1] - now[0] + timedelta(days=1), now[0] - before[0]
    found: list[float] = []
    start = now[0] - length
    while len(found) < MAX_PAIRS and start - lag >= covered[0]:
        later, earlier = ((day, day + length - timedelta(days=1)) for day in (start, start - lag))
        found.append(unscaled_z(series.total(later), series.total(earlier)))
        start -= length
    return found


def uncovered(now: Period, before: Period, covered: Period) -> Incomparable | None:
    """Why the data does not cover both periods; None where it does."""
    if now[0] < covered[0] or now[1] > covered[1]:
        return Incomparable.PERIOD_NOT_COVERED
    return Incomparable.BASE_NOT_COVERED if before[0] < covered[0] else None


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)
