"""DBSCAN on weighted unique places: dense zones of any shape; the rest is noise.

Many incidents share a point. A point with the weight of its incidents
gives exactly the clusters of the single incidents, at a fraction of the memory.

References
----------
Ester, Kriegel, Sander & Xu (1996), A density-based algorithm for discovering clusters, KDD.
Schubert, Sander, Ester, Kriegel & Xu (2017), DBSCAN revisited, revisited, ACM TODS 42(3).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analytics.errors import InputError
from analytics.hotspots.clustering import NOISE, Clustering, checked, renumbered
from analytics.hotspots.neighborhoods import pairs_within, weight_within
from analytics.statistics.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class DensityClustering(Clustering):
    """A clustering with its core places.

    Attributes
    ----------
    core : bool array of shape (places,)
        Places with at least `min_samples` of weight within `eps_m`.
    """

    core: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool), repr=False)


def fit_dbscan(
    xy: Floats,
    weights: Floats | None = None,
    *,
    eps_m: float,
    min_samples: float,
    within: Floats | None = None,
) -> DensityClustering:
    """Clusters of places connected through core places at most `eps_m` apart.

    Parameters
    ----------
    xy : array of shape (places, 2)
        Places in local meters, preferably unique.
    weights : array of shape (places,), optional
        Incidents or harm of each place.
    eps_m : float
        Radius, meters; a place at exactly this distance is a neighbor.
    min_samples : float
        Weight within the radius, the place itself included, from which a place is a core place.
    within : array of shape (places,), optional
        `weight_within(xy, weights, eps_m)`, if it was computed before.

    Returns
    -------
    DensityClustering
        Zones numbered by falling weight. A border place within reach of several zones belongs to
        the one whose first core place comes first, as in scikit-learn.

    Raises
    ------
    InputError
        eps_m or min_samples is not positive.

    Notes
    -----
    The result is exact. Memory is bounded: some four million pairs of neighbors are processed at a
    time, and only a few numbers per place are kept.

    References
    ----------
    Ester et al. (1996).
    """
    places, given = checked(xy, weights)
    if not eps_m > 0 or not min_samples > 0:
        raise InputError("eps (meters) and min_samples must be more than 0.")
    around = weight_within(places, given, eps_m) if within is None else within
    core = around >= min_samples * (1 - 1e-12)
    labels = np.full(len(places), NOISE, dtype=np.int64)
    labels[core] = _connected(places[core], eps_m)
    labels = _with_border(places, labels, core, eps_m)
    parameters = {"eps_m": eps_m, "min_samples": min_samples}
    return DensityClustering("dbscan", renumbered(labels, given), parameters, core=core)


def _connected(cores: Floats, eps_m: float) -> Ints:
    """Component of each core place, numbered in the order of their first places."""
    component = np.arange(len(cores), dtype=np.int64)
    for own, other, _ in pairs_within(cores, cores, eps_m):
        ends = np.column_stack([component[own], component[other]])
        ends = ends[ends[:, 0] != ends[:, 1]]
        if len(ends):
            graph = sparse.coo_array((np.ones(len(ends), np.int8), ends.T), shape=2 * (len(cores),))
            _, merged = connected_components(graph, directed=False)
            component = merged[component].astype(np.int64)
    _, first, codes = np.unique(component, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[codes], dtype=np.int64)


def _with_border(places: Floats, labels: Ints, core: npt.NDArray[np.bool_], eps_m: float) -> Ints:
    others, cores = np.flatnonzero(~core), np.flatnonzero(core)
    far = np.iinfo(np.int64).max
    reached = np.full(len(others), far, dtype=np.int64)
    for own, other, _ in pairs_within(places[others], places[cores], eps_m):
        np.minimum.at(reached, own, labels[cores[other]])
    labels = labels.copy()
    labels[others] = np.where(reached == far, NOISE, reached)
    return labels
