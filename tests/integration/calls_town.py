"""A small town's calls for service, written by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
kind = "calls"
name = "town"
title = "Town, calls"
timezone = "UTC"
unit_of_count = "call"
dispatch_filled = true
[columns]
id = "id"
received = "received"
dispatched = "dispatched"
on_scene = "arrived"
cleared = "cleared"
updated = "updated"
type = "type"
priority = "priority"
disposition = "result"
beat = "beat"
units = "units"
on_view = "source"
canceled = "result"
duplicate = "result"
other_agency = "agency"
point = "place"
[dates]
formats = ["%Y-%m-%d %H:%M:%S"]
[flags.on_view]
true = ["officer"]
false = "*"
[flags.canceled]
true = ["CAN"]
false = ["*", ""]
[flags.duplicate]
true = ["DUP"]
false = ["*", ""]
[flags.other_agency]
true = "*"
false = ["Police"]
"""
HEADER = (
    "id,received,dispatched,arrived,cleared,updated,type,priority,result,beat,units,source,agency,"
    "place"
)


def call(
    identifier: str,
    received: str = "10:00",
    dispatched: str = "10:05",
    arrived: str = "10:15",
    cleared: str = "10:45",
    *,
    updated: str = "12:00",
    day: str = "2024-03-04",
    kind: str = "ALARM",
    priority: str = "1",
    result: str = "REP",
    beat: str = "A1",
    units: str = "",
    source: str = "caller",
    agency: str = "Police",
    place: str = "POINT (-87.65 41.9)",
) -> str:
    """A line of the file; times are hours and minutes of the day, or whole, or empty."""

    def moment(text: str) -> str:
        return f"{day} {text}:00" if len(text) == 5 else text

    times = [moment(text) for text in (received, dispatched, arrived, cleared, updated)]
    return ",".join(
        [identifier, *times, kind, priority, result, beat, units, source, agency, place]
    )


EVERY_STATE = (
    call("answered"),
    call("two units", units="2"),
    call("over midnight", "23:20", "23:30", "23:40", "2024-03-05 01:15:00"),
    call("on view", "11:00", "11:00", "11:00", "11:20", source="officer"),
    call("waiting", "11:30", "11:40", "", "", updated="11:50"),
    call("nobody came", "12:00", "12:10", "", "12:30"),
    call("canceled", "13:00", "13:05", "13:10", "13:20", result="CAN"),
    call("duplicate", "13:00", "13:05", "13:10", "13:20", result="DUP"),
    call("sheriff", "13:00", "13:05", "13:10", "13:20", agency="Sheriff"),
    call("cleared too early", "14:00", "14:05", "14:20", "14:10"),
    call("never cleared", "14:00", "14:05", "14:20", "2024-03-06 15:00:00"),
    call("no place", place="", beat=""),
)


FIRST = date(2024, 1, 1)  # a Monday
DAYS = 72  # with the first and the last, which are not whole
WHOLE = DAYS - 2


def town_lines() -> list[str]:
    """Ten weeks: in beat A1 one call a day at 10:00, on Fridays two at 23:30; on view at 12:00.

    Each keeps a unit for 90 minutes, from 5 minutes after it was received; of beat B2 one a week.
    """
    lines = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        own = {"day": day.isoformat(), "updated": f"{day + timedelta(days=1)} 12:00:00"}
        lines.append(call(f"m{number}", "10:00", "10:05", "10:15", "11:35", **own))
        lines.append(
            call(f"o{number}", "12:00", "12:00", "12:00", "12:30", source="officer", **own)
        )
        if day.isoweekday() == 5:
            after = f"{day + timedelta(days=1)} 01:05:00"
            lines += [
                call(f"f{number}-{at}", "23:30", "23:35", "23:55", after, priority="2", **own)
                for at in range(2)
            ]
            lines.append(call(f"b{number}", "10:00", "10:05", "10:20", "11:35", beat="B2", **own))
    return lines


def town(path: Path) -> Source:
    """The town's source, written to a file."""
    path.write_text(TOWN, encoding="utf-8")
    return Source.parse(TOWN, path)


def ingest_calls(settings: Settings, folder: Path, *lines: str) -> IngestReport:
    """Ingest lines of calls, as one file."""
    path = folder / "calls.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return ingest([path], town(folder / "town.toml"), settings)
