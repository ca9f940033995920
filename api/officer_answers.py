"""What phones ask for: plans of a day, the stops of one, and that their visits are stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import request

from analytics.access.reader import reader_now
from analytics.access_notes import note
from analytics.errors import InputError, UnavailableError
from analytics.formats import short_date
from analytics.one_line import one_line
from analytics.patrol.dosage import SHIFT_MARGIN, shift_times
from analytics.patrol.stored_plans import StoredPlans
from analytics.patrol.stored_visits import FutureVisitError, OfficerVisit, StoredVisits, VisitSource
from analytics.patrol.why_here import arrival_time, why_here
from analytics.services import Services
from analytics.state import State
from analytics.whole_number import whole_number
from api.plan_files import read_plan

MOST_VISITS = 200
NOT_VALID = "A field of the visit is missing or not valid."
ID = re.compile(r"[0-9a-fA-F-]{16,64}")


def plans_of_day(services: Services) -> dict[str, Any]:
    """Plans of a day, and of the day before: its night shift may still run."""
    day = _day(request.args.get("date", ""))
    stored = StoredPlans(_state(services), services.settings)
    days = (day, day - timedelta(days=1)) if day > date.min else (day,)
    found = [one for on in days for one in stored.newest(day=on)]
    return {
        "plans": [
            {
                "plan": one.plan,
                "title": f"{one.shift}, {short_date(one.day)}: {one.reason}",
                "units": one.units,
            }
            for one in found
        ]
    }


def plan_on_phone(services: Services) -> dict[str, Any]:
    """Units and stops of the newest version of a plan."""
    found = read_plan(services)
    version, asked = found.version, found.version.request
    note("plan.viewed", f"{version.plan} version {version.version}", snapshot=version.snapshot)
    _, end = shift_times(version, found.source.timezone)
    radius_m = asked.rules.radius_m
    return {
        "plan": version.plan,
        "version": version.version,
        "title": f"{asked.shift} of {short_date(asked.day)}",
        "notes": list(version.notes),
        "until": (end + SHIFT_MARGIN).astimezone(UTC).isoformat(),
        "units": [
            {
                "unit": unit.unit,
                "area": unit.area,
                "stops": [
                    {
                        "place": one.place,
                        "arrive": arrival_time(one.arrive),
                        "minutes": one.minutes,
                        "why": why_here(one, radius_m),
                        "lat": one.lat,
                        "lon": one.lon,
                    }
                    for one in unit.visits
                ],
            }
            for unit in version.content.units
        ],
    }


def store_visits(services: Services) -> dict[str, Any]:
    """Store visits; says which are stored, now or before, and why others are refused.

    A refused visit has `again` if the same may be stored later: the phone's clock is fast.
    """
    state = _state(services)
    try:
        sent = request.get_json()
    except RecursionError:
        raise InputError("The visits are nested too deeply.") from None
    rows = sent.get("visits") if isinstance(sent, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_VISITS:
        raise InputError(f"Send a list of at most {MOST_VISITS} visits.")
    stored = StoredVisits(state, services.settings)
    plans = StoredPlans(state, services.settings)
    taken, refused = [], []
    for row in rows:
        id = str(row.get("id", ""))[:64] if isinstance(row, dict) else ""  # as the phone knows it
        try:
            visit = _visit(row, plans)
            stored.add([visit], origin=f"plan {visit.plan} unit {visit.unit}")
        except InputError as error:
            again = isinstance(error, FutureVisitError)
            note("visit.refused", id, "refused", error=str(error))
            refused.append({"id": id, "reason": str(error), "again": again})
        else:
            taken.append(id)
    return {"stored": taken, "refused": refused}


def _visit(row: Any, plans: StoredPlans) -> OfficerVisit:
    if not isinstance(row, Mapping) or not ID.fullmatch(str(row.get("id", ""))):
        raise InputError("The visit has no valid id.")
    try:
        numbers = [whole_number(str(row[name])) for name in ("plan", "version", "unit")]
        lat, lon = float(row["lat"]), float(row["lon"])
        started, ended = (_moment(str(row[name])) for name in ("started", "ended"))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError(NOT_VALID) from None
    plan, version, unit = numbers
    if plan is None or version is None or unit is None:
        raise InputError(NOT_VALID)
    if plans.read(plan, version).content.unit(unit) is None:
        raise InputError(f"Plan {plan} has no unit {unit}.")
    texts = {name: one_line(str(row.get(name, ""))) for name in ("place", "note", "person")}
    reader = reader_now()
    if reader is not None and reader.is_person:
        texts["person"] = reader.name  # who signed in, whatever the phone says
    if not texts["person"]:
        raise InputError("Enter your name or badge number.")
    visit = OfficerVisit(
        id=str(row["id"]).lower(),
        plan=plan,
        version=version,
        unit=str(unit),
        lat=lat,
        lon=lon,
        started=started,
        ended=ended,
        source=VisitSource.PHONE,
        **texts,
    )
    visit.refuse_future(datetime.now(UTC))
    return visit


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is None else at.astimezone(UTC)


def _state(services: Services) -> State:
    if services.state_trouble:
        raise UnavailableError(services.state_trouble)
    services.pin()  # says which plans the reader sees
    return services.state


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"date={text[:20]} is not a day such as 2026-11-21.") from None
