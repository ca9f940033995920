"""How good forecasts of counts are: pinball loss, coverage and scaled errors.

References
----------
Gneiting & Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102:
quantile (pinball) loss.
Czado, Gneiting & Held (2009), Predictive model assessment for count data, Biometrics 65: the
randomized PIT, here in expectation over its random part.
Hyndman & Koehler (2006), Another look at measures of forecast accuracy: MASE.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats
from analytics.statistics.season_model import WEEK

POINTS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Probabilities over whose quantiles the pinball loss is averaged."""
SCALE_DAYS = 364
MEDIAN = POINTS.index(0.5)


def pinball(quantiles: Floats, counts: Floats) -> Floats:
    """Mean pinball loss over `POINTS`, shape of the counts.

    Parameters
    ----------
    quantiles : array of shape (points, …)
    """
    points = np.asarray(POINTS).reshape(-1, *(1,) * counts.ndim)
    off = counts - quantiles
    return np.asarray(np.maximum(points * off, (points - 1) * off).mean(axis=0))


def inside(cumulative: Floats, level: float) -> Floats:
    """Probability that the randomized PIT lies in the central `level`; shape (…).

    Parameters
    ----------
    cumulative : array of shape (2, …)
        P(X < count) and P(X ≤ count) of the forecast.
    """
    low, high = (1 - level) / 2, (1 + level) / 2
    below, upto = np.asarray(cumulative)[:, np.newaxis]  # one more axis, so that none is a number
    held = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    certain = ((below > low) & (below < high)).astype(np.float64)
    return np.asarray(np.divide(held, upto - below, out=certain, where=upto > below)[0])


def pit_histogram(cumulative: Floats, bins: int) -> Floats:
    """Share of counts in each bin of the transform, 1 / bins each if forecasts are calibrated.

    Parameters
    ----------
    cumulative : array of shape (2, …)
        P(X < count) and P(X ≤ count), which the counts' own chance lies between.

    Returns
    -------
    array of shape (bins,)
    """
    below, upto = (one.ravel() for one in np.asarray(cumulative))
    edges = np.linspace(0, 1, bins + 1)[:, None]
    reached = np.clip((edges - below) / np.maximum(upto - below, 1e-12), 0, 1)
    return np.asarray(np.diff(reached.mean(axis=1)))


def cumulative_of_draws(draws: npt.NDArray[Any], counts: npt.NDArray[Any]) -> Floats:
    """P(X < count) and P(X ≤ count) among draws of shape (draws, …); shape (2, …)."""
    return np.stack([(draws < counts).mean(axis=0), (draws <= counts).mean(axis=0)])


def naive_errors(counts: Floats, until: int) -> Floats:
    """Mean |y(t) − y(t − 7)| over the year before a day: the scale of MASE; NaN where it is 0.

    Parameters
    ----------
    counts : array of shape (…, days)
    """
    past = counts[..., max(until - SCALE_DAYS, 0) : until]
    scale = np.abs(past[..., WEEK:] - past[..., :-WEEK]).mean(axis=-1)
    return np.where(scale > 0, scale, np.nan)
