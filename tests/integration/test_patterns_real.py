"""Patterns of a stratified sample of the real file, against SQL by hand and scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from analytics.patterns.features import Codes, FeatureSpace, count_values, fit_space, read_features
from analytics.patterns.latent_classes import EXCLUDED_FEATURES, distinct_rows, fit_classes
from analytics.patterns.pca import describe, fit_components
from analytics.patterns.profiles import profile
from analytics.patterns.projection import NEIGHBORS, Reference, project
from analytics.patterns.quality import measure_preservation, ranks, sample_distinct
from analytics.patterns.sample import stratified
from analytics.patterns.tsne import embed_tsne
from analytics.patterns.umap import embed_umap
from tests.integration.real_sample import RealSample, publish_sample

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealSample:
    return publish_sample(real_data, tmp_path_factory.mktemp("real"), 60)


@pytest.fixture(scope="module")
def features_text(real: RealSample) -> pl.DataFrame:
    return pl.concat(read_features(real.reader, columns=("id",)))


@pytest.fixture(scope="module")
def space(features_text: pl.DataFrame) -> FeatureSpace:
    return fit_space(count_values(iter([features_text])))


@pytest.fixture(scope="module")
def codes(space: FeatureSpace, features_text: pl.DataFrame) -> Codes:
    return space.codes(features_text)


@pytest.fixture(scope="module")
def fitted(space: FeatureSpace, codes: Codes) -> np.ndarray:
    return stratified(codes[:, space.names.index("type")], 2_000, 1)


@pytest.mark.parametrize(
    ("feature", "expression"),
    [
        ("type", '"Primary Type"'),
        ("location_type", '"Location Description"'),
        ("hour", "hour(moment)::VARCHAR"),
        ("weekday", "isodow(moment)::VARCHAR"),
        ("arrest", "CASE WHEN lower(\"Arrest\") = 'true' THEN 'yes' ELSE 'no' END"),
        ("domestic", "CASE WHEN lower(\"Domestic\") = 'true' THEN 'yes' ELSE 'no' END"),
    ],
)
def test_facts_are_those_of_the_file(
    real: RealSample, features_text: pl.DataFrame, feature: str, expression: str
) -> None:
    expected = dict(real.rows(f"SELECT {expression} AS value, count(*) FROM raw GROUP BY ALL"))
    found = dict(features_text[feature].value_counts().iter_rows())
    assert len(features_text) == sum(expected.values())
    renamed = [
        value for value in {*expected, *found} if value and ("SEX" in value or "NON" in value)
    ]
    for value in renamed:  # retired labels are read as those of today: only their sum is the file's
        expected["renamed"] = expected.get("renamed", 0) + expected.pop(value, 0)
        found["renamed"] = found.get("renamed", 0) + found.pop(value, 0)
    assert found == expected


def test_no_feature_weighs_more_than_another(space: FeatureSpace, codes: Codes) -> None:
    """Mean squared distance of two incidents by each feature alone, whatever its columns."""
    features = space.matrix(codes).astype(np.float64)
    spread = {name: features[:, part].var(axis=0).sum() for name, part in space.slices.items()}
    assert len(spread) == 9
    assert spread == pytest.approx(dict.fromkeys(spread, 1.0), abs=0.06)


def test_components_are_those_of_scikit_learn_and_arrests_go_with_narcotics(
    space: FeatureSpace, codes: Codes
) -> None:
    found = fit_components(space, codes, permutations=20)
    expected = PCA(svd_solver="full").fit(space.matrix(codes).astype(np.float64))
    assert found.explained[:8] == pytest.approx(expected.explained_variance_ratio_[:8], abs=1e-5)
    assert found.retained >= 2
    assert found.stability.min() > 0.9
    ends = [
        {(one["feature"], one["value"]) for one in row[end]}
        for row in describe(found).iter_rows(named=True)
        for end in ("low", "high")
    ]
    assert any({("type", "NARCOTICS"), ("arrest", "yes")} <= end for end in ends), ends


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_neighbors_on_the_map_are_similar_also_when_projected(
    space: FeatureSpace, codes: Codes, fitted: np.ndarray, method: str
) -> None:
    features = space.matrix(codes[fitted])
    if method == "umap":
        coordinates = embed_umap(features, axes=2, neighbors=30, min_dist=0.1, seed=1)
    else:
        coordinates = embed_tsne(features, axes=2, perplexity=30.0, seed=1)
    probes = sample_distinct(features, 1_500, 1)
    trust = measure_preservation(ranks(features[probes]), ranks(coordinates[probes])).trust.mean()
    expected = trustworthiness(features[probes], coordinates[probes], n_neighbors=15)
    assert trust == pytest.approx(expected, abs=0.002)  # ties are broken in other ways
    assert trust > 0.9
    others = np.setdiff1d(np.arange(len(codes)), fitted)[:1_500]
    projected = project(Reference(space, codes[fitted], coordinates), codes[others])
    assert trustworthiness(space.matrix(codes[others]), projected, n_neighbors=15) > 0.85
    # by brute force: each lies among the coordinates of the fitted ones most like it
    near = np.argsort(cdist(space.matrix(codes[others[:200]]), features), axis=1)[:, :NEIGHBORS]
    low, high = coordinates[near].min(axis=1), coordinates[near].max(axis=1)
    inside = ((projected[:200] >= low - 1e-4) & (projected[:200] <= high + 1e-4)).all(axis=1)
    assert inside.mean() > 0.97  # ties at the fifth neighbor


def test_offense_profiles_say_what_the_file_says_of_their_incidents(
    real: RealSample, features_text: pl.DataFrame, space: FeatureSpace, codes: Codes
) -> None:
    kept = [number for number, name in enumerate(space.names) if name not in EXCLUDED_FEATURES]
    part, own = space.without(EXCLUDED_FEATURES), codes[:, kept]
    labels = fit_classes(part, *distinct_rows(part, own), 6, 1).labels(own)
    profiles = profile(part, own, labels)
    real.connection.register(
        "labeled", features_text.select("id").with_columns(label=labels).to_arrow()
    )
    counted = real.rows(
        """SELECT label, count(*), avg((lower("Domestic") = 'true')::INTEGER),
            max(share_of_type) FROM raw JOIN labeled ON raw."ID" = labeled.id
        JOIN (
            SELECT label, "Primary Type", count(*) / sum(count(*)) OVER (PARTITION BY label)
                AS share_of_type
            FROM raw JOIN labeled ON raw."ID" = labeled.id GROUP BY label, "Primary Type"
        ) USING (label, "Primary Type")
        GROUP BY label ORDER BY label"""
    )
    assert profiles["incidents"].to_list() == [row[1] for row in counted]
    for row, (_, _, domestic, most) in zip(profiles.iter_rows(named=True), counted, strict=True):
        assert ("domestic" in row["name"]) == (domestic >= 0.5), row
        assert (" and " not in row["name"]) == (most >= 0.5), row
    assert any("domestic battery" in name for name in profiles["name"])
    assert profiles["name"].is_unique().all()
