"""Stability of zones over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, checked
from analytics.statistics.agreement import adjusted_rand
from analytics.statistics.arrays import Floats

Fit = Callable[[Floats, Floats, int], Clustering]
"""Fits zones to places and weights with a seed."""


def seed_agreement(fit: Fit, xy: Floats, weights: Floats, seeds: Sequence[int]) -> Floats:
    """Adjusted Rand between the zones of each pair of seeds; shape (pairs,).

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
