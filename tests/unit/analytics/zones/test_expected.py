"""Expected counts of zones: intervals against simulation and scipy's distributions."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from scipy.stats import nbinom, poisson

from analytics.zones.expected import (
    CellForecast,
    coverage,
    estimate,
    interval,
    membership,
    zone_forecasts,
    zone_shares,
)
from analytics.zones.zone_counts import Folds

CUTOFFS = [date(2026, 1, 1 + 7 * fold) for fold in range(4)] + [date(2026, 2, 1), date(2026, 2, 8)]


ALL = np.arange(len(CUTOFFS))


def forecast(tested: list[tuple[date, int, int, float]]) -> CellForecast:
    cells = pl.DataFrame({"col": [0, 1, 5], "row": [0, 0, 0], "expected": [1.5, 2.5, 4.0]})
    past = pl.DataFrame(tested, schema=["cutoff", "col", "row", "expected"], orient="row")
    return CellForecast(cells, past, 250, date(2026, 3, 1), 7)


def counts(rows: list[tuple[int, int, int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["zone", "col", "row", "count"], orient="row")


def nowhere(zones: int, made: CellForecast) -> sparse.csr_array:
    return sparse.csr_array((zones, len(made.numbers)))


def test_a_zone_expects_its_share_of_each_cell_scaled_as_the_past_came_out() -> None:
    tested = [(cutoff, 0, 0, 2.0) for cutoff in CUTOFFS]
    tested += [(cutoff, 9, 9, 2.0) for cutoff in CUTOFFS]
    made = forecast(tested)
    assert made.centers.tolist() == [[125, 125], [375, 125], [1375, 125], [2375, 2375]]
    lying = counts([(0, 0, 0, 30), (1, 0, 0, 10), (0, 1, 0, 5), (-1, 5, 0, 3), (1, 5, 0, 1)])
    middles = membership(np.array([-1, -1, -1, 1]), 2)
    shares = zone_shares(made, lying, middles, fitted=2, whole=False)
    assert shares.toarray().tolist() == [[0.75, 1, 0, 0], [0.25, 0, 0.25, 1]]
    happened = np.array([[3.0] * len(CUTOFFS), [5.0] * len(CUTOFFS)])
    found = zone_forecasts(made, shares, happened, ALL, fitted=2)
    assert found
    assert found.calibration.scale == pytest.approx(8 / 4)
    assert found.expected.tolist() == pytest.approx([2 * (1.125 + 2.5), 2 * (0.375 + 1)])
    assert found.calibration.folds == len(CUTOFFS)


def test_zones_that_partition_the_city_sum_to_its_forecast() -> None:
    made = forecast([(cutoff, 9, 9, 2.0) for cutoff in CUTOFFS])
    # One cell has only incidents without a zone, one has none at all and its middle is in no zone.
    lying = counts([(0, 0, 0, 3), (1, 0, 0, 1), (-1, 0, 0, 4), (-1, 5, 0, 9), (1, 1, 0, 2)])
    shares = zone_shares(made, lying, nowhere(2, made), fitted=2, whole=True)
    assert shares.toarray().tolist() == [[0.75, 0, 0, 0], [0.25, 1, 1, 1]]


def test_added_zones_overlap_the_fitted_and_take_nothing_from_them() -> None:
    made = forecast([(cutoff, 9, 9, 2.0) for cutoff in CUTOFFS])
    lying = counts([(0, 0, 0, 3), (1, 0, 0, 1), (2, 0, 0, 2), (0, 1, 0, 2), (0, 5, 0, 1)])
    shares = zone_shares(made, lying, nowhere(3, made), fitted=2, whole=True)
    assert shares.toarray()[:, 0].tolist() == [0.75, 0.25, 0.5]
    assert shares[:2].sum(axis=0).tolist() == [1, 1, 1, 1]


def test_an_added_zone_moves_the_forecast_of_no_other() -> None:
    cells = pl.DataFrame({"col": [0, 1], "row": [0, 0], "expected": [10.0, 10.0]})
    past = cells.join(pl.DataFrame({"cutoff": CUTOFFS}), how="cross").select(
        "cutoff", "col", "row", "expected"
    )
    made = CellForecast(cells, past, 250, date(2026, 3, 1), 7)
    lying = counts([(0, 0, 0, 20), (1, 1, 0, 20), (2, 0, 0, 10)])
    shares = zone_shares(made, lying, nowhere(3, made), fitted=2, whole=True)
    assert shares.toarray().tolist() == [[1, 0], [0, 1], [0.5, 0]]
    happened = np.repeat([[20.0], [0.0], [20.0]], len(CUTOFFS), axis=1)
    alone = zone_forecasts(made, shares[:2], happened[:2], ALL, fitted=2)
    found = zone_forecasts(made, shares, happened, ALL, fitted=2)
    assert found
    assert alone
    assert found.calibration == alone.calibration
    assert found.calibration.scale == 1
    assert found.expected.tolist() == [10, 10, 5]
    assert found.expected[:2].sum() == cells["expected"].sum()
    assert found.high[:2].tolist() == alone.high.tolist()


def test_past_forecasts_outside_the_data_are_left_out_and_too_few_give_none() -> None:
    made = forecast([(cutoff, 0, 0, 2.0) for cutoff in CUTOFFS])
    shares, happened = membership(np.zeros(3, dtype=np.int64), 1), np.ones((1, len(CUTOFFS)))
    happened[0, 0] = 400
    found = zone_forecasts(made, shares, happened, ALL[1:], fitted=1)
    assert found
    assert (found.calibration.scale, found.calibration.folds) == (0.5, len(CUTOFFS) - 1)
    assert zone_forecasts(made, shares, happened, ALL[2:], fitted=1) is None
    folds = Folds(tuple(CUTOFFS), 7)
    assert folds.within(date(2026, 1, 2), date(2026, 2, 14)) == (1, 2, 3, 4, 5)
    assert folds.within(date(2025, 1, 1), date(2026, 2, 13)) == (0, 1, 2, 3, 4)
    assert folds.within(None, None) == ()


def test_where_anything_is_expected_the_interval_does_not_say_nothing() -> None:
    for dispersion in (0.0, 0.2):
        low, high = interval(np.array([0.0, 1e-9, 0.02]), dispersion)
        assert low.tolist() == [0, 0, 0]
        assert high.tolist() == [0, 1, 1]


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
