"""UMAP: a map on which near incidents are alike. Distances between far ones mean nothing.

References
----------
McInnes, Healy & Melville (2018), UMAP: Uniform Manifold Approximation and Projection for Dimension
Reduction, arXiv:1802.03426 (umap-learn).
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def embed_umap(
    features: Floats, *, axes: int, neighbors: int, min_dist: float, seed: int
) -> Floats:
    """Places of incidents, shape (incidents, axes).

    Parameters
    ----------
    features : array of shape (incidents, columns)
    neighbors : int
        How many count as near: few show detail, many the whole.
    min_dist : float
        How close places may lie, 0 to 1.
    """
    with warnings.catch_warnings():
        # umap-learn says that a seed means one thread, and calls a renamed option of scikit-learn.
        warnings.simplefilter("ignore")
        from umap import UMAP  # noqa: PLC0415 - compiles for seconds

        fitted = UMAP(
            n_components=axes,
            n_neighbors=min(neighbors, len(features) - 1),
            min_dist=min_dist,
            random_state=seed,
            n_jobs=1,
        )
        places = fitted.fit_transform(features)
    # A row that nothing is near to gets no place from umap-learn: the middle of the map is its own.
    return np.nan_to_num(np.asarray(places, dtype=np.float32), nan=float(np.nanmean(places)))
