"""Where incidents that were not in the fit lie on a map: by those nearest to them in features.

Most of the work is finding neighbors; it is exact, in blocks of rows, and done once for incidents
that are alike in every fact.

References
----------
Poličar, Stražar & Zupan (2023), Embedding to reference t-SNE space, Machine Learning 112: a new
point starts at the median of its neighbors. A mean would put it between islands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.patterns.features import Codes, FeatureSpace

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors

Places = npt.NDArray[np.float32]

NEIGHBORS = 5
ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Reference:
    """Fitted incidents: their codes and their places on the map.

    `codes` has shape (fitted, blocks), `places` (fitted, axes).
    """

    space: FeatureSpace
    codes: Codes = field(repr=False)
    places: Places = field(repr=False)


def place(reference: Reference, codes: Codes, neighbors: int = NEIGHBORS) -> Places:
    """Places of incidents, shape (incidents, axes).

    The median of the nearest fitted ones, along each axis, weighted by one over the distance: an
    incident alike in every fact to a fitted one gets its place.
    """
    if not len(codes):
        return np.zeros((0, reference.places.shape[1]), dtype=np.float32)
    _, first, inverse = np.unique(
        reference.space.keys(codes), return_index=True, return_inverse=True
    )
    rows = codes[first]
    found = np.empty((len(rows), reference.places.shape[1]), dtype=np.float32)
    search = _searcher(reference, neighbors)
    for start in range(0, len(rows), ROWS):
        part = reference.space.matrix(rows[start : start + ROWS])
        distance, near = search.kneighbors(part)
        found[start : start + ROWS] = weighted_median(reference.places[near], distance)
    return found[inverse]


def _searcher(reference: Reference, neighbors: int) -> NearestNeighbors:
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 - loads scikit-learn

    features = reference.space.matrix(reference.codes)
    neighbors = min(neighbors, len(features))
    return NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(features)


def weighted_median(places: Places, distance: npt.NDArray[np.floating]) -> Places:
    """Median along each axis, weighted by one over the distance.

    Parameters
    ----------
    places : array of shape (incidents, neighbors, axes)
    distance : array of shape (incidents, neighbors)

    Returns
    -------
    array of shape (incidents, axes)
    """
    # Distances of rows alike come out as rounding errors of 1e-4, not as 0.
    weights = 1.0 / np.maximum(distance.astype(np.float64), 1e-3) ** 2
    order = np.argsort(places, axis=1, kind="stable")
    sorted_places = np.take_along_axis(places, order, axis=1)
    sorted_weights = np.take_along_axis(weights[:, :, None], order, axis=1)
    reached = np.cumsum(sorted_weights, axis=1)
    middle = np.argmax(reached >= reached[:, -1:, :] / 2, axis=1)
    return np.take_along_axis(sorted_places, middle[:, None, :], axis=1)[:, 0, :]
