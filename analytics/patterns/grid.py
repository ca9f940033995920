"""Grid of cells over an embedding: a lasso selects cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Coordinates = npt.NDArray[np.float32]

CELLS = 64
"""Columns and rows of the grid."""


@dataclass(frozen=True)
class Grid:
    """Square cells over a two-dimensional embedding; points outside fall into the edge cells."""

    left: float
    bottom: float
    size: float

    @classmethod
    def around(cls, coordinates: Coordinates) -> Grid:
        """The grid of `CELLS` columns and rows that holds all points."""
        low, high = coordinates.min(axis=0), coordinates.max(axis=0)
        size = float(max((high - low).max(), 1e-6)) * 1.02 / CELLS
        middle = (low + high) / 2
        left, bottom = (float(axis) - size * CELLS / 2 for axis in middle)
        return cls(left, bottom, size)

    def cells(self, coordinates: Coordinates) -> npt.NDArray[np.uint16]:
        """Cell of each point: column + `CELLS` × row, counted from the lower left."""
        column, row = (
            np.clip(np.floor((coordinates[:, axis] - low) / self.size), 0, CELLS - 1).astype(
                np.int64
            )
            for axis, low in ((0, self.left), (1, self.bottom))
        )
        return (column + CELLS * row).astype(np.uint16)

    def centers(self, cells: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Center of each cell, shape (cells, 2)."""
        column, row = cells % CELLS, cells // CELLS
        x = self.left + (column + 0.5) * self.size
        y = self.bottom + (row + 0.5) * self.size
        return np.column_stack([x, y])
