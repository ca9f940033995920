"""Outlines of a small map: few corners, the same areas."""

from __future__ import annotations

import numpy as np
import shapely

from analytics.areas.outline_file import Area
from analytics.areas.sketch import sketches

CIRCLE = [
    [-87.6 + 0.1 * float(np.cos(turn)), 41.8 + 0.1 * float(np.sin(turn))]
    for turn in np.linspace(0, 2 * np.pi, 2_001)
]
ISLAND = [[-87.4, 41.8], [-87.39, 41.8], [-87.39, 41.81], [-87.4, 41.8]]


CITY = [Area("001", "001", shapely.MultiPolygon([(ISLAND, ()), (CIRCLE, ())]))]


def test_a_sketch_has_few_corners_and_nearly_the_same_area() -> None:
    area = sketches(CITY)["001"]
    largest, island = area.rings
    assert len(largest) < 60
    assert len(island) == 4
    whole, drawn = shapely.Polygon(CIRCLE), shapely.Polygon(largest)
    assert whole.symmetric_difference(drawn).area < 0.02 * whole.area


def test_the_point_to_click_is_inside_the_largest_part() -> None:
    area = sketches(CITY)["001"]
    assert shapely.Polygon(area.rings[0]).contains(shapely.Point(area.inside))
