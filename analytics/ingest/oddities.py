"""Oddities of accepted records: heaps of times and places, clock changes, spellings of ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from analytics.ingest.report import Note, NoteKind
from analytics.ingest.tables import one_row
from analytics.sources.source import Source
from sql import load

HEAP_SHARE = 0.02
"""Share of records at one minute of the day, or at one place, that is pointed out."""
HEAP_RECORDS = 20
FULL_DAY = timedelta(days=1)
HOURS_IN_DAY = 24


def heaps(connection: duckdb.DuckDBPyConnection, source: Source) -> Iterator[Note]:
    """The time of day and the place of table `merged` that look like a default value."""
    known = [int(text[:2]) * 60 + int(text[3:5]) for text in source.heaped_times]
    moment = source.kind.moment
    statement = load("incidents/time_heaps", moment=moment)
    for minute, rows, total in connection.execute(statement, {"known": known}).fetchall():
        if _is_heap(rows, total) and rows < total:
            yield Note(NoteKind.TIME_HEAP, f"{minute // 60:02d}:{minute % 60:02d}", rows)
    for lat, lon, rows, total in connection.execute(load("incidents/place_heaps")).fetchall():
        if _is_heap(rows, total):
            yield Note(NoteKind.PLACE_HEAP, f"{lat:.6f}, {lon:.6f}", rows)


def _is_heap(rows: int, total: int) -> bool:
    return rows >= HEAP_RECORDS and rows > HEAP_SHARE * total


def id_spellings(connection: duckdb.DuckDBPyConnection, records: str) -> Iterator[Note]:
    """Ids of table `merged` that are a number written otherwise than in table `records`."""
    count, one, other = one_row(connection, "incidents/id_spellings", records=records)
    if count:
        yield Note(NoteKind.ID_SPELLINGS, one, count, other)


def clock_changes(connection: duckdb.DuckDBPyConnection, source: Source) -> Iterator[Note]:
    """Times of `incoming` in an hour that a change of clocks leaves out or repeats."""
    moment = source.kind.moment
    first, last = one_row(connection, "incidents/moments_span", moment=moment)
    if first is None:
        return
    hours = [
        {"kind": kind, "start": start, "stop": stop}
        for kind, start, stop in changed_hours(source.timezone, first, last)
    ]
    if not hours:
        return
    statement = load("incidents/clock_changes", moment=moment)
    for kind, count in connection.execute(statement, {"hours": hours}).fetchall():
        yield Note(NoteKind(kind), source.timezone, count)


def changed_hours(
    timezone: str, first: datetime, last: datetime
) -> Iterator[tuple[NoteKind, datetime, datetime]]:
    """Local times that do not exist, or exist twice, with their kind: from start to before stop."""
    zone = ZoneInfo(timezone)
    day = first.replace(hour=0, minute=0, second=0, microsecond=0) - FULL_DAY
    while day <= last:
        before, after = (_offset(moment, zone) for moment in (day, day + FULL_DAY))
        if before != after:
            start = _change(day, before, zone)
            shift = abs(after - before)
            if after > before:
                yield NoteKind.MISSING_HOUR, start, start + shift
            else:
                yield NoteKind.REPEATED_HOUR, start - shift, start
        day += FULL_DAY


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.replace(tzinfo=zone).utcoffset() or timedelta()


def _change(day: datetime, before: timedelta, zone: ZoneInfo) -> datetime:
    """The first local time of a day, on the clock as before, that has another offset."""
    low, high = 0, HOURS_IN_DAY * 60
    while low < high:
        middle = (low + high) // 2
        instant = (day + timedelta(minutes=middle) - before).replace(tzinfo=ZoneInfo("UTC"))
        if instant.astimezone(zone).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return day + timedelta(minutes=low)
