"""Quartic KDE over a window, or over all incidents with time decay.

Incidents count at the center of their cell, since sources move places within their blocks.
Density is not corrected at the city's edge, since nothing is known of the other side.

References
----------
Silverman (1986), Density estimation for statistics and data analysis, eq. 4.5.
Chainey, Tompson & Uhlig (2008), Security Journal 21.
Bowers, Johnson & Pease (2004), Prospective hot-spotting, British Journal of Criminology 44 (decay).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster, Forecaster
from analytics.forecasting.history import TARGET, Floats, History
from analytics.forecasting.metrics import captured
from analytics.forecasting.streets import Streets
from analytics.forecasting.units import Units, unit_sizes
from analytics.hotspots.kde_kernels import KM2, kernel_matrix
from analytics.statistics.arrays import sums_by_label

BANDWIDTHS_M = (300, 500, 750, 1000)
WINDOWS_DAYS = (60, 120, 365, None)
HALF_LIVES_DAYS = (28, 60, 120, 365, 730)

_LOCK = threading.Lock()
_SMOOTHERS: weakref.WeakKeyDictionary[Units, dict[float, sparse.csr_array]] = (
    weakref.WeakKeyDictionary()
)


def smooth(grid: Units, counts: Floats, bandwidth_m: float) -> Floats:
    """Counts per cell or block smoothed by the quartic kernel; bandwidth 0 leaves them unchanged.

    Parameters
    ----------
    counts : array of shape (cells,) or (cells, series)
    """
    if bandwidth_m == 0:
        return counts
    with _LOCK:
        kept = _SMOOTHERS.setdefault(grid, {})
        if bandwidth_m not in kept:
            kept[bandwidth_m] = _smoother(grid, bandwidth_m)
        return np.asarray(kept[bandwidth_m] @ counts)


def _smoother(grid: Units, bandwidth_m: float) -> sparse.csr_array:
    if isinstance(grid, Streets):
        return grid.smoother(bandwidth_m)
    return kernel_matrix(grid.centers, grid.centers, bandwidth_m) * (grid.size_m**2 / KM2)


@dataclass(frozen=True)
class Kde(Forecaster, FittedForecaster):
    """KDE of one bandwidth over the last `window_days`, or all for None; not tuned."""

    bandwidth_m: float
    window_days: int | None

    @property
    def name(self) -> str:  # type: ignore[override]
        window = "all" if self.window_days is None else f"{self.window_days}d"
        return f"kde_{self.bandwidth_m:g}m_{window}"

    @property
    def params(self) -> dict[str, float | None]:  # type: ignore[override]
        return {"bandwidth_m": self.bandwidth_m, "window_days": self.window_days}

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:  # noqa: ARG002
        return self

    def expected(self, past: History, days: int) -> Floats:
        counts, span = past.recent(self.window_days)
        return smooth(past.grid, counts, self.bandwidth_m) * (days / span)


@dataclass(frozen=True)
class DecayedKde(FittedForecaster):
    """KDE in which an incident `half_life_days` old has half the weight."""

    bandwidth_m: float
    half_life_days: float
    name: str = "kde_decayed"

    @property
    def params(self) -> dict[str, float]:  # type: ignore[override]
        return {"bandwidth_m": self.bandwidth_m, "half_life_days": self.half_life_days}

    def expected(self, past: History, days: int) -> Floats:
        series = past.series[TARGET]
        age = past.days - series.days - 0.5
        weights = 0.5 ** (age / self.half_life_days)
        counts = sums_by_label(series.cells, series.counts * weights, len(past.grid))
        exposure = (0.5 ** ((np.arange(past.days) + 0.5) / self.half_life_days)).sum()
        return smooth(past.grid, counts, self.bandwidth_m) * (days / max(exposure, 1e-9))


@dataclass(frozen=True)
class TunedKde(Forecaster):
    """The KDE that caught most in the tuning folds, of all bandwidths × windows."""

    area_share: float
    name: str = "kde_tuned"

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        candidates = [
            Kde(bandwidth, window) for bandwidth in BANDWIDTHS_M for window in WINDOWS_DAYS
        ]
        return _Named(self.name, best(candidates, past, folds, self.area_share))


@dataclass(frozen=True)
class TunedDecayedKde(Forecaster):
    """The time-decayed KDE that caught most in the tuning folds, of bandwidths × half-lives."""

    area_share: float
    name: str = "kde_decayed"

    def fit(self, past: History, folds: Sequence[Fold]) -> FittedForecaster:
        candidates = [DecayedKde(width, life) for width in BANDWIDTHS_M for life in HALF_LIVES_DAYS]
        return best(candidates, past, folds, self.area_share)


class _Named(FittedForecaster):
    def __init__(self, name: str, inner: FittedForecaster) -> None:
        self.name, self.params, self._inner = name, inner.params, inner

    def expected(self, past: History, days: int) -> Floats:
        return self._inner.expected(past, days)


def best(
    candidates: Sequence[FittedForecaster], past: History, folds: Sequence[Fold], area_share: float
) -> FittedForecaster:
    """The candidate that caught most incidents over the folds; the first of ties."""
    caught = np.zeros(len(candidates))
    sizes = unit_sizes(past.grid)
    amount = [area_share * sizes.sum()]
    for fold in folds:
        known = past.until(fold.cutoff)
        happened = past.counts(fold.cutoff, fold.end)[:, None]
        for position, one in enumerate(candidates):
            rank = one.expected(known, fold.days) / sizes
            caught[position] += captured(rank, happened, amount, sizes=sizes)[0, 0]
    return candidates[int(np.argmax(caught))]
