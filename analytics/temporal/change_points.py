"""Change points: when the level of a series changed, with significance.

References
----------
Jackson et al. (2005), An algorithm for optimal partitioning of data on an interval, IEEE Signal
Processing Letters 12; Killick, Fearnhead & Eckley (2012), JASA 107 (PELT: the same optimum with
pruning, which series of a few hundred steps do not need).
Chakar, Lebarbier, Lévy-Leduc & Robin (2017), A robust approach for estimating change-points in the
mean of an AR(1) process, Bernoulli 23.
Wu & Zhao (2007), Inference of trends in time series, JRSS B 69 (long-run variance from differences
of neighboring blocks).
Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data, Biometrika 35.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter
from scipy.special import ndtri

from analytics.statistics.level import LEVEL
from analytics.temporal.harmonics import yearly_harmonics

Floats = npt.NDArray[np.float64]

DRAWS = 999
FEWEST_STEPS = 24
FEWEST_PER_STEP = 1.0
"""Incidents a step on average: below, roots of counts have no constant variance."""
SHORTEST = 4
"""Steps a level must last."""
STRONGEST = 0.9
"""Largest autocorrelation: above it a series wanders and has no levels."""
BLOCKS = 10
LONGEST_BLOCK = 26
"""Most steps of a block for the long-run variance."""


@dataclass(frozen=True)
class ChangePoint:
    """A change of level.

    Attributes
    ----------
    at : int
        First step of the new level.
    earliest, latest : int
        95% interval of `at`.
    before, after : float
        Mean values of the levels on both sides.
    change, low, high : float
        after / before − 1 and its 95% interval, given the time of the change.
    p : float
        Probability that a series without a change, with the same autocorrelation, has a change at
        least this large anywhere, so it accounts for the search.
    """

    at: int
    earliest: int
    latest: int
    before: float
    after: float
    change: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, eq=False)
class ChangePoints:
    """Change points in order of time.

    Attributes
    ----------
    levels : float array of shape (steps,)
        Means between the changes, seasonally adjusted.
    adjusted : float array of shape (steps,)
        The values, seasonally adjusted if there is a season.
    autocorrelation : float
        Lag-1 autocorrelation of the noise.
    draws : int
        Number of simulated series for each p.
    """

    changes: tuple[ChangePoint, ...]
    levels: Floats = field(repr=False)
    adjusted: Floats = field(repr=False)
    autocorrelation: float
    draws: int


def change_points(
    values: npt.ArrayLike,
    *,
    incidents: float | None = None,
    cycle: float | None = None,
    shortest: int = SHORTEST,
    draws: int = DRAWS,
    seed: int = 1,
) -> ChangePoints | None:
    """Find significant changes of level.

    Parameters
    ----------
    values : array of shape (steps,)
        Counts or rates, none negative.
    incidents : float, optional
        Incidents in all steps; by default the sum of the values, which are then counts.
    cycle : float, optional
        Steps in a year, for seasonal adjustment by three harmonics (least squares). A series of
        less than two years is not adjusted.
    shortest : int
        Steps a level must last.

    Returns
    -------
    ChangePoints or None
        None for fewer than 24 steps, less than one incident a step on average or a constant series.

    Notes
    -----
    Roots 2√(value + 3/8) have a constant variance (Anscombe). Their long-run variance is from
    differences of neighboring blocks, a tenth of the series each (Wu & Zhao): a change of level
    affects few of them and makes the test more conservative. `draws` series of AR(1) noise without
    a change, with the same autocorrelation, are treated the same way, including the season. The
    95th percentile of their largest gain in squares per change, by one change or by two, is the
    penalty per change of the optimal partition, so that 5% of series without a change show one; a
    change's p is the share of them with a gain at least as large. A slow drift appears as steps.
    """
    observed = np.maximum(np.asarray(values, dtype=np.float64), 0.0)
    total = float(observed.sum()) if incidents is None else incidents
    too_few = len(observed) < FEWEST_STEPS or total < FEWEST_PER_STEP * len(observed)
    if too_few or np.ptp(observed) == 0:
        return None
    season = _season(len(observed), cycle)
    roots = _without(season, 2 * np.sqrt(observed + 3 / 8)[None, :])
    correlation, sd = noise(roots)
    random = np.random.default_rng(seed)
    simulated = _without(season, _simulate(random, (draws, len(observed)), float(correlation[0])))
    chance = np.sort(_largest_gain(simulated, shortest) / noise(simulated)[1] ** 2)
    scaled = roots[0] / sd[0]
    adjusted = np.maximum((roots[0] / 2) ** 2 - 3 / 8, 0.0)
    cuts = partition(scaled, float(np.quantile(chance, 1 - LEVEL)), shortest)
    borders = [0, *cuts, len(scaled)]
    levels = [np.full(end - start, adjusted[start:end].mean()) for start, end in pairwise(borders)]
    model = _Model(adjusted, scaled, chance, float(correlation[0]), shortest, random)
    changes = tuple(
        model.describe(*borders[place - 1 : place + 2]) for place in range(1, len(borders) - 1)
    )
    return ChangePoints(changes, np.concatenate(levels), adjusted, float(correlation[0]), draws)


def partition(values: Floats, penalty: float, shortest: int = 1) -> list[int]:
    """Starts of the levels (except the first) that minimize squared residuals plus penalties.

    Parameters
    ----------
    values : array of shape (steps,)
    """
    steps = len(values)
    sums, squares = _sums(values), _sums(values**2)
    best = np.full(steps + 1, np.inf)
    best[0] = -penalty
    previous = np.zeros(steps + 1, dtype=np.int64)
    for end in range(shortest, steps + 1):
        starts = np.arange(end - shortest + 1)
        length = end - starts
        inside = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / length
        total = best[starts] + inside + penalty
        previous[end] = np.argmin(total)
        best[end] = total[previous[end]]
    cuts = []
    at = int(previous[steps])
    while at > 0:
        cuts.append(at)
        at = int(previous[at])
    return cuts[::-1]


def noise(series: Floats) -> tuple[Floats, Floats]:
    """Autocorrelation and long-run sd of the noise around levels; series (draws, steps).

    Mean squared differences at lags 1 and 2 are 2γ(1 − ρ) and 2γ(1 − ρ²) in an AR(1), so their
    quotient is 1 + ρ (Chakar et al.). The long-run variance is half the mean squared difference of
    the means of neighboring blocks, times their length (Wu & Zhao).
    """
    one = ((series[:, 1:] - series[:, :-1]) ** 2).mean(axis=1)
    two = ((series[:, 2:] - series[:, :-2]) ** 2).mean(axis=1)
    ratio = np.divide(two, one, out=np.ones_like(one), where=one > 0)
    steps = series.shape[1]
    length = int(np.clip(steps // BLOCKS, SHORTEST, LONGEST_BLOCK))
    sums = np.cumsum(np.pad(series, ((0, 0), (1, 0))), axis=1)
    means = (sums[:, length:] - sums[:, :-length]) / length
    apart = ((means[:, length:] - means[:, :-length]) ** 2).mean(axis=1)
    return np.clip(ratio - 1, 0.0, STRONGEST), np.sqrt(np.maximum(apart * length / 2, 1e-12))


@dataclass(frozen=True, eq=False)
class _Model:
    """Data from which changes are described."""

    adjusted: Floats
    scaled: Floats
    chance: Floats
    correlation: float
    shortest: int
    random: np.random.Generator

    def describe(self, start: int, at: int, end: int) -> ChangePoint:
        sides = self.scaled[start:at], self.scaled[at:end]
        means = [float(side.mean()) for side in sides]
        gain = (means[1] - means[0]) ** 2 * len(sides[0]) * len(sides[1]) / (end - start)
        p = (1 + int((self.chance >= gain).sum())) / (1 + len(self.chance))
        earliest, latest = self._reach(means, start, at, end)
        # A level is the square of its root; on scaled roots a mean has variance 1 / steps.
        error = 2 * np.sqrt(sum(1 / len(s) / m**2 for s, m in zip(sides, means, strict=True)))
        ratio, reach = 2 * np.log(means[1] / means[0]), float(ndtri(1 - LEVEL / 2) * error)
        before, after = (float(self.adjusted[i:j].mean()) for i, j in ((start, at), (at, end)))
        return ChangePoint(
            at, earliest, latest, before, after,
            change=after / before - 1 if before else float("inf"),
            low=float(np.exp(ratio - reach)) - 1,
            high=float(np.exp(ratio + reach)) - 1,
            p=p,
        )  # fmt: skip

    def _reach(self, means: list[float], start: int, at: int, end: int) -> tuple[int, int]:
        """95% interval of a change's time, from series simulated with it (percentile bootstrap)."""
        simulated = _simulate(self.random, (DRAWS, end - start), self.correlation)
        simulated /= np.sqrt((1 + self.correlation) / (1 - self.correlation))
        simulated += np.where(np.arange(start, end) < at, *means)
        found = start + _best_cut(simulated, self.shortest)
        off = np.quantile(found - at, [LEVEL / 2, 1 - LEVEL / 2])
        return max(int(np.floor(at - off[1])), start + 1), min(int(np.ceil(at - off[0])), end - 1)


