"""Concentration and Knox ratios against analytic cases and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.demo.lorenz import close_in_time_share, gini, half_share, knox


def test_half_share_counts_crime_free_places() -> None:
    assert half_share(np.array([50, 30, 20]), 10) == pytest.approx(0.1)
    assert half_share(np.array([25, 25, 25, 25]), 4) == pytest.approx(0.5)


def test_gini_is_zero_for_equal_places_and_near_one_for_a_single_one() -> None:
    assert gini(np.full(50, 3), 50) == pytest.approx(0.0, abs=1e-12)
    assert gini(np.array([7]), 100) == pytest.approx(0.99)


def test_share_of_pairs_close_in_time_equals_brute_force() -> None:
    days = np.random.default_rng(3).integers(100, 190, 300)
    apart = np.abs(days[:, None] - days[None, :])[np.triu_indices(300, 1)]
    assert close_in_time_share(days) == pytest.approx((apart <= 7).mean())


def test_knox_equals_brute_force() -> None:
    rng = np.random.default_rng(5)
    meters = rng.uniform(0, 1_500, (400, 2))
    meters[300:] = meters[:100]
    days = rng.integers(0, 60, 400)
    first, second = np.triu_indices(400, 1)
    away = np.hypot(*(meters[first] - meters[second]).T)
    soon = np.abs(days[first] - days[second]) <= 7
    found = knox(meters, days)
    for band, low, high in (("same", -1, 0.5), ("to_100_m", 0.5, 100), ("to_200_m", 100, 200)):
        near = (away > low) & (away <= high)
        assert found.observed[band] == (near & soon).sum()
        assert found.expected[band] == pytest.approx(near.sum() * soon.mean())
