"""Adjust p-values of many tests for the false discovery rate.

References
----------
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
Caldas de Castro & Singer (2006), Controlling the false discovery rate: a new application to
account for multiple and dependent tests in local statistics of spatial association, Geographical
Analysis 38.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Adjusted p-values (q): the lowest false discovery rate at which each is significant.

    Parameters
    ----------
    p : array of shape (tests,)
        NaN is not a test: it stays NaN and does not count.

    References
    ----------
    Benjamini & Hochberg (1995); Caldas de Castro & Singer (2006) apply it to local statistics,
    whose tests depend on each other positively, where the procedure still holds.
    """
    values = np.asarray(p, dtype=np.float64)
    adjusted = np.full(values.shape, np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        from scipy.stats import false_discovery_control  # noqa: PLC0415 - a second of importing

        adjusted[tested] = false_discovery_control(values[tested])
    return adjusted
