"""Tails and intervals of a negative binomial given by its mean and variance.

References
----------
Hilbe (2011), Negative binomial regression, 2nd ed.
Lancaster (1961), Significance tests in discrete distributions, JASA 56: the mid-p value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats

REACH, HALVINGS = 40, 60
"""Standard deviations in which the end of an interval is sought, and how often they are halved."""
LEAST_SPREAD = 1e-9
"""Least variance beyond the mean, relative to it: below it the distribution is Poisson's."""


def overdispersion(mean: Floats, happened: Floats) -> float:
    """c of the variance μ + c μ², 0 or more, by moments: Σ ((y − μ)² − μ) / Σ μ²."""
    known = mean > 0
    square = float((mean[known] ** 2).sum())
    if not square:
        return 0.0
    excess = (happened[known] - mean[known]) ** 2 - mean[known]
    return max(float(excess.sum()) / square, 0.0)


def mid_tails(count: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """P(X < count) + ½ P(X = count) and P(X > count) + ½ P(X = count), shape (2, …).

    NaN where the mean is not above 0.
    """
    from scipy.special import betainc, betaincc  # noqa: PLC0415 - SciPy takes 0.1 s at a start

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
    from scipy.special import ndtri  # noqa: PLC0415 - SciPy takes 0.1 s at a start

    less, more = mid_tails(count, mean, variance)
    return np.asarray(np.where(less < more, ndtri(less), -ndtri(more)))


def mid_interval(mean: npt.ArrayLike, variance: npt.ArrayLike, level: float) -> Floats:
    """Smallest and largest count whose mid-p value is above `level`, shape (2, …)."""
    size, chance = _size(mean, variance)
    low, high = (_quantile(point, size, chance) for point in (level / 2, 1 - level / 2))
    low = low + (mid_tails(low, mean, variance)[0] <= level / 2)
    high = high - (mid_tails(high, mean, variance)[1] <= level / 2)
    return np.stack([low, high])


def real_interval(mean: npt.ArrayLike, variance: npt.ArrayLike, level: float) -> Floats:
    """As `mid_interval`, where counts need not be whole: between two the tails are interpolated.

    NaN where the mean is not above 0.
    """
    center, spread = np.asarray(mean, np.float64), np.asarray(variance, np.float64)
    ends = []
    for tail in (0, 1):
        low, high = np.zeros_like(center), center + REACH * (np.sqrt(spread) + 1)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            outside = mid_tails(middle, center, spread)[tail] <= level / 2
            rises = outside if tail == 0 else ~outside
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        ends.append((low + high) / 2)
    ends[0][mid_tails(0, center, spread)[0] > level / 2] = 0.0
    return np.where(center > 0, np.stack(ends), np.nan)


def quantiles(points: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Smallest counts that reach each probability, shape (points, …); 0 where the mean is 0."""
    size, chance = _size(mean, variance)
    found = [_quantile(point, size, chance) for point in np.asarray(points)]
    return np.nan_to_num(np.stack(found))


def cumulative(count: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """P(X < count) and P(X ≤ count), shape (2, …); a mean of 0 has no incident."""
    from scipy.special import betainc  # noqa: PLC0415 - SciPy takes 0.1 s at a start

    counted = np.asarray(count, dtype=np.float64)
    size, chance = _size(mean, variance)
    below = betainc(size, np.maximum(counted, 1), chance) * (counted > 0)
    found = np.stack(np.broadcast_arrays(below, betainc(size, counted + 1, chance)))
    nothing = np.broadcast_to(np.isnan(size), found.shape[1:])
    found[:, nothing] = np.stack([counted > 0, counted >= 0])[:, nothing]
    return found


def _size(mean: npt.ArrayLike, variance: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Number of successes and their probability; NaN where the mean is not above 0."""
    center = np.where(np.asarray(mean) > 0, mean, np.nan).astype(np.float64)
    spread = np.maximum(np.asarray(variance) - center, LEAST_SPREAD * center)
    size = center**2 / spread
    return size, size / (size + center)


def _quantile(point: float, size: Floats, chance: Floats) -> Floats:
    """Smallest whole count whose cumulative probability reaches a point; NaN where `size` is.

    `scipy.stats` has the same, and takes half a second to import.
    """
    from scipy.special import betainc, nbdtrik  # noqa: PLC0415 - SciPy takes 0.1 s at a start

    found = np.ceil(nbdtrik(point, size, chance))
    below = np.maximum(found - 1, 0)
    return np.asarray(np.where(betainc(size, below + 1, chance) >= point, below, found))
