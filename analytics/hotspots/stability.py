"""Are the zones there again: over bootstraps, over seeds.

References
----------
Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data
Analysis 52.
Hubert & Arabie (1985), Comparing partitions, Journal of Classification 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, Floats, Ints, checked

BOOTSTRAPS = 20
STABLE, DISSOLVED = 0.75, 0.5
"""Hennig's rules of thumb: from .75 a zone is stable; below .5 it dissolved."""

Fit = Callable[[Floats, Floats, int], Clustering]
"""From places, weights and a seed to zones."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Jaccard similarity of each zone with its like in bootstraps.

    Attributes
    ----------
    jaccard : array of shape (zones,)
        Mean over bootstraps of the largest similarity.
    mean : float
        Of the zones, by their weight. NaN without zones.
    bootstraps : int
    """

    jaccard: Floats = field(repr=False)
    mean: float
    bootstraps: int


def bootstrap_jaccard(
    fit: Fit,
    xy: Floats,
    weights: Floats,
    *,
    bootstraps: int = BOOTSTRAPS,
    seed: int = 0,
    fitted: Clustering | None = None,
) -> Stability:
    """How alike zones are when the incidents are drawn again with replacement.

    Parameters
    ----------
    fit : callable
        Fits places (n, 2), weights (n,) with a seed.
    xy, weights : arrays of shapes (places, 2) and (places,)
        Weights are numbers of incidents. Harm is drawn as if each place's harm were made of
        incidents of its mean weight: pass numbers and let `fit` weigh them where it matters.
    fitted : Clustering, optional
        The zones to judge, if they are fitted already.

    References
    ----------
    Hennig (2007): similarities are over the places that are in the bootstrap, here by weight.
    """
    places, given = checked(xy, weights)
    original = fitted or fit(places, given, seed)
    zones = original.zones
    if not zones:
        return Stability(np.zeros(0), float("nan"), bootstraps)
    random = np.random.default_rng(seed)
    chance = given / given.sum()
    drawn_incidents = max(round(float(given.sum())), 1)
    found = np.full((bootstraps, zones), np.nan)
    for draw in range(bootstraps):
        times = random.multinomial(drawn_incidents, chance).astype(np.float64)
        there = times > 0
        again = fit(places[there], times[there], seed + 1 + draw)
        found[draw] = _best_jaccard(original.labels[there], again.labels, given[there], zones)
    seen = ~np.isnan(found)
    jaccard = np.where(seen, found, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    inside = original.labels >= 0
    share = np.bincount(original.labels[inside], given[inside], minlength=zones)
    return Stability(jaccard, float(np.average(jaccard, weights=share)), bootstraps)


def seed_agreement(fit: Fit, xy: Floats, weights: Floats, seeds: Sequence[int]) -> Floats:
    """Adjusted Rand of the zones of each pair of seeds; shape (pairs,).

    Raises
    ------
    InputError
        There are fewer than two seeds.
    """
    if len(seeds) < 2:
        raise InputError("Agreement over seeds needs two seeds or more.")
    places, given = checked(xy, weights)
    labels = [fit(places, given, seed).labels for seed in seeds]
    return np.array([adjusted_rand(*pair, given) for pair in combinations(labels, 2)])


def adjusted_rand(first: Ints, second: Ints, weights: Floats | None = None) -> float:
    """Agreement of two labellings beyond chance: 1 the same, 0 as chance; noise is a label.

    Parameters
    ----------
    weights : array of shape (places,), optional
        Incidents of each place: pairs of incidents are compared, those of one place among them.

    References
    ----------
    Hubert & Arabie (1985).
    """
    table = _contingency(np.asarray(first), np.asarray(second), weights)
    total = float(table.sum())
    same = _pairs(table.data)
    rows, columns = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    everything = total * (total - 1) / 2
    if everything <= 0:
        return 1.0
    expected = rows * columns / everything
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((same - expected) / (most - expected))


def _pairs(counts: npt.ArrayLike) -> float:
    values = np.asarray(counts, dtype=np.float64)
    return float((values * (values - 1) / 2).sum())


def _contingency(
    first: npt.NDArray[np.integer], second: npt.NDArray[np.integer], weights: Floats | None
) -> sparse.coo_array:
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    given = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    table = sparse.coo_array((given, (row, column)), shape=(len(rows), len(columns)))
    table.sum_duplicates()
    return table


def _best_jaccard(original: Ints, again: Ints, weights: Floats, zones: int) -> Floats:
    """Largest Jaccard similarity of each original zone; NaN where none of it was drawn."""
    before = np.bincount(original[original >= 0], weights[original >= 0], minlength=zones)
    best = np.where(before > 0, 0.0, np.nan)
    if not (again >= 0).any():
        return best
    after = np.bincount(again[again >= 0], weights[again >= 0])
    both = (original >= 0) & (again >= 0)
    codes = original[both] * len(after) + again[both]
    shared = np.bincount(codes, weights[both], minlength=zones * len(after))
    shared = shared.reshape(zones, len(after))
    union = before[:, None] + after[None, :] - shared
    similarity = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return np.where(before > 0, similarity.max(axis=1), np.nan)
