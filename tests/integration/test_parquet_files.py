"""Incidents as Parquet and GeoParquet: the rows of the CSV, read by pyarrow and GeoPandas."""

from __future__ import annotations

import io
import json
from pathlib import Path

import geopandas
import polars as pl
import pyarrow.parquet as pq
import pytest
import shapely
from flask.testing import FlaskClient

from analytics.settings import Settings
from app import create_app

QUERIES = ("", "type=THEFT&hour=18-02", "type=THEFT&hour=3&date=1999-01-01..1999-01-02")


@pytest.fixture(scope="module")
def client(city_of_8000: Path) -> FlaskClient:
    return create_app(Settings(home=city_of_8000)).server.test_client()


def body(client: FlaskClient, path: str) -> io.BytesIO:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return io.BytesIO(answer.data)


@pytest.mark.parametrize("query", QUERIES)
def test_rows_are_those_of_the_csv(client: FlaskClient, query: str) -> None:
    csv = pl.read_csv(body(client, f"/export/incidents.csv?plain=1&{query}"), infer_schema=False)
    found = pl.from_arrow(pq.read_table(body(client, f"/export/incidents.parquet?{query}")))
    assert isinstance(found, pl.DataFrame)
    assert found.columns == csv.columns
    as_text = found.write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
    assert pl.read_csv(io.StringIO(as_text), infer_schema=False).equals(csv)
    assert found.schema["occurred_from"] == pl.Datetime("us")
    assert found.schema["lat"] == pl.Float64


def test_points_are_where_the_incidents_are(client: FlaskClient) -> None:
    frame = geopandas.read_parquet(body(client, "/export/incidents.geoparquet"))
    assert frame.crs.to_string() == "OGC:CRS84"
    placed = frame[frame["lat"].notna()]
    assert len(placed) > 7_000
    assert (placed.geometry.x == placed["lon"]).all()
    assert (placed.geometry.y == placed["lat"]).all()
    assert frame[frame["lat"].isna()].geometry.isna().all()


def test_metadata_says_where_the_points_and_the_rows_come_from(client: FlaskClient) -> None:
    file = pq.ParquetFile(body(client, "/export/incidents.geoparquet?type=THEFT"))
    geo = json.loads(file.schema_arrow.metadata[b"geo"])
    assert geo.keys() == {"version", "primary_column", "columns"}  # what GeoParquet 1.1 requires
    assert geo["version"] == "1.1.0"
    assert geo["columns"][geo["primary_column"]] == {
        "encoding": "WKB",
        "geometry_types": ["Point"],  # and no `crs`, which means OGC:CRS84
    }
    column = file.schema_arrow.field(geo["primary_column"])
    assert str(column.type) == "binary"
    raw = file.read([geo["primary_column"]]).column(0).drop_null()[0].as_py()
    assert shapely.from_wkb(raw).geom_type == "Point"
    about = json.loads(file.schema_arrow.metadata[b"patroliq"])
    assert about["selection"] == "type=THEFT"
    assert about["rows"] == file.metadata.num_rows
    assert about["synthetic"] is True
    plain = pq.ParquetFile(body(client, "/export/incidents.parquet"))
    assert b"geo" not in plain.schema_arrow.metadata


def test_many_rows_are_written_in_groups(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.exports.BATCH_ROWS", 2_048)
    file = pq.ParquetFile(body(client, "/export/incidents.parquet"))
    assert file.num_row_groups > 2
    assert len({*file.read(["id"]).column(0).to_pylist()}) == file.metadata.num_rows == 8_000


def test_points_need_the_columns_of_places(client: FlaskClient) -> None:
    assert client.get("/export/incidents.geoparquet?columns=id,lat").status_code == 400
    some = geopandas.read_parquet(body(client, "/export/incidents.geoparquet?columns=lon,lat"))
    assert [*some.columns] == ["lon", "lat", "geometry"]


@pytest.mark.parametrize("ending", ["parquet", "geoparquet", "csv"])
def test_a_column_that_is_named_twice_is_written_once(client: FlaskClient, ending: str) -> None:
    def file(columns: str) -> bytes:
        answer = client.get(f"/export/incidents.{ending}?columns={columns}&rows=9&plain=1")
        assert answer.status_code == 200
        return answer.data

    twice, once = file("lat,lon,lat"), file("lat,lon")
    if ending == "csv":
        assert twice == once
    else:
        assert pl.read_parquet(io.BytesIO(twice)).equals(pl.read_parquet(io.BytesIO(once)))
