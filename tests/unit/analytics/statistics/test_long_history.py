"""Expected counts over 20 simulated years with a trend, and with breaks as of a pandemic."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.season_model import SeasonModel

DAYS, YEAR = 20 * 365, 365
BREAK = 12 * YEAR
QUARTER = 91
SEEDS, ROWS = 3, 40


def city(change: float, years: int, seed: int) -> np.ndarray:
    """Rows of 0.4 to 15 incidents a day: 2% fewer a year, a season, a spell 10% up or down.

    From the break on there are `change` times as many, for some years.
    """
    random = np.random.default_rng(seed)
    days = np.arange(DAYS)
    broken = np.ones(DAYS)
    broken[BREAK : BREAK + years * YEAR] = change
    mean = random.choice([0.4, 1, 4, 15], (ROWS, 1)) * np.exp(-0.02 * days / YEAR)
    mean = mean * (1 - 0.25 * np.cos(2 * np.pi * days / 365.25)) * broken
    spells = random.gamma(100, 1 / 100, (ROWS, DAYS // 28 + 1)).repeat(28, axis=1)
    return random.poisson(mean * spells[:, :DAYS])


def beyond(change: float, years: int, quarters: list[int], days: int) -> np.ndarray:
    """Shares of rows above and below their interval in windows after the break, by quarter."""
    found = np.zeros((len(quarters), 2))
    for seed in range(SEEDS):
        counts = city(change, years, seed)
        seasons = SeasonModel(counts.sum(axis=0), date(2006, 1, 1), "US")
        rows = CountedRows.of(counts, np.zeros(ROWS, int))
        for at, quarter in enumerate(quarters):
            made = expected_counts(rows, seasons, BREAK + quarter * QUARTER, days)
            known = ~np.isnan(made.p)
            assert known.all()
            found[at] += np.mean(made.counts > made.high), np.mean(made.counts < made.low)
    return found / SEEDS


@pytest.mark.parametrize("days", [7, 28, 91])
def test_a_trend_of_twenty_years_brings_no_false_alarms(days: int) -> None:
    found = beyond(1.0, 1, list(range(-12, 28, 3)), days)
    above, below = found.mean(axis=0)
    assert above + below <= 0.065
    assert max(above, below) <= 0.04


@pytest.mark.parametrize("days", [7, 28])
def test_a_year_forty_percent_lower_is_seen_at_once_both_times_and_forgotten_in_two_quarters(
    days: int,
) -> None:
    quarters = [-4, -3, -2, -1, 0, 2, 3, 4, 6, 7, 8, 9, 12, 20, 27]
    found = dict(zip(quarters, beyond(0.6, 1, quarters, days), strict=True))
    assert found[0][1] >= 0.25  # the fall
    assert found[4][0] >= 0.25  # the return
    quiet = [one for quarter, one in found.items() if quarter not in (0, 4)]
    assert np.mean(quiet, axis=0).sum() <= 0.065
    assert max(one.sum() for one in quiet) <= 0.12  # 120 rows: 5% and three standard errors


@pytest.mark.parametrize("change", [0.6, 1.4])
def test_a_lasting_change_of_level_is_seen_at_once_and_becomes_the_level(change: float) -> None:
    quarters = [0, 2, 3, 4, 8, 16, 27]
    found = dict(zip(quarters, beyond(change, 8, quarters, 28), strict=True))
    assert found[0][1 if change < 1 else 0] >= 0.35
    later = [one for quarter, one in found.items() if quarter]
    assert np.mean(later, axis=0).sum() <= 0.065
