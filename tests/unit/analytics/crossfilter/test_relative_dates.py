"""Relative periods: each by hand, and as counted day by day along a calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.crossfilter.relative_dates import DataDays, days_of, read_relative
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest, SourceInfo

DAY = timedelta(days=1)
DATA = DataDays(date(2014, 1, 1), date(2018, 11, 12), date(2018, 11, 4))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("last28d", (date(2018, 10, 16), date(2018, 11, 12))),
        ("complete28d", (date(2018, 10, 8), date(2018, 11, 4))),
        ("mtd", (date(2018, 11, 1), date(2018, 11, 12))),
        ("ytd", (date(2018, 1, 1), date(2018, 11, 12))),
        ("lastmonth", (date(2018, 10, 1), date(2018, 10, 31))),
        ("lastyear", (date(2017, 1, 1), date(2017, 12, 31))),
        ("fytd:07-01", (date(2018, 7, 1), date(2018, 11, 12))),
        ("fytd:12-01", (date(2017, 12, 1), date(2018, 11, 12))),
        ("lastfy:10-01", (date(2017, 10, 1), date(2018, 9, 30))),
        ("p28:2018-01-01", (date(2018, 11, 5), date(2018, 11, 12))),  # 11 periods after January 1
        ("lastp28:2018-01-01", (date(2018, 10, 8), date(2018, 11, 4))),
        ("p28:2030-01-07", (date(2018, 10, 29), date(2018, 11, 12))),  # 146 periods before
    ],
)
def test_each_period_by_hand(text: str, days: tuple[date, date]) -> None:
    assert days_of(text, DATA) == days


@pytest.mark.parametrize(
    ("text", "last", "days"),
    [
        ("lastmonth", date(2018, 10, 31), (date(2018, 10, 1), date(2018, 10, 31))),
        ("lastyear", date(2018, 12, 31), (date(2018, 1, 1), date(2018, 12, 31))),
        ("lastfy:07-01", date(2018, 6, 30), (date(2017, 7, 1), date(2018, 6, 30))),
        ("lastp28:2018-01-01", date(2018, 1, 28), (date(2018, 1, 1), date(2018, 1, 28))),
    ],
)
def test_a_period_whose_end_the_data_reaches_is_finished(
    text: str, last: date, days: tuple[date, date]
) -> None:
    assert days_of(text, DataDays(DATA.first, last, last)) == days


@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.integers(0, 364),
)
def test_periods_agree_with_a_walk_through_the_days(last: date, anchor: date, start: int) -> None:
    data = DataDays(date(1940, 1, 1), last, last)
    fiscal = f"{date(2001, 1, 1) + start * DAY:%m-%d}"

    def begin(is_start: object, day: date) -> date:
        while not is_start(day):  # type: ignore[operator]
            day -= DAY
        return day

    def walk(is_start: object) -> tuple[date, date, date]:
        """First day of the period of the last day; first and last day of the last finished one."""
        to_date = begin(is_start, last)
        after = begin(is_start, last + DAY)  # the newest start whose eve the data reaches
        return to_date, begin(is_start, after - DAY), after - DAY

    starts = {
        f"p28:{anchor}": lambda day: (day - anchor).days % 28 == 0,
        f"fytd:{fiscal}": lambda day: f"{day:%m-%d}" == fiscal,
        "ytd": lambda day: (day.month, day.day) == (1, 1),
        "mtd": lambda day: day.day == 1,
    }
    finished = {"p28": "lastp28", "fytd": "lastfy", "ytd": "lastyear", "mtd": "lastmonth"}
    for text, is_start in starts.items():
        to_date, first, end = walk(is_start)
        kind, colon, of = text.partition(":")
        assert days_of(text, data) == (to_date, last)
        assert days_of(finished[kind] + colon + of, data) == (first, end)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fytd", "not a valid period"),
        ("fytd:02-29", "every year"),
        ("fytd:7-1", "every year"),
        ("lastfy:13-01", "every year"),
        ("p28:", "counted from a day"),
        ("lastp28:2018-02-30", "counted from a day"),
        ("complete0d", "complete1d"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Selection.parse(f"date={text}")


def test_texts_are_canonical() -> None:
    assert read_relative("COMPLETE028D") == "complete28d"
    assert Selection.parse("date=LastFY:07-01").text == "date=lastfy:07-01"


def test_complete_days_end_before_the_provisional_ones() -> None:
    source = SourceInfo("s", "S", "America/Chicago", "incident")
    days = ("2014-01-01", "2018-11-12", "2018-11-05")
    manifest = Manifest("1", "2018", 1, "0", source, 9, *days, "EPSG:32616")
    found = Selection.parse("date=complete28d").period(manifest)
    assert found == (date(2018, 10, 8), date(2018, 11, 4))
