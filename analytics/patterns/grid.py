"""A map of incidents cut into cells, which is what a lasso chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.float32]

CELLS = 64
"""A map is cut into so many columns and rows of cells; a lasso chooses cells, at most 500."""


@dataclass(frozen=True)
class Grid:
    """Square cells over a map in two axes; cells beyond its edge are those at its edge."""

    left: float
    bottom: float
    size: float

    @classmethod
    def around(cls, places: Places) -> Grid:
        """`CELLS` columns and rows that hold all places."""
        low, high = places.min(axis=0), places.max(axis=0)
        size = float(max((high - low).max(), 1e-6)) * 1.02 / CELLS
        middle = (low + high) / 2
        left, bottom = (float(axis) - size * CELLS / 2 for axis in middle)
        return cls(left, bottom, size)

    def cells(self, places: Places) -> npt.NDArray[np.uint16]:
        """Cell of each place: column + `CELLS` × row, counted from the lower left."""
        column, row = (
            np.clip(np.floor((places[:, axis] - low) / self.size), 0, CELLS - 1).astype(np.int64)
            for axis, low in ((0, self.left), (1, self.bottom))
        )
        return (column + CELLS * row).astype(np.uint16)

    def middles(self, cells: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Middle of each cell, shape (cells, 2)."""
        column, row = cells % CELLS, cells // CELLS
        x = self.left + (column + 0.5) * self.size
        y = self.bottom + (row + 0.5) * self.size
        return np.column_stack([x, y])
