"""The trend of zones: incidents of the last four weeks, and what was expected of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import (
    CountedRows,
    ExpectedCounts,
    NoExpectation,
    expected_counts,
)
from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import Incomparable, NotComparable, Period, Significance

TREND_DAYS = 28
UNTESTED = {
    NoExpectation.TOO_SHORT: Significance.TOO_SHORT,
    NoExpectation.TOO_FEW: Significance.TOO_FEW,
}


@dataclass(frozen=True)
class ZoneTrend:
    """Incidents of a zone in the last 28 days.

    Attributes
    ----------
    before : incidents of the 28 days before, None where the data does not cover them
    expected, low, high : the expected count and its 95% interval; None where there is none
    verdict : significant at a false discovery rate of 5% over the zones
    p, q : of the test, and the false discovery rate at which it would just be significant
    """

    now: int
    before: int | None
    expected: float | None
    low: int | None
    high: int | None
    verdict: Significance
    p: float | None = None
    q: float | None = None


def zone_trends(
    incidents: pl.DataFrame, zones: Sequence[int], period: Period | None, country: str
) -> list[ZoneTrend | NotComparable]:
    """Test the last 28 days of a period in each zone, with the season of all incidents.

    Parameters
    ----------
    incidents
        Columns `day` and `zone`, which is null or another number outside of the zones.
    country
        ISO code of the country whose holidays the season knows.
    """
    if period is None:
        return [NotComparable(Incomparable.NO_DAYS)] * len(zones)
    days = (period[1] - period[0]).days + 1
    if days < TREND_DAYS:
        return [NotComparable(Incomparable.PERIOD_NOT_COVERED, period)] * len(zones)
    city = _by_day(incidents, period[0], days)
    counts = [_by_day(incidents.filter(pl.col("zone") == zone), period[0], days) for zone in zones]
    rows = CountedRows.of(np.reshape(counts, (len(zones), days)), [0] * len(zones))
    start = days - TREND_DAYS
    found = expected_counts(rows, SeasonModel(city, period[0], country), start, TREND_DAYS)
    before = rows.between(start - TREND_DAYS, start) if start >= TREND_DAYS else None
    q = benjamini_hochberg(found.p)
    return [
        _trend(found, row, None if before is None else int(before[row]), float(q[row]))
        for row in range(len(zones))
    ]


def _trend(found: ExpectedCounts, row: int, before: int | None, q: float) -> ZoneTrend:
    now = int(found.counts[row])
    if missing := found.missing(row):
        return ZoneTrend(now, before, None, None, None, UNTESTED[missing])
    verdict = Significance.SIGNIFICANT if q <= LEVEL else Significance.NOT_SIGNIFICANT
    low, high = int(found.low[row]), int(found.high[row])
    expected, p = float(found.expected[row]), float(found.p[row])
    return ZoneTrend(now, before, expected, low, high, verdict, p, q)


def _by_day(incidents: pl.DataFrame, first: date, days: int) -> Ints:
    at = (incidents["day"].drop_nulls() - first).dt.total_days()
    inside = at.filter(at.is_between(0, days - 1)).to_numpy().astype(np.int64)
    return np.bincount(inside, minlength=days).astype(np.int64)
