"""Projection: exact neighbors, medians, cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from analytics.patterns.grid import CELLS, Grid
from analytics.patterns.projection import Reference, project, weighted_median
from analytics.patterns.sample import shares, stratified
from tests.unit.analytics.patterns.random_features import incidents, space_of


def test_an_incident_with_the_features_of_a_fitted_one_gets_its_coordinates() -> None:
    frame = incidents(600)
    space = space_of(frame)
    codes = np.unique(space.codes(frame), axis=0)
    coordinates = np.random.default_rng(1).normal(size=(len(codes), 2)).astype(np.float32)
    reference = Reference(space, codes, coordinates)
    again = np.random.default_rng(2).permutation(len(codes))
    assert project(reference, codes[again]) == pytest.approx(coordinates[again])


def test_neighbors_are_those_of_brute_force() -> None:
    frame = incidents(900)
    space = space_of(frame)
    codes = np.unique(space.codes(frame), axis=0)
    fitted, others = codes[::3], codes[1::3]
    coordinates = np.random.default_rng(1).normal(size=(len(fitted), 3)).astype(np.float32)
    found = project(Reference(space, fitted, coordinates), others, neighbors=1)
    distances = cdist(space.matrix(others), space.matrix(fitted))
    nearest = distances.argmin(axis=1)
    clear = np.sort(distances, axis=1)
    clear = clear[:, 1] - clear[:, 0] > 1e-3  # where two are equally near, either is right
    assert clear.sum() > 50
    assert found[clear] == pytest.approx(coordinates[nearest][clear])


def test_no_incident_is_projected_between_two_clusters() -> None:
    coordinates = np.array([[[0.0], [0.0], [0.0], [100.0], [100.0]]], dtype=np.float32)
    found = weighted_median(coordinates, np.ones((1, 5)))
    assert found[0, 0] == 0.0  # a mean would be 40


def test_weighted_medians_are_those_of_repeated_values() -> None:
    """Weights of 1, 4 and 9 (distances 1, 1/2, 1/3) are values repeated so often."""
    random = np.random.default_rng(4)
    for _ in range(50):
        values = random.normal(size=3)
        times = random.choice([1, 2, 3], 3)
        if np.sum(times**2) % 2 == 0:
            continue  # an even number has no one middle
        found = weighted_median(values.reshape(1, 3, 1), (1.0 / times).reshape(1, 3))
        assert found[0, 0] == pytest.approx(np.median(np.repeat(values, times**2)))


def test_cells_hold_the_points_that_lie_in_them() -> None:
    coordinates = np.random.default_rng(8).normal(size=(5_000, 2)).astype(np.float32)
    grid = Grid.around(coordinates)
    cells = grid.cells(coordinates)
    assert cells.max() < CELLS**2
    offset = np.abs(grid.centers(cells) - coordinates).max()
    assert offset <= grid.size / 2 + 1e-4


def test_points_outside_the_map_are_in_the_cells_at_its_edge() -> None:
    grid = Grid(0.0, 0.0, 1.0)
    far = np.array([[-9.0, -9.0], [1e6, 1e6]], dtype=np.float32)
    assert grid.cells(far).tolist() == [0, CELLS**2 - 1]


def test_every_stratum_has_its_share_and_rare_ones_have_one() -> None:
    strata = np.repeat([0, 1, 2], [9_000, 990, 10])
    found = strata[stratified(strata, 100, 5)]
    assert np.bincount(found).tolist() == [89, 10, 1] or np.bincount(found).tolist() == [90, 9, 1]
    assert len(found) == 100


def test_a_sample_has_no_repeats_and_follows_from_its_seed() -> None:
    strata = np.random.default_rng(1).integers(0, 7, 3_000)
    one = stratified(strata, 500, 9)
    assert len(np.unique(one)) == 500
    assert np.array_equal(one, stratified(strata, 500, 9))
    assert not np.array_equal(one, stratified(strata, 500, 10))


def test_all_are_taken_where_there_are_no_more() -> None:
    assert stratified(np.zeros(30, dtype=int), 50, 1).tolist() == list(range(30))


@pytest.mark.parametrize("size", [3, 10, 57, 400])
def test_shares_add_up(size: int) -> None:
    counts = np.array([300, 100, 1, 1, 98])
    found = shares(counts, max(size, len(counts)))
    assert found.sum() == max(size, len(counts))
    assert (found <= counts).all()
    assert (found >= 1).all()
