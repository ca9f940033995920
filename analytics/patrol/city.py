"""A city to patrol in one shift: what each spot expects, and the routes of any number of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analytics.patrol.places import (
    NOTHING_DEMANDED,
    DemandedSpots,
    PlaceMethod,
    StopPlaces,
    choose_stops,
)
from analytics.patrol.route_problem import Minutes, PatrolUnit, RouteProblem
from analytics.patrol.routes import Effort, RoutePlan, plan_routes
from analytics.patrol.rules import PatrolRules
from analytics.patrol.spots import Spots
from analytics.patrol.travel import Travel
from analytics.statistics.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class AreaRoutes:
    """Routes of the units of one area.

    Attributes
    ----------
    stops : places to choose from; `RoutePlan` counts them in this order
    xy : their local meters, shape (places, 2)
    """

    area: int
    stops: StopPlaces = field(repr=False)
    xy: Floats = field(repr=False)
    plan: RoutePlan = field(repr=False)


@dataclass(frozen=True, eq=False)
class PatrolCity:
    """What a plan is made from.

    Attributes
    ----------
    expected : incidents, or harm, of the shift by spot, shape (spots,)
    profile : share of each minute of the shift, shape (shift minutes,)
    stations : local meters by area; without one, units start and end at their busiest place
    demanded : spots at which analysts demand a stop or forbid one
    """

    spots: Spots
    expected: Floats = field(repr=False)
    profile: Floats = field(repr=False)
    rules: PatrolRules
    travel: Travel
    stations: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    method: PlaceMethod = PlaceMethod.COVER
    demanded: DemandedSpots = NOTHING_DEMANDED

    def own_spots(self, area: int) -> Ints:
        """Positions of the spots of an area."""
        return np.flatnonzero(self.spots.area == area).astype(np.int64)

    def workload(self) -> list[float]:
        """What each area expects."""
        return [float(self.expected[self.own_spots(one)].sum()) for one in range(self.areas)]

    @property
    def areas(self) -> int:
        """Number of areas."""
        return len(self.spots.areas)

    def stops(self, area: int, units: int) -> StopPlaces:
        """Places for a number of units; `spot` counts all spots of the city."""
        own = self.own_spots(area)
        found = choose_stops(
            self.spots.xy[own],
            self.expected[own],
            units * self.rules.candidates,
            method=self.method,
            radius_m=self.rules.radius_m,
            demanded=self.demanded.of(own),
        )
        return StopPlaces(own[found.spot], found.expected, found.covered, found.bound)

    def routes(
        self, area: int, units: int, seed: int, effort: Effort, stops: StopPlaces | None = None
    ) -> AreaRoutes:
        """Plan the routes of the units of an area, to its own places or to given ones."""
        stops = self.stops(area, units) if stops is None else stops
        xy = self.spots.xy[stops.spot]
        problem = route_problem(
            stops.expected[:, None] * self.profile,
            self.travel.minutes(self._nodes(area, xy)) if len(xy) else np.zeros((0, 0), np.int64),
            units,
            self.rules,
        )
        always = set(self.demanded.always)
        must = tuple(place for place, spot in enumerate(stops.spot) if int(spot) in always)
        return AreaRoutes(area, stops, xy, plan_routes(problem, seed, effort, must))

    def _nodes(self, area: int, xy: Floats) -> Floats:
        station = self.stations.get(area)
        return xy if station is None else np.vstack([xy, np.array([station])])


def route_problem(
    rates: Floats, travel_min: Minutes, units: int, rules: PatrolRules
) -> RouteProblem:
    """The problem of units whose patrol hours are spread evenly over the shift.

    Units start and end at the last node if there is one beyond the places, else at the first place.
    """
    places, shift_min = rates.shape
    station = travel_min.shape[0] - 1 if travel_min.shape[0] > places else 0
    patrol_min = min(rules.patrol_min, shift_min)
    teams = tuple(
        PatrolUnit(station, station, start, start + patrol_min)
        for start in starts(units, shift_min, patrol_min)
    )
    return RouteProblem(
        rates,
        travel_min,
        teams if places else (),
        rules.stop_min,
        rules.residual_min,
        rules.gap_min,
    )


def starts(units: int, shift_min: int, patrol_min: int) -> list[int]:
    """First minute of each unit's patrol, evenly spread over the shift."""
    slack = shift_min - patrol_min
    return [round(slack * (number + 0.5) / units) for number in range(units)]
