"""The measurement itself, on a city made by chance."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.errors import InputError
from analytics.overview.change_evaluation import SIZES, ChangePlan, RuleResult, evaluate_change
from analytics.overview.change_rivals import ENGINE, LIMIT, RULES
from analytics.overview.daily_rows import DailyRows, rows_of

FIRST = date(2014, 1, 1)
DAYS = 4 * 364
LAST = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def cells() -> DailyRows:
    """Six types in six areas, Poisson around a season: nothing changes."""
    random = np.random.default_rng(1)
    summer = 1 - 0.3 * np.cos(2 * np.pi * np.arange(DAYS) / 365)
    days = [FIRST + timedelta(days=at) for at in range(DAYS)]
    parts = []
    for kind, rate in zip("ABCDEF", (0.36, 0.36, 1.1, 1.1, 3.6, 14.0), strict=True):
        for area in "123456":
            counted = random.poisson(rate * summer)
            parts.append(
                pl.DataFrame({"day": days, "type": kind, "area": area, "incidents": counted})
            )
    return rows_of(pl.concat(parts), (FIRST, LAST))


@pytest.fixture(scope="module")
def found(cells: DailyRows) -> dict[tuple[str, int | None], RuleResult]:
    plan = ChangePlan(FIRST + timedelta(days=3 * 364 + 28), LAST)
    return {(one.rule, one.size): one for one in evaluate_change(cells, "US", plan)}


def test_every_rule_is_measured_on_the_same_tests(
    found: dict[tuple[str, int | None], RuleResult],
) -> None:
    assert {rule for rule, _ in found} == {*RULES}
    assert {size for _, size in found} == {None, *SIZES}
    for size in (None, *SIZES):
        assert len({found[rule, size].tests for rule in RULES}) == 1
    assert found[ENGINE, None].windows == 12


def test_where_nothing_changes_few_alarms_are_raised(
    found: dict[tuple[str, int | None], RuleResult],
) -> None:
    engine = found[ENGINE, None]
    assert engine.false_alarms.value < 0.055
    assert engine.false_alarms.low <= engine.false_alarms.value <= engine.false_alarms.high
    assert engine.coverage is not None
    assert engine.coverage.value == pytest.approx(1 - engine.false_alarms.value)
    assert found["before", None].coverage is None
    assert engine.beyond_watch.value < 0.02


def test_detection_grows_with_size_and_rise_and_stays_under_the_limit(
    found: dict[tuple[str, int | None], RuleResult],
) -> None:
    for size in (30, 100, 400):
        engine, limit = found[ENGINE, size], found[LIMIT, size]
        assert engine.rises[0].value < engine.rises[1].value
        assert engine.rises[1].value <= limit.rises[1].value + 0.03
        assert engine.rises[1].value > found["before", size].rises[1].value
    assert found[ENGINE, 10].rises[1].value < found[ENGINE, 400].rises[1].value
    assert found[ENGINE, 400].fall.value > 0.9


def test_the_limit_is_the_power_of_a_poisson_test_of_a_known_mean(
    found: dict[tuple[str, int | None], RuleResult],
) -> None:
    # One-sided at 5 %, mean 100: normal approximation (130 − 100 − 1.645 × 10) / √130.
    assert found[LIMIT, 100].rises[0].value == pytest.approx(0.88, abs=0.08)


def test_a_plan_outside_the_data_is_refused(cells: DailyRows) -> None:
    with pytest.raises(InputError, match="No window of 28 days"):
        evaluate_change(cells, "US", ChangePlan(date(2030, 1, 1), date(2030, 6, 30)))
    with pytest.raises(InputError, match="too short"):
        evaluate_change(cells, "US", ChangePlan(date(2014, 2, 1), date(2014, 6, 30)))


def test_rules_that_need_more_history_are_left_out(cells: DailyRows) -> None:
    plan = ChangePlan(date(2015, 6, 1), date(2015, 12, 31), draws=2)
    rules = {one.rule for one in evaluate_change(cells, "US", plan)}
    assert rules == {*RULES} - {"wheeler_3_years", "farrington"}
