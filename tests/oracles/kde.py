"""The quartic KDE and the ratio of two as sums over all pairs, to test the quicker ones against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

ROWS = 20
"""Targets whose distances are held at once."""
THIN = 0.05

Places = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class RiskSurface:
    """Densities and their ratio at each target; the ratio is NaN where the denominator is thin."""

    above: np.ndarray
    below: np.ndarray
    ratio: np.ndarray
    thin: np.ndarray


def brute_kde(
    targets: np.ndarray,
    xy: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    bandwidth_m: float = 500.0,
) -> np.ndarray:
    """Density per km² at the targets: Σ w · 3/(π h²) · (1 − d²/h²)² (Silverman 1986)."""
    given = np.ones(len(xy)) if weights is None else weights
    counted = given != 0
    density = np.zeros(len(targets))
    for start in range(0, len(targets), ROWS):
        squared = cdist(targets[start : start + ROWS], xy[counted], "sqeuclidean")
        kernel = np.clip(1 - squared / bandwidth_m**2, 0, None) ** 2
        density[start : start + ROWS] = kernel @ given[counted]
    return density * 3 / (np.pi * bandwidth_m**2) * 1e6


def brute_risk(
    targets: np.ndarray, numerator: Places, denominator: Places, *, bandwidth_m: float = 500.0
) -> RiskSurface:
    """Dual KDE (Kelsall & Diggle 1995); thin is below 5 % of the median of positive ones."""
    above = brute_kde(targets, *numerator, bandwidth_m=bandwidth_m)
    below = brute_kde(targets, *denominator, bandwidth_m=bandwidth_m)
    positive = below[below > 0]
    thin = (below <= 0) | (below < THIN * np.median(positive))
    ratio = np.where(thin, np.nan, above / np.where(thin, 1.0, below))
    return RiskSurface(above, below, ratio, thin)
