"""How few places hold how much crime: Lorenz curve, Gini, share of places that hold half.

References
----------
Weisburd (2015), The law of crime concentration, Criminology 53.
Bernasco & Steenbeek (2017), More places than crimes: implications for evaluating the law of crime
concentration at place, Journal of Quantitative Criminology 33.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.statistics.arrays import Floats


@dataclass(frozen=True, eq=False)
class Concentration:
    """Concentration of incidents over places.

    Attributes
    ----------
    places, incidents : int
        Crime-free places included.
    gini : float
        0 where all places have the same, near 1 where one has all.
    generalised_gini : float
        0 where incidents are spread as evenly as whole numbers allow; equals `gini` where there
        are at least as many incidents as places.
    half_share : float
        Smallest share of the places that holds half of the incidents.
    curve : array of shape (points, 2)
        Lorenz curve: cumulative share of places, fewest first, and of incidents; from (0, 0).
    """

    places: int
    incidents: float
    gini: float
    generalised_gini: float
    half_share: float
    curve: Floats = field(repr=False)


def fit_concentration(
    values: npt.ArrayLike, *, places: int | None = None, points: int = 201
) -> Concentration:
    """Concentration of incidents or harm.

    Parameters
    ----------
    values : array of shape (k,)
        Incidents (or harm) of each place. For harm the generalised Gini means nothing: it counts
        incidents.
    places : int, optional
        How many places there are where crime-free ones are left out of `values`.
    points : int
        Most points of the curve.

    Raises
    ------
    InputError
        There are fewer places than values, a value is negative, or there is nothing.

    Notes
    -----
    Gini G = (2 Σ i y_i − n − 1) / n, y the ascending shares. Generalised: max(1, n / c)(G − 1) + 1
    with n places and c incidents.

    References
    ----------
    Weisburd (2015); Bernasco & Steenbeek (2017).
    """
    given = np.asarray(values, dtype=np.float64)
    n = len(given) if places is None else places
    if n < len(given) or (given < 0).any() or not given.sum() > 0:
        raise InputError(
            f"{n:,} places for {len(given):,} values that sum to {given.sum():g}: nothing to rank."
        )
    ranked = np.zeros(n)
    ranked[n - len(given) :] = np.sort(given)
    total = float(ranked.sum())
    gini = float((2 * (np.arange(1, n + 1) * (ranked / total)).sum() - n - 1) / n)
    down = np.cumsum(ranked[::-1])
    half = int(np.searchsorted(down, total / 2 * (1 - 1e-12))) + 1
    return Concentration(
        places=n,
        incidents=total,
        gini=gini,
        generalised_gini=max(1.0, n / total) * (gini - 1) + 1,
        half_share=half / n,
        curve=_curve(ranked, points),
    )


def _curve(ranked: Floats, points: int) -> Floats:
    shares = np.concatenate([[0.0], np.cumsum(ranked) / ranked.sum()])
    n = len(ranked)
    picked = np.unique(np.linspace(0, n, min(points, n + 1)).round().astype(np.int64))
    return np.column_stack([picked / n, shares[picked]])
