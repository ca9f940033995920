"""Scores of demand, against scikit-learn, SciPy and sums by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson
from sklearn.metrics import mean_pinball_loss

from analytics.forecasting.demand.scores import (
    POINTS,
    cumulative_of_draws,
    inside,
    naive_errors,
    pinball,
    pit_histogram,
)


def test_pinball_loss_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    counts, quantiles = random.poisson(4, 200).astype(float), random.uniform(0, 9, (5, 200))
    losses = [
        mean_pinball_loss(counts, one, alpha=point)
        for point, one in zip(POINTS, quantiles, strict=True)
    ]
    assert pinball(quantiles, counts).mean() == pytest.approx(np.mean(losses))


@pytest.mark.parametrize("mean", [0.05, 0.4, 3.0, 80.0])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_counts_of_the_forecast_distribution_are_covered_exactly(mean: float, level: float) -> None:
    counts = np.arange(400)
    chances = np.stack([poisson.cdf(counts - 1, mean), poisson.cdf(counts, mean)])
    assert inside(chances, level) @ poisson.pmf(counts, mean) == pytest.approx(level, abs=1e-6)


def test_coverage_is_that_of_a_pit_drawn_at_random() -> None:
    random = np.random.default_rng(4)
    counts = random.poisson(2.0, 20_000)
    chances = np.stack([poisson.cdf(counts - 1, 3.0), poisson.cdf(counts, 3.0)])
    pit = random.uniform(chances[0], chances[1])
    share = ((pit > 0.1) & (pit < 0.9)).mean()
    assert inside(chances, 0.8).mean() == pytest.approx(share, abs=0.01)


def test_a_count_outside_all_draws_is_outside() -> None:
    draws = np.arange(100).reshape(100, 1)
    assert inside(cumulative_of_draws(draws, np.array([500.0])), 0.95) == pytest.approx(0)
    assert inside(cumulative_of_draws(draws, np.array([50.5])), 0.95) == pytest.approx(1)


def test_the_scale_is_the_mean_step_from_the_week_before() -> None:
    counts = np.array([[1.0, 2, 3, 4, 5, 6, 7, 2, 2, 6, 4, 99], [0.0] * 12])
    found = naive_errors(counts, 11)
    assert found[0] == pytest.approx((1 + 0 + 3 + 0) / 4)
    assert np.isnan(found[1])


def test_the_histogram_of_a_calibrated_forecast_is_flat() -> None:
    counts = np.random.default_rng(6).poisson(2.5, 100_000)
    chances = np.stack([poisson.cdf(counts - 1, 2.5), poisson.cdf(counts, 2.5)])
    found = pit_histogram(chances, 10)
    assert found == pytest.approx(np.full(10, 0.1), abs=0.004)
    low = pit_histogram(np.stack([poisson.cdf(counts - 1, 1.5), poisson.cdf(counts, 1.5)]), 10)
    assert low[-1] > 2 * low[0]
    assert low.sum() == pytest.approx(1)
