"""Self-exciting forecasts: a background by place, and a risk that follows each incident.

The rate of a cell is a weighted sum of surfaces, with weights of 0 or more. Long-run densities are
the background; recent incidents of a band of days, smoothed over a distance, are the near-repeat
risk. The weights maximize the Poisson likelihood over the tuning folds, found by the EM algorithm
that separates background from triggered events. The triggering kernel has steps of days and meters
instead of a formula.

References
----------
Johnson, Bowers, Birks & Pease (2009), Predictive mapping of crime by ProMap.
Mohler et al. (2011), Self-exciting point process modeling of crime, JASA 106.
Marsan & Lengliné (2008), Extending earthquakes' reach through cascading, Science 319 (steps).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster, Forecaster
from analytics.forecasting.history import Floats, History
from analytics.forecasting.kde import smooth

LAGS_DAYS = (7, 14, 28, 56, 112)
REACHES_M = (0, 300, 500)
BACKGROUND_M = (0, 300, 500, 1000)
ITERATIONS = 300
YEAR = 365.0
Surface = npt.NDArray[np.floating[Any]]
Surfaces = Callable[[History], tuple[tuple[str, ...], Surface]]


def poisson_weights(surfaces: Sequence[Surface], counts: Sequence[Floats]) -> Floats:
    """Weights w ≥ 0 that maximize the Poisson likelihood of counts with mean Σ w × surface.

    Parameters
    ----------
    surfaces : arrays of shape (cells, surfaces), one for each fold, 0 or more
    counts : arrays of shape (cells,), one for each fold

    Returns
    -------
    array of shape (surfaces,)
        Weights; 0 for a surface that is 0 everywhere.

    References
    ----------
    Dempster, Laird & Rubin (1977); Lucy (1974) and Shepp & Vardi (1982) for this likelihood.
    """
    total = np.sum([one.sum(axis=0, dtype=np.float64) for one in surfaces], axis=0)
    rows = np.concatenate(
        [one[count > 0] for one, count in zip(surfaces, counts, strict=True)]
    ).astype(np.float64)
    happened = np.concatenate([count[count > 0] for count in counts])
    usable = total > 0
    weights = np.where(usable, happened.sum() / np.where(usable, total, 1) / usable.sum(), 0.0)
    for _ in range(ITERATIONS):
        rate = rows @ weights
        share = np.divide(happened, rate, out=np.zeros(len(rate)), where=rate > 0)
        weights = np.where(usable, weights * (rows.T @ share) / np.where(usable, total, 1), 0.0)
    return weights


@dataclass(frozen=True, eq=False)
class WeightedSurfaces(FittedForecaster):
    """A weighted sum of surfaces; `weights` are for folds of `fold_days`."""

    name: str
    surfaces: Surfaces = field(repr=False)
    labels: tuple[str, ...]
    weights: Floats
    fold_days: int

    @property
    def params(self) -> dict[str, float]:  # type: ignore[override]
        """Weight of each surface with a weight above 0."""
        return {
            label: round(float(weight), 9)
            for label, weight in zip(self.labels, self.weights, strict=True)
            if weight > 0
        }

    def expected(self, past: History, days: int) -> Floats:
        return np.asarray(self.surfaces(past)[1] @ self.weights) * (days / self.fold_days)


def _fit(name: str, surfaces: Surfaces, past: History, folds: Sequence[Fold]) -> WeightedSurfaces:
    made = [surfaces(past.until(fold.cutoff)) for fold in folds]
    counts = [past.counts(fold.cutoff, fold.end) for fold in folds]
    weights = poisson_weights([values for _, values in made], counts)
    return WeightedSurfaces(name, surfaces, made[0][0], weights, folds[0].days)


@dataclass(frozen=True)
class NearRepeatRisk(Forecaster):
    """Background from all earlier incidents, and near-repeat risk from the last 16 weeks."""

    name: str = "near_repeat"

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        return _fit(self.name, near_repeat_surfaces, past, folds)


class Mixture(Forecaster):
    """A weighted sum of all features: counts and KDEs over windows, season, other types."""

    name = "mixture"

    def __init__(self, features: FeatureMaker | None = None) -> None:
        self._features = features or FeatureMaker()

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        def surfaces(known: History) -> tuple[tuple[str, ...], Surface]:
            made = self._features.of(known)
            return made.names, made.values

        return _fit(self.name, surfaces, past, folds)


def near_repeat_surfaces(past: History) -> tuple[tuple[str, ...], Floats]:
    """Background densities per year, and incidents of each band of days by reach."""
    labels, columns = [], []
    background, span = past.recent(None)
    for reach in BACKGROUND_M:
        columns.append(smooth(past.grid, background, reach) * (YEAR / span))
        labels.append(f"background, {_reach(reach)}")
    newer = 0
    for lag in LAGS_DAYS:
        low, high = (past.end - timedelta(days=days) for days in (lag, newer))
        counts = past.counts(max(low, past.first), max(high, past.first))
        for reach in REACHES_M:
            columns.append(smooth(past.grid, counts, reach))
            labels.append(f"{newer} to {lag} days ago, {_reach(reach)}")
        newer = lag
    return tuple(labels), np.column_stack(columns)


def _reach(meters: int) -> str:
    return f"within {meters} m" if meters else "cell"
