"""Embeddings of incidents by UMAP or t-SNE: a stratified sample is fitted, the rest projected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analytics.artifacts.metric import Metric
from analytics.patterns.features import Codes, FeatureSpace
from analytics.patterns.projection import Reference, project
from analytics.patterns.quality import (
    PROBES,
    map_metrics,
    mean_metric,
    neighborhood_preservation,
    sample_distinct,
)
from analytics.patterns.sample import stratified

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Embed = Callable[[Floats, int, int], Floats]
"""From features, number of axes and seed to coordinates."""

STABILITY_RUNS = 3
"""Further embeddings, each with its own sample and seed, that stability is measured on."""
STABILITY_SAMPLE = 4_000
SHARED = 1_000
"""Incidents that are in all of those samples."""
SHARED_NEIGHBORS = 30


@dataclass(frozen=True, eq=False)
class IncidentMap:
    """A fitted embedding.

    Attributes
    ----------
    sample : int64 array of shape (fitted,)
        Positions of the fitted incidents among all that were given.
    xy, xyz : arrays of shapes (fitted, 2) and (fitted, 3)
    """

    sample: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    xyz: Floats = field(repr=False)
    metrics: tuple[Metric, ...]


def fit_map(
    space: FeatureSpace, codes: Codes, embed: Embed, *, size: int, seed: int
) -> IncidentMap:
    """Fit a sample of incidents, stratified by crime type.

    Parameters
    ----------
    codes : array of shape (incidents, features)
    size : int
        Incidents of the sample.
    """
    strata = codes[:, space.names.index("type")] if "type" in space.names else codes[:, 0]
    sample = stratified(strata, size, seed)
    features = space.matrix(codes[sample])
    xy, xyz = embed(features, 2, seed), embed(features, 3, seed)
    metrics = [
        *map_metrics(features, {"": xy, "_3d": xyz}, seed),
        *projection_metrics(space, codes, sample, xy, seed),
        *stability_metrics(features, embed, seed),
    ]
    return IncidentMap(sample, xy, xyz, tuple(metrics))


def projection_metrics(
    space: FeatureSpace, codes: Codes, sample: Ints, xy: Floats, seed: int
) -> list[Metric]:
    """Trustworthiness and continuity of incidents that were projected, not fitted."""
    others = np.setdiff1d(np.arange(len(codes)), sample, assume_unique=True)
    if len(others) < SHARED:
        return []
    probes = np.random.default_rng(seed).choice(others, min(PROBES, len(others)), replace=False)
    projected = project(Reference(space, codes[sample], xy), codes[probes])
    return map_metrics(space.matrix(codes[probes]), {"_placed": projected}, seed)


def stability_metrics(features: Floats, embed: Embed, seed: int) -> list[Metric]:
    """Neighborhood preservation between embeddings of other samples and seeds.

    Each of `STABILITY_RUNS` embeddings has its own sample and seed; `SHARED` incidents are in all
    samples. Empty if there are too few incidents.
    """
    shared = sample_distinct(features, SHARED, seed)
    neighbors = min(SHARED_NEIGHBORS, len(shared) // 10)
    if neighbors < 1:
        return []
    rest = np.setdiff1d(np.arange(len(features)), shared, assume_unique=True)
    maps = []
    for number in range(STABILITY_RUNS):
        random = np.random.default_rng(seed + number)
        more = random.choice(rest, min(len(rest), STABILITY_SAMPLE - len(shared)), replace=False)
        sampled = features[np.concatenate([shared, more])]
        maps.append(embed(sampled, 2, seed + 1 + number)[: len(shared)])
    kept = [neighborhood_preservation(*pair, neighbors) for pair in combinations(maps, 2)]
    return [mean_metric("stability", np.mean(kept, axis=0), seed)]
