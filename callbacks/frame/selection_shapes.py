"""The selection's polygon and circle as GeoJSON for a map."""

from __future__ import annotations

from typing import Any

from analytics.crossfilter.clauses import Near, Polygon
from analytics.crossfilter.selection import Selection


def drawn_shapes(selection: Selection) -> dict[str, Any] | None:
    """Features of the selection's polygon and circle; none without such a filter."""
    features = []
    polygon, near = selection.get("polygon"), selection.get("near")
    if isinstance(polygon, Polygon):
        ring = [[lon, lat] for lat, lon in (*polygon.vertices, polygon.vertices[0])]
        features.append(_shape({"type": "Polygon", "coordinates": [ring]}, "polygon", 0))
    if isinstance(near, Near):
        point = {"type": "Point", "coordinates": [near.lon, near.lat]}
        features.append(_shape(point, "near", near.meters))
    return {"type": "FeatureCollection", "features": features}


def _shape(geometry: dict[str, Any], name: str, meters: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"id": name, "meters": meters},
    }
