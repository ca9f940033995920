"""Seasons, checked with statsmodels and on counts whose season is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.season_model import (
    FEWEST_WEEKS,
    LEVEL_SPREAD,
    SPREAD,
    SeasonModel,
    fit_poisson,
    level_knots,
)

FIRST = date(2014, 1, 1)
DAYS = 4 * 364 + 100
DATES = [FIRST + timedelta(days=at) for at in range(DAYS)]
YEAR = 2 * np.pi * (np.array([day.timetuple().tm_yday for day in DATES]) - 0.5) / 365.25
SUMMER = np.exp(-0.25 * np.cos(YEAR))


def city(rates: Floats, seed: int = 1) -> Ints:
    return np.random.default_rng(seed).poisson(np.atleast_2d(rates))


def design(weeks: int, seed: int = 2) -> tuple[Floats, Floats]:
    """Effects and levels as a fit sees them."""
    random = np.random.default_rng(seed)
    turns = 2 * np.pi * np.arange(weeks) / 52.18
    first = random.integers(0, 2, weeks)
    effects = np.stack([np.sin(turns), np.cos(turns), first], axis=1)
    return effects.astype(np.float64), level_knots(weeks)


def test_effects_of_many_incidents_are_those_of_statsmodels() -> None:
    effects, levels = design(208)
    true = np.array([0.2, -0.3, 0.15])
    rates = np.exp(effects @ true + levels @ np.log([900, 1100, 800, 1200, 1000]))
    counts = np.random.default_rng(4).poisson(rates)
    reference = sm.GLM(counts, np.hstack([levels, effects]), family=sm.families.Poisson()).fit()
    found = fit_poisson(counts[None].astype(float), effects, levels)[0]
    assert found == pytest.approx(reference.params[5:], abs=2e-4)
    assert found == pytest.approx(true, abs=4 * reference.bse[5:].max())


@pytest.mark.parametrize("rate", [0.2, 3.0, 60.0])
def test_the_ridge_is_that_of_statsmodels(rate: float) -> None:
    effects, levels = design(156)
    counts = np.random.default_rng(5).poisson(rate * np.exp(0.4 * effects[:, 0]))
    ridge = np.repeat([LEVEL_SPREAD, SPREAD], [levels.shape[1], effects.shape[1]]) ** -2.0
    model = sm.GLM(
        counts,
        np.hstack([levels, effects]),
        family=sm.families.Poisson(),
        offset=np.full(len(counts), np.log(counts.mean())),
    )
    reference = model.fit_regularized(
        alpha=ridge / len(counts), L1_wt=0.0, cnvrg_tol=1e-12, maxiter=5_000
    )
    found = fit_poisson(counts[None].astype(float), effects, levels)[0]
    assert found == pytest.approx(reference.params[levels.shape[1] :], abs=1e-3)


def test_a_level_bends_once_a_year_and_is_whole_everywhere() -> None:
    knots = level_knots(208)
    assert knots.shape == (208, 5)
    assert knots.sum(axis=1) == pytest.approx(1.0)
    assert knots[52].argmax() == knots[51].argmax() == 1
    bends = np.abs(np.diff(knots @ [0.0, 1.0, 0.0, 2.0, 1.0], n=2)) > 1e-9
    assert {int(at) // 52 for at in np.flatnonzero(bends) + 2} == {1, 2, 3}


def test_all_series_at_once_are_fitted_as_each_by_itself() -> None:
    effects, levels = design(156)
    counts = np.random.default_rng(6).poisson([[5.0], [50.0], [0.0]], (3, 156)).astype(float)
    together = fit_poisson(counts, effects, levels)
    for row in range(3):
        alone = fit_poisson(counts[[row]], effects, levels)[0]
        assert together[row] == pytest.approx(alone, abs=1e-6)
    assert together[2] == pytest.approx(0.0, abs=1e-4)


def test_a_summer_is_found_whatever_the_trend() -> None:
    for trend in (0.0, -0.3):
        rates = 200 * SUMMER * np.exp(trend * np.arange(DAYS) / 365)
        model = SeasonModel(city(rates), FIRST, "US")
        day = 4 * 364
        found = model.by_day(model.known_on(day), day, day - 364, day)[0].reshape(52, 7).sum(1)
        true = SUMMER[day - 364 : day].reshape(52, 7).sum(1)
        assert found / found.mean() == pytest.approx(true / true.mean(), rel=0.03)


def test_firsts_and_holidays_have_effects_of_their_own() -> None:
    rates = np.full(DAYS, 300.0)
    for at, day in enumerate(DATES):
        rates[at] += 420 * (day.day == 1)  # a week with a first has 1.2 times as many
        rates[at] -= 210 * ((day.month, day.day) == (12, 25))  # 0.9 times
    model = SeasonModel(city(rates), FIRST, "US")
    day = 4 * 364
    season = model.known_on(day)
    first_week = next(at for at in range(day, DAYS) if DATES[at].day == 1 and DATES[at].month == 2)
    quiet = model.by_day(season, first_week + 7, first_week + 7, first_week + 14).sum()
    with_first = model.by_day(season, first_week - 3, first_week - 3, first_week + 4).sum()
    assert with_first / quiet == pytest.approx(1.2, abs=0.02)
    christmas = DATES.index(date(2017, 12, 25))
    week = model.by_day(season, christmas - 3, christmas - 3, christmas + 4).sum()
    assert week / quiet == pytest.approx(0.9, abs=0.03)


def test_a_short_piece_takes_the_day_that_is_in_it() -> None:
    rates = np.full(DAYS, 300.0)
    rates[[at for at, day in enumerate(DATES) if day.day == 1]] = 720
    model = SeasonModel(city(rates), FIRST, "")
    day = 4 * 364
    season = model.known_on(day)
    first = next(at for at in range(day, DAYS) if DATES[at].day == 1)
    alone = model.by_day(season, first, first, first + 1)[0, 0]
    other = model.by_day(season, first + 1, first + 1, first + 2)[0, 0]
    assert alone / other == pytest.approx(2.4, rel=0.1)


def test_days_of_a_week_share_it_as_they_did() -> None:
    weekday = np.array([day.weekday() for day in DATES])
    model = SeasonModel(city(np.where(weekday >= 5, 400.0, 200.0)), FIRST, "")
    day = 4 * 364
    found = model.by_day(model.known_on(day), day, day, day + 7)[0]
    ratio = found[weekday[day : day + 7] >= 5].mean() / found[weekday[day : day + 7] < 5].mean()
    assert ratio == pytest.approx(2.0, rel=0.02)


def test_a_season_knows_nothing_of_later_days() -> None:
    counts = city(200 * SUMMER)
    day = 3 * 364
    later = counts.copy()
    later[:, day:] = 0
    before, after = (SeasonModel(one, FIRST, "US").known_on(day) for one in (counts, later))
    for name in ("harmonics", "calendar", "weekdays"):
        assert getattr(before, name) == pytest.approx(getattr(after, name))


def test_under_two_years_there_is_no_season() -> None:
    model = SeasonModel(city(200 * SUMMER), FIRST, "US")
    day = 7 * FEWEST_WEEKS
    assert model.known_on(day).fitted
    young = model.known_on(day - 1)
    assert not young.fitted
    assert not young.harmonics.any()
    flat = model.by_day(young, day - 1, day - 1, day + 27)[0].reshape(4, 7).sum(axis=1)
    assert flat == pytest.approx(7.0)


def test_a_kind_with_hardly_an_incident_has_hardly_a_season() -> None:
    counts = np.zeros((1, DAYS), np.int64)
    counts[0, DATES.index(date(2016, 7, 4))] = 1
    model = SeasonModel(counts, FIRST, "US")
    day = 4 * 364
    found = model.by_day(model.known_on(day), day, day, day + 91)[0].reshape(13, 7).sum(axis=1)
    assert 5 < found.min() <= found.max() < 10
