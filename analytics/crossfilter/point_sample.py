"""A reproducible random sample of places for a map with too many of them.

Places are sampled in the order of a hash of their number, so the sample does not depend on
location, and a place stays in it when the map zooms in. sql/crossfilter/points.sql computes the
same hash.
"""

from __future__ import annotations

from typing import Any

import numpy as np

POINT_CAP = 2_000
"""Most places in a `points` view."""
_FACTOR = 0x45D9F3B
_BITS = 0xFFFFFFFF

Numbers = np.ndarray[Any, np.dtype[np.int64]]


def draw_order(point_ids: Numbers) -> Numbers:
    """Unique hash of each number below 2**32; those with the least hashes are sampled.

    Notes
    -----
    Rounds of multiply and shift after MurmurHash3's finalizer (public domain), with one odd factor.
    """
    mixed = point_ids.astype(np.int64)
    for _ in range(2):
        mixed = ((mixed >> 16) ^ mixed) * _FACTOR & _BITS
    return (mixed >> 16) ^ mixed
