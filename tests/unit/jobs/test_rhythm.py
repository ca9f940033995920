"""Due times: the calendar's by `dateutil`, daylight saving time, and what is not a rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InputError
from jobs.rhythm import Rhythm

ZONE = "America/Chicago"
RULES = {
    "daily 06:00": {"freq": DAILY},
    "monday 06:00": {"freq": WEEKLY, "byweekday": MO},
    "monthly 28 06:00": {"freq": MONTHLY, "bymonthday": 28},
}


@pytest.mark.parametrize("text", RULES)
@given(hours=st.integers(0, 24 * 800))
def test_due_times_are_those_of_the_calendar(text: str, hours: int) -> None:
    start = datetime(2025, 1, 1, 6)
    calendar = rrule(dtstart=start, count=1000, **RULES[text])
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    zone = ZoneInfo(ZONE)
    expected = next(
        due for one in calendar if (due := one.replace(tzinfo=zone).astimezone(UTC)) > moment
    )
    assert Rhythm.parse(text, ZONE).next_after(moment) == expected


def test_a_time_that_the_clock_skips_is_due_later_and_a_repeated_one_once() -> None:
    rhythm = Rhythm.parse("daily 02:30", ZONE)
    skipped = rhythm.next_after(datetime(2026, 3, 8, 6, tzinfo=UTC))
    assert skipped == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)  # 3:30 AM daylight time
    early = Rhythm.parse("daily 01:30", ZONE)
    first = early.next_after(datetime(2026, 11, 1, 0, 0, tzinfo=ZoneInfo(ZONE)))
    assert first == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert early.next_after(first) == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)


def test_the_latest_due_time_is_the_last_one_that_has_passed() -> None:
    rhythm = Rhythm.parse("Daily  06:00", "UTC")
    due = datetime(2026, 1, 5, 6, tzinfo=UTC)
    assert rhythm.latest(due, due + timedelta(days=3, hours=5)) == due + timedelta(days=3)
    assert rhythm.latest(due, due) == due


@pytest.mark.parametrize(
    "text",
    ["", "06:00", "daily", "daily 6:00", "daily 24:00", "daily 3 06:00", "someday 06:00",
     "monthly 06:00", "monthly 0 06:00", "monthly 29 06:00", "monday 06:60", "daily ٠٦:٠٠"],
)  # fmt: skip
def test_what_is_not_a_rhythm_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a valid schedule"):
        Rhythm.parse(text, "UTC")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match="time zone"):
        Rhythm.parse("daily 06:00", zone)
