"""Accuracy of a forecast at a share of the area: hit rate, PAI, PEI, RRI and mean capture.

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

from collections.abc import Sequence

import numpy as np

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints


def captured(
    rank: Floats,
    values: Floats,
    amounts: Sequence[float],
    *,
    sizes: Floats | None = None,
    groups: Ints | None = None,
) -> Floats:
    """Sums of values over the highest units, for several amounts of area.

    A last unit that fits in part counts in part. Units tied at the limit share the rest equally, so
    that sums are expectations over random orders of the ties and do not depend on the order of
    rows.

    Parameters
    ----------
    rank : array of shape (units,)
        Values that rank the units.
    values : array of shape (units, columns)
        What to sum.
    amounts : sequence of float
        Area to flag in units of `sizes`, may be fractional. With groups, the amount in each group.
    sizes : array of shape (units,), optional
        Area or street length of each unit, above 0; 1 by default.
    groups : int array of shape (units,), optional
        District of each unit, to flag the highest units of each; those below 0 are never flagged.

    Returns
    -------
    array of shape (amounts, columns)

    Raises
    ------
    InputError
        A rank is not a finite number.
    """
    if not np.isfinite(rank).all():
        raise InputError("A forecast has cells without a finite value.")
    whole = np.ones(len(rank)) if sizes is None else sizes
    if groups is None:
        return _captured(rank, values, amounts, whole)
    parts = [
        _captured(rank[members], values[members], amounts, whole[members])
        for group in np.unique(groups[groups >= 0])
        for members in (np.flatnonzero(groups == group),)
    ]
    return np.asarray(np.sum(parts, axis=0))


def _captured(rank: Floats, values: Floats, amounts: Sequence[float], sizes: Floats) -> Floats:
    order = np.argsort(-rank, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(rank[order]) != 0, True)) + 1  # of ties, in order
    ends = np.concatenate([[0], ends])
    filled = np.concatenate([[0.0], np.cumsum(sizes[order])])[ends]
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[order], axis=0)])[ends]
    columns = [np.interp(amounts, filled, column) for column in sums.T]
    return np.column_stack(columns)


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
