"""What a reader who sees only some incidents sees of a plan: no count of incidents.

Plans are made from all incidents. Where and when units stop is shown, to a reader of some areas
that of units in these; the incidents around a stop are counted again from what the reader sees
(`own_recent`), and others are left out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from analytics.access.stored_results import SeenResults
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.incidents.projection import local_xy
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.patrol.demand import FILE, ShiftTimes, read_demand, read_exclusions
from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_content import (
    DISCOUNTED_COUNTS,
    PlanContent,
    PlannedArea,
    PlannedUnit,
    UnitStep,
)
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.recent_incidents import RECENT_DAYS, RecentIncidents
from analytics.settings import Settings

DIGITS, DIGITS_OF_COUNTS = 2, 1
"""Of expected incidents by a model, and by discounted counts, which tell more of what happened."""
OWN_COUNTS = "Incidents around stops are counted from those that you may see."

IN_AREAS = "Only units in your areas are shown."


def part_in_areas(content: PlanContent, keys: Collection[str]) -> PlanContent | None:
    """The part of a plan in some of its areas; None where it has no unit there."""
    units = tuple(one for one in content.units if one.area in keys)
    if not units:
        return None
    more = content.one_more
    return replace(
        content,
        units=units,
        areas=tuple(one for one in content.areas if one.area in keys),
        curve=tuple(one for one in content.curve if one.area in keys),
        one_more=more if more is not None and more.area in keys else None,
    )


def edits_of_part(edits: PlaceEdits, part: PlanContent) -> PlaceEdits:
    """Changes of the places at which the units of a part stop."""
    places = {visit.place for unit in part.units for visit in unit.visits}
    return PlaceEdits(
        tuple(one for one in edits.added if one.place in places),
        tuple(one for one in edits.pinned if one in places),
    )


def seen_content(content: PlanContent, seen: SeenResults) -> PlanContent:
    """A plan without its counts, and with expected incidents of few digits."""
    if seen.counts:
        return content
    digits = digits_of(content.forecast)

    def shown_area(area: PlannedArea) -> PlannedArea:
        return replace(
            area,
            captured=rounded(area.captured, digits),
            bound=rounded(area.bound, digits),
            expected=rounded(area.expected, digits),
        )

    def shown_unit(unit: PlannedUnit) -> PlannedUnit:
        visits = (
            replace(one, recent=None, busiest_hour=None, expected=rounded(one.expected, digits))
            for one in unit.visits
        )
        return replace(unit, visits=tuple(visits))

    def shown_step(step: UnitStep) -> UnitStep:
        return replace(step, adds=rounded(step.adds, digits))

    return replace(
        content,
        units=tuple(map(shown_unit, content.units)),
        areas=tuple(map(shown_area, content.areas)),
        curve=tuple(map(shown_step, content.curve)),
        one_more=None if content.one_more is None else shown_step(content.one_more),
        left_out=(),
        share_limit=None,
    )


def digits_of(forecast: str) -> int:
    """Digits of the expected incidents of a plan that was made with a forecast."""
    return DIGITS_OF_COUNTS if forecast == DISCOUNTED_COUNTS else DIGITS


def rounded(expected: float, digits: int) -> float:
    """Expected incidents with so many digits."""
    return float(f"{expected:.{digits}g}")


def with_own_counts(
    content: PlanContent, request: PlanRequest, recent: RecentIncidents, crs_local: str
) -> PlanContent:
    """A plan with the incidents around its stops as the reader sees them."""

    def counted(unit: PlannedUnit) -> PlannedUnit:
        if not unit.visits:
            return unit
        xy = local_xy([(one.lat, one.lon) for one in unit.visits], crs_local)
        around = recent.around(xy, request.rules.radius_m)
        visits = (
            replace(visit, recent=number, busiest_hour=hour)
            for visit, (number, hour) in zip(unit.visits, around, strict=True)
        )
        return replace(unit, visits=tuple(visits))

    return replace(content, units=tuple(map(counted, content.units)))


def own_recent(
    reader: SnapshotReader,
    vocabulary: Vocabulary,
    target: Selection,
    request: PlanRequest,
    settings: Settings,
) -> RecentIncidents | None:
    """The incidents of a plan's shift in the year before it that the reader sees.

    None where there are none, or the data does not have the plan's shift.
    """
    manifest = reader.snapshot.manifest
    end = min(request.day, (manifest.last_day or request.day) + timedelta(days=1))
    year = EMPTY.replace("date", _days_around(end))
    try:
        demand = read_demand(
            reader,
            read_exclusions(find_table(FILE, settings.own_tables), vocabulary),
            ShiftTimes.of(DayClock.of(manifest), request.shift),
            target=target,
            level=request.per,
            proactive=request.proactive,
            scope=Scope(year),
        )
    except InputError:
        return None
    return RecentIncidents.of(demand, request.day)


def _days_around(end: date) -> Period:
    """The year before a day, and a day around it for shifts that pass midnight."""
    return Period(end - timedelta(days=RECENT_DAYS + 1), end)
