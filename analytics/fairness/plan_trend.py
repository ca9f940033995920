"""How shares of patrol time and of harm differed in stored plans, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date

from analytics.crossfilter.selection import EMPTY
from analytics.errors import InputError
from analytics.fairness.area_weeks import AreaWeeks, read_weeks, year_before
from analytics.fairness.plan_shares import FEWEST_INCIDENTS
from analytics.fairness.share_of_whole import share_to_move
from analytics.fairness.stored_evaluation import PlanPoint
from analytics.incidents.reader import SnapshotReader
from analytics.patrol.stored_plans import PlanVersion

MOST_PLANS = 60


def patrol_time(version: PlanVersion) -> dict[str, float]:
    """Hours of directed patrol by area."""
    return {one.area: one.units * version.request.rules.hours for one in version.content.areas}


def plan_points(reader: SnapshotReader, plans: Sequence[PlanVersion]) -> tuple[PlanPoint, ...]:
    """A point for each plan of the whole city, each against the year before its day.

    Plans with too little data before their day are left out.
    """
    known: dict[tuple[str, date], AreaWeeks] = {}

    def weeks(level: str, day: date) -> AreaWeeks:
        if (level, day) not in known:
            first, number = year_before(reader.snapshot.manifest, day)
            known[level, day] = read_weeks(reader, EMPTY, level, first, number)
        return known[level, day]

    points = []
    for version in plans:
        if version.request.area is None:
            with suppress(InputError):
                points.append(_point(version, weeks))
    return tuple(sorted(points, key=lambda one: (one.day, one.plan)))


def _point(version: PlanVersion, weeks: Callable[[str, date], AreaWeeks]) -> PlanPoint:
    request = version.request
    counted = weeks(request.per, request.day)
    time: Mapping[str, float] = patrol_time(version)
    total = sum(time.values()) or 1.0
    reported, share = counted.reported.sum(axis=1), counted.harm_shares()
    enough = {
        area
        for area, number in zip(counted.areas, reported, strict=True)
        if number >= FEWEST_INCIDENTS and share[area] > 0
    }
    ratios = {area: hours / total / share[area] for area, hours in time.items() if area in enough}
    area = max(ratios, key=lambda one: ratios[one], default="")
    every = sorted({*time, *share})
    moved = share_to_move(
        [time.get(one, 0.0) / total for one in every], [share.get(one, 0.0) for one in every]
    )
    return PlanPoint(
        version.plan,
        request.day,
        request.shift,
        request.units,
        area,
        ratios.get(area),
        float(moved),
    )
