"""Shares of the bands of the day in the incidents of a place.

A forecast by band is the forecast of the place times the share of the band in its surroundings,
which single places have too few incidents to show. The share is shrunk toward that of the city.
"""

from __future__ import annotations

import threading
import weakref

import numpy as np
from scipy import sparse

from analytics.forecasting.history import History
from analytics.forecasting.units import Units
from analytics.hotspots.neighborhoods import pairs_within
from analytics.statistics.arrays import Floats

REACH_M = 500
CITY_INCIDENTS = 20
"""Incidents with the city's shares that are added to those around each place."""


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
