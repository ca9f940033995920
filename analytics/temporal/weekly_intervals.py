"""Shares and rates of bins with intervals that take weeks for units.

References
----------
Cochran (1977), Sampling Techniques, section 6.4 (ratio of sums over clusters).
Clopper & Pearson (1934), Biometrika 26; Garwood (1936), Biometrika 28 (bins that hold nothing, or
all: weeks that do not vary say nothing of the error there).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, stdtrit

from analytics.statistics.level import LEVEL
from analytics.temporal.weekly_hours import dispersion

Floats = npt.NDArray[np.float64]

FEWEST_WEEKS = 4


@dataclass(frozen=True, eq=False)
class Bins:
    """An estimate per bin with its 95% interval, arrays of shape (bins,); NaN where unknown."""

    values: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)


def shares(counts: npt.ArrayLike) -> Bins:
    """Share of each bin; intervals on the logit, from four weeks with incidents on.

    Parameters
    ----------
    counts : array of shape (weeks, bins)
    """
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0]
    total = float(table.sum())
    if not total:
        return _unknown(np.asarray(counts).shape[1])
    share = table.sum(axis=0) / total
    weeks = len(table)
    if weeks < FEWEST_WEEKS:
        return Bins(share, *np.full((2, len(share)), np.nan))
    residual = table - table.sum(axis=1, keepdims=True) * share
    error = np.sqrt(weeks / (weeks - 1) * (residual**2).sum(axis=0)) / total
    middle = np.clip(share, 0.5 / total, 1 - 0.5 / total)
    reach = stdtrit(weeks - 1, 1 - LEVEL / 2) * error / (middle * (1 - middle))
    low, high = expit(logit(middle) - reach), expit(logit(middle) + reach)
    # Clopper and Pearson's, of as many incidents as weeks that vary like these are worth.
    most = 1 - (LEVEL / 2) ** (dispersion(table) / total)
    nothing, everything = share <= 0, share >= 1
    return Bins(
        share,
        np.select([nothing, everything], [0.0, 1 - most], low),
        np.select([nothing, everything], [most, 1.0], high),
    )


def rates(counts: npt.ArrayLike) -> Bins:
    """Mean incidents a week in each bin; Student's t over weeks, from four weeks on.

    Parameters
    ----------
    counts : array of shape (weeks, bins)
    """
    table = np.asarray(counts, dtype=np.float64)
    if not len(table):
        return _unknown(table.shape[1])
    mean, weeks = table.mean(axis=0), len(table)
    if weeks < FEWEST_WEEKS:
        return Bins(mean, *np.full((2, len(mean)), np.nan))
    error = table.std(axis=0, ddof=1) / np.sqrt(weeks)
    reach = stdtrit(weeks - 1, 1 - LEVEL / 2) * error
    most = -np.log(LEVEL / 2) * dispersion(table) / weeks  # Garwood's, as in `shares`
    return Bins(mean, np.maximum(mean - reach, 0.0), np.where(mean > 0, mean + reach, most))


def _unknown(bins: int) -> Bins:
    return Bins(*np.full((3, bins), np.nan))
