"""Units on a map: lines between their stops, marks with a number, in the unit's color."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.patrol.place_edits import LeftOutPlace
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.why_here import arrival_time, why_here
from components.frame.theme import Theme, color
from components.frame.variables import OKABE_ITO


def hue(unit: PlannedUnit) -> int:
    """Which of the colors a unit has; neighbors in number differ."""
    return (unit.unit - 1) % len(OKABE_ITO)


def route_lines(
    shown: Sequence[PlannedUnit], units: Sequence[PlannedUnit], theme: Theme
) -> dict[str, Any]:
    """A line for each unit; those not shown are thin and gray."""
    numbers = {one.unit for one in shown}
    features = [
        _feature(
            "LineString",
            [[one.lon, one.lat] for one in unit.visits],
            id=f"route-{unit.unit}",
            color=OKABE_ITO[hue(unit)] if unit.unit in numbers else color(theme, "outline"),
            muted=unit.unit not in numbers,
        )
        for unit in sorted(units, key=lambda one: one.unit in numbers)
        if len(unit.visits) > 1
    ]
    return _collection(features)


def unit_marks(units: Sequence[PlannedUnit]) -> dict[str, Any]:
    """A mark for each unit at its first stop, with the unit's number."""
    features = [
        _feature(
            "Point",
            [unit.visits[0].lon, unit.visits[0].lat],
            id=str(unit.unit),
            rank=unit.unit,
            hue=hue(unit),
            name=f"Unit {unit.unit}, area {unit.area}",
            tip=f"Unit {unit.unit}, area {unit.area}: {len(unit.visits)} stops from "
            f"{arrival_time(unit.visits[0].arrive)}",
        )
        for unit in units
        if unit.visits
    ]
    return _collection(features)


def stop_marks(unit: PlannedUnit, radius_m: float) -> dict[str, Any]:
    """A mark for each stop of a unit, numbered in order; one for stops at the same place."""
    orders: dict[str, list[int]] = {}
    for number, visit in enumerate(unit.visits, 1):
        orders.setdefault(visit.place, []).append(number)
    features = []
    for place, numbers in orders.items():
        visits = [unit.visits[number - 1] for number in numbers]
        first = visits[0]
        times = " and ".join(arrival_time(one.arrive) for one in visits)
        features.append(
            _feature(
                "Point",
                [first.lon, first.lat],
                id=place,
                rank=numbers[0],
                hue=hue(unit),
                name=f"Stop {', '.join(map(str, numbers))}: {place}",
                tip=f"{times}, {place}: {why_here(first, radius_m)}",
            )
        )
    return _collection(features)


def left_out_points(places: Sequence[LeftOutPlace], theme: Theme) -> dict[str, Any]:
    """Places that analysts left out."""
    return _collection(
        [
            _feature(
                "Point",
                [one.lon, one.lat],
                id=f"left-{one.place}",
                value=4,
                color=color(theme, "unknown"),
                tip=f"Left out: {one.place}. {one.reason}",
            )
            for one in places
        ]
    )


def _feature(kind: str, coordinates: list[Any], **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
