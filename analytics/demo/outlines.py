"""Outlines of the demo city's areas: tiles, cut off at the shore and the city limit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from analytics.areas.outline_file import Area, write_areas
from analytics.demo.city import City
from analytics.demo.profile import Floats
from analytics.demo.streets import NORTH, SOUTH, city_limit, degrees, shore

COAST_POINTS = 93
ORIGIN = "demo city"


def land() -> shapely.Polygon:
    """The city's land area, in city meters."""
    y = np.linspace(SOUTH, NORTH, COAST_POINTS)
    east = np.column_stack([shore(y), y])
    west = np.column_stack([city_limit(y), y])
    return shapely.Polygon(np.vstack([east, west[::-1]]))


def outlines(city: City, level: str) -> list[Area]:
    """Areas of one level, in degrees (longitude, latitude)."""
    tiling = city.levels[level]
    site = land()
    return [
        Area(key, name, shapely.transform(site & shapely.box(*part.rectangle), _lon_lat))
        for key, name, part in zip(tiling.keys, tiling.names, tiling.tiles, strict=True)
    ]


def write_outlines(city: City, folder: Path) -> dict[str, Path]:
    """Write one GeoJSON file per level, marked as synthetic."""
    paths = {level: folder / f"{level}.geojson" for level in city.levels}
    for level, path in paths.items():
        write_areas(path, outlines(city, level), source=ORIGIN, synthetic="yes")
    return paths


def is_synthetic(path: Path) -> bool:
    """Whether `write_outlines` wrote this file."""
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")).get("synthetic"))
    except (ValueError, AttributeError):
        return False


def _lon_lat(places: Floats) -> Floats:
    return degrees(places)[:, ::-1]
