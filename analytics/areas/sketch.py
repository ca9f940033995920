"""Outlines of a level as a small map draws them: few corners, and a point inside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from analytics.areas.outline_file import Area, read_kept_areas
from analytics.incidents.warehouse import Snapshot

FINEST = 1 / 400
"""Corners nearer to a straight line than this share of the map's extent are left out."""
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class AreaSketch:
    """Outer rings of an area, and a point inside its largest part; as (lon, lat) in degrees."""

    rings: tuple[Ring, ...]
    inside: tuple[float, float]


def sketch(snapshot: Snapshot, level: str) -> dict[str, AreaSketch]:
    """Areas by key; empty if the level has no outlines."""
    path = snapshot.outline(level)
    return {} if path is None else sketches(read_kept_areas(path))


def sketches(areas: Sequence[Area]) -> dict[str, AreaSketch]:
    """Sketches of areas by key."""
    west, south, east, north = shapely.total_bounds([area.polygon for area in areas])
    tolerance = FINEST * max(east - west, north - south)
    return {area.key: _sketch(shapely.simplify(area.polygon, tolerance)) for area in areas}


def _sketch(shape: shapely.Geometry) -> AreaSketch:
    parts = sorted(
        (part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)),
        key=lambda part: -part.area,
    )
    inside = shapely.point_on_surface(parts[0])
    rings = tuple(
        tuple((round(x, 5), round(y, 5)) for x, y in part.exterior.coords) for part in parts
    )
    return AreaSketch(rings, (round(inside.x, 5), round(inside.y, 5)))
