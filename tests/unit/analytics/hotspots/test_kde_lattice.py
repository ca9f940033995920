"""KDE by convolution against sums over all pairs."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.kde_lattice import lattice_kde, lattice_m
from tests.oracles.kde import brute_kde


def net_of(size_m: int, columns: int = 20, rows: int = 16) -> Fishnet:
    across, along = np.meshgrid(
        np.arange(1790, 1790 + columns), np.arange(18560, 18560 + rows), indexing="ij"
    )
    return Fishnet(size_m, across.ravel(), along.ravel(), "EPSG:32616")


def binned(xy: np.ndarray, side_m: int) -> pl.DataFrame:
    numbers = np.floor(xy / side_m).astype(np.int64)
    frame = pl.DataFrame({"col": numbers[:, 0], "row": numbers[:, 1]})
    return frame.group_by("col", "row").agg(weight=pl.len())


def places(grid: Fishnet, count: int) -> np.ndarray:
    random = np.random.default_rng(7)
    low = grid.centers.min(axis=0)
    spread = grid.centers.max(axis=0) - low
    clusters = low + spread * random.random((5, 2))
    near = clusters[random.integers(5, size=count)] + random.normal(0, 300, (count, 2))
    return np.vstack([near, low - 400 + (spread + 800) * random.random((count // 3, 2))])


@pytest.mark.parametrize(("size_m", "bandwidth_m"), [(250, 500), (150, 400), (500, 1000)])
def test_it_is_the_kde_of_incidents_at_the_middles_of_the_lattice(
    size_m: int, bandwidth_m: int
) -> None:
    grid = net_of(size_m)
    side = lattice_m(size_m, bandwidth_m)
    points = binned(places(grid, 900), side)
    middles = (points.select("col", "row").to_numpy() + 0.5) * side
    weights = points["weight"].to_numpy().astype(float)
    exact = brute_kde(grid.centers, middles, weights, bandwidth_m=bandwidth_m)
    found = lattice_kde(grid, points, side, bandwidth_m)
    np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-6)


def test_it_is_within_two_percent_of_the_kde_of_the_raw_places() -> None:
    grid = net_of(250)
    xy = places(grid, 3000)
    side = lattice_m(250, 500)
    exact = brute_kde(grid.centers, xy, bandwidth_m=500)
    found = lattice_kde(grid, binned(xy, side), side, 500)
    assert np.abs(found - exact).max() < 0.02 * exact.max()


@pytest.mark.parametrize(
    ("size_m", "bandwidth_m", "side"), [(250, 500, 50), (250, 100, 10), (1000, 500, 40)]
)
def test_the_lattice_divides_the_cells_into_an_odd_number(
    size_m: int, bandwidth_m: float, side: int
) -> None:
    assert lattice_m(size_m, bandwidth_m) == side
    assert size_m // side % 2 == 1


def test_a_bandwidth_too_short_for_the_cells_is_refused() -> None:
    with pytest.raises(InputError, match="too short"):
        lattice_m(250, 40)
    with pytest.raises(InputError, match="more than 0"):
        lattice_m(250, -1)
