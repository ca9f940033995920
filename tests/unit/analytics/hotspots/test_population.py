"""Residents by cell against areas whose shares are known, and against points drawn in them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.selection import Selection
from analytics.hotspots.denominators import ALL, RESIDENTS, against_of, against_type, type_of
from analytics.hotspots.fishnet import fishnet_over
from analytics.hotspots.population import (
    Inhabited,
    cell_residents,
    finest_level,
    spread_evenly,
)
from analytics.incidents.manifest import Manifest, Outline, SourceInfo
from tests.oracles.residents import residents_of_cells
from tests.unit.analytics.hotspots.places import CRS, square_grid


def test_residents_are_spread_by_area() -> None:
    grid = square_grid(2, 100)  # four cells of 100 m
    west, all_ = shapely.box(0, 0, 100, 200), shapely.box(0, 0, 200, 200)
    areas = Inhabited("area", np.array([west, all_], dtype=object), np.array([60.0, 40.0]))
    assert cell_residents(grid, areas).values.tolist() == [40, 40, 10, 10]


def test_they_are_where_points_drawn_in_the_areas_are() -> None:
    random = np.random.default_rng(0)
    areas = [shapely.MultiPoint(random.uniform(0, 2000, (6, 2))).convex_hull for _ in range(4)]
    grid = fishnet_over(shapely.box(0, 0, 2000, 2000), 250, CRS)
    drawn = np.zeros(len(grid))
    for area, people in zip(areas, (4e5, 3e5, 2e5, 1e5), strict=True):
        points = random.uniform(0, 2000, (400_000, 2))
        inside = points[shapely.contains_xy(area, points)]
        drawn += people * np.bincount(grid.indices_of(*inside.T), minlength=len(grid)) / len(inside)
    people = np.array([4e5, 3e5, 2e5, 1e5])
    found = cell_residents(grid, Inhabited("area", np.array(areas, dtype=object), people)).values
    assert found.sum() == pytest.approx(1e6)
    assert np.abs(found - drawn).max() < 0.05 * drawn.max()


def test_who_lives_outside_the_cells_is_in_none() -> None:
    found = cell_residents(square_grid(2, 100), inhabited([50], (100, 0, 300, 100)))
    assert found.values.sum() == 25


def inhabited(residents: list[float], *boxes: tuple[float, float, float, float]) -> Inhabited:
    areas = np.array([shapely.box(*box) for box in boxes], dtype=object)
    return Inhabited("area", areas, np.array(residents))


def test_a_part_of_an_area_has_its_share_of_the_residents() -> None:
    whole = inhabited([60, 40, np.nan], (0, 0, 200, 100), (200, 0, 300, 100), (300, 0, 400, 100))
    part = whole.within(shapely.box(150, 0, 260, 50))
    assert part.residents.tolist() == pytest.approx([60 * 50 * 50 / 20_000, 40 * 60 * 50 / 10_000])
    assert shapely.area(part.areas).tolist() == [2_500, 3_000]
    assert (whole.unknown, part.unknown) == (1, 0)
    assert whole.within(None) is whole


def test_cells_are_known_where_areas_with_a_number_hold_most_of_them() -> None:
    grid = square_grid(3, 100)  # columns of cells from 0, 100 and 200 m on
    half = inhabited([30, np.nan], (0, 0, 140, 300), (140, 0, 200, 300))
    found = cell_residents(grid, half)
    assert found.values.tolist() == pytest.approx(
        residents_of_cells(grid, [half.areas[0]], [30]).tolist()
    )
    assert found.known.tolist() == [column == 0 for column in grid.columns]
    assert (found.areas, found.unknown) == (2, 1)
    assert found.total == pytest.approx(30)


def test_residents_of_a_cell_are_shared_out_over_its_lattice() -> None:
    grid = square_grid(2, 150)
    values = np.array([9.0, 0.0, 18.0, 27.0])
    lattice = spread_evenly(grid, values, 50)
    back = grid.indices(lattice["col"].to_numpy() // 3, lattice["row"].to_numpy() // 3)
    assert np.bincount(back, lattice["weight"].to_numpy(), minlength=4).tolist() == [9, 0, 18, 27]
    assert lattice.select("col", "row").n_unique() == lattice.height == 27
    assert set(lattice["weight"]) == {1.0, 2.0, 3.0}


def test_the_level_with_most_inhabited_areas_is_the_finest() -> None:
    outlines = {
        "district": Outline("district", "added", 22, residents=900, areas_with_residents=22),
        "beat": Outline("beat", "added", 274, residents=40, areas_with_residents=3),
        "area": Outline("area", "added", 77, residents=880, areas_with_residents=76),
        "ward": Outline("ward", "added", 99, residents=0, areas_with_residents=99),
    }
    assert finest_level(manifest(outlines)) == outlines["area"]
    assert finest_level(manifest({"ward": outlines["ward"]})) is None
    assert finest_level(manifest({})) is None


def manifest(outlines: dict[str, Outline]) -> Manifest:
    source = SourceInfo("test", "Test City", "America/Chicago", "offense")
    return Manifest("a", "b", 1, "0", source, 0, None, None, None, CRS, outlines=outlines)


@pytest.mark.parametrize("name", ["THEFT", "residents", "all", "type:residents", "ALL"])
def test_a_crime_type_of_any_name_can_be_what_a_risk_is_over(name: str) -> None:
    written = against_type(name)
    assert written not in (ALL, RESIDENTS)
    assert type_of(written) == name
    chosen = against_of(Selection.parse("type=BURGLARY&hour=3"), written)
    assert chosen.get("type") == Words((name,))
    assert chosen.get("hour") == Selection.parse("hour=3").get("hour")


def test_all_incidents_are_those_of_no_chosen_offense() -> None:
    chosen = Selection.parse("type=BURGLARY&group=violent&description=SIMPLE&hour=3")
    assert against_of(chosen, ALL) == Selection.parse("hour=3")
