"""Adjust p-values of several tests so that any false rejection among them stays rare.

References
----------
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
Statistics 6.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats


def holm(p: npt.ArrayLike, family: int | None = None) -> Floats:
    """Adjusted p-values: the lowest family-wise error at which each is significant.

    Parameters
    ----------
    p : array of shape (tests,)
    family : int, optional
        Number of tests in the family, if more than given here. Those that are missing count as
        larger than all given ones, which can only make the result stricter.

    References
    ----------
    Holm (1979).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = max(family or 0, len(values)) - np.arange(len(values))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted
