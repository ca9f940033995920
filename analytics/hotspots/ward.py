"""Hierarchical zones by Ward's method on weighted cell centers, cut from a dendrogram.

References
----------
Ward (1963), Hierarchical grouping to optimize an objective function, JASA 58.
Murtagh (1983), A survey of recent advances in hierarchical clustering algorithms, Computer J. 26.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, checked, renumbered
from analytics.statistics.arrays import Floats, Ints

MAX_CELLS = 30_000
"""Time grows with the square of the cells: 10,000 take a second or two."""


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """Merges of cells, which can be cut at any level.

    Attributes
    ----------
    linkage : array of shape (cells − 1, 4)
        As in `scipy.cluster.hierarchy`: the two that merge, height, cells in the result. Height is
        √(2 w₁ w₂ / (w₁ + w₂)) times the distance between weighted means, in meters · √weight.
    weights : array of shape (cells,)
    centers : array of shape (cells, 2)
        Local meters.
    """

    linkage: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    centers: Floats = field(repr=False)

    def cut(self, zones: int) -> Clustering:
        """The dendrogram cut into this many zones, numbered by falling weight.

        Raises
        ------
        InputError
            The number is less than 1 or more than the number of cells.
        """
        if not 1 <= zones <= len(self.weights):
            raise InputError(f"{len(self.weights):,} cells cannot be cut into {zones} zones.")
        return self._clustering(self._merged(len(self.weights) - zones), {"zones": zones})

    def _merged(self, merges: int) -> Ints:
        """Zone of each cell after the lowest merges."""
        n = len(self.weights)
        inner = n + np.arange(merges)
        ends = np.concatenate([self.linkage[:merges, 0], self.linkage[:merges, 1]]).astype(np.int64)
        links = (np.ones(len(ends), dtype=np.int8), (ends, np.tile(inner, 2)))
        graph = sparse.coo_array(links, shape=(n + merges, n + merges))
        _, component = connected_components(graph, directed=False)
        return np.asarray(component[:n], dtype=np.int64)

    def _clustering(self, labels: Ints, parameters: dict[str, float]) -> Clustering:
        numbered = renumbered(labels, self.weights)
        total = np.bincount(numbered, self.weights)
        middles = [np.bincount(numbered, self.weights * axis) / total for axis in self.centers.T]
        return Clustering("ward", numbered, parameters, centers=np.column_stack(middles))


def fit_cells(xy: Floats, weights: Floats, cell_m: int) -> tuple[Dendrogram, Ints]:
    """Dendrogram of the square cells of places with weight, and the cell of each place.

    Returns
    -------
    Dendrogram, int array of shape (places,)
        The cell is -1 for a place without weight.
    """
    weighing = weights > 0
    numbers = np.floor(xy / cell_m).astype(np.int64)
    cells, of_place = np.unique(numbers[weighing], axis=0, return_inverse=True)
    held = np.bincount(of_place, weights=weights[weighing]).astype(np.float64)
    tree = fit_ward(((cells + 0.5) * cell_m).astype(np.float64), held)
    cell_of_place = np.full(len(xy), -1, dtype=np.int64)
    cell_of_place[weighing] = of_place
    return tree, cell_of_place


def fit_ward(xy: Floats, weights: Floats | None = None) -> Dendrogram:
    """Merge cells step by step, those that add least to the weighted squares within zones first.

    Parameters
    ----------
    xy : array of shape (cells, 2)
        Centers of the cells with incidents, local meters.
    weights : array of shape (cells,), optional
        Incidents or harm, all positive: a cell of weight w counts as w cells in the same place.

    Raises
    ------
    InputError
        Fewer than 2 or more than `MAX_CELLS` cells, or a weight is 0.

    Notes
    -----
    The nearest-neighbor chain (Murtagh 1983) is exact for Ward's distance; its memory grows with
    the number of cells, not with the square.

    References
    ----------
    Ward (1963).
    """
    places, given = checked(xy, weights)
    if not 2 <= len(places) <= MAX_CELLS or not (given > 0).all():
        raise InputError(
            f"{len(places):,} cells are not possible; choose 2 to {MAX_CELLS:,} with incidents. "
            "Larger cells are fewer."
        )
    return Dendrogram(_in_scipys_order(*_chain(places, given)), given, places)


def _chain(places: Floats, given: Floats) -> tuple[Ints, Floats]:
    """Merged pairs of slots and their heights, in the order in which the chain finds them."""
    n = len(places)
    # Centered, since northings of millions of meters would cost digits.
    middle = places - places.mean(axis=0)
    x, y, weight = middle[:, 0].copy(), middle[:, 1].copy(), given.copy()
    alive = np.ones(n, dtype=bool)
    slots = np.arange(n)
    pairs, heights = np.empty((n - 1, 2), dtype=np.int64), np.empty(n - 1)
    chain: list[int] = []
    merged = 0
    while merged < n - 1:
        if merged and len(slots) > 64 and 2 * alive[slots].sum() < len(slots):
            slots = slots[alive[slots]]
        if not chain:
            chain.append(int(slots[np.argmax(alive[slots])]))
        top = chain[-1]
        before = chain[-2] if len(chain) > 1 else -1
        sx, sy, sw = x[slots], y[slots], weight[slots]
        squared = 2 * weight[top] * sw / (weight[top] + sw)
        squared *= (sx - x[top]) ** 2 + (sy - y[top]) ** 2
        squared[~alive[slots] | (slots == top)] = np.inf
        nearest = int(np.argmin(squared))
        least = squared[nearest]
        if before >= 0 and squared[np.searchsorted(slots, before)] <= least:
            chain.pop(), chain.pop()
            low, high = min(top, before), max(top, before)
            pairs[merged], heights[merged] = (low, high), np.sqrt(least)
            total = weight[low] + weight[high]
            x[low] = (weight[low] * x[low] + weight[high] * x[high]) / total
            y[low] = (weight[low] * y[low] + weight[high] * y[high]) / total
            weight[low] = total
            alive[high] = False
            merged += 1
        else:
            chain.append(int(slots[nearest]))
    return pairs, heights


def _in_scipys_order(pairs: Ints, heights: Floats) -> Floats:
    """The merges by height, with the numbers that SciPy gives to results of merges."""
    n = len(heights) + 1
    order = np.argsort(heights, kind="stable")
    parent = np.arange(n)
    name, size = np.arange(n), np.ones(n, dtype=np.int64)
    linkage = np.empty((n - 1, 4))

    def root(slot: int) -> int:
        while parent[slot] != slot:
            parent[slot] = parent[parent[slot]]
            slot = int(parent[slot])
        return slot

    for step, merge in enumerate(order):
        low, high = (root(int(slot)) for slot in pairs[merge])
        names = sorted((int(name[low]), int(name[high])))
        linkage[step] = (*names, heights[merge], size[low] + size[high])
        parent[high] = low
        size[low] += size[high]
        name[low] = n + step
    return linkage
