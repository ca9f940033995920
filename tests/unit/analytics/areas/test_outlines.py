"""Area outlines: derived from incidents, or added from a file with its keys matched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from click.testing import CliRunner

from analytics.areas.hulls import derive_hulls
from analytics.areas.outline_file import match_keys, read_areas
from analytics.areas.outlines import add_outlines, build_outlines
from analytics.cli.boundaries import command
from analytics.errors import BusyError, InputError
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.projection import to_meters
from analytics.incidents.warehouse import DATABASE, Warehouse, new_snapshot_id

CRS = "EPSG:32616"
Box = tuple[float, float, float, float]

# Three districts of 0.05 by 0.05 degrees side by side.
WEST, MIDDLE, EAST = (
    (-87.75, 41.8, -87.7, 41.85),
    (-87.7, 41.8, -87.65, 41.85),
    (-87.65, 41.8, -87.6, 41.85),
)


def feature(box: Box, **properties: Any) -> dict[str, Any]:
    west, south, east, north = box
    # A point between the corners makes the shared sides more than two vertices.
    ring = [[west, south], [east, south], [east, (south + north) / 2], [east, north]]
    ring += [[west, north], [west, (south + north) / 2], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(folder: Path, features: Sequence[dict[str, Any]]) -> Path:
    path = folder / "districts.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def database(path: Path, places: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Incidents of districts at places (lat, lon), enough of the model for outlines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE incidents (point_id INTEGER, district VARCHAR, beat VARCHAR, "
            "ward VARCHAR, area VARCHAR, x_m DOUBLE, y_m DOUBLE)"
        )
        for key, each in places.items():
            x_m, y_m = to_meters(each[:, 0], each[:, 1], CRS)
            places_m = pl.DataFrame({"x_m": x_m, "y_m": y_m})
            connection.register("places_m", places_m.to_arrow())
            statement = "SELECT 0, $key, NULL, NULL, NULL, x_m, y_m FROM places_m"
            connection.execute(f"INSERT INTO incidents {statement}", {"key": key})
            connection.unregister("places_m")


def scattered(box: Box, count: int = 400, seed: int = 1) -> np.ndarray[Any, Any]:
    west, south, east, north = box
    return np.random.default_rng(seed).uniform((south, west), (north, east), (count, 2))


def warehouse(home: Path) -> Warehouse:
    """A warehouse with a snapshot of incidents in districts 001 and 002."""
    made = Warehouse(home)
    with made.lock(), made.staging() as folder:
        database(folder / DATABASE, {"001": scattered(WEST), "002": scattered(MIDDLE)})
        manifest = Manifest(
            id=new_snapshot_id(),
            created=datetime.now(UTC).isoformat(),
            schema_version=SCHEMA_VERSION,
            code_version="0",
            source=SourceInfo("chicago", "Chicago", "America/Chicago", "incident"),
            incidents=800,
            first="2018-01-01",
            last="2018-12-31",
            provisional_from=None,
            crs_local=CRS,
        )
        made.publish(folder, manifest)
    return made


def shapes(path: Path) -> dict[str, shapely.Geometry]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        each["properties"]["id"]: shapely.from_geojson(json.dumps(each["geometry"]))
        for each in features
    }


@pytest.mark.parametrize(
    ("keys", "known", "expected"),
    [
        (["1", "11"], ["001", "011"], {"1": "001", "11": "011"}),
        (["001"], ["1", "25"], {"001": "1"}),
        (["1", "13"], ["001", "011"], {"1": "001", "13": "013"}),
        (["Mission", "SOMA"], ["mission", "Soma"], {"Mission": "mission", "SOMA": "Soma"}),
        (["0"], ["000", "001"], {"0": "000"}),
        (["7", "07"], ["7", "12"], {"7": "7", "07": "7"}),
        (["Loop"], ["001"], {"Loop": "Loop"}),
        (["0111"], [], {"0111": "0111"}),
    ],
)  # fmt: skip
def test_keys_match_whatever_their_padding_and_case(
    keys: list[str], known: list[str], expected: dict[str, str]
) -> None:
    assert match_keys(keys, known) == expected


def test_a_derived_outline_holds_its_incidents_and_little_else(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    database(path, {"001": scattered(WEST, 3000), "002": scattered(MIDDLE, 3000)})
    with duckdb.connect(str(path)) as connection:
        outlines = build_outlines(connection, tmp_path, tmp_path / "home", CRS)
    assert {level: each.origin for level, each in outlines.items()} == {"district": "derived"}
    drawn = shapes(tmp_path / "outlines/district.geojson")
    for key, box in (("001", WEST), ("002", MIDDLE)):
        truth = shapely.box(*box)
        assert drawn[key].is_valid
        assert drawn[key].intersection(truth).area / drawn[key].union(truth).area > 0.9


def test_a_place_far_off_does_not_stretch_its_district(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    stray = np.array([[42.3, -87.2]])
    database(path, {"001": np.vstack([scattered(WEST, 2000), stray])})
    with duckdb.connect(str(path)) as connection:
        hull = derive_hulls(connection, "district")["001"]
    assert hull.area < 1.2 * 4150 * 5550  # meters along the box's sides


def test_a_district_with_one_place_still_has_an_area(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    two = np.array([[41.82, -87.72], [41.82, -87.71]])
    database(path, {"001": np.array([[41.81, -87.73]]), "002": two})
    with duckdb.connect(str(path)) as connection:
        hulls = derive_hulls(connection, "district")
    assert {key: hull.geom_type for key, hull in hulls.items()} == dict.fromkeys(hulls, "Polygon")
    assert all(hull.is_valid and hull.area > 5_000 for hull in hulls.values())


def test_added_outlines_take_the_incidents_keys_and_keep_areas_without_any(
    tmp_path: Path,
) -> None:
    home = warehouse(tmp_path / "home")
    before = home.current()
    assert before is not None
    halves = ((-87.75, 41.8, -87.7, 41.83), (-87.75, 41.83, -87.7, 41.85))
    file = geojson(
        tmp_path,
        [
            feature(halves[0], dist_num="1", label="West"),
            feature(halves[1], dist_num="1", label="West"),
            feature(EAST, dist_num=13, label="East"),
        ],
    )
    added = add_outlines(home.home, "district", file, "dist_num", "label")
    assert (added.features, added.areas) == (3, 2)
    assert added.without_incidents == ("013",)
    assert added.without_outline == ("002",)
    after = Warehouse(home.home).current()
    assert after is not None
    assert after.id == added.snapshot != before.id
    path = after.outline("district")
    assert path is not None
    drawn = shapes(path)
    assert set(drawn) == {"001", "013"}
    assert drawn["001"].equals_exact(shapely.box(*WEST).normalize(), 0) or (
        drawn["001"].symmetric_difference(shapely.box(*WEST)).area < 1e-8
    )
    names = [each["properties"] for each in json.loads(path.read_text())["features"]]
    assert names == [{"id": "001", "name": "West"}, {"id": "013", "name": "East"}]
    assert after.manifest.outlines["district"].source == "districts.geojson"
    home.verify(after)
    home.verify(before)
    assert before.outline("district") is None


def test_the_same_outlines_twice_publish_nothing_new(tmp_path: Path) -> None:
    home = warehouse(tmp_path / "home")
    file = geojson(tmp_path, [feature(WEST, key="1"), feature(MIDDLE, key="2")])
    first = add_outlines(home.home, "district", file, "key")
    second = add_outlines(home.home, "district", file, "key")
    assert first.snapshot == second.snapshot
    assert len(home.list()) == 2


def test_neighbors_share_their_boundary_after_simplification(tmp_path: Path) -> None:
    home = warehouse(tmp_path / "home")
    bends = [(-87.7 + 0.00002 * (n % 2), 41.8 + 0.05 * n / 200) for n in range(201)]
    west = shapely.Polygon([(-87.75, 41.8), *bends, (-87.75, 41.85)])
    middle = shapely.Polygon([(-87.65, 41.8), *bends, (-87.65, 41.85)])
    features = [
        {"properties": {"key": key}, "geometry": json.loads(shapely.to_geojson(shape))}
        for key, shape in (("1", west), ("2", middle))
    ]
    added = add_outlines(home.home, "district", geojson(tmp_path, features), "key")
    drawn = shapes(home.get(str(added.snapshot)).path / "outlines/district.geojson")
    assert shapely.get_num_coordinates(drawn["001"]) < 100
    assert drawn["001"].intersection(drawn["002"]).area < 1e-12
    assert drawn["001"].union(drawn["002"]).geom_type == "Polygon"


def test_outlines_added_before_any_incident_wait_for_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = geojson(tmp_path, [feature(WEST, key="1"), feature(EAST, key="3")])
    added = add_outlines(home, "district", file, "key")
    assert (added.snapshot, added.without_incidents, added.without_outline) == (None, (), ())
    path = tmp_path / "next" / DATABASE
    database(path, {"001": scattered(WEST), "002": scattered(MIDDLE)})
    with duckdb.connect(str(path)) as connection:
        outlines = build_outlines(connection, path.parent, home, CRS)
    assert outlines["district"].origin == "added"
    assert set(shapes(path.parent / "outlines/district.geojson")) == {"001", "003"}


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([feature(WEST, other="1")], "feature 1: no field 'key'. Its fields: other"),
        ([feature(WEST, key=None)], "feature 1: no field 'key'"),
        ([feature((1_150_000, 1_890_000, 1_160_000, 1_900_000), key="1")], "WGS84"),
        (
            [{"properties": {"key": "1"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}],
            "not a polygon",
        ),
        ([{"properties": {"key": "1"}, "geometry": {"type": "Blob"}}], "cannot be read"),
        ([], "has no features"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, features: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        read_areas(geojson(tmp_path, features), "key")


def test_a_field_that_is_no_key_of_the_incidents_is_refused(tmp_path: Path) -> None:
    home = warehouse(tmp_path / "home")
    file = geojson(tmp_path, [feature(WEST, name="Austin")])
    with pytest.raises(
        InputError, match=r"field 'name': no incident has a district such as Austin; .* 001, 002"
    ):
        add_outlines(home.home, "district", file, "name")
    assert len(home.list()) == 1
    assert not (home.home / "outlines").exists()


def test_adding_waits_for_nobody(tmp_path: Path) -> None:
    home = warehouse(tmp_path / "home")
    file = geojson(tmp_path, [feature(WEST, key="1")])
    with home.lock(), pytest.raises(BusyError):
        add_outlines(home.home, "district", file, "key")


def test_the_command_reports_what_did_not_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = warehouse(tmp_path / "home")
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    file = geojson(tmp_path, [feature(WEST, key="1"), feature(EAST, key="3")])
    runner = CliRunner()
    shown = runner.invoke(command, ["add", "district", str(file), "--key", "key", "--json"])
    result = json.loads(shown.stdout)
    assert (result["without_incidents"], result["without_outline"]) == (["003"], ["002"])
    listed = json.loads(runner.invoke(command, ["list", "--json"]).stdout)
    assert listed["added"] == ["district"]
    assert listed["outlines"] == [
        {
            "level": "district",
            "origin": "added",
            "features": 2,
            "source": "districts.geojson",
            "residents": None,
            "areas_with_residents": 0,
            "residents_source": "",
        }
    ]
    plain = runner.invoke(command, ["add", "district", str(file), "--key", "key"])
    assert "Without incidents: 003." in plain.stdout
    assert "In the incidents but not in the file: 002." in plain.stdout
    assert "district  added" in runner.invoke(command, ["list"]).stdout
