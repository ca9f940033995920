"""K-means in meters with weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from analytics.errors import InputError
from analytics.hotspots.kmeans import fit_kmeans
from tests.unit.analytics.hotspots.places import clustered


def inertia(xy: np.ndarray, weights: np.ndarray, labels: np.ndarray) -> float:
    total = 0.0
    for zone in np.unique(labels):
        inside = labels == zone
        middle = np.average(xy[inside], axis=0, weights=weights[inside])
        total += (weights[inside] * ((xy[inside] - middle) ** 2).sum(axis=1)).sum()
    return total


def test_is_as_good_as_scikit_learn_on_every_single_incident() -> None:
    xy, counts = clustered(2)
    raw = np.repeat(xy - xy.mean(axis=0), counts.astype(int), axis=0)
    theirs = KMeans(6, n_init=20, random_state=1).fit(raw)
    ours = fit_kmeans(xy, counts, k=6, seed=1, starts=20)
    assert inertia(xy, counts, ours.labels) == pytest.approx(theirs.inertia_, rel=0.005)


@pytest.mark.parametrize("mini_batch", [False, True])
def test_centers_are_the_weighted_middles_and_predict_what_was_labeled(mini_batch: bool) -> None:
    xy, counts = clustered(4)
    found = fit_kmeans(xy, counts, k=5, seed=3, mini_batch=mini_batch)
    assert found.centers is not None
    nearest = cdist(xy, found.centers).argmin(axis=1)
    assert np.array_equal(nearest, found.labels)
    assert np.array_equal(found.estimator.predict(xy), found.labels)
    totals = np.bincount(found.labels, counts, minlength=5)
    assert (np.diff(totals) <= 0).all()
    if not mini_batch:
        for zone, center in enumerate(found.centers):
            inside = found.labels == zone
            middle = np.average(xy[inside], axis=0, weights=counts[inside])
            assert center == pytest.approx(middle, abs=0.5)


def test_the_same_seed_gives_the_same_zones() -> None:
    xy, counts = clustered(5)
    first, second = (fit_kmeans(xy, counts, k=7, seed=9) for _ in range(2))
    assert np.array_equal(first.labels, second.labels)


def test_places_without_weight_move_no_center() -> None:
    xy, counts = clustered(6)
    far = np.vstack([xy, [[500_000.0, 4_700_000.0]]])
    without = fit_kmeans(xy, counts, k=4, seed=0)
    with_far = fit_kmeans(far, np.append(counts, 0), k=4, seed=0)
    assert np.array_equal(without.labels, with_far.labels[:-1])


def test_more_zones_than_places_are_refused() -> None:
    with pytest.raises(InputError):
        fit_kmeans(np.zeros((5, 2)), k=2)
