"""Bands of the day: the share of a place's incidents that falls in each.

A forecast by band is the forecast of the place times the share of the band in its surroundings,
which single places have too few incidents to show. The share is shrunk toward that of the city.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import sparse

from analytics.crossfilter.nights import DayClock
from analytics.forecasting.history import History
from analytics.forecasting.units import Units
from analytics.hotspots.neighborhoods import pairs_within
from analytics.statistics.arrays import Floats

BAND_HOURS = 4
REACH_M = 500
CITY_INCIDENTS = 20
"""Incidents with the city's shares that are added to those around each place."""


class BandKind(Enum):
    """How the day is split."""

    BAND = "band"
    SHIFT = "shift"


@dataclass(frozen=True)
class Bands:
    """A partition of the 24 hours: `of_hour` has the position in `names` of each hour."""

    names: tuple[str, ...]
    of_hour: tuple[int, ...]


def bands_of(kind: BandKind, clock: DayClock) -> Bands:
    """Bands of four hours from the start of the operational day, or the agency's shifts."""
    if kind is BandKind.SHIFT:
        of_hour = [0] * 24
        for position, hours in enumerate(clock.shifts.values()):
            for hour in hours:
                of_hour[hour] = position
        return Bands(tuple(clock.shifts), tuple(of_hour))
    starts = [(clock.day_start + first) % 24 for first in range(0, 24, BAND_HOURS)]
    names = tuple(f"{start:02d}-{(start + BAND_HOURS) % 24 or 24:02d}" for start in starts)
    return Bands(names, tuple((hour - clock.day_start) % 24 // BAND_HOURS for hour in range(24)))


def band_shares(past: History) -> Floats:
    """Share of each band in the incidents within `REACH_M` of each unit.

    `CITY_INCIDENTS` with the city's shares are added; without any incident all bands are equal.

    Returns
    -------
    array of shape (units, bands)
        Rows sum to 1.
    """
    counts = past.band_counts(past.first, past.end)
    total = counts.sum()
    bands = counts.shape[1]
    city = counts.sum(axis=0) / total if total else np.full(bands, 1 / bands)
    near = _surroundings(past.grid) @ counts
    return np.asarray(
        (near + CITY_INCIDENTS * city) / (near.sum(axis=1, keepdims=True) + CITY_INCIDENTS)
    )


_LOCK = threading.Lock()
_SURROUNDINGS: weakref.WeakKeyDictionary[Units, sparse.csr_array] = weakref.WeakKeyDictionary()


def _surroundings(grid: Units) -> sparse.csr_array:
    """1 for every pair of units whose centers are at most `REACH_M` apart."""
    with _LOCK:
        if grid not in _SURROUNDINGS:
            parts = list(pairs_within(grid.centers, grid.centers, REACH_M))
            rows, columns = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
            ones = np.ones(len(rows), dtype=np.float32)
            shape = (len(grid), len(grid))
            _SURROUNDINGS[grid] = sparse.csr_array((ones, (rows, columns)), shape=shape)
        return _SURROUNDINGS[grid]
