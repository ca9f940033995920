"""Forecast of the learned forecaster after features were permuted among the cells.

It is a product: the regression's mean times a factor of each tree. So only the trees that split on
a permuted feature, one in seven of them on average, have to be evaluated again.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor

from analytics.forecasting.learned import LEAST_MEAN, BoostedPoissonRegressor

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class PermutedForecast:
    """Expected counts of cells, as they are and with features permuted.

    Parameters
    ----------
    estimator : BoostedPoissonRegressor
    values : array of shape (cells, features)
        Rates of the cells.
    """

    def __init__(self, estimator: BoostedPoissonRegressor, values: npt.NDArray[np.float32]) -> None:
        self._estimator = estimator
        self._logs = estimator.standardized(values)
        self._linear = np.log(estimator.linear_.predict(self._logs))
        self._boost = estimator.trees_.predict(self._logs)
        self._splitting: dict[tuple[int, ...], tuple[HistGradientBoostingRegressor, Floats]] = {}

    def expected(self, cells: Ints) -> Floats:
        return _mean(self._linear[cells]) * self._boost[cells]

    def permuted(self, columns: Sequence[int], cells: Ints, order: Ints) -> Floats:
        """Expected counts of cells if features had the values of the same cells in an order."""
        logs = self._logs[cells]
        moved = logs[order][:, columns]
        change = (moved - logs[:, columns]) @ self._estimator.linear_.coef_[columns]
        logs[:, columns] = moved
        trees, before = self._trees_splitting_on(tuple(columns))
        boost = self._boost[cells] * trees.predict(logs) / before[cells]
        return _mean(self._linear[cells] + change) * boost

    def _trees_splitting_on(
        self, columns: tuple[int, ...]
    ) -> tuple[HistGradientBoostingRegressor, Floats]:
        """The boosting reduced to trees that split on these, and its factor of each cell."""
        if columns not in self._splitting:
            trees = copy.copy(self._estimator.trees_)
            trees._predictors = [
                one for one in trees._predictors if not _features_of(one).isdisjoint(columns)
            ]
            self._splitting[columns] = trees, trees.predict(self._logs)
        return self._splitting[columns]


def _features_of(iteration: Sequence[Any]) -> set[int]:
    """Features that the trees of one iteration split on."""
    return {
        int(feature)
        for tree in iteration
        for feature in tree.nodes["feature_idx"][tree.nodes["is_leaf"] == 0]
    }


def _mean(linear: Floats) -> Floats:
    return np.maximum(np.exp(linear), LEAST_MEAN)
