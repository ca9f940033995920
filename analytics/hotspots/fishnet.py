"""The fishnet: all square cells of the study area, crime-free ones included.

Cells are numbered as in `analytics.crossfilter.map_cells`: column = floor(x / size), and rows in
the same way.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from analytics.areas.hulls import HULL_RATIO
from analytics.areas.outline_file import polygonal, read_areas
from analytics.areas.prepared import prepared
from analytics.crossfilter.clauses import Cells, Choice, CustomAreas, Labels, Near, Polygon
from analytics.crossfilter.places import Places, project
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from sql import load

MAX_CELLS = 500_000
SMALLEST_M, LARGEST_M = 25, 10_000
LEVELS = ("district", "beat", "area")


@dataclass(frozen=True, eq=False)
class Fishnet:
    """Cells of a study area, sorted by column and row.

    Attributes
    ----------
    size_m : int
        Side of a cell, meters.
    columns, rows : int64 arrays of shape (cells,)
    crs_local : str
        Coordinate system from whose origin cells are numbered, such as EPSG:32616.
    """

    size_m: int
    columns: Ints = field(repr=False)
    rows: Ints = field(repr=False)
    crs_local: str

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def cell_km2(self) -> float:
        return self.size_m**2 / 1e6

    @property
    def area_km2(self) -> float:
        """Area of all cells together."""
        return len(self) * self.cell_km2

    @cached_property
    def centers(self) -> Floats:
        """Centers of the cells in local meters, shape (cells, 2)."""
        numbers = np.column_stack([self.columns, self.rows])
        return np.asarray((numbers + 0.5) * self.size_m, dtype=np.float64)

    @cached_property
    def keys(self) -> list[str]:
        """Keys of the cells in selections, such as `250:1790_18560`."""
        pairs = zip(self.columns.tolist(), self.rows.tolist(), strict=True)
        return [f"{self.size_m}:{column}_{row}" for column, row in pairs]

    def indices(self, columns: Ints, rows: Ints) -> Ints:
        """Position of each (column, row) among the cells; -1 where there is no such cell."""
        if not len(self):
            return np.full(len(columns), -1, dtype=np.int64)
        table, column_0, row_0 = self._table
        inside_columns = np.asarray(columns) - column_0
        inside_rows = np.asarray(rows) - row_0
        within = (
            (inside_columns >= 0)
            & (inside_columns < table.shape[0])
            & (inside_rows >= 0)
            & (inside_rows < table.shape[1])
        )
        found = np.full(len(within), -1, dtype=np.int64)
        found[within] = table[inside_columns[within], inside_rows[within]]
        return found

    def indices_of(self, x_m: Floats, y_m: Floats) -> Ints:
        """Position of the cell that each place is in; -1 outside the study area."""
        columns = np.floor(np.asarray(x_m) / self.size_m).astype(np.int64)
        rows = np.floor(np.asarray(y_m) / self.size_m).astype(np.int64)
        return self.indices(columns, rows)

    def frame(self, **values: Any) -> pl.DataFrame:
        """`col`, `row` and further columns of shape (cells,)."""
        return pl.DataFrame({"col": self.columns, "row": self.rows, **values})

    def boxes(self, chosen: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
        """Squares in local meters of all cells, or of some (mask or positions)."""
        picked = slice(None) if chosen is None else chosen
        west = self.columns[picked] * float(self.size_m)
        south = self.rows[picked] * float(self.size_m)
        return np.asarray(shapely.box(west, south, west + self.size_m, south + self.size_m))

    @cached_property
    def _table(self) -> tuple[Ints, int, int]:
        column_0, row_0 = int(self.columns.min()), int(self.rows.min())
        shape = (int(self.columns.max()) - column_0 + 1, int(self.rows.max()) - row_0 + 1)
        table = np.full(shape, -1, dtype=np.int64)
        table[self.columns - column_0, self.rows - row_0] = np.arange(len(self))
        return table, column_0, row_0


def fishnet_over(polygon: shapely.Geometry, size_m: int, crs_local: str) -> Fishnet:
    """All cells that touch a polygon in local meters.

    Raises
    ------
    InputError
        The size is out of range, or there would be more than `MAX_CELLS` cells.
    """
    if not SMALLEST_M <= size_m <= LARGEST_M:
        raise InputError(
            f"Cells of {size_m} m are not valid; choose from {SMALLEST_M} to {LARGEST_M:,} m."
        )
    nothing = np.zeros(0, dtype=np.int64)
    if polygon.is_empty:
        return Fishnet(size_m, nothing, nothing, crs_local)
    west, south, east, north = (int(np.floor(side / size_m)) for side in polygon.bounds)
    if (east - west + 1) * (north - south + 1) > 4 * MAX_CELLS:
        raise InputError("This area has too many cells of this size; choose larger ones.")
    columns, rows = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(west, east + 1), np.arange(south, north + 1), indexing="ij"
        )
    )
    left, low = columns * float(size_m), rows * float(size_m)
    boxes = shapely.box(left, low, left + size_m, low + size_m)
    touches = shapely.intersects(prepared(polygon), boxes)
    if touches.sum() > MAX_CELLS:
        raise InputError(
            f"The area has {touches.sum():,} cells of this size, more than {MAX_CELLS:,}; "
            "choose larger ones."
        )
    return Fishnet(size_m, columns[touches], rows[touches], crs_local)


def study_area(reader: SnapshotReader) -> shapely.Geometry:
    """The city in local meters: its added outlines, else derived ones, else a hull of its places.

    It is cached as long as the reader lives.
    """
    with _LOCK:
        if reader not in _STUDY_AREAS:
            _STUDY_AREAS[reader] = _study_area(reader)
        return _STUDY_AREAS[reader]


def fishnet(
    reader: SnapshotReader,
    size_m: int,
    scope: Scope | None = None,
    selection: Selection | None = None,
) -> Fishnet:
    """Cells that touch the city, clipped to the areas and places of scope and selection.

    Without clipping, every cell of a selected district would be hot compared with the empty rest.
    Zones are sets of places, not areas: they keep the cells that hold one of their places.

    Raises
    ------
    InputError
        The size is out of range, or the cells are too many.
    """
    parts = [part for part in (scope.selection if scope else None, selection) if part]
    polygon = chosen_area(reader, *parts)
    grid = fishnet_over(polygon, size_m, reader.snapshot.manifest.crs_local)
    for part in parts:
        grid = _in_zones(reader, part, grid)
    return grid


def chosen_area(reader: SnapshotReader, *selections: Selection) -> shapely.Geometry:
    """The city within the areas and places of selections, zones apart, in local meters."""
    polygon = study_area(reader)
    for part in selections:
        chosen = chosen_place(reader, part)
        if chosen is not None:
            polygon = shapely.intersection(polygon, chosen)
    return polygon


def _in_zones(reader: SnapshotReader, selection: Selection, grid: Fishnet) -> Fishnet:
    zones = [
        clause for _, clause in selection.items if isinstance(clause, Labels) and not clause.unknown
    ]
    if not zones:
        return grid
    xy = reader.frame(load("crossfilter/places")).to_numpy()
    places, holds = Places(reader), np.ones(len(grid), dtype=bool)
    for clause in zones:
        found = grid.indices_of(*xy[places.inside(clause)].T)
        holds &= np.isin(np.arange(len(grid)), found)
    return Fishnet(grid.size_m, grid.columns[holds], grid.rows[holds], grid.crs_local)


_LOCK = threading.Lock()
_STUDY_AREAS: weakref.WeakKeyDictionary[SnapshotReader, shapely.Geometry] = (
    weakref.WeakKeyDictionary()
)


def _study_area(reader: SnapshotReader) -> shapely.Geometry:
    outlines = reader.snapshot.manifest.outlines
    for origin in ("added", "derived"):
        levels = [name for name in LEVELS if name in outlines and outlines[name].origin == origin]
        parts = [shape for level in levels for shape in outline_shapes(reader, level).values()]
        if parts:
            return polygonal(shapely.union_all(parts))
    places = reader.frame(load("crossfilter/places")).drop_nulls()
    points = shapely.multipoints(places.select("x_m", "y_m").to_numpy())
    return shapely.concave_hull(points, ratio=HULL_RATIO)


def outline_shapes(reader: SnapshotReader, level: str) -> dict[str, shapely.Geometry]:
    """Outlines of one level in local meters by key; empty where there are none."""
    path: Path | None = reader.snapshot.outline(level)
    if path is None:
        return {}
    crs = reader.snapshot.manifest.crs_local
    return {
        area.key: shapely.make_valid(to_local(area.polygon, crs))
        for area in read_areas(path, "id", "name")
    }


def to_local(shape: shapely.Geometry, crs_local: str) -> shapely.Geometry:
    """A geometry in degrees (longitude, latitude) as local meters."""
    return shapely.transform(
        shape, lambda corners: np.column_stack(project(crs_local, corners[:, 1], corners[:, 0]))
    )


def chosen_place(reader: SnapshotReader, selection: Selection) -> shapely.Geometry | None:
    """The area that filters on place select, zones apart, in local meters; None without any."""
    crs = reader.snapshot.manifest.crs_local
    shapes = []
    for name, clause in selection.items:
        if isinstance(clause, Cells):
            sides = np.array(clause.known, dtype=float).reshape(-1, 3)
            west, south = sides[:, 1] * sides[:, 0], sides[:, 2] * sides[:, 0]
            # A little smaller, so that neighbors do not touch the selected cell.
            boxes = shapely.box(west, south, west + sides[:, 0], south + sides[:, 0])
            shapes.append(shapely.union_all(shapely.buffer(boxes, -0.01)))
        elif isinstance(clause, Polygon):
            corners = np.array([(lon, lat) for lat, lon in clause.vertices])
            shapes.append(shapely.make_valid(to_local(shapely.polygons(corners), crs)))
        elif isinstance(clause, CustomAreas):
            parts = [
                shapely.Polygon(shell, holes)
                for area in clause.found
                for shell, *holes in area.polygons
            ]
            shapes.append(shapely.union_all([to_local(part, crs) for part in parts]))
        elif isinstance(clause, Near):
            (east,), (north,) = project(crs, [clause.lat], [clause.lon])
            shapes.append(shapely.buffer(shapely.points(east, north), clause.meters))
        elif name in (*LEVELS, "ward") and isinstance(clause, Choice):
            outlines = outline_shapes(reader, name)
            known = [outlines[str(key)] for key in clause.known if str(key) in outlines]
            if known and not clause.unknown:
                shapes.append(shapely.union_all(known))
    return shapely.intersection_all(shapes) if shapes else None
