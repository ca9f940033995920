"""Gi* against esda, and its false discovery rate."""

from __future__ import annotations

import numpy as np
import pytest
from esda.getisord import G_Local
from libpysal.weights import DistanceBand, fill_diagonal
from scipy.stats import false_discovery_control

from analytics.errors import InputError
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.neighbours import distance_band, queen
from analytics.hotspots.significance import benjamini_hochberg
from tests.unit.hotspots.places import ragged_net, square_net


@pytest.mark.parametrize("band_m", [250.0, 360.0, 800.0])
def test_equals_esda(band_m: float) -> None:
    net = ragged_net(1)
    values = np.random.default_rng(0).negative_binomial(1, 0.2, len(net)).astype(float)
    linked = DistanceBand(net.centres, band_m, binary=True, silence_warnings=True)
    theirs = G_Local(values, fill_diagonal(linked, 1), transform="B", star=True, permutations=0)
    ours = fit_getis_ord(values, distance_band(net, band_m, self_included=True))
    assert ours.z == pytest.approx(theirs.Zs)
    assert ours.p == pytest.approx(2 * theirs.p_norm)


def test_queen_is_the_band_of_a_cells_diagonal() -> None:
    net = ragged_net(2)
    by_distance = distance_band(net, 250 * 2**0.5, self_included=True)
    assert (queen(net, self_included=True) != by_distance).nnz == 0
    assert queen(net, self_included=False).diagonal().sum() == 0


def test_a_planted_hot_spot_is_found_and_nothing_else() -> None:
    net = square_net(20)
    values = np.random.default_rng(1).poisson(2, len(net)).astype(float)
    planted = ((net.columns - 10) ** 2 + (net.rows - 10) ** 2) <= 2
    values[planted] += 15
    found = fit_getis_ord(values, queen(net, self_included=True))
    near = ((net.columns - 10) ** 2 + (net.rows - 10) ** 2) <= 18
    assert found.hot()[planted].all()
    assert not found.hot()[~near].any()
    assert not found.cold().any()


def test_where_all_cells_are_the_same_there_is_no_score() -> None:
    net = square_net(5)
    found = fit_getis_ord(np.full(25, 3.0), queen(net, self_included=True))
    assert np.isnan(found.z).all()
    assert not found.hot().any()


def test_the_cell_itself_must_be_among_its_neighbours() -> None:
    net = square_net(4)
    with pytest.raises(InputError):
        fit_getis_ord(np.arange(16.0), queen(net, self_included=False))
    with pytest.raises(InputError):
        fit_getis_ord(np.arange(9.0), queen(net, self_included=True))
    with pytest.raises(InputError):
        distance_band(net, 200, self_included=True)


def test_adjusted_p_values_equal_scipys_and_leave_out_what_was_not_tested() -> None:
    p = np.random.default_rng(3).random(50) ** 3
    with_gap = np.insert(p, 7, np.nan)
    adjusted = benjamini_hochberg(with_gap)
    assert np.isnan(adjusted[7])
    assert np.delete(adjusted, 7) == pytest.approx(false_discovery_control(p))
