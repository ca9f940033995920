"""Percentiles of waits agree with SciPy, statsmodels and quantiles, and their intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from analytics.statistics.arrays import Floats
from analytics.statistics.survival import percentiles

SHARES = (0.5, 0.8, 0.9)


def counted(times: Floats, ended: Floats) -> tuple[Floats, Floats, Floats]:
    distinct, at = np.unique(times, return_inverse=True)
    return (
        distinct,
        np.bincount(at, ended, len(distinct)),
        np.bincount(at, ~ended.astype(bool), len(distinct)),
    )


def drawn(size: int, seed: int, *, censored: bool) -> tuple[Floats, Floats]:
    """Lognormal waits in whole seconds, of which some are cut by independent exponential times."""
    generator = np.random.default_rng(seed)
    waits = np.ceil(generator.lognormal(6, 0.8, size))
    cut = np.ceil(generator.exponential(2_000, size)) if censored else np.full(size, np.inf)
    return np.minimum(waits, cut), (waits <= cut).astype(np.float64)


def test_without_open_waits_they_are_the_quantiles_of_the_sample() -> None:
    """Against `numpy.quantile` by the inverted distribution function."""
    times, ended = drawn(501, 3, censored=False)
    found = percentiles(*counted(times, ended), SHARES)
    by_numpy = np.quantile(times, SHARES, method="inverted_cdf")
    assert [one.value for one in found] == by_numpy.tolist()


@pytest.mark.parametrize("size", [40, 400])
def test_with_open_waits_they_agree_with_scipy(size: int) -> None:
    """Against `scipy.stats.ecdf` of right-censored data and its log-log interval."""
    times, ended = drawn(size, 7, censored=True)
    data = stats.CensoredData(uncensored=times[ended == 1], right=times[ended == 0])
    survival = stats.ecdf(data).sf
    with pytest.warns(RuntimeWarning, match="undefined at some observations"):
        interval = survival.confidence_interval(method="log-log")
    found = percentiles(*counted(times, ended), SHARES)
    for one in found:
        for value, curve in (
            (one.value, survival),
            (one.low, interval.low),
            (one.high, interval.high),
        ):
            undefined = np.isnan(curve.probabilities)  # where all or none are left
            shares = np.where(undefined, survival.probabilities, curve.probabilities)
            reached = curve.quantiles[shares <= 1 - one.share]
            assert value == (reached[0] if len(reached) else np.inf)


@pytest.mark.parametrize("size", [40, 400])
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_with_open_waits_they_agree_with_statsmodels(size: int, seed: int) -> None:
    """Against `SurvfuncRight`: its log-log interval inverts a test at the percentile."""
    times, ended = drawn(size, seed, censored=True)
    curve = SurvfuncRight(times, ended)
    for one in percentiles(*counted(times, ended), SHARES):
        assert one.value == curve.quantile(one.share)
        with np.errstate(all="ignore"):  # it divides by 0 where nobody is left
            assert (one.low, one.high) == curve.quantile_ci(one.share)


def test_intervals_hold_as_often_as_they_say() -> None:
    """By simulation: 400 samples of 150 waits with a fifth of them open."""
    truth = np.exp(6 + 0.8 * stats.norm.ppf(0.8))
    inside = 0
    for seed in range(400):
        times, ended = drawn(150, seed, censored=True)
        (one,) = percentiles(*counted(times, ended), (0.8,))
        inside += one.low <= truth + 1 and truth <= one.high
    assert 0.92 <= inside / 400 <= 0.98


def test_a_percentile_that_too_few_reach_is_infinite() -> None:
    (one,) = percentiles([10.0, 20.0], [1.0, 0.0], [0.0, 9.0], (0.5,))
    assert one.value == one.high == np.inf
    (nothing,) = percentiles([], [], [], (0.5,))
    assert nothing.value == np.inf
