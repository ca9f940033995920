"""Jaccard similarity of zones over bootstraps, each zone on its own (Hennig 2007)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analytics.hotspots.clustering import Clustering, checked
from analytics.statistics.arrays import Floats, Ints

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
    bootstraps: int = 20,
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
