"""The interface of forecasters: fitted on a history, they forecast incidents by cell from one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from analytics.forecasting.folds import Fold
from analytics.forecasting.history import Floats, History
from analytics.forecasting.units import unit_frame


class FittedForecaster(ABC):
    """A fitted forecaster. It gets a history that ends where the forecast begins."""

    name: str
    params: Mapping[str, Any]
    estimator: Any = None

    @abstractmethod
    def expected(self, past: History, days: int) -> Floats:
        """Expected incidents of each cell in the `days` after `past` ends; shape (cells,)."""


class Forecaster(ABC):
    """A forecaster before it is fitted."""

    name: str

    @abstractmethod
    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        """Tune and train on folds that end by the end of `past`."""


@dataclass(frozen=True, eq=False)
class CellForecasts:
    """A fitted forecaster with its history."""

    fitted: FittedForecaster
    history: History = field(repr=False)
    days: int

    @property
    def params(self) -> Mapping[str, Any]:
        return self.fitted.params

    @property
    def estimator(self) -> Any:
        """The scikit-learn estimator; None if the forecaster has none."""
        return self.fitted.estimator

    def forecast(self, cutoff: date) -> pl.DataFrame:
        """Units (see `unit_frame`) with `expected` incidents from `cutoff` on, by earlier days."""
        expected = self.fitted.expected(self.history.until(cutoff), self.days)
        return unit_frame(self.history.grid, expected=expected)
