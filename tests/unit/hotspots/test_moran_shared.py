"""Local Moran's I with shared draws against every possible draw, and against esda."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from esda.moran import Moran_Local
from libpysal.weights import lat2W

from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.moran import fit_local_moran
from analytics.hotspots.moran_shared import distinct, fit_local_moran_shared
from analytics.hotspots.neighbours import queen


def net_of(columns: int, rows: int) -> Fishnet:
    across, along = np.meshgrid(np.arange(columns), np.arange(rows), indexing="ij")
    return Fishnet(250, across.ravel(), along.ravel(), "EPSG:32616", "a rectangle")


def skewed(cells: int) -> np.ndarray:
    return np.random.default_rng(2).negative_binomial(0.5, 0.1, cells).astype(float)


def test_p_values_are_those_of_all_possible_neighbours() -> None:
    net = net_of(6, 5)
    values = skewed(len(net))
    weights = queen(net, self_included=False)
    found = fit_local_moran_shared(values, weights, draws=199_999)
    z = values - values.mean()
    for cell in np.flatnonzero(np.diff(weights.indptr) == 3):  # the corners
        others = np.delete(z, cell)
        drawn = np.array([others[list(chosen)].mean() for chosen in combinations(range(29), 3)])
        lag = z[weights.indices[weights.indptr[cell] : weights.indptr[cell + 1]]].mean()
        larger = (z[cell] * drawn >= z[cell] * lag - 1e-9).mean()
        assert found.p[cell] == pytest.approx(min(2 * min(larger, 1 - larger), 1), abs=0.01)


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_it_agrees_with_esda_and_with_draws_of_each_cell() -> None:
    net = net_of(20, 25)
    values = skewed(len(net))
    values[[40, 41, 65, 66]] += 40
    weights = queen(net, self_included=False)
    found = fit_local_moran_shared(values, weights)
    ours = fit_local_moran(values, weights, permutations=999)
    theirs = Moran_Local(values, lat2W(20, 25, rook=False), permutations=9999, seed=1)
    np.testing.assert_allclose(found.i, theirs.Is)
    folded = np.minimum(2 * theirs.p_sim, 1)
    assert np.abs(found.p - folded).mean() < 0.03
    small = folded < 0.1
    assert small.sum() > 20
    assert np.abs(found.p - folded)[small].max() < 0.03
    np.testing.assert_allclose(found.i, ours.i)
    np.testing.assert_array_equal(found.quadrant, ours.quadrant)
    assert np.abs(found.p - ours.p).max() < 0.15  # 999 draws: standard error 0.03 at p = 1/2
    assert np.abs(found.p - ours.p).mean() < 0.02


def test_a_cell_is_never_drawn_as_its_own_neighbour() -> None:
    # The corner towers over its high neighbours: were it among its own draws, one set in ten would
    # beat them, and it could not be significant.
    net = net_of(6, 5)
    values = skewed(len(net)) * 0 + np.arange(30) % 3
    values[[1, 5, 6]] = 10.0
    values[0] = 100.0
    found = fit_local_moran_shared(values, queen(net, self_included=False))
    assert found.p[0] == pytest.approx(2 / 3654, rel=0.3)  # one of C(29, 3) sets


def test_no_set_holds_a_cell_twice() -> None:
    drawn = distinct(25, 8, 5_000, seed=4)
    assert all(len(set(row)) == 8 for row in drawn.tolist())
    counts = np.bincount(drawn.ravel(), minlength=25)
    assert counts == pytest.approx(np.full(25, 1600), rel=0.12)


def test_too_few_cells_and_cells_among_their_own_neighbours_are_refused() -> None:
    net = net_of(4, 4)
    with pytest.raises(InputError, match="too few"):
        fit_local_moran_shared(skewed(16), queen(net, self_included=False))
    with pytest.raises(InputError, match="without the cell itself"):
        fit_local_moran_shared(skewed(16), queen(net, self_included=True))
