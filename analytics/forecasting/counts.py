"""The simplest forecast: incidents will happen where they happened before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster, Forecaster
from analytics.forecasting.history import Floats, History


@dataclass(frozen=True)
class Counts(Forecaster, FittedForecaster):
    """Daily rate of each cell over the last `window_days`, or all for None; not tuned."""

    window_days: int | None

    @property
    def name(self) -> str:  # type: ignore[override]
        return "counts_all" if self.window_days is None else f"counts_{self.window_days}d"

    @property
    def params(self) -> dict[str, int | None]:  # type: ignore[override]
        return {"window_days": self.window_days}

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:  # noqa: ARG002
        return self

    def expected(self, past: History, days: int) -> Floats:
        counts, span = past.recent(self.window_days)
        return counts * (days / span)
