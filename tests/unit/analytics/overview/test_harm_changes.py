"""What is expected of harm: against counts where weights are equal, and on simulated weights."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import nbinom

from analytics.errors import InputError
from analytics.overview.daily_rows import EVERY, DailyRows
from analytics.overview.harm_changes import HarmRows, harm_changes_of
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.negative_binomial import mid_interval, real_interval
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import Tier

FIRST, DAYS, AREAS = date(2022, 1, 3), 4 * 364, 12
WEIGHTS, SHARES = np.array([10, 100, 1_000, 7_300]), np.array([0.6, 0.3, 0.095, 0.005])
NO_TYPES = pl.DataFrame(schema={"day": pl.Date, "type": pl.String, "area": pl.String, "harm": int})


def town(by_weight: np.ndarray, weights: np.ndarray = WEIGHTS) -> HarmRows:
    """Rows of all and of each area, of incidents of each weight, shape (weights, areas, days)."""
    harm, squares = (np.tensordot(one, by_weight, 1) for one in (weights, weights**2))
    counts = np.concatenate([harm.sum(axis=0, keepdims=True), harm])
    names = [(EVERY, EVERY), *((EVERY, f"{area:02}") for area in range(AREAS))]
    kind = np.zeros(len(names), np.int64)
    rows = DailyRows(names, [EVERY], FIRST, counts, kind, counts[:1].copy())
    return HarmRows(rows, squares.sum(axis=0, keepdims=True).astype(float), NO_TYPES, "US")


def drawn(seed: int, each: float = 3.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.poisson(each * SHARES[:, None, None], (len(SHARES), AREAS, DAYS))


def test_harm_of_equal_weights_is_judged_as_its_count() -> None:
    counts = np.random.default_rng(1).poisson(2.0, (1, AREAS, DAYS))
    table = town(counts, np.array([250]))
    found = table.judged(DAYS - 28, 28, range(AREAS + 1))
    rows = np.concatenate([counts[0].sum(axis=0, keepdims=True), counts[0]])
    seasons = SeasonModel(rows[0], FIRST, "US")
    alone = expected_counts(CountedRows.of(rows, table.rows.kind), seasons, DAYS - 28, 28)
    assert table.units(DAYS - 28) == pytest.approx([250])
    assert found.harm == pytest.approx(250 * alone.counts)
    assert found.expected == pytest.approx(250 * alone.expected)
    assert found.p == pytest.approx(alone.p)
    assert (found.low / 250 <= alone.low + 1e-6).all()
    assert (found.high / 250 >= alone.high - 1e-6).all()
    assert (np.abs(found.high / 250 - alone.high) < 1).all()


def test_the_unit_is_the_mean_weight_by_weight() -> None:
    unit = town(drawn(3, 200.0)).units(DAYS - 28)[0]
    expected = (SHARES * WEIGHTS**2).sum() / (SHARES * WEIGHTS).sum()
    assert unit == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("days", [28, 91])
def test_intervals_hold_95_percent_of_simulated_harm(days: int) -> None:
    """Weights from 10 to 7,300 days, of which the heaviest are one in 200 and a third of harm."""
    above = below = tests = 0
    for seed in range(60):
        found = town(drawn(seed)).judged(DAYS - days, days, range(1, AREAS + 1))
        assert not np.isnan(found.p).any()
        above += int((found.harm > found.high).sum())
        below += int((found.harm < found.low).sum())
        tests += AREAS
    assert 0.005 <= above / tests <= 0.05
    assert below / tests <= 0.035
    assert (above + below) / tests <= 0.065


def test_harm_that_doubles_is_clear_and_names_its_largest_contributor() -> None:
    made = drawn(8, 20.0)
    made[:3, 4, -28:] *= 2
    table = town(made)
    last = pl.date_range(date(2025, 12, 1), date(2025, 12, 1), eager=True)[0]
    types = pl.DataFrame(
        {
            "day": [last] * 3,
            "type": ["HOMICIDE", "ROBBERY", "THEFT"],
            "area": ["04", "04", "05"],
            "harm": [7_300, 9_000, 20],
        }
    )
    table = HarmRows(table.rows, table.squares, types, "US")
    found = harm_changes_of(table, 28, by_type=False, by_area=True)
    first = found.rows[0]
    assert (first.area, first.tier) == ("04", Tier.CLEAR)
    assert (first.largest, first.largest_days, first.without_homicide) == ("ROBBERY", 9_000, 9_000)
    assert first.harm == 16_300


def test_too_little_history_is_said() -> None:
    table = town(drawn(2)[:, :, :DAYS])
    with pytest.raises(InputError, match="needs 2 such periods"):
        harm_changes_of(table, 600, by_type=False, by_area=True)


def test_intervals_of_reals_agree_with_those_of_whole_counts_and_with_scipy() -> None:
    mean = np.array([0.3, 2.0, 17.0, 400.0])
    variance = mean * np.array([1.2, 2.0, 3.0, 9.0])
    low, high = real_interval(mean, variance, 0.05)
    whole_low, whole_high = mid_interval(mean, variance, 0.05)
    assert (low <= whole_low).all()
    assert (whole_low - low <= 1).all()
    assert (high >= whole_high).all()
    assert (high - whole_high <= 1).all()
    size, chance = mean**2 / (variance - mean), mean / variance
    at = np.floor(high)
    tails = [
        nbinom.sf(one, size, chance) + nbinom.pmf(one, size, chance) / 2 for one in (at, at + 1)
    ]
    assert (tails[0] >= 0.025 - 1e-9).all()
    assert (tails[1] <= 0.025 + 1e-9).all()
    assert np.isnan(real_interval([np.nan], [1.0], 0.05)).all()
