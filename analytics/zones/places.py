"""Patrol-sized places: a few blocks close together, chosen one after the other.

A place has a seed and the blocks with the highest expected rate around it, so that one officer on
foot, or one car, can hold it. Where block texts are missing, it is a patch of connected cells.

References
----------
Koper (1995), Just enough police presence: reducing crime and disorderly behavior by optimizing
patrol time in crime hot spots, Justice Quarterly 12.
Clayton & Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks for use in
disease mapping, Biometrics 43: gamma prior with the rate of the neighborhood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints

NO_PLACE = -1
BANDWIDTH_M = 150.0
PRIOR_INCIDENTS = 0.5
CELL_M = 100
SEEDS = 2_000


@dataclass(frozen=True)
class PlaceLimits:
    """The largest place: at most `blocks` within `reach_m` of the seed, or cells of `km2`."""

    blocks: int
    reach_m: float
    km2: float

    @property
    def cells(self) -> int:
        """Cells of `CELL_M` that fit into `km2`."""
        return round(self.km2 * 1e6 / CELL_M**2)


FOOT = PlaceLimits(6, 300.0, 0.10)
CAR = PlaceLimits(20, 500.0, 0.25)


def shrunk(weights: Floats, size: Floats, xy: Floats, unit: float = 1.0) -> Floats:
    """Expected weight of each unit: its own, shrunk toward the rate of its neighborhood.

    Parameters
    ----------
    weights : array of shape (units,)
        Incidents or harm of a period.
    size : array of shape (units,)
        Street length or area, more than 0.
    xy : array of shape (units, 2)
        Middles, local meters.
    unit : float
        Mean weight of an incident, by which the prior scales.

    Returns
    -------
    array of shape (units,)
        Expected weight in a period of the same length.

    Notes
    -----
    Mean of the gamma posterior (c + a) / (1 + a / m): m is expected at the mean rate of the
    neighbors (Gaussian kernel of `BANDWIDTH_M`, the unit itself left out), and the prior counts as
    much as a = `PRIOR_INCIDENTS`. Both were chosen on Chicago 2014 to 2016, see docs/places.md.
    """
    if not len(weights):
        return np.zeros(0)
    near = cKDTree(xy).sparse_distance_matrix(
        cKDTree(xy), 3 * BANDWIDTH_M, output_type="coo_matrix"
    )
    kept = near.row != near.col
    kernel = np.exp(-0.5 * (near.data[kept] / BANDWIDTH_M) ** 2)
    around = sparse.csr_array((kernel, (near.row[kept], near.col[kept])), shape=near.shape)
    overall = weights.sum() / size.sum()
    size_around = around @ size
    rate = np.divide(
        around @ weights, size_around, out=np.full(len(size), overall), where=size_around > 0
    )
    prior = PRIOR_INCIDENTS * unit
    mean = np.where(rate > 0, rate, overall) * size
    return np.divide(
        (weights + prior) * mean, mean + prior, out=np.zeros(len(size)), where=mean > 0
    )


def choose_places(
    xy: Floats,
    expected: Floats,
    length_m: Floats,
    limits: PlaceLimits,
    places: int,
    *,
    groups: Ints | None = None,
) -> Ints:
    """Choose places by falling expected weight per street length; a block is in one place at most.

    Each step takes the seed whose place has the highest rate: the seed and the free blocks within
    `reach_m` with the highest rates, up to `blocks` in all. Blocks that expect nothing are left
    out.

    Parameters
    ----------
    xy, expected, length_m : arrays of shape (blocks, 2), (blocks,) and (blocks,)
    places : int
        Number of places, or in each group with groups.
    groups : int array of shape (blocks,), optional
        District of each block; a place stays in one.

    Returns
    -------
    int array of shape (blocks,)
        Number of the place in the order chosen, `NO_PLACE` without one.

    Raises
    ------
    InputError
        `places` is less than 1.
    """
    if places < 1:
        raise InputError(f"{places} places cannot be chosen; ask for at least 1.")
    near = _Reach.of(xy, expected, length_m, limits, groups)
    group = np.zeros(len(expected), dtype=np.int64) if groups is None else groups
    left = dict.fromkeys(np.unique(group).tolist(), places)
    labels = np.full(len(expected), NO_PLACE, dtype=np.int64)
    free = expected > 0
    rates = near.rates(np.flatnonzero(free), free)
    value = np.full(len(expected), -np.inf)
    value[free] = rates
    number = 0
    while np.isfinite(value).any():
        seed = int(np.argmax(value))
        members = near.members(seed, free)
        labels[members], free[members] = number, False
        value[members] = -np.inf
        number += 1
        left[int(group[seed])] -= 1
        if not left[int(group[seed])]:
            value[group == group[seed]] = -np.inf
        touched = near.touched(members)
        touched = touched[np.isfinite(value[touched])]
        value[touched] = near.rates(touched, free)
    return labels


@dataclass(frozen=True, eq=False)
class _Reach:
    """Blocks within reach of each block, itself first, then by falling rate."""

    start: Ints = field(repr=False)
    block: Ints = field(repr=False)
    expected: Floats = field(repr=False)
    length_m: Floats = field(repr=False)
    most: int

    @classmethod
    def of(
        cls,
        xy: Floats,
        expected: Floats,
        length_m: Floats,
        limits: PlaceLimits,
        groups: Ints | None,
    ) -> _Reach:
        pairs = cKDTree(xy).query_pairs(limits.reach_m, output_type="ndarray").astype(np.int64)
        if groups is not None:
            pairs = pairs[groups[pairs[:, 0]] == groups[pairs[:, 1]]]
        own = np.arange(len(xy), dtype=np.int64)
        seed = np.concatenate([own, pairs[:, 0], pairs[:, 1]])
        block = np.concatenate([own, pairs[:, 1], pairs[:, 0]])
        rate = expected / length_m
        order = np.lexsort((block, -rate[block], seed != block, seed))
        start = np.searchsorted(seed[order], np.arange(len(xy) + 1))
        return cls(start, block[order], expected, length_m, limits.blocks)

    def members(self, seed: int, free: npt.NDArray[np.bool_]) -> Ints:
        around = self.block[self.start[seed] : self.start[seed + 1]]
        return around[free[around]][: self.most]

    def touched(self, members: Ints) -> Ints:
        """Seeds that may hold one of these blocks."""
        parts = [self.block[self.start[one] : self.start[one + 1]] for one in members]
        return np.unique(np.concatenate(parts))

    def rates(self, seeds: Ints, free: npt.NDArray[np.bool_]) -> Floats:
        """Expected weight per meter of the place of each free seed."""
        if not len(seeds):
            return np.zeros(0)
        counts = self.start[seeds + 1] - self.start[seeds]
        owner = np.repeat(np.arange(len(seeds)), counts)
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        block = self.block[self.start[seeds][owner] + offset]
        owner, block = owner[free[block]], block[free[block]]
        first = np.searchsorted(owner, np.arange(len(seeds)))
        kept = np.arange(len(owner)) - first[owner] < self.most
        owner, block = owner[kept], block[kept]
        total = np.bincount(owner, self.expected[block], minlength=len(seeds))
        return np.asarray(total / np.bincount(owner, self.length_m[block], minlength=len(seeds)))


def grow_cells(
    columns: Ints,
    rows: Ints,
    expected: Floats,
    cells: int,
    places: int,
    *,
    groups: Ints | None = None,
) -> Ints:
    """Choose patches of at most `cells` connected cells by falling expected weight per area.

    A patch grows from a seed: it takes in the neighbor (sides only) that expects most until it is
    full or no neighbor expects anything. Each step takes the best patch of all free seeds, of which
    the cells of each group that expect most are tried: `SEEDS`, or as many as its patches hold,
    so that one is free for each.

    Parameters
    ----------
    columns, rows : int arrays of shape (cells,)
        Numbers of the cells in the grid.
    expected : array of shape (cells,)
    places : int
        Number of patches, or in each group with groups.
    groups : int array of shape (cells,), optional

    Returns
    -------
    int array of shape (cells,)
        Number of the patch in the order chosen, `NO_PLACE` without one.

    Raises
    ------
    InputError
        `cells` or `places` is less than 1.
    """
    if places < 1 or cells < 1:
        raise InputError(f"{places} places of {cells} cells cannot be chosen; ask for at least 1.")
    group = np.zeros(len(expected), dtype=np.int64) if groups is None else groups
    left = dict.fromkeys(np.unique(group).tolist(), places)
    sides = _sides(columns, rows, group)
    labels = np.full(len(expected), NO_PLACE, dtype=np.int64)
    order, tried = np.argsort(-expected, kind="stable"), max(SEEDS, places * cells)
    seeds = np.concatenate([order[:0], *(order[group[order] == one][:tried] for one in left)])
    grown = [_patch(seed, sides, expected, labels, cells) for seed in seeds[expected[seeds] > 0]]
    # The best is on top; a patch that lost a cell to an earlier one grows again before it counts.
    heap = [(-float(expected[patch].mean()), patch) for patch in grown]
    heapify(heap)
    number = 0
    while heap and any(left.values()):
        _, patch = heappop(heap)
        if labels[patch[0]] != NO_PLACE or not left[int(group[patch[0]])]:
            continue
        if (labels[patch] != NO_PLACE).any():
            again = _patch(patch[0], sides, expected, labels, cells)
            heappush(heap, (-float(expected[again].mean()), again))
            continue
        labels[patch] = number
        left[int(group[patch[0]])] -= 1
        number += 1
    return labels


def _patch(
    seed: int, sides: Sequence[Sequence[int]], expected: Floats, labels: Ints, cells: int
) -> list[int]:
    patch: list[int] = []
    reached, edge = {int(seed)}, [(-float(expected[seed]), int(seed))]
    while edge and len(patch) < cells:
        _, best = heappop(edge)
        patch.append(best)
        for at in sides[best]:
            if at not in reached and labels[at] == NO_PLACE and expected[at] > 0:
                reached.add(at)
                heappush(edge, (-float(expected[at]), at))
    return patch


def _sides(columns: Ints, rows: Ints, group: Ints) -> list[list[int]]:
    """Cells of the same group that share a side with each cell."""
    cells = list(zip(columns.tolist(), rows.tolist(), group.tolist(), strict=True))
    position = {cell: at for at, cell in enumerate(cells)}
    around = (
        [(column + across, row + up, own) for across, up in _SIDES] for column, row, own in cells
    )
    return [[position[cell] for cell in four if cell in position] for four in around]


_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))
