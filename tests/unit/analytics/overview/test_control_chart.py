"""Control charts: run rules by hand, false signals by simulation, and the rule of change."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.overview.control_chart import (
    FALSE_BEYOND,
    FALSE_SIGNALS,
    LIMIT,
    WEEKS,
    RunRule,
    control_chart,
    run_signals,
)
from analytics.statistics.expected_counts import (
    CountedRows,
    expected_counts,
    forecasts_one_after_another,
)
from analytics.statistics.season_model import SeasonModel

FIRST, DAYS = date(2021, 1, 4), 4 * 364
LAST = FIRST + timedelta(days=DAYS - 1)


def steady(seed: int, mean: float, shape: float = 0.0) -> np.ndarray:
    """Counts by day with a season; by week overdispersed with a gamma of that shape."""
    random = np.random.default_rng(seed)
    level = mean * (1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365.25))
    if shape:
        level = level * random.gamma(shape, 1 / shape, DAYS // 7).repeat(7)
    return random.poisson(level)


@pytest.mark.parametrize(
    ("scores", "rule", "at"),
    [
        ([0, 3.1, 0], RunRule.BEYOND, [1]),
        ([0, -3.1, 3.0], RunRule.BEYOND, [1]),
        ([2.1, 0, 2.1, 0], RunRule.TWO_OF_THREE, [2]),
        ([2.1, 0, -2.1], RunRule.TWO_OF_THREE, []),
        ([2.1, 0, 0, 2.1], RunRule.TWO_OF_THREE, []),
        ([-1.1, -1.1, 0, -1.1, -1.1, 0], RunRule.FOUR_OF_FIVE, [4]),
        ([1.1, 1.1, 1.1, -1.1, 1.1], RunRule.FOUR_OF_FIVE, [4]),
        ([0.1] * 9, RunRule.EIGHT_IN_A_ROW, [7, 8]),
        ([0.1] * 7 + [-0.1] + [0.1] * 7, RunRule.EIGHT_IN_A_ROW, []),
        ([0.1] * 4 + [np.nan] + [0.1] * 4, RunRule.EIGHT_IN_A_ROW, []),
    ],
)
def test_a_run_signals_with_the_point_that_completes_it(
    scores: list[float], rule: RunRule, at: list[int]
) -> None:
    assert np.flatnonzero(run_signals(np.array(scores))[rule]).tolist() == at


def test_normal_scores_signal_as_often_as_champ_and_woodall_computed() -> None:
    """The mean run until the first signal of all four rules is 91.75 points, of one alone 370."""
    random = np.random.default_rng(1)
    runs, alone = [], []
    for _ in range(3_000):
        found = run_signals(random.standard_normal(1_200))
        any_rule = np.any([*found.values()], axis=0)
        runs.append(np.argmax(any_rule) + 1)
        alone.append(found[RunRule.BEYOND].mean())
    assert np.mean(runs) == pytest.approx(91.75, rel=0.06)
    assert np.mean(alone) == pytest.approx(0.0027, rel=0.06)


def test_a_week_is_judged_as_the_rule_of_change_judges_it() -> None:
    """Under two years no season is fitted, so both use the same; later it may be 28 days older."""
    counts = steady(3, 12.0)
    young = counts[: 100 * 7]
    rows, seasons = CountedRows.of(young, [0]), SeasonModel(young, FIRST, "US")
    means, variances = forecasts_one_after_another(rows, seasons, len(young), 7, 60)
    for back in (1, 2, 30, 60):
        alone = expected_counts(rows, seasons, len(young) - 7 * back, 7)
        assert means[0, -back] == pytest.approx(alone.expected[0])
        assert variances[0, -back] == pytest.approx(alone.variance[0])
    rows, seasons = CountedRows.of(counts, [0]), SeasonModel(counts, FIRST, "US")
    means, _ = forecasts_one_after_another(rows, seasons, DAYS, 7, WEEKS)
    alone = expected_counts(rows, seasons, DAYS - 7 * 40, 7)
    assert means[0, -40] == pytest.approx(alone.expected[0], rel=0.03)


@pytest.mark.parametrize(("mean", "shape"), [(1.0, 0.0), (12.0, 0.0), (12.0, 30.0), (150.0, 50.0)])
def test_steady_series_signal_as_rarely_as_the_card_says(mean: float, shape: float) -> None:
    signals, beyond, weeks = 0, 0, 0
    for seed in range(40):
        counts = steady(seed, mean, shape)
        chart = control_chart(counts, counts, FIRST, LAST, "US")
        signals += len(chart.signals)
        beyond += sum(RunRule.BEYOND in week.rules for week in chart.weeks)
        weeks += chart.judged
    assert weeks == 40 * WEEKS
    assert signals / weeks == pytest.approx(FALSE_SIGNALS, abs=0.008)
    assert beyond / weeks == pytest.approx(FALSE_BEYOND, abs=0.003)


def test_a_rise_signals_and_a_season_does_not() -> None:
    counts = steady(5, 12.0)
    quiet = control_chart(counts, counts, FIRST, LAST, "US")
    summer = [week for week in quiet.weeks if week.first.month in (6, 7)]
    assert not any(RunRule.BEYOND in week.rules for week in summer)
    raised = counts.copy()
    raised[-14:] += np.random.default_rng(1).poisson(9.0, 14)
    loud = control_chart(raised, counts, FIRST, LAST, "US")
    assert RunRule.BEYOND in loud.weeks[-2].rules
    week = loud.weeks[-2]
    assert week.high is not None
    assert week.score is not None
    assert week.incidents > week.high
    assert week.score > LIMIT
    assert (week.last - week.first).days == 6
    assert loud.weeks[-1].last == LAST


def test_limits_are_where_the_score_passes_three() -> None:
    counts = steady(7, 4.0)
    for week in control_chart(counts, counts, FIRST, LAST, "US").weeks:
        assert week.low is not None
        assert week.high is not None
        assert week.score is not None
        assert (week.low <= week.incidents <= week.high) == (abs(week.score) < LIMIT)


def test_a_short_series_has_no_chart() -> None:
    counts = steady(1, 5.0)[:90]
    last = FIRST + timedelta(days=89)
    assert control_chart(counts, counts, FIRST, last, "US").weeks == ()
    silent = np.zeros(DAYS, np.int64)
    assert control_chart(silent, steady(2, 5.0), FIRST, LAST, "US").judged == 0
