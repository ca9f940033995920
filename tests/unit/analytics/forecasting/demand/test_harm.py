"""Harm of forecast counts: moments of compound sums, weights against loops, and coverage."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.demand.evaluation import RULE, DemandPlan
from analytics.forecasting.demand.harm import (
    MIX_INCIDENTS,
    MIX_WEEKS,
    HarmMix,
    HarmPanel,
    draw_harm,
    evaluate_harm,
    harm_panel,
    weigh_draws,
)
from analytics.forecasting.demand.shocks import Shocks
from analytics.forecasting.demand.stored_demand import (
    StoredDemand,
    demand_table,
    mix_table,
    with_harm,
)
from tests.unit.analytics.forecasting.demand.simulated import DAYS, FIRST, panel_with, rates

WEIGHTS = np.array([0.0, 15.0, 182.0, 7_300.0])
SHARES = np.array([0.05, 0.3, 0.64, 0.01])


def weighted(expected: np.ndarray, seed: int = 1) -> HarmPanel:
    """Counts whose incidents have the weights of `SHARES`."""
    random = np.random.default_rng(seed)
    by_weight = random.poisson(expected[:, :, None] * SHARES[:, None]).astype(float)
    harm = np.einsum("aswd,w->asd", by_weight, WEIGHTS)
    return HarmPanel(panel_with(by_weight.sum(axis=2)), WEIGHTS, by_weight, harm)


def test_draws_have_the_mean_and_variance_of_a_compound_count() -> None:
    mix = HarmMix(WEIGHTS, np.broadcast_to(SHARES, (2, 3, 4)))
    shocks, mean = Shocks(0.01, 0.02, 0.0, 0.0, 0.0, 0.03), 12.0
    drawn = draw_harm(np.full((2, 3, 1), mean), shocks, mix, 60_000)[:, 0, 0, 0]
    first, second = SHARES @ WEIGHTS, SHARES @ WEIGHTS**2
    assert drawn.mean() == pytest.approx(mean * first, rel=0.03)
    variance = mean * second + shocks.dispersion * (mean * first) ** 2
    assert drawn.var() == pytest.approx(variance, rel=0.08)


def test_weights_of_drawn_counts_have_the_mean_and_variance_of_a_compound_count() -> None:
    mix = HarmMix(WEIGHTS, np.broadcast_to(SHARES, (2, 1, 4)))
    counts = np.zeros((60_000, 2, 1, 2), np.int64)
    counts[:, 1, 0, 1] = np.random.default_rng(4).poisson(12.0, 60_000)
    harm = weigh_draws(counts, mix)
    assert not harm[counts == 0].any()
    own = harm[:, 1, 0, 1].astype(np.float64)
    assert own.mean() == pytest.approx(12 * SHARES @ WEIGHTS, rel=0.03)
    assert own.var() == pytest.approx(12 * SHARES @ WEIGHTS**2, rel=0.08)
    few = counts[:, 1, 0, 1] == 1
    assert set(own[few]) <= set(WEIGHTS)


def test_the_mix_is_that_of_loops() -> None:
    found, origin = weighted(rates(areas=2, days=200)), 150
    counted = np.zeros((2, 3, 4))
    for day in range(origin):
        weight = 0.5 ** (((origin - 1 - day) // 7 + 1) / MIX_WEEKS)
        counted += weight * found.by_weight[..., day]
    city = counted.sum(axis=0) + 1
    city /= city.sum(axis=1, keepdims=True)
    for area in range(2):
        own = counted[area] + MIX_INCIDENTS * city
        by_hand = own / own.sum(axis=1, keepdims=True)
        assert found.mix(origin).shares[area] == pytest.approx(by_hand)


def test_a_frame_of_weights_becomes_sums_and_strays_are_left_out() -> None:
    panel = panel_with(np.zeros((2, 3, 5)))
    frame = pl.DataFrame(
        {
            "day": [FIRST, FIRST + timedelta(days=4), FIRST, FIRST],
            "area": ["001", "002", "031", "001"],
            "shift": ["Day", "Night", "Day", "Day"],
            "weight": [182, 7_300, 15, 15],
            "count": [3, 1, 9, 2],
        }
    )
    found = harm_panel(panel, frame, None)
    assert found.weights.tolist() == [15, 182, 7_300]
    assert found.harm[0, 1, 0] == 3 * 182 + 2 * 15
    assert found.harm[1, 0, 4] == 7_300
    assert found.harm.sum() == 3 * 182 + 2 * 15 + 7_300


def test_harm_of_a_known_city_is_covered_as_promised() -> None:
    harm = weighted(rates())
    last = FIRST + timedelta(days=DAYS - 1)
    scores = evaluate_harm(harm, DemandPlan(last - timedelta(days=199), last))
    (own,) = (one for one in scores if one.model == RULE)
    assert own.coverage[1] == pytest.approx(0.8, abs=0.03)
    assert own.coverage[2] == pytest.approx(0.95, abs=0.02)
    assert abs(own.bias) < 0.06
    assert own.gain.low > 0


def test_a_stored_forecast_has_harm_by_cell_and_draws_its_sums() -> None:
    means = rates(areas=3, days=28)
    panel = panel_with(np.zeros((3, 3, 100)))
    mix = HarmMix(WEIGHTS, np.broadcast_to(SHARES, (3, 3, 4)))
    table = with_harm(demand_table(panel, 100, means, Shocks(cell=0.01)), mix)
    assert table["expected_harm"].sum() == pytest.approx(means.sum() * (SHARES @ WEIGHTS))
    assert (table["harm_q10"] <= table["harm_q90"]).all()
    stored, mixes = StoredDemand.of(table), mix_table(panel.areas, panel.shifts, mix)
    whole = stored.harm(mixes, areas=["002"], shifts=["Day"])
    assert whole.expected == pytest.approx(means[1, 1].sum() * (SHARES @ WEIGHTS))
    assert whole.quantiles["q10"] < whole.expected < whole.quantiles["q975"]
    light = stored.harm(mixes, areas=["002"], shifts=["Day"], below=7_300)
    assert light.expected == pytest.approx(means[1, 1].sum() * (SHARES[:3] @ WEIGHTS[:3]))
