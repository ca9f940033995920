"""What a forecast catches: hit rate, PAI, PEI and RRI for a share of the area.

References
----------
Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping for predicting spatial patterns of
crime, Security Journal 21.
Hunt (2016), Do crime hot spots move? Exploring the effects of the modifiable areal unit problem
and modifiable temporal unit problem on crime hot spot stability, American University.
Levine (2008), The "hottest" part of a hotspot: comments on "The utility of hotspot mapping",
Security Journal 21.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def flagged(expected: Floats, cells: float, groups: Ints | None = None) -> Floats:
    """Share of each cell that is flagged when the highest `cells` cells are.

    Parameters
    ----------
    expected : array of shape (cells,)
        What the forecaster ranks by.
    cells : float
        How many cells, not necessarily whole: of a last cell that fits in part, that part counts.
        With groups, how many of each group.
    groups : int array of shape (cells,), optional
        District of each cell; the highest cells of each are flagged.

    Returns
    -------
    array of shape (cells,)
        1 for a flagged cell, 0 for another. Cells tied at the limit share what is left of it
        alike, so that every sum over flagged cells is its expectation over random orders of the
        ties; the order of rows plays no part.
    """
    if groups is None:
        return _flagged(np.asarray(expected, dtype=np.float64), cells)
    shares = np.zeros(len(expected))
    for group in np.unique(groups[groups >= 0]):
        members = np.flatnonzero(groups == group)
        shares[members] = _flagged(np.asarray(expected, dtype=np.float64)[members], cells)
    return shares


def _flagged(expected: Floats, cells: float) -> Floats:
    if not np.isfinite(expected).all():
        raise InputError("A forecast has cells without a finite value.")
    if cells >= len(expected):
        return np.ones(len(expected))
    order = np.sort(expected)[::-1]
    limit = order[int(cells)]
    above, tied = expected > limit, expected == limit
    return above + tied * ((cells - above.sum()) / tied.sum())


def hit_rate(caught: float, incidents: float) -> float:
    """n / N; NaN without incidents."""
    return caught / incidents if incidents else float("nan")


def pai(caught: float, incidents: float, area_share: float) -> float:
    """Prediction accuracy index, (n / N) / (a / A).

    References
    ----------
    Chainey, Tompson & Uhlig (2008).
    """
    return hit_rate(caught, incidents) / area_share


def pei(caught: float, best: float) -> float:
    """Prediction efficiency index, n / n*: of what the same area could have caught at best.

    References
    ----------
    Hunt (2016).
    """
    return caught / best if best else float("nan")


def rri(caught: float, incidents: float, caught_before: float, incidents_before: float) -> float:
    """Recapture rate index, (n2 / n1) / (N2 / N1).

    1 where the flagged cells hold their share of incidents, less where they lose some of it.

    References
    ----------
    Levine (2008).
    """
    if not (caught_before and incidents_before and incidents):
        return float("nan")
    return (caught / caught_before) / (incidents / incidents_before)
