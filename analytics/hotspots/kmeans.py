"""K-means and mini-batch K-means: k compact patrol zones. They are not a test of hot spots.

References
----------
MacQueen (1967), Some methods for classification and analysis of multivariate observations.
Sculley (2010), Web-scale k-means clustering, WWW.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans, MiniBatchKMeans
from threadpoolctl import threadpool_limits

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, checked
from analytics.statistics.arrays import Floats

STARTS = 4
"""Number of starts; the fit with the least inertia is kept."""
BATCH = 4096
ONE_THREAD = 50_000
"""Number of places below which a fit uses one thread."""


def fit_kmeans(
    xy: Floats,
    weights: Floats | None = None,
    *,
    k: int,
    seed: int = 0,
    starts: int = STARTS,
    mini_batch: bool = False,
) -> Clustering:
    """Zones that minimize the weighted squared distances (m²) to their centers.

    Parameters
    ----------
    xy : array of shape (places, 2)
        Local meters.
    weights : array of shape (places,), optional
        Incidents or harm of each place; places of weight 0 are labeled but do not move centers.
    k : int
        Number of zones.
    mini_batch : bool
        Use batches of 4,096 places: faster, but less stable (see `stability`).

    Returns
    -------
    Clustering
        Zones numbered by falling weight; `centers` in local meters, `estimator` in the same order,
        so that `estimator.predict` gives the same labels.

    Raises
    ------
    InputError
        k is less than 1, or there are fewer than k places with a weight.

    References
    ----------
    MacQueen (1967); Sculley (2010).
    """
    places, given = checked(xy, weights)
    weighing = given > 0
    if k < 1 or k > len(np.unique(places[weighing], axis=0)):
        raise InputError(
            f"{k} zones of {int(weighing.sum()):,} places are not possible; choose 1 to that many."
        )
    # Centered, since northings of 4.6 million meters would cost digits.
    middle = np.average(places, axis=0, weights=given)
    kind = MiniBatchKMeans if mini_batch else KMeans
    more = {"batch_size": BATCH} if mini_batch else {}
    estimator = kind(n_clusters=k, n_init=starts, random_state=seed, **more)
    # Small fits are slower on several threads than on one, and far slower on a busy machine.
    with threadpool_limits(1 if mini_batch or len(places) < ONE_THREAD else None):
        estimator.fit(places[weighing] - middle, sample_weight=given[weighing])
    _reorder(estimator, estimator.predict(places - middle), given, middle)
    return Clustering(
        method="mini-batch k-means" if mini_batch else "k-means",
        labels=estimator.predict(places).astype(np.int64),
        parameters={"k": k, "seed": seed, "starts": starts, "mini_batch": mini_batch},
        centers=estimator.cluster_centers_.copy(),
        estimator=estimator,
    )


def _reorder(
    estimator: KMeans | MiniBatchKMeans,
    labels: npt.NDArray[np.int32],
    weights: Floats,
    middle: Floats,
) -> None:
    """Number the estimator's zones by falling weight, and undo the centering."""
    total = np.bincount(labels, weights=weights, minlength=len(estimator.cluster_centers_))
    order = np.argsort(-total, kind="stable")
    estimator.cluster_centers_ = np.ascontiguousarray(estimator.cluster_centers_[order] + middle)
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order))
    estimator.labels_ = places[estimator.labels_]
