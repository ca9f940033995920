"""Intervals of unit-hours hold as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.calls.workload import _means
from analytics.statistics.bootstrap import draw


@pytest.mark.parametrize(("blocks", "days"), [(21, 1), (26, 7)])
def test_intervals_of_means_hold_as_often_as_they_say(blocks: int, days: int) -> None:
    """By simulation: 200 samples of skewed hours; 26 weeks, or three weeks day by day."""
    generator = np.random.default_rng(4)
    hours = generator.gamma(3.0, 2.0 * days / 3, (blocks, 200))
    counted = np.full(hours.shape, float(days))
    inside = [
        mean.low is not None and mean.high is not None and mean.low <= 2.0 <= mean.high
        for mean in _means(hours, counted, draw(blocks))
    ]
    assert 0.88 <= np.mean(inside) <= 0.98


def test_a_mean_is_over_the_days_that_count() -> None:
    hours = np.array([[6.0, 0.0], [2.0, 4.0]])
    counted = np.array([[1.0, 1.0], [1.0, 0.0]])
    assert [mean.value for mean in _means(hours, counted, None)] == [4.0, 4.0]
    assert all(mean.low is None for mean in _means(hours, counted, None))
