"""HDBSCAN on gridded places."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

from analytics.errors import InputError
from analytics.hotspots.clustering import NOISE
from analytics.hotspots.hdbscan import WIDER, agreement_with_raw, fit_hdbscan
from analytics.statistics.agreement import adjusted_rand
from tests.unit.analytics.hotspots.places import clustered


@pytest.mark.parametrize("select", ["eom", "leaf"])
def test_without_a_grid_it_is_scikit_learns_on_every_single_incident(select: str) -> None:
    xy, counts = clustered(0)
    times = counts.astype(int)
    raw = np.repeat(xy - xy.mean(axis=0), times, axis=0)
    theirs = HDBSCAN(
        min_cluster_size=30, min_samples=10, cluster_selection_method=select, copy=True
    ).fit(raw)
    ours = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10, grid_m=0, select=select)
    first = np.cumsum(times) - times
    assert ours.zones == theirs.labels_.max() + 1
    assert adjusted_rand(ours.labels, theirs.labels_[first], counts) > 0.99


def test_what_the_grid_changes_is_measured() -> None:
    xy, counts = clustered(1)
    fine = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10, grid_m=5)
    agreement = agreement_with_raw(xy, counts, fine)
    assert agreement is not None
    assert 0.8 < agreement <= 1
    assert agreement_with_raw(xy, counts, fine, max_places=10) is None


def test_the_grid_is_as_wide_as_it_must_be_and_places_of_a_square_share_a_zone() -> None:
    xy, counts = clustered(1)
    wide = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10, grid_m=5, max_places=150)
    used = wide.parameters["grid_m"]
    squares = [len(np.unique(np.floor(xy / side), axis=0)) for side in (used, used / WIDER)]
    assert squares[0] <= 150 < squares[1]
    _, square = np.unique(np.floor(xy / used), axis=0, return_inverse=True)
    for one in np.unique(square):
        assert len(np.unique(wide.labels[square.ravel() == one])) == 1


def test_a_weight_that_sums_to_more_is_scaled_down() -> None:
    xy, counts = clustered(2)
    found = fit_hdbscan(
        xy, counts * 100, min_cluster_size=3000, min_samples=1000,
        max_incidents=int(counts.sum()),
    )  # fmt: skip
    whole = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10)
    assert found.parameters["scaled"] == pytest.approx(0.01)
    assert np.array_equal(found.labels, whole.labels)


def test_zones_are_numbered_by_weight_and_loose_places_are_in_none() -> None:
    xy, counts = clustered(4)
    found = fit_hdbscan(xy, counts, min_cluster_size=30, min_samples=10)
    inside = found.labels >= 0
    sizes = np.bincount(found.labels[inside], counts[inside])
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() >= 30
    far = np.vstack([xy, [[1e5, 1e5]]])
    again = fit_hdbscan(far, np.append(counts, 1.0), min_cluster_size=30, min_samples=10)
    assert again.labels[-1] == NOISE


def test_too_few_incidents_make_no_zone_and_nonsense_is_refused() -> None:
    assert fit_hdbscan(np.eye(2) * 100, min_cluster_size=5, min_samples=2).zones == 0
    with pytest.raises(InputError, match="min_cluster_size"):
        fit_hdbscan(np.eye(2), min_cluster_size=1, min_samples=1)
    with pytest.raises(InputError, match="without a grid"):
        fit_hdbscan(np.eye(2), min_cluster_size=2, min_samples=1, grid_m=0, max_places=1)
