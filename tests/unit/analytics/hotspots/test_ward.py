"""Weighted Ward, against scipy on every single incident."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, is_valid_linkage, ward
from sklearn.metrics import adjusted_rand_score

from analytics.errors import InputError
from analytics.hotspots.ward import fit_ward
from tests.unit.analytics.hotspots.places import clustered


@pytest.mark.parametrize("seed", range(4))
def test_equals_scipy_on_every_single_incident(seed: int) -> None:
    xy, counts = clustered(seed, 200)
    times = counts.astype(int)
    theirs = ward(np.repeat(xy - xy.mean(axis=0), times, axis=0))
    ours = fit_ward(xy, counts)
    assert is_valid_linkage(ours.linkage)
    # Incidents at one place merge at height 0; the rest are the merges of the places.
    assert ours.linkage[:, 2] == pytest.approx(theirs[-(len(xy) - 1) :, 2])
    first = np.cumsum(times) - times
    for zones in (2, 5, 17, 60):
        expected = cut_tree(theirs, n_clusters=zones)[first, 0]
        assert adjusted_rand_score(expected, ours.cut(zones).labels) == 1


def test_zones_are_nested_and_numbered_by_weight() -> None:
    xy, counts = clustered(8)
    tree = fit_ward(xy, counts)
    coarse, fine = tree.cut(4), tree.cut(12)
    for zone in range(12):
        assert len(np.unique(coarse.labels[fine.labels == zone])) == 1
    assert (np.diff(np.bincount(coarse.labels, counts)) <= 0).all()
    assert coarse.centers is not None
    inside = coarse.labels == 0
    assert coarse.centers[0] == pytest.approx(
        np.average(xy[inside], axis=0, weights=counts[inside])
    )


def test_all_and_one_zone() -> None:
    xy, counts = clustered(9, 40)
    tree = fit_ward(xy, counts)
    assert tree.cut(len(xy)).zones == len(xy)
    assert tree.cut(1).zones == 1


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError):
        fit_ward(np.zeros((1, 2)))
    with pytest.raises(InputError):
        fit_ward(np.zeros((3, 2)), np.array([1.0, 0, 1]))
    with pytest.raises(InputError):
        fit_ward(np.eye(2)).cut(3)
