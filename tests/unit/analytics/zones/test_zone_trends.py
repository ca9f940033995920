"""Trends of zones: the last 28 days beside what was expected."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.statistics.two_periods import Incomparable, NotComparable, Significance
from analytics.zones.zone_trends import TREND_DAYS, ZoneTrend, zone_trends

FIRST = date(2014, 1, 1)
DAYS = 3 * 364
PERIOD = (FIRST, FIRST + timedelta(days=DAYS - 1))


def incidents(rates: list[float], last: list[float], days: int = DAYS) -> pl.DataFrame:
    """Poisson incidents at rates a day, others in the last 28 days; the first zone is −1."""
    random = np.random.default_rng(1)
    parts = []
    for zone, (rate, new) in enumerate(zip(rates, last, strict=True)):
        each = np.full(days, rate)
        each[-TREND_DAYS:] = new
        at = np.repeat(np.arange(days), random.poisson(each)) + DAYS - days
        day = [FIRST + timedelta(days=int(one)) for one in at]
        parts.append(pl.DataFrame({"day": day, "zone": zone - 1}))
    return pl.concat(parts)


def test_a_zone_that_rose_is_significant_and_the_others_are_not() -> None:
    made = incidents([20, 2, 2, 2], [20, 5, 2, 2])
    found = zone_trends(made, [0, 1, 2], PERIOD, "US")
    assert all(isinstance(one, ZoneTrend) for one in found)
    assert [one.verdict for one in found] == [
        Significance.SIGNIFICANT,
        Significance.NOT_SIGNIFICANT,
        Significance.NOT_SIGNIFICANT,
    ]
    rose = found[0]
    last = made.filter(pl.col("day") > PERIOD[1] - timedelta(days=TREND_DAYS))
    assert rose.now == last.filter(pl.col("zone") == 0).height
    assert rose.expected == pytest.approx(56, rel=0.15)
    assert rose.low < rose.expected < rose.high < rose.now


def test_the_days_before_are_description() -> None:
    made = incidents([20, 2], [20, 2])
    (found,) = zone_trends(made, [0], PERIOD, "US")
    end = PERIOD[1] - timedelta(days=TREND_DAYS)
    days = pl.col("day").is_between(end - timedelta(days=TREND_DAYS - 1), end)
    assert found.before == made.filter(days & (pl.col("zone") == 0)).height


def test_a_zone_without_incidents_before_or_without_history_has_no_verdict() -> None:
    (new,) = zone_trends(incidents([20, 0], [20, 3]), [0], PERIOD, "US")
    assert (new.verdict, new.expected, new.before) == (Significance.TOO_FEW, None, 0)
    young = PERIOD[1] - timedelta(days=99), PERIOD[1]
    (short,) = zone_trends(incidents([20, 2], [20, 2], 100), [0], young, "US")
    assert (short.verdict, short.expected) == (Significance.TOO_SHORT, None)


def test_periods_without_days_or_under_four_weeks_are_not_compared() -> None:
    made = incidents([20, 2], [20, 2])
    assert zone_trends(made, [0], None, "US") == [NotComparable(Incomparable.NO_DAYS)]
    week = PERIOD[1] - timedelta(days=6), PERIOD[1]
    assert zone_trends(made, [0], week, "US") == [
        NotComparable(Incomparable.PERIOD_NOT_COVERED, week)
    ]
    assert zone_trends(made, [], PERIOD, "US") == []
