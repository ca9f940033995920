"""What the terrain adds to past counts, in simulated towns where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecasting.terrain.out_of_time import (
    LaterDays,
    PastDays,
    combined_rules,
    shrunk_counts,
    terrain_gain,
    where_scores,
)
from analytics.forecasting.terrain.risk_terrain import WhereModel
from analytics.statistics.arrays import Floats
from tests.unit.analytics.forecasting.terrain.towns import Town

WEEKS = 30


def rules_of(town: Town, rates: Floats, terrain: Floats) -> tuple[dict, LaterDays]:
    """Rules of a town with the same rates before and on the later days."""
    exposure = np.ones(len(rates))
    before, after = (town.random.poisson(rates).astype(float) for _ in range(2))
    weeks = town.random.poisson(rates[:, None] / WEEKS, (len(rates), WEEKS)).astype(float)
    past = PastDays(before, after, after)
    return combined_rules(town.cells, past, exposure, terrain), LaterDays(
        weeks, exposure, town.areas
    )


def gain_of(town: Town, rates: Floats, terrain: Floats) -> tuple[bool, float]:
    rules, later = rules_of(town, rates, terrain)
    gain = terrain_gain(rules[WhereModel.NEIGHBORS_TERRAIN], rules[WhereModel.NEIGHBORS], later)
    return gain.clear, gain.deviance_explained.value


def test_a_terrain_that_is_all_of_the_risk_gains_where_counts_are_few() -> None:
    town = Town.of(2)
    rates = 0.1 * 10.0 ** town.near("bars", 250)
    clear, explained = gain_of(town, rates, rates)
    assert clear
    assert explained > 0.05


def test_a_random_terrain_does_not_gain() -> None:
    """Of ten towns, by chance one gain of deviance and of capture at once would be rare."""
    clear = []
    for seed in range(10):
        town = Town.of(seed)
        terrain = 2.0 ** town.near("parks", 375)
        clear.append(gain_of(town, town.rates(2.0), terrain)[0])
    assert sum(clear) <= 1


def test_scores_are_those_of_their_definitions() -> None:
    town = Town.of(3)
    rates = town.rates(3.0)
    weeks = town.random.poisson(rates[:, None] / WEEKS, (len(rates), WEEKS)).astype(float)
    later = LaterDays(weeks, np.ones(len(rates)), town.areas)
    counts = later.counts
    expected = {WhereModel.AREA_ONLY: later.exposure, WhereModel.COUNTS: counts + 1e-9}
    flat, oracle = where_scores(expected, later)
    assert flat.deviance_explained == pytest.approx(0)
    assert flat.pai_5 == pytest.approx(1)
    assert oracle.deviance_explained == pytest.approx(1, abs=1e-5)
    assert oracle.pei_1 == pytest.approx(1)
    top = np.sort(counts)[::-1][:16]
    assert oracle.pai_1 == pytest.approx(top.sum() / counts.sum() / 0.01)


def test_shrunk_counts_keep_the_total_and_are_between_the_count_and_the_mean() -> None:
    counts = np.random.default_rng(4).poisson(np.random.default_rng(5).gamma(0.5, 4, 4000))
    found = shrunk_counts(counts.astype(float), np.ones(4000))
    assert found.sum() == pytest.approx(counts.sum())
    assert ((found - counts) * (counts.mean() - counts) >= 0).all()
    assert found[0] == pytest.approx(counts.mean() + (counts[0] - counts.mean()) * 4 / 5, rel=0.05)
