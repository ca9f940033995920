"""Zones of a snapshot's models as clauses and views: meaning, names, and addresses gone stale."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from analytics.artifacts.bundle import version_folder, write_bundle
from analytics.artifacts.label_names import label_names
from analytics.cli.query import command
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.incidents_page import batches, page
from analytics.crossfilter.provenance import PROVENANCE_LINES
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.hotspots.fishnet import fishnet
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from tests.integration.snapshots import SmallCity, build, serve, small_city, small_reader  # noqa: F401 - fixtures

PARSE = Selection.parse
HERE = "zone=kmeans@7:1"


def engines(reader: SnapshotReader) -> list[CrossFilter]:
    files = CodeFiles(reader.snapshot)
    return [SqlCrossFilter(reader), ScanCrossFilter(reader, files, compiled.load(), threads=2)]


def in_zone(city: SmallCity, label: str, model: str = "zones_kmeans") -> list[dict[str, Any]]:
    labels = city.labels[model]
    return [row for row in city.rows if labels.get(row["point_id"]) == label]


def test_choosing_a_bin_chooses_the_incidents_it_counts(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    for crossfilter in engines(small_reader):
        for name in ("zone:kmeans", "zone:dbscan"):
            bins = crossfilter.counts(EVERYTHING, EMPTY, [view(name)])[name]
            assert bins["incidents"].sum() == small_reader.snapshot.manifest.incidents
            for key, *measures in bins.rows():
                chosen = EMPTY.toggle("zone", [key])
                total = crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
                assert list(total.row(0)) == measures, key


def test_a_view_of_zones_keeps_its_bins_and_the_map_its_cells(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    views = [view(name) for name in ("zone:kmeans", "zone:dbscan", "cells:250", "map:ward")]
    for crossfilter in engines(small_reader):
        everything = crossfilter.counts(EVERYTHING, EMPTY, views)
        chosen = crossfilter.counts(EVERYTHING, PARSE(HERE), views)
        assert all(chosen[name].equals(everything[name]) for name in everything)
        scoped = crossfilter.counts(Scope(PARSE(HERE)), EMPTY, views)
        assert scoped["zone:kmeans"]["zone"].to_list() == ["kmeans@7:1"]


def test_a_zone_of_another_version_is_never_taken_for_one_of_this(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    for crossfilter in engines(small_reader):
        for text in ("zone=kmeans@6:1", "zone=kmeans@7:1,kmeans@8:1", "zone=ward@1:1"):
            with pytest.raises(InputError, match="snapshot has"):
                crossfilter.counts(EVERYTHING, PARSE(text), [view("total")])
            with pytest.raises(InputError, match="snapshot has"):
                crossfilter.counts(Scope(PARSE(text)), EMPTY, [view("total")])


def test_a_view_of_a_model_without_labels_is_refused(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    for crossfilter in engines(small_reader):
        with pytest.raises(InputError, match="zone:kmeans, zone:dbscan"):
            crossfilter.counts(EVERYTHING, EMPTY, [view("zone:ward")])


def test_a_snapshot_without_models_has_no_zones_but_unknown_places(tmp_path: Path) -> None:
    city = build(tmp_path / "city", seed=3)
    with duckdb.connect(str(city.snapshot.database)) as connection:
        connection.execute("DROP TABLE labels")
    manifest = replace(city.snapshot.manifest, model_versions={})
    reader = SnapshotReader(Snapshot(city.snapshot.path, manifest), Settings(duckdb_threads=1))
    vocabulary = Vocabulary.of(reader)
    assert vocabulary.values("zone") == ()
    resolved, messages = vocabulary.resolve(PARSE("zone=kmeans@7:1,unknown"))
    assert resolved == PARSE("zone=unknown")
    assert messages == ["Zone kmeans@7:1 cannot be chosen; the snapshot has no zone of kmeans."]
    without = sum(row["point_id"] is None for row in city.rows)
    for crossfilter in engines(reader):
        total = crossfilter.counts(EVERYTHING, resolved, [view("total")])["total"]
        assert total["incidents"].to_list() == [without]
        with pytest.raises(InputError, match="this data has none"):
            crossfilter.counts(EVERYTHING, EMPTY, [view("zone:kmeans")])


@pytest.fixture(scope="module")
def vocabulary(small_reader: SnapshotReader) -> Vocabulary:  # noqa: F811
    return Vocabulary.of(small_reader, {"zone": {"kmeans@7:1": "Madison and Pulaski"}})


def test_the_vocabulary_lists_zones_with_their_incidents(
    vocabulary: Vocabulary,
    small_city: SmallCity,  # noqa: F811
) -> None:
    expected = {
        f"{model.removeprefix('zones_')}@{version}:{label}": count
        for model, version in (("zones_kmeans", 7), ("zones_dbscan", 2))
        for label, count in Counter(
            small_city.labels[model].get(row["point_id"], "none")
            for row in small_city.rows
            if row["point_id"] is not None
        ).items()
    }
    assert {word.value: word.incidents for word in vocabulary.words["zone"]} == expected


def test_a_zone_goes_by_its_name_or_else_its_number(vocabulary: Vocabulary) -> None:
    assert vocabulary.label("zone", "kmeans@7:1") == "Madison and Pulaski"
    assert vocabulary.label("zone", "kmeans@7:10") == "Zone 10 (kmeans version 7)"
    assert vocabulary.label("zone", "dbscan@2:none") == "No zone (dbscan version 2)"
    assert vocabulary.label("zone", "unknown") == "Unknown"


@pytest.mark.parametrize(
    ("given", "kept", "said"),
    [
        (HERE, HERE, []),
        ("zone=kmeans@7:010,dbscan@2:NORTH%2C+west+%26+5..10", None, []),
        ("zone=kmeans@7:None", "zone=kmeans@7:none", []),
        (
            "type=THEFT&zone=kmeans@6:12",
            "type=THEFT",
            ["Zone kmeans@6:12 belongs to an earlier version; the snapshot has version 7."],
        ),
        (
            "zone=kmeans@7:1,kmeans@8:1,kmeans@8:2",
            HERE,
            ["Zone kmeans@8:1 and 1 more belong to a later version; the snapshot has version 7."],
        ),
        (
            "zone=ward@1:3",
            "",
            ["Zone ward@1:3 cannot be chosen; the snapshot has no zone of ward."],
        ),
        ("zone=kmeans@7:99", "zone=kmeans@7:99", ['kmeans version 7 has no zone "99".']),
    ],
)
def test_what_a_mailed_address_meant_is_said(
    vocabulary: Vocabulary, given: str, kept: str | None, said: list[str]
) -> None:
    expected = PARSE("zone=kmeans@7:10,dbscan@2:North%2C+west+%26+5..10" if kept is None else kept)
    assert vocabulary.resolve(PARSE(given)) == (expected, said)


def test_what_must_be_whole_is_refused_rather_than_widened(
    vocabulary: Vocabulary,
) -> None:
    assert vocabulary.resolve_strictly(PARSE("zone=kmeans@7:010"))[0] == PARSE("zone=kmeans@7:10")
    with pytest.raises(InputError, match="earlier version; the snapshot has version 7"):
        vocabulary.resolve_strictly(PARSE("zone=kmeans@7:1,kmeans@6:1"))


def test_pages_and_streams_hold_the_incidents_of_a_zone(
    small_city: SmallCity,  # noqa: F811
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    expected = {row["id"] for row in in_zone(small_city, "1")}
    assert set(page(small_reader, EVERYTHING, PARSE(HERE), limit=1000)["id"]) == expected
    streamed = pl.concat(batches(small_reader, EVERYTHING, PARSE(HERE)))
    assert set(streamed["id"]) == expected
    assert streamed.height == len(expected) > 0


@pytest.fixture
def served(settings: Settings) -> SmallCity:
    """A city with zones, one of them named, served from the home folder of the settings."""
    city = build(settings.home / "snapshots" / "small-1-400", seed=1)
    serve(city, settings.home)
    facts = {
        "name": "zones_kmeans", "run_id": "1", "snapshot": city.snapshot.id, "selection": "",
        "source": "small", "crs_local": city.snapshot.manifest.crs_local, "code_version": "0",
        "trained": "2018-04-01T00:00:00+00:00", "person": "test", "parameters": {}, "rule": {},
        "metrics": {}, "version": 7,
    }  # fmt: skip
    zones = pl.DataFrame({"label": [0, 1], "name": [None, "Madison and Pulaski"]})
    folder = version_folder(settings.home, "zones_kmeans", 7)
    write_bundle(folder, facts, {"zones": zones}, None)
    return city


def test_names_come_from_the_bundles_of_the_snapshots_models(
    settings: Settings, served: SmallCity
) -> None:
    # There is no bundle of zones_dbscan: its zones go by their numbers.
    names = label_names(settings.home, served.snapshot.manifest)
    assert names["zone"] == {"kmeans@7:1": "Madison and Pulaski"}
    pinned = Services(settings).pin()
    assert pinned
    assert pinned.vocabulary.label("zone", "kmeans@7:1") == "Madison and Pulaski"


def test_names_are_optional_in_a_bundle(settings: Settings, served: SmallCity) -> None:
    folder = version_folder(settings.home, "zones_kmeans", 7)
    raw = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    facts = {name: value for name, value in raw.items() if name not in ("format", "files")}
    write_bundle(folder, facts, {"zones": pl.DataFrame({"label": [0, 1]})}, None)
    assert label_names(settings.home, served.snapshot.manifest)["zone"] == {}


@pytest.fixture
def client(settings: Settings, served: SmallCity) -> FlaskClient:
    return create_app(settings).server.test_client()


def test_exports_hold_the_incidents_of_a_zone(client: FlaskClient, served: SmallCity) -> None:
    expected = in_zone(served, "1")
    answer = client.get(f"/export/incidents.csv?{HERE}")
    lines = answer.text.splitlines(keepends=True)[PROVENANCE_LINES:]
    assert {row["id"] for row in csv.DictReader(lines)} == {row["id"] for row in expected}
    assert answer.headers["X-PatrolIQ-Selection"] == HERE
    cells = client.get(f"/export/map.geojson?{HERE}&mode=cells:250").get_json()
    shown = sum(feature["properties"]["incidents"] for feature in cells["features"])
    assert shown == len(expected) == cells["patroliq"]["incidents"]


def test_a_view_of_zones_is_exported(client: FlaskClient, served: SmallCity) -> None:
    text = client.get(f"/export/view.csv?view=zone:kmeans&{HERE}&plain=1").text
    counted = {row["zone"]: int(row["incidents"]) for row in csv.DictReader(io.StringIO(text))}
    assert counted["kmeans@7:1"] == len(in_zone(served, "1"))
    assert sum(counted.values()) == len(served.rows)


@pytest.mark.parametrize("what", ["incidents.csv", "view.csv", "map.geojson"])
def test_an_export_of_a_zone_gone_by_is_refused(client: FlaskClient, what: str) -> None:
    answer = client.get(f"/export/{what}?zone=kmeans@6:1")
    assert answer.status_code == 400
    assert "earlier version; the snapshot has version 7" in answer.text


def test_the_command_line_counts_a_zone_and_refuses_one_gone_by(
    settings: Settings, served: SmallCity
) -> None:
    environment = {"PATROLIQ_HOME": str(settings.home)}
    gone = CliRunner().invoke(command, ["--selection", f"{HERE},kmeans@6:1"], env=environment)
    assert isinstance(gone.exception, InputError)
    assert "kmeans@6:1 belongs to an earlier version" in str(gone.exception)
    asked = ["--selection", HERE, "--view", "total", "--json"]
    ran = CliRunner().invoke(command, asked, env=environment)
    assert ran.exit_code == 0
    result = json.loads(ran.stdout)
    assert result["selection"] == HERE
    assert result["rows"][0]["incidents"] == len(in_zone(served, "1"))
    table = CliRunner().invoke(command, ["--selection", HERE], env=environment).stdout
    assert table.startswith('Incidents in zone "Madison and Pulaski",')


def test_a_method_on_zones_looks_at_the_cells_that_hold_their_places(
    small_city: SmallCity,  # noqa: F811
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    whole = fishnet(small_reader, 250)
    places = small_reader.frame("SELECT point_id, x_m, y_m FROM points").rows()
    expected = {
        f"250:{int(x // 250)}_{int(y // 250)}"
        for point, x, y in places
        if small_city.labels["zones_kmeans"].get(point) == "1"
    } & {*whole.keys}
    for grid in (
        fishnet(small_reader, 250, selection=PARSE(HERE)),
        fishnet(small_reader, 250, Scope(PARSE(HERE))),
    ):
        assert set(grid.keys) == expected
        assert 0 < len(grid) < len(whole)
    assert len(fishnet(small_reader, 250, selection=PARSE(f"{HERE},unknown"))) == len(whole)
