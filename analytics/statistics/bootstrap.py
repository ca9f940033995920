"""Intervals over folds: bootstrap of pooled ratios, paired between forecasters; Holm's correction.

References
----------
Efron & Tibshirani (1993), An introduction to the bootstrap.
Künsch (1989), The jackknife and the bootstrap for general stationary observations, Annals of
Statistics 17 (moving blocks).
Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statistics 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 9_999
SEED = 20_080


@dataclass(frozen=True, eq=False)
class Resamples:
    """How often each fold is drawn in each resample, for paired statistics.

    `weights` has shape (resamples, folds); `block` is the length of the blocks in folds.
    """

    weights: Floats = field(repr=False)
    block: int

    def ratio(self, numerator: Floats, denominator: Floats) -> Floats:
        """Pooled Σ numerator / Σ denominator of each resample; shape (resamples,)."""
        below = self.weights @ denominator
        return np.divide(
            self.weights @ numerator, below, out=np.full(len(below), np.nan), where=below != 0
        )


def draw(folds: int, *, block: int = 1, resamples: int = RESAMPLES, seed: int = SEED) -> Resamples:
    """Resamples of folds with replacement, in moving blocks where `block` is more than 1."""
    generator = np.random.default_rng(seed)
    block = max(1, min(block, folds))
    blocks = -(-folds // block)
    starts = generator.integers(0, folds - block + 1, size=(resamples, blocks))
    picked = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :folds]
    picked = picked + folds * np.arange(resamples)[:, None]
    weights = np.bincount(picked.ravel(), minlength=resamples * folds)
    return Resamples(weights.reshape(resamples, folds).astype(np.float64), block)


def block_length(values: npt.ArrayLike) -> int:
    """1 where consecutive folds do not depend on each other, else ⌈folds^(1/3)⌉ (Künsch 1989).

    They do where the correlation with the fold before is beyond ±2 / √folds.
    """
    series = np.asarray(values, dtype=np.float64)
    centred = series - series.mean() if len(series) else series
    spread = float(centred @ centred)
    if len(series) < 8 or spread == 0:
        return 1
    correlation = float(centred[1:] @ centred[:-1]) / spread
    return int(np.ceil(len(series) ** (1 / 3))) if abs(correlation) > 2 / len(series) ** 0.5 else 1


def interval(draws: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Percentile interval of a bootstrap distribution; NaN where there is none."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return float("nan"), float("nan")
    tail = (1 - confidence) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def not_above_zero(draws: Floats) -> float:
    """One-sided p-value that the statistic is not above zero: (1 + draws ≤ 0) / (1 + draws)."""
    return float((1 + np.count_nonzero(~(draws > 0))) / (1 + len(draws)))


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p-values of a family of tests: reject where at most the level.

    References
    ----------
    Holm (1979).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    adjusted = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    result = np.empty(len(values))
    result[order] = adjusted
    return [float(value) for value in result]


def holm_lower_bounds(draws: Sequence[Floats], level: float = 0.05) -> list[float]:
    """Lower bounds that hold together with confidence 1 − level where Holm rejects.

    The k-th smallest p-value of m is given the one-sided level (level / 2) / (m − k + 1), so that
    a single test has the lower end of the usual two-sided interval. Once one bound is not above
    zero, those after it keep the level of that one (Holm stops there).
    """
    p = [not_above_zero(one) for one in draws]
    bounds = [float("nan")] * len(draws)
    stopped: float | None = None
    for rank, position in enumerate(np.argsort(p, kind="stable")):
        tail = (level / 2) / (len(draws) - rank) if stopped is None else stopped
        bounds[position] = float(np.nanquantile(draws[position], tail))
        if stopped is None and not bounds[position] > 0:
            stopped = tail
    return bounds
