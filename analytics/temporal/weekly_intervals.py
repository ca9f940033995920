"""Shares and rates of bins, with intervals that use weeks as units.

References
----------
Cochran (1977), Sampling Techniques, section 6.4 (ratio of sums over clusters).
Clopper & Pearson (1934), Biometrika 26; Garwood (1936), Biometrika 28 (bins with no or all
incidents, whose weeks do not vary).
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
class BinEstimates:
    """Estimates of bins with 95% intervals, arrays of shape (bins,); NaN if unknown."""

    values: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)


def shares(counts: npt.ArrayLike) -> BinEstimates:
    """Share of each bin; logit intervals if at least four weeks have incidents.

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
        return BinEstimates(share, *np.full((2, len(share)), np.nan))
    residual = table - table.sum(axis=1, keepdims=True) * share
    error = np.sqrt(weeks / (weeks - 1) * (residual**2).sum(axis=0)) / total
    middle = np.clip(share, 0.5 / total, 1 - 0.5 / total)
    reach = stdtrit(weeks - 1, 1 - LEVEL / 2) * error / (middle * (1 - middle))
    low, high = expit(logit(middle) - reach), expit(logit(middle) + reach)
    # Clopper-Pearson, with the effective number of incidents.
    most = 1 - (LEVEL / 2) ** (dispersion(table) / total)
    nothing, everything = share <= 0, share >= 1
    return BinEstimates(
        share,
        np.select([nothing, everything], [0.0, 1 - most], low),
        np.select([nothing, everything], [most, 1.0], high),
    )


def rates(counts: npt.ArrayLike) -> BinEstimates:
    """Mean incidents per week in each bin; Student's t intervals from four weeks on.

    Parameters
    ----------
    counts : array of shape (weeks, bins)
    """
    table = np.asarray(counts, dtype=np.float64)
    if not len(table):
        return _unknown(table.shape[1])
    mean, weeks = table.mean(axis=0), len(table)
    if weeks < FEWEST_WEEKS:
        return BinEstimates(mean, *np.full((2, len(mean)), np.nan))
    error = table.std(axis=0, ddof=1) / np.sqrt(weeks)
    reach = stdtrit(weeks - 1, 1 - LEVEL / 2) * error
    most = -np.log(LEVEL / 2) * dispersion(table) / weeks  # Garwood's, as in `shares`
    return BinEstimates(mean, np.maximum(mean - reach, 0.0), np.where(mean > 0, mean + reach, most))


def _unknown(bins: int) -> BinEstimates:
    return BinEstimates(*np.full((3, bins), np.nan))
