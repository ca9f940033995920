"""Pairs of places within a distance, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.formats import distance_text, number
from analytics.statistics.arrays import Floats, Ints

PAIRS_AT_ONCE = 4_000_000
"""Some 100 MB: each pair takes 24 bytes, and as many again in what is computed from it."""
MOST_PAIRS = 300_000_000
"""They take one to two minutes, since methods go over the pairs several times."""


def neighbor_counts(tree: cKDTree, xy: Floats, radius_m: float) -> Ints:
    """Number of the tree's places within the radius of each place; shape (places,)."""
    counted = tree.query_ball_point(xy, radius_m, return_length=True)
    return np.asarray(counted, dtype=np.int64)


def pairs_within(
    xy: Floats,
    others: Floats,
    radius_m: float,
    at_once: int = PAIRS_AT_ONCE,
    most: int = MOST_PAIRS,
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Positions in `xy` and in `others`, and distances (m), of all pairs at most `radius_m` apart.

    Each batch has all partners of its places of `xy`, and about `at_once` pairs, more only if a
    single place has more. Places near each other come in the same batch, which is faster.

    Raises
    ------
    InputError
        The distance is negative or not a number, or there are more than `most` pairs.
    """
    if not (np.isfinite(radius_m) and radius_m >= 0):
        raise InputError(f"A distance of {radius_m} m is not valid; choose 0 or more.")
    if not len(xy) or not len(others):
        return
    other_tree = cKDTree(others)
    order = np.asarray(cKDTree(xy).indices)
    counts = neighbor_counts(other_tree, xy[order], radius_m)
    _require_few(len(xy), int(counts.sum()), radius_m, most)
    batch = np.cumsum(counts) // at_once
    starts = np.flatnonzero(np.r_[True, batch[1:] != batch[:-1]])
    for start, end in zip(starts, np.r_[starts[1:], len(order)], strict=True):
        chosen = order[start:end]
        found = cKDTree(xy[chosen]).sparse_distance_matrix(
            other_tree, radius_m, output_type="ndarray"
        )
        yield chosen[found["i"]], found["j"].astype(np.int64), found["v"]


def _require_few(places: int, pairs: int, radius_m: float, most: int) -> None:
    if pairs > most:
        shorter = radius_m * (most / pairs) ** 0.5
        raise InputError(
            f"{number(places)} places have {number(pairs / 1e6)} million pairs within "
            f"{distance_text(radius_m)}; the limit is {number(most / 1e6)} million. Choose about "
            f"{distance_text(shorter)}, or fewer incidents."
        )


def weight_within(xy: Floats, weights: Floats, radius_m: float) -> npt.NDArray[np.float64]:
    """Weight of all places within the radius of each place, itself included; shape (places,)."""
    total = np.zeros(len(xy))
    for own, other, _ in pairs_within(xy, xy, radius_m):
        total += np.bincount(own, weights=weights[other], minlength=len(xy))
    return total
