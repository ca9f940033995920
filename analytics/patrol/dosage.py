"""Dosage: minutes that officers spent at the places of a plan, against the minutes planned.

A visit from a phone names its place. An imported one belongs to the nearest planned place within
the plan's radius, if it started in the plan's shift; all others are elsewhere. An imported visit
while a phone records one at the same place is the same stop: call signs are not numbers of units,
and no two units of a plan are at one place at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy.spatial import cKDTree

from analytics.incidents.manifest import Manifest
from analytics.incidents.projection import local_xy
from analytics.patrol.stored_plans import PlanVersion
from analytics.patrol.stored_visits import OfficerVisit, StoredVisits, VisitSource

SHIFT_MARGIN = timedelta(hours=1)
"""Visits on phones may start so much before or after the shift: officers begin early or stay on."""
FAR_DEGREES = 1.0
"""Visits so far from all places are elsewhere: a faulty position may not even be projected."""


@dataclass(frozen=True)
class PlaceDosage:
    """One place of the plan.

    Attributes
    ----------
    units : numbers of the units that are to stop there
    planned_visits, planned_minutes : of the plan
    visits, minutes : as recorded
    """

    place: str
    lat: float
    lon: float
    units: tuple[int, ...]
    planned_visits: int
    planned_minutes: float
    visits: int
    minutes: float


@dataclass(frozen=True)
class VisitNote:
    """What an officer wrote at a visit; `started` is ISO 8601 in UTC."""

    place: str
    unit: str
    person: str
    started: str
    note: str


@dataclass(frozen=True)
class Dosage:
    """Dosage of a plan's shift.

    Attributes
    ----------
    places : in the order of the plan
    elsewhere_visits, elsewhere_minutes : recorded for the plan or its shift at other places
    outside_visits, outside_minutes : on phones, over `SHIFT_MARGIN` before or after the shift; they
        are in no other figure
    recorded_twice : imported visits that are left out, as a phone recorded the same stop
    notes : of all these visits, oldest first
    """

    places: tuple[PlaceDosage, ...] = field(repr=False)
    elsewhere_visits: int
    elsewhere_minutes: float
    outside_visits: int = 0
    outside_minutes: float = 0.0
    recorded_twice: int = 0
    notes: tuple[VisitNote, ...] = field(default=(), repr=False)

    @property
    def planned_minutes(self) -> float:
        """Minutes of all planned stops."""
        return sum(one.planned_minutes for one in self.places)

    @property
    def minutes(self) -> float:
        """Minutes recorded at planned places."""
        return sum(one.minutes for one in self.places)

    @property
    def visits(self) -> int:
        """Visits recorded at planned places."""
        return sum(one.visits for one in self.places)

    @property
    def places_visited(self) -> int:
        """Planned places with at least one visit."""
        return sum(one.visits > 0 for one in self.places)

    def as_json(self) -> dict[str, Any]:
        """As `patroliq visits dosage --json` prints it."""
        sums = ("planned_minutes", "minutes", "visits", "places_visited")
        return {**asdict(self), **{name: getattr(self, name) for name in sums}}


def read_dosage(stored: StoredVisits, version: PlanVersion, manifest: Manifest) -> Dosage:
    """Dosage of a plan's version.

    Parameters
    ----------
    manifest : of the data, with the clock of the plan's times and the local coordinate system
    """
    start, end = shift_times(version, manifest.source.timezone)
    first, last = start - SHIFT_MARGIN, end + SHIFT_MARGIN
    inside: list[OfficerVisit] = []
    outside: list[OfficerVisit] = []
    for one in stored.of_plan(version.plan):
        (inside if first <= one.started < last else outside).append(one)
    visits = [*inside, *stored.imported(start, end)]
    return dosage(version, visits, outside, crs_local=manifest.crs_local)


def shift_times(version: PlanVersion, timezone: str) -> tuple[datetime, datetime]:
    """First minute of the plan's shift, and the first after it."""
    day = version.request.day.isoformat()
    local = datetime.fromisoformat(f"{day}T{version.content.shift_start}")
    start = local.replace(tzinfo=ZoneInfo(timezone))
    return start, start + timedelta(minutes=version.content.shift_minutes)


