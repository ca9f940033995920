"""HDBSCAN: dense places of any shape and of different density.

scikit-learn's takes no weights, and weighted versions differ from the single incidents (adjusted
Rand 0.72 to 0.90 measured with another library). So places are rounded to a grid, and each grid
point stands for as many incidents as it has. `agreement_with_raw` measures what rounding changed.

References
----------
Campello, Moulavi & Sander (2013), Density-based clustering based on hierarchical density
estimates, PAKDD.
"""

from __future__ import annotations

import numpy as np
from sklearn.cluster import HDBSCAN

from analytics.errors import InputError
from analytics.hotspots.clustering import NOISE, Clustering, Floats, Ints, checked, renumbered
from analytics.hotspots.stability import adjusted_rand

GRID_M = 25
MAX_INCIDENTS = 40_000
"""More are thinned to this number: time grows with the square of it."""


def fit_hdbscan(
    xy: Floats,
    weights: Floats | None = None,
    *,
    min_cluster_size: float,
    min_samples: float,
    grid_m: float = GRID_M,
    max_incidents: int = MAX_INCIDENTS,
) -> Clustering:
    """Zones that persist over the widest range of densities.

    Parameters
    ----------
    xy : array of shape (places, 2)
        Local metres.
    weights : array of shape (places,), optional
        Incidents or harm of each place.
    min_cluster_size, min_samples : float
        In units of the weight; scaled along where incidents are thinned.
    grid_m : float
        Places are rounded to the middles of squares of this side, metres; 0 keeps them as they are.
    max_incidents : int
        Thinning is systematic: a grid point keeps its share of the weight, rounded up or down.

    Returns
    -------
    Clustering
        Zones numbered by falling weight; `parameters["thinned"]` is the share of weight kept
        (1: all). Places whose grid point was thinned away are noise.

    Raises
    ------
    InputError
        min_cluster_size is less than 2, min_samples less than 1, or thinning leaves less.

    References
    ----------
    Campello et al. (2013).
    """
    places, given = checked(xy, weights)
    if min_cluster_size < 2 or min_samples < 1:
        raise InputError("min_cluster_size must be 2 or more, min_samples 1 or more.")
    points, point = _on_grid(places, grid_m)
    total = np.bincount(point, weights=given, minlength=len(points))
    share = min(1.0, max_incidents / max(float(total.sum()), 1.0))
    times = np.diff(np.floor(np.concatenate([[0.0], np.cumsum(total * share)]) + 0.5))
    times = times.astype(np.int64)
    size, samples = round(min_cluster_size * share), round(min_samples * share)
    labels = np.full(len(points), NOISE, dtype=np.int64)
    if times.sum() > max(size, samples):
        labels = _labels(points, times, max(size, 2), max(samples, 1))
    elif share < 1:
        raise InputError("Too few incidents are left after thinning; choose a shorter period.")
    return Clustering(
        method="hdbscan",
        labels=renumbered(labels[point], given),
        parameters={
            "min_cluster_size": min_cluster_size,
            "min_samples": min_samples,
            "grid_m": grid_m,
            "thinned": share,
        },
    )


def agreement_with_raw(
    xy: Floats, weights: Floats, fitted: Clustering, *, max_incidents: int = MAX_INCIDENTS
) -> float | None:
    """Adjusted Rand between a gridded fit and one on the places as they are.

    None where there are more incidents than `max_incidents`: the raw fit would be thinned too.
    """
    if np.sum(weights) > max_incidents:
        return None
    raw = fit_hdbscan(
        xy,
        weights,
        min_cluster_size=fitted.parameters["min_cluster_size"],
        min_samples=fitted.parameters["min_samples"],
        grid_m=0,
        max_incidents=max_incidents,
    )
    return adjusted_rand(fitted.labels, raw.labels, np.asarray(weights, dtype=np.float64))


def _on_grid(places: Floats, grid_m: float) -> tuple[Floats, Ints]:
    """Distinct grid points, and which one each place is."""
    rounded = (np.floor(places / grid_m) + 0.5) * grid_m if grid_m > 0 else places
    points, point = np.unique(rounded, axis=0, return_inverse=True)
    return points, np.asarray(point, dtype=np.int64).ravel()


def _labels(points: Floats, times: Ints, size: int, samples: int) -> Ints:
    """Label of each grid point: that of most of the incidents it stands for."""
    repeated = np.repeat(np.arange(len(points)), times)
    middle = points.mean(axis=0)
    fitted = HDBSCAN(min_cluster_size=size, min_samples=samples, copy=True)
    found = fitted.fit(points[repeated] - middle).labels_
    # Incidents of one point have the same distances; ties alone can part them.
    labels = np.full(len(points), NOISE, dtype=np.int64)
    codes, counts = np.unique(np.column_stack([repeated, found]), axis=0, return_counts=True)
    order = np.argsort(counts, kind="stable")
    labels[codes[order, 0]] = codes[order, 1]
    return labels
