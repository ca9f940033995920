"""Agreement of labelings, and bootstraps of zones."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.stability import seed_agreement
from analytics.statistics.agreement import adjusted_rand
from tests.oracles.stability import bootstrap_jaccard
from tests.unit.analytics.hotspots.places import clustered


def test_adjusted_rand_is_scikit_learns_on_every_single_incident() -> None:
    random = np.random.default_rng(0)
    first, second = random.integers(-1, 5, 300), random.integers(-1, 3, 300)
    second[:150] = first[:150]
    weights = random.integers(1, 6, 300)
    raw = [np.repeat(labels, weights) for labels in (first, second)]
    assert adjusted_rand(first, second, weights) == pytest.approx(adjusted_rand_score(*raw))
    assert adjusted_rand(first, second) == pytest.approx(adjusted_rand_score(first, second))
    assert adjusted_rand(np.zeros(5, int), np.zeros(5, int)) == 1


def test_jaccard_by_hand() -> None:
    xy = np.column_stack([np.arange(4.0), np.zeros(4)])
    weights = np.array([1e6, 1e6, 2e6, 4e6])  # so many that every place is in every bootstrap
    first = Clustering("hand", np.array([0, 0, 1, -1]), {})
    again = Clustering("hand", np.array([0, 1, 1, 1]), {})
    found = bootstrap_jaccard(lambda *_: again, xy, weights, bootstraps=3, fitted=first)
    # Zone 0 {1, 1}: with {1} 1/2; zone 1 {2}: with {1, 2, 4} 2/7.
    assert found.jaccard == pytest.approx([1 / 2, 2 / 7])
    assert found.mean == pytest.approx((1 / 2 + 2 / 7) / 2)


def test_seeds_are_compared_in_pairs() -> None:
    xy, counts = clustered(1)
    found = seed_agreement(lambda x, w, s: fit_kmeans(x, w, k=8, seed=s), xy, counts, range(4))
    assert found.shape == (6,)
    assert (found <= 1).all()
    with pytest.raises(InputError):
        seed_agreement(lambda x, w, s: fit_kmeans(x, w, k=8, seed=s), xy, counts, [1])
