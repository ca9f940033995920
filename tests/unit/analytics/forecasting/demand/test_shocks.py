"""Layers of shocks: recovered from simulation, and draws with the margins they promise."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analytics.forecasting.demand.shocks import Moments, Shocks

LAYERS = Shocks(
    city=0.010, area=0.020, cell=0.030, city_daily=0.015, area_daily=0.012, cell_daily=0.040
)
MEANS = np.full((12, 3, 28), 20.0)


def simulated(shocks: Shocks, origins: int, seed: int) -> np.ndarray:
    """Counts of independent origins, shape (origins, areas, shifts, days)."""
    return shocks.draw(MEANS, origins, seed).astype(np.float64)


def test_variances_of_the_layers_are_found_again() -> None:
    counts = simulated(LAYERS, 1_500, 3)
    means = np.broadcast_to(MEANS, counts.shape)
    found = Moments.of(counts, means).shocks(slice(None))
    for name in ("city", "area", "cell", "city_daily", "area_daily", "cell_daily"):
        assert getattr(found, name) == pytest.approx(getattr(LAYERS, name), abs=0.003), name
    assert found.dispersion == pytest.approx(LAYERS.dispersion, rel=0.05)


def test_pairs_are_those_of_loops() -> None:
    random = np.random.default_rng(5)
    errors = random.normal(size=(1, 3, 2, 4))
    means = random.uniform(1, 3, size=(1, 3, 2, 4))
    cells = list(product(range(3), range(2), range(4)))
    above, below = np.zeros(6), np.zeros(6)
    for (a, s, d), (b, t, e) in product(cells, cells):
        if a == b and s == t:
            kind = 0 if d == e else 1
        elif a == b:
            kind = 2 if d == e else 3
        else:
            kind = 4 if d == e else 5
        above[kind] += errors[0, a, s, d] * errors[0, b, t, e]
        below[kind] += means[0, a, s, d] * means[0, b, t, e]
    above[0] -= means.sum()
    same, cell, area_day, area, city_day, city = np.log1p(np.maximum(above / below, 0))
    found = Moments.of(means + errors, means).shocks(slice(None))
    assert found.city == pytest.approx(city)
    assert found.area == pytest.approx(max(area - city, 0))
    assert found.cell == pytest.approx(max(cell - city - found.area, 0))
    assert found.city_daily == pytest.approx(max(city_day - city, 0))
    lasting = city + found.area + found.city_daily
    assert found.area_daily == pytest.approx(max(area_day - lasting, 0))
    known = lasting + found.cell + found.area_daily
    assert found.cell_daily == pytest.approx(max(same - known, 0))


def test_poisson_counts_have_no_shocks() -> None:
    counts = np.random.default_rng(2).poisson(MEANS, (400, *MEANS.shape)).astype(float)
    found = Moments.of(counts, np.broadcast_to(MEANS, counts.shape)).shocks(slice(None))
    assert found.dispersion < 0.002


def test_draws_have_the_mean_and_the_variance_of_a_cell() -> None:
    draws = LAYERS.draw(MEANS, 4_000, 8)[:, 0, 0, 0]
    assert draws.mean() == pytest.approx(20, rel=0.03)
    assert draws.var() == pytest.approx(float(LAYERS.variance(np.array(20.0))), rel=0.1)


def test_sums_of_joint_draws_are_wider_than_those_of_independent_cells() -> None:
    alone = Shocks(cell_daily=float(np.log1p(LAYERS.dispersion)))
    joint, independent = (
        one.draw(MEANS, 1_000).sum(axis=(1, 2, 3)).std() for one in (LAYERS, alone)
    )
    assert joint > 4 * independent


def test_the_same_seed_draws_the_same_counts() -> None:
    assert np.array_equal(LAYERS.draw(MEANS, 20, 7), LAYERS.draw(MEANS, 20, 7))


def test_one_shift_is_a_city_of_areas() -> None:
    counts = simulated(LAYERS, 200, 1)[:, :, :1]
    found = Moments.of(counts, np.full(counts.shape, 20.0)).shocks(slice(None))
    assert found.area == found.area_daily == 0
    assert found.cell == pytest.approx(LAYERS.area + LAYERS.cell, abs=0.01)
