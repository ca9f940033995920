"""Outlines for areas without one: concave hulls of their incidents."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import shapely

from sql import load

SQUARE_M = 100.0
HULL_RATIO = 0.15  # 0 follows every dent, 1 is the convex hull
FAR = 6.0  # times the median distance from the area's center: an incident located wrongly


def derive_hulls(connection: duckdb.DuckDBPyConnection, level: str) -> dict[str, shapely.Geometry]:
    """A polygon in local meters for each area of one level.

    A square of 100 m with incidents of several areas goes to the area with most of them, so that
    neighbors hardly overlap. Squares far from the rest of their area are left out. Every outline
    covers at least one whole square.
    """
    statement = load("derive/area_squares", level=level)
    squares = connection.sql(statement, params={"size": SQUARE_M}).pl()
    hulls = {}
    for (key,), area in squares.group_by("key", maintain_order=True):
        points = area.select("x_m", "y_m").to_numpy()
        hulls[str(key)] = _hull(_near(points, area["incidents"].to_numpy()))
    return hulls


def _near(
    points: npt.NDArray[np.float64], weights: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    middle = _weighted_median(points, weights)
    distances = np.hypot(*(points - middle).T)
    limit = max(FAR * float(np.median(distances)), 3 * SQUARE_M)
    return points[distances <= limit]


def _weighted_median(
    points: npt.NDArray[np.float64], weights: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    middle = []
    for values in points.T:
        order = np.argsort(values)
        half = np.cumsum(weights[order]) >= weights.sum() / 2
        middle.append(values[order][int(np.argmax(half))])
    return np.array(middle)


def _hull(points: npt.NDArray[np.float64]) -> shapely.Geometry:
    hull = shapely.concave_hull(shapely.multipoints(points), ratio=HULL_RATIO)
    # The points are centers of squares; half a square around them gives even a single one an area.
    return hull.buffer(SQUARE_M / 2, quad_segs=2)
