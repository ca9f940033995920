"""Expected counts: the formula by loops, and how often it is wrong on counts made by chance."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import (
    FEWEST_WINDOWS,
    SURE_WINDOWS,
    WARM_UP_WEEKS,
    WEEKLY_WINDOWS,
    WINDOWS,
    CountedRows,
    ExpectedCounts,
    NoExpectation,
    SeasonBasis,
    expected_counts,
    expected_on,
    reach_days,
)
from analytics.statistics.season_model import SeasonModel

FIRST = date(2014, 1, 1)
DAYS = 5 * 364


def of(counts: Ints, start: int, days: int, city: Ints | None = None) -> ExpectedCounts:
    """Of rows that all follow the first series, by default their own sum."""
    seasons = SeasonModel(counts.sum(axis=0) if city is None else city, FIRST, "US")
    return expected_counts(CountedRows.of(counts, [0] * len(counts)), seasons, start, days)


def by_loops(counts: Floats, start: int, days: int, seasons: SeasonModel) -> tuple[float, float]:
    """μ and a of one row, week by week."""
    a = b = 0.0
    season = seasons.known_on(start)
    for k in range(1, min(start // 7, 104) + 1):
        week = slice(start - 7 * k, start - 7 * (k - 1))
        a += 0.5 ** (k / 8) * counts[week].sum()
        b += 0.5 ** (k / 8) * seasons.by_day(season, start, week.start, week.stop)[0].sum()
    ahead = seasons.by_day(season, start, start, start + days)[0].sum()
    return a / b * ahead, a


@pytest.mark.parametrize(("days", "windows"), [(28, WINDOWS), (7, WEEKLY_WINDOWS)])
def test_expectation_and_dispersion_are_those_of_the_formula(days: int, windows: int) -> None:
    random = np.random.default_rng(1)
    summer = 1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365)
    city = random.poisson(60 * summer)
    row = random.poisson(3 * summer * random.gamma(4, 1 / 4, DAYS // 28 + 1).repeat(28)[:DAYS])
    start, seasons = DAYS - days, SeasonModel(city, FIRST, "US")
    found = of(row[None], start, days, city)
    errors = []
    for back in range(1, windows + 1):
        origin = start - back * days
        known = origin + (start - origin) % 28 - (28 if (start - origin) % 28 else 0)
        later = seasons.known_on(known) if known == origin else None
        if later is None:  # seasons are 28 days apart: the newest one known on the day
            older = start - 28 * -(-(start - origin) // 28)
            assert older <= origin < older + 28
            seasons._known[origin] = seasons.known_on(older)
        mean, a = by_loops(row, origin, days, seasons)
        errors.append((row[origin : origin + days].sum() - mean) ** 2 / (mean + mean**2 / a))
    mean, a = by_loops(row, start, days, seasons)
    assert found.windows == windows
    assert found.expected[0] == pytest.approx(mean)
    assert found.dispersion[0] == pytest.approx(max(1.0, float(np.mean(errors))))
    assert found.variance[0] == pytest.approx(found.dispersion[0] * (mean + mean**2 / a))
    assert found.counts[0] == row[start : start + days].sum()
    assert found.excess[0] == pytest.approx(found.counts[0] - mean)


@pytest.mark.parametrize(("days", "step"), [(56, 28), (91, 28), (200, 49), (365, 91)])
def test_past_windows_of_a_long_one_overlap_and_follow_the_season_of_today(
    days: int, step: int
) -> None:
    random = np.random.default_rng(4)
    summer = 1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365)
    city, row = random.poisson(60 * summer), random.poisson(3 * summer)
    start, seasons = DAYS - days, SeasonModel(city, FIRST, "US")
    found = of(row[None], start, days, city)
    today, errors, origin = seasons.known_on(start), [], start - days
    while origin >= WARM_UP_WEEKS * 7 and len(errors) < 52:
        seasons._known[origin] = today
        mean, a = by_loops(row, origin, days, seasons)
        errors.append((row[origin : origin + days].sum() - mean) ** 2 / (mean + mean**2 / a))
        origin -= step
    independent = (start - (origin + step)) / days
    factor = 1.0
    if independent < SURE_WINDOWS:
        factor = float((stdtrit(independent, 0.975) / ndtri(0.975)) ** 2)
    assert found.windows == len(errors)
    assert found.expected[0] == pytest.approx(by_loops(row, start, days, seasons)[0])
    assert found.dispersion[0] == pytest.approx(max(1.0, float(np.mean(errors))) * factor)


def test_a_long_window_needs_two_before_it() -> None:
    shortest = WARM_UP_WEEKS * 7 + 4 * 28 + 2 * 100  # the first of four steps back is 100 before
    assert of(np.full((1, shortest), 2), shortest - 100, 100).missing(0) is None
    short = of(np.full((1, shortest - 1), 2), shortest - 101, 100)
    assert short.missing(0) is NoExpectation.TOO_SHORT


@pytest.mark.parametrize("days", [7, 28, 60, 254])
def test_days_before_the_reach_of_a_window_have_no_effect(days: int) -> None:
    random = np.random.default_rng(6)
    years = 20 * 365
    summer = 1 - 0.3 * np.cos(2 * np.pi * np.arange(years) / 365.25)
    counts = random.poisson([[40.0], [2.0]] * summer)
    reach = reach_days(days)
    assert reach < years
    whole = of(counts, years - days, days, counts.sum(axis=0))
    late = counts[:, -reach:]
    first = FIRST + timedelta(days=years - reach)
    seasons = SeasonModel(late.sum(axis=0), first, "US")
    part = expected_counts(CountedRows.of(late, [0, 0]), seasons, reach - days, days)
    assert part.windows == whole.windows
    for name in ("expected", "low", "high", "p"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name))


def test_a_window_after_a_gap_has_the_level_before_it_and_its_own_season() -> None:
    random = np.random.default_rng(2)
    row = random.poisson(60 * (1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365)))
    seasons, origins = SeasonModel(row, FIRST, "US"), np.array([DAYS - 63, DAYS - 14])
    known = np.array([DAYS - 63, DAYS - 42])
    found = expected_on(CountedRows.of(row, [0]), seasons, origins, 14, known)[0]
    level, _ = by_loops(row, DAYS - 42, 14, seasons)
    season = seasons.known_on(DAYS - 42)
    days = [seasons.by_day(season, at, at, at + 14)[0].sum() for at in (DAYS - 42, DAYS - 14)]
    assert found[1] == pytest.approx(level / days[0] * days[1])
    changed = np.where(np.arange(DAYS) < DAYS - 42, row, 0)
    again = expected_on(CountedRows.of(changed, [0]), seasons, origins, 14, known)[0]
    assert again.tolist() == found.tolist()


def test_a_steady_row_expects_what_it_always_had() -> None:
    found = of(np.full((1, DAYS), 2), DAYS - 28, 28)
    assert found.expected[0] == pytest.approx(56, rel=1e-3)
    assert found.dispersion[0] == 1.0
    assert found.p[0] == pytest.approx(1.0, abs=0.05)
    assert found.low[0] < 56 < found.high[0]
    assert found.season is SeasonBasis.FITTED


def test_the_level_follows_a_row_that_halved() -> None:
    counts = np.full((1, DAYS), 4)
    counts[:, DAYS - 28 - 16 * 7 :] = 2
    found = of(counts, DAYS - 28, 28, np.full(DAYS, 100))
    # 16 weeks are two half-lives: three quarters of the way from 112 to 56.
    assert found.expected[0] == pytest.approx(56 + 56 / 4, rel=0.01)


def test_the_season_of_the_city_is_expected_of_a_row() -> None:
    summer = 1 - 0.4 * np.cos(2 * np.pi * np.arange(DAYS) / 365.25)
    city = np.random.default_rng(2).poisson(500 * summer)
    row = np.random.default_rng(3).poisson(5 * summer)
    for start in (DAYS - 28, DAYS - 200):
        found = of(row[None], start, 28, city)
        assert found.expected[0] == pytest.approx(5 * summer[start : start + 28].sum(), rel=0.12)


def test_under_two_years_no_season_is_used_and_the_answer_says_so() -> None:
    young = of(np.full((1, 700), 2), 672, 28)
    assert young.season is SeasonBasis.UNDER_TWO_YEARS
    assert young.expected[0] == pytest.approx(56)


def test_too_little_history_expects_nothing() -> None:
    shortest = WARM_UP_WEEKS * 7 + (FEWEST_WINDOWS + 1) * 28
    enough = of(np.full((1, shortest), 2), shortest - 28, 28)
    assert enough.missing(0) is None
    assert enough.windows == FEWEST_WINDOWS
    short = of(np.full((1, shortest - 1), 2), shortest - 29, 28)
    assert short.missing(0) is NoExpectation.TOO_SHORT
    assert np.isnan([short.expected[0], short.low[0], short.high[0], short.p[0]]).all()
    assert short.counts[0] == 56


def test_the_first_days_of_the_data_expect_nothing() -> None:
    assert of(np.full((1, 4), 2), 0, 4).missing(0) is NoExpectation.TOO_SHORT


def test_few_windows_widen_the_interval_as_students_t_does() -> None:
    def dispersion(windows: int) -> float:
        days = WARM_UP_WEEKS * 7 + (windows + 1) * 28
        return float(of(np.full((1, days), 2), days - 28, 28).dispersion[0])

    few = float((stdtrit(FEWEST_WINDOWS, 0.975) / ndtri(0.975)) ** 2)
    assert dispersion(FEWEST_WINDOWS) == pytest.approx(few)
    assert dispersion(SURE_WINDOWS) == 1.0


def test_a_row_with_too_few_incidents_before_expects_nothing() -> None:
    counts = np.full((3, DAYS), 2)
    counts[0, : DAYS - 28] = 0
    counts[2, : DAYS - 28] = 0
    counts[2, DAYS - 28 - 7 * np.array([1, 8])] = 1  # ½^(1/8) + ½^(8/8) is above 1
    found = of(counts, DAYS - 28, 28)
    assert found.missing(2) is None
    counts[2, DAYS - 28 - 7] = 0
    assert of(counts, DAYS - 28, 28).missing(2) is NoExpectation.TOO_FEW
    assert found.missing(0) is NoExpectation.TOO_FEW
    assert found.missing(1) is None
    assert found.counts[0] == 56


def test_later_days_change_nothing() -> None:
    counts = np.random.default_rng(4).poisson(2.0, (3, DAYS))
    later = counts.copy()
    later[:, DAYS - 28 :] = 50
    start = DAYS - 56
    one, other = of(counts, start, 28), of(later, start, 28)
    assert one.p == pytest.approx(other.p)
    assert one.expected == pytest.approx(other.expected)


@pytest.fixture(scope="module")
def drifting() -> tuple[Ints, Ints]:
    """Rows of 10 to 400 a window whose level drifts and whose months vary; and their city."""
    random = np.random.default_rng(7)
    summer = 1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365)
    rates = np.repeat([10, 30, 100, 400], 60)[:, None] / 28
    steps = random.normal(0, 0.03, (240, DAYS // 7)).cumsum(axis=1)
    drift = np.exp(steps - steps.mean(axis=1, keepdims=True)).repeat(7, axis=1)
    months = random.gamma(100, 1 / 100, (240, DAYS // 28)).repeat(28, axis=1)
    counts = random.poisson(rates * summer * drift * months)
    return counts, random.poisson(500 * summer)


@pytest.mark.parametrize("days", [7, 28])
def test_false_alarms_and_coverage_hold_on_drifting_counts(
    drifting: tuple[Ints, Ints], days: int
) -> None:
    counts, city = drifting
    seasons, rows = SeasonModel(city, FIRST, "US"), CountedRows.of(counts, [0] * len(counts))
    starts = range(3 * 364, DAYS - 27, 56)
    alarms, inside = [], []
    for start in starts:
        found = expected_counts(rows, seasons, start, days)
        alarms.append(found.p <= 0.05)
        inside.append((found.counts >= found.low) & (found.counts <= found.high))
    assert 0.03 < np.mean(alarms) < 0.055
    assert 0.93 < np.mean(inside) < 0.98


def test_a_planted_rise_of_half_is_detected(drifting: tuple[Ints, Ints]) -> None:
    counts, city = drifting
    planted, start = counts.copy(), DAYS - 28
    window = planted[:, start:]
    window += np.random.default_rng(8).binomial(window, 0.5)
    found = of(planted, start, 28, city)
    share = ((found.p <= 0.05) & (found.excess > 0)).reshape(4, 60).mean(axis=1)
    assert share[0] < share[1] < share[2] <= share[3]
    assert share[3] > 0.7
