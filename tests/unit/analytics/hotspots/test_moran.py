"""Local Moran's I against esda and against every permutation of a small grid."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from esda.moran import Moran_Local
from libpysal.weights import W
from scipy.stats import binom

from analytics.errors import InputError
from analytics.hotspots.moran import QUADRANTS, fit_local_moran
from analytics.hotspots.neighbors import queen
from tests.unit.analytics.hotspots.places import ragged_grid, square_grid

MAPS = 150


def as_pysal(weights: object) -> W:
    rows = weights.tolil().rows
    return W({number: list(row) for number, row in enumerate(rows)}, silence_warnings=True)


def test_equals_esda() -> None:
    grid = ragged_grid(3)
    values = np.random.default_rng(2).negative_binomial(1, 0.2, len(grid)).astype(float)
    values[:40] += 9
    weights = queen(grid, self_included=False)
    # Without permutations: esda compiles for most of a minute to draw them.
    theirs = Moran_Local(values, as_pysal(weights), permutations=0)
    ours = fit_local_moran(values, weights)
    assert ours.i == pytest.approx(theirs.Is)
    own, lag = values > values.mean(), (weights @ (values - values.mean())) > 0
    words = {(True, True): 0, (False, True): 1, (False, False): 2, (True, False): 3}
    assert ours.quadrant.tolist() == [words[pair] for pair in zip(own, lag, strict=True)]


@pytest.mark.parametrize("cell", [0, 37, 80, 120])
def test_p_is_that_of_neighbors_drawn_one_by_one(cell: int) -> None:
    grid = ragged_grid(5)
    random = np.random.default_rng(11)
    values = random.negative_binomial(1, 0.2, len(grid)).astype(float)
    weights = queen(grid, self_included=False)
    ours = fit_local_moran(values, weights)
    z = values - values.mean()
    neighbors = weights.tolil().rows[cell]
    observed = z[cell] * z[neighbors].mean()
    others = np.delete(z, cell)
    drawn = np.array(
        [z[cell] * random.choice(others, len(neighbors), False).mean() for _ in range(5000)]
    )
    tail = min((drawn >= observed - 1e-9).mean(), (drawn <= observed + 1e-9).mean())
    assert ours.p[cell] == pytest.approx(min(2 * tail, 1), abs=0.03)


def test_p_is_that_of_all_ways_to_draw_the_neighbors() -> None:
    grid = square_grid(3)
    values = np.array([9.0, 7, 1, 8, 2, 0, 3, 1, 4])
    weights = queen(grid, self_included=False)
    ours = fit_local_moran(values, weights)
    z = values - values.mean()
    corner = 0
    neighbors = weights.tolil().rows[corner]
    observed = z[corner] * z[neighbors].mean()
    others = np.delete(z, corner)
    drawn = np.array([z[corner] * np.mean(d) for d in permutations(others, len(neighbors))])
    tail = min((drawn >= observed - 1e-9).mean(), (drawn <= observed + 1e-9).mean())
    assert ours.p[corner] == pytest.approx(min(2 * tail, 1))


@pytest.mark.parametrize("per_cell", [0.05, 0.3, 1.0])
def test_random_maps_seldom_have_a_significant_cell(per_cell: float) -> None:
    grid = square_grid(20)
    weights = queen(grid, self_included=False)
    random = np.random.default_rng(8)
    alarms = sum(
        bool((fit_local_moran(random.poisson(per_cell, len(grid)), weights).q <= 0.05).any())
        for _ in range(MAPS)
    )
    assert alarms <= binom.ppf(0.999, MAPS, 0.05)


def test_a_busy_cell_among_empty_ones_is_no_outlier_where_most_cells_are_empty() -> None:
    grid = square_grid(20)
    values = np.zeros(len(grid))
    values[(grid.columns % 5 == 2) & (grid.rows % 5 == 2)] = 1.0
    assert (fit_local_moran(values, queen(grid, self_included=False)).p > 0.5).all()


def test_a_lone_high_cell_is_an_outlier_and_a_high_block_a_cluster() -> None:
    grid = square_grid(25)
    values = np.random.default_rng(5).poisson(3, len(grid)).astype(float)
    block = (grid.columns < 4) & (grid.rows < 4)
    values[block] += 20
    found = fit_local_moran(values, queen(grid, self_included=False))
    inside = (grid.columns < 3) & (grid.rows < 3)
    assert (found.q[inside] <= 0.05).all()
    assert {QUADRANTS[place] for place in found.quadrant[inside]} == {"high-high"}
    assert (found.q[(grid.columns > 6) & (grid.rows > 6)] > 0.05).mean() > 0.95


def test_cells_without_neighbors_or_without_variation_have_no_statistic() -> None:
    grid = square_grid(4)
    weights = queen(grid, self_included=False)
    assert np.isnan(fit_local_moran(np.ones(16), weights).p).all()
    lone = weights.tolil()
    lone[0, :] = 0
    found = fit_local_moran(np.arange(16.0), lone.tocsr())
    assert np.isnan(found.i[0])
    assert not np.isnan(found.i[1:]).any()


def test_a_cell_among_its_own_neighbors_is_refused() -> None:
    grid = square_grid(4)
    with pytest.raises(InputError):
        fit_local_moran(np.arange(16.0), queen(grid, self_included=True))
    with pytest.raises(InputError):
        fit_local_moran(np.arange(16.0), 2 * queen(grid, self_included=False))
