"""Addresses of portals are fetched page by page, resumed after a failure, and ingested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from analytics.cli import patroliq
from analytics.errors import InputError, UnavailableError
from analytics.fetch import web
from analytics.fetch.addresses import ArcgisTable, CkanTable, SocrataTable, table_at
from analytics.fetch.download import fetched
from analytics.fetch.web import Patience, checked_address
from analytics.settings import Settings
from tests.integration.portals_server import DATASET, LAYER, RESOURCE, Portals, serving

HASTY = Patience(attempts=2, first_wait_s=0.0, longest_wait_s=0.0, timeout_s=5.0)
ROWS = {
    number: {"id": f"i{number}", "when": f"2024-05-0{number + 1} 12:00", "type": "THEFT"}
    for number in range(8)
}
TOWN = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""
TABLES = {
    "socrata": f"/resource/{DATASET}.csv",
    "socrata page": f"/Public-Safety/Crimes-2024/{DATASET}/about_data",
    "arcgis": LAYER,
    "arcgis query": f"{LAYER}/query?where=1%3D1",
    "ckan": f"/api/3/action/datastore_search?resource_id={RESOURCE}",
    "ckan page": f"/dataset/crimes/resource/{RESOURCE}",
    "file": "/files/town.csv",
}


@pytest.fixture
def portals() -> Iterator[Portals]:
    with serving(ROWS) as found:
        yield found


@pytest.mark.parametrize("kind", TABLES)
def test_every_row_of_an_address_is_ingested(
    portals: Portals, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(settings.home))
    toml = tmp_path / "town.toml"
    place = 'type = "type"\npoint = "geometry"' if "arcgis" in kind else 'type = "type"'
    toml.write_text(TOWN.replace('type = "type"', place), encoding="utf-8")
    arguments = ["ingest", portals.url + TABLES[kind], "--source", str(toml), "--json"]
    result = CliRunner().invoke(patroliq, arguments, standalone_mode=False)
    report = json.loads(result.stdout)
    assert (report["read"], report["accepted"]) == (len(ROWS), len(ROWS))
    assert ("place" in report["unknown"]) == ("arcgis" not in kind)
    assert not [path for path in (settings.home / "fetch").iterdir() if path.is_dir()]


@pytest.mark.parametrize("kind", ["socrata", "arcgis", "ckan"])
def test_a_fetch_continues_after_the_last_complete_page(
    portals: Portals, tmp_path: Path, kind: str
) -> None:
    url = portals.url + TABLES[kind]
    failing = 7 if kind == "arcgis" else 3
    portals.faults = {failing: 503, failing + 1: 503}
    with (
        pytest.raises(UnavailableError, match=r"pages .* are kept"),
        fetched([url], tmp_path, patience=HASTY),
    ):
        pass
    before = len(portals.asked)
    portals.faults = {}
    with fetched([url], tmp_path, patience=HASTY) as files:
        assert len(files) > 2
        assert all(path.is_file() for path in files)
    assert not any(path.exists() for path in files)
    first_again = portals.asked[before + (kind == "arcgis")]
    assert any(mark in first_again for mark in ("row-0005", "FID+%3E+5", "offset=6"))


def test_pages_are_kept_until_they_are_used(portals: Portals, tmp_path: Path) -> None:
    url = portals.url + TABLES["socrata"]
    with pytest.raises(InputError, match="doubtful"), fetched([url], tmp_path) as files:
        raise InputError("doubtful")
    assert all(path.is_file() for path in files)


def test_a_refusal_is_said_in_the_portals_words(portals: Portals, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="refused the query"),
        fetched([portals.url + "/missing.csv"], tmp_path, patience=HASTY),
    ):
        pass
    url = portals.url + LAYER + "/query?where=x"
    portals.rows = {}
    with fetched([url], tmp_path, patience=HASTY) as files:
        assert files == []


def test_only_encrypted_addresses_are_fetched_also_after_a_redirect(
    portals: Portals, tmp_path: Path
) -> None:
    for address in ("http://data.example.org/town.csv", "https://me:secret@example.org/town.csv"):
        with pytest.raises(InputError):
            checked_address(address)
    assert checked_address("https://data.example.org/town.csv")
    portals.redirect = "http://data.example.org/town.csv"
    with (
        pytest.raises(InputError, match="only fetched over https"),
        fetched([portals.url + "/moved"], tmp_path, patience=HASTY),
    ):
        pass
    portals.redirect = "/files/town.csv"
    with fetched([portals.url + "/moved"], tmp_path, patience=HASTY) as (file,):
        assert file.read_bytes() == portals.csv
    portals.redirect = "/moved"
    with (
        pytest.raises(InputError, match="too many redirects"),
        fetched([portals.url + "/moved"], tmp_path, patience=HASTY),
    ):
        pass


def test_a_file_or_page_that_is_too_large_is_refused(
    portals: Portals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "LARGEST_FILE_BYTES", 10)
    monkeypatch.setattr(web, "LARGEST_PAGE_BYTES", 10)
    for name in ("file", "socrata"):
        with (
            pytest.raises(InputError, match="larger than 10 bytes"),
            fetched([portals.url + TABLES[name]], tmp_path, patience=HASTY),
        ):
            pass


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://data.town.gov/resource/ab12-cd34.json", SocrataTable),
        ("https://data.town.gov/d/ab12-cd34", SocrataTable),
        ("https://data.town.gov/Public-Safety/Crimes/ab12-cd34/about_data", SocrataTable),
        ("https://police.town.gov/files/crime/2023-2024.csv", type(None)),
        ("https://data.town.gov/api/views/ab12-cd34/rows.csv", type(None)),
        ("https://maps.town.gov/a/rest/services/C/MapServer/2", ArcgisTable),
        ("https://maps.town.gov/a/rest/services/C/MapServer", type(None)),
        (
            "https://maps.town.gov/a/rest/services/C/MapServer/2/query"
            "?where=a%3D1&outFields=*&outSR=4326&f=geojson&time=",
            ArcgisTable,
        ),
        (f"https://town.gov/open/dataset/c/resource/{RESOURCE}", CkanTable),
        (f"https://town.gov/dataset/c/resource/{RESOURCE}/download/c.csv", type(None)),
    ],
)
def test_an_address_names_a_table_or_a_file(url: str, kind: type) -> None:
    assert type(table_at(url)) is kind


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/resource/ab12-cd34.csv?$limit=5", r"\$limit=5"),
        ("/resource/ab12-cd34.json?type=THEFT", "type=THEFT"),
        ("/resource/ab12-cd34.json?$where=a%3D1&$where=b%3D2", r"\$where=b=2"),
        ("/a/rest/services/C/MapServer/2/query?where=1%3D1&geometry=1,2,3,4", "geometry=1,2,3,4"),
        ("/a/rest/services/C/MapServer/2/query?outFields=id", "outFields=id"),
        (f"/dataset/c/resource/{RESOURCE}?q=theft", "q=theft"),
        (f"/api/3/action/datastore_search?resource_id={RESOURCE}&filters=x", "filters=x"),
    ],
)
def test_a_parameter_that_would_be_ignored_is_refused(path: str, named: str) -> None:
    with pytest.raises(InputError, match=f"{named} would be ignored"):
        table_at(f"https://data.town.gov{path}")


def test_every_page_keeps_to_the_condition_of_the_address(portals: Portals, tmp_path: Path) -> None:
    url = f"{portals.url}/resource/{DATASET}.json?$where=a%3D1+OR+b%3D2"
    with fetched([url], tmp_path, patience=HASTY):
        asked = [parse_qs(urlsplit(one).query)["$where"][0] for one in portals.asked]
    assert asked[:2] == ["(a=1 OR b=2)", "(a=1 OR b=2) AND :id > 'row-0002'"]
