"""Areas of zones in grid cells, and their outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from analytics.areas.outline_file import polygonal
from analytics.artifacts.labels import OUTSIDE, score
from analytics.hotspots.fishnet import Fishnet, fishnet
from analytics.incidents.projection import to_degrees
from analytics.incidents.reader import SnapshotReader

AREA_CELL_M = 100
LARGER_CELL_M = 250  # for cities above `MANY_KM2`
MANY_KM2 = 2_000.0


@dataclass(frozen=True, eq=False)
class ZoneAreas:
    """Cells of the study area that are in a zone.

    Attributes
    ----------
    grid : Fishnet
    zone, cell : int64 arrays of shape (cells in a zone,)
    zones : int
    """

    grid: Fishnet
    zone: npt.NDArray[np.int64] = field(repr=False)
    cell: npt.NDArray[np.int64] = field(repr=False)
    zones: int

    @property
    def km2(self) -> npt.NDArray[np.float64]:
        """Area of each zone, shape (zones,); at least one cell."""
        cells = np.bincount(self.zone, minlength=self.zones)
        return np.asarray(np.maximum(cells, 1) * self.grid.cell_km2)

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Share of the study area of each zone, shape (zones,)."""
        return self.km2 / self.grid.area_km2


def zone_areas(reader: SnapshotReader, rule: Mapping[str, Any], labels: pl.DataFrame) -> ZoneAreas:
    """Cells in a zone, by the rule that labels places applied to their centers.

    So a zone's area and the later incidents in it follow from the same rule.
    """
    grid = _grid(reader)
    zones = int(labels["label"].max() or 0) + 1  # type: ignore[arg-type]
    zone = score(rule, labels, grid.centers)
    cell = np.arange(len(grid), dtype=np.int64)
    keep = zone != OUTSIDE
    return ZoneAreas(grid, zone[keep], cell[keep], zones)


def zone_shapes(areas: ZoneAreas, labels: Sequence[int]) -> dict[int, shapely.Geometry]:
    """Union of each zone's cells, in local meters; empty if it holds no cell's center."""
    return {
        label: polygonal(shapely.union_all(areas.grid.boxes(areas.cell[areas.zone == label])))
        for label in labels
    }


def outlines(
    areas: ZoneAreas, profiles: pl.DataFrame, shapes: Mapping[int, shapely.Geometry]
) -> dict[str, Any]:
    """GeoJSON of the zones in WGS84, five decimals; `id` is the label as text."""
    features = []
    for row in profiles.iter_rows(named=True):
        shape = shapes[row["label"]]
        degrees = shapely.transform(shape, lambda xy: _to_degrees(xy, areas.grid.crs_local))
        properties = {
            "id": str(row["label"]),
            "incidents": row["incidents"],
            "weight": row["weight"],
            "km2": round(row["km2"], 4),
            "lat": round(row["lat"], 5),
            "lon": round(row["lon"], 5),
        }
        geometry = shapely.geometry.mapping(shapely.set_precision(degrees, 1e-5))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def _grid(reader: SnapshotReader) -> Fishnet:
    larger = fishnet(reader, LARGER_CELL_M)
    return larger if larger.area_km2 > MANY_KM2 else fishnet(reader, AREA_CELL_M)


def _to_degrees(xy: npt.NDArray[np.float64], crs_local: str) -> npt.NDArray[np.float64]:
    lat, lon = to_degrees(xy[:, 0], xy[:, 1], crs_local)
    return np.column_stack([lon, lat])
