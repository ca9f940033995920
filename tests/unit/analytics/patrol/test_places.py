"""Places for stops against every possible choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.patrol.places import (
    DemandedSpots,
    PlaceMethod,
    choose_stops,
    covered_by,
    spaced,
)
from analytics.zones.places import FOOT, choose_places

RADIUS_M = 150.0


def city(seed: int, spots: int = 12) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.random((spots, 2)) * 900, generator.gamma(0.7, size=spots)


def covered(xy: np.ndarray, expected: np.ndarray, chosen: tuple[int, ...]) -> float:
    apart = np.hypot(*(xy[:, None] - xy[list(chosen)][None]).transpose(2, 0, 1))
    return float(expected[(apart <= RADIUS_M).any(axis=1)].sum())


def apart(xy: np.ndarray, chosen: tuple[int, ...]) -> bool:
    return all(np.hypot(*(xy[a] - xy[b])) > RADIUS_M for a, b in combinations(chosen, 2))


@pytest.mark.parametrize("seed", range(5))
def test_the_cover_is_near_the_best_choice_and_its_bound_holds(seed: int) -> None:
    xy, expected = city(seed)
    choices = [one for one in combinations(range(len(xy)), 3) if apart(xy, one)]
    best = max(covered(xy, expected, one) for one in choices)
    found = choose_stops(xy, expected, 3)
    assert found.covered is not None
    assert found.bound is not None
    assert found.covered == pytest.approx(covered(xy, expected, tuple(found.spot)))
    assert (1 - 1 / np.e) * best <= found.covered <= best + 1e-9
    assert best <= found.bound + 1e-9


def test_places_are_apart_and_each_expects_all_within_its_radius() -> None:
    xy, expected = city(9, 60)
    found = choose_stops(xy, expected, 60)
    assert apart(xy, tuple(found.spot))
    for spot, value in zip(found.spot, found.expected, strict=True):
        assert value == pytest.approx(covered(xy, expected, (int(spot),)))


def test_spaced_spots_are_the_best_ones_that_are_apart() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [900.0, 0.0]])
    near = covered_by(xy, RADIUS_M)
    assert spaced(near, np.array([3.0, 4.0, 2.0, 1.0]), 2).tolist() == [1, 3]
    assert spaced(near, np.array([4.0, 3.0, 2.0, 1.0]), 9).tolist() == [0, 2, 3]


def test_fewer_places_are_found_where_nothing_more_is_expected() -> None:
    xy = np.array([[0.0, 0.0], [50.0, 0.0], [900.0, 0.0]])
    assert len(choose_stops(xy, np.array([1.0, 1.0, 0.0]), 3)) == 1


def test_clusters_have_at_most_six_blocks_and_stop_where_most_of_them_is_covered() -> None:
    xy, expected = city(2, 80)
    found = choose_stops(xy, expected, 5, method=PlaceMethod.CLUSTERS)
    labels = choose_places(xy, expected, np.ones(len(xy)), FOOT, 5)
    assert np.bincount(labels[labels >= 0]).max() <= FOOT.blocks
    assert sorted(labels[found.spot]) == list(range(5))
    for spot in found.spot:
        own = np.flatnonzero(labels == labels[spot])
        within = {
            other: expected[own][np.hypot(*(xy[own] - xy[other]).T) <= RADIUS_M].sum()
            for other in own
        }
        assert within[spot] == pytest.approx(max(within.values()))


def test_no_places_cannot_be_chosen() -> None:
    with pytest.raises(InputError, match="0 places"):
        choose_stops(*city(0), 0)


@pytest.mark.parametrize("method", PlaceMethod)
def test_demanded_spots_are_places_and_forbidden_ones_are_none(method: PlaceMethod) -> None:
    xy, expected = city(4, 60)
    free = choose_stops(xy, expected, 8, method=method)
    first, second = int(free.spot[0]), int(free.spot[1])
    least = int(np.argmin(expected))
    demanded = DemandedSpots((least, second), frozenset({first, second}))
    found = choose_stops(xy, expected, 8, method=method, demanded=demanded)
    assert {least, second} <= set(found.spot.tolist())
    assert first not in found.spot
    assert len(set(found.spot.tolist())) == len(found)
    assert list(found.expected) == sorted(found.expected, reverse=True)
    others = [int(one) for one in found.spot if one not in (least, second)]
    for other in others:
        assert apart(xy, (other, least))
        assert apart(xy, (other, second))


def test_a_cover_with_demanded_spots_covers_what_it_says() -> None:
    xy, expected = city(5, 30)
    found = choose_stops(xy, expected, 4, demanded=DemandedSpots((3, 7)))
    assert found.covered == pytest.approx(covered(xy, expected, tuple(found.spot)))
    full = choose_stops(xy, expected, 2, demanded=DemandedSpots((3, 7)))
    assert full.bound is not None
    best = max(covered(xy, expected, one) for one in combinations(range(30), 2))
    assert best <= full.bound < np.inf
    assert DemandedSpots((3, 7), frozenset({9})).of(np.array([7, 9, 20])) == DemandedSpots(
        (0,), frozenset({1})
    )
