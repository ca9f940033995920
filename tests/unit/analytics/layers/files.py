"""Layer files of a small town for tests, between 41.8 and 41.9 north, 87.7 and 87.6 west."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Position = Sequence[float]


def line(*positions: Position, **properties: Any) -> dict[str, Any]:
    return feature({"type": "LineString", "coordinates": list(positions)}, **properties)


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def square(west: float, south: float, side: float, **properties: Any) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return feature({"type": "Polygon", "coordinates": [ring]}, **properties)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(path: Path, features: Sequence[Any], **members: Any) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", **members, "features": list(features)}, indent=1)
    )
    return path


# A block of four streets: two meet at each corner, and the south one goes on to the east.
CORNERS = SW, SE, NE, NW = ((-87.66, 41.86), (-87.65, 41.86), (-87.65, 41.87), (-87.66, 41.87))
BLOCK = [
    line(SW, SE, street="S MAIN ST", highway="primary"),
    line(SE, NE, street="E OAK AVE", highway="residential"),
    line(NE, NW, street="N ELM ST", highway="residential"),
    line(NW, SW, street="W ASH AVE", highway="residential"),
    line(SE, (-87.60, 41.86), street="S MAIN ST", highway="primary"),
]
