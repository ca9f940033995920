"""Quality of an embedding: trustworthiness, continuity and neighborhood preservation.

References
----------
Venna & Kaski (2001), Neighborhood preservation in nonlinear projection methods (trustworthiness,
continuity).
Lee & Verleysen (2009), Quality assessment of dimensionality reduction: rank-based criteria,
Neurocomputing 72; Lee et al. (2013), Neurocomputing 112 (R_NX: neighbors preserved beyond chance).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from analytics.artifacts.metric import Metric
from analytics.errors import InputError

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.uint16]

NEIGHBORS = 15
PROBES = 3_000
BLOCK = 256
"""Rows whose distances are in memory at once."""
RESAMPLES = 500
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class Preservation:
    """Per probe, 1 minus the penalty for false (trust) and lost (continuity) neighbors."""

    trust: npt.NDArray[np.float64]
    continuity: npt.NDArray[np.float64]


def measure_preservation(before: Ranks, after: Ranks, neighbors: int = NEIGHBORS) -> Preservation:
    """Trustworthiness and continuity of each probe; their means are the published metrics.

    Parameters
    ----------
    before, after
        `ranks` in feature space and in the embedding.

    Raises
    ------
    InputError
        There are too few probes for this number of neighbors.
    """
    count = len(before)
    if neighbors >= count / 2:
        raise InputError(f"{count} incidents are too few for {neighbors} neighbors.")
    scale = 2.0 / (neighbors * (2.0 * count - 3.0 * neighbors - 1.0))

    def kept(near: Ranks, judged: Ranks) -> npt.NDArray[np.float64]:
        excess = np.maximum(judged, neighbors) - np.uint16(neighbors)
        return np.asarray(1.0 - scale * excess.sum(axis=1, where=near <= neighbors))

    return Preservation(kept(after, before), kept(before, after))


def ranks(rows: Floats) -> Ranks:
    """Rank of each row among the neighbors of each other row, from 1; a row itself has rank 0.

    Ties keep the order of the rows. Shape (rows, rows), computed a block of rows at a time.
    """
    found = np.empty((len(rows), len(rows)), dtype=np.uint16)
    numbers = np.arange(len(rows), dtype=np.uint16)[None, :]

    def rank(start: int) -> None:
        block = rows[start : start + BLOCK]
        distances = cdist(block, rows, "sqeuclidean")
        distances[np.arange(len(block)), np.arange(start, start + len(block))] = -1.0
        order = np.argsort(distances, axis=1, kind="stable")
        np.put_along_axis(found[start : start + BLOCK], order, numbers, axis=1)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(rank, range(0, len(rows), BLOCK)))
    return found


def neighborhood_preservation(
    first: Floats, second: Floats, neighbors: int
) -> npt.NDArray[np.float64]:
    """Share of each incident's neighbors in one embedding that are neighbors in the other.

    Corrected for chance (R_NX of Lee et al. 2013, between two embeddings): 1 is the same
    neighborhood, 0 is chance. Rotation, reflection and scaling change nothing. Shape (incidents,).
    """
    count = len(first)
    if not 0 < neighbors < count - 1:
        raise InputError(f"{count} incidents are too few for {neighbors} neighbors.")
    near = (ranks(first) <= neighbors) & (ranks(second) <= neighbors)
    shared = (near.sum(axis=1) - 1) / neighbors  # each is its own neighbor of rank 0
    chance = neighbors / (count - 1)
    return np.asarray((shared - chance) / (1 - chance))


def mean_metric(name: str, values: npt.NDArray[np.float64], seed: int) -> Metric:
    """Mean with its 95% bootstrap interval over probes."""
    random = np.random.default_rng(seed)
    draws = random.integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), INTERVAL)
    return Metric(name, float(values.mean()), float(low), float(high))


def map_metrics(
    features: Floats, maps: Mapping[str, Floats], seed: int, neighbors: int = NEIGHBORS
) -> list[Metric]:
    """Trustworthiness and continuity with intervals, on at most `PROBES` distinct rows.

    Parameters
    ----------
    maps : mapping
        Coordinates by the suffix of the metric names, such as `_3d`.
    """
    chosen = sample_distinct(features, PROBES, seed)
    neighbors = min(neighbors, max(1, len(chosen) // 4))
    before = ranks(features[chosen])
    found = []
    for suffix, coordinates in maps.items():
        kept = measure_preservation(before, ranks(coordinates[chosen]), neighbors)
        found.append(mean_metric(f"trustworthiness{suffix}", kept.trust, seed))
        found.append(mean_metric(f"continuity{suffix}", kept.continuity, seed))
    return found


def sample_distinct(features: Floats, most: int, seed: int) -> Ints:
    """Positions of a random sample of distinct rows, at most `most`."""
    _, first = np.unique(features, axis=0, return_index=True)
    if len(first) <= most:
        return np.sort(first).astype(np.int64)
    return np.sort(np.random.default_rng(seed).choice(first, most, replace=False)).astype(np.int64)
