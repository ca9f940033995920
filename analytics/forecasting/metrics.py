"""Accuracy of a forecast at a share of the area: hit rate, PAI, PEI and RRI.

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

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints


def flagged(expected: Floats, cells: float, groups: Ints | None = None) -> Floats:
    """Flag the highest cells; a cell is flagged in part where ties or a fraction require it.

    Parameters
    ----------
    expected : array of shape (cells,)
        Values that rank the cells.
    cells : float
        Number of cells, may be fractional: the last cell then counts in part. With groups, the
        number in each group.
    groups : int array of shape (cells,), optional
        District of each cell, to flag the highest cells of each.

    Returns
    -------
    array of shape (cells,)
        Flagged part of each cell, 0 to 1. Cells tied at the limit share the rest equally, so that
        every sum over flagged cells is its expectation over random orders of the ties and does not
        depend on the order of rows.
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
    """Prediction efficiency index, n / n*: the share of what the same area could catch at best.

    References
    ----------
    Hunt (2016).
    """
    return caught / best if best else float("nan")


def rri(caught: float, incidents: float, caught_before: float, incidents_before: float) -> float:
    """Recapture rate index, (n2 / n1) / (N2 / N1).

    It is 1 if the flagged cells keep their share of incidents, and less if they lose some of it.

    References
    ----------
    Levine (2008).
    """
    if not (caught_before and incidents_before and incidents):
        return float("nan")
    return (caught / caught_before) / (incidents / incidents_before)
