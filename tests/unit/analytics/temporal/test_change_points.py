"""Changes of level: brute force over all partitions, the Nile, false alarms, coverage."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from statsmodels.datasets import nile

from analytics.temporal.change_points import _largest_gain, change_points, noise, partition


def cost(values: np.ndarray, cuts: tuple[int, ...], penalty: float) -> float:
    borders = [0, *cuts, len(values)]
    levels = [values[i:j] for i, j in pairwise(borders)]
    return sum(float(((level - level.mean()) ** 2).sum()) for level in levels) + penalty * len(cuts)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shortest", [1, 2, 3])
def test_the_partition_is_the_best_of_all(seed: int, shortest: int) -> None:
    # Brute force: every set of cuts of 11 steps.
    random = np.random.default_rng(seed)
    values = random.normal(size=11) + np.repeat([0, 2.5, 1], [4, 4, 3])
    possible = [
        cuts
        for size in range(11)
        for cuts in combinations(range(1, 11), size)
        if min(np.diff([0, *cuts, 11])) >= shortest
    ]
    best = min(possible, key=lambda cuts: cost(values, cuts, 1.5))
    assert partition(values, 1.5, shortest) == list(best)


def test_the_nile_falls_in_1899() -> None:
    # Cobb 1978, Biometrika 65: the flow at Aswan fell after 1898; a single change.
    flow = nile.load_pandas().data
    found = change_points(flow["volume"].to_numpy())
    assert found is not None
    (change,) = found.changes
    assert int(flow["year"][change.at]) == 1899
    assert change.p <= 0.005
    assert change.before == pytest.approx(1097.75, abs=0.01)
    assert change.after == pytest.approx(849.97, abs=0.01)
    assert change.low < change.change < change.high < 0


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_unchanging_series_show_a_change_in_one_of_twenty(correlation: float) -> None:
    random = np.random.default_rng(11)
    alarms = 0
    for number in range(300):
        rate = np.zeros(150)
        shocks = random.normal(0, 0.08 * np.sqrt(1 - correlation**2), 150)
        for step in range(1, 150):
            rate[step] = correlation * rate[step - 1] + shocks[step]
        counts = random.poisson(200 * np.exp(rate))
        found = change_points(counts, draws=199, seed=number)
        assert found is not None
        alarms += bool(found.changes)
    # 0.05 ± 3 standard errors; the autocorrelation is itself an estimate.
    assert alarms / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_a_change_is_found_where_it_is_and_its_interval_covers_it() -> None:
    random = np.random.default_rng(12)
    found, covered, sized = 0, 0, 0
    for number in range(200):
        counts = np.concatenate([random.poisson(100, 70), random.poisson(118, 60)])
        changes = change_points(counts, draws=199, seed=number)
        assert changes is not None
        if len(changes.changes) == 1:
            (change,) = changes.changes
            found += 1
            covered += change.earliest <= 70 <= change.latest
            sized += change.low <= 0.18 <= change.high
    assert found >= 170
    assert covered / found >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / found)
    assert sized / found >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / found)


def test_the_noise_is_not_fooled_by_a_change_of_level() -> None:
    random = np.random.default_rng(13)
    series = np.zeros((50, 2_000))
    shocks = random.normal(size=series.shape)
    for step in range(1, 2_000):
        series[:, step] = 0.4 * series[:, step - 1] + shocks[:, step]
    series[:, 1_000:] += 1.5  # 1.4 standard deviations
    correlation, long_run = noise(series)
    assert correlation.mean() == pytest.approx(0.4, abs=0.02)
    assert long_run.mean() == pytest.approx(1 / 0.6, rel=0.1)  # σ / (1 − ρ)


def test_a_change_is_found_under_a_season() -> None:
    random = np.random.default_rng(15)
    season = 1 + 0.25 * np.sin(2 * np.pi * np.arange(260) / 52.18)
    level = np.where(np.arange(260) < 150, 100, 118)
    found = change_points(random.poisson(season * level), cycle=52.18)
    assert found is not None
    (change,) = found.changes
    assert change.earliest <= 150 <= change.latest
    assert change.low <= 0.18 <= change.high
    assert np.corrcoef(found.adjusted, level)[0, 1] > 0.6


def test_levels_are_the_means_between_changes() -> None:
    counts = np.concatenate([np.tile([48, 52], 20), np.tile([88, 92], 20)])
    found = change_points(counts)
    assert found is not None
    assert [change.at for change in found.changes] == [40]
    assert found.levels.tolist() == pytest.approx([50.0] * 40 + [90.0] * 40)
    assert found.changes[0].change == pytest.approx(0.8)


@pytest.mark.parametrize(("steps", "level"), [(260, 1.0), (260, 200.0), (39, 1.0)])
def test_unchanging_counts_rarely_show_a_change_however_few_or_long(
    steps: int, level: float
) -> None:
    # As few incidents as are searched, and five years of weeks.
    random = np.random.default_rng(19)
    series = [counts for _ in range(300) if (counts := random.poisson(level, steps)).sum() >= steps]
    found = [change_points(counts, draws=199, seed=at) for at, counts in enumerate(series)]
    alarms = sum(bool(one and one.changes) for one in found)
    # 5% ± 2.5 standard errors.
    assert alarms / len(series) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / len(series))


@pytest.mark.parametrize("seed", range(8))
def test_the_largest_gain_is_the_penalty_from_which_no_change_is_found(seed: int) -> None:
    # Fourteen steps in levels of four or more have two changes at most.
    values = np.random.default_rng(seed).normal(size=14)
    (gain,) = _largest_gain(values[None, :], 4)
    assert partition(values, gain * 1.0001, 4) == []
    assert partition(values, gain * 0.9999, 4) != []


def test_short_sparse_or_constant_series_are_not_searched() -> None:
    assert change_points(np.arange(20)) is None
    assert change_points(np.full(60, 7)) is None
    one = np.zeros(260)
    one[100] = 1
    assert change_points(one) is None
    daily = np.tile([0.5, 1.5], 30) / 30  # rates: 60 incidents in 60 months
    assert change_points(daily, incidents=60) is not None
    assert change_points(daily, incidents=59) is None


def test_the_same_seed_says_the_same() -> None:
    counts = np.random.default_rng(14).poisson(30, 100)
    counts[50:] += 15
    assert change_points(counts, seed=3).changes == change_points(counts, seed=3).changes  # type: ignore[union-attr]
