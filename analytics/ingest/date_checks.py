"""What to check about the dates and times of an unknown file, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analytics.ingest.assignment import Assignment
from analytics.ingest.survey import Reading, SurveyedColumn, Value
from analytics.sources.date_formats import HOURS, has_two_digit_year, swapped

ENOUGH_TIMES = 200  # rows from which times without an afternoon are suspicious


def date_notes(found: Assignment, columns: Iterable[SurveyedColumn]) -> Iterator[str]:
    """How dates and times are read, and which values cannot be read."""
    for name, one in found.fields.items():
        lost = "is quarantined" if name == "occurred_from" else f"has no {name}"
        if one.column.dates is not None and one.column.is_date:
            yield from _of_date(one.column.name, one.column.dates, lost)
            clock = found.clocks.get(name)
            if clock is not None and clock.column.times is not None:
                yield from _of_time(clock.column.name, clock.column.times, lost)
                without = one.column.dates.rows - clock.column.times.rows
                if without > 0:
                    yield f"Column {clock.column.name!r}: empty ({_rows(without)}) counts as 00:00."
    used = found.used
    for column in columns:
        for reading in (column.dates, column.times):
            if reading is None or reading.usable or column.name in used:
                continue
            if reading.formats:
                yield (
                    f"Column {column.name!r} looks like dates or times, but is not used: "
                    f"{_unread(reading)}."
                )


def order_question(column: SurveyedColumn) -> str | None:
    """The question whether day or month is first, if all dates fit both orders."""
    reading = column.dates
    if reading is None or not reading.either_order:
        return None
    others = ", ".join(dict.fromkeys(map(swapped, reading.formats)))
    return (
        f"Is the day or the month first in column {column.name!r}? All of its "
        f"{_rows(reading.rows)} can be read both ways; {reading.example!r} is read as "
        f"{reading.example_read}. If that is wrong, its formats are {others}."
    )


def _of_date(name: str, reading: Reading, lost: str) -> Iterator[str]:
    if reading.unread_rows:
        yield f"Column {name!r}: {_unread(reading)}. Such a row {lost}."
    if reading.day_first is not None and not reading.either_order:
        order = "day first" if reading.day_first else "month first"
        yield f"Column {name!r} is read {order}: {reading.example!r} as {reading.example_read}."
    if any(map(has_two_digit_year, reading.formats)):
        yield f"Column {name!r}: years of two digits are 1969 to 2068."
    if reading.at_24:
        yield f"Column {name!r}: 24:00 ({_rows(reading.at_24)}) is 00:00 of the next day."
    if reading.zones and not reading.has_clock:
        listed = ", ".join(f"{zone} ({_rows(rows)})" for zone, rows in reading.zones[:3])
        yield f"Column {name!r} has no times of day, so its time zone ({listed}) is ignored."


def _of_time(name: str, reading: Reading, lost: str) -> Iterator[str]:
    if reading.unread_rows:
        yield f"Column {name!r}: {_unread(reading)}. Such a row {lost}."
    if HOURS in reading.formats:
        yield f"Column {name!r} is read as hours of the day; the minutes are not known."
    if reading.at_24:
        yield f"Column {name!r}: 24:00 ({_rows(reading.at_24)}) is 00:00 of the next day."
    no_afternoon = reading.latest is not None and reading.latest < "13"
    twelve_hours = any("%p" in name for name in reading.formats)
    if no_afternoon and not twelve_hours and reading.rows >= ENOUGH_TIMES:
        yield f"Column {name!r} has no time after 12:59; is it a 12-hour clock?"


def _unread(reading: Reading) -> str:
    listed = ", ".join(_value(value) for value in reading.unread)
    more = (
        " and others" if sum(value.rows for value in reading.unread) < reading.unread_rows else ""
    )
    return f"{reading.unread_rows:,} of {reading.rows:,} values cannot be read: {listed}{more}"


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _value(value: Value) -> str:
    return f"{value.text[:60]!r} ({value.rows:,}, first in line {value.line:,})"
