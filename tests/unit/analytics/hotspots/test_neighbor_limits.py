"""Lists of neighbors have a limit; the message says what to choose instead, and that works."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from analytics.errors import InputError
from analytics.formats import FOOT_M
from analytics.hotspots import neighbors
from analytics.hotspots.fishnet import Fishnet, fishnet_over
from analytics.hotspots.kde_kernels import kernel_matrix
from analytics.hotspots.neighborhoods import pairs_within, weight_within

pytestmark = pytest.mark.usefixtures("american")


def net_of(cells: int, size_m: int = 150) -> Fishnet:
    side = cells * size_m - 1
    return fishnet_over(shapely.box(1, 1, side, side), size_m, "EPSG:32616")


def test_neighbors_within_a_long_distance_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbors, "MOST_PAIRS", 100_000)
    grid = net_of(60)
    with pytest.raises(InputError, match="3,600 cells of 490 ft") as refusal:
        neighbors.distance_band(grid, 4_900, self_included=True)
    found = re.search(r"Choose ([\d,]+) ft or less", str(refusal.value))
    assert found
    longest = float(found[1].replace(",", "")) * FOOT_M
    assert 0 < neighbors.distance_band(grid, longest, self_included=True).nnz <= 100_000


def test_a_city_of_150_m_cells_takes_what_the_page_offers_and_not_4900_m() -> None:
    city = net_of(167)  # 27,889 cells, as Chicago has
    with pytest.raises(InputError, match=r"Choose 1\.2 mi or less"):
        neighbors.distance_band(city, 4_900, self_included=True)


def test_the_matrix_holds_every_pair_within_the_distance_and_no_other() -> None:
    grid = net_of(9)
    found = neighbors.distance_band(grid, 400, self_included=False).toarray()
    apart = np.linalg.norm(grid.centers[:, None] - grid.centers[None], axis=2)
    assert np.array_equal(found, ((apart <= 400) & (apart > 0)).astype(float))


@pytest.mark.parametrize("distance_m", [np.inf, -np.inf, np.nan, -1.0])
def test_a_distance_must_be_a_number_from_0(distance_m: float) -> None:
    xy = np.random.default_rng(1).uniform(0, 1_000, (50, 2))
    with pytest.raises(InputError, match="choose 0 or more"):
        list(pairs_within(xy, xy, distance_m))
    with pytest.raises(InputError):
        neighbors.distance_band(net_of(4), distance_m, self_included=True)


def test_pairs_of_places_have_a_limit_and_the_distance_it_names_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xy = np.random.default_rng(1).uniform(0, 3_000, (2_000, 2))
    with pytest.raises(InputError, match=r"4 million pairs") as refusal:
        list(pairs_within(xy, xy, 5_000, most=300_000))
    assert "Choose about" in str(refusal.value)
    monkeypatch.setattr("analytics.hotspots.kde_kernels.MOST_KEPT", 1_000)
    with pytest.raises(InputError, match="pairs within 1,640 ft"):
        kernel_matrix(xy, xy, 500)
    assert len(weight_within(xy, np.ones(len(xy)), 100.0)) == len(xy)
