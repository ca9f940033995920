"""The season of daily counts, checked with statsmodels and on counts whose season is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.statistics.calendar_days import calendar_days
from analytics.statistics.daily_season import DailySeasons
from analytics.statistics.season_model import level_knots, year_phases

FIRST = date(2014, 1, 1)
DAYS = 4 * 364
SHAPE = np.array([0.8, 0.9, 1.0, 1.0, 1.1, 1.3, 0.9])


def test_effects_of_many_incidents_are_those_of_statsmodels() -> None:
    day = np.arange(DAYS)
    summer = -0.3 * np.cos(2 * np.pi * day / 365.25)
    rates = 5_000 * SHAPE[day % 7] * np.exp(summer)
    counts = np.random.default_rng(1).poisson(rates)
    season = DailySeasons(counts, FIRST, "US", 0).known_on(DAYS)
    _, kinds = calendar_days("US", FIRST, DAYS)
    columns = [
        level_knots(DAYS, 364),
        year_phases(FIRST, day + 0.5),
        kinds[:, kinds.sum(axis=0) >= 2],
        np.eye(7)[day % 7][:, 1:],
    ]
    reference = sm.GLM(counts, np.hstack(columns), family=sm.families.Poisson()).fit().params
    known = reference[5 : 9 + kinds.shape[1]]
    found = np.concatenate([season.harmonics[0], season.calendar[0]])
    assert found == pytest.approx(known, abs=1e-3)


def test_a_season_goes_on_after_the_last_day() -> None:
    day = np.arange(DAYS + 60)
    factor = np.exp(-0.3 * np.cos(2 * np.pi * (day + 0.5) / 365.25))
    counts = np.random.default_rng(2).poisson(400 * factor[:DAYS] * SHAPE[day[:DAYS] % 7])
    seasons = DailySeasons(counts, FIRST, "", 60)
    found = seasons.factors(seasons.known_on(DAYS), DAYS - 182, DAYS + 60)[0]
    expected = factor[DAYS - 182 :]
    assert found / found.mean() == pytest.approx(expected / expected.mean(), abs=0.02)


def test_under_two_years_there_is_no_season() -> None:
    seasons = DailySeasons(np.random.default_rng(3).poisson(9, (2, 727)), FIRST, "US", 28)
    season = seasons.known_on(727)
    assert not season.fitted
    assert (seasons.factors(season, 0, 755) == 1).all()
