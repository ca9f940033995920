"""Residents by cell against areas whose shares are known, and against points drawn in them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.errors import InputError
from analytics.hotspots.fishnet import fishnet_over
from analytics.hotspots.population import residents_of_cells
from tests.unit.hotspots.places import CRS, square_net


def test_residents_are_spread_by_area() -> None:
    net = square_net(2, 100)  # four cells of 100 m
    west, all_ = shapely.box(0, 0, 100, 200), shapely.box(0, 0, 200, 200)
    assert residents_of_cells(net, [west, all_], [60, 40]).tolist() == [40, 40, 10, 10]


def test_they_are_where_points_drawn_in_the_areas_are() -> None:
    random = np.random.default_rng(0)
    areas = [shapely.MultiPoint(random.uniform(0, 2000, (6, 2))).convex_hull for _ in range(4)]
    net = fishnet_over(shapely.box(0, 0, 2000, 2000), 250, CRS, "a square")
    drawn = np.zeros(len(net))
    for area, people in zip(areas, (4e5, 3e5, 2e5, 1e5), strict=True):
        points = random.uniform(0, 2000, (400_000, 2))
        inside = points[shapely.contains_xy(area, points)]
        drawn += people * np.bincount(net.indices_of(*inside.T), minlength=len(net)) / len(inside)
    found = residents_of_cells(net, areas, [4e5, 3e5, 2e5, 1e5])
    assert found.sum() == pytest.approx(1e6)
    assert np.abs(found - drawn).max() < 0.05 * drawn.max()


def test_who_lives_outside_the_cells_is_in_none() -> None:
    assert residents_of_cells(square_net(2, 100), [shapely.box(100, 0, 300, 100)], [50]).sum() == 25


@pytest.mark.parametrize("residents", [[1.0, 2.0], [-1.0], [float("nan")]])
def test_nonsense_is_refused(residents: list[float]) -> None:
    with pytest.raises(InputError):
        residents_of_cells(square_net(2), [shapely.box(0, 0, 9, 9)], residents)
