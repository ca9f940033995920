"""Getis-Ord Gi*: cells that, with their neighbors, hold significantly more or less than others.

References
----------
Ord & Getis (1995), Local spatial autocorrelation statistics, Geographical Analysis 27, eq. 14.
Anselin (1995), Geographical Analysis 27: conditional permutation.
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
from analytics.statistics.level import LEVEL


@dataclass(frozen=True, eq=False)
class HotCells:
    """Gi* of every cell.

    Attributes
    ----------
    z : array of shape (cells,)
        Standard score; positive is hot. NaN if all values are the same.
    p : array of shape (cells,)
        Two-sided, over all conditional permutations; see `star_p`.
    q : array of shape (cells,)
        p adjusted for the number of cells (false discovery rate).
    """

    z: Floats = field(repr=False)
    p: Floats = field(repr=False)
    q: Floats = field(repr=False)

    def hot(self, level: float = LEVEL) -> npt.NDArray[np.bool_]:
        """Cells that are hot spots at this false discovery rate."""
        return (self.z > 0) & (self.q <= level)


def fit_getis_ord(values: Floats, weights: sparse.csr_array) -> HotCells:
    """Gi* with p-values and adjusted p-values.

    Parameters
    ----------
    values : array of shape (cells,)
        Incidents or harm of each cell, crime-free cells included.
    weights : sparse array of shape (cells, cells)
        Neighbors and the cell itself: `neighbors.distance_band(…, self_included=True)`.

    Raises
    ------
    InputError
        A cell is not among its own neighbors (which is Gi, not Gi*), an entry is not 1, or shapes
        differ.

    Notes
    -----
    z = (Σ w x − x̄ Σ w) / (s √((n Σ w² − (Σ w)²) / (n − 1))), s² = Σ x² / n − x̄².

    References
    ----------
    Ord & Getis (1995), eq. 14; Anselin (1995); Caldas de Castro & Singer (2006).
    """
    single = np.asarray(values, dtype=np.float64)[:, None]
    z = star_scores(single, weights)
    p = star_p(single, z, weights)[:, 0]
    return HotCells(z[:, 0], p, benjamini_hochberg(p))


def star_p(values: Floats, z: Floats, weights: sparse.csr_array) -> Floats:
    """Two-sided p of each score, shape (cells, sets); NaN where z is.

    Notes
    -----
    The cell keeps its value; those of its neighbors are drawn from all other cells. p is 2 P(S ≥ s)
    where z is positive and 2 P(S ≤ s) where it is negative, at most 1. So it is the neighbors that
    make a cell hot, given its own value. The p of a normal distribution is far too small where
    cells have few incidents: a neighborhood that expects 1 has 5 or more in 0.4% of cases, not in
    0.003%.
    """
    others = sparse.csr_array(weights - sparse.eye_array(len(values), format="csr"))
    others.eliminate_zeros()
    p = np.empty(z.shape)
    for number in range(values.shape[1]):
        below, above = permutation_tails(values[:, number], others)
        p[:, number] = 2 * np.where(z[:, number] > 0, above, below)
    return np.where(np.isnan(z), np.nan, np.minimum(p, 1.0))


def star_scores(values: Floats, weights: sparse.csr_array) -> Floats:
    """Gi* of several sets of values, shape (cells, sets); NaN where a set is constant.

    Raises
    ------
    InputError
        For the same reasons as `fit_getis_ord`.
    """
    if weights.shape != (len(values), len(values)):
        raise InputError(f"{len(values):,} values do not fit neighbors of shape {weights.shape}.")
    if len(values) and not (weights.diagonal() > 0).all():
        raise InputError("Gi* counts each cell among its own neighbors; include the diagonal.")
    if not (weights.data == 1).all():
        raise InputError("Gi* takes neighbors of equal weight: each entry must be 1.")
    n = len(values)
    mean = values.mean(axis=0)
    spread = np.sqrt(np.maximum((values**2).mean(axis=0) - mean**2, 0.0))
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    scale = np.sqrt(np.maximum(n * squares - total**2, 0.0) / max(n - 1, 1))
    below = scale[:, None] * spread[None, :]
    above = weights @ values - total[:, None] * mean[None, :]
    flat = below <= 1e-12 * max(1.0, float(np.abs(mean).max(initial=0.0)))
    return np.where(flat, np.nan, above / np.where(flat, 1.0, below))
