"""Rate ratios near places: alone, beside the other layers, and within areas; with intervals.

Incidents per area near the places of a layer, over those elsewhere. `alone` is the plain ratio.
`beside` holds the other chosen layers fixed (Poisson regression). `within` also holds the area
fixed: it compares cells of one area with each other (fixed effects, the conditional Poisson fit),
so that what differs between areas does not enter.

Intervals are by a bootstrap of whole areas, since neighboring cells are alike. The radius is that
chosen with all areas; that it was searched for is not in the intervals.

References
----------
Hausman, Hall & Griliches (1984), Econometric models for count data, Econometrica 52.
Davison & Hinkley (1997), Bootstrap methods and their application, section 3.8 (clusters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting.terrain.poisson import fit_poisson_rates
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from analytics.statistics.bootstrap import draw, interval
from analytics.statistics.interval_estimate import IntervalEstimate

RESAMPLES = 999


@dataclass(frozen=True, eq=False)
class RateRatios:
    """Ratios of the chosen features, in their order."""

    alone: tuple[IntervalEstimate, ...]
    beside: tuple[IntervalEstimate, ...]
    within: tuple[IntervalEstimate, ...]


def rate_ratios(
    chosen: Floats, counts: Floats, exposure: Floats, areas: Ints, resamples: int = RESAMPLES
) -> RateRatios:
    """Rate ratios of features.

    Parameters
    ----------
    chosen : array of shape (cells, features), 0 or 1
    counts, exposure, areas : arrays of shape (cells,)
    """
    sums = _Sums.of(chosen, counts, exposure, areas)
    whole = np.ones(sums.areas)
    values = _all_three(sums, whole)
    weights = draw(sums.areas, resamples=resamples).weights
    draws = np.array([_all_three(sums, one) for one in weights])
    found = [
        tuple(
            IntervalEstimate(float(values[kind, at]), *interval(draws[:, kind, at]))
            for at in range(chosen.shape[1])
        )
        for kind in range(3)
    ]
    return RateRatios(*found)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Counts and exposure by area and pattern of the features, which are sufficient for the fits.

    counts, exposure : shape (areas, patterns); patterns : shape (patterns, features)
    """

    counts: Floats
    exposure: Floats
    patterns: Floats

    @property
    def areas(self) -> int:
        return len(self.counts)

    @classmethod
    def of(cls, chosen: Floats, counts: Floats, exposure: Floats, areas: Ints) -> _Sums:
        patterns, of_cell = np.unique(chosen, axis=0, return_inverse=True)
        names, position = np.unique(areas, return_inverse=True)
        label = position * len(patterns) + of_cell.ravel()
        shape = (len(names), len(patterns))
        size = shape[0] * shape[1]
        return cls(
            sums_by_label(label, counts, size).reshape(shape),
            sums_by_label(label, exposure, size).reshape(shape),
            patterns,
        )


def _all_three(sums: _Sums, weights: Floats) -> Floats:
    """Ratios of shape (3, features); NaN where one cannot be told."""
    counts, exposure = weights @ sums.counts, weights @ sums.exposure
    near = sums.patterns.T
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = (near @ counts / (near @ exposure)) / (
            (1 - near) @ counts / ((1 - near) @ exposure)
        )
    there = exposure > 0
    beside = fit_poisson_rates(counts[there], exposure[there], sums.patterns[there]).coefficients
    return np.array([_known(alone), np.exp(beside), np.exp(_within(sums, weights))])


def _known(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _within(sums: _Sums, weights: Floats) -> Floats:
    """Coefficients of the conditional Poisson fit, given each area's count."""
    beta = np.zeros(sums.patterns.shape[1])
    total = sums.counts.sum(axis=1)
    for _ in range(50):
        share = sums.exposure * np.exp(np.clip(sums.patterns @ beta, -20, 20))
        share = share / share.sum(axis=1, keepdims=True)
        means = share @ sums.patterns
        slope = weights @ (sums.counts @ sums.patterns - total[:, None] * means)
        expected = weights * total
        curve = sums.patterns.T @ ((expected @ share)[:, None] * sums.patterns)
        curve = curve - means.T @ (expected[:, None] * means) + 1e-6 * np.eye(len(beta))
        step = np.linalg.solve(curve, slope - 1e-6 * beta)
        step *= min(1.0, 3.0 / max(float(np.abs(step).max(initial=0.0)), 1e-12))
        beta = beta + step
        if np.abs(step).max(initial=0.0) < 1e-7:
            break
    return beta
