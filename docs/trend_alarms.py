"""Print the table of docs/methods.md on false trends and power of the Mann-Kendall test.

Run: python docs/trend_alarms.py [series]. Each series is autoregressive of order one, with standard
deviation 1: alone it has no trend, and each one that is found is false. The planted trend rises by
`RISE` from the first period to the last.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from analytics.hotspots.emerging import MIN_PERIODS, mann_kendall
from analytics.hotspots.surface_methods import USUAL_PERIODS
from analytics.statistics.arrays import Floats
from analytics.statistics.level import LEVEL

PERIODS = (MIN_PERIODS, USUAL_PERIODS, 52)
AUTOCORRELATIONS = (0.0, 0.3, 0.5, 0.7)
RISE = 3.0
WARM_UP = 200
TESTS = ("without correction", "Hamed & Rao as published", "as used")


def main(number: int) -> None:
    print("| periods | | test | " + " | ".join(f"AR {rho:g}" for rho in AUTOCORRELATIONS) + " |")
    print("| --- " * (3 + len(AUTOCORRELATIONS)) + "|")
    for periods in PERIODS:
        for name, rise in (("false trends", 0.0), (f"rise of {RISE:g} found", RISE)):
            columns = [_shares(periods, rho, rise, number) for rho in AUTOCORRELATIONS]
            for test, shares in zip(TESTS, zip(*columns, strict=True), strict=True):
                cells = " | ".join(f"{100 * share:.1f}%" for share in shares)
                print(f"| {periods} | {name} | {test} | {cells} |")


def autoregressive(periods: int, rho: float, rise: float, number: int, seed: int) -> Floats:
    """Series of standard deviation 1 around a line that rises; shape (number, periods)."""
    noise = np.random.default_rng(seed).standard_normal((number, periods + WARM_UP))
    series = lfilter([1.0], [1.0, -rho], noise, axis=1)[:, WARM_UP:] * np.sqrt(1 - rho**2)
    return np.asarray(series + np.linspace(0, rise, periods))


def independent_variance(periods: int) -> float:
    """Variance of S for independent values without ties."""
    return periods * (periods - 1) * (2 * periods + 5) / 18


def published_factors(series: Floats) -> Floats:
    """Hamed & Rao's factor: Sen's slope taken out, autocorrelations of ranks where significant."""
    periods = series.shape[1]
    early, late = np.triu_indices(periods, 1)
    slope = np.median((series[:, late] - series[:, early]) / (late - early), axis=1)
    ranks = rankdata(series - slope[:, None] * np.arange(periods), axis=1) - (periods + 1) / 2
    squares = (ranks**2).sum(axis=1)
    least = ndtri(1 - LEVEL / 2) / np.sqrt(periods)
    factor = np.ones(len(series))
    for lag in range(1, periods):
        rho = (ranks[:, lag:] * ranks[:, :-lag]).sum(axis=1) / squares
        weight = (periods - lag) * (periods - lag - 1) * (periods - lag - 2)
        share = 2 * weight / (periods * (periods - 1) * (periods - 2))
        factor += np.where(np.abs(rho) > least, rho, 0.0) * share
    return factor


def _shares(periods: int, rho: float, rise: float, number: int) -> tuple[float, float, float]:
    """Share of series with a trend by each test."""
    series = autoregressive(periods, rho, rise, number, seed=1)
    s = sum(np.sign(series[:, lag:] - series[:, :-lag]).sum(axis=1) for lag in range(1, periods))
    z = (s - np.sign(s)) / np.sqrt(independent_variance(periods))
    factors = published_factors(series)
    published = np.where(factors > 0, z / np.sqrt(np.where(factors > 0, factors, 1)), np.inf)
    p = (2 * ndtr(-np.abs(z)), 2 * ndtr(-np.abs(published)), mann_kendall(series)[1])
    return tuple(float(np.mean(one <= LEVEL)) for one in p)  # type: ignore[return-value]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
