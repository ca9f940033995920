"""KDE with a quartic kernel: a smooth surface of incidents or harm per km².

References
----------
Silverman (1986), Density estimation for statistics and data analysis.
Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping, Security Journal 21.
Kelsall & Diggle (1995), Kernel estimation of relative risk, Bernoulli 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.hotspots.clustering import checked
from analytics.hotspots.kde_kernels import KM2, checked_bandwidth, quartic
from analytics.hotspots.neighborhoods import pairs_within
from analytics.statistics.arrays import Floats

BANDWIDTH_M = 500.0
THIN = 0.05
"""Denominators below this share of their median (where there is any) are too thin for a ratio."""


@dataclass(frozen=True, eq=False)
class RiskSurface:
    """A dual KDE.

    Attributes
    ----------
    ratio : array of shape (targets,)
        Numerator over denominator, NaN where the denominator is thin.
    thin : bool array of shape (targets,)
    floor : float
        Denominator (per km²) below which a target is thin.
    bandwidth_m : float
    """

    ratio: Floats = field(repr=False)
    thin: npt.NDArray[np.bool_] = field(repr=False)
    floor: float
    bandwidth_m: float


def fit_kde(
    targets: Floats,
    xy: Floats,
    weights: Floats | None = None,
    *,
    bandwidth_m: float = BANDWIDTH_M,
) -> Floats:
    """Density per km² at the targets, as the middles of fishnet cells.

    Parameters
    ----------
    targets : array of shape (targets, 2)
        Local metres.
    xy : array of shape (places, 2)
        Local metres.
    weights : array of shape (places,), optional
        Incidents, harm, or either decayed by `decayed`.
    bandwidth_m : float
        Radius of the kernel, metres. State it on the map.

    Returns
    -------
    array of shape (targets,)
        Sum of weights · 3/(π h²) · (1 − d²/h²)², per km². There is no correction at the edge of
        the city: within a bandwidth of it the density is too low by what the kernel spreads out.

    Raises
    ------
    InputError
        The bandwidth is not positive, or places and weights do not fit.

    References
    ----------
    Silverman (1986); Chainey et al. (2008).
    """
    places, given = checked(xy, weights)
    density = np.zeros(len(targets))
    for target, place, distance in pairs_within(targets, places, checked_bandwidth(bandwidth_m)):
        values = quartic(distance, bandwidth_m) * given[place]
        density += np.bincount(target, weights=values, minlength=len(targets))
    return density * KM2


def decayed(weights: Floats, age_days: npt.ArrayLike, half_life_days: float) -> Floats:
    """Weights that halve with every half-life of age; negative ages (the future) raise.

    Raises
    ------
    InputError
        The half-life is not positive, or an incident is younger than the surface.
    """
    age = np.asarray(age_days, dtype=np.float64)
    if not half_life_days > 0:
        raise InputError(f"A half-life of {half_life_days} days: choose more than 0.")
    if (age < 0).any():
        raise InputError("An incident is later than the day the surface is made for.")
    return np.asarray(weights, dtype=np.float64) * 0.5 ** (age / half_life_days)


def fit_risk(
    targets: Floats,
    numerator: tuple[Floats, Floats | None],
    denominator: tuple[Floats, Floats | None],
    *,
    bandwidth_m: float = BANDWIDTH_M,
    floor: float | None = None,
) -> RiskSurface:
    """Dual KDE: density of one set of places over that of another, as population or thefts.

    Parameters
    ----------
    numerator, denominator : pairs of places (n, 2) in local metres and weights (n,) or None
        Both with the same bandwidth, so that errors of smoothing partly cancel.
    floor : float, optional
        Denominator per km² below which no ratio is given; by default `THIN` times the median of
        the positive ones.

    References
    ----------
    Kelsall & Diggle (1995); Bowman & Azzalini (1997) on ratios of densities.
    """
    above = fit_kde(targets, *numerator, bandwidth_m=bandwidth_m)
    below = fit_kde(targets, *denominator, bandwidth_m=bandwidth_m)
    positive = below[below > 0]
    limit = (
        floor
        if floor is not None
        else (THIN * float(np.median(positive)) if len(positive) else 0.0)
    )
    thin = (below <= 0) | (below < limit)
    ratio = np.full(len(below), np.nan)
    ratio[~thin] = above[~thin] / below[~thin]
    return RiskSurface(ratio, thin, limit, bandwidth_m)
