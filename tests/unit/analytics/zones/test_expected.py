"""Expected counts of zones: by hand, and their intervals by simulation."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from scipy.stats import norm, t

from analytics.statistics.arrays import Floats
from analytics.zones.expected import (
    CellForecast,
    RollingForecasts,
    interval,
    membership,
    zone_forecasts,
    zone_shares,
)
from analytics.zones.zone_counts import Folds

CUTOFFS = [date(2026, 1, 1 + 7 * fold) for fold in range(4)] + [date(2026, 2, 1), date(2026, 2, 8)]


ALL = np.arange(len(CUTOFFS))
UNKNOWN = np.full(len(CUTOFFS) + 1, np.nan)


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
    found = zone_forecasts(made, shares, shares, happened, ALL, fitted=2, city=UNKNOWN)
    assert found
    # 3 and 5 happened in each fold, where 1.5 and 2.5 were expected.
    # The first zone holds 3/4 of the cell at the corner, the second 1/4 and the one far away.
    ages = [(made.first - cutoff).days / 7 for cutoff in CUTOFFS]
    weeks, common = sum(0.5 ** (age / 8) for age in ages), 8 / 4
    levels = [(weeks * y + 10 * common) / (weeks * e + 10) for y, e in ((3, 1.5), (5, 2.5))]
    assert found.expected.tolist() == pytest.approx(
        [levels[0] * (1.125 + 2.5), levels[1] * (0.375 + 1)]
    )
    assert found.calibration.folds == 2


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
    alone = zone_forecasts(made, shares[:2], shares[:2], happened[:2], ALL, fitted=2, city=UNKNOWN)
    found = zone_forecasts(made, shares, shares, happened, ALL, fitted=2, city=UNKNOWN)
    assert found
    assert alone
    assert found.calibration == alone.calibration
    assert found.expected[:2].tolist() == alone.expected.tolist()
    assert found.expected[0] > 10 > found.expected[1]  # what happened: 20 and 0
    assert found.high[:2].tolist() == alone.high.tolist()


def test_past_forecasts_outside_the_data_are_left_out_and_too_few_give_none() -> None:
    made = forecast([(cutoff, 0, 0, 2.0) for cutoff in CUTOFFS])
    shares, happened = membership(np.zeros(3, dtype=np.int64), 1), np.ones((1, len(CUTOFFS)))
    happened[0, 0] = 400
    found = zone_forecasts(made, shares, shares, happened, ALL[1:], fitted=1, city=UNKNOWN)
    assert found
    # 8 are expected of all cells; past forecasts expected 2, and 1 happened.
    assert found.expected[0] == pytest.approx(4)
    assert found.calibration.folds == 1
    assert zone_forecasts(made, shares, shares, happened, ALL[2:], fitted=1, city=UNKNOWN) is None
    folds = Folds(tuple(CUTOFFS), 7)
    assert folds.within(date(2026, 1, 2), date(2026, 2, 14)) == (1, 2, 3, 4, 5)
    assert folds.within(date(2025, 1, 1), date(2026, 2, 13)) == (0, 1, 2, 3, 4)
    assert folds.within(None, None) == ()


def test_where_anything_is_expected_the_interval_does_not_say_nothing() -> None:
    mean = np.array([0.0, 1e-9, 0.02])
    for dispersion in (0.0, 0.2):
        low, high = interval(mean, mean + dispersion * mean**2)
        assert low.tolist() == [0, 0, 0]
        assert high.tolist() == [0, 1, 1]


def simulated(
    seed: int, zones: int = 30, folds: int = 27, *, shared: float = 0.0, phi: float = 1.0
) -> tuple[Floats, Floats]:
    """Expected and actual counts: zones off by a level of their own, and weeks by one of all."""
    random = np.random.default_rng(seed)
    expected = np.repeat(random.uniform(2, 90, (zones, 1)), folds, axis=1)
    mean = expected * random.gamma(25, 1 / 25, (zones, 1)) * random.normal(1, shared, folds)
    if phi > 1:
        mean = random.gamma(mean / (phi - 1), phi - 1)
    return expected, random.poisson(mean).astype(float)


def test_a_forecast_is_what_its_formula_gives() -> None:
    expected, actual = simulated(1, zones=3, folds=6, shared=0.3)
    found = RollingForecasts.of(expected, actual[:, :5], 2, 7 * np.arange(6))
    means, chance = np.zeros((3, 6)), np.zeros((3, 6))
    for fold in range(2, 6):
        weights = [0.5 ** ((fold - past) / 8) for past in range(fold)]
        a = [sum(w * y for w, y in zip(weights, row, strict=False)) for row in actual]
        b = [sum(w * e for w, e in zip(weights, row, strict=False)) for row in expected]
        common = (a[0] + a[1]) / (b[0] + b[1])
        for zone in range(3):
            behind = a[zone] + 10 * common
            means[zone, fold] = behind / (b[zone] + 10) * expected[zone, fold]
            chance[zone, fold] = means[zone, fold] * (1 + means[zone, fold] / behind)
    assert found.mean(5) == pytest.approx(means[:, 5])
    city = means[:2, 2:5].sum(axis=0)
    factor = actual[:2, 2:5].sum(axis=0) / city
    square = max(((factor - 1) ** 2).mean() - (1 / city).mean(), 0)
    assert square > 0
    assert found.shared(5) == pytest.approx(square**0.5)
    off = (actual[:, 2:5] - factor * means[:, 2:5]) ** 2 / chance[:, 2:5]
    phi = (np.maximum(off.mean(axis=1), 1) + max(off[:2].mean(), 1)) / 2
    student = (t.ppf(0.975, 3) / norm.ppf(0.975)) ** 2
    variance = (phi * chance[:, 5] + square * means[:, 5] ** 2) * student
    assert found.variance(5) == pytest.approx(variance)


def test_the_later_a_forecast_begins_the_less_the_last_folds_say() -> None:
    actual, expected = np.full((2, 20), 10.0), np.full((2, 21), 10.0)
    actual[0, -4:] = 20
    means = []
    for weeks in (1, 26):
        starts = np.append(np.arange(20), 19 + weeks)
        found = RollingForecasts.of(expected, actual, 2, 7 * starts)
        discounts = [0.5 ** ((19 + weeks - fold) / 8) for fold in range(20)]
        a = [sum(d * y for d, y in zip(discounts, row, strict=True)) for row in actual]
        b = 10 * sum(discounts)
        means.append(found.mean(20)[0])
        assert means[-1] == pytest.approx(10 * (a[0] + 10 * sum(a) / (2 * b)) / (b + 10))
    assert means[0] > means[1] > 10


def test_past_forecasts_have_shares_of_what_was_before_them() -> None:
    made = forecast([(cutoff, 0, 0, 8.0) for cutoff in CUTOFFS])
    middles = membership(np.zeros(3, dtype=np.int64), 2)
    later, before = (
        zone_shares(made, counts(rows), middles, fitted=2, whole=False)
        for rows in ([(0, 0, 0, 5), (1, 0, 0, 5)], [(0, 0, 0, 9), (1, 0, 0, 3)])
    )
    happened = np.array([[6.0] * len(CUTOFFS), [2.0] * len(CUTOFFS)])
    found = zone_forecasts(made, later, before, happened, ALL, fitted=2, city=UNKNOWN)
    assert found
    # 3/4 and 1/4 of the 8 expected then came; half of the 1.5 expected next, and all of the rest.
    assert found.expected.tolist() == pytest.approx([0.75 + 2.5 + 4, 0.75])


@pytest.mark.parametrize(("shared", "phi"), [(0.0, 1.0), (0.1, 1.0), (0.1, 2.0)])
def test_intervals_from_earlier_weeks_hold_about_95_percent(shared: float, phi: float) -> None:
    covered, claimed = [], []
    for seed in range(24):
        expected, actual = simulated(seed, shared=shared, phi=phi)
        found = RollingForecasts.of(expected, actual[:, :-1], 30, 7 * np.arange(27))
        low, high = interval(found.mean(26), found.variance(26))
        covered.append(((low <= actual[:, -1]) & (actual[:, -1] <= high)).mean())
        claimed.append(found.coverage())
    # The error that a week shares moves all zones: 24 weeks say less than 720 counts.
    assert np.mean(covered) == pytest.approx(0.955, abs=0.035)
    assert np.mean(claimed) == pytest.approx(0.955, abs=0.02)


def test_the_shared_error_is_found() -> None:
    sizes = [
        RollingForecasts.of(*simulated(seed, folds=41, shared=0.1), 30, 7 * np.arange(41)).shared(
            40
        )
        for seed in range(30)
    ]
    # The level follows the last weeks, so that errors of the forecasts are a little larger.
    assert 0.1 < np.mean(sizes) < 0.115


def test_cells_are_scaled_to_what_the_city_expects() -> None:
    made = forecast([(cutoff, 0, 0, 2.0) for cutoff in CUTOFFS])
    shares, happened = membership(np.zeros(3, dtype=np.int64), 1), np.full((1, len(CUTOFFS)), 40.0)
    city = np.append(np.full(len(CUTOFFS), 40.0), 80.0)
    found = zone_forecasts(made, shares, shares, happened, ALL, fitted=1, city=city)
    # As many as expected in the past, and twice as many ahead; all cells are in the zone.
    assert found
    assert found.expected[0] == pytest.approx(80)
