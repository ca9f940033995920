"""Minimum spanning tree of weighted places by mutual reachability, the basis of HDBSCAN.

References
----------
Campello, Moulavi & Sander (2013), Density-based clustering based on hierarchical density
estimates, PAKDD, definitions 3 to 5.
Prim (1957), Shortest connection networks and some generalizations, Bell System Technical Journal.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from analytics.hotspots.neighborhoods import PAIRS_AT_ONCE
from analytics.statistics.arrays import Floats, Ints

FIRST_NEIGHBORS = 16


def core_distances(places: Floats, times: Ints, wanted: int) -> Floats:
    """Distance (m) within which there are `wanted` incidents, those of the place included.

    Parameters
    ----------
    places : array of shape (places, 2)
        Unique, local meters.
    times : int array of shape (places,)
        Incidents of each place, at least one.
    wanted : int
        At most the number of incidents.

    Returns
    -------
    array of shape (places,)
    """
    tree, found = cKDTree(places), np.zeros(len(places))
    open_, many = np.arange(len(places)), min(FIRST_NEIGHBORS, len(places))
    while len(open_):
        missing = []
        for part in np.array_split(open_, len(open_) * many // PAIRS_AT_ONCE + 1):
            distance, near = tree.query(places[part], k=np.arange(1, many + 1))
            reached = np.cumsum(times[near], axis=1) >= wanted
            some = reached.any(axis=1)
            found[part[some]] = distance[some, reached[some].argmax(axis=1)]
            missing.append(part[~some])
        open_, many = np.concatenate(missing), min(2 * many, len(places))
    return found


def spanning_tree(places: Floats, core: Floats) -> tuple[Ints, Ints, Floats]:
    """Edges of the tree: both ends and mutual reachability distance (m), shape (places − 1,).

    The mutual reachability distance of two places is the largest of their distance and both core
    distances. The tree is exact; time grows with the square of the places: a second for 40,000.
    """
    start, end, squared = _prim(
        np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1]), core**2
    )
    return start, end, np.sqrt(squared)


def incident_tree(
    edges: tuple[Ints, Ints, Floats], core: Floats, times: Ints, floor_m: float
) -> tuple[sparse.csr_array, Ints]:
    """The tree of the single incidents: those of one place are linked at its core distance.

    Parameters
    ----------
    floor_m : float
        Least distance; more than 0.

    Returns
    -------
    tree : sparse array of shape (incidents, incidents)
        Symmetric.
    first : int array of shape (places,)
        Number of the first incident of each place; its others follow.
    """
    start, end, length = edges
    first = np.cumsum(times) - times
    total = int(times.sum())
    later = np.setdiff1d(np.arange(total), first, assume_unique=True)
    place = np.repeat(np.arange(len(times)), times)
    row = np.concatenate([first[start], later - 1])
    column = np.concatenate([first[end], later])
    value = np.maximum(np.concatenate([length, core[place[later]]]), floor_m)
    tree = sparse.coo_array((value, (row, column)), shape=(total, total)).tocsr()
    return (tree + tree.T).tocsr(), first


@nb.njit(nogil=True, error_model="numpy")
def _prim(x, y, core):  # type: ignore[no-untyped-def]
    """Prim's algorithm on squared distances; places not yet reached stay at the front."""
    rest = len(x) - 1
    start, end = np.empty(rest, np.int64), np.empty(rest, np.int64)
    length = np.empty(rest, np.float64)
    number = np.arange(1, rest + 1)
    left, up, dense = x[1:].copy(), y[1:].copy(), core[1:].copy()
    best, origin = np.full(rest, np.inf), np.zeros(rest, np.int64)
    now, here_x, here_y, here_core = 0, x[0], y[0], core[0]
    for step in range(rest):
        nearest, at = np.inf, 0
        for one in range(rest - step):
            away = (left[one] - here_x) ** 2 + (up[one] - here_y) ** 2
            away = max(away, dense[one], here_core)
            if away < best[one]:
                best[one], origin[one] = away, now
            if best[one] < nearest:
                nearest, at = best[one], one
        now, here_x, here_y, here_core = number[at], left[at], up[at], dense[at]
        start[step], end[step], length[step] = origin[at], now, nearest
        last = rest - step - 1
        number[at], left[at], up[at], dense[at] = number[last], left[last], up[last], dense[last]
        best[at], origin[at] = best[last], origin[last]
    return start, end, length
