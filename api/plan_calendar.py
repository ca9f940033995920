"""A stored plan as a calendar, an event for each stop (RFC 5545).

Times are in UTC, so that no definition of a time zone is needed. An event keeps its UID in later
versions of the plan, and its SEQUENCE rises: a calendar that reads both shows the later one. A stop
that only earlier versions have is an event that is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from analytics.patrol.plan_content import PlannedUnit, PlannedVisit
from analytics.patrol.stored_plans import PlanVersion
from analytics.patrol.why_here import why_here

LONGEST_LINE = 75
"""Octets of a line, without its end (section 3.1)."""
STAMP = "%Y%m%dT%H%M%SZ"


def calendar_text(
    version: PlanVersion,
    units: Sequence[PlannedUnit],
    timezone: str,
    earlier: Sequence[PlanVersion] = (),
) -> str:
    """The calendar, with its lines folded and ended by CRLF.

    Parameters
    ----------
    timezone : of the plan's times, such as America/Chicago
    earlier : earlier versions of the plan, oldest first
    """
    asked = version.request
    name = f"Patrol {asked.day} {asked.shift}, plan {version.plan}"
    return calendar_of(name, events_of(version, units, timezone, earlier))


def events_of(
    version: PlanVersion,
    units: Sequence[PlannedUnit],
    timezone: str,
    earlier: Sequence[PlanVersion] = (),
) -> Iterator[str]:
    """Lines of the events of a plan; parameters are those of `calendar_text`."""
    for unit in units:
        events = partial(_event, version, unit.unit, ZoneInfo(timezone))
        for order, visit in enumerate(unit.visits, 1):
            yield from events(order, visit, status="CONFIRMED")
        for order, visit in _gone(unit, earlier).items():
            yield from events(order, visit, status="CANCELLED")


def calendar_of(name: str, events: Iterable[str], refreshed: str = "") -> str:
    """A calendar of events, with its lines folded and ended by CRLF.

    Parameters
    ----------
    refreshed : how often a program should ask again, such as PT1H (RFC 7986); empty for never
    """
    often = [f"REFRESH-INTERVAL;VALUE=DURATION:{refreshed}", f"X-PUBLISHED-TTL:{refreshed}"]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//PatrolIQ//Patrol plan//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        *(often if refreshed else ()),
        *events,
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _gone(unit: PlannedUnit, earlier: Sequence[PlanVersion]) -> dict[int, PlannedVisit]:
    """Stops of earlier versions after the unit's last one, by their number."""
    found: dict[int, PlannedVisit] = {}
    for version in earlier:
        before = version.content.unit(unit.unit)
        found.update(enumerate(before.visits if before else (), 1))
    return {order: visit for order, visit in found.items() if order > len(unit.visits)}


def _event(
    version: PlanVersion, unit: int, zone: ZoneInfo, order: int, visit: PlannedVisit, *, status: str
) -> Iterator[str]:
    stamp = datetime.fromisoformat(version.at).astimezone(UTC)
    day, radius_m = version.request.day, version.request.rules.radius_m
    local = version.content.arrival(day, visit).replace(tzinfo=zone)
    start = local.astimezone(UTC)
    why = f"{why_here(visit, radius_m)} Not for publication."
    yield from (
        "BEGIN:VEVENT",
        f"UID:plan-{version.plan}-unit-{unit}-stop-{order}@patroliq",
        f"SEQUENCE:{version.version - 1}",
        f"STATUS:{status}",
        f"DTSTAMP:{stamp:{STAMP}}",
        f"DTSTART:{start:{STAMP}}",
        f"DTEND:{start + timedelta(minutes=visit.minutes):{STAMP}}",
        f"SUMMARY:{escaped(f'Unit {unit}, stop {order}: {visit.place}')}",
        f"LOCATION:{escaped(visit.place)}",
        f"GEO:{visit.lat:.6f};{visit.lon:.6f}",
        f"DESCRIPTION:{escaped(why)}",
        "CLASS:CONFIDENTIAL",
        "END:VEVENT",
    )


def escaped(text: str) -> str:
    """A text value (section 3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """Parts of a line of at most `LONGEST_LINE` octets; all but the first begin with a space."""
    room, part = LONGEST_LINE, ""
    for mark in line:
        if len((part + mark).encode()) > room:
            yield part
            part = " "
        part += mark
    yield part
