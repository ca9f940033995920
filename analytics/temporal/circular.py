"""Circular statistics of the hour: mean, spread and test of uniformity.

References
----------
Fisher (1993), Statistical Analysis of Circular Data, chapters 2 to 4.
Mardia & Jupp (2000), Directional Statistics, section 2.3 (grouped data) and 6.3 (Rayleigh).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analytics.statistics.level import LEVEL

TURN = 2 * np.pi


@dataclass(frozen=True)
class Circular:
    """Mean direction and spread of hours.

    Attributes
    ----------
    incidents : float
    mean_h : float
        Mean direction, hours from midnight, 0 to 24; NaN if the resultant length is 0.
    low_h, high_h : float or None
        95% interval of the mean, `low_h` to `high_h` clockwise (it may pass midnight); None if it
        cannot be determined.
    resultant : float
        Mean resultant length, 0 (uniform, or opposite peaks) to 1 (all at one hour).
    sd_h : float
        Circular standard deviation √(−2 ln R), hours; infinite at R = 0.
    p_uniform : float
        Rayleigh's test of uniformity.
    """

    incidents: float
    mean_h: float
    low_h: float | None
    high_h: float | None
    resultant: float
    sd_h: float
    p_uniform: float


def circular_statistics(
    counts: npt.ArrayLike, dispersion: float = 1.0, period_h: float = 24.0
) -> Circular:
    """Mean direction, spread and Rayleigh's test of counts on equal bins of a circle.

    Parameters
    ----------
    counts : array of shape (bins,)
        Incidents, or aoristic weights, of each bin; a bin is represented by its center.
    dispersion : float
        Variance of the counts relative to independent incidents (1); it widens the interval and
        makes the test more conservative.
    period_h : float
        Length of the circle, hours.

    Notes
    -----
    Lengths are multiplied by a / sin a with a = π / bins, as incidents are spread over their bin
    (Mardia & Jupp 2000, section 2.3). The interval is θ ± arcsin(z σ), σ² = δ / n and
    δ = (1 − ρ₂) / (2 R²) (Fisher 1993, sections 2.3 and 4.4). Rayleigh's p is Wilkie's
    approximation (1983, Applied Statistics 32) of the exact distribution.
    """
    weights = np.asarray(counts, dtype=np.float64)
    total = float(weights.sum())
    if total <= 0:
        nothing = float("nan")
        return Circular(0.0, nothing, None, None, nothing, nothing, nothing)
    moments = [_moment(weights, order) for order in (1, 2)]
    resultant = min(float(abs(moments[0])), 1.0)
    mean = float(np.angle(moments[0])) % TURN if resultant > 1e-12 else float("nan")
    second = float((moments[1] * np.exp(-2j * mean)).real) if resultant > 1e-12 else 0.0
    half = _half_width(resultant, second, total / dispersion)
    hours = period_h / TURN
    return Circular(
        incidents=total,
        mean_h=mean * hours,
        low_h=None if half is None else (mean - half) % TURN * hours,
        high_h=None if half is None else (mean + half) % TURN * hours,
        resultant=resultant,
        sd_h=float(np.sqrt(-2 * np.log(resultant)) * hours) if resultant > 0 else float("inf"),
        p_uniform=rayleigh_p(resultant, total / dispersion),
    )


def rayleigh_p(resultant: float, incidents: float) -> float:
    """Probability of at least this mean resultant length for uniform directions.

    Parameters
    ----------
    incidents : float
        Number of independent directions.
    """
    length = resultant * incidents
    root = np.sqrt(1 + 4 * incidents + 4 * (incidents**2 - length**2))
    return float(min(np.exp(root - (1 + 2 * incidents)), 1.0))


def _moment(weights: npt.NDArray[np.float64], order: int) -> complex:
    bins = len(weights)
    angles = (np.arange(bins) + 0.5) * TURN / bins
    half = order * np.pi / bins
    found = (weights * np.exp(1j * order * angles)).sum() / weights.sum()
    return complex(found * half / np.sin(half))


def _half_width(resultant: float, second: float, incidents: float) -> float | None:
    if resultant <= 1e-12:
        return None
    error = np.sqrt(max(1 - second, 0.0) / (2 * resultant**2) / incidents)
    reach = float(ndtri(1 - LEVEL / 2) * error)
    return float(np.arcsin(reach)) if reach < 1 else None
