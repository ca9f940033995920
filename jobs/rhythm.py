"""When a schedule is due: every day, on a weekday or on a day of the month, at a local time."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.errors import InputError

DAILY: Final = "daily"
MONTHLY: Final = "monthly"
WEEKDAYS: Final = tuple(name.lower() for name in calendar.day_name)
LAST_SURE_DAY: Final = 28
_TEXT = re.compile(r"(?P<day>[a-z]+)(?: (?P<number>[0-9]{1,2}))? (?P<time>[0-2][0-9]:[0-5][0-9])")


@dataclass(frozen=True)
class Rhythm:
    """Due times in a time zone.

    Attributes
    ----------
    text : `daily 06:00`, `monday 06:00` or `monthly 1 06:00`
    day : `daily`, a weekday, or `monthly` with the day of the month, 1 to 28, in `number`
    at : local time; one that the clock skips is due as much later, one that it repeats is due once
    """

    text: str
    day: str
    number: int
    at: time
    timezone: str

    @classmethod
    def parse(cls, text: str, timezone: str) -> Rhythm:
        """Read a rhythm.

        Raises
        ------
        InputError
            It is not one, or the time zone is unknown.
        """
        found = _TEXT.fullmatch(" ".join(text.lower().split()))
        day = found["day"] if found else ""
        number = int(found["number"] or 0) if found else 0
        valid = day in (DAILY, *WEEKDAYS) and not number
        valid |= day == MONTHLY and 1 <= number <= LAST_SURE_DAY
        if found is None or not valid or found["time"] > "23:59":
            raise InputError(
                f"{text[:60]!r} is not a valid schedule. Write daily 06:00, monday 06:00, or "
                f"monthly 1 06:00 with a day from 1 to {LAST_SURE_DAY}."
            )
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise InputError(f"The time zone {timezone[:60]!r} is unknown.") from error
        return cls(found.group(), day, number, time.fromisoformat(found["time"]), timezone)

    def next_after(self, moment: datetime) -> datetime:
        """The first due time after a moment, in UTC."""
        zone = ZoneInfo(self.timezone)
        day = moment.astimezone(zone).date()
        while True:
            if self._is_on(day):
                due = datetime.combine(day, self.at, zone).astimezone(UTC)
                if due > moment:
                    return due
            day += timedelta(days=1)

    def latest(self, due: datetime, now: datetime) -> datetime:
        """The latest due time from `due` until now."""
        following = self.next_after(due)
        while following <= now:
            due, following = following, self.next_after(following)
        return due

    def _is_on(self, day: date) -> bool:
        if self.day == DAILY:
            return True
        if self.day == MONTHLY:
            return day.day == self.number
        return WEEKDAYS[day.weekday()] == self.day
