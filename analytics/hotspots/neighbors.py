"""Neighbors of cells: queen, or by the distance between centers."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from analytics.errors import InputError
from analytics.formats import distance_text
from analytics.hotspots.fishnet import Fishnet

MOST_PAIRS = 16_000_000
"""Pairs of cells and neighbors: some 300 MB while they are computed."""


def queen(grid: Fishnet, *, self_included: bool) -> sparse.csr_array:
    """Cells that share an edge or a corner; cells × cells, entries 1."""
    offsets = [(column, row) for column in (-1, 0, 1) for row in (-1, 0, 1)]
    return _matrix(grid, offsets, self_included)


def distance_band(grid: Fishnet, distance_m: float, *, self_included: bool) -> sparse.csr_array:
    """Cells whose centers are at most `distance_m` apart; cells × cells, entries 1.

    Raises
    ------
    InputError
        The distance is shorter than a cell, so that there are no neighbors, or so long that there
        are more than `MOST_PAIRS` of them.
    """
    if not math.isfinite(distance_m):
        raise InputError(f"A distance of {distance_m} m is not valid; choose a number of meters.")
    if distance_m < grid.size_m:
        raise InputError(
            f"Within {distance_text(distance_m)} a cell of {distance_text(grid.size_m)} has no "
            f"neighbor; choose at least {distance_text(grid.size_m)}."
        )
    _require_few(grid, distance_m)
    return _matrix(grid, _offsets(distance_m / grid.size_m), self_included)


def _require_few(grid: Fishnet, distance_m: float) -> None:
    """Estimate the number of pairs by area, before they are computed."""
    most = MOST_PAIRS / max(len(grid), 1)
    around = math.pi * (distance_m / grid.size_m) ** 2
    if min(around, len(grid)) <= most:
        return
    longest = math.floor(grid.size_m * math.sqrt(most / math.pi) / 50) * 50
    raise InputError(
        f"Within {distance_text(distance_m)} each of the {len(grid):,} cells of "
        f"{distance_text(grid.size_m)} has some {around:,.0f} neighbors, "
        f"{len(grid) * around / 1e6:,.0f} million pairs; the limit is {MOST_PAIRS / 1e6:,.0f} "
        f"million. Choose {distance_text(longest)} or less, larger cells, or a smaller area."
    )


def _offsets(reach: float) -> list[tuple[int, int]]:
    """Steps in columns and rows, at most `reach` cells long."""
    steps = range(-math.floor(reach), math.floor(reach) + 1)
    limit = reach**2 * (1 + 1e-12)
    return [(column, row) for column in steps for row in steps if column**2 + row**2 <= limit]


def _matrix(grid: Fishnet, offsets: list[tuple[int, int]], self_included: bool) -> sparse.csr_array:
    """Offsets ascend like the cells, so the neighbors in each row are found in order."""
    around = [step for step in offsets if self_included or step != (0, 0)]
    found = np.empty((len(grid), len(around)), dtype=np.int32)
    for place, (column, row) in enumerate(around):
        found[:, place] = grid.indices(grid.columns + column, grid.rows + row)
    there = found >= 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    weights = np.ones(int(ends[-1]))
    return sparse.csr_array((weights, found[there], ends), shape=(len(grid), len(grid)))
