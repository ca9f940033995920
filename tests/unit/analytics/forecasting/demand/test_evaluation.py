"""Rolling forecasts of demand: what is compared, and what a known city scores."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import (
    LAST_WEEK,
    MODELS,
    REFERENCE,
    RULE,
    DemandPlan,
    evaluate_demand,
    forecast_all,
    past_of,
)
from analytics.forecasting.demand.panel import DemandPanel, panel_of
from analytics.forecasting.demand.scores import POINTS, pinball
from analytics.forecasting.demand.shocks import Shocks
from analytics.forecasting.demand.sums import AREA_SUMS, sum_coverage
from analytics.forecasting.demand.weeks_before import FLOOR, four_weekdays, last_week
from analytics.statistics.arrays import Floats
from tests.unit.analytics.forecasting.demand.simulated import (
    DAYS,
    FIRST,
    panel_with,
    poisson_panel,
    rates,
)


def plan(days: int = 200, horizon: int = 28) -> DemandPlan:
    last = FIRST + timedelta(days=DAYS - 1)
    return DemandPlan(last - timedelta(days=days - 1), last, horizon)


def shocked(expected: Floats, shocks: Shocks, seed: int) -> DemandPanel:
    """Four weeks at a time share the lasting shocks."""
    parts = [
        shocks.draw(expected[:, :, start : start + 28], 1, seed + start)[0]
        for start in range(0, expected.shape[2], 28)
    ]
    return panel_with(np.concatenate(parts, axis=2))


def test_a_known_city_is_forecast_nearly_as_well_as_its_own_rates_would() -> None:
    expected = rates()
    panel = poisson_panel(expected)
    scores = {one.model: one for one in evaluate_demand(panel, plan(500))}
    counts = panel.counts[:, :, -500:]
    quantiles = poisson.ppf(np.array(POINTS).reshape(-1, 1, 1, 1), expected[:, :, -500:])
    assert scores[RULE].pinball / pinball(quantiles, counts).mean() < 1.03
    assert scores[RULE].role == "champion"
    assert {scores[name].role for name in (LAST_WEEK, REFERENCE)} == {"baseline"}
    assert scores[RULE].gain.low > 0.05
    assert scores[REFERENCE].gain.value == scores[LAST_WEEK].gain_last_week.value == 0
    for share, level in zip(scores[RULE].coverage, (0.5, 0.8, 0.95), strict=True):
        assert share == pytest.approx(level, abs=0.025)
    assert abs(scores[RULE].bias) < 0.01


def test_counts_with_shocks_are_covered_as_promised_and_so_are_their_sums() -> None:
    panel = shocked(rates(areas=10, level=15.0), Shocks(0.002, 0.006, 0.01, 0.004, 0.004, 0.02), 3)
    found = forecast_all(panel, plan(500), {RULE: MODELS[RULE]}, lambda _what, _share: None)
    scores = {one.model: one for one in evaluate_demand(panel, plan(500))}
    assert scores[RULE].coverage[1] == pytest.approx(0.8, abs=0.03)
    assert scores[RULE].coverage[2] == pytest.approx(0.95, abs=0.015)
    sums = {one.sums: one for one in sum_coverage(found[RULE])}
    assert sums[AREA_SUMS].coverage_80 == pytest.approx(0.8, abs=0.1)
    assert sums[AREA_SUMS].independent_80 < 0.65


def test_the_dispersion_knows_only_forecasts_whose_days_have_passed() -> None:
    panel = poisson_panel(rates())
    known = forecast_all(panel, plan(28), {RULE: MODELS[RULE]}, lambda _what, _share: None)
    panel.counts[:, :, -28:] += 500
    later = forecast_all(panel, plan(28), {RULE: MODELS[RULE]}, lambda _what, _share: None)
    assert known[RULE].shocks == later[RULE].shocks
    assert np.array_equal(known[RULE].means, later[RULE].means)
    origins = list(range(0, 1_000, 14))
    chosen = origins[past_of(origins, 700, 28)]
    assert chosen[-1] + 28 <= 700
    assert len(chosen) == 26


def test_baselines_are_the_weeks_before() -> None:
    panel = poisson_panel(rates(areas=2, level=1.0))
    origin = 700
    one, four = (model(panel, [origin], 10)[0] for model in (last_week, four_weekdays))
    floor = FLOOR * panel.counts[:, :, origin - 364 : origin].mean(axis=2)
    for day in range(10):
        weekday = day % 7
        weeks = [panel.counts[:, :, origin - 7 * back + weekday] for back in (1, 2, 3, 4)]
        assert one[:, :, day] == pytest.approx(np.maximum(weeks[0], floor))
        assert four[:, :, day] == pytest.approx(np.maximum(sum(weeks) / 4, floor))


def test_a_period_that_does_not_fit_is_refused_with_the_first_day_that_does() -> None:
    panel = poisson_panel(rates())
    with pytest.raises(InputError, match="2014-06-25"):
        evaluate_demand(panel, DemandPlan(FIRST, FIRST + timedelta(days=400)))
    with pytest.raises(InputError, match="28 days"):
        evaluate_demand(panel, plan(27))


def test_a_short_horizon_starts_every_day() -> None:
    panel = poisson_panel(rates(areas=2))
    assert len(plan(30, 1).origins(panel)) == 30
    assert np.diff(plan(60, 7).origins(panel)).tolist() == [7] * 7


def test_stray_areas_and_unknown_areas_and_hours_are_left_out_and_counted() -> None:
    day = date(2014, 1, 3)
    frame = pl.DataFrame(
        {
            "day": [day] * 6,
            "area": ["002", "001", "031", None, "001", "001"],
            "shift": ["Day", "Night", "Day", "Day", None, "Day"],
            "count": [700, 400, 2, 5, 7, 200],
        }
    )
    found = panel_of(frame, ("Night", "Day"), date(2014, 1, 1), day)
    assert found.areas == ("001", "002")
    assert found.counts[:, :, 2].tolist() == [[400, 200], [0, 700]]
    assert not found.counts[:, :, :2].any()
    assert found.strays == {"031": 2}
    assert (found.without_area, found.without_shift) == (5, 7)
