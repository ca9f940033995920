"""The demo city's geography."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from analytics.demo.city import AREAS, BEATS, DISTRICTS, WARDS, City, build_city, point_degrees
from analytics.demo.outlines import land, outlines
from analytics.demo.profile import DemoProfile


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(DemoProfile.load())


def test_it_is_the_same_city_every_time(city: City) -> None:
    again = build_city(DemoProfile.load())
    assert np.array_equal(again.points, city.points)
    assert again.blocks.names == city.blocks.names


def test_it_has_about_as_many_blocks_and_points_as_the_real_one(city: City) -> None:
    assert len(city.blocks) == pytest.approx(33_505, rel=0.1)
    assert len(city.points) == pytest.approx(344_676, rel=0.1)
    assert len(set(city.blocks.names)) == len(city.blocks)


def test_it_has_the_planned_number_of_areas(city: City) -> None:
    found = {level: len(set(tiling.of_block.tolist())) for level, tiling in city.levels.items()}
    assert found == {"district": DISTRICTS, "beat": BEATS, "ward": WARDS, "area": AREAS}


def test_beats_nest_in_districts(city: City) -> None:
    beat, district = (city.levels[level].of_block for level in ("beat", "district"))
    assert {(b[:2], d[1:]) for b, d in zip(beat.tolist(), district.tolist(), strict=True)} == {
        (f"{number:02d}", f"{number:02d}") for number in range(1, DISTRICTS + 1)
    }


def test_shares_of_a_blocks_points_add_up_to_one(city: City) -> None:
    assert np.bincount(city.block_of_point, city.share_in_block) == pytest.approx(1.0)


@pytest.mark.parametrize("level", ["district", "beat", "ward", "area"])
def test_outlines_tile_the_land_and_hold_their_points(city: City, level: str) -> None:
    tiling = city.levels[level]
    pieces = [shapely.box(*tile.rectangle) & land() for tile in tiling.tiles]
    assert sum(piece.area for piece in pieces) == pytest.approx(land().area)
    keys = dict(zip(tiling.keys, outlines(city, level), strict=True))
    sample = np.random.default_rng(1).integers(0, len(city.points), 400)
    lat, lon = point_degrees(city)[sample].T
    for point, x, y in zip(sample.tolist(), lon, lat, strict=True):
        key = str(tiling.of_block[city.block_of_point[point]])
        assert keys[key].polygon.contains(shapely.Point(x, y))


def test_a_district_has_a_station_of_its_own(city: City) -> None:
    blocks = city.block_of_point[city.stations]
    assert len(set(city.levels["district"].of_block[blocks].tolist())) == DISTRICTS


def test_it_lies_in_open_water(city: City) -> None:
    lat, lon = point_degrees(city).T
    assert 39.85 < lat.min() < lat.max() < 40.15
    assert -39.25 < lon.min() < lon.max() < -38.9


@pytest.mark.real_data
def test_no_street_of_the_real_city_is_in_it(city: City, real_data: Path) -> None:
    file = pl.scan_parquet(real_data / "chicago_crimes_2014_2018.parquet")
    blocks = file.select(pl.col("Block").unique()).collect().to_series().to_list()
    real, invented = ({name.split()[2] for name in names} for names in (blocks, city.blocks.names))
    assert not real & invented
