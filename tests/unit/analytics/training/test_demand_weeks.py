"""Weeks of a demand forecast since training, on simulated counts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics.artifacts.champion_checks import ChampionCheck, CheckedBy, Drift
from analytics.forecasting.demand.evaluation import RULE
from analytics.training.demand_weeks import DemandWeeks, demand_weeks
from tests.unit.analytics.forecasting.demand.simulated import DAYS, poisson_panel, rates


def check_of(found: DemandWeeks) -> ChampionCheck:
    facts = dict.fromkeys(("snapshot", "checked", "person", "since", "until"), "")
    return ChampionCheck(
        "demand_forecast", 1, **facts, baseline="four_weekdays", area_share=0.0,
        weeks=tuple(found.rows), total=found.total, expected=(), measure=CheckedBy.PINBALL,
    )  # fmt: skip


def test_each_whole_week_is_forecast_on_its_first_morning() -> None:
    panel = poisson_panel(rates())
    first = panel.day(DAYS - 45)
    found = demand_weeks(panel, first, RULE)
    own = [row for row in found.rows if row["who"] == "champion"]
    assert [row["first"] for row in own] == [
        (first + timedelta(weeks=number)).isoformat() for number in range(6)
    ]
    for number, row in enumerate(own):
        start = DAYS - 45 + 7 * number
        assert row["incidents"] == panel.counts[:, :, start : start + 7].sum()
        assert row["expected"] == pytest.approx(row["incidents"], rel=0.15)
    assert found.total["weeks"] == 6
    assert found.total["incidents"] == sum(row["incidents"] for row in own)
    assert check_of(found).drift is Drift.BETTER


def test_three_weeks_are_too_few_to_judge_and_six_days_are_no_week() -> None:
    panel = poisson_panel(rates())
    few = demand_weeks(panel, panel.day(DAYS - 21), RULE)
    assert check_of(few).drift is Drift.TOO_FEW_WEEKS
    none = demand_weeks(panel, panel.day(DAYS - 6), RULE)
    assert check_of(none).drift is Drift.NO_WEEK


def test_a_city_that_grows_every_week_is_seen_as_a_bias() -> None:
    expected = rates(level=20.0)
    expected[:, :, -70:] *= 1.05 ** (np.arange(70) // 7)
    found = demand_weeks(poisson_panel(expected), poisson_panel(expected).day(DAYS - 70), RULE)
    bias, low, high = found.total["bias"]
    assert low < bias < high < 0
