"""Fit the model of linked pairs, on solved cases or without any.

The background is the pairs of the same incidents with dates permuted. Where solved cases say which
pairs are linked, the coefficients are those with which the background has the features of these
pairs: infinitely weighted logistic regression. Where none do, the pairs as they are add up from the
background and an unknown number of linked pairs, and both the number and the coefficients are
fitted by maximum likelihood. Linked pairs are then those that are close in time beyond what
permuted dates bring, and their features are what these have in common.

References
----------
Porter (2016), A statistical approach to crime linkage, The American Statistician 70.
Fithian & Hastie (2013), Finite-sample equivalence in statistical models for presence-only data,
Annals of Applied Statistics 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from analytics.series.link_model import LinkModel
from analytics.series.pair_features import DISTANCE, LAG, Levels, level_counts
from analytics.statistics.arrays import Floats

RIDGE = 2.0
"""Pulls coefficients to 0, as a normal prior of variance 1 / RIDGE does."""
STEPS, CLOSE_ENOUGH = 50, 1e-6
LEAST_LINKED = 0.1
"""Expected number of linked pairs that is taken for none."""


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Pairs by their levels.

    Attributes
    ----------
    levels : distinct ones, shape (patterns, features)
    observed : pairs as they are
    background : pairs with dates permuted, the mean of permutations
    linked : pairs that solved cases link; all 0 without any
    """

    features: tuple[str, ...]
    levels: Levels = field(repr=False)
    observed: Floats = field(repr=False)
    background: Floats = field(repr=False)
    linked: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class FittedLinks:
    """A model with what it was fitted to.

    Attributes
    ----------
    linked : expected number of linked pairs among those observed
    gain : log likelihood of the observed pairs over that of the background alone
    """

    model: LinkModel
    linked: float
    gain: float


def fit_links(counts: PairCounts, common: Mapping[str, frozenset[str]]) -> FittedLinks:
    """Fit the model, on solved cases where some link pairs."""
    likelihood = _Likelihood(counts)
    if counts.linked.any():
        beta = tilted(likelihood.design, counts.linked, counts.background)
        found = likelihood.fitted(beta, float(counts.linked.sum()), number_only=True)
    else:
        guess = counts.observed * _first_guess(counts)
        beta = tilted(likelihood.design, guess, counts.background)
        found = likelihood.fitted(beta, float(guess.sum()))
    beta, linked = found[:-1], float(np.exp(found[-1]))
    ends = np.cumsum(level_counts(counts.features))[:-1]
    parts = zip(counts.features, np.split(beta, ends), strict=True)
    model = LinkModel(
        {name: tuple(part.tolist()) for name, part in parts},
        -_log_mean(likelihood.design @ beta, counts.background),
        float(np.log(linked / counts.background.sum())),
        common,
        bool(counts.linked.any()),
    )
    return FittedLinks(model, linked, likelihood.gain(beta, np.log(linked)))


class _Likelihood:
    """Pairs as they are, as a sum of the background and of linked pairs."""

    def __init__(self, counts: PairCounts) -> None:
        self.counts = counts
        self.design = one_hot(counts.levels, level_counts(counts.features))
        self.total = counts.background.sum()

    def fitted(self, beta: Floats, linked: float, *, number_only: bool = False) -> Floats:
        """Coefficients, and the log of the number of linked pairs; or that number alone."""
        most = np.log(self.counts.observed.sum())
        start = np.append(beta, min(np.log(max(linked, 1.0)), most))
        bounds = [(None, None)] * len(beta) + [(np.log(LEAST_LINKED), most)]

        def loss(values: Floats) -> tuple[float, Floats]:
            value, slope = self._loss(values)
            if number_only:
                slope[:-1] = 0
            return value, slope

        return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)

    def gain(self, beta: Floats, log_linked: float) -> float:
        """Log likelihood over that of the background alone."""
        gains = np.logaddexp(0, self._log_odds(beta, log_linked))
        return float(self.counts.observed @ gains - np.exp(log_linked))

    def _log_odds(self, beta: Floats, log_linked: float) -> Floats:
        own = self.design @ beta
        shifted: Floats = own - _log_mean(own, self.counts.background) + log_linked
        return shifted - np.log(self.total)

    def _loss(self, values: Floats) -> tuple[float, Floats]:
        """Penalized negative log likelihood with its slope."""
        beta, log_linked = values[:-1], float(values[-1])
        share = self.counts.observed * expit(self._log_odds(beta, log_linked))
        own = self.design @ beta
        weight = self.counts.background * np.exp(own - own.max())
        mean = weight @ self.design / weight.sum()
        value = -self.gain(beta, log_linked) + RIDGE / 2 * float(beta @ beta)
        slope = share.sum() * mean - share @ self.design + RIDGE * beta
        return value, np.append(slope, np.exp(log_linked) - share.sum())


def tilted(design: Floats, linked: Floats, background: Floats) -> Floats:
    """Coefficients with which the background has the features of linked pairs (Newton's method).

    Maximizes sum(linked × design β) - sum(linked) × log(sum(background × exp(design β))), less
    `RIDGE` / 2 times the squares of β.
    """
    beta = np.zeros(design.shape[1])
    total, wanted = linked.sum(), linked @ design
    for _ in range(STEPS):
        weight = background * np.exp(design @ beta - (design @ beta).max())
        weight /= weight.sum()
        mean = weight @ design
        slope = wanted - total * mean - RIDGE * beta
        curve = total * ((design * weight[:, None]).T @ design - np.outer(mean, mean))
        step = np.linalg.solve(curve + RIDGE * np.eye(len(beta)), slope)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        beta += step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    return beta


def one_hot(levels: Levels, sizes: tuple[int, ...]) -> Floats:
    """A column of 0 and 1 for each level of each feature."""
    columns = [levels[:, at, None] == np.arange(size) for at, size in enumerate(sizes)]
    return np.hstack(columns).astype(np.float64)


def _first_guess(counts: PairCounts) -> Floats:
    """To begin with: the share of pairs beyond the background, more so if near and soon."""
    far, late = (
        counts.levels[:, counts.features.index(name)].astype(np.int64) for name in (DISTANCE, LAG)
    )
    _, own = np.unique(far * 100 + late, return_inverse=True)
    observed, background = (np.bincount(own, one) for one in (counts.observed, counts.background))
    share = np.maximum(0, 1 - background / np.maximum(observed, 1e-9))
    found: Floats = np.clip(share[own] * 0.5 ** (far + late), 1e-4, 0.95)
    return found


def _log_mean(values: Floats, weights: Floats) -> float:
    """Log of the weighted mean of exp(values)."""
    top = values.max()
    return float(top + np.log(weights @ np.exp(values - top) / weights.sum()))
