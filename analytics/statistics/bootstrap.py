"""Intervals over folds: bootstrap of pooled ratios, paired between forecasters.

References
----------
Efron & Tibshirani (1993), An introduction to the bootstrap.
Künsch (1989), The jackknife and the bootstrap for general stationary observations, Annals of
Statistics 17 (moving blocks).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats

RESAMPLES = 9_999
SEED = 20_080


@dataclass(frozen=True)
class RatioEstimate:
    """A ratio of sums with its interval, and the one-sided p of the test made with it."""

    value: float
    low: float
    high: float
    p: float

    def over(self, share: float) -> RatioEstimate:
        """The same per share: a hit rate as PAI."""
        return RatioEstimate(self.value / share, self.low / share, self.high / share, self.p)


@dataclass(frozen=True, eq=False)
class Resamples:
    """How often each fold is drawn in each resample; shared by paired statistics.

    `weights` has shape (resamples, folds); `block` is the length of a block in folds.
    """

    weights: Floats = field(repr=False)
    block: int

    def ratio(self, numerator: Floats, denominator: Floats) -> Floats:
        """Σ numerator / Σ denominator of each resample; shape (resamples,)."""
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
    """1 where consecutive folds are not correlated, else ⌈folds^(1/3)⌉ (Künsch 1989).

    They are correlated where the correlation with the fold before is beyond ±2 / √folds.
    """
    series = np.asarray(values, dtype=np.float64)
    centered = series - series.mean() if len(series) else series
    spread = float(centered @ centered)
    if len(series) < 8 or spread == 0:
        return 1
    correlation = float(centered[1:] @ centered[:-1]) / spread
    return int(np.ceil(len(series) ** (1 / 3))) if abs(correlation) > 2 / len(series) ** 0.5 else 1


def interval(draws: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Percentile interval of a bootstrap distribution; NaN where there is none."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return float("nan"), float("nan")
    tail = (1 - confidence) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def ratio_interval(
    above: Floats,
    below: Floats,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    confidence: float = 0.95,
    margin: float = 0.0,
    empty: float = np.nan,
) -> RatioEstimate:
    """Σ above / Σ below over folds in time order, with its interval.

    Folds are resampled one by one, or in blocks where the ratio of a fold is correlated with that
    of the fold before. The same seed gives the same draws, so differences are paired.

    Parameters
    ----------
    above, below : arrays of shape (folds,); a fold with nothing below counts as a ratio of 0
    margin : p is that of a ratio of -margin or less
    empty : the ratio where there is nothing below
    """
    rates = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    drawn = draw(len(above), block=block_length(rates), resamples=resamples, seed=seed)
    draws = np.nan_to_num(drawn.ratio(above, below), nan=empty)
    total = below.sum()
    value = float(above.sum() / total) if total else empty
    return RatioEstimate(value, *interval(draws, confidence), not_above_zero(draws + margin))


def not_above_zero(draws: Floats) -> float:
    """One-sided p-value that the statistic is not above zero: (1 + draws ≤ 0) / (1 + draws)."""
    return float((1 + np.count_nonzero(~(draws > 0))) / (1 + len(draws)))
