"""A plan of one shift: units to areas, places to units, and the order of their stops."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pyproj

from analytics.incidents.projection import WGS84
from analytics.patrol.allocation import (
    Allocation,
    ShareLimit,
    UnitLimits,
    allocate,
    known_disparity,
)
from analytics.patrol.capture_curves import CaptureCurves, search_seed
from analytics.patrol.city import AreaRoutes, PatrolCity
from analytics.patrol.demand import LeftOutDemand, ShiftTimes
from analytics.patrol.plan_content import (
    PlanContent,
    PlannedArea,
    PlannedUnit,
    PlannedVisit,
    ShareLimitPrice,
    UnitStep,
)
from analytics.patrol.recent_incidents import RecentIncidents
from analytics.patrol.route_problem import Visit
from analytics.patrol.routes import Effort

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class PatrolPlan:
    """A plan and what it is expected to reach.

    Attributes
    ----------
    routes : of the areas that have units
    allocation : units by area, and what one more would add
    share : limit on each area's share of patrol time, if there is one
    unlimited : the allocation without that limit
    """

    shift: ShiftTimes
    city: PatrolCity = field(repr=False)
    routes: tuple[AreaRoutes, ...] = field(repr=False)
    allocation: Allocation
    seconds: float
    share: ShareLimit | None = None
    unlimited: Allocation | None = None


@dataclass(frozen=True)
class PlanSource:
    """What a plan was made from, besides its city.

    Attributes
    ----------
    crs_local : coordinate system of local meters
    forecast : version of the model, or `DISCOUNTED_COUNTS`
    made_from : first day of the model's forecast; None without one
    """

    crs_local: str
    recent: RecentIncidents = field(repr=False)
    left_out: tuple[LeftOutDemand, ...]
    forecast: str
    made_from: str | None = None


def make_plan(
    city: PatrolCity,
    shift: ShiftTimes,
    units: int,
    *,
    seed: int,
    minimum: int = 0,
    balance: float | None = None,
    share: ShareLimit | None = None,
    only: int | None = None,
    effort: Effort | None = None,
    progress: Progress = lambda _share: None,
) -> PatrolPlan:
    """Allocate units to areas and plan their routes.

    Parameters
    ----------
    minimum : units of each area at least
    balance, share, only : see `UnitLimits.of`
    progress : called with the share that is done, 0 to 1

    Raises
    ------
    InputError
        The limits leave no allocation.
    """
    started = time.perf_counter()
    curves = CaptureCurves(city, seed)

    def allocated(share: ShareLimit | None) -> Allocation:
        limits = UnitLimits.of(
            city.workload(), units, minimum=minimum, balance=balance, share=share, only=only
        )
        return allocate(captured, units, limits)

    def captured(area: int, number: int) -> float:
        found = curves(area, number)
        progress(0.5 * min(1.0, len(curves) / (city.areas + units)))
        return found

    allocation = allocated(share)
    routes = []
    for made in _plan_areas(city, allocation, seed, effort or Effort()):
        routes.append(made)
        progress(0.5 + 0.5 * len(routes) / city.areas)
    unlimited = None if share is None else allocated(None)
    seconds = time.perf_counter() - started
    return PatrolPlan(shift, city, tuple(routes), allocation, seconds, share, unlimited)


def _plan_areas(
    city: PatrolCity, allocation: Allocation, seed: int, effort: Effort
) -> Iterator[AreaRoutes]:
    """Routes of the areas that have units; areas are planned side by side."""
    chosen = [(area, units) for area, units in enumerate(allocation.units) if units]

    def planned(area: int, units: int) -> AreaRoutes:
        return city.routes(area, units, search_seed(seed, area, 0), effort)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(planned, *zip(*chosen, strict=True)) if chosen else ()


def plan_content(plan: PatrolPlan, source: PlanSource) -> PlanContent:
    """The plan as values that can be stored and shown."""
    city, allocation = plan.city, plan.allocation
    names = city.spots.areas
    found = {one.area: one for one in plan.routes}
    units = [
        one
        for area, routes in found.items()
        for one in planned_units(city, plan.shift, routes, allocation.units[area], source)
    ]
    areas = [
        planned_area(city, area, number, found.get(area))
        for area, number in enumerate(allocation.units)
    ]
    more = allocation.one_more
    return PlanContent(
        tuple(replace(one, unit=number) for number, one in enumerate(units, 1)),
        tuple(areas),
        tuple(UnitStep(names[area], gain) for area, gain in allocation.steps),
        None if more is None else UnitStep(names[more[0]], more[1]),
        source.left_out,
        source.forecast,
        city.travel.name,
        "stations" if city.stations else "busiest place of the area",
        round(plan.seconds, 3),
        _share_limit(plan),
        plan.shift.clock(0),
        plan.shift.minutes,
        source.made_from,
    )


def planned_area(city: PatrolCity, area: int, units: int, routes: AreaRoutes | None) -> PlannedArea:
    """One area with what its routes reach; `routes` is None where it has no units."""
    captured = routes.plan.reached if routes else 0.0
    bound = (routes.plan.bound or captured) if routes else 0.0
    expected = float(city.expected[city.own_spots(area)].sum())
    return PlannedArea(city.spots.areas[area], units, captured, bound, expected)


def planned_units(
    city: PatrolCity, shift: ShiftTimes, routes: AreaRoutes, units: int, source: PlanSource
) -> list[PlannedUnit]:
    """Units of one area with their visits, numbered from 1."""
    rules, spots = city.rules, routes.stops.spot
    back = pyproj.Transformer.from_crs(source.crs_local, WGS84, always_xy=True)
    lons, lats = back.transform(routes.xy[:, 0], routes.xy[:, 1])
    near = source.recent.around(routes.xy, rules.radius_m)
    rates = routes.stops.expected[:, None] * city.profile
    always = set(city.demanded.always)

    def planned(visit: Visit) -> PlannedVisit:
        place, last = visit.place, visit.arrive_min + rules.stop_min + rules.residual_min
        recent, busiest = near[place]
        return PlannedVisit(
            city.spots.names[spots[place]],
            shift.clock(visit.arrive_min),
            rules.stop_min,
            float(rates[place, visit.arrive_min : last].sum()),
            round(float(lats[place]), 6),
            round(float(lons[place]), 6),
            recent,
            busiest,
            int(spots[place]) in always,
        )

    area = city.spots.areas[routes.area]
    return [
        PlannedUnit(unit + 1, area, tuple(planned(one) for one in routes.plan.of_unit(unit)))
        for unit in range(units)
    ]


def _share_limit(plan: PatrolPlan) -> ShareLimitPrice | None:
    """The limit on shares of patrol time and its price; capture is by the curves of both."""
    if plan.share is None or plan.unlimited is None:
        return None
    limited, free = sum(plan.allocation.captured), sum(plan.unlimited.captured)
    pairs = zip(plan.allocation.units, plan.unlimited.units, strict=True)
    return ShareLimitPrice(
        at_most=plan.share.at_most,
        highest=known_disparity(plan.allocation.units, plan.share.harm),
        highest_without=known_disparity(plan.unlimited.units, plan.share.harm),
        captured=limited,
        captured_without=free,
        price=1 - limited / free if free > 0 else 0.0,
        units_moved=sum(max(free_units - units, 0) for units, free_units in pairs),
        harm=dict(zip(plan.city.spots.areas, plan.share.harm, strict=True)),
    )
