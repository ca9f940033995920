"""Permutation importance and partial dependence, against sklearn.inspection."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import d2_tweedie_score

from analytics.artifacts.explanations import FeatureGroup, LearnedRole
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold
from analytics.forecasting.history import TARGET, History
from analytics.forecasting.learned import BoostedPoissonRegressor, LearnedFitted
from analytics.training.explain_forecast import (
    HeldOutRows,
    dependences,
    explained_deviance,
    grid_of,
    group_of,
    held_out_rows,
    importances,
    role_of_learned,
)
from analytics.training.permuted_forecast import PermutedForecast
from tests.unit.analytics.forecasting.test_forecasters import FIRST, grid, series

DAYS, FOLD_DAYS = 7, 28
NAMES = ("28 days, cell", "60 days, within 500 m", "season, cell")


@pytest.fixture(scope="module")
def learned() -> LearnedFitted:
    dice = np.random.default_rng(0)
    rates = dice.gamma(0.8, 4, (4_000, 3)).astype(np.float32)
    mean = 0.02 * rates[:, 0] + 0.005 * rates[:, 1]
    estimator = BoostedPoissonRegressor(least_in_leaf=50).fit(rates, dice.poisson(mean))
    return LearnedFitted(estimator, FeatureMaker(), NAMES, FOLD_DAYS)


@pytest.fixture(scope="module")
def rows() -> HeldOutRows:
    dice = np.random.default_rng(1)
    rates = dice.gamma(0.8, 4, (3_000, 3)).astype(np.float32)
    counts = dice.poisson((0.02 * rates[:, 0] + 0.005 * rates[:, 1]) * DAYS / FOLD_DAYS)
    return HeldOutRows(rates, counts.astype(float), np.ones(3_000), np.zeros(3_000, dtype=np.int64))


def test_importances_are_those_of_scikit_learn(learned: LearnedFitted, rows: HeldOutRows) -> None:
    def score(estimator: BoostedPoissonRegressor, given: np.ndarray, counts: np.ndarray) -> float:
        expected = estimator.predict(given) * (DAYS / FOLD_DAYS)
        return float(d2_tweedie_score(counts, expected, power=1))

    other = permutation_importance(
        learned.estimator, rows.values, rows.counts, scoring=score, n_repeats=40, random_state=0
    )
    found = importances(learned, rows, DAYS, seed=0, repeats=40)
    single = found.filter(pl.col("kind") == "feature")
    for at, name in enumerate(NAMES):
        row = single.row(by_predicate=pl.col("name") == name, named=True)
        error = 5 * other.importances_std[at] / np.sqrt(40) * np.sqrt(2) + 1e-6
        assert row["importance"] == pytest.approx(other.importances_mean[at], abs=error)
        assert row["low"] <= row["importance"] <= row["high"]
    order = single.sort("importance", descending=True)["name"].to_list()
    assert order[:2] == list(NAMES[:2])


@pytest.mark.parametrize("columns", [[0], [1], [2], [0, 2], [0, 1, 2]])
def test_a_permuted_forecast_is_that_of_permuted_rates(
    learned: LearnedFitted, rows: HeldOutRows, columns: list[int]
) -> None:
    random = np.random.default_rng(4)
    cells, order = random.integers(3_000, size=2_000), random.permutation(2_000)
    forecast = PermutedForecast(learned.estimator, rows.values)
    values = rows.values[cells]
    before = forecast.expected(cells)
    np.testing.assert_allclose(before, learned.estimator.predict(values), rtol=1e-5)
    moved = values.copy()
    moved[:, columns] = values[order][:, columns]
    found = forecast.permuted(columns, cells, order)
    np.testing.assert_allclose(found, learned.estimator.predict(moved), rtol=1e-5)


def test_a_group_of_one_is_its_feature_and_groups_are_permuted_together(
    learned: LearnedFitted, rows: HeldOutRows
) -> None:
    groups = importances(learned, rows, DAYS, seed=0).filter(pl.col("kind") == "group")
    assert set(groups["name"]) == {
        FeatureGroup.RECENT_IN_CELL, FeatureGroup.RECENT_AROUND, FeatureGroup.SEASON,
    }  # fmt: skip
    same = LearnedFitted(
        learned.estimator, FeatureMaker(), ("28 days, cell", "14 days, cell", "60 days, cell"), 28
    )
    (together,) = importances(same, rows, DAYS, seed=0).filter(pl.col("kind") == "group").rows()
    # With every feature permuted in the same order, nothing about a cell is known.
    assert together[3] > explained_deviance(same, rows, DAYS)


def test_dependences_are_those_of_scikit_learn(learned: LearnedFitted, rows: HeldOutRows) -> None:
    found = dependences(learned, rows, DAYS, NAMES[:2], seed=0)
    for at, name in enumerate(NAMES[:2]):
        own = found.filter(pl.col("feature") == name)
        grid = grid_of(rows.values[:, at])
        other = partial_dependence(
            learned.estimator, rows.values, [at], custom_values={at: grid}, method="brute",
            kind="average",
        )["average"][0]  # fmt: skip
        np.testing.assert_allclose(own["value"].to_numpy(), grid, rtol=1e-6)
        np.testing.assert_allclose(own["expected"].to_numpy(), other * DAYS / FOLD_DAYS)


def test_held_out_rows_represent_all_cells_of_their_days() -> None:
    dice = np.random.default_rng(3)
    rates = dice.gamma(0.4, 0.1, 144)
    history = History(grid(), FIRST, FIRST + timedelta(days=500), {TARGET: series(dice, rates)})
    folds = [
        Fold(start, start + timedelta(days=7))
        for start in (FIRST + timedelta(days=day) for day in (400, 450))
    ]
    found = held_out_rows(history, folds, FeatureMaker(), seed=1)
    assert found.weights.sum() == 2 * 144
    for number, fold in enumerate(folds):
        here = found.fold == number
        assert found.counts[here].sum() == history.counts(fold.cutoff, fold.end).sum()
    later = History(
        grid(), FIRST, folds[0].cutoff, {TARGET: history.until(folds[0].cutoff).series[TARGET]}
    )
    expected = FeatureMaker().of(later).values
    np.testing.assert_array_equal(
        np.sort(found.values[found.fold == 0], axis=0), np.sort(expected, axis=0)
    )


@pytest.mark.parametrize(
    ("feature", "group"),
    [
        ("14 days, cell", FeatureGroup.RECENT_IN_CELL),
        ("365 days, cell", FeatureGroup.LONG_RUN_IN_CELL),
        ("all days, within 500 m", FeatureGroup.LONG_RUN_AROUND),
        ("60 days, within 1000 m", FeatureGroup.RECENT_AROUND),
        ("season, within 500 m", FeatureGroup.SEASON),
        ("all incidents, 60 days, cell", FeatureGroup.ALL_CRIME),
        ("type THEFT, 365 days, cell", FeatureGroup.OTHER_TYPES),
        ("hours 18-24, all days, cell", FeatureGroup.HOURS),
    ],
)
def test_features_are_grouped_by_what_they_measure(feature: str, group: FeatureGroup) -> None:
    assert group_of(feature) is group


@pytest.mark.parametrize(
    ("forecaster", "nominee", "role"),
    [
        ("learned", "learned", LearnedRole.IN_USE),
        ("ensemble", "ensemble", LearnedRole.PART_IN_USE),
        ("kde_tuned", "learned", LearnedRole.NOMINATED),
        ("counts_365d", "ensemble", LearnedRole.PART_NOMINATED),
        ("counts_365d", "", LearnedRole.COMPARED),
    ],
)
def test_the_learned_forecaster_has_a_role(
    forecaster: str, nominee: str, role: LearnedRole
) -> None:
    assert role_of_learned(forecaster, nominee) is role
