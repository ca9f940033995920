"""Harm: sums by hand, Fieller's interval by search and by simulation."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.optimize import brentq

from analytics.overview.harm import DailyHarm, fieller, harm
from analytics.statistics.two_periods import (
    Significance,
    previous_period,
)

FIRST = date(2024, 1, 1)
DAYS = 700
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = (LAST - timedelta(days=27), LAST)


def daily(weights: np.ndarray, each: float) -> DailyHarm:
    """Days whose incidents all weigh the same."""
    return DailyHarm(FIRST, weights * each, weights * each**2, weights.astype(float))


def test_sums_the_largest_type_and_what_is_left_without_homicide() -> None:
    found = harm(
        daily(np.full(DAYS, 2.0), 100), {"THEFT": 3000, "HOMICIDE": 2600}, NOW,
        previous_period(NOW), "HOMICIDE",
    )  # fmt: skip
    assert (found.days, found.before, found.incidents) == (5600, 5600, 56)
    assert (found.largest, found.largest_days) == ("THEFT", 3000)
    assert found.without_homicide == 3000
    assert found.change == 0
    assert found.verdict == Significance.NOT_SIGNIFICANT
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_a_rise_beyond_the_squares_of_the_weights_is_unlikely_to_be_chance() -> None:
    weights = np.random.default_rng(1).poisson(4, DAYS).astype(float)
    weights[-28:] *= 3
    found = harm(daily(weights, 365), {"ROBBERY": 1}, NOW, previous_period(NOW), "HOMICIDE")
    assert found.verdict == Significance.SIGNIFICANT
    assert found.low is not None
    assert found.low > 0


def test_few_incidents_and_short_histories_get_no_percentage() -> None:
    few = np.zeros(DAYS)
    few[-1] = few[-40] = 1
    found = harm(daily(few, 7300), {"HOMICIDE": 7300}, NOW, previous_period(NOW), "HOMICIDE")
    assert (found.change, found.verdict) == (None, Significance.TOO_FEW)
    rising = np.zeros(DAYS)
    rising[-56:-29:3] = 1  # 9 incidents before, 84 now
    rising[-28:] = 3
    risen = harm(daily(rising, 100), {}, NOW, previous_period(NOW), "")
    assert (risen.before, risen.incidents, risen.change) == (900, 84, None)
    assert risen.verdict is Significance.SIGNIFICANT
    many = daily(np.full(DAYS, 3.0), 10)
    late = DailyHarm(LAST - timedelta(days=59), *(part[-60:] for part in (
        many.weights, many.squares, many.incidents)))  # fmt: skip
    assert harm(late, {}, NOW, previous_period(NOW), "").verdict == Significance.TOO_SHORT
    unknown = harm(late, {}, NOW, (FIRST, FIRST), "")
    assert (unknown.change, unknown.verdict) == (None, Significance.TOO_SHORT)
    after = (LAST + timedelta(days=3_000), LAST + timedelta(days=3_030))
    assert harm(late, {}, after, previous_period(after), "").verdict == Significance.TOO_SHORT


def test_fiellers_ends_are_where_the_difference_reaches_its_limit() -> None:
    """Against a numeric search, for a ratio whose lower sum is well above 0."""
    now, before, variances = 120.0, 100.0, (400.0, 225.0)

    def beyond(ratio: float) -> float:
        spread = np.sqrt(variances[0] + ratio**2 * variances[1])
        return float(abs(now - ratio * before) / spread - 1.96)

    low, high = fieller(now, before, variances, 1.96)
    assert low == pytest.approx(brentq(beyond, 0, 1.2))
    assert high == pytest.approx(brentq(beyond, 1.2, 10))


def test_fiellers_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    """Sums of random weights with a known ratio of 1.5: 95% within two points."""
    random = np.random.default_rng(4)
    held = 0
    for _ in range(2000):
        sums = []
        for mean in (90, 60):
            weights = random.choice([182.0, 365.0, 1460.0], random.poisson(mean))
            sums.append((weights.sum(), (weights**2).sum()))
        (now, one), (before, other) = sums
        low, high = fieller(now, before, (one, other), 1.959964)
        held += low <= 1.5 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.02)
