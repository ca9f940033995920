"""Quality of maps, against scikit-learn, brute force and cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from analytics.errors import InputError
from analytics.patterns.quality import (
    Preservation,
    map_metrics,
    measure_preservation,
    neighborhood_preservation,
    ranks,
    sample_distinct,
)


def preservation_of(features: np.ndarray, coordinates: np.ndarray, neighbors: int) -> Preservation:
    return measure_preservation(ranks(features), ranks(coordinates), neighbors)


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    features = random.normal(size=(220, 6))
    return features, features[:, :2] + random.normal(scale=0.3, size=(220, 2))


@pytest.mark.parametrize("neighbors", [1, 5, 15])
def test_trustworthiness_is_that_of_scikit_learn(
    rows: tuple[np.ndarray, np.ndarray], neighbors: int
) -> None:
    features, coordinates = rows
    expected = trustworthiness(features, coordinates, n_neighbors=neighbors)
    assert preservation_of(features, coordinates, neighbors).trust.mean() == pytest.approx(expected)


def test_continuity_is_that_of_brute_force(rows: tuple[np.ndarray, np.ndarray]) -> None:
    """Venna & Kaski (2001): neighbors in the data that the map has lost, by their rank on it."""
    features, coordinates = rows
    count, near = len(features), 12
    penalty = 0
    for one in range(count):
        others = [other for other in range(count) if other != one]
        by_feature = sorted(others, key=lambda i: np.linalg.norm(features[i] - features[one]))
        by_place = sorted(others, key=lambda i: np.linalg.norm(coordinates[i] - coordinates[one]))
        for other in set(by_feature[:near]) - set(by_place[:near]):
            penalty += by_place.index(other) + 1 - near
    expected = 1 - 2 / (count * near * (2 * count - 3 * near - 1)) * penalty
    assert preservation_of(features, coordinates, near).continuity.mean() == pytest.approx(expected)


def test_a_map_that_is_the_data_loses_and_invents_nothing(
    rows: tuple[np.ndarray, np.ndarray],
) -> None:
    features, _ = rows
    kept = preservation_of(features, features * -3.0 + 1.0, 10)
    assert kept.trust.min() == kept.continuity.min() == 1.0


def test_a_random_map_has_half_the_trust() -> None:
    random = np.random.default_rng(2)
    kept = preservation_of(random.normal(size=(600, 5)), random.normal(size=(600, 2)), 10)
    assert kept.trust.mean() == pytest.approx(0.5, abs=0.03)
    assert kept.continuity.mean() == pytest.approx(0.5, abs=0.03)


def test_preservation_ignores_rotation_and_is_0_by_chance() -> None:
    random = np.random.default_rng(5)
    coordinates = random.normal(size=(500, 2))
    turned = coordinates @ np.array([[0.0, -2.0], [2.0, 0.0]]) + 40
    assert neighborhood_preservation(coordinates, turned, 20) == pytest.approx(1.0)
    other = random.normal(size=(500, 2))
    assert neighborhood_preservation(coordinates, other, 20).mean() == pytest.approx(0.0, abs=0.02)


def test_preservation_is_that_of_brute_force(rows: tuple[np.ndarray, np.ndarray]) -> None:
    """R_NX of Lee et al. (2013) from sets of neighbors."""
    features, coordinates = rows
    count, near = len(features), 9
    shared = 0
    for one in range(count):
        sets = [
            set(np.argsort(np.linalg.norm(where - where[one], axis=1))[1 : near + 1])
            for where in (features, coordinates)
        ]
        shared += len(sets[0] & sets[1])
    kept = shared / (count * near)
    expected = ((count - 1) * kept - near) / (count - 1 - near)
    assert neighborhood_preservation(features, coordinates, near).mean() == pytest.approx(expected)


def test_probes_are_distinct(rows: tuple[np.ndarray, np.ndarray]) -> None:
    features, _ = rows
    doubled = np.vstack([features, features[:100]])
    assert len(sample_distinct(doubled, 10_000, 1)) == len(features)
    chosen = sample_distinct(doubled, 50, 1)
    assert len(np.unique(doubled[chosen], axis=0)) == 50


def test_figures_have_an_interval_around_them(rows: tuple[np.ndarray, np.ndarray]) -> None:
    features, coordinates = rows
    for metric in map_metrics(features, {"": coordinates, "_3d": features[:, :3]}, seed=1):
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low < metric.value < metric.high


def test_too_few_incidents_are_refused() -> None:
    few = np.zeros((8, 2))
    with pytest.raises(InputError, match="too few"):
        preservation_of(few, few, 4)
    with pytest.raises(InputError, match="too few"):
        neighborhood_preservation(few, few, 7)
