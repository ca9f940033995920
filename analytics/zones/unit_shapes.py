"""Shapes of the units of a forecast: squares of cells, and strips along blocks of street."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyproj

from analytics.crossfilter.map_cells import DECIMALS, cell_rings
from analytics.statistics.arrays import Floats
from analytics.zones.unit_forecast import UnitForecast

WIDTH_M = 40.0
"""Width of a block's strip: a street with its sidewalks and front yards, to be seen on a map."""


def unit_rings(units: pl.DataFrame, size_m: int, crs_local: str) -> list[list[list[float]]]:
    """Corners of each unit as [lon, lat], closed."""
    if "cell" in units.columns:
        cells = units.select(cell_column="col", cell_row="row")
        return cell_rings(cells, size_m, crs_local)
    middle = units.select("x_m", "y_m").to_numpy()
    along = units.select("dx", "dy").to_numpy() * (units["km"].to_numpy() * 500)[:, None]
    across = units.select(-pl.col("dy"), "dx").to_numpy() * WIDTH_M / 2
    corners = np.stack([-along - across, along - across, along + across, across - along], axis=1)
    closed = (middle[:, None] + corners)[:, [0, 1, 2, 3, 0]]
    rings: list[list[list[float]]] = np.round(_degrees(closed, crs_local), DECIMALS).tolist()
    return rings


def shown_geojson(forecast: UnitForecast, crs_local: str) -> bytes:
    """Units that a map shows, in their order; `id` is the value that selects one."""
    units = forecast.units.filter(pl.Series(forecast.shown))
    keys = units[forecast.key].to_list()
    features = [
        {
            "type": "Feature",
            "properties": {"id": key},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for key, ring in zip(keys, unit_rings(units, forecast.size_m, crs_local), strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, separators=(",", ":"), ensure_ascii=False).encode()


def _degrees(xy: Floats, crs_local: str) -> Floats:
    """Local meters as (lon, lat), shape of `xy`."""
    to_degrees = pyproj.Transformer.from_crs(crs_local, "EPSG:4326", always_xy=True)
    return np.stack(to_degrees.transform(xy[..., 0], xy[..., 1]), axis=-1)
