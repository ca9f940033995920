"""The weighted minimum spanning tree against scipy's on the single incidents."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from analytics.hotspots.spanning_tree import core_distances, incident_tree, spanning_tree
from tests.unit.analytics.hotspots.places import clustered

WANTED = 12
FLOOR_M = 0.001


def single_incidents() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unique places, incidents of each, and the distances between all incidents."""
    xy, counts = clustered(3)
    places, place = np.unique(xy, axis=0, return_inverse=True)
    times = np.bincount(place, counts).astype(np.int64)
    raw = np.repeat(places, times, axis=0)
    return places, times, cdist(raw, raw)


def test_core_distances_are_those_of_the_single_incidents() -> None:
    places, times, distance = single_incidents()
    first = np.cumsum(times) - times
    expected = np.sort(distance, axis=1)[first, WANTED - 1]
    assert core_distances(places, times, WANTED) == pytest.approx(expected)


def test_core_distances_reach_as_far_as_they_must() -> None:
    places = np.column_stack([np.arange(200.0), np.zeros(200)])
    ones = np.ones(200, dtype=np.int64)
    assert core_distances(places, ones, 200)[[0, 100]].tolist() == [199, 100]


def test_the_tree_weighs_what_scipys_does_on_the_single_incidents() -> None:
    places, times, distance = single_incidents()
    core = core_distances(places, times, WANTED)
    all_cores = np.repeat(core, times)
    reach = np.maximum(distance, np.maximum(all_cores[:, None], all_cores[None, :]))
    expected = minimum_spanning_tree(np.maximum(reach, FLOOR_M)).data
    tree, first = incident_tree(spanning_tree(places, core), core, times, FLOOR_M)
    assert np.sort(tree.data)[::2] == pytest.approx(np.sort(expected))
    assert len(first) == len(places)
    assert abs(tree - tree.T).max() == 0
    assert tree.nnz == 2 * (times.sum() - 1)
