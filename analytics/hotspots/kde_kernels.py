"""The quartic kernel, and its matrix between places and cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.errors import InputError
from analytics.hotspots.neighborhoods import pairs_within
from analytics.statistics.arrays import Floats

KM2 = 1e6
MOST_KEPT = 40_000_000
"""Entries of one matrix: some 1.5 GB while it is computed."""


def quartic(distance_m: npt.ArrayLike, bandwidth_m: float) -> Floats:
    """3 / (π h²) · (1 − d²/h²)² within h, else 0; per square meter, integrates to 1.

    References
    ----------
    Silverman (1986), Density estimation for statistics and data analysis, eq. 4.5.
    """
    share = np.asarray(distance_m, dtype=np.float64) / bandwidth_m
    return np.where(share < 1, 3 / (np.pi * bandwidth_m**2) * (1 - share**2) ** 2, 0.0)


def kernel_matrix(targets: Floats, sources: Floats, bandwidth_m: float) -> sparse.csr_array:
    """Density per km² at each target (row) of one incident at each source (column).

    `kernel_matrix(centers, places, h) @ weights` is the KDE; the matrix serves other weights, too.

    Raises
    ------
    InputError
        It would have more than `MOST_KEPT` entries.
    """
    pairs = pairs_within(targets, sources, checked_bandwidth(bandwidth_m), most=MOST_KEPT)
    parts = list(pairs)
    empty = np.zeros(0, dtype=np.int64)
    rows = np.concatenate([part[0] for part in parts]) if parts else empty
    columns = np.concatenate([part[1] for part in parts]) if parts else empty
    distances = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    values = quartic(distances, bandwidth_m) * KM2
    return sparse.csr_array((values, (rows, columns)), shape=(len(targets), len(sources)))


def checked_bandwidth(bandwidth_m: float) -> float:
    """The bandwidth, if it is valid.

    Raises
    ------
    InputError
        It is not a positive number of meters.
    """
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InputError(f"A bandwidth of {bandwidth_m} m is not valid; choose more than 0.")
    return bandwidth_m
