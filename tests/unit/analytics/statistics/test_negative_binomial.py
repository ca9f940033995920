"""Mid-p values and intervals of the negative binomial, checked by summing its terms."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import poisson

from analytics.statistics.negative_binomial import (
    cumulative,
    mid_interval,
    mid_p,
    mid_tails,
    normal_score,
    quantiles,
)

CASES = [(0.3, 0.5), (2.0, 2.6), (10.0, 14.0), (55.0, 230.0), (400.0, 900.0)]
"""Mean and variance."""


def terms(mean: float, variance: float) -> list[float]:
    """P(X = 0), P(X = 1), … as gamma functions give them."""
    size = mean**2 / (variance - mean)
    chance = mean / variance
    last = int(mean + 20 * variance**0.5) + 20
    return [
        exp(
            lgamma(k + size) - lgamma(size) - lgamma(k + 1)
            + size * log(chance) + k * log(1 - chance)
        )
        for k in range(last)
    ]  # fmt: skip


def brute_force(count: int, mean: float, variance: float) -> float:
    each = terms(mean, variance)
    less = sum(each[:count]) + each[count] / 2
    more = sum(each[count + 1 :]) + each[count] / 2
    return 2 * min(less, more)


@pytest.mark.parametrize(("mean", "variance"), CASES)
def test_mid_p_is_twice_the_smaller_tail_with_half_of_the_count_itself(
    mean: float, variance: float
) -> None:
    counts = np.unique(np.linspace(0, mean + 5 * variance**0.5, 12).astype(int))
    expected = [brute_force(count, mean, variance) for count in counts]
    assert mid_p(counts, mean, variance) == pytest.approx(expected, rel=1e-7)


def test_without_more_variance_than_the_mean_it_is_poisson() -> None:
    counts = np.arange(30)
    less = poisson.cdf(counts - 1, 9.5) + poisson.pmf(counts, 9.5) / 2
    more = poisson.sf(counts, 9.5) + poisson.pmf(counts, 9.5) / 2
    found = mid_tails(counts, 9.5, 9.5)
    assert found[0] == pytest.approx(less, rel=1e-5)
    assert found[1] == pytest.approx(more, rel=1e-5)


@pytest.mark.parametrize(("mean", "variance"), CASES)
def test_the_interval_holds_exactly_the_counts_that_the_test_does_not_refuse(
    mean: float, variance: float
) -> None:
    low, high = mid_interval([mean], [variance], 0.05)[:, 0]
    counts = np.arange(int(mean + 8 * variance**0.5) + 5)
    kept = counts[mid_p(counts, mean, variance) > 0.05]
    assert (low, high) == (kept[0], kept[-1])


def test_a_count_far_out_keeps_its_tail() -> None:
    # 1 − cdf would be 0 here.
    assert 0 < mid_p(300, 50.0, 60.0) < 1e-60


def test_one_of_twenty_is_called_unusual_by_chance() -> None:
    random = np.random.default_rng(3)
    for mean, variance in CASES[2:]:
        size = mean**2 / (variance - mean)
        drawn = random.negative_binomial(size, mean / variance, 200_000)
        assert 0.04 < (mid_p(drawn, mean, variance) <= 0.05).mean() < 0.06


def test_scores_are_normal_variables_with_the_same_tails() -> None:
    less, more = mid_tails([3, 10, 30], 10.0, 14.0)
    scores = normal_score([3, 10, 30], 10.0, 14.0)
    assert ndtr(scores) == pytest.approx(less)
    assert ndtr(-scores) == pytest.approx(more)
    assert scores[0] < 0 < scores[2]


def test_nothing_expected_has_no_probability() -> None:
    assert np.isnan(mid_p([0, 3], [0.0, 0.0], [0.0, 0.0])).all()
    assert np.isnan(mid_interval([0.0], [0.0], 0.05)).all()


@pytest.mark.parametrize(("mean", "variance"), CASES)
def test_quantiles_and_cumulative_chances_are_sums_of_the_terms(
    mean: float, variance: float
) -> None:
    chances = np.cumsum(terms(mean, variance))
    points = [0.025, 0.1, 0.5, 0.9, 0.975]
    expected = [int(np.searchsorted(chances, point)) for point in points]
    assert quantiles(points, mean, variance).tolist() == expected
    counts = np.unique(np.linspace(0, mean + 5 * variance**0.5, 12).astype(int))
    below, upto = cumulative(counts, mean, variance)
    assert upto == pytest.approx(chances[counts], rel=1e-7)
    assert below == pytest.approx([0.0, *chances[counts[1:] - 1]], rel=1e-7)


def test_a_mean_of_zero_has_no_incident() -> None:
    assert quantiles([0.5, 0.99], [0.0, 2.0], [0.0, 2.0])[:, 0].tolist() == [0, 0]
    assert cumulative([0, 3], [0.0, 0.0], [0.0, 0.0]).tolist() == [[0, 1], [1, 1]]
