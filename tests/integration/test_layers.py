"""Layers as the server gives them: what there is, tiles, and their caching."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from analytics.incidents.warehouse import Snapshot
from analytics.layers.add import LayerOptions, add_layer, remove_layer
from analytics.layers.kinds import LayerKind
from analytics.settings import Settings
from tests.unit.analytics.layers.files import BLOCK, NE, geojson, point

TILE = "12/1050/1522"
"""With the block of streets of the test files."""


@pytest.fixture
def streets(settings: Settings, small: Snapshot, tmp_path: Path) -> None:
    path = geojson(tmp_path / "streets.geojson", BLOCK)
    add_layer(settings, LayerKind.STREETS, path, LayerOptions(license="<b>City of X</b>"))


def version(client: FlaskClient) -> str:
    return str(client.get("/layers/current.json").json["version"])


@pytest.mark.usefixtures("streets")
def test_a_tile_is_compressed_kept_and_never_changes(client: FlaskClient) -> None:
    address = f"/layers/{version(client)}/{TILE}.json"
    plain = client.get(address)
    assert "immutable" in plain.headers["Cache-Control"]
    assert {name for _, name, _ in plain.json["streets"][0]} == {
        one["properties"]["street"] for one in BLOCK
    }
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("streets")
def test_what_there_is_names_bounds_and_licenses_and_is_asked_again(client: FlaskClient) -> None:
    answer = client.get("/layers/current.json")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.json["bounds"] == [-87.66, 41.86, -87.6, 41.87]
    assert answer.json["licenses"] == ["<b>City of X</b>"]
    again = client.get("/layers/current.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("streets")
def test_another_version_is_served_at_another_address(
    client: FlaskClient, settings: Settings
) -> None:
    before = version(client)
    remove_layer(settings.home, "streets")
    assert version(client) == ""
    outdated = client.get(f"/layers/{before}/{TILE}.json")
    assert (outdated.status_code, outdated.headers["Cache-Control"]) == (204, "no-store")


def test_areas_give_their_names_where_no_layer_has_them(
    client: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    names = client.get("/layers/current.json").json["names"]
    assert [name for _, _, name in names] == ["District 001", "District 002", "District 003"]
    assert all(41.8 < lat < 41.9 and -87.7 < lon < -87.5 for lat, lon, _ in names)
    path = geojson(tmp_path / "labels.geojson", [point(*NE, name="Old Town")])
    add_layer(settings, LayerKind.LABELS, path, LayerOptions())
    answer = client.get("/layers/current.json").json
    assert answer["names"] == []
    assert client.get(f"/layers/{answer['version']}/{TILE}.json").json["labels"]


@pytest.mark.usefixtures("streets")
@pytest.mark.parametrize(
    "path", ["12/1050/9999.json", "13/2100/3044.json", "12/-1/0.json", "x/1/1.json", "index.json"]
)
def test_tiles_that_cannot_be_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/layers/{version(client)}/{path}").status_code == 404
    assert client.get(f"/layers/{path}").status_code == 404


def test_damaged_layers_answer_with_what_to_do(client: FlaskClient, settings: Settings) -> None:
    index = settings.home / "layers" / "index.json"
    index.parent.mkdir()
    index.write_text("{")
    answer = client.get("/layers/current.json")
    assert answer.status_code == 503
    assert "patroliq layers add" in answer.text
    assert str(settings.home) not in answer.text
