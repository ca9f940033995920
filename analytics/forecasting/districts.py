"""The district of each cell or block, for the top ones of each district."""

from __future__ import annotations

import numpy as np
import shapely

from analytics.errors import InputError
from analytics.forecasting.units import Units
from analytics.hotspots.fishnet import outline_shapes
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints

LEVELS = ("district", "beat", "ward", "area")


def groups_of(reader: SnapshotReader, grid: Units, level: str) -> Ints:
    """Number of the outline nearest to the center of each cell or block; as `groups_at`."""
    return groups_at(reader, grid.centers, level)


def groups_at(reader: SnapshotReader, xy: Floats, level: str) -> Ints:
    """Number of the outline nearest to each place in local meters; shape (places,).

    Raises
    ------
    InputError
        The level does not exist, or it has no outlines.
    """
    if level not in LEVELS:
        raise InputError(f"There is no level {level[:30]!r}; choose one of {', '.join(LEVELS)}.")
    shapes = list(outline_shapes(reader, level).values())
    if not shapes:
        raise InputError(f"There are no outlines of level {level}; see `patroliq boundaries`.")
    return np.asarray(shapely.STRtree(shapes).nearest(shapely.points(xy)), dtype=np.int64)
