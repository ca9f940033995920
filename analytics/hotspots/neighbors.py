"""Which cells are neighbors: queen, or within a distance of each other's middles."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from analytics.errors import InputError
from analytics.formats import distance_text
from analytics.hotspots.fishnet import Fishnet

MOST_PAIRS = 16_000_000
"""Cells times neighbors: some 300 MB while they are found."""


def queen(net: Fishnet, *, self_included: bool) -> sparse.csr_array:
    """Cells that share an edge or a corner; cells × cells, entries 1."""
    offsets = [(column, row) for column in (-1, 0, 1) for row in (-1, 0, 1)]
    return _matrix(net, offsets, self_included)


def distance_band(net: Fishnet, distance_m: float, *, self_included: bool) -> sparse.csr_array:
    """Cells whose middles are at most that far apart; cells × cells, entries 1.

    Raises
    ------
    InputError
        The distance is shorter than a cell: there would be no neighbors. Or it is so long that
        there would be more than `MOST_PAIRS` of them.
    """
    if not math.isfinite(distance_m):
        raise InputError(f"A distance of {distance_m} m: choose a number of meters.")
    if distance_m < net.size_m:
        raise InputError(
            f"Within {distance_text(distance_m)} a cell of {distance_text(net.size_m)} has no "
            f"neighbor; choose at least {distance_text(net.size_m)}."
        )
    _require_few(net, distance_m)
    return _matrix(net, _offsets(distance_m / net.size_m), self_included)


def _require_few(net: Fishnet, distance_m: float) -> None:
    """Counted by area, before anything is made of it."""
    most = MOST_PAIRS / max(len(net), 1)
    around = math.pi * (distance_m / net.size_m) ** 2
    if min(around, len(net)) <= most:
        return
    longest = math.floor(net.size_m * math.sqrt(most / math.pi) / 50) * 50
    raise InputError(
        f"Within {distance_text(distance_m)} each of the {len(net):,} cells of "
        f"{distance_text(net.size_m)} has some {around:,.0f} neighbors, "
        f"{len(net) * around / 1e6:,.0f} million pairs; the limit is {MOST_PAIRS / 1e6:,.0f} "
        f"million. Choose {distance_text(longest)} or less, larger cells, or a smaller area."
    )


def _offsets(reach: float) -> list[tuple[int, int]]:
    """Steps in columns and rows that are at most `reach` cells long."""
    steps = range(-math.floor(reach), math.floor(reach) + 1)
    limit = reach**2 * (1 + 1e-12)
    return [(column, row) for column in steps for row in steps if column**2 + row**2 <= limit]


def _matrix(net: Fishnet, offsets: list[tuple[int, int]], self_included: bool) -> sparse.csr_array:
    """Offsets ascend as cells do, so each row's neighbors are in order as they are found."""
    around = [step for step in offsets if self_included or step != (0, 0)]
    found = np.empty((len(net), len(around)), dtype=np.int32)
    for place, (column, row) in enumerate(around):
        found[:, place] = net.indices(net.columns + column, net.rows + row)
    there = found >= 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    weights = np.ones(int(ends[-1]))
    return sparse.csr_array((weights, found[there], ends), shape=(len(net), len(net)))
