"""Weeks × hours of the week, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from analytics import formats
from analytics.overview.hours import hours_in
from analytics.temporal.weekly_hours import of_frame


def at(day: date, hour: int) -> int:
    return (day - date.min).days // 7 * 168 + day.weekday() * 24 + hour


def test_the_origin_is_a_monday() -> None:
    assert date.min.weekday() == 0


def test_incidents_lie_in_their_week_and_hour() -> None:
    rows = [
        (at(date(2017, 1, 1), 23), 2),
        (at(date(2017, 1, 2), 0), 3),
        (at(date(2018, 1, 1), 0), 9),
    ]
    frame = pl.DataFrame(rows, schema=["at", "incidents"], orient="row")
    found = of_frame(frame, (date(2017, 1, 1), date(2017, 1, 9)))
    assert found.first == date(2016, 12, 26)
    assert found.weeks == 3
    assert found.counts[0, 6 * 24 + 23] == 2
    assert found.counts[1, 0] == 3
    assert found.incidents == 5  # the one of 2018 is not in the period
    assert found.hours[0] == 3


def test_only_whole_weeks_before_the_provisional_days_are_complete() -> None:
    frame = pl.DataFrame({"at": [at(date(2017, 1, 3), 5)], "incidents": [4]})
    found = of_frame(frame, (date(2017, 1, 1), date(2017, 1, 25)))
    whole = found.complete()
    assert whole.period == (date(2017, 1, 2), date(2017, 1, 22))
    assert whole.weeks == 3
    assert whole.incidents == 4
    earlier = found.complete(before=date(2017, 1, 20))
    assert earlier.period[1] == date(2017, 1, 15)
    assert found.complete(before=date(2016, 1, 1)).weeks == 0


def test_a_period_within_a_week_has_no_complete_one() -> None:
    start = date(2017, 1, 3)
    frame = pl.DataFrame({"at": [at(start, 5)], "incidents": [4]})
    assert of_frame(frame, (start, start + timedelta(days=2))).complete().weeks == 0


@pytest.mark.usefixtures("american")
def test_a_week_from_sunday_holds_its_sunday_in_the_column_of_sundays() -> None:
    formats.use("", "", "America/Chicago", "sunday")
    sunday = date(2017, 1, 8)
    rows = [(at(sunday, 23), 2), (at(sunday + timedelta(days=1), 0), 3)]
    frame = pl.DataFrame(rows, schema=["at", "incidents"], orient="row")
    found = of_frame(frame, (date(2017, 1, 7), date(2017, 1, 14)))
    assert (found.first, found.weeks) == (date(2017, 1, 1), 2)
    assert found.complete().period == (sunday, date(2017, 1, 14))
    assert (found.counts[1, 6 * 24 + 23], found.counts[1, 0]) == (2, 3)
    assert (found.days[7, 23], found.days[8, 0]) == (2, 3)
    assert hours_in(found, (sunday, sunday))[23] == 2
