"""Residents spread over cells by area, one intersection for each pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from analytics.hotspots.fishnet import Fishnet


def residents_of_cells(
    grid: Fishnet, areas: Sequence[shapely.Geometry], residents: Sequence[float]
) -> np.ndarray:
    """Σ P · |area ∩ cell| / |area| (Goodchild & Lam 1980), shape (cells,)."""
    boxes = np.asarray(grid.boxes(), dtype=object)
    shares = [
        people * shapely.area(shapely.intersection(area, boxes)) / shapely.area(area)
        for area, people in zip(areas, residents, strict=True)
        if shapely.area(area) > 0  # the part of an area in another district has none
    ]
    return np.asarray(np.sum(shares, axis=0))
