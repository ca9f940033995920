"""What every forecaster is: fitted on a history, it expects incidents per cell from a history."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from analytics.forecasting.folds import Fold
from analytics.forecasting.history import Floats, History


class FittedForecaster(ABC):
    """A fitted forecaster. It is handed histories that end at the day it forecasts from."""

    name: str
    params: Mapping[str, Any]
    estimator: Any = None

    @abstractmethod
    def expected(self, past: History, days: int) -> Floats:
        """Expected incidents of each cell in the `days` after `past` ends; shape (cells,)."""


class Forecaster(ABC):
    """A way to forecast, before it has seen anything."""

    name: str

    @abstractmethod
    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        """Tune and train on folds that end on or before the end of `past`."""


@dataclass(frozen=True, eq=False)
class CellForecasts:
    """A fitted forecaster with the history it answers from."""

    fitted: FittedForecaster
    history: History = field(repr=False)
    days: int

    @property
    def params(self) -> Mapping[str, Any]:
        return self.fitted.params

    @property
    def estimator(self) -> Any:
        """A scikit-learn estimator, or None where the forecaster is none."""
        return self.fitted.estimator

    def forecast(self, cutoff: date) -> pl.DataFrame:
        """cell (key), col, row, expected: incidents from `cutoff` on, of the earlier days alone."""
        grid = self.history.grid
        expected = self.fitted.expected(self.history.until(cutoff), self.days)
        return grid.frame(expected=expected).insert_column(0, pl.Series("cell", grid.keys))
