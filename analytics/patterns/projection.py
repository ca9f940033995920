"""Projection of new incidents onto a fitted embedding, by their nearest neighbors in features.

Finding neighbors dominates the cost; the search is exact, in blocks of rows, and done once for
incidents with the same features.

References
----------
Poličar, Stražar & Zupan (2023), Embedding to reference t-SNE space, Machine Learning 112: a new
point starts at the median of its neighbors. A mean would put it between clusters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.patterns.features import Codes, FeatureSpace

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors

Coordinates = npt.NDArray[np.float32]

NEIGHBORS = 5
ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Reference:
    """Fitted incidents: their codes and their coordinates in the embedding.

    `codes` has shape (fitted, blocks), `coordinates` (fitted, axes).
    """

    space: FeatureSpace
    codes: Codes = field(repr=False)
    coordinates: Coordinates = field(repr=False)


def project(reference: Reference, codes: Codes, neighbors: int = NEIGHBORS) -> Coordinates:
    """Coordinates of incidents, shape (incidents, axes).

    The median of the nearest fitted incidents along each axis, weighted by the inverse squared
    distance: an incident with the same features as a fitted one gets its coordinates.
    """
    if not len(codes):
        return np.zeros((0, reference.coordinates.shape[1]), dtype=np.float32)
    _, first, inverse = np.unique(
        reference.space.keys(codes), return_index=True, return_inverse=True
    )
    rows = codes[first]
    found = np.empty((len(rows), reference.coordinates.shape[1]), dtype=np.float32)
    search = _searcher(reference, neighbors)
    for start in range(0, len(rows), ROWS):
        part = reference.space.matrix(rows[start : start + ROWS])
        distance, near = search.kneighbors(part)
        found[start : start + ROWS] = weighted_median(reference.coordinates[near], distance)
    return found[inverse]


def _searcher(reference: Reference, neighbors: int) -> NearestNeighbors:
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 - loads scikit-learn

    features = reference.space.matrix(reference.codes)
    neighbors = min(neighbors, len(features))
    return NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(features)


def weighted_median(coordinates: Coordinates, distance: npt.NDArray[np.floating]) -> Coordinates:
    """Median along each axis, weighted by the inverse squared distance.

    Parameters
    ----------
    coordinates : array of shape (incidents, neighbors, axes)
    distance : array of shape (incidents, neighbors)

    Returns
    -------
    array of shape (incidents, axes)
    """
    # Distances of equal rows come out as rounding errors of 1e-4, not as 0.
    weights = 1.0 / np.maximum(distance.astype(np.float64), 1e-3) ** 2
    order = np.argsort(coordinates, axis=1, kind="stable")
    sorted_places = np.take_along_axis(coordinates, order, axis=1)
    sorted_weights = np.take_along_axis(weights[:, :, None], order, axis=1)
    reached = np.cumsum(sorted_weights, axis=1)
    middle = np.argmax(reached >= reached[:, -1:, :] / 2, axis=1)
    return np.take_along_axis(sorted_places, middle[:, None, :], axis=1)[:, 0, :]
