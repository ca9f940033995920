"""Features: equal weights, closed circles, unknown values at the mean."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analytics.errors import InputError
from analytics.patterns.features import (
    FEATURES,
    OTHER,
    RAREST,
    FeatureSpace,
)
from tests.unit.analytics.patterns.random_features import incidents, space_of


def test_every_feature_adds_the_same_variance_by_numpy() -> None:
    frame = incidents()
    space = space_of(frame)
    features = space.matrix(space.codes(frame)).astype(np.float64)
    for name, part in space.slices.items():
        known = frame[name].is_not_null().to_numpy()
        assert np.var(features[known][:, part], axis=0).sum() == pytest.approx(1.0, rel=1e-4), name


def test_two_types_are_equally_far_apart_however_rare_they_are() -> None:
    frame = pl.concat([incidents(), incidents(200).with_columns(type=pl.lit("ARSON"))])
    block = space_of(frame).blocks[0]
    gaps = {
        round(float(np.linalg.norm(block.table[one] - block.table[other])), 6)
        for one in range(len(block.values))
        for other in range(one)
    }
    assert len(gaps) == 1


@pytest.mark.parametrize(("feature", "one", "next_", "far"), [
    ("hour", "23", "0", "12"), ("weekday", "7", "1", "4"), ("season", "Autumn", "Winter", "Spring"),
])  # fmt: skip
def test_circles_close(feature: str, one: str, next_: str, far: str) -> None:
    block = next(block for block in space_of(incidents()).blocks if block.name == feature)
    where = dict(zip(block.values, block.table, strict=False))
    near = np.linalg.norm(where[one] - where[next_])
    assert near < np.linalg.norm(where[one] - where[far])


def test_unknown_values_lie_at_the_mean() -> None:
    frame = incidents()
    space = space_of(frame)
    features = space.matrix(space.codes(frame))
    unknown = frame["type"].is_null().to_numpy()
    assert unknown.any()
    assert not features[unknown][:, space.slices["type"]].any()
    known = features[~unknown][:, space.slices["type"]]
    assert known.mean(axis=0) == pytest.approx(0.0, abs=1e-5)


def test_rare_values_are_one_value() -> None:
    rare = incidents(3).with_columns(type=pl.lit("RARE"))
    frame = pl.concat([incidents(), rare])
    assert 3 / len(frame) < RAREST["type"]
    space = space_of(frame)
    assert "RARE" not in space.blocks[0].values
    codes = space.codes(rare)[:, 0]
    assert {space.blocks[0].values[code] for code in codes} == {OTHER}


def test_values_not_seen_in_training_are_other_or_unknown() -> None:
    frame = incidents()
    space = space_of(frame)
    new = frame.head(1).with_columns(type=pl.lit("NEW"), place=pl.lit("99_99"))
    codes = dict(zip(space.names, space.codes(new)[0], strict=True))
    blocks = {block.name: block for block in space.blocks}
    assert codes["type"] == blocks["type"].unknown
    assert codes["place"] == blocks["place"].unknown


def test_keys_are_equal_exactly_where_all_features_are() -> None:
    frame = incidents(2_000)
    space = space_of(frame)
    codes = space.codes(frame)
    assert len(np.unique(space.keys(codes))) == len(np.unique(codes, axis=0))


def test_the_space_survives_being_written(tmp_path: object) -> None:
    frame = incidents()
    space = space_of(frame)
    again = FeatureSpace.from_frame(space.frame)
    assert again.names == space.names
    assert np.array_equal(again.matrix(again.codes(frame)), space.matrix(space.codes(frame)))


def test_features_that_never_vary_are_left_out() -> None:
    frame = incidents().with_columns(arrest=pl.lit("no"), domestic=pl.lit(None, pl.String))
    assert not {"arrest", "domestic"} & set(space_of(frame).names)
    nothing = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in FEATURES[1:])
    with pytest.raises(InputError, match="no pattern"):
        space_of(nothing)
