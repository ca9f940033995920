"""Where and when the next incident of a series is most likely: from where and when the others were.

The area is the smallest one that holds a share of a density around the incidents, each with a
weight that halves in two weeks. The width of the kernel follows how far apart the incidents are.
Hours are the shortest run of hours that has two thirds of the incidents, days the middle half of
the gaps between them. How often this comes true is measured (`series_evaluation`), not assumed.

References
----------
Johnson, Bowers, Birks & Pease (2009), Predictive mapping of crime by ProMap: the decay with time.
Rossmo (2000), Geographic profiling, and Canter & Youngs (2008): areas searched by density.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.distance import cdist

from analytics.statistics.arrays import Floats, Ints

HALF_LIFE_DAYS = 14.0
LEAST_BANDWIDTH_M, MOST_BANDWIDTH_M = 100.0, 1_000.0
CELL_M, MOST_ACROSS = 50.0, 150
"""Size of cells, and most of them in one direction: a wide series has larger ones."""
REACH = 2.5
"""Bandwidths around the incidents that are looked at."""
SHARES = (0.5, 0.8)
HALF, MOST = range(len(SHARES))
"""Positions of the shares."""
HOURS_SHARE = 2 / 3
FEWEST_HOURS = 3
"""Incidents with a known hour of which hours are told."""


@dataclass(frozen=True, eq=False)
class NextArea:
    """Where the next one is most likely.

    Attributes
    ----------
    corners : southwest corners of the cells in local meters, the most likely first
    within : how many of them hold each of `SHARES` of the density
    cell_m, bandwidth_m : size of a cell, and of the kernel
    """

    corners: Floats = field(repr=False)
    within: tuple[int, ...]
    cell_m: float
    bandwidth_m: float

    def km2(self, share: int) -> float:
        """Size of the area of one of `SHARES`, by its position."""
        return self.within[share] * self.cell_m**2 / 1e6

    def has(self, xy: Floats, share: int) -> Ints:
        """Positions of the places, shape (places, 2), that are in the area."""
        cells = self.corners[: self.within[share]]
        origin = self.corners.min(axis=0)
        own = {tuple(one) for one in np.rint((cells - origin) / self.cell_m).astype(int).tolist()}
        of_places = np.floor((xy - origin) / self.cell_m).astype(int).tolist()
        return np.flatnonzero([tuple(one) in own for one in of_places])


@dataclass(frozen=True)
class NextTimes:
    """When the next one is most likely.

    Attributes
    ----------
    hours : first hour, and the hour after the last; None where too few are known
    in_hours, known_hours : incidents in these hours, and those with a known hour
    gaps : the middle half of days between incidents
    weekdays : incidents by weekday, Monday first
    """

    hours: tuple[int, int] | None
    in_hours: int
    known_hours: int
    gaps: tuple[float, float]
    weekdays: tuple[int, ...]


def next_area(xy: Floats, day: Ints) -> NextArea:
    """The area.

    Parameters
    ----------
    xy
        Local meters of two incidents or more, shape (incidents, 2).
    day
        Days of the incidents.
    """
    apart = cdist(xy, xy) + np.diag(np.full(len(xy), np.inf))
    width = float(np.clip(np.median(apart.min(axis=1)), LEAST_BANDWIDTH_M, MOST_BANDWIDTH_M))
    low, high = xy.min(axis=0) - REACH * width, xy.max(axis=0) + REACH * width
    cell = max(CELL_M, float((high - low).max()) / MOST_ACROSS)
    low = np.floor(low / cell) * cell
    columns, rows = np.ceil((high - low) / cell).astype(int)
    steps = np.stack(np.meshgrid(np.arange(columns), np.arange(rows), indexing="ij"), -1)
    corners = low + steps.reshape(-1, 2) * cell
    away = cdist(corners + cell / 2, xy)
    weight = 0.5 ** ((day.max() - day) / HALF_LIFE_DAYS)
    density = np.exp(-0.5 * (away / width) ** 2) @ weight
    order = np.argsort(-density, kind="stable")
    mass = np.cumsum(density[order]) / density.sum()
    within = tuple(int(np.searchsorted(mass, share) + 1) for share in SHARES)
    return NextArea(corners[order[: within[-1]]], within, cell, width)


def next_times(day: Ints, hour: Ints, weekday: Ints) -> NextTimes:
    """Hours, gaps and weekdays; hours of -1 are unknown, weekdays are 1 for Monday."""
    known = hour[hour >= 0]
    hours = hours_of(known) if len(known) >= FEWEST_HOURS else None
    inside = 0 if hours is None else int(in_hours(known, hours).sum())
    gaps = np.diff(np.sort(day))
    low, high = np.percentile(gaps, (25, 75)) if len(gaps) else (0.0, 0.0)
    by_weekday = np.bincount(weekday - 1, minlength=7)
    return NextTimes(
        hours, inside, len(known), (float(low), float(high)), tuple(by_weekday.tolist())
    )


def hours_of(hour: Ints) -> tuple[int, int]:
    """The shortest run of hours that has `HOURS_SHARE` of them: first, and the one after the last.

    Of several the one with the most, then the earliest.
    """
    counts = np.bincount(hour, minlength=24)
    around = np.concatenate([[0], np.cumsum(np.concatenate([counts, counts]))])
    wanted = HOURS_SHARE * len(hour) - 1e-9
    for size in range(1, 25):
        sums = around[size : size + 24] - around[:24]
        if sums.max() >= wanted:
            first = int(np.argmax(sums))
            return first, (first + size) % 24
    raise AssertionError  # all 24 hours have all


def in_hours(hour: Ints, hours: tuple[int, int]) -> Ints:
    """Whether hours are in a run of them, as 0 or 1."""
    first, end = hours
    return ((hour - first) % 24 < ((end - first) % 24 or 24)).astype(np.int64)
