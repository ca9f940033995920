"""The part of the map that a selection is about: its areas, its drawn area or its circle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.crossfilter.clauses import Clause, CustomAreas, Near, Polygon, Words
from analytics.crossfilter.outline_names import titled_outlines
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.warehouse import Snapshot

Corners = list[list[float]]
"""Southwest and northeast corner as [lat, lon] in degrees."""
FRAMING = (*AREA_LEVELS, "polygon", "near", "custom_area")
"""Filters that every map frames; it stays where cells and zones are chosen among others."""
POINT_M = 1  # a point, chosen among others on the map
METERS_PER_DEGREE = 111_195.0  # of latitude, on a sphere
TILE_PX = 256
MARGIN_PX = 20  # room for scale and license below
DECIMALS = 4
ZOOM_STEP = 0.5
DEEPEST = 15.0  # a single block is framed with its surroundings


@dataclass(frozen=True)
class PlaceFrame:
    """What the map frames: the text of the filters, empty for the whole city, and its corners."""

    key: str
    corners: Corners | None

    def zoom(self, width_px: int, height_px: int) -> float | None:
        """The deepest zoom at which the corners fit a map, as Leaflet's `getBoundsZoom` does."""
        if self.corners is None or min(width_px, height_px) <= 2 * MARGIN_PX:
            return None
        (south, west), (north, east) = self.corners
        wide = TILE_PX * (east - west) / 360
        high = TILE_PX * (_mercator(north) - _mercator(south))
        room = (width_px - 2 * MARGIN_PX, height_px - 2 * MARGIN_PX)
        scale = min(
            (px / size for px, size in zip(room, (wide, high), strict=True) if size > 0),
            default=math.inf,
        )
        zoom = min(math.log2(scale), DEEPEST) if scale < math.inf else DEEPEST
        near = round(zoom / (ZOOM_STEP / 100)) * (ZOOM_STEP / 100)  # within 1% of a step
        return max(0.0, math.floor(near / ZOOM_STEP) * ZOOM_STEP)

    def view(self, width_px: int, height_px: int, zoom: float) -> tuple[float, ...]:
        """West, south, east and north of a map with the corners in its middle."""
        (south, west), (north, east) = self.corners or [[0, 0], [0, 0]]
        world = TILE_PX * 2**zoom
        across = 180 * width_px / world
        middle, up = _mercator((south + north) / 2), height_px / world / 2
        lon = (west + east) / 2
        edges = lon - across, _latitude(middle - up), lon + across, _latitude(middle + up)
        return tuple(round(edge, DECIMALS) for edge in edges)


def place_frame(
    selection: Selection, boxes: Callable[[str], Mapping[str, Corners]], city: Corners | None
) -> PlaceFrame:
    """What the map frames for a selection.

    Parameters
    ----------
    boxes
        Corners of the outlined areas of a level by key.
    city
        Corners of the whole city.
    """
    corners: Corners | None = None
    texts = []
    for name in FRAMING:
        clause = selection.get(name)
        own = None if clause is None else _corners(name, clause, boxes)
        if clause is not None and own is not None:
            texts.append(f"{name}={clause.text}")
            corners = own if corners is None else _common(corners, own)
    return PlaceFrame("&".join(texts), corners or city)


def area_corners(snapshot: Snapshot, level: str) -> dict[str, Corners]:
    """Corners of the outlined areas of a level by key; empty without outlines."""
    path = snapshot.outline(level)
    if path is None:
        return {}
    features = titled_outlines(path)["features"]
    return {
        str(feature["properties"]["id"]): _around_ring(feature["geometry"]["coordinates"])
        for feature in features
    }


def _around_ring(coordinates: Any) -> Corners:
    """Corners of the coordinates of a polygon or several."""
    while isinstance(coordinates[0][0], list):
        coordinates = [inner for outer in coordinates for inner in outer]
    lons, lats = zip(*coordinates, strict=True)
    return [[min(lats), min(lons)], [max(lats), max(lons)]]


def _corners(
    name: str, clause: Clause, boxes: Callable[[str], Mapping[str, Corners]]
) -> Corners | None:
    if isinstance(clause, Near) and clause.meters > POINT_M:
        up = clause.meters / METERS_PER_DEGREE
        across = up / max(math.cos(math.radians(clause.lat)), 0.01)
        return [[clause.lat - up, clause.lon - across], [clause.lat + up, clause.lon + across]]
    if isinstance(clause, Polygon):
        return around([[list(vertex), list(vertex)] for vertex in clause.vertices])
    if isinstance(clause, CustomAreas):
        return around([_around_ring(ring.tolist()) for area in clause.found for ring in area.rings])
    if isinstance(clause, Words):
        known = boxes(name)
        return around([known[key] for key in clause.known if key in known])
    return None


def around(boxes: list[Corners]) -> Corners | None:
    """Corners of all boxes together; None without any."""
    if not boxes:
        return None
    lows, highs = zip(*boxes, strict=True)
    return [[min(one[axis] for one in lows) for axis in (0, 1)],
            [max(one[axis] for one in highs) for axis in (0, 1)]]  # fmt: skip


def _common(first: Corners, second: Corners) -> Corners:
    """What both boxes have in common; the second where that is nothing."""
    low = [max(first[0][axis], second[0][axis]) for axis in (0, 1)]
    high = [min(first[1][axis], second[1][axis]) for axis in (0, 1)]
    return [low, high] if low[0] < high[0] and low[1] < high[1] else second


def _mercator(lat: float) -> float:
    """Distance from the equator on a Mercator map whose width is 1."""
    return math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(2 * math.pi * y)))
