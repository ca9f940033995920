"""The selection's drawn area, custom areas, cells and circle as GeoJSON for a map."""

from __future__ import annotations

from typing import Any

from analytics.crossfilter.clauses import Cells, CustomAreas, Near, Polygon
from analytics.crossfilter.map_cells import cells_outline
from analytics.crossfilter.selection import Selection


def drawn_shapes(selection: Selection, crs_local: str) -> dict[str, Any] | None:
    """Features of the selection's filters on shapes; none without such a filter."""
    features = []
    polygon, near = selection.get("polygon"), selection.get("near")
    custom, cells = selection.get("custom_area"), selection.get("cell")
    if isinstance(polygon, Polygon):
        ring = [[lon, lat] for lat, lon in (*polygon.vertices, polygon.vertices[0])]
        features.append(_shape({"type": "Polygon", "coordinates": [ring]}, "polygon"))
    if isinstance(custom, CustomAreas):
        features += [_shape(area.geometry, area.id, name=area.title) for area in custom.found]
    if isinstance(cells, Cells):
        outline = cells_outline(cells, crs_local)
        if not outline.is_empty:
            features.append(_shape(outline.__geo_interface__, "cell"))
    if isinstance(near, Near):
        point = {"type": "Point", "coordinates": [near.lon, near.lat]}
        features.append(_shape(point, "near", meters=near.meters))
    return {"type": "FeatureCollection", "features": features}


def _shape(geometry: dict[str, Any], id: str, *, meters: int = 0, name: str = "") -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"id": id, "meters": meters, "name": name},
    }
