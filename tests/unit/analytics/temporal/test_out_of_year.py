"""R² of years predicted from others: shuffled weeks, planted parts, and a second way to compute."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

from analytics.statistics.arrays import Floats
from analytics.temporal.out_of_year import predict_years
from analytics.temporal.series import CYCLE, PERIOD, Step

YEAR, TURN = PERIOD["week"], CYCLE["week"]


def weeks(years: int, season: float, rise: float, seed: int) -> Floats:
    """Poisson counts of mean 100, a season of an amplitude and a rise a year."""
    at = np.arange(years * YEAR)
    rate = 100 + season * np.sin(2 * np.pi * at / TURN) + rise * at / YEAR
    return np.random.default_rng(seed).poisson(rate).astype(float)


def test_shuffled_weeks_have_neither_trend_nor_season() -> None:
    random = np.random.default_rng(0)
    series = weeks(5, 30, 10, seed=1)
    found = [predict_years(random.permutation(series), YEAR, TURN) for _ in range(100)]
    parts = np.array([(one.trend, one.season) for one in found if one is not None])
    assert len(parts) == 100
    assert (parts.mean(axis=0) < 0).all()
    assert (parts.max(axis=0) < 0.1).all()


def test_planted_parts_have_the_r_squared_of_their_variance() -> None:
    seasonal, rising = (
        predict_years(weeks(6, *planted, seed=2), YEAR, TURN) for planted in ((20, 0), (0, 15))
    )
    assert seasonal is not None
    assert rising is not None
    assert seasonal.years == 6
    assert seasonal.season == pytest.approx(200 / (200 + 100), abs=0.05)
    assert seasonal.trend < 0.05
    assert rising.trend > 0.8
    assert rising.season < 0.05


@pytest.mark.parametrize("step", ["week", "month"])
def test_it_is_what_cross_validation_of_scikit_learn_gives(step: Step) -> None:
    year, cycle = PERIOD[step], CYCLE[step]
    steps = np.arange(4 * year)
    values = np.random.default_rng(4).normal(5 * np.cos(2 * np.pi * steps / cycle) + steps / year)
    angles = 2 * np.pi * np.outer(steps, (1, 2, 3)) / cycle
    waves, line = np.column_stack([np.cos(angles), np.sin(angles)]), steps[:, None]
    groups = steps // year

    def errors(columns: Floats) -> Floats:
        folds = LeaveOneGroupOut().split(columns, groups=groups)
        made = cross_val_predict(LinearRegression(), columns, values, cv=list(folds))
        return np.asarray(values - made).reshape(4, year)

    both, flat, seasonless = errors(np.column_stack([waves, line])), errors(waves), errors(line)

    def square(part: Floats) -> float:
        return float((part**2).sum())

    found = predict_years(values, year, cycle)
    assert found is not None
    assert found.trend == pytest.approx(1 - square(both) / square(flat))
    within = both.var(axis=1).sum() / seasonless.var(axis=1).sum()
    assert found.season == pytest.approx(1 - within)


def test_under_three_whole_years_and_without_change_nothing_is_claimed() -> None:
    assert predict_years(weeks(3, 20, 0, seed=3)[1:], YEAR, TURN) is None
    flat = predict_years(np.full(3 * YEAR, 7.0), YEAR, TURN)
    assert flat is not None
    assert (flat.trend, flat.season) == (0.0, 0.0)
