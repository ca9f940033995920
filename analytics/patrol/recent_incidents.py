"""Why a place is in a plan: the incidents of the shift around it in the year before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy.spatial import cKDTree

from analytics.patrol.demand import HOUR_MIN, Demand
from analytics.statistics.arrays import Floats, Ints

RECENT_DAYS = 365


@dataclass(frozen=True, eq=False)
class RecentIncidents:
    """Incidents of a shift in the `RECENT_DAYS` before a plan.

    Attributes
    ----------
    xy : local meters, shape (incidents, 2)
    hour : of the clock, shape (incidents,)
    """

    xy: Floats = field(repr=False)
    hour: Ints = field(repr=False)

    @classmethod
    def of(cls, demand: Demand, day: date) -> RecentIncidents:
        """Those of the shifts that began before a day, in the data."""
        end = min(day, demand.end)
        frame = demand.in_shift(end - timedelta(days=RECENT_DAYS), end)
        hours = frame["minute"].to_numpy() // HOUR_MIN + demand.shift.first_hour
        return cls(frame.select("x_m", "y_m").to_numpy(), hours.astype(np.int64) % 24)

    def around(self, xy: Floats, radius_m: float) -> list[tuple[int, int | None]]:
        """Number within the radius of each place, and the hour of most of them."""
        if not len(self.hour):
            return [(0, None)] * len(xy)
        near = cKDTree(self.xy).query_ball_point(xy, radius_m)
        return [
            (len(own), int(np.bincount(self.hour[own]).argmax()) if own else None) for own in near
        ]
