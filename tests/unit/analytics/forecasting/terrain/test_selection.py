"""Risk terrains of simulated towns: known ratios come back, and random layers stay out."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecasting.terrain.ratios import rate_ratios
from analytics.forecasting.terrain.selection import fit_terrain, fold_of_areas
from tests.unit.analytics.forecasting.terrain.towns import Town

TOWNS = 8


def test_a_known_risk_comes_back_and_random_layers_stay_out() -> None:
    """Eight simulated towns: bars double the rate within 375 m, parks do nothing."""
    logs, covered, false_alarms, found_bars = [], 0, 0, 0
    for seed in range(TOWNS):
        town = Town.of(seed)
        counts = town.random.poisson(town.rates(2.0)).astype(np.float64)
        exposure = np.ones(len(counts))
        fit = fit_terrain(town.features, town.matrix, counts, exposure, town.areas)
        layers = {town.features[at].layer: at for at in fit.chosen}
        found_bars += "bars" in layers
        true = town.near("bars", 375)[:, None]
        (known,) = rate_ratios(true, counts, exposure, town.areas, resamples=199).beside
        logs.append(np.log(known.value))
        covered += known.low <= 2.0 <= known.high
        if "parks" in layers:
            column = town.matrix[:, [layers["parks"]]]
            (parks,) = rate_ratios(column, counts, exposure, town.areas, resamples=199).beside
            false_alarms += not parks.low <= 1 <= parks.high
    assert found_bars == TOWNS
    assert np.exp(np.mean(logs)) == pytest.approx(2.0, rel=0.08)
    assert covered >= TOWNS - 2
    assert false_alarms <= 1


def test_places_of_no_effect_leave_nothing_to_choose() -> None:
    town = Town.of(1)
    counts = town.random.poisson(2.0, len(town.cells)).astype(np.float64)
    exposure = np.ones(len(counts))
    assert fit_terrain(town.features, town.matrix, counts, exposure, town.areas).chosen == ()


def test_folds_keep_areas_whole() -> None:
    areas = np.repeat(np.arange(23), 7)
    folds = fold_of_areas(areas, 10)
    assert all(len(set(folds[areas == area])) == 1 for area in range(23))
    assert set(np.unique(folds)) == set(range(10))
