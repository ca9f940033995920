"""Circular statistics of hours against scipy, analytic cases and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics.temporal.circular import circular_statistics, rayleigh_p

MIDDLES = (np.arange(24) + 0.5) * 2 * np.pi / 24


@pytest.fixture
def counts() -> np.ndarray:
    return np.random.default_rng(4).poisson(40 + 30 * np.cos(MIDDLES - 5.9))


def test_mean_and_spread_are_those_of_scipy_on_single_hours(counts: np.ndarray) -> None:
    hours = np.repeat(np.arange(24) + 0.5, counts)
    found = circular_statistics(counts)
    assert found.mean_h == pytest.approx(stats.circmean(hours, high=24))
    # scipy knows no grouping: its length is sin(a) / a times ours, a = π / 24.
    half = np.pi / 24
    length = np.exp(-((stats.circstd(hours, high=24) * np.pi / 12) ** 2) / 2)
    assert found.resultant == pytest.approx(length * half / np.sin(half))
    assert found.resultant == pytest.approx(1 - stats.circvar(hours, high=24), rel=4e-3)


def test_an_hour_alone_is_its_own_mean_with_the_spread_of_one_hour() -> None:
    counts = np.zeros(24)
    counts[23] = 500
    found = circular_statistics(counts)
    assert found.mean_h == pytest.approx(23.5)
    assert found.resultant == 1.0
    assert found.sd_h == 0.0


def test_grouping_is_undone() -> None:
    # A fine von Mises sample and the same in hours have the same resultant.
    angles = np.random.default_rng(1).vonmises(1.0, 2.0, 200_000) % (2 * np.pi)
    fine = abs(np.exp(1j * angles).mean())
    counts = np.bincount((angles / (2 * np.pi) * 24).astype(int), minlength=24)
    assert circular_statistics(counts).resultant == pytest.approx(fine, abs=2e-4)


def test_an_interval_may_pass_midnight() -> None:
    counts = np.zeros(24)
    counts[[22, 23, 0, 1]] = 3, 8, 8, 3
    found = circular_statistics(counts)
    assert found.mean_h % 24 == pytest.approx(0, abs=1e-9) or found.mean_h == pytest.approx(24)
    assert found.low_h is not None
    assert found.high_h is not None
    assert found.low_h > 23
    assert found.high_h < 1


def test_intervals_cover_the_mean_as_often_as_they_say() -> None:
    random = np.random.default_rng(7)
    density = 1 + 0.5 * np.cos(MIDDLES - 4.0) + 0.2 * np.cos(2 * MIDDLES)
    density /= density.sum()
    true = circular_statistics(density).mean_h
    inside = 0
    for _ in range(1_000):
        found = circular_statistics(random.multinomial(400, density))
        off = (np.array([found.low_h, found.high_h]) - true + 12) % 24 - 12
        inside += bool(off[0] <= 0 <= off[1])
    assert 0.935 <= inside / 1_000 <= 0.968  # 0.95 ± 3 standard errors, rounded


def test_rayleigh_p_is_how_often_chance_does_as_much() -> None:
    # Monte Carlo: 20,000 samples of 30 directions without preference.
    random = np.random.default_rng(3)
    lengths = abs(np.exp(1j * random.uniform(0, 2 * np.pi, (20_000, 30))).mean(axis=1))
    for quantile in (0.5, 0.9, 0.95, 0.99):
        at = float(np.quantile(lengths, quantile))
        assert rayleigh_p(at, 30) == pytest.approx(1 - quantile, abs=0.008)


def test_rayleigh_critical_values_are_the_published_ones() -> None:
    # Zar (2010), table B.34, z = n R² at 5%: 2.959 for n = 20, 2.987 for n = 100.
    for incidents, z in ((20, 2.959), (100, 2.987)):
        assert rayleigh_p(np.sqrt(z / incidents), incidents) == pytest.approx(0.05, abs=4e-4)


def test_overdispersed_counts_say_less(counts: np.ndarray) -> None:
    plain, wide = circular_statistics(counts), circular_statistics(counts, dispersion=4)
    assert plain.mean_h == wide.mean_h
    assert plain.high_h is not None
    assert wide.high_h is not None
    reach = [(one.high_h - one.mean_h) % 24 for one in (plain, wide) if one.high_h is not None]
    assert reach[1] == pytest.approx(2 * reach[0], rel=0.02)
    assert wide.p_uniform > plain.p_uniform


def test_opposed_peaks_have_no_mean() -> None:
    counts = np.zeros(24)
    counts[[2, 14]] = 100
    found = circular_statistics(counts)
    assert found.resultant == pytest.approx(0, abs=1e-12)
    assert found.low_h is None
    assert found.p_uniform == pytest.approx(1)


def test_no_incidents_have_no_direction() -> None:
    found = circular_statistics(np.zeros(24))
    assert found.incidents == 0
    assert np.isnan(found.mean_h)
