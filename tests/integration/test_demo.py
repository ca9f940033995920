"""`patroliq demo` through the whole ingest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from analytics.cli.demo import command
from analytics.demo.areas import BLOCK_M
from analytics.demo.city import build_city
from analytics.demo.profile import DemoProfile
from analytics.errors import InputError, IntegrityError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.layers.add import LayerOptions, add_layer
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore
from analytics.settings import Settings
from analytics.sources.source import Source
from tests.unit.analytics.layers.files import BLOCK, geojson

INCIDENTS = 8_000
UNTIL = "2025-06-30"


def invoke(home: Path, *further: str) -> Result:
    given = ["--incidents", str(INCIDENTS), "--until", UNTIL, "--json", *further]
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(command, given)


def build(home: Path, *further: str) -> dict[str, Any]:
    outcome = invoke(home, *further)
    assert outcome.exit_code == 0, outcome.output
    result: dict[str, Any] = json.loads(outcome.stdout)
    return result


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def result(home: Path) -> dict[str, Any]:
    return build(home)


@pytest.fixture(scope="module")
def snapshot(home: Path, result: dict[str, Any]) -> Snapshot:
    found = Warehouse(home).current()
    assert found is not None
    return found


def ask(snapshot: Snapshot, question: str) -> Any:
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_every_row_is_accounted_for(result: dict[str, Any]) -> None:
    names = ("accepted", "quarantined", "duplicates", "differing")
    assert result["read"] == sum(result[name] for name in names)
    assert result["accepted"] == result["incidents"] == INCIDENTS
    assert result["quarantined"] == result["unreadable"] == 3
    assert result["differing"] == result["updates"] == 1


def test_the_snapshot_says_it_is_synthetic(snapshot: Snapshot) -> None:
    assert snapshot.manifest.source.synthetic
    assert "synthetic" in snapshot.manifest.source.title
    assert (snapshot.manifest.first, snapshot.manifest.last) == ("2022-07-01", UNTIL)


def test_the_stored_incidents_have_groups_harm_and_places(snapshot: Snapshot) -> None:
    ((rows, groups, harm, places, stations, heaped),) = ask(
        snapshot,
        """SELECT count(*), count(DISTINCT "group"), count(harm_days), count(point_id),
                  count_if(default_address), count_if(heaped_time) FROM incidents""",
    )
    assert rows == INCIDENTS
    assert groups >= 3
    assert harm > 0.95 * rows
    assert 0.98 * rows < places < rows
    assert stations > 0
    assert 0.04 * rows < heaped < 0.12 * rows


def test_refused_rows_are_those_without_a_readable_date(snapshot: Snapshot) -> None:
    refused = ask(snapshot, 'SELECT DISTINCT "column" FROM quarantine')
    assert refused == [("Date",)]


def test_areas_have_the_citys_own_outlines(snapshot: Snapshot, home: Path) -> None:
    outlines = snapshot.manifest.outlines
    counts = {level: (outline.origin, outline.features) for level, outline in outlines.items()}
    assert counts == {
        "district": ("added", 22),
        "beat": ("added", 270),
        "ward": ("added", 50),
        "area": ("added", 77),
    }
    assert not list((home / "outlines").glob("*.geojson"))


def test_what_was_planted_is_written_down(result: dict[str, Any], home: Path) -> None:
    written = json.loads((home / "demo" / "planted.json").read_text(encoding="utf-8"))
    assert written == result
    kinds = [fact["kind"] for fact in written["planted"]]
    assert kinds == ["hot spot"] * 8 + ["trend", "near repeats"]


def test_the_same_city_again_does_nothing(result: dict[str, Any], home: Path) -> None:
    again = build(home)
    assert again == {**result, "published": False}


def test_another_seed_replaces_the_city(tmp_path: Path) -> None:
    first, second = build(tmp_path), build(tmp_path, "--seed", "2")
    assert second["snapshot"] != first["snapshot"]
    assert second["incidents"] == second["accepted"] == INCIDENTS


def agency_file(folder: Path) -> Path:
    path = folder / "chicago.csv"
    path.write_text(
        "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,"
        "Domestic,Beat,District,Ward,Community Area,FBI Code,Updated On,Latitude,Longitude\n"
        "1,JA1,01/02/2018 03:00:00 PM,001XX N STATE ST,0820,THEFT,$500 AND UNDER,STREET,false,"
        "false,0111,001,42,32,06,01/09/2018 03:00:00 PM,41.8835,-87.6278\n",
        encoding="utf-8",
    )
    return path


def test_an_agencys_incidents_are_never_replaced_by_the_demo(tmp_path: Path) -> None:
    report = ingest([agency_file(tmp_path)], Source.load("chicago"), Settings(home=tmp_path))
    outcome = invoke(tmp_path)
    assert isinstance(outcome.exception, InputError)
    assert "PATROLIQ_HOME" in str(outcome.exception)
    assert Warehouse(tmp_path).current_id() == report.snapshot


def test_an_agencys_incidents_replace_the_demo_its_outlines_and_its_layers(tmp_path: Path) -> None:
    build(tmp_path)
    layers = LayerStore(tmp_path)
    assert {info.id: info.synthetic for info in layers.infos()} == {"streets": True, "water": True}
    ingest([agency_file(tmp_path)], Source.load("chicago"), Settings(home=tmp_path))
    current = Warehouse(tmp_path).current()
    assert current is not None
    assert not current.manifest.source.synthetic
    assert current.manifest.incidents == 1
    assert all(outline.origin == "derived" for outline in current.manifest.outlines.values())
    assert layers.infos() == []


def test_an_agencys_layers_are_left_alone(tmp_path: Path) -> None:
    path = geojson(tmp_path / "streets.geojson", BLOCK)
    added = add_layer(Settings(home=tmp_path), LayerKind.STREETS, path, LayerOptions())
    assert "layers (streets)" in str(invoke(tmp_path).exception)
    assert LayerStore(tmp_path).infos() == [added]


def test_the_streets_meet_and_carry_the_blocks_names(home: Path, result: dict[str, Any]) -> None:
    edges = LayerStore(home).tables(LayerKind.STREETS, "edges")
    nodes = LayerStore(home).tables(LayerKind.STREETS, "nodes")
    assert edges is not None
    assert nodes is not None
    assert (nodes["component"] == 0).mean() > 0.99
    blocks = {name.split(" ", 1)[1] for name in build_city(DemoProfile.load()).blocks.names}
    assert {*edges["street"]} - {""} == blocks
    assert edges["length_m"].median() == pytest.approx(BLOCK_M / 2, rel=0.01)


def test_an_agencys_outlines_are_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "outlines" / "district.geojson"
    kept.parent.mkdir()
    kept.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert "outlines" in str(invoke(tmp_path).exception)
    assert kept.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--incidents", "10"], "--incidents"),
        (["--until", "tomorrow"], "--until"),
        (["--seed", "-1"], "--seed"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, given: list[str], message: str) -> None:
    outcome = invoke(tmp_path, *given)
    assert outcome.exit_code == 2
    assert message in outcome.output


def test_a_city_of_an_earlier_schema_is_built_again(tmp_path: Path) -> None:
    first = build(tmp_path)
    manifest = tmp_path / "snapshots" / first["snapshot"] / "manifest.json"
    raw = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(raw | {"schema_version": 1}))
    with pytest.raises(IntegrityError, match="patroliq demo"):
        Warehouse(tmp_path).current()
    again = build(tmp_path)
    assert again["published"]
    assert again["snapshot"] != first["snapshot"]
    assert Warehouse(tmp_path).current()
