"""Incidents made for benchmarks: the same every time, and like those they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analytics.incidents.warehouse import Warehouse
from bench import data

ROWS = 6_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of warehouses with a small demo city to repeat."""
    with pytest.MonkeyPatch.context() as patch:
        made = tmp_path_factory.mktemp("bench")
        patch.setenv(data.HOME_VARIABLE, str(made))
        patch.setattr(data, "BASE_INCIDENTS", 2_000)
        yield made


@pytest.fixture(scope="module")
def home(folder: Path) -> Path:
    return data.warehouse_of(ROWS)


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    snapshot = Warehouse(home).current()
    assert snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def base(folder: Path) -> Path:
    return folder / "base-2000"


def test_as_many_incidents_as_asked_each_with_an_id_of_its_own(home: Path) -> None:
    assert rows(home, "SELECT count(*), count(DISTINCT id) FROM incidents") == [(ROWS, ROWS)]


def test_they_are_published_as_any_other_snapshot(home: Path) -> None:
    snapshot = Warehouse(home).current()
    assert snapshot
    Warehouse(home).verify(snapshot)
    assert snapshot.manifest.incidents == ROWS
    assert snapshot.outline("district")


def test_each_copy_keeps_codes_flags_hours_and_weekdays(home: Path, folder: Path) -> None:
    kept = (
        "SELECT code, arrest, domestic, hour, minute(occurred_from), weekday, count(*) "
        "FROM incidents GROUP BY ALL ORDER BY ALL"
    )
    tripled = [(*row[:-1], int(str(row[-1])) * 3) for row in rows(base(folder), kept)]
    assert rows(home, kept) == tripled


def test_places_are_existing_ones_with_the_areas_they_lie_in(home: Path, folder: Path) -> None:
    places = "SELECT DISTINCT lat, lon, block, beat, district, ward, area FROM incidents"
    assert set(rows(home, places)) <= set(rows(base(folder), places))
    moved = rows(home, "SELECT count(DISTINCT (lat, lon)) FROM incidents")
    assert int(str(moved[0][0])) > 1_000


def test_they_are_spread_over_whole_weeks_that_end_with_the_citys(home: Path, folder: Path) -> None:
    span = "SELECT min(operational_day), max(operational_day) FROM incidents"
    [(first, last)] = rows(home, span)
    [(_, city_last)] = rows(base(folder), span)
    assert (last - first).days < data.SHORTEST_DAYS  # type: ignore[operator]
    assert 0 <= (city_last - last).days <= 7  # type: ignore[operator]


def test_the_same_arguments_make_the_same_incidents(
    home: Path, tmp_path: Path, folder: Path
) -> None:
    content = "SELECT bit_xor(row_hash), sum(row_hash::HUGEINT) FROM incidents"
    data.grow(base(folder), tmp_path / "again", ROWS)
    assert rows(tmp_path / "again", content) == rows(home, content)


def test_what_is_made_is_kept(home: Path) -> None:
    before = Warehouse(home).current_id()
    assert data.warehouse_of(ROWS) == home
    assert Warehouse(home).current_id() == before
