"""Visits of a CSV file from a dispatch system or vehicle location: read, or refused with a reason.

Columns are found by their names; times are of the agency's clock unless they have an offset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.errors import InputError
from analytics.layers.csv_features import LAT_NAMES, LON_NAMES
from analytics.one_line import one_line
from analytics.patrol.stored_visits import NotAVisitError, OfficerVisit, RefusedVisit, VisitSource
from analytics.strict_csv import numbered_rows

MOST_BYTES = 50_000_000
MOST_ROWS = 500_000
NAMES: Mapping[str, Sequence[str]] = {
    "unit": ("unit", "unit_id", "call_sign", "callsign", "vehicle"),
    "lat": LAT_NAMES,
    "lon": LON_NAMES,
    "started": ("started", "start", "arrived", "on_scene", "onscene", "arrival"),
    "ended": ("ended", "end", "cleared", "departed", "left"),
}
OPTIONAL: Mapping[str, Sequence[str]] = {
    "place": ("place", "location", "address"),
    "note": ("note", "notes", "remarks", "comment"),
    "person": ("person", "officer", "badge"),
}
FORMATS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p")
"""Formats besides ISO 8601."""


@dataclass(frozen=True)
class VisitFile:
    """What was read from a file."""

    visits: tuple[OfficerVisit, ...] = field(repr=False)
    refused: tuple[RefusedVisit, ...] = field(repr=False)


class _ColumnError(InputError):
    """A value that cannot be read; `column` is its name in the file."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read_visits(path: Path, timezone: str, now: datetime | None = None) -> VisitFile:
    """Read a CSV file.

    Parameters
    ----------
    timezone : of times without an offset, such as America/Chicago
    now : visits after it are refused; the present by default

    Raises
    ------
    InputError
        The file cannot be read, is too large, or lacks a column.
    """
    rows = numbered_rows(path, MOST_BYTES, MOST_ROWS)
    _, header = next(rows, (1, []))
    columns = _columns(path, header)
    found: list[OfficerVisit] = []
    refused: list[RefusedVisit] = []
    zone, until = ZoneInfo(timezone), now or datetime.now(UTC)
    for line, fields in rows:
        row = dict(zip(header, fields, strict=False))
        try:
            if len(fields) != len(header):
                reason = f"the row has {len(fields)} fields, the header {len(header)}"
                raise _ColumnError("", reason)
            visit = _visit(row, columns, zone)
            visit.refuse_future(until)
        except _ColumnError as error:
            refused.append(_refused(path, line, error.column, str(error), row))
        except NotAVisitError as error:
            column = columns.get(error.field, "")
            refused.append(_refused(path, line, column, str(error), row))
        else:
            found.append(visit)
    return VisitFile(tuple(found), tuple(refused))


def _columns(path: Path, header: Sequence[str]) -> dict[str, str]:
    """Name of the column of each field."""
    by_name = {name.strip().casefold(): name for name in header}
    columns: dict[str, str] = {}
    for name, known in {**NAMES, **OPTIONAL}.items():
        own = next((by_name[one] for one in known if one in by_name), None)
        if own is not None:
            columns[name] = own
        elif name in NAMES:
            raise InputError(f"{path}, line 1: no column is named {', '.join(known)}.")
    folded = [name.strip().casefold() for name in header]
    for own in columns.values():
        if folded.count(own.strip().casefold()) > 1:
            raise InputError(f"{path}, line 1: several columns are named {own!r}.")
    return columns


def _visit(row: Mapping[str, str], columns: Mapping[str, str], zone: ZoneInfo) -> OfficerVisit:
    texts = {name: one_line(row[column]) for name, column in columns.items()}
    lat, lon = (_number(columns[name], texts[name]) for name in ("lat", "lon"))
    started, ended = (_time(columns[name], texts[name], zone) for name in ("started", "ended"))
    content = "|".join((texts["unit"], f"{lat:.6f}", f"{lon:.6f}", str(started), str(ended)))
    return OfficerVisit(
        id=hashlib.sha256(content.encode()).hexdigest()[:40],
        plan=None,
        version=None,
        unit=texts["unit"],
        place=texts.get("place", ""),
        lat=lat,
        lon=lon,
        started=started,
        ended=ended,
        note=texts.get("note", ""),
        person=texts.get("person", ""),
        source=VisitSource.IMPORT,
    )


def _number(column: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _ColumnError(column, f"{text[:40]!r} is not a number") from None


def _time(column: str, text: str, zone: ZoneInfo) -> datetime:
    for read in (datetime.fromisoformat, *(_by(one) for one in FORMATS)):
        try:
            at = read(text)
            return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):  # year 1 has times before the first
            continue
    raise _ColumnError(
        column, f"{text[:40]!r} is not a time such as 2026-11-21 14:05 or 11/21/2026 2:05 PM"
    )


def _by(pattern: str):  # type: ignore[no-untyped-def]
    return lambda text: datetime.strptime(text, pattern)


def _refused(
    path: Path, line: int, column: str, reason: str, row: Mapping[str, object]
) -> RefusedVisit:
    kept = {str(name): str(value)[:200] for name, value in row.items()}
    return RefusedVisit(path.name, line, column, reason, kept)
