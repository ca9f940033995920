"""A stored plan as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from analytics.incidents.manifest import SourceInfo
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_plans import PlanVersion
from analytics.patrol.why_here import why_here

WARNING = "Patrol plan: not for publication. It shows exposure, not prevention."


def plan_features(
    version: PlanVersion, units: Sequence[PlannedUnit], source: SourceInfo
) -> dict[str, Any]:
    """A point for each stop, a line for each unit's route, a point for each place left out."""
    features = [one for unit in units for one in _of_unit(version, unit)]
    features += [
        _feature("Point", [one.lon, one.lat], kind="left out", place=one.place, reason=one.reason)
        for one in version.edits.left_out
    ]
    return {"type": "FeatureCollection", "patroliq": _about(version, source), "features": features}


def _about(version: PlanVersion, source: SourceInfo) -> dict[str, Any]:
    names = ("plan", "version", "at", "person", "reason", "snapshot", "model")
    return {
        **{name: getattr(version, name) for name in names},
        "date": version.request.day.isoformat(),
        "shift": version.request.shift,
        "rules": asdict(version.request.rules),
        "timezone": source.timezone,
        "synthetic": source.synthetic,
        "notes": list(version.notes),
        "warning": WARNING,
    }


def _of_unit(version: PlanVersion, unit: PlannedUnit) -> list[dict[str, Any]]:
    own = {"unit": unit.unit, "area": unit.area}
    day, radius_m = version.request.day, version.request.rules.radius_m
    stops = [
        _feature(
            "Point",
            [visit.lon, visit.lat],
            kind="stop",
            **own,
            order=order,
            place=visit.place,
            arrive=version.content.arrival(day, visit).isoformat(),
            minutes=visit.minutes,
            expected=visit.expected,
            pinned=visit.pinned,
            why=why_here(visit, radius_m),
        )
        for order, visit in enumerate(unit.visits, 1)
    ]
    if len(unit.visits) < 2:
        return stops
    line = [[visit.lon, visit.lat] for visit in unit.visits]
    return [*stops, _feature("LineString", line, kind="route", **own)]


def _feature(kind_of: str, coordinates: list[Any], **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind_of, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
