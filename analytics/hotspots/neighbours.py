"""Which cells are neighbours: queen, or within a distance of each other's middles."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet


def queen(net: Fishnet, *, self_included: bool) -> sparse.csr_array:
    """Cells that share an edge or a corner; cells × cells, entries 1."""
    offsets = [(column, row) for column in (-1, 0, 1) for row in (-1, 0, 1)]
    return _matrix(net, offsets, self_included)


def distance_band(net: Fishnet, distance_m: float, *, self_included: bool) -> sparse.csr_array:
    """Cells whose middles are at most that far apart; cells × cells, entries 1.

    Raises
    ------
    InputError
        The distance is shorter than a cell: there would be no neighbours.
    """
    if distance_m < net.size_m:
        raise InputError(
            f"Within {distance_m:g} m a cell of {net.size_m} m has no neighbour; choose at least "
            f"{net.size_m} m."
        )
    reach = math.floor(distance_m / net.size_m)
    steps = range(-reach, reach + 1)
    limit = (distance_m / net.size_m) ** 2 * (1 + 1e-12)
    offsets = [(column, row) for column in steps for row in steps if column**2 + row**2 <= limit]
    return _matrix(net, offsets, self_included)


def _matrix(net: Fishnet, offsets: list[tuple[int, int]], self_included: bool) -> sparse.csr_array:
    own, other = [], []
    for column, row in offsets:
        if (column, row) == (0, 0) and not self_included:
            continue
        found = net.indices(net.columns + column, net.rows + row)
        there = np.flatnonzero(found >= 0)
        own.append(there)
        other.append(found[there])
    places = (np.concatenate(own), np.concatenate(other))
    return sparse.csr_array((np.ones(len(places[0])), places), shape=(len(net), len(net)))
