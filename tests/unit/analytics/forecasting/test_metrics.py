"""Metrics and intervals against brute force, worked examples and scipy."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import scipy.stats

from analytics.errors import InputError
from analytics.forecasting import metrics
from analytics.statistics.bootstrap import (
    block_length,
    draw,
    interval,
    not_above_zero,
    ratio_interval,
)


def test_chaineys_index_is_hit_rate_over_share_of_area() -> None:
    # Chainey, Tompson & Uhlig (2008): a quarter of the crimes in half of the area is worse than
    # chance, and what covers the whole area scores 1.
    assert metrics.pai(25, 100, 0.5) == 0.5
    assert metrics.pai(100, 100, 1.0) == 1.0
    assert metrics.pai(30, 120, 0.025) == pytest.approx(10.0)


def flagged(rank: np.ndarray, cells: float, **given: np.ndarray) -> np.ndarray:
    """Flagged part of each cell."""
    return metrics.captured(rank, np.eye(len(rank)), [cells], **given)[0]


def test_hunts_index_is_the_share_of_the_best_possible_catch() -> None:
    happened = np.array([5.0, 0, 3, 1, 7])
    expected = np.array([9.0, 8, 2, 1, 0])  # flags cells 0 and 1, best were 4 and 0
    caught = happened @ flagged(expected, 2)
    best = happened @ flagged(happened, 2)
    assert (caught, best) == (5, 12)
    assert metrics.pei(caught, best) == 5 / 12
    pai, best_pai = metrics.pai(caught, 16, 0.4), metrics.pai(best, 16, 0.4)
    assert metrics.pei(caught, best) == pytest.approx(pai / best_pai)  # Hunt: PAI over PAI*


def test_levines_index_compares_growth_inside_with_growth_of_all() -> None:
    # 40 of 200 before, 33 of 220 after: inside 0.825, everywhere 1.1.
    assert metrics.rri(33, 220, 40, 200) == pytest.approx(0.75)
    assert metrics.rri(44, 220, 40, 200) == pytest.approx(1.0)
    assert np.isnan(metrics.rri(1, 10, 0, 10))


@pytest.mark.parametrize("cells", [0.3, 1, 1.5, 2, 2.75, 4, 5.2, 6])
def test_tied_cells_count_as_the_mean_over_all_orders(cells: float) -> None:
    expected = np.array([1.0, 3.0, 1.0, 1.0, 3.0, 0.0])
    happened = np.array([4.0, 1.0, 0.0, 2.0, 6.0, 5.0])
    caught = []
    for order in permutations(range(6)):
        ranked = sorted(order, key=lambda cell: -expected[cell])  # stable: the order breaks ties
        whole = int(cells)
        part = happened[ranked[whole]] * (cells - whole) if whole < 6 else 0
        caught.append(happened[ranked[:whole]].sum() + part)
    shares = flagged(expected, cells)
    assert shares.sum() == pytest.approx(min(cells, 6))
    assert happened @ shares == pytest.approx(np.mean(caught))
    whole = metrics.captured(expected, np.column_stack([happened, shares]), [6, cells])
    assert whole[:, 0] == pytest.approx([18, np.mean(caught)])


def test_the_order_of_cells_changes_nothing() -> None:
    dice = np.random.default_rng(1)
    expected = dice.integers(0, 4, 200).astype(float)
    happened = dice.poisson(1, 200)
    order = dice.permutation(200)
    one = happened @ flagged(expected, 17.3)
    other = happened[order] @ flagged(expected[order], 17.3)
    assert one == pytest.approx(other)


def test_of_groups_each_has_its_own_highest_cells() -> None:
    expected = np.array([9.0, 8, 7, 3, 2, 1])
    groups = np.array([0, 0, 0, 1, 1, -1])
    shares = flagged(expected, 1.5, groups=groups)
    assert shares.tolist() == [1, 0.5, 0, 1, 0.5, 0]


def test_long_streets_take_more_of_the_amount_and_ties_share_it() -> None:
    rank, length = np.array([3.0, 2.0, 2.0, 1.0]), np.array([2.0, 1.0, 3.0, 4.0])
    assert flagged(rank, 4.0, sizes=length) == pytest.approx([1, 0.5, 0.5, 0])
    assert flagged(rank, 8.0, sizes=length) == pytest.approx([1, 1, 1, 0.5])


def test_a_forecast_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        flagged(np.array([1.0, np.nan]), 1)


def test_interval_equals_scipys_percentile_bootstrap() -> None:
    dice = np.random.default_rng(5)
    incidents = dice.poisson(60, 52).astype(float)
    caught = dice.binomial(incidents.astype(int), 0.1).astype(float)
    found = ratio_interval(caught, incidents, resamples=20_000)
    expected = scipy.stats.bootstrap(
        (caught, incidents),
        lambda n, all_, axis: n.sum(axis=axis) / all_.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(8),
    ).confidence_interval
    spread = expected.high - expected.low
    assert found.value == caught.sum() / incidents.sum()
    assert found.low == pytest.approx(expected.low, abs=0.03 * spread)
    assert found.high == pytest.approx(expected.high, abs=0.03 * spread)


def test_blocks_are_runs_of_consecutive_folds() -> None:
    weights = draw(12, block=3, resamples=50).weights
    assert (weights.sum(axis=1) == 12).all()
    picked = draw(30, block=30, resamples=3).weights
    assert (picked == 1).all()  # one block of everything is the sample itself


def test_blocks_widen_the_interval_of_a_correlated_series() -> None:
    dice = np.random.default_rng(2)
    series = np.repeat(dice.normal(size=20), 5)
    assert block_length(series) == 5  # cube root of 100, rounded up
    assert block_length(dice.normal(size=100)) == 1
    ones = np.ones(100)
    narrow = np.std(draw(100).ratio(series, ones))
    wide = np.std(draw(100, block=5).ratio(series, ones))
    assert wide > 1.5 * narrow


def test_a_ratio_is_resampled_in_blocks_where_folds_are_correlated() -> None:
    below = np.full(100, 10.0)
    runs = np.repeat(np.random.default_rng(2).normal(size=20), 5)
    found = ratio_interval(10 * runs, below, seed=4, confidence=0.9)
    draws = draw(100, block=5, seed=4).ratio(10 * runs, below)
    assert (found.low, found.high) == interval(draws, 0.9)
    assert found.p == not_above_zero(draws)
    shifted = ratio_interval(10 * runs, below, seed=4, margin=10.0)
    assert shifted.p == 1 / 10_000
    assert found.over(0.1).low == found.low / 0.1
    assert ratio_interval(np.zeros(9), np.zeros(9), resamples=99, empty=0.0).high == 0
    nothing = ratio_interval(np.zeros(9), np.zeros(9), resamples=99)
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_seed_decides_the_draws() -> None:
    assert (draw(10, seed=3).weights == draw(10, seed=3).weights).all()
    assert (draw(10, seed=3).weights != draw(10, seed=4).weights).any()


def test_p_value_counts_draws_that_are_not_above_zero() -> None:
    assert not_above_zero(np.array([1.0, 2, -1, 0])) == 3 / 5
    assert not_above_zero(np.ones(99)) == 0.01
