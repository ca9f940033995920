"""DBSCAN on weighted unique places, against scikit-learn on the single incidents."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from analytics.errors import InputError
from analytics.hotspots import neighborhoods
from analytics.hotspots.clustering import NOISE, renumbered
from analytics.hotspots.dbscan import fit_dbscan
from tests.unit.analytics.hotspots.places import clustered


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("eps_m", "min_samples"), [(60, 5), (120, 12), (200, 40), (900, 30)])
def test_equals_scikit_learn_on_every_single_incident(
    seed: int, eps_m: float, min_samples: int
) -> None:
    xy, counts = clustered(seed)
    times = counts.astype(int)
    raw = np.repeat(xy, times, axis=0)
    theirs = DBSCAN(eps=eps_m, min_samples=min_samples).fit(raw)

    ours = fit_dbscan(xy, counts, eps_m=eps_m, min_samples=min_samples)

    first = np.cumsum(times) - times
    expected = renumbered(theirs.labels_[first], counts)
    assert np.array_equal(ours.labels, expected)
    raw_core = np.zeros(len(raw), bool)
    raw_core[theirs.core_sample_indices_] = True
    assert np.array_equal(ours.core, raw_core[first])


def test_is_the_same_however_few_pairs_are_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xy, counts = clustered(3)
    whole = fit_dbscan(xy, counts, eps_m=150, min_samples=20)
    defaults = (100, neighborhoods.MOST_PAIRS)
    monkeypatch.setattr(neighborhoods.pairs_within, "__defaults__", defaults)
    parts = fit_dbscan(xy, counts, eps_m=150, min_samples=20)
    assert np.array_equal(whole.labels, parts.labels)


def test_a_neighbor_exactly_eps_away_is_one() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [300.5, 0.0]])
    found = fit_dbscan(xy, eps_m=100, min_samples=2)
    assert found.labels.tolist() == [0, 0, 0, NOISE]


def test_one_heavy_place_is_a_cluster_of_its_own() -> None:
    xy = np.array([[0.0, 0.0], [5000.0, 0.0]])
    assert fit_dbscan(xy, [40, 39], eps_m=100, min_samples=40).labels.tolist() == [0, NOISE]


def test_zones_are_numbered_by_weight() -> None:
    xy, counts = clustered(1)
    found = fit_dbscan(xy, counts, eps_m=120, min_samples=12)
    weights = np.bincount(found.labels[found.labels >= 0], counts[found.labels >= 0])
    assert found.zones > 2
    assert (np.diff(weights) <= 0).all()


def test_no_places_make_no_zones() -> None:
    assert fit_dbscan(np.zeros((0, 2)), eps_m=100, min_samples=3).zones == 0


@pytest.mark.parametrize(
    ("xy", "weights", "eps_m"),
    [([[0, 0]], [1, 2], 100), ([[0, np.nan]], [1], 100), ([[0, 0]], [-1], 100), ([[0, 0]], [1], 0)],
)
def test_nonsense_is_refused(xy: list, weights: list, eps_m: float) -> None:
    with pytest.raises(InputError):
        fit_dbscan(np.array(xy, float), np.array(weights, float), eps_m=eps_m, min_samples=2)
