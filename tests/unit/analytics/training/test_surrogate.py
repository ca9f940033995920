"""The surrogate tree: its rules in words, its leaves and fidelity against scikit-learn."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from analytics.training.surrogate import (
    IN_NONE,
    IN_ONE,
    PER_YEAR,
    examples_of,
    held_out,
    leaves,
    surrogate,
)


def city(size: int = 8_000, seed: int = 2) -> pl.DataFrame:
    """Zone 1 in the north, 0 in the south; where it is dense it is hot."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 10_000, (size, 2))
    return pl.DataFrame(
        {
            "x_m": xy[:, 0], "y_m": xy[:, 1], "week": dice.integers(0, 104, size),
            "type": dice.choice(["THEFT", "ASSAULT", "ROBBERY"], size),
            "location_type": dice.choice(["STREET", "APARTMENT"], size),
            "hour": dice.integers(0, 24, size).astype(np.int64),
            "zone": (xy[:, 1] > 6_000).astype(np.int64),
        }
    )  # fmt: skip


def test_a_border_is_found_and_named() -> None:
    rules, fidelity = surrogate(city(), cell_m=250, hot_or_not=False)
    facts = fidelity.row(0, named=True)
    assert facts["accuracy"] > 0.97
    assert facts["low"] <= facts["accuracy"] <= facts["high"]
    assert facts["majority"] == pytest.approx(0.6, abs=0.02)
    north = rules.filter(pl.col("zone") == 1)
    for bounds in north["bounds"].to_list():
        low = next(one["low"] for one in bounds if one["feature"] == "north_km")
        assert low is not None
    assert rules["incidents"].sum() == facts["incidents"] == 8_000


def test_what_cannot_be_named_is_no_better_than_the_commonest_zone() -> None:
    dice = np.random.default_rng(1)
    shuffled = city().with_columns(zone=pl.Series(dice.integers(0, 3, 8_000)))
    facts = surrogate(shuffled, cell_m=250, hot_or_not=False)[1].row(0, named=True)
    assert facts["accuracy"] < facts["majority"] + 0.05


def test_hot_or_not_is_asked_of_places_in_a_zone_or_in_none() -> None:
    dense = pl.DataFrame({"x_m": [5_010.0] * 2_000, "y_m": [5_010.0] * 2_000})
    quiet = city(4_000).with_columns(zone=pl.lit(-1, pl.Int64))
    several = pl.concat([dense.with_columns(x_m=pl.col("x_m") + 750 * at) for at in range(6)])
    hot = pl.concat([city(2_000)] * 6).with_columns(
        x_m=several["x_m"], y_m=several["y_m"], zone=pl.lit(7, pl.Int64)
    )
    rules, _ = surrogate(pl.concat([quiet, hot]), cell_m=250, hot_or_not=True)
    assert set(rules["zone"]) == {IN_NONE, IN_ONE}
    (bounds, *_) = rules.filter(pl.col("zone") == IN_ONE)["bounds"].to_list()
    assert any(one["feature"].startswith(PER_YEAR) for one in bounds)


def test_one_zone_needs_no_tree() -> None:
    rules, fidelity = surrogate(
        city().with_columns(zone=pl.lit(0, pl.Int64)), cell_m=250, hot_or_not=False
    )
    assert rules.is_empty()
    assert fidelity.is_empty()


def test_the_bounds_of_a_leaf_hold_exactly_its_cells() -> None:
    examples = examples_of(city(), 250, False)
    given = examples.features.to_numpy()
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(given, examples.label)
    names = examples.features.columns
    seen = np.zeros(len(given), dtype=int)
    for leaf, bounds in leaves(tree, names):
        inside = np.ones(len(given), dtype=bool)
        for name, (low, high) in bounds.items():
            column = given[:, names.index(name)].astype(np.float32)
            inside &= (column > low if low is not None else True) & (
                column <= high if high is not None else True
            )
        np.testing.assert_array_equal(inside, tree.apply(given) == leaf)
        seen += inside
    assert (seen == 1).all()


def test_fidelity_is_that_of_cross_validation_over_squares() -> None:
    examples = examples_of(city(), 250, False)
    weightless = type(examples)(
        examples.features, examples.label, np.ones(len(examples.label)), examples.square
    )
    tree = DecisionTreeClassifier(max_depth=3, min_weight_fraction_leaf=0.01, random_state=1)
    predicted = cross_val_predict(
        tree, examples.features.to_numpy(), examples.label, groups=examples.square,
        cv=GroupKFold(5, shuffle=True, random_state=1),
    )  # fmt: skip
    np.testing.assert_array_equal(held_out(weightless, 1), predicted == examples.label)
