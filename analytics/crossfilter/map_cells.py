"""The fishnet: square cells in local meters, numbered from the origin of the snapshot's CRS.

A cell's key is `SIZE:COLUMN_ROW`, such as `250:1790_18560`; column = floor(x / size), and
row = floor(y / size).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyproj

from analytics.crossfilter.clauses import Cells
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from sql import load

if TYPE_CHECKING:
    import shapely

SIZES = (1000, 500, 250, 150)
MAX_CELLS = 100_000
OUTLINES = 32
"""Outlines that are kept: one of 4,096 cells takes 0.15 s, and each map of a page draws it."""
DECIMALS = 6  # of a degree: a tenth of a meter


def cell_keys(reader: SnapshotReader, size: int) -> list[str]:
    """Keys of the cells with at least one incident.

    The order is that of `cells_geojson`, so that values can be sent as plain arrays.

    Raises
    ------
    InputError
        The size is not valid, or there are more than `MAX_CELLS` cells.
    """
    return _keys(_cells(reader, size), size)


def cells_geojson(reader: SnapshotReader, size: int) -> bytes:
    """The cells as a GeoJSON FeatureCollection in WGS84, compact, UTF-8.

    Each feature is a closed ring of 5 corners, [lon, lat] with 6 decimals, with a property `id`.
    Raises like `cell_keys`.
    """
    cells = _cells(reader, size)
    rings = cell_rings(cells, size, reader.snapshot.manifest.crs_local)
    features = ",".join(
        f'{{"type":"Feature","properties":{{"id":"{key}"}},"geometry":'
        f'{{"type":"Polygon","coordinates":[{json.dumps(ring, separators=(",", ":"))}]}}}}'
        for key, ring in zip(_keys(cells, size), rings, strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()


def cells_of(keys: Sequence[str]) -> pl.DataFrame:
    """Columns `cell_column` and `cell_row` from keys such as `250:1790_18560`."""
    places = [key.partition(":")[2].split("_") for key in keys]
    return pl.DataFrame(
        {
            "cell_column": [int(column) for column, _ in places],
            "cell_row": [int(row) for _, row in places],
        },
        schema={"cell_column": pl.Int64, "cell_row": pl.Int64},
    )


def cell_rings(cells: pl.DataFrame, size: int, crs_local: str) -> list[list[list[float]]]:
    """Corners of each cell as [lon, lat], counterclockwise from the southwest, closed."""
    if cells.is_empty():
        return []
    columns = cells["cell_column"].to_numpy()[:, None] + np.array([0, 1, 1, 0, 0])
    rows = cells["cell_row"].to_numpy()[:, None] + np.array([0, 0, 1, 1, 0])
    to_degrees = pyproj.Transformer.from_crs(crs_local, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(columns * float(size), rows * float(size))
    corners = np.round(np.stack([lon, lat], axis=-1), DECIMALS)
    rings: list[list[list[float]]] = corners.tolist()
    return rings


@lru_cache(OUTLINES)
def cells_outline(cells: Cells, crs_local: str) -> shapely.Geometry:
    """The area of chosen cells together, in degrees; empty where one is beyond the map."""
    import shapely  # noqa: PLC0415 - a worker starts without it

    size, column, row = np.array(cells.known, dtype=float).reshape(-1, 3).T
    boxes = shapely.box(column * size, row * size, (column + 1) * size, (row + 1) * size)
    to_degrees = pyproj.Transformer.from_crs(crs_local, "EPSG:4326", always_xy=True)
    outline = shapely.transform(
        shapely.union_all(boxes),
        lambda corners: np.round(np.column_stack(to_degrees.transform(*corners.T)), DECIMALS),
    )
    known = np.isfinite(shapely.get_coordinates(outline)).all()
    return outline if known else shapely.Polygon()


def _cells(reader: SnapshotReader, size: int) -> pl.DataFrame:
    if size not in SIZES:
        raise InputError(
            f"{size} m is not a valid cell size; choose one of {', '.join(map(str, SIZES))}."
        )
    cells = reader.frame(load("geometry/cells"), {"size": size})
    if cells.height > MAX_CELLS:
        raise InputError(
            f"The incidents lie in {cells.height:,} cells of {size} m, more than {MAX_CELLS:,}. "
            "Choose a larger size, or give the source bounds that exclude stray places."
        )
    return cells


def _keys(cells: pl.DataFrame, size: int) -> list[str]:
    columns, rows = cells["cell_column"].to_list(), cells["cell_row"].to_list()
    return [f"{size}:{column}_{row}" for column, row in zip(columns, rows, strict=True)]
