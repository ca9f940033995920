"""Numbers, dates, hours and distances by locale; the United States' by default."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from analytics import formats

pytestmark = pytest.mark.usefixtures("american")


def test_numbers_and_percents() -> None:
    assert formats.number(1234.5, 1) == "1,234.5"
    assert formats.number(None) == "–"
    assert formats.percent(0.1234) == "12.3%"
    assert formats.percents(0.57, 0.68, 0) == "57 to 68%"
    assert formats.signed_percents(-0.09, 0.04) == "−9 to +4%"
    assert (formats.percent(0.0712, None), formats.percent(0.123, None)) == ("7.1%", "12%")


def test_dates_say_nothing_twice() -> None:
    first = date(2017, 6, 1)
    assert formats.short_date(first) == "Jun 1, 2017"
    assert formats.date_range(first, first) == "Jun 1, 2017"
    assert formats.date_range(first, date(2017, 6, 30)) == "Jun 1 to 30, 2017"
    assert formats.date_range(first, date(2017, 7, 3)) == "Jun 1 to Jul 3, 2017"
    assert formats.date_range(first, date(2018, 7, 3)) == "Jun 1, 2017 to Jul 3, 2018"
    assert formats.moment(datetime(2026, 11, 21, 14, 58)) == "Nov 21, 2026, 2:58 PM UTC"
    assert formats.day_time(datetime(2018, 11, 12, 23, 59)) == "11/12/2018 11:59 PM"


@pytest.mark.parametrize(
    ("first", "end", "said"),
    [
        (20, 24, "8 PM–midnight"),
        (22, 2, "10 PM–2 AM"),
        (18, 20, "6–8 PM"),
        (8, 12, "8 AM–noon"),
        (0, 24, "all day"),
    ],
)
def test_ranges_of_hours(first: int, end: int, said: str) -> None:
    assert formats.hour_range(first, end) == said


def test_distances_in_feet_and_miles_or_metric() -> None:
    assert (formats.distance_text(250), formats.distance_text(3219)) == ("820 ft", "2.0 mi")
    assert formats.area_text(2.59) == "1.00 sq mi"
    formats.use("", "metric", "America/Chicago")
    assert (formats.distance_text(250), formats.area_text(2.59)) == ("250 m", "2.59 km²")


def test_what_is_left_open_follows_the_country_of_the_time_zone() -> None:
    formats.use("", "", "Europe/London")
    assert formats.short_date(date(2017, 6, 1)) == "1 Jun 2017"
    assert formats.hour_range(20, 24) == "20:00–24:00"
    assert formats.distance_text(250) == "250 m"


def test_a_locale_chooses_separators_and_the_place_of_the_percent_sign() -> None:
    formats.use("de_DE", "", "America/Chicago")
    assert formats.number(1234.5, 1) == "1.234,5"
    assert formats.percent(0.123) == "12,3\N{NO-BREAK SPACE}%"


def test_a_week_starts_on_monday_or_sunday() -> None:
    sunday = date(2018, 6, 3)
    assert formats.week() == (1, 2, 3, 4, 5, 6, 7)
    assert formats.days_into_week(sunday) == 6
    formats.use("", "", "America/Chicago", "sunday")
    assert formats.week() == (7, 1, 2, 3, 4, 5, 6)
    assert formats.days_into_week(sunday) == 0
    assert formats.in_week_order((1, 6, 7)) == [7, 1, 6]
    assert (formats.weekday_name(7), formats.weekday_date(sunday)) == ("Sunday", "Sun Jun 3, 2018")


def test_weekdays_of_dates_follow_the_locale() -> None:
    formats.use("de_DE", "", "America/Chicago")
    assert formats.weekday_date(date(2018, 6, 1)) == "Fr 1. Juni 2018"


def test_patterns_of_dates_are_those_of_the_locale() -> None:
    assert formats.date_patterns() == {}  # Plotly is American itself
    formats.use("de_DE", "", "America/Chicago")
    german = formats.date_patterns()
    assert german["shortMonths"][2] == "Mär"
    assert (german["days"][0], german["shortDays"][6]) == ("Sonntag", "Sa")
    assert (german["dayMonth"], german["month"]) == ("%-d. %b", "%b %Y")
    formats.use("pt_BR", "", "America/Chicago")
    assert date(2018, 6, 1).strftime(formats.date_patterns()["dayMonth"]) == "1 de Jun"
