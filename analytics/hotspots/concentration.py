"""Concentration of crime on blocks: Lorenz curve, Gini, share of blocks that hold half of it.

A place is a block as the source writes it, which may hold several points; an incident without one
counts by its point. A block counts as crime-free if the data has an incident on it, of any kind and
day, but none of those selected. A street that never had a recorded incident is unknown and is not
counted.

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

from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from sql import load


@dataclass(frozen=True, eq=False)
class Concentration:
    """Concentration of incidents over places.

    Attributes
    ----------
    places : int
        Number of places, crime-free ones included.
    incidents : float
    gini : float
        0 where all places have the same count, near 1 where one has all.
    generalized_gini : float
        0 where incidents are spread as evenly as whole numbers allow; equals `gini` where there
        are at least as many incidents as places.
    half_share : float
        Smallest share of the places that holds half of the incidents.
    curve : array of shape (points, 2)
        Lorenz curve: cumulative share of places, busiest first, and of incidents; from (0, 0).
    """

    places: int
    incidents: float
    gini: float
    generalized_gini: float
    half_share: float
    curve: Floats = field(repr=False)

    def held_by(self, part: float) -> float:
        """Share of the incidents that the busiest `part` of the places holds."""
        return float(np.interp(part, self.curve[:, 0], self.curve[:, 1]))


def block_counts(reader: SnapshotReader, scope: Scope, selection: Selection) -> Ints:
    """Incidents of every block with incidents; shape (blocks,).

    Default addresses are left out unless the selection has a filter on them.
    """
    where = incidents_where(reader, scope, selection)
    statement = load("hotspots/block_counts", conditions=where.sql)
    counts: Ints = reader.frame(statement, where.params)["incidents"].to_numpy()
    return counts


def has_blocks(reader: SnapshotReader) -> bool:
    """Whether the source names blocks; otherwise places are points."""
    return bool(reader.frame(load("hotspots/has_blocks"))["has_blocks"][0])


def place_clauses(selection: Selection) -> Selection:
    """The filters that select blocks: on areas, places and default addresses.

    The blocks with a count under these are all known blocks.
    """
    kept = {*PLACE, *AREA_LEVELS, "default_address"}
    return selection.without(set(selection.clauses) - kept)


def fit_concentration(
    values: npt.ArrayLike, *, places: int | None = None, points: int = 201
) -> Concentration:
    """Concentration of incidents or harm.

    Parameters
    ----------
    values : array of shape (k,)
        Incidents (or harm) of each place. The generalized Gini is meaningless for harm, since it
        depends on the number of incidents.
    places : int, optional
        Number of places, if `values` leaves out crime-free ones.
    points : int
        Most points of the curve.

    Raises
    ------
    InputError
        There are fewer places than values, a value is negative, or all are 0.

    Notes
    -----
    Gini G = (2 Σ i y_i − n − 1) / n, y the ascending shares. Generalized: max(1, n / c)(G − 1) + 1
    with n places and c incidents.

    References
    ----------
    Weisburd (2015); Bernasco & Steenbeek (2017).
    """
    given = np.asarray(values, dtype=np.float64)
    n = len(given) if places is None else places
    if n < len(given) or (given < 0).any() or not given.sum() > 0:
        raise InputError(
            f"{len(given):,} values that sum to {given.sum():g} at {n:,} places cannot be ranked."
        )
    ranked = np.zeros(n)
    ranked[n - len(given) :] = np.sort(given)
    total = float(ranked.sum())
    gini = float((2 * (np.arange(1, n + 1) * (ranked / total)).sum() - n - 1) / n)
    held = np.cumsum(ranked[::-1])
    half = int(np.searchsorted(held, total / 2 * (1 - 1e-12))) + 1
    return Concentration(
        places=n,
        incidents=total,
        gini=gini,
        generalized_gini=max(1.0, n / total) * (gini - 1) + 1,
        half_share=half / n,
        curve=_curve(held, points),
    )


def _curve(held: Floats, points: int) -> Floats:
    shares = np.concatenate([[0.0], held / held[-1]])
    n = len(held)
    picked = np.unique(np.linspace(0, n, min(points, n + 1)).round().astype(np.int64))
    return np.column_stack([picked / n, shares[picked]])
