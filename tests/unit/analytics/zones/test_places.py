"""Patrol-sized places: limits, greedy choice against brute force, and planted hot blocks."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints
from analytics.zones.places import (
    BANDWIDTH_M,
    CAR,
    FOOT,
    NO_PLACE,
    PRIOR_INCIDENTS,
    PlaceLimits,
    choose_places,
    grow_cells,
    shrunk,
)

SMALL = PlaceLimits(3, 250.0, 0.03)


def city(seed: int, blocks: int = 40) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 1_000, (blocks, 2))
    return xy, random.poisson(2.0, blocks).astype(np.float64), random.uniform(100, 300, blocks)


def best_place(
    xy: Floats, expected: Floats, length_m: Floats, free: set[int], limits: PlaceLimits
) -> tuple[float, set[int]]:
    """Over all seeds and all sets with the highest rates: every subset is tried."""
    rate = expected / length_m
    found: tuple[float, set[int]] = (-1.0, set())
    for seed in sorted(free):
        near = [at for at in free - {seed} if np.hypot(*(xy[at] - xy[seed])) <= limits.reach_m]
        size = min(limits.blocks - 1, len(near))
        others = max(combinations(near, size), key=lambda some: sum(rate[at] for at in some))
        members = {seed, *others}
        value = sum(expected[at] for at in members) / sum(length_m[at] for at in members)
        if value > found[0] + 1e-12:
            found = value, members
    return found


@pytest.mark.parametrize("seed", range(6))
def test_each_step_takes_the_best_place_of_all_seeds(seed: int) -> None:
    xy, expected, length_m = city(seed, 14)
    labels = choose_places(xy, expected, length_m, SMALL, 14)
    free = {at for at in range(len(xy)) if expected[at] > 0}
    for number in range(labels.max() + 1):
        value, _ = best_place(xy, expected, length_m, free, SMALL)
        chosen = set(np.flatnonzero(labels == number).tolist())
        taken = sum(expected[at] for at in chosen) / sum(length_m[at] for at in chosen)
        assert taken == pytest.approx(value)
        free -= chosen
    assert not free


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), districts=st.booleans(), foot=st.booleans())
def test_no_place_exceeds_its_limits(seed: int, districts: bool, foot: bool) -> None:
    xy, expected, length_m = city(seed, 80)
    groups = (xy[:, 0] > 500).astype(np.int64) if districts else None
    limits = FOOT if foot else CAR
    labels = choose_places(xy, expected, length_m, limits, 3, groups=groups)
    assert (expected[labels != NO_PLACE] > 0).all()
    for number in range(labels.max() + 1):
        members = np.flatnonzero(labels == number)
        assert 1 <= len(members) <= limits.blocks
        apart = np.hypot(*(xy[members][:, None] - xy[members]).transpose(2, 0, 1))
        assert (apart.max(axis=1) <= limits.reach_m).any()  # from the seed
        if groups is not None:
            assert len(set(groups[members])) == 1
    most = 6 if districts else 3
    assert labels.max() + 1 <= most


def test_planted_hot_blocks_are_the_first_places() -> None:
    random = np.random.default_rng(1)
    xy = np.stack(np.meshgrid(np.arange(30) * 100.0, np.arange(30) * 100.0), -1).reshape(-1, 2)
    length_m = np.full(len(xy), 200.0)
    hot = [np.array([1_000.0, 1_000.0]), np.array([2_200.0, 400.0])]
    rate = np.full(len(xy), 3.0)
    planted = [np.argsort(np.hypot(*(xy - middle).T), kind="stable")[:5] for middle in hot]
    for blocks in planted:
        rate[blocks] = 40.0
    expected = shrunk(random.poisson(rate).astype(np.float64), length_m, xy)
    labels = choose_places(xy, expected, length_m, FOOT, 2)
    for blocks in planted:
        assert len(set(labels[blocks].tolist())) == 1
        assert labels[blocks[0]] != NO_PLACE
    assert np.count_nonzero(labels != NO_PLACE) == 12


def test_shrinkage_is_the_mean_of_the_gamma_posterior() -> None:
    xy, weights, size = city(3, 25)
    found = shrunk(weights, size, xy)
    for at in range(len(xy)):
        apart = np.hypot(*(xy - xy[at]).T)
        kernel = np.exp(-0.5 * (apart / BANDWIDTH_M) ** 2) * (apart <= 3 * BANDWIDTH_M)
        kernel[at] = 0.0
        mean = size[at] * (kernel @ weights) / (kernel @ size)
        shape, rate = PRIOR_INCIDENTS + weights[at], PRIOR_INCIDENTS / mean + 1
        assert found[at] == pytest.approx(shape / rate)
    assert shrunk(np.zeros(0), np.zeros(0), np.zeros((0, 2))).shape == (0,)
    assert (shrunk(np.zeros(25), size, xy) == 0).all()


def test_shrinkage_does_not_depend_on_the_unit_of_weight() -> None:
    xy, weights, size = city(4)
    assert shrunk(100 * weights, size, xy, 100.0) == pytest.approx(100 * shrunk(weights, size, xy))


def patches(expected: Floats, cells: int, places: int) -> Ints:
    columns, rows = (axis.ravel() for axis in np.indices(expected.shape))
    return grow_cells(columns, rows, expected.ravel(), cells, places).reshape(expected.shape)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), cells=st.sampled_from([FOOT.cells, CAR.cells]))
def test_patches_are_connected_and_at_most_so_large(seed: int, cells: int) -> None:
    expected = np.random.default_rng(seed).poisson(1.0, (12, 12)).astype(np.float64)
    labels = patches(expected, cells, 4)
    assert (expected[labels != NO_PLACE] > 0).all()
    for number in range(labels.max() + 1):
        left = set(map(tuple, np.argwhere(labels == number).tolist()))
        assert 1 <= len(left) <= cells
        reached = {left.pop()}
        while (
            new := {
                (x + a, y + b) for x, y in reached for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
            }
            & left
        ):
            reached |= new
            left -= new
        assert not left


def test_a_patch_takes_the_neighbor_that_expects_most() -> None:
    expected = np.array([[0.0, 2.0, 3.0], [1.0, 9.0, 4.0], [0.0, 7.0, 0.0]])
    labels = patches(expected, 3, 1)
    assert set(map(tuple, np.argwhere(labels == 0).tolist())) == {(1, 1), (2, 1), (1, 2)}


def test_the_first_patch_is_the_best_of_all_seeds() -> None:
    """From the highest cell it would be 9 + 7 + 3; the path over 3 to 8 holds more."""
    expected = np.array([[0.0, 2.0, 8.0], [1.0, 9.0, 3.0], [0.0, 7.0, 0.0]])
    labels = patches(expected, 3, 2)
    assert set(map(tuple, np.argwhere(labels == 0).tolist())) == {(0, 2), (1, 2), (1, 1)}
    assert set(map(tuple, np.argwhere(labels == 1).tolist())) == {(2, 1)}


def test_quiet_groups_and_large_numbers_have_all_their_patches() -> None:
    """Each group has its own seeds, and more of them where the patches hold more cells."""
    expected = np.where(np.arange(2_900) < 2_500, 5.0, 1.0).reshape(58, 50)
    columns, rows = (axis.ravel() for axis in np.indices(expected.shape))
    group = (np.arange(2_900) >= 2_500).astype(np.int64)
    labels = grow_cells(columns, rows, expected.ravel(), 10, 20, groups=group)
    for one in (0, 1):
        assert len(np.unique(labels[(group == one) & (labels != NO_PLACE)])) == 20
    many = grow_cells(columns, rows, expected.ravel(), 10, 250)
    assert many.max() + 1 == 250


def test_limits_in_cells_are_those_in_square_kilometers() -> None:
    assert (FOOT.cells, CAR.cells) == (10, 25)


def test_fewer_than_one_place_is_refused() -> None:
    xy, expected, length_m = city(0)
    with pytest.raises(InputError):
        choose_places(xy, expected, length_m, FOOT, 0)
    with pytest.raises(InputError):
        patches(np.ones((2, 2)), 0, 1)
