"""ZoneQuality of zones by weight, against scikit-learn on every single incident."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.quality import measure_quality
from tests.unit.analytics.hotspots.places import clustered


def test_equals_scikit_learn_on_every_single_incident() -> None:
    xy, counts = clustered(0)
    labels = fit_kmeans(xy, counts, k=6).labels
    times = counts.astype(int)
    raw, marks = np.repeat(xy - xy.mean(axis=0), times, axis=0), np.repeat(labels, times)
    found = measure_quality(xy, labels, counts, sample=8000)
    assert found.davies_bouldin == pytest.approx(davies_bouldin_score(raw, marks))
    assert found.calinski_harabasz == pytest.approx(calinski_harabasz_score(raw, marks))
    assert found.silhouette == pytest.approx(silhouette_score(raw, marks), abs=0.02)
    assert found.silhouette_sample == 8000
    assert len(found.silhouette_by_zone) == 6


def test_noise_is_left_out_and_stated() -> None:
    xy = np.array([[0.0, 0], [10, 0], [5000, 0], [5010, 0], [2500, 0]])
    found = measure_quality(xy, np.array([0, 0, 1, 1, -1]), np.array([1.0, 1, 2, 2, 4]))
    assert found.noise_share == pytest.approx(0.4)
    assert found.largest_share == pytest.approx(0.4)
    assert found.silhouette == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("labels", [[-1, -1, -1], [0, 0, 0]])
def test_fewer_than_two_zones_have_no_separation(labels: list[int]) -> None:
    found = measure_quality(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array(labels))
    assert found.silhouette is None
    assert found.davies_bouldin is None
    assert found.calinski_harabasz is None
