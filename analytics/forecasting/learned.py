"""A learned forecast: Poisson regression on logarithms of rates, corrected by boosted trees.

The regression ranks cells smoothly, while trees alone predict in steps. So the trees learn only the
ratio to the regression: they are fitted with Poisson loss to y / μ with weights μ, which is a
Poisson regression with offset log μ.

References
----------
Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics.
Yang, Qian & Zou (2018), Insurance premium prediction via gradient tree-boosted Tweedie models (the
weights as exposure).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster, Forecaster
from analytics.forecasting.history import Floats, History

MAX_ROWS = 250_000
SEED = 20_080
LEAST_RATE = 0.05  # incidents a year, added so that a cell without any has a logarithm
LEAST_MEAN = 1e-5


class BoostedPoissonRegressor(RegressorMixin, BaseEstimator):
    """Poisson regression on log rates times gradient boosted trees.

    Parameters
    ----------
    alpha : float
        L2 penalty of the regression.
    trees, learning_rate, leaves, least_in_leaf, l2 : of the boosting
    """

    def __init__(
        self,
        *,
        alpha: float = 1e-3,
        trees: int = 60,
        learning_rate: float = 0.05,
        leaves: int = 15,
        least_in_leaf: int = 300,
        l2: float = 10.0,
    ) -> None:
        self.alpha = alpha
        self.trees = trees
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.least_in_leaf = least_in_leaf
        self.l2 = l2

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Fit to rates X, 0 or more, of shape (rows, features) and to counts y."""
        self.scaler_ = StandardScaler()
        logs = self.scaler_.fit_transform(_logs(X))
        self.linear_ = PoissonRegressor(alpha=self.alpha, max_iter=1000)
        self.linear_.fit(logs, y, sample_weight=sample_weight)
        mean = np.maximum(self.linear_.predict(logs), LEAST_MEAN)
        weights = mean if sample_weight is None else mean * sample_weight
        self.trees_ = HistGradientBoostingRegressor(
            loss="poisson",
            learning_rate=self.learning_rate,
            max_iter=self.trees,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.least_in_leaf,
            l2_regularization=self.l2,
            max_features=0.5,
            early_stopping=False,
            random_state=SEED,
        )
        self.trees_.fit(logs, np.asarray(y) / mean, sample_weight=weights)
        self.n_features_in_ = logs.shape[1]
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Expected counts for rows of rates."""
        logs = self.standardized(X)
        mean = np.maximum(self.linear_.predict(logs), LEAST_MEAN)
        return np.asarray(mean * self.trees_.predict(logs), dtype=np.float64)

    def standardized(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803
        """Logarithms of rates, standardized: what the regression and the trees read."""
        return np.asarray(self.scaler_.transform(_logs(X)))


def _logs(rates: Any) -> npt.NDArray[np.float32]:
    return np.log(np.asarray(rates, dtype=np.float32) + np.float32(LEAST_RATE))


class LearnedFitted(FittedForecaster):
    """A fitted estimator with its features."""

    name = "learned"

    def __init__(
        self,
        estimator: BoostedPoissonRegressor,
        features: FeatureMaker,
        names: tuple[str, ...],
        fold_days: int,
    ) -> None:
        self.estimator = estimator
        self.feature_names = names
        self.fold_days = fold_days
        self.params = {**estimator.get_params(), "fold_days": fold_days}
        self._features = features

    def expected(self, past: History, days: int) -> Floats:
        made = self._features.of(past)
        with threadpool_limits(1):
            return np.asarray(self.estimator.predict(made.values) * (days / self.fold_days))


class Learned(Forecaster):
    """The learned forecaster, trained on folds before its first forecast."""

    name = "learned"

    def __init__(self, features: FeatureMaker | None = None, **params: Any) -> None:
        self._features = features or FeatureMaker()
        self._params = params

    def fit(self, past: History, folds: Sequence[Fold]) -> LearnedFitted:
        """Train on every cell of every fold; rows without incidents are sampled if too many."""
        made = [self._features.of(past.until(fold.cutoff)) for fold in folds]
        rates = np.concatenate([one.values for one in made])
        counts = np.concatenate([past.counts(fold.cutoff, fold.end) for fold in folds])
        rows, weights = _sample(counts)
        estimator = BoostedPoissonRegressor(**self._params)
        # One thread gives the same model on any machine; OpenMP threads spin while others compute.
        with threadpool_limits(1):
            estimator.fit(rates[rows], counts[rows], sample_weight=weights)
        return LearnedFitted(estimator, self._features, made[0].names, folds[0].days)


def _sample(counts: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Rows to train on and their weights: all with incidents, and `MAX_ROWS` in total at most."""
    happened, empty = np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)
    room = max(MAX_ROWS - len(happened), 10_000)
    if len(empty) <= room:
        return np.arange(len(counts)), np.ones(len(counts))
    kept = np.sort(np.random.default_rng(SEED).choice(empty, room, replace=False))
    rows = np.concatenate([happened, kept])
    weights = np.concatenate([np.ones(len(happened)), np.full(room, len(empty) / room)])
    return rows, weights
