"""HDBSCAN on gridded places."""

from __future__ import annotations

import numpy as np
import pytest
from places import clustered
from sklearn.cluster import HDBSCAN

from analytics.errors import InputError
from analytics.hotspots.hdbscan import agreement_with_raw, fit_hdbscan
from analytics.hotspots.stability import adjusted_rand


def test_without_a_grid_it_is_scikit_learns_on_every_single_incident() -> None:
    xy, counts = clustered(0)
    times = counts.astype(int)
    raw = np.repeat(xy - xy.mean(axis=0), times, axis=0)
    theirs = HDBSCAN(min_cluster_size=30, min_samples=10, copy=True).fit(raw).labels_
    ours = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10, grid_m=0)
    first = np.cumsum(times) - times
    assert ours.zones == theirs.max() + 1
    assert adjusted_rand(ours.labels, theirs[first], counts) > 0.99


def test_what_the_grid_changes_is_measured() -> None:
    xy, counts = clustered(1)
    fine = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10, grid_m=5)
    agreement = agreement_with_raw(xy, counts, fine)
    assert agreement is not None
    assert 0.8 < agreement <= 1
    assert agreement_with_raw(xy, counts, fine, max_incidents=10) is None


def test_thinning_scales_what_counts_as_many() -> None:
    xy, counts = clustered(2)
    heavy = counts * 100
    found = fit_hdbscan(
        xy, heavy, min_cluster_size=3000, min_samples=1000, max_incidents=int(counts.sum())
    )
    whole = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10)
    assert found.parameters["thinned"] == pytest.approx(0.01)
    assert np.array_equal(found.labels, whole.labels)


def test_too_few_incidents_make_no_zone_and_nonsense_is_refused() -> None:
    assert fit_hdbscan(np.eye(2) * 100, min_cluster_size=5, min_samples=2).zones == 0
    with pytest.raises(InputError):
        fit_hdbscan(np.eye(2), min_cluster_size=1, min_samples=1)
