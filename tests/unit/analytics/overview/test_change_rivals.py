"""Rules that the expected counts are compared with, each by its own formula."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.overview.change_rivals import RULES, Situation
from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import Comparison, compare

FIRST = date(2014, 1, 1)
DAYS = 4 * 364
START = DAYS - 28


@pytest.fixture(scope="module")
def counts() -> Ints:
    return np.random.default_rng(1).poisson([[0.5], [2.0], [6.0]], (3, DAYS))


@pytest.fixture(scope="module")
def here(counts: Ints) -> Situation:
    rows = CountedRows.of(counts, [0, 0, 0])
    seasons = SeasonModel(counts.sum(axis=0), FIRST, "US")
    return Situation(rows, START, 28, expected_counts(rows, seasons, START, 28))


def windows(counts: Ints, starts: list[int]) -> Ints:
    return np.stack([counts[:, start : start + 28].sum(axis=1) for start in starts], axis=1)


def test_the_square_root_tests_are_those_of_a_comparison(here: Situation, counts: Ints) -> None:
    import polars as pl

    from analytics.statistics.two_periods import Significance

    now = here.expected.counts
    for name, lag in (("before", 28), ("last_year", 364)):
        scores = RULES[name](here)(now)
        for row in range(3):
            days = [FIRST + (date(2014, 1, 2) - FIRST) * at for at in range(DAYS)]
            frame = pl.DataFrame({"day": days, "incidents": counts[row]})
            window = days[START], days[-1]
            then = days[START - lag], days[START - lag + 27]
            found = compare(frame, window, then)
            assert isinstance(found, Comparison)
            assert np.sign(scores[row]) == np.sign(found.z)
            assert (abs(scores[row]) >= 1.959964) == (found.verdict is Significance.SIGNIFICANT)


def test_wheeler_compares_with_the_mean_of_three_years(here: Situation, counts: Ints) -> None:
    mean = windows(counts, [START - 364, START - 728, START - 1092]).mean(axis=1)
    now = np.array([20, 60, 180])
    expected = 2 * (np.sqrt(now) - np.sqrt(mean))
    assert RULES["wheeler_3_years"](here)(now) == pytest.approx(expected)


def test_charts_standardize_by_their_own_windows(here: Situation, counts: Ints) -> None:
    now = np.array([20, 60, 180])
    for name, back in (("control_chart_52_weeks", range(1, 14)), ("ears_c2", range(3, 10))):
        past = windows(counts, [START - 28 * one for one in back])
        expected = (now - past.mean(axis=1)) / past.std(axis=1, ddof=1)
        assert RULES[name](here)(now) == pytest.approx(expected)


def test_farrington_scores_two_thirds_powers_of_neighboring_windows(
    here: Situation, counts: Ints
) -> None:
    starts = [START - 364 * year - 28 * near for year in (1, 2, 3) for near in (-1, 0, 1)]
    past = windows(counts, starts)
    mean = past.mean(axis=1)
    dispersion = np.maximum(1, past.var(axis=1, ddof=1) / mean)
    spread = 2 / 3 * mean ** (-1 / 3) * np.sqrt(dispersion * mean * (1 + 1 / 9))
    now = np.array([20, 60, 180])
    expected = (now ** (2 / 3) - mean ** (2 / 3)) / spread
    assert RULES["farrington"](here)(now) == pytest.approx(expected)


def test_a_rule_without_enough_history_says_nothing(counts: Ints) -> None:
    rows = CountedRows.of(counts, [0, 0, 0])
    seasons = SeasonModel(counts.sum(axis=0), FIRST, "US")
    early = Situation(rows, 300, 28, expected_counts(rows, seasons, 300, 28))
    now = np.array([20, 60, 180])
    for name in ("last_year", "wheeler_3_years", "control_chart_52_weeks", "farrington"):
        assert np.isnan(RULES[name](early)(now)).all(), name
    assert not np.isnan(RULES["ears_c2"](early)(now)).any()
