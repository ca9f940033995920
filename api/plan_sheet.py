"""Printable sheets of a plan: one page for each unit, on Letter or A4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from analytics.formats import clock_time, moment, short_date
from analytics.incidents.manifest import SourceInfo
from analytics.notes import WrittenNote
from analytics.patrol.plan_content import PlannedUnit, PlannedVisit
from analytics.patrol.stored_plans import PlanVersion
from analytics.patrol.why_here import why_here
from api.stop_map import stop_map

WARNING = "Not for publication: for the officers of this shift only."
EXPOSURE = (
    "Expected incidents are those that a stop is near, not those that it prevents. A place on this "
    "sheet does not justify a stop or a search."
)

MOST_NOTES = 4
"""Notes on a sheet, the newest ones: it is one page of paper."""


def sheet_page(
    version: PlanVersion,
    units: Sequence[PlannedUnit],
    source: SourceInfo,
    notes: Sequence[WrittenNote] = (),
) -> str:
    """The HTML of the sheets, each with the notes about the plan."""
    written = "".join(f"<p>{escape(_note(one))}</p>" for one in notes[:MOST_NOTES])
    if len(notes) > MOST_NOTES:
        written += f"<p>{len(notes) - MOST_NOTES} earlier ones are on the page Patrol.</p>"
    sheets = "".join(_sheet(version, unit, source, written) for unit in units)
    title = f"Plan {version.plan} version {version.version}"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/assets/alone/sheet.css">'
        f"</head><body><main>{sheets}</main></body></html>"
    )


def _sheet(version: PlanVersion, unit: PlannedUnit, source: SourceInfo, notes: str) -> str:
    asked = version.request
    rows = "".join(_row(version, order, one) for order, one in enumerate(unit.visits, 1))
    stops = (
        '<table><thead><tr><th scope="col">Stop</th><th scope="col">Time</th>'
        '<th scope="col">Place, and why here</th><th scope="col">Notes</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        if unit.visits
        else "<p>No stops.</p>"
    )
    synthetic = " · SYNTHETIC DATA" if source.synthetic else ""
    return (
        f'<article class="sheet" aria-label="Unit {unit.unit}"><header><div>'
        f"<h1>Unit {unit.unit} · area {escape(unit.area)}</h1>"
        f"<p>{escape(asked.shift)} of {escape(short_date(asked.day))}, {escape(source.title)}</p>"
        f'<p class="warning">{escape(WARNING)}{synthetic}</p><p>{escape(EXPOSURE)}</p></div>'
        f"{stop_map(unit.visits)}</header>{stops}"
        f'<section class="notes"><h2>Notes</h2>{notes}</section>'
        f"<footer>{escape(_about(version))}</footer></article>"
    )


def _row(version: PlanVersion, order: int, visit: PlannedVisit) -> str:
    arrive = version.content.arrival(version.request.day, visit)
    leave = arrive + timedelta(minutes=visit.minutes)
    why = why_here(visit, version.request.rules.radius_m)
    return (
        f'<tr><th scope="row">{order}</th><td class="time">{escape(_clock(arrive))} to '
        f"{escape(_clock(leave))}</td><td><strong>{escape(visit.place)}</strong><br>"
        f'<span class="why">{escape(why)}</span></td><td></td></tr>'
    )


def _about(version: PlanVersion) -> str:
    made = moment(datetime.fromisoformat(version.at))
    return (
        f"Plan {version.plan}, version {version.version}, by {version.person}, {made}: "
        f"{version.reason}. Model: {version.model}. Data: snapshot {version.snapshot}. "
        f"{' '.join(version.notes)}"
    )


def _note(one: WrittenNote) -> str:
    return f"{one.text} ({one.person}, {moment(datetime.fromisoformat(one.at))})"


def _clock(at: datetime) -> str:
    return clock_time(at.hour + at.minute / 60)
