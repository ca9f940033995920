"""False alerts where nothing changes, against the stated number; planted rises are found."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics.alerts import alert_evaluation
from analytics.alerts.alert_evaluation import (
    DetectionPlan,
    evaluate_detection,
    simulate_false_alerts,
)
from analytics.alerts.change_findings import ROLLING, table_by_chance
from analytics.alerts.watch_rules import Direction
from analytics.errors import InputError
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.level import LEVEL
from analytics.statistics.negative_binomial import mid_tails
from analytics.statistics.season_model import SeasonModel


@pytest.mark.parametrize(("dispersion", "most"), [(1.0, 1.2), (1.5, 1.7)])
def test_a_table_brings_about_as_many_false_alerts_a_week_as_stated(
    dispersion: float, most: float
) -> None:
    found = simulate_false_alerts(6, 2, dispersion=dispersion, seed=5)
    assert 0.3 * found.stated <= found.fired.value <= most * found.stated


@pytest.mark.parametrize("days", ROLLING)
def test_a_daily_test_of_one_count_fires_as_often_a_week_as_stated(days: int) -> None:
    """By brute force: each day of eight weeks, for each row of a city without change."""
    span, new, tested = 56, 0, 0
    for seed in range(2):
        rows = alert_evaluation._history(np.random.default_rng(seed), 1.25, span)
        counted = CountedRows.of(rows.counts, rows.kind)
        seasons = SeasonModel(rows.citywide, rows.first, "US")
        until = np.full(len(rows.names), -(10**6))
        for stop in range(rows.days - span, rows.days + 1):
            found = expected_counts(counted, seasons, stop - days, days)
            more = mid_tails(found.counts, found.expected, found.variance)[1]
            fires = more <= LEVEL  # NaN does not
            news = fires & (stop - days - (until - 1) > days)
            new += int(news.sum()) if stop > rows.days - span else 0
            until[fires] = stop
        tested += int((~np.isnan(found.p)).sum())
    a_week = new / tested / (span / 7)
    assert a_week == pytest.approx(LEVEL * ROLLING[days], rel=0.35)


def test_the_stated_number_of_a_table_is_that_of_a_simulation() -> None:
    """Uniform p-values: as many of those up to 1% as are shown, five at most."""
    random = np.random.default_rng(3)
    shown = [min((random.uniform(size=400) <= 0.01).sum(), 5) for _ in range(4_000)]
    stated = table_by_chance(400, Direction.BOTH)
    assert stated - LEVEL == pytest.approx(np.mean(shown), abs=0.1)
    assert table_by_chance(400, Direction.MORE) == stated / 2


def test_large_rises_are_found_and_none_is_not() -> None:
    rows = alert_evaluation._history(np.random.default_rng(2), 1.0, 56)
    last = rows.first + timedelta(days=rows.days - 1)
    plan = DetectionPlan(last - timedelta(days=55), last, 28, draws=1)
    found = {one.size: one for one in evaluate_detection(rows, "US", plan)}
    large = found[100]
    assert large.alone[2].value > 0.95
    assert large.unplanted.value < 0.12
    assert large.alone[0].value < large.alone[1].value < large.alone[2].value
    with pytest.raises(InputError, match="28 days"):
        evaluate_detection(rows, "US", DetectionPlan(last, last, 28))
