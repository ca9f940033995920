"""Which incidents a plan would have been near: within reach of a stop, or soon after it.

It measures exposure, not prevention: where a patrol would have been when something happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from analytics.patrol.rules import PatrolRules
from analytics.statistics.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Stops:
    """Stops of a plan: local meters, shape (stops, 2), and minutes of arrival, shape (stops,)."""

    xy: Floats = field(repr=False)
    arrive_min: Ints = field(repr=False)

    def __len__(self) -> int:
        return len(self.arrive_min)

    @classmethod
    def joined(cls, parts: list[Stops]) -> Stops:
        """Stops of several areas."""
        if not parts:
            return cls(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
        return cls(
            np.vstack([one.xy for one in parts]),
            np.concatenate([one.arrive_min for one in parts]),
        )


def within_reach(
    xy: Floats, minute: Ints, stops: Stops, rules: PatrolRules
) -> npt.NDArray[np.bool_]:
    """Whether each incident of a shift is within reach of a stop.

    It is where a stop is at most `radius_m` away, from the arrival until `residual_min` after
    leaving. The last minute does not count, as in what a plan predicts.

    Parameters
    ----------
    xy, minute : local meters and minute of the shift of each incident, shapes (incidents, 2) and
        (incidents,)
    """
    found = np.zeros(len(minute), dtype=bool)
    if not len(stops) or not len(minute):
        return found
    near = cKDTree(xy).query_ball_point(stops.xy, rules.radius_m)
    lasts = rules.stop_min + rules.residual_min
    for incidents, arrive in zip(near, stops.arrive_min, strict=True):
        if incidents:
            own = np.array(incidents)
            found[own[(minute[own] >= arrive) & (minute[own] < arrive + lasts)]] = True
    return found
