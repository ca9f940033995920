"""Places inside a cell, a polygon, a radius, a custom area or a zone: one bit per place, cached.

A clause on place becomes a table over the snapshot's unique points, so that each incident needs one
lookup, however many corners or cells the clause has.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyproj import Transformer

from analytics.crossfilter.clauses import (
    Cells,
    Clause,
    CustomAreas,
    Labels,
    Near,
    Polygon,
    require_found,
)
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.point_labels import PointLabels
from analytics.crossfilter.selection import Selection
from analytics.incidents.reader import SnapshotReader
from analytics.lru_cache import LruCache
from sql import load

MOST_CLAUSES = 32
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


class Places:
    """The unique points of a snapshot, in local meters."""

    def __init__(self, reader: SnapshotReader) -> None:
        # Weak: what is cached for a reader must not keep it open.
        self._reader = weakref.ref(reader)
        self.labels = PointLabels(reader)
        self._crs = reader.snapshot.manifest.crs_local
        self._points: tuple[Floats, Floats] | None = None
        self._masks = LruCache(MOST_CLAUSES)

    def mask(self, clause: Clause) -> bytes:
        """Bits by point_id, highest first: 1 if the place is inside; raises like `inside`."""
        require_found(clause)
        return self._masks.get_or_compute(
            clause, lambda: np.packbits(self.inside(clause)).tobytes()
        )

    def passing(self, selection: Selection) -> Bools:
        """Whether each point passes every clause on place; shape (points,)."""
        inside = [self.inside(clause) for name, clause in selection.items if name in PLACE]
        return np.logical_and.reduce([np.ones(len(self._xy[0]), np.bool_), *inside])

    def inside(self, clause: Clause) -> Bools:
        """Whether each point is inside what a clause on place chooses; shape (points,).

        Raises
        ------
        InputError
            A label belongs to a version that the snapshot does not have, or a custom area was not
            looked up.
        """
        x, y = self._xy
        if isinstance(clause, Labels):
            return self.labels.inside(clause, len(x))
        if isinstance(clause, Cells):
            return in_cells(x, y, clause)
        if isinstance(clause, Near):
            (east,), (north,) = project(self._crs, [clause.lat], [clause.lon])
            within: Bools = (x - east) ** 2 + (y - north) ** 2 <= clause.meters**2
            return within
        if isinstance(clause, Polygon):
            lats, lons = zip(*clause.vertices, strict=True)
            return in_rings(x, y, [project(self._crs, lats, lons)])
        if isinstance(clause, CustomAreas):
            rings = ([project(self._crs, *ring.T[::-1]) for ring in area.rings]
                     for area in clause.found)  # fmt: skip
            return np.logical_or.reduce([in_rings(x, y, each) for each in rings])
        raise TypeError(f"{clause!r} is not a clause on place")

    @property
    def _xy(self) -> tuple[Floats, Floats]:
        if self._points is None:
            reader = self._reader()
            if reader is None:
                raise RuntimeError("the reader of these places is gone")
            frame = reader.frame(load("crossfilter/places"))
            self._points = frame["x_m"].to_numpy(), frame["y_m"].to_numpy()
        return self._points


def project(crs: str, lats: Any, lons: Any) -> tuple[Floats, Floats]:
    """Project WGS84 degrees to local meters (east, north); infinite where it is undefined."""
    transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    east, north = transformer.transform(np.asarray(lons, float), np.asarray(lats, float))
    return np.asarray(east), np.asarray(north)


def in_cells(x: Floats, y: Floats, cells: Cells) -> Bools:
    """Points in any of the cells: floor(x / size) and floor(y / size) are column and row."""
    found = np.zeros(x.shape, dtype=bool)
    for size in {key[0] for key in cells.known}:
        wanted = [_code(column, row) for key_size, column, row in cells.known if key_size == size]
        codes = _code(np.floor(x / size).astype(np.int64), np.floor(y / size).astype(np.int64))
        found |= np.isin(codes, wanted)
    return found


def in_rings(x: Floats, y: Floats, rings: Sequence[tuple[Floats, Floats]]) -> Bools:
    """Points inside rings (east, north) by the even-odd rule, edges straight in local meters.

    Where edges cross, an area enclosed twice is outside, such as a hole. A point on the left or
    lower edge is inside, on the right or upper one outside, so that adjacent areas share no point.
    """
    found = np.zeros(x.shape, dtype=bool)
    east, north = (np.concatenate(axis) for axis in zip(*rings, strict=True))
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        return found
    boxed = (x >= east.min()) & (x <= east.max()) & (y >= north.min()) & (y <= north.max())
    near = np.flatnonzero(boxed)
    near = near[np.argsort(y[near])]  # an edge then meets one run of points
    px, py = x[near], y[near]
    odd = np.zeros(px.shape, dtype=bool)
    for xs, ys in rings:
        ends = np.roll(ys, -1)
        firsts, lasts = (np.searchsorted(py, side(ys, ends)) for side in (np.minimum, np.maximum))
        edges = np.column_stack([xs, ys, np.roll(xs, -1), ends])
        for edge in np.flatnonzero(firsts < lasts):
            x1, y1, x2, y2 = edges[edge]
            run = slice(firsts[edge], lasts[edge])
            odd[run] ^= px[run] < (x2 - x1) * (py[run] - y1) / (y2 - y1) + x1
    found[near] = odd
    return found


def _code(column: Any, row: Any) -> Any:
    return column * 2**32 + row
