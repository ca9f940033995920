"""Maps of incidents by UMAP and t-SNE: a stratified sample is fitted, everybody else is placed.

What is fitted, placed and measured here follows the same path for both methods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analytics.artifacts.metric import Metric
from analytics.patterns.features import Codes, FeatureSpace
from analytics.patterns.projection import Reference, place
from analytics.patterns.quality import (
    PROBES,
    agreements,
    map_metrics,
    mean_metric,
    unlike,
)
from analytics.patterns.sample import stratified

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Embed = Callable[[Floats, int, int], Floats]
"""From features, axes and a seed to places."""

MAPS = 3
"""Further maps, each of its own draw and seed, that stability is measured on."""
MAP_SAMPLE = 4_000
SHARED = 1_000
"""Incidents that are on all of those maps."""
SHARED_NEIGHBORS = 30


@dataclass(frozen=True, eq=False)
class IncidentMap:
    """A fitted map.

    Attributes
    ----------
    sample : int64 array of shape (fitted,)
        Positions of the fitted incidents among all that were given.
    plane, space : arrays of shapes (fitted, 2) and (fitted, 3)
    """

    sample: Ints = field(repr=False)
    plane: Floats = field(repr=False)
    space: Floats = field(repr=False)
    metrics: tuple[Metric, ...]


def fit_map(
    space: FeatureSpace, codes: Codes, embed: Embed, *, size: int, seed: int
) -> IncidentMap:
    """Fit a sample of incidents in which every crime type has its share.

    Parameters
    ----------
    codes : array of shape (incidents, facts)
    size : int
        Incidents of the sample.
    """
    strata = codes[:, space.names.index("type")] if "type" in space.names else codes[:, 0]
    sample = stratified(strata, size, seed)
    features = space.matrix(codes[sample])
    plane, around = embed(features, 2, seed), embed(features, 3, seed)
    metrics = [
        *map_metrics(features, {"": plane, "_3d": around}, seed),
        *placed_metrics(space, codes, sample, plane, seed),
        *stability_metrics(features, embed, seed),
    ]
    return IncidentMap(sample, plane, around, tuple(metrics))


def placed_metrics(
    space: FeatureSpace, codes: Codes, sample: Ints, plane: Floats, seed: int
) -> list[Metric]:
    """Trustworthiness and continuity of incidents that were placed, not fitted."""
    others = np.setdiff1d(np.arange(len(codes)), sample, assume_unique=True)
    if len(others) < SHARED:
        return []
    drawn = np.random.default_rng(seed).choice(others, min(PROBES, len(others)), replace=False)
    placed = place(Reference(space, codes[sample], plane), codes[drawn])
    return map_metrics(space.matrix(codes[drawn]), {"_placed": placed}, seed)


def stability_metrics(features: Floats, embed: Embed, seed: int) -> list[Metric]:
    """Neighbors kept beyond chance between maps of other draws and other seeds.

    Each of `MAPS` maps has a draw and a seed of its own; `SHARED` incidents are on all of them.
    None where there are too few incidents.
    """
    shared = unlike(features, SHARED, seed)
    neighbors = min(SHARED_NEIGHBORS, len(shared) // 10)
    if neighbors < 1:
        return []
    rest = np.setdiff1d(np.arange(len(features)), shared, assume_unique=True)
    maps = []
    for number in range(MAPS):
        random = np.random.default_rng(seed + number)
        more = random.choice(rest, min(len(rest), MAP_SAMPLE - len(shared)), replace=False)
        drawn = features[np.concatenate([shared, more])]
        maps.append(embed(drawn, 2, seed + 1 + number)[: len(shared)])
    kept = [agreements(*pair, neighbors) for pair in combinations(maps, 2)]
    return [mean_metric("stability", np.mean(kept, axis=0), seed)]
