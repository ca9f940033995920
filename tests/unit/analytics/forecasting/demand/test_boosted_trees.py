"""Boosted trees of demand: what they know, and how they do on simulated cities."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics.artifacts.parameters import CHOICES
from analytics.forecasting.demand.boosted_trees import boosted_trees
from analytics.forecasting.demand.evaluation import (
    CANDIDATES,
    MODELS,
    REFERENCE,
    RULE,
    DemandPlan,
    evaluate_demand,
)
from analytics.forecasting.demand.panel import DemandPanel, within
from tests.unit.analytics.forecasting.demand.simulated import DAYS, FIRST, poisson_panel, rates


def test_a_known_city_is_forecast_nearly_as_well_as_by_the_rule() -> None:
    panel, last = poisson_panel(rates()), FIRST + timedelta(days=DAYS - 1)
    plan = DemandPlan(last - timedelta(days=111), last)
    scores = {
        one.model: one
        for one in evaluate_demand(panel, plan, {**MODELS, "lightgbm": boosted_trees})
    }
    assert scores["lightgbm"].role == "candidate"
    assert scores["lightgbm"].gain.low > 0
    assert scores["lightgbm"].pinball < 1.03 * scores[RULE].pinball
    assert scores["lightgbm"].coverage[1] == pytest.approx(0.8, abs=0.03)
    assert scores[REFERENCE].gain.value == 0
    saved, of_rule = scores["lightgbm"].gain_rule, scores[RULE].gain_rule
    assert saved is not None
    assert saved.value == pytest.approx(1 - scores["lightgbm"].pinball / scores[RULE].pinball)
    assert saved.low <= saved.value <= saved.high
    assert of_rule is not None
    assert of_rule.value == 0


def test_nothing_of_the_future_is_used() -> None:
    panel, origins = poisson_panel(rates(areas=3)), [700, 728]
    whole = boosted_trees(panel, origins, 14)
    assert np.array_equal(boosted_trees(panel.until(728), origins, 14), whole)
    panel.counts[:, :, 728:] = 999
    assert np.array_equal(boosted_trees(panel, origins, 14), whole)


def test_without_forecasts_to_learn_from_the_level_is_the_forecast() -> None:
    expected = np.full((2, 3, 200), 5.0)
    found = boosted_trees(poisson_panel(expected), [100], 14)
    assert found == pytest.approx(np.full((1, 2, 3, 14), 5.0), rel=0.2)


def test_beats_get_their_share_of_the_districts_forecast() -> None:
    small = poisson_panel(rates(areas=2, days=400))
    whole = DemandPanel(("001",), small.shifts, FIRST, small.counts.sum(axis=0, keepdims=True))
    beats = within(small, whole, {"001": "001", "002": "001"})
    found = boosted_trees(beats, [380], 7)
    assert found.sum(axis=1) == pytest.approx(boosted_trees(whole, [380], 7)[:, 0])


def test_every_candidate_can_be_registered() -> None:
    assert CHOICES["method"] == (RULE, *CANDIDATES)


def test_a_forecast_of_one_day_knows_all_weekdays() -> None:
    panel, origins = poisson_panel(rates(level=20.0, days=800)), list(range(765, 772))
    ahead = boosted_trees(panel, origins[:1], 7)[0]
    daily = boosted_trees(panel, origins, 1)[..., 0]
    assert daily.sum(axis=(1, 2)) == pytest.approx(ahead.sum(axis=(0, 1)), rel=0.08)
