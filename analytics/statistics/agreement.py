"""Agreement of two labelings.

References
----------
Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data
Analysis 52.
Hubert & Arabie (1985), Comparing partitions, Journal of Classification 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats, Ints

if TYPE_CHECKING:
    from scipy import sparse

STABLE = 0.75
"""Jaccard similarity from which a cluster counts as stable, a rule of thumb of Hennig's."""


def adjusted_rand(first: Ints, second: Ints, weights: Floats | None = None) -> float:
    """Agreement beyond chance: 1 for the same labeling, 0 for chance. Noise is a label.

    Parameters
    ----------
    weights : array of shape (places,), optional
        Incidents of each place. Pairs of incidents are compared, also those of one place.

    References
    ----------
    Hubert & Arabie (1985).
    """
    table = _contingency(np.asarray(first), np.asarray(second), weights)
    total = float(table.sum())
    same = _pairs(table.data)
    rows, columns = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    everything = total * (total - 1) / 2
    if everything <= 0:
        return 1.0
    expected = rows * columns / everything
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((same - expected) / (most - expected))


def _pairs(counts: npt.ArrayLike) -> float:
    values = np.asarray(counts, dtype=np.float64)
    return float((values * (values - 1) / 2).sum())


def _contingency(
    first: npt.NDArray[np.integer], second: npt.NDArray[np.integer], weights: Floats | None
) -> sparse.coo_array:
    from scipy import sparse  # noqa: PLC0415 - slow to import, and this is not needed to serve

    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    given = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    table = sparse.coo_array((given, (row, column)), shape=(len(rows), len(columns)))
    table.sum_duplicates()
    return table
