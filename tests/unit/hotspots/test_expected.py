"""Expected counts of zones: intervals against simulation and scipy's distributions."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import nbinom, poisson

from analytics.hotspots.expected import (
    CellForecast,
    coverage,
    estimate,
    interval,
    membership,
    zone_forecasts,
)

CUTOFFS = [date(2026, 1, 1 + 7 * fold) for fold in range(4)] + [date(2026, 2, 1), date(2026, 2, 8)]


def forecast(tested: list[tuple[date, int, int, float, int]]) -> CellForecast:
    cells = pl.DataFrame({"col": [0, 1, 5], "row": [0, 0, 0], "expected": [1.5, 2.5, 4.0]})
    schema = ["cutoff", "col", "row", "expected", "incidents"]
    return CellForecast(
        cells, pl.DataFrame(tested, schema=schema, orient="row"), 250, date(2026, 3, 1), 7
    )


def test_a_zone_expects_the_sum_of_its_cells_scaled_as_the_past_came_out() -> None:
    tested = [(cutoff, 0, 0, 2.0, 3) for cutoff in CUTOFFS]
    tested += [(cutoff, 9, 9, 2.0, 5) for cutoff in CUTOFFS]
    made = forecast(tested)
    assert made.centres.tolist() == [[125, 125], [375, 125], [1375, 125], [2375, 2375]]
    zone = np.array([0, 0, -1, 1])
    found = zone_forecasts(made, membership(zone, 2))
    assert found
    assert found.calibration.scale == pytest.approx(8 / 4)
    assert found.expected.tolist() == pytest.approx([2 * (1.5 + 2.5), 0.0])
    assert found.calibration.folds == len(CUTOFFS)


def test_too_few_past_forecasts_give_none() -> None:
    made = forecast([(cutoff, 0, 0, 2.0, 3) for cutoff in CUTOFFS[:4]])
    assert zone_forecasts(made, membership(np.array([0, 0, 0]), 1)) is None


def test_scale_and_dispersion_are_found_in_counts_drawn_with_them() -> None:
    random = np.random.default_rng(3)
    expected = random.uniform(2, 80, size=(60, 40))
    size = 1 / 0.15
    drawn = nbinom.rvs(size, size / (size + 1.3 * expected), random_state=random)
    scale, dispersion = estimate(expected, drawn.astype(float))
    assert scale == pytest.approx(1.3, rel=0.03)
    assert dispersion == pytest.approx(0.15, rel=0.1)


def test_counts_that_vary_by_chance_alone_get_the_poisson_interval() -> None:
    random = np.random.default_rng(5)
    expected = np.full((30, 30), 20.0)
    calm = random.binomial(40, 0.5, size=(30, 30)).astype(float)  # varies less than Poisson
    assert estimate(expected, calm)[1] == 0
    low, high = interval(np.array([20.0]), 0.0)
    assert (low[0], high[0]) == poisson.interval(0.95, 20.0)


def test_the_interval_is_that_of_the_negative_binomial() -> None:
    mean, dispersion = np.array([0.5, 4.0, 60.0]), 0.2
    low, high = interval(mean, dispersion)
    variance = mean + dispersion * mean**2
    p = mean / variance
    np.testing.assert_array_equal(low, nbinom.ppf(0.025, mean * p / (1 - p), p))
    np.testing.assert_array_equal(high, nbinom.ppf(0.975, mean * p / (1 - p), p))


@pytest.mark.parametrize("dispersion", [0.0, 0.1])
def test_intervals_from_other_folds_hold_about_95_percent(dispersion: float) -> None:
    random = np.random.default_rng(11)
    expected = random.uniform(5, 100, size=(50, 26))
    mean = 1.1 * expected
    if dispersion:
        mean = mean * random.gamma(1 / dispersion, dispersion, size=mean.shape)
    assert coverage(expected, random.poisson(mean).astype(float)) == pytest.approx(0.955, abs=0.02)
