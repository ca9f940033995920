"""SQL that reads dates and times of day from text, as local wall-clock time.

Times with a zone (`Z`, `-05:00`, `EST`, `America/Chicago`) are converted to the source's zone. No
expression depends on the machine's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from analytics.sources.date_formats import (
    EXCEL,
    MILITARY,
    SERIALS,
    UNIX,
    UNIX_MS,
    has_two_digit_year,
)

ISO = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d([.,]\d+)?)?)?$"
MIDNIGHT_24 = r"([ T])24(:00(:00([.]0+)?)?)$"
# A time of day, then a zone: an offset, or a name.
ZONED = (
    r"^(.*(?::\d\d|T\d{4}|T\d{6})(?:[.,]\d+)?(?: ?[AaPp][Mm]\b)?)"
    r" ?([+-]\d\d(?::?\d\d)?|[A-Za-z]+(?:/[A-Za-z0-9_+-]+)*)$"
)
# DuckDB reads `06` as the year 6 where a format has %Y.
BEFORE_YEARS = "TIMESTAMP '0999-12-31'"

# RFC 5322, section 4.3, and UTC.
_ABBREVIATIONS = {
    "Z": "+00:00", "UT": "+00:00", "UTC": "+00:00", "GMT": "+00:00",
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
    "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip

Bind = Callable[[Any], str]


class LocalTime:
    """Builds expressions for one source's time zone; `bind` returns a value's placeholder.

    Parameters
    ----------
    timezone : str
        Name of the zone whose wall-clock time results.
    ignore_zone : bool
        Take the time as written and ignore its zone.
    """

    def __init__(self, timezone: str, bind: Bind, *, ignore_zone: bool = False) -> None:
        self.timezone = timezone
        self.bind = bind
        self.ignore_zone = ignore_zone

    def moment(self, text: str, formats: Sequence[str], *, utc: bool = False) -> str:
        """A TIMESTAMP from one text; null if no format fits."""
        written = self._written(text, formats)
        plain = self._from_utc(written) if utc else written
        if instant := self._instant(text, formats):
            plain = f"coalesce({instant}, {plain})"
        return _first(text, plain, self._zoned(text, lambda part: self._written(part, formats)))

    def day_and_clock(
        self,
        day: str,
        clock: str,
        formats: Sequence[str],
        time_formats: Sequence[str],
        *,
        utc: bool = False,
    ) -> str:
        """A TIMESTAMP from the texts of a date and of a time of day; no time is 00:00."""
        date = self._day(day, formats)
        written = f"{date} + {self.clock(clock, time_formats)}"
        plain = self._from_utc(written) if utc else written
        zoned = self._zoned(clock, lambda part: f"({date} + {self.clock(part, time_formats)})")
        return f"CASE WHEN {clock} IS NULL THEN {date} ELSE {_first(clock, plain, zoned)} END"

    def of_parts(
        self, year: str, month: str, day: str, hour: str, minute: str, *, utc: bool = False
    ) -> str:
        """A TIMESTAMP from whole numbers; null if one is null or out of range. Hour 24 is 00:00."""
        date = f"TRY_CAST(format('{{:04d}}-{{:02d}}-{{:02d}}', {year}, {month}, {day}) AS DATE)"
        in_range = f"{hour} BETWEEN 0 AND 23 OR ({hour} = 24 AND {minute} = 0)"
        clock = f"to_minutes(60 * {hour} + {minute})"
        valid = f"{year} > 999 AND ({in_range}) AND {minute} BETWEEN 0 AND 59"
        moment = f"CASE WHEN {valid} THEN {date} + {clock} END"
        return self._from_utc(moment) if utc else moment

    def clock(self, text: str, formats: Sequence[str]) -> str:
        """An INTERVAL since midnight; null if no format fits. 24:00 is 24 hours."""
        serial = f"to_seconds(round({_number(text)} * 86400))" if EXCEL in formats else ""
        formats = [name for name in formats if name != EXCEL]
        if not formats:
            return serial
        names = self.bind(formats)
        whole = rf"regexp_replace({text}, '^(\d{{1,4}})\.0+$', '\1')"
        evening = f"concat('00', substr({_padded(whole, formats)}, 3))"
        midnight = f"{_since_midnight(evening, names)} = INTERVAL 0 SECOND"
        read = _since_midnight(_padded(text, formats), names)
        return _first(
            text,
            f"coalesce({read}, {serial})" if serial else read,
            f"CASE WHEN prefix({whole}, '24') THEN CASE WHEN {midnight} THEN INTERVAL 24 HOUR END "
            f"ELSE {_since_midnight(_padded(whole, formats), names)} END",
        )

    def zone(self, text: str) -> str:
        """The zone at the end of a text, such as `-05:00` or ` America/Chicago`, or null."""
        name = f"nullif(regexp_extract({text}, '{ZONED}', 2), '')"
        offsets = {**_ABBREVIATIONS, **_own_abbreviations(self.timezone)}
        known = self.bind(list(offsets))
        listed = self.bind(list(offsets.values()))
        return (
            f"CASE WHEN contains({name}, '/') THEN ' ' || {name} "
            rf"WHEN regexp_matches({name}, '^[+-]') THEN {name} "
            f"ELSE list_extract({listed}, list_position({known}, upper({name}))) END"
        )

    def without_zone(self, text: str) -> str:
        return f"regexp_extract({text}, '{ZONED}', 1)"

    def by_formats(self, text: str, formats: Sequence[str]) -> str:
        """The time as written, by the first format that fits; null if none does.

        Formats with a two-digit year go first: %Y also accepts two digits, as a year of the first
        century, which is then dropped.
        """
        written = [name for name in formats if name not in SERIALS]
        if not written:
            return "CAST(NULL AS TIMESTAMP)"
        names = self.bind(sorted(written, key=lambda name: not has_two_digit_year(name)))
        return f"nullif(greatest(try_strptime({text}, {names}), {BEFORE_YEARS}), {BEFORE_YEARS})"

    def _day(self, text: str, formats: Sequence[str]) -> str:
        """The day, at 00:00; midnight with a zone means a day, not an instant."""

        def read(part: str) -> str:
            return self._written(part, formats)

        written = read(self.without_zone(text))
        names_day = f"{written} = date_trunc('day', {written}) AND {self.zone(text)} IS NOT NULL"
        zoned = f"CASE WHEN {names_day} THEN {written} ELSE {self._zoned(text, read)} END"
        return f"date_trunc('day', {_first(text, read(text), zoned)})"

    def _written(self, text: str, formats: Sequence[str]) -> str:
        """The time as written, by a format or as ISO 8601; 24:00 is the next day."""
        iso = f"CASE WHEN regexp_matches({text}, '{ISO}') THEN TRY_CAST({text} AS TIMESTAMP) END"
        evening = rf"regexp_replace({text}, '{MIDNIGHT_24}', '\100\2')"
        midnight = (
            f"CASE WHEN regexp_matches({text}, '{MIDNIGHT_24}') "
            f"THEN {self.by_formats(evening, formats)} + INTERVAL 1 DAY END"
        )
        serial = ""
        if EXCEL in formats:
            days = f"CASE WHEN {_number(text)} < 2958466 THEN {_number(text)} END"
            serial = f", TIMESTAMP '1899-12-30' + to_seconds(round({days} * 86400))"
        return f"coalesce({self.by_formats(text, formats)}, {iso}, {midnight}{serial})"

    def _instant(self, text: str, formats: Sequence[str]) -> str:
        """The time of a number of (milli)seconds since 1970; empty if no format is such a one."""
        milliseconds = {UNIX: f"1000 * {_number(text)}", UNIX_MS: _number(text)}
        found = [milliseconds[name] for name in formats if name in milliseconds]
        if not found:
            return ""
        limit = 253402300800000  # year 10000
        number = f"CASE WHEN abs({found[0]}) < {limit} THEN CAST({found[0]} AS BIGINT) END"
        moment = f"make_timestamp(1000 * {number})"
        return moment if self.ignore_zone else self._from_utc(moment)

    def _zoned(self, text: str, read: Callable[[str], str]) -> str:
        written, zone = read(self.without_zone(text)), self.zone(text)
        if self.ignore_zone:
            return f"CASE WHEN {zone} IS NOT NULL THEN {written} END"
        instant = f"TRY_CAST(CAST({written} AS VARCHAR) || {zone} AS TIMESTAMPTZ)"
        return f"timezone({self.bind(self.timezone)}, {instant})"

    def _from_utc(self, moment: str) -> str:
        return f"timezone({self.bind(self.timezone)}, timezone('UTC', {moment}))"


def _number(text: str) -> str:
    """A number of digits, with a fraction or not; else null."""
    return rf"TRY_CAST(nullif(regexp_extract({text}, '^-?\d+(?:\.\d*)?$'), '') AS DOUBLE)"


def _padded(text: str, formats: Sequence[str]) -> str:
    """The text; if a format is %H%M, one to three digits get leading zeros."""
    if MILITARY not in formats:
        return text
    few = rf"regexp_matches({text}, '^\d{{1,3}}$')"
    return f"CASE WHEN {few} THEN lpad({text}, 4, '0') ELSE {text} END"


def _since_midnight(text: str, names: str) -> str:
    parsed = f"try_strptime({text}, {names})"
    return f"({parsed} - date_trunc('day', {parsed}))"


def _first(text: str, plain: str, otherwise: str) -> str:
    """The first that is not null, for a text that may be null.

    DuckDB 2.0 computes subexpressions shared by the arguments of coalesce() for every row, but not
    those in a CASE: without it, patterns of time zones took 30 times as long as everything else.
    """
    return f"coalesce({plain}, CASE WHEN {text} IS NOT NULL THEN {otherwise} END)"


@cache
def _own_abbreviations(timezone: str) -> dict[str, str]:
    """A zone's abbreviations in winter and summer, such as BST in London."""
    found = {}
    for month in (1, 7):
        moment = datetime(2024, month, 1, tzinfo=ZoneInfo(timezone))
        name, offset = moment.tzname(), moment.strftime("%z")
        if name and name.isalpha():
            found[name.upper()] = f"{offset[:3]}:{offset[3:5]}"
    return found
