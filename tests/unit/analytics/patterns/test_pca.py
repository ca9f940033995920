"""Components against scikit-learn; parallel analysis against how it must behave."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.decomposition import PCA

from analytics.patterns.features import FEATURES, FeatureSpace
from analytics.patterns.pca import describe, fit_components, shared_plane
from tests.unit.analytics.patterns.random_features import incidents, space_of


def linked(count: int = 6_000) -> pl.DataFrame:
    """Features that go together: thefts by day without arrest, batteries at night with one."""
    random = np.random.default_rng(11)
    night = random.random(count) < 0.5
    hour = np.where(night, random.integers(0, 6, count), random.integers(10, 16, count))
    return incidents(count, seed=12).with_columns(
        type=pl.Series(np.where(night, "BATTERY", "THEFT")),
        arrest=pl.Series(np.where(night, "yes", "no")),
        hour=pl.Series(hour.astype(str)),
    )


@pytest.mark.parametrize("frame", [incidents(), linked()], ids=["independent", "linked"])
def test_components_are_those_of_scikit_learn(frame: pl.DataFrame) -> None:
    space = space_of(frame)
    codes = space.codes(frame)
    found = fit_components(space, codes, permutations=2)
    features = space.matrix(codes).astype(np.float64)
    expected = PCA(svd_solver="full").fit(features)
    assert found.explained[:10] == pytest.approx(expected.explained_variance_ratio_[:10], abs=1e-6)
    scores = found.project(codes) - found.project(codes).mean(axis=0)
    theirs = expected.transform(features)[:, :2]
    for axis in range(2):
        assert abs(np.corrcoef(scores[:, axis], theirs[:, axis])[0, 1]) == pytest.approx(1.0)


def test_no_component_of_independent_features_is_retained() -> None:
    """Horn (1965): no component of noise is retained, though the first explain more than 1/n."""
    frame = incidents()
    space = space_of(frame)
    found = fit_components(space, space.codes(frame), permutations=40)
    assert found.retained == 0
    assert found.noise[0] > 1 / len(FEATURES) / 2
    assert found.explained[:5] == pytest.approx(found.noise[:5], rel=0.1)


def test_one_link_between_features_is_one_retained_component() -> None:
    frame = linked()
    space = space_of(frame)
    found = fit_components(space, space.codes(frame), permutations=40)
    assert found.retained >= 1
    assert found.explained[0] > 1.5 * found.noise_high[0]
    first = describe(found).row(0, named=True)
    ends = [{(one["feature"], one["value"]) for one in first[end]} for end in ("low", "high")]
    assert any({("type", "THEFT"), ("arrest", "no")} <= end for end in ends)
    assert any({("type", "BATTERY"), ("arrest", "yes")} <= end for end in ends)
    assert {"type", "arrest", "hour"} >= {one["feature"] for one in first["features"]}


def test_columns_of_one_feature_are_permuted_together() -> None:
    """Permuted one by one, a type's columns would seem correlated beyond noise."""
    frame = incidents()
    space = space_of(frame).without(FEATURES[2:])
    codes = space.codes(frame)
    by_feature = fit_components(space, codes, permutations=20)
    features = space.matrix(codes).astype(np.float64)
    random = np.random.default_rng(1)
    columns = np.column_stack([random.permutation(column) for column in features.T])
    by_column = PCA().fit(columns).explained_variance_ratio_
    assert by_feature.explained[0] > by_column[0] * 1.2
    assert by_feature.retained == 0


def test_all_variance_is_explained_and_noise_explains_as_much() -> None:
    frame = incidents()
    space = space_of(frame)
    found = fit_components(space, space.codes(frame), permutations=5)
    assert found.explained.sum() == pytest.approx(1.0)
    assert found.noise.sum() == pytest.approx(1.0, abs=1e-6)


def test_scores_follow_from_contributions() -> None:
    frame = linked(500)
    space: FeatureSpace = space_of(frame)
    codes = space.codes(frame)
    found = fit_components(space, codes, permutations=2)
    expected = space.matrix(codes).astype(np.float64) @ found.loadings[:, :3]
    assert found.project(codes, 3) == pytest.approx(expected, abs=1e-4)


def test_planes_are_shared_by_their_principal_angles() -> None:
    """Against scipy's subspace angles."""
    from scipy.linalg import orth, subspace_angles

    random = np.random.default_rng(3)
    one, other = (orth(random.normal(size=(9, 2))) for _ in range(2))
    expected = (np.cos(subspace_angles(one, other)) ** 2).mean()
    assert shared_plane(one, other) == pytest.approx(expected)
    assert shared_plane(one, one @ np.array([[0.0, 1.0], [-1.0, 0.0]])) == pytest.approx(1.0)
