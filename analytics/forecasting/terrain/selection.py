"""Which features of places a risk terrain model has: a lasso, then steps of one for each layer.

The penalty is chosen by spatial cross-validation: whole areas are left out, since neighboring
cells are alike. The steps use BIC with the likelihood divided by the overdispersion (QBIC), since
incidents cluster more than Poisson counts do.

References
----------
Caplan, Kennedy, Barnum & Piza (2015), Risk terrain modeling for spatial risk assessment,
Cityscape 17 (penalized regression, then steps).
Anderson, Burnham & White (1994), AIC model selection in overdispersed capture-recapture data,
Ecology 75.
Roberts et al. (2017), Cross-validation strategies for data with temporal, spatial, hierarchical,
or phylogenetic structure, Ecography 40.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.forecasting.terrain.features import TerrainFeature
from analytics.forecasting.terrain.poisson import (
    PoissonFit,
    deviance,
    fit_poisson_rates,
    lasso_path,
    lasso_penalties,
)
from analytics.statistics.arrays import Floats, Ints

INNER_FOLDS = 5
SEED = 20_080


@dataclass(frozen=True, eq=False)
class TerrainFit:
    """The chosen features (positions among all) and their Poisson fit."""

    chosen: tuple[int, ...]
    fit: PoissonFit = field(repr=False)

    def expected(self, matrix: Floats, exposure: Floats) -> Floats:
        """Expected counts of cells with features of shape (cells, all features)."""
        return self.fit.expected(matrix[:, list(self.chosen)], exposure)


def fold_of_areas(areas: Ints, folds: int, seed: int = SEED) -> Ints:
    """Fold of each cell: whole areas at random, about as many in each fold."""
    names, position = np.unique(areas, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    return np.asarray(order[position] % min(folds, len(names)), dtype=np.int64)


def fit_terrain(
    features: Sequence[TerrainFeature],
    matrix: Floats,
    counts: Floats,
    exposure: Floats,
    areas: Ints,
) -> TerrainFit:
    """Choose features and fit their rate ratios.

    Parameters
    ----------
    matrix : array of shape (cells, features), 0 or 1
    counts, exposure, areas : arrays of shape (cells,)
    """
    kept = _lasso_choice(matrix, counts, exposure, areas) if len(features) else []
    chosen = _steps(features, matrix, counts, exposure, kept)
    return TerrainFit(tuple(chosen), fit_poisson_rates(counts, exposure, matrix[:, chosen]))


def _lasso_choice(matrix: Floats, counts: Floats, exposure: Floats, areas: Ints) -> list[int]:
    """Columns with the highest penalty whose loss out of area is within one standard error.

    The error is of the difference to the best penalty, paired by fold.
    """
    penalties = lasso_penalties(counts, exposure, matrix)
    folds = fold_of_areas(areas, INNER_FOLDS)
    losses = []
    for fold in np.unique(folds):
        out = folds == fold
        path = lasso_path(
            counts[~out], exposure[~out], matrix[~out], penalties * float((~out).mean())
        )
        losses.append(
            [deviance(counts[out], one.expected(matrix[out], exposure[out])).sum() for one in path]
        )
    table = np.array(losses)
    more = table - table[:, [int(table.sum(axis=0).argmin())]]
    error = more.std(axis=0, ddof=1) / len(more) ** 0.5 if len(more) > 1 else np.zeros(len(more.T))
    last = int(np.flatnonzero(more.mean(axis=0) <= error)[0])
    coefficients = lasso_path(counts, exposure, matrix, penalties[: last + 1])[-1].coefficients
    return np.flatnonzero(coefficients).tolist()


def _steps(
    features: Sequence[TerrainFeature],
    matrix: Floats,
    counts: Floats,
    exposure: Floats,
    kept: list[int],
) -> list[int]:
    """Add, exchange or drop one feature at a time while QBIC falls; one for each layer."""
    if not kept:
        return []

    def loss(columns: list[int]) -> float:
        expected = fit_poisson_rates(counts, exposure, matrix[:, columns]).expected(
            matrix[:, columns], exposure
        )
        return float(deviance(counts, expected).sum())

    spread = _overdispersion(matrix[:, kept], counts, exposure)
    price = float(np.log(len(counts)))
    chosen: list[int] = []
    best = loss(chosen) / spread
    while True:
        options = [[at for at in chosen if at != out] for out in chosen]
        for at in kept:
            if at not in chosen:
                others = [on for on in chosen if features[on].layer != features[at].layer]
                options.append([*others, at])
        scores = [loss(one) / spread + price * len(one) for one in options]
        if not scores or min(scores) >= best - 1e-9:
            return sorted(chosen)
        best = min(scores)
        chosen = options[scores.index(best)]


def _overdispersion(columns: Floats, counts: Floats, exposure: Floats) -> float:
    """Pearson's statistic over degrees of freedom of the fit with all columns, at least 1."""
    expected = fit_poisson_rates(counts, exposure, columns).expected(columns, exposure)
    pearson = float(((counts - expected) ** 2 / np.maximum(expected, 1e-9)).sum())
    return max(pearson / max(len(counts) - columns.shape[1] - 1, 1), 1.0)
