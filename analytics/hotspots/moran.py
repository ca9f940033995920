"""Local Moran's I: clusters of high or low cells, and cells that differ from their neighbors.

References
----------
Anselin (1995), Local indicators of spatial association: LISA, Geographical Analysis 27.
Caldas de Castro & Singer (2006), Geographical Analysis 38.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.errors import InputError
from analytics.hotspots.neighbor_sums import permutation_tails
from analytics.statistics.arrays import Floats
from analytics.statistics.false_discovery import benjamini_hochberg

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
"""A cell's own value, then that of its neighbors; the second and fourth are outliers."""


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I of every cell.

    Attributes
    ----------
    i : array of shape (cells,)
        Positive where a cell is similar to its neighbors; NaN without neighbors.
    quadrant : int array of shape (cells,)
        Position in `QUADRANTS`.
    p : array of shape (cells,)
        Two-sided, over all conditional permutations.
    q : array of shape (cells,)
        p adjusted for the number of cells.
    """

    i: Floats = field(repr=False)
    quadrant: npt.NDArray[np.int64] = field(repr=False)
    p: Floats = field(repr=False)
    q: Floats = field(repr=False)


def fit_local_moran(values: Floats, weights: sparse.csr_array) -> LocalMoran:
    """Local Moran's I with conditional permutation.

    Parameters
    ----------
    values : array of shape (cells,)
        Incidents or harm of each cell, crime-free cells included.
    weights : sparse array of shape (cells, cells)
        Neighbors without the cell itself, entries 1: `neighbors.queen(…, self_included=False)`.
        Rows are standardized here.

    Raises
    ------
    InputError
        Shapes differ, a cell is its own neighbor, or an entry is not 1.

    Notes
    -----
    I = (n − 1) z Σ w z / Σ z². Given z, I is as extreme as the sum S of the neighbors' values, so
    p = 2 min(P(S ≤ s), P(S ≥ s)), at most 1. Ties count on both sides; otherwise a busy cell whose
    neighbors are all empty would be significant however many cells are empty.

    References
    ----------
    Anselin (1995); Caldas de Castro & Singer (2006).
    """
    if weights.shape != (len(values), len(values)) or weights.diagonal().any():
        raise InputError("Local Moran's I takes neighbors of each cell without the cell itself.")
    if not (weights.data == 1).all():
        raise InputError("Local Moran's I takes neighbors of equal weight: each entry must be 1.")
    z = np.asarray(values, dtype=np.float64) - np.mean(values)
    squares = float((z**2).sum())
    degree = np.diff(weights.indptr)
    tested = (degree > 0) & (squares > 0)
    lag = np.where(tested, (weights @ z) / np.maximum(degree, 1), 0.0)
    i = np.where(tested, (len(z) - 1) * z * lag / (squares or 1.0), np.nan)
    below, above = permutation_tails(values, weights)
    p = np.where(tested, np.minimum(2 * np.minimum(below, above), 1.0), np.nan)
    quadrant = np.where(z > 0, np.where(lag > 0, 0, 3), np.where(lag > 0, 1, 2))
    return LocalMoran(i, quadrant, p, benjamini_hochberg(p))