def _simulate(random: np.random.Generator, shape: tuple[int, int], correlation: float) -> Floats:
    """Stationary AR(1) noise of variance 1."""
    shocks = random.standard_normal(shape) * np.sqrt(1 - correlation**2)
    shocks[:, 0] /= np.sqrt(1 - correlation**2)
    return np.asarray(lfilter([1.0], [1.0, -correlation], shocks, axis=1))


def _gains(series: Floats, shortest: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Cuts, and the reduction in squares by one change at each; shape (draws, cuts)."""
    steps = series.shape[1]
    cuts = np.arange(shortest, steps - shortest + 1)
    centered = series - series.mean(axis=1, keepdims=True)
    left = np.cumsum(centered, axis=1)[:, cuts - 1]
    return cuts, left**2 * steps / (cuts * (steps - cuts))


def _largest_gain(series: Floats, shortest: int) -> Floats:
    """Largest reduction in squares per change, by one change or by two; shape (draws,)."""
    one = _gains(series, shortest)[1].max(axis=1)
    steps = series.shape[1]
    sums = np.cumsum(series - series.mean(axis=1, keepdims=True), axis=1, dtype=np.float32)
    best = np.zeros(len(series), dtype=np.float32)
    for length in _lengths(shortest, steps - 2 * shortest):
        first = np.arange(shortest, steps - shortest - length + 1)
        before, until = sums[:, first - 1], sums[:, first + length - 1]
        gain = before**2 / first.astype(np.float32)
        gain += (until - before) ** 2 / np.float32(length)
        gain += until**2 / (steps - length - first).astype(np.float32)
        np.maximum(best, gain.max(axis=1), out=best)
    return np.asarray(np.maximum(one, best / 2), dtype=np.float64)


def _lengths(shortest: int, longest: int) -> Iterator[int]:
    """Lengths of a level between two changes, a tenth apart."""
    length = shortest
    while length <= longest:
        yield length
        length += max(length // 10, 1)


def _best_cut(series: Floats, shortest: int) -> npt.NDArray[np.int64]:
    cuts, gains = _gains(series, shortest)
    return np.asarray(cuts[gains.argmax(axis=1)])


def _season(steps: int, cycle: float | None) -> Floats:
    """Yearly harmonics, (steps, waves); none under two years."""
    if cycle is None or steps < 2 * cycle:
        return np.zeros((steps, 0))
    return yearly_harmonics(steps, cycle)


def _without(season: Floats, series: Floats) -> Floats:
    return series - (series @ season) @ season.T


def _sums(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])
