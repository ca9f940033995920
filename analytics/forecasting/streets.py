"""Blocks of street as the units of a forecast, and the street length of cells.

References
----------
Kelsall & Diggle (1995), Non-parametric estimation of spatial variation in relative risk, Statistics
in Medicine 14.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.kde_kernels import kernel_matrix
from analytics.statistics.arrays import Floats, Ints, sums_by_label


@dataclass(frozen=True, eq=False)
class Streets:
    """Stretches of street.

    Attributes
    ----------
    names : texts of the blocks
    centers : middles in local meters, shape (blocks, 2)
    km : street length of each block, shape (blocks,)
    """

    names: tuple[str, ...]
    centers: Floats = field(repr=False)
    km: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def keys(self) -> list[str]:
        return list(self.names)

    def frame(self, **values: Any) -> pl.DataFrame:
        """`block`, `x_m`, `y_m` and further columns of shape (blocks,)."""
        x_m, y_m = self.centers.T
        return pl.DataFrame({"block": self.keys, "x_m": x_m, "y_m": y_m, **values})

    def positions(self, blocks: pl.Series) -> Ints:
        """Position of each block text; -1 for one that is not a known block, or null."""
        table = pl.DataFrame({"block": self.keys, "position": np.arange(len(self))})
        found = blocks.to_frame("block").join(table, on="block", how="left", maintain_order="left")
        return np.asarray(found["position"].fill_null(-1).to_numpy(), dtype=np.int64)

    def within(self, grid: Fishnet) -> Streets:
        """The blocks whose middle is in a cell."""
        kept = np.flatnonzero(grid.indices_of(*self.centers.T) >= 0)
        names = tuple(self.names[position] for position in kept)
        return Streets(names, self.centers[kept], self.km[kept])

    def in_cells(self, grid: Fishnet) -> Floats:
        """Street length in km of each cell; a block counts in the cell of its middle."""
        return sums_by_label(grid.indices_of(*self.centers.T), self.km, len(grid))

    def smoother(self, bandwidth_m: float) -> sparse.csr_array:
        """Matrix from counts by block to counts smoothed over the street around.

        The rate per km of street at a block is Σ K n / Σ K km over the blocks around, times the
        block's own km. A ratio of two densities has no edge and does not rank long blocks first
        (Kelsall & Diggle 1995).
        """
        kernel = kernel_matrix(self.centers, self.centers, bandwidth_m)
        scale = self.km / (kernel @ self.km)
        return sparse.csr_array(sparse.diags_array(scale) @ kernel)
