"""Custom areas over the small cities: with holes, of several parts, and of many corners."""

from __future__ import annotations

import numpy as np
import shapely

from analytics.crossfilter.custom_area import CustomArea

_CENTERS = ((41.86, -87.66), (41.88, -87.64), (41.90, -87.63), (41.85, -87.68))


def _star(rng: np.random.Generator, lat: float, lon: float, corners: int) -> shapely.Polygon:
    turns = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radii = rng.uniform(0.006, 0.02, corners)
    return shapely.Polygon(
        np.column_stack([lon + radii * np.cos(turns), lat + radii * np.sin(turns)])
    )


def _area(number: int, shape: shapely.Geometry) -> CustomArea:
    polygons = tuple(
        tuple(shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors))
        for part in shapely.get_parts(shape)
    )
    return CustomArea(f"{number:010x}", f"Area {number}", polygons)


def _areas() -> dict[str, CustomArea]:
    rng = np.random.default_rng(11)
    found = []
    for number, corners in enumerate((5, 9, 40, 400)):
        shape = _star(rng, *_CENTERS[number], corners)
        lat, lon = _CENTERS[number - 1]
        if number % 2:
            shape = shape.difference(shapely.Point(_CENTERS[number][::-1]).buffer(0.004))
        if number > 1:
            shape = shape.union(_star(rng, lat, lon, 6))
        found.append(_area(number, shape))
    return {area.id: area for area in found}


AREAS = _areas()
