"""UMAP embedding: neighbors are similar; distances between far incidents mean nothing.

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
    """Coordinates of incidents, shape (incidents, axes).

    Parameters
    ----------
    features : array of shape (incidents, columns)
    neighbors : int
        Number of neighbors: few show detail, many the overall structure.
    min_dist : float
        Minimum distance in the embedding, 0 to 1.
    """
    with warnings.catch_warnings():
        # umap-learn warns that a seed means one thread, and uses a renamed scikit-learn option.
        warnings.simplefilter("ignore")
        from umap import UMAP  # noqa: PLC0415 - compiles for seconds

        fitted = UMAP(
            n_components=axes,
            n_neighbors=min(neighbors, len(features) - 1),
            min_dist=min_dist,
            random_state=seed,
            n_jobs=1,
        )
        coordinates = fitted.fit_transform(features)
    # umap-learn gives rows without neighbors no coordinates: they go to the mean.
    mean = float(np.nanmean(coordinates))
    return np.nan_to_num(np.asarray(coordinates, dtype=np.float32), nan=mean)
