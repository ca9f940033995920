"""Custom areas: shapes that people drew or loaded, which a selection names by their ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Ring = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class CustomArea:
    """One area. The shape of an id never changes.

    Attributes
    ----------
    polygons
        Each an outer ring and its holes: (longitude, latitude) in WGS84 degrees, shape
        (corners, 2), the first corner not repeated. They do not overlap.
    ended
        Whether it is no longer offered; selections that name it still count.
    """

    id: str
    name: str
    polygons: tuple[tuple[Ring, ...], ...]
    ended: bool = False

    @property
    def rings(self) -> list[Ring]:
        """Outer rings and holes: a place inside an odd number of them is in the area."""
        return [ring for polygon in self.polygons for ring in polygon]

    @property
    def title(self) -> str:
        """Its name, and whether it has ended."""
        return f"{self.name} (ended)" if self.ended else self.name

    @property
    def geometry(self) -> dict[str, Any]:
        """As GeoJSON."""
        closed = [
            [np.vstack([ring, ring[:1]]).tolist() for ring in polygon] for polygon in self.polygons
        ]
        if len(closed) == 1:
            return {"type": "Polygon", "coordinates": closed[0]}
        return {"type": "MultiPolygon", "coordinates": closed}


FindAreas = Callable[[Collection[str]], Mapping[str, CustomArea]]
"""Gives areas by id: of the given ids those that the current reader may use."""


def no_areas(_ids: Collection[str]) -> Mapping[str, CustomArea]:
    """Where nobody keeps custom areas."""
    return {}
