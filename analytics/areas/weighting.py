"""Areal weighting: numbers of small areas, such as tracts, divided over larger ones by area.

People are taken as evenly spread over each small area, which they are not where part of it is water
or a park.

References
----------
Goodchild & Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
Geo-Processing 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyproj
import shapely

from analytics.areas.outline_file import Area, polygonal
from analytics.incidents.projection import WGS84
from analytics.statistics.arrays import Floats


def area_weights(
    parts: Mapping[str, shapely.Geometry], areas: Sequence[Area], crs_local: str
) -> Floats:
    """Share of each part that lies in each area, shape (parts, areas).

    Shapes are in degrees. Where outlines of areas overlap, a row may add up to more than 1, and is
    scaled back; where they leave gaps, to less.
    """
    transformer = pyproj.Transformer.from_crs(WGS84, crs_local, always_xy=True)
    small = [_local(shape, transformer) for shape in parts.values()]
    large = [_local(area.polygon, transformer) for area in areas]
    weights = np.zeros((len(small), len(large)))
    pairs = shapely.STRtree(large).query(np.array(small, dtype=object), predicate="intersects")
    for at, of in pairs.T.tolist():
        whole = small[at].area
        if whole > 0:
            weights[at, of] = shapely.intersection(small[at], large[of]).area / whole
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0)


def _local(shape: shapely.Geometry, transformer: pyproj.Transformer) -> shapely.Geometry:
    def move(places: Floats) -> Floats:
        return np.column_stack(transformer.transform(places[:, 0], places[:, 1]))

    return polygonal(shapely.make_valid(shapely.transform(shape, move)))
