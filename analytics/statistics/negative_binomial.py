"""Tails and intervals of a negative binomial given by its mean and variance.

References
----------
Hilbe (2011), Negative binomial regression, 2nd ed.
Lancaster (1961), Significance tests in discrete distributions, JASA 56: the mid-p value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, ndtri
from scipy.stats import nbinom

from analytics.statistics.arrays import Floats

LEAST_SPREAD = 1e-9
"""Least variance beyond the mean, relative to it: below it the distribution is Poisson's."""


def mid_tails(count: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """P(X < count) + ½ P(X = count) and P(X > count) + ½ P(X = count), shape (2, …).

    NaN where the mean is not above 0.
    """
    counted = np.asarray(count, dtype=np.float64)
    size, chance = _size(mean, variance)
    below = betainc(size, np.maximum(counted, 1), chance) * (counted > 0)
    above = np.where(counted > 0, betaincc(size, np.maximum(counted, 1), chance), 1.0)
    tails = [
        (below + betainc(size, counted + 1, chance)) / 2,
        (above + betaincc(size, counted + 1, chance)) / 2,
    ]
    found = np.stack(np.broadcast_arrays(*tails))
    found[:, np.broadcast_to(np.isnan(size), found.shape[1:])] = np.nan
    return np.asarray(found)


def mid_p(count: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Two-sided mid-p value: twice the smaller mid-tail."""
    return np.asarray(2 * mid_tails(count, mean, variance).min(axis=0))


def normal_score(count: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """The standard normal variable with the same mid-tails; above 0 where there were more."""
    less, more = mid_tails(count, mean, variance)
    return np.asarray(np.where(less < more, ndtri(less), -ndtri(more)))


def mid_interval(mean: npt.ArrayLike, variance: npt.ArrayLike, level: float) -> Floats:
    """Smallest and largest count whose mid-p value is above `level`, shape (2, …)."""
    size, chance = _size(mean, variance)
    low, high = (nbinom.ppf(point, size, chance) for point in (level / 2, 1 - level / 2))
    low = low + (mid_tails(low, mean, variance)[0] <= level / 2)
    high = high - (mid_tails(high, mean, variance)[1] <= level / 2)
    return np.stack([low, high])


def _size(mean: npt.ArrayLike, variance: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Number of successes and their probability; NaN where the mean is not above 0."""
    center = np.where(np.asarray(mean) > 0, mean, np.nan).astype(np.float64)
    spread = np.maximum(np.asarray(variance) - center, LEAST_SPREAD * center)
    size = center**2 / spread
    return size, size / (size + center)
