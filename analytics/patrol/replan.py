"""A plan with an analyst's changes: routes of the areas they touch are planned again.

Units stay in their areas, and all other areas stay as they were. Figures come from the same code as
those of a new plan.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from math import isclose

import numpy as np
import pyproj
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.incidents.projection import WGS84, local_xy
from analytics.patrol.capture_curves import search_seed
from analytics.patrol.city import PatrolCity
from analytics.patrol.demand import ShiftTimes
from analytics.patrol.place_edits import LatLon, PlaceEdits
from analytics.patrol.places import DemandedSpots
from analytics.patrol.plan import PlanSource, planned_area, planned_units
from analytics.patrol.plan_content import PlanContent, PlannedArea, PlannedUnit
from analytics.patrol.routes import Effort
from analytics.patrol.spots import Spots, positions_of

FARTHEST_M = 2_000.0
"""An added place may be so far from every block: beyond, it is in no area."""


@dataclass(frozen=True, eq=False)
class SpotLocator:
    """Where the spots of a city are, in degrees."""

    spots: Spots = field(repr=False)
    crs_local: str

    def __call__(self, place: str) -> LatLon | None:
        """Latitude and longitude of a spot; None if there is none of the name."""
        (at,) = positions_of(self.spots, [place])
        if at < 0:
            return None
        back = pyproj.Transformer.from_crs(self.crs_local, WGS84, always_xy=True)
        lon, lat = back.transform(*self.spots.xy[at])
        return round(float(lat), 6), round(float(lon), 6)


def require_same_forecast(
    plan: int, content: PlanContent, city: PatrolCity, source: PlanSource
) -> None:
    """Check that a plan was made from the forecast in use, by `source` for the city.

    A plan that does not say of which days its forecast is, is known by what its areas expect.

    Raises
    ------
    InputError
        It was made from another one.
    """
    of_plan, of_now = ((one.forecast, one.made_from) for one in (content, source))
    same = of_plan == of_now
    if content.forecast == source.forecast and content.made_from is None:
        now = sum(planned_area(city, area, 0, None).expected for area in range(city.areas))
        same = isclose(now, content.expected, rel_tol=1e-6)
    if not same:
        raise InputError(
            f"Plan {plan} was made with {_forecast_words(*of_plan)}, and "
            f"{_forecast_words(*of_now)} is in use now, so its figures cannot be compared. Make a "
            "new plan."
        )


def _forecast_words(name: str, made_from: str | None) -> str:
    return name if made_from is None else f"{name} of days from {made_from} on"


def edited_city(city: PatrolCity, edits: PlaceEdits, crs_local: str) -> PatrolCity:
    """The city with the added places as spots of their own, and what is demanded of its spots.

    Raises
    ------
    InputError
        An added place is far from the data.
    """
    spots = _with_added(city.spots, edits, crs_local)
    new = len(spots) - len(city.spots)
    always = positions_of(spots, [*edits.pinned, *(one.place for one in edits.added)])
    expected = np.concatenate([city.expected, np.zeros(new)])
    demanded = DemandedSpots(
        tuple(int(one) for one in always if one >= 0),
        frozenset(_near_left_out(spots, edits, crs_local, city.rules.radius_m)),
    )
    return replace(city, spots=spots, expected=expected, demanded=demanded)


def touched_areas(before: PatrolCity, after: PatrolCity, changed: Collection[str]) -> set[int]:
    """Areas with a changed place, or in which stops are forbidden at other spots than before.

    Parameters
    ----------
    before, after : the city edited as before and as after the changes
    changed : names of the changed places
    """
    closed = before.demanded.never ^ after.demanded.never
    found = {int(after.spots.area[one]) for one in closed if one < len(after.spots)}
    for city in (before, after):
        positions = positions_of(city.spots, sorted(changed))
        found |= {int(city.spots.area[one]) for one in positions if one >= 0}
    return found


def replan(
    content: PlanContent,
    city: PatrolCity,
    shift: ShiftTimes,
    source: PlanSource,
    *,
    areas: Collection[int],
    seed: int,
) -> PlanContent:
    """The plan with the routes of some areas planned again.

    Parameters
    ----------
    city : the edited city

    Raises
    ------
    InputError
        The units of an area, if it has any, cannot visit all places that must be visited.
    """
    by_area: dict[str, tuple[PlannedArea, list[PlannedUnit]]] = {}
    for area in sorted(areas):
        name = city.spots.areas[area]
        own = [one for one in content.units if one.area == name]
        if not own:
            if any(city.spots.area[spot] == area for spot in city.demanded.always):
                raise InputError(f"Area {name} has no unit in this plan to visit a place there.")
            continue
        routes = city.routes(area, len(own), search_seed(seed, area, 0), Effort())
        if routes.plan.missed:
            names = [city.spots.names[routes.stops.spot[one]] for one in routes.plan.missed]
            raise InputError(
                f"The units of area {name} cannot visit all places that must be visited; left "
                f"over: {', '.join(names)[:300]}. Unpin some, or plan more units."
            )
        made = planned_units(city, shift, routes, len(own), source)
        numbered = [replace(new, unit=old.unit) for new, old in zip(made, own, strict=True)]
        by_area[name] = planned_area(city, area, len(own), routes), numbered
    units = {one.unit: one for _, made in by_area.values() for one in made}
    return replace(
        content,
        units=tuple(units.get(one.unit, one) for one in content.units),
        areas=tuple(by_area[one.area][0] if one.area in by_area else one for one in content.areas),
    )


def _with_added(spots: Spots, edits: PlaceEdits, crs_local: str) -> Spots:
    if not edits.added:
        return spots
    xy = local_xy([(one.lat, one.lon) for one in edits.added], crs_local)
    away, nearest = cKDTree(spots.xy).query(xy)
    for one, meters in zip(edits.added, away, strict=True):
        if meters > FARTHEST_M:
            raise InputError(
                f"{one.place!r} is {meters / 1000:.1f} km from any place of the data; check its "
                "latitude and longitude."
            )
    return replace(
        spots,
        names=(*spots.names, *(one.place for one in edits.added)),
        xy=np.vstack([spots.xy, xy]),
        area=np.concatenate([spots.area, spots.area[nearest]]),
    )


def _near_left_out(spots: Spots, edits: PlaceEdits, crs_local: str, radius_m: float) -> set[int]:
    if not edits.left_out:
        return set()
    xy = local_xy([(one.lat, one.lon) for one in edits.left_out], crs_local)
    own = positions_of(spots, [one.place for one in edits.left_out])
    near = cKDTree(spots.xy).query_ball_point(xy, radius_m)
    return {one for each in near for one in each} | {int(one) for one in own if one >= 0}
