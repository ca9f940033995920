"""Sheets, briefing, GeoJSON and the calendar of the plan that a request names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from flask import Response, request

from analytics.access.reader import current_reader
from analytics.access_notes import note
from analytics.briefing_answers import BriefingAnswers
from analytics.errors import InputError, UnavailableError
from analytics.incidents.manifest import SourceInfo
from analytics.notes import NoteAbout, Notes
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_plans import PlanVersion, StoredPlans
from analytics.plan_answers import with_seen_counts
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from api.exports import pin_data
from api.plan_briefing import briefing_page
from api.plan_calendar import calendar_of, calendar_text, events_of
from api.plan_features import plan_features
from api.plan_sheet import sheet_page

IN_FEED = 30
REFRESHED = "PT1H"


@dataclass(frozen=True)
class AskedPlan:
    """A version of a plan, the units that are requested, and the data being served."""

    version: PlanVersion
    units: tuple[PlannedUnit, ...]
    pinned: Pinned = field(repr=False)

    @property
    def source(self) -> SourceInfo:
        return self.pinned.snapshot.manifest.source

    def note_print(self, what: str) -> None:
        """Note for the audit log that it is printed."""
        version = self.version
        units = [unit.unit for unit in self.units]
        subject = f"{version.plan} version {version.version}"
        note("plan.printed", subject, what=what, units=units, snapshot=version.snapshot)


def read_plan(services: Services) -> AskedPlan:
    """Read `plan`, `version` (the newest by default) and `unit` (all by default) of the query.

    Raises
    ------
    InputError
        One of them is not valid, or not there.
    UnavailableError
        There is no data, or no state database.
    """
    plan = _number("plan")
    if plan is None:
        raise InputError("Name a plan, such as ?plan=12&version=1.")
    return plan_of(services, plan)


def plan_of(services: Services, plan: int) -> AskedPlan:
    """A plan as the reader sees it, with `version` and `unit` of the query.

    Raises
    ------
    InputError
        One of them is not valid, or not there.
    UnavailableError
        There is no data, or no state database.
    """
    pinned, stored = plans_of(services)
    version, unit = (_number(name) for name in ("version", "unit"))
    found = with_seen_counts(stored.read(plan, version), pinned, services.settings)
    units = found.content.units
    if unit is not None:
        units = tuple(one for one in units if one.unit == unit)
        if not units:
            raise InputError(f"Plan {plan} version {found.version} has no unit {unit}.")
    return AskedPlan(found, units, pinned)


def plans_of(services: Services) -> tuple[Pinned, StoredPlans]:
    """The data being served, which says what of plans the reader sees, and all plans.

    Raises
    ------
    UnavailableError
        There is no data, or no state database.
    """
    pinned = pin_data(services)
    if services.state_trouble:
        raise UnavailableError(services.state_trouble)
    return pinned, StoredPlans(services.state, services.settings)


def sheets(services: Services) -> Response:
    """Printable sheets."""
    asked = read_plan(services)
    asked.note_print("sheets")
    own = current_reader().sees_a_part
    notes = Notes(services.state, services.settings).about(
        NoteAbout.PLAN, [str(asked.version.plan)], own=own
    )
    return _page(sheet_page(asked.version, asked.units, asked.source, notes))


def briefing(services: Services) -> Response:
    """The briefing as saved, or its draft."""
    asked = read_plan(services)
    asked.note_print("briefing")
    answers = BriefingAnswers(services.state, services.settings, asked.pinned)
    return _page(briefing_page(answers.shown(asked.version), asked.source))


def geojson(services: Services) -> Response:
    """Stops and routes, and the places that analysts left out."""
    asked = read_plan(services)
    found = plan_features(asked.version, asked.units, asked.source)
    body = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return _file(asked, body, "application/geo+json", "geojson")


def calendar(services: Services) -> Response:
    """Stops as events; those that only earlier versions have are cancelled."""
    asked = read_plan(services)
    stored = StoredPlans(services.state, services.settings)
    body = calendar_text(
        asked.version, asked.units, asked.source.timezone, _earlier(stored, asked.version)
    )
    return _file(asked, body, "text/calendar", "ics")


def feed(services: Services) -> Response:
    """Stops of the newest plans as events, to which a calendar subscribes."""
    pinned, stored = plans_of(services)
    timezone = pinned.snapshot.manifest.source.timezone
    events: list[str] = []
    plans = stored.newest(IN_FEED)
    for one in plans:
        version = with_seen_counts(stored.read(one.plan), pinned, services.settings)
        earlier = _earlier(stored, version)
        events += events_of(version, version.content.units, timezone, earlier)
    note("api.read", request.path, snapshot=pinned.id, rows=len(plans))
    body = calendar_of("Patrol plans", events, REFRESHED)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _earlier(stored: StoredPlans, version: PlanVersion) -> list[PlanVersion]:
    return [one for one in stored.versions(version.plan) if one.version < version.version]


def _number(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise InputError(f"{name}={text[:20]} is not a number.")
    return number


def _page(body: str) -> Response:
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _file(asked: AskedPlan, body: str, content_type: str, ending: str) -> Response:
    response = Response(body, content_type=f"{content_type}; charset=utf-8")
    version = asked.version
    name = f"patroliq-plan-{version.plan}-v{version.version}-{version.request.day}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-PatrolIQ-Snapshot"] = version.snapshot
    return response
