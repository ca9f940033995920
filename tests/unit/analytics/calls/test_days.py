"""Days that calls cover, and those of a selection."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from analytics.calls.days import CallDays, chosen_days, covered
from analytics.crossfilter.selection import Selection

MONDAY = date(2024, 3, 4)


def daily(counts: dict[int, int]) -> pl.DataFrame:
    """Calls by days after the Monday."""
    rows = [(MONDAY + timedelta(days=day), calls) for day, calls in sorted(counts.items())]
    return pl.DataFrame(rows, schema={"day": pl.Date, "calls": pl.Int64}, orient="row")


def test_single_old_calls_do_not_begin_the_data() -> None:
    found = covered(daily({-60: 1, -9: 2, 0: 90, 1: 100, 2: 110, 3: 40}))
    assert found == CallDays(MONDAY, MONDAY + timedelta(days=3), 3)
    assert found.whole == (MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))


def test_a_quiet_day_within_the_data_counts() -> None:
    found = covered(daily({0: 100, 1: 5, 2: 100, 9: 90}))
    assert found is not None
    assert (found.first, found.last, found.outside) == (MONDAY, MONDAY + timedelta(days=9), 0)
    assert len(found.whole) == 8


def test_no_calls_cover_no_days() -> None:
    assert covered(daily({})) is None
    one = covered(daily({0: 5}))
    assert one is not None
    assert one.whole == ()


def test_dates_and_weekdays_choose_days() -> None:
    days = CallDays(MONDAY - timedelta(days=1), MONDAY + timedelta(days=14), 0)
    period = (MONDAY, MONDAY + timedelta(days=6))
    assert len(chosen_days(days, Selection.parse(""), period)) == 7
    weekend = chosen_days(days, Selection.parse("weekday=6,7"), (MONDAY, days.last))
    assert [day.isoweekday() for day in weekend] == [6, 7, 6, 7]
    pairs = chosen_days(days, Selection.parse("hour_weekday=1-10,3-22"), period)
    assert [day.isoweekday() for day in pairs] == [1, 3]
