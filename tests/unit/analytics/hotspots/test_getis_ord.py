"""Gi* against esda, and its false discovery rate."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from esda.getisord import G_Local
from libpysal.weights import DistanceBand, fill_diagonal
from scipy.stats import binom, false_discovery_control

from analytics.errors import InputError
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.neighbors import distance_band, queen
from analytics.statistics.false_discovery import benjamini_hochberg
from tests.unit.analytics.hotspots.places import ragged_grid, square_grid

MAPS = 200


@pytest.mark.parametrize("band_m", [250.0, 360.0, 800.0])
def test_equals_esda(band_m: float) -> None:
    grid = ragged_grid(1)
    values = np.random.default_rng(0).negative_binomial(1, 0.2, len(grid)).astype(float)
    linked = DistanceBand(grid.centers, band_m, binary=True, silence_warnings=True)
    theirs = G_Local(values, fill_diagonal(linked, 1), transform="B", star=True, permutations=0)
    ours = fit_getis_ord(values, distance_band(grid, band_m, self_included=True))
    assert ours.z == pytest.approx(theirs.Zs)


def test_p_values_are_those_of_every_way_to_draw_the_neighbors() -> None:
    grid = square_grid(4)
    values = np.array([9.0, 7, 1, 0, 0, 2, 0, 3, 1, 0, 0, 0, 5, 1, 0, 0])
    weights = queen(grid, self_included=True)
    found = fit_getis_ord(values, weights)
    for cell, around in enumerate(weights.tolil().rows):
        others = [one for one in around if one != cell]
        drawn = combinations(np.delete(values, cell), len(others))
        sums, observed = np.array([sum(one) for one in drawn]), values[others].sum()
        tail = (sums >= observed) if found.z[cell] > 0 else (sums <= observed)
        assert found.p[cell] == pytest.approx(min(2 * tail.mean(), 1))


@pytest.mark.parametrize("per_cell", [0.05, 0.3, 1.0, 5.0])
def test_random_maps_seldom_have_a_hot_cell(per_cell: float) -> None:
    grid = square_grid(30)
    band = distance_band(grid, 500, self_included=True)
    random = np.random.default_rng(7)
    maps = [random.poisson(per_cell, len(grid)).astype(float) for _ in range(MAPS)]
    alarms = sum(bool(fit_getis_ord(counts, band).hot().any()) for counts in maps)
    # More would come of a false alarm on 5% of maps once in a thousand times.
    assert alarms <= binom.ppf(0.999, MAPS, 0.05)


@pytest.mark.parametrize(("per_cell", "times", "share"), [(0.3, 12, 0.8), (1, 6, 0.8), (5, 3, 0.8)])
def test_planted_places_are_found(per_cell: float, times: float, share: float) -> None:
    grid = square_grid(40)
    band = distance_band(grid, 500, self_included=True)
    planted = np.hypot(grid.columns - 20, grid.rows - 20) <= 2
    rates = np.where(planted, times * per_cell, per_cell)
    random = np.random.default_rng(9)
    hot = [fit_getis_ord(random.poisson(rates).astype(float), band).hot() for _ in range(30)]
    assert np.mean([one[planted].mean() for one in hot]) > share


def test_a_lone_busy_cell_makes_neither_itself_nor_its_neighbors_hot() -> None:
    grid = square_grid(20)
    values = np.random.default_rng(2).poisson(1, len(grid)).astype(float)
    values[(grid.columns == 10) & (grid.rows == 10)] = 100
    found = fit_getis_ord(values, queen(grid, self_included=True))
    assert found.z.max() > 6
    assert not found.hot().any()


def test_queen_is_the_band_of_a_cells_diagonal() -> None:
    grid = ragged_grid(2)
    by_distance = distance_band(grid, 250 * 2**0.5, self_included=True)
    assert (queen(grid, self_included=True) != by_distance).nnz == 0
    assert queen(grid, self_included=False).diagonal().sum() == 0


def test_a_planted_hot_spot_is_found_and_nothing_else() -> None:
    grid = square_grid(20)
    values = np.random.default_rng(2).poisson(2, len(grid)).astype(float)
    planted = ((grid.columns - 10) ** 2 + (grid.rows - 10) ** 2) <= 2
    values[planted] += 15
    found = fit_getis_ord(values, queen(grid, self_included=True))
    near = ((grid.columns - 10) ** 2 + (grid.rows - 10) ** 2) <= 18
    assert found.hot()[planted].all()
    assert not found.hot()[~near].any()
    assert not ((found.z < 0) & (found.q <= 0.05)).any()


def test_where_all_cells_are_the_same_there_is_no_score() -> None:
    grid = square_grid(5)
    found = fit_getis_ord(np.full(25, 3.0), queen(grid, self_included=True))
    assert np.isnan(found.z).all()
    assert not found.hot().any()


def test_the_cell_itself_must_be_among_its_neighbors() -> None:
    grid = square_grid(4)
    with pytest.raises(InputError):
        fit_getis_ord(np.arange(16.0), queen(grid, self_included=False))
    with pytest.raises(InputError):
        fit_getis_ord(np.arange(9.0), queen(grid, self_included=True))
    with pytest.raises(InputError):
        distance_band(grid, 200, self_included=True)
    with pytest.raises(InputError):
        fit_getis_ord(np.arange(16.0), 0.5 * queen(grid, self_included=True))


def test_adjusted_p_values_equal_scipys_and_leave_out_what_was_not_tested() -> None:
    p = np.random.default_rng(3).random(50) ** 3
    with_gap = np.insert(p, 7, np.nan)
    adjusted = benjamini_hochberg(with_gap)
    assert np.isnan(adjusted[7])
    assert np.delete(adjusted, 7) == pytest.approx(false_discovery_control(p))
