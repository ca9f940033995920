"""Layers in a home folder: added, replaced, listed, removed by command, and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from analytics.audit import Audit
from analytics.cli.layers import command
from analytics.diagnosis import Finding, diagnose
from analytics.errors import DamagedError, InputError
from analytics.incidents.checksums import sha256_of
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore, version_of
from analytics.settings import Settings
from analytics.state import State
from tests.unit.analytics.layers.files import BLOCK, NE, SW, geojson, point, square


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("PATROLIQ_HOME", str(folder))
    monkeypatch.setenv("PATROLIQ_USER", "ana")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    return result.output


def streets(home: Path) -> set[str]:
    """Names of the streets in the layer of streets."""
    edges = LayerStore(home).tables(LayerKind.STREETS, "edges")
    return set() if edges is None else {*edges["street"]} - {""}


def test_streets_are_added_listed_and_removed(home: Path, tmp_path: Path) -> None:
    path = geojson(tmp_path / "streets.geojson", BLOCK)
    told = json.loads(done("add", "streets", path, "--license", "City of X", "--json"))
    assert told["sha256"] == sha256_of(path)
    assert told["fields"] == {"name": "street", "class": "highway"}
    assert told["counts"]["edges"] == 5
    assert streets(home) == {"E OAK AVE", "N ELM ST", "S MAIN ST", "W ASH AVE"}
    (info,) = LayerStore(home).infos()
    assert (info.id, info.license, info.file) == ("streets", "City of X", "streets.geojson")
    assert "City of X" in done("list")
    done("remove", "streets")
    assert LayerStore(home).infos() == []
    assert streets(home) == set()
    assert [path.name for path in (home / "layers").iterdir()] == ["index.json"]


def test_the_audit_log_says_who_added_what(home: Path, tmp_path: Path) -> None:
    path = geojson(tmp_path / "streets.geojson", BLOCK)
    done("add", "streets", path)
    done("remove", "streets")
    settings = Settings.from_environment()
    added, removed = Audit(State(settings), settings).entries()
    assert (added.event, added.subject, added.person) == ("layer.added", "streets", "ana")
    assert added.details["sha256"] == removed.details["sha256"] == sha256_of(path)
    assert removed.event == "layer.removed"


def test_the_same_kind_replaces_a_layer_and_other_places_do_not(home: Path, tmp_path: Path) -> None:
    store = LayerStore(home)
    done("add", "streets", geojson(tmp_path / "a.geojson", BLOCK))
    before = version_of(store.infos())
    done("add", "streets", geojson(tmp_path / "b.geojson", BLOCK[:2]))
    assert version_of(store.infos()) != before
    done("add", "places", geojson(tmp_path / "bars.geojson", [point(*SW, name="X")]))
    schools = geojson(tmp_path / "schools.geojson", [point(*NE), point(*SW)])
    done("add", "places", schools, "--title", "Public schools")
    done("add", "places", schools, "--title", "Public schools")
    assert [info.id for info in store.infos()] == [
        "places-bars",
        "places-public-schools",
        "streets",
    ]
    places = store.tables(LayerKind.PLACES, "places")
    assert places is not None
    counted = dict(places.group_by("kind").len().rows())
    assert counted == {"bars": 1, "Public schools": 2}


def test_a_tile_has_the_content_of_every_layer(home: Path, tmp_path: Path) -> None:
    done("add", "streets", geojson(tmp_path / "a.geojson", BLOCK))
    done("add", "water", geojson(tmp_path / "w.geojson", [square(-87.64, 41.85, 0.01)]))
    done("add", "labels", geojson(tmp_path / "l.geojson", [point(*NE, name="Old Town")]))
    store = LayerStore(home)
    tile = json.loads(store.tile(store.infos(), 12, 1050, 1522))
    assert set(tile) == {"streets", "water", "labels"}
    ((_, _, name),) = tile["labels"][0]
    assert name == "Old Town"
    assert {one[1] for one in tile["streets"][0]} == streets(home)
    assert store.tile(store.infos(), 12, 0, 0) == b"{}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("streets", "--name", "nom"), "no field 'nom'"),
        (("streets", "--class", "street"), "are not known"),
        (("streets", "--major", "1"), "class 1"),
        (("streets", "--title", "My streets"), "Only places"),
        (("labels",), "is a LineString"),
        (("streets", "--license", "x" * 200), "license"),
    ],
)
def test_wrong_options_are_refused_and_change_nothing(
    home: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    kind, *options = arguments
    if kind == "labels":
        options = ["--name", "street"]
    result = run("add", kind, geojson(tmp_path / "a.geojson", BLOCK), *options)
    assert isinstance(result.exception, InputError)
    assert told in str(result.exception)
    assert LayerStore(home).infos() == []


def test_labels_need_a_field_and_a_layer_to_remove_must_exist(home: Path, tmp_path: Path) -> None:
    path = geojson(tmp_path / "l.geojson", [point(*NE, mark="Old Town")])
    assert "--name" in str(run("add", "labels", path).exception)
    assert "'streets'" in str(run("remove", "streets").exception)


def test_damage_is_named_with_its_file(home: Path, tmp_path: Path) -> None:
    done("add", "streets", geojson(tmp_path / "a.geojson", BLOCK))
    store = LayerStore(home)
    infos = store.infos()
    folder = home / "layers" / infos[0].folder
    for name in ("tiles.zip", "edges.parquet"):
        (folder / name).write_bytes(b"PK not what was written")
    with pytest.raises(DamagedError, match=r"tiles\.zip"):
        store.tile(infos, 12, 1050, 1522)
    with pytest.raises(DamagedError, match=r"edges\.parquet"):
        streets(home)
    (home / "layers" / "index.json").write_text('{"layers": [{"id": 1}]}')
    with pytest.raises(DamagedError, match=r"index\.json"):
        store.infos()


def finding(home: Path) -> Finding:
    """What `patroliq doctor` says of the layers."""
    checks = diagnose(Settings(home=home), home, {})
    return next(one for one in checks if one.name == "layers")


def test_doctor_names_the_files_of_a_layer_that_are_lost_or_changed(
    home: Path, tmp_path: Path
) -> None:
    assert finding(home).status == "ok"
    done("add", "streets", geojson(tmp_path / "a.geojson", BLOCK))
    assert finding(home).status == "ok"
    folder = home / "layers" / LayerStore(home).get("streets").folder
    nodes = folder / "nodes.parquet"
    flipped = bytearray(nodes.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    nodes.write_bytes(flipped)
    (folder / "edges.parquet").unlink()
    found = finding(home)
    assert found.status == "damaged"
    assert str(nodes) in found.message
    assert str(folder / "edges.parquet") in found.message
    assert "tiles.zip" not in found.message
    done("add", "streets", tmp_path / "a.geojson")
    assert finding(home).status == "ok"


def test_doctor_warns_of_a_layer_without_checksums_and_of_a_damaged_index(
    home: Path, tmp_path: Path
) -> None:
    done("add", "streets", geojson(tmp_path / "a.geojson", BLOCK))
    index = home / "layers" / "index.json"
    told = json.loads(index.read_text())
    del told["layers"][0]["checksums"]
    index.write_text(json.dumps(told))
    assert finding(home).status == "warning"
    assert "streets" in finding(home).message
    index.write_text("{")
    assert finding(home).status == "damaged"
    assert str(index) in finding(home).message


@pytest.mark.real_data
def test_the_network_of_chicago_has_its_length(home: Path, real_data: Path) -> None:
    """Against the lengths that the file itself gives, and the city's about 4,000 miles."""
    folder = real_data / "network"
    segments = folder / "chicago_derived_segments.csv.gz"
    done("add", "streets", segments, "--nodes", folder / "chicago_derived_nodes.csv.gz")
    edges = LayerStore(home).tables(LayerKind.STREETS, "edges")
    assert edges is not None
    given = pl.read_csv(segments)
    assert edges.height == given.height
    difference = (edges["length_m"] - given["length_m"]).abs()
    # The file's lengths are on a sphere and in steps of 0.1 m.
    assert bool((difference <= 0.006 * given["length_m"] + 0.1).all())
    assert edges["length_m"].sum() == pytest.approx(given["length_m"].sum(), rel=0.001)
    assert len(streets(home)) == given["street"].n_unique()


@pytest.mark.real_data
def test_agencies_files_are_read_as_they_are(home: Path, real_data: Path) -> None:
    network, places = real_data / "network", real_data / "places"
    done("add", "streets", network / "carrollton.zip")
    done("add", "places", places / "parks2012.zip")
    done("add", "places", places / "schools_cps2018.zip")
    done("add", "places", places / "cta_l_stops.csv", "--title", "L stops")
    done("add", "places", places / "ppa_streetLightsOut.geojson.gz", "--kind", "Legend")
    done("add", "labels", real_data / "chicago_community_areas.geojson", "--name", "community")
    counts = {info.id: info.features for info in LayerStore(home).infos()}
    assert counts == {
        "labels": 77,
        "places-l-stops": 300,
        "places-parks2012": 583,
        "places-ppa-streetlightsout": 14_587,
        "places-schools-cps2018": 659,
        "streets": 4_599,
    }
    assert "FeatureCollection" in str(run("add", "places", places / "cta_bus_stops.json").exception)
