"""Cells of a study area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.errors import InputError
from analytics.hotspots.fishnet import fishnet_over
from tests.unit.analytics.hotspots.places import CRS, ragged_grid


def test_cells_are_those_that_touch_the_outline() -> None:
    triangle = shapely.Polygon([(10, 10), (990, 10), (10, 990)])
    grid = fishnet_over(triangle, 100, CRS)
    expected = {
        (column, row)
        for column in range(10)
        for row in range(10)
        if triangle.intersects(
            shapely.box(column * 100, row * 100, column * 100 + 100, row * 100 + 100)
        )
    }
    assert set(zip(grid.columns.tolist(), grid.rows.tolist(), strict=True)) == expected
    assert grid.area_km2 == pytest.approx(len(expected) * 0.01)


def test_cells_west_and_south_of_the_origin_are_numbered_by_the_floor() -> None:
    grid = fishnet_over(shapely.box(-120, -20, -110, -10), 100, CRS)
    assert grid.keys == ["100:-2_-1"]
    assert grid.centers.tolist() == [[-150, -50]]


def test_every_place_finds_its_cell_and_none_outside() -> None:
    grid = ragged_grid(4)
    random = np.random.default_rng(0)
    xy = random.uniform(-500, 4000, (2000, 2))
    known = {key: number for number, key in enumerate(grid.keys)}
    expected = [known.get(f"250:{int(x // 250)}_{int(y // 250)}", -1) for x, y in xy]
    assert grid.indices_of(xy[:, 0], xy[:, 1]).tolist() == expected


def test_an_empty_area_has_no_cells() -> None:
    grid = fishnet_over(shapely.Polygon(), 250, CRS)
    assert len(grid) == 0
    assert grid.indices_of(np.array([1.0]), np.array([1.0])).tolist() == [-1]


@pytest.mark.parametrize(("side_m", "size_m"), [(1e6, 100), (1000, 5), (1000, 20_000)])
def test_too_many_cells_and_odd_sizes_are_refused(side_m: float, size_m: int) -> None:
    with pytest.raises(InputError):
        fishnet_over(shapely.box(0, 0, side_m, side_m), size_m, CRS)
