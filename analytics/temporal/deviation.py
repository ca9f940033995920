"""Hours of the week in which a selection differs from the rest of the city.

References
----------
Agresti (2013), Categorical Data Analysis, section 3.1 (interval of a ratio of proportions).
Rao & Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import f as f_distribution

from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL
from analytics.temporal.weekly_hours import HOURS_OF_WEEK, WeeklyHours, dispersion

Floats = npt.NDArray[np.float64]

FEWEST = 50
"""Incidents that both sides need for a test."""


@dataclass(frozen=True, eq=False)
class Deviation:
    """Shares of the hours of the week in a selection over those in its comparison.

    Attributes
    ----------
    ratio, low, high : float arrays of shape (7, 24)
        Ratio of shares with its 95% interval; Monday first.
    q : float array of shape (7, 24)
        Adjusted p-values (false discovery rate).
    incidents, others : int
        Incidents of the selection and of the comparison.
    dispersions : tuple of float
        Dispersions of both, by which their variances were multiplied.
    """

    ratio: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    q: Floats = field(repr=False)
    incidents: int
    others: int
    dispersions: tuple[float, float]

    @property
    def significant(self) -> npt.NDArray[np.bool_]:
        """Whether each hour differs significantly, shape (7, 24)."""
        return np.asarray(self.q <= LEVEL)


@dataclass(frozen=True)
class Homogeneity:
    """Test of whether two distributions over bins are the same.

    Attributes
    ----------
    chi2 : float
        Pearson's X² divided by the dispersion.
    freedom : int
    dispersion : float
    p : float
        Probability of a difference at least this large if both are the same.
    """

    chi2: float
    freedom: int
    dispersion: float
    p: float


def per_day(counts: npt.ArrayLike, period: tuple[date, date]) -> Floats:
    """Incidents per weekday of the period: counts (7, 24) over the number of Mondays and so on.

    A weekday that is not in the period has NaN.
    """
    days = weekdays_in(period).astype(np.float64)[:, None]
    values = np.asarray(counts, dtype=np.float64)
    return np.divide(values, days, out=np.full(values.shape, np.nan), where=days > 0)


def weekdays_in(period: tuple[date, date]) -> npt.NDArray[np.int64]:
    """Number of each weekday in a period, both ends included; shape (7,), Monday first."""
    first, last = period
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    return np.bincount((days - 1) % 7, minlength=7)


def deviation(chosen: WeeklyHours, others: WeeklyHours) -> Deviation | None:
    """Compare a selection with other incidents by hour of the week.

    Parameters
    ----------
    chosen, others : WeeklyHours
        Without common incidents; see `remainder`.

    Returns
    -------
    Deviation or None
        None if either side has fewer than 50 incidents.

    Notes
    -----
    With x of n and y of m incidents in an hour, and half an incident added to each x and y to avoid
    0, the logarithm of the ratio of shares has variance φ₁(1/x − 1/n) + φ₂(1/y − 1/m), where φ is
    each side's dispersion between weeks.
    """
    if min(chosen.incidents, others.incidents) < FEWEST:
        return None
    spread = dispersion(chosen.counts), dispersion(others.counts)
    shares, variances = [], []
    for side, extra in zip((chosen, others), spread, strict=True):
        hours = side.hours + 0.5
        total = hours.sum()
        shares.append(hours / total)
        variances.append(extra * (1 / hours - 1 / total))
    logarithm = np.log(shares[0] / shares[1])
    error = np.sqrt(variances[0] + variances[1])
    reach = ndtri(1 - LEVEL / 2) * error
    return Deviation(
        ratio=np.exp(logarithm).reshape(7, 24),
        low=np.exp(logarithm - reach).reshape(7, 24),
        high=np.exp(logarithm + reach).reshape(7, 24),
        q=benjamini_hochberg(2 * ndtr(-np.abs(logarithm / error))).reshape(7, 24),
        incidents=chosen.incidents,
        others=others.incidents,
        dispersions=spread,
    )


def remainder(city: WeeklyHours, chosen: WeeklyHours) -> WeeklyHours:
    """The city's incidents that are not selected, of the same weeks."""
    return WeeklyHours(np.maximum(city.counts - chosen.counts, 0), city.first, city.period)


def homogeneity(one: npt.ArrayLike, other: npt.ArrayLike) -> Homogeneity | None:
    """Test whether two sets of weeks have the same distribution over bins.

    Parameters
    ----------
    one, other : arrays of shape (weeks, bins)
        Without common incidents.

    Returns
    -------
    Homogeneity or None
        None if either side has fewer than 50 incidents or two weeks.

    Notes
    -----
    First-order correction of Rao & Scott: X² of the two sums over the dispersion φ, both sides'
    pooled by their degrees of freedom, compared with F as φ is estimated.
    """
    sides = [np.asarray(side, dtype=np.float64) for side in (one, other)]
    if any(side.sum() < FEWEST or len(side) < 2 for side in sides):
        return None
    table = np.stack([side.sum(axis=0) for side in sides])
    table = table[:, table.sum(axis=0) > 0]
    freedom = table.shape[1] - 1
    if freedom < 1:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chi2 = float(((table - expected) ** 2 / expected).sum())
    weights = [(len(side) - 1) * freedom for side in sides]
    pooled = float(np.average([dispersion(side) for side in sides], weights=weights))
    p = float(f_distribution.sf(chi2 / pooled / freedom, freedom, sum(weights)))
    return Homogeneity(chi2 / pooled, freedom, pooled, p)


def hour_bins(hours: WeeklyHours) -> npt.NDArray[np.int64]:
    """Weeks × hours of the day, shape (weeks, 24)."""
    return hours.counts.reshape(-1, 7, 24).sum(axis=1)


def weekday_bins(hours: WeeklyHours) -> npt.NDArray[np.int64]:
    """Weeks × weekdays, shape (weeks, 7), Monday first."""
    return hours.counts.reshape(-1, 7, HOURS_OF_WEEK // 7).sum(axis=2)