def dosage(
    version: PlanVersion,
    visits: Sequence[OfficerVisit],
    outside: Sequence[OfficerVisit] = (),
    *,
    crs_local: str,
) -> Dosage:
    """Dosage from the visits of a shift, and from those on phones outside of it.

    Of a part of a plan, only from visits at its places.
    """
    planned = _planned(version)
    places = _places_of(visits, planned, version.request.rules.radius_m, crs_local)
    placed = list(zip(visits, places, strict=True))
    if version.is_part:
        placed = [(visit, place) for visit, place in placed if place is not None]
        visits = [visit for visit, _ in placed]
        outside = [visit for visit in outside if visit.place in planned]
    phones: dict[str, list[OfficerVisit]] = {}
    for visit, place in placed:
        if place is not None and visit.source is VisitSource.PHONE:
            phones.setdefault(place, []).append(visit)
    once = [(visit, place) for visit, place in placed if not _on_a_phone_too(visit, place, phones)]
    at: dict[str, list[float]] = {place: [] for place in planned}
    elsewhere: list[float] = []
    for visit, place in once:
        (elsewhere if place is None else at[place]).append(visit.minutes)
    return Dosage(
        tuple(
            replace(one, visits=len(at[place]), minutes=sum(at[place]))
            for place, one in planned.items()
        ),
        len(elsewhere),
        sum(elsewhere),
        len(outside),
        sum(one.minutes for one in outside),
        len(placed) - len(once),
        tuple(
            VisitNote(one.place, one.unit, one.person, one.started.isoformat(), one.note)
            for one in sorted([*visits, *outside], key=lambda one: one.started)
            if one.note
        ),
    )


def _planned(version: PlanVersion) -> dict[str, PlaceDosage]:
    """Places of the plan, without visits."""
    planned: dict[str, PlaceDosage] = {}
    for unit in version.content.units:
        for stop in unit.visits:
            before = planned.get(stop.place)
            planned[stop.place] = PlaceDosage(
                stop.place,
                stop.lat,
                stop.lon,
                tuple(sorted({*(before.units if before else ()), unit.unit})),
                (before.planned_visits if before else 0) + 1,
                (before.planned_minutes if before else 0.0) + stop.minutes,
                0,
                0.0,
            )
    return planned


def _on_a_phone_too(
    visit: OfficerVisit, place: str | None, phones: Mapping[str, Sequence[OfficerVisit]]
) -> bool:
    """Whether a visit is imported, and a phone recorded one at the same place at that time.

    Parameters
    ----------
    phones : visits of phones by planned place
    """
    return (
        visit.source is VisitSource.IMPORT
        and place is not None
        and any(
            other.started < visit.ended and visit.started < other.ended
            for other in phones.get(place, ())
        )
    )


def _places_of(
    visits: Sequence[OfficerVisit],
    planned: Mapping[str, PlaceDosage],
    radius_m: float,
    crs_local: str,
) -> list[str | None]:
    """The planned place of each visit: the one it names, else the nearest within the radius."""
    found = [one.place if one.plan is not None and one.place in planned else None for one in visits]
    places = np.array([(one.lat, one.lon) for one in planned.values()]).reshape(-1, 2)
    at = np.array([(one.lat, one.lon) for one in visits]).reshape(-1, 2)
    unnamed = np.array([one is None for one in found], dtype=bool)
    if not len(places) or not unnamed.any():
        return found
    low, high = places.min(axis=0) - FAR_DEGREES, places.max(axis=0) + FAR_DEGREES
    near = np.flatnonzero(unnamed & ((at >= low) & (at <= high)).all(axis=1))
    apart, nearest = cKDTree(local_xy(places, crs_local)).query(local_xy(at[near], crs_local))
    names = list(planned)
    for visit, meters, place in zip(near, apart, nearest, strict=True):
        if meters <= radius_m:
            found[visit] = names[place]
    return found
