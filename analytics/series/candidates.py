"""Candidate series: incidents that are linked to each other on average.

Porter's hierarchical clustering: groups are merged while the mean log odds of being linked between
their incidents is at least `LEAST_ODDS`, the two most likely first (average linkage).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components

from analytics.series.found_series import FEWEST
from analytics.series.link_model import LinkModel, positions
from analytics.series.pair_features import ComparedIncidents
from analytics.statistics.arrays import Floats, Ints

LEAST_ODDS = -2.0
"""Log odds that pairs of a series have on average: about one in eight is linked, or more. It is as
low as leads are; how many groups reach it by chance is counted with dates permuted.
"""
LARGEST_GROUP = 2_000
"""Incidents that are clustered at once; a larger group is left out."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One candidate series.

    Attributes
    ----------
    members : positions of its incidents, by day
    strength : mean log odds of its pairs above the least, times its incidents but one: the evidence
        that each further incident adds
    """

    members: Ints = field(repr=False)
    strength: float


def candidates(
    incidents: ComparedIncidents,
    model: LinkModel,
    pairs: Ints,
    day: Ints | None = None,
) -> tuple[list[Candidate], int]:
    """Groups of `FEWEST` incidents or more, the strongest first; and incidents left out.

    Those are in groups of more than `LARGEST_GROUP`.

    Parameters
    ----------
    pairs
        Positions of incidents that may be linked, shape (pairs, 2).
    day
        In place of the own days.
    """
    days = incidents.day if day is None else day
    likely = pairs[model.log_odds(incidents.compare(pairs, days)) >= LEAST_ODDS]
    size = len(days)
    graph = sparse.coo_array((np.ones(len(likely), np.int8), likely.T), shape=(size, size))
    number, label = connected_components(graph, directed=False)
    counts = np.bincount(label, minlength=number)
    order = np.argsort(label, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)])
    found = []
    for group in np.flatnonzero((counts >= FEWEST) & (counts <= LARGEST_GROUP)):
        members = order[starts[group] : starts[group + 1]]
        found += _clusters(incidents, model, members, days)
    found.sort(key=lambda one: (-one.strength, one.members.tolist()))
    return found, int(counts[counts > LARGEST_GROUP].sum())


def _clusters(
    incidents: ComparedIncidents, model: LinkModel, members: Ints, day: Ints
) -> list[Candidate]:
    odds = model.log_odds(incidents.compare(members[positions(len(members))], day))
    away = odds.max() - odds  # SciPy wants distances
    label = fcluster(linkage(away, "average"), odds.max() - LEAST_ODDS, "distance")
    found = []
    for group in np.unique(label):
        own = np.flatnonzero(label == group)
        if len(own) >= FEWEST:
            inside = mean_log_odds(odds, own, len(members)) - LEAST_ODDS
            by_day = own[np.argsort(day[members[own]], kind="stable")]
            found.append(Candidate(members[by_day], inside * (len(own) - 1)))
    return found


def mean_log_odds(odds: Floats, own: Ints, size: int) -> float:
    """Mean over the pairs of some of `size` incidents, whose pairs are in SciPy's order."""
    square = np.zeros((size, size))
    square[np.triu_indices(size, 1)] = odds
    square += square.T
    inside = square[np.ix_(own, own)]
    return float(inside.sum() / (len(own) * (len(own) - 1)))
