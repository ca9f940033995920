"""Stations from a file, and messages that name file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.errors import InputError
from analytics.patrol.stations import read_stations

CRS = "EPSG:32616"
GOOD = "DISTRICT,LATITUDE,LONGITUDE\n1,41.8744,-87.6255\n99,41.8,-87.6\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "stations.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_station_is_matched_to_its_area_whatever_its_zeros(tmp_path: Path) -> None:
    found = read_stations(write(tmp_path, GOOD), ("001", "002"), CRS)
    assert list(found) == [0]
    assert found[0] == pytest.approx((448_057, 4_636_012), abs=200)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("DISTRICT,LATITUDE\n1,41.8\n", "line 1: no column"),
        (GOOD.replace("41.8744", "x"), "line 2, column LATITUDE: 'x'"),
        (GOOD.replace("-87.6255", "-187"), "line 2, column LONGITUDE"),
        ("DISTRICT,LATITUDE,LONGITUDE\n7,41.8744,-87.6255\n", "column DISTRICT: no area"),
    ],
)
def test_a_file_that_is_not_valid_is_refused(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_stations(write(tmp_path, text), ("001", "002"), CRS)


@pytest.mark.real_data
def test_every_district_of_chicago_has_a_station(real_data: Path) -> None:
    districts = [f"{number:03d}" for number in (*range(1, 13), *range(14, 21), 22, 24, 25)]
    found = read_stations(real_data / "chicago_police_stations.csv", districts, CRS)
    assert len(found) == len(districts)
