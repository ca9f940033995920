"""The problem of patrol routes: which unit stops where and when, and what its stops reach.

A team orienteering problem with revisits. Each unit starts and ends at a node, drives between
places and stops at each for some minutes. A stop reaches the incidents of its place from the
arrival until some minutes after leaving (the residual), and a place is visited again only after a
gap, by whichever unit. Not every place can be visited; the sum of what is reached is maximized.

Time is in whole minutes from the start of the shift. No plan is lost by that: with travel times in
whole minutes, and rates that change at whole minutes, a best plan in whole minutes exists.

References
----------
Chao, Golden & Wasil (1996), The team orienteering problem, European Journal of Operational
Research 88.
Koper (1995), Just enough police presence, Justice Quarterly 12 (stops of 10 to 16 minutes, with a
residual effect).
Dewinter et al. (2020), Analysing the police patrol routing problem: a review, ISPRS International
Journal of Geo-Information 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.statistics.arrays import Floats

Minutes = npt.NDArray[np.int64]
LONGEST_SHIFT_MIN = 24 * 60


@dataclass(frozen=True)
class PatrolUnit:
    """One unit: the nodes where it starts and ends, and the minutes between which it patrols."""

    start: int
    end: int
    start_min: int
    end_min: int


@dataclass(frozen=True)
class Visit:
    """A stop of a unit at a place (both by position), and the minute it arrives."""

    unit: int
    place: int
    arrive_min: int


@dataclass(frozen=True, eq=False)
class RouteProblem:
    """What routes are made of. Nodes are the places, then stations.

    Attributes
    ----------
    rates : array of shape (places, shift minutes)
        Expected incidents, or harm, at each place per minute of the shift.
    travel_min : int array of shape (nodes, nodes)
        Whole minutes from node to node, at least 0.
    units : the units, whose nodes and minutes are inside the problem
    stop_min : minutes of a stop, at least 1
    residual_min : minutes after leaving in which a stop still reaches incidents
    gap_min : least minutes from leaving a place to the next arrival there, of any unit; at least
        the residual, so that no minute of a place counts twice

    Raises
    ------
    InputError
        Something of it is not valid; the message says what.
    """

    rates: Floats = field(repr=False)
    travel_min: Minutes = field(repr=False)
    units: tuple[PatrolUnit, ...]
    stop_min: int
    residual_min: int
    gap_min: int

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise InputError(problem)

    @property
    def places(self) -> int:
        """Number of places."""
        return int(self.rates.shape[0])

    @property
    def shift_min(self) -> int:
        """Minutes of the shift."""
        return int(self.rates.shape[1])

    @property
    def apart_min(self) -> int:
        """Least minutes between two arrivals at a place."""
        return self.stop_min + self.gap_min

    @cached_property
    def reached(self) -> Floats:
        """What a stop reaches by place and minute of arrival, shape (places, shift minutes + 1).

        The sum of the rates from the arrival to the end of the residual, or of the shift.
        """
        ends = np.zeros((self.places, 1))
        total = np.concatenate([ends, np.cumsum(self.rates, axis=1)], axis=1)
        last = np.minimum(
            np.arange(self.shift_min + 1) + self.stop_min + self.residual_min, self.shift_min
        )
        return np.ascontiguousarray(total[:, last] - total)

    def value(self, visits: Sequence[Visit]) -> float:
        """What a feasible plan reaches."""
        return float(sum(self.reached[one.place, one.arrive_min] for one in visits))

    def violations(self, visits: Sequence[Visit]) -> list[str]:
        """Every rule that a plan breaks, in words; empty for a feasible one."""
        found = []
        for number, unit in enumerate(self.units):
            free, node = unit.start_min, unit.start
            own = sorted((one for one in visits if one.unit == number), key=_arrival)
            for one in own:
                if one.arrive_min < free + self.travel_min[node, one.place]:
                    found.append(f"unit {number} cannot be at {one.place} at {one.arrive_min}")
                free, node = one.arrive_min + self.stop_min, one.place
            if own and free + self.travel_min[node, unit.end] > unit.end_min:
                found.append(f"unit {number} ends after {unit.end_min}")
        for place in {one.place for one in visits}:
            times = sorted(one.arrive_min for one in visits if one.place == place)
            close = [b for a, b in pairwise(times) if b - a < self.apart_min]
            found += [f"place {place} is visited again too soon, at {minute}" for minute in close]
        return found

    def _problems(self) -> list[str]:
        found = []
        nodes = self.travel_min.shape[0]
        if self.travel_min.shape != (nodes, nodes) or nodes < self.places:
            found.append("Travel times need a row and a column for each place and station.")
        elif (self.travel_min < 0).any():
            found.append("A travel time is below 0.")
        if not 1 <= self.shift_min <= LONGEST_SHIFT_MIN:
            found.append(f"A shift of {self.shift_min} minutes is not valid; 1 minute to 24 hours.")
        if not np.isfinite(self.rates).all() or (self.rates < 0).any():
            found.append("Expected incidents of a place are below 0, or not a number.")
        if self.stop_min < 1 or self.residual_min < 0:
            found.append("A stop takes at least 1 minute, and its residual at least 0.")
        if self.gap_min < self.residual_min:
            found.append(
                f"A gap of {self.gap_min} minutes is shorter than the residual of "
                f"{self.residual_min}: a visit would count minutes that the one before counts."
            )
        for unit in self.units:
            if not (0 <= unit.start < nodes and 0 <= unit.end < nodes):
                found.append("A unit starts or ends at a node that does not exist.")
            if not 0 <= unit.start_min <= unit.end_min <= self.shift_min:
                found.append(
                    f"A unit that patrols from minute {unit.start_min} to {unit.end_min} is not "
                    f"within the shift of {self.shift_min}."
                )
        return found


def _arrival(visit: Visit) -> int:
    return visit.arrive_min
