"""The rule of demand, against brute force and on simulated cities."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.forecasting.demand.seasonal_level import (
    AREA_WEEKS,
    CELL_WEEKS,
    CITY_WEEKS,
    LEVEL_INCIDENTS,
    SHAPE_INCIDENTS,
    SHAPE_WEEKS,
    seasonal_level,
    weekday_shapes,
)
from analytics.statistics.arrays import Floats
from tests.unit.analytics.forecasting.demand.simulated import (
    DAYS,
    FIRST,
    WEEK_SHAPE,
    poisson_panel,
    rates,
)


def by_hand(counts: Floats, origin: int, horizon: int) -> Floats:
    """The rule of less than two years of days, where there is no season, in plain loops."""
    areas, shifts, _ = counts.shape
    shape = np.zeros((areas, shifts, 7))

    def weight(day: int, half_life: int) -> float:
        return float(0.5 ** (((origin - 1 - day) // 7 + 1) / half_life))

    for shift in range(shifts):
        own, exposure = np.zeros((areas, 7)), np.zeros(7)
        for day in range(origin):
            own[:, day % 7] += weight(day, SHAPE_WEEKS) * counts[:, shift, day]
            exposure[day % 7] += weight(day, SHAPE_WEEKS)
        city = own.sum(axis=0) / exposure
        city /= city.mean()
        for area in range(areas):
            expected = own[area].sum() * city * exposure / (city * exposure).sum()
            found = city * (own[area] + SHAPE_INCIDENTS) / (expected + SHAPE_INCIDENTS)
            shape[area, shift] = found / found.mean()

    def sums(half_life: int) -> tuple[Floats, Floats]:
        counted, usual = np.zeros((areas, shifts)), np.zeros((areas, shifts))
        for day in range(origin):
            counted += weight(day, half_life) * counts[:, :, day]
            usual += weight(day, half_life) * shape[:, :, day % 7]
        return counted, usual

    counted, usual = sums(CELL_WEEKS)
    level = counted / usual
    k = LEVEL_INCIDENTS
    counted, usual = sums(AREA_WEEKS)
    usual = level * usual
    level *= ((counted.sum(axis=1) + k) / (usual.sum(axis=1) + k))[:, None]
    counted, usual = sums(CITY_WEEKS)
    usual = level * usual
    level *= (counted.sum(axis=0) + k) / (usual.sum(axis=0) + k)
    days = origin + np.arange(horizon)
    return np.asarray(level[:, :, None] * shape[:, :, days % 7])


def test_without_a_season_it_is_what_loops_give() -> None:
    panel = poisson_panel(rates(areas=3, shifts=2, days=200, level=3.0))
    found = seasonal_level(panel, [150, 173], 10)
    for place, origin in enumerate((150, 173)):
        assert found[place] == pytest.approx(by_hand(panel.counts, origin, 10))


def test_a_city_that_goes_on_is_forecast_within_noise() -> None:
    expected = rates(level=30.0)
    found = seasonal_level(poisson_panel(expected), [DAYS - 28], 28)[0]
    off = found / expected[:, :, -28:] - 1
    assert np.sqrt((off**2).mean()) < 0.04
    assert abs(found.sum() / expected[:, :, -28:].sum() - 1) < 0.02


def test_nothing_of_the_future_is_used() -> None:
    panel = poisson_panel(rates(), country="US")
    origins = [800, 828]
    whole = seasonal_level(panel, origins, 28)
    assert np.array_equal(seasonal_level(panel.until(828), origins, 28), whole)
    changed = poisson_panel(rates(), country="US")
    changed.counts[:, :, 828:] = 999
    assert np.array_equal(seasonal_level(changed, origins, 28), whole)


def test_a_city_that_falls_by_40_percent_is_followed_within_eleven_weeks() -> None:
    expected = rates(areas=22)
    broken = 1_200
    expected[:, :, broken:] *= 0.6
    biases = []
    for seed in range(4):
        found = seasonal_level(poisson_panel(expected, seed), [broken + 77], 28)[0]
        happened = expected[:, :, broken + 77 : broken + 105]
        biases.append(found.sum() / happened.sum() - 1)
    assert abs(np.mean(biases)) < 0.04


def test_a_single_area_that_falls_is_followed_within_months_and_the_others_stay() -> None:
    expected = rates(areas=22, level=20.0)
    broken, weeks = 1_100, 24
    expected[4, :, broken:] *= 0.6
    origin = broken + 7 * weeks
    found = seasonal_level(poisson_panel(expected), [origin], 28)[0]
    off = (found / expected[:, :, origin : origin + 28]).mean(axis=(1, 2)) - 1
    assert abs(off[4]) < 0.12
    assert np.abs(np.delete(off, 4)).max() < 0.08


def test_a_holiday_has_its_own_level() -> None:
    expected = rates(level=40.0)
    christmas = [(date(year, 12, 25) - FIRST).days for year in range(2014, 2018)]
    expected[:, :, christmas] *= 0.6
    found = seasonal_level(poisson_panel(expected, country="US"), [DAYS - 10], 28)[0]
    at = christmas[-1] - (DAYS - 10)
    assert 0 <= at < 10
    usual = found[:, :, at - 1].sum() * WEEK_SHAPE[christmas[-1] % 7]
    usual /= WEEK_SHAPE[(christmas[-1] - 1) % 7]
    assert found[:, :, at].sum() / usual == pytest.approx(0.6, abs=0.06)


def test_weekday_shapes_of_a_silent_cell_are_those_of_the_city() -> None:
    counts = np.zeros((2, 1, 7))
    counts[1, 0] = 1_000 * WEEK_SHAPE
    season = np.full((1, 7), 52.0)
    shapes = weekday_shapes(counts, season)
    assert shapes[0, 0] == pytest.approx(WEEK_SHAPE / WEEK_SHAPE.mean())
    assert shapes.mean(axis=2) == pytest.approx(1.0)


def test_a_city_without_incidents_expects_none() -> None:
    panel = poisson_panel(np.zeros((2, 3, 300)))
    assert not seasonal_level(panel, [200], 7).any()
